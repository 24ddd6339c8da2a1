"""Why there is no plan, in the scenario's own words, and what resolves it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import streamlit as st

from planner.plan import ClashingRule, Diagnosis
from text import Lang, Text, say
from views.markup import Raw, icon, tag
from views.plan_words import objective_words, source_words


def show(diagnosis: Diagnosis, lang: Lang, *, apply: Callable[[Text, dict[str, Any]], None]) -> None:
    """Draw the diagnosis; `apply` keeps the remedy that the user takes."""
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
        for clash in diagnosis.further:
            st.html(tag("h3", say("app.clash.further", lang)))
            st.html(_rules(clash, lang))
    with right:
        st.subheader(say("app.remedies", lang))
        if not diagnosis.remedies:
            st.write(say("app.remedies.none", lang))
        for n, remedy in enumerate(diagnosis.remedies):
            with st.container(border=True, key=f"remedy_{n}"):
                name, value, _ = objective_words(remedy.objective, remedy.value, remedy.value, lang)
                reached = say("app.remedies.value", lang, objective=name, value=value)
                st.html(tag("div", tag("b", remedy.text.say(lang)), tag("div", reached, cls="lt-small")))
                st.button(
                    say("app.remedies.apply", lang), key=f"apply_{n}", on_click=apply,
                    icon=":material/published_with_changes:", type="primary" if n == 0 else "secondary",
                    args=(remedy.text, remedy.patch),
                )  # fmt: skip


def _rules(rules: Iterable[ClashingRule], lang: Lang) -> Raw:
    cards = (
        tag("li", icon("gavel"),
            tag("div", rule.text.say(lang), tag("span", source_words(rule.source, lang), cls="lt-source")))
        for rule in rules
    )  # fmt: skip
    return tag("ul", *cards, cls="lt-clash")
