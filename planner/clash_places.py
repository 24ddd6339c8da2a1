"""Where a clash happens: the groups that its rules speak of."""

from __future__ import annotations

from collections.abc import Iterator

from planner.plan import ClashingRule, Diagnosis
from scenarios.references import STATION
from scenarios.schema import Scenario


def groups(diagnosis: Diagnosis) -> frozenset[str]:
    """Codes of the groups in which the first clash happens; empty where it is about the whole place."""
    of_commune = dict(
        zip(diagnosis.facts.communes["commune_code"], diagnosis.facts.communes["group"], strict=True)
    )
    found = {g for rule in diagnosis.clash for g in _of(rule, diagnosis.scenario, of_commune)}
    return frozenset(found & set(diagnosis.scenario.registered_persons.by_group))


def _of(clashing: ClashingRule, s: Scenario, of_commune: dict[str, str]) -> Iterator[str]:
    """Of the part that is named; else of the places that the rule as a whole names."""
    rule, part = s.rules.get(clashing.rule), clashing.part
    named = getattr(rule, "named", {})
    if part in s.registered_persons.by_group:
        yield part
    elif part in named:
        yield from (of_commune.get(code, "") for code in named[part])
    elif part:
        yield _of_premises(part, s, of_commune)
    else:
        yield from getattr(rule, "groups", None) or ()
        for premises in getattr(rule, "premises", None) or ():
            yield _of_premises(premises, s, of_commune)


def _of_premises(premises: str, s: Scenario, of_commune: dict[str, str]) -> str:
    place = s.premises.named.get(premises)
    if place is not None:
        return place.group or of_commune.get(place.commune, "")
    return of_commune.get(premises.removeprefix(STATION), "")
