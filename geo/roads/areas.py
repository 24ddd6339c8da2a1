"""Service areas (isochrones): the land from which people reach a site within some minutes.

Reached are the roads from which the ride to the site is short enough, each cut where the time runs out, and
beside them the land from which the walk to the road fits into what is left, as far as places are put on the
roads at all.  Drawn for the eye: gaps that nobody would see are closed, and outlines simplified.  The matrix,
not this outline, decides who is within the standard.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyproj
import shapely
from scipy.sparse.csgraph import dijkstra

from errors import DataError, Problem
from geo.roads.graph import RoadGraph
from geo.roads.matrix import EDGE_MINUTES, travel_times
from geo.roads.snapping import Snapped

Floats = npt.NDArray[np.float64]

MOST_VERTICES = 500
"""More would make a map slow where many areas are shown at once."""
THINNEST_M = 1.0
"""Half the width, metres, of a road's end where no time is left to walk: an area needs some."""


class Reached(NamedTuple):
    """Straight pieces of road from which a site is reached, each within one edge.

    Attributes:
        ends: of each piece, farther from the site and nearer, metres in the graph's projection, (n, 2, 2).
        left: minutes left at each end, (n, 2).
    """

    ends: Floats
    left: Floats


def reached_roads(graph: RoadGraph, site: Snapped, *, minutes: float, label: str = "site") -> Reached:
    """The roads from which a site is reached in time, its own walk from the road included.

    A piece ends where its edge does or where the time runs out; time passes evenly along an edge.  Ferries
    are left out, for nobody sets out from the water; what lies beyond them is not.

    Args:
        graph: the roads.
        site: one place on it.
        minutes: one way, to the site.
        label: what to call the site in a message.

    Raises:
        DataError: ``roads.snap_far``: the site is too far from the roads to be put on them.
        ValueError: not one place, or one on another graph; minutes that are no number.
    """
    if len(site) != 1 or site.graph != graph.checksum or not math.isfinite(minutes):
        raise ValueError("one place on this graph and a number of minutes are wanted")
    if site.too_far[0]:
        values = {"metres": round(float(site.metres[0])), "limit": round(site.limit_metres)}
        raise DataError(Problem("roads.snap_far", label, values))
    most = minutes - float(site.minutes[0])
    if most < 0:
        return Reached(np.empty((0, 2, 2)), np.empty((0, 2)))
    ride = dijkstra(travel_times(graph, reverse=True), indices=int(site.node[0]), limit=most + EDGE_MINUTES)
    # On the edge from u to v people ride towards v: what is left there reaches back along the edge.
    at_head = np.maximum(most - ride, 0.0)[graph.head]
    share = np.where(np.isfinite(ride[graph.head]), np.minimum(at_head / graph.minutes, 1.0), 0.0)
    use = (share > 0) & ~graph.ferry
    share = share[use][:, None]
    far, near = (
        np.stack([graph.x[nodes], graph.y[nodes]], axis=1) for nodes in (graph.tail[use], graph.head[use])
    )
    left = np.stack([at_head[use] - share[:, 0] * graph.minutes[use], at_head[use]], axis=1)
    return Reached(np.stack([near + share * (far - near), near], axis=1), np.maximum(left, 0.0))


def service_area(
    graph: RoadGraph,
    site: Snapped,
    *,
    minutes: float,
    label: str = "site",
    most_vertices: int = MOST_VERTICES,
) -> shapely.Polygon | shapely.MultiPolygon:
    """The land from which people reach a site within some minutes, door to door.

    How far people walk to a road, and how fast, is what the site was put on the roads with.

    Args:
        graph: the roads.
        site: one place on it.
        minutes: one way, to the site; above 0.
        label: what to call the site in a message.
        most_vertices: the outline gets no more; 100 at least.

    Returns:
        Valid, in EPSG:4326, in several parts where water lies between; holes are land out of reach.  The same
        for the same graph.

    Raises:
        DataError: ``roads.snap_far``: the site is too far from the roads to be put on them.
        ValueError: not one place, or one on another graph; minutes or vertices that make no area.
    """
    if not minutes > 0 or most_vertices < 100:
        raise ValueError(f"no area of {minutes} minutes with {most_vertices} vertices")
    reached = reached_roads(graph, site, minutes=minutes, label=label)
    metres_a_minute = site.walking_kmh * 1000 / 60
    widest = min(site.limit_metres, minutes * metres_a_minute)
    half = np.clip(reached.left * metres_a_minute, THINNEST_M, widest)
    whole = shapely.union_all(
        [*_strips(reached.ends, half), shapely.Point(site.x[0], site.y[0]).buffer(widest)]
    )
    drawn = _light(whole, widest, most_vertices)
    to_degrees = pyproj.Transformer.from_crs(graph.crs, 4326, always_xy=True)
    area = shapely.transform(drawn, lambda at: np.stack(to_degrees.transform(*at.T), axis=1))
    return _polygons(area)


def _strips(ends: Floats, half: Floats) -> npt.NDArray[np.object_]:
    """The land beside each piece, as wide as `half` to either side of its ends: hulls of two discs.

    One by one, to be united later: on a province's roads 30 times as fast as one buffer of all.
    """
    # Both directions of a street where there is time enough on either are one strip.
    swap = (ends[:, 0, 0] > ends[:, 1, 0]) | (
        (ends[:, 0, 0] == ends[:, 1, 0]) & (ends[:, 0, 1] > ends[:, 1, 1])
    )
    strips = np.concatenate([ends, half[:, :, None]], axis=2)
    strips[swap] = strips[swap][:, ::-1]
    strips = np.unique(strips, axis=0)
    discs = shapely.buffer(shapely.points(strips[:, :, :2]), strips[:, :, 2], quad_segs=2)
    return np.asarray(shapely.convex_hull(shapely.multipolygons(discs)))


def _light(area: shapely.Geometry, widest: float, most_vertices: int) -> shapely.Geometry:
    """Narrow gaps closed and the outline simplified, more and more until it has few enough vertices.

    Closing goes on where simplifying may not: it joins parts and fills holes, and ends in the convex hull.
    """
    gap = widest / 8
    while True:
        # Mitred, for round corners would bring new vertices in.
        closed = shapely.buffer(shapely.buffer(area, gap, join_style="mitre"), -gap, join_style="mitre")
        drawn = shapely.simplify(shapely.union(closed, area), min(gap, widest) / 4)
        if shapely.get_num_coordinates(drawn) <= most_vertices:
            return drawn
        gap *= 1.5


def _polygons(area: shapely.Geometry) -> shapely.Polygon | shapely.MultiPolygon:
    """The polygons of an area, mended if a step of the way bent one, in the order that GEOS calls normal."""
    parts = shapely.get_parts(shapely.make_valid(area))
    polygons = parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]
    whole = shapely.normalize(polygons[0] if len(polygons) == 1 else shapely.multipolygons(polygons))
    assert isinstance(whole, shapely.Polygon | shapely.MultiPolygon)
    return whole
