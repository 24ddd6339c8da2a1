"""The scenario that this session is about: the file that was chosen, and what was changed in it here.

A file is one of the project's scenarios, a kept one (a version of it), or one that the user brought.  Pages
know it by its path; sessions and drafts know it by its key, which stays the same from version to version.
"""

from __future__ import annotations

import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import streamlit as st

import workspace
from errors import DataError, PlanningError, Problem, ScenarioError
from planner import options
from scenarios import differing, reading
from scenarios.schema import Scenario
from text import Lang, Text, both, say
from views import session
from views.frame import spoken_anew
from views.markup import joined, tag
from views.scenario_added import retold

Change, CHANGES = session.Change, session.CHANGES
MADE = "asked_made"
"""Session state: by scenario, what it was last made of."""
REFUSED = "refused"
"""Session state: by scenario, why the last answer that was asked for cannot be given."""
NEXT = "scenario_next"
"""Session state: the scenario to choose when the page is drawn again."""
KEPT, OWN = "kept:", "own:"
"""How keys begin of kept scenarios, and of files that the user brought; others are file names."""


# --- which scenario ------------------------------------------------------------------------------


def picked(lang: Lang) -> Path:
    """Draw the choice of scenario; the file that is chosen, the first one shown until somebody chooses."""
    session.begin(_why_not)
    if NEXT in st.session_state:
        st.session_state[session.CHOSEN] = st.session_state.pop(NEXT)
    labels = _labels(lang)
    if st.session_state.get(session.CHOSEN, "") not in labels:
        st.session_state.pop(session.CHOSEN, None)
    spoken_anew(session.CHOSEN, lang)
    key = st.selectbox(
        say("app.scenario", lang), list(labels), format_func=labels.__getitem__, key=session.CHOSEN,
        label_visibility="collapsed", persist_state="session", on_change=session.save,
    )  # fmt: skip
    return _path(key)


def _labels(lang: Lang) -> dict[str, str]:
    """What can be chosen: the project's scenarios, those that were kept, those that the user brought."""
    files = sorted(reading.FOLDER.glob("*.yaml"), key=_first)
    labels = {path.name: _label(path, lang) for path in files}
    for one in workspace.scenarios().found:
        version = session.opened_version(one.name) or one.version
        labels[KEPT + one.name] = say("asked.kept", lang, title=one.title, version=version)
    for path in _own():
        labels[OWN + path.name] = say("asked.own", lang, title=_label(path, lang))
    return labels


def _own() -> tuple[Path, ...]:
    return workspace.uploads(session.token()) if session.TOKEN in st.session_state else ()


def _first(path: Path) -> tuple[bool, str]:
    return path.name != reading.SHOWN_FIRST.name, path.name


def _label(path: Path, lang: Lang) -> str:
    try:
        return _read(path).title.text.say(lang)
    except ScenarioError:
        return say("app.unreadable", lang, file=path.name)


def key_of(path: Path) -> str:
    """By what sessions and drafts know the scenario of a file."""
    if (known := workspace.kept_at(path)) is not None:
        return KEPT + known[0]
    return path.name if path.parent == reading.FOLDER else OWN + path.name


def _path(key: str) -> Path:
    """The file of a key.  Raises DataError where a kept scenario is gone."""
    if key.startswith(OWN):
        found = {OWN + path.name: path for path in _own()}
        if key not in found:
            raise DataError(Problem("workspace.gone", key.removeprefix(OWN)))
        return found[key]
    if not key.startswith(KEPT):
        return reading.FOLDER / Path(key).name
    name = key.removeprefix(KEPT)
    version = session.opened_version(name)
    if version is None or not workspace.scenario_path(name, version).is_file():
        newest = workspace.versions(name).found
        if not newest:
            raise DataError(Problem("workspace.gone", name))
        version = newest[-1].version
        session.open_version(name, version)
    return workspace.scenario_path(name, version)


def open_file(path: Path) -> None:
    """Choose the scenario of this file; the page has to be drawn anew (``st.rerun``)."""
    if (known := workspace.kept_at(path)) is not None:
        session.open_version(*known)
    st.session_state[NEXT] = key_of(path)
    session.save(chosen=st.session_state[NEXT])


