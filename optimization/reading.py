"""What a plan says, summed afresh from what opens and who goes where: the ground that `verify` stands on.

It shares nothing with ``variables``, ``constraints`` and ``objectives``, nor the reach, cover and cost that
`Instance` offers them, and has its own edge tolerance, so that one mistake cannot hide in both.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimization.instance import Instance
from optimization.rules import BoolArray, FloatArray, IntArray, Upgrade
from optimization.solution import Allocation, Feeds

EDGE = 1e-6
"""Minutes by which a trip may exceed the standard and still lie on its boundary."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Reading:
    """A plan, read afresh.

    Attributes:
        opened, there: facilities that open and that stand open in each stage, (F, T).
        feeds: which parent feeds which satellite, where the plan says so.
        caseload: persons served at each facility, (F, T); None where nobody has said who goes where.
        served: persons served, each counted by the cover a_ijk of the trip, (S, I, T); None likewise.
    """

    instance: Instance
    opened: IntArray
    there: IntArray
    feeds: Feeds | None = None
    caseload: FloatArray | None = None
    served: FloatArray | None = None

    def persons(self) -> tuple[FloatArray, FloatArray]:
        """`caseload` and `served`.

        Raises:
            ValueError: nobody has said who goes where.
        """
        if self.caseload is None or self.served is None:
            raise ValueError("who goes where is not told")
        return self.caseload, self.served


def read(
    instance: Instance, opened: IntArray, allocation: Allocation | None = None, feeds: Feeds | None = None
) -> Reading:
    """Reads z = `opened` (F, T) and, where given, who goes where and which parent feeds which satellite."""
    there = standing(instance, opened)
    if allocation is None:
        return Reading(instance=instance, opened=opened, there=there, feeds=feeds)
    commune, facility, stage, share = allocation
    service = services(instance)[facility]
    persons = instance.demand[service, commune, stage] * share
    caseload = np.zeros(opened.shape)
    np.add.at(caseload, (facility, stage), persons)
    served = np.zeros_like(instance.demand)
    np.add.at(served, (service, commune, stage), persons * cover(instance, commune, facility))
    return Reading(
        instance=instance, opened=opened, there=there, feeds=feeds, caseload=caseload, served=served
    )


def closed(instance: Instance, opened: IntArray) -> IntArray:
    """How many of each facility an upgrade closes in each stage, (F, T)."""
    gone = np.zeros_like(opened)
    for rule in instance.rules:
        if isinstance(rule, Upgrade):
            before = {int(instance.site[f]): int(f) for f in np.flatnonzero(rule.before)}
            for f in np.flatnonzero(rule.after):
                if int(instance.site[f]) in before:
                    gone[before[int(instance.site[f])]] += opened[f]
    return gone


def standing(instance: Instance, opened: IntArray) -> IntArray:
    """How many of each facility are open in each stage, (F, T)."""
    there = np.array(opened - closed(instance, opened), dtype=np.int64)
    there[:, :1] += instance.existing[:, None]
    for t in range(1, there.shape[1]):
        there[:, t] += there[:, t - 1]
    return there


def services(instance: Instance) -> IntArray:
    """The service of each facility, (F,)."""
    return np.array([instance.kinds[k].service for k in instance.kind], dtype=np.int64)


def cover(instance: Instance, commune: IntArray, facility: IntArray) -> FloatArray:
    """The cover a_ijk of each trip: 1 within the standard, from there down to 0 at the outer one."""
    trip = instance.minutes[commune, instance.site[facility]]
    kinds = [instance.kinds[k] for k in instance.kind[facility]]
    full = np.array([k.standard for k in kinds], dtype=np.float64)
    none = np.array([k.standard if k.outer is None else k.outer for k in kinds], dtype=np.float64)
    share = np.where((trip <= full + EDGE) & np.isfinite(trip), 1.0, 0.0)
    between = (share == 0) & (trip < none)
    share[between] = (none[between] - trip[between]) / (none[between] - full[between])
    return share


def best_cover(instance: Instance, there: IntArray) -> FloatArray:
    """The best cover that the facilities open in each stage offer a commune, (S, I, T)."""
    best = np.zeros(instance.demand.shape)
    everyone = np.arange(len(instance.communes))
    for f in np.flatnonzero((there > 0).any(axis=1)):
        share = cover(instance, everyone, np.full(len(everyone), f))
        offer = share[:, None] * (there[f] > 0)[None, :]
        service = instance.kinds[instance.kind[f]].service
        best[service] = np.maximum(best[service], offer)
    return best


def cost(instance: Instance, opened: IntArray, *, scope: BoolArray | None = None) -> IntArray:
    """VND that the facilities of `scope` (F,; all if None) cost in each stage, (T,).

    A facility works from the first year of the stage it opens in: that year costs F, each further one R.  One
    that is upgraded costs nothing more from the stage on in which it is.
    """
    total = np.zeros(len(instance.stages), dtype=np.int64)
    gone = closed(instance, opened)
    for f in range(len(instance.site)) if scope is None else np.flatnonzero(scope):
        kind = instance.kinds[instance.kind[f]]
        running = int(instance.existing[f])
        for t, years in enumerate(instance.years.tolist()):
            running -= int(gone[f, t])
            new = int(opened[f, t])
            total[t] += new * (kind.first_year + (years - 1) * kind.later_year)
            total[t] += running * years * kind.later_year
            running += new
    return total


def label(instance: Instance, f: int) -> str:
    """A facility's name in a finding."""
    return f"{instance.kinds[instance.kind[f]].id} @ {instance.premises[instance.site[f]]}"
