"""What questions about a plan share: its openings as rules, and re-solves under one clock."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from errors import DataError, Problem, SolverError
from optimization.instance import Instance
from optimization.model import Model, build
from optimization.rules import BoolArray, IntArray, Quota, Rule
from optimization.search import SOLVER, Cancel, Goal, Progress, goals_of
from optimization.solution import Level, Solution, Status
from optimization.solve import Hold, solve

ID = "explore"
"""Id of the rules that a question adds to those of the scenario."""


class Run(Protocol):
    """``run(instance, start, hold)``: `solve` with what is left of a question's time."""

    def __call__(
        self, instance: Instance, start: IntArray | None = None, hold: Hold | None = None, /
    ) -> Solution:
        """The best plan."""


@dataclass(frozen=True, slots=True)
class Clock:
    """The options of `solve` for a question of several re-solves: the limit is for all of them together."""

    gap: float = 0.0
    time_limit: float | None = None
    progress: Progress | None = None
    cancel: Cancel | None = None

    def started(self) -> Run:
        """Runs from now on."""
        deadline = math.inf if self.time_limit is None else time.perf_counter() + self.time_limit

        def run(instance: Instance, start: IntArray | None = None, hold: Hold | None = None, /) -> Solution:
            left = None if self.time_limit is None else max(0.0, deadline - time.perf_counter())
            return solve(
                instance,
                gap=self.gap,
                time_limit=left,
                progress=self.progress,
                cancel=self.cancel,
                start=start,
                hold=hold,
            )

        return run


def plan_of(solution: Solution) -> IntArray:
    """What the solution opens, (F, T).

    Raises:
        DataError: it has no plan.
    """
    if solution.opened is None:
        raise DataError(Problem("explore.no_plan", "solution", {"status": solution.status.value}))
    return solution.opened


def first_goal(instance: Instance) -> Goal:
    """The first objective: its sense, and how values and bounds compare.

    Raises:
        DataError: the instance has no objective.
    """
    if not instance.objectives:
        raise DataError(Problem("explore.no_objective", "instance.objectives"))
    return goals_of(build(replace(instance, objectives=instance.objectives[:1])))[0]


def in_stage(model: Model, goal: Goal, stage: int) -> Goal:
    """The part of the goal that belongs to one stage; a target's shortfall belongs to the target's."""
    v, rules = model.variables, model.instance.rules
    found = [
        x for table in (v.z, v.y, v.u, v.x, v.theta, v.rho) for key, x in table.items() if key[-1] == stage
    ]
    found += [x for n, x in v.short.items() if getattr(rules[n], "stage", None) == stage]
    names = {x.name for x in found}
    return replace(goal, terms=[(v, c) for v, c in goal.terms if v.name in names])


def check_number(name: str, value: float, low: float, high: float = math.inf) -> None:
    """Raises DataError unless low ≤ value ≤ high."""
    if not low <= value <= high:
        values = {"value": value, "low": low, "high": high}
        raise DataError(Problem("explore.number", name, values))


def with_rules(instance: Instance, *rules: Rule) -> Instance:
    """The same instance with more rules."""
    return replace(instance, rules=(*instance.rules, *rules))


def one(instance: Instance, facility: int) -> BoolArray:
    """The mask (F,) of one facility."""
    return np.asarray(np.arange(len(instance.site)) == facility)


def exactly(
    instance: Instance, opened: IntArray, scope: BoolArray, *, stages: tuple[int, ...] | None = None
) -> Iterator[Rule]:
    """Rules that fix what opens in `scope` (F,) and `stages` (all if None) at that of `opened` (F, T).

    Where a place may hold one, a sum at its greatest fixes each term; others get a rule each.
    """
    several = instance.limit - instance.existing > 1
    for t in range(len(instance.stages)) if stages is None else stages:
        there = scope & (opened[:, t] > 0)
        groups = {"one": there & ~several}
        groups |= {f"f{f}": one(instance, int(f)) for f in np.flatnonzero(there & several)}
        for name, members in groups.items():
            n = int(opened[members, t].sum())
            if n:
                yield Quota(id=ID, part=f"{name}/{t}", scope=members, stages=(t,), lo=n, hi=n)
        idle = scope & (opened[:, t] == 0)
        if idle.any():
            yield Quota(id=ID, part=f"none/{t}", scope=idle, stages=(t,), hi=0)


def settled(
    instance: Instance, opened: IntArray, *, scope: BoolArray | None = None, first_bound: float | None = None
) -> Solution:
    """The plan that opens `opened` (F, T) in `scope` (F,; all if None), all else as good as it can be.

    It is not called optimal, for nobody looked for better.  `first_bound` is what no plan can better in the
    first objective, where that is known; the other levels have their trivial bounds, since what is proved of
    them elsewhere supposes a better first level.

    Raises:
        SolverError: these openings break a rule.
    """
    mask = np.ones(len(instance.site), dtype=np.bool_) if scope is None else scope
    found = solve(with_rules(instance, *exactly(instance, opened, mask)), start=opened)
    if found.opened is None:
        raise SolverError(Problem("explore.broken", "opened"))
    levels = unproved(instance, found.levels, first_bound=first_bound)
    return replace(found, status=Status.FEASIBLE, levels=levels)


def unproved(
    instance: Instance, levels: Sequence[Level], *, first_bound: float | None = None
) -> tuple[Level, ...]:
    """The `levels` of a plan without what was proved of them under more rules than those of `instance`.

    `first_bound` and the other levels are as in `settled`.
    """
    goals = goals_of(build(instance))
    found = []
    for n, level in enumerate(levels):
        bound = goals[n].trivial() if n or first_bound is None else first_bound
        gap = goals[n].gap(level.value, bound)
        found.append(Level(level.name, level.value, level.value if gap == 0 else bound, gap))
    return tuple(found)


def no_plan(instance: Instance, status: Status, seconds: float) -> Solution:
    """An answer without a plan."""
    return Solution(
        status=status,
        opened=None,
        existing=instance.existing,
        allocation=None,
        levels=(),
        seconds={"build": 0.0, "solve": seconds},
        solver=SOLVER,
    )
