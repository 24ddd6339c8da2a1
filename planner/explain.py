"""Why there is no plan, in the scenario's words, and changes of the scenario that give it one."""

from __future__ import annotations

import time
from typing import Any

from errors import ScenarioError
from optimization.diagnose import Fact, diagnose
from optimization.instance import Instance
from optimization.relax import Relaxation
from optimization.solve import solve
from planner import geography, remedies, translate
from planner.naming import Naming
from planner.plan import Diagnosis, Facts, Remedy
from planner.wording import kinds_named
from scenarios.reading import changed, merged
from scenarios.rules import Colocated, ParentWithinReach
from text import Text, both, million, number, sentence

MOST_REMEDIES = 6
"""More than these nobody reads."""


def diagnosis(facts: Facts, instance: Instance) -> Diagnosis:
    """The diagnosis of an `instance` without a plan; every remedy is applied to the scenario and solved."""
    began = time.perf_counter()
    found = diagnose(instance)
    names = Naming(facts.scenario, facts.communes, instance)
    solved: list[Remedy] = []
    for relaxation in found.relaxations:
        if len(solved) < MOST_REMEDIES and (done := remedy(names, relaxation)):
            solved.append(done)
    first = found.clashes[0]
    return Diagnosis(
        facts=facts,
        clash=tuple(names.rule(*key) for key in first.keys),
        because=tuple(because(names, fact) for fact in first.facts),
        further=tuple(tuple(names.rule(*key) for key in clash.keys) for clash in found.clashes[1:]),
        remedies=tuple(solved),
        seconds={"diagnosis": time.perf_counter() - began},
    )


def because(names: Naming, fact: Fact) -> Text:
    """A fact as a sentence."""
    rule = names.scenario.rules.get(fact.key[0])
    values: dict[str, object] = {"rule": names.rule(*fact.key).text}
    key = f"plan.fact.{fact.kind.value}"
    if fact.group is not None:
        values["group"] = names.group(fact.group)
        key = f"{key}_in" if fact.kind.value == "beyond_reach" else key
    if fact.stage is not None:
        values["stage"] = names.stage(fact.stage)
    if fact.count is not None:
        values["count"] = fact.count
        values["amount"] = Text(million(fact.count, "vi"), million(fact.count, "en"))
    for name, figure in (("minutes", fact.minutes), ("persons", fact.persons), ("asked", fact.asked)):
        if figure is not None:
            values[name] = Text(number(figure, "vi", 1), number(figure, "en", 1))
    hosts = rule.hosts if isinstance(rule, Colocated) else ()
    hosts = rule.parents if isinstance(rule, ParentWithinReach) else hosts
    values["hosts"] = kinds_named(names.scenario, hosts)
    return sentence(both(key, **values))


def remedy(names: Naming, relaxation: Relaxation) -> Remedy | None:
    """The relaxation as a change of the scenario, solved; None where a scenario cannot say it."""
    patch: dict[str, Any] = {}
    texts: list[Text] = []
    try:
        for change in relaxation.changes:
            sofar = changed(names.scenario, patch) if patch else names.scenario
            done = remedies.said(names, change, sofar)
            if done is None:
                return None
            texts.append(done[0])
            patch = merged(patch, done[1], keep_null=True)
        relaxed = changed(names.scenario, patch)
    except ScenarioError:  # what the arrays allow may be more than the scenario's blocks agree on
        return None
    text = Text("; ".join(t.vi for t in texts), "; ".join(t.en for t in texts))
    solution = solve(translate.instance(relaxed, geography.places(relaxed)))
    if solution.opened is None:
        return None
    return Remedy(text, patch, solution.levels[0].name, solution.levels[0].value)
