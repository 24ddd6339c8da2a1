"""What simpler ways of planning come to, so that nobody oversells the optimum.

All keep every rule, but none looks ahead further than rules force it to: the *greedy* plan opens one facility
after the other, the *myopic* one solves each stage to optimality with the past fixed, and *network first*
settles where before it asks when.  In covered persons they often come close to the optimum.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from optimization.instance import Instance
from optimization.model import build
from optimization.rules import FloatArray, IntArray, Quota
from optimization.search import Cancel, Found, Goal, Progress, Search, Watch, goals_of, value_of
from optimization.solution import Solution, Status
from optimization.variants import ID, first_goal, in_stage, no_plan, one, settled, with_rules

LEAST_GAIN = 1e-9
"""Person-years below which a gain is rounding."""


def greedy(
    instance: Instance,
    *,
    optimum: Solution | None = None,
    time_limit: float | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Solution:
    """Stage by stage the facility that covers most more, as long as the rules can still be kept.

    In each stage, again and again, that facility of the service of the first cover objective opens which adds
    most weighted person-years from this stage on (of equals the lowest position), unless no plan that keeps
    all rules could go on from there; at the end of a stage, what rules still force open is added, as few as
    can be.  Facilities of other services open as the first objective likes.  (The greedy heuristic of Church
    & ReVelle 1974, under side constraints.)

    Args:
        instance: what is planned for.
        optimum: an answer of `solve`, whose bound of the first level then says how good the plan is.
        time_limit: seconds for choosing; the answer is NO_SOLUTION when they run out.
        progress, cancel: as in `solve`.

    Raises:
        DataError: the instance has no objective.
        SolverError: see `solve`.
    """
    first_goal(instance)
    chooser = _Greedy(instance, _watch(time_limit, progress, cancel))
    if chooser.opened is None:
        return chooser.none()
    for t in range(len(instance.stages)):
        if not chooser.stage(t):
            return chooser.none()
    scope = instance.facility_service == chooser.service
    return settled(instance, chooser.opened, scope=scope, first_bound=_bound(optimum))


def myopic(
    instance: Instance,
    *,
    optimum: Solution | None = None,
    gap: float = 0.0,
    time_limit: float | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Solution:
    """Each stage to optimality in turn, with the past fixed: yearly planning without looking ahead.

    Within a stage the part that it has in each objective counts, up to the first that speaks of cover, then
    the fewest facilities.  Later stages count only in that their rules must remain possible to keep.

    Args, Raises: as `greedy`; `gap` is the relative gap at which a stage counts as solved.
    """
    first_goal(instance)
    watch = _watch(time_limit, progress, cancel)
    model = build(_leading(instance))
    search, goals = Search(model), goals_of(model)
    z = model.variables.z
    opened: IntArray | None = None
    at: Mapping[str, float] = {}
    for t in range(len(instance.stages)):
        fewest = Goal("fewest", [(v, 1.0) for (_, when), v in z.items() if when == t], "min")
        for goal in (*(in_stage(model, g, t) for g in goals), fewest):
            found = search.best(goal, watch, gap=gap, start=opened)
            if found.opened is None and opened is None:
                return no_plan(instance, _failure(found), time.perf_counter() - watch.began)
            if found.opened is not None:
                opened, at = found.opened, found.at
            assert opened is not None
            search.hold(goal, value_of(model, goal, opened, at))
        assert opened is not None
        search.fix({v: int(opened[key]) for key, v in z.items() if key[1] == t})
    assert opened is not None
    return settled(instance, opened, first_bound=_bound(optimum))


def network_first(
    instance: Instance,
    *,
    optimum: Solution | None = None,
    gap: float = 0.0,
    time_limit: float | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Solution:
    """The best network of the last stage, opened greedily: where first, when afterwards.

    What opens is settled by the last stage's part in each objective, up to the first that speaks of
    cover, then by the fewest facilities; in which stage, by `greedy`.

    Args, Raises: as `greedy`; `gap` is the relative gap at which the network counts as solved.
    """
    first_goal(instance)
    watch = _watch(time_limit, progress, cancel)
    model = build(_leading(instance))
    search, z = Search(model), model.variables.z
    fewest = Goal("fewest", [(v, 1.0) for v in z.values()], "min")
    opened: IntArray | None = None
    for goal in (*(in_stage(model, g, len(instance.stages) - 1) for g in goals_of(model)), fewest):
        found = search.best(goal, watch, gap=gap, start=opened)
        if found.opened is None and opened is None:
            return no_plan(instance, _failure(found), time.perf_counter() - watch.began)
        if found.opened is not None:
            opened = found.opened
            search.hold(goal, value_of(model, goal, opened, found.at))
    assert opened is not None
    stages, network = tuple(range(len(instance.stages))), opened.sum(axis=1)
    rules = [
        Quota(id=ID, part=f"network/{f}", scope=one(instance, f), stages=stages, lo=n, hi=n)
        for f, n in enumerate(network.tolist())
    ]
    left = None if time_limit is None else watch.left()
    asked = with_rules(instance, *rules)
    return greedy(asked, optimum=optimum, time_limit=left, progress=progress, cancel=cancel)


class _Greedy:
    """The openings chosen so far, and the search that tells whether a plan can go on from them."""

    def __init__(self, instance: Instance, watch: Watch) -> None:
        self.instance, self.watch = instance, watch
        self.service = next(
            (o.service for o in instance.objectives if o.name == "max_cover"), instance.objectives[0].service
        )
        self.model = build(replace(instance, objectives=()))
        self.search = Search(self.model)
        self.feasible = goals_of(self.model)[0]
        self.found = self.search.best(self.feasible, watch)
        self.witness = self.found.opened  # a plan that keeps all rules and goes on from what is fixed
        self.opened = None if self.found.opened is None else np.zeros_like(self.found.opened)
        self.share = _shares(instance, self.service)
        stages = np.array(instance.years, dtype=np.float64)
        self.worth = instance.demand[self.service] * instance.weight[:, None] * stages

    def none(self) -> Solution:
        """The answer when there is no plan, or no time to find one."""
        return no_plan(self.instance, _failure(self.found), time.perf_counter() - self.watch.began)

    def stage(self, t: int) -> bool:
        """Opens what is to open in stage t; False if time ran out."""
        assert self.opened is not None
        z = {f: v for (f, when), v in self.model.variables.z.items() if when == t}
        z = {f: v for f, v in z.items() if self.instance.facility_service[f] == self.service}
        free = set(z)
        while free:
            gains = self._gains(sorted(free), t)
            f, gain = max(gains.items(), key=lambda pair: (pair[1], -pair[0]))
            if gain <= LEAST_GAIN:
                break
            n = int(self.opened[f, t])
            self.search.fix({z[f]: n + 1})
            if self._goes_on(f, t, n + 1):
                self.opened[f, t] = n + 1
                free -= {f} if self._full(f) else set()
                continue
            if not self.found.proved:
                return False
            self.search.fix({z[f]: n})
            if self.witness is not None and self.witness[f, t] != n:
                self.witness = None
            free.remove(f)
            if not self._more(free, t):
                break
        return self._close(sorted(z), t)

    def _goes_on(self, f: int, t: int, n: int) -> bool:
        """Whether a plan goes on from what is fixed with n of `f` in stage t; if not, `found` says why.

        The last plan found answers for itself.
        """
        if self.witness is not None and self.witness[f, t] == n:
            return True
        self.found = self.search.best(self.feasible, self.watch)
        if self.found.opened is None:
            return False
        self.witness = self.found.opened
        return True

    def _gains(self, candidates: list[int], t: int) -> dict[int, float]:
        """Weighted person-years that each facility would add from stage t on."""
        assert self.opened is not None
        there = self.instance.standing(self.opened)[:, t:] > 0
        mine = self.instance.facility_service == self.service
        now = np.zeros((len(self.instance.communes), there.shape[1]))
        for f in np.flatnonzero(mine & there.any(axis=1)):
            now = np.maximum(now, self.share[f][:, None] * there[f])
        more = {f: np.maximum(self.share[f][:, None] - now, 0.0) for f in candidates}
        return {f: float((self.worth[:, t:] * part).sum()) for f, part in more.items()}

    def _full(self, f: int) -> bool:
        assert self.opened is not None
        it = self.instance
        return bool(it.existing[f] + self.opened[f].sum() >= it.limit[f])

    def _more(self, free: set[int], t: int) -> bool:
        """Whether any of `free` can still open in stage t: asked once a refusal hints that none can."""
        assert self.opened is not None
        mine = sorted(free)
        now = int(self.opened[mine, t].sum())
        if self.witness is not None and int(self.witness[mine, t].sum()) > now:
            return True
        variables = self.model.variables.z
        goal = Goal("more", [(variables[f, t], 1.0) for f in mine], "max")
        self.found = self.search.best(goal, self.watch)
        if self.found.opened is None:
            return True
        self.witness = self.found.opened
        return int(self.witness[mine, t].sum()) > now

    def _close(self, z: list[int], t: int) -> bool:
        """Settles stage t with as few further openings as rules force."""
        variables = self.model.variables.z
        goal = Goal("forced", [(variables[f, t], 1.0) for f in z], "min")
        self.found = self.search.best(goal, self.watch)
        if self.found.opened is None:
            return False
        assert self.opened is not None
        self.witness = self.found.opened
        for f in z:
            self.opened[f, t] = self.found.opened[f, t]
        self.search.fix({variables[f, t]: int(self.opened[f, t]) for f in z})
        return True


# --- helpers -------------------------------------------------------------------------------------


def _watch(time_limit: float | None, progress: Progress | None, cancel: Cancel | None) -> Watch:
    began = time.perf_counter()
    return Watch(began, math.inf if time_limit is None else began + time_limit, progress, cancel)


def _failure(found: Found) -> Status:
    return Status.INFEASIBLE if found.proved else Status.NO_SOLUTION


def _bound(optimum: Solution | None) -> float | None:
    return optimum.levels[0].bound if optimum is not None and optimum.levels else None


def _leading(instance: Instance) -> Instance:
    """The instance with its objectives up to the first that speaks of cover."""
    names = [o.name for o in instance.objectives]
    until = names.index("max_cover") + 1 if "max_cover" in names else 1
    return replace(instance, objectives=instance.objectives[:until])


def _shares(instance: Instance, service: int) -> FloatArray:
    """The cover that each facility gives each commune, (F, I)."""
    shares = np.zeros((len(instance.site), len(instance.communes)))
    points, facilities = instance.reach(service)
    shares[facilities, points] = instance.cover(points, facilities)
    return shares
