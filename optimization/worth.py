"""What a choice of premises is worth, and whether it keeps the rules: asked hundreds of times, so fast."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from optimization.checks import CHECKS
from optimization.figures import VALUES, Figures
from optimization.instance import Instance
from optimization.model import build
from optimization.reading import cost, read
from optimization.rules import (
    BoolArray,
    Capacity,
    Cluster,
    Colocated,
    CoverageTarget,
    Forbidden,
    IntArray,
    MinimumCaseload,
    Pinned,
    Quota,
    StageBudget,
    Upgrade,
)
from optimization.search import ROUNDING, Goal, Search, Watch, goals_of, value_of
from optimization.variables import can_open

OF_FACILITIES = (Quota, Colocated, StageBudget, Pinned, Forbidden, Cluster, Upgrade)
"""Rules that openings alone keep or break; for the others somebody has to say who goes where."""


class Reader:
    """Reads choices of premises: is one admissible, and what is it worth?

    What openings alone keep or break is asked first, without a solver.  The solver is asked where something
    is left open: kinds that the plan does not speak of, or who goes where.  Where that does not change what
    the plan is worth (`matters`), it has only to say whether there is a way.
    """

    def __init__(self, instance: Instance, spoken_of: Collection[int], watch: Watch) -> None:
        self.instance, self.watch = instance, watch
        whole = build(instance)
        self.goal: Goal = goals_of(whole)[0]
        free = can_open(instance).any(axis=1) & ~np.isin(instance.kind, list(spoken_of))
        plain = all(isinstance(rule, OF_FACILITIES) for rule in instance.rules) and not whole.forms.steered
        serves = instance.facility_service == instance.objectives[0].service
        self.matters = bool((free & serves).any()) or not plain
        loose = free.copy()  # what may still change: free kinds, and what they may be upgraded from
        for before, after in instance.upgrades.tolist():
            loose[before] |= free[after]
        rules = (rule for rule in instance.rules if isinstance(rule, _SETTLED))
        self.final = [rule for rule in rules if not (rule.scope & loose).any()]
        self.model = whole if self.matters else build(replace(instance, objectives=()))
        self.search = Search(self.model) if free.any() or not plain else None
        self.fixed = [key for key in self.model.variables.z if not free[key[0]]]
        self.worth = None if self.matters else _Worth(instance)
        self.bounds = _Bounds(instance, free, loose)

    def possible(self, opened: IntArray) -> bool:
        """Whether nothing that is quickly seen rules out `opened` (F, T); `value` has the last word."""
        it = read(self.instance, opened)
        return all(CHECKS[type(rule)](it, rule) is None for rule in self.final) and self.bounds.hold(opened)

    def value(self, opened: IntArray) -> float | None:
        """What the plan is worth that opens `opened` (F, T), or None where it breaks a rule."""
        if not self.possible(opened):
            return None
        it = read(self.instance, opened)
        if self.worth and all(CHECKS[type(rule)](it, rule) is None for rule in self.instance.rules):
            return self.worth.of(opened)
        return self._searched(opened) if self.search else None

    def _searched(self, opened: IntArray) -> float | None:
        """The best with the openings of the kinds spoken of fixed; None where the rules leave nothing."""
        assert self.search is not None
        self.search.fix({self.model.variables.z[key]: int(opened[key]) for key in self.fixed})
        goal = self.goal if self.matters else Goal("feasible", [], "min")
        found = self.search.best(goal, self.watch)
        if found.opened is None:
            return None
        if self.worth:
            return self.worth.of(found.opened)
        return value_of(self.model, goal, found.opened, found.at)


_SETTLED = (Quota, StageBudget, Forbidden, Cluster)
"""Rules that nothing opened elsewhere can mend once they are broken."""


class _Bounds:
    """Rules about persons that no allocation can keep, seen without looking for one.

    Served are at most the persons of each commune, and at most those whom the capacities that reach it hold;
    a facility that has to serve so many needs so many within reach.  What is free to open counts as open.
    """

    def __init__(self, instance: Instance, free: BoolArray, loose: BoolArray) -> None:
        self.instance = instance
        self.more = np.where(free, instance.limit - instance.existing, 0)[:, None]
        self.room = np.full(len(instance.site), np.inf)
        for rule in instance.rules:
            if isinstance(rule, Capacity):
                self.room = np.where(rule.scope, np.minimum(self.room, rule.amount), self.room)
        self.targets = [r for r in instance.rules if isinstance(r, CoverageTarget) and r.hard]
        self.loads = [r for r in instance.rules if isinstance(r, MinimumCaseload)]
        self.fixed = ~loose
        services = {r.service for r in self.targets}
        services |= set(instance.facility_service[self._in_loads()].tolist())
        self.reach = {s: instance.reach(s) for s in sorted(services)}
        self.persons = np.zeros((len(instance.site), len(instance.stages)))
        for s, (points, facilities) in self.reach.items():
            np.add.at(self.persons, facilities, instance.demand[s, points])

    def _in_loads(self) -> BoolArray:
        mask = np.zeros(len(self.instance.site), dtype=np.bool_)
        for rule in self.loads:
            mask |= rule.scope
        return mask

    def hold(self, opened: IntArray) -> bool:
        """Whether `opened` (F, T) may keep the rules."""
        return self._loads_hold(opened) and self._targets_hold(opened)

    def _targets_hold(self, opened: IntArray) -> bool:
        it = self.instance
        if not self.targets:
            return True
        there = it.existing[:, None] + np.cumsum(opened, axis=1) + self.more
        for rule in self.targets:
            points, facilities = self.reach[rule.service]
            standing = there[:, rule.stage] > 0
            holds = np.zeros(len(it.site))
            holds[standing] = self.room[standing] * there[standing, rule.stage]
            offered = np.bincount(points, holds[facilities], minlength=len(it.communes))
            demand = it.demand[rule.service, :, rule.stage]
            most = float(np.minimum(demand, offered)[rule.communes].sum())
            if most < rule.share * float(demand[rule.communes].sum()) * (1 - ROUNDING):
                return False
        return True

    def _loads_hold(self, opened: IntArray) -> bool:
        it = self.instance
        if not self.loads:
            return True
        before = np.cumsum(opened, axis=1) - np.where(it.years > 1, 0, opened)
        return not any(
            (rule.amount * before[mine] > self.persons[mine] * (1 + ROUNDING)).any()
            for rule in self.loads
            for mine in [rule.scope & self.fixed]
        )


class _Worth:
    """The value of the first objective where openings alone settle who goes where, in a few array steps."""

    def __init__(self, instance: Instance) -> None:
        self.instance, self.objective = instance, instance.objectives[0]
        self.points, self.facilities = instance.reach(self.objective.service)
        self.cover = instance.cover(self.points, self.facilities)
        self.minutes = instance.minutes[self.points, instance.site[self.facilities]]

    def of(self, opened: IntArray) -> float:
        """The value where `opened` (F, T) is what opens."""
        it, s = self.instance, self.objective.service
        there = it.standing(opened) > 0
        shape = it.demand.shape
        served, nobody = np.zeros(shape), np.zeros(shape)
        travel, longest = np.zeros((shape[0], shape[2])), np.zeros((shape[0], shape[2]))
        for t in range(shape[2]):
            arcs = np.flatnonzero(there[self.facilities, t])
            i, first = np.unique(self.points[arcs], return_index=True)
            nearest = arcs[first]
            persons = it.demand[s, i, t]
            served[s, i, t] = persons * self.cover[nearest]
            travel[s, t] = (persons * it.services[s].visits * 2 * self.minutes[nearest]).sum()
            longest[s, t] = self.minutes[nearest][persons > 0].max(initial=0.0)
        mine = it.facility_service == s
        new = np.zeros((shape[0], shape[2]), dtype=np.int64)
        spent, opens = new.copy(), new.copy()
        opens[s] = opened[mine].sum(axis=0)
        if self.objective.name == "min_cost":
            spent[s] = cost(it, opened, scope=mine) - cost(it, np.zeros_like(opened), scope=mine)
        sums = Figures(
            cost=spent[s],
            demand=it.demand,
            served=served,
            no_capacity=nobody,
            out_of_reach=it.demand - served,
            caseload=np.zeros(opened.shape),
            travel=travel,
            longest=longest,
            openings=opens,
            spent_on_new=spent,
        )
        return VALUES[self.objective.name](it, s, sums)
