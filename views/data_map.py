"""The maps of the data page: counts, boundaries, premises; drawn as the plan's map is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import geopandas as gpd
import streamlit as st
from streamlit_folium import st_folium

from geo import boundaries, maps
from planner import geography
from views.plan_stage import MAP_HEIGHT, STATIC_URL, published

Labels = tuple[tuple[str, float, float], ...]
"""Names that the map always shows, each with its latitude and longitude."""
Data = Callable[[Sequence[str]], dict[str, Any]]
"""What the map shows, for communes in the order of drawing."""


@st.cache_resource(max_entries=8, show_spinner=False)
def _drawn(
    _frame: gpd.GeoDataFrame,
    key: str,  # noqa: ARG001 - the cache's key
    labels: Labels,
) -> tuple[maps.Places, str | None]:
    drawn = maps.places(_frame, labels=labels)
    return drawn, published(drawn)


def show(
    communes: Any,
    outlines: boundaries.Outlines,
    data: Data,
    *,
    key: str,
    returned: Sequence[str] = (),
    labels: Labels = (),
) -> dict[str, Any]:
    """Draw `data` on `communes` (``tables.TABLES["communes"]``) within `outlines`; `labels` stay in sight.

    Returns:
        What the reader did on the map, as far as `returned` asks for it.
    """
    named = "".join(communes["group_name"])
    frame = geography.with_polygons(communes, outlines)
    drawn, url = _drawn(frame, f"{boundaries.checksum(outlines.frame)} {named}", labels)
    canvas = maps.base_map(drawn, static=STATIC_URL, places_url=url)
    said = st_folium(
        canvas, key=key, height=MAP_HEIGHT, use_container_width=True, returned_objects=list(returned),
        feature_group_to_add=maps.stage_layer(data(drawn.codes)),
    )  # fmt: skip
    return dict(said or {})
