"""Bad input in which blocks of a scenario do not agree with each other."""

from __future__ import annotations

from tests.scenarios.bad_files import GROUP, SITE, SMALL, edit, whole

DISAGREEMENTS = [
    edit("scenario.other_document", "mau_2018 §III", "can_tho §III", "mau_2018"),
    edit("scenario.other_document", "commune_source: estimate", "commune_source: can_tho §I"),
    edit("scenario.total_differs", "total: {value: 30", "total: {value: 31", "30"),
    edit("scenario.same_name", GROUP, "      name: HUYỆN HAI\n", "916", at="name: Huyện Hai"),
    edit("scenario.stage_order", '"2018": {years: 1', '"2018": {years: 2', "2020", at='"2019-2020":\n'),
    edit("scenario.stage_years", "    years: 2\n", "    years: 1\n", "years: 2"),
    edit("scenario.unknown_reference", "    service: methadone\n", "    service: metadone\n", "methadone"),
    edit("scenario.unknown_reference", '{from_stage: "2019-2020"', '{from_stage: "2019"', "2019-2020"),
    edit("scenario.unknown_reference", '    from_stage: "2019-2020"', '    from_stage: "2019"', "2019-2020"),
    edit("scenario.unknown_reference", '"916": {source', '"918": {source', "916, 917"),
    edit("scenario.unknown_reference", "      type: hospital", "      type: hopital", "hospital"),
    edit("scenario.unknown_reference", "existing: [treatment]", "existing: [treat]", "treatment"),
    edit("scenario.unknown_reference", SITE, f'      group: "918"\n{SITE}', "916, 917"),
    edit("scenario.unknown_reference", 'open_at: "2019-2020"', 'open_at: "2020"', "2019-2020"),
    edit("scenario.unknown_reference", "kind: counselling\n    hosts", "kind: x\n    hosts", at="kind: x\n"),
    edit("scenario.unknown_reference", "hosts: [treatment]", "hosts: [dispensing]", "treatment"),
    edit(
        "scenario.unknown_reference", "kinds: [counselling]\n    opened", "kinds: [x]\n    opened", at="[x]"
    ),
    edit("scenario.unknown_reference", 'groups: ["916"]', 'groups: ["918"]', "917"),
    edit("scenario.unknown_reference", '"917": {at_least', '"919": {at_least', "916"),
    edit("scenario.unknown_reference", 'stage: "2018"\n    amount', 'stage: "2017"\n    amount', "2018"),
    edit(
        "scenario.unknown_reference", 'stage: "2018"\n    share: 0.1', 'stage: "2017"\n    share: 0.1', "2018"
    ),
    edit(
        "scenario.unknown_reference", 'stage: "2018"\n    share: 0.5', 'stage: "2017"\n    share: 0.5', "2018"
    ),
    edit(
        "scenario.unknown_reference",
        "objectives:\n",
        "objectives:\n  - {objective: min_facilities, source: user, service: x}\n",
        at="service: x}",
    ),
    edit("scenario.unknown_reference", '{stage: "2018", kind', '{stage: "2016", kind', "2018"),
    edit("scenario.unknown_reference", 'counselling, group: "916"', 'x, group: "916"', "counselling"),
    edit("scenario.unknown_reference", 'counselling, group: "916"', 'counselling, group: "918"', "917"),
    edit("scenario.twice", "at: [hospital]", "at: [hospital, hospital]", "hospital"),
    edit("scenario.twice", "existing: [treatment]", "existing: [treatment, treatment]", "treatment"),
    edit("scenario.twice", 'groups: ["916"]', 'groups: ["916", "916"]', "916"),
    edit("scenario.twice", "hosts: [treatment]", "hosts: [treatment, treatment]", "treatment"),
    edit("scenario.twice", "- objective: min_travel", "- objective: max_cover", "max_cover"),
    edit(
        "scenario.offered_twice",
        "    offered:\n",
        "    offered_everywhere: {source: user}\n    offered:\n",
        at="    offered:\n",
    ),
    edit(
        "scenario.look_alike", '"#c2571a"\n    symbol: circle', '"#1f4e79"\n    symbol: square', "treatment"
    ),
    edit(
        "scenario.station_elsewhere",
        "  named:\n",
        '  named:\n    tyt-31117: {name: T, type: hospital, commune: "31144", commune_source: user,'
        " source: user}\n",
        "31117",
        at="tyt-31117: {",
    ),
    edit("scenario.group_and_none", SITE, f'      in_no_group: true\n      group: "916"\n{SITE}'),
    edit("scenario.one_of", '    open_at: "2019-2020"\n', "", "open_at", at="each_district:"),
    edit(
        "scenario.one_of",
        '    opened_in: "2018"\n',
        '    opened_in: "2018"\n    opened_by: "2018"\n',
        "opened_in",
        at="first_stage:",
    ),
    edit(
        "scenario.exceptions_without_each",
        "    each: group\n    ex",
        "    ex",
        "each: group",
        at="exceptions:",
    ),
    edit(
        "scenario.each_and_groups", "    each: group\n    ex", '    groups: ["916"]\n    each: group\n    ex'
    ),
    edit("scenario.no_limit", "    at_most: 1\n", "", "at_most", at="first_stage:"),
    edit(
        "scenario.no_limit",
        "{at_least: 0, at_most: 2, ",
        "{",
        "at_least: 0",
        at='"917": {source: mau_2018 §II}',
    ),
    edit("scenario.exactly_and_more", "    exactly: 1\n", "    exactly: 1\n    at_most: 1\n"),
    edit("scenario.limits_cross", "at_least: 0, at_most: 2", "at_least: 3, at_most: 2", "3"),
    edit("scenario.itself", "hosts: [treatment]", "hosts: [treatment, counselling]", "counselling"),
    edit(
        "scenario.budget_twice",
        "\nrules:\n",
        '\nrules:\n  a: {rule: stage_budget, kinds: [counselling], stage: "2018", amount_vnd: 1,\n'
        "      source: user, text: {vi: Kinh phí, en: Budget}}\n",
        "a",
        at="  budget:",
    ),
    edit(
        "scenario.no_cost", '[counselling]\n    stage: "2018"', '[treatment]\n    stage: "2018"', "treatment"
    ),
    whole(
        "scenario.no_cost",
        SMALL.replace("min_travel\n    service: counselling", "min_cost\n    service: methadone")
        .replace("required: user\n", "value: 0.8\n      source: user\n")
        .replace("  treatment:\n", "  treatment: #!\n"),
        "treatment",
    ),
    whole(
        "scenario.no_kind",
        SMALL.replace(
            "\nservices:\n",
            "\nservices:\n  detox: {label: {vi: Cai nghiện, en: Detox}, "
            "suited_share: {value: 1, source: user}, uptake: {value: 1, source: user}}\n",
        ).replace(
            "objectives:\n", "objectives:\n  - {objective: min_facilities, source: user, service: detox} #!\n"
        ),
    ),
    edit(
        "scenario.asked_of_user",
        "objectives:\n",
        "objectives:\n  - {objective: min_facilities, source: user, service: methadone}\n",
        "suited_share",
        at="source: user, service: methadone}",
    ),
    edit(
        "scenario.no_visits",
        "    visits_per_year: {value: 24, source: mau_2018 §II}\n",
        "",
        "visits_per_year",
        at="min_travel\n    service",
    ),
    edit(
        "scenario.no_standard",
        "    standard_minutes: {value: 30, source: mau_2018 §II}\n"
        "    outer_minutes: {value: 45, source: mau_2018 §II}\n",
        "",
        "counselling",
        at="symbol: square\n  counselling:",
    ),
    edit(
        "scenario.needs_first",
        "- objective: max_cover",
        "- objective: min_cost",
        "max_cover",
        at="min_cost\n    service: counselling\n    source: mau_2018 §I\n  -",
    ),
    edit(
        "scenario.upgraded_twice",
        "  parent:\n",
        "  again: {rule: upgrade, from_kind: treatment, to_kind: counselling, source: user,\n"
        "    text: {vi: Nâng cấp, en: Upgrade}}\n  parent:\n",
        "upgrade",
        at="  again:",
    ),
    edit("scenario.itself", "parents: [counselling]", "parents: [counselling, treatment]", "treatment"),
    edit("scenario.itself", "to_kind: counselling", "to_kind: treatment", "to_kind"),
    edit("scenario.unknown_reference", "from_kind: treatment", "from_kind: treat", "treatment"),
    edit("scenario.unknown_reference", "to_kind: counselling", "to_kind: counsel", "counselling"),
    edit("scenario.unknown_reference", "parents: [counselling]", "parents: [centre]", "counselling"),
    edit("scenario.unknown_reference", "premises: [hospital]", "premises: [hopital]", "premises.named"),
    edit("scenario.unknown_reference", "premises: [tyt-31120]", "premises: [tram_31120]", "hospital"),
    edit("scenario.unknown_reference", 'stages: ["2018"]', 'stages: ["2017"]', "2018"),
    edit("scenario.unknown_reference", "community: [counselling]", "community: [x]", at="community: [x]"),
    edit("scenario.unknown_reference", "        treatment: {value: 2", "        x: {value: 2", "treatment"),
    edit("scenario.unknown_reference", "        treatment: {value: 3", "        x: {value: 3", "treatment"),
    edit(
        "scenario.unknown_reference", "        counselling: {value: 60", "        x: {value: 60", "treatment"
    ),
    edit(
        "scenario.unknown_reference",
        'communes: ["31117"], w',
        'groups: ["918"], w',
        "916",
        at="priority:\n    m",
    ),
    edit("scenario.one_of", 'communes: ["31117"], w', "w", "groups, communes", at="priority:\n    m"),
    edit("scenario.one_of", "    premises: [hospital]\n", "", "premises, groups", at="  pin:"),
    edit(
        "scenario.one_of",
        "    premises: [hospital]\n",
        '    groups: ["916"]\n    premises: [hospital]\n',
        at="  pin:",
    ),
    edit("scenario.one_of", '    groups: ["917"]\n', "", "premises, groups", at="  ban:"),
    edit(
        "scenario.one_of",
        "    clusters: {n",
        '    communes: ["31117"]\n    clusters: {n',
        "clusters",
        at="\n  cluster:",
    ),
    edit("scenario.one_of", '    stage: "2018"\n    amount', "    amount", "stage, stages", at="  budget:"),
    edit(
        "scenario.one_of",
        "[counselling]\n    service: counselling",
        "[counselling]\n    kinds: [counselling]\n    service: counselling",
        "service, kinds",
        at="\n  community:",
    ),
    edit("scenario.empty_list", '{north: ["31117", "31120"]}', "{}", "clusters"),
    edit("scenario.twice", '"31117", "31120"', '"31117", "31117"', "31117", at="clusters: {north:"),
    edit("scenario.out_of_range", "weight: 1.5", "weight: 0.5", "≥ 1"),
    edit("scenario.out_of_range", "minutes: 60", "minutes: 0", "> 0"),
    edit("scenario.out_of_range", "treatment: {value: 3", "treatment: {value: 0", "≥ 1"),
    edit("scenario.not_a_share", "share: 0.7", "share: 70", "0.7"),
    edit(
        "scenario.wrong_type",
        "capacity: {value: 50, source: mau_2018 §II}",
        "capacity: 50",
        "{value: …, source",
    ),
    edit("scenario.missing", "    hard: false\n", "", "hard", at="  target:"),
    edit(
        "scenario.unknown_reference",
        "    hard: false\n",
        '    hard: false\n    exceptions: {"918": {share: 0.5, source: user}}\n',
        "916",
        at='exceptions: {"918"',
    ),
    edit(
        "scenario.exceptions_without_each",
        "    each: group\n    hard: false\n",
        '    hard: false\n    exceptions: {"916": {share: 0.5, source: user}}\n',
        at='exceptions: {"916"',
    ),
    edit(
        "scenario.groups_and_premises",
        '    groups: ["916"]\n    at_most',
        '    groups: ["916"]\n    premises: [hospital]\n    at_most',
        at='    groups: ["916"]\n    premises:',
    ),
    edit(
        "scenario.each_and_groups",
        "    each: group\n    hard",
        '    each: group\n    groups: ["916"]\n    hard',
        at="each: group\n    groups:",
    ),
    edit(
        "scenario.nothing_to_carry",
        "    amount_vnd: 338000000\n",
        "    carry_over: true\n    amount_vnd: 338000000\n",
    ),
    edit("scenario.limits_cross", "minimum_caseload: {value: 5,", "minimum_caseload: {value: 51,", "50"),
    edit(
        "scenario.outer_inside", "outer_minutes: {value: 45", "outer_minutes: {value: 30", "standard_minutes"
    ),
    edit("scenario.more_than_fits", "treatment: {value: 3", "treatment: {value: 1", "2"),
    edit(
        "scenario.load_without_capacity",
        "kind: treatment\n    parents: [counselling]\n",
        "kind: counselling\n    parents: [treatment]\n",
        "treatment",
        at="counts_load: true",
    ),
    edit("scenario.reserved_id", "  pin:\n", "  capacity_treatment:\n", "capacity_treatment"),
    edit(
        "scenario.soft_without_shortfall",
        "  - objective: min_shortfall\n    service: counselling\n    source: mau_2018 §I\n",
        "",
        "min_shortfall",
        at="hard: false",
    ),
    edit(
        "scenario.nothing_soft",
        "    hard: false\n",
        "    hard: true\n",
        "hard: false",
        at="objectives:\n  - ",
    ),
    edit(
        "scenario.asked_of_user",
        '    service: counselling\n    stage: "2018"\n    share: 0.1',
        '    service: methadone\n    stage: "2018"\n    share: 0.1',
        "suited_share",
        at="en: 10 % in every district}\n    service:",
    ),
    edit(
        "scenario.asked_of_user",
        "    symbol: square\n",
        "    symbol: square\n    minimum_caseload: {value: 5, source: user}\n",
        "suited_share",
        at="    minimum_caseload: {value: 5, source: user}",
    ),
    edit(
        "scenario.opening_twice",
        '- {stage: "2019-2020", kind: counselling, group: "917"',
        '- {stage: "2018", kind: counselling, group: "916"',
        "916",
        at='§II}\n    - {stage: "2018"',
    ),
]
