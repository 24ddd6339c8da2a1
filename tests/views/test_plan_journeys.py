"""Travel on the plan page: the rows of one stage, how minutes were found, and the map of minutes."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import planner
from geo import maps, minutes_stage
from planner import journeys
from planner.plan import Plan
from planner.travelling import TravelFacts
from tables import shaped
from tests.browser import ROOT
from tests.geo.test_maps import PAYLOADS
from tests.views import sample
from tests.views.page import SLOW
from text import Text
from views import plan_journeys

BAD = '<img src=x onerror="harm()"> {{ 7*7 }}'


def _text(markup: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", markup)).strip()


def _plan(minutes: dict[str, float] | None = None, **names: Any) -> Plan:
    """The sample's plan, with other minutes for some communes."""
    plan = sample.plan(**names)
    told = plan.access["commune_code"].map(minutes or {})
    there = plan.access["facility"] != ""
    return replace(plan, access=plan.access.assign(minutes=told.where(there).fillna(plan.access["minutes"])))


def _found(plan: Plan, stage: str = "2018", days: float | None = None) -> journeys.Journeys:
    return journeys.of(plan, take_home_days=days).at("counselling", stage)


def _with(plan: Plan, **facts: Any) -> Plan:
    travel = replace(plan.facts.travel, **facts)
    return replace(plan, facts=replace(plan.facts, travel=travel))


# --- rows ----------------------------------------------------------------------------------------


def test_bands_are_persons_and_shares_of_all_in_need():
    said = _text(plan_journeys.bands(_found(_plan({"9160": 20.0, "9161": 15.0, "9162": 31.0})), "vi"))
    # Ninh Kiều, 825 in three communes of 275; Thốt Nốt, 544, at 12.4 minutes; the other 1,261 have no point
    assert "0–15 phút 819 31,1 %" in said
    assert "15–30 phút 275 10,5 %" in said
    assert "30–45 phút 275 10,5 %" in said
    assert "chưa có điểm 1.261 47,9 %" in said


def test_the_stage_is_the_one_asked_for():
    said = _text(plan_journeys.bands(_found(_plan(), "2020"), "en"))
    assert "0–15 minutes 2,630 100.0%" in said
    assert "no point" not in said


def test_longest_trips_come_first_with_minutes_persons_and_way():
    plan = _plan({"9160": 50.0, "9231": 41.0})
    ways = [
        {"commune_code": "9160", "commune": "Xã 9160", "premises": "", "way": "roads"},
        {"commune_code": "9231", "commune": "Xã 9231", "premises": "", "way": "straight_line"},
    ]
    plan = _with(plan, places=shaped("travel", ways))
    said = _text(plan_journeys.longest(_found(plan), "vi"))
    assert said.index("Xã 9160 50 275 theo đường") < said.index("Xã 9231 41 181 đường chim bay")


def test_a_name_that_is_markup_is_shown_and_not_run():
    plan = _plan({"9160": 50.0}, names={"9160": BAD})
    for markup in (plan_journeys.longest(_found(plan), "vi"), plan_journeys.bands(_found(plan), "vi")):
        assert "<img" not in markup
    assert "&lt;img src=x" in plan_journeys.longest(_found(plan), "vi")
    titled = _with(plan, used="roads", title=BAD, attribution=BAD)
    assert "<img" not in plan_journeys.way(titled, "vi")
    assert "&lt;img src=x" in plan_journeys.way(titled, "vi")


