"""What a planner asks of a plan: why here, what else is as good, how many are enough, what if money is cut.

Each question is a function of ``optimization`` asked about a scenario; the answer is a `Sheet` of plain rows,
which the command line prints and writes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple, TypedDict

import numpy as np

from errors import Problem, ScenarioError
from optimization import baselines, curves, explore
from optimization.instance import Instance, Objective
from optimization.replan import replan
from optimization.rules import BoolArray, IntArray, Pinned, Quota, Rule, StageBudget
from optimization.search import Cancel, Progress
from optimization.solution import Solution, Status
from optimization.solve import solve
from optimization.variables import can_open
from optimization.variants import Clock
from planner import geography, kept, options, ranking, ranking_words, translate
from planner.plan import Plan
from planner.run import NoPlanInTimeError
from scenarios.schema import Scenario
from text import Text, both, number, percent

Cell = str | int | float | Text | None


class Sheet(NamedTuple):
    """An answer: what was asked, the columns (``explore.column.*``), its rows, and what to keep in mind."""

    question: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: Text
    heads: tuple[tuple[str, Text], ...] = ()  # of columns that the scenario names itself


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The numbers of a question.

    `epsilon` and `distance` are for alternatives, `target` (a share) for the path, `cut` (a share of every
    budget) for the cut, `steps` for the front, `counts` (None: as many as help) for the number of points;
    `time_limit` is seconds for each question.
    """

    epsilon: float = 0.02
    distance: int = 2
    count: int = 5
    target: float = 0.9
    cut: float = 0.2
    steps: int = 8
    counts: tuple[int, ...] | None = None
    time_limit: float | None = None
    progress: Progress | None = None
    cancel: Cancel | None = None


class RulesClashError(ScenarioError):
    """No plan keeps all rules, so there is none to ask about."""


def no_plan_to_ask_about(scenario: Scenario) -> RulesClashError:
    """The error for a `scenario` whose rules clash."""
    return RulesClashError(Problem("plan.explore_infeasible", scenario.where("rules")))


def ask(scenario: Scenario, question: str, asked: Asked, *, optimum: Plan | None = None) -> Sheet:
    """The answer to one of `QUESTIONS` about `scenario`; `optimum` is its best plan, where it is known.

    Raises:
        RulesClashError: no plan keeps all rules.
        ScenarioError, DataError: the input cannot be used.
        NoPlanInTimeError: stopped with nothing in hand.
    """
    return QUESTIONS[question](Study(scenario, asked, optimum))


class _Limits(TypedDict):
    """How each re-solve is bounded and watched."""

    time_limit: float | None
    progress: Progress | None
    cancel: Cancel | None


class Study:
    """A scenario in arrays, its best plan (`optimum` where the caller has it), and names for what stands in
    them.
    """

    def __init__(self, scenario: Scenario, asked: Asked, optimum: Plan | None = None) -> None:
        self.scenario, self.asked, self.optimum = scenario, asked, optimum
        self.places = geography.places(scenario)
        self.instance = translate.instance(scenario, self.places)

    @cached_property
    def best(self) -> Solution:
        """The best plan.

        Raises:
            RulesClashError: `solve` says which rules clash.
        """
        if self.optimum is not None:
            return kept.solution(self.scenario, self.instance, kept.known(self.optimum))
        found = solve(self.instance, **self.limits)
        if found.status is Status.INFEASIBLE:
            raise no_plan_to_ask_about(self.scenario)
        if found.opened is None:
            raise NoPlanInTimeError(found.seconds["solve"])
        return found

    @property
    def limits(self) -> _Limits:
        """How each re-solve is bounded and watched."""
        return {
            "time_limit": self.asked.time_limit,
            "progress": self.asked.progress,
            "cancel": self.asked.cancel,
        }

    @cached_property
    def main_kind(self) -> int:
        """The kind that the plan opens most of, for the service of the first objective.

        Where it opens none, the kind that could open in most places.
        """
        it = self.instance
        opened = self.openings(self.best).sum(axis=1)
        able = np.asarray(can_open(it).any(axis=1))
        kinds = [k for k, kind in enumerate(it.kinds) if kind.service == it.objectives[0].service]
        return max(kinds, key=lambda k: (int(opened[it.kind == k].sum()), int(able[it.kind == k].sum())))

    def numbers_on(self, kind: int) -> list[tuple[str, str]]:
        """Quotas on the kind and budgets, by (id, part): what is set aside where numbers are the question.

        A rule of several parts is set aside as a whole.
        """
        mine = self.instance.kind == kind
        whole = {
            rule.id
            for rule in self.instance.rules
            if isinstance(rule, StageBudget) or (isinstance(rule, Quota) and (rule.scope & mine).any())
        }
        return [(rule.id, rule.part) for rule in self.instance.rules if rule.id in whole]

    @property
    def numbers(self) -> set[str]:
        """Ids of the rules that ask for a least number, and of budgets: the front and a path are about that
        very choice.
        """
        return {
            rule.id
            for rule in self.instance.rules
            if isinstance(rule, StageBudget) or (isinstance(rule, Quota) and rule.lo > 0)
        }

    @property
    def free(self) -> Instance:
        """The instance without the rules of `numbers`."""
        return replace(self.instance, rules=tuple(r for r in self.instance.rules if r.id not in self.numbers))

    def places_asked_for(self, kind: int) -> list[tuple[str, str]]:
        """Rules that ask for points of the kind in certain places, by (id, part)."""
        mine = self.instance.kind == kind
        return [
            (r.id, r.part) for r in self.instance.rules if isinstance(r, Pinned) and (r.scope & mine).any()
        ]

    def openings(self, solution: Solution) -> IntArray:
        """What a plan opens, z (F, T)."""
        assert solution.opened is not None
        return solution.opened

    def facility(self, f: int) -> str:
        """Its premises."""
        names = self.places.premises["premises_name"]
        return str(names.iloc[int(self.instance.site[f])])

    def named(self, mask: BoolArray) -> str:
        """The premises of some facilities, each once."""
        return ", ".join(dict.fromkeys(self.facility(f) for f in np.flatnonzero(mask).tolist()))

    def named_with_group(self, mask: BoolArray) -> str:
        """The premises of some facilities, each with its group."""
        groups = self.places.premises["group_name"]
        return "; ".join(
            ", ".join(filter(None, (self.facility(f), str(groups.iloc[int(self.instance.site[f])]))))
            for f in np.flatnonzero(mask).tolist()
        )

    def kind(self, f: int) -> Text:
        """The short name of its kind."""
        return self.scenario.kinds[self.instance.kinds[self.instance.kind[f]].id].short.text


