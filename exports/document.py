"""What a document holds beside its rules, ready to be listed: criteria with their answers, indicators,
what really happened, open questions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

import pandas as pd

from geo.premises import station_name
from planner.plan import Facts, Plan
from scenarios.document import Criterion
from scenarios.figures import Words
from scenarios.schema import Scenario
from tables import records
from text import Lang, Text, number, percent

Verdict = Literal["met", "not_met", "not_checked"]
VERDICTS: tuple[Verdict, ...] = ("not_met", "not_checked", "met")
"""What asks for something to be done comes first."""
NOW = ""
"""Stage of an indicator's value of today."""
STATION = "tyt-"
"""What the ids of assumed health stations begin with (``scenarios.figures.PremisesId``)."""


class Place(NamedTuple):
    """A group or premises that a criterion is about, by id and name."""

    id: str
    name: str


class Check(NamedTuple):
    """A criterion with the places it was answered for, and those where the plan opens what it is about."""

    id: str
    criterion: Criterion
    places: tuple[tuple[Place, Verdict], ...]

    def of(self, verdict: Verdict) -> list[Place]:
        """The places that this is said of."""
        return [place for place, given in self.places if given == verdict]


def checklist(facts: Facts, plan: Plan | None = None) -> Iterator[Check]:
    """Each criterion with its answers, in the order of the scenario.

    Where there is a plan, places where something new opens are listed whether or not somebody has answered.
    """
    s = facts.scenario
    for name, criterion in s.criteria.items():
        places = dict.fromkeys(criterion.answers, "")
        if plan is not None:
            opened = plan.openings
            if criterion.kinds is not None:
                opened = opened[opened["kind"].isin(criterion.kinds)]
            id_, label = (
                ("group", "group_name") if criterion.concerns == "group" else ("premises", "premises_name")
            )
            places |= {row[id_]: row[label] for row in records(opened) if row[id_]}
        order = list(s.registered_persons.by_group)
        in_order = sorted(places, key=lambda p: order.index(p) if p in order else len(order))
        yield Check(
            name,
            criterion,
            tuple(
                (Place(p, places[p] or _name(facts, criterion, p)), _verdict(criterion, p)) for p in in_order
            ),
        )


def _verdict(criterion: Criterion, place: str) -> Verdict:
    answer = criterion.answers.get(place)
    if answer is None:
        return "not_checked"
    return "met" if answer else "not_met"


def _name(facts: Facts, criterion: Criterion, place: str) -> str:
    """What a place is called that the plan does not name."""
    s = facts.scenario
    if criterion.concerns == "group":
        named = s.registered_persons.by_group.get(place)
        return named.name if named else place
    if place in s.premises.named:
        return s.premises.named[place].name
    communes = facts.communes.set_index("commune_code")["commune"]
    code = place.removeprefix(STATION)
    return station_name(str(communes[code])) if code in communes.index else place


class Figure(NamedTuple):
    """One value of an indicator: of today (`NOW`) or the goal of a stage; None where none is stated."""

    indicator: str
    stage: str
    value: float | None


def indicators(s: Scenario) -> Iterator[Figure]:
    """The values of each indicator in order of time; one without any has a row of its own."""
    for name, indicator in s.indicators.items():
        if indicator.now is None and not indicator.goals:
            yield Figure(name, NOW, None)
        if indicator.now is not None:
            yield Figure(name, NOW, indicator.now)
        for stage in s.stages:
            if stage in indicator.goals:
                yield Figure(name, stage, indicator.goals[stage])


def value_in(unit: str, value: float | None, lang: Lang) -> str:
    """A value of an indicator in words."""
    if value is None:
        return "–"
    if unit == "share":
        return percent(value, lang, next((d for d in (0, 1) if _told(100 * value, d)), 2))
    return number(value, lang)


def _told(value: float, decimals: int) -> bool:
    """Whether so many decimals say all of it."""
    return abs(round(value, decimals) - value) < 1e-9


def objective_services(s: Scenario) -> list[Text | None]:
    """The service that each objective is about, where the objectives are about several."""
    labels = [s.services[wanted.service].label.text for wanted in s.objectives]
    return list(labels) if len(set(labels)) > 1 else [None for _ in labels]


# --- as tables -----------------------------------------------------------------------------------


def tables(plan: Plan, lang: Lang) -> dict[str, pd.DataFrame]:
    """Tables `criteria`, `indicators`, `observed` and `questions`: a row an answer, a value, an observation,
    an option.
    """
    s = plan.scenario
    criteria = [
        (c.criterion.text.text.say(lang), c.criterion.concerns, place.name, verdict, c.criterion.decides,
         c.criterion.source, _note(c.criterion.note, lang))
        for c in checklist(plan.facts, plan)
        for place, verdict in (c.places or ((Place("", ""), "not_checked"),))
    ]  # fmt: skip
    figures = [
        (wanted.text.text.say(lang), figure.stage, wanted.unit, figure.value, wanted.source,
         _note(wanted.note, lang))
        for figure in indicators(s)
        for wanted in (s.indicators[figure.indicator],)
    ]  # fmt: skip
    groups = s.registered_persons.by_group
    observed = [
        (o.text.text.say(lang), o.stage or "", o.kind or "",
         groups[o.group].name if o.group in groups else "", o.points, o.persons, o.source)
        for o in s.observed.values()
    ]  # fmt: skip
    questions = [
        (q.text.text.say(lang), q.as_it_is.text.say(lang), option.label.text.say(lang), f"{name}={code}",
         q.source, _note(q.note, lang))
        for name, q in s.questions.items()
        for code, option in q.options.items()
    ]  # fmt: skip
    return {
        "criteria": _frame(criteria, _CRITERIA),
        "indicators": _frame(figures, _INDICATORS),
        "observed": _frame(observed, _OBSERVED),
        "questions": _frame(questions, _QUESTIONS),
    }


_CRITERIA = dict.fromkeys(("criterion", "concerns", "place", "answer"), "str") | {
    "decides": "bool", "source": "str", "note": "str",
}  # fmt: skip
_INDICATORS = dict.fromkeys(("indicator", "stage", "unit"), "str") | {
    "amount": "float64", "source": "str", "note": "str",
}  # fmt: skip
_OBSERVED = dict.fromkeys(("observation", "stage", "kind", "group_name"), "str") | {
    "points": "float64", "persons": "float64", "source": "str",
}  # fmt: skip
_QUESTIONS = dict.fromkeys(("question", "as_it_is", "option", "option_id", "source", "note"), "str")


def _frame(rows: Sequence[tuple[object, ...]], columns: dict[str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(columns)).astype(columns)


def _note(note: Words | None, lang: Lang) -> str:
    return note.text.say(lang) if note else ""
