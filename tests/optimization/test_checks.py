"""Each rule of the whole model: a plan that keeps it to the last unit stands, one unit more is caught."""

import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from optimization import verify
from optimization.instance import Instance, Kind, Objective, Service
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
    Quota,
    Rule,
    StageBudget,
    Upgrade,
)
from optimization.solution import Allocation, Feeds, Level, Solution, Status
from tests.optimization.instances import make
from text import LANGS

F = 4
ALL = np.ones(3, dtype=bool)
TREATMENT, Q, R, VOLUNTARY = range(F)
"""Facilities: treatment stands at p, dispensing may open at q and r, treatment may be upgraded at p."""

ARCS = ((0, TREATMENT, 0), (1, Q, 0), (0, TREATMENT, 1), (1, Q, 1), (2, R, 1))
"""(commune, facility, stage) of the right plan: c has nobody to go to before r opens in the second stage."""


def mask(*members: int) -> np.ndarray:
    return np.isin(np.arange(F), members)


def network(*rules: Rule, **changes: Any) -> Instance:
    """Three villages of 10, 20 and 30 persons at p, q and r; the stages are one year and two years long."""
    arrays: dict[str, Any] = {
        "groups": ("north", "south"),
        "services": (Service("methadone", 365.0), Service("voluntary", 1.0)),
        "kinds": (
            Kind("treatment", 0, 30.0, 500, 400),
            Kind("dispensing", 0, 30.0, 100, 60),
            Kind("voluntary", 1, 30.0, 900, 700),
        ),
        "years": [1, 2],
        "demand": [[[10, 10], [20, 20], [30, 30]], [[0, 0], [0, 0], [0, 0]]],
        "commune_group": [0, 0, 1],
        "site": [0, 1, 2, 0],
        "kind": [0, 1, 1, 2],
        "existing": [1, 0, 0, 0],
        "between": [[0, 30, 45], [30, 0, 15], [45, 15, 0]],
        "rules": rules,
        "objectives": (),
    }
    minutes = changes.pop("minutes", [[0, 30, 90], [30, 0, 60], [90, 45, 0]])
    return make(minutes, [10, 20, 30], stages=2, **(arrays | changes))


def plan(*changes, arcs=ARCS, share=None, feeds=None, upgraded=None, levels=()) -> Solution:
    """q opens in the first stage, r in the second; `changes` are (f, t, n) opened otherwise."""
    opened = np.array([[0, 0], [1, 0], [0, 1], [0, 0]])
    for f, t, n in changes:
        opened[f, t] = n
    commune, facility, stage = np.array(arcs, dtype=np.int64).reshape(-1, 3).T
    part = np.ones(len(arcs)) if share is None else np.array(share, dtype=float)
    rows = None if feeds is None else np.array(feeds, dtype=np.int64).reshape(-1, 5).T
    return Solution(
        status=Status.OPTIMAL,
        opened=opened,
        existing=np.array([1, 0, 0, 0]),
        allocation=Allocation(commune, facility, stage, part),
        levels=tuple(levels),
        seconds={},
        solver="none",
        upgraded=None if upgraded is None else np.array(upgraded),
        feeds=None if rows is None else Feeds(*rows),
    )


def codes(instance: Instance, solution: Solution) -> set[str]:
    findings = verify.verify(instance, solution)
    assert all(finding.say(lang) for finding in findings for lang in LANGS)
    return {finding.code.removeprefix("verify.") for finding in findings}


def amounts(*persons: float) -> dict[str, Any]:
    return {"scope": mask(TREATMENT, Q, R), "amount": np.array([*persons, 0.0])}


FEEDS = ((0, Q, TREATMENT, 0, 1), (0, Q, TREATMENT, 1, 1), (0, R, TREATMENT, 1, 1))
"""(rule, satellite, parent, stage, count)."""

PARENT: dict[str, Any] = {"scope": mask(Q, R), "parents": mask(TREATMENT), "minutes": 45.0}

