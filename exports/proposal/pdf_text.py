"""Text on a page of a PDF: its looks, and letters that no name can turn into markup."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any, Literal
from xml.sax.saxutils import escape

from exports.proposal import blocks, fonts, layout

ALIGN: dict[blocks.Align, Literal[0, 1, 2, 4]] = {"left": 0, "center": 1, "right": 2, "justify": 4}
MM = 72 / 25.4


@dataclass(frozen=True)
class Looks:
    """How each kind of text is set, in one family; sizes are those of Times New Roman, scaled."""

    family: fonts.Family

    def size(self, points: float) -> float:
        """Letters of the family that look like Times New Roman of `points`."""
        return points * self.family.scale

    def face(self, *, bold: bool = False, italic: bool = False) -> str:
        """The face's name in ReportLab."""
        return self.family.faces[bool(bold) + 2 * bool(italic)]

    def style(
        self,
        points: float,
        *,
        align: blocks.Align = "left",
        bold: bool = False,
        italic: bool = False,
        before: float = 0.0,
        after: float = 0.0,
        line: float = 1.0,
        first: float = 0.0,
        left: float = 0.0,
        keep_next: bool = False,
    ) -> Any:
        """A paragraph style; `line` multiplies the height of a line, `first` and `left` are indents in mm."""
        from reportlab.lib.styles import ParagraphStyle

        size = self.size(points)
        return ParagraphStyle(
            "",
            fontName=self.face(bold=bold, italic=italic),
            fontSize=size,
            leading=1.17 * size * line,
            alignment=ALIGN[align],
            spaceBefore=before,
            spaceAfter=after,
            firstLineIndent=first * MM,
            leftIndent=left * MM,
            keepWithNext=int(keep_next),
            allowWidows=0,
            allowOrphans=0,
            splitLongWords=1,
            justifyBreaks=0,
            spaceShrinkage=0,
        )

    @cached_property
    def known(self) -> frozenset[int]:
        """Code points that the family has."""
        return fonts.letters(self.family.faces[0])

    @cached_property
    def rescue(self) -> str:
        """The face for letters that the family lacks."""
        spare = fonts.last()
        fonts.register(spare)
        return spare.faces[0]

    def has(self, text: str) -> bool:
        """Whether the family shows all of `text`."""
        return all(ord(c) in self.known for c in text)

    def markup(self, text: str) -> str:
        """Clean text as ReportLab's markup that shows exactly it."""
        lines = text.split("\n")
        return "<br/>".join(self._line(line) for line in lines)

    def _line(self, line: str) -> str:
        if self.has(line):
            return escape(line)
        runs = groupby(line, lambda c: ord(c) in self.known)
        return "".join(
            escape("".join(part)) if ours else f'<font name="{self.rescue}">{escape("".join(part))}</font>'
            for ours, part in runs
        )

    def width(self, text: str, points: float, *, bold: bool = False) -> float:
        """How wide `text` is in one line, in points."""
        from reportlab.pdfbase.pdfmetrics import stringWidth

        return float(stringWidth(text, self.face(bold=bold), self.size(points)))


def looks() -> Looks:
    """In the best family of this machine, made known to ReportLab."""
    family = fonts.serif()
    fonts.register(family)
    return Looks(family)


def lead(look: Looks, block: blocks.Paragraph) -> str:
    """A paragraph's markup: its leading words bold."""
    strong, text = layout.lead(block)
    bold = f"<b>{look.markup(strong)}</b>" if strong else ""
    return bold + look.markup(text)
