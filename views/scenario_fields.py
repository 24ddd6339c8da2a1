"""Every figure of a scenario as a field of the page, found by walking its parts.

A new figure, kind of facility or rule in the schema appears by itself: its unit and its limits follow from
its type, its words from what it stands under (a rule's text, a kind's label, a group's name) and from
``scenario_page.field.<name>`` in the catalogue.  Nothing here draws.
"""

from __future__ import annotations

import re
import types
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from scenarios.figures import AskedOf, Part, Persons, Sourced, Words
from scenarios.persons import CommuneCounts, GroupCount, Split
from scenarios.rules import CommunityShare, CoverageTarget, GroupFloor, StageBudget
from scenarios.schema import Scenario
from scenarios.strict_yaml import Path_
from text import Text
from views.scenario_names import OWN_CARD, title_of, words_of

SECTIONS = ("people", "places", "openings", "money", "targets", "travel", "objectives", "document")
"""The parts of the page, in the order in which a planner asks."""
MOST_LISTED = 80
"""More counts than these come with a table on the data page."""

Kind = Literal["number", "whole", "flag", "stage", "choice"]


@dataclass(frozen=True)
class Form:
    """How a value is given: `unit` is a key of ``scenario_page.unit``, limits are those of the schema.

    Attributes:
        kind: a number, a whole number, yes or no, one of the stages, one of `choices`.
        lo, hi: limits; `above` where `lo` itself is not allowed.
        optional: whether it may be left out.
    """

    kind: Kind
    unit: str = ""
    lo: float | None = None
    hi: float | None = None
    above: bool = False
    choices: tuple[str, ...] = ()
    optional: bool = False


@dataclass(frozen=True)
class Field:
    """One value of the scenario.

    Attributes:
        path: where it stands in the data.
        owner: the part that carries its source; the figure itself where it has one of its own.
        card: the rule, kind, service or block it is shown under.
        words: what it is called under its card, and `title` what the card is called.
        why_not: key under ``scenario_page.fixed`` of the reason why it is not changed here.
        asked: only the user can give it, and has not yet.
    """

    path: Path_
    owner: Path_
    card: Path_
    title: Text
    words: Text
    form: Form
    value: Any
    source: str = ""
    note: Words | None = None
    section: str = "document"
    why_not: str = ""
    asked: bool = False

    @property
    def name(self) -> str:
        """What it is called away from its card."""
        return ".".join(map(str, self.path))

    @property
    def told(self) -> Text:
        """Card and field in one line."""
        if not self.words.vi:
            return self.title
        return Text(f"{self.title.vi}: {self.words.vi}", f"{self.title.en}: {self.words.en}")


def fields(s: Scenario) -> list[Field]:
    """Every figure of the scenario in the order of the file, with those it could have and has not."""
    parts = dict(s.parts())
    found = []
    for path, part in parts.items():
        if path[:1] != ("questions",):
            found += [_field(s, parts, path, held) for held in _values(s, path, part)]
    return found


# --- what a part holds ---------------------------------------------------------------------------

STAGED = ("stage", "opened_in", "opened_by", "open_at", "from_stage", "ready_from")
CHOSEN = ("mode", "missing")
"""Of the words with a few spellings, those that a planner may choose by themselves."""
ALWAYS = ("from_stage", "carry_over", "counts_load", "hard")
"""Shown where they are left out too."""
POINTS = ("lat", "lon")


class _Held(NamedTuple):
    """A value that a part holds directly: the steps below it, the value and its form."""

    steps: Path_
    value: Any
    form: Form


def _values(s: Scenario, path: Path_, part: Part) -> Iterator[_Held]:
    """What `part` holds directly."""
    if isinstance(part, AskedOf):
        if path[-1:] != ("missing_counts",):
            yield _Held(("value",), None, Form("number", "percent", 0, 1))
        return
    for name, info in type(part).model_fields.items():
        value, form = getattr(part, name), form_of(type(part), name)
        if form is not None:
            counted = name == "persons" and isinstance(part, GroupCount)
            shown = value is not None and (form.kind != "flag" or path[:1] == ("rules",))
            if shown or counted or (name in ALWAYS and path[0] in ("rules", "kinds")):
                if form.kind == "stage":
                    form = Form("stage", choices=tuple(s.stages), optional=form.optional)
                yield _Held((name,), value, form)
        elif isinstance(value, dict) and (inner := form_of(type(part), name, inside=True)) is not None:
            unit = getattr(part, "unit", "") if name == "goals" else inner.unit
            unit = {"share": "percent", "places": "points"}.get(unit, unit)
            for key, each in value.items():
                yield _Held((name, key), each, replace(inner, unit=unit))
        elif value is None and (figure := _figure(info.annotation)) and path[:1] != ("premises",):
            form = form_of(figure, "value")
            assert form is not None
            yield _Held((name, "value"), None, form)


@cache
def form_of(model: type[Part], name: str, *, inside: bool = False) -> Form | None:
    """How the field `name` of `model` is given; None for what is no figure and no choice.

    With `inside`: the entries of a mapping.
    """
    info = model.model_fields[name]
    annotation: Any = info.annotation
    if inside:
        annotation = get_args(annotation)[1] if get_origin(annotation) is dict else None
    limits: list[Any] = [] if inside else list(info.metadata)
    optional, base = False, annotation
    while get_origin(base) in (Union, types.UnionType, Annotated):
        if get_origin(base) is Annotated:
            base, *more = get_args(base)
            limits += [m for one in more for m in (one.metadata if isinstance(one, FieldInfo) else [one])]
        else:
            rest = [a for a in get_args(base) if a is not type(None)]
            if len(rest) != 1:
                return None
            optional, base = True, rest[0]
    if base is bool:
        return Form("flag")
    if get_origin(base) is Literal and name in CHOSEN:
        return Form("choice", choices=get_args(base))
    if base is str and name in STAGED:
        return Form("stage", optional=optional)
    if base not in (int, float):
        return None
    lo = next((getattr(m, key) for m in limits for key in ("ge", "gt") if hasattr(m, key)), None)
    hi = next((m.le for m in limits if hasattr(m, "le")), None)
    above = any(hasattr(m, "gt") for m in limits)
    unit = _unit(model, name, base, hi)
    return Form("whole" if base is int else "number", unit, lo, hi, above, optional=optional)


