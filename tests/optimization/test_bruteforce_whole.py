"""Every rule and objective of the whole model, on instances small enough to try every schedule."""

import numpy as np
import pytest

from optimization import solve, verify
from optimization.solution import Status
from tests.optimization.every_schedule import best
from tests.optimization.whole_cases import CASES, small

SEEDS = 8
CLOSE = {"rel": 3e-5, "abs": 3e-5}


def instance_of(case, seed):
    rng = np.random.default_rng(seed)
    return case(rng, small(rng))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
@pytest.mark.parametrize("seed", range(SEEDS))
def test_the_model_finds_the_best_of_all_schedules_and_allocations(seed, case):
    it = instance_of(case, seed)
    wanted, found = best(it), solve.solve(it)
    if wanted is None:
        assert found.status is Status.INFEASIBLE
        assert not solve.is_feasible(it)
        return
    assert found.status is Status.OPTIMAL
    assert verify.verify(it, found) == ()
    assert solve.is_feasible(it)
    bounds = [level.bound for level in found.levels]
    assert bounds == pytest.approx(wanted, **CLOSE)
    if not any(level.loss for level in it.objectives):
        assert [level.value for level in found.levels] == pytest.approx(wanted, **CLOSE)
    assert (solve.solve(it).opened == found.opened).all()


def test_the_cases_above_hold_both_answers():
    """A rule that never bites, or always, would prove half of what it says."""
    feasible = {case: [best(instance_of(case, seed)) is not None for seed in range(SEEDS)] for case in CASES}
    assert all(any(answers) for answers in feasible.values())
    assert sum(not all(answers) for answers in feasible.values()) >= 5
