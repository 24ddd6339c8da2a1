from itertools import pairwise
from pathlib import Path

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from errors import DataError
from geo.roads.areas import MOST_VERTICES, reached_roads, service_area
from geo.roads.graph import from_arrays
from geo.roads.matrix import minutes as trips
from geo.roads.snapping import snap

REFERENCE = Path(__file__).parents[4] / "shared" / "reference"
LON, LAT = 105.75, 10.05
M_LON, M_LAT = 1 / 109_600, 1 / 110_600  # degrees a metre there, about


def graph(nodes, edges, ferry=None):
    """Roads between nodes in metres; edges (tail, head, minutes)."""
    east, north = np.array(nodes, dtype=float).T
    tail, head, times = (list(column) for column in zip(*edges, strict=True))
    return from_arrays(
        lon=LON + east * M_LON, lat=LAT + north * M_LAT, tail=tail, head=head,
        minutes=times, metres=[500.0 * time for time in times], ferry=ferry,
    )  # fmt: skip


def place(roads, east, north, limit_metres=200.0, walking_kmh=6.0):
    """One place; on foot 100 m take a minute."""
    return snap(
        roads, [LON + east * M_LON], [LAT + north * M_LAT], limit_metres=limit_metres, walking_kmh=walking_kmh
    )


def metric(area, roads):
    change = pyproj.Transformer.from_crs(4326, roads.crs, always_xy=True)
    return shapely.transform(area, lambda at: np.stack(change.transform(*at.T), axis=1))


@pytest.fixture(scope="module")
def street():
    """10 km from west to east, 2 km a piece, 4 minutes either way."""
    pairs = [(n, n + 1) for n in range(5)]
    edges = [(a, b, 4.0) for a, b in pairs] + [(b, a, 4.0) for a, b in pairs]
    return graph([(2000 * n, 0) for n in range(6)], edges)


@pytest.fixture(scope="module")
def land():
    """A net of roads at random, some of them one-way, 20 km across."""
    rng = np.random.default_rng(4)
    at = rng.uniform(0, 20_000, (1500, 2))
    pairs = shapely.get_coordinates(shapely.delaunay_triangles(shapely.multipoints(at), only_edges=True))
    ends = pairs.reshape(-1, 2, 2)
    number = {tuple(point): n for n, point in enumerate(at)}
    tail, head = (np.array([number[tuple(point)] for point in ends[:, side]]) for side in (0, 1))
    keep = rng.random(len(tail)) < 0.6
    tail, head = tail[keep], head[keep]
    times = np.hypot(*(at[tail] - at[head]).T) / 500 * rng.uniform(0.8, 2.0, len(tail))
    one_way = rng.random(len(tail)) < 0.15
    edges = [*zip(tail, head, times, strict=True)]
    edges += [(b, a, time) for (a, b, time), one in zip(edges, one_way, strict=True) if not one]
    return graph(at, edges)


def test_edges_are_cut_where_time_runs_out(street):
    """Six minutes: 2 km and half of the next 2 km to either side."""
    site = place(street, 4000, 0)
    reached = reached_roads(street, site, minutes=6.0)
    east = reached.ends[:, :, 0] - street.x[2]
    assert (east.min(), east.max()) == pytest.approx((-3000, 3000), rel=0.003)
    assert (reached.left[:, 0] <= reached.left[:, 1]).all()
    assert reached.left.min() == pytest.approx(0, abs=1e-9)
    assert reached.left.max() == pytest.approx(6 - site.minutes.item())
    assert (
        len(reached.ends) == 4 + 4 - 2
    )  # the inner streets both ways, the outer ones inwards only... see below


def test_one_way_streets_are_reached_against_their_arrows():
    """0 → 1 → 2: people at 0 come to 1, those at 2 do not."""
    roads = graph([(0, 0), (2000, 0), (4000, 0)], [(0, 1, 4.0), (1, 2, 4.0)])
    reached = reached_roads(roads, place(roads, 2000, 0), minutes=3.0)
    assert len(reached.ends) == 1
    assert sorted(reached.ends[0, :, 0] - roads.x[1]) == pytest.approx([-1500, 0], rel=0.003)


def test_an_area_is_as_wide_as_the_walk(street):
    """Ten minutes: 200 m to either side, down to nothing at the ends, where no time is left to walk."""
    site = place(street, 4000, 0)
    area = metric(service_area(street, site, minutes=6.0), street)
    assert area.is_valid
    west, south, east, north = area.bounds - np.tile([site.x[0], site.y[0]], 2)
    assert (west, east) == pytest.approx((-3000, 3000), abs=80)
    assert (south, north) == pytest.approx((-200, 200), abs=20)
    # 4 km at full width, and 1 km on either side narrowing from 200 m at 2 minutes left to nothing.
    assert area.area == pytest.approx(4000 * 400 + 2 * 1000 * 200, rel=0.05)


def test_the_walk_of_the_site_is_paid_for(street):
    near, off = place(street, 4000, 0), place(street, 4000, 190)
    wide, narrow = (metric(service_area(street, site, minutes=6.0), street) for site in (near, off))
    assert np.ptp(wide.bounds[::2]) - np.ptp(narrow.bounds[::2]) == pytest.approx(2 * 1.9 * 500, abs=100)
    assert narrow.covers(shapely.Point(off.x[0], off.y[0]))


