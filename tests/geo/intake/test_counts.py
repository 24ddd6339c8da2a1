"""Every layout in every way of saving is read to the same counts, and the whole of each list is matched."""

from __future__ import annotations

import csv
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo import units
from geo.intake import counts, template
from tests.geo.intake import sheets
from tests.geo.intake.saving import DELIMITERS, ENCODINGS, as_text, as_xls, as_xlsx
from tests.geo.intake.sheets import LAYOUTS, SPELLINGS, one

REFERENCE = Path(__file__).parents[4] / "shared/reference/crosswalk_2019_2024_2025.csv"


def read(name, content, **choices):
    communes = units.communes(choices.pop("province", "92"), choices.setdefault("vintage", "2025-01"))
    return counts.read(name, content, communes, **choices)


def check(report):
    assert report.problems == ()
    assert report.persons == sheets.expected()
    assert report.missing == ()
    assert [total for total in report.totals if total.difference] == []


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(("ending", "save"), [("xlsx", as_xlsx), ("xls", as_xls), ("csv", as_text)])
def test_every_layout_is_read(layout, ending, save):
    book = LAYOUTS[layout]()
    if ending == "csv" and len(book.sheets) > 1:
        book = LAYOUTS["totals_between"]()  # text has one sheet
    check(read(f"số liệu.{ending}", save(book), **book.choices))


@pytest.mark.parametrize(
    "layout", ["all_columns", "merged_heads", "years_below_one_heading", "numbers_as_text"]
)
@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("delimiter", DELIMITERS)
def test_every_encoding_and_delimiter_is_read(layout, encoding, delimiter):
    book = LAYOUTS[layout]()
    content = as_text(book, delimiter=DELIMITERS[delimiter], encoding=encoding)
    check(read("counts.txt", content, **book.choices))


def test_there_are_many_layouts():
    assert len(LAYOUTS) >= 40


def test_excel_may_name_the_delimiter():
    content = b"sep=;\r\n" + as_text(LAYOUTS["names_only"]())
    report = read("counts.csv", content)
    check(report)
    assert report.rows[0].number == 3


# --- what is told ----------------------------------------------------------------------------------


def test_each_row_says_how_it_was_joined():
    rows = [["Mã xã", "Huyện", "Xã", "Số người"],
            ["31117", "Ninh Kiều", "Cái Khế", 5],      # by code
            [None, "Ninh Kiều", "P. An Hoà", 6],        # by name
            [None, "Ninh Kiều", "Phường An Cư", 7],     # by a former name
            ["31123", "Ninh Kiều", "Thới Bình", 8],     # the commune that took it in
            ["31144", "Ninh Kiều", "Hưng Lợi", 9],      # the code of another: the name counts
            ["99999", "Ninh Kiều", "An Khánh", 10],     # an unknown code
            ["31150", "Ninh Kiều", "An Bìng", 11],      # a slip
            [None, "Cờ Đỏ", "Xã Trường Long", None]]  # in another district, no count  # fmt: skip
    report = read("c.xlsx", as_xlsx(one(rows)))
    assert [(r.code, r.how, r.remarks) for r in report.rows] == [
        ("31117", "code", ()), ("31120", "name", ()), ("31123", "alias", ()), ("31123", "code", ()),
        ("31147", "name", ("code_differs",)), ("31149", "name", ("code_unknown",)),
        ("31150", "code", ("name_differs",)), (None, "none", ()),
    ]  # fmt: skip
    assert report.persons["31123"] == 15
    assert [row.line.name for row in report.added["31123"]] == ["Phường An Cư", "Thới Bình"]
    assert "31309" in report.rows[-1].candidates
    assert len(report.rows[-1].candidates) == 3
    assert report.problems == ()  # nobody is lost: the last row has no count
    assert report.unmatched == (report.rows[-1],)
    assert report.joined == {"code": 3, "name": 3, "alias": 1, "mapping": 0, "none": 1}
    assert list(report.frame()["row"]) == list(range(2, 10))


def test_a_missing_commune_is_not_zero_unless_the_user_says_so():
    rows = [["Xã", "Số người"], ["Phường Cái Khế", 5], ["Phường An Hòa", "-"], ["Phường An Bình", 0]]
    content = as_xlsx(one(rows))
    report = read("c.xlsx", content)
    assert report.persons == {"31117": 5, "31150": 0}
    assert report.blank == ("31120",)
    assert len(report.missing) == 78
    zero = read("c.xlsx", content, missing_is_zero=True)
    assert zero.persons["31120"] == zero.persons["31123"] == 0
    assert len(zero.persons) == 80


def test_a_former_commune_without_a_count_leaves_its_successor_open():
    rows = [["Xã", "Số người"], ["Phường An Cư", 5], ["Phường An Phú", None], ["Phường Cái Khế", 3]]
    report = read("c.xlsx", as_xlsx(one(rows)))
    assert report.persons == {"31117": 3}
    assert "31123" in report.blank


