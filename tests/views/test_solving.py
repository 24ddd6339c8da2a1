"""Waiting for an answer in sight: progress, a stop that keeps the best, the way on; no solver, no browser."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import planner
from errors import DataError, Problem
from optimization.solution import Status
from planner import resuming
from planner.plan import Plan
from tests.views import sample
from tests.views.page import SLOW, text_of
from views import solving, work


def page(lang: str) -> None:
    """A page that waits for the first scenario's plan."""
    import streamlit as st

    from tests.views import sample
    from views import solving

    found = solving.answer(sample.scenario(), lang)
    st.caption(f"answer: {type(found).__name__}")


def answer_of(app: AppTest) -> str:
    assert not app.exception, app.exception
    (found,) = [c.value for c in app.caption if c.value.startswith("answer: ")]
    return str(found.removeprefix("answer: "))


class Solver:
    """Stands in for the planner: searches until it may end or is stopped, and tells how it goes."""

    def __init__(self) -> None:
        self.may_end, self.asked = threading.Event(), 0
        self.level: tuple[Any, ...] = (4_711.0, 5_000.0, 0.06135, "max_cover")
        self.in_hand: Plan | None = sample.plan()
        self.stops = True

    def run(self, scenario: Any, *, step: Any, progress: Any, cancel: Any, **_: Any) -> Plan:
        self.asked += 1
        step("model")
        began = time.monotonic()
        while not (self.may_end.is_set() or (self.stops and cancel.is_set())):
            progress(time.monotonic() - began, *self.level)
            self.may_end.wait(0.01)
        if cancel.is_set() and self.in_hand is None:
            raise planner.NoPlanInTimeError(1.0)
        plan = self.in_hand or sample.plan(scenario)
        status = Status.FEASIBLE if cancel.is_set() else Status.OPTIMAL
        return replace(plan, report=plan.report._replace(status=status))


@pytest.fixture
def solver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Solver]:
    st.cache_resource.clear()
    monkeypatch.setattr(solving, "QUICK", 0.1)
    found = Solver()
    monkeypatch.setattr(planner, "run", found.run)
    yield found
    found.may_end.set()
    st.cache_resource.clear()


def opened(lang: str = "vi") -> AppTest:
    return AppTest.from_function(page, default_timeout=SLOW, args=(lang,)).run()


def until(app: AppTest, wanted: str) -> AppTest:
    deadline = time.monotonic() + SLOW
    while answer_of(app) != wanted:
        assert time.monotonic() < deadline
        app.run()
    return app


def test_what_is_quick_is_there_at_once(solver: Solver):
    solver.may_end.set()
    app = opened()
    assert answer_of(app) == "Plan"
    assert not app.button
    assert "dừng" not in text_of(app)


@pytest.mark.parametrize(("lang", "words"), [
    ("vi", ("Đang tìm phương án tốt nhất", "Nhiều người được phục vụ nhất", "4.711", "5.000", "6,2 %")),
    ("en", ("Looking for the best plan", "Most persons served", "4,711", "5,000", "6.2%")),
])  # fmt: skip
def test_the_search_is_followed_in_words(solver: Solver, lang: str, words: tuple[str, ...]):
    app = opened(lang)
    assert answer_of(app) == "NoneType"
    text = text_of(app)
    for part in words:
        assert part in text
    solver.may_end.set()
    until(app, "Plan")


@pytest.mark.parametrize(("level", "words"), [
    ((None, None, None, "max_cover"), "Tốt nhất đến lúc này chưa có Không phương án nào tốt hơn chưa có"),
    ((5.0, 1e9, 1e9, "max_cover"), "Còn cách tối ưu không quá chưa có"),
    ((3.0, 1.0, 2.0, "ties"), "Mục tiêu đang xét chọn giữa các phương án ngang nhau"),
    ((0.0, 0.0, 0.0, "feasible"), "Mục tiêu đang xét tìm một phương án giữ mọi quy tắc"),
])  # fmt: skip
def test_what_is_not_known_yet_is_not_made_up(solver: Solver, level: tuple[Any, ...], words: str):
    solver.level = level
    assert words in text_of(opened())


