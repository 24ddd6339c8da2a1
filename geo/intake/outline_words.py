"""An `OutlineReport` in words, a line for each thing that was found, mended or left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from geo.intake.mending import Mending, Spot
from geo.intake.outlines import Match, OutlineReport
from text import Lang, number, say

MOST = 10
"""Entries that a line lists; how many more there are is said."""


def lines(report: OutlineReport, lang: Lang) -> list[str]:
    """What the report says, in `lang`."""
    return [*_file(report, lang), *_rows(report, lang), *_shapes(report.mending, lang)]


def _file(report: OutlineReport, lang: Lang) -> Iterator[str]:
    yield say("outline.read", lang, file=report.file, rows=report.rows, layer=report.layer, crs=report.crs)
    if report.crs_assumed:
        yield say("outline.crs_assumed", lang)
    if report.ballpark:
        yield say("outline.ballpark", lang)
    if report.encoding:
        yield say("outline.encoding", lang, encoding=report.encoding)
    columns = {name: getattr(report.columns, name) or "–" for name in ("code", "name", "district")}
    yield say("outline.columns", lang, **columns)
    if report.remarks:
        yield say("outline.remarks", lang, remarks=_list(report.remarks, lang))


def _rows(report: OutlineReport, lang: Lang) -> Iterator[str]:
    yield say("outline.by_code", lang, count=report.by_code)
    for name in ("by_name", "by_alias", "by_place", "renamed"):
        matches: tuple[Match, ...] = getattr(report, name)
        if matches:
            said = [f"{match.said} → {match.code} {match.commune}" for match in matches]
            yield say(f"outline.{name}", lang, count=len(matches), matches=_list(said, lang))
    if report.parts:
        yield say("outline.parts", lang, count=len(report.parts), codes=_list(report.parts, lang, ", "))
    if report.left_out:
        rows = [say("outline.similar", lang, said=row.said, near=row.near) for row in report.left_out]
        yield say("outline.left_out", lang, count=len(rows), rows=_list(rows, lang))
    for name in ("outside", "without_shape"):
        if count := getattr(report, name):
            yield say(f"outline.{name}", lang, count=count)
    if report.points_off:
        places = [
            say("outline.km", lang, code=code, km=number(metres / 1000, lang, 1))
            for code, metres in report.points_off
        ]
        yield say("outline.points_off", lang, places=_list(places, lang, ", "))


def _shapes(mending: Mending, lang: Lang) -> Iterator[str]:
    if mending.invalid:
        shapes = [f"{code} ({why})" for code, why in mending.invalid]
        yield say("outline.invalid", lang, count=len(shapes), shapes=_list(shapes, lang))
    for name in ("slivers", "overlaps", "gaps", "holes"):
        spots: tuple[Spot, ...] = getattr(mending, name)
        if spots:
            area = number(sum(spot.area_m2 for spot in spots), lang)
            said = [_spot(spot, lang) for spot in spots]
            yield say(f"outline.{name}", lang, count=len(spots), area=area, spots=_list(said, lang))
    if mending.nothing:
        yield say("outline.sound", lang)
    elif mending.moved_m2:
        yield say("outline.moved", lang, area=number(mending.moved_m2, lang))
    if mending.tolerance_m:
        before, after = (number(count, lang) for count in mending.vertices)
        tolerance = number(mending.tolerance_m, lang)
        yield say("outline.lighter", lang, tolerance=tolerance, before=before, after=after)


def _spot(spot: Spot, lang: Lang) -> str:
    codes = "–".join(spot.codes[:4]) + ("…" if len(spot.codes) > 4 else "")
    area = number(spot.area_m2, lang)
    return say("outline.spot", lang, codes=codes, area=area, lat=f"{spot.lat:.5f}", lon=f"{spot.lon:.5f}")


def _list(entries: Sequence[str], lang: Lang, between: str = "; ") -> str:
    more = len(entries) - MOST
    tail = [say("outline.more", lang, count=more)] if more > 0 else []
    return between.join([*entries[:MOST], *tail])
