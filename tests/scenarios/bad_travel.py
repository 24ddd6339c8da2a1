"""Bad input in how travel times are found."""

from __future__ import annotations

from tests.scenarios.bad_files import SMALL, Case, edit

WALKING = "    walking_kmh: {value: 4, source: user}\n"
ROADS = f"""  method: roads
  roads:
    file: duong.graphml
    wet_season_factor: {{value: 0.8, source: user}}
    snap_metres: {{value: 2000, source: user}}
{WALKING}"""
TABLE = "  method: table\n  table: {file: phut.csv, source: user}\n"
BY_ROAD = SMALL.replace("  method: straight_line\n", ROADS)
BY_TABLE = SMALL.replace("  method: straight_line\n", TABLE)
SPEED = "  speed_kmh: {value: 30, source: mau_2018 §II}\n"
NATION = BY_ROAD.replace('  province: "92"\n', "")
assert SMALL not in (BY_ROAD, BY_TABLE, NATION)


def by_road(code: str, old: str, new: str, shown: str = "", *, at: str = "") -> Case:
    return edit(code, old, new, shown, at=at, base=BY_ROAD)


TRAVEL = [
    edit("scenario.way_needs", "method: straight_line", "method: roads", "roads", at="travel:\n"),
    edit("scenario.way_needs", "method: straight_line", "method: table", "table", at="travel:\n"),
    by_road("scenario.way_needs", SPEED, "", "speed_kmh", at="travel:\n"),
    edit("scenario.way_needs", SPEED, "", "speed_kmh", at="travel:\n", base=BY_TABLE),
    by_road("scenario.way_unused", "method: roads", "method: straight_line", "roads", at="  roads:\n"),
    edit("scenario.way_unused", "method: table", "method: straight_line", "table", base=BY_TABLE,
         at="  table:"),
    edit("scenario.way_of_nation", "  groups: district\n", "  groups: province\n", base=NATION,
         at="  method: roads"),
    by_road("scenario.not_a_file_name", "file: duong.graphml", "file: ../duong.graphml", "../"),
    by_road("scenario.not_a_file_name", "file: duong.graphml", "file: .duong", "travel list"),
    by_road("scenario.missing", WALKING, "", "walking_kmh", at="  roads:\n"),
    by_road("scenario.out_of_range", "value: 0.8", "value: 0", "> 0"),
    by_road("scenario.not_a_share", "value: 0.8", "value: 1.2", "0.7"),
    by_road("scenario.out_of_range", "value: 2000", "value: 0", "> 0"),
    by_road("scenario.needs_note", WALKING, WALKING.replace("user", "estimate")),
    edit("scenario.not_allowed", "phut.csv, source", "phut.csv, missing: zero, source", "refuse",
         base=BY_TABLE),
    edit("scenario.missing", "phut.csv, source: user", "phut.csv", "source", base=BY_TABLE),
]  # fmt: skip
