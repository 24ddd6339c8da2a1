"""Further questions about the best plan, each answered on request."""

from __future__ import annotations

from dataclasses import asdict
from typing import NamedTuple

import streamlit as st

import planner
from exports import exploration
from planner.exploring import Asked, Sheet, ask
from planner.plan import Plan
from scenarios.rules import StageBudget
from scenarios.schema import Scenario
from text import Lang, both, percent, say
from views import compare_choice, compare_wait, work
from views.markup import Head, table, tag

ASKED = "questions_asked"
"""Session state: the numbers of the questions that somebody asked, by question and scenario."""


class Question(NamedTuple):
    """A question of `planner.exploring` and its icon; `share` is the number that is asked, if one is."""

    name: str
    icon: str
    share: str = ""


QUESTIONS = (
    Question("ranking", "add_location"),
    Question("path", "flag", "target"),
    Question("cut", "content_cut", "cut"),
    Question("alternatives", "call_split"),
    Question("why", "help"),
    Question("baselines", "stairs"),
    Question("options", "rule"),
)
SHARES = {"target": (0.9, [0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0]), "cut": (0.2, [0.1, 0.2, 0.3, 0.4, 0.5])}
"""What is proposed, and what may be chosen, where a question has a number."""


def show(scenario: Scenario, lang: Lang) -> None:
    """Draw the questions, and the answers to those that were asked."""
    best = compare_choice.best(scenario, lang)
    if best is None:
        return
    st.html(tag("p", say("compare.questions.lead", lang), cls="lt-lead"))
    for question in QUESTIONS:
        if _fits(question, scenario):
            _one(question, scenario, best, lang)


def _fits(question: Question, scenario: Scenario) -> bool:
    """Whether the scenario has what the question is about."""
    if question.name == "cut":
        return any(isinstance(rule, StageBudget) for rule in scenario.rules.values())
    return question.name != "options" or bool(scenario.questions)


def _one(question: Question, scenario: Scenario, best: Plan, lang: Lang) -> None:
    name, digest = question.name, planner.digest(scenario)
    done: dict[tuple[str, str], Asked] = st.session_state.setdefault(ASKED, {})
    with st.container(key=f"question_{name}", border=True):
        with st.container(key=f"question_head_{name}", horizontal=True, vertical_alignment="center"):
            about = tag("p", say(f"compare.ask.{name}", lang), cls="lt-small")
            st.html(tag("div", tag("b", say(f"explore.{name}", lang)), about))
            numbers = Asked()
            if question.share:
                first, shares = SHARES[question.share]
                share = st.selectbox(
                    say(f"compare.share.{question.share}", lang), shares, index=shares.index(first),
                    key=f"question_share_{name}", format_func=lambda s: percent(s, lang, 0),
                )  # fmt: skip
                numbers = Asked(**{question.share: share})
            if st.button(say("compare.ask", lang), key=f"ask_{name}", icon=f":material/{question.icon}:"):
                done[name, digest] = numbers
        if (name, digest) in done:
            _answer(name, scenario, best, done[name, digest], lang)


def _answer(name: str, scenario: Scenario, best: Plan, numbers: Asked, lang: Lang) -> None:
    key = (f"ask_{name}", planner.digest(scenario), str(asdict(numbers)), str(best.report.levels))

    def task(job: work.Job[Sheet]) -> Sheet:
        job.begin("model")
        wanted = Asked(target=numbers.target, cut=numbers.cut, progress=job.progress, cancel=job.cancelled)
        return ask(scenario, name, wanted, optimum=best)

    sheet = compare_wait.answer(work.job(key, task), key, both(f"explore.{name}"), lang)
    if sheet is None:
        return
    heads, rows, figures = exploration.shown(sheet, lang)
    columns = [Head(head, figure=n in figures) for n, head in enumerate(heads)]
    if rows:
        st.html(tag("div", table(columns, rows, caption=say(f"explore.{name}", lang)), cls="lt-answer"))
    else:
        st.html(tag("p", say("compare.ask.nothing", lang)))
    st.html(tag("p", sheet.note.say(lang), cls="lt-small"))
