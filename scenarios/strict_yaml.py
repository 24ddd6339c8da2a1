"""The only reader of YAML: a strict subset in which a value is what it looks like, with line numbers.

YAML guesses.  ``01700`` is an octal number to it, ``no`` is false, ``1e6`` a word, ``2018-01-01`` a date, and the
second of two equal keys wins.  A commune code or a budget must not depend on that, so everything of this kind is
an error here that names its line and says what to write instead.
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import Any

import yaml

from errors import Problem, ScenarioError
from text import is_tidy

MAX_BYTES = 4_000_000
"""A scenario of a nation with 10,000 counts stays under 1 MB."""

Path_ = tuple[str | int, ...]

_INT = re.compile(r"[-+]?(0|[1-9][0-9]*)\Z")
_FLOAT = re.compile(r"[-+]?(0|[1-9][0-9]*)\.[0-9]+\Z")
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}
# What YAML 1.1 or 1.2 readers would take for something else than the text that stands there.
_AMBIGUOUS = re.compile(
    r"""(?ix) ( [-+]?0[0-9_]+ | [-+]?[0-9][0-9_]*_[0-9_]* | [-+]?0x[0-9a-f_]+ | [-+]?0o[0-7]+ | [-+]?0b[01_]+
    | [-+]?[0-9.]+e[-+]?[0-9]+ | [-+]?\.[0-9]+ | [-+]?[0-9]+\. | [-+]?\.(inf|nan) | \.nan
    | [0-9]+(:[0-9]+)+(\.[0-9]*)? | [0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.* | [0-9]{1,3}([.,][0-9]{3})+
    | yes | no | on | off | y | n | = | << ) \Z"""
)


class Lines:
    """Where each value of a document stands: path of keys -> ``file:line``."""

    def __init__(self) -> None:
        self._at: dict[Path_, str] = {}

    def put(self, path: Path_, file: str, line: int) -> None:
        """Remember that the value at `path` stands on `line` (from 1) of `file`."""
        self._at[path] = f"{file}:{line}"

    def where(self, path: Path_) -> str:
        """``file:line path`` of the value, or of the nearest value around it."""
        shown = ".".join(str(p) for p in path)
        for n in range(len(path), -1, -1):
            if place := self._at.get(path[:n]):
                return f"{place} {shown}".rstrip()
        return shown

    def over(self, parent: Lines) -> Lines:
        """These places, and those of `parent` where these have none."""
        merged = Lines()
        merged._at = parent._at | self._at
        return merged


def read(path: Path) -> tuple[dict[str, Any], Lines]:
    """Read one file into plain dicts, lists, str, int, float, bool and None.

    Raises:
        ScenarioError: unreadable, not UTF-8, not YAML, or anything that YAML would have to guess; all at once.
    """
    name = path.name
    try:
        raw = path.read_bytes()
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
    try:
        node = yaml.compose(unicodedata.normalize("NFC", content), Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as why:
        mark = why.problem_mark or why.context_mark
        place = f"{name}:{mark.line + 1}" if mark else name
        raise ScenarioError(Problem("yaml.syntax", place, {"why": why.problem or why.context})) from why
    except (yaml.YAMLError, RecursionError) as why:  # a character that YAML does not allow; a bomb of brackets
        raise ScenarioError(Problem("yaml.syntax", name, {"why": why})) from why
    builder = _Builder(name)
    data = builder.build(node, ()) if node is not None else None
    if builder.problems:
        raise ScenarioError(builder.problems)
    if not isinstance(data, dict):
        raise ScenarioError(Problem("yaml.not_a_mapping", name))
    return data, builder.lines


def write(data: dict[str, Any]) -> str:
    """`data` as YAML that `read` takes back unchanged."""
    return yaml.dump(data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110)


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def _as_text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    plain_is_safe = not _is_number_or_word(value) and not _AMBIGUOUS.match(value)
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=None if plain_is_safe else '"')


_Dumper.add_representer(str, _as_text)


def _is_number_or_word(value: str) -> bool:
    return bool(_INT.match(value) or _FLOAT.match(value) or value.lower() in _WORDS)


class _Builder:
    """Walks the node tree once; collects values, their lines, and everything that is wrong."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lines = Lines()
        self.problems: list[Problem] = []
        self._seen: set[int] = set()

    def build(self, node: yaml.Node, path: Path_) -> Any:
        line = node.start_mark.line + 1
        self.lines.put(path, self.name, line)
        if id(node) in self._seen:
            return self._wrong("yaml.alias", path)
        self._seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(child, (*path, n)) for n, child in enumerate(node.value)]
        return self._scalar(node, path)

    def _mapping(self, node: yaml.MappingNode, path: Path_) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            shown = getattr(key_node, "value", "?")
            here = (*path, shown if isinstance(shown, str) else "?")
            self.lines.put(here, self.name, line)
            key = self._scalar(key_node, here) if isinstance(key_node, yaml.ScalarNode) else None
            if not isinstance(key, str):
                if not any(p.where == self.lines.where(here) for p in self.problems):
                    self._wrong("yaml.key_not_text", here, key=shown)
                continue
            if key in out:
                self._wrong("yaml.duplicate_key", here, key=key)
                continue
            out[key] = self.build(value_node, here)
            self.lines.put(here, self.name, line)
        return out

    def _scalar(self, node: yaml.Node, path: Path_) -> Any:
        value: str = node.value
        if node.tag.startswith("!") or (node.start_mark.buffer or "")[node.start_mark.pointer :][:1] == "!":
            return self._wrong("yaml.tag", path, value=value)
        if getattr(node, "style", None) is None:  # plain, unquoted
            if value.lower() in _WORDS:
                return _WORDS[value.lower()]
            if _AMBIGUOUS.match(value):
                return self._wrong("yaml.ambiguous", path, value=value)
            if _INT.match(value):
                return int(value)
            if _FLOAT.match(value):
                return float(value)
        text = " ".join(value.split())
        if not is_tidy(text):
            return self._wrong("yaml.unsafe_text", path, value=ascii(text))
        return text

    def _wrong(self, code: str, path: Path_, **values: object) -> None:
        self.problems.append(Problem(code, self.lines.where(path), values))
