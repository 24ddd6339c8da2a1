"""What a session works on, and its draft in the workspace: nothing is lost by a reload, a crash, a restart.

A session's draft has a random name that stands in the page's address.  Whoever opens that address in a second
window while the first is still open works on a copy: two sessions never write to one draft.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

import workspace
from errors import DataError, Problem
from text import Text

PARAMETER, ONLY_PLAN = "phien", "phuong-an"
"""Of the page's address: the draft's token; a kept plan to look at, which is a link for others."""
CHANGES = "changes"
"""Session state: the `Work` on each scenario, by its key (`asked.key_of`)."""
TOKEN, ASKED_FOR = "draft_token", "draft_asked_for"
"""Session state: the draft's token; the one that the address asked for."""
UNSAVED, UNFIT = "draft_unsaved", "draft_unfit"
"""Session state: why the draft could not be written or read; what in it no longer fits."""
OPENED = "opened_versions"
"""Session state: by name of a kept scenario the version that this session has opened."""
CHOSEN = "scenario"
"""Session state: key of the scenario that is chosen."""
MOST_STEPS = 100
"""Steps that can be taken back."""


class Change(NamedTuple):
    """A change in words: a patch, or the answer to an open question of the file."""

    text: Text
    patch: dict[str, Any]
    question: str = ""
    option: str = ""


Changes = tuple[Change, ...]


@dataclass(frozen=True)
class Work:
    """The changes of a scenario as they stand, the states before, and those that were taken back."""

    now: Changes = ()
    past: tuple[Changes, ...] = ()
    future: tuple[Changes, ...] = ()

    def to(self, changes: Changes) -> Work:
        """One step on."""
        return self if changes == self.now else Work(changes, (*self.past, self.now)[-MOST_STEPS:])

    def undone(self) -> Work:
        """One step back."""
        return Work(self.past[-1], self.past[:-1], (self.now, *self.future)) if self.past else self

    def redone(self) -> Work:
        """The step on that was taken back last."""
        return Work(self.future[0], (*self.past, self.now), self.future[1:]) if self.future else self


class Unfit(NamedTuple):
    """Work that a draft holds and its scenario no longer takes: of which scenario, what, and why."""

    key: str
    work: Work
    why: Text


def work_on(key: str) -> Work:
    """What this session did to the scenario `key`."""
    found: Work = st.session_state.get(CHANGES, {}).get(key, Work())
    return found


def keep(key: str, work: Work) -> None:
    """Keep the work on a scenario, in the session and in its draft."""
    everything = st.session_state.setdefault(CHANGES, {})
    if work == Work():
        everything.pop(key, None)
    else:
        everything[key] = work
    save()


def opened_version(name: str) -> int | None:
    """The version of a kept scenario that this session has opened."""
    found: int | None = st.session_state.get(OPENED, {}).get(name)
    return found


def open_version(name: str, version: int) -> None:
    """From now on this session looks at this version."""
    st.session_state.setdefault(OPENED, {})[name] = version


# --- the draft -----------------------------------------------------------------------------------


def token() -> str:
    """The token of this session's draft; a new one where it has none."""
    if TOKEN not in st.session_state:
        st.session_state[TOKEN] = workspace.new_token()
        _claim(st.session_state[TOKEN])
    found: str = st.session_state[TOKEN]
    return found


def save(chosen: str | None = None) -> None:
    """Write the draft; where that cannot be, the session goes on and `unsaved` says why.

    `chosen` is the scenario that will be chosen when the page is drawn again.
    """
    works: dict[str, Work] = st.session_state.get(CHANGES, {})
    content = {
        "chosen": chosen or st.session_state.get(CHOSEN),
        "versions": st.session_state.get(OPENED, {}),
        "works": {key: _plain(work) for key, work in works.items()},
        "unfit": {one.key: _plain(one.work) for one in unfit()},
    }
    try:
        workspace.keep_draft(token(), content)
        st.session_state.pop(UNSAVED, None)
    except DataError as why:
        st.session_state[UNSAVED] = why


def unsaved() -> DataError | None:
    """Why the draft could not be written last; None where it was."""
    found: DataError | None = st.session_state.get(UNSAVED)
    return found


def unfit() -> tuple[Unfit, ...]:
    """What the draft holds and its scenarios no longer take."""
    found: tuple[Unfit, ...] = st.session_state.get(UNFIT, ())
    return found


