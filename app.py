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
FIRST, ROOT = "ke-hoach", "trang-dau"


def _page(path: str, *, address: str = "", hidden: bool = False) -> StreamlitPage:
    name, symbol = PAGES[path]

    def draw() -> None:
        with st.spinner(say("app.loading", lang)):  # libraries take two seconds, once, the frame in view
            module = import_module(f"views.{name}_page")
        module.show()

    return st.Page(
        draw, title=say(f"app.page.{name}", lang), url_path=address or path, icon=f":material/{symbol}:",
        default=address == ROOT, visibility="hidden" if hidden else "visible",
    )  # fmt: skip


pages = {path: _page(path, address=ROOT if path == FIRST else path) for path in PAGES}
frame.publish(pages)
# Streamlit serves its first page at the root alone; a link with the page's own path opens it all the same.
st.navigation([*pages.values(), _page(FIRST, hidden=True)], position="top").run()
