"""Roads as arrays: what files and downloads turn into, and what minutes are computed on.

`Roads` holds what a map says, for no mode of travel in particular; `build` makes a `RoadGraph` of it:
directed edges with minutes, for one mode, by the table of speeds.  Nothing here reads a file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt
import pyproj
from scipy import sparse
from scipy.sparse import csgraph

from errors import DataError, Problem
from geo.cells import metric_zone
from geo.roads import speeds
from geo.roads.speeds import Mode, Tags

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]
Whole = npt.NDArray[np.integer[Any]]
Extent = tuple[float, float, float, float]

SHORTEST_M = 0.1
"""Length of a piece between two nodes that a map has in one place."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Roads:
    """Pieces of road between nodes, as a map has them; two-way until its tags say otherwise.

    Attributes:
        lon, lat: of the nodes, degrees (WGS 84), (N,).
        tail, head: first and last node of each piece in the direction in which it was drawn, (P,) int32.
        metres: length of each piece along its bends, (P,).
        kind: row of `kinds` that tells what a piece is, (P,) int32.
        kinds: the different sets of OpenStreetMap tags.
        source: file or service that they come from.
        attribution: what has to be printed beside them, empty where nothing is known.
        retrieved: ISO date of the map's data or of the download, empty where unknown.
    """

    lon: Floats
    lat: Floats
    tail: Ints
    head: Ints
    metres: Floats
    kind: Ints
    kinds: tuple[Tags, ...]
    source: str = ""
    attribution: str = ""
    retrieved: str = ""

    def __post_init__(self) -> None:
        _settle(self, {"tail": np.int32, "head": np.int32, "kind": np.int32})
        _check_nodes(self.lon, self.lat, self.tail, self.head)
        if len({values.shape for values in (self.tail, self.head, self.metres, self.kind)}) != 1:
            raise ValueError("tail, head, metres and kind do not fit")
        if len(self.kind) and not 0 <= self.kind.min() <= self.kind.max() < len(self.kinds):
            raise ValueError("a piece is of a kind that is not there")

    def km_by_class(self) -> dict[str, float]:
        """Kilometres by OpenStreetMap class, the longest first; a street of two directions counts once."""
        named = [tags.get("highway") or tags.get("route", "") for tags in self.kinds]
        totals = dict.fromkeys(named, 0.0)
        by_kind = np.bincount(self.kind, self.metres, minlength=len(named)) / 1000
        for name, km in zip(named, by_kind.tolist(), strict=True):
            totals[name] += km
        return dict(sorted(((n, km) for n, km in totals.items() if km), key=lambda row: -row[1]))


@dataclass(frozen=True, eq=False, kw_only=True)
class RoadGraph:
    """Roads as arrays, for one mode of travel.

    Edges are sorted by tail, then head; between two nodes there is one edge a direction, the fastest, and
    none from a node to itself.  Every node has an edge.

    Attributes:
        lon, lat: degrees (WGS 84), (N,).
        x, y: metres in the projection `crs`, (N,).
        tail, head: node numbers of the directed edges, (E,) int32.
        minutes: of travel along each edge, > 0, (E,).
        metres: length of each edge along its bends, (E,).
        ferry: whether an edge is a ferry, (E,).
        component: strongly connected component that each node lies in, 0 the largest, (N,) int32.
        mode: what people travel by.
        crs: a metric projection: the UTM zone of the middle.
        source, attribution, retrieved: as in `Roads`.
        extent: west, south, east, north of the nodes, degrees.
        checksum: sha256 of what the minutes come from: the arrays, the mode, the speeds and the factor.
    """

    lon: Floats
    lat: Floats
    x: Floats
    y: Floats
    tail: Ints
    head: Ints
    minutes: Floats
    metres: Floats
    ferry: Bools
    component: Ints
    mode: Mode
    crs: str
    source: str
    attribution: str
    retrieved: str
    extent: Extent
    checksum: str

    def __post_init__(self) -> None:
        _settle(self, {"tail": np.int32, "head": np.int32, "component": np.int32, "ferry": np.bool_})


def _settle(record: Roads | RoadGraph, types: Mapping[str, type]) -> None:
    """Arrays of the stated types (float64 unless said), read-only."""
    for field in fields(record):
        value = getattr(record, field.name)
        if isinstance(value, np.ndarray):
            settled: npt.NDArray[Any] = np.array(value, dtype=types.get(field.name, np.float64))
            settled.flags.writeable = False
            object.__setattr__(record, field.name, settled)


def build(roads: Roads, *, mode: Mode = "motorcycle", wet_season_factor: float = 1.0) -> RoadGraph:
    """The graph of what `mode` may use.

    Args:
        roads: what a map says.
        mode: motorcycle, car or walking.
        wet_season_factor: factor on the speed of unpaved and minor roads, in (0, 1]; 1 is the dry season.

    Raises:
        DataError: ``roads.none_passable`` nothing that `mode` may use; ``roads.wet_season_factor`` a factor
            that is not in (0, 1]; ``roads.mode`` no such mode.
    """
    ways = speeds.ways(roads.kinds, mode=mode, wet_season_factor=wet_season_factor)
    along, against = ways.forward[roads.kind] > 0, ways.backward[roads.kind] > 0
    if not (along.any() or against.any()):
        raise DataError(Problem("roads.none_passable", roads.source, {"mode": mode}))
    kmh = np.concatenate([ways.forward[roads.kind[along]], ways.backward[roads.kind[against]]])
    metres = np.maximum(np.concatenate([roads.metres[along], roads.metres[against]]), SHORTEST_M)
    return from_arrays(
        lon=roads.lon,
        lat=roads.lat,
        tail=np.concatenate([roads.tail[along], roads.head[against]]),
        head=np.concatenate([roads.head[along], roads.tail[against]]),
        metres=metres,
        minutes=metres / 1000 / kmh * 60,
        ferry=np.concatenate([ways.ferry[roads.kind[along]], ways.ferry[roads.kind[against]]]),
        mode=mode,
        made_of={"speeds": speeds.checksum(), "wet_season_factor": float(wet_season_factor)},
        source=roads.source,
        attribution=roads.attribution,
        retrieved=roads.retrieved,
    )


