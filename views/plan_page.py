"""The plan: where and when to open which points, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

import planner
from errors import PlanningError, ScenarioError
from planner.plan import Diagnosis, Plan
from scenarios.schema import Scenario
from text import Lang, Text, say
from views import (
    asked,
    clash,
    comparison,
    downloads,
    plan_choice,
    plan_document,
    plan_goals,
    plan_stage,
    plan_words,
    solving,
)
from views.frame import language
from views.plan_decide import Apply

BEFORE = "plan_before"
"""Session state: the scenario whose plan this page showed last, by its key, and the plan."""


def show() -> None:
    """Draw the page."""
    lang = language()
    plan_choice.arrive()
    top, strip = st.columns([1, 3], vertical_alignment="center")
    with top:
        path = asked.picked(lang)
    try:
        scenario = asked.scenario(path)
    except ScenarioError as error:
        solving.calmly(error, "app.bad_scenario", lang)
        return
    plan_choice.keep_in_address(scenario=plan_choice.address_of(path))
    asked.changed_note(path, lang)
    answer = solving.answer(scenario, lang, meanwhile=_before(path, lang))
    if answer is None:
        return
    with strip:
        st.html(plan_words.strip(answer, lang))

    def apply(text: Text, patch: dict[str, Any]) -> None:
        asked.change(path, text, patch)

    if isinstance(answer, Diagnosis):
        back = (lambda: asked.undo(path)) if asked.changes(path) else None
        clash.show(answer, lang, apply=apply, undo=back)
    else:
        st.session_state[BEFORE] = asked.key_of(path), answer
        _plan(answer, lang, apply)
    plan_document.questions(path, lang)
    plan_words.notes(answer.facts, lang)
    plan = answer if isinstance(answer, Plan) else None
    plan_document.criteria(answer.facts, plan, lang, apply)
    plan_goals.figures(scenario, lang)
    if plan is None or scenario.official is None:
        plan_document.observed(scenario, lang)


def _before(path: Path, lang: Lang) -> Callable[[Callable[[], None]], None] | None:
    """Draws the map of before a change while the new plan is searched for, which then appears on it.

    Else each search that takes a moment would take the map away and have it built anew.
    """
    key, plan = st.session_state.get(BEFORE, ("", None))
    return partial(plan_stage.before, plan, lang) if key == asked.key_of(path) else None


def _plan(plan: Plan, lang: Lang, apply: Apply) -> None:
    scored = plan.scenario.official is None or solving.evaluation(plan.scenario).over
    plan_stage.show(plan, lang, apply)
    left, right = st.columns(2, gap="large")
    with left:
        with st.container(key="money"):
            plan_words.money(plan, lang)
        with st.container(key="targets"):
            plan_goals.show(plan, lang)
        with st.container(key="proof"):
            plan_words.proof(plan, lang)
        downloads.show(plan, lang)
    with right:
        if plan.scenario.official is not None:
            _comparison(plan.scenario, lang, scored=scored)
    plan_goals.openings(plan, lang)
    plan_words.rules(plan, lang)


def _comparison(scenario: Scenario, lang: Lang, *, scored: bool) -> None:
    """The official plan beside the best one; the page does not wait for it.

    `scored` is how it stood when the page began to be drawn: what was drawn since has to be drawn anew.
    """
    job = solving.evaluation(scenario)

    @st.fragment(run_every=None if scored else 0.5)
    def section() -> None:
        st.subheader(say("app.compare", lang))
        if not job.over:
            solving.look(job)
            seconds = math.floor(job.seconds)
            st.caption(say("app.step.elapsed", lang, step=say("app.step.evaluation", lang), seconds=seconds))
        elif not scored:
            st.rerun()
        else:
            try:
                comparison.show(job.answer(), lang)
            except (PlanningError, planner.NoPlanInTimeError) as error:
                st.html(solving.lines(error, lang))

    section()
