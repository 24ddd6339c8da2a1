"""What can stand where: kinds of facility, and the premises that host them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from scenarios.figures import (
    Code,
    Colour,
    Count,
    Headcount,
    Id,
    Label,
    Minutes,
    Money,
    Number,
    Part,
    PremisesId,
    Source,
    Sourced,
    Words,
)


class Cost(Part):
    """What a facility costs in its first year and in each later one."""

    first_year_vnd: Money
    later_year_vnd: Money


class Offer(Sourced):
    """New facilities of the kind may open in a group, from a stage on."""

    from_stage: Code | None = None


class Post(Sourced):
    """Staff that one facility of a kind needs in one post."""

    label: Words
    number: Count


class Kind(Part):
    """A kind of facility.  New ones open at premises of the types `at`, where `offered` says so.

    Between `standard_minutes` and `outer_minutes` cover falls from whole to none (gradual cover); without the
    latter it ends at the standard.
    """

    service: Id
    label: Words
    short: Words
    at: tuple[Id, ...]
    colour: Colour
    symbol: Literal["circle", "square", "diamond", "triangle", "cross", "star"]
    standard_minutes: Minutes | None = None
    outer_minutes: Minutes | None = None
    capacity: Headcount | None = None
    minimum_caseload: Headcount | None = None
    cost: Cost | None = None
    offered_everywhere: Offer | None = None
    offered: dict[Code, Offer] = Field(default_factory=dict)
    staff: dict[Id, Post] = Field(default_factory=dict)


class Premises(Sourced):
    """A host premises.  `commune_source` says whether a document names the commune or somebody assumed it.

    By kind: `capacity` in place of the kind's own; `existing_points` where more than one stands today;
    `most` where more than one may stand, as where the place is a whole province.  `lat`, `lon` (degrees) put
    it on its own point instead of the commune's.  Before the stage `ready_from`, and where the owner does not
    consent, nothing new opens here.
    """

    name: Label
    type: Id
    commune: Code
    commune_source: Source
    address: Label | None = None
    lat: Annotated[float, Field(ge=-90, le=90)] | None = None
    lon: Annotated[float, Field(ge=-180, le=180)] | None = None
    ready_from: Code | None = None
    consent: bool | None = None
    group: Code | None = None
    in_no_group: bool = False
    existing: tuple[Id, ...] = ()
    existing_points: dict[Id, Number] = Field(default_factory=dict)
    most: dict[Id, Number] = Field(default_factory=dict)
    capacity: dict[Id, Headcount] = Field(default_factory=dict)

    def standing(self, kind: str) -> int:
        """How many of `kind` stand today."""
        several = self.existing_points.get(kind)
        return several.value if several else int(kind in self.existing)

    def room(self, kind: str) -> int:
        """How many of `kind` may stand, by what is said of these premises alone."""
        return self.most[kind].value if kind in self.most else max(1, self.standing(kind))


class HealthStations(Sourced):
    """Each commune is taken to have one health station, at the commune's point, unless it is named."""

    assumed: Literal[True]


class PremisesList(Part):
    """Named premises, and whether each commune's health station is taken to exist.

    `most` is how many points of a kind each named one may hold that gives no `most` of its own.  What is
    named ``tyt-`` and the commune's code stands in place of the station that would be assumed.
    """

    health_stations: HealthStations | None = None
    most: dict[Id, Number] = Field(default_factory=dict)
    named: dict[PremisesId, Premises] = Field(default_factory=dict)

    def room(self, premises: str, kind: str) -> int:
        """How many of `kind` may stand at named premises."""
        place = self.named[premises]
        if kind in self.most and kind not in place.most:
            return max(self.most[kind].value, place.standing(kind))
        return place.room(kind)