def test_hours_are_those_of_the_table_for_each_way_of_dosing(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(
        Plan,
        "visits",
        lambda _, days=None: {"counselling": {"daily": 365.0, "take_home": 365.0 / (days or 5)}},
    )
    plan = sample.plan()
    plan = replace(plan, allocation=plan.allocation.assign(minutes=12.0))
    said = _text(plan_journeys.hours(_found(plan, days=10.0), plan, "counselling", "vi"))
    # 913 persons served, 12 minutes there and 12 back, 365 / 12 times a month
    served = float(plan.coverage.query("stage == '2018'")["served"].iloc[0])
    whole = served * 24 / 60 * 365 / 12
    spoken = [f"{h:,.0f}".replace(",", ".") for h in (whole, whole / 10)]
    assert f"uống thuốc hằng ngày 30,4 {spoken[0]}" in said
    assert f"mang thuốc về 3,0 {spoken[1]}" in said


# --- how minutes were found ----------------------------------------------------------------------


def test_the_straight_line_is_told_with_its_factor_speed_and_their_sources():
    said = _text(plan_journeys.way(sample.plan(), "vi"))
    assert "theo đường chim bay" in said
    assert "Hệ số đường vòng: 1,4 (ước tính)" in said
    assert "Tốc độ: 30 km/giờ (ước tính)" in said


def test_roads_are_told_with_title_date_attribution_and_who_fell_back():
    places = shaped("travel", [
        {"commune_code": str(n), "commune": f"Xã {n}", "premises": "", "way": way}
        for n, way in enumerate(("roads", "roads", "straight_line"))
    ])  # fmt: skip
    facts = TravelFacts(
        method="roads", used="roads", title="Cần Thơ", attribution="© OpenStreetMap", retrieved="2011-03-01",
        places=places, warnings=(Text("Xã 2 xa đường.", "Xã 2 is far from a road."),),
    )  # fmt: skip
    plan = sample.plan()
    said = _text(plan_journeys.way(replace(plan, facts=replace(plan.facts, travel=facts)), "en"))
    assert "by the roads of Cần Thơ" in said
    assert "© OpenStreetMap, 2011-03-01" in said
    assert "Wholly by the straight line: 1 communes; in part: 0; the other 2 by the roads" in said
    assert "far from a road" not in said, "warnings are listed one click away"


# --- the map of minutes --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("minutes", "digit"),
    [
        (0, "0"),
        (15, "0"),
        (15.01, "1"),
        (30, "1"),
        (45, "2"),
        (60, "3"),
        (60.5, "4"),
        (500, "4"),
        (np.nan, "5"),
    ],
)
def test_minutes_fall_into_bands(minutes: float, digit: str):
    assert minutes_stage.minute_digits(pd.Series([minutes])) == digit


def _stage(plan: Plan, stage: str) -> tuple[dict[str, Any], dict[str, Any]]:
    codes = tuple(plan.facts.communes["commune_code"])
    data = maps.stage_data(
        codes=codes, communes=plan.facts.communes, facilities=plan.facilities, access=plan.access,
        allocation=plan.allocation, kinds=plan.scenario.kinds,
        stages={s: s for s in plan.scenario.stages}, stage=stage, service="counselling", lang="vi",
        links=False, approximate=True,
    )  # fmt: skip
    shaded = plan_journeys.shaded(data, plan, codes, stage=stage, service="counselling", lang="vi")
    return data, shaded


def test_the_map_of_minutes_changes_colours_and_legend_and_nothing_else():
    plan = _plan({"9160": 20.0})
    data, shaded = _stage(plan, "2018")
    assert shaded["bands"][:3] == "100"
    at = 3 * list(plan.scenario.registered_persons.by_group).index("925")
    assert shaded["bands"][at : at + 3] == "555"
    assert shaded["labels"] == ["0–15", "15–30", "30–45", "45–60", "trên 60", "chưa có"]
    assert len(shaded["labels"]) == len(shaded["colours"])
    changed = {key for key in data if data[key] != shaded[key]}
    assert changed == {"bands", "colours", "labels", "words"}
    assert {k for k in data["words"] if data["words"][k] != shaded["words"][k]} == {"shade"}


def test_the_legend_keeps_its_size_from_stage_to_stage():
    sizes = {len(_stage(_plan(), stage)[1]["labels"]) for stage in ("2018", "2019", "2020")}
    assert sizes == {6}
    plan = _plan()
    everywhere = replace(plan, access=plan.access.assign(minutes=10.0))
    assert len(_stage(everywhere, "2018")[1]["labels"]) == 5


