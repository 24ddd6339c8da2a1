"""What is refused, and why: a case for every message; no message repeats a person's data."""

from __future__ import annotations

import datetime as dt
import io
import json

import openpyxl
import pytest

from errors import DataError
from geo import units
from geo.intake import counts, grids, matching
from geo.intake.mapping import LEFT_OUT, SavedMapping, mapping_from
from geo.intake.patching import patch
from tests.geo.intake.saving import as_text, as_xls, as_xlsx
from tests.geo.intake.sheets import Book, one, places
from text import LANGS, catalogue

HEAD = ["TT", "Xã, phường", "Số người"]


def communes(province="92", vintage="2025-01"):
    return units.communes(province, vintage)


def refused(name, content, **choices):
    """The problems of a file, raised or in the report."""
    try:
        report = counts.read(name, content, communes(), vintage="2025-01", **choices)
    except DataError as why:
        return why.problems
    if not report.problems:
        with pytest.raises(DataError) as caught:
            counts.block(report, source="user")
        return caught.value.problems
    with pytest.raises(DataError):
        counts.block(report, source="user")
    return report.problems


def sheet(*rows, head=HEAD):
    return as_xlsx(one([list(head), *map(list, rows)]))


def counted(count, **more):
    return sheet([1, "Phường Cái Khế", count], [2, "Phường An Hòa", 5], **more)


def rows_of(province, vintage):
    return [[n, p.name, p.persons] for n, p in enumerate(places(province, vintage))]


def with_formula():
    book = openpyxl.Workbook()
    for row in (HEAD, [1, "Phường Cái Khế", "=2+3"], [2, "Phường An Hòa", 5]):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


TWO_COUNTS = ["Xã", "Số người A", "Số người B"]
POPULATED = ["Xã", "Số người", "Dân số"]
YEARS = ["Xã", "Năm", "Số người"]
BAD = {
    "grid.unreadable": ("c.xlsx", None, {}),
    "grid.nothing": ("c.xlsx", as_xlsx(one([])), {}),
    "grid.too_long": ("c.csv", b"a;b\n" * 20_001, {}),
    "grid.sheets": ("c.xlsx", as_xlsx(Book({f"S{n}": [[1]] for n in range(61)})), {}),
    "grid.long_cell": ("c.csv", "Xã;Số người\n".encode() + b"a" * 4001 + b";5", {}),
    "grid.quote": ("c.csv", 'Xã;Số người\n"Cái Khế;5\n'.encode() + b"An;6\n" * 20, {}),
    "grid.encoding": ("c.csv", b"\x00\x01\x02" * 9 + b"\xd2\xd2", {}),
    "personal.columns": ("c.xlsx", sheet([1, "Phường Cái Khế", "x"], head=["TT", "Xã", "Họ và tên"]), {}),
    "personal.rows": ("c.xlsx", sheet(*[[n, "Phường Cái Khế", 1] for n in range(9)]), {}),
    "counts.no_communes": ("c.xlsx", sheet(["a", "b", "c"], ["d", "e", "f"], head=["g", "h", "i"]), {}),
    "counts.no_persons": ("c.xlsx", sheet(["Phường Cái Khế", "x"], head=["Xã", "Ghi chú"]), {}),
    "counts.which_column": ("c.xlsx", sheet(["Phường Cái Khế", 5, 6], head=TWO_COUNTS), {}),
    "counts.which_sheet": ("c.xlsx", as_xlsx(Book({n: [HEAD, [1, "An Hòa", 2]] for n in "ab"})), {}),
    "counts.no_such_sheet": ("c.xlsx", counted(5), {"sheet": "Trang 9"}),
    "counts.no_such_role": ("c.xlsx", counted(5), {"columns": {"patients": "C"}}),
    "counts.no_such_column": ("c.xlsx", counted(5), {"columns": {"persons": "Tổng"}}),
    "counts.several_columns": (
        "c.xlsx", sheet(["Cái Khế", 5, 6], head=["Xã", "Số", "Số"]), {"columns": {"persons": "số"}},
    ),
    "counts.no_such_year": (
        "c.xlsx", sheet(["Cái Khế", 2017, 6], ["An Hòa", 2017, 6], head=YEARS), {"year": "2019"},
    ),
    "counts.negative": ("c.xlsx", counted(-5), {}),
    "counts.fraction": ("c.xlsx", counted(5.5), {}),
    "counts.not_a_number": ("c.xlsx", counted("12 lượt người"), {}),
    "counts.excel_error": ("c.xlsx", counted("#REF!"), {}),
    "counts.no_result": ("c.xlsx", with_formula(), {}),
    "counts.shared": (
        "c.xlsx", as_xlsx(one([HEAD, [1, "Cái Khế", 5], [2, "Phường An Hòa", None]], (1, 2, 2, 2))), {},
    ),
    "counts.bad_population": ("c.xlsx", sheet(["Phường Cái Khế", 5, -1], head=POPULATED), {}),
    "counts.more_than_population": ("c.xlsx", sheet(["Phường Cái Khế", 50, 49], head=POPULATED), {}),
    "counts.absurd": ("c.xlsx", counted(matching.MOST_PERSONS + 1), {}),
    "counts.twice": ("c.xlsx", sheet([1, "Phường Cái Khế", 5], [2, "P. Cái Khế", 5]), {}),
    "counts.two_counts": ("c.xlsx", sheet([1, "Phường Cái Khế", 5], [2, "Cái Khế", 6]), {}),
    "counts.unmatched": ("c.xlsx", sheet([1, "Phường Cái Khế", 5], [2, "Trại cai nghiện", 6]), {}),
    "counts.ambiguous": ("c.xlsx", sheet([1, "Phường Cái Khế", 5], [2, "Thạnh An", 6]), {}),
    "counts.other_list": ("c.xlsx", sheet(*rows_of("75", "2025-01")), {}),
    "counts.whole_country": (
        "c.xlsx",
        sheet(*[[n, name, 5] for n, name in enumerate(units.everywhere("2025-01")["commune"][::99])]),
        {},
    ),
    "counts.unknown_list": ("c.xlsx", sheet(*[[n, f"Thị trấn Xyz {n}", 6] for n in range(9)]), {}),
    "counts.nothing": ("c.xlsx", sheet([1, "Phường Cái Khế", None], [2, "An Hòa", "-"]), {}),
}  # fmt: skip


