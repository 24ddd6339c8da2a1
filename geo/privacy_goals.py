"""What a shared file tells of targets, balance, indicators and reality; ``geo.privacy`` decides by it.

`estimated` is everywhere the table `access` with the group of each commune and its numbers computed from the
release (``geo.privacy``), so that nothing here depends on a count that is hidden.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from geo.coarse import HIDDEN, rounded, shown


def targets(frame: pd.DataFrame, estimated: pd.DataFrame) -> pd.DataFrame:
    """Goals and, from the estimates, what is reached of them; `of` names whose demand the target is about:
    that of "all", of the row's "group", or neither, of which nothing is told.

    A binding target is met in every plan.  Whether a soft one is depends on the counts and is not told.
    """
    rows = []
    for row in frame.to_dict("records"):
        mine = estimated[(estimated["service"] == row["service"]) & (estimated["stage"] == row["stage"])]
        if row["of"] == "group":
            mine = mine[mine["group"] == row["group"]]
        served, refused, far = mine[["served", "no_capacity", "out_of_reach"]].sum()
        known = row["of"] != "" and len(mine) > 0
        share = shown(served, refused, far).share if known else np.nan
        short = max(0.0, row["goal"] * float(served + refused + far) - float(served))
        missing = "0" if row["hard"] else rounded(round(short, 6)) if known else HIDDEN
        rows.append((float(np.maximum(share, row["goal"])) if row["hard"] else share, missing))
    told = pd.DataFrame(rows, columns=["reached", "missing"], index=frame.index)
    met = frame["met"].astype("boolean").where(frame["hard"])
    return frame.assign(reached=told["reached"], missing=told["missing"], met=met).drop(columns="of")


def rules(frame: pd.DataFrame, targets: pd.DataFrame | None) -> pd.DataFrame:
    """Soft targets are told neither kept nor broken: see `targets`."""
    soft = set[str]() if targets is None else set(targets.loc[~targets["hard"], "rule"])
    if not frame["rule"].isin(soft).any():
        return frame
    return frame.assign(kept=frame["kept"].astype("boolean").mask(frame["rule"].isin(soft)))


def balance(frame: pd.DataFrame, estimated: pd.DataFrame) -> pd.DataFrame:
    """Places needed, from the total of the province less what the services `besides` serve by the estimates.

    `whole` is that total, NaN in the row about today, which is the document's own.  What the plan serves of
    it, each person counted once, and what is missing are sums over exact counts: not told.
    """
    rows = []
    for row in frame.to_dict("records"):
        today = bool(np.isnan(row["whole"]))
        served = estimated[
            estimated["service"].isin(row["besides"].split(", ")) & (estimated["stage"] == row["stage"])
        ]["served"].sum()
        base = row["registered"] if today else row["whole"] - served
        found = {"registered": base} | {
            name: round(row[name] / row["registered"], 9) * base if row["registered"] else np.nan
            for name in ("treated", "compulsory", "needed", "in_community")
        }
        least = np.fmax(found["needed"], found["in_community"])
        each = max(0.0, least - np.nan_to_num(row["places"])) / (row["unstated"] or np.nan)
        found["places_each"] = np.nan if today or np.isnan(least) else each
        told = {name: "" if np.isnan(n) else rounded(round(n, 6)) for name, n in found.items()}
        hidden = "" if today else HIDDEN
        rows.append(row | told | {"served": hidden, "missing": hidden})
    return pd.DataFrame(rows, columns=frame.columns, index=frame.index).drop(columns=["whole", "besides"])


def observed(frame: pd.DataFrame) -> pd.DataFrame:
    """Persons to tens; points are no secret."""
    return frame.assign(persons=["" if np.isnan(n) else rounded(n) for n in frame["persons"]])


def indicators(frame: pd.DataFrame) -> pd.DataFrame:
    """Persons to tens, shares to whole per cent."""

    def amount(unit: str, value: float) -> object:
        if np.isnan(value) or unit == "places":
            return value
        told = rounded(value) if unit == "persons" else f"{np.floor(value + 0.5):.0f}"
        return float(told) if told.isdigit() else told

    values = [amount(u, v) for u, v in zip(frame["unit"], frame["amount"], strict=True)]
    return frame.assign(amount=pd.Series(values, index=frame.index, dtype=object))
