"""From a solution to a plan: the tidy tables that screens and files show.

Figures come from ``optimization.verify``, which sums them afresh from the open sites; a plan that fails
its checks never gets here.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from errors import Problem, SolverError
from optimization import rules as opt
from optimization import verify
from optimization.instance import NO_GROUP, Instance
from optimization.solution import Solution
from planner import balance, before, translate, wording
from planner.geography import Geography
from planner.plan import Facts, Plan, SolveReport
from planner.targets import Targets
from scenarios.rules import Colocated, StageBudget
from scenarios.schema import Scenario
from tables import records, shaped
from text import Text

Rows = Iterator[dict[str, object]]


def plan(facts: Facts, geography: Geography, instance: Instance, solution: Solution, *, gap: float) -> Plan:
    """The plan of `solution`, checked against every rule before anybody sees it.

    Raises:
        SolverError: the solution breaks a rule or misstates a figure.
    """
    if findings := verify.verify(instance, solution, gap=gap):
        raise SolverError((Problem("plan.not_verified", facts.scenario.id), *findings))
    view = _View(facts.scenario, geography, instance, solution)
    return Plan(
        facts=facts,
        facilities=shaped("facilities", list(view.facilities())),
        allocation=shaped("allocation", list(view.allocation())),
        access=(access := shaped("access", list(view.access()))),
        coverage=_coverage(access),
        group_coverage=_group_coverage(access, view),
        stages=shaped("stages", list(view.stages())),
        counts=shaped("counts", list(view.counts())),
        rules=shaped("rules", list(view.rules())),
        targets=shaped("targets", list(view.targets.rows())),
        openings=shaped("openings", list(view.openings())),
        balance=shaped("balance", list(view.balance())),
        before=shaped("access", list(before.access(instance, view.counted))),
        report=SolveReport(solution.status, solution.levels, solution.seconds, solution.solver),
    )


def facility_id(instance: Instance, f: int) -> str:
    """The id of a facility: its premises and its kind."""
    return f"{instance.premises[instance.site[f]]}:{instance.kinds[instance.kind[f]].id}"


def budget_kinds(scenario: Scenario) -> list[str]:
    """The kinds whose cost is reported: those that a budget counts; where there is no budget, those with
    a cost.
    """
    counted = {k for rule in scenario.rules.values() if isinstance(rule, StageBudget) for k in rule.kinds}
    return [name for name, kind in scenario.kinds.items() if name in counted or (not counted and kind.cost)]


def cost_by_stage(scenario: Scenario, instance: Instance, solution: Solution) -> dict[str, int]:
    """VND of each stage for the kinds of `budget_kinds`."""
    assert solution.opened is not None
    wanted = [n for n, kind in enumerate(instance.kinds) if kind.id in budget_kinds(scenario)]
    amounts = verify.cost(instance, solution.opened, scope=np.isin(instance.kind, wanted))
    return {stage: int(amount) for stage, amount in zip(instance.stages, amounts, strict=True)}


class _View:
    """Rows of each table; one reading of the arrays for all of them."""

    def __init__(
        self, scenario: Scenario, geography: Geography, instance: Instance, solution: Solution
    ) -> None:
        self.scenario, self.geography, self.instance, self.solution = scenario, geography, instance, solution
        self.figures = verify.figures(instance, solution)
        self.targets = Targets(scenario=scenario, instance=instance, sums=self.figures)
        self.open = solution.open
        self.counted = [n for n, s in enumerate(scenario.services.values()) if s.demand_share is not None]

    def facilities(self) -> Rows:
        it, hosts = self.instance, self.geography.premises
        places = records(hosts)
        for f in np.flatnonzero(self.open[:, -1] > 0).tolist():
            place, kind = places[it.site[f]], it.kinds[it.kind[f]]
            opened = np.flatnonzero(self._opened[f])
            yield {
                **place,
                "facility": facility_id(it, f),
                "kind": kind.id,
                "service": it.services[kind.service].id,
                "existing": bool(it.existing[f]),
                "opened_stage": it.stages[opened[0]] if len(opened) else "",
                "host_kind": self._host_kind(f),
                "caseload": float(self.figures.caseload[f, -1]),
                "capacity": self._capacity(f),
                "parent": self._parent(f),
            }

    def openings(self) -> Rows:
        it, places = self.instance, records(self.geography.premises)
        for t, stage in enumerate(it.stages):
            for f in np.flatnonzero(self._opened[:, t] > 0).tolist():
                names = (
                    "premises",
                    "premises_name",
                    "group",
                    "group_name",
                    "commune_code",
                    "commune",
                    "assumed",
                )
                yield {
                    **{name: places[it.site[f]][name] for name in names},
                    "stage": stage,
                    "facility": facility_id(it, f),
                    "kind": it.kinds[it.kind[f]].id,
                    "opened": int(self._opened[f, t]),
                    "upgraded_from": self._upgraded_from(f),
                }

    def _capacity(self, f: int) -> float:
        """Persons that all of the facility's points may serve at the end; NaN where nothing limits them."""
        limits = [r.amount[f] for r in self.instance.rules if isinstance(r, opt.Capacity) and r.scope[f]]
        return float(min(limits) * self.open[f, -1]) if limits else np.nan

    def _parent(self, f: int) -> str:
        """The facilities that feed it in the last stage."""
        if (feeds := self.solution.feeds) is None:
            return ""
        mine = (feeds.satellite == f) & (feeds.stage == len(self.instance.stages) - 1)
        return ", ".join(facility_id(self.instance, int(p)) for p in sorted(set(feeds.parent[mine].tolist())))

    def _upgraded_from(self, f: int) -> str:
        it = self.instance
        for rule in it.rules:
            if isinstance(rule, opt.Upgrade) and rule.after[f]:
                before = np.flatnonzero(rule.before & (it.site == it.site[f]))
                return it.kinds[it.kind[before[0]]].id if len(before) else ""
        return ""

    def balance(self) -> Rows:
        return balance.rows(
            self.scenario,
            instance=self.instance,
            sums=self.figures,
            persons=translate.persons(self.scenario, self.geography),
            open_=self.open,
        )

    @property
    def _opened(self) -> np.ndarray:
        assert self.solution.opened is not None
        return self.solution.opened

    def _host_kind(self, f: int) -> str:
        it = self.instance
        kind = it.kinds[it.kind[f]].id
        wanted = [
            h
            for r in self.scenario.rules.values()
            if isinstance(r, Colocated) and r.kind == kind
            for h in r.hosts
        ]
        beside = np.flatnonzero((it.site == it.site[f]) & (self.open[:, -1] > 0))
        return next((h for h in wanted if any(it.kinds[it.kind[b]].id == h for b in beside)), "")

    def allocation(self) -> Rows:
        it, found = self.instance, self.solution.allocation
        assert found is not None
        for i, f, t, share in zip(*found, strict=True):
            s = it.kinds[it.kind[f]].service
            if (persons := share * it.demand[s, i, t]) > 0:
                yield {
                    "commune_code": it.communes[i],
                    "facility": facility_id(it, f),
                    "service": it.services[s].id,
                    "stage": it.stages[t],
                    "persons": float(persons),
                    "minutes": float(it.minutes[i, it.site[f]]),
                }

    def access(self) -> Rows:
        it, sums = self.instance, self.figures
        for s in self.counted:
            of_service = np.flatnonzero(it.facility_service == s)
            for t, stage in enumerate(it.stages):
                there = of_service[self.open[of_service, t] > 0]
                trip = it.minutes[:, it.site[there]]
                near = there[trip.argmin(axis=1)] if len(there) else None
                for i, commune in enumerate(it.communes):
                    yield {
                        "commune_code": commune,
                        "service": it.services[s].id,
                        "stage": stage,
                        "demand": float(sums.demand[s, i, t]),
                        "served": float(sums.served[s, i, t]),
                        "no_capacity": float(sums.no_capacity[s, i, t]),
                        "out_of_reach": float(sums.out_of_reach[s, i, t]),
                        "facility": "" if near is None else facility_id(it, int(near[i])),
                        "minutes": np.nan if near is None else float(trip[i].min()),
                    }

    def stages(self) -> Rows:
        costs = cost_by_stage(self.scenario, self.instance, self.solution)
        for t, stage in enumerate(self.instance.stages):
            budgets = [
                rule.amount_vnd
                for rule in self.scenario.rules.values()
                if isinstance(rule, StageBudget) and rule.over[-1] == stage
            ]
            yield {
                "stage": stage,
                "years": int(self.instance.years[t]),
                "opened": int(self._opened[:, t].sum()),
                "cost_vnd": costs[stage],
                "budget_vnd": float(sum(budgets)) if budgets else np.nan,
            }

    def counts(self) -> Rows:
        for t, stage in enumerate(self.instance.stages):
            for k, kind in enumerate(self.instance.kinds):
                mine = self.instance.kind == k
                opened, there = int(self._opened[mine, t].sum()), int(self.open[mine, t].sum())
                yield {"stage": stage, "kind": kind.id, "opened": opened, "open": there}

    def points(self, service: int, group: int, t: int) -> int:
        """Open facilities of `service` in `group`."""
        it = self.instance
        mine = (it.facility_service == service) & (it.site_group[it.site] == group)
        return int(self.open[mine, t].sum())

    def rules(self) -> Rows:
        """The scenario's rules, then those that every plan keeps; `verify` has just checked them all.

        A soft target that is missed is not kept, though the plan stands.
        """
        kept = verify.kept(self.instance, self.solution)
        missed = self.targets.missed()
        for name, (words, source) in wording.worded(self.scenario).items():
            whole = all(v for (n, _), v in kept.items() if n == name) and name not in missed
            yield _rule(name, words, source, whole)
        for name, (words, source) in wording.kept_by_every_plan(self.scenario).items():
            yield _rule(name, words, source, True)
        for words, source in wording.standards(self.scenario):
            yield _rule("cover_within_standard", words, source, True)


