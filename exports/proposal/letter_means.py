"""Sections VI to VIII of the letter: money, who does what, and what is asked for."""

from __future__ import annotations

from functools import cache
from typing import Any

from exports.contents import Contents
from exports.proposal.annexes_data import assumptions
from exports.proposal.annexes_sites import verdicts_of
from exports.proposal.blocks import Block, Bullets, Heading, Paragraph, Picture
from exports.proposal.wording import (
    blank,
    count,
    ended,
    kind,
    known,
    listed,
    of_words,
    sections,
    source,
    stage,
    stages,
)
from tables import records
from text import capital, number, say, vnd


def money(contents: Contents) -> list[Block]:
    """VI: cost and budget by stage, prices and where they come from, the source of funds."""
    lang, facts = contents.lang, contents.dossier
    blocks: list[Block] = [Heading(say("proposal.section.money", lang))]
    rows = records(contents.tables["stages"])
    costs = any(known(row["cost_vnd"]) for row in rows)
    budgets = any(known(row["budget_vnd"]) for row in rows)
    if not costs and not budgets:
        blocks.append(Paragraph(say("proposal.money.unknown", lang)))
    else:
        blocks += [
            *_amounts(contents, rows, costs=costs, budgets=budgets),
            *_prices(contents),
            *_chart(contents),
        ]
    if facts.funding:
        told = say("proposal.money.source", lang, text=of_words(facts.funding.text),
                   source=source(contents, facts.funding.source))  # fmt: skip
        return [*blocks, Paragraph(told)]
    return [*blocks, Paragraph(say("proposal.money.no_source", lang))]


def _amounts(contents: Contents, rows: list[dict[str, Any]], *, costs: bool, budgets: bool) -> list[Block]:
    lang = contents.lang
    told = []
    for row in rows:
        when = capital(stage(contents, row["stage"]))
        cost = vnd(int(row["cost_vnd"]), lang) if known(row["cost_vnd"]) else ""
        budget = vnd(int(row["budget_vnd"]), lang) if known(row["budget_vnd"]) else ""
        key = "both" if cost and budget else "cost" if cost else "budget" if budget else "nothing"
        told.append(say(f"proposal.money.{key}", lang, when=when, cost=cost, budget=budget))
    which = "cost_vnd" if costs else "budget_vnd"
    total = vnd(sum(int(row[which]) for row in rows if known(row[which])), lang)
    blocks: list[Block] = [
        Paragraph(say("proposal.money.total" if costs else "proposal.money.total_budget", lang, total=total)),
        Bullets(tuple(told)),
    ]
    if costs and budgets:
        over = [
            row for row in rows
            if known(row["budget_vnd"]) and int(row["cost_vnd"]) > int(row["budget_vnd"])
        ]  # fmt: skip
        blocks.append(Paragraph(say("proposal.money.over" if over else "proposal.money.within", lang)))
    return blocks


def _prices(contents: Contents) -> list[Block]:
    lang = contents.lang
    blocks: list[Block] = []
    for price in contents.dossier.prices:
        text = say(
            "proposal.money.price",
            lang,
            kind=kind(contents, price.kind),
            first=vnd(price.first_year, lang),
            later=vnd(price.later_year, lang),
            source="; ".join(dict.fromkeys(source(contents, s) for s in price.sources)),
        )
        blocks.append(Paragraph(f"{text} {sections(price.note, lang)}".strip()))
    priced = {price.kind for price in contents.dossier.prices}
    opened = contents.tables["counts"].query("opened > 0")["kind"].unique()
    others = [kind(contents, name) for name in opened if name not in priced]
    if priced and others:
        blocks.append(Paragraph(say("proposal.money.not_priced", lang, kinds=listed(others, lang))))
    return blocks


def _chart(contents: Contents) -> list[Block]:
    from exports import figures

    frame = contents.tables["stages"]
    if not (frame["cost_vnd"] > 0).any() and frame["budget_vnd"].isna().all():
        return []
    caption = say("proposal.money.chart", contents.lang)
    return [
        Picture(
            caption=caption, draw=cache(lambda: figures.money_chart(contents) or b""), alternative=caption
        )
    ]


