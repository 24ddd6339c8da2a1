"""The annexes as sheets: values with their formats, and sums and shares that a reader can follow as formulas.

A formula is written only where it gives the very value of the annex, which is stored beside it for readers
that do not calculate.  It never reads a cell of persons in the shared edition: those are bands and rounded
numbers, whose sum would say something else than the truth, or more than may be said.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping
from typing import Any, TypeGuard

from exports.contents import Contents
from exports.proposal.annex import NUMERIC, Annex, Column, Part, Value
from exports.workbook import HEAD, LINE, Sheet
from text import say

WIDTH = 120
"""Characters of a sheet's width, shared out among the columns."""
NARROWEST = 5
SUMMED = frozenset({"persons", "points", "money"})
SECRET = frozenset({"persons", "share"})
"""Kinds of columns over which a shared edition has no formula."""
DERIVED = {
    "share": ("served", "/", "demand"),
    "before_share": ("before_served", "/", "before_demand"),
    "after_share": ("after_served", "/", "after_demand"),
    "left_vnd": ("budget_vnd", "-", "cost_vnd"),
}
"""Columns that follow from two others of their row."""
SAME = 1e-9


def annex_sheet(book: Any, annex: Annex, contents: Contents) -> None:
    """A sheet with the parts of `annex` one below the other; the only part has a filter and frozen heads."""
    name = say("workbook.annex", contents.lang, code=annex.code)
    sheet = Sheet(book, name, contents, title=annex.title)
    widths = _widths(annex.parts)
    for column, width in enumerate(widths):
        sheet.page.set_column(column, column, width + 1)
    row, alone = HEAD, len(annex.parts) == 1
    for part in annex.parts:
        if part.title and not alone:
            sheet.text(row, 0, part.title, "section")
            row += 1
        last = _part(sheet, part, row, widths)
        if alone:
            sheet.page.freeze_panes(row + 1, 0)
            sheet.page.repeat_rows(row)
            if part.rows:
                sheet.page.autofilter(row, 0, row + len(part.rows), len(part.columns) - 1)
        row = _notes(sheet, part.notes, last, widths) + 1
    row = _notes(sheet, annex.notes, row, widths)
    if annex.maps:
        _notes(sheet, (say("workbook.maps", contents.lang),), row, widths)


def _widths(parts: tuple[Part, ...]) -> list[int]:
    """Characters of each column: the most that a part wants."""
    found: list[int] = []
    for part in parts:
        whole = sum(column.width for column in part.columns)
        mine = [max(NARROWEST, round(WIDTH * column.width / whole)) for column in part.columns]
        longer = max(len(mine), len(found))
        pairs = zip(mine + [0] * (longer - len(mine)), found + [0] * (longer - len(found)), strict=True)
        found = [max(pair) for pair in pairs]
    return found or [WIDTH]


def _part(sheet: Sheet, part: Part, top: int, widths: list[int]) -> int:
    """Write a table whose heads stand in row `top`; the row below it."""
    numeric = [column.kind in NUMERIC for column in part.columns]
    for n, column in enumerate(part.columns):
        sheet.text(top, n, column.head, "head_of_numbers" if numeric[n] else "annex_head")
    _height(sheet, top, [column.head for column in part.columns], widths)
    for n, cells in enumerate(part.rows, 1):
        _row(sheet, part, top + n, cells)
        _height(sheet, top + n, cells, widths)
    row = top + 1 + len(part.rows)
    if part.totals is None:
        return row
    first, last = top + 1, row - 1
    _row(sheet, part, row, part.totals, prefix="total_", sums=_sums(part, sheet.contents, first, last))
    _height(sheet, row, part.totals, widths)
    return row + 1


def _row(
    sheet: Sheet,
    part: Part,
    row: int,
    cells: tuple[Value, ...],
    *,
    prefix: str = "",
    sums: Mapping[int, str] | None = None,
) -> None:
    derived = _derived(part, cells, sheet.contents, row)
    for n, (column, cell) in enumerate(zip(part.columns, cells, strict=True)):
        formula = (sums or {}).get(n) or derived.get(n)
        if formula is not None:
            sheet.page.write_formula(row, n, formula, sheet.formats[_style(column, prefix)], cell)
        elif isinstance(cell, str):
            sheet.text(row, n, cell, "total" if prefix else "annex_text")
        elif isinstance(cell, bool):
            sheet.text(row, n, say("exports.yes" if cell else "exports.no", sheet.contents.lang))
        elif cell is not None and not math.isnan(cell):
            sheet.page.write_number(row, n, cell, sheet.formats[_style(column, prefix)])
        elif prefix:
            sheet.page.write_blank(row, n, None, sheet.formats["total"])


def _style(column: Column, prefix: str) -> str:
    kind = column.kind if column.kind in NUMERIC else "text"
    return f"{prefix}{kind}" if prefix else f"annex_{kind}" if kind != "text" else "number"


def _open(column: Column, contents: Contents) -> bool:
    """Whether a formula may read the column."""
    return contents.edition == "internal" or column.kind not in SECRET


def _sums(part: Part, contents: Contents, first: int, last: int) -> dict[int, str]:
    """Sums that give what stands in the totals, by column."""
    from xlsxwriter.utility import xl_range

    found = {}
    for n, (column, total) in enumerate(zip(part.columns, part.totals or (), strict=True)):
        cells = [row[n] for row in part.rows]
        if column.kind not in SUMMED or not _open(column, contents) or not _is_number(total):
            continue
        known = [cell for cell in cells if cell is not None]
        numbers = [cell for cell in known if _is_number(cell)]
        if numbers and len(numbers) == len(known) and _equal(math.fsum(numbers), total):
            found[n] = f"=SUM({xl_range(first, n, last, n)})"
    return found


def _derived(part: Part, cells: tuple[Value, ...], contents: Contents, row: int) -> dict[int, str]:
    """Formulas of a row that give what stands in its cells, by column."""
    from xlsxwriter.utility import xl_rowcol_to_cell

    at = {column.name: n for n, column in enumerate(part.columns)}
    found = {}
    for name, (left, sign, right) in DERIVED.items():
        if not {name, left, right} <= at.keys():
            continue
        columns = [part.columns[at[c]] for c in (name, left, right)]
        value, one, other = (cells[at[c]] for c in (name, left, right))
        if not (
            all(_open(c, contents) for c in columns)
            and _is_number(value)
            and _is_number(one)
            and _is_number(other)
        ):
            continue
        if sign == "/" and not other:
            continue
        gives = one / other if sign == "/" else one - other
        if _equal(gives, value):
            pair = (xl_rowcol_to_cell(row, at[c]) for c in (left, right))
            found[at[name]] = "=" + sign.join(pair)
    return found


def _is_number(value: Value) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _equal(one: Any, other: Any) -> bool:
    return math.isclose(one, other, rel_tol=SAME, abs_tol=SAME)


def _notes(sheet: Sheet, notes: tuple[str, ...], row: int, widths: list[int]) -> int:
    for note in notes:
        if len(widths) > 1:
            sheet.page.merge_range(row, 0, row, len(widths) - 1, "")
        sheet.text(row, 0, note, "note")
        sheet.page.set_row(row, LINE * max(1, len(textwrap.wrap(note, sum(widths)))))
        row += 1
    return row


def _height(sheet: Sheet, row: int, cells: tuple[Value, ...] | list[str], widths: list[int]) -> None:
    lines = [len(textwrap.wrap(c, w)) for c, w in zip(cells, widths, strict=False) if isinstance(c, str)]
    sheet.page.set_row(row, LINE * max(lines, default=1))
