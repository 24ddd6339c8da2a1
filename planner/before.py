"""What people had before the plan: access with only what stands today, and the first stage's demand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from optimization import verify
from optimization.instance import Instance, Objective
from optimization.rules import BoolArray, Capacity
from optimization.solve import solve

STAGE = ""
"""Stage of a row about the time before the plan."""

Rows = Iterator[dict[str, object]]


def today(instance: Instance) -> Instance:
    """The instance with one stage, in which nothing can open, and of the rules only what a place can hold.

    A quota or a target of the plan says nothing about today, and might not be kept by it.
    """
    stands = instance.existing > 0
    capacities = tuple(
        replace(rule, scope=rule.scope[stands], amount=rule.amount[stands], counts_satellites=False)
        for rule in instance.rules
        if isinstance(rule, Capacity) and rule.scope[stands].any()
    )
    some = instance.demand[:, :, :1]
    needed = np.flatnonzero(some.sum(axis=(1, 2)) > 0).tolist()
    return replace(
        instance,
        stages=instance.stages[:1],
        years=instance.years[:1],
        demand=some,
        weight=np.ones_like(instance.weight),
        site=instance.site[stands],
        kind=instance.kind[stands],
        existing=instance.existing[stands],
        limit=instance.existing[stands],
        ready=np.zeros(int(stands.sum()), dtype=np.int64),
        offered=np.ones(int(stands.sum()), dtype=np.bool_),
        rules=capacities,
        objectives=tuple(Objective("max_cover", s) for s in needed),
        between=None,
    )


def access(instance: Instance, counted: list[int]) -> Rows:
    """Rows of ``tables.TABLES["access"]`` with the stage `STAGE`, for the services `counted`.

    Where capacity is short, as many as can be are served (the program's own allocation, as in a plan).
    """
    it = today(instance)
    found = solve(it) if it.objectives else None
    sums = verify.figures(it, found) if found is not None else None
    for s in counted:
        there: BoolArray = it.facility_service == s
        trip = it.minutes[:, it.site[there]]
        facilities = np.flatnonzero(there)
        for i, commune in enumerate(it.communes):
            near = int(trip[i].argmin()) if len(facilities) else None
            f = None if near is None else int(facilities[near])
            row = dict.fromkeys(("demand", "served", "no_capacity", "out_of_reach"), 0.0)
            if sums is not None:
                row = {name: float(getattr(sums, name)[s, i, 0]) for name in row}
            yield {
                "commune_code": commune,
                "service": it.services[s].id,
                "stage": STAGE,
                **row,
                "facility": "" if f is None else f"{it.premises[it.site[f]]}:{it.kinds[it.kind[f]].id}",
                "minutes": np.nan if near is None else float(trip[i, near]),
            }
