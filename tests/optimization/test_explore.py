"""Answers about a plan, against every schedule there is."""

import math
from dataclasses import replace
from threading import Event

import numpy as np
import pytest

from errors import DataError
from optimization import explore, solve, verify
from optimization.instance import Kind, Objective
from optimization.replan import Shift, replan
from optimization.rules import Capacity, Colocated, Quota, StageBudget
from optimization.solution import Status
from tests.optimization.instances import make, opening, province, scattered
from tests.optimization.test_bruteforce import keeps, schedules, worth

SEEDS = range(12)
WANTED = "max_cover"


def cases():
    """Small instances with a plan that opens something, and all their admissible schedules."""
    for seed in SEEDS:
        it = scattered(np.random.default_rng(seed))
        found = solve.solve(it)
        if found.opened is not None and found.opened.any():
            yield pytest.param(it, found, [p for p in schedules(it) if keeps(it, p)], id=str(seed))


CASES = list(cases())


def test_there_are_cases():
    assert len(CASES) >= 5


def most(it, plans) -> float | None:
    return max((worth(it, plan)[WANTED] for plan in plans), default=None)


def compare(change, best: float | None, now: float) -> None:
    """The loss is that of the best of all schedules, and nothing else is claimed."""
    if best is None:
        assert change.solution.status is Status.INFEASIBLE
        assert (change.loss, change.least_loss) == (None, None)
        return
    assert change.solution.status is Status.OPTIMAL
    assert change.loss == pytest.approx(now - best, abs=1e-4)
    assert change.least_loss == pytest.approx(change.loss, abs=1e-3)
    assert change.loss >= -1e-6


# --- why here ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("it", "found", "plans"), CASES)
def test_what_is_lost_is_what_the_best_other_schedule_lacks(it, found, plans):
    now = found.levels[0].value
    for f in np.flatnonzero(found.opened.any(axis=1)).tolist():
        why = explore.why_here(it, found, f)
        t = why.stage
        assert found.opened[f, t] > 0
        assert not found.opened[f, :t].any()
        compare(why.forbidden, most(it, [p for p in plans if not p[f].any()]), now)
        if t == len(it.stages) - 1:
            assert why.later is None
        else:
            later = [p for p in plans if not p[f, : t + 1].any() and p[f, t + 1] >= found.opened[f, t]]
            compare(why.later, most(it, later), now)
        moved = [p for p in plans if elsewhere(it, found.opened, p, f)]
        compare(why.moved, most(it, moved), now)
        assert (why.moved_to is None) == (not moved)
        if why.moved_to is not None:
            assert it.site[why.moved_to] != it.site[f]
            assert it.kind[why.moved_to] == it.kind[f]
            assert why.moved.solution.opened[why.moved_to, t] > found.opened[why.moved_to, t]


def elsewhere(it, before, plan, f) -> bool:
    """Nothing opens at the premises of f; as many of each kind and stage; what stood elsewhere stays."""
    here = it.site == it.site[f]
    if plan[here].any():
        return False
    for t in range(len(it.stages)):
        for k in range(len(it.kinds)):
            kind = it.kind == k
            if (
                plan[kind, t].sum() != before[kind, t].sum()
                or (plan[kind & ~here, t] < before[kind & ~here, t]).any()
            ):
                return False
    return True


@pytest.mark.parametrize(("it", "found", "plans"), CASES)
def test_who_depends_on_a_facility_alone_loses_all_without_it(it, found, plans):
    """Whoever depends on it has no other open facility within the standard, and nobody else is named."""
    last = len(it.stages) - 1
    standing = found.open[:, last] > 0
    for f in np.flatnonzero(standing).tolist():
        near = it.minutes[:, it.site] <= np.array([it.kinds[k].standard for k in it.kind])
        alone = near[:, f] & ~(near & standing)[:, np.arange(len(it.site)) != f].any(axis=1)
        wanted = np.flatnonzero(alone & (it.demand[0, :, last] > 0))
        assert explore.depend_alone(it, found, f) == tuple(wanted.tolist())


def test_a_facility_the_plan_does_not_open_is_refused():
    it, found, _ = CASES[0].values
    for f in (*np.flatnonzero(~found.opened.any(axis=1)).tolist(), -1, 99):
        with pytest.raises(DataError, match="does not open"):
            explore.why_here(it, found, f)
    with pytest.raises(DataError, match="no objective"):
        explore.why_here(replace(it, objectives=()), found, 0)
    with pytest.raises(DataError, match="holds no plan"):
        explore.why_here(it, replace(found, opened=None), 0)


