"""The plans that stand beside the best one keep the rules, claim no proof, and are left out with a reason."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from optimization.solution import Status
from planner import variants
from planner.exploring import RulesClashError
from planner.plan import Evaluation, Plan
from scenarios.reading import FOLDER, load
from scenarios.schema import Scenario
from text import LANGS

BEST = 6805.0


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load(FOLDER / "can_tho_2018_2020.yaml")


@pytest.fixture(scope="module")
def found(scenario: Scenario, plan: Plan) -> variants.Found:
    return variants.found(scenario, optimum=plan)


def test_all_of_them_are_there_in_their_order(found: variants.Found) -> None:
    assert [v.name for v in found.variants] == list(variants.NAMES)
    assert found.left_out == {}


def test_none_is_called_optimal_and_none_is_better(found: variants.Found) -> None:
    for variant in found.variants:
        level = variant.plan.report.levels[0]
        assert variant.plan.report.status is Status.FEASIBLE, variant.name
        assert level.value <= BEST == level.bound, variant.name
        assert variant.plan.report.way == variant.name
        assert bool(variant.plan.rules["kept"].all()), variant.name


def test_near_equals_differ_from_the_best_and_from_each_other(found: variants.Found, plan: Plan) -> None:
    near = [plan, *(v.plan for v in found.variants if v.name.startswith("alternative"))]
    opened = [frozenset(p.openings["facility"]) for p in near]
    assert all(len(a ^ b) >= 2 for n, a in enumerate(opened) for b in opened[:n])


def test_the_published_order_is_the_one_that_was_scored(
    found: variants.Found, scenario: Scenario, evaluation: Evaluation
) -> None:
    [scored] = variants.found(scenario, ["official"], evaluation=evaluation).variants
    [mine] = [v for v in found.variants if v.name == "official"]
    assert scored.plan.report.levels == mine.plan.report.levels
    assert scored.plan.report.levels[0].value == evaluation.best
    assert scored.plan.coverage.equals(mine.plan.coverage)


def test_a_dossier_gets_the_same_figures_without_solving_again(
    found: variants.Found, plan: Plan, evaluation: Evaluation
) -> None:
    scored, beside = variants.compared(plan, ["official", "greedy", "alternative_1"])
    assert scored is not None
    assert scored.optimal is plan
    same = ("worst", "mean", "best", "optimum", "presence_official", "cost_vnd", "gains", "exchanges", "free")
    for name in (*same, "presence_best", "hindcast", "method", "presence_drawn"):
        assert getattr(scored, name) == getattr(evaluation, name), name
    before = {v.name: v.plan for v in found.variants}
    for variant in beside.variants:
        assert variant.plan.report.levels == before[variant.name].report.levels, variant.name
        assert variant.plan.openings.equals(before[variant.name].openings), variant.name


def test_what_goes_wrong_on_one_side_stops_the_other(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bool] = []

    def near(study: variants._Variants, _: object) -> Iterator[tuple[str, variants.Way]]:
        while not study.stop.is_set():
            time.sleep(0.01)
        seen.append(True)
        yield from ()

    def broken(*_: object) -> Iterator[tuple[str, variants.Way]]:
        raise KeyboardInterrupt

    monkeypatch.setattr(variants._Variants, "near_equals", near)
    monkeypatch.setattr(variants._Variants, "others", broken)
    with pytest.raises(KeyboardInterrupt):
        variants.found(plan.scenario, optimum=plan)
    assert seen


def test_who_breaks_a_rule_is_left_out_with_the_reason(scenario: Scenario, plan: Plan) -> None:
    without = scenario.model_copy(update={"official": None})
    assert set(variants.found(without, ["official"], optimum=plan).left_out) == {"official"}
    stop = threading.Event()
    stop.set()
    found = variants.found(scenario, ["greedy", "myopic"], optimum=plan, cancel=stop)
    for name, why in found.left_out.items():
        assert all(why.say(lang) for lang in LANGS), name
    assert len(found.left_out) + len(found.variants) == 2


def test_a_clash_is_told_before_anything_is_tried() -> None:
    with pytest.raises(RulesClashError):
        variants.found(load(FOLDER / "can_tho_2018_2020_as_written.yaml"))


def test_a_name_that_does_not_exist_is_refused(scenario: Scenario) -> None:
    with pytest.raises(KeyError, match="best_ever"):
        variants.found(scenario, ["best_ever"])
