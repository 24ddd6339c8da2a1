"""What must be kept: one frozen dataclass a rule, each a row (or a family of rows) over facilities.

Masks over facilities have shape (F,), masks over communes (I,); stages are indices in ascending order.  Every
rule has its constraint in ``constraints.RULES``, its check in ``verify.CHECKS`` and its golden LP rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, eq=False, kw_only=True)
class Rule:
    """A rule of the scenario, or one row of it.

    `id` is the scenario's name of the rule; `part` says which row this is where one rule expands to several
    (the id of a group, or ``""``).
    """

    id: str
    part: str = ""


@dataclass(frozen=True, eq=False, kw_only=True)
class Quota(Rule):
    """lo ≤ number of facilities in `scope` ≤ hi.

    ``count="opened"`` counts openings in any of `stages`; ``count="open"`` counts what stands open at the
    end of the last of `stages`, existing facilities included.  `scope` is a mask over facilities, shape
    (F,); `hi` None means no upper limit.
    """

    scope: BoolArray
    stages: tuple[int, ...]
    count: Literal["opened", "open"] = "opened"
    lo: int = 0
    hi: int | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class Colocated(Rule):
    """A facility of `scope` (F,) stands only where one of `hosts` (F,) is open at the same premises."""

    scope: BoolArray
    hosts: BoolArray


@dataclass(frozen=True, eq=False, kw_only=True)
class StageBudget(Rule):
    """The cost of the facilities in `scope` (F,) over `stages` together is at most `amount` VND.

    One stage is the plain yearly budget; a run of stages from the first pools them (carry-over).
    """

    scope: BoolArray
    stages: tuple[int, ...]
    amount: int


@dataclass(frozen=True, eq=False, kw_only=True)
class Pinned(Rule):
    """At least `count` of the facilities in `scope` are open at the end of `stage` and of each later one."""

    scope: BoolArray
    stage: int
    count: int = 1


@dataclass(frozen=True, eq=False, kw_only=True)
class Forbidden(Rule):
    """No facility of `scope` opens in any of `stages`."""

    scope: BoolArray
    stages: tuple[int, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class Cluster(Rule):
    """At most one facility of `scope` is open in any stage: the premises of a cluster of communes share
    one.
    """

    scope: BoolArray


@dataclass(frozen=True, eq=False, kw_only=True)
class Upgrade(Rule):
    """A facility of `after` opens only by upgrading one of `before` at the same premises, which then closes.

    Σ over the premises: opening of `after` in a stage ≤ facilities of `before` open at the end of the
    stage before (before the first one: existing); y_before falls by as many.  What closes costs nothing from
    that stage on, what opens costs what any opening costs, and counts as one.  Both masks hold at most one
    facility a premises, and a facility is the `after` of one rule only.
    """

    before: BoolArray
    after: BoolArray


@dataclass(frozen=True, eq=False, kw_only=True)
class Capacity(Rule):
    """The persons served at a facility of `scope` are at most `amount` (F,) for each open one (CFLP).

    Where `counts_satellites`, the load of a parent includes that of the satellites it feeds by any
    `ParentWithinReach`; a place of several satellites may split its load between the parents that feed it.
    In a service with a capacity people may be turned away, and nobody need go to the nearest point.
    """

    scope: BoolArray
    amount: FloatArray
    counts_satellites: bool = False


@dataclass(frozen=True, eq=False, kw_only=True)
class MinimumCaseload(Rule):
    """A new facility of `scope` serves at least `amount` persons in every stage after the one it opens in.

    Where the stage of opening is longer than a year, it must do so in that stage already.  New is what stands
    beyond `Instance.existing`; of several at one place each counts, and what an upgrade closes was new first.
    """

    scope: BoolArray
    amount: float


@dataclass(frozen=True, eq=False, kw_only=True)
class ParentWithinReach(Rule):
    """Each open facility of `scope` is fed by one open facility of `parents`, at most `minutes` away.

    Distances are `Instance.between` (satellite, parent), inf: any; each open parent feeds at most `most`
    satellites (None: any number).  A facility of both masks feeds itself and needs no other.
    Hierarchical location (Şahin & Süral 2007).
    """

    scope: BoolArray
    parents: BoolArray
    minutes: float
    most: int | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class CoverageTarget(Rule):
    """In `stage`, at least `share` of the demand for `service` of `communes` (I,) is covered: Σ h a x.

    Hard, or soft (`hard` False): what is missing is then a shortfall in persons, for ``min_shortfall`` to
    lessen.
    """

    service: int
    stage: int
    share: float
    communes: BoolArray
    hard: bool = True


@dataclass(frozen=True, eq=False, kw_only=True)
class CommunityShare(Rule):
    """In `stage`, at least `share` of the persons served at `everywhere` (F,) are served at `community` (F,).

    Nobody within reach of an open facility is turned away for it.  `elsewhere` are persons treated outside
    the model (a compulsory centre); they count with `everywhere`.
    """

    community: BoolArray
    everywhere: BoolArray
    stage: int
    share: float
    elsewhere: float = 0.0


@dataclass(frozen=True, eq=False, kw_only=True)
class GroupFloor(Rule):
    """In `stage`, at least `share` of the demand for `service` of the communes of each group is covered.

    Marsh & Schilling (1994).  Groups without demand are left out.
    """

    service: int
    stage: int
    share: float
