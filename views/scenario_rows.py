"""The fields of the scenario page: a row each, with its value, unit, source, and what the plan said."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

from scenarios.schema import Scenario
from scenarios.strict_yaml import Path_
from text import Lang, say
from views import scenario_add, scenario_keep
from views.markup import Raw, icon, joined, tag
from views.plan_words import source_words
from views.scenario_added import is_added
from views.scenario_edits import BOUNDS, is_changed, old_value, spoken, standing
from views.scenario_fields import Field
from views.scenario_names import title_of
from views.scenario_numbers import shown, told

WIDTHS = (5, 2, 6.2)
NOTE_LETTERS = 150
ORDER = ("whole", "number", "stage", "choice", "flag")
"""A longer note is folded."""


def row(
    path: Path, now: Scenario, plan: Scenario, field: Field, lang: Lang, *, at: str = "f", bare: bool = False
) -> None:
    """One field: what it is, its value, and where that comes from; `bare` where its card says that."""
    label, given, about = st.columns(WIDTHS, vertical_alignment="center", gap="small")
    name = field.words.say(lang) or say(f"scenario_page.field.{field.path[-1]}", lang)
    changed = is_changed(now, plan, field)
    unit = say(f"scenario_page.unit.{field.form.unit}", lang) if field.form.unit else ""
    with label:
        if not _bound(path, now, field, lang):
            marks = [icon("edit", say("scenario_page.is_changed", lang))] if changed else []
            beside = [tag("span", f" ({unit})", cls="lt-about")] if unit else []
            cls = "lt-field lt-field-changed" if changed else "lt-field"
            st.html(tag("div", *marks, name, *beside, cls=cls))
    with given:
        control(path, now, field, f"{name} ({unit})" if unit else name, lang, at=at)
    with about:
        parts = _about(plan, now, field, lang, changed=changed, bare=bare)
        if changed:
            _way_back(path, field, parts, lang, at=at)
        else:
            st.html(parts)
    refusal(path, field.name, lang)


def control(path: Path, now: Scenario, field: Field, label: str, lang: Lang, *, at: str = "f") -> None:
    """What the value is given with; it shows what holds, whatever was typed before."""
    key = f"{at}_{path.stem}_{field.name}_{lang}"
    form = field.form
    take = partial(scenario_keep.given, path, field.name, key, lang)
    told_by: dict[str, Any] = {"on_change": scenario_keep.heard, "args": (key,)}
    if form.kind in ("number", "whole"):
        scenario_keep.show(key, shown(field.value, form, lang), take)
        st.text_input(
            label, key=key, label_visibility="collapsed", disabled=bool(field.why_not),
            placeholder=say("scenario_page.none", lang), **told_by,
        )  # fmt: skip
        return
    if form.kind == "flag":
        scenario_keep.show(key, bool(field.value), take)
        st.toggle(label, key=key, label_visibility="collapsed", disabled=bool(field.why_not), **told_by)
        return
    options = [*([""] if form.optional and form.kind == "stage" else []), *form.choices]
    words_of = {option: spoken(now, form, option).say(lang) for option in options}
    scenario_keep.show(key, field.value if field.value in options else options[0], take)
    st.selectbox(
        label, options, key=key, format_func=words_of.__getitem__, label_visibility="collapsed",
        disabled=bool(field.why_not), **told_by,
    )  # fmt: skip


def _about(plan: Scenario, now: Scenario, field: Field, lang: Lang, *, changed: bool, bare: bool) -> Raw:
    """Source and note; of a changed value what the plan says."""
    parts: list[object] = []
    if changed:
        old = spoken(plan, field.form, old_value(now, plan, field)).say(lang)
        parts.append(tag("span", say("scenario_page.in_plan", lang, value=old), cls="lt-was"))
    if field.source and field.value is not None and not bare:
        parts.append(tag("span", source_words(field.source, lang), cls="lt-source"))
    if field.why_not:
        parts.append(say(f"scenario_page.fixed.{field.why_not}", lang))
    if field.note is not None and not bare:
        parts.append(_note(field.note.text.say(lang), lang))
    return tag("div", joined(parts, " "), cls="lt-small lt-beside")


def _way_back(path: Path, field: Field, words: Raw, lang: Lang, *, at: str) -> None:
    text, button = st.columns((4, 1.3), vertical_alignment="center", gap="small")
    with text:
        st.html(words)
    with button:
        st.button(
            say("scenario_page.back", lang), key=f"{at}_back_{path.stem}_{field.name}", type="tertiary",
            icon=":material/undo:",
            on_click=scenario_keep.restore, args=(path, field.name),
        )  # fmt: skip


def _note(words: str, lang: Lang) -> Raw:
    if len(words) <= NOTE_LETTERS:
        return tag("span", words)
    return tag("details", tag("summary", say("scenario_page.note", lang)), words, cls="lt-note")


def refusal(path: Path, name: str, lang: Lang) -> None:
    """Why the last value typed here was not taken."""
    place = st.empty()
    if (why := scenario_keep.refused(path).get(name)) is not None:
        key = "scenario_page.refused.typed" if why.typed else "scenario_page.refused"
        words = say(key, lang, typed=why.typed) if why.typed else say(key, lang)
        place.html(
            tag("div", icon("error"), tag("b", words), " ", why.why.say(lang), cls="lt-refused", role="alert")
        )


# --- cards ---------------------------------------------------------------------------------------


def card(
    path: Path,
    now: Scenario,
    plan: Scenario,
    lang: Lang,
    *,
    at: Path_,
    mine: Sequence[Field],
    lit: bool = False,
) -> None:
    """A rule, a kind of facility, a service or a block with its fields; those that are empty are folded."""
    key = _safe("_".join(map(str, at)))
    with st.container(border=True, key=f"lit_card_{key}" if lit else f"card_{key}"):
        if at[0] == "rules":
            _rule_head(path, now, plan, at, lang)
        elif at[0] != "objectives":
            st.html(tag("h4", title_of(now, at).say(lang), cls="lt-card"))
        given = [f for f in mine if f.value is not None or f.asked or f.form.kind == "stage"]
        empty = [f for f in mine if f not in given]
        if at[0] == "rules":  # the number is what a rule is about
            given.sort(key=lambda f: ORDER.index(f.form.kind))
        if at[:2] == ("registered_persons", "by_group"):
            given, empty = list(mine), []
        if at[0] == "objectives":
            _objectives(path, now, plan, mine, lang)
            return
        for field in given:
            row(path, now, plan, field, lang, bare=at[0] == "rules" and field.owner == at)
        if empty:
            with st.expander(say("scenario_page.more", lang, n=len(empty)), key=f"more_{key}"):
                for field in empty:
                    row(path, now, plan, field, lang)


def _safe(key: str) -> str:
    return "".join(c if c.isalnum() else "_" for c in key)


def _rule_head(path: Path, now: Scenario, plan: Scenario, at: Path_, lang: Lang) -> None:
    """The words of the rule, its source, and the switch."""
    rule = now.rules[str(at[1])]
    if is_added(str(at[1])):
        _added_head(path, rule.text.text.say(lang), at, lang, source=rule.source)
    else:
        _switch(path, str(at[1]), rule.text.text.say(lang), lang, source=rule.source, on=True)
    if rule.note is not None:
        st.html(tag("div", _note(rule.note.text.say(lang), lang), cls="lt-small lt-beside"))
    if at[1] not in plan.rules and not is_added(str(at[1])):
        st.html(tag("p", say("scenario_page.rule_added", lang), cls="lt-small"))


def _added_head(path: Path, words: str, at: Path_, lang: Lang, *, source: str) -> None:
    """The words of a rule that the user added, and the way to take it out again."""
    text, button = st.columns((8, 1.6), vertical_alignment="center")
    with text:
        section = tag("span", source_words(source, lang), cls="lt-source")
        st.html(tag("h4", words, " ", section, cls="lt-card"))
    with button:
        scenario_add.out(path, at, lang)
    scenario_add.told(path, at, lang)


def off_card(path: Path, rule: str, data: dict[str, Any], lang: Lang) -> None:
    """A rule that was switched off, with the way back."""
    with st.container(border=True, key=f"card_off_{_safe(rule)}"):
        _switch(path, rule, str(data["text"][lang]), lang, source=str(data["source"]), on=False)


def _switch(path: Path, rule: str, words: str, lang: Lang, *, source: str, on: bool) -> None:
    text, switch = st.columns((8, 1.6), vertical_alignment="center")
    with text:
        section = tag("span", source_words(source, lang), cls="lt-source")
        inside = words if on else tag("s", words)
        st.html(tag("h4", inside, " ", section, cls="lt-card" if on else "lt-card lt-off"))
    key = f"rule_{path.stem}_{rule}_{lang}"
    scenario_keep.show(key, on, partial(scenario_keep.switch, path, rule, key))
    with switch:
        st.toggle(
            say("scenario_page.rule_on", lang), key=key, on_change=scenario_keep.heard, args=(key,),
            help=words,
        )  # fmt: skip
    refusal(path, f"rules.{rule}", lang)


def _bound(path: Path, now: Scenario, field: Field, lang: Lang) -> bool:
    """How the number of a quota is meant, to be chosen in place of its name; False for any other field."""
    part = field.path[:-1]
    given = [name for name in BOUNDS if standing(now, (*part, name)) is not None]
    if field.card[0] != "rules" or given != [field.path[-1]]:
        return False
    key = f"bound_{path.stem}_{'.'.join(map(str, part))}_{lang}"
    scenario_keep.show(key, field.path[-1], partial(scenario_keep.bound, path, part, key))
    where = field.words.say(lang).rpartition(" · ")[0]
    each = getattr(now.rules[str(field.card[1])], "each", None) and part == field.card
    unit = say("scenario_page.unit.points_each" if each else "scenario_page.unit.points", lang)
    words = {name: say(f"scenario_page.field.{name}", lang) for name in BOUNDS}
    shown_as = {name: (f"{where}: " if where else "") + f"{word} ({unit})" for name, word in words.items()}
    st.selectbox(
        say("scenario_page.bound", lang), BOUNDS, key=key, format_func=shown_as.__getitem__,
        label_visibility="collapsed", on_change=scenario_keep.heard, args=(key,),
    )  # fmt: skip
    return True


def _objectives(path: Path, now: Scenario, plan: Scenario, mine: Sequence[Field], lang: Lang) -> None:
    """What is wanted, by rank; each may move and may give something up for those that follow."""
    for n, field in enumerate(mine):
        words, _, _ = field.words.say(lang).partition(" · ")
        rank, up, down = st.columns((11, 1, 1), vertical_alignment="center", gap="small")
        with rank:
            st.html(tag("h4", f"{n + 1}. {words}", cls="lt-card"))
        for place, by, symbol in ((up, -1, "arrow_upward"), (down, 1, "arrow_downward")):
            with place:
                st.button(
                    say(f"scenario_page.{symbol}", lang), key=f"rank_{path.stem}_{n}_{symbol}",
                    type="tertiary", icon=f":material/{symbol}:", disabled=not 0 <= n + by < len(mine),
                    on_click=scenario_keep.rank, args=(path, n, by),
                )  # fmt: skip
        row(path, now, plan, field, lang)


def fixed(now: Scenario, mine: Sequence[Field], lang: Lang) -> None:
    """What is not changed here, each block with the reason."""
    cards: dict[Path_, list[Field]] = {}
    for field in mine:
        cards.setdefault(field.card, []).append(field)
    for held in cards.values():
        st.html(tag("h4", held[0].title.say(lang), cls="lt-card"))
        why = say(f"scenario_page.fixed.{held[0].why_not or 'document'}", lang)
        values = (
            tag("li", field.words.say(lang), ": ", _plain(now, field, lang), " ",
                tag("span", source_words(field.source, lang), cls="lt-source"))
            for field in held
        )  # fmt: skip
        st.html(tag("div", tag("p", why, cls="lt-small"), tag("ul", *values, cls="lt-sourced")))


def _plain(now: Scenario, field: Field, lang: Lang) -> str:
    if field.form.kind in ("number", "whole"):
        return told(field.value, field.form, lang)
    return spoken(now, field.form, field.value).say(lang)
