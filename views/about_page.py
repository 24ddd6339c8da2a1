"""About: what the program does and how, what it rests on, how it keeps persons safe, whose work it uses."""

from __future__ import annotations

from importlib import metadata

import streamlit as st

import planner
import workspace
from geo import downloads
from planner.run import LIBRARIES
from scenarios import reading
from text import Lang, say
from views.frame import language
from views.markup import Head, Raw, joined, table, tag

PARTS = {
    "method": ("asked", "honest", "clash", "published", "places", "travel"),
    "privacy": ("counts", "editions", "maps", "local", "words"),
    "work": ("drafts", "kept", "leaders"),
    "limits": ("boundaries", "split", "retention", "solver"),
}
"""Sections and the paragraphs in each; what they say stands in ``locales/about.json``."""

FURTHER = ("streamlit", "folium", "osmnx", "matplotlib", "reportlab", "python-docx", "altair", "pydantic")
"""Libraries that the user meets, beside those that an answer depends on."""


def show() -> None:
    """Draw the page."""
    lang = language()
    st.html(tag("div", tag("h1", say("about.title", lang)), tag("p", say("about.lead", lang), cls="lt-lead")))
    left, right = st.columns(2, gap="large")
    with left:
        st.html(_section("method", lang))
        st.html(_section("limits", lang))
    with right:
        st.html(_section("privacy", lang))
        st.html(_section("work", lang, folder=str(workspace.root())))
        st.html(_sources(lang))
        st.html(_licences(lang))


def _section(name: str, lang: Lang, **values: object) -> Raw:
    parts = (
        tag("p", tag("b", say(f"about.{name}.{part}.head", lang)), " ",
            say(f"about.{name}.{part}", lang, **values))
        for part in PARTS[name]
    )  # fmt: skip
    return tag("section", tag("h2", say(f"about.{name}", lang)), *parts, cls="lt-about-part")


def _sources(lang: Lang) -> Raw:
    """The plan documents that the shipped scenarios come from, and where data may be fetched on request."""
    plans = []
    for path in sorted(reading.FOLDER.glob("*.yaml")):
        scenario = reading.load(path)
        title, summary = scenario.title.text.say(lang), scenario.summary.text.say(lang)
        plans.append(tag("li", tag("b", title), ": ", summary))
    offered = (
        tag("li", joined((s.title, s.licence, s.attribution), " · ")) for s in downloads.sources().values()
    )
    return tag(
        "section", tag("h2", say("about.sources", lang)), tag("p", say("about.sources.plans", lang)),
        tag("ul", *plans), tag("p", say("about.sources.data", lang)), tag("ul", *offered),
        cls="lt-about-part",
    )  # fmt: skip


def _licences(lang: Lang) -> Raw:
    """Version of the program, and the libraries that it stands on with version and licence."""
    rows = [("Lộ Trình", planner.VERSION, "MIT"), ("Leaflet", "1.9.4", "BSD-2-Clause")]
    for name in sorted({*LIBRARIES, *FURTHER}):
        about = metadata.metadata(name)
        stated = (about.json.get(field) for field in ("license_expression", "license"))
        licence = _classified(about) or next((str(text) for text in stated if text), "–")
        rows.append((name, metadata.version(name), licence.splitlines()[0][:60]))
    heads = [Head(say(f"about.licences.{column}", lang)) for column in ("name", "version", "licence")]
    title = say("about.licences", lang)
    return tag("section", tag("h2", title), table(heads, rows, caption=title), cls="lt-about-part")


def _classified(about: metadata.PackageMetadata) -> str:
    """The licence by the package's classifiers."""
    found = [c.rsplit(" :: ", 1)[-1] for c in about.get_all("Classifier") or () if c.startswith("License ::")]
    return ", ".join(found)