EDGES: dict[str, tuple[Rule, Rule, tuple[float, float]]] = {
    "pinned": (
        Pinned(id="r", scope=mask(Q), stage=0),
        Pinned(id="r", scope=mask(R), stage=0),
        (0, 1),
    ),
    "pinned, several": (
        Pinned(id="r", scope=mask(TREATMENT, Q, R), stage=0, count=2),
        Pinned(id="r", scope=mask(TREATMENT, Q, R), stage=0, count=3),
        (2, 3),
    ),
    "forbidden": (
        Forbidden(id="r", scope=mask(Q), stages=(1,)),
        Forbidden(id="r", scope=mask(Q), stages=(0, 1)),
        (1, 0),
    ),
    "cluster": (Cluster(id="r", scope=mask(Q)), Cluster(id="r", scope=mask(Q, R)), (2, 1)),
    "cluster with what stands": (
        Cluster(id="r", scope=mask(TREATMENT, VOLUNTARY)),
        Cluster(id="r", scope=mask(TREATMENT, Q)),
        (2, 1),
    ),
    "capacity": (
        Capacity(id="r", **amounts(10, 20, 30)),
        Capacity(id="r", **amounts(10, 19, 30)),
        (20, 19),
    ),
    "capacity by a hair": (
        Capacity(id="r", **amounts(10, 20 - 1e-6, 30)),
        Capacity(id="r", **amounts(10, 20 - 1e-4, 30)),
        (20, 20 - 1e-4),
    ),
    "caseload": (
        MinimumCaseload(id="r", scope=mask(Q, R), amount=20),
        MinimumCaseload(id="r", scope=mask(Q, R), amount=21),
        (20, 21),
    ),
    "caseload in a long first stage": (
        MinimumCaseload(id="r", scope=mask(R), amount=30),
        MinimumCaseload(id="r", scope=mask(R), amount=31),
        (30, 31),
    ),
    "parent": (
        ParentWithinReach(id="r", **PARENT),
        ParentWithinReach(id="r", **(PARENT | {"minutes": 44.9999})),
        (1, 2),
    ),
    "parent of several": (
        ParentWithinReach(id="r", **PARENT, most=2),
        ParentWithinReach(id="r", **PARENT, most=1),
        (1, 2),
    ),
    "target": (
        CoverageTarget(id="r", service=0, stage=0, share=30 / 60, communes=ALL),
        CoverageTarget(id="r", service=0, stage=0, share=31 / 60, communes=ALL),
        (30, 31),
    ),
    "community": (
        CommunityShare(
            id="r", community=mask(Q, R), everywhere=mask(TREATMENT, Q, R), stage=0, share=20 / 30
        ),
        CommunityShare(
            id="r", community=mask(Q, R), everywhere=mask(TREATMENT, Q, R), stage=0, share=21 / 30
        ),
        (20, 21),
    ),
    "community, with others elsewhere": (
        CommunityShare(
            id="r", community=mask(Q), everywhere=mask(TREATMENT, Q), stage=0, share=0.5, elsewhere=10
        ),
        CommunityShare(
            id="r", community=mask(Q), everywhere=mask(TREATMENT, Q), stage=0, share=0.5, elsewhere=12
        ),
        (20, 21),
    ),
    "floor": (
        GroupFloor(id="r", service=0, stage=1, share=1.0),
        GroupFloor(id="r", service=0, stage=0, share=0.1),
        (0, 3),
    ),
}


@pytest.mark.parametrize("what", EDGES)
def test_a_rule_kept_to_the_last_unit_stands_and_one_more_is_caught(what):
    kept, broken, (found, limit) = EDGES[what]
    assert verify.verify(network(kept), plan()) == ()
    assert verify.kept(network(kept), plan()) == {("r", ""): True}
    assert verify.kept(network(broken), plan()) == {("r", ""): False}
    (finding,) = verify.verify(network(broken), plan())
    assert (finding.code, finding.where) == ("verify.rule", "r")
    assert finding.values == {"found": pytest.approx(found), "limit": pytest.approx(limit)}
    assert all(finding.say(lang) for lang in LANGS)


def test_every_rule_has_its_edge_here_or_beside():
    beside = {"Quota", "Colocated", "StageBudget", "Upgrade"}  # test_verify, and below
    assert {type(rule).__name__ for rule, _, _ in EDGES.values()} | beside == {
        rule.__name__ for rule in verify.CHECKS
    }


MUTATIONS = {
    "a site swapped": (plan((Q, 0, 0), (R, 0, 1), (R, 1, 0)), {"rule", "closed"}),
    "a site closed": (plan((Q, 0, 0)), {"rule", "closed"}),
    "an allocation dropped": (plan(arcs=ARCS[:-1]), {"rule"}),
    "one person turned away": (plan(share=[1, 1, 1, 1, 29 / 30]), {"rule"}),
    "one more than there is": (plan(share=[1, 1, 1, 21 / 20, 1]), {"rule", "share", "over_assigned"}),
}


@pytest.mark.parametrize("what", MUTATIONS)
def test_each_mutation_of_a_plan_with_every_kind_of_rule_is_caught(what):
    rules = [replace(kept, id=str(n)) for n, (kept, _, _) in enumerate(EDGES.values())]
    rules += [CoverageTarget(id="all", service=0, stage=1, share=1.0, communes=ALL)]
    assert codes(network(*rules), plan()) == set()
    solution, expected = MUTATIONS[what]
    assert codes(network(*rules), solution) == expected


def test_a_soft_target_may_be_missed():
    rule = CoverageTarget(id="r", service=0, stage=0, share=1.0, communes=ALL, hard=False)
    assert verify.verify(network(rule), plan()) == ()


def test_a_target_speaks_of_its_communes_only():
    rule = CoverageTarget(id="r", service=0, stage=0, share=1.0, communes=np.array([True, True, False]))
    assert verify.verify(network(rule), plan()) == ()
    assert codes(network(replace(rule, communes=np.array([False, False, True]))), plan()) == {"rule"}


