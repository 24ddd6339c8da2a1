"""The screen: page settings, the language switch and the pages of `views`; nothing else."""

import streamlit as st

from text import say
from views import frame

st.set_page_config(page_title="Lộ Trình", page_icon="static/icon.svg", layout="wide")
lang = frame.open_page()


def plan() -> None:
    """The plan page; its libraries take two seconds to load, once, with the frame already in view."""
    with st.spinner(say("app.loading", lang)):
        from views import plan_page
    plan_page.show()


def data() -> None:
    """The data page."""
    with st.spinner(say("app.loading", lang)):
        from views import data_page
    data_page.show()


pages = [
    st.Page(plan, title=say("app.page.plan", lang), url_path="ke-hoach", default=True),
    st.Page(data, title=say("app.page.data", lang), url_path="du-lieu"),
]
st.navigation(pages, position="top").run()
