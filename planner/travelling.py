"""From a scenario to minutes: by road, by a table, by the straight line where neither reaches.

No pair of places goes without minutes, and none gets zero but where both stand at the same point.  What each
place used is said with the result.

**How far the search on the roads goes.**  The largest standard in use (`standard_minutes`, `outer_minutes`,
the reach of a parent) is as far as a rule can ask; a kind without a standard asks for everything.  Planners
look beyond it: at the communes out of reach, at the longest trips.  So a province's graph is searched without
a limit, and a changed standard finds the same minutes; only where that would take too long (`MOST_STEPS`)
does the search stop at the largest standard.  A pair beyond it then gets the time of the straight line, but
more than the limit, so that it never comes within a standard that the road does not keep, and is counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from errors import DataError, Problem
from geo import travel
from geo.roads import kept, table
from optimization.rules import FloatArray
from planner import by_road
from scenarios.rules import ParentWithinReach
from scenarios.schema import Scenario
from scenarios.travel import Method
from tables import shaped
from text import Text, both, number

Way = Literal["same", "roads", "table", "straight_line", "beyond", "within_group"]
"""How the minutes of a pair were found; `same`: both stand at the same point; `beyond`: farther by road than
the search went."""

WAYS: tuple[Way, ...] = ("same", "roads", "table", "straight_line", "beyond", "within_group")
MOST_STEPS = 200_000_000
"""Nodes × origins up to which a graph is searched without a limit: about half a minute of work, once."""
MARGIN = 0.1
"""Minutes by which a pair beyond the limit is taken to be beyond it."""


@dataclass(frozen=True, eq=False, kw_only=True)
class TravelFacts:
    """How the minutes of a result were found, and what to know of them.

    Attributes:
        method: what the scenario asks for.
        used: what was used; ``straight_line`` where a graph was asked for and none is kept.
        title, attribution, retrieved, extent, checksum: of the graph or the table.
        pairs: how many pairs of a commune and premises went which way.
        limit: minutes at which the search on the roads stopped; None without a limit.
        warnings: what a reader has to know, a sentence each.
        places: ``tables.TABLES["travel"]``, a row a commune and a row a premises.
    """

    method: Method = "straight_line"
    used: Method = "straight_line"
    title: str = ""
    attribution: str = ""
    retrieved: str = ""
    extent: tuple[float, float, float, float] | None = None
    checksum: str = ""
    pairs: Mapping[str, int] = field(default_factory=dict)
    limit: float | None = None
    warnings: tuple[Text, ...] = ()
    places: pd.DataFrame = field(default_factory=lambda: shaped("travel", []))

    def communes(self) -> dict[str, int]:
        """How many communes used what: a way, or ``mixed``."""
        mine = self.places[self.places["premises"] == ""]
        return {str(way): int(n) for way, n in mine["way"].value_counts().items()}

    @property
    def told(self) -> Text:
        """How the minutes were found, in a sentence."""
        return both(f"travel.used.{self.used}", title=self.title)

    @property
    def summary(self) -> tuple[Text, ...]:
        """What has to stand beside whatever rests on the minutes: how, whose roads, how many otherwise."""
        said = [self.told]
        if self.attribution:
            retrieved = f", {self.retrieved}" if self.retrieved else ""
            said.append(both("travel.credit", attribution=self.attribution, retrieved=retrieved))
        count = self.communes()
        whole, part = count.get("straight_line", 0), count.get("mixed", 0)
        if self.used in ("roads", "table") and whole + part:
            rest, by = sum(count.values()) - whole - part, both(f"travel.by.{self.used}")
            said.append(both("travel.fell_back", whole=whole, part=part, rest=rest, used=by))
        return tuple(said)

    @property
    def notes(self) -> tuple[Text, ...]:
        """The summary, and every place that went otherwise by name."""
        return (*self.summary, *self.warnings)


class Travelling(NamedTuple):
    """Minutes from each commune to each premises, (I, J); between premises, (J, J), where asked for."""

    minutes: FloatArray
    between: FloatArray | None
    facts: TravelFacts


def travelling(scenario: Scenario, communes: pd.DataFrame, hosts: pd.DataFrame) -> Travelling:
    """Minutes between the places of `scenario`.

    Args:
        scenario: its block `travel` says how.
        communes: commune_code, commune, group, lat, lon, (I,).
        hosts: premises, premises_name, commune_code, commune, group, lat, lon, (J,).

    Raises:
        DataError: a graph or table that cannot be used, or that is named and not kept.
    """
    fed = any(isinstance(rule, ParentWithinReach) for rule in scenario.rules.values())
    return _METHODS[scenario.travel.method](scenario, communes, hosts, fed)


def largest_standard(scenario: Scenario) -> float:
    """Minutes beyond which no rule of `scenario` asks; infinite where a kind has no standard."""
    asked = [rule.minutes for rule in scenario.rules.values() if isinstance(rule, ParentWithinReach)]
    for kind in scenario.kinds.values():
        farthest = kind.outer_minutes or kind.standard_minutes
        asked.append(np.inf if farthest is None else farthest.value)
    return max(asked)


def straight(scenario: Scenario, origins: pd.DataFrame, hosts: pd.DataFrame) -> FloatArray:
    """Minutes by the scenario's straight line, (origins, hosts)."""
    way = scenario.travel
    assert way.detour_factor is not None
    assert way.speed_kmh is not None
    return travel.straight_line_minutes(
        origins, hosts, detour_factor=way.detour_factor.value, speed_kmh=way.speed_kmh.value
    )


