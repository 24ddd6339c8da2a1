"""The plan: where and when to open which points, and how sure that is."""

from __future__ import annotations

import math

import streamlit as st

import planner
from errors import PlanningError, ScenarioError
from planner.plan import Diagnosis, Plan
from scenarios.schema import Scenario
from text import Lang, say
from views import asked, clash, comparison, downloads, plan_document, plan_goals, plan_stage, plan_words, work
from views.frame import language
from views.markup import tag


def show() -> None:
    """Draw the page."""
    lang = language()
    top, strip = st.columns([2, 3], vertical_alignment="center")
    with top:
        path = asked.picked(lang)
    try:
        scenario = asked.scenario(path)
    except ScenarioError as error:
        _calmly(error, "app.bad_scenario", lang)
        return
    asked.changed_note(path, lang)
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
        clash.show(answer, lang, apply=lambda text, patch: asked.change(path, text, patch))
    else:
        _plan(answer, lang)
    plan_document.questions(path, lang)
    plan_words.notes(answer.facts, lang)
    plan = answer if isinstance(answer, Plan) else None
    plan_document.criteria(answer.facts, plan, lang)
    plan_goals.figures(scenario, lang)
    if plan is None or scenario.official is None:
        plan_document.observed(scenario, lang)


def _plan(plan: Plan, lang: Lang) -> None:
    scored = plan.scenario.official is None or work.evaluation(plan.scenario).over
    plan_stage.show(plan, lang)
    left, right = st.columns(2, gap="large")
    with left:
        plan_words.money(plan, lang)
        plan_goals.show(plan, lang)
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
