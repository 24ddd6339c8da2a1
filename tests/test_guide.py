"""The guide for planning one's own province works as written, from an empty folder to a solved plan."""

from __future__ import annotations

import re
import shlex

import openpyxl
from click.testing import CliRunner

from cli import main
from scenarios.reading import load
from tests.tree import ROOT

GUIDE = (ROOT / "docs" / "tinh_cua_minh.md").read_text(encoding="utf-8")
COMMANDS = [
    line.removeprefix(".venv/bin/python cli.py ")
    for block in re.findall(r"```\n(.*?)```", GUIDE, re.DOTALL)
    for line in block.splitlines()
]


def filled(path) -> int:
    """Counts written into the template, as a person would; their sum."""
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    column = next(c.column for c in sheet[1] if str(c.value).startswith("Số người"))
    counts = [7 * n % 80 for n in range(sheet.max_row - 1)]
    for row, count in enumerate(counts, start=2):
        sheet.cell(row, column).value = count
    book.save(path)
    return sum(counts)


def test_the_guide_works_as_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    total = 0
    for command in COMMANDS:
        result = CliRunner().invoke(main, shlex.split(command))
        assert result.exit_code == 0, f"{command}\n{result.output}"
        if command.startswith("counts template"):
            total = filled("so_nguoi.xlsx")
    assert total > 0
    assert load("hue_co_so.yaml").registered_persons.total.value == total
    assert {p.suffix for p in (tmp_path / "ket_qua").iterdir()} == {".json", ".xlsx", ".gpkg"}
