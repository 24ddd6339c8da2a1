"""One stage of a plan: the map, three plain numbers, the sites.  The slider reruns nothing but this."""

from __future__ import annotations

import os
from pathlib import Path

import folium
import pandas as pd
import streamlit as st
from streamlit_folium import st_folium

import planner
from geo import maps
from planner.plan import Facts, Plan
from scenarios.schema import Scenario
from text import Lang, number, percent, say
from views import work
from views.markup import Head, Raw, symbol, table, tag

STATIC = Path(__file__).parent.parent / "static"
STATIC_URL = "../../app/static"
"""The folder `static` as the map's frame sees it, behind a proxy with a base path too."""
MAP_HEIGHT = 520
"""Pixels, until style.css fits the map to the window."""


@st.fragment
def show(plan: Plan, lang: Lang) -> None:
    """Draw the stage that the slider stands at."""
    scenario = plan.scenario
    labels = stage_labels(scenario, lang)
    left, right = st.columns([3, 2], gap="medium")
    with left, st.container(key="controls", horizontal=True, vertical_alignment="center", gap="medium"):
        stage = _slider(scenario, labels, lang)
        service = _service(plan, lang)
        links = st.toggle(say("app.links", lang), key="links", help=say("app.links.help", lang))
        shown, official = _which(plan, lang)
    with left:
        _map(shown, stage=stage, service=service, labels=labels, links=links, lang=lang)
    with right:
        _headline(shown, stage, labels[stage], official, lang)
        st.html(_numbers(shown, stage, service, lang))
        with st.container(key="sites"):
            st.html(_sites(shown, stage, labels, lang))


def stage_labels(scenario: Scenario, lang: Lang) -> dict[str, str]:
    """What each stage is called, in order."""
    return {s: stage.label.text.say(lang) if stage.label else s for s, stage in scenario.stages.items()}


# --- controls ------------------------------------------------------------------------------------


def _slider(scenario: Scenario, labels: dict[str, str], lang: Lang) -> str:
    stages = list(labels)
    if st.session_state.get("stage") not in stages:
        st.session_state["stage"] = stages[0]
    if len(stages) == 1:
        return stages[0]
    return st.select_slider(say("app.stage", lang), stages, format_func=labels.__getitem__, key="stage")


def _service(plan: Plan, lang: Lang) -> str:
    services = list(dict.fromkeys(plan.coverage["service"]))
    if len(services) == 1:
        return services[0]
    names = {s: plan.scenario.services[s].label.text.say(lang) for s in services}
    return st.selectbox(say("app.service", lang), services, format_func=names.__getitem__, key="service")


def _which(plan: Plan, lang: Lang) -> tuple[Plan, bool]:
    """The plan that is looked at, and whether it is the official one."""
    if plan.scenario.official is None:
        return plan, False
    job = work.evaluation(plan.scenario)
    official = job.answer().official if job.over and not job.failed else None
    wanted = st.toggle(
        say("app.official", lang), key="official", disabled=official is None,
        help=say("app.official.help" if official else "app.official.wait", lang),
    )  # fmt: skip
    return (official, True) if wanted and official is not None else (plan, False)


# --- map -----------------------------------------------------------------------------------------


@st.cache_resource(max_entries=8, show_spinner=False)
def _drawn(_facts: Facts, digest: str) -> tuple[maps.Places, str | None]:  # noqa: ARG001 - the cache's key
    """The geometry, and the address of the file that browsers load it from (None where none can be written)."""
    drawn = maps.places(_facts.communes)
    name = f"drawn/{drawn.digest}.js"
    target = STATIC / name
    try:
        if not target.exists():
            target.parent.mkdir(exist_ok=True)
            part = target.with_suffix(f".{os.getpid()}.part")
            part.write_text(drawn.script, encoding="utf-8")
            part.replace(target)
    except OSError:
        return drawn, None
    return drawn, f"{STATIC_URL}/{name}"


