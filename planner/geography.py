"""From a scenario to places: communes with their counts, premises, travel times and polygons."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import geopandas as gpd
import pandas as pd

from errors import DataError, Problem, ScenarioError
from geo import boundaries, demand, nation, premises, units
from optimization.rules import FloatArray
from planner.travelling import TravelFacts, travelling
from scenarios.references import STATION
from scenarios.rules import Cluster
from scenarios.schema import Scenario
from tables import TABLES
from text import fold

IN_NO_GROUP = ""
"""Group of premises that a scenario counts to no group."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Geography:
    """The places of a scenario.

    Attributes:
        communes: ``tables.TABLES["communes"]``, sorted by code; counts are those of the first stage.
        premises: one row a host premises, sorted by id: premises, premises_name, premises_type, commune_code,
            commune, group, group_name, lat, lon, assumed.
        minutes: one-way travel time from each commune to each premises, shape (I, J).
        between: the same between premises, (J, J); None where no rule asks for it.
        travel: how the minutes were found.
    """

    communes: pd.DataFrame
    premises: pd.DataFrame
    minutes: FloatArray
    between: FloatArray | None = None
    travel: TravelFacts = field(default_factory=TravelFacts)


def places(scenario: Scenario) -> Geography:
    """Communes, premises and travel times of `scenario`.

    Raises:
        ScenarioError: a code in the scenario that the list of communes does not have.
        DataError: the data cannot be used.
    """
    listed = _listed(scenario)
    _check_codes(scenario, listed)
    communes = _with_counts(scenario, listed)
    hosts = _premises(scenario, listed)
    way = travelling(scenario, communes, hosts)
    return Geography(
        communes=communes, premises=hosts, minutes=way.minutes, between=way.between, travel=way.facts
    )


def outlines(scenario: Scenario) -> boundaries.Outlines:
    """The boundaries of the scenario's places: the office's own, else downloaded, else approximate cells."""
    place = scenario.place
    if place.province is None:
        return boundaries.nation(place.vintage)
    return boundaries.outlines(place.province, place.vintage)


def with_polygons(communes: pd.DataFrame, found: boundaries.Outlines) -> gpd.GeoDataFrame:
    """`communes` with a `geometry` column (EPSG:4326)."""
    joined = found.frame.merge(communes, on="commune_code", how="right", validate="1:1")
    return gpd.GeoDataFrame(
        joined[[*TABLES["communes"], "geometry"]], geometry="geometry", crs=found.frame.crs
    )


def _listed(scenario: Scenario) -> pd.DataFrame:
    """The places of demand: ``geo.units.communes`` with the group of each, and its weight in a split.

    Communes of a province in their districts, or those of the areas that the scenario draws; or, where it
    names no province, the provinces themselves.
    """
    place, split = scenario.place, scenario.registered_persons.split
    if place.province is None:
        listed = nation.places(place.vintage, weights=split.weights)
        return listed.assign(group=listed["commune_code"], group_name=listed["commune"])
    listed = units.communes(place.province, place.vintage)
    if place.groups == "area":
        listed = _in_areas(scenario, listed)
    else:
        if (listed["district_code"] == "").any():
            values = {"vintage": place.vintage}
            raise ScenarioError(Problem("plan.no_districts", scenario.where("place", "groups"), values))
        listed = listed.assign(group=listed["district_code"], group_name=listed["district"])
    if split.method == "population":
        return listed.assign(weight=listed["commune_code"].map(split.population).fillna(0).astype(float))
    missing = sorted(set(listed["commune_type"]) - set(split.weights))
    if missing:
        where = scenario.where("registered_persons", "split", "weights")
        raise ScenarioError([Problem("geo.type_without_weight", where, {"type": kind}) for kind in missing])
    return listed.assign(weight=listed["commune_type"].map(split.weights).astype(float))


def _in_areas(scenario: Scenario, listed: pd.DataFrame) -> pd.DataFrame:
    """The communes that the areas name, each with its area."""
    area_of = {commune: code for code, area in scenario.place.areas.items() for commune in area.communes}
    known = set(listed["commune_code"])
    problems = [
        Problem("plan.unknown_commune", scenario.where("place", "areas", code, "communes"), {"code": commune})
        for commune, code in area_of.items()
        if commune not in known
    ]
    if problems:
        raise ScenarioError(problems)
    mine = listed[listed["commune_code"].isin(list(area_of))].reset_index(drop=True)
    group = mine["commune_code"].map(area_of)
    names = {code: area.name for code, area in scenario.place.areas.items()}
    return mine.assign(group=group, group_name=group.map(names))


