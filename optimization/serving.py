"""Rules about who is served where: loads, hierarchy, targets.

One function a rule, ``(instance, variables, rule, name, slack)``; `constraints` lists them by their class.
"""

from __future__ import annotations

import numpy as np
from pulp import LpConstraintEQ, LpConstraintGE, LpConstraintLE

from optimization.instance import Instance
from optimization.rules import (
    BoolArray,
    Capacity,
    CommunityShare,
    CoverageTarget,
    GroupFloor,
    MinimumCaseload,
    ParentWithinReach,
)
from optimization.variables import (
    Pairs,
    Rows,
    Slack,
    Variables,
    added,
    groups_with_demand,
    pair,
    row,
    times,
    wanted,
)


def capacity(instance: Instance, variables: Variables, rule: Capacity, name: str, slack: Slack) -> Rows:
    """Σ_i h_ist x_ift (+ Σ w_ft of its satellites) ≤ Q_f y_ft: the load of a facility (CFLP, Daskin 2013).

    The slack of a facility (side = its f) is the persons by which its load may be more in any stage.
    """
    fed: dict[tuple[int, int], Pairs] = {}
    for (_, p, _, t), w in variables.w.items() if rule.counts_satellites else ():
        fed.setdefault((p, t), []).append((w, 1))
    for f in np.flatnonzero(rule.scope).tolist():
        over: Pairs = []
        for t in range(len(instance.stages)):
            load = [*variables.load.get((f, t), ()), *fed.get((f, t), ())]
            if load:
                over = over or slack(str(f), unit=-1, whole=False)
                room = pair(variables.y, (f, t), -float(rule.amount[f]))
                yield row(f"{name}_{f}_{t}", [*load, *room, *over], LpConstraintLE, 0)


def minimum_caseload(
    instance: Instance, variables: Variables, rule: MinimumCaseload, name: str, slack: Slack
) -> Rows:
    """Σ_i h_ist x_ift ≥ m (y_ft − existing_f − z_ft [L_t = 1]): new facilities past their first year.

    A lower bound on use (Daskin 2013).  The slack of a facility (side = its f) is the persons it may be short
    of in any stage.
    """
    for f in np.flatnonzero(rule.scope & (instance.limit > instance.existing)).tolist():
        short: Pairs = []
        for t in range(len(instance.stages)):
            new = pair(variables.y, (f, t), -rule.amount)
            if instance.years[t] == 1:
                new += pair(variables.z, (f, t), rule.amount)
            if not new or not rule.amount:
                continue
            short = short or slack(str(f), whole=False)
            terms = [*variables.load.get((f, t), ()), *new, *short]
            due = -rule.amount * int(instance.existing[f])
            yield row(f"{name}_{f}_{t}", terms, LpConstraintGE, due)


def parent_within_reach(
    instance: Instance, variables: Variables, rule: ParentWithinReach, name: str, slack: Slack
) -> Rows:
    """Σ_p v_pft = y_ft, v_pft ≤ U_f y_pt, Σ_f v_pft ≤ V y_pt: each satellite has an open parent within reach.

    Şahin & Süral (2007).  Where a capacity counts satellites also Σ_p w_pft ≥ Σ_i h_ist x_ift and
    w_pft ≤ M_ft v_pft, M being all that f can reach.  The slack of a satellite (side = its f) exempts it.
    """
    n = next(n for n, other in enumerate(instance.rules) if other is rule)
    by_satellite: dict[tuple[int, int], list[int]] = {}
    by_parent: dict[tuple[int, int], list[int]] = {}
    for of, p, f, t in variables.v:
        if of == n:
            by_satellite.setdefault((f, t), []).append(p)
            by_parent.setdefault((p, t), []).append(f)
    for f in np.flatnonzero(rule.scope & ~rule.parents).tolist():
        exempt: Pairs = []
        limit = int(instance.limit[f])
        for t in range(len(instance.stages)):
            if (f, t) not in variables.y:
                continue
            exempt = exempt or slack(str(f), most=limit)
            parents = by_satellite.get((f, t), [])
            feeding: Pairs = [(variables.v[n, p, f, t], 1) for p in parents]
            standing = pair(variables.y, (f, t), -1)
            sense = LpConstraintGE if exempt else LpConstraintEQ
            yield row(f"{name}_{f}_{t}", [*feeding, *standing, *exempt], sense, 0)
            for p in parents:
                terms = [(variables.v[n, p, f, t], 1), *pair(variables.y, (p, t), -limit)]
                yield row(f"{name}_{f}_{t}_{p}", terms, LpConstraintLE, 0)
            yield from _carried(variables, (n, f, t), parents, name, exempt)
    for (p, t), fed in by_parent.items():
        if rule.most is not None:
            terms = [(variables.v[n, p, f, t], 1) for f in fed]
            terms += pair(variables.y, (p, t), -rule.most)
            yield row(f"{name}_{p}_{t}_most", terms, LpConstraintLE, 0)


