"""What the rules of the whole model come to, on cases small enough to work out by hand."""

from dataclasses import replace

import numpy as np
import pytest

from errors import DataError
from optimization import score, solve, verify
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
    StageBudget,
    Upgrade,
)
from optimization.solution import Status
from tests.optimization.instances import make, opening

COVER, TRAVEL = Objective("max_cover", 0), Objective("min_travel", 0)


def mask(n: int, *members: int):
    return np.isin(np.arange(n), members)


def solved(it: Instance):
    found = solve.solve(it)
    assert found.status is Status.OPTIMAL
    assert verify.verify(it, found) == ()
    return found


def persons(it: Instance, found) -> dict[tuple[int, int, int], float]:
    """Who goes where: persons by (commune, facility, stage)."""
    service = it.facility_service[found.allocation.facility]
    rows = zip(*(part.tolist() for part in found.allocation), strict=True)
    return {(i, f, t): it.demand[s, i, t] * x for s, (i, f, t, x) in zip(service, rows, strict=True)}


# --- upgrade -------------------------------------------------------------------------------------


def four_sites(**changes) -> Instance:
    """Four methadone sites stand; one of them becomes a voluntary facility, each beside its own people."""
    minutes = np.where(np.eye(4, dtype=bool), 0, 90)
    arrays = {
        "services": (Service("methadone"), Service("voluntary")),
        "kinds": (Kind("dispensing", 0, 30.0, 500, 100), Kind("voluntary", 1, 30.0, 900, 300)),
        "years": [1, 2],
        "demand": np.array([[[10, 10], [20, 20], [30, 30], [40, 40]], [[1, 1], [9, 9], [2, 2], [3, 3]]]),
        "site": np.tile(np.arange(4), 2),
        "kind": np.repeat([0, 1], 4),
        "existing": [1] * 4 + [0] * 4,
        "limit": [1] * 8,
        "ready": [0] * 8,
        "offered": [True] * 8,
        "objectives": (Objective("max_cover", 1), Objective("max_cover", 0)),
        "rules": (
            Upgrade(id="upgrade", before=mask(8, *range(4)), after=mask(8, *range(4, 8))),
            Quota(id="one", scope=mask(8, *range(4, 8)), stages=(0, 1), lo=1, hi=1),
        ),
    }
    return make(minutes, [1] * 4, stages=2, **(arrays | changes))


def test_one_of_four_sites_is_upgraded_and_is_then_no_longer_what_it_was():
    it = four_sites()
    found = solved(it)
    assert np.argwhere(found.opened).tolist() == [[5, 0]]
    assert found.open[:, 0].tolist() == [1, 0, 1, 1, 0, 1, 0, 0]
    assert np.argwhere(found.upgraded).tolist() == [[1, 0]]
    assert [level.value for level in found.levels] == [9 * 3, (10 + 30 + 40) * 3]
    # 900 and a year of 300 in the second year of the stage; three others run; the upgraded one costs nothing
    assert verify.cost(it, found.opened).tolist() == [900 + 3 * 100, 2 * 300 + 3 * 200]


def test_an_upgrade_saves_what_it_closes_and_a_budget_knows_it():
    it = four_sites()
    for amount, status in ((1200, Status.OPTIMAL), (1199, Status.INFEASIBLE)):
        money = StageBudget(id="money", scope=mask(8, *range(8)), stages=(0,), amount=amount)
        rules = (it.rules[0], opening(it.kind == 1, 0, 1), money)
        assert solve.solve(replace(it, rules=rules)).status is status


def test_what_stands_late_is_upgraded_later():
    it = four_sites(existing=[0] * 8, ready=[0] * 4 + [0] * 4)
    found = solved(replace(it, objectives=(Objective("max_cover", 1),)))
    assert found.opened[1].tolist() == [1, 0]
    assert found.opened[5].tolist() == [0, 1]
    both_at_once = (*it.rules, opening(it.kind == 1, 0, 1))
    assert solve.solve(replace(it, rules=both_at_once)).status is Status.INFEASIBLE


def test_a_pin_forbids_the_upgrade():
    it = four_sites()
    pin = Pinned(id="pin", scope=mask(8, 1), stage=0)
    assert np.argwhere(solved(replace(it, rules=(*it.rules, pin))).opened).tolist() == [[7, 0]]