def _check_codes(scenario: Scenario, listed: pd.DataFrame) -> None:
    groups = dict(zip(listed["group"], listed["group_name"], strict=True))
    communes = set(listed["commune_code"])
    problems = [
        Problem("plan.unknown_group", scenario.where("registered_persons", "by_group", code), {"code": code})
        for code in scenario.registered_persons.by_group
        if code not in groups
    ]
    problems += [
        Problem(
            "plan.group_name",
            scenario.where("registered_persons", "by_group", code, "name"),
            {"code": code, "name": given.name, "listed": groups[code]},
        )
        for code, given in scenario.registered_persons.by_group.items()
        if code in groups and fold(given.name) != fold(groups[code])
    ]
    problems += [
        Problem("plan.group_not_counted", scenario.where("registered_persons", "by_group"),
                {"code": code, "name": name})
        for code, name in groups.items()
        if code not in scenario.registered_persons.by_group
    ]  # fmt: skip
    problems += [
        Problem(
            "plan.unknown_commune",
            scenario.where("premises", "named", key, "commune"),
            {"code": place.commune},
        )
        for key, place in scenario.premises.named.items()
        if place.commune not in communes
    ]
    problems += [
        Problem("plan.unknown_commune", scenario.where(*path), {"code": code})
        for path, code in _communes_named(scenario)
        if code not in communes
    ]
    if problems:
        raise ScenarioError(problems)


def _communes_named(scenario: Scenario) -> Iterator[tuple[tuple[str, ...], str]]:
    """Communes that rules and priorities name, by way of their health stations too, and where they do."""
    for name, rule in scenario.rules.items():
        for premises_id in getattr(rule, "premises", None) or ():
            if premises_id not in scenario.premises.named:
                yield ("rules", name, "premises"), premises_id.removeprefix(STATION)
        if isinstance(rule, Cluster):
            for cluster, codes in rule.named.items():
                path = ("rules", name, *(("clusters", cluster) if cluster else ("communes",)))
                yield from ((path, code) for code in codes)
    for name, priority in scenario.registered_persons.priority.items():
        path = ("registered_persons", "priority", name, "communes")
        yield from ((path, code) for code in priority.communes or ())
    persons = scenario.registered_persons
    for code in persons.by_commune.persons if persons.by_commune else ():
        yield ("registered_persons", "by_commune", "persons", code), code
    for code in persons.split.population:
        yield ("registered_persons", "split", "population", code), code


def _with_counts(scenario: Scenario, listed: pd.DataFrame) -> pd.DataFrame:
    asked = scenario.registered_persons
    try:
        counts = demand.spread(
            listed[["commune_code", "group", "weight"]],
            total=asked.total.value,
            by_group={code: g.persons for code, g in asked.by_group.items() if g.persons is not None},
            known=asked.by_commune.persons if asked.by_commune else {},
        )
    except DataError as why:
        raise DataError([_in_file(scenario, problem) for problem in why.problems]) from why
    frame = listed.merge(counts, on="commune_code", validate="1:1").sort_values("commune_code")
    frame = frame.rename(columns={"estimated": "persons_estimated"})
    if asked.by_commune and asked.by_commune.source == "estimate":
        frame["persons_estimated"] |= frame["commune_code"].isin(list(asked.by_commune.persons))
    frame["persons"] = frame["persons"].astype(float)
    return frame[list(TABLES["communes"])].reset_index(drop=True)


def _in_file(scenario: Scenario, problem: Problem) -> Problem:
    """A problem of a group's count, or of the total, with the place in the file and the group's name."""
    group = problem.values.get("group")
    if group not in scenario.registered_persons.by_group:
        return replace(problem, where=scenario.where("registered_persons", "total"))
    name = scenario.registered_persons.by_group[group].name
    where = scenario.where("registered_persons", "by_group", group)
    return replace(problem, where=where, values=problem.values | {"group": f"{group} {name}".rstrip()})


def _premises(scenario: Scenario, listed: pd.DataFrame) -> pd.DataFrame:
    """Named premises and, where the scenario assumes them, one health station a commune."""
    rows = pd.DataFrame(
        [
            {
                "premises": key,
                "premises_name": place.name,
                "premises_type": place.type,
                "commune_code": place.commune,
                "lat": place.lat,
                "lon": place.lon,
            }
            for key, place in scenario.premises.named.items()
        ],
        columns=["premises", "premises_name", "premises_type", "commune_code", "lat", "lon"],
    )
    named = premises.locate(rows, listed)
    named["assumed"] = [
        scenario.premises.named[key].commune_source == "estimate" for key in named["premises"]
    ]
    frames = [named]
    if scenario.premises.health_stations:
        stations = premises.health_stations(listed)
        frames.append(stations[~stations["premises"].isin(named["premises"])])
    frame = pd.concat(frames, ignore_index=True).sort_values("premises")
    if (twice := frame["premises"].duplicated()).any():
        raise DataError(Problem("plan.premises_twice", ", ".join(frame.loc[twice, "premises"])))
    frame = frame.merge(
        listed[["commune_code", "commune", "group", "group_name"]],
        on="commune_code",
        validate="m:1",
    )
    given = {key: place for key, place in scenario.premises.named.items() if place.group or place.in_no_group}
    names = dict(zip(listed["group"], listed["group_name"], strict=True))
    frame["group"] = [
        (given[key].group or IN_NO_GROUP) if key in given else group
        for key, group in zip(frame["premises"], frame["group"], strict=True)
    ]
    frame["group_name"] = frame["group"].map(names).fillna("")
    wanted = ["premises", "premises_name", "premises_type", "commune_code", "commune", "group", "group_name"]
    return frame[[*wanted, "lat", "lon", "assumed"]].reset_index(drop=True)
