from pathlib import Path

import networkx as nx
import numpy as np
import pytest

from errors import DataError
from geo.roads.fallback import calibrated
from geo.roads.graph import from_arrays
from geo.roads.matrix import minutes
from geo.roads.snapping import snap
from geo.travel import straight_line_minutes

REFERENCE = Path(__file__).parents[4] / "shared" / "reference"
LON, LAT = 105.75, 10.05
M_LON, M_LAT = 1 / 109_600, 1 / 110_600  # degrees a metre there, about


def roads(east, north, tail, head, *, kmh=30.0, stretch=1.0, unit=1.0):
    """Two-way roads between points in metres, `stretch` times as long as the straight line."""
    tail, head = np.r_[tail, head], np.r_[head, tail]
    metres = np.hypot(east[tail] - east[head], north[tail] - north[head]) * stretch
    return from_arrays(
        lon=LON + east * M_LON, lat=LAT + north * M_LAT, tail=tail, head=head,
        metres=metres * unit, minutes=metres / 1000 / kmh * 60, source="roads.osm",
    )  # fmt: skip


def street(n=12, **options):
    east = 1000.0 * np.arange(n)
    return roads(east, np.zeros(n), np.arange(n - 1), np.arange(1, n), **options)


def grid(side=15, **options):
    east, north = (500.0 * axis.ravel() for axis in np.meshgrid(np.arange(side), np.arange(side)))
    number = np.arange(side * side).reshape(side, side)
    tail = np.r_[number[:, :-1].ravel(), number[:-1].ravel()]
    head = np.r_[number[:, 1:].ravel(), number[1:].ravel()]
    return roads(east, north, tail, head, **options)


def everywhere(graph, **options):
    return snap(graph, graph.lon, graph.lat, **{"limit_metres": 300.0, "walking_kmh": 5.0} | options)


@pytest.mark.parametrize(("stretch", "kmh"), [(1.0, 30.0), (1.4, 25.0), (2.0, 40.0)])
def test_a_street_gives_back_what_it_was_made_of(stretch, kmh):
    places = everywhere(graph := street(stretch=stretch, kmh=kmh))
    found = calibrated(graph, places, places)
    assert found.detour_factor == pytest.approx(stretch, rel=0.003)
    assert found.speed_kmh == pytest.approx(kmh, rel=1e-3)
    assert found.detour_middle == pytest.approx((stretch, stretch), rel=0.003)
    assert found.minutes_middle == pytest.approx((1, 1), rel=0.003)
    assert found.pairs == 12 * 11


def test_streets_at_right_angles():
    """Way ÷ line lies between 1 and √2; its mean over all directions is 4/π."""
    places = everywhere(graph := grid())
    found = calibrated(graph, places, places, most_origins=10**6)
    assert 4 / np.pi - 0.05 < found.detour_factor < 2**0.5
    assert 1 < found.detour_middle[0] < found.detour_factor < found.detour_middle[1] <= 2**0.5 * 1.003
    assert found.speed_kmh == pytest.approx(30, rel=0.003)
    assert found.minutes_middle[0] < 1 < found.minutes_middle[1]


def test_the_fitted_line_takes_as_long_as_the_roads_in_the_median():
    graph = grid(kmh=35.0)
    rng = np.random.default_rng(3)
    lon, lat = LON + rng.uniform(0, 7000, 40) * M_LON, LAT + rng.uniform(0, 7000, 40) * M_LAT
    places = snap(graph, lon, lat, limit_metres=500, walking_kmh=5)
    found = calibrated(graph, places, places)
    points = np.stack([lon, lat], axis=1)
    line = straight_line_minutes(points, points, detour_factor=found.detour_factor, speed_kmh=found.speed_kmh)
    real = minutes(graph, places, places)
    walked = places.metres[:, None] + places.metres
    counts = np.hypot(places.x[:, None] - places.x, places.y[:, None] - places.y) > walked
    assert found.pairs == counts.sum()
    assert np.median(line[counts] / real[counts]) == pytest.approx(1, rel=0.003)


def test_a_few_places_behind_a_river_change_little():
    """Two of twenty reach the rest over a bridge 60 km away."""
    east, north = 1000.0 * np.arange(20), np.zeros(20)
    plain = roads(east, north, np.arange(19), np.arange(1, 20))
    bent = np.r_[east, [0.0, 1000.0, -60_000.0]], np.r_[north, [300.0, 300.0, 0.0]]
    river = roads(*bent, np.r_[np.arange(19), 0, 20, 22], np.r_[np.arange(1, 20), 22, 21, 20])
    before, after = (
        calibrated(graph, places, places) for graph in (plain, river) if (places := everywhere(graph))
    )
    assert after.detour_factor == pytest.approx(before.detour_factor, rel=0.01)
    assert after.speed_kmh == pytest.approx(before.speed_kmh, rel=0.01)
    assert after.pairs > before.pairs


