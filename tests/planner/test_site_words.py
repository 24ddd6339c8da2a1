"""Where something may open: offers, hosts, what stands, and which place is nearest."""

from __future__ import annotations

import pandas as pd
import pytest

from planner import site_words
from scenarios import reading


@pytest.fixture(scope="module")
def found() -> pd.DataFrame:
    return site_words.candidates(reading.load(reading.SHOWN_FIRST))


def row(found: pd.DataFrame, facility: str) -> pd.Series:
    return found[found["facility"] == facility].iloc[0]


def test_a_kind_is_offered_where_the_scenario_says_so(found: pd.DataFrame):
    new = found[(found["kind"] == "dispensing") & found["offered"]]
    assert set(new["group"]) == {"925"}
    assert set(new["ready"]) == {"2020"}
    assert not found.loc[found["existing"] > 0, "offered"].any(), "what stands is not opened again"


def test_a_host_stands_or_may_stand_beside_it(found: pd.DataFrame):
    assert row(found, "ninh_kieu:counselling")["hosted"]
    elsewhere = found[(found["kind"] == "counselling") & found["premises"].str.startswith("tyt-")]
    assert set(elsewhere.loc[elsewhere["hosted"], "group"]) == {"925"}


def test_its_own_group_comes_first_then_the_nearest(found: pd.DataFrame):
    here = row(found, "ninh_kieu:counselling")
    near = site_words.nearest(found, kind="counselling", group="916", lat=here["lat"], lon=here["lon"])
    away = (near["group"] != "916").to_list()
    assert away == sorted(away)
    assert near["km"][0] == pytest.approx(0, abs=1e-6)
    assert near.loc[[not a for a in away], "km"].is_monotonic_increasing
    assert near["hosted"].all()
