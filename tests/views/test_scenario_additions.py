"""Additions without a screen: each is one change that holds, says whose it is, and leaves no trace."""

from __future__ import annotations

from typing import Any

import pytest

from planner.review import review
from planner.wording import worded
from scenarios import reading
from scenarios.schema import Scenario
from views import scenario_edits
from views.scenario_added import in_the_way, is_added, new_id, own, retold, taken_out
from views.scenario_additions import SECTIONS, Given, WrongError, choices, made, missing, next_stage
from views.scenario_fields import fields

SHOWN = reading.SHOWN_FIRST.name
REASON = "Tỉnh dự kiến cấp"
STANDARD, BUDGET_2019 = "kinds.treatment.standard_minutes.value", "rules.budget_2019.amount_vnd"
ADDITIONS: list[tuple[str, dict[str, Any]]] = [
    ("budget", {"kinds": ["counselling"], "stages": ["2018", "2019"], "amount": "2.000"}),
    ("cost", {"kind": "dispensing", "first": "100", "later": "50,5"}),
    ("target", {"service": "counselling", "stage": "2019", "share": "60", "strength": "hard",
                "where": "all"}),
    ("target", {"service": "counselling", "stage": "2019", "share": "60", "strength": "soft",
                "where": "each"}),
    ("quota", {"kinds": ["counselling"], "bound": "at_most", "points": "2", "time": "open_at",
               "stage": "2020", "where": "each"}),
    ("quota", {"kinds": ["counselling"], "bound": "at_least", "points": "1", "time": "opened_in",
               "stage": "2018", "where": "some", "groups": ["916", "923"]}),
    ("offer", {"kind": "dispensing", "groups": ["916"], "from_stage": "2019", "points": "1"}),
    ("stage", {"years": "2"}),
    ("figure", {"figure": STANDARD, "value": "20"}),
]  # fmt: skip
NEW_OFFER = ("kinds", "dispensing", "offered", "916")
PATHS = {
    "budget": ("rules", "added_budget_1"), "cost": ("kinds", "dispensing", "cost"),
    "target": ("rules", "added_target_1"), "quota": ("rules", "added_quota_1"),
    "offer": ("rules", "added_offer_1"), "stage": ("stages", "2021-2022"),
}  # fmt: skip


def loaded(name: str = SHOWN) -> Scenario:
    return reading.load(reading.FOLDER / name)


def given(values: dict[str, Any], lang: Any = "vi") -> Given:
    return Given({"reason": REASON, **values}, dict.fromkeys(values, lang))


def added(what: Any, values: dict[str, Any], s: Scenario | None = None) -> Scenario:
    s = s or loaded()
    return reading.changed(s, made(s, loaded(), what, given(values)).patch)


# --- each of them --------------------------------------------------------------------------------


@pytest.mark.parametrize(("what", "values"), ADDITIONS)
def test_an_addition_holds_is_written_and_bears_its_reason(what, values, tmp_path):
    before = loaded()
    then = added(what, values)
    assert then.data != before.data
    file = tmp_path / "kept.yaml"
    file.write_text(reading.written(then), encoding="utf-8")
    assert reading.load(file).data == {k: v for k, v in then.data.items() if k != "extends"}
    new = [a for a in then.assumptions() if a not in before.assumptions() and REASON in a.note.vi]
    assert new
    assert {a.source for a in new} == {"user"}


@pytest.mark.parametrize(("what", "values"), ADDITIONS)
def test_taken_out_again_it_leaves_no_trace(what, values):
    plan, then = loaded(), added(what, values)
    if what == "figure":  # an ordinary figure of the page: put back there
        field = next(f for f in fields(then) if f.name == STANDARD)
        back = scenario_edits.put_back(then, plan, field)
    else:
        back = taken_out(then, plan, PATHS[what])
    left = reading.changed(then, back.patch)
    left_offers = {name: kind.offered for name, kind in left.kinds.items()}
    assert left_offers == {name: kind.offered for name, kind in plan.kinds.items()}
    for block in ("rules", "stages", "objectives", "services"):
        assert getattr(left, block) == getattr(plan, block)
    assert left.assumptions() == plan.assumptions()


def test_what_is_added_is_said_in_words():
    plan = loaded()
    said = [made(plan, plan, what, given(values)).text for what, values in ADDITIONS]
    assert said[0].vi.startswith("Thêm: Kinh phí gộp các giai đoạn 2018, 2019 cho điểm tư vấn")
    assert said[0].vi.endswith(": 2.000 triệu đồng")
    assert "năm đầu 100 triệu đồng, mỗi năm sau 50,5 triệu đồng" in said[1].vi
    assert said[4].vi.startswith("Thêm: Nhiều nhất 02 điểm tư vấn")
    assert said[4].vi.endswith("vào cuối năm 2020, ở mỗi địa bàn")
    assert "ở Quận Ninh Kiều, Quận Thốt Nốt" in said[5].vi
    assert said[7].en == "Added: stage 2021-2022"


