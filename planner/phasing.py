"""The best plan with the same means and free phasing: what the quotas of the stages themselves cost."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np

from errors import Problem, SolverError
from optimization import verify
from optimization.instance import Instance
from optimization.model import key_of
from optimization.phasing import Freed, free_phasing
from optimization.rules import BoolArray, Quota
from optimization.score import Score
from optimization.search import Cancel, Progress
from optimization.solution import Solution, Status
from optimization.solve import solve
from planner import report, wording
from planner.comparing import figures, group_name, listed
from planner.plan import FreePhasing
from scenarios.schema import Scenario
from text import Text, both, inline, sort_key

NOTHING = Text("", "")


def free(
    scenario: Scenario,
    instance: Instance,
    found: Score,
    *,
    time_limit: float | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> FreePhasing | None:
    """The best plan where stage quotas are gone and budgets pooled.

    None where none was found in time, and where there is but one stage, so that nothing can be moved.

    Raises:
        SolverError: the answer does not stand up to verification.
    """
    if len(instance.stages) < 2:
        return None
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
        kinds = _kinds(scenario, instance, pool.scope)
        told.append(figures("evaluation.freed.budget", stages=stages, kinds=kinds, amount=pool.amount))
    alike: defaultdict[tuple[Text, int, int | None, bool], list[Text]] = defaultdict(list)
    for scope, lo, hi in _limits(freed):
        if hi != 0:
            where = _where(scenario, instance, scope)
            alike[_kinds(scenario, instance, scope), lo, hi, where == NOTHING].append(where)
    for (kinds, lo, hi, everywhere), wheres in alike.items():
        key = "at_least" if hi is None else "exactly" if lo == hi else "between" if lo else "at_most"
        places = sorted(set(wheres), key=lambda name: sort_key(name.vi))
        where = NOTHING if everywhere else both("evaluation.freed.where", places=listed(places))
        each = both("evaluation.freed.each") if len(places) > 1 else NOTHING
        told.append(both(f"evaluation.freed.{key}", lo=lo, hi=hi, kinds=kinds, where=where, each=each))
    return told


def _limits(freed: Freed) -> list[tuple[BoolArray, int, int | None]]:
    """(scope, lo, hi) of the totals, those of one scope as one."""
    found: dict[bytes, tuple[BoolArray, int, int | None]] = {}
    for rule in freed.totals:
        _, lo, hi = found.get(rule.scope.tobytes(), (rule.scope, 0, None))
        least = min((h for h in (hi, rule.hi) if h is not None), default=None)
        found[rule.scope.tobytes()] = rule.scope, max(lo, rule.lo), least
    return list(found.values())


def _where(scenario: Scenario, instance: Instance, scope: BoolArray) -> Text:
    """The groups that a scope is about; nothing where it is all places that its kinds have."""
    kinds = np.unique(instance.kind[scope])
    if scope[np.isin(instance.kind, kinds)].all():
        return NOTHING
    groups = np.unique(instance.site_group[instance.site[scope]]).tolist()
    return listed([group_name(scenario, instance.groups[g] if g >= 0 else "") for g in groups])


def _kinds(scenario: Scenario, instance: Instance, scope: BoolArray) -> Text:
    kinds = sorted(set(instance.kind[scope].tolist()))
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
