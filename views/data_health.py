"""Health places of OpenStreetMap, fetched when somebody asks for them, to be looked at as a table is."""

from __future__ import annotations

import math
from collections.abc import Callable

import geopandas as gpd
import streamlit as st

from errors import DataError
from geo import downloads, health_places
from text import number
from views import work
from views.data_place import Place, messages


def show(place: Place, take: Callable[[gpd.GeoDataFrame], None]) -> None:
    """Draw the offer; `take` gets what has come."""
    province, vintage = str(place.scenario.place.province), place.scenario.place.vintage
    source = downloads.source_of(health_places.SOURCE)
    with st.expander(place.say("health.title"), icon=":material/cloud_download:", key="health"):
        st.warning(place.say("health.warning"), icon=":material/wifi:")
        st.caption(f"{source.title} · {source.licence} · {source.attribution}")
        job = work.running("download", "health", province, vintage)
        if job is None:
            go = place.say("outlines.download.go", host=downloads.host(source.id))
            if st.button(go, key="health_go", icon=":material/download:"):
                work.health_places(province, vintage)
                st.rerun()
            return
    _progress(place, job, take)


def _progress(
    place: Place, job: work.Job[gpd.GeoDataFrame], take: Callable[[gpd.GeoDataFrame], None]
) -> None:
    province, vintage = str(place.scenario.place.province), place.scenario.place.vintage

    @st.fragment(run_every=None if job.over else 1.0)
    def section() -> None:
        if not job.over:
            host = downloads.host(health_places.SOURCE)
            seconds = number(math.floor(job.seconds), place.lang)
            st.caption(place.say("outlines.download.running", host=host, seconds=seconds))
            return
        work.drop("download", "health", province, vintage)
        try:
            found = job.answer()
        except DataError as error:
            st.error(place.say("health.failed"), icon=":material/wifi_off:")
            messages(error, place.lang)
        else:
            take(found)
            st.rerun()

    section()
