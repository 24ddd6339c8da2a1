"""Join the rows of a sheet to the communes of a list, and say of each row how.

By code, where the row's name does not name another commune (codes are not stable); else by name within the
district, by a name that the commune bore before, or as the user said last time.  Nothing is left out without
being listed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import pandas as pd

from errors import Problem
from geo.intake.mapping import SavedMapping
from geo.intake.places import NOBODY, How, Likeness, Meant, Places, in_country, likeness
from geo.intake.rows import Line, Sheet
from geo.intake.sums import TotalCheck, totals
from geo.names import Lookup, closest, fold_name
from geo.units import Vintage

Remark = Literal[
    "code_differs", "code_unknown", "name_differs", "type_differs", "district_differs", "district_unknown",
    "ambiguous", "left_out", "elsewhere",
]  # fmt: skip
"""What to look at in a row, which may have been joined all the same (never with the last three)."""

MOST_PERSONS = 10_000
"""No commune has more registered persons: four times those of a whole city (2,630, can_tho_2018_2020)."""

_SIMILAR = 0.75  # likeness from which a name that the list lacks is taken for a slip beside a right code
_MOST_SOUGHT = 100  # rows that are compared with a whole province one by one


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the sheet that is about a commune, and the commune it was joined to (`code`, None for none).

    `persons` is None where there is no count.  `candidates` are the nearest codes for a row not joined.
    `former` says that the name is one that the commune bore before, or of one that it took in.
    """

    line: Line
    code: str | None
    how: How
    persons: int | None
    remarks: tuple[Remark, ...] = ()
    candidates: tuple[str, ...] = ()
    former: bool = False

    @property
    def number(self) -> int:
        """The row's number in its sheet, from 1."""
        return self.line.row + 1


@dataclass(frozen=True)
class MatchReport:
    """What became of each row, and what stands in the way of using the counts (`problems`).

    `persons`, `population` and `by_part` are by commune code; `by_year` by year, then code.  `added` are
    communes that several rows were added up to; `blank` those whose rows have no count, `absent` those
    without a row.  `notes` are rows below or between that are about no place, `elsewhere` those whose own
    column of provinces names another.  `hint` names a list that more
    of the names stand in; `mapping` is the one used.
    """

    sheet: Sheet
    province: str
    vintage: Vintage
    names: dict[str, str]
    districts: dict[str, str]
    rows: tuple[Row, ...]
    persons: dict[str, int]
    population: dict[str, int]
    by_year: dict[str, dict[str, int]]
    by_part: dict[str, dict[str, int]]
    added: dict[str, tuple[Row, ...]]
    blank: tuple[str, ...]
    absent: tuple[str, ...]
    totals: tuple[TotalCheck, ...]
    notes: tuple[Line, ...]
    elsewhere: tuple[Line, ...]
    hint: Likeness | None
    missing_is_zero: bool
    mapping: SavedMapping | None
    problems: tuple[Problem, ...]

    @property
    def unmatched(self) -> tuple[Row, ...]:
        """Rows joined to no commune and not left out by the user."""
        return tuple(row for row in self.rows if row.code is None and "left_out" not in row.remarks)

    @property
    def missing(self) -> tuple[str, ...]:
        """Communes without a count, which is not to say zero."""
        return tuple(sorted({*self.blank, *self.absent}))

    @property
    def total(self) -> int:
        """Persons in all communes."""
        return sum(self.persons.values())

    @cached_property
    def joined(self) -> dict[How, int]:
        """How many rows were joined by what."""
        counts: dict[How, int] = dict.fromkeys(("code", "name", "alias", "mapping", "none"), 0)
        for row in self.rows:
            counts[row.how] += 1
        return counts

    def frame(self) -> pd.DataFrame:
        """The rows as a table; `code` is that of the commune joined to, `matched` its name."""
        return pd.DataFrame(
            {
                "sheet": [row.line.grid.name for row in self.rows],
                "row": [row.number for row in self.rows],
                "commune": [row.line.name for row in self.rows],
                "district": [row.line.district for row in self.rows],
                "given_code": [row.line.code for row in self.rows],
                "persons": pd.array([row.persons for row in self.rows], dtype="Int64"),
                "code": [row.code or "" for row in self.rows],
                "matched": [self.names.get(row.code or "", "") for row in self.rows],
                "how": [row.how for row in self.rows],
                "remarks": [", ".join(row.remarks) for row in self.rows],
                "candidates": [", ".join(row.candidates) for row in self.rows],
            }
        )


