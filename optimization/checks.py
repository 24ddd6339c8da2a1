"""A check for each kind of rule, written afresh from the rule's words and not from its constraint."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import maximum_flow

from optimization.reading import EDGE, Reading, cost
from optimization.rules import (
    Capacity,
    Cluster,
    Colocated,
    CommunityShare,
    CoverageTarget,
    FloatArray,
    Forbidden,
    GroupFloor,
    IntArray,
    MinimumCaseload,
    ParentWithinReach,
    Pinned,
    Quota,
    Rule,
    StageBudget,
    Upgrade,
)

PERSONS = 1e-6
"""How far persons may miss a limit, relative to it (or to one person): what a solver calls feasible."""


class Breach(NamedTuple):
    """By how much a rule is broken: what was `found`, and the `limit` it had to keep to."""

    found: float
    limit: float


# --- what stands where ---------------------------------------------------------------------------


def _quota(it: Reading, rule: Quota) -> Breach | None:
    if rule.count == "opened":
        n = sum(int(it.opened[rule.scope, t].sum()) for t in set(rule.stages))
    else:
        n = int(it.there[rule.scope, max(rule.stages)].sum())
    if n < rule.lo:
        return Breach(n, rule.lo)
    return Breach(n, rule.hi) if rule.hi is not None and n > rule.hi else None


def _colocated(it: Reading, rule: Colocated) -> Breach | None:
    """Counts the facilities, over all stages, that stand without a host."""
    instance = it.instance
    hosts = np.zeros((len(instance.premises), len(instance.stages)), dtype=np.int64)
    for f in np.flatnonzero(rule.hosts):
        hosts[instance.site[f]] += it.there[f]
    alone = 0
    for f in np.flatnonzero(rule.scope):
        alone += int(np.maximum(it.there[f] - hosts[instance.site[f]], 0).sum())
    return Breach(alone, 0) if alone else None


def _stage_budget(it: Reading, rule: StageBudget) -> Breach | None:
    by_stage = cost(it.instance, it.opened, scope=rule.scope)
    spent = sum(int(by_stage[t]) for t in set(rule.stages))
    return Breach(spent, rule.amount) if spent > rule.amount else None


def _pinned(it: Reading, rule: Pinned) -> Breach | None:
    fewest = int(it.there[rule.scope, rule.stage :].sum(axis=0).min())
    return Breach(fewest, rule.count) if fewest < rule.count else None


def _forbidden(it: Reading, rule: Forbidden) -> Breach | None:
    n = sum(int(it.opened[rule.scope, t].sum()) for t in set(rule.stages))
    return Breach(n, 0) if n else None


def _cluster(it: Reading, rule: Cluster) -> Breach | None:
    most = int(it.there[rule.scope].sum(axis=0).max())
    return Breach(most, 1) if most > 1 else None


def _upgrade(it: Reading, rule: Upgrade) -> Breach | None:
    """Counts the openings that find nothing to upgrade: what stood there at the end of the stage before."""
    site = it.instance.site
    before = {int(site[f]): int(f) for f in np.flatnonzero(rule.before)}
    excess = 0
    for f in np.flatnonzero(rule.after):
        for t in np.flatnonzero(it.opened[f] > 0):
            new, old = int(it.opened[f, t]), before.get(int(site[f]))
            if old is None:
                excess += new
                continue
            stood = int(it.there[old, t - 1] if t > 0 else it.instance.existing[old])
            excess += max(0, new - stood, -int(it.there[old, t]))
    return Breach(excess, 0) if excess else None


# --- parents and satellites ----------------------------------------------------------------------


def within_parents_reach(it: Reading, rule: ParentWithinReach) -> tuple[IntArray, IntArray]:
    """Pairs (satellite, parent) of facilities near enough to each other, whether they are open or not.

    A facility that is both feeds itself and is no one's satellite.
    """
    between = it.instance.between
    if between is None:
        raise ValueError("parents within reach need the minutes between premises")
    satellites, parents = np.flatnonzero(rule.scope & ~rule.parents), np.flatnonzero(rule.parents)
    minutes = between[np.ix_(it.instance.site[satellites], it.instance.site[parents])]
    s, p = np.nonzero((minutes <= rule.minutes + EDGE) & np.isfinite(minutes))
    return satellites[s], parents[p]


def _parent_within_reach(it: Reading, rule: ParentWithinReach) -> Breach | None:
    """Whether the open parents can feed the open satellites: a maximum flow in each stage.

    Source → satellite (how many are open) → parent within reach → sink (how many it may feed).
    """
    satellite, parent = within_parents_reach(it, rule)
    n = len(it.instance.site)
    source, sink = 2 * n, 2 * n + 1
    worst: Breach | None = None
    for t in range(it.there.shape[1]):
        there = np.maximum(it.there[:, t], 0)
        wanted = np.where(rule.scope & ~rule.parents, there, 0)
        room = np.where(rule.parents, there, 0)
        most = int(wanted.sum())
        room = np.where(room > 0, most, 0) if rule.most is None else room * rule.most
        every = np.arange(n)
        tails = np.concatenate([np.full(n, source), satellite, n + every])
        heads = np.concatenate([every, n + parent, np.full(n, sink)])
        width = np.concatenate([wanted, wanted[satellite], np.minimum(room, most)])
        graph = coo_array((width.astype(np.int32), (tails, heads)), shape=(2 * n + 2, 2 * n + 2))
        fed = int(maximum_flow(csr_array(graph), source, sink).flow_value)
        if fed < most and (worst is None or most - fed > worst.limit - worst.found):
            worst = Breach(fed, most)
    return worst


def _satellites_load(it: Reading, rule: Capacity) -> FloatArray:
    """Persons whom each facility supplies through its satellites, (F, T).

    A place of several satellites may split its persons between the parents that feed it; of all splits one is
    taken that keeps the capacities, if there is one.
    """
    caseload, _ = it.persons()
    total = np.zeros_like(caseload)
    if it.feeds is None:
        return total
    pairs = np.unique(np.stack([*it.feeds[:4]]), axis=1)
    _, key, inverse, several = np.unique(
        pairs[[0, 1, 3]], axis=1, return_index=True, return_inverse=True, return_counts=True
    )
    del key
    single = several[inverse.ravel()] == 1
    _, satellite, parent, stage = pairs[:, single]
    np.add.at(total, (parent, stage), caseload[satellite, stage])
    if not single.all():
        room = rule.amount[:, None] * it.there - caseload - total
        np.add.at(
            total, *_split(pairs[:, ~single], caseload, np.where(rule.scope[:, None], room, caseload.sum()))
        )
    return total


def _split(pairs: IntArray, caseload: FloatArray, room: FloatArray) -> tuple[Any, FloatArray]:
    """How the persons of satellites with several parents are split, least of them beyond the `room` (F, T).

    A linear programme: Σ_p w = load of the satellite, Σ w ≤ room of the parent + excess, least Σ excess.
    """
    n = pairs.shape[1]
    satellites, of = np.unique(pairs[[0, 1, 3]], axis=1, return_inverse=True)
    parents, to = np.unique(pairs[[2, 3]], axis=1, return_inverse=True)
    whole = coo_array(
        (np.ones(n), (of.ravel(), np.arange(n))), shape=(satellites.shape[1], n + parents.shape[1])
    )
    within = coo_array(
        (
            np.concatenate([np.ones(n), -np.ones(parents.shape[1])]),
            (
                np.concatenate([to.ravel(), np.arange(parents.shape[1])]),
                np.concatenate([np.arange(n), n + np.arange(parents.shape[1])]),
            ),
        ),
        shape=(parents.shape[1], n + parents.shape[1]),
    )
    found = linprog(
        np.concatenate([np.zeros(n), np.ones(parents.shape[1])]),
        A_eq=csr_array(whole),
        b_eq=caseload[satellites[1], satellites[2]],
        A_ub=csr_array(within),
        b_ub=room[parents[0], parents[1]],
    )
    return (pairs[2], pairs[3]), np.asarray(found.x[:n])


# --- persons -------------------------------------------------------------------------------------


def _short(found: float, limit: float) -> Breach | None:
    """`found` should be at least `limit`."""
    return Breach(found, limit) if found < limit - PERSONS * max(1.0, abs(limit)) else None


def _worst(found: FloatArray, limit: FloatArray, over: FloatArray) -> Breach | None:
    """Where `over`, what is too much or too little, is largest; within a solver's rounding nothing is."""
    over = np.where(over > PERSONS * np.maximum(1.0, np.abs(limit)), over, 0.0)
    if not over.any():
        return None
    at = np.unravel_index(int(over.argmax()), over.shape)
    return Breach(float(found[at]), float(limit[at]))


