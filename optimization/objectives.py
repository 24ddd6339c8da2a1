"""What can be wanted: one function each, listed in `OBJECTIVES`.

An objective is the list of its terms, pairs (variable, coefficient); its value for a plan is the same sum
over the exact values of the variables, so that the model and the figures cannot drift apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from errors import DataError, Problem
from optimization.instance import Instance, Objective
from optimization.rules import CoverageTarget
from optimization.variables import Pairs, Variables, times


@dataclass(frozen=True, slots=True)
class Wanted:
    """An objective of the catalogue.

    `sense` says which way is better; `counts` what its variables are: facilities, shares of people (who go
    undivided where nothing steers them), or other amounts; `needs` names the objective of the same service
    without which, on an earlier level, it says nothing.
    """

    terms: Callable[[Instance, Variables, int], Pairs]
    sense: Literal["max", "min"]
    counts: Literal["facilities", "people", "amounts"]
    needs: str | None = None


def max_cover(instance: Instance, variables: Variables, service: int) -> Pairs:
    """Σ_t Σ_i L_t w_i h_ist c_sit, in (weighted) person-years; MCLP, Church & ReVelle (1974).

    c is u or, where cover is gradual, Σ_f a_if x_ift (Drezner et al. 2019).
    """
    worth = instance.demand[service] * instance.weight[:, None] * instance.years[None, :]
    mine = ((i, t, terms) for (s, i, t), terms in variables.cover.items() if s == service)
    return [term for i, t, terms in mine for term in times(terms, float(worth[i, t]))]


def min_travel(instance: Instance, variables: Variables, service: int) -> Pairs:
    """Σ_t Σ_i Σ_f L_t h_ist 2τ_if visits x_ift, in person-minutes over the whole rollout; p-median.

    Hakimi (1964), ReVelle & Swain (1970).  There and back, `visits` times a year.  Nobody need be assigned,
    so on its own it would be least with nobody served: it follows `max_cover` of the same service.
    """
    persons = instance.demand[service] * instance.years[None, :]
    trips = 2 * instance.services[service].visits
    serves = instance.facility_service == service
    return [
        (x, float(persons[i, t] * trips * instance.minutes[i, instance.site[f]]))
        for (i, f, t), x in variables.x.items()
        if serves[f]
    ]


def min_shortfall(instance: Instance, variables: Variables, service: int) -> Pairs:
    """Σ_n m_n, in persons: what all soft targets of the service are short of (goal programming)."""
    targets = [(n, r) for n, r in enumerate(instance.rules) if isinstance(r, CoverageTarget)]
    return [(variables.short[n], 1.0) for n, r in targets if r.service == service and n in variables.short]


def max_worst_group(instance: Instance, variables: Variables, service: int) -> Pairs:
    """Σ_t L_t θ_st: the cover, a share, of the group that is served worst, over the years; maximin.

    Marsh & Schilling (1994).  Groups without demand do not count, nor stages without any.
    """
    return [(v, float(instance.years[t])) for (s, t), v in variables.theta.items() if s == service]


def min_max_travel(instance: Instance, variables: Variables, service: int) -> Pairs:
    """Σ_t L_t ρ_st, in minutes: the longest one-way trip of anyone served, over the years; p-center.

    Hakimi (1964).  On its own it would be least with nobody served: it follows `max_cover` of its service.
    """
    return [(v, float(instance.years[t])) for (s, t), v in variables.rho.items() if s == service]


def min_facilities(instance: Instance, variables: Variables, service: int) -> Pairs:
    """Σ_f Σ_t z_ft over the facilities of the service: how many are opened.

    After `max_cover` it is the set-covering problem (LSCP, Toregas et al. 1971) wherever all can be covered.
    """
    serves = instance.facility_service == service
    return [(z, 1.0) for (f, _), z in variables.z.items() if serves[f]]


def min_cost(instance: Instance, variables: Variables, service: int) -> Pairs:
    """Σ_t Σ_f (F + (L_t − 1) R) z_ft + L_t R y_f,t−1, in VND, of what is opened for the service.

    What existing facilities cost is left out, but for what is saved where one of the service's is upgraded.
    """
    price = instance.price(instance.facility_service == service, range(len(instance.stages)))
    return [(z, float(price[f, t])) for (f, t), z in variables.z.items() if price[f, t]]


OBJECTIVES: dict[str, Wanted] = {
    "min_shortfall": Wanted(min_shortfall, "min", "amounts"),
    "max_cover": Wanted(max_cover, "max", "people"),
    "min_travel": Wanted(min_travel, "min", "people", needs="max_cover"),
    "max_worst_group": Wanted(max_worst_group, "max", "amounts"),
    "min_max_travel": Wanted(min_max_travel, "min", "amounts", needs="max_cover"),
    "min_facilities": Wanted(min_facilities, "min", "facilities"),
    "min_cost": Wanted(min_cost, "min", "facilities"),
}
"""Every objective by name; each has its value in `figures`."""


def check(objectives: Sequence[Objective]) -> None:
    """Raises DataError for a list of levels that cannot mean anything."""
    problems: list[Problem] = []
    for n, level in enumerate(objectives):
        where, wanted = f"objectives[{n}]", OBJECTIVES.get(level.name)
        if wanted is None:
            known = ", ".join(OBJECTIVES)
            problems.append(Problem("objective.unknown", where, {"name": level.name, "known": known}))
        elif wanted.needs and not _precedes(objectives[:n], wanted.needs, level.service):
            values = {"name": level.name, "needs": wanted.needs}
            problems.append(Problem("objective.alone", where, values))
    if problems:
        raise DataError(problems)


def _precedes(earlier: Iterable[Objective], name: str, service: int) -> bool:
    return any(level.name == name and level.service == service for level in earlier)
