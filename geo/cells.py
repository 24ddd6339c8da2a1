"""Approximate cells: polygons drawn from each commune's point and box alone, by competition on a grid.

Where no boundary file is at hand, a map still needs areas.  Each cell of a 100–200 m grid goes to the
commune whose box suits it best; `approximate_cells` says how.  The result is labelled "ranh giới gần
đúng" wherever it is shown (the catalogue's ``geo.boundary.approximate``).
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import shapely
from scipy import ndimage

from errors import DataError, Problem
from geo.contest import Contest, Grid, distances
from geo.recipe import Recipe
from geo.sites import Sites, prepare

__all__ = [
    "NOBODY", "Contest", "Grid", "approximate_cells", "fill", "main_parts", "metric_zone", "on_land",
    "polygons_of", "to_degrees",
]  # fmt: skip

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

NOBODY = -1
"""Label of grid cells outside the land, or outside the communes asked for."""


def approximate_cells(
    communes: pd.DataFrame,
    neighbours: pd.DataFrame,
    unions: pd.DataFrame | None = None,
    recipe: Recipe | None = None,
) -> gpd.GeoDataFrame:
    """Polygons of `communes`, without gaps or overlaps between them.

    1. Boxes that cannot be right are replaced, in gaps that the others leave (`geo.sites.prepare`).
    2. Each grid cell goes to the commune, neighbours included, with the least distance among those
       whose box contains it: L3 norm, scaled by half the box, from a centre between that of the box and
       the point; how far it lies within or beyond 1 counts for more with small communes.  Cells in no box,
       inside the land, go to the nearest commune.
    3. A commune touches all four sides of its box.  Where its territory falls short of a side, its
       scale grows on that side, a few times over.  Where next to nothing is left to it, as to a town
       within a larger commune, it gets an advantage.
    4. Area and centroid of unions of communes, where known and credible, pull at the borders between
       unions (Lagrange multipliers of the assignment, bounded).
    5. Fragments go to the commune around them; borders are simplified together.

    Args:
        communes: commune_code, district_code, lat, lon, south, west, north, east (degrees; box may be NaN).
        neighbours: the same columns; communes around, which compete but are not drawn.
        unions: `geo.units.unions`; without it step 4 is left out.
        recipe: the parameters; the default is what the tests measure.

    Returns:
        commune_code, geometry (EPSG:4326), one non-empty polygon a commune in the order of `communes`.

    Raises:
        DataError: no communes, or a code that stands twice.
    """
    recipe = recipe or Recipe()
    order = np.argsort(communes["commune_code"].to_numpy(str), kind="stable")
    others = neighbours.sort_values("commune_code")  # sorted, lest the order of rows decide between equals
    everyone = pd.concat([communes.iloc[order], others], ignore_index=True)
    _check(communes, everyone)
    zone = metric_zone(communes["lon"].to_numpy(float))
    to_metres = pyproj.Transformer.from_crs(4326, zone, always_xy=True)
    sites = prepare(everyone, len(communes), to_metres, unions, recipe)
    grid = Grid.over(sites.box[: sites.drawn], recipe)
    labels = _assign(sites, grid, recipe)
    polygons = polygons_of(np.where(labels < sites.drawn, labels, NOBODY), grid, sites.drawn)
    polygons = shapely.coverage_simplify(polygons, recipe.simplify_steps * grid.step)
    polygons = to_degrees(polygons, zone)[np.argsort(order)]
    return gpd.GeoDataFrame(
        {"commune_code": communes["commune_code"].to_numpy()}, geometry=polygons, crs="EPSG:4326"
    )


def metric_zone(lon: Floats) -> str:
    """UTM zone for places at these longitudes (degrees): 48N west of 108° E, else 49N."""
    return "EPSG:32648" if float(np.median(lon)) < 108 else "EPSG:32649"


def _check(communes: pd.DataFrame, everyone: pd.DataFrame) -> None:
    if communes.empty:
        raise DataError(Problem("geo.no_communes", "communes"))
    twice = everyone.loc[everyone["commune_code"].duplicated(), "commune_code"]
    if len(twice):
        raise DataError([Problem("geo.code_twice", "communes", {"code": code}) for code in twice])


# --- the competition ---------------------------------------------------------------------------------


def on_land(contest: Contest, grid: Grid, best: Ints, distance: Floats, *, reach: float) -> Ints:
    """Label (site number, or NOBODY) of each grid cell, (rows, columns): its winner where there is land.

    Args:
        contest: the pairs of a cell and a site, p of them.
        grid: the cells.
        best: the winning pair of each contested cell (`Contest.winners`).
        distance: of each pair, shape (p,).
        reach: a cell is land where its winner is no farther than this; holes within the land are land too,
            and go to the nearest site.
    """
    labels = np.full(grid.shape, NOBODY)
    labels.flat[contest.cell[best]] = contest.site[best]
    near = np.zeros(grid.shape, dtype=bool)
    near.flat[contest.cell[best]] = distance[best] <= reach
    land = _without_holes(near)
    return fill(np.where(land, labels, NOBODY), land)


def _assign(sites: Sites, grid: Grid, recipe: Recipe) -> Ints:
    """Label (site number, or NOBODY) of each grid cell, shape (rows, columns)."""
    contest = Contest.of(sites.box, grid)
    best, distance = _compete(sites, contest, grid, recipe)
    labels = on_land(contest, grid, best, distance, reach=recipe.land_reach)
    labels = _give_everyone_a_cell(labels, sites, grid)
    for _ in range(2):  # what fills a fragment can itself come in pieces
        labels = fill(main_parts(labels, len(sites.box)), labels != NOBODY)
    return labels


def _compete(sites: Sites, contest: Contest, grid: Grid, recipe: Recipe) -> tuple[Ints, Floats]:
    """The winning pair of each contested cell, and all pairs' distances in half boxes (steps 2–4)."""
    scale = sites.box.copy()
    size = np.repeat(sites.box[:, 1::2] - sites.box[:, 0::2], 2, axis=1)
    union = sites.union[contest.site]
    offset = np.stack([contest.x, contest.y], axis=1) - sites.centroid[union]
    offset /= sites.radius[union, None]
    # Where two superellipses meet, what the small commune lacks or has left over counts for more.
    weight = ((size[:, 0] * size[:, 2]) ** -recipe.size_weight)[contest.site]
    lift, tilt = np.zeros(len(sites.area)), np.zeros((len(sites.area), 2))
    # What a commune cannot do without, in cells; of a box that reaches beyond the grid, the part within.
    wanted = recipe.least_fill * np.maximum(np.bincount(contest.site, minlength=len(sites.box)), 1)
    need = np.zeros(len(sites.box))
    distance = distances(contest, scale, sites.point, recipe)
    best = contest.winners((distance - 1) * weight)
    for turn in range(recipe.rounds):
        if turn < recipe.reach_rounds:
            short = np.where(sites.broken[:, None], 0, sites.box - _extent(contest, best, sites, grid))
            limit = recipe.reach_limit * size
            scale = np.clip(scale + recipe.reach_rate * short, sites.box - limit, sites.box + limit)
            distance = distances(contest, scale, sites.point, recipe)
        area, centroid = _moments(contest, best, sites, grid)
        missing = np.clip(1 - area / sites.area, -1, 1)
        aside = np.clip((sites.centroid - centroid) / sites.radius[:, None], -1, 1)
        bound = -recipe.nudge_limit, recipe.nudge_limit
        lift = np.clip(lift + recipe.nudge * sites.area_known * missing, *bound)
        tilt = np.clip(tilt + recipe.nudge * sites.centroid_known[:, None] * aside, *bound)
        held = np.bincount(contest.site[best], minlength=len(wanted))
        need = np.clip(need + recipe.nudge * np.clip(1 - held / wanted, -1, 1), 0, recipe.need_limit)
        ahead = need[contest.site] + lift[union] + (tilt[union] * offset).sum(axis=1)
        best = contest.winners((distance - 1 - ahead) * weight)
    return best, distance


