"""A PDF read back by pypdf: what stands on which page, and what the file says of itself."""

from __future__ import annotations

import io
import re
import shutil
import unicodedata
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pytest
from pypdf import PdfReader
from reportlab.platypus import Paragraph

from exports.proposal import blocks, fonts, layout, pdf_table, pdf_text
from exports.proposal.layout import Placed
from exports.proposal.pdf import set_document
from tests.exports.proposal import papers

TTF = Path(mpl.get_data_path()) / "fonts" / "ttf"


def written(tmp_path: Path, document: blocks.Document) -> PdfReader:
    path = tmp_path / "proposal.pdf"
    set_document(document, path, when=papers.WHEN)
    return PdfReader(io.BytesIO(path.read_bytes()))


@pytest.fixture(scope="module")
def file(tmp_path_factory) -> PdfReader:
    return written(tmp_path_factory.mktemp("pdf"), papers.whole())


@pytest.fixture(scope="module")
def pages(file) -> list[str]:
    return [page.extract_text() for page in file.pages]


def squeezed(text: str) -> str:
    """Text without the gaps that lines and pages put into it."""
    return "".join(text.split())


# --- what stands where -----------------------------------------------------------------------------


def test_the_letter_says_what_it_has_to(pages):
    first, whole = squeezed(pages[0]), squeezed("".join(pages))
    for words in (
        "ỦY BAN NHÂN DÂN TỈNH ĐỒNG NAI",
        "SỞ Y TẾ",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "/TTr-SYT",
        "Đồng Nai, ngày",
        "TỜ TRÌNH",
        "Kính gửi: Ủy ban nhân dân tỉnh Đồng Nai",
    ):
        assert squeezed(words) in first, words
    for words in ("- Lưu: VT, NVY.", "GIÁM ĐỐC", "- Số người cần điều trị: 3.200 người;", "Nguồn: Sở Y tế."):
        assert squeezed(words) in whole, words


def test_each_value_of_a_long_table_is_there_once(pages):
    text = squeezed("".join(pages))
    for _, commune, _, _, persons, _ in papers.LONG_ROWS:
        assert len(re.findall(rf"{squeezed(commune)}(?!\d)", text)) == 1, commune
        assert text.count(persons) == 1, persons
    assert text.count(squeezed(papers.SERVED)) == sum(1 + n % 3 for n in range(1, 91))
    assert "4.095" in text


def test_a_long_table_repeats_its_head_and_says_that_it_goes_on(pages):
    held = [page for page in pages if "Trạm Y tế xã Phú Lý" in page]
    assert len(held) >= 3
    assert all("Phạm vi phục vụ" in page for page in held)
    assert ["Bảng 2 (tiếp theo)" in page for page in held] == [False] + [True] * (len(held) - 1)
    assert "Bảng 2. Danh sách địa điểm" in held[0]


def test_letters_are_composed(pages):
    assert all(unicodedata.is_normalized("NFC", page) for page in pages)


def test_pages_are_numbered_from_the_second_and_marked_from_the_first(pages):
    for number, page in enumerate(pages, start=1):
        lines = [line.strip() for line in page.splitlines()]
        assert lines.count(str(number)) >= (1 if number > 1 else 0)
        assert (str(number) in lines[:1]) == (number > 1)
        assert f"{papers.MARK} · {papers.STAMP}" in lines
        assert "Trang" not in page, "the number stands once, above"


def test_pages_lie_as_asked(file):
    sizes = [tuple(round(float(side) / 72 * 25.4) for side in page.mediabox[2:]) for page in file.pages]
    texts = [page.extract_text() for page in file.pages]
    across = [size == (297, 210) for size in sizes]
    assert set(sizes) == {(210, 297), (297, 210)}
    assert across == ["Bảng 2" in text or "Phụ lục 03" in text for text in texts]
    assert "Phụ lục 03" in texts[-1]


def test_an_english_edition_speaks_english(tmp_path):
    text = "".join(page.extract_text() for page in written(tmp_path, papers.whole("en")).pages)
    assert "SOCIALIST REPUBLIC OF VIET NAM" in text
    assert "Table 2 (continued)" in text


# --- names nobody should bear ----------------------------------------------------------------------


@pytest.mark.parametrize("hostile", papers.HOSTILE, ids=range(len(papers.HOSTILE)))
def test_hostile_names_stay_text(tmp_path, hostile):
    found = written(tmp_path, papers.everywhere(hostile))
    clean, text = layout.clean(hostile), "".join(page.extract_text() for page in found.pages)
    assert squeezed(text).count(squeezed(clean)) >= 12
    info: Any = found.metadata
    outline: Any = found.outline
    assert info["/Title"] == clean
    assert outline[0]["/Title"].strip() == clean.strip()


