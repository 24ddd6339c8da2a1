"""``counts import --growth --opioid``: what they write beside the counts, and that nothing else changes."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

import cli
from geo import units
from planner.options import chosen
from scenarios.reading import FOLDER, changed, load, written
from tests.geo.intake.saving import as_xlsx
from tests.geo.intake.sheets import one

SCENARIO = FOLDER / "can_tho_2018_2020.yaml"
USED = {"916": 0.6, "925": 0.95}  # elsewhere 0.7
SMALL = "926"  # 30 persons


def call(*args):
    return CliRunner().invoke(cli.main, list(map(str, args)), catch_exceptions=False)


@pytest.fixture(scope="module")
def sheet(tmp_path_factory):
    """All of a group in the first of its communes: 484, in Phong Điền 30; two years before 1/1.21 of them."""
    listed = units.communes("92", "2025-01")
    head = ["Mã xã", "Xã", "Số người 2016", "Số người 2018", "Heroin", "Ma túy tổng hợp"]
    rows, seen = [], set()
    for code, name, group in zip(
        listed["commune_code"], listed["commune"], listed["district_code"], strict=True
    ):
        persons = 0 if group in seen else 30 if group == SMALL else 484
        seen.add(group)
        opioid = round(persons * USED.get(group, 0.7))
        rows.append([code, name, persons * 100 // 121, persons, opioid, persons - opioid])
    path = tmp_path_factory.mktemp("sheet") / "c.xlsx"
    path.write_bytes(as_xlsx(one([head, *rows])))
    return path


def imported(sheet, tmp_path, *options, scenario=SCENARIO):
    out = tmp_path / "new.yaml"
    done = call(
        "counts", "import", sheet, "--scenario", scenario, "--out", out, "--totals", "recompute", *options
    )
    assert done.exit_code == 0, done.output
    return load(out)


def test_nothing_but_counts_changes_without_the_options(sheet, tmp_path):
    before, after = load(SCENARIO), imported(sheet, tmp_path)
    assert after.registered_persons.growth == before.registered_persons.growth
    assert after.services == before.services
    assert after.questions == before.questions


def test_growth_is_written_with_its_years(sheet, tmp_path):
    new = imported(sheet, tmp_path, "--growth", "--source", "literature: Niên giám")
    growth = new.registered_persons.growth
    assert (growth.value, growth.source) == (0.1, "literature: Niên giám")
    assert "từ 2016 đến 2018" in growth.note.vi
    assert new.questions["growth"].as_it_is.en.startswith("10.0%: Compound growth")
    assert new.changes[-1].text == growth.note.text
    assert new.services == load(SCENARIO).services


def test_opioid_shares_are_written_and_the_plan_is_solved_with_them(sheet, tmp_path):
    new = imported(sheet, tmp_path, "--opioid", "methadone", "--growth")
    methadone = new.services["methadone"]
    users = 6 * 339 + 290 + 460 + 21  # six groups at 70 %, Ninh Kiều, Cờ Đỏ, Phong Điền
    assert methadone.suited_share.value == round(users / (8 * 484 + 30), 2) == 0.72
    own = {group: one.value for group, one in methadone.suited_by_group.items()}
    assert own == {"916": 0.6, "925": 0.95} | dict.fromkeys(("917", "918", "919", "923", "924", "927"), 0.7)
    assert "c.xlsx" in methadone.suited_by_group["916"].note.vi
    assert new.services["counselling"] == load(SCENARIO).services["counselling"]
    child = tmp_path / "child.yaml"
    child.write_text(
        "extends: new.yaml\nid: child\nservices: {methadone: {uptake: {value: 0.5, source: user}}}\n",
        encoding="utf-8",
    )
    assert call("validate", child).exit_code == 0
    assert call("solve", child, "--out", tmp_path / "plan").exit_code == 0
    plan = json.loads((tmp_path / "plan" / "plan.json").read_text(encoding="utf-8"))
    demand = [stage["services"]["methadone"]["demand"] for stage in plan["stages"]]
    first = 0.5 * (484 * (6 * 0.7 + 0.6 + 0.95) + 30 * 0.72)
    assert demand == pytest.approx([first, first * 1.1, first * 1.21], abs=0.06)


def test_shares_of_groups_that_were_there_before_are_replaced(sheet, tmp_path):
    share = {"value": 0.1, "source": "user"}
    patch = {"services": {"methadone": {"suited_share": share, "suited_by_group": {SMALL: share}}}}
    old = tmp_path / "old.yaml"
    old.write_text(written(changed(load(SCENARIO), patch)), encoding="utf-8")
    assert SMALL in load(old).services["methadone"].suited_by_group
    new = imported(sheet, tmp_path, "--opioid", "methadone", scenario=old)
    assert SMALL not in new.services["methadone"].suited_by_group


def test_a_service_that_is_not_there_is_told(sheet, tmp_path):
    out = tmp_path / "new.yaml"
    done = call("counts", "import", sheet, "--scenario", SCENARIO, "--out", out, "--lang", "en",
                "--totals", "recompute", "--opioid", "mmt")  # fmt: skip
    assert done.exit_code == 2
    assert 'no service "mmt"; there are: counselling, methadone' in done.output
    assert not out.exists()


@pytest.mark.parametrize("option", [["--growth"], ["--opioid", "methadone"]])
def test_what_the_sheet_does_not_tell_is_refused(tmp_path, option):
    path, out = tmp_path / "c.xlsx", tmp_path / "new.yaml"
    path.write_bytes(as_xlsx(one([["Xã", "Số người"], ["Phường Cái Khế", 3]])))
    done = call("counts", "import", path, "--scenario", SCENARIO, "--out", out, *option)
    assert done.exit_code == 2
    assert not out.exists()


def test_options_of_a_question_hold_in_groups_with_shares_of_their_own(tmp_path):
    listed = units.communes("08", "2025-01")
    rows = [
        [code, name, 9, 6, 3] for code, name in zip(listed["commune_code"], listed["commune"], strict=True)
    ]
    path = tmp_path / "c.xlsx"
    path.write_bytes(as_xlsx(one([["Mã xã", "Xã", "Tổng số", "Heroin", "Loại khác"], *rows])))
    new = imported(path, tmp_path, "--opioid", "methadone", scenario=FOLDER / "tuyen_quang_2020.yaml")
    question = new.questions["opioid_share"]
    assert question.as_it_is.vi.startswith("67,0 %")
    seventy = chosen(new, {"opioid_share": "seventy"}).services["methadone"]
    assert seventy.suited_share.value == 0.7
    assert {one.value for one in seventy.suited_by_group.values()} == {0.7}
