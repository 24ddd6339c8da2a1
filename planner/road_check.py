"""What a graph of roads or a table of minutes would mean for a scenario, before anything is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from errors import Problem, ScenarioError
from geo.roads import fallback, table
from geo.roads.fallback import Calibration
from geo.roads.graph import RoadGraph
from optimization.rules import FloatArray
from planner import by_road, geography, travelling
from planner.travelling import Travelling
from scenarios.reading import changed
from scenarios.schema import Scenario

FIGURES = ("wet_season_factor", "snap_metres", "walking_kmh")
"""Figures of the block `roads`."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Check:
    """A graph or a table held against the places of a scenario.

    Attributes:
        travelling: the minutes it gives, with the straight line where it gives none.
        ratio: first quartile, median and third quartile of its minutes over those of the straight line, over
            the pairs that it times itself; None where there are none.
        compared: how many pairs these are.
        graph: the graph; None for a table.
        calibration: the detour factor and speed that fit the graph; None for a table, or with few pairs.
        metres: to the roads, of communes and premises together; empty for a table.
    """

    scenario: Scenario
    travelling: Travelling
    ratio: tuple[float, float, float] | None
    compared: int
    graph: RoadGraph | None = None
    calibration: Calibration | None = None
    metres: tuple[float, ...] = ()


def with_roads(scenario: Scenario, file: str | None, figures: Mapping[str, float | None]) -> Scenario:
    """`scenario` going by roads; raises as `roads_patch`, and what a changed scenario is refused for."""
    return changed(scenario, roads_patch(scenario, file, figures))


def roads_patch(scenario: Scenario, file: str | None, figures: Mapping[str, float | None]) -> dict[str, Any]:
    """What has `scenario` go by roads: `figures` in place of those it has, the user being their source.

    Raises:
        ScenarioError: ``travel.figures`` where neither has one.
    """
    asked = scenario.data["travel"].get("roads") or {}
    given = {name: {"value": value, "source": "user"} for name, value in figures.items() if value is not None}
    if missing := [name for name in FIGURES if name not in asked and name not in given]:
        options = ", ".join("--" + name.replace("_", "-") for name in missing)
        raise ScenarioError(Problem("travel.figures", scenario.where("travel"), {"options": options}))
    roads: dict[str, Any] = {**given}
    if file is not None or "file" in asked:
        roads["file"] = file
    return {"travel": {"method": "roads", "roads": roads, "table": None}}


def with_table(scenario: Scenario, file: str, *, missing: str, source: str) -> Scenario:
    """`scenario` going by the table kept as `file`."""
    return changed(scenario, table_patch(file, missing=missing, source=source))


def table_patch(file: str, *, missing: str, source: str) -> dict[str, Any]:
    """What has a scenario go by the table kept as `file`."""
    block = {"file": file, "source": source, "missing": missing}
    return {"travel": {"method": "table", "table": block, "roads": None}}


def places(scenario: Scenario) -> geography.Geography:
    """Communes and premises of `scenario`, by the straight line whatever it asks for."""
    plain = {"travel": {"method": "straight_line", "roads": None, "table": None}}
    return geography.places(changed(scenario, plain))


def check_graph(scenario: Scenario, path: Path) -> Check:
    """What the graph of a file says of the places of `scenario` (of `with_roads`).

    Raises:
        DataError: the file cannot be used.
    """
    known = places(scenario)
    communes, hosts = known.communes, known.premises
    graph = by_road.open_graph(scenario, path)
    found = by_road.computed(
        scenario, graph, communes, hosts, between=known.between is not None, limit=np.inf
    )
    way = travelling.by_roads(scenario, communes, hosts, found)
    start = by_road.snapped(scenario, graph, communes, list(communes["commune"]))
    end = by_road.snapped(scenario, graph, hosts, list(hosts["premises_name"]))
    timed = np.isfinite(found.minutes)
    ratio, compared = _ratio(way.minutes, known.minutes, timed)
    return Check(
        scenario=scenario, travelling=way, ratio=ratio, compared=compared, graph=graph,
        calibration=fallback.calibrated(graph, start, end),
        metres=(*found.start.metres.tolist(), *found.end.metres.tolist()),
    )  # fmt: skip


def check_table(scenario: Scenario, name: str, content: bytes) -> Check:
    """What a table says of the places of `scenario` (of `with_table`).

    Raises:
        DataError: the table cannot be used.
    """
    known = places(scenario)
    pairs = table.read(name, content)
    way = travelling.by_table(scenario, known.communes, known.premises, known.between is not None, pairs)
    own = table.matrix(pairs, known.communes, known.premises, allow_missing=True)
    ratio, compared = _ratio(way.minutes, known.minutes, ~np.isnan(own.minutes))
    return Check(scenario=scenario, travelling=way, ratio=ratio, compared=compared)


def _ratio(
    minutes: FloatArray, line: FloatArray, timed: np.ndarray[Any, np.dtype[np.bool_]]
) -> tuple[tuple[float, float, float] | None, int]:
    there = timed & (line > 0)
    if not there.any():
        return None, 0
    low, middle, high = np.quantile(minutes[there] / line[there], (0.25, 0.5, 0.75))
    return (float(low), float(middle), float(high)), int(there.sum())


def fallen_back(check: Check) -> pd.DataFrame:
    """Places of ``tables.TABLES["travel"]`` that go by the straight line, wholly or in part."""
    found = check.travelling.facts.places
    return found[found["reason"] != ""]
