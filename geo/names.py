"""Matching of place names: with or without diacritics, type, and the ways of writing hòa and hoà."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import lru_cache

import pandas as pd

from errors import DataError, Problem
from text import fold, tidy

# What stands before a name, and how it is abbreviated.  P, X and Q need a dot, a space or a digit after
# them: Phú, Xuân and Quế are names.
_PREFIXES = (
    ("Phường", re.compile(r"(?:phường|phuong)\b[\s.]*|p(?:\.\s*|\s+|(?=\d))")),
    ("Thị trấn", re.compile(r"(?:thị trấn|thi tran|tt)\b[\s.]*")),
    ("Đặc khu", re.compile(r"(?:đặc khu|dac khu|đk)\b[\s.]*")),
    ("Xã", re.compile(r"(?:xã|xa)\b[\s.]*|x(?:\.\s*|\s+)")),
    ("Thành phố", re.compile(r"(?:thành phố|thanh pho|tp)\b[\s.]*")),
    ("Thị xã", re.compile(r"(?:thị xã|thi xa|tx)\b[\s.]*")),
    ("Quận", re.compile(r"(?:quận|quan)\b[\s.]*|q(?:\.\s*|\s+|(?=\d))")),
    ("Huyện", re.compile(r"(?:huyện|huyen)\b[\s.]*|h(?:\.\s*|\s+)")),
    ("Tỉnh", re.compile(r"(?:tỉnh|tinh)\b[\s.]*")),
)
_TONES = frozenset("\u0300\u0309\u0303\u0301\u0323")  # huyền, hỏi, ngã, sắc, nặng


def split_type(name: str) -> tuple[str, str]:
    """The type that a name opens with, written out, and the rest: ``TT. Cờ Đỏ`` gives Thị trấn, Cờ Đỏ.

    The type is empty where the name has none; a name that is nothing but a type is kept whole.
    """
    plain = tidy(name)
    for kind, pattern in _PREFIXES:
        found = pattern.match(plain.casefold())
        if found and len(plain) > found.end():
            return kind, plain[found.end() :]
    return "", plain


def fold_name(name: str) -> str:
    """A name as it is compared: type written out, no diacritics, no spaces, numbers without leading zeros."""
    kind, rest = split_type(name)
    return fold(kind) + _fold(rest)


def near(asked: str, names: Mapping[str, str], *, most: int = 3) -> str:
    """Up to `most` entries of `names` (code: name) that resemble `asked`, as ``92 Thành phố Cần Thơ``.

    Compares with codes and, without types and diacritics, with names; ``–`` where nothing resembles.
    """
    close = [f"{code} {names[code]}" for code, ratio in closest(asked, names, most=most) if ratio >= 0.6]
    return ", ".join(close) or "–"


def closest(asked: str, names: Mapping[str, str], *, most: int = 3) -> list[tuple[str, float]]:
    """Codes of the `most` entries of `names` (code: name) most like `asked`, best first, with the likeness.

    The likeness, in [0, 1], is difflib's ratio; compared as in `near`.
    """
    matcher = difflib.SequenceMatcher(None, b=_fold(split_type(asked)[1]))
    scored = []
    for code, name in names.items():
        ratio = 0.0
        for key in (code, _fold(split_type(name)[1]), fold_name(name)):
            matcher.set_seq1(key)
            ratio = max(ratio, matcher.ratio())
        scored.append((-ratio, code))
    return [(code, -ratio) for ratio, code in sorted(scored)[:most]]


def find_commune(name: str, communes: pd.DataFrame, *, district: str | None = None, where: str = "") -> str:
    """Code of the commune called `name`.

    Tries, in this order, and takes the first that finds any: the name as spelled (hòa or hoà, number 1 or
    01), then without diacritics, then with y for i and k for c; with its type (Xã, Phường, Thị trấn, P., X.,
    TT.) or without.

    Args:
        name: what the user wrote.
        communes: commune_code, commune, district_code, district.
        district: code or name of the district to look in.
        where: where the name stands, for the message.

    Raises:
        DataError: no commune or no district of that name, or more than one.
    """
    looked_in = communes
    if district is not None:
        code = find_district(district, communes, where=where)
        looked_in = communes[communes["district_code"] == code]
    names = dict(zip(looked_in["commune_code"], looked_in["commune"], strict=True))
    return _find(name, names, "commune", where)


def find_district(name: str, communes: pd.DataFrame, *, where: str = "") -> str:
    """Code of the district with this code or name; matching and errors as in `find_commune`."""
    names = dict(zip(communes["district_code"], communes["district"], strict=True))
    return name if name in names else _find(name, names, "district", where)


def _find(name: str, names: Mapping[str, str], what: str, where: str) -> str:
    matches = sorted(Lookup(names).find(name))
    if len(matches) == 1:
        return matches[0]
    if matches:
        found = ", ".join(f"{code} {names[code]}" for code in matches)
        raise DataError(Problem(f"geo.ambiguous_{what}", where or what, {"name": tidy(name), "found": found}))
    values = {"name": tidy(name), "near": near(name, names)}
    raise DataError(Problem(f"geo.unknown_{what}", where or what, values))


class Lookup:
    """Names (by code) made ready for many questions; how names match stands at `find_commune`."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._codes: dict[tuple[Callable[[str], str], str | None, str], set[str]] = {}
        for code, listed in names.items():
            kind, spelt = _spellings(listed)
            for spelling, rest in zip(_SPELLINGS, spelt, strict=True):
                for key in (kind, None):  # with its own type, or whatever type
                    self._codes.setdefault((spelling, key, rest), set()).add(code)

    def find(self, name: str) -> frozenset[str]:
        """Codes of the names that `name` may stand for; more than one where it does not say which."""
        kind, rest = split_type(name)
        for spelling in _SPELLINGS:
            typed = self._codes.get((spelling, kind or None, spelling(rest)), set())
            # As written: "Xa Dung" is a name, not Xã Dung.
            bare = self._codes.get((spelling, None, spelling(tidy(name))), set())
            if typed or bare:
                return frozenset(typed | bare)
        return frozenset()

    def find_retyped(self, name: str) -> frozenset[str]:
        """As `find`, whatever type `name` gives: Xã An Bình may be a Phường today."""
        rest = split_type(name)[1]
        for spelling in _SPELLINGS:
            if found := self._codes.get((spelling, None, spelling(rest))):
                return frozenset(found)
        return frozenset()