# --- the methods ---------------------------------------------------------------------------------


def _within_group(s: Scenario, communes: pd.DataFrame, hosts: pd.DataFrame, fed: bool) -> Travelling:
    minutes = travel.within_group_minutes(communes["group"], hosts["group"])
    between = travel.within_group_minutes(hosts["group"], hosts["group"]) if fed else None
    ways = np.full(minutes.shape, WAYS.index("within_group"))
    return Travelling(minutes, between, _facts(s, communes, hosts, ways, used="within_group"))


def _straight_line(s: Scenario, communes: pd.DataFrame, hosts: pd.DataFrame, fed: bool) -> Travelling:
    return _by_line(s, communes, hosts, fed)


def _by_line(
    s: Scenario, communes: pd.DataFrame, hosts: pd.DataFrame, fed: bool, *warnings: Text
) -> Travelling:
    minutes = straight(s, communes, hosts)
    ways = np.full(minutes.shape, WAYS.index("straight_line"))
    reason = "no_graph" if warnings else ""
    facts = _facts(s, communes, hosts, ways, used="straight_line", warnings=warnings, reason=reason)
    return Travelling(minutes, straight(s, hosts, hosts) if fed else None, facts)


def _table(s: Scenario, communes: pd.DataFrame, hosts: pd.DataFrame, fed: bool) -> Travelling:
    asked = s.travel.table
    assert asked is not None
    path = kept.find(asked.file)
    if path is None:
        where = s.where("travel", "table", "file")
        raise DataError(Problem("travel.no_table", where, {"file": asked.file, "folder": _folder()}))
    try:
        pairs = table.read(path.name, path.read_bytes())
    except OSError as why:
        values = {"file": path.name, "why": why.strerror or type(why).__name__}
        raise DataError(Problem("travel.unreadable", s.where("travel", "table", "file"), values)) from why
    return by_table(s, communes, hosts, fed, pairs)


def by_table(
    s: Scenario, communes: pd.DataFrame, hosts: pd.DataFrame, fed: bool, pairs: table.Pairs
) -> Travelling:
    """Minutes by a table that was read."""
    asked = s.travel.table
    let = asked is not None and asked.missing == "straight_line"
    own = table.matrix(pairs, communes, hosts, between=fed, allow_missing=let)
    line = straight(s, communes, hosts)
    missing = np.isnan(own.minutes)
    same = (own.minutes == 0) & (line == 0)
    ways = np.where(missing, WAYS.index("straight_line"), WAYS.index("table"))
    ways = np.where(same, WAYS.index("same"), ways)
    between = None
    if own.between is not None:
        between = np.where(np.isnan(own.between), straight(s, hosts, hosts), own.between)
    facts = _facts(
        s, communes, hosts, ways, used="table", title=pairs.file, checksum=pairs.checksum,
        reason="not_in_table",
        warnings=(*own.odd, *_lacking(communes, missing, pairs.file)),
    )  # fmt: skip
    return Travelling(np.where(missing, line, own.minutes), between, facts)


def _lacking(communes: pd.DataFrame, missing: npt.NDArray[np.bool_], file: str) -> Iterator[Text]:
    """One warning a commune with pairs that the table lacks."""
    for name, lack in zip(communes["commune"], missing, strict=True):
        if lack.any():
            yield both("travel.warning.not_in_table", place=name, n=int(lack.sum()), of=len(lack), file=file)


def _roads(s: Scenario, communes: pd.DataFrame, hosts: pd.DataFrame, fed: bool) -> Travelling:
    graph = by_road.kept_graph(s)
    if graph is None:
        return _by_line(s, communes, hosts, fed, both("travel.warning.no_graph", mode=_mode(s)))
    limit = largest_standard(s)
    found = by_road.matrices(s, graph, communes, hosts, between=fed, limit=limit, most_steps=MOST_STEPS)
    return by_roads(s, communes, hosts, found)


def by_roads(s: Scenario, communes: pd.DataFrame, hosts: pd.DataFrame, found: by_road.Matrices) -> Travelling:
    """Minutes by what the roads say, the straight line standing in where they say nothing."""
    asked = s.travel.roads
    assert asked is not None
    minutes, ways = _filled(found.minutes, found.joined, straight(s, communes, hosts), found.limit)
    between = None
    if found.between is not None and found.joined_between is not None:
        between, _ = _filled(found.between, found.joined_between, straight(s, hosts, hosts), found.limit)
    facts = _facts(
        s, communes, hosts, ways, used="roads", title=found.title, attribution=found.attribution,
        retrieved=found.retrieved, extent=found.extent, checksum=found.checksum,
        limit=None if np.isinf(found.limit) else found.limit, reason="apart",
        start=found.start, end=found.end,
        warnings=tuple(_astray(communes, hosts, found, ways, asked.snap_metres.value)),
    )  # fmt: skip
    return Travelling(minutes, between, facts)


