"""Minutes along roads: against networkx, and against what a pen and paper say."""

from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from geo.roads import matrix
from geo.roads.graph import from_arrays
from geo.roads.matrix import EDGE_MINUTES, connected, minutes
from geo.roads.snapping import snap
from optimization import instance

REFERENCE = Path(__file__).parents[4] / "shared" / "reference"
LON, LAT = 105.75, 10.05
M_LON, M_LAT = 1 / 109_600, 1 / 110_600  # degrees a metre there, about
INF = np.inf


def graph(nodes, edges):
    """Roads between nodes given in metres; edges (tail, head, minutes)."""
    east, north = np.array(nodes, dtype=float).T
    tail, head, times = (list(column) for column in zip(*edges, strict=True))
    return from_arrays(
        lon=LON + east * M_LON, lat=LAT + north * M_LAT, tail=tail, head=head,
        minutes=times, metres=[500.0 * time for time in times],
    )  # fmt: skip


def at_nodes(roads, nodes, **options):
    nodes = np.asarray(nodes, dtype=int)
    rule = {"limit_metres": 500.0, "walking_kmh": 5.0} | options
    return snap(roads, roads.lon[nodes], roads.lat[nodes], **rule)


def at(roads, *metres, limit_metres=500.0, walking_kmh=6.0):
    """Places in metres; on foot 100 m take a minute."""
    east, north = np.array(metres, dtype=float).T
    return snap(
        roads, LON + east * M_LON, LAT + north * M_LAT, limit_metres=limit_metres, walking_kmh=walking_kmh
    )


def by_networkx(roads, origins, hosts):
    """The same question to networkx; minutes between nodes, (I, J)."""
    network: nx.DiGraph = nx.DiGraph()
    network.add_nodes_from(range(len(roads.lon)))
    network.add_weighted_edges_from(
        zip(roads.tail.tolist(), roads.head.tolist(), roads.minutes.tolist(), strict=True)
    )
    found = np.full((len(origins), len(hosts)), INF)
    for i, origin in enumerate(origins):
        reached = nx.single_source_dijkstra_path_length(network, int(origin))
        found[i] = [reached.get(int(host), INF) for host in hosts]
    return found


# --- a town drawn by hand: 0 → 1 → 2 a one-way street, 2 ⇄ 3, and an island 4 ⇄ 5 -----------------

TOWN = [(0, 1, 3.0), (1, 2, 4.0), (2, 0, 10.0), (2, 3, 0.5), (3, 2, 0.5), (4, 5, 1.0), (5, 4, 1.0)]
PLACES = [(0, 0), (1000, 0), (2000, 0), (2000, 1000), (9000, 9000), (9500, 9000)]


@pytest.fixture(scope="module")
def town():
    return graph(PLACES, TOWN)


def test_one_way_streets_differ_by_direction(town):
    nodes = at_nodes(town, [0, 1, 2, 3, 4, 5])
    np.testing.assert_allclose(
        minutes(town, nodes, nodes),
        [
            [0, 3, 7, 7.5, INF, INF],
            [14, 0, 4, 4.5, INF, INF],
            [10, 13, 0, 0.5, INF, INF],
            [10.5, 13.5, 0.5, 0, INF, INF],
            [INF, INF, INF, INF, 0, 1],
            [INF, INF, INF, INF, 1, 0],
        ],
    )


def test_the_direction_is_kept_whichever_side_is_smaller(town):
    """Fewer hosts than origins: searched from the hosts, against the arrows."""
    everyone, one = at_nodes(town, [0, 1, 2, 3]), at_nodes(town, [1])
    np.testing.assert_allclose(minutes(town, everyone, one), [[3], [0], [13], [13.5]])
    np.testing.assert_allclose(minutes(town, one, everyone), [[14, 0, 4, 4.5]])


def test_where_roads_lead(town):
    nodes = at_nodes(town, [0, 1, 2, 3, 4, 5])
    np.testing.assert_array_equal(connected(town, nodes, nodes), np.isfinite(minutes(town, nodes, nodes)))


def test_a_one_way_end_is_reached_but_not_left():
    roads = graph([(0, 0), (1000, 0), (2000, 0)], [(0, 1, 1.0), (1, 0, 1.0), (1, 2, 1.0)])
    inner, end = at_nodes(roads, [0]), at_nodes(roads, [2])
    assert end.node.item() == 2
    assert (connected(roads, inner, end).item(), connected(roads, end, inner).item()) == (True, False)
    assert (minutes(roads, inner, end).item(), minutes(roads, end, inner).item()) == (2.0, INF)


def test_the_fastest_of_parallel_streets_counts():
    """A sparse matrix would add them up: 5 + 2 + 9."""
    roads = graph([(0, 0), (1000, 0)], [(0, 1, 5.0), (0, 1, 2.0), (0, 1, 9.0), (1, 0, 7.0)])
    nodes = at_nodes(roads, [0, 1])
    np.testing.assert_array_equal(minutes(roads, nodes, nodes), [[0, 2], [7, 0]])


