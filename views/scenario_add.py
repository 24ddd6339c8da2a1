"""What a part of the scenario lacks, added on the page: a sheet to fill in, and the way to take it out again.

A sheet is kept in the session as one object, so that what a click asked for is noted in a single step: the
run in which it is worked off may be cut short by the next click, and `take_up` then does what is left.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import streamlit as st

from errors import ScenarioError
from scenarios.schema import Scenario
from scenarios.strict_yaml import Path_
from text import Lang, Text, both, say
from views import asked, scenario_keep
from views.frame import spoken_anew
from views.markup import icon, tag
from views.plan_words import source_words
from views.scenario_added import in_the_way, own, stage_words, taken_out
from views.scenario_additions import (
    FORMS,
    MOST_REASON,
    PLACES,
    SECTIONS,
    TIMES,
    Given,
    What,
    WrongError,
    choices,
    countable,
    has_standing,
    made,
    missing,
    next_stage,
    offerable,
    openable,
    priced,
    unpriced,
)
from views.scenario_edits import Edit, plain_title
from views.scenario_fields import Form, fields
from views.scenario_numbers import read, shown

SHEETS = "scenario_sheets"
"""Session state: the sheets, by scenario and part of the page."""
NAMES: dict[What, tuple[str, ...]] = {
    "budget": ("kinds", "stages", "amount"),
    "cost": ("kind", "first", "later"),
    "target": ("service", "stage", "share", "strength", "where", "groups"),
    "quota": ("kinds", "bound", "points", "time", "stage", "where", "groups"),
    "offer": ("kind", "groups", "from_stage", "points"),
    "stage": ("years",),
    "figure": ("figure", "value"),
}
"""The fields of each addition, in the order in which they are drawn."""
NUMBERS = (*FORMS, "value")
WIDE = 3
"""Fields that stand side by side."""


@dataclass
class Sheet:
    """What is being filled in for a part of a scenario, and what became of it last.

    Attributes:
        n: how many were added from it; each begins with empty fields.
        ordered: the button was clicked, and that has not been worked off; `edit` is what it came to.
        wrong: by field, why what stood in it could not be taken; `stood` is what that was.
        langs: by number field, the language in which it was shown last.
    """

    path: Path
    section: str
    open: bool = False
    n: int = 0
    ordered: bool = False
    edit: Edit | None = None
    wrong: dict[str, Text] = field(default_factory=dict)
    stood: dict[str, object] = field(default_factory=dict)
    said: Text | None = None
    langs: dict[str, Lang] = field(default_factory=dict)

    def key(self, name: str, what: str = "") -> str:
        """Key of a widget."""
        return "_".join(filter(None, ("add", asked.key_of(self.path), self.section, str(self.n), what, name)))


def sheet_of(path: Path, section: str) -> Sheet:
    """The sheet of a part of the scenario."""
    sheets: dict[tuple[str, str], Sheet] = st.session_state.setdefault(SHEETS, {})
    found = sheets.setdefault((asked.key_of(path), section), Sheet(path, section))
    found.path = path
    return found


def show(path: Path, now: Scenario, plan: Scenario, section: str, lang: Lang) -> None:
    """Draw what can be added to this part, and what was added to it that has no card of its own."""
    if section not in SECTIONS:
        return
    sheet = sheet_of(path, section)
    possible = choices(now, section)
    with st.container(key=f"add_{section}"):
        if possible and not sheet.open:
            st.button(
                say(f"scenario_add.open.{section}", lang), key=f"add_open_{section}", icon=":material/add:",
                on_click=_turn, args=(sheet,),
            )  # fmt: skip
        if sheet.said is not None and sheet.said in [change.text for change in asked.changes(path)[-1:]]:
            st.html(
                tag("div", icon("check_circle"), tag("b", say("scenario_add.done", lang)), " ",
                    sheet.said.say(lang), cls="lt-field", role="status")
            )  # fmt: skip
        if possible and sheet.open:
            with st.container(border=True, key=f"add_sheet_{section}"):
                _sheet(sheet, now, plan, possible, lang)
        for one in own(now, plan):
            if _section_of(one.path) == section:
                _own(path, one.path, one.text, one.note, lang)


def _section_of(path: Path_) -> str:
    return "openings" if path[0] == "stages" else "money"


def _turn(sheet: Sheet) -> None:
    sheet.open, sheet.said, sheet.wrong = not sheet.open, None, {}


# --- filling in ----------------------------------------------------------------------------------


def _sheet(sheet: Sheet, now: Scenario, plan: Scenario, possible: Sequence[What], lang: Lang) -> None:
    what = _what(sheet, possible, lang)
    st.html(tag("p", say(f"scenario_add.hint.{what}", lang), cls="lt-small"))
    drawn = [name for name in NAMES[what] if name != "groups" or _groups_wanted(sheet, what)]
    for start in range(0, len(drawn), WIDE):
        for name, column in zip(drawn[start : start + WIDE], st.columns(WIDE, gap="small"), strict=False):
            with column:
                _field(_Here(sheet, now, plan, what), name, lang)
                _wrong(sheet, name, lang, what)
    _told_more(sheet, now, what, lang)
    st.text_input(
        say("scenario_add.field.reason", lang), key=sheet.key("reason"), max_chars=MOST_REASON,
        placeholder=say("scenario_add.field.reason.example", lang), persist_state="session",
    )  # fmt: skip
    _wrong(sheet, "reason", lang)
    _wrong(sheet, "", lang)
    with st.container(horizontal=True, gap="small"):
        st.button(
            say("scenario_add.add", lang), key=f"add_go_{sheet.section}", type="primary",
            icon=":material/add:", on_click=_order, args=(sheet,),
        )  # fmt: skip
        st.button(
            say("scenario_add.close", lang), key=f"add_close_{sheet.section}", type="tertiary",
            icon=":material/close:", on_click=_turn, args=(sheet,),
        )  # fmt: skip


def _what(sheet: Sheet, possible: Sequence[What], lang: Lang) -> What:
    """What is to be added; where there is one thing only, that."""
    key = sheet.key("what")
    if st.session_state.get(key) not in possible:
        st.session_state[key] = possible[0]
    if len(possible) > 1:
        st.segmented_control(
            say("scenario_add.what", lang), possible, key=key, required=True, persist_state="session",
            label_visibility="collapsed", format_func=lambda one: say(f"scenario_add.what.{one}", lang),
        )  # fmt: skip
    return _chosen_what(sheet, possible)


def _chosen_what(sheet: Sheet, possible: Sequence[What]) -> What:
    chosen = st.session_state.get(sheet.key("what"))
    return next((what for what in possible if what == chosen), possible[0])


def _groups_wanted(sheet: Sheet, what: What) -> bool:
    return what == "offer" or st.session_state.get(sheet.key("where", what)) == "some"


class _Here(NamedTuple):
    """The sheet, the scenario, its plan, and what is to be added."""

    sheet: Sheet
    now: Scenario
    plan: Scenario
    what: What


def _field(here: _Here, name: str, lang: Lang) -> None:
    sheet, now, _, what = here
    if name in NUMBERS:
        _number(sheet, what, name, _form(sheet, now, what, name), lang)
        return
    options, words = _options(here, name)
    key = sheet.key(name, what)
    label = say(f"scenario_add.field.{name}", lang)

    def spoken(one: str) -> str:
        return words(one).say(lang)

    spoken_anew(key, lang)
    if name in ("kinds", "stages", "groups"):
        chosen = st.session_state.get(key)
        if chosen is None:
            st.session_state[key] = options[:1] if name == "kinds" else []
        elif not set(chosen) <= set(options):
            st.session_state[key] = [one for one in chosen if one in options]
        st.multiselect(
            label, options, key=key, format_func=spoken, persist_state="session",
            placeholder=say("scenario_add.choose", lang),
        )  # fmt: skip
        return
    if st.session_state.get(key) not in options:
        st.session_state[key] = options[-1] if name == "stage" else options[0]
    st.selectbox(label, options, key=key, format_func=spoken, persist_state="session")


def _options(here: _Here, name: str) -> tuple[list[str], Callable[[str], Text]]:
    """What can be chosen in a field, and how it is called."""
    sheet, now, plan, what = here
    groups = now.registered_persons.by_group
    kind = st.session_state.get(sheet.key("kind", what))
    taken = now.kinds[kind].offered if what == "offer" and kind in now.kinds else {}
    lacking = {f.name: f for f in missing(now, sheet.section)} if name == "figure" else {}
    kinds = {"budget": priced, "cost": unpriced, "quota": openable, "offer": offerable}.get(what, openable)
    options: dict[str, Callable[[], Sequence[str]]] = {
        "kind": lambda: kinds(now), "kinds": lambda: kinds(now), "service": lambda: countable(now),
        "stage": lambda: list(now.stages), "stages": lambda: list(now.stages),
        "from_stage": lambda: ["", *now.stages], "figure": lambda: list(lacking), "where": lambda: PLACES,
        "groups": lambda: [code for code in groups if code not in taken], "time": lambda: TIMES,
        "bound": lambda: ("at_most", "at_least", "exactly"), "strength": lambda: ("hard", "soft"),
    }  # fmt: skip
    words: dict[str, Callable[[str], Text]] = {
        "kind": lambda one: now.kinds[one].label.text,
        "service": lambda one: now.services[one].label.text,
        "stage": lambda one: stage_words(now, one) if one else both("scenario_page.any_stage"),
        "group": lambda one: Text(groups[one].name, groups[one].name),
        "figure": lambda one: plain_title(now, plan, lacking[one]),
    }
    alike = {"kinds": "kind", "stages": "stage", "from_stage": "stage", "groups": "group"}
    called = words.get(alike.get(name, name), lambda one: both(f"scenario_add.{name}.{one}.choice"))
    return list(options[name]()), called


def _form(sheet: Sheet, now: Scenario, what: What, name: str) -> Form:
    """How a number is given; a figure's follows from the figure."""
    if name in FORMS:
        return FORMS[name]
    figure = st.session_state.get(sheet.key("figure", what))
    return next((f.form for f in fields(now) if f.name == figure), Form("number"))


