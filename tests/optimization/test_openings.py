"""A plan is read in every way its words allow, and in no other: counted out on small instances."""

import itertools
import time
from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from errors import DataError
from optimization import score, verify
from optimization.checks import CHECKS
from optimization.instance import Kind, Objective
from optimization.objectives import OBJECTIVES
from optimization.openings import OFFICIAL, Choices, Opening, at_groups, with_openings
from optimization.reading import read
from optimization.rules import Capacity, Colocated, CoverageTarget, Forbidden, MinimumCaseload, Quota, Upgrade
from optimization.search import Watch
from optimization.solution import Solution, Status
from optimization.solve import allocate
from optimization.worth import Reader
from tests.optimization.instances import make, opening, scattered


def places(limit=(1, 1, 1, 1), stages: int = 1, **changes):
    """One kind at each of several places, a commune beside each; nobody reaches another's place."""
    n = len(limit)
    minutes = np.where(np.eye(n, dtype=bool), 5, 90)
    return make(minutes, 10.0 * 2.0 ** np.arange(n), stages=stages, limit=limit, **changes)


def fits(z, room, openings) -> bool:
    """Whether z, {(site, stage): n}, can be shared out among the openings; by trying everything."""
    if not openings:
        return not +z
    first, *rest = openings
    if first.apart:
        ways = (
            chosen
            for parts in itertools.combinations(first.apart, first.count)
            for chosen in itertools.product(*parts)
        )
    else:
        ways = itertools.combinations_with_replacement(first.sites, first.count)
    for chosen in ways:
        left = z.copy()
        left.subtract((j, first.stage) for j in chosen)
        if min(left.values(), default=0) >= 0 and fits(left, room, rest):
            return True
    return False


def every_z(it, openings):
    """All z of a one-kind instance that the openings can mean, as bytes."""
    room = (it.limit - it.existing).tolist()
    totals = [sum(o.count for o in openings if o.stage == t) for t in range(len(it.stages))]
    found = set()
    for flat in itertools.product(*(range(room[f] + 1) for f in range(len(room)) for _ in it.stages)):
        z = np.array(flat).reshape(len(room), len(it.stages))
        if (z.sum(axis=1) > room).any() or (z.sum(axis=0) != totals).any():
            continue
        counts = Counter({(int(it.site[f]), t): int(z[f, t]) for f, t in np.argwhere(z)})
        if fits(counts, room, list(openings)):
            found.add(z.astype(np.int64).tobytes())
    return found


CASES = [
    ((1, 1, 1, 1), [Opening(0, 0, 1, (0, 1)), Opening(0, 0, 1, (2, 3))]),
    ((1, 1, 1, 1), [Opening(0, 0, 2, (0, 1, 2, 3), apart=((0,), (1,), (2,), (3,)))]),
    ((2, 2, 2), [Opening(0, 0, 2, (0, 1, 2), apart=((0,), (1,), (2,)))]),
    ((2, 2, 2, 2), [Opening(0, 0, 2, (0, 1, 2, 3), apart=((0, 1), (2, 3)))]),
    ((2, 2, 2), [Opening(0, 0, 3, (0, 1, 2))]),
    ((1, 2, 1), [Opening(0, 0, 1, (0, 1)), Opening(0, 0, 1, (1, 2)), Opening(0, 0, 1, (0, 1, 2))]),
    ((1, 1, 1, 1), [Opening(0, 0, 1, (0, 1)), Opening(0, 0, 2, (0, 1, 2, 3))]),
    ((1, 1, 1, 1), [Opening(0, 0, 1, (0, 1)), Opening(0, 0, 2, (1, 2, 3), apart=((1,), (2,), (3,)))]),
    ((2, 1, 2), [Opening(0, 0, 1, (0,)), Opening(0, 1, 2, (0, 1, 2))]),
    ((3, 1), [Opening(0, 0, 2, (0, 1)), Opening(0, 1, 1, (0, 1))]),
    ((1, 1), [Opening(0, 0, 1, (0, 1)), Opening(0, 0, 1, (0, 1))]),
    ((1, 1), [Opening(0, 0, 0, (0, 1)), Opening(0, 1, 1, (0, 1))]),
]


