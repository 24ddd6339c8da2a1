"""What is to be had for what: cover against points or money, two objectives against each other, a target."""

from __future__ import annotations

import math
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from optimization import objectives, verify
from optimization.instance import Instance, Objective
from optimization.model import Key, Model, build, key_of
from optimization.objectives import OBJECTIVES
from optimization.rules import BoolArray, CoverageTarget, IntArray, Quota, Rule, StageBudget
from optimization.search import ROUNDING, Cancel, Goal, Progress, Search, Watch, goals_of, value_of
from optimization.solution import Solution
from optimization.solve import Hold
from optimization.variants import ID, Clock, Run, check_number, in_stage, with_rules


@dataclass(frozen=True, eq=False, slots=True)
class CurvePoint:
    """What can be covered with so many points, or so much money.

    Attributes:
        amount: facilities of the kind open at the end of the last stage at most, or VND at most.
        solution: the best plan; its status says whether there is any.
        cover: its (weighted) person-years, None without a plan.
        bound: what no plan within the amount can better; None where none exists.
        served, share: persons served in the last stage, and their share of the demand.
    """

    amount: int
    solution: Solution
    cover: float | None
    bound: float | None
    served: float | None
    share: float | None


@dataclass(frozen=True, eq=False, slots=True)
class FrontPoint:
    """A plan that is better in one of two objectives than every other plan of the front.

    `bounds` are what no plan that is as good in the other objective can better; equal to the values where
    `solution` is optimal.
    """

    first: float
    second: float
    bounds: tuple[float, float]
    solution: Solution


@dataclass(frozen=True, eq=False, slots=True)
class BackCast:
    """The cheapest path to a target.

    Attributes:
        solution: the plan; INFEASIBLE where the rules do not let the target be reached, which is proved.
        reachable: the greatest share known to be reachable in the stage under all rules; None if there is
            no plan at all, or none was found.
        most: the share that no plan can pass, proved.
    """

    solution: Solution
    reachable: float | None
    most: float


# --- points and money against cover --------------------------------------------------------------


