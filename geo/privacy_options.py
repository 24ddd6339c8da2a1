"""What a shared file tells of other plans beside the one it is about; ``geo.privacy`` decides by it.

Sums over years are told from estimates (``geo.privacy``) in tens, values of objectives and what depends on
them not at all.  A difference of two plans is the difference of two estimates, so that it says no more of a
hidden count than they do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from geo.coarse import HIDDEN, rounded

LEAST = 0.5
"""Person-years below which a gain or a loss reads as 0."""

Years = Mapping[str, int]
"""Years of each stage."""


def person_years(access: pd.DataFrame, years: Years, service: str) -> float:
    """Persons served of a service, added up over the years of all stages."""
    mine = access[access["service"] == service]
    return float((mine["served"] * mine["stage"].map(years)).sum())


def group_presence(groups: pd.DataFrame, years: Years, service: str) -> float:
    """Those who need a service in groups that have a point of it, added up over the years of all stages."""
    mine = groups[(groups["service"] == service) & (groups["points"] > 0)]
    return float((mine["demand"] * mine["stage"].map(years)).sum())


def by_group(frame: pd.DataFrame, years: Years, service: str) -> pd.Series:
    """`person_years` of each group of `frame`, which has a column `group`."""
    mine = frame[(frame["service"] == service) & (frame["group"] != "")]
    return (mine["served"] * mine["stage"].map(years)).groupby(mine["group"], sort=False).sum()


def gained(ours: pd.Series, theirs: pd.Series) -> pd.DataFrame:
    """A row a group that gains (`direction` "more") or loses ("less"), those that gain most first."""
    change = (ours - theirs.reindex(ours.index)).fillna(0.0)
    change = change[change.abs() >= LEAST].sort_values(ascending=False, kind="stable")
    return pd.DataFrame(
        {
            "group": pd.Series(change.index, dtype="str"),
            "direction": pd.Series(["more" if n > 0 else "less" for n in change], dtype="str"),
            "gained": change.abs().to_numpy(),
        }
    )


# --- as they are shared --------------------------------------------------------------------------

Estimates = Mapping[str, pd.DataFrame]
"""`access` of each option by its id, with the group of each commune, computed from the release."""


def options(frame: pd.DataFrame, estimates: Estimates, groups: pd.DataFrame, years: Years) -> pd.DataFrame:
    """Sums from the estimates, and each option's part of the first as the rounded figures give it.

    A note may tell by how much an option is worse, and that is known from exact counts; neither is a value
    of an objective told, nor how far it is from the best one, but for the plan itself.
    """
    rows = []
    for row in frame.to_dict("records"):
        mine = groups[groups["variant_id"] == row["variant_id"]]
        seen = estimates[row["variant_id"]]
        demand = seen.groupby(["group", "service", "stage"])["demand"].sum().rename("demand").reset_index()
        there = mine.drop(columns="demand").merge(demand, on=["group", "service", "stage"], how="left")
        rows.append(
            (
                rounded(person_years(seen, years, row["service"])),
                rounded(group_presence(there.fillna({"demand": 0.0}), years, row["service"])),
            )
        )
    first = rows[0][0]
    parts = [
        int(100 * int(n) / int(first)) / 100 if n.isdigit() and first.isdigit() and int(first) else np.nan
        for n, _ in rows
    ]
    gap = (np.ceil(frame["gap"] * 1e4 - 1e-6) / 1e4).abs()
    chosen = np.arange(len(frame)) == 0
    return frame.assign(
        person_years=[n for n, _ in rows],
        presence=[n for _, n in rows],
        of_best=parts,
        value=np.nan,
        note="",
        gap=gap.where(chosen),
    )


def gains(estimates: Estimates, names: pd.Series, years: Years, service: str) -> pd.DataFrame:
    """What groups gain by the first of the options beside the published one, from the estimates."""
    ours, theirs = (by_group(estimates[name], years, service) for name in (next(iter(estimates)), "official"))
    found = gained(ours, theirs)
    return found.assign(
        gained=[rounded(n) for n in found["gained"]], group_name=found["group"].map(names).astype("str")
    )


def presence(frame: pd.DataFrame, *, exact: bool) -> pd.DataFrame:
    """In tens where the totals of all groups are released, of which it is a sum; else not told."""
    row = frame.iloc[0]
    names = ("presence_official", "presence_best")
    told = {n: "" if np.isnan(row[n]) else rounded(row[n]) if exact else HIDDEN for n in names}
    official, best = told.values()
    known = official.isdigit() and best.isdigit() and int(best) > 0
    share = int(100 * int(official) / int(best)) / 100 if known else np.nan
    return frame.assign(**told, presence_share=share)


def coverage(
    frame: pd.DataFrame, estimates: Estimates, covered: Callable[[pd.DataFrame, pd.DataFrame], pd.DataFrame]
) -> pd.DataFrame:
    """The coverage of each option by its own estimates."""
    parts = [covered(rows, estimates[str(name)]) for name, rows in frame.groupby("variant_id", sort=False)]
    return pd.concat(parts)
