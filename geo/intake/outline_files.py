"""From a file of shapes to a frame: GeoPackage, GeoJSON, zipped shapefile, KML and KMZ.

GDAL would open more than a file's ending promises: a data source that a file only points to, or a CRS that
it names by a web address.  So each format is opened by its own driver alone, from a folder of its own, and
GeoJSON not by GDAL at all.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import json
import os
import tempfile
import warnings
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Literal
from xml.parsers import expat

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pyproj

from errors import DataError, Problem
from geo.intake import uploads
from geo.intake.uploads import Upload
from text import tidy

MOST_ROWS = 50_000
"""Shapes of a file; the country has 10,035 communes."""
MOST_LINES = 500_000
"""Lines of a file of roads."""

FOLDER = "kml_folder"
"""Column that a KML's folders, often one a district, are told apart by."""

_NEEDED = (".shp", ".shx", ".dbf")
_SIBLINGS = (*_NEEDED, ".prj", ".cpg")
_PARTS = frozenset({".shp", ".shx", ".dbf", ".prj", ".cpg", ".sbn", ".sbx", ".qpj", ".shp.xml"})
_SHOWN = 12


@dataclass(frozen=True, eq=False, kw_only=True)
class Loaded:
    """A layer as it came.

    Attributes:
        frame: its attributes and `geometry`; no CRS where the file states none.
        layer: its name.
        encoding: of the attributes, empty where the format leaves no choice.
        remarks: what the reading library complained of.
    """

    frame: gpd.GeoDataFrame
    layer: str
    encoding: str = ""
    remarks: tuple[str, ...] = ()


Shape = Literal["Polygon", "Point", "LineString"]
_NONE: dict[Shape, str] = {
    "Polygon": "outline.no_polygons",
    "Point": "premises.no_points",
    "LineString": "roads.no_lines",
}


def load(name: str, content: bytes, *, layer: str | None = None, shape: Shape = "Polygon") -> Loaded:
    """Read the layer of polygons, of points or of lines of a file that somebody brings.

    Args:
        name: the file's name; its ending says what it is.
        content: the file.
        layer: which layer, where a file has several.
        shape: what the layer has to hold some of.

    Raises:
        DataError: ``upload.*`` what `uploads.check` refuses; ``outline.*`` what cannot be read.
    """
    bare = PurePosixPath(name.replace("\\", "/").casefold())
    if bare.suffix in _PARTS:
        raise DataError(Problem("outline.bare_shapefile", tidy(name), {"siblings": ", ".join(_SIBLINGS)}))
    upload = uploads.check(name, content, formats=uploads.BOUNDARIES)
    with (
        tempfile.TemporaryDirectory(prefix="lo-trinh-") as folder,
        warnings.catch_warnings(record=True) as said,
    ):
        warnings.simplefilter("always")
        try:
            loaded = _opened(upload, Path(folder), layer, shape)
        except DataError:
            raise
        except Exception as why:  # a damaged file makes GDAL, GEOS and their wrappers fail in any way
            reason = tidy(str(why).replace(f"{folder}{os.sep}", ""))[:200]
            said_so = {"why": "–" if isinstance(why, NameError) else reason}  # pyogrio's own slip
            raise DataError(Problem("outline.unreadable", upload.name, said_so)) from why
    frame = loaded.frame
    code, most = ("roads.many", MOST_LINES) if shape == "LineString" else ("outline.many", MOST_ROWS)
    if len(frame) > most:
        raise DataError(Problem(code, upload.name, {"rows": len(frame), "most": most}))
    if not frame.geom_type.isin((shape, f"Multi{shape}")).any():
        kinds = ", ".join(sorted({str(kind) for kind in frame.geom_type.dropna()})) or "–"
        raise DataError(Problem(_NONE[shape], upload.name, {"kinds": kinds}))
    remarks = tuple(dict.fromkeys(tidy(str(warning.message)) for warning in said))
    return Loaded(frame=frame, layer=loaded.layer, encoding=loaded.encoding, remarks=remarks)


def crs_of(stated: str, where: str) -> pyproj.CRS:
    """The coordinate reference system that the user names, such as ``EPSG:9210`` or a PROJ string."""
    try:
        return pyproj.CRS.from_user_input(int(stated) if stated.isdigit() else stated)
    except (pyproj.exceptions.CRSError, ValueError) as why:
        raise DataError(Problem("outline.unknown_crs", where, {"crs": tidy(stated)})) from why


