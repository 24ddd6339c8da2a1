"""OpenStreetMap's own formats: ``.osm`` (XML), ``.osm.pbf``, and the answers of Overpass.

Files are read with osmium in two passes, ways and then their nodes, so that an extract of the whole country
needs only the memory that its roads take.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from array import array
from collections.abc import Iterable, Mapping
from typing import Any, Literal

import numpy as np
import shapely

from errors import DataError, Problem
from geo.roads import speeds
from geo.roads.graph import Roads
from geo.roads.pieces import Ways, assemble
from text import tidy

ATTRIBUTION = "© OpenStreetMap contributors (ODbL 1.0)"


class _Places:
    """Places of nodes as they are read."""

    def __init__(self) -> None:
        self.keys, self.lon, self.lat = array("q"), array("d"), array("d")

    def add(self, key: int, lon: float, lat: float) -> None:
        self.keys.append(key)
        self.lon.append(lon)
        self.lat.append(lat)


def read(
    name: str, content: bytes, *, format_: Literal["osm", "pbf"], polygon: shapely.Geometry | None = None
) -> Roads:
    """The roads and ferries of an ``.osm`` or ``.osm.pbf`` file.

    Args:
        name: the file's name, for messages.
        content: the file.
        format_: what it is.
        polygon: as for `assemble`.

    Raises:
        DataError: ``roads.unreadable`` no such file; and what `assemble` refuses.
    """
    import osmium
    from osmium.filter import IdFilter, KeyFilter

    ways, places = Ways(), _Places()
    try:
        file = osmium.io.FileBuffer(content, format_)
        drawn = osmium.FileProcessor(file, osmium.osm.WAY)
        for way in drawn.with_filter(KeyFilter("highway", "route")):
            assert isinstance(way, osmium.osm.Way)
            tags = {tag.k: tag.v for tag in way.tags}
            if speeds.is_road(tags):
                ways.add((node.ref for node in way.nodes), tags)
        wanted = IdFilter(np.unique(np.array(ways.keys, dtype=np.int64)).tolist())
        for node in osmium.FileProcessor(file, osmium.osm.NODE).with_filter(wanted):
            assert isinstance(node, osmium.osm.Node)
            # unchecked: a latitude beyond 90 is what changed places look like
            at = node.location
            places.add(node.id, at.lon_without_check(), at.lat_without_check())
        stamp = drawn.header.get("osmosis_replication_timestamp")
    except (RuntimeError, ValueError) as why:
        raise DataError(Problem("roads.unreadable", name, {"why": tidy(str(why))[:200]})) from why
    return assemble(
        ways, places.keys, places.lon, places.lat,
        source=name, polygon=polygon, attribution=ATTRIBUTION, retrieved=day(stamp),
    )  # fmt: skip


def merge(
    answers: Iterable[Mapping[str, Any]],
    *,
    source: str,
    retrieved: str,
    polygon: shapely.Geometry | None = None,
) -> Roads:
    """The roads and ferries of Overpass's answers for neighbouring tiles, each way once.

    Args:
        answers: each with ``elements``: ways with nodes and tags, nodes with lat and lon.
        source: the service.
        retrieved: ISO date of the map's data.
        polygon: as for `assemble`.

    Raises:
        DataError: what `assemble` refuses.
        KeyError, TypeError, ValueError: an answer is none of Overpass's.
    """
    ways, places = Ways(), _Places()
    seen: set[int] = set()
    for answer in answers:
        for element in answer["elements"]:
            if element["type"] == "node":
                places.add(int(element["id"]), float(element["lon"]), float(element["lat"]))
            elif element["type"] == "way" and element["id"] not in seen:
                seen.add(element["id"])
                if speeds.is_road(tags := element.get("tags", {})):
                    ways.add(element["nodes"], tags)
    return assemble(
        ways, places.keys, places.lon, places.lat,
        source=source, attribution=ATTRIBUTION, retrieved=retrieved, polygon=polygon,
    )  # fmt: skip


def day(stamp: str) -> str:
    """ISO date of a time stamp, empty where it is none."""
    with contextlib.suppress(ValueError):
        return dt.datetime.fromisoformat(stamp).date().isoformat()
    return ""
