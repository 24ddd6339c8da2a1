"""The constraints that every instance keeps, and those that an objective leans on.

One function each, ``(instance, variables)``, its algebra and source in the docstring; `constraints` lists
them.  Every function yields named rows and yields nothing where its data are absent.
"""

from __future__ import annotations

import numpy as np
from pulp import LpConstraintEQ, LpConstraintGE, LpConstraintLE

from optimization.instance import Instance
from optimization.rules import IntArray
from optimization.variables import Pairs, Rows, Variables, groups_with_demand, pair, row, times


def stay_open(instance: Instance, variables: Variables) -> Rows:
    """y_ft = y_f,t−1 + z_ft − Σ_after z_t for t ≥ 1: nothing closes but by an upgrade at its premises.

    Nickel & Saldanha-da-Gama (2019).  An upgrade is an opening of the facility that comes after.
    """
    upgraded = _upgraded(instance)
    for (f, t), y in variables.y.items():
        if t > 0:
            terms = [(y, 1), *pair(variables.y, (f, t - 1), -1), *pair(variables.z, (f, t), -1)]
            terms += [p for after in upgraded.get(f, ()) for p in pair(variables.z, (after, t), 1)]
            yield row(f"stay_open_{f}_{t}", terms, LpConstraintEQ, 0)


def keep_existing(instance: Instance, variables: Variables) -> Rows:
    """y_f0 = existing_f + z_f0 − Σ_after z_0: what stands before the first stage is open in it, or upgraded.

    Multi-period models.
    """
    upgraded = _upgraded(instance)
    for (f, t), y in variables.y.items():
        if t == 0:
            terms = [(y, 1), *pair(variables.z, (f, 0), -1)]
            terms += [p for after in upgraded.get(f, ()) for p in pair(variables.z, (after, 0), 1)]
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
    near = {s: _by_point(*arcs, len(instance.communes)) for s, arcs in variables.reach.items()}
    for (s, i, t), u in variables.u.items():
        if s not in variables.forms.allocating:
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
    differently.  Not in services with a capacity.  Allocating form only; y is o where U_f = 1.
    """
    service = instance.facility_service.tolist()
    refusing = variables.forms.refusing
    for (f, t), o in variables.o.items():
        terms = [(variables.y[f, t], 1), (o, -int(instance.limit[f]))]
        yield row(f"serve_within_reach_{f}_{t}", terms, LpConstraintLE, 0)
    for i, f, t in variables.x:
        if service[f] in refusing:
            continue
        there = variables.o.get((f, t), variables.y[f, t])
        terms = [(there, 1), (variables.u[service[f], i, t], -1)]
        yield row(f"serve_within_reach_{i}_{f}_{t}", terms, LpConstraintLE, 0)


def worst_group(instance: Instance, variables: Variables) -> Rows:
    """H_gst θ_st ≤ Σ_i∈g h_ist c_ist: θ is the cover of the group that is served worst.

    Marsh & Schilling (1994).  H is the group's demand, c the cover; groups without demand do not count.
    """
    for (s, t), theta in variables.theta.items():
        for g, communes in groups_with_demand(instance, s, t).items():
            terms: Pairs = [(theta, -float(instance.demand[s, communes, t].sum()))]
            for i in communes:
                terms += times(variables.cover.get((s, i, t), ()), float(instance.demand[s, i, t]))
            yield row(f"worst_group_{s}_{g}_{t}", terms, LpConstraintGE, 0)


def longest_trip(instance: Instance, variables: Variables) -> Rows:
    """Σ_f τ_if x_ift ≤ ρ_st: nobody's trip is longer than ρ (p-center, Hakimi 1964, Daskin 2013).

    Where a commune may be split between facilities a mean says too little: x_ift ≤ d_stk for τ_if = D_k and
    Σ_k (D_k − D_k−1) d_stk ≤ ρ_st, d_stk ≤ d_st,k−1 (the radius form, Elloumi et al. 2004).
    """
    service = instance.facility_service.tolist()
    paths: dict[tuple[int, int, int], Pairs] = {}
    for (i, f, t), x in variables.x.items():
        s, trip = service[f], float(instance.minutes[i, instance.site[f]])
        if (s, t) not in variables.rho:
            continue
        if s in variables.forms.steered:
            far = variables.far[s, t, int(np.searchsorted(variables.trips[s, t], trip))]
            yield row(f"longest_trip_{i}_{f}_{t}", [(x, 1), (far, -1)], LpConstraintLE, 0)
        else:
            paths.setdefault((s, i, t), []).append((x, trip))
    for (s, i, t), terms in paths.items():
        yield row(f"longest_trip_{s}_{i}_{t}_all", [*terms, (variables.rho[s, t], -1)], LpConstraintLE, 0)
    for (s, t), rho in variables.rho.items():
        if s in variables.forms.steered:
            steps = np.diff(variables.trips[s, t], prepend=0.0).tolist()
            terms = [(variables.far[s, t, k], step) for k, step in enumerate(steps) if step]
            yield row(f"longest_trip_{s}_{t}", [*terms, (rho, -1)], LpConstraintLE, 0)
            for k in range(1, len(steps)):
                terms = [(variables.far[s, t, k], 1), (variables.far[s, t, k - 1], -1)]
                yield row(f"longest_trip_{s}_{t}_{k}_step", terms, LpConstraintLE, 0)


def _upgraded(instance: Instance) -> dict[int, list[int]]:
    """Which facilities f can be upgraded to, by f."""
    found: dict[int, list[int]] = {}
    for before, after in instance.upgrades.tolist():
        found.setdefault(before, []).append(after)
    return found


def _by_point(points: IntArray, facilities: IntArray, n: int) -> list[list[int]]:
    """Facilities of each demand point's arcs."""
    cuts = np.searchsorted(points, np.arange(1, n))
    return [part.tolist() for part in np.split(facilities, cuts)]
