"""A planner's own table of minutes: from a commune, to premises or a commune, one-way minutes.

Delimited text in any usual encoding, XLSX, or Parquet, a row a pair, under headings that say which column is
which.  `read` takes the file apart, `matrix` holds it against the places of a scenario.  Every fault is told
with its row; nothing is dropped, and a pair that is missing goes by the straight line only where the planner
says so.

The bounds below are of plausibility, not of policy: they tell minutes from hours, seconds and slips of the
pen.
"""

from __future__ import annotations

import hashlib
import io
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from errors import DataError, Problem
from geo.intake import grids
from geo.intake.quantities import Cell
from geo.travel import straight_line_minutes
from text import Lang, Text, both, fold, number, tidy

Floats = npt.NDArray[np.float64]

SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".parquet")
MOST_BYTES = 200 * 1024 * 1024
MOST_ROWS = 5_000_000
SHOWN = 20
"""Rows with the same fault that are told one by one."""

LONGEST = 1440.0
"""Minutes: where the middle trip takes longer than a day, they are seconds."""
SLOWEST, FASTEST = 1.0, 200.0
"""km/h of the straight line: below and above these the middle trip is not in minutes."""
ODD, ABSURD, ODD_MINUTES = 3.0, 10.0, 15.0
"""How much longer one way is, from which a pair is told, and refused, if by so many minutes."""

_HEADINGS = {
    "from": "from|origin|tu|di|noidi|xadi|tuxa|maxa|maxadi|fromcode|communecode|commune|diemdi",
    "to": "to|destination|dest|den|noiden|denxa|diemden|coso|cosoden|macoso|premises|tocode|maxaden",
    "minutes": "minutes|minute|min|mins|phut|sophut|thoigian|thoigianphut|phutdi|thoigiandi|time|traveltime",
}


@dataclass(frozen=True, eq=False, kw_only=True)
class Pairs:
    """The rows of a table as they stand.

    Attributes:
        file: its name, for messages.
        rows: number of each row in the file, from 1, (n,).
        start, end: codes as text, (n,).
        minutes: NaN where a cell is empty or no number, (n,).
        given: the cells behind `minutes`, for messages, (n,).
        checksum: SHA-256 of the file.
    """

    file: str
    rows: npt.NDArray[np.int64]
    start: tuple[str, ...]
    end: tuple[str, ...]
    minutes: Floats
    given: tuple[str, ...]
    checksum: str

    def where(self, n: int) -> str:
        """The row of a pair, as messages name it."""
        return f"{self.file}:{self.rows[n]}"


@dataclass(frozen=True, eq=False, kw_only=True)
class OwnMatrix:
    """A table held against the places of a scenario.

    Attributes:
        minutes: from each commune to each premises, (I, J); NaN where the table has no entry.
        between: from premises to premises, (J, J), likewise; None where it was not asked for.
        pairs: rows of the table.
        odd: pairs that take far longer one way than the other, the worst first, in words.
    """

    minutes: Floats
    between: Floats | None
    pairs: int
    odd: tuple[Text, ...]


# --- the file ------------------------------------------------------------------------------------


