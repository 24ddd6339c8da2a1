"""One PuLP model inside HiGHS, and what an answer of HiGHS is worth.

PuLP calls a time-limited incumbent "Optimal"; here an answer is classified by HiGHS's own status, bound and
gap, its integers are checked, and its value is computed again from the openings.  Nothing is global, so
searches may run side by side in threads.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from threading import Event, Thread
from typing import Any, Literal, Protocol

import highspy
import numpy as np
import pulp
from highspy import HighsModelStatus

from errors import Problem, SolverError
from optimization import objectives
from optimization.exact import values
from optimization.model import Model
from optimization.rules import IntArray
from optimization.variables import Pairs

Sense = Literal["max", "min"]

SOLVER = f"HiGHS {version('highspy')}, PuLP {version('pulp')}"
"""Name and version of what answers."""

WHOLE = 1.001e-6
"""An integer variable this far from a whole number is rounded (HiGHS's own tolerance); beyond is an error."""

ROUNDING = 1e-6
"""Relative difference between two computations of one figure that counts as rounding."""

SLACK = 1e-5
"""The least that a row which holds a value is loosened by, relative to its largest coefficient.

A row looser than rounding but tighter than this lies within HiGHS's tolerances: it then prunes optima and
calls feasible models infeasible (seen with HiGHS 1.15.1; a test keeps the case).
"""

HEARTBEAT = 0.2
"""Seconds between two calls of `progress`, and between two looks at `cancel`."""

PATIENCE = 0.7
"""Seconds that HiGHS is given to end once it is cancelled.

It looks up only between steps of its own, and steps of five seconds have been seen; after that its best plan
so far is taken as it was last told, and it ends by itself.
"""

MOST_GAP = 1e9
"""Where a relative gap has no meaning (a value of 0 short of its bound)."""

OPTIONS: dict[str, Any] = {"threads": 1, "random_seed": 0}
"""One thread: the search takes the same way each time, and several can run side by side."""

_ANSWERS = {
    HighsModelStatus.kOptimal,
    HighsModelStatus.kTimeLimit,
    HighsModelStatus.kInterrupt,
    HighsModelStatus.kSolutionLimit,
    HighsModelStatus.kIterationLimit,
}


class Progress(Protocol):
    """What is called while a search runs: seconds, incumbent, bound and gap so far, the level's name."""

    def __call__(
        self, elapsed: float, incumbent: float | None, bound: float | None, gap: float | None, level: str, /
    ) -> None:
        """Called from the thread that asked for the search."""


class Cancel(Protocol):
    """A `threading.Event`, or anything like it."""

    def is_set(self) -> bool:
        """Whether to stop."""


@dataclass(frozen=True, slots=True)
class Watch:
    """The clock, and those who watch it."""

    began: float
    deadline: float = math.inf
    progress: Progress | None = None
    cancel: Cancel | None = None

    def cancelled(self) -> bool:
        """Whether somebody wants it to stop now."""
        return self.cancel is not None and self.cancel.is_set()

    def left(self) -> float:
        """Seconds until the search has to stop; 0 when it is cancelled."""
        if self.cancelled():
            return 0.0
        return max(0.0, self.deadline - time.perf_counter())

    def tell(self, goal: Goal, incumbent: float, bound: float) -> None:
        """Passes on how it goes; what is not known yet is not finite."""
        if self.progress is not None:
            has, bounded = math.isfinite(incumbent), math.isfinite(bound)
            gap = goal.gap(incumbent, bound) if has and bounded else None
            seconds = time.perf_counter() - self.began
            self.progress(seconds, incumbent if has else None, bound if bounded else None, gap, goal.name)


@dataclass(frozen=True, slots=True)
class Goal:
    """One thing to optimise over a model's variables.

    `whole` says that in any plan these are whole numbers, though the solver may not know (u and x of services
    that nothing steers).
    """

    name: str
    terms: Pairs
    sense: Sense
    whole: bool = True

    @property
    def scale(self) -> float:
        """A power of ten that brings the coefficients down to where a solver's tolerances mean something."""
        most = max((abs(c) for _, c in self.terms), default=1.0)
        return float(10.0 ** max(0, math.ceil(math.log10(max(most, 1.0))) - 4))

    @property
    def grain(self) -> int:
        """What divides every coefficient, and so the value of every plan; 0 where they are not whole."""
        if not self.whole or not all(c == round(c) for _, c in self.terms):
            return 0
        return math.gcd(*(round(c) for _, c in self.terms))

    def edge(self, floor: float) -> float:
        """Where to put a row that lets through what is no worse than `floor`, and rounding with it.

        Half a grain away where the values have one: nothing lies between.  Elsewhere plans that are worse
        by a millionth pass for equal.
        """
        most, grain = max((abs(c) for _, c in self.terms), default=0.0), self.grain
        up = 1 if self.sense == "max" else -1
        if grain / 2 > SLACK * most:
            return up * (math.ceil(up * floor / grain - ROUNDING) - 0.5) * grain
        return floor - up * max(ROUNDING * abs(floor), SLACK * most)

    def looseness(self, value: float) -> float:
        """How much better than `value` a bound may look that was found with earlier levels held by rows."""
        most = max((abs(c) for _, c in self.terms), default=0.0)
        return 2 * max(ROUNDING * max(1.0, abs(value)), SLACK * most)

    def worse(self, value: float, share: float) -> float:
        """`value` worsened by `share` of its size: a cost is below nothing where an upgrade saves."""
        return value - abs(value) * share if self.sense == "max" else value + abs(value) * share

    def room(self, value: float, bound: float) -> float:
        """How far `value` lies from `bound`; negative on the wrong side of it."""
        return bound - value if self.sense == "max" else value - bound

    def gap(self, value: float, bound: float) -> float:
        """The room relative to the value; differences of rounding count as none."""
        room = self.room(value, bound)
        if room <= ROUNDING * max(1.0, abs(value)):
            return 0.0
        return min(room / max(abs(value), 1e-9), MOST_GAP)

    def trivial(self) -> float:
        """A bound that holds whatever the rows say."""
        ends = (c * (1.0 if v.upBound is None else v.upBound) for v, c in self.terms)
        return math.fsum(max(0.0, e) if self.sense == "max" else min(0.0, e) for e in ends)


@dataclass(frozen=True, eq=False, slots=True)
class Found:
    """What one search brought.

    `opened` is z, (F, T), None without a plan; `bound` what no plan can better; `proved` that the plan is
    best to the gap asked for or, without a plan, that there is none; `at` the solver's values by name.
    """

    opened: IntArray | None
    bound: float
    proved: bool
    at: Mapping[str, float]

    def total(self, goal: Goal) -> float:
        """The goal's value as the solver has it."""
        return math.fsum(c * self.at[v.name] for v, c in goal.terms)


def value_of(model: Model, goal: Goal, opened: IntArray, at: Mapping[str, float] | None = None) -> float:
    """The goal's exact value when z = `opened`, free of a solver's noise.

    What openings alone do not settle (the allocation of steered services, see `forms`) is taken from `at`.

    Raises:
        KeyError: the goal speaks of such variables and `at` does not say what they are.
    """
    exact = values(model.instance, model.variables, opened)
    given = at or {}
    return math.fsum(c * (exact[v.name] if v.name in exact else given[v.name]) for v, c in goal.terms)


def goals_of(model: Model) -> tuple[Goal, ...]:
    """The levels of the model's objectives; where nothing is wanted, one goal that any plan meets."""
    wanted = []
    for o, terms in zip(model.instance.objectives, model.levels, strict=True):
        it, steered = objectives.OBJECTIVES[o.name], o.service in model.forms.steered
        whole = it.counts == "facilities" or (it.counts == "people" and not steered)
        wanted.append(Goal(o.name, terms, it.sense, whole))
    return tuple(wanted) or (Goal("feasible", [], "min"),)


class Search:
    """A model inside HiGHS: goals come and go, the rows that hold earlier ones stay."""

    def __init__(self, model: Model) -> None:
        self.model = model
        solver = pulp.HiGHS(msg=False, **OPTIONS)
        solver.createAndConfigureSolver(model.problem)
        solver.buildSolverModel(model.problem)
        self._highs: highspy.Highs = model.problem.solverModel
        self._busy = False  # HiGHS was left to end by itself: it must not be touched any more
        self._names = [v.name for v in model.problem.variables()]
        self._column = {name: n for n, name in enumerate(self._names)}

    def hold(self, goal: Goal, floor: float) -> None:
        """From now on the goal may not be worse than `floor`."""
        if goal.terms and not self._busy:
            edge = goal.edge(floor) / goal.scale
            low, high = (edge, highspy.kHighsInf) if goal.sense == "max" else (-highspy.kHighsInf, edge)
            columns = np.array([self._column[v.name] for v, _ in goal.terms], dtype=np.int32)
            weights = np.array([c for _, c in goal.terms]) / goal.scale
            self._highs.addRow(low, high, len(columns), columns, weights)

    def linear(self) -> highspy.HighsLp:
        """The rows as they stand, all integrality given up."""
        lp = self._highs.getLp()
        lp.integrality_ = []
        return lp

    def column(self, variable: pulp.LpVariable) -> int:
        """Its position in `linear`."""
        return self._column[variable.name]

    def fix(self, at: Mapping[pulp.LpVariable, float]) -> None:
        """From now on these variables have these values, until they are fixed at others."""
        columns = np.array([self._column[v.name] for v in at], dtype=np.int32)
        ends = np.array(list(at.values()), dtype=np.float64)
        self._highs.changeColsBounds(len(columns), columns, ends, ends)

    def cap(self, variable: pulp.LpVariable, most: float) -> None:
        """From now on the variable is at most `most`."""
        self._highs.changeColBounds(self._column[variable.name], 0.0, most)

    def best(
        self,
        goal: Goal,
        watch: Watch,
        *,
        gap: float = 0.0,
        start: IntArray | None = None,
        nodes: int | None = None,
    ) -> Found:
        """Optimises `goal`, from the plan `start`, over at most so many `nodes`.

        Raises:
            SolverError: HiGHS failed, or its answer contradicts itself.
        """
        if not self._names:
            return self._nothing_to_decide()
        if watch.left() <= 0:
            return Found(None, goal.trivial(), False, {})
        unit = -goal.scale if goal.sense == "max" else goal.scale
        costs = np.zeros(len(self._names))
        for v, c in goal.terms:
            costs[self._column[v.name]] += c / unit
        everything = np.arange(len(costs), dtype=np.int32)
        self._highs.changeColsCost(len(costs), everything, costs)
        self._set(mip_rel_gap=gap, mip_max_nodes=highspy.kHighsIInf if nodes is None else nodes)
        if start is not None:
            exact = values(self.model.instance, self.model.variables, start)
            known = np.array([n for n, name in enumerate(self._names) if name in exact], dtype=np.int32)
            vector = np.array([exact[self._names[n]] for n in known])
            self._highs.setSolution(len(vector), known, vector)
        for presolve in ("choose", "off"):
            self._set(presolve=presolve, time_limit=min(watch.left(), highspy.kHighsInf))
            told = self._run(goal, watch, unit)
            if told is not None:
                return told
            if self._says_enough():
                break
        return self._read(goal, watch, unit, gap)

    def _says_enough(self) -> bool:
        """Whether the answer stands.

        Presolve may leave open whether "infeasible" is "unbounded", or call a plan optimal without any bound
        (seen with HiGHS 1.15.1).
        """
        status, bound = self._highs.getModelStatus(), self._highs.getInfo().mip_dual_bound
        unbounded = status == HighsModelStatus.kOptimal and abs(bound) >= highspy.kHighsInf
        return status != HighsModelStatus.kUnboundedOrInfeasible and not unbounded

    def _set(self, **options: float | str) -> None:
        for name, value in options.items():
            self._highs.setOptionValue(name, value)

    def _run(self, goal: Goal, watch: Watch, unit: float) -> Found | None:
        """Runs HiGHS beside this thread, which meanwhile watches the clock and tells how it goes.

        None once HiGHS has ended; what it last told where it was cancelled and did not end soon.
        """
        stop, seen, at = Event(), [math.inf, math.inf], list[float]()

        def look(event: highspy.HighsCallbackEvent) -> None:
            seen[:] = event.data_out.mip_primal_bound, event.data_out.mip_dual_bound
            if stop.is_set():
                event.interrupt()

        def better(event: highspy.HighsCallbackEvent) -> None:
            at[:] = map(float, event.data_out.mip_solution)

        self._highs.cbMipInterrupt.subscribe(look)
        self._highs.cbMipImprovingSolution.subscribe(better)
        worker = Thread(target=self._highs.run, daemon=True)
        worker.start()
        try:
            while worker.is_alive():
                worker.join(HEARTBEAT)
                if watch.cancelled():
                    stop.set()
                    worker.join(PATIENCE)
                    self._busy = worker.is_alive()
                    break
                if watch.left() <= 0:
                    stop.set()
                if worker.is_alive():
                    watch.tell(goal, *(unit * b if abs(b) < highspy.kHighsInf else math.inf for b in seen))
        finally:
            stop.set()
            if not self._busy:
                worker.join()
                self._highs.cbMipInterrupt.unsubscribe(look)
                self._highs.cbMipImprovingSolution.unsubscribe(better)
        return self._as_told(goal, unit * seen[1], at) if self._busy else None

    def _as_told(self, goal: Goal, limit: float, at: list[float]) -> Found:
        """The bound and the best plan that HiGHS told of before it was left to end by itself."""
        bound = limit if abs(limit) < highspy.kHighsInf else goal.trivial()
        named = dict(zip(self._names, at, strict=True)) if at else {}
        return Found(self._openings(named) if named else None, bound, False, named)

    def _read(self, goal: Goal, watch: Watch, unit: float, gap: float) -> Found:
        """What HiGHS has to show, classified by its own status, bound and gap."""
        status, info = self._highs.getModelStatus(), self._highs.getInfo()
        if status == HighsModelStatus.kInfeasible:
            return Found(None, goal.trivial(), True, {})
        if status not in _ANSWERS:
            name = self._highs.modelStatusToString(status)
            raise SolverError(Problem("solver.failed", f"HiGHS: {goal.name}", {"status": name}))
        limit = info.mip_dual_bound
        bound = unit * limit if abs(limit) < highspy.kHighsInf else goal.trivial()
        if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
            return Found(None, bound, False, {})
        at = dict(zip(self._names, map(float, self._highs.getSolution().col_value), strict=True))
        opened = self._openings(at)
        value = unit * info.objective_function_value
        if not self.model.slacks:
            exact = value_of(self.model, goal, opened, at)
            if goal.room(exact, value) > ROUNDING * max(1.0, abs(value)):
                figures = {"got": value, "want": exact}
                raise SolverError(Problem("solver.value", f"HiGHS: {goal.name}", figures))
            value = exact
        if goal.room(value, bound) < -ROUNDING * max(1.0, abs(value)):
            figures = {"got": value, "want": bound}
            raise SolverError(Problem("solver.value", f"HiGHS: {goal.name}", figures))
        watch.tell(goal, value, bound)
        near = goal.gap(value, bound) <= gap + ROUNDING or goal.room(value, bound) <= 2e-6 * goal.scale
        return Found(opened, bound, status == HighsModelStatus.kOptimal and near, at)

    def _openings(self, at: Mapping[str, float]) -> IntArray:
        """What opens, in whole numbers, (F, T)."""
        opened = np.zeros((len(self.model.instance.site), len(self.model.instance.stages)), dtype=np.int64)
        for key, z in self.model.variables.z.items():
            if z.name not in at:  # another part's (`parts`)
                continue
            opened[key] = round(at[z.name])
            if abs(at[z.name] - opened[key]) > WHOLE:
                raise SolverError(Problem("solver.not_whole", f"HiGHS: {z.name}", {"value": at[z.name]}))
        return opened

    def _nothing_to_decide(self) -> Found:
        """The answer to a model without variables, which HiGHS does not look at: its rows hold or not."""
        it = self.model.instance
        limits = [(row.getLb(), row.getUb()) for row in self.model.problem.constraints()]
        holds = all((low is None or low <= 0) and (high is None or high >= 0) for low, high in limits)
        opened = np.zeros((len(it.site), len(it.stages)), dtype=np.int64)
        return Found(opened if holds else None, 0.0, True, {})
