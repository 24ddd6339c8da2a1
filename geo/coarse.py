"""How persons are told without saying how many: bands, tens, and what stands where nothing is said."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

SMALL = 10
"""Counts from 1 to this one are hidden."""
BANDS: tuple[tuple[int, str], ...] = (
    (0, "0"), (1, "≤10"), (11, "11–24"), (25, "25–49"), (50, "50–99"), (100, "≥100"),
)  # fmt: skip
"""First number and name of each band in which persons are shown."""
HIDDEN = "–"
"""Stands where nothing is said: the band would give a hidden count away."""
TINY = 1e-6
"""Persons below this are rounding of the arithmetic."""


def band(persons: float) -> str:
    """The band of a number of persons: a part of a person is somebody; "" for NaN."""
    if np.isnan(persons):
        return ""
    return next(name for first, name in reversed(BANDS) if to_whole(persons) >= first)


def bands(persons: Iterable[float]) -> list[str]:
    """The band of each number of persons."""
    return [band(float(n)) for n in persons]


def rounded(persons: float) -> str:
    """Persons of a district or province as a shared file gives them: "0", "≤10", "20", "30" …"""
    n = float(to_whole(persons))
    if n <= SMALL:
        return band(n)
    return f"{max(2 * SMALL, 10 * np.floor(n / 10 + 0.5)):.0f}"


def to_whole(persons: FloatArray | float) -> FloatArray:
    """To the nearest person, but never from somebody to nobody."""
    given = np.asarray(persons, dtype=np.float64)
    return np.where((given > TINY) & (given < 1), 1.0, np.floor(given + 0.5))


class Shown(NamedTuple):
    """A row of coverage as it is told: rounded numbers, and a share that follows from them."""

    demand: str
    served: str
    no_capacity: str
    out_of_reach: str
    share: float


def shown(served: float, no_capacity: float, out_of_reach: float) -> Shown:
    """One row of coverage in rounded numbers, and the share served as they give it.

    Rounding never makes the cover look complete where it is not: 97 of 99 are shown as 90 of 100.
    """
    demand, well = rounded(served + no_capacity + out_of_reach), rounded(served)
    full, far = rounded(no_capacity), rounded(out_of_reach)
    if full == far == "0":
        return Shown(demand, demand, full, far, np.nan if demand == "0" else 1.0)
    if not (demand.isdigit() and well.isdigit()):
        return Shown(demand, well, full, far, np.nan)
    if int(demand) > 2 * SMALL:
        well = str(min(int(well), int(demand) - 10))
    percent = 100 * int(well) // int(demand)
    return Shown(demand, well, full, far, np.nan if percent >= 100 else percent / 100)
