"""Moving a point: the places it may go to are marks on the map and a list, until one is taken or it stays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd
import streamlit as st

from planner import pins, site_words
from planner.pins import Place
from planner.plan import Plan
from planner.wording import stage_name
from text import Lang, number, say
from views import plan_choice, plan_facts, plan_nation
from views.markup import plain, tag
from views.plan_decide import Apply, decide

LISTED = 30
"""Places that the list names; all are on the map."""


class Target(NamedTuple):
    """Where a point may open instead: the place, its facility and commune, how far away, from which stage."""

    place: Place
    facility: str
    commune: str
    km: float
    stage: str


class Moving(NamedTuple):
    """A point that may move, where to, and who keeps the decision."""

    plan: Plan
    place: Place
    facility: str
    targets: Sequence[Target]
    apply: Apply


def of(plan: Plan, places: pd.DataFrame, row: Mapping[Any, Any] | None, apply: Apply | None) -> Moving | None:
    """How the point of `row` may move; None for what exists, is not open, or has nowhere to go.

    `places` are ``planner.site_words.candidates``; those of its own group come first, then the nearest.
    A place that cannot be ready in time is taken up when it is.
    """
    if apply is None or row is None or not row.get("opened_stage") or plan_nation.is_nation(plan):
        return None
    order = list(plan.scenario.stages)
    found = site_words.nearest(places, kind=row["kind"], group=row["group"], lat=row["lat"], lon=row["lon"])
    found = found[~found["facility"].isin(set(plan.facilities["facility"]))]
    targets = [
        Target(
            Place(other["premises"], other["kind"], other["premises_name"]), other["facility"],
            other["commune"], other["km"], max(row["opened_stage"], other["ready"], key=order.index),
        )
        for other in found.to_dict("records")
    ]  # fmt: skip
    place = Place(row["premises"], row["kind"], row["premises_name"])
    return Moving(plan, place, row["facility"], targets, apply) if targets else None


def under_way(plan: Plan, places: pd.DataFrame, stage: str, apply: Apply | None) -> Moving | None:
    """The move that somebody began; None while nothing is moved."""
    facility = plan_choice.moving()
    row = plan_facts.site(plan, facility, stage, places) if facility else None
    return of(plan, places, row, apply)


def told(found: Moving | None, lang: Lang) -> dict[str, str]:
    """What the map says of each place to go to, by its facility, in the order of the keyboard."""
    if found is None:
        return {}
    s = found.plan.scenario
    return {
        to.facility: say("panel.move.mark", lang, km=number(to.km, lang, 1), stage=stage_name(s, to.stage))
        for to in found.targets
    }


def take(found: Moving | None, facility: str) -> None:
    """Move to the place of this facility, and look at it there; nothing where nothing is moved."""
    if found is None:
        return
    for to in found.targets:
        if to.facility == facility and decide(found.plan, _change(found, to), found.apply):
            plan_choice.look_at(f"site:{facility}")


def _change(found: Moving, to: Target) -> pins.Change:
    return pins.move(found.plan.scenario, found.place, to.place, to.stage)


# --- in the panel --------------------------------------------------------------------------------


def button(found: Moving | None, lang: Lang) -> None:
    """Draw what begins the move, and ends it."""
    on = found is not None and plan_choice.moving() == found.facility
    st.button(
        say("panel.move", lang), key="panel_move", icon=":material/moving:", disabled=found is None,
        type="primary" if on else "secondary", help=say("panel.move.help", lang),
        on_click=plan_choice.move, args=("" if on or found is None else found.facility,),
    )  # fmt: skip


def show(found: Moving | None, lang: Lang) -> None:
    """While something is moved: how, the list, and the way out."""
    if found is None or plan_choice.moving() != found.facility:
        return
    with st.container(key="panel_moving", border=True):
        st.html(tag("p", say("panel.move.how", lang, n=len(found.targets)), cls="lt-small", role="status"))
        with st.container(horizontal=True, gap="small"):
            with st.popover(say("panel.move.list", lang), icon=":material/list:", key="panel_move_list"):
                _list(found, lang)
            st.button(
                say("panel.move.stop", lang), key="panel_move_stop", icon=":material/close:",
                on_click=plan_choice.move, args=("",),
            )  # fmt: skip


def _list(found: Moving, lang: Lang) -> None:
    for n, to in enumerate(found.targets[:LISTED]):
        km = number(to.km, lang, 1)
        words = say("panel.move.to", lang, place=plain(to.place.name), km=km, commune=plain(to.commune))
        st.button(words, key=f"panel_move_{n}", width="stretch", on_click=take, args=(found, to.facility))
    if (more := len(found.targets) - LISTED) > 0:
        st.html(tag("p", say("panel.move.more", lang, n=more), cls="lt-small"))
