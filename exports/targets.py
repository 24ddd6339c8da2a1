"""Targets as people read them: a row a target and stage, many groups summed up in one."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import pandas as pd

from planner.plan import Plan
from planner.wording import of_places
from scenarios.schema import Scenario
from tables import records
from text import Lang, percent, say

FEW = 12
"""Groups up to which each has a row of its own."""


class TargetRow(NamedTuple):
    """A target at the end of a stage; of `groups` groups at once where that is not 0.

    `goal` and `reached` are the least and the greatest share; NaN where there is nobody to reach.
    """

    rule: str
    stage: str
    group_name: str
    goal: tuple[float, float]
    reached: tuple[float, float]
    missing: float
    met: bool
    groups: int = 0
    groups_met: int = 0


def target_rows(plan: Plan) -> Iterator[TargetRow]:
    """The rows of `targets`, in order; what is set for more than `FEW` groups in one row."""
    for (rule, stage), rows in plan.targets.groupby(["rule", "stage"], sort=False):
        if len(rows) <= FEW:
            yield from (
                TargetRow(
                    row["rule"],
                    row["stage"],
                    row["group_name"],
                    (row["goal"], row["goal"]),
                    (row["reached"], row["reached"]),
                    row["missing"],
                    row["met"],
                )
                for row in records(rows)
            )
            continue
        yield TargetRow(
            str(rule),
            str(stage),
            "",
            _range(rows["goal"]),
            _range(rows["reached"]),
            float(rows["missing"].sum()),
            bool(rows["met"].all()),
            groups=len(rows),
            groups_met=int(rows["met"].sum()),
        )


def _range(values: pd.Series) -> tuple[float, float]:
    return float(values.min()), float(values.max())


def shares(values: tuple[float, float], lang: Lang) -> str:
    """One share, or from the least to the greatest."""
    low, high = values
    if math.isnan(low):
        return "–"
    if percent(low, lang) == percent(high, lang):
        return percent(low, lang)
    return f"{percent(low, lang).removesuffix('%').rstrip()}–{percent(high, lang)}"


def result(row: TargetRow, s: Scenario, lang: Lang) -> str:
    """Met or missed, or in how many of the groups it is met."""
    if row.groups:
        return of_places(s, "targets.groups_met", lang, met=row.groups_met, groups=row.groups)
    return say("cli.met" if row.met else "cli.missed", lang)


def where(row: TargetRow, s: Scenario, lang: Lang) -> str:
    """The group, how many groups, or the whole."""
    if row.groups:
        return of_places(s, "targets.each_group", lang, n=row.groups)
    return row.group_name or say("cli.whole" if s.place.province else "console.all_provinces", lang)
