"""Open questions of a scenario: each answer holds together, is chosen by its name, and says that it was."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import cli
import planner
from errors import ScenarioError
from optimization.solution import Solution
from optimization.solve import solve
from planner import geography, options, translate
from planner.exploring import Asked, ask
from planner.plan import Plan
from scenarios.reading import FOLDER, changed, load, written
from scenarios.schema import Scenario
from tests.planner.tiny import SOURCE, TINY, figure

LOADED = cache(load)
FILES = sorted(FOLDER.glob("*.yaml"))
EVERY = [
    pytest.param(path, choice.question, choice.option, id=f"{path.stem}-{choice.written}")
    for path in FILES
    for choice in options.options(LOADED(path))
]


def words(name: str) -> dict[str, str]:
    return {"vi": f"Câu {name}", "en": f"Sentence {name}"}


def question(**answers: dict[str, Any]) -> dict[str, Any]:
    """A question whose answers are patches."""
    given = {name: {"label": words(name), "patch": patch} for name, patch in answers.items()}
    return {"text": words("hỏi"), "as_it_is": words("giữ"), "options": given, **SOURCE}


def at_most(number: int) -> dict[str, Any]:
    return {"rules": {"points": {"at_most": number, **SOURCE}}}


def standard(minutes: float) -> dict[str, Any]:
    return {"kinds": {"counselling": {"standard_minutes": figure(minutes)}}}


ASKED = changed(
    TINY,
    {
        "questions": {
            "number": question(none=at_most(0), one=at_most(1)),
            "standard": question(far=standard(60), near=standard(5)),
            "other_number": question(two=at_most(2), one=at_most(1)),
            "no_rule": question(away={"rules": {"points": None}}),
        }
    },
)


def problem(scenario: Scenario, **answers: str) -> tuple[str, dict[str, Any]]:
    with pytest.raises(ScenarioError) as why:
        options.chosen(scenario, answers)
    (only,) = why.value.problems
    return only.code, only.values


# --- every answer of every file ------------------------------------------------------------------


@pytest.mark.parametrize(("path", "asked", "answer"), EVERY)
def test_every_answer_gives_a_valid_scenario_that_says_so(path: Path, asked: str, answer: str) -> None:
    before = LOADED(path)
    after = options.chosen(before, {asked: answer})
    assert after.id != before.id
    assert asked not in after.questions
    assert len(after.changes) == len(before.changes) + 1
    assert before.questions[asked].options[answer].label.vi in after.changes[-1].vi
    geography.places(after)


def test_ids_of_what_can_be_chosen_are_all_different() -> None:
    ids = [options.chosen(load(p.values[0]), {str(p.values[1]): str(p.values[2])}).id for p in EVERY]
    ids += [load(path).id for path in FILES]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_the_files_answers_pass_the_check(path: Path) -> None:
    options.check(LOADED(path))


# --- choosing ------------------------------------------------------------------------------------


def test_options_are_listed_as_they_are_asked_for() -> None:
    assert [c.written for c in options.options(ASKED)][:3] == ["number=none", "number=one", "standard=far"]
    assert options.options(TINY) == ()


def test_as_it_is_changes_nothing() -> None:
    assert options.chosen(ASKED, {"number": "as_it_is"}) is ASKED
    assert options.chosen(ASKED, {}) is ASKED


def test_several_answers_go_together() -> None:
    after = options.chosen(ASKED, {"standard": "far", "number": "one"})
    assert after.kinds["counselling"].standard_minutes is not None
    assert after.kinds["counselling"].standard_minutes.value == 60
    assert after.rules["points"].at_most == 1
    assert after.id == "tiny__number_one__standard_far"
    assert list(after.questions) == ["other_number", "no_rule"]
    assert options.chosen(ASKED, {"number": "one", "standard": "far"}).id == after.id


def test_an_answer_may_take_an_entry_away() -> None:
    assert "points" not in options.chosen(ASKED, {"no_rule": "away"}).rules


def test_a_long_id_is_cut_and_stays_its_own() -> None:
    names = [f"a_question_with_a_rather_long_name_{n}" for n in range(2)]
    long = changed(TINY, {"questions": {name: question(one=standard(60)) for name in names}})
    ids = {options.chosen(long, {name: "one"}).id for name in names}
    assert len(ids) == 2
    assert options.chosen(long, dict.fromkeys(names, "one")).id not in ids
    assert all(len(name) <= options.LONGEST_ID for name in ids)


def test_what_was_chosen_can_be_written_and_read(tmp_path: Path) -> None:
    after = options.chosen(ASKED, {"number": "one"})
    path = tmp_path / "chosen.yaml"
    path.write_text(written(after), encoding="utf-8")
    assert planner.digest(load(path)) == planner.digest(after)


# --- what cannot be chosen -----------------------------------------------------------------------


def test_unknown_questions_and_answers_name_the_known_ones() -> None:
    code, values = problem(ASKED, colour="red")
    assert (code, values["known"]) == ("options.question", "number, standard, other_number, no_rule")
    code, values = problem(ASKED, number="many")
    assert (code, values["known"]) == ("options.option", "as_it_is, none, one")


def test_answers_that_change_the_same_thing_differently_clash() -> None:
    code, values = problem(ASKED, number="one", other_number="two")
    assert (code, values["what"]) == ("options.clash", "rules.points.at_most")
    assert problem(ASKED, number="one", no_rule="away")[0] == "options.clash"
    assert options.chosen(ASKED, {"number": "one", "other_number": "one"}).rules["points"].at_most == 1


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (["number"], "options.form"),
        (["=one"], "options.form"),
        (["number="], "options.form"),
        (["number=one", "number=none"], "options.twice"),
    ],
)
def test_answers_that_cannot_be_read(given: list[str], code: str) -> None:
    with pytest.raises(ScenarioError) as why:
        options.answers(given)
    assert [p.code for p in why.value.problems] == [code]


def test_a_bad_answer_is_found_before_it_is_chosen() -> None:
    bad = question(lost={"rules": {"points": {"kinds": ["nothing"], **SOURCE}}}, fine=at_most(1))
    with pytest.raises(ScenarioError) as why:
        options.check(changed(TINY, {"questions": {"bad": bad}}))
    (only,) = why.value.problems
    assert only.code == "scenario.unknown_reference"
    assert "bad" in only.where or "questions" in only.where


# --- every answer beside the scenario as it is ----------------------------------------------------


def test_the_table_has_the_scenario_as_it_is_and_every_answer() -> None:
    sheet = ask(ASKED, "options", Asked())
    rows = [dict(zip(sheet.columns, row, strict=True)) for row in sheet.rows]
    assert [row["choice"] for row in rows] == ["", *(c.written for c in options.options(ASKED))]
    found = {str(row["choice"]): row for row in rows}
    plan = planner.run(ASKED)
    assert isinstance(plan, Plan)
    cover = plan.coverage.query("stage == '2019-2020'").set_index("service")["share"]
    assert found[""]["share_counselling"] == pytest.approx(cover["counselling"])
    assert found[""]["share_methadone"] == pytest.approx(cover["methadone"])
    assert found[""]["opened"] == 3
    assert found[""]["cost"] == int(plan.stages["cost_vnd"].sum())
    assert found["number=none"]["share_counselling"] == 0
    assert found["number=one"]["opened"] == 1
    assert found["standard=far"]["share_counselling"] > found["standard=near"]["share_counselling"]


def test_an_answer_with_no_plan_is_a_row_that_says_so() -> None:
    impossible = {"rules": {"points": {"at_most": None, "exactly": 300, **SOURCE}}}
    sheet = ask(changed(TINY, {"questions": {"too_many": question(all=impossible)}}), "options", Asked())
    last = dict(zip(sheet.columns, sheet.rows[-1], strict=True))
    assert last["status"] == "infeasible"
    assert last["opened"] is None
    assert last["share_counselling"] is None


@pytest.mark.parametrize(
    ("path", "asked", "answer"),
    [p for p in EVERY if "can_tho" in p.values[0].stem or "tuyen" in p.values[0].stem],
)
def test_every_answer_of_the_small_files_is_planned_or_diagnosed(path: Path, asked: str, answer: str) -> None:
    after = options.chosen(LOADED(path), {asked: answer})
    found: Solution = solve(translate.instance(after, geography.places(after)))
    assert found.status.value in ("optimal", "infeasible")
    assert (found.status.value == "infeasible") == (path.stem == "can_tho_2018_2020_as_written")


# --- the command line ----------------------------------------------------------------------------


def call(*args: str | Path) -> Result:
    return CliRunner().invoke(cli.main, [str(a) for a in args], catch_exceptions=False)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.yaml"
    path.write_text(written(ASKED), encoding="utf-8")
    return path


def test_solve_takes_an_answer(file: Path, tmp_path: Path) -> None:
    result = call("solve", file, "--option", "number=one", "--out", tmp_path)
    assert result.exit_code == 0
    plan = json.loads((tmp_path / "plan.json").read_text(encoding="utf-8"))
    assert plan["scenario"] == "tiny__number_one"
    assert "Câu one" in result.stdout


def test_validate_lists_the_questions_and_takes_an_answer(file: Path) -> None:
    assert "number=one" in call("validate", file).stdout
    after = call("validate", file, "--option", "number=one", "--lang", "en")
    assert after.exit_code == 0
    assert " number=one" not in after.stdout
    assert "Sentence one" in after.stdout


def test_explore_prints_the_table(file: Path, tmp_path: Path) -> None:
    result = call("explore", file, "--what", "options", "--out", tmp_path)
    assert result.exit_code == 0
    assert "number=none" in result.stdout
    found = json.loads((tmp_path / "explore.json").read_text(encoding="utf-8"))
    assert found["rows"][1]["choice"] == "number=none"


@pytest.mark.parametrize("command", ["validate", "solve", "evaluate"])
def test_a_wrong_answer_is_bad_input(file: Path, command: str) -> None:
    result = call(command, file, "--option", "number=many")
    assert result.exit_code == 2
    assert "as_it_is, none, one" in result.stderr


def test_fewer_visits_are_fewer_hours_and_the_same_minutes() -> None:
    travel = {
        "objectives": [
            {"objective": "max_cover", "service": "counselling", **SOURCE},
            {"objective": "min_travel", "service": "counselling", **SOURCE},
        ],
        "questions": {"visits": question(half={"services": {"counselling": {"visits_per_year": figure(6)}}})},
    }
    sheet = ask(changed(TINY, travel), "options", Asked())
    before, after = (dict(zip(sheet.columns, row, strict=True)) for row in sheet.rows)
    minutes, hours = before["minutes_counselling"], before["hours_counselling"]
    assert isinstance(minutes, float)
    assert isinstance(hours, float)
    assert 0 < minutes <= 15
    assert hours == pytest.approx(minutes * 2 * 12 / 60)
    assert after["minutes_counselling"] == pytest.approx(minutes)
    assert after["hours_counselling"] == pytest.approx(hours / 2)
