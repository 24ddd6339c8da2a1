"""Work kept, on the screen: steps back, saves, drafts of two sessions that never mix; no browser."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import workspace
from scenarios import reading
from scenarios.schema import Scenario
from tests.views import sample
from tests.views.page import SLOW, html_of, text_of
from text import Text
from views import asked, keeping, session
from workspace import drafts, folder

NAME = reading.SHOWN_FIRST.name


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    st.cache_resource.clear()
    monkeypatch.setenv(folder.VARIABLE, str(tmp_path / "w"))
    return tmp_path / "w"


def page() -> None:
    """A page that changes the year's budget, or the title, and shows what is asked now."""
    import streamlit as st

    from text import Text
    from views import asked, keeping, session

    session.address()
    found = asked.opened("vi")
    if found is not None:
        path, scenario = found
        keeping.scenario_bar(path, scenario, "vi")

        def rename(title: str) -> None:
            asked.change(path, Text(title, title), {"title": {"vi": title, "en": title}})

        for title in ("Một", "Hai"):
            st.button(title, key=title, on_click=rename, args=(title,))
        st.caption(f"asked: {scenario.title.text.vi}")
        st.caption(f"plan: {asked.plan_of(path).title.text.vi}")


def opened(token: str = "") -> AppTest:
    app = AppTest.from_function(page, default_timeout=SLOW)
    if token:
        app.query_params[session.PARAMETER] = token
    return sound(app.run())


def sound(app: AppTest) -> AppTest:
    assert not app.exception, app.exception
    return app


def press(app: AppTest, key: str) -> AppTest:
    return sound(app.button(key=key).click().run())


def asks(app: AppTest) -> str:
    (found,) = [c.value.removeprefix("asked: ") for c in app.caption if c.value.startswith("asked: ")]
    return str(found)


def token(app: AppTest) -> str:
    found = app.query_params[session.PARAMETER]
    return found if isinstance(found, str) else found[0]


def title() -> str:
    return reading.load(reading.SHOWN_FIRST).title.text.vi


def saved(app: AppTest, *, name: str = "Bản của Lan", who: str = "Lan", why: str = "thử") -> AppTest:
    if name:
        app.text_input(key="keeping_title").set_value(name)
    app.text_input(key="keeping_who").set_value(who)
    app.text_input(key="keeping_why").set_value(why)
    (button,) = [b for b in app.button if b.label == "Lưu"]
    return sound(button.click().run())


# --- steps ---------------------------------------------------------------------------------------


def test_each_step_is_taken_back_and_made_again():
    app = opened()
    assert app.button(key="keeping_undo").disabled
    assert app.button(key="keeping_redo").disabled
    assert app.button(key="keeping_reset").disabled
    press(press(app, "Một"), "Hai")
    assert asks(app) == "Hai"
    assert asks(press(app, "keeping_undo")) == "Một"
    assert asks(press(app, "keeping_undo")) == title()
    assert app.button(key="keeping_undo").disabled
    assert asks(press(press(app, "keeping_redo"), "keeping_redo")) == "Hai"
    assert app.button(key="keeping_redo").disabled


def test_a_new_step_forgets_those_taken_back():
    app = press(press(opened(), "Một"), "keeping_undo")
    press(app, "Hai")
    assert app.button(key="keeping_redo").disabled
    assert asks(press(app, "keeping_undo")) == title()


def test_reset_is_one_step_too():
    app = press(press(opened(), "Một"), "Hai")
    assert asks(press(app, "keeping_reset")) == title()
    assert asks(press(app, "keeping_undo")) == "Hai"


# --- saves ---------------------------------------------------------------------------------------


def test_a_change_is_kept_as_a_scenario_of_its_own_and_opened():
    app = saved(press(opened(), "Một"))
    assert app.selectbox(key="scenario").value == "kept:ban-cua-lan"
    assert "Đã lưu Bản của Lan, phiên bản 1." in text_of(app)
    assert "Đã lưu · Bản của Lan (phiên bản 1)" in app.selectbox(key="scenario").options
    assert asks(app) == "Một"
    assert any(c.value == f"plan: {title()}" for c in app.caption), "changed values are marked against it"
    (kept,) = workspace.scenarios().found
    assert (kept.who, kept.why, kept.origin, kept.based_on) == ("Lan", "thử", NAME, NAME)
    assert app.button(key="keeping_undo").disabled, "what was changed is in the version"
    app.selectbox(key="scenario").set_value(NAME)
    assert asks(sound(app.run())) == title(), "the project's own file is as it was"


def test_a_kept_scenario_gets_versions_and_goes_back_to_the_plan():
    app = press(saved(press(opened(), "Một")), "Hai")
    saved(app, name="", why="lần hai")
    assert [one.why for one in workspace.versions("ban-cua-lan").found] == ["thử", "lần hai"]
    assert asks(app) == "Hai"
    assert asks(press(app, "keeping_reset")) == title()
    assert asks(press(app, "keeping_undo")) == "Hai"


