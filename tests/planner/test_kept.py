"""A plan that is brought back is the plan that was kept, or a message."""

from __future__ import annotations

from dataclasses import replace

import pytest

import planner
from errors import DataError
from optimization.solution import Status
from planner import kept
from planner.plan import GIVEN
from scenarios.reading import SHOWN_FIRST, load


@pytest.fixture(scope="module")
def plan():
    return planner.run(load(SHOWN_FIRST))


def test_a_plan_comes_back_with_its_tables_and_its_proof(plan):
    again = kept.brought_back(plan.scenario, kept.known(plan))
    for name in ("facilities", "allocation", "access", "coverage", "stages", "openings", "rules"):
        assert getattr(again, name).equals(getattr(plan, name)), name
    assert again.report == plan.report


def test_without_levels_nothing_is_called_proved(plan):
    again = kept.brought_back(plan.scenario, kept.Known(kept.known(plan).opened))
    assert again.report.status is Status.FEASIBLE
    assert again.report.levels[0].value == plan.report.levels[0].value
    assert (plan.report.way, again.report.way) == ("", GIVEN)


def test_how_a_plan_was_made_is_kept_with_it(plan):
    made = replace(plan, report=plan.report._replace(way="greedy"))
    assert kept.brought_back(plan.scenario, kept.known(made)).report.way == "greedy"


def test_what_the_scenario_does_not_have_is_named(plan):
    opened = {"nowhere:counselling": {"2018": 1}, plan.openings["facility"][0]: {"1999": 1}}
    with pytest.raises(DataError) as why:
        kept.brought_back(plan.scenario, kept.Known(opened))
    assert [p.code for p in why.value.problems] == ["kept.unknown_facility"] * 2


def test_a_figure_that_comes_out_otherwise_is_told(plan):
    known = kept.known(plan)
    level = known.levels[0]
    claimed = known._replace(levels=(type(level)(level.name, 7000.0, 7000.0, 0.0), *known.levels[1:]))
    with pytest.raises(DataError) as why:
        kept.brought_back(plan.scenario, claimed)
    assert [p.code for p in why.value.problems] == ["kept.other_value"]
