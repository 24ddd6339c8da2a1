"""What a proposal says that no table holds: who writes to whom, on what grounds, with which money."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from exports import lines
from planner.plan import Plan
from scenarios.document import Proposal, called
from scenarios.figures import Words
from scenarios.rules import Quota, StageBudget
from text import Lang

NUMBER = re.compile(r"\d+(?:[.,]\d{3})*")
NAMED = {0: "no", 1: "one", 2: "two", 3: "three", 4: "four", 5: "five"}


class Told(NamedTuple):
    """A sentence of the scenario beside its source."""

    text: str
    source: str


class Task(NamedTuple):
    """Who does what."""

    body: str
    text: str
    source: str


class Due(NamedTuple):
    """A report, when it is due ("" where nobody says), and where that stands."""

    text: str
    due: str
    source: str


class Price(NamedTuple):
    """What a point of a kind costs in its first year and in each later one, VND, with the sources."""

    kind: str
    first_year: int
    later_year: int
    sources: tuple[str, str]
    note: str


class Limit(NamedTuple):
    """What a rule allows: VND, or so many points at most, at least or exactly."""

    sort: Literal["vnd", "at_most", "at_least", "exactly"]
    n: int


@dataclass(frozen=True, kw_only=True)
class Dossier:
    """Facts for the letter.  None of them is a count of persons; text of the scenario is passed on as it is.

    Attributes:
        author, approved_by, over, symbol, place, about, office: of the letter's head and foot; "" where the
            scenario does not say.
        recipients, legal_bases: in the scenario's order.
        note, source: what the scenario says of the bodies themselves, and the section they stand in.
        funding, tasks, reports: as the scenario gives them.
        changes: what the scenario changes of the document it is drawn from.
        groups: what a group is: "district", "area" or "province".
        document: id of the document that the scenario is drawn from.
        summary: what is asked.
        status, gap: how far the answer is proved.
        made: of a plan that was not found by the search, how it was made and what is known of it; else "".
        prices: of the kinds that have one.
        limits: by rule, what it allows, where its words do not say so: each budget, and each number of points
            that is not the document's own.
        kinds_asked: by a criterion's text, the kinds it is about (all where it is missing).
        official: what the published openings are called; "" where there are none.
        counted: services whose persons are counted; `uncounted` the others.
        first_service: the service that the first objective is about.
    """

    author: str = ""
    approved_by: str = ""
    over: str = ""
    symbol: str = ""
    place: str = ""
    about: str = ""
    office: str = ""
    recipients: tuple[str, ...] = ()
    legal_bases: tuple[str, ...] = ()
    note: str = ""
    source: str = ""
    funding: Told | None = None
    tasks: tuple[Task, ...] = ()
    reports: tuple[Due, ...] = ()
    changes: tuple[str, ...]
    groups: str
    document: str
    summary: str
    status: str
    gap: float
    made: str = ""
    prices: tuple[Price, ...]
    limits: dict[str, Limit]
    kinds_asked: dict[str, tuple[str, ...]]
    official: str
    counted: tuple[str, ...]
    uncounted: tuple[str, ...]
    first_service: str


def dossier(plan: Plan, lang: Lang, *, shared: bool) -> Dossier:
    """The facts of `plan` in one language; in a shared edition the gap is rounded up, as in its tables."""
    s = plan.scenario
    gap = plan.report.loosest.gap if plan.report.levels else 0.0
    counted = list(dict.fromkeys(plan.coverage["service"]))
    return Dossier(
        **_head(s.proposal, lang),
        changes=tuple(change.text.say(lang) for change in s.changes),
        groups=s.place.groups,
        document=s.document,
        summary=s.summary.text.say(lang),
        status=plan.report.status.value,
        gap=-(-gap * 1e4 // 1) / 1e4 if shared else gap,
        made=lines.proof(plan.report, lang) if plan.report.way else "",
        prices=tuple(_prices(plan, lang)),
        limits=dict(_limits(plan)),
        kinds_asked={
            c.text.text.say(lang): tuple(c.kinds) for c in s.criteria.values() if c.kinds is not None
        },
        official=s.official.label.text.say(lang) if s.official else "",
        counted=tuple(counted),
        uncounted=tuple(name for name in s.services if name not in counted),
        first_service=s.objectives[0].service,
    )


def _limits(plan: Plan) -> Iterator[tuple[str, Limit]]:
    own = f"{plan.scenario.document} §"
    for name, rule in plan.scenario.rules.items():
        words = " ".join((rule.text.text.vi, rule.text.text.en))
        if isinstance(rule, StageBudget):
            if not _tells(words, rule.amount_vnd):
                yield name, Limit("vnd", rule.amount_vnd)
        elif isinstance(rule, Quota) and rule.each is None and not rule.source.startswith(own):
            for sort in ("exactly", "at_most", "at_least"):
                n = getattr(rule, sort)
                if n is not None and not _tells(words, n):
                    yield name, Limit(sort, n)
                    break


def _tells(words: str, n: int) -> bool:
    """Whether the number stands among the words, with or without points and leading noughts."""
    told = {int(found.replace(".", "").replace(",", "")) for found in NUMBER.findall(words)}
    return n in told or re.search(rf"\b{NAMED.get(n, '–')}\b", words, re.IGNORECASE) is not None


def _head(p: Proposal | None, lang: Lang) -> dict[str, Any]:
    if p is None:
        return {}
    return {
        "author": called(p.author, lang),
        "approved_by": called(p.approved_by, lang),
        "over": called(p.parent_body, lang) if p.parent_body else "",
        "symbol": p.symbol or "",
        "place": called(p.place, lang) if p.place else "",
        "about": _said(p.about, lang),
        "office": _said(p.signing_office, lang),
        "recipients": tuple(called(name, lang) for name in p.recipients),
        "legal_bases": tuple(called(name, lang) for name in p.legal_bases),
        "note": _said(p.note, lang),
        "source": p.source,
        "funding": Told(p.funding.text.text.say(lang), p.funding.source) if p.funding else None,
        "tasks": tuple(
            Task(called(task.body, lang), task.text.text.say(lang), task.source) for task in p.tasks.values()
        ),
        "reports": tuple(
            Due(report.text.text.say(lang), _said(report.due, lang), report.source)
            for report in p.reports.values()
        ),
    }


def _said(words: Words | None, lang: Lang) -> str:
    return words.text.say(lang) if words else ""


def _prices(plan: Plan, lang: Lang) -> list[Price]:
    found = []
    for name, kind in plan.scenario.kinds.items():
        if kind.cost:
            first, later = kind.cost.first_year_vnd, kind.cost.later_year_vnd
            sources = (first.source, later.source)
            found.append(Price(name, first.value, later.value, sources, _said(first.note, lang)))
    return found