@pytest.mark.parametrize("code", BAD)
def test_each_fault_has_its_message(code):
    name, content, choices = BAD[code]
    if content is None:
        from tests.geo.intake.test_uploads import BOOK, packed

        content = packed(BOOK | {"xl/workbook.xml": b"<workbook><sheets><sheet/></sheets></workbook>"})
    problems = refused(name, content, **choices)
    assert code in {problem.code for problem in problems}
    for problem in problems:
        for lang in LANGS:
            assert problem.say(lang).startswith(problem.where)


MORE = [
    ("counts.negative", "(5)"), ("counts.negative", "-5"), ("counts.negative", "–5"),
    ("counts.fraction", "5,5"), ("counts.fraction", "0.5"), ("counts.fraction", 1.234),
    ("counts.not_a_number", "nhiều"), ("counts.not_a_number", "5 - 10"), ("counts.not_a_number", "1.2.3"),
    ("counts.not_a_number", dt.date(2018, 1, 5)), ("counts.not_a_number", "12 ca"),
    ("counts.excel_error", "#N/A"), ("counts.excel_error", "#DIV/0!"), ("counts.excel_error", "#VALUE!"),
    ("counts.absurd", "1.000.000"), ("counts.absurd", 10**30),
]  # fmt: skip


@pytest.mark.parametrize(("code", "count"), MORE)
def test_more_that_is_no_count(code, count):
    value = count if not isinstance(count, int) or count < 10**15 else str(count)
    (problem,) = refused("c.xlsx", counted(value))
    assert problem.code == code
    assert problem.where == "c.xlsx Sheet1!C2"


