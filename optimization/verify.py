"""Checks a plan without the model: every rule and every reported figure, from the open sites alone.

The model says what a plan must be in rows and columns; this says it again in sums over arrays, written
afresh, so that one mistake cannot hide in both.  It therefore shares nothing with ``constraints`` and
``objectives``, nor the reach and cost that `Instance` offers them, and has its own edge tolerance.
A plan with a finding is never shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from errors import Problem
from optimization.instance import Instance
from optimization.rules import BoolArray, Colocated, FloatArray, IntArray, Quota, Rule, StageBudget
from optimization.solution import Allocation, Level, Solution, Status

Finding: TypeAlias = Problem
"""One thing that does not stand up; its text is ``error.verify.*``."""

EDGE = 1e-6
"""Minutes by which a trip may exceed the standard and still lie on its boundary."""

SHARE = 1e-6
"""How far the shares of one commune may sum above 1: what a solver calls feasible."""

FIGURE = 1e-6
"""Relative difference allowed between a reported and a recomputed figure."""


class Breach(NamedTuple):
    """By how much a rule is broken: what was `found`, and the `limit` it had to keep to."""

    found: int
    limit: int


@dataclass(frozen=True, eq=False, kw_only=True)
class Figures:
    """What a plan comes to, summed afresh.

    Attributes:
        cost: VND of each stage, (T,).
        demand, served, no_capacity, out_of_reach: persons of each service, commune and stage, (S, I, T); the
            last three add up to the first.  Who is not served has no capacity left for them if an open
            facility of the service stands within its standard, and is out of reach otherwise.
        caseload: persons served at each facility, (F, T).
        travel: minutes that the served travel in a year, there and back, (S, T).
        openings: facilities opened, (S, T).
        spent_on_new: VND of each stage for what the plan opens, without what stood before, (S, T).
    """

    cost: IntArray
    demand: FloatArray
    served: FloatArray
    no_capacity: FloatArray
    out_of_reach: FloatArray
    caseload: FloatArray
    travel: FloatArray
    openings: IntArray
    spent_on_new: IntArray


def verify(instance: Instance, solution: Solution, *, gap: float = 0.0) -> tuple[Finding, ...]:
    """Everything about `solution` that does not stand up; empty when it stands.

    `gap` is the relative gap up to which an answer may call itself optimal, as it was asked of the solver.
    """
    opened, allocation = solution.opened, solution.allocation
    if solution.status not in (Status.OPTIMAL, Status.FEASIBLE) or opened is None or allocation is None:
        return tuple(_no_plan(solution))
    malformed = tuple(_malformed(instance, solution.existing, opened, allocation))
    if malformed:  # nothing can be summed over arrays that do not fit
        return malformed
    return (
        *_openings(instance, solution.existing, opened),
        *_assignment(instance, allocation, _open(instance, opened)),
        *_rules(instance, opened),
        *_levels(instance, solution, gap),
    )


def kept(instance: Instance, solution: Solution) -> dict[tuple[str, str], bool]:
    """Whether the plan keeps each row of each rule, by (rule id, part).

    Raises:
        ValueError: there is no plan to read.
    """
    if solution.opened is None:
        raise ValueError("there is no plan to read")
    result: dict[tuple[str, str], bool] = {}
    for rule in instance.rules:
        key = (rule.id, rule.part)
        result[key] = result.get(key, True) and breach(instance, rule, solution.opened) is None
    return result


def figures(instance: Instance, solution: Solution) -> Figures:
    """What the plan comes to; see `Figures`.

    Raises:
        ValueError: there is no plan to read.
    """
    opened, allocation = solution.opened, solution.allocation
    if opened is None or allocation is None:
        raise ValueError("there is no plan to read")
    commune, facility, stage, share = allocation
    of_facility = _service(instance)
    service = of_facility[facility]
    persons = instance.demand[service, commune, stage] * share
    minutes = instance.minutes[commune, instance.site[facility]]
    visits = np.array([s.visits for s in instance.services], dtype=np.float64)[service]

    served = np.zeros_like(instance.demand)
    np.add.at(served, (service, commune, stage), persons)
    caseload = np.zeros(opened.shape)
    np.add.at(caseload, (facility, stage), persons)
    travel = np.zeros((len(instance.services), len(instance.stages)))
    going = persons > 0  # nobody going an endless way is no minutes, not NaN
    np.add.at(travel, (service[going], stage[going]), (persons * visits)[going] * 2 * minutes[going])

    nothing = np.zeros_like(opened)
    provides = [of_facility == s for s in range(len(instance.services))]
    costs = [cost(instance, opened, scope=m) - cost(instance, nothing, scope=m) for m in provides]
    left = instance.demand - served
    near = _near(instance, _open(instance, opened))
    return Figures(
        cost=cost(instance, opened),
        demand=instance.demand,
        served=served,
        no_capacity=np.where(near, left, 0.0),
        out_of_reach=np.where(near, 0.0, left),
        caseload=caseload,
        travel=travel,
        openings=np.array([opened[m].sum(axis=0) for m in provides], dtype=np.int64),
        spent_on_new=np.array(costs, dtype=np.int64),
    )


def cost(instance: Instance, opened: IntArray, *, scope: BoolArray | None = None) -> IntArray:
    """VND that the facilities of `scope` (F,; all if None) cost in each stage, (T,).

    A facility works from the first year of the stage it opens in: that year costs F, each further one R.
    """
    total = np.zeros(len(instance.stages), dtype=np.int64)
    for f in range(len(instance.site)) if scope is None else np.flatnonzero(scope):
        kind = instance.kinds[instance.kind[f]]
        running = int(instance.existing[f])
        for t, years in enumerate(instance.years.tolist()):
            new = int(opened[f, t])
            total[t] += new * (kind.first_year + (years - 1) * kind.later_year)
            total[t] += running * years * kind.later_year
            running += new
    return total


# --- rules ---------------------------------------------------------------------------------------


def _quota(instance: Instance, rule: Quota, opened: IntArray) -> Breach | None:
    if rule.count == "opened":
        n = sum(int(opened[rule.scope, t].sum()) for t in set(rule.stages))
    else:
        n = int(instance.existing[rule.scope].sum() + opened[rule.scope, : max(rule.stages) + 1].sum())
    if n < rule.lo:
        return Breach(n, rule.lo)
    return Breach(n, rule.hi) if rule.hi is not None and n > rule.hi else None


def _colocated(instance: Instance, rule: Colocated, opened: IntArray) -> Breach | None:
    """Counts the facilities, over all stages, that stand without a host."""
    hosts = np.zeros((len(instance.premises), len(instance.stages)), dtype=np.int64)
    there = _open(instance, opened)
    for f in np.flatnonzero(rule.hosts):
        hosts[instance.site[f]] += there[f]
    alone = 0
    for f in np.flatnonzero(rule.scope):
        alone += int(np.maximum(there[f] - hosts[instance.site[f]], 0).sum())
    return Breach(alone, 0) if alone else None


def _stage_budget(instance: Instance, rule: StageBudget, opened: IntArray) -> Breach | None:
    by_stage = cost(instance, opened, scope=rule.scope)
    spent = sum(int(by_stage[t]) for t in set(rule.stages))
    return Breach(spent, rule.amount) if spent > rule.amount else None


CHECKS: dict[type[Rule], Callable[[Instance, Any, IntArray], Breach | None]] = {
    Quota: _quota,
    Colocated: _colocated,
    StageBudget: _stage_budget,
}
"""A check for each kind of rule, from the openings (F, T); a rule without one is a KeyError, not a pass."""


def breach(instance: Instance, rule: Rule, opened: IntArray) -> Breach | None:
    """By how much the openings (F, T) break `rule`; None if they keep it."""
    return CHECKS[type(rule)](instance, rule, opened)


def _rules(instance: Instance, opened: IntArray) -> Iterator[Finding]:
    for rule in instance.rules:
        broken = breach(instance, rule, opened)
        if broken:
            where = f"{rule.id}[{rule.part}]" if rule.part else rule.id
            yield Problem("verify.rule", where, {"found": broken.found, "limit": broken.limit})


# --- facilities and people -----------------------------------------------------------------------


def _no_plan(solution: Solution) -> Iterator[Finding]:
    has = solution.opened is not None or solution.allocation is not None or bool(solution.levels)
    says = solution.status in (Status.OPTIMAL, Status.FEASIBLE)
    if has or says:
        yield Problem("verify.status", "solution.status", {"status": solution.status.value})


def _malformed(
    instance: Instance, existing: IntArray, opened: IntArray, allocation: Allocation
) -> Iterator[Finding]:
    """Arrays of the wrong shape or type, and indices that point nowhere."""
    size = {"facility": len(instance.site), "stage": len(instance.stages), "commune": len(instance.communes)}
    for name, array, shape in (
        ("opened", opened, (size["facility"], size["stage"])),
        ("existing", existing, (size["facility"],)),
    ):
        if array.shape != shape or array.dtype.kind != "i":
            values = {"got": f"{array.dtype}{array.shape}", "want": f"int{shape}"}
            yield Problem("verify.shape", f"solution.{name}", values)
    n = len(allocation.share)
    for name, array in allocation._asdict().items():
        if array.shape != (n,) or (name in size and array.dtype.kind != "i"):
            values = {"got": f"{array.dtype}{array.shape}", "want": f"({n},)"}
            yield Problem("verify.shape", f"solution.allocation.{name}", values)
        elif name in size:
            wrong = (array < 0) | (array >= size[name])
            yield from _found("verify.index", f"solution.allocation.{name}", np.flatnonzero(wrong))


def _openings(instance: Instance, existing: IntArray, opened: IntArray) -> Iterator[Finding]:
    """keep_existing, stay_open and eligible, facility by facility."""
    new = opened > 0
    early = np.arange(len(instance.stages))[None, :] < instance.ready[:, None]
    places: dict[str, IntArray] = {
        "verify.existing": np.flatnonzero(existing != instance.existing),
        "verify.negative": np.flatnonzero((opened < 0).any(axis=1)),
        "verify.limit": np.flatnonzero((_open(instance, opened) > instance.limit[:, None]).any(axis=1)),
        "verify.not_offered": np.flatnonzero(new.any(axis=1) & ~instance.offered),
        "verify.not_ready": np.flatnonzero((new & early).any(axis=1)),
    }
    for code, where in places.items():
        yield from _found(code, "solution.opened", where, (_name(instance, f) for f in where))


def _assignment(instance: Instance, allocation: Allocation, there: IntArray) -> Iterator[Finding]:
    """assign_demand, open_before_allocate and the standard, arc by arc; nobody within reach is refused.

    Nothing limits what a facility can take, so whoever has one within the standard is served in full.
    """
    commune, facility, stage, share = allocation
    limits = np.array([k.standard for k in instance.kinds], dtype=np.float64)[instance.kind[facility]]
    minutes = instance.minutes[commune, instance.site[facility]]
    _, first = np.unique(np.stack([commune, facility, stage]), axis=1, return_index=True)
    arcs: dict[str, IntArray] = {
        "verify.share": np.flatnonzero(~((share > 0) & (share <= 1 + SHARE))),
        "verify.twice": np.setdiff1d(np.arange(len(share)), first),
        "verify.closed": np.flatnonzero(there[facility, stage] < 1),
        "verify.too_far": np.flatnonzero(~((minutes <= limits + EDGE) & np.isfinite(minutes))),
    }
    for code, where in arcs.items():
        names = (f"{instance.communes[commune[n]]} → {_name(instance, facility[n])}" for n in where)
        yield from _found(code, "solution.allocation", where, names)
    total = np.zeros_like(instance.demand)
    np.add.at(total, (_service(instance)[facility], commune, stage), share)
    refused = (total < 1 - SHARE) & _near(instance, there) & (instance.demand > 0)
    for code, points in {"verify.over_assigned": total > 1 + SHARE, "verify.refused": refused}.items():
        who = np.argwhere(points)
        names = (
            f"{instance.communes[i]}, {instance.services[s].id}, {instance.stages[t]}" for s, i, t in who
        )
        yield from _found(code, "solution.allocation", who, names)


# --- what was reported ---------------------------------------------------------------------------


def _max_cover(instance: Instance, service: int, it: Figures) -> float:
    """Person-years Σ L_t w_i h_ist u_ist (Church & ReVelle 1974, staged and weighted)."""
    return float((instance.weight[:, None] * it.served[service] * instance.years).sum())


def _min_travel(instance: Instance, service: int, it: Figures) -> float:
    """Person-minutes Σ L_t h_ist x_ijkt 2 τ_ij × visits (ReVelle & Swain 1970, staged)."""
    return float((it.travel[service] * instance.years).sum())


def _min_facilities(instance: Instance, service: int, it: Figures) -> float:
    """Facilities opened, Σ z (Toregas et al. 1971)."""
    del instance
    return float(it.openings[service].sum())


def _min_cost(instance: Instance, service: int, it: Figures) -> float:
    """VND over all stages for what the plan opens."""
    del instance
    return float(it.spent_on_new[service].sum())


VALUES: dict[str, Callable[[Instance, int, Figures], float]] = {
    "max_cover": _max_cover,
    "min_travel": _min_travel,
    "min_facilities": _min_facilities,
    "min_cost": _min_cost,
}
"""Each objective's value, from (instance, service, figures)."""


