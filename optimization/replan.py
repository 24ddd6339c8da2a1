"""Mending an announced plan after a cut: the fewest announced openings change, and then it is the best."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from errors import DataError, Problem
from optimization.instance import Instance
from optimization.model import Model, build
from optimization.rules import BoolArray, IntArray, Quota
from optimization.search import Cancel, Found, Goal, Progress, Search, Watch
from optimization.solution import Solution, Status
from optimization.variants import Clock, no_plan, one, plan_of, settled, with_rules

ANNOUNCED = "announced"
"""Id of the rules that hold what is kept of an announced plan."""


@dataclass(frozen=True, slots=True)
class Shift:
    """One announced opening that is not kept: `facility` in `stage`; `to` is its new stage, None: dropped."""

    facility: int
    stage: int
    to: int | None


@dataclass(frozen=True, eq=False, slots=True)
class Replanned:
    """The smallest change of an announced plan that keeps the rules.

    Attributes:
        solution: the best plan among those that change least; its status says whether there is any.
        shifts: announced openings that are not kept.
        added: openings (f, t) that were not announced, one entry each, those of `shifts` left out.
        least_changes: how many announced openings have to change at least, proved.
    """

    solution: Solution
    shifts: tuple[Shift, ...]
    added: tuple[tuple[int, int], ...]
    least_changes: int


def replan(
    instance: Instance,
    announced: IntArray,
    *,
    gap: float = 0.0,
    time_limit: float | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Replanned:
    """The smallest change of a plan that was announced, under the rules of `instance` (cut as they may be).

    Fewest announced openings change, Σ_ft (a_ft − min(z_ft, a_ft)); of the plans that change no more, the
    best by the objectives.  `announced` is a, openings (F, T).  Where a place may hold several and some of
    them were announced, those kept in a first smallest change are kept.

    Raises:
        DataError: `announced` does not fit the instance.
        SolverError: see `solve`.
    """
    announced = _checked(instance, announced)
    began = time.perf_counter()
    deadline = math.inf if time_limit is None else began + time_limit
    watch = Watch(began, deadline, progress, cancel)
    found, kept = _most_kept(instance, announced, watch)
    total = int(announced.sum())
    least = max(0, total - math.floor(found.bound + 1e-6))
    if found.opened is None or kept is None:
        status = Status.INFEASIBLE if found.proved else Status.NO_SOLUTION
        return Replanned(no_plan(instance, status, time.perf_counter() - began), (), (), least)

    partly = _partly(instance, announced)
    rules = [
        Quota(id=ANNOUNCED, part=f"{f}/{t}", scope=one(instance, f), stages=(t,), lo=int(kept[f, t]))
        for f, t in np.argwhere(partly & (kept > 0)).tolist()
    ]
    floor = int(kept[~partly].sum())

    def keeping(model: Model) -> Iterator[tuple[Goal, float]]:
        yield _kept_goal(model, announced), float(floor)

    left = None if time_limit is None else watch.left()
    run = Clock(gap, left, progress, cancel).started()
    solution = run(with_rules(instance, *rules), found.opened, keeping)
    if solution.opened is None:  # cut short: the plan of the first step stands, its objectives unproved
        solution = settled(instance, found.opened)
    if not found.proved:
        solution = replace(solution, status=Status.FEASIBLE)
    shifts, added = _difference(announced, plan_of(solution))
    return Replanned(solution, shifts, added, least)


def _checked(instance: Instance, announced: IntArray) -> IntArray:
    array, want = np.asarray(announced), (len(instance.site), len(instance.stages))
    if array.shape != want or array.dtype.kind not in "iu" or (array < 0).any():
        values = {"got": f"{array.dtype}{array.shape}", "want": want}
        raise DataError(Problem("explore.announced", "announced", values))
    return array.astype(np.int64)


def _partly(instance: Instance, announced: IntArray) -> BoolArray:
    """Where a place can open more than was announced: z_ft alone does not say what is kept, (F, T)."""
    return np.asarray((announced > 0) & (announced < (instance.limit - instance.existing)[:, None]))


def _kept_goal(model: Model, announced: IntArray) -> Goal:
    partly = _partly(model.instance, announced)
    terms = [(z, 1.0) for key, z in model.variables.z.items() if announced[key] > 0 and not partly[key]]
    return Goal("kept", terms, "max")


def _most_kept(instance: Instance, announced: IntArray, watch: Watch) -> tuple[Found, IntArray | None]:
    """The most announced openings that a plan can keep, with such a plan and what it keeps, (F, T).

    Where z alone does not say it, an elastic quota does: its slack is what is missing.
    """
    partly = _partly(instance, announced)
    places = np.argwhere(partly).tolist()
    quotas = {
        (ANNOUNCED, f"{f}/{t}"): Quota(
            id=ANNOUNCED,
            part=f"{f}/{t}",
            scope=one(instance, f),
            stages=(t,),
            lo=int(announced[f, t]),
        )
        for f, t in places
    }
    asked = with_rules(replace(instance, objectives=()), *quotas.values())
    model = build(asked, elastic=frozenset(quotas))
    goal = _kept_goal(model, announced)
    missing = [(v, -1.0) for sides in model.slacks.values() for v in sides.values()]
    goal = Goal(goal.name, [*goal.terms, *missing], "max")
    found = Search(model).best(goal, watch, start=None if missing else announced)
    offset = int(announced[partly].sum())
    found = replace(found, bound=found.bound + offset)
    return found, None if found.opened is None else np.minimum(found.opened, announced)


def _difference(
    announced: IntArray, opened: IntArray
) -> tuple[tuple[Shift, ...], tuple[tuple[int, int], ...]]:
    """Announced openings not kept, each with its new stage, and openings that were never announced."""
    gone, new = np.maximum(announced - opened, 0), np.maximum(opened - announced, 0)
    shifts: list[Shift] = []
    for f, t in np.argwhere(gone).tolist():
        for _ in range(int(gone[f, t])):
            stages = np.flatnonzero(new[f])
            to = int(stages[0]) if len(stages) else None
            if to is not None:
                new[f, to] -= 1
            shifts.append(Shift(f, t, to))
    added = tuple((f, t) for f, t in np.argwhere(new).tolist() for _ in range(int(new[f, t])))
    return tuple(shifts), added
