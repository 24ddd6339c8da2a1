"""A scenario of early 2025 carried to the communes since July 2025, and a plan shown on them."""

import copy

import pytest
from click.testing import CliRunner

import cli
import planner
from errors import DataError
from geo import units
from planner.crosswalk import crosswalk
from planner.geography import places
from planner.reform import SECTIONS, reformed
from planner.reform_plan import ON_COMMUNES, shown
from scenarios.reading import FOLDER, changed, from_data, load, written

CAN_THO = FOLDER / "can_tho_2018_2020.yaml"
PROVINCIAL = ("can_tho_2018_2020", "can_tho_2018_2020_as_written", "dong_nai_to_2020", "tuyen_quang_2020")
NOTE = {"vi": "Thử.", "en": "A test."}


@pytest.fixture(scope="module")
def can_tho():
    return load(CAN_THO)


@pytest.fixture(scope="module")
def carried(can_tho):
    return reformed(can_tho)


def told(found, section):
    return [change.text.vi for change in found.changes if change.section == section]


@pytest.mark.parametrize("name", PROVINCIAL)
def test_every_provincial_scenario_can_be_carried_and_planned(name, tmp_path):
    before = load(FOLDER / f"{name}.yaml")
    found = reformed(before)
    after = found.scenario
    path = tmp_path / "carried.yaml"
    path.write_text(written(after), encoding="utf-8")
    assert load(path).data == after.data
    communes = places(after).communes
    assert communes["persons"].sum() == before.registered_persons.total.value
    assert set(communes["commune_code"]) == set(found.crosswalk.area)
    assert set(after.rules) == set(before.rules)
    assert communes["persons_estimated"].all()
    for lang in ("vi", "en"):
        assert all(change.text.say(lang) for change in found.changes)
    order = [SECTIONS.index(change.section) for change in found.changes]
    assert order == sorted(order)


def test_districts_become_areas_with_their_codes(can_tho, carried):
    after = carried.scenario
    assert after.place.vintage == "2025-07"
    assert after.place.groups == "area"
    assert list(after.place.areas) == list(can_tho.registered_persons.by_group)
    assert after.place.areas["916"].name == "Quận Ninh Kiều (cũ)"
    communes = [code for area in after.place.areas.values() for code in area.communes]
    assert len(communes) == len(set(communes)) == 32
    assert after.official == can_tho.official
    mixed = told(carried, "areas")
    assert any("Phường An Bình" in line and "Huyện Phong Điền" in line for line in mixed)


def test_counts_are_those_of_the_former_communes(can_tho, carried):
    before = places(can_tho).communes.set_index("commune_code")["persons"]
    after = places(carried.scenario).communes.set_index("commune_code")["persons"]
    ninh_kieu = units.successors().query("successor_code == '31135'")["commune_code"]
    assert after["31135"] == before[ninh_kieu].sum()
    by_group = carried.scenario.registered_persons.by_group
    assert sum(g.persons for g in by_group.values()) == 2630
    assert by_group["919"].persons == 222  # Cái Răng as a whole
    assert by_group["919"].source == can_tho.registered_persons.by_group["919"].source
    assert by_group["916"].source == "estimate"


def test_premises_go_along_and_say_where_they_are_not_certain(carried):
    named = carried.scenario.premises.named
    assert named["ninh_kieu"].commune == "31135"
    assert named["thot_not"].commune == "31207"
    lines = told(carried, "premises")
    assert any("Thốt Nốt" in line and "kiểm tra" in line for line in lines)
    assert sum("kiểm tra" in line for line in lines) == 1


def test_premises_whose_commune_changed_sides_stay_with_their_group(can_tho):
    listed = units.communes("92", "2025-01").set_index("commune")["commune_code"]
    # Mỹ Khánh of Phong Điền went to An Bình, which is counted to Ninh Kiều.
    there = {"commune": listed["Xã Mỹ Khánh"], "commune_source": "user"}
    found = reformed(changed(can_tho, {"premises": {"named": {"phong_dien": there}}}))
    place = found.scenario.premises.named["phong_dien"]
    assert (place.commune, place.group) == ("31150", "926")
    assert place.commune_source == "user"
    assert any("vẫn tính cho Huyện Phong Điền" in line for line in told(found, "premises"))


