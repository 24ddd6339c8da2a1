"""Small pieces of HTML for ``st.html``.  Every piece of text that comes in is escaped here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from exports.markup import Raw, joined, tag, tag_alone, text

__all__ = ["Head", "Raw", "bar", "icon", "joined", "plain", "table", "tag", "tag_alone", "text"]


class Head(NamedTuple):
    """A column's heading; `figure` columns are set to the right."""

    label: str
    figure: bool = False


def table(
    heads: Sequence[Head],
    rows: Iterable[Sequence[object]],
    *,
    caption: str,
    cls: str = "",
    marks: Sequence[Mapping[str, object]] = (),
) -> Raw:
    """A table; `caption` is read out by screen readers and not seen; `marks` are attributes of the rows."""
    kinds = ["figure" if head.figure else "" for head in heads]
    top = tag(
        "tr", *(tag("th", head.label, cls=kind, scope="col") for head, kind in zip(heads, kinds, strict=True))
    )
    listed = list(rows)
    marked = [*marks, *[{}] * (len(listed) - len(marks))]
    body = (
        tag("tr", *(tag("td", cell, cls=kind) for cell, kind in zip(row, kinds, strict=True)), **mark)
        for row, mark in zip(listed, marked, strict=True)
    )
    return tag(
        "table", tag("caption", caption), tag("thead", top), tag("tbody", *body), cls=f"lt-table {cls}"
    )


def bar(share: float, *, cls: str = "", mark: float | None = None) -> Raw:
    """A bar filled to `share` of its width, with a line at `mark`."""
    inside = [tag("i", style=f"width:{100 * min(max(share, 0), 1):.2f}%")]
    if mark is not None:
        inside.append(tag("b", style=f"left:{100 * min(max(mark, 0), 1):.2f}%"))
    return tag("div", *inside, cls=f"lt-bar {cls}", aria_hidden="true")


def icon(name: str, meaning: str = "") -> Raw:
    """A Material symbol, which Streamlit brings along; with a `meaning` where no word stands beside it."""
    if meaning:
        return tag("span", name, cls="lt-icon", role="img", aria_label=meaning, title=meaning)
    return tag("span", name, cls="lt-icon", aria_hidden="true")


def plain(name: str) -> str:
    """`name` on a button, whose label Streamlit reads as Markdown."""
    return "".join(f"\\{c}" if c in r"\`*_{}[]()<>#+-.!|$:~" else c for c in name)


FOLDED = 8
"""Lines of a list that are shown at once."""


def folded_list(lines: Sequence[str]) -> Raw:
    """A list; what is beyond the first lines unfolds."""
    items = [tag("li", line) for line in lines]
    shown = tag("ul", *items[:FOLDED], cls="lt-exchanges")
    if len(items) <= FOLDED:
        return shown
    rest = tag("ul", *items[FOLDED:], cls="lt-exchanges")
    return joined([shown, tag("details", tag("summary", f"+ {len(items) - FOLDED}"), rest)])
