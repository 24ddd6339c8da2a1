"""Words, numbers and names in Vietnamese and English.

Every sentence a person reads stands once in ``locales/*.json`` as ``{"key": {"vi": ..., "en": ...}}``;
code names the key.  Vietnamese comes first: it is what the offices read.
"""

from __future__ import annotations

import json
import string
import unicodedata
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

Lang = Literal["vi", "en"]
LANGS: tuple[Lang, Lang] = ("vi", "en")
LOCALES = Path(__file__).parent / "locales"


class Text(NamedTuple):
    """One piece of prose in both languages."""

    vi: str
    en: str

    def say(self, lang: Lang) -> str:
        """The text in `lang`."""
        return self.vi if lang == "vi" else self.en


@cache
def catalogue() -> dict[str, Text]:
    """All entries of ``locales/*.json``; a key that stands twice is a programming error."""
    entries: dict[str, Text] = {}
    for path in sorted(LOCALES.glob("*.json")):
        for key, pair in json.loads(path.read_text(encoding="utf-8")).items():
            if key in entries:
                raise KeyError(f"{path.name}: {key} stands in another catalogue too")
            entries[key] = Text(pair["vi"], pair["en"])
    return entries


def say(key: str, lang: Lang, /, **values: object) -> str:
    """The catalogue's sentence `key` in `lang`, its ``{fields}`` filled from `values`.

    A value that is itself a `Text` is spoken in the language of the sentence around it.
    """
    spoken = {name: v.say(lang) if isinstance(v, Text) else v for name, v in values.items()}
    return catalogue()[key].say(lang).format(**spoken)


def both(key: str, /, **values: object) -> Text:
    """The sentence `key` in both languages, filled from the same values."""
    return Text(say(key, "vi", **values), say(key, "en", **values))


def fields_of(template: str) -> frozenset[str]:
    """Names of the ``{fields}`` in a catalogue sentence."""
    return frozenset(name for _, name, _, _ in string.Formatter().parse(template) if name)


def inline(text: Text) -> Text:
    """`text` as it stands inside a sentence: its first letter small, unless the word is an acronym."""

    def lower(words: str) -> str:
        return words if words[1:2].isupper() else words[:1].lower() + words[1:]

    return Text(lower(text.vi), lower(text.en))


def capital(words: str) -> str:
    """Words that begin a sentence."""
    return words[:1].upper() + words[1:]


def sentence(text: Text) -> Text:
    """`text` as it begins a sentence."""
    return Text(capital(text.vi), capital(text.en))


# --- numbers -------------------------------------------------------------------------------------


def number(value: float, lang: Lang, decimals: int = 0) -> str:
    """`value` with the language's separators: 1.237,5 in Vietnamese, 1,237.5 in English."""
    plain = f"{value:,.{decimals}f}"
    if plain.lstrip("-").strip("0.,") == "":
        plain = plain.lstrip("-")
    return plain.translate(str.maketrans(",.", ".,")) if lang == "vi" else plain


def percent(share: float, lang: Lang, decimals: int = 1) -> str:
    """A share in [0, 1] as ``91,5 %`` or ``91.5%``."""
    return number(100 * share, lang, decimals) + (" %" if lang == "vi" else "%")


def vnd(amount: int, lang: Lang) -> str:
    """An amount to the đồng: ``1.237.200.000 đồng`` or ``VND 1,237,200,000``."""
    return f"{number(amount, lang)} đồng" if lang == "vi" else f"VND {number(amount, lang)}"


def million(amount: float, lang: Lang) -> str:
    """An amount of VND in millions with one decimal: ``1.237,2 triệu đồng``."""
    unit = "triệu đồng" if lang == "vi" else "million VND"
    return f"{number(amount / 1e6, lang, 1)} {unit}"


# --- names ---------------------------------------------------------------------------------------

# What a template engine or a script would take for code, in the shape a reader still understands.
_TAMED = str.maketrans({"{": "(", "}": ")", "<": "‹", ">": "›", "`": "'"})
_SPACES = ("Zs", "Zl", "Zp", "Cc")
_UNSEEN = ("Cf", "Cs", "Co", "Cn")  # zero-width and direction marks, halves and gaps of the code


def tidy(raw: str) -> str:
    """A name as it is kept: NFC, single spaces, no control characters, nothing that reads as code."""
    kept = (" " if unicodedata.category(c) in _SPACES else c for c in raw)
    text = "".join(c for c in kept if unicodedata.category(c) not in _UNSEEN)
    # Only now: what was taken out may have kept a letter and its mark apart.
    return " ".join(unicodedata.normalize("NFC", text).translate(_TAMED).split())


def is_tidy(raw: str) -> bool:
    """Whether `tidy` would change nothing."""
    return raw == tidy(raw)


_D = str.maketrans("đð", "dd")


def fold(raw: str) -> str:
    """A name as it is matched: lower case, without diacritics, đ as d, only letters and digits.

    The Icelandic ð, which old Vietnamese keyboards left in place of đ, counts as d too.
    """
    base = unicodedata.normalize("NFD", raw.casefold().translate(_D))
    return "".join(c for c in base if c.isalnum())


def ascii_name(raw: str) -> str:
    """A name for a file on any system: "Bao phủ, theo xã" is "bao_phu_theo_xa"."""
    return "_".join(filter(None, ("".join(c for c in fold(word) if c.isascii()) for word in raw.split())))


_ALPHABET = {c: n for n, c in enumerate(" 0123456789aăâbcdđeêfghijklmnoôơpqrstuưvwxyz")}
_TONES = {"̀": 1, "̉": 2, "̃": 3, "́": 4, "̣": 5}


def sort_key(name: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Vietnamese dictionary order: letters first (đ after d, ô after o), tones decide between equals."""
    letters: list[int] = []
    tones: list[int] = []
    for char in unicodedata.normalize("NFC", name.casefold()):
        parts = unicodedata.normalize("NFD", char)
        tone = next((t for t in parts if t in _TONES), "")
        bare = unicodedata.normalize("NFC", "".join(p for p in parts if p != tone))
        if not bare:  # a tone that no letter carries sorts nothing
            continue
        letters.append(_ALPHABET[bare] if bare in _ALPHABET else 99 + ord(bare[0]))
        tones.append(_TONES.get(tone, 0))
    return tuple(letters), tuple(tones)
