"""The dossier: what the office hands in, in every format, with other plans beside the proposed one."""

from __future__ import annotations

import math

import streamlit as st

from errors import PlanningError
from exports.contents import Beside
from planner.plan import Diagnosis, Plan
from planner.run import NoPlanInTimeError
from planner.variants import Variant
from planner.variants import found as variants_of
from text import Lang, say
from views import asked, downloads, keeping, solving, work
from views.frame import go, language
from views.markup import tag

COMPARED = ("greedy", "alternative_1", "alternative_2")
"""Other ways whose plans the proposal sets beside the one it proposes, after the published order."""


def show() -> None:
    """Draw the page."""
    lang = language()
    found = asked.opened(lang)
    if found is None:
        return
    scenario = found[1]
    answer = solving.answer(scenario, lang)
    if answer is None:
        return
    if isinstance(answer, Diagnosis):
        st.header(say("app.clash", lang))
        st.html(tag("p", say("export.clash", lang), cls="lt-lead"))
        if st.button(say("export.to_plan", lang), key="export_to_plan", icon=":material/arrow_forward:"):
            go("ke-hoach")
        return
    left, right = st.columns([3, 2], gap="large")
    with left:
        beside = _beside(answer, lang)
        if beside is not None:
            downloads.show(answer, lang, beside)
    with right:
        st.subheader(say("export.keep", lang))
        st.html(tag("p", say("export.keep.lead", lang), cls="lt-small"))
        keeping.plan_bar(answer, lang)


def _beside(plan: Plan, lang: Lang) -> Beside | None:
    """Who hands it out and what stands beside the plan; None while that is still being computed."""
    by = st.text_input(
        say("export.by", lang), key="export_by", max_chars=120, help=say("export.by.help", lang)
    )
    compared = st.toggle(
        say("export.compared", lang),
        value=True,
        key="export_compared",
        help=say("export.compared.help", lang),
    )
    if not compared:
        return Beside(by=by)
    scenario = plan.scenario
    jobs: list[work.Job[object]] = []
    evaluation = None
    if scenario.official is not None:
        jobs.append(job := solving.evaluation(scenario))
        evaluation = job if job.over and not job.failed else None
    options = work.job(
        ("options", *downloads.key_of(plan, "shared", lang, Beside())[1:3]),
        lambda job: (
            variants_of(
                scenario, COMPARED, optimum=plan, progress=job.progress, cancel=job.cancelled
            ).variants
        ),
    )
    jobs.append(options)
    if not all(job.over for job in jobs):
        _wait(jobs, lang)
        return None
    failed = [job for job in jobs if job.failed]
    for job in failed:
        _not_compared(job, lang)
    found: tuple[Variant, ...] = () if options.failed else options.answer()
    return Beside(evaluation=evaluation.answer() if evaluation else None, options=found, by=by)


def _wait(jobs: list[work.Job[object]], lang: Lang) -> None:
    @st.fragment(run_every=0.5)
    def section() -> None:
        if all(job.over for job in jobs):
            st.rerun()
        for job in jobs:
            solving.look(job)
        seconds = math.floor(max(job.seconds for job in jobs))
        st.info(say("export.comparing", lang, seconds=seconds), icon=":material/hourglass_top:")

    section()


def _not_compared(job: work.Job[object], lang: Lang) -> None:
    """The dossier goes without what could not be computed, and says why."""
    try:
        job.answer()
    except (PlanningError, NoPlanInTimeError) as error:
        st.warning(say("export.not_compared", lang), icon=":material/info:")
        st.html(solving.lines(error, lang))
