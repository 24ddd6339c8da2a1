"""Counts by commune of the list of 1 January 2019, carried to the list of early 2025.

No list of 2019 comes with the program; a sheet of that year brings its own names.  The package knows what
communes were called before and what they took in, and ``reform_facts.csv`` holds the few facts it lacks, each
with its source.  Codes alone do not tell: some changed hands between the lists.  There is no way back.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from errors import DataError, Problem
from geo import units
from geo.demand import is_count, largest_remainder
from geo.names import fold_name, near, split_type
from geo.reforms import Carried, tables
from text import fold, tidy

_Y = re.compile(r"(?<=[bcdghklmnpqrstvx])y$|(?<=qu)y$")

FACTS = Path(__file__).with_name("reform_facts.csv")


class Fact(NamedTuple):
    """A commune of 2019 that the package does not know, and by which weights it was shared out."""

    into: tuple[tuple[str, float], ...]
    source: str


@cache
def facts() -> dict[tuple[str, str, str], Fact]:
    """By province code, folded district, folded commune (with its type)."""
    found: dict[tuple[str, str, str], Fact] = {}
    with FACTS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            key = (row["province_code"], _bare(row["district"]), _typed(row["commune"]))
            before = found.get(key, Fact((), row["source"]))
            into = (*before.into, (row["successor_code"], float(row["weight"])))
            found[key] = Fact(into, before.source)
    return found


def carry(rows: pd.DataFrame, province_code: str) -> Carried:
    """Counts of 2019 on the list of early 2025.

    A commune is looked for by its name, then by its former names, first within its district, with its type
    and then without; then in the whole province, since some changed district; then by its code.  The first
    that finds exactly one decides; of several the one with its code.

    Args:
        rows: commune, district, persons and, if there is one, commune_code; one row a commune of 2019.
        province_code: province of early 2025.

    Returns:
        Counts of the communes reached; `old_code` is the code given, or empty.

    Raises:
        DataError: a commune that is not found, with what is near; what is no count.
    """
    listed = _Listed.of(province_code)
    problems, moves, told = [], [], []
    for row in rows.to_dict("records"):
        name, district = tidy(str(row["commune"])), tidy(str(row["district"]))
        code = tidy(str(row.get("commune_code") or ""))
        where = f"{name}, {district}"
        if not is_count(row["persons"]):
            problems.append(Problem("geo.not_a_count", where, {"value": tidy(str(row["persons"]))}))
            continue
        found = _find(name, district, code, province_code, listed)
        if found is None:
            values = {"near": near(name, listed.names)}
            problems.append(Problem("reform.not_found_2019", where, values))
            continue
        into, why = found
        persons = int(row["persons"])
        counts = largest_remainder(persons, [weight for _, weight in into])
        whole = sum(weight for _, weight in into)
        moves += [
            {
                "old_code": code, "old": where, "new_code": target, "new": listed.names[target],
                "share": weight / whole, "persons": n, "estimated": len(into) > 1 and persons > 0, "why": why,
            }
            for (target, weight), n in zip(into, counts, strict=True)
        ]  # fmt: skip
        if why in ("district", "code"):
            target = into[0][0]
            values = {"found": f"{target} {listed.names[target]}, {listed.district_names[target]}"}
            told.append(Problem(f"reform.by_{why}", where, values))
    if problems:
        raise DataError(problems)
    return tables(pd.DataFrame(moves, columns=["old_code", "old", "new_code", "new", "share", "persons",
                                               "estimated", "why"]), told)  # fmt: skip


@dataclass(frozen=True)
class _Listed:
    """The communes of a province of early 2025 by code: their names and districts, as written and folded."""

    names: dict[str, str]
    district_names: dict[str, str]
    districts: dict[str, str]
    typed: dict[str, str]
    bare: dict[str, str]
    former: dict[str, tuple[str, ...]]

    @classmethod
    def of(cls, province_code: str) -> _Listed:
        listed = units.communes(province_code, "2025-01")
        names = dict(zip(listed["commune_code"], listed["commune"], strict=True))
        districts = dict(zip(listed["commune_code"], listed["district"], strict=True))
        aliases = units.aliases("2025-01")
        return cls(
            names=names,
            district_names=districts,
            districts={code: _bare(name) for code, name in districts.items()},
            typed={code: _typed(name) for code, name in names.items()},
            bare={code: _bare(name) for code, name in names.items()},
            former={code: aliases.get(code, ()) for code in names},
        )


def _find(
    name: str, district: str, code: str, province_code: str, listed: _Listed
) -> tuple[tuple[tuple[str, float], ...], str] | None:
    """Successors with their weights, and why; None where nothing, or too much, is found."""
    fact = facts().get((province_code, _bare(district), _typed(name)))
    if fact:
        return fact.into, "fact"
    for why, matches in _attempts(name, district, code, listed):
        if len(matches) == 1 or code in matches:
            target = matches[0] if len(matches) == 1 else code
            same = "kept" if listed.typed[target] == _typed(name) else "renamed"
            return ((target, 1.0),), same if why == "same" else why
    return None


def _attempts(name: str, district: str, code: str, listed: _Listed) -> Iterator[tuple[str, list[str]]]:
    inside = _bare(district)
    spelled = (
        (listed.typed, _typed(name), fold_name(name)),
        (listed.bare, _bare(name), fold(split_type(name)[1])),
    )
    for level in ("district", "province"):
        codes = [c for c in listed.names if level == "province" or listed.districts[c] == inside]
        by_name, by_alias = ("same", "alias") if level == "district" else ("district", "district")
        yield by_name, [c for c in codes if listed.names[c].casefold() == name.casefold()]
        for known, wanted, former in spelled:
            yield by_name, [c for c in codes if known[c] == wanted]
            yield by_alias, [c for c in codes if former in listed.former[c]]
    yield "code", [code] if code in listed.names else []


def _typed(name: str) -> str:
    return fold(split_type(name)[0]) + _bare(name)


def _bare(name: str) -> str:
    """Without type and diacritics; one spelling of what sounds the same (Quí, Quý; Đắk, Đắc)."""
    words = [_Y.sub("i", fold(word)).lstrip("0") for word in split_type(name)[1].split()]
    return "".join(word.removesuffix("k") + "c" if word.endswith("k") else word for word in words)
