"""What a planner works with on the map of a stage: the thing chosen, decisions, links, service areas.

A layer on top of ``maps.stage_data``, which ``static/map/work.js`` draws; whoever only shows a plan leaves it
out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd
import shapely

from geo import maps
from scenarios.supply import Kind
from text import Lang, say

PLACE_STATES = ("forbidden", "chosen", "other")
"""Of a place without a point: nothing may open there, it is looked at, or something may move there."""


class Area(NamedTuple):
    """How far a facility reaches: a circle of `metres` around it, or `outline` (EPSG:4326)."""

    facility: str
    metres: float = 0.0
    outline: shapely.Geometry | None = None


class Chosen(NamedTuple):
    """What is looked at: a commune by its code, or a facility by its id; "" for none."""

    commune: str = ""
    facility: str = ""


NOTHING = Chosen()


def layer(
    *,
    codes: Sequence[str],
    sites: pd.DataFrame,
    places: pd.DataFrame,
    allocation: pd.DataFrame,
    kinds: Mapping[str, Kind],
    chosen: Chosen = NOTHING,
    pinned: frozenset[str] = frozenset(),
    forbidden: frozenset[str] = frozenset(),
    others: Mapping[str, str] | None = None,
    ties: Iterable[tuple[str, str]] = (),
    areas: Iterable[Area] = (),
    lang: Lang,
) -> dict[str, Any]:
    """What work.js needs, to be kept as ``stage["work"]``.

    Args:
        codes: communes in the order of ``maps.Places.codes``.
        sites: the facilities of the stage in the order in which they are drawn: facility, kind, lat, lon.
        places: where something may stand: facility, kind, premises_name, commune, group_name, lat, lon.
        allocation: who goes where in the stage and service shown: commune_code, facility.
        kinds: the scenario's kinds of facility.
        chosen: what is looked at.
        pinned, forbidden: ids of facilities about which somebody decided so.
        others: ids of facilities that what is chosen may move to, in the order of the keyboard, and what is
            told of each.
        ties: pairs of facilities of which one needs the other.
        areas: service areas to draw.
        lang: language of the words.
    """
    at = {facility: n for n, facility in enumerate(sites["facility"])}
    number = {code: n for n, code in enumerate(codes)}
    told: dict[str, Any] = {
        "ids": list(sites["facility"]),
        "pinned": [n for facility, n in at.items() if facility in pinned],
        "ties": [[at[one], at[other]] for one, other in ties if one in at and other in at],
        "areas": [_area(area, sites, kinds, at) for area in areas if area.facility in at],
        "words": {state: say(f"workplace.{state}", lang) for state in PLACE_STATES},
    }
    if chosen.commune in number:
        told["commune"] = number[chosen.commune]
    if chosen.facility in at:
        told["site"] = at[chosen.facility]
        row = sites.iloc[told["site"]]
        mine = allocation.loc[allocation["facility"] == chosen.facility, "commune_code"]
        told |= {
            "served": sorted({number[code] for code in mine if code in number}),
            "at": [round(row["lat"], 5), round(row["lon"], 5)],
            "colour": kinds[row["kind"]].colour,
        }
    others = others or {}
    states = dict.fromkeys(others, "other") | {f: "forbidden" for f in sorted(forbidden) if f not in others}
    states |= {chosen.facility: "chosen"} if chosen.facility not in forbidden else {}
    rows = {row["facility"]: row for row in places.to_dict("records") if row["facility"] in states}
    told["places"] = [
        _place(rows[facility], state, others.get(facility, ""), kinds)
        for facility, state in states.items() if facility in rows and facility not in at
    ]  # fmt: skip
    return told


def _place(row: Mapping[Any, Any], state: str, remark: str, kinds: Mapping[str, Kind]) -> list[object]:
    kind = kinds[row["kind"]]
    where = ", ".join(filter(None, (row["commune"], row["group_name"])))
    return [
        round(row["lat"], 5), round(row["lon"], 5), state, kind.colour, maps.SYMBOLS[kind.symbol],
        row["premises_name"], where, row["facility"], remark,
    ]  # fmt: skip


def _area(area: Area, sites: pd.DataFrame, kinds: Mapping[str, Kind], at: Mapping[str, int]) -> list[object]:
    row = sites.iloc[at[area.facility]]
    colour = kinds[row["kind"]].colour
    if area.outline is not None:
        return [colour, 0, 0, 0, maps.rings(area.outline)]
    return [colour, round(area.metres), round(row["lat"], 5), round(row["lon"], 5)]
