"""Demand: counts of persons by commune, from totals by district, and their growth."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Mapping, Sequence
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
    places = pd.DataFrame(
        {
            "commune_code": communes["commune_code"],
            "group": communes[group],
            "weight": communes["commune_type"].map(dict(weights)),
        }
    )
    by_group = {code: int(total) for code, total in given.items()}
    return spread(places, total=sum(by_group.values()), by_group=by_group)


def spread(
    places: pd.DataFrame,
    *,
    total: int,
    by_group: Mapping[str, int],
    known: Mapping[str, int] | None = None,
) -> pd.DataFrame:
    """Persons by place: what is known, and the rest of each total shared out by weight.

    Places without a count of their own share what is left of their group's total; those of groups without
    a total share, all together, what is left of the whole.  Largest remainder, as in `split_totals`.

    Args:
        places: commune_code, group, weight (>= 0); one row a place.
        total: persons in all.
        by_group: persons by group, for the groups that have a count.
        known: persons by commune_code, for the places that have a count.

    Returns:
        commune_code, persons (int), estimated (shared out among several), sorted by code.

    Raises:
        DataError: counts that come to more than the total above them, or to less while nobody is left to
            take the rest; nobody among those who share a rest has any weight.
    """
    known = dict(known or {})
    places = places.sort_values("commune_code", ignore_index=True)
    weight = places["weight"].to_numpy(dtype=np.float64)
    persons = np.array(places["commune_code"].map(known), dtype=np.float64)
    pools: list[tuple[str, int, npt.NDArray[np.int64]]] = []
    apart = places["group"].isin(list(by_group)).to_numpy()
    for code, amount in by_group.items():
        mine = (places["group"] == code).to_numpy()
        pools.append((code, amount - int(np.nansum(persons[mine])), np.flatnonzero(mine & np.isnan(persons))))
    rest = total - sum(by_group.values()) - int(np.nansum(persons[~apart]))
    pools.append(("", rest, np.flatnonzero(~apart & np.isnan(persons))))
    problems = list(_misfits(pools, weight))
    if problems:
        raise DataError(problems)
    estimated = np.zeros(len(places), dtype=bool)
    for _, left, open_ in pools:
        if len(open_):
            persons[open_] = largest_remainder(left, list(weight[open_]))
            estimated[open_] = len(open_) > 1 and left > 0
    return pd.DataFrame(
        {
            "commune_code": places["commune_code"],
            "persons": persons.astype(np.int64),
            "estimated": estimated,
        }
    )


def _misfits(
    pools: list[tuple[str, int, npt.NDArray[np.int64]]], weight: npt.NDArray[np.float64]
) -> Iterator[Problem]:
    """Rests that are negative, that nobody can take, or that nobody with any weight shares."""
    for code, left, open_ in pools:
        where = f"group {code}" if code else "total"
        if left < 0:
            yield Problem("geo.counts_exceed_total", where, {"group": code or "–", "excess": -left})
        elif left > 0 and not len(open_):
            yield Problem("geo.counts_below_total", where, {"group": code or "–", "left": left})
        elif left > 0 and not weight[open_].sum() > 0:
            yield Problem("geo.weights_all_zero", where, {"group": code or "–"})


def largest_remainder(total: int, weights: Sequence[float]) -> list[int]:
    """`total` in whole parts proportional to `weights` (not all zero); the first wins between equals."""
    exact = [Fraction(float(weight)) for weight in weights]
    if total == 0:
        return [0] * len(exact)
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
        if not is_count(total)
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


def is_count(value: Any) -> bool:
    """Whether `value` is a whole number >= 0."""
    return _is_number(value) and value >= 0 and value == math.floor(value)
