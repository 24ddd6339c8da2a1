"""Classic models straight into HiGHS as sparse arrays, and what shrinks them first.

PuLP is the language of the general model; a million non-zeros take it seconds to write, which a matrix
saves.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

import highspy
import numpy as np
from highspy import HighsModelStatus
from scipy import sparse

from errors import Problem, SolverError
from optimization.rules import BoolArray, FloatArray, IntArray
from optimization.search import OPTIONS


@dataclass(frozen=True, eq=False, slots=True)
class Outcome:
    """What HiGHS answered.

    `at` are the values of the columns, None without a solution; `bound` what no solution can go below;
    `proved` that the solution is the least or, without one, that there is none.
    """

    at: FloatArray | None
    value: float
    bound: float
    proved: bool


def minimise(
    cost: FloatArray,
    rows: sparse.csr_array,
    low: FloatArray,
    high: FloatArray,
    *,
    upper: FloatArray,
    whole: BoolArray,
    start: FloatArray | None = None,
    gap: float = 0.0,
    time_limit: float | None = None,
    relaxed: bool = False,
    method: str = "choose",
) -> Outcome:
    """The least cost·x with low ≤ rows x ≤ high, 0 ≤ x ≤ upper, x integer where `whole`.

    `relaxed` drops integrality, `start` is a solution to begin with, `method` HiGHS's `solver`.

    Raises:
        SolverError: HiGHS failed.
    """
    n, m = len(cost), rows.shape[0]
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = n, m
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = cost, np.zeros(n), upper
    lp.row_lower_, lp.row_upper_ = low, high
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = rows.indptr, rows.indices, rows.data
    mixed = bool(whole.any()) and not relaxed
    if mixed:
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        lp.integrality_ = [kinds[int(w)] for w in whole]
    highs = highspy.Highs()
    options = {**OPTIONS, "output_flag": False, "mip_rel_gap": gap, "mip_abs_gap": 1e-6, "solver": method}
    for name, value in options.items():
        highs.setOptionValue(name, value)
    if time_limit is not None:
        highs.setOptionValue("time_limit", max(0.0, time_limit))
    highs.passModel(lp)
    if start is not None and mixed:
        highs.setSolution(n, np.arange(n, dtype=np.int32), start)
    highs.run()
    status, info = highs.getModelStatus(), highs.getInfo()
    if status == HighsModelStatus.kInfeasible:
        return Outcome(None, math.inf, math.inf, True)
    if status not in (
        HighsModelStatus.kOptimal,
        HighsModelStatus.kTimeLimit,
        HighsModelStatus.kSolutionLimit,
        HighsModelStatus.kInterrupt,
    ):
        name = highs.modelStatusToString(status)
        raise SolverError(Problem("solver.failed", "HiGHS", {"status": name}))
    proved = status == HighsModelStatus.kOptimal
    value = float(info.objective_function_value)
    bound = float(info.mip_dual_bound) if mixed else (value if proved else -math.inf)
    if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return Outcome(None, math.inf, bound if math.isfinite(bound) else -math.inf, False)
    at = np.array(highs.getSolution().col_value)
    if mixed:
        at[whole] = np.round(at[whole])
    return Outcome(at, value, bound if math.isfinite(bound) else -math.inf, proved)


def left(deadline: float) -> float | None:
    """Seconds until `deadline`; None where there is none."""
    return None if math.isinf(deadline) else max(0.0, deadline - time.perf_counter())


# --- cover sets ----------------------------------------------------------------------------------


def merged(cover: sparse.csr_array) -> tuple[IntArray, IntArray]:
    """One row of each distinct non-empty cover set, and for each row its place among those (−1: empty)."""
    seen: dict[bytes, int] = {}
    first: list[int] = []
    place = np.full(cover.shape[0], -1, dtype=np.int64)
    for i in range(cover.shape[0]):
        members = cover.indices[cover.indptr[i] : cover.indptr[i + 1]]
        if len(members):
            key = members.tobytes()
            if key not in seen:
                seen[key] = len(first)
                first.append(i)
            place[i] = seen[key]
    return np.array(first, dtype=np.int64), place


def undominated(sets: sparse.csr_array, *, largest: bool) -> IntArray:
    """Rows that hold in no other row (`largest`), or that no other row holds in; of equals the first."""
    size = np.diff(sets.indptr)
    shared = sparse.coo_array(sets @ sets.T)
    one, other = shared.row, shared.col
    inside = (shared.data == size[one]) & (one != other)  # the set of `one` lies in that of `other`
    equal = inside & (size[one] == size[other])
    gone = one[inside & (~equal | (one > other))] if largest else other[inside & (~equal | (other > one))]
    keep = np.ones(sets.shape[0], dtype=np.bool_)
    keep[gone] = False
    return np.flatnonzero(keep)


def reduced(cover: sparse.csr_array) -> tuple[IntArray, IntArray]:
    """Clients and sites left of a set-covering problem when dominated ones are gone.

    Who is covered whenever another is need not be asked; a site that covers no more than another is not
    needed.  Each makes room for the other, until neither does (Toregas & ReVelle 1973).
    """
    clients, sites = np.arange(cover.shape[0]), np.arange(cover.shape[1])
    while True:
        part = sparse.csr_array(cover[clients][:, sites]).astype(np.int64)
        keep = undominated(part, largest=False)
        clients = clients[keep]
        part = sparse.csr_array(part[keep].T)
        stay = undominated(part, largest=True)
        if len(stay) == len(sites):
            return clients, sites
        sites = sites[stay]


def least_cover(
    cover: sparse.csr_array, *, most: int | None = None, deadline: float, gap: float = 0.0
) -> Outcome:
    """The least Σ y_j with Σ_j a_ij y_j ≥ 1 for each i; `at` is y over all sites.

    With `most`, Σ y ≤ most is a row, and any such cover will do: first the relaxation is asked whether there
    can be one.
    """
    clients, sites = reduced(cover)
    part = sparse.csr_array(cover[clients][:, sites], dtype=np.float64)
    n, m = len(sites), len(clients)
    one, whole = np.ones(n), np.ones(n, dtype=np.bool_)
    low, high = np.ones(m), np.full(m, np.inf)
    if most is not None:
        loose = minimise(
            one, part, low, high, upper=one, whole=whole, relaxed=True, time_limit=left(deadline)
        )
        if not loose.proved:
            return loose
        if loose.at is None or loose.value > most + 1e-6:
            return Outcome(None, math.inf, math.inf, True)
        part = sparse.csr_array(sparse.vstack([part, one[None]]))
        low, high = np.append(low, -np.inf), np.append(high, most)
    found = minimise(
        one * (most is None), part, low, high, upper=one, whole=whole, gap=gap, time_limit=left(deadline)
    )
    if found.at is None:
        return found
    at = np.zeros(cover.shape[1])
    at[sites] = found.at
    bound = math.ceil(found.bound - 1e-6) if most is None and math.isfinite(found.bound) else found.bound
    return Outcome(at, float(at.sum()), float(bound), found.proved)
