"""Calculations in threads: the line, who looks, what a stop keeps; no solver and no screen."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import streamlit as st

import planner
from errors import DataError, Problem
from planner import resuming
from tests.views import sample
from views import work
from views.work import Job, Line

SOON = 60.0


@pytest.fixture(autouse=True)
def _own_shelf() -> Iterator[None]:
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


def until(said: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SOON
    while not said():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def search(job: Job[Any]) -> str:
    """Like a solver: goes on until it is stopped, and keeps what it has."""
    job.begin("model")
    while not job.cancelled.is_set():
        job.progress(job.seconds, 1.0, 2.0, 1.0, "max_cover")
        time.sleep(0.005)
    return "best so far"


def gone() -> bool:
    return False


def here() -> bool:
    return True


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "UNSEEN", 0.2)
    monkeypatch.setattr(work, "HIDDEN", 0.6)


# --- the end of it -------------------------------------------------------------------------------


def test_an_answer_is_kept_and_the_clock_stops():
    job = Job(lambda _: 42)
    assert job.wait(SOON)
    assert (job.answer(), job.failed, job.stopped, job.place) == (42, False, False, 0)
    before = job.seconds
    time.sleep(0.01)
    assert job.seconds == before


def test_an_error_reaches_whoever_asks():
    def fails(_: Job[int]) -> int:
        raise DataError(Problem("workspace.gone", "x"))

    job = Job(fails)
    assert job.wait(SOON)
    assert job.failed
    with pytest.raises(DataError):
        job.answer()


def test_a_stop_keeps_the_best_so_far():
    job = Job(search)
    until(lambda: job.told is not None)
    assert job.told is not None
    assert job.told[1:] == (1.0, 2.0, 1.0, "max_cover")
    job.cancel()
    assert job.wait(SOON)
    assert (job.answer(), job.stopped) == ("best so far", True)


# --- the line ------------------------------------------------------------------------------------


def test_who_comes_later_waits_and_sees_their_place():
    line = Line(at_once=1)
    jobs = [Job(search, line) for _ in range(3)]
    until(lambda: sorted(job.place for job in jobs) == [0, 1, 2])
    first, second, third = sorted(jobs, key=lambda job: job.place)
    assert (first.step, second.step) == ("model", "queue")
    first.cancel()
    until(lambda: second.step == "model")
    until(lambda: third.place == 1)
    second.cancel()
    third.cancel()
    assert all(job.wait(SOON) for job in jobs)


def test_what_is_stopped_in_line_never_begins():
    line, begun = Line(at_once=1), []
    first = Job(search, line)
    until(lambda: first.step == "model")
    second = Job(lambda _: begun.append("second"), line)
    third = Job(lambda _: "third", line)
    until(lambda: (second.place, third.place) == (1, 2))
    second.cancel()
    assert second.wait(SOON)
    with pytest.raises(planner.NoPlanInTimeError):
        second.answer()
    until(lambda: third.place == 1)
    first.cancel()
    assert third.wait(SOON)
    assert (third.answer(), begun) == ("third", [])


def test_what_nobody_waits_to_see_lets_the_others_pass():
    line = Line(at_once=1)
    first = Job(search, line)
    until(lambda: first.step == "model")
    scoring = Job(lambda _: "score", line, later=True)
    until(lambda: scoring.place == 1)
    plan = Job(search, line)
    until(lambda: plan.place == 1)
    assert scoring.place == 2
    first.cancel()
    until(lambda: plan.step == "model")
    plan.cancel()
    assert scoring.wait(SOON)


def test_an_error_gives_the_turn_back():
    line = Line(at_once=1)

    def fails(_: Job[int]) -> int:
        raise ValueError

    jobs = [Job(fails, line) for _ in range(3)]
    assert all(job.wait(SOON) for job in jobs)


# --- who looks -----------------------------------------------------------------------------------


@pytest.mark.usefixtures("fast")
def test_a_search_that_nobody_looks_at_any_more_is_stopped():
    job = Job(search)
    job.look("lan", gone)
    assert job.wait(SOON)
    assert (job.answer(), job.cancelled.abandoned) == ("best so far", True)
    assert job.seconds >= 0.2


@pytest.mark.usefixtures("fast")
def test_a_search_goes_on_while_somebody_looks():
    job = Job(search)
    for _ in range(10):
        job.look("lan", gone)
        assert not job.wait(0.05)
    job.cancel()


@pytest.mark.usefixtures("fast")
def test_a_page_in_the_background_has_longer():
    job = Job(search)
    job.look("lan", here)
    assert not job.wait(0.4)
    assert job.wait(SOON)
    assert job.cancelled.abandoned


@pytest.mark.usefixtures("fast")
def test_what_nobody_ever_looked_at_is_left_to_end():
    job = Job(search)
    assert not job.wait(0.4)
    job.cancel()


@pytest.mark.usefixtures("fast")
def test_who_waits_in_line_and_goes_makes_room():
    line, begun = Line(at_once=1), []
    first = Job(search, line)
    until(lambda: first.step == "model")
    second = Job(lambda _: begun.append("second"), line)
    second.look("lan", gone)
    assert second.wait(SOON)
    assert (second.failed, begun) == (True, [])
    first.cancel()


def test_one_who_leaves_does_not_stop_it_for_the_other():
    job = Job(search)
    job.look("lan", here)
    job.look("hoa", here)
    assert job.cancelled.others("lan") == 1
    assert not job.leave("lan")
    assert not job.wait(0.1)
    assert job.cancelled.others("hoa") == 0
    assert job.leave("hoa")
    assert job.wait(SOON)
    assert not job.cancelled.abandoned


def test_one_who_leaves_twice_or_never_looked_does_no_harm():
    job = Job(search)
    job.look("hoa", here)
    assert not job.leave("lan")
    assert not job.leave("lan")
    assert job.leave("hoa")
    assert job.wait(SOON)


# --- the shelf -----------------------------------------------------------------------------------


def test_two_who_ask_the_same_share_one_calculation(monkeypatch: pytest.MonkeyPatch):
    free, calls = threading.Event(), []

    def run(scenario: Any, **_: Any) -> Any:
        calls.append(scenario.id)
        assert free.wait(SOON)
        return sample.plan(scenario)

    monkeypatch.setattr(planner, "run", run)
    one, other = work.plan(sample.scenario()), work.plan(sample.scenario())
    free.set()
    assert one is other
    assert one.wait(SOON)
    assert len(calls) == 1


@pytest.mark.usefixtures("fast")
def test_what_was_abandoned_with_nothing_in_hand_begins_anew(monkeypatch: pytest.MonkeyPatch):
    def run(scenario: Any, *, cancel: Any, **_: Any) -> Any:
        until(cancel.is_set)
        raise planner.NoPlanInTimeError(1.0)

    monkeypatch.setattr(planner, "run", run)
    first = work.plan(sample.scenario())
    first.look("lan", gone)
    assert first.wait(SOON)
    monkeypatch.setattr(planner, "run", lambda scenario, **_: sample.plan(scenario))
    assert work.plan(sample.scenario()) is not first


def test_who_was_stopped_by_hand_is_not_begun_anew(monkeypatch: pytest.MonkeyPatch):
    def run(scenario: Any, *, cancel: Any, **_: Any) -> Any:
        until(cancel.is_set)
        raise planner.NoPlanInTimeError(1.0)

    monkeypatch.setattr(planner, "run", run)
    first = work.plan(sample.scenario())
    first.cancel()
    assert first.wait(SOON)
    assert work.plan(sample.scenario()) is first, "until somebody asks for it"


def test_a_comparison_that_nobody_wants_any_more_stops_and_half_of_it_is_not_kept(
    monkeypatch: pytest.MonkeyPatch,
):
    began = threading.Event()

    def evaluate(scenario: Any, *, cancel: Any, **_: Any) -> Any:
        began.set()
        until(cancel.is_set)
        return sample.evaluation(scenario)

    monkeypatch.setattr(planner, "evaluate", evaluate)
    first = work.evaluation(sample.scenario())
    first.look("lan", here)
    first.look("minh", here)
    assert began.wait(SOON)
    assert not first.leave("lan"), "somebody else looks"
    assert work.evaluation(sample.scenario()) is first
    assert first.leave("minh")
    assert work.evaluation(sample.scenario()) is not first
    assert first.wait(SOON)
    assert first.failed


def test_a_search_goes_on_from_where_it_stopped(monkeypatch: pytest.MonkeyPatch):
    plan, asked = sample.plan(), []

    def resumed(former: Any, **_: Any) -> Any:
        asked.append(former)
        return former

    monkeypatch.setattr(planner, "run", lambda *_, **__: plan)
    monkeypatch.setattr(resuming, "resumed", resumed)
    assert work.plan(plan.scenario).wait(SOON)
    job = work.go_on(plan)
    assert work.plan(plan.scenario) is job
    assert job.wait(SOON)
    assert asked == [plan]


def test_what_is_under_way_is_not_dropped_from_the_shelf(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(work, "KEPT", 2)
    shelf = work._shelf()
    running = shelf.job(("plan", "running"), search, apart=True)
    for n in range(4):
        assert shelf.job(("plan", f"{n}"), lambda _: 1, apart=True).wait(SOON)
    assert shelf.job(("plan", "running"), search) is running
    assert len(shelf.jobs) <= 3
    running.cancel()
