"""Whatever the solver answers on random small instances with every rule, `verify` accepts it."""

from typing import Any

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from optimization import objectives, solve, verify
from optimization.instance import Instance, Kind, Objective, Service
from optimization.rules import (
    Capacity,
    Cluster,
    Colocated,
    CommunityShare,
    CoverageTarget,
    Forbidden,
    GroupFloor,
    MinimumCaseload,
    ParentWithinReach,
    Pinned,
    Quota,
    Rule,
    StageBudget,
    Upgrade,
)
from optimization.solution import Status
from tests.optimization.instances import make

SITES, STAGES = 4, 2
SATELLITES, PARENTS, UPGRADED = 0, 1, 2
"""Kinds: a satellite and a parent of the first service, and what a parent can become, of the second."""

KIND = np.repeat([SATELLITES, PARENTS, UPGRADED], SITES)


def random_instance(seed: int) -> Instance:
    """Six villages, four places, two stages; every rule with a chance of three in ten."""
    rng = np.random.default_rng(seed)
    people, places = rng.uniform(0, 20, (6, 2)), rng.uniform(0, 20, (SITES, 2))
    way = np.hypot(*(people[:, None] - places[None]).transpose(2, 0, 1)).round(1)
    outer = [k if rng.random() < 0.3 else None for k in (25.0, 30.0, 25.0)]
    names = list(objectives.OBJECTIVES)
    wanted = ["max_cover", *rng.permutation([n for n in names if n != "max_cover"])[: rng.integers(0, 3)]]
    arrays: dict[str, Any] = {
        "groups": ("g0", "g1"),
        "services": (Service("methadone", 365.0), Service("voluntary", 12.0)),
        "kinds": (
            Kind("satellite", 0, 8.0, 100, 60, outer=outer[0]),
            Kind("parent", 0, 12.0, 300, 200, outer=outer[1]),
            Kind("voluntary", 1, 12.0, 400, 250, outer=outer[2]),
        ),
        "years": rng.integers(1, 3, STAGES),
        "demand": rng.integers(0, 30, (2, 6, STAGES)) * rng.choice([1.0, 0.37]),
        "weight": rng.integers(1, 3, 6),
        "commune_group": rng.integers(-1, 2, 6),
        "site_group": rng.integers(-1, 2, SITES),
        "site": np.tile(np.arange(SITES), 3),
        "kind": KIND,
        "existing": ((KIND == PARENTS) & (rng.random(12) < 0.5)).astype(int),
        "limit": np.where((KIND != UPGRADED) & (rng.random(12) < 0.2), 2, 1),
        "ready": rng.choice(STAGES + 1, 12, p=[0.7, 0.2, 0.1]),
        "offered": rng.random(12) < 0.9,
        "between": np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1)).round(1),
        "rules": tuple(random_rules(rng)),
        "objectives": tuple(
            Objective(name, int(rng.random() < 0.2) if name == "min_cost" else 0, float(rng.choice([0, 0.1])))
            for name in wanted
        ),
    }
    return make(way, np.zeros(6), stages=STAGES, **arrays)


def random_rules(rng: np.random.Generator) -> list[Rule]:
    def some(*kinds: int, chance: float = 1.0) -> np.ndarray:
        return np.isin(KIND, kinds) & (rng.random(12) < chance)

    def number(low: int, high: int) -> int:
        return int(rng.integers(low, high))

    stage = number(0, STAGES)
    amounts = rng.integers(20, 90, 12).astype(float)
    every = some(SATELLITES, PARENTS, UPGRADED)
    maybe: list[Rule] = [
        Quota(id="quota", scope=some(SATELLITES), stages=(0, 1), lo=number(0, 2), hi=number(2, 4)),
        Quota(id="end", scope=every, stages=(1,), count="open", hi=number(3, 8)),
        Colocated(id="beside", scope=some(UPGRADED), hosts=some(SATELLITES)),
        StageBudget(id="money", scope=every, stages=(stage,), amount=number(300, 2500)),
        Pinned(id="pin", scope=some(SATELLITES, chance=0.5), stage=stage, count=1),
        Forbidden(id="ban", scope=some(SATELLITES, PARENTS, chance=0.2), stages=(stage,)),
        Cluster(id="cluster", scope=some(SATELLITES, chance=0.5)),
        Capacity(
            id="room", scope=some(SATELLITES, PARENTS), amount=amounts, counts_satellites=rng.random() < 0.5
        ),
        MinimumCaseload(id="busy", scope=some(SATELLITES), amount=number(3, 25)),
        ParentWithinReach(
            id="parent",
            scope=some(SATELLITES),
            parents=some(PARENTS),
            minutes=float(number(3, 20)),
            most=None if rng.random() < 0.5 else number(1, 3),
        ),
        CoverageTarget(
            id="hard", service=0, stage=1, share=rng.uniform(0, 0.5), communes=rng.random(6) < 0.8
        ),
        CommunityShare(
            id="community",
            community=some(SATELLITES),
            everywhere=some(SATELLITES, PARENTS),
            stage=stage,
            share=rng.uniform(0, 0.5),
            elsewhere=float(number(0, 5)),
        ),
        GroupFloor(id="floor", service=0, stage=1, share=rng.uniform(0, 0.4)),
    ]
    always: list[Rule] = [
        Upgrade(id="upgrade", before=some(PARENTS), after=some(UPGRADED)),
        CoverageTarget(id="soft", service=0, stage=0, share=0.9, communes=np.ones(6, dtype=bool), hard=False),
    ]
    return always + [rule for rule in maybe if rng.random() < 0.3]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 1_000_000))
@example(86)  # a cost below nothing, where an upgrade saves more than it costs
def test_what_is_solved_stands_up(seed):
    it = random_instance(seed)
    found = solve.solve(it)
    assert found.status in (Status.OPTIMAL, Status.INFEASIBLE)
    assert verify.verify(it, found) == ()
    if found.opened is not None:
        assert all(verify.kept(it, found).values())
        figures = verify.figures(it, found)
        np.testing.assert_allclose(figures.served + figures.no_capacity + figures.out_of_reach, it.demand)
        assert (figures.no_capacity > -1e-6).all()
        assert (figures.out_of_reach > -1e-6).all()


def test_random_instances_have_plans_often_enough():
    """Otherwise the test above says little."""
    plans = [solve.solve(random_instance(seed)).opened is not None for seed in range(40)]
    assert sum(plans) > 10
    assert not all(plans)
