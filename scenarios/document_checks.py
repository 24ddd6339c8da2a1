"""Whether what the document decided, measures and leaves open speaks of things the scenario has."""

from __future__ import annotations

from collections.abc import Iterator

from scenarios.document import Opening
from scenarios.references import Finding, each_known, known
from scenarios.rule_checks import one_of
from scenarios.schema import Scenario
from scenarios.strict_yaml import Path_


def problems(s: Scenario) -> Iterator[Finding]:
    """Every reference that leads nowhere, and openings that cannot be."""
    yield from _official(s)
    for name, criterion in s.criteria.items():
        path: Path_ = ("criteria", name)
        yield from each_known((*path, "kinds"), criterion.kinds, "kinds", s)
        what = "groups" if criterion.concerns == "group" else "premises"
        yield from each_known((*path, "answers"), criterion.answers, what, s)
    for name, seen in s.observed.items():
        path = ("observed", name)
        yield from known((*path, "stage"), seen.stage, "stages", s)
        yield from known((*path, "kind"), seen.kind, "kinds", s)
        yield from known((*path, "group"), seen.group, "groups", s)
    for name, indicator in s.indicators.items():
        path = ("indicators", name)
        yield from each_known((*path, "goals"), indicator.goals, "stages", s)
        if indicator.unit == "share" and max((indicator.now or 0, *indicator.goals.values())) > 1:
            yield (*path, "unit"), "scenario.indicator_share", {}
    if s.balance:
        yield from each_known(("balance", "services"), s.balance.services, "services", s)
        yield from each_known(("balance", "besides"), s.balance.besides, "services", s)
        yield from each_known(("balance", "goals"), s.balance.goals, "stages", s)
        now = s.balance.now
        if now and not now.compulsory <= now.treated <= now.registered:
            yield ("balance", "now"), "scenario.balance_order", {}
        for stage, goal in s.balance.goals.items():
            if goal.compulsory_share is not None and goal.compulsory_share > goal.treated_share:
                yield ("balance", "goals", stage, "compulsory_share"), "scenario.balance_order", {}


def _official(s: Scenario) -> Iterator[Finding]:
    seen: set[tuple[object, ...]] = set()
    for n, opening in enumerate(s.official.openings if s.official else ()):
        path: Path_ = ("official", "openings", n)
        yield from known((*path, "stage"), opening.stage, "stages", s)
        yield from known((*path, "kind"), opening.kind, "kinds", s)
        yield from known((*path, "group"), opening.group, "groups", s)
        yield from each_known((*path, "groups"), opening.groups, "groups", s)
        yield from each_known((*path, "premises"), opening.premises, "premises", s)
        yield from one_of(
            path,
            group=opening.group,
            groups=opening.groups,
            premises=opening.premises,
            anywhere=opening.anywhere or None,
        )
        yield from _too_many(opening, path)
        what = (opening.stage, opening.kind, opening.group, opening.groups, opening.premises)
        if what in seen:
            yield path, "scenario.opening_twice", {"stage": opening.stage, "group": _where(opening)}
        seen.add(what)


def _too_many(opening: Opening, path: Path_) -> Iterator[Finding]:
    among = opening.premises or opening.groups
    if among and opening.count > len(among):
        values: dict[str, object] = {"count": opening.count, "places": len(among)}
        yield (*path, "count"), "scenario.more_than_named", values


def _where(opening: Opening) -> str:
    return opening.group or ", ".join(opening.groups or opening.premises or ()) or "–"
