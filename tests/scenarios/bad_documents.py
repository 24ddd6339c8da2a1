"""Bad input in what a document leaves open or decided: missing counts, areas, openings, balances."""

from __future__ import annotations

from tests.scenarios.bad_files import SMALL, Case, edit

COUNT = "      persons: 10\n"
OPENING = 'kind: counselling, group: "916", source'
AREAS = """  groups: area
  areas:
    "916": {name: Một, communes: ["31117"], source: user}
    "917": {name: Hai, communes: ["31120"], source: user}
"""
FROM_GROWTH = SMALL[SMALL.index("  growth:\n") : SMALL.index("  priority:\n")]
NOBODY = (
    SMALL.replace("total: {value: 30", "total: {value: 0")
    .replace("persons: 10", "persons: 0")
    .replace("persons: 20", "persons: 0")
    .replace('"31117": 3}', '"31117": 0}')
)

DOCUMENTS = [
    # what the place is
    edit("scenario.nation", '  province: "92"\n', "", "district", at="place:\n"),
    edit("scenario.areas", "  groups: district\n", "  groups: area\n", "area", at="place:\n"),
    edit(
        "scenario.areas_differ",
        "  groups: district\n",
        AREAS.replace('"917"', '"918"'),
        "917, 918",
        at="areas:",
    ),
    edit(
        "scenario.in_two_areas",
        "  groups: district\n",
        AREAS.replace("31120", "31117"),
        "31117",
        at='name: Hai, communes: ["31117"]',
    ),
    edit("scenario.within_group", "method: straight_line", "method: within_group"),
    edit(
        "scenario.way_needs",
        "  speed_kmh: {value: 30, source: mau_2018 §II}\n",
        "",
        "speed_kmh",
        at="travel:\n",
    ),
    # counts
    edit("scenario.count_missing", COUNT, "", "916", at='    "916":\n'),
    edit(
        "scenario.no_count_missing",
        "  total: {value: 30",
        "  missing_counts: {required: user, note: {vi: Hỏi., en: Asked.}}\n  total: {value: 30",
    ),
    edit(
        "scenario.total_differs", 'persons: {"31117": 3}', 'persons: {"31117": 31}', "31", at="by_commune:\n"
    ),
    edit("scenario.split_needs", "    weights: {Xã: 7000}\n", "", "weights", at="  split:\n"),
    edit(
        "scenario.split_unused",
        "    weights: {Xã: 7000}\n",
        '    weights: {Xã: 7000}\n    population: {"31117": 5}\n',
        "population",
        at="    population:",
    ),
    edit(
        "scenario.no_growth",
        FROM_GROWTH,
        "",
        "2019-2020",
        at="registered_persons:\n",
    ),
    edit(
        "scenario.unknown_reference",
        '    "2019-2020": {value: 33',
        '    "2020": {value: 33',
        "2019-2020",
        at="  forecast:\n",
    ),
    edit(
        "scenario.unknown_reference",
        '"917": {value: 0.9',
        '"918": {value: 0.9',
        "916, 917",
        at="suited_by_group:\n",
    ),
    # premises
    edit("scenario.half_point", "      lon: 105.7\n", "", "lon", at="      lat: 10.1"),
    edit("scenario.unknown_reference", 'ready_from: "2018"', 'ready_from: "2019"', "2019-2020"),
    # the published plan
    edit(
        "scenario.one_of",
        OPENING,
        OPENING.replace("group:", "anywhere: true, group:"),
        "anywhere",
        at='- {stage: "2018", kind',
    ),
    edit(
        "scenario.unknown_reference",
        OPENING,
        OPENING.replace('group: "916"', "premises: [clinic]"),
        "hospital",
    ),
    edit("scenario.unknown_reference", OPENING, OPENING.replace('group: "916"', 'groups: ["918"]'), "917"),
    edit(
        "scenario.more_than_named",
        OPENING,
        OPENING.replace("group:", "count: 2, groups:").replace('"916"', '["916"]'),
        "2",
    ),
    # criteria, indicators, what was seen, the balance
    edit("scenario.unknown_reference", "answers: {tyt-31120: false}", "answers: {clinic: false}", "hospital"),
    edit(
        "scenario.unknown_reference",
        "    kinds: [counselling]\n    decides",
        "    kinds: [x]\n    decides",
        at="kinds: [x]",
    ),
    edit("scenario.indicator_share", '"2018": 0.8', '"2018": 80', at="    unit: share"),
    edit(
        "scenario.unknown_reference", '"2018": 0.8', '"2019": 0.8', "2019-2020", at="now: 0.37\n    goals:\n"
    ),
    edit(
        "scenario.unknown_reference",
        'stage: "2018"\n    kind: counselling\n    group',
        'stage: "2017"\n    kind: counselling\n    group',
        "2018",
        at='stage: "2017"',
    ),
    edit("scenario.balance_order", "compulsory: 10", "compulsory: 21"),
    edit("scenario.balance_order", "compulsory_share: 0.45", "compulsory_share: 0.9"),
    edit("scenario.unknown_reference", "besides: [methadone]", "besides: [detox]", "methadone"),
    Case(
        "scenario.forecast_of_nobody", NOBODY, "total", NOBODY[: NOBODY.index("  forecast:")].count("\n") + 1
    ),
]
