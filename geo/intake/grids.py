"""Sheets as plain grids of cells: XLSX, XLS and delimited text in whatever encoding an office saved it."""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import io
import re
import warnings
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

from errors import DataError, Problem
from geo.intake.quantities import NO_RESULT, Cell
from geo.intake.uploads import TABLES, check
from text import tidy

MOST_ROWS, MOST_COLUMNS, MOST_SHEETS = 20_000, 200, 60
MOST_CELLS = 400_000
"""What a sheet with a row a commune can need (10,035 communes in the whole country), with room."""

MOST_LETTERS = 4_000
"""In one cell; more is no sheet of counts, and takes long to look through."""

_DELIMITERS = ";\t,|"
_MOST_LINES = 12  # in one cell; more means that a quotation mark was never closed
_UNCOMPUTED = re.compile(rb"<f(?:\s[^>]*)?(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>")


@dataclass(frozen=True, slots=True)
class Grid:
    """One sheet: rows of equal length, row 1 and column A first; merged cells repeat their value.

    `filled` holds (row, column), from 0, of the cells that only repeat what a merge shows; `file` and `name`
    are for messages (`name` is empty for a text file).  `hidden` is a sheet that Excel does not show;
    `hidden_rows` and `hidden_columns` count from 0.
    """

    file: str
    name: str
    rows: tuple[tuple[Cell, ...], ...]
    filled: frozenset[tuple[int, int]] = frozenset()
    hidden: bool = False
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()

    def where(self, row: int, column: int | None = None) -> str:
        """``counts.xlsx Sheet1!C7`` of a cell or ``counts.xlsx Sheet1 row 7``, counted from 0."""
        sheet = f"{self.file} {self.name}".strip()
        return f"{sheet}!{letter(column)}{row + 1}" if column is not None else f"{sheet}:{row + 1}"


def letter(column: int) -> str:
    """Letters of a column counted from 0: A, B, …, Z, AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def number_of(letters: str) -> int | None:
    """Column, from 0, of letters (C) or of a number from 1 (3); None for anything else."""
    if letters.isascii() and letters.isdigit():
        return int(letters) - 1 if 0 < int(letters) <= MOST_COLUMNS else None
    if re.fullmatch(r"[A-Za-z]{1,2}", letters):
        column = 0
        for sign in letters.upper():
            column = 26 * column + ord(sign) - 64
        return column - 1
    return None


def read(name: str, content: bytes) -> tuple[Grid, ...]:
    """All sheets of a file that have anything in them.

    Raises:
        DataError: ``upload.*``: not safe to open; ``grid.*``: cannot be read, too long, or nothing in it.
    """
    upload = check(name, content, formats=TABLES)
    reader = {"xlsx": _xlsx, "xls": _xls, "csv": _text}[upload.format]
    grids = tuple(grid for grid in reader(upload.name, content) if grid.rows)
    if not grids:
        raise DataError(Problem("grid.nothing", upload.name))
    return grids


def _grid(
    file: str, name: str, cells: dict[tuple[int, int], Cell], merges: Iterable[tuple[int, int, int, int]] = ()
) -> Grid:
    """A grid of what is in `cells`, with `merges` (first row, first column, last row, last column) filled."""
    used = {at: cell for at, cell in cells.items() if cell is not None}
    if not used:
        return Grid(file, name, ())
    rows, columns = max(row for row, _ in used) + 1, max(column for _, column in used) + 1
    if rows > MOST_ROWS or columns > MOST_COLUMNS or rows * columns > MOST_CELLS:
        values = {"rows": rows, "columns": columns, "most_rows": MOST_ROWS, "most_columns": MOST_COLUMNS}
        values["most_cells"] = MOST_CELLS
        raise DataError(Problem("grid.too_long", f"{file} {name}".strip(), values))
    long = [at for at, cell in used.items() if isinstance(cell, str) and len(cell) > MOST_LETTERS]
    if long:
        row, column = min(long)
        where = Grid(file, name, ()).where(row, column)
        raise DataError(Problem("grid.long_cell", where, {"most": MOST_LETTERS}))
    filled = set()
    for top, left, bottom, right in merges:
        value = used.get((top, left))
        if value is None:
            continue
        for row in range(top, min(bottom, rows - 1) + 1):
            for column in range(left, min(right, columns - 1) + 1):
                if (row, column) != (top, left):
                    used[row, column] = value
                    filled.add((row, column))
    table = tuple(tuple(used.get((row, column)) for column in range(columns)) for row in range(rows))
    return Grid(file, name, table, frozenset(filled))


def _clean(value: object) -> Cell:
    if value is None or isinstance(value, bool):
        return None if value is None else str(value)
    if isinstance(value, int | float):
        return value
    if isinstance(value, dt.date):
        return value
    text = str(value)
    return tidy(text) or None if len(text) <= MOST_LETTERS else text[: MOST_LETTERS + 1]


# --- XLSX ------------------------------------------------------------------------------------------


def _xlsx(file: str, content: bytes) -> list[Grid]:
    import openpyxl

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and extensions that are no concern of ours
            book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
            uncomputed = _uncomputed(content)
            formulas = openpyxl.load_workbook(io.BytesIO(content)) if uncomputed else None
    except Exception as why:  # a damaged file makes the reader fail in any way
        raise DataError(Problem("grid.unreadable", file)) from why
    _few_enough(file, len(book.worksheets))
    grids = []
    for sheet in book.worksheets:
        # The public iterators make a cell for every gap, a million of them in a sheet formatted to its end.
        cells = {(row - 1, column - 1): _clean(cell.value) for (row, column), cell in sheet._cells.items()}  # noqa: SLF001
        if formulas is not None:
            for (row, column), cell in formulas[sheet.title]._cells.items():  # noqa: SLF001
                at = (row - 1, column - 1)
                if cell.data_type == "f" and cells.get(at) is None:
                    cells[at] = NO_RESULT
        merges = [
            (m.min_row - 1, m.min_col - 1, m.max_row - 1, m.max_col - 1) for m in sheet.merged_cells.ranges
        ]
        grids.append(
            replace(
                _grid(file, tidy(sheet.title), cells, merges),
                hidden=sheet.sheet_state != "visible",
                hidden_rows=frozenset(n - 1 for n, row in sheet.row_dimensions.items() if row.hidden),
                hidden_columns=_hidden_columns(sheet.column_dimensions.values()),
            )
        )
    return grids


def _hidden_columns(dimensions: Iterable[Any]) -> frozenset[int]:
    """Columns, from 0, that are hidden; neighbours share an entry."""
    spans = [(c.min, c.max) for c in dimensions if c.hidden and c.min and c.max]
    return frozenset(n - 1 for first, last in spans for n in range(first, min(last, MOST_COLUMNS) + 1))


def _uncomputed(content: bytes) -> bool:
    """Whether a sheet has a formula without a result, as programs write them that cannot calculate."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/")]
        return any(_UNCOMPUTED.search(archive.read(name)) for name in sheets)


