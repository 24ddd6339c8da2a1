"""One stage of a plan: the map, three plain numbers, the sites.  The slider reruns nothing but this."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import folium
import pandas as pd
import streamlit as st
from streamlit_folium import st_folium

import planner
from exports.standing import standing
from geo import maps, workplace
from planner import pins, site_words
from planner.plan import Facts, Plan
from scenarios.schema import Scenario
from text import Lang, Text, inline, number, percent, say
from views import (
    picking,
    plan_choice,
    plan_journeys,
    plan_layers,
    plan_move,
    plan_nation,
    plan_panel,
    plan_sites,
    solving,
)
from views.frame import spoken_anew
from views.markup import Raw, tag
from views.plan_decide import Apply

STATIC = Path(__file__).parent.parent / "static"
STATIC_URL = "../../app/static"
"""The folder `static` as the map's frame sees it, behind a proxy with a base path too."""
MAP_HEIGHT = 520
"""Pixels, until style.css fits the map to the window."""


class Seen(NamedTuple):
    """What is looked at: a plan, one of its stages and services, and the layers of the map."""

    plan: Plan
    official: bool
    stage: str
    service: str
    labels: dict[str, str]
    layers: frozenset[str]
    lang: Lang


def show(plan: Plan, lang: Lang, apply: Apply) -> None:
    """Draw the stage that the slider stands at; `apply` keeps what is decided on the map."""
    _stage(plan, lang, apply, None)


def before(plan: Plan, lang: Lang, follow: Callable[[], None]) -> None:
    """Draw the map of a plan that is being replaced, and beside it by `follow` how far the new one is."""
    _stage(plan, lang, None, follow)


@st.fragment
def _stage(plan: Plan, lang: Lang, apply: Apply | None, follow: Callable[[], None] | None) -> None:
    if st.session_state.pop(plan_choice.SOLVE, False):
        st.rerun()
    labels = stage_labels(plan.scenario, lang)
    left, right = st.columns([3, 2], gap="medium")
    with left, st.container(key="controls", horizontal=True, vertical_alignment="center", gap="small"):
        stage = _slider(labels, lang)
        service = _service(plan, lang)
        with st.popover(say("app.layers", lang), icon=":material/layers:", key="layers"):
            shown, official = (plan, False) if follow is not None else _which(plan, lang)
            layers = plan_layers.wanted(shown, lang)
    seen = Seen(shown, official, stage, service, labels, layers, lang)
    places = candidates(shown.scenario)
    picking.listen("rows", plan_choice.pick)
    mine = None if official else apply
    with left:
        _map(seen, places, plan_move.under_way(shown, places, stage, mine))
    if follow is not None:
        with right:
            st.html(tag("p", say("app.before", lang), cls="lt-small"))
            follow()
        return
    with right:
        _headline(shown, stage, labels[stage], service, official=official, lang=lang)
        st.html(_numbers(shown, stage, service, lang))
        plan_panel.show(shown, places, stage=stage, service=service, lang=lang, apply=mine)
        with st.container(key="sites"):
            st.html(_sites(seen))
    plan_journeys.show(shown, stage, service, lang)
    chosen = str(st.session_state.get(plan_choice.CHOSEN) or "")
    plan_choice.keep_in_address(stage=stage, service=service, chosen=chosen)


def stage_labels(scenario: Scenario, lang: Lang) -> dict[str, str]:
    """What each stage is called, in order."""
    return {s: stage.label.text.say(lang) if stage.label else s for s, stage in scenario.stages.items()}


@st.cache_resource(max_entries=16, show_spinner=False, hash_funcs={Scenario: planner.digest})
def candidates(scenario: Scenario) -> pd.DataFrame:
    """Where something may stand (``site_words.candidates``), found once for all who look at `scenario`."""
    return site_words.candidates(scenario)


def _sites(seen: Seen) -> Raw:
    chosen = plan_choice.chosen().facility
    if plan_nation.is_nation(seen.plan):
        return plan_nation.sites(seen.plan, seen.stage, seen.lang, chosen=chosen)
    pinned, _ = _decided(seen.plan)
    return plan_sites.listed(
        seen.plan, seen.stage, seen.service, seen.labels, seen.lang, chosen=chosen, pinned=pinned
    )


def _decided(plan: Plan) -> tuple[frozenset[str], frozenset[str]]:
    """Ids of the facilities that are pinned, and of those that are forbidden."""
    held = pins.held(plan.scenario).items()
    return (
        frozenset(f"{premises}:{kind}" for (premises, kind), what in held if what.from_stage),
        frozenset(f"{premises}:{kind}" for (premises, kind), what in held if what.forbidden),
    )