def match(
    sheet: Sheet,
    communes: pd.DataFrame,
    *,
    vintage: Vintage,
    mapping: SavedMapping | None = None,
    missing_is_zero: bool = False,
    places: Places | None = None,
) -> MatchReport:
    """Join every row of `sheet` to one of `communes` (as `geo.units.communes` gives a province), or to none.

    With `missing_is_zero` communes without a count have none: the user has said so.  `places` spares making
    them anew from the same communes.
    """
    places = places or Places(communes, vintage)
    of_communes = [line for line in sheet.lines if line.kind == "commune"]
    away = [line for line in of_communes if line.province and places.elsewhere(line.province)]
    if not any(places.is_province(line.province) for line in of_communes):
        away = []  # nothing of this province: for `_foreign` to say
    passed = {(line.grid.name, line.row) for line in away}
    found = [_row(n, places, mapping) for n in of_communes if (n.grid.name, n.row) not in passed]
    rows = [row for row in found if sheet.wanted(row.line)]
    stray = [row for row in rows if row.code is None and "left_out" not in row.remarks]
    asked = [row for row in rows if row.line.name or row.line.code]
    hint = _other_list(asked, len(rows) - len(stray), communes, vintage) if stray else None
    foreign = len(asked) >= 5 and 2 * len(stray) > len(asked)
    if not foreign:
        rows = _with_candidates(rows, places)
    by_code: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row.code is not None:
            by_code[row.code].append(row)
    added, repeated = _several(by_code, places)
    problems = [*_faults(rows), *(() if foreign else repeated)]
    problems += _foreign(sheet, stray, len(asked), hint) if foreign else _stray(rows, places)
    blank = sorted(code for code, group in by_code.items() if any(row.persons is None for row in group))
    absent = sorted(set(places.names) - set(by_code))
    persons = {
        code: sum(row.persons or 0 for row in group)
        for code, group in sorted(by_code.items())
        if missing_is_zero or code not in blank
    }
    if missing_is_zero:
        persons |= dict.fromkeys(absent, 0)
    return MatchReport(
        sheet=sheet,
        province=str(communes["province_code"].iloc[0]),
        vintage=vintage,
        names=places.names,
        districts={code: places.districts.get(d, "") for code, d in places.district_of.items()},
        rows=tuple(rows),
        persons=dict(sorted(persons.items())),
        population=_summed((row.code, row.line.population.number) for row in rows),
        by_year=_by_year(found),
        by_part=_by_part(rows),
        added=added,
        blank=tuple(blank),
        absent=tuple(absent),
        totals=totals(sheet, places),
        notes=tuple(line for line in sheet.lines if line.kind == "note"),
        elsewhere=tuple(line for line in away if sheet.wanted(line)),
        hint=hint,
        missing_is_zero=missing_is_zero,
        mapping=mapping,
        problems=tuple(problems),
    )


# --- one row ---------------------------------------------------------------------------------------


def _row(line: Line, places: Places, mapping: SavedMapping | None) -> Row:
    persons = line.persons.number
    said = mapping.code(line.name, line.district) if mapping else None
    if said is not None:
        return Row(line, said or None, "mapping", persons, () if said else ("left_out",))
    remarks: list[Remark] = []
    if line.district and line.under is None and places.districts:
        remarks.append("district_unknown")
    meant = _meant(line, places)
    if line.code:
        by_code = _by_code(line, places, meant, remarks)
        if by_code is not None:
            return Row(line, by_code, "code", persons, tuple(remarks), former=meant.how == "alias")
    if line.name and places.abroad(line.name, line.district, line.code):
        remarks.append("elsewhere")
        return Row(line, None, "none", persons, tuple(remarks))
    if len(meant.codes) == 1:
        if meant.retyped:
            remarks.append("type_differs")
        code = next(iter(meant.codes))
        if line.under and places.district_of[code] != line.under:
            remarks.append("district_differs")
        return Row(line, code, meant.how, persons, tuple(remarks), former=meant.how == "alias")
    if meant.codes:
        remarks.append("ambiguous")
    return Row(line, None, "none", persons, tuple(remarks), tuple(sorted(meant.codes)))


