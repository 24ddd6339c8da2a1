"""Minutes in the planner: by road, by a table, by the straight line; what is kept; what is said."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import planner
from errors import DataError, PlanningError
from exports import EDITIONS, console, record
from exports.contents import contents_of
from geo.roads import fetch, files, kept, table
from planner import by_road, geography, journeys, road_check, travelling
from planner.plan import Plan
from tests.planner import roads, tiny
from tests.planner.tiny import SOURCE, figure, rule, scenario
from text import LANGS, catalogue

FED = {"fed": rule("parent_within_reach", kind="dispensing", parents=["treatment"], minutes=40)}


@pytest.fixture(autouse=True)
def folders(tmp_path, monkeypatch):
    """Empty folders for roads and travel."""
    monkeypatch.setenv(fetch.ELSEWHERE, str(tmp_path / "roads"))
    monkeypatch.setenv(kept.ELSEWHERE, str(tmp_path / "travel"))
    return tmp_path


@pytest.fixture
def star(folders):
    return roads.keep(folders / "roads")


def line(asked: Any) -> geography.Geography:
    return road_check.places(asked)


def sound(found: geography.Geography) -> None:
    """Nothing missing, and zero only at one's own point."""
    asked = line(tiny.TINY)
    assert np.isfinite(found.minutes).all()
    assert np.array_equal(found.minutes == 0, asked.minutes == 0)


class TestRoads:
    def test_along_a_road_time_is_its_length_over_its_speed(self, star):
        found = geography.places(roads.by_road())
        sound(found)
        codes, hosts = list(found.communes["commune_code"]), list(found.premises["premises"])
        graph = by_road.open_graph(roads.by_road(), star)
        kmh = float(np.median(graph.metres / 1000 / graph.minutes * 60))
        i, j = codes.index("31117"), hosts.index(f"tyt-{roads.CENTRE}")
        straight = line(tiny.TINY).minutes[i, j] / 1.4 * 30 / 60  # km
        assert found.minutes[i, j] == pytest.approx(straight / kmh * 60, rel=1e-5)
        k = hosts.index("tyt-31120")  # by way of the centre
        back = found.minutes[codes.index(roads.CENTRE), k]
        assert found.minutes[i, k] == pytest.approx(found.minutes[i, j] + back, abs=1e-5)

    @pytest.mark.usefixtures("star")
    def test_no_road_and_no_way_go_by_the_straight_line_and_are_named(self):
        found, asked = geography.places(roads.by_road()), line(tiny.TINY)
        codes = list(found.communes["commune_code"])
        for code in (roads.NO_ROAD, *roads.ISLAND):
            others = ~found.premises["commune_code"].isin(roads.ISLAND).to_numpy()
            n = codes.index(code)
            assert np.array_equal(found.minutes[n][others], asked.minutes[n][others])
        places = found.travel.places.set_index("commune_code")
        mine = places[places["premises"] == ""]
        assert mine.loc[roads.NO_ROAD, ["way", "reason"]].tolist() == ["straight_line", "too_far"]
        assert mine.loc[roads.NO_ROAD, "metres"] > 300
        assert set(mine.loc[list(roads.ISLAND), "reason"]) == {"apart"}
        others = mine.drop([roads.NO_ROAD, *roads.ISLAND])
        assert set(others["way"]) == {"roads"}
        assert set(others["reason"]) == {""}
        assert found.travel.communes()["roads"] == 77
        names = found.communes.set_index("commune_code")["commune"]
        for lang in LANGS:
            said = [warning.say(lang) for warning in found.travel.warnings]
            assert len(said) == 3  # one a place, though its health station stands there too
            for code in (roads.NO_ROAD, *roads.ISLAND):
                assert sum(names[code] in text for text in said) == 1
        assert sum(found.travel.pairs.values()) == found.minutes.size

    def test_the_graph_of_the_province_is_found_by_itself(self, star):
        star.rename(star.with_name(fetch.name_of("92", "2025-01")))
        asked = roads.of_province()
        assert geography.places(asked).travel.used == "roads"

    @pytest.mark.usefixtures("star")
    def test_parents_are_reached_by_road(self):
        found = geography.places(roads.by_road(rules=FED))
        assert found.between is not None
        asked = line(scenario(rules=FED))
        assert asked.between is not None
        assert np.isfinite(found.between).all()
        assert np.array_equal(found.between == 0, asked.between == 0)
        assert np.median(found.between / np.maximum(asked.between, 1e-9)) != 1

    @pytest.mark.usefixtures("star")
    def test_a_wet_season_is_never_faster(self):
        dry = geography.places(roads.by_road()).minutes
        slower = {"wet_season_factor": {"value": 0.5, **roads.USER}}
        wet = geography.places(roads.by_road(roads=slower)).minutes
        assert (wet >= dry - 1e-9).all()


