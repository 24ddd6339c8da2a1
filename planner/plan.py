"""What is shown: a `Plan`, or a `Diagnosis` that says why there is none.  Everybody downstream reads only
these.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import geopandas as gpd
import pandas as pd

from geo import trips
from optimization.solution import Level, Status
from planner.travelling import TravelFacts
from scenarios.schema import Scenario
from tables import shaped
from text import Text


class Assumption(NamedTuple):
    """A figure that no document stands behind, or one that only the user can give (`value` None)."""

    field: str
    value: object
    source: str
    note: Text


GIVEN = "given"
"""The way of a plan whose openings were handed in, with nothing proved of them."""


class SolveReport(NamedTuple):
    """How good the answer is proved to be, what it cost to find, and how it came about.

    `way` is "" for what the search found; else the plan was made otherwise, and nobody looked for better: the
    name of a variant (``planner.variants.NAMES``), or `GIVEN`.
    """

    status: Status
    levels: tuple[Level, ...]
    seconds: dict[str, float]
    solver: str
    way: str = ""

    @property
    def loosest(self) -> Level:
        """The level that is farthest from its proof."""
        return max(self.levels, key=lambda level: level.gap)


@dataclass(frozen=True, eq=False, kw_only=True)
class Facts:
    """What holds whether or not there is a plan: the scenario, its places and counts, and what is uncertain.

    Attributes:
        scenario: what was asked.
        communes: one row a commune, ``tables.TABLES["communes"]`` plus `geometry` (EPSG:4326 polygons).
        boundaries_approximate: the polygons were drawn by the program, not surveyed.
        boundaries_credit: the label of drawn polygons, else source, attribution and licence.
        assumptions: every estimate, inference and open figure of the scenario.
        provenance: scenario hash, checksums of the data, versions.
        travel: how travel times were found.
    """

    scenario: Scenario
    communes: gpd.GeoDataFrame
    boundaries_approximate: bool
    boundaries_credit: Text
    assumptions: tuple[Assumption, ...]
    provenance: dict[str, Any]
    travel: TravelFacts = field(default_factory=TravelFacts)

    @property
    def known_issues(self) -> list[tuple[Text, str]]:
        """Contradictions and open points of the plan, each with its section."""
        return [(issue.text.text, issue.source) for issue in self.scenario.known_issues.values()]


@dataclass(frozen=True, eq=False, kw_only=True)
class Plan:
    """A plan that keeps every rule, verified; tidy tables with the columns of ``tables.TABLES``.

    `before` is `access` without the plan: what stands today, the first stage's demand, stage "".
    """

    facts: Facts
    facilities: pd.DataFrame
    allocation: pd.DataFrame
    access: pd.DataFrame
    coverage: pd.DataFrame
    group_coverage: pd.DataFrame
    stages: pd.DataFrame
    counts: pd.DataFrame
    rules: pd.DataFrame
    report: SolveReport
    targets: pd.DataFrame = field(default_factory=lambda: shaped("targets", []))
    openings: pd.DataFrame = field(default_factory=lambda: shaped("openings", []))
    balance: pd.DataFrame = field(default_factory=lambda: shaped("balance", []))
    before: pd.DataFrame = field(default_factory=lambda: shaped("access", []))

    @property
    def scenario(self) -> Scenario:
        """The scenario that was solved."""
        return self.facts.scenario

    @property
    def travel(self) -> pd.DataFrame:
        """How the minutes of each place were found."""
        return self.facts.travel.places

    @property
    def travel_bands(self) -> pd.DataFrame:
        """All who need a service by the minutes to their nearest open point."""
        return trips.bands(self._timed)

    @property
    def travel_hours(self) -> pd.DataFrame:
        """Person-hours of travel a month of those served."""
        return self.hours()

    @property
    def longest_trips(self) -> pd.DataFrame:
        """The communes farthest from an open point."""
        communes = self.facts.communes
        return trips.longest(
            self._timed, dict(zip(communes["commune_code"], communes["commune"], strict=True))
        )

    @property
    def _timed(self) -> pd.DataFrame:
        """`access`, or nothing where no time is counted."""
        return self.access.iloc[:0] if self.facts.travel.used == "within_group" else self.access

    @property
    def _timed_stages(self) -> pd.DataFrame:
        return self._timed[["service", "stage"]].drop_duplicates()

    def hours(self, take_home_days: float | None = None) -> pd.DataFrame:
        """`travel_hours` with other days of doses at a time; see `visits`."""
        return trips.hours(self.allocation, self.visits(take_home_days), self._timed_stages)

    def visits(self, take_home_days: float | None = None) -> dict[str, dict[str, float]]:
        """Visits a year of each service whose visits are known, as stated and with doses taken home.

        Args:
            take_home_days: days of doses at a time, in place of the scenario's; only for services that are
                visited daily.
        """
        found: dict[str, dict[str, float]] = {}
        for name, service in self.scenario.services.items():
            if service.visits_per_year is None:
                continue
            stated = service.visits_per_year.value
            daily = stated >= trips.DAYS_A_YEAR
            found[name] = {"daily" if daily else "stated": stated}
            said = service.take_home_days.value if service.take_home_days else None
            days = take_home_days if daily and take_home_days is not None else said
            if days is not None:
                found[name]["take_home"] = trips.DAYS_A_YEAR / days
        return found


class ClashingRule(NamedTuple):
    """A rule that takes part in a clash; `part` names the group or stage it is about ("" for the whole
    rule).
    """

    rule: str
    part: str
    text: Text
    source: str


class Remedy(NamedTuple):
    """A relaxation that was solved and works.

    `patch` merged over the scenario (`scenarios.reading.changed`) gives a scenario that has a plan;
    `value` is the first objective of that plan.
    """

    text: Text
    patch: dict[str, Any]
    objective: str
    value: float


@dataclass(frozen=True, eq=False, kw_only=True)
class Diagnosis:
    """Why no plan keeps all rules: a minimal set of rules that clash, and what would resolve it.

    `because` are facts that make the rules clash ("no methadone site in Cờ Đỏ is open or offered");
    `further` are other clashes that share no rule with the first.
    """

    facts: Facts
    clash: tuple[ClashingRule, ...]
    because: tuple[Text, ...]
    further: tuple[tuple[ClashingRule, ...], ...]
    remedies: tuple[Remedy, ...]
    seconds: dict[str, float]

    @property
    def scenario(self) -> Scenario:
        """The scenario that has no plan."""
        return self.facts.scenario


class Exchange(NamedTuple):
    """What the optimum does otherwise than the official plan: `number` points of a kind that move alike.

    Stages are None where the plan does not open them.  `gain` are the person-years that `group` gains (> 0)
    or loses by the optimum as a whole.  `to_group` is where the points stand in the optimum, if in another
    group ("": premises in no group).  Premises are named where the plans differ in them.
    """

    kind: str
    group: str
    official_stage: str | None
    optimal_stage: str | None
    gain: float
    text: Text
    number: int = 1
    to_group: str | None = None
    official_premises: str | None = None
    optimal_premises: str | None = None


class Gain(NamedTuple):
    """Person-years that a group ("": communes in none) gains or loses by the optimum, and how many of its
    communes do.
    """

    group: str
    gain: float
    communes_gaining: int
    communes_losing: int
    text: Text


@dataclass(frozen=True, kw_only=True)
class FreePhasing:
    """The best plan with the same means and no phasing: stage quotas gone, budgets pooled.

    Attributes:
        level: the first objective, with bound and gap.
        ratio: best score of the official plan over `level`; None where one of them is missing or 0.
        cost_vnd: by stage.
        freed: what was dropped and what stands in its place, in words.
        schedule: what opens in each stage, in words.
        openings: (stage, kind, group, premises, number) of what opens.
    """

    level: Level
    ratio: float | None
    cost_vnd: dict[str, int]
    freed: tuple[Text, ...]
    schedule: tuple[Text, ...]
    openings: tuple[tuple[str, str, str, str, int], ...]


class Seen(NamedTuple):
    """One figure of plan, optimum and reality side by side; None where nobody says.

    `what` is "points" (of `kind`) or "persons"; of a stage ("": all of them together) and a group ("": all).
    """

    what: Literal["points", "persons"]
    kind: str
    stage: str
    group: str
    official: float | None
    optimal: float | None
    observed: float | None
    text: Text
    source: str


@dataclass(frozen=True, eq=False, kw_only=True)
class Evaluation:
    """A plan that somebody made, scored on the same data and rules as the optimum.

    Attributes:
        plan: name of the plan that was scored.
        worst, mean, best: first objective over the admissible choices of premises where the plan names
            only groups.
        method: how these three were found, in words.
        optimum: first objective of the best plan under the same rules, with bound and gap.
        presence_official, presence_best: person-years of groups that have a point (``None`` where the
            rules leave no plan); a service measure beside travel time.
        cost_vnd: what the official openings cost, by stage.
        exchanges: what the optimum does otherwise.
        gains: who gains and who loses by that.
        free: the best plan with the same means and free phasing; None without an optimum, or with one stage.
        hindcast: plan, optimum and what is known of reality; empty where nothing is.
        presence_drawn: `presence_official` is a mean of random choices, as the plan leaves the group open.
        silence: what the plan does not say, for a reader of the exchanges; None where it names all premises.
        official: the official plan at its best admissible premises, as a `Plan`; None where it breaks a rule.
        optimal: the best plan; None where no plan keeps all rules, and then `diagnosis` says why.
    """

    facts: Facts
    plan: str
    objective: str
    worst: float | None
    mean: float | None
    best: float | None
    method: Text
    optimum: Level | None
    presence_official: float
    presence_best: float | None
    cost_vnd: dict[str, int]
    exchanges: tuple[Exchange, ...]
    official: Plan | None
    optimal: Plan | None
    diagnosis: Diagnosis | None
    gains: tuple[Gain, ...] = ()
    free: FreePhasing | None = None
    hindcast: tuple[Seen, ...] = ()
    silence: Text | None = None
    presence_drawn: bool = False

    @property
    def ratio(self) -> float | None:
        """Best score of the official plan over the optimum; None where the optimum is 0."""
        if self.optimum is None or self.best is None or self.optimum.value == 0:
            return None
        return self.best / self.optimum.value

    @property
    def moved(self) -> tuple[Exchange, ...]:
        """The exchanges in which something opens in another stage or place, or in one of the plans only."""
        return tuple(x for x in self.exchanges if x.official_stage != x.optimal_stage or x.official_premises)

    @property
    def presence_ratio(self) -> float | None:
        """Official over best, by group presence."""
        return None if not self.presence_best else self.presence_official / self.presence_best
