"""What one more point adds, against every way there is, on instances small enough to try them all."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

import cli
from geo import units
from optimization.instance import Instance, Kind, Objective, Service
from optimization.rules import Capacity, Cluster, CoverageTarget, Quota
from optimization.solve import solve
from optimization.variants import Clock
from planner import ranking, ranking_words
from planner.exploring import Asked, Sheet, ask
from scenarios.reading import FOLDER, changed, load

GROUPS, COMMUNES, PREMISES = 3, 7, 6
SEEDS = range(12)
COMMUNE_OF = [0, 1, 2, 3, 3, 3]
"""Where each premises stands."""
NUMBERS = [("most", "")]
"""The rule that the question sets aside."""


def instance(seed: int, *, stages: int = 1, most: int = 2, **changes: Any) -> Instance:
    """A service whose points of kind 0 may open anywhere, at most `most`; one of kind 1 stands already."""
    rng = np.random.default_rng(seed)
    site = np.append(np.arange(PREMISES), 0)
    kind = np.append(np.zeros(PREMISES, dtype=int), 1)
    persons = rng.integers(0, 40, (1, COMMUNES, 1)) * np.ones((1, 1, stages))
    free = Quota(id="most", scope=kind == 0, stages=tuple(range(stages)), hi=most)
    arrays: dict[str, Any] = {
        "communes": tuple(f"c{i}" for i in range(COMMUNES)),
        "premises": tuple(f"p{j}" for j in range(PREMISES)),
        "groups": ("a", "b", "c"),
        "services": (Service("s"),),
        "kinds": (Kind("new", 0, 30.0), Kind("old", 0, 20.0)),
        "stages": tuple(str(2020 + t) for t in range(stages)),
        "years": rng.integers(1, 3, stages),
        "demand": persons,
        "minutes": rng.integers(5, 70, (COMMUNES, PREMISES)).astype(float),
        "weight": rng.choice([1.0, 1.0, 2.5], COMMUNES),
        "commune_group": rng.integers(0, GROUPS, COMMUNES),
        "site_group": rng.integers(0, GROUPS, PREMISES),
        "site": site,
        "kind": kind,
        "existing": (kind == 1).astype(int),
        "limit": np.ones(PREMISES + 1),
        "ready": np.append(rng.integers(0, stages, PREMISES), 0),
        "offered": np.append(rng.random(PREMISES) < 0.85, [True]),
        "rules": (free,),
        "objectives": (Objective("max_cover", 0),),
    }
    return Instance(**(arrays | changes))


def cover(it: Instance, points: tuple[int, ...]) -> float:
    """Weighted person-years covered by the old point and new ones, each open as soon as it may be."""
    total = 0.0
    for t, years in enumerate(it.years):
        for i in range(COMMUNES):
            reached = it.minutes[i, 0] <= 20 or any(
                it.ready[f] <= t and it.minutes[i, f] <= 30 for f in points
            )
            total += float(years * it.weight[i] * it.demand[0, i, t]) * reached
    return total


def able(it: Instance) -> list[int]:
    return [f for f in range(PREMISES) if it.offered[f]]


def best(it: Instance, most: int, among: set[int] | None = None) -> float | None:
    """The most cover of at most so many points, one of them among some."""
    sets = [s for n in range(most + 1) for s in combinations(able(it), n)]
    values = [cover(it, s) for s in sets if among is None or among & set(s)]
    return max(values, default=None)


def ranked(it: Instance) -> tuple[ranking.Ranking, tuple[int, ...]]:
    """The ranking beside the best plan, and the points that the plan opens."""
    solution = solve(it)
    assert solution.opened is not None
    found = ranking.ranking(it, 0, solution.opened, commune=COMMUNE_OF, run=Clock().started(), omit=NUMBERS)
    return found, tuple(np.flatnonzero(solution.opened.sum(axis=1)).tolist())


def agrees(it: Instance, found: ranking.Ranking, plan: tuple[int, ...]) -> None:
    """Every figure of the ranking is that of trying all ways."""
    for rows, at in (
        (found.groups, it.site_group[it.site]),
        (found.communes, np.array([*COMMUNE_OF, -1])),
    ):
        for r in rows:
            here = [f for f in able(it) if at[f] == r.place]
            alone = {f: cover(it, (f,)) - cover(it, ()) for f in here}
            after = [cover(it, (*plan, f)) - cover(it, plan) for f in here if f not in plan]
            if not here:
                assert (r.rank, r.facility, r.alone, r.after) == (None, None, None, None)
                continue
            top = max(alone.values())
            assert r.alone == pytest.approx(top)
            assert r.facility == min(f for f in here if alone[f] == top)
            assert r.ties == sum(gain == top for gain in alone.values()) - 1
            assert r.after == (pytest.approx(max(after)) if after else None)
            if rows is found.groups and plan:
                with_one, fewer = best(it, len(plan), set(here)), best(it, len(plan) - 1)
                assert with_one is not None
                assert fewer is not None
                assert r.as_last == pytest.approx(max(0.0, with_one - fewer))


@pytest.mark.parametrize("stages", [1, 2])
@pytest.mark.parametrize("seed", SEEDS)
def test_sums_over_the_cover_matrix(seed: int, stages: int) -> None:
    it = instance(seed, stages=stages)
    found, plan = ranked(it)
    assert found.closed
    assert found.proved
    assert found.demand == pytest.approx(float((it.demand[0] * it.weight[:, None] * it.years).sum()))
    agrees(it, found, plan)


@pytest.mark.parametrize("seed", SEEDS)
def test_re_solves_where_a_rule_speaks_of_the_kind(seed: int) -> None:
    """A rule that binds nothing changes no figure, only the way to it."""
    loose = Quota(id="loose", scope=np.arange(PREMISES + 1) < PREMISES, stages=(0,), hi=99)
    it = instance(seed)
    it = instance(seed, rules=(*it.rules, loose))
    found, plan = ranked(it)
    assert not found.closed
    agrees(it, found, plan)


def test_what_the_rules_forbid_is_not_ranked() -> None:
    """Two premises that share one point: beside the one that is open, the other may not open."""
    it = instance(0, offered=np.ones(PREMISES + 1), most=1)
    (first,) = ranked(it)[1]
    other = next(f for f in range(PREMISES) if f != first)
    pair = Cluster(id="pair", scope=np.isin(np.arange(PREMISES + 1), [first, other]))
    own = {"site_group": np.where(np.arange(PREMISES) == other, 1, 0)}
    found, plan = ranked(instance(0, offered=np.ones(PREMISES + 1), rules=(*it.rules, pair), **own))
    assert plan == (first,)
    row = next(r for r in found.groups if r.place == 1)
    assert row.alone is not None
    assert row.after is None


def test_where_no_point_may_stand_alone_the_next_one_ranks() -> None:
    """A target that existing points and one more cannot reach: only the plan and one more can."""
    everywhere = np.ones(COMMUNES, dtype=bool)
    least = CoverageTarget(id="all", service=0, stage=0, share=0.8, communes=everywhere, hard=True)
    it = instance(6, most=3, offered=np.ones(PREMISES + 1))
    found, plan = ranked(instance(6, offered=np.ones(PREMISES + 1), rules=(*it.rules, least)))
    assert len(plan) > 1
    assert {r.alone for r in found.groups} == {None}
    after = [r.after for r in found.groups if r.rank is not None]
    assert after
    assert after == sorted(after, key=lambda gain: -(gain or 0.0))


def test_capacity_bounds_what_a_point_adds() -> None:
    it = instance(1)
    full = Capacity(id="full", scope=it.kind == 0, amount=np.where(it.kind == 0, 5.0, 0.0))
    found, _ = ranked(instance(1, rules=(*it.rules, full), weight=np.ones(COMMUNES)))
    assert not found.closed
    gains = [r.alone for r in found.groups if r.alone is not None]
    assert gains
    assert all(0 <= gain <= 5 * it.years[0] + 1e-6 for gain in gains)


def test_another_kind_that_may_open_is_re_solved() -> None:
    found, _ = ranked(instance(2, existing=np.zeros(PREMISES + 1)))
    assert not found.closed


def test_equal_places_share_a_rank() -> None:
    it = instance(
        3,
        minutes=np.full((COMMUNES, PREMISES), 10.0),
        demand=np.ones((1, COMMUNES, 1)),
        kinds=(Kind("new", 0, 30.0), Kind("old", 0, 1.0)),
        offered=np.ones(PREMISES + 1),
        site_group=[0, 0, 1, 1, 2, 2],
    )
    found, _ = ranked(it)
    assert [(r.rank, r.place, r.ties) for r in found.groups] == [(1, 0, 1), (1, 1, 1), (1, 2, 1)]


def test_a_plan_without_points_has_no_last_one() -> None:
    found, plan = ranked(instance(4, most=0))
    assert plan == ()
    assert {r.as_last for r in found.groups} == {None}
    assert [r.alone for r in found.groups] == [r.after for r in found.groups]


def test_the_clock_is_said_to_have_run_out() -> None:
    it = instance(5)
    solution = solve(it)
    assert solution.opened is not None
    run = Clock(time_limit=0.0).started()
    found = ranking.ranking(it, 0, solution.opened, commune=COMMUNE_OF, run=run, omit=NUMBERS)
    assert not found.proved
    assert found.closed
    assert found.groups[0].alone is not None


# --- in words ------------------------------------------------------------------------------------

TUYEN_QUANG = load(FOLDER / "tuyen_quang_2020.yaml")


@pytest.fixture(scope="module")
def sheet() -> Sheet:
    return ask(TUYEN_QUANG, "ranking", Asked())


def test_conditions_not_yet_checked_are_counted() -> None:
    asked = ("methadone_point", "tyt-02287", "073")
    assert ranking_words.unchecked(TUYEN_QUANG, *asked) == (5, 5)
    answers = {"criteria": {"conditions_met": {"answers": {"tyt-02287": True}}}}
    assert ranking_words.unchecked(changed(TUYEN_QUANG, answers), *asked) == (4, 5)
    funds = {"criteria": {"district_funds": {"answers": {"073": True}}}}
    assert ranking_words.unchecked(changed(TUYEN_QUANG, funds), *asked) == (4, 5)


def test_every_district_and_commune_has_a_row(sheet: Sheet) -> None:
    levels = [row[0] for row in sheet.rows]
    assert [levels.count(level) for level in dict.fromkeys(levels)] == [7, 137]
    gains = [round(float(str(row[4])), 6) for row in sheet.rows[7:]]
    assert gains == sorted(gains, reverse=True)


def test_the_note_says_what_is_estimated(sheet: Sheet) -> None:
    for said, words in ((sheet.note.vi, "SỐ NGƯỜI LÀ ƯỚC TÍNH"), (sheet.note.en, "COUNTS ARE ESTIMATES")):
        assert words in said
    assert "1.000" in sheet.note.vi


def test_a_condition_answered_no_takes_the_place_out(sheet: Sheet) -> None:
    best_commune = str(sheet.rows[7][2])
    code = next(c for c, name in _names().items() if best_commune.startswith(f"{name},"))
    no = {"criteria": {"conditions_met": {"answers": {f"tyt-{code}": False}}}}
    again = ask(changed(TUYEN_QUANG, no), "ranking", Asked())
    row = next(row for row in again.rows if row[2] == best_commune)
    assert (row[1], row[4]) == (None, None)


def _names() -> dict[str, str]:
    listed = units.communes("08", "2025-01")
    return dict(zip(listed["commune_code"], listed["commune"], strict=True))


def test_from_the_command_line(tmp_path: Path) -> None:
    call = ["explore", str(FOLDER / "tuyen_quang_2020.yaml"), "--what", "ranking", "--out", str(tmp_path)]
    result = CliRunner().invoke(cli.main, call, catch_exceptions=False)
    assert result.exit_code == 0
    assert "Huyện Na Hang" in result.stdout
    written = json.loads((tmp_path / "explore.json").read_text(encoding="utf-8"))
    assert written["question"] == "ranking"
    assert len(written["rows"]) == 144