def _why(s: Study) -> Sheet:
    """What each new point of the main service is worth: forbidden, a stage later, moved."""
    it = s.instance
    opened = s.openings(s.best)
    serves = it.facility_service == it.objectives[0].service
    rows: list[tuple[Cell, ...]] = []
    for f in np.flatnonzero((opened.sum(axis=1) > 0) & serves).tolist():
        why = explore.why_here(it, s.best, f, **s.limits)
        moved = None if why.moved_to is None else s.facility(why.moved_to)
        later = _loss(why.later) if why.later else None
        rows.append(
            (
                s.facility(f),
                it.stages[why.stage],
                _loss(why.forbidden),
                later,
                _loss(why.moved),
                moved,
                why.persons,
            )
        )
    columns = ("premises", "stage", "loss_forbidden", "loss_later", "loss_moved", "moved_to", "alone")
    return Sheet("why", columns, tuple(rows), both("explore.note.why"))


def _loss(change: explore.Change) -> Cell:
    """What is lost, or the status that says why nothing can be said."""
    return change.solution.status.value if change.loss is None else change.loss


def _alternatives(s: Study) -> Sheet:
    """Plans nearly as good that differ, and what stands in all of them."""
    it, asked = s.instance, s.asked
    found = explore.alternatives(
        it,
        s.best,
        epsilon=asked.epsilon,
        distance=asked.distance,
        count=asked.count,
        **s.limits,
    )
    best = s.openings(found.plans[0]).sum(axis=1)
    rows: list[tuple[Cell, ...]] = []
    for n, (plan, loss) in enumerate(zip(found.plans, found.losses, strict=True)):
        mine = s.openings(plan).sum(axis=1)
        there, gone = s.named(mine > best), s.named(mine < best)
        rows.append((n + 1, plan.levels[0].value, loss, there, gone))
    common = s.named(np.isin(np.arange(len(it.site)), found.common))
    key = "explore.note.alternatives_all" if found.complete else "explore.note.alternatives"
    note = both(key, common=common or "–", distance=asked.distance)
    return Sheet("alternatives", ("plan", "value", "loss_share", "instead", "without"), tuple(rows), note)


def _curve(s: Study) -> Sheet:
    """How many points are enough: quotas on the kind set aside, every other rule kept."""
    it, kind = s.instance, s.main_kind
    omit = s.numbers_on(kind)
    points = curves.cover_curve(it, kind, s.asked.counts, omit=omit, **s.limits)
    rows: list[tuple[Cell, ...]] = []
    before = np.zeros(len(it.site), dtype=np.int64)
    for p in points:
        there = gone = None
        if p.solution.opened is not None:
            opens = np.where(it.kind == kind, p.solution.opened.sum(axis=1), 0)
            there, gone = s.named_with_group(opens > before), s.named_with_group(opens < before)
            before = opens
        status = p.solution.status.value
        rows.append((p.amount, p.cover, p.bound, p.served, p.share, status, there, gone))
    label = s.scenario.kinds[it.kinds[kind].id].label.text
    columns = ("points", "person_years", "bound", "served", "share", "status", "instead", "without")
    note = both("explore.note.curve", kind=label, n=len({r for r, _ in omit}))
    return Sheet("curve", columns, tuple(rows), note)


