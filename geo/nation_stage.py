"""One stage of a plan for the nation, on the map: shares in place of bands, numbers in the symbols.

A province has thousands of registered persons, which the bands of `geo.privacy` would all call "≥100": the
map shades the share of those in need who are not served.  And it holds many points, whose number its symbol
carries.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from geo import maps
from text import Lang, say

SHARES = ((0.0, "<50"), (0.5, "50–59"), (0.6, "60–69"), (0.7, "70–79"), (0.8, "80–89"), (0.9, "≥90"))
"""Least share, and name in per cent, of each band of those not served; one for each of the map's colours."""

_ROUNDING = 1e-9


class Points(NamedTuple):
    """How many points a facility has at the end of a stage, and how many of them opened in it."""

    open: int
    opened: int


def points(
    facilities: pd.DataFrame,
    openings: pd.DataFrame,
    *,
    existing: Mapping[str, int],
    stages: Sequence[str],
    stage: str,
) -> dict[str, Points]:
    """The points of each facility that has any.

    Args:
        facilities, openings: tables of a plan (``tables.TABLES``).
        existing: points that stand before the plan, by facility; a facility not named has one if its row
            says that it exists.
        stages: ids in order.
        stage: the one asked about.
    """
    before = {row["facility"]: int(row["existing"]) for row in facilities.to_dict("records")} | dict(existing)
    so_far = openings[openings["stage"].isin(stages[: stages.index(stage) + 1])]
    total = so_far.groupby("facility")["opened"].sum()
    now = openings[openings["stage"] == stage].groupby("facility")["opened"].sum()
    found = {f: Points(n + int(total.get(f, 0)), int(now.get(f, 0))) for f, n in before.items()}
    return {facility: number for facility, number in found.items() if number.open}


def share_digits(demand: pd.Series, served: pd.Series) -> str:
    """The band of `SHARES` of those not served in each province, a digit each; 0 where nobody is in need."""
    missing = (1 - served / demand.where(demand > 0)).fillna(0.0)
    least = [low for low, _ in SHARES]
    return "".join(str(sum(share >= low - _ROUNDING for low in least) - 1) for share in missing)


def told(
    data: Mapping[str, Any],
    *,
    codes: Sequence[str],
    access: pd.DataFrame,
    facilities: Sequence[str],
    numbers: Mapping[str, Points],
    stage: str,
    service: str,
    lang: Lang,
) -> dict[str, Any]:
    """What ``maps.stage_data`` made of the stage, as it is told of provinces.

    Args:
        data: of `stage`.
        codes: provinces in the order of drawing.
        access: table of the plan.
        facilities: their ids in the order of ``data["sites"]``.
        numbers: see `points`.
        stage, service: what is shown.
        lang: language of the words.
    """
    mine = access[(access["stage"] == stage) & (access["service"] == service)]
    mine = mine.set_index("commune_code").reindex(list(codes))
    words = of_provinces(data["words"], lang)
    words |= {key: say(f"nation.{key}", lang) for key in ("shade", "opened")}
    words["none_near"] = ""  # nobody leaves the province: no point is nearer than another
    words["legend_now"] += f" · {say('nation.legend_number', lang)}"
    return {
        **data,
        "bands": share_digits(mine["demand"], mine["served"]),
        "labels": [name for _, name in SHARES],
        "colours": list(maps.BAND_COLOURS),
        "figures": [[*figures[:-1], -1] for figures in data["figures"]],
        "sites": [
            _site(site, numbers[facility], lang)
            for site, facility in zip(data["sites"], facilities, strict=True)
        ],
        "words": words,
    }


def of_provinces(words: Mapping[str, str], lang: Lang) -> dict[str, str]:
    """The words of a map (``maps.words``) as they are told of provinces."""
    note = words["note"].replace(say("map.estimated_note", lang), say("nation.estimated_note", lang))
    return {**words, "home": say("nation.home", lang), "note": note}


def _site(site: Sequence[Any], number: Points, lang: Lang) -> list[Any]:
    """The site with its number; the province's name is told once, and the state is that of the last point."""
    lat, lon, kind, state, premises, name, *_, caseload, assumed = site
    if number.opened:
        state = 2
    elif number.open and state != 0:
        state = 1
    said = say("nation.points", lang, open=number.open, opened=number.opened)
    return [lat, lon, kind, state, premises, name, "", "", said, caseload, assumed, number.open]
