"""Questions that a document leaves open: a scenario takes one answer of each; here another is chosen.

An answer is a patch over the scenario (``scenarios.document.Question``).  `chosen` merges the answers that
are asked for and checks the whole; `table` solves every answer, one at a time, beside the scenario as it is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np

from errors import Problem, ScenarioError
from optimization import verify
from optimization.instance import Instance
from optimization.solution import Solution
from planner import balance, geography, report, translate
from planner.geography import Geography
from scenarios.document import Option, Question
from scenarios.reading import changed, merged
from scenarios.schema import Scenario
from text import Text, both, tidy

AS_IT_IS = "as_it_is"
"""The answer that the scenario has already."""

LONGEST_ID = 60
"""Letters of an id (``scenarios.figures.Id``)."""


class Choice(NamedTuple):
    """One answer to one open question of a scenario."""

    question: str
    option: str
    asked: Text
    label: Text
    source: str

    @property
    def written(self) -> str:
        """As it is asked for: ``growth=three``."""
        return f"{self.question}={self.option}"


def options(scenario: Scenario) -> tuple[Choice, ...]:
    """Every answer that may be chosen, in the order of the file."""
    return tuple(
        Choice(name, option, question.text.text, given.label.text, question.source)
        for name, question in scenario.questions.items()
        for option, given in question.options.items()
    )


def answers(written: Iterable[str]) -> dict[str, str]:
    """Answers as they are typed, ``growth=three``, by question.

    Raises:
        ScenarioError: not of that form, or two answers to one question.
    """
    found: dict[str, str] = {}
    problems: list[Problem] = []
    for given in written:
        question, equals, option = given.partition("=")
        if not (question and equals and option):
            problems.append(Problem("options.form", "--option", {"given": tidy(given)}))
        elif found.setdefault(question, option) != option:
            problems.append(Problem("options.twice", "--option", {"question": tidy(question)}))
    if problems:
        raise ScenarioError(problems)
    return found


def chosen(scenario: Scenario, answers: Mapping[str, str]) -> Scenario:
    """`scenario` with these answers (option by question) in place of its own.

    What was chosen stands in `changes` and in the id; the questions that are answered are gone.  `AS_IT_IS`
    changes nothing.

    Raises:
        ScenarioError: no such question or option; two answers that change the same thing; an answer that does
            not hold together with the rest.
    """
    _known(scenario, answers)
    picked: list[tuple[str, Question, Option]] = [
        (name, question, question.options[answers[name]])
        for name, question in scenario.questions.items()
        if answers.get(name, AS_IT_IS) != AS_IT_IS
    ]
    if not picked:
        return scenario
    _apart(scenario, {name: option.patch for name, _, option in picked})
    patch: dict[str, Any] = {}
    for _, _, option in picked:
        patch = merged(patch, option.patch, keep_null=True)
    told = [both("options.change", question=q.text.text, answer=o.label.text) for _, q, o in picked]
    own = {
        "id": _id(scenario.id, [f"{name}_{answers[name]}" for name, _, _ in picked]),
        "changes": [*scenario.data.get("changes", []), *(t._asdict() for t in told)],
        "questions": {name: None for name, _, _ in picked},
    }
    return changed(scenario, merged(patch, own, keep_null=True))


def check(scenario: Scenario) -> None:
    """Whether every answer gives a scenario that holds together.

    Raises:
        ScenarioError: every problem of every answer, at the place of the answer.
    """
    problems: list[Problem] = []
    for choice in options(scenario):
        try:
            chosen(scenario, {choice.question: choice.option})
        except ScenarioError as why:
            where = scenario.where("questions", choice.question, "options", choice.option)
            problems += [Problem(p.code, f"{where} ({p.where})", p.values) for p in why.problems]
    if problems:
        raise ScenarioError(problems)


def _known(scenario: Scenario, answers: Mapping[str, str]) -> None:
    problems: list[Problem] = []
    for name, option in answers.items():
        question = scenario.questions.get(name)
        if question is None:
            known = ", ".join(scenario.questions) or "–"
            where = scenario.where("questions")
            problems.append(Problem("options.question", where, {"name": tidy(name), "known": known}))
        elif option not in (AS_IT_IS, *question.options):
            known = ", ".join((AS_IT_IS, *question.options))
            values = {"name": tidy(option), "question": name, "known": known}
            problems.append(Problem("options.option", scenario.where("questions", name), values))
    if problems:
        raise ScenarioError(problems)


def _apart(scenario: Scenario, patches: Mapping[str, dict[str, Any]]) -> None:
    """That no two answers change the same thing in different ways."""
    problems: list[Problem] = []
    for (one, first), (other, second) in combinations(patches.items(), 2):
        mine, theirs = dict(_leaves(first)), dict(_leaves(second))
        shared = sorted(
            a for a in mine for b in theirs if _overlap(a, b) and (a != b or mine[a] != theirs[b])
        )
        if shared:
            values = {"one": one, "other": other, "what": ".".join(shared[0])}
            problems.append(Problem("options.clash", scenario.where("questions", other), values))
    if problems:
        raise ScenarioError(problems)


def _overlap(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    """Whether one path lies within the other."""
    return a[: len(b)] == b[: len(a)]


def _leaves(patch: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """What a patch sets, by path; a figure with its source is one thing."""
    for key, value in patch.items():
        if isinstance(value, dict) and not {"value", "required"} & value.keys():
            yield from _leaves(value, (*path, key))
        else:
            yield (*path, key), value


def _id(base: str, picked: list[str]) -> str:
    """An id that tells what was chosen, or where that is too long, that something was."""
    whole = "__".join([base, *picked])
    if len(whole) <= LONGEST_ID:
        return whole
    mark = hashlib.sha256(whole.encode()).hexdigest()[:8]
    return f"{whole[: LONGEST_ID - len(mark) - 2].rstrip('_')}__{mark}"


# --- every answer beside the scenario as it is ----------------------------------------------------


Cell = str | int | float | Text | None


class Table(NamedTuple):
    """Columns, rows, what to keep in mind, and heads of the columns that a scenario names itself."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: Text
    heads: tuple[tuple[str, Text], ...]


