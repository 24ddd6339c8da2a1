"""What the data say about the rules of a clash, and no rule can change."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np

from optimization import verify
from optimization.instance import EDGE_MINUTES, Instance
from optimization.model import Key, key_of
from optimization.reading import best_cover
from optimization.rules import (
    BoolArray,
    Capacity,
    Cluster,
    Colocated,
    CoverageTarget,
    GroupFloor,
    IntArray,
    MinimumCaseload,
    ParentWithinReach,
    Pinned,
    Quota,
    Rule,
    StageBudget,
)


class FactKind(Enum):
    """What the data say that no rule can change."""

    NO_HOST = "no_host"
    """In the group no facility that may be host is open or offered."""
    NO_SHARED_PREMISES = "no_shared_premises"
    """In the group there are hosts, but not at premises where the facility is offered."""
    LATE_HOST = "late_host"
    """In the group the facility can stand beside a host from `stage` on only, later than a quota asks."""
    FEW_PLACES = "few_places"
    """At most `count` facilities can open (or stand) in the scope in time; more are asked for."""
    MANY_STANDING = "many_standing"
    """`count` facilities stand already: more than the quota, or the cluster, allows."""
    RUNNING_COST = "running_cost"
    """What stands already costs `count` VND: more than the budget."""
    PINS_IN_CLUSTER = "pins_in_cluster"
    """`count` facilities of one cluster are asked for by name or number; it may have one."""
    NO_PARENT = "no_parent"
    """No parent can stand that can be reached from the group at all."""
    FAR_PARENT = "far_parent"
    """From the group the nearest parent that can stand is `minutes` away: farther than the rule allows."""
    LATE_PARENT = "late_parent"
    """In the group a satellite can have a parent within reach from `stage` on only, later than is asked."""
    BEYOND_REACH = "beyond_reach"
    """Were everything open that can be, `persons` would be covered in `stage`; `asked` are asked for."""
    LITTLE_ROOM = "little_room"
    """In `stage` there is room for at most `persons`; `asked` are asked for."""
    FEW_PERSONS = "few_persons"
    """Within reach of the busiest place in the scope live `persons`; each is to serve `asked`."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact behind a clash: the rule it bears on, and what its kind speaks of (indices, numbers)."""

    kind: FactKind
    key: Key
    group: int | None = None
    stage: int | None = None
    count: int | None = None
    minutes: float | None = None
    persons: float | None = None
    asked: float | None = None


def facts(instance: Instance, keys: Sequence[Key]) -> tuple[Fact, ...]:
    """What the data say about the rules of a clash."""
    rules = [rule for rule in instance.rules if key_of(rule) in keys]
    told = ((TELLERS.get(type(rule)), rule) for rule in rules)
    return tuple(fact for tell, rule in told if tell for fact in tell(instance, rule, rules))


# --- when and where ------------------------------------------------------------------------------


def earliest(instance: Instance) -> IntArray:
    """The first stage in which each facility can stand; T where never, (F,)."""
    can_open = instance.offered & (instance.limit > instance.existing)
    opening = np.where(can_open, instance.ready, len(instance.stages))
    return np.asarray(np.where(instance.existing > 0, 0, opening), dtype=np.int64)


def _wanted(rules: Sequence[Rule], scope: BoolArray) -> tuple[BoolArray, list[tuple[BoolArray, int]]]:
    """The facilities of `scope` that the clash asks for, and by which stage it asks for which."""
    asked = [(rule.scope, max(rule.stages)) for rule in rules if isinstance(rule, Quota) and rule.lo > 0]
    asked += [(rule.scope, rule.stage) for rule in rules if isinstance(rule, Pinned)]
    wanted = np.any([mine for mine, _ in asked], axis=0) & scope if asked else scope
    return (wanted if wanted.any() else scope), asked


def _due(asked: Sequence[tuple[BoolArray, int]], guests: IntArray, never: int) -> int:
    """By which stage any of `guests` is asked for."""
    return min((stage for scope, stage in asked if scope[guests].any()), default=never)