@pytest.mark.parametrize("rules", [2, 1])
def test_an_upgrade_says_what_it_is_or_is_refused(rules):
    twice = Upgrade(id="again", before=mask(8, 0), after=mask(8, 4))
    wide = Upgrade(id="wide", before=mask(8, 0, 4), after=mask(8, 5))
    it = four_sites()
    with pytest.raises(DataError) as caught:
        replace(it, rules=(it.rules[0], twice) if rules == 2 else (wide,))
    assert caught.value.problems[0].code == "instance.duplicate"


# --- loads ---------------------------------------------------------------------------------------


def two_doors(**changes) -> Instance:
    """Two communes of 30 and 50 between two points: the first is nearer to both."""
    return make(
        [[5, 20], [10, 15]], [30, 50], **({"existing": [1, 1], "objectives": (COVER, TRAVEL)} | changes)
    )


def test_a_full_point_sends_people_on_and_then_away():
    room = Capacity(id="room", scope=mask(2, 0, 1), amount=np.array([40.0, 25.0]))
    it = two_doors(rules=(room,))
    found = solved(it)
    assert found.levels[0].value == 65
    at = persons(it, found)
    assert sum(n for (_, f, _), n in at.items() if f == 0) == pytest.approx(40)
    assert sum(n for (_, f, _), n in at.items() if f == 1) == pytest.approx(25)
    roomy = solved(replace(it, rules=(replace(room, amount=np.array([80.0, 0.0])),)))
    assert {(i, f) for i, f, _ in persons(it, roomy)} == {(0, 0), (1, 0)}


def test_each_of_several_points_at_a_place_has_its_room():
    room = Capacity(id="room", scope=mask(2, 0, 1), amount=np.array([30.0, 0.0]))
    it = make([[5, 20], [10, 15]], [30, 50], limit=[3, 1], rules=(room, opening([True, True], 0, 2)))
    found = solved(it)
    assert found.opened[:, 0].tolist() == [2, 0]
    assert found.levels[0].value == 60


def test_a_new_point_needs_its_people_from_the_second_year_on():
    """Nobody is nearest to the second point, but 50 people may go there."""
    load = MinimumCaseload(id="load", scope=mask(2, 1), amount=45.0)
    it = make([[5, 20], [10, 15]], [30, 50], stages=2, rules=(load, opening([True, True], 0, 2)))
    found = solved(replace(it, objectives=(COVER, TRAVEL)))
    at = persons(it, found)
    assert {(i, f) for i, f, t in at if t == 0} == {(0, 0), (1, 0)}
    assert sum(n for (_, f, t), n in at.items() if (f, t) == (1, 1)) == pytest.approx(45)
    assert found.levels[0].value == 160  # nobody is turned away for it
    too_much = replace(it, rules=(replace(load, amount=81.0), opening([True, True], 0, 2)))
    assert solve.solve(too_much).status is Status.INFEASIBLE
    long_stage = replace(it, years=[2, 1])
    at = persons(it, solved(long_stage))
    assert sum(n for (_, f, t), n in at.items() if (f, t) == (1, 0)) == pytest.approx(45)


def test_what_stood_before_needs_no_caseload():
    load = MinimumCaseload(id="load", scope=mask(2, 0, 1), amount=1000.0)
    assert solved(two_doors(rules=(load,))).levels[0].value == 80


def test_the_community_keeps_its_share():
    """All would go to the first, a hospital; two thirds of 80 and of 10 elsewhere are to go to the second."""
    share = CommunityShare(
        id="share", community=mask(2, 1), everywhere=mask(2, 0, 1), stage=0, share=2 / 3, elsewhere=10.0
    )
    it = two_doors(rules=(share,))
    found = solved(it)
    at = persons(it, found)
    assert sum(n for (_, f, _), n in at.items() if f == 1) == pytest.approx(60)
    assert found.levels[0].value == 80


# --- parents and satellites ----------------------------------------------------------------------


