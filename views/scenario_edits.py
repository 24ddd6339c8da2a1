"""Edits of a scenario as patches in words: what a planner changes on the page, and what puts it back.

`now` is what is asked, `plan` the plan that it goes back to.  A changed value has the user as its source and
a note that keeps the old one, as `scenarios.reading.changed` demands.  Nothing here draws or keeps.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, NamedTuple

from planner.wording import stage_name
from scenarios import reading
from scenarios.rules import Bounds, Quota
from scenarios.schema import Scenario
from scenarios.strict_yaml import Path_
from text import Text, both, say
from views.plan_words import source_words
from views.scenario_fields import Field, Form, fields
from views.scenario_names import title_of
from views.scenario_numbers import told

MOST_LETTERS = 400
"""The longest text that a scenario takes."""
BOUNDS = ("exactly", "at_least", "at_most")
BY_GROUP = ("registered_persons", "by_group")


class Edit(NamedTuple):
    """A change in words and as a patch."""

    text: Text
    patch: dict[str, Any]


def at(data: Any, path: Path_) -> Any:
    """What stands in plain data under `path`; None for nothing."""
    for step in path:
        if isinstance(data, dict):
            data = data.get(step)
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
        else:
            return None
    return data


def nested(path: Path_, value: Any) -> dict[str, Any]:
    """A patch that puts `value` under `path`."""
    for step in reversed(path):
        value = {step: value}
    found: dict[str, Any] = value
    return found


def old_value(now: Scenario, plan: Scenario, field: Field) -> Any:
    """What the plan says in the place of `field`."""
    there = _in_plan(now, plan, field.path)
    return None if there is None else standing(plan, there)


def standing(s: Scenario, path: Path_) -> Any:
    """What holds under `path`, what is left out included; None for nothing."""
    found: Any = s
    for step in path:
        if isinstance(found, dict):
            found = found.get(step)
        elif isinstance(found, tuple):
            found = found[step] if isinstance(step, int) and step < len(found) else None
        else:
            found = getattr(found, str(step), None)
    return found


def is_changed(now: Scenario, plan: Scenario, field: Field) -> bool:
    """Whether the value differs from the plan's."""
    if _in_something_new(plan, field):
        return False
    return bool(old_value(now, plan, field) != field.value)


def _in_something_new(plan: Scenario, field: Field) -> bool:
    """Whether the whole rule, stage or offer is new: it is taken out as one, no value in it is put back."""
    path = field.path
    if path[0] in ("rules", "stages"):
        return path[1] not in getattr(plan, str(path[0]))
    return path[0] == "kinds" and "offered" in path and at(plan.data, field.owner) is None


def _in_plan(now: Scenario, plan: Scenario, path: Path_) -> Path_ | None:
    """The same place in the plan: objectives are known by what is wanted, not by their rank."""
    if path[0] != "objectives":
        return path
    n = path[1]
    assert isinstance(n, int)
    mine = now.objectives[n]
    same = [
        m for m, o in enumerate(plan.objectives) if (o.objective, o.service) == (mine.objective, mine.service)
    ]
    return ("objectives", same[0], *path[2:]) if same else None


def spoken(s: Scenario, form: Form, value: Any) -> Text:
    """A value with its unit, in words."""
    if form.kind == "flag":
        return both("scenario_page.yes" if value else "scenario_page.no")
    if form.kind == "stage":
        return stage_name(s, value) if value in s.stages else both("scenario_page.any_stage")
    if form.kind == "choice":
        return both(f"scenario_page.choice.{value}")
    return Text(told(value, form, "vi"), told(value, form, "en"))


# --- one value -----------------------------------------------------------------------------------


