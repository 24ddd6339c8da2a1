"""What is looked at on the plan's page: kept with the session and in the address, so that a link shows it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from geo.workplace import Chosen
from scenarios import reading
from views import asked

CHOSEN = "chosen"
"""Session state: ``commune:<code>`` or ``site:<facility>``; "" for nothing."""
SOLVE = "solve_again"
"""Session state: something was decided in a part of the page, and the whole of it is to be drawn anew."""
MOVING = "moving"
"""Session state: the facility that is being moved while it is looked at; "" for none."""
_HEARD = "map_heard"
"""Session state: when the click on the map was made that was taken up last."""
_ARRIVED = "arrived"
_IN_ADDRESS = {"giai-doan": "stage", "dich-vu": "service", "chon": CHOSEN}
_SCENARIO = "kich-ban"


def arrive() -> None:
    """Take up what the address says, once a session; what it names that is not there is left alone."""
    if _ARRIVED in st.session_state:
        return
    st.session_state[_ARRIVED] = True
    given = {name: st.query_params.get(name) for name in (*_IN_ADDRESS, _SCENARIO)}
    wanted = given[_SCENARIO] or ""
    if f"{wanted}.yaml" in {path.name for path in reading.FOLDER.glob("*.yaml")}:
        st.session_state[asked.NEXT] = f"{wanted}.yaml"
    elif wanted.startswith(asked.KEPT):
        st.session_state[asked.NEXT] = wanted
    for name, key in _IN_ADDRESS.items():
        if (value := given[name]) is not None and len(value) < 200:
            st.session_state.setdefault(key, value)


def address_of(path: Path) -> str:
    """How an address names a scenario; "" for a file that only this session has."""
    key = asked.key_of(path)
    return "" if key.startswith(asked.OWN) else key.removesuffix(".yaml")


def keep_in_address(**values: str) -> None:
    """Write what is looked at into the address: `scenario`, `stage`, `service`, `chosen`; "" takes it out."""
    names = {key: name for name, key in (*_IN_ADDRESS.items(), (_SCENARIO, "scenario"))}
    for key, value in values.items():
        name = names[key]
        if st.query_params.get(name, "") == value:
            continue
        if value:
            st.query_params[name] = value
        else:
            del st.query_params[name]


def pick(what: str) -> None:
    """Look at it; or at nothing, if it was looked at already."""
    look_at("" if st.session_state.get(CHOSEN) == what else what)


def look_at(what: str) -> None:
    """Look at it; what was being moved stays."""
    move("")
    st.session_state[CHOSEN] = what


def let_go() -> None:
    """Look at nothing."""
    look_at("")


def move(facility: str) -> None:
    """Begin to move the facility that is looked at; "" ends that."""
    st.session_state[MOVING] = facility


def moving() -> str:
    """The facility that is being moved; "" for none."""
    found = str(st.session_state.get(MOVING) or "")
    return found if found == chosen().facility else ""


def on_map(key: str, codes: Sequence[str], take: Callable[[str], None]) -> bool:
    """Take up a click on the map `key`, whose communes are drawn in the order of `codes`, once;
    whether there was one.

    `take` moves what is being moved to the place of a facility.  Streamlit may stop a callback anywhere when
    the next click comes, so a page asks here again: a move that was kept twice is kept once.
    """
    said: Any = st.session_state.get(key)
    at = said.get("at") if isinstance(said, dict) else None
    if at is None or at == st.session_state.get(_HEARD):
        return False
    kind, _, id_ = str(said.get("picked") or "").partition(":")
    if kind == "move":
        take(id_)
    st.session_state[_HEARD] = at
    if kind == "commune" and id_.isdigit() and int(id_) < len(codes):
        pick(f"commune:{codes[int(id_)]}")
    elif kind == "site":
        pick(f"site:{id_}")
    elif kind == "stay":
        move("")
    return True


def chosen() -> Chosen:
    """What is looked at, whether or not this plan has it."""
    kind, _, id_ = str(st.session_state.get(CHOSEN) or "").partition(":")
    return Chosen(commune=id_ if kind == "commune" else "", facility=id_ if kind == "site" else "")
