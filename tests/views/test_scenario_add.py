"""Adding on the scenario page without a browser: a sheet is filled in, taken, refused, taken out, undone."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from scenarios import reading
from tests.views.test_scenario_page import SHOWN, calm, now, opened, text_of

REASON = "Tỉnh dự kiến cấp"
SHEET = ("scenario_sheets", (SHOWN, "money"))


def field(name: str, what: str = "budget", section: str = "money", n: int = 0) -> str:
    return "_".join(filter(None, ("add", SHOWN, section, str(n), what, name)))


def sheet(section: str = "money", what: str = "") -> AppTest:
    app = opened(section=section)
    calm(app.button(key=f"add_open_{section}").click().run())
    if what:
        calm(app.segmented_control(key=field("what", "", section)).set_value(what).run())
    return app


def filled(amount: str = "2.000") -> AppTest:
    app = sheet()
    app.multiselect(key=field("stages")).set_value(["2018", "2019", "2020"])
    app.text_input(key=field("amount")).set_value(amount)
    app.text_input(key=field("reason", "")).set_value(REASON)
    return calm(app.run())


def taken(app: AppTest, section: str = "money") -> AppTest:
    return calm(app.button(key=f"add_go_{section}").click().run())


def as_filed(app: AppTest) -> bool:
    return bool(now(app).data == reading.load(reading.FOLDER / SHOWN).data)


def test_a_budget_is_one_change_undone_alone_and_taken_out_alone():
    app = taken(filled())
    (change,) = app.session_state["changes"][SHOWN].now
    assert change.text.vi.startswith("Thêm: Kinh phí gộp các giai đoạn 2018, 2019, 2020")
    text = text_of(app)
    assert "Đã ghi." in text
    assert f"Người lập kế hoạch thêm: {REASON}" in text
    assert "1 điều không thể làm được" in text  # nine points cost more
    calm(app.button(key="keeping_undo").click().run())
    assert as_filed(app)
    assert "Đã ghi." not in text_of(app)
    calm(app.button(key="keeping_redo").click().run())
    calm(app.button(key=f"out_{SHOWN.removesuffix('.yaml')}_rules.added_budget_1").click().run())
    assert as_filed(app)
    drawn = [part.key or "" for part in (*app.button, *app.toggle)]
    assert [key for key in drawn if "added_budget" in key] == []  # no card of it stays


def test_a_mistake_is_told_at_its_field_and_goes_when_that_changes():
    app = taken(sheet())
    text = text_of(app)
    assert "Chọn ít nhất một giai đoạn." in text
    assert "Ghi ngắn gọn lý do" in text
    calm(app.text_input(key=field("reason", "")).set_value(REASON).run())
    text = text_of(app)
    assert "Chọn ít nhất một giai đoạn." in text
    assert "Ghi ngắn gọn lý do" not in text
    assert as_filed(app)


def test_the_language_switch_loses_nothing_that_was_filled_in():
    app = filled("2.000")
    app.session_state["lang"] = "en"
    calm(app.run())
    assert app.text_input(key=field("amount")).value == "2,000"
    assert app.multiselect(key=field("stages")).value == ["2018", "2019", "2020"]
    assert app.text_input(key=field("reason", "")).value == REASON
    rule = now(taken(app)).rules["added_budget_1"]
    assert rule.amount_vnd == 2_000_000_000
    assert rule.note.vi == f"Người lập kế hoạch thêm: {REASON}"


def test_what_a_run_was_cut_short_in_is_done_by_the_next():
    app = filled()
    app.session_state[SHEET[0]][SHEET[1]].ordered = True  # the click was heard, and no more
    calm(app.run())
    assert "added_budget_1" in now(app).rules
    calm(app.run())
    assert len(app.session_state["changes"][SHOWN].now) == 1


def test_a_change_that_was_kept_before_the_cut_is_not_made_twice():
    app = taken(filled())
    sheets = app.session_state[SHEET[0]]
    held = sheets[SHEET[1]]
    change = app.session_state["changes"][SHOWN].now[0]
    held.ordered, held.edit = True, change
    calm(app.run())
    assert len(app.session_state["changes"][SHOWN].now) == 1
    assert not held.ordered


def test_a_stage_is_added_with_its_budget_and_goes_only_after_it():
    app = sheet("openings", "stage")
    app.text_input(key=field("years", "stage", "openings")).set_value("1")
    app.text_input(key=field("reason", "", "openings")).set_value(REASON)
    taken(app, "openings")
    assert list(now(app).stages) == ["2018", "2019", "2020", "2021"]
    app.session_state["scenario_section"] = "money"
    calm(app.run())
    calm(app.button(key="add_open_money").click().run())
    app.multiselect(key=field("stages")).set_value(["2021"])
    app.text_input(key=field("amount")).set_value("1.500")
    app.text_input(key=field("reason", "")).set_value(REASON)
    taken(app)
    app.session_state["scenario_section"] = "openings"
    calm(app.run())
    out = f"out_{SHOWN.removesuffix('.yaml')}_stages.2021"
    calm(app.button(key=out).click().run())
    assert "Chưa bỏ được; trước hết hãy bỏ hoặc tắt: Kinh phí năm 2021" in text_of(app)
    calm(app.button(key="keeping_undo").click().run())
    calm(app.button(key=out).click().run())
    assert as_filed(app)


def test_every_sheet_opens_in_both_languages():
    for section in ("people", "places", "openings", "money", "targets"):
        app = sheet(section)
        kinds = [box for box in app.segmented_control if box.key == field("what", "", section)]
        for what in kinds[0].options if kinds else [""]:
            if what:
                kinds[0].set_value(what)
            for lang in ("vi", "en"):
                app.session_state["lang"] = lang
                calm(app.run())
                assert f"add_go_{section}" in {button.key for button in app.button}
