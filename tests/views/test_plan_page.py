"""The plan page without a browser: words, figures, switches, refusals; places and solver are stood in for."""

from __future__ import annotations

import re
import shutil
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import streamlit
from streamlit.testing.v1 import AppTest

import planner
from errors import DataError, Problem, ScenarioError
from optimization.solution import Level
from planner import run
from scenarios import reading
from tests.browser import ROOT
from tests.views import sample
from tests.views.page import SLOW, choose, complete, html_of, opened, stand_in, text_of
from views import asked, plan_stage


@pytest.fixture(autouse=True)
def _solved(monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(monkeypatch)


# --- a plan --------------------------------------------------------------------------------------


def test_it_opens_in_vietnamese_on_the_first_scenario_and_stage():
    app = opened()
    assert app.selectbox(key="scenario").value == reading.SHOWN_FIRST.name
    assert app.select_slider(key="stage").value == "2018"
    assert "Phương án tốt nhất, 2018" in text_of(app)
    assert [h.value for h in app.subheader] == [
        "Đi lại", "Chi phí và kinh phí", "Mức tin cậy của lời giải", "Tải về", "So với lộ trình theo văn bản",
    ]  # fmt: skip


def test_three_numbers_with_their_shares_and_denominator():
    text = text_of(opened())
    # 825 + 544 persons in three communes each, two of the three served
    assert "913 34,7 % được phục vụ" in text
    assert "0 0,0 % trong tầm với nhưng hết chỗ" in text
    assert "1.717 65,3 % ngoài tầm với" in text
    assert "trên 2.630 người cần dịch vụ" in text
    assert "không quá 30 phút" in text


def test_what_runs_counts_the_kinds_to_which_the_plan_adds_nothing(monkeypatch):
    """Tuyên Quang opens one more methadone point beside the two it has."""
    plan = run(reading.load(reading.FOLDER / "tuyen_quang_2020.yaml"))
    said: list[str] = []
    monkeypatch.setattr(streamlit, "html", said.append)
    plan_stage._headline(plan, "2020", "2020", "methadone", official=False, lang="vi")
    assert "đang hoạt động 02 methadone đang có, 01 methadone mở thêm" in said[0]


def test_the_slider_changes_numbers_and_sites():
    app = opened()
    before = html_of(app).count("2019</b>")
    app.select_slider(key="stage").set_value("2019").run()
    text = text_of(app)
    assert "Phương án tốt nhất, 2019" in text
    assert "mở mới 06 tư vấn; đang hoạt động 08 tư vấn" in text
    assert "1.690 64,3 % được phục vụ" in text
    assert (before, html_of(app).count("2019</b>")) == (0, 6)


def test_a_site_shows_kind_place_persons_and_that_its_place_is_assumed():
    html = html_of(opened())
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", html)
    first = next(row for row in rows if "Trạm y tế Xã 9161" in row)
    assert "Tư vấn · Xã 9161, Quận Ninh Kiều" in first
    assert 'aria-label="vị trí giả định"' in first
    assert ">550</td>" in first
    host = next(row for row in rows if "Cấp phát · Xã 9161" in row)
    assert ">–</td>" in host, "a service without a stated share has no count"


def test_english_keeps_scenario_stage_and_switches():
    app = opened()
    app.select_slider(key="stage").set_value("2019").run()
    app.toggle(key="links").set_value(True).run()
    app.segmented_control(key="lang").set_value("en").run()
    assert not app.exception
    assert app.selectbox(key="scenario").value == reading.SHOWN_FIRST.name
    assert app.select_slider(key="stage").value == "2019"
    assert app.toggle(key="links").value is True
    text = text_of(app)
    assert "Best plan, 2019" in text
    assert "1,690 64.3% served" in text
    assert "Phương án" not in text


def test_cost_is_set_against_budget():
    text = text_of(opened())
    assert "2019 1.237,2 1.237,2 vừa đủ" in text
    assert "Cộng 2.637,0 2.637,0 vừa đủ" in text


def test_a_gap_is_said_in_words_and_rounded_up():
    text = text_of(opened())
    assert "Tốt nhất tìm được, cách tối ưu không quá 0,2 %" in text
    assert "Đi lại ít nhất (nghìn giờ) 90,0 89,8 0,18 %" in text


def test_a_proved_plan_is_called_optimal(monkeypatch: pytest.MonkeyPatch):
    from optimization.solution import Status

    plan = sample.plan()
    report = plan.report._replace(status=Status.OPTIMAL, levels=(Level("max_cover", 4_711.0, 4_711.0, 0.0),))
    monkeypatch.setattr(planner, "run", lambda *_, **__: replace(plan, report=report))
    assert "Tối ưu, đã chứng minh" in text_of(opened())


def test_the_published_order_stands_beside_the_best_plan():
    text = text_of(opened())
    assert "91,5 % của phương án tốt nhất Phương án tốt nhất 6.532 Theo văn bản 5.978" in text
    assert "Theo văn bản, cơ sở tốt nhất 4.100 Theo văn bản, trung bình 3.900" in text
    assert "Quận Ninh Kiều, tư vấn: mở sớm hơn, 2018 thay vì 2019" in text
    assert "Quận Ninh Kiều: thêm 825 người-năm" in text
    assert "Cùng nguồn lực, tự chọn giai đoạn 5.000" in text
    assert "văn bản: 82,0 % của phương án tốt nhất" in text
    assert "Quận Ô Môn, tư vấn: mở muộn hơn, 2019 thay vì 2018" in text
    assert "Một điểm mở năm 2018." in text


def test_the_published_order_goes_on_the_same_map():
    app = opened()
    app.toggle(key="official").set_value(True).run()
    text = text_of(app)
    assert "Lộ trình theo văn bản, 2018" in text
    # 271 + 544, two communes of three
    assert "544 20,7 % được phục vụ" in text


def test_rules_estimates_issues_and_criteria_are_counted_and_listed():
    app = opened()
    scenario = sample.scenario()
    assert [e.label for e in app.expander] == [
        "Cùng nguồn lực, tự chọn giai đoạn mở",
        "Nhìn lại: văn bản, tối ưu và thực tế",
        f"Lịch mở điểm ({len(scenario.registered_persons.by_group)})",
        f"Các quy tắc ({len(scenario.rules)})",
        f"Câu hỏi văn bản để ngỏ ({len(scenario.questions)})",
        f"Điểm cần lưu ý trong văn bản ({len(scenario.known_issues)})",
        f"Con số không có trong văn bản ({len(scenario.assumptions())})",
        f"Tiêu chí cần người lập kế hoạch xem xét ({len(scenario.criteria)})",
        f"Chỉ tiêu không do vị trí quyết định ({len(scenario.indicators)})",
    ]
    text = text_of(app)
    for words in (
        f"{len(scenario.known_issues)} điểm cần lưu ý trong văn bản", "Màn hình nội bộ",
        "Kịch bản này khác văn bản",
        "ước tính", "suy ra", "người dùng nêu", "cần người dùng", "can_tho_2018_2020 §III.1.c",
    ):  # fmt: skip
        assert words in text, words


def test_names_from_data_are_escaped_on_the_page(monkeypatch: pytest.MonkeyPatch):
    harmful = "<img src=x onerror=alert(1)>{{ 7*7 }}"
    plan = sample.plan()
    plan.facilities["premises_name"] = harmful
    monkeypatch.setattr(planner, "run", lambda *_, **__: plan)
    html = html_of(opened())
    assert "<img src=x" not in html
    assert "&lt;img src=x onerror=alert(1)&gt;{{ 7*7 }}" in html


# --- no plan -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("lang", "title", "apply"), [
    ("vi", "Không có phương án nào giữ được mọi quy tắc", "Áp dụng và giải lại"),
    ("en", "No plan keeps all rules", "Apply and solve again"),
])  # fmt: skip
def test_a_clash_is_explained_with_its_sources(lang: str, title: str, apply: str):
    app = opened()
    app.segmented_control(key="lang").set_value(lang).run()
    choose(app, sample.AS_WRITTEN)
    assert [h.value for h in app.header] == [title]
    assert app.button(key="apply_0").label == apply
    text = text_of(app)
    scenario = sample.scenario(sample.AS_WRITTEN)
    for rule in ("one_per_district", "at_methadone_site"):
        assert scenario.rules[rule].text.text.say(lang) in text
    assert text.count("can_tho_2018_2020 §III.1") >= 2
    assert not app.error
    assert not app.get("select_slider"), "there is no stage to show"


