"""A sheet of the spreadsheet: title, edition, formats, print set-up; and how values go into its cells."""

from __future__ import annotations

import textwrap
from typing import Any

import pandas as pd

from exports.contents import Contents, column_of
from text import say

HEAD = 3
"""Row of the headings, from 0: above stand the title, the edition and an empty row."""
WIDEST = 32
WIDEST_PROSE = 80
"""Characters of the widest column of names, and of sentences; longer texts are wrapped."""
LINE = 15.0
"""Height of a line of text in points.  Not every program grows a row to the lines that are in it."""
NUMBERS = {
    "persons": "#,##0",
    "places": "#,##0",
    "VND": "#,##0",
    "share": '0.0" "%',
    "minutes": "0.0",
    "metres": "#,##0",
    "visits": "0.0",
    "hours": "#,##0",
}
"""Format of numbers by unit; the reader's program puts in the separators of its country."""
OF_ANNEXES = {
    "order": "0", "persons": "#,##0", "points": "#,##0", "money": "#,##0", "share": '0.0" "%',
    "minutes": "0.0",
}  # fmt: skip
"""The same by kind of an annex's column."""


class Sheet:
    """A sheet with its title and edition written, and what is needed to fill it."""

    def __init__(self, book: Any, name: str, contents: Contents, *, title: str = "") -> None:
        self.contents = contents
        self.page = book.add_worksheet(name)
        head = {"bold": True, "text_wrap": True, "bottom": 1, "bg_color": "#e9eef3"}
        total = {"bold": True, "top": 1}
        styles: dict[str, dict[str, Any]] = {
            "title": {"bold": True, "font_size": 14},
            "mark": {"bold": True, "font_color": "#8a3b12"},
            "head": head,
            "label": {"bold": True},
            "total": {"bold": True, "top": 1, "text_wrap": True},
            "section": {"bold": True, "font_size": 12},
            "note": {"italic": True, "text_wrap": True},
            "annex_head": head | {"indent": 1},
            "head_of_numbers": head | {"align": "right"},
            "text": {"text_wrap": True},
            "number": {},
            **{unit: {"num_format": shape} for unit, shape in NUMBERS.items()},
            **{f"annex_{kind}": {"num_format": shape} for kind, shape in OF_ANNEXES.items()},
            **{f"total_{kind}": {"num_format": shape, **total} for kind, shape in OF_ANNEXES.items()},
            "annex_order": {"num_format": "0", "align": "center"},
            "annex_text": {"text_wrap": True, "indent": 1},
            "total_text": total,
        }
        self.formats = {name: book.add_format({"valign": "top", **style}) for name, style in styles.items()}
        self.text(0, 0, f"{contents.title} · {title or name}", "title")
        self.text(1, 0, contents.mark, "mark")
        self.page.set_landscape()
        self.page.set_paper(9)  # A4
        self.page.fit_to_pages(1, 0)
        self.page.set_header(f"&C{contents.mark.replace('&', '&&')}")
        self.page.set_footer("&C&P / &N")
        self.page.set_margins(left=0.5, right=0.5, top=0.75, bottom=0.6)

    def text(self, row: int, column: int, words: str, style: str = "text") -> None:
        """Words that stay words, even where they begin with = + - or @."""
        self.page.write_string(row, column, words, self.formats[style])

    def value(self, row: int, column: int, value: Any, unit: str) -> None:
        """A cell of a table."""
        if isinstance(value, str) and unit in ("persons", "places", "hours") and value.isdecimal():
            value = int(value)  # coarsened counts are words or whole numbers
        if isinstance(value, str):
            self.text(row, column, value)
        elif pd.isna(value):
            return
        elif isinstance(value, bool):
            self.text(row, column, say("exports.yes" if value else "exports.no", self.contents.lang))
        else:
            style = self.formats[unit if unit in NUMBERS else "number"]
            self.page.write_number(row, column, value, style)

    def table(self, frame: pd.DataFrame, top: int, widths: list[int]) -> None:
        """Headings in row `top`, the rows of `frame` below, each as high as its texts need."""
        lines = [1] * (len(frame) + 1)
        for column, name in enumerate(map(str, frame.columns)):
            heading, unit = self.contents.heading(name), column_of(name).unit
            self.text(top, column, heading, "head_of_numbers" if unit else "head")
            cells = [heading, *frame[name].astype(object)]
            for row, value in enumerate(cells[1:], 1):
                self.value(top + row, column, value, unit)
            wrapped = (len(textwrap.wrap(v, widths[column])) if isinstance(v, str) else 1 for v in cells)
            lines = list(map(max, lines, wrapped))
        for row, high in enumerate(lines):
            self.page.set_row(top + row, LINE * high)
