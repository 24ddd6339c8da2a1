"""What a plan page shows of the document, without a browser: targets, checklist, openings, questions."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
import streamlit as st

import planner
from errors import Problem, ScenarioError
from planner import options
from planner.plan import Assumption
from scenarios import reading
from tables import TABLES, shaped
from tests.views import sample
from tests.views.page import choose, complete, html_of, opened, stand_in, text_of
from text import Text
from views import plan_document


@pytest.fixture(autouse=True)
def _solved(monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(monkeypatch)


def test_all_openings_stand_in_one_list():
    html = html_of(opened())
    rows = re.findall(r"<tr>(.*?)</tr>", html)
    label = sample.scenario().kinds["counselling"].label.text.vi
    listed = [row for row in rows if f"<td>{label}</td>" in row]
    assert len(listed) == 9
    assert "<td>2018</td>" in listed[0]
    assert "<td>Trạm y tế Xã 9161</td>" in listed[0]


def test_objectives_name_their_service_where_there_are_several(monkeypatch: pytest.MonkeyPatch):
    assert "Đi lại ít nhất (nghìn giờ) Tư vấn" not in text_of(opened())
    given = {"value": 0.5, "source": "user"}
    standard = {"standard_minutes": {"value": 30, "source": "user"}}
    other = {
        "services": {"methadone": {"suited_share": given, "uptake": given}},
        "kinds": {"treatment": standard, "dispensing": standard},
        "objectives": [
            {"objective": "max_cover", "service": "methadone", "source": "user"},
            {"objective": "max_cover", "service": "counselling", "source": "user"},
        ],
    }
    scenario = reading.changed(sample.scenario(), other)
    monkeypatch.setattr(planner, "run", lambda *_, **__: sample.plan(scenario))
    st.cache_resource.clear()
    text = text_of(opened())
    for service, unit in (("methadone", "(người-năm)"), ("counselling", "(nghìn giờ)")):
        assert f"{unit} {scenario.services[service].label.text.vi}" in text


def test_targets_are_met_or_missed_and_the_balance_is_told(monkeypatch: pytest.MonkeyPatch):
    rule = {
        "rule": "coverage_target", "text": {"vi": "Phủ 70 %", "en": "Cover 70 %"}, "service": "counselling",
        "stage": "2018", "share": 0.7, "hard": True, "source": "user",
    }  # fmt: skip
    balance = {
        "services": ["counselling"],
        "goals": {"2020": {"treated_share": 0.9, "compulsory_share": 0.25, "source": "user"}},
    }
    scenario = reading.changed(sample.scenario(), {"rules": {"cover": rule}, "balance": balance})
    target = {"rule": "cover", "service": "counselling", "stage": "2018", "group": "", "group_name": "",
              "goal": 0.7, "reached": 0.347, "missing": 928.0, "met": False, "hard": True}  # fmt: skip
    row = dict.fromkeys(TABLES["balance"], float("nan")) | {
        "stage": "2020", "registered": 2630.0, "treated": 2367.0, "compulsory": 657.5, "needed": 1709.5,
        "unstated": 9, "served": 1690.0,
    }  # fmt: skip
    plan = replace(
        sample.plan(scenario), targets=shaped("targets", [target]), balance=shaped("balance", [row])
    )
    monkeypatch.setattr(planner, "run", lambda *_, **__: plan)
    app = opened()
    text = text_of(app)
    assert "Phủ 70 % 2018 · toàn tỉnh 70,0 % 34,7 % 928 close chưa đạt" in text
    assert "Cần ngoài bắt buộc 1.710" in text
    assert "Còn thiếu chưa rõ" in text
    headings = [h.value for h in app.subheader]
    at = headings.index("Chỉ tiêu")
    assert headings[at + 1] == "Cân đối chỗ điều trị ngoài cơ sở bắt buộc"


def test_no_cost_is_shown_where_none_is_known(monkeypatch: pytest.MonkeyPatch):
    budgets = [name for name, rule in sample.scenario().rules.items() if rule.rule == "stage_budget"]
    patch = {"kinds": {"counselling": {"cost": None}}, "rules": dict.fromkeys(budgets), "official": None}
    scenario = reading.changed(sample.scenario(), patch)
    plan = sample.plan(scenario)
    plan.stages["budget_vnd"] = float("nan")
    monkeypatch.setattr(planner, "run", lambda *_, **__: plan)
    app = opened()
    assert "Chi phí và kinh phí" not in [h.value for h in app.subheader]
    assert "Triệu đồng." not in text_of(app)


def test_criteria_are_a_checklist_with_answers(monkeypatch: pytest.MonkeyPatch):
    given = {"answers": {"916": True, "925": False}, "decides": True, "source": "user"}
    answers = {"criteria": {"ten_persons": given}}
    scenario = reading.changed(sample.scenario(), answers)
    monkeypatch.setattr(planner, "run", lambda *_, **__: sample.plan(scenario))
    text = text_of(opened())
    groups = scenario.registered_persons.by_group
    assert f"{scenario.criteria['ten_persons'].text.text.vi} (nơi không đạt thì không mở)" in text
    assert f"không đạt (1): {groups['925'].name}" in text
    assert f"đạt (1): {groups['916'].name}" in text
    assert "chưa kiểm tra (7): " in text
    assert text.count("chưa kiểm tra (9): ") == len(scenario.criteria) - 1


@pytest.mark.parametrize(("said", "kept"), [("not_checked", 0), ("met", 1), ("not_met", 1)])
def test_a_control_that_tells_its_old_value_again_changes_no_criterion(
    monkeypatch: pytest.MonkeyPatch, said: str, kept: int
):
    """A browser does so when a control comes back that was away while a plan was searched for."""
    asked: list[Any] = []
    monkeypatch.setattr(st, "session_state", {"verdict": said})
    scenario = sample.scenario()
    plan_document._check_off(
        scenario, "ten_persons", ("916", "Ninh Kiều"), "verdict", lambda *change: asked.append(change)
    )
    assert len(asked) == kept


def test_indicators_stand_with_unit_and_source():
    text = text_of(opened())
    for indicator in sample.scenario().indicators.values():
        assert indicator.text.text.vi in text
    assert "85 nơi/chỗ" in text


def test_reality_is_told_where_no_comparison_tells_it():
    app = choose(opened(), sample.AS_WRITTEN)
    scenario = sample.scenario(sample.AS_WRITTEN)
    assert f"Điều đã diễn ra trên thực tế ({len(scenario.observed)})" in [e.label for e in app.expander]
    assert "1.150 người" in text_of(app)
    assert "Điều đã diễn ra" not in " ".join(e.label for e in opened().expander)


def test_many_figures_for_one_reason_stand_in_one_row(monkeypatch: pytest.MonkeyPatch):
    plan = sample.plan()
    note = Text("Cùng một lý do", "One reason")
    many = tuple(Assumption(f"place.areas.{n}", n, "user", note) for n in range(593, 656))
    plan = replace(plan, facts=replace(plan.facts, assumptions=many))
    monkeypatch.setattr(planner, "run", lambda *_, **__: plan)
    text = text_of(opened())
    assert text.count("Cùng một lý do") == 1
    assert "place.areas.593, place.areas.594, place.areas.595 … và 60 mục nữa" in text
    assert "63 giá trị: 593, 594, 595 …" in text
    assert "63 con số không có trong văn bản" in text


def test_another_answer_is_solved_marked_and_taken_back(monkeypatch: pytest.MonkeyPatch):
    solved = []

    def run(scenario: Any, **_: Any) -> Any:
        solved.append(scenario.id)
        return sample.plan(scenario)

    monkeypatch.setattr(planner, "run", run)
    app = opened()
    key = "question_can_tho_2018_2020_growth_vi"
    options = app.selectbox(key=key).options
    assert options[0].endswith("(theo tệp)")
    assert options[1:] == ["3 % mỗi năm", "5 % mỗi năm"]
    complete(app.selectbox(key=key).set_value("five").run())
    assert solved == ["can_tho_2018_2020", "can_tho_2018_2020__growth_five"]
    question = sample.scenario().questions["growth"]
    assert f"Đã thay đổi so với tệp kịch bản: Với câu hỏi “{question.text.vi}”" in text_of(app) or (
        question.text.vi in text_of(app).split("Đã thay đổi so với tệp kịch bản:")[1][:120]
    )
    assert app.selectbox(key=key).value == "five"
    complete(app.selectbox(key=key).set_value("three").run())
    assert solved[-1] == "can_tho_2018_2020__growth_three"
    app.segmented_control(key="lang").set_value("en").run()
    assert app.selectbox(key=key.replace("_vi", "_en")).value == "three"
    complete(app.button(key="undo").click().run())
    assert app.selectbox(key=key.replace("_vi", "_en")).value == "five", "a step back, not all of them"
    complete(app.button(key="undo").click().run())
    assert app.selectbox(key=key.replace("_vi", "_en")).value == "as_it_is"
    assert "Changed from the scenario file" not in text_of(app)


def test_the_answer_of_the_file_takes_another_back():
    app = opened()
    key = "question_can_tho_2018_2020_growth_vi"
    complete(app.selectbox(key=key).set_value("five").run())
    assert "Đã thay đổi" in text_of(app)
    complete(app.selectbox(key=key).set_value("as_it_is").run())
    assert "Đã thay đổi" not in text_of(app)


def test_an_answer_that_does_not_hold_with_other_changes_is_refused(monkeypatch: pytest.MonkeyPatch):
    chosen = options.chosen

    def fails(scenario: Any, answers: Any) -> Any:
        if answers.get("growth") == "five":
            raise ScenarioError(Problem("options.clash", "x", {"one": "a", "other": "b", "what": "c"}))
        return chosen(scenario, answers)

    monkeypatch.setattr(options, "chosen", fails)
    app = opened()
    complete(app.selectbox(key="question_can_tho_2018_2020_growth_vi").set_value("five").run())
    text = text_of(app)
    assert "Không áp dụng được câu trả lời vừa chọn" in text
    assert "Đã thay đổi" not in text
    assert app.selectbox(key="question_can_tho_2018_2020_growth_vi").value == "as_it_is"


def test_what_an_upgrade_closes_stands_in_the_stages_before(monkeypatch: pytest.MonkeyPatch):
    plan = sample.plan()
    upgraded = plan.openings["facility"] == "counselling 925"
    openings = plan.openings.assign(upgraded_from=["dispensing" if u else "" for u in upgraded])
    facilities = plan.facilities[plan.facilities["facility"] != "dispensing 925"].reset_index(drop=True)
    plan = replace(plan, openings=openings, facilities=facilities)
    monkeypatch.setattr(planner, "run", lambda *_, **__: plan)
    app = opened()
    assert "Cấp phát · Xã 9251" in html_of(app)
    app.select_slider(key="stage").set_value("2020").run()
    assert "Cấp phát · Xã 9251" not in html_of(app)
    assert "Tư vấn · Xã 9251" in html_of(app)
    assert "(nâng cấp từ: " in text_of(app) or "(nâng cấp từ " in text_of(app)
