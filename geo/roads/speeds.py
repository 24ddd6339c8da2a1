"""How fast a way is, by which mode, in which direction: OpenStreetMap's tags and ``speeds.csv``.

The table holds mean speeds over a road class, upper limits by surface and by law, each with what it rests
on; what is estimated says so.  A stated limit only ever lowers a mean speed.  Turn restrictions, barriers
that stand on a road, times of day and waiting for a ferry are not looked at.
"""

from __future__ import annotations

import csv
import hashlib
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from errors import DataError, Problem
from text import Text, both

Mode = Literal["motorcycle", "car", "walking"]
MODES: tuple[Mode, ...] = get_args(Mode)
Tags = Mapping[str, str]

TABLE = Path(__file__).with_name("speeds.csv")
FERRY_KMH = "ferry_kmh"
"""A tag of our own: the speed that the length of a ferry and its stated duration make."""

# Keys that say who may pass, the nearest to the mode first: wiki.openstreetmap.org/wiki/Key:access
_ACCESS: Mapping[Mode, tuple[str, ...]] = {
    "motorcycle": ("motorcycle", "motor_vehicle", "vehicle", "access"),
    "car": ("motorcar", "motor_vehicle", "vehicle", "access"),
    "walking": ("foot", "access"),
}
_OPEN = frozenset({"yes", "permissive", "designated", "official", "public", "destination", "customers"})
CLOSED = frozenset({
    "no", "private", "permit", "military", "emergency", "agricultural", "forestry", "delivery",
    "use_sidepath", "bus", "psv", "residents",
})  # fmt: skip
_PAVED = frozenset(
    {"paved", "asphalt", "concrete", "concrete:plates", "concrete:lanes", "paving_stones", "sett"}
)
_FORWARD = frozenset({"yes", "true", "1"})
_BACKWARD = frozenset({"-1", "reverse"})
_NEITHER = frozenset({"reversible"})
MILE_KM = 1.609344

# What is looked at; files need to keep no other tag.
KEYS = frozenset({
    "highway", "route", "duration", FERRY_KMH, "junction", "motorroad", "surface", "smoothness",
    *(key for keys in _ACCESS.values() for key in keys),
    "maxspeed", "maxspeed:forward", "maxspeed:backward",
    "maxspeed:motorcycle", "maxspeed:motorcycle:forward", "maxspeed:motorcycle:backward",
    "oneway", "oneway:motorcycle", "oneway:motorcar", "oneway:motor_vehicle", "oneway:foot",
})  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """A line of the table.

    Attributes:
        key, value: the OpenStreetMap tag: a mean speed for highway and route, an upper limit for surface
            and maxspeed.
        mode: what it is for.
        open: whether the mode may pass where no tag says so.
        minor: whether the wet season slows it even where no surface is stated.
        kmh: km/h.
        basis: what the figure rests on; ``estimate_…`` where it is an estimate.
    """

    key: str
    value: str
    mode: Mode
    open: bool
    minor: bool
    kmh: float
    basis: str

    @property
    def estimated(self) -> bool:
        """Whether nobody has published this figure."""
        return self.basis.startswith("estimate")

    @property
    def source(self) -> Text:
        """Where the figure comes from, or why it was estimated so."""
        return both(f"roads.speed.{self.basis}")


@dataclass(frozen=True, eq=False, kw_only=True)
class Ways:
    """Km/h of each kind of way, 0 where closed: along and against it, (K,); and which are ferries."""

    forward: npt.NDArray[np.float64]
    backward: npt.NDArray[np.float64]
    ferry: npt.NDArray[np.bool_]


@cache
def table() -> tuple[Speed, ...]:
    """All lines of ``speeds.csv``."""
    with TABLE.open(encoding="utf-8", newline="") as lines:
        return tuple(
            Speed(
                key=row["key"], value=row["value"], mode=_mode(row["mode"]), open=row["open"] == "yes",
                minor=row["minor"] == "yes", kmh=float(row["kmh"]), basis=row["basis"],
            )
            for row in csv.DictReader(lines)
        )  # fmt: skip


@cache
def checksum() -> str:
    """sha256 of the table."""
    return hashlib.sha256(repr(table()).encode()).hexdigest()


@cache
def classes() -> frozenset[str]:
    """Values of highway that some mode may use."""
    return frozenset(speed.value for speed in table() if speed.key == "highway")


@cache
def _lines(mode: Mode) -> Mapping[tuple[str, str], Speed]:
    return {(speed.key, speed.value): speed for speed in table() if speed.mode == mode}


def _mode(name: str) -> Mode:
    for mode in MODES:
        if mode == name:
            return mode
    raise DataError(Problem("roads.mode", "travel.mode", {"mode": name, "modes": ", ".join(MODES)}))


def ways(kinds: Sequence[Tags], *, mode: Mode, wet_season_factor: float = 1.0) -> Ways:
    """Speeds of each kind of way for `mode`.

    Args:
        kinds: sets of tags.
        mode: motorcycle, car or walking.
        wet_season_factor: factor on the speed of unpaved and minor roads, in (0, 1].

    Raises:
        DataError: ``roads.mode``, ``roads.wet_season_factor``.
    """
    mode = _mode(mode)
    if not (math.isfinite(wet_season_factor) and 0 < wet_season_factor <= 1):
        values = {"value": wet_season_factor}
        raise DataError(Problem("roads.wet_season_factor", "travel.wet_season_factor", values))
    both_ways = np.array([_kmh(tags, mode, wet_season_factor) for tags in kinds], dtype=np.float64)
    both_ways = both_ways.reshape(len(kinds), 2)
    ferry = np.array([_is_ferry(tags) for tags in kinds], dtype=np.bool_)
    return Ways(forward=both_ways[:, 0], backward=both_ways[:, 1], ferry=ferry)


