"""Letters for a PDF: the first serif on this machine that has all of Vietnamese, else the one of matplotlib.

Word brings Times New Roman; a PDF has to carry its letters in itself.  What a machine has differs: Times New
Roman on Windows and macOS, Liberation Serif (of the same widths) on Linux, else DejaVu Serif, which is wider
and therefore set smaller, so that a page holds about as much and looks about as large.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FACES = ("regular", "bold", "italic", "bold_italic")
Four = tuple[str, str, str, str]
"""Regular, bold, italic, bold italic."""


def _named(pattern: str, faces: Four) -> Four:
    regular, bold, italic, both = (pattern.format(face) for face in faces)
    return regular, bold, italic, both


_HYPHENED: Four = ("Regular", "Bold", "Italic", "BoldItalic")
CANDIDATES: tuple[tuple[str, Four], ...] = (
    ("Times New Roman", _named("times{}.ttf", ("", "bd", "i", "bi"))),
    ("Times New Roman", _named("Times New Roman{}.ttf", ("", " Bold", " Italic", " Bold Italic"))),
    ("Times New Roman", _named("Times_New_Roman{}.ttf", ("", "_Bold", "_Italic", "_Bold_Italic"))),
    ("Liberation Serif", _named("LiberationSerif-{}.ttf", _HYPHENED)),
    ("Tinos", _named("Tinos-{}.ttf", _HYPHENED)),
)
"""Families in order of preference, with their files as Windows, macOS and Linux name them."""
LAST = "DejaVu Serif"
_LAST_FILES = _named("DejaVuSerif{}.ttf", ("", "-Bold", "-Italic", "-BoldItalic"))
VIETNAMESE = "ăâđêôơư" + "".join("àảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ")
SAMPLE = "Căn cứ nhu cầu điều trị và khoảng cách đi lại của người bệnh, Sở Y tế trình Ủy ban nhân dân tỉnh."
TIMES = 0.4041
"""Mean width of SAMPLE's letters in Times New Roman, in ems (measured on Liberation Serif, as wide)."""
SMALLEST = 0.8
"""A wide family is set no smaller than this part of its size."""


@dataclass(frozen=True, kw_only=True)
class Family:
    """A family of letters: what it is called, its four files, and by how much sizes are multiplied."""

    name: str
    files: tuple[Path, Path, Path, Path]
    scale: float

    @property
    def faces(self) -> tuple[str, str, str, str]:
        """What the four faces are called in a PDF."""
        regular, bold, italic, both = (f"{self.name} {face}".removesuffix(" regular") for face in FACES)
        return regular, bold, italic, both


def folders() -> list[Path]:
    """Where this machine may keep letters."""
    home = Path.home()
    windows = [os.environ.get("WINDIR", ""), os.environ.get("LOCALAPPDATA", "")]
    return [
        *(
            Path(root) / part
            for root, part in zip(windows, ("Fonts", "Microsoft/Windows/Fonts"), strict=True)
            if root
        ),
        Path("/System/Library/Fonts/Supplemental"),
        Path("/Library/Fonts"),
        home / "Library/Fonts",
        home / ".fonts",
        home / ".local/share/fonts",
        Path("/usr/local/share/fonts"),
        Path("/usr/share/fonts"),
    ]


def serif(within: Iterable[Path] | None = None) -> Family:
    """The family to set a PDF in, looked for in the folders `within` (those of this machine)."""
    return _serif(tuple(folders() if within is None else within))


@cache
def _serif(within: tuple[Path, ...]) -> Family:
    here = _files(within)
    for name, files in CANDIDATES:
        paths = [here[file.casefold()] for file in files if file.casefold() in here]
        if len(paths) == len(FACES) and all(_complete(path) for path in paths):
            return _family(name, paths)
    return last()


@cache
def last() -> Family:
    """DejaVu Serif from matplotlib's own files: wherever the program runs, it is there."""
    import matplotlib as mpl

    return _family(LAST, [Path(mpl.get_data_path()) / "fonts" / "ttf" / file for file in _LAST_FILES])


def _family(name: str, paths: list[Path]) -> Family:
    from reportlab.pdfbase.ttfonts import TTFont

    width = TTFont("measured", str(paths[0])).stringWidth(SAMPLE, 1) / len(SAMPLE)
    regular, bold, italic, both = paths
    scale = max(SMALLEST, min(1.0, TIMES / width))
    return Family(name=name, files=(regular, bold, italic, both), scale=scale)


def _files(within: Iterable[Path]) -> dict[str, Path]:
    """Font files by their name in small letters; of two the one in the earlier folder."""

    def found() -> Iterator[Path]:
        for folder in within:
            if folder.is_dir():
                yield from sorted(folder.rglob("*.[tT][tT][fF]"))

    files: dict[str, Path] = {}
    for path in found():
        files.setdefault(path.name.casefold(), path)
    return files


def _complete(path: Path) -> bool:
    """Whether the file can be read and has each letter of Vietnamese, small and capital."""
    from reportlab.pdfbase.ttfonts import TTFError, TTFont

    try:
        known = TTFont("looked at", str(path)).face.charToGlyph
    except (TTFError, OSError):
        return False
    return all(ord(letter) in known for letter in VIETNAMESE + VIETNAMESE.upper())


def register(family: Family) -> None:
    """Make the four faces known to ReportLab, under the names of `family.faces`."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    if family.faces[0] in pdfmetrics.getRegisteredFontNames():
        return
    for face, path in zip(family.faces, family.files, strict=True):
        pdfmetrics.registerFont(TTFont(face, str(path)))
    pdfmetrics.registerFontFamily(family.faces[0], *family.faces)


def letters(face: str) -> frozenset[int]:
    """Code points that a registered face can show."""
    from reportlab.pdfbase import pdfmetrics

    font: Any = pdfmetrics.getFont(face)
    return frozenset(font.face.charToGlyph)
