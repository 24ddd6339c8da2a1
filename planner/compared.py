"""Any two plans of one place side by side: what differs, who gains and who loses, and figures with their way.

Everything is read from the tables of the two plans, so that they may belong to different scenarios of the
same place.  A is the first plan, B the second; differences are B − A.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from errors import DataError, Problem
from planner.compared_figures import Indicator, indicators
from planner.compared_words import Moved, moves
from planner.comparing import SHOWN, figures, group_name
from planner.plan import Gain, Plan
from planner.run import digest
from scenarios.schema import Scenario
from text import Text, both

__all__ = ["Compared", "Indicator", "Moved", "compare", "differing"]

NOTHING = 1e-6
"""Persons, or person-years, that are rounding."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Compared:
    """Two plans of one place.

    Attributes:
        a, b: the plans.
        same: both open the same points in the same stages.
        service: whose gains are told: that of A's first objective.
        indicators: figures of both, with the way that is better where one is.
        moves: what B does otherwise than A, in words.
        gains: person-years that each group gains (> 0) or loses by B, those that gain most first.
        notes: what has to be kept in mind where the two scenarios differ.
    """

    a: Plan
    b: Plan
    same: bool
    service: str
    indicators: tuple[Indicator, ...]
    moves: tuple[Moved, ...]
    gains: tuple[Gain, ...]
    notes: tuple[Text, ...]


def compare(a: Plan, b: Plan) -> Compared:
    """What tells plan B from plan A.

    Raises:
        DataError: ``compare.other_place`` (the plans are of different places, or lists of communes),
            ``compare.other_services`` (they serve nothing in common).
    """
    problem = _unlike(a, b)
    if problem:
        raise DataError(problem)
    shared = [s for s in dict.fromkeys(a.coverage["service"]) if s in set(b.coverage["service"])]
    service = _main(a.scenario, shared)
    found = tuple(moves(a, b))
    return Compared(
        a=a,
        b=b,
        same=_opens(a) == _opens(b),
        service=service,
        indicators=tuple(indicators(a, b, shared, main=service)),
        moves=found,
        gains=tuple(_gains(a, b, service)),
        notes=tuple(_notes(a, b, shared)),
    )


def differing(a: Plan, b: Plan, *, service: str, stage: str) -> tuple[str, ...]:
    """Codes of the communes in which not the same number is served in that stage."""
    served = []
    for plan in (a, b):
        here = plan.access[(plan.access["service"] == service) & (plan.access["stage"] == stage)]
        served.append(here.set_index("commune_code")["served"])
    more = served[1].reindex(served[0].index, fill_value=0.0) - served[0]
    return tuple(str(code) for code in more.index[more.abs() > NOTHING])


def _unlike(a: Plan, b: Plan) -> Problem | None:
    """Why the two cannot be compared."""
    one, other = (plan.scenario for plan in (a, b))
    codes = [set(plan.facts.communes["commune_code"]) for plan in (a, b)]
    if (one.place.province, one.place.vintage) != (other.place.province, other.place.vintage) or (
        codes[0] != codes[1]
    ):
        return Problem("compare.other_place", other.id, {"a": one.title.text, "b": other.title.text})
    if set(a.coverage["service"]).isdisjoint(b.coverage["service"]):
        return Problem("compare.other_services", other.id, {"a": one.title.text, "b": other.title.text})
    return None


def _main(scenario: Scenario, shared: Sequence[str]) -> str:
    """The service of the first objective that both plans count persons for."""
    wanted = (objective.service for objective in scenario.objectives)
    return next((s for s in wanted if s in shared), shared[0])


def _opens(plan: Plan) -> dict[tuple[str, str], int]:
    rows = zip(plan.openings["facility"], plan.openings["stage"], plan.openings["opened"], strict=True)
    return {(facility, stage): int(n) for facility, stage, n in rows}


# --- who gains -----------------------------------------------------------------------------------


def _gains(a: Plan, b: Plan, service: str) -> Iterator[Gain]:
    """Groups of A, by person-years of the service over all stages."""
    more = (_person_years(b, service) - _person_years(a, service)).fillna(0.0)
    group = a.facts.communes.set_index("commune_code")["group"].reindex(more.index)
    groups = list(a.scenario.registered_persons.by_group)
    by = group.where(group.isin(groups), "")
    sums = more.groupby(by, sort=False).sum()
    for code in sorted(sums.index, key=lambda code: (-sums[code], str(code))):
        gain = float(sums[code])
        if abs(gain) < SHOWN:
            continue
        mine = more[by == code]
        gaining, losing = int((mine > NOTHING).sum()), int((mine < -NOTHING).sum())
        name = group_name(a.scenario, str(code))
        words = figures(f"evaluation.{'gain' if gain > 0 else 'loss'}", group=name, gain=abs(gain))
        if len(mine) > 1:
            which = "both" if gaining and losing else "more" if gaining else "less"
            words = figures(f"evaluation.gain_communes.{which}", words=words, more=gaining, less=losing)
        yield Gain(str(code), gain, gaining, losing, words)


def _person_years(plan: Plan, service: str) -> pd.Series:
    """Person-years served over all stages, by commune."""
    years = dict(zip(plan.stages["stage"], plan.stages["years"], strict=True))
    mine = plan.access[plan.access["service"] == service]
    sums = (mine["served"] * mine["stage"].map(years)).groupby(mine["commune_code"]).sum()
    return sums.astype(np.float64)


# --- what to keep in mind ------------------------------------------------------------------------


def _notes(a: Plan, b: Plan, shared: Sequence[str]) -> Iterator[Text]:
    if digest(a.scenario) == digest(b.scenario):
        return
    yield both("compare.note.scenarios", a=a.scenario.title.text, b=b.scenario.title.text)
    if tuple(a.scenario.stages) != tuple(b.scenario.stages):
        yield both("compare.note.stages")
    if tuple(s.years for s in a.scenario.stages.values()) != tuple(
        s.years for s in b.scenario.stages.values()
    ):
        yield both("compare.note.years")
    demands = [
        plan.coverage[plan.coverage["service"].isin(shared)].groupby("service")["demand"].max()
        for plan in (a, b)
    ]
    if not np.allclose(demands[0].sort_index(), demands[1].sort_index()):
        yield both("compare.note.demand")
    if set(a.coverage["service"]) != set(b.coverage["service"]):
        yield both("compare.note.services")
