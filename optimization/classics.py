"""The classics of location science as plain functions on arrays: LSCP, MCLP, p-median, p-center.

For whoever wants the problem of the textbook and nothing of Viet Nam: a matrix of costs or distances, clients
(rows) by sites (columns), ``inf`` where there is no way; `clients` and `sites` are names for messages only.
Each function says its formulation, checks its data first, and returns an `Answer` with value, bound, gap and
status.  Capacities, backup cover and stages are in `classics_more`.

    i ∈ I clients · j ∈ J sites · d_ij cost or distance · w_i weight · p number of sites · r service radius
    N_i = {j : d_ij ≤ r}, the boundary inside · y_j = 1 if j opens · x_ij = 1 if j serves i
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from optimization import median
from optimization.arrays import Answer, Checks, answer
from optimization.rules import FloatArray, IntArray
from optimization.sparse import Outcome, least_cover, left, merged, minimise, reduced, undominated

Names = Sequence[str] | None


def lscp(
    distance: ArrayLike,
    radius: float,
    *,
    clients: Names = None,
    sites: Names = None,
    gap: float = 0.0,
    time_limit: float | None = None,
) -> Answer:
    """The fewest sites that cover everybody: the location set covering problem.

    Toregas, Swain, ReVelle & Bergman (1971), Operations Research 19(6), 1363–1373.

        minimise    Σ_j y_j                                  (1)
        subject to  Σ_{j ∈ N_i} y_j ≥ 1      for all i       (2)
                    y_j ∈ {0, 1}             for all j       (3)

    | symbol | where |
    |---|---|
    | (1) | the number of sites |
    | (2) | each client has an open site within the radius |
    | N_i | {j : d_ij ≤ r} |

    Dominated rows and columns are left out first (Toregas & ReVelle 1973).

    Args:
        distance: d, (I, J).
        radius: r, in the unit of d.
        clients, sites: names for messages.
        gap: relative gap at which the answer counts as proved.
        time_limit: seconds.

    Returns:
        `value` is the number of sites; `assignment` the nearest open site of each client.

    Raises:
        DataError: wrong shapes, NaN or negative distances, names twice, clients that nothing can cover.
        SolverError: HiGHS failed.
    """
    began, deadline = clock(time_limit)
    checks = Checks(clients, sites)
    d = checks.matrix("distance", distance)
    checks.number("radius", radius, 0.0, math.inf)
    checks.connected("distance", d)
    checks.coverable("distance", d, radius)
    checks.done()
    found = least_cover(sparse.csr_array(d <= radius), deadline=deadline, gap=gap)
    return _covering_answer(d, found, found.value, found.bound, began=began)


def mclp(
    distance: ArrayLike,
    weights: ArrayLike,
    radius: float,
    p: int,
    *,
    clients: Names = None,
    sites: Names = None,
    gap: float = 0.0,
    time_limit: float | None = None,
) -> Answer:
    """The p sites that cover most: the maximal covering location problem.

    Church & ReVelle (1974), Papers of the Regional Science Association 32, 101–118.

        maximise    Σ_i w_i u_i                              (1)
        subject to  u_i ≤ Σ_{j ∈ N_i} y_j    for all i       (2)
                    Σ_j y_j = p                              (3)
                    y_j ∈ {0, 1}, 0 ≤ u_i ≤ 1                (4)

    | symbol | where |
    |---|---|
    | (1) | the weight of those covered |
    | (2) | covered only where a site stands within the radius |
    | (3) | p sites open |
    | w_i | weight of client i: persons, say |

    Clients with the same N_i are one, sites that cover no more than another are left out; where that leaves
    fewer than p, further ones that add nothing are opened in order.

    Args:
        distance: d, (I, J).
        weights: w, (I,); zeros are allowed, but not only zeros.
        radius, p: r and p.
        clients, sites, gap, time_limit: as in `lscp`.

    Returns:
        `value` is (1); `assignment` the nearest open site within the radius, −1 for those not covered.

    Raises:
        DataError: as in `lscp`, weights that do not fit, p outside 1 … J.  To be out of reach of all sites
            is no error here.
        SolverError: HiGHS failed.
    """
    began, deadline = clock(time_limit)
    checks = Checks(clients, sites)
    d = checks.matrix("distance", distance)
    w = checks.vector("weights", weights, len(d), of="clients", demand=True)
    checks.number("radius", radius, 0.0, math.inf)
    checks.number("p", p, 1, d.shape[1])
    checks.done()
    found = _most_cover(sparse.csr_array(d <= radius), w, p, gap=gap, deadline=deadline)
    if found.at is None:
        return answer(len(d), None, value=0, bound=-found.bound, proved=False, began=began)
    chosen = filled(np.flatnonzero(found.at > 0.5), p, d.shape[1])
    assignment = nearest(d, chosen, radius)
    value = float(w[assignment >= 0].sum())
    return answer(
        len(d),
        chosen,
        value=value,
        bound=-found.bound,
        proved=found.proved,
        began=began,
        assignment=assignment,
    )


def p_median(
    cost: ArrayLike,
    p: int,
    *,
    weights: ArrayLike | None = None,
    clients: Names = None,
    sites: Names = None,
    gap: float = 0.0,
    time_limit: float | None = None,
) -> Answer:
    """The p sites with the least weighted cost to the nearest: the p-median problem.

    Hakimi (1964), Operations Research 12(3), 450–459; ReVelle & Swain (1970), Geographical Analysis 2, 30–42.

        minimise    Σ_i Σ_j w_i d_ij x_ij                    (1)
        subject to  Σ_j x_ij = 1             for all i       (2)
                    x_ij ≤ y_j               for all i, j    (3)
                    Σ_j y_j = p                              (4)
                    x_ij ≥ 0, y_j ∈ {0, 1}                   (5)

    | symbol | where |
    |---|---|
    | (1) | weighted cost of serving everybody |
    | (2) | everybody is served |
    | (3) | only where a site is open (Balinski 1965) |
    | (4) | p sites open |

    Solved by Lagrangian bounds, swaps, and branching on sites, see `median`: exact, and much faster than
    (1)–(5) handed to a solver.

    Args:
        cost: d, (I, J).
        p: number of sites.
        weights: w, (I,); None: 1 each.
        clients, sites, gap, time_limit: as in `lscp`.

    Returns:
        `value` is (1); INFEASIBLE where no p sites reach everybody.

    Raises:
        DataError: as in `mclp`, clients without a way to any site.
    """
    began, deadline = clock(time_limit)
    checks = Checks(clients, sites)
    d = checks.matrix("cost", cost)
    ones = np.ones(len(d))
    w = ones if weights is None else checks.vector("weights", weights, len(d), of="clients", demand=True)
    checks.number("p", p, 1, d.shape[1])
    checks.connected("cost", d)
    checks.done()
    with np.errstate(invalid="ignore"):
        weighted = np.where(np.isfinite(d), w[:, None] * d, np.inf)
    missing = ~np.isfinite(weighted)
    # No way is dearer than the dearest way of everybody else together: it is used only if it must be.
    never = 1.0 + np.ceil(np.where(missing, 0.0, weighted).max(axis=1).sum())
    found = median.solve(np.where(missing, never, weighted), p, gap=gap, deadline=deadline)
    if missing.any() and found.value >= never:
        proved = found.bound >= never or found.proved
        return answer(len(d), None, value=0, bound=found.bound, proved=proved, began=began)
    return answer(
        len(d),
        found.sites,
        value=found.value,
        bound=found.bound,
        proved=found.proved,
        began=began,
        assignment=nearest(d, found.sites),
    )


def p_center(
    distance: ArrayLike,
    p: int,
    *,
    clients: Names = None,
    sites: Names = None,
    time_limit: float | None = None,
) -> Answer:
    """The p sites from which the farthest client is nearest: the p-center problem.

    Hakimi (1964); solved as by Minieka (1970), SIAM Review 12(1), 138–139.

        minimise    r                                        (1)
        subject to  Σ_j x_ij = 1             for all i       (2)
                    x_ij ≤ y_j               for all i, j    (3)
                    Σ_j y_j = p                              (4)
                    Σ_j d_ij x_ij ≤ r        for all i       (5)
                    x_ij, y_j ∈ {0, 1}                       (6)

    | symbol | where |
    |---|---|
    | (1), (5) | the longest distance of anybody to the site that serves them |
    | (2)–(4) | as in the p-median problem |

    r is one of the distances, so that the least r is sought by bisection, each time asking whether p sites
    cover everybody within r: first the relaxation, which is quick to say no, then the integers.

    Args, Returns, Raises: as in `p_median`; there are no weights (scale the rows if need be), and no gap.
    """
    began, deadline = clock(time_limit)
    checks = Checks(clients, sites)
    d = checks.matrix("distance", distance)
    checks.number("p", p, 1, d.shape[1])
    checks.connected("distance", d)
    checks.done()
    radii = np.unique(d[np.isfinite(d)])
    chosen = _scattered(d, p)
    value = float(d[:, chosen].min(axis=1).max())
    # Below the low end nothing will do; at the high end something does, if anything.
    low = int(np.searchsorted(radii, d.min(axis=1).max()))
    high = int(np.searchsorted(radii, value)) if math.isfinite(value) else len(radii)
    low, cut_short = _relaxed_radius(d, radii, (low, high), p=p, deadline=deadline)
    while low < high and not cut_short:
        middle = (low + high) // 2
        found = least_cover(sparse.csr_array(d <= radii[middle]), most=p, deadline=deadline)
        if found.at is not None:
            chosen = np.flatnonzero(found.at > 0.5)
            high = int(np.searchsorted(radii, d[:, chosen].min(axis=1).max()))
        elif found.proved:
            low = middle + 1
        else:
            cut_short = True
    if high == len(radii):
        bound = radii[min(low, len(radii) - 1)]
        return answer(len(d), None, value=0, bound=bound, proved=not cut_short, began=began)
    chosen = filled(chosen, p, d.shape[1])
    return answer(
        len(d),
        chosen,
        value=float(d[:, chosen].min(axis=1).max()),
        bound=float(radii[low]),
        proved=not cut_short,
        began=began,
        assignment=nearest(d, chosen),
    )


# --- helpers -------------------------------------------------------------------------------------


def nearest(distance: FloatArray, sites: IntArray, radius: float = math.inf) -> IntArray:
    """The nearest of `sites` for each client, of equals the first; −1 if none is within the radius."""
    if not len(sites):
        return np.full(len(distance), -1, dtype=np.int64)
    part = distance[:, sites]
    best = np.argmin(part, axis=1)
    trip = part[np.arange(len(part)), best]
    return np.where((trip <= radius) & np.isfinite(trip), sites[best], -1)


def clock(time_limit: float | None) -> tuple[float, float]:
    """When a call began, and when it has to be over."""
    began = time.perf_counter()
    return began, math.inf if time_limit is None else began + time_limit


def _covering_answer(
    distance: FloatArray, found: Outcome, value: float, bound: float, *, began: float
) -> Answer:
    chosen = None if found.at is None else np.flatnonzero(found.at > 0.5)
    return answer(
        len(distance),
        chosen,
        value=value,
        bound=bound,
        proved=found.proved,
        began=began,
        assignment=None if chosen is None else nearest(distance, chosen),
    )


def filled(chosen: IntArray, p: int, sites: int) -> IntArray:
    """`chosen` and as many further sites, in order, as make p."""
    others = np.setdiff1d(np.arange(sites), chosen)
    return np.sort(np.concatenate([chosen, others[: p - len(chosen)]]))


def _most_cover(
    cover: sparse.csr_array, weights: FloatArray, p: int, *, gap: float, deadline: float
) -> Outcome:
    """MCLP over distinct cover sets: min −Σ w u, with at most p sites; `at` is y over all sites."""
    first, place = merged(cover)
    if not len(first):
        return Outcome(np.zeros(cover.shape[1]), 0.0, 0.0, proved=True)
    worth = np.zeros(len(first))
    np.add.at(worth, place[place >= 0], weights[place >= 0])
    sets = sparse.csr_array(cover[first]).astype(np.int64)
    keep = undominated(sparse.csr_array(sets.T), largest=True)
    n, m = len(keep), len(first)
    rows = sparse.hstack([sparse.csr_array(sets[:, keep], dtype=np.float64), -sparse.eye_array(m)])
    number = sparse.csr_array(np.r_[np.ones(n), np.zeros(m)][None])
    found = minimise(
        np.r_[np.zeros(n), -worth],
        sparse.csr_array(sparse.vstack([rows, number])),
        np.r_[np.zeros(m), -np.inf],
        np.r_[np.full(m, np.inf), p],
        upper=np.ones(n + m),
        whole=np.r_[np.ones(n, dtype=np.bool_), np.zeros(m, dtype=np.bool_)],
        gap=gap,
        time_limit=left(deadline),
    )
    if found.at is None:
        return Outcome(None, found.value, max(found.bound, -float(worth.sum())), found.proved)
    at = np.zeros(cover.shape[1])
    at[keep] = found.at[:n]
    return Outcome(at, found.value, max(found.bound, -float(worth.sum())), found.proved)


def _scattered(distance: FloatArray, p: int) -> IntArray:
    """Sites, p of them, each the nearest to the client farthest from those before (Dyer & Frieze 1985)."""
    sites = [int(np.argmin(distance.max(axis=0)))]
    while len(sites) < p:
        trip = distance[:, sites].min(axis=1)
        row = np.array(distance[int(np.argmax(trip))])
        row[sites] = np.inf
        if not np.isfinite(row).any():
            break
        sites.append(int(np.argmin(row)))
    return np.array(sites, dtype=np.int64)


def _relaxed_radius(
    distance: FloatArray, radii: FloatArray, ends: tuple[int, int], *, p: int, deadline: float
) -> tuple[int, bool]:
    """The least position of a radius at which p sites in fractions cover everybody; whether time ran out."""
    low, high = ends
    while low < high:
        middle = (low + high) // 2
        cover = sparse.csr_array(distance <= radii[middle])
        clients, sites = reduced(cover)
        part = sparse.csr_array(cover[clients][:, sites], dtype=np.float64)
        n, m = len(sites), len(clients)
        one = np.ones(n)
        found = minimise(
            one,
            part,
            np.ones(m),
            np.full(m, np.inf),
            upper=one,
            whole=one > 0,
            relaxed=True,
            time_limit=left(deadline),
        )
        if not found.proved:
            return low, True
        if found.at is None or found.value > p + 1e-6:
            low = middle + 1
        else:
            high = middle
    return low, False
