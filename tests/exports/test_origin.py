"""The stamp of each file: it comes back, and nothing that a stranger puts in its place does harm."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from base64 import b64encode
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

import exports
from errors import DataError
from exports import csvs, origin, seals
from exports.contents import contents_of
from planner.reproduce import differences, same
from tests.exports.plans import NAMES, plan


@pytest.fixture(scope="module")
def contents():
    return {edition: contents_of(plan(), edition=edition, lang="vi") for edition in exports.EDITIONS}


def code(path: Path) -> str:
    with pytest.raises(DataError) as why:
        origin.read(path)
    assert path.name in why.value.say("vi")
    return why.value.problems[0].code


@pytest.mark.parametrize("edition", exports.EDITIONS)
@pytest.mark.parametrize("suffix", [".csv.zip", ".geojson", ".gpkg", ".html", ".kml", ".kmz", ".xlsx"])
def test_the_stamp_comes_back_whole(tmp_path, contents, suffix, edition):
    path = exports.write_contents(contents[edition], tmp_path / f"Cần Thơ{suffix}")
    claim = origin.read(path)
    assert origin.as_data(claim) == json.loads(origin.packed(contents[edition]))
    assert differences(origin.stamp(contents[edition]), claim) == ()


def test_a_stamp_of_pictures_and_prints_leaves_them_as_they_are(tmp_path, contents):
    png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\0\0\0\0:~\x9bU"
    (tmp_path / "p.png").write_bytes(png + b"\0\0\0\0IEND\xaeB`\x82")
    (tmp_path / "p.pdf").write_bytes(b"%PDF-1.4\ntrailer\n<< >>\nstartxref\n9\n%%EOF\n")
    for name in ("p.png", "p.pdf"):
        path = tmp_path / name
        origin.put(contents["shared"], path)
        assert same(differences(origin.read(path), origin.stamp(contents["shared"])))
    content = (tmp_path / "p.png").read_bytes()
    length = int.from_bytes(content[33:37], "big")
    chunk = content[37 : 41 + length]
    assert content[:33] == png
    assert chunk[:4] == b"tEXt"
    assert zlib.crc32(chunk) == int.from_bytes(content[41 + length : 45 + length], "big")
    lines = (tmp_path / "p.pdf").read_bytes().splitlines()
    assert lines[-3:] == [b"startxref", b"9", b"%%EOF"]
    assert all(line.startswith(b"%") and len(line) <= 201 for line in lines[3:-3])


def test_a_shared_stamp_holds_no_scenario_and_no_sum_of_counts(contents):
    inside, outside = (json.loads(origin.packed(contents[e])) for e in ("internal", "shared"))
    assert inside["asked"]["registered_persons"]
    assert outside["asked"] is None
    assert all(said["value"] is None and said["bound"] is None for said in outside["objectives"])
    assert not {"scenario_sha256", "data_sha256.communes"} & set(outside["provenance"])
    other = [6, *plan().facts.communes["persons"][1:]]
    other[1] += 1
    again = contents_of(plan(other), edition="shared", lang="vi")
    assert origin.packed(again) == origin.packed(contents["shared"]), "a guess cannot be tested"


def test_files_without_a_stamp_and_files_that_are_none(tmp_path):
    for name, content, wanted in (
        ("a.txt", b"x", "origin.none"),
        ("a.json", b'{"a": 1}', "origin.none"),
        ("b.json", b'{"a": ', "origin.damaged"),
        ("c.json", b"[" * 100_000, "origin.none"),
        ("d.json", b'{"origin": ' + b'{"a":' * 50_000, "origin.damaged"),
        ("a.xlsx", b"PK\x03\x04 nothing", "origin.damaged"),
        ("a.gpkg", b"SQLite format 3\0" + b"x" * 100, "origin.none"),
    ):
        (tmp_path / name).write_bytes(content)
        assert code(tmp_path / name) == wanted, name
    for path in (tmp_path, tmp_path / "không có", tmp_path / "a\0b"):
        with pytest.raises(DataError) as why:
            origin.read(path)
        assert why.value.problems[0].code == "origin.no_file"


@pytest.mark.parametrize(
    "change",
    [
        {"edition": "open"}, {"lang": "fr"}, {"status": 1}, {"openings": {"x": 1}}, {"openings": []},
        {"tables": {"x": 1}}, {"asked": "x"}, {"objectives": [{"name": "x"}]}, {"further": 1},
        {"objectives": [{"name": "x", "value": "1", "bound": None, "gap": None}]},
    ],
)  # fmt: skip
def test_a_stamp_that_is_not_ours_is_refused(tmp_path, contents, change):
    given = json.loads(origin.packed(contents["internal"])) | change
    (tmp_path / "p.json").write_text(json.dumps({"origin": given}), "utf-8")
    assert code(tmp_path / "p.json") == "origin.damaged"


def test_a_stamp_that_would_fill_the_memory_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(seals, "LARGEST_STAMP", 100_000)
    huge = b" " * 1_000_000
    with zipfile.ZipFile(tmp_path / "p.zip", "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr(seals.PART, huge)
    token = b64encode(zlib.compress(huge)).decode().rstrip("=")
    (tmp_path / "p.kml").write_text(f"<!--lo-trinh-origin:{token}.end-->", "utf-8")
    assert code(tmp_path / "p.zip") == code(tmp_path / "p.kml") == "origin.damaged"


def test_a_name_cannot_pass_for_a_stamp(tmp_path, contents):
    """Names reach files escaped, and what stands before a stamp cannot be written in one."""
    forged = "<!--" + seals.token(b"{}")
    frame = contents["shared"].tables["communes"]
    tables = {**contents["shared"].tables, "communes": frame.assign(commune=forged)}
    fake = exports.contents.Contents(**{**vars(contents["shared"]), "tables": tables})
    for suffix in (".kml", ".geojson", ".html"):
        path = exports.write_contents(fake, tmp_path / f"p{suffix}")
        assert origin.read(path).scenario == "can_tho_2018_2020"


# --- hostile names in the new formats ------------------------------------------------------------


def test_no_csv_cell_begins_like_a_formula(tmp_path, contents):
    path = exports.write_contents(contents["internal"], tmp_path / "p.csv.zip")
    with zipfile.ZipFile(path) as parts:
        texts = [parts.read(name).decode("utf-8-sig") for name in parts.namelist() if name.endswith(".csv")]
    import csv

    cells = [cell for text in texts for row in csv.reader(io.StringIO(text)) for cell in row]
    live = [cell for cell in cells if cell.startswith(csvs.LIVE)]
    assert all(float(cell) < 0 for cell in live), "only negative numbers"
    assert {f"'{name}" for name in NAMES if name[0] in "=+-@"} <= set(cells)


@pytest.mark.parametrize("suffix", [".kml", ".kmz"])
def test_names_are_text_in_kml_and_in_its_balloons(tmp_path, contents, suffix):
    path = exports.write_contents(contents["shared"], tmp_path / f"p{suffix}")
    content = path.read_bytes()
    if suffix == ".kmz":
        with zipfile.ZipFile(path) as parts:
            content = parts.read("doc.kml")
            assert all(parts.read(n).startswith(b"\x89PNG") for n in parts.namelist() if n.endswith(".png"))
    space = "{http://www.opengis.net/kml/2.2}"
    root = ET.fromstring(content)
    assert {place.findtext(f"{space}name") for place in root.iter(f"{space}Placemark")} >= set(NAMES)
    for words in (d.text or "" for d in root.iter(f"{space}description")):
        assert "<" not in words.replace("<br>", ""), "what a balloon shows as HTML"
    links = [href.text for href in root.iter(f"{space}href")]
    assert bool(links) == (suffix == ".kmz")
    assert not [link for link in links if "://" in link]
    begins = {time.findtext(f"{space}begin") for time in root.iter(f"{space}TimeSpan")}
    assert {"2018-01-01", "2019-01-01", "2020-01-01"} <= begins


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("vi", ("chia sẻ (shared)", "chưa chứng minh là tốt nhất (feasible)")),
        ("en", ("shared", "not proved to be the best (feasible)")),
    ],
)
def test_people_read_codes_in_words_and_programs_read_the_codes(lang, words):
    shared = contents_of(plan(), edition="shared", lang=lang)
    told = [value for _, value in origin.origin(shared)]
    assert set(words) <= set(told)
    assert origin.stamp(shared).status == "feasible"
    assert not any(
        label.endswith(("build", "solve", "origin", "method")) for label, _ in origin.origin(shared)
    )
