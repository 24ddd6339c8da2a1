"""What cannot work, told by counting: conditions that every plan fulfils, without a search.

Each bound takes a few rules by themselves and is generous in everything else, so that what fails here has no
plan, while what passes may still have none: the proof either way is the solver's.  Symbols as in `instance`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from optimization.facts import FactKind, facts
from optimization.instance import EDGE_MINUTES, Instance
from optimization.model import Key, key_of
from optimization.reading import best_cover
from optimization.reading import cost as cost_of
from optimization.rules import (
    BoolArray,
    Capacity,
    Cluster,
    Colocated,
    CoverageTarget,
    Forbidden,
    GroupFloor,
    IntArray,
    ParentWithinReach,
    Pinned,
    Quota,
    StageBudget,
    Upgrade,
)

SLACK = 1e-6
"""Persons are compared with this much to spare, as a share of what is asked."""


class Why(Enum):
    """What a plan would have to be, and cannot."""

    PLACES = "places"
    """A rule asks for `asked` facilities; at most `possible` can open, or stand, where and when it says."""
    STANDING = "standing"
    """`asked` facilities stand already; the rule allows `possible`."""
    TOTALS = "totals"
    """The rules together ask for `asked` openings; `other` allows `possible`."""
    MONEY = "money"
    """What stands and what the rules open costs at least `asked` VND; there are `possible`."""
    REACH = "reach"
    """With everything open that can be, `possible` persons are within reach; `asked` are asked for."""
    ROOM = "room"
    """There is room for at most `possible` persons; `asked` are asked for."""


class Cause(Enum):
    """Which kind of rule makes the places too few."""

    OFFER = "offer"
    FORBIDDEN = "forbidden"
    HOST = "host"
    PARENT = "parent"


@dataclass(frozen=True, slots=True)
class Impossible:
    """A condition that no plan fulfils.

    Attributes:
        key: the rule it is told of.
        other: a second rule that it clashes with, if any.
        cause: for places, what makes them too few; `by` are the rules that do.
        group, stage: indices, where it is about one.
        hard: False for a soft target, which stays out of reach but forbids nothing.
    """

    why: Why
    key: Key
    asked: float
    possible: float
    other: Key | None = None
    cause: Cause | None = None
    by: tuple[Key, ...] = ()
    group: int | None = None
    stage: int | None = None
    hard: bool = True


def impossible(instance: Instance) -> tuple[Impossible, ...]:
    """Every condition, of those looked at, that no plan of `instance` fulfils; soft targets among them."""
    can = openable(instance)
    found = [*_places(instance, can), *_standing(instance), *_reach(instance, can), *_room(instance)]
    if not any(one.why is Why.PLACES for one in found):
        found += [*_totals(instance, can), *_money(instance, can)]
    return tuple(found)


# --- where and when something can open -----------------------------------------------------------

CAUSES: tuple[tuple[Cause, type[Forbidden | Colocated | ParentWithinReach]], ...] = (
    (Cause.FORBIDDEN, Forbidden),
    (Cause.HOST, Colocated),
    (Cause.PARENT, ParentWithinReach),
)


def openable(
    instance: Instance, heeding: Sequence[type] = (Forbidden, Colocated, ParentWithinReach)
) -> BoolArray:
    """Whether facility f can open in stage t, as far as offers and the rules `heeding` tell, (F, T).

    A host or a parent must be able to stand by then, and so on: the greatest set that agrees with itself.
    """
    last = len(instance.stages)
    upgrades = [rule for rule in instance.rules if isinstance(rule, Upgrade)]
    more = (instance.limit > instance.existing) | _touched(instance)
    can = (instance.offered & more)[:, None] & (np.arange(last)[None, :] >= instance.ready[:, None])
    rules = [rule for rule in instance.rules if isinstance(rule, tuple(heeding))]
    for rule in rules:
        if isinstance(rule, Forbidden):
            can[np.ix_(np.flatnonzero(rule.scope), np.array(rule.stages, dtype=np.int64))] = False
    while True:
        stands = standable(instance, can)
        before = can.copy()
        for rule in rules:
            if isinstance(rule, Colocated):
                can[rule.scope] &= _at(instance, rule.hosts, stands)[instance.site[rule.scope]]
            elif isinstance(rule, ParentWithinReach):
                can[rule.scope] &= _fed(instance, rule, stands)
        for rule in upgrades:
            ended = np.hstack([(instance.existing > 0)[:, None], stands[:, :-1]])
            can[rule.after] &= _at(instance, rule.before, ended)[instance.site[rule.after]]
        if np.array_equal(can, before):
            return can


def standable(instance: Instance, can: BoolArray) -> BoolArray:
    """Whether facility f can be open at the end of stage t, (F, T)."""
    opened = np.logical_or.accumulate(can, axis=1)
    return np.asarray(opened | (instance.existing > 0)[:, None])


def _touched(instance: Instance) -> BoolArray:
    """Facilities that an upgrade may close or open: their numbers are not bounded by what stands."""
    touched = np.zeros(len(instance.site), dtype=np.bool_)
    for rule in instance.rules:
        if isinstance(rule, Upgrade):
            touched |= rule.before | rule.after
    return touched


def _at(instance: Instance, scope: BoolArray, stands: BoolArray) -> BoolArray:
    """Whether any of `scope` can stand at premises j by stage t, (J, T)."""
    there = np.zeros((len(instance.premises), stands.shape[1]), dtype=np.bool_)
    np.logical_or.at(there, instance.site[scope], stands[scope])
    return there


def _fed(instance: Instance, rule: ParentWithinReach, stands: BoolArray) -> BoolArray:
    """Whether each facility of the rule's scope can have a parent within reach by stage t, (scope, T)."""
    assert instance.between is not None
    guests, parents = np.flatnonzero(rule.scope), np.flatnonzero(rule.parents)
    way = instance.between[np.ix_(instance.site[guests], instance.site[parents])]
    fed = ((way <= rule.minutes + EDGE_MINUTES).astype(np.int64) @ stands[parents].astype(np.int64)) > 0
    return np.asarray(fed | rule.parents[guests][:, None])


