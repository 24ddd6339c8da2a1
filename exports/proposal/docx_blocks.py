"""Each kind of block as elements of WordprocessingML; ``docx`` puts them on pages."""

from __future__ import annotations

import io
from typing import Any

from docx.shared import Mm

from exports.proposal import blocks, layout
from exports.proposal.docx_xml import PADDING, Element, cell, element, field, grid, paragraph, row, run, twips
from exports.proposal.layout import Placed, clean
from text import Lang, say

_HEADING = {"": "Heading{level}", "annex": "Annex", "annex_title": "AnnexTitle"}
_DEEPEST = 3


def heading(block: blocks.Heading, placed: Placed) -> list[Element]:
    """A heading in the style of its level, or of an annex's head."""
    style = _HEADING[placed.role].format(level=min(max(block.level, 1), _DEEPEST))
    room = layout.APART_PT if placed.apart else None
    return [paragraph(style, run(layout.title(block, placed.role)), before=room)]


def text(block: blocks.Paragraph, placed: Placed) -> list[Element]:
    """Running text; what is centred or stands right has no first-line indent."""
    strong, plain = layout.lead(block)
    runs = [run(strong, bold=True, italic=block.italic)] if strong else []
    if plain or not strong:
        runs.append(run(plain, italic=block.italic))
    asked = layout.alignment(block)
    aside = asked in ("center", "right")
    align = asked if asked != "justify" else None
    return [paragraph("BodyText", *runs, align=align, no_first_line=aside, keep_next=placed.to_next)]


def bullets(block: blocks.Bullets, placed: Placed) -> list[Element]:
    """A list of dashes."""
    last = len(block.items) - 1
    aligns = [layout.item_alignment(item) for item in block.items]
    return [
        paragraph(
            "ListBullet",
            run(clean(item)),
            align=None if align == "justify" else align,
            keep_next=placed.to_next and n == last,
        )
        for n, (item, align) in enumerate(zip(block.items, aligns, strict=True))
    ]


def caption(document: blocks.Document, placed: Placed, *, keep_next: bool) -> Element:
    """The words of a caption, with a number that Word counts anew when tables come and go."""
    assert isinstance(placed.block, blocks.Table | blocks.Picture)
    word, rest = layout.caption(document, placed.block)
    sequence = "".join(word.split())
    number = field(f"SEQ {sequence} \\* ARABIC", str(placed.number))
    return paragraph("Caption", run(f"{word} "), *number, run(rest), keep_next=keep_next)


def table(block: blocks.Table, placed: Placed, document: blocks.Document, width: float) -> list[Element]:
    """A table under its caption, its notes below; `width` in mm."""
    around = 2 * PADDING / 1440 * 25.4 + 0.4
    found = layout.widths(block, width, lambda word: _reach(word, layout.TABLE_PT), around=around)
    widths = [twips(one) for one in found]
    whole = layout.stays_whole(block, width)
    heads = [
        cell(w, paragraph("TableHead", run(clean(c.head)), keep_next=True), middle=True)
        for w, c in zip(widths, block.columns, strict=True)
    ]
    rows = [row(heads, head=True)]
    last = len(block.rows) - 1
    for n, given in enumerate(block.rows):
        ties = whole and (n < last or block.totals is not None)
        rows.append(_row(block, given, widths, ties=ties))
    if block.totals is not None:
        rows.append(_row(block, block.totals, widths, bold=True))
    made = grid(widths, rows, style="TableGrid", described=clean(block.caption))
    notes = [paragraph("TableNote", run(clean(note))) for note in block.notes]
    # Word runs two tables together that no paragraph keeps apart.
    below = notes or [paragraph("TableNote")]
    return [caption(document, placed, keep_next=True), made, *below]


def _row(
    block: blocks.Table, given: tuple[str, ...], widths: list[int], *, bold: bool = False, ties: bool = False
) -> Element:
    cells = []
    for column, words, width in zip(block.columns, given, widths, strict=True):
        align = None if column.align in ("left", "justify") else column.align
        content = paragraph("TableText", run(clean(words), bold=bold), align=align, keep_next=ties)
        cells.append(cell(width, content, middle=True))
    return row(cells)


def picture(
    file: Any, block: blocks.Picture, placed: Placed, document: blocks.Document, room: tuple[float, float]
) -> list[Element]:
    """A picture with its caption below, no larger than `room` (width, height in mm)."""
    inline = file.part.new_pic_inline(io.BytesIO(block.draw()), width=Mm(min(10 * block.width_cm, room[0])))
    too_high = inline.extent.cy / Mm(room[1])
    if too_high > 1:
        _resize(inline, 1 / too_high)
    inline.docPr.set("descr", clean(block.alternative or block.caption))
    inline.docPr.set("title", clean(block.caption))
    inline.docPr.set("name", f"{clean(document.words['figure'])} {placed.number}")
    drawing = element("drawing")
    drawing.append(inline)
    return [paragraph("Picture", element("r", drawing)), caption(document, placed, keep_next=False)]


