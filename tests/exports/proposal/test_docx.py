"""A DOCX read back by python-docx and as XML: what stands in it, how, and on which pages."""

from __future__ import annotations

import re
import shutil
import subprocess
import unicodedata
import zipfile
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.oxml import parse_xml
from docx.shared import Mm

from exports.proposal import blocks, layout
from exports.proposal.docx import set_document
from tests.exports.proposal import papers

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def written(tmp_path: Path, document: blocks.Document) -> Path:
    path = tmp_path / "proposal.docx"
    set_document(document, path, when=papers.WHEN)
    return path


@pytest.fixture(scope="module")
def path(tmp_path_factory) -> Path:
    return written(tmp_path_factory.mktemp("docx"), papers.whole())


@pytest.fixture(scope="module")
def file(path):
    return docx.Document(str(path))


def parts(path: Path, start: str = "word/") -> dict[str, Any]:
    with zipfile.ZipFile(path) as archive:
        names = [n for n in archive.namelist() if n.startswith(start) and n.endswith(".xml")]
        return {name: parse_xml(archive.read(name)) for name in names}


def said(file) -> list[str]:
    return [p.text for p in file.paragraphs]


def data_tables(file) -> list:
    return [t for t in file.tables if t.style is not None and t.style.name == "Table Grid"]


# --- values --------------------------------------------------------------------------------------


def test_rows_are_read_back_as_they_were_written(file):
    _, long = data_tables(file)
    found = [tuple(cell.text for cell in row.cells) for row in long.rows]
    heads = tuple(column.head for column in papers.COLUMNS)
    assert found == [heads, *papers.LONG_ROWS, ("", "Cộng", "", "", "4.095", "")]


def test_the_letter_says_what_it_has_to(file):
    head = file.tables[0]
    assert head.cell(0, 0).text.split("\n")[:3] == ["ỦY BAN NHÂN DÂN", "TỈNH ĐỒNG NAI", "SỞ Y TẾ"]
    assert head.cell(0, 1).text.startswith("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc")
    assert re.fullmatch(r"Số: \.+/TTr-SYT", head.cell(1, 0).text)
    assert re.fullmatch(r"Đồng Nai, ngày \.+ tháng \.+ năm \.+", head.cell(1, 1).text)
    assert "TỜ TRÌNH" in said(file)
    assert "Kính gửi: Ủy ban nhân dân tỉnh Đồng Nai" in said(file)
    foot = file.tables[2]
    assert foot.cell(0, 0).text == "Nơi nhận:\n- Như trên;\n- Lưu: VT, NVY."
    assert foot.cell(0, 1).text.startswith("GIÁM ĐỐC\n(Ký, ghi rõ họ tên)")


def test_several_addressees_stand_in_a_list(tmp_path):
    found = said(
        docx.Document(str(written(tmp_path, papers.document(papers.head(to=("Bộ Y tế", "UBND tỉnh"))))))
    )
    assert [text for text in found if text][-3:] == ["Kính gửi:", "- Bộ Y tế", "- UBND tỉnh"]


def test_an_english_edition_speaks_english(tmp_path):
    path = written(tmp_path, papers.whole("en"))
    found = docx.Document(str(path))
    assert found.tables[0].cell(0, 1).text.startswith("SOCIALIST REPUBLIC OF VIET NAM\nIndependence")
    assert "Table 1. Danh sách địa điểm" in said(found)
    assert found.core_properties.language == "en-GB"
    lang = parts(path)["word/styles.xml"].find(f".//{W}rPrDefault//{W}lang")
    assert lang is not None
    assert lang.get(f"{W}val") == "en-GB"


def test_everything_is_composed(path):
    for name, root in parts(path).items():
        assert unicodedata.is_normalized("NFC", "".join(root.itertext())), name


@pytest.mark.parametrize("hostile", papers.HOSTILE, ids=range(len(papers.HOSTILE)))
def test_hostile_names_stay_text(tmp_path, hostile):
    found = docx.Document(str(written(tmp_path, papers.everywhere(hostile))))
    clean = layout.clean(hostile)
    assert [data_tables(found)[0].cell(n, 1).text for n in (1, 2)] == [clean, clean]
    assert "".join(layout.lead(blocks.Paragraph(hostile, strong=hostile))) in said(found)
    assert found.core_properties.title == clean[:255]
    assert found.sections[0].footer.paragraphs[0].text == f"{clean} · {papers.STAMP}"


# --- tables, captions, pictures --------------------------------------------------------------------


def test_heads_are_repeated_and_rows_hold_together(file):
    for table in data_tables(file):
        rows = table._tbl.tr_lst
        assert [row.find(f"{W}trPr/{W}tblHeader") is not None for row in rows] == [True] + [False] * (
            len(rows) - 1
        )
        assert all(row.find(f"{W}trPr/{W}cantSplit") is not None for row in rows)
        assert table._tbl.find(f"{W}tblPr/{W}tblLook").get(f"{W}firstRow") == "1"
        assert table._tbl.find(f"{W}tblPr/{W}tblCaption").get(f"{W}val") == "Danh sách địa điểm"


