"""Every format: what is written comes back, read by other means, names and places unharmed."""

from __future__ import annotations

import dataclasses
import json
import sqlite3
import unicodedata
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest
import shapely
from pypdf import PdfReader

import exports
from errors import DataError
from exports import gis, sheets, workbook
from exports.contents import Contents, contents_of, text_of
from scenarios.reading import changed
from tests.exports.plans import NAMES, plan
from text import ascii_name, say

PAIRS = [(edition, lang) for edition in exports.EDITIONS for lang in ("vi", "en")]
Read = dict[str, pd.DataFrame]


# --- readers, one for each writer ----------------------------------------------------------------


def read_geojson(path: Path, _: Contents) -> Read:
    content = json.loads(path.read_text(encoding="utf-8"))
    found = gpd.read_file(path)
    assert found.crs == "EPSG:4326"
    layers = {}
    for layer in ("facilities", "communes"):
        rows = [f["properties"] for f in content["features"] if f["properties"]["layer"] == layer]
        shapes = found.loc[found["layer"] == layer, "geometry"].reset_index(drop=True)
        layers[layer] = gpd.GeoDataFrame(pd.DataFrame(rows), geometry=shapes, crs=found.crs)
    beside = (*gis.BESIDE, "openings")
    tables = {name: pd.DataFrame(rows) for name, rows in content["plan"].items() if name in beside}
    return {**layers, **tables}


def read_gpkg(path: Path, _: Contents) -> Read:
    with closing(sqlite3.connect(path)) as file:
        listed = file.execute("SELECT table_name, data_type FROM gpkg_contents").fetchall()
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        tables = {
            name: pd.read_sql_query(f'SELECT * FROM "{name}"', file).drop(columns="fid")
            for name, kind in listed
            if kind == "attributes" and name != "layer_styles"
        }
    layers = {name: gpd.read_file(path, layer=name) for name, kind in listed if kind == "features"}
    assert all(layer.crs == "EPSG:4326" for layer in layers.values())
    return {**layers, **tables}


def read_xlsx(path: Path, contents: Contents) -> Read:
    book = openpyxl.load_workbook(path)
    sheet_of = {say(f"exports.table.{name}", contents.lang): name for name in sheets.SHEETS}
    found = {}
    for sheet in book:
        if sheet.title in sheet_of:
            name = sheet_of[sheet.title]
            columns = {contents.heading(str(c)): str(c) for c in contents.tables[name] if c != "geometry"}
            head, *rows = list(sheet.values)[workbook.HEAD :]
            found[name] = pd.DataFrame(rows, columns=[columns[str(h)] for h in head])
    return found


def read_csv(path: Path, contents: Contents) -> Read:
    found = {}
    named = {ascii_name(contents.name(name)): name for name in contents.tables}
    with zipfile.ZipFile(path) as parts:
        for part in parts.namelist():
            name = named.get(part[3:].removesuffix(".csv"))
            if name is None:
                continue
            assert parts.read(part).startswith(b"\xef\xbb\xbf")
            expected = contents.spoken(name)
            words = [str(c) for c in expected if not pd.api.types.is_numeric_dtype(expected[c])]
            with parts.open(part) as file:
                frame = pd.read_csv(file, encoding="utf-8-sig", dtype=dict.fromkeys(words, "str"))
            found[name] = frame.map(lambda v: v[1:] if isinstance(v, str) and v.startswith("'") else v)
    return found


def read_kml(path: Path, contents: Contents) -> Read:
    """Sites and communes by folder, what is no text in words."""
    folders = {name: pyogrio.read_dataframe(path, layer=name) for name, _ in pyogrio.list_layers(path)}
    assert all(frame.crs == "EPSG:4326" for frame in folders.values())
    stages = [contents.stage(s) for s in contents.tables["stages"]["stage"]]
    found = [folders[name] for name in stages if name in folders]
    before = folders[say("kml.before", contents.lang)]
    last = list(folders.values())[-1]
    sites = pd.concat([before, *found], ignore_index=True)
    order = contents.tables["facilities"]["facility"]
    keys = ["facility", "stage"]
    opened = pd.concat(found, ignore_index=True).rename(columns={"opened_stage": "stage"}).set_index(keys)
    at = pd.MultiIndex.from_frame(contents.spoken("openings")[keys])
    return {
        "facilities": sites.set_index("facility").loc[order].reset_index(),
        "openings": opened.loc[at].reset_index(),
        "communes": last,
    }


