"""Relaxations that move one limit of one rule by the least that will do."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from optimization.changes import Change, Way
from optimization.instance import EDGE_MINUTES, Instance
from optimization.model import key_of
from optimization.new_places import Case
from optimization.reading import best_cover
from optimization.rules import (
    BoolArray,
    Capacity,
    Cluster,
    CommunityShare,
    CoverageTarget,
    FloatArray,
    Forbidden,
    GroupFloor,
    MinimumCaseload,
    ParentWithinReach,
    Pinned,
    Rule,
)

SHARE_STEP = 1e-3
"""A share that no single row tells is lowered in steps of a thousandth."""

ROUNDING = 1e-6
"""Persons by which a solver's answer may be off."""


def limits(case: Case) -> Iterator[tuple[Change, ...]]:
    """Every limit of a rule of the clash that alone can resolve it, moved by the least that will do."""
    for rule in case.rules:
        for steps in LIMITS.get(type(rule), ()):
            change = steps(case, rule)
            if change is not None:
                yield (change,)


def _least(case: Case, n: int, change_of: Callable[[int], Change], first: int = 1) -> Change | None:
    """The gentlest of `n` changes that resolves the clash: a search by halves, for what is more works too.

    None if not even the last one does.  Nothing gentler than `first` can work.
    """
    if n < first:
        return None
    if case.works(change_of(first)):
        return change_of(first)
    if n == first or not case.works(change_of(n)):
        return None
    too_little, enough = first, n
    while enough - too_little > 1:
        probe = (too_little + enough) // 2
        if case.works(change_of(probe)):
            enough = probe
        else:
            too_little = probe
    return change_of(enough)


def _pin(case: Case, rule: Pinned) -> Change | None:
    """Fewer of the pinned; 0: the pin is dropped."""

    def fewer(n: int) -> Change:
        return Change(way=Way.PIN, key=key_of(rule), amount=n, limit=rule.count - n)

    return _least(case, rule.count, fewer)


def _ban(case: Case, rule: Forbidden) -> Change | None:
    n = int(rule.scope.sum())
    return _least(case, 1, lambda _: Change(way=Way.BAN, key=key_of(rule), amount=n)) if n else None


def _cluster(case: Case, rule: Cluster) -> Change | None:
    """Two, three ... facilities in the cluster instead of one; counted at the end."""
    last = len(case.instance.stages) - 1

    def more(n: int) -> Change:
        return Change(way=Way.CLUSTER, key=key_of(rule), amount=n, limit=1 + n, stage=last)

    return _least(case, int(case.instance.limit[rule.scope].sum()) - 1, more)


def _capacity(case: Case, rule: Capacity) -> Change | None:
    """So many persons more at each facility of the rule."""
    amounts = np.unique(rule.amount[rule.scope])

    def larger(n: int) -> Change:
        limit = float(amounts[0]) + n if len(amounts) == 1 else None
        return Change(way=Way.CAPACITY, key=key_of(rule), amount=n, limit=limit)

    return _least(case, math.ceil(case.instance.demand.sum(axis=(0, 1)).max(initial=0.0)), larger)


def _caseload(case: Case, rule: MinimumCaseload) -> Change | None:
    """The most whole persons that every new facility can serve."""
    top = math.ceil(rule.amount)

    def lower(n: int) -> Change:
        return Change(way=Way.CASELOAD, key=key_of(rule), amount=rule.amount - (top - n), limit=top - n)

    return _least(case, top, lower)


def _satellites(case: Case, rule: ParentWithinReach) -> Change | None:
    if rule.most is None:
        return None
    most = rule.most

    def more(n: int) -> Change:
        return Change(way=Way.SATELLITES, key=key_of(rule), amount=n, limit=most + n)

    return _least(case, int(case.instance.limit[rule.scope].sum()) - most, more)


def _reach(case: Case, rule: ParentWithinReach) -> Change | None:
    """The least minutes, of those between a satellite and a parent."""
    between = case.instance.between
    assert between is not None
    way = between[np.ix_(case.instance.site[rule.scope], case.instance.site[rule.parents])]
    return _farther(case, rule.minutes, way, Way.REACH, rule)


