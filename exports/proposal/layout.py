"""What DOCX and PDF have in common: measures of the page, the order of the blocks, clean text.

Measures follow Decree 30/2020/NĐ-CP, annex I: A4, margins 20-25 mm above and below, 30-35 mm left, 15-20 mm
right; Times New Roman, 13 or 14 pt; the page number in the middle of the top margin, from page 2.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from math import ceil
from typing import Literal

from exports.proposal import blocks
from text import Lang, say

PAGE_MM = (210.0, 297.0)
TOP_MM, BOTTOM_MM, LEFT_MM, RIGHT_MM = 20.0, 20.0, 30.0, 15.0
EDGE_MM = 10.0
"""From the page's edge to the page number above and the edition's mark below."""
FIRST_LINE_MM = 12.7
BODY_PT, NATION_PT, TABLE_PT, NOTE_PT, MARK_PT = 14.0, 13.0, 11.0, 10.0, 9.0
RECIPIENTS_HEAD_PT, RECIPIENTS_PT = 12.0, 11.0
AFTER_PT = 6.0
APART_PT = 30.0
"""Above an annex that does not open a page."""
LINE = 1.15
HEAD_LEFT = 0.41
"""The letter's head: the author's share of the width; the rest is the nation's."""
SHORT_AUTHOR = 12
"""A longer author stands in a line of its own under an annex's title."""
SIGNATURE_LEFT = 0.48
BLANK = "........"
"""What an office fills in by hand."""
ABOUT_INDENT_MM = 12.0
"""Trích yếu stands in shorter lines than the text."""
SIGNING_ROOM_PT = 70.0
SHORT_RULE = 0.4
"""The line under author and trích yếu: between a third and a half of the words above it."""
LONGEST_WORD = 24
"""A word of more letters, a checksum say, is broken where the column ends; a shorter one never."""
MANY_WORDS = 60
"""Lines of more words need no balance."""
FEW_ROWS = 8
"""A table of no more rows stays on one page, if they are short."""
FEW_LINES = 24
LETTER_MM = 2.1
"""About how wide a letter in a table is."""

Role = Literal["", "annex", "annex_title"]


@dataclass(frozen=True, kw_only=True)
class Placed:
    """A block, and what its neighbours make of it.

    Attributes:
        block: as given.
        number: of a table or a picture, each counted from 1; 0 for anything else.
        role: a heading that opens a new page is the head of an annex, one right after it the annex's title.
        to_next: whether it must stand on the page of what follows.
        called: of a heading, what a reader looks for in a list of them: an annex with its title.
        apart: whether it opens an annex below another one and needs some room above.
    """

    block: blocks.Block
    number: int = 0
    role: Role = ""
    to_next: bool = False
    called: str = ""
    apart: bool = False


def placed(document: blocks.Document) -> Iterator[Placed]:
    """The blocks in order; a page break after which nothing comes, or another break, is left out.

    Under the head of each annex stands which letter it belongs to.
    """
    found = _with_letter_named(_without_empty_pages(document.blocks), lang_of(document))
    counted = {blocks.Table: 0, blocks.Picture: 0}
    role: Role = ""
    after_break = False
    for n, block in enumerate(found):
        after = found[n + 1] if n + 1 < len(found) else None
        number = 0
        if isinstance(block, blocks.Table | blocks.Picture):
            counted[type(block)] += 1
            number = counted[type(block)]
        if isinstance(block, blocks.Heading):
            follows = block.annex and not after_break
            role = "annex" if after_break or follows else ("annex_title" if role == "annex" else "")
        elif isinstance(block, blocks.PageBreak):
            role = ""
        leads = isinstance(block, blocks.Paragraph) and (bool(role) or _announces(block, after))
        to_next = leads or isinstance(block, blocks.Heading) or isinstance(after, blocks.Signature)
        mine = role if isinstance(block, blocks.Heading) else ""
        called = clean(block.text) if isinstance(block, blocks.Heading) else ""
        if mine == "annex" and isinstance(after, blocks.Heading):
            called = f"{called}. {clean(after.text)}"
        apart = mine == "annex" and not after_break
        yield Placed(block=block, number=number, role=mine, to_next=to_next, called=called, apart=apart)
        after_break = isinstance(block, blocks.PageBreak)
        if not isinstance(block, blocks.Heading):
            role = ""


def _announces(block: blocks.Paragraph, after: blocks.Block | None) -> bool:
    """Whether a paragraph only says what comes below it."""
    return block.text.endswith(":") and isinstance(after, blocks.Bullets | blocks.Table)


def stays_whole(block: blocks.Table, room: float) -> bool:
    """Whether a table of few, short rows stays on one page; `room` is the width in mm."""
    shares = sum(column.width for column in block.columns)
    fit = [max(room * column.width / shares / LETTER_MM, 1.0) for column in block.columns]
    rows = [*block.rows, *([block.totals] if block.totals is not None else [])]
    lines = sum(max(1, *(ceil(len(text) / n) for text, n in zip(row, fit, strict=True))) for row in rows)
    return len(rows) <= FEW_ROWS and lines <= FEW_LINES


def _without_empty_pages(given: tuple[blocks.Block, ...]) -> list[blocks.Block]:
    found: list[blocks.Block] = []
    for block in given:
        if found and isinstance(block, blocks.PageBreak) and isinstance(found[-1], blocks.PageBreak):
            found.pop()
        found.append(block)
    while found and isinstance(found[-1], blocks.PageBreak):
        found.pop()
    return found


