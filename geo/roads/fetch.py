"""Roads of a province from OpenStreetMap, downloaded through OSMnx only when somebody asks for it.

Overpass is asked tile by tile; OSMnx keeps each answer in a folder of its own until all have come, so that a
broken download goes on where it stopped.  What has come becomes one file under ``data/roads/`` that says when
the map was so, and whose it is (ODbL); any mode of travel can be computed from it, without the network.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import geopandas as gpd
import numpy as np
import shapely

from errors import DataError, Problem
from geo import boundaries, downloads
from geo.downloads import MEGABYTE
from geo.roads import files, osm, speeds
from geo.units import Vintage
from text import tidy

FOLDER = Path(__file__).parent.parent.parent / "data" / "roads"
ELSEWHERE = "LO_TRINH_ROADS"
"""Environment variable that names another folder, such as one that several offices share."""

AROUND_M = 10_000.0
"""How far beyond the communes' points roads are fetched: ways may lead through a neighbour."""
TILE_DEG = 0.2
"""Side of a tile, degrees: about 480 km²."""
MOST_KM2 = 60_000.0
"""Area that is asked for; the largest province with its surroundings has less than half of it."""
PARTS_DAYS = 7
"""Answers of a broken download older than this are fetched again: they would not fit the newer ones."""

_CODES = {
    "download.offline": "roads.offline",
    "download.refused": "roads.refused",
    "download.too_large": "roads.answer_too_large",
    "download.elsewhere": "roads.elsewhere",
}

Progress = Callable[[int, int], None]
"""Told how many tiles have come, and of how many."""


# --- where files are ---------------------------------------------------------------------------------


def folders(folder: Path | None = None) -> list[Path]:
    """Where files of roads are looked for and kept, first choice first."""
    if folder is not None:
        return [folder]
    if elsewhere := os.environ.get(ELSEWHERE):
        return [Path(elsewhere)]
    return [FOLDER, boundaries.user_cache().parent / "roads"]


def folder() -> Path:
    """Where a user puts files of roads."""
    return folders()[0]


def name_of(province: str, vintage: Vintage) -> str:
    """Name of the file of a province's roads."""
    return f"osm_{vintage}_{province}{files.KEPT}"


def kept_for(province: str, vintage: Vintage, folder: Path | None = None) -> Path | None:
    """The downloaded roads of a province, None where there are none."""
    return find(name_of(province, vintage), folder)


def find(name: str, folder: Path | None = None) -> Path | None:
    """The file called `name`: a path that is there, or a file of the folders; None where there is none."""
    places = [Path(name)] if Path(name).is_absolute() else [place / name for place in folders(folder)]
    return next((path for path in places if path.is_file()), None)


# --- the download --------------------------------------------------------------------------------------


def area(province: str, vintage: Vintage, *, around_m: float = AROUND_M) -> shapely.Polygon:
    """The ground that the communes' points stand on, and `around_m` metres around, in degrees."""
    return downloads.around(province, vintage, metres=around_m, quad_segs=4)


def fetch(
    province: str,
    vintage: Vintage,
    *,
    around_m: float = AROUND_M,
    folder: Path | None = None,
    progress: Progress = lambda _done, _of: None,
) -> Path:
    """Download the roads of a province and keep them; what was kept before is replaced once all has come.

    Args:
        province: of the list `vintage`.
        vintage: the list.
        around_m: metres beyond the communes' points.
        folder: where to; `folders` where left out.
        progress: told how far it is.

    Returns:
        The file; `files.read` makes a graph of it.

    Raises:
        DataError: ``roads.offline``, ``roads.refused``, ``roads.answer_too_large``, ``roads.incomplete``: not
            all has come, and what did stays for the next try; ``roads.unexpected`` no answer of Overpass;
            ``roads.too_wide``; ``roads.empty``, ``roads.not_here`` no road there; ``roads.not_kept``.
    """
    polygon = area(province, vintage, around_m=around_m)
    address = downloads.source_of("osm").address
    tiles = _tiles(polygon, address)
    path = _writable(folder) / name_of(province, vintage)
    parts = path.parent / f".parts_{vintage}_{province}"
    _drop_old(parts)
    _ask_all(tiles, address, parts, progress)
    try:
        answers = [json.loads(part.read_text(encoding="utf-8")) for part in sorted(parts.glob("*.json"))]
        found = osm.merge(
            answers,
            source=f"OpenStreetMap ({urlsplit(address).netloc})",
            retrieved=_date(answers),
            polygon=polygon,
        )
    except (OSError, KeyError, TypeError, ValueError) as why:
        shutil.rmtree(parts, ignore_errors=True)  # asking again is the only thing that helps
        raise DataError(_problem("unexpected", address, why=tidy(str(why))[:120])) from why
    files.keep(found, path)
    shutil.rmtree(parts, ignore_errors=True)
    return path


