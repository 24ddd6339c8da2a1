"""What trips mean for those who make them: by bands of minutes, in hours a month, and the longest ones.

Tables in, tables out, with the columns of ``tables.TABLES``; the planner hands in exact numbers, and
``geo.privacy`` the estimates that a shared file may go by.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from tables import shaped
from text import Text, both

BAND = 15
"""Minutes of a band (issue of the planners; a trip of 15 minutes is within the first)."""
LAST = 120
"""Minutes from which on trips are counted together."""
NOWHERE = "none"
"""Band of those for whom no point is open."""
LONGEST = 5
"""Communes told for each service and stage."""
DAYS_A_YEAR = 365.0
TINY = 1e-6
EDGE = 1e-6
"""Minutes by which a trip may exceed a band that it ends in."""


def band(minutes: pd.Series) -> pd.Series:
    """The band of each trip: ``0-15``, ``15-30`` … ``120+``, or `NOWHERE`."""
    number = np.clip(np.ceil((minutes.to_numpy(float) - EDGE) / BAND), 1, LAST // BAND + 1)
    names = [
        NOWHERE if not np.isfinite(n) or not np.isfinite(m) else _name(int(n))
        for n, m in zip(number, minutes.to_numpy(float), strict=True)
    ]
    return pd.Series(names, index=minutes.index, dtype="str")


def band_names() -> list[str]:
    """All bands in order."""
    return [*(_name(n) for n in range(1, LAST // BAND + 2)), NOWHERE]


def spoken(name: str) -> Text:
    """A band in words."""
    if name == NOWHERE:
        return both("travel.band.none")
    if name.endswith("+"):
        return both("travel.band.last", first=name.rstrip("+"))
    first, last = name.split("-")
    return both("travel.band.from_to", first=first, last=last)


def _name(n: int) -> str:
    return f"{LAST}+" if n > LAST // BAND else f"{BAND * (n - 1)}-{BAND * n}"


def bands(access: pd.DataFrame) -> pd.DataFrame:
    """All who need a service by the minutes to their nearest open point, served there or not.

    Args:
        access: service, stage, demand (persons), minutes (NaN where no point is open), a row a commune.

    Returns:
        ``travel_bands``: every band of a service and stage up to the last that anybody is in.
    """
    order = band_names()
    told = access.assign(band=band(access["minutes"]))
    rows: list[dict[str, object]] = []
    for (service, stage), mine in told.groupby(["service", "stage"], sort=False):
        sums = mine.groupby("band")["demand"].sum()
        whole = float(mine["demand"].sum())
        there = [name for name in order[:-1] if sums.get(name, 0.0) > TINY]
        last = order.index(there[-1]) + 1 if there else 0
        shown = order[:last] + ([NOWHERE] if sums.get(NOWHERE, 0.0) > TINY else [])
        for name in shown:
            persons = float(sums.get(name, 0.0))
            share = persons / whole if whole > 0 else np.nan
            rows.append(
                {"service": service, "stage": stage, "band": name, "travellers": persons, "of_all": share}
            )
    return shaped("travel_bands", rows)


def hours(
    trips: pd.DataFrame, visits: Mapping[str, Mapping[str, float]], stages: pd.DataFrame
) -> pd.DataFrame:
    """Person-hours of travel a month, there and back.

    Args:
        trips: service, stage, persons, minutes (one way), a row a commune and point.
        visits: by service, by name of the way of dosing: visits a year.
        stages: service and stage of the rows that are wanted.

    Returns:
        ``travel_hours``.
    """
    way = trips.assign(hours=trips["persons"] * trips["minutes"] * 2 / 60)
    sums = way.groupby(["service", "stage"], sort=False)["hours"].sum()
    rows: list[dict[str, object]] = [
        {"service": service, "stage": stage, "dosing": name, "visits_month": a_year / 12,
         "hours_month": float(sums.get((service, stage), 0.0)) * a_year / 12}
        for service, stage in zip(stages["service"], stages["stage"], strict=True)
        for name, a_year in visits.get(str(service), {}).items()
    ]  # fmt: skip
    return shaped("travel_hours", rows)


def longest(access: pd.DataFrame, names: Mapping[str, str], *, most: int = LONGEST) -> pd.DataFrame:
    """The communes farthest from an open point, among those where anybody needs the service.

    Args:
        access: commune_code, service, stage, demand, facility, minutes.
        names: what communes are called, by code.
        most: communes told for each service and stage; equally far ones in the order of their codes.

    Returns:
        ``longest_trips``.
    """
    there = access[(access["demand"] > TINY) & np.isfinite(access["minutes"].to_numpy(float))]
    rows = []
    for _, mine in there.groupby(["service", "stage"], sort=False):
        first = mine.assign(far=-mine["minutes"]).sort_values(["far", "commune_code"]).head(most)
        rows.append(first.assign(commune=first["commune_code"].map(names), travellers=first["demand"]))
    return shaped("longest_trips", pd.concat(rows) if rows else [])
