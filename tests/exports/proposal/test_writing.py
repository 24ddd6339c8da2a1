"""The proposal of a plan in both formats, as the export page and the command line write it."""

from __future__ import annotations

import re

import docx
import pytest
from pypdf import PdfReader

import exports
from exports.contents import contents_of
from exports.proposal import letter
from tests.exports.plans import plan


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


@pytest.mark.parametrize(("edition", "lang"), [("internal", "vi"), ("shared", "en")])
def test_both_formats_say_the_same(tmp_path, monkeypatch, edition, lang):
    asked = []
    made = letter.document

    def counted(contents):
        asked.append(contents)
        return made(contents)

    monkeypatch.setattr(letter, "document", counted)
    contents = contents_of(plan(), edition=edition, lang=lang)
    paper, shown = (exports.write_contents(contents, tmp_path / f"p{s}") for s in (".docx", ".pdf"))
    assert asked == [contents], "written once, drawn once"
    file, pages = docx.Document(str(paper)), [page.extract_text() for page in PdfReader(shown).pages]
    text = squeezed("".join(pages))
    cells = {squeezed(cell.text) for table in file.tables[1:] for row in table.rows for cell in row.cells}
    words = {squeezed(p.text) for p in file.paragraphs if len(p.text) < 60}
    # What a page break cuts stands apart in the PDF; short texts are not cut.
    assert [part for part in cells | words if len(part) < 20 and part not in text] == []
    assert all(squeezed(contents.mark) in squeezed(page) for page in pages)
    assert file.sections[0].first_page_footer.paragraphs[0].text.startswith(contents.mark)
    assert file.core_properties.created.date().isoformat() == contents.written
