"""The letter says what the plan says, in whole sentences, and nothing that an edition has to hide."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

import pytest

from exports.contents import contents_of
from exports.proposal import blocks
from exports.proposal.letter import document
from exports.proposal.letter_compared import proof
from geo.coarse import BANDS
from scenarios.reading import changed
from tests.exports import plans
from tests.exports.proposal.four import NAMES, contents, planned
from text import LANGS

EDITIONS = ("internal", "shared")
SECTIONS = ("I.", "II.", "III.", "IV.", "V.", "VI.", "VII.", "VIII.")


def said(block: blocks.Block) -> list[str]:
    """The words of a block, cells of tables left out."""
    of_type: dict[type, tuple[str, ...]] = {
        blocks.Paragraph: ("strong", "text"),
        blocks.Bullets: ("items",),
        blocks.Heading: ("text",),
        blocks.Table: ("caption", "notes"),
        blocks.Picture: ("caption", "alternative"),
        blocks.LetterHead: ("over", "author", "about", "to"),
        blocks.Signature: ("recipients_head", "recipients", "office"),
    }
    given = [getattr(block, name) for name in of_type.get(type(block), ())]
    return [text for one in given for text in ((one,) if isinstance(one, str) else one)]


@cache
def written(name: str, edition: str = "internal", lang: str = "vi") -> blocks.Document:
    return document(contents(name, edition, lang))


def words(found: blocks.Document) -> str:
    return "\n".join(text for block in found.blocks for text in said(block))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("lang", LANGS)
def test_every_plan_gives_a_whole_letter(name, edition, lang):
    found = written(name, edition, lang)
    heads = [b.text for b in found.blocks if isinstance(b, blocks.Heading)]
    starts = [next(h for h in heads if h.startswith(f"{number} ")) for number in SECTIONS]
    assert [heads.index(h) for h in starts] == list(range(8)), "eight sections, in order"
    assert found.mark == contents(name, edition, lang).mark
    text = words(found)
    for wrong in ("{", "}", "  ", " ,", " .", f"{contents(name).dossier.document} §"):
        assert wrong not in text.replace("....", ""), wrong
    assert not re.search(r"\b(None|nan|NaN|<NA>)\b", text)
    for n, block in enumerate(found.blocks):
        after = found.blocks[n + 1 : n + 2]
        if isinstance(block, blocks.Heading):
            assert after, "a heading is followed by something"
            assert not isinstance(after[0], blocks.PageBreak | blocks.Signature)
        if isinstance(block, blocks.Bullets):
            assert block.items
            assert all(item.strip() for item in block.items)
        if isinstance(block, blocks.Table):
            assert block.rows
            assert all(len(row) == len(block.columns) for row in block.rows)
            assert block.totals is None or len(block.totals) == len(block.columns)


def test_number_day_and_signature_stay_blank():
    head, *_, foot = [
        b for b in written("can_tho_2018_2020").blocks if isinstance(b, blocks.LetterHead | blocks.Signature)
    ]
    assert isinstance(head, blocks.LetterHead)
    assert head.over == "Ủy ban nhân dân thành phố Cần Thơ"
    assert head.symbol == "/TTr-......"
    assert head.to == ("Ủy ban nhân dân thành phố Cần Thơ",)
    assert isinstance(foot, blocks.Signature)
    assert foot.office == "Giám đốc"
    assert foot.recipients[0] == "Như trên;"
    assert foot.recipients[-1] == "Lưu: VT."


GOLDEN = (
    "5.978 người-năm, bằng 91,5 % mức cao nhất 6.532 người-năm",
    "Năm 2018: 338.000.000 đồng",
    "Kinh phí năm 2018: 338.000.000 đồng (mục IV)",
    "Người đã tham gia điều trị methadone: khoảng 1.150 người (mục I)",
    "đúng cả ba tổng (mục IV)",
    "xóa trước khi ban hành",
    "Năm 2019: 1.237.200.000 đồng",
    "Năm 2020: 1.061.800.000 đồng",
    "Tổng chi phí dự kiến: 2.637.000.000 đồng",
    "thành lập 01 điểm cấp phát thuốc methadone và 09 điểm tư vấn",
    "Năm 2018: 02 điểm tư vấn",
    "Năm 2019: 06 điểm tư vấn",
    "01 điểm tư vấn, hỗ trợ điều trị nghiện ma túy tại cộng đồng, đặt tại huyện Cờ Đỏ",
    "Thêm một điểm cấp phát thuốc methadone mới tại huyện Cờ Đỏ vào năm 2020",
    "quận Ninh Kiều (825 người), quận Thốt Nốt (544 người) và quận Ô Môn (271 người)",
    "05 cơ sở điều trị methadone và 05 điểm cấp phát thuốc methadone",
    "169.000.000 đồng trong năm đầu và 111.600.000 đồng mỗi năm sau (suy ra từ văn bản)",
    "Chưa có đơn giá của điểm cấp phát thuốc methadone",
    "Theo định mức 06 người cho mỗi điểm tư vấn",
    "Khó khăn, vướng mắc phản ánh về Sở",
    "với cùng số điểm và cùng chi phí",
    "phương án đề xuất đạt 5.929 người-năm, thấp hơn lộ trình của văn bản",
    "không phương án nào giữ đúng các quy định mà đạt kết quả cao hơn",
    "Cho ý kiến về 07 mâu thuẫn, điểm bỏ ngỏ",
)


@pytest.mark.parametrize("phrase", GOLDEN)
def test_can_tho_says(phrase):
    assert phrase in words(written("can_tho_2018_2020"))


def test_a_number_that_is_not_the_documents_is_told():
    assert "mở thêm trong năm 2020: nhiều nhất 01 điểm (ước tính)" in words(written("tuyen_quang_2020"))


@pytest.mark.parametrize(("name", "unit"), [("tuyen_quang_2020", "Huyện, thành phố"),
                                            ("can_tho_2018_2020", "Quận, huyện")])  # fmt: skip
def test_groups_are_called_what_they_are(name, unit):
    heads = {c.head for b in written(name).blocks if isinstance(b, blocks.Table) for c in b.columns}
    assert unit in heads
    assert len(heads & {"Huyện, thành phố", "Quận, huyện", "Quận, huyện, thành phố"}) == 1


def test_other_plans_are_named_and_not_by_their_ids():
    text = words(written("national_2012_2015"))
    assert "theo mục I của kế hoạch của thành phố Cần Thơ giai đoạn 2018–2020" in text
    assert "§" not in text


def options(best: dict[str, float]) -> blocks.Document:
    """Cần Thơ's letter with other shares of the options beside the plan."""
    found = contents("can_tho_2018_2020")
    frame = found.tables["options"].copy()
    for name, beside in best.items():
        frame.loc[frame["variant_id"] == name, "of_best"] = beside
    return document(replace(found, tables={**found.tables, "options": frame}))


