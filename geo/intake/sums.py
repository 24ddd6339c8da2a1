"""Totals that stand in a sheet, held against the sums of its rows."""

from __future__ import annotations

from dataclasses import dataclass

from geo.intake.headings import plain
from geo.intake.places import Places
from geo.intake.rows import Line, Sheet


@dataclass(frozen=True, slots=True)
class TotalCheck:
    """A total as stated and as summed from the rows it stands for; `of` is empty for the whole sheet."""

    line: Line
    of: str
    stated: int
    summed: int

    @property
    def difference(self) -> int:
        """Stated less summed."""
        return self.stated - self.summed


def totals(sheet: Sheet, places: Places) -> tuple[TotalCheck, ...]:
    """Every total of the sheet with the sum that it should be."""
    wanted = [line for line in sheet.lines if sheet.wanted(line)]
    checks: list[TotalCheck] = []
    whole = sum(line.persons.number or 0 for line in wanted if line.kind == "commune")
    for n, line in enumerate(wanted):
        if line.kind not in {"total", "district"} or line.persons.number is None:
            continue
        stated = line.persons.number
        if line.kind == "district":
            checks.append(TotalCheck(line, line.name, stated, _of_district(wanted, n)))
            continue
        named = _named_district(line, places)
        section = _of_district(wanted, named) if named is not None else _before(wanted, n)
        of_all = named is None and _is_of_all(wanted, n, whole, section, places)
        summed = whole if of_all or section is None else section
        of = "" if of_all or section is None else line.district or line.name
        checks.append(TotalCheck(line, of, stated, summed))
    return tuple(checks)


def _of_district(lines: list[Line], which: int | str) -> int:
    """Sum over the rows of the district whose head is `lines[which]`, or whose code it is."""
    head = lines[which] if isinstance(which, int) else None
    code, name = (head.under, head.name) if head else (str(which), "")
    rows = [line for line in lines if line.kind == "commune"]
    members = [line for line in rows if (line.under == code if code else line.district == name)]
    return sum(line.persons.number or 0 for line in members)


def _named_district(line: Line, places: Places) -> str | None:
    """The district that a total names: ``Cộng huyện Cờ Đỏ``."""
    said = plain(line.name)
    bare = said
    for word in ("tong so", "tong cong", "tong", "cong", "toan", "total"):
        bare = bare.removeprefix(word).strip()
    return places.district(bare) if bare and bare != said and len(bare.split()) > 1 else None


def _before(lines: list[Line], n: int) -> int | None:
    """Sum over the rows since the last head of a district, of the same sheet; None where none stand there."""
    summed, rows = 0, 0
    for line in reversed(lines[:n]):
        if line.kind in {"district", "total"} and (rows or line.kind == "district"):
            break
        if line.grid is not lines[n].grid:
            break
        if line.kind == "commune":
            summed, rows = summed + (line.persons.number or 0), rows + 1
    return summed if rows else None


def _is_of_all(lines: list[Line], n: int, whole: int, section: int | None, places: Places) -> bool:
    """Whether a total is of the whole sheet: it equals that, or names the province, or nothing follows it."""
    line = lines[n]
    stated = line.persons.number
    if section is None or stated == whole:
        return True
    if stated == section:
        return False
    if places.is_province(line.name) or {"tinh", "province"} & set(plain(line.name).split()):
        return True
    said = plain(line.name)
    again = any(other.kind == "total" and plain(other.name) == said for other in lines[:n])
    return not again and not any(other.kind == "commune" for other in lines[n + 1 :])
