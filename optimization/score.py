"""Scoring a plan that somebody made: its openings fixed, only people are assigned (model.md).

Such a plan often names a group and not the premises.  All admissible choices of premises are then scored, so
that an optimiser gets no credit for detail that the plan never had.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from errors import DataError, Problem
from optimization.checks import CHECKS
from optimization.figures import VALUES, Figures
from optimization.instance import Instance, Objective
from optimization.model import build
from optimization.openings import OFFICIAL, Choices, Opening, with_openings
from optimization.reading import cost, read
from optimization.rules import (
    Cluster,
    Colocated,
    FloatArray,
    Forbidden,
    IntArray,
    Pinned,
    Quota,
    StageBudget,
    Upgrade,
)
from optimization.search import Cancel, Goal, Progress, Search, Watch, goals_of, value_of
from optimization.solution import Solution
from optimization.solve import solve
from optimization.variables import can_open

__all__ = ["OFFICIAL", "Opening", "Score", "evaluate", "group_presence", "with_openings"]

OF_FACILITIES = (Quota, Colocated, StageBudget, Pinned, Forbidden, Cluster, Upgrade)
"""Rules that openings alone keep or break; for the others somebody has to say who goes where."""

TRIES = 50
"""Random choices drawn for each one wanted, before giving up finding admissible ones."""


@dataclass(frozen=True, eq=False, slots=True)
class Score:
    """How good a plan is, read in every way it can be read, by the first objective.

    Attributes:
        worst, mean, best: over the admissible choices of premises; None where there is none.  In the mean a
            choice counts by its chance where each opening takes any free place alike (`Choices`).
        choices: how many of them were scored.
        complete: True if those are all there are: worst and mean are then exact.  False if they were
            drawn at random; `best` is then that of `official`, with its bound.
        official: the best reading of the plan, solved; its status says whether there is any.
        optimum: the best plan under the instance's own rules.
    """

    worst: float | None
    mean: float | None
    best: float | None
    choices: int
    complete: bool
    official: Solution
    optimum: Solution


def group_presence(instance: Instance, *, persons: FloatArray | None = None) -> Instance:
    """The same instance, where a commune counts as served once its group has an open point.

    Minutes are 0 within a group and infinite across; who belongs to no group is never served.  The one
    objective is `max_cover` of the service of the first, unweighted, so that its value is a number of
    person-years: of the service's demand, or of `persons` (I, T) where given.
    """
    same = instance.commune_group[:, None] == instance.site_group[None, :]
    same &= (instance.commune_group >= 0)[:, None]
    service = instance.objectives[0].service if instance.objectives else 0
    demand = np.array(instance.demand)
    if persons is not None:
        demand[service] = persons
    return replace(
        instance,
        minutes=np.where(same, 0.0, np.inf),
        demand=demand,
        weight=np.ones(len(instance.communes)),
        objectives=(Objective("max_cover", service),),
    )


def evaluate(
    instance: Instance,
    openings: Sequence[Opening],
    *,
    optimum: Solution | None = None,
    samples: int = 200,
    seed: int = 0,
    most: int = 5_000,
    gap: float = 0.0,
    time_limit: float | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Score:
    """The score of the plan that opens `openings`, and the optimum under the instance's own rules.

    An admissible choice of premises keeps all rules of the instance (what the plan does not speak of is
    chosen so that it does, and to the good of the first objective).  All are scored where the plan leaves at
    most `most` of them, else `samples` random ones (`seed`).  `time_limit` is for the whole call; `optimum`
    is the best plan where the caller has it already.

    Raises:
        DataError: see `with_openings`, or the instance has no objective.
        SolverError: see `solve`.
    """
    if not instance.objectives:
        raise DataError(Problem("score.no_objective", "instance.objectives"))
    deadline = math.inf if time_limit is None else time.perf_counter() + time_limit
    watch = Watch(time.perf_counter(), deadline, None, cancel)

    def solved(it: Instance, start: IntArray | None = None) -> Solution:
        limit = watch.left() if math.isfinite(deadline) else None
        return solve(it, gap=gap, time_limit=limit, progress=progress, cancel=cancel, start=start)

    asked = with_openings(instance, openings)
    official = solved(asked)
    optimum = optimum or solved(instance, official.opened)
    if official.opened is None:
        return Score(None, None, None, 0, complete=False, official=official, optimum=optimum)

    choices = Choices(asked, openings)
    complete = choices.fewer_than(most)
    ways = choices.every() if complete else ((z, 1.0) for z in choices.drawn(samples * TRIES, seed))
    reader = _Reader(replace(asked, objectives=asked.objectives[:1]), {o.kind for o in openings}, watch)
    found: list[tuple[float, float]] = []
    known: dict[bytes, float | None] = {}
    for opened, weight in ways:
        if watch.left() <= 0:
            complete = False
            break
        key = opened.tobytes()
        if key not in known:
            known[key] = reader.value(opened)
        if (value := known[key]) is not None:
            found.append((value, weight))
        if not complete and len(found) == samples:
            break
    best = official.levels[0].value
    if not found:
        return Score(None, None, best, 0, complete=False, official=official, optimum=optimum)
    values = [value for value, _ in found]
    ends = (max(values), min(values)) if reader.goal.sense == "max" else (min(values), max(values))
    # Chances that are all alike are left out: a mean of equals is then exactly theirs.
    weights = [1.0] * len(found) if len({w for _, w in found}) == 1 else [w for _, w in found]
    mean = math.fsum(v * w for v, w in zip(values, weights, strict=True)) / math.fsum(weights)
    number = sum(value is not None for value in known.values()) if complete else len(found)
    return Score(ends[1], mean, ends[0] if complete else best, number, complete, official, optimum)


class _Reader:
    """Reads choices of premises: is one admissible, and what is it worth?

    What openings alone keep or break is asked first, without a solver.  The solver is asked where something
    is left open: kinds that the plan does not speak of, or who goes where.  Where that does not change what
    the plan is worth (`matters`), it has only to say whether there is a way.
    """

    def __init__(self, instance: Instance, spoken_of: set[int], watch: Watch) -> None:
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

    def value(self, opened: IntArray) -> float | None:
        """What the plan is worth that opens `opened` (F, T), or None where it breaks a rule."""
        it = read(self.instance, opened)
        if any(CHECKS[type(rule)](it, rule) for rule in self.final):
            return None
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
