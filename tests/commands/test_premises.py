"""The commands about premises, as they are used."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from cli import main
from scenarios import reading

SCENARIO = str(reading.FOLDER / "can_tho_2018_2020_as_written.yaml")
TABLE = "Tên cơ sở;Loại;Xã;Huyện\nTTYT Cờ Đỏ;TTYT;TT Cờ Đỏ;Cờ Đỏ\nPhòng khám A;Phòng khám;Cái Khế;Ninh Kiều\n"


@pytest.fixture
def table(tmp_path: Path) -> str:
    path = tmp_path / "co_so.csv"
    path.write_text(TABLE, encoding="utf-8")
    return str(path)


def run(*args: str):
    return CliRunner().invoke(main, ["premises", *args])


def test_check_tells_what_is_wrong_and_ends_with_2(table):
    said = run("check", table, "--scenario", SCENARIO)
    assert said.exit_code == 2
    assert "co_so.csv!B3" in said.output
    assert "Phòng khám" in said.output


def test_check_takes_the_users_word_and_writes_nothing(table, tmp_path):
    said = run("check", table, "--scenario", SCENARIO, "--type", "Phòng khám=hospital")
    assert said.exit_code == 0, said.output
    assert "2 cơ sở; 2 mới" in said.output
    assert 'B "Loại"' in said.output
    assert list(tmp_path.iterdir()) == [Path(table)]


def test_import_writes_a_scenario_with_the_premises(table, tmp_path):
    out = tmp_path / "moi.yaml"
    said = run(
        "import",
        table,
        "--scenario",
        SCENARIO,
        "--out",
        str(out),
        "--type",
        "Phòng khám=hospital",
        "--lang",
        "en",
    )
    assert said.exit_code == 0, said.output
    new = reading.load(out)
    assert {"ttyt_co_do", "phong_kham_a"} <= set(new.premises.named)


def test_import_that_fails_writes_nothing(table, tmp_path):
    out = tmp_path / "moi.yaml"
    assert run("import", table, "--scenario", SCENARIO, "--out", str(out)).exit_code == 2
    assert not out.exists()


def test_the_template_is_taken_back_unchanged(tmp_path):
    out = tmp_path / "mau.xlsx"
    assert run("template", "--scenario", SCENARIO, "--out", str(out)).exit_code == 0
    said = run("check", str(out), "--scenario", SCENARIO)
    assert said.exit_code == 0, said.output
    assert "90 giữ nguyên" in said.output


@pytest.mark.parametrize(
    "option", [("--column", "name"), ("--column", "=B"), ("--type", "hospital"), ("--type", "=hospital")]
)
def test_options_that_say_nothing_are_refused(table, option):
    said = run("check", table, "--scenario", SCENARIO, *option)
    assert said.exit_code == 2
    assert option[1] in said.output