def test_tables_are_as_wide_as_the_text(file):
    for table, landscape in zip(data_tables(file), (False, True), strict=True):
        width = sum(column.width for column in table.columns)
        assert width / Mm(1) == pytest.approx(layout.width_mm(landscape=landscape), abs=0.2)


def test_captions_count_by_fields_that_read_right_as_they_are(path, file):
    captions = [p for p in file.paragraphs if p.style.name == "Caption"]
    assert [p.text for p in captions] == [
        "Bảng 1. Danh sách địa điểm",
        "Hình 1. Số điểm theo năm",
        "Bảng 2. Danh sách địa điểm",
        "Hình 2. Bản đồ",
    ]
    codes = ["".join(p._p.itertext(f"{W}instrText")).strip() for p in captions]
    assert codes == [rf"SEQ {word} \* ARABIC" for word in ("Bảng", "Hình", "Bảng", "Hình")]
    kinds = Counter(
        mark.get(f"{W}fldCharType") for mark in parts(path)["word/document.xml"].iter(f"{W}fldChar")
    )
    assert kinds == {"begin": 4, "separate": 4, "end": 4}


def test_pictures_fit_the_page_and_say_what_they_show(file):
    wide, high = file.inline_shapes
    assert wide.width / Mm(1) == pytest.approx(160, abs=0.1)
    assert wide.width / wide.height == pytest.approx(600 / 400, rel=0.01)
    assert high.height / Mm(1) <= 0.8 * layout.height_mm(landscape=False) + 0.1
    assert high.width / high.height == pytest.approx(400 / 1600, rel=0.01)
    described = [shape._inline.docPr.get("descr") for shape in file.inline_shapes]
    assert described == ["Số điểm tăng từ 3 lên 22.", "Bản đồ các điểm."]
    for shape in file.inline_shapes:
        drawn = shape._inline.graphic.graphicData.pic.spPr.find(".//{*}ext")
        assert (int(drawn.get("cx")), int(drawn.get("cy"))) == (shape.width, shape.height)


def test_few_rows_stay_on_one_page_and_many_do_not(file):
    few, many = ([len(list(row.iter(f"{W}keepNext"))) for row in t._tbl.tr_lst] for t in data_tables(file))
    assert all(few[:-1])
    assert few[-1] == 0
    assert many[0]
    assert not any(many[1:])


# --- pages ---------------------------------------------------------------------------------------


