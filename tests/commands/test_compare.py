"""``compare``: two plans of a place, by name or from a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli import main
from commands.common import BAD_INPUT, INFEASIBLE
from scenarios.reading import FOLDER

RESOLVED, AS_WRITTEN = FOLDER / "can_tho_2018_2020.yaml", FOLDER / "can_tho_2018_2020_as_written.yaml"


def run(*words: object) -> Result:
    return CliRunner().invoke(main, ["compare", *map(str, words)], catch_exceptions=False)


@pytest.fixture(scope="module")
def solved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("solved")
    result = CliRunner().invoke(main, ["solve", str(RESOLVED), "--out", str(out)], catch_exceptions=False)
    assert result.exit_code == 0
    return out / "plan.json"


def test_the_published_order_beside_the_plan_of_a_file(solved: Path, tmp_path: Path) -> None:
    result = run(RESOLVED, "official", solved, "--out", tmp_path)
    assert result.exit_code == 0
    for line in ("A: Lộ trình theo văn bản", "B: plan.json", "B mở sớm hơn, 2018 thay vì 2019", "+847"):
        assert line in result.stdout, line
    written = json.loads((tmp_path / "compare.json").read_text(encoding="utf-8"))
    assert written["edition"] == "internal"
    [years] = [i for i in written["indicators"] if i["name"] == "person_years"]
    assert (years["a"], years["b"], years["difference"], years["better"]) == (5958, 6805, 847, "b")
    assert {m["text_vi"] for m in written["moves"]} == {
        "Quận Cái Răng, tư vấn: B mở sớm hơn, 2018 thay vì 2019",
        "Quận Ô Môn, tư vấn: B mở muộn hơn, 2019 thay vì 2018",
    }
    assert written["notes"] == [], "the file's scenario is the one that was named"


def test_a_file_and_the_plan_it_was_written_of_are_the_same(solved: Path) -> None:
    result = run(RESOLVED, solved, "best", "--lang", "en")
    assert result.exit_code == 0
    assert "Both plans open the same points in the same stages." in result.stdout


def test_rules_that_clash_are_told(solved: Path) -> None:
    result = run(AS_WRITTEN, "best", solved)
    assert result.exit_code == INFEASIBLE
    assert "Cờ Đỏ" in result.stdout


@pytest.mark.parametrize("name", ["best_ever", "greedy.json"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    result = run(RESOLVED, name, "best")
    assert result.exit_code == BAD_INPUT
    assert result.stderr


def test_a_plan_of_another_place_is_refused(solved: Path) -> None:
    result = run(FOLDER / "tuyen_quang_2020.yaml", solved, "best")
    assert result.exit_code == BAD_INPUT
    assert "Cần Thơ" in result.stderr


def test_a_plan_that_the_scenario_does_not_have_is_told(tmp_path: Path) -> None:
    scenario = tmp_path / "none.yaml"
    (tmp_path / AS_WRITTEN.name).write_bytes(AS_WRITTEN.read_bytes())
    resolved = RESOLVED.read_text(encoding="utf-8").replace(
        "id: can_tho_2018_2020\n", "id: none\nofficial: null\n"
    )
    scenario.write_text(resolved, encoding="utf-8")
    result = run(scenario, "official", "best")
    assert result.exit_code == BAD_INPUT
    assert "Văn bản không nêu lộ trình" in result.stderr
