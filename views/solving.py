"""The answer to a scenario, waited for in sight: how far the search is, and a way to stop it."""

from __future__ import annotations

import math
import secrets
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

import planner
from errors import PlanningError, ScenarioError
from optimization.solution import Status
from planner.plan import Diagnosis, Evaluation, Plan
from scenarios.schema import Scenario
from text import Lang, number, percent, say
from views import work
from views.markup import Raw, tag
from views.plan_words import objective_words

QUICK = 1.5
"""Seconds that a page waits before it shows how far a search is."""
LOOK = 0.5
"""Seconds between two looks."""
VIEWER, LEFT, COMPARED = "viewer", "solving_left", "solving_compared"
"""Session state: the name under which this session waits for answers; the scenario it no longer waits for;
the scenario whose comparison it wants, by its digest, and the comparison.
"""


def answer(
    scenario: Scenario, lang: Lang, *, meanwhile: Callable[[Callable[[], None]], None] | None = None
) -> Plan | Diagnosis | None:
    """The answer to `scenario`; None while it is searched for, and where there is none: the page says so.

    What is found quickly is returned at once.  Otherwise a panel is drawn here that follows the search and
    can stop it; once the search is over the page is drawn anew.  `meanwhile` may draw more instead, and the
    panel where it calls what it is given.  A plan whose search was stopped comes with a note of how far from
    the best it may be, and an offer to search on.
    """
    digest = planner.digest(scenario)
    _leave_comparison(digest)
    job = work.plan(scenario)
    if not job.over and st.session_state.get(LEFT) == digest:
        _left(lang)
        return None
    st.session_state.pop(LEFT, None)
    look(job)
    if not job.wait(max(0.05, QUICK - job.seconds)):
        follow = partial(_follow, job, digest, lang)
        if meanwhile is None:
            follow()
        else:
            meanwhile(follow)
        return None
    try:
        found = job.answer()
    except (PlanningError, planner.NoPlanInTimeError) as error:
        _failed(scenario, job, error, lang)
        return None
    if isinstance(found, Plan) and job.stopped and found.report.status is Status.FEASIBLE:
        _stopped(found, lang)
    return found


def evaluation(scenario: Scenario) -> work.Job[Evaluation]:
    """The scenario's official plan beside the best one, wanted as long as this session stays with it."""
    job = work.evaluation(scenario)
    look(job)
    st.session_state[COMPARED] = planner.digest(scenario), job
    return job


def look(job: work.Job[Any]) -> None:
    """This session waits for a calculation; to be said again as long as it does."""
    job.look(_viewer(), _connection())


def _leave_comparison(digest: str) -> None:
    """Give up the comparison of another scenario, which would only hold up the plan that is waited for."""
    other, job = st.session_state.get(COMPARED, (digest, None))
    if job is not None and other != digest:
        del st.session_state[COMPARED]
        if not job.over:
            job.leave(_viewer())


def _viewer() -> str:
    name: str = st.session_state.setdefault(VIEWER, secrets.token_hex(8))
    return name


def _connection() -> Callable[[], bool]:
    """Tells, from any thread, whether the page of this session is still open in a browser."""
    context = get_script_run_ctx()
    if context is None or not runtime.exists():
        return lambda: False
    server, session = runtime.get_instance(), context.session_id
    return lambda: server.is_active_session(session)


# --- under way -----------------------------------------------------------------------------------


def _follow(job: work.Job[Plan | Diagnosis], digest: str, lang: Lang) -> None:
    who, connected = _viewer(), _connection()

    def stop() -> None:
        if not job.leave(who):
            st.session_state[LEFT] = digest

    @st.fragment(run_every=LOOK)
    def panel() -> None:
        if job.over or st.session_state.get(LEFT) == digest:
            st.rerun()
        stopping = job.cancelled.is_set()
        if not stopping:
            job.look(who, connected)
        with st.container(key="solving", border=True, width=680):
            st.html(_progress(job, stopping, lang))
            st.button(
                say("solving.stop", lang), key="solving_stop", icon=":material/stop_circle:",
                help=say("solving.stop.help", lang), on_click=stop, disabled=stopping,
            )  # fmt: skip

    panel()


