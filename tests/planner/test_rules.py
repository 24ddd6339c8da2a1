"""Each rule that a scenario can state, from the file to the tables."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import planner
from exports import console, console_evaluation, record
from planner.plan import Plan
from scenarios.rules import RULES
from tests.planner.tiny import HOSPITALS, SOURCE, figure, planned, rule, scenario, wanted

SOUTH = ["31261", "31274", "31276", "31277", "31249"]
VOLUNTARY = {
    "service": "methadone",
    "label": {"vi": "Cơ sở tự nguyện", "en": "Voluntary facility"},
    "short": {"vi": "Tự nguyện", "en": "Voluntary"},
    "at": ["centre"],
    "colour": "#884411",
    "symbol": "star",
    "standard_minutes": figure(30),
    "offered": {"927": SOURCE},
}


def opened(plan: Plan, kind: str = "counselling", stage: str | None = None) -> set[str]:
    """Premises at which a kind opens."""
    rows = plan.openings[plan.openings["kind"] == kind]
    return set(rows["premises"] if stage is None else rows.loc[rows["stage"] == stage, "premises"])


def facility(plan: Plan, name: str) -> Any:
    return plan.facilities.set_index("facility").loc[name]


def persons(plan: Plan, stage: str, service: str = "counselling") -> Any:
    return plan.coverage.set_index(["service", "stage"]).loc[(service, stage)]


def test_without_a_rule_the_most_people_are_reached():
    plan = planned()
    assert len(opened(plan)) == 3
    assert persons(plan, "2018")["served"] == pytest.approx(210)


EVERY: dict[str, dict[str, Any]] = {
    "quota": {"kinds": ["counselling"], "open_at": "2018", "premises": ["co_do", "thoi_lai"], "exactly": 1},
    "colocated": {"kind": "counselling", "hosts": ["treatment"]},
    "stage_budget": {"kinds": ["counselling"], "stages": ["2018", "2019-2020"], "amount_vnd": 800_000_000},
    "pinned": {"kind": "counselling", "premises": ["tyt-31255"], "from_stage": "2018"},
    "forbidden": {"kind": "counselling", "groups": ["925"], "stages": ["2018"]},
    "cluster": {"kinds": ["counselling"], "clusters": {"south": SOUTH}},
    "upgrade": {"from_kind": "treatment", "to_kind": "counselling"},
    "parent_within_reach": {"kind": "counselling", "parents": ["treatment"], "minutes": 30},
    "coverage_target": {"service": "counselling", "stage": "2018", "share": 0.6, "hard": True},
    "community_share": {
        "community": ["counselling"],
        "service": "counselling",
        "stage": "2018",
        "share": 0.5,
    },
    "group_floor": {"service": "counselling", "stage": "2018", "share": 0.5},
}


@pytest.mark.parametrize("name", EVERY)
def test_the_rules_table_names_it_with_its_source(name):
    table = planned(rules={"trial": rule(name, **EVERY[name])}).rules.set_index("rule")
    assert table.loc["trial", "kept"]
    assert table.loc["trial", "source"] == SOURCE["source"]
    assert name in table.loc["trial", "text_en"]


def test_no_rule_is_left_untried():
    assert {model.model_fields["rule"].annotation.__args__[0] for model in RULES} == set(EVERY)


class TestPlaces:
    def test_quota_over_premises(self):
        assert (
            len(opened(planned(rules={"trial": rule("quota", **EVERY["quota"])})) & {"co_do", "thoi_lai"})
            == 1
        )

    def test_pinned_premises_open_each(self):
        pin = rule("pinned", kind="counselling", premises=["tyt-31255", "tyt-31294"], from_stage="2018")
        assert {"tyt-31255", "tyt-31294"} <= opened(planned(rules={"pin": pin}), stage="2018")

    def test_pinned_groups_so_many_together(self):
        pin = rule("pinned", kind="counselling", groups=["927"], from_stage="2018", at_least=3)
        groups = planned(rules={"pin": pin}).openings
        assert groups.loc[groups["kind"] == "counselling", "group"].tolist() == ["927"] * 3

    def test_forbidden_for_a_stage(self):
        plan = planned(rules={"ban": rule("forbidden", **EVERY["forbidden"])})
        groups = plan.openings.groupby("stage")["group"].agg(set)
        assert groups["2018"] == {"927"}
        assert groups["2019-2020"] == {"925"}

    def test_a_cluster_shares_one(self):
        pin = rule("pinned", kind="counselling", groups=["925"], from_stage="2018", at_least=3)
        plan = planned(rules={"pin": pin, "share": rule("cluster", **EVERY["cluster"])})
        assert plan.openings["commune_code"].isin(SOUTH).sum() == 1

    def test_an_upgrade_closes_what_was_there(self):
        upgrade = rule("upgrade", from_kind="treatment", to_kind="voluntary")
        once = rule("quota", kinds=["voluntary"], opened_in="2019-2020", exactly=1)
        plan = planned(kinds={"voluntary": VOLUNTARY}, rules={"upgrade": upgrade, "once": once})
        assert plan.facilities.loc[plan.facilities["service"] == "methadone", "kind"].tolist() == [
            "voluntary"
        ]
        opening = plan.openings.set_index("kind").loc["voluntary"]
        assert (opening["premises"], opening["upgraded_from"]) == ("thoi_lai", "treatment")
        told = record.plan_record(plan)["stages"][1]["opened"]
        assert [o.get("upgraded_from") for o in told if o["kind"] == "voluntary"] == ["treatment"]
        assert "nâng cấp từ điều trị" in console.plan(plan, "vi")

    def test_several_points_at_one_place(self):
        place = {
            "existing": ["counselling"],
            "existing_points": {"counselling": figure(2)},
            "most": {"counselling": figure(4)},
            **SOURCE,
        }
        plan = planned(
            premises={"named": {"co_do": place | {"source": "user"}}},
            kinds={"counselling": {"capacity": figure(30)}},
            rules={
                "pin": rule("pinned", kind="counselling", premises=["co_do"], from_stage="2018", at_least=4)
            },
        )
        assert facility(plan, "co_do:counselling")["capacity"] == 120
        assert facility(plan, "co_do:counselling")["caseload"] == pytest.approx(80)
        assert plan.openings.set_index("premises").loc["co_do", "opened"] == 2
        told = record.plan_record(plan)["stages"][0]["opened"]
        assert sum(o["premises"] == "co_do" for o in told) == 2


class TestPersons:
    def test_capacity_of_the_kind_and_of_premises(self):
        plan = planned(
            kinds={"counselling": {"capacity": figure(60)}},
            premises={"named": {"co_do": {"capacity": {"counselling": figure(90)}}}},
        )
        points = plan.facilities[plan.facilities["kind"] == "counselling"].set_index("premises")
        assert points["capacity"].to_dict() == {"co_do": 90, "thoi_lai": 60, "tyt-31222": 60}
        assert (points["caseload"] <= points["capacity"] + 1e-6).all()
        found = persons(plan, "2018")
        assert (found["served"], found["no_capacity"]) == (pytest.approx(200), pytest.approx(10))
        implied = plan.rules.set_index("rule").loc["capacity_counselling"]
        assert implied["kept"]
        assert "60" in implied["text_en"]
        assert implied["source"] == SOURCE["source"]

    def test_minimum_caseload(self):
        plan = planned(kinds={"counselling": {"minimum_caseload": figure(75)}})
        points = plan.facilities[plan.facilities["kind"] == "counselling"]
        assert len(points) == 1
        assert points["caseload"].min() >= 75
        assert "minimum_caseload_counselling" in set(plan.rules["rule"])

    def test_gradual_cover(self):
        plan = planned(kinds={"counselling": {"outer_minutes": figure(40)}})
        assert persons(plan, "2018")["served"] > persons(planned(), "2018")["served"]
        assert plan.allocation["minutes"].max() > 15
        words = plan.rules.loc[plan.rules["rule"] == "cover_within_standard", "text_en"]
        assert words.str.contains("at 40 minutes not at all").sum() == 1

    def test_a_parent_feeds_so_many_and_bears_their_load(self):
        reach = rule(
            "parent_within_reach",
            kind="dispensing",
            parents=["treatment"],
            minutes=25,
            most=2,
            counts_load=True,
        )
        few = rule("quota", kinds=["dispensing"], opened_by="2019-2020", at_most=3)
        plan = planned(
            kinds=HOSPITALS | {"treatment": {"capacity": figure(82)}},
            rules={"reach": reach, "few": few},
            objectives=wanted("max_cover", service="methadone"),
        )
        fed = plan.facilities[plan.facilities["kind"] == "dispensing"]
        assert 1 <= len(fed) <= 2
        assert set(fed["parent"]) == {"thoi_lai:treatment"}
        load = facility(plan, "thoi_lai:treatment")["caseload"] + fed["caseload"].sum()
        assert load == pytest.approx(82)
        assert "Trung tâm y tế Thới Lai" in console.plan(plan, "vi").split("cơ sở quản lý")[1]

    def test_outflow_and_priority(self):
        asked = {"outflow": figure(0.1), "priority": {"far": {"groups": ["927"], "weight": 3, **SOURCE}}}
        plan = planned(registered_persons=asked, rules={"points": {"at_most": 1, "source": "user"}})
        assert persons(plan, "2019-2020")["demand"] == pytest.approx(330 * 0.9)
        assert plan.openings["group"].tolist() == ["927"]
        assert plan.report.levels[0].value == pytest.approx(3 * (70 + 2 * 63))
        assert "nhân trọng số ưu tiên (3" in console.plan(plan, "vi")


class TestMoney:
    def test_what_is_left_over_may_be_spent(self):
        """Three points from 2018 on cost 507.0 and 669.6 million; a third in the second stage 727.0."""
        first = rule("stage_budget", kinds=["counselling"], stage="2018", amount_vnd=560_000_000)
        second = rule("stage_budget", kinds=["counselling"], stage="2019-2020", amount_vnd=620_000_000)
        alone = planned(rules={"first": first, "second": second})
        carried = planned(rules={"first": first, "second": second | {"carry_over": True}})
        assert alone.stages["cost_vnd"].tolist() == [338_000_000, 446_400_000]
        assert carried.stages["cost_vnd"].tolist() == [507_000_000, 669_600_000]
        assert carried.stages["budget_vnd"].tolist() == [560_000_000, 620_000_000]
        assert carried.rules["kept"].all()

    def test_a_pool_of_stages(self):
        plan = planned(rules={"pool": rule("stage_budget", **EVERY["stage_budget"])})
        assert plan.stages["cost_vnd"].sum() <= 800_000_000
        assert np.isnan(plan.stages["budget_vnd"].iloc[0])
        assert plan.stages["budget_vnd"].iloc[1] == 800_000_000


class TestTargets:
    def test_hard_targets_of_each_group(self):
        target = rule(
            "coverage_target", service="counselling", stage="2018", share=0.5, each="group", hard=True
        )
        other = target | {"exceptions": {"927": {"share": 0.25, **SOURCE}}}
        table = planned(rules={"target": other}).targets.set_index("group")
        assert set(table.index) == {"925", "927"}
        assert table["goal"].to_dict() == {"925": 0.5, "927": 0.25}
        assert table["met"].all()
        assert table["hard"].all()
        assert table.loc["925", "reached"] == pytest.approx(0.7)

    def test_a_soft_target_that_is_missed_says_by_how_much(self):
        target = rule("coverage_target", service="counselling", stage="2018", share=0.9, hard=False)
        plan = planned(rules={"target": target}, objectives=wanted("min_shortfall", "max_cover"))
        row = plan.targets.iloc[0]
        assert not row["met"]
        assert not row["hard"]
        assert row["missing"] == pytest.approx(0.9 * 330 - 210)
        assert plan.report.levels[0].value == pytest.approx(row["missing"])
        assert not plan.rules.set_index("rule").loc["target", "kept"]
        told = record.plan_record(plan)["targets"][0]
        assert (told["rule"], told["goal"], told["met"], told["group"]) == ("target", 0.9, False, None)
        assert "87,0" in console.plan(plan, "vi")

    def test_share_in_the_community(self):
        share = rule(
            "community_share",
            community=["dispensing"],
            service="methadone",
            stage="2019-2020",
            share=0.25,
            elsewhere=figure(40),
        )
        few = rule("quota", kinds=["dispensing"], opened_by="2019-2020", at_most=3)
        plan = planned(
            kinds=HOSPITALS,
            rules={"share": share, "few": few},
            objectives=wanted("max_cover", "min_facilities", service="methadone"),
        )
        kinds = plan.facilities.groupby("kind")["caseload"].sum()
        reached = kinds["dispensing"] / (kinds["dispensing"] + kinds["treatment"] + 40)
        assert plan.targets.iloc[0]["reached"] == pytest.approx(reached)
        assert reached >= 0.25

    def test_a_floor_has_a_row_for_each_group_with_demand(self):
        table = planned(rules={"floor": rule("group_floor", **EVERY["group_floor"])}).targets
        assert table["group"].tolist() == ["925", "927"]
        assert (table["reached"] >= 0.5).all()


def test_the_worst_group_and_the_longest_trip():
    plan = planned(objectives=wanted("max_worst_group", "max_cover", "min_max_travel"))
    worst, _, longest = plan.report.levels
    served = plan.group_coverage[plan.group_coverage["service"] == "counselling"].dropna(subset=["share"])
    years = plan.stages.set_index("stage")["years"]
    assert worst.value == pytest.approx((served.groupby("stage")["share"].min() * years).sum())
    went = plan.allocation[plan.allocation["service"] == "counselling"].groupby("stage")["minutes"].max()
    assert longest.value == pytest.approx((went * years).sum(), abs=1e-4)
    assert "1,615" in console.plan(plan, "vi")


def test_a_published_plan_is_scored_by_objectives_that_may_be_zero():
    """The presence of points does not depend on how many they have room for."""
    openings = [
        {"stage": "2018", "kind": "counselling", "group": g, "source": "user"} for g in ("925", "927")
    ]
    target = rule("coverage_target", service="counselling", stage="2018", share=0.5, each="group", hard=False)
    found = planner.evaluate(
        scenario(
            kinds={"counselling": {"capacity": figure(60)}},
            rules={"target": target},
            objectives=wanted("min_shortfall", "max_cover"),
            official={"label": {"vi": "Văn bản", "en": "Document"}, "openings": openings},
        )
    )
    assert found.presence_best == found.presence_official == 330 * 3
    assert found.optimum is not None
    assert found.optimum.value == pytest.approx(0)
    assert found.best == pytest.approx(0.5 * 200 - 60 + 5)
    assert found.ratio is None
    assert "Số người còn thiếu" in console_evaluation.evaluation(found, "vi")
    assert record.evaluation_record(found)["ratio"] is None