def _ask_all(tiles: list[shapely.Polygon], address: str, parts: Path, progress: Progress) -> None:
    """An answer for each tile in `parts`: those that are there already are not asked for again."""
    import osmnx

    try:
        downloads.get(f"{address}/status", most=MEGABYTE)  # OSMnx waits a minute for one that is not there
    except DataError as why:
        said = [Problem(_CODES[problem.code], problem.where, problem.values) for problem in why.problems]
        raise DataError(said) from why
    own: dict[str, Any] = {"use_cache": True, "cache_folder": str(parts), "cache_only_mode": True}
    wanted = "|".join(sorted({*speeds.classes(), "ferry"}))
    for done, tile in enumerate(tiles):
        progress(done, len(tiles))
        with downloads.ONE_AT_A_TIME, downloads.asking(address, date=None, **own):
            try:
                osmnx.graph_from_polygon(tile, custom_filter=f'[~"^(highway|route)$"~"^({wanted})$"]')
            except osmnx._errors.CacheOnlyInterruptError:  # noqa: SLF001 - has no public name
                pass  # as it was asked to: the answer is in the folder, no graph is made of it
            except downloads.RefusedError as why:
                raise DataError(_problem("refused", address, status=str(why))) from why
            except downloads.TooLargeError as why:
                most = downloads.MOST_BYTES // MEGABYTE
                raise DataError(_problem("answer_too_large", address, most=most)) from why
            except OSError as why:  # what requests raises; a full disk
                raise DataError(_problem("offline", address, why=tidy(str(why))[:120])) from why
            except (ValueError, KeyError, TypeError) as why:
                raise DataError(_problem("unexpected", address, why=tidy(str(why))[:120])) from why
    progress(len(tiles), len(tiles))
    if (come := len([*parts.glob("*.json")])) < len(
        tiles
    ):  # OSMnx keeps no answer that is a remark of failure
        raise DataError(_problem("incomplete", address, come=come, tiles=len(tiles)))


def _tiles(polygon: shapely.Polygon, address: str) -> list[shapely.Polygon]:
    """Squares of a fixed grid that `polygon` (degrees) reaches into."""
    square_km = float(gpd.GeoSeries([polygon], crs=4326).to_crs("ESRI:54034").area.iloc[0]) / 1e6
    if square_km > MOST_KM2:
        raise DataError(_problem("too_wide", address, km2=round(square_km), most=round(MOST_KM2)))
    west, south, east, north = np.floor(np.array(polygon.bounds) / TILE_DEG).astype(int)
    squares = [
        shapely.box(x * TILE_DEG, y * TILE_DEG, (x + 1) * TILE_DEG, (y + 1) * TILE_DEG)
        for x in range(west, east + 1)
        for y in range(south, north + 1)
    ]
    return [square for square in squares if square.intersects(polygon)]


def _writable(folder: Path | None) -> Path:
    """The first of the folders that a file can be written to."""
    places = folders(folder)
    for place in places:
        with contextlib.suppress(OSError):
            place.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=place):
                return place
    raise DataError(Problem("roads.not_kept", str(places[0]), {"why": "read-only"}))


def _drop_old(parts: Path) -> None:
    """Forget answers that no longer fit those to come, and those that a crash left half written."""
    for part in parts.glob("*.json"):
        try:
            fits = time.time() - part.stat().st_mtime < PARTS_DAYS * 86_400
            json.loads(part.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            fits = False
        if not fits:
            part.unlink(missing_ok=True)


def _date(answers: list[dict[str, Any]]) -> str:
    """ISO date of the oldest state of the map among the answers; today where none says."""
    stamps = [str(answer.get("osm3s", {}).get("timestamp_osm_base", "")) for answer in answers]
    days = [day for stamp in stamps if (day := osm.day(stamp))]
    return min(days, default=boundaries.today())


def _problem(code: str, address: str, **values: object) -> Problem:
    return Problem(f"roads.{code}", address, {"host": urlsplit(address).netloc, **values})