def _room(instance: Instance) -> Iterator[Impossible]:
    """Capacities that do not add up to a target, were as many open as the quotas allow."""
    if _touched(instance).any():
        return
    limits = [key_of(rule) for rule in instance.rules if isinstance(rule, Quota | Capacity)]
    targets: dict[tuple[int, int], list[tuple[float, CoverageTarget]]] = {}
    for rule in instance.rules:
        if isinstance(rule, CoverageTarget):
            asked = rule.share * float(instance.demand[rule.service, rule.communes, rule.stage].sum())
            targets.setdefault((rule.service, rule.stage), []).append((asked, rule))
    for same in targets.values():  # the room is one and the same: where the greatest fits, all do
        for _, rule in sorted(same, key=lambda pair: -pair[0]):
            told = facts(instance, [*limits, key_of(rule)])
            fact = next((fact for fact in told if fact.kind is FactKind.LITTLE_ROOM), None)
            if fact is None or fact.persons is None or fact.asked is None:
                break
            if fact.persons < fact.asked * (1 - SLACK):
                yield Impossible(
                    Why.ROOM, key_of(rule), fact.asked, fact.persons, other=fact.key,
                    stage=rule.stage, hard=rule.hard,
                )  # fmt: skip


# --- numbers -------------------------------------------------------------------------------------


def _places(instance: Instance, can: BoolArray) -> Iterator[Impossible]:
    """Quotas and pins that ask for more than can open, or stand."""
    for rule in instance.rules:
        if isinstance(rule, Quota | Pinned):
            asked = rule.count if isinstance(rule, Pinned) else rule.lo
            possible = _most(instance, rule, can)
            if possible < asked:
                cause, by = _cause(instance, rule, asked)
                yield Impossible(
                    Why.PLACES, key_of(rule), asked, possible, cause=cause, by=by,
                    stage=rule.stage if isinstance(rule, Pinned) else max(rule.stages),
                )  # fmt: skip


