"""What was understood of a sheet of counts: columns, match report, rows that need a word; kept as a draft."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import streamlit as st

from errors import DataError
from geo import units
from geo.intake import count_words, counts, grids, layout
from geo.intake.mapping import LEFT_OUT, SavedMapping
from geo.intake.matching import MatchReport
from geo.intake.places import Places
from scenarios.schema import Scenario
from text import number, sort_key
from views.data_place import Place, messages
from views.markup import tag

_ROLES = ("commune", "code", "district", "persons", "population", "year")
_STOPS = ("personal.", "upload.")
"""Codes of problems after which nothing of a file is kept."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A file that is being understood, and what the user said about it."""

    name: str
    content: bytes = field(repr=False)
    sheet: str | None = None
    year: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    mapping: SavedMapping | None = None
    zero: bool = False
    corrected: Mapping[str, int | None] = field(default_factory=dict)
    report: MatchReport | None = None
    error: DataError | None = None


def key(place: Place) -> str:
    """Where the session keeps the draft."""
    return f"data_counts_{place.key}"


def mapping_key(place: Place) -> str:
    """Where the session keeps how names of the province were matched."""
    return f"data_mapping_{place.scenario.place.province}_{place.scenario.place.vintage}"


def keep(place: Place, draft: Draft, *, new: bool = False) -> None:
    """Read the draft again and keep it.

    A new file that cannot be read at all changes nothing; what turns out to be about single persons, or is
    not safe to open, is not kept at all.
    """
    known = read(place.scenario, draft)
    stops = known.error is not None and any(p.code.startswith(_STOPS) for p in known.error.problems)
    if stops or (new and known.error is not None and not headings(known, place)):
        st.session_state[f"data_refusal_{place.key}"] = known.error
        if not new:
            st.session_state.pop(key(place), None)
        return
    st.session_state.pop(f"data_refusal_{place.key}", None)
    st.session_state[key(place)] = known
    if known.mapping is not None:
        st.session_state[mapping_key(place)] = known.mapping


def read(scenario: Scenario, draft: Draft) -> Draft:
    """`draft` with its report, or with what is wrong."""
    province, vintage = str(scenario.place.province), scenario.place.vintage
    try:
        report = counts.read(
            draft.name, draft.content, units.communes(province, vintage), vintage=vintage,
            sheet=draft.sheet, columns=dict(draft.columns) or None, year=draft.year,
            mapping=draft.mapping, missing_is_zero=draft.zero,
        )  # fmt: skip
    except DataError as error:
        return replace(draft, report=None, error=error)
    return replace(draft, report=report, error=None)


def headings(draft: Draft, place: Place) -> list[tuple[grids.Grid, layout.Columns]]:
    """The sheets of a file with the columns that were found; none where the file cannot be opened."""
    scenario = place.scenario
    known = Places(
        units.communes(str(scenario.place.province), scenario.place.vintage), scenario.place.vintage
    )
    try:
        return [
            (grid, layout.find(grid, known.knows, year=draft.year))
            for grid in grids.read(draft.name, draft.content)
        ]
    except DataError:
        return []


def show_columns(place: Place, draft: Draft) -> None:
    """The columns that were found, for the user to confirm or to choose others."""
    found = headings(draft, place)
    names = [grid.name for grid, _ in found]
    used = draft.report.sheet.layouts[0][0].name if draft.report else draft.sheet
    if len(found) > 1:
        chosen = st.selectbox(
            place.say("counts.sheet"), names, index=names.index(used) if used in names else None,
            key=f"counts_sheet_{draft.name}", placeholder=place.say("choose"),
        )  # fmt: skip
        if chosen and chosen != used:
            keep(place, replace(draft, sheet=chosen))
            st.rerun()
    layouts = (
        list(draft.report.sheet.layouts) if draft.report else [p for p in found if used in (None, p[0].name)]
    )
    if not layouts:
        return
    columns = layouts[0][1]
    letters = [grids.letter(n) for n in range(len(columns.headings))]
    with st.form(f"counts_columns_form_{draft.name}", border=False):
        said: dict[str, str] = {}
        for role in _ROLES:
            at = (columns.persons or (None,))[0] if role == "persons" else getattr(columns, role)
            picked = st.selectbox(
                place.say(f"counts.role.{role}"), letters, index=at, key=f"counts_role_{role}_{draft.name}",
                placeholder="–", format_func=lambda sign: columns.called(letters.index(sign)),
            )  # fmt: skip
            if picked is not None and (at is None or picked != letters[at]):
                said[role] = picked
        if st.form_submit_button(place.say("counts.columns.use"), icon=":material/check:") and said:
            keep(place, replace(draft, columns={**draft.columns, **said}))
            st.rerun()


