"""The proposal as a file.  What sets it is loaded only when a file is written: the program starts without."""

from __future__ import annotations

from pathlib import Path

from exports.contents import Contents


def write_docx(contents: Contents, path: Path) -> None:
    """Write the proposal that `contents` make, letter and annexes, to `path` as DOCX.

    Raises:
        OSError: it cannot be written.
    """
    from exports.proposal import docx, layout, letter

    docx.set_document(letter.document(contents), path, when=layout.day(contents.written))


def write_pdf(contents: Contents, path: Path) -> None:
    """Write the same as PDF.

    Raises:
        OSError: it cannot be written.
    """
    from exports.proposal import layout, letter, pdf

    pdf.set_document(letter.document(contents), path, when=layout.day(contents.written))
