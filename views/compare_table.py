"""What tells two plans apart, in words and figures: what opens otherwise, who gains, and which is better."""

from __future__ import annotations

from collections.abc import Iterator

import streamlit as st

from exports.console_compare import better, difference, value
from planner.compared import Compared, Indicator
from planner.wording import stage_name
from text import Lang, say
from views.compare_choice import Side
from views.markup import Head, Raw, folded_list, icon, joined, table, tag

ARROWS = {1: "arrow_upward", -1: "arrow_downward", 0: "remove"}


def show(a: Side, b: Side, found: Compared, service: str, lang: Lang) -> None:
    """Draw the words on the left and the figures on the right."""
    left, right = st.columns([2, 3], gap="large")
    with left:
        st.html(tag("div", *_words(a, b, found, lang)))
    with right:
        st.html(tag("div", tag("h3", say("compare.figures", lang)), _figures(found, service, lang)))


# --- in words ------------------------------------------------------------------------------------


def _words(a: Side, b: Side, found: Compared, lang: Lang) -> Iterator[Raw]:
    yield tag("h3", say("compare.differences", lang))
    if found.same:
        yield tag("p", say("compare.same", lang))
    elif found.moves:
        yield folded_list([move.text.say(lang) for move in found.moves])
    if found.gains:
        service = found.a.scenario.services[found.service].label.text
        yield tag("h3", say("compare.gains", lang))
        yield tag("p", say("compare.gains.service", lang, service=service), cls="lt-small")
        yield folded_list([gain.text.say(lang) for gain in found.gains])
    for name, side in (("A", a), ("B", b)):
        if side.note is not None:
            yield tag("p", tag("b", name), ": ", side.note.say(lang), cls="lt-small")
    yield from (tag("p", note.say(lang), cls="lt-small") for note in found.notes)


# --- in figures ----------------------------------------------------------------------------------


def _figures(found: Compared, service: str, lang: Lang) -> Raw:
    """The indicators of the service, and those of the plans as a whole."""
    heads = [
        Head(say("compare.column.figure", lang)), Head("A", figure=True), Head("B", figure=True),
        Head(say("compare.column.difference", lang), figure=True), Head(say("compare.column.better", lang)),
    ]  # fmt: skip
    shown = [i for i in found.indicators if i.service in ("", service)]
    rows = [
        (
            tag("div", _direction(i, lang), _named(found, i, lang), cls="lt-direction"),
            value(i, i.a, lang, i.of_a),
            value(i, i.b, lang, i.of_b),
            difference(i, lang),
            better(i, lang),
        )
        for i in shown
    ]
    key = tag("p", say("compare.key", lang), cls="lt-small")
    return joined([table(heads, rows, caption=say("compare.figures", lang), cls="lt-indicators"), key])


def _direction(one: Indicator, lang: Lang) -> Raw:
    return icon(ARROWS[one.direction], say(f"compare.direction.{one.direction + 1}", lang))


def _named(found: Compared, one: Indicator, lang: Lang) -> Raw:
    name = one.text.say(lang)
    if not one.stage:
        return tag("span", name)
    stage = stage_name(found.a.scenario, one.stage).say(lang)
    return tag("span", name, tag("span", f" · {stage}", cls="lt-about"))
