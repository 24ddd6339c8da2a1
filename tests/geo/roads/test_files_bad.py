"""Files of roads that cannot be used, and what is said of them."""

import io
import json

import numpy as np
import pytest

from errors import DataError
from geo.intake import outline_files, uploads
from geo.roads import files
from tests.geo.roads.road_samples import NODES, WAYS, as_bytes, graphml, layer, pbf, saved, xml
from text import LANGS

_SWAPPED = {key: (lat, lon) for key, (lon, lat) in NODES.items()}
_EUROPE = {key: (lon - 100, lat + 40) for key, (lon, lat) in NODES.items()}
_METRES = {key: (577_000 + key, 1_105_000) for key in NODES}
_ROAD = [(1, 2, {"highway": "primary"})]


def kept(folder, **changes):
    """A file of ours that something is wrong with."""
    files.keep(files.roads(pbf(folder)), folder / "right.roads.npz")
    with np.load(folder / "right.roads.npz") as right:
        parts = {**right, **changes}
    packed = io.BytesIO()
    np.savez(packed, **parts)
    return packed.getvalue()


def about(**changes):
    told = {"format": 1, "kinds": [{}], "source": "", "attribution": "", "retrieved": ""} | changes
    return np.frombuffer(json.dumps(told).encode(), dtype=np.uint8)


def geojson(frame):
    return frame.to_json().encode()


def areas(folder):
    shapes = layer(32648)
    return as_bytes(shapes.set_geometry(shapes.buffer(10)), ".gpkg", folder)


def other_zone(folder):
    return as_bytes(layer(32648).set_crs(32633, allow_override=True), ".gpkg", folder)


BAD = [
    ("none.osm", None, "roads.no_file"),
    ("roads.txt", lambda _: b"road", "roads.ending"),
    ("roads.kml", lambda _: b"<kml/>", "roads.ending"),
    # OpenStreetMap
    ("empty.osm", lambda _: b"", "upload.nothing"),
    ("text.osm", lambda _: b"roads", "upload.other_format"),
    ("html.osm", lambda _: b"<html", "upload.not_xml"),
    ("entity.osm", lambda _: xml(head='<!DOCTYPE osm [<!ENTITY x "y">]>'), "upload.entities"),
    ("cut.osm", lambda _: xml()[:-40], "roads.unreadable"),
    ("other.osm", lambda _: b"<gpx></gpx>", "roads.unreadable"),
    ("houses.osm", lambda _: xml(ways={15: WAYS[15]}), "roads.empty"),
    ("lone.osm", lambda _: xml(ways={}), "roads.empty"),
    ("swapped.osm", lambda _: xml(nodes=_SWAPPED), "roads.swapped"),
    ("europe.osm", lambda _: xml(nodes=_EUROPE), "roads.abroad"),
    ("steps.osm", lambda _: xml(ways={1: ((1, 2), {"highway": "steps"})}), "roads.none_passable"),
    ("text.osm.pbf", lambda _: b"roads", "roads.unreadable"),
    ("empty.osm.pbf", lambda _: b"", "roads.unreadable"),
    ("cut.osm.pbf", lambda folder: pbf(folder).read_bytes()[:-30], "roads.unreadable"),
    ("xml.osm.pbf", lambda _: xml(), "roads.unreadable"),
    # OSMnx
    ("entity.graphml", lambda _: b"<!DOCTYPE g []>" + graphml(_ROAD), "upload.entities"),
    ("cut.graphml", lambda _: graphml(_ROAD)[:-30], "roads.unreadable"),
    ("other.graphml", lambda _: graphml([(1, 2, {"weight": "1"})]), "roads.not_osmnx"),
    ("no_xy.graphml", lambda _: graphml(_ROAD, about=("a", "b")), "roads.not_osmnx"),
    ("no_node.graphml", lambda _: graphml([(1, 77, _ROAD[0][2])]), "roads.unreadable"),
    ("bare.graphml", lambda _: graphml([], {}), "roads.empty"),
    ("line.graphml", lambda _: graphml([(1, 2, {"geometry": "LINE", **_ROAD[0][2]})]), "roads.unreadable"),
    ("list.graphml", lambda _: graphml([(1, 2, {"highway": "['primary'"})]), "roads.unreadable"),
    ("word.graphml", lambda _: graphml(_ROAD, {1: ("a", "b"), 2: ("c", "d")}), "roads.unreadable"),
    ("crs.graphml", lambda _: graphml(_ROAD, crs="epsg:1"), "roads.unknown_crs"),
    ("metres.graphml", lambda _: graphml(_ROAD, _METRES), "roads.abroad"),
    ("swapped.graphml", lambda _: graphml(_ROAD, _SWAPPED), "roads.swapped"),
    # layers of lines
    ("text.geojson", lambda _: b"{roads", "outline.unreadable"),
    ("areas.gpkg", areas, "roads.no_lines"),
    ("class.geojson", lambda _: geojson(layer().drop(columns="LOAI_DUONG")), "roads.no_class"),
    (
        "turned.geojson",
        lambda _: geojson(layer(rows=[([(10, 105.7), (10, 105.8)], "ql", 0)])),
        "roads.swapped",
    ),
    ("no_prj.zip", lambda folder: as_bytes(layer(32648), ".shp", folder, crs=False), "roads.no_crs"),
    ("zone.gpkg", other_zone, "roads.abroad"),
    # files of our own
    ("text.roads.npz", lambda _: b"roads", "roads.unreadable"),
    ("later.roads.npz", lambda folder: kept(folder, about=about(format=99)), "roads.unreadable"),
    ("short.roads.npz", lambda folder: kept(folder, metres=np.ones(1)), "roads.unreadable"),
    ("kind.roads.npz", lambda folder: kept(folder, about=about()), "roads.unreadable"),
    ("pickle.roads.npz", lambda folder: kept(folder, lon=np.array([None])), "roads.unreadable"),
]


