"""The published plan scored beside the best one, on the same data and under the same rules (model.md)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import zip_longest
from typing import Literal

import numpy as np

from errors import Problem, ScenarioError
from optimization import score
from optimization.instance import Instance
from optimization.rules import (
    Capacity,
    CommunityShare,
    CoverageTarget,
    FloatArray,
    GroupFloor,
    MinimumCaseload,
)
from optimization.score import Opening, Score
from optimization.search import Cancel, Progress
from optimization.solution import Status
from optimization.solve import solve
from planner import geography, report, translate
from planner.geography import Geography
from planner.plan import Diagnosis, Evaluation, Exchange, Plan
from planner.run import NoPlanInTimeError, Step, answer
from scenarios.schema import Scenario
from text import Text, both

SAMPLES, SEED = 200, 0
"""Random admissible choices of premises drawn where there are too many to score all, and their seed
(model.md).
"""


def evaluate(
    scenario: Scenario,
    name: Literal["official"] = "official",
    *,
    time_limit: float | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
    step: Step = lambda _: None,
) -> Evaluation:
    """Score a plan that somebody made: so far `name` is the openings that `scenario` gives as official.

    Where the rules leave no plan at all, what can be said of the official openings alone is said (their
    cost, their group presence), and the diagnosis stands in place of the optimum.

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
    openings = _openings(scenario, instance)
    persons = translate.persons(scenario, places)
    presence = score.group_presence(_without_loads(instance), persons=persons)
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
    return Evaluation(
        facts=optimal.facts,
        plan=name,
        objective=scenario.objectives[0].objective,
        worst=found.worst if found else None,
        mean=found.mean if found else None,
        best=found.best if found else None,
        method=_method(found),
        optimum=best.levels[0] if best.levels else None,
        presence_official=_presence(instance, openings, persons),
        presence_best=presence_best.levels[0].value if presence_best.status is Status.OPTIMAL else None,
        cost_vnd=_cost(scenario, instance, openings),
        exchanges=tuple(_exchanges(instance, found)) if found else (),
        official=_official(optimal, places, instance, found) if found else None,
        optimal=optimal if isinstance(optimal, Plan) else None,
        diagnosis=optimal if isinstance(optimal, Diagnosis) else None,
    )


def _openings(scenario: Scenario, instance: Instance) -> list[Opening]:
    assert scenario.official is not None
    kinds, groups = list(scenario.kinds), list(instance.groups)
    counts: Counter[tuple[int, int, int]] = Counter()
    for o in scenario.official.openings:
        counts[kinds.index(o.kind), groups.index(o.group), instance.stages.index(o.stage)] += o.count
    return [Opening(*key, count) for key, count in counts.items()]


_LOADS = (Capacity, MinimumCaseload, CoverageTarget, CommunityShare, GroupFloor)


def _without_loads(instance: Instance) -> Instance:
    """The instance without rules about how many are served where.

    Presence asks whether a group has a point, not how many it serves: with these rules its persons would
    have to fit into the points' capacities.
    """
    return replace(instance, rules=tuple(r for r in instance.rules if not isinstance(r, _LOADS)))


def _presence(instance: Instance, openings: list[Opening], persons: FloatArray) -> float:
    """Person-years of groups that have a point of the first objective's service, existing ones included.

    Read from the openings alone, so that a plan which breaks a rule still has its figure.
    """
    service = instance.objectives[0].service
    groups = instance.site_group[instance.site]
    present = np.zeros(
        (len(instance.groups) + 1, len(instance.stages)), dtype=bool
    )  # the last row is NO_GROUP's
    present[groups[(instance.facility_service == service) & (instance.existing > 0)]] = True
    for o in openings:
        if instance.kinds[o.kind].service == service:
            present[o.group, o.stage :] = True
    present[-1] = False
    return float((persons * present[instance.commune_group] * instance.years).sum())


def _cost(scenario: Scenario, instance: Instance, openings: list[Opening]) -> dict[str, int]:
    """VND of each stage: a facility's first year when it opens, later years after that."""
    counted = [k for k, kind in enumerate(instance.kinds) if kind.id in report.budget_kinds(scenario)]
    of_kind = {k: Opening(k, -1, -1, int(instance.existing[instance.kind == k].sum())) for k in counted}
    costs = dict.fromkeys(instance.stages, 0)
    for o in (*of_kind.values(), *(o for o in openings if o.kind in counted)):
        kind = instance.kinds[o.kind]
        for t, stage in enumerate(instance.stages):
            years = int(instance.years[t])
            if t == o.stage:
                costs[stage] += o.count * (kind.first_year + (years - 1) * kind.later_year)
            elif t > o.stage:
                costs[stage] += o.count * years * kind.later_year
    return costs


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
    return report.plan(optimal.facts, places, instance, found.official, gap=0.0)


def _exchanges(instance: Instance, found: Score) -> Iterator[Exchange]:
    """Each kind and group where the two plans differ in time, or whose persons gain or lose by the plan
    as a whole.

    The gain stands with the service that is optimised.
    """
    if found.official.opened is None or found.optimum.opened is None:
        return
    both_plans = score.exchanges(instance, found.official, found.optimum)
    service = instance.objectives[0].service
    for move in both_plans.moves:
        kind = instance.kinds[move.kind]
        gain = float(both_plans.gained[move.group]) if kind.service == service and move.group >= 0 else 0.0
        for official, best in zip_longest(move.official, move.optimal):
            if official != best or abs(gain) >= 0.5:
                yield Exchange(
                    kind.id,
                    instance.groups[move.group] if move.group >= 0 else "",
                    None if official is None else instance.stages[official],
                    None if best is None else instance.stages[best],
                    gain,
                )