@pytest.mark.parametrize(("limit", "openings"), CASES)
def test_rows_choices_and_draws_are_what_the_words_allow(limit, openings):
    stages = 1 + max(o.stage for o in openings)
    it = places(limit, stages)
    wanted = every_z(it, openings)
    assert wanted
    asked = with_openings(it, openings)
    room = [range(n + 1) for n in limit for _ in range(stages)]
    kept = set()
    for flat in itertools.product(*room):
        z = np.array(flat).reshape(len(limit), stages)
        at = read(asked, z)
        if (z.sum(axis=1) <= limit).all() and all(CHECKS[type(r)](at, r) is None for r in asked.rules):
            kept.add(z.astype(np.int64).tobytes())
    assert kept == wanted
    choices = Choices(it, openings)
    assert choices.fewer_than(1_000)
    ways = [(z.tobytes(), weight) for z, weight in choices.every()]
    assert {z for z, _ in ways} == wanted
    assert {z.tobytes() for z in choices.drawn(60, seed=1)} <= wanted
    # Sequential chances add up to one, but where one opening leaves no place for another.
    assert sum(weight for _, weight in ways) <= 1 + 1e-9


def test_the_chances_are_those_of_the_draws():
    it = places((3, 1, 1), 2)
    openings = [Opening(0, 0, 2, (0, 1, 2)), Opening(0, 1, 1, (0, 1, 2))]
    choices = Choices(it, openings)
    chance: dict[Any, Any] = {}
    for z, weight in choices.every():
        chance[z.tobytes()] = chance.get(z.tobytes(), 0.0) + weight
    assert sum(chance.values()) == pytest.approx(1)
    draws = [z.tobytes() for z in choices.drawn(4_000, seed=3)]
    for key, weight in chance.items():
        assert draws.count(key) / len(draws) == pytest.approx(weight, abs=0.03)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_a_score_is_that_of_all_plans_there_are(seed):
    """Both kinds fixed: worst, mean and best over every z that keeps the rules, weighed by its chance."""
    rng = np.random.default_rng(seed)
    it = scattered(rng, communes=5, sites=3, facilities=4, stages=2)
    openings = [
        Opening(kind, t, int(rng.integers(0, 2)), tuple(range(3))) for kind in (0, 1) for t in range(2)
    ]
    result = score.evaluate(it, openings)
    asked = with_openings(it, openings)
    found = []
    for z, weight in Choices(it, openings).every():
        at = read(asked, z)
        if all(CHECKS[type(rule)](at, rule) is None for rule in asked.rules):
            covered = verify.VALUES["max_cover"](it, 0, figures_of(it, z))
            found.append((covered, weight))
    if not found:
        assert result.official.status is Status.INFEASIBLE
        return
    assert result.complete
    values, weights = zip(*found, strict=True)
    assert result.worst == pytest.approx(min(values))
    assert result.best == pytest.approx(max(values)) == pytest.approx(result.official.levels[0].value)
    assert result.mean == pytest.approx(np.average(values, weights=weights))
    drawn = score.evaluate(it, openings, optimum=result.optimum, most=0, samples=10)
    assert not drawn.complete
    assert result.worst - 1e-9 <= drawn.worst <= drawn.mean <= drawn.best
    assert drawn.best == pytest.approx(result.best)


def figures_of(it, z):
    """What a plan comes to, everybody going to the nearest open facility."""
    plan = Solution(
        status=Status.OPTIMAL, opened=z, existing=it.existing, allocation=allocate(it, z),
        levels=(), seconds={}, solver="none",
    )  # fmt: skip
    return verify.figures(it, plan)


def test_a_place_of_many_points_is_drawn_evenly_and_fast():
    """Sixty-three provinces, hundreds of points: each draw adds up, stays within limits, spreads out."""
    it = places((200,) * 63, 4)
    openings = [Opening(0, t, n, tuple(range(63))) for t, n in enumerate((40, 80, 150, 300))]
    choices = Choices(it, openings)
    assert not choices.fewer_than(5_000)
    draws = np.array(list(choices.drawn(200, seed=0)))
    assert draws.shape == (200, 63, 4)
    assert (draws.sum(axis=1) == [40, 80, 150, 300]).all()
    assert (draws.sum(axis=2) <= 200).all()
    assert draws[:, :, 3].mean() == pytest.approx(300 / 63)
    assert draws[:, :, 3].max() < 30
    assert (draws == np.array(list(choices.drawn(200, seed=0)))).all()
    assert (draws[0] == np.array(list(choices.drawn(1, seed=0)))[0]).all()


