"""What the drawing of approximate cells starts from: points, boxes and unions, mended and in metres."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import shapely

from geo.contest import Contest, Grid, distances
from geo.recipe import Recipe

__all__ = ["UNKNOWN_HALF_M", "Recipe", "Sites", "prepare", "settle", "voronoi_areas"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_FARTHEST = 3.0
"""A commune lies this near to the centroid of its union, in radii of a disc of the union's area."""

UNKNOWN_HALF_M = 5000.0
"""Land reaches this far from a point, metres, where no box tells and no neighbour is nearer."""

_LEAST_REST = 0.4
"""Sound boxes must leave broken ones of their union this share, at least, of what these seem to have."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Sites:
    """n communes, of which the first `drawn` are drawn, and u unions of them; metres and m².

    Attributes:
        drawn: how many are drawn.
        point: shape (n, 2).
        box: west, east, south, north; shape (n, 4).
        broken: box was replaced; shape (n,).
        union: number of the union of each commune, shape (n,).
        area: of each union, NaN-free, shape (u,).
        centroid: of each union, NaN-free, shape (u, 2).
        radius: of a disc of the union's area, shape (u,).
        area_known: the area may be used, shape (u,).
        centroid_known: the centroid may be used, shape (u,).
    """

    drawn: int
    point: Floats
    box: Floats
    broken: Bools
    union: Ints
    area: Floats
    centroid: Floats
    radius: Floats
    area_known: Bools
    centroid_known: Bools


def prepare(
    communes: pd.DataFrame,
    drawn: int,
    to_metres: pyproj.Transformer,
    unions: pd.DataFrame | None,
    recipe: Recipe,
) -> Sites:
    """Project, find broken boxes, judge unions and replace the broken boxes.

    Where unions are known, communes with broken boxes settle in gaps and unions are judged once more.

    Args:
        communes: as `geo.cells.approximate_cells` takes them, neighbours last.
        drawn: how many of them are drawn.
        to_metres: from EPSG:4326 to a metric projection.
        unions: `geo.units.unions`, or None.
        recipe: the parameters.
    """
    degrees = {
        name: communes[name].to_numpy(float) for name in ("lon", "lat", "west", "east", "south", "north")
    }
    point = np.stack(to_metres.transform(degrees["lon"], degrees["lat"]), axis=1)
    box = _boxes(degrees, to_metres)
    narrow, wide = voronoi_areas(point, box, recipe.broken_side_m)
    broken = _broken(box, point, narrow, communes["district_code"].to_numpy(), recipe)
    voronoi = np.where(broken, wide, narrow)
    listed = _Listed(_spread(point, voronoi, broken), box, voronoi, broken)
    known = _Unions.of(communes["commune_code"], unions, to_metres)
    believed, near = _credible(known, listed, recipe)
    box, point = _replace(listed, known, believed, near, recipe)
    if unions is not None and broken.any():  # judged again from places that the boxes of others allow
        listed = replace(listed, point=settle(box, point, broken, drawn, recipe))
        believed, near = _credible(known, listed, recipe)
        box, point = _replace(listed, known, believed, near, recipe)
    # A neighbour's box may reach beyond the grid: its area cannot be measured there.
    west, south = box[:drawn, 0].min(), box[:drawn, 2].min()
    east, north = box[:drawn, 1].max(), box[:drawn, 3].max()
    outside = (box[:, 0] < west) | (box[:, 1] > east) | (box[:, 2] < south) | (box[:, 3] > north)
    whole = np.bincount(known.union, outside, len(known.area)) == 0
    usable = np.isfinite(known.area) & (known.area > 0)
    area = np.where(usable, known.area, 1.0)
    return Sites(
        drawn=drawn, point=point, box=box, broken=broken, union=known.union, area=area,
        centroid=np.where(usable[:, None], known.centroid, 0.0), radius=np.sqrt(area / np.pi),
        area_known=believed & whole, centroid_known=near & whole,
    )  # fmt: skip


def _boxes(degrees: dict[str, Floats], to_metres: pyproj.Transformer) -> Floats:
    """Boxes in metres through the middles of their sides; NaN stays NaN."""
    middle_lon, middle_lat = (
        (degrees["west"] + degrees["east"]) / 2,
        (degrees["south"] + degrees["north"]) / 2,
    )
    west, _ = to_metres.transform(degrees["west"], middle_lat)
    east, _ = to_metres.transform(degrees["east"], middle_lat)
    _, south = to_metres.transform(middle_lon, degrees["south"])
    _, north = to_metres.transform(middle_lon, degrees["north"])
    box = np.stack([west, east, south, north], axis=1)
    return np.where(np.isfinite(box).all(axis=1, keepdims=True), box, np.nan)


def _sides(box: Floats) -> Floats:
    """The shorter side of each box."""
    return np.minimum(box[:, 1] - box[:, 0], box[:, 3] - box[:, 2])


def _areas(box: Floats) -> Floats:
    return np.asarray((box[:, 1] - box[:, 0]) * (box[:, 3] - box[:, 2]))


def voronoi_areas(point: Floats, box: Floats, least_side: float) -> tuple[Floats, Floats]:
    """Area of each point's Voronoi cell on land, shape (n,), by two ideas of what is land.

    Narrow: what the boxes cover; wide: and squares around all points, up to the next point.  Either
    without holes, and with squares where a side of the box is below `least_side`.  A sound box at the
    coast has to be judged by the narrow one, lest its point own the sea; a commune inland whose box and
    whose neighbours' boxes are lost finds its size by the wide one.  Points in one place share a cell.
    """
    places, inverse, shared = np.unique(point, axis=0, return_inverse=True, return_counts=True)
    inverse = inverse.ravel()
    sites = np.asarray(shapely.points(places))
    reach = np.full(len(places), UNKNOWN_HALF_M)
    if len(places) > 1:
        pairs, distances = shapely.STRtree(sites).query_nearest(
            sites, exclusive=True, return_distance=True, all_matches=False
        )
        reach[pairs[0]] = np.minimum(distances, UNKNOWN_HALF_M)
    low, high = places - reach[:, None], places + reach[:, None]
    squares = shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1])
    known = _sides(box) >= least_side  # False where NaN
    boxes = shapely.box(box[known, 0], box[known, 2], box[known, 1], box[known, 3])
    narrow = _land(np.concatenate([boxes, squares[np.unique(inverse[~known])]]))
    wide = _land(np.concatenate([boxes, squares]))
    cells = np.array([wide])
    if len(places) > 1:
        extent = shapely.envelope(wide)
        cells = shapely.get_parts(
            shapely.voronoi_polygons(shapely.multipoints(places), extend_to=extent, ordered=True)
        )
    areas = [shapely.area(shapely.intersection(cells, land)) / shared for land in (narrow, wide)]
    return areas[0][inverse], areas[1][inverse]


def _land(shapes: npt.NDArray[np.object_]) -> shapely.Geometry:
    """The union of `shapes` without holes."""
    rings = shapely.get_exterior_ring(shapely.get_parts(shapely.union_all(shapes)))
    return shapely.union_all(np.asarray(shapely.polygons(rings)))


def _broken(
    box: Floats, point: Floats, voronoi: Floats, district: npt.NDArray[np.object_], recipe: Recipe
) -> Bools:
    """Boxes that cannot be the commune's own."""
    with np.errstate(invalid="ignore"):
        share = _areas(box) / voronoi
        broken = ~(_sides(box) >= recipe.broken_side_m)  # NaN too
        broken |= (share < recipe.broken_share[0]) | (share > recipe.broken_share[1])
    # The box of a whole district, taken for one of its communes: it holds the points of all others.
    for name in pd.unique(district):
        members = np.flatnonzero(district == name)
        if len(members) >= 4:  # a ring around a town may hold one or two
            west, east, south, north = box[members].T[:, :, None]
            x, y = point[members].T
            holds = ((x >= west) & (x <= east) & (y >= south) & (y <= north)).sum(axis=1)
            broken[members] |= holds >= len(members)
    return broken


