"""The p-median problem exactly: swaps from above, Lagrange from below, branching on what is left between.

With multipliers λ_i on "each client is served once" the problem falls apart into sites (Cornuéjols, Fisher &
Nemhauser 1977):

    L(λ) = Σ_i λ_i + Σ of the p least ρ_j,    ρ_j = Σ_i min(0, c_ij − λ_i).

L is a bound; a site whose opening would lift it over the best known value is left out (Briant & Naddef 2004),
which leaves few of them, and branching on those is cheap.
"""

from __future__ import annotations

import heapq
import itertools
import math
import time
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from scipy import sparse

from optimization.rules import BoolArray, FloatArray, IntArray

LEAST_STEP = 1e-4
"""Scale of the step at which the bound has settled."""

MOMENTUM = 0.3
"""Share of the last direction in the next: it damps the zigzag."""

ROUNDING = 1e-7
"""Relative difference that counts as rounding."""


class Median(NamedTuple):
    """Sites in ascending order, their value, the bound, and whether they are proved best."""

    sites: IntArray
    value: float
    bound: float
    proved: bool


class Dual(NamedTuple):
    """The best multipliers λ, their bound and the ρ of each site."""

    multipliers: FloatArray
    bound: float
    reduced: FloatArray


class Part(NamedTuple):
    """A node: costs (I, J') of the sites left, which those are, which must open, λ to start from."""

    cost: FloatArray
    sites: IntArray
    must: BoolArray
    multipliers: FloatArray


class Effort(NamedTuple):
    """Subgradient steps at most, how many without a better bound halve the step, and its first scale."""

    steps: int
    stall: int
    scale: float


ROOT, BRANCH = Effort(1_500, 25, 1.0), Effort(80, 8, 0.5)
"""Limits of effort, not of time, so that the answer is repeatable."""


def solve(cost: FloatArray, p: int, *, gap: float, deadline: float) -> Median:
    """The p sites (columns) with the least Σ_i min_j c_ij; all c_ij are finite.

    Where all costs are whole numbers, so is the value: a bound within one of it is a proof.
    """
    step = 1.0 if np.array_equal(cost, np.round(cost)) else 0.0
    sites, value = _swapped(cost, _greedy(cost, p), deadline)
    m = cost.shape[1]
    second = np.partition(cost, min(1, m - 1), axis=1)[:, min(1, m - 1)]
    root = Part(cost, np.arange(m), np.zeros(m, dtype=np.bool_), second)
    dual = _raised(root, p, value, step, effort=ROOT, deadline=deadline)
    again, better = _swapped(cost, _least(dual.reduced, root.must, p), deadline)
    if better < value:
        sites, value = again, better
    best = Median(np.sort(sites), value, dual.bound, proved=False)
    return _branched(root, p, best, dual=dual, step=step, gap=gap, deadline=deadline)


def _up(bound: float, step: float) -> float:
    """The least value that the bound allows."""
    return math.ceil(bound - 1e-6) if step else bound


def _closed(value: float, bound: float, gap: float) -> bool:
    return value - bound <= max(gap * abs(value), ROUNDING * max(1.0, abs(value)))


# --- from above ----------------------------------------------------------------------------------


def _greedy(cost: FloatArray, p: int) -> IntArray:
    """One site after the other, each the one that saves most."""
    best = np.full(len(cost), np.inf)
    sites: list[int] = []
    for _ in range(p):
        total = np.minimum(best[:, None], cost).sum(axis=0)
        total[sites] = np.inf
        sites.append(int(np.argmin(total)))
        best = np.minimum(best, cost[:, sites[-1]])
    return np.array(sites, dtype=np.int64)


def _swapped(cost: FloatArray, sites: IntArray, deadline: float) -> tuple[IntArray, float]:
    """Swaps one site for another as long as that is better, the best swap first (Teitz & Bart 1968)."""
    sites, clients = np.array(sites), np.arange(len(cost))
    while True:
        open_costs = cost[:, sites]
        near = np.argmin(open_costs, axis=1)
        first = open_costs[clients, near]
        value = float(first.sum())
        if len(sites) == cost.shape[1] or time.perf_counter() > deadline:
            return sites, value
        second = np.partition(open_costs, 1, axis=1)[:, 1] if len(sites) > 1 else cost.max(axis=1)
        with_new = np.minimum(first[:, None], cost)
        without = np.minimum(second[:, None], cost) - with_new
        member = sparse.csr_array((np.ones(len(clients)), (near, clients)), shape=(len(sites), len(clients)))
        total = with_new.sum(axis=0)[None, :] + member @ without  # remove r, add j
        total[:, sites] = np.inf
        if len(sites) == 1:
            total = cost.sum(axis=0)[None, :]
        r, j = np.unravel_index(int(np.argmin(total)), total.shape)
        if total[r, j] >= value - ROUNDING * max(1.0, abs(value)):
            return sites, value
        sites[r] = j


