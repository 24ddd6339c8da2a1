"""How many persons there are in later stages: growth, outflow, and what a document forecasts."""

import pytest

from planner import geography, translate
from tests.planner.tiny import SOURCE, figure, scenario

COUNTED = 330
STAGES = {
    "2018": {"years": 1, **SOURCE},
    "2019-2020": {"years": 2, **SOURCE},
    "2021-2023": {"years": 3, **SOURCE},
}


def totals(**registered):
    """Persons in all by stage, and the counts they come from."""
    asked = scenario(stages=STAGES, registered_persons=registered)
    places = geography.places(asked)
    found = translate.persons(asked, places)
    counted = places.communes["persons"].to_numpy()
    for t in range(found.shape[1]):  # every place in proportion
        assert found[:, t] == pytest.approx(counted * found[:, t].sum() / counted.sum())
    return found.sum(axis=0)


def test_growth_and_outflow_run_from_the_beginning_of_one_stage_to_that_of_the_next():
    rate = 1 + 0.08 - 0.03
    found = totals(growth=figure(0.08), outflow=figure(0.03))
    assert found == pytest.approx([COUNTED, COUNTED * rate, COUNTED * rate**3])


def test_more_may_leave_than_come():
    assert totals(growth=figure(0.0), outflow=figure(0.1)) == pytest.approx(
        [COUNTED, COUNTED * 0.9, COUNTED * 0.9**3]
    )


def test_a_forecast_holds_in_its_stage_and_growth_goes_on_from_it():
    found = totals(growth=figure(0.05), forecast={"2019-2020": figure(500)})
    assert found == pytest.approx([COUNTED, 500, 500 * 1.05**2])


def test_forecasts_for_every_later_stage_need_no_growth():
    forecast = {"2019-2020": figure(400), "2021-2023": figure(390)}
    assert totals(growth=None, forecast=forecast) == pytest.approx([COUNTED, 400, 390])


def test_a_forecast_of_the_first_stage_takes_the_place_of_the_count():
    assert totals(growth=figure(0.1), forecast={"2018": figure(360)})[:2] == pytest.approx([360, 396])