@dataclass(frozen=True, eq=False)
class _Listed:
    """The communes as the list has them, and which boxes are broken."""

    point: Floats
    box: Floats
    voronoi: Floats
    broken: Bools


@dataclass(frozen=True, eq=False)
class _Unions:
    """What is known of unions: see `geo.units.unions`; NaN where nothing is."""

    union: Ints
    complete: Bools
    area: Floats
    centroid: Floats

    @classmethod
    def of(cls, codes: pd.Series[str], unions: pd.DataFrame | None, to_metres: pyproj.Transformer) -> _Unions:
        """The unions of these communes; a commune of no known union is one by itself."""
        if unions is None:
            unions = pd.DataFrame(columns=["commune_code", "union", "members", "area_km2", "lat", "lon"])
        rows = unions.set_index("commune_code").reindex(codes)
        name = np.where(rows["union"].isna(), "alone " + codes.to_numpy(str), rows["union"].astype(str))
        _, first, union, present = np.unique(name, return_index=True, return_inverse=True, return_counts=True)
        parts = rows.iloc[first].astype(dict.fromkeys(("members", "area_km2", "lat", "lon"), float))
        x, y = to_metres.transform(parts["lon"].to_numpy(), parts["lat"].to_numpy())
        complete = present == parts["members"].to_numpy()
        return cls(union, complete, parts["area_km2"].to_numpy() * 1e6, np.stack([x, y], axis=1))


def _guess(listed: _Listed, recipe: Recipe) -> tuple[Floats, Floats]:
    """Area and centre that each commune seems to have, shapes (n,) and (n, 2)."""
    box, broken = listed.box, listed.broken
    middle = (box[:, 0::2] + box[:, 1::2]) / 2
    middle += recipe.point_pull * (listed.point - middle)
    area = np.where(broken, listed.voronoi, recipe.box_fill * _areas(box))
    return area, np.where(broken[:, None], listed.point, middle)


