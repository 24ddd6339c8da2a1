"""What was found: an honest status, the facilities, who goes where, and how good it is proved to be."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

import numpy as np

from optimization.rules import FloatArray, IntArray


class Status(Enum):
    """The four answers, none of which says more than was proved."""

    OPTIMAL = "optimal"
    """Proved to the gap asked for."""
    FEASIBLE = "feasible"
    """A plan with a bound and a gap; the search was stopped before the proof."""
    INFEASIBLE = "infeasible"
    """Proved: no plan keeps all rules."""
    NO_SOLUTION = "no_solution"
    """Ran out of time, or was cancelled, with nothing in hand."""


class Allocation(NamedTuple):
    """Who goes where: parallel arrays, one entry an arc with a positive share.

    In stage `stage` the share `share` (0, 1] of the demand of commune `commune` for the service of facility
    `facility` is served there.
    """

    commune: IntArray
    facility: IntArray
    stage: IntArray
    share: FloatArray


class Feeds(NamedTuple):
    """Which parent feeds which satellite: parallel arrays, one entry a pair with a positive number.

    For rule number `rule` of the instance (a `ParentWithinReach`), `number` of the facilities `satellite`
    open in stage `stage` are fed by the facility `parent`.
    """

    rule: IntArray
    satellite: IntArray
    parent: IntArray
    stage: IntArray
    number: IntArray


@dataclass(frozen=True, slots=True)
class Level:
    """One level of the lexicographic objectives.

    `value` is that of the plan returned, `bound` what no plan can better (given what the levels before must
    keep), `gap` ≥ 0 the distance between them relative to the value.  Where the level allows a loss, later
    levels may have used it: the gap of a proved level is then at most the gap asked for plus the loss.
    """

    name: str
    value: float
    bound: float
    gap: float


@dataclass(frozen=True, eq=False, kw_only=True)
class Solution:
    """The answer to an `Instance`.

    Attributes:
        status: one of the four.
        opened: z, number of facilities opened, shape (F, T) int; None where there is no plan.
        existing: facilities open before the first stage, (F,) int.
        allocation: who goes where; None where there is no plan.
        levels: objectives in order, each with bound and gap; empty where there is no plan.
        seconds: {"build", "solve"} wall-clock time.
        solver: name and version.
        upgraded: number of facilities that an upgrade closes, shape (F, T) int; None where nothing can be
            upgraded.  `opened` alone settles it: what opens under an `Upgrade` closes one at its premises.
        feeds: which parent feeds which satellite; None where no rule asks for it, or there is no plan.
    """

    status: Status
    opened: IntArray | None
    existing: IntArray
    allocation: Allocation | None
    levels: tuple[Level, ...]
    seconds: dict[str, float]
    solver: str
    upgraded: IntArray | None = None
    feeds: Feeds | None = None

    @property
    def open(self) -> IntArray:
        """y, number of facilities open in each stage, shape (F, T); nothing closes but by an upgrade."""
        if self.opened is None:
            raise ValueError("there is no plan to read")
        change = self.opened if self.upgraded is None else self.opened - self.upgraded
        return np.asarray(self.existing[:, None] + np.cumsum(change, axis=1), dtype=np.int64)
