"""Where a scenario lets something open: each premises and kind that suit each other."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyproj

from planner import geography, translate
from planner.report import facility_id
from scenarios.rules import Colocated
from scenarios.schema import Scenario

COLUMNS = (
    "facility", "premises", "premises_name", "kind", "commune_code", "commune", "group", "group_name",
    "lat", "lon", "assumed", "existing", "offered", "ready", "hosted",
)  # fmt: skip

_EARTH = pyproj.Geod(ellps="WGS84")


def candidates(scenario: Scenario) -> pd.DataFrame:
    """A row a premises and kind that suit each other, by facility id.

    Returns:
        `COLUMNS`: `existing` points stand there today; `offered`, whether the scenario lets new ones open;
        `ready`, the first stage in which they may; `hosted`, whether a kind that has to stand beside it does
        or may, as far as a rule asks for one.

    Raises:
        ScenarioError, DataError: the input cannot be used.
    """
    places = geography.places(scenario)
    it = translate.instance(scenario, places)
    hosts = places.premises.iloc[it.site].reset_index(drop=True)
    kinds = np.array([k.id for k in it.kinds])[it.kind]
    found = hosts.assign(
        facility=[facility_id(it, f) for f in range(len(it.site))],
        kind=kinds,
        existing=it.existing,
        offered=it.offered & (it.limit > it.existing),
        ready=np.array(it.stages)[it.ready],
    )
    return found.assign(hosted=_hosted(scenario, found))[list(COLUMNS)]


def _hosted(scenario: Scenario, found: pd.DataFrame) -> pd.Series:
    hosted = pd.Series(True, index=found.index)
    able = found[(found["existing"] > 0) | found["offered"]]
    for rule in scenario.rules.values():
        if isinstance(rule, Colocated):
            beside = set(able.loc[able["kind"].isin(rule.hosts), "premises"])
            asked = (found["kind"] == rule.kind) & ~found["group"].isin(list(rule.exceptions))
            hosted &= ~asked | found["premises"].isin(beside)
    return hosted


def nearest(found: pd.DataFrame, *, kind: str, group: str, lat: float, lon: float) -> pd.DataFrame:
    """Where `kind` may newly open, in `group` first and then nearest first.

    `km` is the straight line from a point (degrees).
    """
    mine = found[(found["kind"] == kind) & found["offered"] & found["hosted"]].reset_index(drop=True)
    n = len(mine)
    _, _, metres = _EARTH.inv(np.full(n, lon), np.full(n, lat), mine["lon"], mine["lat"])
    found = mine.assign(km=np.asarray(metres) / 1000, away=mine["group"] != group)
    return found.sort_values(["away", "km", "facility"], ignore_index=True).drop(columns="away")