def _meant(line: Line, places: Places) -> Meant:
    """What the row's name means within its district; of homonyms the one in the district of the title."""
    if not line.name:
        return NOBODY
    meant = places.commune(line.name, line.under)
    if len(meant.codes) > 1 and line.titled and not line.under:
        inside = places.commune(line.name, line.titled)
        return inside if inside.codes else meant
    return meant


def _by_code(line: Line, places: Places, meant: Meant, remarks: list[Remark]) -> str | None:
    """The row's own code, unless its name says that another commune is meant."""
    code = line.code
    if code not in places.names:
        remarks.append("code_unknown")
        return None
    listed = Lookup({code: places.names[code]})
    if not line.name or code in meant.codes:
        return code
    if listed.find(line.name) and line.under in {None, places.district_of[code]}:
        return code  # Nga Thanh may be Nga Thạnh without its marks
    elsewhere = line.under is not None and places.district_of[code] != line.under
    if not meant.codes and elsewhere and code in places.commune(line.name).codes:
        remarks.append("district_differs")
        return code
    if not meant.codes and not elsewhere:
        likeness_ = closest(line.name, {code: places.names[code]})[0][1]
        if likeness_ >= _SIMILAR:
            remarks.append("name_differs")
            return code
    remarks.append("code_differs")
    return None


def _with_candidates(rows: list[Row], places: Places) -> list[Row]:
    """The three nearest communes of each row not joined: of its district first, then of the province."""
    out, sought = [], 0
    for row in rows:
        if row.code is None and "left_out" not in row.remarks and sought < _MOST_SOUGHT:
            sought += 1
            out.append(replace(row, candidates=tuple(_nearest(row, places))))
        else:
            out.append(row)
    return out


def _nearest(row: Row, places: Places) -> list[str]:
    line = row.line
    elsewhere = sorted(places.commune(line.name).codes) if line.name else []
    inside = {c: n for c, n in places.names.items() if places.district_of[c] == line.under}
    near = [c for c, _ in closest(line.name or line.code, inside or places.names)]
    if "ambiguous" in row.remarks:
        return list(row.candidates)
    listed = [line.code] if line.code in places.names else []
    return list(dict.fromkeys([*elsewhere[:2], *listed, *near]))[:3]


# --- several rows ----------------------------------------------------------------------------------


def _several(
    by_code: dict[str, list[Row]], places: Places
) -> tuple[dict[str, tuple[Row, ...]], list[Problem]]:
    """Communes that two or more rows are about: merged since, so added; or the same one twice."""
    added: dict[str, tuple[Row, ...]] = {}
    problems: list[Problem] = []
    for code, group in sorted(by_code.items()):
        if len(group) < 2:
            continue
        given = {fold_name(row.line.name) for row in group}
        own = [row for row in group if not row.former and row.how != "mapping"]
        if len(given) == len(group) and len(own) <= 1:
            added[code] = tuple(group)
            continue
        same = len({row.persons for row in group}) == 1
        values = {
            "name": f"{code} {places.names[code]}",
            "rows": ", ".join(f"{row.line.grid.name} {row.number}".strip() for row in group),
            "counts": ", ".join("–" if row.persons is None else str(row.persons) for row in group),
        }
        problems.append(Problem("counts.twice" if same else "counts.two_counts", group[0].line.where, values))
    return added, problems


