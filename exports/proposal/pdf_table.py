"""Tables of a PDF: they wrap every word, repeat their head, and say on each page which table goes on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reportlab.lib import colors
from reportlab.platypus import CondPageBreak, Flowable, FrameBreak, KeepTogether, Paragraph, Spacer, Table

from exports.proposal import blocks, layout
from exports.proposal.layout import Placed, clean
from exports.proposal.pdf_blocks import caption
from exports.proposal.pdf_text import MM, Looks

PADDING = 3.5
"""Points between a cell's text and the lines beside it."""
BESIDE = (1.5, 2.5)
"""Points above and below a cell's text."""
ROOM_FOR_START = 130.0
"""A long table begins where caption, head and a first row find room, else on the next page; points."""
MANY_LETTERS = 300
"""A cell of fewer letters never fills a page."""


class LongTable(Table):
    """A table that says, on each page after its first, which one goes on."""

    continued: Flowable | None = None

    def split(self, availWidth: float, availHeight: float) -> list[Any]:  # noqa: N803 (ReportLab's names)
        """The part that fits; on the next page what goes on, and the rest."""
        parts: list[Any] = super().split(availWidth, availHeight)
        if self.continued is not None and len(parts) > 1:
            parts[1].continued = self.continued
            parts[1:1] = [FrameBreak(), self.continued]
        return parts


def table(
    look: Looks, block: blocks.Table, placed: Placed, document: blocks.Document, room: tuple[float, float]
) -> list[Flowable]:
    """A table under its caption, its notes below; `room` is the page's width and height in points."""
    whole, height = room
    size, word = layout.TABLE_PT, clean(document.words["table"])
    widths = layout.widths(
        block, whole, lambda one: look.width(one, size, bold=True), around=2 * PADDING + 0.5
    )
    head = look.style(size, align="center", bold=True)
    cells: list[list[Any]] = [[Paragraph(look.markup(clean(c.head)), head) for c in block.columns]]
    cells += [_row(look, block.columns, row, widths) for row in block.rows]
    if block.totals is not None:
        cells.append(_row(look, block.columns, block.totals, widths, bold=True))
    made = LongTable(cells, colWidths=widths, repeatRows=1, style=_lines(look, block.columns))
    if _fills_a_page(cells, widths, height):
        made.splitInRow = 1
    going_on = look.style(size, italic=True, after=3)
    said = f"{word} {placed.number} ({clean(document.words['continued'])})"
    made.continued = Paragraph(look.markup(said), going_on)
    note = look.style(layout.NOTE_PT, italic=True, before=2)
    below = [*(Paragraph(look.markup(clean(one)), note) for one in block.notes), Spacer(1, layout.AFTER_PT)]
    above = caption(look, document, placed, above=False)
    if layout.stays_whole(block, whole / MM):
        return [KeepTogether([above, made, *below])]
    return [CondPageBreak(ROOM_FOR_START), above, made, *below]


def _row(
    look: Looks, columns: Sequence[blocks.Column], texts: Sequence[str], widths: Sequence[float], *,
    bold: bool = False,
) -> list[Any]:  # fmt: skip
    return [
        _cell(look, clean(text), column.align, width, bold=bold)
        for column, text, width in zip(columns, texts, widths, strict=True)
    ]


def _cell(look: Looks, text: str, align: blocks.Align, width: float, *, bold: bool) -> Any:
    """What fits in one line is drawn as it is, which is ten times faster; the rest wraps."""
    room = width - 2 * PADDING
    plain = not bold and "\n" not in text and look.has(text)
    if plain and look.width(text, layout.TABLE_PT) <= room:
        return text
    side: blocks.Align = "left" if align == "justify" else align
    return Paragraph(look.markup(text), look.style(layout.TABLE_PT, align=side, bold=bold))


def _lines(look: Looks, columns: Sequence[blocks.Column]) -> list[tuple[Any, ...]]:
    whole, size = ((0, 0), (-1, -1)), look.size(layout.TABLE_PT)
    sides = {"left": "LEFT", "justify": "LEFT", "center": "CENTER", "right": "RIGHT"}
    return [
        ("GRID", *whole, 0.5, colors.black),
        ("VALIGN", *whole, "MIDDLE"),
        ("FONT", *whole, look.face(), size, 1.17 * size),
        ("LEFTPADDING", *whole, PADDING),
        ("RIGHTPADDING", *whole, PADDING),
        ("TOPPADDING", *whole, BESIDE[0]),
        ("BOTTOMPADDING", *whole, BESIDE[1]),
        *(("ALIGN", (n, 1), (n, -1), sides[column.align]) for n, column in enumerate(columns)),
    ]


def _fills_a_page(cells: list[list[Any]], widths: list[float], height: float) -> bool:
    """Whether a row is so high that only a break within it sets the table at all."""

    def high(cell: Any, width: float) -> float:
        if not isinstance(cell, Paragraph) or len(cell.text) < MANY_LETTERS:
            return 0.0
        return float(cell.wrap(width - 2 * PADDING, height)[1])

    head = max(
        cell.wrap(width - 2 * PADDING, height)[1] for cell, width in zip(cells[0], widths, strict=True)
    )
    # Besides the row there stand its padding, the repeated head and what says that the table goes on.
    free = height - head - 40
    return any(high(cell, width) > free for row in cells for cell, width in zip(row, widths, strict=True))
