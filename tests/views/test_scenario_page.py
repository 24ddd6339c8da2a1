"""The scenario page without a browser: every scenario opens, an edit is kept, refused, undone, put back."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from planner.run import digest
from scenarios import reading
from scenarios.schema import Scenario
from tests.views.page import SLOW
from views.scenario_fields import SECTIONS, fields

SCRIPT = """
from views import frame
lang = frame.open_page()
from views import scenario_page
scenario_page.show()
"""
FILES = sorted(path.name for path in reading.FOLDER.glob("*.yaml"))
SHOWN = reading.SHOWN_FIRST.name
BUDGET = "rules.budget_2019.amount_vnd"


def opened(name: str = SHOWN, section: str = "people", lang: str = "vi") -> AppTest:
    app = AppTest.from_string(SCRIPT, default_timeout=SLOW)
    app.session_state["lang"] = lang
    app.session_state["scenario"] = name
    app.session_state["scenario_section"] = section
    return calm(app.run())


def calm(app: AppTest) -> AppTest:
    assert not app.exception
    return app


def key(field: str, name: str = SHOWN, lang: str = "vi", at: str = "f") -> str:
    return f"{at}_{Path(name).stem}_{field}_{lang}"


def typed(app: AppTest, field: str, value: str, name: str = SHOWN, lang: str = "vi") -> AppTest:
    return calm(app.text_input(key=key(field, name, lang)).set_value(value).run())


def html_of(app: AppTest) -> str:
    return "\n".join(part.proto.body for part in app.get("html"))


def text_of(app: AppTest) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html_of(app)))


def now(app: AppTest, name: str = SHOWN) -> Scenario:
    """What is asked in the session of `app`."""
    work = app.session_state["changes"][name].now if "changes" in app.session_state else ()
    s = reading.load(reading.FOLDER / name)
    for change in work:
        s = reading.changed(s, change.patch)
    return s


# --- it opens ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FILES)
def test_every_part_of_every_scenario_opens_in_both_languages(name):
    app = opened(name)
    for lang in ("vi", "en"):
        app.session_state["lang"] = lang
        for section in SECTIONS:
            app.session_state["scenario_section"] = section
            calm(app.run())
            assert not app.error
            assert " ".join(app.segmented_control[1].options)


def test_a_field_stands_beside_its_unit_source_and_note():
    app = opened(section="places")
    text = text_of(app)
    assert app.text_input(key=key("kinds.counselling.standard_minutes.value")).value == "30"
    assert "Thời gian đi tối đa, một chiều (phút)" in text
    assert "Văn bản không nêu tiêu chuẩn đi lại" in text


def test_what_only_the_user_can_give_is_asked_for_at_the_top():
    app = opened()
    assert "Văn bản không nêu, cần người lập kế hoạch cho biết." in text_of(app)
    field = app.text_input(key=key("services.methadone.suited_share.value", at="asked"))
    calm(field.set_value("70").run())
    share = now(app).services["methadone"].suited_share
    assert (share.value, share.source) == (0.7, "user")


def test_what_is_not_changed_here_says_why():
    text = text_of(opened(section="document"))
    assert "Lộ trình mà văn bản đã quyết định" in text


# --- one value -----------------------------------------------------------------------------------


def test_an_edit_is_one_change_in_words_with_the_old_source_kept():
    app = opened(section="money")
    before = digest(now(app))
    typed(app, BUDGET, "990")
    work = app.session_state["changes"][SHOWN].now
    assert [change.text.vi for change in work] == ["Kinh phí năm 2019: 1.237,2 triệu đồng → 990 triệu đồng"]
    rule = now(app).rules["budget_2019"]
    assert (rule.amount_vnd, rule.source) == (990_000_000, "user")
    assert "can_tho_2018_2020 §IV" in rule.note.vi
    assert digest(now(app)) != before
    text = text_of(app)
    assert "Trước khi sửa: 1.237,2 triệu đồng" in text
    assert "1 điều không thể làm được" in text  # six points cost more


def test_undo_takes_it_back_and_the_field_shows_it():
    app = opened(section="money")
    typed(app, BUDGET, "1.500,5")
    assert app.text_input(key=key(BUDGET)).value == "1.500,5"
    calm(app.button(key="keeping_undo").click().run())
    assert app.text_input(key=key(BUDGET)).value == "1.237,2"
    assert now(app).data == reading.load(reading.FOLDER / SHOWN).data


def test_one_value_is_put_back_and_the_others_stay():
    app = opened(section="money")
    typed(app, BUDGET, "1.300")
    typed(app, "rules.budget_2018.amount_vnd", "400")
    calm(app.button(key=f"f_back_{Path(SHOWN).stem}_{BUDGET}").click().run())
    s = now(app)
    assert s.rules["budget_2019"] == reading.load(reading.FOLDER / SHOWN).rules["budget_2019"]
    assert s.rules["budget_2018"].amount_vnd == 400_000_000


@pytest.mark.parametrize(
    ("section", "field", "value", "says"),
    [
        ("money", BUDGET, "nhiều", "không phải là số"),
        ("money", BUDGET, "-5", "Phải từ 0 triệu đồng"),
        ("people", "services.counselling.uptake.value", "120", "Phải từ 0 % đến 100 %"),
        ("places", "kinds.counselling.outer_minutes.value", "20", "20"),  # inside the standard of 30
    ],
)
def test_a_value_that_does_not_hold_is_refused_beside_its_field(section, field, value, says):
    app = opened(section=section)
    held = app.text_input(key=key(field)).value
    typed(app, field, value)
    text = text_of(app)
    assert f"Không nhận “{value}”; giữ số cũ." in text
    assert says in text
    assert app.text_input(key=key(field)).value == held
    assert now(app).data == reading.load(reading.FOLDER / SHOWN).data
    assert "kinds." not in text  # no key of the file


def test_a_refusal_loses_nothing_and_goes_with_the_next_good_value():
    app = opened(section="money")
    typed(app, BUDGET, "1.300")
    typed(app, "rules.budget_2018.amount_vnd", "x")
    assert now(app).rules["budget_2019"].amount_vnd == 1_300_000_000
    typed(app, "rules.budget_2018.amount_vnd", "350")
    assert "Không nhận" not in text_of(app)


def test_the_language_switch_loses_nothing():
    app = opened(section="money")
    typed(app, BUDGET, "1.300,5")
    app.session_state["lang"] = "en"
    calm(app.run())
    assert app.text_input(key=key(BUDGET, lang="en")).value == "1,300.5"
    assert app.session_state["scenario_section"] == "money"
    assert "Before: 1,237.2 million VND" in text_of(app)
    typed(app, BUDGET, "1,300.25", lang="en")
    assert now(app).rules["budget_2019"].amount_vnd == 1_300_250_000


# --- rules, ranks, levers ------------------------------------------------------------------------


def test_a_rule_is_switched_off_and_on_again_with_what_was_changed_in_it():
    app = opened(section="money")
    typed(app, BUDGET, "1.300")
    switch = f"rule_{Path(SHOWN).stem}_budget_2019_vi"
    calm(app.toggle(key=switch).set_value(False).run())
    assert "budget_2019" not in now(app).rules
    assert app.toggle(key=switch).value is False
    calm(app.toggle(key=switch).set_value(True).run())
    assert now(app).rules["budget_2019"].amount_vnd == 1_300_000_000


def test_a_quota_becomes_an_upper_limit():
    app = opened(section="openings")
    choice = f"bound_{Path(SHOWN).stem}_rules.points_2019_vi"
    calm(app.selectbox(key=choice).set_value("at_most").run())
    assert now(app).rules["points_2019"].limits() == (0, 6)


SWITCH, QUOTA = (f"{what}_{Path(SHOWN).stem}" for what in ("rule", "bound"))


@pytest.mark.parametrize(("section", "key", "value", "rule"), [
    ("money", f"{SWITCH}_budget_2019_vi", False, "budget_2019"),
    ("openings", f"{QUOTA}_rules.points_2019_vi", "at_most", "points_2019"),
])  # fmt: skip
@pytest.mark.parametrize("then", ["another page element", "the other language"])
def test_an_edit_whose_callback_is_cut_short_is_taken_up_once(section, key, value, rule, then):
    """Streamlit stops a callback when the next click comes: the widget holds what nobody has looked at."""
    app = opened(section=section)
    app.session_state[key] = value  # as the widget had it, without its callback
    if then == "the other language":
        app.session_state["lang"] = "en"
    calm(app.run())
    found = now(app).rules
    assert (rule not in found) if value is False else found[rule].limits() == (0, 6)
    calm(app.run())
    assert len(app.session_state["changes"][SHOWN].now) == 1


def test_a_rank_that_makes_no_sense_is_refused_in_words():
    app = opened(section="objectives")
    calm(app.button(key=f"rank_{Path(SHOWN).stem}_1_arrow_upward").click().run())
    assert "Không nhận được; mọi thứ giữ như cũ." in text_of(app)
    assert now(app).data == reading.load(reading.FOLDER / SHOWN).data


def lever(app: AppTest, name: str, n: int, file: str = SHOWN) -> AppTest:
    return calm(app.button(key=f"lever_{Path(file).stem}_{name}_{n}").click().run())


def test_levers_answer_the_commonest_questions():
    app = opened()
    lever(app, "budget", 0)  # −20 % of the plan, however often it is clicked
    lever(app, "budget", 0)
    assert now(app).rules["budget_2019"].amount_vnd == 989_760_000
    lever(app, "growth", 1)
    assert now(app).registered_persons.growth.value == 0.05
    lever(app, "standard", 1)
    assert now(app).kinds["counselling"].standard_minutes.value == 45
    lever(app, "points_points_2018", 1)
    assert now(app).rules["points_2018"].exactly == 3
    assert len(app.session_state["changes"][SHOWN].now) == 4
    lever(app, "growth", 3)
    assert now(app).registered_persons.growth.value == 0


def test_growth_stands_in_for_a_forecast_and_doses_are_taken_home():
    name = "dong_nai_to_2020.yaml"
    app = opened(name)
    lever(app, "growth", 0, name)
    assert now(app, name).registered_persons.forecast == {}
    assert now(app, name).registered_persons.growth.value == 0.03
    lever(app, "doses_methadone", 2, name)
    assert now(app, name).services["methadone"].take_home_days.value == 3
    lever(app, "suited_methadone", 0, name)
    assert now(app, name).services["methadone"].suited_share.value == pytest.approx(0.742)
    lever(app, "growth", 3, name)
    assert set(now(app, name).registered_persons.forecast) == {"2014-2015", "2016-2020"}


# --- the look before the solve -------------------------------------------------------------------


def test_the_contradiction_is_told_before_the_solve_with_the_way_to_the_field():
    app = opened("can_tho_2018_2020_as_written.yaml")
    assert "Huyện Cờ Đỏ): cần 1, nhưng chỉ 0 nơi có thể mở" in text_of(app)
    calm(app.button(key="review_stop_0").click().run())
    held = key("rules.one_per_district.exactly", "can_tho_2018_2020_as_written.yaml")
    assert app.text_input(key=held).value == "1"
    calm(app.button(key="lit_close").click().run())
    assert held not in {box.key for box in app.text_input}


def test_a_button_leads_to_the_plan():
    assert [button.label for button in opened().button if button.key == "review_solve"] == ["Giải"]


def test_a_large_scenario_stays_quick():
    name = "dong_nai_to_2020.yaml"
    app = opened(name)
    assert len(fields(now(app, name))) > 100
    began = time.perf_counter()
    calm(app.run())
    assert time.perf_counter() - began < 1
