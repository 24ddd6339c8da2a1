"""What people had before the plan: the sites that stand, and nothing of what the plan asks for."""

from __future__ import annotations

import pandas as pd
import pytest

import planner
from planner import geography, translate
from planner.before import access, today
from planner.plan import Plan
from scenarios.reading import FOLDER, load
from scenarios.schema import Scenario
from tests.planner import tiny

PERSONS = ["demand", "served", "no_capacity", "out_of_reach"]


def before(scenario: Scenario) -> pd.DataFrame:
    instance = translate.instance(scenario, geography.places(scenario))
    counted = [n for n, s in enumerate(scenario.services.values()) if s.demand_share is not None]
    return pd.DataFrame(list(access(instance, counted)))


def test_nothing_stood_in_can_tho_so_nobody_was_served():
    found = before(load(FOLDER / "can_tho_2018_2020.yaml"))
    assert len(found) == 80
    assert found[PERSONS].sum().tolist() == pytest.approx([2630, 0, 0, 2630])
    assert (found["facility"] == "").all()
    assert found["minutes"].isna().all()


def test_a_site_without_places_for_all_serves_as_many_as_it_has():
    """National plan: about 5,000 patients at 30 sites of about 167 each, before any new one opens."""
    found = before(load(FOLDER / "national_2012_2015.yaml"))
    assert found["served"].sum() == pytest.approx(5010)
    assert found["no_capacity"].sum() > 0
    assert (found["demand"] - found[PERSONS[1:]].sum(axis=1)).abs().max() < 1e-6


def test_who_lives_near_a_site_that_stands_is_served():
    found = before(load(FOLDER / "tuyen_quang_2020.yaml"))
    methadone = found[found["service"] == "methadone"]
    near = methadone["minutes"] <= 30 + 1e-6
    assert methadone["served"].tolist() == pytest.approx(methadone["demand"].where(near, 0.0).tolist())
    assert 0 < methadone["served"].sum() < methadone["demand"].sum()


def test_the_rules_of_the_plan_do_not_bind_today():
    """A quota that nothing standing keeps would leave no plan; today has none to keep."""
    scenario = tiny.scenario(
        rules={"many": tiny.rule("quota", kinds=["counselling"], open_at="2018", at_least=2)}
    )
    it = today(translate.instance(scenario, geography.places(scenario)))
    assert it.rules == ()
    assert len(it.stages) == 1


def test_a_plan_carries_it():
    found = planner.run(tiny.scenario())
    assert isinstance(found, Plan)
    assert list(found.before) == list(found.access)
    assert set(found.before["stage"]) == {""}
    first = found.access[found.access["stage"] == found.stages["stage"][0]]
    assert found.before["demand"].tolist() == pytest.approx(first["demand"].tolist())
    assert (found.before["served"].to_numpy() <= first["served"].to_numpy() + 1e-6).all()
