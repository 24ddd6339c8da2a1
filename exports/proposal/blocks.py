"""What a document is made of, before anybody knows whether it becomes DOCX or PDF.

`letter` and `annexes` write blocks from ``exports.contents``; `docx` and `pdf` set them.  Text is plain: no
markup passes through here, so a name from the data cannot become any.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

Align = Literal["left", "right", "center", "justify"]


@dataclass(frozen=True, kw_only=True)
class LetterHead:
    """The head of an official letter (Decree 30/2020, annex I): who writes, to whom the state belongs.

    What an office fills in by hand (number, day) is None and set as dots.
    """

    over: str = ""
    """The body above the author, in capitals; "" where there is none."""
    author: str
    symbol: str
    """What follows the number, such as ``/TTr-SYT``; the number itself is left blank."""
    place: str
    kind: str
    """TỜ TRÌNH."""
    about: str
    """Trích yếu."""
    to: tuple[str, ...]
    """Kính gửi."""


@dataclass(frozen=True)
class Heading:
    """A heading; `level` 1 is a section of the letter or an annex's title, numbered by whoever sets it not at
    all: its number is part of `text`, as in official letters.  With `annex` it is the head of an annex, as is
    each that opens a page: one too short for a page of its own.
    """

    text: str
    level: int = 1
    annex: bool = False


@dataclass(frozen=True)
class Paragraph:
    """Running text; `strong` leads it in bold."""

    text: str
    strong: str = ""
    align: Align = "justify"
    italic: bool = False


@dataclass(frozen=True)
class Bullets:
    """A list of short items, each introduced by a dash, as official letters do."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Column:
    """A column of a table: its head, its share of the width, how it is aligned."""

    head: str
    width: float
    align: Align = "left"


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table; its head is repeated on each page, a row is never broken between pages.

    `rows` are texts ready to be read; `totals` stands below in bold; `notes` are set small under the table.
    Tables are numbered by whoever sets them: "Bảng 1. {caption}".
    """

    caption: str
    columns: tuple[Column, ...]
    rows: Sequence[tuple[str, ...]]
    totals: tuple[str, ...] | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A picture, drawn when the document is set: `draw` gives a PNG at print quality.

    `alternative` says in words what it shows, for those who cannot see it; numbered: "Hình 1. {caption}".
    """

    caption: str
    draw: Callable[[], bytes]
    width_cm: float = 16.0
    alternative: str = ""


@dataclass(frozen=True)
class PageBreak:
    """What follows starts a new page; `landscape` sets it across until the next break."""

    landscape: bool = False


@dataclass(frozen=True, kw_only=True)
class Signature:
    """Who signs (left blank above the name), beside who receives the letter."""

    recipients_head: str
    recipients: tuple[str, ...]
    office: str
    hint: str = ""


Block = LetterHead | Heading | Paragraph | Bullets | Table | Picture | PageBreak | Signature


@dataclass(frozen=True, kw_only=True)
class Document:
    """A whole document.

    Attributes:
        title: for the file's properties.
        lang: "vi" or "en".
        mark: which edition this is; stands on every page.
        stamp: what tells this print from others of the same plan; stands on every page, after the mark.
        words: what the setter itself writes: keys table, figure, continued.
        origin: (label, value) pairs for the file's properties: scenario hash, checksums, versions.
        blocks: in order.
    """

    title: str
    lang: str
    mark: str
    words: dict[str, str]
    origin: tuple[tuple[str, str], ...]
    blocks: tuple[Block, ...] = field(default_factory=tuple)
    stamp: str = ""

    @property
    def foot(self) -> str:
        """What stands below every page: which edition this is, and which print."""
        return " · ".join(part for part in (self.mark, self.stamp) if part)