def test_rules_and_answers_that_name_communes_follow_them(can_tho):
    ninh_kieu = sorted(units.successors().query("successor_code == '31135'")["commune_code"])
    stations = [f"tyt-{code}" for code in (*ninh_kieu, "31186")]
    text = {"text": NOTE, "source": "user"}
    patch = {
        "registered_persons": {
            "priority": {"first": {"communes": ["31207"], "weight": 2, "source": "user"}}
        },
        "rules": {
            "alone": {
                "rule": "cluster", "kinds": ["counselling"], "communes": ninh_kieu,
                "text": {"vi": "Một cụm.", "en": "One cluster."}, "source": "user",
            },
            "pair": {
                "rule": "cluster", "kinds": ["counselling"], **text,
                "clusters": {"gone": ninh_kieu, "kept": [ninh_kieu[0], "31186"]},
            },
            "pins": {
                "rule": "pinned", "kind": "counselling", "premises": stations, "at_least": 3,
                "from_stage": "2020", **text,
            },
        },
        "criteria": {"private_room": {"answers": {
            stations[0]: True, stations[1]: False, stations[-1]: True}}},
        "official": {"openings": [
            {"stage": "2018", "kind": "counselling", "premises": stations, "count": 4, "source": "user"}]},
        "questions": {"tried": {"text": NOTE, "as_it_is": NOTE, "source": "user", "options": {
            "more": {"label": NOTE, "patch": {
                "registered_persons": {"total": {"value": 9, "source": "user"}}}},
            "pinned_elsewhere": {"label": NOTE, "patch": {
                "rules": {"pins": {"premises": [stations[0]], "at_least": 1, "source": "user"}}}},
        }}},
    }  # fmt: skip
    patch["criteria"]["private_room"]["source"] = "user"
    found = reformed(changed(can_tho, patch))
    after = found.scenario
    assert "alone" not in after.rules
    assert after.rules["pair"].named == {"kept": ("31135", "31186")}
    assert after.rules["pins"].premises == ("tyt-31135", "tyt-31186")
    assert after.rules["pins"].at_least == 2
    assert set(after.registered_persons.priority["first"].communes) == {"31207", "31228"}
    assert after.criteria["private_room"].answers == {"tyt-31186": True}
    assert after.official.openings[0].premises == ("tyt-31135", "tyt-31186")
    assert after.official.openings[0].count == 2
    assert list(after.questions["tried"].options) == ["pinned_elsewhere"]
    pins = after.questions["tried"].options["pinned_elsewhere"].patch["rules"]["pins"]
    assert pins["premises"] == ["tyt-31135"]
    assert len(told(found, "rules")) == 2
    assert len(told(found, "check")) == 6  # two that always stand there, and four of these


def in_areas(scenario, *small):
    """`scenario` with two areas: a small one and the rest."""
    listed = list(units.communes("92", "2025-01")["commune_code"])
    rest = [code for code in listed if code not in small]
    data = copy.deepcopy({k: v for k, v in scenario.data.items() if k != "extends"})
    names = {"small": "Nhỏ", "rest": "Còn lại"}
    data["place"] |= {
        "groups": "area",
        "areas": {
            code: {"name": name, "communes": list(small) if code == "small" else rest, "source": "user"}
            for code, name in names.items()
        },
    }
    data["registered_persons"]["by_group"] = {
        code: {"name": name, "persons": 30 if code == "small" else 2600, "source": "user"}
        for code, name in names.items()
    }
    data["rules"] = {
        "one_each": {
            "rule": "quota", "text": NOTE, "kinds": ["counselling"], "open_at": "2020", "each": "group",
            "at_most": 2, "exceptions": {"small": {"at_most": 1, "source": "user"}}, "source": "user",
        },
    }  # fmt: skip
    data["kinds"]["dispensing"].pop("offered", None)
    data["official"] = {
        "label": NOTE,
        "openings": [{"stage": "2018", "kind": "counselling", "group": "small", "source": "user"}],
    }
    data["observed"] = {"seen": {"text": NOTE, "group": "small", "source": "user"}}
    return from_data(data)


def test_a_group_without_a_commune_of_its_own_goes_with_most_of_it(can_tho):
    found = reformed(in_areas(can_tho, "31123"))  # Thới Bình, merged with two communes of the other area
    after = found.scenario
    assert list(after.place.areas) == ["rest"]
    assert found.crosswalk.groups == {"rest": "rest", "small": "rest"}
    assert after.registered_persons.by_group["rest"].persons == 2630
    assert after.official.openings[0].group == "rest"
    assert after.observed["seen"].group == "rest"
    assert list(after.rules["one_each"].exceptions) == ["rest"]
    assert any("Nhỏ không còn xã nào riêng" in line for line in told(found, "areas"))


