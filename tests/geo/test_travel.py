import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from errors import DataError
from geo.travel import StraightLine, straight_line_minutes

CAN_THO, HA_NOI = (105.7877, 10.0486), (105.8342, 21.0278)

lon_lat = st.tuples(st.floats(102.5, 117.5), st.floats(6.5, 23.5))
places = st.lists(lon_lat, min_size=1, max_size=6)


def minutes(origins, destinations, detour_factor=1.3, speed_kmh=30.0):
    return straight_line_minutes(origins, destinations, detour_factor=detour_factor, speed_kmh=speed_kmh)


def test_a_length_that_is_known():
    # Haversine on the mean sphere; the ellipsoid differs by less than 0.6 %.
    (lon1, lat1), (lon2, lat2) = np.radians(CAN_THO), np.radians(HA_NOI)
    half = np.sin((lat2 - lat1) / 2) ** 2 + np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
    km = 2 * 6371.0088 * np.arcsin(np.sqrt(half))
    assert minutes([CAN_THO], [HA_NOI], 1.3, 30).item() == pytest.approx(km * 1.3 / 30 * 60, rel=0.006)


def test_frames_and_arrays_say_the_same():
    points = np.array([CAN_THO, HA_NOI])
    frame = pd.DataFrame({"lat": points[:, 1], "lon": points[:, 0], "name": ["a", "b"]}, index=[7, 3])
    np.testing.assert_array_equal(minutes(frame, points), minutes(points, frame))


def test_shapes():
    assert minutes([CAN_THO, HA_NOI], [CAN_THO]).shape == (2, 1)
    assert minutes(np.empty((0, 2)), [CAN_THO]).shape == (0, 1)
    with pytest.raises(ValueError, match=r"\(n, 2\)"):
        minutes(np.zeros((2, 3)), [CAN_THO])


@given(places, places)
def test_both_ways_are_equally_long(here, there):
    out, back = minutes(here, there), minutes(there, here)
    assert out.shape == (len(here), len(there))
    np.testing.assert_allclose(out, back.T, rtol=1e-9, atol=1e-6)
    assert (out >= 0).all()


@given(places)
def test_nobody_travels_to_where_he_is(here):
    assert (minutes(here, here).diagonal() == 0).all()


@given(lon_lat, lon_lat, lon_lat)
def test_a_way_round_is_never_shorter(a, b, c):
    direct, first, second = minutes([a], [c]), minutes([a], [b]), minutes([b], [c])
    assert direct <= first + second + 1e-6


@given(lon_lat, lon_lat, st.floats(1, 3), st.floats(1, 100))
def test_minutes_follow_detour_and_speed(a, b, detour, speed):
    np.testing.assert_allclose(
        minutes([a], [b], detour, speed), minutes([a], [b], 1, 60) * detour * 60 / speed
    )


@pytest.mark.parametrize(
    ("origins", "destinations", "options", "codes"),
    [
        ([CAN_THO[::-1]], [HA_NOI], {}, ["geo.point_swapped"]),
        ([CAN_THO], [HA_NOI, (np.nan, 10)], {}, ["geo.point_missing"]),
        ([(11.6, 48.1)], [HA_NOI], {}, ["geo.point_abroad"]),
        ([CAN_THO], [HA_NOI], {"speed_kmh": 0}, ["geo.speed"]),
        ([CAN_THO], [HA_NOI], {"speed_kmh": -5}, ["geo.speed"]),
        ([CAN_THO], [HA_NOI], {"speed_kmh": np.inf}, ["geo.speed"]),
        ([CAN_THO], [HA_NOI], {"detour_factor": 0.9}, ["geo.detour"]),
        ([CAN_THO], [HA_NOI], {"detour_factor": np.nan, "speed_kmh": np.nan}, ["geo.detour", "geo.speed"]),
        ([CAN_THO[::-1]], [(0, 0)], {}, ["geo.point_swapped", "geo.point_abroad"]),
    ],
)
def test_what_cannot_be_travelled_is_refused(origins, destinations, options, codes):
    with pytest.raises(DataError) as error:
        minutes(origins, destinations, **options)
    assert [problem.code for problem in error.value.problems] == codes
    assert error.value.say("vi") != error.value.say("en")


def test_a_swapped_point_says_which_one_it_is():
    with pytest.raises(DataError) as error:
        minutes([CAN_THO], [HA_NOI, HA_NOI[::-1]])
    assert error.value.problems[0].where == "destination 2"


def test_the_assumption_can_be_printed():
    way = StraightLine(detour_factor=1.35, speed_kmh=30)
    assert "1,35" in way.say("vi")
    assert "30 km/giờ" in way.say("vi")
    assert "1.35" in way.say("en")
