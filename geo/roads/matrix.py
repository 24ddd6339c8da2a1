"""Minutes from many places to many, along the roads.

`scipy.sparse.csgraph.dijkstra` on the core of the graph (`geo.roads.core`), from each node of the side with
fewer of them, on the reversed graph where that is the side of the hosts.  benchmarks/README.md has the
figures: pandana needs half a minute of preparation and rounds the minutes of each edge, igraph and networkx
take many times longer.  This is exact, knows a limit, and needs no library that the program does not have.

A trip is the walk to the roads, the ride, and the walk from the roads.  Two places that lie nearer to each
other than either to the roads are a straight walk apart, which is never slower: no road passes between them.
Two places at one node cost the walks alone; a place takes no time to itself.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, dijkstra

from geo.roads.core import core
from geo.roads.graph import RoadGraph
from geo.roads.snapping import Snapped, walking_minutes

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Nodes = npt.NDArray[np.integer]

EDGE_MINUTES = 1e-6
"""A trip that exceeds a limit by no more than this is within it, as in the model."""

MANY = 16
"""Searches for which it pays to find the core of the graph first."""

DECIMALS = 6
"""Minutes are rounded to these, so that sums of fractions end where they should: 0.1 + 0.2 at 0.3."""


def minutes(
    graph: RoadGraph,
    origins: Snapped,
    hosts: Snapped,
    *,
    limit_minutes: float = math.inf,
    working_bytes: int = 128_000_000,
) -> Floats:
    """One-way minutes from each origin to each host, by Dijkstra (1959), to the millionth of a minute.

    Args:
        graph: the roads.
        origins: I places on it.
        hosts: J places on it.
        limit_minutes: longer trips need not be known; a trip as long as the limit is given.
        working_bytes: bound of the memory used beside the answer, and beside a copy of the edges.

    Returns:
        Shape (I, J), 8 IJ bytes; infinite beyond the limit, where the roads do not lead (`connected` tells),
        and to and from places that are too far from the roads.

    Raises:
        ValueError: places on another graph, or with two speeds of walking; a negative limit.
    """
    _check(graph, origins, hosts)
    if math.isnan(limit_minutes) or limit_minutes < 0:
        raise ValueError(f"a limit of {limit_minutes} minutes")
    backward = len(np.unique(hosts.node)) < len(np.unique(origins.node))
    near, far = (hosts, origins) if backward else (origins, hosts)
    answer = np.full((len(near), len(far)), np.inf)
    if not answer.size:
        return answer.T if backward else answer
    walks = float(near.minutes.min() + far.minutes.min())
    riding = max(limit_minutes - walks, 0.0) + 2 * EDGE_MINUTES  # none is lost here that the end would keep
    near_nodes, start = np.unique(near.node, return_inverse=True)
    far_nodes, end = np.unique(far.node, return_inverse=True)
    edges, starts, ends = _searched(graph, near_nodes, far_nodes, reverse=backward, limit=riding)
    for some in _portions(len(starts), 8 * (edges.shape[0] + 4 * len(far)), working_bytes):
        rides = dijkstra(edges, indices=starts[some], limit=riding)[:, ends]
        for n in map(int, np.flatnonzero((start >= some.start) & (start < some.stop))):
            answer[n] = _trips(near, n, far, rides[start[n] - some.start, end])
    np.round(answer, DECIMALS, out=answer)
    answer[answer > limit_minutes + EDGE_MINUTES] = np.inf
    return answer.T.copy() if backward else answer


def connected(graph: RoadGraph, origins: Snapped, hosts: Snapped) -> Bools:
    """Whether the roads lead from each origin to each host at all, however long it takes; shape (I, J).

    Where they do not, `minutes` has no time at any limit, and something else has to stand in.

    Raises:
        ValueError: places on another graph.
    """
    _check(graph, origins, hosts)
    tail, head = graph.component[graph.tail], graph.component[graph.head]
    links = np.unique(np.stack([tail, head], axis=1)[tail != head], axis=0)
    size = int(graph.component.max()) + 1
    between = csr_array((np.ones(len(links)), (links[:, 0], links[:, 1])), shape=(size, size))
    answer = np.zeros((len(origins), len(hosts)), dtype=np.bool_)
    for number in np.unique(origins.component[~origins.too_far]):
        reached = np.zeros(size, dtype=np.bool_)
        reached[breadth_first_order(between, number, return_predecessors=False)] = True
        answer[origins.component == number] = reached[hosts.component] & ~hosts.too_far
    answer[origins.too_far] = False
    return answer


def travel_times(graph: RoadGraph, *, reverse: bool = False) -> csr_array:
    """Minutes of each edge as a sparse matrix (N, N), from row to column, or from column to row."""
    ends = (graph.head, graph.tail) if reverse else (graph.tail, graph.head)
    edges = csr_array((graph.minutes, ends), shape=(len(graph.x), len(graph.x)))
    if edges.nnz != len(graph.minutes):  # scipy adds parallel edges up, where the fastest should count
        raise ValueError("a graph has one edge at most from one node to another")
    return edges


def _searched(
    graph: RoadGraph, starts: Nodes, ends: Nodes, *, reverse: bool, limit: float
) -> tuple[csr_array, Nodes, Nodes]:
    """Minutes of the edges to search on, and the numbers that starts and ends have there."""
    if len(starts) < MANY:
        return travel_times(graph, reverse=reverse), starts, ends
    keep = np.zeros(len(graph.x), dtype=np.bool_)
    keep[starts] = keep[ends] = True
    small = core(graph.tail, graph.head, graph.minutes, keep, limit_minutes=limit)
    rows, columns = (small.head, small.tail) if reverse else (small.tail, small.head)
    edges = csr_array((small.minutes, (rows, columns)), shape=(small.size, small.size))
    return edges, small.number[starts], small.number[ends]


def _portions(length: int, bytes_each: int, working_bytes: int) -> Iterator[slice]:
    step = max(working_bytes // bytes_each, 1)
    return (slice(first, min(first + step, length)) for first in range(0, length, step))


def _trips(near: Snapped, n: int, far: Snapped, ride: Floats) -> Floats:
    """Minutes between the place `n` and each of `far`, given the ride from its node to the node of each."""
    metres = np.hypot(far.x - near.x[n], far.y - near.y[n])
    across = metres <= np.minimum(near.metres[n], far.metres)
    by_road = near.minutes[n] + ride + far.minutes
    trips = np.where(across, walking_minutes(metres, near.walking_kmh), by_road)
    trips[far.too_far | near.too_far[n]] = np.inf
    return trips


def _check(graph: RoadGraph, *sides: Snapped) -> None:
    if any(places.graph != graph.checksum for places in sides):
        raise ValueError("the places lie on another graph")
    if len({places.walking_kmh for places in sides}) > 1:
        raise ValueError("two speeds of walking")