def _figure(annotation: Any) -> type[Sourced] | None:
    """The figure that an optional field could hold."""
    for one in get_args(annotation):
        if isinstance(one, type) and issubclass(one, Sourced) and "value" in one.model_fields:
            return one
    return None


_UNITS = {
    "Minutes.value": "minutes", "Speed.value": "kmh", "Metres.value": "metres", "Factor.value": "times",
    "Headcount.value": "persons", "Number.value": "points", "Money.value": "million", "Stage.years": "years",
    "Priority.weight": "times", "ParentWithinReach.minutes": "minutes", "Post.number": "staff",
    "StageBudget.amount_vnd": "million", "Split.weights": "weight", "Split.population": "inhabitants",
    "Premises.lat": "degrees", "Premises.lon": "degrees", "Indicator.now": "", "Rate.value": "percent_a_year",
    "Outflow.value": "percent_a_year", "Visits.value": "visits", "Days.value": "days",
}  # fmt: skip


def _unit(model: type[Part], name: str, base: type, hi: float | None) -> str:
    for mine in model.__mro__:
        if (unit := _UNITS.get(f"{mine.__name__}.{name}")) is not None:
            return unit
    if base is float:
        return "percent" if hi == 1 else ""
    return "persons" if hi == _top(Persons) else "points"


def _top(annotation: Any) -> float | None:
    return next((m.le for one in get_args(annotation)[1:] for m in one.metadata if hasattr(m, "le")), None)


# --- where it belongs and what it is called ------------------------------------------------------

YEARS = r"[0-9]{4}(-[0-9]{4})?"
"""A stage that is named by its years."""


def _field(s: Scenario, parts: dict[Path_, Part], path: Path_, held: _Held) -> Field:
    part, form = parts[path], held.form
    whole = (*path, *held.steps)
    owner = next(
        (whole[:n] for n in range(len(whole), -1, -1) if isinstance(parts.get(whole[:n]), Sourced)), ()
    )
    figure = whole[:-1] if whole[-1] == "value" else None
    if figure is not None and not isinstance(parts.get(figure), Sourced):
        owner = figure  # not given yet
        form = replace(form, optional=True)
    elif figure is not None:
        form = replace(form, optional=_may_go(parts, figure))
    holder = parts.get(owner)
    card = _card(whole)
    unit = form.unit
    if not unit and form.kind in ("number", "whole"):
        unit = {"share": "percent", "places": "points"}.get(getattr(part, "unit", ""), "persons")
        form = replace(form, unit=unit)
    asked = isinstance(part, AskedOf)
    return Field(
        path=whole, owner=owner, card=card, title=title_of(s, card), words=words_of(s, card, whole),
        form=form, value=held.value,
        source=holder.source if isinstance(holder, Sourced) else "",
        note=part.note if isinstance(part, AskedOf) else getattr(holder, "note", None),
        section=section_of(s, whole), why_not=_why_not(s, whole, part), asked=asked,
    )  # fmt: skip


def _may_go(parts: dict[Path_, Part], figure: Path_) -> bool:
    """Whether a figure may be left out."""
    above = parts.get(figure[:-1])
    info = type(above).model_fields.get(str(figure[-1])) if above is not None else None
    return info is not None and type(None) in get_args(info.annotation)


def section_of(s: Scenario, path: Path_) -> str:
    """The part of the page where a value, or a block, is found."""
    block = str(path[0]) if path else "document"
    if block == "rules":
        rule = s.rules.get(str(path[1])) if len(path) > 1 else None
        if isinstance(rule, StageBudget):
            return "money"
        return "targets" if isinstance(rule, CoverageTarget | CommunityShare | GroupFloor) else "openings"
    if block == "kinds" and "cost" in path:
        return "money"
    known = {
        "registered_persons": "people", "services": "people", "kinds": "places", "premises": "places",
        "stages": "openings", "balance": "targets", "indicators": "targets", "travel": "travel",
        "objectives": "objectives",
    }  # fmt: skip
    return known.get(block, "document")


def _card(path: Path_) -> Path_:
    if path[0] in OWN_CARD or path[:2] == ("registered_persons", "by_group"):
        return path[:2]
    if path[:2] == ("registered_persons", "by_commune") or path[:2] == ("registered_persons", "split"):
        return path[:2]
    return path[:1]


def _why_not(s: Scenario, path: Path_, part: Part) -> str:
    """Why a value is not changed on this page; "" where it is."""
    inside = getattr(part, "persons" if isinstance(part, CommuneCounts) else "population", ())
    many = isinstance(part, CommuneCounts | Split) and len(inside) > MOST_LISTED
    counted = all(group.persons is not None for group in s.registered_persons.by_group.values())
    named = path[0] == "stages" and path[-1] == "years" and re.fullmatch(YEARS, str(path[1])) is not None
    reasons = {
        str(path[0]): path[0] in ("official", "observed", "criteria"),
        "document": section_of(s, path) == "document",
        "stage_named": named,
        "point": path[-1] in POINTS,
        "total": path == ("registered_persons", "total", "value") and counted,
        "table": many,
    }
    return next((reason for reason, holds in reasons.items() if holds), "")
