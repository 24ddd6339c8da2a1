"""What would resolve a clash: typed relaxations, each of them solved again and shown to work.

Three groups of families are tried: what the scenario does not offer opens, or something is ready earlier
(`new_places`); quotas, budgets and co-location give way, several rows together where one is not enough
(`giving_way`); one limit of one rule moves by the least that will do (`limits`).

Where no single change and not the gentlest family alone will do, what resolves this clash alone is taken as a
first step, and the clash that shows next is resolved in turn.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from optimization.changes import Change, Way, apply
from optimization.clash import clash
from optimization.feasibility import Feasibility
from optimization.giving_way import giving_way
from optimization.instance import Instance
from optimization.limits import limits
from optimization.model import Key, key_of
from optimization.new_places import Case, earlier, new_places

__all__ = ["Change", "Relaxation", "Way", "apply", "relaxations"]

MOST_STEPS = 12
"""How many clashes one relaxation may have to resolve, one after the other."""

NOTHING: frozenset[Key] = frozenset()


@dataclass(frozen=True, eq=False, slots=True)
class Relaxation:
    """Changes that together make a plan possible, and the instance so changed, which has one."""

    changes: tuple[Change, ...]
    instance: Instance


def relaxations(
    instance: Instance,
    keys: Sequence[Key],
    *,
    most: int = 3,
    gentleness: Sequence[Way] = tuple(Way),
    judge: Feasibility | None = None,
) -> tuple[Relaxation, ...]:
    """What resolves the clash `keys` of `instance` and leaves no other, best first.

    Fewer changes are better; of equally many, what stands earlier in `gentleness`; of equals, the cheaper
    kind of what is new, then the order of kinds and groups.  Each was solved again: its instance has a plan.

    Args:
        instance: without a plan.
        keys: one of its clashes.
        most: how many new places (kind and group) are listed where one suffices.
        gentleness: which family to prefer; those that it does not name come last.
        judge: the `Feasibility` of the instance, if there is one already.

    Raises:
        SolverError: the solver could not decide.
    """
    case = Case(instance, tuple(keys), NOTHING, judge or Feasibility(instance), most)
    order = [*gentleness, *(way for way in Way if way not in gentleness)]
    found = _families(case)
    if not any(len(r.changes) == 1 or {c.way for c in r.changes} == {order[0]} for r in found):
        found += _steps(case)

    def rank(relaxation: Relaxation) -> tuple[int, list[int]]:
        return len(relaxation.changes), sorted(order.index(c.way) for c in relaxation.changes)

    return tuple(sorted({frozenset(r.changes): r for r in found}.values(), key=rank))


def _families(case: Case) -> list[Relaxation]:
    """What each family can do alone."""
    ways = (*new_places(case), *earlier(case), *giving_way(case), *limits(case))
    return [Relaxation(changes, apply(case.instance, changes)) for changes in ways]


# --- one clash after the other -------------------------------------------------------------------


def _steps(case: Case) -> list[Relaxation]:
    """Resolves this clash alone in each way, then each one that shows by its own best relaxation.

    What a later step has made needless is taken back.
    """
    found = []
    for first in _alone(case):
        done = first
        for _ in range(MOST_STEPS):
            rest = clash(done.instance, case.judge)
            if not rest:
                found.append(_needed(case, done))
                break
            left = Case(done.instance, rest, NOTHING, case.judge)
            options = _families(left) or _alone(left)
            if not options:
                break
            step = min(options, key=lambda relaxation: len(relaxation.changes))
            changes = _merged((*done.changes, *step.changes))
            done = Relaxation(changes, apply(case.instance, changes))
    return found


def _alone(case: Case) -> list[Relaxation]:
    """What each family can do for this clash, all other rules left aside."""
    others = frozenset(map(key_of, case.instance.rules)).difference(case.keys)
    return _families(Case(case.instance, case.keys, others, case.judge))


def _needed(case: Case, relaxation: Relaxation) -> Relaxation:
    """The relaxation without the changes that the others can do without."""
    needed = relaxation.changes
    for change in relaxation.changes if len(relaxation.changes) > 1 else ():
        without = tuple(other for other in needed if other is not change)
        needed = without if case.works(*without) else needed
    return Relaxation(needed, apply(case.instance, needed))


def _merged(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Changes of the same limit added up."""
    merged: dict[object, Change] = {}
    for n, change in enumerate(changes):
        same = n if change.limit is None else (change.key, change.way, change.side, change.kind)
        before = merged.get(same)
        merged[same] = replace(change, amount=change.amount + before.amount) if before else change
    return tuple(merged.values())
