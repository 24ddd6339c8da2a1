"""The scenario: what is asked, beside the source of every figure.

A scenario file reads like the plan it comes from.  Everything here is frozen, refuses unknown keys and
takes no value for another (`strict`): "916" is a code, 916 is not.  `load` is the only way in; a scenario
changes by merging a patch into its data and checking the whole again, which is also what ``extends:`` and
the relaxations of a diagnosis do.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field, PrivateAttr

from scenarios.document import Balance, Criterion, Indicator, Issue, Observed, Official, Proposal, Question
from scenarios.figures import (
    REQUIRED,
    AskedOf,
    Code,
    Days,
    Fraction,
    Given,
    Id,
    Label,
    Part,
    Share,
    Sourced,
    Visits,
    Words,
)
from scenarios.persons import RegisteredPersons
from scenarios.rules import Codes, Rule, StageBudget
from scenarios.strict_yaml import Lines, Path_
from scenarios.supply import Kind, Premises, PremisesList
from scenarios.travel import Travel
from text import Text, both

ASSUMED: frozenset[str] = frozenset({"inferred", "estimate", "user"})
"""Sources that no document stands behind; what they carry is listed wherever the plan is shown."""


class Area(Sourced):
    """A service area of the planner's own: a name and its communes."""

    name: Label
    communes: Codes


class Place(Sourced):
    """The province, the list of communes it is read from, and what groups them.

    Groups are its districts (``district``); areas of the planner's own (``area``), which together are the
    whole place; or, where no province is named, the provinces of the nation (``province``), each of which is
    then one place of demand and one host.
    """

    province: Code | None = None
    vintage: Literal["2025-01", "2025-07"]
    groups: Literal["district", "area", "province"]
    areas: dict[Code, Area] = Field(default_factory=dict)


class Stage(Sourced):
    """A stage of the plan, `years` long."""

    years: Annotated[int, Field(ge=1, le=30)] = 1
    label: Words | None = None


class Service(Part):
    """What a person comes for; demand = registered persons × suited share × uptake.

    `suited_by_group` stands in place of `suited_share` where a group's own share is known.  Where
    doses for `take_home_days` may be taken along, travel is shown for that too.
    """

    label: Words
    suited_share: Given
    suited_by_group: dict[Code, Fraction] = Field(default_factory=dict)
    uptake: Given
    visits_per_year: Visits | None = None
    take_home_days: Days | None = None

    @property
    def demand_share(self) -> float | None:
        """Suited share × uptake, or None while the user has not given one of them."""
        if isinstance(self.suited_share, AskedOf) or isinstance(self.uptake, AskedOf):
            return None
        return self.suited_share.value * self.uptake.value

    def share_in(self, group: str) -> float | None:
        """The same for one group."""
        if self.demand_share is None or group not in self.suited_by_group:
            return self.demand_share
        assert not isinstance(self.uptake, AskedOf)
        return self.suited_by_group[group].value * self.uptake.value


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
    questions: dict[Id, Question] = Field(default_factory=dict)
    balance: Balance | None = None
    indicators: dict[Id, Indicator] = Field(default_factory=dict)
    observed: dict[Id, Observed] = Field(default_factory=dict)
    proposal: Proposal | None = None

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
            if path and path[0] == "questions":
                continue  # what an option would change is no figure of this scenario
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
