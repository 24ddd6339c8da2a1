"""Documents that have every block, long Vietnamese text, many rows and names nobody should bear."""

from __future__ import annotations

import io
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
from matplotlib import image

from exports.proposal import blocks

WHEN = datetime(2026, 11, 22, 7, 30, tzinfo=UTC)
MARK = "BẢN NỘI BỘ – có số liệu chi tiết"
STAMP = "xuất ngày 22/11/2026, mã kiểm tra 0058d7e1"
WORDS = {
    "vi": {"table": "Bảng", "figure": "Hình", "continued": "tiếp theo"},
    "en": {"table": "Table", "figure": "Figure", "continued": "continued"},
}
ORIGIN = (
    ("SHA-256 của kịch bản", "ab12" * 16),
    ("Trạng thái lời giải", "optimal"),
    ("Thư viện", "numpy 2.4.6 & <pandas>"),
    ("Thư viện", "scipy"),
)
TEXT = (
    "Trên cơ sở số người đang được quản lý tại các xã, phường, thị trấn và khoảng cách đi lại thực tế, "
    "Sở Y tế đã rà soát các đơn vị hành chính cấp xã và đề xuất danh sách điểm triển khai theo giai đoạn. "
)
HOSTILE = (
    "<b>đậm</b><font size=90>",
    "{{ 7*7 }} ${x} %s",
    "A & B &amp; &#60;i&#62;",
    "Xã\x00 Bí\x07 mật\x1b[31m",
    "W" * 300,
    unicodedata.normalize("NFD", "Huyện Vĩnh Cửu, xã Phú Lý"),
    "=HYPERLINK(1)",
    "</w:t></w:r><w:br/>",
    "﷐\ufffe\ud800 nửa ký tự",
    "(ngoặc) \\ gạch chéo",
)
"""What a name may hold where nobody tidied it."""
COLUMNS = (
    blocks.Column("TT", 4, "center"),
    blocks.Column("Xã, phường, thị trấn", 14),
    blocks.Column("Cơ sở đặt", 20),
    blocks.Column("Phạm vi phục vụ", 28),
    blocks.Column("Số người dự kiến", 10, "right"),
    blocks.Column("Tiêu chí không đạt", 14),
)
SERVED = "Xã Mã Đà, thị trấn Vĩnh An; "
LONG_ROWS = tuple(
    (str(n), f"Xã Phú Lý {n}", "Trạm Y tế xã Phú Lý", SERVED * (1 + n % 3), f"1.{n:03d}", "Không")
    for n in range(1, 91)
)


def png(width: int = 600, height: int = 400) -> bytes:
    """A picture of one colour."""
    file = io.BytesIO()
    image.imsave(file, np.full((height, width, 3), 0.9), format="png", dpi=100)
    return file.getvalue()


def table(rows: tuple[tuple[str, ...], ...], **given: object) -> blocks.Table:
    return blocks.Table(caption="Danh sách địa điểm", columns=COLUMNS, rows=rows, **given)


def head(**given: object) -> blocks.LetterHead:
    usual = {
        "over": "Ủy ban nhân dân tỉnh Đồng Nai",
        "author": "Sở Y tế",
        "symbol": "/TTr-SYT",
        "place": "Đồng Nai",
        "kind": "Tờ trình",
        "about": "Về việc phê duyệt danh sách địa điểm cấp phát thuốc điều trị thay thế trên địa bàn tỉnh",
        "to": ("Ủy ban nhân dân tỉnh Đồng Nai",),
    }
    return blocks.LetterHead(**(usual | given))


def document(*given: blocks.Block, lang: str = "vi") -> blocks.Document:
    return blocks.Document(
        title="Tờ trình về địa điểm",
        lang=lang,
        mark=MARK,
        words=WORDS[lang],
        origin=ORIGIN,
        blocks=given,
        stamp=STAMP,
    )


def everywhere(text: str) -> blocks.Document:
    """A document in which `text` stands wherever a text can."""
    row = ("1", text, text, "", "", "")
    paper = document(
        head(author=text, over=text, place=text, to=(text,)),
        blocks.Heading(text),
        blocks.Paragraph(text, strong=text),
        blocks.Bullets((text,)),
        table((row,), totals=row, notes=(text,)),
        blocks.Picture(caption=text, draw=png, alternative=text),
        blocks.Signature(recipients_head=text, recipients=(text,), office=text, hint=text),
    )
    return replace(paper, title=text, mark=text, origin=((text, text), ("", text)))


def whole(lang: str = "vi") -> blocks.Document:
    """A dossier with each kind of block: six pages or more."""
    small = tuple((str(n), f"Xã {n}", "Trạm Y tế", "–", f"{n}", "") for n in range(1, 4))
    return document(
        head(),
        blocks.Paragraph("Căn cứ Nghị định số 90/2016/NĐ-CP;", italic=True),
        blocks.Heading("I. SỰ CẦN THIẾT"),
        blocks.Paragraph(TEXT * 8, strong="Nhu cầu:"),
        blocks.Heading("1. Độ bao phủ hiện tại", 2),
        blocks.Bullets(("Số người cần điều trị: 3.200 người;", TEXT)),
        table(small, totals=("", "Cộng", "", "", "6", ""), notes=("Nguồn: Sở Y tế.",)),
        blocks.Picture(caption="Số điểm theo năm", draw=png, alternative="Số điểm tăng từ 3 lên 22."),
        blocks.Heading("VIII. KIẾN NGHỊ"),
        blocks.Paragraph(TEXT),
        blocks.Signature(
            recipients_head="Nơi nhận:",
            recipients=("Như trên;", "Lưu: VT, NVY."),
            office="Giám đốc",
            hint="(Ký, ghi rõ họ tên)",
        ),
        blocks.PageBreak(landscape=True),
        blocks.Heading("Phụ lục 01"),
        blocks.Heading("DANH SÁCH ĐỊA ĐIỂM"),
        table(LONG_ROWS, totals=("", "Cộng", "", "", "4.095", "")),
        blocks.PageBreak(),
        blocks.Heading("Phụ lục 02"),
        blocks.Picture(caption="Bản đồ", draw=lambda: png(400, 1600), alternative="Bản đồ các điểm."),
        blocks.PageBreak(),
        blocks.PageBreak(landscape=True),
        blocks.Heading("Phụ lục 03"),
        blocks.Paragraph(TEXT),
        blocks.PageBreak(),
        lang=lang,
    )