def _about_hosts(instance: Instance, rule: Colocated, rules: Sequence[Rule]) -> Iterator[Fact]:
    """Groups, of those that the clash speaks of, where a facility has no host, or not in time."""
    never, first, group = len(instance.stages), earliest(instance), instance.site_group[instance.site]
    wanted, asked = _wanted(rules, rule.scope)
    for g in np.unique(group[wanted]).tolist():
        hosts = np.flatnonzero(rule.hosts & (group == g))
        if not (first[hosts] < never).any():
            yield Fact(FactKind.NO_HOST, key_of(rule), group=g)
            continue
        host_at = np.full(len(instance.premises), never)
        np.minimum.at(host_at, instance.site[hosts], first[hosts])
        guests = np.flatnonzero(wanted & (group == g))
        both = int(np.maximum(first[guests], host_at[instance.site[guests]]).min())
        if both == never:
            yield Fact(FactKind.NO_SHARED_PREMISES, key_of(rule), group=g)
        elif both > _due(asked, guests, never):
            yield Fact(FactKind.LATE_HOST, key_of(rule), group=g, stage=both)


def _about_parents(instance: Instance, rule: ParentWithinReach, rules: Sequence[Rule]) -> Iterator[Fact]:
    """Groups, of those that the clash speaks of, that are too far from any parent, or have one too late."""
    assert instance.between is not None
    never, first, group = len(instance.stages), earliest(instance), instance.site_group[instance.site]
    wanted, asked = _wanted(rules, rule.scope & ~rule.parents)
    parents = np.flatnonzero(rule.parents & (first < never))
    for g in np.unique(group[wanted]).tolist():
        guests = np.flatnonzero(wanted & (group == g) & (first < never))
        if not len(guests):
            continue
        way = instance.between[np.ix_(instance.site[guests], instance.site[parents])]
        nearest = float(way.min(initial=np.inf))
        near = way <= rule.minutes + EDGE_MINUTES
        if not np.isfinite(nearest):
            yield Fact(FactKind.NO_PARENT, key_of(rule), group=g)
        elif not near.any():
            yield Fact(FactKind.FAR_PARENT, key_of(rule), group=g, minutes=nearest)
        else:
            when = np.where(near, np.maximum(first[guests][:, None], first[parents][None, :]), never)
            if when.min() > _due(asked, guests, never):
                yield Fact(FactKind.LATE_PARENT, key_of(rule), group=g, stage=int(when.min()))


def _about_numbers(instance: Instance, rule: Quota, rules: Sequence[Rule]) -> Iterator[Fact]:
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
            for before in rules
            if isinstance(before, Quota)
            and before.count == "opened"
            and max(before.stages) < min(rule.stages)
            and not (before.scope & ~rule.scope).any()
        )
    if count < asked and rule.lo > 0:
        yield Fact(FactKind.FEW_PLACES, key_of(rule), count=count)


def _about_money(instance: Instance, rule: StageBudget, rules: Sequence[Rule]) -> Iterator[Fact]:
    del rules
    nothing = np.zeros((len(instance.site), len(instance.stages)), dtype=np.int64)
    running = int(verify.cost(instance, nothing, scope=rule.scope)[list(rule.stages)].sum())
    if running > rule.amount:
        yield Fact(FactKind.RUNNING_COST, key_of(rule), count=running)


def _about_pin(instance: Instance, rule: Pinned, rules: Sequence[Rule]) -> Iterator[Fact]:
    del rules
    can_open = instance.offered & (instance.ready <= rule.stage) & rule.scope
    room = np.where(can_open, instance.limit, instance.existing)
    count = int(room[rule.scope].sum())
    if count < rule.count:
        yield Fact(FactKind.FEW_PLACES, key_of(rule), count=count)


def _about_cluster(instance: Instance, rule: Cluster, rules: Sequence[Rule]) -> Iterator[Fact]:
    standing = int(instance.existing[rule.scope].sum())
    if standing > 1:
        yield Fact(FactKind.MANY_STANDING, key_of(rule), count=standing)
    asked = sum(
        other.count if isinstance(other, Pinned) else other.lo
        for other in rules
        if isinstance(other, Pinned | Quota) and not (other.scope & ~rule.scope).any()
    )
    if asked > 1:
        yield Fact(FactKind.PINS_IN_CLUSTER, key_of(rule), count=asked)


# --- persons -------------------------------------------------------------------------------------


