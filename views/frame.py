"""What surrounds every page: its style, the name of the program and the language switch."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NoReturn, cast

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from text import LANGS, Lang, say
from views import session
from views.markup import tag

STYLE = Path(__file__).with_name("style.css")
PAGES = "pages"
"""Session state: the pages by their paths."""


def language() -> Lang:
    """The language of this session; Vietnamese until somebody switches."""
    return cast(Lang, st.session_state.get("lang") or LANGS[0])


def open_page() -> Lang:
    """Draw the frame and return the language that is chosen in it."""
    session.address()
    st.html(STYLE)
    with st.container(key="brand"):
        slogan = tag("span", say("app.slogan", language()))
        # Streamlit calls every page English: a screen reader would read Vietnamese by its sounds.
        spoken = f"<script>document.documentElement.lang = {json.dumps(language())};</script>"
        st.html(tag("div", "Lộ Trình", slogan, cls="lt-brand") + spoken, unsafe_allow_javascript=True)
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


def publish(pages: dict[str, StreamlitPage]) -> None:
    """Let pages know each other, by their paths in the address."""
    st.session_state[PAGES] = pages


def go(path: str) -> NoReturn:
    """Leave for another page.  Not from a callback: Streamlit stays there."""
    st.switch_page(st.session_state[PAGES][path])


def spoken_anew(key: str, lang: Lang) -> None:
    """Have the select box `key` say its choice in `lang`: browsers keep the words it was chosen in."""
    told = f"{key}_spoken"
    if st.session_state.get(told) != lang and key in st.session_state:
        st.session_state[key] = st.session_state[key]
    st.session_state[told] = lang
