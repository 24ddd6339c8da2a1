"""Registered persons: how many, where, and how many there will be."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from scenarios.figures import (
    AskedOf,
    Code,
    Headcount,
    Id,
    Label,
    Outflow,
    Part,
    Persons,
    Positive,
    Rate,
    Sourced,
)
from scenarios.rules import Codes


class GroupCount(Sourced):
    """Registered persons of one group; `persons` is absent where the document gives no count for it."""

    name: Label
    persons: Persons | None = None


class CommuneCounts(Sourced):
    """Registered persons by commune (or by place of the lowest level); it need not name every commune.

    Communes it does not name get a share of what is left of their group's count.
    """

    persons: Annotated[dict[Code, Persons], Field(min_length=1)]


class Split(Sourced):
    """How a total is spread over communes that have no count of their own.

    ``commune_type``: by the mean population of each type of commune (`weights`).  ``population``: by the
    population of each commune (`population`), where given.
    """

    method: Literal["commune_type", "population"]
    weights: dict[Label, Positive] = Field(default_factory=dict)
    population: dict[Code, Persons] = Field(default_factory=dict)


class Priority(Sourced):
    """Groups or communes whose persons weigh more than others when cover is maximised."""

    groups: Codes | None = None
    communes: Codes | None = None
    weight: Annotated[float, Field(ge=1, le=100)]


class RegisteredPersons(Part):
    """Người nghiện ma túy có hồ sơ quản lý: by group or commune, with the stated total as a check.

    Counts hold in the first stage.  In a stage of `forecast` the whole is what is forecast, every place in
    proportion; elsewhere a year later there are (1 + growth − outflow) times as many.
    """

    total: Headcount
    by_group: Annotated[dict[Code, GroupCount], Field(min_length=1)]
    missing_counts: AskedOf | None = None
    by_commune: CommuneCounts | None = None
    split: Split
    growth: Rate | None = None
    outflow: Outflow | None = None
    forecast: dict[Code, Headcount] = Field(default_factory=dict)
    priority: dict[Id, Priority] = Field(default_factory=dict)