# --- controls ------------------------------------------------------------------------------------


def _slider(labels: dict[str, str], lang: Lang) -> str:
    stages = list(labels)
    if len(stages) == 1:
        return stages[0]
    if st.session_state.get("stage", stages[0]) not in stages:
        st.session_state["stage"] = stages[0]
    return st.select_slider(
        say("app.stage", lang), stages, format_func=labels.__getitem__, key="stage", persist_state="session"
    )


def _service(plan: Plan, lang: Lang) -> str:
    services = list(dict.fromkeys(plan.coverage["service"]))
    if len(services) == 1:
        return services[0]
    if st.session_state.get("service", services[0]) not in services:
        st.session_state["service"] = services[0]
    names = {s: plan.scenario.services[s].label.text.say(lang) for s in services}
    spoken_anew("service", lang)
    return st.selectbox(say("app.service", lang), services, format_func=names.__getitem__, key="service")


def _which(plan: Plan, lang: Lang) -> tuple[Plan, bool]:
    """The plan that is looked at, and whether it is the official one."""
    if plan.scenario.official is None:
        return plan, False
    job = solving.evaluation(plan.scenario)
    official = job.answer().official if job.over and not job.failed else None
    wanted = st.toggle(
        say("app.official", lang), key="official", disabled=official is None, persist_state="session",
        help=say("app.official.help" if official else "app.official.wait", lang),
    )  # fmt: skip
    return (official, True) if wanted and official is not None else (plan, False)


# --- map -----------------------------------------------------------------------------------------


@st.cache_resource(max_entries=8, show_spinner=False)
def _drawn(
    _facts: Facts,
    digest: str,  # noqa: ARG001 - the cache's key
    labels: tuple[tuple[str, float, float], ...] = (),
) -> tuple[maps.Places, str | None]:
    """The geometry, and the address of its file for browsers; None where no file can be written."""
    drawn = maps.places(_facts.communes, labels=labels)
    return drawn, published(drawn)


def published(drawn: maps.Places) -> str | None:
    """The address of the file that browsers load the geometry from; None where none can be written."""
    name = f"drawn/{drawn.digest}.js"
    target = STATIC / name
    try:
        if not target.exists():
            target.parent.mkdir(exist_ok=True)
            part = target.with_suffix(f".{os.getpid()}.part")
            part.write_text(drawn.script, encoding="utf-8")
            part.replace(target)
    except OSError:
        return None
    return f"{STATIC_URL}/{name}"


def canvas(
    facts: Facts, scenario: Scenario, names: tuple[tuple[str, float, float], ...] = ()
) -> tuple[maps.Places, folium.Map]:
    """The places of a scenario, drawn once for all who look at them, and an empty map of them to work on."""
    shapes = facts.provenance.get("data_sha256", {}).get("boundaries", "")
    drawn, url = _drawn(facts, _of_places(scenario) + shapes, names)
    return drawn, maps.base_map(drawn, static=STATIC_URL, places_url=url, working=True)


def _of_places(scenario: Scenario) -> str:
    """What the shapes and names of a map depend on: no rule, no figure, so that a decision keeps the map."""
    groups = {code: given.name for code, given in scenario.registered_persons.by_group.items()}
    return f"{scenario.id} {scenario.place!r} {groups!r}"


def _map(seen: Seen, places: pd.DataFrame, moving: plan_move.Moving | None) -> None:
    plan, stage, service, lang = seen.plan, seen.stage, seen.service, seen.lang
    nation = plan_nation.is_nation(plan)
    drawn, empty = canvas(plan.facts, plan.scenario, plan_nation.labels(lang) if nation else ())
    there = plan.facilities if nation else standing(plan, stage)
    data = maps.stage_data(
        codes=drawn.codes, communes=plan.facts.communes, facilities=there, access=plan.access,
        allocation=plan.allocation, kinds=plan.scenario.kinds, stages=seen.labels, stage=stage,
        service=service, lang=lang, links="links" in seen.layers,
        approximate=plan.facts.boundaries_approximate,
        credit="" if plan.facts.boundaries_approximate else plan.facts.boundaries_credit.say(lang),
    )  # fmt: skip
    if nation:
        found = plan_nation.numbers(plan, stage)
        there = there[there["facility"].isin(set(found))]
        data = plan_nation.told(data, plan, drawn.codes, stage=stage, service=service, lang=lang)
    else:
        order = list(seen.labels)
        opened = there["opened_stage"].map({s: n for n, s in enumerate(order)})
        there = there[there["existing"] | (opened <= order.index(stage))]
    if "by_minutes" in seen.layers:
        data = plan_journeys.shaded(data, plan, drawn.codes, stage=stage, service=service, lang=lang)

    def clicked() -> bool:
        return plan_choice.on_map("map", drawn.codes, lambda to: plan_move.take(moving, to))

    if clicked():
        st.rerun()
    pinned, forbidden = _decided(plan)
    went = plan.allocation
    data["work"] = workplace.layer(
        codes=drawn.codes, sites=there, places=places,
        allocation=went[(went["stage"] == stage) & (went["service"] == service)],
        kinds=plan.scenario.kinds, chosen=plan_choice.chosen(), pinned=pinned, forbidden=forbidden,
        others=plan_move.told(moving, lang),
        ties=plan_layers.ties(there) if "ties" in seen.layers else (),
        areas=plan_layers.areas(plan, there, stage, service) if "areas" in seen.layers else (), lang=lang,
    )  # fmt: skip
    st_folium(
        empty, key="map", height=MAP_HEIGHT, use_container_width=True, returned_objects=[],
        feature_group_to_add=maps.stage_layer(data),
        on_change=clicked,
    )  # fmt: skip


