"""The scenario: every number beside its source, to be changed without knowing how a file is written."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from scenarios.schema import Scenario
from scenarios.strict_yaml import Path_
from text import Lang, say
from views import (
    asked,
    keeping,
    plan_document,
    scenario_add,
    scenario_keep,
    scenario_levers,
    scenario_review,
    scenario_rows,
)
from views.frame import language
from views.markup import icon, tag
from views.scenario_added import is_added
from views.scenario_additions import choices
from views.scenario_edits import is_changed
from views.scenario_fields import SECTIONS, Field, fields, section_of
from views.scenario_review import LIT

SECTION = "scenario_section"
"""Session state: the part of the scenario that is open."""


def show() -> None:
    """Draw the page."""
    lang = language()
    scenario_keep.take_up()
    scenario_add.take_up()
    if (found := asked.opened(lang, tools=False)) is None:
        return
    path, now = found
    plan = asked.plan_of(path)
    keeping.scenario_bar(path, now, lang)
    every = fields(now)
    scenario_review.show(now, lang)
    _lit(path, now, plan, every, lang)
    _still_asked(path, now, plan, every, lang)
    with st.expander(say("scenario_page.levers", lang), expanded=True, key="levers", icon=":material/tune:"):
        st.html(tag("p", say("scenario_page.levers.lead", lang), cls="lt-small"))
        scenario_levers.show(path, now, plan, lang)
    plan_document.questions(path, lang)
    _sections(path, now, plan, every, lang)


def _still_asked(path: Path, now: Scenario, plan: Scenario, every: Sequence[Field], lang: Lang) -> None:
    """Figures that only the user can give, asked for plainly."""
    mine = [field for field in every if field.asked]
    counts = now.registered_persons.missing_counts
    if not mine and counts is None:
        return
    with st.container(border=True, key="still_asked"):
        st.html(
            tag("div", icon("edit_square"), tag("b", say("scenario_page.asked", lang)), " ",
                say("scenario_page.asked.lead", lang), cls="lt-field")
        )  # fmt: skip
        for n, field in enumerate(mine):
            if n == 0 or field.card != mine[n - 1].card:
                st.html(tag("div", field.title.say(lang), cls="lt-about"))
            scenario_rows.row(path, now, plan, field, lang, at="asked")
        if counts is not None:
            words, button = st.columns((7, 1.3), vertical_alignment="center")
            with words:
                st.html(tag("div", counts.note.text.say(lang), cls="lt-small"))
            with button:
                st.button(
                    say("scenario_page.asked.counts", lang), key="asked_counts", type="tertiary",
                    icon=":material/arrow_downward:", on_click=scenario_review.look_at,
                    args=(("registered_persons", "by_group"),),
                )  # fmt: skip


def _card_at(now: Scenario, every: Sequence[Field], where: Path_) -> tuple[Path_, list[Field]]:
    """The card on which a value or a block is shown, with its fields."""
    section = section_of(now, where)
    mine = [f for f in every if f.section == section]
    card = next((f.card for f in mine if f.card == where[: len(f.card)]), where[:2])
    return card, [f for f in mine if f.card == card]


def _lit(path: Path, now: Scenario, plan: Scenario, every: Sequence[Field], lang: Lang) -> None:
    """The card that a finding speaks of, right below the finding."""
    where: Path_ = st.session_state.get(LIT, ())
    if not where:
        return
    card, mine = _card_at(now, every, where)
    if not mine and not (card[0] == "rules" and card[1] in now.rules):
        return
    scenario_rows.card(path, now, plan, lang, at=card, mine=mine, lit=True)
    st.button(
        say("scenario_page.lit.close", lang), key="lit_close", type="tertiary", icon=":material/close:",
        on_click=scenario_review.look_at, args=((),),
    )  # fmt: skip


def _section(now: Scenario, plan: Scenario, every: Sequence[Field], lang: Lang) -> str:
    """Draw the choice of the part that is open, each with how many values were changed in it."""
    changed = dict.fromkeys(SECTIONS, 0)
    for field in every:
        changed[field.section] += is_changed(now, plan, field)
    for rule in filter(is_added, now.rules):
        changed[section_of(now, ("rules", rule))] += 1
    changed["openings"] += len(now.stages.keys() - plan.stages.keys())
    labels = {
        name: say(f"scenario_page.section.{name}", lang) + (f" · {changed[name]}" if changed[name] else "")
        for name in SECTIONS
        if any(field.section == name for field in every) or choices(now, name)
    }
    if st.session_state.get(SECTION) not in labels:
        st.session_state[SECTION] = next(iter(labels))
    st.segmented_control(
        say("scenario_page.sections", lang), list(labels), format_func=labels.__getitem__, key=SECTION,
        label_visibility="collapsed", required=True, persist_state="session",
    )  # fmt: skip
    return str(st.session_state[SECTION])


def _sections(path: Path, now: Scenario, plan: Scenario, every: Sequence[Field], lang: Lang) -> None:
    """One part of the scenario at a time, so that a large one stays quick."""
    section = _section(now, plan, every, lang)
    mine = [field for field in every if field.section == section]
    if section == "document":
        scenario_rows.fixed(now, mine, lang)
        return
    scenario_add.show(path, now, plan, section, lang)
    lit: Path_ = st.session_state.get(LIT, ())
    elsewhere = _card_at(now, every, lit) if lit else ((), [])
    cards: dict[Path_, list[Field]] = {}
    for field in mine:
        cards.setdefault(field.card, []).append(field)
    for rule in now.rules:  # those without a figure can be switched off as well
        if section_of(now, ("rules", rule)) == section:
            cards.setdefault(("rules", rule), [])
    for at, held in sorted(cards.items(), key=lambda card: not _own(card[0])):  # what was added comes first
        if at != elsewhere[0] or held != elsewhere[1]:
            scenario_rows.card(path, now, plan, lang, at=at, mine=held)
    for rule, data in scenario_keep.former(path).items():
        if _section_of_data(plan, rule, data) == section:
            scenario_rows.off_card(path, rule, data, lang)


def _own(card: Path_) -> bool:
    return card[0] == "rules" and is_added(str(card[1]))


def _section_of_data(plan: Scenario, rule: str, data: dict[str, object]) -> str:
    if rule in plan.rules:
        return section_of(plan, ("rules", rule))
    money = data.get("rule") == "stage_budget"
    return "money" if money else "openings"
