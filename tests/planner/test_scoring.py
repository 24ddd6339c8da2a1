"""A published plan from its words to the comparison: what it names, what it leaves open, what happened."""

from __future__ import annotations

import json
from typing import Any

import pytest

import planner
from exports import console_evaluation, record
from planner.plan import Evaluation
from tests.planner.tiny import SOURCE, figure, rule, scenario, wanted
from text import LANGS

STATIONS = ["tyt-31261", "tyt-31264", "tyt-31267"]
YEARLY = {
    "first": rule("quota", kinds=["counselling"], opened_in="2018", exactly=1),
    "second": rule("quota", kinds=["counselling"], opened_in="2019-2020", exactly=1),
}
LABEL = {"vi": "Lộ trình", "en": "The plan"}


def opens(stage: str, count: int = 1, kind: str = "counselling", **where: Any) -> dict[str, Any]:
    return {"stage": stage, "kind": kind, "count": count, **where, **SOURCE}


def scored(*openings: dict[str, Any], **blocks: Any) -> Evaluation:
    return planner.evaluate(scenario(official={"label": LABEL, "openings": list(openings)}, **blocks))


def numbers(found: Evaluation) -> tuple[float, float, float]:
    assert found.worst is not None
    assert found.mean is not None
    assert found.best is not None
    return found.worst, found.mean, found.best


class TestWhatIsNamed:
    def test_premises_by_name_leave_no_choice(self) -> None:
        found = scored(
            opens("2018", premises=["co_do"]), opens("2019-2020", premises=["thoi_lai"]), rules=YEARLY
        )
        worst, mean, best = numbers(found)
        assert worst == mean == best
        assert "1 cách" in found.method.vi
        assert found.silence is None
        assert found.official is not None
        assert set(found.official.openings["premises"]) == {"co_do", "thoi_lai"}

    def test_so_many_of_some_premises(self) -> None:
        found = scored(opens("2018", 2, premises=[*STATIONS, "co_do"]), rules={"second": YEARLY["second"]})
        assert found.official is None  # the second year's point is missing
        found = scored(opens("2018", 2, premises=[*STATIONS, "co_do"]))
        assert "6 cách" in found.method.vi
        assert found.silence is not None
        assert "2 điểm" in found.silence.vi

    def test_so_many_of_some_groups_one_each(self) -> None:
        found = scored(opens("2018", 2, groups=["925", "927"]))
        assert found.official is not None
        assert sorted(found.official.openings["group"]) == ["925", "927"]
        assert found.presence_official == 330 * 3
        assert not found.presence_drawn

    def test_nothing_but_a_number(self) -> None:
        found = scored(opens("2018", anywhere=True), rules=YEARLY | {"second": None})
        everywhere = scored(opens("2018", group="925"), rules=YEARLY | {"second": None})
        assert numbers(found)[0] <= numbers(everywhere)[0]
        assert found.presence_drawn
        assert 130 * 3 < found.presence_official < 200 * 3
        assert found.presence_official == scored(opens("2018", anywhere=True)).presence_official

    def test_one_point_in_one_of_two_groups_is_between_the_two(self) -> None:
        found = scored(opens("2018", groups=["925", "927"]))
        assert found.presence_drawn
        assert found.presence_official == pytest.approx((200 + 130) / 2 * 3, rel=0.1)


class TestMoney:
    def test_what_an_upgrade_saves_is_not_spent(self) -> None:
        """Treatment at Thới Lai becomes voluntary in the second stage: its two later years are not paid."""
        money = {"first_year_vnd": figure(500), "later_year_vnd": figure(300)}
        kinds = {
            "treatment": {"cost": money},
            "counselling": {"cost": {"first_year_vnd": figure(900), "later_year_vnd": figure(700)},
                            "at": ["centre"]},
        }  # fmt: skip
        up = rule("upgrade", from_kind="treatment", to_kind="counselling")
        found = scored(opens("2019-2020", group="927"), kinds=kinds, rules={"up": up, "points": None})
        assert found.cost_vnd == {"2018": 300, "2019-2020": 900 + 700}
        assert found.official is not None
        costs = dict(zip(found.official.stages["stage"], found.official.stages["cost_vnd"], strict=True))
        assert costs == found.cost_vnd

    def test_without_costs_nothing_is_said_of_money(self) -> None:
        found = scored(opens("2018", group="925"), kinds={"counselling": {"cost": None}})
        assert "chưa có chi phí" in console_evaluation.evaluation(found, "vi")


