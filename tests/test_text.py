"""Words, numbers and names."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import text
from text import Text, both, fields_of, fold, is_tidy, million, number, percent, say, sort_key, tidy, vnd

# --- the catalogue -------------------------------------------------------------------------------


@pytest.fixture
def words(monkeypatch, tmp_path):
    """Write catalogues that `text` then reads instead of the program's own."""

    def write(**files):
        for name, entries in files.items():
            (tmp_path / f"{name}.json").write_text(json.dumps(entries), encoding="utf-8")
        text.catalogue.cache_clear()

    monkeypatch.setattr(text, "LOCALES", tmp_path)
    yield write
    text.catalogue.cache_clear()


def test_say_fills_the_fields_in_the_language_asked_for(words):
    words(a={"x.point": {"vi": "{n} điểm ở {place}", "en": "{n} points in {place}"}})
    assert say("x.point", "vi", n=2, place="Ô Môn") == "2 điểm ở Ô Môn"
    assert say("x.point", "en", n=2, place="Ô Môn") == "2 points in Ô Môn"
    assert both("x.point", n=2, place="Ô Môn") == Text("2 điểm ở Ô Môn", "2 points in Ô Môn")


def test_a_text_among_the_values_follows_the_language_of_the_sentence(words):
    words(a={"x.kind": {"vi": "loại {kind}", "en": "kind {kind}"}})
    kind = Text("điểm tư vấn", "counselling point")
    assert both("x.kind", kind=kind) == Text("loại điểm tư vấn", "kind counselling point")
    assert say("x.kind", "en", kind=kind) == "kind counselling point"


def test_values_are_never_read_as_fields(words):
    words(a={"x.name": {"vi": "{name}", "en": "{name}"}})
    assert say("x.name", "vi", name="{name.__class__}") == "{name.__class__}"


def test_fields_may_have_the_names_of_the_parameters(words):
    words(a={"x.odd": {"vi": "{key} {lang}", "en": "{key} {lang}"}})
    assert say("x.odd", "vi", key="k", lang="l") == "k l"


def test_a_key_stands_in_one_catalogue_only(words):
    entry = {"x.point": {"vi": "điểm", "en": "point"}}
    words(a=entry, b=entry)
    with pytest.raises(KeyError, match=r"b\.json: x\.point"):
        say("x.point", "vi")


def test_missing_keys_and_fields_are_errors(words):
    words(a={"x.point": {"vi": "{n} điểm", "en": "{n} points"}})
    with pytest.raises(KeyError, match=r"x\.nowhere"):
        say("x.nowhere", "vi")
    with pytest.raises(KeyError, match="n"):
        say("x.point", "vi")


def test_fields_of_a_sentence():
    assert fields_of("{a} of {b:,} and {{no field}}, again {a!r}") == {"a", "b"}
    assert fields_of("nothing to fill") == frozenset()


def test_inside_a_sentence_only_acronyms_keep_their_capital():
    assert text.inline(Text("Điểm tư vấn", "Counselling point")) == Text("điểm tư vấn", "counselling point")
    assert text.inline(Text("TTYT quận", "HIV centre")) == Text("TTYT quận", "HIV centre")
    assert text.inline(Text("A", "")) == Text("a", "")


# --- numbers -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "decimals", "vi", "en"),
    [
        (0, 0, "0", "0"),
        (2630, 0, "2.630", "2,630"),
        (1237.25, 2, "1.237,25", "1,237.25"),
        (-0.4, 0, "0", "0"),
        (-0.04, 1, "0,0", "0.0"),
        (-1234.5, 1, "-1.234,5", "-1,234.5"),
        (10, 0, "10", "10"),
        (-100, 0, "-100", "-100"),
    ],
)
def test_numbers(value, decimals, vi, en):
    assert number(value, "vi", decimals) == vi
    assert number(value, "en", decimals) == en


@given(st.integers(-(10**15), 10**15), st.integers(0, 3))
def test_a_number_can_be_read_back(value, decimals):
    said = number(value, "vi", decimals)
    assert float(said.replace(".", "").replace(",", ".")) == value


