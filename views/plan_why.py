"""Why here and why then, for the chosen point and on request: what is lost if it is otherwise."""

from __future__ import annotations

import math
from collections.abc import Iterator

import streamlit as st

import planner
from errors import PlanningError
from optimization.solution import Status
from planner.plan import Plan
from planner.why import Hypothesis, Why
from text import Lang, number, say
from views import solving, work
from views.markup import Raw, icon, tag
from views.plan_words import objective_words

ASKED = "why_asked"
"""Session state: the facility that somebody asked about."""
NAMED = 6


def show(plan: Plan, facility: str, lang: Lang) -> None:
    """Offer the question where the plan opens the point; once asked, follow the search and answer."""
    if facility not in set(plan.openings["facility"]) or not plan.report.levels:
        return
    if st.session_state.get(ASKED) != facility:
        st.button(
            say("why.ask", lang), key="why_ask", icon=":material/help:", on_click=_ask, args=(facility,)
        )
        return
    job = work.why(plan, facility)

    @st.fragment(run_every=None if job.over else 0.5)
    def answer(over: bool = job.over) -> None:
        if not job.over:
            seconds = math.floor(job.seconds)
            st.html(tag("p", say("why.searching", lang, seconds=seconds), cls="lt-small", role="status"))
        elif not over:
            st.rerun()
        else:
            try:
                st.html(_words(job.answer(), lang))
            except (PlanningError, planner.NoPlanInTimeError) as error:
                st.html(solving.lines(error, lang))

    answer()


def _ask(facility: str) -> None:
    st.session_state[ASKED] = facility


def _words(found: Why, lang: Lang) -> Raw:
    objective, value, _ = objective_words(found.objective, found.value, found.value, lang)
    lines = [tag("li", line) for line in _lines(found, lang)]
    open_ = [h for h in (found.forbidden, found.later, found.moved) if h is not None and not h.proved]
    note = [tag("p", icon("timer_off"), say("why.cut_short", lang), cls="lt-small")] if open_ else []
    return tag(
        "div", tag("b", say("why.title", lang)),
        tag("p", say("why.objective", lang, objective=objective, value=value), cls="lt-small"),
        tag("ul", *lines), *note, cls="lt-why",
    )  # fmt: skip


def _lines(found: Why, lang: Lang) -> Iterator[str]:
    yield _lost("why.forbidden", found, found.forbidden, lang)
    if found.later is not None:
        yield _lost("why.later", found, found.later, lang)
    if found.moved_to or found.moved.loss is None:
        yield _lost("why.moved", found, found.moved, lang)
    if found.alone:
        names = ", ".join(found.alone[:NAMED])
        if (rest := len(found.alone) - NAMED) > 0:
            names += say("why.and_more", lang, n=rest)
        yield say("why.alone", lang, n=len(found.alone), persons=number(found.persons, lang), names=names)
    else:
        yield say("why.not_alone", lang)


def _lost(key: str, found: Why, hypothesis: Hypothesis, lang: Lang) -> str:
    """A hypothesis and what it costs; one that was not settled says between which losses it lies."""
    if hypothesis.loss is None:
        none = "why.no_plan" if hypothesis.status is Status.INFEASIBLE else "why.unknown"
        lost = say(none, lang)
    else:
        loss, least = (
            objective_words(found.objective, x, x, lang)[1]
            for x in (hypothesis.loss, hypothesis.least or 0.0)
        )
        even = abs(hypothesis.loss) < max(1e-6 * abs(found.value), 1e-6)
        if hypothesis.proved or loss == least:
            lost = say("why.nothing" if even else "why.loss", lang, loss=loss)
        else:
            lost = say("why.between", lang, least=least, loss=loss)
    to = found.moved_to if key == "why.moved" and found.moved_to else say("why.elsewhere", lang)
    return say(key, lang, lost=lost, to=to)
