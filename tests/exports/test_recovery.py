"""An attack: hidden counts worked out by linear algebra from everything that shared files say.

The attacker takes each figure of persons in the shared editions of many plans for the rounded sum over the
communes that it is about (who is within reach stands in the files), adds the group totals, which districts
publish, and asks linear programming between which numbers each hidden count must lie.  What `test_shared`
proves by exchange (no file depends on a hidden count) is here tried by force.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from exports.contents import Contents, Edition, contents_of
from exports.proposal.annexes import cover
from geo.privacy import SMALL
from tests.exports import plans

PLANS = 12
"""Plans whose files the attacker lays side by side."""

Measured = tuple[np.ndarray, float, float]
"""Coefficients over the communes, and between which numbers their sum lies."""

Reach = Callable[[pd.DataFrame, str, str], np.ndarray]
"""Who is within reach by a table, of a service, in a stage."""


def sites(rng: np.random.Generator) -> dict[str, tuple[int, int]]:
    """Facilities of another plan: each kind somewhere else, at another time."""
    return {f: (int(rng.integers(12)), int(rng.integers(-1, 3))) for f in plans.SITES}


def between(shown: object, edition: Edition) -> tuple[float, float] | None:
    """What a figure of persons says: a band, a number rounded to tens, or an exact number."""
    if edition == "internal":
        return (float(shown) - 1e-6, float(shown) + 1e-6) if pd.notna(shown) else None
    text = str(shown)
    if text == "0":
        return 0.0, 0.0
    if text == "≤10":
        return 1e-9, 10.5
    return (float(text) - (9.5 if text == "20" else 5.0), float(text) + 5.0) if text.isdigit() else None


def measurements(edition: Edition, others: Mapping[str, tuple[int, int]]) -> Iterator[Measured]:
    """What the files of one plan say about sums of counts: its tables, and the annex that is printed."""
    contents = contents_of(plans.plan(), edition=edition, lang="vi", beside=plans.beside(others=others))
    tables = contents.tables
    codes, groups = list(tables["communes"]["commune_code"]), tables["communes"]["group"].to_numpy()

    def reach(access: pd.DataFrame, service: str, stage: str) -> np.ndarray:
        here = access[(access["service"] == service) & (access["stage"] == stage)]
        return here.set_index("commune_code")["within_reach"].reindex(codes).to_numpy(dtype=bool)

    def said(row: Mapping[str, object], near: np.ndarray, columns: Mapping[str, str]) -> Iterator[Measured]:
        part = plans.SHARES[row["service"]] * 1.05 ** max(0, [*plans.STAGES, ""].index(row["stage"]) % 3)
        mine = groups == row["group"] if "group" in row else np.ones(len(codes), dtype=bool)
        who = {"demand": mine, "served": mine & near, "out_of_reach": mine & ~near}
        for column, name in columns.items():
            if limits := between(row[column], edition):
                yield who[name] * part, *limits

    same = {name: name for name in ("demand", "served", "out_of_reach")}
    for name in ("coverage", "group_coverage", "before_coverage", "before_groups"):
        access = tables["before" if name.startswith("before") else "access"]
        for row in tables[name].to_dict("records"):
            yield from said(row, reach(access, row["service"], row["stage"]), same)
    yield from _of_options(contents, edition, others, reach)
    for part in cover(contents).parts[1:]:
        names = [column.name for column in part.columns]
        of_name = dict(zip(tables["communes"]["group_name"], groups, strict=True))
        for cells in part.rows:
            row = dict(zip(names, cells, strict=True)) | {"service": part.name.removeprefix("groups_")}
            row["group"] = of_name[row["group"]]
            for when, stage, access in (("before", "", "before"), ("after", plans.STAGES[-1], "access")):
                there = reach(tables[access], row["service"], stage)
                told = [n for n in same if f"{when}_{n}" in row]
                columns = {f"{when}_{n}": n for n in told}
                yield from said(row | {"stage": stage}, there, columns)


def _of_options(
    contents: Contents, edition: Edition, others: Mapping[str, tuple[int, int]], reach: Reach
) -> Iterator[Measured]:
    """Person-years of the plan and of the published order, and what groups gain by the difference."""
    tables = contents.tables
    theirs = _reached_by(others)
    rate = plans.SHARES["counselling"] * 1.05 ** np.arange(3)
    years = {
        "plan": sum(
            reach(tables["access"], "counselling", stage) * rate[t] for t, stage in enumerate(plans.STAGES)
        ),
        "official": sum(theirs[t] * rate[t] for t in range(3)),
    }
    for row in tables["options"].to_dict("records"):
        if row["variant_id"] in years and (limits := between(row["person_years"], edition)):
            yield years[row["variant_id"]], *limits
    groups = tables["communes"]["group"].to_numpy()
    for row in tables.get("gains", pd.DataFrame()).to_dict("records"):
        sign = 1 if row["direction"] == "more" else -1
        if limits := between(row["gained"], edition):
            yield sign * (years["plan"] - years["official"]) * (groups == row["group"]), *limits


def _reached_by(sites: Mapping[str, tuple[int, int]]) -> list[np.ndarray]:
    """Who is within reach of counselling in each stage; places and times of openings are no secret."""
    found = []
    for t in range(3):
        there = [at for f, (at, opened) in sites.items() if f.endswith(":counselling") and opened <= t]
        trips = [[15.0 * (abs(n % 3 - at % 3) + abs(n // 3 - at // 3)) for at in there] for n in range(12)]
        found.append(np.array([min(trip, default=np.inf) <= plans.STANDARD for trip in trips]))
    return found


def attack(edition: Edition, monkeypatch: pytest.MonkeyPatch) -> dict[int, tuple[float, float]]:
    """Between which numbers each hidden count lies, by the files of `PLANS` plans.

    Figures that contradict each other are believed as far as they can be: the attacker allows every one of
    them the same error, the least with which all can be true.
    """
    rng = np.random.default_rng(7)
    counts, groups = np.array(plans.COUNTS, dtype=float), np.array(plans.GROUPS)
    rows: list[Measured] = []
    for _ in range(PLANS):
        monkeypatch.setattr(plans, "SITES", sites(rng))
        rows += measurements(edition, sites(rng))
    matrix = np.array([c for c, _, _ in rows], dtype=float)
    least, most = (np.array([r[n] for r in rows]) for n in (1, 2))
    figures = np.hstack([np.vstack([matrix, -matrix]), -np.ones((2 * len(rows), 1))])  # the last is the error
    said = np.concatenate([most, -least])
    published = np.array([np.append(groups == g, 0) for g in dict.fromkeys(groups)], dtype=float)
    totals = published[:, :-1] @ counts
    limits = [(0.0, 0.0) if c == 0 else (1.0, SMALL) if c <= SMALL else (SMALL + 1, None) for c in counts]

    def solved(aim: np.ndarray, error: float | None) -> float:
        bounds = [*limits, (0.0, error)]
        found = linprog(aim, A_ub=figures, b_ub=said, A_eq=published, b_eq=totals, bounds=bounds)
        assert found.success, found.message
        return float(found.fun)

    error = solved(np.append(np.zeros(len(counts)), 1.0), None) * 1.001 + 1e-6
    hidden = np.flatnonzero((counts > 0) & (counts <= SMALL)).tolist()
    aims = {n: np.eye(len(counts) + 1)[n] for n in hidden}
    return {n: (solved(aim, error), -solved(-aim, error)) for n, aim in aims.items()}


def pinned(found: dict[int, tuple[float, float]]) -> list[int]:
    """Communes whose count the attacker names, and rightly."""
    return [n for n, (low, high) in found.items() if round(low) == round(high) == plans.COUNTS[n]]


def test_the_attack_recovers_every_hidden_count_from_internal_files(monkeypatch):
    """It would work, then: what stops it is what the shared files leave out."""
    assert pinned(attack("internal", monkeypatch)) == [0, 4, 6, 7]


def test_it_recovers_none_from_shared_files(monkeypatch):
    found = attack("shared", monkeypatch)
    assert sorted(found) == [0, 4, 6, 7]
    assert pinned(found) == []