def _levels(instance: Instance, solution: Solution, gap: float) -> Iterator[Finding]:
    wanted = [objective.name for objective in instance.objectives]
    if [level.name for level in solution.levels] != wanted:
        got = ", ".join(level.name for level in solution.levels)
        yield Problem("verify.levels", "solution.levels", {"got": got, "want": ", ".join(wanted)})
        return
    it = figures(instance, solution)
    for objective, level in zip(instance.objectives, solution.levels, strict=True):
        where = f"solution.levels.{level.name}"
        value = VALUES[objective.name](instance, objective.service, it)
        if not abs(value - level.value) <= FIGURE * max(1.0, abs(value)):  # also when either is NaN
            yield Problem("verify.value", where, {"got": level.value, "want": value})
        loss = objective.loss / (1 - objective.loss)  # later levels may have used it
        yield from _proof(level, where, solution.status, gap + loss + gap * loss)


def _proof(level: Level, where: str, status: Status, gap: float) -> Iterator[Finding]:
    """The bound lies on the side where a better plan could be, and the gap and status say so honestly."""
    room = level.bound - level.value if level.name.startswith("max") else level.value - level.bound
    scale = max(abs(level.value), abs(level.bound))
    if np.isnan(room) or room < -FIGURE * max(scale, 1.0):
        yield Problem("verify.bound", where, {"value": level.value, "bound": level.bound})
        return
    true_gap = 0.0 if room <= FIGURE else room / max(abs(level.value), 1e-9)
    understated = not level.gap >= min(true_gap, 1e9) * (1 - FIGURE) - FIGURE
    if understated or (status is Status.OPTIMAL and level.gap > gap + FIGURE):
        values = {"got": level.gap, "want": true_gap, "status": status.value}
        yield Problem("verify.gap", where, values)


