"""Boundaries: which are in use and whose they are, a file of one's own, a download on request."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from functools import partial

import geopandas as gpd
import streamlit as st

from errors import DataError
from geo import boundaries, counts_map, downloads
from geo.intake import outline_words, outlines
from geo.intake.outlines import Choices, OutlineReport
from text import Text, tidy
from views import data_download, data_map, work
from views.data_place import Place, messages, uploader
from views.markup import tag

TYPES = ("gpkg", "geojson", "json", "zip", "kml", "kmz")
_CHOICES = ("layer", "code", "name", "district", "crs")


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A file of shapes that was read, or that needs a word from the user before it can be."""

    name: str
    content: bytes
    choices: Choices = field(default_factory=Choices)
    frame: gpd.GeoDataFrame | None = None
    report: OutlineReport | None = None
    error: DataError | None = None


def show(place: Place) -> None:
    """Draw the section."""
    if place.scenario.place.province is None:
        st.info(place.say("outlines.nation"))
        return
    draft: Draft | None = st.session_state.get(_key(place))
    left, right = st.columns([2, 3], gap="medium")
    with left:
        _now(place)
        _file(place)
        if draft is not None:
            _understood(place, draft)
        _download(place)
    with right:
        shown = place.outlines
        if draft is not None and draft.frame is not None:
            shown = _outlines(draft)
        credit = "" if shown.approximate else shown.credit.say(place.lang)
        data = partial(counts_map.bare, lang=place.lang, approximate=shown.approximate, credit=credit)
        data_map.show(place.places.communes, shown, data, key="outlines_map")


def _key(place: Place) -> str:
    return f"data_outlines_{place.scenario.place.province}_{place.scenario.place.vintage}"


def _now(place: Place) -> None:
    """The boundaries in use, with what their publisher asks to be said."""
    now = place.outlines
    st.html(tag("h3", place.say("outlines.now")))
    lines = [tag("p", now.credit.say(place.lang), cls="lt-credit")]
    if now.retrieved:
        lines.append(tag("p", place.say("outlines.since", origin=place.say(f"outlines.origin.{now.origin}"),
                                        date=_date(now.retrieved)), cls="lt-small"))  # fmt: skip
    if now.approximate:
        lines.append(tag("p", place.say("outlines.approximate"), cls="lt-small"))
    st.html(tag("div", *lines))
    if now.report:
        with st.expander(place.say("outlines.report"), key="outlines_now_report"):
            st.html(tag("ul", *(tag("li", line.say(place.lang)) for line in now.report), cls="lt-report"))
    if not now.approximate:
        st.button(
            place.say("outlines.forget"), key="outlines_forget", icon=":material/undo:",
            on_click=_forget, args=(place,),
        )  # fmt: skip


def _date(iso: str) -> str:
    year, month, day = iso[:10].split("-")
    return f"{day}/{month}/{year}"


def _forget(place: Place) -> None:
    boundaries.forget(str(place.scenario.place.province), place.scenario.place.vintage)
    work.forget_all()


# --- a file of one's own -------------------------------------------------------------------------


def _file(place: Place) -> None:
    st.html(tag("h3", place.say("outlines.own")))
    st.caption(place.say("outlines.own.help"))
    taken = uploader(place, "outlines", types=TYPES)
    if taken is not None:
        with st.spinner(place.say("outlines.reading")):
            draft = _read(place, Draft(name=tidy(taken[0]), content=taken[1]))
        codes = {problem.code for problem in draft.error.problems} if draft.error else set()
        if draft.error is not None and not codes & {"outline.no_key", "outline.layers", "outline.no_crs"}:
            st.session_state["data_outlines_refusal"] = draft.error
        else:
            st.session_state.pop("data_outlines_refusal", None)
            st.session_state[_key(place)] = draft
        st.rerun()
    if error := st.session_state.get("data_outlines_refusal"):
        st.error(place.say("refused"), icon=":material/block:")
        messages(error, place.lang)


def _read(place: Place, draft: Draft) -> Draft:
    province, vintage = str(place.scenario.place.province), place.scenario.place.vintage
    try:
        frame, report = outlines.read(
            draft.name, draft.content, province=province, vintage=vintage, choices=draft.choices
        )
    except DataError as error:
        return replace(draft, error=error, frame=None, report=None)
    return replace(draft, error=None, frame=frame, report=report)


