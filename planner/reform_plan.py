"""A plan made on the communes of early 2025, shown on those of July 2025: same openings, new communes."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from planner.crosswalk import Crosswalk, crosswalk
from planner.plan import Plan
from scenarios.schema import Scenario
from tables import records

ON_COMMUNES = (
    "commune_code", "commune", "area", "service", "stage", "demand", "served", "share", "points", "estimated",
)  # fmt: skip
"""Columns of `Shown.cover`."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Shown:
    """A plan on the communes of July 2025; nothing is decided anew.

    Attributes:
        scenario: what was solved.
        openings: the plan's openings with the new commune_code and commune; `was` is the former commune and
            `unsure` that it was divided.
        cover: columns `ON_COMMUNES`: persons who want the service and who are served, from the former
            communes by their shares; `points` are facilities of the service that are open in the commune at
            the end of the stage; stages in their order.
        crosswalk: which communes and groups became which.
    """

    scenario: Scenario
    openings: pd.DataFrame
    cover: pd.DataFrame
    crosswalk: Crosswalk


def shown(plan: Plan) -> Shown:
    """`plan` on the communes of July 2025.

    Raises:
        DataError: the scenario is on that list already, or is one of the nation.
    """
    cross = crosswalk(plan.scenario)
    return Shown(
        scenario=plan.scenario, openings=_openings(plan, cross), cover=_cover(plan, cross), crosswalk=cross
    )


def _openings(plan: Plan, cross: Crosswalk) -> pd.DataFrame:
    frame = plan.openings.copy()
    frame["was"] = frame["commune"]
    frame["unsure"] = [len(cross.into[code]) > 1 for code in frame["commune_code"]]
    frame["commune_code"] = frame["commune_code"].map(cross.spot)
    frame["commune"] = frame["commune_code"].map(cross.names)
    return frame.reset_index(drop=True)


def _cover(plan: Plan, cross: Crosswalk) -> pd.DataFrame:
    keys = ["commune_code", "service", "stage"]
    served = plan.access.groupby(keys, as_index=False)[["demand", "served"]].sum()
    parts = cross.shares[["commune_code", "successor_code", "share"]].merge(served, on="commune_code")
    for column in ("demand", "served"):
        parts[column] *= parts["share"]
    found = parts.groupby(["successor_code", "service", "stage"], as_index=False)[["demand", "served"]].sum()
    found = found.rename(columns={"successor_code": "commune_code"})
    found["commune"] = found["commune_code"].map(cross.names)
    found["area"] = found["commune_code"].map(cross.area).map(cross.group_names)
    found["share"] = (found["served"] / found["demand"].where(found["demand"] > 0)).fillna(0.0)
    estimated = cross.carried.counts.set_index("commune_code")["estimated"]
    found["estimated"] = found["commune_code"].map(estimated)
    points = _points(plan, cross)
    found["points"] = [points.get(key, 0) for key in found[keys].itertuples(index=False, name=None)]
    found["order"] = found["stage"].map(list(plan.scenario.stages).index)
    found = found.sort_values(["commune_code", "service", "order"], ignore_index=True)
    return found[list(ON_COMMUNES)]


def _points(plan: Plan, cross: Crosswalk) -> dict[tuple[str, str, str], int]:
    """Open facilities by new commune, service and stage, at the end of the stage."""
    stages = list(plan.scenario.stages)
    closed = {
        (row["premises"], row["upgraded_from"]): stages.index(row["stage"])
        for row in records(plan.openings)
        if row["upgraded_from"]
    }
    found: dict[tuple[str, str, str], int] = {}
    for row in records(plan.facilities):
        opened = stages.index(row["opened_stage"]) if row["opened_stage"] in stages else 0
        for stage in stages[opened : closed.get((row["premises"], row["kind"]), len(stages))]:
            key = (cross.spot(row["commune_code"]), row["service"], stage)
            found[key] = found.get(key, 0) + 1
    return found
