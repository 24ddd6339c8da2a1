"""What can be wrong with rules before anything is solved: shapes, indices, amounts, what they lean on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from errors import Problem
from optimization.rules import Capacity, IntArray, ParentWithinReach, Rule, Upgrade

MASKS = {
    **dict.fromkeys(("scope", "hosts", "before", "after", "parents", "community", "everywhere"), "F"),
    "communes": "I",
}
"""The masks that rules may have, each over facilities (F) or communes (I)."""

INDICES = {"stage": "T", "service": "S"}
"""Fields that point at a stage or a service."""

AMOUNTS = ("amount", "count", "most", "minutes", "elsewhere")
"""Numbers that are not negative and, but for minutes (any distance), finite; some may be None."""


def rule_problems(
    rules: Sequence[Rule], sizes: Mapping[str, int], *, site: IntArray, has_between: bool
) -> list[Problem]:
    """Everything about `rules` that does not fit arrays of these `sizes` (I, J, K, S, T, F, G)."""
    found = twice("rules", [f"{rule.id} {rule.part}".rstrip() for rule in rules])
    shaped = []
    for rule in rules:
        wrong = list(_masks(rule, sizes))
        found += [*wrong, *_numbers(rule, sizes)]
        shaped += [] if wrong else [rule]
    for rule in shaped:
        if isinstance(rule, ParentWithinReach) and not has_between:
            found.append(Problem("instance.between", _where(rule)))
        if isinstance(rule, Capacity):
            found += _capacity(rule, sizes["F"])
        if isinstance(rule, Upgrade):
            for name in ("before", "after"):
                places = [str(j) for j in site[getattr(rule, name)].tolist()]
                found += twice(f"rules {rule.id} {name}", places)
    after = [f for rule in shaped if isinstance(rule, Upgrade) for f in np.flatnonzero(rule.after).tolist()]
    return found + twice("rules after", [str(f) for f in after])


def twice(name: str, ids: Sequence[str]) -> list[Problem]:
    """What stands more than once, in one problem."""
    seen = sorted(x for x, n in Counter(ids).items() if n > 1)
    return [Problem("instance.duplicate", f"instance.{name}", {"ids": ", ".join(seen[:5])})] if seen else []


def _where(rule: Rule) -> str:
    return f"instance.rules {rule.id} {rule.part}".rstrip()


def _masks(rule: Rule, sizes: Mapping[str, int]) -> Iterator[Problem]:
    for name, over in MASKS.items():
        mask = getattr(rule, name, None)
        if mask is not None and (mask.shape != (sizes[over],) or mask.dtype != np.bool_):
            values = {"got": f"{mask.dtype}{mask.shape}", "want": f"bool{(sizes[over],)}"}
            yield Problem("instance.shape", f"{_where(rule)} {name}", values)


def _numbers(rule: Rule, sizes: Mapping[str, int]) -> Iterator[Problem]:
    """Stages and services that exist, shares within 0 and 1, counts and amounts that are counts."""
    where = _where(rule)
    stages = getattr(rule, "stages", (0,))
    if not stages or len(set(stages)) < len(stages) or not set(stages) <= set(range(sizes["T"])):
        yield Problem("instance.out_of_range", where, {"n": len(stages), "first": stages})
    for name, of in INDICES.items():
        index = getattr(rule, name, 0)
        if not 0 <= index < sizes[of]:
            yield Problem("instance.out_of_range", f"{where} {name}", {"n": 1, "first": index})
    share = getattr(rule, "share", 0.0)
    if not 0 <= share <= 1:  # NaN too
        yield Problem("instance.out_of_range", f"{where} share", {"n": 1, "first": share})
    for name in AMOUNTS:
        number = getattr(rule, name, None)
        if not isinstance(number, int | float):  # a capacity's amounts are an array
            continue
        endless = np.isinf(number) and name != "minutes"
        if np.isnan(number) or endless:
            yield Problem("instance.not_finite", f"{where} {name}", {"n": 1, "first": number})
        elif number < 0:
            yield Problem("instance.negative", f"{where} {name}", {"n": 1, "first": number})


def _capacity(rule: Capacity, facilities: int) -> Iterator[Problem]:
    """An amount for each facility; outside the scope nobody looks at it."""
    where = f"{_where(rule)} amount"
    if rule.amount.shape != (facilities,):
        values = {"got": rule.amount.shape, "want": (facilities,)}
        yield Problem("instance.shape", where, values)
        return
    for code, wrong in (("not_finite", ~np.isfinite(rule.amount)), ("negative", rule.amount < 0)):
        places = np.flatnonzero(wrong & rule.scope)
        if len(places):
            yield Problem(f"instance.{code}", where, {"n": len(places), "first": int(places[0])})
