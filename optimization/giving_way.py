"""Relaxations by which several rows of one family give way together, by the least in all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import TypeVar

import numpy as np

from optimization import solve, verify
from optimization.changes import NEW_HOST_RULE, Change, Way
from optimization.instance import Instance
from optimization.model import Key, key_of
from optimization.new_places import Case
from optimization.rules import Colocated, Quota, Rule, StageBudget

LATER = 1e-3
"""By how much less a stage's slack weighs than that of the stage before: it decides between equals only."""

R = TypeVar("R", bound=Rule)


def giving_way(case: Case) -> Iterator[tuple[Change, ...]]:
    """Quotas, budgets, and co-location by exceptions."""
    yield from _family(case, Quota, _quota_changes)
    yield from _family(case, StageBudget, _budget_changes)
    yield from _family(case, Colocated, _exceptions)


def _family(
    case: Case, family: type[Rule], changes_of: Callable[[Case, solve.Slacks], tuple[Change, ...]]
) -> Iterator[tuple[Change, ...]]:
    """The least by which rules of one family have to give way.

    Tried in turn until something works: the rows of one rule of the clash; all of the clash's rows of the
    family; all of its rows in the instance.  Where it is the same, later stages give way before earlier ones.
    """
    instance, omit = case.instance, case.omit
    every = [key_of(r) for r in instance.rules if isinstance(r, family) and r.id != NEW_HOST_RULE]
    mine = [key for key in every if key in case.keys]
    if not mine:
        return
    rules = dict.fromkeys(id_ for id_, _ in mine)
    weights = {key_of(r): 1 - LATER * max(getattr(r, "stages", (0,))) for r in instance.rules}
    tiers = [
        [frozenset(key for key in mine if key[0] == id_) for id_ in rules],
        [frozenset(mine)],
        [frozenset(every) - omit],
    ]
    found, tried = False, set()
    for tier in tiers:
        for elastic in tier:
            if elastic in tried or not case.judge(instance, omit=omit | elastic):
                continue  # not even without them
            tried.add(elastic)
            least = solve.least(instance, elastic=elastic, omit=omit, weights=weights)
            changes = changes_of(case, least) if least else ()
            if changes and case.works(*changes):
                found = True
                yield changes
        if found:
            return


def _quota_changes(case: Case, least: solve.Slacks) -> tuple[Change, ...]:
    rules = _rules(case.instance, Quota)
    changes = []
    for key, sides in least.amounts.items():
        lo, hi = rules[key].lo, rules[key].hi
        if n := sides.get("lo"):
            changes.append(Change(way=Way.QUOTA, key=key, amount=n, side="lo", limit=lo - n))
        if (n := sides.get("hi")) and hi is not None:
            changes.append(Change(way=Way.QUOTA, key=key, amount=n, side="hi", limit=hi + n))
    return tuple(changes)


def _budget_changes(case: Case, least: solve.Slacks) -> tuple[Change, ...]:
    """What the plan found costs, and for each budget in turn the proof that one đồng less does not do.

    The solver's own slacks are not looked at: a few đồng in a billion are less than it can tell from nothing.
    """
    rules = _rules(case.instance, StageBudget)
    changes: dict[Key, Change] = {}

    def raised(key: Key, limit: int) -> Change:
        return Change(way=Way.BUDGET, key=key, amount=limit - rules[key].amount, limit=limit)

    for key, rule in rules.items():
        by_stage = verify.cost(case.instance, least.opened, scope=rule.scope)
        spent = sum(int(by_stage[t]) for t in rule.stages)
        if spent > rule.amount and key not in case.omit:
            changes[key] = raised(key, spent)

    for key in tuple(changes):
        too_low, enough = rules[key].amount, int(changes[key].limit or 0)
        probe = enough - 1
        while enough - too_low > 1:
            if case.works(*(changes | {key: raised(key, probe)}).values()):
                enough = probe
            else:
                too_low = probe
            probe = (too_low + enough) // 2
        changes[key] = raised(key, enough)
    return tuple(changes.values())


def _exceptions(case: Case, least: solve.Slacks) -> tuple[Change, ...]:
    """An exception is made for a group as a whole: which of its facilities uses it is left to the planner."""
    instance = case.instance
    group = instance.site_group[instance.site]
    rules = _rules(instance, Colocated)
    changes = []
    for key, sides in least.amounts.items():
        needed: Counter[int] = Counter()
        for f, n in sides.items():
            needed[int(group[int(f)])] += round(n)
        for g, n in sorted(needed.items()):
            choices = tuple(np.flatnonzero(rules[key].scope & (group == g)).tolist())
            changes.append(Change(way=Way.EXCEPTION, key=key, amount=n, group=g, choices=choices))
    return tuple(changes)


def _rules(instance: Instance, family: type[R]) -> dict[Key, R]:
    return {key_of(rule): rule for rule in instance.rules if isinstance(rule, family)}
