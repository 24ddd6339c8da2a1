"""The panel beside the map: what is chosen, what may be decided about it, and why it stands there."""

from __future__ import annotations

from typing import Any, NamedTuple

import pandas as pd
import streamlit as st

from planner import pins
from planner.pins import Held, Place
from planner.plan import Plan
from planner.wording import stage_name
from text import Lang, say
from views import plan_choice, plan_facts, plan_move, plan_nation, plan_why
from views.markup import plain, tag
from views.plan_decide import Apply, decide, refusal


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
    if (why := refusal(lang)) is not None:
        st.html(why)
    offer = places[(places["facility"] == row["facility"]) & places["offered"]]
    if offer.empty and not desk.decided.rules:
        stays = "panel.stays" if row.get("existing") else "panel.not_offered"
        st.html(tag("p", say(stays, lang), cls="lt-small"))
        return
    moving = plan_move.of(desk.plan, places, row, desk.apply)
    with st.container(key="panel_actions", horizontal=True, gap="small"):
        if not offer.empty:
            _pin(desk, str(offer.iloc[0]["ready"]))
            if not desk.decided.forbidden:
                _button(desk, "forbid", "block", pins.forbid(desk.plan.scenario, desk.place))
            if row.get("opened_stage") and not plan_nation.is_nation(desk.plan):
                plan_move.button(moving, lang)
        if desk.decided.rules:
            _button(desk, "free", "lock_open", pins.free(desk.plan.scenario, desk.place))
    plan_move.show(moving, lang)


def _button(desk: _Desk, what: str, symbol: str, change: pins.Change) -> None:
    st.button(
        say(f"panel.{what}", desk.lang), key=f"panel_{what}", icon=f":material/{symbol}:",
        help=say(f"panel.{what}.help", desk.lang), on_click=decide, args=(desk.plan, change, desk.apply),
    )  # fmt: skip


def _pin(desk: _Desk, ready: str) -> None:
    """One button a stage, from the first in which it may open."""
    s, lang = desk.plan.scenario, desk.lang
    order = list(s.stages)
    with st.popover(say("panel.pin", lang), icon=":material/push_pin:", key="panel_pin"):
        st.html(tag("p", say("panel.pin.help", lang), cls="lt-small"))
        for stage in order[order.index(ready) :]:
            st.button(
                plain(stage_name(s, stage).say(lang)), key=f"panel_pin_{stage}", width="stretch",
                disabled=desk.decided.from_stage == stage, on_click=decide,
                args=(desk.plan, pins.pin(s, desk.place, stage), desk.apply),
            )  # fmt: skip
