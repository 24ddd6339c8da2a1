"""The scenario that this session is about: the file that was chosen, and what was changed in it here."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import streamlit as st

from errors import ScenarioError
from planner import options
from scenarios import reading
from scenarios.schema import Scenario
from text import Lang, Text, both, say
from views.frame import spoken_anew
from views.markup import joined, tag

CHANGES = "changes"
"""Session state: the `Change`s of each scenario file that the user made here."""
REFUSED = "refused"
"""Session state: by scenario file, why the last answer that was asked for cannot be given."""


class Change(NamedTuple):
    """A change in words: a patch, or the answer to an open question of the file."""

    text: Text
    patch: dict[str, Any]
    question: str = ""
    option: str = ""


def picked(lang: Lang) -> Path:
    """The scenario file that is chosen; the first one shown until somebody chooses."""
    files = {path.name: path for path in sorted(reading.FOLDER.glob("*.yaml"), key=_first)}
    label = {name: _label(path, lang) for name, path in files.items()}
    spoken_anew("scenario", lang)
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


def opened(lang: Lang) -> tuple[Path, Scenario] | None:
    """Draw the choice of scenario and what was changed in it; the file and what is asked of it now.

    None where it cannot be read; the page says why and has nothing else to show.
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
    changed_note(path, lang)
    return path, asked


def as_filed(path: Path) -> Scenario:
    """The file's scenario as it stands in the file."""
    return _read(path)


def scenario(path: Path) -> Scenario:
    """The file's scenario with the answers and changes that the user made here."""
    return _with(path, _changes(path))


def _with(path: Path, changes: tuple[Change, ...]) -> Scenario:
    """Answers first: they are given to the questions of the file."""
    given = {change.question: change.option for change in changes if change.question}
    asked = options.chosen(_read(path), given)
    for change in changes:
        if not change.question:
            asked = reading.changed(asked, change.patch)
    return asked


def _changes(path: Path) -> tuple[Change, ...]:
    found: tuple[Change, ...] = st.session_state.get(CHANGES, {}).get(path.name, ())
    return found


def _keep(path: Path, changes: tuple[Change, ...]) -> None:
    st.session_state.setdefault(CHANGES, {})[path.name] = changes
    st.session_state.setdefault(REFUSED, {}).pop(path.name, None)


def change(path: Path, text: Text, patch: dict[str, Any]) -> None:
    """Keep a change of the scenario for this session."""
    _keep(path, (*_changes(path), Change(text, patch)))


def answers(path: Path) -> dict[str, str]:
    """The answers that were given here, option by question."""
    return {change.question: change.option for change in _changes(path) if change.question}


def answer(path: Path, question: str, option: str) -> None:
    """Keep an answer to an open question in place of a former one; the file's own takes it back.

    An answer that does not hold together with the other changes is not kept; `refused` says why.
    """
    kept = tuple(change for change in _changes(path) if change.question != question)
    if option != options.AS_IT_IS:
        asked = _read(path).questions[question]
        words = both("options.change", question=asked.text.text, answer=asked.options[option].label.text)
        kept = (*kept, Change(words, {}, question, option))
    try:
        _with(path, kept)
    except ScenarioError as why:
        st.session_state.setdefault(REFUSED, {})[path.name] = why
        return
    _keep(path, kept)


def refused(path: Path) -> ScenarioError | None:
    """Why the last answer that was asked for cannot be given; None where it was."""
    why: ScenarioError | None = st.session_state.get(REFUSED, {}).get(path.name)
    return why


def changed_note(path: Path, lang: Lang) -> None:
    """Say what was changed here, and offer to take the last change back or to keep all of them as a file."""
    place = (
        st.empty()
    )  # a place of its own, with or without a note: else all below is built anew, the map too
    changes = _changes(path)
    if not changes:
        return
    words = joined((change.text.say(lang) for change in changes), "; ")
    with place.container(key="changed", horizontal=True, vertical_alignment="center"):
        st.html(tag("div", tag("b", say("app.changed", lang)), " ", words, cls="lt-changed"))
        st.button(
            say("app.undo", lang), key="undo", icon=":material/undo:", on_click=_take_back, args=(path,)
        )
        st.download_button(
            say("app.changed.save", lang), key="save_changed", icon=":material/download:", on_click="ignore",
            data=lambda: reading.written(scenario(path)), file_name=f"{path.stem}_changed.yaml",
            mime="application/yaml",
        )  # fmt: skip


def _take_back(path: Path) -> None:
    """Forget the last change."""
    _keep(path, _changes(path)[:-1])
