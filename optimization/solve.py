"""What is asked of the solver: the best plan, whether there is any, how far rules would have to give way."""

from __future__ import annotations

import math
import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from errors import Problem, SolverError
from optimization import objectives
from optimization.exact import nearest
from optimization.forms import forms
from optimization.instance import Instance
from optimization.model import Key, Model, build, key_of
from optimization.rules import (
    Capacity,
    CommunityShare,
    CoverageTarget,
    GroupFloor,
    IntArray,
    MinimumCaseload,
    Rule,
    StageBudget,
)
from optimization.search import (
    ROUNDING,
    SOLVER,
    Cancel,
    Found,
    Goal,
    Progress,
    Search,
    Watch,
    goals_of,
    value_of,
)
from optimization.settle import Hold, Settled, settle
from optimization.siting import MILLION
from optimization.solution import Allocation, Level, Solution, Status
from optimization.variables import Pairs

__all__ = ["Hold", "Slacks", "allocate", "is_feasible", "least", "solve"]

PERSONS: tuple[type[Rule], ...] = (Capacity, MinimumCaseload, CoverageTarget, CommunityShare, GroupFloor)
"""Rules that give way by persons, who need not be whole numbers."""

TIE_NODES = 1_000
"""Branch-and-bound nodes spent on each tie: a limit of effort, not of time, keeps the answer repeatable."""


@dataclass(frozen=True, slots=True)
class Slacks:
    """The least by which elastic rules have to give way.

    Sides and units by rule (f is a facility, g a group, each as text):

    * Quota "lo", "hi" and Cluster "hi": facilities; StageBudget "over": VND;
    * Colocated and ParentWithinReach f: how many of f are exempted;
    * Pinned and Forbidden "drop": 1, the whole row is dropped;
    * Capacity f: persons by which the load of f may exceed its capacity in each stage;
    * MinimumCaseload f: persons that f may be short of in each stage;
    * CoverageTarget (hard) and CommunityShare "short", GroupFloor g: persons short.

    An Upgrade does not give way, and a soft target has no need to.

    Attributes:
        total: the weighted sum that was minimised.
        amounts: what is positive, by rule and side; whole numbers but for persons.
        latent: openings (f, t) at facilities that the scenario does not offer.
        opened: z of a plan that needs no more than that, (F, T).
    """

    total: float
    amounts: dict[Key, dict[str, float]]
    latent: tuple[tuple[int, int], ...]
    opened: IntArray


def solve(
    instance: Instance,
    *,
    gap: float = 0.0,
    time_limit: float | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
    start: IntArray | None = None,
    hold: Hold | None = None,
) -> Solution:
    """The best plan by the levels of `instance.objectives`, one after the other.

    Each level is optimised while every earlier one keeps its optimum but for the loss it allows.  Of plans
    equal in all levels the one returned opens the fewest facilities and, of those, has the smallest
    Σ_t Σ_f √(1+f) y_ft, which prefers low positions f and late openings.  Each of these two ties is given
    `TIE_NODES` nodes.  The same instance gives the same plan as long as neither the clock nor `cancel` cuts
    the search short.

    Args:
        instance: what is solved.
        gap: relative gap at which a level counts as proved.
        time_limit: seconds for the whole call.  HiGHS looks at the clock between steps of its own and can
            run over.
        progress: called from this thread about five times a second.
        cancel: once set, the search stops with what it has.
        start: z of a plan to start from, (F, T); one that breaks a rule is ignored.
        hold: what else a plan has to keep, for questions that no rule of a scenario asks (`explore`); called
            once for each form of the model.

    Raises:
        DataError: an objective that does not exist or cannot stand alone.
        SolverError: HiGHS failed, or its answer contradicts itself.
    """
    began = time.perf_counter()
    objectives.check(instance.objectives)
    watch = Watch(began, math.inf if time_limit is None else began + time_limit, progress, cancel)
    wanted = instance.objectives
    search, building = _load(instance, 0, hold)
    opened, proved = start, True
    bounds: list[float] = []
    floors: list[float] = []
    for n in range(max(1, len(wanted))):
        if search.model.allocating != forms(instance, wanted[: n + 1]).allocating:
            search, seconds = _load(instance, n, hold)
            building += seconds
            for earlier, floor in zip(goals_of(search.model), floors, strict=False):
                search.hold(earlier, floor)
        goal = goals_of(search.model)[n]
        found = search.best(goal, watch, gap=gap, start=opened)
        if found.opened is None and n == 0:
            status = Status.INFEASIBLE if found.proved else Status.NO_SOLUTION
            return _answer(instance, status, None, watch=watch, building=building)
        if found.opened is None and found.proved:
            raise SolverError(Problem("solver.lost", f"HiGHS: {goal.name}", {"level": n + 1}))
        opened = opened if found.opened is None else found.opened
        proved = found.proved
        bounds.append(found.bound)
        if not proved:
            break
        assert opened is not None
        value = value_of(search.model, goal, opened, found.at)
        floors.append(goal.worse(value, wanted[n].loss if wanted else 0.0))
        search.hold(goal, floors[n])

    assert opened is not None
    if proved:
        opened = _settle_ties(search, found, watch)
    plan = settle(instance, opened, floors=floors, hold=hold)
    if plan is None:
        raise SolverError(Problem("solver.lost", "HiGHS", {"level": len(bounds)}))
    levels = tuple(_levels(plan, bounds))
    status = Status.OPTIMAL if proved else Status.FEASIBLE
    return _answer(instance, status, opened, plan, levels, watch=watch, building=building)