def hierarchy(**changes) -> Instance:
    """Two parents (f 0, 1) and three satellites (f 2, 3, 4), each beside its 10, 20, 30 people."""
    minutes = np.where(np.eye(5, dtype=bool)[2:], 0, 90)
    between = np.abs(np.subtract.outer([0, 50, 10, 20, 40], [0, 50, 10, 20, 40]))
    parent = ParentWithinReach(id="parent", scope=mask(5, 2, 3, 4), parents=mask(5, 0, 1), minutes=30.0)
    arrays = {"between": between, "rules": (parent, opening(mask(5, 0, 1), 0, 1)), "objectives": (COVER,)}
    return make(minutes, [10, 20, 30], **(arrays | changes))


def feeds(found) -> set[tuple[int, int]]:
    return set(zip(found.feeds.satellite.tolist(), found.feeds.parent.tolist(), strict=True))


def feeding(it) -> ParentWithinReach:
    """The rule that says who feeds whom."""
    return next(rule for rule in it.rules if isinstance(rule, ParentWithinReach))


def test_satellites_stand_where_a_parent_is_near_enough():
    """With one parent either 10 and 20 or, from the other side, 20 (at 30 minutes exactly) and 30."""
    found = solved(hierarchy())
    assert feeds(found) == {(3, 1), (4, 1)}
    assert found.levels[0].value == 50
    closer = replace(feeding(hierarchy()), minutes=29.99)
    nearer = solved(hierarchy(rules=(closer, hierarchy().rules[1])))
    assert feeds(nearer) in ({(4, 1)}, {(2, 0), (3, 0)})
    assert nearer.levels[0].value == 30


def test_a_parent_feeds_as_many_as_it_may():
    it = hierarchy()
    one = replace(it, rules=(replace(feeding(it), most=1), it.rules[1]))
    assert solved(one).levels[0].value == 30
    two_parents = replace(it, rules=(replace(feeding(it), most=2), opening(mask(5, 0, 1), 0, 2)))
    assert feeds(solved(two_parents)) == {(2, 0), (3, 0), (4, 1)}  # each from the nearest


def test_a_parent_carries_the_load_of_its_satellites():
    it = hierarchy()
    room = Capacity(
        id="room", scope=mask(5, 0, 1), amount=np.array([30.0, 45, 0, 0, 0]), counts_satellites=True
    )
    found = solved(replace(it, rules=(*it.rules, room)))
    assert found.levels[0].value == 45
    own = replace(room, counts_satellites=False)
    assert solved(replace(it, rules=(*it.rules, own))).levels[0].value == 50


# --- targets -------------------------------------------------------------------------------------


def test_a_hard_target_is_met_and_a_soft_one_told():
    """One of two communes, 70 and 30 persons, can be served; the target speaks of the second."""
    it = make([[0, 90], [90, 0]], [70, 30], rules=(opening([True, True], 0, 1),))
    second = mask(2, 1)
    hard = CoverageTarget(id="target", service=0, stage=0, share=1.0, communes=second)
    found = solved(replace(it, rules=(*it.rules, hard)))
    assert found.levels[0].value == 30
    soft = replace(hard, hard=False, share=0.5)
    levels = (Objective("min_shortfall", 0), COVER)
    found = solved(replace(it, rules=(*it.rules, soft), objectives=levels))
    assert [level.value for level in found.levels] == [0, 30]
    found = solved(replace(it, rules=(*it.rules, soft), objectives=(COVER, levels[0])))
    assert [level.value for level in found.levels] == [70, 15]


def test_the_worst_group_first_or_a_floor_for_each():
    """Of g's 100 and h's 30 the first point serves 70 of g, the second 30 of g and all of h."""
    it = make(
        [[0, 90], [90, 0], [90, 0]],
        [70, 30, 30],
        groups=("g", "h"),
        commune_group=[0, 0, 1],
        rules=(opening([True, True], 0, 1),),
    )
    assert solved(it).levels[0].value == 70
    fair = solved(replace(it, objectives=(Objective("max_worst_group", 0), COVER)))
    assert [level.value for level in fair.levels] == pytest.approx([0.3, 60])
    for share, status in ((0.3, Status.OPTIMAL), (0.301, Status.INFEASIBLE)):
        floor = GroupFloor(id="floor", service=0, stage=0, share=share)
        assert solve.solve(replace(it, rules=(*it.rules, floor))).status is status