def test_pages_lie_as_asked_within_the_margins_of_the_decree(file):
    across = [section.page_width > section.page_height for section in file.sections]
    assert across == [False, True, False, True]
    for section in file.sections:
        assert sorted((round(section.page_width / Mm(1)), round(section.page_height / Mm(1)))) == [210, 297]
        margins = (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
        assert [round(margin / Mm(1)) for margin in margins] == [20, 20, 30, 15]


def test_pages_are_numbered_from_the_second_and_marked_from_the_first(file):
    first, *later = file.sections
    assert first.different_first_page_header_footer
    assert "PAGE" in "".join(first.header._element.itertext(f"{W}instrText"))
    assert not list(first.first_page_header._element.iter(f"{W}instrText"))
    for footer in (first.footer, first.first_page_footer):
        assert [p.text for p in footer.paragraphs] == [f"{papers.MARK} · {papers.STAMP}"]
    for section in later:
        assert not section.different_first_page_header_footer
        assert section.header.is_linked_to_previous
        assert section.footer.is_linked_to_previous


# --- looks ---------------------------------------------------------------------------------------


def test_an_office_can_restyle_it(path, file):
    assert file.styles["Normal"].font.name == "Times New Roman"
    names = {style.name for style in file.styles}
    assert {"Normal", "Body Text", "Heading 1", "Heading 2", "Caption", "List Bullet", "Table Grid"} <= names
    used = {p.style.name for p in file.paragraphs}
    assert {
        "Body Text",
        "Heading 1",
        "Heading 2",
        "Caption",
        "List Bullet",
        "Trích yếu",
        "Đầu phụ lục",
    } <= used
    known = {style.get(f"{W}styleId") for style in parts(path)["word/styles.xml"].iter(f"{W}style")}
    body = parts(path)["word/document.xml"]
    assert {mark.get(f"{W}val") for mark in body.iter(f"{W}pStyle", f"{W}tblStyle")} <= known


def test_times_new_roman_is_named_for_every_script(path):
    for name in ("word/styles.xml", "word/numbering.xml"):
        fonts = list(parts(path)[name].iter(f"{W}rFonts"))
        assert fonts
        for font in fonts:
            given = {key.removeprefix(W): value for key, value in font.attrib.items()}
            assert given == dict.fromkeys(("ascii", "hAnsi", "eastAsia", "cs"), "Times New Roman")


def test_lists_are_lists_of_dashes(path):
    numbering = parts(path)["word/numbering.xml"]
    assert [level.get(f"{W}val") for level in numbering.iter(f"{W}lvlText")] == ["-"]
    style = next(
        s for s in parts(path)["word/styles.xml"].iter(f"{W}style") if s.get(f"{W}styleId") == "ListBullet"
    )
    assert style.find(f".//{W}numId") is not None


ORDER = {
    "pPr": "pStyle keepNext keepLines numPr pBdr spacing ind jc outlineLvl rPr sectPr",
    "rPr": "rFonts b bCs i iCs color sz szCs lang",
    "tblPr": "tblStyle tblW tblInd tblBorders tblLayout tblCellMar tblLook tblCaption",
    "trPr": "cantSplit tblHeader",
    "tcPr": "tcW vAlign",
    "sectPr": "headerReference footerReference type pgSz pgMar cols titlePg docGrid",
    "style": "name basedOn next qFormat pPr rPr tblPr",
}
"""ISO/IEC 29500-1: children stand in this order; Word calls a file broken where they do not."""


def test_elements_stand_in_the_order_word_insists_on(path):
    seen = set()
    for name, root in parts(path).items():
        for parent, order in ORDER.items():
            ranks = {f"{W}{child}": rank for rank, child in enumerate(order.split())}
            for one in root.iter(f"{W}{parent}"):
                found = [ranks[child.tag] for child in one]
                assert found == sorted(found), (name, one.tag)
                seen.add(parent)
    assert seen == set(ORDER)


# --- what the file says of itself ------------------------------------------------------------------


def test_the_origin_is_in_the_properties(path, file):
    core = file.core_properties
    assert core.title == "Tờ trình về địa điểm"
    assert core.subject == papers.MARK
    assert core.language == "vi-VN"
    assert core.created == papers.WHEN
    custom = parts(path, "docProps/custom")["docProps/custom.xml"]
    found = [(one.get("name"), "".join(one.itertext())) for one in custom]
    first, second, third, fourth = papers.ORIGIN
    assert found == [first, second, third, (f"{fourth[0]} (2)", fourth[1])]
    assert [one.get("pid") for one in custom] == ["2", "3", "4", "5"]


def test_the_package_is_whole(path):
    """Each part has a content type, each relation a target, and nothing of the template is left over."""
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        types = parse_xml(archive.read("[Content_Types].xml"))
    stated = {one.get("PartName", "").lstrip("/") for one in types} | {""}
    endings = {one.get("Extension") for one in types}
    assert not [name for name in names if name not in stated and name.rsplit(".", 1)[-1] not in endings]
    assert not [
        name for name in names if "thumbnail" in name or "stylesWithEffects" in name or "customXml" in name
    ]
    assert "docProps/custom.xml" in stated


def test_the_same_document_gives_the_same_bytes(tmp_path, path):
    again, later = tmp_path / "again.docx", tmp_path / "later.docx"
    set_document(papers.whole(), again, when=papers.WHEN)
    set_document(papers.whole(), later, when=papers.WHEN + timedelta(days=1))
    assert again.read_bytes() == path.read_bytes()
    assert later.read_bytes() != path.read_bytes()


# --- as another program shows it -------------------------------------------------------------------


def test_libreoffice_shows_the_pages(tmp_path, path):
    tools = {name: shutil.which(name) for name in ("soffice", "pdftotext")}
    if missing := [name for name, found in tools.items() if found is None]:
        pytest.skip(f"needs {', '.join(missing)}")
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    out = ["--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(path)]
    subprocess.run([tools["soffice"], profile, *out], check=False, capture_output=True, timeout=120)
    shown = tmp_path / f"{path.stem}.pdf"
    if not shown.exists():
        pytest.skip("this LibreOffice has no Writer")
    text = subprocess.run(
        [tools["pdftotext"], "-layout", str(shown), "-"], check=True, capture_output=True, timeout=60
    ).stdout.decode()
    pages = unicodedata.normalize("NFC", text).rstrip("\f").split("\f")
    assert 6 <= len(pages) <= 12
    assert all(papers.MARK in page for page in pages)
    numbers = [next((line.strip() for line in page.splitlines() if line.strip()), "") for page in pages]
    assert numbers[1:] == [str(n) for n in range(2, len(pages) + 1)]
    assert "CỘNG HÒA" in numbers[0]
    heads = [n for n, page in enumerate(pages) if "Phạm vi phục vụ" in page]
    assert len(heads) >= 4  # the small table, and each page of the long one
    assert "Phụ lục 03" in pages[-1]