@pytest.mark.parametrize("text", [*papers.HOSTILE, papers.TEXT, "Vĩnh" * 90], ids=str.__len__)
def test_nothing_runs_over_the_edge_of_its_cell(text):
    look, width = pdf_text.looks(), 60.0
    for bold in (False, True):
        cell = pdf_table._cell(look, layout.clean(text), "left", width, bold=bold)
        if isinstance(cell, Paragraph):
            cell.wrap(width - 2 * pdf_table.PADDING, 1000)
            widest = max(cell.getActualLineWidths0())
        else:
            widest = look.width(cell, layout.TABLE_PT)
        assert widest <= width - 2 * pdf_table.PADDING + 0.01


def test_a_row_higher_than_a_page_is_set_all_the_same(tmp_path):
    tall = " ".join(f"từ{n}" for n in range(3000))
    rows = (*papers.LONG_ROWS[:5], ("6", tall, "", "", "", ""), *papers.LONG_ROWS[6:10])
    text = "".join(
        page.extract_text() for page in written(tmp_path, papers.document(papers.table(rows))).pages
    )
    assert [n for n in range(3000) if not re.search(rf"từ{n}\b", text)] == []


def test_a_heading_moves_along_with_the_table_below_it(tmp_path):
    """Wherever the page ends, no heading stands alone at its foot."""
    for lines in range(36, 44):
        filler = blocks.Paragraph("\n".join(["dòng"] * lines), align="left")
        paper = papers.document(filler, blocks.Heading("II. PHƯƠNG ÁN"), papers.table(papers.LONG_ROWS[:20]))
        pages = [page.extract_text() for page in written(tmp_path, paper).pages]
        headed = next(page for page in pages if "II. PHƯƠNG ÁN" in page)
        assert "Xã Phú Lý 1\n" in headed or "Xã Phú Lý 1 " in headed, lines


# --- what the file says of itself ------------------------------------------------------------------


@pytest.mark.parametrize("lines", range(22, 32, 2))
@pytest.mark.parametrize("table", [False, True], ids=["signature", "table"])
def test_what_belongs_together_stands_on_one_page(tmp_path, lines, table):
    filling = [blocks.Paragraph("Dòng.") for _ in range(lines)]
    end = (
        blocks.Table(caption="Bảng ngắn", columns=(blocks.Column("Cột", 1),), rows=[("Ô",)] * 6)
        if table
        else blocks.Signature(recipients_head="Nơi nhận:", recipients=("Lưu: VT.",) * 6, office="Giám đốc")
    )
    lead = (blocks.Heading("V. SO SÁNH"), blocks.Paragraph("Kính trình như sau:"))
    found = written(tmp_path, papers.document(*filling, *lead, end))
    pages = [page.extract_text() for page in found.pages]
    mine = "Bảng ngắn" if table else "Nơi nhận"
    assert [mine in page for page in pages] == ["Kính trình" in page for page in pages]
    if table:
        assert [mine in page for page in pages] == ["SO SÁNH" in page for page in pages]


def test_the_origin_is_in_the_file(file):
    info = file.metadata
    assert info["/Title"] == "Tờ trình về địa điểm"
    assert info["/Subject"] == papers.MARK
    assert info["/Creator"] == "Lộ Trình"
    assert info["/CreationDate"] == "D:20261122073000Z"
    packet = file.xmp_metadata
    assert packet.dc_title == {"x-default": "Tờ trình về địa điểm"}
    assert packet.dc_language == ["vi-VN"]
    for label, value in papers.ORIGIN:
        assert f"{label}: {value}" in info["/Keywords"]
        assert f"{label}: {value}" in packet.dc_subject


def test_a_reader_finds_its_way(file):
    root: Any = file.trailer["/Root"]
    assert root["/Lang"] == "vi-VN"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]

    def titles(entries) -> list:
        return [titles(one) if isinstance(one, list) else one["/Title"] for one in entries]

    assert titles(file.outline) == [
        "I. SỰ CẦN THIẾT",
        ["1. Độ bao phủ hiện tại"],
        "VIII. KIẾN NGHỊ",
        "Phụ lục 01. DANH SÁCH ĐỊA ĐIỂM",
        "Phụ lục 02",
        "Phụ lục 03",
    ]