def _credible(known: _Unions, listed: _Listed, recipe: Recipe) -> tuple[Bools, Bools]:
    """Whose area, and whose centroid, agree well enough with boxes and points to be used; shape (u,).

    They are judged apart, because mostly only one of the two is wrong.  The more of a union is known from
    points alone, the more it is believed: points with broken boxes are worse than unions.  A commune that is
    a union by itself, its box broken, is where it is said to be.
    """

    def total(values: npt.NDArray[np.generic]) -> Floats:
        return np.bincount(known.union, values, len(known.area)).astype(float)

    area, centre = _guess(listed, recipe)
    whole = total(area)
    radius = np.sqrt(whole / np.pi)
    away = np.hypot(*(centre - known.centroid[known.union]).T) / radius[known.union]
    asked = ~(listed.broken & (away > recipe.stray))
    asked |= (total(asked) == 0)[known.union]
    part = area * asked
    middle = np.stack([total(part * centre[:, axis]) for axis in (0, 1)], axis=1) / total(part)[:, None]
    lost = total(area * listed.broken) / whole
    alone = known.complete & np.isfinite(known.area) & (lost == 1) & (total(asked) == 1)
    factor, offset = (
        low * (1 - lost) + high * lost
        for low, high in (np.log(recipe.credible_area), recipe.credible_centroid)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        fits = known.complete & (np.abs(np.log(known.area / whole)) < factor)
    near = known.complete & (np.hypot(*(middle - known.centroid).T) < offset * radius)
    return fits | alone, near | alone


def _replace(
    listed: _Listed, known: _Unions, believed: Bools, near: Bools, recipe: Recipe
) -> tuple[Floats, Floats]:
    """Square boxes around their points in place of broken ones, sized and moved by what is known."""
    box, point = listed.box.copy(), listed.point.copy()
    seeming, middle = _guess(listed, recipe)
    for union in np.unique(known.union[listed.broken]):
        members = np.flatnonzero(known.union == union)
        bad, good = members[listed.broken[members]], members[~listed.broken[members]]
        area, centre = seeming[bad], point[bad]
        whole = known.area[union] if believed[union] else seeming[members].sum()
        rest = whole - seeming[good].sum()
        if rest > _LEAST_REST * area.sum():  # else what is known is not worth the name
            area = rest * area / area.sum()
            if near[union]:
                missing = whole * known.centroid[union] - seeming[good] @ middle[good] - area @ centre
                away = np.hypot(*(centre - known.centroid[union]).T) / np.sqrt(whole / np.pi)
                weight = area * np.maximum(away, 0.7) ** 4  # the farther off, the likelier it is wrong
                centre = centre + missing * (weight / (area @ weight))[:, None] - known.centroid[union]
                far = np.hypot(*centre.T) / (_FARTHEST * np.sqrt(whole / np.pi))
                centre = known.centroid[union] + centre / np.maximum(far, 1.0)[:, None]
        half = np.sqrt(area / recipe.box_fill)[:, None] / 2
        box[bad] = np.stack([centre - half, centre + half], axis=2).reshape(-1, 4)
        point[bad] = centre
    return box, point


def settle(box: Floats, point: Floats, broken: Bools, drawn: int, recipe: Recipe) -> Floats:
    """Points, those with broken boxes moved into gaps that the boxes of others leave; shape (n, 2).

    Each goes towards the centroid of what it wins against its neighbours (Lloyd's relaxation), on a coarse
    grid.  A point in land that a sound box holds wins little there and more at the border of that box.
    """
    box, point, coarse = box.copy(), point.copy(), replace(recipe, step_m=(recipe.settle_step_m,) * 2)
    reach = np.where(broken, recipe.settle_reach, 1.0)[:, None]
    for _ in range(recipe.settle_rounds):
        middle, half = (box[:, 0::2] + box[:, 1::2]) / 2, (box[:, 1::2] - box[:, 0::2]) / 2
        seen = np.stack([middle - reach * half, middle + reach * half], axis=2).reshape(-1, 4)
        contest = Contest.of(seen, Grid.over(seen[:drawn], coarse))
        distance = distances(contest, box, point, recipe)
        best = contest.winners(distance)
        best = best[distance[best] < recipe.settle_reach]
        held = np.bincount(contest.site[best], minlength=len(box))
        won = [np.bincount(contest.site[best], at[best], len(box)) for at in (contest.x, contest.y)]
        centroid = np.stack(won, axis=1) / np.maximum(held, 1)[:, None]
        step = recipe.settle_rate * np.where((broken & (held > 3))[:, None], centroid - point, 0.0)
        point += step
        box += np.repeat(step, 2, axis=1)
    return point


def _spread(point: Floats, voronoi: Floats, broken: Bools) -> Floats:
    """Communes with one point and broken boxes (the district's, mostly) move apart, onto a circle."""
    point, bad = point.copy(), np.flatnonzero(broken)
    _, place, shared = np.unique(point[bad], axis=0, return_inverse=True, return_counts=True)
    for crowded in np.flatnonzero(shared > 1):
        here = bad[place.ravel() == crowded]
        angle = 2 * np.pi * np.arange(len(here)) / len(here)
        radius = np.sqrt(voronoi[here] * len(here) / np.pi) / 2
        point[here] += radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return point
