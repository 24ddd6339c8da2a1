"""Sheets that office life has left untidy: what is told, what is set apart, what is refused."""

from __future__ import annotations

import datetime as dt
import io
import random
from typing import Any

import openpyxl
import pytest
import xlwt
from hypothesis import given, settings
from hypothesis import strategies as st

from errors import DataError
from geo import units
from geo.intake import counts
from geo.intake.count_words import lines
from geo.names import split_type
from tests.geo.intake.saving import as_xlsx
from tests.geo.intake.sheets import PERSONS, by_district, expected, one, places
from text import LANGS

HEAD = ["STT", "Xã, phường", "Số người"]
SIGNED = [["Người lập biểu", None, "Thủ trưởng"], ["Nguyễn Văn A", None, "Trần Thị B"], [None] * 3]


def read(rows, *, province="92", vintage="2025-01", **choices):
    return read_file("số liệu.xlsx", as_xlsx(one(rows)), province=province, vintage=vintage, **choices)


def read_file(name, content, *, province="92", vintage="2025-01", **choices):
    return counts.read(name, content, units.communes(province, vintage), vintage=vintage, **choices)


def refused(rows, **choices):
    with pytest.raises(DataError) as error:
        read(rows, **choices)
    return error.value


def numbered(listed):
    return [[n, p.name, p.persons] for n, p in enumerate(listed, 1)]


def beside(heading, *values):
    """All communes with their counts, and `values` in a column beside the first ones."""
    cells = [*values, *[None] * len(places())]
    rows = [[n, p.name, p.persons, cell] for n, (p, cell) in enumerate(zip(places(), cells, strict=False))]
    return [[*HEAD, heading], *rows]


def said(report, lang="vi"):
    return "\n".join(lines(report, lang))


# --- one below the other ---------------------------------------------------------------------------


def pasted(districts, line="UBND {}"):
    """The districts' sheets one below the other, each with its title, headings, total and signatures."""
    rows = []
    for district, listed in districts.items():
        rows += [[line.format(district).upper(), None, None], ["BÁO CÁO SỐ LIỆU NĂM 2024", None, None], HEAD]
        rows += [*numbered(listed), [None, "Tổng", sum(p.persons for p in listed)], *SIGNED]
    return rows


def test_districts_pasted_one_below_the_other_are_read_with_their_totals():
    report = read(pasted(by_district()))
    assert report.problems == ()
    assert report.persons == expected()
    assert len(report.totals) == len(by_district())
    assert not any(check.difference for check in report.totals)
    assert "Nguyễn Văn A" not in said(report)


@pytest.mark.parametrize("line", ["UBND {}", "Công an {}", "{}, tỉnh Đồng Nai"])
def test_the_title_of_a_table_tells_homonyms_apart(line):
    districts: dict[str, Any] = {}
    for p in places("75"):
        districts.setdefault(p.district, []).append(p)
    report = read(pasted(districts, line), province="75")
    assert report.problems == ()
    assert report.persons == {p.code: p.persons for p in places("75")}


def test_a_place_of_signing_is_no_title():
    shuffled = [["Biên Hòa, ngày 05/01/2025", None, None], ["Thành phố Biên Hòa", None, None], HEAD]
    shuffled += [[n, p.bare, p.persons] for n, p in enumerate(places("75")) if p.bare == p.bare.strip()]
    report = read(shuffled, province="75")
    assert {"Tân Hiệp", "Thanh Sơn"} <= {row.line.name for row in report.unmatched}


# --- whose rows are they? --------------------------------------------------------------------------


def test_rows_of_other_provinces_are_passed_over_and_counted():
    rows = [["Tỉnh, thành phố", "Quận, huyện", "Xã, phường", "Số người"]]
    for name, province in (("TP. Cần Thơ", "92"), ("Hậu Giang", "93"), ("Tỉnh Sóc Trăng", "94")):
        rows += [[name, p.district, p.name, p.persons] for p in places(province)]
    report = read(rows)
    assert report.problems == ()
    assert report.persons == expected()
    assert len(report.elsewhere) == len(places("93")) + len(places("94"))
    assert "Hậu Giang, Tỉnh Sóc Trăng" in said(report)
    assert f"Rows of other provinces, passed over: {len(report.elsewhere)}" in said(report, "en")


