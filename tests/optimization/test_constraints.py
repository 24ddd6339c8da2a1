"""Each constraint, written out for a toy that fits on a page, compared with rows checked by hand.

The rows stand in ``golden/*.lp``, one file a constraint.  After a deliberate change write them anew with
``python -m tests.optimization.test_constraints`` from the repository's root, and read the difference.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from optimization import constraints, model, verify
from optimization.instance import Objective
from optimization.rules import (
    Capacity,
    Cluster,
    CommunityShare,
    CoverageTarget,
    Forbidden,
    GroupFloor,
    MinimumCaseload,
    ParentWithinReach,
    Pinned,
    Rule,
    StageBudget,
    Upgrade,
)
from tests.optimization.instances import toy

GOLDEN = Path(__file__).parent / "golden"


def mask(*facilities: int, of: int = 4):
    return np.isin(np.arange(of), facilities)


PARENT = ParentWithinReach(id="parent", scope=mask(1), parents=mask(0), minutes=25.0, most=3)
LOAD = Capacity(id="load", scope=mask(0, 1), amount=np.array([9.0, 8, 0, 0]), counts_satellites=True)

ASKED: dict[str, tuple[Rule, ...]] = {
    "pinned": (
        Pinned(id="pin", scope=mask(1, 2), stage=0, count=2),
        Pinned(id="closing", scope=mask(0), stage=0),
        Upgrade(id="up", before=mask(0), after=mask(2)),
    ),
    "forbidden": (Forbidden(id="ban", scope=mask(1, 2), stages=(0, 1)),),
    "cluster": (Cluster(id="one", scope=mask(1, 2, 3)),),
    "upgrade": (Upgrade(id="up", before=mask(0), after=mask(2, 3)),),
    "capacity": (PARENT, LOAD, Capacity(id="plain", scope=mask(2), amount=np.full(4, 7.0))),
    "minimum_caseload": (MinimumCaseload(id="load", scope=mask(0, 1, 3), amount=4.0),),
    "parent_within_reach": (PARENT, LOAD),
    "coverage_target": (
        CoverageTarget(id="hard", service=0, stage=1, share=0.5, communes=mask(0, 2, of=3)),
        CoverageTarget(id="soft", service=1, stage=1, share=0.9, communes=mask(1, 2, of=3), hard=False),
    ),
    "community_share": (
        CommunityShare(
            id="share", community=mask(0), everywhere=mask(0, 1), stage=1, share=0.75, elsewhere=8.0
        ),
    ),
    "group_floor": (GroupFloor(id="floor", service=1, stage=1, share=0.4),),
}
"""Rules that the toy does not have, by the constraint they are to show."""

LEANS = {"worst_group": "max_worst_group", "longest_trip": "min_max_travel"}
"""Objectives that constraints serve."""


def asking(name: str):
    """The toy with what the constraint needs in order to say anything."""
    it = toy()
    if name in ASKED:
        it = replace(it, rules=ASKED[name], between=[[0.0, 25.0], [25.0, 0.0]], objectives=())
    if name in LEANS:
        room = Capacity(id="room", scope=mask(0, 1), amount=np.full(4, 7.0))
        levels = tuple(Objective(o, s) for s in (0, 1) for o in ("max_cover", LEANS[name]))
        it = replace(it, rules=(room,), objectives=levels)
    return it


def rows(name: str, instance=None, **options) -> str:
    """The rows of one constraint in the toy, as a CPLEX LP file has them."""
    write = constraints.CONSTRAINTS[name]
    programme = model.build(instance or toy(), **options)
    body = "".join(
        row.asCplexLpConstraint(row.name)
        for row in programme.problem.constraints()
        if row.name == name or row.name.removeprefix(f"{name}_")[:1].isdigit()
    )
    return f"\\ {write.__doc__.splitlines()[0]}\n{body}"


def written(name: str) -> str:
    """What the golden file of `name` should say: the allocating form where the constraint speaks of x."""
    allocating = name in ("assign_demand", "open_before_allocate", "serve_within_reach")
    return rows(name, asking(name), allocate={0, 1} if allocating else set())


@pytest.mark.parametrize("name", constraints.CONSTRAINTS)
def test_rows_are_the_golden_ones(name):
    assert written(name) == (GOLDEN / f"{name}.lp").read_text(encoding="utf-8")


def test_every_constraint_is_registered_golden_and_verified():
    assert {path.stem for path in GOLDEN.glob("*.lp")} == set(constraints.CONSTRAINTS)
    assert set(constraints.RULES) == set(verify.CHECKS)
    functions = {
        name
        for name, thing in vars(constraints).items()
        if getattr(thing, "__annotations__", {}).get("return") == "Rows" and not name.startswith("_")
    }
    assert functions == set(constraints.CONSTRAINTS)


@pytest.mark.parametrize("asked", ["", *ASKED, *LEANS])
def test_every_row_of_the_programme_belongs_to_a_golden_constraint(asked):
    for options in ({}, {"allocate": {0, 1}}):
        programme = model.build(asking(asked), **options)
        names = [row.name for row in programme.problem.constraints()]
        assert len(names) == len(set(names))
        golden = "".join(
            rows(name, asking(asked), **options) for name in constraints.CONSTRAINTS
        ).splitlines()
        assert {line.split(":")[0] for line in golden if not line.startswith(("\\", " "))} == set(names)


def test_constraints_without_data_write_nothing():
    """No u, no x, no rule: no row."""
    bare = replace(toy(), rules=(), objectives=())
    for name in ("cover_within_standard", "assign_demand", "open_before_allocate", "quota", "colocated"):
        assert rows(name, bare).count("\n") == 1


def test_an_upgrade_closes_what_it_takes_the_place_of():
    it = asking("upgrade")
    assert "keep_existing_0: y_0_0 + z_2_0 = 1" in rows("keep_existing", it)
    assert "stay_open_0_1: - y_0_0 + y_0_1 + z_2_1 = 0" in rows("stay_open", it)
    assert "stay_open_1_1: - y_1_0 + y_1_1 - z_1_1 = 0" in rows("stay_open", it)
    money = StageBudget(id="money", scope=mask(0, 1, 2, 3), stages=(0, 1), amount=10**9)
    dear = replace(it.kinds[0], first_year=9, later_year=20_000_000), it.kinds[1]
    it = replace(it, kinds=dear, rules=(*it.rules, money))
    # what is saved: one year and two of 20 million, for the facility that stood there from the start
    price = 169_000_000 + 2 * 111_600_000 - 3 * 20_000_000
    assert it.price(money.scope, (0, 1))[2].tolist() == [price, 169_000_000 + 111_600_000 - 2 * 20_000_000]
    assert f"{price} z_2_0" in rows("stage_budget", it)


@pytest.mark.parametrize(
    ("name", "sides"),
    [
        ("pinned", {"drop"}),
        ("forbidden", {"drop"}),
        ("cluster", {"hi"}),
        ("upgrade", set()),
        ("capacity", {"0", "1", "2"}),
        ("minimum_caseload", {"1", "3"}),
        ("parent_within_reach", {"0", "1"}),
        ("coverage_target", {"short"}),
        ("community_share", {"short"}),
        ("group_floor", {"0", "1"}),
    ],
)
def test_every_new_rule_gives_way_on_the_sides_that_it_names(name, sides):
    it = asking(name)
    programme = model.build(it, elastic={(rule.id, rule.part) for rule in it.rules})
    assert {side for named in programme.slacks.values() for side in named} == sides


def test_an_elastic_rule_has_slack_on_every_row_and_a_strict_one_has_none():
    elastic = {("each", "south"), ("beside", ""), ("money", "all")}
    written_rows = rows("quota", elastic=elastic)
    assert "quota_0_hi: - slack_0_hi + z_3_1 <= 1" in written_rows
    assert "quota_0_lo: slack_0_lo + z_3_1 >= 1" in written_rows
    assert "slack" not in written_rows.split("quota_1")[1]
    assert "colocated_2_2_0: - slack_2_2 - y_0_0 + y_2_0 <= 0" in rows("colocated", elastic=elastic)
    assert "slack_4_over" in rows("stage_budget", elastic=elastic)


@pytest.mark.parametrize(("first_year", "unit"), [(169_000_000, 200_000), (169_000_001, 1)])
def test_a_budget_is_counted_in_whole_units_so_that_a_single_dong_is_seen(first_year, unit):
    kinds = (toy().kinds[0], replace(toy().kinds[1], first_year=first_year))
    for left in (0, -1):
        amount = 2 * first_year + left
        rules = (StageBudget(id="money", scope=toy().kind == 1, stages=(0, 1), amount=amount),)
        text = rows("stage_budget", replace(toy(), kinds=kinds, rules=rules))
        assert f"{(first_year + 223_200_000) // unit} z_2_0" in text
        assert text.rstrip().endswith(f"<= {amount // unit}")


def test_facilities_that_cannot_open_have_no_variables():
    """Not offered, not ready, full."""
    it = replace(toy(), offered=[True, False, True, True])
    variables = model.build(it).variables
    assert {f for f, _ in variables.z} == {2, 3}
    assert {t for f, t in variables.z if f == 3} == {1}
    assert {f for f, _ in variables.y} == {0, 2, 3}
    assert {f for f, _ in model.build(it, latent=True).latent} == {1}


def test_names_are_positions_only():
    it = replace(toy(), communes=("Xã Tân Lập", "Xã_Tân_Lập", "x y"))
    names = [v.name for v in model.build(it, allocate={1}).problem.variables()]
    assert all(name.replace("_", "").isalnum() and name.isascii() for name in names)
    assert len(names) == len(set(names))


if __name__ == "__main__":
    for constraint in constraints.CONSTRAINTS:
        (GOLDEN / f"{constraint}.lp").write_text(written(constraint), encoding="utf-8", newline="\n")