def _resize(inline: Any, factor: float) -> None:
    """Both places where a picture's size is written."""
    for extent in (inline.extent, inline.graphic.graphicData.pic.spPr.find(".//{*}ext")):
        extent.set("cx", str(round(int(extent.get("cx")) * factor)))
        extent.set("cy", str(round(int(extent.get("cy")) * factor)))


# --- the letter's head and foot --------------------------------------------------------------------


def letter_head(block: blocks.LetterHead, lang: Lang) -> list[Element]:
    """Who writes beside the nation's name, number beside place and day; then kind, subject, addressee."""
    whole = layout.width_mm(landscape=False)
    left = whole * layout.HEAD_LEFT
    columns = [twips(left), twips(whole - left)]
    size = layout.NATION_PT
    nation, motto = say("setting.nation", lang), say("setting.motto", lang)

    def lines(words: str) -> str:
        return layout.balanced(clean(words).upper(), left, lambda part: _reach(part, size))

    author = lines(block.author)
    writes = [paragraph("Letterhead", run(lines(block.over), size=size))] if block.over else []
    writes += [
        paragraph("Letterhead", run(author, bold=True, size=size)),
        _rule(left, layout.SHORT_RULE * _widest(author, size)),
    ]
    state = [
        paragraph("Letterhead", run(nation, bold=True, size=size)),
        paragraph("Letterhead", run(motto, bold=True, size=layout.BODY_PT)),
        _rule(whole - left, _reach(motto, layout.BODY_PT)),
    ]
    number = say("setting.number", lang, blank=layout.BLANK, symbol=clean(block.symbol))
    day = say("setting.date", lang, place=clean(block.place), blank=layout.BLANK)
    rows = [
        row((cell(columns[0], *writes), cell(columns[1], *state))),
        row(
            (
                cell(columns[0], paragraph("Letterhead", run(number, size=size), before=4)),
                cell(columns[1], paragraph("Letterhead", run(day, italic=True), before=4)),
            )
        ),
    ]
    about = clean(block.about)
    return [
        grid(columns, rows, style=None, padding=0),
        paragraph("Title", run(clean(block.kind).upper())),
        paragraph("About", run(about), indent=(twips(layout.ABOUT_INDENT_MM),) * 2),
        _rule(whole, layout.SHORT_RULE * min(whole, _reach(about, layout.BODY_PT))),
        *_addressees(block, lang),
    ]


def _addressees(block: blocks.LetterHead, lang: Lang) -> list[Element]:
    to = say("setting.to", lang)
    names = [clean(one) for one in block.to]
    if len(names) == 1:
        return [paragraph("Letterhead", run(f"{to} {names[0]}"), before=12, after=12)]
    shift = (twips(55), 0)
    listed = [paragraph("Letterhead", run(f"- {one}"), align="left", indent=shift) for one in names]
    return [
        paragraph("Letterhead", run(to), align="left", indent=(twips(35), 0), before=12),
        *listed,
        paragraph("Letterhead"),
    ]


def _reach(words: str, size: float) -> float:
    """About how wide bold `words` are in Times New Roman, in mm."""
    letters = sum(0.72 if c.isupper() else 0.28 if c in " .,;:-()" else 0.49 for c in words)
    return letters * size / 72 * 25.4


def _widest(lines: str, size: float) -> float:
    return max(_reach(line, size) for line in lines.split("\n"))


def _rule(within: float, width: float) -> Element:
    """A short line in the middle of a column; mm."""
    side = twips((within - min(width, within)) / 2)
    return paragraph("Letterhead", run("", size=4), indent=(side, side), before=3, line_above=True)


def signature(block: blocks.Signature) -> list[Element]:
    """Who receives the letter on the left, who signs on the right, with room for hand and stamp."""
    whole = layout.width_mm(landscape=False)
    left = whole * layout.SIGNATURE_LEFT
    columns = [twips(left), twips(whole - left)]
    head = clean(block.recipients_head)
    receives = [
        paragraph("Recipients", run(head, bold=True, italic=True, size=layout.RECIPIENTS_HEAD_PT)),
        *(paragraph("Recipients", run(one, size=layout.RECIPIENTS_PT)) for one in layout.recipients(block)),
    ]
    signs = [paragraph("Letterhead", run(clean(block.office).upper(), bold=True))]
    if block.hint:
        signs.append(paragraph("Letterhead", run(clean(block.hint), italic=True, size=layout.NATION_PT)))
    signs.append(paragraph("Letterhead", after=layout.SIGNING_ROOM_PT))
    return [
        paragraph("Normal", run("", size=6), keep_next=True),
        grid(columns, [row((cell(columns[0], *receives), cell(columns[1], *signs)))], style=None),
    ]
