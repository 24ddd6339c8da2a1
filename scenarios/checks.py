"""What a scenario's parts must agree on with each other; each part alone is checked by `schema`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scenarios import document_checks, persons_checks, rule_checks
from scenarios.references import STATION, Finding, among, each_known, known
from scenarios.schema import Scenario
from scenarios.strict_yaml import Path_
from scenarios.supply import Kind, Premises
from text import fold


def problems_between(scenario: Scenario) -> Iterator[Finding]:
    """Every disagreement."""
    yield from _anywhere(scenario)
    yield from _place(scenario)
    yield from _stages(scenario)
    yield from _persons(scenario)
    yield from _kinds(scenario)
    yield from _premises(scenario)
    yield from rule_checks.problems(scenario)
    yield from _objectives(scenario)
    yield from document_checks.problems(scenario)


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
            for at, entries in value.items() if isinstance(value, dict) else [((), value)]:
                if isinstance(entries, tuple) and all(isinstance(entry, str) for entry in entries):
                    here = (*path, name, at) if isinstance(at, str) else (*path, name)
                    for repeated in {entry: None for n, entry in enumerate(entries) if entry in entries[:n]}:
                        yield here, "scenario.twice", {"name": repeated}


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
    yield from persons_checks.problems(s)
    seen: dict[str, str] = {}
    for code, group in persons.by_group.items():
        if (other := seen.setdefault(fold(group.name), code)) != code:
            path: Path_ = ("registered_persons", "by_group", code, "name")
            yield path, "scenario.same_name", {"name": group.name, "other": other}
    for name, priority in persons.priority.items():
        path = ("registered_persons", "priority", name)
        yield from rule_checks.one_of(path, groups=priority.groups, communes=priority.communes)
        yield from each_known((*path, "groups"), priority.groups, "groups", s)


def _kinds(s: Scenario) -> Iterator[Finding]:
    looks: dict[tuple[str, str], str] = {}
    for name, kind in s.kinds.items():
        path: Path_ = ("kinds", name)
        yield from known((*path, "service"), kind.service, "services", s)
        if kind.offered and kind.offered_everywhere:
            yield (*path, "offered"), "scenario.offered_twice", {}
        if kind.offered_everywhere:
            at = (*path, "offered_everywhere", "from_stage")
            yield from known(at, kind.offered_everywhere.from_stage, "stages", s)
        for group, offer in kind.offered.items():
            at = (*path, "offered", group)
            yield from known(at, group, "groups", s)
            yield from known((*at, "from_stage"), offer.from_stage, "stages", s)
        if (other := looks.setdefault((kind.colour, kind.symbol), name)) != name:
            yield (*path, "colour"), "scenario.look_alike", {"kind": name, "other": other}
        yield from _figures(s, kind, path)


def _figures(s: Scenario, kind: Kind, path: Path_) -> Iterator[Finding]:
    """Figures of a kind that must not contradict each other."""
    standard, outer = kind.standard_minutes, kind.outer_minutes
    if outer and (standard is None or outer.value <= standard.value):
        yield (*path, "outer_minutes"), "scenario.outer_inside", {"given": outer.value}
    least, most = kind.minimum_caseload, kind.capacity
    if least and most and least.value > most.value:
        values: dict[str, object] = {"lo": least.value, "hi": most.value}
        yield (*path, "minimum_caseload"), "scenario.limits_cross", values
    service = s.services.get(kind.service)
    if least and service and service.demand_share is None:
        label: dict[str, object] = {"service": service.label.text}
        yield (*path, "minimum_caseload"), "scenario.asked_of_user", label


def _premises(s: Scenario) -> Iterator[Finding]:
    for kind in s.premises.most:
        yield from known(("premises", "most", kind), kind, "kinds", s)
    for key, place in s.premises.named.items():
        path: Path_ = ("premises", "named", key)
        if key.startswith(STATION) and key != STATION + place.commune:
            yield (*path, "commune"), "scenario.station_elsewhere", {"id": key, "commune": place.commune}
        yield from known((*path, "type"), place.type, "at", s)
        yield from each_known((*path, "existing"), place.existing, "kinds", s)
        yield from known((*path, "group"), place.group, "groups", s)
        yield from known((*path, "ready_from"), place.ready_from, "stages", s)
        if place.group is not None and place.in_no_group:
            yield (*path, "in_no_group"), "scenario.group_and_none", {}
        if (place.lat is None) != (place.lon is None):
            yield (*path, "lat" if place.lon is None else "lon"), "scenario.half_point", {}
        yield from _points(s, key, place)


def _points(s: Scenario, key: str, place: Premises) -> Iterator[Finding]:
    """Numbers of one premises by kind."""
    path: Path_ = ("premises", "named", key)
    for kind in place.existing_points:
        what = ".".join(str(step) for step in (*path, "existing"))
        yield from among((*path, "existing_points", kind), kind, what, place.existing)
    for kind in place.capacity:
        yield from known((*path, "capacity", kind), kind, "kinds", s)
    for kind in place.most:
        yield from known((*path, "most", kind), kind, "kinds", s)
        if (standing := place.standing(kind)) > place.room(kind):
            values: dict[str, object] = {"existing": standing, "most": place.room(kind)}
            yield (*path, "most", kind), "scenario.more_than_fits", values


def _place(s: Scenario) -> Iterator[Finding]:
    """What groups the places goes with what the place is."""
    place = s.place
    if (place.province is None) != (place.groups == "province"):
        yield ("place", "province"), "scenario.nation", {"groups": place.groups}
    if bool(place.areas) != (place.groups == "area"):
        yield ("place", "areas"), "scenario.areas", {"groups": place.groups}
    yield from _travel(s)
    if place.areas and set(place.areas) != set(s.registered_persons.by_group):
        odd = sorted(set(place.areas) ^ set(s.registered_persons.by_group))
        yield ("place", "areas"), "scenario.areas_differ", {"codes": ", ".join(odd)}
    seen: dict[str, str] = {}
    for code, area in place.areas.items():
        for commune in area.communes:
            if (other := seen.setdefault(commune, code)) != code:
                at: Path_ = ("place", "areas", code, "communes")
                yield at, "scenario.in_two_areas", {"commune": commune, "other": other}


def _travel(s: Scenario) -> Iterator[Finding]:
    """The method has what it needs, and nothing stands there that it does not use.

    Where no graph reaches and no table speaks, the straight line stands in: its figures are always needed.
    """
    way = s.travel
    if way.method == "within_group" and s.place.groups != "province":
        yield ("travel", "method"), "scenario.within_group", {}
    if way.method in ("roads", "table") and s.place.province is None:
        yield ("travel", "method"), "scenario.way_of_nation", {"method": way.method}
    blocks = {name: () if way.method != name else (name,) for name in ("roads", "table")}
    line = () if way.method == "within_group" else ("speed_kmh", "detour_factor")
    for name in (*line, *blocks["roads"], *blocks["table"]):
        if getattr(way, name) is None:
            yield ("travel",), "scenario.way_needs", {"method": way.method, "name": name}
    for name, used in blocks.items():
        if getattr(way, name) is not None and not used:
            yield ("travel", name), "scenario.way_unused", {"method": way.method, "name": name}


def _objectives(s: Scenario) -> Iterator[Finding]:
    seen: set[tuple[str, str]] = set()
    for n, wanted in enumerate(s.objectives):
        path: Path_ = ("objectives", n)
        yield from known((*path, "service"), wanted.service, "services", s)
        if (wanted.objective, wanted.service) in seen:
            yield path, "scenario.twice", {"name": wanted.objective}
        seen.add((wanted.objective, wanted.service))
        if wanted.objective in _AFTER_COVER and ("max_cover", wanted.service) not in seen:
            yield path, "scenario.needs_first", {"name": wanted.objective, "needs": "max_cover"}
        if wanted.service in s.services:
            kinds = {k: kind for k, kind in s.kinds.items() if kind.service == wanted.service}
            yield from _can_be_weighed(s, wanted.objective, wanted.service, kinds, path)


_AFTER_COVER = ("min_travel", "min_max_travel")
"""Objectives that, with nothing before them, are best when nobody is served."""

_NEEDS_STANDARD = ("max_cover", "max_worst_group")


def _can_be_weighed(
    s: Scenario, objective: str, service_id: str, kinds: dict[str, Kind], path: Path_
) -> Iterator[Finding]:
    """Whether the service and its kinds carry the figures that the objective counts with."""
    service = s.services[service_id]
    label: dict[str, object] = {"service": service.label.text}
    standards = objective in _NEEDS_STANDARD
    yield from rule_checks.can_be_counted(s, service_id, (*path, "service"), kind_path=standards)
    if service.demand_share is None:
        return
    if objective == "min_travel" and service.visits_per_year is None:
        yield (*path, "service"), "scenario.no_visits", label
    for name, kind in kinds.items():
        if objective == "min_cost" and kind.cost is None:
            yield ("kinds", name), "scenario.no_cost", {"kind": name}