def test_totals_are_held_against_sums():
    rows = [["TT", "Đơn vị", "Số người"], ["I", "Quận Ninh Kiều", 12], [1, "Phường Cái Khế", 5],
            [2, "Phường An Hòa", 6], [None, "Cộng", 11], ["II", "Huyện Cờ Đỏ", 4], [1, "Xã Trung An", 4],
            [None, "Tổng cộng", 17]]  # fmt: skip
    report = read("c.xlsx", as_xlsx(one(rows)))
    assert [(t.of, t.stated, t.summed, t.difference) for t in report.totals] == [
        ("Quận Ninh Kiều", 12, 11, 1), ("Quận Ninh Kiều", 11, 11, 0), ("Huyện Cờ Đỏ", 4, 4, 0),
        ("", 17, 15, 2),
    ]  # fmt: skip
    assert report.total == 15


def test_the_town_is_told_from_its_district():
    rows = [["TT", "Đơn vị", "Số người"], ["I", "Phong Điền", 30], [1, "Phong Điền", 10], [2, "Nhơn Ái", 20],
            ["II", "Thới Lai", 7], [1, "Thới Lai", 7]]  # fmt: skip
    report = read("c.xlsx", as_xlsx(one(rows)))
    assert report.persons == {"31299": 10, "31300": 20, "31258": 7}
    assert [t.difference for t in report.totals] == [0, 0]


def test_years_and_parts_are_kept():
    report = read("c.xlsx", as_xlsx(LAYOUTS["years_below_one_heading"]()))
    assert list(report.by_year) == ["2016", "2017", "2018"]
    assert report.by_year["2018"] == report.persons
    assert report.by_year["2016"]["31117"] == report.persons["31117"] + 9
    report = read("c.xlsx", as_xlsx(LAYOUTS["a_year_in_each_row"]()))
    assert set(report.by_year["2017"].values()) == {3}
    report = read("c.xlsx", as_xlsx(LAYOUTS["ages_and_substances"]()))
    assert list(report.by_part) == ["Dưới 18", "Từ 18 đến 30", "Trên 30", "Heroin", "Ma túy tổng hợp"]
    assert report.by_part["Heroin"] == report.persons
    report = read("c.xlsx", as_xlsx(LAYOUTS["sexes_alone"]()))
    assert set(report.by_part) == {"Nam", "Nữ"}


def test_population_comes_along():
    report = read("c.xlsx", as_xlsx(LAYOUTS["population_first"]()))
    assert report.population["31117"] == 5000
    assert len(report.population) == 80


def test_the_user_may_say_which_column():
    book = LAYOUTS["other_figures_beside"]()
    report = read("c.xlsx", as_xlsx(book), columns={"persons": "đang điều trị methadone"})
    assert set(report.persons.values()) == {1}
    assert (
        read("c.xlsx", as_xlsx(book), columns={"persons": "C", "commune": "2"}).persons == sheets.expected()
    )


def test_the_user_may_say_which_sheet():
    book = sheets.Book(
        {"2017": LAYOUTS["names_only"]().sheets["Sheet1"], "2018": LAYOUTS["codes_only"]().sheets["Sheet1"]}
    )
    assert read("c.xlsx", as_xlsx(book), sheet="2018").joined["code"] == 80


def test_notes_are_listed_without_their_words():
    report = read("c.xlsx", as_xlsx(LAYOUTS["notes_below"]()))
    assert [line.row + 1 for line in report.notes] == [83, 84, 85, 86]


@pytest.mark.parametrize("province", ["08", "01"])
def test_lost_zeros_of_codes_come_back(province):
    places = sheets.places(province)
    rows = [["Mã xã", "Số người"], *[[int(p.code), p.persons] for p in places]]
    assert read("c.xlsx", as_xlsx(one(rows)), province=province).persons == {
        p.code: p.persons for p in places
    }


def test_a_code_tells_apart_what_only_marks_do():
    rows = [
        ["Mã xã", "Huyện", "Xã", "Số người"],
        ["16123", "Nga Son", "Nga Thanh", 5],
        ["16141", "Nga Son", "Nga Thanh", 6],
    ]
    report = read("c.xlsx", as_xlsx(one(rows)), province="38")
    assert report.persons == {"16123": 5, "16141": 6}


@pytest.mark.parametrize("province", ["08", "75"])
def test_a_city_that_is_named_like_its_province_is_a_district(province):
    rows = [["TT", "Đơn vị", "Số người"]]
    for n, district in enumerate(dict.fromkeys(p.district for p in sheets.places(province))):
        members = [p for p in sheets.places(province) if p.district == district]
        rows.append([chr(65 + n), district, sum(p.persons for p in members)])
        rows += [[at, p.name, p.persons] for at, p in enumerate(members, 1)]
    report = read("c.xlsx", as_xlsx(one(rows)), province=province)
    assert report.problems == ()
    assert {total.difference for total in report.totals} == {0}
    assert len(report.totals) == len({p.district for p in sheets.places(province)})


