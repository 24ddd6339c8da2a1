"""Outlines that an office brings: read, joined to the list of communes, mended, and all of it told.

`read` is the whole way from a file's bytes to one sound polygon a commune.  What is wrong and can be mended
is mended and stands in the report; what cannot is refused, all of it at once.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from pyproj.transformer import TransformerGroup

from errors import DataError, Problem
from geo import units
from geo.cells import metric_zone
from geo.intake import outline_columns, outline_files, outline_join
from geo.intake.mending import Mending, mend
from geo.intake.outline_columns import Choices, Columns, bare, code_of
from geo.intake.outline_join import Joined, LeftOut, Match
from geo.units import VIETNAM, Vintage

__all__ = ["Choices", "Columns", "LeftOut", "Match", "Mending", "OutlineReport", "read"]

SHIFTED_M = 3_000.0
"""Median distance of listed points from their units above which the coordinates cannot be right."""
FAR_M = 1_000.0
"""Distance of a listed point from its unit from which it is told; nearer, the point may be the office's."""
FITS = 0.1
"""By how much better a file must fit another list before it is taken for one of that list."""
_SHOWN = 12


@dataclass(frozen=True, kw_only=True)
class OutlineReport:
    """Everything that was found in a file, and what was done about it.

    Attributes:
        file, layer, encoding: as read.
        crs: what the coordinates are in.
        crs_assumed: the file does not say, and they are plainly degrees.
        ballpark: the datum is not known; places may be off by some 200 m.
        columns: which columns name the units.
        rows: shapes in the file; the rest tells what became of them.
        by_code: how many were joined by code.
        by_name: joined by name, because the code, if any, is not listed.
        by_alias: joined by a former name, or the name of a commune since merged into another.
        by_place: the name fits several communes, or code and name disagree: the listed point decided.
        renamed: joined by code, though the name is not the listed one.
        left_out: within the province, and no commune of it.
        outside: rows of other provinces.
        without_shape: rows without a polygon.
        parts: communes that came in several rows, now one.
        points_off: communes whose listed point lies outside, with the distance in metres.
        mending: what was wrong with the shapes.
        remarks: what the reading library complained of.
    """

    file: str
    layer: str
    encoding: str
    crs: str
    crs_assumed: bool
    ballpark: bool
    columns: Columns
    rows: int
    by_code: int
    by_name: tuple[Match, ...]
    by_alias: tuple[Match, ...]
    by_place: tuple[Match, ...]
    renamed: tuple[Match, ...]
    left_out: tuple[LeftOut, ...]
    outside: int
    without_shape: int
    parts: tuple[str, ...]
    points_off: tuple[tuple[str, float], ...]
    mending: Mending
    remarks: tuple[str, ...]


def read(
    name: str, content: bytes, *, province: str, vintage: Vintage, choices: Choices | None = None
) -> tuple[gpd.GeoDataFrame, OutlineReport]:
    """Outlines of all communes of a province from a file.

    Args:
        name: the file's name; its ending says what it is.
        content: the file: GeoPackage, GeoJSON, zipped shapefile, KML or KMZ.
        province: code of the province in the list `vintage`.
        vintage: the list that the outlines are for.
        choices: layer, columns and CRS, where the file does not tell them.

    Returns:
        commune_code, geometry (EPSG:4326), one row a commune in the order of `units.communes`, without
        overlaps; and what was found.

    Raises:
        DataError: ``upload.*``, ``outline.*``: what cannot be used.
    """
    choices = choices or Choices()
    listed = units.communes(province, vintage)
    loaded = outline_files.load(name, content, layer=choices.layer)
    shaped = loaded.frame[loaded.frame.geom_type.isin(("Polygon", "MultiPolygon")) & ~loaded.frame.is_empty]
    frame, crs = _in_degrees(shaped.reset_index(drop=True), choices.crs, name)
    words = outline_columns.texts(frame)
    lists = outline_columns.nearby(province, vintage)
    columns = outline_columns.find(words, lists.values(), choices, str(listed["province"].iloc[0]), name)
    _check_vintage(words, columns, lists, vintage, name)
    joined = outline_join.join(frame, words, columns, listed, vintage)
    _check_whole(joined, listed, name)
    chosen = [n for n, code in enumerate(joined.codes) if code]
    named = gpd.GeoDataFrame(
        {"commune_code": [joined.codes[n] for n in chosen]}, geometry=frame.geometry.iloc[chosen].array
    )
    sound, mending = mend(named, name)
    matches = joined.matches
    report = OutlineReport(
        file=name, layer=loaded.layer, encoding=loaded.encoding, crs=crs.name, crs_assumed=crs.assumed,
        ballpark=crs.ballpark, columns=columns, rows=len(loaded.frame), by_code=len(matches["code"]),
        by_name=tuple(matches["name"]), by_alias=tuple(matches["alias"]), by_place=tuple(matches["place"]),
        renamed=tuple(joined.renamed), left_out=tuple(joined.left_out), outside=joined.how.count("outside"),
        without_shape=len(loaded.frame) - len(shaped),
        parts=tuple(sorted(code for code, rows in Counter(named["commune_code"]).items() if rows > 1)),
        points_off=_points_off(sound, listed, name), mending=mending, remarks=loaded.remarks,
    )  # fmt: skip
    order = sound.set_index("commune_code").loc[listed["commune_code"]].reset_index()
    return gpd.GeoDataFrame(order[["commune_code", "geometry"]], crs="EPSG:4326"), report


# --- where on earth --------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Crs:
    name: str
    assumed: bool = False
    ballpark: bool = False