def _number(sheet: Sheet, what: What, name: str, form: Form, lang: Lang) -> None:
    """A number field; what stands in it is written anew when the language changes: 2.000 is 2,000."""
    key = sheet.key(name, what)
    before, typed = sheet.langs.get(key, lang), st.session_state.get(key)
    if typed and before != lang:
        with suppress(ValueError):  # what is no number stays, and is told when it is to be added
            st.session_state[key] = shown(read(typed, form, before), form, lang)
    sheet.langs[key] = lang  # right after what stands in it: no run is cut short in between
    unit = say(f"scenario_page.unit.{form.unit}", lang) if form.unit else ""
    label = say(f"scenario_add.field.{name}", lang)
    st.text_input(f"{label} ({unit})" if unit else label, key=key, persist_state="session")


def _wrong(sheet: Sheet, name: str, lang: Lang, what: str = "") -> None:
    """Why what stands in a field could not be taken, as long as it stands there."""
    held = st.session_state.get(sheet.key(name, what)) if name else None
    if (why := sheet.wrong.get(name)) is not None and held == sheet.stood.get(name):
        st.html(tag("div", icon("error"), " ", why.say(lang), cls="lt-refused", role="alert"))


def _told_more(sheet: Sheet, now: Scenario, what: What, lang: Lang) -> None:
    """What somebody who adds this has to know of this scenario."""
    chosen = st.session_state.get(sheet.key("kinds", what)) or []
    if what == "budget" and has_standing(now, chosen):
        st.html(tag("p", icon("info"), say("scenario_add.standing", lang), cls="lt-small"))
    if what == "budget" and unpriced(now):
        names = ", ".join(now.kinds[kind].label.text.say(lang) for kind in unpriced(now))
        st.html(tag("p", say("scenario_add.unpriced", lang, kinds=names), cls="lt-small"))
    if what == "stage":
        typed = st.session_state.get(sheet.key("years", what)) or ""
        if typed.isdecimal() and 1 <= int(typed) <= int(FORMS["years"].hi or 1):
            name = next_stage(now, int(typed))
            st.html(tag("p", say("scenario_add.next", lang, stage=name), cls="lt-small"))


