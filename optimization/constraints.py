"""The constraints of model.md's table: one function each, its algebra and source in the docstring.

A constraint that every instance keeps is a function ``(instance, variables)`` listed in `STRUCTURE`.  A
constraint that a scenario asks for is a `Rule` and a function ``(instance, variables, rule, name, slack)``
listed under the rule's class in `RULES`; adding one means a dataclass in `instance`, a function here and a
check in `verify`.  Every function yields named rows and yields nothing where its data are absent.

``slack(side)`` returns what a row may be exceeded by on that side: nothing, unless somebody asks how far
the rule would have to give way (`model.build` with ``elastic``).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from pulp import LpConstraint, LpConstraintEQ, LpConstraintGE, LpConstraintLE, LpVariable

from optimization.instance import Instance
from optimization.rules import Colocated, IntArray, Quota, Rule, StageBudget
from optimization.variables import Variables, row

Rows = Iterator[LpConstraint]
Pairs = list[tuple[LpVariable, float]]
Slack = Callable[..., Pairs]
"""``slack(side, most=None, unit=1, whole=True)``: the pair (slack variable, `unit`) or nothing.

`most` bounds the variable, `unit` is what one of it counts for in the row, `whole` makes it an integer.
"""

MILLION = 1_000_000
"""VND in a million: the unit of a budget's slack, so that it stands on the scale of the other slacks."""


# --- what every instance keeps -------------------------------------------------------------------


def stay_open(instance: Instance, variables: Variables) -> Rows:
    """y_ft = y_f,t−1 + z_ft for t ≥ 1: nothing closes (Nickel & Saldanha-da-Gama 2019)."""
    del instance
    for (f, t), y in variables.y.items():
        if t > 0:
            terms = [(y, 1), *_pair(variables.y, (f, t - 1), -1), *_pair(variables.z, (f, t), -1)]
            yield row(f"stay_open_{f}_{t}", terms, LpConstraintEQ, 0)


def keep_existing(instance: Instance, variables: Variables) -> Rows:
    """y_f0 = existing_f + z_f0: what stands before the first stage is open in it (multi-period models)."""
    for (f, t), y in variables.y.items():
        if t == 0:
            terms = [(y, 1), *_pair(variables.z, (f, 0), -1)]
            yield row(f"keep_existing_{f}", terms, LpConstraintEQ, int(instance.existing[f]))


def eligible(instance: Instance, variables: Variables) -> Rows:
    """y_ft ≤ U_f e_ft: no more than the premises may hold.

    Where e_ft = 0 (not offered, not ready, full) there is no z_ft at all, see `variables.can_open`.
    """
    for (f, t), y in variables.y.items():
        yield row(f"eligible_{f}_{t}", [(y, 1)], LpConstraintLE, int(instance.limit[f]))


def cover_within_standard(instance: Instance, variables: Variables) -> Rows:
    """u_sit ≤ Σ_k∈K(s) Σ_j∈N_ik y_jkt: covered only where a facility stands within the standard.

    Church & ReVelle (1974).  N_ik includes its boundary.  Compact form only: x says it in the other.
    """
    service = instance.facility_service.tolist()
    allocating = {service[f] for _, f, _ in variables.x}
    near = {s: _by_point(*arcs, len(instance.communes)) for s, arcs in variables.reach.items()}
    for (s, i, t), u in variables.u.items():
        if s not in allocating:
            terms = [(u, 1), *((variables.y[f, t], -1) for f in near[s][i] if (f, t) in variables.y)]
            yield row(f"cover_within_standard_{s}_{i}_{t}", terms, LpConstraintLE, 0)


def assign_demand(instance: Instance, variables: Variables) -> Rows:
    """Σ_f x_ift = u_sit ≤ 1: who is covered goes somewhere, and nobody twice (ReVelle & Swain 1970)."""
    service = instance.facility_service.tolist()
    shares: dict[tuple[int, int, int], Pairs] = {}
    for (i, f, t), x in variables.x.items():
        shares.setdefault((service[f], i, t), []).append((x, 1))
    for (s, i, t), terms in shares.items():
        yield row(f"assign_demand_{s}_{i}_{t}", [*terms, (variables.u[s, i, t], -1)], LpConstraintEQ, 0)


def open_before_allocate(instance: Instance, variables: Variables) -> Rows:
    """x_ift ≤ y_ft: people go only where something is open (Balinski 1965, the strong form)."""
    del instance
    for (i, f, t), x in variables.x.items():
        terms = [(x, 1), (variables.y[f, t], -1)]
        yield row(f"open_before_allocate_{i}_{f}_{t}", terms, LpConstraintLE, 0)


def serve_within_reach(instance: Instance, variables: Variables) -> Rows:
    """o_ft ≤ u_sit for f ∈ N_i, y_ft ≤ U_f o_ft: who is in reach of an open facility is not turned away.

    Without it a level that may give up some cover would refuse those who live farthest instead of siting
    differently.  Holds as long as no facility has a capacity.  Allocating form only; y is o where U_f = 1.
    """
    service = instance.facility_service.tolist()
    for (f, t), o in variables.o.items():
        terms = [(variables.y[f, t], 1), (o, -int(instance.limit[f]))]
        yield row(f"serve_within_reach_{f}_{t}", terms, LpConstraintLE, 0)
    for i, f, t in variables.x:
        there = variables.o.get((f, t), variables.y[f, t])
        terms = [(there, 1), (variables.u[service[f], i, t], -1)]
        yield row(f"serve_within_reach_{i}_{f}_{t}", terms, LpConstraintLE, 0)


