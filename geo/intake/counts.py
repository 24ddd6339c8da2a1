"""Counts of registered persons by commune, from an office's file to a block of a scenario."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from errors import DataError, Problem
from geo.intake import grids, personal
from geo.intake.grids import Grid
from geo.intake.layout import Columns, chosen, find
from geo.intake.mapping import SavedMapping
from geo.intake.matching import MatchReport, match
from geo.intake.places import Places
from geo.intake.rows import Sheet, code_of, lines
from geo.units import Vintage
from text import tidy


def read(
    name: str,
    content: bytes,
    communes: pd.DataFrame,
    *,
    vintage: Vintage,
    sheet: str | None = None,
    columns: Mapping[str, str] | None = None,
    year: str | None = None,
    mapping: SavedMapping | None = None,
    missing_is_zero: bool = False,
) -> MatchReport:
    """Read a file of counts and join it to the communes of a province.

    Args:
        name: the file's name.
        content: the file.
        communes: the province's communes, as `geo.units.communes` gives them.
        vintage: the list that `communes` come from.
        sheet: the sheet to read; else the one that has communes, or one sheet a district.
        columns: what the user says: role (`layout.ROLES`) to heading, letter or number of a column.
        year: the year wanted where there are several; else the latest.
        mapping: what the user said about names last time.
        missing_is_zero: whether communes without a count have no registered persons.

    Returns:
        The report; its `problems` say what stands in the way of using the counts.

    Raises:
        DataError: the file cannot be read, is about single persons, or has no communes or counts in it.
    """
    places = Places(communes, vintage)
    taken = sheet_of(name, content, places, sheet=sheet, columns=columns, year=year)
    return match(
        taken, communes, vintage=vintage, mapping=mapping, missing_is_zero=missing_is_zero, places=places
    )


def sheet_of(
    name: str,
    content: bytes,
    places: Places,
    *,
    sheet: str | None = None,
    columns: Mapping[str, str] | None = None,
    year: str | None = None,
) -> Sheet:
    """The rows of the sheet, or of the sheets with a district each; arguments and errors as in `read`."""
    every = grids.read(name, content)
    if sheet is not None:
        every = _named(every, sheet)
    layouts = [(grid, find(grid, places.knows, year=year)) for grid in every]
    people = [p for grid, found in layouts for p in _personal(grid, found, places)]
    if people:
        raise DataError(people)
    usable = [(grid, found) for grid, found in layouts if _usable(grid, found, places)] or layouts
    if sheet is None:  # who keeps last year's sheet hidden means the one that shows
        usable = [pair for pair in usable if not pair[0].hidden] or usable
    if len(usable) > 1 and not all(places.district(grid.name) for grid, _ in usable):
        usable = _best(usable, places)
    if columns:
        usable = [(grid, chosen(found, columns, grid.where(0))) for grid, found in usable]
    found_lines = tuple(
        line
        for grid, found in usable
        for line in lines(grid, found, places, district=grid.name if places.district(grid.name) else "")
    )
    by_row = sorted({line.year for line in found_lines if line.year and line.kind == "commune"})
    wanted = year if year in by_row else by_row[-1] if by_row else ""
    taken = Sheet(every[0].file, tuple(usable), found_lines, wanted or "")
    if rows := personal.problems(taken, places):
        raise DataError(rows)
    if year and (problem := _other_years(taken, year, by_row)):
        raise DataError(problem)
    _complete(usable)
    return taken


def block(report: MatchReport, *, source: str, note: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The counts as ``registered_persons.by_commune`` of a scenario has them.

    Returns:
        ``{"by_commune": {"source": …, "note": …, "persons": {code: n}}}``; communes without a count are not
        in it, and get a share of what is left of their district's total.

    Raises:
        DataError: what stands in the way, or no counts at all.
    """
    if report.problems:
        raise DataError(report.problems)
    if not report.persons:
        raise DataError(Problem("counts.nothing", report.sheet.file))
    inner: dict[str, Any] = {"source": source}
    if note:
        inner["note"] = dict(note)
    inner["persons"] = dict(sorted(report.persons.items()))
    return {"by_commune": inner}


def _named(every: tuple[Grid, ...], sheet: str) -> tuple[Grid, ...]:
    found = tuple(grid for grid in every if grid.name == tidy(sheet))
    if not found:
        values = {"asked": tidy(sheet), "sheets": ", ".join(grid.name for grid in every)}
        raise DataError(Problem("counts.no_such_sheet", every[0].file, values))
    return found


def _personal(grid: Grid, columns: Columns, places: Places) -> list[Problem]:
    """What is about persons in a sheet; one that is not used is looked at too, for it comes along."""
    return [
        problem
        for problem in personal.problems(Sheet(grid.file, ((grid, columns),), ()), places)
        if problem.code == "personal.columns"
    ]


def _hits(grid: Grid, columns: Columns, places: Places) -> int:
    """How many rows name a commune or district of the list, or have a code of it."""
    below = grid.rows[columns.first_row :]
    names, codes = columns.commune, columns.code
    return sum(
        (names is not None and isinstance(row[names], str) and places.knows(str(row[names])))
        or (codes is not None and code_of(row[codes]) in places.names)
        for row in below
    )


def _usable(grid: Grid, columns: Columns, places: Places) -> bool:
    return bool(columns.persons or columns.unsure) and _hits(grid, columns, places) > 0


def _best(usable: list[tuple[Grid, Columns]], places: Places) -> list[tuple[Grid, Columns]]:
    """The one sheet with the most communes; the user has to say where two have as many."""
    hits = [_hits(grid, columns, places) for grid, columns in usable]
    best = [pair for pair, n in zip(usable, hits, strict=True) if 2 * n > max(hits)] or usable[:1]
    if len(best) > 1:
        values = {"sheets": ", ".join(grid.name for grid, _ in best)}
        raise DataError(Problem("counts.which_sheet", best[0][0].file, values))
    return best


def _other_years(sheet: Sheet, year: str, by_row: list[str]) -> Problem | None:
    """Whether the sheet has no counts of the year asked for, and of which it has some."""
    headings = {y for _, columns in sheet.layouts for y, _ in columns.years}
    single = {y for _, columns in sheet.layouts for n in columns.persons if (y := columns.year_of(n))}
    years = sorted({*by_row, *headings, *single})
    if year in years:
        return None
    return Problem("counts.no_such_year", sheet.file, {"year": year, "years": ", ".join(years) or "–"})


def _complete(usable: list[tuple[Grid, Columns]]) -> None:
    """See that there are names or codes, and one column of counts."""
    problems = []
    for grid, columns in usable:
        where = f"{grid.file} {grid.name}".strip()
        every = ", ".join(columns.called(n) for n in range(len(grid.rows[0])))
        if columns.commune is None and columns.code is None:
            problems.append(Problem("counts.no_communes", where, {"columns": every}))
        elif columns.unsure:
            listed = ", ".join(columns.called(n) for n in columns.unsure)
            problems.append(Problem("counts.which_column", where, {"columns": listed}))
        elif not columns.persons:
            problems.append(Problem("counts.no_persons", where, {"columns": every}))
    if problems:
        raise DataError(problems)


def with_codes(report: MatchReport, codes: Mapping[int, str]) -> SavedMapping:
    """The mapping to save where the user gave codes (or ``LEFT_OUT``) to rows, by index in the report."""
    rows = [(report.rows[n].line.name, report.rows[n].line.district, code) for n, code in codes.items()]
    return SavedMapping(report.province, report.vintage).with_rows(rows)
