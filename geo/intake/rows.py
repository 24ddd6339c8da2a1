"""The rows of a sheet, each told for what it is: a commune, a district's head, a total, a note."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from geo.intake.grids import Grid
from geo.intake.headings import plain
from geo.intake.layout import Columns
from geo.intake.places import Places, apart, enumerator
from geo.intake.quantities import NOTHING, Cell, Quantity, quantity

Kind = Literal["commune", "district", "total", "note", "heading"]

# Cộng Hòa and Tổng Cọt are communes: a total says nothing else, or of what it is one.
_OF = r"(?:tinh|huyen|quan|thi xa|thanh pho|tp|tx|xa|phuong|toan|cac|chung|so|cong|nguoi)"
_TOTAL = re.compile(
    rf"(?:tong|cong|tong cong|tong so|tong chung|total|grand total|sum|all)(?: {_OF}\b.*)?|"
    r"toan (?:tinh|huyen|quan|thi xa|thanh pho|tp|tx|dia ban|xa|khu vuc|quoc)\b.*|(?:sub ?total)\b.*"
)
_NOTE = re.compile(
    r"(?:ghi chu|chu thich|nguon|luu y|nguoi lap|noi nhan|thu truong|lanh dao|giam doc|truong phong|chu tich|"
    r"ky ten|tm|kt|note|source|remark)\b.*|.*\bngay\b.*\bthang\b.*\bnam\b.*"
)
_ROMAN = re.compile(r"[IVXLC]+")
_TITLE = 8  # rows above headings in which a title is looked for
_DISTRICT = re.compile(r"(?:quận|huyện|thị xã|thành phố|tp\.?|tx\.?)\s+[^,;:()–-]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a sheet: what it says it is about and what it counts.

    `row` counts from 0; `district` is that of its own column or cell, else of the head above it, and `under`
    the code of a district where the list has it; `province` is that of its own column.  `titled` is the code
    of the district that a title above names, which decides between homonyms only.  `column` is that of the
    count.  `years` and `parts` are further counts by heading.
    """

    grid: Grid
    row: int
    kind: Kind
    name: str = ""
    district: str = ""
    under: str | None = None
    province: str = ""
    titled: str | None = None
    code: str = ""
    year: str = ""
    column: int | None = None
    persons: Quantity = NOTHING
    population: Quantity = NOTHING
    years: tuple[tuple[str, Quantity], ...] = ()
    parts: tuple[tuple[str, Quantity], ...] = ()

    @property
    def where(self) -> str:
        """Where the row stands, for messages."""
        return self.grid.where(self.row)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What was read of a file: the sheets used with their columns, and their lines in order.

    `year` is the one wanted where the rows tell years apart, else empty.
    """

    file: str
    layouts: tuple[tuple[Grid, Columns], ...]
    lines: tuple[Line, ...]
    year: str = ""

    def wanted(self, line: Line) -> bool:
        """Whether a line is of the year wanted."""
        return not self.year or line.year in {"", self.year}


def lines(grid: Grid, columns: Columns, places: Places, *, district: str = "") -> tuple[Line, ...]:
    """The rows below the headings that say anything, in order.

    `district` is the one that the whole sheet is about, where its name says so.
    """
    found = list(_lines(grid, columns, places, district))
    ends = [n for n, line in enumerate(found) if line.kind == "heading"] + [len(found)]
    told: list[Line] = []
    for start, end in zip([0, *ends], ends, strict=False):
        part = _checked(found[start:end], places)
        between = end < len(found)
        last = max((n for n, line in enumerate(part) if _said(line, places, between=between)), default=-1)
        told += part[: last + 1]
        # What stands below a table, or between two: who signed it, what the next one is about.
        told += [
            replace(line, kind="note") if line.persons.number is None and not line.code else line
            for line in part[last + 1 :]
        ]
    return tuple(told)


def _checked(part: list[Line], places: Places) -> list[Line]:
    """The rows of a table, without the district of its title where not nearly all are of that one."""
    titled = next((line.titled for line in part if line.titled), None)
    meant = [places.commune(line.name).codes for line in part if line.kind == "commune" and titled]
    sure = [next(iter(codes)) for codes in meant if len(codes) == 1]
    if titled and 5 * sum(places.district_of[code] == titled for code in sure) >= 4 * len(sure) > 0:
        return part
    return [replace(line, titled=None) if line.titled else line for line in part]


def _said(line: Line, places: Places, *, between: bool) -> bool:
    """Whether a row is the table's; `between` two of them a district's name is the title of the next."""
    if between and line.persons.number is None and (line.kind == "district" or _DISTRICT.match(line.name)):
        return False
    if line.kind == "commune":
        return bool(line.code) or places.knows(line.name)
    return line.kind in {"total", "district", "heading"}


def _titled(grid: Grid, places: Places, row: int) -> str | None:
    """Code of the one district that is named in the texts right above the headings in `row`."""
    found = set()
    for cells in reversed(grid.rows[max(0, row - _TITLE) : row]):
        if any(isinstance(cell, int | float) for cell in cells):
            break  # the table before
        texts = [cell for cell in cells if isinstance(cell, str)]
        found |= {
            code for text in texts for name in _DISTRICT.findall(text) if (code := places.district(name))
        }
    return found.pop() if len(found) == 1 else None


def _lines(grid: Grid, columns: Columns, places: Places, district: str) -> Iterator[Line]:
    above, under, written, province = district, places.district(district), "", ""
    titled = _titled(grid, places, columns.header[0]) if columns.header else None
    shouted = _shouted(grid, columns)
    for row in range(columns.first_row, len(grid.rows)):
        cells = grid.rows[row]
        if all(cell is None for cell in cells):
            continue
        line = _read(grid, columns, row)
        number, name = enumerator(line.name)
        province = _text(cells, columns.province) or province
        in_column = _text(cells, columns.district)
        if columns.district is not None:
            written = in_column or (written if name else "")
        kind = _kind(grid, columns, row, name or in_column, bool(line.code))
        if kind == "heading" and (named := _titled(grid, places, row)):
            above, under, titled = "", None, named
        if kind == "commune" and not name and not line.code:
            kind = "district" if in_column else "note"
            name = in_column
        ordinal = _text(cells, columns.ordinal) if columns.ordinal != columns.commune else ""
        marked = bool(_ROMAN.fullmatch(number or ordinal) or re.fullmatch(r"[A-Z]", number or ordinal))
        loud = name.isupper() and not shouted
        if kind == "commune" and not line.code and not in_column:
            kind = _head(name, line, places, under, marked=marked or loud)
        if kind == "district":
            above, under = name, places.district(name)
            yield replace(line, kind=kind, name=name, district=name, under=under)
            continue
        own = written or above
        if kind == "commune":
            name, beside = apart(name, places)
            own = beside or own
        code = places.district(own) if own != above else under
        yield replace(line, kind=kind, name=name, district=own, under=code, province=province, titled=titled)


def _read(grid: Grid, columns: Columns, row: int) -> Line:
    cells = grid.rows[row]

    def count(column: int | None) -> Quantity:
        if column is None:
            return NOTHING
        if (row, column) in grid.filled:  # a head merged over the counts, or one count for several rows
            beside = column > 0 and cells[column - 1] == cells[column]
            return NOTHING if beside else Quantity(fault="shared")
        return quantity(cells[column])

    name = _text(cells, columns.commune)
    if not name or (columns.commune is not None and columns.commune in columns.measured):
        spoken = (
            str(cell)
            for n, cell in enumerate(cells)
            if isinstance(cell, str)
            and n not in columns.measured
            and n not in {columns.code, columns.district}
            if re.search(r"[^\W\d_]{2}", cell)
        )
        name = name or next(spoken, "")
    return Line(
        grid,
        row,
        "commune",
        name=name,
        code=code_of(cells[columns.code]) if columns.code is not None else "",
        year=_text(cells, columns.year),
        column=columns.persons[0] if columns.persons else None,
        persons=_sum([count(n) for n in columns.persons]),
        population=count(columns.population),
        years=tuple((year, count(n)) for year, n in columns.years),
        parts=tuple((label, count(n)) for _, label, n in columns.parts),
    )


def _sum(quantities: list[Quantity]) -> Quantity:
    """The sum of what is there; the first fault where there is one."""
    faults = [q for q in quantities if q.fault]
    numbers = [q.number for q in quantities if q.number is not None]
    return faults[0] if faults else Quantity(sum(numbers)) if numbers else NOTHING


def _text(cells: tuple[Cell, ...], column: int | None) -> str:
    cell = cells[column] if column is not None else None
    return "" if cell is None else str(int(cell)) if isinstance(cell, float) and cell % 1 == 0 else str(cell)


def code_of(cell: Cell) -> str:
    """A commune's code with the zeros that a number loses; empty for a text that is none."""
    text = _text((cell,), 0).strip("'’ ")
    text = text.split(".")[-1] if re.fullmatch(r"\d{2}\.\d{3}\.\d{5}", text) else text
    return text.zfill(5) if text.isascii() and text.isdigit() and len(text) <= 5 else ""


