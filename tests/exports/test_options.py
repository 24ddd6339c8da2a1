"""What stands beside a plan: today, other options, gains; a shared edition hides counts there too."""

from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd
import pytest

from exports.contents import ALONE, Contents, contents_of
from exports.proposal import blocks
from exports.proposal.letter import document
from geo.privacy import HIDDEN
from tests.exports import plans
from tests.exports.plans import COUNTS
from tests.exports.test_shared import others_with_the_same_release, same

OTHERS = {
    "ninh_kieu:treatment": (2, -1),
    "a:counselling": (9, 0),
    "b:counselling": (4, 1),
}
NEW = ("before", "before_coverage", "before_groups", "options", "options_coverage", "gains", "presence")


def seen(edition: str = "shared", counts: tuple[int, ...] = COUNTS) -> Contents:
    return contents_of(
        plans.plan(counts), edition=edition, lang="vi", beside=plans.beside(counts, others=OTHERS)
    )


def told(contents: Contents) -> list[object]:
    """Everything that a letter says, pictures apart."""
    return [
        replace(block, draw=None) if isinstance(block, blocks.Picture) else block
        for block in document(contents).blocks
    ]


def test_neither_the_new_tables_nor_the_letter_depend_on_a_hidden_count():
    first = seen()
    assert set(NEW) <= set(first.tables)
    words = told(first)
    others = others_with_the_same_release(list(COUNTS))[::3]
    assert len(others) > 10
    for other in others:
        second = seen(counts=tuple(other))
        same(second, first)
        assert told(second) == words


def test_they_do_depend_on_it_in_the_internal_edition():
    """Or the test above would say nothing."""
    other = tuple(others_with_the_same_release(list(COUNTS))[3])
    assert other != COUNTS
    assert told(seen("internal", other)) != told(seen("internal"))


def test_options_add_up_person_years():
    exact = seen("internal").tables["options"].set_index("variant_id")
    assert list(exact.index) == ["plan", "official", "alternative_1"]
    plan = plans.plan()
    mine = plan.access[plan.access["service"] == "counselling"]
    assert exact.loc["plan", "person_years"] == pytest.approx(mine["served"].sum()), "a year a stage"
    assert exact.loc["plan", "of_best"] == 1
    assert exact.loc["official", "of_best"] == pytest.approx(
        exact.loc["official", "person_years"] / exact.loc["plan", "person_years"]
    )
    assert exact.loc["official", "value"] != exact.loc["plan", "value"]


def test_the_shared_options_tell_tens_and_no_value():
    shared = seen().tables["options"].set_index("variant_id")
    exact = seen("internal").tables["options"].set_index("variant_id")
    for name in exact.index:
        assert int(shared.loc[name, "person_years"]) % 10 == 0
        assert int(shared.loc[name, "person_years"]) == pytest.approx(
            exact.loc[name, "person_years"], rel=0.1
        )
    assert shared["value"].isna().all()
    assert shared["gap"].notna().tolist() == [True, False, False]
    assert (shared["note"] == "").all(), "a note may tell by how much an option is worse"
    assert "kém" in exact.loc["alternative_1", "note"]


def test_gains_are_the_difference_of_the_two_plans_by_group():
    contents = seen("internal").tables
    gains = contents["gains"]
    signed = gains["gained"].where(gains["direction"] == "more", -gains["gained"])
    options = contents["options"].set_index("variant_id")["person_years"]
    assert signed.sum() == pytest.approx(options["plan"] - options["official"])
    assert gains["gained"].gt(0).all()
    shared = seen().tables["gains"]["gained"]
    assert all(re.fullmatch(r"≤10|\d*0", value) for value in shared)


def test_group_presence_is_told_only_where_group_totals_are():
    row = seen().tables["presence"].iloc[0]
    assert (row["presence_official"], row["presence_best"], row["presence_share"]) == ("500", "1490", 0.33)
    hidden = seen(counts=(3, 2, 1, *COUNTS[3:])).tables["presence"].iloc[0]
    assert hidden["presence_official"] == HIDDEN
    assert pd.isna(hidden["presence_share"])


def test_today_has_only_what_stands():
    contents = seen("internal").tables
    before = contents["before_coverage"].set_index("service")
    assert before.loc["counselling", "served"] == 0
    assert before.loc["methadone", "served"] > 0
    assert set(contents["before"]["nearest"]) == {"", "ninh_kieu:treatment"}
    first = contents["coverage"].query("stage == '2018'").set_index("service")
    assert before["demand"].tolist() == pytest.approx(first["demand"].reindex(before.index).tolist())
    assert not {"demand", "served", "no_capacity", "out_of_reach"} & set(seen().tables["before"])


def test_a_plan_alone_has_no_options():
    contents = contents_of(plans.plan(), edition="internal", lang="vi", beside=ALONE)
    assert not {"options", "gains", "exchanges", "presence"} & set(contents.tables)
    assert not any("options" in name for name in contents.tables)


def test_helpers_stand_in_no_edition():
    for edition in ("internal", "shared"):
        assert not {"options_access", "options_groups"} & set(seen(edition).tables)


def test_beside_a_plan_that_was_not_searched_for_stands_the_best_one():
    base = plans.plan()
    made = replace(base, report=base.report._replace(way="greedy"))
    beside = plans.beside(COUNTS, others=OTHERS)
    contents = contents_of(made, edition="shared", lang="vi", beside=beside)
    assert contents.tables["options"]["variant_id"].tolist() == ["plan", "best", "official", "alternative_1"]
    assert "exchanges" not in contents.tables, "what moves leads to the best plan, not to this one"
