"""What a map or a page shows of one stage, taken from `Contents` alone: tones of communes, sites, words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from exports.contents import Contents
from geo import nation_stage, privacy
from tables import records
from text import Text, both, inline, number, say

NOT_TOLD = -1
"""Tone of a commune that nothing is said about."""
EXISTING, EARLIER, NOW = 0, 1, 2
"""A site's state: before the plan, opened in an earlier stage, opened in this one."""


class Site(NamedTuple):
    """A facility on a map; `number` is how many points it stands for, None where it is one."""

    facility: str
    lat: float
    lon: float
    kind: str
    state: int
    premises: str
    name: str
    commune: str
    group_name: str
    opened_stage: str
    caseload: object
    assumed: bool
    number: int | None


class Stage(NamedTuple):
    """One stage of one service.

    Attributes:
        tones: position in `bands` of each commune, in the order of the table `communes`; `NOT_TOLD`.
        bands: names of the tones, light to dark.
        shade: what the tones say.
        sites: what is open at the end of the stage.
        notes: what has to be said beside the map.
    """

    tones: tuple[int, ...]
    bands: tuple[str, ...]
    shade: str
    sites: tuple[Site, ...]
    notes: tuple[str, ...]


def stage_of(contents: Contents, *, stage: str | None, service: str) -> Stage:
    """What is shown of `stage` (None: before the plan) for `service`."""
    rows = access(contents, stage, service)
    sites = tuple(_sites(contents, stage, service))
    if contents.nation:
        tones = _shares(contents, rows, stage, service)
        bands, shade = tuple(name for _, name in nation_stage.SHARES), say("nation.shade", contents.lang)
    else:
        tones = _bands(contents, rows)
        bands, shade = tuple(name for _, name in privacy.BANDS), _shade(contents, service)
    return Stage(tones, bands, shade, sites, tuple(_notes(contents, service)))


def access(contents: Contents, stage: str | None, service: str) -> pd.DataFrame:
    """The rows of `access` that the stage is drawn from, in the order of the table `communes`."""
    found = contents.tables["before" if stage is None else "access"]
    mine = found["service"].eq(service)
    if stage is not None:
        mine &= found["stage"].eq(stage)
    codes = contents.tables["communes"]["commune_code"]
    return found[mine].set_index("commune_code").reindex(codes)


def stages(contents: Contents) -> list[str]:
    """Ids of the stages in order."""
    return list(contents.tables["stages"]["stage"])


def services(contents: Contents) -> list[str]:
    """Services whose persons are counted; those that new points provide come first."""
    counted = list(dict.fromkeys(contents.tables["coverage"]["service"]))
    opened = contents.tables["openings"]["kind"].tolist() if "openings" in contents.tables else []
    new = [contents.signs[str(kind)].service for kind in opened]
    return sorted(counted, key=lambda s: (-new.count(s), counted.index(s)))


# --- tones ---------------------------------------------------------------------------------------


def _bands(contents: Contents, rows: pd.DataFrame) -> tuple[int, ...]:
    """Bands of persons not served; in the shared edition, of those registered where nobody is reached."""
    if contents.edition == "internal":
        names: Sequence[str] = privacy.bands((rows["out_of_reach"] + rows["no_capacity"]).fillna(0.0))
    else:
        reached = rows["within_reach"].fillna(False).to_numpy(dtype=bool)
        names = np.where(reached, privacy.BANDS[0][1], contents.tables["communes"]["persons"]).tolist()
    position = {name: n for n, (_, name) in enumerate(privacy.BANDS)}
    return tuple(position.get(name, NOT_TOLD) for name in names)


def _shares(contents: Contents, rows: pd.DataFrame, stage: str | None, service: str) -> tuple[int, ...]:
    """Bands of the share not served in each province."""
    if contents.edition == "internal":
        return tuple(map(int, nation_stage.share_digits(rows["demand"], rows["served"])))
    cover = contents.tables["before_groups" if stage is None else "group_coverage"]
    mine = cover[(cover["service"] == service) & (cover["stage"] == (stage or ""))].set_index("group")
    nobody = mine["served"].eq("0") & mine["demand"].ne("0")
    missing = 1 - contents.tables["communes"]["group"].map(mine["share"].mask(nobody, 0.0))
    least = [low for low, _ in nation_stage.SHARES]
    return tuple(
        NOT_TOLD if np.isnan(m) else sum(m >= low - 1e-9 for low in least) - 1 for m in missing
    )  # fmt: skip


def _shade(contents: Contents, service: str) -> str:
    if contents.edition == "shared":
        return say("figures.shade_shared", contents.lang)
    full = _is_full(contents, service)
    return say("map.shade_unserved" if full else "map.shade_out_of_reach", contents.lang)


def _is_full(contents: Contents, service: str) -> bool:
    """Whether persons within reach stay without a place in some stage."""
    cover = contents.tables["coverage"]
    full = cover.loc[cover["service"] == service, "no_capacity"]
    return bool((full != "0").any() if contents.edition == "shared" else (full > privacy.TINY).any())