def test_a_stop_keeps_the_best_and_says_how_good_it_is(solver: Solver):
    app = opened()
    until(app.button(key="solving_stop").click().run(), "Plan")
    text = text_of(app)
    assert "Đã dừng tìm trước khi chứng minh xong." in text
    assert "cách tối ưu không quá 0,2 %" in text
    assert solver.asked == 1


def test_the_search_goes_on_from_there(solver: Solver, monkeypatch: pytest.MonkeyPatch):
    starts = []

    def resumed(former: Plan, **_: Any) -> Plan:
        starts.append(former)
        return replace(former, report=former.report._replace(status=Status.OPTIMAL))

    monkeypatch.setattr(resuming, "resumed", resumed)
    app = opened()
    until(app.button(key="solving_stop").click().run(), "Plan")
    until(app.button(key="solving_go_on").click().run(), "Plan")
    assert len(starts) == 1
    assert "Đã dừng tìm" not in text_of(app)


def test_a_stop_that_takes_its_time_is_said(solver: Solver):
    solver.stops = False
    app = opened()
    app.button(key="solving_stop").click().run()
    assert answer_of(app) == "NoneType"
    assert "Đang dừng, giữ phương án tốt nhất đã tìm được" in text_of(app)
    assert app.button(key="solving_stop").disabled
    solver.may_end.set()
    until(app, "Plan")


def test_a_stop_with_nothing_in_hand_claims_nothing_and_can_be_tried_again(solver: Solver):
    solver.in_hand = None
    app = opened()
    app.button(key="solving_stop").click().run()
    deadline = time.monotonic() + SLOW
    while not app.subheader:
        assert time.monotonic() < deadline
        app.run()
    assert app.subheader[0].value == "Đã dừng khi chưa có phương án nào"
    assert "cũng chưa chứng minh là không có" in text_of(app)
    app.run()
    assert solver.asked == 1, "not begun anew by itself"
    solver.may_end.set()
    until(app.button(key="retry").click().run(), "Plan")
    assert solver.asked == 2


def test_bad_data_is_said_calmly(solver: Solver, monkeypatch: pytest.MonkeyPatch):
    def fails(*_: Any, **__: Any) -> Any:
        raise DataError(Problem("plan.premises_twice", "o_mon"))

    monkeypatch.setattr(planner, "run", fails)
    app = opened()
    assert answer_of(app) == "NoneType"
    assert app.subheader[0].value == "Chưa tính được phương án"
    assert "o_mon: mã cơ sở bị lặp." in text_of(app)


def test_one_who_stops_waiting_leaves_the_search_to_the_other(solver: Solver):
    """Two sessions wait for one search; the one that leaves is told, and may wait again."""
    lan, hoa = opened(), opened()
    assert solver.asked == 1
    lan.button(key="solving_stop").click().run()
    assert "Người khác vẫn đang chờ" in text_of(lan)
    assert answer_of(lan) == "NoneType"
    assert "Đang tìm phương án tốt nhất" in text_of(hoa.run())
    lan.button(key="solving_look_again").click().run()
    assert "Đang tìm phương án tốt nhất" in text_of(lan)
    lan.button(key="solving_stop").click().run()
    until(hoa.button(key="solving_stop").click().run(), "Plan")
    assert "Đã dừng tìm" in text_of(hoa)
    until(lan.run(), "Plan")


def test_the_place_in_line_is_shown(solver: Solver, monkeypatch: pytest.MonkeyPatch):
    busy = [work._shelf().job(("plan", f"{n}"), lambda job: job.cancelled._event.wait(SLOW)) for n in (1, 2)]
    app = opened()
    assert "Đang chờ đến lượt tính" in text_of(app)
    assert "Thứ 1 trong hàng chờ; mỗi lúc máy chủ tính 2 kịch bản." in text_of(app)
    for job in busy:
        job.cancel()
    solver.may_end.set()
    until(app, "Plan")
