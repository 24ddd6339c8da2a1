"""Who goes where once it is settled what opens, where openings alone do not say: a linear programme.

Each level in turn is optimised exactly: what the duals say cannot move without loss is nailed down before the
next one, so that no tolerance adds up.  Of allocations equal in all levels the one is taken that serves most
persons and, of those, lets them travel least; satellites are fed by the nearest parents.
"""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np
from highspy import HighsModelStatus
from pulp import LpVariable

from errors import Problem, SolverError
from optimization.exact import standing_values, values
from optimization.instance import Instance
from optimization.model import Model, build
from optimization.rules import IntArray, ParentWithinReach
from optimization.search import OPTIONS, ROUNDING, Goal, Search, Watch, goals_of
from optimization.solution import Feeds
from optimization.variables import Pairs, times

Hold = Callable[[Model], Iterable[tuple[Goal, float]]]
"""What a plan has to keep beside the rules: goals over a model's variables, each no worse than a value."""

NOBODY = 1e-7
"""Shares below this are noise."""

DUAL = 1e-7
"""Duals below this are none."""


@dataclass(frozen=True, eq=False, slots=True)
class Settled:
    """A plan in full.

    Attributes:
        model: with all levels.
        exact: its variables' exact values by name.
        feeds: which parent feeds which satellite.
        loose: what each level could come to with these openings if the levels before it were kept no better
            than the rows of a search keep them (`Goal.edge`), or the floor it was held at; empty where that
            is the exact value.
    """

    model: Model
    exact: dict[str, float]
    feeds: Feeds | None
    loose: tuple[float, ...] = ()

    def value(self, goal: Goal) -> float:
        """The goal's value."""
        return math.fsum(c * self.exact[v.name] for v, c in goal.terms)


def settle(
    instance: Instance, opened: IntArray, *, floors: Sequence[float] = (), hold: Hold | None = None
) -> Settled | None:
    """The best plan, level by level, that opens z = `opened` (F, T); None if none keeps the rules.

    `floors` are values that the first levels need not better at the cost of later ones; `hold` see `solve`.
    Where openings say everything already, they are read without a solver and without asking for the rules.

    Raises:
        SolverError: HiGHS failed.
    """
    model = build(instance)
    variables = model.variables
    if not model.forms.steered and not variables.v:
        return Settled(model, values(instance, variables, opened), None)
    search = Search(model)
    for held, floor in hold(model) if hold else ():
        search.hold(held, floor)
    known = standing_values(instance, variables, opened)
    if any(opened[key] for key in np.ndindex(opened.shape) if key not in variables.z):
        return None
    fixed = {v: known[v.name] for table in (variables.z, variables.y, variables.o) for v in table.values()}
    programme = _Programme(search, search.linear())
    whole = _whole(search, fixed, floors)
    if whole is None:
        return None
    programme.fix(fixed | whole)
    lax = _Programme(search, search.linear())
    lax.fix(fixed | whole)
    loose = []
    limits = itertools.chain(floors, itertools.repeat(None))
    for goal, limit in zip(goals_of(model), limits, strict=False):
        value = programme.best(goal)
        if value is None:
            return None
        less = limit is not None and goal.room(limit, value) > ROUNDING * max(1.0, abs(value))
        if limit is not None and less:
            programme.hold(goal, limit)
        else:
            programme.nail()
        most = lax.best(goal)
        kept = limit if limit is not None and less else value
        loose.append(kept if less or most is None else most)
        lax.hold(goal, goal.edge(kept))
    for goal in _courtesies(model):
        if programme.best(goal) is not None:
            programme.nail()
    service, at = instance.facility_service.tolist(), programme.values()
    shares = {
        key: min(1.0, at[search.column(x)])
        for key, x in variables.x.items()
        if service[key[1]] in model.forms.steered and at[search.column(x)] > NOBODY
    }
    exact = values(instance, variables, opened, shares)
    fed = {key: round(whole[v]) for key, v in variables.v.items()}
    return Settled(model, exact, _feeds(fed) if _asks_for_parents(instance) else None, tuple(loose))


def _asks_for_parents(instance: Instance) -> bool:
    return any(isinstance(rule, ParentWithinReach) for rule in instance.rules)


def _whole(
    search: Search, fixed: Mapping[LpVariable, float], floors: Sequence[float]
) -> dict[LpVariable, float] | None:
    """The whole variables that openings leave open: which parent feeds whom, which trips are made at all."""
    model, variables = search.model, search.model.variables
    whole = [v for table in (variables.v, variables.far) for v in table.values()]
    if not whole:
        return {}
    search.fix(fixed)
    found = None
    if variables.w or variables.far:  # they bear on the levels
        for n, goal in enumerate(goals_of(model)):
            found = search.best(goal, Watch(time.perf_counter()))
            if found.opened is None:
                return None
            search.hold(goal, floors[n] if n < len(floors) else found.total(goal))
    found = search.best(_nearest_parents(model), Watch(time.perf_counter()))
    return None if found.opened is None else {v: float(round(found.at[v.name])) for v in whole}


