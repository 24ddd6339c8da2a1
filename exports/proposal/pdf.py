"""A document as PDF, by ReportLab: the same look as the DOCX, with its letters, outline and origin in it."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from reportlab import rl_config
from reportlab.pdfbase.pdfdoc import PDFDictionary, PDFName, PDFStream
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    KeepTogether,
    NextPageTemplate,
    PageBreak,
    PageTemplate,
)

from exports.proposal import blocks, layout, pdf_blocks, pdf_table, pdf_text
from exports.proposal.layout import Placed, clean
from exports.proposal.pdf_text import MM, Looks
from text import Lang

rl_config.useA85 = 0
"""Pictures as bytes: a quarter smaller and a second faster than as letters, which only old mail asked for."""
LOCALE: dict[Lang, str] = {"vi": "vi-VN", "en": "en-GB"}


def set_document(document: blocks.Document, path: Path, *, when: datetime | None = None) -> None:
    """Set `document` as PDF; `when` is the time it bears (now): the same time gives the same bytes.

    Raises:
        OSError: it cannot be written.
    """
    look = pdf_text.looks()
    file = io.BytesIO()
    _Pages(file, document, look, when or datetime.now(UTC)).build_all()
    path.write_bytes(file.getvalue())


class _Canvas(Canvas):
    """Writes origin and time beside the pages."""

    packet: str
    made: str
    _doc: Any

    def save(self) -> None:
        """Close the file."""
        self.setDateFormatter(lambda *_: self.made)
        kind = PDFDictionary({"Type": PDFName("Metadata"), "Subtype": PDFName("XML")})
        stream = PDFStream(dictionary=kind, content=self.packet.encode("utf-8"), filters=[])
        self.setCatalogEntry("Metadata", self._doc.Reference(stream))
        super().save()


class _Pages(BaseDocTemplate):
    """Pages of either orientation, with number above and mark below."""

    def __init__(self, file: Any, document: blocks.Document, look: Looks, when: datetime) -> None:
        self.document, self.look, self.when = document, look, when
        self.level = -1
        self.marked = 0
        super().__init__(
            file,
            pageTemplates=[_template(self, landscape=False), _template(self, landscape=True)],
            title=clean(document.title),
            subject=clean(document.mark),
            keywords=[f"{clean(label)}: {clean(value)}" for label, value in document.origin],
            author="",
            creator="Lộ Trình",
            lang=LOCALE[layout.lang_of(document)],
            displayDocTitle=True,
            invariant=1,
            initialFontName=look.face(),
        )

    def build_all(self) -> None:
        """Set the whole document."""
        story: list[Flowable] = []
        landscape = False
        for n, placed in enumerate(layout.placed(self.document)):
            if isinstance(placed.block, blocks.PageBreak):
                landscape = placed.block.landscape
                if n:
                    story += [NextPageTemplate(_name(landscape=landscape)), PageBreak()]
                else:
                    self._firstPageTemplateIndex = int(landscape)
            else:
                _append(story, self._set(placed, landscape=landscape))
        self.build(story, canvasmaker=self._canvas)

    def _canvas(self, *given: Any, **options: Any) -> _Canvas:
        canvas = _Canvas(*given, **options)
        canvas.packet = _packet(self.document, self.when)
        canvas.made = self.when.astimezone(UTC).strftime("D:%Y%m%d%H%M%SZ")
        return canvas

    def _set(self, placed: Placed, *, landscape: bool) -> list[Flowable]:
        look, document = self.look, self.document
        room = (layout.width_mm(landscape=landscape) * MM, layout.height_mm(landscape=landscape) * MM)
        made: list[Flowable] = []
        match placed.block:
            case blocks.LetterHead() as block:
                made = pdf_blocks.letter_head(look, block, layout.lang_of(document))
            case blocks.Heading() as block:
                made = pdf_blocks.heading(look, block, placed)
            case blocks.Paragraph() as block:
                made = pdf_blocks.text(look, block, placed)
            case blocks.Bullets() as block:
                made = pdf_blocks.bullets(look, block, placed)
            case blocks.Table() as block:
                made = pdf_table.table(look, block, placed, document, room)
            case blocks.Picture() as block:
                made = pdf_blocks.picture(look, block, placed, document, (room[0], 0.8 * room[1]))
            case blocks.Signature() as block:
                made = pdf_blocks.signature(look, block)
        return made

    def afterFlowable(self, flowable: Flowable) -> None:  # noqa: N802 (ReportLab's name)
        """Put a heading into the outline, at most one step deeper than the one before."""
        if isinstance(flowable, pdf_blocks.HeadLine):
            self.level = min(flowable.level, self.level + 1)
            self.marked += 1
            key = f"h{self.marked}"
            self.canv.bookmarkPage(key)
            self.canv.addOutlineEntry(flowable.outline, key, self.level, closed=False)


def _name(*, landscape: bool) -> str:
    return "landscape" if landscape else "portrait"


def _template(pages: _Pages, *, landscape: bool) -> PageTemplate:
    width, height = (side * MM for side in (reversed(layout.PAGE_MM) if landscape else layout.PAGE_MM))
    frame = Frame(
        layout.LEFT_MM * MM,
        layout.BOTTOM_MM * MM,
        layout.width_mm(landscape=landscape) * MM,
        layout.height_mm(landscape=landscape) * MM,
        leftPadding=0,
        rightPadding=0,
        topPadding=0,
        bottomPadding=0,
    )

    def around(canvas: Any, _: Any) -> None:
        """The page's number above, from the second (Decree 30/2020, annex I); below edition and stamp."""
        look = pages.look
        middle = (layout.LEFT_MM * MM + width - layout.RIGHT_MM * MM) / 2
        canvas.saveState()
        number = canvas.getPageNumber()
        if number > 1:
            canvas.setFont(look.face(), look.size(layout.NATION_PT))
            canvas.drawCentredString(middle, height - (layout.EDGE_MM + 4) * MM, str(number))
        canvas.setFont(look.face(), look.size(layout.MARK_PT))
        canvas.drawCentredString(middle, layout.EDGE_MM * MM, clean(pages.document.foot))
        canvas.restoreState()

    return PageTemplate(_name(landscape=landscape), [frame], onPage=around, pagesize=(width, height))


