"""The annexes as data: cells of the kind their column says, sums that add up, nothing hidden added up."""

from __future__ import annotations

import pytest

from exports.proposal.annex import NUMERIC, Annex, Part, spoken
from exports.proposal.annexes import annexes
from geo.coarse import BANDS
from tests.exports.proposal.four import NAMES, contents
from text import LANGS

EDITIONS = ("internal", "shared")


def part(name: str, code: str, edition: str = "internal", *, number: int = 0) -> Part:
    annex = next(a for a in annexes(contents(name, edition)) if a.code == code)
    return annex.parts[number]


def column(found: Part, name: str) -> list[object]:
    n = next(n for n, c in enumerate(found.columns) if c.name == name)
    return [row[n] for row in found.rows]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("lang", LANGS)
def test_each_cell_is_of_the_kind_its_column_says(name, edition, lang):
    found = annexes(contents(name, edition, lang))
    assert [a.code for a in found] == [f"0{n}" for n in range(1, 8)]
    for annex in found:
        assert annex.parts or annex.notes, annex.code
        assert len({p.name for p in annex.parts}) == len(annex.parts)
        for p in annex.parts:
            check(annex, p, edition)


def check(annex: Annex, p: Part, edition: str) -> None:
    where = (annex.code, p.name)
    assert p.rows, where
    assert all(len(row) == len(p.columns) for row in p.rows), where
    assert len({c.name for c in p.columns}) == len(p.columns), where
    bands = {name for _, name in BANDS} | {"–"}
    for n, c in enumerate(p.columns):
        cells = [row[n] for row in p.rows]
        for cell in cells:
            number = isinstance(cell, int | float) and not isinstance(cell, bool)
            words = isinstance(cell, str) and (
                c.kind not in NUMERIC or (c.kind == "persons" and cell in bands)
            )
            assert cell is None or number or words, (where, c.name, cell)
            assert not (number and c.kind == "text"), (where, c.name, cell)
        if c.summed:
            assert p.totals is not None
            assert p.totals[n] == pytest.approx(sum(float(cell or 0) for cell in cells)), (where, c.name)
            assert not (edition == "shared" and c.kind == "persons"), "a sum would be subtracted from"


def test_annex_01_has_the_columns_that_the_committee_asks_for():
    found = part("can_tho_2018_2020", "01")
    assert [c.head for c in found.columns] == [
        "TT", "Quận, huyện", "Xã, phường, thị trấn", "Cơ sở đặt", "Loại", "Năm", "Cơ sở quản lý",
        "Phạm vi phục vụ", "Số người dự kiến", "Tiêu chí",
    ]  # fmt: skip
    assert len(found.rows) == 10
    assert column(found, "stage").count("2019") == 6
    kinds = column(found, "kind")
    assert sum("tư vấn" in str(kind) for kind in kinds) == 9
    persons = [n for n in column(found, "persons") if n is not None]
    assert sum(persons) == pytest.approx(2529, abs=5), "served at the end, each at one point"
    assert all("đơn vị cấp xã" in str(s) for s in column(found, "scope") if s)
    assert all("chưa kiểm tra" in str(c) for c in column(found, "criteria"))


def test_shared_persons_by_point_are_bands():
    found = part("can_tho_2018_2020", "01", "shared")
    told = {n for n in column(found, "persons") if n is not None}
    assert told <= {name for _, name in BANDS} | {"–"}
    assert found.totals is None


def test_parents_are_named_where_a_rule_asks_for_them():
    found = part("tuyen_quang_2020", "01")
    by_kind = dict(zip(column(found, "kind"), column(found, "parent"), strict=True))
    assert (
        by_kind["Điểm vệ tinh của Cơ sở cai nghiện ma túy tỉnh"] == "Cơ sở cai nghiện ma túy tỉnh Tuyên Quang"
    )
    assert by_kind["Điểm điều trị Methadone mở thêm"] is None


def test_money_by_year_adds_up_to_the_budget():
    found = part("can_tho_2018_2020", "03")
    assert column(found, "cost_vnd") == [338_000_000, 1_237_200_000, 1_061_800_000]
    assert column(found, "cost_vnd") == column(found, "budget_vnd")
    assert found.totals is not None
    assert found.totals[3:] == (2_637_000_000, 2_637_000_000, 0)
    prices = part("can_tho_2018_2020", "03", number=1)
    assert (column(prices, "first_year_vnd"), column(prices, "later_year_vnd")) == (
        [169_000_000],
        [111_600_000],
    )
    assert column(prices, "source") == ["suy ra từ văn bản"]