def test_units():
    assert percent(5978 / 6532, "vi") == "91,5 %"
    assert percent(5978 / 6532, "en") == "91.5%"
    assert percent(1, "vi", 0) == "100 %"
    assert vnd(1_237_200_000, "vi") == "1.237.200.000 đồng"
    assert vnd(1_237_200_000, "en") == "VND 1,237,200,000"
    assert million(1_237_200_000, "vi") == "1.237,2 triệu đồng"
    assert million(1_237_200_000, "en") == "1,237.2 million VND"


# --- names ---------------------------------------------------------------------------------------

DANGEROUS = "{}<>`"
PAYLOADS = [
    "Xã {{ cycler.__init__.__globals__.os.umask(63) }}",
    "Xã {% for x in y %}",
    "Xã {# ẩn",
    "<img src=x onerror=alert(1)>",
    "`${alert(1)}`",
]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_that_reads_as_code_survives(payload):
    assert not set(tidy(payload)) & set(DANGEROUS)
    assert tidy(payload)


@given(st.text(st.characters(), max_size=40))
@example("e\u200d\u0301")  # a joiner between a letter and its mark
@example("\u1fef{\u0338<\u0338")  # marks that compose with what is tamed
@example("\ud800 \ufffe \ue000")
def test_tidy_is_stable_and_safe(raw):
    once = tidy(raw)
    assert tidy(once) == once
    assert is_tidy(once)
    assert not set(once) & set(DANGEROUS)
    assert unicodedata.is_normalized("NFC", once)
    assert "  " not in once
    assert once == once.strip()
    assert all(unicodedata.category(c)[0] != "C" for c in once)


def test_tidy_keeps_vietnamese_and_mends_what_a_sheet_brings():
    assert tidy("Phường Cái Khế (Quận Ninh Kiều) – số 2, 5/9 & 'A'") == (
        "Phường Cái Khế (Quận Ninh Kiều) – số 2, 5/9 & 'A'"
    )
    assert tidy(" Xã\u00a0Thới\tĐông\r\n") == "Xã Thới Đông"
    assert tidy(unicodedata.normalize("NFD", "Thốt Nốt")) == "Thốt Nốt"
    assert tidy("Cờ\u200bĐỏ\ufeff") == "CờĐỏ"
    assert not is_tidy("Thới  Lai")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Tuý", "túy"),
        ("HOÀ AN", "Hòa An"),
        ("Cờ Đỏ", "co do"),
        ("Ðồng Nai", "Đồng Nai"),  # Eth, as old keyboards typed it
        ("Cái Răng", unicodedata.normalize("NFD", "cái răng")),
        ("Phường 05", "phường-05"),
    ],
)
def test_spellings_of_one_name_fold_alike(one, other):
    assert fold(one) == fold(other)


def test_different_names_fold_apart():
    assert fold("Thới Lai") != fold("Thới Lại A")
    assert fold("Phường 1") != fold("Phường 11")


def test_vietnamese_order():
    wanted = ["An", "Ăn", "Ân", "Bà", "Da", "Đa", "Em", "Êm", "La", "Là", "Lả", "Lã", "Lá", "Lạ", "Lan"]
    wanted += ["Ô Môn", "Ơ", "Thốt Nốt", "Thới Lai", "Thủ", "Ủ", "Ư", "Vĩnh Thạnh", "Xuân Khánh", "Ý"]
    assert sorted(wanted, key=sort_key, reverse=True) == wanted[::-1]


def test_letters_come_before_tones():
    assert sorted(["Hòa B", "Hoa C", "Hoa A"], key=sort_key) == ["Hoa A", "Hòa B", "Hoa C"]
    assert sort_key("Thới Lai") == sort_key(unicodedata.normalize("NFD", "THỚI LAI"))


@given(st.text(max_size=20))
@example("\u0301")  # a tone with no letter under it
@example("x\u0300\u0301")
def test_every_name_has_a_place(name):
    letters, tones = sort_key(name)
    assert len(letters) == len(tones)
