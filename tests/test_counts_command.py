"""``counts check``, ``import`` and ``template``: what they print and write, and their exit codes."""

from __future__ import annotations

import io
import json
import random
import tempfile

import openpyxl
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import cli
from geo import boundaries
from planner import geography
from scenarios.reading import FOLDER, load
from tests.geo.intake.saving import as_text, as_xls, as_xlsx
from tests.geo.intake.sheets import LAYOUTS, one

SCENARIO = FOLDER / "can_tho_2018_2020.yaml"
STATED = {
    "916": 825,
    "917": 271,
    "918": 160,
    "919": 222,
    "923": 544,
    "924": 210,
    "925": 97,
    "926": 154,
    "927": 147,
}


def call(*args):
    return CliRunner().invoke(cli.main, ["counts", *map(str, args)], catch_exceptions=False)


@pytest.fixture(scope="module")
def blank(tmp_path_factory):
    path = tmp_path_factory.mktemp("template") / "mau.xlsx"
    done = call("template", "--province", "92", "--out", path)
    assert done.exit_code == 0, done.output
    return path


def filled(blank, path, *, leave=(), more=0):
    """The template with the plan's counts: the whole of a district in its first communes, one each."""
    book = openpyxl.load_workbook(io.BytesIO(blank.read_bytes()))
    rows = list(book.worksheets[0].iter_rows(min_row=2))
    left = dict(zip(districts(rows), STATED.values(), strict=True))
    for n, row in enumerate(rows):
        last = n + 1 == len(rows) or rows[n + 1][1].value != row[1].value
        given = left[row[1].value] if last else 1
        left[row[1].value] -= given
        row[3].value = None if row[0].value in leave else given + (more if n == 0 else 0)
    book.save(path)
    return path


def districts(rows):
    return list(dict.fromkeys(row[1].value for row in rows))


def test_the_template_has_no_counts(blank):
    done = call("check", blank, "--province", "92")
    assert done.exit_code == 2
    assert "80 hàng" in done.output
    assert "chưa có số người nào" in done.output


def test_check_prints_the_report(tmp_path):
    path = tmp_path / "số liệu.csv"
    path.write_bytes(as_text(LAYOUTS["totals_between"]()))
    done = call("check", path, "--province", "92")
    assert done.exit_code == 0, done.output
    assert "theo tên 80" in done.output
    assert "Số tổng trong bảng: 10, lệch so với cộng từng xã: 0" in done.output
    assert "Số liệu dùng được." in done.output
    english = call("check", path, "--province", "92", "--lang", "en")
    assert "by name 80" in english.output
    assert "The counts can be used." in english.output


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_what_needs_a_look_is_printed(tmp_path, lang):
    rows = [["TT", "Đơn vị", "Số người", "Nam", "Số người năm 2017"], ["I", "Quận Ninh Kiều", 99, 3, 3],
            [1, "Phường An Cư", 3, 1, 2], [2, "Phường Thới Bình", 4, 1, 2], [3, "Phường An Phú", 5, 1, 1],
            [4, "Xã Xa Lạ", None, None, None], [5, "Phường An Bình", "-", None, 1],
            [None, "Người lập biểu", None, None, None]]  # fmt: skip
    path = tmp_path / "c.xlsx"
    path.write_bytes(as_xlsx(one(rows)))
    done = call("check", path, "--province", "92", "--lang", lang, "--column", "persons=C")
    assert done.exit_code == 0, done.output
    said = done.output
    assert "Phường An Cư 3 + Phường Thới Bình 4 + Phường An Phú 5" in said
    assert "+87" in said
    assert "31150 Phường An Bình" in said
    assert "Xã Xa Lạ" in said
    assert "Người lập biểu" not in said


def test_refused_counts_end_with_two(tmp_path):
    path = tmp_path / "c.xlsx"
    path.write_bytes(as_xlsx(one([["Xã", "Số người"], ["Cái Khế", -3], ["Xyz", 4]])))
    done = call("check", path, "--province", "92", "--lang", "en")
    assert done.exit_code == 2
    assert "is negative" in done.output
    assert 'no commune "Xyz"' in done.output


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--column", "persons"], "role=column"),
        (["--join", "99=31117"], "row=code"),
        (["--join", "2=00000"], "row=code"),
        (["--province", "00"], "no province"),
    ],
)
def test_bad_options_end_with_two(tmp_path, options, said):
    path = tmp_path / "c.xlsx"
    path.write_bytes(as_xlsx(one([["Xã", "Số người"], ["Cái Khế", 3], ["Xyz", 4]])))
    done = call("check", path, "--province", "92", "--lang", "en", *options)
    assert done.exit_code == 2
    assert said in done.output