class TestWithout:
    def test_without_a_graph_everything_goes_by_the_straight_line_and_that_is_said(self):
        asked = roads.of_province()
        found = geography.places(asked)
        assert np.array_equal(found.minutes, line(tiny.TINY).minutes)
        assert found.travel.used == "straight_line"
        assert found.travel.method == "roads"
        assert set(found.travel.places["reason"]) == {"no_graph"}
        (warning,) = found.travel.warnings
        assert "travel download" in warning.en

    def test_a_graph_that_is_named_must_be_there(self):
        with pytest.raises(DataError) as caught:
            geography.places(roads.by_road())
        assert [p.code for p in caught.value.problems] == ["travel.no_graph"]


class TestLimit:
    def test_the_largest_standard(self):
        assert travelling.largest_standard(tiny.TINY) == 30
        assert travelling.largest_standard(scenario(rules=FED)) == 40
        outer = {"counselling": {"outer_minutes": figure(55)}}
        assert travelling.largest_standard(scenario(kinds=outer)) == 55
        free = {"treatment": {"standard_minutes": None}}
        assert travelling.largest_standard(scenario(kinds=free)) == np.inf

    @pytest.mark.usefixtures("star")
    def test_beyond_the_limit_no_pair_comes_within_it(self, monkeypatch):
        whole = geography.places(roads.by_road())
        kept_files = list(kept.folders()[0].glob("*.npz"))
        for path in kept_files:
            path.unlink()
        monkeypatch.setattr(travelling, "MOST_STEPS", 0)
        limited = geography.places(roads.by_road())
        near = whole.minutes <= 30
        same_way = limited.travel.pairs.get("beyond", 0)
        assert limited.travel.limit == 30
        assert same_way > 100
        assert np.allclose(limited.minutes[near], whole.minutes[near])
        assert np.array_equal(limited.minutes <= 30, near)
        sound(limited)
        assert any("30" in warning.vi for warning in limited.travel.warnings)
        assert limited.travel.communes() == whole.travel.communes()


class TestKept:
    @pytest.fixture
    def opened(self, star, monkeypatch):
        """How often the graph was opened."""
        assert star.is_file()
        seen = []
        read = by_road.open_graph

        def counted(*given):
            seen.append(given)
            return read(*given)

        monkeypatch.setattr(by_road, "open_graph", counted)
        return seen

    def test_a_changed_plan_finds_its_minutes(self, opened):
        first = geography.places(roads.by_road())
        changes: list[dict[str, Any]] = [
            {},
            {"rules": {"points": {"at_most": 1, **SOURCE, "source": "user"}}},
            {"kinds": {"counselling": {"standard_minutes": {"value": 40, "source": "user"}}}},
            {"travel": {"speed_kmh": {"value": 20, "source": "user"}}},
        ]
        for change in changes:
            again = geography.places(roads.by_road(**change))
            by = again.travel.places["way"] == "roads"
            assert by.any()
        assert len(opened) == 1
        assert np.array_equal(geography.places(roads.by_road()).minutes, first.minutes)
        assert first.travel.checksum == geography.places(roads.by_road()).travel.checksum
        assert geography.places(roads.by_road()).travel.warnings == first.travel.warnings

    @pytest.mark.parametrize(
        "change",
        [
            {"premises": {"named": {"co_do": {"lat": 10.1, "lon": 105.4, "source": "user"}}}},
            {"roads": {"snap_metres": {"value": 400, "source": "user"}}},
            {"roads": {"walking_kmh": {"value": 4, "source": "user"}}},
            {"roads": {"wet_season_factor": {"value": 0.9, "source": "user"}}},
            {"travel": {"mode": "car"}},
            {"rules": FED},
        ],
    )
    def test_what_minutes_depend_on_is_computed_again(self, opened, change):
        geography.places(roads.by_road())
        geography.places(roads.by_road(**change))
        assert len(opened) == 2

    def test_another_graph_under_the_same_name_is_seen(self, opened, star):
        before = geography.places(roads.by_road()).travel.checksum
        drawn = roads.star()
        slower = type(drawn)(**{**vars_of(drawn), "kinds": ({"highway": "residential"},)})
        star.unlink()
        files.keep(slower, star)
        assert geography.places(roads.by_road()).travel.checksum != before
        assert len(opened) == 2

    def test_a_damaged_file_is_computed_again(self, opened):
        first = geography.places(roads.by_road())
        (path,) = kept.folders()[0].glob("*.npz")
        path.write_bytes(path.read_bytes()[:-200])
        assert np.array_equal(geography.places(roads.by_road()).minutes, first.minutes)
        assert len(opened) == 2

    @pytest.mark.usefixtures("star")
    def test_nothing_is_lost_where_nothing_can_be_kept(self, monkeypatch, folders):
        blocked = folders / "file"
        blocked.write_text("")
        monkeypatch.setenv(kept.ELSEWHERE, str(blocked / "in"))
        sound(geography.places(roads.by_road()))


