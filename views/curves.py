"""Curves to click: what can be covered for how many points, how much money, how much travel.

A click on a point computes its plan and shows it beside the present one; one button takes it over.
"""

from __future__ import annotations

from pathlib import Path

import altair as alt
import streamlit as st

import planner
from errors import ScenarioError
from planner import trade_offs, variants
from planner.exploring import Asked
from planner.plan import Plan
from planner.trade_offs import Curve, Point
from scenarios.reading import changed
from scenarios.schema import Scenario
from text import Lang, both, inline, million, number, percent, say
from views import asked, compare_choice, compare_maps, compare_wait, frame, solving, work
from views.compare_choice import Side
from views.markup import tag

INK, SOFT, ACCENT, THEIRS = "#1f2d33", "#53626a", "#0b6b75", "#b98a3c"
HEIGHT = 330
PICKED = "picked"
"""The selection of the chart."""
TURN = "curve_turn"
"""Session state: counts up when a plan has been taken over, so that the chart forgets what was clicked."""


def show(path: Path, scenario: Scenario, lang: Lang) -> None:
    """Draw the choice of curve, the curve, and the plan of the point that was clicked."""
    best = compare_choice.best(scenario, lang)
    if best is None:
        return
    offered = trade_offs.offered(scenario)
    if st.session_state.get("curve") not in offered:
        st.session_state["curve"] = offered[0]
    question = st.segmented_control(
        say("curves.choice", lang), list(offered), key="curve", required=True, label_visibility="collapsed",
        format_func=lambda name: say(f"curves.{name}", lang), persist_state="session",
    )  # fmt: skip
    found = _curve(scenario, str(question), best, lang)
    if found is None:
        return
    if not found.points:
        st.info(say("curves.none", lang), icon=":material/info:")
        return
    left, right = st.columns([3, 2], gap="large")
    with left, st.container(key="curve_box"):
        point = _chart(found, scenario, lang)
    with right:
        _notes(found, lang)
    if point is not None:
        _plan(path, scenario, best, point, lang)


def _curve(scenario: Scenario, question: str, best: Plan, lang: Lang) -> Curve | None:
    key = ("curve", planner.digest(scenario), question, str(best.report.levels))

    def task(job: work.Job[Curve]) -> Curve:
        job.begin("model")
        wanted = Asked(progress=job.progress, cancel=job.cancelled)
        plans = {"present": best}
        if scenario.official is not None:
            found = variants.found(scenario, [variants.OFFICIAL], optimum=best, cancel=job.cancelled).variants
            plans |= dict(zip(["published"], (variant.plan for variant in found), strict=False))
        return trade_offs.curve(scenario, question, wanted, plans=plans, optimum=best)

    return compare_wait.answer(work.job(key, task), key, both(f"curves.{question}"), lang)


# --- the chart -----------------------------------------------------------------------------------


def _chart(found: Curve, scenario: Scenario, lang: Lang) -> Point | None:
    """Draw the curve; the point that was clicked, if any."""
    key = f"{found.question}_{planner.digest(scenario)[:12]}_{st.session_state.get(TURN, 0)}"
    chart, pick = f"curve_chart_{key}", f"curve_pick_{key}"
    listed = list(range(len(found.points)))

    def clicked() -> None:
        rows = st.session_state[chart]["selection"].get(PICKED) or []
        numbers = [int(row["n"]) for row in rows if "n" in row]
        if numbers and numbers[0] in listed:
            st.session_state[pick] = numbers[0]

    chosen = st.session_state.get(pick)
    st.altair_chart(
        _drawing(found, chosen, lang), on_select=clicked, selection_mode=PICKED, theme=None, height=HEIGHT,
        key=chart, alt=say(f"curves.{found.question}", lang),
    )  # fmt: skip
    n = st.selectbox(
        say("curves.pick", lang), listed, index=None, key=pick, placeholder=say("curves.pick.none", lang),
        format_func=lambda n: _told(found, found.points[n], lang),
    )  # fmt: skip
    return None if n is None else found.points[n]