def test_a_file_that_is_not_there_is_told(tmp_path):
    done = call("check", tmp_path / "none.xlsx", "--province", "92", "--lang", "en")
    assert done.exit_code == 2
    assert "there is no such file" in done.output


def test_rows_joined_by_hand_are_kept(tmp_path):
    path, mapping = tmp_path / "c.xlsx", tmp_path / "m.json"
    rows = [["Xã", "Số người"], ["Cái Khế", 3], ["Khu 7", 4], ["Trung tâm cai nghiện", 5]]
    path.write_bytes(as_xlsx(one(rows)))
    options = ("--join", "3=31149", "--join", "4=", "--save-mapping", mapping)
    done = call("check", path, "--province", "92", *options)
    assert done.exit_code == 0, done.output
    saved = json.loads(mapping.read_text(encoding="utf-8"))
    assert [row["code"] for row in saved["rows"]] == ["31149", ""]
    again = call("check", path, "--province", "92", "--mapping", mapping)
    assert again.exit_code == 0
    assert "theo cách khớp đã lưu 2" in again.output


# --- import ----------------------------------------------------------------------------------------


def test_import_writes_a_scenario_that_loads(blank, tmp_path):
    path = filled(blank, tmp_path / "c.xlsx", leave=["31120"])
    out = tmp_path / "can_tho_xa.yaml"
    done = call("import", path, "--scenario", SCENARIO, "--out", out)
    assert done.exit_code == 0, done.output
    new = load(out)
    assert new.id == "can_tho_xa"
    persons = new.registered_persons
    assert persons.by_commune.source == "user"
    assert len(persons.by_commune.persons) == 79
    assert persons.total.value == 2630
    assert {code: group.persons for code, group in persons.by_group.items()} == STATED
    assert "c.xlsx" in new.changes[-1].vi
    rest = geography.places(new).communes.set_index("commune_code")
    assert rest.loc["31120", "persons"] == 1
    assert rest["persons"].sum() == 2630


def test_import_refuses_totals_that_differ_unless_they_are_taken_from_the_communes(blank, tmp_path):
    path, out = filled(blank, tmp_path / "c.xlsx", more=5), tmp_path / "new.yaml"
    done = call("import", path, "--scenario", SCENARIO, "--out", out, "--lang", "en")
    assert done.exit_code == 2
    assert "group 916: the scenario states 825 persons, its communes come to 830" in done.output
    assert not out.exists()
    done = call("import", path, "--scenario", SCENARIO, "--out", out, "--totals", "recompute")
    assert done.exit_code == 0, done.output
    persons = load(out).registered_persons
    assert (persons.by_group["916"].persons, persons.total.value) == (830, 2635)
    assert persons.by_group["916"].source == persons.total.source == "inferred"
    assert persons.by_group["917"].source != "inferred"


def test_import_of_refused_counts_writes_nothing(tmp_path):
    path, out = tmp_path / "c.xlsx", tmp_path / "new.yaml"
    path.write_bytes(as_xlsx(one([["Xã", "Số người"], ["Cái Khế", 3], ["Xyz", 4]])))
    assert call("import", path, "--scenario", SCENARIO, "--out", out).exit_code == 2
    assert not out.exists()


def test_import_needs_a_province(blank, tmp_path):
    nation = FOLDER / "national_2012_2015.yaml"
    done = call("import", blank, "--scenario", nation, "--out", tmp_path / "new.yaml", "--lang", "en")
    assert done.exit_code == 2
    assert "no list of communes" in done.output


@pytest.mark.parametrize("name", ["Cần Thơ", "thanh pho can tho", "TP. Cần Thơ", "92"])
def test_a_province_goes_by_its_name_too(blank, tmp_path, name):
    done = call("check", blank, "--province", name)
    assert "80 hàng" in done.output
    assert call("template", "--province", name, "--out", tmp_path / "m.xlsx").exit_code == 0


