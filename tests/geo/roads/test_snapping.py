import numpy as np
import pytest

from errors import DataError
from geo.roads.graph import from_arrays
from geo.roads.snapping import main_component, snap, walking_minutes, warnings

LON, LAT = 105.75, 10.05  # the middle of Cần Thơ
M_LON, M_LAT = 1 / 109_600, 1 / 110_600  # degrees a metre there, about


def at(*metres):
    """Longitudes and latitudes of points given in metres east and north of the middle."""
    east, north = np.array(metres, dtype=float).T
    return LON + east * M_LON, LAT + north * M_LAT


def two_way(pairs):
    tail, head = np.array(pairs).T
    return {"tail": np.r_[tail, head], "head": np.r_[head, tail]}


def graph(nodes, pairs):
    """Roads of a minute and a kilometre each, both ways."""
    lon, lat = at(*nodes)
    edges = two_way(pairs)
    ones = np.ones(len(edges["tail"]))
    return from_arrays(lon=lon, lat=lat, **edges, minutes=ones, metres=1000 * ones)


@pytest.fixture(scope="module")
def town():
    """A street of three nodes, 1 km apart, and beyond a river 1 km north an island of two."""
    return graph([(0, 0), (1000, 0), (2000, 0), (0, 1000), (500, 1000)], [(0, 1), (1, 2), (3, 4)])


def put(roads, *metres, limit_metres=500.0, walking_kmh=5.0):
    return snap(roads, *at(*metres), limit_metres=limit_metres, walking_kmh=walking_kmh)


def test_a_place_goes_to_its_nearest_node(town):
    places = put(town, (0, 0), (930, 40), (2300, 0))
    assert places.node.tolist() == [0, 1, 2]
    np.testing.assert_allclose(places.metres, [0, np.hypot(70, 40), 300], rtol=0.003, atol=1e-3)
    assert not places.too_far.any()
    assert len(places) == 3


def test_the_walk_is_charged_at_walking_speed(town):
    slow, fast = (put(town, (1000, 250), walking_kmh=kmh) for kmh in (3.0, 6.0))
    assert slow.minutes.item() == pytest.approx(slow.metres.item() / 1000 / 3 * 60)
    assert slow.minutes.item() == pytest.approx(5.0, rel=0.003)
    assert fast.minutes.item() == pytest.approx(slow.minutes.item() / 2)
    assert walking_minutes(np.array([5000.0]), 5.0).tolist() == [60.0]


def test_the_largest_component_comes_first_within_the_limit(town):
    """600 m north of the street, 400 m south of the island."""
    near, wide = put(town, (0, 600)), put(town, (0, 600), limit_metres=700.0)
    assert (near.node.item(), near.component.item()) == (3, 1)
    assert (wide.node.item(), wide.component.item()) == (0, 0)
    assert wide.metres.item() == pytest.approx(600, rel=0.003)
    assert wide.nearest_metres.item() == pytest.approx(400, rel=0.003)
    assert not wide.too_far.item()


def test_the_limit_itself_is_near_enough(town):
    metres = put(town, (1000, 321)).metres.item()
    assert not put(town, (1000, 321), limit_metres=metres).too_far.item()
    assert put(town, (1000, 321), limit_metres=np.nextafter(metres, 0)).too_far.item()


def test_what_is_too_far_keeps_its_distance(town):
    place = put(town, (5000, 0))
    assert place.too_far.item()
    assert place.metres.item() == pytest.approx(3000, rel=0.003)
    assert place.minutes.item() > 0


def test_of_nodes_in_one_spot_the_first_is_taken():
    roads = graph([(0, 0), (1000, 0), (0, 0), (0, 1000)], [(0, 1), (1, 2), (2, 3)])
    assert put(roads, (30, 0)).node.item() == 0


def test_far_and_cut_off_places_are_named(town):
    places = put(town, (0, 0), (2000, 100), (0, 900), (9000, 0))
    main = main_component(places)
    found = warnings(places, ["An", "Bình", "Cù lao", "Đồng"], main=main)
    assert main == 0
    assert [(p.code, p.where) for p in found] == [
        ("roads.other_component", "Cù lao"),
        ("roads.snap_far", "Đồng"),
    ]
    assert found[1].values["metres"] == pytest.approx(7000, rel=0.003)
    assert found[1].values["limit"] == 500
    for problem in found:
        assert problem.say("vi") != problem.say("en")
        assert str(problem.values["metres"]) in problem.say("vi")


def test_the_rest_is_where_most_places_are(town):
    island = put(town, (0, 1000), (500, 1000), (0, 0))
    assert main_component(island) == 1
    assert [p.where for p in warnings(island, ["a", "b", "c"], main=1)] == ["c"]
    assert main_component(put(town, (0, 1000)), put(town, (0, 0))) == 0  # a tie: the larger one
    assert main_component(put(town, (9000, 0))) == 0


def test_some_of_the_places(town):
    places = put(town, (0, 0), (1000, 0), (9000, 0))
    assert places.only([2, 0]).node.tolist() == [2, 0]
    assert places.only(~places.too_far).node.tolist() == [0, 1]
    assert len(places.only([])) == 0


@pytest.mark.parametrize(
    ("lon", "lat", "options", "codes"),
    [
        ([LAT], [LON], {}, ["geo.point_swapped"]),
        ([583_000.0], [1_111_000.0], {}, ["geo.point_abroad"]),  # UTM
        ([np.nan, LON], [LAT, LAT], {}, ["geo.point_missing"]),
        ([LON], [LAT], {"limit_metres": 0.0}, ["roads.snap_limit"]),
        ([LON], [LAT], {"limit_metres": np.inf}, ["roads.snap_limit"]),
        ([LON], [LAT], {"walking_kmh": -1.0}, ["roads.walking_speed"]),
        ([LAT], [LON], {"limit_metres": np.nan, "walking_kmh": np.nan},
         ["geo.point_swapped", "roads.snap_limit", "roads.walking_speed"]),
    ],
)  # fmt: skip
def test_what_cannot_be_snapped_is_refused(town, lon, lat, options, codes):
    with pytest.raises(DataError) as error:
        snap(town, lon, lat, **{"limit_metres": 500.0, "walking_kmh": 5.0} | options)
    assert [problem.code for problem in error.value.problems] == codes
    assert error.value.say("vi") != error.value.say("en")


def test_a_refused_place_is_called_by_its_name(town):
    with pytest.raises(DataError) as error:
        snap(town, [LON, LAT], [LAT, LON], limit_metres=500, walking_kmh=5, labels=["An", "Bình"])
    assert [problem.where for problem in error.value.problems] == ["Bình"]


def test_shapes_have_to_fit(town):
    with pytest.raises(ValueError, match="do not fit"):
        snap(town, [LON, LON], [LAT], limit_metres=500, walking_kmh=5)


def test_no_places_are_no_trouble(town):
    places = snap(town, [], [], limit_metres=500, walking_kmh=5)
    assert len(places) == 0
    assert main_component(places) == 0
    assert warnings(places, [], main=0) == []