def _farther(
    case: Case,
    now: float,
    minutes: FloatArray,
    way: Way,
    rule: Rule,
    *,
    kind: int | None = None,
    first: int = 1,
) -> Change | None:
    """The least of these `minutes` beyond `now` that will do."""
    further = _beyond(minutes, now)

    def to(n: int) -> Change:
        limit = float(further[n - 1])
        return Change(way=way, key=key_of(rule), amount=limit - now, limit=limit, kind=kind)

    return _least(case, len(further), to, first)


def _beyond(minutes: FloatArray, now: float) -> FloatArray:
    return np.unique(minutes[np.isfinite(minutes) & (minutes > now + EDGE_MINUTES)])


def _target(case: Case, rule: CoverageTarget) -> Change | None:
    """The target lowered to the most persons that can be covered while all other rules are kept."""
    it = case.instance
    total = float(it.demand[rule.service, rule.communes, rule.stage].sum())
    most = case.judge.most(it, rule, omit=case.omit)
    if most is None or total <= 0:
        return None
    if abs(most - round(most)) < ROUNDING * max(1.0, most):
        most = float(round(most))
    for persons in (most, max(0.0, most - ROUNDING * max(1.0, most))):
        change = Change(
            way=Way.TARGET,
            key=key_of(rule),
            amount=rule.share * total - persons,
            limit=persons / total,
            service=rule.service,
        )
        if change.amount > 0 and case.works(change):
            return change
    return None


def _share(case: Case, rule: GroupFloor | CommunityShare) -> Change | None:
    """The share lowered to the highest thousandth that can be reached."""
    top = math.ceil(rule.share / SHARE_STEP - ROUNDING)

    def lower(n: int) -> Change:
        limit = round((top - n) * SHARE_STEP, 3)
        return Change(way=Way.TARGET, key=key_of(rule), amount=rule.share - limit, limit=limit)

    return _least(case, top, lower)


def _standard(case: Case, rule: CoverageTarget | GroupFloor) -> Change | None:
    """The standard of the kind whose least raise is the smallest, to the minutes of some commune's trip."""
    it = case.instance
    communes = rule.communes if isinstance(rule, CoverageTarget) else it.commune_group >= 0
    communes = communes & (it.demand[rule.service, :, rule.stage] > 0)
    found: list[Change] = []
    for k, kind in enumerate(it.kinds):
        there = (it.kind == k) & (it.offered | (it.existing > 0)) & (it.ready <= rule.stage)
        if kind.service != rule.service or not there.any() or not np.isfinite(kind.standard):
            continue
        minutes = it.minutes[communes][:, it.site[there]]
        further = _beyond(minutes, kind.standard)
        enough = partial(_reached, it, rule, communes, k)
        first = 1 + bisect_left(further, True, key=enough)  # what cannot do is not tried
        change = _farther(case, kind.standard, minutes, Way.STANDARD, rule, kind=k, first=first)
        found += [change] if change else []
    return min(found, key=lambda change: change.amount, default=None)


def _reached(
    it: Instance, rule: CoverageTarget | GroupFloor, communes: BoolArray, kind: int, minutes: float
) -> bool:
    """Whether so many could be covered at all if everything were open and the kind's standard were this."""
    kinds = tuple(replace(k, standard=minutes) if n == kind else k for n, k in enumerate(it.kinds))
    can_open = it.offered & (it.ready <= rule.stage) | (it.existing > 0)
    there = np.repeat(can_open.astype(np.int64)[:, None], len(it.stages), axis=1)
    best = best_cover(replace(it, kinds=kinds), there)[rule.service, :, rule.stage]
    persons = it.demand[rule.service, :, rule.stage]
    wheres: Sequence[BoolArray] = [communes]
    if isinstance(rule, GroupFloor):
        wheres = [it.commune_group == g for g in range(len(it.groups))]
    return all(
        float((persons * best)[where].sum()) >= rule.share * float(persons[where].sum()) * (1 - 1e-9)
        for where in wheres
    )


LIMITS: dict[type[Rule], tuple[Callable[[Case, Any], Change | None], ...]] = {
    Pinned: (_pin,),
    Forbidden: (_ban,),
    Cluster: (_cluster,),
    Capacity: (_capacity,),
    MinimumCaseload: (_caseload,),
    ParentWithinReach: (_satellites, _reach),
    CoverageTarget: (_target, _standard),
    GroupFloor: (_share, _standard),
    CommunityShare: (_share,),
}
"""What moves the limits of a kind of rule."""
