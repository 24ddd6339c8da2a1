"""A calculation of the page "compare", waited for in sight, with a way to stop it."""

from __future__ import annotations

import math
from typing import TypeVar

import streamlit as st

from errors import PlanningError
from planner.run import NoPlanInTimeError
from text import Lang, Text, say
from views import solving, work
from views.markup import Raw, joined, tag

Answer = TypeVar("Answer")

QUICK = 1.0
"""Seconds that the page waits before it shows how far a calculation is."""
LOOK = 0.5
"""Seconds between two looks."""


def answer(job: work.Job[Answer], key: tuple[str, ...], what: Text, lang: Lang) -> Answer | None:
    """The answer of `job`; None while it is under way, and where it failed: the page says so.

    `what` is calculated, in words; `key` is the job's.
    """
    if not job.wait(max(0.05, QUICK - job.seconds)):
        _follow(job, key, what, lang)
        return None
    try:
        return job.answer()
    except (PlanningError, NoPlanInTimeError) as why:
        solving.calmly(why, "app.bad_data", lang)
        if st.button(say("app.retry", lang), key=f"retry_{key[0]}", icon=":material/refresh:"):
            work.drop(*key)
            st.rerun()
        return None


def _follow(job: work.Job[Answer], key: tuple[str, ...], what: Text, lang: Lang) -> None:
    @st.fragment(run_every=LOOK)
    def panel() -> None:
        if job.over:
            st.rerun()
        with st.container(key=f"waiting_{key[0]}", border=True, horizontal=True, vertical_alignment="center"):
            st.html(_progress(job, what, lang))
            st.button(
                say("compare.stop", lang), key=f"stop_{key[0]}", icon=":material/stop_circle:",
                on_click=job.cancel, disabled=job.cancelled.is_set(),
            )  # fmt: skip

    panel()


def _progress(job: work.Job[Answer], what: Text, lang: Lang) -> Raw:
    seconds = say("solving.seconds", lang, n=math.floor(job.seconds))
    words = say("compare.waiting", lang, what=what)
    if job.place:
        words = say("solving.place", lang, place=job.place, at_once=work.AT_ONCE)
    line = tag("p", tag("b", words), " ", tag("span", seconds, cls="lt-small"), role="status")
    return joined([line, solving.so_far(job.told, lang)])
