"""Annex 07: what the figures rest on, what is assumed, what the document leaves open or contradicts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

from exports.contents import Contents, text_of
from exports.proposal.annex import Annex, Column, Part, Value
from exports.proposal.wording import rule, sections, source, stage
from tables import records
from text import capital, catalogue, number, percent, say, vnd


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


_WIDTHS = {
    "order": 0.7,
    "text": 5.6,
    "source": 2.0,
    "value": 1.6,
    "subject": 3.6,
    "kept": 1.0,
    "answer": 2.6,
    "item": 5.0,
}


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
    return _texts(contents, "assumptions", assumptions(contents), ("text", "subject", "value", "source"))


def assumptions(contents: Contents) -> list[tuple[Value, ...]]:
    """Note, what it is about, value, source; what the same words say of several things in one row."""
    lang = contents.lang
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for row in records(contents.tables["assumptions"]):
        same = (sections(row["note"], lang), source(contents, row["source"]))
        about = (subject(contents, row["field"]), _value(contents, row["field"], row["value"]))
        if about not in found.setdefault(same, []):
            found[same].append(about)
    rows: list[tuple[Value, ...]] = []
    for (note, where), abouts in found.items():
        values = {value for _, value in abouts if value}
        apart = len(values) > 1
        told = [
            say("proposal.subject.with", lang, subject=name, value=value) if apart and value else name
            for name, value in abouts
        ]
        rows.append((note, "; ".join(dict.fromkeys(told)) or None, _only(values), where))
    return rows


def _only(values: set[str]) -> Value:
    return next(iter(values)) if len(values) == 1 else None


def subject(contents: Contents, field: str) -> str:
    """What an entry of the scenario is about, as readers know it: ``kinds.x.capacity`` is about that kind."""
    lang, (first, *rest) = contents.lang, field.split(".")
    name = rest[0] if rest else ""
    if first in ("services", "kinds"):
        return contents.words[first[:-1]].get(name, name)
    if first == "stages":
        return capital(stage(contents, name))
    if first == "objectives":
        return say("proposal.subject.objective", lang, n=int(name) + 1)
    if first == "rules":
        texts = contents.tables["rules"].set_index("rule")[f"text_{lang}"]
        return str(texts.get(name, ""))
    if first == "premises" and name == "named":
        known = (
            contents.tables["facilities"].drop_duplicates("premises").set_index("premises")["premises_name"]
        )
        return str(known.get(rest[1], say("proposal.subject.premises", lang)))
    key = f"proposal.subject.{first}"
    return say(key, lang) if key in catalogue() else first


SHARES = ("share", "uptake", "growth", "outflow")
UNITS = {"minutes": "minutes", "kmh": "speed", "per_year": "visits"}
"""How a figure is said whose entry ends so."""


def _value(contents: Contents, field: str, value: Any) -> str:
    """A figure with its unit; a commune by its name, not its code; "" where there is none."""
    lang, last = contents.lang, field.rsplit(".", 1)[-1]
    if isinstance(value, str):
        return _named(contents, last, value)
    plain = text_of(value, lang)
    if not plain or isinstance(value, bool | Mapping):
        return plain
    if field.startswith("rules.") or last.endswith(SHARES):
        return percent(float(value), lang, 0 if float(100 * value).is_integer() else 1)
    if last.endswith("_vnd"):
        return vnd(int(value), lang)
    unit = next((unit for end, unit in UNITS.items() if last.endswith(end)), None)
    return say(f"proposal.value.{unit}", lang, n=plain) if unit else plain


def _named(contents: Contents, last: str, value: str) -> str:
    """A code as readers know it; persons of a shared edition are words, among them plain numbers."""
    if last == "commune":
        known = contents.tables["communes"].set_index("commune_code")["commune"]
        return str(known.get(value, ""))
    if value.isdecimal():
        return number(int(value), contents.lang)
    return contents.words["objective"].get(value, value)


def _rules(contents: Contents) -> Part | None:
    lang = contents.lang
    rows: list[tuple[Value, ...]] = []
    for row in records(contents.tables["rules"]):
        # A shared file tells of a soft target neither that it is kept nor that it is not.
        known = row["kept"] is not None and not pd.isna(row["kept"])
        kept = say("exports.yes" if row["kept"] else "exports.no", lang) if known else None
        rows.append((rule(contents, row), source(contents, row["source"]) or None, kept))
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


ONLY_FILES = frozenset({"seconds", "libraries", "python", "travel", "boundaries"})
"""Entries that say nothing to who reads on paper; the properties of each file hold them all."""


CHECKSUM = re.compile("[0-9a-f]{64}")
PRINTED = 16
"""Letters of a checksum that stand on paper, to tell prints apart; each file holds it whole."""


def _provenance(contents: Contents) -> Part | None:
    exact, spoken = records(contents.tables["provenance"]), records(contents.spoken("provenance"))
    rows: list[tuple[Value, ...]] = []
    for code, row in zip(exact, spoken, strict=True):
        if code["item"].split(".")[0] in ONLY_FILES:
            continue
        known = f"proposal.{code['item']}.{code['value']}"
        plain = f"{row['value'][:PRINTED]}…" if CHECKSUM.fullmatch(row["value"]) else row["value"]
        rows.append((row["item"], say(known, contents.lang) if known in catalogue() else plain))
    return _texts(contents, "provenance", rows, ("item", "text"))
