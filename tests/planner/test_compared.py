"""Two plans side by side: what differs, who gains, and figures that nobody calls better without a reason."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import planner
from errors import DataError
from planner import kept
from planner.compared import Compared, Indicator, compare, differing
from planner.plan import Evaluation, Plan
from scenarios.reading import FOLDER, changed, load
from text import LANGS


@pytest.fixture(scope="module")
def official(evaluation: Evaluation) -> Plan:
    assert evaluation.official is not None
    return evaluation.official


@pytest.fixture(scope="module")
def found(official: Plan, plan: Plan) -> Compared:
    return compare(official, plan)


def of(found: Compared, name: str, stage: str = "") -> Indicator:
    [one] = [i for i in found.indicators if (i.name, i.stage) == (name, stage)]
    return one


def test_the_known_exchanges_of_can_tho(found: Compared, evaluation: Evaluation) -> None:
    moved = {(x.kind, x.a_group, x.a_stage, x.b_stage) for x in found.moves}
    assert moved == {(x.kind, x.group, x.official_stage, x.optimal_stage) for x in evaluation.moved}
    assert any("B mở sớm hơn, 2018 thay vì 2019" in x.text.vi for x in found.moves)
    assert [(g.group, g.communes_gaining, g.communes_losing) for g in found.gains] == [
        (g.group, g.communes_gaining, g.communes_losing) for g in evaluation.gains
    ]
    assert [g.gain for g in found.gains] == pytest.approx([g.gain for g in evaluation.gains])
    assert of(found, "person_years").a == evaluation.best
    assert of(found, "person_years").better == "b"


def test_presence_of_the_published_order_and_of_the_best(official: Plan, evaluation: Evaluation) -> None:
    """Ninh Kiều and Thốt Nốt first: 5,978 against 6,532 registered person-years of districts with a point."""
    openings = official.openings[official.openings["kind"] == "counselling"].set_index("group")
    o_mon, ninh_kieu = (str(openings.loc[group, "facility"]) for group in ("917", "916"))
    opened = dict(kept.known(official).opened) | {o_mon: {"2019": 1}, ninh_kieu: {"2018": 1}}
    best = kept.brought_back(official.scenario, kept.Known(opened))
    presence = of(compare(official, best), "presence")
    assert (presence.a, presence.b) == (5978, 6532)
    assert (presence.a, presence.b) == (evaluation.presence_official, evaluation.presence_best)
    assert presence.better == "b"


def test_swapped_plans_swap_every_sign(found: Compared, official: Plan, plan: Plan) -> None:
    back = compare(plan, official)
    other = {"a": "b", "b": "a"}
    for one, two in zip(found.indicators, back.indicators, strict=True):
        assert (one.name, one.a, one.b) == (two.name, two.b, two.a)
        assert one.difference == (None if two.difference is None else -two.difference)
        assert two.better == other.get(str(one.better), one.better)
    assert {g.group: g.gain for g in back.gains} == pytest.approx({g.group: -g.gain for g in found.gains})
    assert {(x.a_stage, x.b_stage) for x in back.moves} == {(x.b_stage, x.a_stage) for x in found.moves}


def test_a_plan_beside_itself_differs_in_nothing(plan: Plan) -> None:
    found = compare(plan, plan)
    assert found.same
    assert (found.moves, found.gains, found.notes) == ((), (), ())
    assert {i.better for i in found.indicators} <= {"same", None}
    assert differing(plan, plan, service="counselling", stage="2018") == ()


def test_communes_differ_where_not_the_same_number_is_served(found: Compared) -> None:
    first = differing(found.a, found.b, service=found.service, stage="2018")
    assert len(first) > 10
    assert differing(found.a, found.b, service=found.service, stage="2020") == ()


def test_nothing_is_better_without_a_direction(found: Compared) -> None:
    for one in found.indicators:
        if one.direction == 0 and one.a != one.b:
            assert one.better is None, one.name
    assert Indicator("x", of(found, "cost").text, "number", 0, 1.0, 2.0).better is None
    assert Indicator("x", of(found, "cost").text, "vnd", -1, 1.0, 2.0).better == "a"
    assert Indicator("x", of(found, "cost").text, "vnd", -1, None, 2.0).better is None


def test_two_scenarios_of_one_place(plan: Plan) -> None:
    patch: dict[str, Any] = {"rules": {f"points_{year}": None for year in (2018, 2019, 2020)}}
    freed = planner.run(changed(plan.scenario, patch))
    assert isinstance(freed, Plan)
    found = compare(plan, freed)
    assert found.notes
    assert of(found, "rules").better is None, "not the same rules"
    assert all(text.say(lang) for text in found.notes for lang in LANGS)


def test_stages_that_differ_are_compared_at_their_ends(plan: Plan) -> None:
    names = {"2018": "I", "2019": "II", "2020": "III"}
    stages = {names[stage]: given for stage, given in plan.scenario.stages.items()}
    facts = replace(plan.facts, scenario=plan.scenario.model_copy(update={"stages": stages, "data": {}}))
    tables = {
        name: getattr(plan, name).replace({"stage": names})
        for name in ("allocation", "access", "coverage", "group_coverage", "stages", "counts", "openings")
    }
    renamed = replace(plan, facts=facts, **tables)
    found = compare(plan, renamed)
    assert {i.stage for i in found.indicators} == {""}
    assert found.moves == ()
    assert of(found, "served").better == "same"


def test_another_place_is_refused(plan: Plan) -> None:
    elsewhere = planner.run(load(FOLDER / "tuyen_quang_2020.yaml"))
    assert isinstance(elsewhere, Plan)
    with pytest.raises(DataError) as why:
        compare(plan, elsewhere)
    assert [p.code for p in why.value.problems] == ["compare.other_place"]
    assert "Tuyên Quang" in why.value.say("vi")