def is_feasible(instance: Instance, *, omit: Collection[Key] = frozenset()) -> bool:
    """Whether any plan keeps all rules but those of `omit`, proved either way.

    Raises:
        SolverError: HiGHS failed or gave up.
    """
    model = build(replace(instance, objectives=()), omit=omit)
    found = _decided(Search(model).best(goals_of(model)[0], Watch(time.perf_counter())))
    return found.opened is not None


def least(
    instance: Instance,
    *,
    elastic: Collection[Key],
    omit: Collection[Key] = frozenset(),
    latent: bool = False,
    weights: Mapping[Key, float] | None = None,
    latent_weight: float = 1.0,
) -> Slacks | None:
    """The least by which the rules of `elastic` have to give way for a plan to exist; None if none does.

    Minimises Σ weight × slack, where a facility, a million VND and an opening at a facility that is not
    offered (`latent`) count one each unless `weights` (by rule) and `latent_weight` say otherwise.  Of the
    plans that need the same amounts, the one with the fewest openings and the lowest positions is given, as
    in `solve`.

    Raises:
        SolverError: HiGHS failed or gave up.
    """
    model = build(replace(instance, objectives=()), omit=omit, elastic=elastic, latent=latent)
    weight = weights or {}
    terms: Pairs = [(v, weight.get(key, 1.0)) for key, sides in model.slacks.items() for v in sides.values()]
    new = Goal("latent", [(z, latent_weight) for z in model.latent.values()], "min")
    goal = Goal("least", terms + new.terms, "min")
    search, watch = Search(model), Watch(time.perf_counter())
    found = _decided(search.best(goal, watch))
    if found.opened is None:
        return None
    amounts: dict[Key, dict[str, float]] = {}
    rules = {key_of(rule): rule for rule in instance.rules}
    for key, sides in model.slacks.items():
        for side, variable in sides.items():
            at = found.at[variable.name]
            if isinstance(rules[key], PERSONS):
                search.cap(variable, at * (1 + ROUNDING) + ROUNDING)
                n = at if at > ROUNDING else 0.0
            else:
                unit = MILLION if isinstance(rules[key], StageBudget) else 1
                n = round(at * unit)
                search.fix({variable: n / unit})
            if n > 0:
                amounts.setdefault(key, {})[side] = n
    total, opened = found.total(goal), found.opened
    search.hold(new, found.total(new))
    for tie in _ties(model):
        better = search.best(tie, watch, nodes=TIE_NODES)
        if better.opened is not None:
            opened = better.opened
            search.hold(tie, better.total(tie))
    return Slacks(total, amounts, tuple(sorted(key for key in model.latent if opened[key] > 0)), opened)


# --- helpers -------------------------------------------------------------------------------------


def _load(instance: Instance, n: int, hold: Hold | None) -> tuple[Search, float]:
    """The search for level n, and the seconds it took to build.

    Its model has the levels from the first on that share level n's form: as long as nobody asks who goes
    where, the smaller compact form does.
    """
    before = time.perf_counter()
    wanted = instance.objectives
    form = forms(instance, wanted[: n + 1]).allocating
    same = [m for m in range(n, len(wanted)) if forms(instance, wanted[: m + 1]).allocating == form]
    search = Search(build(replace(instance, objectives=wanted[: max(same, default=-1) + 1])))
    for goal, floor in hold(search.model) if hold else ():
        search.hold(goal, floor)
    return search, time.perf_counter() - before


