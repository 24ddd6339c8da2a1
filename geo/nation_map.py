"""Approximate shapes of the provinces, from the points and boxes of their communes, on one coarse grid.

Ten thousand communes need not be drawn to show 63 provinces.  Each cell of a grid of a kilometre goes to the
commune whose box suits it best, as in `geo.cells`, and the communes of a province are drawn as one.  The
result is labelled "ranh giới gần đúng" wherever it is shown, and kept out of the repository like the cells.

Islands that the list of communes leaves out, or places elsewhere, are drawn as small discs around their
positions: the archipelagos Hoàng Sa (Đà Nẵng) and Trường Sa (Khánh Hòa), which every map of the country
shows, and four island districts without communes.
"""

from __future__ import annotations

from typing import NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import shapely

from geo import units
from geo.cells import NOBODY, Contest, Grid, fill, main_parts, on_land, polygons_of, to_degrees
from geo.sites import Recipe, Sites, prepare
from geo.units import Vintage

__all__ = ["ARCHIPELAGOS", "Archipelago", "draw", "key"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_ZONE = "EPSG:32648"  # UTM 48N; at the country's eastern and western ends lengths are off by 0.2 % at most
_RECIPE = Recipe(step_m=(1000.0, 1000.0))
_DRAWING = 1
"""Raised whenever this module would draw something else from the same lists."""

_AT_SEA = "Huyện Trường Sa"
"""A district whose communes the list places on the mainland."""

_ISLAND_M = 4000.0
"""Radius of the disc that stands for an island too small for the grid."""


class Archipelago(NamedTuple):
    """Islands of a province: the catalogue key of their name, where it is written, and their positions.

    `province` is the code of the list of early 2025, which Đà Nẵng and Khánh Hòa keep; positions are
    (latitude, longitude) in degrees, to a few kilometres, for a map of the whole country and nothing else.
    """

    label: str
    province: str
    at: tuple[float, float]
    islands: tuple[tuple[float, float], ...]


ARCHIPELAGOS = (
    Archipelago(
        "nation.hoang_sa", "48", (17.25, 112.0),
        (
            (16.53, 111.61), (16.83, 112.34), (16.97, 112.33), (16.67, 112.73), (15.78, 111.20),
            (16.45, 111.71), (16.57, 111.73), (16.05, 111.78), (16.10, 112.58),
        ),
    ),
    Archipelago(
        "nation.truong_sa", "56", (11.9, 113.9),
        (
            (8.64, 111.92), (11.43, 114.33), (9.89, 114.33), (10.18, 114.36), (10.37, 114.48), (7.89, 112.92),
            (8.17, 113.30), (8.86, 112.24), (8.97, 113.70), (8.93, 112.35), (8.87, 114.65), (10.38, 114.37),
            (10.73, 115.81), (11.05, 114.28), (10.92, 114.08), (9.72, 114.28), (9.55, 112.89), (7.37, 113.83),
        ),
    ),
)  # fmt: skip
"""What a map of the country always shows, with its full name."""

_ISLAND_DISTRICTS = (
    ("31", (20.13, 107.73)),  # Bạch Long Vĩ
    ("45", (17.16, 107.34)),  # Cồn Cỏ
    ("51", (15.38, 109.12)),  # Lý Sơn
    ("77", (8.69, 106.60)),  # Côn Đảo
)


def key(vintage: Vintage) -> str:
    """What the shapes depend on: changes whenever they would be drawn otherwise."""
    return f"{vintage}|{units.list_version()}|{_RECIPE!r}|{_DRAWING}|{shapely.geos_version_string}"


def draw(vintage: Vintage) -> gpd.GeoDataFrame:
    """The shapes of the provinces of a list, drawn anew (a few seconds).

    Returns:
        commune_code (the province's code: provinces are the places of a nation), geometry (EPSG:4326,
        MultiPolygons), sorted by code; together a coverage without gaps or holes on the mainland.

    Raises:
        DataError: a list that is not known or cannot be read.
    """
    communes = units.everywhere("2025-01")
    ashore = communes[communes["district"] != _AT_SEA].reset_index(drop=True)
    codes = units.provinces(vintage)["province_code"].to_numpy(str)
    owner = np.searchsorted(codes, _province(ashore, vintage).to_numpy(str))
    to_metres = pyproj.Transformer.from_crs(4326, _ZONE, always_xy=True)
    sites = prepare(ashore, len(ashore), to_metres, None, _RECIPE)
    grid = Grid.over(sites.box, _RECIPE)
    labels = _communes(sites, grid)
    provinces = np.where(labels == NOBODY, NOBODY, owner[labels])
    mainland = polygons_of(provinces, grid, len(codes))
    mainland = shapely.coverage_simplify(mainland, _RECIPE.simplify_steps * grid.step)
    whole = shapely.union(to_degrees(mainland, _ZONE), _islands(codes, vintage))
    # All of one type, as a GeoPackage keeps them: what is read again is what was drawn.
    shapes = [shapely.MultiPolygon(list(shapely.get_parts(shape))) for shape in whole]
    return gpd.GeoDataFrame({"commune_code": codes}, geometry=shapes, crs="EPSG:4326")


def _province(communes: pd.DataFrame, vintage: Vintage) -> pd.Series[str]:
    """The province of each commune of early 2025 in the list asked for."""
    if vintage == "2025-01":
        return communes["province_code"]
    first = units.successors().drop_duplicates("commune_code").set_index("commune_code")["successor_code"]
    now = units.everywhere(vintage).set_index("commune_code")["province_code"]
    found = communes["commune_code"].map(first).map(now)
    # A commune without a known successor lies where most of its old province lies now.
    most = found.groupby(communes["province_code"]).agg(lambda codes: codes.mode().iloc[0])
    return found.fillna(communes["province_code"].map(most))


def _communes(sites: Sites, grid: Grid) -> Ints:
    """The commune (by position) that each grid cell goes to, or NOBODY; shape (rows, columns).

    The least L4 distance, scaled by half the box, among those whose box contains the cell.
    """
    contest = Contest.of(sites.box, grid)
    centre = (sites.box[:, 0::2] + sites.box[:, 1::2]) / 2
    centre += _RECIPE.point_pull * (sites.point - centre)
    half = (sites.box[:, 1::2] - sites.box[:, 0::2]) / 2
    across = (contest.x - centre[contest.site, 0]) / half[contest.site, 0]
    along = (contest.y - centre[contest.site, 1]) / half[contest.site, 1]
    distance = (across**4 + along**4) ** 0.25
    best = contest.winners(distance)
    labels = on_land(contest, grid, best, distance, reach=_RECIPE.land_reach)
    return fill(main_parts(labels, len(sites.box)), labels != NOBODY)


def _islands(codes: npt.NDArray[np.str_], vintage: Vintage) -> npt.NDArray[np.object_]:
    """Discs of the islands of each province, (n,); an empty polygon where it has none."""
    listed = units.everywhere("2025-01").drop_duplicates("province_code")
    now = dict(zip(listed["province_code"], _province(listed, vintage), strict=True))
    found: dict[str, list[shapely.Polygon]] = {}
    places = [*((a.province, at) for a in ARCHIPELAGOS for at in a.islands), *_ISLAND_DISTRICTS]
    for province, (lat, lon) in places:
        found.setdefault(now[province], []).append(_disc(lat, lon))
    return np.array([shapely.union_all(found.get(code, [])) for code in codes], dtype=object)


def _disc(lat: float, lon: float) -> shapely.Polygon:
    """An octagon of `_ISLAND_M` around a position, in degrees."""
    degree = 111_320.0
    turns = np.arange(8) * np.pi / 4
    x = lon + _ISLAND_M * np.cos(turns) / (degree * np.cos(np.radians(lat)))
    return shapely.Polygon(np.round(np.stack([x, lat + _ISLAND_M * np.sin(turns) / degree], axis=1), 6))
