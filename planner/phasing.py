"""The best plan with the same means and free phasing: what the quotas of the stages themselves cost."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np

from errors import Problem, SolverError
from optimization import verify
from optimization.instance import Instance
from optimization.model import key_of
from optimization.phasing import Freed, free_phasing
from optimization.rules import Quota, StageBudget
from optimization.score import Score
from optimization.search import Cancel, Progress
from optimization.solution import Solution, Status
from optimization.solve import solve
from planner import report, wording
from planner.comparing import figures, group_name, listed
from planner.plan import FreePhasing
from scenarios.schema import Scenario
from text import Text, both, inline


def free(
    scenario: Scenario,
    instance: Instance,
    found: Score,
    *,
    time_limit: float | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> FreePhasing | None:
    """The best plan where stage quotas are gone and budgets pooled; None where none was found in time.

    Raises:
        SolverError: the answer does not stand up to verification.
    """
    plans = [z for z in (found.optimum.opened, found.official.opened) if z is not None]
    freed = free_phasing(instance, plans)
    start = found.optimum.opened
    best = solve(freed.instance, time_limit=time_limit, progress=progress, cancel=cancel, start=start)
    if best.status not in (Status.OPTIMAL, Status.FEASIBLE):
        return None
    if findings := verify.verify(freed.instance, best):
        raise SolverError((Problem("plan.not_verified", scenario.id), *findings))
    level = best.levels[0]
    return FreePhasing(
        level=level,
        ratio=None if found.best is None or level.value == 0 else found.best / level.value,
        cost_vnd=report.cost_by_stage(scenario, instance, best),
        freed=tuple(_freed(scenario, instance, freed)),
        schedule=tuple(_schedule(scenario, instance, best)),
        openings=tuple(_openings(instance, best)),
    )


def _freed(scenario: Scenario, instance: Instance, freed: Freed) -> list[Text]:
    """What was dropped and what stands in its place, in words."""
    words = wording.worded(scenario)
    quotas = {key_of(rule) for rule in instance.rules if isinstance(rule, Quota)}
    names = dict.fromkeys(key[0] for key in freed.dropped if key in quotas)
    told = [both("evaluation.freed.rule", rule=words[name].text) for name in names if name in words]
    for pool in freed.pooled:
        stages = listed([wording.stage_name(scenario, instance.stages[t]) for t in pool.stages])
        kinds = _kinds(scenario, instance, pool)
        told.append(figures("evaluation.freed.budget", stages=stages, kinds=kinds, amount=pool.amount))
    some = (q for q in freed.totals if q.hi != 0)
    alike = Counter((_kinds(scenario, instance, q), q.lo, q.hi) for q in some)
    for (kinds, lo, hi), n in alike.items():
        key = "at_least" if hi is None else "exactly" if lo == hi else "between" if lo else "at_most"
        where = both("evaluation.freed.each", n=n) if n > 1 else Text("", "")
        told.append(both(f"evaluation.freed.{key}", lo=lo, hi=hi, kinds=kinds, where=where))
    return told


def _kinds(scenario: Scenario, instance: Instance, rule: Quota | StageBudget) -> Text:
    kinds = sorted(set(instance.kind[rule.scope].tolist()))
    return listed([inline(scenario.kinds[instance.kinds[k].id].short.text) for k in kinds])


def _openings(instance: Instance, best: Solution) -> list[tuple[str, str, str, str, int]]:
    assert best.opened is not None
    found = []
    for t, f in np.argwhere(best.opened.T > 0).tolist():
        site = int(instance.site[f])
        group = int(instance.site_group[site])
        kind = instance.kinds[instance.kind[f]].id
        code = instance.groups[group] if group >= 0 else ""
        found.append((instance.stages[t], kind, code, instance.premises[site], int(best.opened[f, t])))
    return found


def _schedule(scenario: Scenario, instance: Instance, best: Solution) -> list[Text]:
    """A line a stage: how many of each kind, and in which groups."""
    by_stage: defaultdict[str, defaultdict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for stage, kind, group, _, n in _openings(instance, best):
        by_stage[stage][kind][group] += n
    lines, order = [], [*scenario.registered_persons.by_group, ""]
    for stage in instance.stages:
        name = wording.stage_name(scenario, stage)
        if stage not in by_stage:
            lines.append(both("evaluation.schedule.nothing", stage=name))
            continue
        opened = []
        for kind, groups in by_stage[stage].items():
            places = [
                both("evaluation.schedule.place", n=n, group=group_name(scenario, g))
                if n > 1
                else group_name(scenario, g)
                for g, n in sorted(groups.items(), key=lambda each: order.index(each[0]))
            ]
            short = inline(scenario.kinds[kind].short.text)
            total = sum(groups.values())
            opened.append(both("evaluation.schedule.kind", n=total, kind=short, places=listed(places)))
        lines.append(both("evaluation.schedule", stage=name, opened=listed(opened, "; ")))
    return lines
