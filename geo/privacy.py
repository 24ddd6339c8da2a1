"""What may leave the planner's screen: the one place that decides it.

The internal edition of a file is exact.  The shared edition may go anywhere, so no count from 1 to 10 may
be read from it, nor worked out by subtraction from totals, shares, caseloads or another file of another
plan.

**The rule.**  A *release* is drawn up from the counts alone, before any plan is looked at: for each commune
the class its count falls into (0; 1–10; 11–24; 25–29; then tens), for each group (district, service area)
its total. The classes of a group are released only if, given its total, each count in the class 1–10 could
still be every number from 1 to 10; otherwise none of them is.  Group totals go by the same rule within the
whole: exact if that protects those of 1 to 10, else by class, else not at all; a group whose total is not
exact releases no classes. From the release each commune gets an *estimate*, a point of its class such that
the group's total comes out. Everything in a shared file is then computed from the estimates and from what
is no secret: places, openings, travel times, who is within reach.  It says nothing beyond the release,
however many files of however many plans are laid side by side.

The price: a shared figure is near the internal one, not equal to it.  Files say so, and round it to tens.

**Who is kept out.**  Somebody who knows the group totals exactly (districts publish them), this rule, and
every shared file.  The tests draw up all files again from other counts with the same release and find them
equal to the letter; they also enumerate small groups to see what a refusal to release gives away (one of
the ten values).

**Shares of groups.**  Where a service suits a share of its own in a group (who uses opioids), that share is a
count too, once the group's total is known.  Shared figures go by 5.5 persons wherever 1 to 10 of a group are
suited, or are not; the share itself is told in tenths, from 0.1 to 0.9, of groups of 100 persons and more.

**Limits.**  A group whose total is itself 1 to 10 is known to those to whom it was published.  Counts split
from group totals (`persons_estimated`) can be computed by anybody from those totals; they are treated like
real ones. Openings and proofs depend on the counts, as does, where capacity is short, the share of those
within reach who find a place (given in tenths).  What a user typed into names, notes and rules is passed on
as typed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo import privacy_goals as goals
from geo import privacy_options as options
from geo import trips
from geo.coarse import BANDS, HIDDEN, SMALL, TINY, Shown, band, bands, rounded, shown, to_whole
from tables import COLUMNS, records

__all__ = ["BANDS", "HIDDEN", "SMALL", "TINY", "band", "bands", "release", "rounded", "shared"]

FloatArray = NDArray[np.float64]

BY_COMMUNE = "counts_by_commune"
"""Entry of the provenance of a scenario that holds counts of communes."""

LARGE = 100
"""Persons of a group from which its own share is told in tenths: 1 to 10 of them are then no tenth apart."""

OwnShares = Mapping[tuple[str, str], float]
"""The share that a service suits, by service and group, of groups that have a share of their own."""

PROVENANCE = frozenset(
    {"edition", "scenario", "asked_sha256", "program", "communes_list", "python", "libraries"}
    | {"solver", "status", "way", "seconds", "boundaries", "travel"}
)
"""Entries of the provenance that a shared file carries.  A checksum of counts is not among them, nor that of
the whole scenario, which holds counts: whoever guesses the counts could test the guess."""
WITHOUT_COUNTS = frozenset({"data_sha256.places", "data_sha256.premises", "data_sha256.boundaries"})
"""Checksums of data that hold no counts: they go along."""


# --- the release ---------------------------------------------------------------------------------


def release(persons: pd.Series, groups: pd.Series) -> pd.DataFrame:
    """What is released of the counts of communes (see the module), index as given.

    Args:
        persons: registered persons of each commune, (I,).
        groups: group of each commune, (I,).

    Returns:
        classed (bool): the commune's class is released; low, high: the numbers between which its count is
        known to lie, apart from what the group's total adds; estimate: the number that shared files go by.
    """
    counts = to_whole(persons.to_numpy(dtype=np.float64))
    codes, members = np.unique(groups.to_numpy(dtype=object), return_inverse=True)
    totals = np.bincount(members, weights=counts, minlength=len(codes)).astype(np.float64)
    group_low, group_high, exact = _group_release(totals)
    classed = np.zeros(len(counts), dtype=bool)
    low, high = np.zeros_like(counts), np.zeros_like(counts)
    estimate = np.zeros_like(counts)
    for g, total in enumerate(_filled(group_low, group_high, float(totals.sum()))):
        mine = members == g
        low[mine], high[mine] = _classes(counts[mine])
        classed[mine] = exact and _protects(low[mine], high[mine], total)
        if not classed[mine].all():
            low[mine], high[mine] = 0.0, group_high[g]
        estimate[mine] = _filled(low[mine], high[mine], total)
    content = {"classed": classed, "low": low, "high": high, "estimate": estimate}
    return pd.DataFrame(content, index=persons.index)


def _group_release(totals: FloatArray) -> tuple[FloatArray, FloatArray, bool]:
    """Between which numbers each group's total is known to lie, and whether the large ones are exact."""
    whole = float(totals.sum())
    low, high = _classes(totals)
    large = totals > SMALL
    exact = np.where(large, totals, low), np.where(large, totals, high)
    if _protects(*exact, whole):
        return *exact, True
    if _protects(low, high, whole):
        return low, high, False
    return np.zeros_like(low), np.full_like(high, whole), False


