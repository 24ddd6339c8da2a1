"""A plan somebody made is scored in every way it can be read, by rules it keeps."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from errors import DataError
from optimization import exchange, score, solve, verify
from optimization.instance import NO_GROUP, Instance, Objective
from optimization.openings import Opening
from optimization.rules import Quota
from optimization.solution import Status
from tests.optimization.instances import OFFICIAL, PERSONS, make, opening, province


def somewhere(it: Instance, kind: int, group: int, stage: int, count: int = 1) -> Opening:
    """So many of a kind, wherever in a group."""
    return Opening(kind, stage, count, tuple(np.flatnonzero(it.site_group == group).tolist()))


def in_order(it: Instance, order=OFFICIAL, kind: int = 0) -> list[Opening]:
    """One in each group, in this order."""
    return [somewhere(it, kind, g, t) for t, groups in enumerate(order) for g in groups]


def districts(sites_each: int = 3, **changes):
    """Nine districts of one commune each, with several premises in each, far from each other's people."""
    n = 9 * sites_each
    groups = np.repeat(np.arange(9), sites_each)
    rng = np.random.default_rng(0)
    minutes = np.where(groups[None] == np.arange(9)[:, None], rng.uniform(5, 60, (9, n)), 90.0)
    rules = tuple(opening(np.ones(n, dtype=bool), t, k) for t, k in enumerate((2, 6, 1)))
    rules += tuple(
        Quota(id="each", part=str(g), scope=groups == g, stages=(0, 1, 2), lo=1, hi=1) for g in range(9)
    )
    arrays = {
        "groups": tuple(f"g{g}" for g in range(9)),
        "commune_group": np.arange(9),
        "site_group": groups,
        "rules": rules,
        "weight": [1, 2, 1, 2, 1, 2, 1, 2, 1],
    }
    return make(minutes, PERSONS, stages=3, **(arrays | changes))


def test_presence_counts_persons_from_the_year_their_group_has_a_point():
    presence = score.group_presence(districts())
    result = score.evaluate(presence, in_order(presence))
    assert (result.worst, result.mean, result.best) == (5978, 5978, 5978)
    assert result.optimum.levels[0].value == 6532
    assert result.official.status is result.optimum.status is Status.OPTIMAL
    assert round(result.best / result.optimum.levels[0].value, 3) == 0.915


def test_presence_takes_the_persons_it_is_given_and_nobody_without_a_group():
    it = districts(commune_group=[NO_GROUP, *range(1, 9)])
    result = score.evaluate(score.group_presence(it), in_order(it))
    assert result.best == 5978 - 2 * 825
    ones = np.ones((9, 3))
    assert (
        score.evaluate(score.group_presence(districts(), persons=ones), in_order(districts())).best
        == 2 + 8 + 9
    )


