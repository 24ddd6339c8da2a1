"""Premises from an office's table: columns found, every row understood, everything wrong told at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import pandas as pd

from errors import DataError, Problem
from geo import nation, units
from geo.intake import personal
from geo.intake import premises_words as words
from geo.intake.grids import Grid, number_of
from geo.intake.headings import Heading, plain
from geo.intake.places import Places
from geo.intake.premises_points import Surroundings
from geo.intake.premises_reader import LEFT_OUT, Columns, How, Reader, Row
from scenarios.schema import Scenario
from text import Text, both

__all__ = [
    "LEFT_OUT",
    "Columns",
    "How",
    "Row",
    "Understood",
    "chosen",
    "find",
    "listed",
    "read",
    "unclear_types",
]

_SEARCHED, _DEEPEST = 40, 3
_SHOWN = 5


@dataclass(frozen=True, kw_only=True)
class Understood:
    """A table that was read without a fault; `notes` say what the user should look at again."""

    file: str
    columns: Columns
    rows: tuple[Row, ...]
    notes: tuple[tuple[str, Text], ...] = ()


def listed(scenario: Scenario) -> pd.DataFrame:
    """The places of the scenario's list (`geo.units.communes`), provinces where it plans the nation."""
    place = scenario.place
    if place.province is None:
        return nation.places(place.vintage, weights=dict.fromkeys(units.COMMUNE_TYPES, 1.0))
    return units.communes(place.province, place.vintage)


def find(grids: Sequence[Grid], scenario: Scenario) -> tuple[Grid, Columns]:
    """The sheet and the heading rows that name most of what is asked of premises.

    Raises:
        DataError: ``premises.no_headings`` no sheet has a heading for names, ids or kinds of host;
            ``premises.personal``, ``premises.personal_values``: columns about persons.
    """
    best, found = 0, None
    for grid in grids:
        for top in range(min(_SEARCHED, len(grid.rows))):
            for bottom in range(top, min(top + _DEEPEST, len(grid.rows))):
                if bottom > top and not _goes_on(grid, top, bottom):
                    break
                headings = words.headings(grid.rows, top, bottom)
                of = _roles(headings, scenario)
                score = 10 * len(of) - (bottom - top)
                if {"name", "id"} & of.keys() and len(of) > 1 and score > best:
                    best, found = score, (grid, headings, of, bottom + 1)
    if found is None:
        raise DataError(Problem("premises.no_headings", grids[0].file))
    grid, headings, of, first = found
    if problems := [*_about_persons(grid, headings, of, first)]:
        raise DataError(problems)
    return grid, Columns(of=of, headings=tuple(h.text for h in headings), first_row=first)


_NO_PERSONS = ("id", "code", "lat", "lon", "point")
"""Columns whose numbers may look like those of papers or telephones."""


def _about_persons(
    grid: Grid, headings: Sequence[Heading], of: Mapping[str, int], first: int
) -> Iterator[Problem]:
    """Columns about persons, by their headings and by what stands in them; no value is repeated."""
    harmless = {of[role] for role in _NO_PERSONS if role in of}
    areas = {of[role] for role in ("commune", "district") if role in of}
    for n, heading in enumerate(headings):
        cells = [row[n] for row in grid.rows[first:] if row[n] is not None]
        where = grid.where(first - 1, n)
        if not cells:
            continue
        if words.personal(heading):
            yield Problem("premises.personal", where, {"heading": heading.text})
        elif n not in harmless and (sort := personal.sort_of(cells)):
            numbered = re.search(r"\b(?:id|ma|code|fid|objectid)\b", plain(heading.text))
            yield from (
                () if sort == "identity" and numbered else (Problem("premises.personal_values", where),)
            )
        elif n not in areas and personal.names_people(cells):
            yield Problem("premises.personal_values", where)


