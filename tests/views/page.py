"""The plan page without a browser, opened and read; places and solver are stood in for."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import planner
from tests.browser import ROOT
from tests.views import sample

SLOW = 240
"""Seconds for what takes one: a busy machine must not fail a test."""


def stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every scenario has the sample's plan; the one as written has none until Cờ Đỏ gets a host."""

    def run(scenario: Any, **_: Any) -> Any:
        clash = scenario.id.endswith("as_written") and not scenario.kinds["dispensing"].offered
        return sample.diagnosis(scenario) if clash else sample.plan(scenario)

    monkeypatch.setattr(planner, "run", run)
    monkeypatch.setattr(planner, "evaluate", lambda scenario, **_: sample.evaluation(scenario))
    st.cache_resource.clear()


def opened() -> AppTest:
    return complete(AppTest.from_file(str(ROOT / "app.py"), default_timeout=SLOW).run())


def complete(app: AppTest) -> AppTest:
    """Run until nothing is waited for: the plan, and the comparison that comes after the page."""
    deadline = time.monotonic() + SLOW
    while _waits(app):
        assert time.monotonic() < deadline
        time.sleep(0.05)
        app.run()
    assert not app.exception
    return app


def _waits(app: AppTest) -> bool:
    scoring = any("Đang chấm" in c.value or "Scoring" in c.value for c in app.caption)
    return scoring or any(button.key == "solving_stop" for button in app.button)


def html_of(app: AppTest) -> str:
    return "\n".join(part.proto.body for part in app.get("html"))


def text_of(app: AppTest) -> str:
    """What the page says in its own markup, without tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html_of(app)))


def choose(app: AppTest, name: str) -> AppTest:
    return complete(app.selectbox(key="scenario").set_value(name).run())
