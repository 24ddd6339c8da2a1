"""What the user said about names that no list has, kept for the next file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from errors import DataError, Problem
from geo.names import fold_name, near
from geo.units import Vintage
from text import tidy

LEFT_OUT = ""
"""Stands in place of a code for a row that is no commune, such as a rehabilitation centre."""

_KEYS = {"province", "vintage", "rows"}
_ROW = {"commune", "district", "code"}


@dataclass(frozen=True)
class SavedMapping:
    """Codes of communes by the name and district that a sheet gives; ``LEFT_OUT`` for what is no commune."""

    province: str
    vintage: Vintage
    rows: tuple[tuple[str, str, str], ...] = ()
    _codes: dict[tuple[str, str], str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        codes = {(fold_name(district), fold_name(name)): code for name, district, code in self.rows}
        object.__setattr__(self, "_codes", codes)

    def code(self, name: str, district: str) -> str | None:
        """The code given for a name in a district; None where none was."""
        return self._codes.get((fold_name(district), fold_name(name)))

    def with_rows(self, rows: Iterable[tuple[str, str, str]]) -> SavedMapping:
        """This mapping and more rows (name, district, code); the later word counts."""
        kept = {(fold_name(d), fold_name(n)): (tidy(n), tidy(d), c) for n, d, c in (*self.rows, *rows)}
        return SavedMapping(self.province, self.vintage, tuple(kept[key] for key in sorted(kept)))

    def written(self) -> str:
        """JSON that `mapping_from` takes back."""
        rows = [{"commune": name, "district": district, "code": code} for name, district, code in self.rows]
        content = {"province": self.province, "vintage": self.vintage, "rows": rows}
        return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def mapping_from(
    text: str, *, where: str, names: Mapping[str, str], province: str, vintage: Vintage
) -> SavedMapping:
    """Read a saved mapping for the list whose communes are `names` (code: name).

    Raises:
        DataError: ``mapping.*``: not such a file, for another list, a code that the list does not have.
    """
    try:
        content: Any = json.loads(text)
    except ValueError:
        content = None
    rows = content.get("rows") if isinstance(content, dict) and content.keys() == _KEYS else None
    whole = isinstance(rows, list) and all(
        isinstance(row, dict) and row.keys() == _ROW and all(isinstance(v, str) for v in row.values())
        for row in rows
    )
    if not whole or not isinstance(rows, list):
        raise DataError(Problem("mapping.unreadable", where))
    if (content["province"], content["vintage"]) != (province, vintage):
        values = {"of": f"{tidy(str(content['province']))}, {tidy(str(content['vintage']))}"}
        raise DataError(Problem("mapping.other_list", where, values | {"wanted": f"{province}, {vintage}"}))
    problems = [
        Problem("mapping.unknown_code", where,
                {"code": tidy(row["code"]), "name": tidy(row["commune"]),
                 "near": near(row["commune"], names)})
        for row in rows
        if row["code"] != LEFT_OUT and row["code"] not in names
    ]  # fmt: skip
    if problems:
        raise DataError(problems)
    found = SavedMapping(province, vintage)
    return found.with_rows((row["commune"], row["district"], row["code"]) for row in rows)
