"""Styles for QGIS, read back: the attributes are there, the colours and classes those of the screen."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree as ET

import geopandas as gpd
import pandas as pd
import pytest

import exports
from exports import shown, styles
from exports.contents import contents_of
from geo.maps import BAND_COLOURS
from geo.privacy import BANDS
from tests.exports.plans import SITES, plan


@pytest.fixture(scope="module", params=exports.EDITIONS)
def written(request, tmp_path_factory) -> tuple[Path, str]:
    path = tmp_path_factory.mktemp("styles") / "p.gpkg"
    return exports.write(plan(), path, edition=request.param), request.param


def rows(path: Path) -> pd.DataFrame:
    with closing(sqlite3.connect(path)) as file:
        return pd.read_sql_query("SELECT * FROM layer_styles", file)


def columns(path: Path, layer: str) -> set[str]:
    with closing(sqlite3.connect(path)) as file:
        return {row[1] for row in file.execute(f'PRAGMA table_info("{layer}")')}


def test_each_layer_of_places_has_one_default(written):
    path, edition = written
    found = rows(path)
    layers = {"communes", "facilities", "openings"} | ({"allocation"} if edition == "internal" else set())
    assert set(found["f_table_name"]) == layers
    assert (found.groupby("f_table_name")["useAsDefault"].sum() == 1).all()
    for row in found.itertuples():
        assert row.f_geometry_column in columns(path, row.f_table_name)
        assert len(row.styleName) <= styles.SHORT
        assert ET.fromstring(row.styleQML).tag == "qgis"
    with closing(sqlite3.connect(path)) as file:
        kinds = dict(file.execute("SELECT table_name, data_type FROM gpkg_contents").fetchall())
    assert kinds["layer_styles"] == "attributes"


def test_communes_are_shaded_in_the_bands_of_the_screen(written):
    path, edition = written
    contents = contents_of(plan(), edition=edition, lang="vi")
    found = rows(path).query("f_table_name == 'communes'")
    assert len(found) == len(shown.services(contents)) * len(shown.stages(contents))
    frame = gpd.read_file(path, layer="communes")
    for row in found.itertuples():
        renderer = ET.fromstring(row.styleQML).find("renderer-v2")
        attribute = renderer.get("attr")
        classes = {c.get("value"): c.get("symbol") for c in renderer.iter("category")}
        assert list(classes) == [*(name for _, name in BANDS), ""]
        told = frame[attribute].fillna("")
        assert set(told) <= set(classes)
        colours = {
            symbol.get("name"): symbol.find("layer/prop[@k='color']").get("v")
            for symbol in renderer.iter("symbol")
        }
        for (_, name), css in zip(BANDS, BAND_COLOURS, strict=True):
            rgb = ",".join(str(int(css[n : n + 2], 16)) for n in (1, 3, 5))
            assert colours[classes[name]] == f"{rgb},255"
        _, service, stage = attribute.split("_", 2)
        seen = shown.stage_of(contents, stage=stage, service=service)
        assert told.tolist() == ["" if t == shown.NOT_TOLD else seen.bands[t] for t in seen.tones]
    default = found[found["useAsDefault"] == 1].iloc[0]
    assert "2020" in default["styleName"]


@pytest.mark.parametrize("layer", ["facilities", "openings"])
def test_the_rules_find_each_site_once(written, layer):
    """An expression of QGIS that compares a column with a text is one of SQLite, too."""
    path, _ = written
    style = rows(path).query("f_table_name == @layer").iloc[0]
    document = ET.fromstring(style["styleQML"])
    symbols = {s.get("name") for s in document.iter("symbol")}
    found: list[str] = []
    with closing(sqlite3.connect(path)) as file:
        for group in document.find("renderer-v2/rules"):
            for rule in group:
                assert rule.get("symbol") in symbols
                where = f"({group.get('filter')}) AND ({rule.get('filter')})"
                found += [r[0] for r in file.execute(f'SELECT facility FROM "{layer}" WHERE {where}')]
    new = [f for f, (_, opened) in SITES.items() if opened >= 0]
    assert sorted(found) == sorted(SITES if layer == "facilities" else new)
    time = document.find("temporal")
    assert {time.get("startField"), time.get("endField")} <= columns(path, layer)
    opened = gpd.read_file(path, layer=layer).set_index("facility")["opened_from"]
    assert str(opened["thoi_lai:counselling"])[:10] == "2019-01-01"


def test_no_style_of_a_shared_file_names_what_it_hides(tmp_path):
    """The labels are bands, whatever the counts are."""
    one, two = (
        rows(exports.write(plan(counts), tmp_path / f"{n}.gpkg"))["styleQML"].tolist()
        for n, counts in enumerate([(7, 43, 51, 0, 10, 38, 3, 5, 120, 61, 72, 88),
                                    (6, 44, 51, 0, 9, 39, 3, 5, 120, 61, 72, 88)])
    )  # fmt: skip
    assert one == two


def test_a_name_cannot_leave_its_expression():
    assert styles._quoted("O'Neil\\ OR 1=1") == "'O''Neil\\\\ OR 1=1'"