def test_place_and_list_may_be_those_of_a_scenario(blank, tmp_path):
    done = call("check", filled(blank, tmp_path / "đủ.xlsx"), "--scenario", SCENARIO)
    assert done.exit_code == 0, done.output
    assert call("template", "--scenario", SCENARIO, "--out", tmp_path / "m.xlsx").exit_code == 0
    books = [openpyxl.load_workbook(path) for path in (tmp_path / "m.xlsx", blank)]
    ours, theirs = (list(book.worksheets[0].values) for book in books)
    assert ours == theirs


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--province", "92", "--scenario", str(SCENARIO)],
        ["--vintage", "2025-07", "--scenario", str(SCENARIO)],
    ],
)
def test_the_place_is_named_once(blank, tmp_path, options):
    for command in (["check", blank], ["template", "--out", tmp_path / "m.xlsx"]):
        done = call(*command, *options, "--lang", "en")
        assert done.exit_code == 2
        assert "one of the two" in done.output
    assert not (tmp_path / "m.xlsx").exists()


def test_files_that_exist_are_left_alone(blank, tmp_path):
    done = call("template", "--province", "92", "--out", blank, "--lang", "en")
    assert done.exit_code == 2
    assert "exists already" in done.output
    copy = tmp_path / "kịch bản.yaml"
    copy.write_bytes(SCENARIO.read_bytes())
    sheet = filled(blank, tmp_path / "đủ.xlsx")
    done = call("import", sheet, "--scenario", SCENARIO, "--out", copy)
    assert done.exit_code == 2
    assert copy.read_bytes() == SCENARIO.read_bytes()


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**6), unknown=st.integers(0, 20))
def test_every_count_comes_through_to_the_places_that_are_planned_for(blank, tmp_path, seed, unknown):
    """Sheet, scenario file and places have the same counts; the unknown ones share the rest, marked."""
    chance = random.Random(seed)
    book = openpyxl.load_workbook(io.BytesIO(blank.read_bytes()))
    rows = list(book.worksheets[0].iter_rows(min_row=2))
    counts: dict[str, int | None] = {
        str(row[0].value): chance.randint(0, 7 if unknown else 40) for row in rows
    }
    for code in chance.sample(sorted(counts), unknown):
        counts[code] = None
    for row in rows:
        row[3].value = counts[str(row[0].value)]
    sheet, out = tmp_path / f"{seed}.xlsx", tmp_path / f"s{seed}_{unknown}.yaml"
    book.save(sheet)
    out.unlink(missing_ok=True)
    done = call("import", sheet, "--scenario", SCENARIO, "--out", out, "--totals", "recompute")
    assert done.exit_code == 0, done.output
    planned = geography.places(load(out)).communes.set_index("commune_code")
    known = {code: n for code, n in counts.items() if n is not None}
    assert planned.loc[list(known), "persons"].to_dict() == known
    assert not planned.loc[list(known), "persons_estimated"].any()
    guessed = set(planned.index[planned["persons_estimated"]])
    assert guessed <= set(counts) - set(known)
    assert planned["persons"].sum() == load(out).registered_persons.total.value


LIST = [["TT", "Họ và tên", "Năm sinh", "Số CCCD", "Xã"],
        *[[n, f"Đặng Thị Riêng{n}", 1980 + n, f"09208500{n:04}", "Cái Khế"] for n in range(9)]]  # fmt: skip


@pytest.mark.parametrize("name", ["danh sách.xlsx", "danh sách.xls", "danh sách.csv"])
def test_nothing_of_a_list_of_persons_is_said_or_kept(name, tmp_path, monkeypatch):
    temporary, kept = tmp_path / "temp", tmp_path / "kept"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.setenv(boundaries.ELSEWHERE, str(kept))
    save = {"xlsx": as_xlsx, "xls": as_xls, "csv": as_text}[name.rpartition(".")[2]]
    (tmp_path / name).write_bytes(save(one(LIST)))
    for words in (
        ["check", "--province", "92", "--save-mapping", tmp_path / "m.json"],
        ["import", "--scenario", SCENARIO, "--out", tmp_path / "s.yaml"],
    ):
        done = call(words[0], tmp_path / name, *words[1:])
        assert done.exit_code == 2
        assert "Riêng" not in done.output
        assert "0920850" not in done.output
    assert not list(temporary.iterdir())
    assert not kept.exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([name, "temp"])
