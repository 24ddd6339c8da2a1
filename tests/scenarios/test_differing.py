"""The patch from one scenario to another, for each pair that a session may have to go between."""

from __future__ import annotations

import pytest

from planner import options
from scenarios import differing, reading
from scenarios.schema import Scenario

FILES = sorted(path.name for path in reading.FOLDER.glob("*.yaml"))


def data(scenario: Scenario) -> dict[str, object]:
    return {key: value for key, value in scenario.data.items() if key != "extends"}


@pytest.mark.parametrize("name", FILES)
def test_there_is_nothing_between_a_scenario_and_itself(name: str):
    found = reading.load(reading.FOLDER / name).data
    assert differing.patch(found, found) == {}


@pytest.mark.parametrize("name", FILES)
def test_an_answer_to_an_open_question_is_taken_back(name: str):
    """Answers change figures, their sources, rules and the questions themselves."""
    plan = reading.load(reading.FOLDER / name)
    for choice in options.options(plan):
        other = options.chosen(plan, {choice.question: choice.option})
        there, back = differing.patch(plan.data, other.data), differing.patch(other.data, plan.data)
        assert there
        assert back
        assert data(reading.changed(other, back)) == data(plan)


def test_a_figure_is_replaced_with_its_source_and_a_key_that_is_gone_is_removed():
    old = {"a": {"value": 1, "source": "x"}, "b": {"c": 1, "d": 2}, "e": [1], "extends": "f"}
    new = {"a": {"value": 2, "source": "x"}, "b": {"c": 1}, "e": [2], "g": {"h": 1}}
    assert differing.patch(old, new) == {
        "a": {"value": 2, "source": "x"}, "b": {"d": None}, "e": [2], "g": {"h": 1},
    }  # fmt: skip
    assert reading.merged({k: v for k, v in old.items() if k != "extends"}, differing.patch(old, new)) == new