def test_a_caseload_is_not_asked_in_a_first_stage_of_one_year():
    rule = MinimumCaseload(id="r", scope=mask(R), amount=31)
    assert verify.verify(network(rule, years=[1, 1]), plan()) == ()
    assert codes(network(rule, years=[1, 2]), plan()) == {"rule"}
    assert verify.verify(network(replace(rule, scope=mask(TREATMENT))), plan()) == (), "it is not new"


def test_groups_without_demand_have_no_floor():
    demand = np.array(network().demand)
    demand[:, 2] = 0
    assert (
        verify.verify(network(GroupFloor(id="r", service=0, stage=0, share=1.0), demand=demand), plan()) == ()
    )


# --- who may be turned away ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rules", "refused"),
    [
        ((), {"refused"}),
        ((Capacity(id="r", **amounts(10, 20, 30)),), set()),
        ((Capacity(id="r", scope=mask(VOLUNTARY), amount=np.full(F, 9.0)),), {"refused"}),
        ((MinimumCaseload(id="r", scope=mask(Q), amount=1),), {"refused"}),
    ],
)
def test_people_are_turned_away_only_where_something_limits_their_service(rules, refused):
    assert codes(network(*rules), plan(arcs=ARCS[:-1])) == refused


def test_nobody_left_out_is_counted_twice():
    """r has room for 25 of 30; in the first stage nothing is open for c."""
    it = network(Capacity(id="r", **amounts(10, 20, 25)))
    figures = verify.figures(it, plan(share=[1, 1, 1, 1, 25 / 30]))
    assert figures.no_capacity[0].tolist() == [[0, 0], [0, 0], [0, pytest.approx(5)]]
    assert figures.out_of_reach[0].tolist() == [[0, 0], [0, 0], [30, pytest.approx(0)]]


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


# --- gradual cover and values --------------------------------------------------------------------

GRADUAL = (
    Kind("treatment", 0, 30.0, 500, 400, outer=60.0),
    Kind("dispensing", 0, 30.0, 100, 60, outer=60.0),
    Kind("voluntary", 1, 30.0),
)


def test_gradual_cover_counts_persons_by_the_cover_of_their_trip():
    """c goes 45 minutes to q in the first stage: half covered; b at 30 minutes is covered in full."""
    solution = plan(arcs=(*ARCS, (2, Q, 0)))
    it = network(kinds=GRADUAL)
    assert codes(it, solution) == set()
    assert codes(it, plan()) == {"refused"}
    assert codes(network(), solution) == {"too_far"}
    figures = verify.figures(it, solution)
    assert figures.served[0].tolist() == [[10, 10], [20, 20], [15, 30]]
    assert figures.out_of_reach[0].tolist() == [[0, 0], [0, 0], [15, 0]]
    assert figures.no_capacity.sum() == 0
    assert figures.caseload[Q].tolist() == [50, 20]
    assert figures.longest[0].tolist() == [45, 0]


@pytest.mark.parametrize(("minutes", "stands"), [(60.0, True), (60.0 + 1e-7, True), (60.0001, False)])
def test_the_edge_of_the_outer_standard(minutes, stands):
    trip = np.array(network().minutes)
    trip[2, 1] = minutes
    solution = plan(arcs=(*ARCS, (2, Q, 0)))
    assert ("too_far" not in codes(network(kinds=GRADUAL, minutes=trip), solution)) == stands


def test_every_value_is_recomputed():
    """Soft targets: all of the first stage's 60 (30 served), all of the second's (60 served)."""
    rules = [
        CoverageTarget(id="soft", part=str(t), service=0, stage=t, share=1.0, communes=ALL, hard=False)
        for t in (0, 1)
    ]
    arcs = ((0, TREATMENT, 0), (1, TREATMENT, 0), *ARCS[2:])
    right = {
        "min_shortfall": 30.0,
        "max_cover": 30 * 1 + 60 * 2.0,
        "min_travel": 20 * 2 * 30 * 365.0,
        "max_worst_group": 0 * 1 + 1.0 * 2,
        "min_max_travel": 30 * 1 + 0 * 2.0,
        "min_facilities": 2.0,
        "min_cost": 100 + 2 * 60 + 100 + 60.0,
    }
    assert set(right) == set(verify.VALUES)
    it = network(*rules, objectives=tuple(Objective(name, 0) for name in right))
    levels = [Level(name, value, value, 0.0) for name, value in right.items()]
    assert verify.verify(it, plan(arcs=arcs, levels=levels)) == ()
    for n, (name, value) in enumerate(right.items()):
        wrong = [*levels[:n], Level(name, value + 1, value + 1, 0.0), *levels[n + 1 :]]
        (finding,) = verify.verify(it, plan(arcs=arcs, levels=wrong))
        assert (finding.code, finding.where) == ("verify.value", f"solution.levels.{name}")
        assert finding.values == {"got": value + 1, "want": pytest.approx(value)}


def test_rules_about_persons_cannot_be_judged_without_them():
    rule = EDGES["target"][0]
    with pytest.raises(ValueError, match="who goes where"):
        verify.breach(network(rule), rule, plan().opened)
