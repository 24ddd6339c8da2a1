"""The answer to a planner's question as text and as plain data."""

from __future__ import annotations

from textwrap import shorten
from typing import Any, NamedTuple

from exports.console import table
from planner.exploring import Cell, Sheet
from text import Lang, Text, number, percent, say

SHARES = frozenset({"loss_share", "share", "of_best"})
STATUSES = frozenset({"optimal", "feasible", "infeasible", "no_solution"})
METHODS = frozenset({"optimum", "greedy", "myopic", "network_first"})
WIDEST = 90
"""Letters of a cell that are printed; ``explore.json`` holds all of them."""

WIDEST_HEAD = 32
"""Letters of a head that the scenario gives."""


class Shown(NamedTuple):
    """A sheet in one language: heads, rows, and the numbers of the columns that hold figures."""

    heads: list[str]
    rows: list[list[str]]
    figures: list[int]


def shown(sheet: Sheet, lang: Lang) -> Shown:
    """The cells of the sheet as people read them."""
    own = dict(sheet.heads)
    heads = [
        shorten(own[name].say(lang), WIDEST_HEAD, placeholder=" …")
        if name in own
        else say(f"explore.column.{name}", lang)
        for name in sheet.columns
    ]
    rows = [
        [_cell(name, cell, lang) for name, cell in zip(sheet.columns, row, strict=True)] for row in sheet.rows
    ]
    figures = [n for n in range(len(heads)) if any(isinstance(row[n], int | float) for row in sheet.rows)]
    return Shown(heads, rows, figures)


def lines(sheet: Sheet, lang: Lang) -> str:
    """The sheet as an aligned table under its question."""
    heads, rows, figures = shown(sheet, lang)
    return "\n".join(
        [
            say(f"explore.{sheet.question}", lang),
            "",
            *table([heads, *rows], figures),
            "",
            sheet.note.say(lang),
        ]
    )


def record(sheet: Sheet) -> dict[str, Any]:
    """What ``explore.json`` holds: exact figures, for the office only."""
    plain = [
        {
            name: cell._asdict() if isinstance(cell, Text) else cell
            for name, cell in zip(sheet.columns, row, strict=True)
        }
        for row in sheet.rows
    ]
    return {"edition": "internal", "question": sheet.question, "rows": plain, "note": sheet.note._asdict()}


def _cell(name: str, cell: Cell, lang: Lang) -> str:
    if cell is None or cell == "":
        return "–"
    if isinstance(cell, Text):
        return cell.say(lang)
    if isinstance(cell, str):
        if cell in STATUSES:
            return say(f"explore.status.{cell}", lang)
        return (
            say(f"explore.method.{cell}", lang)
            if cell in METHODS
            else shorten(cell, WIDEST, placeholder=" …")
        )
    return percent(cell, lang) if name in SHARES or name.startswith("share_") else number(cell, lang)