def test_staff_is_what_the_document_lists():
    found = part("can_tho_2018_2020", "04")
    assert column(found, "staff_2018") == [2, 2, 2, 4, 2]
    assert column(found, "staff_2020") == [9, 9, 9, 18, 9]
    assert found.totals is not None
    assert found.totals[4:7] == (12, 48, 54)


def test_the_contradiction_and_how_it_was_resolved_stand_in_annex_07():
    last = next(a for a in annexes(contents("can_tho_2018_2020")) if a.code == "07")
    parts = {p.name: p for p in last.parts}
    assert "Cờ Đỏ" in str(column(parts["changes"], "text")[0])
    assert any("Điểm tư vấn Cờ Đỏ (năm 2020) phải đặt" in str(t) for t in column(parts["issues"], "text"))
    assert len(parts["issues"].rows) == 7
    assert parts["assumptions"].rows
    assert "đã chứng minh là tốt nhất" in column(parts["provenance"], "text")


def test_what_is_assumed_is_told_without_codes():
    last = next(a for a in annexes(contents("can_tho_2018_2020")) if a.code == "07")
    parts = {p.name: p for p in last.parts}
    cells = [
        str(cell)
        for name in ("assumptions", "rules", "provenance")
        for row in parts[name].rows
        for cell in row
    ]
    assert not [c for c in cells if "max_cover" in c or "premises." in c or "straight_line" in c or "§" in c]
    values = column(parts["assumptions"], "value")
    assert {"30 phút", "30 km/giờ", "100 %", "169.000.000 đồng"} <= set(values)
    about = [str(a) for a in column(parts["assumptions"], "subject")]
    assert any("quận Ninh Kiều (Phường Xuân Khánh)" in a for a in about)
    assert "Kinh phí năm 2018: 338.000.000 đồng" in column(parts["rules"], "text")


def test_the_letter_counts_the_assumptions_that_the_annex_lists():
    from exports.proposal.letter_means import asked

    found = contents("can_tho_2018_2020")
    last = next(a for a in annexes(found) if a.code == "07")
    rows = next(p for p in last.parts if p.name == "assumptions").rows
    told = " ".join(getattr(block, "text", "") for block in asked(found))
    assert f"dựa vào {len(rows)} giả định" in told


def test_a_condition_that_no_place_has_answered_does_not_list_them_all():
    found = part("can_tho_2018_2020", "05")
    assert set(column(found, "not_checked")) == {"Tất cả 09 quận, huyện", "Tất cả 09 cơ sở đặt điểm"}


def test_a_nation_has_a_row_a_province_and_a_column_a_year():
    found = part("national_2012_2015", "01")
    assert found.columns[1].head == "Tỉnh, thành phố"
    assert len(found.rows) == 63
    assert found.totals is not None
    assert [found.totals[n] for n, c in enumerate(found.columns) if c.name.startswith("opened_20")] == [
        113, 112, 112, 113,
    ]  # fmt: skip
    shared = part("national_2012_2015", "01", "shared")
    assert shared.totals is not None
    assert shared.totals[-1] is None


def test_maps_begin_with_today():
    found = next(a for a in annexes(contents("can_tho_2018_2020")) if a.code == "06")
    assert found.maps == (
        (None, "counselling"),
        *((year, "counselling") for year in ("2018", "2019", "2020")),
    )


@pytest.mark.parametrize(
    ("value", "kind", "told"),
    [
        (None, "persons", "–"), (float("nan"), "share", "–"), ("≤10", "persons", "≤10"),
        ("1230", "persons", "1.230"), (1230.4, "persons", "1.230"), (0.915, "share", "91,5 %"),
        (1.0, "share", "100 %"), (1_237_200_000, "money", "1.237.200.000"), (12.34, "minutes", "12,3"),
        ("Xã 10", "text", "Xã 10"), (7, "order", "7"),
    ],
)  # fmt: skip
def test_cells_are_printed(value, kind, told):
    assert spoken(value, kind, "vi") == told
