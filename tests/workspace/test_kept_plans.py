"""Kept plans: openings and proof come back as they were kept, or it is said which file is at fault."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import planner
import workspace
from errors import DataError
from optimization.solution import Status
from planner import kept
from tests.views import sample
from workspace import folder

SAID = {"who": "Lan", "why": "trình lãnh đạo"}


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(folder.VARIABLE, str(tmp_path / "w"))
    return tmp_path / "w"


def test_a_plan_comes_back_as_it_was_kept():
    plan = sample.plan()
    about = workspace.save_plan(plan, name="Phương án A", **SAID)
    assert about.name == "phuong-an-a"
    scenario, known, same = workspace.load_plan("phuong-an-a")
    assert same == about
    assert planner.digest(scenario) == about.digest
    assert known == kept.known(plan)
    assert known.status is Status.FEASIBLE
    assert workspace.plans() == ((about,), ())


def test_a_title_in_use_gets_a_number():
    plan = sample.plan()
    first, second = (workspace.save_plan(plan, name="A", **SAID) for _ in range(2))
    assert [(p.name, p.title) for p in (first, second)] == [("a", "A"), ("a-2", "A (2)")]
    assert {p.name for p in workspace.plans().found} == {"a", "a-2"}
    assert workspace.load_plan("a-2")[2] == second


def change(root: Path, **by: Any) -> None:
    path = root / "plans" / "a" / "plan.json"
    said = json.loads(path.read_text(encoding="utf-8"))
    said["known"].update(by)
    path.write_text(json.dumps(said), encoding="utf-8")


@pytest.mark.parametrize("by", [
    {"opened": []}, {"opened": {"x": {"2018": 1.5}}}, {"opened": {"x": {"2018": -1}}},
    {"opened": {"x": {"2018": True}}}, {"status": "infeasible"}, {"status": "best"}, {"levels": [{}]},
    {"levels": None}, {"seconds": [1]},
])  # fmt: skip
def test_openings_that_make_no_sense_are_refused(root: Path, by: dict[str, Any]):
    workspace.save_plan(sample.plan(), name="A", **SAID)
    change(root, **by)
    with pytest.raises(DataError) as told:
        workspace.load_plan("a")
    assert [(p.code, p.where) for p in told.value.problems] == [("workspace.unreadable", "plans/a/plan.json")]


def test_a_scenario_changed_by_hand_is_said(root: Path):
    workspace.save_plan(sample.plan(), name="A", **SAID)
    path = root / "plans" / "a" / "a.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("id: can_tho", "id: can_thu"), encoding="utf-8")
    with pytest.raises(DataError) as told:
        workspace.load_plan("a")
    assert [p.code for p in told.value.problems] == ["workspace.changed_outside"]


def test_a_plan_without_its_scenario_is_said_and_the_others_listed(root: Path):
    for title in ("A", "B"):
        workspace.save_plan(sample.plan(), name=title, **SAID)
    (root / "plans" / "a" / "a.yaml").unlink()
    with pytest.raises(DataError) as told:
        workspace.load_plan("a")
    assert [p.code for p in told.value.problems] == ["workspace.unreadable"]
    (root / "plans" / "a" / "plan.json").unlink()
    found, problems = workspace.plans()
    assert [p.name for p in found] == ["b"]
    assert [p.where for p in problems] == ["plans/a/plan.json"]
    with pytest.raises(DataError) as told:
        workspace.load_plan("c")
    assert [p.code for p in told.value.problems] == ["workspace.gone"]


def test_plans_that_open_the_same_are_told_from_others():
    first, other = sample.plan(), sample.plan(early=sample.OFFICIAL)
    assert workspace.plan_digest(first) == workspace.plan_digest(sample.plan())
    assert workspace.plan_digest(first) != workspace.plan_digest(other)
