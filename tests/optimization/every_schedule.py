"""The best of every schedule, every feeding and every allocation of a small instance, by enumeration.

For each schedule that keeps what facilities must keep, and each way of feeding satellites, who goes where is
a linear programme in plain loops, given to SciPy: nothing here is shared with the model.
"""

import itertools
import math
from typing import Any

import numpy as np
from scipy.optimize import linprog

from optimization.instance import Objective
from optimization.rules import (
    Capacity,
    Cluster,
    CommunityShare,
    CoverageTarget,
    Forbidden,
    GroupFloor,
    MinimumCaseload,
    ParentWithinReach,
    Pinned,
    Quota,
    StageBudget,
    Upgrade,
)

COVER, TRAVEL, SHORT = (Objective(name, 0) for name in ("max_cover", "min_travel", "min_shortfall"))
WORST, LONGEST = Objective("max_worst_group", 0), Objective("min_max_travel", 0)
FEW, CHEAP = Objective("min_facilities", 0), Objective("min_cost", 0)


def schedules(it):
    """Every plan (F, T), and what then stands, (F, T); what an upgrade closes is gone."""
    stages = len(it.stages)
    room = it.limit - it.existing
    free = [
        range(int(room[f]) + 1) if it.offered[f] and t >= it.ready[f] and room[f] > 0 else (0,)
        for f in range(len(it.site))
        for t in range(stages)
    ]
    for chosen in itertools.product(*free):
        plan = np.array(chosen, dtype=np.int64).reshape(-1, stages)
        standing = stands(it, plan)
        if standing is not None:
            yield plan, standing


def stands(it, plan):
    """Facilities open in each stage, or None where too many would stand or an upgrade finds nothing."""
    standing = np.zeros_like(plan)
    for t in range(plan.shape[1]):
        before = it.existing if t == 0 else standing[:, t - 1]
        now = before + plan[:, t]
        for rule in it.rules:
            if isinstance(rule, Upgrade):
                for f in np.flatnonzero(rule.after):
                    olds = [b for b in np.flatnonzero(rule.before) if it.site[b] == it.site[f]]
                    if plan[f, t] > sum(before[b] for b in olds):
                        return None
                    for b in olds:
                        now[b] -= plan[f, t]
        standing[:, t] = now
    return None if (standing > it.limit[:, None]).any() or (standing < 0).any() else standing


def cost(it, plan, standing, members, stages) -> int:
    total = 0
    for f, t in itertools.product(members, stages):
        kind, years = it.kinds[it.kind[f]], int(it.years[t])
        new = int(plan[f, t])
        total += new * (kind.first_year + (years - 1) * kind.later_year)
        total += int(standing[f, t] - new) * years * kind.later_year
    return total


def stand_up(it, plan, standing) -> bool:
    """The rules that speak of facilities only."""
    for rule in it.rules:
        members = np.flatnonzero(getattr(rule, "scope", np.zeros(0, dtype=bool)))
        match rule:
            case Quota(count="opened"):
                n = sum(plan[f, t] for f in members for t in rule.stages)
                good = rule.lo <= n <= (math.inf if rule.hi is None else rule.hi)
            case Quota():
                n = sum(standing[f, max(rule.stages)] for f in members)
                good = rule.lo <= n <= (math.inf if rule.hi is None else rule.hi)
            case StageBudget():
                good = cost(it, plan, standing, members, rule.stages) <= rule.amount
            case Pinned():
                good = all(
                    sum(standing[f, t] for f in members) >= rule.count
                    for t in range(rule.stage, len(it.stages))
                )
            case Forbidden():
                good = not any(plan[f, t] for f in members for t in rule.stages)
            case Cluster():
                good = all(sum(standing[f, t] for f in members) <= 1 for t in range(len(it.stages)))
            case _:
                good = True
        if not good:
            return False
    return True


def feedings(it, standing):
    """For each way of feeding all satellites the pairs (satellite, parent, stage); one empty one if none."""
    rule = next((r for r in it.rules if isinstance(r, ParentWithinReach)), None)
    if rule is None:
        yield ()
        return
    by_stage = []
    for t in range(len(it.stages)):
        choices = []
        for f in np.flatnonzero(rule.scope & ~rule.parents):
            near = [
                p
                for p in np.flatnonzero(rule.parents)
                if standing[p, t] and it.between[it.site[f], it.site[p]] <= rule.minutes
            ]
            if standing[f, t]:
                choices.append([(int(f), int(p), t) for p in near])
        ways = []
        for way in itertools.product(*choices):
            fed = [sum(1 for _, p, _ in way if p == q) for q in range(len(it.site))]
            if rule.most is None or all(fed[q] <= rule.most * standing[q, t] for q in range(len(fed))):
                ways.append(way)
        by_stage.append(ways)
    loaded = any(isinstance(r, Capacity) and r.counts_satellites for r in it.rules)
    for ways in itertools.product(*by_stage):
        yield tuple(itertools.chain(*ways))
        if not loaded:  # who feeds whom then makes no difference
            return