def _progress(job: work.Job[Plan | Diagnosis], stopping: bool, lang: Lang) -> Raw:
    step, place, told = job.step, job.place, job.told
    words = say("solving.stopping" if stopping else f"app.step.{step}", lang)
    lines = [tag("p", tag("b", words), cls="lt-solving-step", role="status")]
    if place:
        lines.append(tag("p", say("solving.place", lang, place=place, at_once=work.AT_ONCE), cls="lt-small"))
    facts = [(say("solving.elapsed", lang), say("solving.seconds", lang, n=math.floor(job.seconds)))]
    if told is not None and step == "model":
        facts += _told(told, lang)
    return tag("div", *lines, tag("dl", *_rows(facts), cls="lt-facts"), cls="lt-solving")


def so_far(told: work.Told | None, lang: Lang) -> Raw:
    """How far a search is: its objective, the best value and the bound, the gap; nothing before it tells."""
    rows = _told(told, lang) if told is not None else []
    return tag("dl", *_rows(rows), cls="lt-facts") if rows else Raw("")


def _rows(facts: Iterable[tuple[str, str]]) -> Iterator[Raw]:
    return (tag("div", tag("dt", name), tag("dd", value)) for name, value in facts)


def _told(told: work.Told, lang: Lang) -> list[tuple[str, str]]:
    if told.level in ("ties", "feasible"):
        return [(say("solving.objective", lang), say(f"solving.{told.level}", lang))]
    name, value, bound = objective_words(told.level, told.value or 0.0, told.bound or 0.0, lang)
    if name == told.level:  # a step on the way, which no planner asked for
        return []
    unknown = say("solving.none_yet", lang)
    return [
        (say("solving.objective", lang), name),
        (say("solving.best", lang), unknown if told.value is None else value),
        (say("solving.bound", lang), unknown if told.bound is None else bound),
        (say("solving.gap", lang), unknown if told.gap is None else _within(told.gap, lang)),
    ]


def _within(gap: float, lang: Lang) -> str:
    """A gap, rounded up: never said to be closer than it is; beyond the tenfold it tells nothing."""
    if gap > 10:
        return say("solving.none_yet", lang)
    return percent(math.ceil(gap * 1000) / 1000, lang)


def _left(lang: Lang) -> None:
    """This session no longer waits, but somebody else does."""
    with st.container(key="solving_left_note", border=True, width=680):
        st.html(tag("p", say("solving.left", lang)))
        if st.button(say("solving.look_again", lang), key="solving_look_again", icon=":material/visibility:"):
            del st.session_state[LEFT]
            st.rerun()


# --- over ----------------------------------------------------------------------------------------


def _stopped(plan: Plan, lang: Lang) -> None:
    """How good a plan is whose search was stopped, and the offer to search on."""
    level = plan.report.loosest
    name, value, bound = objective_words(level.name, level.value, level.bound, lang)
    values = {"objective": name, "value": value, "bound": bound, "gap": _within(level.gap, lang)}
    with st.container(key="solving_stopped", border=True):
        words, button = st.columns([5, 1], vertical_alignment="center")
        told = say("solving.stopped.gap", lang, **values)
        words.html(tag("div", tag("b", say("solving.stopped", lang)), " ", told, cls="lt-changed"))
        if button.button(
            say("solving.go_on", lang), key="solving_go_on", icon=":material/play_circle:", width="stretch"
        ):
            work.go_on(plan)
            st.rerun()


def _failed(
    scenario: Scenario, job: work.Job[Plan | Diagnosis], error: PlanningError | planner.NoPlanInTimeError,
    lang: Lang,
) -> None:  # fmt: skip
    if job.stopped and not isinstance(error, PlanningError):
        st.subheader(say("solving.nothing", lang))
        seconds = number(job.seconds, lang)
        st.html(tag("p", say("solving.nothing.lead", lang, seconds=seconds)))
    else:
        calmly(error, "app.bad_data", lang)
    if st.button(say("app.retry", lang), key="retry", icon=":material/refresh:"):
        work.forget(scenario)
        st.rerun()


def calmly(error: Exception, title: str, lang: Lang) -> None:
    """An error as a headline and a list of what to mend; `title` is a key of the catalogue."""
    st.subheader(say(title, lang))
    st.html(lines(error, lang))


def lines(error: Exception, lang: Lang) -> Raw:
    """What went wrong, a line each."""
    if not isinstance(error, PlanningError):
        return tag("p", say("app.no_time", lang))
    lead = "app.bad_scenario.lead" if isinstance(error, ScenarioError) else "app.bad_data.lead"
    found = (tag("li", line) for line in error.say(lang).splitlines())
    return tag("div", tag("p", say(lead, lang)), tag("ol", *found, cls="lt-problems"))
