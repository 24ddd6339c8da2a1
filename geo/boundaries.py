"""Boundaries of communes: so far the approximate cells, drawn on first use and kept in a folder.

Nothing drawn here belongs into the repository: the points and boxes behind it may not be
redistributed (see `geo.units`).
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from functools import lru_cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from errors import DataError, Problem
from geo import units
from geo.cells import approximate_cells
from geo.sites import Recipe
from geo.units import Vintage

__all__ = ["APPROXIMATE", "FOLDER", "approximate_cells", "draw", "province_cells", "user_cache"]

APPROXIMATE = "geo.boundary.approximate"
"""Catalogue key of the label that these boundaries carry wherever they are shown."""

FOLDER = Path(__file__).parent.parent / "data" / "boundaries"

_DRAWING = 1
"""Raised whenever `geo.cells` or `geo.sites` would draw something else from the same input."""

_MARGIN_DEG = 0.1  # about 11 km: communes of other provinces this near to one of ours compete


def province_cells(province_code: str, vintage: Vintage, cache_dir: Path | None = None) -> gpd.GeoDataFrame:
    """Approximate cells of a province, drawn on first use (about a second) and kept in a GeoPackage.

    Args:
        province_code: of the list `vintage`.
        vintage: so far "2025-01" only; the list of July 2025 has no boxes to draw from.
        cache_dir: where to keep the file; the default is ``data/boundaries`` beside the code or, where
            that cannot be written, the user's cache folder.  What cannot be kept is drawn each time.

    Returns:
        commune_code, geometry (EPSG:4326) in the order of `units.communes`; see `approximate_cells`.

    Raises:
        DataError: a province that is not listed, a vintage without boxes.
    """
    communes = units.communes(province_code, vintage)
    if vintage != "2025-01":
        raise DataError(Problem("geo.no_cells", f"{province_code}, {vintage}", {"vintage": vintage}))
    name = _file_name(province_code, vintage)
    folders = [cache_dir] if cache_dir is not None else [FOLDER, user_cache()]
    for folder in folders:
        kept = _read(folder / name, communes)
        if kept is not None:
            return kept
    drawn = draw(province_code)
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
        stamp = path.stat().st_mtime_ns
        frame = _read_file(path, stamp)
    except (OSError, RuntimeError, ValueError, KeyError):  # pyogrio's errors are RuntimeErrors
        return None
    if set(frame.columns) != {"commune_code", "geometry"} or frame.crs is None or frame.crs.to_epsg() != 4326:
        return None
    if list(frame["commune_code"]) != list(communes["commune_code"]):
        return None
    shapes = np.asarray(frame.geometry.array)
    whole = shapely.is_valid(shapes) & ~shapely.is_empty(shapes)  # a missing shape is not valid
    return frame.copy() if whole.all() else None


@lru_cache(maxsize=8)
def _read_file(path: Path, _stamp: int) -> gpd.GeoDataFrame:
    return gpd.read_file(path, layer="cells")


def _write(frame: gpd.GeoDataFrame, path: Path) -> bool:
    """Keep `frame` at `path`, whole or not at all, whoever else writes there; whether that worked."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # A folder of its own, because SQLite puts files beside the one it writes.
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".drawing-") as folder:
            unfinished = Path(folder) / path.name
            frame.to_file(unfinished, layer="cells", driver="GPKG")
            unfinished.replace(path)
    except (OSError, pyogrio.errors.DataSourceError):
        return False  # a folder that cannot be written, or, on Windows, a file that is being read
    return True
