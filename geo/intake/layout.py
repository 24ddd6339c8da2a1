"""Where a sheet keeps what: its heading rows, and which column holds names, codes and counts."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from errors import DataError, Problem
from geo.intake.grids import Grid, letter, number_of
from geo.intake.headings import Dimension, Heading, Role, plain
from geo.intake.quantities import Cell, quantity

ROLES = ("code", "commune", "district", "persons", "population", "year")
"""What a user may say a column is."""

_DEEPEST = 4  # heading rows, the row of column numbers not counted
_SEARCHED = 40  # rows from the top in which headings are looked for
_SAMPLED = 400  # rows by which the column of names is told
_NUMBERED = re.compile(r"\(?(?:\d{1,2}|[a-z])\)?(?:\s*=.*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Columns:
    """What was found in a sheet; the user confirms it or replaces some of it.

    Columns and rows count from 0.  `header` is the first and last heading row, None where there is none.
    `persons` are added where there is no total but, say, men and women.  `years` are the columns of counts
    by year, `parts` those by sex, age or substance (dimension, heading, column).
    """

    header: tuple[int, int] | None
    headings: tuple[str, ...]
    commune: int | None = None
    code: int | None = None
    district: int | None = None
    province: int | None = None
    ordinal: int | None = None
    population: int | None = None
    year: int | None = None
    persons: tuple[int, ...] = ()
    unsure: tuple[int, ...] = ()
    years: tuple[tuple[str, int], ...] = ()
    parts: tuple[tuple[Dimension, str, int], ...] = ()

    def called(self, column: int) -> str:
        """``C "Số người"`` for messages; the letter alone where there is no heading."""
        heading = self.headings[column] if column < len(self.headings) else ""
        return f'{letter(column)} "{heading}"' if heading else letter(column)

    def year_of(self, column: int) -> str | None:
        """The year in a column's heading."""
        return Heading((self.headings[column],)).year

    @property
    def first_row(self) -> int:
        """The first row after the headings."""
        return self.header[1] + 1 if self.header else 0

    @property
    def measured(self) -> frozenset[int]:
        """Columns that hold figures."""
        counts = {*self.persons, *self.unsure, *(c for _, c in self.years), *(c for *_, c in self.parts)}
        return frozenset(counts | ({self.population} if self.population is not None else set()))


def find(grid: Grid, known: Callable[[str], bool], *, year: str | None = None) -> Columns:
    """Find heading rows and columns.

    Args:
        grid: the sheet.
        known: whether a text is the name of a commune or district of the list.
        year: the year whose counts are wanted, where there are several; else the latest.

    Returns:
        What was found; `commune` and `code` are None, or `persons` is empty, where that was not.
    """
    known = cache(known)
    header = _header(grid)
    headings = _headings(grid, header)
    columns = Columns(header, tuple(heading.text for heading in headings))
    columns = _with_roles(columns, headings)
    columns = _by_content(columns, grid, known)
    return _with_counts(columns, headings, grid, year)


def chosen(columns: Columns, choices: Mapping[str, str], where: str) -> Columns:
    """`columns` with what the user says: role to heading, letter or number of a column ("C", "3").

    Raises:
        DataError: ``counts.no_such_role``, ``counts.no_such_column``, ``counts.several_columns``.
    """
    problems: list[Problem] = []
    for role, asked in choices.items():
        if role not in ROLES:
            problems.append(Problem("counts.no_such_role", where, {"role": role, "roles": ", ".join(ROLES)}))
            continue
        found = [n for n, text in enumerate(columns.headings) if text and plain(text) == plain(asked)]
        at = number_of(asked.strip())
        if not found and at is not None and at < len(columns.headings):
            found = [at]
        if len(found) != 1:
            listed = ", ".join(columns.called(n) for n in found or range(len(columns.headings)))
            code = "counts.several_columns" if found else "counts.no_such_column"
            problems.append(Problem(code, where, {"asked": asked, "columns": listed}))
            continue
        columns = _assigned(columns, role, found[0])
    if problems:
        raise DataError(problems)
    return columns


def _assigned(columns: Columns, role: str, column: int) -> Columns:
    """`columns` with one role given by the user, which the column then has alone."""
    freed: dict[str, Any] = {
        name: None
        for name in ("commune", "code", "district", "province", "ordinal", "population", "year")
        if getattr(columns, name) == column
    }
    years = tuple((year, c) for year, c in columns.years if c != column or role == "persons")
    parts = tuple(part for part in columns.parts if part[2] != column or role == "persons")
    persons = (column,) if role == "persons" else tuple(c for c in columns.persons if c != column)
    unsure = () if role == "persons" else tuple(c for c in columns.unsure if c != column)
    columns = replace(columns, years=years, parts=parts, persons=persons, unsure=unsure, **freed)
    given: dict[str, Any] = {} if role == "persons" else {role: column}
    return replace(columns, **given)