def test_the_letter_says_when_an_option_does_better():
    assert "không phương án nào trong bảng đạt kết quả cao hơn" in words(options({"greedy": 0.9}))
    for name in ("greedy", "official"):
        text = words(options({name: 1.144}))
        assert "Trong bảng có phương án đạt kết quả cao hơn" in text
        assert "không phương án nào trong bảng" not in text


def test_a_short_annex_has_no_page_of_its_own():
    found = written("tuyen_quang_2020").blocks
    heads = [n for n, b in enumerate(found) if isinstance(b, blocks.Heading) and b.annex]
    opens = {found[n].text: isinstance(found[n - 1], blocks.PageBreak) for n in heads}
    assert opens["Phụ lục 01"]
    assert not opens["Phụ lục 03"]
    assert not opens["Phụ lục 04"]


def test_the_shared_letter_gives_tens_and_whole_per_cent():
    text = words(written("can_tho_2018_2020", "shared"))
    assert "5.980 người-năm, bằng 91 % mức cao nhất 6.530 người-năm" in text
    assert "quận Ninh Kiều (830 người)" in text
    assert not re.search(r"825 người|5\.978|6\.532|\d,\d %", text)
    assert "1.237.200.000 đồng" in text, "money is no secret"


def test_persons_by_point_are_bands_in_the_shared_letter():
    bands = {name for _, name in BANDS} | {"–"}
    for block in written("can_tho_2018_2020", "shared").blocks:
        if isinstance(block, blocks.Table):
            for n, column in enumerate(block.columns):
                if column.head == "Số người dự kiến":
                    assert {row[n] for row in block.rows} <= bands
                    assert block.totals is None


def test_english_speaks_english():
    text = words(written("can_tho_2018_2020", "internal", "en"))
    assert "5,978 person-years, 91.5% of the 6,532 that the rules allow at most" in text
    assert "VND 1,237,200,000" in text
    assert "Quận Ninh Kiều (825 persons)" in text
    assert "section IV" in text
    for block in written("can_tho_2018_2020", "internal", "en").blocks:
        if isinstance(block, blocks.Bullets | blocks.Paragraph):
            assert not re.search(r"\b(của|và|người|điểm)\b", " ".join(said(block))), said(block)


