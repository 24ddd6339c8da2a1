"""Compare: two plans side by side, curves to choose from, and further questions about the best plan."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from scenarios.schema import Scenario
from text import Lang, say
from views import asked, compare_choice, compare_maps, compare_questions, curves
from views.frame import language

STYLE = Path(__file__).with_name("compare.css")
VIEWS = {"pair": "compare_arrows", "curves": "show_chart", "questions": "help_center"}
"""What the page can show, and its icon."""


def show() -> None:
    """Draw the page."""
    lang = language()
    st.html(STYLE)
    left, right = st.columns([2, 3], vertical_alignment="center")
    with right:
        view = st.segmented_control(
            say("compare.view", lang), list(VIEWS), default="pair", required=True, key="compare_view",
            format_func=lambda name: f":material/{VIEWS[name]}: {say(f'compare.view.{name}', lang)}",
            label_visibility="collapsed", persist_state="session",
        )  # fmt: skip
    with left:
        opened = asked.opened(lang)
    if opened is None:
        return
    path, scenario = opened
    if view == "pair":
        _pair(path, scenario, lang)
    elif view == "curves":
        curves.show(path, scenario, lang)
    else:
        compare_questions.show(scenario, lang)


def _pair(path: Path, scenario: Scenario, lang: Lang) -> None:
    sides = compare_choice.chosen(path, scenario, lang)
    if sides is not None:
        compare_maps.show(*sides, lang)
