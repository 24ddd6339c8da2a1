"""Approximate cells of July 2025, made of those of early 2025.

The list of July 2025 has no boxes to draw from, but nearly every commune of it is made of whole communes of
early 2025, whose cells are dissolved.  A commune that was divided is cut between its successors; how much of
it each got is estimated from that cut, for counts (`geo.reforms`) as for the map.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import shapely
from shapely.geometry.base import BaseGeometry

from geo import units
from geo.cells import metric_zone, to_degrees

Floats = npt.NDArray[np.float64]
Shapes = npt.NDArray[np.object_]

GAP_M = 1000.0
"""Narrower gaps, metres, are closed: provinces are drawn one by one and do not meet exactly."""

_LEAST_KM2 = 1.0
"""Area given to a commune that nothing is known of but a point."""


CellsOf = Callable[[str], gpd.GeoDataFrame]
"""Cells of a province of early 2025: commune_code, geometry (EPSG:4326)."""


def draw(province_code: str, cells_of: CellsOf) -> gpd.GeoDataFrame:
    """The cells of a province of July 2025 in the order of `geo.units.communes`; see `dissolve`."""
    places = units.communes(province_code, "2025-07").assign(area_km2=_areas)
    links = units.successors()
    whole = links.loc[links["successor_code"].isin(places["commune_code"]), "commune_code"]
    return dissolve(parts_of(whole, cells_of), places)


def parts_of(commune_codes: Iterable[str], cells_of: CellsOf) -> gpd.GeoDataFrame:
    """What became of these communes of early 2025, as `pieces` tells; all of one UTM zone or nearly so."""
    links = units.successors()
    links = links[links["commune_code"].isin(set(commune_codes))]
    listed = units.everywhere("2025-01").set_index("commune_code")["province_code"]
    drawn = [cells_of(province) for province in sorted(set(links["commune_code"].map(listed)))]
    cells = pd.concat(drawn, ignore_index=True)
    cells = cells[cells["commune_code"].isin(links["commune_code"])]
    return pieces(cells, links, units.everywhere("2025-07").assign(area_km2=_areas))


def _areas(places: pd.DataFrame) -> pd.Series[float]:
    return places["commune_code"].map(units.areas()).astype(float)


def pieces(cells: gpd.GeoDataFrame, links: pd.DataFrame, places: pd.DataFrame) -> gpd.GeoDataFrame:
    """The cells of early 2025, those of divided communes cut between their successors.

    Every spot goes to the successor c with the least d² − A / π, d its distance from the point of c and A the
    area of c: a power diagram, in which a large commune reaches farther than a small one.  Where an area is
    not known, to the nearest point.  Measured on the six divided communes of Cần Thơ, Đồng Nai and Tuyên
    Quang, the share of the area is off by 0.19 on average; by 0.41 with equal parts (`tests/geo`).

    Args:
        cells: commune_code (early 2025), geometry (EPSG:4326).
        links: `geo.units.successors`.
        places: commune_code (July 2025), lat, lon in degrees, area_km2 (NaN where not known).

    Returns:
        commune_code, successor_code, share (of the cell's area; 1 for all together), geometry in metres, in
        the zone of `metric_zone`; empty where nothing is left to a successor.  Sorted by both codes.
    """
    zone = metric_zone(cells.geometry.bounds["minx"].to_numpy())
    known = places.set_index("commune_code")
    x, y = pyproj.Transformer.from_crs(4326, zone, always_xy=True).transform(known["lon"], known["lat"])
    centre = dict(zip(known.index, np.stack([x, y], axis=1), strict=True))
    shape = cells.to_crs(zone).set_index("commune_code").geometry
    rows = []
    for code, successors in links.sort_values("successor_code").groupby("commune_code")["successor_code"]:
        if code in shape.index:
            mine = list(successors)
            parts = _cut(
                shape[code],
                np.array([centre[c] for c in mine]),
                known.loc[mine, "area_km2"].to_numpy(dtype=np.float64) * 1e6,
            )
            whole = sum(part.area for part in parts)
            rows += [(code, c, part.area / whole, part) for c, part in zip(mine, parts, strict=True)]
    frame = pd.DataFrame(rows, columns=["commune_code", "successor_code", "share", "geometry"])
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=zone)


def _cut(shape: BaseGeometry, centre: Floats, area: Floats) -> list[BaseGeometry]:
    """`shape` cut between centres, shape (n, 2), of areas (n,) in m²; n parts in their order."""
    if len(centre) == 1:
        return [shape]
    reach = area / np.pi if np.isfinite(area).all() else np.zeros(len(area))
    parts = []
    for i in range(len(centre)):
        part = shape
        for j in range(len(centre)):
            if i != j:
                part = part.intersection(
                    _side(shape, centre[i], centre[j], float(reach[i] - reach[j]), i < j)
                )
        parts.append(part)
    return parts


def _side(shape: BaseGeometry, mine: Floats, other: Floats, ahead: float, first: bool) -> BaseGeometry:
    """Where |p − mine|² − |p − other|² <= `ahead`, as far as `shape` reaches; for one point, all or none."""
    apart = float(np.hypot(*(other - mine)))
    corners = shapely.get_coordinates(shapely.envelope(shape))
    if apart < 1.0:
        return shapely.envelope(shape) if ahead > 0 or (ahead == 0 and first) else shapely.Polygon()
    towards = (other - mine) / apart
    along = np.array([-towards[1], towards[0]])
    middle = corners.mean(axis=0)
    # The border crosses the line through both points at a right angle, this far from `mine`.
    border = (apart**2 + ahead) / (2 * apart)
    beyond = border - float((middle - mine) @ towards)
    foot = middle + beyond * towards
    wide = 1.0 + float(np.hypot(*np.ptp(corners, axis=0)))
    back = foot - (wide + abs(beyond)) * towards
    return shapely.Polygon(
        [foot + wide * along, foot - wide * along, back - wide * along, back + wide * along]
    )


def dissolve(parts: gpd.GeoDataFrame, places: pd.DataFrame) -> gpd.GeoDataFrame:
    """The cells of `places`, each of the `parts` that became it, without gaps or overlaps between them.

    A commune that no part became (an island district that had no communes) is a disc of its area around its
    point, as far as others leave it.

    Args:
        parts: what `pieces` returns for every commune that went into one of `places`.
        places: as in `pieces`.

    Returns:
        commune_code, geometry (EPSG:4326), one non-empty polygon a commune in the order of `places`.
    """
    zone = str(parts.crs)
    mine = parts[parts["successor_code"].isin(places["commune_code"]) & ~parts.geometry.is_empty]
    whole = mine.dissolve("successor_code").geometry
    x, y = pyproj.Transformer.from_crs(4326, zone, always_xy=True).transform(places["lon"], places["lat"])
    radius = np.sqrt(places["area_km2"].fillna(0).clip(lower=_LEAST_KM2).to_numpy() * 1e6 / np.pi)
    discs = shapely.buffer(shapely.points(x, y), radius)
    others = whole.union_all()
    shapes = np.array(
        [
            whole[code] if code in whole.index else shapely.difference(disc, others)
            for code, disc in zip(places["commune_code"], discs, strict=True)
        ],
        dtype=object,
    )
    shapes = np.where(shapely.is_empty(shapes), discs, shapes)  # a point that lies within another's cell
    clean = shapely.coverage_clean(shapes, gap_width=GAP_M, merge_strategy="min_area")  # type: ignore[attr-defined]  # the stubs lag behind
    return gpd.GeoDataFrame(
        {"commune_code": places["commune_code"].to_numpy()},
        geometry=to_degrees(clean, zone),
        crs="EPSG:4326",
    )