def _understood(place: Place, draft: Draft) -> None:
    st.html(tag("h3", place.say("outlines.file", file=draft.name)))
    if draft.error is not None:
        st.warning(place.say("outlines.not_yet"), icon=":material/help:")
        messages(draft.error, place.lang)
    if draft.report is not None:
        lines = outline_words.lines(draft.report, place.lang)
        st.html(tag("ul", *(tag("li", line) for line in lines[:6]), cls="lt-report"))
        if lines[6:]:
            with st.expander(place.say("outlines.more"), key="outlines_more"):
                st.html(tag("ul", *(tag("li", line) for line in lines[6:]), cls="lt-report"))
    with (
        st.expander(place.say("outlines.choices"), expanded=draft.error is not None, key="outlines_choices"),
        st.form("outlines_choices_form", border=False),
    ):
        said = {name: st.text_input(place.say(f"outlines.choice.{name}"), getattr(draft.choices, name) or "",
                                    key=f"outlines_choice_{name}") for name in _CHOICES}  # fmt: skip
        if st.form_submit_button(place.say("outlines.again"), icon=":material/refresh:"):
            choices = Choices(**{name: tidy(text) or None for name, text in said.items()})
            st.session_state[_key(place)] = _read(place, replace(draft, choices=choices))
            st.rerun()
    if draft.frame is not None:
        title = st.text_input(place.say("outlines.title"), draft.name, key="outlines_title")
        licence = st.text_input(place.say("outlines.licence"), key="outlines_licence")
        attribution = st.text_input(place.say("outlines.attribution"), key="outlines_attribution")
    with st.container(horizontal=True):
        if draft.frame is not None:
            st.button(place.say("outlines.use"), key="outlines_use", type="primary",
                      icon=":material/check_circle:", on_click=_keep,
                      args=(place, _outlines(draft, title, licence, attribution)))  # fmt: skip
        st.button(place.say("drop"), key="outlines_drop", icon=":material/close:",
                  on_click=lambda: st.session_state.pop(_key(place), None))  # fmt: skip


def _outlines(draft: Draft, title: str = "", licence: str = "", attribution: str = "") -> boundaries.Outlines:
    assert draft.frame is not None
    assert draft.report is not None
    said = zip(outline_words.lines(draft.report, "vi"), outline_words.lines(draft.report, "en"), strict=True)
    return boundaries.Outlines(
        frame=draft.frame, origin="own", title=tidy(title) or draft.name, licence=tidy(licence),
        attribution=tidy(attribution), retrieved=boundaries.today(), crs=draft.report.crs,
        checksum=hashlib.sha256(draft.content).hexdigest(), report=tuple(Text(vi, en) for vi, en in said),
    )  # fmt: skip


def _keep(place: Place, found: boundaries.Outlines) -> None:
    """Keep boundaries on this machine; every map and file uses them from now on."""
    try:
        boundaries.keep(found, str(place.scenario.place.province), place.scenario.place.vintage)
    except DataError as error:
        st.session_state["data_outlines_refusal"] = error
        return
    st.session_state.pop(_key(place), None)
    work.forget_all()
    st.toast(place.say("outlines.used"), icon=":material/check_circle:")


# --- a download on request -----------------------------------------------------------------------


def _download(place: Place) -> None:
    vintage = place.scenario.place.vintage
    offered = {name: source for name, source in downloads.sources().items() if vintage in source.vintages}
    with st.expander(
        place.say("outlines.download"), icon=":material/cloud_download:", key="outlines_download"
    ):
        st.warning(place.say("outlines.download.warning"), icon=":material/wifi:")
        name = st.selectbox(place.say("outlines.download.source"), list(offered), key="outlines_source",
                            format_func=lambda name: offered[name].title)  # fmt: skip
        if name is None:
            return
        source = offered[name]
        credit = (source.licence, source.attribution, source.note.say(place.lang))
        st.caption(" · ".join(filter(None, credit)))
        job = data_download.offer(
            place, name, source=name, key="outlines_go", start=partial(work.download, name)
        )
        if job is not None:
            data_download.follow(place, name, job, source=name, take=partial(_keep, place))
