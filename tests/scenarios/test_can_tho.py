"""The two Cần Thơ files say what the plan of 2018–2020 says."""

from __future__ import annotations

from collections import Counter
from itertools import accumulate

import pytest

from scenarios.reading import FOLDER, SHOWN_FIRST, load, written
from scenarios.rules import Quota, StageBudget
from scenarios.schema import ASSUMED
from scenarios.strict_yaml import read

AS_WRITTEN = load(FOLDER / "can_tho_2018_2020_as_written.yaml")
SHOWN = load(SHOWN_FIRST)
BOTH = pytest.mark.parametrize("scenario", [AS_WRITTEN, SHOWN], ids=lambda s: s.id)
PERSONS = {
    "916": ("Quận Ninh Kiều", 825),
    "917": ("Quận Ô Môn", 271),
    "918": ("Quận Bình Thủy", 160),
    "919": ("Quận Cái Răng", 222),
    "923": ("Quận Thốt Nốt", 544),
    "924": ("Huyện Vĩnh Thạnh", 210),
    "925": ("Huyện Cờ Đỏ", 97),
    "926": ("Huyện Phong Điền", 154),
    "927": ("Huyện Thới Lai", 147),
}


def test_every_file_in_the_folder_is_a_scenario_named_like_its_file():
    paths = sorted(FOLDER.glob("*.yaml"))
    assert [load(path).id for path in paths] == [path.stem for path in paths]
    assert SHOWN_FIRST in paths


@BOTH
def test_registered_persons(scenario):
    persons = scenario.registered_persons
    assert {code: (g.name, g.persons) for code, g in persons.by_group.items()} == PERSONS
    assert persons.total.value == 2630 == sum(g.persons for g in persons.by_group.values())


@BOTH
def test_ten_methadone_sites_exist(scenario):
    sites = scenario.premises.named.values()
    assert Counter(kind for site in sites for kind in site.existing) == {"treatment": 5, "dispensing": 5}
    assert len({site.commune for site in sites}) == 10
    assert all(site.commune_source in ASSUMED for site in sites)
    assumed = {a.path for a in scenario.assumptions()}
    assert {("premises", "named", key, "commune") for key in scenario.premises.named} <= assumed


@BOTH
def test_quotas_are_those_of_the_plan(scenario):
    opened = {r.opened_in: r.exactly for r in scenario.rules.values() if isinstance(r, Quota) and r.opened_in}
    assert opened == {"2018": 2, "2019": 6, "2020": 1}
    each = scenario.rules["one_per_district"]
    assert (each.each, each.open_at, each.limits("925")) == ("group", "2020", (1, 1))
    host = scenario.rules["at_methadone_site"]
    assert (host.kind, host.hosts) == ("counselling", ("treatment", "dispensing"))


@BOTH
def test_unit_costs_reproduce_all_three_budgets(scenario):
    budgets = {r.stage: r.amount_vnd for r in scenario.rules.values() if isinstance(r, StageBudget)}
    assert budgets == {"2018": 338_000_000, "2019": 1_237_200_000, "2020": 1_061_800_000}
    assert sum(budgets.values()) == 2_637_000_000
    cost = scenario.kinds["counselling"].cost
    assert (cost.first_year_vnd.source, cost.later_year_vnd.source) == ("inferred", "inferred")
    opened = Counter(o.stage for o in scenario.official.openings)
    before = 0
    for stage, budget in budgets.items():
        assert opened[stage] * cost.first_year_vnd.value + before * cost.later_year_vnd.value == budget
        before += opened[stage]


@BOTH
def test_the_official_order_is_that_of_the_plan(scenario):
    order = {
        stage: [o.group for o in scenario.official.openings if o.stage == stage] for stage in scenario.stages
    }
    assert {stage: set(groups) for stage, groups in order.items()} == {
        "2018": {"917", "923"},
        "2019": {"916", "919", "918", "924", "926", "927"},
        "2020": {"925"},
    }
    reached = accumulate(sum(PERSONS[g][1] for g in groups) for groups in order.values())
    assert list(reached) == [815, 2533, 2630]


def test_what_the_shown_scenario_changes():
    """One dispensing point in Cờ Đỏ, from 2020, by the user, and nothing else."""
    ours, _ = read(SHOWN_FIRST)
    assert set(ours) == {"extends", "id", "title", "summary", "changes", "kinds", "rules"}
    assert list(SHOWN.kinds["dispensing"].offered) == ["925"]
    assert SHOWN.kinds["dispensing"].offered["925"].source == "user"
    assert SHOWN.kinds["dispensing"].offered["925"].from_stage == "2020"
    assert [name for name in SHOWN.rules if name not in AS_WRITTEN.rules] == ["one_new_dispensing"]
    assert all(SHOWN.rules[name] == rule for name, rule in AS_WRITTEN.rules.items())
    assert SHOWN.kinds["counselling"] == AS_WRITTEN.kinds["counselling"]
    assert SHOWN.changes
    assert not AS_WRITTEN.changes


def numbers(value, path=(), sourced=False):
    """Paths of all numbers in plain data, and whether something around them names a source."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from numbers(inner, (*path, key), sourced or "source" in value)
    elif isinstance(value, list):
        for n, inner in enumerate(value):
            yield from numbers(inner, (*path, n), sourced)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield path, sourced


@BOTH
def test_every_figure_stands_beside_its_source(scenario):
    found = dict(numbers(scenario.data))
    assert len(found) > 30
    assert [path for path, sourced in found.items() if not sourced] == []


@BOTH
def test_known_issues_are_carried(scenario):
    assert {
        "no_host_in_co_do",
        "board_of_five",
        "two_sections_iv",
        "ten_never_binds",
        "parents_absent",
        "unit_costs_absent",
        "persons_and_episodes",
    } <= set(scenario.known_issues)


@BOTH
def test_methadone_asks_the_user(scenario):
    """Nobody guesses the opioid share."""
    assert scenario.services["methadone"].demand_share is None
    asked = [a.path for a in scenario.assumptions() if a.source == "required"]
    assert ("services", "methadone", "suited_share") in asked


@BOTH
def test_the_written_file_is_the_same_scenario(scenario, tmp_path):
    path = tmp_path / "written.yaml"
    path.write_text(written(scenario), encoding="utf-8")
    assert load(path).model_dump(exclude={"extends"}) == scenario.model_dump(exclude={"extends"})
