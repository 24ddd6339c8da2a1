"""What tells a plan that somebody made from the best one: what opens when and where, and who gains."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from optimization.instance import Instance
from optimization.rules import FloatArray
from optimization.solution import Solution

Key = tuple[int, int]
"""An opening: facility and stage."""
Alike = Callable[[int, int], object]
"""What two openings (facility, stage) have to share to be taken for one that moved."""


@dataclass(frozen=True, slots=True)
class Move:
    """One facility of `kind` in both plans, or only in one of them: its (facility, stage), None: not there.

    The same facility in the same stage is no move and not listed.
    """

    kind: int
    official: Key | None
    optimal: Key | None


def moves(instance: Instance, official: Solution, optimal: Solution) -> tuple[Move, ...]:
    """The fewest steps from one plan to the other, what is closest first.

    What opens in both is paired, kind by kind: the same facility in the same stage (no move), then in
    another stage, then another facility of the same group in the same stage and in another one, then of
    another group.  What is left opens in one of the plans only.

    Raises:
        ValueError: one of them has no plan to read.
    """
    group = instance.site_group[instance.site].tolist()
    found: list[Move] = []
    for kind in range(len(instance.kinds)):
        theirs, ours = (_openings(instance, plan, kind) for plan in (official, optimal))
        found += [Move(kind, *pair) for pair in pairs(theirs, ours, group)]
    return tuple(found)


def pairs(
    theirs: Counter[Key], ours: Counter[Key], group: Sequence[object]
) -> Iterator[tuple[Key | None, Key | None]]:
    """The moves of one kind, as in `moves`: its openings in the two plans, `group` by facility."""
    ways: tuple[Alike, ...] = (
        lambda f, _: f,
        lambda f, t: (group[f], t),
        lambda f, _: group[f],
        lambda _, t: t,
        lambda *_: None,
    )
    same = theirs & ours
    theirs, ours = theirs - same, ours - same
    for alike in ways:
        yield from _paired(theirs, ours, alike)
    yield from ((key, None) for key in sorted(theirs.elements()))
    yield from ((None, key) for key in sorted(ours.elements()))


def _openings(instance: Instance, plan: Solution, kind: int) -> Counter[Key]:
    if plan.opened is None:
        raise ValueError("there is no plan to read")
    opened = np.where((instance.kind == kind)[:, None], plan.opened, 0)
    return Counter({(int(f), int(t)): int(opened[f, t]) for f, t in np.argwhere(opened)})


def _paired(theirs: Counter[Key], ours: Counter[Key], alike: Alike) -> Iterator[tuple[Key, Key]]:
    """Pairs what is `alike` in both and takes it out of both."""
    waiting: dict[object, list[Key]] = {}
    for key in sorted(ours.elements()):
        waiting.setdefault(alike(*key), []).append(key)
    for key in sorted(theirs.elements()):
        if partners := waiting.get(alike(*key)):
            partner = partners.pop(0)
            theirs[key] -= 1
            ours[partner] -= 1
            yield key, partner


# --- who gains -----------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False, slots=True)
class Gains:
    """What the second plan serves more than the first, in the service of the first objective.

    `communes` are person-years, (I,); `groups` their sums, (G,); `elsewhere` the sum over communes in no
    group; `gaining` and `losing` count the communes of each group and, last, those in none, (G + 1,).
    """

    communes: FloatArray
    groups: FloatArray
    elsewhere: float
    gaining: tuple[int, ...]
    losing: tuple[int, ...]


NOTHING = 1e-6
"""Person-years that are rounding."""


def gains(instance: Instance, official: Solution, optimal: Solution) -> Gains:
    """Who gains and who loses by the optimal plan.

    Raises:
        ValueError: one of them has no plan to read.
    """
    more = person_years(instance, optimal) - person_years(instance, official)
    sums = np.zeros(len(instance.groups) + 1)  # the last is NO_GROUP's, which is −1
    gaining, losing = np.zeros(len(sums), dtype=np.int64), np.zeros(len(sums), dtype=np.int64)
    np.add.at(sums, instance.commune_group, more)
    np.add.at(gaining, instance.commune_group, more > NOTHING)
    np.add.at(losing, instance.commune_group, more < -NOTHING)
    return Gains(more, sums[:-1], float(sums[-1]), tuple(gaining.tolist()), tuple(losing.tolist()))


def person_years(instance: Instance, plan: Solution) -> FloatArray:
    """Person-years served in each commune, (I,), of the service of the first objective.

    Raises:
        ValueError: there is no plan to read.
    """
    if plan.allocation is None:
        raise ValueError("there is no plan to read")
    commune, facility, stage, share = plan.allocation
    service = instance.objectives[0].service
    ours = instance.facility_service[facility] == service
    years = np.zeros(len(instance.communes))
    part = share * instance.cover(commune, facility)
    persons = instance.demand[service, commune, stage] * instance.years[stage] * part
    np.add.at(years, commune[ours], persons[ours])
    return years
