"""Answers are right, honest about what is proved, and the same each time."""

import threading
import time
from dataclasses import replace

import numpy as np
import pytest

from errors import DataError, SolverError
from optimization import model, search, solve, verify
from optimization.instance import Kind, Objective, Service
from optimization.rules import Colocated, Quota, StageBudget
from optimization.solution import Status
from tests.optimization.instances import (
    BUDGETS,
    FIRST,
    LATER,
    OFFICIAL,
    make,
    nine_districts,
    opening,
    province,
    toy,
)


def large(n: int = 400, stages: int = 4):
    """Far more than can be proved in a second or two."""
    rng = np.random.default_rng(1)
    points = rng.uniform(0, 60, (n, 2))
    minutes = 2 * np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    every = np.ones(n, dtype=bool)
    return make(
        minutes,
        rng.integers(1, 100, n),
        stages=stages,
        kinds=(Kind("k", 0, 12.0),),
        rules=tuple(opening(every, t, 5) for t in range(stages)),
    )


# --- what is found -------------------------------------------------------------------------------


def test_the_best_order_under_the_same_quotas_and_budgets():
    it = nine_districts()
    found = solve.solve(it)
    assert found.status is Status.OPTIMAL
    assert found.levels[0].value == 6532
    assert found.levels[0].gap == 0
    assert np.flatnonzero(found.opened[:, 0]).tolist() == [0, 4]
    assert verify.verify(it, found) == ()
    assert verify.cost(it, found.opened).tolist() == list(BUDGETS)


def test_the_official_order_scores_what_the_plan_scores():
    order = [
        opening(np.isin(np.arange(9), group), t, len(group), "official") for t, group in enumerate(OFFICIAL)
    ]
    found = solve.solve(nine_districts(rules=(*nine_districts().rules, *order)))
    assert found.levels[0].value == 815 + 2533 + 2630 == 5978
    assert verify.cost(nine_districts(), found.opened).tolist() == list(BUDGETS)


def test_one_dong_less_and_it_cannot_be_paid():
    rules = list(nine_districts().rules)
    rules[-1] = StageBudget(
        id="money", part="2", scope=np.ones(9, dtype=bool), stages=(2,), amount=BUDGETS[2] - 1
    )
    found = solve.solve(nine_districts(rules=tuple(rules)))
    assert found.status is Status.INFEASIBLE
    assert found.opened is None
    assert found.allocation is None
    assert found.levels == ()
    with pytest.raises(ValueError, match="no plan"):
        _ = found.open


def test_everybody_goes_to_the_nearest_open_point_and_the_edge_is_inside():
    found = solve.solve(toy())
    # c lies 30.0 minutes from the second station, whose standard is 30; a tie goes to the lower position.
    served = set(zip(*(part.tolist() for part in found.allocation[:3]), strict=True))
    assert (2, 3, 1) in served
    assert all(share == 1 for share in found.allocation.share)
    beyond = solve.solve(replace(toy(), minutes=[[0, 40], [20, 30], [90, 30.01]]))
    assert not any(i == 2 for i in beyond.allocation.commune)


def test_no_way_is_no_way_even_where_any_distance_counts():
    it = make(
        [[0, np.inf], [np.inf, 5]], [10, 10], kinds=(Kind("k", 0),), rules=(opening([True, True], 0, 1),)
    )
    assert solve.solve(it).levels[0].value == 10


def test_a_place_may_hold_several_where_its_limit_says_so():
    it = make([[0, 90], [90, 0]], [10, 20], limit=[3, 1], rules=(opening([True, True], 0, 4),))
    assert solve.solve(it).opened[:, 0].tolist() == [3, 1]


# --- levels --------------------------------------------------------------------------------------


def test_a_later_level_takes_no_more_than_the_loss_it_is_allowed():
    """Serving the crowd far away covers more; serving the few at the door needs no travel."""
    levels = (Objective("max_cover", 0), Objective("min_travel", 0))
    it = make([[29, 90], [90, 0]], [100, 99], rules=(opening([True, True], 0, 1),), objectives=levels)
    strict = solve.solve(it)
    assert [level.value for level in strict.levels] == [100, 100 * 58]
    lax = solve.solve(replace(it, objectives=(Objective("max_cover", 0, loss=0.02), levels[1])))
    assert [level.value for level in lax.levels] == [99, 0]
    assert lax.status is Status.OPTIMAL
    assert lax.levels[0].bound == 100
    assert lax.levels[0].gap == pytest.approx(1 / 99)


def test_a_loss_does_not_turn_anybody_away():
    """A tenth of the cover may be given up, but who is in reach of an open point is served."""
    levels = (Objective("max_cover", 0, loss=0.1), Objective("min_travel", 0))
    it = make([[0], [29]], [95, 5], rules=(opening([True], 0, 1),), objectives=levels)
    found = solve.solve(it)
    assert [level.value for level in found.levels] == [100, 5 * 58]
    assert verify.verify(it, found) == ()


