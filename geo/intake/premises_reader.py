"""The rows of a table of premises, one after the other, and everything that is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from errors import Problem
from geo import units
from geo.intake import premises_words as words
from geo.intake.grids import Grid
from geo.intake.headings import Heading, plain
from geo.intake.places import Places
from geo.intake.premises_points import Surroundings
from geo.intake.quantities import NO_RESULT, Cell, quantity
from geo.names import near
from geo.premises import HEALTH_STATION
from scenarios.references import STATION
from scenarios.schema import Scenario
from text import Text, both, fold

LEFT_OUT = ""
"""In place of a type: rows with this word are no premises that anybody plans with."""

How = Literal["id", "name", "station", "new"]
"""How a row was tied to the scenario: by its id, by its name, as a commune's station, or not at all."""


@dataclass(frozen=True, kw_only=True)
class Columns:
    """Which column is what (`premises_words.roles`), counted from 0; `first_row` follows the headings."""

    of: Mapping[str, int]
    headings: tuple[str, ...]
    first_row: int

    def ignored(self) -> list[str]:
        """Headings of the columns that nothing is read from, running numbers apart."""
        taken = set(self.of.values())
        left = [text for n, text in enumerate(self.headings) if text and n not in taken]
        return [text for text in left if Heading((text,)).role != "ordinal"]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One premises as a table has it; None where the table says nothing.

    `lat`, `lon` are degrees (WGS84); `group` and the like stay what the scenario says.
    """

    where: str
    id: str
    how: How
    name: str | None = None
    type: str | None = None
    commune: str | None = None
    address: str | None = None
    lat: float | None = None
    lon: float | None = None
    existing: tuple[str, ...] | None = None
    capacity: Mapping[str, int] = field(default_factory=dict)
    answers: Mapping[str, bool] = field(default_factory=dict)
    ready_from: str | None = None
    consent: bool | None = None


class Reader:
    """Reads row after row and keeps what is wrong."""

    def __init__(self, sheet: tuple[Grid, Columns], scenario: Scenario, *, places: Places,
                 around: Surroundings, types: Mapping[str, str]) -> None:  # fmt: skip
        self.grid, self.columns = sheet
        self.scenario, self.places, self.around, self.types = scenario, places, around, types
        self.problems: list[Problem] = []
        self.notes: list[tuple[str, Text]] = []
        self.unknown: list[str] = []
        self.left_out = 0
        self.taken: set[str] = set(scenario.premises.named)
        self.by_name: dict[str, list[str]] = {}
        for key, place in scenario.premises.named.items():
            self.by_name.setdefault(fold(place.name), []).append(key)

    def row(self, at: int) -> Row | None:
        """One row, None where it says nothing or something was wrong with it (which is then kept)."""
        cells = {role: self.grid.rows[at][n] for role, n in self.columns.of.items()}
        if not any(words.written(cell) for cell in cells.values()) or _numbers(cells):
            return None
        if self.types.get(words.written(cells.get("type"))) == LEFT_OUT:
            self.left_out += 1
            return None
        faults = len(self.problems)
        name, id_ = words.written(cells.get("name")), words.written(cells.get("id"))
        given = self._given(at, cells)
        lat, lon = self._point(at, cells)
        commune = self._commune(at, cells)
        key, how = self._known(id_, name)
        old = self.scenario.premises.named.get(key or "")
        station = key is not None and key.startswith(STATION) and old is None
        type_ = self._type(at, cells, name, known=old is not None or station)
        if station and key is not None:
            commune = commune or key.removeprefix(STATION)
        point = (lat, lon) if lat is not None and lon is not None else None
        if point is not None and len(self.problems) == faults:
            commune = self._placed(at, point, commune or (old.commune if old else None))
        if commune is None and old is None and len(self.problems) == faults:
            self._fault("premises.no_commune", at, "commune", name=name or id_)
        if not name and old is None and not station:
            self._fault("premises.no_name", at, "name")
        if len(self.problems) > faults:
            return None
        if key is None and type_ == HEALTH_STATION and commune and STATION + commune not in self.taken:
            key, how = STATION + commune, "station"
        elif key is None and type_ == HEALTH_STATION and commune:
            note = both("premises.note.second_station", name=name, commune=self.places.names[commune])
            self.notes.append((self.grid.where(at), note))
        key = key or self._new_id(name, commune or "")
        self.taken.add(key)
        return Row(
            where=self.grid.where(at), id=key, how=how, name=name or None, type=type_, commune=commune,
            lat=lat, lon=lon, **given,
        )  # fmt: skip

    def twice(self, rows: Sequence[Row]) -> None:
        """Two rows for the same premises."""
        seen: dict[object, Row] = {}
        for row in rows:
            keys: list[object] = [row.id]
            if row.name and row.commune:
                keys.append((fold(row.name), row.commune))
            first = next((seen[key] for key in keys if key in seen), None)
            if first is not None:
                values = {"name": row.name or row.id, "other": first.where}
                self.problems.append(Problem("premises.twice", row.where, values))
            for key in keys:
                seen.setdefault(key, row)

    # --- cells -----------------------------------------------------------------------------------

    def _fault(self, code: str, at: int, role: str, /, **values: object) -> None:
        where = self.grid.where(at, self.columns.of.get(role))
        self.problems.append(Problem(code, where, values))

    def _given(self, at: int, cells: Mapping[str, Cell]) -> dict[str, Any]:
        """Existing kinds, capacities, answers, readiness, consent and address."""
        for role in (role for role, cell in cells.items() if cell == NO_RESULT):
            self._fault("premises.no_result", at, role)
        s = self.scenario
        existing = ready = None
        try:
            existing = words.kinds(cells.get("existing"), s)
        except words.UnclearError:
            labels = "; ".join(kind.short.vi for kind in s.kinds.values())
            self._fault(
                "premises.kinds", at, "existing", given=words.written(cells["existing"]), known=labels
            )
        try:
            ready = words.stage(cells.get("ready_from"), s)
        except words.UnclearError:
            stages = ", ".join(s.stages)
            self._fault(
                "premises.stage", at, "ready_from", given=words.written(cells["ready_from"]), known=stages
            )
        answers = {
            name: answer for name in words.criteria(s)
            if (answer := self._yes_or_no(at, cells, f"criteria.{name}")) is not None
        }  # fmt: skip
        return {
            "existing": existing, "ready_from": ready, "answers": answers,
            "consent": self._yes_or_no(at, cells, "consent"),
            "capacity": self._capacity(at, cells, existing or ()),
            "address": words.written(cells.get("address")) or None,
        }  # fmt: skip

    def _yes_or_no(self, at: int, cells: Mapping[str, Cell], role: str) -> bool | None:
        try:
            return words.yes_or_no(cells.get(role))
        except words.UnclearError:
            self._fault("premises.yes_or_no", at, role, given=words.written(cells[role]))
            return None

    def _capacity(self, at: int, cells: Mapping[str, Cell], existing: Sequence[str]) -> dict[str, int]:
        found: dict[str, int] = {}
        for role in [role for role in cells if role.split(".")[0] == "capacity"]:
            number = quantity(cells[role])
            if number.fault:
                self._fault("premises.capacity", at, role, given=words.written(cells[role]))
            if number.number is None:
                continue
            kinds = [role.partition(".")[2]] if "." in role else list(existing or self.scenario.kinds)
            if len(kinds) == 1:
                found[kinds[0]] = number.number
            else:
                labels = "; ".join(self.scenario.kinds[kind].short.vi for kind in kinds)
                self._fault("premises.capacity_of", at, role, given=number.number, kinds=labels)
        return found

    def _type(self, at: int, cells: Mapping[str, Cell], name: str, *, known: bool) -> str | None:
        said = words.written(cells.get("type"))
        meant = self.types.get(said) or (words.type_meant(said, self.scenario) if said else None)
        if not said and not known:
            meant = words.type_meant(name, self.scenario)
        allowed = "; ".join(words.type_label(type_).vi for type_ in words.types(self.scenario))
        if said and meant not in words.types(self.scenario):
            self._fault("premises.type", at, "type", given=said, known=allowed)
        elif meant is None and not known:
            self._fault("premises.no_type", at, "type", name=name, known=allowed)
        return meant

    # --- where ------------------------------------------------------------------------------------

    def _point(self, at: int, cells: Mapping[str, Cell]) -> tuple[float | None, float | None]:
        lat = lon = None
        try:
            lat, lon = words.degrees(cells.get("lat")), words.degrees(cells.get("lon"))
            if lat is None and lon is None and (both_ := words.point(cells.get("point"))):
                lat, lon = both_
        except words.UnclearError:
            said = " ".join(words.written(cells.get(r)) for r in ("lat", "lon", "point")).strip()
            self._fault("premises.point", at, "lat" if "lat" in cells else "point", given=said)
            return None, None
        if (lat is None) != (lon is None):
            self._fault("premises.half_point", at, "lat" if lat is None else "lon")
            return None, None
        if lat is not None and lon is not None:
            where = self.grid.where(at, self.columns.of.get("lat", self.columns.of.get("point")))
            self.problems += units.point_problems(np.array([lon]), np.array([lat]), [where])
        return lat, lon

    def _commune(self, at: int, cells: Mapping[str, Cell]) -> str | None:
        """The commune that code, name and district say; None where they say nothing."""
        code, name, district = (words.written(cells.get(role)) for role in ("code", "commune", "district"))
        code = code.zfill(5) if code.isdigit() and len(code) < 5 and code not in self.places.names else code
        under = self.places.district(district)
        if district and under is None and self.places.districts:
            self._fault(
                "premises.district", at, "district", name=district, near=near(district, self.places.districts)
            )
            return None
        meant = self.places.commune(name, under).codes if name else frozenset()
        if code:
            if code not in self.places.names:
                if len(meant) == 1:
                    note = both("premises.note.by_name", code=code, commune=self.places.names[min(meant)])
                    self.notes.append((self.grid.where(at), note))
                    return min(meant)
                self._fault(
                    "premises.code", at, "code", code=code, near=near(name or code, self.places.names)
                )
            elif name and code not in meant:
                values = {"code": code, "listed": self.places.names[code], "name": name}
                self._fault("premises.code_and_name", at, "code", **values)
            return code if code in self.places.names else None
        if not name:
            return None
        if len(meant) != 1:
            found = {c: self.places.names[c] for c in sorted(meant)}
            code_ = "premises.commune_unclear" if meant else "premises.commune"
            listed_ = ", ".join(f"{c} {n}" for c, n in found.items()) or near(name, self.places.names)
            self._fault(code_, at, "commune", name=name, near=listed_)
            return None
        return min(meant)

    def _placed(self, at: int, point: tuple[float, float], stated: str | None) -> str | None:
        """The commune of a point: the stated one, with a note where the point lies outside of it."""
        inside, km = self.around.commune_at(*point)
        if inside is None:
            self._fault("premises.far", at, "lat" if "lat" in self.columns.of else "point", km=f"{km:.0f}")
            return stated
        if stated is not None and inside != stated:
            away = self.around.km_outside(*point, stated)
            names = self.places.names
            key = "premises.note.outside_roughly" if self.around.approximate else "premises.note.outside"
            values = {"stated": names.get(stated, stated), "inside": names[inside], "km": f"{away:.1f}"}
            self.notes.append((self.grid.where(at), both(key, **values)))
        return stated or inside

    # --- which ------------------------------------------------------------------------------------

    def _known(self, id_: str, name: str) -> tuple[str | None, How]:
        named = self.scenario.premises.named
        station = self.scenario.premises.health_stations and id_.removeprefix(STATION) in self.places.names
        if id_ in named or (station and id_.startswith(STATION)):
            return id_, "id"
        if id_:
            self.unknown.append(id_)
        same = self.by_name.get(fold(name), [])
        return (same[0], "name") if len(same) == 1 else (None, "new")

    def _new_id(self, name: str, commune: str) -> str:
        bare = re.sub(r"[^a-z0-9]+", "_", plain(name)).strip("_")[:45] or "premises"
        bare = bare if bare[0].isalpha() else f"p_{bare}"
        tried = [bare, f"{bare}_{commune}", *(f"{bare}_{n}" for n in range(2, 10_000))]
        return next(id_ for id_ in tried if id_ not in self.taken and re.fullmatch(r"[a-z][a-z0-9_]*", id_))


def _numbers(cells: Mapping[str, Cell]) -> bool:
    """Whether a row only numbers the columns: (1), (2), A, B."""
    said = [text for cell in cells.values() if (text := words.written(cell))]
    return len(said) > 1 and all(re.fullmatch(r"\(?(?:\d{1,2}|[A-Z])\)?", text) for text in said)
