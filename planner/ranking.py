"""Where one more point would do most: every group and every commune by the cover that it adds.

A plan that says "open more where the conditions are met", without a number, is answered by a curve
(``optimization.curves``) and by this ranking.  Cover is what `max_cover` counts: weighted person-years
within the standard (Church & ReVelle 1974), of the service that the kind provides.

Where nothing else binds, the gain of a point is a sum over the cover matrix: with c_it the cover that
stands already, Σ_t L_t Σ_i w_i h_it max(0, a_if − c_it) over the stages from which f may be open.  Where a
rule speaks of the kind, another kind of the service may open, or capacities push people about, each gain is
a re-solve in which the point is held open.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

from optimization.forms import forms
from optimization.instance import Instance, Objective
from optimization.model import Key, key_of
from optimization.rules import BoolArray, FloatArray, IntArray, Quota, Rule
from optimization.solution import Solution, Status
from optimization.variables import can_open
from optimization.variants import ID, Run, exactly, one, with_rules

EQUAL = 1e-9
"""Gains closer than this, relative to all demand, are a tie."""


class Ranked(NamedTuple):
    """What one more point at a place would add, in (weighted) person-years.

    Attributes:
        place: index of the group or commune.
        rank: 1 for the most, by `alone`, or by `after` where the rules let no point stand alone anywhere;
            places equally good share a rank, None where nothing may open.
        facility: the best premises there (f; of equals the first), None where nothing may open.
        alone: gained beside what exists today, nothing else of the kind being opened; None where the rules
            do not let that be.
        as_last: gained by the last of the plan's points if it has to stand there and all others are placed
            anew: the best cover of so many points with one here, less the best with one fewer.  Groups only,
            None where the plan opens none or the rules do not let one stand there.
        after: gained beside the whole plan, as the next point.
        ties: other premises of the place that are as good.
    """

    place: int
    rank: int | None
    facility: int | None
    alone: float | None
    as_last: float | None
    after: float | None
    ties: int


@dataclass(frozen=True, eq=False, kw_only=True)
class Ranking:
    """Groups and communes, best first; `demand` is all person-years there are.

    `closed` says that the gains were read from the cover matrix; `proved` that every solve that took part
    was proved best.
    """

    groups: tuple[Ranked, ...]
    communes: tuple[Ranked, ...]
    demand: float
    closed: bool
    proved: bool


def ranking(
    instance: Instance,
    kind: int,
    plan: IntArray,
    *,
    commune: Sequence[int],
    run: Run,
    omit: Collection[Key] = (),
) -> Ranking:
    """Every group and commune by what one more facility of `kind` there would add.

    Args:
        instance: the problem; its objectives are left aside for cover of the kind's service.
        kind: index of the kind.
        plan: what the plan opens, (F, T).
        commune: index of the commune in which each of the instance's premises stands, (J,).
        run: solves, see ``optimization.variants.Clock``.
        omit: rules on numbers and money that the question sets aside, by (id, part).

    Raises:
        SolverError: see ``optimization.solve.solve``.
    """
    ask = _Ask(instance, kind, plan, run, frozenset(omit))
    alone, after = ask.gains()
    at_commune = np.asarray(commune, dtype=np.int64)[instance.site]
    at_group = instance.site_group[instance.site]
    last = {g: ask.as_last(at_group == g) for g in range(len(instance.groups))}
    scale = EQUAL * max(ask.demand, 1.0)

    def ranked(at: IntArray, places: int, lasts: dict[int, float | None]) -> tuple[Ranked, ...]:
        rows = (
            _best(n, at == n, alone=alone, after=after, last=lasts.get(n), scale=scale) for n in range(places)
        )
        return tuple(_in_order(list(rows), scale))

    return Ranking(
        groups=ranked(at_group, len(instance.groups), last),
        communes=ranked(at_commune, len(instance.communes), {}),
        demand=ask.demand,
        closed=ask.closed,
        proved=ask.proved,
    )


def _best(
    place: int, here: BoolArray, *, alone: FloatArray, after: FloatArray, last: float | None, scale: float
) -> Ranked:
    """The row of one place, not yet ranked; `alone` and `after` are NaN where nothing may open, (F,)."""

    def most(gains: FloatArray) -> float | None:
        able = gains[here & np.isfinite(gains)]
        return float(able.max()) if len(able) else None

    lead, top = alone, most(alone)
    if not np.isfinite(alone).any():
        lead, top = after, most(after)
    if top is None:
        return Ranked(place, None, None, None, last, most(after), 0)
    best = np.flatnonzero(here & (lead >= top - scale))
    return Ranked(place, None, int(best[0]), most(alone), last, most(after), len(best) - 1)


def _in_order(found: list[Ranked], scale: float) -> Iterator[Ranked]:
    """Best first, those equally good in the order of the places, with their ranks."""

    def gain(row: Ranked) -> float:
        return (row.alone if row.alone is not None else row.after) or 0.0

    level, rank = np.inf, 0
    levelled: list[Ranked] = []
    able = (row for row in found if row.facility is not None)
    for n, row in enumerate(sorted(able, key=lambda row: -gain(row)), start=1):
        if gain(row) < level - scale:
            level, rank = gain(row), n
        levelled.append(row._replace(rank=rank))
    yield from sorted(levelled, key=lambda row: (row.rank or 0, row.place))
    yield from (row for row in found if row.facility is None)


class _Ask:
    """The solves and sums behind one ranking."""

    def __init__(self, instance: Instance, kind: int, plan: IntArray, run: Run, omit: frozenset[Key]) -> None:
        self.service = instance.kinds[kind].service
        kept = tuple(rule for rule in instance.rules if key_of(rule) not in omit)
        self.it = replace(instance, rules=kept, objectives=(Objective("max_cover", self.service),))
        self.mine: BoolArray = np.asarray(instance.kind == kind)
        self.plan, self.run, self.proved = plan, run, True
        self.stages = tuple(range(len(instance.stages)))
        able = can_open(self.it).any(axis=1)
        self.free: BoolArray = np.asarray(able & self.mine)
        others = able & ~self.mine & (instance.facility_service == self.service)
        self.closed = not (others.any() or self._steered() or any(map(self._touches, kept)))

    def _steered(self) -> bool:
        return self.service in forms(self.it, self.it.objectives).steered

    def _touches(self, rule: Rule) -> bool:
        """Whether a rule speaks of the kind, by its facilities or by the persons it serves."""
        if getattr(rule, "service", None) == self.service:
            return True
        masks = (getattr(rule, name, None) for name in _MASKS)
        return any(bool((mask & self.mine).any()) for mask in masks if mask is not None)

    @cached_property
    def weights(self) -> FloatArray:
        """L_t w_i h_it, (I, T)."""
        it = self.it
        return np.asarray(it.demand[self.service] * it.weight[:, None] * it.years[None, :])

    @property
    def demand(self) -> float:
        return float(self.weights.sum())

    def gains(self) -> tuple[FloatArray, FloatArray]:
        """Of each facility of the kind, alone and after the plan, (F,) each; NaN where it may not open."""
        room = (self.it.limit - self.it.existing - self.plan.sum(axis=1)) > 0
        nothing = np.zeros_like(self.plan)
        if self.closed:
            return self._summed(nothing, self.free), self._summed(self.plan, self.free & room)
        return self._solved(nothing, self.free), self._solved(self.plan, self.free & room)

    def _summed(self, opened: IntArray, wanted: BoolArray) -> FloatArray:
        """From the cover matrix, beside what stands when `opened` opens."""
        it = self.it
        points, facilities = it.reach(self.service)
        a = np.zeros((len(it.communes), len(it.site)))
        a[points, facilities] = it.cover(points, facilities)
        there = it.standing(opened) > 0
        gain = np.zeros(len(it.site))
        for t in self.stages:
            stands = a[:, there[:, t]].max(axis=1, initial=0.0)
            more = np.maximum(a - stands[:, None], 0.0)
            gain += np.where(it.ready <= t, self.weights[:, t] @ more, 0.0)
        return np.where(wanted, gain, np.nan)

    def _solved(self, opened: IntArray, wanted: BoolArray) -> FloatArray:
        """By a re-solve each: the kind opens what `opened` says and one more at f, all else is free."""
        fixed = tuple(exactly(self.it, opened, self.mine))
        base = self._value(*fixed)
        gain = np.full(len(self.it.site), np.nan)
        for f in np.flatnonzero(wanted).tolist() if base is not None else ():
            rest = tuple(exactly(self.it, opened, self.mine & ~one(self.it, f)))
            here = int(opened[f].sum()) + 1
            more = Quota(id=ID, part="one more", scope=one(self.it, f), stages=self.stages, lo=here, hi=here)
            value = self._value(*rest, more)
            gain[f] = np.nan if value is None or base is None else max(0.0, value - base)
        return gain

    def as_last(self, here: BoolArray) -> float | None:
        """See `Ranked.as_last`; `here` (F,) are the facilities of a place."""
        n = int(self.plan[self.mine].sum())
        if n == 0 or not (self.free & here).any():
            return None
        value = self._value(
            Quota(id=ID, part="all", scope=self.mine, stages=self.stages, hi=n),
            Quota(id=ID, part="here", scope=self.mine & here, stages=self.stages, lo=1),
        )
        fewer = self._fewer
        return None if value is None or fewer is None else max(0.0, value - fewer)

    @cached_property
    def _fewer(self) -> float | None:
        """The best cover with one point fewer than the plan's."""
        n = int(self.plan[self.mine].sum()) - 1
        return self._value(Quota(id=ID, part="fewer", scope=self.mine, stages=self.stages, hi=n))

    def _value(self, *rules: Rule) -> float | None:
        """The most cover under further rules, None where there is no plan."""
        found: Solution = self.run(with_rules(self.it, *rules), None, None)
        self.proved &= found.status in (Status.OPTIMAL, Status.INFEASIBLE)
        return found.levels[0].value if found.levels else None


_MASKS = ("scope", "hosts", "parents", "before", "after", "community", "everywhere")
"""Fields of rules that are masks over facilities, (F,)."""
