"""What a scenario's parts must agree on with each other; each part alone is checked by `schema`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from scenarios.schema import Bounds, Colocated, Kind, Quota, Scenario, StageBudget
from scenarios.strict_yaml import Path_
from text import fold

Finding = tuple[Path_, str, dict[str, object]]
"""Where, the message's code, and what the message names."""

MOST_SHOWN = 20
"""More possible names than these are not listed in a message."""


def problems_between(scenario: Scenario) -> Iterator[Finding]:
    """Every disagreement."""
    yield from _anywhere(scenario)
    yield from _stages(scenario)
    yield from _persons(scenario)
    yield from _kinds(scenario)
    yield from _premises(scenario)
    yield from _rules(scenario)
    yield from _objectives(scenario)
    yield from _official(scenario)


def _known(path: Path_, name: str | None, what: str, s: Scenario) -> Iterator[Finding]:
    """Nothing if `name` stands under `what`, a block of the scenario."""
    blocks: dict[str, Iterable[str]] = {
        "services": s.services,
        "stages": s.stages,
        "kinds": s.kinds,
        "groups": s.registered_persons.by_group,
        "at": dict.fromkeys(t for kind in s.kinds.values() for t in kind.at),
    }
    names = list(blocks[what])
    if name is None or name in names:
        return
    if len(names) > MOST_SHOWN:
        names = [*(get_close_matches(name, names, n=5) or names[:MOST_SHOWN]), "…"]
    titles = {"groups": "registered_persons.by_group", "at": "kinds.*.at"}
    values: dict[str, object] = {"name": name, "what": titles.get(what, what), "known": ", ".join(names)}
    yield path, "scenario.unknown_reference", values


def _anywhere(s: Scenario) -> Iterator[Finding]:
    """Citations of another document; lists that say something twice."""
    for path, part in s.parts():
        for name in type(part).model_fields:
            value = getattr(part, name)
            if name in ("source", "commune_source"):
                document, section, _ = value.partition(" §")
                if section and not value.startswith("literature: ") and document != s.document:
                    values = {"given": document, "document": s.document}
                    yield (*path, name), "scenario.other_document", values
            elif isinstance(value, tuple) and all(isinstance(entry, str) for entry in value):
                for repeated in {entry: None for n, entry in enumerate(value) if entry in value[:n]}:
                    yield (*path, name), "scenario.twice", {"name": repeated}


def _stages(s: Scenario) -> Iterator[Finding]:
    """Stages named by their years follow each other without gap or overlap."""
    before, ends = "", None
    for name, stage in s.stages.items():
        years = re.fullmatch(r"([0-9]{4})(?:-([0-9]{4}))?", name)
        if years is None:
            ends = None
            continue
        first, last = int(years[1]), int(years[2] or years[1])
        if years[2] and last - first + 1 != stage.years:
            values: dict[str, object] = {"stage": name, "span": last - first + 1, "years": stage.years}
            yield ("stages", name, "years"), "scenario.stage_years", values
        elif ends is not None and first != ends:
            yield ("stages", name), "scenario.stage_order", {"stage": name, "before": before, "next": ends}
        before, ends = name, first + stage.years


def _persons(s: Scenario) -> Iterator[Finding]:
    persons = s.registered_persons
    total = sum(g.persons for g in persons.by_group.values())
    if total != persons.total.value:
        path: Path_ = ("registered_persons", "total")
        yield path, "scenario.total_differs", {"stated": persons.total.value, "sum": total}
    seen: dict[str, str] = {}
    for code, group in persons.by_group.items():
        if (other := seen.setdefault(fold(group.name), code)) != code:
            path = ("registered_persons", "by_group", code, "name")
            yield path, "scenario.same_name", {"name": group.name, "other": other}


def _kinds(s: Scenario) -> Iterator[Finding]:
    looks: dict[tuple[str, str], str] = {}
    for name, kind in s.kinds.items():
        path: Path_ = ("kinds", name)
        yield from _known((*path, "service"), kind.service, "services", s)
        if kind.offered and kind.offered_everywhere:
            yield (*path, "offered"), "scenario.offered_twice", {}
        if kind.offered_everywhere:
            at = (*path, "offered_everywhere", "from_stage")
            yield from _known(at, kind.offered_everywhere.from_stage, "stages", s)
        for group, offer in kind.offered.items():
            at = (*path, "offered", group)
            yield from _known(at, group, "groups", s)
            yield from _known((*at, "from_stage"), offer.from_stage, "stages", s)
        if (other := looks.setdefault((kind.colour, kind.symbol), name)) != name:
            yield (*path, "colour"), "scenario.look_alike", {"kind": name, "other": other}


def _premises(s: Scenario) -> Iterator[Finding]:
    for key, place in s.premises.named.items():
        path: Path_ = ("premises", "named", key)
        yield from _known((*path, "type"), place.type, "at", s)
        for kind in place.existing:
            yield from _known((*path, "existing"), kind, "kinds", s)
        yield from _known((*path, "group"), place.group, "groups", s)
        if place.group is not None and place.in_no_group:
            yield (*path, "in_no_group"), "scenario.group_and_none", {}


