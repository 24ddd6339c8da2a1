"""Two plans side by side as text and as plain data: what ``compare`` prints and ``compare.json`` holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from exports.lines import stage_label, table
from planner.compared import Compared, Indicator
from text import Lang, Text, million, number, percent, say

WAYS = {1: "more", -1: "less", 0: None}
"""Directions of an indicator as ``compare.json`` names them."""


def comparison(found: Compared, a: Text, b: Text, lang: Lang) -> str:
    """What differs in words, who gains and who loses, the indicators."""
    lines = [f"A: {a.say(lang)}", f"B: {b.say(lang)}", *(note.say(lang) for note in found.notes), ""]
    lines.append(say("compare.differences", lang) + ":")
    if found.same:
        lines.append("  " + say("compare.same", lang))
    lines += [f"  • {move.text.say(lang)}" for move in found.moves]
    if found.gains:
        service = found.a.scenario.services[found.service].label.text
        lines += ["", f"{say('compare.gains', lang)} ({service.say(lang)}):"]
        lines += [f"  • {gain.text.say(lang)}" for gain in found.gains]
    return "\n".join([*lines, "", *_table(found, lang), "", say("compare.key.console", lang)])


def _table(found: Compared, lang: Lang) -> list[str]:
    """The indicators, service by service."""
    head = ["", say("compare.column.figure", lang), "A", "B", "B − A", say("compare.column.better", lang)]
    rows = [
        [
            {1: "↑", -1: "↓", 0: " "}[one.direction],
            _named(found, one, lang),
            value(one, one.a, lang, one.of_a),
            value(one, one.b, lang, one.of_b),
            difference(one, lang),
            better(one, lang),
        ]
        for one in found.indicators
    ]
    return table([head, *rows], right=(2, 3, 4))


def _named(found: Compared, one: Indicator, lang: Lang) -> str:
    parts = [one.text.say(lang)]
    if one.stage:
        parts.append(stage_label(found.a.scenario, one.stage, lang))
    if one.service and len({i.service for i in found.indicators if i.service}) > 1:
        parts.append(found.a.scenario.services[one.service].label.text.say(lang))
    return " · ".join(parts)


# --- figures in words ----------------------------------------------------------------------------


def value(one: Indicator, figure: float | None, lang: Lang, of: int | None = None) -> str:
    """A figure of an indicator with its unit."""
    if figure is None:
        return "–"
    if of is not None:
        return say("compare.of_all", lang, n=number(figure, lang), of=number(of, lang))
    if one.unit == "share":
        return percent(figure, lang)
    if one.unit == "vnd":
        return million(figure, lang)
    if one.unit == "minutes":
        return say("compare.minutes", lang, n=number(figure, lang, 1))
    return number(figure, lang)


def difference(one: Indicator, lang: Lang) -> str:
    """B − A with its sign."""
    if one.difference is None:
        return "–"
    if one.better == "same":
        return "0"
    sign = "+" if one.difference > 0 else "−"
    if one.unit == "share":
        return sign + say("compare.share_points", lang, n=number(100 * abs(one.difference), lang, 1))
    return sign + value(one, abs(one.difference), lang)


def better(one: Indicator, lang: Lang) -> str:
    """Which plan is better by the indicator, in a word."""
    if one.better in ("a", "b"):
        return str(one.better).upper()
    return say("compare.better.same" if one.better == "same" else "compare.better.none", lang)


# --- as data -------------------------------------------------------------------------------------


def record(found: Compared, a: Text, b: Text) -> dict[str, Any]:
    """What ``compare.json`` holds: exact figures, for the office only.  Differences and gains are B − A."""
    return {
        "edition": "internal",
        "a": _side(found, "a", a),
        "b": _side(found, "b", b),
        "same": found.same,
        "service": found.service,
        "moves": [_told(move) for move in found.moves],
        "gains": [_told(gain) for gain in found.gains],
        "indicators": list(_indicators(found)),
        "notes": [{"text_vi": note.vi, "text_en": note.en} for note in found.notes],
    }


def _side(found: Compared, name: str, label: Text) -> dict[str, Any]:
    plan = found.a if name == "a" else found.b
    return {
        "label_vi": label.vi,
        "label_en": label.en,
        "scenario": plan.scenario.id,
        "status": plan.report.status.value,
        "provenance": plan.facts.provenance,
    }


def _told(row: Any) -> dict[str, Any]:
    """A row with its words in both languages."""
    plain = {key: value for key, value in row._asdict().items() if key != "text"}
    return plain | {"text_vi": row.text.vi, "text_en": row.text.en}


def _indicators(found: Compared) -> Iterator[dict[str, Any]]:
    for one in found.indicators:
        plain = _told(one) | {"direction": WAYS[one.direction]}
        yield plain | {"difference": one.difference, "better": one.better}
