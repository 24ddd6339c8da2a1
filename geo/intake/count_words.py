"""A match report in words: for the command line and the data page."""

from __future__ import annotations

from collections.abc import Iterator

from geo.intake import trend_words
from geo.intake.grids import Grid
from geo.intake.layout import Columns
from geo.intake.matching import MatchReport, Row
from text import Lang, number, say, sort_key

_LISTED = 20  # communes without a count and rows of a kind that are spelt out; all are counted
_MANY = 50  # rows that need a look; of more, of a sheet that is of another list, the first are spelt out
_NAMED = 6


def lines(report: MatchReport, lang: Lang) -> list[str]:
    """What was found and joined, what needs a look, and how the sums stand."""
    return [
        *_found(report, lang),
        *_looked_at(report, lang),
        *_missing(report, lang),
        *_sums(report, lang),
        *trend_words.lines(report, lang),
    ]


def _found(report: MatchReport, lang: Lang) -> Iterator[str]:
    for grid, columns in report.sheet.layouts:
        where = f"{grid.file} {grid.name}".strip()
        rows = columns.header
        head = (
            "–"
            if rows is None
            else f"{rows[0] + 1}–{rows[1] + 1}"
            if rows[0] != rows[1]
            else f"{rows[0] + 1}"
        )
        yield say("counts.report.sheet", lang, where=where, header=head)
        yield from (f"  {line}" for line in columns_in_words(columns, lang))
        yield from _hidden(report, grid, columns, lang)
    if report.sheet.year:
        yield say("counts.report.year", lang, year=report.sheet.year)
    joined = {how: number(n, lang) for how, n in report.joined.items()}
    yield say("counts.report.joined", lang, rows=number(len(report.rows), lang), **joined)
    values = {"communes": number(len(report.persons), lang), "listed": number(len(report.names), lang)}
    yield say("counts.report.total", lang, total=number(report.total, lang), **values)


def _hidden(report: MatchReport, grid: Grid, columns: Columns, lang: Lang) -> Iterator[str]:
    """What is used although Excel does not show it."""
    used = {columns.commune, columns.code, *columns.persons} & grid.hidden_columns
    if used:
        listed = ", ".join(columns.called(n) for n in sorted(filter(None, used)))
        yield "  " + say("counts.report.hidden_column", lang, columns=listed)
    rows = [row for row in report.rows if row.line.grid is grid and row.line.row in grid.hidden_rows]
    if rows:
        yield "  " + say("counts.report.hidden_rows", lang, rows=number(len(rows), lang))


def columns_in_words(columns: Columns, lang: Lang) -> list[str]:
    """Each column that is used and what for: ``số người: C "Số người"``."""
    roles = [
        (name, (column,))
        for name in ("code", "commune", "district", "province", "population", "year")
        if (column := getattr(columns, name)) is not None
    ]
    spoken = []
    for name, used in [*roles, ("persons", columns.persons)]:
        listed = " + ".join(columns.called(n) for n in used) or "–"
        spoken.append(f"{say(f'counts.role.{name}', lang)}: {listed}")
    if columns.years:
        listed = ", ".join(f"{year} ({columns.called(n)})" for year, n in columns.years)
        spoken.append(f"{say('counts.role.years', lang)}: {listed}")
    if columns.parts:
        listed = ", ".join(columns.called(n) for *_, n in columns.parts)
        spoken.append(f"{say('counts.role.parts', lang)}: {listed}")
    return spoken


def row_in_words(row: Row, report: MatchReport, lang: Lang) -> str:
    """One row: where, what was written, what it was taken for, and why it needs a look."""
    given = ", ".join(part for part in (row.line.code, row.line.name, row.line.district) if part)
    code = row.code
    place = spoken(code, report) if code else say("counts.report.nowhere", lang)
    why = [say(f"counts.how.{row.how}", lang)] if row.how in {"alias", "mapping"} else []
    why += [say(f"counts.remark.{remark}", lang) for remark in row.remarks]
    return f'{row.line.where} "{given}" → {place}' + (f" ({'; '.join(why)})" if why else "")


def spoken(code: str, report: MatchReport) -> str:
    """A commune with its code and district."""
    district = report.districts.get(code, "")
    return f"{code} {report.names[code]}" + (f", {district}" if district else "")


def _looked_at(report: MatchReport, lang: Lang) -> Iterator[str]:
    odd = [row for row in report.rows if row.remarks or row.how in {"alias", "none", "mapping"}]
    if odd:
        yield say("counts.report.odd", lang, rows=len(odd))
        spelt = odd[:_LISTED] if len(report.problems) == 1 and len(odd) > _MANY else odd
        for row in spelt:
            yield f"  {row_in_words(row, report, lang)}"
            if row.candidates:
                near = "; ".join(spoken(code, report) for code in row.candidates)
                yield "    " + say("counts.report.near", lang, near=near)
        if len(spelt) < len(odd):
            yield "  …" + say("counts.report.more_rows", lang, more=number(len(odd) - len(spelt), lang))
    if report.added:
        yield say("counts.report.added", lang, communes=len(report.added))
        for code, rows in report.added.items():
            terms = " + ".join(
                f"{row.line.name} {'–' if row.persons is None else row.persons}" for row in rows
            )
            yield f"  {spoken(code, report)}: {terms}"
    if report.notes:
        listed = ", ".join(f"{line.grid.name} {line.row + 1}".strip() for line in report.notes)
        yield say("counts.report.notes", lang, rows=listed)
    if report.elsewhere:
        named = sorted({line.province for line in report.elsewhere}, key=sort_key)
        shown = ", ".join(named[:_NAMED]) + (", …" if len(named) > _NAMED else "")
        yield say("counts.report.elsewhere", lang, rows=number(len(report.elsewhere), lang), provinces=shown)
    if report.hint:
        values = {"hits": report.hint.hits, "asked": report.hint.asked, "vintage": report.hint.vintage}
        yield say(
            "counts.report.hint",
            lang,
            province=f"{report.hint.province_code} {report.hint.province}",
            **values,
        )


def _missing(report: MatchReport, lang: Lang) -> Iterator[str]:
    if not report.missing:
        return
    key = "counts.report.missing_zero" if report.missing_is_zero else "counts.report.missing"
    yield say(key, lang, communes=number(len(report.missing), lang), blank=len(report.blank))
    shown = "; ".join(spoken(code, report) for code in report.missing[:_LISTED])
    more = len(report.missing) - _LISTED
    yield "  " + shown + (say("counts.report.more", lang, more=more) if more > 0 else "")


def _sums(report: MatchReport, lang: Lang) -> Iterator[str]:
    wrong = [check for check in report.totals if check.difference]
    if report.totals:
        yield say("counts.report.sums", lang, totals=len(report.totals), wrong=len(wrong))
    for check in wrong:
        of = check.of or say("counts.report.whole", lang)
        values = {"stated": number(check.stated, lang), "summed": number(check.summed, lang)}
        difference = f"{'+' if check.difference > 0 else ''}{number(check.difference, lang)}"
        yield "  " + say(
            "counts.report.sum", lang, where=check.line.where, of=of, difference=difference, **values
        )
    for year, counts in report.by_year.items():
        yield say("counts.report.by_year", lang, year=year, total=number(sum(counts.values()), lang))
    for label, counts in report.by_part.items():
        yield say("counts.report.by_part", lang, label=label, total=number(sum(counts.values()), lang))
