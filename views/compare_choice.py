"""What can stand beside what: the plans of a scenario, plans that were kept, other scenarios of the place."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import streamlit as st

import planner
import workspace
from errors import PlanningError
from planner import kept, variants
from planner.compared import Compared, compare
from planner.plan import Plan
from scenarios import reading
from scenarios.schema import Scenario
from text import Lang, Text, both, say
from views import asked, compare_wait, solving, work
from views.frame import spoken_anew

BEST, FILED, KEPT, FILE = "best", "filed", "kept:", "file:"
"""Choices besides `variants.NAMES`: the best plan, that of the scenario as filed, kept plans, other files."""
A, B = "compare_a", "compare_b"
"""Session state: what was chosen for each side."""


class Side(NamedTuple):
    """What was chosen: its key, what it is called, its plan, and what is special about it."""

    key: str
    label: Text
    plan: Plan
    note: Text | None = None


def chosen(path: Path, scenario: Scenario, lang: Lang) -> tuple[Side, Side] | None:
    """Draw the two choices; their plans, or None while one is not there: the page says why."""
    labels = dict(_labels(path, scenario))
    first = FILED if FILED in labels else variants.OFFICIAL if variants.OFFICIAL in labels else "greedy"
    for key, otherwise in ((A, first), (B, BEST)):
        if st.session_state.get(key) not in labels:
            st.session_state[key] = otherwise
    left, middle, right = st.columns([10, 1, 10], vertical_alignment="bottom")
    with left:
        _choice(A, labels, lang)
    with middle:
        st.button(
            say("compare.swap", lang), key="compare_swap", icon=":material/swap_horiz:", on_click=_swap,
            help=say("compare.swap", lang),
        )  # fmt: skip
    with right:
        _choice(B, labels, lang)
    a = _side(st.session_state[A], labels, path, scenario, lang)
    b = a and _side(st.session_state[B], labels, path, scenario, lang)
    return (a, b) if a and b else None


def _choice(key: str, labels: dict[str, Text], lang: Lang) -> None:
    spoken_anew(key, lang)
    st.selectbox(
        say(f"compare.side.{'a' if key == A else 'b'}", lang), list(labels), key=key,
        format_func=lambda name: labels[name].say(lang), persist_state="session",
    )  # fmt: skip


def _swap() -> None:
    st.session_state[A], st.session_state[B] = st.session_state[B], st.session_state[A]


# --- what there is -------------------------------------------------------------------------------


def _labels(path: Path, scenario: Scenario) -> Iterator[tuple[str, Text]]:
    """What may be chosen, by key, and what it is called."""
    yield BEST, both("compare.choice.best")
    if asked.changes(path):
        yield FILED, both("compare.choice.filed")
    for name in variants.NAMES:
        if name != variants.OFFICIAL or scenario.official is not None:
            yield name, variants.label(name)
    for about in workspace.plans().found:
        if _same_place(_scenario_of(about), scenario):
            yield KEPT + about.name, both("compare.choice.kept", title=about.title, who=about.who)
    for other in sorted(reading.FOLDER.glob("*.yaml")):
        if other == path:
            continue
        given = _shipped(other, other.stat().st_mtime_ns)
        if given is not None and given.id != scenario.id and _same_place(given, scenario):
            yield FILE + other.name, both("compare.choice.file", title=given.title.text)


def _same_place(other: Scenario | None, scenario: Scenario) -> bool:
    one, two = other and other.place, scenario.place
    return one is not None and (one.province, one.vintage) == (two.province, two.vintage)


@lru_cache(maxsize=32)
def _shipped(path: Path, _: int) -> Scenario | None:
    """A scenario of the project's; the pages of a file that cannot be read say what is wrong with it."""
    try:
        return reading.load(path)
    except PlanningError:
        return None


def _scenario_of(about: workspace.KeptPlan) -> Scenario | None:
    return _kept_scenario(about.name, about.when, str(workspace.root()))


@lru_cache(maxsize=64)
def _kept_scenario(name: str, _when: str, _root: str) -> Scenario | None:
    """The scenario of a kept plan; None where it cannot be used, which its own page tells."""
    try:
        return workspace.load_plan(name)[0]
    except PlanningError:
        return None


# --- its plan ------------------------------------------------------------------------------------


def _side(key: str, labels: dict[str, Text], path: Path, scenario: Scenario, lang: Lang) -> Side | None:
    """The plan that was chosen; None while it is searched for, or where there is none."""
    label = labels[key]
    if key.startswith(KEPT):
        return _kept(key, label, lang)
    if key in (BEST, FILED) or key.startswith(FILE):
        wanted = scenario
        if key == FILED:
            wanted = asked.as_filed(path)
        elif key.startswith(FILE):
            wanted = reading.load(reading.FOLDER / key.removeprefix(FILE))
        plan = best(wanted, lang)
        return None if plan is None else Side(key, label, plan)
    plan = best(scenario, lang)
    return None if plan is None else _variant(key, label, plan, lang)


def best(scenario: Scenario, lang: Lang) -> Plan | None:
    """The best plan of a scenario; None while it is searched for, and where its rules clash."""
    job = work.plan(scenario)
    answer = job.answer() if job.over and not job.failed else solving.answer(scenario, lang)
    if answer is None or isinstance(answer, Plan):
        return answer
    st.info(say("compare.clash", lang, title=scenario.title.text), icon=":material/info:")
    return None


def _variant(name: str, label: Text, plan: Plan, lang: Lang) -> Side | None:
    scenario = plan.scenario
    key = ("variant", planner.digest(scenario), name, str(plan.report.levels))

    def task(job: work.Job[variants.Found]) -> variants.Found:
        job.begin("model")
        return variants.found(scenario, [name], optimum=plan, progress=job.progress, cancel=job.cancelled)

    job = work.job(key, task)
    found = compare_wait.answer(job, key, label, lang)
    if found is None:
        return None
    for variant in found.variants:
        return Side(name, label, variant.plan, variant.note)
    why = found.left_out[name]
    st.info(say("compare.left_out", lang, plan=label, why=why), icon=":material/info:")
    if job.stopped and st.button(say("app.retry", lang), key="retry_variant", icon=":material/refresh:"):
        work.drop(*key)
        st.rerun()
    return None


def _kept(choice: str, label: Text, lang: Lang) -> Side | None:
    name = choice.removeprefix(KEPT)
    try:
        scenario, known, about = workspace.load_plan(name)
    except PlanningError as why:
        solving.calmly(why, "app.bad_data", lang)
        return None
    key = ("kept", planner.digest(scenario), name, about.when)
    plan = compare_wait.answer(work.job(key, lambda _: kept.brought_back(scenario, known)), key, label, lang)
    note = both("compare.choice.kept.note", who=about.who, why=about.why)
    return None if plan is None else Side(choice, label, plan, note)


# --- both of them --------------------------------------------------------------------------------


def _mark(side: Side) -> str:
    """What tells a plan from every other: scenario, openings, and what its maps are drawn from."""
    return f"{workspace.plan_digest(side.plan)} {side.plan.facts.provenance.get('data_sha256')}"


@st.cache_resource(max_entries=8, show_spinner=False, hash_funcs={Side: _mark})
def compared(a: Side, b: Side) -> Compared:
    """What tells the plans of two sides apart, kept for who asks again.

    Raises:
        DataError: they are of different places.
    """
    return compare(a.plan, b.plan)