def test_p_center_after_cover():
    """The middle point is nobody's nearest for long, but no one's way is long."""
    minutes = [[0, 12, 20], [20, 12, 0], [18, 11, 18]]
    it = make(minutes, [1, 1, 5], objectives=(COVER, Objective("min_max_travel", 0)))
    found = solved(replace(it, rules=(opening([True] * 3, 0, 1),)))
    assert found.opened[:, 0].tolist() == [0, 1, 0]
    assert found.levels[1].value == 12


def test_gradual_cover_counts_a_long_way_for_less():
    """Full up to 10 minutes, none at 30: 25 minutes count a quarter."""
    kinds = (Kind("k", 0, 10.0, outer=30.0),)
    it = make([[25, 90], [90, 5]], [100, 30], kinds=kinds, rules=(opening([True, True], 0, 1),))
    found = solved(it)
    assert found.opened[:, 0].tolist() == [0, 1]
    assert found.levels[0].value == 30
    assert solved(replace(it, demand=it.demand * [[1], [0.5]])).levels[0].value == 25


def test_with_two_kinds_people_go_where_they_are_covered_best():
    kinds = (Kind("near", 0, 5.0, outer=20.0), Kind("far", 0, 30.0))
    it = make([[15, 25]], [60], kinds=kinds, kind=[0, 1], existing=[1, 1])
    found = solved(it)
    assert found.levels[0].value == 60
    assert found.allocation.facility.tolist() == [1]


# --- where and when ------------------------------------------------------------------------------


def test_pins_bans_and_clusters():
    it = make(np.where(np.eye(3, dtype=bool), 0, 90), [50, 40, 30], stages=2)
    every = mask(3, 0, 1, 2)
    rules = (
        Quota(id="all", scope=every, stages=(0, 1), hi=2),
        Pinned(id="pin", scope=mask(3, 2), stage=1),
        Forbidden(id="ban", scope=mask(3, 0), stages=(0,)),
    )
    found = solved(replace(it, rules=rules))
    assert found.opened.tolist() == [[0, 0], [1, 0], [1, 0]]
    together = Cluster(id="cluster", scope=mask(3, 1, 2))
    assert solved(replace(it, rules=(*rules, together))).opened.tolist() == [[0, 1], [0, 0], [1, 0]]
    with_both = (*rules, together, Pinned(id="other", scope=mask(3, 1), stage=0))
    assert solve.solve(replace(it, rules=with_both)).status is Status.INFEASIBLE


# --- what gives way ------------------------------------------------------------------------------


def least(it: Instance, rule) -> dict[str, float]:
    found = solve.least(it, elastic={(rule.id, rule.part)})
    return found.amounts.get((rule.id, rule.part), {})


def test_every_rule_tells_by_how_much_it_has_to_give_way():
    it = make(np.where(np.eye(3, dtype=bool), 0, 90), [50, 40, 30.5], rules=(opening([True] * 3, 0, 2),))
    every, all_served = mask(3, 0, 1, 2), {"service": 0, "stage": 0, "share": 1.0}

    def asked(*rules, **changes):
        return replace(it, rules=(*it.rules, *rules), **changes)

    target = CoverageTarget(id="r", communes=every, **all_served)
    assert least(asked(target), target) == {"short": pytest.approx(30.5)}
    floor = GroupFloor(id="r", **all_served)
    grouped = asked(floor, groups=("g", "h", "i"), commune_group=[0, 1, 2])
    assert least(grouped, floor) == {"2": pytest.approx(30.5)}
    cluster = Cluster(id="r", scope=every)
    assert least(asked(cluster), cluster) == {"hi": 1}
    pin = Pinned(id="r", scope=every, stage=0, count=3)
    assert least(asked(pin), pin) == {"drop": 1}
    ban = Forbidden(id="r", scope=mask(3, 0, 1), stages=(0,))
    assert least(asked(ban), ban) == {"drop": 1}
    served = CoverageTarget(id="t", communes=mask(3, 0), **all_served)
    room = Capacity(id="r", scope=every, amount=np.array([49.25, 0, 0]))
    assert least(asked(room, served), room) == {"0": pytest.approx(0.75)}
    share = CommunityShare(id="r", community=mask(3, 2), everywhere=every, stage=0, share=0.5)
    assert least(asked(share, served), share) == {"short": pytest.approx(25 + 0.5 * 30.5 - 30.5)}
    load = MinimumCaseload(id="r", scope=mask(3, 0), amount=60.0)
    pinned = Pinned(id="p", scope=mask(3, 0), stage=0)
    assert least(asked(load, pinned, years=[2]), load) == {"0": pytest.approx(10)}
    far = np.full((3, 3), 50.0)
    parent = ParentWithinReach(id="r", scope=mask(3, 0), parents=mask(3, 1, 2), minutes=49.0)
    assert least(asked(parent, pinned, between=far), parent) == {"0": 1}


