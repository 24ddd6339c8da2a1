"""Free phasing keeps the means and lets go of the stages: never worse, and never for free."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimization import exchange, score, solve, verify
from optimization.openings import Opening
from optimization.phasing import FREE, free_phasing
from optimization.rules import Quota, StageBudget, Upgrade
from optimization.solution import Status
from tests.optimization.instances import BUDGETS, make, nine_districts, opening, scattered

EVERY = np.ones(3, dtype=bool)


def three(*rules, stages: int = 3, **changes):
    """Three places, each reached only by its own people, no costs."""
    minutes = np.where(np.eye(3, dtype=bool), 0, np.inf)
    return make(minutes, [10, 20, 40], stages=stages, rules=rules, **changes)


def quota(stages, name="q", scope=EVERY, **limits) -> Quota:
    return Quota(id=name, part=str(stages), scope=scope, stages=tuple(stages), **limits)


def totals(freed):
    return [(int(q.scope.sum()), q.lo, q.hi) for q in freed.totals]


def test_the_plan_of_can_tho_pools_its_money():
    it = nine_districts()
    best = solve.solve(it)
    freed = free_phasing(it, [best.opened])
    assert [(pool.stages, pool.amount) for pool in freed.pooled] == [((0, 1, 2), sum(BUDGETS))]
    assert totals(freed) == [(9, 9, None)]  # as many points at least; how many more the money decides
    assert {key[0] for key in freed.dropped} == {"a_year", "money"}
    free = solve.solve(freed.instance)
    # By hand: 2,637 million pay for the first year of all nine and for ten later years, as 2 + 6 + 1 does.
    # a points of 2018 use two later years each, b of 2019 one; the places with most persons come first.
    sizes = sorted(it.demand[0, :, 0], reverse=True)
    ways = [
        sum(sizes[:a]) * 3 + sum(sizes[a : a + b]) * 2 + sum(sizes[a + b :])
        for a in range(6)
        for b in range(10)
        if 2 * a + b <= 10 and a + b <= 9
    ]
    assert free.levels[0].value == max(ways)


def test_quotas_become_totals_by_scope():
    it = three(opening(EVERY, 0, 1), opening(EVERY, 1, 1), opening(EVERY, 2, 1))
    freed = free_phasing(it, [])
    assert totals(freed) == [(3, 3, 3)]
    assert len(freed.dropped) == 3
    only = EVERY & (np.arange(3) == 1)
    it = three(
        quota((0,), "a", hi=1), quota((0, 1), "b", lo=1, hi=2), quota((0,), "c", scope=only, lo=1, hi=1)
    )
    freed = free_phasing(it, [])
    assert totals(freed) == [(3, 1, None), (1, 1, None)]  # nothing limits the last stage
    whole = quota((0, 1, 2), hi=2)
    assert free_phasing(three(whole), []).instance.rules == (whole,)


def test_what_is_open_before_the_end_is_phasing_and_what_is_open_at_the_end_is_not():
    marks = [quota((t,), f"open{t}", count="open", hi=t + 1) for t in range(3)]
    it = three(*marks, existing=[1, 0, 0])
    freed = free_phasing(it, [])
    assert [key[0] for key in freed.dropped] == ["open0", "open1"]
    assert marks[2] in freed.instance.rules
    free = solve.solve(freed.instance)
    assert free.levels[0].value == 3 * 70
    assert solve.solve(it).levels[0].value < 3 * 70


def test_of_what_no_money_counts_no_more_open_than_in_the_plans():
    it = three(quota((0,), hi=1))
    assert solve.solve(it).levels[0].value == 40 * 3 + 30 * 2
    one = np.zeros((3, 3), dtype=np.int64)
    one[2, 0] = 1
    freed = free_phasing(it, [one])
    assert totals(freed) == [(3, 0, 1)]
    assert solve.solve(freed.instance).levels[0].value == 40 * 3


def test_money_that_carries_over_is_pooled_once():
    budgets = (
        StageBudget(id="m", part="0", scope=EVERY, stages=(0,), amount=100),
        StageBudget(id="m", part="1", scope=EVERY, stages=(0, 1), amount=250),
    )
    freed = free_phasing(three(*budgets, stages=2), [])
    assert [(p.stages, p.amount) for p in freed.pooled] == [((0, 1), 250)]
    assert freed.dropped == (("m", "0"),)


def test_marks_of_what_an_upgrade_closes_stay():
    it = three(stages=2)
    kinds = (it.kinds[0], replace(it.kinds[0], id="better"))
    before, after = np.array([True, False]), np.array([False, True])
    rules = (
        Upgrade(id="up", before=before, after=after),
        Quota(id="open", scope=before, stages=(0,), count="open", lo=1),
    )
    it = replace(
        it, kinds=kinds, site=[0, 0], kind=[0, 1], existing=[1, 0], limit=[1, 1], ready=[0, 0],
        offered=[True, True], rules=rules,
    )  # fmt: skip
    assert free_phasing(it, []).instance.rules == rules


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_free_phasing_is_never_worse_and_stands_up(seed):
    it = scattered(np.random.default_rng(seed))
    best = solve.solve(it)
    if best.status is not Status.OPTIMAL:
        return
    freed = free_phasing(it, [best.opened])
    free = solve.solve(freed.instance, start=best.opened)
    assert free.levels[0].value >= best.levels[0].value - 1e-6
    assert verify.verify(freed.instance, free) == ()
    for rule in freed.instance.rules:
        assert verify.breach(freed.instance, rule, best.opened) is None
    assert all(rule.id == FREE for rule in freed.totals + freed.pooled)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_the_optimums_own_openings_are_worth_the_optimum(seed):
    it = scattered(np.random.default_rng(seed))
    best = solve.solve(it)
    if best.status is not Status.OPTIMAL:
        return
    own = [
        Opening(int(it.kind[f]), t, int(best.opened[f, t]), (int(it.site[f]),))
        for f, t in np.argwhere(best.opened).tolist()
    ]
    result = score.evaluate(it, own)
    assert result.best == pytest.approx(best.levels[0].value)
    assert result.best == pytest.approx(result.optimum.levels[0].value)
    assert exchange.moves(it, best, score.evaluate(it, own, optimum=best).official) == ()


def test_moves_are_the_closest_there_are():
    """Same place another stage, same group another place, another group, and what only one of them opens."""
    it = make(
        np.zeros((1, 6)), [1], stages=3, groups=("a", "b", "c"), site_group=[0, 0, 1, 1, 2, 2],
        commune_group=[0], limit=[3] * 6,
    )  # fmt: skip
    base = solve.solve(replace(it, rules=(opening(np.ones(6, dtype=bool), 0, 0),)))

    def plan(*keys):
        z = np.zeros((6, 3), dtype=np.int64)
        for key in keys:
            z[key] += 1
        return replace(base, opened=z)

    theirs = plan((0, 0), (0, 0), (2, 1), (4, 0), (1, 2))
    ours = plan((0, 0), (0, 1), (3, 1), (2, 0))
    assert set(exchange.moves(it, theirs, ours)) == {
        exchange.Move(0, (0, 0), (0, 1)),
        exchange.Move(0, (2, 1), (2, 0)),
        exchange.Move(0, (1, 2), (3, 1)),
        exchange.Move(0, (4, 0), None),
    }
    assert exchange.moves(it, plan((1, 0)), plan((0, 0), (5, 2))) == (
        exchange.Move(0, (1, 0), (0, 0)),
        exchange.Move(0, None, (5, 2)),
    )