def test_nothing_is_kept_without_who_and_why():
    app = saved(press(opened(), "Một"), who="", why="")
    assert "chưa ghi người lưu" in text_of(app)
    assert "chưa ghi lý do lưu" in text_of(app)
    assert asks(app) == "Một"
    assert workspace.scenarios().found == ()


def test_who_saves_after_somebody_else_chooses(root: Path):
    lan = saved(press(opened(), "Một"))
    hoa = opened()
    hoa.selectbox(key="scenario").set_value("kept:ban-cua-lan")
    saved(press(sound(hoa.run()), "Hai"), name="", who="Hoa", why="của Hoa")
    press(lan, "Hai")
    assert "Hoa đã lưu phiên bản 2 mới hơn" in text_of(lan)
    saved(lan, name="", why="của Lan")
    assert "Hoa đã lưu phiên bản 2 lúc" in text_of(lan)
    assert len(workspace.versions("ban-cua-lan").found) == 2, "nothing is kept yet"
    press(lan, "keeping_anyway")
    assert [one.why for one in workspace.versions("ban-cua-lan").found] == ["thử", "của Hoa", "của Lan"]
    assert "phiên bản 3" in text_of(lan)


def test_an_older_version_is_opened_again():
    app = press(saved(press(opened(), "Một")), "Hai")
    saved(app, name="", why="lần hai")
    app.selectbox(key="keeping_pick").set_value("ban-cua-lan")
    press(sound(app.run()), "keeping_open_ban-cua-lan_1")
    assert asks(app) == "Một"
    assert asks(press(app, "keeping_newer_open")) == "Hai"


def test_damaged_files_are_named(root: Path):
    saved(press(opened(), "Một"))
    (root / "scenarios" / "la.txt").write_text("x", encoding="utf-8")
    assert "scenarios/la.txt: không thuộc thư mục làm việc" in text_of(opened())


def test_names_that_are_code_are_shown_and_not_run():
    harmful = "<img src=x onerror=alert(1)>{{ 7*7 }}"
    html = html_of(saved(press(opened(), "Một"), who=harmful, why=harmful))
    assert "<img" not in html
    assert "‹img src=x onerror=alert(1)›(( 7*7 ))" in html


# --- files ---------------------------------------------------------------------------------------


def brought(name: str, content: bytes) -> AppTest:
    """The session after somebody brought this file."""

    def bring(name: str, content: bytes) -> None:
        import streamlit as st

        from errors import PlanningError
        from views import asked, session

        session.address()
        if "done" not in st.session_state:
            st.session_state["done"] = True
            try:
                asked.open_file(asked.bring(name, content))
            except PlanningError as why:
                st.caption(why.say("vi"))
        path = asked.picked("vi")
        st.caption(f"asked: {asked.scenario(path).title.text.vi}")

    app = AppTest.from_function(bring, default_timeout=SLOW, args=(name, content))
    return sound(app.run())


def renamed(scenario: Scenario, to: str) -> str:
    return reading.written(reading.changed(scenario, {"title": {"vi": to, "en": to}}))


def test_a_file_of_the_users_is_opened_for_this_session_only():
    app = brought("Tệp.yaml", renamed(sample.scenario(), "Của tôi").encode())
    assert asks(app) == "Của tôi"
    assert app.selectbox(key="scenario").value == "own:tep.yaml"
    assert not any("Của tôi" in label for label in opened().selectbox(key="scenario").options)
    assert asks(opened(token(app))) == "Của tôi", "and comes back with its draft"


def test_a_file_may_extend_one_of_the_projects():
    content = f"extends: {sample.AS_WRITTEN}\nid: con\ntitle: {{vi: Con, en: Child}}\n"
    app = brought("con.yaml", content.encode())
    assert asks(app) == "Con"


@pytest.mark.parametrize("content", [b"\xff", b"a: [", b"extends: /etc/passwd\nid: x\n", b""])
def test_a_file_that_cannot_be_used_changes_nothing(content: bytes):
    app = brought("x.yaml", content)
    assert app.caption[0].value.startswith("x.yaml")
    assert asks(app) == title()


# --- drafts --------------------------------------------------------------------------------------


def test_an_untouched_session_leaves_no_draft(root: Path):
    app = opened()
    assert session.PARAMETER not in app.query_params
    assert not (root / "drafts").exists()


def test_a_draft_comes_back_after_a_restart():
    app = press(press(opened(), "Một"), "Hai")
    st.cache_resource.clear()  # all that the server knows
    again = opened(token(app))
    assert asks(again) == "Hai"
    assert asks(press(again, "keeping_undo")) == "Một", "with its steps"


def test_the_chosen_scenario_comes_back():
    app = opened()
    app.selectbox(key="scenario").set_value("tuyen_quang_2020.yaml")
    sound(app.run())
    assert opened(token(app)).selectbox(key="scenario").value == "tuyen_quang_2020.yaml"


