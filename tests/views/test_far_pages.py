"""The pages for leaders, for the dossier and about the program, without a browser; the plan is a sample."""

from __future__ import annotations

import re

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import workspace
from exports import full_set
from tables import records
from tests.views import page as plan_page
from tests.views import sample
from tests.views.page import SLOW
from text import LANGS

SCRIPT = """
import streamlit as st
from views import {name}, frame

frame.open_page()
{name}.show()
"""


@pytest.fixture(autouse=True)
def _sample(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setenv("LO_TRINH_WORKSPACE", str(tmp_path / "workspace"))
    plan_page.stand_in(monkeypatch)


def opened(name: str, lang: str = "vi", **query: str) -> AppTest:
    app = AppTest.from_string(SCRIPT.format(name=name), default_timeout=SLOW)
    app.session_state["lang"] = lang
    for key, value in query.items():
        app.query_params[key.replace("_", "-")] = value
    app.run()
    assert not app.exception, [e.value for e in app.exception]
    return app


def words(app: AppTest) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", plan_page.html_of(app)))


@pytest.mark.parametrize("lang", LANGS)
def test_leaders_see_large_figures_of_the_shared_edition(lang):
    told = words(opened("leader_page", lang))
    assert {"vi": "Bản chia sẻ", "en": "Shared edition"}[lang] in told
    assert {"vi": "được phục vụ, 2020", "en": "served, 2020"}[lang] in told
    exact = {f"{row['served']:.0f}" for row in records(sample.plan(sample.scenario()).coverage)}
    assert not {n for n in exact if 0 < int(n) < 10} & set(re.findall(r"\d+", told))


def test_a_kept_plan_opens_by_its_link_with_who_and_why(monkeypatch):
    monkeypatch.setattr("planner.kept.brought_back", lambda scenario, _: sample.plan(scenario))
    kept = workspace.save_plan(
        sample.plan(sample.scenario()), name="Trình lãnh đạo", who="Lan", why="họp quý I"
    )
    app = opened("leader_page", phuong_an=kept.name)
    assert "Lan lưu lúc" in words(app)
    assert "họp quý I" in words(app)
    assert not app.get("file_uploader")
    assert not [box for box in app.selectbox if box.key == "scenario"], "nothing to change here"


def test_a_link_that_leads_nowhere_says_so():
    app = opened("leader_page", phuong_an="khong-co")
    assert "Không mở được phương án này" in [s.value for s in app.subheader]


@pytest.mark.parametrize("lang", LANGS)
def test_about_names_method_privacy_sources_and_licences(lang):
    told = words(opened("about_page", lang))
    assert "highspy" in told
    assert "OpenStreetMap" in told
    assert str(workspace.root()) in told


def test_the_dossier_page_compares_only_when_asked(monkeypatch):
    st.cache_resource.clear()
    app = AppTest.from_string(SCRIPT.format(name="export_page"), default_timeout=SLOW)
    app.session_state["export_compared"] = False
    app.run()
    assert not app.exception
    assert len(app.get("download_button")) >= len(full_set.formats())
    assert not app.info, "nothing is waited for"


def test_without_a_plan_there_is_no_dossier():
    app = AppTest.from_string(SCRIPT.format(name="export_page"), default_timeout=SLOW)
    app.session_state["scenario"] = "can_tho_2018_2020_as_written.yaml"
    app.run()
    assert not app.exception
    assert "chưa có phương án nên chưa có hồ sơ" in words(app)
    assert not app.get("download_button")
