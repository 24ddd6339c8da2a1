"""The plan: where and when to open which points, and how sure that is."""

from __future__ import annotations

import streamlit as st

from scenarios import reading
from views.frame import language


def show() -> None:
    """Draw the page."""
    lang = language()
    scenario = reading.load(reading.SHOWN_FIRST)
    st.title(scenario.title.text.say(lang))
    st.write(scenario.summary.text.say(lang))
