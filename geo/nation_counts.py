"""What map.js needs to show the counts of provinces: bands of thousands, where communes have bands of ten."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from geo import counts_map, nation_stage
from text import Lang, number, say

THOUSANDS = (1.0, 2.0, 3.0, 5.0, 10.0)
"""Where the bands of thousands of persons part: one for each of the map's colours."""


def counts(
    codes: Sequence[str],
    persons: Mapping[str, float],
    *,
    estimated: frozenset[str],
    lang: Lang,
    approximate: bool,
    credit: str = "",
) -> dict[str, Any]:
    """Bands of persons by province; arguments as of ``counts_map.counts``, every code with its count."""
    found = counts_map.counts(
        codes, persons, estimated=estimated, lang=lang, approximate=approximate, credit=credit
    )
    thousands = pd.Series([persons[code] for code in codes], dtype=float) / 1000
    return found | {
        "bands": "".join(map(str, np.searchsorted(THOUSANDS, thousands, side="right"))),
        "labels": labels(lang),
        "words": nation_stage.of_provinces(found["words"], lang) | {"shade": say("data.nation.shade", lang)},
    }


def labels(lang: Lang) -> list[str]:
    """The names of the bands, in thousands: ``<1``, ``1–1,9`` … ``≥10``."""
    first, last = (number(at, lang) for at in (THOUSANDS[0], THOUSANDS[-1]))
    between = [f"{number(low, lang)}–{number(high - 0.1, lang, 1)}" for low, high in pairwise(THOUSANDS)]
    return [f"<{first}", *between, f"≥{last}"]
