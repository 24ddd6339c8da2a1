"""Decisions about single places: each is a patch that holds, is found again, and can be taken back."""

from __future__ import annotations

from typing import Any

import pytest

from planner import pins
from planner.pins import Held, Place
from scenarios import reading
from scenarios.rules import Forbidden, Pinned
from scenarios.schema import Scenario

HERE = Place("ninh_kieu", "counselling", "Cơ sở Ninh Kiều")
THERE = Place("tyt-31255", "counselling", "Trạm y tế xã Trung Hưng")


@pytest.fixture(scope="module")
def plain() -> Scenario:
    return reading.load(reading.SHOWN_FIRST)


def after(scenario: Scenario, *changes: pins.Change) -> Scenario:
    for _, patch in changes:
        scenario = reading.changed(scenario, patch)
    return scenario


def of(scenario: Scenario, place: Place) -> Held:
    return pins.held(scenario).get((place.premises, place.kind), Held())


def test_a_pin_is_a_rule_of_the_user_with_words(plain: Scenario):
    text, patch = pins.pin(plain, HERE, "2019")
    found = after(plain, (text, patch))
    held = of(found, HERE)
    rule = found.rules[held.rules[0]]
    assert isinstance(rule, Pinned)
    assert (rule.premises, rule.kind, rule.from_stage, rule.source) == (
        ("ninh_kieu",), "counselling", "2019", "user",
    )  # fmt: skip
    assert held == Held("2019", False, held.rules)
    assert "Cơ sở Ninh Kiều" in text.vi
    assert "2019" in text.en
    assert rule.note


def test_forbidding_takes_a_pin_back_and_pinning_a_ban(plain: Scenario):
    pinned = after(plain, pins.pin(plain, THERE, "2019"))
    banned = after(pinned, pins.forbid(pinned, THERE))
    assert of(banned, THERE).forbidden
    assert of(banned, THERE).from_stage is None
    again = after(banned, pins.pin(banned, THERE, "2020"))
    assert of(again, THERE) == Held("2020", False, of(again, THERE).rules)


def test_a_move_forbids_one_place_and_pins_the_other_in_one_change(plain: Scenario):
    text, patch = pins.move(plain, HERE, THERE, "2019")
    found = after(plain, (text, patch))
    assert of(found, HERE).forbidden
    assert of(found, THERE).from_stage == "2019"
    assert HERE.name in text.vi
    assert THERE.name in text.vi


def test_what_is_freed_is_as_it_was(plain: Scenario):
    for change in (pins.pin(plain, HERE, "2018"), pins.forbid(plain, HERE)):
        decided = after(plain, change)
        assert of(decided, HERE).rules
        assert after(decided, pins.free(decided, HERE)).rules == plain.rules


def test_a_place_leaves_a_rule_about_several_and_the_others_stay(plain: Scenario):
    words = {"vi": "Giữ", "en": "Keep"}
    rule = {"rule": "forbidden", "text": words, "kind": "counselling", "premises": ["ninh_kieu", "o_mon"],
            "source": "can_tho_2018_2020 §III.1"}  # fmt: skip
    two = reading.changed(plain, {"rules": {"both": rule}})
    freed = after(two, pins.free(two, HERE))
    left = freed.rules["both"]
    assert isinstance(left, Forbidden)
    assert left.premises == ("o_mon",)
    assert left.source == "user"
    assert left.note
    assert "§III.1" in left.note.vi, "where it came from is not lost"


@pytest.mark.parametrize("more", [{"at_least": 1}, {"premises": None, "groups": ["916"]}])
def test_a_rule_that_decides_no_single_place_holds_none(plain: Scenario, more: dict[str, Any]):
    rule: dict[str, Any] = {"rule": "pinned", "text": {"vi": "Có", "en": "Some"}, "kind": "counselling",
            "premises": ["ninh_kieu", "o_mon"], "from_stage": "2020", "source": "user"}  # fmt: skip
    rule = {key: value for key, value in (rule | more).items() if value is not None}
    assert pins.held(reading.changed(plain, {"rules": {"some": rule}})) == pins.held(plain)


def test_places_whose_names_look_alike_have_rules_of_their_own(plain: Scenario):
    places = [
        Place(p, "counselling", p) for p in ("tyt-31255", "tyt_31255", "tyt-" + "3" * 50, "tyt-" + "3" * 51)
    ]
    ids = {next(iter(pins.forbid(plain, place)[1]["rules"])) for place in places}
    assert len(ids) == len(places)


def test_a_criterion_is_answered_and_the_answer_taken_back(plain: Scenario):
    name = next(n for n, c in plain.criteria.items() if c.concerns == "group")
    text, patch = pins.check(plain, name, "916", "Ninh Kiều", False)
    found = reading.changed(plain, patch)
    assert found.criteria[name].answers == {"916": False}
    assert "không đạt" in text.vi
    _, back = pins.check(found, name, "916", "Ninh Kiều", None)
    assert reading.changed(found, back).criteria[name].answers == {}
