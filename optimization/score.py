"""Scoring a plan that somebody made: its openings fixed, only people are assigned (model.md).

Such a plan often names a group and not the premises.  All admissible choices of premises are then scored, so
that an optimiser gets no credit for detail that the plan never had.
"""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from errors import DataError, Problem
from optimization.instance import Instance, Objective
from optimization.model import build
from optimization.rules import (
    BoolArray,
    Cluster,
    Colocated,
    FloatArray,
    Forbidden,
    IntArray,
    Pinned,
    Quota,
    Rule,
    StageBudget,
    Upgrade,
)
from optimization.search import Cancel, Goal, Progress, Search, Watch, goals_of, value_of
from optimization.solution import Solution
from optimization.solve import solve
from optimization.variables import can_open, can_stand
from optimization.verify import breach

OFFICIAL = "official"
"""Id of the rules that fix the openings of the plan that is scored."""

Choice = tuple[tuple[int, int], ...]
"""Openings (f, t) of the kinds that the plan speaks of; a facility opened twice stands twice."""

OF_FACILITIES = (Quota, Colocated, StageBudget, Pinned, Forbidden, Cluster, Upgrade)
"""Rules that openings alone keep or break; for the others somebody has to say who goes where."""

TRIES = 50
"""Random choices drawn for each one wanted, before giving up finding admissible ones."""


@dataclass(frozen=True, slots=True, order=True)
class Opening:
    """`count` facilities of `kind` open in `group` in `stage` (indices), wherever in the group."""

    kind: int
    group: int
    stage: int
    count: int = 1


