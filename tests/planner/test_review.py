"""What a look before the solve says of the shipped scenarios and of ones that cannot work."""

import time
from typing import Any

import pytest

from planner.review import Finding, review
from scenarios import reading
from scenarios.schema import Scenario

FILES = sorted(reading.FOLDER.glob("*.yaml"))
AS_WRITTEN = "can_tho_2018_2020_as_written"


def shown() -> Scenario:
    return reading.load(reading.SHOWN_FIRST)


def stops(s: Scenario) -> list[Finding]:
    return [finding for finding in review(s) if finding.grade == "stop"]


def patched(rule: str, **values: Any) -> Scenario:
    return reading.changed(shown(), {"rules": {rule: {**values, "source": "user"}}})


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_of_the_shipped_scenarios_only_the_contradictory_one_is_stopped(file):
    # the others have plans: tests/planner/test_run.py and the golden figures of the commands
    assert bool(stops(reading.load(file))) == (file.stem == AS_WRITTEN)


def test_the_contradiction_is_told_with_its_place_source_and_missing_hosts():
    finding = stops(reading.load(reading.FOLDER / f"{AS_WRITTEN}.yaml"))[0]
    assert "Cờ Đỏ" in finding.text.vi
    assert "điểm cấp phát thuốc methadone" in finding.text.vi
    assert finding.source == "can_tho_2018_2020 §III.1"
    assert finding.path == ("rules", "one_per_district")


def test_a_budget_too_small_is_told_in_money():
    finding = stops(patched("budget_2019", amount_vnd=990_000_000))[0]
    assert "1.237,2 triệu đồng" in finding.text.vi
    assert "990,0 triệu đồng" in finding.text.vi
    assert finding.path == ("rules", "budget_2019")


def test_a_budget_that_just_suffices_is_not():
    assert stops(patched("budget_2019", amount_vnd=1_237_200_000)) == []


def test_more_points_than_the_districts_and_the_city_centre_take_is_told():
    texts = [finding.text.vi for finding in stops(patched("points_2018", exactly=4))]
    assert any("đòi mở 11 điểm" in text and "chỉ cho mở 10" in text for text in texts)


def test_what_only_the_user_can_give_is_a_doubt_with_the_way_there():
    doubts = {f.path: f.text.vi for f in review(shown()) if f.grade == "doubt"}
    assert "tỷ lệ người phù hợp" in doubts["services", "methadone", "suited_share"]
    uncounted = review(reading.load(reading.FOLDER / "dong_nai_to_2020.yaml"))
    assert ("registered_persons", "missing_counts") in {f.path for f in uncounted if f.grade == "doubt"}


def test_nobody_in_need_is_a_doubt():
    figure = {"value": 0, "source": "user"}
    s = reading.changed(shown(), {"services": {"counselling": {"uptake": figure}}})
    assert ("services", "counselling") in {f.path for f in review(s) if f.grade == "doubt"}


def test_more_persons_than_live_near_any_point_is_a_doubt():
    figure = {"value": 2_600, "source": "user"}
    s = reading.changed(shown(), {"kinds": {"counselling": {"minimum_caseload": figure}}})
    assert ("kinds", "counselling", "minimum_caseload") in {f.path for f in review(s) if f.grade == "doubt"}


def test_a_target_beyond_reach_stops_where_it_is_hard():
    target = {
        "rule": "coverage_target", "text": {"vi": "Tất cả", "en": "All"}, "service": "counselling",
        "stage": "2018", "share": 1.0, "hard": True, "source": "user",
    }  # fmt: skip
    minute = {"value": 1, "source": "user"}
    patch: dict[str, Any] = {"rules": {"all": target}, "kinds": {"counselling": {"standard_minutes": minute}}}
    found = [f for f in stops(reading.changed(shown(), patch)) if f.path == ("rules", "all")]
    assert "mở mọi nơi có thể" in found[0].text.vi
    target["hard"] = False
    shortfall = {"objective": "min_shortfall", "service": "counselling", "source": "user"}
    patch["objectives"] = [shortfall, *shown().data["objectives"]]
    soft = [f for f in review(reading.changed(shown(), patch)) if f.path == ("rules", "all")]
    assert [f.grade for f in soft] == ["doubt"]


def test_open_questions_and_estimates_are_counted():
    notes = [f.text.vi for f in review(shown()) if f.grade == "note"]
    assert any("tăng bao nhiêu mỗi năm" in text for text in notes)
    assert any(text.startswith(f"{len(shown().assumptions())} số liệu") for text in notes)


def test_it_is_quick_for_a_province():
    s = reading.load(reading.FOLDER / "dong_nai_to_2020.yaml")
    review(s)
    began = time.perf_counter()
    review(s)
    assert time.perf_counter() - began < 1