def _with_letter_named(given: list[blocks.Block], lang: Lang) -> list[blocks.Block]:
    """The line that Decree 30/2020 wants under an annex's title, where the document has a letter."""
    letter = next((block for block in given if isinstance(block, blocks.LetterHead)), None)
    if letter is None:
        return given
    gap = "\n" if len(letter.author) > SHORT_AUTHOR else " "
    words = say(
        "setting.with_letter",
        lang,
        kind=letter.kind,
        symbol=letter.symbol,
        author=letter.author,
        blank=BLANK,
        gap=gap,
    )
    found: list[blocks.Block] = []
    heading = False
    for n, block in enumerate(given):
        found.append(block)
        after_break = n > 0 and isinstance(given[n - 1], blocks.PageBreak)
        opened = isinstance(block, blocks.Heading) and (after_break or block.annex)
        heading = opened or (isinstance(block, blocks.Heading) and heading)
        titled = n + 1 < len(given) and isinstance(given[n + 1], blocks.Heading)
        if heading and (not opened or not titled):
            found.append(blocks.Paragraph(words, align="center", italic=True))
            heading = False
    return found


def caption(document: blocks.Document, block: blocks.Table | blocks.Picture) -> tuple[str, str]:
    """The word before the number, and what stands after it."""
    word = document.words["table" if isinstance(block, blocks.Table) else "figure"]
    return clean(word), f". {clean(block.caption)}" if block.caption else ""


def day(written: str) -> datetime:
    """The day of writing (ISO 8601) as the time a file bears: the same plan gives the same file all day."""
    return datetime.combine(date.fromisoformat(written), time(), UTC)


def lang_of(document: blocks.Document) -> Lang:
    """The document's language."""
    return "vi" if document.lang == "vi" else "en"


def alignment(block: blocks.Paragraph) -> blocks.Align:
    """As asked; but text with a web address in it, which may fill a line, is not stretched to both edges."""
    return "left" if block.align == "justify" and _has_address(block.text) else block.align


def item_alignment(text: str) -> blocks.Align:
    """The same of an item of a list."""
    return "left" if _has_address(text) else "justify"


def _has_address(text: str) -> bool:
    return any(len(word) > LONGEST_WORD for word in text.split())


def title(block: blocks.Heading, role: Role) -> str:
    """The words of a heading; an annex's title stands in capitals."""
    return clean(block.text).upper() if role == "annex_title" else clean(block.text)


def lead(block: blocks.Paragraph) -> tuple[str, str]:
    """The bold words that lead a paragraph, with a space where text follows, and the text."""
    strong, text = clean(block.strong), clean(block.text)
    gap = " " if strong and text and not strong[-1].isspace() and not text[0].isspace() else ""
    return strong + gap, text


def recipients(block: blocks.Signature) -> list[str]:
    """Who receives the letter, an item a line, as official letters punctuate them."""
    return [f"- {clean(one)}" for one in block.recipients]


_UNSEEN = ("Cf", "Cs", "Co", "Cn")


def clean(raw: str) -> str:
    """Text that any format can hold: NFC, no control characters; a line's end is the only one that stays."""
    unix = raw.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    kept = (" " if c != "\n" and unicodedata.category(c) == "Cc" else c for c in unix)
    return unicodedata.normalize("NFC", "".join(c for c in kept if unicodedata.category(c) not in _UNSEEN))


def width_mm(*, landscape: bool) -> float:
    """Room for text from margin to margin."""
    return PAGE_MM[1 if landscape else 0] - LEFT_MM - RIGHT_MM


def height_mm(*, landscape: bool) -> float:
    """Room for text from the top margin to the bottom margin."""
    return PAGE_MM[0 if landscape else 1] - TOP_MM - BOTTOM_MM


def widths(
    block: blocks.Table, room: float, measure: Callable[[str], float], *, around: float
) -> list[float]:
    """Widths of the columns, `room` in all: the shares asked for, moved as far as whole words need it.

    Args:
        block: the table.
        room: the width of the table.
        measure: the width of a word in bold, in the unit of `room`.
        around: what a cell needs on both sides of its text.
    """
    asked = [room * column.width / sum(c.width for c in block.columns) for column in block.columns]
    rows = [tuple(column.head for column in block.columns), *block.rows]
    rows += [block.totals] if block.totals is not None else []
    longest = [max(map(measure, _words(texts)), default=0.0) for texts in zip(*rows, strict=True)]
    short = [max(word + around - width, 0.0) for word, width in zip(longest, asked, strict=True)]
    spare = [max(width - word - around, 0.0) for word, width in zip(longest, asked, strict=True)]
    wanted, free = sum(short), sum(spare)
    if not wanted or not free:
        return asked
    moved = min(wanted, free)
    return [
        width + moved * (lack / wanted - rest / free)
        for width, lack, rest in zip(asked, short, spare, strict=True)
    ]


def _words(texts: Iterable[str]) -> set[str]:
    """The words among `texts` that must not be broken."""
    return {word for text in set(texts) for word in clean(text).split() if len(word) <= LONGEST_WORD}


def balanced(words: str, room: float, measure: Callable[[str], float]) -> str:
    """`words` broken into as few lines as fit in `room`, none much shorter than the others.

    `measure` gives the width of a text in the unit of `room`.
    """
    parts = words.split()
    if len(parts) > MANY_WORDS:
        return words
    ends = range(1, len(parts) + 1)
    widths = sorted({measure(" ".join(parts[start:end])) for end in ends for start in range(end)})
    fewest = len(_broken(parts, room, measure))
    for width in widths:
        lines = _broken(parts, width, measure)
        if len(lines) <= fewest and all(measure(line) <= width for line in lines):
            return "\n".join(lines)
    return words


def _broken(parts: list[str], room: float, measure: Callable[[str], float]) -> list[str]:
    lines: list[str] = []
    for part in parts:
        if lines and measure(f"{lines[-1]} {part}") <= room:
            lines[-1] += f" {part}"
        else:
            lines.append(part)
    return lines
