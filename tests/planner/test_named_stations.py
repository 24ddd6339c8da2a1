"""A commune's health station that is named stands in place of the one that would be assumed."""

from __future__ import annotations

import pytest

from errors import ScenarioError
from planner import geography
from scenarios import reading

WRITTEN = reading.FOLDER / "can_tho_2018_2020_as_written.yaml"


def _with(**station: object) -> geography.Geography:
    entry = {"name": "Trạm y tế An Khánh", "type": "health_station", "commune": "31149",
             "commune_source": "user", "source": "user"}  # fmt: skip
    patch = {"premises": {"named": {"tyt-31149": entry | station}}}
    return geography.places(reading.changed(reading.load(WRITTEN), patch))


def test_there_is_one_station_a_commune_whoever_tells_of_it():
    before = geography.places(reading.load(WRITTEN)).premises
    after = _with(lat=10.02, lon=105.75).premises
    assert list(after["premises"]) == list(before["premises"])
    row = after.set_index("premises").loc["tyt-31149"]
    assert (row["lat"], row["lon"], bool(row["assumed"])) == (10.02, 105.75, False)
    assert row["premises_name"] == "Trạm y tế An Khánh"
    others = before[before["premises"] != "tyt-31149"]
    assert (
        after[after["premises"] != "tyt-31149"].reset_index(drop=True).equals(others.reset_index(drop=True))
    )


def test_a_station_is_that_of_its_own_commune():
    with pytest.raises(ScenarioError) as caught:
        _with(commune="31150")
    assert [p.code for p in caught.value.problems] == ["scenario.station_elsewhere"]


def test_answers_may_be_added_and_changed_while_the_document_stays_the_source_of_the_criterion():
    scenario = reading.load(WRITTEN)
    for answer in (True, False):
        scenario = reading.changed(scenario, {"criteria": {"group_room": {"answers": {"o_mon": answer}}}})
    scenario = reading.changed(scenario, {"criteria": {"group_room": {"answers": {"thot_not": True}}}})
    assert scenario.criteria["group_room"].answers == {"o_mon": False, "thot_not": True}
    assert scenario.criteria["group_room"].source.startswith("can_tho_2018_2020 §")