READERS: dict[str, Callable[[Path, Contents], Read]] = {
    ".csv.zip": read_csv,
    ".geojson": read_geojson,
    ".gpkg": read_gpkg,
    ".kml": read_kml,
    ".kmz": read_kml,
    ".xlsx": read_xlsx,
}


DOCUMENTS = {".docx", ".pdf", ".html", ".png"}
"""Formats for people, which hold no tables to compare; they have tests of their own."""


def test_each_writer_has_a_reader():
    assert set(READERS) == set(exports.WRITERS) - DOCUMENTS


@pytest.mark.parametrize(("edition", "lang"), PAIRS)
@pytest.mark.parametrize("suffix", sorted(READERS))
def test_round_trip(tmp_path, suffix, edition, lang):
    exact = plan()
    contents = contents_of(exact, edition=edition, lang=lang)
    path = exports.write(exact, tmp_path / f"Cần Thơ{suffix}", edition=edition, lang=lang)
    found = READERS[suffix](path, contents)
    assert {"facilities", "communes", "openings"} <= set(found)
    if suffix not in (".kml", ".kmz"):
        assert {"coverage", "group_coverage", "rules", "provenance"} <= set(found)
        assert {"targets", "balance", "criteria", "indicators", "observed", "questions"} <= set(found)
    exact_lines = edition == "internal" and suffix not in (".geojson", ".kml", ".kmz")
    assert ("allocation" in found) == exact_lines
    for name, table in found.items():
        if name in contents.tables:
            compare(table, contents.spoken(name), contents)
    assert set(found["communes"]["commune"]) == {*NAMES}
    assert contents.mark in path_text(path)


def compare(found: pd.DataFrame, expected: pd.DataFrame, contents: Contents) -> None:
    """Fail unless all that was written of `expected` came back."""
    assert len(found) == len(expected)
    shared = [c for c in expected if c in found and c != "geometry"]
    assert len(shared) >= min(2, len(expected.columns))
    for column in shared:
        for here, there in zip(found[column], expected[column], strict=True):
            assert same(here, there, contents), (column, here, there)


def same(here: Any, there: Any, contents: Contents) -> bool:
    if isinstance(there, bool | np.bool_) and not pd.isna(here):
        words = {say("exports.yes", contents.lang): True, say("exports.no", contents.lang): False}
        return bool(words.get(here, here)) == bool(there)
    if pd.isna(there) or there == "":
        return bool(pd.isna(here)) or here == ""
    if isinstance(there, int | float):
        return here == text_of(there, contents.lang) or float(here) == pytest.approx(float(there))
    return str(here) == (there if isinstance(there, str) else text_of(there, contents.lang))


def path_text(path: Path) -> str:
    """All text in a file."""
    if path.suffix == ".xlsx":
        book = openpyxl.load_workbook(path)
        assert all(contents_header(sheet) for sheet in book)
        return "\n".join(str(v) for sheet in book for row in sheet.values for v in row)
    if path.suffix == ".gpkg":
        with closing(sqlite3.connect(path)) as file:
            return "\n".join(file.iterdump())
    if path.suffix == ".pdf":
        return " ".join(" ".join(page.extract_text() for page in PdfReader(path).pages).split())
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as parts:
            texts = [n for n in parts.namelist() if n.endswith((".csv", ".kml")) or n == "word/document.xml"]
            return "\n".join(parts.read(n).decode("utf-8-sig") for n in texts)
    return path.read_text(encoding="utf-8")


def contents_header(sheet) -> bool:
    return sheet["A2"].value in (sheet.oddHeader.center.text or "")


