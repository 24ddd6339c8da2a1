"""Scenarios from files, from data and from patches."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from errors import ScenarioError
from scenarios.figures import AskedOf
from scenarios.reading import changed, from_data, load, merged, written
from scenarios.schema import Assumed
from text import Text

SMALL = load(Path(__file__).parent / "small.yaml")
BUDGET = {"rules": {"budget": {"amount_vnd": 500_000_000, "source": "user"}}}


def codes(call) -> list[str]:
    """Codes of what is wrong with what `call` reads."""
    with pytest.raises(ScenarioError) as caught:
        call()
    return [p.code for p in caught.value.problems]


# --- merging -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parent", "child", "result"),
    [
        ({"a": 1, "b": 2}, {"b": 3, "c": 4}, {"a": 1, "b": 3, "c": 4}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"c": 3}}, {"a": {"b": 1, "c": 3}}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"c": None}}, {"a": {"b": 1}}),
        ({"a": {"b": 1}, "c": 2}, {"a": None}, {"c": 2}),
        ({"a": [1, 2, 3]}, {"a": [4]}, {"a": [4]}),
        ({"a": [{"b": 1}]}, {"a": [{"c": 2}]}, {"a": [{"c": 2}]}),
        ({"a": 1}, {"a": {"b": 2}}, {"a": {"b": 2}}),
        ({"a": {"b": 2}}, {"a": 1}, {"a": 1}),
        # A figure goes as a whole: neither the old note nor the old source may stay beside a new value.
        (
            {"a": {"value": 1, "source": "x §I", "note": {"vi": "c", "en": "o"}}},
            {"a": {"value": 2, "source": "user"}},
            {"a": {"value": 2, "source": "user"}},
        ),
        ({"a": {"required": "user", "note": 1}}, {"a": {"value": 2}}, {"a": {"value": 2}}),
        ({"a": {"value": 2, "source": "user"}}, {"a": {"required": "user"}}, {"a": {"required": "user"}}),
        ({"a": {"value": 1, "note": 1}}, {"a": {"note": 2}}, {"a": {"value": 1, "note": 2}}),
    ],
)
def test_merging(parent, child, result):
    before = copy.deepcopy((parent, child))
    out = merged(parent, child)
    assert out == result
    assert (parent, child) == before


def test_two_patches_make_one():
    one, two = {"a": {"b": None, "c": 1}}, {"a": {"c": None, "d": 2}}
    both = merged(one, two, keep_null=True)
    assert both == {"a": {"b": None, "c": None, "d": 2}}
    start = {"a": {"b": 1, "c": 2, "e": 3}}
    assert merged(start, both) == merged(merged(start, one), two) == {"a": {"d": 2, "e": 3}}


def test_one_patch_of_two_changes_the_same_rule_twice():
    one = {"rules": {"first_stage": {"at_most": None, "exactly": 1, "source": "user"}}}
    two = {"rules": {"first_stage": {"exactly": None, "at_least": 0, "source": "user"}}}
    both = changed(SMALL, merged(one, two, keep_null=True))
    assert both.data == changed(changed(SMALL, one), two).data
    assert both.rules["first_stage"].limits() == (0, None)


def extended(tmp_path, text):
    """The small scenario, extended by `text`."""
    (tmp_path / "small.yaml").write_text(written(SMALL), encoding="utf-8")
    (tmp_path / "child.yaml").write_text(f"extends: small.yaml\nid: child\n{text}", encoding="utf-8")
    return load(tmp_path / "child.yaml")


def test_a_child_changes_what_it_names_and_nothing_else(tmp_path):
    text = """
rules:
  first_stage: null
  budget: {amount_vnd: 1, source: user}
services:
  methadone:
    suited_share: {value: 0.8, source: user}
kinds:
  counselling: {at: [health_station]}