def _known(crs: Any) -> bool:
    """Whether a frame's CRS is one: GeoPackages have an "undefined" one, drawings a local one."""
    return crs is not None and (crs.is_geographic or crs.is_projected)


# --- formats ---------------------------------------------------------------------------------------


def _opened(upload: Upload, folder: Path, layer: str | None, shape: Shape) -> Loaded:
    """The layer, read by the driver of its format; fails in any way where the file is damaged."""
    if upload.format == "geojson":
        return _geojson(upload)
    if upload.format == "zip":
        return _shapefile(upload, folder, layer)
    if upload.format in ("kml", "kmz"):
        return _kml(upload, folder, layer)
    path = folder / "outlines.gpkg"
    path.write_bytes(upload.content)
    return _read(upload, path, _choose(upload, path, layer, shape))


def _read(upload: Upload, path: Path, layer: str | None, *, encoding: str | None = None) -> Loaded:
    read = pyogrio.read_dataframe(
        path, layer=layer, encoding=encoding, force_2d=True, max_features=MOST_LINES + 1
    )
    if not isinstance(read, gpd.GeoDataFrame):
        raise DataError(Problem("outline.no_polygons", upload.name, {"kinds": "–"}))
    frame = read.rename_geometry("geometry") if read.geometry.name != "geometry" else read
    if not _known(frame.crs):
        frame = gpd.GeoDataFrame(frame.drop(columns="geometry"), geometry=np.asarray(frame.geometry.array))
    return Loaded(frame=frame, layer=layer or path.stem)


def _choose(upload: Upload, path: Path, wanted: str | None, shape: Shape = "Polygon") -> str:
    """The layer that was asked for, or the only one of the shape."""
    listed = {str(name): str(kind) for name, kind in pyogrio.list_layers(path)}
    shapes = [name for name, kind in listed.items() if shape in kind or "Unknown" in kind]
    if not shapes and wanted is None:
        raise DataError(Problem(_NONE[shape], upload.name, {"kinds": ", ".join(sorted({*listed.values()}))}))
    return _one(upload, {tidy(name): name for name in listed}, [tidy(name) for name in shapes], wanted)


def _one(upload: Upload, layers: Mapping[str, str], shapes: Sequence[str], wanted: str | None) -> str:
    """The layer `wanted` of `layers` (shown name: own name), else the only one of `shapes`."""
    if wanted is not None:
        found = [own for shown, own in layers.items() if shown.casefold() == tidy(wanted).casefold()]
        if len(found) == 1:
            return found[0]
        values = {"layer": tidy(wanted), "layers": ", ".join([*layers][:_SHOWN])}
        raise DataError(Problem("outline.no_layer", upload.name, values))
    if len(shapes) == 1:
        return layers[shapes[0]]
    if not shapes:
        raise DataError(Problem("outline.no_polygons", upload.name, {"kinds": "–"}))
    raise DataError(Problem("outline.layers", upload.name, {"layers": ", ".join([*shapes][:_SHOWN])}))


def _geojson(upload: Upload) -> Loaded:
    """GeoJSON after RFC 7946, or before it, with the member `crs` as a name; never as an address."""
    content = json.loads(upload.content)
    features = content["features"] if content.get("type") == "FeatureCollection" else [content]
    frame = gpd.GeoDataFrame.from_features(
        [{**feature, "properties": feature.get("properties") or {}} for feature in features]
    )
    frame = gpd.GeoDataFrame(frame, geometry=frame["geometry"].force_2d())
    named = content.get("crs")
    if isinstance(named, dict) and named.get("type") == "name":
        stated = str((named.get("properties") or {}).get("name", ""))
        frame = frame.set_crs(crs_of("OGC:CRS84" if stated.endswith("CRS84") else stated, upload.name))
    elif named is not None:
        raise DataError(Problem("outline.unknown_crs", upload.name, {"crs": tidy(str(named))[:100]}))
    elif np.abs(frame.total_bounds).max() <= 180:
        frame = frame.set_crs(4326)  # as RFC 7946 has it
    return Loaded(frame=frame, layer=tidy(str(content.get("name") or PurePosixPath(upload.name).stem)))


