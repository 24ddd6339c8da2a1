"""Graphs that OSMnx saved: ``.graphml`` of version 1 or 2.

OSMnx has one edge for each direction of travel; the two of a two-way street become one piece again.  What it
had merged of several ways comes as a list ("['residential', 'service']"): the slower class and the stricter
access are taken.  Which ways it left out, by its network type, cannot be told from the file.
"""

from __future__ import annotations

import ast
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

import numpy as np
import pyproj
import shapely

from errors import DataError, Problem
from geo.roads import osm, speeds
from geo.roads.graph import Floats, Roads
from geo.roads.pieces import Ways, assemble
from text import tidy

_NS = "{http://graphml.graphdrawing.org/xmlns}"
Vertices = tuple[int, ...]


@dataclass(kw_only=True)
class _Drawn:
    """Nodes, and edges by their vertices, in the graph's own coordinates."""

    about: dict[str, str] = field(default_factory=dict)
    key_of: dict[str, int] = field(default_factory=dict)
    places: list[tuple[float, float]] = field(default_factory=list)
    bends: dict[tuple[int, int, float, float], int] = field(default_factory=dict)
    edges: dict[tuple[Vertices, tuple[tuple[str, str], ...]], None] = field(default_factory=dict)

    def node(self, name: str, x: float, y: float) -> None:
        self.key_of[name] = len(self.places)
        self.places.append((x, y))

    def bend(self, ends: tuple[int, int], x: float, y: float) -> int:
        """Key of a vertex between two nodes: the same for both directions, for no other street."""
        key = self.bends.setdefault((min(ends), max(ends), x, y), len(self.places))
        if key == len(self.places):
            self.places.append((x, y))
        return key


def read(name: str, content: bytes, *, polygon: shapely.Geometry | None = None) -> Roads:
    """The roads of a graph that OSMnx saved.

    Args:
        name: the file's name, for messages.
        content: the file; `uploads.check` has seen that it declares no entities.
        polygon: as for `assemble`.

    Raises:
        DataError: ``roads.unreadable`` broken; ``roads.not_osmnx`` a graph of another kind;
            ``roads.unknown_crs``; and what `assemble` refuses.
    """
    try:
        drawn = _parse(content)
    except (ET.ParseError, ValueError, KeyError, SyntaxError, shapely.errors.ShapelyError) as why:
        raise DataError(Problem("roads.unreadable", name, {"why": tidy(str(why))[:200]})) from why
    if drawn is None:
        raise DataError(Problem("roads.not_osmnx", name))
    ways = Ways()
    for vertices, told in drawn.edges:
        back = (vertices[::-1], told) in drawn.edges
        if not back or vertices < vertices[::-1]:
            ways.add(vertices, {**dict(told), "oneway": "no" if back else "yes"})
    at = _in_degrees(
        np.array(drawn.places, dtype=np.float64).reshape(-1, 2), drawn.about.get("crs", ""), name
    )
    return assemble(
        ways, np.arange(len(at)), at[:, 0], at[:, 1], polygon=polygon, source=name,
        attribution=osm.ATTRIBUTION, retrieved=osm.day(drawn.about.get("created_date", "")),
    )  # fmt: skip


def _parse(content: bytes) -> _Drawn | None:
    """Nodes and edges; None where edges and nodes are not OSMnx's."""
    drawn, names = _Drawn(), dict[str, str]()
    later: list[tuple[str, str, dict[str, str]]] = []  # edges whose nodes stand further on in the file
    for _, element in ET.iterparse(io.BytesIO(content)):  # noqa: S314 - no entities, see above
        tag = element.tag.removeprefix(_NS)
        if tag == "key":
            names[element.attrib["id"]] = element.attrib.get("attr.name", "")
        elif tag == "node":
            told = _data(element, names)
            if not {"x", "y"} <= set(told):
                return None
            drawn.node(element.attrib["id"], float(told["x"]), float(told["y"]))
            element.clear()
        elif tag == "edge":
            later.append((element.attrib["source"], element.attrib["target"], _data(element, names)))
            element.clear()
        elif tag == "graph":
            drawn.about |= _data(element, names)
    if later and not any("highway" in told or "route" in told for _, _, told in later):
        return None
    for source, target, told in later:
        _edge(drawn, drawn.key_of[source], drawn.key_of[target], told)
    return drawn


def _data(element: ET.Element, names: Mapping[str, str]) -> dict[str, str]:
    return {names.get(data.attrib["key"], ""): data.text or "" for data in element.findall(f"{_NS}data")}


def _edge(drawn: _Drawn, source: int, target: int, told: Mapping[str, str]) -> None:
    tags = {key: _one(key, told[key]) for key in speeds.KEYS & set(told) if key != "oneway"}
    if not speeds.is_road(tags):
        return
    between: list[int] = []
    if line := told.get("geometry"):
        points = shapely.get_coordinates(shapely.from_wkt(line))[1:-1].tolist()
        between = [drawn.bend((source, target), x, y) for x, y in points]
    drawn.edges[(source, *between, target), tuple(sorted(tags.items()))] = None


def _one(key: str, stated: str) -> str:
    """One value of the several that OSMnx may have merged."""
    if key.startswith("maxspeed") or not stated.startswith("["):
        return stated  # `speeds` takes the lowest of a list of limits
    values = [str(value) for value in ast.literal_eval(stated)]
    if key == "highway":
        return min(values, key=lambda value: _SLOWNESS.get(value, float("inf")))
    closed = [value for value in values if value in speeds.CLOSED]
    rough = [value for value in values if key == "surface" and speeds.unpaved(value)]
    return next(iter([*closed, *rough, *values]), "")


_SLOWNESS: Mapping[str, float] = {
    line.value: line.kmh for line in speeds.table() if line.key == "highway" and line.mode == "motorcycle"
}


def _in_degrees(at: Floats, stated: str, name: str) -> Floats:
    """Longitude and latitude of places in the coordinate system that the graph names."""
    code = re.search(r"epsg:\d+", stated, re.IGNORECASE)  # version 0 wrote "{'init': 'epsg:4326'}"
    try:
        crs = pyproj.CRS.from_user_input(code[0] if code else stated or "epsg:4326")
        if crs.is_geographic:
            return at
        turned = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True).transform(at[:, 0], at[:, 1])
    except pyproj.exceptions.ProjError as why:
        raise DataError(Problem("roads.unknown_crs", name, {"crs": tidy(stated)[:100]})) from why
    return np.column_stack(turned)