"""
    child = extended(tmp_path, text)
    assert list(child.rules) == [name for name in SMALL.rules if name != "first_stage"]
    assert child.rules["budget"].amount_vnd == 1
    assert child.rules["budget"].text == SMALL.rules["budget"].text
    assert child.services["methadone"].demand_share == pytest.approx(0.4)
    assert isinstance(SMALL.services["methadone"].suited_share, AskedOf)
    assert child.kinds["counselling"].at == ("health_station",)
    same = ("place", "stages", "registered_persons", "travel", "objectives", "official", "criteria")
    assert all(getattr(child, name) == getattr(SMALL, name) for name in same)


def test_messages_of_a_child_name_the_file_that_holds_the_value(tmp_path):
    with pytest.raises(ScenarioError) as caught:
        extended(tmp_path, "rules:\n  budget:\n    kinds: [x]\n    source: user\n")
    assert [p.where for p in caught.value.problems] == ["child.yaml:5 rules.budget.kinds"]
    with pytest.raises(ScenarioError) as caught:
        extended(tmp_path, "kinds:\n  treatment:\n    at: [ward]\n  counselling: {at: [ward]}\n")
    where = caught.value.problems[0].where
    assert where.startswith("small.yaml:")
    assert where.endswith(" premises.named.hospital.type")
    child = extended(tmp_path, "rules:\n  budget: {amount_vnd: 1, source: user}\n")
    assert child.where("rules", "budget", "amount_vnd") == "child.yaml:4 rules.budget.amount_vnd"
    assert child.where("rules", "budget", "kinds").startswith("small.yaml:")


@pytest.mark.parametrize(
    "text",
    [
        "rules: {budget: {note: {vi: Lời giải thích, en: Explained}}}",  # words alone need no new source
        "stages: {'2019-2020': {label: {vi: Sau, en: Later}}}",
        "rules: {budget: {amount_vnd: 338000000}}",  # nothing changes
        'premises: {named: {hospital: {commune: "31147", commune_source: user}}}',
        "registered_persons: {split: {weights: {Xã: 8000}, source: user}}",
        'rules: {each_district: {exceptions: {"916": {exactly: 1, source: user}}}}',  # brings its own
    ],
)
def test_a_source_may_stay_where_no_value_changes(tmp_path, text):
    assert extended(tmp_path, text).id == "child"


# --- changing and writing ------------------------------------------------------------------------


def test_a_change_leaves_the_original_untouched():
    before = copy.deepcopy(SMALL.data)
    other = changed(SMALL, BUDGET)
    assert other.rules["budget"].amount_vnd == 500_000_000
    assert SMALL.rules["budget"].amount_vnd == 338_000_000
    assert SMALL.data == before
    other.data["rules"]["budget"]["kinds"].append("x")
    assert SMALL.data == before


def test_a_change_is_checked_as_a_whole():
    assert codes(lambda: changed(SMALL, {"rules": {"budget": {"amount_vnd": 1}}})) == [
        "scenario.source_stays"
    ]
    assert codes(lambda: changed(SMALL, {"title": {"vi": "{{7*7}}"}})) == ["scenario.unsafe_text"]
    assert codes(lambda: changed(SMALL, {"official": {"openings": []}})) == ["scenario.empty_list"]
    total = {"value": 31, "source": "user"}
    assert codes(lambda: changed(SMALL, {"registered_persons": {"total": total}})) == [
        "scenario.total_differs"
    ]


def test_what_is_written_is_the_same_scenario(tmp_path):
    for scenario in (SMALL, changed(SMALL, BUDGET), extended(tmp_path, "rules: {budget: null}")):
        path = tmp_path / "written.yaml"
        path.write_text(written(scenario), encoding="utf-8")
        back = load(path)
        assert back.data == {k: v for k, v in scenario.data.items() if k != "extends"}
        assert back.model_dump(exclude={"extends"}) == scenario.model_dump(exclude={"extends"})
        assert written(back) == written(scenario)


PATHS = [path for path, _ in SMALL.parts()]


@settings(deadline=None)
@given(
    st.sampled_from([p for p in PATHS if p]),
    st.recursive(
        st.one_of(
            st.none(),
            st.booleans(),
            st.integers(),
            st.floats(),
            st.text(max_size=5),
            st.sampled_from(["user", "918", "x"]),
        ),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
        ),
        max_leaves=5,
    ),
)
def test_whatever_stands_in_a_block_is_read_or_refused(path, value):
    data = copy.deepcopy(SMALL.data)
    holder = data
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value
    try:
        scenario = from_data(data, SMALL.lines)
    except ScenarioError as error:
        said = error.say("vi")
    else:
        said = scenario.id
    assert said


# --- what is assumed -----------------------------------------------------------------------------


def test_assumptions_are_listed_in_the_order_of_the_file():
    shown = [(".".join(map(str, a.path)), a.value, a.source) for a in SMALL.assumptions()]
    assert shown == [
        ("registered_persons.split", {"Xã": 7000.0}, "estimate"),
        ("registered_persons.growth", 0.05, "user"),
        ("services.methadone.suited_share", None, "required"),
        ("premises.health_stations", None, "estimate"),
        ("premises.named.hospital.commune", "31144", "estimate"),
    ]


def test_an_assumption_without_a_note_says_who_made_it():
    by_path = {a.path: a for a in SMALL.assumptions()}
    assert by_path["registered_persons", "split"].note == Text("Chia đều.", "Even shares.")
    for path in (("registered_persons", "growth"), ("premises", "named", "hospital", "commune")):
        assert isinstance(by_path[path], Assumed)
        assert all(by_path[path].note)


def test_a_citation_is_no_assumption():
    other = changed(SMALL, {"registered_persons": {"growth": {"value": 0.03, "source": "mau_2018 §V"}}})
    assert ("registered_persons", "growth") not in {a.path for a in other.assumptions()}


def test_demand_share_is_suited_share_times_uptake():
    assert SMALL.services["counselling"].demand_share == 0.5
    assert SMALL.services["methadone"].demand_share is None


def test_limits_of_a_quota():
    each, first = SMALL.rules["each_district"], SMALL.rules["first_stage"]
    assert (each.limits(), each.limits("916"), each.limits("917")) == ((1, 1), (1, 1), (0, 2))
    assert first.limits() == (0, 1)


def test_a_scenario_is_frozen():
    travel: Any = SMALL.travel
    with pytest.raises(ValidationError, match="frozen"):
        travel.mode = "car"