def _goes_on(grid: Grid, top: int, bottom: int) -> bool:
    """Whether headings that begin at `top` may reach to `bottom`: cells are merged, or left open above."""
    merged = any((row, n) in grid.filled for row in range(top, bottom + 1) for n in range(len(grid.rows[0])))
    above, below = grid.rows[bottom - 1], grid.rows[bottom]
    return merged or any(a is None and b is not None for a, b in zip(above, below, strict=True))


def _roles(headings: Sequence[Heading], scenario: Scenario) -> dict[str, int]:
    of: dict[str, int] = {}
    for n, heading in enumerate(headings):
        role = words.role_of(heading, scenario) if heading.texts else None
        if role is not None and not words.personal(heading):
            of.setdefault(role, n)
    return of


def chosen(columns: Columns, choices: Mapping[str, str], scenario: Scenario, where: str) -> Columns:
    """`columns` with what the user says: role to heading, letter or number of a column; empty for none.

    Raises:
        DataError: ``premises.no_such_role``, ``premises.no_such_column``.
    """
    of, problems = dict(columns.of), []
    for role, asked in choices.items():
        if role not in words.roles(scenario):
            values = {"role": role, "roles": ", ".join(words.roles(scenario))}
            problems.append(Problem("premises.no_such_role", where, values))
            continue
        found = [n for n, text in enumerate(columns.headings) if text and plain(text) == plain(asked)]
        at = found[0] if found else number_of(asked.strip())
        if asked and (at is None or at >= len(columns.headings)):
            listed_ = ", ".join(filter(None, columns.headings))
            problems.append(Problem("premises.no_such_column", where, {"asked": asked, "columns": listed_}))
            continue
        of = {name: n for name, n in of.items() if name != role and (not asked or n != at)}
        if asked and at is not None:
            of[role] = at
    if problems:
        raise DataError(problems)
    return replace(columns, of=of)


def unclear_types(grid: Grid, columns: Columns, scenario: Scenario) -> list[str]:
    """Words for kinds of host in the table that the user has to explain, in the order they come."""
    at = columns.of.get("type")
    if at is None:
        return []
    said = dict.fromkeys(words.written(row[at]) for row in grid.rows[columns.first_row :] if any(row))
    return [word for word in said if word and words.type_meant(word, scenario) is None]


def read(
    grid: Grid,
    columns: Columns,
    scenario: Scenario,
    *,
    communes: pd.DataFrame,
    polygons: gpd.GeoDataFrame | None = None,
    approximate: bool = True,
    types: Mapping[str, str] | None = None,
) -> Understood:
    """Understand every row.

    Args:
        grid: the sheet, or the attributes of a layer with its points as `lat` and `lon`.
        columns: what is where.
        scenario: whose types, kinds, criteria and stages the table speaks of.
        communes: the scenario's list (`listed`).
        polygons: commune_code, geometry (EPSG:4326), where there are any.
        approximate: whether the program drew them.
        types: the scenario's type for words that are not clear (`unclear_types`), or `LEFT_OUT`.

    Raises:
        DataError: ``premises.*``, ``geo.*``: everything that is wrong, each with row and column.
    """
    reader = Reader(
        (grid, columns), scenario, places=Places(communes, scenario.place.vintage),
        around=Surroundings(communes, polygons, approximate=approximate), types=types or {},
    )  # fmt: skip
    rows = [row for at in range(columns.first_row, len(grid.rows)) if (row := reader.row(at)) is not None]
    reader.twice(rows)
    if not rows and not reader.problems:
        reader.problems.append(Problem("premises.nothing", grid.where(columns.first_row)))
    if reader.problems:
        raise DataError(reader.problems)
    if reader.left_out:
        reader.notes.append((grid.file, both("premises.note.left_out", count=reader.left_out)))
    if reader.unknown:
        shown = ", ".join(reader.unknown[:_SHOWN])
        reader.notes.append(
            (grid.file, both("premises.note.unknown_ids", count=len(reader.unknown), ids=shown))
        )
    for heading in columns.ignored():
        reader.notes.append((grid.file, both("premises.note.ignored", heading=heading)))
    return Understood(file=grid.file, columns=columns, rows=tuple(rows), notes=tuple(reader.notes))
