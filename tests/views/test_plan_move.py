"""Moving a point without a browser: by a mark on the map or the list, one change, taken back alone."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import planner
from planner import site_words
from tests.views import sample
from tests.views.page import SLOW, complete, opened, stand_in, text_of
from views import plan_move, solving

HERE = "o_mon:counselling"


def plan(scenario: Any, **_: Any) -> Any:
    """The sample's plan with one point at premises that the scenario knows."""
    found = sample.plan(scenario)
    names = {"facility": {"counselling 917": HERE}, "premises": {"917": "o_mon"}}
    mine = found.facilities["kind"] == "counselling"
    there = found.facilities.where(~mine, found.facilities.replace(names))
    return replace(found, facilities=there, openings=found.openings.replace(names))


@pytest.fixture(autouse=True)
def _solved(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    stand_in(monkeypatch)
    monkeypatch.setattr(planner, "run", plan)
    yield
    st.cache_resource.clear()


@pytest.fixture
def app() -> AppTest:
    """The plan page, looking at the point."""
    found = opened()
    found.session_state["chosen"] = f"site:{HERE}"
    return complete(found.run())


def begin(app: AppTest) -> AppTest:
    return complete(app.button(key="panel_move").click().run())


def marks(app: AppTest) -> list[str]:
    """Facilities of the marks on the map, in the order of the keyboard."""
    (drawn,) = (json.loads(x.proto.json_args) for x in app.get("component_instance"))
    script = drawn["feature_group"]
    layers = [line for line in script.splitlines() if "loTrinh.show(" in line]
    stage = json.loads(layers[-1].partition(", ")[2].rpartition(");")[0])
    return [place[7] for place in stage["work"]["places"] if place[2] == "other"]


def click(app: AppTest, what: str, at: int) -> AppTest:
    """What the map tells of a click, as the page sees it whose callback was cut short."""
    app.session_state["map"] = {"picked": what, "at": at}
    return complete(app.run())


def made(app: AppTest) -> list[Any]:
    if "changes" not in app.session_state:
        return []
    return [change for work in app.session_state["changes"].values() for change in work.now]


def candidates() -> list[str]:
    found = site_words.candidates(sample.scenario())
    return list(found.loc[(found["kind"] == "counselling") & found["offered"] & found["hosted"], "facility"])


# --- the mode ------------------------------------------------------------------------------------


def test_the_map_marks_where_a_point_may_move_to_only_while_it_is_moved(app: AppTest):
    assert marks(app) == []
    begin(app)
    assert set(marks(app)) == set(candidates()) - {HERE}
    assert f"Có {len(marks(app))} nơi có thể dời đến" in text_of(app)
    assert marks(complete(app.button(key="panel_move_stop").click().run())) == []
    assert marks(begin(app))
    assert marks(begin(app)) == [], "the button ends what it began"
    assert made(app) == []


def test_who_looks_at_something_else_moves_nothing(app: AppTest):
    begin(app)
    assert marks(click(app, "commune:0", 1)) == []
    app.session_state["chosen"] = f"site:{HERE}"
    assert marks(complete(app.run())) == []


def test_escape_on_the_map_ends_it(app: AppTest):
    begin(app)
    assert marks(click(app, "stay:", 1)) == []
    assert app.session_state["chosen"] == f"site:{HERE}"


# --- the move ------------------------------------------------------------------------------------


def test_a_click_on_a_mark_is_one_change_solved_at_once_and_undone_alone(app: AppTest):
    begin(app)
    to = marks(app)[1]
    click(app, f"move:{to}", 1)
    (change,) = made(app)
    assert "dời tư vấn từ" in change.text.vi
    found = set(change.patch["rules"])
    assert {rule.partition("_")[0] for rule in found} == {"pin", "forbid"}
    assert app.session_state["chosen"] == f"site:{to}"
    assert marks(app) == []
    complete(app.run())
    assert len(made(app)) == 1, "a click is taken up once"
    complete(app.button(key="undo").click().run())
    assert made(app) == []


def test_the_list_is_the_other_way(app: AppTest):
    begin(app)
    to = marks(app)[0]
    complete(app.button(key="panel_move_0").click().run())
    assert app.session_state["chosen"] == f"site:{to}"
    assert len(made(app)) == 1


def test_a_mark_that_is_no_longer_there_moves_nothing(app: AppTest):
    to = marks(begin(app))[0]
    complete(app.button(key="panel_move_stop").click().run())
    click(app, f"move:{to}", 1)
    assert made(app) == []


def test_a_long_list_says_how_many_more_are_on_the_map(app: AppTest, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(plan_move, "LISTED", 2)
    begin(app)
    assert f"và {len(marks(app)) - 2} nơi khác trên bản đồ" in text_of(app)


# --- while the new plan is searched for ----------------------------------------------------------


def test_the_map_stays_while_the_new_plan_is_searched_for(app: AppTest, monkeypatch: pytest.MonkeyPatch):
    may_end = threading.Event()

    def run(scenario: Any, *, cancel: Any, **_: Any) -> Any:
        while not (may_end.is_set() or cancel.is_set()):
            may_end.wait(0.01)
        return plan(scenario)

    monkeypatch.setattr(planner, "run", run)
    monkeypatch.setattr(solving, "QUICK", 0.1)
    try:
        app.button(key="panel_forbid").click().run()
        app.run()
        assert app.get("component_instance"), "the map"
        assert "Bản đồ còn là phương án trước thay đổi." in text_of(app)
        assert "được phục vụ" not in text_of(app), "no figure of a plan that was changed"
        assert [b.key for b in app.button if str(b.key).startswith("panel")] == []
    finally:
        may_end.set()
    assert "được phục vụ" in text_of(complete(app))


def test_the_comparison_of_before_gives_way_to_the_new_plan(app: AppTest, monkeypatch: pytest.MonkeyPatch):
    stopped: list[str] = []
    st.cache_resource.clear()

    def evaluate(scenario: Any, *, cancel: Any, **_: Any) -> Any:
        if scenario.rules.keys() == sample.scenario().rules.keys():  # as filed, before the change
            while not cancel.is_set():
                time.sleep(0.01)
            stopped.append(scenario.id)
        return sample.evaluation(scenario)

    monkeypatch.setattr(planner, "evaluate", evaluate)
    app.run()
    assert any("Đang chấm" in caption.value for caption in app.caption)
    complete(app.button(key="panel_forbid").click().run())
    deadline = time.monotonic() + SLOW
    while not stopped:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert "6.532" in text_of(app), "the comparison of the new plan"
