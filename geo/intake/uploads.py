"""Is a file that somebody brings safe to open?  Asked before any reader touches it.

`check` looks at the size, holds the ending against the first bytes, goes through a zip member by member
(numbers, sizes, ratio, paths, passwords, archives inside archives), and stops at any document type
declaration in XML, which is where entities come from.
"""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, Literal, get_args
from xml.parsers import expat

from errors import DataError, Problem
from text import tidy

Format = Literal["xlsx", "xls", "csv", "zip", "kmz", "kml", "geojson", "gpkg", "osm", "graphml"]
"""What a file is; csv stands for any delimited text, zip for a zipped shapefile."""

TABLES: frozenset[Format] = frozenset({"xlsx", "xls", "csv"})
BOUNDARIES: frozenset[Format] = frozenset({"zip", "kmz", "kml", "geojson", "gpkg"})
ROADS: frozenset[Format] = frozenset({"osm", "graphml", "geojson", "gpkg", "zip"})

_ENDINGS: dict[str, Format] = {
    ".xlsx": "xlsx", ".xlsm": "xlsx", ".xls": "xls",
    ".csv": "csv", ".tsv": "csv", ".tab": "csv", ".txt": "csv",
    ".zip": "zip", ".kmz": "kmz", ".kml": "kml",
    ".geojson": "geojson", ".json": "geojson", ".gpkg": "gpkg",
    ".osm": "osm", ".graphml": "graphml",
}  # fmt: skip
_ZIPPED: frozenset[Format] = frozenset({"xlsx", "zip", "kmz"})
_MARKUP: frozenset[Format] = frozenset({"kml", "osm", "graphml"})

