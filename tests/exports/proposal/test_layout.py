"""What stands where, before it is DOCX or PDF."""

from __future__ import annotations

import unicodedata

import pytest

from exports.proposal import blocks, layout
from tests.exports.proposal import papers


def test_measures_are_those_of_the_decree():
    assert 20 <= layout.TOP_MM <= 25
    assert 20 <= layout.BOTTOM_MM <= 25
    assert 30 <= layout.LEFT_MM <= 35
    assert 15 <= layout.RIGHT_MM <= 20
    assert 13 <= layout.BODY_PT <= 14
    assert 10 <= layout.FIRST_LINE_MM <= 12.7
    assert 1 <= layout.LINE <= 1.5
    assert layout.AFTER_PT >= 6
    assert 1 / 3 <= layout.SHORT_RULE <= 1 / 2


def test_tables_and_pictures_are_counted_apart():
    numbers = [(type(p.block).__name__, p.number) for p in layout.placed(papers.whole()) if p.number]
    assert numbers == [("Table", 1), ("Picture", 1), ("Table", 2), ("Picture", 2)]


def test_headings_after_a_break_head_an_annex():
    roles = [
        (p.block.text, p.role) for p in layout.placed(papers.whole()) if isinstance(p.block, blocks.Heading)
    ]
    assert roles == [
        ("I. SỰ CẦN THIẾT", ""),
        ("1. Độ bao phủ hiện tại", ""),
        ("VIII. KIẾN NGHỊ", ""),
        ("Phụ lục 01", "annex"),
        ("DANH SÁCH ĐỊA ĐIỂM", "annex_title"),
        ("Phụ lục 02", "annex"),
        ("Phụ lục 03", "annex"),
    ]


def test_a_second_section_of_an_annex_is_no_title():
    placed = layout.placed(
        papers.document(
            blocks.PageBreak(),
            blocks.Heading("Phụ lục 01"),
            blocks.Paragraph("…"),
            blocks.Heading("Mục 1"),
        )
    )
    assert [p.role for p in placed if isinstance(p.block, blocks.Heading)] == ["annex", ""]


def test_each_annex_says_which_letter_it_belongs_to():
    before = ""
    found = []
    for placed in layout.placed(papers.whole()):
        block = placed.block
        if isinstance(block, blocks.Paragraph) and block.text.startswith("(Kèm theo Tờ trình số"):
            assert block.text.endswith("của Sở Y tế)")
            assert "/TTr-SYT ngày" in block.text
            found.append((before, block.align, block.italic))
        before = block.text if isinstance(block, blocks.Heading) else ""
    heads = ["DANH SÁCH ĐỊA ĐIỂM", "Phụ lục 02", "Phụ lục 03"]
    assert found == [(head, "center", True) for head in heads]


def test_an_annex_without_a_letter_belongs_to_none():
    paper = papers.document(blocks.PageBreak(), blocks.Heading("Phụ lục 01"), blocks.Paragraph("…"))
    assert [type(p.block).__name__ for p in layout.placed(paper)] == ["PageBreak", "Heading", "Paragraph"]


def test_a_file_bears_the_day_of_its_writing():
    assert layout.day("2026-11-22").isoformat() == "2026-11-22T00:00:00+00:00"


def test_no_page_stays_empty():
    breaks = [p.block for p in layout.placed(papers.whole()) if isinstance(p.block, blocks.PageBreak)]
    assert [one.landscape for one in breaks] == [True, False, True]


def test_the_signature_is_never_alone():
    kept = [p.block for p in layout.placed(papers.whole()) if p.to_next]
    texts = [b.text for b in kept if isinstance(b, blocks.Paragraph)]
    assert [text for text in texts if not text.startswith("(Kèm theo")] == [papers.TEXT]


def test_what_announces_a_table_stands_with_it():
    table = blocks.Table(caption="c", columns=(blocks.Column("a", 1),), rows=[("1",)])
    paper = papers.document(blocks.Paragraph("Như sau:"), table, blocks.Paragraph("Và sau đây:"))
    assert [p.to_next for p in layout.placed(paper)] == [True, False, False]


def test_a_short_annex_goes_on_below_the_one_before_with_the_letter_named():
    found = list(
        layout.placed(
            papers.document(
                *papers.whole().blocks[:1],
                blocks.PageBreak(),
                blocks.Heading("Phụ lục 01", annex=True),
                blocks.Heading("Một"),
                blocks.Paragraph("…"),
                blocks.Heading("Phụ lục 02", annex=True),
                blocks.Heading("Hai"),
                blocks.Paragraph("Chưa có số liệu."),
            )
        )
    )
    heads = [p for p in found if isinstance(p.block, blocks.Heading)]
    assert [(p.role, p.apart) for p in heads] == [
        ("annex", False), ("annex_title", False), ("annex", True), ("annex_title", False),
    ]  # fmt: skip
    assert all(p.to_next for p in heads)
    named = [p for p in found if isinstance(p.block, blocks.Paragraph) and p.block.italic]
    assert len(named) == 2
    assert all(p.to_next for p in named), "no head of an annex stands alone at a page's foot"