def bring(name: str, content: bytes) -> Path:
    """Keep a scenario file of the user's for this session; it may extend one of the project's.

    Raises:
        ScenarioError: it cannot be used as it stands.
        DataError: it cannot be kept.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / (Path(name).name or "scenario.yaml")
        for known in reading.FOLDER.glob("*.yaml"):
            (Path(folder) / known.name).write_bytes(known.read_bytes())
        path.write_bytes(content)
        found = reading.load(path)
    return workspace.keep_upload(session.token(), path.name, found)


def kept(path: Path) -> workspace.KeptScenario | None:
    """Who kept the file's scenario, when and why; None where it is not a kept one."""
    known = workspace.kept_at(path)
    listed = workspace.versions(known[0]).found if known else ()
    return next((one for one in listed if known == (one.name, one.version)), None)


# --- what it says --------------------------------------------------------------------------------


def _read(path: Path) -> Scenario:
    """The file's scenario, read again when any file of the folder changes (a parent may have)."""
    return _read_once(path, tuple(p.stat().st_mtime_ns for p in sorted(path.parent.glob("*.yaml"))))


@lru_cache(maxsize=64)
def _read_once(path: Path, _: tuple[int, ...]) -> Scenario:
    return reading.load(path)


def opened(lang: Lang, *, tools: bool = True) -> tuple[Path, Scenario] | None:
    """Draw the choice of scenario and what was changed in it; the file and what is asked of it now.

    None where it cannot be read; the page says why and has nothing else to show.  Without `tools` the page
    has its own for what was changed.
    """
    path = picked(lang)
    try:
        asked = scenario(path)
    except ScenarioError as why:
        lines = (tag("li", line) for line in why.say(lang).splitlines())
        st.subheader(say("app.bad_scenario", lang))
        st.html(
            tag("div", tag("p", say("app.bad_scenario.lead", lang)), tag("ol", *lines, cls="lt-problems"))
        )
        return None
    changed_note(path, lang, tools=tools)
    return path, asked


def as_filed(path: Path) -> Scenario:
    """The file's scenario as it stands in the file."""
    return _read(path)


def scenario(path: Path) -> Scenario:
    """The file's scenario with the answers and changes that the user made here.

    Made once, and from what was asked before where one change was added: a page asks for it many times.
    """
    filed, made = _read(path), changes(path)
    before: _Made | None = st.session_state.setdefault(MADE, {}).get(key_of(path))
    if before is not None and before.filed is filed and before.changes == made:
        return before.scenario
    added = made and before is not None and before.filed is filed and before.changes == made[:-1]
    if before is not None and added and not made[-1].question:
        asked = reading.changed(before.scenario, made[-1].patch)
    else:
        asked = _with(path, made)
    st.session_state[MADE][key_of(path)] = _Made(filed, made, asked)
    return asked


class _Made(NamedTuple):
    """A scenario, the file's and the changes that it was made from."""

    filed: Scenario
    changes: session.Changes
    scenario: Scenario


def origin(path: Path) -> Path | None:
    """The file of the plan that the scenario goes back to; None where it goes back to none of ours."""
    about = kept(path)
    name = about.origin if about is not None else path.name
    found = reading.FOLDER / Path(name or "-").name
    return found if found.is_file() else None


def plan_of(path: Path) -> Scenario:
    """The plan that changed values are marked against: of the scenario's origin, else as filed."""
    source = origin(path)
    return _read(source if source is not None else path)


def _with(path: Path, made: session.Changes) -> Scenario:
    """Answers first: they are given to the questions of the file."""
    given = {change.question: change.option for change in made if change.question}
    asked = options.chosen(_read(path), given)
    for change in made:
        if not change.question:
            asked = reading.changed(asked, change.patch)
    return asked


def _why_not(key: str, made: session.Changes) -> Text | None:
    """Why these changes do not fit the scenario `key`; None where they do."""
    try:
        _with(_path(key), made)
    except PlanningError as why:
        return Text(why.say("vi"), why.say("en"))
    return None


# --- changes -------------------------------------------------------------------------------------


def changes(path: Path) -> session.Changes:
    """What was changed here, in order."""
    return session.work_on(key_of(path)).now


def _keep(path: Path, made: session.Changes) -> None:
    _set(path, session.work_on(key_of(path)).to(made))


