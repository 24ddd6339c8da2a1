"""Words of a table of premises: what its headings name, and what its cells say."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from geo.intake.headings import Heading, plain
from geo.intake.quantities import Cell
from scenarios.schema import Scenario
from text import LANGS, Text, both, catalogue, fold

ROLES = (
    "id", "name", "type", "code", "commune", "district", "address", "lat", "lon", "point", "existing",
    "capacity", "ready_from", "consent",
)  # fmt: skip
"""What a column may be; besides, ``capacity.<kind>`` and ``criteria.<criterion>`` of the scenario."""

_WHAT = r"(?:co so|don vi|diem|dia diem|noi|co so y te|don vi y te)"
_HEADINGS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (role, re.compile(pattern))
    for role, pattern in (
        ("id", rf"id|ma {_WHAT}|premises id|osmid|osm id"),
        ("type", (rf"(?:loai|loai hinh|kieu)(?: {_WHAT})?(?: dat diem)?|kind of host|amenity|healthcare|type|"
                 r"type of (?:host|premises|facility)|(?:host|premises|facility) type")),
        ("address", r"dia chi.*|address|so nha.*|addr full"),
        ("lat", r"vi do.*|lat|latitude|y|toa do y"),
        ("lon", r"kinh do.*|lon|lng|long|longitude|x|toa do x"),
        ("point", r"toa do.*|coordinates?|vi tri gps|gps"),
        ("existing", (r"(?:\w+ ){0,4}(?:dang co|hien co|dang hoat dong|dang trien khai)(?: \w+){0,2}|"
                     r"existing.*|in operation.*")),
        ("ready_from", r"(?:\w+ ){0,3}san sang.*|ready.*|available from"),
        ("consent", r".*\b(?:dong y|chap thuan|nhat tri|consent|agrees?)\b.*"),
        ("capacity", r"cong suat.*|suc chua.*|quy mo.*|kha nang tiep nhan.*|capacity.*|places|so cho"),
        ("name", (rf"(?:ten )?{_WHAT}(?: dat diem| y te| methadone)?|ten|ten goi|name|facility(?: name)?|"
                 r"premises(?: name)?|name of (?:the )?(?:facility|premises)|co so dat diem")),
    )
)  # fmt: skip
_PERSONAL = re.compile(
    r".*\b(?:dien thoai|dt|sdt|di dong|hotline|phone|mobile|cccd|cmnd|cmt|can cuoc|chung minh|ngay sinh|"
    r"nam sinh|date of birth|dob|email|e mail|ho va ten|ho ten|full name|giam doc|truong tram|"
    r"nguoi (?:dung dau|lien he|phu trach|dai dien|quan ly)|can bo|nhan vien|benh nhan|nguoi benh|contact|"
    r"director|manager|patients?|owner s name|ten chu)\b.*"
)


def role_of(heading: Heading, scenario: Scenario) -> str | None:
    """What a column is by its heading: as the template has it, else by the words in it."""
    spoken = {fold(text) for text in (heading.text, *heading.texts)}
    for key, role in _template_words(scenario).items():
        if key in spoken:
            return role
    opens = [name for name in criteria(scenario) if _opens(spoken, scenario.criteria[name].text.text)]
    if len(opens) == 1:
        return f"criteria.{opens[0]}"
    for text in dict.fromkeys((plain(heading.text), *map(plain, reversed(heading.texts)))):
        for role, pattern in _HEADINGS:
            if pattern.fullmatch(text):
                return _of_kind(text, scenario) if role == "capacity" else role
    return heading.role if heading.role in ("code", "commune", "district") else None


def _opens(spoken: set[str], text: Text) -> bool:
    """Whether a heading is the beginning of a condition's text."""
    return any(len(said) >= 8 and fold(text.say(lang)).startswith(said) for said in spoken for lang in LANGS)


def personal(heading: Heading) -> bool:
    """Whether a heading asks for something about a person."""
    return bool(_PERSONAL.fullmatch(plain(heading.text)))


def _template_words(scenario: Scenario) -> dict[str, str]:
    """Folded headings of the template in both languages, and their roles."""
    words = {fold(heading_of(role, scenario).say(lang)): role for role in roles(scenario) for lang in LANGS}
    return words | {fold(role): role for role in roles(scenario) if "." in role}


