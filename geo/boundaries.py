"""Boundaries of communes: the office's own, else downloaded ones, else approximate cells drawn on first use.

All are kept in a folder, none in the repository: own and downloaded ones have licences of their own, and the
points and boxes behind the cells may not be redistributed (see `geo.units`).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Literal, get_args

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from errors import DataError, Problem
from geo import nation_map, new_cells, units
from geo.cells import approximate_cells
from geo.sites import Recipe
from geo.units import Vintage
from text import Text, both, say

__all__ = [
    "APPROXIMATE", "ELSEWHERE", "FOLDER", "Kept", "Origin", "Outlines", "approximate_cells", "draw", "forget",
    "keep", "kept", "nation", "outlines", "province_cells", "user_cache",
]  # fmt: skip

APPROXIMATE = "geo.boundary.approximate"
"""Catalogue key of the label that these boundaries carry wherever they are shown."""

FOLDER = Path(__file__).parent.parent / "data" / "boundaries"

ELSEWHERE = "LO_TRINH_BOUNDARIES"
"""Environment variable that names another folder, such as one that several offices share."""

Origin = Literal["own", "download", "approximate"]

_BROUGHT: tuple[Origin, ...] = ("own", "download")
_VINTAGES: tuple[Vintage, ...] = get_args(Vintage)
_LAYER = "outlines"
_ABOUT = (
    "about"  # a table of one cell beside them; GDAL copies metadata of its own into files beside the file
)

_DRAWING = 3
"""Raised whenever `cells`, `contest`, `new_cells` or `sites` would draw another from the same input."""

_MARGIN_DEG = 0.1  # about 11 km: communes of other provinces this near to one of ours compete


@dataclass(frozen=True, eq=False, kw_only=True)
class Outlines:
    """Polygons of a province's communes, and where they come from.

    Attributes:
        frame: commune_code, geometry (EPSG:4326), in the order of `units.communes`.
        origin: own before download before approximate.
        title: the file's or the data set's name.
        licence, attribution: as their publisher asks; empty where nothing is known.
        retrieved: ISO date of the import or download; empty for cells.
        checksum: SHA-256 of the file that came in (of the polygons, for cells).
        address: where they were downloaded from.
        crs: what the coordinates came in.
        report: what was found and mended, a line each.
    """

    frame: gpd.GeoDataFrame
    origin: Origin
    title: str
    licence: str = ""
    attribution: str = ""
    retrieved: str = ""
    checksum: str = ""
    address: str = ""
    crs: str = ""
    report: tuple[Text, ...] = ()

    @property
    def approximate(self) -> bool:
        """Whether the program drew them."""
        return self.origin == "approximate"

    @property
    def credit(self) -> Text:
        """What stands wherever they are shown: the label of cells, else source, attribution, licence."""
        if self.approximate:
            return both(APPROXIMATE)
        licence = f"({self.licence})" if self.licence else ""
        said = self.attribution if self.title in self.attribution else f"{self.title}; {self.attribution}"
        return both("boundaries.credit", source=" ".join(filter(None, (said.strip("; "), licence))))


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A file of outlines in the folder; `about` is None where it cannot be read."""

    province: str
    vintage: Vintage
    origin: Origin
    path: Path
    about: Outlines | None


def outlines(province_code: str, vintage: Vintage, folder: Path | None = None) -> Outlines:
    """The best boundaries there are of a province: own, else downloaded, else approximate cells.

    Args:
        province_code: of the list `vintage`.
        vintage: the list.
        folder: where files are kept; the default is what `ELSEWHERE` names, else ``data/boundaries``
            beside the code or, where that cannot be written, the user's cache folder.

    Raises:
        DataError: a province that is not listed; ``outline.damaged`` a kept file that cannot be used, which
            is not passed over in silence; cells that cannot be drawn.
    """
    communes = units.communes(province_code, vintage)
    for origin in _BROUGHT:
        for path in (place / _kept_name(origin, province_code, vintage) for place in _folders(folder)):
            if path.exists():
                return _open(path, origin, communes)
    return _approximate(province_cells(province_code, vintage, folder))


def _approximate(frame: gpd.GeoDataFrame) -> Outlines:
    title = say(APPROXIMATE, "vi")
    return Outlines(frame=frame, origin="approximate", title=title, checksum=checksum(frame), crs="EPSG:4326")