def edit(now: Scenario, plan: Scenario, field: Field, value: Any) -> Edit:
    """`field` takes `value`; None takes it away, where it may be left out."""
    text = _changed(now, plan, field, value)
    if field.path[:2] == BY_GROUP:
        return Edit(text, counted(now, plan, {str(field.path[2]): value}))
    if field.path[0] == "objectives":
        return Edit(text, _objective(now, plan, field, value))
    if field.path[-1] == "value":
        figure = field.path[:-1]
        given = None if value is None else {"value": value, **_by_user(now, plan, figure, field)}
        return Edit(text, nested(figure, given))
    patch = nested(field.path, value)
    if field.owner:
        holder = at(patch, field.owner)
        if holder is None:  # the field stands beside what has a source
            return Edit(text, patch)
        holder |= _by_user(now, plan, field.owner, field)
    if field.path[-1] == "hard":
        patch = shortfall_heeded(now, plan, patch)
    return Edit(text, _told_anew(now, plan, field, patch, value))


def bounds(now: Scenario, plan: Scenario, path: Path_, form: str) -> Edit:
    """A quota, or an exception to one, says its number another way: exactly, at least or at most."""
    part: Quota | Bounds = _part(now, path)
    given = {name: getattr(part, name) for name in BOUNDS if getattr(part, name) is not None}
    number = next(iter(given.values()))
    held = next(f for f in fields(now) if f.path == (*path, next(iter(given))))
    words = Text(*(say(f"scenario_page.field.{form}", lang) for lang in ("vi", "en")))
    was = Text(*(say(f"scenario_page.field.{next(iter(given))}", lang) for lang in ("vi", "en")))
    figure = spoken(now, held.form, number)
    said = Text(f"{words.vi} {figure.vi}".lower(), f"{words.en} {figure.en}".lower())
    before = Text(f"{was.vi} {figure.vi}".lower(), f"{was.en} {figure.en}".lower())
    text = both("scenario_page.change.set", what=plain_title(now, plan, held), old=before, new=said)
    limits = dict.fromkeys(given) | {form: number} | _by_user(now, plan, path, held)
    return Edit(text, nested(path, limits))


def put_back(now: Scenario, plan: Scenario, field: Field) -> Edit:
    """`field` as the plan has it, with the plan's source once nothing else beside it is changed."""
    value = old_value(now, plan, field)
    text = both(
        "scenario_page.change.back", what=plain_title(now, plan, field), value=spoken(now, field.form, value)
    )
    if field.path[:2] == BY_GROUP:
        return Edit(text, counted(now, plan, {str(field.path[2]): value}))
    if field.path[0] == "objectives":
        return Edit(text, _objective(now, plan, field, value, back=True))
    if field.path[-1] == "value":
        back = _known_part(plan, field.path[:-1])
        return Edit(text, nested(back, copy.deepcopy(at(plan.data, back))))
    raw = at(plan.data, field.path)
    patch = nested(field.path, raw)
    if field.path[-1] == "hard":
        patch = shortfall_heeded(now, plan, patch)
    owner = at(now.data, field.owner)
    filed = at(plan.data, field.owner)
    if field.owner and isinstance(owner, dict) and isinstance(filed, dict):
        below = field.path[len(field.owner) :]
        rest = copy.deepcopy(owner)
        _put(rest, below, raw)
        told_by = {name: filed.get(name) for name in ("source", "note")}
        if _figures_of(rest) == _figures_of(filed):
            at(patch, field.owner).update(told_by)
        else:
            at(patch, field.owner).update(source="user", note=owner.get("note"))
    return Edit(text, _told_anew(now, plan, field, patch, value))


def _known_part(plan: Scenario, figure: Path_) -> Path_:
    """The figure, or the block around it where the plan has none: half of one would not hold."""
    if figure[0] == "kinds" and "cost" in figure and at(plan.data, figure[:-1]) is None:
        return figure[:-1]
    return figure


def _put(data: dict[str, Any], path: Path_, value: Any) -> None:
    for step in path[:-1]:
        data = data.setdefault(step, {})
    if value is None:
        data.pop(path[-1], None)
    else:
        data[path[-1]] = value


def _figures_of(data: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in data.items() if k not in ("source", "note", "text", "label", "name")}


