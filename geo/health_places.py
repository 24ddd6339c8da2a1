"""Hospitals, clinics and health stations that OpenStreetMap has mapped; fetched only when somebody asks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geo import downloads
from geo.cells import metric_zone
from geo.intake.premises_words import host_in
from geo.units import Vintage
from text import fold, sort_key, tidy

SOURCE = "osm"
"""Id of the source in ``open_sources.json``."""
TAGS: Mapping[str, Any] = {"amenity": ["hospital", "clinic", "doctors"], "healthcare": True}
COLUMNS = ("id", "name", "type", "address", "geometry")
SAME_M = 300.0
"""Two entries of one name this near to each other are the same place: a building and its gate, say."""
_NO_HOST = frozenset({"pharmacy", "dentist", "optometrist", "laboratory", "alternative", "blood_donation"})
_ADDRESS = ("addr:housenumber", "addr:street", "addr:hamlet", "addr:place")


def fetch(province: str, vintage: Vintage) -> gpd.GeoDataFrame:
    """Named health places about a province, one row a place, by name.

    Returns:
        `COLUMNS`: id (``node/1``), name, type (that of the name's own words, else the tag's), address and a
        point (EPSG:4326).  What has no name, and what hosts no patients, is left out; of phone numbers and
        the like nothing is kept.

    Raises:
        DataError: ``download.*``: nothing came, or nothing that can be used.
    """
    where = downloads.around(province, vintage)
    found = downloads.features(downloads.source_of(SOURCE), where, TAGS)
    rows = [
        row for at, tags in zip(found.index, found.to_dict("records"), strict=True) if (row := _row(at, tags))
    ]
    frame = gpd.GeoDataFrame(rows, columns=list(COLUMNS), geometry="geometry", crs=4326)
    frame = frame[frame.geometry.within(where)].reset_index(drop=True)
    order = sorted(range(len(frame)), key=lambda n: (sort_key(frame["name"].iloc[n]), frame["id"].iloc[n]))
    frame = frame.iloc[order].reset_index(drop=True)
    return _told_apart(_once(frame))


def _row(at: Any, tags: Mapping[Any, Any]) -> dict[str, Any] | None:
    def said(key: str) -> str:
        value = tags.get(key)
        return tidy(value) if isinstance(value, str) else ""

    name = said("name:vi") or said("name")
    kind = said("healthcare") or said("amenity")
    if not name or kind in _NO_HOST or said("amenity") in _NO_HOST:
        return None
    kind, number = at if isinstance(at, tuple) else ("", at)
    return {
        "id": f"{kind}/{number}",
        "name": name,
        "type": host_in(name) or said("amenity") or said("healthcare"),
        "address": ", ".join(filter(None, map(said, _ADDRESS))) or None,
        "geometry": tags["geometry"].representative_point(),
    }


def _once(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Without further entries of a name within `SAME_M` of the first."""
    if frame.empty:
        return frame
    metric = frame.to_crs(metric_zone(np.asarray(frame.geometry.x, dtype=np.float64))).geometry
    kept: list[int] = []
    by_name: dict[str, list[int]] = {}
    for n, name in enumerate(map(fold, frame["name"])):
        if all(metric.iloc[n].distance(metric.iloc[m]) > SAME_M for m in by_name.get(name, ())):
            by_name.setdefault(name, []).append(n)
            kept.append(n)
    return frame.iloc[kept].reset_index(drop=True)


def _told_apart(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Places of one name carry their id as well."""
    times = Counter(map(fold, frame["name"]))
    names = [
        f"{name} ({id_})" if times[fold(name)] > 1 else name
        for name, id_ in zip(frame["name"], frame["id"], strict=True)
    ]
    return frame.assign(name=pd.Series(names, dtype="str"))
