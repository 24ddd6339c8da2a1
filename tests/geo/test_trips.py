"""Bands of minutes, hours a month, longest trips."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from geo import trips

ACCESS = pd.DataFrame({
    "commune_code": list("abcdef"), "service": "s", "stage": "1",
    "demand": [10.0, 20.0, 0.0, 5.0, 40.0, 25.0], "facility": "f",
    "minutes": [0.0, 15.0, 500.0, 15.001, 130.0, np.nan],
})  # fmt: skip


@pytest.mark.parametrize(
    ("minutes", "band"),
    [
        (0, "0-15"),
        (15, "0-15"),
        (15 + 1e-9, "0-15"),
        (15.01, "15-30"),
        (30, "15-30"),
        (120, "105-120"),
        (120.1, "120+"),
        (9999, "120+"),
        (np.nan, "none"),
        (np.inf, "none"),
    ],
)
def test_edges_belong_to_the_nearer_band(minutes, band):
    assert trips.band(pd.Series([minutes])).tolist() == [band]


def test_bands_in_order_with_empty_ones_between():
    found = trips.bands(ACCESS).set_index("band")
    assert found.index.tolist() == trips.band_names()
    assert found.loc[["0-15", "15-30", "30-45", "120+", "none"], "travellers"].tolist() == [30, 5, 0, 40, 25]
    assert found["of_all"].sum() == pytest.approx(1)


def test_nobody_makes_no_bands():
    assert trips.bands(ACCESS.assign(demand=0.0)).empty


def test_hours_of_a_service_that_nobody_reaches_are_none():
    rows = pd.DataFrame({"service": ["s", "s"], "stage": ["1", "2"]})
    went = pd.DataFrame({"service": ["s"], "stage": ["2"], "persons": [3.0], "minutes": [20.0]})
    found = trips.hours(went, {"s": {"daily": 365.0}}, rows)
    assert found["hours_month"].tolist() == [0, pytest.approx(3 * 40 / 60 * 365 / 12)]
    assert trips.hours(went, {}, rows).empty


def test_longest_trips_are_of_those_who_need_the_service():
    found = trips.longest(ACCESS, dict.fromkeys("abcdef", "Xã"), most=2)
    assert found["commune_code"].tolist() == ["e", "d"]
    assert found["travellers"].tolist() == [40, 5]


@pytest.mark.parametrize("name", trips.band_names())
def test_bands_have_words(name):
    said = trips.spoken(name)
    assert said.vi != said.en
    assert said.vi
