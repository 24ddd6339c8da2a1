"""A smaller graph with the same shortest ways between the nodes that matter.

Nodes where few streets meet are taken out, and each way through them becomes one edge (node contraction, by
the number of streets alone: Geisberger, Sanders, Schultes & Delling 2008).  Dead ends vanish, chains become
one edge, and of a large road network an eighth is left.  Nothing is rounded or left out: between kept nodes
the least minutes are the same but for the order in which they are added up.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Long = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

MOST_STREETS = 5
"""Nodes with more edges in or out are kept: each would leave many edges behind."""
LEAST_SHARE = 0.02
"""A round that takes out less of the nodes than this is the last: it costs more time than it saves."""


class Core(NamedTuple):
    """What is left: edges between kept nodes, and the number of each node of the whole graph here.

    Attributes:
        tail, head: of each edge, in the core's own numbers, (e,).
        minutes: of each edge, (e,); one edge at most from one node to another.
        size: number of nodes.
        number: of each node of the whole graph, (N,); -1 where it was taken out.
    """

    tail: Long
    head: Long
    minutes: Floats
    size: int
    number: Long


class _Edges(NamedTuple):
    tail: Long
    head: Long
    minutes: Floats


def core(
    tail: npt.NDArray[np.integer],
    head: npt.NDArray[np.integer],
    minutes: Floats,
    keep: Bools,
    *,
    limit_minutes: float = math.inf,
) -> Core:
    """The core of a directed graph around the nodes to be kept.

    Args:
        tail, head: node numbers of the edges, (E,).
        minutes: of each edge, (E,).
        keep: which nodes have to stay, (N,).
        limit_minutes: ways that take longer need not stay.
    """
    edges = _fastest(tail.astype(np.int64), head.astype(np.int64), minutes, len(keep))
    left = np.ones(len(keep), dtype=np.bool_)
    while True:
        out = _takeable(edges, keep, left)
        if out.sum() < max(LEAST_SHARE * left.sum(), 1):
            break
        edges = _without(edges, out, limit_minutes)
        left &= ~out
    kept = np.flatnonzero(left)
    number = np.full(len(keep), -1, dtype=np.int64)
    number[kept] = np.arange(len(kept))
    return Core(number[edges.tail], number[edges.head], edges.minutes, len(kept), number)


def _takeable(edges: _Edges, keep: Bools, left: Bools) -> Bools:
    """Nodes that can go in one round: with few streets, no two of them neighbours, the simplest first."""
    size = len(keep)
    streets = np.maximum(np.bincount(edges.tail, minlength=size), np.bincount(edges.head, minlength=size))
    simple = left & ~keep & (streets <= MOST_STREETS)
    # Between equals a number decides that looks like chance, lest a chain go one node a round (Knuth's
    # multiplicative hash: an odd factor, so that no two are equal).
    chance = np.arange(size, dtype=np.int64) * 2_654_435_761 % 2**32
    rank = np.where(simple, streets * 2**33 + chance, np.iinfo(np.int64).max)
    least = rank.copy()
    np.minimum.at(least, edges.tail, rank[edges.head])
    np.minimum.at(least, edges.head, rank[edges.tail])
    return np.asarray(simple & (rank == least))


def _without(edges: _Edges, out: Bools, limit: float) -> _Edges:
    """The edges when the nodes `out` are gone: each edge into one joined to each edge out of it."""
    into = np.flatnonzero(out[edges.head])
    onward = np.flatnonzero(out[edges.tail])
    onward = onward[np.argsort(edges.tail[onward], kind="stable")]
    first, end = (np.searchsorted(edges.tail[onward], edges.head[into], side) for side in ("left", "right"))
    many = end - first
    before = np.repeat(into, many)
    after = onward[np.repeat(first - (np.cumsum(many) - many), many) + np.arange(many.sum())]
    minutes = edges.minutes[before] + edges.minutes[after]
    use = (edges.tail[before] != edges.head[after]) & (minutes <= limit)
    before, after = before[use], after[use]
    stay = ~(out[edges.tail] | out[edges.head])
    tail = np.concatenate([edges.tail[stay], edges.tail[before]])
    head = np.concatenate([edges.head[stay], edges.head[after]])
    minutes = np.concatenate([edges.minutes[stay], minutes[use]])
    return _fastest(tail, head, minutes, len(out))


def _fastest(tail: Long, head: Long, minutes: Floats, size: int) -> _Edges:
    """Of parallel edges the fastest."""
    pair = tail * size + head
    order = np.argsort(pair)
    pair = pair[order]
    first = np.flatnonzero(np.diff(pair, prepend=-1))
    least = np.minimum.reduceat(minutes[order], first) if len(first) else minutes
    return _Edges(pair[first] // size, pair[first] % size, least)