# --- who goes where ------------------------------------------------------------------------------


def fade(it, i, f) -> float | None:
    """The cover of a trip; None where nobody goes so far."""
    trip, kind = it.minutes[i, it.site[f]], it.kinds[it.kind[f]]
    if trip <= kind.standard:
        return 1.0
    if kind.outer is None or trip > kind.outer:
        return None
    return (kind.outer - trip) / (kind.outer - kind.standard)


class People:
    """Rows over x, the shortfall of each soft target, and θ of each stage, for one schedule."""

    def __init__(self, it, plan, standing, feeding):
        self.it, self.plan, self.standing = it, plan, standing
        stages, facilities = range(len(it.stages)), range(len(it.site))
        self.arcs = [
            (i, f, t)
            for i, f, t in itertools.product(range(len(it.communes)), facilities, stages)
            if standing[f, t] and it.demand[0, i, t] > 0 and fade(it, i, f) is not None
        ]
        soft = [n for n, r in enumerate(it.rules) if isinstance(r, CoverageTarget) and not r.hard]
        names = [*self.arcs, *(("m", n) for n in soft), *(("theta", t) for t in stages)]
        self.at = {name: n for n, name in enumerate(names)}
        self.rows: list[tuple[dict[Any, float], float]] = []  # (coefficients, rhs): Σ ≤ rhs
        self.same: list[tuple[dict[Any, float], float]] = []  # Σ = rhs
        limited = any(isinstance(r, Capacity) for r in it.rules)
        for i, t in {(i, t) for i, _, t in self.arcs}:
            everybody = {a: 1.0 for a in self.arcs if a[0] == i and a[2] == t}
            (self.rows if limited else self.same).append((everybody, 1.0))
        for n, rule in enumerate(it.rules):
            self.rule(n, rule, feeding)
        for t in stages:
            for g in range(len(it.groups)):
                ours = np.flatnonzero(it.commune_group == g)
                total = it.demand[0, ours, t].sum()
                if total > 0:
                    row = {a: -c for a, c in self.covered(ours, t).items()}
                    self.rows.append((row | {("theta", t): total}, 0.0))
            if not it.demand[0, it.commune_group >= 0, t].any():
                self.same.append(({("theta", t): 1.0}, 0.0))

    def load(self, facilities, t):
        return {a: self.it.demand[0, a[0], t] for a in self.arcs if a[2] == t and a[1] in facilities}

    def covered(self, communes, t):
        it = self.it
        return {
            a: it.demand[0, a[0], t] * fade(it, a[0], a[1])
            for a in self.arcs
            if a[2] == t and a[0] in communes
        }

    def rule(self, n, rule, feeding):
        it = self.it
        if isinstance(rule, Capacity):
            for f, t in itertools.product(np.flatnonzero(rule.scope), range(len(it.stages))):
                fed = [s for s, p, when in feeding if p == f and when == t] if rule.counts_satellites else []
                self.rows.append((self.load({f, *fed}, t), rule.amount[f] * self.standing[f, t]))
        elif isinstance(rule, MinimumCaseload):
            for f, t in itertools.product(np.flatnonzero(rule.scope), range(len(it.stages))):
                last = t + 1 if it.years[t] > 1 else t
                new = self.plan[f, :last].sum()
                if new > 0:
                    row = {a: -c for a, c in self.load({f}, t).items()}
                    self.rows.append((row, -rule.amount * new))
        elif isinstance(rule, CoverageTarget | GroupFloor):
            groups = [it.commune_group == g for g in range(len(it.groups))]
            for mask in [rule.communes] if isinstance(rule, CoverageTarget) else groups:
                ours = np.flatnonzero(mask)
                row = {a: -c for a, c in self.covered(ours, rule.stage).items()}
                row |= {("m", n): -1.0} if ("m", n) in self.at else {}
                self.rows.append((row, -rule.share * it.demand[0, ours, rule.stage].sum()))
        elif isinstance(rule, CommunityShare):
            everywhere = self.load(set(np.flatnonzero(rule.everywhere)), rule.stage)
            row = {a: rule.share * c for a, c in everywhere.items()}
            for a, c in self.load(set(np.flatnonzero(rule.community)), rule.stage).items():
                row[a] = row.get(a, 0.0) - c
            self.rows.append((row, -rule.share * rule.elsewhere))

    def terms(self, name):
        """The objective as coefficients to be minimised, and a constant."""
        it = self.it
        if name == "max_cover":
            return {
                a: -c * it.weight[a[0]] * it.years[t]
                for t in range(len(it.stages))
                for a, c in self.covered(range(len(it.communes)), t).items()
            }, 0.0
        if name == "min_travel":
            visits = 2 * it.services[0].visits
            return {
                (i, f, t): it.years[t] * it.demand[0, i, t] * visits * it.minutes[i, it.site[f]]
                for i, f, t in self.arcs
            }, 0.0
        if name == "min_shortfall":
            return {key: 1.0 for key in self.at if key[0] == "m"}, 0.0
        if name == "max_worst_group":
            return {key: -float(it.years[key[1]]) for key in self.at if key[0] == "theta"}, 0.0
        if name == "min_facilities":
            return {}, float(self.plan.sum())
        assert name == "min_cost"
        members, stages = range(len(it.site)), range(len(it.stages))
        nothing = np.zeros_like(self.plan)
        stood = np.repeat(it.existing[:, None], len(it.stages), axis=1)
        spent = cost(it, self.plan, self.standing, members, stages)
        return {}, float(spent - cost(it, nothing, stood, members, stages))

    def least(self, name, held):
        """The least of an objective, with those before it held at theirs; None if nothing is feasible."""
        if name == "min_max_travel":
            limited = any(isinstance(r, Capacity) for r in self.it.rules)
            return self.shortest_of_all(held) if limited else self.shortest()
        terms, constant = self.terms(name)
        if not self.at:
            return constant if all(rhs >= -1e-7 for _, rhs in (*self.rows, *held)) else None
        bounds = [(0, 1 if key[0] == "theta" else None) for key in self.at]
        table = [self.vector(row) for row, _ in (*self.rows, *held)]
        found = linprog(
            self.vector(terms),
            A_ub=np.array(table) if table else None,
            b_ub=[rhs for _, rhs in (*self.rows, *held)] if table else None,
            A_eq=np.array([self.vector(row) for row, _ in self.same]) if self.same else None,
            b_eq=[rhs for _, rhs in self.same] if self.same else None,
            bounds=bounds,
        )
        assert found.status in (0, 2), found.message
        return None if found.status == 2 else float(found.fun) + constant

    def shortest(self):
        """Σ L_t × the longest trip where everybody goes to the nearest."""
        it, total = self.it, 0.0
        for t in range(len(it.stages)):
            by_commune: dict[int, list[float]] = {}
            for i, f, when in self.arcs:
                if when == t:
                    by_commune.setdefault(i, []).append(it.minutes[i, it.site[f]])
            total += it.years[t] * max((min(trips) for trips in by_commune.values()), default=0.0)
        return total

    def shortest_of_all(self, held):
        """L × the least length beyond which nobody need go; there is one stage only."""
        it = self.it
        lengths = sorted({0.0, *(float(it.minutes[i, it.site[f]]) for i, f, _ in self.arcs)})
        for length in lengths:
            far = {(i, f, t): 1.0 for i, f, t in self.arcs if it.minutes[i, it.site[f]] > length}
            if self.least("min_facilities", [*held, (far, 0.0)]) is not None:
                return float(it.years[0] * length)
        return None

    def vector(self, row):
        found = np.zeros(len(self.at))
        for key, c in row.items():
            found[self.at[key]] = c
        return found


def best(it):
    """The lexicographic optimum, one value a level (to be minimised), or None."""
    states = [
        People(it, plan, standing, feeding)
        for plan, standing in schedules(it)
        if stand_up(it, plan, standing)
        for feeding in feedings(it, standing)
    ]
    held: list[list[Any]] = [[] for _ in states]
    values = []
    for level in it.objectives:
        reached = [(s, h, s.least(level.name, h)) for s, h in zip(states, held, strict=True)]
        reached = [(s, h, v) for s, h, v in reached if v is not None]
        if not reached:
            return None
        least = min(v for _, _, v in reached)
        values.append(-least if level.name.startswith("max") else least)
        edge = least + abs(least) * level.loss
        close = 1e-7 * max(1.0, abs(edge))
        reached = [(s, h, v) for s, h, v in reached if v <= edge + close]
        states = [s for s, _, _ in reached]
        held = []
        for s, h, _ in reached:
            if level.name == "min_max_travel":
                held.append(h)
                continue
            terms, constant = s.terms(level.name)
            held.append([*h, (terms, edge + close - constant)])
    return values
