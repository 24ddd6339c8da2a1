"""Files that must not be opened, one case for every message; and that the usual ones pass."""

from __future__ import annotations

import io
import stat
import struct
import zipfile

import pytest

from errors import DataError
from geo.intake import uploads
from geo.intake.uploads import BOUNDARIES, TABLES, check
from text import LANGS

BOOK = {"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>"}
OLE = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600)


def packed(members, *, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in members if isinstance(members, list) else members.items():
            archive.writestr(name, content)
    return out.getvalue()


def link():
    info = zipfile.ZipInfo("xl/link.xml")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


def with_bits(content, flags):
    """The same zip with `flags` set in the table of contents and before the first member."""
    at = content.index(b"PK\x01\x02")
    content = content[: at + 8] + struct.pack("<H", flags) + content[at + 10 :]
    return content[:6] + struct.pack("<H", flags) + content[8:]


def lying(content):
    """The same zip, its first member said to be ten bytes long."""
    at = content.index(b"PK\x01\x02")
    return content[: at + 24] + struct.pack("<I", 10) + content[at + 28 :]


DTD = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'
BAD = {
    "upload.ending": ("counts.docx", b"x"),
    "upload.nothing": ("counts.csv", b""),
    "upload.too_large": ("counts.csv", bytes(uploads.MOST_BYTES["csv"] + 1)),
    "upload.other_format": ("counts.xlsx", b"code,persons"),
    "upload.password": ("counts.xlsx", OLE + "EncryptedPackage".encode("utf-16-le")),
    "upload.broken_zip": ("counts.xlsx", packed(BOOK)[:-30]),
    "upload.members": ("counts.xlsx", packed(BOOK | {f"xl/{n}.xml": b"" for n in range(1001)})),
    "upload.unpacked": ("cells.zip", None),
    "upload.ratio": ("counts.xlsx", packed(BOOK | {"xl/sheet.xml": b"<a>" + bytes(2_000_000)})),
    "upload.path": ("counts.xlsx", packed(BOOK | {"../../autostart.xml": b"<a/>"})),
    "upload.locked": ("counts.xlsx", with_bits(packed(BOOK), 1)),
    "upload.nested": ("cells.zip", packed({"a.shp": b"x", "b.zip": b"x"})),
    "upload.packing": ("counts.xlsx", packed(BOOK, method=zipfile.ZIP_BZIP2)),
    "upload.member_twice": ("cells.zip", packed({"a.shp": b"x", "A.SHP": b"y"})),
    "upload.not_inside": ("cells.zip", packed({"a.gpkg": b"x"})),
    "upload.entities": ("cells.kml", DTD),
    "upload.not_xml": ("cells.kml", b"<kml <"),
}
MORE = [
    ("upload.other_format", "counts.xls", packed(BOOK)),
    ("upload.other_format", "counts.xls", b"<html><table>"),
    ("upload.other_format", "counts.csv", packed(BOOK)),
    ("upload.other_format", "counts.txt", b"%PDF-1.7"),
    ("upload.other_format", "counts.csv", b"\n <HTML>"),
    ("upload.other_format", "cells.gpkg", b"SQLite 2"),
    ("upload.other_format", "cells.geojson", b"<kml/>"),
    ("upload.other_format", "cells.kml", b"{}"),
    ("upload.broken_zip", "cells.zip", lying(packed({"a.shp": b"abc" * 100}))),
    ("upload.path", "cells.zip", packed({"/etc/a.shp": b"x"})),
    ("upload.path", "cells.zip", packed({"a\\..\\..\\b.shp": b"x"})),
    ("upload.path", "cells.zip", packed({"C:/b.shp": b"x"})),
    ("upload.path", "cells.zip", packed([("a.shp", b"x"), (link(), b"/etc/passwd")])),
    ("upload.nested", "cells.zip", packed({"a.shp": b"x", "b.bin": packed(BOOK)})),
    ("upload.entities", "counts.xlsx", packed(BOOK | {"xl/worksheets/sheet1.xml": DTD})),
    ("upload.entities", "cells.kmz", packed({"doc.kml": DTD.decode().encode("utf-16")})),
    ("upload.not_xml", "counts.xlsx", packed(BOOK | {"xl/styles.xml": b""})),
    ("upload.not_xml", "cells.kml", b'<?xml version="1.0" encoding="martian"?><kml/>'),
]


@pytest.mark.parametrize(("code", "name", "content"), [(code, *case) for code, case in BAD.items()] + MORE)
def test_each_danger_has_its_message(code, name, content, monkeypatch):
    if content is None:
        monkeypatch.setitem(uploads.MOST_UNPACKED, "zip", 1000)
        content = packed({"a.shp": b"abcdefg" * 1000})
    with pytest.raises(DataError) as caught:
        check(name, content, formats=TABLES | BOUNDARIES)
    assert [problem.code for problem in caught.value.problems] == [code]
    assert caught.value.problems[0].where.startswith(name)
    for lang in LANGS:
        assert caught.value.say(lang)


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("Số liệu 2025.XLSX", packed(BOOK), "xlsx"),
        ("counts.xls", OLE, "xls"),
        ("counts.csv", "Xã;Số người".encode("utf-16"), "csv"),
        ("counts.tsv", "\ufeffXã\tSố người".encode(), "csv"),
        ("cells.zip", packed({"d/": b"", "d/a.shp": b"x", "d/a.dbf": b"y"}), "zip"),
        ("cells.kmz", packed({"doc.kml": b"<kml/>"}), "kmz"),
        ("cells.kml", '<?xml version="1.0" encoding="UTF-16"?><kml/>'.encode("utf-16"), "kml"),
        ("cells.geojson", b' {"type": "FeatureCollection"}', "geojson"),
        ("cells.gpkg", b"SQLite format 3\x00...", "gpkg"),
    ],
)
def test_what_offices_send_passes(name, content, kind):
    upload = check(name, content, formats=TABLES | BOUNDARIES)
    assert upload.format == kind
    assert upload.content == content
    assert bool(upload.members) == (kind in {"xlsx", "zip", "kmz"})


def test_only_what_is_asked_for_is_taken():
    with pytest.raises(DataError, match="taken"):
        check("cells.gpkg", b"SQLite format 3\x00")


def test_the_name_comes_back_without_folder_or_marks():
    assert check("D:\\data\\x{1}.csv", b"a").name == "x(1).csv"


def test_all_faults_of_a_zip_are_told_at_once():
    content = packed({"../a.shp": b"x", "b.rar": b"x"})
    with pytest.raises(DataError) as caught:
        check("cells.zip", content, formats=BOUNDARIES)
    assert {problem.code for problem in caught.value.problems} == {"upload.path", "upload.nested"}
