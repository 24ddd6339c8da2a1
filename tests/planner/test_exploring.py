"""What a planner asks of the Cần Thơ plan, from the arrays to the printed line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import cli
from commands.common import INFEASIBLE
from errors import ScenarioError
from exports import exploration
from planner.exploring import QUESTIONS, Asked, RulesClashError, Sheet, ask
from scenarios.reading import FOLDER, load
from text import LANGS, Lang

RESOLVED, AS_WRITTEN = FOLDER / "can_tho_2018_2020.yaml", FOLDER / "can_tho_2018_2020_as_written.yaml"
BEST = 6805.0


@pytest.fixture(scope="module")
def sheets() -> dict[str, Sheet]:
    scenario = load(RESOLVED)
    return {question: ask(scenario, question, Asked()) for question in QUESTIONS}


def column(sheet: Sheet, name: str) -> list[Any]:
    return [row[sheet.columns.index(name)] for row in sheet.rows]


def test_the_only_methadone_site_of_a_district_cannot_be_forbidden(sheets: dict[str, Sheet]) -> None:
    why = sheets["why"]
    losses = dict(zip(column(why, "premises"), column(why, "loss_forbidden"), strict=True))
    assert len(losses) == 9
    assert losses["Cơ sở điều trị methadone quận Ô Môn"] == "infeasible"
    assert losses["Cơ sở điều trị methadone quận Ninh Kiều"] == 0  # the city's HIV/AIDS centre does as well
    assert all(loss >= 0 for loss in column(why, "loss_later") if isinstance(loss, float))


def test_alternatives_are_as_good_as_they_say(sheets: dict[str, Sheet]) -> None:
    found = sheets["alternatives"]
    assert column(found, "value")[0] == BEST
    assert all(0 <= loss <= Asked().epsilon for loss in column(found, "loss_share"))
    assert len({(row[3], row[4]) for row in found.rows}) == len(found.rows)


def test_more_points_never_cover_less(sheets: dict[str, Sheet]) -> None:
    covered = column(sheets["curve"], "person_years")
    assert covered == sorted(covered)
    assert covered[-1] >= BEST  # the quotas are set aside


def test_no_plan_of_the_front_beats_another(sheets: dict[str, Sheet]) -> None:
    front = sheets["front"]
    pairs = list(zip(column(front, "person_years"), column(front, "cost"), strict=True))
    for cover, cost in pairs:
        assert not any(c >= cover and m <= cost and (c, m) != (cover, cost) for c, m in pairs)


def test_a_target_beyond_reach_is_said_to_be(sheets: dict[str, Sheet]) -> None:
    assert sheets["path"].rows
    assert not ask(load(RESOLVED), "path", Asked(target=1.0)).rows


def test_a_cut_changes_something_and_no_cut_nothing(sheets: dict[str, Sheet]) -> None:
    assert sheets["cut"].rows
    assert not ask(load(RESOLVED), "cut", Asked(cut=0.0)).rows


def test_nothing_simpler_is_better(sheets: dict[str, Sheet]) -> None:
    found = sheets["baselines"]
    assert column(found, "of_best")[0] == 1
    assert all(share is None or share <= 1 for share in column(found, "of_best"))


@pytest.mark.parametrize("lang", LANGS)
def test_every_answer_can_be_read(sheets: dict[str, Sheet], lang: Lang) -> None:
    for sheet in sheets.values():
        lines = exploration.lines(sheet, lang).splitlines()
        assert len(lines) >= len(sheet.rows) + 4
        json.dumps(exploration.record(sheet), allow_nan=False)


def test_clashing_rules_are_named_before_anything_is_asked() -> None:
    with pytest.raises(RulesClashError) as why:
        ask(load(AS_WRITTEN), "curve", Asked())
    assert why.value.problems[0].code == "plan.explore_infeasible"


def test_from_the_command_line(tmp_path: Path) -> None:
    call = ["explore", str(RESOLVED), "--what", "curve", "--out", str(tmp_path)]
    result = CliRunner().invoke(cli.main, call, catch_exceptions=False)
    assert result.exit_code == 0
    assert "Bao nhiêu điểm là đủ?" in result.stdout
    written = json.loads((tmp_path / "explore.json").read_text(encoding="utf-8"))
    assert written["question"] == "curve"
    assert written["edition"] == "internal"
    call = ["explore", str(AS_WRITTEN), "--what", "cut"]
    assert CliRunner().invoke(cli.main, call).exit_code == INFEASIBLE


def test_a_cut_of_no_budget_is_refused() -> None:
    with pytest.raises(ScenarioError) as why:
        ask(load(FOLDER / "dong_nai_to_2020.yaml"), "cut", Asked())
    assert why.value.problems[0].code == "plan.no_budget_to_cut"
    assert "curve" in why.value.say("vi")


def test_shares_are_written_as_the_language_writes_them(sheets: dict[str, Sheet]) -> None:
    note = sheets["path"].note
    assert "phục vụ 90 % ở" in note.vi
    assert "90% served" in note.en
    assert "." not in note.vi.split("Bỏ qua")[0].replace(". ", "")
    assert "giảm 20 %" in sheets["cut"].note.vi
