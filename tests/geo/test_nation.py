"""Provinces as places of demand."""

from __future__ import annotations

import pytest

from errors import DataError
from geo import nation, units

WEIGHTS = {"Phường": 3.0, "Thị trấn": 2.0, "Xã": 1.0}


def test_each_province_is_one_place():
    places = nation.places("2025-01", weights=WEIGHTS)
    listed = units.provinces("2025-01")
    assert list(places["commune_code"]) == list(listed["province_code"])
    assert list(places["commune"]) == list(listed["province"])
    assert len(places) == 63
    assert set(places.columns) >= {"district_code", "district", "province_code", "province", "commune_type"}


def test_its_weight_is_the_sum_over_its_communes():
    places = nation.places("2025-01", weights=WEIGHTS).set_index("commune_code")
    communes = units.communes("92", "2025-01")
    assert places.loc["92", "weight"] == communes["commune_type"].map(WEIGHTS).sum()
    twice = nation.places("2025-01", weights={kind: 2 * w for kind, w in WEIGHTS.items()})
    assert list(twice["weight"]) == list(2 * places["weight"])


def test_its_point_is_a_commune_near_its_middle():
    places = nation.places("2025-01", weights=WEIGHTS).set_index("commune_code")
    for code in ("92", "56", "91", "01"):
        communes = units.communes(code, "2025-01")
        middle = communes[["lat", "lon"]].mean()
        away = ((communes[["lat", "lon"]] - middle) ** 2).sum(axis=1)
        nearest = communes.loc[away.idxmin(), ["lat", "lon"]]
        assert tuple(places.loc[code, ["lat", "lon"]]) == tuple(nearest)


def test_the_list_of_july_2025_has_34():
    assert len(nation.places("2025-07", weights={**WEIGHTS, "Đặc khu": 1.0})) == 34


def test_types_without_a_weight_are_all_told():
    with pytest.raises(DataError) as caught:
        nation.places("2025-01", weights={"Phường": 1.0})
    assert [p.code for p in caught.value.problems] == ["geo.type_without_weight"] * 2
    assert {p.where for p in caught.value.problems} == {"Thị trấn", "Xã"}