def _few_enough(file: str, sheets: int) -> None:
    if sheets > MOST_SHEETS:
        raise DataError(Problem("grid.sheets", file, {"sheets": sheets, "most": MOST_SHEETS}))


# --- XLS -------------------------------------------------------------------------------------------


def _xls(file: str, content: bytes) -> list[Grid]:
    import xlrd

    try:
        # The formatting is where an .xls says which cells are merged.
        book = xlrd.open_workbook(file_contents=content, formatting_info=True, logfile=io.StringIO())
    except Exception as why:
        code = "upload.password" if "encrypted" in str(why).casefold() else "grid.unreadable"
        raise DataError(Problem(code, file)) from why
    _few_enough(file, book.nsheets)
    grids = []
    for sheet in book.sheets():
        cells: dict[tuple[int, int], Cell] = {}
        for row in range(sheet.nrows):
            for column, (kind, value) in enumerate(
                zip(sheet.row_types(row), sheet.row_values(row), strict=True)
            ):
                cells[row, column] = _xls_cell(kind, value, book.datemode)
        merges = [(top, left, bottom - 1, right - 1) for top, bottom, left, right in sheet.merged_cells]
        grids.append(
            replace(
                _grid(file, tidy(sheet.name), cells, merges),
                hidden=bool(sheet.visibility),
                hidden_rows=frozenset(n for n, row in sheet.rowinfo_map.items() if row.hidden),
                hidden_columns=frozenset(n for n, column in sheet.colinfo_map.items() if column.hidden),
            )
        )
    return grids


def _xls_cell(kind: int, value: Any, datemode: Literal[0, 1]) -> Cell:
    import xlrd

    if kind in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
        return None
    if kind == xlrd.XL_CELL_ERROR:
        return str(xlrd.error_text_from_code.get(value, "#VALUE!"))
    if kind == xlrd.XL_CELL_DATE and isinstance(value, float):
        try:
            return xlrd.xldate_as_datetime(value, datemode)
        except (ValueError, OverflowError):
            return value
    return _clean(bool(value) if kind == xlrd.XL_CELL_BOOLEAN else value)


# --- text ------------------------------------------------------------------------------------------


def text_rows(file: str, content: bytes) -> tuple[list[list[str]], int]:
    """Cells of a delimited text in any usual encoding, however long, and how many lines stand above them.

    Raises:
        DataError: ``grid.encoding``, ``grid.quote``.
    """
    text = _decoded(file, content)
    if found := re.match(r"sep=(.)\r?\n", text):  # Excel's way to name the delimiter
        rows, skipped = _split(text[found.end() :], found[1]), 1
    else:
        rows, skipped = max((_split(text, sign) for sign in _DELIMITERS), key=_evenness), 0
    for at, row in enumerate(rows):
        if any(cell.count("\n") > _MOST_LINES for cell in row):
            raise DataError(Problem("grid.quote", f"{file}:{at + 1 + skipped}"))
    return rows, skipped


def _text(file: str, content: bytes) -> list[Grid]:
    rows, skipped = text_rows(file, content)
    cells = {
        (at + skipped, column): _clean(value)
        for at, row in enumerate(rows)
        for column, value in enumerate(row)
    }
    return [_grid(file, "", cells)]


def _split(text: str, delimiter: str) -> list[list[str]]:
    limit = csv.field_size_limit(len(text) + 1)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True))
    except csv.Error:
        return []
    finally:
        csv.field_size_limit(limit)


def _evenness(rows: list[list[str]]) -> tuple[int, int]:
    """How many rows have the most usual number of cells, where that is two or more; then that number."""
    widths = [len(row) for row in rows if any(cell.strip() for cell in row)]
    usual = {width: widths.count(width) for width in set(widths) if width > 1}
    if not usual:
        return 0, 0
    width = max(usual, key=lambda w: (usual[w], w))
    return usual[width], width


def _decoded(file: str, content: bytes) -> str:
    """By its mark, else UTF-16 if it is full of zero bytes, UTF-8 if it is that, else Windows-1258."""
    marks = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
    start = content[:4096]
    even, odd = start[::2].count(0), start[1::2].count(0)
    encodings = next(([name] for mark, name in marks.items() if content.startswith(mark)), None)
    if encodings is None and even + odd > len(start) // 5:
        encodings = ["utf-16-be" if even > odd else "utf-16-le"]
    for encoding in encodings or ["utf-8", "cp1258"]:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise DataError(Problem("grid.encoding", file))
