"""What would resolve a clash: typed relaxations, each of them solved again and shown to work.

Four families of relaxation are tried:

* a new host: a facility that suits the kind but that the scenario does not offer may open beside the others;
* a quota row is lowered or raised by the least number;
* a budget is raised by the least amount, to the đồng;
* a group's facilities are excepted from co-location.

Where no single change and not the gentlest family alone will do, what resolves this clash alone is taken as a
first step, and the clash that shows next is resolved in turn.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Literal, NamedTuple, TypeVar

import numpy as np

from optimization import solve, verify
from optimization.clash import clash
from optimization.instance import Instance
from optimization.model import Key, key_of
from optimization.rules import BoolArray, Colocated, Quota, Rule, StageBudget

NEW_HOST_RULE = "new_host"
"""Id of the row that a relaxed instance gains: no more new hosts than the relaxation says."""

MOST_STEPS = 6
"""How many clashes one relaxation may have to resolve, one after the other."""

LATER = 1e-3
"""By how much less a stage's slack weighs than that of the stage before: it decides between equals only."""

R = TypeVar("R", bound=Rule)

NOTHING: frozenset[Key] = frozenset()


class Way(Enum):
    """What gives way, the gentlest first: an effort, then a number, then money, then the sense of a rule."""

    NEW_HOST = "new_host"
    QUOTA = "quota"
    BUDGET = "budget"
    EXCEPTION = "exception"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that gives way.

    Attributes:
        way: what it is.
        key: the rule row that gives way; for a new host the co-location row that it serves.
        amount: by how much, > 0: new hosts; facilities by which a quota moves; VND by which a budget grows;
            facilities without a host that an excepted group needs.
        side: for a quota "lo" (lowered) or "hi" (raised).
        limit: the new lo, hi or budget.
        group: index of the group where the host opens or which is excepted; −1: premises of no group.
        kind: index of the new host's kind.
        stage: index of the latest stage by which the new host must stand.
        choices: facilities f: where the new host may stand, or which are excepted.
    """

    way: Way
    key: Key
    amount: int
    side: Literal["", "lo", "hi"] = ""
    limit: int | None = None
    group: int | None = None
    kind: int | None = None
    stage: int | None = None
    choices: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False, slots=True)
class Relaxation:
    """Changes that together make a plan possible, and the instance so changed, which has one."""

    changes: tuple[Change, ...]
    instance: Instance


def relaxations(
    instance: Instance, keys: Sequence[Key], *, most: int = 3, gentleness: Sequence[Way] = tuple(Way)
) -> tuple[Relaxation, ...]:
    """What resolves the clash `keys` of `instance` and leaves no other, best first.

    Fewer changes are better; of equally many, what stands earlier in `gentleness`; of equals, the cheaper
    kind of host, then the order of kinds and groups.  Each was solved again: its instance has a plan.

    Args:
        instance: without a plan.
        keys: one of its clashes.
        most: how many new hosts (kind and group) are listed where one suffices.
        gentleness: which family to prefer.

    Raises:
        SolverError: the solver could not decide.
    """
    found = _families(instance, keys, NOTHING, most)
    if not any(len(r.changes) == 1 or {c.way for c in r.changes} == {gentleness[0]} for r in found):
        found += _steps(instance, keys)

    def rank(relaxation: Relaxation) -> tuple[int, list[int]]:
        return len(relaxation.changes), sorted(gentleness.index(c.way) for c in relaxation.changes)

    return tuple(sorted({frozenset(r.changes): r for r in found}.values(), key=rank))


def apply(instance: Instance, changes: Iterable[Change]) -> Instance:
    """`instance` with the changes made."""
    rules = {key_of(rule): rule for rule in instance.rules}
    offered = np.array(instance.offered)
    for change in changes:
        rule = rules[change.key]
        mask = _mask(instance, change.choices)
        if change.way is Way.NEW_HOST:
            offered |= mask
            part = f"{change.kind}@{change.group}"
            stages = tuple(range(len(instance.stages)))
            cap = Quota(id=NEW_HOST_RULE, part=part, scope=mask, stages=stages, hi=change.amount)
            rules[key_of(cap)] = cap
        elif isinstance(rule, Quota):
            if change.side == "lo":
                rules[change.key] = replace(rule, lo=change.limit or 0)
            else:
                rules[change.key] = replace(rule, hi=change.limit)
        elif isinstance(rule, StageBudget):
            assert change.limit is not None
            rules[change.key] = replace(rule, amount=change.limit)
        elif isinstance(rule, Colocated):
            rules[change.key] = replace(rule, scope=rule.scope & ~mask)
    return replace(instance, offered=offered, rules=tuple(rules.values()))


def _families(instance: Instance, keys: Sequence[Key], omit: frozenset[Key], most: int) -> list[Relaxation]:
    """What each family can do alone, the rules of `omit` left aside."""
    ways = (
        *_new_hosts(instance, keys, omit, most),
        *_giving_way(instance, keys, omit, Quota, _quota_changes),
        *_giving_way(instance, keys, omit, StageBudget, _budget_changes),
        *_giving_way(instance, keys, omit, Colocated, _exceptions),
    )
    return [Relaxation(changes, apply(instance, changes)) for changes in ways]


# --- a new host ----------------------------------------------------------------------------------


class _Place(NamedTuple):
    """Where new hosts may open: facilities of one kind in one group, and the co-location row they serve."""

    kind: int
    group: int
    key: Key
    facilities: tuple[int, ...]

    def change(self, amount: int, stage: int | None = None) -> Change:
        return Change(
            way=Way.NEW_HOST,
            key=self.key,
            amount=amount,
            group=self.group,
            kind=self.kind,
            stage=stage,
            choices=self.facilities,
        )


def _new_hosts(
    instance: Instance, keys: Sequence[Key], omit: frozenset[Key], most: int
) -> Iterator[tuple[Change, ...]]:
    """One new host for the clash where one suffices; otherwise the fewest for it, or for all its kin."""
    mine = [key for key in _rules(instance, Colocated) if key in keys]
    found = 0
    for place in _places(instance, mine):
        if found < most and _works(instance, [place.change(1)], omit):
            found += 1
            yield _dated(instance, {place: 1}, omit)
    for wider in (mine, [key for key in _rules(instance, Colocated) if mine and key not in omit]):
        if not found and (counts := _fewest(instance, _places(instance, wider), omit)):
            found += 1
            yield _dated(instance, counts, omit)


def _fewest(instance: Instance, places: Sequence[_Place], omit: frozenset[Key]) -> Counter[_Place]:
    """How many new hosts each place needs if together they are to be the fewest; empty if none do."""
    usable = _mask(instance, (f for place in places for f in place.facilities))
    ready = np.where(instance.offered | usable, instance.ready, len(instance.stages))
    least = solve.least(replace(instance, ready=ready), elastic=NOTHING, omit=omit, latent=True)
    at = {f: place for place in places for f in place.facilities}
    counts = Counter(at[f] for f, _ in least.latent) if least else Counter()
    return counts if _works(instance, [place.change(n) for place, n in counts.items()], omit) else Counter()


def _places(instance: Instance, keys: Sequence[Key]) -> list[_Place]:
    """Hosts that are not offered, at premises where a facility that needs one is; cheap kinds first."""
    group, free = instance.site_group[instance.site], instance.limit > instance.existing
    placed: dict[tuple[int, int], _Place] = {}
    for key, rule in _rules(instance, Colocated).items():
        if key not in keys:
            continue
        guests = np.unique(instance.site[rule.scope & (instance.offered | (instance.existing > 0))])
        latent = rule.hosts & ~instance.offered & free & np.isin(instance.site, guests)
        for k, g in sorted({(int(instance.kind[f]), int(group[f])) for f in np.flatnonzero(latent)}):
            inside = np.flatnonzero(latent & (instance.kind == k) & (group == g)).tolist()
            before = placed[k, g].facilities if (k, g) in placed else ()
            placed[k, g] = _Place(k, g, key, tuple(sorted({*before, *inside})))
    return sorted(placed.values(), key=lambda p: (instance.kinds[p.kind].first_year, p.kind, p.group))


def _dated(instance: Instance, counts: Mapping[_Place, int], omit: frozenset[Key]) -> tuple[Change, ...]:
    """The new hosts, each with the latest stage by which it must stand, those before it standing so late."""
    ready = np.array(instance.ready)
    dates: dict[_Place, int] = {}
    changes = [place.change(n) for place, n in counts.items()]
    for place in counts:
        inside = _mask(instance, place.facilities)
        for stage in reversed(range(len(instance.stages))):
            later = np.where(inside, np.maximum(ready, stage), ready)
            if stage == 0 or _works(replace(instance, ready=later), changes, omit):
                ready, dates[place] = later, stage
                break
    return tuple(place.change(n, dates[place]) for place, n in counts.items())


# --- quotas, budgets, exceptions -----------------------------------------------------------------


def _giving_way(
    instance: Instance,
    keys: Sequence[Key],
    omit: frozenset[Key],
    family: type[Rule],
    changes_of: Callable[[Instance, solve.Slacks, frozenset[Key]], tuple[Change, ...]],
) -> Iterator[tuple[Change, ...]]:
    """The least by which rules of one family have to give way.

    Tried in turn until something works: the rows of one rule of the clash; all of the clash's rows of the
    family; all of its rows in the instance.  Where it is the same, later stages give way before earlier ones.
    """
    every = [key_of(r) for r in instance.rules if isinstance(r, family) and r.id != NEW_HOST_RULE]
    mine = [key for key in every if key in keys]
    if not mine:
        return
    rules = dict.fromkeys(id_ for id_, _ in mine)
    weights = {key_of(r): 1 - LATER * max(getattr(r, "stages", (0,))) for r in instance.rules}
    tiers = [
        [frozenset(key for key in mine if key[0] == id_) for id_ in rules],
        [frozenset(mine)],
        [frozenset(every) - omit],
    ]
    found = False
    for tier in tiers:
        for elastic in tier:
            least = solve.least(instance, elastic=elastic, omit=omit, weights=weights)
            changes = changes_of(instance, least, omit) if least else ()
            if changes and _works(instance, changes, omit):
                found = True
                yield changes
        if found:
            return


def _quota_changes(instance: Instance, least: solve.Slacks, omit: frozenset[Key]) -> tuple[Change, ...]:
    del omit
    rules = _rules(instance, Quota)
    changes = []
    for key, sides in least.amounts.items():
        lo, hi = rules[key].lo, rules[key].hi
        if n := sides.get("lo"):
            changes.append(Change(way=Way.QUOTA, key=key, amount=n, side="lo", limit=lo - n))
        if (n := sides.get("hi")) and hi is not None:
            changes.append(Change(way=Way.QUOTA, key=key, amount=n, side="hi", limit=hi + n))
    return tuple(changes)


def _budget_changes(instance: Instance, least: solve.Slacks, omit: frozenset[Key]) -> tuple[Change, ...]:
    """What the plan found costs, and for each budget in turn the proof that one đồng less does not do.

    The solver's own slacks are not looked at: a few đồng in a billion are less than it can tell from nothing.
    """
    rules = _rules(instance, StageBudget)
    changes: dict[Key, Change] = {}

    def raised(key: Key, limit: int) -> Change:
        return Change(way=Way.BUDGET, key=key, amount=limit - rules[key].amount, limit=limit)

    for key, rule in rules.items():
        by_stage = verify.cost(instance, least.opened, scope=rule.scope)
        spent = sum(int(by_stage[t]) for t in rule.stages)
        if spent > rule.amount and key not in omit:
            changes[key] = raised(key, spent)

    for key in tuple(changes):
        too_low, enough = rules[key].amount, rules[key].amount + changes[key].amount
        probe = enough - 1
        while enough - too_low > 1:
            if _works(instance, (changes | {key: raised(key, probe)}).values(), omit):
                enough = probe
            else:
                too_low = probe
            probe = (too_low + enough) // 2
        changes[key] = raised(key, enough)
    return tuple(changes.values())


def _exceptions(instance: Instance, least: solve.Slacks, omit: frozenset[Key]) -> tuple[Change, ...]:
    """An exception is made for a group as a whole: which of its facilities uses it is left to the planner."""
    del omit
    group = instance.site_group[instance.site]
    rules = _rules(instance, Colocated)
    changes = []
    for key, sides in least.amounts.items():
        needed: Counter[int] = Counter()
        for f, n in sides.items():
            needed[int(group[int(f)])] += n
        for g, n in sorted(needed.items()):
            choices = tuple(np.flatnonzero(rules[key].scope & (group == g)).tolist())
            changes.append(Change(way=Way.EXCEPTION, key=key, amount=n, group=g, choices=choices))
    return tuple(changes)


# --- one clash after the other -------------------------------------------------------------------


def _steps(instance: Instance, keys: Sequence[Key]) -> list[Relaxation]:
    """Resolves this clash alone in each way, then each one that shows by its own best relaxation.

    What a later step has made needless is taken back.
    """
    found = []
    for first in _alone(instance, keys):
        done = first
        for _ in range(MOST_STEPS):
            rest = clash(done.instance)
            if not rest:
                found.append(_needed(instance, done))
                break
            options = _families(done.instance, rest, NOTHING, 1) or _alone(done.instance, rest)
            if not options:
                break
            step = min(options, key=lambda relaxation: len(relaxation.changes))
            changes = _merged((*done.changes, *step.changes))
            done = Relaxation(changes, apply(instance, changes))
    return found


def _alone(instance: Instance, keys: Sequence[Key]) -> list[Relaxation]:
    """What each family can do for this clash, all other rules left aside."""
    return _families(instance, keys, frozenset(map(key_of, instance.rules)).difference(keys), 1)


def _needed(instance: Instance, relaxation: Relaxation) -> Relaxation:
    """The relaxation without the changes that the others can do without."""
    needed = relaxation.changes
    for change in relaxation.changes if len(relaxation.changes) > 1 else ():
        without = tuple(other for other in needed if other is not change)
        needed = without if _works(instance, without, NOTHING) else needed
    return Relaxation(needed, apply(instance, needed))


def _merged(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Changes of the same limit added up."""
    merged: dict[object, Change] = {}
    for n, change in enumerate(changes):
        same = n if change.limit is None else (change.key, change.side)
        before = merged.get(same)
        merged[same] = replace(change, amount=change.amount + before.amount) if before else change
    return tuple(merged.values())


# --- helpers -------------------------------------------------------------------------------------


def _works(instance: Instance, changes: Iterable[Change], omit: frozenset[Key]) -> bool:
    return solve.is_feasible(apply(instance, changes), omit=omit)


def _rules(instance: Instance, family: type[R]) -> dict[Key, R]:
    return {key_of(rule): rule for rule in instance.rules if isinstance(rule, family)}


def _mask(instance: Instance, facilities: Iterable[int]) -> BoolArray:
    mask = np.zeros(len(instance.site), dtype=np.bool_)
    mask[list(facilities)] = True
    return mask
