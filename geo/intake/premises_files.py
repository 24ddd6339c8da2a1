"""Tables and point layers of premises, both as grids of cells."""

from __future__ import annotations

from pathlib import PurePosixPath

import geopandas as gpd
import numpy as np
import pyproj

from errors import DataError, Problem
from geo.intake import grids, outline_columns, outline_files, uploads
from geo.intake.grids import Grid
from geo.intake.quantities import Cell
from text import tidy

_LAYERS = (".zip", ".kmz", ".kml", ".geojson", ".json", ".gpkg")
_MARKUP = ("styleurl", "timestamp", "begin", "end", "altitudemode", "tessellate", "extrude", "visibility",
           "draworder", "icon", "snippet", "lat", "lon", outline_files.FOLDER)  # fmt: skip
"""Columns that the reader of KML adds to what somebody wrote."""


def read(name: str, content: bytes, *, layer: str | None = None) -> tuple[Grid, ...]:
    """Sheets of a table, or a layer of points with its coordinates (WGS84) as columns ``lat`` and ``lon``.

    Shapes other than points count by a point inside them, as buildings and compounds are drawn.

    Raises:
        DataError: ``upload.*``, ``grid.*``, ``outline.*`` what cannot be read; ``premises.no_points``.
    """
    if PurePosixPath(name.replace("\\", "/").casefold()).suffix not in _LAYERS:
        uploads.check(name, content, formats=uploads.TABLES | uploads.BOUNDARIES)
        return grids.read(name, content)
    loaded = outline_files.load(name, content, layer=layer, shape="Point")
    return (as_grid(loaded.frame, tidy(name)),)


def as_grid(frame: gpd.GeoDataFrame, file: str) -> Grid:
    """Attributes and points of `frame` as a sheet, headings first; row 2 is the first shape."""
    frame = frame[~(frame.geometry.isna() | frame.geometry.is_empty)].reset_index(drop=True)
    points = frame.geometry.representative_point()
    try:
        degrees = points.to_crs(4326) if points.crs is not None else points
    except pyproj.exceptions.ProjError as why:
        raise DataError(Problem("outline.unknown_crs", file, {"crs": tidy(str(points.crs))[:100]})) from why
    west, south, east, north = degrees.total_bounds
    if points.crs is None and not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        bounds = f"x {west:.7g} … {east:.7g}, y {south:.7g} … {north:.7g}"
        raise DataError(Problem("outline.no_crs", file, {"bounds": bounds}))
    words = outline_columns.texts(frame)
    kept = [c for c in map(str, words) if c.casefold() not in _MARKUP and (words[c] != "").any()]
    rows: list[tuple[Cell, ...]] = [(*map(tidy, kept), "lat", "lon")]
    for attributes, lon, lat in zip(
        words[kept].itertuples(index=False),
        np.asarray(degrees.x),
        np.asarray(degrees.y),
        strict=True,
    ):
        rows.append((*(text or None for text in attributes), round(float(lat), 6), round(float(lon), 6)))
    return Grid(file, "", tuple(rows))