def test_where_no_time_is_left_to_ride_there_is_the_walk(street):
    site = place(street, 4000, 190)
    assert len(reached_roads(street, site, minutes=1.0).ends) == 0
    area = metric(service_area(street, site, minutes=1.0), street)
    assert area.centroid.distance(shapely.Point(site.x[0], site.y[0])) < 10
    assert area.area == pytest.approx(np.pi * 100**2, rel=0.15)


def test_the_water_under_a_ferry_is_left_out():
    nodes = [(0, 0), (2000, 0), (6000, 0), (8000, 0)]
    pairs = [(0, 1, 2.0), (1, 2, 6.0), (2, 3, 2.0)]
    edges = pairs + [(b, a, time) for a, b, time in pairs]
    roads = graph(nodes, edges, ferry=[time == 6 for *_, time in edges])
    area = metric(service_area(roads, place(roads, 0, 0), minutes=11.0), roads)
    assert len(shapely.get_parts(area)) == 2
    assert not area.covers(shapely.Point(roads.x[1] + 2000, roads.y[1]))
    assert area.covers(shapely.Point(roads.x[2] + 500, roads.y[2]))


@pytest.mark.parametrize("minutes", [0.5, 5.0, 12.0, 30.0, 90.0])
def test_areas_are_valid_and_light(land, minutes):
    site = place(land, 9000, 11_000, limit_metres=800)
    area = service_area(land, site, minutes=minutes)
    assert area.is_valid
    assert not area.is_empty
    assert isinstance(area, shapely.Polygon | shapely.MultiPolygon)
    assert shapely.get_num_coordinates(area) <= MOST_VERTICES
    assert area.covers(shapely.Point(LON + 9000 * M_LON, LAT + 11_000 * M_LAT))
    light = service_area(land, site, minutes=minutes, most_vertices=100)
    assert shapely.get_num_coordinates(light) <= 100
    assert light.intersection(area).area > 0.8 * area.area


def test_the_same_graph_gives_the_same_area(land):
    site = place(land, 9000, 11_000, limit_metres=400)
    first, second = (service_area(land, site, minutes=10.0) for _ in range(2))
    assert first.wkb == second.wkb


def test_more_time_is_more_land(land):
    site = place(land, 9000, 11_000, limit_metres=400)
    areas = [metric(service_area(land, site, minutes=minutes), land) for minutes in (3, 6, 12, 24)]
    for small, large in pairwise(areas):
        assert large.area > small.area
        assert small.difference(large).area < 0.01 * small.area


@settings(max_examples=25, deadline=None)
@given(st.tuples(st.floats(3000, 17_000), st.floats(3000, 17_000)), st.floats(4, 25))
def test_the_area_says_what_the_matrix_says(land, centre, limit):
    """Nodes of the graph as places: well within the standard they are inside, well beyond it outside."""
    east, north = centre
    site = place(land, east, north, limit_metres=500)
    if site.too_far.item():
        return
    area = metric(service_area(land, site, minutes=limit), land)
    homes = snap(land, land.lon, land.lat, limit_metres=500, walking_kmh=6)
    times = trips(land, homes, site)[:, 0]
    spots = shapely.points(homes.x, homes.y)
    inside = shapely.covers(area, spots)
    # Simplifying may move the outline, and closing may fill a gap, by what people walk in a minute or two.
    assert inside[times <= limit - 1].all()
    assert (shapely.distance(spots, area)[times <= limit] < 130).all()
    late = (times > limit + 10) & (homes.component == 0)
    assert inside[late].sum() <= 0.2 * late.sum()


def test_a_site_off_the_roads_has_no_area(street):
    with pytest.raises(DataError) as error:
        service_area(street, place(street, 4000, 900), minutes=20, label="Trạm y tế An Bình")
    (problem,) = error.value.problems
    assert (problem.code, problem.where) == ("roads.snap_far", "Trạm y tế An Bình")
    assert problem.values["limit"] == 200


def test_what_makes_no_area_is_refused(street):
    site = place(street, 4000, 0)
    for options in ({"minutes": 0}, {"minutes": np.nan}, {"minutes": 5, "most_vertices": 50}):
        with pytest.raises(ValueError, match="no area"):
            service_area(street, site, **options)
    other = graph([(0, 0), (2000, 0)], [(0, 1, 4.0)])
    for wrong in (place(other, 0, 0), site.only([]), site.only([0, 0])):
        with pytest.raises(ValueError, match="one place"):
            service_area(street, wrong, minutes=5)


@pytest.mark.parametrize("minutes", [10, 30])
def test_real_roads(minutes):
    path = REFERENCE / "can_tho_roads_2011.geojson"
    if not path.exists():
        pytest.skip(f"no reference roads at {path}")
    from geo.roads.files import read

    roads = read(path)
    site = snap(roads, [105.77], [10.03], limit_metres=1000, walking_kmh=5)
    area = service_area(roads, site, minutes=minutes)
    assert area.is_valid
    assert shapely.get_num_coordinates(area) <= MOST_VERTICES
    times = trips(roads, snap(roads, roads.lon, roads.lat, limit_metres=1000, walking_kmh=5), site)[:, 0]
    inside = shapely.covers(area, shapely.points(roads.lon, roads.lat))
    print(f"{minutes} min: {inside[times <= minutes].mean():.3f}, {inside[times > minutes].mean():.3f}")
    assert inside[times <= minutes - 1].all()
    assert inside[times > minutes + 3].mean() < 0.1