def test_fewest_facilities_after_cover_is_set_covering():
    levels = (Objective("max_cover", 0), Objective("min_facilities", 0))
    minutes = [[0, 90, 20], [90, 0, 20], [90, 90, 0]]
    found = solve.solve(make(minutes, [1, 1, 1], objectives=levels))
    assert found.opened[:, 0].tolist() == [0, 0, 1]
    assert [level.value for level in found.levels] == [3, 1]


def test_least_cost_waits_with_what_need_not_be_early():
    rules = (Quota(id="end", scope=np.ones(2, dtype=bool), stages=(1,), count="open", lo=1),)
    levels = (Objective("min_cost", 0),)
    found = solve.solve(make([[0, 0]], [1], stages=2, years=[1, 3], rules=rules, objectives=levels))
    assert found.opened.tolist() == [[0, 1], [0, 0]]
    assert found.levels[0].value == FIRST + 2 * LATER


def test_without_objectives_any_plan_that_keeps_the_rules_will_do():
    found = solve.solve(replace(nine_districts(), objectives=()))
    assert found.status is Status.OPTIMAL
    assert found.levels == ()
    assert found.opened.sum(axis=0).tolist() == [2, 6, 1]


@pytest.mark.parametrize(
    ("levels", "code"),
    [
        ((Objective("max_comfort", 0),), "objective.unknown"),
        ((Objective("min_travel", 0),), "objective.alone"),
        ((Objective("min_travel", 0), Objective("max_cover", 0)), "objective.alone"),
    ],
)
def test_objectives_that_mean_nothing_are_refused(levels, code):
    with pytest.raises(DataError) as caught:
        solve.solve(replace(nine_districts(), objectives=levels))
    assert caught.value.problems[0].code == code
    assert caught.value.say("vi")


# --- the same each time --------------------------------------------------------------------------


def test_the_same_input_gives_the_same_plan():
    for seed in range(2):
        it = province(np.random.default_rng(seed))
        once, again = solve.solve(it), solve.solve(it)
        assert (once.opened == again.opened).all()
        assert once.levels == again.levels


def test_ties_go_to_fewer_facilities_then_to_lower_positions():
    twins = make([[0, 0, 0], [0, 0, 0]], [5, 5], stages=1)
    assert solve.solve(twins).opened[:, 0].tolist() == [1, 0, 0]
    two = replace(twins, rules=(opening([True] * 3, 0, 2),))
    assert solve.solve(two).opened[:, 0].tolist() == [1, 1, 0]
    order = make([[0, 0]], [5], stages=2, rules=tuple(opening([True, True], t, 1) for t in range(2)))
    assert solve.solve(order).opened.tolist() == [[1, 0], [0, 1]]


def test_a_start_changes_nothing_but_the_way():
    it = nine_districts()
    official = np.zeros((9, 3), dtype=np.int64)
    for t, group in enumerate(OFFICIAL):
        official[list(group), t] = 1
    against_the_rules = np.ones((9, 3), dtype=np.int64)
    for start in (official, against_the_rules):
        assert (solve.solve(it, start=start).opened == solve.solve(it).opened).all()


# --- honesty -------------------------------------------------------------------------------------


def check_honest(it, found):
    """Whatever the clock did: the status says no more than is proved."""
    assert found.status in (Status.OPTIMAL, Status.FEASIBLE, Status.NO_SOLUTION)
    if found.status is Status.NO_SOLUTION:
        assert found.opened is None
        assert found.levels == ()
        return
    assert verify.verify(it, found) == ()
    assert all(level.gap >= 0 and np.isfinite([level.bound, level.gap]).all() for level in found.levels)
    if found.status is Status.OPTIMAL:
        assert all(level.gap <= 1e-6 for level in found.levels)


@pytest.mark.parametrize("limit", [0.0, 0.3, 2.0])
def test_a_plan_cut_short_is_never_called_optimal(limit):
    it = large()
    found = solve.solve(it, time_limit=limit)
    check_honest(it, found)
    if limit == 0:
        assert found.status is Status.NO_SOLUTION
    if found.status is Status.FEASIBLE:
        assert found.levels[0].gap > 0
        assert found.levels[0].bound > found.levels[0].value


def test_a_start_is_kept_when_time_is_short():
    """With a plan to begin with, the answer is at least that plan, with a bound."""
    it = large()
    start = np.zeros((400, 4), dtype=np.int64)
    for t in range(4):
        start[t * 5 : t * 5 + 5, t] = 1
    found = solve.solve(it, time_limit=3.0, start=start)
    check_honest(it, found)
    assert found.status is not Status.NO_SOLUTION
    programme = model.build(it)
    assert found.levels[0].value >= search.value_of(programme, search.goals_of(programme)[0], start) > 0