def _capacity(it: Reading, rule: Capacity) -> Breach | None:
    caseload, _ = it.persons()
    weight = caseload + _satellites_load(it, rule) if rule.counts_satellites else caseload
    room = np.asarray(rule.amount, dtype=np.float64)[:, None] * it.there
    room[it.there == 0] = 0.0  # an endless capacity of nothing is nothing
    return _worst(weight, room, np.where(rule.scope[:, None] & (weight > room), weight - room, 0.0))


def _minimum_caseload(it: Reading, rule: MinimumCaseload) -> Breach | None:
    """New facilities count from the stage after theirs, or from theirs where it is longer than a year.

    Where a facility is upgraded, it is a new one of its premises that goes, if there is one.
    """
    caseload, _ = it.persons()
    gone = np.cumsum(it.opened, axis=1) + it.instance.existing[:, None] - it.there
    needed = np.zeros(it.opened.shape)
    for t, years in enumerate(it.instance.years.tolist()):
        counted = it.opened[:, : t + 1] if years > 1 else it.opened[:, :t]
        needed[:, t] = rule.amount * np.maximum(0, counted.sum(axis=1) - gone[:, t])
    return _worst(caseload, needed, np.where(rule.scope[:, None], needed - caseload, 0.0))


def _coverage_target(it: Reading, rule: CoverageTarget) -> Breach | None:
    return shortfall(it, rule) if rule.hard else None