def test_a_very_short_street_is_no_gap():
    """A time so short that it rounds to nothing is still a way."""
    roads = graph([(0, 0), (1000, 0), (2000, 0)], [(0, 1, 1e-300), (1, 2, 1.0), (2, 0, 1.0)])
    nodes = at_nodes(roads, [0, 1, 2])
    np.testing.assert_array_equal(minutes(roads, nodes, nodes), [[0, 0, 1], [2, 0, 1], [1, 1, 0]])


# --- walking to the roads ------------------------------------------------------------------------


def test_the_walk_on_both_sides_is_charged(town):
    origin, host = at(town, (0, 200)), at(town, (1000, -300))
    walks = origin.minutes.item() + host.minutes.item()
    assert walks == pytest.approx(5.0, rel=0.003)
    assert minutes(town, origin, host).item() == pytest.approx(walks + 3.0, abs=1e-6)


def test_two_places_at_one_node_cost_the_walks_alone(town):
    origin, host = at(town, (0, 200)), at(town, (0, -300))
    both = origin.minutes.item() + host.minutes.item()
    assert minutes(town, origin, host).item() == pytest.approx(both, abs=1e-6)


def test_neighbours_far_from_the_roads_walk_straight(town):
    """400 m from the street, 100 m from each other; and so they do where their nodes are far apart."""
    origin, host = at(town, (450, 400), limit_metres=800), at(town, (550, 400), limit_metres=800)
    assert origin.node.item() != host.node.item()
    assert minutes(town, origin, host).item() == pytest.approx(1.0, rel=0.003)
    # A canal road between them: 250 m away on either side, so there is no walking straight across it.
    north, south = at(town, (0, 250)), at(town, (0, -250))
    assert minutes(town, north, south).item() == pytest.approx(5.0, rel=0.003)


def test_a_place_takes_no_time_to_itself(town):
    place = at(town, (300, 300))
    assert minutes(town, place, place).item() == 0.0


def test_a_place_too_far_from_the_roads_has_no_time(town):
    far, near = at(town, (5000, 0)), at(town, (0, 0))
    assert far.too_far.item()
    for origins, hosts in ((far, near), (near, far), (far, far)):
        assert minutes(town, origins, hosts).item() == INF
        assert not connected(town, origins, hosts).item()


def test_every_pair_without_a_time_is_told_apart(town):
    """What `minutes` leaves out at no limit is exactly what `connected` denies: nothing gets lost between."""
    places = at(town, (0, 10), (1400, 300), (2000, 999), (9100, 9000), (4000, 4000))
    np.testing.assert_array_equal(np.isfinite(minutes(town, places, places)), connected(town, places, places))


# --- the limit -----------------------------------------------------------------------------------


def test_a_trip_as_long_as_the_standard_is_within_it():
    """Ten tenths of a minute are 0.9999999999999999, three are 0.30000000000000004."""
    nodes = [(1000 * n, 0) for n in range(11)]
    roads = graph(nodes, [(n, n + 1, 0.1) for n in range(10)] + [(n + 1, n, 0.1) for n in range(10)])
    first, rest = at_nodes(roads, [0]), at_nodes(roads, range(11))
    found = minutes(roads, first, rest)[0]
    assert found.tolist() == [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]
    for n in range(1, 11):
        cut = minutes(roads, first, rest, limit_minutes=n / 10)[0]
        assert np.isfinite(cut).tolist() == [m <= n for m in range(11)]
        assert (cut[: n + 1] <= n / 10).all()
        assert np.isinf(minutes(roads, first, rest, limit_minutes=n / 10 - 2 * EDGE_MINUTES)[0, n])


def test_the_model_draws_the_edge_at_the_same_place():
    """geo and optimization may not import each other: the one number that both need is the same."""
    assert instance.EDGE_MINUTES == EDGE_MINUTES


def test_the_limit_holds_for_the_whole_trip(town):
    """Three minutes of riding and five of walking."""
    origin, host = at(town, (0, 200)), at(town, (1000, -300))
    whole = minutes(town, origin, host).item()
    assert minutes(town, origin, host, limit_minutes=whole).item() == whole
    assert minutes(town, origin, host, limit_minutes=whole - 0.001).item() == INF
    assert minutes(town, origin, host, limit_minutes=4.0).item() == INF


def test_a_limit_below_the_walks_leaves_neighbours(town):
    places = at(town, (450, 400), (550, 400), limit_metres=800)
    np.testing.assert_allclose(minutes(town, places, places, limit_minutes=1.1), [[0, 1], [1, 0]], rtol=0.003)


def test_no_places_are_no_trouble(town):
    none, some = at_nodes(town, []), at_nodes(town, [0, 1])
    assert minutes(town, none, some).shape == connected(town, none, some).shape == (0, 2)
    assert minutes(town, some, none).shape == connected(town, some, none).shape == (2, 0)


