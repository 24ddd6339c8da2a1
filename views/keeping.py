"""Work kept: what was changed is taken back, kept in versions, opened again; plans are kept beside it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import streamlit as st

import workspace
from errors import PlanningError, Problem
from planner.plan import Plan
from scenarios import differing, reading
from scenarios.schema import Scenario
from text import Lang, say, tidy
from views import asked
from views.markup import Raw, tag

WHO = "kept_by"
"""Session state: who kept something last, to spare writing it again."""
TOLD = "keeping_told"
"""Session state: what came of the last attempt to keep or open something."""
LEADER_PAGE, PLAN_PARAMETER = "lanh-dao", "phuong-an"
"""Path of the leadership page, and the parameter that names a kept plan there."""


class Told(NamedTuple):
    """What came of an attempt; `error` where it came to nothing."""

    key: str
    values: dict[str, object]
    error: PlanningError | None = None


# --- scenarios -----------------------------------------------------------------------------------


def scenario_bar(path: Path, scenario: Scenario, lang: Lang) -> None:
    """Draw what can be done with the scenario as a whole: undo, redo, reset, save, open, download.

    `scenario` is `asked.scenario(path)`, what is asked now.
    """
    back, again = asked.steps(path)
    as_planned = not differing.patch(scenario.data, asked.plan_of(path).data)
    with st.container(key="scenario_bar", horizontal=True, vertical_alignment="center"):
        st.button(
            say("keeping.undo", lang), key="keeping_undo", icon=":material/undo:", disabled=not back,
            on_click=asked.undo, args=(path,),
        )  # fmt: skip
        st.button(
            say("keeping.redo", lang), key="keeping_redo", icon=":material/redo:", disabled=not again,
            on_click=asked.redo, args=(path,),
        )  # fmt: skip
        st.button(
            say("keeping.reset", lang), key="keeping_reset", icon=":material/restart_alt:",
            disabled=as_planned, on_click=asked.reset, args=(path,),
        )  # fmt: skip
        with st.popover(say("keeping.save", lang), icon=":material/save:", key="keeping_save_box"):
            _save(path, scenario, lang)
        with st.popover(say("keeping.open", lang), icon=":material/folder_open:", key="keeping_open_box"):
            _open(lang)
        st.download_button(
            say("keeping.download", lang), key="keeping_download", icon=":material/download:",
            data=lambda: reading.written(scenario), file_name=f"{path.stem}.yaml",
            mime="application/yaml", on_click="ignore",
        )  # fmt: skip
    _tell(lang)
    _kept_note(path, lang)


def _kept_note(path: Path, lang: Lang) -> None:
    """Whose version this is, and that somebody has kept a newer one."""
    about = asked.kept(path)
    if about is None:
        return
    st.html(tag("p", say("keeping.version", lang, **_named(about)), cls="lt-small"))
    newest = workspace.versions(about.name).found[-1]
    if newest.version > about.version:
        with st.container(key="keeping_newer", horizontal=True, vertical_alignment="center"):
            st.html(tag("div", say("keeping.newer", lang, **_named(newest)), cls="lt-changed"))
            if st.button(say("keeping.newer.open", lang), key="keeping_newer_open"):
                asked.open_file(workspace.scenario_path(newest.name, newest.version))
                st.rerun()


def _named(about: workspace.KeptScenario | workspace.KeptPlan) -> dict[str, object]:
    return {**about._asdict(), "when": moment(about.when)}


def moment(when: str) -> str:
    """A time of the workspace as people read it, on this machine's clock: ``2026-11-22 13:12``."""
    return datetime.fromisoformat(when).astimezone().strftime("%Y-%m-%d %H:%M")


def _save(path: Path, scenario: Scenario, lang: Lang) -> None:
    about = asked.kept(path)
    if about is None:
        st.html(tag("p", say("keeping.save.first", lang), cls="lt-small"))
    ways = ["as"] if about is None else ["version", "as"]
    way = st.segmented_control(
        say("keeping.way", lang), ways, default=ways[0], required=True, key=f"keeping_way_{len(ways)}",
        format_func=lambda name: say(f"keeping.way.{name}", lang), label_visibility="collapsed",
    )  # fmt: skip
    with st.form("keeping_form", border=False, enter_to_submit=False):
        title = about.title if about is not None else ""
        if way == "as":
            title = st.text_input(say("keeping.title", lang), key="keeping_title", max_chars=120)
        who, why = _who_and_why("keeping", lang)
        if st.form_submit_button(say("keeping.save", lang), type="primary", icon=":material/save:"):
            _attempt(
                lambda: _keep(path, scenario, title=title, who=who, why=why, new=way == "as", anyway=False)
            )
    clash = st.session_state.get(TOLD)
    if about is not None and clash is not None and _meanwhile(clash.error):
        st.html(tag("div", clash.error.say(lang), cls="lt-changed"))
        if st.button(say("keeping.anyway", lang), key="keeping_anyway", icon=":material/call_split:"):
            _attempt(
                lambda: _keep(path, scenario, title=about.title, who=who, why=why, new=False, anyway=True)
            )


def _meanwhile(error: PlanningError | None) -> bool:
    return error is not None and any(p.code == "workspace.saved_meanwhile" for p in error.problems)


def _who_and_why(prefix: str, lang: Lang) -> tuple[str, str]:
    who = st.text_input(
        say("keeping.who", lang), value=st.session_state.get(WHO, ""), key=f"{prefix}_who", max_chars=120
    )
    why = st.text_input(say("keeping.why", lang), key=f"{prefix}_why", max_chars=400)
    return who, why


