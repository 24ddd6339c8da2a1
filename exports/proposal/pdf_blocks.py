"""Each kind of block as ReportLab's flowables; ``pdf`` puts them on pages."""

from __future__ import annotations

import io
from typing import Any

from reportlab.lib.utils import ImageReader
from reportlab.platypus import Flowable, KeepTogether, Paragraph, Spacer, Table

from exports.proposal import blocks, layout
from exports.proposal.layout import Placed, clean
from exports.proposal.pdf_text import MM, Looks, lead
from text import Lang, say


class HeadLine(Paragraph):
    """A heading that also stands in the outline, `level` counted from 0."""

    def __init__(self, words: str, style: Any, outline: str, level: int) -> None:
        super().__init__(words, style)
        self.outline, self.level = outline, level


class Drawn(Flowable):
    """A picture with its words for those who do not see it (an Alt entry, ISO 32000-1, 14.9.3)."""

    def __init__(self, content: bytes, alternative: str, room: tuple[float, float]) -> None:
        super().__init__()
        self.image, self.alternative = ImageReader(io.BytesIO(content)), alternative
        wide, high = self.image.getSize()
        width, height = room
        self.width = min(width, height * wide / high)
        self.height = self.width * high / wide
        self.hAlign = "CENTER"

    def draw(self) -> None:
        """Draw it, with its words around it."""
        words = f"\ufeff{self.alternative}".encode("utf-16-be").hex()
        self.canv.addLiteral(f"/Span <</Alt <{words}>>> BDC")
        self.canv.drawImage(self.image, 0, 0, self.width, self.height, mask="auto")
        self.canv.addLiteral("EMC")


class Line(Flowable):
    """A short line in the middle of the column; points."""

    def __init__(self, width: float, above: float = 5.0, below: float = 5.0) -> None:
        super().__init__()
        self.length, self.above, self.below = width, above, below

    def wrap(self, width: float, _height: float) -> tuple[float, float]:
        """As wide as its column."""
        self.within = width
        return width, self.above + self.below

    def draw(self) -> None:
        """Draw it in the middle."""
        self.canv.setLineWidth(0.6)
        start = (self.within - self.length) / 2
        self.canv.line(start, self.below, start + self.length, self.below)


def heading(look: Looks, block: blocks.Heading, placed: Placed) -> list[Flowable]:
    """A heading, in the outline unless it is only an annex's second line."""
    words, gap = layout.title(block, placed.role), layout.AFTER_PT
    if placed.role:
        below = gap if placed.role == "annex_title" else 0.0
        above = layout.APART_PT if placed.apart else 0.0
        style = look.style(
            layout.BODY_PT, align="center", bold=True, before=above, after=below, keep_next=True
        )
        if placed.role == "annex":
            return [HeadLine(look.markup(words), style, placed.called, 0)]
        return [Paragraph(look.markup(words), style)]
    italic = block.level > 2
    first = layout.FIRST_LINE_MM
    style = look.style(
        layout.BODY_PT, bold=True, italic=italic, before=gap, after=gap, first=first, keep_next=True
    )
    return [HeadLine(look.markup(words), style, placed.called, max(block.level - 1, 0))]


def text(look: Looks, block: blocks.Paragraph, placed: Placed) -> list[Flowable]:
    """Running text; what is centred or stands right has no first-line indent."""
    first = 0.0 if block.align in ("center", "right") else layout.FIRST_LINE_MM
    style = look.style(
        layout.BODY_PT,
        align=layout.alignment(block),
        italic=block.italic,
        after=layout.AFTER_PT,
        line=layout.LINE,
        first=first,
        keep_next=placed.to_next,
    )
    return [Paragraph(lead(look, block), style)]


def bullets(look: Looks, block: blocks.Bullets, placed: Placed) -> list[Flowable]:
    """A list of dashes."""
    body, first = layout.BODY_PT, layout.FIRST_LINE_MM
    made: list[Flowable] = []
    for item in block.items:
        align = layout.item_alignment(item)
        style = look.style(body, align=align, after=layout.AFTER_PT, line=layout.LINE, first=first)
        made.append(Paragraph(f"- {look.markup(clean(item))}", style))
    if made and placed.to_next:
        made[-1].keepWithNext = 1
    return made


def caption(look: Looks, document: blocks.Document, placed: Placed, *, above: bool) -> Paragraph:
    """The numbered words above a table or below a picture."""
    assert isinstance(placed.block, blocks.Table | blocks.Picture)
    word, rest = layout.caption(document, placed.block)
    style = look.style(
        layout.NATION_PT, align="center", bold=True, before=layout.AFTER_PT, after=4, keep_next=above
    )
    return Paragraph(look.markup(f"{word} {placed.number}{rest}"), style)


