"""Travel times: how they are found now, a graph of roads or a table of one's own, a download on request."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import streamlit as st

from errors import PlanningError
from exports import console_travel
from geo import downloads
from planner import travel_kept
from planner.road_check import FIGURES
from text import LANGS, Lang, both, tidy
from views import data_download, work
from views.data_place import Place, messages, uploader
from views.markup import tag

TYPES = ("graphml", "osm", "pbf", "gpkg", "geojson", "zip", "npz", "csv", "tsv", "xlsx", "parquet")
LIMITS = {"wet_season_factor": (0.05, 1.0, 0.05), "snap_metres": (10.0, 50_000.0, 100.0),
          "walking_kmh": (1.0, 10.0, 0.5)}  # fmt: skip
"""Least, most and step of each figure's box; what is allowed is the scenario's to say."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A file that was looked at, or that needs a figure before it can be."""

    name: str
    content: bytes = field(repr=False)
    figures: dict[str, float | None] = field(default_factory=dict)
    lines: dict[Lang, list[str]] = field(default_factory=dict)
    error: PlanningError | None = None


def show(place: Place) -> None:
    """Draw the section."""
    draft: Draft | None = st.session_state.get(_key(place))
    left, right = st.columns([2, 3], gap="large")
    with left:
        _now(place)
        _file(place)
        if place.scenario.place.province is not None:
            _download(place)
    with right:
        place.refused()
        if draft is not None:
            _understood(place, draft)


def _key(place: Place) -> str:
    return f"data_roads_{place.key}"


def _now(place: Place) -> None:
    """How the minutes are found, with whatever has to be said beside them."""
    st.html(tag("h3", place.say("roads.now")))
    said = (tag("li", note.say(place.lang)) for note in place.places.travel.notes)
    st.html(tag("ul", *said, cls="lt-report"))
    if place.scenario.travel.method in ("roads", "table"):
        st.button(
            place.say("roads.forget"),
            key="roads_forget",
            icon=":material/undo:",
            on_click=_back,
            args=(place,),
        )


def _back(place: Place) -> None:
    travel = place.scenario.travel
    gone = {name: None for name in ("roads", "table") if getattr(travel, name) is not None}
    place.use(both("data.roads.change.line"), {"travel": {"method": "straight_line", **gone}})


# --- a file of one's own -------------------------------------------------------------------------


def _file(place: Place) -> None:
    st.html(tag("h3", place.say("roads.own")))
    st.caption(place.say("roads.own.help"))
    taken = uploader(place, "roads", types=TYPES)
    if taken is not None:
        with st.spinner(place.say("roads.reading")):
            st.session_state[_key(place)] = _looked_at(place, Draft(name=tidy(taken[0]), content=taken[1]))
        st.rerun()


def _looked_at(place: Place, draft: Draft) -> Draft:
    """What the file means for the scenario, in both languages, so that a switch of language reads nothing."""
    try:
        with _OnDisk(draft) as file:
            check = travel_kept.looked_at(place.scenario, file, figures=draft.figures)
    except PlanningError as why:
        return replace(draft, error=why, lines={})
    return replace(draft, error=None, lines={lang: console_travel.lines(check, lang) for lang in LANGS})


class _OnDisk:
    """The draft as a file of its own name, for readers that tell a format by it; gone afterwards."""

    def __init__(self, draft: Draft) -> None:
        self.draft, self.folder = draft, tempfile.TemporaryDirectory()

    def __enter__(self) -> Path:
        path = Path(self.folder.name) / (Path(self.draft.name).name or "file")
        path.write_bytes(self.draft.content)
        return path

    def __exit__(self, *_: object) -> None:
        self.folder.cleanup()


def _understood(place: Place, draft: Draft) -> None:
    st.html(tag("h3", place.say("roads.file", file=draft.name)))
    table = travel_kept.is_table(Path(draft.name))
    if draft.error is not None:
        wants = any(problem.code == "travel.figures" for problem in draft.error.problems)
        if wants:
            st.info(place.say("roads.figures"), icon=":material/help:")
        else:
            st.error(place.say("refused"), icon=":material/block:")
            messages(draft.error, place.lang)
    if not table:
        _figures(place, draft)
    if draft.lines:
        st.html(tag("ul", *(tag("li", line) for line in draft.lines[place.lang]), cls="lt-report"))
    with st.container(horizontal=True):
        st.button(
            place.say("use"), key="roads_use", type="primary", icon=":material/check_circle:",
            disabled=draft.error is not None, on_click=_use, args=(place, draft),
        )  # fmt: skip
        st.button(
            place.say("drop"), key="roads_drop", icon=":material/close:",
            on_click=lambda: st.session_state.pop(_key(place), None),
        )  # fmt: skip


def _figures(place: Place, draft: Draft) -> None:
    """Figures that no file of roads can tell; the scenario's own stand there until others are given."""
    roads = place.scenario.travel.roads
    with st.form(f"roads_figures_{place.key}", border=False), st.container(horizontal=True):
        said: dict[str, float | None] = {}
        for name in FIGURES:
            own = getattr(roads, name).value if roads is not None else None
            least, most, step = LIMITS[name]
            said[name] = st.number_input(
                place.say(f"roads.figure.{name}"), least, most, draft.figures.get(name) or own, step,
                key=f"roads_{name}",
            )  # fmt: skip
        if st.form_submit_button(place.say("roads.again"), icon=":material/refresh:"):
            with st.spinner(place.say("roads.reading")):
                st.session_state[_key(place)] = _looked_at(place, replace(draft, figures=said))
            st.rerun()


def _use(place: Place, draft: Draft) -> None:
    """Keep the file on this machine and have the session's scenario go by it."""
    try:
        with _OnDisk(draft) as file:
            name, patch = travel_kept.taken(place.scenario, file, figures=draft.figures)
    except PlanningError as why:
        st.session_state[_key(place)] = replace(draft, error=why)
        return
    if place.use(both("data.roads.change", file=name), patch):
        st.session_state.pop(_key(place), None)
        st.toast(place.say("used"), icon=":material/check_circle:")


# --- a download on request -----------------------------------------------------------------------


def _download(place: Place) -> None:
    with st.expander(place.say("roads.download"), icon=":material/cloud_download:", key="roads_download"):
        st.warning(place.say("outlines.download.warning"), icon=":material/wifi:")
        source = downloads.source_of("osm")
        st.caption(f"{source.title} · {source.licence} · {source.attribution}")
        job = data_download.offer(place, "roads", source=source.id, key="roads_go", start=work.roads)
        if job is not None:
            data_download.follow(
                place, "roads", job, source=source.id, take=partial(_take, place),
                running="roads.download.running", failed="roads.download.failed",
            )  # fmt: skip


def _take(place: Place, path: Path) -> None:
    st.session_state[_key(place)] = _looked_at(place, Draft(name=path.name, content=path.read_bytes()))
