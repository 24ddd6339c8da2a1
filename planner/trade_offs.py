"""Curves to choose from: what can be covered for how many points, how much money, how much travel.

Each point of a curve is a plan, and comes with the change of the scenario that asks for it: the rules that
the curve sets aside go, and what the point allows stands in their place.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

import numpy as np

from optimization import curves, verify
from optimization.instance import Objective
from optimization.rules import BoolArray, IntArray
from optimization.solution import Status
from optimization.variants import Clock
from planner import kept
from planner.exploring import Asked, Study
from planner.plan import Plan
from planner.wording import stage_name, worded
from scenarios.schema import Scenario
from text import LANGS, Text, both, inline, million, percent

Axis = Literal["points", "vnd", "person_hours"]

STEPS = 10
"""Amounts of money that are tried, about."""
POINTS_RULE, MONEY_RULE = "points_asked", "money_asked"
"""Ids of the rules that a point of a curve puts into the scenario."""


class Point(NamedTuple):
    """A plan on a curve.

    Attributes:
        x: points open at the end, VND over all stages, or person-hours of travel a year of the last stage.
        cover: person-years (weighted, where the scenario weighs), bound: what no plan with as much can pass.
        proved: whether that is the cover itself.
        share: of the demand, served in the last stage; None where the curve does not say.
        text, patch: the change that asks for this plan, in words and for ``scenarios.reading.changed``.
    """

    x: float
    cover: float
    bound: float
    proved: bool
    share: float | None
    text: Text
    patch: dict[str, Any]


class Mark(NamedTuple):
    """Where a plan that is known stands; it need not lie on the curve, for it keeps every rule."""

    name: str
    x: float
    cover: float


@dataclass(frozen=True, kw_only=True)
class Curve:
    """What can be had for what.

    Attributes:
        question: of `CURVES`.
        axis: what `Point.x` is.
        label: what is counted, for the axis.
        service: whose cover it is.
        points: those that have a plan, x ascending.
        none_below: the greatest x tried for which it is proved that no plan keeps the other rules.
        marks: the plans that were given.
        set_aside: the rules that the curve leaves out, in words.
        note: what to keep in mind.
    """

    question: str
    axis: Axis
    label: Text
    service: Text
    points: tuple[Point, ...]
    none_below: float | None
    marks: tuple[Mark, ...]
    set_aside: tuple[Text, ...]
    note: Text


def offered(scenario: Scenario) -> tuple[str, ...]:
    """The curves of a scenario: of money where points cost something, of travel where minutes count."""
    service = scenario.objectives[0].service
    priced = any(kind.cost for kind in scenario.kinds.values() if kind.service == service)
    travels = scenario.travel.method != "within_group"
    return ("points", *(("money", "cost") if priced else ()), *(("travel",) if travels else ()))


def curve(
    scenario: Scenario, question: str, asked: Asked, *, plans: dict[str, Plan], optimum: Plan | None = None
) -> Curve:
    """One of `CURVES` of `scenario`.

    Args:
        plans: plans of the scenario to mark, by name.
        optimum: its best plan, where the caller has it.

    Raises:
        RulesClashError: no plan keeps all rules.
        NoPlanInTimeError: stopped before the best plan was found.
        ScenarioError, DataError, SolverError: see ``planner.run``.
    """
    study = _Curves(scenario, asked, optimum)
    return replace(CURVES[question](study), question=question, marks=tuple(study.marks(question, plans)))


class _Curves(Study):
    """A scenario in arrays and its curves."""

    @property
    def service(self) -> int:
        """The service that is covered."""
        return self.instance.objectives[0].service

    @property
    def paid(self) -> BoolArray:
        """Facilities of the service, (F,), whose kind costs something."""
        kinds = [n for n, k in enumerate(self.instance.kinds) if k.first_year or k.later_year]
        mine = np.isin(self.instance.kind, kinds) & (self.instance.facility_service == self.service)
        return np.asarray(mine)

    @property
    def paid_kinds(self) -> list[str]:
        """The kinds of `paid`."""
        service = self.instance.services[self.service].id
        return [name for name, k in self.scenario.kinds.items() if k.cost and k.service == service]

    # --- the curves ------------------------------------------------------------------------------

    def points(self) -> Curve:
        """How many points are enough: quotas on the kind and budgets set aside, every other rule kept."""
        kind = self.main_kind
        omit = self.numbers_on(kind)
        found = curves.cover_curve(self.instance, kind, self.asked.counts, omit=omit, **self.limits)
        label = self.scenario.kinds[self.instance.kinds[kind].id].label.text
        aside = list(dict.fromkeys(name for name, _ in omit))
        return self._curve(
            found, "points", both("compare.curve.axis.points", kind=inline(label)), aside, self._so_many
        )

    def money(self) -> Curve:
        """How far money goes: budgets and quotas on what it pays set aside."""
        it = self.instance
        omit = {key for k in {int(k) for k in it.kind[self.paid]} for key in self.numbers_on(k)}
        asked = replace(
            it,
            rules=tuple(rule for rule in it.rules if (rule.id, rule.part) not in omit),
            objectives=(Objective("max_cover", self.service), Objective("min_cost", self.service)),
        )
        most = Clock(**self.limits).started()(asked)
        amounts = [] if most.opened is None else list(self._amounts(most.opened))
        found = curves.budget_curve(
            it, amounts, service=self.service, scope=self.paid, omit=omit, **self.limits
        )
        aside = [r.id for r in it.rules if (r.id, r.part) in omit]
        return self._curve(
            found, "vnd", both("compare.curve.axis.money"), list(dict.fromkeys(aside)), self._so_much
        )

    def _amounts(self, opened: IntArray) -> Iterator[int]:
        """Round amounts from what stands already to what the most cover costs."""
        none = np.zeros_like(opened)
        least, most = (int(verify.cost(self.instance, z, scope=self.paid).sum()) for z in (none, opened))
        step = _round_step((most - least) / STEPS)
        yield from range(math.ceil(least / step) * step, (math.ceil(most / step) + 1) * step, step)

    def cost(self) -> Curve:
        """Plans between which only a trade of cover for money chooses; numbers and budgets set aside."""
        second = Objective("min_cost", self.service)
        found = curves.pareto(
            self.free, Objective("max_cover", self.service), second, steps=self.asked.steps, **self.limits
        )
        aside = [name for name in dict.fromkeys(r.id for r in self.instance.rules) if name in self.numbers]
        points = []
        for p in found:
            assert p.solution.opened is not None
            spent = int(verify.cost(self.instance, p.solution.opened, scope=self.paid).sum())
            change = self._so_much(spent, aside)
            points.append(Point(p.second, p.first, p.bounds[0], _proved(p), None, *change))
        return self._made("vnd", both("compare.curve.axis.money"), points, aside)

    def travel(self) -> Curve:
        """What travel can be spared for a little less cover; every rule kept."""
        needed = Objective("max_cover", self.service)
        second = Objective("min_travel", self.service)
        steps = max(3, self.asked.steps - 2)
        found = curves.pareto(self.instance, needed, second, steps=steps, **self.limits)
        best = max((p.first for p in found), default=0.0)
        points = [
            Point(p.second / 60, p.first, p.bounds[0], _proved(p), None, *self._less_travel(p.first, best))
            for p in found
        ]
        return self._made("person_hours", both("compare.curve.axis.travel"), points, [])

    # --- their points ----------------------------------------------------------------------------

    def _curve(
        self,
        found: Sequence[curves.CurvePoint],
        axis: Axis,
        label: Text,
        aside: list[str],
        change: Callable[[int, list[str]], tuple[Text, dict[str, Any]]],
    ) -> Curve:
        points = [
            Point(
                p.amount,
                p.cover,
                p.bound,
                p.solution.status is Status.OPTIMAL,
                p.share,
                *change(p.amount, aside),
            )
            for p in found
            if p.cover is not None and p.bound is not None
        ]
        none = [p.amount for p in found if p.solution.status is Status.INFEASIBLE]
        return self._made(axis, label, points, aside, none_below=max(none, default=None))

    def _made(
        self, axis: Axis, label: Text, points: list[Point], aside: list[str], none_below: float | None = None
    ) -> Curve:
        words = worded(self.scenario)
        note = "compare.curve.note.kept" if not aside else "compare.curve.note.aside"
        return Curve(
            question="",
            axis=axis,
            label=label,
            service=self.scenario.services[self.instance.services[self.service].id].label.text,
            points=tuple(sorted(points, key=lambda p: p.x)),
            none_below=none_below,
            marks=(),
            set_aside=tuple(words[name].text for name in aside if name in words),
            note=both(note, n=len(aside)),
        )

    # --- the changes that ask for them -----------------------------------------------------------

    def _so_many(self, n: int, aside: list[str]) -> tuple[Text, dict[str, Any]]:
        kind = self.instance.kinds[self.main_kind].id
        label = inline(self.scenario.kinds[kind].short.text)
        last = list(self.scenario.stages)[-1]
        words = both("compare.curve.rule.points", n=n, kind=label, stage=stage_name(self.scenario, last))
        rule = {"rule": "quota", "kinds": [kind], "open_at": last, "at_most": n}
        return self._change(POINTS_RULE, words, rule, aside)

    def _so_much(self, amount: int, aside: list[str]) -> tuple[Text, dict[str, Any]]:
        shown = Text(*(million(amount, lang) for lang in LANGS))
        words = both("compare.curve.rule.money", amount=shown)
        rule = {
            "rule": "stage_budget",
            "kinds": self.paid_kinds,
            "stages": list(self.scenario.stages),
            "amount_vnd": amount,
        }
        return self._change(MONEY_RULE, words, rule, aside)

    def _change(
        self, name: str, words: Text, rule: dict[str, Any], aside: list[str]
    ) -> tuple[Text, dict[str, Any]]:
        """The rule in place of those set aside, and cover as the first objective."""
        given = {**rule, "text": words._asdict(), "source": "user"}
        rules = {old: None for old in aside if old in self.scenario.rules} | {name: given}
        patch: dict[str, Any] = {"rules": rules}
        first = self.scenario.objectives[0]
        if first.objective != "max_cover" or first.loss:
            patch["objectives"] = self._objectives(("max_cover", 0.0))
        others = [old for old in aside if old != name]
        key = "compare.curve.change" if others else "compare.curve.change_only"
        return both(key, words=words, n=len(others)), patch

    def _less_travel(self, cover: float, best: float) -> tuple[Text, dict[str, Any]]:
        """Cover may fall to that of the point, so that there is less travel."""
        loss = max(0.0, 1.0 - cover / best) if best else 0.0
        shown = Text(*(percent(loss, lang) for lang in LANGS))
        room = loss + 1e-9 if loss else 0.0  # rounding must not forbid the plan itself
        patch = {"objectives": self._objectives(("max_cover", room), ("min_travel", 0.0))}
        return both("compare.curve.rule.travel" if loss else "compare.curve.rule.no_loss", loss=shown), patch

    def _objectives(self, *leading: tuple[str, float]) -> list[dict[str, Any]]:
        """The scenario's objectives behind those that lead (name and loss)."""
        service = self.instance.services[self.service].id
        first: list[dict[str, Any]] = [
            {"objective": name, "service": service, "source": "user", **({"loss": loss} if loss else {})}
            for name, loss in leading
        ]
        led = {(name, service) for name, _ in leading}
        rest = [o for o in self.scenario.data["objectives"] if (o["objective"], o["service"]) not in led]
        return [*first, *rest]

    # --- plans that are known --------------------------------------------------------------------

    def marks(self, question: str, plans: dict[str, Plan]) -> Iterator[Mark]:
        """Where the given plans stand beside the curve."""
        for name, plan in plans.items():
            if (x := self._at(question, plan)) is not None:
                yield Mark(name, x, self._cover(plan))

    def _at(self, question: str, plan: Plan) -> float | None:
        it = self.instance
        if question == "points":
            last = plan.counts[plan.counts["stage"] == it.stages[-1]].set_index("kind")["open"]
            return float(last.loc[it.kinds[self.main_kind].id])
        if question == "travel":
            service = it.services[self.service].id
            pairs = zip(self.scenario.objectives, plan.report.levels, strict=False)
            hours = [v.value / 60 for o, v in pairs if (o.objective, o.service) == ("min_travel", service)]
            return hours[0] if hours else None
        z = kept.with_openings(self.scenario, it, kept.known(plan).opened)
        spent = verify.cost(it, z, scope=self.paid).sum()
        if question == "cost":  # the front counts what is opened, not what stands already
            spent -= verify.cost(it, np.zeros_like(z), scope=self.paid).sum()
        return float(spent)

    def _cover(self, plan: Plan) -> float:
        """Its (weighted) person-years of the service."""
        it, service = self.instance, self.instance.services[self.service].id
        weight = dict(zip(it.communes, it.weight.tolist(), strict=True))
        years = dict(zip(it.stages, it.years.tolist(), strict=True))
        mine = plan.access[plan.access["service"] == service]
        return float((mine["served"] * mine["commune_code"].map(weight) * mine["stage"].map(years)).sum())


CURVES: dict[str, Callable[[_Curves], Curve]] = {
    "points": _Curves.points,
    "money": _Curves.money,
    "cost": _Curves.cost,
    "travel": _Curves.travel,
}
"""Number of points, money, and two fronts: cover against cost, cover against travel."""


def _proved(point: curves.FrontPoint) -> bool:
    return point.solution.status is Status.OPTIMAL


def _round_step(least: float) -> int:
    """The smallest of 1, 2 or 5 times a power of ten that is at least `least`."""
    power = 10 ** max(0, math.floor(math.log10(max(least, 1.0))))
    return next(int(n * power) for n in (1, 2, 5, 10) if n * power >= least)
