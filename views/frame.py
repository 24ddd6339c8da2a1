"""What surrounds every page: its style, the name of the program and the language switch."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import streamlit as st

from text import LANGS, Lang, say
from views import session
from views.markup import tag

STYLE = Path(__file__).with_name("style.css")


def language() -> Lang:
    """The language of this session; Vietnamese until somebody switches."""
    return cast(Lang, st.session_state.get("lang") or LANGS[0])


def open_page() -> Lang:
    """Draw the frame and return the language that is chosen in it."""
    session.address()
    st.html(STYLE)
    with st.container(key="brand"):
        slogan = tag("span", say("app.slogan", language()))
        st.html(tag("div", "Lộ Trình", slogan, cls="lt-brand"))
    with st.container(key="lang_switch"):
        st.segmented_control(
            say("app.language", language()),
            LANGS,
            default=LANGS[0],
            required=True,
            format_func={"vi": "Tiếng Việt", "en": "English"}.__getitem__,
            key="lang",
            label_visibility="collapsed",
            persist_state="session",
        )
    return language()


def spoken_anew(key: str, lang: Lang) -> None:
    """Have the select box `key` say its choice in `lang`: browsers keep the words it was chosen in."""
    told = f"{key}_spoken"
    if st.session_state.get(told) != lang and key in st.session_state:
        st.session_state[key] = st.session_state[key]
    st.session_state[told] = lang
