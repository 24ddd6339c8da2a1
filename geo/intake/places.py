"""Which commune of a list does a name mean, and which list do names come from?"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal, get_args

import pandas as pd

from geo import units
from geo.names import Lookup, fold_name, split_type
from geo.units import Vintage
from text import fold

How = Literal["code", "name", "alias", "mapping", "none"]

# What the package lacks: names of communes that are gone, folded as `units.aliases` has them, by the codes of
# early 2025 that took them in.  A name under two codes is for the user to decide.
_FORMER: dict[str, tuple[str, ...]] = dict.fromkeys(
    # Xã Suối Trầu (Long Thành, Đồng Nai) was dissolved for the airport: 5,816 persons to Bình Sơn, 700 to Bàu
    # Cạn.  Resolution 694/NQ-UBTVQH14 of 10 May 2019, article 1.
    ("26395", "26410"), ("xasuoitrau", "suoitrau"),
)  # fmt: skip
# Communes that went to another district after 2019, by the code of the district they came from.
_MOVED: dict[str, tuple[str, ...]] = {
    # Phúc Sơn and Minh Quang, Chiêm Hóa to Lâm Bình.  Resolution 1262/NQ-UBTVQH14 of 27 April 2021, art. 1.
    "073": ("02299", "02302"),
    # Kim Phú, Phú Lâm (most of it now Mỹ Lâm) and Tân Bình (now Đội Cấn), Yên Sơn to the city of Tuyên Quang.
    # Resolution 816/NQ-UBTVQH14 of 21 November 2019, article 1.
    "075": ("02497", "02509", "02524"),
}


@dataclass(frozen=True, slots=True)
class Meant:
    """Codes a name may mean (one where it is clear), by what, and whether another type was written."""

    codes: frozenset[str]
    how: How = "name"
    retyped: bool = False


NOBODY = Meant(frozenset(), "none")


class Places:
    """A list of communes made ready for looking up names.

    `communes` has commune_code, commune, district_code, district, province (one province).
    """

    def __init__(self, communes: pd.DataFrame, vintage: Vintage) -> None:
        self.vintage = vintage
        self.communes = communes
        self.names: dict[str, str] = dict(zip(communes["commune_code"], communes["commune"], strict=True))
        self.district_of: dict[str, str] = dict(
            zip(communes["commune_code"], communes["district_code"], strict=True)
        )
        self.districts: dict[str, str] = {
            code: name
            for code, name in zip(communes["district_code"], communes["district"], strict=True)
            if code
        }
        self.province_codes = frozenset(communes["province_code"])
        self.provinces = frozenset(map(split_type, communes["province"].unique()))
        self._districts = Lookup(self.districts)
        known, ours = units.aliases(vintage), _FORMER if vintage == "2025-01" else {}
        self._aliases = {code: known.get(code, ()) + ours.get(code, ()) for code in self.names}
        self._members: dict[str, list[str]] = {}
        for code, district in self.district_of.items():
            self._members.setdefault(district, []).append(code)
        self._meant: dict[tuple[str, str], Meant] = {}
        self._named: dict[str, str | None] = {}
        self._within: dict[str, tuple[Lookup, Mapping[str, frozenset[str]]]] = {}

    def district(self, name: str) -> str | None:
        """Code of the district with this name or code, whatever its type; None where it is not clear."""
        if not name or name in self.districts:
            return name or None
        if name not in self._named:
            found = self._districts.find(name) or self._districts.find_retyped(name)
            self._named[name] = next(iter(found)) if len(found) == 1 else None
        return self._named[name]

    def is_province(self, name: str) -> bool:
        """Whether `name` is that of the province, with its own type before it or none."""
        kind, rest = split_type(name)
        return name in self.province_codes or any(
            kind in {"", own} and fold(rest) == fold(listed) for own, listed in self.provinces
        )

    def elsewhere(self, province: str) -> bool:
        """Whether `province` is another one of the list, by its name or code."""
        return not self.is_province(province) and _bare(province) in _provinces(self.vintage)

    def abroad(self, name: str, district: str, code: str) -> bool:
        """Whether another province has this code, or a district of this name, with such a commune."""
        listed = _districts(self.vintage)
        there = code not in self.names and (code, _bare(name)) in listed
        return there or (self.district(district) is None and (_bare(district), _bare(name)) in listed)

    def commune(self, name: str, district: str | None = None) -> Meant:
        """The commune called `name` in a district (by its code), or in the whole province."""
        key = name, district or ""
        if key not in self._meant:
            self._meant[key] = self._commune(name, district)
        return self._meant[key]

    def _commune(self, name: str, district: str | None) -> Meant:
        names, aliases = self._lookups(district)
        if found := names.find(name):
            return Meant(found)
        for key in dict.fromkeys((fold_name(name), fold(split_type(name)[1]), fold(name))):
            if key in aliases:
                return Meant(aliases[key], "alias")
        if found := names.find_retyped(name):
            return Meant(found, retyped=True)
        return NOBODY

    def knows(self, name: str) -> bool:
        """Whether `name` is one of the list's communes or districts."""
        return bool(self.commune(name).codes) or self.district(name) is not None

    def _lookups(self, district: str | None) -> tuple[Lookup, Mapping[str, frozenset[str]]]:
        key = district or ""
        if key not in self._within:
            moved = _MOVED.get(key, ()) if self.vintage == "2025-01" else ()
            inside = self.names
            if key:
                codes = [*self._members.get(key, ()), *(code for code in moved if code in self.names)]
                inside = {code: self.names[code] for code in codes}
            aliases: dict[str, set[str]] = {}
            for code in inside:
                for alias in self._aliases[code]:
                    aliases.setdefault(alias, set()).add(code)
            frozen = {alias: frozenset(codes) for alias, codes in aliases.items()}
            self._within[key] = Lookup(inside), frozen
        return self._within[key]


