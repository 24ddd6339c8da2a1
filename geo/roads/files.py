"""Roads from a file: what it is, whether it may be opened, and the graph of it for one mode.

Read are graphs that OSMnx saved (``.graphml``), OpenStreetMap (``.osm``, ``.osm.pbf``), layers of lines
(GeoPackage, GeoJSON, zipped shapefile), and what `keep` wrote (``.roads.npz``).  The network is not asked.
"""

from __future__ import annotations

import contextlib
import io
import json
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from errors import DataError, Problem
from geo.intake import uploads
from geo.roads import graph, graphml, layers, osm
from geo.roads.graph import RoadGraph, Roads
from geo.roads.pieces import within
from geo.roads.speeds import Mode
from text import tidy

MEGABYTE = 1024 * 1024
MOST_PBF = 700 * MEGABYTE
"""Bytes of an ``.osm.pbf``; the whole country takes about half of it."""
MOST_KEPT = 2_000 * MEGABYTE
"""Bytes that a ``.roads.npz`` may unpack to."""
KEPT = ".roads.npz"
TAKEN = (".graphml", ".osm", ".osm.pbf", ".gpkg", ".geojson", ".json", ".zip", KEPT)
"""Endings of what can be read; a zip holds a shapefile."""
_FORMAT = 1
_ARRAYS = ("lon", "lat", "tail", "head", "metres", "kind")
_WORDS = ("source", "attribution", "retrieved")


def read(
    path: Path,
    *,
    mode: Mode = "motorcycle",
    wet_season_factor: float = 1.0,
    polygon: shapely.Geometry | None = None,
) -> RoadGraph:
    """The graph of a file of roads, for one mode.

    Args:
        path: the file; its ending says what it is.
        mode: motorcycle, car or walking.
        wet_season_factor: factor on the speed of unpaved and minor roads, in (0, 1].
        polygon: in degrees; roads outside are left out.

    Raises:
        DataError: ``upload.*``, ``outline.*``, ``roads.*``: the file is missing, too large, not what its
            ending says, holds no road, none that `mode` may use, or places that cannot be in Viet Nam.
    """
    return graph.build(roads(path, polygon=polygon), mode=mode, wet_season_factor=wet_season_factor)


def roads(path: Path, *, polygon: shapely.Geometry | None = None) -> Roads:
    """The roads of a file, for no mode yet; raises as `read` does."""
    name = tidy(path.name)
    try:
        size = path.stat().st_size
        content = path.read_bytes() if size <= MOST_PBF else b""
    except OSError as why:
        raise DataError(Problem("roads.no_file", str(path), {"why": tidy(why.strerror or "")})) from why
    if size > MOST_PBF:
        sizes = {"megabytes": size // MEGABYTE, "most": MOST_PBF // MEGABYTE}
        raise DataError(Problem("roads.too_large", name, sizes))
    ending = name.casefold()
    if ending.endswith(KEPT):
        found = _unpack(name, content)
        return found if polygon is None else within(found, polygon)
    if ending.endswith(".pbf"):
        return osm.read(name, content, format_="pbf", polygon=polygon)
    if not ending.endswith(TAKEN):
        raise DataError(Problem("roads.ending", name, {"taken": ", ".join(TAKEN)}))
    upload = uploads.check(name, content, formats=uploads.ROADS)
    if upload.format == "graphml":
        return graphml.read(name, content, polygon=polygon)
    if upload.format == "osm":
        return osm.read(name, content, format_="osm", polygon=polygon)
    return layers.read(name, content, polygon=polygon)


# --- a file of our own --------------------------------------------------------------------------------


def keep(found: Roads, path: Path) -> None:
    """Write roads as one file, whole or not at all.

    NumPy's own format holds the arrays bit by bit, compressed, in one file that needs no further library
    and runs no code when it is read (no pickle); what is not an array stands in it as JSON.

    Raises:
        DataError: ``roads.not_kept`` the folder cannot be written.
    """
    about = {"format": _FORMAT, "kinds": [*found.kinds]} | {name: getattr(found, name) for name in _WORDS}
    packed = np.frombuffer(json.dumps(about, ensure_ascii=False).encode(), dtype=np.uint8)
    unfinished: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
            unfinished = Path(file.name)
            np.savez_compressed(file, about=packed, **{name: getattr(found, name) for name in _ARRAYS})
        unfinished.replace(path)
    except OSError as why:
        if unfinished is not None:
            with contextlib.suppress(OSError):
                unfinished.unlink()
        values = {"why": tidy(why.strerror or type(why).__name__)}
        raise DataError(Problem("roads.not_kept", str(path.parent), values)) from why


def _unpack(name: str, content: bytes) -> Roads:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
        if unpacked > MOST_KEPT:
            sizes = {"megabytes": unpacked // MEGABYTE, "most": MOST_KEPT // MEGABYTE}
            raise DataError(Problem("roads.too_large", name, sizes))
        with np.load(io.BytesIO(content), allow_pickle=False) as kept:
            about: dict[str, Any] = json.loads(bytes(kept["about"]))
            if about["format"] != _FORMAT:
                raise ValueError(f"format {about['format']}")
            return Roads(
                **{array: kept[array] for array in _ARRAYS},
                kinds=tuple(about["kinds"]), source=str(about["source"]),
                attribution=str(about["attribution"]), retrieved=str(about["retrieved"]),
            )  # fmt: skip
    except (zipfile.BadZipFile, OSError, ValueError, KeyError, TypeError, EOFError) as why:
        raise DataError(Problem("roads.unreadable", name, {"why": tidy(str(why))[:200]})) from why