@lru_cache(maxsize=32768)
def _spellings(listed: str) -> tuple[str, tuple[str, ...]]:
    """Type and spellings of a name of a list; what users write is not kept here."""
    kind, rest = split_type(listed)
    return kind, tuple(spelling(rest) for spelling in _SPELLINGS)


def _words(name: str) -> list[str]:
    return [word.lstrip("0") or "0" for word in name.casefold().split()]


def _fold(name: str) -> str:
    return fold(" ".join(_words(name)))


def _spelled(name: str) -> str:
    """Letters with their diacritics; the tone after its word, so that it may stand on either vowel."""
    spelled = []
    for word in _words(name):
        letters = unicodedata.normalize("NFD", word)
        rest = "".join(
            letter for letter in letters if letter not in _TONES and (letter.isalnum() or letter > "\u02ff")
        )
        tones = "".join(letter for letter in letters if letter in _TONES)
        spelled.append(unicodedata.normalize("NFC", rest) + "~" + tones)
    return " ".join(spelled)


def _sounded(name: str) -> str:
    """Letters that are written one for another in names: Quý and Quí, Đắk and Đắc."""
    return _fold(name).translate(_SOUNDS)


_SOUNDS = str.maketrans("yk", "ic")
_SPELLINGS = (_spelled, _fold, _sounded)
"""In which names are compared; the first that finds any counts."""