def _kind(grid: Grid, columns: Columns, row: int, name: str, coded: bool) -> Kind:
    """What the words of a row say, before the list is asked."""
    said = plain(name)
    if _TOTAL.fullmatch(said) or (not name and not coded):
        texts = [plain(cell) for cell in grid.rows[row] if isinstance(cell, str)]
        return "total" if any(map(_TOTAL.fullmatch, texts)) else "note"
    if not coded and _NOTE.fullmatch(said):
        return "note"
    if columns.header and columns.commune is not None:
        heads = [
            _text(grid.rows[n], columns.commune) for n in range(columns.header[0], columns.header[1] + 1)
        ]
        if name in heads:
            return "heading"  # repeated at the top of a page
    return "commune"


def _head(name: str, line: Line, places: Places, under: str | None, *, marked: bool) -> Kind:
    """Whether a name without a code is that of a commune or of the district or province above some."""
    code = places.district(name)
    if places.is_province(name) and code is None and not places.commune(name, under).codes:
        return "total"
    if code is None:
        empty = line.persons == NOTHING and not places.commune(name).codes
        typed = re.match(r"(?:quan|huyen|thi xa|thanh pho|tp|tx)\b.+", plain(name))
        return "district" if typed and (marked or empty) and not places.commune(name).codes else "commune"
    typed = re.match(r"(?:quan|huyen|thi xa|thanh pho|tp|tx|q|h)\b", plain(name))
    if typed or marked:
        return "district"
    # Phong Điền without a word before it: the district, or the town in it?
    as_commune = places.commune(name, under).codes if under else places.commune(name).codes
    return "commune" if as_commune and (code == under or line.persons != NOTHING) else "district"


def _shouted(grid: Grid, columns: Columns) -> bool:
    """Whether most names of the sheet are in capitals, which then say nothing."""
    rows = grid.rows[columns.first_row :]
    names = [
        cell for row in rows if columns.commune is not None and isinstance(cell := row[columns.commune], str)
    ]
    return 2 * sum(name.isupper() for name in names) > len(names)
