"""A document as DOCX, by python-docx: real styles, tables and fields, so that an office can go on with it."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import docx
from docx.enum.section import WD_ORIENT
from docx.shared import Mm

from exports.proposal import blocks, docx_properties, docx_styles, layout
from exports.proposal import docx_blocks as make
from exports.proposal.docx_xml import element, field, run
from exports.proposal.layout import Placed, clean


def set_document(document: blocks.Document, path: Path, *, when: datetime | None = None) -> None:
    """Set `document` as DOCX; `when` is the time it bears (now): the same time gives the same bytes.

    Raises:
        OSError: it cannot be written.
    """
    file: Any = docx.Document()
    docx_styles.restyle(file, layout.lang_of(document))
    docx_styles.without_leftovers(file)
    _header_and_footer(file, document)
    _Pages(file, document).fill()
    at = when or datetime.now(UTC)
    docx_properties.describe(file, document, at)
    path.write_bytes(docx_properties.packed(file, at))


def _header_and_footer(file: Any, document: blocks.Document) -> None:
    """The page number above, from page 2 (Decree 30/2020); below, on every page, edition and stamp."""
    section = file.sections[0]
    section.different_first_page_header_footer = True
    parts = {
        "Header": (section.header, section.first_page_header),
        "Footer": (section.footer, section.first_page_footer),
    }
    for style, pair in parts.items():
        for part in pair:
            line = part.part.element.p_lst[0]
            for child in list(line):
                line.remove(child)
            line.append(element("pPr", element("pStyle", val=style)))
            if part is section.header:
                line.extend(field("PAGE", "2"))
            elif style == "Footer":
                line.append(run(clean(document.foot)))


class _Pages:
    """Sections of one orientation each, filled block by block."""

    def __init__(self, file: Any, document: blocks.Document) -> None:
        self.file, self.document = file, document
        self.body = file.element.body
        self.last = self.body.sectPr
        self.landscape = False
        self.sections = 0
        for child in list(self.body):
            if child is not self.last:
                self.body.remove(child)

    def fill(self) -> None:
        for n, placed in enumerate(layout.placed(self.document)):
            if isinstance(placed.block, blocks.PageBreak):
                if n:
                    self._end_section()
                self.landscape = placed.block.landscape
            else:
                for made in self._set(placed):
                    self.last.addprevious(made)
        self._shape(self.last, first=self.sections == 0)

    def _set(self, placed: Placed) -> list[Any]:
        width, height = layout.width_mm(landscape=self.landscape), layout.height_mm(landscape=self.landscape)
        made: list[Any] = []
        match placed.block:
            case blocks.LetterHead() as block:
                made = make.letter_head(block, layout.lang_of(self.document))
            case blocks.Heading() as block:
                made = make.heading(block, placed)
            case blocks.Paragraph() as block:
                made = make.text(block, placed)
            case blocks.Bullets() as block:
                made = make.bullets(block, placed)
            case blocks.Table() as block:
                made = make.table(block, placed, self.document, width)
            case blocks.Picture() as block:
                made = make.picture(self.file, block, placed, self.document, (width, 0.8 * height))
            case blocks.Signature() as block:
                made = make.signature(block)
        return made

    def _end_section(self) -> None:
        """Close the section in a paragraph of its own, so small that it never needs a page."""
        shape = copy.deepcopy(self.last)
        self._shape(shape, first=self.sections == 0)
        small = element("spacing", before=0, after=0, line=20, lineRule="exact")
        settings = element("pPr", small, element("rPr", element("sz", val=2), element("szCs", val=2)), shape)
        self.last.addprevious(element("p", settings))
        self.sections += 1

    def _shape(self, section: Any, *, first: bool) -> None:
        """Size and margins; later sections take header and footer from the first."""
        short, long = (Mm(side) for side in layout.PAGE_MM)
        section.page_width, section.page_height = (long, short) if self.landscape else (short, long)
        section.orientation = WD_ORIENT.LANDSCAPE if self.landscape else WD_ORIENT.PORTRAIT
        section.top_margin, section.bottom_margin = Mm(layout.TOP_MM), Mm(layout.BOTTOM_MM)
        section.left_margin, section.right_margin = Mm(layout.LEFT_MM), Mm(layout.RIGHT_MM)
        section.header = section.footer = Mm(layout.EDGE_MM)
        if not first:
            section.titlePg_val = False
            for reference in [*section.findall("{*}headerReference"), *section.findall("{*}footerReference")]:
                section.remove(reference)
