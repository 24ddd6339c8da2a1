"""The unknowns of the model, created only where they can be other than zero.

    z_ft  facilities f opened in stage t              integer, 0 … U_f − existing_f
    y_ft  facilities f open in stage t                integer, 0 … U_f
    u_sit share of i's demand for s covered in t      0 … 1 (Church & ReVelle 1974)
    x_ift share of i's demand served at f in t        ≥ 0, allocating form (ReVelle & Swain 1970)
    o_ft  whether any f is open in t                  0/1, allocating form, where U_f > 1 (else y says it)

A service has x where something must know who goes where (an objective of travel): the allocating form.
Elsewhere u is tied to y at once: the compact form.  Names are positions (``y_12_0``), never names of places:
CBC and HiGHS mangle those.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from pulp import LpAffineExpression, LpBinary, LpConstraint, LpContinuous, LpInteger, LpProblem, LpVariable

from optimization.instance import Instance
from optimization.rules import BoolArray, IntArray

Terms = Iterable[tuple[LpVariable, float]]
"""Pairs (variable, coefficient) of a linear expression; a variable stands once."""


@dataclass(frozen=True, eq=False, slots=True)
class Variables:
    """The unknowns by position.

    Attributes:
        z, y: by (f, t).
        u: by (s, i, t), for services that an objective speaks of.
        x: by (i, f, t), for services in the allocating form.
        o: by (f, t), for facilities of those services of which a place may hold several.
        reach: for each service that has u, its arcs (i, f) as of `Instance.reach`.
        latent: the part of z at facilities that the scenario does not offer, by (f, t).
    """

    z: dict[tuple[int, int], LpVariable]
    y: dict[tuple[int, int], LpVariable]
    u: dict[tuple[int, int, int], LpVariable]
    x: dict[tuple[int, int, int], LpVariable]
    o: dict[tuple[int, int], LpVariable]
    reach: dict[int, tuple[IntArray, IntArray]]
    latent: dict[tuple[int, int], LpVariable]


def can_open(instance: Instance, *, latent: bool = False) -> BoolArray:
    """Where z_ft can be non-zero, (F, T): eligible, ready, room left; `latent` waives "offered"."""
    free = (instance.offered | latent) & (instance.limit > instance.existing)
    stages = np.arange(len(instance.stages))
    return np.asarray(free[:, None] & (stages[None, :] >= instance.ready[:, None]))


def can_stand(instance: Instance, *, latent: bool = False) -> BoolArray:
    """Where y_ft can be non-zero, (F, T)."""
    opening = np.cumsum(can_open(instance, latent=latent), axis=1) > 0
    return np.asarray(opening | (instance.existing > 0)[:, None])


def create(
    problem: LpProblem,
    instance: Instance,
    *,
    compact: Collection[int] = (),
    allocating: Collection[int] = (),
    latent: bool = False,
) -> Variables:
    """The unknowns of `instance`; `compact` are the services that get u, `allocating` those with u and x."""

    def count(name: str, most: int) -> LpVariable:
        return problem.add_variable(name, 0, most, LpBinary if most == 1 else LpInteger)

    room = instance.limit - instance.existing
    openings, standing = can_open(instance, latent=latent), can_stand(instance, latent=latent)
    z = {(f, t): count(f"z_{f}_{t}", int(room[f])) for f, t in _positions(openings)}
    y = {(f, t): count(f"y_{f}_{t}", int(instance.limit[f])) for f, t in _positions(standing)}

    reach = {s: instance.reach(s) for s in sorted({*compact, *allocating})}
    u, x = {}, {}
    for s, (points, facilities) in reach.items():
        for t in range(len(instance.stages)):
            live = standing[facilities, t] & (instance.demand[s, points, t] > 0)
            for i in np.unique(points[live]).tolist():
                u[s, i, t] = problem.add_variable(f"u_{s}_{i}_{t}", 0, 1, LpContinuous)
            arcs = zip(points[live].tolist(), facilities[live].tolist(), strict=True)
            for i, f in arcs if s in allocating else ():
                x[i, f, t] = problem.add_variable(f"x_{i}_{f}_{t}", 0, None, LpContinuous)

    many = sorted({(f, t) for _, f, t in x if instance.limit[f] > 1})
    o = {(f, t): count(f"o_{f}_{t}", 1) for f, t in many}
    hidden = {key: variable for key, variable in z.items() if not instance.offered[key[0]]}
    return Variables(z, y, u, x, o, reach, hidden)


def _positions(mask: BoolArray) -> Iterator[tuple[int, int]]:
    yield from zip(*(axis.tolist() for axis in np.nonzero(mask)), strict=True)


# --- values --------------------------------------------------------------------------------------


def values(instance: Instance, variables: Variables, opened: IntArray) -> dict[str, float]:
    """The exact value of every variable, by name, once it is settled what opens: z = `opened` (F, T).

    Nothing limits a facility's load here, so cover is the best that the open facilities allow and everybody
    goes to the nearest of them (`Instance.reach` settles ties).
    """
    standing = instance.existing[:, None] + np.cumsum(opened, axis=1)
    exact = {v.name: float(opened[key]) for key, v in variables.z.items()}
    exact |= {v.name: float(standing[key]) for key, v in variables.y.items()}
    exact |= {v.name: float(standing[key] > 0) for key, v in variables.o.items()}
    for s, (points, facilities) in variables.reach.items():
        for t in range(len(instance.stages)):
            for i, f in nearest(points, facilities, standing[:, t]):
                if (s, i, t) in variables.u:
                    exact[variables.u[s, i, t].name] = 1.0
                if (i, f, t) in variables.x:
                    exact[variables.x[i, f, t].name] = 1.0
    for variable in (*variables.u.values(), *variables.x.values()):
        exact.setdefault(variable.name, 0.0)
    return exact


def nearest(points: IntArray, facilities: IntArray, standing: IntArray) -> Iterator[tuple[int, int]]:
    """For each demand point with an open facility on its arcs the nearest of them: pairs (i, f).

    `points`, `facilities` are arcs as of `Instance.reach`; `standing` is y of one stage, (F,).
    """
    open_arcs = standing[facilities] > 0
    i, first = np.unique(points[open_arcs], return_index=True)
    yield from zip(i.tolist(), facilities[open_arcs][first].tolist(), strict=True)


# --- writing rows ----------------------------------------------------------------------------------


def row(name: str, terms: Terms, sense: int, rhs: float) -> LpConstraint:
    """The constraint ``Σ terms (sense) rhs``, built from pairs, which is many times faster than sums."""
    return LpConstraint(LpAffineExpression(list(terms)), sense, name, rhs)