def picture(
    look: Looks, block: blocks.Picture, placed: Placed, document: blocks.Document, room: tuple[float, float]
) -> list[Flowable]:
    """A picture with its caption below, no larger than `room` (width and height in points)."""
    within = (min(10 * block.width_cm * MM, room[0]), room[1])
    drawn = Drawn(block.draw(), clean(block.alternative or block.caption), within)
    return [KeepTogether([Spacer(1, layout.AFTER_PT), drawn, caption(look, document, placed, above=False)])]


# --- the letter's head and foot --------------------------------------------------------------------


def letter_head(look: Looks, block: blocks.LetterHead, lang: Lang) -> list[Flowable]:
    """Who writes beside the nation's name, number beside place and day; then kind, subject, addressee."""
    whole = layout.width_mm(landscape=False) * MM
    left = whole * layout.HEAD_LEFT
    size, body = layout.NATION_PT, layout.BODY_PT
    nation, motto = say("setting.nation", lang), say("setting.motto", lang)

    def centred(words: str, points: float, **how: Any) -> Paragraph:
        return Paragraph(look.markup(words), look.style(points, align="center", **how))

    # The nation's name stands in one line, in whatever letters.
    fit = min(1.0, 0.99 * (whole - left) / look.width(nation, size, bold=True))

    def lines(words: str) -> str:
        return layout.balanced(clean(words).upper(), left - 6, lambda part: look.width(part, size, bold=True))

    author = lines(block.author)
    over = [centred(lines(block.over), size)] if block.over else []
    short = layout.SHORT_RULE * max(look.width(line, size, bold=True) for line in author.split("\n"))
    writes = [*over, centred(author, size, bold=True), Line(short)]
    state = [
        centred(nation, size * fit, bold=True),
        centred(motto, body * fit, bold=True),
        Line(look.width(motto, body * fit, bold=True)),
    ]
    number = say("setting.number", lang, blank=layout.BLANK, symbol=clean(block.symbol))
    day = say("setting.date", lang, place=clean(block.place), blank=layout.BLANK)
    below = [centred(number, size), centred(day, body, italic=True)]
    rows: list[list[Any]] = [[writes, state], below]
    about, room = clean(block.about), whole - 2 * layout.ABOUT_INDENT_MM * MM
    under = layout.SHORT_RULE * min(whole, look.width(about, body, bold=True))
    return [
        _side_by_side(rows, (left, whole - left)),
        centred(clean(block.kind).upper(), body, bold=True, before=18),
        centred(
            layout.balanced(about, room, lambda part: look.width(part, body, bold=True)), body, bold=True
        ),
        Line(under),
        *_addressees(look, block, lang),
    ]


def _addressees(look: Looks, block: blocks.LetterHead, lang: Lang) -> list[Flowable]:
    to, body = say("setting.to", lang), layout.BODY_PT
    names = [clean(one) for one in block.to]
    if len(names) == 1:
        style = look.style(body, align="center", before=12, after=12)
        return [Paragraph(look.markup(f"{to} {names[0]}"), style)]
    head, item = look.style(body, left=35, before=12), look.style(body, left=55)
    listed = [Paragraph(look.markup(f"- {one}"), item) for one in names]
    return [Paragraph(look.markup(to), head), *listed, Spacer(1, 12)]


def signature(look: Looks, block: blocks.Signature) -> list[Flowable]:
    """Who receives the letter on the left, who signs on the right, with room for hand and stamp."""
    whole = layout.width_mm(landscape=False) * MM
    left = whole * layout.SIGNATURE_LEFT
    head = look.style(layout.RECIPIENTS_HEAD_PT, bold=True, italic=True)
    item = look.style(layout.RECIPIENTS_PT)
    receives = [
        Paragraph(look.markup(clean(block.recipients_head)), head),
        *(Paragraph(look.markup(one), item) for one in layout.recipients(block)),
    ]
    office = look.style(layout.BODY_PT, align="center", bold=True)
    signs: list[Flowable] = [Paragraph(look.markup(clean(block.office).upper()), office)]
    if block.hint:
        hint = look.style(layout.NATION_PT, align="center", italic=True)
        signs.append(Paragraph(look.markup(clean(block.hint)), hint))
    signs.append(Spacer(1, layout.SIGNING_ROOM_PT))
    beside = _side_by_side([[receives, signs]], (left, whole - left))
    return [KeepTogether([Spacer(1, layout.AFTER_PT), beside])]


def _side_by_side(rows: list[list[Any]], widths: tuple[float, float]) -> Table:
    """A table without lines that only puts things beside each other."""
    plain = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 0),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
    ]
    return Table(rows, colWidths=list(widths), style=plain)
