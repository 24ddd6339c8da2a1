"""Which rules cannot be kept together, and the facts behind it.

A *clash* is a set of rule rows that cannot all be kept, while without any one of them the rest can: an
irreducible infeasible set over rules (Chinneck 2008).  What stands, what is offered and when it is ready are
facts and no rules; they are told beside the clash.  What would resolve it is `diagnose`'s part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol, TypeVar

import numpy as np

from optimization import solve, verify
from optimization.instance import Instance
from optimization.model import Key, key_of
from optimization.rules import BoolArray, Colocated, IntArray, Quota, Rule, StageBudget

Item = TypeVar("Item")

BROAD_LAST: tuple[type[Rule], ...] = (Colocated, Quota, StageBudget)
"""Rules early in this list say why a plan fails in fewer words than those late in it."""


class IsFeasible(Protocol):
    """`solve.is_feasible`, or anything that answers like it."""

    def __call__(self, instance: Instance, *, omit: frozenset[Key] = ...) -> bool:
        """Whether a plan keeps all rules but those of `omit`."""


class FactKind(Enum):
    """What the data say that no rule can change."""

    NO_HOST = "no_host"
    """In the group no facility that may be host is open or offered."""
    NO_SHARED_PREMISES = "no_shared_premises"
    """In the group there are hosts, but not at premises where the facility is offered."""
    LATE_HOST = "late_host"
    """In the group the facility can stand beside a host from `stage` on only, later than a quota asks."""
    FEW_PLACES = "few_places"
    """At most `count` facilities can open (or stand) in the quota's scope in time; more are asked for."""
    MANY_STANDING = "many_standing"
    """`count` facilities stand already: more than the quota allows."""
    RUNNING_COST = "running_cost"
    """What stands already costs `count` VND: more than the budget."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact behind a clash: the rule it bears on, and group, stage (indices) and count where they apply."""

    kind: FactKind
    key: Key
    group: int | None = None
    stage: int | None = None
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Clash:
    """Rule rows by (id, part), narrow rules first, that cannot be kept together; without any one they can."""

    keys: tuple[Key, ...]
    facts: tuple[Fact, ...]


def clash(
    instance: Instance, is_feasible: IsFeasible = solve.is_feasible, *, omit: frozenset[Key] = frozenset()
) -> tuple[Key, ...]:
    """A minimal set of rule rows that cannot be kept together; empty if all rules but `omit` can.

    Whole rules are left out first, then single rows, broad ones before narrow ones: budgets, then numbers
    over many premises, then those over few.  The answer depends on the order of the rules only.

    Raises:
        SolverError: the solver could not decide.
    """
    every = frozenset(key_of(rule) for rule in instance.rules)

    def clashes(keys: Sequence[Key]) -> bool:
        return not is_feasible(instance, omit=every.difference(keys))

    rows: dict[str, list[Key]] = {}
    for rule in sorted(instance.rules, key=lambda rule: _breadth(instance, rule)):
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


def _breadth(instance: Instance, rule: Rule) -> tuple[int, int]:
    """How broad a rule is: its kind, then over how many premises it reaches."""
    scope: BoolArray = getattr(rule, "scope", np.zeros(0, dtype=np.bool_))
    kind = BROAD_LAST.index(type(rule)) if type(rule) in BROAD_LAST else len(BROAD_LAST)
    return kind, len(np.unique(instance.site[scope]))


# --- facts ---------------------------------------------------------------------------------------


def facts(instance: Instance, keys: Sequence[Key]) -> tuple[Fact, ...]:
    """What the data say about the rules of a clash."""
    rules = [rule for rule in instance.rules if key_of(rule) in keys]
    quotas = [rule for rule in rules if isinstance(rule, Quota)]
    asked = [rule for rule in quotas if rule.lo > 0]
    found: list[Fact] = []
    for rule in rules:
        if isinstance(rule, Colocated):
            found.extend(_about_hosts(instance, rule, asked))
        elif isinstance(rule, Quota):
            found.extend(_about_numbers(instance, rule, quotas))
        elif isinstance(rule, StageBudget):
            nothing = np.zeros((len(instance.site), len(instance.stages)), dtype=np.int64)
            running = int(verify.cost(instance, nothing, scope=rule.scope)[list(rule.stages)].sum())
            if running > rule.amount:
                found.append(Fact(FactKind.RUNNING_COST, key_of(rule), count=running))
    return tuple(found)


def _earliest(instance: Instance) -> IntArray:
    """The first stage in which each facility can stand; T where never, (F,)."""
    can_open = instance.offered & (instance.limit > instance.existing)
    opening = np.where(can_open, instance.ready, len(instance.stages))
    return np.asarray(np.where(instance.existing > 0, 0, opening), dtype=np.int64)


def _about_hosts(instance: Instance, rule: Colocated, asked: Sequence[Quota]) -> Iterator[Fact]:
    """Groups, of those that the clash's quotas speak of, where a facility has no host, or not in time."""
    never, earliest, group = len(instance.stages), _earliest(instance), instance.site_group[instance.site]
    wanted = np.any([quota.scope for quota in asked], axis=0) & rule.scope if asked else rule.scope
    for g in np.unique(group[wanted]).tolist():
        hosts = np.flatnonzero(rule.hosts & (group == g))
        if not (earliest[hosts] < never).any():
            yield Fact(FactKind.NO_HOST, key_of(rule), group=g)
            continue
        host_at = np.full(len(instance.premises), never)
        np.minimum.at(host_at, instance.site[hosts], earliest[hosts])
        guests = np.flatnonzero(wanted & (group == g))
        both = int(np.maximum(earliest[guests], host_at[instance.site[guests]]).min())
        due = min((max(quota.stages) for quota in asked if quota.scope[guests].any()), default=never)
        if both == never:
            yield Fact(FactKind.NO_SHARED_PREMISES, key_of(rule), group=g)
        elif both > due:
            yield Fact(FactKind.LATE_HOST, key_of(rule), group=g, stage=both)


def _about_numbers(instance: Instance, rule: Quota, quotas: Sequence[Quota]) -> Iterator[Fact]:
    """How many can open or stand in the scope, where less than this quota, with those before it, asks for."""
    last = max(rule.stages)
    can_open = instance.offered & (instance.ready <= last) & rule.scope
    count = int((instance.limit - instance.existing)[can_open].sum())
    asked = rule.lo
    if rule.count == "open":
        standing = int(instance.existing[rule.scope].sum())
        count += standing
        if rule.hi is not None and standing > rule.hi:
            yield Fact(FactKind.MANY_STANDING, key_of(rule), count=standing)
    else:
        asked += sum(
            before.lo
            for before in quotas
            if before.count == "opened"
            and max(before.stages) < min(rule.stages)
            and not (before.scope & ~rule.scope).any()
        )
    if count < asked and rule.lo > 0:
        yield Fact(FactKind.FEW_PLACES, key_of(rule), count=count)
