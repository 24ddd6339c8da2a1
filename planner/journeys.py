"""What the planner sees of travel: who reaches a point in how many minutes, how many hours a month go on it,
and who travels farthest.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from errors import DataError, Problem
from planner.plan import Plan

__all__ = ["MOST_DAYS", "Journeys", "of"]

MOST_DAYS = 60
"""Most days of doses that may be asked about."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Journeys:
    """Tables of ``tables.TABLES``, exact; shared files get theirs from ``geo.privacy``.

    Attributes:
        nearest: ``access`` of the plan with how the minutes were found: commune_code, commune, service,
            stage, demand, facility, minutes, way (of the commune).
        bands: ``travel_bands``.
        hours: ``travel_hours``; empty for services whose visits nobody states.
        longest: ``longest_trips``.
    """

    nearest: pd.DataFrame
    bands: pd.DataFrame
    hours: pd.DataFrame
    longest: pd.DataFrame

    def at(self, service: str, stage: str) -> Journeys:
        """The same of one service and stage."""
        tables = (self.nearest, self.bands, self.hours, self.longest)
        nearest, bands, hours, longest = (
            t[(t["service"] == service) & (t["stage"] == stage)].reset_index(drop=True) for t in tables
        )
        return Journeys(nearest=nearest, bands=bands, hours=hours, longest=longest)


def of(plan: Plan, *, take_home_days: float | None = None) -> Journeys:
    """What `plan` means for those who travel.

    Args:
        plan: a plan.
        take_home_days: days of doses taken along at a time, in place of what the scenario says.

    Raises:
        DataError: ``travel.take_home`` not a number of days from 1 to 60.
    """
    if take_home_days is not None and not 1 <= take_home_days <= MOST_DAYS:
        raise DataError(Problem("travel.take_home", "take_home_days", {"given": take_home_days}))
    mine = plan.travel[plan.travel["premises"] == ""]
    ways = dict(zip(mine["commune_code"], mine["way"], strict=True))
    names = plan.facts.communes.set_index("commune_code")["commune"]
    codes = plan.access["commune_code"]
    nearest = plan.access.assign(commune=codes.map(names), way=[ways.get(code, "") for code in codes])
    columns = ["commune_code", "commune", "service", "stage", "demand", "facility", "minutes", "way"]
    return Journeys(
        nearest=nearest[columns],
        bands=plan.travel_bands,
        hours=plan.hours(take_home_days),
        longest=plan.longest_trips,
    )
