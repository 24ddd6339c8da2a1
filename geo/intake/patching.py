"""From counts by commune to a change of a scenario's registered persons."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Literal

from errors import DataError, Problem
from geo.intake.counts import block
from geo.intake.matching import MatchReport
from text import both

Totals = Literal["check", "recompute"]
"""What becomes of the totals a scenario states: held against the communes, or taken from them."""


def patch(
    report: MatchReport,
    *,
    groups: Mapping[str, str],
    by_group: Mapping[str, int | None],
    total: int,
    totals: Totals = "check",
    source: str = "user",
    note: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """What to merge over a scenario: ``{"registered_persons": {"by_commune": …}}`` and new totals.

    With ``check`` the stated totals stay: a group whose communes all have a count must come to its total, and
    no group may exceed it.  With ``recompute`` the total of a group whose communes all have a count is their
    sum, and the whole is the sum of the groups (``inferred``, with a note); other groups keep theirs.

    Args:
        report: counts without problems.
        groups: group by commune code.
        by_group: the persons that the scenario states by group; None where it states none.
        total: the persons that it states in all.
        totals: see above.
        source: where the counts come from, as a scenario writes sources.
        note: in both languages; the file's name if not given.

    Raises:
        DataError: ``counts.*``: the report has problems, or counts and totals do not agree.
    """
    file = report.sheet.file
    note = note or both("counts.import.note", file=file)._asdict()
    inner = block(report, source=source, note=note)
    sums: dict[str, int] = defaultdict(int)
    open_: set[str] = set()
    for code, group in groups.items():
        sums[group] += report.persons.get(code, 0)
        if code not in report.persons:
            open_.add(group)
    new = {g: sums[g] for g in by_group if g not in open_ and by_group[g] != sums[g]}
    if totals == "check":
        new = {g: n for g, n in new.items() if by_group[g] is None}
    problems = _disagreements({**by_group, **new}, sums, open_, file)
    persons = {group: new.get(group, stated) for group, stated in by_group.items()}
    known = sum(n or 0 for n in persons.values())
    complete = all(n is not None for n in persons.values())
    if known > total and totals == "check":
        problems.append(Problem("counts.total_exceeded", file, {"stated": total, "summed": known}))
    if problems:
        raise DataError(problems)
    said = {"source": "inferred", "note": both("counts.import.sum", file=file)._asdict()}
    if new:
        inner["by_group"] = {group: {"persons": n, **said} for group, n in sorted(new.items())}
    if complete:
        inner["missing_counts"] = None  # nothing is asked of the user any more
    if totals == "recompute" and (known > total or (complete and known != total)):
        inner["total"] = {"value": known, **said}
    return {"registered_persons": inner}


def _disagreements(
    stated: Mapping[str, int | None], sums: Mapping[str, int], open_: set[str], file: str
) -> list[Problem]:
    found = []
    for group, amount in sorted(stated.items()):
        if amount is None:
            continue
        values = {"group": group, "stated": amount, "summed": sums.get(group, 0)}
        if group not in open_ and sums.get(group, 0) != amount:
            found.append(Problem("counts.group_differs", file, values))
        elif sums.get(group, 0) > amount:
            found.append(Problem("counts.group_exceeded", file, values))
    return found
