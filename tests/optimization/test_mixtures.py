"""All rules and objectives together, drawn at random: every answer stands up, whatever was mixed."""

from dataclasses import replace

import numpy as np
import pytest

from optimization import solve, verify
from optimization.instance import Instance, Objective
from optimization.rules import (
    Capacity,
    Cluster,
    CommunityShare,
    CoverageTarget,
    Forbidden,
    GroupFloor,
    MinimumCaseload,
    ParentWithinReach,
    Pinned,
    Rule,
)
from optimization.solution import Status
from tests.optimization.instances import scattered

LEVELS = (
    ("max_cover", "min_travel"),
    ("max_worst_group", "max_cover", "min_travel"),
    ("min_shortfall", "max_cover", "min_max_travel", "min_cost"),
    ("max_cover", "min_facilities", "min_travel"),
    ("min_facilities", "max_cover", "max_worst_group"),
)
SIZE = 10

WITHOUT_A_BOUND = (544, 1016, 1099)
"""Here HiGHS 1.15.1 calls a plan optimal after presolve and has no bound to show for it."""


def mixture(seed: int) -> Instance:
    rng = np.random.default_rng(seed)
    names = LEVELS[rng.integers(len(LEVELS))]
    levels = tuple(Objective(name, 0, float(rng.choice([0, 0, 0.05]))) for name in names)
    it = scattered(
        rng,
        communes=14,
        sites=6,
        facilities=SIZE,
        stages=3,
        groups=3,
        objectives=levels,
        between=rng.uniform(0, 60, (6, 6)),
    )
    if rng.random() < 0.3:
        it = replace(it, kinds=tuple(replace(kind, outer=kind.standard + 15) for kind in it.kinds))
    drawn = [rule for rule in every_rule(rng) if rng.random() < 0.5]
    kept = [rule for rule in it.rules if rng.random() < 0.6]
    return replace(it, rules=(*kept, *drawn))


def every_rule(rng: np.random.Generator) -> list[Rule]:
    def some(share: float):
        return rng.random(SIZE) < share

    parents = some(0.3)
    every = np.ones(SIZE, dtype=bool)
    return [
        Capacity(
            id="room",
            scope=some(0.7),
            amount=rng.integers(20, 200, SIZE).astype(float),
            counts_satellites=bool(rng.random() < 0.5),
        ),
        MinimumCaseload(id="load", scope=some(0.4), amount=float(rng.integers(1, 30))),
        ParentWithinReach(
            id="parent",
            scope=~parents & some(0.5),
            parents=parents,
            minutes=45.0,
            most=(None, 2)[rng.integers(2)],
        ),
        CoverageTarget(
            id="hard", service=0, stage=2, share=float(rng.uniform(0.1, 0.6)), communes=rng.random(14) < 0.5
        ),
        CoverageTarget(id="soft", service=0, stage=1, share=0.9, communes=rng.random(14) < 0.5, hard=False),
        CommunityShare(
            id="community",
            community=some(0.7),
            everywhere=every,
            stage=1,
            share=float(rng.uniform(0.1, 0.6)),
            elsewhere=3.0,
        ),
        GroupFloor(id="floor", service=0, stage=2, share=float(rng.uniform(0, 0.3))),
        Pinned(id="pin", scope=some(0.4), stage=1),
        Forbidden(id="ban", scope=some(0.2), stages=(0,)),
        Cluster(id="cluster", scope=some(0.2)),
    ]


@pytest.mark.parametrize("seed", [*range(60), *WITHOUT_A_BOUND])
def test_whatever_is_mixed_the_answer_stands_up(seed):
    it = mixture(seed)
    found = solve.solve(it)
    assert found.status in (Status.OPTIMAL, Status.INFEASIBLE)
    assert verify.verify(it, found) == ()
    assert solve.is_feasible(it) == (found.status is Status.OPTIMAL)
    every = {(rule.id, rule.part) for rule in it.rules}
    least = solve.least(it, elastic=every)
    assert least is not None
    assert (least.total <= 1e-6) == (found.status is Status.OPTIMAL)


def test_the_mixtures_hold_both_answers():
    feasible = [solve.is_feasible(mixture(seed)) for seed in range(60)]
    assert 10 < sum(feasible) < 55