class TestTwice:
    def test_budgets_are_pooled_and_years_are_free(self) -> None:
        budgets = {
            "b1": rule("stage_budget", kinds=["counselling"], stage="2018", amount_vnd=169_000_000),
            "b2": rule("stage_budget", kinds=["counselling"], stage="2019-2020", amount_vnd=503_800_000),
        }
        found = scored(opens("2018", group="927"), opens("2019-2020", group="925"), rules=YEARLY | budgets)
        assert found.free is not None
        assert found.optimum is not None
        assert found.best is not None
        assert found.free.level.value >= found.optimum.value > found.best
        assert found.free.ratio == pytest.approx(found.best / found.free.level.value)
        assert sum(found.free.cost_vnd.values()) <= 672_800_000
        words = " ".join(text.vi for text in found.free.freed)
        assert "672.800.000 đồng" in words
        assert "Quy tắc quota đang thử" in words
        assert len(found.free.schedule) == 2
        told = record.evaluation_record(found)["free_phasing"]
        assert set(told) >= {"value", "bound", "gap", "ratio", "cost_vnd", "schedule"}

    def test_without_a_budget_no_more_points_open(self) -> None:
        found = scored(opens("2018", group="927"), opens("2019-2020", group="925"), rules=YEARLY)
        assert found.free is not None
        assert sum(n for *_, n in found.free.openings) == 2
        assert {stage for stage, *_ in found.free.openings} == {"2018"}

    def test_the_moves_are_told_in_both_languages(self) -> None:
        found = scored(opens("2018", group="927"), opens("2019-2020", group="925"), rules=YEARLY)
        moves = [x for x in found.exchanges if x.official_stage != x.optimal_stage]
        assert {x.group for x in moves} == {"925", "927"}
        assert any("Huyện Cờ Đỏ, tư vấn: mở sớm hơn, 2018 thay vì 2019-2020" in x.text.vi for x in moves)
        assert any("opens later" in x.text.en for x in moves)
        gains = {gain.group: gain.gain for gain in found.gains}
        assert gains["925"] > 0 > gains["927"]
        assert found.best is not None
        assert found.optimum is not None
        assert sum(gains.values()) == pytest.approx(found.optimum.value - found.best)

    def test_another_group_and_other_premises_are_told(self) -> None:
        only = {
            "first": YEARLY["first"],
            "points": rule("quota", kinds=["counselling"], opened_by="2019-2020", at_most=1),
        }
        found = scored(opens("2018", group="927"), rules=only)
        (move,) = [x for x in found.exchanges if x.to_group]
        assert (move.group, move.to_group) == ("927", "925")
        assert "mở ở Huyện Cờ Đỏ (2018) thay vì Huyện Thới Lai (2018)" in move.text.vi
        far = min(STATIONS, key=lambda name: numbers(scored(opens("2018", premises=[name]), rules=only))[0])
        found = scored(opens("2018", premises=[far]), rules=only)
        (move,) = found.exchanges
        assert move.official_premises == far
        assert move.optimal_premises not in (None, far)
        assert "đặt tại" in move.text.vi
        assert "instead of" in move.text.en


OBSERVED = {
    "points": {"text": {"vi": "Một điểm", "en": "One point"}, "stage": "2018", "kind": "counselling",
               "points": 1, "persons": 25, **SOURCE},
    "in_group": {"text": {"vi": "Cờ Đỏ có hai", "en": "Two in Cờ Đỏ"}, "stage": "2019-2020",
                 "kind": "counselling", "group": "925", "points": 2, **SOURCE},
    "words": {"text": {"vi": "Chỉ có lời", "en": "Words only"}, **SOURCE},
}  # fmt: skip


