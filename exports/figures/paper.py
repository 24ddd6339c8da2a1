"""The paper that maps and charts are drawn on: sizes in centimetres, one style, PNG out.

Only ``matplotlib.figure.Figure`` and its Agg canvas are used: pyplot keeps the figures of all threads in one
place.  The style is set once, when this module is loaded, as changing it for a while is not safe among
threads.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager
from matplotlib.path import Path
from matplotlib.text import Text as Words

from geo.maps import SYMBOLS

CM = 1 / 2.54
"""Inches."""
POINT = 2.54 / 72
"""Centimetres."""
DPI = 250
INK, SOFT, FAINT = "#1f2d33", "#4d5a60", "#8d8894"
"""Text; text beside it; lines."""
COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#5a6a70")
"""Okabe and Ito's colours, told apart by (nearly) all eyes; those of .streamlit/config.toml."""
TITLE, BODY, SMALL, TINY = 10.0, 7.6, 6.8, 6.0
"""Sizes of type, in points."""
_FAMILIES = ("Noto Sans", "Segoe UI", "Arial", "Liberation Sans", "DejaVu Sans")
"""All carry every Vietnamese letter; the last comes with matplotlib."""


def _family() -> str:
    there = {font.name for font in fontManager.ttflist}
    return next(name for name in _FAMILIES if name in there)


mpl.rcParams.update(
    {
        "font.family": [_family(), "DejaVu Sans"],
        "font.size": BODY,
        "text.color": INK,
        "text.parse_math": False,  # a $ in a name is a $
        "axes.edgecolor": FAINT,
        "axes.labelcolor": SOFT,
        "axes.linewidth": 0.6,
        "xtick.color": FAINT,
        "ytick.color": FAINT,
        "xtick.labelcolor": INK,
        "ytick.labelcolor": SOFT,
        "hatch.linewidth": 0.5,
        "figure.facecolor": "white",
    }
)


class Sheet:
    """A figure of `width` × `height` centimetres; places on it are centimetres from its lower left corner.

    It is printed `enlarged` times as large, type and all.
    """

    def __init__(self, width: float, height: float, *, enlarged: float = 1.0) -> None:
        self.width, self.height = width, height
        self.dpi = DPI * enlarged
        self.figure = Figure(figsize=(width * CM, height * CM), dpi=self.dpi)
        self.canvas = FigureCanvasAgg(self.figure)

    def chart(self, left: float, bottom: float, width: float, height: float) -> Axes:
        """Axes for data."""
        where = (left / self.width, bottom / self.height, width / self.width, height / self.height)
        return self.figure.add_axes(where)

    def area(self, left: float, bottom: float, width: float, height: float) -> Axes:
        """A part of the sheet to draw on in centimetres from its own lower left corner."""
        axes = self.chart(left, bottom, width, height)
        axes.set(xlim=(0, width), ylim=(0, height))
        axes.set_axis_off()
        return axes

    def extent(self, words: Words) -> tuple[float, float]:
        """Width and height of a text, in centimetres."""
        box = words.get_window_extent()
        return box.width / self.dpi / CM, box.height / self.dpi / CM

    def png(self, about: Mapping[str, str] | None = None) -> bytes:
        """The figure as a PNG with text chunks `about`."""
        file = io.BytesIO()
        # "Software" would name the version of matplotlib in place of ours
        self.figure.savefig(
            file,
            format="png",
            dpi=self.dpi,
            metadata={"Software": None, **(about or {})},
            pil_kwargs={"dpi": (DPI, DPI)},
        )
        return file.getvalue()


def wrapped(text: str, most: int) -> str:
    """`text` in as few lines of at most `most` characters as can be, and these as even as words allow."""
    words = text.split()
    fewest = len(_filled(words, most))
    width = next(w for w in range(1, most + 1) if w == most or len(_filled(words, w)) == fewest)
    return "\n".join(_filled(words, width))


def _filled(words: list[str], width: int) -> list[str]:
    """Lines that each take as many words as have room."""
    lines: list[str] = []
    for word in words:
        if lines and len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


# --- symbols -------------------------------------------------------------------------------------

PIXEL = 0.0205
"""Centimetres of a pixel of ``geo.maps.SYMBOLS`` on paper: a symbol is about 2.7 mm wide."""


def _outline(svg: str) -> Path:
    """An SVG path of ``geo.maps.SYMBOLS`` (M, L, l, h, v, z and a circle's arcs), y upwards."""
    if "a" in svg:
        radius = float(svg.split("a")[1].split(maxsplit=1)[0])
        return Path.circle((0, 0), radius)
    vertices: list[tuple[float, float]] = []
    for command, numbers in _commands(svg):
        x, y = vertices[-1] if vertices else (0.0, 0.0)
        if command in "ML":
            vertices += list(zip(numbers[::2], numbers[1::2], strict=True))
        elif command == "l":
            vertices.append((x + numbers[0], y + numbers[1]))
        elif command == "h":
            vertices.append((x + numbers[0], y))
        elif command == "v":
            vertices.append((x, y + numbers[0]))
    return Path([(x, -y) for x, y in [*vertices, vertices[0]]], closed=True)


def _commands(svg: str) -> Iterator[tuple[str, list[float]]]:
    command, numbers = "", ""
    for char in f"{svg} ":
        if char.isalpha():
            if command:
                yield command, [float(n) for n in numbers.split()]
            command, numbers = char, ""
        else:
            numbers += char
    if command and command not in "zZ":
        yield command, [float(n) for n in numbers.split()]


OUTLINES: dict[str, Path] = {name: _outline(svg) for name, svg in SYMBOLS.items()}
"""Outline of each symbol around (0, 0), in pixels, y upwards."""
