"""The catalogues agree with each other and with the code that speaks from them."""

from __future__ import annotations

import ast
import json
import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from tests.tree import called, files, literals, parsed, program, source, text_files
from text import Text, catalogue, fields_of

FORBIDDEN = re.compile(r"con\s+nghiện|\baddicts?\b", re.IGNORECASE)


def fields(key: str) -> frozenset[str]:
    """Fields of both sentences of `key`."""
    return fields_of(catalogue()[key].vi) | fields_of(catalogue()[key].en)


# --- the sentences -------------------------------------------------------------------------------


def test_every_entry_speaks_both_languages_with_the_same_fields():
    assert catalogue()
    for key, entry in catalogue().items():
        assert entry.vi.strip(), key
        assert entry.en.strip(), key
        assert fields_of(entry.vi) == fields_of(entry.en), key


def test_no_key_stands_twice_in_a_file():
    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        assert len(pairs) == len(dict(pairs)), [key for key, _ in pairs]
        return dict(pairs)

    for name in files():
        if name.startswith("locales/"):
            entries = json.loads(source(name), object_pairs_hook=once)
            assert all(set(entry) == {"vi", "en"} for entry in entries.values()), name


def test_every_error_says_what_helps():
    codes = {key for key in catalogue() if key.startswith("error.")}
    bare = {key for key in codes if not key.endswith(".remedy") and f"{key}.remedy" not in codes}
    orphans = {key for key in codes if key.endswith(".remedy") and key.removesuffix(".remedy") not in codes}
    assert (bare, orphans) == (set(), set())


def test_vietnamese_is_composed_and_spelt_with_its_marks():
    plain = [
        key
        for key, entry in catalogue().items()
        if len(re.findall(r"[^\W\d_]{2,}", re.sub(r"\{[^}]*\}", "", entry.vi))) > 3
        and unicodedata.normalize("NFD", entry.vi).isascii()
    ]
    assert plain == []
    assert [
        key for key, entry in catalogue().items() if not unicodedata.is_normalized("NFC", "".join(entry))
    ] == []


@pytest.mark.parametrize("text", ["Con  nghiện", "an addict", "Addicts"])
def test_words_that_hurt_are_found(text):
    assert FORBIDDEN.search(text)


def test_no_word_hurts_the_people_it_is_about():
    found = [
        name for name in text_files() if name != "tests/test_locales.py" and FORBIDDEN.search(source(name))
    ]
    assert found == []


# --- the code that speaks ------------------------------------------------------------------------


class Spoken(NamedTuple):
    """One place in the code that names a sentence; `given` is None where the values are not literal."""

    place: str
    key: str
    given: frozenset[str] | None


def spoken(name: str, tree: ast.AST) -> Iterator[Spoken]:
    """Sentences that the file `name` names literally in say(), both() and Problem()."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        place = f"{name}:{node.lineno}"
        if called(node) in ("say", "both") and not is_method(node):
            for key in choices(*node.args[:1]):
                yield Spoken(place, key, keywords(node))
        elif called(node) == "Problem":
            for code in choices(*node.args[:1], *(k.value for k in node.keywords if k.arg == "code")):
                yield Spoken(place, f"error.{code}", values(node))
                yield Spoken(place, f"error.{code}.remedy", values(node))


def is_method(node: ast.Call) -> bool:
    """Whether the call is ``something.say(lang)``; ``text.say(key, lang)`` is not."""
    return isinstance(node.func, ast.Attribute) and not (
        isinstance(node.func.value, ast.Name) and node.func.value.id == "text"
    )


def choices(*nodes: ast.AST) -> Iterator[str]:
    """Literal strings among `nodes`, and both branches of a choice between literals."""
    for node in nodes:
        yield from literals(*((node.body, node.orelse) if isinstance(node, ast.IfExp) else (node,)))


def keywords(node: ast.Call) -> frozenset[str] | None:
    """Names of the keyword arguments; None when some come from a mapping."""
    names = [keyword.arg for keyword in node.keywords]
    return None if None in names else frozenset(filter(None, names))


def values(node: ast.Call) -> frozenset[str] | None:
    """Names of the values that a Problem is given; None when they are not written out."""
    given = [*node.args[2:3], *(k.value for k in node.keywords if k.arg == "values")]
    if not given:
        return frozenset()
    if not isinstance(given[0], ast.Dict):
        return None
    keys = [key for key in given[0].keys if key is not None]
    names = frozenset(literals(*keys))
    return names if len(names) == len(given[0].keys) else None


def faults(said: Spoken) -> Iterator[str]:
    """What is wrong with one place that speaks."""
    if said.key not in catalogue():
        yield f"{said.place}: {said.key} stands in no catalogue"
    elif said.given is not None and (missing := fields(said.key) - said.given):
        yield f"{said.place}: {said.key} needs {', '.join(sorted(missing))}"


def test_every_sentence_that_the_code_names_can_be_spoken():
    said = [one for name in program() for one in spoken(name, parsed(name))]
    assert len(said) > 50
    assert [fault for one in said for fault in faults(one)] == []


@pytest.mark.parametrize(
    ("snippet", "found"),
    [
        ("say('x.known', lang, n=1)", []),
        ("say('x.known', lang, **values)", []),
        ("text.both('x.known')", ["x.known needs n"]),
        ("say('x.known' if new else 'x.unknown', lang, n=1)", ["x.unknown stands in no catalogue"]),
        ("label.say('vi')", []),
        ("Problem('bad', where, {'n': 1})", []),
        ("Problem('bad', where, values)", []),
        ("errors.Problem('bad', where)", ["error.bad needs n"]),
        ("Problem(code='bad', where=where, values={'m': 1})", ["error.bad needs n"]),
        ("Problem('odd', where)", ["error.odd stands in no", "error.odd.remedy stands in no"]),
    ],
)
def test_a_wrong_sentence_is_caught(monkeypatch, snippet, found):
    known = {key: Text("{n}", "{n}") for key in ("x.known", "error.bad")} | {
        "error.bad.remedy": Text("a", "b")
    }
    monkeypatch.setattr("tests.test_locales.catalogue", lambda: known)
    faulty = [fault for one in spoken("x.py", ast.parse(snippet)) for fault in faults(one)]
    assert len(faulty) == len(found)
    for fault, words in zip(faulty, found, strict=True):
        assert words in fault


def test_every_sentence_is_spoken_somewhere():
    """Used is a key that stands in the code: itself, its error code, or a start of it: ``f"start.{…}"``."""
    whole: set[str] = set()
    starts: set[str] = set()
    for name in program():
        for node in ast.walk(parsed(name)):
            whole.update(literals(node))
            if isinstance(node, ast.JoinedStr):
                starts.update(start for start in literals(*node.values[:1]) if "." in start)

    def used(key: str) -> bool:
        steps = key.split(".")
        parents = {".".join(steps[:n]) for n in range(2, len(steps) + 1)}
        return bool(parents & whole) or any(key.startswith(start) for start in starts)

    idle = [key for key in catalogue() if not used(key) and not used(re.sub(r"^error\.|\.remedy$", "", key))]
    assert idle == []
