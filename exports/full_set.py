"""The full set: the proposal and every format in which colleagues go on working, in one folder.

The folder appears complete or not at all: files are written beside it and it is renamed at the end.  Contents
are computed once, and every writer gets the same.
"""

from __future__ import annotations

import secrets
import shutil
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

import exports
from errors import DataError, Problem
from exports.contents import ALONE, Beside, Contents, Edition, contents_of
from planner.plan import Plan
from text import Lang, ascii_name, say

ORDER = (".docx", ".pdf", ".xlsx", ".html", ".png", ".gpkg", ".kmz", ".kml", ".geojson", ".csv.zip")
"""Formats in the order in which an office takes them in hand; what stands here in vain has no writer yet."""
INDEX = "00_README.txt"

Progress = Callable[[int, int, str], None]
"""Told how many files are done, how many there are, and the name of the one that begins."""


def formats(wanted: Iterable[str] | None = None) -> tuple[str, ...]:
    """The suffixes of `wanted`, of all formats by default, in the order of the set."""
    known = set(exports.WRITERS if wanted is None else wanted)
    return (*(s for s in ORDER if s in known and s in exports.WRITERS), *sorted(known - set(ORDER)))


def file_name(contents: Contents, suffix: str, number: int) -> str:
    """``01_to_trinh_can_tho_2018_2020_ban_chia_se.docx``: sorts, says what it is, ASCII."""
    what = ascii_name(say(f"dossier.name.{key(suffix)}", contents.lang))
    edition = ascii_name(say(f"dossier.name.{contents.edition}", contents.lang))
    return f"{number:02d}_{what}_{contents.scenario}_{edition}{suffix}"


def key(suffix: str) -> str:
    """The suffix as the catalogue has it: "csv_zip"."""
    return suffix.removeprefix(".").replace(".", "_")


def write_all(
    plan: Plan,
    folder: Path | str,
    *,
    edition: Edition = "shared",
    lang: Lang = "vi",
    beside: Beside = ALONE,
    wanted: Iterable[str] | None = None,
    progress: Progress = lambda *_: None,
) -> tuple[Path, ...]:
    """Write the full set, or the suffixes `wanted`, into a new folder; see `write_contents`."""
    contents = contents_of(plan, edition=edition, lang=lang, beside=beside)
    return write_contents(contents, folder, wanted=wanted, progress=progress)


def write_contents(
    contents: Contents,
    folder: Path | str,
    *,
    wanted: Iterable[str] | None = None,
    progress: Progress = lambda *_: None,
) -> tuple[Path, ...]:
    """Write the set into `folder`, which must not exist or be empty.

    Returns:
        The files, the index first.

    Raises:
        DataError: ``export.folder_in_use`` (something stands in the folder); as ``exports.write``.
    """
    folder = Path(folder)
    check(folder)
    suffixes = formats(wanted)
    for suffix in suffixes:
        if suffix not in exports.WRITERS:
            values = {"suffix": suffix, "known": ", ".join(sorted(exports.WRITERS))}
            raise DataError(Problem("export.unknown_format", folder.name, values))
    draft = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}")
    names = [file_name(contents, suffix, n) for n, suffix in enumerate(suffixes, 1)]
    try:
        for done, name in enumerate(names):
            progress(done, len(names), name)
            exports.write_contents(contents, draft / name)
        exports.write_text(draft / INDEX, _index(contents, dict(zip(suffixes, names, strict=True))))
        if folder.exists():
            folder.rmdir()
        draft.rename(folder)
    except OSError as why:
        values = {"why": why.strerror or type(why).__name__}
        raise DataError(Problem("export.not_writable", str(folder), values)) from why
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    progress(len(names), len(names), "")
    return tuple(folder / name for name in (INDEX, *names))


def check(folder: Path) -> None:
    """See that a set may be written to `folder`, before anything is computed for it.

    Raises:
        DataError: ``export.folder_in_use``.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise DataError(Problem("export.folder_in_use", str(folder)))


def zipped(files: Iterable[Path]) -> bytes:
    """The files of one set as a zip, in a folder of their set's name."""
    import io

    with io.BytesIO() as content:
        with zipfile.ZipFile(content, "w") as parts:
            for file in files:
                packed = file.suffix in (".txt", ".geojson", ".kml", ".html", ".gpkg")
                way = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
                parts.write(file, f"{file.parent.name}/{file.name}", way)
        return content.getvalue()


def _index(contents: Contents, names: dict[str, str]) -> str:
    lang = contents.lang
    lines = [contents.title, contents.mark, "", say("dossier.index.files", lang)]
    for suffix, name in names.items():
        lines += [f"  {name}", f"      {say(f'dossier.about.{key(suffix)}', lang)}"]
    lines += ["", say("dossier.index.notes", lang), *(f"  - {note}" for note in contents.notes)]
    lines += ["", say("dossier.index.origin", lang)]
    lines += [f"  {label}: {value}" for label, value in exports.origin.origin(contents)]
    lines += ["", say("dossier.index.reproduce", lang)]
    return "\n".join(lines) + "\n"
