"""Whether a plan exists, asked many times over: of one instance, and of changes of it.

A diagnosis asks some hundred times whether the rest can be kept without these rules, or whether this limit,
moved by one, would do.  Each time nearly all of the programme is the same, so its rows are written once, rule
by rule, and put together anew for each question; the solver gets arrays.  Plans found before are tried first:
whichever keeps all rows asked for answers the question without a search.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields, replace
from typing import Any

import highspy
import numpy as np
from highspy import HighsModelStatus
from pulp import LpConstraint, LpInteger, LpMinimize, LpProblem, LpVariable
from scipy.sparse import csr_array, vstack

from errors import Problem, SolverError
from optimization.constraints import RULES, STRUCTURE
from optimization.forms import forms
from optimization.instance import Instance
from optimization.model import Key, key_of
from optimization.rules import CoverageTarget, FloatArray, ParentWithinReach, Rule, Upgrade
from optimization.search import OPTIONS
from optimization.variables import Pairs, Variables, create

TOLERANCE = 1e-7
"""How far a plan found before may miss a row and still answer for it."""

MOST_PLANS = 50
"""How many plans found before are remembered."""

SAME = ("communes", "premises", "groups", "services", "kinds", "stages")
SAME_ARRAYS = (
    *("years", "demand", "minutes", "commune_group", "site_group", "site", "kind", "existing", "limit"),
    "between",
)

BY_STRUCTURE = (Upgrade, ParentWithinReach)
"""Rules that have a part in the variables: with others of these the programme is another one."""


class Feasibility:
    """Answers, proved either way, whether a plan keeps all rules of an instance but those of `omit`.

    What `solve.is_feasible` answers, but for two things: an `Upgrade` is never left out, since without it
    there is no telling what closes; and a service with a capacity may turn people away whether or not the
    capacity is left out, so that leaving out a rule never makes anything impossible.

    Fast for the instance it was made for, and for those that differ from it in rules, in what is offered and
    in when what is ready some time is ready; for any other the programme is written anew.
    """

    def __init__(self, instance: Instance) -> None:
        never = len(instance.stages)
        self._instance = replace(instance, ready=np.where(instance.ready < never, 0, never))
        self._programmes: dict[bool, _Programme] = {}

    def __call__(self, instance: Instance, *, omit: Collection[Key] = frozenset()) -> bool:
        """Whether a plan exists.

        Raises:
            SolverError: HiGHS failed or gave up.
        """
        return self._programme(instance).has_plan(instance, omit)

    def most(self, instance: Instance, rule: Rule, *, omit: Collection[Key] = frozenset()) -> float | None:
        """The most that the left-hand side of `rule`, one of one row, can come to, the others being kept.

        For a coverage target: the most persons that can be covered.  None where there is no plan, or no row.

        Raises:
            SolverError: HiGHS failed or gave up.
        """
        return self._programme(instance).most(instance, omit, rule)

    def _programme(self, instance: Instance) -> _Programme:
        if not self._is_kin(instance):
            return _Programme(instance, latent=False)
        latent = bool((instance.offered & ~self._instance.offered).any())
        if latent not in self._programmes:
            self._programmes[latent] = _Programme(self._instance, latent=latent)
        return self._programmes[latent]

    def _is_kin(self, other: Instance) -> bool:
        mine = self._instance
        return (
            all(getattr(mine, name) == getattr(other, name) for name in SAME)
            and all(_equal(getattr(mine, name), getattr(other, name)) for name in SAME_ARRAYS)
            and bool((other.ready >= mine.ready).all())
            and _structure(mine) == _structure(other)
            and forms(mine, ()) == forms(other, ())
        )


def _equal(a: FloatArray | None, b: FloatArray | None) -> bool:
    return a is b or (a is not None and b is not None and np.array_equal(a, b))


def _structure(instance: Instance) -> list[Rule]:
    return [rule for rule in instance.rules if isinstance(rule, BY_STRUCTURE)]


@dataclass(frozen=True, eq=False, slots=True)
class _Rows:
    """Rows low ≤ Ax ≤ high."""

    matrix: csr_array
    low: FloatArray
    high: FloatArray

    def hold(self, plan: FloatArray) -> bool:
        at = self.matrix @ plan
        return bool(((at >= self.low - TOLERANCE) & (at <= self.high + TOLERANCE)).all())


class _Programme:
    """The rows of an instance, those of each rule by themselves."""

    def __init__(self, instance: Instance, *, latent: bool) -> None:
        self._instance = replace(instance, objectives=())
        problem = LpProblem("feasible", LpMinimize)
        self._variables = create(problem, self._instance, forms=forms(instance, ()), latent=latent)
        columns = _all(self._variables)
        self._column = {v.name: n for n, v in enumerate(columns)}
        self._low = np.array([-np.inf if v.lowBound is None else v.lowBound for v in columns], dtype=float)
        self._high = np.array([np.inf if v.upBound is None else v.upBound for v in columns], dtype=float)
        kinds = highspy.HighsVarType
        self._whole = [kinds.kInteger if v.cat == LpInteger else kinds.kContinuous for v in columns]
        z = self._variables.z
        self._facility, self._stage = np.array(list(z), dtype=np.int64).reshape(-1, 2).T
        self._opening = np.array([self._column[v.name] for v in z.values()], dtype=np.int64)
        self._structure = self._rows(
            row for constraint in STRUCTURE for row in constraint(self._instance, self._variables)
        )
        # rows are known by their rule's identity: its instance keeps the rule, and so its identity, alive
        self._of_rule: dict[int, _Rows] = {}
        for rule in filter(_binds, self._instance.rules):
            self._of_rule[id(rule)] = self._of(rule, self._instance)
        self._plans: list[FloatArray] = []
        self._failed: list[tuple[frozenset[int], FloatArray]] = []

    def has_plan(self, instance: Instance, omit: Collection[Key]) -> bool:
        """Whether a plan of `instance`, kin of the one that this was made of, keeps all rules but `omit`."""
        kept = _kept(instance, omit)
        asked = frozenset(id(rule) for rule in kept)
        high = self._openings(instance)
        if any(failed <= asked and (high <= ends).all() for failed, ends in self._failed):
            return False
        rows = [self._structure, *(self._of(rule, instance) for rule in kept)]
        if any(self._keeps(plan, rows, high) for plan in self._plans):
            return True
        plan = self._search(rows, high)
        if plan is None:
            if asked <= self._of_rule.keys():
                self._failed.append((asked, high))
            return False
        self._plans = [plan, *self._plans[: MOST_PLANS - 1]]
        return True

    def most(self, instance: Instance, omit: Collection[Key], rule: Rule) -> float | None:
        """The most that the left-hand side of a rule of one row can come to when it is left out itself."""
        others = (other for other in _kept(instance, omit) if other is not rule)
        rows = [self._structure, *(self._of(other, instance) for other in others)]
        wanted = self._of(rule, instance).matrix
        if wanted.shape[0] != 1:
            return None
        plan = self._search(rows, self._openings(instance), wanted.toarray()[0])
        return None if plan is None else float((wanted @ plan)[0])

    def _openings(self, instance: Instance) -> FloatArray:
        """Upper bounds of the variables: nothing opens that is not offered, or not ready."""
        high = self._high.copy()
        shut = ~instance.offered[self._facility] | (self._stage < instance.ready[self._facility])
        high[self._opening[shut]] = 0
        return high

    def _keeps(self, plan: FloatArray, rows: Iterable[_Rows], high: FloatArray) -> bool:
        return bool((plan <= high + TOLERANCE).all()) and all(some.hold(plan) for some in rows)

    def _of(self, rule: Rule, instance: Instance) -> _Rows:
        """The rows of a rule of `instance`: those written before, if it is one of the first instance's."""
        if id(rule) in self._of_rule:
            return self._of_rule[id(rule)]
        write = RULES[type(rule)]
        return self._rows(write(instance, self._variables, rule, write.__name__, _firm))

    def _rows(self, constraints: Iterable[LpConstraint]) -> _Rows:
        starts, columns, values = [0], [], []
        low, high = [], []
        for row in constraints:
            for variable, coefficient in row.items():
                columns.append(self._column[variable.name])
                values.append(float(coefficient))
            starts.append(len(columns))
            low.append(-np.inf if row.getLb() is None else row.getLb())
            high.append(np.inf if row.getUb() is None else row.getUb())
        shape = (len(low), len(self._column))
        matrix = csr_array((np.array(values, dtype=float), np.array(columns, dtype=np.int64), starts), shape)
        return _Rows(matrix, np.array(low, dtype=float), np.array(high, dtype=float))

    def _search(
        self, rows: list[_Rows], high: FloatArray, worth: FloatArray | None = None
    ) -> FloatArray | None:
        """A plan that keeps the rows, of those the one of most `worth`, or the proof that there is none."""
        low_ends = np.concatenate([some.low for some in rows])
        high_ends = np.concatenate([some.high for some in rows])
        if not len(high):  # HiGHS does not look at a programme without variables
            return np.zeros(0) if ((low_ends <= 0) & (high_ends >= 0)).all() else None
        matrix = vstack([some.matrix for some in rows], format="csr")
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = len(high), len(low_ends)
        lp.col_cost_ = np.zeros(len(high)) if worth is None else -worth
        lp.col_lower_, lp.col_upper_ = self._low, high
        lp.row_lower_, lp.row_upper_ = low_ends, high_ends
        lp.integrality_ = self._whole
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_, lp.a_matrix_.index_ = matrix.indptr, matrix.indices
        lp.a_matrix_.value_ = matrix.data
        highs: Any = highspy.Highs()
        highs.setOptionValue("output_flag", False)
        highs.setOptionValue("mip_rel_gap", 0.0)
        for name, value in OPTIONS.items():
            highs.setOptionValue(name, value)
        highs.passModel(lp)
        highs.run()
        status = highs.getModelStatus()
        if status == HighsModelStatus.kOptimal:
            return np.array(highs.getSolution().col_value)
        if status == HighsModelStatus.kInfeasible:
            return None
        raise SolverError(Problem("solver.undecided", f"HiGHS: {highs.modelStatusToString(status)}"))


def _kept(instance: Instance, omit: Collection[Key]) -> list[Rule]:
    return [r for r in instance.rules if isinstance(r, Upgrade) or (_binds(r) and key_of(r) not in omit)]


def _binds(rule: Rule) -> bool:
    """Whether the rule can make anything impossible: a soft target cannot."""
    return not isinstance(rule, CoverageTarget) or rule.hard


def _all(variables: Variables) -> list[LpVariable]:
    """Every variable once, those in no row included."""
    tables = (getattr(variables, field.name) for field in fields(variables))
    found = (v for table in tables if isinstance(table, dict) for v in table.values())
    return list({v.name: v for v in found if isinstance(v, LpVariable)}.values())


def _firm(side: str, **_: object) -> Pairs:
    """The slack of a row that does not give way."""
    del side
    return []
