"""What the roads say of the straight line: the detour factor and the speed that fit them.

Where a graph exists, its own trips tell how much longer a way is than the straight line, and how fast the
line would have to be ridden for the same minutes.  Medians of ratios, pair by pair, so that a few places
behind a river move them little.  (Boscoe, Henry & Zdeb 2012 found a factor of 1.42 on the way to hospitals
in America.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from errors import DataError, Problem
from geo.roads.graph import RoadGraph
from geo.roads.matrix import travel_times
from geo.roads.snapping import Snapped

Floats = npt.NDArray[np.float64]

ROUNDING = 0.005
"""A median way may be this share shorter than the straight line: lengths are rounded, projections stretch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """A straight line that fits the roads, and how well it does.

    Attributes:
        detour_factor: median of metres along the fastest way ÷ metres of the straight line, 1 or more.
        speed_kmh: at which the lengthened line takes as long as the roads, in the median.
        detour_middle: the middle half of the detour factors (quartiles).
        minutes_middle: the middle half of minutes by the fitted line ÷ minutes by road; the median is 1.
        pairs: on which it rests.
    """

    detour_factor: float
    speed_kmh: float
    detour_middle: tuple[float, float]
    minutes_middle: tuple[float, float]
    pairs: int


def calibrated(
    graph: RoadGraph,
    origins: Snapped,
    hosts: Snapped,
    *,
    least_pairs: int = 30,
    most_origins: int = 100,
) -> Calibration | None:
    """Detour factor and speed of the straight line, from the trips that the graph knows.

    A trip is measured from door to door, walks included, as the straight line that would stand in for it is.
    Left out are pairs that the roads do not join or that are too far from them, and those nearer to each
    other than both walks are long together, which say more about the walks than about the roads.

    Args:
        graph: the roads.
        origins: places on it, such as the communes of the plan.
        hosts: places on it, such as their premises.
        least_pairs: fewer pairs say nothing.
        most_origins: of more, as many are taken, evenly along their order.

    Returns:
        What fits, or None where there are too few pairs.

    Raises:
        DataError: ``roads.shorter_than_straight``: the median way is shorter than the straight line, so that
            the lengths of the graph cannot be metres.
        ValueError: places on another graph.
    """
    if any(places.graph != graph.checksum for places in (origins, hosts)):
        raise ValueError("the places lie on another graph")
    rows = np.unique(np.linspace(0, len(origins) - 1, min(len(origins), most_origins)).round().astype(int))
    edges = travel_times(graph)
    found = [_trips(edges, graph, origins.only([row]), hosts) for row in rows]
    straight, metres, minutes = np.concatenate(found, axis=1) if found else np.empty((3, 0))
    if len(straight) < max(least_pairs, 1):
        return None
    low, detour, high = (float(q) for q in np.quantile(metres / straight, (0.25, 0.5, 0.75)))
    if detour < 1 - ROUNDING:
        raise DataError(Problem("roads.shorter_than_straight", graph.source, {"ratio": f"{detour:.3g}"}))
    detour = max(detour, 1.0)
    pace = minutes / straight
    middle = float(np.median(pace))
    slow, fast = (float(q) for q in np.quantile(middle / pace, (0.25, 0.75)))
    return Calibration(
        detour_factor=detour, speed_kmh=60 / 1000 * detour / middle, detour_middle=(low, high),
        minutes_middle=(slow, fast), pairs=len(straight),
    )  # fmt: skip


def _trips(edges: csr_array, graph: RoadGraph, origin: Snapped, hosts: Snapped) -> Floats:
    """Straight metres, metres by road and minutes by road to each host that counts; shape (3, n)."""
    ride, before = dijkstra(edges, indices=int(origin.node[0]), return_predecessors=True)
    straight = np.hypot(hosts.x - origin.x, hosts.y - origin.y)
    walked = hosts.metres + origin.metres
    fit = ~hosts.too_far & ~origin.too_far[0] & np.isfinite(ride[hosts.node]) & (straight > walked)
    ends = hosts.node[fit]
    metres = walked[fit] + _along(graph, np.asarray(before, dtype=np.int64))[ends]
    minutes = hosts.minutes[fit] + origin.minutes + ride[ends]
    return np.stack([straight[fit], metres, minutes])


def _along(graph: RoadGraph, before: npt.NDArray[np.int64]) -> Floats:
    """Metres from the root of a tree of fastest ways to each node, where `before` is the node before it.

    Each round doubles how far back the sums reach (pointer jumping; Wyllie 1979): few rounds.
    """
    size = len(before)
    nodes = np.flatnonzero(before >= 0)
    # Edges are sorted by tail, then head: the number of an edge is found by bisection.
    keys = graph.tail.astype(np.int64) * size + graph.head
    metres = np.zeros(size)
    metres[nodes] = graph.metres[np.searchsorted(keys, before[nodes] * size + nodes)]
    back = np.where(before >= 0, before, np.arange(size))
    while (back[back] != back).any():
        metres = metres + metres[back]
        back = back[back]
    return metres
