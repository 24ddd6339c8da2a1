"""Whole numbers of persons as offices write them: 1.234, 1 234, 12,0, "12 người", or a dash for none."""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import dataclass
from typing import Literal

Cell = str | int | float | dt.date | None
"""What stands in a cell of a sheet, text already tidied; a date may carry a time."""

Fault = Literal["excel_error", "no_result", "negative", "fraction", "not_a_number", "shared"]
"""Why a cell is no count; shared is one cell merged over several rows."""

NO_RESULT = "#FORMULA"
"""Stands in a `Grid` for a formula whose result was never worked out."""

_ERROR = re.compile(r"#(?:ref|n/?a|value|div/0|name|null|num|spill|calc|getting_data)[!?]?", re.IGNORECASE)
_BLANK = re.compile(r"(?:[-–—‐‒−_.…*]|//|n/?a|không có|khong co|chưa có|chua co)*", re.IGNORECASE)
_UNIT = re.compile(r"\s*(?:người|nguoi|ng|đối tượng|doi tuong|persons?|people)\.?$", re.IGNORECASE)
_MINUS = re.compile(r"^(?:[-–−]\s*(?=\d)|\((?=[\d., ]+\)$))")
_GROUPED = re.compile(r"([1-9]\d{0,2}(?P<mark>[ .,'])\d{3}(?:(?P=mark)\d{3})*)(?:[.,](\d+))?")
_PLAIN = re.compile(r"(\d+)(?:[.,](\d+))?")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A whole number, nothing (`number` and `fault` None), or what keeps the cell from being one."""

    number: int | None = None
    fault: Fault | None = None


NOTHING = Quantity()


def quantity(cell: Cell) -> Quantity:
    """Read a count; a group of three digits after a dot or comma is thousands, as persons are whole."""
    if cell is None or (isinstance(cell, str) and _BLANK.fullmatch(cell)):
        return NOTHING
    if isinstance(cell, float):
        return _number(cell)
    if isinstance(cell, int):
        return _whole(cell)
    if isinstance(cell, dt.date):
        return Quantity(fault="not_a_number")
    if cell == NO_RESULT:
        return Quantity(fault="no_result")
    return Quantity(fault="excel_error") if _ERROR.fullmatch(cell) else _text(cell)


def _whole(value: int) -> Quantity:
    return Quantity(value) if value >= 0 else Quantity(fault="negative")


def _number(value: float) -> Quantity:
    if not math.isfinite(value):
        return Quantity(fault="not_a_number")
    return _whole(int(value)) if value == int(value) else Quantity(fault="fraction")


def _text(raw: str) -> Quantity:
    bare = _UNIT.sub("", raw).strip()
    unsigned = _MINUS.sub("", bare)
    negative = unsigned != bare
    digits = unsigned.removesuffix(")") if negative else unsigned
    if found := _GROUPED.fullmatch(digits):
        whole, part = found[1].replace(found["mark"], ""), found[3]
    elif found := _PLAIN.fullmatch(digits):
        whole, part = found[1], found[2]
    else:
        return Quantity(fault="not_a_number")
    if part and part.strip("0"):
        return Quantity(fault="fraction")
    value = int(whole) if len(whole) < 19 else 10**18
    return Quantity(fault="negative") if negative and value else Quantity(value)
