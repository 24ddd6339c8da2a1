"""Files that leave the program: one function and one line in `WRITERS` for each format."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import get_args

from errors import DataError, Problem
from exports import origin
from exports.contents import ALONE, Beside, Contents, Edition, contents_of
from exports.csvs import write_csv
from exports.gis import write_geojson, write_gpkg
from exports.kml import write_kml, write_kmz
from exports.page import write_html
from exports.picture import write_png
from exports.proposal.writing import write_docx, write_pdf
from exports.sheets import write_xlsx
from planner.plan import Plan
from text import Lang

Writer = Callable[[Contents, Path], None]
"""Writes a new file, or raises OSError."""

WRITERS: dict[str, Writer] = {
    ".csv.zip": write_csv,
    ".docx": write_docx,
    ".geojson": write_geojson,
    ".gpkg": write_gpkg,
    ".html": write_html,
    ".kml": write_kml,
    ".kmz": write_kmz,
    ".pdf": write_pdf,
    ".png": write_png,
    ".xlsx": write_xlsx,
}
"""How each kind of file is written, by suffix; command line, buttons and tests follow."""

EDITIONS: tuple[Edition, ...] = get_args(Edition)


def suffix_of(path: Path) -> str:
    """The key of `WRITERS` that the file's name ends in; "" where there is none."""
    name = path.name.lower()
    return max((suffix for suffix in WRITERS if name.endswith(suffix)), key=len, default="")


def write(
    plan: Plan, path: Path | str, *, edition: Edition = "shared", lang: Lang = "vi", beside: Beside = ALONE
) -> Path:
    """Write `plan` to `path` in the format of its suffix; a former file is replaced at once or not at all.

    Raises:
        DataError: no writer for the suffix; the folder cannot be written to; the file is open elsewhere.
    """
    path = Path(path)
    _writer(path)  # before anything is computed
    return write_contents(contents_of(plan, edition=edition, lang=lang, beside=beside), path)


def write_contents(contents: Contents, path: Path | str) -> Path:
    """Write `contents` to `path`, like `write`, with the stamp that ``exports.origin.read`` gets back.

    Raises:
        DataError: as `write`.
    """
    path = Path(path)
    writer = _writer(path)
    with _replacing(path) as draft:
        writer(contents, draft)
        origin.put(contents, draft)
    return path


def _writer(path: Path) -> Writer:
    suffix = suffix_of(path)
    if not suffix:
        values = {"suffix": path.suffix, "known": ", ".join(sorted(WRITERS))}
        raise DataError(Problem("export.unknown_format", path.name, values))
    return WRITERS[suffix]


def write_text(path: Path | str, text: str) -> Path:
    """Write `text` to `path` as UTF-8, like `write`.

    Raises:
        DataError: as `write`.
    """
    path = Path(path)
    with _replacing(path) as draft:
        draft.write_text(text, encoding="utf-8", newline="\n")
    return path


def write_bytes(path: Path | str, content: bytes) -> Path:
    """Write `content` to `path`, like `write`.

    Raises:
        DataError: as `write`.
    """
    path = Path(path)
    with _replacing(path) as draft:
        draft.write_bytes(content)
    return path


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """A new name beside `path`; what is written there takes its place, or is gone when something fails."""
    draft = path.with_name(f".{path.stem}.{secrets.token_hex(4)}{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield draft
        _replace(draft, path)
    except OSError as why:
        values = {"why": why.strerror or type(why).__name__}
        raise DataError(Problem("export.not_writable", str(path), values)) from why
    finally:
        for left in path.parent.glob(f"{draft.name}*") if path.parent.is_dir() else ():
            left.unlink(missing_ok=True)


def _replace(draft: Path, path: Path) -> None:
    try:
        draft.replace(path)
    except PermissionError as why:  # Windows: another program holds the file open
        raise DataError(Problem("export.in_use", str(path))) from why