def test_what_the_clock_cuts_short_claims_nothing():
    it = province(np.random.default_rng(1))
    found = solve.solve(it)
    f = int(np.flatnonzero(found.opened.any(axis=1))[0])
    why = explore.why_here(it, found, f, time_limit=0.0)
    assert why.forbidden.solution.status is Status.NO_SOLUTION
    assert why.forbidden.loss is None
    cancelled = Event()
    cancelled.set()
    got = explore.alternatives(it, found, epsilon=0.1, distance=2, count=2, cancel=cancelled)
    assert len(got.plans) == 1
    assert not got.complete


# --- alternatives --------------------------------------------------------------------------------


def apart(one, other) -> int:
    return int(np.abs(one.sum(axis=1) - other.sum(axis=1)).sum())


@pytest.mark.parametrize(("it", "found", "plans"), CASES)
@pytest.mark.parametrize("distance", [1, 2, 3])
def test_alternatives_are_near_far_apart_and_the_best_first(it, found, plans, distance):
    epsilon, value = 0.2, found.levels[0].value
    got = explore.alternatives(it, found, epsilon=epsilon, distance=distance, count=3)
    assert got.plans[0] is found
    taken = [found.opened]
    room = it.limit - it.existing
    for plan, loss in zip(got.plans[1:], got.losses[1:], strict=True):
        assert verify.verify(it, plan) == ()
        assert loss <= epsilon + 1e-6
        assert loss == pytest.approx((value - worth(it, plan.opened)[WANTED]) / value, abs=1e-6)
        assert all(apart(plan.opened, other) >= distance for other in taken)
        if all(((t.sum(axis=1) == 0) | (t.sum(axis=1) == room)).all() for t in taken):
            left = [p for p in plans if all(apart(p, other) >= distance for other in taken)]
            assert worth(it, plan.opened)[WANTED] == pytest.approx(most(it, left), rel=1e-5)
        taken.append(plan.opened)
    near = [p for p in plans if worth(it, p)[WANTED] >= value * (1 - epsilon) + 1e-6]
    left = [p for p in near if all(apart(p, other) >= distance for other in taken)]
    if got.complete:
        assert not left
    common = np.all([p.any(axis=1) for p in taken], axis=0)
    assert got.common == tuple(np.flatnonzero(common).tolist())


def test_the_search_ends_with_a_proof_where_places_hold_one():
    """Two of three sites: three plans in all, and then it is proved that there is no further one."""
    every = np.ones(3, dtype=bool)
    it = make(np.where(np.eye(3, dtype=bool), 0, 90), [10, 9, 8], rules=(opening(every, 0, 2),))
    found = solve.solve(it)
    got = explore.alternatives(it, found, epsilon=0.5, distance=2, count=9)
    assert [p.levels[0].value for p in got.plans] == [19, 18, 17]
    assert got.losses == pytest.approx([0, 1 / 19, 2 / 19])
    assert got.common == ()
    assert got.complete
    near = explore.alternatives(it, found, epsilon=0.06, distance=2, count=9)
    assert [p.levels[0].value for p in near.plans] == [19, 18]
    assert near.common == (0,)
    assert near.complete
    assert not explore.alternatives(it, found, epsilon=0.5, distance=2, count=1).complete
    assert len(explore.alternatives(it, found, epsilon=0.5, distance=5, count=9).plans) == 1
    only = explore.alternatives(it, found, epsilon=0.5, distance=1, count=9, scope=np.arange(3) == 2)
    assert [p.levels[0].value for p in only.plans] == [19, 18]


def test_where_nothing_can_open_there_is_nothing_else():
    it = make([[0, 90], [90, 0]], [1, 2], existing=[1, 1])
    got = explore.alternatives(it, solve.solve(it), epsilon=0.5, distance=1, count=3)
    assert len(got.plans) == 1
    assert got.complete


@pytest.mark.parametrize("wrong", [{"epsilon": -0.1}, {"distance": 0}, {"count": 0}, {"epsilon": math.nan}])
def test_numbers_that_mean_nothing_are_refused(wrong):
    it, found, _ = CASES[0].values
    with pytest.raises(DataError, match="is not between"):
        explore.alternatives(it, found, **({"epsilon": 0.1, "distance": 1, "count": 1} | wrong))


# --- mending an announced plan -------------------------------------------------------------------


def changes(announced, plan) -> int:
    return int(np.maximum(announced - plan, 0).sum())


@pytest.mark.parametrize("seed", range(16))
def test_the_least_change_is_the_least_of_all_schedules_and_then_the_best(seed):
    rng = np.random.default_rng(seed)
    it = scattered(rng)
    announced = rng.integers(0, 2, (len(it.site), len(it.stages))) * (rng.random((len(it.site), 1)) < 0.6)
    plans = [p for p in schedules(it) if keeps(it, p)]
    got = replan(it, announced)
    if not plans:
        assert got.solution.status is Status.INFEASIBLE
        return
    least = min(changes(announced, p) for p in plans)
    assert changes(announced, got.solution.opened) == least == got.least_changes == len(got.shifts)
    assert verify.verify(it, got.solution) == ()
    best = most(it, [p for p in plans if changes(announced, p) == least])
    value = worth(it, got.solution.opened)[WANTED]
    assert got.solution.status is Status.OPTIMAL
    if (it.limit - it.existing).max() <= 1:
        assert value == pytest.approx(best, rel=1e-5)
    else:
        assert value <= best + 1e-6
    moved = np.array(announced)
    for shift in got.shifts:
        moved[shift.facility, shift.stage] -= 1
        if shift.to is not None:
            moved[shift.facility, shift.to] += 1
    for place in got.added:
        moved[place] += 1
    assert (moved == got.solution.opened).all()