# --- from below ----------------------------------------------------------------------------------


def _raised(part: Part, p: int, value: float, step: float, *, effort: Effort, deadline: float) -> Dual:
    """Multipliers raised by subgradients (Held, Wolfe & Crowder 1974) until their bound settles."""
    multipliers, scale, since = part.multipliers, effort.scale, 0
    best = Dual(multipliers, -math.inf, np.zeros(part.cost.shape[1]))
    direction = np.zeros(len(part.cost))
    for _ in range(effort.steps):
        excess = np.minimum(part.cost - multipliers[:, None], 0.0)
        reduced = excess.sum(axis=0)
        chosen = _least(reduced, part.must, p)
        bound = float(multipliers.sum() + reduced[chosen].sum())
        if bound > best.bound + ROUNDING * max(1.0, abs(value)):
            best, since = Dual(multipliers, bound, reduced), 0
        else:
            since += 1
        if since >= effort.stall:
            scale, since, multipliers = scale / 2, 0, best.multipliers
        if scale < LEAST_STEP or _closed(value, _up(best.bound, step), 0.0) or time.perf_counter() > deadline:
            break
        missing = 1.0 - (excess[:, chosen] < 0).sum(axis=1)
        direction = missing + MOMENTUM * direction
        length = float(direction @ direction)
        if length == 0:
            break
        multipliers = multipliers + scale * max(value - bound, 1e-9) / length * direction
    return best


def _least(reduced: FloatArray, must: BoolArray, p: int) -> IntArray:
    """The p sites that the Lagrangian opens: those that must be, and the least ρ."""
    if p >= len(reduced):
        return np.arange(len(reduced))
    return np.argpartition(np.where(must, -np.inf, reduced), p - 1)[:p]


# --- between -------------------------------------------------------------------------------------


def _narrowed(part: Part, dual: Dual, p: int, reach: float) -> Part | None:
    """The part without sites that lead nowhere better than `reach`; None if nothing does."""
    free = p - int(part.must.sum())
    if free < 0 or dual.bound > reach:
        return None
    ranked = np.sort(dual.reduced[~part.must])
    if len(ranked) < free:
        return None
    last = ranked[free - 1] if free else -math.inf
    following = ranked[free] if free < len(ranked) else math.inf
    leads = part.must | (dual.bound + np.maximum(dual.reduced - last, 0.0) <= reach)
    must = part.must | ((dual.reduced <= last) & (dual.bound + (following - dual.reduced) > reach))
    return Part(part.cost[:, leads], part.sites[leads], must[leads], dual.multipliers)


def _branched(
    part: Part, p: int, best: Median, *, dual: Dual, step: float, gap: float, deadline: float
) -> Median:
    """Branch and bound on whether a site opens, the node with the lowest bound first."""
    sites, value = best.sites, best.value
    tick = itertools.count()
    nodes: list[tuple[float, int, Part, Dual]] = [(dual.bound, next(tick), part, dual)]
    while nodes:
        bound, _, part, dual = heapq.heappop(nodes)
        if _closed(value, _up(bound, step), gap):
            return Median(sites, value, min(value, _up(bound, step)), proved=True)
        if time.perf_counter() > deadline:
            return Median(sites, value, _up(bound, step), proved=False)
        reach = value - step + 1e-6 if step else value
        narrow = _narrowed(part, dual, p, reach)
        if narrow is None:
            continue
        for child in _children(narrow, dual, part, p):
            found = _raised(child, p, value, step, effort=BRANCH, deadline=deadline)
            chosen = child.sites[_least(found.reduced, child.must, p)]
            worth = float(child.cost[:, _least(found.reduced, child.must, p)].min(axis=1).sum())
            if worth < value - ROUNDING * max(1.0, abs(value)):
                sites, value = np.sort(chosen), worth
            if int(child.must.sum()) < p < len(child.sites):
                heapq.heappush(nodes, (max(bound, found.bound), next(tick), child, found))
    return Median(sites, value, value, proved=True)


def _children(part: Part, dual: Dual, before: Part, p: int) -> Iterator[Part]:
    """The part with the most wanted free site closed, and with it open; one leaf where nothing is free."""
    free = p - int(part.must.sum())
    if free == 0 or free == int((~part.must).sum()):
        sites = part.must if free == 0 else np.ones(len(part.sites), dtype=np.bool_)
        yield Part(part.cost[:, sites], part.sites[sites], sites[sites], part.multipliers)
        return
    reduced = dual.reduced[np.isin(before.sites, part.sites)]
    j = int(np.argmin(np.where(part.must, np.inf, reduced)))
    others = np.arange(len(part.sites)) != j
    yield Part(part.cost[:, others], part.sites[others], part.must[others], part.multipliers)
    yield Part(part.cost, part.sites, part.must | ~others, part.multipliers)
