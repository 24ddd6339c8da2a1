"""Administrative lists by vintage, read at run time from the package vietnamadminunits (MIT).

The points and boxes of the early-2025 list come from a geocoder whose terms may restrict
redistribution: nothing of them, and nothing drawn from them, is kept in the repository.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from errors import DataError, Problem
from geo.names import find_commune, find_district, fold_name, near
from text import fold, tidy

__all__ = [
    "COLUMNS", "COMMUNE_TYPES", "VIETNAM", "Vintage", "aliases", "areas", "communes", "everywhere",
    "find_commune", "find_district", "fold_name", "list_version", "point_problems", "provinces", "successors",
    "unions", "without_communes",
]  # fmt: skip

PACKAGE = "vietnamadminunits"

Vintage = Literal["2025-01", "2025-07"]
"""Early 2025: 63 provinces with districts.  Since 1 July 2025: 34 provinces without."""

Floats = npt.NDArray[np.float64]

VIETNAM = (102.0, 6.0, 118.0, 24.0)
"""West, south, east, north in degrees; holds Hoàng Sa and Trường Sa."""

COLUMNS = (
    "commune_code", "commune", "commune_type", "district_code", "district", "province_code", "province",
    "lat", "lon", "south", "west", "north", "east",
)  # fmt: skip
COMMUNE_TYPES = ("Phường", "Xã", "Thị trấn", "Đặc khu")

_TABLE: dict[str, str] = {"2025-01": "admin_units_legacy", "2025-07": "admin_units"}
_BOX = r"^\s*(?P<south>[-\d.]+),(?P<west>[-\d.]+)\s*–\s*(?P<north>[-\d.]+),(?P<east>[-\d.]+)\s*$"


def list_version() -> str:
    """Name and version of the package that the lists come from, for the provenance of a plan."""
    return f"{PACKAGE} {_distribution().version}"


def provinces(vintage: Vintage) -> pd.DataFrame:
    """The provinces of a list, sorted by code: province_code, province."""
    listed = _everywhere(vintage)[["province_code", "province"]].drop_duplicates()
    return listed.sort_values("province_code", ignore_index=True)


def communes(province_code: str, vintage: Vintage) -> pd.DataFrame:
    """The communes of a province, one row a code, sorted by code.

    Returns:
        Columns `COLUMNS`: lat, lon (the commune's point) and south, west, north, east (its box) in
        degrees.  Boxes are NaN where not known, as everywhere in the list of July 2025, where
        district_code and district are empty.

    Raises:
        DataError: a province or vintage that is not listed; a package that cannot be read.
    """
    everywhere = _everywhere(vintage)
    found = everywhere[everywhere["province_code"] == province_code]
    if found.empty:
        known = provinces(vintage)
        hint = near(str(province_code), dict(zip(known["province_code"], known["province"], strict=True)))
        values = {"code": tidy(str(province_code)), "vintage": vintage, "near": hint}
        raise DataError(Problem("geo.unknown_province", "province", values))
    return found.reset_index(drop=True)


def everywhere(vintage: Vintage) -> pd.DataFrame:
    """The communes of the whole country, as `communes` gives those of a province."""
    return _everywhere(vintage).copy()


def without_communes() -> pd.DataFrame:
    """The island districts of early 2025 that had no communes, and so do not appear in `communes`.

    They account for the package's five rows without a code (10,040 rows, 10,035 communes): Bạch Long Vĩ,
    Cồn Cỏ, Hoàng Sa, Lý Sơn, Côn Đảo.  Since July 2025 each is a commune of its own (đặc khu).

    Returns:
        province_code, province, district_code, district, sorted by district_code.
    """
    raw = _query("2025-01", ["provinceCode", "province", "districtCode", "district", "wardCode"])
    islands = raw[raw["wardCode"].isna()].drop(columns="wardCode")
    islands = islands.rename(columns={"provinceCode": "province_code", "districtCode": "district_code"})
    for column in ("province", "district"):
        islands[column] = islands[column].map(tidy)
    return islands.sort_values("district_code", ignore_index=True)


def aliases(vintage: Vintage) -> dict[str, tuple[str, ...]]:
    """Other names that communes have borne, or taken in by a merger, as `text.fold` writes names.

    With the type ("phuongannghiep") and without ("annghiep").  An alias may be the present name of another
    commune: look among the names first.  The package has none for the list of July 2025.

    Returns:
        Names by commune_code; communes without any are left out.
    """
    return dict(_aliases(vintage))


@cache
def _aliases(vintage: Vintage) -> dict[str, tuple[str, ...]]:
    _everywhere(vintage)  # refuses an unknown vintage
    listed = _query(vintage, ["wardCode", "wardAlias"]).dropna()
    found = {
        code: tuple(map(fold, json.loads(names)))
        for code, names in zip(listed["wardCode"], listed["wardAlias"], strict=True)
    }
    return {code: names for code, names in sorted(found.items()) if names}


@cache
def _everywhere(vintage: Vintage) -> pd.DataFrame:
    if vintage not in get_args(Vintage):
        values = {"vintage": tidy(str(vintage)), "known": ", ".join(get_args(Vintage))}
        raise DataError(Problem("geo.unknown_vintage", "vintage", values))
    old = vintage == "2025-01"
    names = {"wardCode": "commune_code", "ward": "commune", "wardType": "commune_type"}
    names |= {"provinceCode": "province_code", "province": "province", "wardLat": "lat", "wardLon": "lon"}
    names |= {"districtCode": "district_code", "district": "district", "wardBounds": "box"} if old else {}
    frame = _query(vintage, list(names)).rename(columns=names)
    frame = frame[frame["commune_code"].notna()]
    if old:
        frame = frame.join(frame.pop("box").str.extract(_BOX).astype(float))
    else:
        frame = frame.assign(district_code="", district="")
        frame[["south", "west", "north", "east"]] = np.nan
    for column in ("commune", "district", "province"):
        frame[column] = frame[column].map(tidy)
    frame = frame.sort_values(["commune_code", "commune"], ignore_index=True)[list(COLUMNS)]
    _check_list(frame, vintage)
    return frame


def _check_list(frame: pd.DataFrame, vintage: str) -> None:
    """Refuse a list that another version of the package may have broken."""
    where = f"{list_version()}, {vintage}"
    problems = [
        Problem("geo.code_twice", where, {"code": code})
        for code in frame.loc[frame["commune_code"].duplicated(), "commune_code"]
    ]
    odd = frame.loc[~frame["commune_type"].isin(COMMUNE_TYPES)]
    problems += [
        Problem("geo.unknown_type", f"{where}, {row.commune_code}",
                {"type": tidy(str(row.commune_type)), "known": ", ".join(COMMUNE_TYPES)})
        for row in odd.itertuples()
    ]  # fmt: skip
    labels = [f"{where}, {code}" for code in frame["commune_code"]]
    problems += point_problems(frame["lon"].to_numpy(float), frame["lat"].to_numpy(float), labels)
    if problems:
        raise DataError(problems)


def point_problems(lon: Floats, lat: Floats, labels: Sequence[str]) -> list[Problem]:
    """What is wrong with points given in degrees: missing, latitude and longitude swapped, or abroad.

    Args:
        lon: longitudes in degrees, shape (n,).
        lat: latitudes in degrees, shape (n,).
        labels: where each point stands, for the message, length n.
    """
    west, south, east, north = VIETNAM
    missing = ~(np.isfinite(lon) & np.isfinite(lat))
    inside = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    swapped = (lat >= west) & (lat <= east) & (lon >= south) & (lon <= north)
    problems = []
    for n in map(int, np.flatnonzero(missing | ~inside)):
        fault = "missing" if missing[n] else "swapped" if swapped[n] else "abroad"
        problems.append(
            Problem(f"geo.point_{fault}", labels[n], {"lat": f"{lat[n]:.6g}", "lon": f"{lon[n]:.6g}"})
        )
    return problems


# --- from the list of early 2025 to that of July 2025 -----------------------------------------------


@cache
def _converter() -> pd.DataFrame:
    """The package's converter as it stands: commune_code, successor_code."""
    old = _query("2025-01", ["provinceKey", "districtKey", "wardKey", "wardCode"]).dropna()
    old_key = old["provinceKey"] + "_" + old["districtKey"] + "_" + old["wardKey"]
    code_of = dict(zip(old_key, old["wardCode"], strict=True))
    new = _query("2025-07", ["provinceKey", "wardKey", "wardCode"])
    new_code_of = dict(zip(new["provinceKey"] + "_" + new["wardKey"], new["wardCode"], strict=True))
    converter = _read_json("converter_2025.json")
    rows = [
        (code_of[key], new_code_of[f"{province}_{ward}"])
        for province, wards in converter["DICT_PROVINCE_WARD_NO_DIVIDED"].items()
        for ward, keys in wards.items()
        for key in keys
        if key in code_of  # the island districts of `without_communes` have no code
    ]
    rows += [
        (code_of[key], new_code_of[f"{province}_{part['newWardKey']}"])
        for province, olds in converter["DICT_PROVINCE_WARD_DIVIDED"].items()
        for key, parts in olds.items()
        for part in parts
        if key in code_of
    ]
    frame = pd.DataFrame(rows, columns=["commune_code", "successor_code"]).drop_duplicates()
    return frame.sort_values(["commune_code", "successor_code"], ignore_index=True)


@cache
def _successors() -> pd.DataFrame:
    """The converter without what it gives to homonyms, which it does not tell apart.

    Of communes of one name in one province of today it gives each the successors of all.  A successor
    stays with those of them whose district, or else whose former province, gave it whole communes.
    """
    pairs = _converter()
    listed = _everywhere("2025-01").set_index("commune_code")
    old = listed.loc[pairs["commune_code"]].set_index(pairs.index)
    today = _everywhere("2025-07").set_index("commune_code")["province_code"]
    claim = [pairs["successor_code"].map(today), old["commune"].map(fold_name), pairs["successor_code"]]
    several = pairs.groupby("commune_code")["successor_code"].transform("size") > 1
    dropped = pd.Series(False, index=pairs.index)
    for level in ("district_code", "province_code"):
        source = pairs["successor_code"] + " " + old[level]
        near_it = source.isin(source[~several])
        dropped |= several & ~near_it & (near_it & ~dropped).groupby(claim).transform("any")
    kept = pairs[~dropped].reset_index(drop=True)
    return kept.assign(divided=kept["commune_code"].duplicated(keep=False))


def successors() -> pd.DataFrame:
    """Where each commune of early 2025 went in July 2025: the package's converter, homonyms told apart.

    Returns:
        commune_code, successor_code, divided; several rows for a commune that was divided.
    """
    return _successors().copy()


@cache
def _areas() -> dict[str, float]:
    listed = _query("2025-07", ["wardCode", "wardAreaKm2"]).set_index("wardCode")["wardAreaKm2"]
    return {str(code): float(km2) for code, km2 in listed.items() if km2 > 0}  # two are missing, two are zero


def areas() -> dict[str, float]:
    """Official area of communes of July 2025, km², by commune_code; without the four that are not known."""
    return dict(_areas())


@cache
def _unions() -> pd.DataFrame:
    pairs = _successors()
    old, old_codes = pd.factorize(pairs["commune_code"])
    new, new_codes = pd.factorize(pairs["successor_code"])
    size = len(old_codes) + len(new_codes)
    graph = coo_array((np.ones(len(pairs)), (old, new + len(old_codes))), shape=(size, size))
    _, union = connected_components(graph, directed=False)
    listed = _query("2025-07", ["wardCode", "wardLat", "wardLon"]).set_index("wardCode")
    parts = listed.loc[new_codes].assign(union=union[len(old_codes) :])
    area = pd.Series(_areas()).reindex(parts.index)
    parts = parts.assign(area=area, x=area * parts["wardLon"], y=area * parts["wardLat"])
    sums = parts.groupby("union")[["area", "x", "y"]].sum(min_count=1)
    sums[parts["area"].isna().groupby(parts["union"]).any()] = np.nan
    known = pd.DataFrame(
        {"area_km2": sums["area"], "lat": sums["y"] / sums["area"], "lon": sums["x"] / sums["area"]}
    )
    frame = pd.DataFrame({"commune_code": old_codes, "union": union[: len(old_codes)]})
    frame["members"] = frame.groupby("union")["commune_code"].transform("size")
    return frame.join(known, on="union").sort_values("commune_code", ignore_index=True)


def unions() -> pd.DataFrame:
    """Sets of early-2025 communes that became whole communes of July 2025, with what is known of them.

    The list of July 2025 gives each commune's official area and a point, which is its centroid: so
    area and centroid of a union of communes of early 2025 are known, mostly.  About one in five of
    the published areas or unions is wrong: check before use.

    Returns:
        commune_code, union (a number), members (communes of the union), area_km2, and lat, lon of the
        centroid; NaN where a part has no area.  One row a commune of early 2025.
    """
    return _unions().copy()


# --- the package ----------------------------------------------------------------------------------


def _distribution() -> metadata.Distribution:
    try:
        return metadata.distribution(PACKAGE)
    except metadata.PackageNotFoundError as missing:
        problem = Problem("geo.list_unreadable", PACKAGE, {"why": tidy(str(missing))})
        raise DataError(problem) from missing


def _data(name: str) -> Path:
    """A data file of the package, found without importing it (its import reads 11 MB)."""
    return Path(str(_distribution().locate_file(f"{PACKAGE}/data/{name}"))).resolve()


def _query(vintage: Vintage, columns: list[str]) -> pd.DataFrame:
    """Columns of the table of `vintage`; both names are ours, never the user's."""
    path = _data("dataset.db")
    selection = ", ".join(f'"{column}"' for column in columns)
    try:
        connection = sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)
        try:
            return pd.read_sql_query(f'select {selection} from "{_TABLE[vintage]}"', connection)  # noqa: S608 - see above
        finally:
            connection.close()
    except (sqlite3.Error, pd.errors.DatabaseError) as fault:
        raise DataError(Problem("geo.list_unreadable", path.name, {"why": tidy(str(fault))})) from fault


def _read_json(name: str) -> Any:
    try:
        return json.loads(_data(name).read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise DataError(Problem("geo.list_unreadable", name, {"why": tidy(str(fault))})) from fault
