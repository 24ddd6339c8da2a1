"""The only reader of YAML: a strict subset in which a value is what it looks like, with line numbers.

YAML guesses.  ``01700`` is an octal number to it, ``no`` is false, ``1e6`` a word, ``2018-01-01`` a date, and
the second of two equal keys wins.  A commune code or a budget must not depend on that, so everything of this
kind is an error here that names its line and says what to write instead.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from errors import Problem, ScenarioError
from text import tidy

MAX_BYTES = 4_000_000
"""A scenario of a nation with 10,000 counts stays under 1 MB."""

MAX_DEPTH = 30
"""Levels of nesting; a scenario has seven."""

Path_ = tuple[str | int, ...]

_INT = re.compile(r"[-+]?(0|[1-9][0-9]*)\Z")
_FLOAT = re.compile(r"[-+]?(0|[1-9][0-9]*)\.[0-9]+\Z")
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}
# What a YAML 1.1 or 1.2 reader, or a Vietnamese one (1.237 is 1237), would take for something else than what
# stands there; and whole numbers too long to be anything but a code.
_AMBIGUOUS = re.compile(
    r"""(?ix) ( [-+]?0[0-9_]+ | [-+]?[0-9][0-9_]*_[0-9_]* | [-+]?0x[0-9a-f_]+ | [-+]?0o[0-7]+ | [-+]?0b[01_]+
    | [-+]?[0-9.]+e[-+]?[0-9]+ | [-+]?\.[0-9]+ | [-+]?[0-9]+\. | [-+]?\.(inf|nan) | [-+]?[0-9]{16,}
    | [-+]?[0-9]+(:[0-9]+)+(\.[0-9]*)? | [0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.*
    | [-+]?[1-9][0-9]{0,2}([.,][0-9]{3})+ | yes | no | on | off | y | n | = | << ) \Z"""
)
# What PyYAML says about the commonest slips, and what we say instead.
_SLIPS = {
    "found character '\\t'": "yaml.tab",
    "mapping values are not allowed here": "yaml.colon",
    "found unexpected end of stream": "yaml.quote",
    "expected ',' or": "yaml.quote",
    "unacceptable character": "yaml.character",
}


class Lines:
    """Where each value of a document stands: path of keys -> ``file:line``."""

    def __init__(self) -> None:
        self._at: dict[Path_, str] = {}

    def put(self, path: Path_, file: str, line: int) -> None:
        """Remember that the value at `path` stands on `line` (from 1) of `file`."""
        self._at[path] = f"{file}:{line}"

    def where(self, path: Path_) -> str:
        """``file:line path`` of the value, or of the nearest value around it."""
        shown = tidy(".".join(str(p) for p in path))
        for n in range(len(path), -1, -1):
            if place := self._at.get(path[:n]):
                return f"{place} {shown}".rstrip()
        return shown

    def over(self, parent: Lines, replaced: Iterable[Path_]) -> Lines:
        """These places, and those of `parent` but for what stood below the paths `replaced`."""
        gone = frozenset(replaced)
        merged = Lines()
        merged._at = {
            path: place
            for path, place in parent._at.items()
            if not any(path[:n] in gone for n in range(1, len(path) + 1))
        } | self._at
        return merged


def read(path: Path) -> tuple[dict[str, Any], Lines]:
    """Read one file into plain dicts, lists, str, int, float, bool and None.

    Raises:
        ScenarioError: unreadable, not UTF-8, not YAML, or anything that YAML would have to guess.
    """
    name = path.name
    try:
        raw = path.read_bytes()
    except FileNotFoundError as why:
        raise ScenarioError(Problem("yaml.no_file", str(path))) from why
    except OSError as why:
        raise ScenarioError(Problem("yaml.unreadable", str(path), {"why": why.strerror or why})) from why
    if len(raw) > MAX_BYTES:
        raise ScenarioError(Problem("yaml.too_large", name, {"mb": MAX_BYTES // 1_000_000}))
    try:
        return parse(raw.decode("utf-8-sig"), name)
    except UnicodeDecodeError as why:
        line = raw[: why.start].count(b"\n") + 1
        raise ScenarioError(Problem("yaml.not_utf8", f"{name}:{line}")) from why


def parse(content: str, name: str) -> tuple[dict[str, Any], Lines]:
    """`read` for text that is already in memory; `name` is what messages call it."""
    content = unicodedata.normalize("NFC", content)
    try:
        node = yaml.compose(content, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError, ValueError, OverflowError) as why:
        raise ScenarioError(_syntax(why, content, name)) from why
    builder = _Builder(content, name)
    data = builder.build(node, ()) if node is not None else None
    if builder.problems:
        raise ScenarioError(builder.problems)
    if not isinstance(data, dict):
        raise ScenarioError(Problem("yaml.not_a_mapping", name))
    return data, builder.lines


def _syntax(why: Exception, content: str, name: str) -> Problem:
    """A complaint of PyYAML in our words; impossible escapes and a bomb of brackets are not among them."""
    told, line = str(why), None
    if isinstance(why, yaml.reader.ReaderError):
        told, line = why.reason, content[: why.position].count("\n") + 1
    elif isinstance(why, yaml.MarkedYAMLError):
        told = why.problem or why.context or told
        # What is never closed is noticed at the end of the file; where it opens is what helps.
        opened = "quoted scalar" in (why.context or "") or "flow" in (why.context or "")
        first = why.context_mark if opened else why.problem_mark
        if mark := first or why.problem_mark or why.context_mark:
            line = mark.line + 1
    elif isinstance(why, RecursionError):
        return Problem("yaml.too_deep", name)
    code = next((ours for theirs, ours in _SLIPS.items() if theirs in told), "yaml.syntax")
    if "special characters are not allowed" in told:
        code = "yaml.character"
    return Problem(code, f"{name}:{line}" if line else name, {"why": tidy(told)})


def write(data: dict[str, Any]) -> str:
    """`data` as YAML that `read` takes back unchanged."""
    return yaml.dump(data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110)


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 -- PyYAML's signature
        return True


def _text_node(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    quoted = _is_number_or_word(value) or _AMBIGUOUS.match(value)
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style='"' if quoted else None)


def _float_node(dumper: yaml.SafeDumper, value: float) -> yaml.ScalarNode:
    shown = format(Decimal(repr(value)), "f")  # 1e-07 as 0.0000001
    shown += "" if "." in shown else ".0"
    shown += "0" if _AMBIGUOUS.match(shown) else ""
    return dumper.represent_scalar("tag:yaml.org,2002:float", shown)


_Dumper.add_representer(str, _text_node)
_Dumper.add_representer(float, _float_node)


def _is_number_or_word(value: str) -> bool:
    return bool(_INT.match(value) or _FLOAT.match(value) or value.lower() in _WORDS)


class _Builder:
    """Walks the node tree once; collects values, their lines, and everything that is wrong."""

    def __init__(self, content: str, name: str) -> None:
        self.content = content
        self.name = name
        self.lines = Lines()
        self.problems: list[Problem] = []

    def build(self, node: yaml.Node, path: Path_) -> Any:
        self.lines.put(path, self.name, node.start_mark.line + 1)
        # An alias is the anchored node itself, so what stands at its start tells all of them.
        sign = self.content[node.start_mark.index : node.start_mark.index + 1]
        if sign in ("&", "!") and node.start_mark.index < node.end_mark.index:
            return self._wrong("yaml.alias" if sign == "&" else "yaml.tag", path)
        if len(path) > MAX_DEPTH:
            return self._wrong("yaml.too_deep", path)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(child, (*path, n)) for n, child in enumerate(node.value)]
        return self._scalar(node, path)

    def _mapping(self, node: yaml.MappingNode, path: Path_) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            shown = key_node.value if isinstance(key_node, yaml.ScalarNode) else "?"
            here = (*path, shown)
            before = len(self.problems)
            key = self.build(key_node, here)
            if len(self.problems) > before:
                continue
            if not isinstance(key, str):
                self._wrong("yaml.key_not_text", here, key=shown)
            elif key in out:
                self._wrong("yaml.duplicate_key", here, key=key)
            else:
                out[key] = self.build(value_node, here)
                self.lines.put(here, self.name, line)
        return out

    def _scalar(self, node: yaml.Node, path: Path_) -> Any:
        value: str = node.value
        if getattr(node, "style", None) is None:  # plain, unquoted
            if value.lower() in _WORDS:
                return _WORDS[value.lower()]
            if _AMBIGUOUS.match(value):
                return self._wrong("yaml.ambiguous", path, value=value)
            if _INT.match(value):
                return int(value)
            if _FLOAT.match(value):
                return float(value)
        return " ".join(value.split())

    def _wrong(self, code: str, path: Path_, **values: object) -> None:
        self.problems.append(Problem(code, self.lines.where(path), values))
