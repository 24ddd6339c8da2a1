"""How a stamp stands in each format, so that the format stays what it is and every reader passes over it.

Zipped formats (DOCX, XLSX, KMZ, CSV) get a part of their own; PDF a comment before its last lines; PNG a text
chunk; HTML a ``meta``; KML and GeoJSON have a place that their writers fill; GeoPackage a row of its metadata
tables.  Text formats carry it as a `token`, packed and in letters that mean nothing in any of them.

A file that is read may come from anybody: sizes are bounded before anything is unpacked.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import sqlite3
import struct
import zipfile
import zlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from errors import DataError, Problem

NAME = "lo-trinh-origin"
PART = "lo-trinh-origin.json"
"""Name of the part in a zipped format."""
LARGEST_FILE = 300 * 2**20
LARGEST_STAMP = 20 * 2**20
"""Bytes; far more than any stamp has."""
_TOKEN = re.compile(rb'(?:content="|<!--|\0|\n%)lo-trinh-origin:([A-Za-z0-9+/%\s]+?)\.end')
"""The token where a writer puts it; names cannot have what stands before it."""
_PART_OF_OPC = f"urn:{NAME}"
"""Type of the relationship; programs pass over types that they do not know."""


def token(stamp: bytes) -> str:
    """`stamp` in letters, digits, + and / between ``lo-trinh-origin:`` and ``.end``."""
    return f"{NAME}:{base64.b64encode(zlib.compress(stamp, 9)).decode().rstrip('=')}.end"


def put(stamp: bytes, path: Path) -> None:
    """Write `stamp` into the file at `path`; nothing where its writer has done so."""
    if way := _WAYS.get(path.suffix.lower()):
        way(stamp, path)


def taken(path: Path) -> bytes:
    """The stamp in the file at `path`, whatever the file is called.

    Raises:
        DataError: ``origin.no_file``, ``origin.none``, ``origin.damaged``.
    """
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise DataError(Problem("origin.none", path.name))
        with path.open("rb") as file:
            head = file.read(16)
        if head.startswith(b"PK"):
            return _of_zip(path)
        if head.startswith(b"SQLite format 3"):
            return _of_gpkg(path)
        return _of_bytes(path.read_bytes(), path)
    except (OSError, ValueError) as why:  # a name with a zero byte in it is a ValueError
        raise DataError(Problem("origin.no_file", str(path))) from why


def damaged(path: Path) -> DataError:
    """What to raise where the stamp is not what was written."""
    return DataError(Problem("origin.damaged", path.name))


# --- reading -------------------------------------------------------------------------------------


def _of_zip(path: Path) -> bytes:
    try:
        with zipfile.ZipFile(path) as parts:
            names = [name for name in parts.namelist() if name == PART]
            if not names:
                raise DataError(Problem("origin.none", path.name))
            with parts.open(PART) as part:
                content = part.read(LARGEST_STAMP + 1)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as why:
        raise damaged(path) from why
    if len(content) > LARGEST_STAMP:
        raise damaged(path)
    return content


def _of_gpkg(path: Path) -> bytes:
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as file:
            row = file.execute(
                "SELECT metadata FROM gpkg_metadata WHERE md_standard_uri = ? LIMIT 1", (f"urn:{NAME}",)
            ).fetchone()
    except sqlite3.Error as why:
        raise DataError(Problem("origin.none", path.name)) from why
    if row is None:
        raise DataError(Problem("origin.none", path.name))
    return str(row[0]).encode()


def _of_bytes(content: bytes, path: Path) -> bytes:
    if content.lstrip()[:1] == b"{":
        return _of_json(content, path)
    if found := _TOKEN.search(content):
        return _unpacked(re.sub(rb"[%\s]", b"", found[1]), path)
    raise DataError(Problem("origin.none", path.name))


def _of_json(content: bytes, path: Path) -> bytes:
    try:
        given = json.loads(content)
    except (ValueError, RecursionError) as why:
        raise damaged(path) from why
    stamp = given.get("origin")
    if not isinstance(stamp, dict):
        raise DataError(Problem("origin.none", path.name))
    return json.dumps(stamp).encode()


def _unpacked(letters: bytes, path: Path) -> bytes:
    try:
        packed = base64.b64decode(letters + b"=" * (-len(letters) % 4), validate=True)
        opened = zlib.decompressobj()
        content = opened.decompress(packed, LARGEST_STAMP)
    except (binascii.Error, zlib.error) as why:
        raise damaged(path) from why
    if opened.unconsumed_tail or not opened.eof:
        raise damaged(path)
    return content


# --- writing -------------------------------------------------------------------------------------


def _into_zip(stamp: bytes, path: Path) -> None:
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr(entry(PART), stamp)


def _into_opc(stamp: bytes, path: Path) -> None:
    """DOCX and XLSX want each part's type told, and a relationship that leads to it."""
    with zipfile.ZipFile(path) as parts:
        held = [(part, parts.read(part)) for part in parts.infolist()]
    relation = f'<Relationship Id="loTrinhOrigin" Type="{_PART_OF_OPC}" Target="{PART}"/></Relationships>'
    known = '<Default Extension="json" ContentType="application/json"/><Default '
    changes = {
        "_rels/.rels": (b"</Relationships>", relation.encode()),
        "[Content_Types].xml": (b"<Default ", known.encode()),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as parts:
        for part, content in held:
            old, new = changes.get(part.filename, (b"", b""))
            assert old in content
            parts.writestr(part, content.replace(old, new, 1) if old else content, zipfile.ZIP_DEFLATED)
        parts.writestr(entry(PART), stamp, zipfile.ZIP_DEFLATED)


def entry(name: str) -> zipfile.ZipInfo:
    """With the first day that zip knows: the same content gives the same bytes."""
    entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    entry.external_attr = 0o644 << 16
    return entry


def _into_pdf(stamp: bytes, path: Path) -> None:
    """A comment before ``startxref``: behind everything that is counted in bytes."""
    content = path.read_bytes()
    before, key, after = content.rpartition(b"startxref")
    letters = token(stamp).encode()
    lines = b"".join(b"%" + letters[n : n + 200] + b"\n" for n in range(0, len(letters), 200))
    path.write_bytes(before + lines + key + after)


def _into_png(stamp: bytes, path: Path) -> None:
    """A ``tEXt`` chunk behind the first one (ISO/IEC 15948, 11.3.4.3)."""
    content = path.read_bytes()
    behind = 8 + 12 + struct.unpack(">I", content[8:12])[0]
    chunk = b"tEXt" + NAME.encode() + b"\0" + token(stamp).encode()
    framed = struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    path.write_bytes(content[:behind] + framed + content[behind:])


def _into_html(stamp: bytes, path: Path) -> None:
    before, key, after = path.read_bytes().partition(b"</head>")
    path.write_bytes(before + f'<meta name="{NAME}" content="{token(stamp)}">'.encode() + key + after)


def _into_gpkg(stamp: bytes, path: Path) -> None:
    """A row of the metadata extension (GeoPackage 1.3, annex F.8)."""
    with closing(sqlite3.connect(path)) as file, file:
        file.executescript(_METADATA_EXTENSION)
        row = file.execute(
            "INSERT INTO gpkg_metadata (md_scope, md_standard_uri, mime_type, metadata)"
            " VALUES ('dataset', ?, 'application/json', ?)",
            (f"urn:{NAME}", stamp.decode()),
        )
        file.execute(
            "INSERT INTO gpkg_metadata_reference (reference_scope, md_file_id) VALUES ('geopackage', ?)",
            (row.lastrowid,),
        )


_METADATA_EXTENSION = """
CREATE TABLE IF NOT EXISTS gpkg_metadata (id INTEGER CONSTRAINT m_pk PRIMARY KEY ASC NOT NULL,
    md_scope TEXT NOT NULL DEFAULT 'dataset', md_standard_uri TEXT NOT NULL,
    mime_type TEXT NOT NULL DEFAULT 'text/xml', metadata TEXT NOT NULL DEFAULT '');
CREATE TABLE IF NOT EXISTS gpkg_metadata_reference (reference_scope TEXT NOT NULL, table_name TEXT,
    column_name TEXT, row_id_value INTEGER,
    timestamp DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')), md_file_id INTEGER NOT NULL,
    md_parent_id INTEGER, CONSTRAINT crmr_mfi_fk FOREIGN KEY (md_file_id) REFERENCES gpkg_metadata(id),
    CONSTRAINT crmr_mpi_fk FOREIGN KEY (md_parent_id) REFERENCES gpkg_metadata(id));
"""

_WAYS: dict[str, Callable[[bytes, Path], None]] = {
    ".docx": _into_opc,
    ".xlsx": _into_opc,
    ".kmz": _into_zip,
    ".zip": _into_zip,
    ".pdf": _into_pdf,
    ".png": _into_png,
    ".html": _into_html,
    ".gpkg": _into_gpkg,
}
