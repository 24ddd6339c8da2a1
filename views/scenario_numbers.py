"""Numbers as a planner types and reads them: 1.237,2 in Vietnamese, 1,237.2 in English; triệu đồng, per cent.

What is kept is VND, a share in [0, 1], the number itself; no digit is lost on the way.
"""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

from text import Lang, both, number, say
from text import Text as Words
from views.scenario_fields import Form

MOST_DECIMALS = 9


def factor(form: Form) -> int:
    """By how much a value is kept larger (money) or smaller (per cent: negative) than it is shown."""
    return {"million": 10**6, "percent": -100, "percent_a_year": -100}.get(form.unit, 1)


def shown(value: float | None, form: Form, lang: Lang) -> str:
    """The value as it stands in its field, without its unit; "" for none."""
    if value is None:
        return ""
    by = factor(form)
    exact = Decimal(repr(value))
    exact = exact * -by if by < 0 else exact / by
    plain = format(exact, "f").partition(".")[2].rstrip("0")
    return number(float(exact), lang, min(len(plain), MOST_DECIMALS))


def told(value: float | None, form: Form, lang: Lang) -> str:
    """The value with its unit, or that there is none."""
    if value is None:
        return say("scenario_page.none", lang)
    plain = shown(value, form, lang)
    if form.unit == "percent":
        return plain + (" %" if lang == "vi" else "%")
    return f"{plain} {say(f'scenario_page.unit.{form.unit}', lang)}"


def read(typed: str, form: Form, lang: Lang) -> float | int | None:
    """What was typed, as it is kept; None for nothing.

    Raises:
        ValueError: it is no such number; the argument is a `text.Text` that says why.
    """
    bare = re.sub(r"[\s%]", "", typed)
    if not bare:
        if form.optional:
            return None
        raise ValueError(both("scenario_page.wrong.empty"))
    exact = _decimal(bare, lang)
    if exact is None:
        example = Words(number(1237.2, "vi", 1), number(1237.2, "en", 1))
        raise ValueError(both("scenario_page.wrong.number", example=example))
    by = factor(form)
    kept = Fraction(exact) / -by if by < 0 else Fraction(exact) * by
    if form.kind == "whole" and kept.denominator != 1:
        raise ValueError(both("scenario_page.wrong.whole"))
    value: float | int = int(kept) if form.kind == "whole" else float(kept)
    low = form.lo is not None and (value < form.lo or (form.above and value == form.lo))
    if low or (form.hi is not None and value > form.hi):
        raise ValueError(_limits(form))
    return value


def _decimal(bare: str, lang: Lang) -> Decimal | None:
    """The number by the language's separators; else by those of the other one, where it can mean no other."""
    group, point = (".", ",") if lang == "vi" else (",", ".")
    for thousands, decimal in ((group, point), (point, group)):
        whole, dec = re.escape(thousands), re.escape(decimal)
        if re.fullmatch(rf"[-−]?([0-9]+|[1-9][0-9]{{0,2}}({whole}[0-9]{{3}})+)({dec}[0-9]+)?", bare):
            return Decimal(bare.replace(thousands, "").replace(decimal, ".").replace("−", "-"))
    return None


def _limits(form: Form) -> Words:
    ends = {
        name: Words(*(told(end, form, lang) for lang in ("vi", "en")))
        for name, end in (("lo", form.lo), ("hi", form.hi))
        if end is not None
    }
    if len(ends) == 2:
        key = "scenario_page.wrong.above_to" if form.above else "scenario_page.wrong.from_to"
    elif "lo" in ends:
        key = "scenario_page.wrong.above" if form.above else "scenario_page.wrong.from"
    else:
        key = "scenario_page.wrong.to"
    return both(key, **ends)
