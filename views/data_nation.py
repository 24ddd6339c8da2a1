"""Counts by province: what a plan of the nation counts on, on the map, and typed or pasted into its table."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pandas as pd
import streamlit as st

from exports.lines import stage_label
from geo import nation_counts
from text import both, number, sort_key
from views import asked, data_map, data_table, plan_nation
from views.data_place import Place
from views.markup import Head, Raw, table, tag
from views.plan_words import source_words
from views.scenario_edits import counted


def show(place: Place) -> None:
    """Draw the section."""
    left, right = st.columns([2, 3], gap="medium")
    with left:
        st.html(tag("p", place.say("nation.lead"), cls="lt-lead"))
        place.refused()
        st.html(tag("div", *_as_it_is(place)))
    with right:
        _map(place)
    _table(place)


def _as_it_is(place: Place) -> Iterator[Raw]:
    """The whole as the document counts it, how much of it is known by province, and the years to come."""
    lang, register = place.lang, place.scenario.registered_persons
    stated = [group for group in register.by_group.values() if group.persons is not None]
    total = number(register.total.value, lang)
    source = tag("span", source_words(register.total.source, lang), cls="lt-source")
    yield tag("p", place.say("nation.now", total=total, provinces=len(register.by_group)), " ", source)
    estimated = len(register.by_group) - len(stated)
    if estimated:
        yield tag("p", place.say("nation.now.estimated", stated=len(stated), estimated=estimated))
    else:
        yield tag("p", place.say("nation.now.whole"))
    if register.forecast:
        heads = [Head(place.say("nation.year")), Head(place.say("nation.persons"), figure=True), Head("")]
        rows = [
            (stage_label(place.scenario, stage, lang), number(given.value, lang),
             tag("span", source_words(given.source, lang), cls="lt-source"))
            for stage, given in register.forecast.items()
        ]  # fmt: skip
        yield table(heads, rows, caption=place.say("nation.forecast"))
        yield tag("p", place.say("nation.forecast.note"), cls="lt-small")


def _map(place: Place) -> None:
    communes, outlines = place.places.communes, place.outlines
    estimated = frozenset(communes.loc[communes["persons_estimated"], "commune_code"])
    data = partial(
        nation_counts.counts, persons=dict(zip(communes["commune_code"], communes["persons"], strict=True)),
        estimated=estimated, lang=place.lang, approximate=outlines.approximate,
        credit="" if outlines.approximate else outlines.credit.say(place.lang),
    )  # fmt: skip
    data_map.show(communes, outlines, data, key="nation_map", labels=plan_nation.labels(place.lang))


def _table(place: Place) -> None:
    """Every province with its count, to be typed or pasted from a sheet."""
    frame = provinces(place)
    st.subheader(place.say("nation.table"))
    st.caption(place.say("nation.table.help"))
    turn = st.session_state.setdefault("data_nation_turn", 0)
    heads = {"code": place.say("nation.column.code"), "province": place.say("nation.column.province")}
    changed = data_table.edited(
        place, frame, heads=heads, key=f"nation_editor_{place.key}_{turn}", height=420
    )
    if changed and st.button(
        place.say("counts.table.use", n=len(changed)), key="nation_use", icon=":material/edit:"
    ):
        st.session_state["data_nation_turn"] = turn + 1
        use(place, changed)
        st.rerun()


def provinces(place: Place) -> pd.DataFrame:
    """A row a province, by name: code, province, `persons` where stated, else its estimate in `shared`."""
    groups, communes = place.scenario.registered_persons.by_group, place.places.communes
    shared = dict(zip(communes["group"], communes["persons"], strict=True))
    codes = sorted(groups, key=lambda code: sort_key(groups[code].name))
    stated = [groups[code].persons for code in codes]
    return pd.DataFrame(
        {
            "code": codes,
            "province": [groups[code].name for code in codes],
            "persons": pd.array(stated, dtype="Int64"),
            "shared": pd.array(
                [round(shared[code]) if n is None else None for code, n in zip(codes, stated, strict=True)],
                dtype="Int64",
            ),
        }
    )


def use(place: Place, persons: dict[str, int | None]) -> bool:
    """Put counts of provinces into the session's scenario; None takes one back."""
    patch = counted(place.scenario, asked.plan_of(place.path), persons)
    return place.use(both("data.nation.change", n=len(persons)), patch)
