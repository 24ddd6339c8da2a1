"""The panel beside the map: what is chosen, what may be decided about it, and why it stands there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

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


class _Desk(NamedTuple):
    """What a decision is about: the plan, the point, where else there could be one, and who keeps it."""

    plan: Plan
    row: dict[Any, Any]
    places: pd.DataFrame
    decided: Held
    lang: Lang
    apply: Apply

    @property
    def place(self) -> Place:
        return Place(self.row["premises"], self.row["kind"], self.row["premises_name"])


def show(
    plan: Plan, places: pd.DataFrame, *, stage: str, service: str, lang: Lang, apply: Apply | None
) -> None:
    """Draw what is chosen; `apply` is None where nothing can be decided (a plan that is not the best one)."""
    chosen, row, words = plan_choice.chosen(), None, None
    if chosen.facility:
        row = plan_facts.site(plan, chosen.facility, stage, places)
    elif chosen.commune:
        words = plan_facts.of_commune(plan, chosen.commune, places, stage=stage, service=service, lang=lang)
    if row is None and words is None:
        return
    with st.container(key="panel", border=True):
        st.button(
            say("panel.close", lang), key="panel_close", icon=":material/close:", type="tertiary",
            on_click=plan_choice.let_go,
        )  # fmt: skip
        if row is None:
            st.html(words)
            return
        decided = pins.held(plan.scenario).get((row["premises"], row["kind"]), Held())
        st.html(plan_facts.head_of_site(plan, row, decided, lang))
        if apply is None:
            st.html(tag("p", say("panel.not_ours", lang), cls="lt-small"))
        else:
            _decide(_Desk(plan, row, places, decided, lang, apply))
        st.html(plan_facts.of_site(plan, row, stage, lang))
        plan_why.show(plan, row["facility"], lang)


def _decide(desk: _Desk) -> None:
    row, places, lang = desk.row, desk.places, desk.lang
    if (why := st.session_state.pop(REFUSED, None)) is not None:
        st.html(_refused(why, lang))
    offer = places[(places["facility"] == row["facility"]) & places["offered"]]
    if offer.empty and not desk.decided.rules:
        stays = "panel.stays" if row.get("existing") else "panel.not_offered"
        st.html(tag("p", say(stays, lang), cls="lt-small"))
        return
    with st.container(key="panel_actions", horizontal=True, gap="small"):
        if not offer.empty:
            _pin(desk, str(offer.iloc[0]["ready"]))
            if not desk.decided.forbidden:
                _button(desk, "forbid", "block", pins.forbid(desk.plan.scenario, desk.place))
            if row.get("opened_stage") and not plan_nation.is_nation(desk.plan):
                _move(desk)
        if desk.decided.rules:
            _button(desk, "free", "lock_open", pins.free(desk.plan.scenario, desk.place))


def _button(desk: _Desk, what: str, symbol: str, change: pins.Change) -> None:
    st.button(
        say(f"panel.{what}", desk.lang), key=f"panel_{what}", icon=f":material/{symbol}:",
        help=say(f"panel.{what}.help", desk.lang), on_click=_decided, args=(desk, change),
    )  # fmt: skip


def _pin(desk: _Desk, ready: str) -> None:
    """One button a stage, from the first in which it may open."""
    s, lang = desk.plan.scenario, desk.lang
    order = list(s.stages)
    with st.popover(say("panel.pin", lang), icon=":material/push_pin:", key="panel_pin"):
        st.html(tag("p", say("panel.pin.help", lang), cls="lt-small"))
        for stage in order[order.index(ready) :]:
            st.button(
                _plain(stage_name(s, stage).say(lang)), key=f"panel_pin_{stage}", width="stretch",
                disabled=desk.decided.from_stage == stage, on_click=_decided,
                args=(desk, pins.pin(s, desk.place, stage)),
            )  # fmt: skip


def _move(desk: _Desk) -> None:
    """Places that are offered for the kind, those of the same group and the nearest first."""
    row, lang, order = desk.row, desk.lang, list(desk.plan.scenario.stages)
    found = site_words.nearest(
        desk.places, kind=row["kind"], group=row["group"], lat=row["lat"], lon=row["lon"]
    )
    found = found[~found["facility"].isin(set(desk.plan.facilities["facility"]))].head(NEAR)
    with st.popover(
        say("panel.move", lang), icon=":material/moving:", key="panel_move", disabled=found.empty
    ):
        st.html(tag("p", say("panel.move.help", lang), cls="lt-small"))
        for n, other in enumerate(found.to_dict("records")):
            to = Place(other["premises"], other["kind"], other["premises_name"])
            # a place that cannot be ready in time is taken up when it is
            stage = max(row["opened_stage"], other["ready"], key=order.index)
            words = say("panel.move.to", lang, place=_plain(to.name), km=number(other["km"], lang, 1),
                        commune=_plain(other["commune"]))  # fmt: skip
            st.button(
                words, key=f"panel_move_{n}", width="stretch", on_click=_decided,
                args=(desk, pins.move(desk.plan.scenario, desk.place, to, stage)),
            )  # fmt: skip


def _plain(name: str) -> str:
    """`name` on a button, whose label Streamlit reads as Markdown."""
    return "".join(f"\\{c}" if c in r"\`*_{}[]()<>#+-.!|$:~" else c for c in name)


def _decided(desk: _Desk, change: pins.Change) -> None:
    """Keep the decision, unless the scenario would not hold together with it."""
    text, patch = change
    try:
        reading.changed(desk.plan.scenario, patch)
    except ScenarioError as why:
        st.session_state[REFUSED] = why
        return
    desk.apply(text, patch)
    st.session_state[plan_choice.SOLVE] = True


def _refused(why: ScenarioError, lang: Lang) -> Raw:
    lines = (tag("li", line) for line in why.say(lang).splitlines())
    return tag("div", tag("p", say("panel.refused", lang)), tag("ol", *lines, cls="lt-problems"))
