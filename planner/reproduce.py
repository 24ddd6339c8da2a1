"""Whether a file's plan comes out again: what the file claims beside what solving again gives.

A `Claim` is what a file says of its plan.  The same plan has the same openings, the same status and the same
objectives; where it is not the same, the differences say why: the scenario, the data, the program.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple

from optimization.solution import Level, Status
from planner.kept import Known
from text import LANGS, Lang

SAME = 1e-6
"""Relative difference at which two figures count as one."""

Kind = Literal["asked", "data", "status", "objective", "opening", "table", "version"]


class Said(NamedTuple):
    """An objective as a file tells it; None where it does not."""

    name: str
    value: float | None
    bound: float | None
    gap: float | None


class Claim(NamedTuple):
    """What a file says of its plan.

    Attributes:
        edition, lang, scenario: of the file; `scenario` is an id.
        status: what was proved.
        objectives: in order.
        openings: number of facilities that open, by facility id and stage.
        provenance: checksums and versions, flat: ``data_sha256.premises``.
        tables: a checksum of each table as the edition shows it.
        written, by: when (ISO 8601) and by whom; "" where nobody said.
        asked: the scenario as plain data; None where the file does not carry it.
    """

    edition: Literal["internal", "shared"]
    lang: Lang
    scenario: str
    status: str
    objectives: tuple[Said, ...]
    openings: Mapping[str, Mapping[str, int]]
    provenance: Mapping[str, str]
    tables: Mapping[str, str]
    written: str
    by: str
    asked: Mapping[str, Any] | None = None

    def is_sound(self) -> bool:
        """Whether every part is of its type; a file may hold anything."""
        words = (self.lang, self.scenario, self.status, self.written, self.by)
        texts: tuple[object, ...] = (self.provenance, self.tables)
        sound = [isinstance(word, str) for word in words]
        sound += [self.edition in ("internal", "shared"), self.lang in LANGS]
        sound += [isinstance(of, Mapping) and all(isinstance(v, str) for v in of.values()) for of in texts]
        sound += [_is_mapping(self.openings) and all(map(_counts, self.openings.values()))]
        sound += [_figures(said) for said in self.objectives]
        return all(sound) and (self.asked is None or _is_mapping(self.asked))


def _is_mapping(value: object) -> bool:
    return isinstance(value, Mapping)


def _counts(stages: object) -> bool:
    return isinstance(stages, Mapping) and all(isinstance(n, int) for n in stages.values())


def _figures(said: Said) -> bool:
    name, *figures = said
    return all([isinstance(name, str), *(n is None or isinstance(n, int | float) for n in figures)])


class Difference(NamedTuple):
    """One thing that is not as the file says.

    `name` is an entry of the scenario (dotted), of the provenance, of the tables, an objective, a facility.
    """

    kind: Kind
    name: str
    before: str
    now: str

    @property
    def bears(self) -> bool:
        """Whether the plan, or what it answers, is another for it; versions of programs are only told."""
        return self.kind != "version"


def differences(before: Claim, now: Claim) -> tuple[Difference, ...]:
    """What is not the same, causes first: scenario, data, then the answer, then the versions."""
    return (
        *_asked(before, now),
        *_entries("data", before, now),
        *_answer(before, now),
        *_entries("version", before, now),
    )


def same(found: tuple[Difference, ...]) -> bool:
    """Whether the file's plan came out again."""
    return not any(difference.bears for difference in found)


def known(claim: Claim) -> Known:
    """What the file keeps of its plan; what was proved only where it tells every objective."""
    proved = tuple(
        Level(said.name, said.value, said.bound, said.gap)
        for said in claim.objectives
        if said.value is not None and said.bound is not None and said.gap is not None
    )
    way = claim.provenance.get("way", "")
    if len(proved) < len(claim.objectives) or claim.status not in {status.value for status in Status}:
        return Known(claim.openings, way=way)
    seconds = {
        name.removeprefix("seconds."): float(value)
        for name, value in claim.provenance.items()
        if name.startswith("seconds.")
    }
    return Known(
        claim.openings, Status(claim.status), proved, seconds, claim.provenance.get("solver", ""), way
    )


