"""What map.js needs to show counts, boundaries or premises by themselves, without a plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from geo import maps, privacy
from text import Lang, say

UNKNOWN_COLOUR = "#f3e6c4"
"""Communes without a count: apart from the bands in hue, and not taken for a low count."""
PLAIN_COLOUR = "#f4f2ee"
TYPE_COLOURS = ("#1f4e79", "#c2571a", "#0b6b75", "#6a4c7d", "#8a5a00", "#4f5b62")
"""Of types of premises; symbols tell them apart as well."""
STATION, NAMED, CHOSEN = 0, 1, 2
"""States of a symbol on the map of premises: hollow, filled, ringed."""


def counts(
    codes: Sequence[str],
    persons: Mapping[str, float],
    *,
    estimated: frozenset[str],
    lang: Lang,
    approximate: bool,
    credit: str = "",
) -> dict[str, Any]:
    """Bands of persons by commune; communes without a count in a colour and a word of their own.

    Args:
        codes: communes in the order of `maps.Places.codes`.
        persons: persons by commune code; codes may be missing.
        estimated: codes whose count was shared out.
        lang: language of the words.
        approximate, credit: of the boundaries.
    """
    unknown = str(len(privacy.BANDS))
    known = pd.Series([persons.get(code, 0.0) for code in codes], dtype=float)
    digits = [
        digit if code in persons else unknown
        for code, digit in zip(codes, maps.band_digits(known), strict=True)
    ]
    figures = [
        [round(persons[code]) if code in persons else None, None, None, None, None, -1] for code in codes
    ]
    labels = [name for _, name in privacy.BANDS]
    missing = any(code not in persons for code in codes)
    return {
        "bands": "".join(digits),
        "estimated": "".join("1" if code in estimated else "0" for code in codes),
        "figures": figures,
        "sites": [],
        "links": [],
        "kinds": [],
        "colours": [*maps.BAND_COLOURS, UNKNOWN_COLOUR],
        "labels": [*labels, say("data.map.unknown", lang)] if missing else labels,
        "words": _words(lang, shade="data.map.counts", approximate=approximate,
                        estimated=bool(estimated), credit=credit),
    }  # fmt: skip


def sites(
    codes: Sequence[str],
    premises: pd.DataFrame,
    *,
    types: Mapping[str, str],
    chosen: str | None,
    lang: Lang,
    approximate: bool,
    credit: str = "",
) -> dict[str, Any]:
    """Premises on plain communes: assumed ones hollow, the `chosen` one ringed.

    Args:
        codes: communes in the order of `maps.Places.codes`.
        premises: id, name, type, commune, district, lat, lon (degrees), assumed, own_point.
        types: label by type of premises.
        chosen: id of the one that is being looked at.
        lang: language of the words.
        approximate, credit: of the boundaries.
    """
    order = list(types)
    rows = []
    for n, place in enumerate(premises.to_dict("records")):
        state = CHOSEN if place["id"] == chosen else STATION if place["assumed"] else NAMED
        placed = int(not place["own_point"])
        rows.append(
            [round(place["lat"], 5), round(place["lon"], 5), order.index(place["type"]), state, n,
             place["name"], place["commune"], place["district"], "", None, placed]
        )  # fmt: skip
    words = _words(lang, shade="data.map.premises", approximate=approximate, estimated=False, credit=credit)
    return {
        "bands": "0" * len(codes),
        "estimated": "0" * len(codes),
        "figures": [[None, None, None, None, None, -1] for _ in codes],
        "sites": rows,
        "links": [],
        "kinds": [
            [label, TYPE_COLOURS[n % len(TYPE_COLOURS)], path]
            for n, (label, path) in enumerate(zip(types.values(), _symbols(len(types)), strict=True))
        ],
        "colours": [PLAIN_COLOUR],
        "labels": [],
        "words": words | {"unknown": "", "assumed": say("data.map.at_commune_point", lang),
                          "legend_existing": say("data.map.hollow", lang),
                          "legend_new": say("data.map.solid", lang),
                          "legend_now": say("data.map.ringed", lang)},
    }  # fmt: skip


def bare(codes: Sequence[str], *, lang: Lang, approximate: bool, credit: str = "") -> dict[str, Any]:
    """Boundaries alone; arguments as of `counts`."""
    found = counts(codes, {}, estimated=frozenset(), lang=lang, approximate=approximate, credit=credit)
    words = found["words"] | {"unknown": "", "shade": say("data.map.outlines", lang)}
    return found | {"bands": "0" * len(codes), "colours": [PLAIN_COLOUR], "labels": [], "words": words}


def _symbols(count: int) -> list[str]:
    shapes = list(maps.SYMBOLS.values())
    return [shapes[n % len(shapes)] for n in range(count)]


def _words(lang: Lang, *, shade: str, approximate: bool, estimated: bool, credit: str) -> dict[str, str]:
    """The words of a map without a plan; those that only a plan has are empty."""
    spoken = maps.words(
        lang, stage="", full=False, approximate=approximate, estimated=estimated, credit=credit
    )
    spoken |= dict.fromkeys(
        ("none_near", "existing", "opened", "legend_existing", "legend_new", "legend_now"), ""
    )
    return spoken | {
        "demand": say("data.map.persons", lang),
        "unknown": say("data.map.unknown", lang),
        "shade": say(shade, lang),
    }
