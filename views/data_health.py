"""Health places of OpenStreetMap, fetched when somebody asks for them, to be looked at as a table is."""

from __future__ import annotations

from collections.abc import Callable

import geopandas as gpd
import streamlit as st

from geo import downloads, health_places
from views import data_download, work
from views.data_place import Place


def show(place: Place, take: Callable[[gpd.GeoDataFrame], None]) -> None:
    """Draw the offer; `take` gets what has come."""
    source = downloads.source_of(health_places.SOURCE)
    with st.expander(place.say("health.title"), icon=":material/cloud_download:", key="health"):
        st.warning(place.say("health.warning"), icon=":material/wifi:")
        st.caption(f"{source.title} · {source.licence} · {source.attribution}")
        job = data_download.offer(
            place, "health", source=source.id, key="health_go", start=work.health_places
        )
    if job is not None:
        data_download.follow(place, "health", job, source=source.id, take=take, failed="health.failed")
