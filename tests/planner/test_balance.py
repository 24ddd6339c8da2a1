"""The balance of places: what a document asks for, what a plan offers, and what cannot be known."""

from __future__ import annotations

import math
from typing import Any

import pytest

from exports import console
from exports.record import plan_record
from tables import records
from tests.planner.tiny import SOURCE, figure, planned, scenario

NOW = {"registered": 330, "treated": 200, "compulsory": 150, **SOURCE}


def balance(**goal: float) -> dict[str, Any]:
    """Goals of the last stage for methadone and counselling."""
    return {"services": ["methadone", "counselling"], "now": NOW, "goals": {"2019-2020": {**goal, **SOURCE}}}


def rows(**blocks: Any) -> list[dict[str, Any]]:
    return records(planned(**blocks).balance)


def test_without_a_balance_there_is_no_row():
    plan = planned()
    assert plan.balance.empty
    assert plan_record(plan)["balance"] == []
    assert "Cân đối" not in console.plan(plan, "vi")


def test_what_the_targets_need_follows_from_the_shares():
    now, then = rows(balance=balance(treated_share=0.8, compulsory_share=0.3))
    assert (now["stage"], now["needed"]) == ("", 50)
    assert then["stage"] == "2019-2020"
    assert then["registered"] == pytest.approx(330)
    assert then["treated"] == pytest.approx(0.8 * 330)
    assert then["compulsory"] == pytest.approx(0.3 * 330)
    assert then["needed"] == pytest.approx(0.5 * 330)


def test_registered_persons_are_those_of_the_stage():
    grown = {"growth": figure(0.1)}
    _, then = rows(registered_persons=grown, balance=balance(treated_share=1.0))
    assert then["registered"] == pytest.approx(363)


def test_points_without_a_capacity_have_unknown_places_never_none():
    now, then = rows(balance=balance(treated_share=0.8, compulsory_share=0.3))
    assert math.isnan(now["places"])
    assert now["unstated"] == 1
    assert math.isnan(then["places"])
    assert then["unstated"] == 4  # the treatment facility and three counselling points
    assert then["places_each"] == pytest.approx(0.5 * 330 / 4)
    assert math.isnan(then["missing"])


def test_stated_places_add_up_and_what_is_missing_is_told():
    kinds = {"treatment": {"capacity": figure(20)}, "counselling": {"capacity": figure(30)}}
    _, then = rows(kinds=kinds, balance=balance(treated_share=0.8, compulsory_share=0.3))
    assert (then["places"], then["unstated"]) == (20 + 3 * 30, 0)
    assert math.isnan(then["places_each"])
    assert then["missing"] == pytest.approx(0.5 * 330 - min(110, then["served"]))


def test_some_stated_places_leave_the_rest_to_the_others():
    kinds = {"treatment": {"capacity": figure(20)}}
    _, then = rows(kinds=kinds, balance=balance(treated_share=0.8, compulsory_share=0.3))
    assert (then["places"], then["unstated"]) == (20, 3)
    assert then["places_each"] == pytest.approx((0.5 * 330 - 20) / 3)


def test_nothing_is_missing_where_places_and_reach_suffice():
    kinds = {"treatment": {"capacity": figure(300)}, "counselling": {"capacity": figure(300)}}
    _, then = rows(kinds=kinds, balance=balance(treated_share=0.1, compulsory_share=0.0))
    assert then["missing"] == 0


def test_who_is_out_of_reach_is_missing_however_many_places_there_are():
    plan = planned(
        rules={"points": {"at_most": 0, **SOURCE}}, balance=balance(treated_share=1.0, compulsory_share=0.0)
    )
    then = records(plan.balance)[1]
    served = plan.coverage.query("stage == '2019-2020'").set_index("service")["served"]
    assert then["served"] == pytest.approx(served["methadone"])
    assert then["missing"] == pytest.approx(330 - served["methadone"])


def test_each_person_counts_once():
    _, then = rows(balance=balance(treated_share=1.0))
    plan = planned()
    both = plan.coverage.query("stage == '2019-2020'")["served"].sum()
    assert then["served"] <= min(330, both) + 1e-9
    assert then["served"] < both


def test_the_community_share_is_of_those_treated():
    _, then = rows(balance=balance(treated_share=0.8, community_share=0.5))
    assert then["in_community"] == pytest.approx(0.4 * 330)
    assert math.isnan(then["compulsory"])
    assert math.isnan(then["needed"])
    assert then["places_each"] == pytest.approx(0.4 * 330 / 4)


def test_persons_served_besides_are_taken_off_first():
    plan = planned(
        balance={**balance(treated_share=1.0), "services": ["counselling"], "besides": ["methadone"]}
    )
    then = records(plan.balance)[1]
    served = plan.coverage.query("stage == '2019-2020'").set_index("service")["served"]
    assert served["methadone"] > 0
    assert then["registered"] == pytest.approx(330 - served["methadone"])
    assert then["treated"] == pytest.approx(then["registered"])


def test_a_share_that_only_the_user_can_give_leaves_reach_unknown():
    asked = {"required": "user", "note": {"vi": "Chưa có.", "en": "Not given."}}
    plan = planned(
        services={"methadone": {"suited_share": asked}},
        balance=balance(treated_share=0.8, compulsory_share=0.3),
    )
    then = records(plan.balance)[1]
    assert math.isnan(then["served"])
    assert math.isnan(then["missing"])
    assert plan_record(plan)["balance"][1]["served"] is None
    assert "chưa rõ" in console.plan(plan, "vi")


def test_goals_without_a_count_of_today():
    asked = {k: v for k, v in balance(treated_share=0.8).items() if k != "now"}
    assert [row["stage"] for row in rows(balance=asked)] == ["2019-2020"]


def test_the_console_shows_it_in_both_languages():
    plan = planned(balance=balance(treated_share=0.8, compulsory_share=0.3))
    assert scenario().balance is None
    assert "Hiện nay" in console.plan(plan, "vi")
    assert "not known" in console.plan(plan, "en")