def test_a_later_level_without_time_is_reported_as_unproved(monkeypatch):
    it = province(np.random.default_rng(0))
    best = search.Search.best

    def only_cover(self, goal, watch, **options):
        late = search.Watch(watch.began, deadline=0.0)
        return best(self, goal, watch if goal.name == "max_cover" else late, **options)

    monkeypatch.setattr(search.Search, "best", only_cover)
    found = solve.solve(it)
    assert found.status is Status.FEASIBLE
    cover, travel = found.levels
    assert cover.gap == 0
    assert travel.gap > 0
    assert travel.bound < travel.value
    assert verify.verify(it, found) == ()


def test_a_gap_asked_for_is_the_gap_that_is_proved():
    it = province(np.random.default_rng(3))
    exact, rough = solve.solve(it), solve.solve(it, gap=0.2)
    assert rough.status is Status.OPTIMAL
    for fine, coarse in zip(exact.levels[:1], rough.levels[:1], strict=True):
        assert coarse.gap <= 0.2
        assert coarse.bound >= fine.value - 1e-6
        assert coarse.value <= fine.value + 1e-6


def test_cancelling_stops_the_search_with_what_it_has():
    it, stop, began = large(), threading.Event(), time.perf_counter()
    threading.Timer(1.0, stop.set).start()
    found = solve.solve(it, cancel=stop)
    check_honest(it, found)
    assert time.perf_counter() - began < 60
    stop.set()
    assert solve.solve(it, cancel=stop).status is Status.NO_SOLUTION


def test_progress_is_told_in_this_thread_and_its_errors_stop_the_search():
    told = []

    def note(*news):
        told.append((*news, threading.get_ident()))
        if len(told) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        solve.solve(large(), progress=note)
    assert {news[-1] for news in told} == {threading.get_ident()}
    assert [news[0] for news in told] == sorted(news[0] for news in told)
    assert {news[4] for news in told} == {"max_cover"}

    told.clear()
    found = solve.solve(nine_districts(), progress=lambda *news: told.append(news))
    _, *last = next(news for news in reversed(told) if news[4] == "max_cover")
    assert last == [6532, pytest.approx(6532), 0.0, "max_cover"]
    assert found.status is Status.OPTIMAL


def test_solves_run_side_by_side():
    its = [province(np.random.default_rng(seed)) for seed in range(3)]
    alone = [solve.solve(it).opened for it in its]
    together: dict[int, np.ndarray] = {}
    threads = [
        threading.Thread(target=lambda n=n: together.update({n: solve.solve(its[n]).opened}))
        for n in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all((together[n] == alone[n]).all() for n in range(3))


def test_a_broken_solver_is_an_error_and_not_an_answer(monkeypatch):
    def nonsense(self, at):
        return np.zeros((9, 3), dtype=np.int64)

    monkeypatch.setattr(search.Search, "_openings", nonsense)
    with pytest.raises(SolverError) as caught:
        solve.solve(nine_districts())
    assert caught.value.problems[0].code == "solver.value"


def test_half_a_facility_is_refused():
    engine = search.Search(model.build(nine_districts()))
    at = dict.fromkeys(engine._names, 0.0) | {"z_3_1": 0.5}
    with pytest.raises(SolverError) as caught:
        engine._openings(at)
    assert caught.value.problems[0].code == "solver.not_whole"
    assert engine._openings(at | {"z_3_1": 1 - 5e-7})[3, 1] == 1


# --- the edges -----------------------------------------------------------------------------------


@pytest.mark.parametrize("lo", [0, 1])
def test_where_nothing_can_open_the_rows_alone_decide(lo):
    quota = Quota(id="some", scope=np.ones(1, dtype=bool), stages=(0,), lo=lo, hi=1)
    found = solve.solve(make([[0]], [5], offered=[False], rules=(quota,)))
    assert found.status is (Status.INFEASIBLE if lo else Status.OPTIMAL)
    if not lo:
        assert found.opened.tolist() == [[0]]
        assert found.levels[0].value == 0


def test_no_demand_and_no_facilities_are_no_accident():
    nobody = solve.solve(make([[0]], [0], rules=(opening([True], 0, 1),)))
    assert nobody.status is Status.OPTIMAL
    assert nobody.opened.tolist() == [[1]]
    assert len(nobody.allocation.share) == 0
    nowhere = solve.solve(make(np.zeros((2, 0)), [1, 2]))
    assert nowhere.status is Status.OPTIMAL
    assert nowhere.opened.shape == (0, 1)


def test_two_services_are_told_apart():
    """What one kind covers is no cover for the other's service."""
    it = make(
        [[0], [0]],
        [1, 1],
        services=(Service("s"), Service("r")),
        kinds=(Kind("k", 0, 10.0), Kind("m", 1, 10.0)),
        demand=[[[5], [5]], [[7], [7]]],
        site=[0, 0],
        kind=[0, 1],
        rules=(
            opening([True, True], 0, 1),
            Colocated(id="b", scope=np.array([0, 0]) > 0, hosts=np.array([1, 0]) > 0),
        ),
        objectives=(Objective("max_cover", 1), Objective("max_cover", 0)),
    )
    found = solve.solve(it)
    assert [level.value for level in found.levels] == [14, 0]