def _set(path: Path, work: session.Work) -> None:
    session.keep(key_of(path), work)
    st.session_state.setdefault(REFUSED, {}).pop(key_of(path), None)


def change(path: Path, text: Text, patch: dict[str, Any]) -> None:
    """Keep a change of the scenario for this session; rules that the user added say what they now ask."""
    _keep(path, (*changes(path), Change(text, retold(scenario(path), patch))))


def undo(path: Path) -> None:
    """Take the last step back, whatever it was."""
    _set(path, session.work_on(key_of(path)).undone())


def redo(path: Path) -> None:
    """Make the step again that was taken back last."""
    _set(path, session.work_on(key_of(path)).redone())


def steps(path: Path) -> tuple[int, int]:
    """How many steps can be taken back, and made again."""
    work = session.work_on(key_of(path))
    return len(work.past), len(work.future)


def reset(path: Path) -> None:
    """Back to the plan: to the file, or for a kept scenario to the plan it goes back to; one step to undo."""
    plan, filed = plan_of(path), as_filed(path)
    patch = differing.patch(filed.data, plan.data)
    _keep(path, (Change(both("asked.reset"), patch),) if patch else ())


def discard(path: Path) -> None:
    """Forget all changes and steps: they have been kept elsewhere."""
    _set(path, session.Work())


def answers(path: Path) -> dict[str, str]:
    """The answers that were given here, option by question."""
    return {change.question: change.option for change in changes(path) if change.question}


def answer(path: Path, question: str, option: str) -> None:
    """Keep an answer to an open question in place of a former one; the file's own takes it back.

    An answer that does not hold together with the other changes is not kept; `refused` says why.
    """
    made = tuple(change for change in changes(path) if change.question != question)
    if option != options.AS_IT_IS:
        asked = _read(path).questions[question]
        words = both("options.change", question=asked.text.text, answer=asked.options[option].label.text)
        made = (*made, Change(words, {}, question, option))
    try:
        _with(path, made)
    except ScenarioError as why:
        st.session_state.setdefault(REFUSED, {})[key_of(path)] = why
        return
    _keep(path, made)


def refused(path: Path) -> ScenarioError | None:
    """Why the last answer that was asked for cannot be given; None where it was."""
    why: ScenarioError | None = st.session_state.get(REFUSED, {}).get(key_of(path))
    return why


def changed_note(path: Path, lang: Lang, *, tools: bool = True) -> None:
    """Say what was changed here, and offer to take the last change back or to keep all of them as a file."""
    _draft_notes(lang)
    place = (
        st.empty()
    )  # a place of its own, with or without a note: else all below is built anew, the map too
    made = changes(path)
    if not made:
        return
    words = joined((change.text.say(lang) for change in made), "; ")
    with place.container(key="changed", horizontal=True, vertical_alignment="center"):
        st.html(tag("div", tag("b", say("app.changed", lang)), " ", words, cls="lt-changed"))
        if not tools:
            return
        st.button(say("app.undo", lang), key="undo", icon=":material/undo:", on_click=undo, args=(path,))
        st.download_button(
            say("app.changed.save", lang), key="save_changed", icon=":material/download:", on_click="ignore",
            data=lambda: reading.written(scenario(path)), file_name=f"{path.stem}_changed.yaml",
            mime="application/yaml",
        )  # fmt: skip


def _draft_notes(lang: Lang) -> None:
    """That the draft could not be written or read, and what in it no longer fits."""
    place = st.empty()
    if session.unsaved() is None and not session.unfit():
        return
    with place.container(key="draft_notes"):
        if (why := session.unsaved()) is not None:
            st.html(tag("div", tag("b", say("asked.unsaved", lang)), " ", why.say(lang), cls="lt-changed"))
        for n, one in enumerate(session.unfit()):
            words = joined((change.text.say(lang) for change in one.work.now), "; ")
            st.html(
                tag("div", tag("b", say("asked.unfit", lang, scenario=one.key)), " ", words,
                    tag("ul", *(tag("li", line) for line in one.why.say(lang).splitlines())),
                    cls="lt-changed")
            )  # fmt: skip
            st.button(
                say("asked.unfit.drop", lang), key=f"drop_unfit_{n}", icon=":material/delete:",
                on_click=session.drop_unfit, args=(one.key,),
            )  # fmt: skip