@dataclass(frozen=True, eq=False, slots=True)
class Score:
    """How good a plan is, read in every way it can be read, by the first objective.

    Attributes:
        worst, mean, best: over the admissible choices of premises; None where there is none.
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


@dataclass(frozen=True, slots=True)
class Exchange:
    """When facilities of `kind` open in `group`: the stages in one plan and in the other, in order."""

    kind: int
    group: int
    official: tuple[int, ...]
    optimal: tuple[int, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Exchanges:
    """What distinguishes two plans.

    `moves` has every kind and group where either opens anything (`NO_GROUP` among them); `gained` the
    person-years that each group is served more (or less) in the optimal plan, (G,), of the service of the
    first objective; `elsewhere` those of communes in no group.
    """

    moves: tuple[Exchange, ...]
    gained: FloatArray
    elsewhere: float


# --- other instances -----------------------------------------------------------------------------


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


def with_openings(instance: Instance, openings: Sequence[Opening], *, rule: str = OFFICIAL) -> Instance:
    """The same instance with the openings of the kinds in `openings` fixed by group and stage.

    Of those kinds nothing else opens; other kinds stay free.  One rule a row, parts ``kind/group/stage``,
    and one a kind and stage for the total.

    Raises:
        DataError: an opening of an unknown kind, group or stage, or one listed twice.
    """
    _check(instance, openings)
    groups = instance.site_group[instance.site]
    rules: list[Rule] = []
    for o in openings:
        scope = (instance.kind == o.kind) & (groups == o.group)
        part = f"{instance.kinds[o.kind].id}/{instance.groups[o.group]}/{instance.stages[o.stage]}"
        rules.append(Quota(id=rule, part=part, scope=scope, stages=(o.stage,), lo=o.count, hi=o.count))
    for kind, stage in itertools.product(sorted({o.kind for o in openings}), range(len(instance.stages))):
        total = sum(o.count for o in openings if (o.kind, o.stage) == (kind, stage))
        part = f"{instance.kinds[kind].id}/{instance.stages[stage]}"
        scope = instance.kind == kind
        rules.append(Quota(id=rule, part=part, scope=scope, stages=(stage,), lo=total, hi=total))
    return replace(instance, rules=(*instance.rules, *rules))


def _check(instance: Instance, openings: Sequence[Opening]) -> None:
    sizes = (len(instance.kinds), len(instance.groups), len(instance.stages))
    places = [(o.kind, o.group, o.stage) for o in openings]
    problems = [
        Problem("score.opening", f"openings[{n}]", {"opening": str(o)})
        for n, (o, place) in enumerate(zip(openings, places, strict=True))
        if not all(0 <= x < size for x, size in zip(place, sizes, strict=True))
        or o.count < 0
        or place in places[:n]
    ]
    if problems:
        raise DataError(problems)


# --- scoring -------------------------------------------------------------------------------------


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

    pools = _pools(asked, openings)
    ways = math.prod(math.comb(len(pool), o.count) for o, pool in zip(openings, pools, strict=True))
    complete = ways <= most
    choices = _every(openings, pools) if complete else _drawn(openings, pools, samples * TRIES, seed)
    reader = _Reader(replace(asked, objectives=asked.objectives[:1]), {o.kind for o in openings}, watch)
    found: list[float] = []
    for choice in choices:
        if watch.left() <= 0:
            complete = False
            break
        value = reader.value(choice)
        if value is not None:
            found.append(value)
        if not complete and len(found) == samples:
            break
    best = official.levels[0].value
    if not found:
        return Score(None, None, best, 0, complete=False, official=official, optimum=optimum)
    ends = (max(found), min(found)) if reader.goal.sense == "max" else (min(found), max(found))
    mean = math.fsum(found) / len(found)
    return Score(ends[1], mean, ends[0] if complete else best, len(found), complete, official, optimum)


def _pools(instance: Instance, openings: Sequence[Opening]) -> list[list[int]]:
    """For each of `openings` the facilities it may mean, each as often as it may open."""
    possible, room = _possible(instance), instance.limit - instance.existing
    groups = instance.site_group[instance.site]
    pools = []
    for o in openings:
        fits = np.flatnonzero((instance.kind == o.kind) & (groups == o.group) & possible[:, o.stage])
        pools.append(np.repeat(fits, room[fits]).tolist())
    return pools


def _every(openings: Sequence[Opening], pools: list[list[int]]) -> Iterator[Choice]:
    """Every choice of premises, once."""
    ways = [sorted(set(itertools.combinations(p, o.count))) for o, p in zip(openings, pools, strict=True)]
    for chosen in itertools.product(*ways):
        yield tuple((f, o.stage) for o, way in zip(openings, chosen, strict=True) for f in way)


def _drawn(openings: Sequence[Opening], pools: list[list[int]], n: int, seed: int) -> Iterator[Choice]:
    """As many as `n` random choices of premises; some may not be admissible."""
    rng = np.random.default_rng(seed)
    for _ in range(n):
        ways = [rng.choice(p, o.count, replace=False) for o, p in zip(openings, pools, strict=True)]
        yield tuple((int(f), o.stage) for o, way in zip(openings, ways, strict=True) for f in way)


def _possible(instance: Instance) -> BoolArray:
    """Openings (F, T) that co-location does not rule out at once: a host stands there, or can by then."""
    possible, hosted = can_open(instance), can_stand(instance)
    for rule in instance.rules:
        if isinstance(rule, Colocated):
            at = np.zeros((len(instance.premises), len(instance.stages)), dtype=np.bool_)
            np.logical_or.at(at, instance.site[rule.hosts], hosted[rule.hosts])
            possible = possible & (~rule.scope[:, None] | at[instance.site])
    return possible


class _Reader:
    """Reads choices of premises: is one admissible, and what is it worth?"""

    def __init__(self, instance: Instance, spoken_of: set[int], watch: Watch) -> None:
        self.instance = instance
        self.model = build(instance)
        self.goal: Goal = goals_of(self.model)[0]
        self.watch = watch
        free = can_open(instance).any(axis=1) & ~np.isin(instance.kind, list(spoken_of))
        self.fixed = [key for key in self.model.variables.z if not free[key[0]]]
        of_facilities = all(isinstance(rule, OF_FACILITIES) for rule in instance.rules)
        self.plain = of_facilities and not self.model.forms.steered
        self.search = Search(self.model) if free.any() or not self.plain else None
        serves = instance.facility_service == instance.objectives[0].service
        self.matters = bool((free & serves).any()) or not self.plain

    def value(self, choice: Choice) -> float | None:
        """What the plan is worth with these premises, or None if they are not admissible."""
        opened = np.zeros((len(self.instance.site), len(self.instance.stages)), dtype=np.int64)
        for key in choice:
            opened[key] += 1
        if (opened.sum(axis=1) > self.instance.limit - self.instance.existing).any():
            return None
        rules = self.instance.rules
        alone = self.plain and all(breach(self.instance, rule, opened) is None for rule in rules)
        if self.search is not None and (self.matters or not alone):
            self.search.fix({self.model.variables.z[key]: int(opened[key]) for key in self.fixed})
            goal = self.goal if self.matters else Goal("feasible", [], "min")
            found = self.search.best(goal, self.watch)
            if found.opened is None:
                return None
            return value_of(self.model, self.goal, found.opened, found.at)
        return value_of(self.model, self.goal, opened) if alone else None


# --- comparing -----------------------------------------------------------------------------------


def exchanges(instance: Instance, official: Solution, optimal: Solution) -> Exchanges:
    """Which group opens when in the two plans, and who gains or loses by it.

    Raises:
        ValueError: one of them has no plan to read.
    """
    moves = []
    groups = instance.site_group[instance.site]
    pairs = sorted({(int(k), int(g)) for k, g in zip(instance.kind, groups, strict=True)})
    for kind, group in pairs:
        scope = (instance.kind == kind) & (groups == group)
        ours, theirs = (_stages(plan, scope) for plan in (optimal, official))
        if ours or theirs:
            moves.append(Exchange(kind, group, theirs, ours))
    more = _person_years(instance, optimal) - _person_years(instance, official)
    by_group = np.zeros(len(instance.groups) + 1)  # the last is NO_GROUP's, which is −1
    np.add.at(by_group, instance.commune_group, more)
    return Exchanges(tuple(moves), by_group[:-1], float(by_group[-1]))


def _stages(plan: Solution, scope: BoolArray) -> tuple[int, ...]:
    if plan.opened is None:
        raise ValueError("there is no plan to read")
    counts = plan.opened[scope].sum(axis=0)
    return tuple(np.repeat(np.arange(len(counts)), counts).tolist())


def _person_years(instance: Instance, plan: Solution) -> FloatArray:
    """Person-years served in each commune, (I,), of the service of the first objective."""
    if plan.allocation is None:
        raise ValueError("there is no plan to read")
    commune, facility, stage, share = plan.allocation
    service = instance.objectives[0].service
    ours = instance.facility_service[facility] == service
    years = np.zeros(len(instance.communes))
    persons = instance.demand[service, commune, stage] * instance.years[stage] * share
    np.add.at(years, commune[ours], persons[ours])
    return years