def test_metres_are_those_of_the_fastest_way():
    """Checked pair by pair with networkx; random lengths, so that no two ways tie."""
    rng = np.random.default_rng(11)
    size, streets = 40, 160
    tail, head = rng.integers(0, size, (2, streets))
    keep = tail != head
    graph = from_arrays(
        lon=LON + rng.uniform(0, 20_000, size) * M_LON, lat=LAT + rng.uniform(0, 20_000, size) * M_LAT,
        tail=tail[keep], head=head[keep],
        minutes=rng.uniform(1, 9, keep.sum()), metres=rng.uniform(30_000, 90_000, keep.sum()),
    )  # fmt: skip
    places = everywhere(graph)
    network: nx.DiGraph = nx.DiGraph()
    for a, b, time, length in zip(graph.tail, graph.head, graph.minutes, graph.metres, strict=True):
        network.add_edge(int(a), int(b), minutes=time, metres=length)
    ratios, paces = [], []
    for a in range(len(places)):
        times, ways = nx.single_source_dijkstra(network, a, weight="minutes")
        for b in times.keys() - {a}:
            straight = np.hypot(places.x[a] - places.x[b], places.y[a] - places.y[b])
            ratios.append(nx.path_weight(network, ways[b], "metres") / straight)
            paces.append(times[b] / straight)
    found = calibrated(graph, places, places)
    assert found.pairs == len(ratios)
    assert found.detour_factor == pytest.approx(np.median(ratios))
    assert found.speed_kmh == pytest.approx(0.06 * np.median(ratios) / np.median(paces))


def test_pairs_that_say_nothing_are_left_out():
    graph = street()
    places = snap(
        graph,
        LON + np.array([0, 0, 3000, 90_000]) * M_LON,
        LAT + np.array([200, -200, 0, 0]) * M_LAT,
        limit_metres=300,
        walking_kmh=5,
    )
    found = calibrated(graph, places, places, least_pairs=1)
    assert found.pairs == 4  # the two at one node know only the third, and the fourth knows nobody


def test_too_few_pairs_say_nothing():
    places = everywhere(graph := street(6))
    assert calibrated(graph, places, places).pairs == 30
    assert calibrated(graph, places, places, least_pairs=31) is None
    none = places.only(np.zeros(6, dtype=bool))
    assert calibrated(graph, none, places) is None
    assert calibrated(graph, places, none, least_pairs=0) is None


def test_of_many_origins_some_are_taken_evenly():
    places = everywhere(graph := street(30))
    found = calibrated(graph, places, places, most_origins=3)
    assert found.pairs == 3 * 29
    assert found.speed_kmh == pytest.approx(30, rel=1e-3)


def test_lengths_that_are_no_metres_are_refused():
    """Kilometres in the place of metres."""
    places = everywhere(graph := street(unit=0.001))
    with pytest.raises(DataError) as error:
        calibrated(graph, places, places)
    (problem,) = error.value.problems
    assert (problem.code, problem.where) == ("roads.shorter_than_straight", "roads.osm")
    assert error.value.say("vi") != error.value.say("en")


def test_places_on_another_graph_are_refused():
    graph, other = street(), street(kmh=20.0)
    with pytest.raises(ValueError, match="another graph"):
        calibrated(graph, everywhere(graph), everywhere(other))


@pytest.mark.parametrize(
    ("name", "detour", "kmh"),
    [
        ("can_tho_roads_2011.geojson", (1.2, 1.6), (20, 40)),
        ("hanoi_quoctugiam_osm.graphml", (1.3, 2.1), (12, 30)),
    ],
)
def test_real_roads(name, detour, kmh):
    path = REFERENCE / name
    if not path.exists():
        pytest.skip(f"no reference roads at {path}")
    from geo.roads.files import read

    graph = read(path)
    inner = np.flatnonzero(graph.component == 0)[::9]
    places = snap(graph, graph.lon[inner], graph.lat[inner], limit_metres=1000, walking_kmh=5)
    found = calibrated(graph, places, places)
    print(name, found)
    assert detour[0] < found.detour_factor < detour[1]
    assert kmh[0] < found.speed_kmh < kmh[1]
    assert found.detour_middle[0] < found.detour_factor < found.detour_middle[1]
    assert found.pairs > 1000