def roles(scenario: Scenario) -> list[str]:
    """Every role that a column may have in this scenario."""
    kinds = [f"capacity.{kind}" for kind in scenario.kinds]
    return [*ROLES, *kinds, *(f"criteria.{name}" for name in criteria(scenario))]


def criteria(scenario: Scenario) -> list[str]:
    """Conditions that are asked of premises."""
    return [name for name, criterion in scenario.criteria.items() if criterion.concerns == "premises"]


def heading_of(role: str, scenario: Scenario) -> Text:
    """The heading of a column in the template."""
    what, _, name = role.partition(".")
    if what == "criteria":
        return scenario.criteria[name].text.text
    if name:
        return both("premises.heading.capacity_of", kind=scenario.kinds[name].short.text)
    return both(f"premises.heading.{role}")


def _of_kind(text: str, scenario: Scenario) -> str:
    """``capacity`` of the kind that the heading names, of no kind in particular where it names none."""
    for name, kind in scenario.kinds.items():
        words = {plain(word) for label in (kind.label, kind.short) for word in (label.vi, label.en)} | {name}
        if any(f" {word} " in f" {text} " for word in words):
            return f"capacity.{name}"
    return "capacity"


# --- kinds of host -------------------------------------------------------------------------------

_HOSTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("hiv_centre", re.compile(r"\b(?:hiv|aids|pac|ttpc)\b")),
    ("rehab_centre", re.compile(r"\b(?:cai nghien|chua benh giao duc|giao duc lao dong|rehab\w*|cssv)\b")),
    ("health_station", re.compile(r"\b(?:tram y te|tyt|tram yt|diem tram|health stations?)\b")),
    ("district_health_centre", re.compile(r"\b(?:trung tam y te|ttyt|tt y te|health cent(?:re|er))\b")),
    ("hospital", re.compile(r"\b(?:benh vien|bv|bvdk|hospital)\b")),
)
"""Words of host premises as offices write them, without diacritics; the first one found counts."""


def types(scenario: Scenario) -> list[str]:
    """Types of premises that the scenario knows, in its order."""
    named = [place.type for place in scenario.premises.named.values()]
    return list(dict.fromkeys([*(t for kind in scenario.kinds.values() for t in kind.at), *named]))


def type_label(type_: str) -> Text:
    """What a type of premises is called; its id where nobody has named it."""
    key = f"exports.premises_type.{type_}"
    return both(key) if key in catalogue() else Text(type_, type_)


def type_meant(said: str, scenario: Scenario) -> str | None:
    """The scenario's type that `said` names, None where it is not clear."""
    known = types(scenario)
    for type_ in known:
        if fold(said) in {fold(type_), *(fold(type_label(type_).say(lang)) for lang in LANGS)}:
            return type_
    found = host_in(said)
    return found if found in known else None


def host_in(text: str) -> str | None:
    """The usual type of premises whose words stand in a text, whatever types a scenario has."""
    words = plain(text)
    return next((type_ for type_, pattern in _HOSTS if pattern.search(words)), None)


# --- cells ---------------------------------------------------------------------------------------

_YES = frozenset(
    {"co", "dat", "yes", "y", "x", "v", "true", "1", "roi", "da dong y", "dong y", "du", "met", "✓"}
)
_NO = frozenset({"khong", "khong dat", "chua dat", "no", "n", "false", "0", "khong dong y", "chua dong y",
                 "khong du", "chua du", "chua co", "not met"})  # fmt: skip
_OPEN = frozenset({"", "chua kiem tra", "chua ro", "unknown", "not checked"})


class UnclearError(ValueError):
    """A cell does not say what its column asks."""


def yes_or_no(cell: Cell) -> bool | None:
    """Có / không, đạt / không đạt, x; None where nothing is said."""
    said = plain(_written(cell)) if cell != "✓" else "✓"
    if said in _OPEN:
        return None
    if said not in _YES | _NO:
        raise UnclearError
    return said in _YES