def nation(vintage: Vintage, folder: Path | None = None) -> Outlines:
    """Approximate polygons of all provinces (`geo.nation_map`), drawn on first use and kept."""
    key = hashlib.sha256(nation_map.key(vintage).encode()).hexdigest()[:12]
    name = f"approximate_{vintage}_nation_{key}.gpkg"
    provinces = units.provinces(vintage).rename(columns={"province_code": "commune_code"})
    kept_ones = (_read(place / name, provinces) for place in _folders(folder))
    frame = next((one for one in kept_ones if one is not None), None)
    if frame is None:
        frame = nation_map.draw(vintage)
        any(_write(frame, place / name) for place in _folders(folder))
    return _approximate(frame)


def keep(found: Outlines, province_code: str, vintage: Vintage, folder: Path | None = None) -> Path:
    """Keep own or downloaded outlines, whole or not at all, in place of earlier ones of the same origin.

    Raises:
        DataError: ``outline.not_written`` no folder can be written.
    """
    assert found.origin != "approximate"
    name = _kept_name(found.origin, province_code, vintage)
    about = {f.name: getattr(found, f.name) for f in fields(found) if f.name != "frame"}
    for place in _folders(folder):
        if _write(found.frame, place / name, layer=_LAYER, about=json.dumps(about)):
            return place / name
    raise DataError(Problem("outline.not_written", name, {"folder": str(_folders(folder)[0])}))


def kept(folder: Path | None = None) -> Iterator[Kept]:
    """All own and downloaded outlines that are kept, by province; one that cannot be read is told too."""
    found = [path for place in _folders(folder) for path in place.glob("*_*_*.gpkg")]
    for path in sorted(found, key=lambda path: (path.stem.rsplit("_", 1)[-1], path.name)):
        said, list_, province = path.stem.split("_", 2)
        origin = next((o for o in _BROUGHT if o == said), None)
        vintage = next((v for v in _VINTAGES if v == list_), None)
        if origin and vintage:
            try:
                about = _open(path, origin, units.communes(province, vintage))
            except DataError:
                about = None
            yield Kept(province=province, vintage=vintage, origin=origin, path=path, about=about)


def forget(province_code: str, vintage: Vintage | None = None, folder: Path | None = None) -> list[Path]:
    """Remove own and downloaded outlines of a province; the files that were removed."""
    gone = []
    for entry in list(kept(folder)):
        if entry.province == province_code and vintage in (None, entry.vintage):
            entry.path.unlink()
            gone.append(entry.path)
    return gone


def today() -> str:
    """The date of an import, ISO."""
    return dt.datetime.now(dt.UTC).date().isoformat()


def checksum(frame: gpd.GeoDataFrame) -> str:
    """SHA-256 of codes and polygons (WKB)."""
    whole = hashlib.sha256()
    for code, shape in zip(
        frame["commune_code"], shapely.to_wkb(np.asarray(frame.geometry.array)), strict=True
    ):
        whole.update(str(code).encode() + b"\0" + shape)
    return whole.hexdigest()


def _kept_name(origin: str, province_code: str, vintage: Vintage) -> str:
    return f"{origin}_{vintage}_{province_code}.gpkg"


def _folders(folder: Path | None) -> list[Path]:
    """Where files are looked for and kept, first choice first."""
    if folder is not None:
        return [folder]
    if elsewhere := os.environ.get(ELSEWHERE):
        return [Path(elsewhere)]
    return [FOLDER, user_cache()]


def _open(path: Path, origin: Origin, communes: pd.DataFrame) -> Outlines:
    try:
        frame = _sound(_read_file(path, path.stat().st_mtime_ns, _LAYER), communes)
        table = pyogrio.read_dataframe(path, layer=_ABOUT, read_geometry=False)
        about = json.loads(table[_ABOUT].iloc[0])
        report = tuple(Text(*line) for line in about.pop("report"))
        if frame is None or about["origin"] != origin:
            raise ValueError(path.name)
        return Outlines(frame=frame, report=report, **about)
    except (OSError, RuntimeError, ValueError, KeyError, IndexError, TypeError) as why:
        raise DataError(Problem("outline.damaged", path.name, {"folder": str(path.parent)})) from why


