"""What the sections of the data page share: the place they speak of, files that come in, messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from errors import PlanningError, Problem
from geo.boundaries import Outlines
from planner.geography import Geography
from scenarios import reading
from scenarios.schema import Scenario
from text import Lang, Text, say
from views import asked
from views.markup import tag

FEW = 8
"""Messages that are shown at once; the rest can be unfolded."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """The scenario of the page with its places, boundaries and file."""

    path: Path
    scenario: Scenario
    places: Geography
    outlines: Outlines
    lang: Lang

    def say(self, key: str, **values: object) -> str:
        """The sentence ``data.<key>`` in the page's language."""
        return say(f"data.{key}", self.lang, **values)

    @property
    def key(self) -> str:
        """Tells widgets and drafts of one scenario from those of another."""
        return self.path.stem

    def use(self, what: Text, patch: dict[str, Any]) -> bool:
        """Change the session's scenario if what comes out holds together; else keep the reason."""
        from planner import geography

        try:
            geography.places(reading.changed(self.scenario, patch))
        except PlanningError as error:
            st.session_state[f"data_refused_{self.key}"] = error
            return False
        asked.change(self.path, what, patch)
        st.session_state.pop(f"data_refused_{self.key}", None)
        return True

    def refused(self) -> None:
        """Why the last change was not made, once."""
        if error := st.session_state.pop(f"data_refused_{self.key}", None):
            st.error(self.say("not_used"), icon=":material/block:")
            messages(error, self.lang)


def messages(error: PlanningError, lang: Lang) -> None:
    """All problems, each with its place, what is wrong and what to do."""
    _list(error.problems[:FEW], lang)
    if rest := error.problems[FEW:]:
        with st.expander(say("data.more_problems", lang, count=len(rest))):
            _list(rest, lang)


def _list(problems: Sequence[Problem], lang: Lang) -> None:
    lines = []
    for problem in problems:
        where, _, said = problem.say(lang).partition(": ")
        lines.append(tag("li", tag("code", where), " ", said))
    st.html(tag("ul", *lines, cls="lt-problems"))


_SPOKEN = """<style>
.st-key-{key} [data-testid="stFileUploaderDropzone"] :is(button p, span) {{ font-size: 0; }}
.st-key-{key} [data-testid="stFileUploaderDropzone"] [data-testid="stIconMaterial"] {{ font-size: 1.1rem; }}
.st-key-{key} button p::after {{ content: "{choose}"; font-size: .9rem; }}
.st-key-{key} [data-testid="stFileUploaderDropzoneInstructions"] span::after {{
  content: "{limit}"; font-size: .85rem; }}
</style>"""
"""Streamlit has no words of the page's language for its uploader."""


def uploader(place: Place, name: str, *, types: Sequence[str]) -> tuple[str, bytes] | None:
    """A file that has just been chosen, once: its name and content; the widget is emptied at once.

    What a file holds stays nowhere but with who takes it from here.
    """
    turn = st.session_state.setdefault(f"data_turn_{name}", 0)
    box = f"data_upload_{name}_{turn}"
    st.html(_SPOKEN.format(key=box, choose=place.say("upload.choose"), limit=place.say("upload.limit")))
    found = st.file_uploader(
        place.say(f"upload.{name}"), type=list(types), key=box, label_visibility="collapsed"
    )
    if found is None:
        return None
    st.session_state[f"data_turn_{name}"] = turn + 1
    return found.name, found.getvalue()
