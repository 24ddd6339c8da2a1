"""Files to go on working with, written when asked for; the shared edition unless somebody wants the other."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path

import streamlit as st

import exports
from exports.contents import Edition
from planner.plan import Plan
from text import Lang, say

ICONS = {".xlsx": "table", ".gpkg": "layers", ".geojson": "data_object"}


def show(plan: Plan, lang: Lang) -> None:
    """Draw the choice of edition and a button for each format."""
    st.subheader(say("app.downloads", lang))
    edition: Edition = st.segmented_control(
        say("app.downloads.edition", lang), ["shared", "internal"], default="shared", required=True,
        format_func=lambda edition: say(f"app.downloads.{edition}", lang), key="edition",
        label_visibility="collapsed",
    )  # fmt: skip
    st.caption(say(f"app.downloads.{edition}.about", lang))
    with st.container(horizontal=True, key="downloads"):
        for suffix in exports.WRITERS:
            st.download_button(
                say(f"app.downloads.{suffix.lstrip('.')}", lang),
                data=partial(content, plan, suffix, edition, lang),
                file_name=f"{plan.scenario.id}_{edition}{suffix}",
                icon=f":material/{ICONS.get(suffix, 'draft')}:",
                key=f"download_{suffix.lstrip('.')}",
                on_click="ignore",
            )


def content(plan: Plan, suffix: str, edition: Edition, lang: Lang) -> bytes:
    """The file as it would be written to disk."""
    with tempfile.TemporaryDirectory() as folder:
        return exports.write(plan, Path(folder) / f"plan{suffix}", edition=edition, lang=lang).read_bytes()