def test_what_the_document_does_not_say_is_said_to_be_unknown():
    text = words(written("tuyen_quang_2020"))
    assert "Văn bản kế hoạch không nêu số tiền" in text
    assert "không nêu định mức nhân lực" in text
    assert "KHÔNG PHẢI SỐ LIỆU CỦA TỈNH" in text
    assert "Trước ngày 20 tháng 6".lower() in text.lower()
    nation = words(written("national_2012_2015"))
    assert "450 điểm điều trị methadone" in nation
    assert "63 tỉnh, thành phố" in nation
    assert "30 điểm điều trị methadone" in nation


def test_dong_nai_names_the_places_its_targets_need():
    text = words(written("dong_nai_to_2020"))
    assert "Đến hết năm 2015: 806 chỗ điều trị ngoài cơ sở cai nghiện bắt buộc" in text
    assert "Giai đoạn 2016–2020: 2.600 chỗ" in text


def test_what_is_not_proved_is_never_called_best():
    """Optimal only where proved; within x % of the optimum elsewhere; unknown where nobody looked."""
    base = contents("can_tho_2018_2020")

    def told(status: str, gap: float) -> str:
        return proof(replace(base, dossier=replace(base.dossier, status=status, gap=gap))).text

    assert "không phương án nào" in told("optimal", 0.0)
    assert "trong phạm vi 1,00 % của tối ưu" in told("optimal", 0.01)
    open_ = told("feasible", 0.034)
    assert "trong phạm vi 3,40 % của tối ưu; chưa chứng minh" in open_
    assert "Chưa chứng minh" in told("feasible", 1.44)
    text = words(written("dong_nai_to_2020"))
    assert "Đã chứng minh bằng tính toán" not in text
    assert "Phương án đã có sẵn, số liệu được tính lại; không chứng minh là tối ưu" in text
    assert words(document(contents_of(plans.plan(), edition="shared", lang="vi"))).count("tối ưu") == 1


@pytest.mark.parametrize(
    ("way", "vi", "en"),
    [
        ("official", "Phương án theo văn bản", "The plan as published"),
        ("greedy", "chọn lần lượt từng điểm", "one point at a time"),
        ("alternative_2", "gần tương đương", "nearly equal"),
    ],
)
def test_a_plan_that_was_not_searched_for_is_not_called_the_best_found(way, vi, en):
    """Nobody looked for better, so that no time allowed has anything to do with it."""
    base = plans.plan()
    made = replace(base, report=base.report._replace(way=way))
    for lang, named, wrong, gap in (
        ("vi", vi, "tốt nhất tìm được", "1,00 %"),
        ("en", en, "best found", "1.00%"),
    ):
        for edition in ("internal", "shared"):
            seen = contents_of(made, edition=edition, lang=lang)
            text = words(document(seen)) + "".join(told for _, told in seen.summary)
            assert text.count(named) >= 2
            assert wrong not in text
            assert (gap in text) == (edition == "internal"), "a shared file does not tell it"


def test_a_scenario_without_a_proposal_leaves_blanks():
    plan, beside = planned("can_tho_2018_2020")
    bare = replace(plan, facts=replace(plan.facts, scenario=changed(plan.scenario, {"proposal": None})))
    found = document(contents_of(bare, edition="internal", lang="vi", beside=beside))
    head = found.blocks[0]
    assert isinstance(head, blocks.LetterHead)
    assert set(head.author) == {"."}
    text = words(found)
    assert "cơ quan trình bổ sung" in text
    assert "không phân công cụ thể" in text
    assert "không quy định chế độ báo cáo" in text
    assert "không nêu nguồn kinh phí" in text
    assert "phê duyệt phương án bố trí địa điểm và lộ trình mở điểm: Cần Thơ 2018–2020" in text


def test_a_name_from_the_data_stays_a_name():
    """Names that read as markup or formulas pass as they are: nothing here is markup."""
    text = "\n".join(
        cell
        for block in document(contents_of(plans.plan(), edition="internal", lang="vi")).blocks
        if isinstance(block, blocks.Table)
        for row in block.rows
        for cell in row
    )
    assert plans.NAMES[7] in text
    assert "=Trạm y tế" in text


def test_pictures_are_drawn_once_and_only_when_asked():
    found = [b for b in written("can_tho_2018_2020").blocks if isinstance(b, blocks.Picture)]
    assert len(found) == 3 + 4, "rollout, options, money; today and three years"
    chart = found[2]
    assert chart.draw() is chart.draw()
    assert chart.draw().startswith(b"\x89PNG")
