"""What a document leaves to people: criteria to check, what really happened, questions it leaves open."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from errors import ScenarioError
from exports.document import VERDICTS, Check, checklist
from planner.options import AS_IT_IS
from planner.plan import Facts, Plan
from scenarios.schema import Scenario
from text import Lang, number, say
from views import asked
from views.markup import Raw, icon, joined, tag
from views.plan_words import source_words

PLACES, FOLDED = 12, 4
"""Places of a criterion that are named at once; the rest unfolds where it is more than a few."""
ICONS = {"met": "check", "not_met": "close", "not_checked": "pending"}


# --- criteria ------------------------------------------------------------------------------------


def criteria(facts: Facts, plan: Plan | None, lang: Lang) -> None:
    """The checklist: where each criterion is met, is not, or was not checked."""
    if not facts.scenario.criteria:
        return
    title = say("app.criteria", lang, n=len(facts.scenario.criteria))
    with st.expander(title, icon=":material/checklist:"):
        items = (tag("li", _check(check, lang)) for check in checklist(facts, plan))
        lead = tag("p", say("surfaces.criteria.lead", lang), cls="lt-small")
        st.html(tag("div", lead, tag("ol", *items, cls="lt-sourced")))


def _check(check: Check, lang: Lang) -> Raw:
    given = check.criterion
    head = [given.text.text.say(lang)]
    if given.decides:
        head.append(f" ({say('document.decides', lang)})")
    parts: list[Raw] = [joined([*head, tag("span", source_words(given.source, lang), cls="lt-source")])]
    if given.note:
        parts.append(tag("div", given.note.text.say(lang), cls="lt-small"))
    for verdict in VERDICTS:
        if names := [place.name for place in check.of(verdict)]:
            label = tag("b", say(f"document.{verdict}", lang), f" ({len(names)}): ")
            parts.append(tag("div", icon(ICONS[verdict]), label, _names(names)))
    if not check.places:
        parts.append(tag("div", icon(ICONS["not_checked"]), say("document.not_checked", lang)))
    return joined(parts)


def _names(names: list[str]) -> Raw:
    if len(names) < PLACES + FOLDED:
        return joined(names, ", ")
    rest = tag("details", tag("summary", f"+ {len(names) - PLACES}"), joined(names[PLACES:], ", "))
    return joined([joined(names[:PLACES], ", "), rest])


# --- reality -------------------------------------------------------------------------------------


def observed(s: Scenario, lang: Lang) -> None:
    """What is known of what really happened, where no comparison shows it."""
    if not s.observed:
        return
    with st.expander(say("surfaces.observed", lang, n=len(s.observed)), icon=":material/history:"):
        items = []
        for seen in s.observed.values():
            words = seen.text.text.say(lang)
            values = [
                say(f"document.{name}", lang, n=number(value, lang))
                for name, value in (("points", seen.points), ("persons", seen.persons))
                if value is not None and number(value, lang) not in words
            ]
            told = ": ".join((words, *(["; ".join(values)] if values else [])))
            items.append(tag("li", told, tag("span", source_words(seen.source, lang), cls="lt-source")))
        st.html(tag("ol", *items, cls="lt-sourced"))


# --- questions -----------------------------------------------------------------------------------


def questions(path: Path, lang: Lang) -> None:
    """Each open question of the file with its answers; another answer is applied at once and marked."""
    s = asked.as_filed(path)
    if not s.questions:
        return
    given = asked.answers(path)
    with st.expander(say("surfaces.questions", lang, n=len(s.questions)), icon=":material/help:"):
        st.html(tag("p", say("surfaces.questions.lead", lang), cls="lt-small"))
        if (why := asked.refused(path)) is not None:
            st.html(_refused(why, lang))
        columns = st.columns(2, gap="large")
        for n, (name, question) in enumerate(s.questions.items()):
            labels = {AS_IT_IS: say("surfaces.as_it_is", lang, answer=question.as_it_is.text)}
            labels |= {code: option.label.text.say(lang) for code, option in question.options.items()}
            key = f"question_{path.stem}_{name}_{lang}"
            st.session_state[key] = given.get(name, AS_IT_IS)
            with columns[n % 2]:
                st.selectbox(
                    question.text.text.say(lang), list(labels), format_func=labels.__getitem__, key=key,
                    on_change=_answer, args=(path, name, key),
                )  # fmt: skip
                note = question.note.text.say(lang) if question.note else ""
                section = tag("span", source_words(question.source, lang), cls="lt-source")
                st.html(tag("p", note, " ", section, cls="lt-small"))


def _answer(path: Path, question: str, key: str) -> None:
    asked.answer(path, question, st.session_state[key])


def _refused(why: ScenarioError, lang: Lang) -> Raw:
    lines = (tag("li", line) for line in why.say(lang).splitlines())
    return tag("div", tag("p", say("surfaces.refused", lang)), tag("ol", *lines, cls="lt-problems"))