def _extent(contest: Contest, best: Ints, sites: Sites, grid: Grid) -> Floats:
    """West, east, south, north of what each site holds; its box where it holds nothing."""
    extent = sites.box.copy()
    order = best[np.argsort(contest.site[best], kind="stable")]
    site = contest.site[order]
    first = np.flatnonzero(np.r_[True, site[1:] != site[:-1]])
    half = grid.step / 2
    for side, (where, pick, out) in enumerate(
        (
            (contest.x, np.minimum, -half), (contest.x, np.maximum, half),
            (contest.y, np.minimum, -half), (contest.y, np.maximum, half),
        )
    ):  # fmt: skip
        extent[site[first], side] = pick.reduceat(where[order], first) + out
    return extent


def _moments(contest: Contest, best: Ints, sites: Sites, grid: Grid) -> tuple[Floats, Floats]:
    """Area (m²) and centroid of what each union holds, shapes (u,) and (u, 2)."""
    union, count = sites.union[contest.site[best]], len(sites.area)
    cells = np.bincount(union, minlength=count)
    sums = [np.bincount(union, weights, minlength=count) for weights in (contest.x[best], contest.y[best])]
    centroid = np.stack(sums, axis=1) / np.maximum(cells, 1)[:, None]
    return np.asarray(cells * grid.step**2), np.asarray(centroid)


