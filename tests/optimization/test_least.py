"""Whether there is any plan, and how far rules have to give way for one."""

from dataclasses import replace

import numpy as np
import pytest

from optimization import solve
from optimization.rules import StageBudget
from tests.optimization.instances import BUDGETS, nine_districts, toy


def clash():
    """A counselling point must open where no methadone stands or may come."""
    return replace(toy(), offered=[True, False, True, True])


def test_feasible_or_not():
    assert solve.is_feasible(toy())
    assert not solve.is_feasible(clash())
    assert solve.is_feasible(clash(), omit={("beside", "")})
    assert solve.is_feasible(clash(), omit={("each", "south")})
    assert not solve.is_feasible(clash(), omit={("money", "all")})


def test_the_least_that_has_to_give_way():
    keys = {("beside", ""), ("each", "south"), ("money", "all"), ("money", "2018")}
    assert solve.least(toy(), elastic=keys).total == 0
    assert solve.least(clash(), elastic={("money", "all")}) is None
    exempt = solve.least(clash(), elastic={("beside", "")})
    assert exempt.amounts == {("beside", ""): {"3": 1}}
    fewer = solve.least(clash(), elastic={("beside", ""), ("each", "south")}, weights={("beside", ""): 9})
    assert fewer.amounts == {("each", "south"): {"lo": 1}}
    opened = solve.least(clash(), elastic=set(), latent=True)
    assert opened.amounts == {}
    assert [f for f, _ in opened.latent] == [1]
    assert opened.total == 1
    assert opened.opened[1].sum() == 1


def test_the_missing_money_is_told_to_the_dong():
    short = 57_400_001
    rules = list(nine_districts().rules)
    rules[-1] = StageBudget(
        id="money", part="2", scope=np.ones(9, dtype=bool), stages=(2,), amount=BUDGETS[2] - short
    )
    found = solve.least(nine_districts(rules=tuple(rules)), elastic={("money", str(t)) for t in range(3)})
    assert found.amounts == {("money", "2"): {"over": short}}
    assert found.total == pytest.approx(short / 1e6)
