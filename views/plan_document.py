"""What a document leaves to people: criteria to check, what really happened, questions it leaves open."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from errors import ScenarioError
from exports.document import VERDICTS, Check, Verdict, checklist
from planner import pins
from planner.options import AS_IT_IS
from planner.plan import Facts, Plan
from scenarios.schema import Scenario
from text import Lang, number, say
from views import asked
from views.markup import Raw, icon, joined, tag
from views.plan_decide import Apply
from views.plan_words import source_words

PLACES, FOLDED = 12, 4
"""Places of a criterion that are named at once; the rest unfolds where it is more than a few."""
ICONS = {"met": "check", "not_met": "close", "not_checked": "pending"}


# --- criteria ------------------------------------------------------------------------------------


def criteria(facts: Facts, plan: Plan | None, lang: Lang, apply: Apply) -> None:
    """The checklist: where each criterion is met, is not, or was not checked; `apply` keeps an answer."""
    if not facts.scenario.criteria:
        return
    title = say("app.criteria", lang, n=len(facts.scenario.criteria))
    with st.expander(title, icon=":material/checklist:", key="criteria"):
        checks = list(checklist(facts, plan))
        items = (tag("li", _check(check, lang)) for check in checks)
        lead = tag("p", say("surfaces.criteria.lead", lang), cls="lt-small")
        st.html(tag("div", lead, tag("ol", *items, cls="lt-sourced")))
        _answer_one(facts.scenario, checks, lang, apply)


def _answer_one(s: Scenario, checks: list[Check], lang: Lang, apply: Apply) -> None:
    """Answer one criterion for one place: a choice of each, and the verdict."""
    by_id = {check.id: check for check in checks}
    labels = {
        check.id: f"{n}. {check.criterion.text.text.say(lang)}" for n, check in enumerate(checks, start=1)
    }
    with st.container(key="criterion_answer"):
        which, where, verdict = st.columns([5, 4, 4], vertical_alignment="bottom")
        with which:
            name = st.selectbox(
                say("criteria.which", lang), list(labels), format_func=labels.__getitem__,
                key=f"criterion_{s.id}_{lang}",
            )  # fmt: skip
        places = _places(s, by_id[name])
        if not places:
            st.html(tag("p", say("criteria.no_place", lang), cls="lt-small"))
            return
        with where:
            place = st.selectbox(
                say("criteria.where", lang), list(places), format_func=places.__getitem__,
                key=f"criterion_place_{s.id}_{by_id[name].criterion.concerns}_{lang}",
            )  # fmt: skip
        with verdict:
            given = _verdict_of(by_id[name].criterion.answers.get(place))
            key = f"criterion_verdict_{s.id}_{name}_{place}"
            st.session_state[key] = given
            st.segmented_control(
                say("criteria.verdict", lang), list(VERDICTS), key=key, required=True,
                format_func=lambda v: say(f"document.{v}", lang), on_change=_check_off,
                args=(s, name, (place, places[place]), key, apply),
            )  # fmt: skip


def _places(s: Scenario, check: Check) -> dict[str, str]:
    """Where it can be answered: every group; premises that are named or where the plan opens something."""
    if check.criterion.concerns == "group":
        return {code: group.name for code, group in s.registered_persons.by_group.items()}
    found = {place.id: place.name for place, _ in check.places}
    return found | {key: place.name for key, place in s.premises.named.items()}


def _verdict_of(answer: bool | None) -> Verdict:
    return "not_checked" if answer is None else "met" if answer else "not_met"


def _check_off(s: Scenario, criterion: str, place: tuple[str, str], key: str, apply: Apply) -> None:
    met = {"met": True, "not_met": False, "not_checked": None}[st.session_state[key]]
    # a browser that still holds a control which was away for a moment tells its value again: no change
    if met != s.criteria[criterion].answers.get(place[0]):
        apply(*pins.check(s, criterion, *place, met))


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
