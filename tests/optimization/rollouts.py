"""A rollout small enough to count on one's fingers, and plans of it, right or changed as told."""

from typing import Any

import numpy as np

from optimization import verify
from optimization.instance import Instance, Kind, Service
from optimization.rules import Rule
from optimization.solution import Allocation, Feeds, Solution, Status
from tests.optimization.instances import make
from text import LANGS

F = 4
ALL = np.ones(3, dtype=bool)
TREATMENT, Q, R, VOLUNTARY = range(F)
"""Facilities: treatment stands at p, dispensing may open at q and r, treatment may be upgraded at p."""

ARCS = ((0, TREATMENT, 0), (1, Q, 0), (0, TREATMENT, 1), (1, Q, 1), (2, R, 1))
"""(commune, facility, stage) of the right plan: c has nobody to go to before r opens in the second stage."""


def mask(*members: int) -> np.ndarray:
    return np.isin(np.arange(F), members)


def network(*rules: Rule, **changes: Any) -> Instance:
    """Three villages of 10, 20 and 30 persons at p, q and r; the stages are one year and two years long."""
    arrays: dict[str, Any] = {
        "groups": ("north", "south"),
        "services": (Service("methadone", 365.0), Service("voluntary", 1.0)),
        "kinds": (
            Kind("treatment", 0, 30.0, 500, 400),
            Kind("dispensing", 0, 30.0, 100, 60),
            Kind("voluntary", 1, 30.0, 900, 700),
        ),
        "years": [1, 2],
        "demand": [[[10, 10], [20, 20], [30, 30]], [[0, 0], [0, 0], [0, 0]]],
        "commune_group": [0, 0, 1],
        "site": [0, 1, 2, 0],
        "kind": [0, 1, 1, 2],
        "existing": [1, 0, 0, 0],
        "between": [[0, 30, 45], [30, 0, 15], [45, 15, 0]],
        "rules": rules,
        "objectives": (),
    }
    minutes = changes.pop("minutes", [[0, 30, 90], [30, 0, 60], [90, 45, 0]])
    return make(minutes, [10, 20, 30], stages=2, **(arrays | changes))


def plan(*changes, arcs=ARCS, share=None, feeds=None, upgraded=None, levels=()) -> Solution:
    """q opens in the first stage, r in the second; `changes` are (f, t, n) opened otherwise."""
    opened = np.array([[0, 0], [1, 0], [0, 1], [0, 0]])
    for f, t, n in changes:
        opened[f, t] = n
    commune, facility, stage = np.array(arcs, dtype=np.int64).reshape(-1, 3).T
    part = np.ones(len(arcs)) if share is None else np.array(share, dtype=float)
    rows = None if feeds is None else np.array(feeds, dtype=np.int64).reshape(-1, 5).T
    return Solution(
        status=Status.OPTIMAL,
        opened=opened,
        existing=np.array([1, 0, 0, 0]),
        allocation=Allocation(commune, facility, stage, part),
        levels=tuple(levels),
        seconds={},
        solver="none",
        upgraded=None if upgraded is None else np.array(upgraded),
        feeds=None if rows is None else Feeds(*rows),
    )


def codes(instance: Instance, solution: Solution) -> set[str]:
    findings = verify.verify(instance, solution)
    assert all(finding.say(lang) for finding in findings for lang in LANGS)
    return {finding.code.removeprefix("verify.") for finding in findings}


FEEDS = ((0, Q, TREATMENT, 0, 1), (0, Q, TREATMENT, 1, 1), (0, R, TREATMENT, 1, 1))
"""(rule, satellite, parent, stage, count)."""

PARENT: dict[str, Any] = {"scope": mask(Q, R), "parents": mask(TREATMENT), "minutes": 45.0}
"""Both satellites are within 45 minutes of the only parent."""


def amounts(*persons: float) -> dict[str, Any]:
    return {"scope": mask(TREATMENT, Q, R), "amount": np.array([*persons, 0.0])}