def _carried(
    variables: Variables, at: tuple[int, int, int], parents: list[int], name: str, exempt: Pairs
) -> Rows:
    """The load of satellite f passes to the parents that feed it; an exempted one's is carried by nobody.

    Parents whose load nobody counts have no w: what passes to them is v's to allow.
    """
    n, f, t = at
    load = variables.load.get((f, t), [])
    counted = [p for p in parents if (n, p, f, t) in variables.w]
    if not load or not counted:
        return
    most = sum(h for _, h in load)
    flows: Pairs = [(variables.w[n, p, f, t], 1) for p in counted]
    flows += [(variables.v[n, p, f, t], most) for p in parents if p not in counted]
    name = f"{name}_{f}_{t}"
    yield row(f"{name}_load", [*flows, *times(exempt, most), *times(load, -1)], LpConstraintGE, 0)
    for p in counted:
        terms = [(variables.w[n, p, f, t], 1), (variables.v[n, p, f, t], -most)]
        yield row(f"{name}_{p}_load", terms, LpConstraintLE, 0)


def coverage_target(
    instance: Instance, variables: Variables, rule: CoverageTarget, name: str, slack: Slack
) -> Rows:
    """Σ_i h_ist c_ist (+ m) ≥ A Σ_i h_ist over the communes: c is the cover; m, the shortfall, if soft.

    The slack of a hard one is the persons it is short of.
    """
    communes = np.flatnonzero(rule.communes).tolist()
    if wanted(instance, rule) > 0:
        number = next(n for n, other in enumerate(instance.rules) if other is rule)
        short = slack("short", whole=False) if rule.hard else [(variables.short[number], 1.0)]
        terms = _covered(instance, variables, rule.service, communes, rule.stage) + short
        yield row(name, terms, LpConstraintGE, wanted(instance, rule))


def group_floor(instance: Instance, variables: Variables, rule: GroupFloor, name: str, slack: Slack) -> Rows:
    """Σ_i∈g h_ist c_ist ≥ A Σ_i∈g h_ist for each group g with demand; Marsh & Schilling (1994).

    The slack of a group (side = its g) is the persons it is short of.
    """
    for g, communes in groups_with_demand(instance, rule.service, rule.stage).items():
        total = float(instance.demand[rule.service, communes, rule.stage].sum())
        terms = _covered(instance, variables, rule.service, communes, rule.stage)
        if rule.share > 0:
            terms += slack(str(g), whole=False)
            yield row(f"{name}_{g}", terms, LpConstraintGE, rule.share * total)


def community_share(
    instance: Instance, variables: Variables, rule: CommunityShare, name: str, slack: Slack
) -> Rows:
    """Σ_f∈community load_f ≥ β (Σ_f∈everywhere load_f + elsewhere), load_f = Σ_i h x_if.

    The slack is the persons by which those in the community are too few.
    """
    del instance
    inside = _served(variables, rule.community, rule.stage)
    terms = added(inside, times(_served(variables, rule.everywhere, rule.stage), -rule.share))
    yield row(name, terms + slack("short", whole=False), LpConstraintGE, rule.share * rule.elsewhere)


def _covered(instance: Instance, variables: Variables, s: int, communes: list[int], t: int) -> Pairs:
    """Σ_i h_ist c_ist."""
    found: Pairs = []
    for i in communes:
        found += times(variables.cover.get((s, i, t), ()), float(instance.demand[s, i, t]))
    return found


def _served(variables: Variables, scope: BoolArray, t: int) -> Pairs:
    """Σ_f∈scope Σ_i h x_ift."""
    return [term for f in np.flatnonzero(scope).tolist() for term in variables.load.get((f, t), ())]
