"""What is told of a chosen point or commune, in words and figures."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pandas as pd

from exports.standing import standing
from planner.pins import Held
from planner.plan import Plan
from text import Lang, number, percent, say
from views import plan_nation
from views.markup import Raw, icon, joined, tag, tag_alone
from views.plan_words import source_words

NAMED = 5
"""Communes of a point that are named at once; the rest unfolds."""
Fact = tuple[str, object]


def site(plan: Plan, facility: str, stage: str, places: pd.DataFrame) -> dict[Any, Any] | None:
    """The row of a facility: as it stands at the end of `stage`, else as it ends, else as it could be.

    `places` are ``planner.site_words.candidates``; None where nobody knows it.
    """
    for frame in (standing(plan, stage), plan.facilities, places):
        mine = frame[frame["facility"] == facility]
        if len(mine):
            return dict(mine.iloc[0].to_dict())
    return None


# --- a point -------------------------------------------------------------------------------------


def head_of_site(plan: Plan, row: dict[Any, Any], decided: Held, lang: Lang) -> Raw:
    """What a point is and where, and what was decided about it."""
    kind = plan.scenario.kinds[row["kind"]].label.text.say(lang)
    names = dict.fromkeys((row["commune"], row["group_name"]))
    where = ", ".join(name for name in names if name and name != row["premises_name"])
    lead = tag("p", kind, tag_alone("br"), where, cls="lt-small")
    return joined([tag("h3", row["premises_name"]), lead, _decided(plan, decided, lang)])


def of_site(plan: Plan, row: dict[Any, Any], stage: str, lang: Lang) -> Raw:
    """All that is known of a point at the end of `stage`."""
    facts = [
        *_state(plan, row, stage, lang),
        *_load(plan, row, stage, lang),
        *_beside(plan, row, stage, lang),
    ]
    if row["assumed"]:
        facts.append((say("panel.place", lang), say("app.sites.assumed", lang)))
    return joined([_list(facts), _people(plan, row, stage, lang)])


def _state(plan: Plan, row: dict[Any, Any], stage: str, lang: Lang) -> Iterator[Fact]:
    opened, order = row.get("opened_stage"), list(plan.scenario.stages)
    if opened is None:
        yield say("panel.state", lang), say("panel.not_opened", lang)
    elif row["existing"]:
        yield say("panel.state", lang), say("map.existing", lang)
    else:
        label = plan.scenario.stages[opened].label
        spoken = label.text.say(lang) if label else opened
        later = order.index(opened) > order.index(stage)
        yield say("panel.opens_later" if later else "panel.opened", lang), spoken


def _load(plan: Plan, row: dict[Any, Any], stage: str, lang: Lang) -> Iterator[Fact]:
    """Persons, and how full it is; nothing where nobody counts its persons."""
    if row.get("opened_stage") is None or row["service"] not in set(plan.coverage["service"]):
        return
    went = _went(plan, row, stage)
    persons = float(went["persons"].sum())
    words = number(persons, lang)
    room = _room(plan, row, stage)
    if math.isfinite(room) and room > 0:
        words = say("panel.of_room", lang, persons=words, room=number(room, lang),
                    share=percent(persons / room, lang, 0))  # fmt: skip
    yield say("map.caseload", lang), words


def _room(plan: Plan, row: dict[Any, Any], stage: str) -> float:
    """Persons that its points may serve, by its own figure or its kind's; NaN where nothing limits them."""
    place = plan.scenario.premises.named.get(row["premises"])
    own = place.capacity.get(row["kind"]) if place else None
    limit = own or plan.scenario.kinds[row["kind"]].capacity
    if limit is None:
        return math.nan
    several = plan_nation.is_nation(plan) and plan_nation.numbers(plan, stage).get(row["facility"])
    return float(limit.value) * (several.open if several else 1)


def _beside(plan: Plan, row: dict[Any, Any], stage: str, lang: Lang) -> Iterator[Fact]:
    """Its host, what feeds it, and whom it feeds."""
    s, there = plan.scenario, standing(plan, stage)
    names = dict(zip(plan.facilities["facility"], plan.facilities["premises_name"], strict=True))
    if host := row.get("host_kind"):
        yield say("panel.host", lang), s.kinds[host].label.text.say(lang)
    if parents := [names.get(p, p) for p in str(row.get("parent") or "").split(", ") if p]:
        yield say("panel.parent", lang), ", ".join(parents)
    feeds = there[[row["facility"] in str(p).split(", ") for p in there["parent"]]]
    if len(feeds):
        yield say("panel.feeds", lang), ", ".join(feeds["premises_name"])


def _went(plan: Plan, row: dict[Any, Any], stage: str) -> pd.DataFrame:
    found = plan.allocation
    return found[(found["stage"] == stage) & (found["facility"] == row["facility"])]