def is_road(tags: Tags) -> bool:
    """Whether some mode may use a way with these tags."""
    return (tags.get("highway") in classes() and tags.get("area") != "yes") or _is_ferry(tags)


def _is_ferry(tags: Tags) -> bool:
    return tags.get("route") == "ferry" and tags.get("highway") not in classes()


def _kmh(tags: Tags, mode: Mode, wet: float) -> tuple[float, float]:
    """Km/h along and against a way; 0 where closed."""
    ferry = _is_ferry(tags)
    key = ("route", "ferry") if ferry else ("highway", tags.get("highway", ""))
    line = _lines(mode).get(key)
    if line is None or not _may_pass(tags, mode, by_default=line.open):
        return 0.0, 0.0
    if ferry:
        mean = float(tags[FERRY_KMH]) if FERRY_KMH in tags else line.kmh
        return _by_direction(tags, mode, mean, mean)
    mean = line.kmh
    surface = tags.get("surface", "").split(";")[0].split(":")[0]
    if rough := _lines(mode).get(("surface", surface)):
        mean = min(mean, rough.kmh)
    if unpaved(surface) or (line.minor and surface not in _PAVED):
        mean *= wet
    if mode == "walking":
        return _by_direction(tags, mode, mean, mean)
    limits = [_limit(tags, mode, side) for side in (":forward", ":backward")]
    return _by_direction(tags, mode, min(mean, limits[0]), min(mean, limits[1]))


def unpaved(surface: str) -> bool:
    """Whether a surface of the table is one that rain softens."""
    return ("surface", surface) in _lines("motorcycle") and surface not in _PAVED | {"cobblestone"}


# --- who may pass, and which way ---------------------------------------------------------------------


def _may_pass(tags: Tags, mode: Mode, *, by_default: bool) -> bool:
    if tags.get("smoothness") == "impassable" and mode != "walking":
        return False
    if tags.get("motorroad") == "yes" and mode != "car":
        by_default = False
    for key in _ACCESS[mode]:
        stated = tags.get(key, "")
        if stated in CLOSED:
            return False
        if stated in _OPEN:  # access=yes lets nobody in whom the class keeps out; the mode's own keys do
            return by_default or key != "access"
    return by_default


def _by_direction(tags: Tags, mode: Mode, along: float, against: float) -> tuple[float, float]:
    stated = _oneway(tags, mode)
    if stated in _NEITHER:
        return 0.0, 0.0
    if stated in _FORWARD:
        return along, 0.0
    if stated in _BACKWARD:
        return 0.0, against
    return along, against


def _oneway(tags: Tags, mode: Mode) -> str:
    if mode == "walking":
        return tags.get("oneway:foot", "no")
    keys = {"motorcycle": "oneway:motorcycle", "car": "oneway:motorcar"}
    for key in (keys[mode], "oneway:motor_vehicle", "oneway"):
        if key in tags:
            return tags[key]
    implied = tags.get("junction") in {"roundabout", "circular"} or tags.get("highway") == "motorway"
    return "yes" if implied else "no"


# --- limits ----------------------------------------------------------------------------------------


def _limit(tags: Tags, mode: Mode, side: str) -> float:
    """The lowest limit that the tags state for one direction, km/h; infinite where none."""
    own = "maxspeed:motorcycle" if mode == "motorcycle" else "maxspeed"
    for key in (own + side, own, "maxspeed" + side, "maxspeed"):
        if key in tags and math.isfinite(limit := limit_kmh(tags[key], mode)):
            return limit
    return math.inf


_FIGURE = re.compile(r"(\d+(?:\.\d+)?)\s*(mph|km/h|kmh|kph|knots)?")
_APART = re.compile(r"[;,|]")


def limit_kmh(stated: str, mode: Mode) -> float:
    """The speed that a maxspeed tag states, km/h; of several the lowest; infinite where it states none.

    Known are figures in km/h, mph or knots and the implied limits of the table (``VN:urban``, ``walk``).
    """
    return min((_one_limit(part, mode) for part in _parts(stated)), default=math.inf)


def _parts(stated: str) -> Iterator[str]:
    """Values of a list, as OpenStreetMap ("50;70") and OSMnx ("['50', '70']") write it."""
    yield from (part.strip(" []'\"") for part in _APART.split(stated))


def _one_limit(part: str, mode: Mode) -> float:
    if line := _lines(mode).get(("maxspeed", part)):
        return line.kmh
    found = _FIGURE.fullmatch(part.lower())
    if not found or float(found[1]) <= 0:
        return math.inf
    return float(found[1]) * {"mph": MILE_KM, "knots": 1.852}.get(found[2] or "", 1.0)


_CLOCK = re.compile(r"(?:(\d+):)?(\d{1,3}):(\d{2})|(\d+)")
_ISO = re.compile(r"PT(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?", re.IGNORECASE)


def duration_hours(stated: str) -> float | None:
    """Hours of a duration tag: "20" (minutes), "1:30", "01:30:00" or "PT20M"; None where it is none."""
    stated = stated.strip()
    if found := _ISO.fullmatch(stated):
        hours, minutes, seconds = (int(part or 0) for part in found.groups())
    elif (found := _CLOCK.fullmatch(stated)) and found[4]:
        hours, minutes, seconds = 0, int(found[4]), 0
    elif found and found[1]:
        hours, minutes, seconds = int(found[1]), int(found[2]), int(found[3])
    elif found:
        hours, minutes, seconds = int(found[2]), int(found[3]), 0
    else:
        return None
    return (hours + minutes / 60 + seconds / 3600) or None
