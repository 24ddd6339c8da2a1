"""Rules about what opens where and when.

One function a rule, ``(instance, variables, rule, name, slack)``; `constraints` lists them by their class.
"""

from __future__ import annotations

import math

import numpy as np
from pulp import LpConstraintGE, LpConstraintLE

from optimization.instance import Instance
from optimization.rules import (
    BoolArray,
    Cluster,
    Colocated,
    Forbidden,
    Pinned,
    Quota,
    StageBudget,
    Upgrade,
)
from optimization.variables import Pairs, Rows, Slack, Variables, pair, row

MILLION = 1_000_000
"""VND in a million: the unit of a budget's slack, so that it stands on the scale of the other slacks."""


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
            beside = [term for h in here for term in pair(variables.y, (h, t), -1)]
            yield row(f"{name}_{f}_{t}", [(variables.y[f, t], 1), *beside, *exempt], LpConstraintLE, 0)


def stage_budget(
    instance: Instance, variables: Variables, rule: StageBudget, name: str, slack: Slack
) -> Rows:
    """Σ_t∈stages Σ_f∈scope [(F + (L_t − 1) R) z_ft + L_t R y_f,t−1] ≤ B.

    Written over z alone, y being existing + Σ z; existing facilities move to the right-hand side, and what an
    upgrade closes is taken off the price of what it opens (`Instance.price`).  The row is counted in the
    largest unit that divides every cost, so that its coefficients are small whole numbers and a single đồng
    too many is seen.
    """
    price = instance.price(rule.scope, rule.stages)
    standing = np.stack([instance.cost(t, -1) * instance.existing for t in rule.stages])
    left = rule.amount - int(standing[:, rule.scope].sum())
    terms = [(z, price[f, t]) for (f, t), z in variables.z.items() if price[f, t]]
    unit = math.gcd(*(int(c) for _, c in terms)) or 1
    over = slack("over", unit=-MILLION / unit, whole=False)
    rhs = left / unit if over else left // unit
    yield row(name, [(z, int(c) // unit) for z, c in terms] + over, LpConstraintLE, rhs)


def pinned(instance: Instance, variables: Variables, rule: Pinned, name: str, slack: Slack) -> Rows:
    """Σ_f∈scope y_ft ≥ n from the pin's stage on.

    Later rows are written only where an upgrade may close something.  The slack 1 drops the pin.
    """
    drop = slack("drop", most=1, unit=rule.count)
    last = len(instance.stages) if _may_close(instance, rule.scope) else rule.stage + 1
    for t in range(rule.stage, last):
        terms = _open(variables, rule.scope, t)
        yield row(f"{name}_{t}", terms + drop, LpConstraintGE, rule.count)


def forbidden(instance: Instance, variables: Variables, rule: Forbidden, name: str, slack: Slack) -> Rows:
    """Σ_f∈scope Σ_t∈stages z_ft ≤ 0; the slack 1 drops the ban."""
    members, room = np.flatnonzero(rule.scope).tolist(), instance.limit - instance.existing
    terms: Pairs = [p for f in members for t in rule.stages for p in pair(variables.z, (f, t), 1)]
    most = int(room[rule.scope].sum()) * len(rule.stages)
    yield row(name, terms + slack("drop", most=1, unit=-most), LpConstraintLE, 0)


def cluster(instance: Instance, variables: Variables, rule: Cluster, name: str, slack: Slack) -> Rows:
    """Σ_f∈scope y_ft ≤ 1: the premises of a cluster of communes share one facility (conflict constraints).

    What nothing closes is counted at the end only.  The slack is how many more there are.
    """
    more = slack("hi", unit=-1)
    end = len(instance.stages)
    for t in range(0 if _may_close(instance, rule.scope) else end - 1, end):
        yield row(f"{name}_{t}", _open(variables, rule.scope, t) + more, LpConstraintLE, 1)


def upgrade(instance: Instance, variables: Variables, rule: Upgrade, name: str, slack: Slack) -> Rows:
    """Σ_after z_t ≤ y_before,t−1 at the same premises: only what stands is upgraded (`structure.stay_open`).

    Where nothing can stand before there is no upgrade: z_after,t ≤ 0.
    """
    del slack  # without an upgrade the facility could not open at all: the rule says what it is
    before = {after: b for b, after in instance.upgrades.tolist() if rule.after[after]}
    for f in np.flatnonzero(rule.after).tolist():
        b = before.get(f)
        kin = [f] if b is None else instance.upgrades[instance.upgrades[:, 0] == b, 1].tolist()
        for t in range(len(instance.stages)):
            if (f, t) not in variables.z:
                continue
            terms: Pairs = [p for after in kin for p in pair(variables.z, (after, t), 1)]
            if b is not None and t > 0:
                terms += pair(variables.y, (b, t - 1), -1)
            stood = int(instance.existing[b]) if b is not None and t == 0 else 0
            yield row(f"{name}_{f}_{t}", terms, LpConstraintLE, stood)


def _open(variables: Variables, scope: BoolArray, t: int) -> Pairs:
    """Σ_f∈scope y_ft."""
    return [p for f in np.flatnonzero(scope).tolist() for p in pair(variables.y, (f, t), 1)]


def _may_close(instance: Instance, scope: BoolArray) -> bool:
    """Whether an upgrade may close any of `scope`."""
    return bool(scope[instance.upgrades[:, 0]].any())
