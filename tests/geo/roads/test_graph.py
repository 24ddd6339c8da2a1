"""From pieces of road to a graph: minutes by pen and paper, one-way streets, a bridge, a ferry."""

from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.sparse import csgraph

from errors import DataError
from geo.roads import graph, speeds
from geo.roads.pieces import LONGEST_M, Ways, assemble, within
from text import LANGS

# A drawn town; one step is 0.001 degrees, about 110 m.
#
#   1 ---- 2 ---- 3        1-2-3 secondary; 2-5 residential, one way south
#          |      :        3..6 a ferry over the river
#          v      :        4-5-6 unclassified, unpaved; 7 bridges 5-8 over 9-10 without meeting it
#   4 ---- 5 ---- 6
PLACES = {
    1: (105.700, 10.002), 2: (105.701, 10.002), 3: (105.702, 10.002),
    4: (105.700, 10.000), 5: (105.701, 10.000), 6: (105.702, 10.000),
    7: (105.701, 9.999), 8: (105.701, 9.998), 9: (105.700, 9.999), 10: (105.702, 9.999),
}  # fmt: skip
TOWN = [
    ((1, 2, 3), {"highway": "secondary", "name": "Đường 1"}),
    ((2, 5), {"highway": "residential", "oneway": "yes"}),
    ((3, 6), {"route": "ferry", "duration": "PT6M"}),
    ((4, 5, 6), {"highway": "unclassified", "surface": "unpaved"}),
    ((5, 8), {"highway": "tertiary"}),  # a bridge over 9-10: the two share no node
    ((9, 10), {"highway": "tertiary"}),
]


def town(drawn=TOWN, places=PLACES, **options):
    ways = Ways()
    for keys, tags in drawn:
        ways.add(keys, tags)
    at = np.array([*places.values()])
    return assemble(ways, [*places], at[:, 0], at[:, 1], source="town", **options)


def node(found, key, places=PLACES):
    """Number of the node that was drawn as `key`; -1 where there is none."""
    lon, lat = places[key]
    return next((n for n in range(len(found.lon)) if (found.lon[n], found.lat[n]) == (lon, lat)), -1)


def edges(found):
    """Minutes by the keys of tail and head."""
    key = {node(found, key): key for key in PLACES}
    rows = zip(found.tail.tolist(), found.head.tolist(), found.minutes.tolist(), strict=True)
    return {(key[tail], key[head]): minutes for tail, head, minutes in rows}


EAST, NORTH = 109.65, 110.6  # metres a step at 10° N, by the ellipsoid's radii of curvature


def test_the_steps_of_the_drawing_are_as_long_as_the_ellipsoid_says():
    found = town()
    east = found.metres[(found.lat[found.tail] == found.lat[found.head])]
    assert east == pytest.approx(np.where(east > 150, 2 * EAST, EAST), rel=1e-3)
    north = found.metres[(found.lon[found.tail] == found.lon[found.head])]
    assert north == pytest.approx(2 * NORTH, rel=1e-3)


def test_minutes_are_kilometres_over_speed():
    kmh = {(line.key, line.value): line.kmh for line in speeds.table() if line.mode == "motorcycle"}
    found = edges(graph.build(town()))
    secondary, street = EAST / 1000 / kmh["highway", "secondary"] * 60, 2 * NORTH / 1000 / 20 * 60
    unpaved = EAST / 1000 / kmh["surface", "unpaved"] * 60
    tertiary = 2 * NORTH / 1000 / kmh["highway", "tertiary"] * 60
    expected = {
        (1, 2): secondary, (2, 1): secondary, (2, 3): secondary, (3, 2): secondary,
        (2, 5): street,  # one way
        (3, 6): 6, (6, 3): 6,  # the ferry takes what it says
        (4, 5): unpaved, (5, 4): unpaved, (5, 6): unpaved, (6, 5): unpaved,
        (5, 8): tertiary, (8, 5): tertiary,
        (9, 10): 2 * EAST / 1000 / 30 * 60, (10, 9): 2 * EAST / 1000 / 30 * 60,
    }  # fmt: skip
    assert found == pytest.approx(expected, rel=1e-3)


def test_a_bridge_meets_no_road_that_it_crosses():
    found = graph.build(town())
    assert node(found, 7) == -1
    component = {key: int(found.component[node(found, key)]) for key in PLACES if node(found, key) >= 0}
    assert component == {**dict.fromkeys((1, 2, 3, 4, 5, 6, 8), 0), 9: 1, 10: 1}


def test_a_river_is_crossed_by_the_ferry_alone():
    found = graph.build(town())
    key = {node(found, key): key for key in PLACES}
    boats = {(key[t], key[h]) for t, h, boat in zip(found.tail, found.head, found.ferry, strict=True) if boat}
    assert boats == {(3, 6), (6, 3)}
    by_car = edges(graph.build(town(), mode="car"))
    assert (3, 6) not in by_car  # no tag lets a car aboard
    assert (2, 5) in by_car
    shore = graph.build(town([way for way in TOWN if "route" not in way[1]]))
    assert shore.component[node(shore, 4)] != shore.component[node(shore, 1)]  # from 5 no way leads back


