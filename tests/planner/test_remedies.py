"""Clashes of every rule: what is said about them, and remedies that are applied and solved again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import planner
from errors import ScenarioError
from optimization.changes import Way
from optimization.facts import FactKind
from planner.plan import Diagnosis, Plan
from planner.remedies import SAYINGS
from scenarios.reading import changed, load, written
from tests.planner.tiny import HOSPITALS, SOURCE, diagnosed, figure, rule, wanted
from text import catalogue

PIN = rule("pinned", kind="counselling", groups=["925"], from_stage="2018")
SATELLITES = rule("pinned", kind="dispensing", groups=["925", "927"], from_stage="2018")
NEAR = ["31261", "31274", "31276"]
TWO = {"at_least": 2, "at_most": 2, "source": "user"}


def target(share: float, **more: Any) -> dict[str, Any]:
    return rule("coverage_target", service="counselling", stage="2019-2020", share=share, hard=True, **more)


def budget(amount: int) -> dict[str, Any]:
    return rule("stage_budget", kinds=["counselling"], stage="2019-2020", amount_vnd=amount)


def parent(**fields: Any) -> dict[str, Any]:
    return rule("parent_within_reach", kind="dispensing", parents=["treatment"], **fields)


NO_THOI_LAI = {"counselling": {"offered": {"927": None}}}
TWO_PINS = rule("pinned", kind="counselling", premises=["tyt-31274", "co_do"], from_stage="2018")

CLASHES: dict[str, dict[str, Any]] = {
    "budget": {"rules": {"points": TWO, "budget": budget(446_399_999)}},
    "capacity": {"kinds": {"counselling": {"capacity": figure(40)}}, "rules": {"target": target(0.6)}},
    "capacity_own": {
        "kinds": {"counselling": {"capacity": figure(40)}},
        "premises": {"named": {"co_do": {"capacity": {"counselling": figure(45)}}}},
        "rules": {"target": target(0.6)},
    },
    "pins": {
        "rules": {
            "pins": TWO_PINS,
            "cluster": rule("cluster", kinds=["counselling"], clusters={"south": NEAR, "north": ["31222"]}),
        }
    },
    "pins_one_cluster": {
        "rules": {"pins": TWO_PINS, "cluster": rule("cluster", kinds=["counselling"], communes=NEAR)}
    },
    "far_parent": {
        "kinds": HOSPITALS,
        "rules": {"parent": parent(minutes=10), "pin": SATELLITES | {"groups": ["925"]}},
    },
    "satellites": {"kinds": HOSPITALS, "rules": {"parent": parent(minutes=60, most=1), "pin": SATELLITES}},
    "target": {"kinds": NO_THOI_LAI, "rules": {"target": target(0.9)}},
    "target_each": {"kinds": NO_THOI_LAI, "rules": {"target": target(0.5, each="group")}},
    "late": {
        "kinds": {"counselling": {"offered": {"925": {"from_stage": "2019-2020", "source": "user"}}}},
        "rules": {"pin": PIN},
    },
    "late_everywhere": {
        "kinds": {
            "counselling": {
                "offered": None,
                "offered_everywhere": {"from_stage": "2019-2020", "source": "user"},
            }
        },
        "rules": {"pin": PIN},
    },
    "caseload": {"kinds": {"counselling": {"minimum_caseload": figure(90)}}, "rules": {"pin": PIN}},
    "ban": {"rules": {"pin": PIN, "ban": rule("forbidden", kind="counselling", groups=["925"])}},
    "pin_together": {
        "rules": {"pin": rule("pinned", kind="counselling", groups=["925"], from_stage="2018", at_least=4)}
    },
    "gradual": {"kinds": {"counselling": {"outer_minutes": figure(16)}}, "rules": {"target": target(0.95)}},
    "community": {
        "kinds": HOSPITALS,
        "rules": {
            "share": rule(
                "community_share",
                community=["dispensing"],
                service="methadone",
                stage="2019-2020",
                share=0.9,
                elsewhere=figure(40),
            )
        },
        "objectives": wanted("max_cover", "min_facilities", service="methadone"),
    },
}


@pytest.fixture(scope="module")
def found() -> Callable[[str], Diagnosis]:
    """Each clash, diagnosed once."""
    known: dict[str, Diagnosis] = {}

    def of(name: str) -> Diagnosis:
        if name not in known:
            known[name] = diagnosed(**CLASHES[name])
        return known[name]

    return of


def said(diagnosis: Diagnosis, words: str) -> dict[str, Any]:
    """The patch of the one remedy that says `words`."""
    patches = [r.patch for r in diagnosis.remedies if words in r.text.vi]
    assert len(patches) == 1, [r.text.vi for r in diagnosis.remedies]
    return patches[0]


@pytest.mark.parametrize("name", CLASHES)
def test_every_remedy_of_every_clash_works(found, name, tmp_path):
    diagnosis = found(name)
    assert diagnosis.remedies
    for remedy in diagnosis.remedies:
        (tmp_path / "relaxed.yaml").write_text(
            written(changed(diagnosis.scenario, remedy.patch)), encoding="utf-8"
        )
        relaxed = planner.run(load(tmp_path / "relaxed.yaml"))  # as a planner who saves and opens it again
        assert isinstance(relaxed, Plan), remedy.text.en
        assert relaxed.report.levels[0].value == pytest.approx(remedy.value)


@pytest.mark.parametrize("name", CLASHES)
def test_rules_are_named_in_words_with_their_source(found, name):
    for clash in (found(name).clash, *found(name).further):
        for part in clash:
            assert part.source in (SOURCE["source"], "mau_2018 §II", "user")
            assert part.text.vi != part.text.en
            assert part.text.vi.startswith(("Quy tắc ", "Nhiều nhất ba", "Điểm tư vấn: "))


def test_a_budget_is_short_by_one_dong(found):
    assert said(found("budget"), "Tăng thêm 1 đồng")["rules"]["budget"]["amount_vnd"] == 446_400_000


def test_money_left_over_counts_before_more_is_asked_for():
    """Two stages together need 338.0 + 446.4 million: what the second lacks is what both lack."""
    first = rule("stage_budget", kinds=["counselling"], stage="2018", amount_vnd=338_000_005)
    rules = {"points": TWO, "first": first, "second": budget(446_399_000) | {"carry_over": True}}
    pin = PIN | {"groups": ["925", "927"]}
    patch = said(diagnosed(rules={**rules, "pin": pin}), "Tăng thêm 995 đồng")
    assert patch["rules"]["second"]["amount_vnd"] == 446_399_995


def test_capacity_against_target(found):
    diagnosis = found("capacity")
    assert {r.rule for r in diagnosis.clash} == {"target", "capacity_counselling", "points"}
    assert any("120,0 chỗ" in fact.vi and "198,0" in fact.vi for fact in diagnosis.because)
    assert said(diagnosis, "Tăng công suất")["kinds"]["counselling"]["capacity"]["value"] == 69


def test_capacities_of_premises_grow_too(found):
    patch = said(found("capacity_own"), "Tăng công suất")
    more = patch["kinds"]["counselling"]["capacity"]["value"] - 40
    assert patch["premises"]["named"]["co_do"]["capacity"]["counselling"]["value"] == 45 + more


def test_two_pins_in_one_cluster(found):
    diagnosis = found("pins")
    assert {(r.rule, r.part) for r in diagnosis.clash} == {
        ("pins", "tyt-31274"), ("pins", "co_do"), ("cluster", "south"),
    }  # fmt: skip
    words = " ".join(r.text.vi for r in diagnosis.clash)
    assert "Trạm y tế xã Đông Thắng" in words
    assert "Thị trấn Cờ Đỏ" in words
    assert any("2 điểm được yêu cầu trong cùng một cụm" in fact.vi for fact in diagnosis.because)
    assert said(diagnosis, "Bỏ quy tắc: Quy tắc pinned đang thử (Trung tâm")["rules"]["pins"]["premises"] == [
        "tyt-31274"
    ]
    allowed = changed(diagnosis.scenario, said(diagnosis, "Cho phép 2 điểm trong cụm"))
    assert list(allowed.rules["cluster"].named) == ["north"]


def test_a_parent_out_of_reach(found):
    diagnosis = found("far_parent")
    assert any("18,5 phút" in fact.vi and "Cờ Đỏ" in fact.vi for fact in diagnosis.because)
    assert said(diagnosis, "đến 18,5 phút")["rules"]["parent"]["minutes"] == 18.5
    new = said(diagnosis, "Mở thêm 01 cơ sở điều trị tại huyện Cờ Đỏ")
    assert new["kinds"]["treatment"]["offered"].keys() == {"925"}


def test_too_many_satellites(found):
    assert said(found("satellites"), "nhiều nhất 2 điểm")["rules"]["parent"]["most"] == 2


def test_a_target_beyond_reach(found):
    diagnosis = found("target")
    assert any("230,0" in fact.vi and "297,0" in fact.vi for fact in diagnosis.because)
    assert said(diagnosis, "Hạ chỉ tiêu xuống 57,57 %")["rules"]["target"]["share"] == 0.5757
    raised = said(diagnosis, "Nâng thời gian đi lại tối đa lên 30,7 phút")
    assert raised["kinds"]["counselling"]["standard_minutes"]["value"] == 30.7


def test_a_target_is_lowered_for_the_group_that_misses_it(found):
    patch = said(found("target_each"), "Hạ chỉ tiêu")
    assert patch["rules"]["target"]["exceptions"]["927"]["share"] == pytest.approx(30 / 130, abs=1e-4)


def test_what_comes_too_late_comes_earlier(found):
    patch = said(found("late"), "sớm hơn, từ giai đoạn 2018")
    assert patch["kinds"]["counselling"]["offered"]["925"]["from_stage"] == "2018"
    everywhere = said(found("late_everywhere"), "sớm hơn ở mọi địa bàn")
    assert everywhere["kinds"]["counselling"]["offered_everywhere"]["from_stage"] == "2018"


def test_a_caseload_that_no_place_has(found):
    diagnosis = found("caseload")
    assert "minimum_caseload_counselling" in {r.rule for r in diagnosis.clash}
    assert any("80,0 người trong tầm" in fact.vi for fact in diagnosis.because)
    assert said(diagnosis, "xuống 80")["kinds"]["counselling"]["minimum_caseload"]["value"] == 80


def test_what_is_forbidden_and_asked_for(found):
    assert said(found("ban"), "Bỏ quy tắc: Quy tắc forbidden")["rules"] == {"ban": None}


def test_a_pin_asks_for_fewer(found):
    assert said(found("pin_together"), "Chỉ yêu cầu 3 điểm")["rules"]["pin"]["at_least"] == 3


def test_a_standard_that_swallows_the_gradual_cover(found):
    raised = changed(found("gradual").scenario, said(found("gradual"), "Nâng thời gian"))
    assert raised.kinds["counselling"].outer_minutes is None


def test_a_share_in_the_community_is_lowered(found):
    assert 0 < said(found("community"), "Hạ mức xuống")["rules"]["share"]["share"] < 0.9


def test_every_way_and_every_fact_has_words():
    assert set(SAYINGS) == set(Way)
    assert [kind.value for kind in FactKind if f"plan.fact.{kind.value}" not in catalogue()] == []


@pytest.mark.parametrize(
    ("patch", "code", "given"),
    [
        ({"rules": {"pin": PIN | {"groups": None, "premises": ["tyt-99999"]}}},
         "plan.unknown_commune", "99999"),
        ({"rules": {"c": rule("cluster", kinds=["counselling"], communes=["31261", "99998"])}},
         "plan.unknown_commune", "99998"),
        ({"registered_persons": {"priority": {"far": {"communes": ["99997"], "weight": 2, **SOURCE}}}},
         "plan.unknown_commune", "99997"),
    ],
)  # fmt: skip
def test_communes_that_rules_name_must_be_listed(patch, code, given):
    patch["rules"] = {
        name: {k: v for k, v in fields.items() if v is not None}
        for name, fields in patch.get("rules", {}).items()
    }
    with pytest.raises(ScenarioError) as why:
        diagnosed(**patch)
    assert [(p.code, p.values["code"]) for p in why.value.problems] == [(code, given)]
