"""Parents, satellites and upgrades: what stands on something else, recomputed and broken by one unit."""

import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from optimization import verify
from optimization.rules import Capacity, ParentWithinReach, Pinned, Quota, StageBudget, Upgrade
from tests.optimization.instances import make
from tests.optimization.rollouts import (
    ARCS,
    FEEDS,
    PARENT,
    TREATMENT,
    VOLUNTARY,
    F,
    Q,
    R,
    amounts,
    codes,
    mask,
    network,
    plan,
)

# --- parents and satellites ----------------------------------------------------------------------

LOADED = (
    ParentWithinReach(id="parent", **PARENT),
    Capacity(id="room", **amounts(60, 20, 30), counts_satellites=True),
)


def test_the_load_of_a_parent_counts_its_satellites():
    assert codes(network(*LOADED), plan(feeds=FEEDS)) == set()
    full = replace(LOADED[1], amount=np.array([59.0, 20, 30, 0]))
    assert codes(network(LOADED[0], full), plan(feeds=FEEDS)) == {"rule"}
    assert codes(network(LOADED[0], replace(full, counts_satellites=False)), plan(feeds=FEEDS)) == set()


def test_feeds_must_be_told_where_they_count():
    assert codes(network(*LOADED), plan()) == {"feeds"}
    assert codes(network(LOADED[0]), plan()) == set()


WRONG_FEEDS: dict[str, tuple[Any, set[str]]] = {
    "one satellite forgotten": (FEEDS[:-1], {"unfed"}),
    "one satellite twice": ((*FEEDS, FEEDS[0]), {"unfed"}),
    "no parent": ((*FEEDS[:-1], (0, R, Q, 1, 1)), {"parent"}),
    "before it is open": ((*FEEDS, (0, R, TREATMENT, 0, 1)), {"unfed"}),
    "another rule's": ((*FEEDS, (1, Q, TREATMENT, 0, 1)), {"parent"}),
    "nothing": ((*FEEDS, (0, Q, TREATMENT, 0, 0)), {"parent"}),
    "nowhere": ((*FEEDS[:-1], (0, R, F, 1, 1)), {"index"}),
}


@pytest.mark.parametrize("what", WRONG_FEEDS)
def test_feeds_that_are_told_are_checked(what):
    feeds, expected = WRONG_FEEDS[what]
    it = network(LOADED[0], Quota(id="any", scope=mask(Q), stages=(0,)))
    assert codes(it, plan(feeds=FEEDS)) == set()
    assert codes(it, plan(feeds=feeds)) == expected


def test_a_satellite_one_minute_too_far_is_caught_in_what_is_told_too():
    rule = ParentWithinReach(id="parent", **(PARENT | {"minutes": 44.0}))
    assert codes(network(rule), plan(feeds=FEEDS)) == {"rule", "parent"}


def test_a_parent_that_feeds_too_many_is_caught_though_another_could():
    """Two parents stand at p, each for one satellite; one of them is said to feed both."""
    parents = mask(TREATMENT, VOLUNTARY)
    it = network(
        ParentWithinReach(id="parent", scope=mask(Q, R), parents=parents, minutes=45.0, most=1),
        existing=[1, 0, 0, 1],
    )
    solution = replace(plan(), existing=it.existing)
    shared = (*FEEDS[:-1], (0, R, VOLUNTARY, 1, 1))
    assert codes(it, replace(solution, feeds=plan(feeds=shared).feeds)) == set()
    assert codes(it, replace(solution, feeds=plan(feeds=FEEDS).feeds)) == {"overfed"}


@pytest.mark.parametrize(("room", "expected"), [((30, 20), set()), ((29, 20), {"rule"}), ((10, 40), set())])
def test_several_satellites_at_one_place_may_split_their_load(room, expected):
    """Q stands for two dispensing points with 40 persons, one fed by each of two parents; 10 come to p."""
    it = network(
        ParentWithinReach(id="parent", scope=mask(Q), parents=mask(TREATMENT, VOLUNTARY), minutes=45.0),
        Capacity(
            id="room",
            scope=mask(TREATMENT, VOLUNTARY),
            amount=np.array([room[0], 0, 0, room[1]], dtype=float),
            counts_satellites=True,
        ),
        existing=[1, 2, 0, 1],
        limit=[1, 2, 1, 1],
        demand=np.array([[[10], [40], [0]], [[0], [0], [0]]], dtype=float).repeat(2, axis=2),
    )
    both = [(0, Q, parent, t, 1) for parent in (TREATMENT, VOLUNTARY) for t in (0, 1)]
    solution = plan((Q, 0, 0), (R, 1, 0), arcs=[a for a in ARCS if a[1] != R], feeds=both)
    assert codes(it, replace(solution, existing=it.existing)) == expected


