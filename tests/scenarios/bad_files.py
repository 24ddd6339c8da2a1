"""Bad input that a single file or value shows, and how such cases are written."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from scenarios import strict_yaml

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


def edit(code: str, old: str, new: str, shown: str = "", *, at: str = "", base: str = SMALL) -> Case:
    """`base` with `old` replaced; the message must name that line, or where `at` ends."""
    text = base.replace(old, new)
    assert base.count(old) == 1, old
    assert not at or text.count(at) == 1, at
    before = text[: text.index(at)] + at.rstrip() if at else base[: base.index(old) + old.startswith("\n")]
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