def test_tones_grow_darker_and_are_not_those_of_persons():
    tones = [sum(int(c[n : n + 2], 16) for n in (1, 3, 5)) for c in minutes_stage.COLOURS]
    assert tones == sorted(tones, reverse=True)
    assert not set(minutes_stage.COLOURS) & set(maps.BAND_COLOURS)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_harmful_name_goes_through_the_safe_encoder(payload: str):
    plan = _plan()
    plan.facilities["premises_name"] = payload
    _, shaded = _stage(plan, "2018")
    layer = maps.stage_layer(shaded)
    layer.add_to(maps.base_map(maps.places(plan.facts.communes), static="static"))
    (shown,) = layer._children.values()
    written = shown.stage  # type: ignore[attr-defined]
    assert {site[5] for site in json.loads(written)["sites"]} == {payload}
    for value in re.findall(r'"(?:[^"\\]|\\.)*"', written):
        assert not re.search(r"[{}%#<>&'`$_\n\r\u2028\u2029\x00]", value)


# --- on the page ---------------------------------------------------------------------------------


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> AppTest:
    def run(scenario: Any, **_: Any) -> Plan:
        plan = _with(sample.plan(scenario), warnings=(Text(f"{BAD} xa đường.", "far"),))
        return replace(plan, allocation=plan.allocation.assign(minutes=12.0))

    monkeypatch.setattr(planner, "run", run)
    monkeypatch.setattr(planner, "evaluate", lambda scenario, **_: sample.evaluation(scenario))
    st.cache_resource.clear()
    return AppTest.from_file(str(ROOT / "app.py"), default_timeout=SLOW)


def _page(app: AppTest) -> str:
    assert not app.exception
    return "\n".join(part.proto.body for part in app.get("html"))


def test_the_page_follows_the_slider_and_lists_warnings_one_click_away(app: AppTest):
    app.run()
    assert "chưa có điểm 1.261 47,9 %" in _text(_page(app))
    warned = next(e for e in app.expander if e.label.startswith("Lưu ý về thời gian đi"))
    assert warned.label.endswith("(1)")
    assert "<img src=x" not in _page(app)
    app.select_slider(key="stage").set_value("2020").run()
    assert "0–15 phút 2.630 100,0 %" in _text(_page(app))


def test_the_switch_shades_the_map(app: AppTest, monkeypatch: pytest.MonkeyPatch):
    drawn: list[dict[str, Any]] = []
    layer = maps.stage_layer

    def kept(data: dict[str, Any]) -> Any:
        drawn.append(data)
        return layer(data)

    monkeypatch.setattr(maps, "stage_layer", kept)
    app.run()
    assert drawn[-1]["colours"] == list(maps.BAND_COLOURS)
    app.toggle(key="by_minutes").set_value(True).run()
    assert drawn[-1]["colours"] == list(minutes_stage.COLOURS)
    assert len(maps.encoded(drawn[-1])) < 30_000


def test_days_of_doses_taken_home_can_be_tried(app: AppTest, monkeypatch: pytest.MonkeyPatch):
    visits = {"daily": 365.0}
    monkeypatch.setattr(
        Plan, "visits",
        lambda _, days=None: {"counselling": visits | ({"take_home": 365.0 / days} if days else {})},
    )  # fmt: skip
    app.run()
    assert "mang thuốc về 4,3" not in _text(_page(app))
    app.number_input(key="take_home_days").set_value(7).run()
    assert "mang thuốc về 4,3" in _text(_page(app))


def test_where_no_time_is_counted_nothing_is_shown(app: AppTest, monkeypatch: pytest.MonkeyPatch):
    plan = _with(sample.plan(), used="within_group")
    monkeypatch.setattr(planner, "run", lambda *_, **__: plan)
    app.run()
    assert "Đi lại" not in [h.value for h in app.subheader]
    assert not [t for t in app.toggle if t.key == "by_minutes"]
