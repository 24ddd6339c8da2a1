"""The exact value of every variable once it is settled what opens, free of a solver's noise."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np

from optimization.instance import Instance
from optimization.rules import CoverageTarget, IntArray
from optimization.variables import Variables, groups_with_demand, wanted

Shares = Mapping[tuple[int, int, int], float]
"""x by (i, f, t)."""


def standing_values(instance: Instance, variables: Variables, opened: IntArray) -> dict[str, float]:
    """z, y and o by name when z = `opened`, (F, T)."""
    there = instance.standing(opened)
    exact = {v.name: float(opened[key]) for key, v in variables.z.items()}
    exact |= {v.name: float(there[key]) for key, v in variables.y.items()}
    exact |= {v.name: float(there[key] > 0) for key, v in variables.o.items()}
    return exact


def values(
    instance: Instance, variables: Variables, opened: IntArray, steered: Shares | None = None
) -> dict[str, float]:
    """The exact value of the variables, by name, when z = `opened`, (F, T).

    In services that nothing steers, cover is the best that the open facilities allow and everybody goes to
    the nearest of them (`Instance.reach` settles ties).  Of the others `steered` are the shares; without it
    their variables are left out, as are always those that openings and shares do not settle (v, w, d).
    """
    exact = standing_values(instance, variables, opened)
    there = instance.standing(opened)
    at: dict[tuple[int, int, int], float] = {}
    for s in variables.reach:
        if s in variables.forms.steered:
            continue
        for i, f, t in _nearest_of_all(variables, s, there):
            if (s, i, t) in variables.u:
                exact[variables.u[s, i, t].name] = 1.0
                at[i, f, t] = 1.0
    known = set(variables.reach)
    if steered is None:
        known -= variables.forms.steered
    else:
        at |= steered
        service = instance.facility_service.tolist()
        served: dict[tuple[int, int, int], list[float]] = {}
        for (i, f, t), share in steered.items():
            served.setdefault((service[f], i, t), []).append(share)
        exact |= {variables.u[key].name: math.fsum(parts) for key, parts in served.items()}
    _shares(instance, variables, at, known, exact)
    _extremes(instance, variables, at, known, exact)
    return exact


def _shares(
    instance: Instance, variables: Variables, at: Shares, known: set[int], exact: dict[str, float]
) -> None:
    """The shares x and u of the services `known`; what is positive of u is there already."""
    service = instance.facility_service.tolist()
    exact |= {x.name: at.get(key, 0.0) for key, x in variables.x.items() if service[key[1]] in known}
    for (s, _, _), u in variables.u.items():
        if s in known:
            exact.setdefault(u.name, 0.0)


def _extremes(
    instance: Instance, variables: Variables, at: Shares, known: set[int], exact: dict[str, float]
) -> None:
    """θ, ρ and m of the services `known`, from u and x."""

    def covered(s: int, communes: list[int], t: int) -> float:
        """Persons of the communes that are covered."""
        terms = (
            (variable, share * float(instance.demand[s, i, t]))
            for i in communes
            for variable, share in variables.cover.get((s, i, t), ())
        )
        return math.fsum(persons * exact[variable.name] for variable, persons in terms)

    for (s, t), theta in variables.theta.items():
        if s in known:
            groups = groups_with_demand(instance, s, t).values()
            exact[theta.name] = min(covered(s, g, t) / float(instance.demand[s, g, t].sum()) for g in groups)
    longest: dict[tuple[int, int], float] = {}
    for (i, f, t), share in at.items() if variables.rho else ():
        if share > 0:
            key = int(instance.facility_service[f]), t
            longest[key] = max(longest.get(key, 0.0), float(instance.minutes[i, instance.site[f]]))
    exact |= {rho.name: longest.get(key, 0.0) for key, rho in variables.rho.items() if key[0] in known}
    for n, short in variables.short.items():
        rule = instance.rules[n]
        assert isinstance(rule, CoverageTarget)
        if rule.service in known:
            communes = np.flatnonzero(rule.communes).tolist()
            served = covered(rule.service, communes, rule.stage)
            exact[short.name] = max(0.0, wanted(instance, rule) - served)


def _nearest_of_all(variables: Variables, s: int, there: IntArray) -> Iterator[tuple[int, int, int]]:
    for t in range(there.shape[1]):
        for i, f in nearest(*variables.reach[s], there[:, t]):
            yield i, f, t


def nearest(points: IntArray, facilities: IntArray, standing: IntArray) -> Iterator[tuple[int, int]]:
    """For each demand point with an open facility on its arcs the nearest of them: pairs (i, f).

    `points`, `facilities` are arcs as of `Instance.reach`; `standing` is y of one stage, (F,).
    """
    open_arcs = standing[facilities] > 0
    i, first = np.unique(points[open_arcs], return_index=True)
    yield from zip(i.tolist(), facilities[open_arcs][first].tolist(), strict=True)
