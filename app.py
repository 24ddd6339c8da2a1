"""The screen: page settings, the language switch and the pages of `views`; nothing else."""

from importlib import import_module

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from text import say
from views import frame

st.set_page_config(page_title="Lộ Trình", page_icon="static/icon.svg", layout="wide")
lang = frame.open_page()

PAGES = {
    "du-lieu": ("data", "database"),
    "kich-ban": ("scenario", "tune"),
    "ke-hoach": ("plan", "map"),
    "so-sanh": ("compare", "compare_arrows"),
    "lanh-dao": ("leader", "monitoring"),
    "xuat": ("export", "folder_zip"),
    "gioi-thieu": ("about", "info"),
}
"""Path of each page in the address, its module in `views` and its icon, in the order of the work."""
FIRST = "ke-hoach"


def _page(path: str, name: str, symbol: str) -> StreamlitPage:
    def draw() -> None:
        with st.spinner(say("app.loading", lang)):  # libraries take two seconds, once, the frame in view
            module = import_module(f"views.{name}_page")
        module.show()

    draw.__name__ = name
    return st.Page(
        draw, title=say(f"app.page.{name}", lang), url_path=path, icon=f":material/{symbol}:",
        default=path == FIRST,
    )  # fmt: skip


pages = {path: _page(path, *named) for path, named in PAGES.items()}
frame.publish(pages)
st.navigation(list(pages.values()), position="top").run()
