"""Demand: counts of persons by commune, from totals by district, and their growth."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from fractions import Fraction
from numbers import Real
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from errors import DataError, Problem
from geo.names import near
from text import tidy


def split_totals(
    totals: Mapping[str, int] | pd.Series[Any],
    communes: pd.DataFrame,
    weights: Mapping[str, float],
    *,
    group: str = "district_code",
) -> pd.DataFrame:
    """Share the total of each group of communes out by type of commune, in whole persons.

    Largest remainder within each group: a commune gets its exact share rounded down, and those with the
    largest remainders get one more until the group's total is reached; between equal remainders the
    lower commune code goes first.  Exact arithmetic, so that no machine shares out differently.

    Args:
        totals: persons by group code.
        communes: commune_code, commune_type and the column `group`; one row a commune.
        weights: persons to be expected in a commune of each type, up to a common factor.
        group: name of the column that holds the group codes.

    Returns:
        commune_code, persons (int), estimated, sorted by code.  `estimated` is false where nothing was
        shared out: a group of one commune, or a total of zero.

    Raises:
        DataError: totals that are no counts; a group without communes, or communes without a total;
            weights that are missing, negative or zero throughout a group.
    """
    given = {str(code): total for code, total in totals.items()}
    _check(given, communes, weights, group)
    rows: list[tuple[str, int, bool]] = []
    for code, members in communes.sort_values("commune_code").groupby(group):
        codes = list(members["commune_code"])
        total = int(given[str(code)])
        persons = largest_remainder(total, [weights[kind] for kind in members["commune_type"]])
        rows += [(c, p, len(codes) > 1 and total > 0) for c, p in zip(codes, persons, strict=True)]
    frame = pd.DataFrame(rows, columns=["commune_code", "persons", "estimated"])
    frame = frame.astype({"persons": "int64", "estimated": "bool"})
    return frame.sort_values("commune_code", ignore_index=True)


def largest_remainder(total: int, weights: Sequence[float]) -> list[int]:
    """`total` in whole parts proportional to `weights` (not all zero); the first wins between equals."""
    exact = [Fraction(float(weight)) for weight in weights]
    shares = [total * weight / sum(exact) for weight in exact]
    parts = [math.floor(share) for share in shares]
    by_remainder = sorted(range(len(parts)), key=lambda n: (parts[n] - shares[n], n))
    for n in by_remainder[: total - sum(parts)]:
        parts[n] += 1
    return parts


def project(persons: npt.ArrayLike, growth: float, years: float | Sequence[float]) -> npt.NDArray[np.float64]:
    """Persons after `years` of compound growth; never rounded.

    Args:
        persons: counts today, shape (n,).
        growth: share a year, above -1 (0.05 is 5 % more each year).
        years: years from today, a number or one a stage, shape (t,).

    Returns:
        Shape (n,) for a number of years, else (n, t).

    Raises:
        DataError: growth of -1 or less, or years that are negative or no numbers.
    """
    later = np.asarray(years, dtype=np.float64)
    problems = []
    if not (math.isfinite(growth) and growth > -1):
        problems.append(Problem("geo.growth", "growth", {"growth": growth}))
    if not (np.isfinite(later) & (later >= 0)).all():
        problems.append(Problem("geo.years", "years", {"years": ", ".join(f"{y:g}" for y in later.ravel())}))
    if problems:
        raise DataError(problems)
    return np.asarray(np.multiply.outer(np.asarray(persons, dtype=np.float64), (1 + growth) ** later))


def _check(
    given: Mapping[str, Any], communes: pd.DataFrame, weights: Mapping[str, float], group: str
) -> None:
    problems = [
        Problem("geo.code_twice", "communes", {"code": code})
        for code in communes.loc[communes["commune_code"].duplicated(), "commune_code"]
    ]
    problems += [
        Problem("geo.not_a_count", f"total {tidy(code)}", {"value": tidy(str(total))})
        for code, total in given.items()
        if not _is_count(total)
    ]
    names = _names(communes, group)
    problems += [
        Problem("geo.group_without_communes", f"total {code}", {"code": code, "near": near(code, names)})
        for code in map(tidy, given)
        if code not in names
    ]
    problems += [
        Problem("geo.group_without_total", f"{group} {code}",
                {"group": f"{code} {name}".strip(), "count": int((communes[group] == code).sum())})
        for code, name in names.items()
        if code not in given
    ]  # fmt: skip
    kinds = sorted(set(communes["commune_type"]))
    problems += [
        Problem("geo.type_without_weight", kind, {"type": kind}) for kind in kinds if kind not in weights
    ]
    problems += [
        Problem("geo.weight", f"weight {tidy(str(kind))}", {"value": tidy(str(weight))})
        for kind, weight in weights.items()
        if not (_is_number(weight) and weight >= 0)
    ]
    if not problems:
        empty = communes["commune_type"].map(dict(weights)).groupby(communes[group]).sum() == 0
        problems = [
            Problem("geo.weights_all_zero", f"{group} {code}", {"group": f"{code} {names[code]}".strip()})
            for code in empty.index[empty].astype(str)
        ]
    if problems:
        raise DataError(problems)


def _names(communes: pd.DataFrame, group: str) -> dict[str, str]:
    """Group codes with the names that messages show: the district's, where groups are districts."""
    listed = communes.drop_duplicates(group).sort_values(group)
    named = group == "district_code" and "district" in listed
    labels: Sequence[Hashable] = list(listed["district"]) if named else [""] * len(listed)
    return {str(code): str(label) for code, label in zip(listed[group], labels, strict=True)}


def _is_number(value: Any) -> bool:
    return not isinstance(value, bool) and isinstance(value, Real) and math.isfinite(value)


def _is_count(value: Any) -> bool:
    return _is_number(value) and value >= 0 and value == math.floor(value)
