"""The strict subset of YAML: what is written is read back, and nothing is guessed or crashes."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from errors import ScenarioError
from scenarios.strict_yaml import Lines, parse, read, write
from text import tidy

# What YAML readers are known to take for something else.
WORDS = """
no On y true Null ~ = << - ? : # ! & * | > % @ ` ' " 1 1.0
1e6 01700 1_000 1.237 1.237.200 12,5 0x1F 0o17 12:30 12:30:45 .5
5. .inf -.INF .nan 2018-01-01 1234567890123456 -0 +5 [a] {a: b} a: --- ... #x Cờ-Đỏ §I \\u0041
"""
NASTY = WORDS.split()

texts = st.one_of(st.sampled_from(NASTY), st.text(max_size=30).map(tidy))
values = st.recursive(
    st.one_of(
        texts,
        st.booleans(),
        st.none(),
        st.integers(-(10**15) + 1, 10**15 - 1),
        st.floats(allow_nan=False, allow_infinity=False),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(texts, inner, max_size=4)),
    max_leaves=20,
)


def outcome(call):
    """What `call` read, and what was wrong with it."""
    try:
        return call(), ()
    except ScenarioError as error:
        return ({}, Lines()), error.problems


@settings(deadline=None)
@given(st.dictionaries(texts, values, min_size=1, max_size=5))
@example({name: name for name in NASTY})
@example({"share": 0.125, "small": 1e-07, "large": 1e300, "thousand": 1.237, "negative": -0.0})
def test_what_is_written_is_read_back(data):
    back, _ = parse(write(data), "x.yaml")
    assert back == data
    assert repr(back) == repr(data)  # 1 is not 1.0, and keys keep their order


@settings(deadline=None)
@given(st.one_of(st.text(), st.text(alphabet="ab01:-[]{}#&*!|>'\"%@`?,=<~. \t\n\\xuU\ufeff\x00\ud800")))
@example('a: "\\UFFFFFFFF"')
@example("%YAML 1." + 5000 * "9" + "\n---\na: 1")
@example("a: " + 5000 * "9")
@example("a: &a [*a, *a]")
@example("a: " + 3000 * "[")
@example("a: " + 400 * "{a: " + 400 * "}")
def test_any_text_is_read_or_refused(content):
    (data, lines), problems = outcome(lambda: parse(content, "x.yaml"))
    assert all(p.where.startswith("x.yaml") for p in problems)
    assert problems or lines.where(()).startswith("x.yaml:")
    assert all(isinstance(key, str) for key in data)


@settings(deadline=None)
@given(st.binary(max_size=60))
@example(b"\xef\xbb\xbfid: x\n")
@example("id: x\n".encode("utf-16"))
@example(b"\xff")
def test_any_bytes_are_read_or_refused(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("bytes") / "x.yaml"
    path.write_bytes(content)
    (data, _), problems = outcome(lambda: read(path))
    assert bool(data) != bool(problems) or content.strip() == b"{}"


def test_aliases_are_refused_before_they_can_grow():
    bomb = "a: &a [x, x]\n" + "".join(f"{c}: &{c} [*{b}, *{b}]\n" for b, c in pairwise("abcdefghijk"))
    with pytest.raises(ScenarioError) as caught:
        parse(bomb, "x.yaml")
    assert {p.code for p in caught.value.problems} == {"yaml.alias"}


def test_values_are_what_they_look_like():
    content = """
        code: "01700"
        whole: -5
        share: 0.125
        yes and no: [true, False]
        nothing: [null, ~, ]
        folded: >
          Hai
          dòng.
        ampersand: A & B
        percent: 50 %
    """
    data, lines = parse(content, "x.yaml")
    assert data == {
        "code": "01700",
        "whole": -5,
        "share": 0.125,
        "yes and no": [True, False],
        "nothing": [None, None],
        "folded": "Hai dòng.",
        "ampersand": "A & B",
        "percent": "50 %",
    }
    assert lines.where(("yes and no", 1)) == "x.yaml:5 yes and no.1"
    assert lines.where(("folded",)) == "x.yaml:7 folded"
    assert lines.where(("code", "deeper", "still")) == "x.yaml:2 code.deeper.still"


def test_decomposed_letters_are_composed():
    assert parse("name: Cơ\u0300 Đo\u0309", "x.yaml")[0] == {"name": "Cờ Đỏ"}


def test_lines_of_a_parent_show_where_the_child_says_nothing():
    _, parent = parse("a:\n  b: 1\n  c:\n    d: 1\n    e: 2\n", "parent.yaml")
    _, child = parse("a:\n  c:\n    d: 3\n", "child.yaml")
    both = child.over(parent, [("a", "c")])
    assert both.where(("a", "b")) == "parent.yaml:2 a.b"
    assert both.where(("a", "c", "d")) == "child.yaml:3 a.c.d"
    assert both.where(("a", "c", "e")) == "child.yaml:2 a.c.e"  # gone, though the parent had it
    assert Lines().where(("a", 0)) == "a.0"
