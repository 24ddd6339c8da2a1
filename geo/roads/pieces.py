"""From ways, drawn vertex by vertex, to pieces of road between nodes.

A vertex becomes a node where ways meet, cross or end, and where a piece would grow long: communes and
premises are snapped to nodes.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyproj
import shapely

from errors import DataError, Problem
from geo.roads import speeds
from geo.roads.graph import Bools, Floats, Ints, Roads
from geo.roads.speeds import Tags
from geo.units import VIETNAM

LONGEST_M = 300.0
"""A piece is cut at the next vertex after this length; a ferry is not."""
FERRY_BOUNDS_KMH = (0.5, 60.0)
"""Speeds of a ferry that its length and its stated duration may make; others are misprints."""

_EARTH = pyproj.Geod(ellps="WGS84")


@dataclass(kw_only=True)
class Ways:
    """Ways as they are read: keys of their vertices one after another, where each way ends, what it is.

    Keys are any whole numbers from 0, such as OpenStreetMap's node ids; ways meet where they share one.
    """

    keys: array[int] = field(default_factory=lambda: array("q"))
    ends: array[int] = field(default_factory=lambda: array("q"))
    kind: array[int] = field(default_factory=lambda: array("q"))
    kinds: dict[tuple[tuple[str, str], ...], int] = field(default_factory=dict)

    def add(self, keys: Iterable[int], tags: Tags) -> None:
        """One more way; tags that `speeds` does not look at are left out."""
        told = tuple(sorted((key, value) for key, value in tags.items() if key in speeds.KEYS))
        self.keys.extend(keys)
        self.ends.append(len(self.keys))
        self.kind.append(self.kinds.setdefault(told, len(self.kinds)))


@dataclass(frozen=True, eq=False, kw_only=True)
class _Segments:
    """Straight lines between successive vertices: (S,) each."""

    tail: Ints
    head: Ints
    way: Ints
    follows: Bools  # whether it goes on where the one before ended


def assemble(
    ways: Ways,
    keys: npt.ArrayLike,
    lon: npt.ArrayLike,
    lat: npt.ArrayLike,
    *,
    source: str,
    polygon: shapely.Geometry | None = None,
    attribution: str = "",
    retrieved: str = "",
) -> Roads:
    """Pieces of road between nodes.

    Args:
        ways: what was drawn; a vertex without a place breaks its way, as at the edge of an extract.
        keys: of the vertices that have a place, (V,).
        lon, lat: their places, degrees (WGS 84), (V,).
        source: the file or service, for messages too.
        polygon: in degrees; pieces with neither end inside are left out.
        attribution, retrieved: as in `Roads`.

    Raises:
        DataError: ``roads.empty`` no road; ``roads.swapped``, ``roads.abroad`` places outside Viet Nam;
            ``roads.not_here`` no road inside `polygon`.
    """
    known, index = np.unique(np.asarray(keys, dtype=np.int64), return_index=True)
    at = np.column_stack([np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)])[index]
    segments = _segments(ways, known)
    if not len(segments.tail):
        raise DataError(Problem("roads.empty", source))
    _check_places(at[segments.tail], source)
    metres = _lengths(at[segments.tail], at[segments.head])
    kind, kinds = _time_ferries(ways, np.bincount(segments.way, metres, minlength=len(ways.ends)))
    ferry = np.array([tags.get("route") == "ferry" for tags in kinds], dtype=np.bool_)[kind[segments.way]]
    first = ~segments.follows | _nodes(len(known), segments)[segments.tail]
    first |= _long(first, metres) & ~ferry
    starts, ends = _bounds_of(first)
    rings = segments.tail[starts] == segments.head[ends]  # a graph has no loops: they get a node opposite
    first[(starts + ends + 1)[rings] // 2] = True
    starts, ends = _bounds_of(first)
    tail, head = segments.tail[starts], segments.head[ends]
    lengths, kind = np.add.reduceat(metres, starts), kind[segments.way[starts]]
    used, ordered = np.unique(np.concatenate([tail, head]), return_inverse=True)
    found = Roads(
        lon=at[used, 0], lat=at[used, 1],
        tail=ordered[: len(tail)].astype(np.int32), head=ordered[len(tail) :].astype(np.int32),
        metres=lengths, kind=kind, kinds=kinds, source=source, attribution=attribution, retrieved=retrieved,
    )  # fmt: skip
    return found if polygon is None else within(found, polygon)


def within(roads: Roads, polygon: shapely.Geometry) -> Roads:
    """The pieces that have an end inside `polygon` (degrees); raises DataError ``roads.not_here``."""
    inside = shapely.contains_xy(polygon, roads.lon, roads.lat)
    kept = inside[roads.tail] | inside[roads.head]
    if not kept.any():
        bounds = _bounds(np.column_stack([roads.lon, roads.lat]))
        raise DataError(Problem("roads.not_here", roads.source, {"bounds": bounds}))
    used, ordered = np.unique(np.concatenate([roads.tail[kept], roads.head[kept]]), return_inverse=True)
    return replace(
        roads, lon=roads.lon[used], lat=roads.lat[used], metres=roads.metres[kept], kind=roads.kind[kept],
        tail=ordered[: kept.sum()].astype(np.int32), head=ordered[kept.sum() :].astype(np.int32),
    )  # fmt: skip


def _segments(ways: Ways, known: npt.NDArray[np.int64]) -> _Segments:
    """Segments both ends of which have a place; vertices by their row in `known`."""
    key = np.array(ways.keys, dtype=np.int64)
    row = np.minimum(np.searchsorted(known, key), max(0, len(known) - 1))
    vertex = np.where(known[row] == key, row, -1) if len(known) else np.full(len(key), -1)
    way = np.repeat(np.arange(len(ways.ends)), _counts(ways.ends))
    goes_on = (way[:-1] == way[1:]) & (vertex[:-1] != vertex[1:])
    start = np.flatnonzero(goes_on & (vertex[:-1] >= 0) & (vertex[1:] >= 0))
    follows = np.zeros(len(start), dtype=np.bool_)
    follows[1:] = (np.diff(start) == 1) & (np.diff(way[start]) == 0)
    return _Segments(
        tail=vertex[start].astype(np.int32),
        head=vertex[start + 1].astype(np.int32),
        way=way[start].astype(np.int32),
        follows=follows,
    )


def _counts(ends: array[int]) -> npt.NDArray[np.int64]:
    """Vertices of each way."""
    return np.diff(np.array([0, *ends], dtype=np.int64)).astype(np.int64)


def _lengths(tail: Floats, head: Floats) -> Floats:
    """Metres on the ellipsoid, (S,), from lon, lat to lon, lat, (S, 2)."""
    return np.asarray(_EARTH.inv(tail[:, 0], tail[:, 1], head[:, 0], head[:, 1])[2], dtype=np.float64)


def _nodes(vertices: int, segments: _Segments) -> Bools:
    """Whether a vertex is one where ways meet, cross, or end: (V,)."""
    degree = np.bincount(segments.tail, minlength=vertices) + np.bincount(segments.head, minlength=vertices)
    node = degree != 2
    node[segments.tail[~segments.follows]] = True
    last = np.append(~segments.follows[1:], True)
    node[segments.head[last]] = True
    return np.asarray(node)


def _bounds_of(first: Bools) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """First and last segment of each piece."""
    starts = np.flatnonzero(first)
    return starts, np.append(starts[1:], len(first)) - 1


def _long(first: Bools, metres: Floats) -> Bools:
    """Whether a segment begins after another `LONGEST_M` of the piece that begins at the last of `first`."""
    before = np.cumsum(metres) - metres
    begun = np.maximum.accumulate(np.where(first, np.arange(len(first)), 0))
    step = (before - before[begun]) // LONGEST_M
    cut = np.zeros(len(first), dtype=np.bool_)
    cut[1:] = np.diff(step) > 0
    return cut & ~first


def _time_ferries(ways: Ways, metres: npt.NDArray[Any]) -> tuple[Ints, tuple[Tags, ...]]:
    """Kinds of the ways, with the speed of each ferry that states how long it takes."""
    kinds = dict(ways.kinds)
    kind = np.array(ways.kind, dtype=np.int32)
    listed = [dict(told) for told in kinds]
    hours = [speeds.duration_hours(tags.get("duration", "")) for tags in listed]
    timed = [n for n, tags in enumerate(listed) if hours[n] and tags.get("route") == "ferry"]
    for way in np.flatnonzero(np.isin(kind, timed)):
        kmh = metres[way] / 1000 / (hours[kind[way]] or 1.0)
        if FERRY_BOUNDS_KMH[0] <= kmh <= FERRY_BOUNDS_KMH[1]:
            told = tuple(sorted({**listed[kind[way]], speeds.FERRY_KMH: f"{kmh:.4g}"}.items()))
            kind[way] = kinds.setdefault(told, len(kinds))
    return kind, tuple(dict(told) for told in kinds)


def _check_places(at: Floats, source: str) -> None:
    """All places in the box around Viet Nam, longitude first."""
    west, south, east, north = VIETNAM

    def share(lon: Floats, lat: Floats) -> float:
        return float(np.mean((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)))

    if share(at[:, 0], at[:, 1]) < 1:
        swapped = share(at[:, 1], at[:, 0]) > share(at[:, 0], at[:, 1])
        code = "roads.swapped" if swapped else "roads.abroad"
        raise DataError(Problem(code, source, {"bounds": _bounds(at)}))


def _bounds(at: Floats) -> str:
    (west, south), (east, north) = at.min(axis=0), at.max(axis=0)
    return f"x {west:.7g} … {east:.7g}, y {south:.7g} … {north:.7g}"
