"""Curves to choose from: asking for a point's plan gives the plan that the curve shows."""

from __future__ import annotations

import pytest

import planner
from planner import trade_offs
from planner.exploring import Asked
from planner.plan import Evaluation, Plan
from planner.trade_offs import Curve, Point
from scenarios.reading import FOLDER, changed, load
from scenarios.schema import Scenario
from text import LANGS

BEST, FREE = 6805.0, 7403.0


@pytest.fixture(scope="module")
def drawn(plan: Plan, evaluation: Evaluation) -> dict[str, Curve]:
    assert evaluation.official is not None
    plans = {"present": plan, "published": evaluation.official}
    return {
        name: trade_offs.curve(plan.scenario, name, Asked(), plans=plans, optimum=plan)
        for name in trade_offs.CURVES
    }


def reached(scenario: Scenario, point: Point) -> Plan:
    """The plan that asking for the point gives."""
    found = planner.run(changed(scenario, point.patch))
    assert isinstance(found, Plan)
    return found


def value(plan: Plan, name: str) -> float:
    return next(level.value for level in plan.report.levels if level.name == name)


def test_every_curve_can_be_offered_where_points_cost_something(plan: Plan) -> None:
    assert trade_offs.offered(plan.scenario) == tuple(trade_offs.CURVES)
    assert trade_offs.offered(load(FOLDER / "dong_nai_to_2020.yaml")) == ("points", "travel")


@pytest.mark.parametrize("name", trade_offs.CURVES)
def test_more_never_covers_less_and_all_is_proved(drawn: dict[str, Curve], name: str) -> None:
    points = drawn[name].points
    assert len(points) >= 4
    assert [p.cover for p in points] == sorted(p.cover for p in points)
    assert all(p.proved and p.bound == pytest.approx(p.cover) for p in points)
    assert points[-1].cover == (BEST if name == "travel" else FREE)
    assert all(p.text.say(lang) for p in points for lang in LANGS)


@pytest.mark.parametrize(("name", "n"), [("points", 3), ("money", 2), ("cost", 4), ("travel", 1)])
def test_asking_for_a_point_gives_its_plan(drawn: dict[str, Curve], plan: Plan, name: str, n: int) -> None:
    point = drawn[name].points[n]
    found = reached(plan.scenario, point)
    assert value(found, "max_cover") == pytest.approx(point.cover)
    if name == "points":
        assert found.counts.query("stage == '2020' and kind == 'counselling'")["open"].item() <= point.x
    elif name == "travel":
        assert value(found, "min_travel") / 60 == pytest.approx(point.x)
    else:
        assert found.stages["cost_vnd"].sum() <= point.x


def test_what_is_set_aside_goes_and_nothing_else(drawn: dict[str, Curve], plan: Plan) -> None:
    point = drawn["points"].points[3]
    rules = set(changed(plan.scenario, point.patch).rules)
    gone = set(plan.scenario.rules) - rules
    assert gone == {"one_per_district", *(f"{what}_{year}" for what in ("points", "budget")
                                          for year in (2018, 2019, 2020))}  # fmt: skip
    assert rules - set(plan.scenario.rules) == {trade_offs.POINTS_RULE}
    assert len(drawn["points"].set_aside) == len(gone)
    assert drawn["travel"].points[0].patch.keys() == {"objectives"}


def test_plans_that_are_known_stand_where_they_belong(drawn: dict[str, Curve]) -> None:
    marks = {mark.name: mark for mark in drawn["points"].marks}
    assert (marks["present"].x, marks["present"].cover) == (9, BEST)
    assert (marks["published"].x, marks["published"].cover) == (9, 5958)
    money = {mark.name: mark.x for mark in drawn["money"].marks}
    assert money == {"present": 2_637_000_000, "published": 2_637_000_000}


def test_a_point_can_be_asked_for_after_another(drawn: dict[str, Curve], plan: Plan) -> None:
    """The rule that one point has put there makes room for that of the next."""
    once = reached(plan.scenario, drawn["points"].points[2])
    again = trade_offs.curve(once.scenario, "points", Asked(counts=(4,)), plans={}, optimum=once)
    assert again.points[0].cover == drawn["points"].points[4].cover
    assert value(reached(once.scenario, again.points[0]), "max_cover") == again.points[0].cover


def test_another_first_objective_makes_way_for_cover(plan: Plan) -> None:
    first = {"objective": "min_facilities", "service": "counselling", "source": "user"}
    patch = {"objectives": [first, *plan.scenario.data["objectives"]]}
    fewest = changed(plan.scenario, patch)
    curve = trade_offs.curve(fewest, "points", Asked(counts=(3,)), plans={})
    found = reached(fewest, curve.points[0])
    assert value(found, "max_cover") == pytest.approx(curve.points[0].cover)


def test_a_plan_of_a_larger_province() -> None:
    whole = load(FOLDER / "dong_nai_to_2020.yaml")
    scenario = changed(whole, {"objectives": whole.data["objectives"][:1]})  # its other levels take long
    best = planner.run(scenario)
    assert isinstance(best, Plan)
    curve = trade_offs.curve(
        scenario, "points", Asked(counts=(0, 1, 3)), plans={"present": best}, optimum=best
    )
    assert curve.none_below == 0, "the pilot in Tam Hiệp is pinned"
    assert [p.x for p in curve.points] == [1, 3]
    assert curve.marks[0].x == 15
    assert value(reached(scenario, curve.points[-1]), "max_cover") == pytest.approx(curve.points[-1].cover)