class _Programme:
    """A model's linear programme with what is whole fixed: goal after goal is optimised and nailed down."""

    def __init__(self, search: Search, rows: highspy.HighsLp) -> None:
        self.search = search
        self.highs: Any = highspy.Highs()
        for name, value in {"output_flag": False, "solver": "simplex", **OPTIONS}.items():
            self.highs.setOptionValue(name, value)
        self.highs.passModel(rows)
        self.n = self.highs.getNumCol()

    def fix(self, at: Mapping[LpVariable, float]) -> None:
        """These variables have these values."""
        columns = np.array([self.search.column(v) for v in at], dtype=np.int32)
        ends = np.array(list(at.values()), dtype=np.float64)
        self.highs.changeColsBounds(len(columns), columns, ends, ends)

    def best(self, goal: Goal) -> float | None:
        """The optimum of `goal`; None if there is no plan."""
        costs = np.zeros(self.n)
        unit = -goal.scale if goal.sense == "max" else goal.scale
        columns = [self.search.column(v) for v, _ in goal.terms]
        np.add.at(costs, columns, [c / unit for _, c in goal.terms])
        self.highs.changeColsCost(self.n, np.arange(self.n, dtype=np.int32), costs)
        self.highs.run()
        status = self.highs.getModelStatus()
        if status == HighsModelStatus.kInfeasible:
            return None
        if status != HighsModelStatus.kOptimal:
            name = self.highs.modelStatusToString(status)
            raise SolverError(Problem("solver.failed", f"HiGHS: {goal.name}", {"status": name}))
        return float(costs @ np.array(self.highs.getSolution().col_value)) * unit

    def hold(self, goal: Goal, floor: float) -> None:
        """From now on the goal may not be worse than `floor`."""
        low, high = (floor, highspy.kHighsInf) if goal.sense == "max" else (-highspy.kHighsInf, floor)
        columns = np.array([self.search.column(v) for v, _ in goal.terms], dtype=np.int32)
        weights = np.array([c for _, c in goal.terms]) / goal.scale
        if goal.terms:
            self.highs.addRow(low / goal.scale, high / goal.scale, len(columns), columns, weights)

    def nail(self) -> None:
        """From now on what would make the last goal worse if it moved stays where it is."""
        solution, lp = self.highs.getSolution(), self.highs.getLp()
        tables = (
            (solution.col_dual, solution.col_value, lp.col_lower_, lp.col_upper_, self.highs.changeColBounds),
            (solution.row_dual, solution.row_value, lp.row_lower_, lp.row_upper_, self.highs.changeRowBounds),
        )
        for duals, at, lower, upper, change in tables:
            low, high, where = np.array(lower), np.array(upper), np.array(at)
            for n in np.flatnonzero(np.abs(np.array(duals)) > DUAL).tolist():
                end = low[n] if abs(where[n] - low[n]) <= abs(high[n] - where[n]) else high[n]
                if low[n] < high[n] and np.isfinite(end):
                    change(n, end, end)

    def values(self) -> list[float]:
        """The value of each column now."""
        return list(map(float, self.highs.getSolution().col_value))


def _nearest_parents(model: Model) -> Goal:
    """Σ minutes v, then low positions: the nearest parents feed."""
    it = model.instance
    assert it.between is not None or not model.variables.v
    terms: Pairs = []
    for (_, p, f, _), v in model.variables.v.items():
        way = 0.0 if it.between is None else float(it.between[it.site[f], it.site[p]])
        terms.append((v, way + 1e-3 * p / len(it.site)))
    return Goal("parents", terms, "min")


def _courtesies(model: Model) -> tuple[Goal, Goal]:
    """What decides between allocations of equal worth: persons served, then the minutes they travel."""
    it, variables = model.instance, model.variables
    steered = np.isin(it.facility_service, list(model.forms.steered))
    served: Pairs = []
    travel: Pairs = []
    for (f, t), terms in variables.load.items():
        served += times(terms, float(it.years[t])) if steered[f] else []
    for (i, f, t), x in variables.x.items():
        if steered[f]:
            persons = float(it.demand[it.facility_service[f], i, t] * it.years[t])
            travel.append((x, persons * float(it.minutes[i, it.site[f]])))
    return Goal("served", served, "max"), Goal("travel", travel, "min")


def _feeds(fed: Mapping[tuple[int, int, int, int], int]) -> Feeds:
    rows = [(n, f, p, t, count) for (n, p, f, t), count in sorted(fed.items()) if count > 0]
    return Feeds(*np.array(rows, dtype=np.int64).reshape(-1, 5).T)
