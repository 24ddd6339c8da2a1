"""Questions about a plan: why here and why then, and what else is as good.

Every answer is a re-solve from the plan in hand, so each has a status, a bound and a gap; an answer cut short
by the clock says by how much it may be off.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from errors import DataError, Problem
from optimization.instance import Instance
from optimization.model import Model
from optimization.rules import BoolArray, IntArray, Quota, Rule
from optimization.search import Cancel, Goal, Progress, goals_of
from optimization.solution import Solution, Status
from optimization.variants import (
    ID,
    Clock,
    check_number,
    exactly,
    first_goal,
    one,
    plan_of,
    with_rules,
)


@dataclass(frozen=True, eq=False, slots=True)
class Change:
    """What becomes of the first objective if one thing is otherwise, and all else is planned anew.

    Attributes:
        solution: the best plan then; its status says whether there is any.
        loss: by how much its first objective is worse than that of the plan in hand (negative: better, which
            a plan that was proved best cannot be); None without a plan.
        least_loss: what is lost at least, proved; equal to `loss` where the re-solve is optimal.
    """

    solution: Solution
    loss: float | None
    least_loss: float | None


@dataclass(frozen=True, eq=False, slots=True)
class WhyHere:
    """Why a facility stands where it does, and opens when it does.

    Attributes:
        facility, stage: f and the stage that it opens in.
        forbidden: it never opens.
        later: it opens one stage later; None if it opens in the last.
        moved: everything at its premises opens elsewhere, and all else stays as planned.
        moved_to: the facility f that takes its place then; None if nowhere else will do.
        dependents: communes (I,) served by it in the last stage that no other open facility of the service
            reaches.
        persons: demand of those, in persons of the last stage.
    """

    facility: int
    stage: int
    forbidden: Change
    later: Change | None
    moved: Change
    moved_to: int | None
    dependents: tuple[int, ...]
    persons: float


@dataclass(frozen=True, eq=False, slots=True)
class Alternatives:
    """Plans nearly as good as the best that really differ.

    Attributes:
        plans: the plan in hand, then the others, best first.
        losses: by what share of its value each is worse in the first objective.
        common: facilities f that all of them open, in whatever stage.
        complete: whether it is proved that no further plan differs from all of these by as much and is as
            good; False if the count or the clock ended the search.
    """

    plans: tuple[Solution, ...]
    losses: tuple[float, ...]
    common: tuple[int, ...]
    complete: bool


# --- why here ------------------------------------------------------------------------------------


def why_here(
    instance: Instance,
    solution: Solution,
    facility: int,
    *,
    gap: float = 0.0,
    time_limit: float | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> WhyHere:
    """What is lost if `facility` (f) is forbidden, opens a stage later, or moves to the next best premises.

    Compares by the first objective, each time by a re-solve that starts from the plan.  `time_limit` is for
    the whole call.

    Raises:
        DataError: there is no plan or objective, or the plan does not open the facility.
        SolverError: see `solve`.
    """
    goal, opened = first_goal(instance), plan_of(solution)
    if not (0 <= facility < len(instance.site) and opened[facility].any()):
        raise DataError(Problem("explore.not_opened", "facility", {"facility": _name(instance, facility)}))
    stage, last = int(np.flatnonzero(opened[facility])[0]), len(instance.stages) - 1
    asked = replace(instance, objectives=instance.objectives[:1])
    value = solution.levels[0].value
    run = Clock(gap, time_limit, progress, cancel).started()

    def otherwise(*rules: Rule) -> Change:
        found = run(with_rules(asked, *rules), opened)
        if found.opened is None:
            return Change(found, None, None)
        level = found.levels[0]
        return Change(found, goal.room(level.value, value), goal.room(level.bound, value))

    alone, every = one(instance, facility), tuple(range(last + 1))
    until = Quota(id=ID, part="until", scope=alone, stages=tuple(range(stage + 1)), hi=0)
    forbidden = otherwise(Quota(id=ID, part="never", scope=alone, stages=every, hi=0))
    later = None
    if stage < last:
        n = int(opened[facility, stage])
        later = otherwise(until, Quota(id=ID, part="then", scope=alone, stages=(stage + 1,), lo=n))
    moved = otherwise(*_elsewhere(instance, opened, facility))
    dependents = depend_alone(instance, solution, facility)
    persons = instance.demand[instance.facility_service[facility], list(dependents), last]
    return WhyHere(
        facility=facility,
        stage=stage,
        forbidden=forbidden,
        later=later,
        moved=moved,
        moved_to=_successor(instance, opened, moved.solution, facility, stage),
        dependents=dependents,
        persons=float(persons.sum()),
    )


def depend_alone(
    instance: Instance, solution: Solution, facility: int, *, stage: int | None = None
) -> tuple[int, ...]:
    """Communes i served by `facility` in `stage` (None: the last) that no other open facility reaches.

    Of facilities of the same service, that is.

    Raises:
        DataError: there is no plan.
    """
    plan_of(solution)
    t = len(instance.stages) - 1 if stage is None else stage
    assert solution.allocation is not None
    commune, served_at, when, _ = solution.allocation
    served = np.unique(commune[(served_at == facility) & (when == t)])
    points, arcs = instance.reach(int(instance.facility_service[facility]))
    others = points[(solution.open[arcs, t] > 0) & (arcs != facility)]
    return tuple(np.setdiff1d(served, others).tolist())


def _elsewhere(instance: Instance, opened: IntArray, facility: int) -> Iterator[Rule]:
    """Rules that keep all openings but those at the premises of `facility`, which find other premises.

    What stands at one premises depends on each other (co-location), so that it moves together.
    """
    here = instance.site == instance.site[facility]
    for t in range(len(instance.stages)):
        leaving = {int(k) for k in instance.kind[here & (opened[:, t] > 0)]}
        moving = np.isin(instance.kind, sorted(leaving))
        yield from exactly(instance, opened, ~here & ~moving, stages=(t,))
        kept = ~here & moving & (opened[:, t] > 0)
        for f in np.flatnonzero(kept).tolist():
            n = int(opened[f, t])
            yield Quota(id=ID, part=f"kept/{f}/{t}", scope=one(instance, f), stages=(t,), lo=n)
        yield Quota(id=ID, part=f"here/{t}", scope=here, stages=(t,), hi=0)
        for k in sorted(leaving):
            n = int(opened[instance.kind == k, t].sum())
            scope = instance.kind == k
            yield Quota(id=ID, part=f"kind{k}/{t}", scope=scope, stages=(t,), lo=n, hi=n)


def _successor(
    instance: Instance, opened: IntArray, moved: Solution, facility: int, stage: int
) -> int | None:
    """The facility that opens in place of `facility` in the plan `moved`."""
    if moved.opened is None:
        return None
    more = (moved.opened[:, stage] > opened[:, stage]) & (instance.kind == instance.kind[facility])
    return int(np.flatnonzero(more)[0])


# --- alternatives --------------------------------------------------------------------------------


def alternatives(
    instance: Instance,
    solution: Solution,
    *,
    epsilon: float,
    distance: int,
    count: int,
    scope: BoolArray | None = None,
    gap: float = 0.0,
    time_limit: float | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Alternatives:
    """Up to `count` further plans at most the share `epsilon` worse, each two `distance` facilities apart.

    The distance of two plans is the number of facilities that one opens and the other does not, both ways, in
    whatever stage: a point that stands elsewhere counts two.  Only facilities of `scope` (F,; all if None)
    count.  Each plan found is the best that is far enough from all before it, by all objectives.

    With n_f openings in a plan found before and U_f the room, a further one keeps (Balas & Jeroslow 1972)

        Σ_{f: n_f = 0} Σ_t z_ft + Σ_{f: n_f = U_f} (U_f − Σ_t z_ft) ≥ distance.

    Where a place has room for several and the plan uses some of it, its difference is not counted, so plans
    may differ by more than the distance, and `complete` is then never claimed.

    Raises:
        DataError: there is no plan or objective, epsilon < 0, distance < 1 or count < 1.
        SolverError: see `solve`.
    """
    goal = first_goal(instance)
    check_number("epsilon", epsilon, 0.0)
    check_number("distance", distance, 1)
    check_number("count", count, 1)
    value, opened = solution.levels[0].value if solution.levels else 0.0, plan_of(solution)
    floor = goal.worse(value, epsilon)
    run = Clock(gap, time_limit, progress, cancel).started()
    counts = np.ones(len(instance.site), dtype=np.bool_) if scope is None else scope
    plans, cuts = [solution], [opened.sum(axis=1)]

    def apart(model: Model) -> Iterator[tuple[Goal, float]]:
        yield goals_of(model)[0], floor
        for used in cuts:
            yield _far(model, used, distance, counts)

    complete = False
    while len(plans) <= count:
        found = run(instance, opened, apart)
        if found.opened is None:
            complete = found.status is Status.INFEASIBLE and not _partly_used(instance, cuts, counts)
            break
        if min(int(np.abs(found.opened.sum(axis=1) - used)[counts].sum()) for used in cuts) < distance:
            complete = True  # nothing can open at all, so there was no row to write
            break
        plans.append(found)
        cuts.append(found.opened.sum(axis=1))
    common = np.all([used > 0 for used in cuts], axis=0)
    scale = max(abs(value), 1e-9)
    losses = tuple(max(0.0, goal.room(plan.levels[0].value, value)) / scale for plan in plans)
    return Alternatives(tuple(plans), losses, tuple(np.flatnonzero(common).tolist()), complete)


def _partly_used(instance: Instance, cuts: list[IntArray], counts: BoolArray) -> bool:
    room = instance.limit - instance.existing
    return any(bool(((used > 0) & (used < room) & counts).any()) for used in cuts)


def _far(model: Model, used: IntArray, distance: int, counts: BoolArray) -> tuple[Goal, float]:
    """The row that keeps a plan `distance` away from one that opens `used` (F,)."""
    room = model.instance.limit - model.instance.existing
    sign = np.where(used == 0, 1, np.where(used == room, -1, 0)) * counts
    terms = [(z, float(sign[f])) for (f, _), z in model.variables.z.items() if sign[f]]
    full = int(used[(sign < 0)].sum())
    if not terms:  # nothing can open otherwise: a row that no plan keeps
        terms = [(z, 0.0) for z in model.variables.z.values()]
    return Goal("apart", terms, "max"), float(distance - full)


# --- helpers -------------------------------------------------------------------------------------


def _name(instance: Instance, facility: int) -> str:
    if not 0 <= facility < len(instance.site):
        return str(facility)
    return f"{instance.kinds[instance.kind[facility]].id} @ {instance.premises[instance.site[facility]]}"
