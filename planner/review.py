"""A look at a scenario before it is solved: what cannot work, what is doubtful, what is still open.

Without a search.  What cannot work follows from conditions that every plan fulfils
(`optimization.necessary`): a finding that stops is true, while a scenario without one may still have no plan.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from optimization.instance import Instance
from optimization.necessary import Impossible, Why, impossible, openable
from planner import geography, translate
from planner.geography import Geography
from planner.naming import Naming
from planner.plan import ClashingRule
from planner.wording import kinds_named
from scenarios.figures import AskedOf
from scenarios.rules import Colocated, ParentWithinReach
from scenarios.schema import Scenario
from scenarios.strict_yaml import Path_
from text import Text, both, inline, million, number, sentence

Grade = Literal["stop", "doubt", "note"]
"""No plan can exist; the answer may not say what is meant; worth knowing."""


@dataclass(frozen=True)
class Finding:
    """One thing to know before the solve.

    Attributes:
        grade: how grave it is.
        text: what is the matter; `remedy` what to do about it.
        path: where in the scenario it is to be mended.
        source: of the rule or the figure; "" where there is none.
    """

    grade: Grade
    text: Text
    remedy: Text
    path: Path_
    source: str = ""


def review(scenario: Scenario, places: Geography | None = None) -> tuple[Finding, ...]:
    """Findings about `scenario`, the gravest first; `places` are its `geography.places`, if known.

    Raises:
        ScenarioError, DataError: codes or data that cannot be used.
    """
    places = places or geography.places(scenario)
    instance = translate.instance(scenario, places)
    names = Naming(scenario, places.communes, instance)
    found = [
        *(_impossible(names, one) for one in _grave(impossible(instance))),
        *_asked(scenario),
        *_nobody(scenario, instance),
        *_nowhere(names),
        *_crowded(names),
        *_open_points(scenario),
    ]
    order = ("stop", "doubt", "note")
    return tuple(sorted(found, key=lambda one: order.index(one.grade)))


def _grave(found: tuple[Impossible, ...]) -> list[Impossible]:
    """One of a kind for each rule, with the part of it where most is missing."""
    worst: dict[tuple[Why, str, bool], Impossible] = {}
    for one in found:
        key = (one.why, one.key[0], one.hard)
        if key not in worst or abs(one.asked - one.possible) > abs(worst[key].asked - worst[key].possible):
            worst[key] = one
    return list(worst.values())


# --- what cannot work ----------------------------------------------------------------------------


def _impossible(names: Naming, one: Impossible) -> Finding:
    rule = names.rule(*one.key)
    values: dict[str, object] = {"rule": rule.text}
    if one.stage is not None:
        values["stage"] = names.stage(one.stage)
    money = one.why is Why.MONEY
    for name, figure in (("asked", one.asked), ("possible", one.possible)):
        tell = million if money else number
        values[name] = Text(tell(figure, "vi"), tell(figure, "en"))
    if one.other is not None:
        values["other"] = _other(names, one).text
    key = f"review.{one.why.value}"
    if one.why is Why.PLACES and one.cause is not None:
        key = f"{key}.{one.cause.value}"
        values["because"] = _because(names, one)
    if one.why is Why.MONEY and one.other is None:
        key = f"{key}.running"
    if one.group is not None:
        values["rule"] = both("plan.rule.part", rule=rule.text, part=names.group(one.group))
    text = sentence(both(key, **values))
    remedy = both(f"review.{one.why.value}.remedy")
    grade: Grade = "stop" if one.hard else "doubt"
    return Finding(grade, text, remedy, path_of(names, one.key[0]), rule.source)


def _other(names: Naming, one: Impossible) -> ClashingRule:
    assert one.other is not None
    return names.rule(*one.other)


def _because(names: Naming, one: Impossible) -> Text:
    """What makes the places too few: the hosts or parents that are missing, or the rules that forbid."""
    s = names.scenario
    if not one.by:
        return Text("", "")
    rules = [s.rules[key[0]] for key in one.by]
    hosts = [rule.hosts for rule in rules if isinstance(rule, Colocated)]
    hosts += [rule.parents for rule in rules if isinstance(rule, ParentWithinReach)]
    if hosts:
        return kinds_named(s, hosts[0])
    texts = [inline(names.worded[name].text) for name in dict.fromkeys(key[0] for key in one.by)]
    return Text("; ".join(t.vi for t in texts), "; ".join(t.en for t in texts))


def path_of(names: Naming, rule: str) -> Path_:
    """Where a rule stands, or the figure of a kind that implies it."""
    if rule in names.implied:
        kind = names.implied[rule]
        return ("kinds", kind, rule.removesuffix(f"_{kind}"))
    return ("rules", rule)


# --- what is doubtful ----------------------------------------------------------------------------


def _asked(s: Scenario) -> Iterator[Finding]:
    """Figures that only the user can give."""
    for path, part in s.parts():
        if not isinstance(part, AskedOf) or path[0] == "questions":
            continue
        if path[0] == "services":
            service = s.services[str(path[1])].label.text
            figure = inline(both(f"review.figure.{path[2]}"))
            text = both("review.asked", figure=figure, service=inline(service))
            yield Finding("doubt", text, both("review.asked.remedy"), path)
        else:
            yield Finding("doubt", part.note.text, both("review.counts.remedy"), path)


def _nobody(s: Scenario, instance: Instance) -> Iterator[Finding]:
    """Services without anybody who needs them."""
    for n, (name, service) in enumerate(s.services.items()):
        if service.demand_share is not None and instance.demand[n].sum() <= 0:
            text = both("review.nobody", service=inline(service.label.text))
            yield Finding("doubt", text, both("review.nobody.remedy"), ("services", name))


def _nowhere(names: Naming) -> Iterator[Finding]:
    """Kinds that the rules speak of and that can open nowhere, though they are offered."""
    it, s = names.instance, names.scenario
    can, open_ = openable(it), it.offered & (it.limit > it.existing)
    for k, (name, kind) in enumerate(s.kinds.items()):
        mine = it.kind == k
        if (open_ & mine).any() and not can[mine].any():
            text = both("review.nowhere", kind=inline(kind.label.text))
            yield Finding("doubt", text, both("review.nowhere.remedy"), ("kinds", name))


def _crowded(names: Naming) -> Iterator[Finding]:
    """Fewest persons that a new point is to serve, where too few live within reach of any."""
    it, s = names.instance, names.scenario
    for k, (name, kind) in enumerate(s.kinds.items()):
        if (least := kind.minimum_caseload) is None:
            continue
        mine = np.flatnonzero((it.kind == k) & it.offered & (it.limit > it.existing))
        near = it.minutes[:, it.site[mine]] <= it.outer[mine]
        persons = (it.demand[it.kinds[k].service].max(axis=1)[:, None] * near).sum(axis=0)
        most = float(persons.max(initial=0.0))
        if most < least.value:
            values = {"persons": least.value, "most": Text(number(most, "vi"), number(most, "en"))}
            text = both("review.caseload", kind=inline(kind.label.text), **values)
            path = ("kinds", name, "minimum_caseload")
            yield Finding("doubt", text, both("review.caseload.remedy"), path, least.source)


# --- what is worth knowing -----------------------------------------------------------------------


def _open_points(s: Scenario) -> Iterator[Finding]:
    """Questions as the file answers them, figures that no document gives, open points of the document."""
    for name, question in s.questions.items():
        text = both("review.question", question=question.text.text, answer=question.as_it_is.text)
        yield Finding("note", text, both("review.question.remedy"), ("questions", name), question.source)
    if n := len(s.assumptions()):
        yield Finding("note", both("review.estimates", n=n), both("review.estimates.remedy"), ())
    if n := len(s.known_issues):
        yield Finding("note", both("review.issues", n=n), both("review.issues.remedy"), ())
