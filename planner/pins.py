"""What a planner decides about single places: here something opens, there nothing; a criterion is met.

A decision where to open is a rule of its own (``scenarios.rules``: `Pinned`, `Forbidden`) with the source
``user``, named after its place, so that it is found again, taken back alone, and listed with the plan's
other rules.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from planner.wording import stage_name
from scenarios.rules import Forbidden, Pinned
from scenarios.schema import Scenario
from text import Text, both, inline

Change = tuple[Text, dict[str, Any]]
"""A change in words, and as a patch of the scenario (``scenarios.reading.changed``)."""


class Place(NamedTuple):
    """Where a facility stands or could: premises and kind, and what the premises are called."""

    premises: str
    kind: str
    name: str


class Held(NamedTuple):
    """What is decided about a place.

    Attributes:
        from_stage: something is open there from the end of this stage on; None where nobody says so.
        forbidden: nothing new ever opens there.
        rules: ids of the rules that say so.
    """

    from_stage: str | None = None
    forbidden: bool = False
    rules: tuple[str, ...] = ()


def held(scenario: Scenario) -> Mapping[tuple[str, str], Held]:
    """What rules say of single places, by premises and kind.

    A rule about whole groups, about some of several places or about some stages only decides no single place,
    and is not told here.
    """
    found: dict[tuple[str, str], Held] = {}
    for name, rule in scenario.rules.items():
        if isinstance(rule, Pinned) and rule.premises and rule.at_least is None:
            for premises in rule.premises:
                before = found.get((premises, rule.kind), Held())
                stage = _earlier(scenario, before.from_stage, rule.from_stage)
                found[premises, rule.kind] = before._replace(from_stage=stage, rules=(*before.rules, name))
        elif isinstance(rule, Forbidden) and rule.premises and _ever(scenario, rule):
            for premises in rule.premises:
                before = found.get((premises, rule.kind), Held())
                found[premises, rule.kind] = before._replace(forbidden=True, rules=(*before.rules, name))
    return found


def pin(scenario: Scenario, place: Place, stage: str) -> Change:
    """`place` is open from the end of `stage` on; what was decided about it before is taken back."""
    spoken = _spoken(scenario, place)
    text = both("pins.pin", stage=stage_name(scenario, stage), **spoken)
    words = both("pins.pin.rule", stage=stage_name(scenario, stage), **spoken)
    return text, {"rules": _taken_back(scenario, place) | {_id("pin", place): _pinned(place, stage, words)}}


def forbid(scenario: Scenario, place: Place) -> Change:
    """Nothing new ever opens at `place`; what was decided about it before is taken back."""
    spoken = _spoken(scenario, place)
    words = both("pins.forbid.rule", **spoken)
    rules = _taken_back(scenario, place) | {_id("forbid", place): _forbidden(place, words)}
    return both("pins.forbid", **spoken), {"rules": rules}


def move(scenario: Scenario, place: Place, to: Place, stage: str) -> Change:
    """What opens at `place` opens at `to` instead, from the end of `stage` on: one forbidden, one pinned."""
    text = both("pins.move", to=to.name, stage=stage_name(scenario, stage), **_spoken(scenario, place))
    rules = forbid(scenario, place)[1]["rules"] | pin(scenario, to, stage)[1]["rules"]
    return text, {"rules": rules}


def free(scenario: Scenario, place: Place) -> Change:
    """Whatever is decided about `place` is taken back, be it the planner's or the document's."""
    return both("pins.free", **_spoken(scenario, place)), {"rules": _taken_back(scenario, place)}


def check(scenario: Scenario, criterion: str, place: str, name: str, met: bool | None) -> Change:
    """Whether `criterion` is met at `place`, a group or premises as it concerns; None: nobody has looked."""
    said = both(f"document.{'not_checked' if met is None else 'met' if met else 'not_met'}")
    text = both("pins.check", criterion=scenario.criteria[criterion].text.text, place=name, said=said)
    return text, {"criteria": {criterion: {"answers": {place: met}}}}


def _taken_back(scenario: Scenario, place: Place) -> dict[str, Any]:
    """The patch of the rules that decide about `place`: gone, or without it where they name other places."""
    patch: dict[str, Any] = {}
    for name in held(scenario).get((place.premises, place.kind), Held()).rules:
        rule = scenario.rules[name]
        assert isinstance(rule, Pinned | Forbidden)
        others = [p for p in rule.premises or () if p != place.premises]
        note = _words(both("plan.remedy.note_instead", source=rule.source))
        patch[name] = {"premises": others, "source": "user", "note": note} if others else None
    return patch


def _pinned(place: Place, stage: str, text: Text) -> dict[str, Any]:
    return {"rule": "pinned", "from_stage": stage} | _rule(place, text)


def _forbidden(place: Place, text: Text) -> dict[str, Any]:
    return {"rule": "forbidden"} | _rule(place, text)


def _rule(place: Place, text: Text) -> dict[str, Any]:
    return {
        "text": _words(text),
        "kind": place.kind,
        "premises": [place.premises],
        "source": "user",
        "note": _words(both("pins.note")),
    }


def _spoken(scenario: Scenario, place: Place) -> dict[str, object]:
    return {"kind": inline(scenario.kinds[place.kind].short.text), "place": place.name}


def _words(text: Text) -> dict[str, str]:
    return {"vi": text.vi, "en": text.en}


def _id(what: str, place: Place) -> str:
    """An id that a scenario takes, another one for each place."""
    plain = f"{what}_{place.kind}_{place.premises}"
    if re.fullmatch(r"[a-z0-9_]{1,60}", plain):
        return plain
    mark = hashlib.sha256(plain.encode()).hexdigest()[:8]
    return f"{re.sub(r'[^a-z0-9]+', '_', plain.lower())[:51]}_{mark}"


def _earlier(scenario: Scenario, one: str | None, other: str) -> str:
    order = list(scenario.stages)
    return other if one is None else min(one, other, key=order.index)


def _ever(scenario: Scenario, rule: Forbidden) -> bool:
    return rule.stages is None or set(rule.stages) == set(scenario.stages)
