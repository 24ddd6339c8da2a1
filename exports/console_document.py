"""What the command line prints of a document beside the rollout: targets, balance, checklist, indicators,
what really happened, open questions, and what is uncertain.
"""

from __future__ import annotations

import math
from itertools import groupby
from typing import Any

from exports.document import NOW, VERDICTS, checklist, indicators, value_in
from exports.lines import named_fields, source, stage_label, table
from exports.targets import result, shares, target_rows, where
from planner.plan import Facts, Plan
from planner.wording import of_places
from scenarios.schema import Scenario
from tables import TABLES, records
from text import Lang, number, say

PLACES = 6
"""Places of a criterion that are named; of more, how many."""


def targets(found: Plan, lang: Lang) -> list[str]:
    """How far the plan gets with each target."""
    if found.targets.empty:
        return []
    s = found.scenario
    columns = ("target", "stage", "group", "goal", "reached", "missing", "met")
    rows = [
        [
            s.rules[row.rule].text.text.say(lang),
            stage_label(s, row.stage, lang),
            where(row, s, lang),
            shares(row.goal, lang),
            shares(row.reached, lang),
            number(row.missing, lang, 1) if row.missing > 0 else "–",
            result(row, s, lang),
        ]
        for row in target_rows(found)
    ]
    head = [of_places(s, f"cli.column.{c}", lang) for c in columns]
    return ["", say("cli.targets", lang), *table([head, *rows], right=(3, 4, 5))]


def balance(found: Plan, lang: Lang) -> list[str]:
    """Places that the targets need outside compulsory centres, beside those that the plan opens."""
    s = found.scenario
    if s.balance is None:
        return []
    columns = balance_columns(found)
    head = [say(f"balance.column.{name}", lang) for name in columns]
    rows = [[balance_cell(s, row, name, lang) for name in columns] for row in records(found.balance)]
    services = "; ".join(s.services[name].label.text.say(lang) for name in s.balance.services)
    return [
        "",
        say("balance.title", lang, services=services),
        *table([head, *rows], right=range(1, len(columns))),
        say("balance.note", lang),
    ]


def balance_columns(found: Plan) -> list[str]:
    """The columns of the balance in which anything stands."""
    always = ("stage", "places", "missing")
    return [c for c in TABLES["balance"] if c in always or not found.balance[c].isna().all()]


def balance_cell(s: Scenario, row: dict[str, Any], name: str, lang: Lang) -> str:
    """A cell of the balance; what nobody can know is told from what does not apply."""
    if name == "stage":
        return stage_label(s, row["stage"], lang) if row["stage"] else say("balance.now", lang)
    if not math.isnan(row[name]):
        return number(row[name], lang)
    unknown = name in ("places", "served", "missing") and row["stage"]
    return say("balance.unknown", lang) if unknown else "–"


def criteria(facts: Facts, plan: Plan | None, lang: Lang) -> list[str]:
    """Each criterion with the places that meet it, do not, or were not checked."""
    if not facts.scenario.criteria:
        return []
    lines = ["", say("document.criteria", lang, n=len(facts.scenario.criteria))]
    for check in checklist(facts, plan):
        words = check.criterion.text.text.say(lang)
        if check.criterion.decides:
            words += f" ({say('document.decides', lang)})"
        lines.append(f"  ☐ {words}  [{source(check.criterion.source, lang)}]")
        for verdict in VERDICTS:
            if names := [place.name for place in check.of(verdict)]:
                shown = ", ".join(names[:PLACES]) + (" …" if len(names) > PLACES else "")
                lines.append(f"      {say(f'document.{verdict}', lang)} ({len(names)}): {shown}")
        if not check.places:
            lines.append(f"      {say('document.not_checked', lang)}")
    return lines


def figures(s: Scenario, lang: Lang) -> list[str]:
    """Indicators: targets that sites do not decide."""
    if not s.indicators:
        return []
    lines = ["", say("document.indicators", lang, n=len(s.indicators))]
    for name, rows in groupby(indicators(s), key=lambda figure: figure.indicator):
        wanted = s.indicators[name]
        values = [
            f"{stage_label(s, f.stage, lang) if f.stage != NOW else say('balance.now', lang)}: "
            f"{value_in(wanted.unit, f.value, lang)}"
            for f in rows
            if f.value is not None
        ]
        told = "; ".join(values) or say("document.no_value", lang)
        lines.append(f"  • {wanted.text.text.say(lang)}: {told}  [{source(wanted.source, lang)}]")
    return lines


def observed(s: Scenario, lang: Lang) -> list[str]:
    """What is known of what really happened."""
    if not s.observed:
        return []
    lines = ["", say("document.observed", lang, n=len(s.observed))]
    for seen in s.observed.values():
        known = [
            say(f"document.{name}", lang, n=number(value, lang))
            for name, value in (("points", seen.points), ("persons", seen.persons))
            if value is not None and number(value, lang) not in seen.text.text.say(lang)
        ]
        told = ": ".join((seen.text.text.say(lang), *(["; ".join(known)] if known else [])))
        lines.append(f"  • {told}  [{source(seen.source, lang)}]")
    return lines


def questions(s: Scenario, lang: Lang) -> list[str]:
    """What is left open, the answer the scenario takes, and the others as they are asked for."""
    if not s.questions:
        return []
    lines = ["", say("options.questions", lang, n=len(s.questions))]
    for name, question in s.questions.items():
        asked, taken = question.text.text.say(lang), question.as_it_is.text.say(lang)
        lines.append(f"  • {asked} {taken}  [{source(question.source, lang)}]")
        lines += [
            f"      {name}={option}: {given.label.text.say(lang)}"
            for option, given in question.options.items()
        ]
    return lines


def uncertain(facts: Facts, lang: Lang) -> list[str]:
    """Figures that no document gives, and contradictions of the document."""
    lines = ["", say("cli.estimates", lang, n=len(facts.assumptions))]
    for (given, note), fields in groupby(facts.assumptions, key=lambda a: (a.source, a.note)):
        names = named_fields([a.field for a in fields], lang)
        lines.append(f"  • {note.say(lang)}  [{source(given, lang)}: {names}]")
    if facts.known_issues:
        lines += ["", say("cli.known_issues", lang, n=len(facts.known_issues))]
        lines += [f"  • {text.say(lang)}  [{section}]" for text, section in facts.known_issues]
    return lines
