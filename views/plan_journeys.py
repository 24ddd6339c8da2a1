"""Travel on the plan page: how minutes were found, who travels how long, hours a month, the longest trips."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import streamlit as st

from geo import minutes_stage, trips
from planner import journeys
from planner.journeys import Journeys
from planner.plan import Plan
from text import Lang, inline, number, percent, say
from views.markup import Head, Raw, bar, table, tag
from views.plan_words import source_words


def timed(plan: Plan) -> bool:
    """Whether `plan` counts time at all; a nation of provinces does not."""
    return plan.facts.travel.used != "within_group"


def by_minutes(plan: Plan, lang: Lang) -> bool:
    """The switch beside the service: communes shaded by minutes in place of persons."""
    return timed(plan) and st.toggle(
        say("journeys.switch", lang), key="by_minutes", help=say("journeys.switch.help", lang),
        persist_state="session",
    )  # fmt: skip


def shaded(
    data: dict[str, Any], plan: Plan, codes: tuple[str, ...], *, stage: str, service: str, lang: Lang
) -> dict[str, Any]:
    """The stage of ``maps.stage_data`` shaded by minutes."""
    return minutes_stage.told(data, codes=codes, access=plan.access, stage=stage, service=service, lang=lang)


def show(plan: Plan, stage: str, service: str, lang: Lang) -> None:
    """The section of one stage and service; nothing where no time is counted."""
    if not timed(plan):
        return
    spoken, label = plan.scenario.services[service].label.text.say(lang), plan.scenario.stages[stage].label
    at = inline(label.text).say(lang) if label else stage
    st.subheader(say("journeys.title", lang))
    st.html(tag("p", say("journeys.lead", lang, service=spoken, stage=at)))
    left, right = st.columns(2, gap="large")
    with left:
        place = st.empty()
        days = _take_home(plan, service, lang)
    found = journeys.of(plan, take_home_days=days).at(service, stage)
    place.html(bands(found, lang))
    with left:
        st.html(hours(found, plan, service, lang, tried=days))
    with right:
        st.html(longest(found, lang))
        st.html(way(plan, lang))
        _warnings(plan, lang)


def _take_home(plan: Plan, service: str, lang: Lang) -> float | None:
    """Days of doses at a time that the planner tries, where people come daily; None as the scenario says."""
    if "daily" not in plan.visits().get(service, {}):
        return None
    stated = plan.scenario.services[service].take_home_days
    return st.number_input(
        say("journeys.take_home", lang), 1, journeys.MOST_DAYS, value=None, key="take_home_days", width=420,
        placeholder=number(stated.value, lang) if stated else say("journeys.take_home.none", lang),
    )  # fmt: skip


# --- who travels how long ------------------------------------------------------------------------


def bands(found: Journeys, lang: Lang) -> Raw:
    """Persons and their share by bands of minutes to the nearest open point."""
    heads = [Head(say("table.band", lang)), Head(say("table.travellers", lang), figure=True),
             Head(say("table.of_all", lang), figure=True), Head("")]  # fmt: skip
    rows = [
        (trips.spoken(row.band).say(lang), number(row.travellers, lang), percent(row.of_all, lang),
         tag("div", bar(row.of_all), cls="lt-used"))
        for row in found.bands.dropna(subset=["travellers", "of_all"]).itertuples()
    ]  # fmt: skip
    if not rows:
        return tag("p", say("journeys.nobody", lang))
    note = tag("p", say("journeys.bands.note", lang), cls="lt-small")
    return tag("div", table(heads, rows, caption=say("journeys.bands", lang)), note)


def longest(found: Journeys, lang: Lang) -> Raw:
    """The communes farthest from an open point: one-way minutes, and how many need the service there."""
    heads = [
        Head(say("journeys.longest", lang)),
        Head(say("journeys.longest.minutes", lang), figure=True),
        Head(say("table.travellers", lang), figure=True),
        Head(say("journeys.longest.way", lang)),
    ]
    ways = found.nearest.set_index("commune_code")["way"]
    rows = []
    for row in found.longest.itertuples():
        how = ways.get(row.commune_code, "")
        spoken = say(f"travel.way.{how}", lang) if how else "–"
        rows.append((row.commune, number(row.minutes, lang), number(row.travellers, lang), spoken))
    if not rows:
        return tag("p", say("journeys.longest.none", lang))
    return table(heads, rows, caption=say("journeys.longest", lang))


def hours(
    found: Journeys, plan: Plan, service: str, lang: Lang, *, tried: float | None = None
) -> Raw:  # fmt: skip
    """Person-hours of travel a month of those served, a row a way of dosing; `tried`: days in place of the
    scenario's.
    """
    if found.hours.empty:
        return tag("p", say("journeys.hours.unknown", lang), cls="lt-small")
    heads = [Head(say("journeys.hours", lang))]
    heads += [Head(say(f"table.{name}", lang), figure=True) for name in ("visits_month", "hours_month")]
    rows = [
        (say(f"travel.dosing.{row.dosing}", lang), number(row.visits_month, lang, 1),
         number(row.hours_month, lang))
        for row in found.hours.itertuples()
    ]  # fmt: skip
    said = plan.scenario.services[service]
    stated = [
        _figure(f"journeys.hours.{name}", figure, lang)
        for name, figure in (("visits", said.visits_per_year), ("days", said.take_home_days))
        if figure is not None
    ]
    if tried is not None:
        stated = stated[:1]  # the planner's own days need no source
    note = " ".join([say("table.hours_month.about", lang) + ".", *stated])
    return tag("div", table(heads, rows, caption=say("journeys.hours", lang)), tag("p", note, cls="lt-small"))


# --- how minutes were found ----------------------------------------------------------------------


def way(plan: Plan, lang: Lang) -> Raw:
    """How minutes were found, whose roads they are, who fell back, and what the straight line takes."""
    facts = plan.facts.travel
    notes = facts.notes[: len(facts.notes) - len(facts.warnings)]  # warnings are listed on their own
    first, *rest = (note.say(lang) for note in notes)
    lines = [*rest, *_terms(plan, lang)]
    return tag("div", tag("p", tag("b", first)), *(tag("p", line, cls="lt-small") for line in lines))


def _terms(plan: Plan, lang: Lang) -> Iterator[str]:
    """The figures of the scenario that minutes rest on, each with its source."""
    asked, used = plan.scenario.travel, plan.facts.travel.used
    yield say("journeys.mode", lang, mode=say(f"travel.mode.{asked.mode}", lang))
    if used == "roads" and asked.roads is not None:
        for name in ("wet_season_factor", "snap_metres", "walking_kmh"):
            yield _figure(f"journeys.{name}", getattr(asked.roads, name), lang)
    if asked.detour_factor is not None and asked.speed_kmh is not None:
        yield say("journeys.line" if used == "straight_line" else "journeys.line_else", lang)
        yield _figure("journeys.detour_factor", asked.detour_factor, lang)
        yield _figure("journeys.speed_kmh", asked.speed_kmh, lang)


def _figure(key: str, figure: Any, lang: Lang) -> str:
    value = float(figure.value)
    said = number(value, lang, 0 if value.is_integer() else 2).rstrip("0" if not value.is_integer() else "")
    return say(key, lang, value=said, source=source_words(figure.source, lang))


def _warnings(plan: Plan, lang: Lang) -> None:
    warnings = plan.facts.travel.warnings
    if not warnings:
        return
    with st.expander(say("journeys.warnings", lang, n=len(warnings)), icon=":material/warning:"):
        st.html(tag("ol", *(tag("li", warning.say(lang)) for warning in warnings), cls="lt-sourced"))