def test_two_sessions_do_not_mix():
    lan, hoa = press(opened(), "Một"), press(opened(), "Hai")
    assert token(lan) != token(hoa)
    assert (asks(sound(lan.run())), asks(sound(hoa.run()))) == ("Một", "Hai")
    assert (asks(opened(token(lan))), asks(opened(token(hoa)))) == ("Một", "Hai")


def test_an_address_opened_twice_gives_a_copy(monkeypatch: pytest.MonkeyPatch):
    lan = press(opened(), "Một")
    monkeypatch.setattr(session, "_claim", lambda name: name != token(lan))  # it is still open in a browser
    hoa = opened(token(lan))
    assert asks(hoa) == "Một"
    assert token(hoa) != token(lan)
    press(hoa, "Hai")
    assert asks(sound(lan.run())) == "Một"
    held = workspace.draft(token(lan))
    assert held is not None
    assert [c["vi"] for c in held["works"][NAME]["changes"]] == ["Một"]


@pytest.mark.parametrize("strange", ["x", "../../etc/passwd", "a" * 24, "{{7*7}}"])
def test_an_address_that_names_no_draft_opens_the_page(strange: str):
    assert asks(opened(strange)) == title()


@pytest.mark.parametrize("damage", [
    "{", "[]", '{"works": {"a": 1}}', '{"works": [1]}', '{"versions": {"a": "b"}}',
    '{"works": {"a": {"changes": [], "now": [3], "past": [], "future": []}}}',
])  # fmt: skip
def test_a_damaged_draft_is_told(root: Path, damage: str):
    app = press(opened(), "Một")
    (root / "drafts" / token(app) / "draft.json").write_text(damage, encoding="utf-8")
    again = opened(token(app))
    assert asks(again) == title()
    assert "Bản nháp chưa được lưu hoặc chưa đọc lại được." in text_of(again)


@pytest.fixture
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the project's scenarios that a test may change."""
    home = tmp_path / "scenarios"
    home.mkdir()
    for path in reading.FOLDER.glob("*.yaml"):
        shutil.copy(path, home)
    monkeypatch.setattr(reading, "FOLDER", home)
    return home


def test_a_draft_that_no_longer_fits_is_told_and_not_lost(own_folder: Path):
    scenario = sample.scenario()
    token_ = workspace.new_token()
    stranger = asked.Change(Text("Bỏ quy tắc lạ", "x"), {"kinds": {"nowhere": {"offered": {}}}})
    work = session.Work((stranger,), ((),))
    drafts.keep_draft(token_, {"works": {NAME: session._plain(work)}})
    app = opened(token_)
    assert asks(app) == scenario.title.text.vi
    assert "không còn khớp với kịch bản nên chưa áp dụng" in text_of(app)
    assert "Bỏ quy tắc lạ" in text_of(app)
    press(app, "Một")
    held = workspace.draft(token_)
    assert held is not None
    assert set(held["unfit"]) == {NAME}, "it stays in the draft"
    press(app, "drop_unfit_0")
    assert "không còn khớp" not in text_of(app)
    held = workspace.draft(token_)
    assert held is not None
    assert held["unfit"] == {}


def test_a_draft_of_a_scenario_that_is_gone_is_told():
    work = session._plain(session.Work((asked.Change(Text("Đổi", "x"), {}),)))
    token_ = workspace.new_token()
    drafts.keep_draft(token_, {"works": {"kept:nothing": work}, "chosen": "kept:nothing"})
    app = opened(token_)
    assert asks(app) == title()
    assert "không còn trong thư mục làm việc" in text_of(app)


def test_a_full_disk_is_told_and_work_goes_on(monkeypatch: pytest.MonkeyPatch):
    app = press(opened(), "Một")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(folder, "_write", full)
    press(app, "Hai")
    assert asks(app) == "Hai"
    assert "No space left on device" in text_of(app)
    monkeypatch.undo()


def test_the_states_of_a_session_survive_json():
    one, two = (asked.Change(Text(t, t), {"x": {"y": None}}, "q", "o") for t in ("một", "hai"))
    work = session.Work().to((one,)).to((one, two)).undone()
    assert session._work(session._plain(work)) == work
    assert len(session._plain(work)["changes"]) == 2, "each change is written once"


# --- plans ---------------------------------------------------------------------------------------


def test_a_plan_is_kept_with_a_link_for_leaders():
    def bar(lang: str) -> None:
        from tests.views import sample
        from views import keeping

        keeping.plan_bar(sample.plan(), lang)

    app: Any = AppTest.from_function(bar, default_timeout=SLOW, args=("vi",))
    sound(app.run())
    assert "Chưa có phương án nào được lưu." in text_of(app)
    app.text_input(key="plan_title").set_value("Phương án A")
    app.text_input(key="plan_who").set_value("Lan")
    app.text_input(key="plan_why").set_value("trình lãnh đạo")
    (button,) = app.button
    sound(button.click().run())
    assert "Đã lưu phương án Phương án A." in text_of(app)
    assert 'href="lanh-dao?phuong-an=phuong-an-a"' in html_of(app)
    assert keeping.leader_link("a b") == "lanh-dao?phuong-an=a%20b"
