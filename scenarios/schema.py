"""The scenario: what is asked, beside the source of every figure.

A scenario file reads like the plan it comes from.  Everything here is frozen, refuses unknown keys and
takes no value for another (`strict`): "916" is a code, 916 is not.  `load` is the only way in; a scenario
changes by merging a patch into its data and checking the whole again, which is also what ``extends:`` and
the relaxations of a diagnosis do.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Discriminator, Field, PrivateAttr, Tag

from scenarios.figures import (
    Code,
    Colour,
    Factor,
    Fraction,
    Headcount,
    Id,
    Label,
    Minutes,
    Money,
    Number,
    Outflow,
    Part,
    Persons,
    Positive,
    Rate,
    Share,
    Source,
    Sourced,
    Speed,
    Visits,
    Words,
)
from scenarios.rules import Codes, Rule, StageBudget
from scenarios.strict_yaml import Lines, Path_
from text import Text, both

ASSUMED: frozenset[str] = frozenset({"inferred", "estimate", "user"})
"""Sources that no document stands behind; what they carry is listed wherever the plan is shown."""

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


class Place(Sourced):
    """The province, the list of communes it is read from, and what groups them."""

    province: Code
    vintage: Literal["2025-01", "2025-07"]
    groups: Literal["district"]


class Stage(Sourced):
    """A stage of the plan, `years` long."""

    years: Annotated[int, Field(ge=1, le=30)] = 1
    label: Words | None = None


class GroupCount(Sourced):
    """Registered persons of one group."""

    name: Label
    persons: Persons


class Split(Sourced):
    """How a group's total is spread over its communes: the mean population of each type of commune."""

    method: Literal["commune_type"]
    weights: dict[Label, Positive]


class Priority(Sourced):
    """Groups or communes whose persons weigh more than others when cover is maximised."""

    groups: Codes | None = None
    communes: Codes | None = None
    weight: Annotated[float, Field(ge=1, le=100)]


class RegisteredPersons(Part):
    """Người nghiện ma túy có hồ sơ quản lý: by group, with the stated total as a check.

    A year later there are (1 + growth − outflow) times as many.
    """

    total: Headcount
    by_group: Annotated[dict[Code, GroupCount], Field(min_length=1)]
    split: Split
    growth: Rate
    outflow: Outflow | None = None
    priority: dict[Id, Priority] = Field(default_factory=dict)


class Service(Part):
    """What a person comes for; demand = registered persons × suited share × uptake."""

    label: Words
    suited_share: Given
    uptake: Given
    visits_per_year: Visits | None = None

    @property
    def demand_share(self) -> float | None:
        """Suited share × uptake, or None while the user has not given one of them."""
        if isinstance(self.suited_share, AskedOf) or isinstance(self.uptake, AskedOf):
            return None
        return self.suited_share.value * self.uptake.value


class Cost(Part):
    """What a facility costs in its first year and in each later one."""

    first_year_vnd: Money
    later_year_vnd: Money


class Offer(Sourced):
    """New facilities of the kind may open in a group, from a stage on."""

    from_stage: Code | None = None


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


class Premises(Sourced):
    """A host premises.  `commune_source` says whether a document names the commune or somebody assumed it.

    By kind: `capacity` in place of the kind's own; `existing_points` where more than one stands today;
    `most` where more than one may stand, as where the place is a whole province.
    """

    name: Label
    type: Id
    commune: Code
    commune_source: Source
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
        """How many of `kind` may stand."""
        return self.most[kind].value if kind in self.most else max(1, self.standing(kind))


class HealthStations(Sourced):
    """Each commune is taken to have one health station, at the commune's point."""

    assumed: Literal[True]


class PremisesList(Part):
    """Named premises, and whether each commune's health station is taken to exist."""

    health_stations: HealthStations | None = None
    named: dict[Id, Premises] = Field(default_factory=dict)


class Travel(Part):
    """Straight line × detour ÷ speed, where there is no road graph."""

    mode: Literal["motorcycle", "car", "walking"]
    method: Literal["straight_line"]
    speed_kmh: Speed
    detour_factor: Factor


class Objective(Sourced):
    """One level of what is wanted, most important first; `loss` is the share later levels may give up."""

    objective: Literal[
        "min_shortfall",
        "max_cover",
        "min_travel",
        "max_worst_group",
        "min_max_travel",
        "min_facilities",
        "min_cost",
    ]
    service: Id
    loss: Share = 0.0


class Opening(Sourced):
    """What the published plan opens: so many of a kind, in a group, in a stage."""

    stage: Code
    kind: Id
    group: Code
    count: Annotated[int, Field(ge=1)] = 1


