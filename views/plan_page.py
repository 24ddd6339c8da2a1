"""The plan: where and when to open which points, and how sure that is."""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

import planner
from errors import PlanningError, ScenarioError
from planner.plan import Diagnosis, Plan
from scenarios import reading
from scenarios.schema import Scenario
from text import Lang, Text, say
from views import clash, comparison, downloads, plan_stage, plan_words, work
from views.frame import language
from views.markup import joined, tag

CHANGES = "changes"
"""Session state: the change of each scenario file that the user made here, as (its words, its patch)."""


def show() -> None:
    """Draw the page."""
    lang = language()
    top, strip = st.columns([2, 3], vertical_alignment="center")
    with top:
        path = _picked(lang)
    try:
        scenario = _asked(path)
    except ScenarioError as error:
        _calmly(error, "app.bad_scenario", lang)
        return
    _changed_note(path, lang)
    try:
        answer = _answer(scenario, lang)
    except (PlanningError, planner.NoPlanInTimeError) as error:
        _calmly(error, "app.bad_data", lang)
        if st.button(say("app.retry", lang), key="retry", icon=":material/refresh:"):
            work.forget(scenario)
            st.rerun()
        return
    with strip:
        st.html(plan_words.strip(answer, lang))
    if isinstance(answer, Diagnosis):
        clash.show(answer, lang, apply=lambda text, patch: _change(path, text, patch))
    else:
        _plan(answer, lang)
    plan_words.notes(answer.facts, lang)


def _plan(plan: Plan, lang: Lang) -> None:
    scored = plan.scenario.official is None or work.evaluation(plan.scenario).over
    plan_stage.show(plan, lang)
    left, right = st.columns(2, gap="large")
    with left:
        plan_words.money(plan, lang)
        plan_words.proof(plan, lang)
        downloads.show(plan, lang)
    with right:
        if plan.scenario.official is not None:
            _comparison(plan.scenario, lang, scored=scored)
    plan_words.rules(plan, lang)


def _comparison(scenario: Scenario, lang: Lang, *, scored: bool) -> None:
    """The official plan beside the best one; the page does not wait for it.

    `scored` is how it stood when the page began to be drawn: what was drawn since has to be drawn anew.
    """
    job = work.evaluation(scenario)

    @st.fragment(run_every=None if scored else 0.5)
    def section() -> None:
        st.subheader(say("app.compare", lang))
        if not job.over:
            seconds = math.floor(job.seconds)
            st.caption(say("app.step.elapsed", lang, step=say("app.step.evaluation", lang), seconds=seconds))
        elif not scored:
            st.rerun()
        else:
            try:
                comparison.show(job.answer(), lang)
            except (PlanningError, planner.NoPlanInTimeError) as error:
                st.html(_lines(error, lang))

    section()


# --- which scenario ------------------------------------------------------------------------------


def _picked(lang: Lang) -> Path:
    """The scenario file that is chosen; the first one shown until somebody chooses."""
    files = {path.name: path for path in sorted(reading.FOLDER.glob("*.yaml"), key=_first)}
    label = {name: _label(path, lang) for name, path in files.items()}
    name = st.selectbox(
        say("app.scenario", lang), list(files), format_func=label.__getitem__, key="scenario",
        label_visibility="collapsed", persist_state="session",
    )  # fmt: skip
    return files[name]


def _first(path: Path) -> tuple[bool, str]:
    return path.name != reading.SHOWN_FIRST.name, path.name


def _label(path: Path, lang: Lang) -> str:
    try:
        return _read(path).title.text.say(lang)
    except ScenarioError:
        return say("app.unreadable", lang, file=path.name)


def _read(path: Path) -> Scenario:
    """The file's scenario, read again when any file of the folder changes (a parent may have)."""
    return _read_once(path, tuple(p.stat().st_mtime_ns for p in sorted(path.parent.glob("*.yaml"))))


@cache
def _read_once(path: Path, _: tuple[int, ...]) -> Scenario:
    return reading.load(path)


def _asked(path: Path) -> Scenario:
    """The file's scenario with the changes that the user made on this page."""
    scenario = _read(path)
    for _, patch in st.session_state.get(CHANGES, {}).get(path.name, ()):
        scenario = reading.changed(scenario, patch)
    return scenario


def _change(path: Path, text: Text, patch: dict[str, Any]) -> None:
    """Keep a change of the scenario for this session."""
    changes = st.session_state.setdefault(CHANGES, {})
    changes[path.name] = (*changes.get(path.name, ()), (text, patch))


def _changed_note(path: Path, lang: Lang) -> None:
    place = (
        st.empty()
    )  # a place of its own, with or without a note: else all below is built anew, the map too
    changes = st.session_state.get(CHANGES, {}).get(path.name, ())
    if not changes:
        return
    words = joined((text.say(lang) for text, _ in changes), "; ")
    with place.container(key="changed", horizontal=True, vertical_alignment="center"):
        st.html(tag("div", tag("b", say("app.changed", lang)), " ", words, cls="lt-changed"))
        st.button(
            say("app.undo", lang), key="undo", icon=":material/undo:",
            on_click=lambda: st.session_state[CHANGES].pop(path.name),
        )  # fmt: skip


# --- its answer ----------------------------------------------------------------------------------


def _answer(scenario: Scenario, lang: Lang) -> Plan | Diagnosis:
    """The answer, with words and seconds while it is being found."""
    job = work.plan(scenario)
    place = st.empty()
    if not job.wait(0.3):
        with place.status(say("app.step.queue", lang)) as status:
            while not job.wait(0.25):
                step = say(f"app.step.{job.step}", lang)
                status.update(label=say("app.step.elapsed", lang, step=step, seconds=math.floor(job.seconds)))
        place.empty()
    return job.answer()


def _calmly(error: Exception, title: str, lang: Lang) -> None:
    st.subheader(say(title, lang))
    st.html(_lines(error, lang))


def _lines(error: Exception, lang: Lang) -> str:
    if not isinstance(error, PlanningError):
        return tag("p", say("app.no_time", lang))
    lead = "app.bad_scenario.lead" if isinstance(error, ScenarioError) else "app.bad_data.lead"
    lines = (tag("li", line) for line in error.say(lang).splitlines())
    return tag("div", tag("p", say(lead, lang)), tag("ol", *lines, cls="lt-problems"))