def test_places_with_room_for_several_count_each_opening():
    """Three were announced at a place with room for five; the cut leaves money for two, one of them late."""
    it = make([[0.0, 90.0], [90.0, 0.0]], [10, 5], stages=2, limit=[5, 1])
    every = np.ones(2, dtype=bool)
    rules = (
        Quota(id="first", scope=every, stages=(0,), hi=1),
        Quota(id="all", scope=every, stages=(0, 1), hi=2),
    )
    got = replan(replace(it, rules=rules), np.array([[3, 0], [0, 0]]))
    assert got.least_changes == 2
    assert got.solution.opened[0, 0] == 1
    assert changes(np.array([[3, 0], [0, 0]]), got.solution.opened) == 2


def test_a_plan_that_still_holds_is_left_alone():
    it = province(np.random.default_rng(0))
    found = solve.solve(it)
    got = replan(it, found.opened)
    assert got.shifts == ()
    assert got.added == ()
    assert got.least_changes == 0
    assert (got.solution.opened == found.opened).all()


def test_a_cut_budget_moves_what_it_must():
    """Two were to open in a year that can now pay for one: the better one stays, the other waits."""
    it = make(np.where(np.eye(2, dtype=bool), 0, 90), [10, 4], stages=2, kinds=(Kind("k", 0, 30.0, 100, 10),))
    announced = np.array([[1, 0], [1, 0]])
    every = np.ones(2, dtype=bool)
    budget = StageBudget(id="money", scope=every, stages=(0,), amount=150)
    got = replan(replace(it, rules=(budget,)), announced)
    assert got.shifts == (Shift(1, 0, 1),)
    dropped = replan(
        replace(it, rules=(budget, replace(budget, id="late", stages=(1,), amount=50))), announced
    )
    assert dropped.shifts == (Shift(1, 0, None),)


@pytest.mark.parametrize("wrong", [np.zeros((2, 2)), np.zeros((3, 1), int), -np.ones((2, 2), int)])
def test_announced_plans_that_do_not_fit_are_refused(wrong):
    it = make([[0, 9], [9, 0]], [1, 1], stages=2)
    with pytest.raises(DataError, match="announced plan"):
        replan(it, wrong)


def test_no_time_is_no_plan():
    it = province(np.random.default_rng(0))
    announced = np.zeros((len(it.site), len(it.stages)), int)
    assert replan(it, announced, time_limit=0.0).solution.status is Status.NO_SOLUTION


# --- with capacities -----------------------------------------------------------------------------


def test_questions_of_a_plan_with_capacities():
    """Without the first of two full sites half the people lose their place."""
    every = np.ones(3, dtype=bool)
    rules = (opening(every, 0, 2), Capacity(id="beds", scope=every, amount=np.array([10.0, 10, 4])))
    it = make(np.zeros((2, 3)), [10, 10], rules=rules)
    found = solve.solve(it)
    assert found.levels[0].value == pytest.approx(20)
    why = explore.why_here(it, found, 0)
    assert why.forbidden.loss == pytest.approx(6)
    assert why.moved_to == 2
    got = explore.alternatives(it, found, epsilon=0.5, distance=2, count=5)
    assert [p.levels[0].value for p in got.plans] == pytest.approx([20, 14, 14])
    assert got.complete
    assert all(verify.verify(it, plan) == () for plan in got.plans)


def test_a_host_moves_with_what_stands_beside_it():
    """Counselling stands beside dispensing: both leave together, to the one other place."""
    kind = np.array([0, 0, 1, 1])
    rules = (
        opening(kind == 0, 0, 1, "hosts"),
        opening(kind == 1, 0, 1, "guests"),
        Colocated(id="beside", scope=kind == 1, hosts=kind == 0),
    )
    it = make(
        [[0, 90], [90, 0]],
        [10, 4],
        kinds=(Kind("dispensing", 0, 30.0), Kind("counselling", 0, 30.0)),
        site=[0, 1, 0, 1],
        kind=kind,
        rules=rules,
        objectives=(Objective("max_cover", 0),),
    )
    found = solve.solve(it)
    why = explore.why_here(it, found, 2)
    assert why.moved_to == 3
    assert why.moved.loss == pytest.approx(6)
