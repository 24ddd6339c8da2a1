"""A workbook to fill in: one row a commune of the province, an empty count, a note on what not to put in."""

from __future__ import annotations

import io

import pandas as pd

from text import Lang, say

_COLUMNS = ("code", "district", "commune", "persons", "population")
_WIDTHS = (10, 28, 30, 22, 14)


def xlsx(communes: pd.DataFrame, *, lang: Lang = "vi") -> bytes:
    """The template for `communes` (commune_code, commune, district), which `counts.read` reads back.

    Codes are text, so that leading zeros stay; the list of July 2025 has no districts, and no such column.
    """
    import xlsxwriter

    districts = bool((communes["district"] != "").any())
    columns = [name for name in _COLUMNS if name != "district" or districts]
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    head = book.add_format({"bold": True, "bg_color": "#E8EEF4", "border": 1, "text_wrap": True})
    text, number = book.add_format({"num_format": "@"}), book.add_format({"num_format": "0", "locked": False})
    sheet = book.add_worksheet(say("counts.template.sheet", lang))
    for n, name in enumerate(columns):
        sheet.set_column(n, n, _WIDTHS[_COLUMNS.index(name)])
        sheet.write_string(0, n, say(f"counts.template.{name}", lang), head)
    ordered = sorted(communes.to_dict("records"), key=lambda row: (row["district_code"], row["commune_code"]))
    for at, row in enumerate(ordered, 1):
        given = {"code": row["commune_code"], "district": row["district"], "commune": row["commune"]}
        for n, name in enumerate(columns):
            if name in given:
                sheet.write_string(at, n, str(given[name]), text)
            else:
                sheet.write_blank(at, n, None, number)
    whole = {"validate": "integer", "criteria": ">=", "value": 0}
    whole |= {
        "error_title": say("counts.template.sheet", lang),
        "error_message": say("counts.template.whole", lang),
    }
    for name in ("persons", "population"):
        n = columns.index(name)
        sheet.data_validation(1, n, len(ordered), n, whole)
    sheet.freeze_panes(1, columns.index("commune") + 1)
    sheet.autofilter(0, 0, len(ordered), len(columns) - 1)
    notes = book.add_worksheet(say("counts.template.notes", lang))
    notes.set_column(0, 0, 100, book.add_format({"text_wrap": True, "valign": "top"}))
    for at, line in enumerate(say("counts.template.text", lang).split("\n")):
        notes.write_string(at, 0, line)
    book.close()
    return out.getvalue()
