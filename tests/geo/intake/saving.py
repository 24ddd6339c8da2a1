"""Ways in which an office saves a sheet: .xlsx, .xls, and text in many encodings."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Callable

import openpyxl
import xlwt

from tests.geo.intake.sheets import Book


def as_xlsx(book: Book) -> bytes:
    out = openpyxl.Workbook()
    out.remove(out.active)
    for name, rows in book.sheets.items():
        sheet = out.create_sheet(name)
        for row in rows:
            sheet.append(row)
        for top, left, bottom, right in book.merges.get(name, ()):
            sheet.merge_cells(
                start_row=top + 1, start_column=left + 1, end_row=bottom + 1, end_column=right + 1
            )
    stream = io.BytesIO()
    out.save(stream)
    return stream.getvalue()


def as_xls(book: Book) -> bytes:
    out = xlwt.Workbook()
    for name, rows in book.sheets.items():
        sheet = out.add_sheet(name)
        starts = {(top, left): (bottom, right) for top, left, bottom, right in book.merges.get(name, ())}
        for at, row in enumerate(rows):
            for n, cell in enumerate(row):
                if (at, n) in starts:
                    bottom, right = starts[at, n]
                    sheet.write_merge(at, bottom, n, right, cell)
                elif cell is not None:
                    sheet.write(at, n, cell)
    stream = io.BytesIO()
    out.save(stream)
    return stream.getvalue()


def cp1258(text: str) -> bytes:
    """As Windows-1258 has it: vowels with their roof or horn, then the tone as a mark of its own."""
    out = []
    for letter in unicodedata.normalize("NFC", text):
        try:
            out.append(letter.encode("cp1258"))
        except UnicodeEncodeError:
            parts = unicodedata.normalize("NFD", letter)
            tone = next(c for c in parts if c in "\u0300\u0309\u0303\u0301\u0323")
            out.append(
                unicodedata.normalize("NFC", parts.replace(tone, "")).encode("cp1258") + tone.encode("cp1258")
            )
    return b"".join(out)


ENCODINGS: dict[str, Callable[[str], bytes]] = {
    "utf-8": str.encode,
    "utf-8-bom": lambda text: text.encode("utf-8-sig"),
    "utf-16": lambda text: text.encode("utf-16"),
    "utf-16-le": lambda text: text.encode("utf-16-le"),
    "utf-16-be": lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
    "windows-1258": cp1258,
}
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}


def as_text(book: Book, *, delimiter: str = ";", encoding: str = "utf-8", lines: str = "\r\n") -> bytes:
    """The first sheet as delimited text; of merged cells only the first has the value, as Excel does it."""
    out = io.StringIO()
    width = max(len(row) for row in next(iter(book.sheets.values())))
    writer = csv.writer(out, delimiter=delimiter, lineterminator=lines)
    for row in next(iter(book.sheets.values())):
        writer.writerow([*row, *[None] * (width - len(row))])
    return ENCODINGS[encoding](out.getvalue())
