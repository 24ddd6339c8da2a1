"""Why here: losses against the plan in hand, and who depends on the point alone."""

from __future__ import annotations

import pytest

import planner
from errors import DataError
from planner import clash_places
from planner.plan import Diagnosis, Plan
from planner.why import why
from scenarios import reading


@pytest.fixture(scope="module")
def plan() -> Plan:
    found = planner.run(reading.load(reading.SHOWN_FIRST))
    assert isinstance(found, Plan)
    return found


def test_the_losses_are_those_of_solving_without_it(plan: Plan):
    found = why(plan, "ninh_kieu:counselling")
    from planner import pins

    place = pins.Place("ninh_kieu", "counselling", "-")
    without = planner.run(reading.changed(plan.scenario, pins.forbid(plan.scenario, place)[1]))
    assert isinstance(without, Plan)
    assert found.objective == "max_cover"
    assert found.value == pytest.approx(plan.report.levels[0].value)
    assert found.forbidden.proved
    lost = plan.report.levels[0].value - without.report.levels[0].value
    assert found.forbidden.loss == pytest.approx(lost, abs=1e-3)


def test_a_point_without_another_host_in_its_district_cannot_be_spared(plan: Plan):
    found = why(plan, "cai_rang:counselling")
    assert found.forbidden.loss is None
    assert found.forbidden.proved


def test_communes_that_only_it_reaches_are_named(plan: Plan):
    found = why(plan, "thot_not:counselling")
    assert found.alone
    assert found.persons > 0
    assert set(found.alone) <= set(plan.facts.communes["commune"])


def test_a_hypothesis_that_is_cut_short_is_not_called_proved(plan: Plan):
    found = why(plan, "ninh_kieu:counselling", time_limit=0.0)
    assert found.forbidden.loss is None or not found.forbidden.proved or found.forbidden.loss == 0


@pytest.mark.parametrize("facility", ["nowhere:counselling", "tyt-31255:dispensing:x", "cai_rang:treatment"])
def test_only_what_the_plan_opens_can_be_asked_about(plan: Plan, facility: str):
    with pytest.raises(DataError):
        why(plan, facility)


def test_a_clash_happens_where_its_rules_say():
    name = reading.FOLDER / "can_tho_2018_2020_as_written.yaml"
    found = planner.run(reading.load(name))
    assert isinstance(found, Diagnosis)
    assert clash_places.groups(found) == {"925"}
