"""The layer that a planner works on: what is chosen, decided, linked, and how far points reach."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from shapely.geometry import box

from geo import clash_map, maps, workplace
from geo.workplace import Area, Chosen
from tests.geo.test_maps import PAYLOADS
from tests.views import sample

SCENARIO = sample.scenario()
CODES = ("9160", "9161", "9162")
SITES = pd.DataFrame({
    "facility": ["a:counselling", "b:counselling"], "kind": ["counselling"] * 2,
    "lat": [10.0, 10.1], "lon": [105.0, 105.1],
})  # fmt: skip
PLACES = pd.DataFrame({
    "facility": ["a:counselling", "b:counselling", "c:counselling"], "kind": ["counselling"] * 3,
    "premises_name": ["A", "B", "C"], "commune": ["Xã A"] * 3, "group_name": ["Huyện"] * 3,
    "lat": [10.0, 10.1, 10.2], "lon": [105.0, 105.1, 105.2],
})  # fmt: skip
WENT = pd.DataFrame({"commune_code": ["9162", "9160", "9161"], "facility": ["a:counselling"] * 2 + ["b:x"]})


def layer(**more: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "codes": CODES, "sites": SITES, "places": PLACES, "allocation": WENT, "kinds": SCENARIO.kinds,
        "lang": "vi",
    }  # fmt: skip
    return workplace.layer(**given | more)


def test_with_nothing_chosen_nothing_is_marked():
    told = layer()
    assert told["ids"] == ["a:counselling", "b:counselling"]
    assert (told["pinned"], told["ties"], told["areas"], told["places"]) == ([], [], [], [])
    assert not {"commune", "site", "served"} & told.keys()


def test_a_chosen_point_shows_whom_it_serves():
    told = layer(chosen=Chosen(facility="a:counselling"))
    assert told["site"] == 0
    assert told["served"] == [0, 2]
    assert told["at"] == [10.0, 105.0]


def test_a_chosen_commune_is_told_by_its_place_in_the_drawing():
    assert layer(chosen=Chosen(commune="9162"))["commune"] == 2
    assert "commune" not in layer(chosen=Chosen(commune="nobody"))


@pytest.mark.parametrize(("more", "state"), [
    ({"chosen": Chosen(facility="c:counselling")}, "chosen"),
    ({"forbidden": frozenset({"c:counselling"})}, "forbidden"),
    ({"forbidden": frozenset({"c:counselling"}), "chosen": Chosen(facility="c:counselling")}, "forbidden"),
    ({"others": {"c:counselling": "cách 3 km"}}, "other"),
    ({"others": {"c:counselling": "cách 3 km"}, "forbidden": frozenset({"c:counselling"})}, "other"),
])  # fmt: skip
def test_a_place_without_a_point_is_drawn_for_what_it_is(more: dict[str, Any], state: str):
    (place,) = layer(**more)["places"]
    assert place[2] == state
    assert place[5:] == ["C", "Xã A, Huyện", "c:counselling", "cách 3 km" if state == "other" else ""]


def test_places_to_move_to_come_in_the_order_given():
    empty = PLACES.assign(facility=["x", "y", "z"])
    told = layer(places=empty, others={"z": "", "x": "", "y": ""})
    assert [place[7] for place in told["places"]] == ["z", "x", "y"]


def test_what_stands_is_no_empty_place():
    assert layer(forbidden=frozenset({"a:counselling"}))["places"] == []
    assert layer(pinned=frozenset({"b:counselling"}))["pinned"] == [1]


def test_ties_and_areas_of_points_that_are_not_there_are_left_out():
    told = layer(
        ties=[("a:counselling", "b:counselling"), ("a:counselling", "z")],
        areas=[Area("a:counselling", metres=1234.6), Area("b:counselling", outline=box(105, 10, 106, 11)),
               Area("z", metres=1.0)],
    )  # fmt: skip
    assert told["ties"] == [[0, 1]]
    circle, outline = told["areas"]
    assert circle[1:] == [1235, 10.0, 105.0]
    assert len(outline[4][0]) == 8


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_name_arrives_as_text(payload: str):
    places = PLACES.assign(premises_name=payload)
    told = layer(places=places, chosen=Chosen(facility="c:counselling"))
    written = maps.encoded(told)
    assert not set("<>`$&'#%") & set(written)


def test_a_clash_is_shown_where_it_is():
    known = sample.facts(SCENARIO).communes
    codes = tuple(known["commune_code"])
    existing = PLACES.assign(premises=["a", "b", "c"], assumed=False).iloc[:1]
    told = clash_map.told(codes, known, groups={"925"}, existing=existing, kinds=SCENARIO.kinds, lang="vi",
                          approximate=True)  # fmt: skip
    here = [code for code, band in zip(codes, told["bands"], strict=True) if band == "1"]
    assert here == ["9250", "9251", "9252"]
    assert [codes[n] for n in told["work"]["groups"]] == here
    assert len(told["sites"]) == 1
    nowhere = clash_map.told(codes, known, groups=(), existing=existing, kinds=SCENARIO.kinds, lang="vi",
                             approximate=True)  # fmt: skip
    assert set(nowhere["bands"]) == {"0"}
    assert nowhere["words"]["shade"] != told["words"]["shade"]
