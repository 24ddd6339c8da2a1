"""GeoJSON and GeoPackage.

Columns keep the names of ``tables.COLUMNS``: the same in both languages and in every program that joins or
scripts.  What people read is the layer `dictionary`, and in a GeoPackage the alias of each column.  A commune
is one row, so what changes by service and stage stands in columns such as ``minutes_counselling_2018``.

A GeoJSON file is one list of features.  Facilities (points) and communes (polygons) both stand in it, told
apart by the property `layer`, so that one file is the whole plan: desktop programs load it as one layer for
each type of geometry, web maps draw it as it is.  The tables ride along in the member `plan`, which RFC 7946
allows and map programs pass over.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from exports import origin, shown, styles
from exports.contents import Contents, text_of

DECIMALS = 7
"""Of a degree in GeoJSON: 1 cm."""
BESIDE = (
    "coverage", "group_coverage", "stages", "counts", "targets", "balance", "rules", "criteria", "indicators",
    "observed", "questions", "objectives", "assumptions", "known_issues", "provenance",
)  # fmt: skip
"""Tables that go along without geometry."""
BY_STAGE = ("demand", "served", "no_capacity", "out_of_reach", "within_reach", "nearest", "minutes")
"""Columns of `access` that a commune has once for each service and stage."""


_YEARS = re.compile(r"((?:19|20)\d\d)(?:-((?:19|20)\d\d))?")


def years(stage: str) -> tuple[int, int] | None:
    """First and last calendar year of a stage by its id, "2018" or "2014-2015"; None where it is no year."""
    found = _YEARS.fullmatch(stage)
    return None if found is None else (int(found[1]), int(found[2] or found[1]))


# --- layers --------------------------------------------------------------------------------------


def facilities(contents: Contents) -> gpd.GeoDataFrame:
    """One point a facility, EPSG:4326."""
    frame = contents.spoken("facilities").assign(edition=contents.mark)
    return gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(frame["lon"], frame["lat"]), crs="EPSG:4326")


def openings(contents: Contents) -> gpd.GeoDataFrame:
    """One point a facility and stage in which it opens, also where a later upgrade closes it; EPSG:4326."""
    frame = contents.spoken("openings").assign(edition=contents.mark)
    return gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(frame["lon"], frame["lat"]), crs="EPSG:4326")


def communes(contents: Contents) -> gpd.GeoDataFrame:
    """One polygon a commune, EPSG:4326, with its access for each service and stage."""
    places = contents.tables["communes"]
    access = contents.tables["access"].set_index("commune_code")
    columns: dict[str, pd.Series] = {"edition": pd.Series(contents.mark, index=places.index)}
    for (service, stage), rows in access.groupby(["service", "stage"], sort=False):
        for name in BY_STAGE:
            if name in rows:
                values = rows[name].reindex(places["commune_code"])
                columns[f"{name}_{service}_{stage}"] = values.set_axis(places.index)
    for service in shown.services(contents):
        for stage in shown.stages(contents):
            drawn = shown.stage_of(contents, stage=stage, service=service)
            bands = ["" if tone == shown.NOT_TOLD else drawn.bands[tone] for tone in drawn.tones]
            columns[styles.shade(service, stage)] = pd.Series(bands, index=places.index, dtype="str")
    return gpd.GeoDataFrame(pd.concat([places, pd.DataFrame(columns)], axis=1), crs="EPSG:4326")


def with_time(frame: gpd.GeoDataFrame, contents: Contents) -> gpd.GeoDataFrame:
    """Facilities or openings with the days between which each is open, as far as stages are years."""
    codes = {contents.stage(code): code for code in shown.stages(contents)}
    spans = {label: years(code) for label, code in codes.items()}
    closes = {}
    if "openings" in contents.tables:
        rows = contents.tables["openings"]
        rows = rows[rows["upgraded_from"] != ""]
        closed = rows["premises"] + ":" + rows["upgraded_from"]
        closes = dict(zip(closed, rows["stage"], strict=True))
    stage = frame["stage"] if "stage" in frame else frame["opened_stage"]
    opened = [spans.get(label) for label in stage]
    until = [years(closes.get(facility, "")) for facility in frame["facility"]]
    first = pd.Series([None if y is None else f"{y[0]}-01-01" for y in opened], index=frame.index)
    last = pd.Series([None if y is None else f"{y[0] - 1}-12-31" for y in until], index=frame.index)
    days = {"opened_from": pd.to_datetime(first), "open_until": pd.to_datetime(last)}
    return frame.assign(**days)


def allocation(contents: Contents) -> gpd.GeoDataFrame:
    """One line a commune and facility that serves it, for each service and stage, EPSG:4326."""
    frame = contents.spoken("allocation")
    starts = contents.tables["communes"].set_index("commune_code")[["lon", "lat"]]
    ends = contents.tables["facilities"].set_index("facility")[["lon", "lat"]]
    pairs = np.stack(
        [starts.loc[frame["commune_code"]].to_numpy(), ends.loc[frame["facility"]].to_numpy()], axis=1
    )
    return gpd.GeoDataFrame(frame, geometry=shapely.linestrings(pairs), crs="EPSG:4326")


def beside(contents: Contents) -> Iterator[tuple[str, pd.DataFrame]]:
    """The tables without geometry, by name."""
    for name in BESIDE:
        if name not in contents.tables:
            continue
        frame = contents.spoken(name)
        for mixed in frame.columns.intersection(["value", "amount"]):
            if frame[mixed].dtype == object:
                frame = frame.assign(**{mixed: [text_of(v, contents.lang) for v in frame[mixed]]})
        yield name, frame


def dictionary(contents: Contents) -> pd.DataFrame:
    """The data dictionary of the layers: one row for each column that occurs in them."""
    words = contents.dictionary(further=("edition", "shade", "opened_from", "open_until"))
    rows = words.set_index("column")
    access = contents.tables["access"]
    wide = []
    for service, stage in access[["service", "stage"]].drop_duplicates().itertuples(index=False):
        when = f"{contents.words['service'][service]} – {contents.stage(stage)}"
        for name in (*BY_STAGE, "shade"):
            if name in access or name == "shade":
                heading, unit, description = rows.loc[name]
                wide.append((f"{name}_{service}_{stage}", f"{heading} – {when}", unit, description))
    return pd.concat([words, pd.DataFrame(wide, columns=words.columns, dtype="str")], ignore_index=True)


# --- GeoJSON -------------------------------------------------------------------------------------


def write_geojson(contents: Contents, path: Path) -> None:
    """One FeatureCollection after RFC 7946: WGS84, longitude first, outer rings counter-clockwise."""
    features = [*_features("facilities", facilities(contents)), *_features("communes", communes(contents))]
    tables = {name: _records(frame) for name, frame in beside(contents)}
    if "openings" in contents.tables:
        tables["openings"] = _records(contents.spoken("openings"))
    plan = {
        "title": contents.title,
        "edition": contents.mark,
        "notes": list(contents.notes),
        "summary": [list(pair) for pair in contents.summary],
        **tables,
        "dictionary": _records(dictionary(contents)),
    }
    content = {
        "type": "FeatureCollection",
        "name": contents.scenario,
        "origin": origin.as_data(origin.stamp(contents)),
        "plan": plan,
        "features": features,
    }
    with path.open("w", encoding="utf-8", newline="\n") as file:
        json.dump(content, file, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _features(layer: str, frame: gpd.GeoDataFrame) -> Iterator[dict[str, Any]]:
    shapes = shapely.orient_polygons(
        shapely.transform(frame.geometry.to_numpy(), lambda xy: xy.round(DECIMALS))
    )
    for shape, row in zip(shapes, _records(frame.drop(columns="geometry")), strict=True):
        geometry = None if shape is None else shapely.geometry.mapping(shape)
        yield {"type": "Feature", "properties": {"layer": layer, **row}, "geometry": geometry}


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as plain Python values, None where there is none."""
    plain = frame.astype(object).where(frame.notna(), None)
    return [{str(name): value for name, value in row.items()} for row in plain.to_dict("records")]