def _part(s: Scenario, path: Path_) -> Any:
    return dict(s.parts())[path]


def plain_title(now: Scenario, plan: Scenario, field: Field) -> Text:
    """What a field is called, by the plan's words for its card."""
    s = plan if at(plan.data, field.card) is not None else now
    title = title_of(s, field.card)
    if not field.words.vi or field.card[0] not in ("rules", "kinds", "services"):
        return Text(field.words.vi or title.vi, field.words.en or title.en)
    return Text(f"{title.vi}, {_small(field.words.vi)}", f"{title.en}, {_small(field.words.en)}")


def _small(words: str) -> str:
    return words[:1].lower() + words[1:]


def _changed(now: Scenario, plan: Scenario, field: Field, value: Any) -> Text:
    what = plain_title(now, plan, field)
    old, new = spoken(now, field.form, field.value), spoken(now, field.form, value)
    return both("scenario_page.change.set", what=what, old=old, new=new)


# --- sources -------------------------------------------------------------------------------------


def _by_user(now: Scenario, plan: Scenario, owner: Path_, field: Field) -> dict[str, Any]:
    """The user as source, with a note that keeps what the plan said and on what ground."""
    there = _in_plan(now, plan, owner)
    filed = at(plan.data, there) if there is not None else None
    if not isinstance(filed, dict) or "source" not in filed:
        asked = isinstance(filed, dict) and "required" in filed
        mine = at(now.data, owner)
        if isinstance(mine, dict) and mine.get("source") == "user" and mine.get("note"):
            return {"source": "user", "note": copy.deepcopy(mine["note"])}  # the reason that was given stays
        note = both("scenario_page.note.asked" if asked else "scenario_page.note.new")
        return {"source": "user", "note": _words(note)}
    old = spoken(plan, field.form, old_value(now, plan, field))
    source = Text(source_words(filed["source"], "vi"), source_words(filed["source"], "en"))
    note = both("scenario_page.note.instead", old=old, source=source)
    if before := filed.get("note"):
        longer = Text(f"{note.vi} {before['vi']}", f"{note.en} {before['en']}")
        note = longer if max(map(len, longer)) <= MOST_LETTERS else note
    return {"source": "user", "note": _words(note)}


def _words(text: Text) -> dict[str, str]:
    return {"vi": text.vi, "en": text.en}


def _told_anew(
    now: Scenario, plan: Scenario, field: Field, patch: dict[str, Any], value: Any
) -> dict[str, Any]:
    """The rule's text says beside the plan's words what was changed, as long as anything is."""
    text = at(plan.data, (*field.card, "text"))
    if field.card[0] != "rules" or field.owner != field.card or text is None:
        return patch
    said = []
    for other in fields(now):
        if other.card == field.card:
            new = value if other.path == field.path else other.value
            old = old_value(now, plan, other)
            if new != old and (new is not None or old is not None):
                figure = spoken(now, other.form, new)
                said.append(
                    Text(*(f"{_small(w)} {v}".strip() for w, v in zip(other.words, figure, strict=True)))
                )
    listed = Text("; ".join(t.vi for t in said), "; ".join(t.en for t in said))
    told_anew = both("scenario_page.changed_to", text=Text(**text), values=listed)
    fits = said and max(map(len, told_anew)) <= MOST_LETTERS
    at(patch, field.card)["text"] = _words(told_anew) if fits else copy.deepcopy(text)
    return patch


# --- values that hang together -------------------------------------------------------------------


