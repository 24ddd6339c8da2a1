"""What a scenario is made of: names, texts in two languages, and figures that stand beside their source."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    model_validator,
)

from text import Text

ID = r"^[a-z][a-z0-9_]*$"
CODE = r"^[0-9A-Za-z_.-]{1,20}$"
PREMISES = r"^([a-z][a-z0-9_]*|tyt-[0-9A-Za-z_.]+)$"
SOURCE = r"^(inferred|estimate|user|[a-z][a-z0-9_]* §\S.*|literature: \S.*)$"
FILE = r"^[0-9A-Za-z_][0-9A-Za-z_.-]{0,150}$"
COLOUR = r"^#[0-9a-f]{6}$"

Id = Annotated[str, StringConstraints(pattern=ID, max_length=60)]
Code = Annotated[str, StringConstraints(pattern=CODE)]
PremisesId = Annotated[str, StringConstraints(pattern=PREMISES, max_length=60)]
"""``tyt-`` and a commune's code: that commune's health station, in place of the one that is assumed."""
Label = Annotated[str, StringConstraints(min_length=1, max_length=400)]
Source = Annotated[str, StringConstraints(pattern=SOURCE, max_length=400)]
Colour = Annotated[str, StringConstraints(pattern=COLOUR)]
FileName = Annotated[str, StringConstraints(pattern=FILE)]
"""Name of a file in a folder of the program's, never a path."""
Persons = Annotated[int, Field(ge=0, le=10**9)]
Count = Annotated[int, Field(ge=0, le=10**6)]
OneOrMore = Annotated[int, Field(ge=1, le=10**6)]
Vnd = Annotated[int, Field(ge=0, le=10**15)]  # a float still tells each đồng apart
Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]


class Part(BaseModel):
    """A block of a scenario: frozen, without unknown keys, nothing taken for another type."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Words(Part):
    """A text in both languages."""

    vi: Label
    en: Label

    @property
    def text(self) -> Text:
        """As the rest of the program carries it."""
        return Text(self.vi, self.en)


class Sourced(Part):
    """Something that stands beside its source; what no document says needs a note that explains it."""

    source: Source
    note: Words | None = None

    @model_validator(mode="after")
    def _explained(self) -> Sourced:
        if self.source in ("inferred", "estimate") and self.note is None:
            raise ValueError("needs_note")
        return self


class Minutes(Sourced):
    """A time in minutes, > 0 and at most a day."""

    value: Annotated[float, Field(gt=0, le=1440)]


class Speed(Sourced):
    """A speed in km/h, > 0 and at most 200."""

    value: Annotated[float, Field(gt=0, le=200)]


class Metres(Sourced):
    """A distance in metres, > 0 and at most 100 km."""

    value: Annotated[float, Field(gt=0, le=100_000)]


class Factor(Sourced):
    """A factor from 1 to 10."""

    value: Annotated[float, Field(ge=1, le=10)]


class PartOfSpeed(Sourced):
    """What is left of a speed, > 0 and at most 1."""

    value: Annotated[float, Field(gt=0, le=1)]


class Rate(Sourced):
    """A yearly growth, −0.5 to 1."""

    value: Annotated[float, Field(ge=-0.5, le=1)]


class Outflow(Sourced):
    """A yearly share that leaves, 0 to 0.5."""

    value: Annotated[float, Field(ge=0, le=0.5)]


class Headcount(Sourced):
    """A number of persons."""

    value: Persons


class Number(Sourced):
    """A number of facilities, 1 or more."""

    value: OneOrMore


class Visits(Sourced):
    """Return trips a person makes in a year, > 0 and at most 1,000."""

    value: Annotated[float, Field(gt=0, le=1000)]


class Days(Sourced):
    """A number of days, > 1 and at most 60."""

    value: Annotated[float, Field(gt=1, le=60)]


class Money(Sourced):
    """An amount of VND, a whole number ≥ 0."""

    value: Vnd


class Fraction(Sourced):
    """A share in [0, 1]."""

    value: Share


REQUIRED = "required"
"""What stands in place of a source where a figure is still asked of the user."""


class AskedOf(Part):
    """A figure that the plan leaves open and that only the user can give."""

    required: Literal["user"]
    note: Words


def _given_or_asked(value: object) -> str:
    asked = isinstance(value, AskedOf) or (isinstance(value, dict) and REQUIRED in value)
    return "asked" if asked else "given"


Given = Annotated[
    Annotated[Fraction, Tag("given")] | Annotated[AskedOf, Tag("asked")], Discriminator(_given_or_asked)
]
"""A share, or the statement that only the user can give it."""