def test_a_remedy_is_applied_marked_and_undone():
    app = choose(opened(), sample.AS_WRITTEN)
    complete(app.button(key="apply_0").click().run())
    text = text_of(app)
    assert "Đã thay đổi so với tệp kịch bản: Mở 01 điểm cấp phát ở Cờ Đỏ" in text
    assert "Phương án tốt nhất, 2018" in text
    choose(app, reading.SHOWN_FIRST.name)
    assert "Đã thay đổi" not in text_of(app), "the change belongs to the other file"
    choose(app, sample.AS_WRITTEN)
    app.button(key="undo").click().run()
    assert [h.value for h in app.header] == ["Không có phương án nào giữ được mọi quy tắc"]


def test_the_stage_survives_a_scenario_without_a_plan():
    app = opened()
    app.select_slider(key="stage").set_value("2020").run()
    choose(app, sample.AS_WRITTEN)
    choose(app, reading.SHOWN_FIRST.name)
    assert app.select_slider(key="stage").value == "2020"


# --- refusals ------------------------------------------------------------------------------------


@pytest.fixture
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the project's scenarios, and room for bad ones."""
    for path in reading.FOLDER.glob("*.yaml"):
        shutil.copy(path, tmp_path)
    monkeypatch.setattr(reading, "FOLDER", tmp_path)
    return tmp_path


