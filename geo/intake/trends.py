"""What else a sheet of counts tells: how registers grew, and who they hold by sex, age and substance.

Growth is compound, from the first to the last year, of the communes that have a count in both.  The share of
opioids is what methadone treats; it is taken from columns of substances only where these add up to the count
of every row that has them.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from errors import DataError, Problem
from geo.intake.headings import Dimension, plain
from geo.intake.matching import MatchReport, Row
from geo.names import fold_name

FEWEST = 50
"""Persons below whom a growth or share is chance: of 50, a share of 70 % is known to ± 13 points."""

DIMENSIONS: tuple[Dimension, ...] = ("sex", "age", "substance")

_LEAST_GROWTH, _MOST_GROWTH = -0.5, 1.0  # what `scenarios.figures.Rate` takes
_YEAR = re.compile(r"(?:19|20)\d\d")
_OPIOID = re.compile(r"\b(?:heroin|thuoc phien|opioids?|opiates?|opium|cdtp|morphin\w*)\b")
_OTHER = re.compile(
    r"\b(?:tong hop|synthetics?|khac|others?|ats|ma tuy da|meth(?!adon)\w*|amphetamin\w*|can sa|cannabis|"
    r"thuoc lac|ecstasy|ketamin\w*|hong phien|da$)\b"
)


@dataclass(frozen=True, slots=True)
class Growth:
    """Persons in the first and last year of the communes that have a count in both."""

    first: int
    last: int
    communes: int
    before: int
    after: int

    @property
    def rate(self) -> float:
        """Compound growth a year, above -1."""
        return float((self.after / self.before) ** (1 / (self.last - self.first)) - 1)


@dataclass(frozen=True, slots=True)
class Gap:
    """A row whose parts do not make its count; `summed` is None where a part (`label`) is no count."""

    row: Row
    stated: int
    summed: int | None
    label: str = ""

    @property
    def problem(self) -> Problem:
        """The same as a message."""
        line = self.row.line
        values: dict[str, object] = {"name": line.name or line.code, "stated": self.stated}
        if self.summed is None:
            return Problem("trends.bad_part", line.where, values | {"column": self.label})
        values |= {"summed": self.summed, "difference": f"{self.summed - self.stated:+d}"}
        return Problem("trends.parts_differ", line.where, values)


@dataclass(frozen=True)
class Parts:
    """Persons of one dimension, summed over the `communes` with parts, and the rows that do not add up.

    `repeated` are headings that stand more than once, so that nothing can be added up.  `by_code` has the
    persons of each heading by commune, `counted` their counts.
    """

    dimension: Dimension
    by_code: dict[str, dict[str, int]]
    counted: dict[str, int]
    gaps: tuple[Gap, ...]
    repeated: tuple[str, ...]

    @property
    def persons(self) -> int:
        """Persons in the communes that have parts."""
        return sum(self.counted.values())

    @property
    def whole(self) -> bool:
        """Whether the parts make the count everywhere."""
        return not self.gaps and not self.repeated and self.persons > 0

    @property
    def by_label(self) -> dict[str, int]:
        """Persons by heading."""
        return {label: sum(persons.values()) for label, persons in self.by_code.items()}


@dataclass(frozen=True, slots=True)
class Portion:
    """Persons who use opioids among `persons`."""

    opioid: int
    persons: int

    @property
    def share(self) -> float:
        """In [0, 1]; nan of nobody."""
        return self.opioid / self.persons if self.persons else float("nan")


@dataclass(frozen=True, slots=True)
class Opioids:
    """Who uses opioids: of all in `communes`, and of each group."""

    every: Portion
    communes: int
    by_group: dict[str, Portion]

    @property
    def own(self) -> dict[str, Portion]:
        """Groups with at least `FEWEST` persons; any other gets the share of all."""
        return {group: one for group, one in self.by_group.items() if one.persons >= FEWEST}


# --- growth ----------------------------------------------------------------------------------------


def growth(report: MatchReport) -> Growth:
    """Growth from the first to the last year.

    Raises:
        DataError: ``trends.no_years``: no two years with communes in both; ``trends.few``: fewer than
            `FEWEST` persons; ``trends.odd_growth``: less than half or more than twice as many each year.
    """
    file = report.sheet.file
    repeated = _repeated(report)
    counts = {
        int(year): {code: n for code, n in found.items() if code not in repeated}
        for year, found in report.by_year.items()
        if _YEAR.fullmatch(year) and found
    }
    listed = ", ".join(report.by_year) or "–"
    if len(counts) < 2:
        raise DataError(Problem("trends.no_years", file, {"years": listed}))
    first, last = min(counts), max(counts)
    shared = counts[first].keys() & counts[last].keys()
    if not shared:
        raise DataError(Problem("trends.no_years", file, {"years": listed}))
    before, after = (sum(counts[year][code] for code in shared) for year in (first, last))
    if before < FEWEST:
        raise DataError(Problem("trends.few", file, {"persons": before, "fewest": FEWEST}))
    found = Growth(first, last, len(shared), before, after)
    if not _LEAST_GROWTH <= found.rate <= _MOST_GROWTH:
        values = {"percent": round(100 * found.rate), "first": first, "last": last}
        raise DataError(Problem("trends.odd_growth", file, values))
    return found


def _repeated(report: MatchReport) -> set[str]:
    """Communes that stand twice in one of the years that rows tell apart: which count holds is unknown."""
    seen = Counter(
        (line.year, fold_name(line.name), line.under, line.code)
        for line in report.sheet.lines
        if line.year and line.kind == "commune"
    )
    twice = {key[1:] for key, n in seen.items() if n > 1}
    rows = ((row.code, row.line) for row in report.rows if row.code is not None)
    return {code for code, line in rows if (fold_name(line.name), line.under, line.code) in twice}


# --- parts -----------------------------------------------------------------------------------------


def parts(report: MatchReport) -> tuple[Parts, ...]:
    """What the sheet tells by sex, age and substance, held against the count of each row.

    A row without any part of a dimension is left out of it; an empty cell beside filled ones is nobody.
    """
    kinds = {id(grid): [kind for kind, *_ in columns.parts] for grid, columns in report.sheet.layouts}
    spelt: dict[str, str] = {}
    for _, columns in report.sheet.layouts:
        for _, label, _ in columns.parts:
            spelt.setdefault(plain(label), label)
    found = []
    for dimension in DIMENSIONS:
        twice = sorted({
            label
            for _, columns in report.sheet.layouts
            for label, n in Counter(text for kind, text, _ in columns.parts if kind == dimension).items()
            if n > 1
        })  # fmt: skip
        by_code: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        counted: dict[str, int] = defaultdict(int)
        gaps: list[Gap] = []
        for row in report.rows:
            cells = zip(kinds[id(row.line.grid)], row.line.parts, strict=True)
            mine = [(label, count) for kind, (label, count) in cells if kind == dimension]
            said = [(label, count) for label, count in mine if count.number is not None or count.fault]
            if not said or row.persons is None or "left_out" in row.remarks:
                continue
            bad = next((label for label, count in said if count.fault), None)
            summed = None if bad is not None else sum(count.number or 0 for _, count in said)
            if summed != row.persons:
                gaps.append(Gap(row, row.persons, summed, bad or ""))
            if row.code is not None:
                counted[row.code] += row.persons
                for label, count in mine:
                    by_code[spelt[plain(label)]][row.code] += count.number or 0
        if counted or gaps:
            content = {label: dict(persons) for label, persons in by_code.items()}
            found.append(Parts(dimension, content, dict(counted), tuple(gaps), tuple(twice)))
    return tuple(found)


def side(label: str) -> Literal["opioid", "other"] | None:
    """Which substances a heading names; None where it names both or neither."""
    said = plain(label)
    opioid, other = bool(_OPIOID.search(said)), bool(_OTHER.search(said))
    return None if opioid == other else "opioid" if opioid else "other"


def opioids(report: MatchReport, groups: Mapping[str, str]) -> Opioids:
    """The share of opioids in all and in each group.

    Args:
        report: the counts.
        groups: group by commune code.

    Raises:
        DataError: ``trends.no_substances``, ``trends.repeated_part``, ``trends.unclear_substance``,
            ``trends.parts_differ`` and ``trends.bad_part`` for each row, ``trends.few``.
    """
    found = next((one for one in parts(report) if one.dimension == "substance"), None)
    if problems := list(_hindrances(found, report.sheet.file)):
        raise DataError(problems)
    assert found is not None
    users: dict[str, int] = defaultdict(int)
    for label, persons in found.by_code.items():
        for code, n in persons.items():
            users[code] += n if side(label) == "opioid" else 0
    every = _portion(found.counted, users, found.counted)
    members: dict[str, list[str]] = defaultdict(list)
    for code in found.counted:
        if groups.get(code):
            members[groups[code]].append(code)
    by_group = {group: _portion(codes, users, found.counted) for group, codes in sorted(members.items())}
    return Opioids(every, len(found.counted), by_group)


def _hindrances(found: Parts | None, file: str) -> Iterator[Problem]:
    """Why no share of opioids is computed."""
    sides = {label: side(label) for label in found.by_code} if found else {}
    if found is None or not sides or ("opioid" not in sides.values() and None not in sides.values()):
        yield Problem("trends.no_substances", file, {"columns": ", ".join(sides) or "–"})
        return
    if unclear := [label for label, which in sides.items() if which is None]:
        yield Problem("trends.unclear_substance", file, {"columns": ", ".join(unclear)})
    if found.repeated:
        yield Problem("trends.repeated_part", file, {"columns": ", ".join(found.repeated)})
        return
    yield from (gap.problem for gap in found.gaps)
    if not found.gaps and found.persons < FEWEST:
        yield Problem("trends.few", file, {"persons": found.persons, "fewest": FEWEST})


def _portion(codes: Iterable[str], users: Mapping[str, int], persons: Mapping[str, int]) -> Portion:
    listed = list(codes)
    return Portion(sum(users.get(code, 0) for code in listed), sum(persons[code] for code in listed))
