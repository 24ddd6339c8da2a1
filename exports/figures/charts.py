"""Charts of a plan: points by stage, cover by stage, cost beside budget, plans side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from exports.contents import Contents
from exports.figures.paper import BODY, COLOURS, FAINT, INK, SMALL, SOFT, TINY, Sheet, wrapped
from exports.shown import stages, told_number
from tables import records
from text import number, percent, say

HEADROOM = 0.12
"""Part of the highest bar that stays free above it, for its number."""


def rollout(contents: Contents, *, width: float) -> Sheet:
    """Points that run at the end of each stage by kind, those that open in it filled; numbers on the bars."""
    counts, order = contents.tables["counts"], stages(contents)
    kinds = [k for k in contents.signs if counts.loc[counts["kind"] == k, "open"].any()]
    sheet = Sheet(width, 1.2 + 1.5 * len(kinds) ** 0.5 + 4.2)
    columns = _columns(sheet, [contents.signs[kind].label for kind in kinds])
    axes = _axes(sheet, legend_rows=_rows(len(kinds), columns))
    wide = 0.8 / max(len(kinds), 1)
    for n, kind in enumerate(kinds):
        mine = counts[counts["kind"] == kind].set_index("stage").reindex(order).fillna(0)
        x = np.arange(len(order)) + (n - (len(kinds) - 1) / 2) * wide
        opened, running = mine["opened"].to_numpy(dtype=float), mine["open"].to_numpy(dtype=float)
        sign, before, width_ = contents.signs[kind], running - opened, wide * 0.88
        axes.bar(x, before, width_, color="white", edgecolor=sign.colour, linewidth=0.8)
        axes.bar(
            x, opened, width_, bottom=before, color=sign.colour, edgecolor=sign.colour, linewidth=0.8,
            label=sign.label,
        )  # fmt: skip
        for at, new, now in zip(x, opened, running, strict=True):
            axes.annotate(number(now, contents.lang), (at, now), (0, 2), textcoords="offset points",
                          ha="center", size=SMALL, weight="bold")  # fmt: skip
            if 0 < new < now:
                axes.annotate(f"+{number(new, contents.lang)}", (at, now), (0, -2), va="top", ha="center",
                              textcoords="offset points", size=SMALL, color="white")  # fmt: skip
    _stages(axes, contents, order)
    axes.set_ylabel(say("figures.points", contents.lang), size=SMALL)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    axes.margins(y=HEADROOM)
    _numbers(axes, contents)
    _legend(sheet, axes, columns=columns)
    return sheet


def cover(contents: Contents, *, service: str, width: float) -> Sheet:
    """Who of those in need is served before the plan and at the end of each stage, in per cent of them, and
    the targets of the service for all.
    """
    lang, order = contents.lang, stages(contents)
    rows = list(_cover_rows(contents, service))
    sheet = Sheet(width, 6.8)
    axes = _axes(sheet, legend_rows=_rows(1 + len(_PARTS)))
    x = np.arange(len(rows))
    bottom = np.zeros(len(rows))
    for n, (name, colour, ink, hatch) in enumerate(_PARTS):
        heights = np.array([100 * row.shares[n] for row in rows])
        if not heights.any():
            continue
        axes.bar(x, heights, bottom=bottom, width=0.56, color=colour, hatch=hatch, edgecolor=FAINT,
                 linewidth=0.5, label=say(f"map.{name}", lang))  # fmt: skip
        for at, low, high, row in zip(x, bottom, heights, rows, strict=True):
            if high >= _LEAST_TOLD:
                told = say(
                    "figures.persons",
                    lang,
                    share=percent(high / 100, lang, int(contents.edition == "internal")),
                    persons=row.told[n],
                )
                axes.text(float(at), low + high / 2, told, ha="center", va="center", size=SMALL, color=ink,
                          bbox=_BEHIND if hatch else None)  # fmt: skip
        bottom += heights
    for at, row in zip(x, rows, strict=True):
        if row.demand is None:
            axes.text(float(at), 4, say("figures.untold", lang), ha="center", size=SMALL, color=SOFT)
    names = [say("figures.before", lang), *map(contents.stage, order)]
    whole = [say("figures.of_persons", lang, n=row.demand or "–") for row in rows]
    labels = [f"{name}\n{of}" for name, of in zip(names[-len(rows) :], whole, strict=True)]
    axes.set_xticks(x, labels, size=SMALL)
    axes.set_xlim(-0.6, len(rows) - 0.4)
    _goals(axes, contents, service, rows)
    axes.set_ylabel(say("figures.share_of_need", lang), size=SMALL)
    _numbers(axes, contents)
    axes.set_ylim(0, 108)
    axes.set_yticks(range(0, 101, 20))
    _legend(sheet, axes, columns=2)
    return sheet


_PARTS = (
    ("served", COLOURS[0], "white", None),
    ("no_capacity", "#f3d9a0", INK, "...."),
    ("out_of_reach", "#e5e1e6", INK, None),
)
"""Parts of those in need, and how each is drawn: told apart by lightness too."""
_BEHIND = {"fc": "#f3d9a0", "ec": "none", "pad": 1.0}
_LEAST_TOLD = 13.0
"""Per cent from which a part has room for its number."""


class _Row(NamedTuple):
    """A bar: its stage (None before the plan), who is in need (None: not released), parts and their words."""

    stage: str | None
    demand: str | None
    shares: tuple[float, ...]
    told: tuple[str, ...]


def _cover_rows(contents: Contents, service: str) -> Iterator[_Row]:
    frames: list[tuple[str | None, pd.DataFrame]] = [
        (s, contents.tables["coverage"].query("stage == @s")) for s in stages(contents)
    ]
    if "before_coverage" in contents.tables:
        frames.insert(0, (None, contents.tables["before_coverage"]))
    for stage, frame in frames:
        found = records(frame[frame["service"] == service])
        if found:
            yield _row(stage, found[0], contents)


def _row(stage: str | None, row: dict[str, Any], contents: Contents) -> _Row:
    """Shares as the row tells them: in the shared edition they follow from its rounded numbers alone."""
    parts = [row[name] for name, *_ in _PARTS]
    if contents.edition == "internal":
        whole = float(row["demand"])
        shares = tuple(float(part) / whole if whole else 0.0 for part in parts)
        told = tuple(number(part, contents.lang) for part in parts)
        return _Row(stage, number(whole, contents.lang), shares, told)
    told = tuple(told_number(part, contents) for part in parts)
    if np.isnan(row["share"]):
        served_all = row["demand"].isdigit() and row["demand"] == row["served"] != "0"
        return _Row(stage, told_number(row["demand"], contents) if served_all else None,
                    (float(served_all), 0.0, 0.0), told)  # fmt: skip
    served, left = float(row["share"]), 1 - float(row["share"])
    weights = [5.0 if p == "≤10" else float(p) if p.isdigit() else 0.0 for p in parts[1:]]
    full, far = (left * w / sum(weights) if sum(weights) else 0.0 for w in weights)
    return _Row(stage, told_number(row["demand"], contents), (served, full, far), told)


def _goals(axes: Axes, contents: Contents, service: str, rows: list[_Row]) -> None:
    """The target of each stage for all who need the service, as a line across its bar."""
    if "targets" not in contents.tables:
        return
    targets = contents.tables["targets"]
    mine = targets[(targets["service"] == service) & (targets["group"] == "")]
    at = {row.stage: n for n, row in enumerate(rows)}
    for row in records(mine):
        if row["stage"] in at:
            x, goal = at[row["stage"]], 100 * float(row["goal"])
            axes.plot([x - 0.36, x + 0.36], [goal, goal], color=COLOURS[5], lw=1.6, zorder=4)
            told = say("figures.target", contents.lang, share=percent(row["goal"], contents.lang, 0))
            axes.annotate(told, (x + 0.36, goal), (2, 0), textcoords="offset points", size=TINY, va="center",
                          color=INK)  # fmt: skip


def money(contents: Contents, *, width: float) -> Sheet | None:
    """Cost beside budget by stage, in millions of VND; None where there is neither."""
    frame, lang = contents.tables["stages"], contents.lang
    cost, budget = frame["cost_vnd"].astype(float) / 1e6, frame["budget_vnd"].astype(float) / 1e6
    if not (cost > 0).any() and not budget.notna().any():
        return None
    sheet = Sheet(width, 6.4)
    axes = _axes(sheet, legend_rows=1)
    x, shift = np.arange(len(frame)), 0.19 if budget.notna().any() else 0.0
    pairs: list[tuple[str, pd.Series[float], str, float, str | None]] = [
        ("figures.cost", cost, COLOURS[0], -shift, None)
    ]
    if budget.notna().any():
        pairs.append(("figures.budget", budget, "#c9c3cf", shift, "////"))
    for key, values, colour, by, hatch in pairs:
        axes.bar(x + by, values.fillna(0), width=0.36, color=colour, label=say(key, lang), hatch=hatch,
                 edgecolor=INK if hatch else colour, linewidth=0.6)  # fmt: skip
        for at, value in zip(x + by, values, strict=True):
            if not np.isnan(value):
                axes.annotate(number(value, lang, 1), (at, value), (0, 2), textcoords="offset points",
                              ha="center", size=SMALL)  # fmt: skip
    _stages(axes, contents, list(frame["stage"]))
    axes.set_ylabel(say("figures.million", lang), size=SMALL)
    _numbers(axes, contents)
    _legend(sheet, axes, columns=2)
    return sheet


def options(contents: Contents, *, width: float) -> Sheet | None:
    """Persons served, added up over the years, by the plan and the others; None where there are no others."""
    if "options" not in contents.tables:
        return None
    lang, rows = contents.lang, records(contents.tables["options"])
    names = [wrapped(row["variant"] or say("figures.this_plan", lang), 34) for row in rows]
    values = [_amount(row["person_years"]) for row in rows]
    sheet = Sheet(width, 1.9 + 0.8 * len(rows))
    axes = sheet.chart(5.6, 1.5, sheet.width - 8.4, sheet.height - 1.6)
    at = np.arange(len(rows))[::-1]
    axes.barh(at, values, height=0.56, color=[COLOURS[0], *["#b9c7ce"] * (len(rows) - 1)])
    for y, value, row in zip(at, values, rows, strict=True):
        told = number(value, lang) if value else str(row["person_years"])
        if np.isfinite(row["of_best"]):
            told += f" ({percent(row['of_best'], lang, int(contents.edition == 'internal'))})"
        axes.annotate(told, (value, float(y)), (3, 0), textcoords="offset points", va="center", size=SMALL)
    axes.set_yticks(at, names, size=SMALL)
    service = contents.words["service"].get(rows[0]["service"], rows[0]["service"])
    axes.set_xlabel(wrapped(say("figures.person_years", lang, service=service), 80), size=SMALL)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda v, _: number(v, lang)))
    axes.xaxis.set_major_locator(MaxNLocator(nbins=5))
    for side in ("top", "right", "bottom"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=0, labelsize=SMALL)
    return sheet


def _amount(told: float | str) -> float:
    """A number as it is drawn; 0 where none is told."""
    if isinstance(told, str):
        return float(told) if told.isdigit() else 0.0
    return float(told)


# --- parts ---------------------------------------------------------------------------------------


def _rows(entries: int, columns: int = 2) -> int:
    return -(-entries // columns)


def _columns(sheet: Sheet, names: Sequence[str]) -> int:
    """Two columns of a legend where the longest names of both have room beside each other, else one."""
    first = _rows(len(names))
    widths = []
    for column in (names[:first], names[first:]):
        words = sheet.figure.text(0, 0, "\n".join(column), size=SMALL)
        widths.append(sheet.extent(words)[0])
        words.remove()
    return 2 if sum(widths) + _KEYS < sheet.width else 1


_KEYS = 2.2
"""Centimetres that the colours of two columns and the space between them take."""


def _axes(sheet: Sheet, *, legend_rows: int) -> Axes:
    top = 0.25 + legend_rows * 0.42
    axes = sheet.chart(1.45, 0.95, sheet.width - 1.65, sheet.height - 0.95 - top)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.grid(axis="y", color="#dfe3e4", lw=0.5)
    axes.set_axisbelow(True)
    axes.tick_params(length=0, labelsize=SMALL)
    return axes


def _stages(axes: Axes, contents: Contents, order: list[str]) -> None:
    axes.set_xticks(range(len(order)), [wrapped(contents.stage(s), 18) for s in order], size=BODY)
    axes.set_xlim(-0.6, len(order) - 0.4)


def _numbers(axes: Axes, contents: Contents) -> None:
    def told(value: float, _: int) -> str:
        return number(value, contents.lang, 0 if float(value).is_integer() else 1)

    axes.yaxis.set_major_formatter(FuncFormatter(told))
    axes.use_sticky_edges = False  # a bar of no height at the top would take the room above it
    axes.margins(y=0.12)
    axes.set_ylim(bottom=0)


def _legend(sheet: Sheet, axes: Axes, *, columns: int) -> None:
    handles, names = axes.get_legend_handles_labels()
    sheet.figure.legend(
        handles, names, loc="upper left", ncols=columns, frameon=False, fontsize=SMALL,
        bbox_to_anchor=(0.0, 1.0), borderaxespad=0.1, handlelength=1.4, columnspacing=1.6,
    )  # fmt: skip