def vars_of(record: Any) -> dict[str, Any]:
    return {name: getattr(record, name) for name in type(record).__dataclass_fields__}


class TestTable:
    def own(self, content: bytes, **how: str) -> Any:
        kept.put("phut.csv", content)
        return scenario(travel={"method": "table", "table": {"file": "phut.csv", "source": "user", **how}})

    @pytest.mark.usefixtures("star")
    def test_what_the_roads_say_written_and_read_back_is_the_same(self):
        first = geography.places(roads.by_road())
        content = table.written(first.minutes, first.communes["commune_code"], first.premises["premises"])
        again = geography.places(self.own(content))
        assert np.array_equal(again.minutes, first.minutes)
        assert again.travel.used == "table"
        assert again.travel.title == "phut.csv"
        assert again.travel.communes() == {"table": 80}

    def test_missing_pairs_go_by_the_straight_line_where_that_is_said(self):
        asked = line(tiny.TINY)
        content = table.written(asked.minutes * 2, asked.communes["commune_code"], asked.premises["premises"])
        rows = content.decode().splitlines(keepends=True)
        text = "".join(row for row in rows if not row.startswith("31261,tyt-31117,")).encode()
        assert len(text) < len(content)
        with pytest.raises(DataError) as caught:
            geography.places(self.own(text))
        assert [p.code for p in caught.value.problems] == ["matrix.missing"]
        found = geography.places(self.own(text, missing="straight_line"))
        sound(found)
        different = found.minutes != asked.minutes * 2
        assert different.sum() == 1
        assert found.minutes[different] == asked.minutes[different]
        (warning,) = found.travel.warnings
        assert "Cờ Đỏ" in warning.vi
        assert found.travel.communes() == {"table": 79, "mixed": 1}

    def test_a_table_that_is_not_kept(self):
        asked = scenario(travel={"method": "table", "table": {"file": "khac.csv", "source": "user"}})
        with pytest.raises(DataError) as caught:
            geography.places(asked)
        assert [p.code for p in caught.value.problems] == ["travel.no_table"]


class TestFigures:
    def test_what_the_scenario_lacks_is_asked_for(self):
        with pytest.raises(PlanningError) as caught:
            road_check.with_roads(tiny.TINY, None, {"snap_metres": 100.0})
        (problem,) = caught.value.problems
        assert problem.code == "travel.figures"
        assert "--walking-kmh" in problem.say("vi")
        assert "--snap-metres," not in problem.say("vi").split(".")[0]

    def test_take_home_days(self, plan_by_road):
        for days in (0, 61, -1):
            with pytest.raises(DataError, match="take-home"):
                journeys.of(plan_by_road, take_home_days=days)


def test_messages_of_the_planner_have_cases():
    """What commands say is tried in tests/test_travel_command.py."""
    told = {key.removeprefix("error.travel.") for key in catalogue() if key.startswith("error.travel.")}
    here = {"no_graph", "no_table", "figures", "take_home"}
    there = {"no_province", "no_premises", "no_roads", "not_kept", "unreadable"}
    assert {code for code in told if not code.endswith(".remedy")} == here | there


# --- what the planner sees ---------------------------------------------------------------------------