def _keep(path: Path, scenario: Scenario, *, title: str, who: str, why: str, new: bool, anyway: bool) -> Told:
    about, source = asked.kept(path), asked.origin(path)
    kept = workspace.save_scenario(
        scenario, title=title, who=who, why=why,
        name=None if new or about is None else about.name,
        known=None if about is None else about.version, anyway=anyway,
        based_on=path.name if about is None else f"{about.name}/{about.version}",
        origin=source.name if source is not None else "",
    )  # fmt: skip
    st.session_state[WHO] = kept.who
    asked.discard(path)
    asked.open_file(workspace.scenario_path(kept.name, kept.version))
    return Told("keeping.saved", {"title": kept.title, "version": kept.version})


def _open(lang: Lang) -> None:
    listed = workspace.scenarios()
    if listed.found:
        names = {one.name: one for one in listed.found}
        name = st.selectbox(
            say("keeping.kept", lang), list(names), key="keeping_pick", placeholder=say("keeping.pick", lang),
            format_func=lambda name: names[name].title, index=None,
        )  # fmt: skip
        if name is not None:
            _versions(name, lang)
    else:
        st.html(tag("p", say("keeping.none", lang), cls="lt-small"))
    file = st.file_uploader(say("keeping.upload", lang), type=["yaml", "yml"], key="keeping_upload")
    if file is not None and st.button(
        say("keeping.upload.open", lang), key="keeping_upload_open", icon=":material/upload_file:"
    ):
        _attempt(lambda: _bring(file.name, file.getvalue()))
    _problems(listed.problems, lang)


def _versions(name: str, lang: Lang) -> None:
    """Every version, newest first, to open."""
    listed = workspace.versions(name)
    for one in reversed(listed.found):
        with st.container(horizontal=True, vertical_alignment="center", key=f"keeping_v_{one.version}"):
            st.html(tag("div", say("keeping.version", lang, **_named(one)), cls="lt-small"))
            if st.button(say("keeping.open.this", lang), key=f"keeping_open_{name}_{one.version}"):
                _attempt(partial(_opened, one))
    _problems(listed.problems, lang)


def _opened(one: workspace.KeptScenario) -> Told:
    workspace.load_scenario(one.name, one.version)
    asked.open_file(workspace.scenario_path(one.name, one.version))
    return Told("keeping.opened", {"title": one.title, "version": one.version})


def _bring(name: str, content: bytes) -> Told:
    asked.open_file(asked.bring(name, content))
    return Told("keeping.brought", {"file": tidy(name)})


# --- plans ---------------------------------------------------------------------------------------


def plan_bar(plan: Plan, lang: Lang) -> None:
    """Draw the offer to keep this plan, and the plans that were kept, each with its page for leaders."""
    with st.container(key="plan_bar", horizontal=True, vertical_alignment="center"):
        with st.popover(say("keeping.plan.keep", lang), icon=":material/bookmark_add:", key="plan_keep_box"):
            _plan_form(plan, lang)
        with st.popover(say("keeping.plans", lang), icon=":material/bookmarks:", key="plan_list_box"):
            listed = workspace.plans()
            if not listed.found:
                st.html(tag("p", say("keeping.plans.none", lang), cls="lt-small"))
            for one in listed.found:
                st.html(_plan_line(one, lang))
            _problems(listed.problems, lang)
    _tell(lang)


def _plan_form(plan: Plan, lang: Lang) -> None:
    with st.form("plan_form", border=False, enter_to_submit=False):
        title = st.text_input(say("keeping.title", lang), key="plan_title", max_chars=120)
        who, why = _who_and_why("plan", lang)
        if st.form_submit_button(
            say("keeping.plan.keep", lang), type="primary", icon=":material/bookmark_add:"
        ):
            _attempt(lambda: _keep_plan(plan, title, who, why))


def _keep_plan(plan: Plan, title: str, who: str, why: str) -> Told:
    kept = workspace.save_plan(plan, name=title, who=who, why=why)
    st.session_state[WHO] = kept.who
    return Told("keeping.plan.kept", {"title": kept.title})


def leader_link(name: str) -> str:
    """Address of the leadership page of a kept plan, relative to any page of the app."""
    return f"{LEADER_PAGE}?{PLAN_PARAMETER}={quote(name)}"


def _plan_line(one: workspace.KeptPlan, lang: Lang) -> Raw:
    link = tag("a", say("keeping.plan.leader", lang), href=leader_link(one.name), target="_blank")
    words = tag("span", say("keeping.plan.about", lang, **_named(one)), cls="lt-small")
    return tag("div", tag("b", one.title), " ", words, " ", link, cls="lt-kept")


# --- what came of it -----------------------------------------------------------------------------


def _attempt(do: Callable[[], Told]) -> None:
    """Do it, remember what came of it, and draw the page anew."""
    try:
        st.session_state[TOLD] = do()
    except PlanningError as why:
        st.session_state[TOLD] = Told("", {}, why)
    st.rerun()


def _tell(lang: Lang) -> None:
    """Say once what came of the last attempt."""
    told: Told | None = st.session_state.get(TOLD)
    if told is None:
        return
    if told.error is None:
        st.html(tag("p", say(told.key, lang, **told.values), cls="lt-lead", role="status"))
    else:
        lines = (tag("li", line) for line in told.error.say(lang).splitlines())
        st.html(tag("div", tag("b", say("keeping.failed", lang)), tag("ol", *lines, cls="lt-problems")))
    if told.error is None or not _meanwhile(told.error):
        del st.session_state[TOLD]


def _problems(problems: tuple[Problem, ...], lang: Lang) -> None:
    if problems:
        lines = (tag("li", one.say(lang)) for one in problems)
        st.html(tag("div", say("keeping.problems", lang), tag("ul", *lines, cls="lt-problems")))
