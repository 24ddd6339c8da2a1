"""The screen: page settings, the language switch and the pages of `views`; nothing else."""

import streamlit as st

from text import say
from views import frame, plan_page

st.set_page_config(page_title="Lộ Trình", page_icon="static/icon.svg", layout="wide")
lang = frame.open_page()
pages = [st.Page(plan_page.show, title=say("app.page.plan", lang), url_path="ke-hoach", default=True)]
st.navigation(pages, position="top").run()
