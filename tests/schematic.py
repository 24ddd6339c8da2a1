"""Cần Thơ on hexagons: real plan and figures, places laid out by hand, for pictures that may be passed on.

The points of the list of communes, and whatever is drawn from them, may not leave this machine in a picture.
So a plan is computed on the real places and then set on a grid: each district has a spot that was chosen by
hand, and its communes take the cells nearest to it.
"""

from __future__ import annotations

import dataclasses
import math
from collections import Counter
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment
from shapely.geometry import Polygon

import text
from planner import geography, report, site_words
from planner.plan import Plan
from text import Text

SPOTS = {
    "924": (1.5, 1.6), "923": (5.0, 0.2), "925": (4.0, 3.4), "917": (7.6, 3.0), "927": (5.0, 6.2),
    "926": (8.4, 5.8), "918": (10.3, 3.8), "916": (12.3, 4.7), "919": (10.9, 6.0),
}  # fmt: skip
"""By code of a district, where it stands on the grid: columns and rows."""
SIZE = 0.02
"""Degrees from the middle of a hexagon to its corners."""
WEST, NORTH = 105.3, 10.4


def cells(groups: list[str]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Longitudes and latitudes of the hexagon of each commune; `groups` are their districts."""
    many = Counter(groups)
    grid = [(x + 0.5 * (y % 2), y * math.sqrt(3) / 2) for y in range(-2, 12) for x in range(-2, 17)]
    near = sorted(grid, key=lambda at: min(math.dist(at, SPOTS[g]) / math.sqrt(many[g]) for g in many))
    there, wanted = np.array(near[: len(groups)]), np.array([SPOTS[group] for group in groups])
    away = ((there[None] - wanted[:, None]) ** 2).sum(axis=2)
    chosen = there[linear_sum_assignment(away)[1]]
    step = SIZE * math.sqrt(3)
    return WEST + chosen[:, 0] * step, NORTH - chosen[:, 1] * step


def hexagon(lon: float, lat: float) -> Polygon:
    """A cell on whole ten-thousandths of a degree, so that neighbours share their corners."""
    turns = [k * math.pi / 3 for k in range(6)]
    return Polygon([(round(lon + SIZE * math.sin(t), 4), round(lat + SIZE * math.cos(t), 4)) for t in turns])


def on_grid(communes: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The communes of a plan with their cells in place of their shapes and points."""
    lon, lat = cells(list(communes["group"]))
    drawn = [hexagon(*at) for at in zip(lon, lat, strict=True)]
    plain = pd.DataFrame(communes.drop(columns="geometry")).assign(lon=lon, lat=lat)
    return gpd.GeoDataFrame(plain, geometry=drawn, crs="EPSG:4326")


def moved(plan: Plan) -> Plan:
    """`plan` on the grid; every figure as it was."""
    communes = on_grid(plan.facts.communes)
    facts = dataclasses.replace(plan.facts, communes=communes)
    return dataclasses.replace(plan, facts=facts, facilities=placed(plan.facilities, communes))


def placed(sites: pd.DataFrame, communes: pd.DataFrame) -> pd.DataFrame:
    """Points in the middle of their communes' cells."""
    at = communes.set_index("commune_code")
    return sites.assign(lat=sites["commune_code"].map(at["lat"]), lon=sites["commune_code"].map(at["lon"]))


def install() -> None:
    """From now on every plan of this process stands on the grid, and its maps say so."""
    plan, candidates = report.plan, site_words.candidates

    def on_cells(*args: Any, **options: Any) -> Plan:
        return moved(plan(*args, **options))

    def in_cells(scenario: Any) -> pd.DataFrame:
        communes = geography.places(scenario).communes
        lon, lat = cells(list(communes["group"]))
        return placed(candidates(scenario), communes.assign(lon=lon, lat=lat))

    report.plan, site_words.candidates = on_cells, in_cells
    for key in ("map.approximate_note", "exports.note.approximate"):
        text.catalogue()[key] = Text("Sơ đồ: mỗi ô là một xã", "Schematic: a cell is a commune")
