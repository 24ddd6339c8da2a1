"""A download that somebody asks for: the button that asks, how long it has run, and what came of it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from errors import DataError
from geo import downloads
from geo.units import Vintage
from text import number
from views import work
from views.data_place import Place, messages

Found = TypeVar("Found")


def offer(
    place: Place, name: str, *, source: str, key: str, start: Callable[[str, Vintage], work.Job[Found]]
) -> work.Job[Found] | None:
    """The download `name` (`work.running`) of the place's province; a button that starts it where it is not.

    Args:
        place: whose province and list are asked about.
        name: of the download.
        source: id of who is asked, in ``downloads.sources()``.
        key: of the button.
        start: starts it for a province and a list.
    """
    province, vintage = str(place.scenario.place.province), place.scenario.place.vintage
    job = work.running("download", name, province, vintage)
    if job is None:
        go = place.say("outlines.download.go", host=downloads.host(source))
        if st.button(go, key=key, icon=":material/download:"):
            start(province, vintage)
            st.rerun()
    return job


def follow(
    place: Place,
    name: str,
    job: work.Job[Found],
    *,
    source: str,
    take: Callable[[Found], None],
    running: str = "outlines.download.running",
    failed: str = "outlines.download.failed",
) -> None:
    """How long `job` has run; once it is over `take` gets what came and the page is drawn anew, or why not.

    Args:
        place, name, source: as in `offer`.
        job: what `offer` gave.
        take: is given what came.
        running, failed: sentences below ``data.``; `running` is told host, seconds and parts ("3/10").
    """
    province, vintage = str(place.scenario.place.province), place.scenario.place.vintage

    @st.fragment(run_every=None if job.over else 1.0)
    def section() -> None:
        if not job.over:
            seconds = number(math.floor(job.seconds), place.lang)
            parts = job.step if "/" in job.step else "–"
            st.caption(place.say(running, host=downloads.host(source), seconds=seconds, parts=parts))
            return
        work.drop("download", name, province, vintage)
        try:
            found = job.answer()
        except DataError as error:
            st.error(place.say(failed), icon=":material/wifi_off:")
            messages(error, place.lang)
        else:
            take(found)
            st.rerun()

    section()