def _in_degrees(frame: gpd.GeoDataFrame, stated: str | None, where: str) -> tuple[gpd.GeoDataFrame, _Crs]:
    """The frame in EPSG:4326, wherever it came from.

    Raises:
        DataError: ``outline.no_crs``, ``outline.swapped``, ``outline.abroad``.
    """
    bounds = frame.total_bounds
    if not np.isfinite(bounds).all():
        raise DataError(Problem("outline.abroad", where, {"bounds": _bounds(bounds), "crs": "?"}))
    source = outline_files.crs_of(stated, where) if stated else frame.crs
    if source is None:
        if _within(bounds):
            return frame.set_crs(4326), _Crs("EPSG:4326", assumed=True)
        if _within(bounds[[1, 0, 3, 2]]):
            raise DataError(Problem("outline.swapped", where, {"bounds": _bounds(bounds)}))
        raise DataError(Problem("outline.no_crs", where, {"bounds": _bounds(bounds)}))
    if source.is_geographic and not _within(bounds) and _within(bounds[[1, 0, 3, 2]]):
        raise DataError(Problem("outline.swapped", where, {"bounds": _bounds(bounds)}))
    label = _label(source)
    try:
        turned = frame.set_crs(source, allow_override=True).to_crs(4326)
        ways = TransformerGroup(source, 4326, always_xy=True).transformers
    except pyproj.exceptions.ProjError as why:
        raise DataError(Problem("outline.unknown_crs", where, {"crs": label})) from why
    if not _within(turned.total_bounds):
        raise DataError(Problem("outline.abroad", where, {"bounds": _bounds(bounds), "crs": label}))
    ballpark = not ways or "ballpark" in ways[0].description.casefold()
    return turned, _Crs(label, ballpark=ballpark)


def _within(bounds: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> bool:
    """Whether bounds in degrees lie about Viet Nam."""
    west, south, east, north = VIETNAM
    inside = west <= bounds[0] and south <= bounds[1] and bounds[2] <= east and bounds[3] <= north
    return bool(np.isfinite(bounds).all() and inside)


def _bounds(bounds: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> str:
    return "x {:.7g} … {:.7g}, y {:.7g} … {:.7g}".format(*bounds[[0, 2, 1, 3]])


def _label(crs: pyproj.CRS) -> str:
    code = crs.to_epsg()
    return f"EPSG:{code} ({crs.name})" if code else crs.name


# --- is it the right file ---------------------------------------------------------------------------


def _check_vintage(
    words: pd.DataFrame, columns: Columns, lists: dict[Vintage, pd.DataFrame], vintage: Vintage, where: str
) -> None:
    """Refuse a file of the other list: more of its rows are units there, by code and name together.

    Codes alone do not tell: most codes of July 2025 were codes of other communes before.
    """
    fit = {}
    for list_, communes in lists.items():
        keys = _keys(
            communes["commune_code"] if columns.code else None, communes["commune"] if columns.name else None
        )
        said = _keys(
            words[columns.code].map(code_of) if columns.code else None,
            words[columns.name] if columns.name else None,
        )
        fit[list_] = len(keys & said) / max(1, min(len(keys), len(said)))
    other = max(fit, key=lambda list_: fit[list_])
    if other != vintage and fit[other] > fit[vintage] + FITS:
        values = {"vintage": vintage, "other": other,
                  "share": round(100 * fit[vintage]), "other_share": round(100 * fit[other])}  # fmt: skip
        raise DataError(Problem("outline.other_vintage", where, values))


def _keys(codes: pd.Series | None, names: pd.Series | None) -> set[tuple[str, str]]:
    size = len(codes if codes is not None else names if names is not None else ())
    one = codes.to_list() if codes is not None else [""] * size
    other = names.map(bare).to_list() if names is not None else [""] * size
    return set(zip(one, other, strict=True))


def _check_whole(joined: Joined, listed: pd.DataFrame, where: str) -> None:
    """Every commune once: refuse what is missing or claimed by different rows."""
    names = dict(zip(listed["commune_code"], listed["commune"], strict=True))
    found = set(joined.codes)
    missing = [code for code in names if code not in found]
    problems = [
        Problem("outline.twice", where, {"commune": f"{code} {names[code]}", "rows": "; ".join(rows)})
        for code, rows in joined.twice
    ]
    if len(missing) == len(names):
        left = "; ".join(one.said for one in joined.left_out[:3]) or "–"
        problems.append(Problem("outline.none_found", where, {"said": left, "communes": len(names)}))
    elif missing:
        shown = ", ".join(f"{code} {names[code]}" for code in missing[:_SHOWN])
        said = "; ".join(one.said for one in joined.left_out[:_SHOWN]) or "–"
        values = {"count": len(missing), "of": len(names), "missing": shown,
                  "more": max(0, len(missing) - _SHOWN), "said": said}  # fmt: skip
        problems.append(Problem("outline.missing", where, values))
    if problems:
        raise DataError(problems)


def _points_off(sound: gpd.GeoDataFrame, listed: pd.DataFrame, where: str) -> tuple[tuple[str, float], ...]:
    """Communes whose listed point lies well outside; refuses a file whose units all lie elsewhere."""
    zone = metric_zone(listed["lon"].to_numpy(float))
    shapes = sound.set_index("commune_code").to_crs(zone).geometry.loc[listed["commune_code"]]
    points = gpd.GeoSeries(gpd.points_from_xy(listed["lon"], listed["lat"]), crs="EPSG:4326").to_crs(zone)
    away = shapely.distance(np.asarray(shapes.array), np.asarray(points.array))
    if (median := float(np.median(away))) > SHIFTED_M:
        raise DataError(Problem("outline.shifted", where, {"km": f"{median / 1000:.0f}"}))
    return tuple(
        (str(code), float(metres))
        for code, metres in zip(listed["commune_code"], away, strict=True)
        if metres > FAR_M
    )