# --- from winners to whole territories ------------------------------------------------------------


def _without_holes(near: npt.NDArray[np.bool_], reach: int = 5) -> npt.NDArray[np.bool_]:
    """The land: cells near enough to a commune, cracks up to twice `reach` cells closed, holes filled.

    What is left is sea or abroad: box corners there belong to nobody.
    """
    padded = np.pad(near, reach, mode="edge")
    square = np.ones((3, 3), dtype=bool)
    closed = ndimage.binary_closing(padded, square, iterations=reach) | padded
    return np.asarray(ndimage.binary_fill_holes(closed)[reach:-reach, reach:-reach])


def fill(labels: Ints, land: npt.NDArray[np.bool_]) -> Ints:
    """Unlabelled land goes to the nearest labelled cell."""
    rows, columns = ndimage.distance_transform_edt(
        labels == NOBODY, return_distances=False, return_indices=True
    )
    return np.where(land, labels[rows, columns], NOBODY)


def _give_everyone_a_cell(labels: Ints, sites: Sites, grid: Grid, least: int = 4) -> Ints:
    """A site that won nothing takes the `least` cells nearest to its point from those that can spare them."""
    labels = labels.copy()
    held = np.bincount(labels[labels != NOBODY], minlength=len(sites.box))
    cells = np.arange(labels.size)
    x, y = grid.x(cells), grid.y(cells)
    for site in np.flatnonzero(held[: sites.drawn] == 0):
        owner = labels.ravel()
        spare = (owner == NOBODY) | (held[owner] > 2 * least)
        distance = np.hypot(x - sites.point[site, 0], y - sites.point[site, 1])
        taken = np.argsort(np.where(spare, distance, np.inf), kind="stable")[:least]
        np.subtract.at(held, owner[taken][owner[taken] != NOBODY], 1)
        labels.flat[taken] = site
        held[site] = least
    return labels


def main_parts(labels: Ints, count: int) -> Ints:
    """Only the largest connected part of each label; the rest is NOBODY."""
    kept = np.full_like(labels, NOBODY)
    for site, window in enumerate(ndimage.find_objects(labels + 1, max_label=count)):
        if window is None:
            continue
        mine = labels[window] == site
        parts, number = ndimage.label(mine)
        if number > 1:
            mine = parts == 1 + np.argmax(np.bincount(parts[mine])[1:])
        kept[window][mine] = site
    return kept


# --- from the grid to polygons ----------------------------------------------------------------------


def polygons_of(labels: Ints, grid: Grid, count: int) -> npt.NDArray[np.object_]:
    """One polygon for each label below `count`, along the edges of grid cells; neighbours share vertices."""
    padded = np.pad(labels, 1, constant_values=NOBODY)
    upright = np.argwhere(padded[:, 1:] != padded[:, :-1])  # edge between columns c and c + 1 of row r
    level = np.argwhere(padded[1:, :] != padded[:-1, :])
    starts = np.concatenate([np.add(upright, (0, 1)), np.add(level, (1, 0))])
    ends = np.concatenate([upright, level]) + 1
    # Rows come first there and x first here; the padding moves corners by one.
    edges = np.stack([starts, ends], axis=1)[:, :, ::-1] - 1.0
    faces = shapely.get_parts(shapely.polygonize(np.asarray(shapely.linestrings(edges))))
    inside = shapely.get_coordinates(shapely.point_on_surface(faces))
    owner = padded[(np.floor(inside[:, 1]) + 1).astype(int), (np.floor(inside[:, 0]) + 1).astype(int)]
    polygons = np.empty(count, dtype=object)
    for site in range(count):
        mine = faces[owner == site]
        polygons[site] = mine[0] if len(mine) == 1 else shapely.multipolygons(mine)
    corner = np.array([grid.west, grid.south])
    return np.asarray(shapely.transform(polygons, lambda corners: corners * grid.step + corner))


def to_degrees(polygons: npt.NDArray[np.object_], zone: str) -> npt.NDArray[np.object_]:
    """Polygons in `zone` (metres) in EPSG:4326 with six decimals (0.1 m); still a coverage."""
    to_degrees = pyproj.Transformer.from_crs(zone, 4326, always_xy=True)
    turned = shapely.transform(
        polygons, lambda corners: np.round(np.stack(to_degrees.transform(*corners.T), axis=1), 6)
    )
    if not (shapely.is_valid(turned).all() and shapely.coverage_is_valid(turned)):
        turned = shapely.coverage_clean(turned)  # type: ignore[attr-defined]  # the stubs lag behind
    return np.asarray(turned)