class TestHindcast:
    def test_plan_optimum_and_reality_stand_side_by_side(self) -> None:
        found = scored(
            opens("2018", group="927"), opens("2019-2020", group="925"), rules=YEARLY, observed=OBSERVED
        )
        rows = {
            (x.what, x.stage, x.group): (x.official, x.optimal, x.observed) for x in found.hindcast if x.kind
        }
        assert rows["points", "2018", ""] == (1, 1, 1)
        assert rows["points", "2019-2020", ""] == (2, 2, None)
        assert rows["points", "2019-2020", "925"][2] == 2
        official, optimal, observed = rows["persons", "2018", ""]
        assert observed == 25
        assert official is not None
        assert optimal is not None
        assert 0 < official < optimal
        for lang in LANGS:
            shown = console_evaluation.evaluation(found, lang)
            assert ("Chỉ có lời" if lang == "vi" else "Words only") in shown
        assert "Cả" in console_evaluation.evaluation(found, "vi")
        assert json.dumps(record.evaluation_record(found), allow_nan=False)

    def test_a_plan_that_breaks_a_rule_still_says_what_it_opens(self) -> None:
        found = scored(opens("2018", 2, group="927"), rules=YEARLY, observed=OBSERVED)
        assert found.official is None
        points = [x for x in found.hindcast if (x.what, x.stage, x.group) == ("points", "2018", "")]
        assert points[0].official == 2
        assert points[0].optimal == 1

    def test_nothing_is_shown_where_nothing_is_known(self) -> None:
        found = scored(opens("2018", group="925"))
        assert found.hindcast == ()
        assert "Nhìn lại" not in console_evaluation.evaluation(found, "vi")


def test_what_is_better_with_less_is_scored_too() -> None:
    found = scored(
        opens("2018", group="925"),
        objectives=wanted("min_cost"),
        rules={
            "points": rule("quota", kinds=["counselling"], opened_by="2019-2020", at_least=1, at_most=None)
        },
    )
    assert found.worst == found.best
    assert found.free is not None
    assert found.free.level.value <= (found.optimum.value if found.optimum else 0)


class TestCanTho:
    """The figures that have to come out right (golden)."""

    def test_both_measures(self, evaluation: Evaluation) -> None:
        assert (evaluation.presence_official, evaluation.presence_best) == (5978, 6532)
        worst, mean, best = numbers(evaluation)
        assert evaluation.optimum is not None
        assert [round(x) for x in (worst, mean, best, evaluation.optimum.value)] == [5916, 5931, 5958, 6805]
        assert "20 cách" in evaluation.method.vi
        assert list(evaluation.cost_vnd.values()) == [338_000_000, 1_237_200_000, 1_061_800_000]

    def test_with_the_same_money_in_any_year(self, evaluation: Evaluation) -> None:
        assert evaluation.free is not None
        assert evaluation.optimum is not None
        assert round(evaluation.free.level.value) == 7403
        assert evaluation.free.level.gap == 0
        assert sum(evaluation.free.cost_vnd.values()) == 2_637_000_000
        assert sum(n for _, kind, *_, n in evaluation.free.openings if kind == "counselling") == 9
        assert evaluation.free.ratio == pytest.approx(0.805, abs=5e-4)

    def test_who_moves(self, evaluation: Evaluation) -> None:
        moves = [x for x in evaluation.exchanges if x.official_stage != x.optimal_stage]
        assert {(x.group, x.official_stage, x.optimal_stage) for x in moves} == {
            ("919", "2019", "2018"),
            ("917", "2018", "2019"),
        }
        assert evaluation.gains[0].group == "916"
        assert "8 xã, phường được thêm" in evaluation.gains[0].text.vi