# --- numbers -------------------------------------------------------------------------------------


def _headline(
    plan: Plan, stage: str, label: str, service: str, *, official: bool, lang: Lang
) -> None:  # fmt: skip
    """What opens and runs for the service that is looked at, and for those whose persons are not counted."""
    now = plan.counts[plan.counts["stage"] == stage]
    counted, kinds = set(plan.coverage["service"]), plan.scenario.kinds
    here = [row for row in now.itertuples() if kinds[row.kind].service not in counted - {service}]
    opened = ", ".join(_points(row.opened, row.kind, plan, lang) for row in here if row.opened) or "–"
    running = [
        _points(row.open, row.kind, plan, lang) for row in here
        if row.open and kinds[row.kind].service == service
    ]  # fmt: skip
    if int(now.loc[[row.Index for row in here], "opened"].sum()) < int(now["opened"].sum()):
        opened = say("surfaces.opened_of", lang, opened=opened, all=int(now["opened"].sum()))
    said = inline(Text(label, label)).say(lang)
    title = say("app.head.official" if official else "app.head.optimal", lang, stage=said)
    rest = say("app.head.opened", lang, opened=opened, open=", ".join(running) or "–")
    st.html(
        tag("div", tag("h2", title), tag("span", rest), cls="lt-head lt-official" if official else "lt-head")
    )


def _points(count: int, kind: str, plan: Plan, lang: Lang) -> str:
    """``02 tư vấn``, as Vietnamese documents write small numbers; ``2 counselling``."""
    figure = f"{count:02d}" if lang == "vi" else str(count)
    return f"{figure} {inline(plan.scenario.kinds[kind].short.text).say(lang)}"


def _numbers(plan: Plan, stage: str, service: str, lang: Lang) -> Raw:
    """Served, within reach without a place, out of reach: persons and shares, the denominator named."""
    table_ = plan.coverage
    row = table_[(table_["stage"] == stage) & (table_["service"] == service)].iloc[0]
    demand = float(row["demand"])
    cells, parts = [], []
    for name in ("served", "no_capacity", "out_of_reach"):
        share = float(row[name]) / demand if demand else 0.0
        figure = tag("span", number(row[name], lang), cls="lt-figure")
        cells.append(
            tag("div", figure, tag("span", percent(share, lang), cls="lt-share"),
                tag("span", say(f"app.{name}", lang), cls="lt-label"), cls=f"lt-number lt-{name}")
        )  # fmt: skip
        parts.append(tag("i", cls=f"lt-{name}", style=f"width:{100 * share:.2f}%"))
    return tag(
        "div",
        tag("div", *cells, cls="lt-numbers"),
        tag("div", *parts, cls="lt-parts", aria_hidden="true"),
        tag("p", _denominator(plan, service, demand, lang), cls="lt-small lt-denominator"),
    )


def _denominator(plan: Plan, service: str, demand: float, lang: Lang) -> str:
    kinds = [kind for kind in plan.scenario.kinds.values() if kind.service == service]
    limits = {kind.standard_minutes.value for kind in kinds if kind.standard_minutes}
    share = plan.scenario.services[service].demand_share or 0.0
    values = {
        "demand": number(demand, lang),
        "service": plan.scenario.services[service].label.text.say(lang),
        "share": percent(share, lang, 0),
    }
    if not limits:
        return say("app.denominator.no_standard", lang, **values)
    return say("app.denominator", lang, minutes="–".join(number(m, lang) for m in sorted(limits)), **values)
