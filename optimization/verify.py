"""Checks a plan without the model: every rule and every reported figure, from the open sites alone.

The model says what a plan must be in rows and columns; this says it again in sums over arrays, written
afresh, so that one mistake cannot hide in both: ``reading`` sums up a plan, ``checks`` has the rules and
``figures`` what is reported.  A plan with a finding is never shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

import numpy as np

from errors import Problem
from optimization.checks import CHECKS, Breach, within_parents_reach
from optimization.figures import VALUES, Figures, figures
from optimization.instance import Instance
from optimization.reading import EDGE, Reading, best_cover, closed, cost, label, read, services, standing
from optimization.rules import BoolArray, Capacity, IntArray, ParentWithinReach, Rule
from optimization.solution import Allocation, Feeds, Level, Solution, Status

__all__ = [
    "CHECKS",
    "EDGE",
    "VALUES",
    "Breach",
    "Figures",
    "Finding",
    "breach",
    "cost",
    "figures",
    "kept",
    "standing",
    "verify",
]

Finding: TypeAlias = Problem
"""One thing that does not stand up; its text is ``error.verify.*``."""

SHARE = 1e-6
"""How far the shares of one commune may sum above 1: what a solver calls feasible."""

COVERED = 1e-9
"""The least cover that counts as being within reach."""

FIGURE = 1e-6
"""Relative difference allowed between a reported and a recomputed figure."""


def verify(instance: Instance, solution: Solution, *, gap: float = 0.0) -> tuple[Finding, ...]:
    """Everything about `solution` that does not stand up; empty when it stands.

    `gap` is the relative gap up to which an answer may call itself optimal, as it was asked of the solver.
    """
    opened, allocation = solution.opened, solution.allocation
    if solution.status not in (Status.OPTIMAL, Status.FEASIBLE) or opened is None or allocation is None:
        return tuple(_no_plan(solution))
    malformed = tuple(_malformed(instance, solution, opened, allocation))
    if malformed:  # nothing can be summed over arrays that do not fit
        return malformed
    it = read(instance, opened, allocation, solution.feeds)
    return (
        *_openings(it, solution),
        *_assignment(it, allocation),
        *_feeding(it),
        *_rules(it),
        *_levels(instance, solution, gap),
    )


def kept(instance: Instance, solution: Solution) -> dict[tuple[str, str], bool]:
    """Whether the plan keeps each row of each rule, by (rule id, part).

    Raises:
        ValueError: there is no plan to read.
    """
    if solution.opened is None:
        raise ValueError("there is no plan to read")
    it = read(instance, solution.opened, solution.allocation, solution.feeds)
    return {(rule.id, rule.part): CHECKS[type(rule)](it, rule) is None for rule in instance.rules}


def breach(
    instance: Instance,
    rule: Rule,
    opened: IntArray,
    allocation: Allocation | None = None,
    feeds: Feeds | None = None,
) -> Breach | None:
    """By how much a plan breaks `rule`; None if it keeps it.

    `opened` is z, (F, T).  A rule that speaks of persons needs the `allocation`; one that speaks of the
    satellites' persons the `feeds`, too.

    Raises:
        ValueError: the rule speaks of persons, and who goes where is not told.
    """
    return CHECKS[type(rule)](read(instance, opened, allocation, feeds), rule)


def _rules(it: Reading) -> Iterator[Finding]:
    for rule in it.instance.rules:
        broken = CHECKS[type(rule)](it, rule)
        if broken:
            where = f"{rule.id}[{rule.part}]" if rule.part else rule.id
            yield Problem("verify.rule", where, {"found": broken.found, "limit": broken.limit})


# --- facilities and people -----------------------------------------------------------------------


def _no_plan(solution: Solution) -> Iterator[Finding]:
    has = solution.opened is not None or solution.allocation is not None or bool(solution.levels)
    says = solution.status in (Status.OPTIMAL, Status.FEASIBLE)
    if has or says:
        yield Problem("verify.status", "solution.status", {"status": solution.status.value})


def _malformed(
    instance: Instance, solution: Solution, opened: IntArray, allocation: Allocation
) -> Iterator[Finding]:
    """Arrays of the wrong shape or type, and indices that point nowhere."""
    facilities, stages = len(instance.site), len(instance.stages)
    for name, array, shape in (
        ("opened", opened, (facilities, stages)),
        ("existing", solution.existing, (facilities,)),
        ("upgraded", solution.upgraded, (facilities, stages)),
    ):
        if array is not None and (array.shape != shape or array.dtype.kind != "i"):
            values = {"got": f"{array.dtype}{array.shape}", "want": f"int{shape}"}
            yield Problem("verify.shape", f"solution.{name}", values)
    size = {"facility": facilities, "stage": stages, "commune": len(instance.communes)}
    size |= {"satellite": facilities, "parent": facilities, "rule": len(instance.rules)}
    for table, columns in (("allocation", allocation), ("feeds", solution.feeds)):
        if columns is None:
            continue
        n = len(columns[-1])
        for name, array in columns._asdict().items():
            if array.shape != (n,) or (name != "share" and array.dtype.kind != "i"):
                values = {"got": f"{array.dtype}{array.shape}", "want": f"({n},)"}
                yield Problem("verify.shape", f"solution.{table}.{name}", values)
            elif name in size:
                wrong = (array < 0) | (array >= size[name])
                yield from _found("verify.index", f"solution.{table}.{name}", np.flatnonzero(wrong))


def _openings(it: Reading, solution: Solution) -> Iterator[Finding]:
    """keep_existing, stay_open and eligible, facility by facility; what closes is what is upgraded."""
    instance, opened = it.instance, it.opened
    new = opened > 0
    early = np.arange(len(instance.stages))[None, :] < instance.ready[:, None]
    said = np.zeros_like(opened) if solution.upgraded is None else solution.upgraded
    places: dict[str, IntArray] = {
        "verify.existing": np.flatnonzero(solution.existing != instance.existing),
        "verify.negative": np.flatnonzero((opened < 0).any(axis=1)),
        "verify.limit": np.flatnonzero((it.there > instance.limit[:, None]).any(axis=1)),
        "verify.not_offered": np.flatnonzero(new.any(axis=1) & ~instance.offered),
        "verify.not_ready": np.flatnonzero((new & early).any(axis=1)),
        "verify.upgraded": np.flatnonzero((said != closed(instance, opened)).any(axis=1)),
    }
    for code, where in places.items():
        yield from _found(code, "solution.opened", where, (label(instance, f) for f in where))


def _assignment(it: Reading, allocation: Allocation) -> Iterator[Finding]:
    """assign_demand, open_before_allocate and the standard, arc by arc; nobody is turned away for nothing.

    Where nothing limits what the facilities of a service take, whoever has one within reach is served.
    """
    instance = it.instance
    commune, facility, stage, share = allocation
    kinds = [instance.kinds[k] for k in instance.kind[facility]]
    limits = np.array([max(k.standard, k.outer or 0.0) for k in kinds], dtype=np.float64)
    minutes = instance.minutes[commune, instance.site[facility]]
    _, first = np.unique(np.stack([commune, facility, stage]), axis=1, return_index=True)
    arcs: dict[str, IntArray] = {
        "verify.share": np.flatnonzero(~((share > 0) & (share <= 1 + SHARE))),
        "verify.twice": np.setdiff1d(np.arange(len(share)), first),
        "verify.closed": np.flatnonzero(it.there[facility, stage] < 1),
        "verify.too_far": np.flatnonzero(~((minutes <= limits + EDGE) & np.isfinite(minutes))),
    }
    for code, where in arcs.items():
        names = (f"{instance.communes[commune[n]]} → {label(instance, facility[n])}" for n in where)
        yield from _found(code, "solution.allocation", where, names)
    total = np.zeros_like(instance.demand)
    np.add.at(total, (services(instance)[facility], commune, stage), share)
    near = best_cover(instance, it.there) > COVERED
    refused = (total < 1 - SHARE) & near & (instance.demand > 0) & ~_limited(instance)[:, None, None]
    for code, points in {"verify.over_assigned": total > 1 + SHARE, "verify.refused": refused}.items():
        who = np.argwhere(points)
        names = (
            f"{instance.communes[i]}, {instance.services[s].id}, {instance.stages[t]}" for s, i, t in who
        )
        yield from _found(code, "solution.allocation", who, names)


def _limited(instance: Instance) -> BoolArray:
    """Services whose facilities may have to turn people away, for want of room, (S,)."""
    scope = np.zeros(len(instance.site), dtype=np.bool_)
    for rule in instance.rules:
        if isinstance(rule, Capacity):
            scope |= rule.scope
        if isinstance(rule, Capacity) and rule.counts_satellites:
            for fed in instance.rules:
                if isinstance(fed, ParentWithinReach) and (fed.parents & rule.scope).any():
                    scope |= fed.scope
    return np.isin(np.arange(len(instance.services)), services(instance)[scope])


def _feeding(it: Reading) -> Iterator[Finding]:
    """Each open satellite is fed in full, by open parents within reach, none of which feeds too many."""
    instance, feeds = it.instance, it.feeds
    rules = [(n, r) for n, r in enumerate(instance.rules) if isinstance(r, ParentWithinReach)]
    if feeds is None:
        weighed = [r.scope for r in instance.rules if isinstance(r, Capacity) and r.counts_satellites]
        if any((rule.parents & scope).any() for _, rule in rules for scope in weighed):
            yield Problem("verify.feeds", "solution.feeds")
        return
    stray = np.flatnonzero(~np.isin(feeds.rule, [n for n, _ in rules]) | (feeds.number < 1))
    yield from _found("verify.parent", "solution.feeds", stray, (_pair(it, feeds, n) for n in stray))
    for number, rule in rules:
        mine = np.flatnonzero((feeds.rule == number) & (feeds.number >= 1))
        satellite, parent, stage, count = (column[mine] for column in feeds[1:])
        near = np.zeros((len(instance.site),) * 2, dtype=np.bool_)
        near[within_parents_reach(it, rule)] = True
        wrong = mine[~(near[satellite, parent] & (it.there[parent, stage] > 0))]
        yield from _found("verify.parent", "solution.feeds", wrong, (_pair(it, feeds, n) for n in wrong))
        fed, feeding = np.zeros_like(it.there), np.zeros_like(it.there)
        np.add.at(fed, (satellite, stage), count)
        np.add.at(feeding, (parent, stage), count)
        unfed = np.argwhere((rule.scope & ~rule.parents)[:, None] & (fed != it.there))
        room = feeding if rule.most is None else it.there * rule.most
        overfed = np.argwhere(feeding > room)
        for code, who in (("verify.unfed", unfed), ("verify.overfed", overfed)):
            names = (f"{label(instance, f)}, {instance.stages[t]}" for f, t in who)
            yield from _found(code, "solution.feeds", who, names)


def _pair(it: Reading, feeds: Feeds, n: np.intp) -> str:
    return f"{label(it.instance, feeds.parent[n])} → {label(it.instance, feeds.satellite[n])}"


# --- what was reported ---------------------------------------------------------------------------


def _levels(instance: Instance, solution: Solution, gap: float) -> Iterator[Finding]:
    wanted = [objective.name for objective in instance.objectives]
    if [level.name for level in solution.levels] != wanted:
        got = ", ".join(level.name for level in solution.levels)
        yield Problem("verify.levels", "solution.levels", {"got": got, "want": ", ".join(wanted)})
        return
    it = figures(instance, solution)
    for objective, level in zip(instance.objectives, solution.levels, strict=True):
        where = f"solution.levels.{level.name}"
        value = VALUES[objective.name](instance, objective.service, it)
        if not abs(value - level.value) <= FIGURE * max(1.0, abs(value)):  # also when either is NaN
            yield Problem("verify.value", where, {"got": level.value, "want": value})
        loss = objective.loss / (1 - objective.loss)  # later levels may have used it
        yield from _proof(level, where, solution.status, gap + loss + gap * loss)


def _proof(level: Level, where: str, status: Status, gap: float) -> Iterator[Finding]:
    """The bound lies on the side where a better plan could be, and the gap and status say so honestly."""
    room = level.bound - level.value if level.name.startswith("max") else level.value - level.bound
    scale = max(abs(level.value), abs(level.bound))
    if np.isnan(room) or room < -FIGURE * max(scale, 1.0):
        yield Problem("verify.bound", where, {"value": level.value, "bound": level.bound})
        return
    true_gap = 0.0 if room <= FIGURE else room / max(abs(level.value), 1e-9)
    understated = not level.gap >= min(true_gap, 1e9) * (1 - FIGURE) - FIGURE
    if understated or (status is Status.OPTIMAL and level.gap > gap + FIGURE):
        values = {"got": level.gap, "want": true_gap, "status": status.value}
        yield Problem("verify.gap", where, values)


def _found(code: str, where: str, rows: Any, names: Iterable[str] = ()) -> Iterator[Finding]:
    """One finding for all `rows` of the same fault, naming the first."""
    if len(rows):
        first = next(iter(names), str(rows[0]))
        yield Problem(code, where, {"n": len(rows), "first": first})
