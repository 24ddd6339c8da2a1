"""From words to arrays: a `Scenario` and its `Geography` become an `Instance`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

import numpy as np

from geo import demand
from optimization import instance as opt
from optimization.instance import Instance
from optimization.rules import BoolArray, FloatArray
from planner.geography import Geography
from scenarios.schema import Colocated, Kind, Quota, Rule, Scenario, StageBudget


def instance(scenario: Scenario, geography: Geography) -> Instance:
    """The problem in arrays.

    Kinds, services, stages and groups keep the scenario's order; communes and premises are in code order,
    which is also how ties are broken.  A premises and a kind become a facility where the type of the
    premises suits the kind; it is `offered` where the scenario offers the kind there, and otherwise only
    of interest to the diagnosis.
    """
    communes, hosts = geography.communes, geography.premises
    groups = list(scenario.registered_persons.by_group)
    services = list(scenario.services)
    group_index = {code: g for g, code in enumerate(groups)}
    pairs = np.array(list(_facilities(scenario, geography)), dtype=np.int64)
    site, kind, existing, offered, ready = pairs.T
    facility_group = hosts["group"].to_numpy()[site]
    rules = _Rules(scenario, kind, facility_group)
    return Instance(
        communes=tuple(communes["commune_code"]),
        premises=tuple(hosts["premises"]),
        groups=tuple(groups),
        services=tuple(
            opt.Service(id=name, visits=s.visits_per_year.value if s.visits_per_year else 1.0)
            for name, s in scenario.services.items()
        ),
        kinds=tuple(_kind(name, k, services) for name, k in scenario.kinds.items()),
        stages=tuple(scenario.stages),
        years=np.array([s.years for s in scenario.stages.values()]),
        demand=_demand(scenario, geography),
        minutes=geography.minutes,
        weight=np.ones(len(communes)),
        commune_group=np.array([group_index[code] for code in communes["group"]]),
        site_group=np.array([group_index.get(code, opt.NO_GROUP) for code in hosts["group"]]),
        site=site,
        kind=kind,
        existing=existing,
        limit=np.ones_like(site),
        ready=ready,
        offered=offered.astype(bool),
        rules=tuple(row for name, rule in scenario.rules.items() for row in rules.rows(name, rule)),
        objectives=tuple(
            opt.Objective(name=o.objective, service=services.index(o.service), loss=o.loss)
            for o in scenario.objectives
        ),
    )


def _kind(name: str, kind: Kind, services: list[str]) -> opt.Kind:
    return opt.Kind(
        id=name,
        service=services.index(kind.service),
        standard=kind.standard_minutes.value if kind.standard_minutes else np.inf,
        first_year=kind.cost.first_year_vnd.value if kind.cost else 0,
        later_year=kind.cost.later_year_vnd.value if kind.cost else 0,
    )


def _facilities(scenario: Scenario, geography: Geography) -> Iterator[tuple[int, int, int, int, int]]:
    """(site, kind, existing, offered, ready) of each premises and kind that suit each other."""
    stages = list(scenario.stages)
    for j, place in enumerate(geography.premises.itertuples(index=False)):
        named = scenario.premises.named.get(str(place.premises))
        for k, (name, kind) in enumerate(scenario.kinds.items()):
            exists = named is not None and name in named.existing
            offer = kind.offered_everywhere or kind.offered.get(str(place.group))
            if exists or place.premises_type in kind.at:
                ready = stages.index(offer.from_stage) if offer and offer.from_stage else 0
                yield j, k, int(exists), int(exists or offer is not None), 0 if exists else ready


def persons(scenario: Scenario, geography: Geography) -> FloatArray:
    """Registered persons n_it, (I, T).

    The counts hold in the first stage; a later stage has grown by the years that lie between their
    beginnings.
    """
    years = np.array([s.years for s in scenario.stages.values()])
    starts = np.concatenate([[0], np.cumsum(years)[:-1]])
    growth = scenario.registered_persons.growth.value
    grown = demand.project(geography.communes["persons"].to_numpy(), growth=growth, years=starts.tolist())
    return np.asarray(grown, dtype=np.float64)


def _demand(scenario: Scenario, geography: Geography) -> FloatArray:
    """h_ist in persons, (S, I, T); zero for a service whose share only the user can give."""
    shares = np.array([s.demand_share or 0.0 for s in scenario.services.values()])
    return np.asarray(shares[:, None, None] * persons(scenario, geography)[None], dtype=np.float64)


class _Rules:
    """Turns the scenario's rules into rows over facilities."""

    def __init__(self, scenario: Scenario, kind: opt.IntArray, facility_group: np.ndarray) -> None:
        self.kinds = list(scenario.kinds)
        self.stages = list(scenario.stages)
        self.groups = list(scenario.registered_persons.by_group)
        self.kind = kind
        self.group = facility_group

    def rows(self, name: str, rule: Rule) -> Iterator[opt.Rule]:
        """One rule of the scenario as rows, a row a group where it speaks of each."""
        if isinstance(rule, Quota):
            yield from self._quota(name, rule)
        elif isinstance(rule, Colocated):
            yield from self._colocated(name, rule)
        else:
            yield self._budget(name, rule)

    def _of(self, kinds: Iterable[str]) -> BoolArray:
        return np.isin(self.kind, [self.kinds.index(k) for k in kinds])

    def _quota(self, name: str, rule: Quota) -> Iterator[opt.Rule]:
        scope = self._of(rule.kinds)
        count: Literal["open", "opened"] = "open" if rule.open_at else "opened"
        last = self.stages.index(rule.open_at or rule.opened_by or rule.opened_in or self.stages[-1])
        stages = (last,) if rule.opened_in or rule.open_at else tuple(range(last + 1))
        if rule.groups is not None:
            scope = scope & np.isin(self.group, rule.groups)
        for part in self.groups if rule.each else [""]:
            lo, hi = rule.limits(part)
            here = scope & (self.group == part) if part else scope
            yield opt.Quota(id=name, part=part, scope=here, stages=stages, count=count, lo=lo, hi=hi)

    def _colocated(self, name: str, rule: Colocated) -> Iterator[opt.Rule]:
        """A row a group, and one for premises that belong to none: a diagnosis can then say where it
        clashes.
        """
        scope, hosts = self._of([rule.kind]), self._of(rule.hosts)
        for part in [*self.groups, ""]:
            if part not in rule.exceptions:
                here = self.group == part if part else ~np.isin(self.group, self.groups)
                if (scope & here).any():
                    yield opt.Colocated(id=name, part=part, scope=scope & here, hosts=hosts)

    def _budget(self, name: str, rule: StageBudget) -> opt.Rule:
        stages = (self.stages.index(rule.stage),)
        return opt.StageBudget(id=name, scope=self._of(rule.kinds), stages=stages, amount=rule.amount_vnd)
