"""What can give way where no plan keeps all rules: typed changes of an instance."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, Literal

import numpy as np

from optimization.instance import Instance
from optimization.model import Key, key_of
from optimization.rules import BoolArray, Capacity, Cluster, Colocated, Quota, Rule

NEW_HOST_RULE = "new_host"
"""Id of the row that a relaxed instance gains: no more new facilities than the relaxation says."""


class Way(Enum):
    """What gives way, the gentlest first: an effort, then a number, then money, then what is promised."""

    NEW_HOST = "new_host"
    """A host opens that the scenario does not offer."""
    NEW_PARENT = "new_parent"
    """A parent opens within reach that the scenario does not offer."""
    NEW_PLACE = "new_place"
    """A facility opens, near the people a target speaks of, that the scenario does not offer."""
    EARLIER = "earlier"
    """Premises are ready earlier."""
    QUOTA = "quota"
    """A quota is lowered or raised."""
    PIN = "pin"
    """A pin asks for fewer facilities, or for none: it is dropped."""
    BAN = "ban"
    """What was forbidden is allowed."""
    CLUSTER = "cluster"
    """More than one facility may stand in a cluster."""
    CAPACITY = "capacity"
    """Each facility takes more persons."""
    SATELLITES = "satellites"
    """A parent may feed more satellites."""
    REACH = "reach"
    """A parent may be farther from its satellites."""
    BUDGET = "budget"
    """A budget is raised."""
    CASELOAD = "caseload"
    """A new facility may serve fewer persons."""
    TARGET = "target"
    """A share to be reached is lowered: of a target, a floor for groups, or of those in the community."""
    STANDARD = "standard"
    """People may travel longer to a kind of facility and still count as served."""
    EXCEPTION = "exception"
    """Facilities of a group are excepted from co-location."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that gives way.

    Attributes:
        way: what it is.
        key: the rule row that gives way; for what is new, earlier or farther the row that it serves.
        amount: by how much, > 0.  New facilities; stages by which the latest is ready earlier; facilities
            (QUOTA, PIN, CLUSTER, SATELLITES, and BAN: that were forbidden); persons (CAPACITY for each
            facility, CASELOAD, TARGET with `service`); share (TARGET without); VND (BUDGET); minutes (REACH,
            STANDARD); facilities without a host that an excepted group needs (EXCEPTION).
        side: for a quota "lo" (lowered) or "hi" (raised).
        limit: the new lo, hi, count, budget, share, caseload, minutes or, where it is the same for all of the
            rule's facilities, capacity; None otherwise.
        group: index of the group where something opens, is ready earlier or is excepted; −1: of no group.
        kind: index of the kind that opens, is ready earlier or whose standard is raised.
        stage: index of the latest stage by which the new must stand, or the earlier be ready.
        service: index of the service of a coverage target.
        choices: facilities f: where the new may stand, what must be ready, or which are excepted.
    """

    way: Way
    key: Key
    amount: float
    side: Literal["", "lo", "hi"] = ""
    limit: float | None = None
    group: int | None = None
    kind: int | None = None
    stage: int | None = None
    service: int | None = None
    choices: tuple[int, ...] = ()


NEW = (Way.NEW_HOST, Way.NEW_PARENT, Way.NEW_PLACE)
"""Ways that open what the scenario does not offer."""


def apply(instance: Instance, changes: Iterable[Change]) -> Instance:
    """`instance` with the changes made."""
    rules = {key_of(rule): rule for rule in instance.rules}
    offered, ready, kinds = np.array(instance.offered), np.array(instance.ready), list(instance.kinds)
    for change in changes:
        chosen = mask(instance, change.choices)
        if change.way in NEW:
            offered |= chosen
            part = f"{change.kind}@{change.group}"
            stages = tuple(range(len(instance.stages)))
            cap = Quota(id=NEW_HOST_RULE, part=part, scope=chosen, stages=stages, hi=int(change.amount))
            rules[key_of(cap)] = cap
        elif change.way is Way.EARLIER:
            assert change.stage is not None
            ready[chosen] = np.minimum(ready[chosen], change.stage)
        elif change.way is Way.STANDARD:
            assert change.kind is not None
            assert change.limit is not None
            kind = kinds[change.kind]
            outer = None if kind.outer is None else max(kind.outer, change.limit)
            kinds[change.kind] = replace(kind, standard=change.limit, outer=outer)
        elif change.way is Way.BAN or (change.way is Way.PIN and not change.limit):
            del rules[change.key]
        else:
            rules[change.key] = _given_way(rules[change.key], change, chosen)
    return replace(instance, offered=offered, ready=ready, kinds=tuple(kinds), rules=tuple(rules.values()))


def _given_way(rule: Rule, change: Change, chosen: BoolArray) -> Rule:
    """The rule with its new limit."""
    if isinstance(rule, Cluster):
        limit, stages = int(change.limit or 0), (change.stage or 0,)
        return Quota(id=rule.id, part=rule.part, scope=rule.scope, stages=stages, count="open", hi=limit)
    fields: dict[str, Any] = {_LIMITS.get(change.way, "share"): change.limit}
    if isinstance(rule, Quota):
        fields = {change.side: change.limit}
    elif isinstance(rule, Capacity):
        fields = {"amount": np.where(rule.scope, rule.amount + change.amount, rule.amount)}
    elif isinstance(rule, Colocated):
        fields = {"scope": rule.scope & ~chosen}
    return replace(rule, **fields)


_LIMITS = {
    Way.PIN: "count",
    Way.BUDGET: "amount",
    Way.CASELOAD: "amount",
    Way.SATELLITES: "most",
    Way.REACH: "minutes",
}
"""The field that a way moves, where it is not the share."""


def mask(instance: Instance, facilities: Iterable[int]) -> BoolArray:
    """The mask (F,) of these facilities."""
    found = np.zeros(len(instance.site), dtype=np.bool_)
    found[list(facilities)] = True
    return found
