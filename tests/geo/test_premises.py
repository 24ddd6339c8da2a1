import numpy as np
import pandas as pd
import pytest

from errors import DataError
from geo import units
from geo.premises import COLUMNS, health_stations, locate

COMMUNES = pd.DataFrame(
    {
        "commune_code": ["31117", "31261", "31264"],
        "commune": ["Phường Cái Khế", "Thị trấn Cờ Đỏ", "Xã Thới Hưng"],
        "district_code": ["916", "925", "925"],
        "lat": [10.05, 10.09, 10.12],
        "lon": [105.78, 105.43, 105.50],
    }
)


def rows(*given, columns=("premises", "premises_name", "premises_type", "commune_code")):
    return pd.DataFrame(given, columns=list(columns))


def test_one_assumed_station_a_commune():
    stations = health_stations(COMMUNES)
    assert list(stations.columns) == list(COLUMNS)
    assert list(stations["premises"]) == ["tyt-31117", "tyt-31261", "tyt-31264"]
    assert list(stations["premises_name"]) == [
        "Trạm y tế phường Cái Khế", "Trạm y tế thị trấn Cờ Đỏ", "Trạm y tế xã Thới Hưng",
    ]  # fmt: skip
    assert set(stations["premises_type"]) == {"health_station"}
    assert stations["assumed"].all()
    assert stations["assumed"].dtype == bool
    pd.testing.assert_frame_equal(stations[["lat", "lon"]], COMMUNES[["lat", "lon"]])


@pytest.mark.parametrize("vintage", ["2025-01", "2025-07"])
def test_a_whole_province_has_its_stations(vintage):
    communes = units.communes("92", vintage)
    stations = health_stations(communes)
    assert list(stations["commune_code"]) == list(communes["commune_code"])
    assert stations["premises"].is_unique


def test_named_premises_stand_at_their_commune_or_at_their_own_point():
    given = rows(
        ("ttyt", "TTYT Cờ Đỏ", "district_health_centre", "31261", np.nan, None),
        ("bv", "Bệnh viện", "hospital", "31117", 10.04, 105.77),
        columns=("premises", "premises_name", "premises_type", "commune_code", "lat", "lon"),
    )
    placed = locate(given, COMMUNES)
    assert list(placed.columns) == list(COLUMNS)
    assert list(placed["lat"]) == [10.09, 10.04]
    assert list(placed["lon"]) == [105.43, 105.77]
    assert list(placed["district_code"]) == ["925", "916"]
    assert not placed["assumed"].any()
    assert placed["assumed"].dtype == bool


def test_what_rows_say_of_themselves_is_kept():
    given = rows(("a", "A", "hospital", "31117"), ("b", "B", "hospital", "31117")).assign(
        assumed=[True, None]
    )
    assert list(locate(given, COMMUNES)["assumed"]) == [True, False]


def test_there_may_be_none():
    assert list(locate(rows(), COMMUNES).columns) == list(COLUMNS)
    assert locate(rows(), COMMUNES).empty


def test_rows_are_left_as_they_were():
    given = rows(("a", "A  {x}", "hospital", "31117"))
    before = given.copy()
    assert locate(given, COMMUNES)["premises_name"].item() == "A (x)"
    pd.testing.assert_frame_equal(given, before)


WIDE = ("premises", "premises_name", "premises_type", "commune_code", "lat", "lon")


@pytest.mark.parametrize(
    ("given", "codes"),
    [
        ([("a", "A", "hospital", "31118", None, None)], ["geo.premises_commune"]),
        ([("a", "A", "hospital", None, None, None)], ["geo.premises_commune"]),
        ([("a", "A", "hospital", "31117", None, None)] * 2, ["geo.premises_twice"]),
        ([("", "A", "hospital", "31117", None, None)], ["geo.premises_incomplete"]),
        ([("a", None, "hospital", "31117", None, None)], ["geo.premises_incomplete"]),
        ([("a", "A", "hospital", "31117", 10.0, None)], ["geo.premises_half_point"]),
        ([("a", "A", "hospital", "31117", 105.7, 10.0)], ["geo.point_swapped"]),
        ([("a", "A", "hospital", "31117", 48.1, 11.6)], ["geo.point_abroad"]),
        (
            [("a", "A", "", "1", 10.0, None), ("b", "B", "hospital", "31117", 1.0, 2.0)],
            [
                "geo.premises_incomplete",
                "geo.premises_commune",
                "geo.premises_half_point",
                "geo.point_abroad",
            ],
        ),
    ],
)
def test_what_cannot_be_placed_is_refused(given, codes):
    with pytest.raises(DataError) as error:
        locate(rows(*given, columns=WIDE), COMMUNES)
    assert [problem.code for problem in error.value.problems] == codes
    assert error.value.say("vi") != error.value.say("en")


def test_an_unknown_commune_comes_with_a_hint():
    with pytest.raises(DataError) as error:
        locate(rows(("ttyt", "TTYT", "hospital", "31262")), COMMUNES)
    problem = error.value.problems[0]
    assert problem.where == "premises ttyt"
    assert "31261 Thị trấn Cờ Đỏ" in problem.values["near"]
