"""A new scenario for any province holds together, solves as it is, and says what to replace."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

import planner
from cli import main
from geo import units
from planner.draft import draft, former_districts
from planner.plan import Plan
from scenarios.reading import load


def written(tmp_path, *options: str):
    """The file that ``cli.py new`` writes, and what it printed."""
    path = tmp_path / "moi.yaml"
    result = CliRunner().invoke(main, ["new", str(path), *options])
    return path, result


@pytest.mark.parametrize(
    ("province", "vintage", "communes", "groups"),
    [("Huế", "2025-07", 40, 9), ("ca mau", "2025-01", 100, 9)],
)
def test_a_province_that_no_plan_covers_is_solved_from_its_draft(
    tmp_path, province, vintage, communes, groups
):
    path, result = written(tmp_path, "--province", province, "--vintage", vintage, "--from", "2027")
    assert result.exit_code == 0, result.output
    assert f"{communes} xã trong {groups} địa bàn" in result.output
    scenario = load(path)
    plan = planner.run(scenario)
    assert isinstance(plan, Plan)
    assert len(plan.facts.communes) == communes
    assert plan.facts.communes["persons"].sum() == 1000
    assert plan.facts.communes["persons_estimated"].all()
    assert list(plan.stages["opened"]) == [2, 2, 2]
    asked = {a.field for a in plan.facts.assumptions if a.source == "required"}
    assert asked == {"registered_persons.missing_counts", "services.methadone.suited_share"}


def test_a_total_is_the_users_own(tmp_path):
    path, result = written(tmp_path, "--province", "56", "--from", "2027", "--years", "1", "--total", "2345")
    assert result.exit_code == 0, result.output
    total = load(path).registered_persons.total
    assert (total.value, total.source) == (2345, "user")


def test_a_file_that_exists_is_left_alone(tmp_path):
    (tmp_path / "moi.yaml").write_text("của tôi", encoding="utf-8")
    path, result = written(tmp_path, "--province", "Huế", "--from", "2027")
    assert result.exit_code == 2
    assert "moi.yaml" in result.stderr
    assert path.read_text(encoding="utf-8") == "của tôi"


@pytest.mark.parametrize(
    ("name", "vintage", "shown"),
    [("Hậu Giang", "2025-07", "Gần giống"), ("Lam Dogn", "2025-07", "Lâm Đồng (68)")],
)
def test_a_province_that_is_not_listed_gets_a_hint(tmp_path, name, vintage, shown):
    path, result = written(tmp_path, "--province", name, "--vintage", vintage, "--from", "2027")
    assert result.exit_code == 2
    assert shown in result.stderr
    assert not path.exists()


def test_former_districts_take_every_commune_once():
    communes = units.communes("68", "2025-07")
    grouped = former_districts(communes)
    assert sorted(grouped["commune_code"]) == sorted(communes["commune_code"])
    assert grouped.groupby("group")["group_name"].nunique().eq(1).all()
    assert grouped["group_name"].nunique() == grouped["group"].nunique()


SMALL = [
    code
    for code, members in units.everywhere("2025-07").groupby("province_code")
    if len(members) <= 60  # the others only take longer
]


@pytest.mark.parametrize("province", SMALL)
def test_provinces_of_today_get_a_draft(province):
    """`draft` checks what it hands out; names with quotes and homonymous districts are the traps."""
    assert f'province: "{province}"' in draft(province, "2025-07", first_year=2027, years=2, each_year=1)
