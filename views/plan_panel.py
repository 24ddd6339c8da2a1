"""The panel beside the map: what is chosen, what may be decided about it, and why it stands there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from errors import ScenarioError
from planner import pins, site_words
from planner.pins import Held, Place
from planner.plan import Plan
from planner.wording import stage_name
from scenarios import reading
from text import Lang, Text, number, say
from views import plan_choice, plan_facts, plan_nation, plan_why
from views.markup import Raw, tag

Apply = Callable[[Text, dict[str, Any]], None]
"""Keeps a change of the scenario, in words and as a patch."""
NEAR = 8
"""Places to move to that are offered at once."""
REFUSED = "pin_refused"


def show(
    plan: Plan, places: pd.DataFrame, *, stage: str, service: str, lang: Lang, apply: Apply | None
) -> None:
    """Draw what is chosen; `apply` is None where nothing can be decided (a plan that is not the best one)."""
    chosen = plan_choice.chosen()
    row, words = None, None
    if chosen.facility:
        row = plan_facts.site(plan, chosen.facility, stage, places)
    if row is not None:
        decided = pins.held(plan.scenario).get((row["premises"], row["kind"]), Held())
        words = plan_facts.of_site(plan, row, stage, decided, lang)
    elif chosen.commune:
        words = plan_facts.of_commune(plan, chosen.commune, stage, service, places, lang)
    if words is None:
        return
    with st.container(key="panel", border=True):
        with st.container(key="panel_head"):
            st.button(
                say("panel.close", lang), key="panel_close", icon=":material/close:", type="tertiary",
                on_click=plan_choice.let_go,
            )  # fmt: skip
        st.html(words)
        if row is not None:
            _decide(plan, row, places, decided, lang, apply)
            plan_why.show(plan, row["facility"], lang)


def _decide(
    plan: Plan, row: dict[Any, Any], places: pd.DataFrame, decided: Held, lang: Lang, apply: Apply | None
) -> None:
    if (why := st.session_state.pop(REFUSED, None)) is not None:
        st.html(_refused(why, lang))
    if apply is None:
        st.html(tag("p", say("panel.not_ours", lang), cls="lt-small"))
        return
    offer = places[(places["facility"] == row["facility"]) & places["offered"]]
    if offer.empty and not decided.rules:
        stays = "panel.stays" if row.get("existing") else "panel.not_offered"
        st.html(tag("p", say(stays, lang), cls="lt-small"))
        return
    place = Place(row["premises"], row["kind"], row["premises_name"])
    with st.container(key="panel_actions", horizontal=True, gap="small"):
        if not offer.empty:
            _pin(plan, place, str(offer.iloc[0]["ready"]), decided, lang, apply)
            _button("forbid", "block", lang, apply, plan, pins.forbid(plan.scenario, place),
                    disabled=decided.forbidden)  # fmt: skip
            if row.get("opened_stage") and not plan_nation.is_nation(plan):
                _move(plan, row, place, places, lang, apply)
        if decided.rules:
            _button("free", "lock_open", lang, apply, plan, pins.free(plan.scenario, place))


def _button(
    what: str,
    symbol: str,
    lang: Lang,
    apply: Apply,
    plan: Plan,
    change: pins.Change,
    *,
    disabled: bool = False,
) -> None:
    st.button(
        say(f"panel.{what}", lang), key=f"panel_{what}", icon=f":material/{symbol}:", disabled=disabled,
        help=say(f"panel.{what}.help", lang), on_click=_decided, args=(plan, change, apply),
    )  # fmt: skip


def _pin(plan: Plan, place: Place, ready: str, decided: Held, lang: Lang, apply: Apply) -> None:
    """One button a stage, from the first in which it may open."""
    order = list(plan.scenario.stages)
    with st.popover(say("panel.pin", lang), icon=":material/push_pin:", key="panel_pin"):
        st.html(tag("p", say("panel.pin.help", lang), cls="lt-small"))
        for stage in order[order.index(ready) :]:
            words = say("panel.pin.from", lang, stage=stage_name(plan.scenario, stage))
            st.button(
                words, key=f"panel_pin_{stage}", disabled=decided.from_stage == stage, on_click=_decided,
                args=(plan, pins.pin(plan.scenario, place, stage), apply),
            )  # fmt: skip


def _move(
    plan: Plan, row: dict[Any, Any], place: Place, places: pd.DataFrame, lang: Lang, apply: Apply
) -> None:
    """Places that are offered for the kind, those of the same group and the nearest first."""
    found = site_words.nearest(places, kind=row["kind"], group=row["group"], lat=row["lat"], lon=row["lon"])
    there = set(plan.facilities["facility"])
    found = found[~found["facility"].isin(there)].head(NEAR)
    with st.popover(
        say("panel.move", lang), icon=":material/moving:", key="panel_move", disabled=found.empty
    ):
        st.html(tag("p", say("panel.move.help", lang), cls="lt-small"))
        for n, other in enumerate(found.to_dict("records")):
            to = Place(other["premises"], other["kind"], other["premises_name"])
            # a place that cannot be ready in time is taken up when it is
            stage = max(row["opened_stage"], other["ready"], key=list(plan.scenario.stages).index)
            words = say("panel.move.to", lang, place=_plain(to.name), km=number(other["km"], lang, 1),
                        commune=_plain(other["commune"]))  # fmt: skip
            st.button(
                words, key=f"panel_move_{n}", on_click=_decided,
                args=(plan, pins.move(plan.scenario, place, to, stage), apply),
            )  # fmt: skip


def _plain(name: str) -> str:
    """`name` on a button, whose label Streamlit reads as Markdown."""
    return "".join(f"\\{c}" if c in r"\`*_{}[]()<>#+-.!|$:~" else c for c in name)


def _decided(plan: Plan, change: pins.Change, apply: Apply) -> None:
    """Keep the decision, unless the scenario would not hold together with it."""
    text, patch = change
    try:
        reading.changed(plan.scenario, patch)
    except ScenarioError as why:
        st.session_state[REFUSED] = why
        return
    apply(text, patch)
    st.session_state[plan_choice.SOLVE] = True


def _refused(why: ScenarioError, lang: Lang) -> Raw:
    lines = (tag("li", line) for line in why.say(lang).splitlines())
    return tag("div", tag("p", say("panel.refused", lang)), tag("ol", *lines, cls="lt-problems"))