class Official(Part):
    """The openings of the plan as its authors decided them."""

    label: Words
    openings: Annotated[tuple[Opening, ...], Field(min_length=1)]


class Criterion(Sourced):
    """A condition of the plan that the model cannot weigh; shown for the planner to check."""

    text: Words
    concerns: Literal["group", "premises"]


class Issue(Part):
    """A contradiction or an open point of the plan, shown wherever the plan is shown."""

    text: Words
    source: Source


class Scenario(Part):
    """One question to the planner.  ``scenarios/README.md`` explains a file block by block."""

    id: Id
    extends: Label | None = None
    document: Id
    title: Words
    summary: Words
    changes: tuple[Words, ...] = ()
    place: Place
    stages: Annotated[dict[Code, Stage], Field(min_length=1)]
    registered_persons: RegisteredPersons
    services: Annotated[dict[Id, Service], Field(min_length=1)]
    kinds: Annotated[dict[Id, Kind], Field(min_length=1)]
    premises: PremisesList
    travel: Travel
    rules: dict[Id, Rule] = Field(default_factory=dict)
    objectives: Annotated[tuple[Objective, ...], Field(min_length=1)]
    official: Official | None = None
    criteria: dict[Id, Criterion] = Field(default_factory=dict)
    known_issues: dict[Id, Issue] = Field(default_factory=dict)

    _data: dict[str, Any] = PrivateAttr(default_factory=dict)
    _lines: Lines = PrivateAttr(default_factory=Lines)

    def model_post_init(self, context: tuple[dict[str, Any], Lines] | None, /) -> None:
        """Keep what the scenario was read from."""
        if context:
            self._data, self._lines = context

    @property
    def data(self) -> dict[str, Any]:
        """The plain data this was made from, ``extends:`` already merged; not to be changed."""
        return self._data

    @property
    def lines(self) -> Lines:
        """Where each value stands, for messages."""
        return self._lines

    def where(self, *path: str | int) -> str:
        """``file:line path`` of a value, for messages."""
        return self._lines.where(path)

    def parts(self) -> Iterator[tuple[Path_, Part]]:
        """Every part of the scenario with its path, in the order of the file."""

        def below(value: object, data: object, path: Path_) -> Iterator[tuple[Path_, Part]]:
            if isinstance(value, Part):
                yield path, value
            if isinstance(data, dict):
                for key, inner in data.items():
                    child = value[key] if isinstance(value, dict) else getattr(value, key)
                    yield from below(child, inner, (*path, key))
            elif isinstance(value, tuple) and isinstance(data, list):
                for n, (child, inner) in enumerate(zip(value, data, strict=True)):
                    yield from below(child, inner, (*path, n))

        return below(self, self._data, ())

    def carried(self, rule: StageBudget) -> tuple[StageBudget, ...]:
        """Earlier budgets of the same kinds, whose money is left to `rule` where it carries over.

        Budgets of one stage each: what several stages share stays with those stages.
        """
        order = list(self.stages)
        first = min(order.index(stage) for stage in rule.over)
        return tuple(
            other
            for other in self.rules.values()
            if isinstance(other, StageBudget)
            and set(other.kinds) == set(rule.kinds)
            and other.stage in order[:first]
        )

    def assumptions(self) -> list[Assumed]:
        """What no document stands behind, and what is still asked of the user, in the order of the file."""
        found: list[Assumed] = []
        for path, part in self.parts():
            if isinstance(part, AskedOf):
                found.append(Assumed(path, None, REQUIRED, part.note.text))
            if isinstance(part, Sourced) and part.source in ASSUMED:
                value = next((getattr(part, name) for name in _FIGURES if hasattr(part, name)), None)
                found.append(Assumed(path, value, part.source, _note(part, "scenario.assumed.user")))
            if isinstance(part, Premises) and part.commune_source in ASSUMED:
                note = _note(part, "scenario.assumed.commune")
                found.append(Assumed((*path, "commune"), part.commune, part.commune_source, note))
        return found


class Assumed(NamedTuple):
    """Something that no document stands behind.

    `source` is one of `ASSUMED`, or `REQUIRED` where the user has yet to give the figure; `value` is None
    there and where there is no figure (an offer, a rule).
    """

    path: Path_
    value: object
    source: str
    note: Text


_FIGURES = ("value", "persons", "weights", "years", "amount_vnd", "share", "minutes", "weight", "objective")


def _note(part: Sourced, otherwise: str) -> Text:
    return part.note.text if part.note else both(otherwise)


def field_names() -> set[str]:
    """Every key the schema knows anywhere, for "did you mean"."""

    def below(model: type[Part]) -> set[str]:
        return set(model.model_fields).union(*(below(child) for child in model.__subclasses__()))

    return below(Part)
