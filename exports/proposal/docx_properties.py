"""What a DOCX says of itself: title, language, origin; and how it is packed, the same each time."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from docx.opc.packuri import PackURI
from docx.opc.part import Part

from exports.proposal import blocks, layout
from exports.proposal.docx_styles import LOCALE

_PROPERTIES = "http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"
_VALUES = "http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/custom-properties"
_CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.custom-properties+xml"
_OURS = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}"
"""The format id of user-defined properties ([MS-OSHARED] 2.3.3.2.3)."""
_MOST = 255
"""Letters that a core property may have."""


def describe(file: Any, document: blocks.Document, when: datetime) -> None:
    """Set the core properties of the python-docx document `file` and give it its origin as custom ones."""
    lang = layout.lang_of(document)
    core = file.core_properties
    core.title = layout.clean(document.title)[:_MOST]
    core.subject = layout.clean(document.mark)[:_MOST]
    core.author = ""
    core.comments = ""
    core.keywords = ""
    core.last_modified_by = ""
    core.language = LOCALE[lang]
    core.created = core.modified = when.replace(tzinfo=None, microsecond=0)
    core.revision = 1
    package = file.part.package
    content = _custom(document.origin).encode("utf-8")
    part = Part(PackURI("/docProps/custom.xml"), _CONTENT_TYPE, content, package)
    package.relate_to(part, _RELATION)


def _custom(origin: tuple[tuple[str, str], ...]) -> str:
    """The origin as custom properties; a label that stands twice gets a number, as names must be unique."""
    seen: dict[str, int] = {}
    entries = []
    for pid, (label, value) in enumerate(origin, start=2):
        name = layout.clean(label) or "-"
        seen[name] = seen.get(name, 0) + 1
        unique = name if seen[name] == 1 else f"{name} ({seen[name]})"
        entries.append(
            f'<property fmtid="{_OURS}" pid="{pid}" name={quoteattr(unique)}>'
            f"<vt:lpwstr>{escape(layout.clean(value))}</vt:lpwstr></property>"
        )
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f'<Properties xmlns="{_PROPERTIES}" xmlns:vt="{_VALUES}">{"".join(entries)}</Properties>'
    )


def packed(file: Any, when: datetime) -> bytes:
    """The python-docx document `file` as bytes: the same content and `when` give the same bytes."""
    loose, settled = io.BytesIO(), io.BytesIO()
    file.save(loose)
    at = when.timetuple()[:6]
    with zipfile.ZipFile(loose) as given, zipfile.ZipFile(settled, "w") as taken:
        for name in given.namelist():
            entry = zipfile.ZipInfo(name, date_time=at)
            # A picture is compressed already.
            entry.compress_type = zipfile.ZIP_STORED if name.endswith(".png") else zipfile.ZIP_DEFLATED
            taken.writestr(entry, given.read(name))
    return settled.getvalue()
