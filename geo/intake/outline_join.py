"""Which commune each shape of a file is: by code, else by name within the district, else by where it lies."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import shapely

from geo import units
from geo.cells import metric_zone
from geo.intake.outline_columns import Columns, bare, code_of
from geo.names import near, split_type
from geo.units import Vintage
from text import fold

NEAR_M = 20_000.0
"""How far from its listed point a unit may lie that is known by name alone; homonyms lie farther."""

How = Literal["code", "name", "alias", "place"]


class Match(NamedTuple):
    """A row of the file and the commune that it was taken for; `said` is what the file calls it."""

    row: int
    said: str
    code: str
    commune: str


class LeftOut(NamedTuple):
    """A row of the file that is no commune of the province; `near` are communes of a similar name."""

    row: int
    said: str
    near: str


@dataclass(kw_only=True)
class Joined:
    """Rows and their communes.  `codes` ("" for none) and `how` have one entry a row."""

    codes: list[str]
    how: list[How | Literal["outside"] | None]
    matches: dict[How, list[Match]] = field(default_factory=lambda: defaultdict(list))
    renamed: list[Match] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    twice: list[tuple[str, list[str]]] = field(default_factory=list)


def join(
    frame: gpd.GeoDataFrame, words: pd.DataFrame, columns: Columns, listed: pd.DataFrame, vintage: Vintage
) -> Joined:
    """Find the commune of each row.

    Args:
        frame: geometry (EPSG:4326), one row a shape.
        words: the attributes as text, same index.
        columns: which of them name the unit.
        listed: `units.communes` of the province.
        vintage: of the list, for former names.
    """
    register = _Register(listed, vintage, frame)
    joined = Joined(codes=[""] * len(frame), how=[None] * len(frame))
    empty = pd.Series("", index=words.index)
    rows = zip(
        *(words[c] if c else empty for c in (columns.code, columns.name, columns.district)), strict=True
    )
    province = bare(str(listed["province"].iloc[0]))
    home = words[columns.province].map(bare) == province if columns.province else pd.Series(True, words.index)
    for n, (code, name, district) in enumerate(rows):
        code_ = code_of(code)
        found, how = register.find(n, code_, name, district) if home.iloc[n] else ("", None)
        said = " ".join(filter(None, (code, name, f"({district})" if district else "")))
        if how is None:
            if not home.iloc[n] or register.elsewhere(n, code_):
                joined.how[n] = "outside"
            else:
                joined.left_out.append(LeftOut(n, said or "–", near(name or code, register.names)))
            continue
        joined.codes[n], joined.how[n] = found, how
        match = Match(n, said, found, register.names[found])
        joined.matches[how].append(match)
        if how == "code" and name and bare(name) != bare(match.commune):
            joined.renamed.append(match)
    _settle(joined, register, words, columns)
    return joined


def _settle(joined: Joined, register: _Register, words: pd.DataFrame, columns: Columns) -> None:
    """Several rows for one commune: parts of it, former communes that it took in, or a clash."""
    rows_of: dict[str, list[int]] = defaultdict(list)
    for n, code in enumerate(joined.codes):
        if code:
            rows_of[code].append(n)
    keys = [c for c in (columns.code, columns.name, columns.district) if c]
    for code, rows in rows_of.items():
        own = [n for n in rows if joined.how[n] != "alias"]
        said = {tuple(words[key].iloc[n] for key in keys) for n in own}
        if len(said) < 2 and columns.code:
            continue
        inside = [n for n in own if register.distance(n, code) == 0]
        if not columns.code and len(inside) == 1 and not _one_piece(register, own):
            for n in own:  # homonyms of other provinces, in a file without codes
                if n not in inside:
                    _drop(joined, n)
            continue
        if len(said) > 1:
            joined.twice.append((code, [" ".join(filter(None, one)) for one in sorted(said)]))


def _one_piece(register: _Register, rows: list[int]) -> bool:
    """Whether the shapes of these rows hang together."""
    whole = shapely.union_all(shapely.buffer(register.shapes[rows], 1.0))
    return bool(shapely.get_num_geometries(whole) == 1)


def _drop(joined: Joined, row: int) -> None:
    for matches in joined.matches.values():
        matches[:] = [match for match in matches if match.row != row]
    joined.renamed[:] = [match for match in joined.renamed if match.row != row]
    joined.codes[row], joined.how[row] = "", "outside"


class _Register:
    """The list of a province, looked up by code, by name and by place."""

    def __init__(self, listed: pd.DataFrame, vintage: Vintage, frame: gpd.GeoDataFrame) -> None:
        self.names = dict(zip(listed["commune_code"], listed["commune"], strict=True))
        self.district = dict(zip(listed["commune_code"], listed["district_code"], strict=True))
        self.type = dict(zip(listed["commune_code"], listed["commune_type"], strict=True))
        self.by_name: dict[str, list[str]] = defaultdict(list)
        for code, name in self.names.items():
            self.by_name[bare(name)].append(code)
            self.by_name[fold(name)].append(code)
        self.by_alias: dict[str, list[str]] = defaultdict(list)
        for code, aliases in units.aliases(vintage).items():
            if code in self.names:
                for alias in aliases:
                    self.by_alias[alias].append(code)
        self.districts: dict[str, set[str]] = defaultdict(set)
        for code, name in zip(listed["district_code"], listed["district"], strict=True):
            self.districts[code] = {code}
            self.districts[bare(name)] |= {code}
            self.districts[fold(name)] = {code}
        self.everywhere = set(units.everywhere(vintage)["commune_code"])
        zone = metric_zone(listed["lon"].to_numpy(float))
        points = gpd.GeoSeries(gpd.points_from_xy(listed["lon"], listed["lat"]), crs="EPSG:4326").to_crs(zone)
        self.points = dict(zip(listed["commune_code"], np.asarray(points.array), strict=True))
        turn = pyproj.Transformer.from_crs(4326, zone, always_xy=True)
        self.shapes: npt.NDArray[np.object_] = np.asarray(
            shapely.transform(
                np.asarray(frame.geometry.array), lambda xy: np.stack(turn.transform(*xy.T), axis=1)
            )
        )
        reach = shapely.union_all(shapely.buffer(np.asarray(points.array), 1_000.0))
        self.home = shapely.convex_hull(reach)

    def distance(self, row: int, code: str) -> float:
        """Metres from the shape of `row` to the listed point of `code`; 0 where it lies inside."""
        return float(shapely.distance(self.shapes[row], self.points[code]))

    def elsewhere(self, row: int, code: str) -> bool:
        """Whether a row is of another province: by its code, or by where it lies."""
        if code in self.everywhere:
            return code not in self.names
        return not shapely.intersects(self.home, shapely.point_on_surface(self.shapes[row]))

    def find(self, row: int, code: str, name: str, district: str) -> tuple[str, How | None]:
        """The commune of a row and how it was found; "" where it is none."""
        if code in self.names:
            return self._by_code(row, code, name, district)
        if not name or (code in self.everywhere and not district):
            return "", None  # the code of another province's commune, which may have a namesake here
        named = self._named(name, district, self.by_name)
        if one := self._nearest(row, named, certain=bool(district)):
            return one, "name" if len(named) == 1 else "place"
        former = self._nearest(row, self._named(name, district, self.by_alias), certain=bool(district))
        return former, "alias" if former else None

    def _by_code(self, row: int, code: str, name: str, district: str) -> tuple[str, How]:
        """A listed code: codes change hands, so a name that is listed elsewhere is held against it."""
        if not name or bare(name) == bare(self.names[code]):
            return code, "code"
        if named := self._named(name, district, self.by_name):
            return min([code, *named], key=lambda one: (self.distance(row, one), one != code)), "place"
        return code, "alias" if code in self._named(name, district, self.by_alias) else "code"

    def _named(self, name: str, district: str, register: dict[str, list[str]]) -> list[str]:
        """Communes of that name: within the district if one is given, of that type if any is."""
        kind, _ = split_type(name)
        found = list(dict.fromkeys([*register.get(bare(name), ()), *register.get(fold(name), ())]))
        if district:
            within = self.districts.get(code_of(district, 3)) or self.districts.get(fold(district))
            within = within or self.districts.get(bare(district)) or set()
            found = [code for code in found if self.district[code] in within]
        typed = [code for code in found if kind == self.type[code]]
        return typed or found

    def _nearest(self, row: int, codes: list[str], *, certain: bool) -> str:
        """The one of `codes` whose listed point is nearest, unless it is too far to be the same place."""
        if not codes:
            return ""
        nearest = min(codes, key=lambda code: (self.distance(row, code), code))
        return nearest if certain or self.distance(row, nearest) <= NEAR_M else ""
