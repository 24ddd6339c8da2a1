"""Minutes along the roads between the places of a scenario: computed once, then found again.

What is computed is kept by the checksum of all that it depends on (``geo.roads.kept``): the file of roads,
the table of speeds, the points of all places and the parameters of the block `roads`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from errors import DataError, Problem
from geo.roads import fetch, files, kept, snapping, speeds
from geo.roads import matrix as roads_matrix
from geo.roads.graph import RoadGraph
from geo.roads.snapping import Snapped
from optimization.rules import FloatArray
from scenarios.schema import Scenario

Bools = npt.NDArray[np.bool_]
Extent = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False, kw_only=True)
class Snaps:
    """How n places meet the roads: metres to their node, and whether that is too far, (n,) each.

    `astray` are those near enough, but on roads that the map does not join to those of most places.
    """

    metres: FloatArray
    too_far: Bools
    astray: Bools


@dataclass(frozen=True, eq=False, kw_only=True)
class Matrices:
    """What the roads say, and of which graph.

    Attributes:
        minutes: from each commune to each premises, (I, J); infinite where the roads give no time.
        between: from premises to premises, (J, J); None where it was not asked for.
        joined: whether the roads lead from the one to the other at all, (I, J).
        joined_between: the same between premises.
        start, end: how communes and premises meet the roads.
        limit: minutes at which the search stopped; infinite without a limit.
        title, attribution, retrieved, extent, checksum: of the graph.
    """

    minutes: FloatArray
    between: FloatArray | None
    joined: Bools
    joined_between: Bools | None
    start: Snaps
    end: Snaps
    limit: float
    title: str
    attribution: str
    retrieved: str
    extent: Extent
    checksum: str


def kept_graph(scenario: Scenario) -> Path | None:
    """The file of roads that `scenario` goes by: the one it names, else its province's; None where none is.

    Raises:
        DataError: ``travel.no_graph`` a graph that is named and not kept.
    """
    asked, province = scenario.travel.roads, scenario.place.province
    assert asked is not None
    assert province is not None
    if asked.file is None:
        return fetch.kept_for(province, scenario.place.vintage)
    found = fetch.find(asked.file)
    if found is None:
        values = {"file": asked.file, "folder": str(fetch.folders()[0])}
        raise DataError(Problem("travel.no_graph", scenario.where("travel", "roads", "file"), values))
    return found


def matrices(
    scenario: Scenario, path: Path, communes: pd.DataFrame, hosts: pd.DataFrame, *, between: bool,
    limit: float, most_steps: int,
) -> Matrices:  # fmt: skip
    """Minutes between communes and premises along the roads of a file, from what is kept if it is there.

    Args:
        scenario: with a block `roads`.
        path: the file.
        communes, hosts: with lat and lon.
        between: whether minutes between premises are needed too.
        limit: minutes beyond which no rule asks.
        most_steps: nodes × origins up to which the search has no limit all the same.

    Raises:
        DataError: the file cannot be used.
    """
    terms = _terms(scenario) | {"between": between}
    points = {"communes": _points(communes), "hosts": _points(hosts)}
    graph = f"{_sha256(path, path.stat().st_mtime_ns, path.stat().st_size)} {speeds.checksum()}"
    names = {end: kept.key(graph, points, terms | {"limit": str(end)}) for end in (np.inf, limit)}
    for name in names.values():
        if (there := kept.read(name)) is not None:
            return _from_kept(there)
    read = open_graph(scenario, path)
    origins = len(communes) + between * len(hosts)
    far_enough = np.inf if len(read.lon) * origins <= most_steps else limit
    found = computed(scenario, read, communes, hosts, between=between, limit=far_enough)
    kept.write(names[far_enough], _to_keep(found))
    return found


def open_graph(scenario: Scenario, path: Path) -> RoadGraph:
    """The graph of a file for what people travel by in `scenario`."""
    asked = scenario.travel.roads
    assert asked is not None
    return files.read(path, mode=scenario.travel.mode, wet_season_factor=asked.wet_season_factor.value)


def snapped(scenario: Scenario, graph: RoadGraph, places: pd.DataFrame, labels: list[str]) -> Snapped:
    """Places on the graph, by the scenario's figures."""
    asked = scenario.travel.roads
    assert asked is not None
    return snapping.snap(
        graph, places["lon"].to_numpy(float), places["lat"].to_numpy(float),
        limit_metres=asked.snap_metres.value, walking_kmh=asked.walking_kmh.value, labels=labels,
    )  # fmt: skip