# --- heading rows ----------------------------------------------------------------------------------


def _header(grid: Grid) -> tuple[int, int] | None:
    """First and last row of the block that reads most like a heading."""
    best, found = 0.0, None
    for top in range(min(_SEARCHED, len(grid.rows))):
        for bottom in range(top, min(top + _DEEPEST, len(grid.rows))):
            if not _wordy(grid.rows[bottom]):
                break
            headings = _headings(grid, (top, bottom))
            score = _score(headings) - 0.1 * (bottom - top)
            if score > best:
                best, found = score, (top, bottom)
    if found is None or best < 3:
        return None
    after = found[1] + 1
    if after < len(grid.rows) and _numbers_columns(grid.rows[after]):
        found = found[0], after
    return found


def _wordy(row: tuple[Cell, ...]) -> bool:
    """Whether a row may be one of headings: two different texts at least, and no figures but years."""
    texts = {cell for cell in row if isinstance(cell, str)}
    figures = [cell for cell in row if isinstance(cell, int | float | dt.date) or _is_figure(cell)]
    years = [n for n in map(quantity, figures) if n.number is not None and 1980 <= n.number <= 2100]
    return len(texts) + len(set(figures)) >= 2 and len(figures) == len(years)


def _is_figure(cell: Cell) -> bool:
    return isinstance(cell, str) and cell[:1].isdigit() and quantity(cell).number is not None


def _numbers_columns(row: tuple[Cell, ...]) -> bool:
    """Whether a row numbers the columns, as forms do: A, B, (1), (2), (3)=(1)+(2)."""
    cells = [str(cell) for cell in row if cell is not None]
    numbers = [int(n) for cell in cells if (n := re.sub(r"\D.*$", "", cell.strip("() ")))]
    in_order = numbers == list(range(numbers[0], numbers[0] + len(numbers))) if numbers else False
    plainly = len(cells) == 2 and all(map(str.isdigit, cells))  # a code and a count, in Hà Nội
    return in_order and len(numbers) >= 2 and not plainly and all(map(_NUMBERED.fullmatch, cells))


def _headings(grid: Grid, header: tuple[int, int] | None) -> tuple[Heading, ...]:
    """The headings of each column; what stands over several columns without being merged is spread."""
    width = len(grid.rows[0])
    if header is None:
        return (Heading(()),) * width
    columns: list[list[str]] = [[] for _ in range(width)]
    for at in range(header[0], header[1] + 1):
        row, spread = grid.rows[at], ""
        if at > header[0] and _numbers_columns(row):
            continue
        below = grid.rows[at + 1 : header[1] + 1]
        for n, cell in enumerate(row):
            if cell is not None:
                text = str(int(cell)) if isinstance(cell, float) else str(cell)
                spread = text
            elif spread and any(other[n] is not None for other in below) and not columns[n]:
                text = spread
            else:
                spread = ""
                continue
            if text not in columns[n]:
                columns[n].append(text)
    return tuple(Heading(tuple(texts)) for texts in columns)


def _score(headings: tuple[Heading, ...]) -> float:
    """How much a block of rows reads like headings."""
    weights: dict[Role, float] = {
        "commune": 3, "code": 3, "district": 1.5, "province": 1, "ordinal": 1.5, "population": 1, "year": 1,
    }  # fmt: skip
    roles = {heading.role for heading in headings if heading.role}
    counts = max((heading.counts for heading in headings), default=0)
    parts = len({heading.part for heading in headings if heading.part})
    years = len({heading.year for heading in headings if heading.year})
    long = sum(len(heading.texts[-1]) > 90 for heading in headings if heading.texts)
    return (
        sum(weights[r] for r in roles) + min(3, counts) + 0.5 * min(6, parts) + 0.5 * min(4, years) - 2 * long
    )


# --- columns ---------------------------------------------------------------------------------------


def _with_roles(columns: Columns, headings: tuple[Heading, ...]) -> Columns:
    found: dict[str, Any] = {}
    for n, heading in enumerate(headings):
        if (role := heading.role) and role not in found:
            found[role] = n
    return replace(columns, **found)


