"""How official letters put numbers, stages and lists, in both languages."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from exports.contents import Contents
from text import Lang, Text, capital, catalogue, inline, number, percent, say, vnd

WHOLE = 1e-9
"""Of a per cent, below which a share reads as a whole one."""
UNITS = ("Tỉnh ", "Thành phố ", "Quận ", "Huyện ", "Thị xã ", "Thị trấn ", "Phường ", "Xã ", "Đặc khu ")
"""What the name of a unit begins with; in lower case inside a sentence."""
DISTRICTS = ("Quận ", "Huyện ", "Thị xã ", "Thành phố ")
"""Units of the district's level, in the order in which a letter names them."""
STOPS = (".", ";", "!", "?", ":")
"""Marks after which a list's item needs none."""
PART = re.compile(r"(?:P(\d)\.(.+)|QĐ\.(\d+))")
"""A section of a document in parts, and an article of the decision that issued it."""
MARK = re.compile(r"§\s*(\S)")
"""Before a section of the plan document, as the scenario files cite it."""
LITERATURE = "literature: "
"""What the source begins with of a figure that is not the plan's own."""
COUNT = 10
"""Counts below this are written with two digits in Vietnamese letters: "02 điểm"."""


def count(n: int, lang: Lang) -> str:
    """A number of things: "02" and "12" in Vietnamese, "2" and "12" in English."""
    return f"0{n}" if lang == "vi" and 0 <= n < COUNT else number(n, lang)


def persons(value: str | float, lang: Lang) -> str:
    """Persons as a table of this edition holds them: a number, whole tens, a band, or nothing known."""
    if isinstance(value, str):
        return number(int(value), lang) if value.isdecimal() else value or "–"
    whole = float(value)
    return "–" if math.isnan(whole) else number(whole, lang)


def known(value: str | float | None) -> bool:
    """Whether a figure of persons or a share says anything."""
    if isinstance(value, str):
        return value not in ("", "–")
    return value is not None and not math.isnan(value)


def nobody(value: str | float) -> bool:
    """Whether a figure of persons is surely 0."""
    if isinstance(value, str):
        return value == "0"
    return abs(value) < 0.5


def share(value: float, contents: Contents) -> str:
    """A share: tenths of a per cent, of the shared edition whole ones, as in its tables."""
    return percent(value, contents.lang, int(contents.edition == "internal"))


def place(name: str, lang: Lang) -> str:
    """A unit inside a sentence: "quận Ninh Kiều"; a name that begins with no kind of unit stays as it is."""
    return name[:1].lower() + name[1:] if lang == "vi" and name.startswith(UNITS) else name


def group_word(contents: Contents) -> str:
    """What groups are called inside a sentence: "quận, huyện", or "huyện, thành phố" where none is a quận."""
    lang, groups = contents.lang, contents.dossier.groups
    names = contents.tables["communes"]["group_name"].unique()
    found = [unit.strip() for unit in DISTRICTS if any(name.startswith(unit) for name in names)]
    if lang == "vi" and groups == "district" and found:
        return ", ".join(of_words(unit) for unit in found)
    return say(f"proposal.groups.{groups}", lang)


def group_head(contents: Contents) -> str:
    """What a group is, as the head of a column."""
    if contents.lang == "vi":
        return capital(group_word(contents))
    return say(f"proposal.group.{contents.dossier.groups}", contents.lang)


def sections(words: str, lang: Lang) -> str:
    """`words` with the sections of the plan document named as letters name them: "mục IV" for "§IV"."""
    return MARK.sub(lambda found: say("proposal.at", lang, section=found[1]), words)


def of_words(words: str) -> str:
    """`words` as they stand inside a sentence."""
    return inline(Text(words, words)).vi


def listed(parts: Sequence[str], lang: Lang) -> str:
    """A list in a sentence: "a, b và c"."""
    if len(parts) < 2:
        return "".join(parts)
    return say("proposal.and", lang, first=", ".join(parts[:-1]), last=parts[-1])