def test_few_rows_stay_together_only_while_they_are_short():
    def of(text: str, rows: int) -> blocks.Table:
        return blocks.Table(caption="c", columns=(blocks.Column("a", 1),), rows=[(text,)] * rows)

    assert layout.stays_whole(of("ngắn", 5), 165)
    assert not layout.stays_whole(of("ngắn", 9), 165)
    assert not layout.stays_whole(of("dài " * 200, 5), 165)


@pytest.mark.parametrize("hostile", papers.HOSTILE, ids=range(len(papers.HOSTILE)))
def test_text_is_composed_and_free_of_control_characters(hostile):
    clean = layout.clean(hostile)
    assert unicodedata.is_normalized("NFC", clean)
    assert not any(unicodedata.category(c) in ("Cc", "Cs", "Cn", "Cf") for c in clean)
    assert "".join(clean.split()).isprintable()


def test_line_ends_stay_and_markup_stays_text():
    assert layout.clean("a\r\nb\rc\u2028d") == "a\nb\nc\nd"
    assert layout.clean("<b>&amp;</b>{{x}}") == "<b>&amp;</b>{{x}}"
    assert layout.clean("x\u202ey\u200bz") == "xyz"


def test_leading_words_stand_apart():
    assert layout.lead(blocks.Paragraph("ba", strong="Một:")) == ("Một: ", "ba")
    assert layout.lead(blocks.Paragraph(" ba", strong="Một:")) == ("Một:", " ba")
    assert layout.lead(blocks.Paragraph("ba")) == ("", "ba")


@pytest.mark.parametrize(
    ("words", "room", "lines"),
    [
        ("ỦY BAN NHÂN DÂN TỈNH ĐỒNG NAI", 25, ["ỦY BAN NHÂN DÂN", "TỈNH ĐỒNG NAI"]),
        ("SỞ Y TẾ", 25, ["SỞ Y TẾ"]),
        ("W" * 40, 25, ["W" * 40]),
        ("", 25, [""]),
    ],
)
def test_lines_are_balanced(words, room, lines):
    assert layout.balanced(words, room, len).split("\n") == lines


def test_balance_gives_up_on_many_words():
    words = "từ " * 500
    assert layout.balanced(words, 10, len) == words


def paper_table(*rows, widths=(1, 1, 2), totals=None):
    columns = tuple(blocks.Column(f"c{n}", width) for n, width in enumerate(widths))
    return blocks.Table(caption="", columns=columns, rows=rows, totals=totals)


def test_columns_are_as_wide_as_asked_where_words_fit():
    found = layout.widths(paper_table(("a", "b", "c")), 40, len, around=1)
    assert found == [10, 10, 20]


def test_no_word_is_broken_where_others_can_give_room():
    table = paper_table(("a b", "Hai từ", "c"), totals=("2.637.000.000", "", ""))
    found = layout.widths(table, 40, len, around=2)
    assert sum(found) == pytest.approx(40)
    assert found[0] == pytest.approx(15)
    assert found[1] >= 5
    assert found[2] < 20


def test_room_that_is_not_there_is_not_given():
    table = paper_table(("x" * 20, "y" * 20, "z" * 20), widths=(1, 1, 1))
    assert layout.widths(table, 30, len, around=0) == [10, 10, 10]


def test_a_checksum_asks_for_no_room():
    assert layout.widths(paper_table(("f" * 64, "b", "c")), 40, len, around=1) == [10, 10, 20]


def test_a_line_with_an_address_is_not_stretched():
    address = blocks.Paragraph("Xem https://example.invalid/mot-dia-chi-rat-dai.")
    assert layout.alignment(address) == "left"
    assert layout.alignment(blocks.Paragraph(papers.TEXT)) == "justify"
    assert layout.alignment(blocks.Paragraph("x" * 99, align="center")) == "center"


def test_a_title_stands_in_capitals():
    heading = blocks.Heading("Danh mục địa điểm")
    assert layout.title(heading, "annex_title") == "DANH MỤC ĐỊA ĐIỂM"
    assert layout.title(heading, "annex") == layout.title(heading, "") == "Danh mục địa điểm"
