"""Premises that can host a point: those that are named, and one assumed health station a commune."""

from __future__ import annotations

import numpy as np
import pandas as pd

from errors import DataError, Problem
from geo.names import near
from geo.units import point_problems
from text import say, tidy

COLUMNS = (
    "premises", "premises_name", "premises_type", "commune_code", "district_code", "lat", "lon", "assumed",
)  # fmt: skip

HEALTH_STATION = "health_station"


def health_stations(communes: pd.DataFrame) -> pd.DataFrame:
    """One health station a commune, at the commune's point, named after it and marked as assumed.

    No public set of commune health stations with coordinates was found; the user's table replaces these.

    Args:
        communes: commune_code, commune, district_code, lat, lon (`geo.units.communes`).

    Returns:
        Columns `COLUMNS`; premises is "tyt-" and the commune's code, assumed is true.
    """
    frame = communes[["commune_code", "district_code", "lat", "lon"]].copy()
    frame["premises"] = "tyt-" + frame["commune_code"]
    frame["premises_name"] = [station_name(commune) for commune in communes["commune"]]
    frame["premises_type"] = HEALTH_STATION
    frame["assumed"] = True
    return frame[list(COLUMNS)].reset_index(drop=True)


def station_name(commune: str) -> str:
    """What the health station of a commune is called, in every language: ``Trạm y tế xã Thới Hưng``."""
    return say("geo.health_station.name", "vi", commune=commune[:1].lower() + commune[1:])


def locate(rows: pd.DataFrame, communes: pd.DataFrame) -> pd.DataFrame:
    """Named premises, put on the map: at their own point where it is given, else at the commune's.

    Args:
        rows: premises (id), premises_name, premises_type, commune_code; optionally lat and lon (both or
            neither in a row) and assumed.
        communes: commune_code, commune, district_code, lat, lon (`geo.units.communes`).

    Returns:
        Columns `COLUMNS`, in the order of `rows`; assumed is false where `rows` do not say.

    Raises:
        DataError: ids that are empty or stand twice, communes that are not listed, half a point, or a
            point that is abroad or has latitude and longitude swapped.
    """
    frame = rows.reset_index(drop=True).reindex(columns=[c for c in COLUMNS if c != "district_code"])
    frame[["lat", "lon"]] = frame[["lat", "lon"]].astype(float)
    for column in ("premises", "premises_name", "premises_type"):
        frame[column] = [tidy("" if pd.isna(value) else str(value)) for value in frame[column]]
    _check(frame, communes)
    listed = communes.set_index("commune_code")[["district_code", "lat", "lon"]]
    at = listed.loc[frame["commune_code"]]
    own = frame["lat"].notna().to_numpy()
    for axis in ("lat", "lon"):
        frame[axis] = np.where(own, frame[axis], at[axis].to_numpy(float))
    frame["district_code"] = at["district_code"].to_numpy()
    frame["assumed"] = [bool(value) if pd.notna(value) else False for value in frame["assumed"]]
    return frame[list(COLUMNS)]


def _check(frame: pd.DataFrame, communes: pd.DataFrame) -> None:
    labels = [f"premises {name or n}" for n, name in enumerate(frame["premises"], start=1)]
    names = dict(zip(communes["commune_code"], communes["commune"], strict=True))
    twice = frame["premises"].duplicated() & (frame["premises"] != "")
    half = frame["lat"].isna() != frame["lon"].isna()
    problems = []
    for n, row in enumerate(frame.itertuples()):
        if not (row.premises and row.premises_name and row.premises_type):
            problems.append(Problem("geo.premises_incomplete", labels[n]))
        if twice[n]:
            problems.append(Problem("geo.premises_twice", labels[n], {"id": row.premises}))
        if row.commune_code not in names:
            code = tidy(str(row.commune_code))
            problems.append(
                Problem("geo.premises_commune", labels[n], {"code": code, "near": near(code, names)})
            )
        if half[n]:
            problems.append(Problem("geo.premises_half_point", labels[n]))
    own = np.flatnonzero((frame["lat"].notna() & frame["lon"].notna()).to_numpy())
    points = frame[["lon", "lat"]].to_numpy(float)[own]
    problems += point_problems(points[:, 0], points[:, 1], [labels[n] for n in own])
    if problems:
        raise DataError(problems)