# --- helpers -------------------------------------------------------------------------------------


def _open(instance: Instance, opened: IntArray) -> IntArray:
    """How many of each facility are open in each stage, (F, T)."""
    there = np.array(opened, dtype=np.int64)
    there[:, :1] += instance.existing[:, None]
    for t in range(1, there.shape[1]):
        there[:, t] += there[:, t - 1]
    return there


def _service(instance: Instance) -> IntArray:
    return np.array([instance.kinds[k].service for k in instance.kind], dtype=np.int64)


def _near(instance: Instance, there: IntArray) -> BoolArray:
    """Whether a commune has an open facility of the service within its standard, (S, I, T)."""
    near = np.zeros(instance.demand.shape, dtype=np.bool_)
    for f in np.flatnonzero(there.any(axis=1)):
        kind = instance.kinds[instance.kind[f]]
        trip = instance.minutes[:, instance.site[f]]
        inside = (trip <= kind.standard + EDGE) & np.isfinite(trip)
        near[kind.service] |= inside[:, None] & (there[f] > 0)[None, :]
    return near


def _name(instance: Instance, f: int) -> str:
    return f"{instance.kinds[instance.kind[f]].id} @ {instance.premises[instance.site[f]]}"


def _found(code: str, where: str, rows: Any, names: Iterable[str] = ()) -> Iterator[Finding]:
    """One finding for all `rows` of the same fault, naming the first."""
    if len(rows):
        first = next(iter(names), str(rows[0]))
        yield Problem(code, where, {"n": len(rows), "first": first})