@settings(max_examples=60, deadline=None)
@given(
    between=hnp.arrays(np.int64, (5, 5), elements=st.integers(0, 9)),
    counts=hnp.arrays(np.int64, 5, elements=st.integers(0, 2)),
    minutes=st.integers(0, 9),
    most=st.one_of(st.none(), st.integers(0, 3)),
)
def test_parents_suffice_as_by_brute_force(between, counts, minutes, most):
    """Facilities 0 to 2 are satellites, 3 and 4 parents; every way to feed each unit is tried."""
    satellites, parents = np.arange(5) < 3, np.arange(5) >= 3
    rule = ParentWithinReach(id="r", scope=satellites, parents=parents, minutes=float(minutes), most=most)
    it = make(
        np.zeros((1, 5)),
        [1],
        site=np.arange(5),
        existing=counts,
        limit=[2] * 5,
        between=between,
        rules=(rule,),
    )
    units = [s for s in range(3) for _ in range(counts[s])]
    ways = itertools.product([p for p in (3, 4) if counts[p]], repeat=len(units))
    fits = any(
        all(between[s, p] <= minutes for s, p in zip(units, way, strict=True))
        and (most is None or all(way.count(p) <= most * counts[p] for p in (3, 4)))
        for way in ways
    )
    assert (verify.breach(it, rule, np.zeros((5, 1), dtype=np.int64)) is None) == fits


# --- upgrades ------------------------------------------------------------------------------------

UPGRADE = Upgrade(id="up", before=mask(TREATMENT), after=mask(VOLUNTARY))
UPGRADED = [[0, 1], [0, 0], [0, 0], [0, 0]]
STAY = (*(arc for arc in ARCS if arc != (0, TREATMENT, 1)), (0, Q, 1))


def test_an_upgrade_closes_what_stood_there():
    solution = plan((VOLUNTARY, 1, 1), arcs=STAY, upgraded=UPGRADED)
    assert codes(network(UPGRADE), solution) == set()
    assert solution.open.tolist() == [[1, 0], [1, 1], [0, 1], [0, 1]]
    np.testing.assert_array_equal(verify.standing(network(UPGRADE), solution.opened), solution.open)
    assert "closed" in codes(network(UPGRADE), plan((VOLUNTARY, 1, 1), upgraded=UPGRADED))


def test_what_an_upgrade_closes_is_told():
    assert codes(network(UPGRADE), plan((VOLUNTARY, 1, 1), arcs=STAY)) == {"upgraded"}
    assert codes(network(UPGRADE), plan(upgraded=UPGRADED)) == {"upgraded"}


UPGRADES = {
    "another's premises": (replace(UPGRADE, before=mask(Q)), ((VOLUNTARY, 1, 1),)),
    "two at once": (UPGRADE, ((VOLUNTARY, 1, 2),)),
    "one after the other": (UPGRADE, ((VOLUNTARY, 0, 1), (VOLUNTARY, 1, 1))),
}


@pytest.mark.parametrize("what", UPGRADES)
def test_an_upgrade_of_nothing_is_caught(what):
    rule, changes = UPGRADES[what]
    opened = plan(*changes).opened
    assert verify.breach(network(rule, limit=[1, 1, 1, 2]), rule, opened).found == 1


def test_an_upgrade_needs_what_stood_at_the_end_of_the_stage_before():
    """Treatment that opens in a stage cannot be upgraded in it, but in the next."""
    it = network(UPGRADE, existing=[0] * F)
    same, later = (np.zeros((F, 2), dtype=np.int64) for _ in range(2))
    same[TREATMENT, 0] = same[VOLUNTARY, 0] = 1
    later[TREATMENT, 0] = later[VOLUNTARY, 1] = 1
    assert verify.breach(it, UPGRADE, same) == (1, 0)
    assert verify.breach(it, UPGRADE, later) is None


def test_two_rules_cannot_upgrade_the_same_facility():
    again = replace(UPGRADE, id="again", after=mask(4))
    it = network(
        replace(UPGRADE, before=np.arange(5) == 0, after=np.arange(5) == 3),
        replace(again, before=np.arange(5) == 0, after=np.arange(5) == 4),
        site=[0, 1, 2, 0, 0],
        kind=[0, 1, 1, 2, 1],
        existing=[1, 0, 0, 0, 0],
        limit=[1] * 5,
        ready=[0] * 5,
        offered=[True] * 5,
    )
    opened = np.zeros((5, 2), dtype=np.int64)
    opened[3, 1] = opened[4, 1] = 1
    assert {verify.breach(it, rule, opened) for rule in it.rules} == {(1, 0)}


def test_what_is_upgraded_costs_no_more_to_the_dong():
    """2018: treatment 400, q 100.  2019-20: voluntary 900 + 700, q 2 × 60, r 100 + 60."""
    solution = plan((VOLUNTARY, 1, 1), arcs=STAY, upgraded=UPGRADED)
    every = mask(*range(F))
    for spare, expected in ((0, set()), (-1, {"rule"})):
        rules = (
            UPGRADE,
            StageBudget(id="money", part="1", scope=every, stages=(0,), amount=500),
            StageBudget(id="money", part="2", scope=every, stages=(1,), amount=1880 + spare),
        )
        assert codes(network(*rules), solution) == expected


def test_a_pin_on_what_is_upgraded_is_broken():
    rules = (UPGRADE, Pinned(id="pin", scope=mask(TREATMENT), stage=0))
    assert codes(network(*rules), plan((VOLUNTARY, 1, 1), arcs=STAY, upgraded=UPGRADED)) == {"rule"}
