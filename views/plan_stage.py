"""One stage of a plan: the map, three plain numbers, the sites.  The slider reruns nothing but this."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote

import folium
import streamlit as st
from streamlit_folium import st_folium

import planner
from exports.standing import standing
from geo import maps
from planner.plan import Facts, Plan
from scenarios.schema import Scenario
from scenarios.supply import Kind
from text import Lang, inline, number, percent, say
from views import plan_journeys, plan_nation, work
from views.frame import spoken_anew
from views.markup import Head, Raw, icon, joined, table, tag, tag_alone

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
        stage = _slider(labels, lang)
        service = _service(plan, lang)
        links = not plan_nation.is_nation(plan) and st.toggle(
            say("app.links", lang), key="links", help=say("app.links.help", lang), persist_state="session"
        )
        shown, official = _which(plan, lang)
        by_minutes = plan_journeys.by_minutes(plan, lang)
    with left:
        _map(shown, stage=stage, service=service, labels=labels, links=links, lang=lang,
             by_minutes=by_minutes)  # fmt: skip
    with right:
        _headline(shown, stage, labels[stage], service, official=official, lang=lang)
        st.html(_numbers(shown, stage, service, lang))
        with st.container(key="sites"):
            st.html(
                plan_nation.sites(shown, stage, lang)
                if plan_nation.is_nation(shown)
                else _sites(shown, stage, service, labels, lang)
            )
    plan_journeys.show(shown, stage, service, lang)


def stage_labels(scenario: Scenario, lang: Lang) -> dict[str, str]:
    """What each stage is called, in order."""
    return {s: stage.label.text.say(lang) if stage.label else s for s, stage in scenario.stages.items()}


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
    names = {s: plan.scenario.services[s].label.text.say(lang) for s in services}
    spoken_anew("service", lang)
    return st.selectbox(say("app.service", lang), services, format_func=names.__getitem__, key="service")


def _which(plan: Plan, lang: Lang) -> tuple[Plan, bool]:
    """The plan that is looked at, and whether it is the official one."""
    if plan.scenario.official is None:
        return plan, False
    job = work.evaluation(plan.scenario)
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


def _map(
    plan: Plan, *, stage: str, service: str, labels: dict[str, str], links: bool, lang: Lang,
    by_minutes: bool = False,
) -> None:  # fmt: skip
    shapes = plan.facts.provenance.get("data_sha256", {}).get("boundaries", "")
    nation = plan_nation.is_nation(plan)
    names = plan_nation.labels(lang) if nation else ()
    drawn, url = _drawn(plan.facts, planner.digest(plan.scenario) + shapes, names)
    canvas: folium.Map = maps.base_map(drawn, static=STATIC_URL, places_url=url)
    data = maps.stage_data(
        codes=drawn.codes, communes=plan.facts.communes,
        facilities=plan.facilities if nation else standing(plan, stage), access=plan.access,
        allocation=plan.allocation, kinds=plan.scenario.kinds, stages=labels, stage=stage, service=service,
        lang=lang, links=links, approximate=plan.facts.boundaries_approximate,
        credit="" if plan.facts.boundaries_approximate else plan.facts.boundaries_credit.say(lang),
    )  # fmt: skip
    if nation:
        data = plan_nation.told(data, plan, drawn.codes, stage=stage, service=service, lang=lang)
    if by_minutes:
        data = plan_journeys.shaded(data, plan, drawn.codes, stage=stage, service=service, lang=lang)
    st_folium(
        canvas, key="map", height=MAP_HEIGHT, use_container_width=True, returned_objects=[],
        feature_group_to_add=maps.stage_layer(data),
    )  # fmt: skip


# --- numbers -------------------------------------------------------------------------------------


def _headline(
    plan: Plan, stage: str, label: str, service: str, *, official: bool, lang: Lang
) -> None:  # fmt: skip
    """What opens and runs for the service that is looked at, and for those whose persons are not counted."""
    now = plan.counts[plan.counts["stage"] == stage]
    planned = set(plan.openings["kind"]) | set(plan.facilities.loc[~plan.facilities["existing"], "kind"])
    counted, kinds = set(plan.coverage["service"]), plan.scenario.kinds
    here = [row for row in now.itertuples() if kinds[row.kind].service not in counted - {service}]
    opened = ", ".join(_points(row.opened, row.kind, plan, lang) for row in here if row.opened) or "–"
    running = [
        _points(row.open, row.kind, plan, lang) for row in here
        if row.kind in planned and kinds[row.kind].service == service
    ]  # fmt: skip
    if int(now.loc[[row.Index for row in here], "opened"].sum()) < int(now["opened"].sum()):
        opened = say("surfaces.opened_of", lang, opened=opened, all=int(now["opened"].sum()))
    title = say("app.head.official" if official else "app.head.optimal", lang, stage=label)
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
        tag("p", _denominator(plan, service, demand, lang), cls="lt-small"),
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


# --- sites ---------------------------------------------------------------------------------------


def _sites(plan: Plan, stage: str, service: str, labels: dict[str, str], lang: Lang) -> Raw:
    """Facilities of the stage: those that open in it first, then the others by stage, existing ones last.

    Among these, the ones that provide the service that is looked at come first.
    """
    order = list(labels)
    sites = standing(plan, stage)
    sites = sites.assign(at=[order.index(s) if s in order else -1 for s in sites["opened_stage"]])
    went = plan.allocation[plan.allocation["stage"] == stage].groupby("facility")["persons"].sum()
    counted = set(plan.coverage["service"])
    kinds = {
        k: (kind.service != service, kind.service not in counted, n)
        for n, (k, kind) in enumerate(plan.scenario.kinds.items())
    }
    groups = list(plan.scenario.registered_persons.by_group)
    sites = sites.assign(
        rank=sites["kind"].map(kinds),
        place=[groups.index(g) if g in groups else len(groups) for g in sites["group"]],
    ).sort_values(["existing", "at", "rank", "place"], ascending=[True, False, True, True])
    assumed = icon("not_listed_location", say("app.sites.assumed", lang))
    rows = []
    for site in sites.itertuples():
        kind = plan.scenario.kinds[site.kind]
        where = ", ".join(filter(None, (site.commune, site.group_name)))
        about = tag("span", f"{kind.short.text.say(lang)} · {where}", cls="lt-about")
        mark = ("\u00a0", assumed) if site.assumed else ()
        words = tag("div", tag("b", site.premises_name), about, *mark)
        name = tag("div", _symbol(kind, new=not site.existing), words, cls="lt-site")
        opened = say("app.sites.existing", lang) if site.existing else labels[site.opened_stage]
        if site.at == order.index(stage):
            opened = tag("b", opened, cls="lt-now")
        persons = number(went.get(site.facility, 0.0), lang) if site.service in counted else "–"
        rows.append((name, opened, persons))
    heads = [Head(say(f"app.sites.{h}", lang), figure=h == "persons") for h in ("site", "opened", "persons")]
    if sites["assumed"].any():
        key = tag("span", assumed, say("app.sites.assumed", lang), cls="lt-key")
        heads[0] = Head(joined([heads[0].label, " ", key]))
    found = table(heads, rows, caption=say("app.sites", lang), cls="lt-sites")
    if set(sites["service"]) <= counted:
        return found
    return Raw(found + tag("p", say("app.sites.not_counted", lang), cls="lt-small"))


def _symbol(kind: Kind, *, new: bool) -> Raw:
    """The map's symbol of a kind, filled when new, hollow when not; a picture, as ``st.html`` drops SVG."""
    fill = kind.colour if new else "#fff"
    path = (
        f'<path d="{maps.SYMBOLS[kind.symbol]}" fill="{fill}" stroke="{kind.colour}"'
        ' stroke-width="2" stroke-linejoin="round"/>'
    )
    drawing = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-9 -9 18 18">{path}</svg>'
    return tag_alone(
        "img", src=f"data:image/svg+xml,{quote(drawing)}", alt="", width=16, height=16, cls="lt-symbol"
    )
