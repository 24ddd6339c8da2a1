"""Where the communes and groups of a scenario of early 2025 are to be found since July 2025."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from errors import DataError, Problem
from geo import reforms, units
from geo.reforms import Carried
from geo.units import Vintage
from planner import geography
from scenarios.references import STATION
from scenarios.schema import Scenario

OLD: Vintage = "2025-01"
NEW: Vintage = "2025-07"


@dataclass(frozen=True, eq=False, kw_only=True)
class Crosswalk:
    """The communes of a scenario, their successors, and what became of its groups.

    A former district has no successor in law; here it becomes a service area of the new communes that got
    most of their persons from it (of equals the one that gave more communes, then the lower code).  Something
    that stands in one spot of a divided commune goes to the successor that got most of its area.

    Attributes:
        province: code of the province of July 2025.
        communes: ``tables.TABLES["communes"]`` of the scenario as it was, sorted by code.
        carried: its counts on the list of July 2025.
        shares: commune_code, group, successor_code, share (of the old commune), part (persons, or what was to
            be expected where nobody is counted), one row each.
        area: the area of each new commune, by code; areas keep the code of the group they continue.
    """

    province: str
    communes: pd.DataFrame
    carried: Carried
    shares: pd.DataFrame
    area: dict[str, str]

    @cached_property
    def into(self) -> dict[str, list[str]]:
        """All successors of each commune, the one with the largest share first."""
        order = self.shares.sort_values(["share", "successor_code"], ascending=[False, True])
        found: dict[str, list[str]] = {}
        for old, new in zip(order["commune_code"], order["successor_code"], strict=True):
            found.setdefault(str(old), []).append(str(new))
        return found

    @cached_property
    def names(self) -> dict[str, str]:
        """Name of every new commune of the province by code."""
        listed = units.communes(self.province, NEW)
        return dict(zip(listed["commune_code"], listed["commune"], strict=True))

    @cached_property
    def old_names(self) -> dict[str, str]:
        """Name of every commune of the scenario by code."""
        return dict(zip(self.communes["commune_code"], self.communes["commune"], strict=True))

    @cached_property
    def group_names(self) -> dict[str, str]:
        """Name of every group of the scenario by code."""
        return dict(zip(self.communes["group"], self.communes["group_name"], strict=True))

    @cached_property
    def members(self) -> dict[str, list[str]]:
        """New communes of each area, areas in the order of the scenario's groups."""
        found: dict[str, list[str]] = {group: [] for group in self.group_names}
        for new, area in sorted(self.area.items()):
            found[area].append(new)
        return {area: codes for area, codes in found.items() if codes}

    @cached_property
    def groups(self) -> dict[str, str]:
        """The area that continues each group; one without communes of its own goes with most of it."""
        parts = self.shares.assign(area=self.shares["successor_code"].map(self.area))
        sums = parts.groupby(["group", "area"])["part"].sum().reset_index()
        best = sums.sort_values(["group", "part", "area"], ascending=[True, False, True])
        best = best.drop_duplicates("group")
        most = dict(zip(best["group"], best["area"], strict=True))
        return {group: group if group in self.members else most[group] for group in self.group_names}

    @cached_property
    def mixed(self) -> dict[str, list[str]]:
        """New communes made of several groups, and these groups, the one that counts them first."""
        found = {}
        for new, rows in self.shares[self.shares["share"] > 0].groupby("successor_code"):
            others = sorted(set(rows["group"]) - {self.area[str(new)]})
            if others:
                found[str(new)] = [self.area[str(new)], *others]
        return found

    def spot(self, commune: str) -> str:
        """The new commune of something that stands in `commune`."""
        return self.into[commune][0]

    def station(self, premises: str) -> str:
        """The id of premises; an assumed health station becomes that of the new commune."""
        commune = premises.removeprefix(STATION)
        if premises.startswith(STATION) and commune in self.into:
            return STATION + self.spot(commune)
        return premises


def crosswalk(scenario: Scenario) -> Crosswalk:
    """Raises DataError or ScenarioError where the scenario cannot be carried to July 2025."""
    where = scenario.where("place")
    if scenario.place.vintage != OLD:
        raise DataError(Problem("reform.already", where, {"vintage": scenario.place.vintage}))
    if scenario.place.province is None:
        raise DataError(Problem("reform.nation", where))
    communes = geography.places(scenario).communes
    counts = {str(c): int(n) for c, n in zip(communes["commune_code"], communes["persons"], strict=True)}
    guessed = set(communes.loc[communes["persons_estimated"], "commune_code"])
    carried = reforms.forward(counts, estimated=guessed)
    shares = _shares(scenario, communes)
    listed = units.everywhere(NEW).set_index("commune_code")["province_code"]
    provinces = sorted(set(shares["successor_code"].map(listed)))
    if len(provinces) > 1:
        raise DataError(Problem("reform.two_provinces", where, {"provinces": ", ".join(provinces)}))
    return Crosswalk(
        province=provinces[0], communes=communes, carried=carried, shares=shares, area=_areas(shares)
    )


def expected(scenario: Scenario, communes: pd.DataFrame) -> pd.Series[float]:
    """What the scenario's split expects in each commune, by code: population, or weight of its type."""
    split = scenario.registered_persons.split
    column, known = (
        ("commune_code", split.population)
        if split.method == "population"
        else ("commune_type", split.weights)
    )
    weight = communes[column].map(dict(known)).fillna(0.0).astype(float)
    return weight.set_axis(communes["commune_code"])


def _shares(scenario: Scenario, communes: pd.DataFrame) -> pd.DataFrame:
    pairs = reforms.links(list(communes["commune_code"]))[["commune_code", "successor_code", "share"]]
    frame = pairs.merge(communes[["commune_code", "group", "persons"]], on="commune_code")
    amount = frame["persons"].astype(float)
    if not amount.sum() > 0:
        amount = frame["commune_code"].map(expected(scenario, communes))
    frame["part"] = frame["share"] * amount
    return frame[["commune_code", "group", "successor_code", "share", "part"]]


def _areas(shares: pd.DataFrame) -> dict[str, str]:
    sums = shares.groupby(["successor_code", "group"]).agg(part=("part", "sum"), communes=("share", "sum"))
    best = sums.reset_index().sort_values(
        ["successor_code", "part", "communes", "group"], ascending=[True, False, False, True]
    )
    best = best.drop_duplicates("successor_code")
    return dict(zip(best["successor_code"], best["group"], strict=True))