def from_arrays(
    *,
    lon: npt.ArrayLike,
    lat: npt.ArrayLike,
    tail: npt.ArrayLike,
    head: npt.ArrayLike,
    minutes: npt.ArrayLike,
    metres: npt.ArrayLike,
    ferry: npt.ArrayLike | None = None,
    mode: Mode = "motorcycle",
    made_of: Mapping[str, str | float] | None = None,
    source: str = "",
    attribution: str = "",
    retrieved: str = "",
) -> RoadGraph:
    """A graph of directed edges whose minutes are known; nodes without an edge are left out.

    Args:
        lon, lat: degrees, (N,).
        tail, head: node numbers, (E,).
        minutes, metres: of each edge, (E,); minutes above 0.
        ferry: (E,); none where left out.
        mode: what the minutes are for.
        made_of: what else the minutes come from, for the checksum.
        source, attribution, retrieved: as in `Roads`.

    Raises:
        ValueError: shapes that do not fit, nodes that are not there, minutes or metres that are not above 0.
    """
    every_lon, every_lat = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    start, end = np.asarray(tail, dtype=np.int32), np.asarray(head, dtype=np.int32)
    time, length = np.asarray(minutes, dtype=np.float64), np.asarray(metres, dtype=np.float64)
    boat = np.zeros(start.shape, dtype=np.bool_) if ferry is None else np.asarray(ferry, dtype=np.bool_)
    _check_nodes(every_lon, every_lat, start, end)
    _check_edges(start, end, time, length, boat)
    kept = _fastest(start, end, time)
    used = np.unique(np.concatenate([start[kept], end[kept]]))
    number = np.full(len(every_lon), -1, dtype=np.int32)
    number[used] = np.arange(len(used), dtype=np.int32)
    x_y = every_lon[used], every_lat[used]
    crs = metric_zone(x_y[0])
    x, y = pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform(*x_y)
    arrays = {
        "lon": x_y[0], "lat": x_y[1], "tail": number[start[kept]], "head": number[end[kept]],
        "minutes": time[kept], "metres": length[kept], "ferry": boat[kept],
    }  # fmt: skip
    return RoadGraph(
        **arrays, x=x, y=y, component=_components(len(used), arrays["tail"], arrays["head"]),
        mode=mode, crs=crs, source=source, attribution=attribution, retrieved=retrieved,
        extent=(float(x_y[0].min()), float(x_y[1].min()), float(x_y[0].max()), float(x_y[1].max())),
        checksum=_checksum(arrays, {"mode": mode, **(made_of or {})}),
    )  # fmt: skip


def _check_nodes(lon: Floats, lat: Floats, tail: Ints, head: Ints) -> None:
    if lon.ndim != 1 or lon.shape != lat.shape:
        raise ValueError(f"lon {lon.shape} and lat {lat.shape} do not fit")
    if tail.size and (min(tail.min(), head.min()) < 0 or max(tail.max(), head.max()) >= len(lon)):
        raise ValueError("an edge names a node that is not there")


def _check_edges(tail: Ints, head: Ints, minutes: Floats, metres: Floats, ferry: Bools) -> None:
    shapes = {values.shape for values in (tail, head, minutes, metres, ferry)}
    if len(shapes) != 1 or tail.ndim != 1 or not (tail != head).any():
        raise ValueError(f"edges of one length, and at least one, are wanted, not {shapes}")
    if not all(np.isfinite(values).all() and (values > 0).all() for values in (minutes, metres)):
        raise ValueError("minutes and metres must be above 0")


def _fastest(tail: Ints, head: Ints, minutes: Floats) -> npt.NDArray[np.intp]:
    """Edges to keep, by tail and head: of several between the same nodes the fastest, no loops."""
    order = np.lexsort((minutes, head, tail))
    order = order[tail[order] != head[order]]
    first = np.ones(len(order), dtype=np.bool_)
    first[1:] = (np.diff(tail[order]) != 0) | (np.diff(head[order]) != 0)
    kept: npt.NDArray[np.intp] = order[first]
    return kept


def _components(nodes: int, tail: Ints, head: Ints) -> Ints:
    """Strongly connected components, the largest first; among equals the one with the lowest node."""
    matrix = sparse.csr_matrix((np.ones(len(tail), dtype=np.int8), (tail, head)), shape=(nodes, nodes))
    label: Ints = csgraph.connected_components(matrix, directed=True, connection="strong")[1]
    _, lowest, inverse, count = np.unique(label, return_index=True, return_inverse=True, return_counts=True)
    rank = np.argsort(np.lexsort((lowest, -count)))
    of_node: Ints = rank[inverse].astype(np.int32)
    return of_node


def _checksum(arrays: Mapping[str, npt.NDArray[Any]], terms: Mapping[str, str | float]) -> str:
    digest = hashlib.sha256(json.dumps(terms, sort_keys=True).encode())
    for name, array in arrays.items():
        digest.update(f"{name} {array.dtype.str} {array.shape}".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