def _classes(counts: FloatArray) -> tuple[FloatArray, FloatArray]:
    """First and last number of each count's class."""
    first, last = np.array([0.0, 1, SMALL + 1, 25]), np.array([0.0, SMALL, 24, 29])
    n = np.searchsorted(last, counts, side="left")
    tens = np.floor(counts / 10) * 10
    low = np.where(n < len(last), np.take(first, n, mode="clip"), tens)
    return low, np.where(n < len(last), np.take(last, n, mode="clip"), tens + 9)


def _protects(low: FloatArray, high: FloatArray, total: float) -> bool:
    """Whether each count of the class 1–10 can still be all ten numbers when the total is known."""
    small = (low == 1) & (high == SMALL)
    least = total - (high.sum() - high[small])
    most = total - (low.sum() - low[small])
    return bool((least <= 1).all() and (most >= SMALL).all())


def _filled(low: FloatArray, high: FloatArray, total: float) -> FloatArray:
    """Numbers between `low` and `high`, all equally far between them, that add up to `total`."""
    room = float((high - low).sum())
    return low + (high - low) * ((total - float(low.sum())) / room if room else 0.0)


# --- the tables of a shared file -----------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Source:
    """What shared tables are made from.

    `tables` are exact, and used for what is no secret; `estimated` is `access` with the group of each commune
    and its numbers computed from the `release`.  `totals` are the persons of each group.
    """

    tables: Mapping[str, pd.DataFrame]
    release: pd.DataFrame
    estimated: pd.DataFrame
    totals: Mapping[str, float]
    own_shares: OwnShares
    factors: Mapping[tuple[str, str], float]

    def estimate(self, access: pd.DataFrame) -> pd.DataFrame:
        """Another table like `access`, with `within_reach`, computed from the release."""
        return _estimated(access, self.tables["communes"], self.release, self.factors)

    @cached_property
    def options(self) -> dict[str, pd.DataFrame]:
        """The same for each option, the plan itself first."""
        whole = self.tables["options_access"]
        return {str(name): self.estimate(rows) for name, rows in whole.groupby("variant_id", sort=False)}

    @property
    def groups_exact(self) -> bool:
        """Whether the total of every group is released as it is."""
        sums = self.release["estimate"].groupby(self.tables["communes"]["group"]).sum()
        return all(abs(sums[group] - total) < TINY for group, total in self.totals.items())

    @property
    def years(self) -> dict[str, int]:
        """Years of each stage."""
        stages = self.tables["stages"]
        return dict(zip(stages["stage"], stages["years"].astype(int), strict=True))