def test_only_places_where_it_may_stand_are_chosen():
    it = places((1,) * 4)
    mask = np.eye(4, dtype=bool)
    forbidden = replace(it, rules=(Forbidden(id="no", scope=mask[1], stages=(0,)),))
    somewhere = [Opening(0, 0, 1, (0, 1, 2, 3))]
    assert {int(z.argmax()) for z, _ in Choices(forbidden, somewhere).every()} == {0, 2, 3}
    kinds = (it.kinds[0], replace(it.kinds[0], id="host"))
    two = replace(
        it, kinds=kinds, site=[0, 1, 2, 3, 0, 1], kind=[0, 0, 0, 0, 1, 1], existing=[0, 0, 0, 0, 1, 0],
        limit=[1] * 6, ready=[0] * 6, offered=[True, True, True, True, True, False],
    )  # fmt: skip
    host, mine = np.arange(6) > 3, np.arange(6) <= 3
    beside = replace(two, rules=(Colocated(id="beside", scope=mine, hosts=host),))
    assert {int(z.argmax()) for z, _ in Choices(beside, somewhere).every()} == {0}
    better = replace(two, rules=(Upgrade(id="better", before=host, after=mine),))
    assert {int(z.argmax()) for z, _ in Choices(better, somewhere).every()} == {0}


def test_overlaps_that_rows_cannot_tell_apart_are_refused():
    it = places((2, 2, 2))
    openings = [Opening(0, 0, 1, (0,)), Opening(0, 0, 2, (0, 1, 2), apart=((0,), (1,), (2,)))]
    with pytest.raises(DataError) as caught:
        with_openings(it, openings)
    assert [p.code for p in caught.value.problems] == ["score.tangled"]
    assert caught.value.say("vi")
    chain = [Opening(0, 0, 1, (j, j + 1)) for j in range(11)]
    ring = [Opening(0, 0, 1, pair) for pair in itertools.combinations(range(12), 2)]
    assert with_openings(places((1,) * 12), chain).rules
    with pytest.raises(DataError) as caught:
        with_openings(places((1,) * 12), ring)
    assert [p.code for p in caught.value.problems] == ["score.tangled"]


def test_groups_are_their_sites_and_kinds_not_spoken_of_stay_free():
    it = places((1,) * 4, site_group=[1, 0, 1, -1], groups=("a", "b"), commune_group=[0, 0, 1, 1])
    assert at_groups(it, [0, 1]) == ((1,), (0, 2))
    asked = with_openings(it, [Opening(0, 0, 1, (1,))])
    assert {rule.id for rule in asked.rules} == {OFFICIAL}
    quotas = [rule for rule in asked.rules if isinstance(rule, Quota)]
    assert [(int(r.scope.sum()), r.lo, r.hi) for r in quotas] == [(1, 1, 1), (4, 1, 1)]


def test_nothing_named_but_a_number_is_the_best_that_number_allows():
    it = places((2, 1, 1), rules=(opening(np.ones(3, dtype=bool), 0, 2),))
    result = score.evaluate(it, [Opening(0, 0, 2, (0, 1, 2))])
    assert result.best == result.optimum.levels[0].value == 60
    assert (result.worst, result.choices) == (10, 4)  # both at the first, or any two of the three
    # Of six pairs of free places one is both at the first, two are the first and the second, and so on.
    assert result.mean == pytest.approx((10 + 2 * 30 + 2 * 50 + 60) / 6)
    kinds = (Kind("k", 0, 30.0),)
    assert score.evaluate(replace(it, kinds=kinds), [Opening(0, 0, 2, (0, 1, 2))]).best == 60


# --- choices that are hard to find -----------------------------------------------------------------------