def counted(now: Scenario, plan: Scenario, persons: Mapping[str, int | None]) -> dict[str, Any]:
    """The counts of groups, the total that follows from them, and whether counts are still missing."""
    register = now.registered_persons
    filed_groups = at(plan.data, BY_GROUP) or {}
    counts = {code: given.persons for code, given in register.by_group.items()} | dict(persons)
    by_path = {field.path: field for field in fields(now)}
    patch: dict[str, Any] = {"by_group": {}}
    for group, count in persons.items():
        filed = filed_groups.get(group, {})
        told_by = (
            {name: filed.get(name) for name in ("source", "note")}
            if filed.get("persons") == count
            else _by_user(now, plan, (*BY_GROUP, group), by_path[*BY_GROUP, group, "persons"])
        )
        patch["by_group"][group] = {"persons": count, **told_by}
    known = sum(n for n in counts.values() if n is not None)
    missing = any(n is None for n in counts.values())
    filed_total = at(plan.data, ("registered_persons", "total"))
    whole = max(known, filed_total["value"]) if missing else known
    if whole != register.total.value:
        total = by_path["registered_persons", "total", "value"]
        figure = {"value": whole, **_by_user(now, plan, ("registered_persons", "total"), total)}
        patch["total"] = copy.deepcopy(filed_total) if whole == filed_total["value"] else figure
    asked = at(plan.data, ("registered_persons", "missing_counts"))
    if asked is not None and missing != (register.missing_counts is not None):
        patch["missing_counts"] = copy.deepcopy(asked) if missing else None
    return {"registered_persons": patch}


def _objective(
    now: Scenario, plan: Scenario, field: Field, value: Any, *, back: bool = False
) -> dict[str, Any]:
    """The list anew: a list is replaced as a whole."""
    n = int(field.path[1])
    wanted = copy.deepcopy(now.data["objectives"])
    there = _in_plan(now, plan, ("objectives", n))
    if back and there is not None:
        wanted[n] = copy.deepcopy(at(plan.data, there))
    else:
        given = {str(field.path[2]): value} | _by_user(now, plan, ("objectives", n), field)
        wanted[n] |= given
    return {"objectives": wanted}


def shortfall_heeded(now: Scenario, plan: Scenario, patch: dict[str, Any]) -> dict[str, Any]:
    """Soft targets and the objective that lessens their shortfall come and go together."""
    then = reading.merged(now.data, patch)
    soft = [
        rule["service"]
        for rule in then.get("rules", {}).values()
        if rule["rule"] == "coverage_target" and not rule["hard"]
    ]
    wanted = [o for o in then["objectives"] if o["objective"] != "min_shortfall" or o["service"] in soft]
    minded = [o["service"] for o in wanted if o["objective"] == "min_shortfall"]
    for service in dict.fromkeys(s for s in soft if s not in minded):
        note = _words(both("scenario_page.note.shortfall"))
        new = {"objective": "min_shortfall", "service": service, "source": "user", "note": note}
        filed = [
            o for o in plan.data["objectives"] if (o["objective"], o["service"]) == ("min_shortfall", service)
        ]
        wanted = [copy.deepcopy(filed[0]) if filed else new, *wanted]
    return patch if wanted == then["objectives"] else patch | {"objectives": wanted}


def moved(now: Scenario, n: int, by: int) -> Edit:
    """Objective `n` gets another rank."""
    wanted = copy.deepcopy(now.data["objectives"])
    one = wanted.pop(n)
    wanted.insert(n + by, one)
    what = next(f for f in fields(now) if f.path == ("objectives", n, "loss"))
    words = Text(*(w.partition(" · ")[0] for w in what.words))
    text = both("scenario_page.change.rank", what=words, old=n + 1, new=n + by + 1)
    return Edit(text, {"objectives": wanted})


# --- rules ---------------------------------------------------------------------------------------


def switched_off(now: Scenario, plan: Scenario, rule: str) -> Edit:
    """The rule need not be kept."""
    text = both("scenario_page.change.off", rule=now.rules[rule].text.text)
    return Edit(text, shortfall_heeded(now, plan, {"rules": {rule: None}}))


def switched_on(now: Scenario, plan: Scenario, rule: str, data: dict[str, Any]) -> Edit:
    """The rule is to be kept again, as `data` has it."""
    text = both("scenario_page.change.on", rule=Text(**data["text"]))
    return Edit(text, shortfall_heeded(now, plan, {"rules": {rule: copy.deepcopy(data)}}))