def show_report(place: Place, draft: Draft, report: MatchReport) -> None:
    """How rows were joined, how the totals stand, and what the user has to say."""
    lang = place.lang
    joined = {how: number(n, lang) for how, n in report.joined.items()}
    rows = [
        (place.say("counts.persons"), number(report.total, lang)),
        (place.say("counts.communes"), place.say("counts.of", n=len(report.persons), of=len(report.names))),
        *((place.say(f"counts.how.{how}"), joined[how])
          for how in ("code", "name", "alias", "mapping", "none")
          if report.joined[how] or how in ("code", "name")),
    ]  # fmt: skip
    st.html(
        tag("dl", *(tag("div", tag("dt", name), tag("dd", value)) for name, value in rows), cls="lt-facts")
    )
    wrong = [check for check in report.totals if check.difference]
    for check in wrong:
        of = check.of or place.say("counts.whole")
        values = {"stated": number(check.stated, lang), "summed": number(check.summed, lang)}
        st.warning(
            place.say("counts.sum", of=of, where=check.line.where, **values), icon=":material/functions:"
        )
    if report.totals and not wrong:
        st.caption(place.say("counts.sums_right", totals=len(report.totals)))
    if len(report.by_year) > 1:
        years = sorted(report.by_year, reverse=True)
        now = draft.year or report.sheet.year or years[0]
        year = st.selectbox(place.say("counts.year"), years, index=years.index(now), key="counts_year")
        if year != now:
            keep(place, replace(draft, year=year))
            st.rerun()
    _unmatched(place, draft, report)
    others = [p for p in report.problems if p.code not in ("counts.unmatched", "counts.ambiguous")]
    if others:
        messages(DataError(others), lang)
    if report.missing and not draft.zero:
        names = ", ".join(report.names[code] for code in report.missing[:6])
        more = "…" if len(report.missing) > 6 else ""
        st.caption(place.say("counts.missing", n=len(report.missing), names=names + more))
    if report.missing or draft.zero:
        zero = st.toggle(
            place.say("counts.zero"), value=draft.zero, key="counts_zero", help=place.say("counts.zero.help")
        )
        if zero != draft.zero:
            keep(place, replace(draft, zero=zero))
            st.rerun()
    with st.expander(place.say("counts.report"), key="counts_report"):
        st.html(tag("ul", *(tag("li", line) for line in count_words.lines(report, lang)), cls="lt-report"))


def _unmatched(place: Place, draft: Draft, report: MatchReport) -> None:
    """Each row that no commune was found for, with the nearest ones to choose from."""
    stray = [n for n, row in enumerate(report.rows) if row.code is None and "left_out" not in row.remarks]
    if not stray:
        if draft.mapping is not None and draft.mapping.rows:
            st.download_button(
                place.say("counts.mapping"), data=draft.mapping.written(), file_name="names.json",
                key="counts_mapping", icon=":material/save:", on_click="ignore",
            )  # fmt: skip
        return
    st.html(tag("h3", place.say("counts.unmatched", n=len(stray))))

    def called(code: str) -> str:
        return place.say("counts.left_out") if code == LEFT_OUT else count_words.spoken(code, report)

    every = sorted(report.names, key=lambda code: sort_key(report.names[code]))
    with st.form("counts_join", border=False):
        picked: dict[int, str] = {}
        for n in stray[:40]:
            row = report.rows[n]
            given = ", ".join(filter(None, (row.line.code, row.line.name, row.line.district)))
            options = [*row.candidates, LEFT_OUT, *(code for code in every if code not in row.candidates)]
            code = st.selectbox(
                f"{row.line.where}: {given}", options, index=None, key=f"counts_join_{draft.name}_{n}",
                placeholder=place.say("counts.which"),
                format_func=called,
            )  # fmt: skip
            if code is not None:
                picked[n] = code
        if (
            st.form_submit_button(place.say("counts.join"), icon=":material/join_inner:", type="primary")
            and picked
        ):
            said = counts.with_codes(report, picked)
            mapping = draft.mapping.with_rows(said.rows) if draft.mapping else said
            keep(place, replace(draft, mapping=mapping))
            st.rerun()
