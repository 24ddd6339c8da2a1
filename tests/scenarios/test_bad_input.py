"""One table of bad input: a case for every message about scenario files."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from errors import ScenarioError
from scenarios import strict_yaml
from scenarios.reading import load
from text import LANGS, catalogue

SMALL = (Path(__file__).parent / "small.yaml").read_text(encoding="utf-8")


class Case(NamedTuple):
    """A file that must be refused with `code` at `line` (None: the whole file), in words with `shown`."""

    code: str
    text: str
    shown: str
    line: int | None


def whole(code: str, text: str, shown: str = "") -> Case:
    """A file of its own; ``#!`` stands in the line that the message must name, if it can name one."""
    return Case(code, text, shown, text[: text.index("#!")].count("\n") + 1 if "#!" in text else None)


def edit(code: str, old: str, new: str, shown: str = "", *, at: str = "") -> Case:
    """The small scenario with `old` replaced; the message must name that line, or where `at` ends."""
    text = SMALL.replace(old, new)
    assert SMALL.count(old) == 1, old
    assert not at or text.count(at) == 1, at
    before = text[: text.index(at)] + at.rstrip() if at else SMALL[: SMALL.index(old) + old.startswith("\n")]
    return Case(code, text, shown, before.count("\n") + 1)


def child(code: str, text: str, shown: str = "") -> Case:
    """A file that extends the small scenario."""
    return whole(code, f"extends: small.yaml\nid: child\n{text} #!\n", shown)


GROUP, SITE = "      name: Huyện Một\n", "      name: Bệnh viện huyện Một\n"
GROWTH = "    value: 0.05\n    source: user\n"
SPEED = "speed_kmh: {value: 30, source: mau_2018 §II}"