def _faults(rows: Iterable[Row]) -> Iterator[Problem]:
    """Counts that are none, or beyond all measure."""
    for row in rows:
        line = row.line
        where = _count_where(line)
        if line.persons.fault:
            yield Problem(f"counts.{line.persons.fault}", where, {"name": line.name or line.code})
        elif row.persons is not None:
            population = line.population.number
            if population is not None and row.persons > population:
                values = {"name": line.name, "persons": row.persons, "population": population}
                yield Problem("counts.more_than_population", where, values)
            elif row.persons > MOST_PERSONS:
                values = {"name": line.name, "persons": row.persons, "most": MOST_PERSONS}
                yield Problem("counts.absurd", where, values)
        if line.population.fault:
            yield Problem("counts.bad_population", line.where, {"name": line.name or line.code})


def _count_where(line: Line) -> str:
    return line.grid.where(line.row, line.column) if line.column is not None else line.where


def _stray(rows: Iterable[Row], places: Places) -> Iterator[Problem]:
    """Rows with persons that would be lost."""
    for row in rows:
        if row.code is None and "left_out" not in row.remarks and row.persons is not None:
            listed = [spoken(code, places) for code in row.candidates]
            code = "counts.ambiguous" if "ambiguous" in row.remarks else "counts.unmatched"
            values = {"name": row.line.name or row.line.code, "district": row.line.district or "–"}
            yield Problem(code, row.line.where, values | {"near": ", ".join(listed) or "–"})


def spoken(code: str, places: Places) -> str:
    """A commune for messages: ``31117 Phường Cái Khế (Quận Ninh Kiều)``."""
    district = places.districts.get(places.district_of[code], "")
    return f"{code} {places.names[code]}" + (f" ({district})" if district else "")


def _foreign(sheet: Sheet, rows: list[Row], asked: int, hint: Likeness | None) -> Iterator[Problem]:
    """Most rows belong to another list: say to which."""
    values: dict[str, object] = {"stray": len(rows), "asked": asked}
    vintage = in_country((row.line.code, row.line.name) for row in rows) if hint is None else None
    if vintage is not None:
        yield Problem("counts.whole_country", sheet.file, values | {"vintage": vintage})
    elif hint is None:
        yield Problem("counts.unknown_list", sheet.file, values)
    else:
        values |= {"hits": hint.hits, "vintage": hint.vintage}
        values |= {"province": f"{hint.province_code} {hint.province}"}
        yield Problem("counts.other_list", sheet.file, values)


def _other_list(asked: list[Row], matched: int, communes: pd.DataFrame, vintage: Vintage) -> Likeness | None:
    """The list that more of the rows stand in than in this one, and at least half of them."""
    given = [(row.line.code, row.line.name) for row in asked]
    here = str(communes["province_code"].iloc[0])
    for like in likeness(given):
        if (like.vintage, like.province_code) != (vintage, here):
            return like if like.hits > matched and 2 * like.hits > like.asked else None
    return None


# --- sums ------------------------------------------------------------------------------------------


def _summed(pairs: Iterable[tuple[str | None, int | None]]) -> dict[str, int]:
    """Sums by code; codes of which a part is unknown are left out."""
    sums: dict[str, int] = defaultdict(int)
    unknown: set[str] = set()
    for code, number in pairs:
        if code is not None and number is not None:
            sums[code] += number
        elif code is not None:
            unknown.add(code)
    return {code: total for code, total in sorted(sums.items()) if code not in unknown}


def _by_year(rows: list[Row]) -> dict[str, dict[str, int]]:
    pairs: dict[str, list[tuple[str | None, int | None]]] = defaultdict(list)
    for row in rows:
        if row.line.year:
            pairs[row.line.year].append((row.code, row.persons))
        for year, count in row.line.years:
            pairs[year].append((row.code, count.number))
    return {year: _summed(pairs[year]) for year in sorted(pairs)}


def _by_part(rows: list[Row]) -> dict[str, dict[str, int]]:
    pairs: dict[str, list[tuple[str | None, int | None]]] = defaultdict(list)
    for row in rows:
        for label, count in row.line.parts:
            pairs[label].append((row.code, count.number))
    return {label: _summed(given) for label, given in pairs.items()}