def test_numbers_are_read_in_the_language_they_were_typed_in():
    values = {"kinds": ["counselling"], "stages": ["2018", "2019"], "amount": "2,000"}
    plan = loaded()
    for lang, amount in (("en", 2_000_000_000), ("vi", 2_000_000)):
        patch = made(plan, plan, "budget", given(values, lang)).patch
        assert patch["rules"]["added_budget_1"]["amount_vnd"] == amount


def test_code_in_a_reason_is_tamed():
    values = {"years": "1", "reason": "<img src=x onerror=alert(1)>"}
    note = added("stage", values).stages["2021"].note
    assert note is not None
    assert "<" not in note.vi


# --- what cannot be taken ------------------------------------------------------------------------

BUDGET, QUOTA, OFFER = (dict(ADDITIONS[n][1]) for n in (0, 4, 6))


@pytest.mark.parametrize(
    ("what", "values", "field", "says"),
    [
        ("budget", BUDGET | {"reason": "  "}, "reason", "lý do hoặc nguồn"),
        ("budget", BUDGET | {"reason": "a" * 251}, "reason", "Nhiều nhất 250 chữ"),
        ("budget", BUDGET | {"amount": "nhiều"}, "amount", "không phải là số"),
        ("budget", BUDGET | {"amount": ""}, "amount", "không để trống"),
        ("budget", BUDGET | {"amount": "-3"}, "amount", "Phải từ"),
        ("budget", BUDGET | {"kinds": []}, "kinds", "một loại điểm"),
        ("budget", BUDGET | {"kinds": ["dispensing"]}, "kinds", "một loại điểm"),  # has no unit cost
        ("budget", BUDGET | {"stages": []}, "stages", "một giai đoạn"),
        ("budget", BUDGET | {"stages": ["2019"]}, "stages", "đã có “Kinh phí năm 2019”"),
        ("cost", {"kind": "counselling", "first": "1", "later": "1"}, "kind", "Chọn lại"),
        ("cost", {"kind": "dispensing", "first": "1,0000001", "later": "1"}, "first", "số nguyên"),
        ("target", {"service": "counselling", "stage": "2019", "share": "120"}, "share", "100 %"),
        ("target", {"service": "methadone", "stage": "2019", "share": "50"}, "service", "Chọn lại"),
        ("quota", QUOTA | {"points": "2,5"}, "points", "số nguyên"),
        ("quota", QUOTA | {"points": "0", "bound": "at_least"}, "points", "từ 1 điểm"),
        ("quota", QUOTA | {"where": "some", "groups": []}, "groups", "một địa bàn"),
        ("offer", OFFER | {"groups": ["925"]}, "groups", "một địa bàn"),  # it may open there already
        ("offer", OFFER | {"points": "0"}, "points", "từ 1 điểm"),
        ("stage", {"years": "31"}, "years", "30"),
        ("stage", {"years": "hai"}, "years", "không phải là số"),
        ("figure", {"figure": BUDGET_2019, "value": "2"}, "figure", "Chọn lại"),
        ("figure", {"figure": STANDARD, "value": "0"}, "value", "lớn hơn 0"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_is_told_at_its_field(what, values, field, says):
    plan = loaded()
    with pytest.raises(WrongError) as told:
        made(plan, plan, what, given(values))
    assert list(told.value.at) == [field]
    assert says in told.value.at[field].vi
    assert told.value.at[field].en


def test_all_mistakes_are_told_at_once():
    plan = loaded()
    with pytest.raises(WrongError) as told:
        made(plan, plan, "budget", Given({"kinds": [], "stages": []}, {}))
    assert set(told.value.at) == {"kinds", "stages", "amount", "reason"}


def test_a_second_budget_for_the_same_is_refused():
    s = added(*ADDITIONS[0])
    with pytest.raises(WrongError) as told:
        made(s, loaded(), "budget", given(BUDGET))
    assert told.value.at["stages"].vi.startswith("Bạn đã thêm")


def test_a_stage_needs_a_growth():
    s = loaded("dong_nai_to_2020.yaml")
    with pytest.raises(WrongError) as told:
        made(s, s, "stage", given({"years": "5"}))
    assert "tăng bao nhiêu mỗi năm" in told.value.at["years"].vi


# --- what there is to add ------------------------------------------------------------------------


def test_only_what_the_model_keeps_is_offered():
    s = loaded()
    assert [choices(s, section) for section in SECTIONS] == [
        ["figure"], ["figure"], ["quota", "offer", "stage"], ["budget", "cost"], ["target"],
    ]  # fmt: skip
    assert "kinds.treatment.capacity.value" not in {f.name for f in missing(s, "places")}  # nobody counted
    dong_nai = loaded("dong_nai_to_2020.yaml")
    assert choices(dong_nai, "money") == ["cost"]  # no unit cost, no budget
    assert choices(dong_nai, "openings") == ["quota", "stage"]  # everything may open everywhere
    nation = loaded("national_2012_2015.yaml")
    assert not any("minutes" in f.name for f in missing(nation, "places"))  # travel takes no time there


def test_a_unit_cost_makes_way_for_a_budget():
    s = loaded("dong_nai_to_2020.yaml")
    kind = next(iter(s.kinds))
    costs = made(s, s, "cost", given({"kind": kind, "first": "10", "later": "5"})).patch
    assert choices(reading.changed(s, costs), "money") == ["budget", "cost"]


def test_stages_go_on_where_the_last_one_ends():
    assert (next_stage(loaded(), 1), next_stage(loaded(), 5)) == ("2021", "2021-2025")
    assert next_stage(loaded("dong_nai_to_2020.yaml"), 5) == "2021-2025"


def test_ids_are_new():
    s = added(*ADDITIONS[0])
    assert (new_id(s, "budget"), new_id(s, "quota")) == ("added_budget_2", "added_quota_1")
    assert is_added(new_id(s, "quota"))


# --- living with it ------------------------------------------------------------------------------


def test_a_changed_number_changes_the_words_and_keeps_the_reason():
    plan, s = loaded(), added("quota", QUOTA)
    field = next(f for f in fields(s) if f.name == "rules.added_quota_1.at_most")
    s = reading.changed(s, retold(s, scenario_edits.edit(s, plan, field, 3).patch))
    rule = s.rules["added_quota_1"]
    assert rule.text.vi.startswith("Nhiều nhất 03")
    assert rule.note is not None
    assert REASON in rule.note.vi
    s = reading.changed(
        s, retold(s, scenario_edits.bounds(s, plan, ("rules", "added_quota_1"), "exactly").patch)
    )
    assert s.rules["added_quota_1"].text.en.startswith("Exactly 3")


def test_rules_of_the_document_keep_their_words():
    s = loaded()
    patch = {"rules": {"points_2018": {"exactly": 3, "source": "user"}}}
    assert retold(s, patch) == patch


def test_what_others_speak_of_is_not_taken_out_first():
    s = added("stage", {"years": "1"})
    s = added("budget", BUDGET | {"stages": ["2021"]}, s)
    assert [t.vi for t in in_the_way(s, ("stages", "2021"))] == [s.rules["added_budget_1"].text.vi]
    assert [one.path for one in own(s, loaded())] == [("stages", "2021")]
    priced = added("cost", ADDITIONS[1][1])
    assert in_the_way(priced, ("kinds", "dispensing", "cost")) == []
    limited = added("budget", BUDGET | {"kinds": ["dispensing"]}, priced)
    assert len(in_the_way(limited, ("kinds", "dispensing", "cost"))) == 1


def test_what_is_new_as_a_whole_has_no_single_value_to_put_back():
    plan, s = loaded(), added("offer", OFFER, added("stage", {"years": "2"}))
    new = [f for f in fields(s) if f.path[:2] == ("stages", "2021-2022") or f.path[:4] == NEW_OFFER]
    assert len(new) == 2
    assert not any(scenario_edits.is_changed(s, plan, f) for f in new)


def test_half_a_unit_cost_is_never_left():
    plan, s = loaded(), added("cost", ADDITIONS[1][1])
    field = next(f for f in fields(s) if f.name == "kinds.dispensing.cost.later_year_vnd.value")
    left = reading.changed(s, scenario_edits.put_back(s, plan, field).patch)
    assert left.kinds["dispensing"].cost is None


def test_a_budget_that_cannot_do_is_told_before_the_solve():
    s = added("budget", {"kinds": ["counselling"], "stages": ["2018", "2019", "2020"], "amount": "1.000"})
    stops = [f.text.vi for f in review(s) if f.grade == "stop"]
    assert any("Kinh phí gộp các giai đoạn 2018, 2019, 2020" in words for words in stops)
    assert "added_budget_1" in worded(s)
