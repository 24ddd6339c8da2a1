"""The styles of a DOCX: an office that wants another look changes these, not the text.

They take the place of all that python-docx's template brings, so that Word lists what the document uses and
no more.
"""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import quoteattr

from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from exports.proposal import layout
from exports.proposal.docx_xml import twips
from text import Lang, say

FONT = "Times New Roman"
LOCALE = {"vi": "vi-VN", "en": "en-GB"}
DASHES = 1
"""Number of the list of dashes in the numbering part."""


def restyle(document: Any, lang: Lang) -> None:
    """Put our styles, list and settings in the place of those of python-docx's template."""
    _refill(document.styles.element, _styles(lang))
    _refill(document.part.numbering_part.element, _dashes())
    settings = document.settings.element
    _refill(settings, _settings(lang))


def _refill(root: Any, content: str) -> None:
    """The children of `root` are those that `content` spells."""
    for child in list(root):
        root.remove(child)
    for child in parse_xml(f"<w:all {nsdecls('w')}>{content}</w:all>"):
        root.append(child)
    for name in [name for name in root.attrib if name.endswith("}Ignorable")]:
        del root.attrib[name]


def _settings(lang: Lang) -> str:
    modern = 'w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"'
    point, comma = (",", ";") if lang == "vi" else (".", ",")
    return (
        '<w:zoom w:percent="100"/><w:defaultTabStop w:val="720"/>'
        '<w:characterSpacingControl w:val="doNotCompress"/>'
        f"<w:compat><w:compatSetting {modern}/></w:compat>"
        f'<w:themeFontLang w:val="{LOCALE[lang]}"/>'
        f'<w:decimalSymbol w:val="{point}"/><w:listSeparator w:val="{comma}"/>'
    )


def _dashes() -> str:
    first = twips(layout.FIRST_LINE_MM)
    return (
        f'<w:abstractNum w:abstractNumId="{DASHES}"><w:multiLevelType w:val="singleLevel"/>'
        '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="bullet"/><w:suff w:val="space"/>'
        f'<w:lvlText w:val="-"/><w:lvlJc w:val="left"/>'
        f'<w:pPr><w:ind w:left="0" w:firstLine="{first}"/></w:pPr>'
        f"<w:rPr>{_fonts()}</w:rPr></w:lvl></w:abstractNum>"
        f'<w:num w:numId="{DASHES}"><w:abstractNumId w:val="{DASHES}"/></w:num>'
    )


def _fonts() -> str:
    return "<w:rFonts " + " ".join(f'w:{a}="{FONT}"' for a in ("ascii", "hAnsi", "eastAsia", "cs")) + "/>"


def _letters(points: float | None = None, look: str = "") -> str:
    """Properties of letters; `look` holds b for bold, i for italic."""
    size = "" if points is None else f'<w:sz w:val="{points * 2:.0f}"/><w:szCs w:val="{points * 2:.0f}"/>'
    bold = "<w:b/><w:bCs/>" if "b" in look else ""
    italic = "<w:i/><w:iCs/>" if "i" in look else ""
    return f"<w:rPr>{bold}{italic}{size}</w:rPr>"


def _lines(
    before: float, after: float, *, jc: str = "", line: float | None = None, first: bool = False,
    keep: bool = False, level: int | None = None, extra: str = "",
) -> str:  # fmt: skip
    """Properties of a paragraph: room in points, lines as a multiple of the letters' height."""
    spaced = f'w:before="{before * 20:.0f}" w:after="{after * 20:.0f}"'
    if line is not None:
        spaced += f' w:line="{line * 240:.0f}" w:lineRule="auto"'
    return (
        "<w:pPr>"
        + ("<w:keepNext/><w:keepLines/>" if keep else "")
        + extra
        + f"<w:spacing {spaced}/>"
        + f'<w:ind w:firstLine="{twips(layout.FIRST_LINE_MM) if first else 0}"/>'
        + (f'<w:jc w:val="{jc}"/>' if jc else "")
        + ("" if level is None else f'<w:outlineLvl w:val="{level}"/>')
        + "</w:pPr>"
    )


def _style(
    key: str, name: str, lines: str, letters: str = "", *, based: str = "Normal", after: str = ""
) -> str:
    follows = f'<w:next w:val="{after}"/>' if after else ""
    return (
        f'<w:style w:type="paragraph" w:styleId="{key}"><w:name w:val={quoteattr(name)}/>'
        f'<w:basedOn w:val="{based}"/>{follows}<w:qFormat/>{lines}{letters}</w:style>'
    )


def _styles(lang: Lang) -> str:
    return _defaults(lang) + _base() + _running_text(lang) + _around_tables(lang) + _table_styles()