@pytest.mark.parametrize(
    ("written", "number"),
    [("1.234", 1234), ("1 234", 1234), ("1,234", 1234), ("1.234,0", 1234), ("12,0", 12), ("12 người", 12),
     ("012", 12), (12.0, 12), ("2.000 Người", 2000), ("1'234", 1234), ("0", 0), ("-0", 0),
     ("-", None), ("–", None), ("...", None), ("", None), ("//", None), ("không có", None)],
)  # fmt: skip
def test_numbers_as_offices_write_them(written, number):
    report = counts.read("c.xlsx", counted(written), communes(), vintage="2025-01")
    assert report.problems == ()
    assert report.persons.get("31117") == number


def test_all_faults_are_told_at_once():
    rows = [
        [1, "Phường Cái Khế", -5],
        [2, "Phường An Hòa", 2.5],
        [3, "Xyz", 6],
        [4, "An Bình", 7],
        [5, "An Bình", 8],
    ]
    codes = [problem.code for problem in refused("c.xls", as_xls(one([HEAD, *rows])))]
    assert sorted(codes) == ["counts.fraction", "counts.negative", "counts.two_counts", "counts.unmatched"]


# --- personal data ---------------------------------------------------------------------------------

PEOPLE = [
    ("Nguyễn Văn Tèo", "012345678901", "0901234567"),
    ("Trần Thị Nở", "098765432109", "0912 345 678"),
    ("Lê Chí Phèo", "034567890123", "+84 93 456 7890"),
    ("Phạm Bá Kiến", "045678901234", "0945.678.901"),
]
SECRETS = [part for person in PEOPLE for part in person] + ["Tèo", "1985", "12 Hẻm 3"]
PERSONAL_HEADS = [
    "Họ và tên", "Ho ten", "HỌ TÊN", "Full name", "Ngày sinh", "Nam sinh", "Date of birth", "Số CMND", "CCCD",
    "Căn cước công dân", "ID card", "Passport", "Điện thoại", "So dien thoai", "Phone number", "SĐT",
    "Địa chỉ",
    "Nơi ở hiện nay", "Address", "Hộ khẩu thường trú", "Mã bệnh nhân", "Tên đối tượng", "Email",
    "Số thẻ BHYT",
]  # fmt: skip


@pytest.mark.parametrize("heading", PERSONAL_HEADS)
@pytest.mark.parametrize("save", ["xlsx", "csv"])
def test_columns_about_persons_are_refused(heading, save):
    book = one([[*HEAD, heading], [1, "Phường Cái Khế", 5, "12 Hẻm 3"], [2, "Phường An Hòa", 6, "x"]])
    content = as_xlsx(book) if save == "xlsx" else as_text(book)
    (problem,) = refused(f"c.{save}", content)
    assert problem.code == "personal.columns"
    assert "D (" in problem.say("vi")


@pytest.mark.parametrize(
    ("values", "sort"),
    [
        ([person[0] for person in PEOPLE], "họ tên"),
        ([person[1] for person in PEOPLE], "CMND"),
        ([int(person[1]) for person in PEOPLE], "CMND"),
        ([person[2] for person in PEOPLE], "điện thoại"),
        (["gọi 0901234567", "x 0912345678", "0934567890 sau 17 giờ", ""], "điện thoại"),
        ([dt.date(1985, 3, n) for n in range(1, 5)], "ngày sinh"),
        (["01/02/1985", "3-4-1990", "05.06.1979", "7/8/2001"], "ngày sinh"),
        (["teo@example.org", "no@example.org", "pheo@example.org", None], "điện thoại"),
    ],
)
@pytest.mark.parametrize("heading", ["Nội dung", "", "Ghi chú"])
def test_values_about_persons_are_refused_whatever_the_heading(values, sort, heading):
    names = ["Phường Cái Khế", "Phường An Hòa", "Phường An Bình", "Phường Hưng Lợi"]
    rows = [[n, name, 5 + n, value] for n, (name, value) in enumerate(zip(names, values, strict=True))]
    (problem,) = refused("c.xlsx", as_xlsx(one([[*HEAD, heading or None], *rows])))
    assert problem.code == "personal.columns"
    assert sort in problem.say("vi")