def _rule(name: str, words: Text, source: str, kept: bool) -> dict[str, object]:
    return {"rule": name, "text_vi": words.vi, "text_en": words.en, "source": source, "kept": kept}


_PERSONS = ["demand", "served", "no_capacity", "out_of_reach"]


def _coverage(access: pd.DataFrame) -> pd.DataFrame:
    sums = access.groupby(["service", "stage"], sort=False)[_PERSONS].sum().reset_index()
    return shaped("coverage", sums.assign(share=sums["served"] / sums["demand"].where(sums["demand"] > 0)))


def _group_coverage(access: pd.DataFrame, view: _View) -> pd.DataFrame:
    it = view.instance
    of_commune = {c: g for c, g in zip(it.communes, it.commune_group, strict=True) if g != NO_GROUP}
    mine = access.assign(g=access["commune_code"].map(of_commune)).dropna(subset=["g"])
    sums = mine.groupby(["service", "stage", "g"], sort=False)[_PERSONS].sum().reset_index()
    names = {code: given.name for code, given in view.scenario.registered_persons.by_group.items()}
    services, codes = [s.id for s in it.services], [it.groups[int(g)] for g in sums["g"]]
    points = [
        view.points(services.index(s), int(g), it.stages.index(t))
        for s, t, g in zip(sums["service"], sums["stage"], sums["g"], strict=True)
    ]
    share = sums["served"] / sums["demand"].where(sums["demand"] > 0)
    frame = sums.assign(group=codes, group_name=[names[c] for c in codes], share=share, points=points)
    return shaped("group_coverage", frame)
