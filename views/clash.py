"""Why there is no plan, in the scenario's own words and on the map, and what resolves it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import streamlit as st
from streamlit_folium import st_folium

from geo import clash_map, maps
from planner import clash_places, site_words
from planner.plan import ClashingRule, Diagnosis, Remedy
from text import Lang, Text, say
from views import picking, plan_choice, plan_nation, plan_stage
from views.markup import Raw, icon, tag
from views.plan_words import objective_words, source_words

MAP_HEIGHT = 380


def show(
    diagnosis: Diagnosis,
    lang: Lang,
    *,
    apply: Callable[[Text, dict[str, Any]], None],
    undo: Callable[[], None] | None = None,
) -> None:
    """Draw the diagnosis; `apply` keeps the remedy that the user takes, `undo` takes the last change back."""
    picking.listen("clash_parts", plan_choice.pick)
    st.header(say("app.clash", lang))
    st.html(tag("p", say("app.clash.lead", lang), cls="lt-lead"))
    left, right = st.columns(2, gap="large")
    with left:
        st.html(_rules(diagnosis.clash, lang))
        if diagnosis.because:
            st.html(
                tag("div", tag("h3", say("app.clash.because", lang)),
                    tag("ul", *(tag("li", fact.say(lang)) for fact in diagnosis.because)), cls="lt-because")
            )  # fmt: skip
        with st.container(key="clash_map"):
            _map(diagnosis, lang)
        for clash in diagnosis.further:
            st.html(tag("h3", say("app.clash.further", lang)))
            st.html(_rules(clash, lang))
    with right:
        st.subheader(say("app.remedies", lang))
        if undo is not None:
            with st.container(border=True, key="take_back"):
                st.html(tag("b", say("clash.take_back", lang)))
                st.button(say("app.undo", lang), key="clash_undo", icon=":material/undo:", on_click=undo)
        if not diagnosis.remedies:
            st.write(say("app.remedies.none", lang))
        for n, remedy in enumerate(diagnosis.remedies):
            with st.container(border=True, key=f"remedy_{n}"):
                worth = tag("div", *_worth(remedy, diagnosis.remedies, lang), cls="lt-small")
                st.html(tag("div", tag("b", remedy.text.say(lang)), worth))
                st.button(
                    say("app.remedies.apply", lang), key=f"apply_{n}", on_click=apply,
                    icon=":material/published_with_changes:",
                    type="primary" if n == 0 and undo is None else "secondary",
                    args=(remedy.text, remedy.patch),
                )  # fmt: skip


def _worth(remedy: Remedy, all_: Iterable[Remedy], lang: Lang) -> list[str]:
    """The first objective that the remedy leaves, and by how much another one leaves a better."""
    name, value, _ = objective_words(remedy.objective, remedy.value, remedy.value, lang)
    said = say("app.remedies.value", lang, objective=name, value=value)
    values = [other.value for other in all_ if other.objective == remedy.objective]
    best = (max if remedy.objective.startswith("max") else min)(values)
    behind = objective_words(remedy.objective, abs(best - remedy.value), 0.0, lang)[1]
    if len(values) < 2:
        return [said]
    even = behind == objective_words(remedy.objective, 0.0, 0.0, lang)[1]
    return [said, " · ", say("clash.best" if even else "clash.behind", lang, by=behind)]


def _map(diagnosis: Diagnosis, lang: Lang) -> None:
    """Where it clashes, and what stands there today."""
    facts, s = diagnosis.facts, diagnosis.scenario
    nation = s.place.province is None
    drawn, empty = plan_stage.canvas(facts, s, plan_nation.labels(lang) if nation else ())
    places = site_words.candidates(s)
    data = clash_map.told(
        drawn.codes, facts.communes, groups=clash_places.groups(diagnosis),
        existing=places[places["existing"] > 0], kinds=s.kinds, lang=lang,
        approximate=facts.boundaries_approximate,
        credit="" if facts.boundaries_approximate else facts.boundaries_credit.say(lang),
    )  # fmt: skip
    st_folium(
        empty, key="clash_map_drawn", height=MAP_HEIGHT, use_container_width=True, returned_objects=[],
        feature_group_to_add=maps.stage_layer(data),
    )  # fmt: skip


def _rules(rules: Iterable[ClashingRule], lang: Lang) -> Raw:
    cards = (
        tag("li", icon("gavel"),
            tag("div", rule.text.say(lang), tag("span", source_words(rule.source, lang), cls="lt-source")))
        for rule in rules
    )  # fmt: skip
    return tag("ul", *cards, cls="lt-clash")
