"""What the data still lack: what to mend next, most important first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import streamlit as st

from geo.intake import premises_rows, premises_table, premises_words
from text import LANGS, Lang, Text, both, number, say
from views import picking
from views.data_place import Place
from views.markup import Head, Raw, icon, table, tag

Level = int
"""1: no figures come out without it; 2: it moves the result; 3: it sharpens the picture."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """One thing that is missing, estimated, assumed or approximate, and where it is mended."""

    level: Level
    what: Text
    mend: Text
    section: str
    weight: float = 0.0


def items(place: Place) -> list[Item]:
    """Everything that is not as it should be, most important first."""
    found = [
        *_asked(place),
        *_counts(place),
        *_drafts(place),
        *_premises(place),
        *_outlines(place),
        *_estimates(place),
    ]
    return sorted(found, key=lambda item: (item.level, -item.weight))


def show(place: Place) -> None:
    """Draw the section."""
    lang = place.lang
    found = items(place)
    picking.listen("quality_parts", lambda section: st.session_state.update(data_section=section))
    st.html(tag("p", place.say("quality.lead"), cls="lt-lead"))
    if not found:
        st.success(place.say("quality.nothing"), icon=":material/task_alt:")
        return
    rows = [
        (place.say(f"quality.level.{item.level}"),
         tag("div", tag("b", item.what.say(lang)), tag("div", item.mend.say(lang), cls="lt-small")),
         _leads(item.section, place) if item.section else "")
        for item in found
    ]  # fmt: skip
    heads = [Head(place.say(f"quality.{name}")) for name in ("level", "what", "where")]
    st.html(table(heads, rows, caption=place.say("section.quality"), cls="lt-quality"))


def _leads(section: str, place: Place) -> Raw:
    """The part of the page where it is mended, to be opened by a click or Enter."""
    words = icon("arrow_forward"), place.say(f"section.{section}")
    return tag("span", *words, cls="lt-pick", data_pick=section, tabindex=0, role="button")


def _asked(place: Place) -> Iterator[Item]:
    """Figures that only the user can give."""
    for assumed in place.scenario.assumptions():
        if assumed.source == "required":
            path = ".".join(map(str, assumed.path))
            if path == "registered_persons.missing_counts":
                mend = both("data.quality.asked.counts")
                yield Item(level=1, what=assumed.note, mend=mend, section="counts", weight=1)
            else:
                yield Item(level=1, what=assumed.note, mend=both("data.quality.asked", path=path), section="")


def _counts(place: Place) -> Iterator[Item]:
    communes = place.places.communes
    estimated = communes[communes["persons_estimated"]]
    if len(estimated):
        share = float(estimated["persons"].sum()) / max(1.0, float(communes["persons"].sum()))
        values = {"n": len(estimated), "of": len(communes)}
        shares = {lang: number(100 * share, lang, 0) for lang in ("vi", "en")}
        key = "data.quality.split" + _of_nation(place)
        what = Text(both(key, share=shares["vi"], **values).vi, both(key, share=shares["en"], **values).en)
        yield Item(level=2, what=what, mend=both(f"{key}.mend"), section="counts", weight=10 * share)


def _drafts(place: Place) -> Iterator[Item]:
    """Files that were taken in and not used yet."""
    draft = st.session_state.get(f"data_counts_{place.key}")
    if draft is not None:
        report = draft.report
        stray = len(report.unmatched) if report else 0
        key = "data.quality.unmatched" if stray else "data.quality.counts_open"
        yield Item(
            level=1,
            what=both(key, file=draft.name, n=stray),
            mend=both(f"{key}.mend"),
            section="counts",
            weight=1,
        )
    draft = st.session_state.get(f"data_premises_{place.key}")
    if draft is not None:
        yield Item(level=1, what=both("data.quality.premises_open", file=draft.name),
                   mend=both("data.quality.premises_open.mend"), section="premises")  # fmt: skip


def _premises(place: Place) -> Iterator[Item]:
    scenario = place.scenario
    if scenario.place.province is None:
        return
    frame = premises_rows.current(scenario, premises_table.listed(scenario))
    frame = frame[frame["code"].isin(place.places.communes["commune_code"])]
    named = frame[~frame["id"].str.startswith("tyt-") | ~frame["assumed"]]
    guessed = named[named["assumed"]]
    if len(guessed):
        names = ", ".join(guessed["name"].head(4)) + ("…" if len(guessed) > 4 else "")
        yield Item(level=2, what=both("data.quality.places", n=len(guessed), names=names),
                   mend=both("data.quality.places.mend"), section="premises", weight=5)  # fmt: skip
    stations = frame[frame["assumed"] & frame["id"].str.startswith("tyt-")]
    if len(stations):
        yield Item(level=2, what=both("data.quality.stations", n=len(stations)),
                   mend=both("data.quality.stations.mend"), section="premises", weight=3)  # fmt: skip
    unanswered = [name for name in premises_words.criteria(scenario) if not scenario.criteria[name].answers]
    if unanswered:
        texts = [scenario.criteria[name].text.text for name in unanswered]
        listed = Text("; ".join(t.vi for t in texts), "; ".join(t.en for t in texts))
        yield Item(level=3, what=both("data.quality.criteria", criteria=listed),
                   mend=both("data.quality.criteria.mend"), section="premises", weight=1)  # fmt: skip


def _outlines(place: Place) -> Iterator[Item]:
    if place.outlines.approximate:
        key, section = "data.quality.approximate" + _of_nation(place), "" if _of_nation(place) else "outlines"
        yield Item(level=3, what=both(key), mend=both(f"{key}.mend"), section=section, weight=2)


def _of_nation(place: Place) -> str:
    """The ending of keys whose words speak of provinces in place of communes."""
    return ".nation" if place.scenario.place.province is None else ""


def _value(value: object, lang: Lang) -> str:
    """A value as people read it, after its path; nothing where there is none."""
    if value is None:
        return ""
    if isinstance(value, float):
        exact = f"{value:.6f}".rstrip("0").rstrip(".")
        return f" = {number(value, lang, len(exact.partition('.')[2]))}"
    return f" = {value}"


def _estimates(place: Place) -> Iterator[Item]:
    """Other figures that no document stands behind."""
    shown_elsewhere = ("premises", "split", "by_commune")
    for assumed in place.scenario.assumptions():
        path = ".".join(map(str, assumed.path))
        if assumed.source == "estimate" and not any(word in path for word in shown_elsewhere):
            mend = Text(*(say("data.quality.estimate", lang, path=path, value=_value(assumed.value, lang))
                          for lang in LANGS))  # fmt: skip
            yield Item(level=3, what=assumed.note, mend=mend, section="")
