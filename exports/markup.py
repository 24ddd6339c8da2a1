"""Small pieces of HTML, for pages and for the screen.  Every piece of text that comes in is escaped here."""

from __future__ import annotations

import html
from collections.abc import Iterable


class Raw(str):
    """Markup that was made here and needs no escaping."""

    __slots__ = ()


def text(value: object) -> Raw:
    """`value` as text between tags or in a quoted attribute."""
    return value if isinstance(value, Raw) else Raw(html.escape(str(value)))


def tag(name: str, /, *inside: object, cls: str = "", **attributes: object) -> Raw:
    """``<name class=…>inside</name>``; everything inside that is not `Raw` is escaped."""
    given = {"class": cls, **attributes} if cls else attributes
    head = "".join(f' {key.replace("_", "-")}="{text(value)}"' for key, value in given.items())
    return Raw(f"<{name}{head}>{''.join(text(part) for part in inside)}</{name}>")


def tag_alone(name: str, /, *, cls: str = "", **attributes: object) -> Raw:
    """A tag that holds nothing and is not closed."""
    return Raw(tag(name, cls=cls, **attributes).removesuffix(f"</{name}>"))


def joined(parts: Iterable[object], between: str = "") -> Raw:
    """The parts in a row, escaped where they are not `Raw`."""
    return Raw(text(between).join(text(part) for part in parts))