# --- VII -----------------------------------------------------------------------------------------


def organisation(contents: Contents) -> list[Block]:
    """VII: who does what, the staff it takes, the reports that are due."""
    lang, facts = contents.lang, contents.dossier
    blocks: list[Block] = [Heading(say("proposal.section.organisation", lang))]
    if facts.tasks:
        told = tuple(
            f"{task.body}: {of_words(task.text)} ({source(contents, task.source)})." for task in facts.tasks
        )
        blocks += [Paragraph(say("proposal.tasks", lang)), Bullets(told)]
    else:
        blocks.append(Paragraph(say("proposal.tasks.none", lang)))
    blocks += _staff(contents)
    if facts.reports:
        reports = tuple(
            f"{due.text}{': ' + of_words(due.due) if due.due else ''} ({source(contents, due.source)})."
            for due in facts.reports
        )
        return [*blocks, Paragraph(say("proposal.reports", lang)), Bullets(reports)]
    return [*blocks, Paragraph(say("proposal.reports.none", lang))]


def _staff(contents: Contents) -> list[Block]:
    lang, frame = contents.lang, contents.tables.get("staffing")
    if frame is None:
        return [Paragraph(say("proposal.staff.unknown", lang))]
    last = stages(contents)[-1]
    told = []
    for name, rows in frame[frame["stage"] == last].groupby("kind", sort=False):
        n, each = int(rows["staff"].sum()), int(rows["each"].sum())
        facts = {"kind": kind(contents, str(name)), "each": count(each, lang), "n": number(n, lang)}
        points = count(int(rows["open"].iloc[0]), lang)
        told.append(say("proposal.staff.kind", lang, when=stage(contents, last), points=points, **facts))
    return [Paragraph(" ".join(told) + " " + say("proposal.staff.see", lang))]


# --- VIII ----------------------------------------------------------------------------------------


def asked(contents: Contents) -> list[Block]:
    """VIII: what is asked of the body that approves; what it has to know before it does."""
    lang, facts = contents.lang, contents.dossier
    approver = facts.approved_by or blank(lang, "approver")
    about = of_words(facts.about) if facts.about else say("proposal.about_plan", lang, title=contents.title)
    wishes = [say("proposal.ask.approve", lang, about=about)]
    if _assumed(contents):
        wishes.append(say("proposal.ask.places", lang, n=count(_assumed(contents), lang)))
    if _unchecked(contents):
        wishes.append(say("proposal.ask.criteria", lang))
    issues = len(contents.tables["known_issues"])
    if issues:
        wishes.append(say("proposal.ask.issues", lang, n=count(issues, lang)))
    questions = contents.tables.get("questions")
    if questions is not None:
        open_ = list(dict.fromkeys(questions["question"]))
        wishes.append(say("proposal.ask.questions", lang, questions=" ".join(ended(open_))))
    assumed = len(assumptions(contents))
    blocks: list[Block] = [
        Heading(say("proposal.section.asked", lang)),
        Paragraph(say("proposal.ask", lang, approver=approver)),
        Bullets(tuple(capital(wish) for wish in wishes)),
    ]
    if assumed:
        blocks.append(Paragraph(say("proposal.ask.assumed", lang, n=count(assumed, lang))))
    return [
        *blocks,
        Paragraph(say("proposal.enclosed", lang), italic=True),
        Paragraph(say("proposal.closing", lang, approver=approver)),
    ]


def _assumed(contents: Contents) -> int:
    opened = contents.tables.get("openings")
    return 0 if opened is None else int(opened["assumed"].sum())


def _unchecked(contents: Contents) -> bool:
    opened, criteria = contents.tables.get("openings"), contents.tables.get("criteria")
    if opened is None or criteria is None:
        return False
    answers = records(criteria)
    return any("not_checked" in verdicts_of(contents, answers, row) for row in records(opened))