def test_counts_that_are_known_and_not_divided_stay_known(can_tho):
    ward = ["31117", "31120"]  # Cái Khế and An Hòa, which went to Cái Khế with part of Bùi Hữu Nghĩa
    members = list(units.successors().query("successor_code == '31135'")["commune_code"])
    areas = in_areas(can_tho, *members)
    listed = list(units.communes("92", "2025-01")["commune_code"])
    persons = dict.fromkeys(members, 10) | {code: 0 for code in listed if code not in members}
    persons[ward[0]] = 2600
    patch = {"registered_persons": {"by_commune": {"persons": persons, "source": "user"}}}
    after = reformed(changed(areas, patch)).scenario
    counts = after.registered_persons.by_commune
    assert counts.persons["31135"] == 30
    assert counts.source == "inferred"  # Bùi Hữu Nghĩa was divided, but counts nobody
    assert not places(after).communes["persons_estimated"].any()


@pytest.mark.parametrize(
    ("scenario", "code"),
    [
        (lambda: reformed(load(CAN_THO)).scenario, "reform.already"),
        (lambda: load(FOLDER / "national_2012_2015.yaml"), "reform.nation"),
    ],
)
def test_what_cannot_be_carried_is_refused(scenario, code):
    with pytest.raises(DataError) as error:
        reformed(scenario())
    assert [problem.code for problem in error.value.problems] == [code]
    assert error.value.say("vi")


def test_a_province_that_went_to_two_is_refused(can_tho, monkeypatch):
    whole = units.everywhere

    def elsewhere(vintage):
        frame = whole(vintage)
        if vintage == "2025-07":
            frame.loc[frame["commune_code"] == "31135", "province_code"] = "91"
        return frame

    monkeypatch.setattr("planner.crosswalk.units.everywhere", elsewhere)
    with pytest.raises(DataError) as error:
        crosswalk(can_tho)
    assert [problem.code for problem in error.value.problems] == ["reform.two_provinces"]
    assert "91, 92" in error.value.say("vi")


# --- a plan shown on the new communes ------------------------------------------------------------


@pytest.fixture(scope="module")
def plan(can_tho):
    return planner.run(can_tho)


def test_the_plan_keeps_its_persons_and_points(plan):
    found = shown(plan)
    assert list(found.cover.columns) == list(ON_COMMUNES)
    for stage, cover in plan.coverage.set_index("stage").iterrows():
        mine = found.cover[found.cover["stage"] == stage]
        assert len(mine) == 32
        assert mine["demand"].sum() == pytest.approx(cover["demand"])
        assert mine["served"].sum() == pytest.approx(cover["served"])
        opened = plan.facilities[(plan.facilities["service"] == "counselling")]
        by_now = opened[opened["opened_stage"].between("", stage)]
        assert mine["points"].sum() == len(by_now)
    assert (found.cover["served"] <= found.cover["demand"] + 1e-9).all()


def test_the_plan_opens_the_same_in_the_new_communes(plan):
    found = shown(plan)
    assert list(found.openings["facility"]) == list(plan.openings["facility"])
    new = set(units.communes("92", "2025-07")["commune_code"])
    assert set(found.openings["commune_code"]) <= new
    row = found.openings.set_index("premises").loc["ninh_kieu"]
    assert (row["was"], row["commune"], row["unsure"]) == ("Phường Xuân Khánh", "Phường Ninh Kiều", False)
    assert found.openings.set_index("premises").loc["thot_not", "unsure"]


def test_the_carried_scenario_has_a_plan_that_keeps_the_rules(carried):
    found = planner.run(carried.scenario)
    assert found.rules["kept"].all()
    assert set(found.openings["group"]) == set(carried.scenario.registered_persons.by_group)
    assert found.coverage["served"].iloc[-1] > 2000


# --- the command ---------------------------------------------------------------------------------


def call(*args):
    return CliRunner().invoke(cli.main, [str(arg) for arg in args], catch_exceptions=False)


def test_the_command_reports_and_writes_a_scenario_that_can_be_read(tmp_path):
    out = tmp_path / "new.yaml"
    result = call("reform", CAN_THO, "--to", "2025-07", "--out", out, "--plan")
    assert result.exit_code == 0
    for words in (
        "Phường Ninh Kiều ←",
        "một phần Phường Long Tuyền",
        "Tổng giữ nguyên: 2.630 người",
        "xem trên xã, phường mới",
        "new.yaml",
    ):
        assert words in result.stdout
    assert load(out).id == "can_tho_2018_2020_2025_07"
    english = call("reform", CAN_THO, "--lang", "en")
    assert "part of Phường Long Tuyền" in english.stdout
    again = call("reform", CAN_THO, "--out", out)
    assert again.exit_code == 2
    assert "đã có" in again.stderr
    assert call("reform", out).exit_code == 2


def test_the_command_says_when_the_old_scenario_has_no_plan(tmp_path):
    out = tmp_path / "new.yaml"
    result = call("reform", FOLDER / "can_tho_2018_2020_as_written.yaml", "--out", out, "--plan")
    assert result.exit_code == 3
    assert "Huyện Cờ Đỏ" in result.stdout
