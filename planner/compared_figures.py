"""The figures by which two plans are compared, each with the way that is better, if one is."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from planner import geography, translate
from planner.plan import Plan
from text import Text, both

Unit = Literal["persons", "person_years", "share", "minutes", "vnd", "number"]
Better = Literal["a", "b", "same"]

SAME = 1e-9
"""Relative difference at which two figures count as equal."""
MORE, LESS, NEITHER = 1, -1, 0
"""Directions: more is better, less is better, nobody can say."""


class Indicator(NamedTuple):
    """One figure of both plans.

    Attributes:
        name: what it is; with `service` and `stage` it is unique.
        text: what it is called, its service and stage left to the reader's table.
        direction: `MORE`, `LESS` or `NEITHER`.
        a, b: the values; None where a plan has none.
        stage: of both plans ("": the plan as a whole; of plans with different stages: the end of each).
        of_a, of_b: out of how many, for targets and rules.
    """

    name: str
    text: Text
    unit: Unit
    direction: int
    a: float | None
    b: float | None
    service: str = ""
    stage: str = ""
    of_a: int | None = None
    of_b: int | None = None

    @property
    def difference(self) -> float | None:
        """B − A."""
        return None if self.a is None or self.b is None else self.b - self.a

    @property
    def better(self) -> Better | None:
        """Which plan is better; None where that cannot be said."""
        if self.a is None or self.b is None:
            return None
        if math.isclose(self.a, self.b, rel_tol=SAME, abs_tol=SAME):
            return "same"
        if self.direction == NEITHER:
            return None
        return "b" if (self.b > self.a) == (self.direction == MORE) else "a"


def indicators(a: Plan, b: Plan, services: Sequence[str], *, main: str) -> Iterator[Indicator]:
    """Every figure of two plans of one place; `services` are those that both count persons for.

    Args:
        main: the service whose person-years lead, and by which groups are said to have a point.
    """
    alike = list(a.scenario.stages) == list(b.scenario.stages)
    yield from _leading(a, b, main)
    for service in services:
        for t in range(len(a.scenario.stages)) if alike else [-1]:
            yield from _of_stage(a, b, service, t, named=alike)
        yield from _at_the_end(a, b, service)
    yield from _means(a, b, alike=alike)
    yield from _promises(a, b)


# --- persons -------------------------------------------------------------------------------------


def _leading(a: Plan, b: Plan, service: str) -> Iterator[Indicator]:
    """Person-years served, and those of groups that have a point."""
    for name, of in (("person_years", _person_years), ("presence", _presence)):
        text = both(f"compare.of.{name}")
        yield Indicator(name, text, "person_years", MORE, of(a, service), of(b, service), service)


def _person_years(plan: Plan, service: str) -> float:
    mine = plan.coverage[plan.coverage["service"] == service]
    return float((mine["served"] * mine["stage"].map(_years(plan))).sum())


def _presence(plan: Plan, service: str) -> float:
    """Registered person-years of groups that have a point of the service."""
    places = geography.places(plan.scenario)
    persons = pd.DataFrame(
        translate.persons(plan.scenario, places), columns=list(plan.scenario.stages)
    ).groupby(places.communes["group"].to_numpy())
    by_group, years = persons.sum(), _years(plan)
    mine = plan.group_coverage[
        (plan.group_coverage["service"] == service) & (plan.group_coverage["points"] > 0)
    ]
    return math.fsum(
        float(by_group.loc[group, stage]) * years[stage]
        for group, stage in zip(mine["group"], mine["stage"], strict=True)
    )


def _of_stage(a: Plan, b: Plan, service: str, t: int, *, named: bool) -> Iterator[Indicator]:
    """Persons and minutes of a service in stage number `t` of each plan."""
    stages = [list(plan.scenario.stages)[t] for plan in (a, b)]
    stage = stages[0] if named else ""
    ways: tuple[tuple[str, Unit, int, Callable[[pd.DataFrame], float | None]], ...] = (
        ("served", "persons", MORE, lambda x: float(x["served"].sum())),
        ("within_standard", "share", MORE, _within_standard),
        ("no_capacity", "persons", LESS, lambda x: float(x["no_capacity"].sum())),
        ("out_of_reach", "persons", LESS, lambda x: float(x["out_of_reach"].sum())),
        ("mean_minutes", "minutes", LESS, _mean_minutes),
        ("longest_minutes", "minutes", LESS, _longest_minutes),
    )
    rows = [_access(plan, service, at) for plan, at in zip((a, b), stages, strict=True)]
    timed = all(plan.facts.travel.used != "within_group" for plan in (a, b))
    for name, unit, direction, of in ways:
        if unit == "minutes" and not timed:
            continue
        values = [of(frame) for frame in rows]
        if name == "no_capacity" and not any(values):
            continue
        text = both(f"compare.of.{name}")
        yield Indicator(name, text, unit, direction, values[0], values[1], service, stage)


def _access(plan: Plan, service: str, stage: str) -> pd.DataFrame:
    frame = plan.access
    return frame[(frame["service"] == service) & (frame["stage"] == stage)]


def _within_standard(rows: pd.DataFrame) -> float | None:
    demand = float(rows["demand"].sum())
    return 1.0 - float(rows["out_of_reach"].sum()) / demand if demand else None


def _mean_minutes(rows: pd.DataFrame) -> float | None:
    """To the nearest open point, over all who need the service; None where somebody has none."""
    needed = rows[rows["demand"] > 0]
    if needed.empty or not np.isfinite(needed["minutes"]).all():
        return None
    return float(np.average(needed["minutes"], weights=needed["demand"]))


def _longest_minutes(rows: pd.DataFrame) -> float | None:
    needed = rows.loc[rows["demand"] > 0, "minutes"]
    return float(needed.max()) if len(needed) and np.isfinite(needed).all() else None


def _at_the_end(a: Plan, b: Plan, service: str) -> Iterator[Indicator]:
    """Points and evenness at the end of the last stage."""
    ways: tuple[tuple[str, Unit, int, Callable[[Plan, str], float | None]], ...] = (
        ("points", "number", NEITHER, _points),
        ("busiest", "persons", NEITHER, _busiest),
        ("least_group", "share", MORE, _least_group),
        ("spread_groups", "share", LESS, _spread),
    )
    for name, unit, direction, of in ways:
        text = both(f"compare.of.{name}")
        yield Indicator(name, text, unit, direction, of(a, service), of(b, service), service)
    codes = _priority(a) | _priority(b)
    if codes:
        shares = [_share_of(plan, service, codes) for plan in (a, b)]
        yield Indicator("priority", both("compare.of.priority"), "share", MORE, shares[0], shares[1], service)


def _points(plan: Plan, service: str) -> float:
    kinds = [k for k, kind in plan.scenario.kinds.items() if kind.service == service]
    last = plan.counts[plan.counts["stage"] == list(plan.scenario.stages)[-1]]
    return float(last.loc[last["kind"].isin(kinds), "open"].sum())


def _busiest(plan: Plan, service: str) -> float | None:
    loads = plan.facilities.loc[plan.facilities["service"] == service, "caseload"].dropna()
    return float(loads.max()) if len(loads) else None


def _group_shares(plan: Plan, service: str) -> pd.Series:
    frame = plan.group_coverage
    last = list(plan.scenario.stages)[-1]
    return frame.loc[(frame["service"] == service) & (frame["stage"] == last), "share"].dropna()


def _least_group(plan: Plan, service: str) -> float | None:
    shares = _group_shares(plan, service)
    return float(shares.min()) if len(shares) else None


def _spread(plan: Plan, service: str) -> float | None:
    shares = _group_shares(plan, service)
    return float(shares.max() - shares.min()) if len(shares) else None


def _priority(plan: Plan) -> frozenset[str]:
    """The communes whose persons weigh more."""
    named = plan.scenario.registered_persons.priority.values()
    groups = {g for p in named for g in p.groups or ()}
    communes = plan.facts.communes
    inside = communes.loc[communes["group"].isin(groups), "commune_code"]
    return frozenset({*inside, *(c for p in named for c in p.communes or ())})


def _share_of(plan: Plan, service: str, codes: frozenset[str]) -> float | None:
    rows = _access(plan, service, list(plan.scenario.stages)[-1])
    mine = rows[rows["commune_code"].isin(codes)]
    demand = float(mine["demand"].sum())
    return float(mine["served"].sum()) / demand if demand else None


# --- means and promises --------------------------------------------------------------------------


def _means(a: Plan, b: Plan, *, alike: bool) -> Iterator[Indicator]:
    """What opens and what it costs; when money is spent is neither better nor worse."""
    opened = [float(plan.openings["opened"].sum()) for plan in (a, b)]
    yield Indicator("opened", both("compare.of.opened"), "number", NEITHER, opened[0], opened[1])
    if not all(any(kind.cost for kind in plan.scenario.kinds.values()) for plan in (a, b)):
        return
    totals = [float(plan.stages["cost_vnd"].sum()) for plan in (a, b)]
    yield Indicator("cost", both("compare.of.cost"), "vnd", LESS, totals[0], totals[1])
    if alike and len(a.stages) > 1:
        for stage in a.scenario.stages:
            costs = [float(p.stages.loc[p.stages["stage"] == stage, "cost_vnd"].sum()) for p in (a, b)]
            text = both("compare.of.stage_cost")
            yield Indicator("stage_cost", text, "vnd", NEITHER, costs[0], costs[1], stage=stage)


def _promises(a: Plan, b: Plan) -> Iterator[Indicator]:
    """Targets met and rules kept; better only where both plans are asked for the same."""
    if len(a.targets) or len(b.targets):
        ids = [
            sorted(zip(p.targets["rule"], p.targets["group"], p.targets["goal"], strict=True)) for p in (a, b)
        ]
        met = [float(plan.targets["met"].sum()) for plan in (a, b)]
        yield _counted("targets", met, [len(i) for i in ids], same=ids[0] == ids[1])
    kept = [float(plan.rules["kept"].sum()) for plan in (a, b)]
    same = a.rules["rule"].tolist() == b.rules["rule"].tolist() and a.scenario.rules == b.scenario.rules
    yield _counted("rules", kept, [len(a.rules), len(b.rules)], same=same)


def _counted(name: str, values: list[float], of: list[int], *, same: bool) -> Indicator:
    direction = MORE if same else NEITHER
    text = both(f"compare.of.{name}")
    return Indicator(name, text, "number", direction, values[0], values[1], of_a=of[0], of_b=of[1])


def _years(plan: Plan) -> dict[str, int]:
    return dict(zip(plan.stages["stage"], plan.stages["years"], strict=True))
