"""What the page of a plan shows otherwise where the places are provinces: map and table of sites."""

from __future__ import annotations

from typing import Any

from geo import nation_map, nation_stage
from geo.nation_stage import Points
from planner.plan import Plan
from text import Lang, number, percent, say
from views.markup import Head, Raw, table, tag
from views.plan_sites import picked_row


def is_nation(plan: Plan) -> bool:
    """Whether the places are the provinces of the nation."""
    return plan.scenario.place.province is None


def labels(lang: Lang) -> tuple[tuple[str, float, float], ...]:
    """The names that a map of the country always shows, and where."""
    return tuple((say(a.label, lang), *a.at) for a in nation_map.ARCHIPELAGOS)


def numbers(plan: Plan, stage: str) -> dict[str, Points]:
    """The points of each facility at the end of `stage`."""
    named = plan.scenario.premises.named
    existing = {
        row.facility: named[row.premises].standing(row.kind)
        for row in plan.facilities.itertuples()
        if row.premises in named
    }
    return nation_stage.points(
        plan.facilities, plan.openings, existing=existing, stages=list(plan.scenario.stages), stage=stage
    )


def told(
    data: dict[str, Any], plan: Plan, codes: tuple[str, ...], *, stage: str, service: str, lang: Lang
) -> dict[str, Any]:
    """The stage of ``maps.stage_data`` as it is told of provinces."""
    found = numbers(plan, stage)
    there = [facility for facility in plan.facilities["facility"] if facility in found]
    return nation_stage.told(
        data, codes=codes, access=plan.access, facilities=there, numbers=found, stage=stage, service=service,
        lang=lang,
    )  # fmt: skip


def sites(plan: Plan, stage: str, lang: Lang, *, chosen: str = "") -> Raw:
    """A row a province: points, how many opened in the stage, patients and their share of those in need."""
    found = numbers(plan, stage)
    cover = plan.group_coverage[plan.group_coverage["stage"] == stage].set_index(["group", "service"])
    went = plan.allocation[plan.allocation["stage"] == stage].groupby("facility")["persons"].sum()
    here = [row for row in plan.facilities.itertuples() if row.facility in found]
    here.sort(key=lambda row: (-found[row.facility].opened, -found[row.facility].open, row.commune_code))
    rows = []
    for row in here:
        points = found[row.facility]
        persons = float(went.get(row.facility, 0.0))
        whole = float(cover["demand"].get((row.group, row.service), 0.0))
        new = tag("b", f"+{points.opened}", cls="lt-now") if points.opened else "–"
        share = percent(persons / whole, lang) if whole else "–"
        rows.append((row.premises_name, number(points.open, lang), new, number(persons, lang), share))
    total = sum(p.open for p in found.values()), sum(p.opened for p in found.values())
    last = (tag("b", say("nation.sites.total", lang)), number(total[0], lang), f"+{total[1]}",
            number(float(went.sum()), lang), "")  # fmt: skip
    names = ("province", "points", "opened", "persons", "share")
    heads = [Head(say(f"nation.sites.{name}", lang), figure=name != "province") for name in names]
    marks = [picked_row(f"site:{row.facility}", chosen=row.facility == chosen) for row in here]
    listed = table(
        heads, [last, *rows], caption=say("nation.sites", lang), cls="lt-sites", marks=[{}, *marks]
    )
    return Raw(listed + tag("p", say("nation.sites.note", lang), cls="lt-small"))