def _most(instance: Instance, rule: Quota | Pinned, can: BoolArray) -> int:
    """The most facilities that can open, or stand, as the rule counts them; clusters are heeded."""
    standing = isinstance(rule, Pinned) or rule.count == "open"
    stages = list(range(rule.stage + 1)) if isinstance(rule, Pinned) else list(rule.stages)
    last, touched = max(stages), _touched(instance)
    if standing:
        count = np.where(can[:, : last + 1].any(axis=1), instance.limit, instance.existing)
    else:
        free = np.where(touched, instance.limit * len(instance.stages), instance.limit - instance.existing)
        count = np.where(can[:, stages].any(axis=1), free, 0)
    count = np.where(rule.scope, count, 0)
    for cluster in instance.rules:
        if isinstance(cluster, Cluster) and not (touched & cluster.scope).any():
            most = 1 if standing else max(0, 1 - int(instance.existing[cluster.scope].sum()))
            mine = np.flatnonzero(cluster.scope & (count > 0))
            if int(count[mine].sum()) > most:  # each facility is taken to belong to one cluster only
                count[mine] = 0
                count[mine[:most]] = 1
    return int(count.sum())


def _cause(instance: Instance, rule: Quota | Pinned, asked: int) -> tuple[Cause, tuple[Key, ...]]:
    """The first kind of rule with which the places become too few, and which rules of it bear on them."""
    heeding: list[type] = []
    if _most(instance, rule, openable(instance, ())) < asked:
        return Cause.OFFER, ()
    for cause, kind in CAUSES:
        heeding.append(kind)
        if _most(instance, rule, openable(instance, tuple(heeding))) < asked:
            by = [r for r in instance.rules if isinstance(r, kind) and (r.scope & rule.scope).any()]
            return cause, tuple(dict.fromkeys(key_of(r) for r in by))
    return Cause.OFFER, ()


def _standing(instance: Instance) -> Iterator[Impossible]:
    """Quotas and clusters that less than what stands would keep."""
    touched = _touched(instance)
    for rule in instance.rules:
        if isinstance(rule, Quota | Cluster) and not (touched & rule.scope).any():
            hi = 1 if isinstance(rule, Cluster) else rule.hi if rule.count == "open" else None
            there = int(instance.existing[rule.scope].sum())
            if hi is not None and there > hi:
                yield Impossible(Why.STANDING, key_of(rule), there, hi)


# --- rules taken together ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Asked:
    """So many openings of a scope in some of the stages."""

    key: Key
    scope: BoolArray
    stages: tuple[int, ...]
    count: int


def _families(instance: Instance, scope: BoolArray) -> list[list[_Asked]]:
    """Sets of openings within `scope` that rules ask for, no opening counted twice in one set."""
    quotas = [r for r in instance.rules if isinstance(r, Quota) and r.lo > 0 and not (r.scope & ~scope).any()]
    pins = [r for r in instance.rules if isinstance(r, Pinned) and not (r.scope & ~scope).any()]
    asked: list[_Asked] = []
    for rule in quotas:
        there = int(instance.existing[rule.scope].sum()) if rule.count == "open" else 0
        stages = tuple(range(max(rule.stages) + 1)) if rule.count == "open" else rule.stages
        asked.append(_Asked(key_of(rule), rule.scope, stages, rule.lo - there))
    for pin in pins:
        there = int(instance.existing[pin.scope].sum())
        asked.append(_Asked(key_of(pin), pin.scope, tuple(range(pin.stage + 1)), pin.count - there))
    asked = [one for one in asked if one.count > 0]
    orders = [
        sorted(asked, key=lambda one: (len(one.stages), -one.count)),
        sorted(asked, key=lambda one: (int(one.scope.sum()), len(one.stages))),
        sorted(asked, key=lambda one: -one.count),
    ]
    return [_apart(order) for order in orders]


def _apart(asked: Iterable[_Asked]) -> list[_Asked]:
    kept: list[_Asked] = []
    for one in asked:
        if all(not set(one.stages) & set(k.stages) or not (one.scope & k.scope).any() for k in kept):
            kept.append(one)
    return kept