def test_on_foot_a_one_way_street_leads_both_ways():
    found = edges(graph.build(town(), mode="walking"))
    assert found[5, 2] == found[2, 5] == pytest.approx(2 * NORTH / 1000 / 5 * 60, rel=1e-3)


def test_the_wet_season_slows_what_it_should():
    dry, wet = graph.build(town()), graph.build(town(), wet_season_factor=0.5)
    slower = {pair: minutes / edges(dry)[pair] for pair, minutes in edges(wet).items()}
    assert slower == pytest.approx({pair: 2 if {4, 6} & {*pair} and 3 not in pair else 1 for pair in slower})


def test_a_street_against_its_drawing():
    drawn = [((1, 2), {"highway": "residential", "oneway": "-1"}), ((2, 3), {"highway": "residential"})]
    assert {*edges(graph.build(town(drawn)))} == {(2, 1), (2, 3), (3, 2)}


# --- pieces --------------------------------------------------------------------------------------------


def test_bends_are_no_nodes_but_their_length_counts():
    drawn = [((1, 2, 5), {"highway": "primary"})]
    found = town(drawn)
    assert len(found.lon) == 2
    assert found.metres == pytest.approx([EAST + 2 * NORTH], rel=1e-3)


def test_a_long_road_has_nodes_on_its_way_and_a_ferry_has_none():
    places = {n: (105.7 + n / 1000, 10.0) for n in range(31)}
    for tags, cuts in (({"highway": "primary"}, 10), ({"route": "ferry"}, 1)):
        found = town([(tuple(places), tags)], places)
        assert found.metres.sum() == pytest.approx(30 * EAST, rel=1e-3)
        assert len(found.metres) >= cuts
        assert (len(found.metres) == 1) == (cuts == 1)
        if cuts > 1:
            assert found.metres.max() <= LONGEST_M + EAST * 1.01


def test_ways_meet_where_they_cross_at_a_vertex_and_where_one_ends_on_another():
    cross = [((1, 2, 3), {"highway": "primary"}), ((5, 2), {"highway": "tertiary"})]
    assert len(town(cross).metres) == 3
    through = [((9, 5, 6), {"highway": "primary"}), ((2, 5, 8), {"highway": "tertiary"})]
    assert len(town(through).metres) == 4


def test_a_vertex_without_a_place_breaks_its_way():
    drawn = [((1, 99, 2, 3), {"highway": "primary"})]
    found = town(drawn)
    assert found.metres == pytest.approx([EAST], rel=1e-3)
    assert node(found, 1) == -1


def test_a_ring_leads_round_and_is_not_lost():
    ring = ((1, 2, 5, 4, 1), {"highway": "primary"})
    found = graph.build(town([ring, ((5, 8), {"highway": "primary"})]))
    assert {node(found, key) >= 0 for key in (1, 5, 8)} == {True}
    assert {*found.component.tolist()} == {0}
    alone = graph.build(town([((1, 2, 1), {"highway": "primary"})]))
    assert {*edges(alone)} == {(1, 2), (2, 1)}


def test_of_two_roads_between_the_same_nodes_the_faster_is_kept():
    drawn = [((1, 2), {"highway": "residential"}), ((2, 1), {"highway": "primary"})]
    found = graph.build(town(drawn))
    assert len(found.tail) == 2
    assert found.minutes == pytest.approx(EAST / 1000 / 40 * 60, rel=1e-3)


def test_two_nodes_in_one_place_are_not_no_time_apart():
    places = {**PLACES, 11: PLACES[3]}
    found = graph.build(town([((1, 3), {"highway": "primary"}), ((3, 11), {"highway": "primary"})], places))
    assert (found.minutes > 0).all()


def test_a_misprinted_duration_is_not_believed():
    slow = town([((3, 6), {"route": "ferry", "duration": "20:00"})])
    assert graph.build(slow).minutes == pytest.approx(2 * NORTH / 1000 / 5 * 60, rel=1e-3)


def test_a_polygon_keeps_what_reaches_into_it():
    found = town(polygon=shapely.box(105.6999, 10.0019, 105.7011, 10.0021))  # 1 and 2
    assert sorted(found.km_by_class()) == ["residential", "secondary"]
    assert {key for key in PLACES if node(found, key) >= 0} == {1, 2, 3, 5}
    with pytest.raises(DataError) as error:
        within(town(), shapely.box(106, 11, 107, 12))
    assert error.value.problems[0].code == "roads.not_here"
    assert all(error.value.say(lang) for lang in LANGS)


@st.composite
def drawings(draw):
    """Ways through a small grid of vertices, some one way, some sharing much, some crossing themselves."""
    keys = st.integers(0, 24)
    classes = st.sampled_from(["primary", "residential", "track"])
    oneway = st.sampled_from(["no", "yes", "-1"])
    one = st.tuples(st.lists(keys, min_size=2, max_size=8), classes, oneway)
    return draw(st.lists(one, min_size=1, max_size=8))


