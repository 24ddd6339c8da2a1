"""Greedy and myopic plans keep every rule and never pass the optimum."""

from dataclasses import replace

import numpy as np
import pytest

from errors import DataError
from optimization import baselines, solve, verify
from optimization.instance import Kind, Objective
from optimization.rules import Capacity, CoverageTarget, Quota, StageBudget
from optimization.solution import Status
from tests.optimization.instances import make, opening, province, scattered

PLANNERS = [baselines.greedy, baselines.myopic, baselines.network_first]


@pytest.mark.parametrize("planner", PLANNERS)
@pytest.mark.parametrize("seed", range(25))
def test_every_rule_is_kept_and_the_optimum_never_passed(seed, planner):
    it = scattered(
        np.random.default_rng(seed), objectives=(Objective("max_cover", 0), Objective("min_travel", 0))
    )
    optimum = solve.solve(it)
    plan = planner(it, optimum=optimum)
    if optimum.opened is None:
        assert plan.status is Status.INFEASIBLE
        return
    assert plan.status is Status.FEASIBLE
    assert verify.verify(it, plan) == ()
    value, best = plan.levels[0].value, optimum.levels[0].value
    assert value <= best + 1e-6 * max(1, best)
    assert plan.levels[0].bound == pytest.approx(best, rel=1e-5)
    assert plan.levels[0].gap == pytest.approx((best - value) / max(value, 1e-9), abs=1e-5) or not value
    assert (planner(it, optimum=optimum).opened == plan.opened).all()


@pytest.mark.parametrize("planner", PLANNERS)
def test_without_the_optimum_the_bound_is_only_what_is_plain(planner):
    it = scattered(np.random.default_rng(2))
    plan = planner(it)
    assert verify.verify(it, plan) == ()
    everybody = (it.weight[:, None] * it.demand[0] * it.years).sum()
    assert solve.solve(it).levels[0].value <= plan.levels[0].bound <= everybody + 1e-6


@pytest.mark.parametrize("planner", PLANNERS)
@pytest.mark.parametrize("seed", range(4))
def test_in_a_province_the_gain_of_planning_ahead_is_small(seed, planner):
    it = province(np.random.default_rng(seed), objectives=(Objective("max_cover", 1),))
    optimum = solve.solve(it)
    plan = planner(it, optimum=optimum)
    assert verify.verify(it, plan) == ()
    assert 0.95 <= plan.levels[0].value / optimum.levels[0].value <= 1 + 1e-9


def corner():
    """The middle covers most at once, but two at the ends cover all: greed pays."""
    minutes = np.full((4, 3), 90.0)
    minutes[[0, 1], 0] = minutes[[2, 3], 2] = minutes[[1, 2], 1] = 0
    return make(minutes, [10, 11, 11, 10], rules=(opening(np.ones(3, dtype=bool), 0, 2),))


def test_greed_has_its_price():
    optimum = solve.solve(corner())
    plan = baselines.greedy(corner(), optimum=optimum)
    assert (optimum.levels[0].value, plan.levels[0].value) == (42, 32)
    assert plan.opened[:, 0].tolist() == [1, 1, 0]
    assert plan.levels[0].gap == pytest.approx(10 / 32)
    assert baselines.myopic(corner()).levels[0].value == 42


def test_looking_no_further_than_the_year_has_its_price():
    """In the first year the middle is best; over two years the ends are."""
    it = corner()
    every = np.ones(3, dtype=bool)
    it = replace(
        it,
        stages=("1", "2"),
        years=[1, 5],
        demand=np.repeat(it.demand, 2, axis=2),
        rules=(opening(every, 0, 1), opening(every, 1, 1)),
    )
    optimum, plan = solve.solve(it), baselines.myopic(it)
    assert optimum.levels[0].value == 21 + 5 * 42
    assert plan.levels[0].value == 22 + 5 * 32
    assert verify.verify(it, plan) == ()


def test_settling_where_before_when_has_its_price():
    """The ends make the best last stage, but that is short: the middle pays longer."""
    it = corner()
    every = np.ones(3, dtype=bool)
    it = replace(
        it,
        stages=("1", "2"),
        years=[20, 1],
        demand=np.repeat(it.demand, 2, axis=2),
        rules=(opening(every, 0, 1), opening(every, 1, 1)),
    )
    optimum, plan = solve.solve(it), baselines.network_first(it)
    assert optimum.levels[0].value == 20 * 22 + 32
    assert plan.levels[0].value == 20 * 21 + 42
    assert verify.verify(it, plan) == ()


def test_rules_of_later_years_are_kept_in_mind():
    """The best site of the first year would leave no money for what the second year must open."""
    every = np.ones(2, dtype=bool)
    it = make(
        np.where(np.eye(2, dtype=bool), 0, 90),
        [50, 10],
        stages=2,
        kinds=(Kind("dear", 0, 30.0, 100, 80), Kind("cheap", 0, 30.0, 30, 10)),
        kind=[0, 1],
        rules=(
            Quota(id="first", scope=every, stages=(0,), hi=1),
            Quota(id="must", scope=~every | (np.arange(2) == 1), stages=(0, 1), lo=1),
            StageBudget(id="money", scope=every, stages=(0, 1), amount=200),
        ),
    )
    for planner in PLANNERS:
        plan = planner(it)
        assert verify.verify(it, plan) == ()
        assert plan.opened[1].sum() == 1


@pytest.mark.parametrize("planner", PLANNERS)
def test_capacities_and_soft_targets(planner):
    every = np.ones(3, dtype=bool)
    rules = (
        opening(every, 0, 1),
        opening(every, 1, 1),
        Capacity(id="beds", scope=every, amount=np.array([10.0, 8, 4])),
        CoverageTarget(id="t", service=0, stage=1, share=0.95, communes=np.ones(2, dtype=bool), hard=False),
    )
    levels = (Objective("min_shortfall", 0), Objective("max_cover", 0))
    it = make(np.zeros((2, 3)), [10, 10], stages=2, rules=rules, objectives=levels)
    optimum = solve.solve(it)
    plan = planner(it, optimum=optimum)
    assert verify.verify(it, plan) == ()
    assert optimum.levels[0].value == pytest.approx(1)
    assert plan.levels[0].value >= 1 - 1e-6
    assert plan.levels[0].bound == pytest.approx(1)


@pytest.mark.parametrize("planner", PLANNERS)
def test_no_time_no_plan_and_no_objective_no_question(planner):
    it = scattered(np.random.default_rng(2))
    assert planner(it, time_limit=0.0).status is Status.NO_SOLUTION
    with pytest.raises(DataError, match="no objective"):
        planner(replace(it, objectives=()))
