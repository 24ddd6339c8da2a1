"""CSV: a zip with one file a table, for programs and scripts; offices read the spreadsheet.

Comma, decimal point, UTF-8 with its mark (so that Excel takes the letters for what they are), columns named
as in ``tables.COLUMNS``.  First come the summary, with the edition and all notes, and the data dictionary,
which says what each column is called and means.  Text that a spreadsheet would take for a formula begins with
an apostrophe.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from exports import gis, seals
from exports.contents import Contents, text_of
from text import Lang, ascii_name, say

TABLES = ("facilities", "openings", "communes", "access", "allocation", *gis.BESIDE)
"""Tables in the order of their files, behind the dictionary."""
LIVE = tuple("=+-@\t\r\n＝＋－＠")
"""What a formula begins with; some spreadsheets take the full-width signs, too."""


def write_csv(contents: Contents, path: Path) -> None:
    """A zip of ``00_….csv`` to ``NN_….csv`` in the order of `TABLES`."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as parts:
        for number, (name, frame) in enumerate(_tables(contents)):
            entry = seals.entry(f"{number:02d}_{ascii_name(contents.name(name))}.csv")
            parts.writestr(entry, _lines(frame, contents.lang).encode("utf-8-sig"), zipfile.ZIP_DEFLATED)


def _tables(contents: Contents) -> Iterator[tuple[str, pd.DataFrame]]:
    lines = [(contents.name("summary"), contents.title), ("", contents.mark), *contents.summary]
    lines += [(say("exports.summary.note", contents.lang), note) for note in contents.notes]
    yield "summary", pd.DataFrame(lines, columns=["item", "value"], dtype="str")
    yield "dictionary", contents.dictionary()
    for name in TABLES:
        if name in contents.tables:
            yield name, contents.spoken(name).drop(columns="geometry", errors="ignore")
    further = [n for n in contents.tables if n not in TABLES]
    for name in further:
        yield name, contents.spoken(name)


def _lines(frame: pd.DataFrame, lang: Lang) -> str:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow([str(name) for name in frame.columns])
    for row in frame.astype(object).where(frame.notna(), None).itertuples(index=False, name=None):
        writer.writerow([_cell(value, lang) for value in row])
    return file.getvalue()


def _cell(value: object, lang: Lang) -> object:
    """As it is read by programs: "true", no value as nothing, formulas disarmed; a list is told in words."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f"'{value}" if value.startswith(LIVE) else value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if value is None or isinstance(value, int | float) else text_of(value, lang)
