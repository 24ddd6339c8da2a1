"""Which form a service takes in the model, as its rules and objectives ask.

*Compact*: only u, the share of a commune's demand that is covered; enough where nobody asks who goes where.
*Allocating*: x says who goes where.  Of those services

* in most, everybody goes to the nearest open facility, so that openings alone settle who goes where;
* the *steered* ones have an allocation of their own, a linear programme once it is settled what opens:
  capacities, caseloads and community shares push people about, and gradual cover by several kinds may prefer
  what is farther;
* the *refusing* ones, steered by a capacity, may turn people away.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np

from optimization.instance import Instance, Objective
from optimization.rules import (
    BoolArray,
    Capacity,
    CommunityShare,
    CoverageTarget,
    GroupFloor,
    MinimumCaseload,
    ParentWithinReach,
)

COVERING = frozenset({"max_cover", "max_worst_group"})
"""Objectives that speak of cover and do well with the compact form."""

TRAVELLING = frozenset({"min_travel", "min_max_travel"})
"""Objectives that must know who goes where."""


@dataclass(frozen=True, slots=True)
class Forms:
    """Services, by index, in each form; `steered` and `refusing` are among `allocating`."""

    compact: frozenset[int]
    allocating: frozenset[int]
    steered: frozenset[int]
    refusing: frozenset[int]


def forms(instance: Instance, levels: Iterable[Objective], *, allocate: Collection[int] = ()) -> Forms:
    """The form of each service in the model of `instance` with these levels.

    `allocate` are services to put in the allocating form although nothing needs it.
    """
    wanted = tuple(levels)
    spoken = {o.service for o in wanted if o.name in COVERING}
    spoken |= {r.service for r in instance.rules if isinstance(r, CoverageTarget | GroupFloor)}
    travelling = {o.service for o in wanted if o.name in TRAVELLING} | set(allocate)
    kinds: dict[int, list[bool]] = {}
    for kind in instance.kinds:
        fading = kind.outer is not None and kind.outer > kind.standard
        kinds.setdefault(kind.service, []).append(fading)
    gradual = {s for s, each in kinds.items() if any(each)} & (spoken | travelling)
    refusing = _refusing(instance)
    steered = refusing | _pushed(instance) | {s for s in gradual if len(kinds[s]) > 1}
    allocating = travelling | gradual | steered
    return Forms(*map(frozenset, (spoken - allocating, allocating, steered, refusing)))


def _refusing(instance: Instance) -> set[int]:
    """Services with a capacity, and those whose load a parent with one carries."""
    found: set[int] = set()
    for rule in instance.rules:
        if isinstance(rule, Capacity):
            found |= _services(instance, rule.scope)
            for other in instance.rules if rule.counts_satellites else ():
                if isinstance(other, ParentWithinReach) and (other.parents & rule.scope).any():
                    found |= _services(instance, other.scope)
    return found


def _pushed(instance: Instance) -> set[int]:
    """Services whose people a caseload or a community share may send past the nearest facility."""
    found: set[int] = set()
    for rule in instance.rules:
        if isinstance(rule, MinimumCaseload):
            found |= _services(instance, rule.scope)
        elif isinstance(rule, CommunityShare):
            found |= _services(instance, rule.community | rule.everywhere)
    return found


def _services(instance: Instance, scope: BoolArray) -> set[int]:
    return set(np.unique(instance.facility_service[scope]).tolist())
