"""The published plan scored beside the best one, on the same data and under the same rules."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Literal

import numpy as np

from errors import Problem, ScenarioError
from optimization import score
from optimization.instance import Instance
from optimization.openings import Opening, at_groups, possible_openings
from optimization.rules import (
    Capacity,
    CommunityShare,
    CoverageTarget,
    FloatArray,
    GroupFloor,
    IntArray,
    MinimumCaseload,
    Upgrade,
)
from optimization.score import Score
from optimization.search import Cancel, Progress
from optimization.solution import Status
from optimization.solve import solve
from planner import geography, hindcast, kept, phasing, report, translate
from planner.comparing import Comparison
from planner.geography import Geography
from planner.plan import Diagnosis, Evaluation, Plan
from planner.run import NoPlanInTimeError, Step, answer
from scenarios.schema import Scenario
from text import Text, both

SAMPLES, SEED = 200, 0
"""Random admissible choices of premises drawn where there are too many to score all, and their seed."""


def evaluate(
    scenario: Scenario,
    name: Literal["official"] = "official",
    *,
    optimum: Plan | None = None,
    time_limit: float | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
    step: Step = lambda _: None,
) -> Evaluation:
    """Score a plan that somebody made: the openings that `scenario` gives as official.

    Where the rules leave no plan at all, what can be said of the official openings alone is said (their
    cost, their group presence), and the diagnosis stands in place of the optimum.

    `optimum` is the best plan where the caller has solved `scenario` already; only one that was proved spares
    solving again.

    Raises:
        ScenarioError: the scenario names no official openings.
        NoPlanInTimeError: stopped before the best plan was found.
    """
    if scenario.official is None:
        raise ScenarioError(Problem("plan.no_official", scenario.where("official")))
    step("places")
    places = geography.places(scenario)
    step("model")
    instance = translate.instance(scenario, places)
    openings = published(scenario, instance)
    persons = translate.persons(scenario, places)
    presence = score.group_presence(_without_loads(instance), persons=persons)
    optimal: Plan | Diagnosis
    if optimum is not None and optimum.report.status is Status.OPTIMAL:
        best, optimal = kept.solution(scenario, instance, kept.known(optimum)), optimum
    else:
        best = solve(instance, time_limit=time_limit, progress=progress, cancel=cancel)
        optimal = answer(scenario, places, instance, best, step=step)
    found = None
    if isinstance(optimal, Plan):
        step("official")
        found = score.evaluate(
            instance,
            openings,
            optimum=best,
            samples=SAMPLES,
            seed=SEED,
            time_limit=time_limit,
            progress=progress,
            cancel=cancel,
        )
        if found.official.status is Status.NO_SOLUTION:
            raise NoPlanInTimeError(found.official.seconds["solve"])
    presence_best = solve(presence, time_limit=time_limit, cancel=cancel)
    presence_official, drawn = _presence(instance, openings, persons)
    official = _official(optimal, places, instance, found) if found else None
    compared = Comparison(scenario, places, instance, found) if found else None
    free = None
    if found:
        step("free")
        free = phasing.free(
            scenario, instance, found, time_limit=time_limit, progress=progress, cancel=cancel
        )
    return Evaluation(
        facts=optimal.facts,
        plan=name,
        objective=scenario.objectives[0].objective,
        worst=found.worst if found else None,
        mean=found.mean if found else None,
        best=found.best if found else None,
        method=_method(found),
        optimum=best.levels[0] if best.levels else None,
        presence_official=presence_official,
        presence_best=presence_best.levels[0].value if presence_best.status is Status.OPTIMAL else None,
        cost_vnd=_cost(scenario, instance, openings),
        exchanges=tuple(compared.exchanges()) if compared else (),
        official=official,
        optimal=optimal if isinstance(optimal, Plan) else None,
        diagnosis=optimal if isinstance(optimal, Diagnosis) else None,
        gains=tuple(compared.gains()) if compared else (),
        free=free,
        hindcast=tuple(
            hindcast.rows(
                scenario,
                instance,
                openings,
                official=hindcast.Answer(solution=found.official if found else None, plan=official),
                optimal=hindcast.Answer(solution=best, plan=optimal if isinstance(optimal, Plan) else None),
            )
        ),
        silence=_silence(openings),
        presence_drawn=drawn,
    )


def published(scenario: Scenario, instance: Instance) -> list[Opening]:
    """The published openings as arrays: a group is its premises, and so is the whole place."""
    assert scenario.official is not None
    found = []
    kinds, premises = list(scenario.kinds), {name: j for j, name in enumerate(instance.premises)}
    for o in scenario.official.openings:
        k, t = kinds.index(o.kind), instance.stages.index(o.stage)
        apart: tuple[tuple[int, ...], ...] = ()
        if o.premises:
            apart = tuple((premises[name],) for name in o.premises)
        elif o.groups:
            apart = at_groups(instance, [instance.groups.index(g) for g in o.groups])
        elif o.group:
            sites = at_groups(instance, [instance.groups.index(o.group)])[0]
        else:
            sites = tuple(sorted(set(instance.site[instance.kind == k].tolist())))
        if apart:
            sites = tuple(sorted(j for part in apart for j in part))
        found.append(Opening(k, t, o.count, sites, apart))
    return found


_LOADS = (Capacity, MinimumCaseload, CoverageTarget, CommunityShare, GroupFloor)


def _without_loads(instance: Instance) -> Instance:
    """The instance without rules about how many are served where.

    Presence asks whether a group has a point, not how many it serves: with these rules its persons would
    have to fit into the points' capacities.
    """
    return replace(instance, rules=tuple(r for r in instance.rules if not isinstance(r, _LOADS)))


def _presence(instance: Instance, openings: list[Opening], persons: FloatArray) -> tuple[float, bool]:
    """Person-years of groups that have a point of the first objective's service, existing ones included.

    Read from the openings alone, so that a plan which breaks a rule still has its figure.  Where the plan
    leaves the group open it is the mean of random choices, each place as likely as any other; whether it is.
    """
    service = instance.objectives[0].service
    groups = instance.site_group[instance.site]
    before = np.zeros((len(instance.groups) + 1, len(instance.stages)), dtype=bool)  # the last is NO_GROUP's
    before[groups[(instance.facility_service == service) & (instance.existing > 0)]] = True
    ours = [o for o in openings if instance.kinds[o.kind].service == service and o.count]
    places = [_group_places(instance, o) for o in ours]
    drawn = any(_leaves_open(o, parts) for o, parts in zip(ours, places, strict=True))
    rng = np.random.default_rng(SEED)
    sums = []
    for _ in range(SAMPLES if drawn else 1):
        present = before.copy()
        for o, parts in zip(ours, places, strict=True):
            present[_drawn(o, parts, rng), o.stage :] = True
        present[-1] = False
        sums.append(float((persons * present[instance.commune_group] * instance.years).sum()))
    return math.fsum(sums) / len(sums), drawn


def _group_places(instance: Instance, o: Opening) -> list[IntArray]:
    """The group of each free place that an opening may take, by part; where none is free, of each site."""
    possible, room = possible_openings(instance)[:, o.stage], instance.limit - instance.existing
    found = []
    for part in o.apart or (o.sites,):
        mine = (instance.kind == o.kind) & np.isin(instance.site, part) & possible
        groups = np.repeat(instance.site_group[instance.site[mine]], room[mine])
        found.append(groups if len(groups) else instance.site_group[list(part)])
    return found


def _leaves_open(o: Opening, parts: list[IntArray]) -> bool:
    """Whether an opening leaves open in which groups its points stand."""
    if o.apart and o.count == len(parts):
        return any(len(np.unique(part)) > 1 for part in parts)
    return len(np.unique(np.concatenate(parts))) > 1


def _drawn(o: Opening, parts: list[IntArray], rng: np.random.Generator) -> list[int]:
    """The groups in which an opening comes to stand."""
    if not o.apart:
        count = min(o.count, len(parts[0]))
        return [int(g) for g in rng.choice(parts[0], count, replace=False)]
    chosen = rng.choice(len(parts), o.count, replace=False).tolist()
    return [int(rng.choice(parts[n])) for n in chosen]


def _cost(scenario: Scenario, instance: Instance, openings: list[Opening]) -> dict[str, int]:
    """VND of each stage: a facility's first year when it opens, later years after that.

    An upgrade saves what the facility that it closes would have cost from its stage on.
    """
    counted = [k for k, kind in enumerate(instance.kinds) if kind.id in report.budget_kinds(scenario)]
    costs = dict.fromkeys(instance.stages, 0)

    def add(kind: int, opened: int, count: int) -> None:
        """`count` facilities that cost from stage `opened` on; −1: they stood before."""
        it = instance.kinds[kind]
        for t, stage in enumerate(instance.stages):
            years = int(instance.years[t])
            if t == opened:
                costs[stage] += count * (it.first_year + (years - 1) * it.later_year)
            elif t > opened:
                costs[stage] += count * years * it.later_year

    for k in counted:
        add(k, -1, int(instance.existing[instance.kind == k].sum()))
    for o in openings:
        if o.kind in counted:
            add(o.kind, o.stage, o.count)
        before = _upgraded(instance, o)
        if before in counted:
            later = instance.kinds[before].later_year
            for t in range(o.stage, len(instance.stages)):
                costs[instance.stages[t]] -= o.count * int(instance.years[t]) * later
    return costs


def _upgraded(instance: Instance, o: Opening) -> int | None:
    """The kind that an opening closes by upgrading it, wherever it comes to stand; None where it need not."""
    mine = np.flatnonzero((instance.kind == o.kind) & np.isin(instance.site, o.sites))
    closes = {after: int(instance.kind[before]) for before, after in instance.upgrades.tolist()}
    bound = {f for r in instance.rules if isinstance(r, Upgrade) for f in np.flatnonzero(r.after).tolist()}
    kinds = {closes[f] for f in mine.tolist() if f in closes}
    free = any(f not in bound for f in mine.tolist())
    return kinds.pop() if len(kinds) == 1 and not free else None


def _method(found: Score | None) -> Text:
    if found is None or found.worst is None:
        return both("plan.score.none")
    return both("plan.score.all" if found.complete else "plan.score.sample", n=found.choices)


def _official(optimal: Plan | Diagnosis, places: Geography, instance: Instance, found: Score) -> Plan | None:
    """The official plan at its best premises; it keeps the rules of the scenario, or there is none to
    show.
    """
    if found.official.opened is None:
        return None
    plan = report.plan(optimal.facts, places, instance, found.official, gap=0.0)
    return replace(plan, report=plan.report._replace(way="official"))


def _silence(openings: list[Opening]) -> Text | None:
    """How many points the plan does not place exactly."""
    n = sum(o.count for o in openings if not _placed(o))
    return both("evaluation.silence", n=n) if n else None


def _placed(o: Opening) -> bool:
    """Whether an opening names the premises, one for each point."""
    if o.apart:
        return len(o.apart) == o.count and all(len(part) == 1 for part in o.apart)
    return len(o.sites) == 1
