"""The whole rollout in one picture: a map before the plan and one for each stage, with one legend."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from exports.contents import Contents
from exports.figures import mapping, sheets
from exports.figures.land import Land, land
from exports.figures.paper import BODY, SOFT, TINY, TITLE, Sheet
from exports.shown import reach, services, stage_of, stages, told_number, when
from tables import records
from text import capital, number, say

PAPER = (29.7, 21.0)
"""A4 across, in centimetres."""
FEW = 4
"""Maps that A4 has room for; with more the whole is printed as A3."""
EDGE, BETWEEN = 1.2, 0.5
"""Centimetres around the paper and between two maps."""
CAPTION = 1.4
"""Height of what stands above a map."""


class Grid(NamedTuple):
    """Maps in rows and columns, each `width` × `height` centimetres."""

    columns: int
    rows: int
    width: float
    height: float


def series(contents: Contents) -> Sheet:
    """A4 or A3 across, for the service that most new points provide."""
    service = services(contents)[0]
    times: list[str | None] = (
        [None, *stages(contents)] if "before" in contents.tables else [*stages(contents)]
    )
    sheet = Sheet(*PAPER, enlarged=1.0 if len(times) <= FEW else math.sqrt(2))
    ground = land(contents)
    shown = [stage_of(contents, stage=stage, service=service) for stage in times]
    width, height = sheet.width - 2 * EDGE, sheet.height - 2 * EDGE
    head, foot = 1.35, 0.5
    label = contents.words["service"].get(service, service)
    top = sheet.area(EDGE, EDGE + height - head, width, head)
    top.text(0, head - 0.3, say("figures.series", contents.lang, service=label), size=TITLE * 1.35,
             weight="bold", va="center_baseline")  # fmt: skip
    sheets.marked(top, contents, head - 0.95)
    panel = sheets.PANEL * 1.15
    grid = best_grid(ground, len(times), width - panel - BETWEEN, height - head - foot)
    size = float(np.clip(grid.width / 12, 0.5, 1.0))
    for n, (stage, one) in enumerate(zip(times, shown, strict=True)):
        column, row = n % grid.columns, n // grid.columns
        left = EDGE + column * (grid.width + BETWEEN)
        bottom = EDGE + height - head - (row + 1) * (grid.height + CAPTION) + CAPTION * 0.05
        box = sheet.area(left, bottom, grid.width, grid.height)
        sheets.framed(box)
        mapping.draw(sheet, box, ground, one, contents.signs, size=size, named=False)
        caption = sheet.area(left, bottom + grid.height, grid.width, CAPTION - 0.08)
        pen = sheets.Pen(sheet, caption)
        pen.words(capital(when(contents, stage)), size=BODY * 1.15, weight="bold")
        for line in reached(contents, stage, service):
            pen.words(line, color=SOFT)
    side = sheet.area(EDGE + width - panel, EDGE + foot, panel, height - head - foot - 0.35)
    sheets.legend(sheets.Pen(sheet, side), contents, shown, reach(contents, service))
    metres = mapping.scale_of(ground, grid.width, grid.height)
    sheets.scale_and_north(side, 0.05, metres, contents)
    lines = sheets.source(contents)
    low = sheet.area(EDGE, EDGE - 0.2, width, foot)
    low.text(0, 0.15, lines, size=TINY, color=SOFT, va="center_baseline")
    return sheet


def best_grid(ground: Land, maps: int, width: float, height: float) -> Grid:
    """The rows and columns that let the maps be largest."""
    west, south, east, north = ground.box
    found = []
    for columns in range(1, maps + 1):
        rows = math.ceil(maps / columns)
        wide = (width - (columns - 1) * BETWEEN) / columns
        high = height / rows - CAPTION
        if high <= 2 * mapping.MARGIN:
            continue
        found.append((mapping.scale_of(ground, wide, high), Grid(columns, rows, wide, high)))
    _, grid = min(found, key=lambda pair: (pair[0], pair[1].columns))
    natural = (grid.width - 2 * mapping.MARGIN) * (north - south) / (east - west) + 2 * mapping.MARGIN
    return grid._replace(height=min(grid.height, natural * 1.08))


def reached(contents: Contents, stage: str | None, service: str) -> Iterator[str]:
    """How many of those in need are served, and how many points open."""
    lang = contents.lang
    table = contents.tables["before_coverage" if stage is None else "coverage"]
    for row in records(table[(table["service"] == service) & (table["stage"] == (stage or ""))]):
        served, demand = (told_number(row[name], contents) for name in ("served", "demand"))
        yield say("figures.served", lang, served=served, demand=demand)
    if stage is not None:
        counts = contents.tables["counts"]
        opened = int(counts.loc[counts["stage"] == stage, "opened"].sum())
        yield say("figures.opened", lang, n=number(opened, lang))