# --- GeoPackage ----------------------------------------------------------------------------------


def write_gpkg(contents: Contents, path: Path) -> None:
    """Layers `facilities`, `communes`, `openings` by stage and, in the internal edition, `allocation`; the
    tables beside them.
    """
    import pyogrio

    layers: list[tuple[str, pd.DataFrame]] = [
        ("facilities", with_time(facilities(contents), contents)),
        ("communes", communes(contents)),
        *([("openings", with_time(openings(contents), contents))] if "openings" in contents.tables else []),
        *([("allocation", allocation(contents))] if "allocation" in contents.tables else []),
        *beside(contents),
        ("dictionary", dictionary(contents)),
    ]
    try:
        for name, frame in layers:
            pyogrio.write_dataframe(
                frame,
                path,
                layer=name,
                driver="GPKG",
                layer_options={
                    "IDENTIFIER": contents.name(name),
                    "DESCRIPTION": " ".join((contents.mark + ".", *contents.notes)),
                },
                dataset_metadata={"title": contents.title, "edition": contents.mark},
            )
        drawn = [name for name, frame in layers if isinstance(frame, gpd.GeoDataFrame)]
        pyogrio.write_dataframe(
            styles.table(contents, drawn), path, layer="layer_styles", driver="GPKG",
            layer_options={"FID": "id"},
        )  # fmt: skip
    except pyogrio.errors.DataSourceError as why:
        raise OSError(str(why)) from why
    _name_columns(path, dict(layers), dictionary(contents))


def _name_columns(path: Path, layers: dict[str, pd.DataFrame], words: pd.DataFrame) -> None:
    """Give each column its heading as alias, by the schema extension of GeoPackage."""
    rows = words.set_index("column")
    named = []
    for layer, frame in layers.items():
        known = rows.loc[[c for c in frame if c in rows.index]]
        twice = known["heading"].duplicated(keep=False)
        alias = known["heading"].where(~twice, known["heading"] + " (" + known.index + ")")
        named += [(layer, *row) for row in zip(known.index, alias, known["description"], strict=True)]
    with closing(sqlite3.connect(path)) as file, file:
        file.executescript(_SCHEMA_EXTENSION)
        file.executemany(
            "INSERT INTO gpkg_data_columns (table_name, column_name, name, title, description)"
            " VALUES (?1, ?2, ?3, ?3, ?4)",
            named,
        )


_SCHEMA_EXTENSION = """
CREATE TABLE IF NOT EXISTS gpkg_extensions (table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL,
    definition TEXT NOT NULL, scope TEXT NOT NULL,
    CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
CREATE TABLE gpkg_data_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT,
    description TEXT, mime_type TEXT, constraint_name TEXT,
    CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name), CONSTRAINT gdc_tn UNIQUE (table_name, name));
CREATE TABLE gpkg_data_column_constraints (constraint_name TEXT NOT NULL, constraint_type TEXT NOT NULL,
    value TEXT, min NUMERIC, min_is_inclusive BOOLEAN, max NUMERIC, max_is_inclusive BOOLEAN,
    description TEXT,
    CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value));
INSERT INTO gpkg_extensions
    SELECT name, NULL, 'gpkg_schema', 'http://www.geopackage.org/spec121/#extension_schema',
        'read-write'
    FROM sqlite_master WHERE name IN ('gpkg_data_columns', 'gpkg_data_column_constraints') AND type = 'table';
"""