# --- keeping -------------------------------------------------------------------------------------


def take_up() -> None:
    """Work off what was asked for and not yet done."""
    for sheet in list(st.session_state.get(SHEETS, {}).values()):
        _work_off(sheet)


def _order(sheet: Sheet) -> None:
    sheet.ordered = True  # first of all, and in one step
    _work_off(sheet)


def _work_off(sheet: Sheet) -> None:
    """Add what stands in the sheet, or say at its fields why not."""
    if not sheet.ordered:
        return
    now, plan = asked.scenario(sheet.path), asked.plan_of(sheet.path)
    try:
        sheet.edit = sheet.edit or _made(sheet, now, plan)
    except (WrongError, ScenarioError) as why:
        sheet.wrong = why.at if isinstance(why, WrongError) else {"": scenario_keep.reason(why)}
        sheet.said, sheet.ordered = None, False
        return
    edit, name = sheet.edit, f"add.{sheet.section}"
    scenario_keep.apply(sheet.path, name, lambda *_: edit)
    refused = scenario_keep.refused(sheet.path).pop(name, None)
    sheet.edit, sheet.ordered = None, False
    if refused is not None:
        sheet.wrong, sheet.said = {"": refused.why}, None
    else:
        sheet.wrong, sheet.said, sheet.open, sheet.n = {}, edit.text, False, sheet.n + 1