def _by_content(columns: Columns, grid: Grid, known: Callable[[str], bool]) -> Columns:
    """Let the cells say which column has the names where the headings do not, or say it of several."""
    below = grid.rows[columns.first_row :]
    taken = {columns.code, columns.district, columns.province}

    def names(column: int) -> int:
        texts = (cell for row in below[:_SAMPLED] if isinstance(cell := row[column], str))
        return sum(known(text) for text in texts if any(map(str.isalpha, text)))  # "8" may be Phường 8

    if columns.commune is None or not names(columns.commune):
        hits = {n: names(n) for n in range(len(grid.rows[0])) if n not in taken}
        best = max(hits, key=lambda n: (hits[n], -n), default=None)
        if best is not None and hits[best] >= (1 if columns.header else 2):
            freed: dict[str, Any] = {"ordinal": None} if columns.ordinal == best else {}
            columns = replace(columns, commune=best, **freed)
    if columns.commune is None and columns.district is not None and names(columns.district):
        columns = replace(columns, commune=columns.district, district=None)
    if columns.header is None and columns.code is None:
        codes = [n for n in range(len(grid.rows[0])) if n != columns.commune and _codes(below, n)]
        columns = replace(columns, code=codes[0] if codes else None)
    return columns


def _codes(rows: tuple[tuple[Cell, ...], ...], column: int) -> bool:
    """Whether a column without heading holds commune codes: five digits, no two alike."""
    cells = [str(row[column]) for row in rows if row[column] is not None]
    return len(cells) > 1 and len(set(cells)) == len(cells) and all(re.fullmatch(r"\d{5}", c) for c in cells)


def _with_counts(columns: Columns, headings: tuple[Heading, ...], grid: Grid, wanted: str | None) -> Columns:
    """Choose the column of counts; leave it to the user (`unsure`) where two would do."""
    below = grid.rows[columns.first_row :]
    placed = {
        columns.commune, columns.code, columns.district, columns.province, columns.ordinal,
        columns.population, columns.year,
    }  # fmt: skip
    free = [n for n in range(len(headings)) if n not in placed]
    parts = _parts(headings, free)
    taken = {n for *_, n in parts}
    points = {n: headings[n].counts for n in free if n not in taken}
    counted = {n: p for n, p in points.items() if p > 0 and (_figures(below, n) or not _filled(below, n))}
    years = tuple((y, n) for n in counted if (y := headings[n].year))
    latest = wanted or max((y for y, _ in years), default=None)
    if wanted and years and wanted not in {y for y, _ in years}:
        return replace(columns, years=_one_a_year(years, points))
    if len({y for y, _ in years}) > 1:
        counted = {n: p for n, p in counted.items() if headings[n].year == latest}
        parts = tuple(part for part in parts if headings[part[2]].year in (latest, None))
    best = [n for n, p in counted.items() if p == max(counted.values())]
    if not counted:
        best = list(_added(parts)) or [
            n for n, p in points.items() if p == 0 and not headings[n].role and _figures(below, n)
        ]
        # A heading that speaks of counts over cells that are none: each cell is then told to be none.
        best = best or [n for n, p in points.items() if p > 0]
        if len(best) > 1 and best != list(_added(parts)):
            return replace(columns, unsure=tuple(best), parts=parts)
        return replace(columns, persons=tuple(best), parts=parts)
    several_years = len({y for y, _ in years}) > 1
    columns = replace(columns, years=_one_a_year(years, points) if several_years else (), parts=parts)
    return replace(columns, persons=(best[0],)) if len(best) == 1 else replace(columns, unsure=tuple(best))


def _parts(headings: tuple[Heading, ...], free: list[int]) -> tuple[tuple[Dimension, str, int], ...]:
    """Columns by sex, age or substance; "other" is a substance right after columns of substances."""
    found: list[tuple[Dimension, str, int]] = []
    for n in free:
        if part := headings[n].part:
            found.append((*part, n))
        elif headings[n].rest and found and found[-1][0] == "substance" and found[-1][2] == n - 1:
            found.append(("substance", headings[n].texts[-1], n))
    return tuple(found)


def _one_a_year(years: tuple[tuple[str, int], ...], points: dict[int, int]) -> tuple[tuple[str, int], ...]:
    """Of each year the column that names registered persons best."""
    best: dict[str, int] = {}
    for year, n in years:
        if year not in best or points[n] > points[best[year]]:
            best[year] = n
    return tuple(sorted(best.items()))


def _added(parts: tuple[tuple[Dimension, str, int], ...]) -> tuple[int, ...]:
    """Columns that make a whole: men and women, else all ages; a person may use several substances."""
    for dimension in ("sex", "age"):
        columns = tuple(n for kind, _, n in parts if kind == dimension)
        if len(columns) > 1:
            return columns
    return ()


def _figures(rows: tuple[tuple[Cell, ...], ...], column: int) -> bool:
    """Whether half of what a column holds are numbers."""
    cells = [row[column] for row in rows if row[column] is not None]
    numbers = sum(not isinstance(cell, dt.date) and quantity(cell).fault != "not_a_number" for cell in cells)
    return bool(cells) and 2 * numbers >= len(cells)


def _filled(rows: tuple[tuple[Cell, ...], ...], column: int) -> bool:
    return any(row[column] is not None for row in rows)
