"""What a sheet tells beside its counts: growth over years, shares by sex, age and substance."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from errors import DataError
from geo import units
from geo.intake import count_words, counts, trend_figures, trends
from geo.intake.trends import FEWEST, Growth, Opioids, Portion
from tests.geo.intake.saving import as_xlsx
from tests.geo.intake.sheets import LAYOUTS, one, places
from text import LANGS, catalogue

NAMES = ("Phường Cái Khế", "Phường An Hòa", "Xã Trung An", "Xã Trung Thạnh")
CODES = ("31117", "31120", "31222", "31225")
GROUPS = dict(zip(CODES, ("916", "916", "925", "925"), strict=True))
YEARS = ["Xã", "Số người 2020", "Số người 2021", "Số người 2022"]
SUBSTANCES = ["Xã", "Tổng số", "Heroin", "Ma túy tổng hợp", "Loại khác"]


def read(head, *rows):
    content = as_xlsx(one([list(head), *([name, *row] for name, row in zip(NAMES, rows, strict=False))]))
    return counts.read("c.xlsx", content, units.communes("92", "2025-01"), vintage="2025-01")


def said(report, lang="en"):
    return "\n".join(count_words.lines(report, lang))


def codes(call, *given):
    with pytest.raises(DataError) as caught:
        call(*given)
    return [problem.code for problem in caught.value.problems]


# --- growth ----------------------------------------------------------------------------------------


def test_growth_is_compound_and_of_communes_with_both_years():
    report = read(YEARS, [100, None, 121], [200, 5, 242], [None, 7, 80], [60, 9, None])
    found = trends.growth(report)
    assert found == Growth(2020, 2022, 2, 300, 363)
    assert found.rate == pytest.approx(0.1)
    assert "From 2020 to 2022 (years: 2), in the 2 communes with a count in both: 300 → 363" in said(report)
    assert "+10.0% a year" in said(report)
    assert "Not in it for want of a count in 2020 or 2022, communes: 78." in said(report)
    assert "bình quân +10,0 % mỗi năm" in said(report, "vi")
    assert "counts import … --growth" in said(report)


def test_years_may_stand_in_rows():
    rows = [["Xã", "Năm", "Số người"]]
    rows += [[name, year, n] for year, n in ((2019, 80), (2022, 10)) for name in NAMES]
    report = counts.read("c.xlsx", as_xlsx(one(rows)), units.communes("92", "2025-01"), vintage="2025-01")
    assert trends.growth(report) == Growth(2019, 2022, 4, 320, 40)
    assert trends.growth(report).rate == pytest.approx(-0.5)
    rows.append([NAMES[0], 2019, 7])  # twice in 2019: which of the two?
    report = counts.read("c.xlsx", as_xlsx(one(rows)), units.communes("92", "2025-01"), vintage="2025-01")
    assert trends.growth(report) == Growth(2019, 2022, 3, 240, 30)


@settings(max_examples=60)
@given(
    st.floats(-0.3, 0.6),
    st.integers(1, 12),
    st.lists(st.integers(20_000, 900_000), min_size=1, max_size=6),
)
def test_a_known_growth_is_recovered(rate, years, before):
    after = [round(n * (1 + rate) ** years) for n in before]
    assert Growth(2000, 2000 + years, len(before), sum(before), sum(after)).rate == pytest.approx(
        rate, abs=5e-3
    )


def test_growth_becomes_a_figure_of_a_scenario():
    figure = trend_figures.growth_figure(Growth(2020, 2022, 2, 300, 363), file="c.xlsx", source="user")
    assert (figure["value"], figure["source"]) == (0.1, "user")
    assert "từ 2020 đến 2022, tính ở 2 xã" in figure["note"]["vi"]
    assert not any("363" in figure["note"][lang] for lang in LANGS)
    later = trend_figures.growth_figure(
        Growth(2020, 2022, 2, 300, 363), file="c.xlsx", source="user", outflow=0.04
    )
    assert later["value"] == 0.14
    assert "outflow" in later["note"]["en"]


# --- parts -----------------------------------------------------------------------------------------


def test_shares_by_hand():
    report = read(SUBSTANCES, [60, 45, 10, 5], [40, 25, 15, None], [30, 3, 20, 7], [19, 7, 12, 0])
    found = trends.opioids(report, GROUPS)
    assert found.every == Portion(80, 149)
    assert found.communes == 4
    assert found.by_group == {"916": Portion(70, 100), "925": Portion(10, 49)}
    assert found.own == {"916": Portion(70, 100)}
    text = said(report)
    assert "By substance (149 persons, 4 communes): Heroin 53.7% (80), Ma túy tổng hợp 38.3% (57)" in text
    assert "Share who use opioids: 53.7% (80 of 149 persons). By group: Quận Ninh Kiều 70.0%." in text
    assert "Groups with fewer than 50 persons, which get the share of all: 1." in text
    assert "--opioid SERVICE" in text
    figures = trend_figures.suited_figures(found, file="c.xlsx", source="user", replaced=["919", "916"])
    assert figures["suited_share"]["value"] == 0.54
    assert figures["suited_by_group"]["919"] is None
    assert figures["suited_by_group"]["916"]["value"] == 0.7
    assert not any(n in figures["suited_by_group"]["916"]["note"]["en"] for n in ("70", "100"))


def test_a_group_of_the_fewest_persons_has_a_share_of_its_own():
    found = Opioids(Portion(60, 99), 4, {"916": Portion(30, FEWEST), "925": Portion(30, FEWEST - 1)})
    assert list(found.own) == ["916"]


def test_a_row_without_parts_is_left_out():
    report = read(SUBSTANCES, [60, 45, 10, 5], [40, None, None, None], [None, 1, 2, 3])
    assert trends.opioids(report, GROUPS).every == Portion(45, 60)
    assert "(60 persons, 1 communes)" in said(report)


@pytest.mark.parametrize(
    ("head", "by_label"),
    [
        (["Xã", "Tổng số", "Nam", "Nữ"], {"Nam": 95, "Nữ": 5}),
        (["Xã", "Tổng số", "Dưới 18 tuổi", "Từ 18 tuổi"], {"Dưới 18 tuổi": 95, "Từ 18 tuổi": 5}),
    ],
)
def test_sexes_and_ages_are_told(head, by_label):
    report = read(head, [60, 55, 5], [40, 40, 0])
    (found,) = trends.parts(report)
    assert (found.by_label, found.whole) == (by_label, True)
    assert "95.0% (95)" in said(report)
    assert "opioid" not in said(report)


def test_rows_that_do_not_add_up_are_told_and_nothing_is_computed():
    report = read(SUBSTANCES, [60, 45, 10, 5], [40, 25, 18, None], [9, "x", 2, 1])
    assert codes(trends.opioids, report, GROUPS) == ["trends.parts_differ", "trends.bad_part"]
    text = said(report)
    assert "rows whose parts do not make their count: 2" in text
    assert 'c.xlsx Sheet1:3: "Phường An Hòa" has 40 persons, its parts come to 43 (difference +3).' in text
    assert 'c.xlsx Sheet1:4: "Xã Trung An" (9 persons): the cell in the column "Heroin" is not' in text
    assert "No share of opioids is computed." in text
    assert "%" not in text.split("By substance")[1].replace("no percentage", "")
    assert report.problems == ()  # the counts themselves can be used


def test_of_many_rows_the_first_are_spelt_out():
    rows = [["Xã", "Tổng số", "Nam", "Nữ"], *[[p.name, p.persons, p.persons, 1] for p in places()]]
    report = counts.read("c.xlsx", as_xlsx(one(rows)), units.communes("92", "2025-01"), vintage="2025-01")
    text = said(report)
    assert text.count("its parts come to") == 20
    assert "and rows besides: 60" in text


@pytest.mark.parametrize(
    ("label", "side"),
    [
        ("Heroin", "opioid"), ("Thuốc phiện", "opioid"), ("CDTP", "opioid"), ("Opioids", "opioid"),
        ("Chất dạng thuốc phiện", "opioid"), ("Ma túy tổng hợp", "other"), ("Synthetic drugs", "other"),
        ("ATS", "other"), ("Đá", "other"), ("Loại khác", "other"), ("Methamphetamine", "other"),
        ("Hồng phiến", "other"), ("Heroin và ma túy tổng hợp", None), ("Methadone", None),
    ],
)  # fmt: skip
def test_which_substances_are_opioids(label, side):
    assert trends.side(label) == side


def test_other_after_substances_is_a_substance_and_methadone_none():
    head = ["Xã", "Tổng số", "Khác", "Heroin", "Khác", "Đang điều trị Methadone"]
    report = read(head, [60, 1, 45, 15, 30])
    (found,) = trends.parts(report)
    assert found.by_label == {"Heroin": 45, "Khác": 15}


whole = st.lists(
    st.tuples(st.integers(0, 400), st.integers(0, 400), st.integers(0, 90)), min_size=4, max_size=4
)


@settings(max_examples=25, deadline=None)
@given(whole)
def test_shares_lie_between_none_and_all(rows):
    report = read(SUBSTANCES, *[[sum(row), *row] for row in rows])
    total = sum(map(sum, rows))
    if total < FEWEST:
        assert codes(trends.opioids, report, GROUPS) == ["trends.few"] or total == 0
        return
    found = trends.opioids(report, GROUPS)
    assert found.every == Portion(sum(row[0] for row in rows), total)
    assert sum(one.opioid for one in found.by_group.values()) == found.every.opioid
    for portion in (found.every, *found.own.values()):
        assert 0 <= portion.share <= 1
    figures = trend_figures.suited_figures(found, file="c.xlsx", source="user")
    for figure in (figures["suited_share"], *figures.get("suited_by_group", {}).values()):
        assert 0 <= figure["value"] <= 1


# --- what is refused -------------------------------------------------------------------------------


def grown(*rows):
    return lambda: trends.growth(read(YEARS, *rows))


def users(head, *rows):
    return lambda: trends.opioids(read(head, *rows), GROUPS)


BAD = {
    "trends.no_years": grown([None, 50, 60], [90, 70, None]),
    "trends.few": grown([FEWEST - 1, 50, 60]),
    "trends.odd_growth": grown([60, 50, 600]),
    "trends.no_substances": users(["Xã", "Tổng số", "Nam", "Nữ"], [60, 55, 5]),
    "trends.unclear_substance": users(["Xã", "Tổng số", "Heroin", "Heroin và đá"], [60, 55, 5]),
    "trends.repeated_part": users([*SUBSTANCES[:4], "Heroin"], [60, 55, 5, 3]),
    "trends.parts_differ": users(SUBSTANCES, [60, 55, 5, 1]),
    "trends.bad_part": users(SUBSTANCES, [60, -55, 5, 0]),
}


@pytest.mark.parametrize("code", BAD)
def test_each_fault_has_its_message(code):
    with pytest.raises(DataError) as caught:
        BAD[code]()
    assert [problem.code for problem in caught.value.problems] == [code]
    for lang in LANGS:
        assert "{" not in caught.value.say(lang)


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (grown([100, None, None]), "trends.no_years"),
        (users(["Xã", "Tổng số", "Ma túy tổng hợp", "Cần sa"], [60, 55, 5]), "trends.no_substances"),
        (users(SUBSTANCES, [FEWEST - 1, FEWEST - 1, 0, 0]), "trends.few"),
        (users(SUBSTANCES, [0, 0, 0, 0]), "trends.few"),
    ],
)
def test_other_ways_to_be_refused(call, code):
    assert codes(call) == [code]


def test_every_message_has_a_case():
    known = {key.removeprefix("error.") for key in catalogue() if key.startswith("error.trends.")}
    elsewhere = {"trends.no_service"}  # tests/test_counts_growth.py
    assert {key for key in known if not key.endswith(".remedy")} == {*BAD, *elsewhere}


@pytest.mark.parametrize("lang", LANGS)
def test_what_cannot_be_computed_is_told_in_the_report(lang):
    odd = said(read(YEARS, [60, 50, 600]), lang)
    assert catalogue()["trends.no_growth"].say(lang) in odd
    repeated = said(read([*SUBSTANCES[:4], "Heroin"], [60, 55, 5, 3]), lang)
    assert "(Heroin)" in repeated
    assert catalogue()["trends.no_share"].say(lang) not in repeated
    none = said(read(["Xã", "Tổng số", "Ma túy tổng hợp", "Cần sa"], [60, 55, 5]), lang)
    assert catalogue()["trends.no_share"].say(lang) in none


@pytest.mark.parametrize("layout", ["names_only", "sexes_alone", "other_figures_beside"])
def test_sheets_without_years_or_substances_offer_nothing(layout):
    book = LAYOUTS[layout]()
    report = counts.read(
        "c.xlsx", as_xlsx(book), units.communes("92", "2025-01"), vintage="2025-01", **book.choices
    )
    assert "--growth" not in said(report)
    assert "--opioid" not in said(report)


# --- questions of a scenario -----------------------------------------------------------------------

FIGURE = {"value": 0.54, "source": "user", "note": {"vi": "Từ bảng.", "en": "From a sheet."}}
ASKED = {
    "opioid": {"options": {"half": {"patch": {"services": {"m": {"suited_share": {"value": 0.5}}}}}}},
    "other": {"options": {"one": {"patch": {"services": {"m": {"uptake": {"value": 0.5}}}}}}},
}


def test_questions_about_the_figure_tell_the_new_one():
    path = ("services", "m", "suited_share")
    found = trend_figures.questions(ASKED, path, FIGURE)
    words = {"vi": "54,0 %: Từ bảng.", "en": "54.0%: From a sheet."}
    assert found == {"opioid": {"as_it_is": words, "source": "user"}}
    own = trend_figures.questions(ASKED, path, FIGURE, own=["916"])
    patch = own["opioid"]["options"]["half"]["patch"]
    assert patch == {"services": {"m": {"suited_by_group": {"916": {"value": 0.5}}}}}
    assert trend_figures.questions(ASKED, ("registered_persons", "growth"), FIGURE) == {}