@pytest.mark.parametrize("suffix", sorted(set(exports.WRITERS) - {".png"}))  # a picture holds no text
def test_text_is_composed(tmp_path, suffix):
    text = path_text(exports.write(plan(), tmp_path / f"p{suffix}"))
    assert "Thị trấn Cờ Đỏ" in text
    assert unicodedata.is_normalized("NFC", text)


# --- GeoJSON -------------------------------------------------------------------------------------


def test_geojson_keeps_to_the_standard(tmp_path):
    content = json.loads(exports.write(plan(), tmp_path / "p.geojson", edition="internal").read_text("utf-8"))
    assert content["type"] == "FeatureCollection"
    assert "crs" not in content
    for feature in content["features"]:
        assert feature["type"] == "Feature"
        shape = shapely.geometry.shape(feature["geometry"])
        west, south, east, north = shape.bounds
        assert 105 < west <= east < 107
        assert 9 < south <= north < 11
        if isinstance(shape, shapely.Polygon):
            assert shape.exterior.is_ccw
            assert shape.is_valid
    points = [f for f in content["features"] if f["properties"]["layer"] == "facilities"]
    assert {f["geometry"]["type"] for f in points} == {"Point"}
    assert points[0]["properties"]["capacity"] is None


def test_a_commune_has_a_column_for_each_service_and_stage(tmp_path):
    found = gpd.read_file(exports.write(plan(), tmp_path / "p.gpkg", edition="internal"), layer="communes")
    exact = plan().access.set_index(["commune_code", "service", "stage"])
    row = found.set_index("commune_code").loc["31008"]
    for stage in ("2018", "2019", "2020"):
        wanted = exact.loc[("31008", "methadone", stage)]
        assert row[f"demand_methadone_{stage}"] == pytest.approx(wanted["demand"])
        assert row[f"minutes_methadone_{stage}"] == wanted["minutes"]
        assert row[f"nearest_methadone_{stage}"] == wanted["facility"]
        assert row[f"within_reach_methadone_{stage}"] == (wanted["out_of_reach"] == 0)
    assert row["boundary_approximate"]
    assert row["persons_estimated"]


def test_each_column_of_the_layers_is_explained(tmp_path):
    path = exports.write(plan(), tmp_path / "p.gpkg", edition="internal")
    with closing(sqlite3.connect(path)) as file:
        words = {row[0] for row in file.execute('SELECT "column" FROM dictionary')}
        alias = dict(
            file.execute(
                "SELECT column_name, name FROM gpkg_data_columns WHERE table_name = 'communes'"
            ).fetchall()
        )
    for layer in ("facilities", "communes", "allocation"):
        assert set(gpd.read_file(path, layer=layer)) - {"geometry"} <= words
    assert alias["minutes_counselling_2018"].startswith("Phút đi một chiều – Tư vấn")
    assert alias["commune"] == "Xã, phường, thị trấn"


def test_openings_are_points_with_their_stage(tmp_path):
    found = gpd.read_file(exports.write(plan(), tmp_path / "p.gpkg"), layer="openings")
    exact = plan()
    at = exact.facilities.drop_duplicates("premises").set_index("premises")
    assert found["stage"].tolist() == exact.openings["stage"].tolist()
    for row in found.itertuples():
        assert (row.geometry.x, row.geometry.y) == (at["lon"][row.premises], at["lat"][row.premises])


def test_a_scenario_without_targets_has_no_empty_sheet(tmp_path):
    found = plan()
    bare = dataclasses.replace(
        found, targets=found.targets.head(0), balance=found.balance.head(0), openings=found.openings.head(0)
    )
    book = openpyxl.load_workbook(exports.write(bare, tmp_path / "p.xlsx"))
    names = {say(f"exports.table.{name}", "vi") for name in ("targets", "balance", "openings")}
    assert not names & set(book.sheetnames)
    assert names <= set(openpyxl.load_workbook(exports.write(found, tmp_path / "q.xlsx")).sheetnames)