def _front(s: Study) -> Sheet:
    """Cover against money, or against the number of points where no money counts."""
    it = s.instance
    service = it.objectives[0].service
    money = any(k.service == service and k.first_year for k in it.kinds)
    second = Objective("min_cost" if money else "min_facilities", service)
    points = curves.pareto(s.free, Objective("max_cover", service), second, steps=s.asked.steps, **s.limits)
    rows = tuple((p.first, p.second, p.bounds[0], p.bounds[1], p.solution.status.value) for p in points)
    columns = ("person_years", "cost" if money else "opened", "bound", "bound_second", "status")
    return Sheet("front", columns, rows, both("explore.note.front"))


def _less(rule: Rule, share: float) -> Rule:
    """The rule after a cut: less money, and no number that must open."""
    if isinstance(rule, StageBudget):
        return replace(rule, amount=int(rule.amount * (1 - share)))
    return replace(rule, lo=0) if isinstance(rule, Quota) else rule


def _path(s: Study) -> Sheet:
    """The cheapest path to a target, back from its end."""
    it = s.instance
    found = curves.back_cast(s.free, s.asked.target, service=it.objectives[0].service, **s.limits)
    rows = tuple(_schedule(s, found.solution.opened)) if found.solution.opened is not None else ()
    reachable = Text("–", "–") if found.reachable is None else _percent(found.reachable)
    note = both(
        "explore.note.path", target=_percent(s.asked.target), reachable=reachable, most=_percent(found.most)
    )
    return Sheet("path", ("stage", "kind", "premises"), rows, note)


def _percent(share: float) -> Text:
    """In each language, without a tail of zeros: 90 %, 99,6 %."""
    decimals = 0 if round(1000 * share) % 10 == 0 else 1
    return Text(percent(share, "vi", decimals), percent(share, "en", decimals))


def _schedule(s: Study, opened: IntArray) -> Iterator[tuple[Cell, ...]]:
    for t, stage in enumerate(s.instance.stages):
        for f in np.flatnonzero(opened[:, t] > 0).tolist():
            yield stage, s.kind(f), s.facility(f)


def _cut(s: Study) -> Sheet:
    """Every budget cut by a share: the fewest announced openings that have to change.

    Rules that ask for a number of openings become upper limits, for money no longer buys them.
    """
    it = s.instance
    if not any(isinstance(rule, StageBudget) for rule in it.rules):
        raise ScenarioError(Problem("plan.no_budget_to_cut", s.scenario.where("rules")))
    share = s.asked.cut
    rules = tuple(_less(rule, share) for rule in it.rules)
    found = replan(replace(it, rules=rules), s.openings(s.best), **s.limits)
    stages = it.stages
    rows: list[tuple[Cell, ...]] = [
        (s.kind(x.facility), s.facility(x.facility), stages[x.stage], None if x.to is None else stages[x.to])
        for x in found.shifts
    ]
    rows += [(s.kind(f), s.facility(f), None, stages[t]) for f, t in found.added]
    reached = found.solution.levels[0].value if found.solution.levels else None
    lost = Text("–", "–") if reached is None else _whole(s.best.levels[0].value - reached)
    note = both("explore.note.cut", cut=_percent(share), changes=found.least_changes, lost=lost)
    return Sheet("cut", ("kind", "premises", "announced", "now"), tuple(rows), note)


def _whole(value: float) -> Text:
    return Text(number(value, "vi"), number(value, "en"))


def _baselines(s: Study) -> Sheet:
    """The best plan beside a greedy and a short-sighted one."""
    it = s.instance
    plans = {
        "optimum": s.best,
        "greedy": baselines.greedy(it, optimum=s.best, **s.limits),
        "myopic": baselines.myopic(it, optimum=s.best, **s.limits),
        "network_first": baselines.network_first(it, optimum=s.best, **s.limits),
    }
    best = s.best.levels[0].value
    rows = tuple(
        (name, plan.levels[0].value, plan.levels[0].value / best if best else None)
        if plan.levels
        else (name, None, None)
        for name, plan in plans.items()
    )
    return Sheet("baselines", ("method", "value", "of_best"), rows, both("explore.note.baselines"))


def _ranking(s: Study) -> Sheet:
    """What one more point would add in each group and each commune."""
    it, kind, opened = s.instance, s.main_kind, s.openings(s.best)
    found = ranking.ranking(
        it,
        kind,
        opened,
        commune=ranking_words.commune_of(it, s.places),
        run=Clock(**s.limits).started(),
        omit=[*s.numbers_on(kind), *s.places_asked_for(kind)],
    )
    count = int(opened[it.kind == kind].sum())
    return Sheet("ranking", *ranking_words.table(s.scenario, s.places, it, found, kind=kind, opens=count))


def _options(s: Study) -> Sheet:
    """Each answer to each open question beside the scenario as it is."""
    run = Clock(**s.limits).started()
    return Sheet("options", *options.table(s.scenario, run))


QUESTIONS: dict[str, Callable[[Study], Sheet]] = {
    "why": _why,
    "alternatives": _alternatives,
    "curve": _curve,
    "front": _front,
    "path": _path,
    "cut": _cut,
    "baselines": _baselines,
    "ranking": _ranking,
    "options": _options,
}