def _ties(model: Model) -> tuple[Goal, Goal]:
    """What decides between equals: fewer facilities, then Σ_t Σ_f √(1+f) y_ft.

    Roots are all but never sums of each other, so two plans hardly ever share that sum.
    """
    fewest: Pairs = [(z, 1.0) for z in model.variables.z.values()]
    order: Pairs = [(y, math.sqrt(1 + f)) for (f, _), y in model.variables.y.items()]
    return Goal("ties", fewest, "min"), Goal("ties", order, "min")


def _settle_ties(search: Search, found: Found, watch: Watch) -> IntArray:
    """Of the plans that are worse in no objective the one that the ties prefer."""
    assert found.opened is not None
    opened = found.opened
    for goal in goals_of(search.model):
        search.hold(goal, value_of(search.model, goal, opened, found.at))
    for tie in _ties(search.model):
        better = search.best(tie, watch, start=opened, nodes=TIE_NODES)
        opened = opened if better.opened is None else better.opened
        search.hold(tie, value_of(search.model, tie, opened))
    return opened


def _decided(found: Found) -> Found:
    if not found.proved:
        raise SolverError(Problem("solver.undecided", "HiGHS"))
    return found


def _levels(plan: Settled, bounds: list[float]) -> Iterator[Level]:
    """Value, bound and gap of each objective; a level never reached has only its trivial bound.

    Each level was optimised over the plans that are no worse in the earlier ones than rows can tell
    (`Goal.edge`): what only that looseness makes of a bound is no gap.
    """
    for n, objective in enumerate(plan.model.instance.objectives):
        goal = goals_of(plan.model)[n]
        value, bound = plan.value(goal), goal.trivial()
        if n < len(bounds):
            bound = min(bounds[n], bound) if goal.sense == "max" else max(bounds[n], bound)
        reached = plan.loose[n] if plan.loose else value
        gap = 0.0 if goal.room(reached, bound) <= goal.looseness(value) else goal.gap(value, bound)
        yield Level(objective.name, value, value if gap == 0 else bound, gap)


def _answer(
    instance: Instance,
    status: Status,
    opened: IntArray | None,
    plan: Settled | None = None,
    levels: tuple[Level, ...] = (),
    *,
    watch: Watch,
    building: float,
) -> Solution:
    return Solution(
        status=status,
        opened=opened,
        existing=instance.existing,
        allocation=None if opened is None or plan is None else _allocation(instance, opened, plan),
        levels=levels,
        seconds={"build": building, "solve": time.perf_counter() - watch.began - building},
        solver=SOLVER,
        upgraded=instance.upgraded(opened) if opened is not None and len(instance.upgrades) else None,
        feeds=plan.feeds if plan else None,
    )


def allocate(instance: Instance, opened: IntArray) -> Allocation | None:
    """Who goes where when z = `opened`, (F, T): the best by the levels, None if the rules cannot be kept.

    Everybody within reach goes to the nearest open facility of each service (`Instance.reach` settles ties)
    but where a capacity, a caseload or the like steers them (`forms`).  Where there is no demand nobody goes
    anywhere.
    """
    plan = settle(instance, opened)
    return None if plan is None else _allocation(instance, opened, plan)


def _allocation(instance: Instance, opened: IntArray, plan: Settled) -> Allocation:
    standing = instance.standing(opened)
    steered = plan.model.forms.steered
    rows = [
        (i, f, t, 1.0)
        for s in range(len(instance.services))
        if s not in steered
        for arcs in (instance.reach(s),)
        for t in range(len(instance.stages))
        for i, f in nearest(*arcs, standing[:, t])
        if instance.demand[s, i, t] > 0
    ]
    service = instance.facility_service.tolist()
    rows += [
        (i, f, t, plan.exact[x.name])
        for (i, f, t), x in sorted(plan.model.variables.x.items())
        if service[f] in steered and plan.exact[x.name] > 0
    ]
    commune, facility, stage = np.array([r[:3] for r in rows], dtype=np.int64).reshape(-1, 3).T
    return Allocation(commune, facility, stage, np.array([r[3] for r in rows], dtype=np.float64))