def _append(story: list[Flowable], made: list[Flowable]) -> None:
    """Add `made` to the story; where it asks for room, the headings before it move along.

    ReportLab keeps a heading with the next paragraph, but not with what is itself kept together.
    """
    first: Any = made[0] if made else None
    at = len(story)
    while isinstance(first, CondPageBreak | KeepTogether) and at and _kept(story[at - 1]):
        at -= 1
        story[at].keepWithNext = 0
    if isinstance(first, CondPageBreak):
        first.height += 30 * (len(story) - at)
        story.insert(at, first)
        made = made[1:]
    elif isinstance(first, KeepTogether):
        made = [KeepTogether([*story[at:], *vars(first)["_content"]]), *made[1:]]
        del story[at:]
    story += made


def _kept(flowable: Any) -> bool:
    return bool(flowable.getKeepWithNext())


def _packet(document: blocks.Document, when: datetime) -> str:
    """Title, language, time and origin as XMP (ISO 16684-1): an entry of the origin a line."""
    lang = LOCALE[layout.lang_of(document)]
    lines = "".join(
        f"<rdf:li>{escape(clean(label))}: {escape(clean(value))}</rdf:li>" for label, value in document.origin
    )
    stamp = when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:xmp="http://ns.adobe.com/xap/1.0/">'
        f'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{escape(clean(document.title))}</rdf:li></rdf:Alt>'
        f"</dc:title><dc:language><rdf:Bag><rdf:li>{lang}</rdf:li></rdf:Bag></dc:language>"
        f'<dc:rights><rdf:Alt><rdf:li xml:lang="x-default">{escape(clean(document.mark))}</rdf:li></rdf:Alt>'
        f"</dc:rights><dc:subject><rdf:Bag>{lines}</rdf:Bag></dc:subject>"
        f"<xmp:CreateDate>{stamp}</xmp:CreateDate>"
        '</rdf:Description></rdf:RDF></x:xmpmeta>\n<?xpacket end="r"?>'
    )
