"""Sheets as offices lay them out, all of the same counts, and the ways in which they are saved."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from geo import units
from geo.names import split_type

Rows = list[list[Any]]
PERSONS = "Số người nghiện ma túy có hồ sơ quản lý"


@dataclass
class Book:
    """Sheets by name, and merged cells (first row, first column, last row, last column) by sheet."""

    sheets: dict[str, Rows]
    merges: dict[str, list[tuple[int, int, int, int]]] = field(default_factory=dict)
    choices: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Place:
    code: str
    name: str
    district: str
    persons: int
    kind: str
    bare: str


@cache
def places(province: str = "92", vintage: str = "2025-01") -> tuple[Place, ...]:
    """The communes of a province with made-up counts."""
    listed = units.communes(province, vintage)
    rows = zip(listed["commune_code"], listed["commune"], listed["district"], strict=True)
    return tuple(Place(c, n, d, 2 + (7 * i) % 61, *split_type(n)) for i, (c, n, d) in enumerate(rows))


def expected() -> dict[str, int]:
    return {p.code: p.persons for p in places()}


def by_district() -> dict[str, list[Place]]:
    groups: dict[str, list[Place]] = {}
    for p in places():
        groups.setdefault(p.district, []).append(p)
    return groups


def one(rows: Rows, *merges: tuple[int, int, int, int], **choices: Any) -> Book:
    return Book({"Sheet1": rows}, {"Sheet1": list(merges)}, choices)


# --- spellings -------------------------------------------------------------------------------------

SHORT = {"Phường": "P. ", "Xã": "X. ", "Thị trấn": "TT. ", "Đặc khu": "ĐK "}
_OLD_TONES = {"òa": "oà", "óa": "oá", "ỏa": "oả", "ọa": "oạ", "úy": "uý", "ủy": "uỷ", "ùy": "uỳ", "õa": "oã"}


def plainly(name: str) -> str:
    letters = unicodedata.normalize("NFD", name.replace("đ", "d").replace("Đ", "D"))
    return "".join(c for c in letters if not unicodedata.combining(c))


def old_tones(name: str) -> str:
    for new, old in _OLD_TONES.items():
        name = name.replace(new, old)
    return name


def abbreviated(name: str) -> str:
    kind, rest = split_type(name)
    return SHORT.get(kind, "") + rest


SPELLINGS: dict[str, Callable[[str], str]] = {
    "as listed": str,
    "without diacritics": plainly,
    "old tones": old_tones,
    "abbreviated": abbreviated,
    "capitals": str.upper,
    "small letters": str.lower,
    "decomposed": lambda name: unicodedata.normalize("NFD", name),
    "spaced": lambda name: f"  {name.replace(' ', chr(160) + ' ')} ",
    "Icelandic d": lambda name: name.replace("đ", "ð"),
}


# --- layouts ---------------------------------------------------------------------------------------


def names_only() -> Book:
    return one([["Xã, phường, thị trấn", PERSONS], *[[p.name, p.persons] for p in places()]])


def codes_only() -> Book:
    return one([["Mã xã", "Số người"], *[[p.code, p.persons] for p in places()]])


def codes_as_numbers() -> Book:
    return one([["Mã xã", "Số người"], *[[int(p.code), float(p.persons)] for p in places()]])


def all_columns() -> Book:
    head = ["STT", "Mã ĐVHC", "Quận/Huyện", "Xã/Phường/Thị trấn", "Số người có HSQL"]
    rows = [[n, p.code, p.district, p.name, p.persons] for n, p in enumerate(places(), 1)]
    return one([head, *rows])


def province_too() -> Book:
    head = ["TT", "Tỉnh, thành phố", "Quận, huyện", "Xã, phường", "Số lượng"]
    return one([head, *[[n, "Cần Thơ", p.district, p.name, p.persons] for n, p in enumerate(places(), 1)]])


def titles_above() -> Book:
    title = "THỐNG KÊ SỐ NGƯỜI NGHIỆN MA TÚY CÓ HỒ SƠ QUẢN LÝ THEO XÃ, PHƯỜNG NĂM 2018"
    top: Rows = [
        ["CÔNG AN THÀNH PHỐ", None, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"],
        [None] * 3,
        [title],
        [None] * 3,
    ]
    rows = [[n, f"{p.name}", p.persons] for n, p in enumerate(places(), 1)]
    return one([*top, ["TT", "Đơn vị", "Số người nghiện có hồ sơ"], *rows], (2, 0, 2, 2))


def years_below_one_heading() -> Book:
    head: Rows = [
        ["STT", "Xã, phường", "Số người nghiện có hồ sơ quản lý", None, None],
        [None, None, "Năm 2016", "Năm 2017", "Năm 2018"],
    ]
    rows = [[n, p.name, p.persons + 9, p.persons + 4, p.persons] for n, p in enumerate(places(), 1)]
    return one([*head, *rows], (0, 0, 1, 0), (0, 1, 1, 1), (0, 2, 0, 4))


def years_as_numbers() -> Book:
    return one([["Mã xã", "Xã", 2016, 2017, 2018], *[[p.code, p.name, 1, 2, p.persons] for p in places()]])


def a_year_asked_for() -> Book:
    head = ["Xã", "Số người 31/12/2017", "Số người 31/12/2018"]
    return Book({"S": [head, *[[p.name, p.persons, 1] for p in places()]]}, choices={"year": "2017"})


def a_year_in_each_row() -> Book:
    rows = [[p.name, year, p.persons if year == 2018 else 3] for year in (2017, 2018) for p in places()]
    return one([["Xã, phường", "Năm", "Số người"], *rows])


def sexes_and_total() -> Book:
    head: Rows = [["TT", "Xã", "Số người có hồ sơ quản lý", None, None], [None, None, "Tổng số", "Nam", "Nữ"]]
    rows = [[n, p.name, p.persons, p.persons - 1, 1] for n, p in enumerate(places(), 1)]
    return one([*head, *rows], (0, 0, 1, 0), (0, 1, 1, 1), (0, 2, 0, 4))


def sexes_alone() -> Book:
    return one([["Xã, phường", "Nam", "Nữ"], *[[p.name, p.persons - 1, 1] for p in places()]])


def ages_and_substances() -> Book:
    head: Rows = [
        ["TT", "Phường, xã", "Tổng cộng", "Độ tuổi", None, None, "Loại ma túy", None],
        [None, None, None, "Dưới 18", "Từ 18 đến 30", "Trên 30", "Heroin", "Ma túy tổng hợp"],
    ]
    rows = [[n, p.name, p.persons, 0, 1, p.persons - 1, p.persons, 1] for n, p in enumerate(places(), 1)]
    merges = ((0, 0, 1, 0), (0, 1, 1, 1), (0, 2, 1, 2), (0, 3, 0, 5), (0, 6, 0, 7))
    return one([*head, *rows], *merges)


def other_figures_beside() -> Book:
    head = [
        "TT",
        "Địa bàn",
        "Tổng số người có hồ sơ quản lý",
        "Đang điều trị Methadone",
        "Trong trung tâm cai nghiện",
    ]
    head += ["Tăng, giảm so với 2017", "Ghi chú"]
    rows = [[n, p.name, p.persons, 1, 1, -3, "đã rà soát"] for n, p in enumerate(places(), 1)]
    return one([head, *rows])


def population_first() -> Book:
    head = ["Mã xã", "Tên xã", "Dân số", "Số người nghiện"]
    return one([head, *[[p.code, p.name, 5000 + n, p.persons] for n, p in enumerate(places())]])


def _sections(
    head: Callable[[int, str, list[Place]], list[Any]], *, width: int = 3, merge: bool = False
) -> Book:
    rows: Rows = [["STT", "Đơn vị hành chính", "Số người có hồ sơ quản lý"]]
    merges = []
    for n, (district, members) in enumerate(by_district().items()):
        if merge:
            merges.append((len(rows), 0, len(rows), width - 1))
        rows.append(head(n, district, members))
        rows += [[at, p.name, p.persons] for at, p in enumerate(members, 1)]
    return one(rows, *merges)


ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X")


def roman_heads_with_totals() -> Book:
    return _sections(lambda n, d, ps: [ROMAN[n], d, sum(p.persons for p in ps)])


def roman_heads_without_type() -> Book:
    return _sections(lambda n, d, ps: [ROMAN[n], split_type(d)[1], sum(p.persons for p in ps)])


def merged_heads() -> Book:
    return _sections(lambda n, d, _: [f"{ROMAN[n]}. {d.upper()}", None, None], merge=True)


def heads_in_capitals() -> Book:
    return _sections(lambda _n, d, _: [None, split_type(d)[1].upper(), None])


def heads_beside_the_numbers() -> Book:
    return _sections(lambda n, d, _: [f"{n + 1}. {d}", None, None])


def merged_districts() -> Book:
    rows: Rows = [["Quận, huyện", "Xã, phường", "Số người"]]
    merges = []
    for district, members in by_district().items():
        merges.append((len(rows), 0, len(rows) + len(members) - 1, 0))
        rows += [[district if not n else None, p.name, p.persons] for n, p in enumerate(members)]
    return one(rows, *merges)


def districts_once() -> Book:
    rows: Rows = [["Huyện", "Xã", "Số người"]]
    for district, members in by_district().items():
        rows += [[district if not n else None, p.bare if p.bare != "Thạnh An" else p.name, p.persons]
                 for n, p in enumerate(members)]  # fmt: skip
    return one(rows)


def district_rows_with_totals() -> Book:
    rows: Rows = [["Huyện", "Xã", "Số người"]]
    for district, members in by_district().items():
        rows.append([district, None, sum(p.persons for p in members)])
        rows += [[None, p.name, p.persons] for p in members]
    return one(rows)


def totals_between() -> Book:
    rows: Rows = [["TT", "Huyện", "Xã", "Số người"]]
    for district, members in by_district().items():
        rows += [[n, district, p.name, p.persons] for n, p in enumerate(members, 1)]
        rows.append([None, None, "Cộng", sum(p.persons for p in members)])
    rows.append(["TỔNG CỘNG", None, None, sum(expected().values())])
    return one(rows)


def total_on_top() -> Book:
    rows: Rows = [["TT", "Đơn vị", "Số người"], [None, "Toàn thành phố", sum(expected().values())]]
    return one([*rows, *[[n, p.name, p.persons] for n, p in enumerate(places(), 1)]])


def notes_below() -> Book:
    rows = [["STT", "Xã, phường", "Số người"], *[[n, p.name, p.persons] for n, p in enumerate(places(), 1)]]
    rows += [
        [None] * 3,
        ["Ghi chú: số liệu đến 31/12/2018", None, None],
        [None, "Ngày 05 tháng 01 năm 2019", None],
    ]
    return one([*rows, ["Người lập biểu", None, "Thủ trưởng đơn vị"], ["(Đã ký)", None, "Trần Văn A"]])


def numbered_columns() -> Book:
    rows: Rows = [["STT", "Xã, phường", "Tổng", "Nam", "Nữ"], ["A", "B", "(1)=(2)+(3)", "(2)", "(3)"]]
    return one([*rows, *[[n, p.name, p.persons, p.persons, 0] for n, p in enumerate(places(), 1)]])


def numbered_names() -> Book:
    rows = [["Tên đơn vị", "Số người"], *[[f"{n}. {p.name}", p.persons] for n, p in enumerate(places(), 1)]]
    return one(rows)


def district_in_the_name() -> Book:
    return one([["Địa bàn", "Số người"], *[[f"{p.bare}, {p.district.lower()}" if p.bare != "Thạnh An" else
                 f"{p.name} ({p.district})", p.persons] for p in places()]])  # fmt: skip


def english() -> Book:
    head = ["No.", "Commune code", "District", "Commune", "Registered persons"]
    return one([head, *[[n, p.code, plainly(p.district), plainly(p.name), p.persons]
                        for n, p in enumerate(places(), 1)]])  # fmt: skip


def headings_without_marks() -> Book:
    head = ["TT", "Quan huyen", "Xa phuong", "So nguoi nghien co ho so"]
    return one(
        [head, *[[n, plainly(p.district), plainly(p.name), p.persons] for n, p in enumerate(places(), 1)]]
    )


def pages() -> Book:
    head = ["STT", "Xã, phường", "Số người"]
    rows: Rows = []
    for n, p in enumerate(places()):
        rows += [[None] * 3, head] if n % 30 == 0 else []
        rows.append([n + 1, p.name, p.persons])
    return one(rows)


def far_from_the_corner() -> Book:
    rows: Rows = [[None] * 6] * 5 + [[None, None, None, "Xã", None, "Số người"]]
    return one([*rows, *[[None, None, None, p.name, None, p.persons] for p in places()]])


def no_headings() -> Book:
    return one([[p.name, p.persons] for p in places()])


def no_headings_with_codes() -> Book:
    return one([[p.code, p.name, p.persons] for p in places()])


def numbers_as_text() -> Book:
    forms = ("{}", "{} người", "{},0", " {} ", "0{}", "{}.00")
    rows = [[p.name, forms[n % len(forms)].format(p.persons)] for n, p in enumerate(places())]
    return one([["Xã", "Số người"], *rows])


def a_sheet_a_district() -> Book:
    return Book({
        d: [["TT", "Xã, phường", "Số người"], *[[n, p.name, p.persons] for n, p in enumerate(ps, 1)]]
        for d, ps in by_district().items()
    })  # fmt: skip


def notes_on_another_sheet() -> Book:
    book = all_columns()
    return Book(
        {"Hướng dẫn": [["Điền số người theo từng xã"], ["Không ghi thông tin cá nhân"]], **book.sheets}
    )


def shuffled() -> Book:
    mixed = list(places())
    random.Random(5).shuffle(mixed)
    return one([["Số người", "Xã", "Huyện"], *[[p.persons, p.name, p.district] for p in mixed]])


def spelt(spelling: Callable[[str], str]) -> Callable[[], Book]:
    def build() -> Book:
        rows = [[spelling(p.district), spelling(p.name), p.persons] for p in places()]
        return one([["Quận, huyện", "Xã, phường", "Số người"], *rows])

    return build


_BUILDERS = (
    names_only,
    codes_only,
    codes_as_numbers,
    all_columns,
    province_too,
    titles_above,
    years_below_one_heading,
    years_as_numbers,
    a_year_asked_for,
    a_year_in_each_row,
    sexes_and_total,
    sexes_alone,
    ages_and_substances,
    other_figures_beside,
    population_first,
    roman_heads_with_totals,
    roman_heads_without_type,
    merged_heads,
    heads_in_capitals,
    heads_beside_the_numbers,
    merged_districts,
    districts_once,
    district_rows_with_totals,
    totals_between,
    total_on_top,
    notes_below,
    numbered_columns,
    numbered_names,
    district_in_the_name,
    english,
    headings_without_marks,
    pages,
    far_from_the_corner,
    no_headings,
    no_headings_with_codes,
    numbers_as_text,
    a_sheet_a_district,
    notes_on_another_sheet,
    shuffled,
)
LAYOUTS: dict[str, Callable[[], Book]] = {build.__name__: build for build in _BUILDERS}
LAYOUTS |= {f"spelt {name}": spelt(spelling) for name, spelling in SPELLINGS.items()}