# --- what a scenario asks for --------------------------------------------------------------------


def quota(instance: Instance, variables: Variables, rule: Quota, name: str, slack: Slack) -> Rows:
    """Keeps lo ≤ Σ z_ft ≤ hi over f ∈ scope, t ∈ stages ("opened"), or Σ y_ft at t = max(stages) ("open")."""
    del instance
    members = np.flatnonzero(rule.scope).tolist()
    if rule.count == "opened":
        found = [variables.z.get((f, t)) for f in members for t in rule.stages]
    else:
        found = [variables.y.get((f, max(rule.stages))) for f in members]
    terms: Pairs = [(v, 1) for v in found if v is not None]
    if rule.lo > 0:
        yield row(f"{name}_lo", terms + slack("lo", most=rule.lo), LpConstraintGE, rule.lo)
    if rule.hi is not None:
        yield row(f"{name}_hi", terms + slack("hi", unit=-1), LpConstraintLE, rule.hi)


def colocated(instance: Instance, variables: Variables, rule: Colocated, name: str, slack: Slack) -> Rows:
    """y_ft ≤ Σ_f'∈hosts, same premises y_f't: a facility stands only where a host stands.

    The slack of a facility (side = its f) exempts it.  A facility that is its own host keeps the rule.
    """
    hosts = np.flatnonzero(rule.hosts)
    for f in np.flatnonzero(rule.scope & ~rule.hosts).tolist():
        here = hosts[instance.site[hosts] == instance.site[f]].tolist()
        exempt: Pairs = []
        for t in range(len(instance.stages)):
            if (f, t) not in variables.y:
                continue
            exempt = exempt or slack(str(f), most=int(instance.limit[f]), unit=-1)
            beside = [pair for h in here for pair in _pair(variables.y, (h, t), -1)]
            yield row(f"{name}_{f}_{t}", [(variables.y[f, t], 1), *beside, *exempt], LpConstraintLE, 0)


def stage_budget(
    instance: Instance, variables: Variables, rule: StageBudget, name: str, slack: Slack
) -> Rows:
    """Σ_t∈stages Σ_f∈scope [(F + (L_t − 1) R) z_ft + L_t R y_f,t−1] ≤ B.

    Written over z alone, y being existing + Σ z; existing facilities move to the right-hand side.  The row is
    counted in the largest unit that divides every cost, so that its coefficients are small whole numbers and
    a single đồng too many is seen.
    """
    price = _price(instance, rule)
    standing = np.stack([instance.cost(t, -1) * instance.existing for t in rule.stages])
    left = rule.amount - int(standing[:, rule.scope].sum())
    terms = [(z, price[f, t]) for (f, t), z in variables.z.items() if rule.scope[f] and price[f, t]]
    unit = math.gcd(*(int(c) for _, c in terms)) or 1
    over = slack("over", unit=-MILLION / unit, whole=False)
    rhs = left / unit if over else left // unit
    yield row(name, [(z, int(c) // unit) for z, c in terms] + over, LpConstraintLE, rhs)


def _price(instance: Instance, rule: StageBudget) -> IntArray:
    """VND that opening one f in stage t costs over the rule's stages together, (F, T)."""
    price = np.zeros((len(instance.site), len(instance.stages)), dtype=np.int64)
    for opened_in in range(len(instance.stages)):
        for t in rule.stages:
            price[:, opened_in] += instance.cost(t, opened_in)
    return price


def _pair(found: dict[tuple[int, int], LpVariable], key: tuple[int, int], coefficient: float) -> Pairs:
    return [(found[key], coefficient)] if key in found else []


def _by_point(points: IntArray, facilities: IntArray, n: int) -> list[list[int]]:
    """Facilities of each demand point's arcs."""
    cuts = np.searchsorted(points, np.arange(1, n))
    return [part.tolist() for part in np.split(facilities, cuts)]


STRUCTURE: tuple[Callable[[Instance, Variables], Rows], ...] = (
    stay_open,
    keep_existing,
    eligible,
    cover_within_standard,
    assign_demand,
    open_before_allocate,
    serve_within_reach,
)
"""Constraints of every instance."""

RULES: dict[type[Rule], Callable[[Instance, Variables, Any, str, Slack], Rows]] = {
    Quota: quota,
    Colocated: colocated,
    StageBudget: stage_budget,
}
"""Constraints that a scenario asks for, by the class of their rule."""

CONSTRAINTS: dict[str, Callable[..., Rows]] = {
    **{write.__name__: write for write in STRUCTURE},
    **{write.__name__: write for write in RULES.values()},
}
"""Every constraint by name; each has golden rows in the tests and a check in `verify`."""