MEGABYTE = 1024 * 1024
MOST_BYTES: dict[Format, int] = {
    "xlsx": 20 * MEGABYTE, "xls": 20 * MEGABYTE, "csv": 20 * MEGABYTE,
    "zip": 100 * MEGABYTE, "kmz": 50 * MEGABYTE, "kml": 100 * MEGABYTE,
    "geojson": 200 * MEGABYTE, "gpkg": 200 * MEGABYTE,
    "osm": 500 * MEGABYTE, "graphml": 500 * MEGABYTE,
}  # fmt: skip
"""Bytes a file may have as it comes."""
MOST_UNPACKED: dict[Format, int] = {"xlsx": 100 * MEGABYTE, "zip": 400 * MEGABYTE, "kmz": 200 * MEGABYTE}
"""Bytes the members of a zip may have together."""
MOST_MEMBERS = 1_000
MOST_RATIO = 200
"""Unpacked to packed bytes of a member of more than a megabyte; text of a sheet packs 10 to 60 times."""

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_SQLITE = b"SQLite format 3\x00"
_LOCKED = "EncryptedPackage".encode("utf-16-le")  # how a password turns an .xlsx into an OLE file
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_FOREIGN = (b"%PDF", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"\x89PNG", b"\xff\xd8\xff", b"BZh", b"\xfd7zXZ")
_ARCHIVES = frozenset({
    ".zip", ".7z", ".rar", ".gz", ".tgz", ".bz2", ".xz", ".tar", ".cab", ".zst", ".kmz",
    ".xlsx", ".xlsm", ".docx", ".docm", ".pptx", ".odt", ".ods",
})  # fmt: skip
_XML = frozenset({".xml", ".rels", ".kml", ".vml", ".qpj", ".gml", ".svg"})
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that is safe to open.  `members` are the paths inside a zip, empty for anything else."""

    name: str
    format: Format
    content: bytes
    members: tuple[str, ...] = ()


def check(name: str, content: bytes, *, formats: Collection[Format] = TABLES) -> Upload:
    """See that a file may be opened: what it says it is, and of a size that this machine can take.

    Args:
        name: the file's name as it came; only its ending counts, and it comes back tidied.
        content: the whole file.
        formats: what is taken here, such as `TABLES` or `BOUNDARIES`.

    Raises:
        DataError: ``upload.*``, every problem at once; nothing was opened.  The readers of the formats
            may then trust sizes, paths and XML, but not yet that the content makes sense to them.
    """
    shown = tidy(PurePosixPath(name.replace("\\", "/")).name) or "?"
    kind = _ENDINGS.get(PurePosixPath(shown.casefold()).suffix)
    if kind is None or kind not in formats:
        taken = ", ".join(ending for ending, format_ in _ENDINGS.items() if format_ in formats)
        raise DataError(Problem("upload.ending", shown, {"taken": taken}))
    if not content:
        raise DataError(Problem("upload.nothing", shown))
    if len(content) > MOST_BYTES[kind]:
        sizes = {"megabytes": _megabytes(len(content)), "most": _megabytes(MOST_BYTES[kind])}
        raise DataError(Problem("upload.too_large", shown, sizes))
    if fault := _wrong_start(kind, content):
        ending = PurePosixPath(shown.casefold()).suffix
        raise DataError(Problem(f"upload.{fault}", shown, {"ending": ending}))
    members: tuple[str, ...] = ()
    if kind in _ZIPPED:
        members = _check_zip(shown, kind, content)
    elif kind in _MARKUP and (problem := _xml_problem(io.BytesIO(content), shown)):
        raise DataError(problem)
    return Upload(shown, kind, content, members)


def _megabytes(size: int) -> str:
    return f"{size / MEGABYTE:.1f}"


def _wrong_start(kind: Format, content: bytes) -> str | None:
    """What the first bytes say against the ending; None where they agree."""
    start = content.removeprefix(_MARKS[0]).lstrip()[:64]
    if kind == "xlsx" and content.startswith(_OLE) and _LOCKED in content[: 64 * 1024]:
        return "password"
    signs = {"xlsx": _ZIP, "zip": _ZIP, "kmz": _ZIP, "xls": (_OLE,), "gpkg": (_SQLITE,)}
    if kind in signs:
        return None if content.startswith(signs[kind]) else "other_format"
    if kind in _MARKUP:
        return None if start.startswith(b"<") or content.startswith(_MARKS) else "other_format"
    if kind == "geojson":
        return None if start.startswith((b"{", b"[")) or content.startswith(_MARKS[1:]) else "other_format"
    binary = content.startswith((*_ZIP, _OLE, _SQLITE, *_FOREIGN)) or start[:5].lower() in (
        b"<html",
        b"<!doc",
    )
    return "other_format" if binary else None


# --- zip -------------------------------------------------------------------------------------------


def _check_zip(shown: str, kind: Format, content: bytes) -> tuple[str, ...]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if problems := [*_outside(shown, kind, members, len(content))]:
                raise DataError(problems)  # before a byte is unpacked
            problems = [problem for member in members for problem in _inside(shown, archive, member)]
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError) as why:
        raise DataError(Problem("upload.broken_zip", shown)) from why
    names = tuple(member.filename for member in members if not member.is_dir())
    if not problems:
        needed = {"xlsx": ("xl/workbook.xml",), "kmz": (".kml",), "zip": (".shp",)}[kind]
        if not any(name.casefold().endswith(needed) for name in names):
            problems = [Problem("upload.not_inside", shown, {"needed": ", ".join(needed)})]
    if problems:
        raise DataError(problems)
    return names


def _outside(shown: str, kind: Format, members: list[zipfile.ZipInfo], packed: int) -> Iterator[Problem]:
    """What the table of contents says, before anything is unpacked."""
    if len(members) > MOST_MEMBERS:
        yield Problem("upload.members", shown, {"members": len(members), "most": MOST_MEMBERS})
        return
    unpacked = sum(member.file_size for member in members)
    if unpacked > MOST_UNPACKED[kind]:
        sizes = {"megabytes": _megabytes(unpacked), "most": _megabytes(MOST_UNPACKED[kind])}
        yield Problem("upload.unpacked", shown, sizes)
    faults = {
        "ratio": [m for m in members if _swells(m, packed)],
        "path": [m for m in members if _leaves(m)],
        "locked": [m for m in members if m.flag_bits & 0x1],
        "nested": [m for m in members if PurePosixPath(m.filename.casefold()).suffix in _ARCHIVES],
        "packing": [m for m in members if m.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)],
    }
    names = [member.filename.casefold() for member in members]
    faults["member_twice"] = [m for m, name in zip(members, names, strict=True) if names.count(name) > 1]
    for fault, found in faults.items():
        if found:
            listed = ", ".join(tidy(m.filename) for m in found[:_SHOWN])
            yield Problem(f"upload.{fault}", shown, {"members": listed, "more": max(0, len(found) - _SHOWN)})


def _swells(member: zipfile.ZipInfo, packed: int) -> bool:
    said = min(max(1, member.compress_size), packed)
    return member.file_size > MEGABYTE and member.file_size > MOST_RATIO * said


def _leaves(member: zipfile.ZipInfo) -> bool:
    """Whether a member would be written elsewhere than below its folder, or is a link."""
    raw = getattr(member, "orig_filename", member.filename)
    path = raw.replace("\\", "/")
    steps = path.split("/")
    odd = any(ord(letter) < 32 for letter in raw) or ":" in steps[0]
    return path.startswith("/") or ".." in steps or odd or stat.S_ISLNK(member.external_attr >> 16)


def _inside(shown: str, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[Problem]:
    """What only unpacking tells: sizes and checksums that were made up, archives, entities in XML."""
    if member.is_dir():
        return
    where = f"{shown} {tidy(member.filename)}"
    with archive.open(member) as unpacked:
        start = unpacked.read(8)
        if start.startswith((*_ZIP, b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!")):
            yield Problem("upload.nested", shown, {"members": tidy(member.filename), "more": 0})
        while unpacked.read(MEGABYTE):  # zipfile holds the sum against the stated size and checksum
            pass
    if PurePosixPath(member.filename.casefold()).suffix in _XML:
        with archive.open(member) as unpacked:
            if problem := _xml_problem(unpacked, where):
                yield problem


# --- XML -------------------------------------------------------------------------------------------


class _Enough(Exception):  # noqa: N818 - no error, but the only way out of the parser's calls
    """A declaration can only stand before the first element."""


class _Declared(Exception):  # noqa: N818 - as above
    """There is a document type declaration."""


def _xml_problem(stream: IO[bytes], where: str) -> Problem | None:
    """A declaration of a document type before the first element, or no XML at all."""

    def enough(*_: object) -> None:
        raise _Enough

    def declared(*_: object) -> None:
        raise _Declared

    parser = expat.ParserCreate()
    parser.StartElementHandler = enough
    parser.StartDoctypeDeclHandler = declared
    try:
        while chunk := stream.read(64 * 1024):
            parser.Parse(chunk)
        parser.Parse(b"", True)
    except _Enough:
        return None
    except _Declared:
        return Problem("upload.entities", where)
    except (expat.ExpatError, ValueError, LookupError):
        return Problem("upload.not_xml", where)
    return Problem("upload.not_xml", where)


assert set(get_args(Format)) == TABLES | BOUNDARIES | ROADS
