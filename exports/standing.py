"""What stands at the end of a stage: also what a later upgrade closes, which the table `facilities` lacks."""

from __future__ import annotations

import numpy as np
import pandas as pd

from planner.plan import Plan
from tables import records, shaped


def standing(plan: Plan, stage: str) -> pd.DataFrame:
    """The facilities that are open at the end of `stage`, columns of ``tables.TABLES["facilities"]``.

    `facilities` of a plan has what is open at its end.  What an upgrade closes after `stage` is at the same
    premises as what took its place; its caseload is that of `stage`, and its capacity and parent, which the
    plan tells of its end only, are not known.
    """
    order = list(plan.scenario.stages)
    now = order.index(stage)
    at = plan.facilities["opened_stage"].map({s: n for n, s in enumerate(order)})
    there = plan.facilities[plan.facilities["existing"] | (at <= now)]
    upgrades = plan.openings[plan.openings["upgraded_from"] != ""]
    if upgrades.empty:
        return there
    after = plan.facilities.set_index("facility")
    began = plan.openings.drop_duplicates("facility").set_index("facility")["stage"]
    went = plan.allocation[plan.allocation["stage"] == stage].groupby("facility")["persons"].sum()
    closed = []
    for row in records(upgrades):
        before = f"{row['premises']}:{row['upgraded_from']}"
        opened = str(began.get(before, ""))
        if order.index(row["stage"]) > now and (not opened or order.index(opened) <= now):
            place = after.loc[row["facility"]].to_dict()
            closed.append(
                place
                | {
                    "facility": before,
                    "kind": row["upgraded_from"],
                    "service": plan.scenario.kinds[row["upgraded_from"]].service,
                    "existing": not opened,
                    "opened_stage": opened,
                    "host_kind": "",
                    "caseload": float(went.get(before, 0.0)),
                    "capacity": np.nan,
                    "parent": "",
                }
            )
    return pd.concat([there, shaped("facilities", closed)], ignore_index=True) if closed else there
