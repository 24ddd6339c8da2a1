"""The spreadsheet: one sheet a table, numbers as numbers, names as text whatever they begin with."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import pandas as pd

from exports.contents import Contents, column_of, text_of
from text import say

SHEETS = (
    "facilities", "coverage", "openings", "targets", "balance", "group_coverage", "stages", "counts",
    "communes", "access", "allocation", "travel_bands", "travel_hours", "longest_trips", "travel", "rules",
    "criteria", "indicators", "observed", "questions", "objectives", "assumptions", "known_issues",
    "provenance",
)  # fmt: skip
"""Tables in the order of their sheets, between the summary and the data dictionary."""
OF_TRAVEL = frozenset({"travel", "travel_bands", "travel_hours", "longest_trips"})
"""Sheets that a plan lacks where no time is counted, or nobody states how often people come."""
FOR_MACHINES = frozenset({"geometry", "lat", "lon", "facility", "premises", "group", "rule"})
"""Columns that only GIS files have."""
MAY_BE_LEFT_OUT = frozenset(
    {"capacity", "parent", "value", "bound", "upgraded_from", "note", "amount", "points", "compulsory"}
    | {"metres", "reason", "in_community", "needed", "places_each", "cost_vnd", "budget_vnd"}
)
"""Columns that a sheet lacks where nothing stands in them."""
HEAD = 3
"""Row of the headings, from 0: above stand the title, the edition and an empty row."""
WIDEST = 32
WIDEST_PROSE = 80
"""Characters of the widest column of names, and of sentences; longer texts are wrapped."""
LINE = 15.0
"""Height of a line of text in points.  Not every program grows a row to the lines that are in it."""
NUMBERS = {
    "persons": "#,##0",
    "places": "#,##0",
    "VND": "#,##0",
    "share": '0.0" "%',
    "minutes": "0.0",
    "metres": "#,##0",
    "visits": "0.0",
    "hours": "#,##0",
}
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
        if name in contents.tables and not (name in OF_TRAVEL and contents.tables[name].empty):
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
    shown = frame.drop(columns=[c for c in frame if c in FOR_MACHINES])
    empty = [c for c in shown if c in MAY_BE_LEFT_OUT and (shown[c].isna() | (shown[c] == "")).all()]
    return shown.drop(columns=empty)


class _Sheet:
    """A sheet with its title and edition written, and what is needed to fill it."""

    def __init__(self, book: Any, table: str, contents: Contents) -> None:
        self.contents = contents
        name = contents.name(table)
        self.page = book.add_worksheet(name)
        head = {"bold": True, "text_wrap": True, "bottom": 1, "bg_color": "#e9eef3"}
        styles: dict[str, dict[str, Any]] = {
            "title": {"bold": True, "font_size": 14},
            "mark": {"bold": True, "font_color": "#8a3b12"},
            "head": head,
            "label": {"bold": True},
            "head_of_numbers": head | {"align": "right"},
            "text": {"text_wrap": True},
            "number": {},
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
        if isinstance(value, str) and unit in ("persons", "places", "hours") and value.isdecimal():
            value = int(value)  # coarsened counts are words or whole numbers
        if isinstance(value, str):
            self.text(row, column, value)
        elif pd.isna(value):
            return
        elif isinstance(value, bool):
            self.text(row, column, say("exports.yes" if value else "exports.no", self.contents.lang))
        else:
            style = self.formats[unit if unit in NUMBERS else "number"]
            self.page.write_number(row, column, value, style)

    def table(self, frame: pd.DataFrame, top: int, widths: list[int]) -> None:
        """Headings in row `top`, the rows of `frame` below, each as high as its texts need."""
        lines = [1] * (len(frame) + 1)
        for column, name in enumerate(map(str, frame.columns)):
            heading, unit = self.contents.heading(name), column_of(name).unit
            self.text(top, column, heading, "head_of_numbers" if unit else "head")
            cells = [heading, *frame[name].astype(object)]
            for row, value in enumerate(cells[1:], 1):
                self.value(top + row, column, value, unit)
            wrapped = (len(textwrap.wrap(v, widths[column])) if isinstance(v, str) else 1 for v in cells)
            lines = list(map(max, lines, wrapped))
        for row, high in enumerate(lines):
            self.page.set_row(top + row, LINE * high)


def _whole_sheet(sheet: _Sheet, frame: pd.DataFrame) -> None:
    widths = [_width(sheet.contents.heading(str(name)), frame[name]) for name in frame]
    sheet.table(frame, HEAD, widths)
    for column, width in enumerate(widths):
        sheet.page.set_column(column, column, width + 2)
    sheet.page.freeze_panes(HEAD + 1, 0)
    sheet.page.repeat_rows(HEAD)
    if len(frame):
        sheet.page.autofilter(HEAD, 0, HEAD + len(frame), len(frame.columns) - 1)


def _width(heading: str, values: pd.Series) -> int:
    """Characters: the longest text, no word of the heading broken, room for a number with separators."""
    texts = [len(v) for v in values.astype(object) if isinstance(v, str)]
    widest = max([10, *map(len, heading.split()), *texts])
    return min(widest, WIDEST if widest < WIDEST_PROSE else WIDEST_PROSE)


def _summary(sheet: _Sheet) -> None:
    """What was asked and answered, the three numbers of each stage, and what to know before using them."""
    contents = sheet.contents
    coverage = _for_people(contents, "coverage")
    widths = [40] + [16] * (len(coverage.columns) - 1)
    row = HEAD
    notes = [(say("exports.summary.note", contents.lang), note) for note in contents.notes]
    for label, words in (*contents.summary, *notes):
        sheet.text(row, 0, label, "label")
        sheet.page.merge_range(row, 1, row, len(widths) - 1, "")
        sheet.text(row, 1, words)
        sheet.page.set_row(row, LINE * len(textwrap.wrap(words, sum(widths[1:]))))
        row += 1
    sheet.table(coverage, row + 1, widths)
    for column, width in enumerate(widths):
        sheet.page.set_column(column, column, width)
