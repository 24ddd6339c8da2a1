"""What map.js needs to show where rules clash: the groups in question, and what stands there today."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pandas as pd

from geo import counts_map, maps
from scenarios.supply import Kind
from text import Lang, say

HERE_COLOUR = "#f3d9a4"
"""Communes of the groups in question."""


def told(
    codes: Sequence[str],
    communes: pd.DataFrame,
    *,
    groups: Collection[str],
    existing: pd.DataFrame,
    kinds: Mapping[str, Kind],
    lang: Lang,
    approximate: bool,
    credit: str = "",
) -> dict[str, Any]:
    """Communes of `groups` in a colour of their own, with what exists.

    Args:
        codes: communes in the order of `maps.Places.codes`.
        communes: commune_code, group.
        groups: codes of the groups in question.
        existing: facilities that stand today: premises, premises_name, kind, commune, group_name, lat, lon,
            assumed.
        kinds: the scenario's kinds of facility.
        lang: language of the words.
        approximate, credit: of the boundaries.
    """
    group = communes.set_index("commune_code")["group"]
    here = [group[code] in groups for code in codes]
    order = list(dict.fromkeys(existing["kind"]))
    number = {premises: n for n, premises in enumerate(dict.fromkeys(existing["premises"]))}
    found = counts_map.bare(codes, lang=lang, approximate=approximate, credit=credit)
    return found | {
        "bands": "".join("1" if mine else "0" for mine in here),
        "colours": [counts_map.PLAIN_COLOUR, HERE_COLOUR],
        "sites": [
            [round(row["lat"], 5), round(row["lon"], 5), order.index(row["kind"]), 0,
             number[row["premises"]], row["premises_name"], row["commune"], row["group_name"], "", None,
             int(row["assumed"])]
            for row in existing.to_dict("records")
        ],
        "kinds": [
            [kinds[k].label.text.say(lang), kinds[k].colour, maps.SYMBOLS[kinds[k].symbol]] for k in order
        ],
        "words": found["words"]
        | {
            "shade": say("clash.map.shade" if any(here) else "clash.map.whole", lang),
            "existing": say("map.existing", lang),
            "legend_existing": say("map.legend_existing", lang),
        },
        "work": {"groups": [n for n, mine in enumerate(here) if mine]},
    }  # fmt: skip
