"""Counts of persons carried from one list of communes to another: 2019, early 2025, July 2025.

Rules.  A commune that went into another as a whole takes its count along.  The count of a divided commune is
shared by the area that each successor got of its (approximate) cell, see `geo.new_cells.pieces`; back from
July 2025, a count is shared by what was to be expected of each predecessor, its type's weight times the share
of it that became this commune.  All in whole persons by largest remainder, so that totals stay; what was
shared out is marked as estimated.

For the list of 1 January 2019 see `geo.list_2019`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pandas as pd

from errors import DataError, Problem
from geo import boundaries, units
from geo.demand import is_count, largest_remainder
from geo.names import fold_name
from geo.new_cells import parts_of
from geo.units import Vintage
from text import tidy

MOVES = ("old_code", "old", "new_code", "new", "share", "persons", "estimated", "why")
"""Columns of `Carried.moves`; `why` is one of `REASONS`."""

REASONS = ("kept", "renamed", "merged", "divided", "joined", "alias", "district", "code", "fact")
"""Catalogue: ``reform.why.<reason>``.

kept: the same commune; renamed: alone, under another name or type; merged: with others into one; divided:
between several; joined: shared among predecessors, on the way back.  From 2019: found under its former name
(alias), in another district, by its code only, or in our own table (fact).
"""


@dataclass(frozen=True, eq=False, kw_only=True)
class Carried:
    """Counts on another list of communes.

    Attributes:
        counts: commune_code, commune, persons (int), estimated; the communes reached, sorted by code.
        moves: columns `MOVES`, one row for each commune and successor; `share` of the old commune.
        problems: what the reader should know: communes found otherwise than by name, or only known in part.
    """

    counts: pd.DataFrame
    moves: pd.DataFrame
    problems: tuple[Problem, ...] = ()


def links(commune_codes: Collection[str]) -> pd.DataFrame:
    """Where communes of early 2025 went, and which share of each.

    Returns:
        commune_code, successor_code, share (adds up to 1 for each commune), why (kept, renamed, merged,
        divided); sorted by both codes.

    Raises:
        DataError: a code that the list of early 2025 does not have.
    """
    _refuse_unknown(commune_codes, "2025-01")
    pairs = units.successors()
    mine = pairs[pairs["commune_code"].isin(set(commune_codes))].copy()
    divided = frozenset(mine.loc[mine["divided"], "commune_code"])
    shares = _shares(divided)
    pairs_of = zip(mine["commune_code"], mine["successor_code"], strict=True)
    mine["share"] = [shares.get(pair, 1.0) for pair in pairs_of]
    old, new = _names("2025-01"), _names("2025-07")
    alone = pairs.groupby("successor_code")["commune_code"].transform("size") == 1
    same = mine["commune_code"].map(old).map(fold_name) == mine["successor_code"].map(new).map(fold_name)
    mine["why"] = "merged"
    mine.loc[alone, "why"] = "renamed"
    mine.loc[alone & same, "why"] = "kept"
    mine.loc[mine["divided"], "why"] = "divided"
    columns = ["commune_code", "successor_code", "share", "why"]
    return mine[columns].sort_values(columns[:2], ignore_index=True)


@lru_cache(maxsize=32)
def _shares(divided: frozenset[str]) -> dict[tuple[str, str], float]:
    if not divided:
        return {}
    parts = parts_of(divided, lambda code: boundaries.province_cells(code, "2025-01"))
    pairs = zip(parts["commune_code"], parts["successor_code"], strict=True)
    return dict(zip(pairs, parts["share"].astype(float), strict=True))


def forward(persons: Mapping[str, int], *, estimated: Collection[str] = ()) -> Carried:
    """Counts of early 2025 on the list of July 2025.

    Args:
        persons: by commune_code of early 2025.
        estimated: the codes among them whose counts are estimates already.

    Raises:
        DataError: an unknown code, or what is no count.
    """
    _refuse(persons, "2025-01")
    pairs = links(persons)
    rows = []
    for code, parts in pairs.groupby("commune_code"):
        shares = largest_remainder(int(persons[str(code)]), list(parts["share"]))
        guess = len(parts) > 1 and int(persons[str(code)]) > 0
        rows += [
            (code, row.successor_code, row.share, n, guess or code in estimated, row.why)
            for row, n in zip(parts.itertuples(index=False), shares, strict=True)
        ]
    lacking = units.successors()
    lacking = lacking[lacking["successor_code"].isin(pairs["successor_code"])]
    lacking = lacking[~lacking["commune_code"].isin(list(persons))]
    known_in_part = _in_part(lacking, "successor_code", "commune_code", ("2025-07", "2025-01"))
    return _carried(rows, ("2025-01", "2025-07"), known_in_part)


def backward(
    persons: Mapping[str, int], *, weights: Mapping[str, float], estimated: Collection[str] = ()
) -> Carried:
    """Counts of July 2025 on the list of early 2025.

    Args:
        persons: by commune_code of July 2025.
        weights: persons to be expected in a commune of each type (Phường, Thị trấn, Xã), up to a factor.
        estimated: the codes among them whose counts are estimates already.

    Raises:
        DataError: an unknown code, or what is no count; persons in a commune that had no predecessor (an
            island district without communes); a type without a weight.
    """
    _refuse(persons, "2025-07")
    pairs = units.successors()
    asked = pairs[pairs["successor_code"].isin(list(persons))]
    types = units.everywhere("2025-01").set_index("commune_code")["commune_type"]
    problems = [
        Problem("reform.no_predecessor", f"{code} {_names('2025-07')[code]}", {"persons": int(persons[code])})
        for code in sorted(set(persons) - set(asked["successor_code"]))
        if int(persons[code]) > 0
    ]
    problems += [
        Problem("geo.type_without_weight", kind, {"type": kind})
        for kind in sorted(set(asked["commune_code"].map(types)) - set(weights))
    ]
    if problems:
        raise DataError(problems)
    whole = links(set(asked["commune_code"]))
    rows = []
    for code, parts in whole[whole["successor_code"].isin(list(persons))].groupby("successor_code"):
        expected = list(parts["commune_code"].map(types).map(dict(weights)) * parts["share"])
        if not sum(expected) > 0:
            expected = [1.0] * len(expected)
        counts = largest_remainder(int(persons[str(code)]), expected)
        guess = len(parts) > 1 and int(persons[str(code)]) > 0
        for row, n in zip(parts.itertuples(index=False), counts, strict=True):
            why = "joined" if len(parts) > 1 else row.why
            share = n / int(persons[str(code)]) if int(persons[str(code)]) else 0.0
            rows.append((code, row.commune_code, share, n, guess or code in estimated, why))
    lacking = whole[~whole["successor_code"].isin(list(persons))]
    known_in_part = _in_part(lacking, "commune_code", "successor_code", ("2025-01", "2025-07"))
    return _carried(rows, ("2025-07", "2025-01"), known_in_part)


def _in_part(
    lacking: pd.DataFrame, whole: str, part: str, vintages: tuple[Vintage, Vintage]
) -> list[Problem]:
    """Communes reached whose count misses something: a part of them has no count."""
    names, parts = _names(vintages[0]), _names(vintages[1])
    return [
        Problem(
            "reform.in_part",
            f"{code} {names[str(code)]}",
            {"missing": ", ".join(f"{c} {parts[c]}" for c in sorted(missing))},
        )
        for code, missing in lacking.groupby(whole)[part]
    ]


def _carried(
    rows: list[tuple[Any, ...]], vintages: tuple[Vintage, Vintage], problems: list[Problem]
) -> Carried:
    """Rows (old_code, new_code, share, persons, estimated, why) as tables."""
    moves = pd.DataFrame(rows, columns=["old_code", "new_code", "share", "persons", "estimated", "why"])
    moves["old"] = moves["old_code"].map(_names(vintages[0]))
    moves["new"] = moves["new_code"].map(_names(vintages[1]))
    return tables(moves, problems)


def tables(moves: pd.DataFrame, problems: list[Problem]) -> Carried:
    """`Carried` of moves in any order of rows and columns."""
    kinds = {"persons": "int64", "estimated": "bool", "share": "float64"}
    moves = moves[list(MOVES)].astype(kinds).sort_values(["old_code", "old", "new_code"], ignore_index=True)
    counts = moves.groupby("new_code").agg(
        commune=("new", "first"), persons=("persons", "sum"), estimated=("estimated", "any")
    )
    counts = counts.rename_axis("commune_code").reset_index()
    return Carried(counts=counts, moves=moves, problems=tuple(problems))


@lru_cache(maxsize=2)
def _names(vintage: Vintage) -> dict[str, str]:
    listed = units.everywhere(vintage)
    return dict(zip(listed["commune_code"], listed["commune"], strict=True))


def _refuse_unknown(codes: Collection[str], vintage: Vintage) -> None:
    unknown = sorted(set(codes) - set(_names(vintage)))
    if unknown:
        raise DataError(
            [Problem("reform.unknown_commune", tidy(code), {"code": tidy(code), "vintage": vintage})
             for code in unknown]
        )  # fmt: skip


def _refuse(persons: Mapping[str, int], vintage: Vintage) -> None:
    _refuse_unknown(persons, vintage)
    wrong = [
        Problem("geo.not_a_count", f"{code}", {"value": tidy(str(n))})
        for code, n in persons.items()
        if not is_count(n)
    ]
    if wrong:
        raise DataError(wrong)
