"""What the command line prints, held against the plan it is printed from."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

import planner
from exports import console, console_document
from exports.contents import contents_of
from exports.document import NOW, checklist, indicators, objective_services, tables, value_in
from exports.lines import FIELDS, named_fields
from exports.standing import standing
from exports.targets import FEW, shares, target_rows
from planner.plan import Plan
from scenarios.reading import FOLDER, changed, load
from tables import shaped
from tests.exports.plans import plan
from text import LANGS, say

SCENARIOS = ("can_tho_2018_2020", "dong_nai_to_2020", "tuyen_quang_2020", "national_2012_2015")


@cache
def solved(name: str) -> Plan:
    """One of the plans whose solving takes a few seconds."""
    found = planner.run(load(FOLDER / f"{name}.yaml"))
    assert isinstance(found, Plan)
    return found


def with_scenario(found: Plan, patch: dict) -> Plan:
    return replace(found, facts=replace(found.facts, scenario=changed(found.scenario, patch)))


def section(text: str, title: str) -> list[str]:
    """The lines below one that begins with `title`, down to the next empty one."""
    lines = text.splitlines()
    first = next(n for n, line in enumerate(lines) if line.startswith(title))
    return [*iter(iter(lines[first + 1 :]).__next__, "")] if "" in lines[first + 1 :] else lines[first + 1 :]


# --- stages and openings -------------------------------------------------------------------------


def test_a_service_lists_the_kinds_that_provide_it():
    found = plan()
    counts = shaped(
        "counts",
        [
            {"stage": "2018", "kind": kind, "opened": n, "open": n}
            for kind, n in (("counselling", 2), ("treatment", 1), ("dispensing", 3))
        ],
    )
    text = console.plan(replace(found, counts=counts), "vi")
    kinds, services = found.scenario.kinds, found.scenario.services
    opened = {
        service: re.split(r"\s{2,}", next(line for line in lines if line.startswith("2018")))[1]
        for service in ("counselling", "methadone")
        for lines in (section(text, f"{services[service].label.text.vi} ("),)
    }
    short = {name: kind.short.text.vi.lower() for name, kind in kinds.items()}
    assert opened["counselling"] == f"2 {short['counselling']}"
    assert opened["methadone"] == f"1 {short['treatment']}, 3 {short['dispensing']}"


def test_what_opens_for_an_uncounted_service_is_told():
    text = console.plan(solved("can_tho_2018_2020"), "en")
    assert "(persons not counted), opened: 2020: 1 dispensing" in text


@pytest.mark.parametrize("lang", LANGS)
def test_cost_is_a_dash_where_none_is_known(lang):
    text = console.plan(solved("tuyen_quang_2020"), lang)
    assert say("console.no_cost", lang) in text
    heads = [line for line in text.splitlines() if line.startswith(say("cli.column.stage", lang) + " ")]
    assert heads
    assert not any(say("cli.column.cost", lang) in head for head in heads)


def test_cost_stands_once_where_there_are_several_services():
    text = console.plan(plan(), "vi")
    assert text.count("169,0 triệu đồng") == 3
    assert "200,0 triệu đồng" in "\n".join(section(text, "Chi phí và kinh phí:"))


@pytest.mark.parametrize("name", SCENARIOS)
@pytest.mark.parametrize("lang", LANGS)
def test_objectives_name_their_service_where_there_are_several(name, lang):
    found = solved(name)
    services = [wanted.service for wanted in found.scenario.objectives]
    lines = console.plan(found, lang).splitlines()
    for level, service in zip(found.report.levels, services, strict=True):
        label = found.scenario.services[service].label.text.say(lang)
        value = say(f"objective.{level.name}", lang, value="").rstrip().lower()
        told = [line for line in lines if value in line.lower()]
        assert [line for line in told if line.startswith(f"{label}:")] or len(set(services)) == 1
        assert len(told) == len(set(told))
    if len(set(services)) == 1:
        assert objective_services(found.scenario) == [None] * len(services)


def test_the_nation_has_a_row_a_province_with_its_numbers():
    found = solved("national_2012_2015")
    lines = section(console.plan(found, "vi"), say("console.openings_by_province", "vi"))
    head, _, whole, *rows = (re.split(r"\s{2,}", line) for line in lines)
    assert head == ["Tỉnh, thành phố", "2012", "2013", "2014", "2015", "Cộng"]
    opened = found.openings.groupby("stage")["opened"].sum()
    assert whole[1:] == [*(str(opened[s]) for s in head[1:5]), str(opened.sum())]
    assert len(rows) == found.openings["premises"].nunique()
    for row in rows:
        mine = found.openings[found.openings["premises_name"] == row[0]]
        by_stage = mine.groupby("stage")["opened"].sum()
        assert row[1:] == [*(str(by_stage.get(s, "–")) for s in head[1:5]), str(by_stage.sum())]


# --- targets -------------------------------------------------------------------------------------


def test_targets_of_many_groups_are_summed_up():
    found = solved("national_2012_2015")
    rows = list(target_rows(found))
    fair = next(row for row in rows if row.rule == "fair_2013")
    exact = found.targets[found.targets["rule"] == "fair_2013"]
    assert (fair.groups, fair.groups_met) == (63, int(exact["met"].sum()))
    assert fair.missing == pytest.approx(exact["missing"].sum())
    assert fair.reached == (exact["reached"].min(), exact["reached"].max())
    assert sum(row.groups or 1 for row in rows) == len(found.targets)
    text = "\n".join(console_document.targets(found, "en"))
    assert f"met in {fair.groups_met} of 63 provinces" in text
    assert "The nation" in text


def test_few_targets_are_told_one_by_one():
    rule = {
        "rule": "coverage_target", "text": {"vi": "Phủ 70 %", "en": "Cover 70 %"}, "service": "counselling",
        "stage": "2018", "share": 0.7, "hard": True, "source": "user",
    }  # fmt: skip
    found = with_scenario(plan(), {"rules": {"cover": rule}})
    rows = [
        {"rule": "cover", "service": "counselling", "stage": "2018", "group": f"{n}",
         "group_name": f"Nơi {n}", "goal": 0.7, "reached": r, "missing": m, "met": m == 0, "hard": False}
        for n, (r, m) in enumerate([(0.81, 0.0), (0.5, 12.4), (np.nan, 0.0)])
    ]  # fmt: skip
    text = "\n".join(console_document.targets(replace(found, targets=shaped("targets", rows)), "vi"))
    assert re.search(r"Phủ 70 % +2018 +Nơi 0 +70,0 % +81,0 % +– +đạt\n", text)
    assert re.search(r"Nơi 1 +70,0 % +50,0 % +12,4 +chưa đạt\n", text)
    assert re.search(r"Nơi 2 +70,0 % +– +– +đạt", text)
    many = replace(found, targets=shaped("targets", [rows[0]] * FEW + [rows[1]]))
    assert len(list(target_rows(many))) == 1


def test_a_range_of_shares():
    assert shares((0.125, 0.2284), "vi") == "12,5–22,8 %"
    assert shares((0.125, 0.125), "en") == "12.5%"
    assert shares((np.nan, np.nan), "en") == "–"


# --- the document --------------------------------------------------------------------------------


def test_a_criterion_lists_where_it_is_met_missed_and_unchecked():
    patch = {"criteria": {"own": {
        "text": {"vi": "Có phòng riêng", "en": "A room of its own"}, "concerns": "premises", "decides": True,
        "kinds": ["counselling"], "answers": {"o_mon": True, "thot_not": False, "tyt-31005": True},
        "source": "user",
    }}}  # fmt: skip
    found = with_scenario(plan(), patch)
    opened = {
        "stage": "2018", "facility": "", "kind": "counselling", "group": "a", "group_name": "A",
        "commune_code": "", "commune": "", "assumed": False, "opened": 1, "upgraded_from": "",
    }  # fmt: skip
    openings = [
        opened | {"premises": "o_mon", "premises_name": "Ô Môn mới"},
        opened | {"premises": "x", "premises_name": "Trạm X"},
        opened | {"premises": "y", "premises_name": "Trạm Y", "kind": "dispensing"},
    ]
    found = replace(found, openings=shaped("openings", openings))
    own = next(check for check in checklist(found.facts, found) if check.id == "own")
    named = found.scenario.premises.named
    commune = found.facts.communes.set_index("commune_code")["commune"]["31005"]
    assert [p.name for p in own.of("met")] == ["Ô Môn mới", f"Trạm y tế {commune[:1].lower()}{commune[1:]}"]
    assert [p.name for p in own.of("not_met")] == [named["thot_not"].name]
    assert [p.name for p in own.of("not_checked")] == ["Trạm X"]
    text = "\n".join(console_document.criteria(found.facts, found, "en"))
    assert "☐ A room of its own (nothing opens where it is not met)" in text
    assert "not checked (1): Trạm X" in text
    assert [
        p for p, _ in next(c for c in checklist(found.facts) if c.id == "own").places if p.id == "x"
    ] == []


@pytest.mark.parametrize("name", SCENARIOS)
@pytest.mark.parametrize("lang", LANGS)
def test_everything_the_document_holds_is_printed(name, lang):
    found = solved(name)
    s, text = found.scenario, console.plan(found, lang)
    for part in (s.criteria, s.indicators, s.observed, s.questions, s.known_issues):
        for entry in part.values():
            assert entry.text.text.say(lang) in text
    for question, asked in s.questions.items():
        assert all(f"{question}={option}: " in text for option in asked.options)
    for a in found.facts.assumptions:
        assert a.note.say(lang) in text


def test_an_infeasible_scenario_shows_the_same():
    found = planner.run(load(FOLDER / "can_tho_2018_2020_as_written.yaml"))
    text, s = console.diagnosis(found, "vi"), found.scenario
    for part in (s.criteria, s.indicators, s.observed, s.known_issues):
        assert all(entry.text.text.vi in text for entry in part.values())


def test_indicators_are_told_in_order_of_time():
    s = load(FOLDER / "dong_nai_to_2020.yaml")
    values = [f for f in indicators(s) if f.indicator == "employed"]
    assert [(f.stage, f.value) for f in values] == [(NOW, 0.37), ("2014-2015", 0.5), ("2016-2020", 0.7)]
    assert value_in("share", 0.0613, "vi") == "6,13 %"
    assert value_in("share", 0.37, "en") == "37%"
    assert value_in("persons", 7300.0, "vi") == "7.300"
    assert value_in("share", None, "vi") == "–"


def test_long_lists_of_fields_are_shortened_with_their_number():
    names = [f"place.areas.{n}" for n in range(593, 656)]
    told = named_fields(names, "en")
    assert told == f"{', '.join(names[: FIELDS - 1])} … and {len(names) - FIELDS + 1} more"
    assert named_fields(names[:FIELDS], "vi") == ", ".join(names[:FIELDS])
    for name in SCENARIOS:
        assert max(map(len, section(console.plan(solved(name), "vi"), "Số liệu không có"))) < 1000


def test_tables_of_the_document_have_a_row_an_entry():
    found = solved("national_2012_2015")
    made = tables(found, "en")
    s = found.scenario
    assert len(made["questions"]) == sum(len(q.options) for q in s.questions.values())
    assert len(made["observed"]) == len(s.observed)
    assert set(made["indicators"]["indicator"]) == {i.text.text.en for i in s.indicators.values()}
    assert made["criteria"].empty
    assert made["criteria"]["decides"].dtype == bool
    assert isinstance(made["observed"]["persons"], pd.Series)
    assert made["observed"]["persons"].sum() == 21_613 + 43_720


@pytest.mark.parametrize("name", SCENARIOS)
@pytest.mark.parametrize("edition", ["internal", "shared"])
def test_files_carry_what_the_scenario_has_under_headings_that_differ(name, edition):
    found = solved(name)
    seen, s = contents_of(found, edition=edition, lang="vi"), found.scenario
    has = {"targets": len(found.targets), "balance": len(found.balance), "openings": len(found.openings)}
    has |= {part: len(getattr(s, part)) for part in ("criteria", "indicators", "observed", "questions")}
    assert {part for part, n in has.items() if n} == has.keys() & seen.tables.keys()
    for part in has.keys() & seen.tables.keys():
        headings = [seen.heading(c) for c in seen.tables[part]]
        assert len(headings) == len(set(headings)), part


def test_what_an_upgrade_closes_is_given_back():
    found = plan()
    upgraded = found.openings["facility"] == "nhon_ai:counselling"
    openings = found.openings.assign(upgraded_from=["dispensing" if u else "" for u in upgraded])
    found = replace(found, openings=openings)
    place = found.facilities.set_index("facility").loc["nhon_ai:counselling"]
    for stage, there in (("2018", True), ("2019", True), ("2020", False)):
        rows = standing(found, stage).set_index("facility")
        assert ("nhon_ai:dispensing" in rows.index) is there
        assert ("nhon_ai:counselling" in rows.index) is not there
        if there:
            old = rows.loc["nhon_ai:dispensing"]
            assert (old["existing"], old["kind"], old["service"]) == (True, "dispensing", "methadone")
            assert (old["lat"], old["lon"]) == (place["lat"], place["lon"])
    before = openings.loc[upgraded].assign(
        facility="nhon_ai:dispensing", kind="dispensing", stage="2019", upgraded_from=""
    )
    later = replace(found, openings=pd.concat([openings, before], ignore_index=True))
    assert "nhon_ai:dispensing" not in set(standing(later, "2018")["facility"])
    row = standing(later, "2019").set_index("facility").loc["nhon_ai:dispensing"]
    assert (row["existing"], row["opened_stage"]) == (False, "2019")