def test_a_bad_file_is_answered_line_by_line(own_folder: Path):
    text = (own_folder / sample.AS_WRITTEN).read_text(encoding="utf-8")
    text = text.replace('province: "92"', "province: 92").replace("speed_kmh:", "sped_kmh:")
    (own_folder / "bad.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError) as told:
        reading.load(own_folder / "bad.yaml")
    app = choose(opened(), "bad.yaml")
    assert [h.value for h in app.subheader] == ["Kịch bản này chưa dùng được"]
    html = html_of(app)
    assert html.count("<li>") == len(told.value.problems) > 1
    assert "bad.yaml" in html
    assert not app.error
    assert choose(app, reading.SHOWN_FIRST.name).select_slider(key="stage").value == "2018", (
        "the way back is open"
    )


def test_a_file_mended_is_read_again(own_folder: Path):
    bad = own_folder / "bad.yaml"
    bad.write_text("nothing: {}\n", encoding="utf-8")
    app = choose(opened(), "bad.yaml")
    assert "chưa dùng được" in app.subheader[0].value
    shutil.copy(own_folder / sample.AS_WRITTEN, bad)
    app.run()
    app.run()
    assert [h.value for h in app.header] == ["Không có phương án nào giữ được mọi quy tắc"]


def test_bad_data_is_answered_and_can_be_tried_again(monkeypatch: pytest.MonkeyPatch):
    good = planner.run

    def fails(*_: Any, **__: Any) -> Any:
        raise DataError(Problem("plan.premises_twice", "o_mon"))

    monkeypatch.setattr(planner, "run", fails)
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=SLOW).run()
    assert [h.value for h in app.subheader] == ["Chưa tính được phương án"]
    assert "o_mon: mã cơ sở bị lặp." in text_of(app)
    monkeypatch.setattr(planner, "run", good)
    app.run()
    assert app.subheader[0].value == "Chưa tính được phương án", "asked again by nobody"
    app.button(key="retry").click().run()
    assert "Phương án tốt nhất, 2018" in text_of(app)


def test_no_plan_in_time_claims_nothing(monkeypatch: pytest.MonkeyPatch):
    def fails(*_: Any, **__: Any) -> Any:
        raise planner.NoPlanInTimeError(60.0)

    monkeypatch.setattr(planner, "run", fails)
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=SLOW).run()
    assert "cũng chưa chứng minh là không có" in text_of(app)
    assert not app.exception


def test_the_comparison_may_fail_without_the_plan(monkeypatch: pytest.MonkeyPatch):
    def fails(*_: Any, **__: Any) -> Any:
        raise DataError(Problem("plan.premises_twice", "o_mon"))

    monkeypatch.setattr(planner, "evaluate", fails)
    app = opened()
    assert "o_mon: mã cơ sở bị lặp." in text_of(app)
    assert "Phương án tốt nhất, 2018" in text_of(app)
    assert app.toggle(key="official").disabled


# --- work ----------------------------------------------------------------------------------------


def test_the_page_does_not_wait_for_the_comparison(monkeypatch: pytest.MonkeyPatch):
    free = threading.Event()

    def slow(scenario: Any, **_: Any) -> Any:
        assert free.wait(SLOW)
        return sample.evaluation(scenario)

    monkeypatch.setattr(planner, "evaluate", slow)
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=SLOW).run()
    try:
        assert "Phương án tốt nhất, 2018" in text_of(app)
        assert app.toggle(key="official").disabled
        assert any("Đang chấm điểm lộ trình theo văn bản" in c.value for c in app.caption)
    finally:
        free.set()


def test_a_scenario_is_solved_once_for_everybody(monkeypatch: pytest.MonkeyPatch):
    calls = []

    def run(scenario: Any, **_: Any) -> Any:
        calls.append(scenario.id)
        return sample.plan(scenario)

    monkeypatch.setattr(planner, "run", run)
    opened()
    opened()
    assert len(calls) == 1


def test_the_changes_are_kept_by_session(monkeypatch: pytest.MonkeyPatch):
    app = choose(opened(), sample.AS_WRITTEN)
    app.button(key="apply_0").click().run()
    assert asked.CHANGES in app.session_state
    assert [h.value for h in choose(opened(), sample.AS_WRITTEN).header], (
        "another session sees the file as it is"
    )
