"""Section II of the letter: how many need what, what there is today, and where it is missing."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from exports.contents import Contents
from exports.proposal.blocks import Block, Bullets, Column, Heading, Paragraph, Table
from exports.proposal.wording import (
    count,
    group_head,
    kinds_counted,
    known,
    listed,
    nobody,
    of_words,
    persons,
    place,
    sections,
    service,
    share,
    source,
    stage,
)
from tables import records
from text import capital, number, say

HEDGED = re.compile(r"(.+) \((khoảng|hơn|gần|about|more than|over|nearly)\)")
"""What is known of a number only roughly, as scenarios say it behind the name."""
MOST_GROUPS = 15
"""Groups of which the letter has a table of its own; of more, the annex has it."""
NAMED = 3
"""Groups that a sentence names."""


def section(contents: Contents) -> list[Block]:
    """II: demand, present cover and gaps, by service and group."""
    lang = contents.lang
    blocks: list[Block] = [Heading(say("proposal.section.need", lang)), *_existing(contents)]
    before = contents.tables.get("before_coverage")
    if before is None:
        return [*blocks, Paragraph(say("proposal.need.unknown", lang)), *_uncounted(contents)]
    rows = records(before)
    blocks.append(Paragraph(say("proposal.need.demand", lang), strong=say("proposal.need.demand.head", lang)))
    blocks.append(Bullets(tuple(_service(contents, row) for row in rows)))
    blocks += [*_gaps(contents), *_uncounted(contents), *_balance(contents), *_known(contents)]
    return [*blocks, *_uncertain(contents)]


def _existing(contents: Contents) -> list[Block]:
    """What stands today, by kind."""
    lang, counts = contents.lang, contents.tables["counts"]
    first = counts[counts["stage"] == contents.tables["stages"]["stage"].iloc[0]]
    there = [(row["kind"], max(0, int(row["open"]) - int(row["opened"]))) for row in records(first)]
    if not any(n for _, n in there):
        return [Paragraph(say("proposal.need.nothing_stands", lang))]
    text = say("proposal.need.stands", lang, points=kinds_counted(contents, there))
    return [Paragraph(text)]


def _service(contents: Contents, row: dict[str, Any]) -> str:
    """One service before the plan."""
    lang = contents.lang
    facts = {name: persons(row[name], lang) for name in ("demand", "served", "no_capacity", "out_of_reach")}
    name = contents.words["service"].get(row["service"], row["service"])
    if nobody(row["demand"]):
        return say("proposal.need.service.nobody", lang, service=name)
    if nobody(row["served"]):
        return say("proposal.need.service.none_served", lang, service=name, demand=facts["demand"])
    told = say("proposal.need.service", lang, service=name, **{k: facts[k] for k in ("demand", "served")})
    if known(row["share"]):
        told += say("proposal.need.share", lang, share=share(float(row["share"]), contents))
    if not nobody(row["no_capacity"]):
        told += say("proposal.need.no_capacity", lang, n=facts["no_capacity"])
    if not nobody(row["out_of_reach"]):
        told += say("proposal.need.out_of_reach", lang, n=facts["out_of_reach"])
    return told + "."


def _gaps(contents: Contents) -> list[Block]:
    """Where most are not served, for the service that is optimised first."""
    lang, first = contents.lang, contents.dossier.first_service
    frame = contents.tables.get("before_groups")
    mine = pd.DataFrame() if frame is None else frame[frame["service"] == first]
    if len(mine) < 2:
        return []
    order = {group: n for n, group in enumerate(contents.tables["group_coverage"]["group"].unique())}
    found = sorted(records(mine), key=lambda row: order.get(row["group"], len(order)))
    rows = [row | {"unmet": _unmet(row)} for row in found]
    most = sorted((r for r in rows if r["unmet"]), key=lambda r: -r["unmet"])[:NAMED]
    blocks: list[Block] = []
    if most:
        named = [
            say("proposal.need.group", lang, group=place(r["group_name"], lang), n=number(r["unmet"], lang))
            for r in most
        ]
        text = say("proposal.need.most", lang, service=service(contents, first), groups=listed(named, lang))
        blocks.append(Paragraph(text, strong=say("proposal.need.gaps.head", lang)))
    if len(rows) > MOST_GROUPS:
        return [*blocks, Paragraph(say("proposal.need.see", lang))]
    heads = ("demand", "served", "share", "no_capacity", "out_of_reach")
    told = [name for name in heads if name != "no_capacity" or any(not nobody(r[name]) for r in rows)]
    columns = (
        Column(say("proposal.head.order", lang), 0.5, "center"),
        Column(group_head(contents), 2.6),
        *(Column(say(f"proposal.head.{name}", lang), 1.3, "right") for name in told),
    )
    cells = [
        (str(n), r["group_name"], *(_cell(contents, r, name) for name in told)) for n, r in enumerate(rows, 1)
    ]
    whole = records(contents.tables["before_coverage"].query("service == @first"))
    totals = ("", say("proposal.total", lang), *(_cell(contents, whole[0], name) for name in told))
    caption = say("proposal.need.table", lang, service=service(contents, first))
    return [*blocks, Table(caption=caption, columns=columns, rows=cells, totals=totals)]


def _unmet(row: dict[str, Any]) -> int:
    """Persons not served, where the edition gives whole numbers of them."""
    parts = [row["no_capacity"], row["out_of_reach"]]
    if any(isinstance(p, str) and not p.isdecimal() for p in parts):
        return 0
    return round(sum(float(p) for p in parts))


def _cell(contents: Contents, row: dict[str, Any], name: str) -> str:
    if name != "share":
        return persons(row[name], contents.lang)
    return share(float(row[name]), contents) if known(row[name]) else "–"


def _uncounted(contents: Contents) -> list[Block]:
    names = [service(contents, name) for name in contents.dossier.uncounted]
    if not names:
        return []
    return [Paragraph(say("proposal.need.uncounted", contents.lang, services=listed(names, contents.lang)))]


def _balance(contents: Contents) -> list[Block]:
    """Places that the targets ask for outside compulsory centres."""
    frame = contents.tables.get("balance")
    if frame is None:
        return []
    lang = contents.lang
    stages = set(contents.tables["stages"]["stage"])
    told = []
    for row in records(frame[frame["stage"].isin(stages)]):
        for name in ("needed", "in_community"):
            if known(row[name]) and not nobody(row[name]):
                facts = {"n": persons(row[name], lang), "of": persons(row["registered"], lang)}
                told.append(
                    say(
                        f"proposal.need.balance.{name}",
                        lang,
                        when=capital(stage(contents, row["stage"])),
                        **facts,
                    )
                )
                break
    return [Paragraph(say("proposal.need.balance", lang)), Bullets(tuple(told))] if told else []


def _known(contents: Contents) -> list[Block]:
    """What is known of what really happened."""
    frame = contents.tables.get("observed")
    if frame is None:
        return []
    lang = contents.lang
    told = []
    for row in records(frame):
        figures: list[str] = []
        told_already = any(c.isdecimal() for c in row["observation"])
        if known(row["points"]) and not told_already:
            figures.append(say("proposal.points", lang, n=count(int(row["points"]), lang)))
        if known(row["persons"]) and not told_already:
            figures.append(say("proposal.persons", lang, n=persons(row["persons"], lang)))
        name, about = _hedged(row["observation"]) if figures else (row["observation"], "")
        what = f"{name}: {about}{listed(figures, lang)}" if figures else name
        told.append(f"{what} ({source(contents, row['source'])}).")
    return [Paragraph(say("proposal.need.known", lang)), Bullets(tuple(told))]


def _hedged(name: str) -> tuple[str, str]:
    """What is counted, as in "Người bệnh (hơn)", and the word that stands before its number."""
    found = HEDGED.fullmatch(name)
    return (found[1], f"{found[2]} ") if found else (name, "")


def _uncertain(contents: Contents) -> list[Block]:
    """That the counts behind this are partly estimates."""
    if not contents.tables["communes"]["persons_estimated"].any():
        return []
    notes = contents.tables["assumptions"]
    mine = notes[notes["field"].isin(["registered_persons.split", "registered_persons.total"])]
    words = " ".join(str(note) for note in mine["note"])
    text = words or of_words(say("exports.note.estimated", contents.lang))
    told = sections(text, contents.lang)
    return [Paragraph(told, strong=say("proposal.need.uncertain", contents.lang))]
