"""Section V of the letter: the plan beside the published one and others, and how far it is proved."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

from exports.contents import Contents
from exports.proposal.blocks import Block, Bullets, Column, Heading, Paragraph, Picture, Table
from exports.proposal.wording import count, group_word, known, listed, persons, place, service, share
from tables import records
from text import Lang, number, percent, say

MOST_SERVICES = 2
"""More services have too many columns: then only that which is optimised first."""
TOO_FAR = 0.5
"""A gap beyond this comes of a bound that nobody tried to better, and says nothing."""
SAME = 0.0005
"""Parts of the whole below which two options read as equal."""


def section(contents: Contents) -> list[Block]:
    """V: what was compared, why this plan, and what is proved of it."""
    lang, frame = contents.lang, contents.tables.get("options")
    blocks: list[Block] = [Heading(say("proposal.section.compared", lang))]
    if frame is None:
        key = "proposal.compared.none" if contents.dossier.official else "proposal.compared.no_other"
        return [*blocks, Paragraph(say(key, lang)), proof(contents), *_presence(contents)]
    rows = records(frame)
    blocks.append(Paragraph(say("proposal.compared", lang, n=count(len(rows) - 1, lang))))
    blocks += [_table(contents, rows), *_chart(contents), *_official(contents, rows), *_presence(contents)]
    return [*blocks, *_gains(contents), *_others(contents, rows), proof(contents)]


def proof(contents: Contents) -> Paragraph:
    """How far the plan is proved: "tối ưu" alone is never said of what is not."""
    lang, facts = contents.lang, contents.dossier
    strong = say("proposal.proof.head", lang)
    if facts.made:
        return Paragraph(facts.made, strong=strong)
    if facts.status == "optimal" and facts.gap == 0:
        return Paragraph(say("proposal.proof.proved", lang), strong=strong)
    if facts.gap > TOO_FAR:
        return Paragraph(say("proposal.proof.unknown", lang), strong=strong)
    gap = percent(facts.gap, lang, 2)
    key = "within" if facts.status == "optimal" else "open"
    return Paragraph(say(f"proposal.proof.{key}", lang, gap=gap), strong=strong)


def _name(contents: Contents, row: dict[str, Any]) -> str:
    return row["variant"] or say("proposal.compared.this", contents.lang)


def _table(contents: Contents, rows: list[dict[str, Any]]) -> Table:
    lang = contents.lang
    cover = contents.tables["options_coverage"]
    services = list(contents.dossier.counted)
    if len(services) > MOST_SERVICES:
        services = [contents.dossier.first_service]
    at = {(r["variant_id"], r["service"]): r["share"] for r in records(cover)}
    priced = any(known(row["cost_vnd"]) for row in rows)
    heads = [
        say("proposal.head.variant", lang),
        say("proposal.head.opened", lang),
        *([say("proposal.head.cost", lang)] if priced else []),
        *(
            say("proposal.head.cover_of", lang, service=contents.words["service"].get(name, name))
            for name in services
        ),
        say("proposal.head.person_years", lang),
        say("proposal.head.of_best", lang),
    ]
    cells = []
    for row in rows:
        shares = [at.get((row["variant_id"], name), math.nan) for name in services]
        cost = number(int(row["cost_vnd"]), lang) if known(row["cost_vnd"]) else "–"
        cells.append(
            (
                _name(contents, row),
                count(int(row["opened"]), lang),
                *([cost] if priced else []),
                *(share(float(s), contents) if known(s) else "–" for s in shares),
                persons(row["person_years"], lang),
                share(float(row["of_best"]), contents) if known(row["of_best"]) else "–",
            )
        )
    money = say("proposal.head.cost", lang)
    columns = (
        Column(heads[0], 2.6),
        *(Column(head, 2.0 if head == money else 1.4, "right") for head in heads[1:]),
    )
    return Table(
        caption=say("proposal.compared.table", lang),
        columns=columns,
        rows=cells,
        notes=(
            say("proposal.compared.note", lang, service=service(contents, contents.dossier.first_service)),
        ),
    )


def _chart(contents: Contents) -> list[Block]:
    from exports import figures

    if "options" not in contents.tables:
        return []
    caption = say("proposal.compared.chart", contents.lang)
    return [
        Picture(
            caption=caption, draw=cache(lambda: figures.options_chart(contents) or b""), alternative=caption
        )
    ]


def _official(contents: Contents, rows: list[dict[str, Any]]) -> list[Block]:
    """The published order beside the plan: what it reaches with which means, and what moves."""
    lang = contents.lang
    row = next((r for r in rows if r["variant_id"] == "official"), None)
    if row is None:
        text = say("proposal.compared.official_not", lang) if contents.dossier.official else ""
        return [Paragraph(text)] if text else []
    ours = rows[0]
    if not known(row["of_best"]) or abs(float(row["of_best"]) - 1) < SAME:
        text = say("proposal.compared.official_same", lang)
    else:
        text = say(
            "proposal.compared.official",
            lang,
            official=persons(row["person_years"], lang),
            plan=persons(ours["person_years"], lang),
            part=share(float(row["of_best"]), contents),
            means=_means(contents, row, ours),
        )
    blocks: list[Block] = [Paragraph(text, strong=say("proposal.compared.official.head", lang))]
    exchanges = contents.tables.get("exchanges")
    if exchanges is not None:
        blocks.append(Paragraph(say("proposal.compared.exchanges", lang)))
        blocks.append(Bullets(tuple(f"{text}." for text in exchanges["exchange"])))
    return blocks


def _means(contents: Contents, one: dict[str, Any], other: dict[str, Any]) -> str:
    """Whether two options open as many points and cost as much."""
    points = one["opened"] == other["opened"]
    if not known(one["cost_vnd"]):
        return say("proposal.means.points" if points else "proposal.means.other_points", contents.lang)
    money = int(one["cost_vnd"]) == int(other["cost_vnd"])
    key = "both" if points and money else "points" if points else "money" if money else "other"
    return say(f"proposal.means.{key}", contents.lang)


def _presence(contents: Contents) -> list[Block]:
    """A service measure that knows no travel time: whether a group has a point yet."""
    frame, lang = contents.tables.get("presence"), contents.lang
    if frame is None:
        return []
    row = records(frame)[0]
    if not (known(row["presence_official"]) and known(row["presence_best"]) and known(row["presence_share"])):
        return []
    unit = group_word(contents)
    text = say(
        "proposal.presence",
        lang,
        unit=unit,
        official=persons(row["presence_official"], lang),
        best=persons(row["presence_best"], lang),
        share=share(float(row["presence_share"]), contents),
    )
    text += _own_presence(contents, row["presence_official"])
    if row["presence_drawn"]:
        text += " " + say("proposal.presence.drawn", lang)
    if row["note"]:
        text += f" {row['note']}"
    return [Paragraph(text, strong=say("proposal.presence.head", lang, unit=unit))]


def _own_presence(contents: Contents, official: object) -> str:
    """What the plan itself reaches by that measure, said above all where it is less than the published."""
    frame = contents.tables.get("options")
    own = "" if frame is None else records(frame)[0]["presence"]
    if own == "" or not known(own):
        return ""
    less = float(own) < float(str(official))
    key = "proposal.presence.plan_less" if less else "proposal.presence.plan"
    return " " + say(key, contents.lang, plan=persons(own, contents.lang))


def _gains(contents: Contents) -> list[Block]:
    """Which groups gain and which lose beside the published order."""
    frame, lang = contents.tables.get("gains"), contents.lang
    if frame is None:
        return []
    told = []
    for direction in ("more", "less"):
        mine = [
            say("proposal.gain", lang, group=place(row["group_name"], lang), n=persons(row["gained"], lang))
            for row in records(frame[frame["direction"] == direction])
        ]
        if mine:
            told.append(say(f"proposal.gain.{direction}", lang, groups=listed(mine, lang)))
    return [Paragraph(" ".join(told), strong=say("proposal.gain.head", lang))]


def _others(contents: Contents, rows: list[dict[str, Any]]) -> list[Block]:
    """What the simpler ways and the near-equals come to."""
    lang = contents.lang
    told: dict[tuple[str, str, str], list[str]] = {}
    better = False
    for row in rows[1:]:
        if not known(row["of_best"]):
            continue
        beside = float(row["of_best"])
        better = better or beside > 1 + SAME
        if row["variant_id"] != "official":
            near = abs(beside - 1) < SAME
            key = "proposal.other.same" if near else "proposal.other"
            # A search that was stopped may give "near equals" that are not: then their note is not said.
            note = row["note"] if near or not row["variant_id"].startswith("alternative") else ""
            same = (key, share(beside, contents), note)
            told.setdefault(same, []).append(_name(contents, row))
    items = tuple(
        f"{say(key, lang, name=_several(names, lang), part=part)} {note}".strip()
        for (key, part, note), names in told.items()
    )
    blocks: list[Block] = [Paragraph(say("proposal.others", lang)), Bullets(items)] if items else []
    if not blocks and not better:
        return []
    key = "why.made" if better and contents.dossier.made else "why.not_best" if better else "why"
    return [*blocks, Paragraph(say(f"proposal.{key}", lang))]


def _several(names: list[str], lang: Lang) -> str:
    """Options of which the same is said, in one breath."""
    if len(names) < 3:
        return listed(names, lang)
    return say("proposal.other.several", lang, first=names[0], last=names[-1])