FILES = [
    whole("yaml.syntax", "id: small\ntitle: @x #!\n"),
    whole("yaml.syntax", "id: small\n--- #!\nid: small\n"),
    whole("yaml.syntax", 'id: "\\UFFFFFFFF"\n'),
    whole("yaml.tab", "id: small\ntitle: #\n\tvi: x #!\n"),
    whole("yaml.colon", "id: small\ntitle: Kế hoạch: lộ trình #!\n"),
    whole("yaml.quote", 'id: small\ntitle: "Kế hoạch #!\nplace: x\n'),
    whole("yaml.quote", "id: small\ntitle: [Kế hoạch, #!\nplace: x\n"),
    whole("yaml.character", "id: small\ntitle: Kế\x08hoạch #!\n"),
    whole("yaml.too_deep", "id: " + 20_000 * "["),
    whole("yaml.too_deep", "id: " + 40 * "[" + 40 * "]" + " #!"),
    whole("yaml.not_a_mapping", "# nothing\n"),
    whole("yaml.not_a_mapping", "- id\n"),
    whole("yaml.too_large", "#" + strict_yaml.MAX_BYTES * " ", "4 MB"),
    whole("scenario.no_parent", "id: child\nextends: nowhere.yaml #!\n", "nowhere.yaml"),
    whole("scenario.no_parent", "id: child\nextends: ../small.yaml #!\n"),
    whole("scenario.no_parent", "id: child\nextends: [small.yaml] #!\n"),
    whole("scenario.no_parent", f"id: child\nextends: {300 * 'x'} #!\n"),
    whole("scenario.no_parent", 'id: child\nextends: "x\\0.yaml" #!\n'),
    whole("scenario.extends_itself", "id: child\nextends: case.yaml #!\n"),
    whole("scenario.two_levels", "id: child\nextends: middle.yaml #!\n", "middle.yaml"),
    whole("scenario.same_id", "extends: small.yaml\nid: small #!\n"),
    whole("scenario.same_id", "extends: small.yaml #!\n", "id"),
    child("scenario.nothing_to_remove", "kinds:\n  treatment:\n    offred: null", "offred"),
    child("scenario.source_stays", "rules:\n  budget:\n    amount_vnd: 1", "mau_2018 §IV"),
    child("scenario.source_stays", 'stages:\n  "2019-2020":\n    years: 3', "years"),
    child("scenario.source_stays", "registered_persons: {split: {weights: {Xã: 8000}}}", "estimate"),
    child("scenario.source_stays", 'premises: {named: {hospital: {commune: "31147"}}}', "commune_source"),
    child("scenario.source_stays", "rules: {each_district: {exceptions: null}}", "exceptions"),
    child("scenario.empty", "criteria: {new: {text: null, concerns: group, source: user}}", "text"),
]
VALUES = [
    edit("yaml.alias", "groups: district", "groups: &name district"),
    edit("yaml.tag", "groups: district", "groups: !!str district"),
    edit("yaml.tag", "hosts: [treatment]", "hosts: !!set {treatment}"),
    edit("yaml.key_not_text", '    "916":\n', "    916:\n", '"916"'),
    edit("yaml.key_not_text", "  room:\n", "  ? [room]\n  :\n"),
    edit("yaml.duplicate_key", "place:\n", "id: again\nplace:\n", '"id"'),
    edit("yaml.ambiguous", 'commune: "31144"', "commune: 01700", '"01700"'),
    edit("yaml.ambiguous", "value: 0.05", "value: 5e-2"),
    edit("yaml.ambiguous", GROUP, "      name: no\n", "true, false"),
    edit("yaml.ambiguous", GROUP, "      name: 2018-01-01\n"),
    edit("yaml.ambiguous", "338000000", "338.000.000", "338.000.000"),
    edit("yaml.ambiguous", "338000000", "338_000_000"),
    edit("yaml.ambiguous", "338000000", "1234567890123456"),
    edit("yaml.ambiguous", "persons: 10", "persons: 1.237", "1.2370"),
    edit("scenario.missing", "  groups: district\n", "", "groups", at="place:"),
    edit("scenario.missing", "  first_stage:\n    rule: quota\n", "  first_stage:\n", "rule"),
    edit("scenario.unknown_key", "    weights: {", "    wieghts: 1\n    weights: {", "weights"),
    edit("scenario.empty", "    symbol: square\n", "    cost:\n    symbol: square\n", "cost"),
    edit("scenario.empty", "label: {vi: Tư vấn, en", "label: {vi: Tư vấn, hỗ trợ, en", "hỗ trợ"),
    edit("scenario.needs_note", GROWTH, "    value: 0\n    source: estimate\n", at="growth:"),
    edit("scenario.needs_note", SPEED, "speed_kmh: {value: 30, source: inferred}"),
    edit("scenario.not_quoted", 'province: "92"', "province: 92", '"92"'),
    edit("scenario.not_quoted", GROUP, "      name: 1\n"),
    edit("scenario.not_an_id", "  room:", "  Phòng tư vấn:", "Phòng tư vấn"),
    edit("scenario.not_an_id", "document: mau_2018", "document: Kế hoạch 2018"),
    edit("scenario.not_a_code", 'province: "92"', "province: Cần Thơ", "Cần Thơ"),
    edit("scenario.not_a_code", '  "2018": {', '  "năm 2018": {', "năm 2018"),
    edit("scenario.not_a_source", GROWTH, GROWTH.replace("user", "kế hoạch"), at="source: kế hoạch"),
    edit("scenario.not_a_source", GROWTH, GROWTH.replace("user", "mau_2018 I"), at="source: mau_2018 I\n"),
    edit("scenario.not_a_colour", '"#1f4e79"', "blue", "#1f4e79"),
    edit("scenario.text_length", GROUP, '      name: ""\n'),
    edit("scenario.text_length", GROUP, f"      name: {401 * 'x'}\n"),
    edit("scenario.text_length", "document: mau_2018", f"document: {61 * 'x'}"),
    edit("scenario.empty_list", "hosts: [treatment]", "hosts: []", "hosts"),
    edit("scenario.not_allowed", "symbol: square", "symbol: cube", "circle, square"),
    edit("scenario.not_allowed", "rule: colocated", "rule: beside", "quota, colocated, stage_budget"),
    edit("scenario.not_allowed", "assumed: true", "assumed: false", "true"),
    edit("scenario.out_of_range", "persons: 10", "persons: -10", "≥ 0"),
    edit("scenario.out_of_range", SPEED, SPEED.replace("30", "0"), "> 0"),
    edit("scenario.out_of_range", SPEED, SPEED.replace("30", "3000"), "≤ 200"),
    edit("scenario.not_a_share", "value: 0.05", "value: 5", "0.7", at="value: 5\n"),
    edit(
        "scenario.not_a_share", "uptake: {value: 0.5, source: mau", "uptake: {value: 50, source: mau", "0.7"
    ),
    edit("scenario.wrong_type", GROUP, "      name: [Huyện, Một]\n", "abc"),
    edit("scenario.wrong_type", SPEED, "speed_kmh: 30", "{value: …, source: …}"),
    edit("scenario.wrong_type", SPEED, SPEED.replace("30", 400 * "9" + ".5"), "12.5"),
    edit("scenario.wrong_type", "{vi: Có phòng tư vấn, en: A counselling room}", "Phòng", "{vi: …, en: …}"),
    edit("scenario.wrong_type", "uptake: {value: 0.5, source: mau_2018 §I}", "uptake: 0.5", "{value: …,"),
    edit("scenario.wrong_type", "persons: 10", 'persons: "10"', '"10"'),
    edit("scenario.wrong_type", "persons: 10", "persons: 10.0", "1234"),
    edit("scenario.wrong_type", "persons: 10", "persons: 10 người", "1234"),
    edit("scenario.wrong_type", "value: 0.05", "value: 0,05", "12.5"),
    edit("scenario.wrong_type", "hosts: [treatment]", "hosts: treatment", "[a, b]"),
    edit("scenario.wrong_type", "weights: {Xã: 7000}", "weights: 7000", "{a: …, b: …}"),
    edit("scenario.wrong_type", SITE, f"      in_no_group: x\n{SITE}", "true"),
]
TEXTS = [
    edit("scenario.unsafe_text", GROUP, f"      name: {payload}\n")
    for payload in (
        "Xã {{ cycler.__init__.__globals__.os.umask(63) }}",
        "Xã {% raw %}",
        "Xã {# x #}",
        "<img src=x onerror=alert(1)>",
        "${7*7}",
        "Xã `x`",
        '"Xã\\u200bMột"',
        '"Xã\\x07"',
        '"Xã\\uD800"',
    )
] + [
    edit("scenario.unsafe_text", "{Xã: 7000}", '{"{{7*7}}": 7000}', "{{7*7}}"),
    edit("scenario.unsafe_text", '"literature: Tác giả, 2020"', '"literature: <b>"', "<b>"),
    whole("scenario.unsafe_text", 'id: x\n"<script>": 1 #!\n', "<script>"),
]
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
        "scenario.unknown_reference", "cover\n    service: counselling", "cover\n    service: x", at=": x\n"
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
        ).replace("max_cover\n    service: counselling", "max_cover\n    service: detox #!"),
    ),
    edit(
        "scenario.asked_of_user",
        "cover\n    service: counselling",
        "cover\n    service: methadone",
        "suited_share",
        at="cover\n    service: methadone",
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
CASES = FILES + VALUES + TEXTS + DISAGREEMENTS


@pytest.fixture
def folder(tmp_path):
    """A folder with the small scenario, and one that extends it."""
    (tmp_path / "small.yaml").write_text(SMALL, encoding="utf-8")
    (tmp_path / "middle.yaml").write_text("extends: small.yaml\nid: middle\n", encoding="utf-8")
    return tmp_path


def refused(path: Path) -> ScenarioError:
    with pytest.raises(ScenarioError) as caught:
        load(path)
    return caught.value


def test_the_unspoilt_scenario_is_accepted(folder):
    assert load(folder / "small.yaml").id == "small"
    assert load(folder / "middle.yaml").id == "middle"


@pytest.mark.parametrize("case", CASES, ids=[f"{n}-{case.code}" for n, case in enumerate(CASES)])
def test_bad_input_is_refused_with_line_and_remedy(folder, case):
    (folder / "case.yaml").write_text(case.text, encoding="utf-8")
    error = refused(folder / "case.yaml")
    assert {p.code for p in error.problems} == {case.code}, error
    places = [p.where.split(" ")[0] for p in error.problems]
    assert ("case.yaml" if case.line is None else f"case.yaml:{case.line}") in places
    said = [error.say(lang) for lang in LANGS]
    assert case.shown in said[0]
    assert case.shown in said[1]
    assert said[0] != said[1]


def test_bad_files_are_refused(folder):
    """What cannot be written into the table as text."""
    assert [p.code for p in refused(folder / "nowhere.yaml").problems] == ["yaml.no_file"]
    assert [p.code for p in refused(folder).problems] == ["yaml.unreadable"]
    (folder / "old.yaml").write_bytes("id: small\ntitle: Kế hoạch\n".encode("utf-16"))
    (folder / "worse.yaml").write_bytes(b"id: small\ntitle: \xcb\xe1\n")
    assert [(p.code, p.where) for p in refused(folder / "old.yaml").problems] == [
        ("yaml.not_utf8", "old.yaml:1")
    ]
    assert [(p.code, p.where) for p in refused(folder / "worse.yaml").problems] == [
        ("yaml.not_utf8", "worse.yaml:2")
    ]


def test_every_message_has_a_case():
    told = {
        key.removeprefix("error.")
        for key in catalogue()
        if key.startswith(("error.yaml.", "error.scenario."))
    }
    elsewhere = {"yaml.no_file", "yaml.unreadable", "yaml.not_utf8"}  # test_bad_files_are_refused
    assert {case.code for case in CASES} | elsewhere == {
        code for code in told if not code.endswith(".remedy")
    }


def test_all_problems_are_told_at_once(folder):
    text = SMALL.replace('province: "92"', "province: 92").replace("persons: 10", "persons: -1")
    (folder / "case.yaml").write_text(text, encoding="utf-8")
    assert [p.code for p in refused(folder / "case.yaml").problems] == [
        "scenario.not_quoted",
        "scenario.out_of_range",
    ]


@pytest.mark.parametrize("name", ["50 % số xã", "Xã 'Một' & \"Hai\"", "Phường 1; số 5", "Ấp Đ’Ran / B’Lao"])
def test_honest_punctuation_is_fine(folder, name):
    quoted = strict_yaml.write({"name": name}).removeprefix("name: ").strip()
    (folder / "case.yaml").write_text(SMALL.replace("Huyện Một", quoted, 1), encoding="utf-8")
    assert load(folder / "case.yaml").registered_persons.by_group["916"].name == name
