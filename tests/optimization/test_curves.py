"""Curves, fronts and paths to a target, against every schedule there is."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest

from errors import DataError
from optimization import curves, solve, verify
from optimization.instance import Kind, Objective, Service
from optimization.rules import Capacity, CoverageTarget
from optimization.solution import Status
from tests.optimization.instances import make, province, scattered
from tests.optimization.test_bruteforce import cost, keeps, schedules, worth

SEEDS = range(10)


def every_plan(it):
    return [plan for plan in schedules(it) if keeps(it, plan)]


# --- points and money ----------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("kind", [0, 1])
def test_each_point_of_the_curve_is_the_best_of_all_schedules(seed, kind):
    it = scattered(np.random.default_rng(seed))
    plans, mine = every_plan(it), it.kind == kind
    points = curves.cover_curve(it, kind, [3, 0, 1, 2, 2])
    assert [point.amount for point in points] == [0, 1, 2, 3]
    for point in points:
        within = [p for p in plans if it.existing[mine].sum() + p[mine].sum() <= point.amount]
        check(it, point, [worth(it, p)["max_cover"] for p in within])
    rising([point.cover for point in points])


@pytest.mark.parametrize("seed", SEEDS)
def test_each_amount_of_money_buys_the_best_of_all_schedules(seed):
    it = scattered(np.random.default_rng(seed))
    plans, stages, everything = every_plan(it), range(len(it.stages)), range(len(it.site))
    points = curves.budget_curve(it, [0, 400, 900, 10_000], service=0)
    for point in points:
        within = [p for p in plans if cost(it, p, everything, stages, running=True) <= point.amount]
        check(it, point, [worth(it, p)["max_cover"] for p in within])
    rising([point.cover for point in points])


def check(it, point, values) -> None:
    if not values:
        assert point.solution.status is Status.INFEASIBLE
        assert (point.cover, point.bound, point.served, point.share) == (None, None, None, None)
        return
    assert point.solution.status is Status.OPTIMAL
    assert point.cover == pytest.approx(max(values), rel=1e-5)
    assert point.bound == pytest.approx(point.cover, rel=1e-5)
    standing = point.solution.open[:, -1] > 0
    near = it.minutes[:, it.site] <= np.array([it.kinds[k].standard for k in it.kind])
    served = it.demand[0, (near & standing).any(axis=1), -1].sum()
    assert point.served == pytest.approx(served)
    if it.demand[0, :, -1].sum():
        assert point.share == pytest.approx(served / it.demand[0, :, -1].sum())


def rising(values) -> None:
    found = [value for value in values if value is not None]
    assert all(b >= a - 1e-6 * max(1, a) for a, b in itertools.pairwise(found))


def test_the_curve_ends_where_more_does_not_help():
    it = province(np.random.default_rng(0), communes=30, sites=30, districts=4)
    omit = {(r.id, r.part) for r in it.rules if r.id in ("a_year", "each_district")}
    points = curves.cover_curve(it, 1, omit=omit)
    assert [point.amount for point in points] == list(range(len(points)))
    assert points[0].cover == 0
    assert points[-1].cover == pytest.approx(curves.cover_curve(it, 1, [99], omit=omit)[0].cover)
    assert points[-2].cover < points[-1].cover
    rising([point.cover for point in points])
    kept = curves.cover_curve(it, 1, [0, 3])
    assert [point.solution.status for point in kept] == [Status.INFEASIBLE] * 2  # the quotas ask for nine


def test_a_curve_cut_short_is_honest():
    """What was not reached has no cover; a bound of a later point holds for those before."""
    it = province(np.random.default_rng(0))
    points = curves.cover_curve(it, 1, [2, 9], time_limit=0.0)
    assert [point.solution.status for point in points] == [Status.NO_SOLUTION] * 2
    assert [point.bound for point in points] == [None] * 2


@pytest.mark.parametrize(
    "ask",
    [
        lambda it: curves.cover_curve(it, 7),
        lambda it: curves.cover_curve(it, 0, [-1]),
        lambda it: curves.budget_curve(it, [5], service=3),
        lambda it: curves.budget_curve(it, [-5], service=0),
        lambda it: curves.pareto(it, Objective("max_cover", 0), Objective("min_cost", 0), steps=1),
        lambda it: curves.pareto(it, Objective("max_cover", 0), Objective("min_travel", 0), within=1.0),
        lambda it: curves.back_cast(it, 1.2, service=0),
        lambda it: curves.back_cast(it, math.nan, service=0),
        lambda it: curves.back_cast(it, 0.5, service=4),
        lambda it: curves.back_cast(it, 0.5, service=0, stage=9),
    ],
)
def test_numbers_that_mean_nothing_are_refused(ask):
    with pytest.raises(DataError, match="is not between"):
        ask(scattered(np.random.default_rng(0)))


# --- two objectives ------------------------------------------------------------------------------

PAIRS = [
    ("max_cover", "min_cost"),
    ("min_cost", "max_cover"),
    ("max_cover", "min_facilities"),
    ("min_facilities", "min_cost"),
    ("max_cover", "min_travel"),
    ("min_travel", "max_cover"),
    ("min_travel", "min_cost"),
    ("min_facilities", "min_travel"),
]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("pair", PAIRS, ids="/".join)
def test_no_schedule_dominates_a_plan_of_the_front(seed, pair):
    it = scattered(np.random.default_rng(seed), facilities=5)
    front = curves.pareto(it, *(Objective(name, 0) for name in pair), steps=4, within=0.5)
    values = [worth(it, plan) for plan in every_plan(it)]
    assert bool(front) == bool(values)
    if "max_cover" not in pair and "min_travel" in pair:  # cover stands at its optimum throughout
        top = max((v["max_cover"] for v in values), default=0.0)
        values = [v for v in values if v["max_cover"] >= top * (1 - 1e-6) - 1e-6]
    for point in front:
        assert verify_without_levels(it, point.solution)
        reached = worth(it, point.solution.opened)
        assert (point.first, point.second) == pytest.approx([reached[name] for name in pair], rel=1e-6)
        assert point.bounds == pytest.approx((point.first, point.second), rel=1e-4, abs=1e-3)
        assert not any(dominates(v, reached, pair) for v in values), "dominated"
    firsts = [point.first for point in front]
    assert firsts == sorted(firsts)
    assert len(set(zip(firsts, [point.second for point in front], strict=True))) == len(front)
    if front and "min_travel" not in pair:  # both ends are there
        for name, found in zip(pair, zip(*((p.first, p.second) for p in front), strict=True), strict=True):
            best = max if name.startswith("max") else min
            assert best(found) == pytest.approx(best(v[name] for v in values), rel=1e-5)


def verify_without_levels(it, solution) -> bool:
    """The plan keeps every rule; its levels are those of the question, not of the instance."""
    return all(verify.kept(it, solution).values())


def dominates(one, other, pair) -> bool:
    """Better by more than rounding in one, and no worse in the other."""
    better = []
    for name in pair:
        gain = one[name] - other[name] if name.startswith("max") else other[name] - one[name]
        better.append(gain / max(1.0, abs(other[name])))
    return min(better) >= 0 and max(better) > 1e-4


def test_unknown_objectives_are_refused():
    it = scattered(np.random.default_rng(0))
    with pytest.raises(DataError, match="best"):
        curves.pareto(it, Objective("best", 0), Objective("max_cover", 0))


def test_a_front_of_the_worst_group_and_all():
    """Either the big group is served, or each gets its part."""
    it = make(
        [[0, 20, 90], [90, 90, 90], [90, 20, 0]],
        [10, 20, 10],
        groups=("a", "b"),
        commune_group=[0, 1, 1],
        kinds=(Kind("k", 0, 30.0, 100, 10),),
    )
    front = curves.pareto(it, Objective("max_worst_group", 0), Objective("min_cost", 0), steps=5)
    assert [(p.first, p.second) for p in front] == [(0, 0), (pytest.approx(1 / 3), 100)]


# --- a target ------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_the_path_to_a_target_is_the_cheapest_of_all_schedules(seed, share):
    it = scattered(np.random.default_rng(seed), weight=np.ones(8))
    got = curves.back_cast(it, share, service=0, stage=1)
    plans = every_plan(it)
    demand = it.demand[0, :, 1].sum()
    reached = [served(it, plan) / demand if demand else 1.0 for plan in plans]
    enough = [plan for plan, s in zip(plans, reached, strict=True) if s >= share - 1e-9]
    if not enough:
        assert got.solution.status is Status.INFEASIBLE
        assert got.most < share
        assert got.most == pytest.approx(max(reached, default=0.0), abs=1e-4)
        assert got.reachable == (pytest.approx(max(reached), abs=1e-6) if reached else None)
        return
    ranked = [(worth(it, p)["min_cost"], worth(it, p)["min_facilities"]) for p in enough]
    assert got.solution.status is Status.OPTIMAL
    assert tuple(level.value for level in got.solution.levels[:2]) == pytest.approx(min(ranked))
    assert served(it, got.solution.opened) >= share * demand - 1e-6
    assert got.most >= share - 1e-9
    every = np.ones(len(it.communes), dtype=bool)
    target = CoverageTarget(id="t", service=0, stage=1, share=share, communes=every)
    asked = replace(
        it,
        rules=(*it.rules, target),
        objectives=tuple(Objective(n, 0) for n in ("min_cost", "min_facilities", "max_cover")),
    )
    assert verify.verify(asked, got.solution) == ()


def served(it, plan) -> float:
    """Persons served in stage 1."""
    standing = (it.existing + plan[:, :2].sum(axis=1)) > 0
    near = it.minutes[:, it.site] <= np.array([it.kinds[k].standard for k in it.kind])
    return float(it.demand[0, (near & standing).any(axis=1), 1].sum())


def test_priority_does_not_count_for_a_target():
    it = make(
        np.where(np.eye(2, dtype=bool), 0, 90), [10, 30], weight=[9, 1], kinds=(Kind("k", 0, 30.0, 5, 1),)
    )
    got = curves.back_cast(it, 0.7, service=0)
    assert got.solution.opened.tolist() == [[0], [1]]
    assert got.most == pytest.approx(1)


def test_a_target_beyond_the_capacities_is_said_to_be():
    every = np.ones(2, dtype=bool)
    rules = (Capacity(id="beds", scope=every, amount=np.array([10.0, 5.0])),)
    it = make(np.zeros((2, 2)), [10, 10], rules=rules)
    got = curves.back_cast(it, 0.8, service=0)
    assert got.solution.status is Status.INFEASIBLE
    assert [got.reachable, got.most] == pytest.approx([0.75, 0.75])
    assert curves.back_cast(it, 0.5, service=0).solution.opened.tolist() == [[1], [0]]


def test_a_second_service_pays_too():
    """Of two places equally dear for counselling, the one whose dispensing costs nothing is taken."""
    it = make(
        np.zeros((1, 2)),
        [10],
        services=(Service("counselling"), Service("dispensing")),
        kinds=(Kind("c", 0, 30.0, 10, 1), Kind("d", 1, 30.0, 70, 1)),
        demand=np.array([[[10.0]], [[0.0]]]),
        site=[0, 1, 0, 1],
        kind=[0, 0, 1, 1],
        existing=[0, 0, 0, 1],
        limit=[1] * 4,
        ready=[0] * 4,
        offered=[True] * 4,
        rules=(beside(),),
        objectives=(Objective("max_cover", 0),),
    )
    got = curves.back_cast(it, 1.0, service=0)
    assert got.solution.opened[:, 0].tolist() == [0, 1, 0, 0]


def beside():
    from optimization.rules import Colocated

    kind = np.array([0, 0, 1, 1])
    return Colocated(id="beside", scope=kind == 0, hosts=kind == 1)


def corner():
    """Each of three sites covers somebody."""
    return make(np.where(np.eye(3, dtype=bool), 0, 90), [3, 2, 1])


def test_the_curve_starts_each_solve_from_the_one_before(monkeypatch):
    starts = []

    def spy(instance, **options):
        starts.append(options["start"])
        return solve.solve(instance, **options)

    monkeypatch.setattr("optimization.variants.solve", spy)
    curves.cover_curve(corner(), 0, [1, 2, 3])
    assert starts[0] is None
    assert [start.sum() for start in starts[1:]] == [1, 2]
