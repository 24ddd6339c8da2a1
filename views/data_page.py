"""The data of a scenario: counts by commune, boundaries, premises, and what to mend next."""

from __future__ import annotations

import streamlit as st

from errors import PlanningError
from planner import geography
from text import say
from views import asked, data_counts, data_outlines, data_premises, data_quality, data_roads
from views.data_place import Place, messages
from views.frame import language

SECTIONS = ("counts", "outlines", "premises", "roads", "quality")
ICONS = {"counts": "groups", "outlines": "map", "premises": "home_health", "roads": "route",
         "quality": "checklist"}  # fmt: skip


def show() -> None:
    """Draw the page."""
    lang = language()
    top, strip = st.columns([2, 3], vertical_alignment="center")
    with top:
        path = asked.picked(lang)
    with strip:
        section = st.segmented_control(
            say("data.section", lang), SECTIONS, default=SECTIONS[0], required=True, key="data_section",
            format_func=lambda name: f":material/{ICONS[name]}: {say(f'data.section.{name}', lang)}",
            label_visibility="collapsed", persist_state="session",
        )  # fmt: skip
    try:
        scenario = asked.scenario(path)
        places = geography.places(scenario)
        outlines = geography.outlines(scenario)
    except PlanningError as error:
        asked.changed_note(path, lang)
        st.subheader(say("app.bad_scenario", lang))
        messages(error, lang)
        return
    asked.changed_note(path, lang)
    place = Place(path=path, scenario=scenario, places=places, outlines=outlines, lang=lang)
    drawn = {
        "counts": data_counts.show, "outlines": data_outlines.show,
        "premises": data_premises.show, "roads": data_roads.show, "quality": data_quality.show,
    }  # fmt: skip
    drawn[section](place)
