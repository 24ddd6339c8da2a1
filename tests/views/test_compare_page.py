"""The compare page without a browser: any two plans, curves whose points become plans, further questions."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import workspace
from planner import variants
from planner.plan import Plan
from planner.run import run
from scenarios.reading import SHOWN_FIRST, load
from tests.views.page import SLOW

AS_WRITTEN = "can_tho_2018_2020_as_written.yaml"


@pytest.fixture(scope="module", autouse=True)
def _own_answers() -> None:
    """Other files of this process may have kept answers of stand-ins."""
    st.cache_resource.clear()


@pytest.fixture(scope="module")
def plan() -> Plan:
    found = run(load(SHOWN_FIRST))
    assert isinstance(found, Plan)
    return found


def page() -> None:
    from views import compare_page

    compare_page.show()


def complete(app: AppTest) -> AppTest:
    """Run until nothing is waited for."""
    deadline = time.monotonic() + SLOW
    while any(b.key and b.key.startswith(("stop_", "solving_stop")) for b in app.button):
        assert time.monotonic() < deadline
        time.sleep(0.1)
        app.run()
    assert not app.exception
    return app


@pytest.fixture
def app() -> AppTest:
    return complete(AppTest.from_function(page, default_timeout=SLOW).run())


def text_of(app: AppTest) -> str:
    html = "\n".join(part.proto.body for part in app.get("html"))
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def view(app: AppTest, name: str) -> AppTest:
    return complete(app.get("button_group")[0].set_value(name).run())


def test_it_opens_on_the_published_order_beside_the_best_plan(app: AppTest) -> None:
    assert (app.selectbox(key="compare_a").value, app.selectbox(key="compare_b").value) == (
        "official",
        "best",
    )
    text = text_of(app)
    assert "Quận Cái Răng, tư vấn: B mở sớm hơn, 2018 thay vì 2019" in text
    assert "Quận Ninh Kiều: thêm 825 người-năm (8 xã, phường được thêm)" in text
    assert "2018: phục vụ 992 người (37,7 %)" in text
    assert "2018: phục vụ 1.839 người (69,9 %)" in text
    assert "+847" in text
    assert "37 xã, phường" in text


def test_the_slider_moves_both_and_says_where_they_differ(app: AppTest) -> None:
    app.select_slider(key="compare_stage").set_value("2020").run()
    text = text_of(app)
    assert text.count("2020: phục vụ 2.529 người") == 2
    assert "khác nhau (0 xã, phường)" in text


def test_swapping_turns_every_difference(app: AppTest) -> None:
    complete(app.button(key="compare_swap").click().run())
    assert (app.selectbox(key="compare_a").value, app.selectbox(key="compare_b").value) == (
        "best",
        "official",
    )
    text = text_of(app)
    assert "B mở muộn hơn, 2019 thay vì 2018" in text
    assert "−847" in text
    assert "Quận Ninh Kiều: bớt 825 người-năm" in text


@pytest.mark.parametrize("name", ["greedy", "alternative_1"])
def test_variants_can_be_looked_at(app: AppTest, name: str) -> None:
    complete(app.selectbox(key="compare_a").set_value(name).run())
    assert "Bảng chỉ số" in text_of(app)
    assert variants.label(name).vi in text_of(app)


def test_it_speaks_english_too(app: AppTest) -> None:
    app.session_state["lang"] = "en"
    complete(app.run())
    assert "B opens earlier, 2018 instead of 2019" in text_of(app)
    assert "1,839 persons served (69.9%)" in text_of(app)


def test_a_plan_that_was_kept_stands_beside_the_present_one(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LO_TRINH_WORKSPACE", str(tmp_path))
    [greedy] = variants.found(plan.scenario, ["greedy"], optimum=plan).variants
    about = workspace.save_plan(greedy.plan, name="Chọn lần lượt", who="Lan", why="để so")
    app = complete(AppTest.from_function(page, default_timeout=SLOW).run())
    complete(app.selectbox(key="compare_a").set_value(f"kept:{about.name}").run())
    assert "Do Lan lưu: để so" in text_of(app)
    assert "Bảng chỉ số" in text_of(app)


def test_another_scenario_of_the_place_whose_rules_clash_is_told(app: AppTest) -> None:
    complete(app.selectbox(key="compare_a").set_value(f"file:{AS_WRITTEN}").run())
    assert any("mâu thuẫn" in info.value for info in app.info)
    assert not any("can_tho" not in option and option.startswith("file:") for option in
                   app.selectbox(key="compare_a").options)  # fmt: skip


def test_a_point_of_the_curve_shows_its_plan_and_can_be_taken_over(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone: list[str] = []
    monkeypatch.setattr("views.frame.go", gone.append)
    view(app, "curves")
    [pick] = [box for box in app.selectbox if str(box.key).startswith("curve_pick_points")]
    assert "3 điểm · 6.630 người-năm · cuối kỳ phục vụ 84,0 %" in pick.options
    complete(pick.set_value(3).run())
    text = text_of(app)
    assert "Nhiều nhất 3 điểm (tư vấn) ở giai đoạn cuối, 2020; bỏ 7 quy tắc" in text
    assert "2018: phục vụ 2.210 người (84,0 %)" in text
    app.button(key="curve_take").click().run()
    assert gone == ["ke-hoach"]
    complete(app.run())
    assert "Nhiều nhất 3 điểm (tư vấn)" in text_of(app).split("Bỏ thay đổi")[0]
    assert [box.value for box in app.selectbox if str(box.key).startswith("curve_pick")] == [None]


def test_a_question_is_answered_on_request_only(app: AppTest) -> None:
    view(app, "questions")
    assert "Mọi kinh phí giảm" not in text_of(app)
    app.selectbox(key="question_share_cut").set_value(0.5).run()
    complete(app.button(key="ask_cut").click().run())
    assert "Mọi kinh phí giảm 50 %" in text_of(app)


def test_what_does_not_exist_is_not_offered() -> None:
    app = AppTest.from_function(page, default_timeout=SLOW)
    app.session_state["compare_view"] = "questions"
    app.session_state["scenario"] = "tuyen_quang_2020.yaml"
    complete(app.run())
    assert app.selectbox(key="scenario").value == "tuyen_quang_2020.yaml"
    assert not [button for button in app.button if button.key == "ask_cut"], "there is no budget to cut"
    assert [button for button in app.button if button.key == "ask_path"]
