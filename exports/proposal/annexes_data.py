"""Annex 07: what the figures rest on, what is assumed, what the document leaves open or contradicts."""

from __future__ import annotations

import pandas as pd

from exports.contents import Contents, text_of
from exports.proposal.annex import Annex, Column, Part, Value
from exports.proposal.wording import source
from tables import records
from text import catalogue, say


def data(contents: Contents) -> Annex:
    """07: changes, contradictions, assumptions, rules, open questions, and where the data come from."""
    lang = contents.lang
    parts = [
        _texts(contents, "changes", [(change,) for change in contents.dossier.changes], ("text",)),
        _issues(contents),
        _assumptions(contents),
        _rules(contents),
        _questions(contents),
        _provenance(contents),
    ]
    return Annex(
        code="07",
        title=say("proposal.annex.07", lang),
        parts=tuple(part for part in parts if part is not None),
        notes=contents.notes,
    )


_WIDTHS = {"order": 0.7, "text": 6.0, "source": 2.0, "value": 1.6, "field": 2.6, "kept": 1.0, "answer": 2.6}


def _texts(
    contents: Contents, name: str, rows: list[tuple[Value, ...]], columns: tuple[str, ...]
) -> Part | None:
    """A numbered table of texts; None where there is nothing."""
    if not rows:
        return None
    lang = contents.lang
    heads = (
        Column("order", say("proposal.head.order", lang), "order", _WIDTHS["order"]),
        *(Column(c, say(f"proposal.head.{c}", lang), width=_WIDTHS.get(c, 2.0)) for c in columns),
    )
    numbered = tuple((n, *row) for n, row in enumerate(rows, 1))
    return Part(name=name, title=say(f"proposal.part.{name}", lang), columns=heads, rows=numbered)


def _issues(contents: Contents) -> Part | None:
    rows: list[tuple[Value, ...]] = [
        (row["issue"], source(contents, row["source"])) for row in records(contents.tables["known_issues"])
    ]
    return _texts(contents, "issues", rows, ("text", "source"))


def _assumptions(contents: Contents) -> Part | None:
    rows: list[tuple[Value, ...]] = [
        (
            row["note"],
            text_of(row["value"], contents.lang) or None,
            source(contents, row["source"]),
            row["field"],
        )
        for row in records(contents.tables["assumptions"])
    ]
    return _texts(contents, "assumptions", rows, ("text", "value", "source", "field"))


def _rules(contents: Contents) -> Part | None:
    lang = contents.lang
    rows: list[tuple[Value, ...]] = []
    for row in records(contents.tables["rules"]):
        # A shared file tells of a soft target neither that it is kept nor that it is not.
        known = row["kept"] is not None and not pd.isna(row["kept"])
        kept = say("exports.yes" if row["kept"] else "exports.no", lang) if known else None
        rows.append((row[f"text_{lang}"], source(contents, row["source"]) or None, kept))
    return _texts(contents, "rules", rows, ("text", "source", "kept"))


def _questions(contents: Contents) -> Part | None:
    frame = contents.tables.get("questions")
    if frame is None:
        return None
    rows: list[tuple[Value, ...]] = []
    for question, mine in frame.groupby("question", sort=False):
        first = mine.iloc[0]
        others = "; ".join(mine["option"])
        rows.append((str(question), first["as_it_is"], others, source(contents, first["source"])))
    return _texts(contents, "questions", rows, ("text", "answer", "options", "source"))


def _provenance(contents: Contents) -> Part | None:
    exact, spoken = records(contents.tables["provenance"]), records(contents.spoken("provenance"))
    rows: list[tuple[Value, ...]] = []
    for code, row in zip(exact, spoken, strict=True):
        known = f"proposal.{code['item']}.{row['value']}"
        rows.append((row["item"], say(known, contents.lang) if known in catalogue() else row["value"]))
    return _texts(contents, "provenance", rows, ("item", "text"))
