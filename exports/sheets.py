"""The spreadsheet: one sheet a table, numbers as numbers, names as text whatever they begin with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from exports.contents import Contents, column_of, text_of
from text import say

SHEETS = ("facilities", "coverage", "group_coverage", "stages", "counts", "communes", "access", "allocation",
          "rules", "objectives", "assumptions", "known_issues", "provenance")  # fmt: skip
"""Tables in the order of their sheets, between the summary and the data dictionary."""
FOR_MACHINES = frozenset({"geometry", "lat", "lon", "facility", "premises", "group", "rule"})
"""Columns that only GIS files have."""
HEAD = 3
"""Row of the headings, from 0: above stand the title, the edition and an empty row."""
WIDEST = 60
"""Characters of the widest column; longer texts are wrapped."""
NUMBERS = {"persons": "#,##0", "VND": "#,##0", "share": '0.0" "%', "minutes": "0.0"}
"""Format of numbers by unit; the reader's program puts in the separators of its country."""


def write_xlsx(contents: Contents, path: Path) -> None:
    """A summary, then one sheet a table: headings frozen, filters set, the edition named on each page."""
    import xlsxwriter
    from xlsxwriter.exceptions import FileCreateError

    plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(path, plain)
    book.set_properties({"title": contents.title, "comments": contents.mark})
    _summary(_Sheet(book, "summary", contents))
    for name in SHEETS:
        if name in contents.tables:
            _whole_sheet(_Sheet(book, name, contents), _for_people(contents, name))
    words = contents.dictionary()
    shown = ~words["column"].isin(FOR_MACHINES)
    _whole_sheet(_Sheet(book, "dictionary", contents), words.loc[shown].drop(columns="column"))
    try:
        book.close()
    except FileCreateError as why:
        raise OSError(str(why)) from why


def _for_people(contents: Contents, table: str) -> pd.DataFrame:
    frame = contents.spoken(table)
    if table == "assumptions":
        frame = frame.assign(value=[text_of(v, contents.lang) for v in frame["value"]])
    return frame.drop(columns=[c for c in frame if c in FOR_MACHINES])


class _Sheet:
    """A sheet with its title and edition written, and what is needed to fill it."""

    def __init__(self, book: Any, table: str, contents: Contents) -> None:
        self.contents = contents
        name = say(f"exports.table.{table}", contents.lang)
        self.page = book.add_worksheet(name)
        styles: dict[str, dict[str, Any]] = {
            "title": {"bold": True, "font_size": 14},
            "mark": {"bold": True, "font_color": "#8a3b12"},
            "head": {"bold": True, "text_wrap": True, "bottom": 1, "bg_color": "#e9eef3"},
            "label": {"bold": True},
            "text": {"text_wrap": True},
            **{unit: {"num_format": shape} for unit, shape in NUMBERS.items()},
        }
        self.formats = {name: book.add_format({"valign": "top", **style}) for name, style in styles.items()}
        self.text(0, 0, f"{contents.title} · {name}", "title")
        self.text(1, 0, contents.mark, "mark")
        self.page.set_landscape()
        self.page.set_paper(9)  # A4
        self.page.fit_to_pages(1, 0)
        self.page.set_header(f"&C{contents.mark.replace('&', '&&')}")
        self.page.set_footer("&C&P / &N")

    def text(self, row: int, column: int, words: str, style: str = "text") -> None:
        """Words that stay words, even where they begin with = + - or @."""
        self.page.write_string(row, column, words, self.formats[style])

    def value(self, row: int, column: int, value: Any, unit: str) -> None:
        """A cell of a table."""
        if isinstance(value, str) and unit == "persons" and value.isdecimal():
            value = int(value)  # coarsened counts are words or whole numbers
        if isinstance(value, str):
            self.text(row, column, value)
        elif pd.isna(value):
            return
        elif isinstance(value, bool):
            self.text(row, column, say("exports.yes" if value else "exports.no", self.contents.lang))
        else:
            self.page.write_number(row, column, value, self.formats.get(unit))

    def table(self, frame: pd.DataFrame, top: int) -> None:
        """Headings in row `top`, the rows of `frame` below."""
        for column, name in enumerate(map(str, frame.columns)):
            self.text(top, column, self.contents.heading(name), "head")
            unit = column_of(name).unit
            for row, value in enumerate(frame[name].astype(object), top + 1):
                self.value(row, column, value, unit)


def _whole_sheet(sheet: _Sheet, frame: pd.DataFrame) -> None:
    sheet.table(frame, HEAD)
    for column, name in enumerate(map(str, frame.columns)):
        longest = max((len(str(v)) for v in frame[name]), default=0)
        words = max(map(len, sheet.contents.heading(name).split()), default=0)
        sheet.page.set_column(column, column, min(max(longest, words, 10) + 2, WIDEST))
    sheet.page.freeze_panes(HEAD + 1, 0)
    sheet.page.repeat_rows(HEAD)
    if len(frame):
        sheet.page.autofilter(HEAD, 0, HEAD + len(frame), len(frame.columns) - 1)


def _summary(sheet: _Sheet) -> None:
    """What was asked and answered, the three numbers of each stage, and what to know before using them."""
    contents = sheet.contents
    coverage = _for_people(contents, "coverage")
    width = max(len(coverage.columns) - 1, 1)
    row = HEAD
    notes = [(say("exports.summary.note", contents.lang), note) for note in contents.notes]
    for label, words in (*contents.summary, *notes):
        sheet.text(row, 0, label, "label")
        sheet.page.merge_range(row, 1, row, width, "")
        sheet.text(row, 1, words)
        sheet.page.set_row(row, 15 * (1 + len(words) // 100))
        row += 1
    sheet.table(coverage, row + 1)
    sheet.page.set_column(0, 0, 34)
    sheet.page.set_column(1, width, 18)