@pytest.mark.parametrize(("name", "make", "code"), BAD, ids=[name for name, *_ in BAD])
def test_a_bad_file_is_refused_in_words(tmp_path, name, make, code):
    (tmp_path / "made").mkdir()
    path = tmp_path / name
    if make is not None:
        path.write_bytes(make(tmp_path / "made"))
    with pytest.raises(DataError) as error:
        files.read(path, mode="car")
    assert [problem.code for problem in error.value.problems] == [code]
    for lang in LANGS:
        assert error.value.say(lang)
        assert str(tmp_path) not in error.value.say(lang) or code == "roads.no_file"


def test_a_file_that_is_too_large_is_not_opened(tmp_path, monkeypatch):
    path = pbf(tmp_path)
    monkeypatch.setattr(files, "MOST_PBF", 100)
    with pytest.raises(DataError) as error:
        files.read(path)
    assert error.value.problems[0].code == "roads.too_large"
    assert "osmium extract" in error.value.say("vi")
    monkeypatch.undo()
    files.keep(files.roads(path), tmp_path / "x.roads.npz")
    monkeypatch.setattr(files, "MOST_KEPT", 100)
    with pytest.raises(DataError) as error:
        files.read(tmp_path / "x.roads.npz")
    assert error.value.problems[0].code == "roads.too_large"
    monkeypatch.setitem(uploads.MOST_BYTES, "osm", 100)
    with pytest.raises(DataError) as error:
        files.read(saved(tmp_path, "x.osm", xml()))
    assert error.value.problems[0].code == "upload.too_large"


def test_a_layer_of_too_many_lines_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(outline_files, "MOST_LINES", 3)
    with pytest.raises(DataError) as error:
        files.read(saved(tmp_path, "x.geojson", layer().to_json().encode()))
    assert error.value.problems[0].code == "roads.many"
    assert all(error.value.say(lang) for lang in LANGS)