# --- scoring, starting ---------------------------------------------------------------------------


def test_a_plan_is_scored_under_capacities_too():
    room = Capacity(id="room", scope=mask(2, 0, 1), amount=np.array([40.0, 25.0]))
    it = make(
        [[5, 20], [10, 15]],
        [30, 50],
        groups=("g",),
        site_group=[0, 0],
        rules=(room,),
        objectives=(COVER, TRAVEL),
    )
    result = score.evaluate(it, [score.Opening(0, 0, 1, (0, 1))])
    assert (result.worst, result.mean, result.best) == pytest.approx((25, 32.5, 40))
    assert result.optimum.levels[0].value == 65


def test_a_start_says_what_opens_and_the_rest_is_found():
    room = Capacity(id="room", scope=mask(2, 0, 1), amount=np.array([40.0, 25.0]))
    it = two_doors(rules=(room,), existing=[0, 0])
    for start in (np.ones((2, 1), dtype=np.int64), np.zeros((2, 1), dtype=np.int64)):
        assert (solve.solve(it, start=start).opened == solve.solve(it).opened).all()


def test_rules_that_do_not_fit_are_refused_all_at_once():
    it = two_doors()
    rules = (
        Pinned(id="a", scope=mask(3, 1), stage=0),
        CoverageTarget(id="b", service=7, stage=9, share=1.2, communes=mask(5, 1)),
        Capacity(id="c", scope=mask(2, 0, 1), amount=np.array([np.nan, -1.0])),
        Capacity(id="d", scope=mask(2, 0), amount=np.array([1.0, np.nan])),
        ParentWithinReach(id="e", scope=mask(2, 0), parents=mask(2, 1), minutes=float("nan"), most=-1),
        MinimumCaseload(id="f", scope=mask(2, 0), amount=float("inf")),
        CommunityShare(
            id="g", community=mask(2, 0), everywhere=mask(1, 0), stage=0, share=float("nan"), elsewhere=-1.0
        ),
    )
    with pytest.raises(DataError) as caught:
        replace(it, rules=rules)
    found = {(p.where.removeprefix("instance.rules "), p.code) for p in caught.value.problems}
    assert found == {
        ("a scope", "instance.shape"),
        ("b communes", "instance.shape"),
        ("b service", "instance.out_of_range"),
        ("b stage", "instance.out_of_range"),
        ("b share", "instance.out_of_range"),
        ("c amount", "instance.not_finite"),
        ("c amount", "instance.negative"),
        ("e", "instance.between"),
        ("e minutes", "instance.not_finite"),
        ("e most", "instance.negative"),
        ("f amount", "instance.not_finite"),
        ("g everywhere", "instance.shape"),
        ("g share", "instance.out_of_range"),
        ("g elsewhere", "instance.negative"),
    }
    assert caught.value.say("vi")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"between": np.zeros((1, 2))}, "instance.shape"),
        ({"between": np.full((2, 2), np.nan)}, "instance.not_finite"),
        ({"between": np.full((2, 2), -1.0)}, "instance.negative"),
        ({"kinds": (Kind("k", 0, 10.0, outer=float("inf")),)}, "instance.not_finite"),
        ({"kinds": (Kind("k", 3, 10.0),)}, "instance.out_of_range"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(changes, code):
    with pytest.raises(DataError) as caught:
        two_doors(**changes)
    assert [problem.code for problem in caught.value.problems] == [code]