def computed(
    scenario: Scenario, graph: RoadGraph, communes: pd.DataFrame, hosts: pd.DataFrame, *, between: bool,
    limit: float,
) -> Matrices:  # fmt: skip
    """The same, computed."""
    start = snapped(scenario, graph, communes, list(communes["commune"]))
    end = snapped(scenario, graph, hosts, list(hosts["premises_name"]))
    main = snapping.main_component(start, end)
    return Matrices(
        minutes=roads_matrix.minutes(graph, start, end, limit_minutes=limit),
        between=roads_matrix.minutes(graph, end, end, limit_minutes=limit) if between else None,
        joined=roads_matrix.connected(graph, start, end),
        joined_between=roads_matrix.connected(graph, end, end) if between else None,
        start=_snaps(start, main), end=_snaps(end, main), limit=limit,
        title=graph.source, attribution=graph.attribution, retrieved=graph.retrieved, extent=graph.extent,
        checksum=graph.checksum,
    )  # fmt: skip


def _snaps(found: Snapped, main: int) -> Snaps:
    astray = ~found.too_far & (found.component != main)
    return Snaps(metres=found.metres, too_far=found.too_far, astray=astray)


def _terms(scenario: Scenario) -> dict[str, object]:
    asked = scenario.travel.roads
    assert asked is not None
    return {
        "mode": scenario.travel.mode,
        "wet_season_factor": asked.wet_season_factor.value,
        "snap_metres": asked.snap_metres.value,
        "walking_kmh": asked.walking_kmh.value,
    }


def _points(frame: pd.DataFrame) -> FloatArray:
    return frame[["lon", "lat"]].to_numpy(dtype=np.float64)


@lru_cache(maxsize=16)
def _sha256(path: Path, _stamp: int, _size: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# --- kept and found again ------------------------------------------------------------------------------

_ABOUT = ("title", "attribution", "retrieved", "checksum")


def _to_keep(found: Matrices) -> kept.Kept:
    arrays: dict[str, npt.NDArray[np.generic]] = {
        "minutes": found.minutes, "joined": found.joined, "limit": np.array(found.limit),
        "extent": np.array(found.extent),
    }  # fmt: skip
    for side in ("start", "end"):
        snaps: Snaps = getattr(found, side)
        arrays |= {f"{side}_metres": snaps.metres, f"{side}_too_far": snaps.too_far}
        arrays[f"{side}_astray"] = snaps.astray
    if found.between is not None and found.joined_between is not None:
        arrays |= {"between": found.between, "joined_between": found.joined_between}
    return kept.Kept(arrays=arrays, about={name: getattr(found, name) for name in _ABOUT})


def _from_kept(there: kept.Kept) -> Matrices:
    a, about = there.arrays, there.about

    def snaps(side: str) -> Snaps:
        return Snaps(
            metres=np.asarray(a[f"{side}_metres"], dtype=np.float64),
            too_far=np.asarray(a[f"{side}_too_far"], dtype=np.bool_),
            astray=np.asarray(a[f"{side}_astray"], dtype=np.bool_),
        )

    west, south, east, north = np.asarray(a["extent"], dtype=np.float64).tolist()
    return Matrices(
        minutes=np.asarray(a["minutes"], dtype=np.float64),
        between=np.asarray(a["between"], dtype=np.float64) if "between" in a else None,
        joined=np.asarray(a["joined"], dtype=np.bool_),
        joined_between=np.asarray(a["joined_between"], dtype=np.bool_) if "between" in a else None,
        limit=float(np.asarray(a["limit"], dtype=np.float64)), extent=(west, south, east, north),
        start=snaps("start"), end=snaps("end"),
        title=str(about["title"]), attribution=str(about["attribution"]),
        retrieved=str(about["retrieved"]), checksum=str(about["checksum"]),
    )  # fmt: skip
