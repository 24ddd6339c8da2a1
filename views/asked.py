"""The scenario that this session is about: the file that was chosen, and what was changed in it here."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from errors import ScenarioError
from scenarios import reading
from scenarios.schema import Scenario
from text import Lang, Text, say
from views.markup import joined, tag

CHANGES = "changes"
"""Session state: the changes of each scenario file that the user made here, as (their words, their patch)."""


def picked(lang: Lang) -> Path:
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


def scenario(path: Path) -> Scenario:
    """The file's scenario with the changes that the user made here."""
    asked = _read(path)
    for _, patch in st.session_state.get(CHANGES, {}).get(path.name, ()):
        asked = reading.changed(asked, patch)
    return asked


def change(path: Path, text: Text, patch: dict[str, Any]) -> None:
    """Keep a change of the scenario for this session."""
    changes = st.session_state.setdefault(CHANGES, {})
    changes[path.name] = (*changes.get(path.name, ()), (text, patch))


def changed_note(path: Path, lang: Lang) -> None:
    """Say what was changed here, and offer to take the last change back or to keep all of them as a file."""
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
            say("app.undo", lang), key="undo", icon=":material/undo:", on_click=_take_back, args=(path,)
        )
        st.download_button(
            say("app.changed.save", lang), key="save_changed", icon=":material/download:", on_click="ignore",
            data=lambda: reading.written(scenario(path)), file_name=f"{path.stem}_changed.yaml",
            mime="application/yaml",
        )  # fmt: skip


def _take_back(path: Path) -> None:
    """Forget the last change."""
    changes = st.session_state[CHANGES]
    changes[path.name] = changes[path.name][:-1]