WALKED = [
    ((1,) * 4, [Opening(0, 0, 1, (0, 1, 2, 3)), Opening(0, 1, 1, (0, 1, 2, 3))]),
    ((2, 2, 2, 2), [Opening(0, 0, 2, (0, 1, 2, 3), apart=((0, 1), (2, 3))), Opening(0, 1, 1, (0, 1))]),
    ((3, 1, 2), [Opening(0, 0, 2, (0, 1, 2)), Opening(0, 0, 1, (0,))]),
]


@pytest.mark.parametrize(("limit", "openings"), WALKED)
def test_a_walk_comes_to_every_possible_way_as_often_as_draws_do(limit, openings):
    stages = 1 + max(o.stage for o in openings)
    choices = Choices(places(limit, stages), openings)
    chance: dict[Any, Any] = {}
    for z, weight in choices.every():
        if z[1].sum() <= 1 and z[0, 0] <= 2:  # what is possible here
            chance[z.tobytes()] = chance.get(z.tobytes(), 0.0) + weight
    total = sum(chance.values())
    start = np.frombuffer(next(iter(chance)), dtype=np.int64).reshape(len(limit), stages)

    def possible(z):
        return bool(z[1].sum() <= 1 and z[0, 0] <= 2)

    walk = list(itertools.islice(choices.walk(start, possible, steps=10, seed=2), 3_000))
    came = Counter(z.tobytes() for z in walk)
    assert came.keys() <= chance.keys()
    for key, weight in chance.items():
        assert came[key] / len(walk) == pytest.approx(weight / total, abs=0.03)
    again = list(itertools.islice(choices.walk(start, possible, steps=10, seed=2), 20))
    assert all((a == b).all() for a, b in zip(walk, again, strict=False))


def test_a_target_that_leaves_no_place_idle_is_still_sampled():
    """Twelve places of 10 persons and points of 10: only one point at each keeps the target of 0.9."""
    n = 12
    minutes = np.where(np.eye(n, dtype=bool), 5, 90)
    every = np.ones(n, dtype=bool)
    rules = (
        Capacity(id="room", scope=every, amount=np.full(n, 10.0)),
        CoverageTarget(id="most", service=0, stage=0, share=0.9, communes=every),
    )
    it = make(minutes, [10.0] * n, limit=[12] * n, rules=rules)
    result = score.evaluate(it, [Opening(0, 0, n, tuple(range(n)))], samples=40, most=0)
    assert (result.choices, result.complete) == (40, False)
    assert (result.best, result.worst) == (120, 110)  # one place of two points is allowed, not more
    assert 110 < result.mean < 120


def test_what_no_allocation_can_keep_is_seen_at_once():
    load = MinimumCaseload(id="load", scope=np.ones(3, dtype=bool), amount=25.0)
    it = places((1, 1, 1), rules=(load,), years=[2])
    result = score.evaluate(it, [Opening(0, 0, 1, (0, 1, 2))])
    assert (result.worst, result.best, result.choices) == (80, 80, 1)  # 10, 20 or 40 persons beside each
    room = Capacity(id="room", scope=np.ones(3, dtype=bool), amount=np.array([5.0, 30.0, 15.0]))
    target = CoverageTarget(id="t", service=0, stage=0, share=0.25, communes=np.ones(3, dtype=bool))
    result = score.evaluate(places((1, 1, 1), rules=(room, target)), [Opening(0, 0, 1, (0, 1, 2))])
    assert (result.worst, result.best, result.choices) == (20, 20, 1)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([o for o in OBJECTIVES if not OBJECTIVES[o].needs]))
def test_the_fast_value_is_the_value(seed, name):
    """Of every objective that openings alone settle, against the figures of an allocation."""
    rng = np.random.default_rng(seed)
    it = scattered(rng, communes=5, sites=3, facilities=4, stages=2, rules=())
    it = replace(it, objectives=(Objective(name, 0),))
    openings = [Opening(k, t, 1, tuple(range(3))) for k in (0, 1) for t in range(2)]
    reader = Reader(with_openings(it, openings), {0, 1}, Watch(time.perf_counter()))
    for z, _ in itertools.islice(Choices(it, openings).every(), 5):
        assert reader.value(z) == pytest.approx(verify.VALUES[name](it, 0, figures_of(it, z)))
