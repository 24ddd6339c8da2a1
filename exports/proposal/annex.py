"""An annex of the proposal as data: values and their kinds, from which sheets and printed tables are made."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, NamedTuple

from text import Lang, number, percent

Value = str | int | float | bool | None
"""A cell.  Persons of a shared edition are words ("≤10", "–") or whole tens; None is nothing known."""
Kind = Literal["order", "text", "persons", "points", "money", "share", "minutes"]
"""What a column holds: money in VND, shares in [0, 1], minutes one way."""
NUMERIC: frozenset[Kind] = frozenset({"order", "persons", "points", "money", "share", "minutes"})
NOTHING = "–"
"""What is printed where nothing is known."""


class Column(NamedTuple):
    """A column of an annex.

    `name` is for programs; `head` is read; `width` its share of the page; with `summed` the last row of the
    part is the sum of the column, which a sheet may write as a formula.
    """

    name: str
    head: str
    kind: Kind = "text"
    width: float = 1.0
    summed: bool = False


@dataclass(frozen=True, kw_only=True)
class Part:
    """A table of an annex.

    Attributes:
        name: for programs, one word within the annex.
        title: what it shows; "" where the annex has only this part and its title says it.
        columns, rows: cells by column.
        totals: a last row, aligned with the columns; None where there is nothing to add up, or where a sum
            would say what the edition hides.
        notes: what to know when reading it, a sentence each.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    totals: tuple[Value, ...] | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Annex:
    """An annex: `code` "01" to "07"; `notes` stand below its title, also where there is no table to show.

    Annex 06 is the maps: it has no parts, and `maps` names (stage, service) of each, stage None for today.
    """

    code: str
    title: str
    parts: tuple[Part, ...] = ()
    notes: tuple[str, ...] = ()
    maps: tuple[tuple[str | None, str], ...] = ()


def decimals(part: Part) -> int:
    """Decimals of the shares of a part: one for all of them where any is not a whole per cent."""
    shares = [n for n, column in enumerate(part.columns) if column.kind == "share"]
    told = [row[n] for row in (*part.rows, *filter(None, [part.totals])) for n in shares]
    return int(any(isinstance(v, int | float) and _is_broken(float(v)) for v in told))


def _is_broken(share: float) -> bool:
    return not math.isnan(share) and abs(100 * share - round(100 * share)) > 1e-9


def spoken(value: Value, kind: Kind, lang: Lang, *, tenths: int | None = None) -> str:
    """A cell as it is printed; `tenths` are the decimals of a share (its own by default)."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return NOTHING
    if isinstance(value, str):
        return number(int(value), lang) if kind == "persons" and value.isdecimal() else value
    if kind == "share":
        return percent(float(value), lang, int(_is_broken(float(value))) if tenths is None else tenths)
    return number(float(value), lang, 1 if kind == "minutes" else 0)