@pytest.mark.parametrize("head", [["Quận, huyện", "Xã, phường"], ["Mã xã", "Xã, phường"]])
def test_homonyms_of_another_province_are_not_taken_for_ours(head):
    listed = [*places(), *places("93")[:40]]
    first = "district" if head[0] != "Mã xã" else "code"
    rows = [[getattr(p, first), p.name, p.persons] for p in listed]
    report = read([[*head, "Số người"], *rows])
    assert report.persons == expected()
    strangers = [row for row in report.unmatched if "elsewhere" in row.remarks]
    assert len(strangers) == 40
    assert {problem.code for problem in report.problems} == {"counts.unmatched"}


def test_a_misspelt_district_is_no_other_province():
    rows = [["Quận Ninh Kìu", p.name, p.persons] for p in by_district()["Quận Ninh Kiều"]]
    report = read([["Quận, huyện", "Xã, phường", "Số người"], *rows])
    assert not report.problems
    assert {row.remarks for row in report.rows} == {("district_unknown",)}


def test_a_sheet_of_the_nation_is_told_for_what_it_is():
    everywhere = units.everywhere("2025-01").iloc[::4]
    rows = [[name, 5] for name in everywhere["commune"]]
    report = read([["Xã", "Số người"], *rows])
    assert [problem.code for problem in report.problems] == ["counts.whole_country"]
    assert len(lines(report, "vi")) < 60


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_no_row_is_lost(data):
    """Each row is joined or not, of another province, a note, a total, a head: one of these."""
    ours, theirs = places(), places("93")
    names = [p.name for p in ours] + [p.name for p in theirs[:9]]
    names += [
        "Trại cai nghiện số 2",
        "Tổng cộng",
        "Quận Ninh Kiều",
        "Ghi chú: đến 31/12",
        "",
        "Cộng",
        "Xã Mới",
    ]
    provinces = ["Cần Thơ", "Hậu Giang", "Thành phố Cần Thơ", ""]
    row = st.tuples(
        st.sampled_from(provinces), st.sampled_from(names), st.one_of(st.none(), st.integers(0, 60))
    )
    head, middle = ["Tỉnh", "Xã, phường", "Số người"], st.lists(row, max_size=60)
    rows: list[list[Any]] = [
        head,
        ["Cần Thơ", ours[0].name, 5],
        *map(list, data.draw(middle)),
        ["", "Tổng cộng", 10],
    ]
    report = read([[cell if cell != "" else None for cell in row] for row in rows])
    told = {line.row for line in report.sheet.lines}
    assert told == {n for n, cells in enumerate(rows) if n and any(c not in {"", None} for c in cells)}
    communes = [line for line in report.sheet.lines if line.kind == "commune"]
    assert len(report.rows) + len(report.elsewhere) == len(communes)
    assert sum(report.joined.values()) == len(report.rows)
    assert report.total == sum(row.persons or 0 for row in report.rows if row.code in report.persons)


# --- hidden, unlike, unfit -------------------------------------------------------------------------


def hidden_xlsx(*, rows=(), columns=(), more=None):
    book = openpyxl.Workbook()
    for row in [HEAD, *numbered(places())]:
        book.active.append(row)
    for n in rows:
        book.active.row_dimensions[n].hidden = True
    for letter in columns:
        book.active.column_dimensions[letter].hidden = True
    if more:
        sheet = book.create_sheet("Năm trước")
        sheet.sheet_state = "hidden"
        for row in more:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def hidden_xls():
    book = xlwt.Workbook()
    sheet = book.add_sheet("S")
    for n, row in enumerate([HEAD, *numbered(places())]):
        for column, cell in enumerate(row):
            sheet.write(n, column, cell)
    for n in range(5, 15):
        sheet.row(n).hidden = True
    sheet.col(2).hidden = True
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [("c.xlsx", lambda: hidden_xlsx(rows=range(6, 16), columns=["C"])), ("c.xls", hidden_xls)],
)
def test_what_is_hidden_counts_and_is_told(name, content):
    report = read_file(name, content())
    assert report.persons == expected()
    assert "Có 10 hàng xã đang bị ẩn" in said(report)
    assert 'Hidden columns that are used: C "Số người"' in said(report, "en")


def test_a_hidden_sheet_gives_way_to_one_that_shows():
    content = hidden_xlsx(more=[HEAD, *[[n, p.name, 1] for n, p in enumerate(places())]])
    assert read_file("c.xlsx", content).persons == expected()
    report = read_file("c.xlsx", content, sheet="Năm trước")
    assert report.total == len(places())


