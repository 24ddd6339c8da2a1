"""Whether counts of registered persons agree with each other, and with what has to be estimated."""

from __future__ import annotations

from collections.abc import Iterator

from scenarios.references import Finding, each_known
from scenarios.schema import Scenario
from scenarios.strict_yaml import Path_

AT: Path_ = ("registered_persons",)


def problems(s: Scenario) -> Iterator[Finding]:
    """Every disagreement among the counts, the split and the forecast."""
    yield from _totals(s)
    yield from _split(s)
    yield from _later(s)
    for name, service in s.services.items():
        at = ("services", name, "suited_by_group")
        yield from each_known(at, service.suited_by_group, "groups", s)


def _totals(s: Scenario) -> Iterator[Finding]:
    persons = s.registered_persons
    counted = sum(g.persons for g in persons.by_group.values() if g.persons is not None)
    uncounted = [code for code, g in persons.by_group.items() if g.persons is None]
    stated = persons.total.value
    if counted > stated or (counted < stated and not uncounted):
        yield (*AT, "total"), "scenario.total_differs", {"stated": stated, "sum": counted}
    known = sum(persons.by_commune.persons.values()) if persons.by_commune else 0
    if known > stated:
        yield (*AT, "by_commune"), "scenario.total_differs", {"stated": stated, "sum": known}
    if uncounted and persons.missing_counts is None and known < stated:
        yield (*AT, "by_group", uncounted[0], "persons"), "scenario.count_missing", {"code": uncounted[0]}
    if persons.missing_counts is not None and not uncounted:
        yield (*AT, "missing_counts"), "scenario.no_count_missing", {}


def _split(s: Scenario) -> Iterator[Finding]:
    """A way of splitting has the figures it works with."""
    split = s.registered_persons.split
    needs, other = ("weights", "population") if split.method == "commune_type" else ("population", "weights")
    if not getattr(split, needs):
        yield (*AT, "split", needs), "scenario.split_needs", {"method": split.method, "needs": needs}
    if getattr(split, other):
        yield (*AT, "split", other), "scenario.split_unused", {"method": split.method, "name": other}


def _later(s: Scenario) -> Iterator[Finding]:
    persons = s.registered_persons
    yield from each_known((*AT, "forecast"), persons.forecast, "stages", s)
    open_ = [stage for stage in list(s.stages)[1:] if stage not in persons.forecast]
    if open_ and persons.growth is None:
        yield (*AT, "growth"), "scenario.no_growth", {"stage": open_[0]}
    if persons.forecast and persons.total.value == 0:
        yield (*AT, "forecast"), "scenario.forecast_of_nobody", {}
