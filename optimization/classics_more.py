"""Classics with capacities, backup and stages, as plain functions on arrays; see `classics` for the symbols.

Q_j capacity · f_j fixed cost · h_i demand · c_ij cost of serving all of i from j
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from errors import DataError, Problem
from optimization.arrays import Answer, Checks, answer
from optimization.classics import Names, clock, filled, nearest
from optimization.instance import Instance, Kind, Objective, Service
from optimization.rules import BoolArray, FloatArray, Quota
from optimization.solve import solve
from optimization.sparse import Outcome, left, minimise


def capacitated_facility_location(
    cost: ArrayLike,
    fixed: ArrayLike,
    capacity: ArrayLike,
    demand: ArrayLike,
    *,
    clients: Names = None,
    sites: Names = None,
    gap: float = 0.0,
    time_limit: float | None = None,
) -> Answer:
    """Which sites open, and who is served where, at least cost: the capacitated facility location problem.

    Kuehn & Hamburger (1963), Management Science 9(4), 643–666; Sridharan (1995), EJOR 87, 203–213.

        minimise    Σ_j f_j y_j + Σ_i Σ_j c_ij x_ij          (1)
        subject to  Σ_j x_ij = 1             for all i       (2)
                    Σ_i h_i x_ij ≤ Q_j y_j   for all j       (3)
                    x_ij ≤ y_j               for all i, j    (4)
                    Σ_j Q_j y_j ≥ Σ_i h_i                    (5)
                    x_ij ≥ 0, y_j ∈ {0, 1}                   (6)

    | symbol | where |
    |---|---|
    | (1) | fixed costs of open sites, and cost of serving |
    | (2) | everybody is served, if need be from several sites |
    | (3) | within the capacity of an open site |
    | (4), (5) | implied; they make the relaxation strong |

    Args:
        cost: c, (I, J): of serving *all* of i from j; ``inf`` where that cannot be.
        fixed, capacity: f and Q, (J,).
        demand: h, (I,).
        clients, sites, gap, time_limit: as in `classics.lscp`.

    Returns:
        `shares` x (I, J); `assignment` the site with most of it; INFEASIBLE where capacities do not do.

    Raises:
        DataError: wrong shapes, NaN, negative numbers, names twice, clients without a way to any site.
        SolverError: HiGHS failed.
    """
    began, deadline = clock(time_limit)
    checks = Checks(clients, sites)
    c = checks.matrix("cost", cost)
    f = checks.vector("fixed", fixed, c.shape[1], of="sites")
    q = checks.vector("capacity", capacity, c.shape[1], of="sites")
    h = checks.vector("demand", demand, len(c), of="clients", demand=True)
    checks.connected("cost", c)
    checks.done()
    found, shares = _allocating(c, f, q, h, p=None, single=False, gap=gap, deadline=deadline)
    return _allocated(c, found, shares, began=began, split=True)


def capacitated_p_median(
    cost: ArrayLike,
    p: int,
    capacity: ArrayLike,
    demand: ArrayLike,
    *,
    single_source: bool = True,
    clients: Names = None,
    sites: Names = None,
    gap: float = 0.0,
    time_limit: float | None = None,
) -> Answer:
    """The p sites with the least cost whose capacities hold everybody: the capacitated p-median problem.

    Mulvey & Beck (1984), EJOR 18, 339–348; Osman & Christofides (1994), ITOR 1, 317–336.

        minimise    Σ_i Σ_j c_ij x_ij                        (1)
        subject to  Σ_j x_ij = 1             for all i       (2)
                    Σ_i h_i x_ij ≤ Q_j y_j   for all j       (3)
                    x_ij ≤ y_j               for all i, j    (4)
                    Σ_j y_j = p                              (5)
                    y_j ∈ {0, 1}; x_ij ∈ {0, 1}, or x_ij ≥ 0 (6)

    | symbol | where |
    |---|---|
    | (1) | cost of serving everybody |
    | (3) | within the capacity of an open site |
    | (6) | each client whole at one site (`single_source`), or split |

    Args:
        cost: c, (I, J): of serving all of i from j.
        p: number of sites.
        capacity: Q, (J,).
        demand: h, (I,).
        single_source: whether a client must be whole at one site.
        clients, sites, gap, time_limit: as in `classics.lscp`.

    Returns, Raises: as in `capacitated_facility_location`; p outside 1 … J is a DataError.
    """
    began, deadline = clock(time_limit)
    checks = Checks(clients, sites)
    c = checks.matrix("cost", cost)
    q = checks.vector("capacity", capacity, c.shape[1], of="sites")
    h = checks.vector("demand", demand, len(c), of="clients", demand=True)
    checks.number("p", p, 1, c.shape[1])
    checks.connected("cost", c)
    checks.done()
    found, shares = _allocating(
        c, np.zeros(len(q)), q, h, p=p, single=single_source, gap=gap, deadline=deadline
    )
    return _allocated(c, found, shares, began=began, split=not single_source)


def backup_mclp(
    distance: ArrayLike,
    weights: ArrayLike,
    radius: float,
    p: int,
    *,
    backup: float = 0.5,
    clients: Names = None,
    sites: Names = None,
    gap: float = 0.0,
    time_limit: float | None = None,
) -> Answer:
    """The p sites that cover most, once and twice: the backup coverage problem BACOP2.

    Hogan & ReVelle (1986), Management Science 32(11), 1434–1444.

        maximise    (1 − β) Σ_i w_i u_i + β Σ_i w_i b_i      (1)
        subject to  u_i + b_i ≤ Σ_{j ∈ N_i} y_j  for all i   (2)
                    b_i ≤ u_i                    for all i   (3)
                    Σ_j y_j = p                              (4)
                    y_j ∈ {0, 1}, 0 ≤ u_i, b_i ≤ 1           (5)

    | symbol | where |
    |---|---|
    | u_i, b_i | covered at all; covered by a second site |
    | β | what a second cover counts beside the first |

    Args:
        backup: β, in [0, 1].
        distance, weights, radius, p, clients, sites, gap, time_limit: as in `classics.mclp`.

    Returns, Raises: as in `classics.mclp`; `value` is (1).
    """
    began, deadline = clock(time_limit)
    checks = Checks(clients, sites)
    d = checks.matrix("distance", distance)
    w = checks.vector("weights", weights, len(d), of="clients", demand=True)
    checks.number("radius", radius, 0.0, math.inf)
    checks.number("p", p, 1, d.shape[1])
    checks.number("backup", backup, 0.0, 1.0)
    checks.done()
    k, n = d.shape
    near = sparse.csr_array(d <= radius, dtype=np.float64)
    one, nothing = sparse.eye_array(k), sparse.csr_array((k, n))
    number = sparse.csr_array(np.r_[np.ones(n), np.zeros(2 * k)][None])
    blocks = [sparse.hstack([near, -one, -one]), sparse.hstack([nothing, one, -one]), number]
    found = minimise(
        np.r_[np.zeros(n), -(1 - backup) * w, -backup * w],
        sparse.csr_array(sparse.vstack(blocks)),
        np.r_[np.zeros(2 * k), p],
        np.r_[np.full(2 * k, np.inf), p],
        upper=np.ones(n + 2 * k),
        whole=np.arange(n + 2 * k) < n,
        gap=gap,
        time_limit=left(deadline),
    )
    bound = min(-found.bound, float(w.sum()))
    if found.at is None:
        return answer(k, None, value=0, bound=bound, proved=found.proved, began=began)
    chosen = filled(np.flatnonzero(found.at[:n] > 0.5), p, n)
    times = (d[:, chosen] <= radius).sum(axis=1)
    value = float((1 - backup) * w[times >= 1].sum() + backup * w[times >= 2].sum())
    assignment = nearest(d, chosen, radius)
    return answer(
        k, chosen, value=value, bound=bound, proved=found.proved, began=began, assignment=assignment
    )


def multi_period_mclp(
    distance: ArrayLike,
    weights: ArrayLike,
    radius: float,
    openings: Sequence[int],
    *,
    clients: Names = None,
    sites: Names = None,
    gap: float = 0.0,
    time_limit: float | None = None,
) -> Answer:
    """Where and when to open so that most is covered over all stages; what opens stays open.

    The multi-period maximal covering problem, Gunawardane (1982), EJOR 10(2), 190–195.

        maximise    Σ_t Σ_i w_it u_it                          (1)
        subject to  u_it ≤ Σ_{j ∈ N_i} y_jt      for all i, t  (2)
                    y_jt ≥ y_j,t−1               for all j, t  (3)
                    Σ_j (y_jt − y_j,t−1) = p_t   for all t     (4)
                    y_jt ∈ {0, 1}, 0 ≤ u_it ≤ 1, y_j,−1 = 0    (5)

    | symbol | where |
    |---|---|
    | (2) | covered in a stage where an open site stands within the radius |
    | (3), (4) | nothing closes, and p_t sites open in stage t |

    Solved as an `Instance`, so that ties fall as in `solve`.

    Args:
        distance: d, (I, J).
        weights: w, (I, T).
        radius: r.
        openings: p_t for each stage.
        clients, sites, gap, time_limit: as in `classics.lscp`.

    Returns:
        `stages` says when each of `sites` opens; `assignment` is that of the last stage.

    Raises:
        DataError: as in `classics.mclp`; more openings than sites.
        SolverError: see `solve`.
    """
    began = time.perf_counter()
    checks = Checks(clients, sites)
    d = checks.matrix("distance", distance)
    w, shape = np.array(weights, dtype=np.float64), (len(d), len(openings))
    if w.shape != shape:
        raise DataError(
            [*checks.problems, Problem("classic.shape", "weights", {"got": w.shape, "want": shape})]
        )
    checks.vector("weights", w.ravel(), w.size, of="entries", demand=True)
    checks.number("radius", radius, 0.0, math.inf)
    for n in openings:
        checks.number("openings", n, 0, d.shape[1])
    checks.number("openings", sum(openings), 0, d.shape[1])
    checks.done()
    found = solve(_staged(d, w, radius, openings), gap=gap, time_limit=time_limit)
    if found.opened is None:
        return answer(len(d), None, value=0, bound=float(w.sum()), proved=False, began=began)
    chosen, level = np.flatnonzero(found.opened.any(axis=1)), found.levels[0]
    return answer(
        len(d),
        chosen,
        value=level.value,
        bound=level.bound,
        proved=found.status.value == "optimal",
        began=began,
        assignment=nearest(d, chosen, radius),
        stages=np.argmax(found.opened[chosen] > 0, axis=1),
    )


# --- helpers -------------------------------------------------------------------------------------


def _staged(distance: FloatArray, weights: FloatArray, radius: float, openings: Sequence[int]) -> Instance:
    """The multi-period MCLP as an instance: one kind of facility at every site."""
    (k, n), stages = distance.shape, len(openings)
    every = np.ones(n, dtype=np.bool_)
    rules = [
        Quota(id="openings", part=str(t), scope=every, stages=(t,), lo=number, hi=number)
        for t, number in enumerate(openings)
    ]
    nothing, nowhere = np.zeros(n, dtype=np.int64), np.full(n, -1)
    return Instance(
        communes=tuple(map(str, range(k))),
        premises=tuple(map(str, range(n))),
        groups=(),
        services=(Service("service"),),
        kinds=(Kind("site", 0, radius),),
        stages=tuple(map(str, range(stages))),
        years=np.ones(stages, dtype=np.int64),
        demand=weights[None],
        minutes=distance,
        weight=np.ones(k),
        commune_group=np.full(k, -1),
        site_group=nowhere,
        site=np.arange(n),
        kind=nothing,
        existing=nothing,
        limit=nothing + 1,
        ready=nothing,
        offered=every,
        rules=tuple(rules),
        objectives=(Objective("max_cover", 0),),
    )


def _allocating(
    cost: FloatArray,
    fixed: FloatArray,
    capacity: FloatArray,
    demand: FloatArray,
    *,
    p: int | None,
    single: bool,
    gap: float,
    deadline: float,
) -> tuple[Outcome, FloatArray]:
    """The allocating model with capacities: what HiGHS found, and x (I, J)."""
    k, n = cost.shape
    usable = np.isfinite(cost)
    if single:
        usable &= demand[:, None] <= capacity[None, :]
    i, j = np.nonzero(usable)
    m = len(i)
    x = n + np.arange(m)
    once = sparse.coo_array((np.ones(m), (i, x)), shape=(k, n + m))
    load = sparse.coo_array(
        (np.r_[demand[i], -capacity], (np.r_[j, np.arange(n)], np.r_[x, np.arange(n)])), shape=(n, n + m)
    )
    rows = np.arange(m)
    strong = sparse.coo_array(
        (np.r_[np.ones(m), -np.ones(m)], (np.r_[rows, rows], np.r_[x, j])), shape=(m, n + m)
    )
    enough = sparse.csr_array(np.r_[capacity, np.zeros(m)][None])
    number = sparse.csr_array(np.r_[np.ones(n), np.zeros(m)][None])
    low = np.r_[np.ones(k), np.full(n + m, -np.inf), demand.sum(), 0 if p is None else p]
    high = np.r_[np.ones(k), np.zeros(n + m), np.inf, n if p is None else p]
    whole: BoolArray = np.arange(n + m) < (n + m if single else n)
    found = minimise(
        np.r_[fixed, cost[i, j]],
        sparse.csr_array(sparse.vstack([once, load, strong, enough, number])),
        low,
        high,
        upper=np.ones(n + m),
        whole=whole,
        gap=gap,
        time_limit=left(deadline),
    )
    shares = np.zeros((k, n))
    if found.at is not None:
        shares[i, j] = found.at[n:]
    return found, shares


def _allocated(cost: FloatArray, found: Outcome, shares: FloatArray, *, began: float, split: bool) -> Answer:
    """The answer of a model with allocation; HiGHS's noise in the shares stays below a millionth."""
    k, n = cost.shape
    if found.at is None:
        return answer(k, None, value=0, bound=found.bound, proved=found.proved, began=began)
    return answer(
        k,
        np.flatnonzero(found.at[:n] > 0.5),
        value=found.value,
        bound=found.bound,
        proved=found.proved,
        began=began,
        assignment=np.argmax(shares, axis=1),
        shares=shares if split else None,
    )