_METHODS = {
    "straight_line": _straight_line, "within_group": _within_group, "roads": _roads, "table": _table,
}  # fmt: skip


def _filled(
    road: FloatArray, joined: npt.NDArray[np.bool_], line: FloatArray, limit: float
) -> tuple[FloatArray, npt.NDArray[np.int64]]:
    """Minutes of every pair and its way: the road's where there is one, else the straight line's."""
    reached = np.isfinite(road)
    beyond = ~reached & joined
    ways = np.full(road.shape, WAYS.index("straight_line"))
    ways[beyond], ways[reached] = WAYS.index("beyond"), WAYS.index("roads")
    minutes = np.where(reached, road, np.where(beyond, np.maximum(line, limit + MARGIN), line))
    ways[line == 0] = WAYS.index("same")  # one point: nobody walks to the road and back
    return np.where(line == 0, 0.0, minutes), ways


def _astray(
    communes: pd.DataFrame,
    hosts: pd.DataFrame,
    found: by_road.Matrices,
    ways: npt.NDArray[np.int64],
    snap: float,
) -> Iterator[Text]:
    """One warning a place that is too far from a road, or that no road joins to most of the others.

    Premises at a commune's own point are not told of again.
    """
    told: set[tuple[float, float]] = set()
    for frame, name, snaps in (
        (communes, "commune", found.start),
        (hosts, "premises_name", found.end),
    ):
        for n, (place, lon, lat) in enumerate(zip(frame[name], frame["lon"], frame["lat"], strict=True)):
            if (lon, lat) not in told and (snaps.too_far[n] or snaps.astray[n]):
                told.add((lon, lat))
                said = {"place": place, "metres": _both(float(snaps.metres[n])), "most": _both(snap)}
                yield both("travel.warning.too_far" if snaps.too_far[n] else "travel.warning.apart", **said)
    if beyond := int((ways == WAYS.index("beyond")).sum()):
        yield both("travel.warning.beyond", n=beyond, limit=f"{found.limit:g}")


def _both(value: float) -> Text:
    return Text(number(value, "vi"), number(value, "en"))


# --- what is said of them --------------------------------------------------------------------------


def _facts(
    s: Scenario, communes: pd.DataFrame, hosts: pd.DataFrame, ways: npt.NDArray[np.int64], *, used: Method,
    title: str = "", attribution: str = "", retrieved: str = "", checksum: str = "",
    extent: tuple[float, float, float, float] | None = None, limit: float | None = None,
    warnings: tuple[Text, ...] = (), reason: str = "",
    start: by_road.Snaps | None = None, end: by_road.Snaps | None = None,
) -> TravelFacts:  # fmt: skip
    rows = [
        _used(communes.assign(premises="", premises_name=""), ways, start, end, reason),
        _used(hosts, ways.T, end, start, reason),
    ]
    counted = Counter(np.asarray(ways).ravel().tolist())
    return TravelFacts(
        method=s.travel.method, used=used, title=title, attribution=attribution, retrieved=retrieved,
        extent=extent, checksum=checksum, limit=limit, warnings=warnings,
        pairs={WAYS[n]: counted[n] for n in sorted(counted)},
        places=shaped("travel", pd.concat(rows, ignore_index=True)),
    )  # fmt: skip


def _used(
    frame: pd.DataFrame, ways: npt.NDArray[np.int64], here: by_road.Snaps | None, there: by_road.Snaps | None,
    reason: str,
) -> pd.DataFrame:  # fmt: skip
    """Rows of ``travel``: what each place used, its pairs a row of `ways`.

    Its own point does not count, nor do places that no road reaches from anywhere, which have a row of their
    own; what is beyond the limit is so by road.
    """
    line, quiet = WAYS.index("straight_line"), {WAYS.index("same")}
    ways = np.where(ways == WAYS.index("beyond"), WAYS.index("roads"), ways)
    counts = np.ones(ways.shape[1], dtype=np.bool_) if there is None else ~(there.too_far | there.astray)
    said, why = [], []
    for n, row in enumerate(ways):
        seen = (
            sorted({*row[counts].tolist()} - quiet)
            or sorted({*row.tolist()} - quiet)
            or sorted({*row.tolist()})
        )
        far = here is not None and bool(here.too_far[n])
        said.append(WAYS[seen[0]] if len(seen) == 1 else "mixed")
        why.append("too_far" if far else reason if line in seen else "")
    metres = np.full(len(ways), np.nan) if here is None else here.metres
    return frame[["commune_code", "commune", "premises", "premises_name"]].assign(
        way=said, reason=why, metres=metres
    )


def _mode(s: Scenario) -> Text:
    return both(f"travel.mode.{s.travel.mode}")


def _folder() -> str:
    return str(kept.folders()[0])
