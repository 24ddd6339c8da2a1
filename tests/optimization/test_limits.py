"""What a planner meets: each kind of clash is told with its facts, and resolved by the least that will do."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimization import solve
from optimization.diagnose import Change, Diagnosis, FactKind, Way, apply, diagnose
from optimization.instance import Instance, Kind, Objective
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
from tests.optimization.instances import make
from tests.optimization.judging import answers_like_the_model, check

SATELLITE, PARENT, VOLUNTARY = range(3)
ALL = np.ones(4, dtype=bool)


def line(*rules: Rule, **changes: Any) -> Instance:
    """Four villages in a line, 20 minutes apart, 10, 20, 30 and 40 persons, a station in each.

    Facilities 0 to 3 are satellites, one in each village; 4 is the parent that stands in the first village,
    of another service, 5 one in the last village that the scenario does not offer.
    """
    arrays: dict[str, Any] = {
        "groups": ("west", "east"),
        "services": make([[0]], [1]).services * 1 + (replace(make([[0]], [1]).services[0], id="other"),),
        "kinds": (Kind("satellite", 0, 15.0, 100, 60), Kind("parent", 1, 15.0, 500, 300)),
        "commune_group": [0, 0, 1, 1],
        "site_group": [0, 0, 1, 1],
        "demand": np.stack([np.array([[10.0], [20], [30], [40]]).repeat(2, axis=1), np.zeros((4, 2))]),
        "site": [0, 1, 2, 3, 0, 3],
        "kind": [0, 0, 0, 0, 1, 1],
        "existing": [0, 0, 0, 0, 1, 0],
        "limit": [1] * 6,
        "ready": [0] * 6,
        "offered": [True, True, True, True, True, False],
        "between": 20.0 * np.abs(np.arange(4)[:, None] - np.arange(4)),
        "rules": rules,
    }
    minutes = 20.0 * np.abs(np.arange(4)[:, None] - np.arange(4))
    return make(minutes, [10, 20, 30, 40], stages=2, **(arrays | changes))


def mask(*members: int) -> np.ndarray:
    return np.isin(np.arange(6), members)


STATIONS = mask(0, 1, 2, 3)
TWO = Quota(id="two", scope=STATIONS, stages=(0, 1), hi=2)


def target(share: float, **changes: Any) -> CoverageTarget:
    given: dict[str, Any] = {"id": "target", "service": 0, "stage": 1, "share": share, "communes": ALL}
    return CoverageTarget(**(given | changes))


def capacity(persons: float) -> Capacity:
    return Capacity(id="room", scope=STATIONS, amount=np.full(6, persons))


def told(result: Diagnosis) -> list[FactKind]:
    return [fact.kind for fact in result.clashes[0].facts]


def ways(result: Diagnosis) -> dict[Way, Change]:
    """The relaxations of one change, by their way."""
    return {r.changes[0].way: r.changes[0] for r in result.relaxations if len(r.changes) == 1}


def diagnosed(instance: Instance, *keys: str) -> Diagnosis:
    """The diagnosis, which stands up, of the clash between these rules."""
    result = diagnose(instance)
    check(instance, result)
    assert {rule for rule, _ in result.clashes[0].keys} == set(keys)
    return result


# --- capacity against target ---------------------------------------------------------------------


def test_capacity_against_target():
    """Two stations with room for 25 each serve 50 of 100 at best; 60 are asked for.

    Three could; or room for 30 each; or the target has to come down to 50.
    """
    result = diagnosed(line(TWO, capacity(25), target(0.6)), "two", "room", "target")
    assert told(result) == [FactKind.LITTLE_ROOM]
    (fact,) = result.clashes[0].facts
    assert (fact.persons, fact.stage) == (50, 1)
    assert fact.asked == pytest.approx(60)
    found = ways(result)
    assert (found[Way.QUOTA].side, found[Way.QUOTA].limit) == ("hi", 3)
    assert (found[Way.CAPACITY].amount, found[Way.CAPACITY].limit) == (5, 30)
    assert found[Way.TARGET].limit == pytest.approx(0.5)
    assert found[Way.TARGET].amount == pytest.approx(10)


def test_a_target_comes_down_to_the_last_person():
    """26 and 25 persons are all that two stations take: 51 of 100."""
    rule = replace(capacity(25), amount=np.array([25.0, 25, 25, 26, 0, 0]))
    change = ways(diagnosed(line(TWO, rule, target(0.7)), "two", "room", "target"))[Way.TARGET]
    assert change.limit == pytest.approx(0.51)
    assert change.service == 0
    assert change.amount == pytest.approx(19)


def test_capacity_that_no_number_of_places_can_make_up_for():
    result = diagnosed(line(capacity(20), target(0.9)), "room", "target")
    (fact,) = result.clashes[0].facts
    assert (fact.kind, fact.persons, fact.asked) == (FactKind.LITTLE_ROOM, 80, 90)
    assert set(ways(result)) == {Way.CAPACITY, Way.TARGET}


# --- beyond reach --------------------------------------------------------------------------------


def test_a_target_beyond_the_reach_of_all_candidates():
    """Only the first two villages have a station on offer: 30 of 100 within 15 minutes, 60 within 20."""
    it = line(target(0.5), offered=[True, True, False, False, True, False])
    result = diagnosed(it, "target")
    (fact,) = result.clashes[0].facts
    assert (fact.kind, fact.persons, fact.asked) == (FactKind.BEYOND_REACH, 30, 50)
    found = ways(result)
    assert found[Way.TARGET].limit == pytest.approx(0.3)
    assert (found[Way.STANDARD].limit, found[Way.STANDARD].amount, found[Way.STANDARD].kind) == (20, 5, 0)
    assert it.site[list(found[Way.NEW_PLACE].choices)].tolist() == [2, 3]


def test_a_floor_beyond_the_reach_of_a_group():
    it = line(
        GroupFloor(id="floor", service=0, stage=1, share=0.9), offered=[True, True, True, False, True, False]
    )
    result = diagnosed(it, "floor")
    (fact,) = result.clashes[0].facts
    assert (fact.kind, fact.group, fact.persons, fact.asked) == (FactKind.BEYOND_REACH, 1, 30, 63)
    assert ways(result)[Way.TARGET].limit == pytest.approx(0.428)  # 30 of 70
    assert ways(result)[Way.STANDARD].limit == 20


# --- pins, bans, clusters ------------------------------------------------------------------------


def test_two_pins_in_one_cluster():
    """Either pin goes, or the cluster may have two."""
    pins = [Pinned(id=f"pin_{f}", scope=mask(f), stage=1) for f in (1, 2)]
    result = diagnosed(line(*pins, Cluster(id="cluster", scope=mask(1, 2))), "pin_1", "pin_2", "cluster")
    (fact,) = result.clashes[0].facts
    assert (fact.kind, fact.key, fact.count) == (FactKind.PINS_IN_CLUSTER, ("cluster", ""), 2)
    changes = [r.changes[0] for r in result.relaxations]
    assert [(c.way, c.key[0], c.limit) for c in changes] == [
        (Way.PIN, "pin_1", 0),
        (Way.PIN, "pin_2", 0),
        (Way.CLUSTER, "cluster", 2),
    ]


def test_more_standing_than_a_cluster_may_have():
    result = diagnosed(
        line(Cluster(id="cluster", scope=mask(0, 1, 2)), existing=[1, 1, 1, 0, 1, 0]), "cluster"
    )
    assert told(result) == [FactKind.MANY_STANDING]
    assert ways(result)[Way.CLUSTER].limit == 3


def test_a_pin_against_a_ban():
    rules = (
        Pinned(id="pin", scope=mask(1), stage=0),
        Forbidden(id="ban", scope=mask(1, 2), stages=(0, 1)),
    )
    assert set(ways(diagnosed(line(*rules), "pin", "ban"))) == {Way.PIN, Way.BAN}


@pytest.mark.parametrize(
    ("rule", "way", "limit"),
    [
        (Quota(id="two", scope=STATIONS, stages=(0,), hi=2), Way.QUOTA, 3),
        (StageBudget(id="two", scope=STATIONS, stages=(0,), amount=299), Way.BUDGET, 300),
    ],
)
def test_pins_against_a_quota_or_a_budget(rule, way, limit):
    """Three are pinned; there is room, or money, for two."""
    found = ways(
        diagnosed(line(Pinned(id="pins", scope=mask(0, 1, 2), stage=0, count=3), rule), "pins", "two")
    )
    assert set(found) == {Way.PIN, way}
    assert (found[Way.PIN].limit, found[way].limit) == (2, limit)


def test_a_pin_before_its_place_is_ready():
    it = line(Pinned(id="pin", scope=mask(1), stage=0), ready=[0, 1, 0, 0, 0, 0])
    result = diagnosed(it, "pin")
    assert told(result) == [FactKind.FEW_PLACES]
    sooner = ways(result)[Way.EARLIER]
    assert (sooner.kind, sooner.stage, sooner.amount, sooner.choices) == (0, 0, 1, (1,))


# --- parents -------------------------------------------------------------------------------------


def fed(minutes: float, **changes: Any) -> ParentWithinReach:
    given: dict[str, Any] = {"id": "parent", "scope": STATIONS, "parents": mask(4, 5), "minutes": minutes}
    return ParentWithinReach(**(given | changes))


def test_a_parent_out_of_reach():
    """A point is wanted in the third village, 40 minutes from the only parent, 20 from one that could be."""
    wanted = Pinned(id="pin", scope=mask(2), stage=1)
    result = diagnosed(line(wanted, fed(30)), "pin", "parent")
    (fact,) = result.clashes[0].facts
    assert (fact.kind, fact.group, fact.minutes) == (FactKind.FAR_PARENT, 1, 40)
    found = ways(result)
    assert (found[Way.REACH].limit, found[Way.REACH].amount) == (40, 10)
    assert (found[Way.NEW_PARENT].kind, found[Way.NEW_PARENT].choices) == (1, (5,))
    assert found[Way.NEW_PARENT].stage == 1
    assert Way.PIN in found


def test_no_parent_at_all():
    between = np.array(line().between)
    between[2, 0] = np.inf
    result = diagnosed(
        line(Pinned(id="pin", scope=mask(2), stage=1), fed(30), between=between), "pin", "parent"
    )
    assert told(result) == [FactKind.NO_PARENT]
    assert set(ways(result)) == {Way.NEW_PARENT, Way.PIN}


def test_a_parent_that_may_feed_too_few():
    wanted = Quota(id="three", scope=STATIONS, stages=(0, 1), lo=3)
    it = line(wanted, fed(60, parents=mask(4), most=2))
    found = ways(diagnosed(it, "three", "parent"))
    assert found[Way.SATELLITES].limit == 3
    assert found[Way.QUOTA].limit == 2


def test_a_parent_that_is_ready_too_late():
    it = line(
        Pinned(id="pin", scope=mask(3), stage=0),
        fed(30),
        offered=[True] * 6,
        ready=[0, 0, 0, 0, 0, 1],
    )
    result = diagnosed(it, "pin", "parent")
    (fact,) = result.clashes[0].facts
    assert (fact.kind, fact.stage) == (FactKind.LATE_PARENT, 1)
    assert (ways(result)[Way.EARLIER].kind, ways(result)[Way.EARLIER].choices) == (1, (5,))


def test_an_upgrade_is_a_fact_and_no_part_of_a_clash():
    """The parent of the first village can be upgraded once; two upgrades are asked for."""
    rules = (
        Upgrade(id="up", before=mask(4), after=mask(0)),
        Pinned(id="parent", scope=mask(4), stage=1),
        Pinned(id="station", scope=mask(0), stage=1),
    )
    result = diagnosed(line(*rules), "parent", "station")
    assert [r.changes[0].key[0] for r in result.relaxations] == ["parent", "station"]


# --- caseload and shares -------------------------------------------------------------------------


def test_a_caseload_that_no_place_can_reach():
    rules = (
        Quota(id="one", scope=STATIONS, stages=(0,), lo=1),
        MinimumCaseload(id="busy", scope=STATIONS, amount=41),
    )
    result = diagnosed(line(*rules), "one", "busy")
    (fact,) = result.clashes[0].facts
    assert (fact.kind, fact.persons, fact.asked) == (FactKind.FEW_PERSONS, 40, 41)
    assert ways(result)[Way.CASELOAD].limit == 40


def test_a_community_share_that_cannot_be_reached():
    """40 in the community at most if one point opens, 20 elsewhere: two thirds."""
    rules = (
        Quota(id="one", scope=STATIONS, stages=(0, 1), hi=1),
        CommunityShare(
            id="community", community=STATIONS, everywhere=STATIONS, stage=1, share=0.8, elsewhere=20
        ),
    )
    found = ways(diagnosed(line(*rules), "one", "community"))
    assert found[Way.TARGET].limit == pytest.approx(0.666)
    assert found[Way.TARGET].service is None
    assert found[Way.QUOTA].limit == 3  # 70 of 90 is not enough, 90 of 110 is


# --- in general ----------------------------------------------------------------------------------


def random_rules(draw: Any) -> list[Rule]:
    """Rules of every kind, tight enough to clash now and then."""
    rules: list[Rule] = [
        Quota(id="quota", scope=STATIONS, stages=(0, 1), lo=draw(st.integers(0, 3)), hi=3),
        StageBudget(id="money", scope=STATIONS, stages=(0, 1), amount=draw(st.integers(0, 700))),
    ]
    maybe: list[Rule] = [
        Pinned(id="pin", scope=mask(draw(st.integers(0, 3))), stage=draw(st.integers(0, 1))),
        Forbidden(id="ban", scope=mask(draw(st.integers(0, 3))), stages=(0, 1)),
        Cluster(id="cluster", scope=mask(1, 2)),
        capacity(draw(st.integers(5, 45))),
        MinimumCaseload(id="busy", scope=STATIONS, amount=draw(st.integers(5, 45))),
        fed(draw(st.sampled_from([0, 20, 40, 60])), most=draw(st.sampled_from([None, 1, 2]))),
        target(draw(st.sampled_from([0.2, 0.5, 0.8]))),
        GroupFloor(id="floor", service=0, stage=1, share=draw(st.sampled_from([0.2, 0.5]))),
        CommunityShare(id="community", community=mask(0, 1), everywhere=STATIONS, stage=1, share=0.3),
    ]
    chosen = [rule for rule in maybe if draw(st.booleans())]
    if any(isinstance(rule, Capacity) for rule in chosen):  # see the docstring of Feasibility
        chosen = [rule for rule in chosen if not isinstance(rule, CommunityShare)]
    return rules + chosen


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_whatever_clashes_the_diagnosis_holds(data):
    it = line(*random_rules(data.draw), ready=[0, data.draw(st.integers(0, 2)), 0, 0, 0, 0])
    result = diagnose(it)
    assert bool(result.clashes) != solve.is_feasible(it)
    check(it, result)
    assert not result.clashes or result.relaxations


@settings(max_examples=40, deadline=None)
@given(st.data(), st.integers(0, 1000))
def test_feasibility_answers_like_the_model(data, seed):
    answers_like_the_model(line(*random_rules(data.draw)), np.random.default_rng(seed))


def test_changes_of_an_instance_are_judged_like_the_model():
    """What is kin of the first instance is answered from its rows, what is not is written anew."""
    from optimization.feasibility import Feasibility

    it = line(TWO, capacity(25), target(0.6), objectives=(Objective("max_cover", 0),))
    judge = Feasibility(it)
    assert not judge(it)
    for change in ways(diagnose(it)).values():
        assert judge(apply(it, [change]))
    other = replace(it, demand=it.demand / 2)
    assert judge(other) == solve.is_feasible(other)
