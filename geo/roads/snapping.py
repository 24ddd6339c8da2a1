"""From a place to the roads: the node it is reached by, and the walk to it.

A place stands at its nearest node, as the crow flies in the graph's metric projection.  Nodes rather than
points along edges: between two nodes an edge knows its length and its minutes, but not where it runs;
`geo.roads.pieces` cuts long roads at their bends, so that a node is near.

The largest component comes first: a place goes to its nearest node there if that is within the limit, even
where a node of a small component (a yard that the map does not join to the street) is nearer; else to the
nearest node of all.  `Snapped.nearest_metres` tells what was passed over.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyproj
from scipy.spatial import cKDTree

from errors import DataError, Problem
from geo.roads.graph import RoadGraph
from geo.units import point_problems

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False, kw_only=True)
class Snapped:
    """n places on a graph.

    Attributes:
        x, y: of the places themselves, metres in the graph's projection, (n,).
        node: where each meets the roads, (n,).
        metres: from the place to that node, straight, (n,).
        minutes: the same on foot, (n,).
        nearest_metres: to the nearest node of any component, (n,); below `metres` where it was passed over.
        component: strongly connected component of the node, 0 the largest, (n,).
        too_far: farther from the node than the limit, (n,); the roads give no time for such a place.
        limit_metres: the limit.
        walking_kmh: speed of the walk, km/h.
        graph: checksum of the graph.
    """

    x: Floats
    y: Floats
    node: Ints
    metres: Floats
    minutes: Floats
    nearest_metres: Floats
    component: Ints
    too_far: Bools
    limit_metres: float
    walking_kmh: float
    graph: str

    def __len__(self) -> int:
        return len(self.node)

    def only(self, rows: Sequence[int] | npt.NDArray[np.integer] | Bools) -> Snapped:
        """Some of the places, by row or by mask."""
        which = np.asarray(rows) if len(rows) else np.empty(0, dtype=np.intp)
        return Snapped(
            x=self.x[which], y=self.y[which], node=self.node[which], metres=self.metres[which],
            minutes=self.minutes[which], nearest_metres=self.nearest_metres[which],
            component=self.component[which], too_far=self.too_far[which],
            limit_metres=self.limit_metres, walking_kmh=self.walking_kmh, graph=self.graph,
        )  # fmt: skip


def walking_minutes(metres: Floats, walking_kmh: float) -> Floats:
    """Minutes on foot for lengths in metres."""
    return np.asarray(metres * (60 / 1000) / walking_kmh)


def snap(
    graph: RoadGraph,
    lon: npt.ArrayLike,
    lat: npt.ArrayLike,
    *,
    limit_metres: float,
    walking_kmh: float,
    labels: Sequence[str] | None = None,
) -> Snapped:
    """Each place at its node of the graph; see the head of this file for the rule.

    Args:
        graph: the roads.
        lon, lat: of the places, degrees (WGS 84), (n,).
        limit_metres: a place farther from the roads than this is `too_far`; the limit itself is near enough.
        walking_kmh: speed between a place and the roads, km/h.
        labels: what to call each place in a message, (n,).

    Raises:
        DataError: points that are missing, abroad (as those in another projection are) or have latitude and
            longitude swapped; a limit or a speed that is not above 0.
        ValueError: shapes that do not fit.
    """
    lon, lat = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    names = [f"place {n + 1}" for n in range(lon.size)] if labels is None else labels
    if lon.ndim != 1 or lon.shape != lat.shape or len(names) != len(lon):
        raise ValueError(f"lon {lon.shape}, lat {lat.shape} and {len(names)} labels do not fit")
    problems = point_problems(lon, lat, names)
    if not (math.isfinite(limit_metres) and limit_metres > 0):
        problems.append(Problem("roads.snap_limit", "travel", {"value": limit_metres}))
    if not (math.isfinite(walking_kmh) and walking_kmh > 0):
        problems.append(Problem("roads.walking_speed", "travel", {"value": walking_kmh}))
    if problems:
        raise DataError(problems)
    x, y = pyproj.Transformer.from_crs(4326, graph.crs, always_xy=True).transform(lon, lat)
    places = np.stack([x, y], axis=1)
    everything = np.arange(len(graph.x), dtype=np.int32)
    node, nearest = _nearest(graph, everything, places)
    in_largest, metres = _nearest(graph, everything[graph.component == 0], places)
    chosen = metres <= limit_metres
    node, metres = np.where(chosen, in_largest, node), np.where(chosen, metres, nearest)
    return Snapped(
        x=places[:, 0], y=places[:, 1], node=node, metres=metres,
        minutes=walking_minutes(metres, walking_kmh), nearest_metres=nearest,
        component=graph.component[node], too_far=metres > limit_metres,
        limit_metres=float(limit_metres), walking_kmh=float(walking_kmh), graph=graph.checksum,
    )  # fmt: skip


def _nearest(graph: RoadGraph, nodes: Ints, places: Floats) -> tuple[Ints, Floats]:
    """The nearest of `nodes` to each place and its distance, metres; the lowest number where several tie."""
    # Nodes in one spot (a bridge over a road) are one for the tree, so that its layout decides nothing.
    # As complex numbers they are sorted five times as fast as rows are.
    spots, first = np.unique(graph.x[nodes] + 1j * graph.y[nodes], return_index=True)
    metres, spot = cKDTree(np.stack([spots.real, spots.imag], axis=1)).query(places)
    return nodes[first[spot]], np.asarray(metres, dtype=np.float64)


def main_component(*places: Snapped) -> int:
    """The component where most of the places are that are near enough; the larger one where several tie."""
    numbers = np.concatenate([some.component[~some.too_far] for some in places])
    return int(np.bincount(numbers).argmax()) if len(numbers) else 0


def warnings(places: Snapped, labels: Sequence[str], *, main: int) -> list[Problem]:
    """Places to which the roads give no time, or not to all others: to be shown, by name.

    ``roads.snap_far``: farther from any road than the limit.  ``roads.other_component``: on roads that the
    map does not join, in both directions, to those of component `main`, where the rest are.
    """
    found = []
    for n in range(len(places)):
        metres = round(float(places.metres[n]))
        if places.too_far[n]:
            limit = round(places.limit_metres)
            found.append(Problem("roads.snap_far", labels[n], {"metres": metres, "limit": limit}))
        elif places.component[n] != main:
            found.append(Problem("roads.other_component", labels[n], {"metres": metres}))
    return found