def _defaults(lang: Lang) -> str:
    """What holds where no style says otherwise."""
    locale, half = LOCALE[lang], f"{layout.BODY_PT * 2:.0f}"
    letters = (
        f'{_fonts()}<w:color w:val="000000"/><w:sz w:val="{half}"/><w:szCs w:val="{half}"/>'
        f'<w:lang w:val="{locale}" w:eastAsia="{locale}" w:bidi="ar-SA"/>'
    )
    lines = '<w:spacing w:after="0" w:line="240" w:lineRule="auto"/>'
    return (
        f"<w:docDefaults><w:rPrDefault><w:rPr>{letters}</w:rPr></w:rPrDefault>"
        f"<w:pPrDefault><w:pPr>{lines}</w:pPr></w:pPrDefault></w:docDefaults>"
    )


def _base() -> str:
    """The styles that every document has."""

    def base(kind: str, key: str, name: str, rest: str = "") -> str:
        head = f'<w:style w:type="{kind}" w:default="1" w:styleId="{key}">'
        return f'{head}<w:name w:val="{name}"/>{rest}</w:style>'

    return (
        base("paragraph", "Normal", "Normal", f"<w:qFormat/><w:rPr>{_fonts()}</w:rPr>")
        + base("character", "DefaultParagraphFont", "Default Paragraph Font")
        + base("numbering", "NoList", "No List")
    )


def _running_text(lang: Lang) -> str:
    """Text, lists, headings, the letter's head, annexes."""
    bold, gap, line = _letters(layout.BODY_PT, "b"), layout.AFTER_PT, layout.LINE
    dash = f'<w:numPr><w:ilvl w:val="0"/><w:numId w:val="{DASHES}"/></w:numPr>'
    text = _lines(0, gap, jc="both", line=line, first=True)
    listed = _lines(0, gap, jc="both", line=line, first=True, extra=dash)

    def head(n: int, look: str) -> str:
        lines = _lines(gap, gap, jc="both", first=True, keep=True, level=n - 1)
        return _style(f"Heading{n}", f"heading {n}", lines, _letters(None, look), after="BodyText")

    annex = _lines(0, 0, jc="center", keep=True, level=0)
    title = _lines(0, gap, jc="center", keep=True, level=1)
    styles = (
        _style("BodyText", "Body Text", text),
        _style("ListBullet", "List Bullet", listed),
        head(1, "b"),
        head(2, "b"),
        head(3, "bi"),
        _style("Letterhead", say("setting.style.letterhead", lang), _lines(0, 0, jc="center")),
        _style("Title", "Title", _lines(18, 0, jc="center", keep=True), bold),
        _style("About", say("setting.style.about", lang), _lines(0, 0, jc="center"), bold),
        _style("Annex", say("setting.style.annex", lang), annex, bold, based="Heading1"),
        _style("AnnexTitle", say("setting.style.annex_title", lang), title, bold, based="Heading1"),
        _style("Header", "header", _lines(0, 0, jc="center"), _letters(layout.NATION_PT)),
        _style("Footer", "footer", _lines(0, 0, jc="center"), _letters(layout.MARK_PT)),
    )
    return "".join(styles)


def _around_tables(lang: Lang) -> str:
    """What stands in and under tables and pictures, and the list of recipients."""
    small, head = _letters(layout.TABLE_PT), _letters(layout.TABLE_PT, "b")
    above = _lines(layout.AFTER_PT, 4, jc="center")
    drawn = _lines(layout.AFTER_PT, 0, jc="center", keep=True)
    columns = _lines(2, 2, jc="center")
    styles = (
        _style("Caption", "caption", above, _letters(layout.NATION_PT, "b")),
        _style("Picture", say("setting.style.picture", lang), drawn),
        _style("TableText", say("setting.style.table_text", lang), _lines(1, 1), small),
        _style("TableHead", say("setting.style.table_head", lang), columns, head, based="TableText"),
        _style(
            "TableNote", say("setting.style.table_note", lang), _lines(2, 0), _letters(layout.NOTE_PT, "i")
        ),
        _style("Recipients", say("setting.style.recipients", lang), _lines(0, 0), small),
    )
    return "".join(styles)


def _table_styles() -> str:
    edge = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    return (
        '<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/>'
        '<w:tblPr><w:tblInd w:w="0" w:type="dxa"/></w:tblPr></w:style>'
        '<w:style w:type="table" w:styleId="TableGrid"><w:name w:val="Table Grid"/>'
        f'<w:basedOn w:val="TableNormal"/><w:tblPr><w:tblBorders>{edge}</w:tblBorders></w:tblPr></w:style>'
    )


def without_leftovers(document: Any) -> None:
    """Take out what the template brings besides: a preview picture, a second sheet of styles, custom XML."""
    for part in (document.part, document.part.package):
        for key, relation in list(part.rels.items()):
            if relation.reltype.rsplit("/", 1)[-1] in ("stylesWithEffects", "thumbnail", "customXml"):
                del part.rels[key]
