"""From words to arrays: a `Scenario` and its `Geography` become an `Instance`."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from geo import demand
from optimization import instance as opt
from optimization.instance import Instance
from optimization.rules import FloatArray
from planner.geography import Geography
from planner.rows import Rows
from scenarios.schema import Scenario
from scenarios.supply import Kind


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
    site, kind, existing, limit, offered, ready = pairs.T
    rows = Rows(scenario, geography, site=site, kind=kind)
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
        between=geography.between,
        weight=_weight(scenario, geography),
        commune_group=np.array([group_index[code] for code in communes["group"]]),
        site_group=np.array([group_index.get(code, opt.NO_GROUP) for code in hosts["group"]]),
        site=site,
        kind=kind,
        existing=existing,
        limit=limit,
        ready=ready,
        offered=offered.astype(bool),
        rules=tuple(rows.all()),
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
        outer=kind.outer_minutes.value if kind.outer_minutes else None,
    )


def _weight(scenario: Scenario, geography: Geography) -> FloatArray:
    """w_i, (I,): of the priorities that speak of a commune the greatest, 1 where none does."""
    weight = np.ones(len(geography.communes))
    for priority in scenario.registered_persons.priority.values():
        column = "group" if priority.groups else "commune_code"
        mine = geography.communes[column].isin(priority.groups or priority.communes or ()).to_numpy()
        weight = np.where(mine, np.maximum(weight, priority.weight), weight)
    return weight


def _facilities(scenario: Scenario, geography: Geography) -> Iterator[tuple[int, int, int, int, int, int]]:
    """(site, kind, existing, limit, offered, ready) of each premises and kind that suit each other."""
    stages = list(scenario.stages)
    for j, place in enumerate(geography.premises.itertuples(index=False)):
        named = scenario.premises.named.get(str(place.premises))
        for k, (name, kind) in enumerate(scenario.kinds.items()):
            standing = named.standing(name) if named else 0
            limit = scenario.premises.room(str(place.premises), name) if named else 1
            offer = kind.offered_everywhere or kind.offered.get(str(place.group))
            if standing or place.premises_type in kind.at:
                full = standing >= limit  # nothing more can open, so that no offer and no stage matters
                begins = (offer.from_stage if offer else None, named.ready_from if named else None)
                ready = max((stages.index(stage) for stage in begins if stage), default=0)
                let = offer is not None and not (named and named.consent is False)
                let &= not _refused(scenario, name, str(place.premises), str(place.group))
                yield j, k, standing, limit, int(full or let), 0 if full else ready


def _refused(scenario: Scenario, kind: str, premises: str, group: str) -> bool:
    """Whether a condition that decides is answered no for these premises or their group."""
    return any(
        criterion.decides
        and (criterion.kinds is None or kind in criterion.kinds)
        and criterion.answers.get(premises if criterion.concerns == "premises" else group) is False
        for criterion in scenario.criteria.values()
    )


def persons(scenario: Scenario, geography: Geography) -> FloatArray:
    """Registered persons n_it, (I, T).

    The counts hold in the first stage.  A stage with a forecast has so many in all, every place in
    proportion; any other has grown from the one before, by growth less outflow, over the years that lie
    between their beginnings.
    """
    years = np.array([s.years for s in scenario.stages.values()])
    starts = np.concatenate([[0], np.cumsum(years)[:-1]])
    asked = scenario.registered_persons
    growth = (asked.growth.value if asked.growth else 0.0) - (asked.outflow.value if asked.outflow else 0.0)
    counted = geography.communes["persons"].to_numpy(dtype=np.float64)
    columns: list[FloatArray] = []
    for t, stage in enumerate(scenario.stages):
        if stage in asked.forecast:
            columns.append(counted * (asked.forecast[stage].value / asked.total.value))
        elif t == 0:
            columns.append(counted)
        else:
            columns.append(demand.project(columns[-1], growth=growth, years=float(starts[t] - starts[t - 1])))
    return np.stack(columns, axis=1)


def _demand(scenario: Scenario, geography: Geography) -> FloatArray:
    """h_ist in persons, (S, I, T); zero for a service whose share only the user can give."""
    groups = geography.communes["group"]
    shares = np.array([[s.share_in(g) or 0.0 for g in groups] for s in scenario.services.values()])
    return np.asarray(shares[:, :, None] * persons(scenario, geography)[None], dtype=np.float64)