def _made(sheet: Sheet, now: Scenario, plan: Scenario) -> Edit:
    possible = choices(now, sheet.section)
    if not possible:
        raise WrongError({"": both("scenario_add.wrong.choose")})
    what = _chosen_what(sheet, possible)
    values = {name: st.session_state.get(sheet.key(name, what)) for name in NAMES[what]}
    values["reason"] = st.session_state.get(sheet.key("reason"))
    sheet.stood = values
    langs = {name: sheet.langs[key] for name in NUMBERS if (key := sheet.key(name, what)) in sheet.langs}
    return made(now, plan, what, Given(values, langs))


# --- taking out ----------------------------------------------------------------------------------


def _own(path: Path, at: Path_, text: Text, note: Text | None, lang: Lang) -> None:
    """Something that was added and has no card of its own."""
    with st.container(border=True, key=f"own_{'_'.join(map(str, at))}"):
        words, button = st.columns((8, 1.6), vertical_alignment="center")
        with words:
            source = tag("span", source_words("user", lang), cls="lt-source")
            reason = tag("div", note.say(lang), cls="lt-small lt-beside") if note is not None else ""
            st.html(tag("div", tag("h4", text.say(lang), " ", source, cls="lt-card"), reason))
        with button:
            out(path, at, lang)
        told(path, at, lang)


def out(path: Path, at: Path_, lang: Lang) -> None:
    """The button that takes an addition out."""
    st.button(
        say("scenario_add.out", lang), key=f"out_{path.stem}_{'.'.join(map(str, at))}", type="tertiary",
        icon=":material/delete:", on_click=_take_out, args=(path, at),
    )  # fmt: skip


def told(path: Path, at: Path_, lang: Lang) -> None:
    """Why an addition could not be taken out, if that was tried."""
    if (why := scenario_keep.refused(path).get(_name(at))) is not None:
        st.html(tag("div", icon("error"), " ", why.why.say(lang), cls="lt-refused", role="alert"))


def _name(at: Path_) -> str:
    return f"out.{'.'.join(map(str, at))}"


def _take_out(path: Path, at: Path_) -> None:
    """Take an addition out, unless something else speaks of it."""
    name = _name(at)
    if others := in_the_way(asked.scenario(path), at):
        rules = Text(*("; ".join(t.say(lang) for t in others) for lang in ("vi", "en")))
        why = both("scenario_add.in_the_way", rules=rules)
        scenario_keep.refused(path)[name] = scenario_keep.Refused("", why)
        return
    scenario_keep.apply(path, name, lambda now, plan: taken_out(now, plan, at))
    if name not in scenario_keep.refused(path) and SHEETS in st.session_state:
        for sheet in st.session_state[SHEETS].values():
            sheet.said = None
