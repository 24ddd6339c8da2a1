"""What can be laid over the map: who goes where, what stands beside what, how far points reach, minutes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import shapely
import streamlit as st

from geo.workplace import Area
from planner.plan import Plan
from tables import records
from text import Lang, say
from views import plan_journeys, plan_nation

LAYERS = ("links", "ties", "areas")


def wanted(plan: Plan, lang: Lang) -> frozenset[str]:
    """Draw the switches; which layers are on."""
    found = set()
    if not plan_nation.is_nation(plan):
        found = {name for name in LAYERS if _switch(name, lang)}
    if plan_journeys.by_minutes(plan, lang):
        found.add("by_minutes")
    return frozenset(found)


def _switch(name: str, lang: Lang) -> bool:
    return st.toggle(
        say(f"app.{name}", lang), key=name, help=say(f"app.{name}.help", lang), persist_state="session"
    )


def ties(there: pd.DataFrame) -> Iterator[tuple[str, str]]:
    """Facilities with what they stand beside (their host) or are fed by (their parent)."""
    rows = records(there)
    at = {(row["premises"], row["kind"]): str(row["facility"]) for row in rows}
    for row in rows:
        if (host := at.get((row["premises"], row["host_kind"]))) is not None:
            yield str(row["facility"]), host
        for parent in str(row["parent"] or "").split(", "):
            if parent:
                yield str(row["facility"]), parent


def areas(plan: Plan, there: pd.DataFrame, stage: str, service: str) -> Iterator[Area]:
    """How far each point of the service reaches within its standard.

    Where minutes go by the straight line, its circle; by road or table, the communes that it serves.
    """
    way, mine = plan.scenario.travel, there[there["service"] == service]
    by_line = plan.facts.travel.used == "straight_line" and way.speed_kmh and way.detour_factor
    for row in mine.itertuples():
        standard = plan.scenario.kinds[row.kind].standard_minutes
        if standard is None:
            continue
        if by_line:
            assert way.speed_kmh is not None
            assert way.detour_factor is not None
            km = standard.value / 60 * way.speed_kmh.value / way.detour_factor.value
            yield Area(row.facility, metres=1000 * km)
        elif (outline := _served(plan, row.facility, stage)) is not None:
            yield Area(row.facility, outline=outline)


def _served(plan: Plan, facility: str, stage: str) -> shapely.Geometry | None:
    went = plan.allocation
    codes = went.loc[(went["stage"] == stage) & (went["facility"] == facility), "commune_code"]
    shapes = plan.facts.communes.set_index("commune_code").geometry.reindex(list(codes)).dropna()
    return shapely.coverage_union_all(np.asarray(shapes)) if len(shapes) else None