def _totals(instance: Instance, can: BoolArray) -> Iterator[Impossible]:
    """Openings that rules ask for together, against what one rule allows to stand in the end."""
    touched = _touched(instance)
    every = np.arange(len(instance.stages))
    for k in range(len(instance.kinds)):
        scope = instance.kind == k
        if (touched & scope).any():
            continue
        lower = max(_families(instance, scope), key=lambda f: sum(one.count for one in f), default=[])
        asked = sum(one.count for one in lower)
        room = np.where(can.any(axis=1) & scope, instance.limit - instance.existing, 0)
        for id_ in dict.fromkeys(r.id for r in instance.rules if isinstance(r, Quota) and r.hi is not None):
            rows = [r for r in instance.rules if isinstance(r, Quota) and r.id == id_ and r.hi is not None]
            possible, left = 0, room.copy()
            for row in rows:
                assert row.hi is not None
                ends = row.count == "open" and max(row.stages) == every[-1]
                whole = row.count == "opened" and set(every) <= set(row.stages)
                if ends or whole:
                    there = int(instance.existing[row.scope].sum()) if ends else 0
                    possible += max(0, min(row.hi - there, int(left[row.scope].sum())))
                    left = np.where(row.scope, 0, left)
            possible += int(left.sum())
            if possible < asked and any(one.key[0] != id_ for one in lower):
                first = max((one for one in lower if one.key[0] != id_), key=lambda one: one.count)
                yield Impossible(Why.TOTALS, first.key, asked, possible, other=(id_, ""))
                break


def _money(instance: Instance, can: BoolArray) -> Iterator[Impossible]:
    """What stands, and the cheapest way to open what rules ask for, against each budget."""
    touched = _touched(instance)
    nothing: IntArray = np.zeros((len(instance.site), len(instance.stages)), dtype=np.int64)
    for rule in instance.rules:
        if not isinstance(rule, StageBudget) or (touched & rule.scope).any():
            continue
        running = int(cost_of(instance, nothing, scope=rule.scope)[list(rule.stages)].sum())
        price = instance.price(rule.scope, rule.stages)
        best, needed = 0, []
        for family in _families(instance, rule.scope):
            costs = [(one, one.count * _cheapest(one, price, can)) for one in family]
            if (total := sum(cost for _, cost in costs)) > best:
                best, needed = total, [one for one, cost in costs if cost > 0]
        if running + best > rule.amount:
            other = max(needed, key=lambda one: one.count).key if needed else None
            yield Impossible(
                Why.MONEY, key_of(rule), running + best, rule.amount, other=other, stage=max(rule.stages)
            )


def _cheapest(one: _Asked, price: IntArray, can: BoolArray) -> int:
    stages = list(one.stages)
    there = can[:, stages] & one.scope[:, None]
    return int(price[:, stages][there].min()) if there.any() else 0


# --- persons -------------------------------------------------------------------------------------


def _reach(instance: Instance, can: BoolArray) -> Iterator[Impossible]:
    """Targets beyond what all places that can be open by then reach."""
    wanted = [r for r in instance.rules if isinstance(r, CoverageTarget | GroupFloor)]
    if not wanted:
        return
    best = best_cover(instance, standable(instance, can).astype(np.int64))
    for rule in wanted:
        persons = instance.demand[rule.service, :, rule.stage]
        covered = persons * best[rule.service, :, rule.stage]
        floor = isinstance(rule, GroupFloor)
        parts: list[tuple[int | None, BoolArray]] = (
            [(g, instance.commune_group == g) for g in range(len(instance.groups))]
            if isinstance(rule, GroupFloor)
            else [(None, rule.communes)]
        )
        for g, communes in parts:
            asked, reached = rule.share * float(persons[communes].sum()), float(covered[communes].sum())
            if reached < asked * (1 - SLACK):
                hard = True if floor else getattr(rule, "hard", True)
                yield Impossible(
                    Why.REACH, key_of(rule), asked, reached, group=g, stage=rule.stage, hard=hard
                )
