"""Refuse what is about single persons.  No message repeats a value, or a heading that may be one."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Literal

from errors import Problem
from geo.intake.grids import Grid, letter
from geo.intake.headings import plain
from geo.intake.layout import Columns
from geo.intake.places import Places
from geo.intake.quantities import Cell
from geo.intake.rows import Line, Sheet
from geo.names import fold_name
from text import Text, both

Sort = Literal["name", "birth", "identity", "contact", "address", "record"]

_WORDS: dict[Sort, str] = {
    "name": r"ho (?:va )?ten|ho dem|ho lot|ten (?:doi tuong|benh nhan|nguoi (?:nghien|benh)|hoc vien|khac)|"
    r"ten (?:thuong goi|cha|me|vo|chong)|bi danh|biet danh|full name|first name|last name|surname|"
    r"patient name|name of (?:the )?(?:person|patient|client)",
    "birth": r"ngay sinh|nam sinh|ngay thang nam sinh|sinh nam|sinh ngay|dob|date of birth|year of birth|"
    r"birth ?(?:date|day|year)|born",
    "identity": r"cmnd|cccd|cmtnd|cmt|can cuoc|chung minh (?:nhan dan|thu)|so dinh danh|dinh danh ca nhan|"
    r"ho chieu|passport|id (?:card|number|no)|identity|national id|(?:so )?the bhyt|bao hiem y te",
    "contact": r"dien thoai|so dt|sdt|dtdd|di dong|phone|mobile|telephone|tel|zalo|e ?mail|facebook",
    "address": r"dia chi|so nha|address|noi o|thuong tru|tam tru|dktt|ho khau|hktt|"
    r"que quan|nguyen quan|hometown",
    "record": r"ma (?:so )?(?:benh nhan|doi tuong|ho so|hoc vien|nguoi nghien)|"
    r"(?:patient|client) (?:id|code)|case (?:id|number)",
}
_HEADINGS = tuple((sort, re.compile(rf"\b(?:{words})\b")) for sort, words in _WORDS.items())
_PHONE = re.compile(r"(?<!\d)(?:\+?84|0)(?:[ .-]?\d){9}(?!\d)")
_IDENTITY = re.compile(r"(?<!\d)(?:\d{12}|\d{9})(?!\d)")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.\w{2,}")
_BIRTH = re.compile(r"(?<!\d)\d{1,2}[/.-]\d{1,2}[/.-](19[2-9]\d|200\d|201[0-5])(?!\d)")
_SURNAMES = frozenset(
    re.findall(
        r"\w+",
        "nguyen tran le pham hoang huynh phan vu vo dang bui do ho ngo duong ly dao doan vuong trinh dinh "
        "lam phung mai to truong ha tang luong luu thach danh son kim chau quach la nong be ma giang thai ta "
        "luc cao",
    )
)
# Of Tày, Thái, Mường, Mông, Dao, Khmer, Chơ Ro, Xtiêng, Ê Đê, Gia Rai; many communes begin like these.
_RARER = frozenset(
    re.findall(
        r"\w+",
        "quan chau ban trieu hua chu loc linh lo quang ca luong tong deo bac vi vang sung thao lau "
        "cu mua hang hau trang lu chang phan tan chao phu kim thi neang dieu ksor rmah siu nay kpa rcham ro",
    )
)
_SEXES = frozenset({"nam", "nu", "male", "female", "m", "f"})
_FEWEST = 3  # values that make a column one of them
# A single one beside a commune is a person's, so its shape has to be surer than among many.
_SURE: tuple[tuple[Sort, re.Pattern[str]], ...] = (
    ("contact", re.compile(r"(?<![\d.])(?:\+?84[ .-]?|0)[35789]\d(?:[ .-]?\d){7}(?![\d.])")),
    ("contact", _EMAIL),
    ("identity", re.compile(r"(?<![\d.,])0\d{11}(?![\d.,])")),
)
_PEOPLE = re.compile(
    r"(?:ten )?(?:doi tuong|nguoi(?: nghien(?: ma tuy)?| benh| su dung)?|benh nhan|hoc vien|ca nhan|persons?|"
    r"patients?|clients?|cases?)"
)


def problems(sheet: Sheet, places: Places) -> list[Problem]:
    """``personal.columns`` for columns about persons, ``personal.rows`` for one row a person."""
    found: list[Problem] = []
    for grid, columns in sheet.layouts:
        sorts = dict(_by_heading(grid, columns))
        rows = [line for line in sheet.lines if line.grid is grid and line.kind == "commune"]
        for column, sort in (*_by_values(grid, columns, places), *_beside(rows, grid, columns)):
            sorts.setdefault(column, sort)
        if sorts:
            where = f"{grid.file} {grid.name}".strip()
            found.append(Problem("personal.columns", where, {"columns": _listed(sorts)}))
        if not columns.unsure and _one_a_person(rows, grid, columns):
            found.append(Problem("personal.rows", f"{grid.file} {grid.name}".strip(), {"rows": len(rows)}))
    return found


def _listed(sorts: dict[int, Sort]) -> Text:
    def spoken(sort: Sort) -> Text:
        return both(f"counts.personal.{sort}")

    items = sorted(sorts.items())
    vi = ", ".join(f"{letter(column)} ({spoken(sort).vi})" for column, sort in items)
    en = ", ".join(f"{letter(column)} ({spoken(sort).en})" for column, sort in items)
    return Text(vi, en)


def _by_heading(grid: Grid, columns: Columns) -> Iterator[tuple[int, Sort]]:
    first, last = columns.header or (0, min(9, len(grid.rows) - 1))
    first = max(0, first - 1) if columns.header else first
    for row in grid.rows[first : last + 1]:
        texts = {cell for cell in row if cell is not None}
        if len(texts) < 2:
            continue  # a title, a form's line
        for n, cell in enumerate(row):
            if not isinstance(cell, str):
                continue
            said = plain(cell)
            for sort, pattern in _HEADINGS:
                if pattern.search(said):
                    yield n, sort
                    break


def _by_values(grid: Grid, columns: Columns, places: Places) -> Iterator[tuple[int, Sort]]:
    rows = grid.rows[columns.first_row :]
    named = {columns.commune, columns.district, columns.province}
    for n in range(len(grid.rows[0])):
        cells = [row[n] for at, row in enumerate(rows, columns.first_row) if (at, n) not in grid.filled]
        cells = [cell for cell in cells if cell is not None]
        if len(cells) < _FEWEST or n in {columns.code, columns.ordinal}:
            continue
        if sort := sort_of(cells):
            yield n, sort
        elif _mostly(cells, _is_person) or (_PEOPLE.fullmatch(_heading(columns, n)) and _worded(cells)):
            texts = [str(cell) for cell in cells if isinstance(cell, str)]
            known = sum(map(places.knows, texts))
            if (
                (n not in named or known * 5 < len(texts))
                and len(set(texts)) >= _FEWEST
                and known * 3 < len(texts)
            ):
                yield n, "name"


def _beside(rows: list[Line], grid: Grid, columns: Columns) -> Iterator[tuple[int, Sort]]:
    """Columns with a phone, an address of mail or an identity number in the row of a commune."""
    for n in sorted(set(range(len(grid.rows[0]))) - columns.measured):
        texts = [cell for line in rows if isinstance(cell := grid.rows[line.row][n], str)]
        for sort, pattern in _SURE:
            if any(map(pattern.search, texts)):
                yield n, sort
                break


def sort_of(cells: list[Cell]) -> Sort | None:
    """What the values of a column are by their shape; names are asked for apart."""
    texts = [str(int(cell)) if isinstance(cell, float) and cell % 1 == 0 else str(cell) for cell in cells]
    shapes: tuple[tuple[Sort, Callable[[str], bool]], ...] = (
        ("contact", lambda t: bool(_PHONE.search(t) or _EMAIL.search(t) or re.fullmatch(r"[35789]\d{8}", t))),
        ("identity", lambda t: bool(_IDENTITY.search(t) or re.fullmatch(r"\d{9,12}", t))),
    )
    for sort, test in shapes:
        if sum(map(test, texts)) >= _FEWEST:
            return sort
    births = sum(
        1920 <= cell.year <= 2015 if isinstance(cell, dt.date) else bool(_BIRTH.search(text))
        for cell, text in zip(cells, texts, strict=True)
    )
    if births >= _FEWEST and 2 * births >= len(cells):
        return "birth"
    years = [int(text) for text in texts if re.fullmatch(r"19[3-9]\d|200\d|201[0-5]", text)]
    return "birth" if len(years) == len(texts) >= 8 and len(set(years)) >= 5 else None


def _heading(columns: Columns, column: int) -> str:
    return plain(columns.headings[column]) if column < len(columns.headings) else ""


def _worded(cells: list[Cell]) -> bool:
    """Whether most cells are two words or more and no figures, and hardly two of them alike."""
    words = [plain(cell).split() for cell in cells if isinstance(cell, str)]
    names = {tuple(w) for w in words if len(w) > 1 and all(map(str.isalpha, w))}
    return 2 * len(names) > len(cells)


def names_people(cells: list[Cell]) -> bool:
    """Whether most of some texts are full names of persons, of three words or more."""
    texts = [cell for cell in cells if isinstance(cell, str)]
    full = [text for text in texts if _is_person(text) and len(text.split()) > 2]
    return len(full) >= _FEWEST and 2 * len(full) > len(texts)


def _mostly(cells: list[Cell], test: Callable[[Cell], bool]) -> bool:
    return 2 * sum(map(test, cells)) > len(cells)


def _is_person(cell: Cell) -> bool:
    """Whether a text reads like a person's full name."""
    words = plain(cell).split() if isinstance(cell, str) else []
    if not (2 <= len(words) <= 5 and all(word.isalpha() for word in words)):
        return False
    return words[0] in _SURNAMES or (len(words) > 2 and words[0] in _RARER)


def _one_a_person(rows: list[Line], grid: Grid, columns: Columns) -> bool:
    """Communes again and again with no count, or with the count 1; or the sex of each row."""
    if len(rows) < 4:
        return False
    times = Counter((line.district, fold_name(line.name), line.code, line.year) for line in rows)
    again = sum(n for n in times.values() if n > 1)
    single = all(line.persons.number in {None, 1} and not line.persons.fault for line in rows)
    if 2 * again > len(rows) and single:
        return True
    below = [line.row for line in rows]
    for n in range(len(grid.rows[0])):
        values = {plain(str(grid.rows[row][n])) for row in below if grid.rows[row][n] is not None}
        if values and values <= _SEXES and n not in columns.measured and 2 * again > len(rows):
            return True
    return False