def ended(items: Iterable[str]) -> tuple[str, ...]:
    """Items of a list with their stops: ";" after each, "." after the last, where they have none."""
    given = tuple(items)
    stops = [";"] * (len(given) - 1) + ["."]
    return tuple(
        item if item.endswith(STOPS) else item + stop for item, stop in zip(given, stops, strict=True)
    )


def is_year(code: str) -> bool:
    """Whether a stage is a year."""
    return len(code) == 4 and code.isdecimal()


def stage(contents: Contents, code: str) -> str:
    """The stage inside a sentence: "năm 2018", "giai đoạn 2016–2020"."""
    label = contents.stage(code)
    return say("proposal.year", contents.lang, year=label) if is_year(label) else of_words(label)


def stages(contents: Contents) -> list[str]:
    """Ids of the stages in order."""
    return [str(code) for code in contents.tables["stages"]["stage"]]


def span(contents: Contents) -> str:
    """The time of the plan: "năm 2020", "giai đoạn 2018–2020"."""
    codes = stages(contents)
    years = [year for code in codes for year in code.split("-")]
    if len(codes) == 1:
        return stage(contents, codes[0])
    if all(is_year(year) for year in years):
        return say("proposal.years", contents.lang, first=years[0], last=years[-1])
    return say("proposal.stages", contents.lang, n=count(len(codes), contents.lang))


def kind(contents: Contents, code: str) -> str:
    """A kind inside a sentence."""
    return of_words(contents.words["kind"].get(code, code))


def kinds_counted(contents: Contents, counts: Iterable[tuple[str, int]]) -> str:
    """How many of each kind: "02 điểm tư vấn và 01 điểm cấp phát thuốc methadone"."""
    lang = contents.lang
    parts = [
        say("proposal.n_of_kind", lang, n=count(n, lang), kind=kind(contents, k)) for k, n in counts if n
    ]
    return listed(parts, lang)


def rule(contents: Contents, row: Mapping[str, Any]) -> str:
    """A rule in words, with what they leave out: an amount, or a number that is not the document's own."""
    lang, limit = contents.lang, contents.dossier.limits.get(row["rule"])
    text = str(row[f"text_{lang}"])
    if limit is None:
        return text
    said = (
        vnd(limit.n, lang)
        if limit.sort == "vnd"
        else say(f"proposal.limit.{limit.sort}", lang, n=count(limit.n, lang))
    )
    return say("proposal.with_limit", lang, text=text, limit=said)


def service(contents: Contents, code: str) -> str:
    """A service inside a sentence."""
    return of_words(contents.words["service"].get(code, code))


def source(contents: Contents, name: str) -> str:
    """A source in words: "mục III.1", where the document is the plan itself."""
    own = f"{contents.dossier.document} §"
    if (several := name.split(", "))[1:] and all(_is_source(one, own) for one in several):
        return "; ".join(source(contents, one) for one in several)
    if name.startswith(own):
        return _at(name.removeprefix(own), contents.lang)
    if name.startswith(LITERATURE):
        told = source(contents, name.removeprefix(LITERATURE))
        return say("proposal.literature", contents.lang, name=told)
    other, sign, section = name.partition(" §")
    if sign and f"proposal.document.{other}" in catalogue():
        facts = {"section": _at(section, contents.lang)}
        document = say(f"proposal.document.{other}", contents.lang)
        return say("proposal.section_of", contents.lang, document=document, **facts)
    known = f"proposal.source.{name}"
    return say(known, contents.lang) if known in catalogue() else name


def _at(section: str, lang: Lang) -> str:
    """A section as letters cite it: "mục II.7 phần 1" for "P1.II.7", "Điều 2 của quyết định" for "QĐ.2"."""
    found = PART.fullmatch(section)
    if found is None:
        return say("proposal.at", lang, section=section)
    part, within, article = found.groups()
    if article:
        return say("proposal.at.article", lang, article=article)
    return say("proposal.at.part", lang, section=within, part=part)


def _is_source(name: str, own: str) -> bool:
    return name.startswith(own) or f"proposal.source.{name}" in catalogue()


def blank(lang: Lang, what: Literal["author", "approver", "place"]) -> str:
    """What an office fills in by hand, as the scenario does not say it."""
    return say(f"proposal.blank.{what}", lang)
