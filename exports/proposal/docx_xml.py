"""The pieces of WordprocessingML that the setting of a DOCX is put together from.

Elements stand in the order of ISO/IEC 29500-1 (transitional), which Word insists on.  Measures in XML:
twentieths of a point (twips) for lengths, half points for letters, eighths of a point for lines.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from exports.proposal import blocks

Element = Any
"""An lxml element; lxml carries no types."""

PADDING = 70
"""Between a cell's text and the lines beside it, in twips."""
JC = {"left": "left", "right": "right", "center": "center", "justify": "both"}


def twips(mm: float) -> int:
    """Millimetres in twentieths of a point."""
    return round(mm / 25.4 * 1440)


def element(tag: str, *children: Element | None, **attributes: object) -> Element:
    """An element of the namespace w with `children`; an attribute that is None is left out."""
    made = OxmlElement(f"w:{tag}")
    for name, value in attributes.items():
        if value is not None:
            made.set(qn(f"w:{name}"), str(value))
    for child in children:
        if child is not None:
            made.append(child)
    return made


def run(text: str, *, bold: bool = False, italic: bool = False, size: float | None = None) -> Element:
    """Letters of one look; a line's end in `text` becomes one in the paragraph."""
    made = element("r", _look(bold=bold, italic=italic, size=size))
    for n, line in enumerate(text.split("\n")):
        if n:
            made.append(element("br"))
        letters = element("t")
        letters.text = line
        letters.set(qn("xml:space"), "preserve")
        made.append(letters)
    return made


def _look(*, bold: bool, italic: bool, size: float | None) -> Element | None:
    marks: list[Element] = []
    if bold:
        marks += [element("b"), element("bCs")]
    if italic:
        marks += [element("i"), element("iCs")]
    if size is not None:
        half = round(2 * size)
        marks += [element("sz", val=half), element("szCs", val=half)]
    return element("rPr", *marks) if marks else None


def field(code: str, shown: str) -> list[Element]:
    """A field that Word computes anew when asked, with the result it has now."""

    def mark(kind: str) -> Element:
        return element("r", element("fldChar", fldCharType=kind))

    instruction = element("instrText")
    instruction.text = f" {code} "
    instruction.set(qn("xml:space"), "preserve")
    return [mark("begin"), element("r", instruction), mark("separate"), run(shown), mark("end")]


def paragraph(
    style: str,
    *runs: Element,
    align: blocks.Align | None = None,
    keep_next: bool = False,
    indent: tuple[int, int] | None = None,
    no_first_line: bool = False,
    before: float | None = None,
    after: float | None = None,
    line_above: bool = False,
) -> Element:
    """A paragraph of the style with that id; what is given stands over the style.

    Args:
        style: id of the style.
        runs: its letters and fields.
        align: how its lines are aligned.
        keep_next: whether it must stand on the page of the next one.
        indent: from the left and the right edge, in twips.
        no_first_line: begins at the margin.
        before: room above, in points.
        after: room below, in points.
        line_above: drawn from indent to indent.
    """
    spaced = before is not None or after is not None
    moved = indent is not None or no_first_line
    left, right = indent or (None, None)
    line = element("top", val="single", sz=6, space=1, color="000000") if line_above else None
    settings = [
        element("pStyle", val=style),
        element("keepNext") if keep_next else None,
        element("pBdr", line) if line_above else None,
        element("spacing", before=_points(before), after=_points(after)) if spaced else None,
        element("ind", left=left, right=right, firstLine=0 if no_first_line else None) if moved else None,
        element("jc", val=JC[align]) if align else None,
    ]
    return element("p", element("pPr", *settings), *runs)


def _points(points: float | None) -> int | None:
    return None if points is None else round(20 * points)


def cell(width: int, *content: Element, middle: bool = False) -> Element:
    """A cell; Word wants a paragraph in each."""
    settings = element("tcPr", element("tcW", w=width, type="dxa"))
    if middle:
        settings.append(element("vAlign", val="center"))
    return element("tc", settings, *(content or (paragraph("Normal"),)))


def row(cells: Iterable[Element], *, head: bool = False) -> Element:
    """A row that no page break cuts; `head` is repeated on each page and read out as the columns' names."""
    settings = element("trPr", element("cantSplit"), element("tblHeader") if head else None)
    return element("tr", settings, *cells)


def grid(
    widths: Iterable[int],
    rows: Iterable[Element],
    *,
    style: str | None,
    described: str = "",
    padding: int = PADDING,
) -> Element:
    """A table of fixed widths (twips) over the whole text; without a style it has no lines.

    `described` is what a screen reader calls it; "" for a table that only puts things side by side.
    """
    columns = list(widths)
    margins = (element(side, w=padding, type="dxa") for side in ("left", "right"))
    settings = element(
        "tblPr",
        element("tblStyle", val=style) if style else None,
        element("tblW", w=sum(columns), type="dxa"),
        element("tblInd", w=0, type="dxa"),
        element("tblLayout", type="fixed"),
        element("tblCellMar", *margins),
        element("tblLook", val="0020" if style else "0000", firstRow=int(bool(style)), lastRow=0,
                firstColumn=0, lastColumn=0, noHBand=1, noVBand=1),
        element("tblCaption", val=described) if described else None,
    )  # fmt: skip
    shape = element("tblGrid", *(element("gridCol", w=one) for one in columns))
    return element("tbl", settings, shape, *rows)