def everything():
    rows = [["TT", "Họ tên: Nguyễn Văn Tèo", "Xã, phường", "Năm sinh", "CMND", "Điện thoại", "Địa chỉ"]]
    rows += [[n, name, "Phường Cái Khế", 1985, number, phone, "12 Hẻm 3"]
             for n, (name, number, phone) in enumerate(PEOPLE)]  # fmt: skip
    return rows


@pytest.mark.parametrize("headed", [True, False])
def test_no_message_repeats_personal_data(headed):
    rows = everything()
    problems = refused("c.xlsx", as_xlsx(one(rows if headed else rows[1:] * 3)))
    said = " ".join(problem.say(lang) for problem in problems for lang in LANGS)
    assert {problem.code for problem in problems} == {"personal.columns"}
    assert [secret for secret in SECRETS if secret in said] == []


def test_a_sheet_that_is_not_read_is_looked_at_too():
    book = Book({"Tổng hợp": [HEAD, [1, "Phường Cái Khế", 5]], "Danh sách": everything()})
    (problem,) = refused("c.xlsx", as_xlsx(book))
    assert problem.where == "c.xlsx Danh sách"


@pytest.mark.parametrize(
    "head", [["TT", "Xã", "Giới tính"], ["TT", "Xã", "Nghề nghiệp"], ["TT", "Xã", "Ghi chú"]]
)
def test_one_row_a_person_is_refused(head):
    names = ["Cái Khế", "Cái Khế", "An Hòa", "Cái Khế", "An Hòa", "An Hòa"]
    rows = [[n, name, ("Nam", "Nữ")[n % 2]] for n, name in enumerate(names)]
    assert "personal.rows" in {p.code for p in refused("c.xlsx", as_xlsx(one([head, *rows])))}


def test_small_counts_are_no_persons():
    rows = [[n, p.name, 1] for n, p in enumerate(places())]
    assert counts.read("c.xlsx", sheet(*rows), communes(), vintage="2025-01").total == 80


# --- another list ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("province", "vintage", "said"),
    [("75", "2025-01", "75 Tỉnh Đồng Nai"), ("08", "2025-01", "08 Tỉnh Tuyên Quang")],
)
def test_the_list_that_a_sheet_is_of_is_named(province, vintage, said):
    (problem,) = refused("c.xlsx", sheet(*rows_of(province, vintage)))
    assert problem.code == "counts.other_list"
    assert said in problem.say("vi")
    assert vintage in problem.say("vi")


def test_the_list_of_july_2025_is_told_from_that_before():
    report = counts.read("c.xlsx", sheet(*rows_of("92", "2025-07")), communes(), vintage="2025-01")
    assert (report.hint.vintage, report.hint.province_code) == ("2025-07", "92")
    assert report.problems
    old = counts.read(
        "c.xlsx", sheet(*rows_of("92", "2025-01")), communes("92", "2025-07"), vintage="2025-07"
    )  # fmt: skip
    assert (old.hint.vintage, old.hint.province_code) == ("2025-01", "92")
    assert old.problems


# --- saved mappings --------------------------------------------------------------------------------


def test_a_mapping_is_kept_for_the_next_file():
    content = sheet([1, "Phường Cái Khế", 5], [2, "Trại cai nghiện", 6], [3, "Khu 7", 9])
    report = counts.read("c.xlsx", content, communes(), vintage="2025-01")
    saved = counts.with_codes(report, {1: LEFT_OUT, 2: "31149"})
    names = report.names
    again = mapping_from(saved.written(), where="m.json", names=names, province="92", vintage="2025-01")
    assert again == saved
    assert again.written() == saved.written()
    later = sheet([1, "khu 7 ", 4], [2, "TRẠI CAI NGHIỆN", 3], [3, "Phường Cái Khế", 2])
    report = counts.read("d.xlsx", later, communes(), vintage="2025-01", mapping=again)
    assert report.problems == ()
    assert report.persons == {"31117": 2, "31149": 4}
    assert [row.how for row in report.rows] == ["mapping", "mapping", "name"]
    assert report.rows[1].remarks == ("left_out",)