def drop_unfit(key: str) -> None:
    """Forget work that no longer fits."""
    st.session_state[UNFIT] = tuple(one for one in unfit() if one.key != key)
    save()


def address() -> None:
    """At the top of every page: remember which draft the address asks for, and keep the address right."""
    shown = st.query_params.get(PARAMETER, "")
    if TOKEN not in st.session_state:
        if shown:
            st.session_state.setdefault(ASKED_FOR, shown)
    elif shown != st.session_state[TOKEN] and ONLY_PLAN not in st.query_params:
        st.query_params[PARAMETER] = st.session_state[TOKEN]


def begin(fits: Callable[[str, Changes], Text | None]) -> None:
    """Bring the draft back that the address asks for, once.

    `fits` says why changes do not fit the scenario of this key; None where they do.
    """
    if TOKEN not in st.session_state and ASKED_FOR in st.session_state:
        _bring_back(st.session_state.pop(ASKED_FOR), fits)
    address()


def _bring_back(asked_for: str, fits: Callable[[str, Changes], Text | None]) -> None:
    if not workspace.is_token(asked_for):
        return
    _cleared()
    try:
        held = workspace.draft(asked_for)
        if held is None:
            return
        works = {str(key): _work(said) for key, said in held.get("works", {}).items()}
        lost = {str(key): _work(said) for key, said in held.get("unfit", {}).items()}
        versions = {str(name): int(n) for name, n in held.get("versions", {}).items()}
        mine = asked_for if _claim(asked_for) else workspace.new_token()
        if mine != asked_for:
            workspace.copied(asked_for, mine)
            _claim(mine)
    except DataError as why:
        st.session_state[UNSAVED] = why
        return
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        st.session_state[UNSAVED] = DataError(Problem("workspace.unreadable", asked_for))
        return
    st.session_state[TOKEN] = mine
    st.session_state[OPENED] = versions
    verdicts = {key: fits(key, work.now) for key, work in (lost | works).items()}
    st.session_state[CHANGES] = {key: (lost | works)[key] for key, why in verdicts.items() if why is None}
    st.session_state[UNFIT] = tuple(
        Unfit(key, (lost | works)[key], why) for key, why in verdicts.items() if why is not None
    )
    if isinstance(held.get("chosen"), str):
        st.session_state[CHOSEN] = held["chosen"]


# --- who holds which draft -----------------------------------------------------------------------


@st.cache_resource(show_spinner=False)
def _holders() -> dict[str, str]:
    """Session by token: who writes to which draft, on this server."""
    return {}


@st.cache_resource(show_spinner=False, ttl=86_400)
def _cleared() -> int:
    """Once a day, old drafts are cleared away."""
    return workspace.clear_drafts()


def _claim(name: str) -> bool:
    """Take the draft `name`; False while another session that is open in a browser holds it."""
    context = get_script_run_ctx()
    mine = context.session_id if context is not None else ""
    holder = _holders().get(name, mine)
    if holder != mine and runtime.exists() and runtime.get_instance().is_active_session(holder):
        return False
    _holders()[name] = mine
    return True


# --- as JSON: each change once, states as lists of numbers ---------------------------------------


def _plain(work: Work) -> dict[str, Any]:
    pool: list[Change] = []

    def numbers(changes: Changes) -> list[int]:
        for change in changes:
            if not any(change is known for known in pool):
                pool.append(change)
        return [next(n for n, known in enumerate(pool) if known is change) for change in changes]

    states = {
        "now": numbers(work.now),
        "past": [numbers(state) for state in work.past],
        "future": [numbers(state) for state in work.future],
    }
    written = [
        {"vi": c.text.vi, "en": c.text.en, "patch": c.patch, "question": c.question, "option": c.option}
        for c in pool
    ]
    return {"changes": written, **states}


def _work(said: dict[str, Any]) -> Work:
    """Raises what comes of data that `_plain` did not write."""
    pool = [
        Change(Text(str(c["vi"]), str(c["en"])), dict(c["patch"]), str(c["question"]), str(c["option"]))
        for c in said["changes"]
    ]

    def state(numbers: list[int]) -> Changes:
        return tuple(pool[n] for n in numbers)

    return Work(state(said["now"]), tuple(map(state, said["past"])), tuple(map(state, said["future"])))
