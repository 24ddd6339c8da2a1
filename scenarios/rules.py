"""What must hold: one class a rule, in the words of a plan.  ``scenarios/README.md`` explains each.

A rule is active because the scenario states it, with its number and its source; there are no toggles.  What
each becomes in rows over facilities stands in ``planner.rows``.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from scenarios.figures import (
    Code,
    Count,
    Headcount,
    Id,
    Label,
    OneOrMore,
    Share,
    Sourced,
    Vnd,
    Words,
)

Ids = Annotated[tuple[Id, ...], Field(min_length=1)]
Codes = Annotated[tuple[Code, ...], Field(min_length=1)]
Places = Annotated[tuple[Label, ...], Field(min_length=1)]
"""Premises: those of ``premises.named``, and ``tyt-<commune>`` for assumed health stations."""


class Bounds(Sourced):
    """Other limits of a quota for one group."""

    exactly: Count | None = None
    at_least: Count | None = None
    at_most: Count | None = None


class Quota(Sourced):
    """How many facilities of `kinds`: opened in one stage, opened by the end of one, or open at its end."""

    rule: Literal["quota"]
    text: Words
    kinds: Ids
    opened_in: Code | None = None
    opened_by: Code | None = None
    open_at: Code | None = None
    each: Literal["group"] | None = None
    groups: Codes | None = None
    premises: Places | None = None
    exactly: Count | None = None
    at_least: Count | None = None
    at_most: Count | None = None
    exceptions: dict[Code, Bounds] = Field(default_factory=dict)

    def limits(self, group: str | None = None) -> tuple[int, int | None]:
        """(lo, hi) for the whole, or for one group of ``each: group``; hi None is no upper limit."""
        b: Quota | Bounds = self.exceptions.get(group, self) if group else self
        if b.exactly is not None:
            return b.exactly, b.exactly
        return b.at_least or 0, b.at_most


class Exemption(Sourced):
    """The rule does not hold in this group."""


class Colocated(Sourced):
    """A facility of `kind` stands only at premises where one of the kinds `hosts` is open."""

    rule: Literal["colocated"]
    text: Words
    kind: Id
    hosts: Ids
    exceptions: dict[Code, Exemption] = Field(default_factory=dict)


class StageBudget(Sourced):
    """What the facilities of `kinds` cost in `stage`, or in `stages` together, is at most `amount_vnd`.

    With `carry_over` what earlier budgets of the same kinds have left over may be spent as well.
    """

    rule: Literal["stage_budget"]
    text: Words
    kinds: Ids
    stage: Code | None = None
    stages: Codes | None = None
    carry_over: bool = False
    amount_vnd: Vnd

    @property
    def over(self) -> tuple[str, ...]:
        """The stages that the amount is for."""
        return self.stages or ((self.stage,) if self.stage else ())


class Pinned(Sourced):
    """`kind` is open at each of `premises`, or in each of `groups`, from the end of `from_stage` on.

    With `at_least`, at so many of the premises (or in so many places of the groups) together.
    """

    rule: Literal["pinned"]
    text: Words
    kind: Id
    premises: Places | None = None
    groups: Codes | None = None
    from_stage: Code
    at_least: OneOrMore | None = None


class Forbidden(Sourced):
    """No facility of `kind` opens at `premises`, or in `groups`, in `stages` (without them: ever)."""

    rule: Literal["forbidden"]
    text: Words
    kind: Id
    premises: Places | None = None
    groups: Codes | None = None
    stages: Codes | None = None


class Cluster(Sourced):
    """Communes that share one facility: of `kinds` at most one is open in them, in any stage.

    One cluster (`communes`), or several by name (`clusters`).
    """

    rule: Literal["cluster"]
    text: Words
    kinds: Ids
    communes: Codes | None = None
    clusters: Annotated[dict[Id, Codes], Field(min_length=1)] | None = None

    @property
    def named(self) -> dict[str, tuple[str, ...]]:
        """Communes by cluster; a single cluster has the name ""."""
        return dict(self.clusters) if self.clusters else {"": self.communes or ()}


class Upgrade(Sourced):
    """A facility of `to_kind` opens only by upgrading one of `from_kind` there, which then closes.

    Where `premises` are given the rule is about those alone.
    """

    rule: Literal["upgrade"]
    text: Words
    from_kind: Id
    to_kind: Id
    premises: Places | None = None


class ParentWithinReach(Sourced):
    """Each facility of `kind` is fed by an open one of `parents` at most `minutes` away.

    A parent feeds at most `most` of them; with `counts_load` their patients fill its capacity too.
    """

    rule: Literal["parent_within_reach"]
    text: Words
    kind: Id
    parents: Ids
    minutes: Annotated[float, Field(gt=0, le=1440)]
    most: OneOrMore | None = None
    counts_load: bool = False


class OtherShare(Sourced):
    """Another share of a target for one group."""

    share: Share


class CoverageTarget(Sourced):
    """In `stage` at least `share` of the demand for `service` is served: of all, `groups`, or each group.

    `hard`: the plan must reach it; otherwise what is missing is a shortfall that ``min_shortfall`` lessens.
    """

    rule: Literal["coverage_target"]
    text: Words
    service: Id
    stage: Code
    share: Share
    groups: Codes | None = None
    each: Literal["group"] | None = None
    hard: bool
    exceptions: dict[Code, OtherShare] = Field(default_factory=dict)

    def share_of(self, group: str) -> float:
        """The share for one group of ``each: group``, or for the whole ("")."""
        return self.exceptions[group].share if group in self.exceptions else self.share


class CommunityShare(Sourced):
    """In `stage` at least `share` of those treated are treated by the kinds `community`.

    Those treated are the patients of `service`, or of `kinds`, and `elsewhere` persons outside the model.
    """

    rule: Literal["community_share"]
    text: Words
    community: Ids
    service: Id | None = None
    kinds: Ids | None = None
    stage: Code
    share: Share
    elsewhere: Headcount | None = None


class GroupFloor(Sourced):
    """In `stage` at least `share` of the demand for `service` is served in every group that has any."""

    rule: Literal["group_floor"]
    text: Words
    service: Id
    stage: Code
    share: Share


Rule = Annotated[
    Quota
    | Colocated
    | StageBudget
    | Pinned
    | Forbidden
    | Cluster
    | Upgrade
    | ParentWithinReach
    | CoverageTarget
    | CommunityShare
    | GroupFloor,
    Field(discriminator="rule"),
]

RULES: tuple[type[Sourced], ...] = (
    Quota,
    Colocated,
    StageBudget,
    Pinned,
    Forbidden,
    Cluster,
    Upgrade,
    ParentWithinReach,
    CoverageTarget,
    CommunityShare,
    GroupFloor,
)
"""Every rule that a scenario can state."""
