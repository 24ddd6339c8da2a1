"""The spreadsheet: made for reading, nothing live in it but our own sums, and these come out right."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import Any

import openpyxl
import pytest

import exports
from exports import workbook
from tests.exports.plans import NAMES, plan
from text import say


@pytest.mark.parametrize("edition", exports.EDITIONS)
def test_nothing_in_the_spreadsheet_is_live_but_our_sums(tmp_path, edition):
    book = openpyxl.load_workbook(exports.write(plan(), tmp_path / "p.xlsx", edition=edition))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    live = [cell for cell in cells if cell.data_type == "f"]
    assert not [cell for cell in cells if cell.hyperlink]
    assert live
    for cell in live:
        assert cell.parent.title.startswith("Phụ lục")
        assert OURS.fullmatch(cell.value), cell.value
    assert {n for n in NAMES if n[0] in "=+-@"} <= {cell.value for cell in cells if cell.data_type == "s"}
    allowed = ("Print", "_FilterDatabase")
    assert all(any(words in name for words in allowed) for name in book.defined_names or ())


OURS = re.compile(r"=SUM\(([A-Z]+)\d+:\1\d+\)|=[A-Z]+\d+[/-][A-Z]+\d+")
"""The formulas that the program writes."""


def test_formulas_come_out_at_what_is_stored_beside_them(tmp_path):
    path = exports.write(plan(), tmp_path / "p.xlsx", edition="internal")
    asked, told = openpyxl.load_workbook(path), openpyxl.load_workbook(path, data_only=True)
    found = 0
    for sheet in asked.worksheets:
        for row in sheet.iter_rows():
            for cell in (c for c in row if c.data_type == "f"):
                found += 1
                values = told[sheet.title]
                assert values[cell.coordinate].value == pytest.approx(computed(cell.value, values))
    assert found > 20


def computed(formula: str, sheet: Any) -> float:
    """What one of our formulas gives, by cells that hold no formula themselves."""
    if formula.startswith("=SUM("):
        return sum(cell.value or 0 for row in sheet[formula[5:-1]] for cell in row)
    one, sign, other = re.split(r"([/-])", formula[1:])
    left, right = float(sheet[one].value), float(sheet[other].value)
    return left / right if sign == "/" else left - right


def test_no_formula_of_a_shared_spreadsheet_reads_persons(tmp_path):
    """Bands and tens add up to something else than the truth, or to more than may be said."""
    path = exports.write(plan(), tmp_path / "p.xlsx", edition="shared")
    heads = [
        say(f"proposal.head.{n}", "vi") for n in ("demand", "served", "share", "no_capacity", "out_of_reach")
    ]
    for sheet in openpyxl.load_workbook(path).worksheets:
        for row in sheet.iter_rows():
            for cell in (c for c in row if c.data_type == "f"):
                for column in re.findall(r"([A-Z]+)\d", cell.value):
                    above = [sheet[f"{column}{n}"].value for n in range(1, cell.row)]
                    words = [v for v in above if isinstance(v, str)]
                    assert not words[-1].startswith(tuple(heads)), (sheet.title, cell.coordinate)
                    assert "≤10" not in words


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not there")
def test_libreoffice_computes_the_same(tmp_path):
    path = exports.write(plan(), tmp_path / "p.xlsx", edition="internal")
    openpyxl.load_workbook(path).save(tmp_path / "bare.xlsx")  # without what is stored beside the formulas
    home = (tmp_path / "home").as_uri()
    subprocess.run(
        ["soffice", "--headless", f"-env:UserInstallation={home}", "--convert-to", "xlsx",
         "--outdir", str(tmp_path / "again"), str(tmp_path / "bare.xlsx")],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    before = openpyxl.load_workbook(path, data_only=True)
    after = openpyxl.load_workbook(tmp_path / "again" / "bare.xlsx", data_only=True)
    compared = 0
    for sheet in openpyxl.load_workbook(path).worksheets:
        for row in sheet.iter_rows():
            for cell in (c for c in row if c.data_type == "f"):
                here, there = (book[sheet.title][cell.coordinate].value for book in (before, after))
                assert there == pytest.approx(here), (sheet.title, cell.coordinate)
                compared += 1
    assert compared > 20


def test_the_spreadsheet_is_made_for_reading(tmp_path):
    book = openpyxl.load_workbook(exports.write(plan(), tmp_path / "p.xlsx", edition="internal"))
    annexes = [f"Phụ lục 0{n}" for n in range(1, 8)]
    assert book.sheetnames[:10] == ["Tóm tắt", *annexes, "Các điểm", "Bao phủ theo giai đoạn"]
    for sheet in book.worksheets:
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
        assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (1, 0)
        assert "&P / &N" in f"&{sheet.oddFooter.center.text}".replace("&&", "&")
    tables = book.worksheets[8:]
    for sheet in [*tables, book["Phụ lục 01"], book["Phụ lục 04"]]:
        assert sheet.freeze_panes == f"A{workbook.HEAD + 2}"
        assert sheet.auto_filter.ref.startswith(f"A{workbook.HEAD + 1}:")
        assert sheet.print_title_rows == f"${workbook.HEAD + 1}:${workbook.HEAD + 1}"
    money = book["Chi phí và kinh phí"]
    assert (money["D5"].value, money["D5"].number_format) == (169_000_000, "#,##0")
    share = book["Bao phủ theo giai đoạn"]["G5"]
    assert isinstance(share.value, float)
    assert share.number_format.endswith("%")
    summary = [str(cell.value) for row in book["Tóm tắt"].iter_rows() for cell in row]
    for words in ("Cần Thơ 2018–2020", "chưa chứng minh là tối ưu", "Ranh giới xã là ranh giới gần đúng"):
        assert any(words in line for line in summary)
    assert (book.properties.title, book.properties.subject) == (
        "Cần Thơ 2018–2020",
        book["Tóm tắt"]["A2"].value,
    )
    assert "0.1.0" in book.properties.description


def test_coarsened_counts_are_numbers_where_they_can_be(tmp_path):
    book = openpyxl.load_workbook(exports.write(plan(), tmp_path / "p.xlsx"))
    values = {
        cell.value
        for row in book["Bao phủ theo địa bàn"].iter_rows(min_row=5, min_col=4, max_col=7)
        for cell in row
    }
    assert "≤10" in values
    assert any(isinstance(value, int) for value in values)
    assert not any(isinstance(value, str) and value.isdecimal() for value in values)