def test_pictures_say_what_they_show(file):
    codes = b"".join(page.get_contents().get_data() for page in file.pages)
    found = re.findall(rb"/Span <</Alt <([0-9a-f]+)>>> BDC", codes)
    assert [bytes.fromhex(one.decode()).decode("utf-16") for one in found] == [
        "Số điểm tăng từ 3 lên 22.",
        "Bản đồ các điểm.",
    ]
    assert codes.count(b"EMC") == len(found)


def test_every_letter_drawn_is_in_the_file(file):
    """Fonts that show text are embedded; ReportLab names Helvetica on each page and draws nothing with it."""
    family = fonts.serif()
    seen = {}
    for page in file.pages:
        for font in page["/Resources"]["/Font"].values():
            one = font.get_object()
            seen[one["/BaseFont"]] = "/FontFile2" in one.get("/FontDescriptor", {})
    assert {name for name, embedded in seen.items() if not embedded} <= {"/Helvetica"}
    assert len([name for name, embedded in seen.items() if embedded]) >= 4
    assert family.scale <= 1


def test_the_same_document_gives_the_same_bytes(tmp_path):
    files = [tmp_path / f"{n}.pdf" for n in range(3)]
    for path, days in zip(files, (0, 0, 1), strict=True):
        set_document(papers.whole(), path, when=papers.WHEN + timedelta(days=days))
    one, same, later = (path.read_bytes() for path in files)
    assert one == same
    assert one != later


# --- letters ---------------------------------------------------------------------------------------


def laid(folder: Path, names: tuple[str, ...], sources: tuple[str, ...]) -> Path:
    for name, source in zip(names, sources, strict=True):
        shutil.copy(TTF / source, folder / name)
    return folder


DEJAVU = ("DejaVuSerif.ttf", "DejaVuSerif-Bold.ttf", "DejaVuSerif-Italic.ttf", "DejaVuSerif-BoldItalic.ttf")
STIX = ("STIXGeneral.ttf", "STIXGeneralBol.ttf", "STIXGeneralItalic.ttf", "STIXGeneralBolIta.ttf")
TIMES = ("TIMES.TTF", "timesbd.ttf", "timesi.ttf", "timesbi.ttf")
TINOS = ("Tinos-Regular.ttf", "Tinos-Bold.ttf", "Tinos-Italic.ttf", "Tinos-BoldItalic.ttf")


def test_where_nothing_is_found_matplotlib_lends_its_letters(tmp_path):
    family = fonts.serif([tmp_path, tmp_path / "nowhere"])
    assert family == fonts.last()
    assert fonts.SMALLEST <= family.scale < 1


def test_a_family_with_all_of_vietnamese_is_taken(tmp_path):
    family = fonts.serif([laid(tmp_path, TIMES, DEJAVU)])
    assert family.name == "Times New Roman"
    assert [path.name for path in family.files] == list(TIMES)
    assert family.faces == (
        "Times New Roman",
        "Times New Roman bold",
        "Times New Roman italic",
        "Times New Roman bold_italic",
    )


def test_a_family_without_vietnamese_is_passed_over(tmp_path):
    laid(tmp_path, TIMES, STIX)
    laid(tmp_path, TINOS, DEJAVU)
    assert fonts.serif([tmp_path]).name == "Tinos"


def test_a_broken_or_lonely_file_is_passed_over(tmp_path):
    laid(tmp_path, TIMES, DEJAVU)
    (tmp_path / "timesbi.ttf").write_bytes(b"no letters")
    laid(tmp_path, TINOS[:2], DEJAVU[:2])
    assert fonts.serif([tmp_path]) == fonts.last()


def test_letters_that_a_family_lacks_come_from_another(tmp_path):
    family = replace(
        fonts.serif([laid(tmp_path, TIMES, DEJAVU)]), name="Poor", files=tuple(TTF / f for f in STIX)
    )
    fonts.register(family)
    look = pdf_text.Looks(family)
    assert not look.has("Vĩnh Cửu ạ")
    assert look.markup("<Hạ>") == f'&lt;H<font name="{look.rescue}">ạ</font>&gt;'
    cell = pdf_table._cell(look, "Hạ", "left", 100, bold=False)
    assert isinstance(cell, Paragraph)


def test_what_fits_one_line_is_not_set_as_a_paragraph():
    """Ten times faster: a province's annexes have thousands of cells."""
    look = pdf_text.looks()
    assert pdf_table._cell(look, "Xã Phú Lý", "left", 100, bold=False) == "Xã Phú Lý"
    table = papers.table(papers.LONG_ROWS[:1])
    found = pdf_table.table(look, table, Placed(block=table, number=1), papers.document(table), (450, 700))
    assert len(found) == 1
