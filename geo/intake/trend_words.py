"""Growth and parts of a sheet in words: for the command line and the data page."""

from __future__ import annotations

from collections.abc import Iterator

from errors import DataError
from geo.intake.matching import MatchReport
from geo.intake.trends import FEWEST, Growth, Opioids, Parts, growth, opioids, parts
from text import Lang, number, percent, say, sort_key

_LISTED = 20  # rows and groups that are spelt out; all are counted


def lines(report: MatchReport, lang: Lang) -> list[str]:
    """Growth, shares by sex and age, the share of opioids, and rows whose parts do not make their count."""
    return [*_growth(report, lang), *(line for one in parts(report) for line in _parts(one, report, lang))]


def growth_in_words(found: Growth, lang: Lang) -> str:
    """One line: how much a year, between which years, of how many communes and persons."""
    values = {"first": found.first, "last": found.last, "communes": number(found.communes, lang)}
    values |= {"before": number(found.before, lang), "after": number(found.after, lang)}
    return say(
        "trends.growth", lang, rate=_signed(found.rate, lang), years=found.last - found.first, **values
    )


def _signed(rate: float, lang: Lang) -> str:
    said = percent(rate, lang)
    return f"+{said}" if rate > 0 else said


def _growth(report: MatchReport, lang: Lang) -> Iterator[str]:
    if len(report.by_year) < 2:
        return
    try:
        found = growth(report)
    except DataError as why:
        yield say("trends.no_growth", lang)
        yield from (f"  {problem.say(lang)}" for problem in why.problems)
        return
    yield growth_in_words(found, lang)
    if len(report.names) > found.communes:
        rest = number(len(report.names) - found.communes, lang)
        yield "  " + say("trends.not_both", lang, rest=rest, first=found.first, last=found.last)
    yield "  " + say("trends.offer.growth", lang)


def _parts(found: Parts, report: MatchReport, lang: Lang) -> Iterator[str]:
    kind = say(f"trends.dimension.{found.dimension}", lang)
    if found.repeated:
        yield say("trends.repeated", lang, kind=kind, columns=", ".join(found.repeated))
    elif found.gaps:
        yield say("trends.gaps", lang, kind=kind, rows=number(len(found.gaps), lang))
        problems = [gap.problem for gap in found.gaps]
        yield from (f"  {p.where}: {say(f'error.{p.code}', lang, **p.values)}" for p in problems[:_LISTED])
        if len(found.gaps) > _LISTED:
            yield "  " + say("trends.more", lang, more=number(len(found.gaps) - _LISTED, lang))
        for code in dict.fromkeys(p.code for p in problems):
            yield "  " + say(f"error.{code}.remedy", lang)
    elif found.persons:
        listed = ", ".join(
            f"{label} {percent(n / found.persons, lang)} ({number(n, lang)})"
            for label, n in found.by_label.items()
        )
        values = {"persons": number(found.persons, lang), "communes": number(len(found.counted), lang)}
        yield say("trends.shares", lang, kind=kind, shares=listed, **values)
    if found.dimension == "substance" and not found.repeated:
        yield from _opioids(found, report, lang)


def _opioids(found: Parts, report: MatchReport, lang: Lang) -> Iterator[str]:
    try:
        users = opioids(report, report.districts)
    except DataError as why:
        yield say("trends.no_share", lang)
        if not found.gaps:  # which have been told
            yield from (f"  {problem.say(lang)}" for problem in why.problems)
        return
    yield opioids_in_words(users, lang)
    yield "  " + say("trends.offer.opioid", lang)


def opioids_in_words(found: Opioids, lang: Lang) -> str:
    """One line: the share in all, and in each group that has one of its own."""
    every = found.every
    values = {"opioid": number(every.opioid, lang), "persons": number(every.persons, lang)}
    said = say("trends.opioid", lang, share=percent(every.share, lang), **values)
    if found.own:
        listed = "; ".join(
            f"{group} {percent(found.own[group].share, lang)}" for group in sorted(found.own, key=sort_key)
        )
        said += " " + say("trends.opioid_groups", lang, groups=listed)
    if small := len(found.by_group) - len(found.own):
        said += " " + say("trends.opioid_small", lang, groups=small, fewest=FEWEST)
    return said