@given(drawings())
@settings(max_examples=60)
def test_from_node_to_node_it_is_as_far_as_along_all_the_bends(drawn):
    places = {key: (105.7 + key % 5 / 1000, 10.0 + key // 5 / 1000) for key in range(25)}
    whole = [(tuple(keys), {"highway": named, "oneway": way}) for keys, named, way in drawn]
    bits = [(pair, tags) for keys, tags in whole for pair in pairwise(keys) if pair[0] != pair[1]]
    assume(bits)
    few, all_of_them = graph.build(town(whole, places)), graph.build(town(bits, places))

    def times(found, of):
        at = [node(found, key, places) for key in of]
        matrix = sparse.csr_matrix((found.minutes, (found.tail, found.head)), shape=(len(found.lon),) * 2)
        return csgraph.dijkstra(matrix)[np.ix_(at, at)]

    shared = [key for key in places if node(few, key, places) >= 0]
    np.testing.assert_allclose(times(few, shared), times(all_of_them, shared), rtol=1e-9)


# --- the record ------------------------------------------------------------------------------------------


def test_the_checksum_changes_with_whatever_changes_minutes(monkeypatch):
    first = graph.build(town()).checksum
    assert graph.build(town()).checksum == first
    others = {
        graph.build(town(), mode="walking").checksum,
        graph.build(town(), wet_season_factor=0.9).checksum,
        graph.build(town(TOWN[1:])).checksum,
        graph.build(town([*TOWN[:-1], ((9, 10), {"highway": "tertiary", "maxspeed": "10"})])).checksum,
    }
    monkeypatch.setattr(speeds, "checksum", lambda: "another table")
    others.add(graph.build(town()).checksum)
    assert len(others) == 5
    assert first not in others


def test_arrays_are_sorted_read_only_and_of_the_stated_types():
    found = graph.build(town())
    assert (np.lexsort((found.head, found.tail)) == np.arange(len(found.tail))).all()
    for name in ("lon", "lat", "x", "y", "tail", "head", "minutes", "metres", "ferry", "component"):
        array = getattr(found, name)
        assert not array.flags.writeable
        kind = {"ferry": np.bool_}.get(
            name, np.int32 if name in {"tail", "head", "component"} else np.float64
        )
        assert array.dtype == kind, name
    assert found.extent == (found.lon.min(), found.lat.min(), found.lon.max(), found.lat.max())
    assert found.crs == "EPSG:32648"
    assert np.hypot(np.diff(found.x), np.diff(found.y)).max() < 400
    assert (np.bincount(np.concatenate([found.tail, found.head])) > 0).all()


def test_components_are_numbered_by_size():
    found = graph.from_arrays(
        lon=[105, 105.1, 105.2, 105.3, 105.4, 105.5], lat=[10] * 6,
        tail=[0, 2, 3, 3, 4], head=[1, 3, 2, 4, 3], minutes=[1] * 5, metres=[1] * 5,
    )  # fmt: skip
    assert len(found.lon) == 5  # 5 has no edge
    assert found.component.tolist() == [1, 2, 0, 0, 0]  # from 1 no way leads back to 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"minutes": [0]}, {"minutes": [np.nan]}, {"metres": [-1]}, {"metres": [np.inf]},
        {"head": [2]}, {"head": [-1]}, {"head": [0]}, {"head": [1, 0]}, {"lat": [10]},
        {"tail": [], "head": [], "minutes": [], "metres": []},
    ],
)  # fmt: skip
def test_arrays_that_make_no_graph_are_refused(wrong):
    right = {"lon": [105, 106], "lat": [10, 10], "tail": [0], "head": [1], "minutes": [1], "metres": [1]}
    assert graph.from_arrays(**right).minutes == 1
    with pytest.raises(ValueError, match=r"."):
        graph.from_arrays(**(right | wrong))


@pytest.mark.parametrize(
    ("code", "drawn", "places"),
    [
        ("roads.empty", [], PLACES),
        ("roads.empty", [((1, 99), {"highway": "primary"})], PLACES),
        ("roads.empty", [((1, 2), {"highway": "primary"})], {}),
        ("roads.swapped", TOWN, {key: (lat, lon) for key, (lon, lat) in PLACES.items()}),
        ("roads.abroad", TOWN, {key: (lon + 30, lat) for key, (lon, lat) in PLACES.items()}),
        ("roads.abroad", TOWN, {key: (lon * 5000, lat * 1e5) for key, (lon, lat) in PLACES.items()}),
    ],
)
def test_what_is_no_map_of_viet_nam_is_refused_in_words(code, drawn, places):
    with pytest.raises(DataError) as error:
        town(drawn, places or {99: (0, 0)})
    assert [problem.code for problem in error.value.problems] == [code]
    assert all(error.value.say(lang) for lang in LANGS)


def test_a_map_without_a_road_for_the_mode_is_refused_in_words():
    with pytest.raises(DataError) as error:
        graph.build(town([((1, 2), {"highway": "steps"})]), mode="car")
    assert error.value.problems[0].code == "roads.none_passable"
    assert "car" in error.value.say("vi")