def _shapefile(upload: Upload, folder: Path, wanted: str | None) -> Loaded:
    """A zipped shapefile whose siblings are there; nothing else of the zip is unpacked."""
    parts: dict[str, dict[str, str]] = {}
    for member in upload.members:
        path = PurePosixPath(member.replace("\\", "/"))
        if path.suffix.casefold() in _SIBLINGS and not path.name.startswith("."):
            stem = str(path.with_suffix("")).casefold()
            parts.setdefault(stem, {})[path.suffix.casefold()] = member
    shapes = {stem: found for stem, found in parts.items() if ".shp" in found}
    shown = {tidy(PurePosixPath(stem).name): stem for stem in shapes}
    stem = _one(upload, shown, [*shown], wanted)
    if missing := [suffix for suffix in _NEEDED if suffix not in shapes[stem]]:
        name = tidy(PurePosixPath(shapes[stem][".shp"]).stem)
        raise DataError(
            Problem("outline.siblings", upload.name, {"name": name, "missing": ", ".join(missing)})
        )
    with zipfile.ZipFile(io.BytesIO(upload.content)) as archive:
        for suffix, member in shapes[stem].items():
            (folder / f"outlines{suffix}").write_bytes(archive.read(member))
    encoding = _dbf_encoding(upload, folder)
    loaded = _read(upload, folder / "outlines.shp", None, encoding=encoding)
    return Loaded(frame=loaded.frame, layer=tidy(PurePosixPath(stem).name), encoding=encoding)


_TCVN3 = frozenset(range(0xA1, 0xBF)) - {0xAB, 0xBB}
"""Bytes that are letters in TCVN3 (ABC) and VNI's fonts, and signs that stand in no word in cp1258."""


def _dbf_encoding(upload: Upload, folder: Path) -> str:
    """Encoding of the attributes: as the .cpg has it if that fits, else UTF-8 if it fits, else cp1258."""
    content = (folder / "outlines.dbf").read_bytes()
    start = int.from_bytes(content[8:10], "little")
    body = content[start:]
    stated = folder / "outlines.cpg"
    named = stated.read_text(encoding="ascii", errors="ignore").strip() if stated.exists() else ""
    aliases = {
        "65001": "utf-8",
        "1258": "cp1258",
        "1252": "cp1252",
        "88591": "latin-1",
        "ANSI 1258": "cp1258",
    }
    named = aliases.get(named.upper(), named)
    for encoding in filter(None, (named, "utf-8")):
        try:
            body.decode(encoding)
        except (LookupError, ValueError):  # a name with a zero byte in it is a ValueError
            continue
        if encoding.replace("-", "").casefold() != "cp1252" or body.isascii():  # no Vietnamese fits cp1252
            return encoding
    letters = sum(
        1 for one, other in itertools.pairwise(body)
        if chr(one).isascii() and chr(one).isalpha() and other in _TCVN3
    )  # fmt: skip
    if letters > 3:
        raise DataError(Problem("outline.old_font", upload.name))
    return "cp1258"


def _kml(upload: Upload, folder: Path, wanted: str | None) -> Loaded:
    """A KML file, or the one inside a KMZ; its folders together, unless one is asked for."""
    content = upload.content
    if upload.format == "kmz":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            inside = [name for name in upload.members if name.casefold().endswith(".kml")]
            content = archive.read(next((n for n in inside if n.casefold() == "doc.kml"), inside[0]))
    if _root(content) != "kml":
        raise DataError(Problem("outline.unreadable", upload.name, {"why": "not KML"}))
    path = folder / "outlines.kml"
    path.write_bytes(content)
    if wanted is not None:
        return _read(upload, path, _choose(upload, path, wanted))
    layers = [str(name) for name, kind in pyogrio.list_layers(path) if kind is not None]
    frames = [_read(upload, path, layer).frame.assign(**{FOLDER: tidy(layer)}) for layer in layers]
    frames = [frame for frame in frames if len(frame)]
    if not frames:
        raise DataError(Problem("outline.no_polygons", upload.name, {"kinds": "–"}))
    whole = gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), crs=frames[0].crs)
    return Loaded(frame=whole, layer=", ".join(tidy(layer) for layer in layers[:_SHOWN]))


def _root(content: bytes) -> str:
    """Local name of the first element of an XML file, empty where there is none."""
    found: list[str] = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, _: found.append(name)
    with contextlib.suppress(expat.ExpatError):
        parser.Parse(content[: 64 * 1024], False)
    return found[0].rpartition(":")[2] if found else ""