@pytest.fixture
def plan_by_road(star) -> Plan:
    """Some doses are taken home for five days."""
    assert star.is_file()
    some = {"methadone": {"take_home_days": {"value": 5, "source": "user"}}}
    found = planner.run(roads.by_road(services=some))
    assert isinstance(found, Plan)
    return found


class TestJourneys:
    def test_bands_count_everybody_once(self, plan_by_road):
        seen = journeys.of(plan_by_road)
        whole = plan_by_road.coverage.set_index(["service", "stage"])["demand"]
        sums = seen.bands.groupby(["service", "stage"])["travellers"].sum()
        assert sums.to_dict() == pytest.approx({key: whole[key] for key in sums.index})
        shares = seen.bands.groupby(["service", "stage"])["of_all"].sum()
        assert shares.tolist() == pytest.approx([1.0] * len(shares))
        assert len(shares) == 4

    def test_hours_follow_from_trips_and_visits(self, plan_by_road):
        seen = journeys.of(plan_by_road)
        there = plan_by_road.allocation
        mine = there[(there["service"] == "methadone") & (there["stage"] == "2018")]
        once = float((mine["persons"] * mine["minutes"]).sum()) * 2 / 60
        hours = seen.at("methadone", "2018").hours.set_index("dosing")["hours_month"]
        assert hours["daily"] == pytest.approx(once * 365 / 12)
        assert hours["take_home"] == pytest.approx(once * 365 / 5 / 12)
        assert set(seen.at("counselling", "2018").hours["dosing"]) == {"stated"}
        weekly = journeys.of(plan_by_road, take_home_days=7).at("methadone", "2018").hours.set_index("dosing")
        assert weekly.loc["take_home", "hours_month"] == pytest.approx(once * 365 / 7 / 12)
        assert weekly.loc["take_home", "visits_month"] == pytest.approx(365 / 84)

    def test_the_longest_trips_are_the_longest(self, plan_by_road):
        seen = journeys.of(plan_by_road).at("counselling", "2018")
        assert seen.longest["minutes"].is_monotonic_decreasing
        in_need = seen.nearest[seen.nearest["demand"] > 0]
        assert seen.longest["minutes"].iloc[0] == in_need["minutes"].max()
        assert set(seen.nearest["way"]) == {"roads", "straight_line"}

    def test_everything_is_said_and_written(self, plan_by_road):
        for lang in LANGS:
            said = console.plan(plan_by_road, lang)
            assert "sao" in said
            assert "© vẽ tay" in said
            assert catalogue()["travel.console.longest"].say(lang) in said
        told = json.loads(json.dumps(record.plan_record(plan_by_road), allow_nan=False))
        assert told["travel"]["used"] == "roads"
        assert told["travel"]["retrieved"] == "2026-01-31"
        assert {row["commune_code"] for row in told["travel"]["fallbacks"]} == {roads.NO_ROAD, *roads.ISLAND}
        assert told["journeys"]["bands"]
        assert told["provenance"]["travel"]["checksum"] == plan_by_road.facts.travel.checksum
        assert plan_by_road.report.status.value == "optimal"

    def test_shared_files_say_it_from_estimates(self, plan_by_road):
        inside, outside = (contents_of(plan_by_road, edition=e, lang="vi").tables for e in EDITIONS)
        assert outside["travel"].equals(inside["travel"])
        assert set(outside["travel"].columns) >= {"way", "reason", "metres"}
        for name, column in (("travel_bands", "travellers"), ("travel_hours", "hours_month")):
            assert pd.api.types.is_numeric_dtype(inside[name][column])
            assert all(value == "≤10" or int(value) % 10 == 0 for value in outside[name][column])
        assert list(outside["longest_trips"]) == list(inside["longest_trips"])
        assert len(outside["longest_trips"]) == len(inside["longest_trips"])
        assert not pd.api.types.is_numeric_dtype(outside["longest_trips"]["travellers"])

    def test_no_time_is_told_where_none_is_counted(self, plan_by_road):
        facts = replace(plan_by_road.facts, travel=travelling.TravelFacts(used="within_group"))
        found = replace(plan_by_road, facts=facts)
        for edition in EDITIONS:
            tables = contents_of(found, edition=edition, lang="en").tables
            assert all(tables[name].empty for name in ("travel_bands", "travel_hours", "longest_trips"))
        assert catalogue()["travel.console.longest"].en not in console.plan(found, "en")
        assert journeys.of(found).longest.empty