def written(**changes):
    content = json.loads(SavedMapping("92", "2025-01", (("Khu 7", "", "31149"),)).written())
    return json.dumps(content | changes)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("mapping.unreadable", "{"), ("mapping.unreadable", "[]"), ("mapping.unreadable", written(rows=[{}])),
        ("mapping.unreadable", written(rows="x")), ("mapping.unreadable", written(more=1)),
        ("mapping.other_list", written(province="75")), ("mapping.other_list", written(vintage="2025-07")),
        ("mapping.unknown_code", written(rows=[{"commune": "Khu 7", "district": "", "code": "00001"}])),
    ],
)  # fmt: skip
def test_a_mapping_that_does_not_fit_is_refused(code, text):
    names = dict(zip(communes()["commune_code"], communes()["commune"], strict=True))
    with pytest.raises(DataError) as caught:
        mapping_from(text, where="m.json", names=names, province="92", vintage="2025-01")
    assert [problem.code for problem in caught.value.problems] == [code]


# --- a scenario's totals ---------------------------------------------------------------------------

GROUPS = {"31117": "916", "31120": "916", "31222": "925", "31225": "925"}


def report_of(**persons):
    names = {"cai_khe": "Phường Cái Khế", "an_hoa": "Phường An Hòa", "trung_an": "Xã Trung An"}
    rows = [[n, names[key], count] for n, (key, count) in enumerate(persons.items())]
    return counts.read("c.xlsx", sheet(*rows), communes(), vintage="2025-01")


@pytest.mark.parametrize(
    ("code", "persons", "by_group", "total", "totals"),
    [
        ("counts.group_differs", {"cai_khe": 5, "an_hoa": 6}, {"916": 12, "925": 9}, 21, "check"),
        ("counts.group_exceeded", {"trung_an": 10}, {"916": 12, "925": 9}, 21, "check"),
        ("counts.group_exceeded", {"trung_an": 10}, {"916": 12, "925": 9}, 21, "recompute"),
        ("counts.total_exceeded", {"cai_khe": 5, "an_hoa": 6}, {"916": None, "925": 9}, 19, "check"),
    ],
)
def test_totals_that_do_not_agree_are_refused(code, persons, by_group, total, totals):
    with pytest.raises(DataError) as caught:
        patch(report_of(**persons), groups=GROUPS, by_group=by_group, total=total, totals=totals)
    assert [problem.code for problem in caught.value.problems] == [code]


def test_totals_are_kept_or_taken_from_the_communes():
    report = report_of(cai_khe=5, an_hoa=6, trung_an=4)
    kept = patch(report, groups=GROUPS, by_group={"916": 11, "925": 9}, total=20)["registered_persons"]
    assert {name for name, value in kept.items() if value} == {"by_commune"}
    assert kept["by_commune"]["persons"] == {"31117": 5, "31120": 6, "31222": 4}
    new = patch(report, groups=GROUPS, by_group={"916": 12, "925": 9}, total=21, totals="recompute")
    persons = new["registered_persons"]
    assert {group: one["persons"] for group, one in persons["by_group"].items()} == {"916": 11}
    assert persons["total"]["value"] == 20
    assert persons["total"]["source"] == "inferred"


def test_every_message_has_a_case():
    elsewhere = {"counts.no_province", "counts.bad_column", "counts.bad_join"}
    tested = {*BAD, *elsewhere, "mapping.unreadable", "mapping.other_list", "mapping.unknown_code",
              "counts.group_differs", "counts.group_exceeded", "counts.total_exceeded"}  # fmt: skip
    areas = ("counts.", "grid.", "personal.", "mapping.")
    known = {key.removeprefix("error.") for key in catalogue() if key.startswith("error.")}
    mine = {key for key in known if key.startswith(areas) and not key.endswith(".remedy")}
    assert mine == tested


def test_letters_of_columns():
    assert [grids.letter(n) for n in (0, 25, 26, 51, 52, 701)] == ["A", "Z", "AA", "AZ", "BA", "ZZ"]
    assert [grids.number_of(text) for text in ("A", "z", "AA", "3", "0", "Tên")] == [0, 25, 26, 2, None, None]
