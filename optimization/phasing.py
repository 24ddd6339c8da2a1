"""The same means without the phasing: what a plan could do if only the totals of its stages were given.

The best plan under the same quotas says what a better order within the stages is worth; this one says what
the quotas of the stages themselves cost.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from optimization.instance import Instance
from optimization.model import Key, key_of
from optimization.rules import BoolArray, IntArray, Quota, Rule, StageBudget

FREE = "free_phasing"
"""Id of the rules that stand in place of those of the stages."""

Staged = TypeVar("Staged", Quota, StageBudget)


@dataclass(frozen=True, eq=False, slots=True)
class Freed:
    """An instance in which it is free when what opens.

    Attributes:
        instance: what is left to solve.
        dropped: rules of single stages, by (id, part), that are gone.
        pooled: the budgets that stand in their place.
        totals: the quotas over all stages that do.
    """

    instance: Instance
    dropped: tuple[Key, ...]
    pooled: tuple[StageBudget, ...]
    totals: tuple[Quota, ...]


def free_phasing(instance: Instance, plans: Sequence[IntArray]) -> Freed:
    """`instance` without the phasing of its rules; those of `plans` (z, (F, T)) that keep its rules still do.

    * A quota on the openings of some stages gives way to one on those of all stages: at least as many in all
      as the quotas of its scope ask for together, and at most as many as they allow.  Where a budget counts
      the scope, the upper limit is gone: the money decides.  A quota on what is open at the end of a stage
      before the last is one on the openings until then.
    * Budgets of one scope become one amount over all the stages that they are for.
    * Of a kind that no budget counts, at most as many open in all as in one of `plans`: nothing is for free.

    What is open at the end stays as it is, as do all other rules.
    """
    budgeted = np.zeros(len(instance.site), dtype=np.bool_)
    for rule in instance.rules:
        if isinstance(rule, StageBudget):
            budgeted |= rule.scope
    every = tuple(range(len(instance.stages)))
    budgets = [rule for rule in instance.rules if isinstance(rule, StageBudget)]
    quotas = [(rule, _of_openings(instance, rule)) for rule in instance.rules if isinstance(rule, Quota)]
    phased = [(rule, q) for rule, q in quotas if q is not None and q.stages != every]
    staged: list[Rule] = [*(rule for rule, _ in phased), *budgets]
    totals = [*_totals([q for _, q in phased], budgeted, every), *_caps(instance, budgeted, plans)]
    pooled = list(_pooled(budgets, every))
    gone = [rule for rule in staged if not any(_same(rule, pool) for pool in pooled)]
    kept: list[Rule] = [rule for rule in instance.rules if not any(rule is other for other in staged)]
    freed = replace(instance, rules=(*kept, *totals, *pooled))
    return Freed(freed, tuple(map(key_of, gone)), tuple(pooled), tuple(totals))


def _of_openings(instance: Instance, rule: Quota) -> Quota | None:
    """A quota as one on openings; None where upgrades close some of what it counts as open."""
    if rule.count == "opened":
        return rule
    if rule.scope[instance.upgrades[:, 0]].any():
        return None
    before = int(instance.existing[rule.scope].sum())
    hi = None if rule.hi is None else max(0, rule.hi - before)
    run = tuple(range(rule.stages[-1] + 1))
    return replace(rule, count="opened", stages=run, lo=max(0, rule.lo - before), hi=hi)


def _totals(quotas: Iterable[Quota], budgeted: BoolArray, every: tuple[int, ...]) -> Iterator[Quota]:
    for n, family in enumerate(_by_scope(quotas)):
        scope = family[0].scope
        lo = _most_apart(family, len(every))
        hi = _least_covering(family, set(every), lambda q: q.hi)
        if budgeted[scope].all():
            hi = None
        if lo or hi is not None:
            yield Quota(id=FREE, part=f"total/{n}", scope=scope, stages=every, lo=lo, hi=hi)


def _caps(instance: Instance, budgeted: BoolArray, plans: Sequence[IntArray]) -> Iterator[Quota]:
    every = tuple(range(len(instance.stages)))
    for k, kind in enumerate(instance.kinds):
        scope = instance.kind == k
        if plans and not budgeted[scope].any():
            most = max(int(opened[scope].sum()) for opened in plans)
            yield Quota(id=FREE, part=f"kind/{kind.id}", scope=scope, stages=every, hi=most)


def _pooled(budgets: Iterable[StageBudget], every: tuple[int, ...]) -> Iterator[StageBudget]:
    for n, family in enumerate(_by_scope(budgets)):
        stages = set().union(*(rule.stages for rule in family))
        amount = _least_covering(family, stages, lambda b: b.amount)
        assert amount is not None
        run = tuple(t for t in every if t in stages)
        yield StageBudget(id=FREE, part=f"budget/{n}", scope=family[0].scope, stages=run, amount=amount)


def _by_scope(rules: Iterable[Staged]) -> list[list[Staged]]:
    families: defaultdict[bytes, list[Staged]] = defaultdict(list)
    for rule in rules:
        families[rule.scope.tobytes()].append(rule)
    return list(families.values())


def _same(rule: Rule, pool: StageBudget) -> bool:
    """Whether a budget says what the pool says, so that nothing was dropped."""
    return (
        isinstance(rule, StageBudget)
        and rule.stages == pool.stages
        and rule.amount == pool.amount
        and bool((rule.scope == pool.scope).all())
    )


def _most_apart(family: Sequence[Quota], stages: int) -> int:
    """The most that quotas of disjoint runs of stages ask for together."""
    best = [0] * (stages + 1)
    for t in range(stages):
        ending = (best[min(q.stages)] + q.lo for q in family if max(q.stages) == t)
        best[t + 1] = max(best[t], *ending, 0)
    return best[stages]


def _least_covering(
    family: Sequence[Staged], stages: set[int], limit: Callable[[Staged], int | None]
) -> int | None:
    """The least limit on all `stages` that limits on some of them add up to; None where some have none.

    Exact for runs of stages, a valid limit for others.
    """
    order = sorted(stages)
    best: list[int | None] = [0]  # of the first n stages
    for n, t in enumerate(order, 1):
        ways = []
        for rule in family:
            most = limit(rule)
            if most is not None and t in rule.stages:
                start = n - 1
                while start > 0 and order[start - 1] in rule.stages:
                    start -= 1
                if (before := best[start]) is not None:
                    ways.append(before + most)
        best.append(min(ways, default=None))
    return best[-1]
