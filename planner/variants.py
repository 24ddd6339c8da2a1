"""Plans that stand beside the best one: the published order, what simpler methods give, near-equals."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cached_property
from threading import Event
from typing import NamedTuple, TypedDict

from optimization import baselines, explore
from optimization.openings import with_openings
from optimization.search import Cancel, Progress
from optimization.solution import Level, Solution, Status
from optimization.solve import solve
from optimization.variants import unproved
from planner import report, scoring
from planner.exploring import Asked, Study
from planner.plan import Evaluation, Facts, Plan
from planner.run import facts
from scenarios.schema import Scenario
from text import Text, both, percent

OFFICIAL = "official"
SIMPLER: dict[str, Callable[..., Solution]] = {
    "greedy": baselines.greedy,
    "myopic": baselines.myopic,
    "network_first": baselines.network_first,
}
"""Simpler ways of planning (``optimization.baselines``)."""
ALTERNATIVE = "alternative_"
MOST = 3
"""Near-equal plans that are looked for."""
SHOWN = 0.0005
"""Share of the first objective below which a loss reads as 0."""
NAMES = (OFFICIAL, *SIMPLER, *(f"{ALTERNATIVE}{n}" for n in range(1, MOST + 1)))
"""Every variant there may be, in the order in which they are shown."""


class Variant(NamedTuple):
    """A plan of the same scenario by another way.

    `name` is "official", "greedy", "myopic", "network_first" or "alternative_<n>"; `note` says what is
    special about it.
    """

    name: str
    label: Text
    plan: Plan
    note: Text | None = None


class Found(NamedTuple):
    """The variants there are, and by name why others are not."""

    variants: tuple[Variant, ...]
    left_out: dict[str, Text]


def found(
    scenario: Scenario,
    names: Collection[str] = NAMES,
    *,
    optimum: Plan | None = None,
    evaluation: Evaluation | None = None,
    time_limit: float | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Found:
    """The variants `names` of the best plan, each built and verified like a plan of its own.

    All keep every rule of the scenario.  None is called optimal, for its own value is what a simpler way, or
    the published order, comes to; the bound of its first objective is that of the best plan.  The published
    order is shown at the best premises that it leaves open.

    Args:
        names: of `NAMES`, in any order.
        optimum: the best plan of `scenario`, where the caller has it; else it is solved, as it is where what
            is handed in was not found by the search.
        evaluation: the published plan's score, where the caller has it.
        time_limit: seconds for each variant, and for the best plan.
        progress, cancel: as in ``optimization.solve.solve``; what is cancelled is left out.

    Raises:
        RulesClashError: no plan keeps all rules, so there is none to stand beside.
        NoPlanInTimeError: stopped before the best plan was found.
        KeyError: a name that is not in `NAMES`.
        ScenarioError, DataError, SolverError: see ``planner.run``.
    """
    if strangers := sorted(set(names) - set(NAMES)):
        raise KeyError(", ".join(strangers))
    if optimum is not None and optimum.report.way:
        optimum = None
    if optimum is None and evaluation is not None:
        optimum = evaluation.optimal
    asked = Asked(time_limit=time_limit, progress=progress, cancel=cancel)
    return _Variants(scenario, asked, optimum, evaluation).found(names)


def compared(
    plan: Plan,
    names: Collection[str] = NAMES,
    *,
    proved: bool = True,
    time_limit: float | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> tuple[Evaluation | None, Found]:
    """What a dossier sets beside `plan`: the published order's score, where there is one, and `found`.

    Args:
        plan: the best plan of its scenario.
        names, time_limit, progress, cancel: see `found`.
        proved: whether `plan` was solved here, so that its proof need not be found again.

    Raises:
        As `found`.
    """
    asked = Asked(time_limit=time_limit, progress=progress, cancel=cancel)
    study = _Variants(plan.scenario, asked, plan, None)
    found = study.found(names, score=plan.scenario.official is not None, trusted=plan if proved else None)
    return study.evaluation, found


class _Stop:
    """Somebody wants the search to stop, or what runs beside it has failed."""

    def __init__(self, cancel: Cancel | None) -> None:
        self._asked, self._failed = cancel, Event()

    def set(self) -> None:
        self._failed.set()

    def is_set(self) -> bool:
        return self._failed.is_set() or (self._asked is not None and self._asked.is_set())


Way = tuple[Plan, Text] | Text
"""A plan and what is special about it, or why there is none."""


class _Variants(Study):
    """A scenario in arrays, its best plan, and each other way of planning it."""

    def __init__(
        self, scenario: Scenario, asked: Asked, optimum: Plan | None, evaluation: Evaluation | None
    ) -> None:
        self.stop = _Stop(asked.cancel)
        super().__init__(scenario, replace(asked, cancel=self.stop), optimum)
        self.evaluation = evaluation

    @cached_property
    def facts(self) -> Facts:
        """What every plan of the scenario shares."""
        return self.optimum.facts if self.optimum else facts(self.scenario, self.places)

    def found(self, names: Collection[str], *, score: bool = False, trusted: Plan | None = None) -> Found:
        """The variants `names`; `score` the published order first, against the plan that is `trusted`.

        Near-equals are searched beside all else: a search runs outside Python's lock, on a core of its own.
        """
        _ = self.best, self.facts  # a clash is told before anything is tried; both threads read them
        with ThreadPoolExecutor(1) as beside:
            near = beside.submit(lambda: dict(self.near_equals(names)))
            try:
                if score:
                    self.evaluation = scoring.evaluate(self.scenario, optimum=trusted, **self.limits)
                ways = dict(self.others(names)) | near.result()
            except BaseException:
                self.stop.set()
                raise
        ordered = [(name, ways[name]) for name in sorted(names, key=NAMES.index)]
        there = [Variant(name, label(name), *way) for name, way in ordered if not isinstance(way, Text)]
        return Found(tuple(there), {name: way for name, way in ordered if isinstance(way, Text)})

    def others(self, names: Collection[str]) -> Iterator[tuple[str, Way]]:
        """The published order and the simpler ways among `names`."""
        for name in names:
            if name == OFFICIAL:
                yield name, self.official()
            elif name in SIMPLER:
                simpler = SIMPLER[name](self.instance, optimum=self.best, **self.limits)
                yield name, self.way(name, simpler, both(f"compare.note.{name}"))

    def official(self) -> Way:
        if self.scenario.official is None:
            return both("compare.left_out.no_official")
        note = both("compare.note.official")
        if self.evaluation is not None:
            plan = self.evaluation.official
            if plan is None:
                return both("compare.left_out.breaks")
            report_ = plan.report._replace(**self.honest(plan.report.levels), way=OFFICIAL)
            return replace(plan, report=report_), note
        openings = scoring.published(self.scenario, self.instance)
        asked = with_openings(self.instance, openings)
        best = solve(asked, **self.limits)
        return self.way(OFFICIAL, best, note)

    def near_equals(self, names: Collection[str]) -> Iterator[tuple[str, Way]]:
        """Plans nearly as good as the best that really differ, best first."""
        wanted = [int(name.removeprefix(ALTERNATIVE)) for name in names if name.startswith(ALTERNATIVE)]
        if not wanted:
            return
        near = explore.alternatives(
            self.instance,
            self.best,
            epsilon=self.asked.epsilon,
            distance=self.asked.distance,
            count=max(wanted),
            **self.limits,
        )
        for n in wanted:
            if n < len(near.plans):
                name = f"{ALTERNATIVE}{n}"
                yield name, self.way(name, near.plans[n], _how_near(near.losses[n]))
            else:
                none = "no_alternative" if near.complete else "no_time"
                yield f"{ALTERNATIVE}{n}", both(f"compare.left_out.{none}")

    def way(self, name: str, solution: Solution, note: Text) -> Way:
        """The plan of `solution`, or why there is none."""
        if solution.opened is None:
            breaks = solution.status is Status.INFEASIBLE
            return both("compare.left_out.breaks" if breaks else "compare.left_out.no_time")
        solution = replace(solution, **self.honest(solution.levels))
        plan = report.plan(self.facts, self.places, self.instance, solution, gap=0.0)
        return replace(plan, report=plan.report._replace(way=name)), note

    def honest(self, levels: tuple[Level, ...]) -> _Proof:
        """Status and levels of a plan that nobody proved to be best."""
        bound = self.best.levels[0].bound if self.best.levels else None
        return {
            "status": Status.FEASIBLE,
            "levels": unproved(self.instance, levels, first_bound=bound),
        }


class _Proof(TypedDict):
    """What was proved of a plan."""

    status: Status
    levels: tuple[Level, ...]


def _how_near(loss: float) -> Text:
    if loss < SHOWN:
        return both("compare.note.as_good")
    return both("compare.note.alternative", loss=Text(percent(loss, "vi"), percent(loss, "en")))


def label(name: str) -> Text:
    """What a variant is called."""
    if name.startswith(ALTERNATIVE):
        return both("compare.variant.alternative", n=name.removeprefix(ALTERNATIVE))
    return both(f"compare.variant.{name}")
