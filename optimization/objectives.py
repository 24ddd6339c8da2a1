"""What can be wanted: one function each, listed in `OBJECTIVES`.

An objective is the list of its terms, pairs (variable, coefficient); its value for a plan is the same sum
over the exact values of the variables, so that the model and the figures cannot drift apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from pulp import LpVariable

from errors import DataError, Problem
from optimization.instance import Instance, Objective
from optimization.variables import Variables

Pairs = list[tuple[LpVariable, float]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """An objective of the catalogue.

    `sense` says which way is better; `allocating` that it must know who goes where; `needs` names the
    objective of the same service without which, on an earlier level, it says nothing.
    """

    terms: Callable[[Instance, Variables, int], Pairs]
    sense: Literal["max", "min"]
    allocating: bool = False
    needs: str | None = None


def max_cover(instance: Instance, variables: Variables, service: int) -> Pairs:
    """Σ_t Σ_i L_t w_i h_ist u_sit, in (weighted) person-years; MCLP, Church & ReVelle (1974)."""
    worth = instance.demand[service] * instance.weight[:, None] * instance.years[None, :]
    return [(u, float(worth[i, t])) for (s, i, t), u in variables.u.items() if s == service]


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


def min_facilities(instance: Instance, variables: Variables, service: int) -> Pairs:
    """Σ_f Σ_t z_ft over the facilities of the service: how many are opened.

    After `max_cover` it is the set-covering problem (LSCP, Toregas et al. 1971) wherever all can be covered.
    """
    serves = instance.facility_service == service
    return [(z, 1.0) for (f, _), z in variables.z.items() if serves[f]]


def min_cost(instance: Instance, variables: Variables, service: int) -> Pairs:
    """Σ_t Σ_f (F + (L_t − 1) R) z_ft + L_t R y_f,t−1, in VND, of what is opened for the service.

    What existing facilities cost cannot be changed and is left out.
    """
    stages = range(len(instance.stages))
    price = np.stack([sum(instance.cost(t, opened_in) for t in stages) for opened_in in stages], axis=1)
    serves = instance.facility_service == service
    return [(z, float(price[f, t])) for (f, t), z in variables.z.items() if serves[f]]


OBJECTIVES: dict[str, Wanted] = {
    "max_cover": Wanted(max_cover, "max"),
    "min_travel": Wanted(min_travel, "min", allocating=True, needs="max_cover"),
    "min_facilities": Wanted(min_facilities, "min"),
    "min_cost": Wanted(min_cost, "min"),
}


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


def allocating(objectives: Iterable[Objective]) -> frozenset[int]:
    """Services that need the allocating form."""
    return frozenset(o.service for o in objectives if OBJECTIVES[o.name].allocating)


def compact(objectives: Iterable[Objective]) -> frozenset[int]:
    """Services that are spoken of and do well with the compact form."""
    levels = tuple(objectives)
    return frozenset(o.service for o in levels if o.name == "max_cover") - allocating(levels)
