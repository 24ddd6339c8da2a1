"""A layer of road lines, such as an office has it: GeoPackage, GeoJSON or a zipped shapefile.

Lines meet where they share a vertex or where an end lies within `TOLERANCE_M` of a vertex of another; where
they only cross they do not, as one may be a bridge.  ``layer_words.csv`` says what the words of a class mean,
after OpenStreetMap's conventions for Viet Nam: a national road is primary, a provincial one secondary.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from scipy import sparse
from scipy.sparse import csgraph
from scipy.spatial import cKDTree

from errors import DataError, Problem
from geo.cells import metric_zone
from geo.intake import outline_files
from geo.intake.headings import plain
from geo.roads import speeds
from geo.roads.graph import Floats, Ints, Roads, Whole
from geo.roads.pieces import Ways, assemble
from text import tidy

TOLERANCE_M = 1.0
"""How far the end of a line may lie from the vertex that it is meant to meet, metres."""

WORDS = Path(__file__).with_name("layer_words.csv")
_CLASS = (
    "highway", "fclass", "loai_duong", "loaiduong", "cap_duong", "capduong", "road_class", "class", "type",
    "loai", "cap",
)  # fmt: skip
_ONEWAY = ("oneway", "one_way", "mot_chieu", "motchieu")
_DIRECTIONS = {
    "1": "yes", "yes": "yes", "true": "yes", "y": "yes", "f": "yes", "ft": "yes", "co": "yes",
    "-1": "-1", "reverse": "-1", "t": "-1", "tf": "-1",
}  # fmt: skip
UNKNOWN = "road"
"""OpenStreetMap's class for a road of which no more is known."""


@cache
def _words() -> tuple[tuple[re.Pattern[str], str], ...]:
    with WORDS.open(encoding="utf-8", newline="") as lines:
        return tuple((re.compile(row["words"]), row["highway"]) for row in csv.DictReader(lines))


def class_of(stated: str) -> str:
    """The OpenStreetMap class of what a class column says; `UNKNOWN` where it says nothing known."""
    said = tidy(stated).casefold()
    if said in speeds.classes():
        return said
    folded = plain(said)
    return next((highway for words, highway in _words() if words.fullmatch(folded)), UNKNOWN)


def read(name: str, content: bytes, *, polygon: shapely.Geometry | None = None) -> Roads:
    """The roads of a layer of lines.

    Args:
        name: the file's name; its ending says what it is.
        content: the file.
        polygon: as for `assemble`.

    Raises:
        DataError: ``upload.*``, ``outline.*`` and ``roads.no_lines`` what cannot be read; ``roads.no_crs``;
            ``roads.no_class`` no column says what a road is; and what `assemble` refuses.
    """
    loaded = outline_files.load(name, content, shape="LineString")
    frame = loaded.frame
    frame = frame[frame.geom_type.isin(("LineString", "MultiLineString")) & ~frame.geometry.is_empty]
    lines = _in_degrees(frame, name).explode(index_parts=False)
    columns = {plain(str(column)).replace(" ", "_"): str(column) for column in frame if column != "geometry"}
    column = next((columns[named] for named in _CLASS if named in columns), None)
    if column is None:
        listed = ", ".join(sorted(tidy(str(c)) for c in columns.values())[:20])
        values = {"columns": listed or "–", "known": ", ".join(_CLASS)}
        raise DataError(Problem("roads.no_class", name, values))
    point, of_line = shapely.get_coordinates(np.asarray(lines.geometry.array), return_index=True)
    key = _joined(point, of_line)
    tags = _tags(lines.drop(columns="geometry"), column, columns)
    ways = Ways()
    for line, (start, end) in enumerate(_runs(of_line, len(lines))):
        ways.add(key[start:end].tolist(), tags[line])
    return assemble(ways, key, point[:, 0], point[:, 1], source=tidy(name), polygon=polygon)


def _in_degrees(frame: gpd.GeoDataFrame, name: str) -> gpd.GeoDataFrame:
    if frame.crs is None:
        raise DataError(Problem("roads.no_crs", name))
    try:
        return frame.to_crs(4326)
    except pyproj.exceptions.ProjError as why:
        raise DataError(Problem("roads.unknown_crs", name, {"crs": frame.crs.name})) from why


def _joined(point: Floats, of_line: Whole) -> Ints:
    """A key for each vertex, (V,), one for those that are meant to be the same place."""
    metric = pyproj.Transformer.from_crs("EPSG:4326", metric_zone(point[:, 0]), always_xy=True)
    own, of_own = np.unique(np.column_stack(metric.transform(*point.T)), axis=0, return_inverse=True)
    if not np.isfinite(own).all():  # places outside the projection: `assemble` says so
        return np.arange(len(point), dtype=np.int32)
    changes = np.flatnonzero(np.diff(of_line))
    an_end = np.zeros(len(own), dtype=np.bool_)
    an_end[of_own[np.concatenate([[0], changes, changes + 1, [len(point) - 1]])]] = True
    near = cKDTree(own).query_pairs(TOLERANCE_M, output_type="ndarray")
    near = near[an_end[near].any(axis=1)]
    links = sparse.coo_matrix((np.ones(len(near)), near.T), shape=(len(own), len(own)))
    return np.asarray(csgraph.connected_components(links, directed=False)[1][of_own], dtype=np.int32)


def _runs(of_line: Whole, lines: int) -> Iterator[tuple[int, int]]:
    """First vertex of each line and the one after its last."""
    ends = np.cumsum(np.bincount(of_line, minlength=lines)).tolist()
    return zip([0, *ends], ends, strict=False)


def _tags(table: pd.DataFrame, column: str, columns: Mapping[str, str]) -> list[dict[str, str]]:
    """OpenStreetMap's tags for each line: class, direction, and what other columns of those names say."""
    oneway = next((columns[named] for named in _ONEWAY if named in columns), None)
    others = {key: columns[key] for key in speeds.KEYS - {"highway", "oneway", "route"} if key in columns}
    found = []
    for row in table.to_dict("records"):
        stated = _said(row[column])
        tags = {"route": "ferry"} if stated.casefold() == "ferry" else {"highway": class_of(stated)}
        if oneway is not None and (direction := _direction(_said(row[oneway]))):
            tags["oneway"] = direction
        found.append(tags | {key: said for key, own in others.items() if (said := _said(row[own]))})
    return found


def _direction(said: str) -> str | None:
    return _DIRECTIONS.get(said.casefold()) or _DIRECTIONS.get(plain(said))


def _said(cell: Any) -> str:
    """A cell as text: empty where there is nothing, figures without a trailing .0."""
    if cell is None or cell is pd.NA or (isinstance(cell, float) and not np.isfinite(cell)):
        return ""
    return tidy(f"{cell:g}" if isinstance(cell, float) else str(cell))