def stage(cell: Cell, scenario: Scenario) -> str | None:
    """The stage that a cell names by its id, its label or a year in it; None where nothing is said.

    A year before the first stage means ready from the start, which is the first stage.
    """
    said = _written(cell)
    if not said:
        return None
    for name, part in scenario.stages.items():
        labels = (part.label.vi, part.label.en) if part.label else ()
        if fold(said) in {fold(name), *map(fold, labels)}:
            return name
    year = re.fullmatch(r"(?:\D*\s)?((?:19|20)\d\d)", said)
    spans = {name: [int(y) for y in re.findall(r"\d{4}", name)] for name in scenario.stages}
    if year is None or not all(spans.values()):
        raise UnclearError
    for name, span in spans.items():
        if int(year[1]) <= span[-1]:
            return name
    raise UnclearError


def kinds(cell: Cell, scenario: Scenario) -> tuple[str, ...] | None:
    """The kinds of facility that a cell names, in the scenario's order; None where nothing is said."""
    said = _written(cell)
    if not said:
        return None
    if plain(said) in _NO | {"", "none"}:
        return ()
    names: dict[str, str] = {}
    for name, kind in scenario.kinds.items():
        for word in (name, kind.label.vi, kind.label.en, kind.short.vi, kind.short.en):
            names.setdefault(fold(word), name)
    if fold(said) in names:  # a label may hold a comma
        return (names[fold(said)],)
    found = {names.get(fold(word)) for word in _parted(said, names)}
    if None in found:
        raise UnclearError
    return tuple(name for name in scenario.kinds if name in found)


def _parted(said: str, names: Mapping[str, str]) -> list[str]:
    """The kinds of a list, joined again where a comma belongs to a kind's own label."""
    parts = [part for part in re.split(r"\s*[;+\n]\s*|\s*,\s*|\s+và\s+", said) if part]
    whole: list[str] = []
    while parts:
        size = next((n for n in range(len(parts), 0, -1) if fold("".join(parts[:n])) in names), 1)
        whole.append("".join(parts[:size]))
        parts = parts[size:]
    return whole


_DEGREES = re.compile(
    r"(?P<d>\d{1,3})\s*[°ºo]\s*(?P<m>\d{1,2}(?:[.,]\d+)?)\s*['′’]?\s*(?:(?P<s>\d{1,2}(?:[.,]\d+)?)\s*[\"″”]?)?"
    r"\s*[NSEWBĐ]?",
    re.IGNORECASE,
)


def degrees(cell: Cell) -> float | None:
    """Degrees as a number, 10,0352 or 10°02'07"; None where nothing is said."""
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return float(cell)
    said = _written(cell)
    if not said:
        return None
    if re.fullmatch(r"-?\d+(?:[.,]\d+)?", said):
        return float(said.replace(",", "."))
    if found := _DEGREES.fullmatch(said):
        parts = [float((found[name] or "0").replace(",", ".")) for name in "dms"]
        return parts[0] + parts[1] / 60 + parts[2] / 3600
    raise UnclearError


def point(cell: Cell) -> tuple[float, float] | None:
    """Latitude and longitude in one cell: ``10.0352, 105.7801``."""
    said = _written(cell)
    if not said:
        return None
    parts = (
        re.split(r"\s*[;|]\s*|,\s+|\s+(?=\d)", said)
        if not re.fullmatch(r"[\d.]+,[\d.]+", said)
        else said.split(",")
    )
    if len(parts) != 2:
        raise UnclearError
    lat, lon = (degrees(part) for part in parts)
    if lat is None or lon is None:
        raise UnclearError
    return lat, lon


def _written(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell == int(cell):
        return str(int(cell))
    said = str(cell).strip()
    return "" if said in ("-", "–", "—", "…", "...") else said


def written(cell: Cell) -> str:
    """A cell as text, whole numbers without decimals, a dash as nothing."""
    return _written(cell)


def headings(rows: Sequence[Sequence[Cell]], top: int, bottom: int) -> tuple[Heading, ...]:
    """The headings of each column in the rows from `top` to `bottom`."""
    columns = zip(*rows[top : bottom + 1], strict=True)
    return tuple(
        Heading(tuple(dict.fromkeys(written(c) for c in column if written(c)))) for column in columns
    )