def test_men_and_women_that_do_not_make_the_total_are_told():
    rows = [[p.name, p.persons, p.persons - 1, 1 if n else 4] for n, p in enumerate(places())]
    report = read([["Xã", "Tổng số", "Nam", "Nữ"], *rows])
    assert report.persons == expected()
    first = places()[0]
    values = {"name": first.name, "n": first.persons, "sum": first.persons + 3}
    assert 'Sheet1:2: "{name}" có {n} người nhưng các phần cộng lại {sum} (lệch +3).'.format(
        **values
    ) in said(report)
    assert 'Sheet1:2: "{name}" has {n} persons, its parts come to {sum}'.format(**values) in said(
        report, "en"
    )


@pytest.mark.parametrize("cell", ["12%", dt.date(2024, 5, 7), "=2+3", "nhiều"])
def test_a_column_headed_as_counts_is_refused_cell_by_cell(cell):
    rows = [[n, p.name, cell] for n, p in enumerate(places()[:9])]
    if isinstance(cell, str) and cell.startswith("="):
        text = "\n".join(";".join(map(str, row)) for row in [HEAD, *rows])
        report = read_file("c.csv", text.encode())
    else:
        report = read([HEAD, *rows])
    assert {problem.code for problem in report.problems} == {"counts.not_a_number"}
    assert len(report.problems) == 9


# --- persons in disguise ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "values",
    [
        ("liên hệ anh Ba 0912 345 678",),
        ("0912345678",),
        ("+84 912.345.678",),
        ("CCCD 092085001234",),
        ("ba.nguyen@example.com",),
    ],
)
def test_one_number_that_leads_to_a_person_is_enough(values):
    error = refused(beside("Ghi chú", *values))
    assert [problem.code for problem in error.problems] == ["personal.columns"]
    for lang in LANGS:
        assert not any(value in error.say(lang) for value in values)


@pytest.mark.parametrize(
    "note",
    [
        "từ 01.01.2019-31.12.2019",
        "QĐ số 1234/QĐ-UBND ngày 05/12/2018",
        "Tăng 12 so với 2023",
        "0,5 km",
        "01 ca",
    ],
)
def test_notes_that_lead_to_nobody_are_let_be(note):
    assert read(beside("Ghi chú", note, None, note)).persons == expected()


def test_an_office_may_sign_with_its_phone():
    rows = [HEAD, *numbered(places()), [None, "Điện thoại: 0912345678", None]]
    assert read(rows).persons == expected()


NAMES = {
    "Mông, Thái": "Sùng A Páo|Giàng Thị Dua|Vàng A Lử|Lò Văn Xôm|Quàng Văn Ín|Cà Văn Pâng|Hạng A Tủa",
    "Tày, Dao": "Ma Văn Tư|Quan Thị Hạnh|Chẩu Văn Lâm|Bàn Thị Mùi|Triệu Tiến Lành|Hứa Văn Nhất|Đặng Văn Tư",
    "Xtiêng": "Điểu Văn Hùng|Điểu Thị Lan|Thị Kim Hoa|Điểu Ngọc Minh|Điểu Văn Sơn|Thị Bích Thu|Điểu Văn Tám",
}


@pytest.mark.parametrize("people", NAMES)
@pytest.mark.parametrize("heading", ["Đối tượng", "Nội dung", "Diễn giải"])
def test_names_of_all_peoples_are_known(people, heading):
    names = NAMES[people].split("|")
    rows = [[n, names[n % len(names)], p.name, 1] for n, p in enumerate(places()[:28])]
    error = refused([["STT", heading, "Xã", "SL"], *rows])
    assert [problem.code for problem in error.problems] == ["personal.columns"]
    assert not any(name in error.say("vi") for name in names)


def test_names_without_a_known_surname_are_told_by_their_heading():
    names = [f"{a} {b}" for a in ("Aka", "Bolo", "Wuti") for b in ("Xem", "Yun", "Zol")]
    rows = [[n, name, p.name, 1] for n, (name, p) in enumerate(zip(names, places(), strict=False))]
    error = refused([["STT", "Đối tượng", "Xã", "SL"], *rows])
    assert [problem.code for problem in error.problems] == ["personal.columns"]


@pytest.mark.parametrize("vintage", ["2025-01", "2025-07"])
def test_communes_are_no_persons(vintage):
    """Whatever province a sheet is of: where it is not ours it is told so, never that it names persons."""
    everywhere = units.everywhere(vintage)
    for province, listed in everywhere.groupby("province_code"):
        rows = [[split_type(name)[1], 5] for name in listed["commune"]]
        random.Random(1).shuffle(rows)
        report = read([["Xã, phường", PERSONS], *rows])
        assert report.rows, province
