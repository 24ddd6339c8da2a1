"""Files to go on working with, written when asked for; the shared edition unless somebody wants the other."""

from __future__ import annotations

import hashlib
import math
import tempfile
from functools import partial
from pathlib import Path

import streamlit as st

import exports
import planner
from errors import DataError
from exports import full_set
from exports.contents import ALONE, Beside, Edition
from planner.plan import Plan
from tables import records
from text import Lang, say
from views import work

ICONS = {
    ".docx": "description", ".pdf": "picture_as_pdf", ".xlsx": "table", ".html": "language", ".png": "image",
    ".gpkg": "layers", ".kmz": "public", ".kml": "public", ".geojson": "data_object",
    ".csv.zip": "table_rows",
}  # fmt: skip


def show(plan: Plan, lang: Lang, beside: Beside = ALONE) -> None:
    """Draw the choice of edition, the full set, and a button for each format."""
    st.subheader(say("app.downloads", lang))
    edition: Edition = st.segmented_control(
        say("app.downloads.edition", lang), ["shared", "internal"], default="shared", required=True,
        format_func=lambda edition: say(f"app.downloads.{edition}", lang), key="edition",
        label_visibility="collapsed",
    )  # fmt: skip
    st.caption(say(f"app.downloads.{edition}.about", lang))
    _full_set(plan, edition, lang, beside)
    with st.container(horizontal=True, key="downloads"):
        for suffix in full_set.formats():
            key = full_set.key(suffix)
            st.download_button(
                _name(suffix, lang),
                data=partial(content, plan, suffix, edition, lang, beside),
                file_name=f"{plan.scenario.id}_{edition}{suffix}",
                help=say(f"dossier.about.{key}", lang),
                icon=f":material/{ICONS.get(suffix, 'draft')}:",
                key=f"download_{key}",
                on_click="ignore",
            )


def _name(suffix: str, lang: Lang) -> str:
    """What the file is, and its format where the name does not say it."""
    name, ending = say(f"dossier.name.{full_set.key(suffix)}", lang), suffix.rpartition(".")[2].upper()
    return name if name.upper() == ending else f"{name} ({ending})"


def content(plan: Plan, suffix: str, edition: Edition, lang: Lang, beside: Beside = ALONE) -> bytes:
    """The file as it would be written to disk."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"plan{suffix}"
        return exports.write(plan, path, edition=edition, lang=lang, beside=beside).read_bytes()


def key_of(plan: Plan, edition: Edition, lang: Lang, beside: Beside) -> tuple[str, ...]:
    """What tells one full set from another: the plan, not only what was asked."""
    opened = [(row["facility"], row["stage"], row["opened"]) for row in records(plan.openings)]
    told = (opened, plan.report.levels, beside.evaluation is not None, len(beside.options), beside.by)
    digest = hashlib.sha256(repr(told).encode()).hexdigest()
    return ("files", planner.digest(plan.scenario), digest, edition, lang)


def set_job(plan: Plan, edition: Edition, lang: Lang, beside: Beside = ALONE) -> work.Job[bytes]:
    """The full set as a zip; its step tells how many files are done: "3/10"."""

    def task(job: work.Job[bytes]) -> bytes:
        with tempfile.TemporaryDirectory() as home:
            folder = Path(home) / f"{plan.scenario.id}_{edition}"
            files = full_set.write_all(
                plan, folder, edition=edition, lang=lang, beside=beside,
                progress=lambda done, of, _: job.begin(f"{done}/{of}"),
            )  # fmt: skip
            return full_set.zipped(files)

    return work.job(key_of(plan, edition, lang, beside), task)


def _full_set(plan: Plan, edition: Edition, lang: Lang, beside: Beside) -> None:
    """A button that has the set written; then how far it is; then the file."""
    running = work.running(*key_of(plan, edition, lang, beside))

    running_over = running is not None and running.over

    @st.fragment(run_every=None if running is None or running_over else 0.5)
    def section() -> None:
        job = work.running(*key_of(plan, edition, lang, beside))
        if job is None:
            if st.button(say("app.downloads.all", lang), key="write_all", icon=":material/folder_zip:"):
                set_job(plan, edition, lang, beside)
                st.rerun()
        elif not job.over:
            done, _, of = job.step.partition("/")
            seconds = math.floor(job.seconds)
            share = int(done) / int(of) if done.isdigit() and of.isdigit() else 0.0
            told = {"done": done if of else "–", "of": of or "–", "seconds": seconds}
            st.progress(share, say("app.downloads.all.running", lang, **told))
        else:
            if running is not None and not running_over:
                st.rerun()  # once: the page need not ask any more
            _written(job, plan, edition, lang)

    section()


def _written(job: work.Job[bytes], plan: Plan, edition: Edition, lang: Lang) -> None:
    try:
        packed = job.answer()
    except (DataError, OSError) as why:
        st.error(why.say(lang) if isinstance(why, DataError) else str(why), icon=":material/error:")
        return
    st.download_button(
        say("app.downloads.all.ready", lang), data=packed, file_name=f"{plan.scenario.id}_{edition}.zip",
        mime="application/zip", key="download_all", icon=":material/folder_zip:", on_click="ignore",
        type="primary",
    )  # fmt: skip