def _about_cover(
    instance: Instance, rule: CoverageTarget | GroupFloor, rules: Sequence[Rule]
) -> Iterator[Fact]:
    """Whether the target lies beyond what all places that can be open by then reach, or have room for."""
    can_stand = (earliest(instance) <= rule.stage).astype(np.int64)
    best = best_cover(instance, np.repeat(can_stand[:, None], len(instance.stages), axis=1))
    persons = instance.demand[rule.service, :, rule.stage]
    covered = persons * best[rule.service, :, rule.stage]
    where: list[tuple[int | None, BoolArray]] = (
        [(None, rule.communes)]
        if isinstance(rule, CoverageTarget)
        else [(g, instance.commune_group == g) for g in range(len(instance.groups))]
    )
    for g, communes in where:
        asked = rule.share * float(persons[communes].sum())
        reached = float(covered[communes].sum())
        if reached < asked * (1 - 1e-9):
            key = key_of(rule)
            yield Fact(FactKind.BEYOND_REACH, key, group=g, stage=rule.stage, persons=reached, asked=asked)
    if isinstance(rule, CoverageTarget):
        yield from _about_room(instance, rule, rules)


def _about_room(instance: Instance, rule: CoverageTarget, rules: Sequence[Rule]) -> Iterator[Fact]:
    """The room that the largest facilities have of which as many stand as the clash's quotas allow."""
    capacities = [r for r in rules if isinstance(r, Capacity)]
    ours = instance.facility_service == rule.service
    first = earliest(instance)
    amount = np.full(len(instance.site), np.inf)
    for capacity in capacities:
        amount = np.where(capacity.scope, np.minimum(amount, capacity.amount), amount)
    room = instance.limit - instance.existing
    can_open = ours & instance.offered & (room > 0) & (instance.ready <= rule.stage)
    places = np.sort(np.repeat(amount[can_open], room[can_open]))[::-1]
    if not capacities or not np.isfinite(amount[ours & (first <= rule.stage)]).all():
        return
    allowed = _allowed(instance, can_open, rule.stage, [r for r in rules if isinstance(r, Quota)])
    here = ours & (instance.existing > 0)
    standing = float((amount[here] * instance.existing[here]).sum())
    persons = standing + float(places[:allowed].sum())
    asked = rule.share * float(instance.demand[rule.service, rule.communes, rule.stage].sum())
    if persons < asked * (1 - 1e-9):
        key = key_of(capacities[0])
        yield Fact(FactKind.LITTLE_ROOM, key, stage=rule.stage, persons=persons, asked=asked)


def _allowed(instance: Instance, can_open: BoolArray, stage: int, quotas: Sequence[Quota]) -> int | None:
    """How many of those that can open by the end of `stage` the quotas allow to; None: all of them."""
    found: list[int] = []
    yearly: dict[int, int] = {}
    for quota in quotas:
        if quota.hi is None or (can_open & ~quota.scope).any():
            continue
        if quota.count == "open":
            if max(quota.stages) >= stage:
                found.append(max(0, quota.hi - int(instance.existing[quota.scope].sum())))
        elif set(range(stage + 1)) <= set(quota.stages):
            found.append(quota.hi)
        elif len(quota.stages) == 1:
            yearly[quota.stages[0]] = min(quota.hi, yearly.get(quota.stages[0], quota.hi))
    if set(range(stage + 1)) <= yearly.keys():
        found.append(sum(n for t, n in yearly.items() if t <= stage))
    return min(found, default=None)


def _about_caseload(instance: Instance, rule: MinimumCaseload, rules: Sequence[Rule]) -> Iterator[Fact]:
    """Whether even the place with most people within reach has too few of them."""
    del rules
    most = 0.0
    can_open = rule.scope & instance.offered & (instance.limit > instance.existing)
    for f in np.flatnonzero(can_open & (instance.ready < len(instance.stages))).tolist():
        near = instance.minutes[:, instance.site[f]] <= instance.outer[f] + EDGE_MINUTES
        persons = instance.demand[instance.facility_service[f]][near].sum(axis=0)
        most = max(most, float(persons.max(initial=0.0)))
    if most < rule.amount:
        yield Fact(FactKind.FEW_PERSONS, key_of(rule), persons=most, asked=rule.amount)


TELLERS: dict[type[Rule], Callable[[Instance, Any, Sequence[Rule]], Iterator[Fact]]] = {
    Colocated: _about_hosts,
    ParentWithinReach: _about_parents,
    Quota: _about_numbers,
    Pinned: _about_pin,
    Cluster: _about_cluster,
    StageBudget: _about_money,
    CoverageTarget: _about_cover,
    GroupFloor: _about_cover,
    MinimumCaseload: _about_caseload,
}
"""What tells the facts about a kind of rule: from the instance, the rule and all rules of its clash."""
