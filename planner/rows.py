"""The scenario's rules as rows over facilities; one rule may become several, which `part` tells apart.

Where a rule speaks of each group, of named premises or of clusters, `part` is the code of the group, the id
of the premises or the name of the cluster; rules that follow from a kind's figures have ids of their own
(`implied_id`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import singledispatchmethod
from typing import Literal

import numpy as np

from optimization import rules as opt
from optimization.rules import BoolArray, FloatArray, IntArray
from planner.geography import Geography
from scenarios import rules as asked
from scenarios.figures import Sourced
from scenarios.rule_checks import IMPLIED
from scenarios.schema import Scenario

__all__ = ["IMPLIED", "Rows", "implied_id"]


def implied_id(figure: str, kind: str) -> str:
    """The id of the rule that a figure of a kind implies."""
    return f"{figure}_{kind}"


class Rows:
    """Turns each rule of a scenario into rows over the facilities `site`, `kind`, both (F,)."""

    def __init__(self, scenario: Scenario, geography: Geography, *, site: IntArray, kind: IntArray) -> None:
        self.scenario = scenario
        self.kinds = list(scenario.kinds)
        self.services = list(scenario.services)
        self.stages = list(scenario.stages)
        self.groups = list(scenario.registered_persons.by_group)
        self.kind = kind
        hosts = geography.premises
        self.premises = hosts["premises"].to_numpy()[site]
        self.group = hosts["group"].to_numpy()[site]
        self.commune = hosts["commune_code"].to_numpy()[site]
        self.commune_group = geography.communes["group"].to_numpy()

    def all(self) -> Iterator[opt.Rule]:
        """Every row: of the rules in their order, then of the kinds' figures."""
        for name, rule in self.scenario.rules.items():
            yield from self.of(rule, name)
        yield from self._implied()

    @singledispatchmethod
    def of(self, rule: Sourced, name: str) -> Iterator[opt.Rule]:
        """The rows of one rule."""
        raise TypeError(f"{name}: {type(rule).__name__} is no rule")

    @of.register
    def _(self, rule: asked.Quota, name: str) -> Iterator[opt.Rule]:
        scope = self._of(rule.kinds) & self._within(rule.premises, rule.groups)
        count: Literal["open", "opened"] = "open" if rule.open_at else "opened"
        last = self.stages.index(rule.open_at or rule.opened_by or rule.opened_in or self.stages[-1])
        stages = (last,) if rule.opened_in or rule.open_at else tuple(range(last + 1))
        for part in self.groups if rule.each else [""]:
            lo, hi = rule.limits(part)
            here = scope & (self.group == part) if part else scope
            yield opt.Quota(id=name, part=part, scope=here, stages=stages, count=count, lo=lo, hi=hi)

    @of.register
    def _(self, rule: asked.Colocated, name: str) -> Iterator[opt.Rule]:
        """A row a group, and one for premises that belong to none: a diagnosis can then say where it
        clashes.
        """
        scope, hosts = self._of([rule.kind]), self._of(rule.hosts)
        for part in [*self.groups, ""]:
            if part not in rule.exceptions:
                here = self.group == part if part else ~np.isin(self.group, self.groups)
                if (scope & here).any():
                    yield opt.Colocated(id=name, part=part, scope=scope & here, hosts=hosts)

    @of.register
    def _(self, rule: asked.StageBudget, name: str) -> Iterator[opt.Rule]:
        """With carry-over: what all budgets so far have spent is at most what they were together."""
        before = self.scenario.carried(rule) if rule.carry_over else ()
        over = {stage for budget in (*before, rule) for stage in budget.over}
        amount = sum(budget.amount_vnd for budget in (*before, rule))
        stages = self._stages(over)
        yield opt.StageBudget(id=name, scope=self._of(rule.kinds), stages=stages, amount=amount)

    @of.register
    def _(self, rule: asked.Pinned, name: str) -> Iterator[opt.Rule]:
        """Without `at_least` a row for each premises or group named."""
        scope, stage = self._of([rule.kind]), self.stages.index(rule.from_stage)
        if rule.at_least is not None:
            here = scope & self._within(rule.premises, rule.groups)
            yield opt.Pinned(id=name, scope=here, stage=stage, count=rule.at_least)
            return
        places = self.premises if rule.premises else self.group
        for part in rule.premises or rule.groups or ():
            yield opt.Pinned(id=name, part=part, scope=scope & (places == part), stage=stage)

    @of.register
    def _(self, rule: asked.Forbidden, name: str) -> Iterator[opt.Rule]:
        scope = self._of([rule.kind]) & self._within(rule.premises, rule.groups)
        yield opt.Forbidden(id=name, scope=scope, stages=self._stages(rule.stages or self.stages))

    @of.register
    def _(self, rule: asked.Cluster, name: str) -> Iterator[opt.Rule]:
        scope = self._of(rule.kinds)
        for part, communes in rule.named.items():
            yield opt.Cluster(id=name, part=part, scope=scope & np.isin(self.commune, communes))

    @of.register
    def _(self, rule: asked.Upgrade, name: str) -> Iterator[opt.Rule]:
        here = self._within(rule.premises, None)
        before, after = self._of([rule.from_kind]) & here, self._of([rule.to_kind]) & here
        yield opt.Upgrade(id=name, before=before, after=after)

    @of.register
    def _(self, rule: asked.ParentWithinReach, name: str) -> Iterator[opt.Rule]:
        yield opt.ParentWithinReach(
            id=name,
            scope=self._of([rule.kind]),
            parents=self._of(rule.parents),
            minutes=rule.minutes,
            most=rule.most,
        )

    @of.register
    def _(self, rule: asked.CoverageTarget, name: str) -> Iterator[opt.Rule]:
        for part in self.groups if rule.each else [""]:
            wanted = [part] if part else list(rule.groups or self.groups)
            yield opt.CoverageTarget(
                id=name,
                part=part,
                service=self.services.index(rule.service),
                stage=self.stages.index(rule.stage),
                share=rule.share_of(part),
                communes=np.isin(self.commune_group, wanted),
                hard=rule.hard,
            )

    @of.register
    def _(self, rule: asked.CommunityShare, name: str) -> Iterator[opt.Rule]:
        community = self._of(rule.community)
        of_service = [k for k, kind in self.scenario.kinds.items() if kind.service == rule.service]
        yield opt.CommunityShare(
            id=name,
            community=community,
            everywhere=community | self._of(rule.kinds or of_service),
            stage=self.stages.index(rule.stage),
            share=rule.share,
            elsewhere=float(rule.elsewhere.value) if rule.elsewhere else 0.0,
        )

    @of.register
    def _(self, rule: asked.GroupFloor, name: str) -> Iterator[opt.Rule]:
        service, stage = self.services.index(rule.service), self.stages.index(rule.stage)
        yield opt.GroupFloor(id=name, service=service, stage=stage, share=rule.share)

    # --- what the kinds' figures imply ---------------------------------------------------------

    def _implied(self) -> Iterator[opt.Rule]:
        for kind, figures in self.scenario.kinds.items():
            amount = self._capacity(kind)
            if (scope := np.isfinite(amount)).any():
                yield opt.Capacity(
                    id=implied_id("capacity", kind),
                    scope=scope,
                    amount=np.where(scope, amount, 0.0),
                    counts_satellites=any(
                        kind in rule.parents and rule.counts_load
                        for rule in self.scenario.rules.values()
                        if isinstance(rule, asked.ParentWithinReach)
                    ),
                )
            if least := figures.minimum_caseload:
                name = implied_id("minimum_caseload", kind)
                yield opt.MinimumCaseload(id=name, scope=self._of([kind]), amount=float(least.value))

    def _capacity(self, kind: str) -> FloatArray:
        """Persons that a facility of `kind` may serve, infinite where nobody says, (F,)."""
        own = self.scenario.kinds[kind].capacity
        amount = np.where(self._of([kind]), float(own.value) if own else np.inf, np.inf)
        for key, place in self.scenario.premises.named.items():
            if kind in place.capacity:
                here = self._of([kind]) & (self.premises == key)
                amount = np.where(here, float(place.capacity[kind].value), amount)
        return np.asarray(amount, dtype=np.float64)

    # --- masks ---------------------------------------------------------------------------------

    def _of(self, kinds: Iterable[str]) -> BoolArray:
        return np.isin(self.kind, [self.kinds.index(k) for k in kinds])

    def _within(self, premises: tuple[str, ...] | None, groups: tuple[str, ...] | None) -> BoolArray:
        """Facilities at these premises and in these groups; None is no restriction."""
        mask = np.ones(len(self.kind), dtype=np.bool_)
        if premises is not None:
            mask &= np.isin(self.premises, premises)
        if groups is not None:
            mask &= np.isin(self.group, groups)
        return mask

    def _stages(self, names: Iterable[str]) -> tuple[int, ...]:
        return tuple(sorted(self.stages.index(name) for name in names))
