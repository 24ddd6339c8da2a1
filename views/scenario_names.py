"""What the values of a scenario are called: never by their keys, but by what they stand under."""

from __future__ import annotations

from typing import Any

from planner.wording import stage_name
from scenarios.document import Opening
from scenarios.figures import Words
from scenarios.persons import Priority
from scenarios.schema import Objective, Scenario
from scenarios.strict_yaml import Path_
from text import Text, both, catalogue

OWN_CARD = ("rules", "kinds", "services")
NO_WORDS = ("value", "amount_vnd", "persons", "named", "years", "cost")
"""Steps that say nothing beside what stands around them."""
TOLD = ("capacity", "most", "existing_points", "forecast")
"""Mappings that are named before their entries."""


def title_of(s: Scenario, card: Path_) -> Text:
    """What a card is called."""
    if len(card) > 1 and card[0] in OWN_CARD:
        block: dict[str, Any] = getattr(s, str(card[0]))
        if card[1] in block:
            return _called(block[str(card[1])]) or both(f"scenario_page.block.{card[0]}")
    return both(f"scenario_page.block.{'.'.join(map(str, card))}")


def words_of(s: Scenario, card: Path_, path: Path_) -> Text:
    """The steps below the card, in words."""
    found: list[Text] = []
    value: Any = s
    for n, step in enumerate(path):
        above, inside = value, isinstance(value, dict)
        value = _below(value, step)
        if n < len(card):
            continue
        if inside or isinstance(step, int):
            found.append(_entry(s, path[n - 1], step, value))
        elif step in TOLD or (step not in NO_WORDS and not isinstance(value, dict | tuple)):
            found.append(_named(above, str(step)))
    if not found and path[-1] == "persons":
        found = [both("scenario_page.field.persons")]
    words = [t for t in found if t.vi]
    return Text(" · ".join(t.vi for t in words), " · ".join(t.en for t in words))


def _named(above: Any, step: str) -> Text:
    """What a field is called; some mean something of their own in a rule."""
    own = f"scenario_page.field.{getattr(above, 'rule', '')}.{step}"
    return both(own if own in catalogue() else f"scenario_page.field.{step}")


def _below(value: Any, step: str | int) -> Any:
    if isinstance(value, dict):
        return value.get(step)
    if isinstance(value, tuple) and isinstance(step, int):
        return value[step] if step < len(value) else None
    return getattr(value, str(step), None)


def _called(value: Any) -> Text | None:
    """The name that a part carries itself."""
    for name in ("label", "text", "name"):
        given = getattr(value, name, None)
        if isinstance(given, Words):
            return given.text
        if isinstance(given, str) and given:
            return Text(given, given)
    return None


def _entry(s: Scenario, block: str | int, step: str | int, value: Any) -> Text:
    """What an entry of a mapping or a list is called: by its own name, or by what its key stands for."""
    key = str(step)
    found = _called(value) or _told_by(s, value)
    if found is None and key in s.stages and block not in ("population", "weights"):
        found = stage_name(s, key)
    for names in (s.registered_persons.by_group, s.kinds, s.services, s.premises.named):
        if found is None and key in names:
            found = _called(names[key])
    return found or Text(key, key)


def _told_by(s: Scenario, value: Any) -> Text | None:
    """What an entry without a name of its own is about."""
    if isinstance(value, Objective):
        about = s.services[value.service].label.text
        wanted = both(f"scenario_page.objective.{value.objective}")
        return Text(f"{wanted.vi} ({about.vi})", f"{wanted.en} ({about.en})")
    if isinstance(value, Priority):
        places = value.groups or value.communes or ()
        shown = ", ".join(_group(s, code) for code in places[:4]) + ("…" if len(places) > 4 else "")
        return both("scenario_page.priority", places=shown)
    if isinstance(value, Opening):
        label, when = s.kinds[value.kind].label.text, stage_name(s, value.stage)
        return Text(f"{when.vi}, {label.vi}", f"{when.en}, {label.en}")
    return None


def _group(s: Scenario, code: str) -> str:
    group = s.registered_persons.by_group.get(code)
    return group.name if group else code
