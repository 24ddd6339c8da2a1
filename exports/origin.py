"""Where a file comes from: what was asked, of which data, by which program, what was proved, when, by whom.

Every file carries this as a `Stamp`, whatever its format (`put`), and `read` gets it back; so ``cli.py
reproduce`` can solve again and compare.  People read the same as `origin`.

**What a shared file carries.**  A stamp is made of `Contents` alone, after privacy: the shared edition's own
tables.  An internal file carries the whole scenario, so that it can be solved again from the file alone.  A
shared one must not, for the scenario holds counts; nor does it carry a checksum of the scenario or of counts,
since whoever guesses the counts (there are ten values of a hidden one) could test the guess.  Salting the
checksum would not help: a salt that travels along is no secret, and one that stays in the office would tell
no more than the office's own ``plan.json`` does.  In its place stand a checksum of what was asked without
persons (`planner.run.digest_without_counts`) and one of each table as this edition shows it: they follow
from what anybody can read in the file, and so tell nothing further.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from exports import lines, seals
from planner.reproduce import Claim, Said
from tables import records
from text import say

if TYPE_CHECKING:
    from exports.contents import Contents

COMPARED = (
    "communes", "facilities", "coverage", "group_coverage", "stages", "counts", "targets", "balance", "rules",
    "assumptions",
)  # fmt: skip
"""Tables whose checksums a stamp carries, so that a difference can be found where it is."""


def stamp(contents: Contents) -> Claim:
    """What the file says of its plan, to be compared with the plan that comes out when it is solved again."""
    tables = contents.tables
    entries = {row["item"]: row["value"] for row in records(tables["provenance"])}
    return Claim(
        edition=contents.edition,
        lang=contents.lang,
        scenario=contents.scenario,
        status=entries.get("status", ""),
        objectives=tuple(_said(row) for row in records(tables["objectives"])),
        openings=_openings(tables.get("openings")),
        provenance=entries,
        tables={name: _checksum(tables[name]) for name in COMPARED if name in tables},
        written=contents.written,
        by=contents.by,
        asked=contents.asked,
    )


def origin(contents: Contents) -> tuple[tuple[str, str], ...]:
    """The same for people: (label, value) pairs in the language of the file."""
    first = [("written", lines.day(contents.written, contents.lang)), ("by", contents.by)]
    told = [(say(f"origin.{name}", contents.lang), value) for name, value in first if value]
    told += [(row["item"], row["value"]) for row in records(contents.spoken("provenance"))]
    return tuple((str(label), str(value)) for label, value in told)


def put(contents: Contents, path: Path) -> None:
    """Write the stamp into the file at `path`, in the way of its format (`seals`).

    Raises:
        OSError: it cannot be written.
    """
    seals.put(packed(contents), path)


def packed(contents: Contents) -> bytes:
    """The stamp as it stands in a file."""
    text = json.dumps(as_data(stamp(contents)), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.encode()


def read(path: Path) -> Claim:
    """The stamp of a file that this program wrote: any of ``exports.WRITERS``, or ``plan.json``.

    Raises:
        DataError: ``origin.no_file``, ``origin.none``, ``origin.damaged``.
    """
    return _unpacked(seals.taken(path), path)


def as_data(claim: Claim) -> dict[str, Any]:
    """A stamp as plain data."""
    return claim._asdict() | {"objectives": [said._asdict() for said in claim.objectives]}


def _unpacked(content: bytes, path: Path) -> Claim:
    """The stamp, if every part of it is of the kind it should be: the file may come from anywhere."""
    try:
        given = json.loads(content)
        claim = Claim(**given | {"objectives": tuple(Said(**said) for said in given["objectives"])})
    except (ValueError, TypeError, KeyError, RecursionError) as why:
        raise seals.damaged(path) from why
    if not claim.is_sound():
        raise seals.damaged(path)
    return claim


def _said(row: Mapping[str, Any]) -> Said:
    def known(value: Any) -> float | None:
        return None if pd.isna(value) else float(value)

    return Said(str(row["objective"]), *(known(row[name]) for name in ("value", "bound", "gap")))


def _openings(frame: pd.DataFrame | None) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for row in records(frame) if frame is not None else ():
        found.setdefault(row["facility"], {})[row["stage"]] = int(row["opened"])
    return found


def _checksum(frame: pd.DataFrame) -> str:
    """SHA-256 of a table as it is shown; shapes apart, which bear on no figure."""
    plain = pd.DataFrame(frame).drop(columns="geometry", errors="ignore")
    return hashlib.sha256(plain.to_csv(index=False, float_format="%.6g").encode()).hexdigest()
