"""Which columns of a file of shapes hold the code, the name, the district: found by what stands in them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd

from errors import DataError, Problem
from geo import units
from geo.names import split_type
from geo.units import Vintage
from text import fold, tidy

LEAST = 0.3
"""Share of the units that must be found in a column for it to be the one that names them."""
_SHOWN = 20


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What the user says about a file; whatever is None is found by itself."""

    layer: str | None = None
    code: str | None = None
    name: str | None = None
    district: str | None = None
    crs: str | None = None


@dataclass(frozen=True, kw_only=True)
class Columns:
    """Names of the columns that were found or chosen; None where there is none."""

    code: str | None = None
    name: str | None = None
    district: str | None = None
    province: str | None = None


def texts(frame: gpd.GeoDataFrame) -> pd.DataFrame:
    """All attributes as tidied text, empty where there is nothing; numbers without decimals."""
    return pd.DataFrame(
        {str(name): [_text(value) for value in frame[name]] for name in frame.columns if name != "geometry"},
        index=frame.index,
        dtype="str",
    )


def _text(value: Any) -> str:
    if pd.api.types.is_scalar(value) and pd.isna(value):  # a list, which GeoJSON may hold, is a value
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return tidy(str(value))


def code_of(value: str, digits: int = 5) -> str:
    """A code as lists write it: a spreadsheet or a number column drops leading zeros."""
    return value.zfill(digits) if value.isascii() and value.isdigit() else value


def bare(name: str) -> str:
    """A name as it is looked up: without its type, without diacritics."""
    return fold(" ".join(word.lstrip("0") or "0" for word in split_type(name)[1].split()))


def _bare_of(lists: list[pd.DataFrame]) -> Callable[[str], str]:
    """`bare`, for names too whose type has grown together with the rest: phuongcaikhe."""
    grown = {fold(name): bare(name) for one in lists for name in one["commune"]}
    return lambda said: grown.get(fold(said)) or bare(said)


def nearby(province: str, vintage: Vintage) -> dict[Vintage, pd.DataFrame]:
    """The province's communes in each list: in the other one, those that its ground belongs to."""
    other: Vintage = "2025-07" if vintage == "2025-01" else "2025-01"
    here, everywhere = units.communes(province, vintage), units.everywhere(other)
    column, found = (
        ("commune_code", "successor_code") if vintage == "2025-01" else ("successor_code", "commune_code")
    )
    pairs = units.successors()
    theirs = set(pairs.loc[pairs[column].isin(here["commune_code"]), found])
    return {vintage: here, other: everywhere[everywhere["commune_code"].isin(theirs)].reset_index(drop=True)}


def find(
    words: pd.DataFrame, lists: Iterable[pd.DataFrame], choices: Choices, province: str, where: str
) -> Columns:
    """The columns of `words` that name the units.

    Args:
        words: all attributes as text (`texts`).
        lists: communes that the shapes may be of, a frame for each list, the asked-for one first.
        choices: what the user says.
        province: name of the province.
        where: the file, for messages.

    Raises:
        DataError: ``outline.no_column`` a chosen column that is not there; ``outline.no_key`` neither codes
            nor names are found.
    """
    chosen: dict[str, str] = {}
    problems = []
    for purpose in ("code", "name", "district"):
        asked = getattr(choices, purpose)
        if asked is not None:
            found = [name for name in map(str, words) if name.casefold() == tidy(asked).casefold()]
            chosen[purpose] = found[0] if found else ""
            if not found:
                values = {"column": tidy(asked), "columns": ", ".join([*words][:_SHOWN])}
                problems.append(Problem("outline.no_column", where, values))
    if problems:
        raise DataError(problems)
    lists = list(lists)
    code = chosen.get("code") or _best(
        words, [{*one["commune_code"]} for one in lists], code_of, taken=(), least=LEAST
    )
    name = chosen.get("name") or _best(
        words,
        [{bare(n) for n in one["commune"]} for one in lists],
        _bare_of(lists),
        taken=(code,),
        least=LEAST,
    )
    districts = [{bare(n) for n in one["district"]} | {*one["district_code"]} for one in lists[:1]]
    district = chosen.get("district") or _most_rows(words, districts, taken=(code, name), several=True)
    if code is None and name is None:
        raise DataError(Problem("outline.no_key", where, {"columns": ", ".join([*words][:_SHOWN]) or "–"}))
    known = [{bare(province)}]
    return Columns(
        code=code,
        name=name,
        district=district,
        province=_most_rows(words, known, taken=(code, name, district)),
    )


def _best(
    words: pd.DataFrame,
    wanted: list[set[str]],
    key: Callable[[str], str],
    *,
    taken: tuple[str | None, ...],
    least: float,
) -> str | None:
    """The column in which most units of one of the lists are found; the longer text where equal."""
    scored = []
    for position, column in enumerate(map(str, words)):
        if column in taken:
            continue
        keys = {key(value) for value in words[column].unique()}
        share = max((len(keys & names) / len(names) for names in wanted if names), default=0.0)
        if share >= least:
            scored.append((round(share, 3), words[column].str.len().mean(), -position, column))
    return max(scored)[-1] if scored else None


def _most_rows(
    words: pd.DataFrame, wanted: list[set[str]], *, taken: Collection[str | None], several: bool = False
) -> str | None:
    """The column most of whose rows name one of `wanted`: the province, or `several` districts.

    A province's capital bears its name: a column with nothing else names provinces.
    """
    scored = []
    for position, column in enumerate(map(str, words)):
        if column in taken:
            continue
        filled = words.loc[words[column] != "", column]
        keys = filled.map(lambda value: value if value.isdigit() else bare(value))
        hits = [keys[keys.isin([n for n in names if n])] for names in wanted]
        rows = max((len(hit) for hit in hits if not several or len(set(hit)) > 1), default=0)
        if rows and rows >= LEAST * min(len(words), 30):
            scored.append((rows, -position, column))
    return max(scored)[-1] if scored else None
