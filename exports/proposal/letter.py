"""The tờ trình: eight sections written from the plan, and the annexes behind them."""

from __future__ import annotations

from functools import cache

from exports import lines
from exports.contents import Contents
from exports.proposal import letter_compared, letter_means, letter_need, letter_plan
from exports.proposal.annex import Annex, Part, decimals, spoken
from exports.proposal.annexes import annexes
from exports.proposal.blocks import (
    Align,
    Block,
    Column,
    Document,
    Heading,
    LetterHead,
    PageBreak,
    Paragraph,
    Picture,
    Signature,
    Table,
)
from exports.proposal.wording import blank, of_words, stage
from text import say

FIRST = "01"
"""The annex that follows the letter, and never stands on its last page."""
WIDE = 7
"""Columns from which an annex is set across."""


def document(contents: Contents) -> Document:
    """The letter and its annexes in the edition and language of `contents`."""
    lang = contents.lang
    blocks: list[Block] = [
        head(contents),
        Paragraph(say("proposal.opening", lang, author=_author(contents), about=_inside(contents))),
        *_grounds(contents),
        *letter_need.section(contents),
        *letter_plan.principles(contents),
        *letter_plan.proposed(contents),
        *letter_compared.section(contents),
        *letter_means.money(contents),
        *letter_means.organisation(contents),
        *letter_means.asked(contents),
        foot(contents),
    ]
    blocks += _annexes(contents)
    return Document(
        title=f"{say('proposal.kind', lang)} – {contents.title}",
        lang=lang,
        mark=contents.mark,
        words={name: say(f"proposal.word.{name}", lang) for name in ("table", "figure", "continued")},
        stamp=_stamp(contents),
        origin=tuple(
            zip(
                contents.spoken("provenance")["item"],
                contents.spoken("provenance")["value"],
                strict=True,
            )
        ),
        blocks=tuple(blocks),
    )


def _stamp(contents: Contents) -> str:
    """Day of writing, and how the checksum of what was asked begins, as in the origin of each file."""
    known = dict(contents.tables["provenance"].itertuples(index=False, name=None))
    code = known.get("asked_sha256", "")[:8]
    day = lines.day(contents.written, contents.lang)
    return say("proposal.stamp" if code else "proposal.stamp.day", contents.lang, day=day, code=code)


# --- head and foot -------------------------------------------------------------------------------


def head(contents: Contents) -> LetterHead:
    """Who writes; the number and the day stay blank, and so does what the scenario does not say."""
    lang, facts = contents.lang, contents.dossier
    return LetterHead(
        over=facts.over,
        author=facts.author or blank(lang, "author"),
        symbol=facts.symbol or say("proposal.symbol", lang),
        place=facts.place or blank(lang, "place"),
        kind=say("proposal.kind", lang),
        about=say("proposal.about", lang, about=_inside(contents)),
        to=(facts.approved_by or blank(lang, "approver"),),
    )


def _author(contents: Contents) -> str:
    return contents.dossier.author or blank(contents.lang, "author")


def _inside(contents: Contents) -> str:
    """What the letter is about, as it stands inside a sentence."""
    if contents.dossier.about:
        return of_words(contents.dossier.about)
    return say("proposal.about_plan", contents.lang, title=contents.title)


def foot(contents: Contents) -> Signature:
    """Who receives the letter, and who signs: the office, never a name."""
    lang, facts = contents.lang, contents.dossier
    others = [name for name in facts.recipients if name != facts.approved_by]
    return Signature(
        recipients_head=say("proposal.recipients", lang),
        recipients=(
            say("proposal.recipients.above", lang),
            *(f"{name};" for name in others),
            say("proposal.recipients.filed", lang),
        ),
        office=facts.office or say("proposal.office", lang),
        hint=say("proposal.sign", lang),
    )


def _grounds(contents: Contents) -> list[Block]:
    """I: what the proposal rests on."""
    lang, bases = contents.lang, contents.dossier.legal_bases
    blocks: list[Block] = [Heading(say("proposal.section.grounds", lang))]
    if not bases:
        return [*blocks, Paragraph(say("proposal.grounds.none", lang))]
    last = len(bases) - 1
    blocks += [
        Paragraph(say("proposal.grounds.base", lang, base=base, end="." if n == last else ";"))
        for n, base in enumerate(bases)
    ]
    note = say("proposal.grounds.dated", lang, note=f" {contents.dossier.note}".rstrip())
    return [*blocks, Paragraph(note, italic=True)]


# --- annexes -------------------------------------------------------------------------------------


def _annexes(contents: Contents) -> list[Block]:
    """Annexes, each on a page of its own; but a sentence that says why there is no more needs none."""
    blocks: list[Block] = []
    across = after_short = False
    for annex in annexes(contents):
        short = not annex.parts and not annex.maps
        wide = across if short else any(len(part.columns) >= WIDE for part in annex.parts)
        goes_on = annex.code != FIRST and wide == across and (short or after_short)
        blocks += [] if goes_on else [PageBreak(landscape=wide)]
        blocks += annexed(contents, annex)
        across, after_short = wide, short
    return blocks


def annexed(contents: Contents, annex: Annex) -> list[Block]:
    """An annex as blocks: its notes first, then a table a part, or the maps."""
    lang = contents.lang
    blocks: list[Block] = [
        Heading(say("proposal.annex", lang, code=annex.code), annex=True),
        Heading(annex.title),
    ]
    if not annex.parts or annex.code == "07":
        blocks += [Paragraph(note) for note in annex.notes]
    last = len(annex.parts) - 1
    for n, part in enumerate(annex.parts):
        below = annex.notes if n == last and annex.code != "07" else ()
        blocks.append(table(contents, annex, part, below))
    blocks += [map_of(contents, at, service) for at, service in annex.maps]
    return blocks


def table(contents: Contents, annex: Annex, part: Part, below: tuple[str, ...] = ()) -> Table:
    """A part of an annex as it is printed, with the notes `below`."""
    lang = contents.lang
    tenths = decimals(part)
    aligns: dict[str, Align] = {"text": "left", "order": "center", "points": "center"}
    return Table(
        caption=part.title or annex.title,
        columns=tuple(Column(c.head, c.width, aligns.get(c.kind, "right")) for c in part.columns),
        rows=[
            tuple(spoken(v, c.kind, lang, tenths=tenths) for v, c in zip(row, part.columns, strict=True))
            for row in part.rows
        ],
        totals=None
        if part.totals is None
        else tuple(
            "" if v is None else spoken(v, c.kind, lang, tenths=tenths)
            for v, c in zip(part.totals, part.columns, strict=True)
        ),
        notes=(*part.notes, *below),
    )


def map_of(contents: Contents, at: str | None, service: str) -> Picture:
    """The map of a service at the end of a stage, or before the plan."""
    from exports import figures

    lang = contents.lang
    when = say("proposal.before", lang) if at is None else stage(contents, at)
    name = contents.words["service"].get(service, service)
    caption = say("proposal.map", lang, service=name, when=when[:1].lower() + when[1:])
    return Picture(
        caption=caption,
        draw=cache(lambda: figures.coverage_map(contents, stage=at, service=service)),
        alternative=say(f"{contents.scope}proposal.map.about", lang, caption=caption),
    )
