"""What the drawing of approximate cells starts from: points, boxes and unions, mended and in metres."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import shapely

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


UNKNOWN_HALF_M = 5000.0
"""Land reaches this far from a point, metres, where no box tells and no neighbour is nearer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Parameters of the approximate cells: one set for the whole country.

    Chosen by measuring against real polygons of three provinces (flat delta, hills, mountains); no
    optimum is sharp, so that rounded values stand here.

    Attributes:
        step_m: finest and coarsest side of a grid cell, metres.
        grid_cells: cells the grid should have about, between these two sides.
        point_pull: where a commune's centre lies between the centre of its box (0) and its point (1).
        broken_side_m: a box with a shorter side, metres, is broken.
        broken_share: a box with less or more than this many times the area of the point's Voronoi cell is.
        box_fill: share of its box that a commune fills, on average.
        reach_rounds: how often scales grow towards sides of the box that were not reached,
        reach_rate: by which share of the gap,
        reach_limit: and up to which share of the box.
        rounds: rounds of the competition in all.
        nudge: step of the multipliers in a round, half boxes; 0 ignores what is known of unions.
        nudge_limit: bound of the multipliers, half boxes.
        credible_fill: a union's area is believed if it is this share of its members' boxes,
        credible_area: or, where one is broken, this many times the Voronoi cells of its members' points,
        credible_offset: and its centroid is this near to its members' centre, in radii of a disc of its area.
        credible_centroid: its centroid is believed where it is as near as this.
        shift_limit: how far centroids may move the centres of broken boxes, in such radii.
        least_fill: share of its box that a commune gets in any case, as far as the competition lets it,
        need_limit: for which its distances shrink by up to as many half boxes.
        land_reach: distance in half boxes up to which a cell at the outer border is land.
        simplify_steps: tolerance of the simplification, grid steps.
    """

    step_m: tuple[float, float] = (100.0, 200.0)
    grid_cells: int = 400_000
    point_pull: float = 0.35
    broken_side_m: float = 500.0
    broken_share: tuple[float, float] = (0.35, 12.0)
    box_fill: float = 0.52
    reach_rounds: int = 5
    reach_rate: float = 0.3
    reach_limit: float = 0.4
    rounds: int = 30
    nudge: float = 0.1
    nudge_limit: float = 0.3
    credible_fill: tuple[float, float] = (0.42, 0.66)
    credible_area: tuple[float, float] = (0.75, 1.6)
    credible_offset: float = 0.6
    credible_centroid: float = 0.25
    shift_limit: float = 0.6
    least_fill: float = 0.15
    need_limit: float = 1.0
    land_reach: float = 1.05
    simplify_steps: float = 1.0


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
    listed = _Listed(point, box, np.where(broken, wide, narrow), broken)
    known = _Unions.of(communes["commune_code"], unions, to_metres)
    believed, near = _credible(known, listed, recipe)
    box, point = _replace(listed, known, believed, recipe)
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


def _credible(known: _Unions, listed: _Listed, recipe: Recipe) -> tuple[Bools, Bools]:
    """Whose area, and whose centroid, agree well enough with boxes and points to be used; shape (u,)."""
    box, broken, voronoi = listed.box, listed.broken, listed.voronoi

    def total(values: Floats) -> Floats:
        return np.bincount(known.union, values, len(known.area)).astype(float)

    middle = (box[:, 0::2] + box[:, 1::2]) / 2
    centre = np.where(broken[:, None], listed.point, (listed.point + middle) / 2)
    cells = total(voronoi)
    members = np.stack([total(voronoi * centre[:, axis]) for axis in (0, 1)], axis=1) / cells[:, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        fill = known.area / total(np.where(broken, 0.0, _areas(box)))
        cover = known.area / cells
        offset = np.hypot(*(members - known.centroid).T) / np.sqrt(known.area / np.pi)
        any_broken = total(broken.astype(float)) > 0
        low, high = np.where(any_broken, np.c_[recipe.credible_area].T, np.c_[recipe.credible_fill].T)
        measure = np.where(any_broken, cover, fill)
        area = known.complete & (measure > low) & (measure < high) & (offset < recipe.credible_offset)
    return area, area & (offset < recipe.credible_centroid)


def _replace(listed: _Listed, known: _Unions, believed: Bools, recipe: Recipe) -> tuple[Floats, Floats]:
    """Square boxes around their points in place of broken ones, sized and moved by what is known."""
    broken, voronoi = listed.broken, listed.voronoi
    box, point = listed.box.copy(), _spread(listed)
    for union in np.unique(known.union[broken]):
        members = np.flatnonzero(known.union == union)
        bad, good = members[broken[members]], members[~broken[members]]
        area, centre = voronoi[bad], point[bad]
        alone = len(members) == 1 and known.complete[union] and np.isfinite(known.area[union])
        good_area = recipe.box_fill * _areas(box[good])
        rest = known.area[union] - good_area.sum()
        if (believed[union] or alone) and rest > 0.4 * area.sum():  # else the area is not worth the name
            area = rest * area / area.sum()
            middle = (box[good, 0::2] + box[good, 1::2] + 2 * point[good]) / 4
            rest_centre = (known.area[union] * known.centroid[union] - good_area @ middle) / rest
            shift = rest_centre - area @ centre / rest
            far = np.hypot(*shift) / (recipe.shift_limit * np.sqrt(rest / np.pi))
            centre = rest_centre[None] if alone else centre + shift / max(far, 1.0)
        half = np.sqrt(area / recipe.box_fill)[:, None] / 2
        box[bad] = np.stack([centre - half, centre + half], axis=2).reshape(-1, 4)
        point[bad] = centre
    return box, point


def _spread(listed: _Listed) -> Floats:
    """Communes with one point and broken boxes (the district's, mostly) move apart, onto a circle."""
    point, bad = listed.point.copy(), np.flatnonzero(listed.broken)
    _, place, shared = np.unique(point[bad], axis=0, return_inverse=True, return_counts=True)
    for crowded in np.flatnonzero(shared > 1):
        here = bad[place.ravel() == crowded]
        angle = 2 * np.pi * np.arange(len(here)) / len(here)
        radius = np.sqrt(listed.voronoi[here] * len(here) / np.pi) / 2
        point[here] += radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return point