Run = Callable[[Instance], Solution]


def table(scenario: Scenario, run: Run) -> Table:
    """A row for the scenario as it is and one for each answer: how well it can be planned.

    In the last stage: registered persons, share of each service's demand that is served, and where travel is
    an objective mean minutes one way and hours that one person travels in a year; over all stages points
    opened and VND; places needed where the scenario has a balance.  What no plan keeps all rules of has its
    status and nothing else.

    Raises:
        ScenarioError, DataError: an answer cannot be used.
    """
    heads = dict(_heads(scenario))
    rows: list[tuple[Cell, ...]] = [_row(scenario, run, heads, "", both("options.as_it_is"))]
    rows += [
        _row(chosen(scenario, {c.question: c.option}), run, heads, c.written, c.label)
        for c in options(scenario)
    ]
    columns = ("choice", "answer", "status", "registered", "opened", *heads)
    return Table(columns, tuple(rows), both("options.note", n=len(scenario.questions)), tuple(heads.items()))


def _heads(scenario: Scenario) -> Iterator[tuple[str, Text]]:
    """Columns of the figures that depend on what the scenario holds."""
    for name, service in scenario.services.items():
        if service.demand_share is not None:
            yield f"share_{name}", both("options.share", service=service.label.text)
    for wanted in scenario.objectives:
        if wanted.objective == "min_travel":
            label = scenario.services[wanted.service].label.text
            yield f"minutes_{wanted.service}", both("options.minutes", service=label)
            yield f"hours_{wanted.service}", both("options.hours", service=label)
    for stage in scenario.balance.goals if scenario.balance else ():
        named = scenario.stages[stage].label
        yield f"needed_{stage}", both("options.needed", stage=named.text if named else stage)
    if report.budget_kinds(scenario):
        yield "cost", both("explore.column.cost")


def _row(
    scenario: Scenario, run: Run, heads: Mapping[str, Text], choice: str, label: Text
) -> tuple[Cell, ...]:
    places = geography.places(scenario)
    instance = translate.instance(scenario, places)
    solution = run(instance)
    registered = float(translate.persons(scenario, places)[:, -1].sum())
    status = solution.status.value
    if solution.opened is None:
        return choice, label, status, registered, None, *(None for _ in heads)
    found = dict(_figures(scenario, places, instance, solution))
    opened = int(solution.opened.sum())
    return choice, label, status, registered, opened, *(found.get(name) for name in heads)


def _figures(
    scenario: Scenario, places: Geography, instance: Instance, solution: Solution
) -> Iterator[tuple[str, Cell]]:
    sums = verify.figures(instance, solution)
    for s, service in enumerate(instance.services):
        demand = float(sums.demand[s, :, -1].sum())
        served = float(sums.served[s, :, -1].sum())
        yield f"share_{service.id}", served / demand if demand else None
        mine = instance.facility_service == s
        persons = float(sums.caseload[mine, -1].sum())
        each = float(sums.travel[s, -1]) / persons if persons else None  # minutes in a year, there and back
        yield f"minutes_{service.id}", None if each is None else each / (2 * service.visits)
        yield f"hours_{service.id}", None if each is None else each / 60
    rows = balance.rows(
        scenario,
        instance=instance,
        sums=sums,
        persons=translate.persons(scenario, places),
        open_=solution.open,
    )
    for row in rows:
        needed = np.fmax(row["needed"], row["in_community"])
        yield f"needed_{row['stage']}", None if np.isnan(needed) else float(needed)
    yield "cost", sum(report.cost_by_stage(scenario, instance, solution).values())
