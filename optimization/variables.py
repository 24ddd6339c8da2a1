"""The unknowns of the model, created only where they can be other than zero.

    z_ft    facilities f opened in stage t               integer, 0 … U_f − existing_f
    y_ft    facilities f open in stage t                 integer, 0 … U_f
    u_sit   share of i's demand for s served in t        0 … 1 (Church & ReVelle 1974)
    x_ift   share of i's demand served at f in t         ≥ 0, allocating form (ReVelle & Swain 1970)
    o_ft    whether any f is open in t                   0/1, allocating form without capacity, where U_f > 1
    v_npft  satellites f fed by parent p under rule n    integer (Şahin & Süral 2007)
    w_npft  persons whom p supplies through f            ≥ 0, where a capacity counts satellites
    θ_st    cover of the worst group                     0 … 1 (Marsh & Schilling 1994)
    ρ_st    minutes of the longest trip                  ≥ 0 (p-center)
    d_stk   whether any trip is the k-th longest or longer   0/1, for ρ of steered services
    m_n     persons that soft target n is short of       ≥ 0

Which services have u or x see `forms`.  Names are positions (``y_12_0``), never names of places: CBC and
HiGHS mangle those.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from pulp import LpAffineExpression, LpBinary, LpConstraint, LpContinuous, LpInteger, LpProblem, LpVariable

from optimization.forms import Forms
from optimization.instance import EDGE_MINUTES, Instance, Objective
from optimization.rules import BoolArray, Capacity, CoverageTarget, FloatArray, IntArray, ParentWithinReach

Terms = Iterable[tuple[LpVariable, float]]
"""Pairs (variable, coefficient) of a linear expression; a variable stands once."""

Pairs = list[tuple[LpVariable, float]]
"""The same in a list."""

Rows = Iterator[LpConstraint]

Slack = Callable[..., Pairs]
"""``slack(side, most=None, unit=1, whole=True)``: the pair (slack variable, `unit`) or nothing.