def shared(
    tables: Mapping[str, pd.DataFrame], *, own_shares: OwnShares | None = None
) -> dict[str, pd.DataFrame]:
    """The tables of a plan as they may leave the planner's screen.

    Args:
        tables: ``tables.TABLES`` of a plan, `access` with the further column `within_reach` (bool), `targets`
            with `of`, `balance` with `whole` and `besides` (see ``geo.privacy_goals``); and what else
            ``exports.contents`` builds.
        own_shares: suited shares of groups that have one of their own.

    Returns:
        The same tables without `allocation`.  Columns that ``tables.COLUMNS`` marks private are text: a band,
        or a number rounded to tens; `share` is a number, missing where it would say too much.  `access` keeps
        who is within reach, and no numbers.

    Raises:
        KeyError: a table that nobody has decided about.
    """
    communes, own = tables["communes"], own_shares or {}
    released = release(communes["persons"], communes["group"])
    totals = {str(g): float(n) for g, n in communes.groupby("group")["persons"].sum().items()}
    factors = {key: coarse_share(s, totals.get(key[1], 0.0)) / s for key, s in own.items() if s}
    estimated = _estimated(tables["access"], communes, released, factors)
    source = _Source(tables, released, estimated, totals, own, factors)
    return {name: _RULES[name](frame, source) for name, frame in tables.items() if name not in WITHHELD}


def coarse_share(share: float, persons: float) -> float:
    """The suited share that shared figures of a group of `persons` go by.

    The same for all from 1 to 10 who are suited, and for all from 1 to 10 who are not.
    """
    whole = float(to_whole(persons))
    suited = float(to_whole(share * whole))
    few, rest = 1 <= suited <= SMALL, 1 <= whole - suited <= SMALL
    if (few or rest) and whole <= 2 * SMALL:
        return 0.5
    middle = (1 + SMALL) / 2
    return middle / whole if few else 1 - middle / whole if rest else share


def told_share(share: float, persons: float) -> float | str:
    """The share that a shared file tells of a group of `persons`: in tenths, or not at all."""
    return float(np.clip(np.floor(10 * share + 0.5) / 10, 0.1, 0.9)) if persons >= LARGE else HIDDEN


def _estimated(
    access: pd.DataFrame,
    communes: pd.DataFrame,
    released: pd.DataFrame,
    factors: Mapping[tuple[str, str], float],
) -> pd.DataFrame:
    facts = released[["estimate"]].assign(group=communes["group"], persons=communes["persons"])
    rows = access.join(facts.set_index(communes["commune_code"]), on="commune_code")
    in_group = rows.groupby(["group", "service", "stage"], sort=False)
    # Demand is the same multiple of the persons in each commune of a group: shares of the scenario, growth.
    # `factors` make a group's own share coarse.
    # Rounded twice: the last bits of a quotient of sums depend on the counts and must not tip the third
    # decimal.
    per_person = in_group["demand"].transform("sum") / in_group["persons"].transform("sum")
    keys = zip(rows["service"], rows["group"], strict=True)
    per_person *= np.array([factors.get(key, 1.0) for key in keys])
    demand = rows["estimate"] * per_person.fillna(0.0).round(12).round(3)
    served, refused = in_group["served"].transform("sum"), in_group["no_capacity"].transform("sum")
    place = (served / (served + refused)).round(1).clip(0.1, 0.9)
    place = place.mask(served < TINY, 0.0).mask(refused < TINY, 1.0)
    reached = demand.where(rows["within_reach"], 0.0)
    return rows.assign(
        demand=demand,
        served=reached * place,
        no_capacity=reached * (1 - place),
        out_of_reach=demand - reached,
    )


def _communes(frame: pd.DataFrame, source: _Source) -> pd.DataFrame:
    return frame.assign(persons=np.where(source.release["classed"], bands(frame["persons"]), HIDDEN))


