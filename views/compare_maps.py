"""Two plans on two maps that move together, with one slider and one service for both; the figures below."""

from __future__ import annotations

import streamlit as st
from streamlit_folium import st_folium

from errors import DataError
from exports.standing import standing
from geo import maps, pair_maps
from planner.compared import Compared, differing
from planner.plan import Plan
from planner.wording import of_places
from text import Lang, number, percent, say
from views import compare_choice, compare_table, plan_nation, plan_stage, solving
from views.compare_choice import Side
from views.frame import spoken_anew
from views.markup import tag

HEIGHT = 400
"""Pixels, until the style fits the maps to the window."""


def show(a: Side, b: Side, lang: Lang) -> None:
    """Draw both plans; or say why they cannot be set side by side."""
    try:
        found = compare_choice.compared(a, b)
    except DataError as why:
        solving.calmly(why, "compare.cannot", lang)
        return
    _at_a_stage(a, b, found, lang)


@st.fragment
def _at_a_stage(a: Side, b: Side, found: Compared, lang: Lang) -> None:
    """Draw the stage that the slider stands at; the slider reruns nothing but this."""
    with st.container(key="compare_controls", horizontal=True, vertical_alignment="center", gap="medium"):
        stages = _stages(a.plan, b.plan, lang)
        service = _service(found, lang)
    differ = _differ(a.plan, b.plan, stages, service)
    with st.container(key="pair"):
        for column, side, name, stage in zip(st.columns(2), (a, b), "ab", stages, strict=True):
            with column:
                st.html(_head(side, name, stage, service, lang))
                _map(side.plan, name, (stage, service), differ, lang)
    told = of_places(a.plan.scenario, "compare.map.differs", lang, n=len(differ))
    st.html(tag("p", told, cls="lt-small"))
    compare_table.show(a, b, found, service, lang)


def _stages(a: Plan, b: Plan, lang: Lang) -> tuple[str, str]:
    """The stage of each plan that the slider stands at: the one that runs at the same time."""
    ends = [_ends(plan) for plan in (a, b)]
    ruler, plan = (ends[0], a) if len(ends[0]) >= len(ends[1]) else (ends[1], b)
    labels = plan_stage.stage_labels(plan.scenario, lang)
    names = list(ruler)
    if len(names) == 1:
        at = names[0]
    else:
        if st.session_state.get("compare_stage") not in names:
            st.session_state["compare_stage"] = names[0]
        at = st.select_slider(
            say("app.stage", lang), names, format_func=labels.__getitem__, key="compare_stage",
            persist_state="session",
        )  # fmt: skip
    found = [next((s for s, end in own.items() if end >= ruler[at]), list(own)[-1]) for own in ends]
    return found[0], found[1]


def _ends(plan: Plan) -> dict[str, int]:
    """Years from the beginning of the plan to the end of each stage."""
    years = 0
    return {name: (years := years + stage.years) for name, stage in plan.scenario.stages.items()}


def _service(found: Compared, lang: Lang) -> str:
    services = list(dict.fromkeys(i.service for i in found.indicators if i.service))
    if len(services) == 1:
        return services[0]
    if st.session_state.get("compare_service") not in services:
        st.session_state["compare_service"] = found.service
    names = {s: found.a.scenario.services[s].label.text.say(lang) for s in services}
    spoken_anew("compare_service", lang)
    return st.selectbox(
        say("app.service", lang), services, format_func=names.__getitem__, key="compare_service"
    )


def _differ(a: Plan, b: Plan, stages: tuple[str, str], service: str) -> tuple[str, ...]:
    if stages[0] == stages[1]:
        return differing(a, b, service=service, stage=stages[0])
    return ()


def _head(side: Side, name: str, stage: str, service: str, lang: Lang) -> str:
    """Which plan it is, and how many it serves in the stage."""
    rows = side.plan.coverage
    row = rows[(rows["stage"] == stage) & (rows["service"] == service)].iloc[0]
    share = percent(float(row["served"]) / float(row["demand"]) if row["demand"] else 0.0, lang)
    label = plan_stage.stage_labels(side.plan.scenario, lang)[stage]
    words = say("compare.map.head", lang, stage=label, served=number(row["served"], lang), share=share)
    mark = tag("b", name.upper(), cls="lt-side")
    return tag("div", mark, tag("b", side.label.say(lang)), tag("span", words), cls="lt-pair-head")


def _map(plan: Plan, name: str, seen: tuple[str, str], differ: tuple[str, ...], lang: Lang) -> None:
    """The map of a plan in a stage and for a service, with the communes that differ marked."""
    stage, service = seen
    nation = plan_nation.is_nation(plan)
    names = plan_nation.labels(lang) if nation else ()
    drawn, empty = plan_stage.canvas(plan.facts, plan.scenario, names)
    labels = plan_stage.stage_labels(plan.scenario, lang)
    data = maps.stage_data(
        codes=drawn.codes, communes=plan.facts.communes,
        facilities=plan.facilities if nation else standing(plan, stage), access=plan.access,
        allocation=plan.allocation, kinds=plan.scenario.kinds, stages=labels, stage=stage,
        service=service, lang=lang, links=False, approximate=plan.facts.boundaries_approximate,
        credit="" if plan.facts.boundaries_approximate else plan.facts.boundaries_credit.say(lang),
    )  # fmt: skip
    if nation:
        data = plan_nation.told(data, plan, drawn.codes, stage=stage, service=service, lang=lang)
    st_folium(
        pair_maps.paired(empty, static=plan_stage.STATIC_URL), key=f"pair_{name}", height=HEIGHT,
        use_container_width=True, returned_objects=[],
        feature_group_to_add=maps.stage_layer(pair_maps.marked(data, drawn.codes, differ)),
    )  # fmt: skip