`most` bounds the variable, `unit` is what one of it counts for in the row, `whole` makes it an integer.
"""


@dataclass(frozen=True, eq=False, slots=True)
class Variables:
    """The unknowns by position, and the expressions that several rows share.

    Attributes:
        forms: the form of each service.
        z, y: by (f, t).
        u: by (s, i, t), for services that an objective or a rule of cover speaks of.
        x: by (i, f, t), for services in the allocating form.
        o: by (f, t), for facilities of those services of which a place may hold several, but where people may
            be refused.
        reach: for each service that has u, its arcs (i, f) as of `Instance.reach`.
        latent: the part of z at facilities that the scenario does not offer, by (f, t).
        v, w: by (n, p, f, t), for rule number n of the instance, a `ParentWithinReach`.
        theta, rho: by (s, t), where an objective asks.
        far: by (s, t, k), for steered services that have ρ; `trips` are their minutes, ascending, by (s, t).
        short: by n, for rule number n, a soft `CoverageTarget` that asks for anybody.
        cover: Σ a x, or u, by (s, i, t): the share of a commune's demand that is covered.
        load: Σ h x by (f, t): the persons served at a facility.
    """

    forms: Forms
    z: dict[tuple[int, int], LpVariable]
    y: dict[tuple[int, int], LpVariable]
    u: dict[tuple[int, int, int], LpVariable]
    x: dict[tuple[int, int, int], LpVariable]
    o: dict[tuple[int, int], LpVariable]
    reach: dict[int, tuple[IntArray, IntArray]]
    latent: dict[tuple[int, int], LpVariable]
    v: dict[tuple[int, int, int, int], LpVariable]
    w: dict[tuple[int, int, int, int], LpVariable]
    theta: dict[tuple[int, int], LpVariable]
    rho: dict[tuple[int, int], LpVariable]
    far: dict[tuple[int, int, int], LpVariable]
    trips: dict[tuple[int, int], FloatArray]
    short: dict[int, LpVariable]
    cover: Mapping[tuple[int, int, int], Pairs]
    load: Mapping[tuple[int, int], Pairs]


def can_open(instance: Instance, *, latent: bool = False) -> BoolArray:
    """Where z_ft can be non-zero, (F, T): eligible, ready, room left; `latent` waives "offered"."""
    free = (instance.offered | latent) & (instance.limit > instance.existing)
    stages = np.arange(len(instance.stages))
    return np.asarray(free[:, None] & (stages[None, :] >= instance.ready[:, None]))


def can_stand(instance: Instance, *, latent: bool = False) -> BoolArray:
    """Where y_ft can be non-zero, (F, T)."""
    opening = np.cumsum(can_open(instance, latent=latent), axis=1) > 0
    return np.asarray(opening | (instance.existing > 0)[:, None])


def groups_with_demand(instance: Instance, service: int, stage: int) -> dict[int, list[int]]:
    """The communes with demand of each group that has any."""
    found: dict[int, list[int]] = {}
    there = (instance.demand[service, :, stage] > 0) & (instance.commune_group >= 0)
    for i in np.flatnonzero(there).tolist():
        found.setdefault(int(instance.commune_group[i]), []).append(i)
    return dict(sorted(found.items()))


def wanted(instance: Instance, target: CoverageTarget) -> float:
    """The persons that a target asks for."""
    persons = instance.demand[target.service, target.communes, target.stage]
    return target.share * float(persons.sum())


def create(
    problem: LpProblem,
    instance: Instance,
    *,
    forms: Forms,
    levels: Sequence[Objective] = (),
    latent: bool = False,
) -> Variables:
    """The unknowns of `instance` with its services in these `forms`."""
    add = _Adder(problem)
    room = instance.limit - instance.existing
    openings, standing = can_open(instance, latent=latent), can_stand(instance, latent=latent)
    z = {(f, t): add.count(f"z_{f}_{t}", int(room[f])) for f, t in _positions(openings)}
    y = {(f, t): add.count(f"y_{f}_{t}", int(instance.limit[f])) for f, t in _positions(standing)}

    u, x = {}, {}
    cover: dict[tuple[int, int, int], Pairs] = {}
    load: dict[tuple[int, int], Pairs] = {}
    reach = {s: instance.reach(s) for s in sorted(forms.compact | forms.allocating)}
    for s, (points, facilities) in reach.items():
        share = instance.cover(points, facilities)
        gradual = bool((share < 1).any())
        for t in range(len(instance.stages)):
            live = standing[facilities, t] & (instance.demand[s, points, t] > 0)
            for i in np.unique(points[live]).tolist():
                u[s, i, t] = add.amount(f"u_{s}_{i}_{t}", 1)
                cover[s, i, t] = [] if gradual else [(u[s, i, t], 1.0)]
            arcs = zip(points[live].tolist(), facilities[live].tolist(), share[live].tolist(), strict=True)
            for i, f, a in arcs if s in forms.allocating else ():
                x[i, f, t] = add.amount(f"x_{i}_{f}_{t}", None)
                load.setdefault((f, t), []).append((x[i, f, t], float(instance.demand[s, i, t])))
                if gradual and a > 0:
                    cover[s, i, t].append((x[i, f, t], a))

    refused = np.isin(instance.facility_service, list(forms.refusing))
    many = sorted({(f, t) for _, f, t in x if instance.limit[f] > 1 and not refused[f]})
    found = Variables(
        forms=forms,
        z=z,
        y=y,
        u=u,
        x=x,
        o={(f, t): add.count(f"o_{f}_{t}", 1) for f, t in many},
        reach=reach,
        latent={key: variable for key, variable in z.items() if not instance.offered[key[0]]},
        v={},
        w={},
        theta={},
        rho={},
        far={},
        trips={},
        short={},
        cover=MappingProxyType(cover),
        load=MappingProxyType(load),
    )
    _feed(add, instance, standing, found)
    for n, rule in enumerate(instance.rules):
        if isinstance(rule, CoverageTarget) and not rule.hard and wanted(instance, rule) > 0:
            found.short[n] = add.amount(f"m_{n}", None)
    for level in levels:
        _extremes(add, instance, level, found)
    return found


@dataclass(frozen=True, slots=True)
class _Adder:
    """Adds variables to a problem."""

    problem: LpProblem

    def count(self, name: str, most: int) -> LpVariable:
        return self.problem.add_variable(name, 0, most, LpBinary if most == 1 else LpInteger)

    def amount(self, name: str, most: float | None) -> LpVariable:
        return self.problem.add_variable(name, 0, most, LpContinuous)


def _feed(add: _Adder, instance: Instance, standing: BoolArray, found: Variables) -> None:
    """v, and w where the load of a satellite counts."""
    capacities = [r for r in instance.rules if isinstance(r, Capacity) and r.counts_satellites]
    for n, p, f, t in _feeding(instance, standing):
        found.v[n, p, f, t] = add.count(f"v_{n}_{p}_{f}_{t}", int(instance.limit[f]))
        if (f, t) in found.load and any(rule.scope[p] for rule in capacities):
            found.w[n, p, f, t] = add.amount(f"w_{n}_{p}_{f}_{t}", None)


def _extremes(add: _Adder, instance: Instance, level: Objective, found: Variables) -> None:
    """θ, or ρ and d, where the level asks for them and none before it has."""
    s = level.service
    for t in range(len(instance.stages)):
        if level.name == "max_worst_group" and groups_with_demand(instance, s, t):
            if (s, t) not in found.theta:
                found.theta[s, t] = add.amount(f"theta_{s}_{t}", 1)
        elif level.name == "min_max_travel" and (s, t) not in found.rho:
            arcs = zip(*(part.tolist() for part in found.reach[s]), strict=True)
            trips = [instance.minutes[i, instance.site[f]] for i, f in arcs if (i, f, t) in found.x]
            if trips:
                found.trips[s, t] = np.unique(trips)
                found.rho[s, t] = add.amount(f"rho_{s}_{t}", float(max(trips)))
            for k in range(len(found.trips[s, t])) if trips and s in found.forms.steered else ():
                found.far[s, t, k] = add.count(f"d_{s}_{t}_{k}", 1)


def _feeding(instance: Instance, standing: BoolArray) -> Iterator[tuple[int, int, int, int]]:
    """(n, p, f, t): in stage t the parent p may feed the satellite f under rule number n."""
    for n, rule in enumerate(instance.rules):
        if isinstance(rule, ParentWithinReach) and instance.between is not None:
            parents = np.flatnonzero(rule.parents)
            for f in np.flatnonzero(rule.scope & ~rule.parents).tolist():
                way = instance.between[instance.site[f], instance.site[parents]]
                near = np.isfinite(way) & (way <= rule.minutes + EDGE_MINUTES)
                for p in parents[near].tolist():
                    for t in np.flatnonzero(standing[f] & standing[p]).tolist():
                        yield n, p, f, t


def _positions(mask: BoolArray) -> Iterator[tuple[int, int]]:
    yield from zip(*(axis.tolist() for axis in np.nonzero(mask)), strict=True)


# --- writing rows ----------------------------------------------------------------------------------


def row(name: str, terms: Terms, sense: int, rhs: float) -> LpConstraint:
    """The constraint ``Σ terms (sense) rhs``, built from pairs, which is many times faster than sums."""
    return LpConstraint(LpAffineExpression(list(terms)), sense, name, rhs)


def pair(found: dict[tuple[int, int], LpVariable], key: tuple[int, int], coefficient: float) -> Pairs:
    """The pair of the variable `key`, if there is one."""
    return [(found[key], coefficient)] if key in found else []


def times(terms: Terms, factor: float) -> Pairs:
    """The expression times a factor."""
    return [(v, c * factor) for v, c in terms]


def added(*expressions: Terms) -> Pairs:
    """The sum of expressions that may share variables."""
    total: dict[LpVariable, float] = {}
    for v, c in (term for terms in expressions for term in terms):
        total[v] = total.get(v, 0.0) + c
    return [(v, c) for v, c in total.items() if c]
