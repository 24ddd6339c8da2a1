"""The leaders' view of one plan: large figures, a map by year, targets; read-only, and as shared files are.

It opens by a link of its own (``?phuong-an=<name of a kept plan>``) and shows nothing that the shared edition
of a file would not: whoever has the link sees no exact count.
"""

from __future__ import annotations

import streamlit as st

import workspace
from errors import PlanningError
from exports.contents import ALONE, Contents, contents_of
from exports.figures import coverage_map, rollout_chart
from planner import kept
from planner.plan import Diagnosis, Plan
from text import Lang, say
from views import asked, leader_words, solving, work
from views.frame import go, language, spoken_anew
from views.keeping import PLAN_PARAMETER, moment
from views.markup import tag

BY_DIGEST = {Plan: workspace.plan_digest}
"""How what is drawn of a plan is found again: by scenario and openings."""


def show() -> None:
    """Draw the page."""
    lang = language()
    name = st.query_params.get(PLAN_PARAMETER)
    if name:
        _kept(name, lang)
    else:
        _of_this_session(lang)


def _kept(name: str, lang: Lang) -> None:
    """A plan that somebody kept, with who and why."""
    try:
        scenario, known, about = workspace.load_plan(name)
    except PlanningError as error:
        solving.calmly(error, "leader.no_plan", lang)
        return
    job: work.Job[Plan] = work.job(("kept", name), lambda _: kept.brought_back(scenario, known))
    with st.spinner(say("leader.opening", lang)):
        job.wait(60)
    if not job.over:
        st.rerun()
    try:
        plan = job.answer()
    except PlanningError as error:
        solving.calmly(error, "leader.no_plan", lang)
        return
    told = say("leader.kept", lang, who=about.who, when=moment(about.when), why=about.why or "–")
    _sheet(plan, about.title, told, lang)


def _of_this_session(lang: Lang) -> None:
    with st.container(key="leader_choice"):
        found = asked.opened(lang)
    if found is None:
        return
    answer = solving.answer(found[1], lang)
    if answer is None:
        return
    if isinstance(answer, Diagnosis):
        st.header(say("leader.clash", lang))
        st.html(tag("ul", *(tag("li", rule.text.say(lang)) for rule in answer.clash), cls="lt-lead"))
        st.html(tag("p", say("leader.clash.lead", lang), cls="lt-lead"))
        if st.button(say("export.to_plan", lang), key="leader_to_plan", icon=":material/arrow_forward:"):
            go("ke-hoach")
        return
    _sheet(answer, answer.scenario.title.text.say(lang), "", lang)


def _sheet(plan: Plan, title: str, about: str, lang: Lang) -> None:
    """The one page."""
    contents = _contents(plan, lang)
    with st.container(key="leader"):
        st.html(leader_words.head(contents, title, about))
        with st.container(key="leader_controls", horizontal=True, vertical_alignment="center"):
            stage, service = _stage(contents, lang), _service(contents, lang)
            st.html(_print_button(lang), unsafe_allow_javascript=True)
        st.html(leader_words.figures(contents, stage, service))
        left, right = st.columns([3, 2], gap="medium")
        with left:
            shown = {"service": contents.words["service"][service], "stage": contents.stage(stage)}
            alt = say("leader.alt.map", lang, **shown)
            st.image(_map(plan, lang, stage, service), width="stretch", alt=alt)
        with right:
            st.html(leader_words.stages(contents, stage, service))
            st.html(leader_words.goals(contents))
            st.image(_chart(plan, lang), width="stretch", alt=say("leader.alt.chart", lang))
        st.html(leader_words.foot(contents, plan.facts))


@st.cache_resource(max_entries=8, show_spinner=False, hash_funcs=BY_DIGEST)
def _contents(plan: Plan, lang: Lang) -> Contents:
    """What the shared edition holds."""
    return contents_of(plan, edition="shared", lang=lang, beside=ALONE)


def _stage(contents: Contents, lang: Lang) -> str:
    stages = [str(s) for s in contents.tables["stages"]["stage"]]
    if len(stages) == 1:
        return stages[0]
    if st.session_state.get("leader_stage", stages[-1]) not in stages:
        del st.session_state["leader_stage"]
    return st.select_slider(
        say("app.stage", lang), stages, stages[-1], key="leader_stage", format_func=contents.stage,
        persist_state="session",
    )  # fmt: skip


def _service(contents: Contents, lang: Lang) -> str:
    services = list(dict.fromkeys(contents.tables["coverage"]["service"]))
    if len(services) == 1:
        return services[0]
    spoken_anew("leader_service", lang)
    return st.selectbox(
        say("app.service", lang), services, key="leader_service",
        format_func=lambda name: contents.words["service"].get(name, name),
    )  # fmt: skip


def _print_button(lang: Lang) -> str:
    """The browser's own printing; style.css leaves the page one A4 sheet."""
    button = tag("button", say("leader.print", lang), id="lt-print", cls="lt-print", type="button")
    script = "document.getElementById('lt-print').addEventListener('click', () => window.print())"
    return f"{button}<script>{script}</script>"


# --- pictures ------------------------------------------------------------------------------------


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs=BY_DIGEST)
def _map(plan: Plan, lang: Lang, stage: str, service: str) -> bytes:
    return coverage_map(_contents(plan, lang), stage=stage, service=service)


@st.cache_data(max_entries=16, show_spinner=False, hash_funcs=BY_DIGEST)
def _chart(plan: Plan, lang: Lang) -> bytes:
    return rollout_chart(_contents(plan, lang), width_cm=15.0)