def _bare(name: str) -> str:
    return fold(split_type(name)[1])


@cache
def _provinces(vintage: Vintage) -> frozenset[str]:
    listed = units.provinces(vintage)
    return frozenset({*map(_bare, listed["province"]), *listed["province_code"]})


@cache
def _districts(vintage: Vintage) -> frozenset[tuple[str, str]]:
    """Districts of the whole country, and codes, with each commune that they have."""
    listed = units.everywhere(vintage)
    names = listed["commune"].map(_bare)
    by_district = zip(listed["district"].map(_bare), names, strict=True) if vintage == "2025-01" else ()
    return frozenset({*by_district, *zip(listed["commune_code"], names, strict=True)})


# --- which list is it? -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Likeness:
    """How many of the names and codes of a sheet a list has."""

    vintage: Vintage
    province_code: str
    province: str
    hits: int
    asked: int


@cache
def _keys(vintage: Vintage) -> tuple[dict[str, frozenset[str]], dict[str, str]]:
    """Provinces in which a folded name or a code stands, and the names of the provinces."""
    listed = units.everywhere(vintage)
    found: dict[str, set[str]] = {}
    for code, name, province in zip(
        listed["commune_code"], listed["commune"], listed["province_code"], strict=True
    ):
        for key in (code, fold_name(name), fold(split_type(name)[1])):
            found.setdefault(key, set()).add(province)
    for code, names in units.aliases(vintage).items():
        for name in names:
            found.setdefault(name, set()).update(found.get(code, ()))
    provinces = units.provinces(vintage)
    named = dict(zip(provinces["province_code"], provinces["province"], strict=True))
    return {key: frozenset(codes) for key, codes in found.items()}, named


def likeness(given: Iterable[tuple[str, str]]) -> list[Likeness]:
    """The lists that most of the given (code, name) stand in, best first; those of no use are left out."""
    asked = [(code, fold_name(name), fold(split_type(name)[1])) for code, name in set(given)]
    found: list[Likeness] = []
    for vintage in get_args(Vintage):
        keys, named = _keys(vintage)
        hits: Counter[str] = Counter()
        for code, typed, bare in asked:
            by_name = keys.get(typed) or keys.get(bare)
            hits.update(by_name or (frozenset() if typed else keys.get(code, frozenset())))
        found += [Likeness(vintage, code, named[code], n, len(asked)) for code, n in hits.items()]
    return sorted(found, key=lambda like: (-like.hits, like.vintage, like.province_code))


def in_country(given: Iterable[tuple[str, str]]) -> Vintage | None:
    """The list in which nearly all of the given (code, name) stand, of whatever provinces."""
    asked = [(code, fold_name(name), _bare(name)) for code, name in given]
    found: dict[Vintage, int] = {}
    for vintage in get_args(Vintage):
        keys, _ = _keys(vintage)
        found[vintage] = sum(typed in keys or bare in keys or (not typed and code in keys)
                             for code, typed, bare in asked)  # fmt: skip
    best = max(found, key=lambda vintage: found[vintage])
    return best if asked and 10 * found[best] >= 9 * len(asked) else None


def enumerator(text: str) -> tuple[str, str]:
    """What numbers a row, and its name: ``II. Quận Ô Môn`` gives II, Quận Ô Môn."""
    found = re.match(r"(?:\(?((?:[IVXLC]+|[A-Z]|\d{1,3}(?:\.\d{1,3})*))\s*[.)/:-]\s*|[-+*•]\s*)(?=\S)", text)
    if found and found.end() < len(text) and not re.match(r"[PXQH]\.\s*\S", text):
        return found[1] or "", text[found.end() :]
    return "", text


def apart(name: str, places: Places) -> tuple[str, str]:
    """A commune and the district written with it: ``Trung An, huyện Cờ Đỏ`` or ``Trung An (Cờ Đỏ)``."""
    for pattern in (r"(.+?)\s*[,;]\s*(.+)", r"(.+?)\s+[-–]\s+(.+)", r"(.+?)\s*\(([^()]+)\)"):
        found = re.fullmatch(pattern, name)
        if found:
            rest = re.split(r"\s*[,;]\s*|\s+[-–]\s+", found[2])[0]
            if places.district(rest) is not None or places.is_province(rest):
                return found[1], "" if places.is_province(rest) and not places.district(rest) else rest
    return name, ""