def province_cells(province_code: str, vintage: Vintage, cache_dir: Path | None = None) -> gpd.GeoDataFrame:
    """Approximate cells of a province, drawn on first use (about a second) and kept in a GeoPackage.

    Args:
        province_code: of the list `vintage`.
        vintage: cells of "2025-07" are made of those of "2025-01" (`geo.new_cells`).
        cache_dir: where to keep the file; the default is ``data/boundaries`` beside the code or, where
            that cannot be written, the user's cache folder.  What cannot be kept is drawn each time.

    Returns:
        commune_code, geometry (EPSG:4326) in the order of `units.communes`; see `approximate_cells`.

    Raises:
        DataError: a province that is not listed.
    """
    communes = units.communes(province_code, vintage)
    name = _file_name(province_code, vintage)
    folders = _folders(cache_dir)
    for folder in folders:
        there = _read(folder / name, communes)
        if there is not None:
            return there
    if vintage == "2025-01":
        drawn = draw(province_code)
    else:
        drawn = new_cells.draw(province_code, lambda code: province_cells(code, "2025-01", cache_dir))
    for folder in folders:
        if _write(drawn, folder / name):
            break
    return drawn


def draw(province_code: str, recipe: Recipe | None = None) -> gpd.GeoDataFrame:
    """The approximate cells of a province of early 2025, drawn anew; communes around it compete."""
    communes = units.communes(province_code, "2025-01")
    everywhere = units.everywhere("2025-01")
    near = everywhere["province_code"] != province_code
    for axis in ("lon", "lat"):
        low, high = communes[axis].min() - _MARGIN_DEG, communes[axis].max() + _MARGIN_DEG
        near &= everywhere[axis].between(low, high)
    return approximate_cells(communes, everywhere[near], units.unions(), recipe)


def user_cache() -> Path:
    """A folder of this user for what can be drawn again."""
    local = os.environ.get("LOCALAPPDATA") if os.name == "nt" else os.environ.get("XDG_CACHE_HOME")
    root = Path(local) if local and Path(local).is_absolute() else Path.home() / ".cache"
    return root / "lo-trinh" / "boundaries"


def _file_name(province_code: str, vintage: Vintage) -> str:
    drawn_from = f"{units.list_version()}|{Recipe()!r}|{_DRAWING}|{_MARGIN_DEG}|{shapely.geos_version_string}"
    key = hashlib.sha256(drawn_from.encode()).hexdigest()[:12]
    return f"approximate_{vintage}_{province_code}_{key}.gpkg"


def _read(path: Path, communes: pd.DataFrame) -> gpd.GeoDataFrame | None:
    """What was kept, or None where there is nothing or it is damaged."""
    try:
        frame = _read_file(path, path.stat().st_mtime_ns, "cells")
    except (OSError, RuntimeError, ValueError, KeyError):  # pyogrio's errors are RuntimeErrors
        return None
    return _sound(frame, communes)


def _sound(frame: gpd.GeoDataFrame, communes: pd.DataFrame) -> gpd.GeoDataFrame | None:
    """The outlines that were read, if they are what was written for these communes."""
    if set(frame.columns) != {"commune_code", "geometry"} or frame.crs is None or frame.crs.to_epsg() != 4326:
        return None
    if list(frame["commune_code"]) != list(communes["commune_code"]):
        return None
    shapes = np.asarray(frame.geometry.array)
    whole = shapely.is_valid(shapes) & ~shapely.is_empty(shapes)  # a missing shape is not valid
    return frame.copy() if whole.all() else None


@lru_cache(maxsize=8)
def _read_file(path: Path, _stamp: int, layer: str) -> gpd.GeoDataFrame:
    return gpd.read_file(path, layer=layer)


def _write(frame: gpd.GeoDataFrame, path: Path, *, layer: str = "cells", about: str | None = None) -> bool:
    """Keep `frame` at `path`, whole or not at all, whoever else writes there; whether that worked."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # A folder of its own, because SQLite puts files beside the one it writes.
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".drawing-") as folder:
            unfinished = Path(folder) / path.name
            frame.to_file(unfinished, layer=layer, driver="GPKG")
            if about is not None:
                table = pd.DataFrame({_ABOUT: [about]})
                pyogrio.write_dataframe(table, unfinished, layer=_ABOUT, driver="GPKG")
            unfinished.replace(path)
    except (OSError, pyogrio.errors.DataSourceError):
        return False  # a folder that cannot be written, or, on Windows, a file that is being read
    return True
