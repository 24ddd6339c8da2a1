"""The command line's contract: exit codes, ``plan.json``, ``evaluation.json``, words in both languages."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import cli
import exports
from scenarios.reading import FOLDER

RESOLVED = str(FOLDER / "can_tho_2018_2020.yaml")
AS_WRITTEN = str(FOLDER / "can_tho_2018_2020_as_written.yaml")


def call(*args: str | Path) -> Result:
    return CliRunner().invoke(cli.main, [str(a) for a in args], catch_exceptions=False)


def read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


@pytest.fixture(scope="module")
def solved(tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Path]:
    out = tmp_path_factory.mktemp("solved")
    formats = [a for suffix in exports.WRITERS for a in ("--format", suffix)]
    return call("solve", RESOLVED, "--out", out, *formats), out


@pytest.fixture(scope="module")
def infeasible(tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Path]:
    out = tmp_path_factory.mktemp("infeasible")
    return call("solve", AS_WRITTEN, "--out", out), out


class TestSolve:
    def test_prints_the_rollout(self, solved: tuple[Result, Path]) -> None:
        result, _ = solved
        assert result.exit_code == 0
        for words in ("2018", "Quận Ninh Kiều", "Huyện Cờ Đỏ", "1.237,2 triệu đồng", "Tối ưu, đã chứng minh"):
            assert words in result.stdout

    def test_plan_json_keeps_its_contract(self, solved: tuple[Result, Path]) -> None:
        plan = read(solved[1] / "plan.json")
        assert plan["scenario"] == "can_tho_2018_2020"
        assert plan["status"] == "optimal"
        assert set(plan["objective"]) == {"name", "value", "bound", "gap"}
        assert plan["objective"]["bound"] == pytest.approx(plan["objective"]["value"])
        assert plan["objective"]["gap"] == 0
        assert [s["id"] for s in plan["stages"]] == ["2018", "2019", "2020"]
        assert [s["open"]["counselling"] for s in plan["stages"]] == [2, 8, 9]
        for stage in plan["stages"]:
            assert stage["cost_vnd"] == stage["budget_vnd"]
            for opened in stage["opened"]:
                assert set(opened) == {"premises", "name", "commune_code", "group", "kind"}
            service = stage["services"]["counselling"]
            assert set(service) == {"demand", "served", "no_capacity", "out_of_reach", "share"}
            assert service["demand"] == 2630
            assert service["served"] + service["no_capacity"] + service["out_of_reach"] == pytest.approx(2630)
        assert all(set(r) >= {"rule", "source", "kept"} and r["kept"] for r in plan["rules"])
        assert plan["estimates"]
        assert plan["known_issues"]
        assert plan["diagnosis"] is None
        assert {"scenario_sha256", "data_sha256", "libraries", "solver", "gap"} <= set(plan["provenance"])

    def test_writes_every_format(self, solved: tuple[Result, Path]) -> None:
        names = {p.name for p in solved[1].iterdir()}
        assert names == {"plan.json", *(f"can_tho_2018_2020{suffix}" for suffix in exports.WRITERS)}

    def test_infeasible_is_explained(self, infeasible: tuple[Result, Path]) -> None:
        result, out = infeasible
        assert result.exit_code == 3
        assert "Cờ Đỏ" in result.stdout
        assert "can_tho_2018_2020 §III.1" in result.stdout
        plan = read(out / "plan.json")
        assert plan["status"] == "infeasible"
        assert plan["objective"] is None
        assert {c["rule"] for c in plan["diagnosis"]["clash"]} == {"one_per_district", "at_methadone_site"}
        first = plan["diagnosis"]["relaxations"][0]
        assert "925" in first["patch"]["kinds"]["dispensing"]["offered"]

    def test_english(self) -> None:
        result = call("solve", RESOLVED, "--lang", "en")
        assert result.exit_code == 0
        assert "Optimal, proved" in result.stdout
        assert "1,237.2 million VND" in result.stdout

    def test_no_time(self, tmp_path: Path) -> None:
        result = call("solve", RESOLVED, "--out", tmp_path, "--time-limit", "0.000001")
        assert result.exit_code == 4
        plan = read(tmp_path / "plan.json")
        assert plan["status"] == "no_solution"
        assert plan["stages"] == []

    def test_format_needs_out(self) -> None:
        assert call("solve", RESOLVED, "--format", ".xlsx").exit_code == 2


class TestBadInput:
    def test_missing_file(self) -> None:
        result = call("validate", "nowhere.yaml")
        assert result.exit_code == 2
        assert "nowhere.yaml" in result.stderr

    def test_every_problem_at_once(self, tmp_path: Path) -> None:
        text = Path(AS_WRITTEN).read_text(encoding="utf-8")
        broken = text.replace("exactly: 6", "exactly: -6").replace('province: "92"', "province: 92")
        path = tmp_path / "broken.yaml"
        path.write_text(broken, encoding="utf-8")
        for lang in ("vi", "en"):
            result = call("solve", path, "--out", tmp_path / "out", "--lang", lang)
            assert result.exit_code == 2
            assert result.stderr.count("broken.yaml:") == 2
        assert not (tmp_path / "out").exists()

    def test_unknown_province(self, tmp_path: Path) -> None:
        path = tmp_path / "elsewhere.yaml"
        path.write_text(
            Path(AS_WRITTEN).read_text(encoding="utf-8").replace('province: "92"', 'province: "00"'), "utf-8"
        )
        result = call("validate", path)
        assert result.exit_code == 2
        assert "00" in result.stderr


def test_validate() -> None:
    result = call("validate", RESOLVED)
    assert result.exit_code == 0
    assert "2.630" in result.stdout


class TestEvaluate:
    def test_the_two_figures(self, tmp_path: Path) -> None:
        result = call("evaluate", RESOLVED, "--plan", "official", "--out", tmp_path)
        assert result.exit_code == 0
        for words in ("5.978", "6.532", "91,5 %", "338.000.000", "1.237.200.000", "1.061.800.000"):
            assert words in result.stdout
        found = read(tmp_path / "evaluation.json")
        assert set(found) >= {"plan", "score", "optimum", "ratio", "group_presence", "cost_vnd", "exchanges"}
        assert found["group_presence"]["official"] == 5978
        assert found["group_presence"]["best"] == 6532
        assert found["group_presence"]["ratio"] == pytest.approx(5978 / 6532)
        assert found["cost_vnd"] == {"2018": 338_000_000, "2019": 1_237_200_000, "2020": 1_061_800_000}
        assert set(found["score"]) == {"worst", "mean", "best"}
        assert set(found["optimum"]) == {"value", "bound", "gap"}

    def test_as_written_breaks_its_own_rule(self, tmp_path: Path) -> None:
        result = call("evaluate", AS_WRITTEN, "--out", tmp_path)
        assert result.exit_code == 3
        found = read(tmp_path / "evaluation.json")
        assert found["group_presence"] == {"official": 5978, "best": None, "ratio": None}
        assert found["cost_vnd"]["2019"] == 1_237_200_000


def test_as_a_program(tmp_path: Path) -> None:
    """In a folder of its own and in a console without UTF-8, as some offices have it."""
    copy = shutil.copy(RESOLVED, tmp_path)
    shutil.copy(AS_WRITTEN, tmp_path)
    program = Path(cli.__file__)
    done = subprocess.run(
        [sys.executable, str(program), "validate", str(copy)],
        cwd=tmp_path,
        env={"PATH": "", "PYTHONIOENCODING": "ascii", "SYSTEMROOT": "C:\\Windows"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert "Cần Thơ" in done.stdout.decode("utf-8")
