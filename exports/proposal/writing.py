"""The proposal as a file.  What sets it is loaded only when a file is written: the program starts without."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from exports.contents import Contents
from exports.proposal.blocks import Document


def write_docx(contents: Contents, path: Path) -> None:
    """Write the proposal that `contents` make, letter and annexes, to `path` as DOCX.

    Raises:
        OSError: it cannot be written.
    """
    from exports.proposal import docx, layout

    docx.set_document(_written(contents), path, when=layout.day(contents.written))


def write_pdf(contents: Contents, path: Path) -> None:
    """Write the same as PDF.

    Raises:
        OSError: it cannot be written.
    """
    from exports.proposal import layout, pdf

    pdf.set_document(_written(contents), path, when=layout.day(contents.written))


@lru_cache(maxsize=1)
def _written(contents: Contents) -> Document:
    """The document of `contents`; kept for the other format, as its maps take longer to draw than to set."""
    from exports.proposal import letter

    return letter.document(contents)