def _drawing(found: Curve, chosen: int | None, lang: Lang) -> alt.LayerChart:
    """The curve, its points filled where proved, the bounds of those that are not, and the known plans."""
    proved, unproved = say("curves.proved", lang), say("curves.unproved", lang)
    kinds, fills = [proved], [ACCENT]
    if not all(p.proved for p in found.points):
        kinds, fills = [proved, unproved], [ACCENT, "#ffffff"]
    rows = [
        {
            "n": n,
            "x": _scaled(found, p.x),
            "y": p.cover,
            "bound": p.bound,
            "proof": proved if p.proved else unproved,
            "told": _told(found, p, lang),
            "chosen": n == chosen,
        }
        for n, p in enumerate(found.points)
    ]
    known = [
        {"x": _scaled(found, m.x), "y": m.cover, "name": say(f"curves.mark.{m.name}", lang),
         "told": _amount(found, m.x, lang)}
        for m in found.marks
    ]  # fmt: skip
    comma = "replace(format(datum.value, ',.0f'), regexp(',', 'g'), '.')"
    figures = comma if lang == "vi" else "format(datum.value, ',.0f')"
    axis = {
        "labelExpr": figures,
        "labelColor": SOFT,
        "titleColor": INK,
        "gridColor": "#e4e9e8",
        "domainColor": "#9aa5a8",
    }
    title = say("curves.money_axis", lang) if found.axis == "vnd" else found.label.say(lang)
    whole = {"tickMinStep": 1} if found.axis == "points" else {}
    x = alt.X(
        "x:Q",
        title=title,
        axis=alt.Axis(**axis, **whole),
        scale=alt.Scale(nice=True, zero=found.question != "travel"),
    )
    y = alt.Y(
        "y:Q",
        title=say("curves.cover_axis", lang),
        axis=alt.Axis(**axis),
        scale=alt.Scale(nice=True, zero=found.question != "travel"),
    )
    base = alt.Chart(alt.Data(values=rows))
    picked = alt.selection_point(name=PICKED, fields=["n"], on="click", nearest=True, empty=False)
    line = base.mark_line(
        color=ACCENT, opacity=0.55, strokeWidth=1.6, interpolate=_interpolate(found)
    ).encode(x, y)
    bounds = (
        base.transform_filter(f"datum.proof === '{unproved}'")
        .mark_rule(color=SOFT, strokeDash=[3, 3])
        .encode(x=x, y=y, y2="bound:Q")
    )
    points = (
        base.mark_point(size=110, strokeWidth=2, filled=False, opacity=1)
        .encode(
            x=x,
            y=y,
            stroke=alt.condition("datum.chosen", alt.value(INK), alt.value(ACCENT)),
            fill=alt.Fill(
                "proof:N", title=None, scale=alt.Scale(domain=kinds, range=fills),
                legend=alt.Legend(
                    orient="top-left", symbolStrokeColor=ACCENT, labelLimit=400, symbolType="circle"
                ),
            ),
            size=alt.condition("datum.chosen", alt.value(300), alt.value(110)),
            tooltip=alt.Tooltip("told:N", title=" "),
        )
        .add_params(picked)
    )  # fmt: skip
    plans = alt.Chart(alt.Data(values=known))
    marks = plans.mark_point(shape="diamond", size=150, color=THEIRS, filled=True, opacity=1).encode(
        x="x:Q", y="y:Q", tooltip=[alt.Tooltip("name:N", title=" "), alt.Tooltip("told:N", title=" ")]
    )
    names = plans.mark_text(
        align="right", dx=-10, dy=12, color="#8a5a00", fontSize=12, fontWeight=600
    ).encode(x="x:Q", y="y:Q", text="name:N")
    font = "Segoe UI, Noto Sans, Roboto, Arial, sans-serif"
    return (
        alt.layer(bounds, line, points, marks, names)
        .configure(font=font, background="transparent")
        .configure_view(stroke=None)
        .configure_axis(labelFontSize=12, titleFontSize=12.5, titleFontWeight=600)
        .properties(width="container")
    )


def _interpolate(found: Curve) -> str:
    """With a little more money nothing more may be had, so that the curve climbs in steps."""
    return "step-after" if found.question in ("points", "money", "cost") else "linear"


def _scaled(found: Curve, x: float) -> float:
    return x / 1e6 if found.axis == "vnd" else x


def _amount(found: Curve, x: float, lang: Lang) -> str:
    if found.axis == "vnd":
        return million(x, lang)
    return say(f"curves.amount.{found.axis}", lang, n=number(x, lang))


def _told(found: Curve, point: Point, lang: Lang) -> str:
    """A point in one line: how much, how many person-years, and how far that is proved."""
    cover = say("curves.cover", lang, n=number(point.cover, lang))
    parts = [_amount(found, point.x, lang), cover]
    if point.share is not None:
        parts.append(say("curves.share", lang, share=percent(point.share, lang)))
    if not point.proved:
        parts.append(say("curves.bound", lang, n=number(point.bound, lang)))
    return " · ".join(parts)


def _notes(found: Curve, lang: Lang) -> None:
    """How to read it, and what is set aside."""
    parts = [tag("p", say(f"curves.read.{found.question}", lang), cls="lt-lead")]
    parts.append(tag("p", say("curves.click", lang), cls="lt-lead"))
    if found.none_below is not None:
        shown = _amount(found, found.none_below, lang)
        parts.append(tag("p", say("curves.none_below", lang, amount=shown), cls="lt-small"))
    parts.append(tag("p", found.note.say(lang), cls="lt-small"))
    if found.set_aside:
        items = [tag("li", text.say(lang)) for text in found.set_aside]
        parts.append(
            tag("details", tag("summary", say("curves.set_aside", lang, n=len(items))), tag("ul", *items),
                cls="lt-small")
        )  # fmt: skip
    service = inline(found.service).say(lang)
    parts.append(tag("p", say("curves.service", lang, service=service), cls="lt-small"))
    st.html(tag("div", *parts, cls="lt-curve-notes"))


# --- the plan of a point -------------------------------------------------------------------------


def _plan(path: Path, scenario: Scenario, best: Plan, point: Point, lang: Lang) -> None:
    """The plan that the point stands for, beside the present one, and the button that takes it over."""
    try:
        wanted = changed(scenario, point.patch)
    except ScenarioError as why:
        solving.calmly(why, "app.bad_scenario", lang)
        return
    with st.container(key="curve_point", border=True, horizontal=True, vertical_alignment="center"):
        st.html(tag("div", tag("b", say("curves.asks", lang)), " ", point.text.say(lang)))
        place = st.container()
    plan = compare_choice.best(wanted, lang)
    if plan is None:
        return
    with place:
        if st.button(say("curves.take", lang), key="curve_take", type="primary", icon=":material/check:"):
            asked.change(path, point.text, point.patch)
            st.session_state[TURN] = int(st.session_state.get(TURN, 0)) + 1
            frame.go("ke-hoach")
    a = Side("present", both("curves.side.present"), best)
    b = Side("point", both("curves.side.point"), plan, point.text)
    compare_maps.show(a, b, lang)