def test_the_list_of_july_2025_has_no_districts():
    places = sheets.places("92", "2025-07")
    rows = [["Xã, phường", "Số người"], *[[p.name, p.persons] for p in places]]
    report = read("c.xlsx", as_xlsx(one(rows)), vintage="2025-07")
    assert report.persons == {p.code: p.persons for p in places}
    assert report.problems == ()


# --- the template ----------------------------------------------------------------------------------


@pytest.mark.parametrize("vintage", ["2025-01", "2025-07"])
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_the_template_reads_back_without_counts(vintage, lang):
    communes = units.communes("92", vintage)
    report = read("mau.xlsx", template.xlsx(communes, lang=lang), vintage=vintage)
    assert report.problems == ()
    assert report.persons == {}
    assert report.blank == tuple(communes["commune_code"])
    assert report.joined["code"] == len(communes)


def test_the_template_filled_in_reads_back_whole():
    import io

    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(template.xlsx(units.communes("92", "2025-01"))))
    sheet = book.worksheets[0]
    assert sheet.freeze_panes == "D2"
    for row in sheet.iter_rows(min_row=2):
        row[3].value = sheets.expected()[row[0].value]
    out = io.BytesIO()
    book.save(out)
    check(read("mau.xlsx", out.getvalue()))


# --- whole lists -----------------------------------------------------------------------------------


@settings(max_examples=40)
@given(data=st.data(), province=st.sampled_from(["92", "75", "08", "79", "46"]))
def test_any_order_and_spelling_of_a_list_is_matched_whole(data, province):
    places = data.draw(st.permutations(sheets.places(province)))
    spelling = st.sampled_from(sorted(set(SPELLINGS) - {"spaced", "without diacritics"}))
    persons = data.draw(st.lists(st.integers(0, 900), min_size=len(places), max_size=len(places)))
    spellings = data.draw(st.lists(spelling, min_size=len(places), max_size=len(places)))
    rows = [["TT", "Quận, huyện", "Xã, phường, thị trấn", "Số người"]]
    for n, (p, count, how) in enumerate(zip(places, persons, spellings, strict=True)):
        rows.append([n, SPELLINGS[how](p.district), SPELLINGS[how](p.name), count])
    report = read("c.csv", as_text(one(rows)), province=province)
    assert report.problems == ()
    assert report.persons == {p.code: count for p, count in zip(places, persons, strict=True)}
    assert report.total == sum(persons)


@pytest.mark.parametrize(
    ("province", "code", "name", "alias", "none"),
    [("92", 80, 0, 5, 0), ("75", 159, 3, 8, 1), ("08", 137, 0, 4, 0)],
)
@pytest.mark.parametrize("with_codes", [True, False])
def test_the_real_names_of_2019_are_matched(province, code, name, alias, none, with_codes):
    if not REFERENCE.exists():
        pytest.skip("shared/reference is not beside the project")
    with REFERENCE.open(encoding="utf-8-sig", newline="") as file:
        listed = [row for row in csv.DictReader(file) if row["pcode"] == province]
    rows = [["Mã xã", "Quận, huyện", "Xã, phường", "Số người"]]
    rows += [
        [row["code2019"] if with_codes else None, row["district2019"], row["name2019"], 7] for row in listed
    ]
    report = read("c.xlsx", as_xlsx(one(rows)), province=province)
    wrong = [
        row.line.name for row, real in zip(report.rows, listed, strict=True)
        if row.code is not None and row.code != real["code_2024"]
    ]  # fmt: skip
    assert wrong == []
    # Suối Trầu was divided: the user chooses between the two communes that took it in.
    assert [row.line.name for row in report.unmatched] == ["Xã Suối Trầu"] * none
    assert [row.candidates for row in report.unmatched] == [("26395", "26410")] * none
    assert report.missing == ()
    if with_codes:
        assert report.joined == {"code": code, "name": name, "alias": alias, "mapping": 0, "none": none}


def test_a_sheet_of_a_whole_country_of_rows_is_read_in_seconds():
    listed = units.everywhere("2025-01")
    rows = [
        ["Mã xã", "Huyện", "Xã", "Số người"],
        *listed[["commune_code", "district", "commune"]].assign(n=3).to_numpy().tolist(),
    ]
    began = time.perf_counter()
    report = counts.read("c.xlsx", as_xlsx(one(rows)), listed, vintage="2025-01")
    assert len(report.persons) == len(listed)
    assert time.perf_counter() - began < 60  # 6 s on two slow cores; a busy machine must not fail it
