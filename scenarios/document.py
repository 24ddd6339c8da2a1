"""What a plan document holds beside its rules: what it decided, what it measures, what it leaves open."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from scenarios.figures import Code, Count, Id, Label, Part, Persons, Share, Source, Sourced, Words
from scenarios.rules import Codes, Ids, Places
from text import Lang


class Opening(Sourced):
    """What the published plan opens in a stage: `count` of a kind, as far as it says where.

    In one `group`; in `groups`, so many of them, one each; at `premises`, so many of them, one each; or
    `anywhere`.  One of the four.
    """

    stage: Code
    kind: Id
    group: Code | None = None
    groups: Codes | None = None
    premises: Places | None = None
    anywhere: bool = False
    count: Annotated[int, Field(ge=1)] = 1


class Official(Part):
    """The openings of the plan as its authors decided them."""

    label: Words
    openings: Annotated[tuple[Opening, ...], Field(min_length=1)]


class Criterion(Sourced):
    """A condition of the plan that the model cannot weigh; shown for the planner to check.

    `answers` by group or premises, as it `concerns`: whether the condition is met.  Where it `decides`,
    nothing new opens where the answer is no; what has no answer yet is shown as not checked, and may open.
    """

    text: Words
    concerns: Literal["group", "premises"]
    kinds: Ids | None = None
    decides: bool = False
    answers: dict[Label, bool] = Field(default_factory=dict)


class Issue(Part):
    """A contradiction or an open point of the plan, shown wherever the plan is shown."""

    text: Words
    source: Source


class Observed(Sourced):
    """Something that is known of what really happened, for a look back beside plan and optimum."""

    text: Words
    stage: Code | None = None
    kind: Id | None = None
    group: Code | None = None
    points: Count | None = None
    persons: Persons | None = None


class BalanceNow(Sourced):
    """Where registered persons are today: all, those in any treatment, and those in compulsory centres."""

    registered: Persons
    treated: Persons
    compulsory: Persons


class BalanceGoal(Sourced):
    """Targets at the end of a stage, as shares of the registered persons the balance is about.

    `treated_share` of them in any treatment; at most `compulsory_share` of them in compulsory centres; at
    least `community_share` of those treated, in the community.
    """

    treated_share: Share
    compulsory_share: Share | None = None
    community_share: Share | None = None


class Balance(Part):
    """Places needed outside compulsory centres, beside those that the plan opens for `services`.

    Persons whom the services `besides` serve are taken off first, where the document sets its targets for
    the others only.
    """

    services: Ids
    besides: tuple[Id, ...] = ()
    now: BalanceNow | None = None
    goals: Annotated[dict[Code, BalanceGoal], Field(min_length=1)]


class Indicator(Sourced):
    """A target that sites do not decide (training, employment, awareness): reported, never optimised.

    `now` and `goals` (by stage) are shares, or numbers of persons or of places, as `unit` says.
    """

    text: Words
    unit: Literal["share", "persons", "places"]
    now: Annotated[float, Field(ge=0)] | None = None
    goals: dict[Code, Annotated[float, Field(ge=0)]] = Field(default_factory=dict)


class Option(Part):
    """One answer to an open question: what it changes in the scenario, null taking an entry away."""

    label: Words
    patch: dict[str, Any]


class Question(Sourced):
    """What the document leaves open, or a figure worth trying: the file takes one answer, `as_it_is`."""

    text: Words
    as_it_is: Words
    options: Annotated[dict[Id, Option], Field(min_length=1)]


class Report(Sourced):
    """A report that the document asks for, and when it is due."""

    text: Words
    due: Words | None = None


Named = Annotated[
    Annotated[Label, Tag("label")] | Annotated[Words, Tag("words")],
    Discriminator(lambda value: "label" if isinstance(value, str) else "words"),
]
"""A body or a legal basis: in Vietnamese, or in both languages."""


def called(given: Named, lang: Lang) -> str:
    """What a body or a legal basis is called; its Vietnamese name where no other is given."""
    return given if isinstance(given, str) else given.text.say(lang)


class Task(Sourced):
    """What a body does to carry the plan out."""

    body: Named
    text: Words


class Funding(Sourced):
    """Where the money comes from."""

    text: Words


class Proposal(Sourced):
    """Whom the proposal comes from and goes to, and what it rests on; never constants of the program.

    For the head of the letter (Decree 30/2020): the body above the author, what follows its number (such as
    ``/TTr-SYT``), the place of writing, what it is about, and the office that signs.
    """

    author: Named
    parent_body: Named | None = None
    symbol: Label | None = None
    place: Named | None = None
    about: Words | None = None
    signing_office: Words | None = None
    approved_by: Named
    recipients: tuple[Named, ...] = ()
    legal_bases: tuple[Named, ...] = ()
    funding: Funding | None = None
    tasks: dict[Id, Task] = Field(default_factory=dict)
    reports: dict[Id, Report] = Field(default_factory=dict)