def _facilities(frame: pd.DataFrame, source: _Source) -> pd.DataFrame:
    """A commune counts where the last stage sends it, in equal parts if to several; else at its nearest."""
    last = source.tables["stages"]["stage"].iloc[-1]
    now = source.estimated[(source.estimated["stage"] == last) & (source.estimated["served"] > 0)]
    keys = ["commune_code", "service"]
    allocation = source.tables["allocation"]
    sent = allocation.loc[allocation["stage"] == last, [*keys, "facility"]].drop_duplicates()
    sent["part"] = 1 / sent.groupby(keys)["facility"].transform("size")
    goes = now.merge(sent, on=keys, how="left", suffixes=("_nearest", ""))
    to = goes["facility"].fillna(goes["facility_nearest"])
    caseload = (goes["served"] * goes["part"].fillna(1.0)).groupby(to).sum()
    persons = frame["facility"].map(caseload).fillna(0.0).where(frame["caseload"].notna())
    return frame.assign(caseload=bands(persons))


def _access(frame: pd.DataFrame, _: _Source) -> pd.DataFrame:
    return frame.drop(columns=_private(frame))


def _covered(frame: pd.DataFrame, estimated: pd.DataFrame) -> pd.DataFrame:
    keys = [c for c in ("group", "service", "stage") if c in frame]
    sums = estimated.groupby(keys, sort=False)[["served", "no_capacity", "out_of_reach"]].sum()
    found = sums.reindex(pd.MultiIndex.from_frame(frame[keys])).fillna(0.0)
    rows = [shown(*map(float, row)) for row in found.to_numpy()]
    told = pd.DataFrame(rows, columns=Shown._fields, index=frame.index)
    return frame.assign(**{name: told[name] for name in Shown._fields})


def _gains(frame: pd.DataFrame, source: _Source) -> pd.DataFrame:
    names = source.tables["communes"].drop_duplicates("group").set_index("group")["group_name"]
    service = str(source.tables["options"]["service"].iloc[0])
    found = options.gains(source.options, names, source.years, service)
    return found[list(frame.columns)]


