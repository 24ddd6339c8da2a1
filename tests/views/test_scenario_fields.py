"""Every figure of a scenario is a field with words, and what is typed comes out as it was meant."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from functools import cache
from typing import Any, get_args

import pytest

from errors import ScenarioError
from scenarios import reading, schema
from scenarios.figures import Part
from scenarios.rules import RULES
from scenarios.schema import Scenario
from scenarios.strict_yaml import Path_
from text import catalogue
from views.scenario_edits import at, bounds, edit, is_changed, moved, nested, put_back
from views.scenario_fields import SECTIONS, Field, Form, fields, form_of
from views.scenario_numbers import read, shown, told

FILES = sorted(reading.FOLDER.glob("*.yaml"))
MONEY = Form("whole", "million", 0, 10**15)
SHARE = Form("number", "percent", 0, 1)
MINUTES = Form("number", "minutes", 0, 1440, above=True)


@cache
def loaded(name: str = reading.SHOWN_FIRST.name) -> Scenario:
    return reading.load(reading.FOLDER / name)


def field(s: Scenario, name: str) -> Field:
    return next(f for f in fields(s) if f.name == name)


def figures_in(data: Any, path: Path_ = ()) -> Iterator[Path_]:
    """Every number in plain data, but in answers to questions, which change nothing until they are given."""
    if path == ("questions",):
        return
    if isinstance(data, dict):
        for key, inner in data.items():
            yield from figures_in(inner, (*path, key))
    elif isinstance(data, list):
        for n, inner in enumerate(data):
            yield from figures_in(inner, (*path, n))
    elif isinstance(data, int | float) and not isinstance(data, bool):
        yield path


# --- nothing is left out -------------------------------------------------------------------------


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_figure_is_a_field_or_says_why_not(file):
    s = loaded(file.name)
    found = {f.path: f for f in fields(s)}
    assert [path for path in figures_in(s.data) if path not in found] == []
    for f in found.values():
        assert f.section in SECTIONS
        assert not f.why_not or f"scenario_page.fixed.{f.why_not}" in catalogue()
        assert (f.section == "document") <= bool(f.why_not), f.name


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_no_key_of_the_file_is_shown(file):
    s = loaded(file.name)
    keys = schema.field_names() | set(s.kinds) | set(s.rules) | set(s.services) | set(s.premises.named)
    for f in fields(s):
        for words in (*f.words, *f.title):
            shown_words = set(words.replace("·", " ").replace(",", " ").split())
            assert not {w for w in shown_words & keys if "_" in w}, (f.name, words)
        assert f.title.vi
        assert f.title.en


def test_every_figure_of_the_schema_has_words():
    """So that a new one appears by itself: with its unit, and not without a name."""

    def below(model: type[Part]) -> Iterator[type[Part]]:
        for child in model.__subclasses__():
            yield child
            yield from below(child)

    missing = set()
    for model in below(Part):
        if inspect.getmodule(model).__name__.startswith("scenarios."):
            for name in model.model_fields:
                form = form_of(model, name)
                elsewhere = form is not None and form.kind == "flag" and model not in RULES
                if form is None or elsewhere or name == "value":
                    continue
                if f"scenario_page.field.{name}" not in catalogue():
                    missing.add(f"{model.__name__}.{name}")
                assert not form.unit or f"scenario_page.unit.{form.unit}" in catalogue()
    assert missing == set()


WITHOUT_FIGURES = ("title", "summary", "changes", "known_issues", "questions", "proposal")


def test_blocks_have_words():
    for name, info in Scenario.model_fields.items():
        holds = [a for a in (info.annotation, *get_args(info.annotation)) if inspect.isclass(a)]
        if name not in WITHOUT_FIGURES and any(issubclass(a, Part) for a in holds):
            assert f"scenario_page.block.{name}" in catalogue(), name


# --- numbers -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "form", "lang", "value"),
    [
        ("990", MONEY, "vi", 990_000_000),
        ("1.237,2", MONEY, "vi", 1_237_200_000),
        ("1,237.2", MONEY, "en", 1_237_200_000),
        ("1237.2", MONEY, "vi", 1_237_200_000),
        ("1 237,2", MONEY, "vi", 1_237_200_000),
        ("0,000001", MONEY, "vi", 1),
        ("84,2", SHARE, "vi", 0.842),
        ("84.2%", SHARE, "en", 0.842),
        ("33,3 %", SHARE, "vi", 0.333),
        ("0,5", MINUTES, "vi", 0.5),
    ],
)
def test_what_is_typed_is_meant(typed, form, lang, value):
    assert read(typed, form, lang) == value


@pytest.mark.parametrize(
    ("typed", "form", "says"),
    [
        ("", SHARE, "không để trống"),
        ("nhiều", SHARE, "không phải là số"),
        ("1.23.4", SHARE, "không phải là số"),
        ("101", SHARE, "từ 0 % đến 100 %"),
        ("-1", SHARE, "từ 0 % đến 100 %"),
        ("0", MINUTES, "lớn hơn 0 phút"),
        ("0,0000001", MONEY, "số nguyên"),
        ("2,5", Form("whole", "points", 0, 10), "số nguyên"),
    ],
)
def test_what_is_no_such_number_is_told(typed, form, says):
    with pytest.raises(ValueError, match=says):
        read(typed, form, "vi")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_what_is_shown_reads_back_to_the_digit(file, lang):
    for f in fields(loaded(file.name)):
        if f.form.kind in ("number", "whole") and f.value is not None:
            assert read(shown(f.value, f.form, lang), f.form, lang) == f.value, f.name
            assert told(f.value, f.form, lang)


# --- edits ---------------------------------------------------------------------------------------

REFUSED = {
    "scenario.stage_years", "scenario.limits_cross", "scenario.outer_inside", "scenario.balance_shares",
    "scenario.more_than_fits", "scenario.total_differs", "scenario.asked_of_user",
    "scenario.nothing_to_carry", "scenario.load_without_capacity",
}  # fmt: skip
"""What may speak against a number that is only moved a little."""


def nudged(f: Field) -> Any:
    if f.form.kind == "flag":
        return not f.value
    if f.form.kind in ("stage", "choice"):
        return next((c for c in f.form.choices if c != f.value), f.value)
    value = f.value or 0
    if f.form.kind == "whole":
        return value + (1_000_000 if f.form.unit == "million" else 1)
    if f.value is None:
        return {"percent": 0.5, "percent_a_year": 0.05, "times": 1.5}.get(f.form.unit, 45.0)
    return value * 0.9 if f.form.lo is None or value * 0.9 > f.form.lo else value + 0.01


def after(s: Scenario, f: Field, value: Any) -> tuple[Scenario | None, set[str]]:
    try:
        return reading.changed(s, edit(s, s, f, value).patch), set()
    except ScenarioError as why:
        return None, {problem.code for problem in why.problems}


DIFFERENT = [file for file in FILES if not file.stem.endswith(("_as_written", "_by_year"))]


@pytest.mark.parametrize("file", DIFFERENT, ids=lambda file: file.stem)
def test_every_field_can_be_changed_and_put_back(file):
    s = loaded(file.name)
    kept, groups = 0, list(s.registered_persons.by_group)
    for f in fields(s):
        new = nudged(f)
        if f.why_not or new == f.value or (f.path[1] == "by_group" and f.path[2] not in groups[:3]):
            continue
        then, against = after(s, f, new)
        if then is None:
            assert f.form.kind == "stage" or against <= REFUSED, (f.name, against)
            continue
        kept += 1
        mine = field(then, f.name)
        assert mine.value == new, f.name
        assert is_changed(then, s, mine)
        assert not f.owner or mine.source == "user", f.name
        if f.source:
            assert mine.note is not None
            assert "thay cho" in mine.note.vi
        back = put_back(then, s, mine)
        again = reading.changed(then, back.patch)
        assert again.data == s.data, f.name
    assert kept > 20


def test_words_of_an_edit_name_the_figure_and_both_values():
    s = loaded()
    made = edit(s, s, field(s, "rules.budget_2019.amount_vnd"), 990_000_000)
    assert made.text.vi == "Kinh phí năm 2019: 1.237,2 triệu đồng → 990 triệu đồng"
    assert made.text.en == "Budget of 2019: 1,237.2 million VND → 990 million VND"
    note = at(made.patch, ("rules", "budget_2019", "note"))["vi"]
    assert note == "Người lập kế hoạch sửa, thay cho 1.237,2 triệu đồng (can_tho_2018_2020 §IV)."


def test_the_words_of_a_rule_say_what_was_changed_in_it():
    s = loaded()
    then = reading.changed(s, edit(s, s, field(s, "rules.points_2018.exactly"), 3).patch)
    assert then.rules["points_2018"].text.vi == "Năm 2018 thành lập 02 điểm tư vấn (đã sửa: đúng 3 điểm)"
    twice = reading.changed(then, edit(then, s, field(then, "rules.points_2018.exactly"), 4).patch)
    assert twice.rules["points_2018"].text.vi.endswith("(đã sửa: đúng 4 điểm)")
    assert "thay cho 2 điểm" in twice.rules["points_2018"].note.vi


def test_a_count_moves_the_total_and_back():
    s = loaded()
    name = "registered_persons.by_group.916.persons"
    then = reading.changed(s, edit(s, s, field(s, name), 900).patch)
    assert then.registered_persons.total.value == 2630 + 75
    assert then.registered_persons.total.source == "user"
    again = reading.changed(then, put_back(then, s, field(then, name)).patch)
    assert again.data == s.data


def test_the_last_missing_count_ends_the_asking():
    s = now = loaded("dong_nai_to_2020.yaml")
    groups = list(s.registered_persons.by_group)
    for n, code in enumerate(groups):
        name = f"registered_persons.by_group.{code}.persons"
        now = reading.changed(now, edit(now, s, field(now, name), 200 + n).patch)
        assert (now.registered_persons.missing_counts is None) == (n == len(groups) - 1)
    assert now.registered_persons.total.value == sum(200 + n for n in range(len(groups)))
    first = field(now, f"registered_persons.by_group.{groups[0]}.persons")
    back = reading.changed(now, put_back(now, s, first).patch)
    assert back.registered_persons.missing_counts is not None


def test_a_quota_can_be_meant_another_way():
    s = loaded()
    then = reading.changed(s, bounds(s, s, ("rules", "points_2019"), "at_least").patch)
    assert then.rules["points_2019"].limits() == (6, None)
    assert then.rules["points_2019"].source == "user"


def test_objectives_change_ranks():
    s = loaded()
    national = loaded("national_2012_2015.yaml")
    then = reading.changed(national, moved(national, len(national.objectives) - 1, 0).patch)
    assert then.data == national.data
    with pytest.raises(ScenarioError):  # least travel before cover serves nobody
        reading.changed(s, moved(s, 1, -1).patch)


def test_patches_stand_where_they_belong():
    assert nested(("a", "b"), 1) == {"a": {"b": 1}}
    assert at({"a": [{"b": 2}]}, ("a", 0, "b")) == 2
    assert at({"a": 1}, ("x", "y")) is None
