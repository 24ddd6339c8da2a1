"""Mending of outlines: invalid shapes, parts, overlaps, gaps and slivers, and a lighter copy for the map.

Everything that is changed is measured and reported; what would change too much is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pyproj
import shapely

from errors import DataError, Problem
from geo.cells import metric_zone, to_degrees

Shapes = npt.NDArray[np.object_]

GAP_WIDTH_M = 20.0
"""Gaps narrower than this are drawing errors and closed; wider ones may be lakes and are left and told."""
SLIVER_WIDTH_M = 1.0
"""Parts narrower than this on average are leftovers of drawing."""
LEAST_M2 = 1.0
"""Overlaps and gaps smaller than this are rounding."""
MOST_LOST = 0.5
"""Share of a unit that mending may take away; more, and two units stand on the same ground."""
VERTICES_EACH = 300
"""Vertices a unit, on average, up to which a map stays light."""
TOLERANCES_M = (5.0, 10.0, 20.0, 40.0, 80.0)


class Spot(NamedTuple):
    """A fault: units it concerns (codes), area in m², and a point to look at (degrees)."""

    codes: tuple[str, ...]
    area_m2: float
    lat: float
    lon: float


@dataclass(frozen=True, kw_only=True)
class Mending:
    """What was wrong with the shapes, and what was done.

    Attributes:
        invalid: code and what was wrong (GEOS's words), made valid.
        slivers: parts too thin to be land, dropped.
        overlaps: ground claimed twice, given to one of the two.
        gaps: cracks between units, closed.
        holes: wider gaps, which may be lakes, left open.
        moved_m2: area that changed hands or was added by mending, without simplification.
        tolerance_m: of the simplification; 0 where none was needed.
        vertices: before and after simplification.
    """

    invalid: tuple[tuple[str, str], ...] = ()
    slivers: tuple[Spot, ...] = ()
    overlaps: tuple[Spot, ...] = ()
    gaps: tuple[Spot, ...] = ()
    holes: tuple[Spot, ...] = ()
    moved_m2: float = 0.0
    tolerance_m: float = 0.0
    vertices: tuple[int, int] = (0, 0)

    @property
    def nothing(self) -> bool:
        """Whether the shapes were sound as they came."""
        return not (self.invalid or self.slivers or self.overlaps or self.gaps)


def mend(frame: gpd.GeoDataFrame, where: str) -> tuple[gpd.GeoDataFrame, Mending]:
    """Sound outlines: valid, without overlaps or cracks, light enough for a map.

    Invalid shapes are made valid (GEOS, method "structure"), parts of one unit joined, thin leftovers
    dropped, overlaps and cracks mended together with ``coverage_clean`` (each goes to the neighbour with
    the longest common border), and borders simplified together with ``coverage_simplify``.

    Args:
        frame: commune_code (may repeat: parts of one unit), geometry (EPSG:4326, polygons).
        where: the file, for messages.

    Returns:
        commune_code, geometry (EPSG:4326), one row a code, sorted by code; and what was done.

    Raises:
        DataError: ``outline.empty`` or ``outline.swallowed``: a unit without area, or one that lies
            mostly in others.
    """
    zone = metric_zone(shapely.get_coordinates(np.asarray(frame.geometry.array))[:, 0])
    degrees = pyproj.Transformer.from_crs(zone, 4326, always_xy=True)
    codes = frame["commune_code"].to_numpy(str)
    given, invalid = _valid(np.asarray(frame.to_crs(zone).geometry.array), codes)
    joined = gpd.GeoSeries(given).groupby(codes).agg(_together)
    codes, shapes = joined.index.to_numpy(str), np.asarray(joined.array)
    shapes, slivers = _without_slivers(shapes, codes, degrees)
    if len(lost := codes[shapely.is_empty(shapes)]):
        raise DataError([Problem("outline.empty", where, {"code": code}) for code in lost])
    overlaps = _overlaps(shapes, codes, degrees)
    before: shapely.Geometry = shapely.union_all(shapes)
    clean = np.asarray(shapely.coverage_clean(shapes, gap_width=GAP_WIDTH_M))  # type: ignore[attr-defined]  # the stubs lag behind
    _check_kept(shapes, clean, codes, overlaps, where)
    gaps, holes = _holes(before, clean, codes, degrees)
    kept = shapely.area(shapely.intersection(clean, shapes)).sum()
    moved = shapely.area(clean).sum() - kept
    light, tolerance = _lighter(clean)
    turned = to_degrees(light, zone)
    mending = Mending(
        invalid=invalid, slivers=slivers, overlaps=overlaps, gaps=gaps, holes=holes,
        moved_m2=float(max(moved, 0.0)) if overlaps or gaps else 0.0, tolerance_m=tolerance,
        vertices=(_vertices(clean), _vertices(turned)),
    )  # fmt: skip
    return gpd.GeoDataFrame({"commune_code": codes}, geometry=turned, crs="EPSG:4326"), mending


def _together(parts: gpd.GeoSeries) -> Any:
    return shapely.union_all(np.asarray(parts.array))


def _valid(shapes: Shapes, codes: npt.NDArray[np.str_]) -> tuple[Shapes, tuple[tuple[str, str], ...]]:
    wrong = ~shapely.is_valid(shapes)
    reasons = shapely.is_valid_reason(shapes[wrong])
    told = tuple(
        (str(code), str(why).partition("[")[0]) for code, why in zip(codes[wrong], reasons, strict=True)
    )
    mended = shapes.copy()
    mended[wrong] = shapely.make_valid(shapes[wrong], method="structure", keep_collapsed=False)
    return mended, told


def _without_slivers(
    shapes: Shapes, codes: npt.NDArray[np.str_], degrees: pyproj.Transformer
) -> tuple[Shapes, tuple[Spot, ...]]:
    """Without parts thinner than `SLIVER_WIDTH_M` (twice the area by the perimeter)."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    area, around = shapely.area(parts), shapely.length(parts)
    thin = 2 * area < SLIVER_WIDTH_M * around
    kept = np.empty(len(shapes), dtype=object)
    for n in range(len(shapes)):
        kept[n] = shapely.union_all(parts[(owner == n) & ~thin])
    return kept, tuple(
        _spot(part, (codes[n],), degrees) for part, n in zip(parts[thin], owner[thin], strict=True)
    )


def _overlaps(shapes: Shapes, codes: npt.NDArray[np.str_], degrees: pyproj.Transformer) -> tuple[Spot, ...]:
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    one, other = one[one < other], other[one < other]
    shared = shapely.intersection(shapes[one], shapes[other])
    spots = [
        _spot(area, (codes[a], codes[b]), degrees)
        for area, a, b in zip(shared, one, other, strict=True)
        if shapely.area(area) > LEAST_M2
    ]
    return _largest_first(spots)


def _holes(
    before: shapely.Geometry, clean: Shapes, codes: npt.NDArray[np.str_], degrees: pyproj.Transformer
) -> tuple[tuple[Spot, ...], tuple[Spot, ...]]:
    """Cracks that were closed, and holes that are left, each with the units around it."""
    after = shapely.union_all(clean)
    tree = shapely.STRtree(clean)

    def spots(areas: Shapes) -> tuple[Spot, ...]:
        found = []
        for area in areas:
            if shapely.area(area) > LEAST_M2:
                near = np.sort(tree.query(area, predicate="intersects"))
                found.append(_spot(area, tuple(codes[near]), degrees))
        return _largest_first(found)

    closed = shapely.get_parts(shapely.difference(after, before))
    rings = shapely.get_rings(shapely.get_parts(after))
    outer = shapely.get_exterior_ring(shapely.get_parts(after))
    open_ = [ring for ring in rings if not any(shapely.equals_identical(ring, o) for o in outer)]
    return spots(closed), spots(np.asarray(shapely.polygons(open_)) if open_ else np.empty(0, object))


def _check_kept(
    shapes: Shapes, clean: Shapes, codes: npt.NDArray[np.str_], overlaps: Sequence[Spot], where: str
) -> None:
    left = shapely.area(shapely.intersection(clean, shapes)) / shapely.area(shapes)
    problems = []
    for n in map(int, np.flatnonzero(left < 1 - MOST_LOST)):
        others = sorted({code for spot in overlaps if codes[n] in spot.codes for code in spot.codes})
        values = {"code": codes[n], "others": ", ".join(code for code in others if code != codes[n]) or "–"}
        problems.append(Problem("outline.swallowed", where, values))
    if problems:
        raise DataError(problems)


def _lighter(shapes: Shapes) -> tuple[Shapes, float]:
    """Simplified together, no more than it takes; and the tolerance in metres."""
    if _vertices(shapes) <= VERTICES_EACH * len(shapes):
        return shapes, 0.0
    lighter = shapes
    for tolerance in TOLERANCES_M:
        lighter = np.asarray(shapely.coverage_simplify(shapes, tolerance))
        if _vertices(lighter) <= VERTICES_EACH * len(shapes):
            break
    return lighter, tolerance


def _vertices(shapes: Shapes) -> int:
    return int(shapely.get_num_coordinates(shapes).sum())


def _spot(area: shapely.Geometry, codes: tuple[str, ...], degrees: pyproj.Transformer) -> Spot:
    point = shapely.point_on_surface(area)
    lon, lat = degrees.transform(shapely.get_x(point), shapely.get_y(point))
    return Spot(tuple(map(str, codes)), float(shapely.area(area)), round(lat, 5), round(lon, 5))


def _largest_first(spots: list[Spot]) -> tuple[Spot, ...]:
    return tuple(sorted(spots, key=lambda spot: (-spot.area_m2, spot.codes)))
