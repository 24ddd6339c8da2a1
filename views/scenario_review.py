"""The panel "look before you solve": what cannot work, what is doubtful, and the way to the field."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from errors import PlanningError
from planner.review import Finding, Grade, review
from planner.run import digest
from scenarios.schema import Scenario
from scenarios.strict_yaml import Path_
from text import Lang, say
from views import frame
from views.markup import Raw, icon, tag
from views.plan_words import source_words

REVIEWED = "scenario_reviewed"
"""Session state: findings of the scenario that was looked at last, by its digest."""
LIT = "scenario_lit"
"""Session state: path of what a finding asks to look at."""
PLAN_PAGE = "ke-hoach"
ICONS: dict[Grade, str] = {"stop": "block", "doubt": "help", "note": "info"}


def show(now: Scenario, lang: Lang) -> None:
    """Draw the panel; the button leads to the plan, which solves."""
    try:
        found = _findings(now)
    except PlanningError as why:
        st.html(
            tag(
                "div",
                icon("error"),
                " ",
                *(tag("p", line) for line in why.say(lang).splitlines()),
                cls="lt-refused",
            )
        )
        return
    stops, doubts, notes = ([f for f in found if f.grade == grade] for grade in ("stop", "doubt", "note"))
    with st.container(border=True, key="review"):
        head, button = st.columns((5, 1), vertical_alignment="center")
        with head:
            st.html(_headline(stops, doubts, notes, lang))
        with button:
            if st.button(
                say("scenario_page.solve", lang), key="review_solve", type="primary", width="stretch",
                icon=":material/play_arrow:",
            ):  # fmt: skip
                frame.go(PLAN_PAGE)
        _list(stops, lang, "stop")
        if doubts or notes:
            with st.expander(
                say("scenario_page.review.more", lang, n=len(doubts), m=len(notes)), key="review_more"
            ):
                _list(doubts, lang, "doubt")
                _list(notes, lang, "note")


def _findings(now: Scenario) -> tuple[Finding, ...]:
    key = digest(now)
    kept = st.session_state.get(REVIEWED)
    if kept is None or kept[0] != key:
        kept = (key, review(now))
        st.session_state[REVIEWED] = kept
    found: tuple[Finding, ...] = kept[1]
    return found


def _headline(
    stops: Sequence[Finding], doubts: Sequence[Finding], notes: Sequence[Finding], lang: Lang
) -> Raw:
    del notes
    if stops:
        words, symbol, cls = say("scenario_page.review.stops", lang, n=len(stops)), "block", "lt-stop"
    elif doubts:
        words, symbol, cls = say("scenario_page.review.doubts", lang, n=len(doubts)), "help", ""
    else:
        words, symbol, cls = say("scenario_page.review.clear", lang), "check_circle", ""
    lead = tag("span", say("scenario_page.review.lead", lang), cls="lt-about")
    title = tag("b", say("scenario_page.review", lang), ": ")
    return tag("div", icon(symbol), title, words, " ", lead, cls=f"lt-field {cls}")


def _list(found: Sequence[Finding], lang: Lang, grade: Grade) -> None:
    for n, finding in enumerate(found):
        words, button = st.columns((7, 1.3), vertical_alignment="center", gap="small")
        with words:
            source = (
                tag("span", source_words(finding.source, lang), cls="lt-source") if finding.source else ""
            )
            st.html(
                tag("div", icon(ICONS[grade]), finding.text.say(lang), " ", source, " ",
                    tag("span", finding.remedy.say(lang), cls="lt-about"), cls=f"lt-finding lt-{grade}")
            )  # fmt: skip
        with button:
            if finding.path and finding.path[0] != "questions":
                st.button(
                    say("scenario_page.review.go", lang), key=f"review_{grade}_{n}", type="tertiary",
                    icon=":material/arrow_downward:", on_click=look_at,
                    args=(finding.path,),
                )  # fmt: skip


def look_at(where: Path_) -> None:
    """Show the card where `where` stands beside the findings; () puts it away."""
    st.session_state[LIT] = where