def _notes(contents: Contents, service: str) -> list[str]:
    lang = contents.lang
    found = []
    if contents.edition == "shared" and not contents.nation and _is_full(contents, service):
        found.append(say("figures.note_full", lang))
    if contents.tables["communes"]["persons_estimated"].any():
        found.append(say("nation.estimated_note" if contents.nation else "map.estimated_note", lang))
    return found


# --- sites ---------------------------------------------------------------------------------------


def standing(contents: Contents, stage: str | None) -> pd.DataFrame:
    """The facilities open at the end of `stage` (None: before the plan), those that an upgrade closes later
    among them; columns of the table `facilities`.  See ``exports.standing``, which has the plan itself.
    """
    frame, order = contents.tables["facilities"], stages(contents)
    now = -1 if stage is None else order.index(stage)
    at = frame["opened_stage"].map({s: n for n, s in enumerate(order)})
    there = frame[frame["existing"] | (at <= now)]
    if "openings" not in contents.tables:
        return there
    openings = contents.tables["openings"]
    began = openings.drop_duplicates("facility").set_index("facility")["stage"]
    after, closed = frame.set_index("facility"), []
    for row in records(openings[openings["upgraded_from"] != ""]):
        before = f"{row['premises']}:{row['upgraded_from']}"
        opened = str(began.get(before, ""))
        if order.index(row["stage"]) > now and (not opened or order.index(opened) <= now):
            place = after.loc[row["facility"]].to_dict()
            kind = row["upgraded_from"]
            closed.append(place | {"facility": before, "kind": kind, "service": contents.signs[kind].service,
                                   "existing": not opened, "opened_stage": opened,
                                   "caseload": None, "parent": ""})  # fmt: skip
    return pd.concat([there, pd.DataFrame(closed)], ignore_index=True) if closed else there


def _sites(contents: Contents, stage: str | None, service: str) -> list[Site]:
    numbers = _numbers(contents, stage, service) if contents.nation else {}
    found = []
    for row in records(standing(contents, stage)):
        many = numbers.get(row["facility"])
        if contents.nation and (many is None or not many.open):
            continue
        state = EXISTING if row["existing"] else NOW if row["opened_stage"] == stage else EARLIER
        if many is not None and many.opened:
            state = NOW
        elif many is not None and state == NOW:
            state = EARLIER
        found.append(
            Site(
                facility=row["facility"], lat=row["lat"], lon=row["lon"], kind=row["kind"], state=state,
                premises=row["premises"], name=row["premises_name"], commune=row["commune"],
                group_name=row["group_name"], opened_stage=row["opened_stage"], caseload=row["caseload"],
                assumed=bool(row["assumed"]), number=None if many is None else many.open,
            )
        )  # fmt: skip
    return found


def _numbers(contents: Contents, stage: str | None, service: str) -> dict[str, nation_stage.Points]:
    """Points of each facility of a nation: those before the plan are what the first stage has besides its
    openings.
    """
    tables, order = contents.tables, stages(contents)
    frame, cover = tables["facilities"], tables["group_coverage"]
    openings = tables.get("openings", pd.DataFrame(columns=["stage", "facility", "opened"]))
    first = cover[(cover["stage"] == order[0]) & (cover["service"] == service)].set_index("group")["points"]
    opened: pd.Series = openings[openings["stage"] == order[0]].groupby("facility")["opened"].sum()
    existing = {
        row["facility"]: int(first.get(row["group"], 0)) - int(opened.get(row["facility"], 0))
        for row in records(frame)
        if row["existing"]
    }
    if stage is None:
        return {f: nation_stage.Points(n, 0) for f, n in existing.items() if n}
    return nation_stage.points(frame, openings, existing=existing, stages=order, stage=stage)


def reach(contents: Contents, service: str) -> str:
    """Within which minutes the service's points reach people; "" where no kind has a standard."""
    limits = sorted(
        {s.standard_minutes for s in contents.signs.values() if s.service == service and s.standard_minutes}
    )  # fmt: skip
    if not limits:
        return ""
    told = "–".join(number(m, contents.lang) for m in limits)
    return say("figures.reach", contents.lang, minutes=told)


def when(contents: Contents, stage: str | None) -> str:
    """The end of the stage, or the time before the plan, in words."""
    if stage is None:
        return inline(both("figures.before")).say(contents.lang)
    label = contents.stage(stage)
    if label.isdigit():
        return say("figures.year", contents.lang, year=label)
    return inline(Text(label, label)).vi


def told_number(value: float | str, contents: Contents) -> str:
    """A number of persons as the edition tells it, with the language's separators."""
    if isinstance(value, str):
        return number(int(value), contents.lang) if value.isdigit() else value
    return "–" if math.isnan(value) else number(value, contents.lang)
