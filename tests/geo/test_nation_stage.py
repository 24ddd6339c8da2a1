"""How a stage of the nation is told on the map."""

from __future__ import annotations

import pandas as pd

from geo import maps, nation_stage
from geo.nation_stage import Points

FACILITIES = pd.DataFrame(
    {"facility": ["a", "b", "c"], "existing": [True, False, False], "opened_stage": ["", "2012", "2013"]}
)
OPENINGS = pd.DataFrame(
    {"facility": ["a", "b", "b", "c"], "stage": ["2013", "2012", "2013", "2013"], "opened": [1, 2, 3, 4]}
)


def numbers(stage):
    return nation_stage.points(FACILITIES, OPENINGS, existing={"a": 6}, stages=["2012", "2013"], stage=stage)


def test_points_add_up_over_the_stages():
    assert numbers("2012") == {"a": Points(6, 0), "b": Points(2, 2)}
    assert numbers("2013") == {"a": Points(7, 1), "b": Points(5, 3), "c": Points(4, 4)}


def test_shares_fall_into_bands_at_their_edges():
    demand = pd.Series([100.0, 100, 100, 100, 100, 100, 0])
    served = pd.Series([100.0, 51, 50, 40, 10.1, 10, 0])
    assert nation_stage.share_digits(demand, served) == "0012450"
    assert len(nation_stage.SHARES) == len(maps.BAND_COLOURS)


def test_a_stage_is_told_of_provinces():
    words = {
        "note": "Ranh giới gần đúng · Số người theo xã: ước tính",
        "legend_now": "khoanh",
        "home": "Toàn tỉnh",
    }
    data = {
        "words": words,
        "bands": "55",
        "figures": [[10, 4, 6, 0, 0, 0], [10, 9, 1, 0, 0, 1]],
        "sites": [
            [21.0, 105.8, 0, 0, 0, "Tỉnh A", "Tỉnh A", "Tỉnh A", "", 4, 0],
            [20.0, 106.0, 0, 2, 1, "Tỉnh B", "Tỉnh B", "Tỉnh B", "2012", 9, 0],
        ],
        "labels": [],
        "colours": [],
    }
    access = pd.DataFrame(
        {
            "commune_code": ["01", "02"],
            "stage": "2012",
            "service": "methadone",
            "demand": [10.0, 10.0],
            "served": [4.0, 9.0],
        }
    )
    told = nation_stage.told(
        data, codes=["01", "02"], access=access, facilities=["a", "b"], numbers=numbers("2012"), stage="2012",
        service="methadone", lang="vi",
    )  # fmt: skip
    assert told["bands"] == "20"
    assert [site[-1] for site in told["sites"]] == [6, 2]
    assert [site[3] for site in told["sites"]] == [0, 2]
    assert all(site[6] == site[7] == "" for site in told["sites"])
    assert told["sites"][1][8] == "2 (mở trong năm: 2)"
    assert [figures[-1] for figures in told["figures"]] == [-1, -1]
    assert "xã" not in told["words"]["note"]
    assert "tỉnh" in told["words"]["note"]
    assert told["words"]["home"] == "Cả nước"
    assert data["words"] == words, "what was given stays as it is"