def read(name: str, content: bytes) -> Pairs:
    """The pairs that a file holds.

    Args:
        name: the file's name; its ending says what it is.
        content: the whole file.

    Raises:
        DataError: ``matrix.format``, ``matrix.too_large``, ``matrix.unreadable``, ``matrix.columns``,
            ``matrix.empty``; ``grid.*`` and ``upload.*`` as in ``geo.intake``.
    """
    file = tidy(name)
    suffix = next((s for s in SUFFIXES if file.lower().endswith(s)), None)
    if suffix is None:
        raise DataError(Problem("matrix.format", file, {"known": ", ".join(SUFFIXES)}))
    if len(content) > MOST_BYTES:
        raise DataError(Problem("matrix.too_large", file, {"most": MOST_BYTES // 2**20}))
    if suffix == ".parquet":
        head, columns, first = _parquet(file, content)
    else:
        head, columns, first = _sheet(file, content, excel=suffix == ".xlsx")
    start, end, given = columns
    kept = [
        n
        for n, row in enumerate(zip(start, end, given, strict=True))
        if any(c not in (None, "") for c in row)
    ]
    if not kept:
        raise DataError(Problem("matrix.empty", file, {"columns": ", ".join(head)}))
    return Pairs(
        file=file,
        rows=np.array(kept) + first,
        start=tuple(_code(start[n]) for n in kept),
        end=tuple(_code(end[n]) for n in kept),
        minutes=np.array([_number(given[n]) for n in kept], dtype=np.float64),
        given=tuple(tidy("" if given[n] is None else str(given[n]))[:40] for n in kept),
        checksum=hashlib.sha256(content).hexdigest(),
    )


def written(minutes: Floats, origins: Sequence[str], hosts: Sequence[str]) -> bytes:
    """A matrix as such a table, CSV in UTF-8; `read` and `matrix` give the same numbers back.

    Infinite minutes (nobody goes there) have no row.
    """
    rows = (
        f"{i},{j},{value!r}\n"
        for i, line in zip(origins, minutes.tolist(), strict=True)
        for j, value in zip(hosts, line, strict=True)
        if math.isfinite(value)
    )
    return ("from,to,minutes\n" + "".join(rows)).encode()


def _sheet(file: str, content: bytes, *, excel: bool) -> tuple[list[str], list[list[Cell]], int]:
    """Headings, the three columns, and the number of the first row below the headings."""
    rows: Sequence[Sequence[Cell]]
    if excel:
        rows, skipped = grids.read(file, content)[0].rows, 0
    else:
        rows, skipped = grids.text_rows(file, content)
    for n, row in enumerate(rows[:SHOWN]):
        if (at := _roles([str(cell or "") for cell in row])) is not None:
            head = [tidy(str(row[c])) for c in at]
            body: list[list[Cell]] = [
                [(line[c] if c < len(line) else None) for line in rows[n + 1 :]] for c in at
            ]
            return head, body, n + 2 + skipped
    shown = next((row for row in rows if any(row)), [])
    found = ", ".join(tidy(str(cell)) for cell in list(shown)[:SHOWN] if cell not in (None, ""))
    raise DataError(Problem("matrix.columns", file, {"found": found[:200] or "–"}))


def _parquet(file: str, content: bytes) -> tuple[list[str], list[list[Cell]], int]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.ParquetFile(io.BytesIO(content))
        names = [str(name) for name in table.schema_arrow.names]
        if table.metadata.num_rows > MOST_ROWS:
            raise DataError(Problem("matrix.too_large", file, {"most": MOST_BYTES // 2**20}))
        if (at := _roles(names)) is None:
            found = ", ".join(map(tidy, names[:SHOWN]))
            raise DataError(Problem("matrix.columns", file, {"found": found[:200] or "–"}))
        wanted = [names[c] for c in at]
        frame = table.read(columns=wanted)
        return wanted, [frame.column(name).to_pylist() for name in wanted], 1
    except (pa.ArrowException, OSError, ValueError) as why:
        raise DataError(Problem("matrix.unreadable", file, {"why": tidy(str(why))[:120]})) from why


def _roles(headings: Sequence[str]) -> list[int] | None:
    """Columns of `from`, `to` and `minutes`, or None where one of them is not there."""
    folded = [fold(heading) for heading in headings]
    found = [
        next((c for word in words.split("|") for c, given in enumerate(folded) if given == word), None)
        for words in _HEADINGS.values()
    ]
    at = [c for c in found if c is not None]
    return at if len(set(at)) == len(_HEADINGS) else None


def _code(cell: Cell) -> str:
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return tidy("" if cell is None else str(cell))


_DECIMAL = re.compile(r"[-−]?\d+(?:[.,]\d+)?(?:[eE][-+]?\d+)?")


def _number(cell: Cell) -> float:
    """Minutes of a cell: one comma or point is a decimal one; NaN for what is no number."""
    if isinstance(cell, bool) or cell is None:
        return math.nan
    if isinstance(cell, int | float):
        return float(cell)
    said = tidy(str(cell)).removesuffix("phút").removesuffix("min").strip()
    if said.lower() in ("inf", "infinity", "∞"):
        return math.inf
    return float(said.replace(",", ".").replace("−", "-")) if _DECIMAL.fullmatch(said) else math.nan


# --- held against the places ---------------------------------------------------------------------


def matrix(
    pairs: Pairs, communes: pd.DataFrame, premises: pd.DataFrame, *, between: bool = False,
    allow_missing: bool = False,
) -> OwnMatrix:  # fmt: skip
    """Minutes between the places of a scenario, by the table alone.

    An entry for premises goes before one for their commune.  Between a commune and premises at its very point
    no entry is needed: 0 where there is none.

    Args:
        pairs: of `read`.
        communes: commune_code, lat, lon, (I,).
        premises: premises, commune_code, lat, lon, (J,).
        between: whether minutes from premises to premises are needed too; where an entry from premises is
            missing, that from their commune stands in.
        allow_missing: leave NaN where the table has no entry, instead of refusing it.

    Raises:
        DataError: ``matrix.*``, each with its rows.
    """
    places = _Places(communes, premises)
    a, b = places.index(pairs.start), places.index(pairs.end)
    problems = [*_faults(pairs, places, a, b)]
    if problems:
        raise DataError(problems)
    problems += _units(pairs, places, a, b)
    odd, absurd = _asymmetric(pairs, places, a, b)
    problems += absurd
    n = len(places.codes)
    known = np.full((n, n), np.nan)
    known[a, b] = pairs.minutes
    found = places.matrix(known, places.communes)
    fed = places.matrix(known, places.premises) if between else None
    if not allow_missing:
        problems += _missing(pairs, places, found, places.communes)
        problems += [] if fed is None else _missing(pairs, places, fed, places.premises)
    if problems:
        raise DataError(problems)
    return OwnMatrix(minutes=found, between=fed, pairs=len(pairs.rows), odd=odd)


class _Places:
    """Communes and premises under one numbering: communes first."""

    def __init__(self, communes: pd.DataFrame, premises: pd.DataFrame) -> None:
        self.codes = [*communes["commune_code"], *premises["premises"]]
        self.lon = np.concatenate([communes["lon"].to_numpy(float), premises["lon"].to_numpy(float)])
        self.lat = np.concatenate([communes["lat"].to_numpy(float), premises["lat"].to_numpy(float)])
        self.communes = np.arange(len(communes))
        self.premises = len(communes) + np.arange(len(premises))
        number = {code: n for n, code in enumerate(communes["commune_code"])}
        self.home = np.array([*self.communes, *(number[code] for code in premises["commune_code"])])
        self._number = {code: n for n, code in enumerate(self.codes)}

    def index(self, codes: Sequence[str]) -> npt.NDArray[np.int64]:
        """The number of each place, −1 where it is none; a code may have lost its leading zeros."""
        return np.array(
            [self._number.get(c, self._number.get(c.zfill(5), -1)) for c in codes], dtype=np.int64
        )

    def together(self, a: npt.NDArray[np.int64], b: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        """Whether two places stand at the same point."""
        return np.asarray((self.lon[a] == self.lon[b]) & (self.lat[a] == self.lat[b]))

    def km(self, a: npt.NDArray[np.int64], b: npt.NDArray[np.int64]) -> Floats:
        """Length of the straight line."""
        points = np.column_stack([self.lon, self.lat])
        whole = straight_line_minutes(points, points, detour_factor=1.0, speed_kmh=60.0)
        return whole[a, b]

    def matrix(self, known: Floats, origins: npt.NDArray[np.int64]) -> Floats:
        """Rows of the table from `origins` to all premises: as given, else by way of the communes."""
        start, end = np.meshgrid(origins, self.premises, indexing="ij")
        same = self.together(start.ravel(), end.ravel()).reshape(start.shape)
        elsewhere = self.home[start] != self.home[end]
        found = known[start, end]
        ways = [(start, self.home[end]), (self.home[start], end), (self.home[start], self.home[end])]
        for by in ways:
            through = known[by]
            found = np.where(np.isnan(found) & (elsewhere | (through > 0)), through, found)
        return np.where((np.isnan(found) & same) | (start == end), 0.0, found)


def _faults(
    pairs: Pairs, places: _Places, a: npt.NDArray[np.int64], b: npt.NDArray[np.int64]
) -> Iterator[Problem]:
    """What is wrong with single rows."""
    known = (a >= 0) & (b >= 0)
    twice = known & pd.DataFrame({"a": a, "b": b}).duplicated().to_numpy()
    minutes = pairs.minutes
    apart = known & ~places.together(np.maximum(a, 0), np.maximum(b, 0))
    cases = {
        "unknown_from": a < 0,
        "unknown_to": b < 0,
        "twice": twice,
        "not_a_number": np.isnan(minutes),
        "not_finite": np.isinf(minutes),
        "negative": minutes < 0,
        "zero": (minutes == 0) & apart,
    }
    for code, found in cases.items():
        rows = np.flatnonzero(found)
        for n in rows[:SHOWN].tolist():
            values = {
                "start": pairs.start[n] or "–",
                "end": pairs.end[n] or "–",
                "given": pairs.given[n] or "–",
            }
            yield Problem(f"matrix.{code}", pairs.where(n), values)
        if len(rows) > SHOWN:
            yield Problem(
                "matrix.more", pairs.file, {"n": len(rows) - SHOWN, "row": int(pairs.rows[rows[SHOWN]])}
            )


def _units(
    pairs: Pairs, places: _Places, a: npt.NDArray[np.int64], b: npt.NDArray[np.int64]
) -> Iterator[Problem]:
    """Whether these can be minutes: by the middle trip, and by the speed that it would mean."""
    km = places.km(a, b)
    far = (km > 1) & (pairs.minutes > 0)
    if not far.any():
        return
    middle = float(np.median(pairs.minutes[far]))
    kmh = float(np.median(km[far] / pairs.minutes[far] * 60))
    values = {"middle": f"{middle:.3g}", "kmh": f"{kmh:.3g}"}
    if middle > LONGEST or kmh < SLOWEST:
        yield Problem("matrix.seconds", pairs.file, values)
    elif pairs.minutes[far].max() < 1 or kmh > FASTEST:
        yield Problem("matrix.hours", pairs.file, values)


def _asymmetric(
    pairs: Pairs, places: _Places, a: npt.NDArray[np.int64], b: npt.NDArray[np.int64]
) -> tuple[tuple[Text, ...], list[Problem]]:
    """Pairs far longer one way than the other, by their points: those to tell, and those to refuse."""
    points = pd.factorize(pd.Series(list(zip(places.lon.tolist(), places.lat.tolist(), strict=True))))[0]
    frame = pd.DataFrame({"p": points[a], "q": points[b], "minutes": pairs.minutes, "n": np.arange(len(a))})
    back = frame.rename(columns={"p": "q", "q": "p"})
    ways = frame.merge(back, on=["p", "q"], suffixes=("", "_back"))
    ways = ways[(ways["minutes"] - ways["minutes_back"]) >= ODD_MINUTES]
    ways = ways.assign(ratio=ways["minutes"] / ways["minutes_back"].clip(lower=1e-9))
    ways = ways[ways["ratio"] >= ODD].sort_values(["ratio", "n"], ascending=[False, True])
    odd, absurd = [], []
    for n, back_n, ratio in zip(*(ways[c].tolist() for c in ("n", "n_back", "ratio")), strict=True):
        values: dict[str, object] = {
            "start": pairs.start[n], "end": pairs.end[n], "row": int(pairs.rows[n]),
            "there": _plain(pairs.minutes[n]), "back": _plain(pairs.minutes[back_n]),
        }  # fmt: skip
        if ratio >= ABSURD:
            absurd.append(Problem("matrix.absurd", pairs.where(n), values))
        else:
            odd.append(both("travel.table.odd", **values))
    return tuple(odd[:SHOWN]), absurd[:SHOWN]


def _missing(
    pairs: Pairs, places: _Places, found: Floats, origins: npt.NDArray[np.int64]
) -> Iterator[Problem]:
    """One problem for all pairs without an entry, the first of them named."""
    gaps = np.argwhere(np.isnan(found))
    if len(gaps):
        shown = "; ".join(
            f"{places.codes[origins[i]]} → {places.codes[places.premises[j]]}" for i, j in gaps[:5].tolist()
        )
        values = {"n": len(gaps), "all": found.size, "shown": shown + ("; …" if len(gaps) > 5 else "")}
        yield Problem("matrix.missing", pairs.file, values)


def _plain(minutes: float, lang: Lang = "en") -> str:
    return number(minutes, lang, 1)