def _people(plan: Plan, row: dict[Any, Any], stage: str, lang: Lang) -> Raw:
    """Who is assigned there, commune by commune, most persons first."""
    went = _went(plan, row, stage).sort_values(["persons", "commune_code"], ascending=[False, True])
    if went.empty or plan_nation.is_nation(plan):  # there everybody comes from the province itself
        return Raw("")
    names = dict(zip(plan.facts.communes["commune_code"], plan.facts.communes["commune"], strict=True))
    lines = [
        tag("li", _pickable(f"commune:{w.commune_code}", names.get(w.commune_code, w.commune_code)), " ",
            tag("span", say("panel.persons_minutes", lang, persons=number(w.persons, lang),
                            minutes=number(w.minutes, lang)), cls="lt-about"))
        for w in went.itertuples()
    ]  # fmt: skip
    head = tag("b", say("panel.assigned", lang, n=len(lines)))
    return tag("div", head, _folded(lines, lang), cls="lt-assigned")


def _decided(plan: Plan, decided: Held, lang: Lang) -> Raw:
    """The rules that pin or forbid the place, with their sources."""
    if not decided.rules:
        return Raw("")
    rules = [plan.scenario.rules[name] for name in decided.rules if name in plan.scenario.rules]
    sign = icon("push_pin" if decided.from_stage else "block")
    lines = (
        tag("div", sign, r.text.text.say(lang), tag("span", source_words(r.source, lang), cls="lt-source"))
        for r in rules
    )
    return tag("div", *lines, cls="lt-decided")


# --- a commune -----------------------------------------------------------------------------------


def of_commune(
    plan: Plan, code: str, places: pd.DataFrame, *, stage: str, service: str, lang: Lang
) -> Raw | None:
    """All that is known of a commune at the end of `stage`; None where the plan has no such commune."""
    known = plan.facts.communes
    mine = known[known["commune_code"] == code]
    if mine.empty:
        return None
    row = mine.iloc[0]
    facts = [*_persons(row, lang), *_access(plan, code, stage, service, lang)]
    where = "" if row["group_name"] == row["commune"] else row["group_name"]
    return joined([tag("h3", row["commune"]), tag("p", where, cls="lt-small"), _list(facts),
                   _premises(plan, code, stage, places, lang)])  # fmt: skip


def _persons(row: pd.Series, lang: Lang) -> Iterator[Fact]:
    mark = f" ({say('map.estimated', lang)})" if row["persons_estimated"] else ""
    yield say("panel.registered", lang), number(row["persons"], lang) + mark


def _access(plan: Plan, code: str, stage: str, service: str, lang: Lang) -> Iterator[Fact]:
    at = plan.access
    mine = at[(at["commune_code"] == code) & (at["stage"] == stage) & (at["service"] == service)]
    for row in mine.itertuples():
        for name in ("demand", "served", "no_capacity", "out_of_reach"):
            value = float(getattr(row, name))
            if value or name != "no_capacity":
                yield say(f"map.{name}", lang), number(value, lang)
        names = dict(zip(plan.facilities["facility"], plan.facilities["premises_name"], strict=True))
        near = names.get(row.facility, "")
        if near and not math.isnan(row.minutes):
            minutes = f"{number(row.minutes, lang)} {say('map.minutes', lang)}"
            yield say("map.nearest", lang), joined([_pickable(f"site:{row.facility}", near), f" · {minutes}"])
        elif not near:
            yield say("map.nearest", lang), say("map.none_near", lang)


def _premises(plan: Plan, code: str, stage: str, places: pd.DataFrame, lang: Lang) -> Raw:
    """What stands or could stand in the commune: a click looks at it."""
    there = set(standing(plan, stage)["facility"])
    mine = places[(places["commune_code"] == code) & (places["offered"] | places["facility"].isin(there))]
    lines = []
    for row in mine.itertuples():
        state = "panel.open_here" if row.facility in there else "panel.may_open"
        state = state if row.hosted or row.facility in there else "panel.no_host"
        about = f"{plan.scenario.kinds[row.kind].short.text.say(lang)} · {say(state, lang)}"
        name = _pickable(f"site:{row.facility}", row.premises_name)
        lines.append(tag("li", name, " ", tag("span", about, cls="lt-about")))
    if not lines:
        return tag("p", say("panel.no_premises", lang), cls="lt-small")
    return tag("div", tag("b", say("panel.premises", lang)), _folded(lines, lang), cls="lt-assigned")


# --- pieces --------------------------------------------------------------------------------------


def _list(facts: Iterable[Fact]) -> Raw:
    rows = (tag("div", tag("dt", name), tag("dd", value)) for name, value in facts)
    return tag("dl", *rows, cls="lt-facts")


def _pickable(what: str, words: str) -> Raw:
    return tag("span", words, cls="lt-pick", data_pick=what, tabindex=0, role="button")


def _folded(lines: Sequence[Raw], lang: Lang) -> Raw:
    first = tag("ul", *lines[:NAMED])
    if len(lines) <= NAMED:
        return first
    more = tag("summary", say("panel.more", lang, n=len(lines) - NAMED))
    return joined([first, tag("details", more, tag("ul", *lines[NAMED:]))])
