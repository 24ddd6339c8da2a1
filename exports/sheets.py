"""The spreadsheet: one sheet a table, numbers as numbers, names as text whatever they begin with."""

from __future__ import annotations

import datetime as dt
import textwrap
from pathlib import Path

import pandas as pd

from exports import origin
from exports.contents import Contents, text_of
from exports.proposal.annexes import annexes
from exports.workbook import HEAD, LINE, WIDEST, WIDEST_PROSE, Sheet
from exports.workbook_annexes import annex_sheet
from text import say

SHEETS = (
    "options", "exchanges", "gains", "presence",
    "facilities", "coverage", "openings", "targets", "balance", "group_coverage", "stages", "counts",
    "communes", "access", "allocation", "travel_bands", "travel_hours", "longest_trips", "travel", "rules",
    "criteria", "indicators", "observed", "questions", "objectives", "assumptions", "known_issues",
    "provenance",
)  # fmt: skip
"""Tables in the order of their sheets, between the summary and the data dictionary."""
OF_TRAVEL = frozenset({"travel", "travel_bands", "travel_hours", "longest_trips"})
"""Sheets that a plan lacks where no time is counted, or nobody states how often people come."""
FOR_MACHINES = frozenset({"geometry", "lat", "lon", "facility", "premises", "group", "rule", "variant_id"})
"""Columns that only GIS files have."""
MAY_BE_LEFT_OUT = frozenset(
    {"capacity", "parent", "value", "bound", "upgraded_from", "note", "amount", "points", "compulsory"}
    | {"metres", "reason", "in_community", "needed", "places_each", "cost_vnd", "budget_vnd"}
)
"""Columns that a sheet lacks where nothing stands in them."""


def write_xlsx(contents: Contents, path: Path) -> None:
    """A summary, then one sheet a table: headings frozen, filters set, the edition named on each page."""
    import xlsxwriter
    from xlsxwriter.exceptions import FileCreateError

    plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(path, plain)
    told = "; ".join(f"{label}: {value}" for label, value in origin.origin(contents))
    book.set_properties({
        "title": contents.title, "subject": contents.mark, "author": contents.by, "comments": told,
        "created": dt.datetime.fromisoformat(contents.written),
    })  # fmt: skip
    _summary(Sheet(book, contents.name("summary"), contents))
    for annex in annexes(contents):
        annex_sheet(book, annex, contents)
    for name in SHEETS:
        if name in contents.tables and not (name in OF_TRAVEL and contents.tables[name].empty):
            _whole_sheet(Sheet(book, contents.name(name), contents), _for_people(contents, name))
    words = contents.dictionary()
    shown = ~words["column"].isin(FOR_MACHINES)
    _whole_sheet(Sheet(book, contents.name("dictionary"), contents), words.loc[shown].drop(columns="column"))
    try:
        book.close()
    except FileCreateError as why:
        raise OSError(str(why)) from why


def _for_people(contents: Contents, table: str) -> pd.DataFrame:
    frame = contents.spoken(table)
    if table == "assumptions":
        frame = frame.assign(value=[text_of(v, contents.lang) for v in frame["value"]])
    if "variant" in frame:
        own = say("proposal.compared.this", contents.lang)
        frame = frame.assign(variant=frame["variant"].where(frame["variant"] != "", own))
    shown = frame.drop(columns=[c for c in frame if c in FOR_MACHINES])
    empty = [c for c in shown if c in MAY_BE_LEFT_OUT and (shown[c].isna() | (shown[c] == "")).all()]
    return shown.drop(columns=empty)


def _whole_sheet(sheet: Sheet, frame: pd.DataFrame) -> None:
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


def _summary(sheet: Sheet) -> None:
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
