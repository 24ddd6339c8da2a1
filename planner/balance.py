"""The balance of places: how many the targets need outside compulsory centres, and what a plan offers.

A document that sets targets as shares (so many of the registered persons in treatment, at most so many of
them in compulsory centres) says by that how many places there must be elsewhere: for Đồng Nai 223 are filled
today, 2,600 are needed in 2020 (dong_nai_to_2020 §III.2).  Beside that stand the places of the points that
the plan opens.  Where a point has no stated capacity its places are not known, and are never taken for none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from optimization.figures import Figures
from optimization.instance import Instance
from optimization.rules import BoolArray, Capacity, FloatArray, IntArray
from scenarios.document import BalanceGoal
from scenarios.schema import Scenario

NOW = ""
"""Stage of the row about today."""

Row = dict[str, Any]


def rows(
    scenario: Scenario, *, instance: Instance, sums: Figures, persons: FloatArray, open_: IntArray
) -> Iterator[Row]:
    """Rows of ``tables.TABLES["balance"]``: today, if the document says, and each stage with goals.

    Places of today are not known where the scenario lists no point that stands: somebody treats those who are
    in treatment.

    Args:
        sums: figures of a plan of `instance`.
        persons: registered persons n_it, (I, T).
        open_: points open at the end of each stage, (F, T).
    """
    if (asked := scenario.balance) is None:
        return
    limit = stated_places(instance)
    mine = np.isin(instance.facility_service, _services(instance, asked.services))
    if asked.now:
        now = asked.now
        places, unstated = _places(limit, instance.existing, mine)
        yield {
            "stage": NOW,
            "registered": float(now.registered),
            "treated": float(now.treated),
            "compulsory": float(now.compulsory),
            "needed": float(now.treated - now.compulsory),
            "in_community": np.nan,
            "places": places if instance.existing[mine].any() else np.nan,
            "unstated": unstated,
            "served": np.nan,
            "missing": np.nan,
            "places_each": np.nan,
        }
    for stage, goal in asked.goals.items():
        t = instance.stages.index(stage)
        base = persons[:, t] - _served(scenario, instance, sums, asked.besides, t)
        reached = np.minimum(base, _served(scenario, instance, sums, asked.services, t))
        yield _at_the_end(
            goal,
            stage=stage,
            registered=float(base.sum()),
            served=float(reached.sum()),
            stated=_places(limit, open_[:, t], mine),
        )


def _at_the_end(
    goal: BalanceGoal, *, stage: str, registered: float, served: float, stated: tuple[float, int]
) -> Row:
    """The row of one stage; `stated` are the places that are known and the points whose places are not."""
    treated = goal.treated_share * registered
    compulsory = np.nan if goal.compulsory_share is None else goal.compulsory_share * registered
    community = np.nan if goal.community_share is None else goal.community_share * treated
    needed = treated - compulsory
    places, unstated = stated
    least = float(np.fmax(needed, community))  # of two demands the greater; NaN where there is none
    return {
        "stage": stage,
        "registered": registered,
        "treated": treated,
        "compulsory": compulsory,
        "needed": needed,
        "in_community": community,
        "places": places,
        "unstated": unstated,
        "served": served,
        "missing": _missing(least, served=served, places=places, unstated=unstated),
        "places_each": float(np.maximum(0.0, least - np.nan_to_num(places)) / (unstated or np.nan)),
    }


def _missing(least: float, *, served: float, places: float, unstated: int) -> float:
    """Persons whom the plan surely leaves without a place; NaN where that is not known.

    Nobody is treated without a place, nor out of reach of one: what is missing beside the smaller of both is
    sure.  That nothing is missing is sure only where every point's places are known.
    """
    known = np.nan if unstated else np.nan_to_num(places)
    short = least - float(np.fmin(known, served))
    sure = short > 0 or not (unstated or np.isnan(served))
    return max(0.0, short) if sure and not np.isnan(short) else np.nan


def stated_places(instance: Instance) -> FloatArray:
    """Persons that one point of each facility may serve, infinite where nobody says, (F,)."""
    amount = np.full(len(instance.site), np.inf)
    for rule in instance.rules:
        if isinstance(rule, Capacity):
            amount = np.where(rule.scope, np.minimum(amount, rule.amount), amount)
    return np.asarray(amount, dtype=np.float64)


def _places(limit: FloatArray, points: IntArray, mine: BoolArray) -> tuple[float, int]:
    """Places of those `points` (F,) that are `mine` and have a stated number (NaN if none has), and how many
    points have none.
    """
    there = np.where(mine, points, 0)
    stated = np.isfinite(limit)
    known = there[stated]
    places = float((limit[stated] * known).sum()) if known.any() or not there.any() else np.nan
    return places, int(there[~stated].sum())


def _services(instance: Instance, names: Iterable[str]) -> list[int]:
    return [n for n, service in enumerate(instance.services) if service.id in set(names)]


def _served(
    scenario: Scenario, instance: Instance, sums: Figures, names: Iterable[str], t: int
) -> FloatArray:
    """Persons whom these services serve in stage `t`, summed over services, (I,); NaN where a share that only
    the user can give is missing.
    """
    names = tuple(names)
    served = np.asarray(sums.served[_services(instance, names), :, t].sum(axis=0), dtype=np.float64)
    unknown = any(scenario.services[name].demand_share is None for name in names)
    return np.full_like(served, np.nan) if unknown else served