def cover_curve(
    instance: Instance,
    kind: int,
    counts: Sequence[int] | None = None,
    *,
    omit: Collection[Key] = (),
    gap: float = 0.0,
    time_limit: float | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> tuple[CurvePoint, ...]:
    """The most that can be covered with at most so many facilities of `kind` (index) by the last stage.

    All rules hold but those of `omit`, by (id, part): a quota that says how many must open makes each other
    number infeasible, and is so reported.  The curve never falls, since a plan with fewer points is one with
    at most so many; each solve starts from the one before, and a later bound holds for earlier points.

    Args:
        instance: what is solved; its objectives are left aside.
        kind: index of the kind; its service is what is covered.
        counts: numbers of points, existing ones included; None: each from what stands to where more does not
            help.
        omit: rules left out.
        gap, progress, cancel: as in `solve`.
        time_limit: seconds for all points together.

    Raises:
        DataError: a kind that does not exist, a negative count.
        SolverError: see `solve`.
    """
    check_number("kind", kind, 0, len(instance.kinds) - 1)
    scope, last = instance.kind == kind, len(instance.stages) - 1
    asked = _covering(instance, instance.kinds[kind].service, omit)
    run = Clock(gap, time_limit, progress, cancel).started()
    if counts is None:
        free = run(asked)
        standing = int(instance.existing[scope].sum())
        counts = range(standing, 1 + (standing if free.opened is None else int(free.open[scope, last].sum())))
    for n in counts:
        check_number("counts", n, 0)
    asks = {
        n: Quota(id=ID, part=f"at most {n}", scope=scope, stages=(last,), count="open", hi=n)
        for n in sorted(set(counts))
    }
    return _curve(asked, asks, run)


def budget_curve(
    instance: Instance,
    amounts: Sequence[int],
    *,
    service: int,
    scope: BoolArray | None = None,
    omit: Collection[Key] = (),
    gap: float = 0.0,
    time_limit: float | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> tuple[CurvePoint, ...]:
    """The most of `service` that can be covered with at most so much money over all stages together.

    `amounts` in VND pay for all facilities of `scope` (F,; all if None), existing ones included, each year
    they run.  All else is as in `cover_curve`.

    Raises:
        DataError: a service that does not exist, a negative amount.
        SolverError: see `solve`.
    """
    check_number("service", service, 0, len(instance.services) - 1)
    for amount in amounts:
        check_number("amounts", amount, 0)
    paid = np.ones(len(instance.site), dtype=np.bool_) if scope is None else scope
    stages = tuple(range(len(instance.stages)))
    asks = {
        amount: StageBudget(id=ID, part=f"at most {amount}", scope=paid, stages=stages, amount=amount)
        for amount in sorted(set(amounts))
    }
    run = Clock(gap, time_limit, progress, cancel).started()
    return _curve(_covering(instance, service, omit), asks, run)


def _covering(instance: Instance, service: int, omit: Collection[Key]) -> Instance:
    rules = tuple(rule for rule in instance.rules if key_of(rule) not in set(omit))
    return replace(instance, rules=rules, objectives=(Objective("max_cover", service),))


def _curve(instance: Instance, asks: Mapping[int, Rule], run: Run) -> tuple[CurvePoint, ...]:
    """A point for each amount, in ascending order."""
    points: list[CurvePoint] = []
    start: IntArray | None = None
    for amount, rule in asks.items():
        asked = with_rules(instance, rule)
        found = run(asked, start)
        if found.opened is None:
            points.append(CurvePoint(amount, found, None, None, None, None))
            continue
        start, service = found.opened, instance.objectives[0].service
        sums = verify.figures(asked, found)
        served, demand = sums.served[service, :, -1].sum(), sums.demand[service, :, -1].sum()
        share = float(served / demand) if demand else None
        level = found.levels[0]
        points.append(CurvePoint(amount, found, level.value, level.bound, float(served), share))
    least = math.inf
    for n in reversed(range(len(points))):
        bound = points[n].bound
        if bound is not None:
            least = min(least, bound)
            points[n] = replace(points[n], bound=least)
    return tuple(points)


# --- two objectives ------------------------------------------------------------------------------


def pareto(
    instance: Instance,
    first: Objective,
    second: Objective,
    *,
    steps: int = 10,
    within: float = 0.1,
    gap: float = 0.0,
    time_limit: float | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> tuple[FrontPoint, ...]:
    """Plans between which only a trade chooses: the ε-constraint front (Haimes, Lasdon & Wismer 1971).

    Between the best value of `first` and the one it has where `second` is best, `steps` values ε are spread
    evenly; for each, `second` is optimised under first ≥ ε (≤ for what is minimised), then `first` again, so
    that nothing is dominated.  Plans reached twice, or dominated by another of the front, are left out.

    Where one of the two says nothing without the other (travel without cover, `Wanted.needs`), there is no
    far end: ε then gives up at most the share `within` of the optimum of the one that is needed.  Where
    both need a third, that third stands at its optimum throughout.

    Raises:
        DataError: fewer than two steps, `within` outside [0, 1), objectives that do not exist.
        SolverError: see `solve`.
    """
    check_number("steps", steps, 2)
    check_number("within", within, 0.0, 1.0 - 1e-9)
    for level in (first, second):
        if level.name not in OBJECTIVES:
            objectives.check((level,))
    a, b = (replace(level, loss=0.0) for level in (first, second))
    turned = _needs(a) is not None and _needs(b) != (a.name, a.service)
    if turned:  # ε stands where a row can be written without knowing who goes where
        a, b = b, a
    front = _Front(instance, a, b, Clock(gap, time_limit, progress, cancel).started())
    points = front.points(steps, within)
    kept = [
        p for n, p in enumerate(points) if not any(front.beats(q, p, m < n) for m, q in enumerate(points))
    ]
    if turned:
        kept = [FrontPoint(p.second, p.first, p.bounds[::-1], p.solution) for p in kept]
    return tuple(sorted(kept, key=lambda p: p.first))


def _needs(level: Objective) -> tuple[str, int] | None:
    needed = OBJECTIVES[level.name].needs
    return (needed, level.service) if needed else None


class _Front:
    """The solves of one front: `a` carries the ε, `b` is optimised under it, `before` comes before both."""

    def __init__(self, instance: Instance, a: Objective, b: Objective, run: Run) -> None:
        needed = dict.fromkeys(need for need in map(_needs, (a, b)) if need)
        needed.pop((a.name, a.service), None)
        self.before = tuple(Objective(name, service) for name, service in needed)
        self.at = len(self.before)
        self.instance, self.a, self.b, self.run = instance, a, b, run
        self.tied = _needs(b) == (a.name, a.service)
        asked = replace(instance, objectives=(*self.before, a, b))
        self.goals = goals_of(build(asked))[self.at :]

    def points(self, steps: int, within: float) -> list[FrontPoint]:
        """Both ends and what lies between."""
        end = self.run(replace(self.instance, objectives=(*self.before, self.a, self.b)))
        if end.opened is None:
            return []
        found, best = [self.read(end, 0, 1)], end.levels[self.at].value
        asks: list[tuple[tuple[Objective, ...], Hold | None]]
        if self.tied:
            losses = np.linspace(0, within, steps)[1:].tolist()
            asks = [((replace(self.a, loss=loss), self.b, self.a), None) for loss in losses]
        else:
            far = self.run(replace(self.instance, objectives=(*self.before, self.b, self.a)), end.opened)
            if far.opened is None:
                return found
            found.append(self.read(far, 1, 0))
            between = np.linspace(best, found[-1].first, steps)[1:-1].tolist()
            asks = [((self.b, self.a), self.no_worse(epsilon)) for epsilon in between]
        for levels, hold in asks:
            asked = replace(self.instance, objectives=(*self.before, *levels))
            solution = self.run(asked, end.opened, hold)
            if solution.opened is not None:
                found.append(self.read(solution, 2 if self.tied else 1, 1 if self.tied else 0))
        return found

    def no_worse(self, epsilon: float) -> Hold:
        """The row a ≥ ε (≤ where a is minimised), in each model that has a."""

        def hold(model: Model) -> Iterator[tuple[Goal, float]]:
            pairs = zip(model.instance.objectives, goals_of(model), strict=False)
            yield from ((goal, epsilon) for objective, goal in pairs if objective == self.a)

        return hold

    def read(self, solution: Solution, a: int, b: int) -> FrontPoint:
        """The point of a plan whose levels `a` and `b`, counted from behind `before`, are the two."""
        first, second = solution.levels[self.at + a], solution.levels[self.at + b]
        return FrontPoint(first.value, second.value, (first.bound, second.bound), solution)

    def beats(self, one: FrontPoint, other: FrontPoint, earlier: bool) -> bool:
        """Whether `one` is nowhere worse and somewhere better than `other`, or equal and found earlier."""
        rooms = [
            goal.room(theirs, ours) / max(1.0, abs(ours))
            for goal, ours, theirs in zip(
                self.goals, (one.first, one.second), (other.first, other.second), strict=True
            )
        ]
        if min(rooms) < -ROUNDING:
            return False
        return max(rooms) > ROUNDING or (one is not other and earlier)


# --- the cheapest path to a target ---------------------------------------------------------------


def back_cast(
    instance: Instance,
    share: float,
    *,
    service: int,
    stage: int | None = None,
    gap: float = 0.0,
    time_limit: float | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> BackCast:
    """The cheapest path on which at least `share` of the demand for `service` is served in `stage`.

    Back-casting: the end is given, the way is sought.  Least money for the service first, then for each other
    service that has to open something for it, then the fewest facilities, then the most cover on the way.
    `stage` is an index, None the last.  Cover counts every person alike, without priority weights.

    Raises:
        DataError: a share outside [0, 1], a service or stage that does not exist.
        SolverError: see `solve`.
    """
    stages, services = len(instance.stages), len(instance.services)
    t = stages - 1 if stage is None else stage
    check_number("share", share, 0.0, 1.0)
    check_number("service", service, 0, services - 1)
    check_number("stage", t, 0, stages - 1)
    deadline = math.inf if time_limit is None else time.perf_counter() + time_limit
    watch = Watch(time.perf_counter(), deadline, progress, cancel)
    start, reachable, most = _most_served(instance, service, t, watch, gap)

    every = np.ones(len(instance.communes), dtype=np.bool_)
    target = CoverageTarget(id=ID, part="target", service=service, stage=t, share=share, communes=every)
    others = [s for s in range(services) if s != service]
    levels = (
        *(Objective("min_cost", s) for s in (service, *others)),
        *(Objective("min_facilities", s) for s in (service, *others)),
        Objective("max_cover", service),
    )
    left = None if time_limit is None else watch.left()
    run = Clock(gap, left, progress, cancel).started()
    solution = run(replace(with_rules(instance, target), objectives=levels), start)
    if solution.opened is not None:
        sums = verify.figures(instance, solution)
        served, demand = sums.served[service, :, t].sum(), instance.demand[service, :, t].sum()
        reachable = max(reachable or 0.0, float(served / demand) if demand else 1.0)
    return BackCast(solution, reachable, most)


def _most_served(
    instance: Instance, service: int, stage: int, watch: Watch, gap: float
) -> tuple[IntArray | None, float | None, float]:
    """A plan that serves the most in `stage`, its share of the demand, and the share that none can pass."""
    demand = float(instance.demand[service, :, stage].sum())
    asked = replace(
        instance, objectives=(Objective("max_cover", service),), weight=np.ones(len(instance.communes))
    )
    model = build(asked)
    goal = in_stage(model, goals_of(model)[0], stage)
    found = Search(model).best(goal, watch, gap=gap)
    persons = demand * int(instance.years[stage])
    if not persons:
        return found.opened, None if found.opened is None else 1.0, 1.0
    if found.opened is None:
        return None, None, 0.0 if found.proved else 1.0
    return (
        found.opened,
        value_of(model, goal, found.opened, found.at) / persons,
        min(1.0, found.bound / persons),
    )