def _map(
    plan: Plan, *, stage: str, service: str, labels: dict[str, str], links: bool, lang: Lang
) -> None:  # fmt: skip
    drawn, url = _drawn(plan.facts, planner.digest(plan.scenario))
    canvas: folium.Map = maps.base_map(drawn, static=STATIC_URL, places_url=url)
    data = maps.stage_data(
        codes=drawn.codes, communes=plan.facts.communes, facilities=plan.facilities, access=plan.access,
        allocation=plan.allocation, kinds=plan.scenario.kinds, stages=labels, stage=stage, service=service,
        lang=lang, links=links, approximate=plan.facts.boundaries_approximate,
    )  # fmt: skip
    st_folium(
        canvas, key="map", height=MAP_HEIGHT, use_container_width=True, returned_objects=[],
        feature_group_to_add=maps.stage_layer(data),
    )  # fmt: skip


# --- numbers -------------------------------------------------------------------------------------


def _headline(plan: Plan, stage: str, label: str, official: bool, lang: Lang) -> None:
    opened = int(plan.stages.loc[plan.stages["stage"] == stage, "opened"].iloc[0])
    kinds = set(_planned(plan)["kind"])
    open_now = plan.counts[(plan.counts["stage"] == stage) & plan.counts["kind"].isin(kinds)]["open"].sum()
    title = say("app.head.official" if official else "app.head.optimal", lang, stage=label)
    rest = say("app.head.opened", lang, opened=f"{opened:02d}", open=f"{open_now:02d}")
    st.html(tag("div", tag("h2", title), tag("span", rest), cls="lt-head lt-official" if official else "lt-head"))


def _planned(plan: Plan) -> pd.DataFrame:
    return plan.facilities[~plan.facilities["existing"]]


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
        tag("p", _denominator(plan, stage, service, demand, lang), cls="lt-small"),
    )


def _denominator(plan: Plan, stage: str, service: str, demand: float, lang: Lang) -> str:
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


# --- sites ---------------------------------------------------------------------------------------


def _sites(plan: Plan, stage: str, labels: dict[str, str], lang: Lang) -> Raw:
    """Facilities of the stage: those that open in it first, then the others by stage, existing ones last."""
    order = list(labels)
    sites = plan.facilities.assign(
        at=[order.index(s) if s in order else -1 for s in plan.facilities["opened_stage"]],
    )
    sites = sites[sites["existing"] | ((sites["at"] >= 0) & (sites["at"] <= order.index(stage)))]
    went = plan.allocation[plan.allocation["stage"] == stage].groupby("facility")["persons"].sum()
    counted = set(plan.coverage["service"])
    rank = {k: n for n, k in enumerate(plan.scenario.kinds)}
    sites = sites.assign(rank=sites["kind"].map(rank), existing_last=sites["existing"])
    sites = sites.sort_values(["existing_last", "at", "rank", "group_name"], ascending=[True, False, True, True])
    rows = []
    for site in sites.itertuples():
        kind = plan.scenario.kinds[site.kind]
        where = ", ".join(filter(None, (site.commune, site.group_name)))
        about = f"{kind.short.text.say(lang)} · {where}"
        lines = [tag("b", site.premises_name), tag("span", about, cls="lt-about")]
        if site.assumed:
            lines.append(tag("span", say("app.sites.assumed", lang), cls="lt-mark"))
        opened = say("app.sites.existing", lang) if site.existing else labels[site.opened_stage]
        if site.at == order.index(stage):
            opened = tag("b", opened, cls="lt-now")
        persons = number(went.get(site.facility, 0.0), lang) if site.service in counted else "–"
        name = tag("div", symbol(kind, new=not site.existing), tag("div", *lines), cls="lt-site")
        rows.append((name, opened, persons))
    heads = [Head(say(f"app.sites.{h}", lang), figure=h == "persons") for h in ("site", "opened", "persons")]
    found = table(heads, rows, caption=say("app.sites", lang), cls="lt-sites")
    if set(sites["service"]) <= counted:
        return found
    return Raw(found + tag("p", say("app.sites.not_counted", lang), cls="lt-small"))