def shortfall(it: Reading, rule: CoverageTarget) -> Breach | None:
    """Persons served and persons that should be, where the target, hard or soft, is missed."""
    _, served = it.persons()
    persons = float(it.instance.demand[rule.service, rule.communes, rule.stage].sum())
    return _short(float(served[rule.service, rule.communes, rule.stage].sum()), rule.share * persons)


def _community_share(it: Reading, rule: CommunityShare) -> Breach | None:
    caseload, _ = it.persons()
    community = float(caseload[rule.community, rule.stage].sum())
    everywhere = float(caseload[rule.everywhere, rule.stage].sum()) + rule.elsewhere
    return _short(community, rule.share * everywhere)


def _group_floor(it: Reading, rule: GroupFloor) -> Breach | None:
    """The group that is worst off, in persons served and persons that should be."""
    _, served = it.persons()
    found: list[Breach] = []
    for g in range(len(it.instance.groups)):
        ours = it.instance.commune_group == g
        persons = float(it.instance.demand[rule.service, ours, rule.stage].sum())
        short = _short(float(served[rule.service, ours, rule.stage].sum()), rule.share * persons)
        if persons > 0 and short:
            found.append(short)
    return min(found, key=lambda breach: breach.found - breach.limit, default=None)


CHECKS: dict[type[Rule], Callable[[Reading, Any], Breach | None]] = {
    Quota: _quota,
    Colocated: _colocated,
    StageBudget: _stage_budget,
    Pinned: _pinned,
    Forbidden: _forbidden,
    Cluster: _cluster,
    Upgrade: _upgrade,
    Capacity: _capacity,
    MinimumCaseload: _minimum_caseload,
    ParentWithinReach: _parent_within_reach,
    CoverageTarget: _coverage_target,
    CommunityShare: _community_share,
    GroupFloor: _group_floor,
}
"""A check for each kind of rule, from a `Reading`; a rule without one is a KeyError, not a pass."""
