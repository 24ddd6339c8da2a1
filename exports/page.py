"""HTML: a plan in one file that opens without internet, with a map, a slider and all that has to be known.

Nothing of it is fetched: Leaflet, the drawing of ``static/map`` and the data stand in the file, and the
page's own security policy forbids every request and every script but these (by their SHA-256), so that not
even a name that slipped through as markup could run.  Names are escaped here or arrive as text
(`geo.maps.encoded`, ``textContent``).
"""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path
from typing import Any

from exports import page_map, page_tables
from exports.contents import Contents
from exports.markup import Raw, tag, tag_alone
from exports.shown import services, stages, told_number, when
from geo.maps import MANY, SYMBOLS, encoded
from text import capital, number, say

STATIC = Path(__file__).parent.parent / "static"
STYLES = ("vendor/leaflet/leaflet.css", "map/map.css", "page/page.css")
SCRIPTS = ("vendor/leaflet/leaflet.js", "map/map.js")
DRAWING = "page/page.js"
"""Runs last, when the data are there."""

_PICTURES = re.compile(r"url\([^)]*\)")
"""Leaflet's pictures of markers and layers, which the page does not use and could not fetch."""


def write_html(contents: Contents, path: Path) -> None:
    """One file; see the module."""
    path.write_text(page(contents), encoding="utf-8", newline="\n")


def page(contents: Contents) -> str:
    """The page's text."""
    styles = "\n".join(_PICTURES.sub("none", _read(name)) for name in STYLES)
    drawn = page_map.places(contents)
    scripts = [*map(_read, SCRIPTS), drawn.script, f"window.loTrinhPage = {encoded(data(contents))};",
               _read(DRAWING)]  # fmt: skip
    head = (
        tag_alone("meta", charset="utf-8"),
        tag_alone("meta", http_equiv="Content-Security-Policy", content=_policy(scripts)),
        tag_alone("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", f"{contents.title} – {contents.mark}"),
        tag("style", Raw(styles)),
    )
    body = (*_body(contents), *(tag("script", Raw(script)) for script in scripts))
    return f"<!DOCTYPE html>\n{tag('html', tag('head', *head), tag('body', *body), lang=contents.lang)}\n"


def _read(name: str) -> str:
    found = (STATIC / name).read_text(encoding="utf-8")
    # what would end the element early, or open a comment in it, is not ours to inline
    assert not re.search(r"</(script|style)|<!--", found, re.IGNORECASE), name
    return found


def _policy(scripts: list[str]) -> str:
    """Nothing may be fetched; only these scripts may run."""
    digests = (base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in scripts)
    allowed = " ".join(f"'sha256-{digest}'" for digest in digests)
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


# --- data ----------------------------------------------------------------------------------------


def data(contents: Contents) -> dict[str, Any]:
    """What the page's script works with: each stage of each service, and the figures told beside the map."""
    names, times = services(contents), page_map.times(contents)
    order = stages(contents)
    return {
        "stages": [when(contents, stage) for stage in times],
        "numbers": [-1 if stage is None else order.index(stage) for stage in times],
        "shown": [[page_map.shown(contents, stage=s, service=name) for s in times] for name in names],
        "told": [[_told(contents, stage, name) for stage in times] for name in names],
        "canvas": len(contents.tables["communes"]) > MANY,
    }


def _told(contents: Contents, stage: str | None, service: str) -> dict[str, Any]:
    """The key figures of a stage, ready to be read; `bar` are the widths of served and without a place."""
    lang = contents.lang
    row = next((r for r in page_tables.cover_rows(contents, service) if r["stage"] == stage), None)
    counts = contents.tables["counts"]
    opened = counts.loc[counts["stage"] == stage, "opened"].sum()
    told: dict[str, Any] = {
        "title": capital(when(contents, stage)),
        "opened": "" if stage is None else say("page.opened_now", lang, n=number(opened, lang)),
        "figures": [], "of": "", "bar": 0.0,
    }  # fmt: skip
    if row is not None:
        told["figures"] = [
            [say(f"map.{name}", lang), told_number(row[name], contents)]
            for name in ("served", "no_capacity", "out_of_reach")
        ]
        told["of"] = say(
            "page.of", lang, share=page_tables.share(row["share"], contents),
            demand=told_number(row["demand"], contents),
        )  # fmt: skip
        told["bar"] = 0.0 if row["share"] != row["share"] else round(float(row["share"]), 3)
    return told


# --- body ----------------------------------------------------------------------------------------


def _body(contents: Contents) -> list[Raw]:
    lang = contents.lang
    header = tag(
        "header", tag("p", contents.mark, cls=f"mark {contents.edition}"), tag("h1", contents.title),
        page_tables.pairs([pair for pair in contents.summary if pair[1] != contents.title]),
    )  # fmt: skip
    parts = [
        page_tables.cover(contents), page_tables.money(contents), page_tables.sites(contents),
        page_tables.targets(contents), *page_tables.known(contents),
    ]  # fmt: skip
    main = tag(
        "main",
        _controls(contents),
        tag("div", tag("div", id="map", role="img", aria_label=say("page.map", lang)), _aside(), cls="both"),
        _key(contents),
        tag("noscript", tag("p", say("page.noscript", lang))),
        *(part for part in parts if part is not None),
    )
    footer = tag("footer", tag("p", contents.mark), tag("p", say("page.made", lang)))
    return [header, main, footer]


def _aside() -> Raw:
    return tag(
        "aside", tag("h2", id="title"), tag("p", id="of"), tag("div", tag("i"), cls="bar", id="bar"),
        tag("dl", id="figures"), tag("p", id="opened"), aria_live="polite", id="now",
    )  # fmt: skip


def _key(contents: Contents) -> Raw:
    """What the symbols mean, for phones, whose map has no room to say it."""
    seen = dict.fromkeys(contents.tables["facilities"]["kind"])
    rows = []
    for kind, sign in contents.signs.items():
        if kind in seen:
            path = tag("path", d=SYMBOLS[sign.symbol], fill=sign.colour)
            drawing = tag("svg", path, viewBox="-9 -9 18 18", aria_hidden="true")
            rows.append(tag("li", drawing, sign.label))
    return tag("ul", *rows, cls="key")


def _controls(contents: Contents) -> Raw:
    lang, times, names = contents.lang, page_map.times(contents), services(contents)
    slider = tag(
        "label", tag("span", say("page.slider", lang)),
        tag_alone("input", type="range", id="stage", min=0, max=len(times) - 1, value=len(times) - 1, step=1),
        tag("output", id="spoken"),
    )  # fmt: skip
    chosen: Raw | str = ""
    if len(names) > 1:
        options = (
            tag("option", contents.words["service"].get(name, name), value=n) for n, name in enumerate(names)
        )
        chosen = tag("label", tag("span", say("page.service", lang)), tag("select", *options, id="service"))
    else:
        chosen = tag("p", contents.words["service"].get(names[0], names[0]), cls="service")
    return tag("form", chosen, slider, cls="controls", id="controls")