def test_what_does_not_belong_together_is_refused(town):
    other = graph(PLACES, [(a, b, 2 * time) for a, b, time in TOWN])
    here, there = at_nodes(town, [0]), at_nodes(other, [0])
    for ask in (minutes, connected):
        with pytest.raises(ValueError, match="another graph"):
            ask(town, here, there)
    with pytest.raises(ValueError, match="two speeds"):
        minutes(town, here, at_nodes(town, [1], walking_kmh=4.0))
    for limit in (-1.0, np.nan):
        with pytest.raises(ValueError, match="a limit of"):
            minutes(town, here, here, limit_minutes=limit)


# --- against networkx ----------------------------------------------------------------------------


@st.composite
def networks(draw):
    """Directed graphs with parallel edges, one-way streets and islands, and nodes on two sides."""
    size = draw(st.integers(2, 14))
    node = st.integers(0, size - 1)
    time = st.one_of(st.sampled_from([0.1, 0.2, 0.3, 1.0]), st.floats(1e-3, 50))
    streets = draw(
        st.lists(st.tuples(node, node, time).filter(lambda s: s[0] != s[1]), min_size=1, max_size=40)
    )
    some = st.lists(node, min_size=1, max_size=8)
    return size, streets, draw(some), draw(some), draw(st.sampled_from([1, 300, 10**8]))


@settings(max_examples=150, deadline=None)
@given(networks(), st.floats(0, 60), st.sampled_from([1, matrix.MANY]))
@example((3, [(0, 1, 0.1), (1, 2, 0.2), (0, 2, 0.5)], [0], [2], 1), 0.3, 1)
def test_random_graphs_agree_with_networkx(network, limit, many):
    """On the whole graph and on its core: which one is searched does not show."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(matrix, "MANY", many)
        agree_with_networkx(network, limit)


def agree_with_networkx(network, limit):
    size, streets, from_nodes, to_nodes, memory = network
    roads = graph([(2000 * n, 1500 * (n % 3)) for n in range(size)], streets)
    n = len(roads.lon)  # nodes without an edge are gone
    origins, hosts = at_nodes(roads, np.array(from_nodes) % n), at_nodes(roads, np.array(to_nodes) % n)
    wanted = by_networkx(roads, origins.node, hosts.node)
    found = minutes(roads, origins, hosts, working_bytes=memory)
    np.testing.assert_allclose(found, wanted, rtol=0, atol=6e-7)
    np.testing.assert_array_equal(connected(roads, origins, hosts), np.isfinite(wanted))
    cut = minutes(roads, origins, hosts, limit_minutes=limit, working_bytes=memory)
    np.testing.assert_array_equal(cut, np.where(found <= limit + EDGE_MINUTES, found, INF))


def real(name):
    path = REFERENCE / name
    if not path.exists():
        pytest.skip(f"no reference roads at {path}")
    from geo.roads.files import read

    return read(path)


@pytest.mark.parametrize("name", ["hanoi_quoctugiam_osm.graphml", "can_tho_roads_2011.geojson"])
def test_real_roads_agree_with_networkx(name):
    roads = real(name)
    rng = np.random.default_rng(6)
    origins, hosts = (at_nodes(roads, rng.choice(len(roads.lon), 40, replace=False)) for _ in range(2))
    wanted = by_networkx(roads, origins.node, hosts.node)
    found = minutes(roads, origins, hosts)
    walks = origins.minutes[:, None] + hosts.minutes
    same = np.hypot(*(origins.x[:, None] - hosts.x, origins.y[:, None] - hosts.y)) == 0
    np.testing.assert_allclose(found, np.where(same, 0, wanted + walks), rtol=0, atol=6e-7)
    np.testing.assert_array_equal(connected(roads, origins, hosts), np.isfinite(wanted))
    limit = float(np.median(found[np.isfinite(found)]))
    cut = minutes(roads, origins, hosts, limit_minutes=limit)
    np.testing.assert_array_equal(cut, np.where(found <= limit, found, INF))
    assert 0.3 < np.isfinite(cut).mean() < 0.7
    print(f"{name}: {len(roads.lon)} nodes, median {limit:.1f} minutes")


@pytest.mark.parametrize("name", ["hanoi_quoctugiam_osm.graphml", "can_tho_roads_2011.geojson"])
def test_real_trips_take_credible_times(name):
    """Units: no trip is faster than the fastest edge along the straight line."""
    roads = real(name)
    rng = np.random.default_rng(7)
    places = at_nodes(roads, rng.choice(np.flatnonzero(roads.component == 0), 60, replace=False))
    found = minutes(roads, places, places)
    straight = np.hypot(places.x[:, None] - places.x, places.y[:, None] - places.y)
    fastest = float((roads.metres / roads.minutes).max())  # metres a minute
    assert np.isfinite(found).all()
    assert 300 < fastest < 2000  # 18 to 120 km/h
    assert (found >= straight / fastest * 0.999 - 1e-6).all()
    apart = straight > 0
    assert 5 < float(np.median(straight[apart] / 1000 / (found[apart] / 60))) < 60  # km/h, straight


def test_a_real_town_has_one_way_streets():
    roads = real("hanoi_quoctugiam_osm.graphml")
    places = at_nodes(roads, np.flatnonzero(roads.component == 0)[::7])
    there = minutes(roads, places, places)
    assert (np.abs(there - there.T) > 0.05).mean() > 0.1
