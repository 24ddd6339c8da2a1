"""Travel times without roads: the straight line, lengthened and ridden at one speed; see `geo.roads` too."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj

from errors import DataError, Problem
from geo.units import point_problems
from text import Lang, number, say

Floats = npt.NDArray[np.float64]

_EARTH = pyproj.Geod(ellps="WGS84")


@dataclass(frozen=True, slots=True, kw_only=True)
class StraightLine:
    """The assumption behind the minutes, for printing with each result.

    Attributes:
        detour_factor: length of the way over that of the straight line, 1 or more.
        speed_kmh: mean speed of the way, km/h.
    """

    detour_factor: float
    speed_kmh: float

    def __post_init__(self) -> None:
        problems = []
        if not (math.isfinite(self.detour_factor) and self.detour_factor >= 1):
            problems.append(Problem("geo.detour", "travel.detour_factor", {"value": self.detour_factor}))
        if not (math.isfinite(self.speed_kmh) and self.speed_kmh > 0):
            problems.append(Problem("geo.speed", "travel.speed_kmh", {"value": self.speed_kmh}))
        if problems:
            raise DataError(problems)

    def minutes(self, metres: Floats) -> Floats:
        """Minutes of the way for straight lines of these lengths."""
        return np.asarray(metres / 1000 * self.detour_factor / self.speed_kmh * 60)

    def say(self, lang: Lang) -> str:
        """The assumption in a sentence."""
        values = {"detour": number(self.detour_factor, lang, 2), "speed": number(self.speed_kmh, lang, 0)}
        return say("geo.travel.straight_line", lang, **values)


def straight_line_minutes(
    origins: pd.DataFrame | npt.ArrayLike,
    destinations: pd.DataFrame | npt.ArrayLike,
    *,
    detour_factor: float,
    speed_kmh: float,
) -> Floats:
    """One-way minutes from each origin to each destination, without roads.

    Length of the shortest line on the ellipsoid × `detour_factor` ÷ `speed_kmh`.  Knows no rivers, ferries
    or mountains: `StraightLine.say` gives the sentence to print beside whatever rests on it.

    Args:
        origins: a frame with lat and lon, or longitudes and latitudes in degrees, shape (n, 2).
        destinations: the same for m places.
        detour_factor: length of the way over that of the straight line, 1 or more.
        speed_kmh: mean speed, km/h.

    Returns:
        Minutes, shape (n, m); 0 between a place and itself.

    Raises:
        DataError: points that are missing, abroad or have latitude and longitude swapped; a detour factor
            below 1, a speed of 0 or less.
    """
    way = StraightLine(detour_factor=detour_factor, speed_kmh=speed_kmh)
    start, end = _lon_lat(origins), _lon_lat(destinations)
    problems = [
        problem
        for name, points in (("origin", start), ("destination", end))
        for problem in point_problems(
            points[:, 0], points[:, 1], [f"{name} {n + 1}" for n in range(len(points))]
        )
    ]
    if problems:
        raise DataError(problems)
    shape = len(start), len(end)
    from_lon, from_lat = (np.repeat(values, shape[1]) for values in start.T)
    to_lon, to_lat = (np.tile(values, shape[0]) for values in end.T)
    _, _, metres = _EARTH.inv(from_lon, from_lat, to_lon, to_lat)
    return way.minutes(np.asarray(metres, dtype=np.float64).reshape(shape))


def _lon_lat(places: pd.DataFrame | npt.ArrayLike) -> Floats:
    if isinstance(places, pd.DataFrame):
        return places[["lon", "lat"]].to_numpy(dtype=np.float64)
    points = np.asarray(places, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] != 2:
        raise ValueError(f"places of shape (n, 2) wanted, not {points.shape}")
    return points


def within_group_minutes(origins: pd.Series, hosts: pd.Series) -> Floats:
    """Minutes where nobody leaves the group and no time is counted inside it: 0 there, infinite elsewhere.

    Args:
        origins: group of each place of demand, (I,).
        hosts: group of each premises, (J,).

    Returns:
        Shape (I, J).
    """
    return np.where(origins.to_numpy()[:, None] == hosts.to_numpy()[None, :], 0.0, np.inf)
