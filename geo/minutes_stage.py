"""The map of a stage, its communes shaded by the minutes to the nearest open point.

Minutes rest on places and roads alone; no person can be told from them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from geo import trips
from text import Lang, say

COLOURS = ("#f6f8f9", "#dbe3e7", "#b9c7ce", "#92a5af", "#6a808c", "#43545e")
"""One for each band and one where no point is open; light to dark in one muted hue, not that of persons, so
that one map is not taken for the other."""
LAST = 4
"""Position of the band of all beyond an hour; after it comes "no point is open"."""


def minute_digits(minutes: pd.Series) -> str:
    """The band of each commune's minutes (NaN where no point is open), a digit each.

    >>> minute_digits(pd.Series([0.0, 15.0, 15.5, 60.0, 61.0, float("nan")]))
    '001345'
    """
    order = {name: n for n, name in enumerate(trips.band_names())}
    return "".join(
        str(LAST + 1 if name == trips.NOWHERE else min(order[name], LAST)) for name in trips.band(minutes)
    )


def told(
    data: Mapping[str, Any],
    *,
    codes: Sequence[str],
    access: pd.DataFrame,
    stage: str,
    service: str,
    lang: Lang,
) -> dict[str, Any]:
    """What ``maps.stage_data`` made of the stage, shaded by minutes; nothing else of it changes.

    Args:
        data: of `stage`.
        codes: communes in the order of drawing.
        access: table of the plan.
        stage, service: what is shown.
        lang: language of the legend.
    """
    mine = access[access["service"] == service]
    here = mine[mine["stage"] == stage].set_index("commune_code").reindex(list(codes))
    # over all stages, lest the legend change its size as the slider moves
    shown = LAST + 1 + int(mine["minutes"].isna().any() or here["minutes"].isna().any())
    return {
        **data,
        "bands": minute_digits(here["minutes"]),
        "colours": list(COLOURS[:shown]),
        "labels": [say(f"journeys.band.{n}", lang) for n in range(shown)],
        "words": {**data["words"], "shade": say("journeys.shade", lang)},
    }