def _travel_bands(frame: pd.DataFrame, source: _Source) -> pd.DataFrame:
    """Counted from the estimates, and a share as the rounded numbers give it."""
    if frame.empty:
        return frame
    found = trips.bands(source.estimated)
    whole = found.groupby(["service", "stage"], sort=False)["travellers"].transform("sum")
    told = [(rounded(part), rounded(all_)) for part, all_ in zip(found["travellers"], whole, strict=True)]
    shares = [
        min(100 * int(part) // int(all_), 100) / 100
        if part.isdigit() and all_.isdigit() and all_ != "0"
        else np.nan
        for part, all_ in told
    ]
    return found.assign(travellers=[part for part, _ in told], of_all=shares)


def _travel_hours(frame: pd.DataFrame, source: _Source) -> pd.DataFrame:
    """From the estimates, each commune going to its nearest point; rounded to tens."""
    if frame.empty:
        return frame
    going = source.estimated[source.estimated["served"] > 0].assign(persons=lambda f: f["served"])
    visits: dict[str, dict[str, float]] = {}
    for row in records(frame):
        visits.setdefault(row["service"], {})[row["dosing"]] = row["visits_month"] * 12
    found = trips.hours(going, visits, frame[["service", "stage"]].drop_duplicates())
    return found.assign(hours_month=[rounded(hours) for hours in found["hours_month"]])


def _longest_trips(frame: pd.DataFrame, source: _Source) -> pd.DataFrame:
    """Chosen by the estimates; persons by band, and only where the commune's class is released."""
    if source.tables["travel_bands"].empty:
        return frame
    communes = source.tables["communes"]
    found = trips.longest(
        source.estimated, dict(zip(communes["commune_code"], communes["commune"], strict=True))
    )
    classed = source.release["classed"].set_axis(communes["commune_code"])
    told = found["commune_code"].map(classed).astype(bool)
    shown = found.assign(travellers=np.where(told, bands(found["travellers"]), HIDDEN))
    return shown[list(frame.columns)]


def _objectives(frame: pd.DataFrame, _: _Source) -> pd.DataFrame:
    """Values and bounds are sums over exact counts: only the gap stays, rounded up."""
    return frame.assign(value=np.nan, bound=np.nan, gap=(np.ceil(frame["gap"] * 1e4 - TINY) / 1e4).abs())


def _assumptions(frame: pd.DataFrame, source: _Source) -> pd.DataFrame:
    """Counts that somebody assumed are counts; so are shares of groups, and what leads from all to one."""
    services = {service for service, _ in source.own_shares}
    everybody = sum(source.totals.values())

    def value(field: str, given: Any) -> Any:
        within, _, name = field.partition(".suited_")
        if given is not None and within.removeprefix("services.") in services:
            if name == "share":
                return told_share(given, everybody)
            if name.startswith("by_group."):
                return told_share(given, source.totals.get(name.removeprefix("by_group."), 0.0))
        rates = ("growth", "outflow", "split", "priority")
        counts = field.startswith("registered_persons.") and field.split(".")[1] not in rates
        counts = counts or field.startswith(("observed.", "balance."))
        if not (counts or field.endswith(".elsewhere")):
            return given
        return rounded(given) if isinstance(given, int | float) else HIDDEN

    values = [value(f, v) for f, v in zip(frame["field"], frame["value"], strict=True)]
    return frame.assign(value=pd.Series(values, index=frame.index, dtype=object))


def _provenance(frame: pd.DataFrame, _: _Source) -> pd.DataFrame:
    """What no count has gone into."""
    item = frame["item"]
    return frame[item.str.split(".").str[0].isin(PROVENANCE) | item.isin(WITHOUT_COUNTS)].reset_index(
        drop=True
    )


def _as_it_is(frame: pd.DataFrame, _: _Source) -> pd.DataFrame:
    assert not _private(frame)
    return frame


def _private(frame: pd.DataFrame) -> list[str]:
    return [name for name in map(str, frame.columns) if name in COLUMNS and COLUMNS[name].private]


_RULES: dict[str, Callable[[pd.DataFrame, _Source], pd.DataFrame]] = {
    "communes": _communes,
    "facilities": _facilities,
    "access": _access,
    "coverage": lambda frame, source: _covered(frame, source.estimated),
    "group_coverage": lambda frame, source: _covered(frame, source.estimated),
    "before": _access,
    **dict.fromkeys(
        ("before_coverage", "before_groups"),
        lambda frame, source: _covered(frame, source.estimate(source.tables["before"])),
    ),
    "options": lambda frame, source: options.options(
        frame, source.options, source.tables["options_groups"], source.years
    ),
    "options_coverage": lambda frame, source: options.coverage(frame, source.options, _covered),
    "gains": _gains,
    "presence": lambda frame, source: options.presence(frame, exact=source.groups_exact),
    "objectives": _objectives,
    "assumptions": _assumptions,
    "provenance": _provenance,
    "travel_bands": _travel_bands,
    "travel_hours": _travel_hours,
    "longest_trips": _longest_trips,
    "targets": lambda frame, source: goals.targets(frame, source.estimated),
    "rules": lambda frame, source: goals.rules(frame, source.tables.get("targets")),
    "balance": lambda frame, source: goals.balance(frame, source.estimated),
    "observed": lambda frame, _: goals.observed(frame),
    "indicators": lambda frame, _: goals.indicators(frame),
    **dict.fromkeys(
        (
            "stages",
            "counts",
            "openings",
            "criteria",
            "questions",
            "known_issues",
            "travel",
            "exchanges",
            "staffing",
        ),
        _as_it_is,
    ),
}
WITHHELD = frozenset({"allocation", "options_access", "options_groups"})
"""Tables that a shared file does not have."""
