"""Approximate provinces for a map of the country: the ground nearest to the communes of each.

A coarser drawing than `geo.cells`, in a second for all of them: at the scale of the country a commune is a
few pixels.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo import units
from geo.cells import to_degrees
from geo.names import split_type
from geo.units import Vintage
from text import fold

Shapes = npt.NDArray[np.object_]

ZONE = "EPSG:32648"
REACH_M = 3_000.0
"""Cracks up to twice as wide between the communes' boxes are land."""
SIDE_M = (500.0, 50_000.0)
"""Sides of boxes that can be right."""
ISLAND_M = 10_000.0
"""Radius of the disc for an island, so that it shows on a map of the country."""
LEAST_M2 = 5e6
"""Smaller pieces that lie apart are leftovers of drawing, unless a province has no other."""
TOLERANCE_M = 500.0


def draw(vintage: Vintage) -> gpd.GeoDataFrame:
    """Approximate polygons of all provinces of a list.

    Each piece of land goes to the province of the nearest commune's point (Voronoi); land is where communes'
    boxes are.  Island communes that the boxes miss, Hoàng Sa and Trường Sa among them, are drawn as discs.
    Provinces of July 2025 are unions of those of early 2025.

    Returns:
        commune_code (the province's code), geometry (EPSG:4326), sorted by code.
    """
    communes = units.everywhere("2025-01").drop_duplicates(["lon", "lat"])
    points = _metres(gpd.points_from_xy(communes["lon"], communes["lat"]))
    land = _land(communes, points)
    areas = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(points), ordered=True))
    province = _province_of(communes, vintage)
    codes = np.unique(province)
    whole = [shapely.coverage_union_all(areas[province == code]) for code in codes]
    own = _main_parts(np.asarray(shapely.intersection(np.asarray(whole), land)))
    discs, owner = _islands(communes, land, vintage)
    own = np.asarray([shapely.union_all([own[n], *discs[owner == code]]) for n, code in enumerate(codes)])
    clean = np.asarray(shapely.coverage_clean(own, gap_width=REACH_M))  # type: ignore[attr-defined]
    light = np.asarray(shapely.coverage_simplify(clean, TOLERANCE_M))
    return gpd.GeoDataFrame({"commune_code": codes}, geometry=to_degrees(light, ZONE), crs="EPSG:4326")


def _metres(shapes: npt.ArrayLike) -> Shapes:
    return np.asarray(gpd.GeoSeries(shapes, crs="EPSG:4326").to_crs(ZONE).array)


def _province_of(communes: pd.DataFrame, vintage: Vintage) -> npt.NDArray[np.str_]:
    """The province of each commune of early 2025, in the list `vintage`."""
    if vintage == "2025-01":
        return communes["province_code"].to_numpy(str)
    new = units.everywhere("2025-07").set_index("commune_code")["province_code"]
    pairs = units.successors()
    pairs = pairs.assign(
        old=pairs["commune_code"].map(communes.set_index("commune_code")["province_code"]),
        new=pairs["successor_code"].map(new),
    )
    # Provinces were merged whole: what a few faulty pairs say does not count.
    heir = pairs.groupby("old")["new"].agg(lambda found: found.mode().iloc[0])
    return communes["province_code"].map(heir).to_numpy(str)


def _land(communes: pd.DataFrame, points: Shapes) -> shapely.Geometry:
    """Where boxes of communes are, cracks and bays between them closed."""
    west, south, east, north = (communes[side].to_numpy(float) for side in ("west", "south", "east", "north"))
    boxes = _metres(shapely.box(west, south, east, north))
    bounds = shapely.bounds(boxes)
    sides = bounds[:, 2:] - bounds[:, :2]
    sound = ((sides > SIDE_M[0]) & (sides < SIDE_M[1])).all(axis=1) & shapely.intersects(boxes, points)
    land = shapely.union_all([*boxes[sound], *shapely.buffer(points[~sound], REACH_M)])
    closed = shapely.buffer(shapely.buffer(land, REACH_M, quad_segs=2), -REACH_M, quad_segs=2)
    parts = shapely.get_parts(shapely.union(land, closed))
    return shapely.union_all(shapely.polygons(shapely.get_exterior_ring(parts)))


def _islands(
    communes: pd.DataFrame, land: shapely.Geometry, vintage: Vintage
) -> tuple[Shapes, npt.NDArray[np.str_]]:
    """Discs for island communes (đặc khu) beyond the land, and their provinces."""
    zones = units.everywhere("2025-07").query("commune_type == 'Đặc khu'")
    points = _metres(gpd.points_from_xy(zones["lon"], zones["lat"]))
    away = ~shapely.intersects(points, land)
    if vintage == "2025-07":
        owner = zones["province_code"]
    else:
        before = units.successors().drop_duplicates("successor_code").set_index("successor_code")
        of_commune = before["commune_code"].map(communes.set_index("commune_code")["province_code"])
        districts = units.without_communes()
        of_district = dict(zip(districts["district"].map(_bare), districts["province_code"], strict=True))
        by_name = zones["commune"].map(_bare).map(of_district)
        owner = zones["commune_code"].map(of_commune).fillna(by_name)
    assert owner.notna().all()
    return shapely.buffer(points[away], ISLAND_M, quad_segs=3), owner.to_numpy(str)[away]


def _bare(name: str) -> str:
    return fold(split_type(name)[1])


def _main_parts(shapes: Shapes) -> Shapes:
    """Without pieces smaller than `LEAST_M2`; the largest stays whatever its size."""
    kept = np.empty(len(shapes), dtype=object)
    for n, shape in enumerate(shapes):
        parts = shapely.get_parts(shape)
        parts = parts[shapely.get_dimensions(parts) == 2]
        area = shapely.area(parts)
        kept[n] = shapely.union_all(parts[(area >= LEAST_M2) | (area == area.max())])
    return kept