# --- causes --------------------------------------------------------------------------------------


def _asked(before: Claim, now: Claim) -> Iterator[Difference]:
    """Entries of the scenario; only that something differs, where one side does not show it."""
    if before.asked is not None and now.asked is not None:
        old, new = _flat(before.asked), _flat(now.asked)
        for name in dict.fromkeys((*old, *new)):
            if old.get(name) != new.get(name):
                yield Difference("asked", name, _told(old.get(name)), _told(new.get(name)))
        return
    if before.scenario != now.scenario:
        yield Difference("asked", "id", before.scenario, now.scenario)
    entry = "asked_sha256"
    if before.provenance.get(entry) != now.provenance.get(entry):
        yield Difference("asked", "", before.provenance.get(entry, ""), now.provenance.get(entry, ""))


def _flat(value: object, within: str = "") -> dict[str, object]:
    if isinstance(value, Mapping) and value:
        return {k: v for key, inner in value.items() for k, v in _flat(inner, f"{within}.{key}").items()}
    if isinstance(value, list | tuple) and value:
        return {k: v for n, inner in enumerate(value) for k, v in _flat(inner, f"{within}.{n}").items()}
    return {within.removeprefix("."): value}


def _told(value: object) -> str:
    return "" if value is None else str(value)


NO_CAUSE = frozenset({"edition", "scenario", "status", "way", "seconds", "scenario_sha256", "asked_sha256"})
"""Entries of the provenance that are no cause, or that `_asked` tells better."""
ANSWER_DATA = ("data_sha256", "travel", "communes_list")
SHOWN_ONLY = frozenset({"data_sha256.boundaries"})
"""Data that bear on the maps alone."""


def _entries(kind: Literal["data", "version"], before: Claim, now: Claim) -> Iterator[Difference]:
    for name in dict.fromkeys((*before.provenance, *now.provenance)):
        first = name.split(".", 1)[0]
        data = first in ANSWER_DATA and name not in SHOWN_ONLY
        if first in NO_CAUSE or data != (kind == "data"):
            continue
        old, new = before.provenance.get(name, ""), now.provenance.get(name, "")
        if old != new:
            yield Difference(kind, name, old, new)


# --- the answer ----------------------------------------------------------------------------------


def _answer(before: Claim, now: Claim) -> Iterator[Difference]:
    if before.status != now.status:
        yield Difference("status", "", before.status, now.status)
    values = {said.name: said for said in before.objectives}, {said.name: said for said in now.objectives}
    for name in dict.fromkeys((*values[0], *values[1])):
        old, new = (_shown(of.get(name)) for of in values)
        if not all(_close(a, b) for a, b in zip(old, new, strict=True)):
            yield Difference("objective", name, _figure(old), _figure(new))
    for facility in dict.fromkeys((*before.openings, *now.openings)):
        old_, new_ = before.openings.get(facility, {}), now.openings.get(facility, {})
        if dict(old_) != dict(new_):
            yield Difference("opening", facility, _stages(old_), _stages(new_))
    for name in dict.fromkeys((*before.tables, *now.tables)):
        if before.tables.get(name) != now.tables.get(name):
            yield Difference("table", name, "", "")


def _shown(said: Said | None) -> tuple[float | None, float | None]:
    return (None, None) if said is None else (said.value, said.gap)


def _close(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=SAME, abs_tol=SAME)


def _figure(shown: tuple[float | None, float | None]) -> str:
    value, gap = shown
    return "; ".join(
        part
        for part in (
            "" if value is None else f"{value:.10g}",
            "" if gap is None or gap == 0 else f"gap {gap:.4g}",
        )
        if part
    )


def _stages(opened: Mapping[str, int]) -> str:
    return ", ".join(f"{stage} ({n})" if n > 1 else stage for stage, n in opened.items())
