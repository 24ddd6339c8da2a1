"""Which rules cannot be kept together, and the facts behind it.

A *clash* is a set of rule rows that cannot all be kept, while without any one of them the rest can: an
irreducible infeasible set over rules (Chinneck 2008).  What stands, what is offered and when it is ready are
facts and no rules; they are told beside the clash.  What would resolve it is `diagnose`'s part.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np

from optimization.facts import Fact
from optimization.feasibility import Feasibility
from optimization.instance import Instance
from optimization.model import Key, key_of
from optimization.rules import (
    BoolArray,
    Capacity,
    Cluster,
    Colocated,
    CommunityShare,
    CoverageTarget,
    Forbidden,
    GroupFloor,
    MinimumCaseload,
    ParentWithinReach,
    Pinned,
    Quota,
    Rule,
    StageBudget,
    Upgrade,
)

Item = TypeVar("Item")

BROAD_LAST: tuple[type[Rule], ...] = (
    Pinned,
    Forbidden,
    Cluster,
    Colocated,
    ParentWithinReach,
    CoverageTarget,
    GroupFloor,
    CommunityShare,
    MinimumCaseload,
    Capacity,
    Quota,
    StageBudget,
)
"""Rules early in this list say why a plan fails in fewer words than those late in it."""


class IsFeasible(Protocol):
    """A `Feasibility`, `solve.is_feasible`, or anything that answers like them."""

    def __call__(self, instance: Instance, *, omit: frozenset[Key] = ...) -> bool:
        """Whether a plan keeps all rules but those of `omit`."""


@dataclass(frozen=True, slots=True)
class Clash:
    """Rule rows by (id, part), narrow rules first, that cannot be kept together; without any one they can."""

    keys: tuple[Key, ...]
    facts: tuple[Fact, ...]


def clash(
    instance: Instance, is_feasible: IsFeasible | None = None, *, omit: frozenset[Key] = frozenset()
) -> tuple[Key, ...]:
    """A minimal set of rule rows that cannot be kept together; empty if all rules but `omit` can.

    Whole rules are left out first, then single rows, broad ones before narrow ones: budgets, then numbers
    over many premises, then those over few.  The answer depends on the order of the rules only.  An `Upgrade`
    says what closes and a soft target what is wished for: neither is ever part of a clash.

    Args:
        instance: whose rules they are.
        is_feasible: who judges; a `Feasibility` of the instance if None.
        omit: rows that are left out from the start.

    Raises:
        SolverError: the solver could not decide.
    """
    judge = is_feasible or Feasibility(instance)
    binding = [rule for rule in instance.rules if _binds(rule)]
    every = frozenset(map(key_of, binding))

    def clashes(keys: Sequence[Key]) -> bool:
        return not judge(instance, omit=every.difference(keys))

    rows: dict[str, list[Key]] = {}
    for rule in sorted(binding, key=lambda rule: _breadth(instance, rule)):
        if key_of(rule) not in omit:
            rows.setdefault(rule.id, []).append(key_of(rule))
    if not clashes([key for keys in rows.values() for key in keys]):
        return ()
    rules = _minimal(list(rows), lambda ids: clashes([key for id_ in ids for key in rows[id_]]))
    return tuple(_minimal([key for id_ in rules for key in rows[id_]], clashes))


def _minimal(items: list[Item], clashes: Callable[[list[Item]], bool]) -> list[Item]:
    """A minimal sublist of `items`, which clash, that still clashes; late items are left out first.

    QuickXplain (Junker 2004): the answer of a deletion filter from the last item to the first, in
    O(k log(n/k)) checks where k remain, for halves are left out at once.
    """

    def shrink(kept: list[Item], grown: bool, rest: list[Item]) -> list[Item]:
        if grown and clashes(kept):
            return []
        if len(rest) <= 1:
            return rest
        early, late = rest[: len(rest) // 2], rest[len(rest) // 2 :]
        from_late = shrink(kept + early, True, late)
        return shrink(kept + from_late, bool(from_late), early) + from_late

    return shrink([], False, items)


def _binds(rule: Rule) -> bool:
    return not isinstance(rule, Upgrade) and not (isinstance(rule, CoverageTarget) and not rule.hard)


def _breadth(instance: Instance, rule: Rule) -> tuple[int, int]:
    """How broad a rule is: its kind, then over how many premises it reaches."""
    scope: BoolArray = getattr(rule, "scope", np.zeros(0, dtype=np.bool_))
    kind = BROAD_LAST.index(type(rule)) if type(rule) in BROAD_LAST else len(BROAD_LAST)
    return kind, len(np.unique(instance.site[scope]))
