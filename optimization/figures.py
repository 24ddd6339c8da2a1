"""What a plan comes to, in figures and in the values of its objectives, summed afresh."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from optimization.instance import Instance
from optimization.reading import best_cover, cost, read, services
from optimization.rules import CoverageTarget, FloatArray, IntArray
from optimization.solution import Solution


@dataclass(frozen=True, eq=False, kw_only=True)
class Figures:
    """What a plan comes to.

    Attributes:
        cost: VND of each stage, (T,).
        demand, served, no_capacity, out_of_reach: persons of each service, commune and stage, (S, I, T); the
            last three add up to the first.  Where cover is gradual, a person who goes to a facility counts
            as served by the cover a_ijk of the trip: 100 persons at a cover of 0.6 are 60 served and 40 out
            of reach.  Who is not served though an open facility of the service would cover them has found
            no capacity left; who no open facility covers is out of reach.
        caseload: persons who go to each facility, whole whatever their cover, (F, T).
        travel: minutes that they travel in a year, there and back, (S, T).
        longest: the longest way one of them has, one-way minutes, (S, T); 0 where nobody goes anywhere.
        openings: facilities opened, (S, T).
        spent_on_new: VND of each stage for what the plan opens, without what stood before, (S, T).
    """

    cost: IntArray
    demand: FloatArray
    served: FloatArray
    no_capacity: FloatArray
    out_of_reach: FloatArray
    caseload: FloatArray
    travel: FloatArray
    longest: FloatArray
    openings: IntArray
    spent_on_new: IntArray


def figures(instance: Instance, solution: Solution) -> Figures:
    """What the plan comes to; see `Figures`.

    Raises:
        ValueError: there is no plan to read.
    """
    opened, allocation = solution.opened, solution.allocation
    if opened is None or allocation is None:
        raise ValueError("there is no plan to read")
    it = read(instance, opened, allocation)
    caseload, served = it.persons()
    commune, facility, stage, share = allocation
    of_facility = services(instance)
    service = of_facility[facility]
    persons = instance.demand[service, commune, stage] * share
    minutes = instance.minutes[commune, instance.site[facility]]
    visits = np.array([s.visits for s in instance.services], dtype=np.float64)[service]

    going = persons > 0  # nobody going an endless way is no minutes, not NaN
    at = service[going], stage[going]
    travel = np.zeros((len(instance.services), len(instance.stages)))
    np.add.at(travel, at, (persons * visits)[going] * 2 * minutes[going])
    longest = np.zeros_like(travel)
    np.maximum.at(longest, at, minutes[going])

    nothing = np.zeros_like(opened)
    provides = [of_facility == s for s in range(len(instance.services))]
    costs = [cost(instance, opened, scope=m) - cost(instance, nothing, scope=m) for m in provides]
    left = instance.demand - served
    could = instance.demand * best_cover(instance, it.there)
    full = np.where(could > 0, np.clip(could - served, 0.0, None), 0.0)
    return Figures(
        cost=cost(instance, opened),
        demand=instance.demand,
        served=served,
        no_capacity=full,
        out_of_reach=left - full,
        caseload=caseload,
        travel=travel,
        longest=longest,
        openings=np.array([opened[m].sum(axis=0) for m in provides], dtype=np.int64),
        spent_on_new=np.array(costs, dtype=np.int64),
    )


# --- objectives ----------------------------------------------------------------------------------


def _min_shortfall(instance: Instance, service: int, it: Figures) -> float:
    """Persons that the soft targets of the service miss, added up."""
    missing = 0.0
    for rule in instance.rules:
        if isinstance(rule, CoverageTarget) and not rule.hard and rule.service == service:
            wanted = rule.share * it.demand[service, rule.communes, rule.stage].sum()
            missing += max(0.0, float(wanted - it.served[service, rule.communes, rule.stage].sum()))
    return missing


def _max_cover(instance: Instance, service: int, it: Figures) -> float:
    """Person-years Σ L_t w_i h_ist u_ist (Church & ReVelle 1974, staged and weighted)."""
    return float((instance.weight[:, None] * it.served[service] * instance.years).sum())


def _min_travel(instance: Instance, service: int, it: Figures) -> float:
    """Person-minutes Σ L_t h_ist x_ijkt 2 τ_ij × visits (ReVelle & Swain 1970, staged)."""
    return float((it.travel[service] * instance.years).sum())


def _max_worst_group(instance: Instance, service: int, it: Figures) -> float:
    """Σ L_t θ_t, the years of each stage times the cover of its worst group (Marsh & Schilling 1994)."""
    total = 0.0
    for t, years in enumerate(instance.years.tolist()):
        shares = []
        for g in range(len(instance.groups)):
            ours = instance.commune_group == g
            persons = float(it.demand[service, ours, t].sum())
            if persons > 0:
                shares.append(float(it.served[service, ours, t].sum()) / persons)
        total += years * min(shares, default=0.0)
    return total


def _min_max_travel(instance: Instance, service: int, it: Figures) -> float:
    """Σ L_t ρ_t, the years of each stage times the longest one-way trip in it, minutes (p-center)."""
    return float((it.longest[service] * instance.years).sum())


def _min_facilities(instance: Instance, service: int, it: Figures) -> float:
    """Facilities opened, Σ z (Toregas et al. 1971)."""
    del instance
    return float(it.openings[service].sum())


def _min_cost(instance: Instance, service: int, it: Figures) -> float:
    """VND over all stages for what the plan opens."""
    del instance
    return float(it.spent_on_new[service].sum())


VALUES: dict[str, Callable[[Instance, int, Figures], float]] = {
    "min_shortfall": _min_shortfall,
    "max_cover": _max_cover,
    "min_travel": _min_travel,
    "max_worst_group": _max_worst_group,
    "min_max_travel": _min_max_travel,
    "min_facilities": _min_facilities,
    "min_cost": _min_cost,
}
"""Each objective's value, from (instance, service, figures)."""