def test_no_cost_is_written_where_none_is_known(tmp_path):
    found = plan()
    budgets = [name for name, rule in found.scenario.rules.items() if rule.rule == "stage_budget"]
    free = {"kinds": {"counselling": {"cost": None}}, "rules": dict.fromkeys(budgets)}
    unpriced = dataclasses.replace(
        found, facts=dataclasses.replace(found.facts, scenario=changed(found.scenario, free))
    )
    seen = contents_of(unpriced, edition="internal", lang="vi")
    assert seen.tables["stages"]["cost_vnd"].isna().all()
    assert say("exports.summary.cost", "vi") not in [label for label, _ in seen.summary]
    exports.write(unpriced, tmp_path / "p.gpkg")


def test_lines_go_from_the_commune_to_the_facility(tmp_path):
    path = exports.write(plan(), tmp_path / "p.gpkg", edition="internal")
    lines = gpd.read_file(path, layer="allocation")
    places = gpd.read_file(path, layer="communes").set_index("commune_code")
    sites = gpd.read_file(path, layer="facilities").set_index("facility")
    for line in lines.itertuples():
        start, end = map(shapely.Point, line.geometry.coords)
        assert places.geometry[line.commune_code].contains(start)
        assert end.equals(sites.geometry[line.facility])


# --- writing -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("edition", "lang"), PAIRS)
def test_every_column_has_a_name(edition, lang):
    contents = contents_of(plan(), edition=edition, lang=lang)
    for name in contents.tables:
        headings = [contents.heading(str(c)) for c in contents.tables[name] if c != "geometry"]
        assert len(set(headings)) == len(headings)
    assert contents.dictionary()["description"].str.len().min() > 0


def test_an_unknown_format_is_refused(tmp_path):
    with pytest.raises(DataError) as why:
        exports.write(plan(), tmp_path / "p.dwg")
    assert ".dwg" in why.value.say("vi")
    assert ", ".join(sorted(exports.WRITERS)) in why.value.say("en")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", [*sorted(exports.WRITERS), ".GPKG"])
def test_a_former_file_is_replaced_and_nothing_is_left_beside_it(tmp_path, suffix):
    path = tmp_path / "thư mục mới" / f"p{suffix}"
    for edition in exports.EDITIONS:
        assert exports.write(plan(), path, edition=edition) == path
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("suffix", sorted(exports.WRITERS))
def test_a_folder_that_is_none_is_named(tmp_path, suffix):
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(DataError) as why:
        exports.write(plan(), tmp_path / "file" / f"p{suffix}")
    assert why.value.problems[0].code == "export.not_writable"


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), RuntimeError("bug")])
def test_a_failure_leaves_the_old_file_and_no_other(tmp_path, monkeypatch, error):
    path = tmp_path / "p.xlsx"
    path.write_text("old", encoding="utf-8")

    def fail(_: Contents, draft: Path) -> None:
        draft.write_text("half", encoding="utf-8")
        draft.with_name(draft.name + "-journal").write_text("half", encoding="utf-8")
        raise error

    monkeypatch.setitem(exports.WRITERS, ".xlsx", fail)
    with pytest.raises(DataError if isinstance(error, OSError) else RuntimeError):
        exports.write(plan(), path)
    assert [p.name for p in tmp_path.iterdir()] == ["p.xlsx"]
    assert path.read_text(encoding="utf-8") == "old"


def test_a_file_open_elsewhere_is_said_so(tmp_path, monkeypatch):
    """As on Windows, where Excel keeps others from replacing the file it shows."""

    def held(self: Path, target: Path) -> Path:
        raise PermissionError(13, "Access is denied", str(target))

    monkeypatch.setattr(Path, "replace", held)
    with pytest.raises(DataError) as why:
        exports.write(plan(), tmp_path / "p.geojson")
    assert why.value.problems[0].code == "export.in_use"
    assert "Excel" in why.value.say("vi")
    assert list(tmp_path.iterdir()) == []


def test_text_is_written_whole(tmp_path):
    path = exports.write_text(tmp_path / "a" / "plan.json", "Cần Thơ\n")
    assert path.read_bytes() == "Cần Thơ\n".encode()
    assert list(path.parent.iterdir()) == [path]