def test_all_choices_are_scored_where_they_can_be():
    """27 premises in 9 districts of 3: with two districts in doubt 9 readings, each scored by hand."""
    it = districts(offered=np.isin(np.arange(27) // 3, (0, 4)) | (np.arange(27) % 3 == 0))
    result = score.evaluate(it, in_order(it))
    assert (result.choices, result.complete) == (9, True)
    opened_in = {g: t for t, groups in enumerate(OFFICIAL) for g in groups}
    by_hand = []
    for a, b in itertools.product(range(3), repeat=2):
        sites = [3 * g + {0: a, 4: b}.get(g, 0) for g in range(9)]
        by_hand.append(
            sum(
                PERSONS[g] * it.weight[g] * (3 - opened_in[g])
                for g in range(9)
                if it.minutes[g, sites[g]] <= 30
            )
        )
    assert result.worst == min(by_hand)
    assert result.best == max(by_hand) == result.official.levels[0].value
    assert result.mean == pytest.approx(np.mean(by_hand))
    assert len(set(by_hand)) > 1


def test_too_many_choices_are_drawn_at_random_and_say_so():
    it = districts()
    one, again = (score.evaluate(it, in_order(it), samples=30, seed=5) for _ in range(2))
    assert (one.choices, one.complete) == (30, False)
    assert (one.worst, one.mean) == (again.worst, again.mean)
    assert one.worst <= one.mean <= one.best == one.official.levels[0].value
    assert score.evaluate(it, in_order(it), samples=30, seed=6).mean != one.mean
    # Every district has a point sooner or later, each reading chosen alone: the true mean is not far.
    opened_in = {g: t for t, groups in enumerate(OFFICIAL) for g in groups}
    share = (it.minutes <= 30).sum(axis=1) / 3
    mean = sum(PERSONS[g] * it.weight[g] * (3 - opened_in[g]) * share[g] for g in range(9))
    many = score.evaluate(it, in_order(it), samples=400, seed=1)
    assert many.mean == pytest.approx(mean, rel=0.05)


def test_a_choice_keeps_co_location_and_what_it_leaves_open_is_completed():
    """Counselling stands beside methadone; the last district has none, so a dispensing point opens."""
    it = province(np.random.default_rng(0), communes=30, sites=30, districts=5, quota=(2, 2, 1))
    order = ((1, 2), (0, 3), (4,))
    official = in_order(it, order, kind=1)
    last = int((it.site_group == 4).sum())
    it = replace(it, existing=np.where(it.site_group[it.site] == 4, 0, it.existing))
    result = score.evaluate(it, official)
    assert result.complete
    assert result.choices == 2 * last  # two hosts in the first district, any premises in the last
    assert verify.verify(score.with_openings(it, official), result.official) == ()
    assert result.worst <= result.mean <= result.best
    assert result.best == result.official.levels[0].value <= result.optimum.levels[0].value


def test_what_is_left_open_serves_the_objective_too():
    """The plan fixes kind 0 and says nothing of kind 1, which serves the same people: it is chosen well."""
    base = make([[10, 90], [90, 10]], [50, 70])
    it = replace(
        base,
        groups=("a", "b"),
        kinds=(base.kinds[0], replace(base.kinds[0], id="k2")),
        site=[0, 1, 0, 1],
        kind=[0, 0, 1, 1],
        existing=[0] * 4,
        limit=[1] * 4,
        ready=[0] * 4,
        offered=[True] * 4,
        commune_group=[0, 1],
        site_group=[0, 1],
        rules=(opening(np.ones(4, dtype=bool), 0, 2),),
    )
    result = score.evaluate(it, [somewhere(it, 0, 0, 0)])
    assert (result.worst, result.mean, result.best, result.choices) == (120, 120, 120, 1)


def test_a_plan_that_breaks_the_rules_has_no_score():
    it = districts()
    short = [o for o in in_order(it) if o.sites[0] < 24]
    result = score.evaluate(it, short)
    assert result.official.status is Status.INFEASIBLE
    assert (result.worst, result.mean, result.best, result.choices) == (None, None, None, 0)
    assert result.optimum.status is Status.OPTIMAL


@pytest.mark.parametrize(
    "openings",
    [
        [Opening(1, 0, 1, (0,))],
        [Opening(0, 0, 1, (27,))],
        [Opening(0, 0, 1, (-1,))],
        [Opening(0, 3, 1, (0,))],
        [Opening(0, 0, -1, (0,))],
        [Opening(0, 0, 1, (0, 1), apart=((0,), (2,)))],
        [Opening(0, 0, 1, (0, 1), apart=((0, 1), (1,)))],
    ],
)
def test_openings_that_cannot_be_are_refused(openings):
    with pytest.raises(DataError) as caught:
        score.with_openings(districts(), openings)
    assert caught.value.problems[0].code == "score.opening"
    assert caught.value.say("vi")


def test_there_is_no_score_without_an_objective():
    with pytest.raises(DataError) as caught:
        score.evaluate(districts(objectives=()), in_order(districts()))
    assert caught.value.problems[0].code == "score.no_objective"


def test_less_is_better_where_the_objective_says_so():
    it = districts(objectives=(Objective("min_cost", 0),))
    result = score.evaluate(it, in_order(it), samples=5)
    assert result.worst == result.best == 2_637_000_000
    assert result.optimum.levels[0].value == 2_637_000_000


def test_exchanges_say_who_opens_when_and_who_gains():
    presence = score.group_presence(districts(1, weight=[2] * 9))
    result = score.evaluate(presence, in_order(presence))
    told = exchange.gains(presence, result.official, result.optimum)
    moved = exchange.moves(presence, result.official, result.optimum)
    assert moved == (exchange.Move(0, (0, 1), (0, 0)), exchange.Move(0, (3, 0), (3, 1)))
    assert told.groups.tolist() == [825, 0, 0, -271, 0, 0, 0, 0, 0]
    assert told.groups.sum() == 6532 - 5978
    assert told.elsewhere == 0
    assert (told.gaining, told.losing) == ((1, *[0] * 9), (0, 0, 0, 1, *[0] * 6))
    nothing = replace(result.official, opened=None, allocation=None)
    with pytest.raises(ValueError, match="no plan"):
        exchange.moves(presence, nothing, result.optimum)
    with pytest.raises(ValueError, match="no plan"):
        exchange.gains(presence, nothing, result.optimum)


def test_the_optimum_is_never_below_a_reading():
    it = province(np.random.default_rng(1), communes=30, sites=30, districts=5, quota=(2, 2, 1))
    order = ((1, 2), (0, 3), (4,))
    result = score.evaluate(it, in_order(it, order, kind=1))
    assert result.worst <= result.best <= solve.solve(it).levels[0].value
