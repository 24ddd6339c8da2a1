"""Files of shapes as offices send them, made from the list's points: no real boundary is in them."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from functools import cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import shapely

from geo import units

VN2000 = "EPSG:9210"
"""VN-2000, central meridian 105°45', three-degree zone."""


@cache
def _areas(province, vintage):
    listed = units.communes(province, vintage)
    points = gpd.GeoSeries(gpd.points_from_xy(listed["lon"], listed["lat"]), crs=4326).to_crs(32648)
    xy = shapely.get_coordinates(np.asarray(points.array))
    for n in range(1, len(xy)):  # two communes share a point
        while (np.hypot(*(xy[:n] - xy[n]).T) < 300).any():
            xy[n] += 300
    hull = points.union_all().convex_hull.buffer(2_000)
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(xy), extend_to=hull, ordered=True))
    return shapely.coverage_clean(shapely.intersection(cells, hull))  # type: ignore[attr-defined]


def province(code="92", vintage="2025-01"):
    """A frame in metres (EPSG:32648): ma_xa, ten_xa, ten_huyen and an area a commune."""
    listed = units.communes(code, vintage)
    columns = {"ma_xa": listed["commune_code"], "ten_xa": listed["commune"], "ten_huyen": listed["district"]}
    return gpd.GeoDataFrame(columns, geometry=list(_areas(code, vintage)), crs=32648)


def geojson(frame, crs=None):
    """GeoJSON after RFC 7946; with `crs` in that system, which is stated the old way."""
    content = json.loads(frame.to_crs(crs or 4326).to_json(drop_id=True, to_wgs84=False))
    content.pop("crs", None)
    if crs:
        content["crs"] = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:{crs.replace(':', '::')}"}}
    return json.dumps(content, ensure_ascii=False).encode()


def written(frame, suffix, driver, **options):
    """The bytes of `frame` written with GDAL."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"ranh_gioi{suffix}"
        pyogrio.write_dataframe(frame, path, driver=driver, **options)
        return path.read_bytes()


def gpkg(frame, layer="xa", more=None):
    """A GeoPackage; `more` are further layers by name."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ranh_gioi.gpkg"
        for name, one in {layer: frame, **(more or {})}.items():
            pyogrio.write_dataframe(one, path, layer=name, driver="GPKG")
        return path.read_bytes()


def shapefile(frame, *, encoding="utf-8", without=(), name="ranh_gioi", folder_inside=""):
    """A zipped shapefile, some siblings left out."""
    with tempfile.TemporaryDirectory() as folder:
        pyogrio.write_dataframe(
            frame, Path(folder) / f"{name}.shp", driver="ESRI Shapefile", encoding=encoding
        )
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(Path(folder).iterdir()):
                if path.suffix not in without:
                    archive.write(path, folder_inside + path.name)
        return packed.getvalue()


def kmz(frame):
    """A KML file in a zip."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("doc.kml", written(frame.to_crs(4326), ".kml", "LIBKML"))
    return packed.getvalue()