def _rules(s: Scenario) -> Iterator[Finding]:
    budgets: dict[tuple[str, frozenset[str]], str] = {}
    for name, rule in s.rules.items():
        path: Path_ = ("rules", name)
        if isinstance(rule, StageBudget):
            yield from _budget(s, rule, path)
            if (other := budgets.setdefault((rule.stage, frozenset(rule.kinds)), name)) != name:
                yield path, "scenario.budget_twice", {"stage": rule.stage, "other": other}
            continue
        for group in rule.exceptions:
            yield from _known((*path, "exceptions", group), group, "groups", s)
        yield from _quota(s, rule, path) if isinstance(rule, Quota) else _colocated(s, rule, path)


def _budget(s: Scenario, rule: StageBudget, path: Path_) -> Iterator[Finding]:
    yield from _known((*path, "stage"), rule.stage, "stages", s)
    for kind in rule.kinds:
        yield from _known((*path, "kinds"), kind, "kinds", s)
        if kind in s.kinds and s.kinds[kind].cost is None:
            yield (*path, "kinds"), "scenario.no_cost", {"kind": kind}


def _colocated(s: Scenario, rule: Colocated, path: Path_) -> Iterator[Finding]:
    yield from _known((*path, "kind"), rule.kind, "kinds", s)
    for host in rule.hosts:
        yield from _known((*path, "hosts"), host, "kinds", s)
    if rule.kind in rule.hosts:
        yield (*path, "hosts"), "scenario.hosts_itself", {"kind": rule.kind}


def _quota(s: Scenario, rule: Quota, path: Path_) -> Iterator[Finding]:
    for kind in rule.kinds:
        yield from _known((*path, "kinds"), kind, "kinds", s)
    times = {"opened_in": rule.opened_in, "opened_by": rule.opened_by, "open_at": rule.open_at}
    given = {name: stage for name, stage in times.items() if stage is not None}
    if len(given) != 1:
        yield path, "scenario.one_of", {"names": ", ".join(times)}
    for name, stage in given.items():
        yield from _known((*path, name), stage, "stages", s)
    for group in rule.groups or ():
        yield from _known((*path, "groups"), group, "groups", s)
    if rule.groups and rule.each:
        yield (*path, "groups"), "scenario.each_and_groups", {}
    if rule.exceptions and rule.each is None:
        yield (*path, "exceptions"), "scenario.exceptions_without_each", {}
    yield from _limits(rule, path)
    for group, bounds in rule.exceptions.items():
        yield from _limits(bounds, (*path, "exceptions", group))


def _limits(rule: Quota | Bounds, path: Path_) -> Iterator[Finding]:
    at_least, at_most = rule.at_least, rule.at_most
    if rule.exactly is None and at_least is None and at_most is None:
        yield path, "scenario.no_limit", {}
    if rule.exactly is not None and (at_least is not None or at_most is not None):
        yield (*path, "exactly"), "scenario.exactly_and_more", {}
    if at_least is not None and at_most is not None and at_least > at_most:
        yield (*path, "at_least"), "scenario.limits_cross", {"lo": at_least, "hi": at_most}


def _objectives(s: Scenario) -> Iterator[Finding]:
    seen: set[tuple[str, str]] = set()
    for n, wanted in enumerate(s.objectives):
        path: Path_ = ("objectives", n)
        yield from _known((*path, "service"), wanted.service, "services", s)
        if (wanted.objective, wanted.service) in seen:
            yield path, "scenario.twice", {"name": wanted.objective}
        seen.add((wanted.objective, wanted.service))
        if wanted.service in s.services:
            kinds = {k: kind for k, kind in s.kinds.items() if kind.service == wanted.service}
            yield from _can_be_weighed(s, wanted.objective, wanted.service, kinds, path)


def _can_be_weighed(
    s: Scenario, objective: str, service_id: str, kinds: dict[str, Kind], path: Path_
) -> Iterator[Finding]:
    """Whether the service and its kinds carry the figures that the objective counts with."""
    service = s.services[service_id]
    label: dict[str, object] = {"service": service.label.text}
    if not kinds:
        yield (*path, "service"), "scenario.no_kind", label
    if service.demand_share is None:
        yield (*path, "service"), "scenario.asked_of_user", label
        return
    if objective == "min_travel" and service.visits_per_year is None:
        yield (*path, "service"), "scenario.no_visits", label
    for name, kind in kinds.items():
        if objective == "max_cover" and kind.standard_minutes is None:
            yield ("kinds", name), "scenario.no_standard", {"kind": name, **label}
        if objective == "min_cost" and kind.cost is None:
            yield ("kinds", name), "scenario.no_cost", {"kind": name}


def _official(s: Scenario) -> Iterator[Finding]:
    seen: set[tuple[str, str, str]] = set()
    for n, opening in enumerate(s.official.openings if s.official else ()):
        path: Path_ = ("official", "openings", n)
        yield from _known((*path, "stage"), opening.stage, "stages", s)
        yield from _known((*path, "kind"), opening.kind, "kinds", s)
        yield from _known((*path, "group"), opening.group, "groups", s)
        what = (opening.stage, opening.kind, opening.group)
        if what in seen:
            yield path, "scenario.opening_twice", {"stage": opening.stage, "group": opening.group}
        seen.add(what)
