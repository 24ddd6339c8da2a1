"""Scoring a plan that somebody made: its openings fixed, only people are assigned.

Such a plan often names a group and not the premises.  All admissible choices of premises are then scored, so
that an optimiser gets no credit for detail that the plan never had.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np

from errors import DataError, Problem
from optimization.instance import Instance, Objective
from optimization.openings import OFFICIAL, Choices, Opening, with_openings
from optimization.rules import FloatArray, IntArray
from optimization.search import Cancel, Progress, Sense, Watch
from optimization.solution import Solution, Status
from optimization.solve import solve
from optimization.verify import breach
from optimization.worth import Reader

__all__ = ["OFFICIAL", "Opening", "Score", "evaluate", "group_presence", "with_openings"]

TRIES = 10
"""Random choices drawn for each one wanted, before walking to admissible ones."""

STEPS = 50
"""Steps of the walk between two choices that are scored."""


@dataclass(frozen=True, eq=False, slots=True)
class Score:
    """How good a plan is, read in every way it can be read, by the first objective.

    Attributes:
        worst, mean, best: over the admissible choices of premises; None where there is none.  In the mean a
            choice counts by its chance where each opening takes any free place alike (`Choices`).
        choices: how many of them were scored.
        complete: True if those are all there are: worst and mean are then exact.  False if they were
            drawn at random; `best` is then that of `official`, with its bound, or that of a better draw
            where the search for it was stopped.
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
    among = optimum if optimum and _opens_as(asked, optimum) else None  # the readings of the plan
    official = among or solved(asked)
    optimum = optimum or solved(instance, official.opened)
    if official.opened is None:
        return Score(None, None, None, 0, complete=False, official=official, optimum=optimum)

    choices = Choices(asked, openings)
    complete = choices.fewer_than(most)
    kinds = {o.kind for o in openings}
    reader = Reader(replace(asked, objectives=asked.objectives[:1]), kinds, watch)
    spoken_of = np.isin(instance.kind, list(kinds))[:, None]
    start = np.where(spoken_of, official.opened, 0)
    ways = choices.every() if complete else _random(choices, reader, start, samples=samples, seed=seed)
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
    worst, mean, top = _summary(found, reader.goal.sense)
    best = max(top, best) if reader.goal.sense == "max" else min(top, best)
    number = sum(value is not None for value in known.values()) if complete else len(found)
    return Score(worst, mean, best, number, complete, official, optimum)


def _summary(found: Sequence[tuple[float, float]], sense: Sense) -> tuple[float, float, float]:
    """Worst, mean and best of values with weights."""
    values, weights = zip(*found, strict=True)
    low, high = min(values), max(values)
    mean = math.fsum(v * w for v, w in found) / math.fsum(weights)
    mean = min(max(mean, low), high)  # rounding aside, it is there already
    return (low, mean, high) if sense == "max" else (high, mean, low)


def _opens_as(asked: Instance, plan: Solution) -> bool:
    """Whether a plan proved to be best opens what the official rules of `asked` ask for."""
    if plan.status is not Status.OPTIMAL or plan.opened is None:
        return False
    rules = (rule for rule in asked.rules if rule.id == OFFICIAL)
    return all(breach(asked, rule, plan.opened) is None for rule in rules)


def _random(
    choices: Choices, reader: Reader, start: IntArray, *, samples: int, seed: int
) -> Iterator[tuple[IntArray, float]]:
    """Random choices, all of the same weight: drawn and, where few of those are admissible, walked to."""
    for opened in choices.drawn(samples * TRIES, seed):
        yield opened, 1.0
    walk = choices.walk(start, reader.possible, steps=STEPS, seed=seed)
    for opened in islice(walk, 2 * samples):
        yield opened, 1.0
