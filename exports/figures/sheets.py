"""Whole sheets: one map with its legend, scale and sources; or the stages side by side with one legend."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Polygon, Rectangle

from exports.contents import Contents
from exports.figures import mapping
from exports.figures.land import Land, land
from exports.figures.paper import BODY, FAINT, INK, POINT, SMALL, SOFT, TINY, TITLE, Sheet
from exports.lines import day
from exports.shown import EARLIER, EXISTING, NOT_TOLD, NOW, Site, Stage, reach, stage_of, when
from geo.maps import BAND_COLOURS
from text import number, say

PANEL = 4.3
"""Centimetres that the legend is wide."""
GAP = 0.3
TALLEST, LOWEST = 15.5, 8.6
"""Heights between which a map stays, centimetres."""
LONG = 1.9
"""Centimetres from which a scale bar has room for a number at its middle."""
SINK = 0.03
"""Centimetres by which the middle of small letters lies below that of the line."""
LINE = 1.28
"""Height of a line of text, in sizes of its type."""


def map_sheet(contents: Contents, *, stage: str | None, service: str, width: float) -> Sheet:
    """One stage on a sheet `width` centimetres wide, as high as the province asks for."""
    return drawn(contents, stage=stage, service=service, width=width)[0]


def drawn(
    contents: Contents, *, stage: str | None, service: str, width: float
) -> tuple[Sheet, mapping.Drawn]:
    """`map_sheet`, and the words on the map for whoever wants to check them."""
    ground, shown = land(contents), stage_of(contents, stage=stage, service=service)
    height = float(np.clip(mapping.height_of(ground, width - PANEL - GAP), LOWEST, TALLEST))
    titles = map_title(contents, stage, service), reach(contents, service)
    first = _sheet(contents, ground, shown, titles, (width, height), key=0.0)
    if not first[1].numbered:
        return first
    key = _key_height(first[1].numbered)
    return _sheet(contents, ground, shown, titles, (width, height), key=key)


def _sheet(
    contents: Contents, ground: Land, shown: Stage, titles: tuple[str, str], size: tuple[float, float],
    *, key: float,
) -> tuple[Sheet, mapping.Drawn]:  # fmt: skip
    """A sheet whose map has `size` (width of the sheet, height of the map), with room `key` below it."""
    width, height = size
    inner = width - PANEL - GAP
    title, foot = _fitting(titles[0], TITLE, width, "bold"), _fitting(source(contents), TINY, width)
    below = len(foot) * TINY * LINE * POINT + 0.15
    head = len(title) * TITLE * LINE * POINT + 0.5
    sheet = Sheet(width, below + key + height + head)
    top = Pen(sheet, sheet.area(0, below + key + height, width, head))
    top.words(titles[0], size=TITLE, weight="bold")
    marked(top.axes, contents, 0.24)
    box = sheet.area(0, below + key, inner, height)
    framed(box)
    words = mapping.draw(sheet, box, ground, shown, contents.signs)
    side = sheet.area(width - PANEL, below + key, PANEL, height)
    legend(Pen(sheet, side), contents, [shown], titles[1])
    scale_and_north(side, 0.05, mapping.scale_of(ground, inner, height), contents)
    if key:
        _key(sheet.area(0, below, width, key), words.numbered)
    written(sheet.area(0, 0, width, below), foot)
    return sheet, words


def _fitting(text: str, size: float, width: float, weight: str = "normal") -> list[str]:
    """`text` in lines no wider than `width`, before there is a sheet."""
    probe = Sheet(width, 1.0)
    return fitted(probe, probe.area(0, 0, width, 1.0), text, size, width, weight=weight)


def marked(axes: Axes, contents: Contents, y: float) -> None:
    """The plan's title at the left and the edition's mark at the right."""
    (_, width) = axes.get_xlim()
    axes.text(0, y, contents.title, size=BODY, color=SOFT, va="center_baseline")
    axes.text(width, y, contents.mark, size=TINY, color=INK, va="center_baseline", ha="right", weight="bold")


def framed(axes: Axes) -> None:
    """A thin frame around the map."""
    (_, width), (_, height) = axes.get_xlim(), axes.get_ylim()
    axes.add_patch(Rectangle((0, 0), width, height, fill=False, ec=FAINT, lw=0.8, zorder=9, clip_on=False))


def map_title(contents: Contents, stage: str | None, service: str) -> str:
    """What the map shows: the service, and the stage or that it is before the plan."""
    label = contents.words["service"].get(service, service)
    return say("figures.map", contents.lang, service=label, when=when(contents, stage))


def source(contents: Contents) -> str:
    """Whose boundaries these are, and when the map was drawn."""
    drawn_by_us = bool(contents.tables["communes"]["boundary_approximate"].any())
    approximate = f"{contents.scope}exports.note.approximate"
    return say(
        "figures.source", contents.lang, date=day(contents.written, contents.lang),
        credit=say(approximate, contents.lang) if drawn_by_us else f"{contents.credit}.",
    )  # fmt: skip


# --- legend --------------------------------------------------------------------------------------


class Pen:
    """Writes rows from the top of an area downwards."""

    def __init__(self, sheet: Sheet, axes: Axes) -> None:
        self.sheet, self.axes = sheet, axes
        self.width, self.y = axes.get_xlim()[1], axes.get_ylim()[1]

    def words(self, text: str, *, size: float = SMALL, indent: float = 0.0, **style: Any) -> float:
        """Write `text` in as many lines as it needs; the middle of its first line."""
        lines = fitted(self.sheet, self.axes, text, size, self.width - indent, **style)
        step = size * LINE * POINT
        first = self.y - step / 2
        for line in lines:
            self.axes.text(indent, self.y - step / 2, line, size=size, va="center_baseline", **style)
            self.y -= step
        return first

    def skip(self, space: float) -> None:
        """Leave room."""
        self.y -= space


def fitted(
    sheet: Sheet, axes: Axes, text: str, size: float, width: float, **style: Any
) -> list[str]:  # fmt: skip
    """`text` in lines no wider than `width` centimetres."""
    probe = axes.text(0, 0, "", size=size, **style)
    lines: list[str] = []
    for word in text.split():
        probe.set_text(f"{lines[-1]} {word}" if lines else word)
        if lines and sheet.extent(probe)[0] <= width:
            lines[-1] = probe.get_text()
        else:
            lines.append(word)
    probe.remove()
    return lines


def legend(pen: Pen, contents: Contents, shown: Sequence[Stage], limit: str) -> None:
    """Write the legend of the maps `shown`; `limit` says what is within reach."""
    lang = contents.lang
    pen.words(say("map.legend", lang), size=BODY, weight="bold")
    pen.skip(0.06)
    pen.words(shown[0].shade, weight="bold")
    pen.skip(0.05)
    _bands(pen, contents, shown)
    if limit:
        pen.skip(0.08)
        pen.words(limit, color=SOFT)
    pen.skip(0.16)
    _kinds(pen, contents, shown)
    pen.skip(0.12)
    _border(pen, say("figures.border_province" if contents.nation else "figures.border_group", lang))
    for note in shown[0].notes:
        pen.skip(0.04)
        pen.words(note, color=SOFT)


def _bands(pen: Pen, contents: Contents, shown: Sequence[Stage]) -> None:
    rows: list[tuple[str, dict[str, Any]]] = [
        (name, {"facecolor": BAND_COLOURS[n]}) for n, name in enumerate(shown[0].bands)
    ]
    if any(NOT_TOLD in one.tones for one in shown):
        rows.append((say("figures.untold", contents.lang), {"hatch": "/////", "facecolor": "white"}))
    for name, style in rows:
        at = pen.words(name, indent=0.75)
        place = ((0.01, at - SINK - 0.12), 0.6, 0.24)
        pen.axes.add_patch(Rectangle(*place, ec=FAINT, lw=0.5, **style))


def _kinds(pen: Pen, contents: Contents, shown: Sequence[Stage]) -> None:
    """A row a kind with the states it is seen in, then what the states mean."""
    lang = contents.lang
    sites = [site for one in shown for site in one.sites]
    seen = {site.state for site in sites}
    numbers = any(site.number is not None for site in sites)
    for kind, sign in contents.signs.items():
        states = sorted({site.state for site in sites if site.kind == kind})
        if not states:
            continue
        pen.skip(0.06)
        top = pen.y
        at = pen.words(sign.label, indent=0.44 * len(states) + 0.14)
        pen.y = min(pen.y, top - 0.4)
        for n, state in enumerate(states):
            where = np.array([0.24 + 0.44 * n, at - SINK])
            mapping.symbol(pen.axes, where, sign, state, number=1 if numbers else None)
    pen.skip(0.1)
    for state, key in _STATES:
        if state in seen or (state == EARLIER and NOW in seen):
            pen.words(say(key, lang), color=SOFT)
    if numbers:
        pen.words(say("figures.legend_number", lang), color=SOFT)
    if any(site.assumed for site in sites):
        pen.words(say("figures.assumed", lang), color=SOFT)


_STATES = (
    (EXISTING, "figures.legend_existing"), (EARLIER, "figures.legend_new"), (NOW, "figures.legend_now"),
)  # fmt: skip


def _border(pen: Pen, label: str) -> None:
    at = pen.words(label, indent=0.75)
    pen.axes.plot([0.01, 0.6], [at - SINK] * 2, color="#5f5a66", lw=0.9, solid_capstyle="butt")


def scale_and_north(axes: Axes, bottom: float, metres: float, contents: Contents) -> None:
    """A scale bar, true on the paper at the middle of the map, and an arrow to the north."""
    (_, width) = axes.get_xlim()
    length = nice(2.6 * metres)
    long = length / metres
    for n in (0, 1):
        face = INK if n == 0 else "white"
        axes.add_patch(Rectangle((n * long / 2, bottom), long / 2, 0.11, fc=face, ec=INK, lw=0.6))
    for n, share in enumerate((0.0, 0.5, 1.0)):
        if n == 1 and long < LONG:
            continue
        km = number(length * share / 1000, contents.lang, 0 if (length * share / 1000).is_integer() else 1)
        unit = " km" if n == 2 else ""
        side = "left" if n == 0 else "center"
        axes.text(long * share, bottom + 0.17, km + unit, size=TINY, ha=side, va="bottom")
    x, y = width - 0.35, bottom
    axes.add_patch(Polygon([(x, y + 0.75), (x - 0.17, y), (x, y + 0.17)], fc=INK, ec=INK, lw=0.5))
    axes.add_patch(Polygon([(x, y + 0.75), (x + 0.17, y), (x, y + 0.17)], fc="white", ec=INK, lw=0.5))
    axes.text(x, y + 0.8, say("figures.north", contents.lang), size=SMALL, ha="center", va="bottom",
              weight="bold")  # fmt: skip


def nice(metres: float) -> float:
    """The largest 1, 2 or 5 of a power of ten that is not above `metres`."""
    power = 10.0 ** math.floor(math.log10(metres))
    return next(step * power for step in (5.0, 2.0, 1.0) if step * power <= metres * (1 + 1e-9))


# --- key and foot --------------------------------------------------------------------------------

KEY_COLUMNS = 3


def _key_height(sites: Sequence[Site]) -> float:
    return math.ceil(len(sites) / KEY_COLUMNS) * 2 * TINY * LINE * POINT + 0.35


def _key(axes: Axes, sites: Sequence[Site]) -> None:
    """The names behind the numbers, in columns."""
    (_, width), (_, height) = axes.get_xlim(), axes.get_ylim()
    rows, step = math.ceil(len(sites) / KEY_COLUMNS), TINY * LINE * POINT
    for n, site in enumerate(sites):
        x, y = width / KEY_COLUMNS * (n // rows), height - 0.2 - 2 * step * (n % rows)
        axes.text(x + 0.42, y, str(n + 1), size=TINY, weight="bold", ha="right", va="center_baseline")
        axes.text(x + 0.55, y, site.name, size=TINY, va="center_baseline")
        place = ", ".join(filter(None, (site.commune, site.group_name)))
        axes.text(x + 0.55, y - step, place, size=TINY, color=SOFT, va="center_baseline")


def written(axes: Axes, lines: Sequence[str]) -> None:
    """Lines in small type from the top of `axes`."""
    step = TINY * LINE * POINT
    top = axes.get_ylim()[1] - 0.1
    for n, line in enumerate(lines):
        axes.text(0, top - step * (n + 0.5), line, size=TINY, color=SOFT, va="center_baseline")
