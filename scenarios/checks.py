"""What a scenario's parts must agree on with each other; each part alone is checked by `schema`."""

from __future__ import annotations

from collections.abc import Iterator

from errors import Problem
from scenarios.schema import Bounds, Colocated, Quota, Scenario, StageBudget
from scenarios.strict_yaml import Lines, Path_


def problems_between(scenario: Scenario, lines: Lines) -> list[Problem]:
    """Every disagreement, in the order of the file."""
    return [
        Problem(code, lines.where(path), dict(values))
        for path, code, values in (
            *_persons(scenario),
            *_references(scenario),
            *_rules(scenario),
            *_objectives(scenario),
            *_official(scenario),
        )
    ]


Finding = tuple[Path_, str, dict[str, object]]


def _one_of(path: Path_, what: str, name: str, known: object) -> Iterator[Finding]:
    names = list(known)  # type: ignore[call-overload]
    if name not in names:
        yield path, "scenario.unknown_reference", {"what": what, "name": name, "known": ", ".join(names)}


def _persons(s: Scenario) -> Iterator[Finding]:
    total = sum(g.persons for g in s.registered_persons.by_group.values())
    stated = s.registered_persons.total.value
    if total != stated:
        path = ("registered_persons", "total")
        yield path, "scenario.total_differs", {"stated": stated, "sum": total}


def _references(s: Scenario) -> Iterator[Finding]:
    groups, stages = s.registered_persons.by_group, s.stages
    for kind_id, kind in s.kinds.items():
        yield from _one_of(("kinds", kind_id, "service"), "services", kind.service, s.services)
        offers = {("offered", g): offer for g, offer in kind.offered.items()}
        offers |= {("offered_everywhere",): kind.offered_everywhere} if kind.offered_everywhere else {}
        for at, offer in offers.items():
            if offer.from_stage is not None:
                yield from _one_of(("kinds", kind_id, *at, "from_stage"), "stages", offer.from_stage, stages)
        for group in kind.offered:
            yield from _one_of(("kinds", kind_id, "offered", group), "groups", group, groups)
    for key, place in s.premises.named.items():
        path: Path_ = ("premises", "named", key)
        for kind_id in place.existing:
            yield from _one_of((*path, "existing"), "kinds", kind_id, s.kinds)
        if len(set(place.existing)) < len(place.existing):
            yield (*path, "existing"), "scenario.twice", {}
        if place.group is not None:
            yield from _one_of((*path, "group"), "groups", place.group, groups)
            if place.in_no_group:
                yield (*path, "in_no_group"), "scenario.group_and_none", {}


def _rules(s: Scenario) -> Iterator[Finding]:
    groups = s.registered_persons.by_group
    for rule_id, rule in s.rules.items():
        path: Path_ = ("rules", rule_id)
        kinds = (rule.kind, *rule.hosts) if isinstance(rule, Colocated) else rule.kinds
        for kind in kinds:
            yield from _one_of((*path, "hosts" if isinstance(rule, Colocated) else "kinds"), "kinds", kind, s.kinds)
        if isinstance(rule, StageBudget):
            yield from _one_of((*path, "stage"), "stages", rule.stage, s.stages)
            for kind in rule.kinds:
                if kind in s.kinds and s.kinds[kind].cost is None:
                    yield (*path, "kinds"), "scenario.no_cost", {"kind": kind}
            continue
        for group in rule.exceptions:
            yield from _one_of((*path, "exceptions", group), "groups", group, groups)
        if isinstance(rule, Quota):
            yield from _quota(s, rule, path)


def _quota(s: Scenario, rule: Quota, path: Path_) -> Iterator[Finding]:
    when = {n: v for n in ("opened_in", "opened_by", "open_at") if (v := getattr(rule, n)) is not None}
    if len(when) != 1:
        yield path, "scenario.one_of", {"names": "opened_in, opened_by, open_at"}
    for name, stage in when.items():
        yield from _one_of((*path, name), "stages", stage, s.stages)
    for group in rule.groups or ():
        yield from _one_of((*path, "groups"), "groups", group, s.registered_persons.by_group)
    if rule.exceptions and rule.each is None:
        yield (*path, "exceptions"), "scenario.exceptions_without_each", {}
    bounds: list[tuple[Path_, Quota | Bounds]] = [(path, rule)]
    bounds += [((*path, "exceptions", g), b) for g, b in rule.exceptions.items()]
    for at, b in bounds:
        if b.exactly is None and b.at_least is None and b.at_most is None:
            yield at, "scenario.no_limit", {}
        if b.exactly is not None and (b.at_least is not None or b.at_most is not None):
            yield at, "scenario.exactly_and_more", {}
        if b.at_least is not None and b.at_most is not None and b.at_least > b.at_most:
            yield at, "scenario.limits_cross", {"lo": b.at_least, "hi": b.at_most}


def _objectives(s: Scenario) -> Iterator[Finding]:
    for n, objective in enumerate(s.objectives):
        path: Path_ = ("objectives", n)
        yield from _one_of((*path, "service"), "services", objective.service, s.services)
        if (service := s.services.get(objective.service)) is None:
            continue
        if service.demand_share is None:
            yield (*path, "service"), "scenario.asked_of_user", {"service": service.label.text}
        if objective.objective == "min_travel" and service.visits_per_year is None:
            yield (*path, "service"), "scenario.no_visits", {"service": service.label.text}


def _official(s: Scenario) -> Iterator[Finding]:
    for n, opening in enumerate(s.official.openings if s.official else ()):
        path: Path_ = ("official", "openings", n)
        yield from _one_of((*path, "stage"), "stages", opening.stage, s.stages)
        yield from _one_of((*path, "kind"), "kinds", opening.kind, s.kinds)
        yield from _one_of((*path, "group"), "groups", opening.group, s.registered_persons.by_group)
