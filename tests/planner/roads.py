"""Roads drawn here between the communes of the small plan: a star from one commune to all others.

One commune has no road, two are joined to each other and to nothing else.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyproj

from geo import units
from geo.roads import files
from geo.roads.graph import Roads
from scenarios.schema import Scenario
from tests.planner.tiny import scenario

EARTH = pyproj.Geod(ellps="WGS84")
USER = {"source": "user"}
CENTRE = "31261"  # Thị trấn Cờ Đỏ
NO_ROAD = "31276"  # Xã Thới Đông
ISLAND = ("31249", "31252")
FILE = "sao.roads.npz"
ROADS: dict[str, Any] = {
    "file": FILE,
    "wet_season_factor": {"value": 1, **USER},
    "snap_metres": {"value": 300, **USER},
    "walking_kmh": {"value": 5, **USER},
}


def communes() -> pd.DataFrame:
    return units.communes("92", "2025-01").sort_values("commune_code").reset_index(drop=True)


def star() -> Roads:
    """A road from the centre to each commune, all of one class, with a bend half way."""
    places = communes()
    lon, lat = places["lon"].to_numpy(), places["lat"].to_numpy()
    at = {code: n for n, code in enumerate(places["commune_code"])}
    ends = [(at[CENTRE], n) for code, n in at.items() if code not in (CENTRE, NO_ROAD, *ISLAND)]
    ends.append((at[ISLAND[0]], at[ISLAND[1]]))
    tail, head = np.array(ends).T
    metres = np.array([EARTH.line_length(lon[[a, b]], lat[[a, b]]) for a, b in ends])
    return Roads(
        lon=lon, lat=lat, tail=tail, head=head, metres=metres, kind=np.zeros(len(ends)),
        kinds=({"highway": "secondary"},), source="sao", attribution="© vẽ tay", retrieved="2026-01-31",
    )  # fmt: skip


def keep(folder: Path) -> Path:
    path = folder / FILE
    files.keep(star(), path)
    return path


def of_province() -> Scenario:
    """The small scenario by whatever roads are kept for its province."""
    return scenario(travel={"method": "roads", "roads": {k: v for k, v in ROADS.items() if k != "file"}})


def by_road(**blocks: Any) -> Scenario:
    """The small scenario by these roads."""
    way = {"method": "roads", "roads": {**ROADS, **blocks.pop("roads", {})}}
    return scenario(travel={**way, **blocks.pop("travel", {})}, **blocks)
