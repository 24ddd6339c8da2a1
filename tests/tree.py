"""The project's own files, for the tests that read them."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
APART = ("tests/", "benchmarks/", "house.py")  # what no part of the program builds on


@cache
def files() -> tuple[str, ...]:
    """Paths of all files that are, or would be, in git; without git, of all that are not hidden."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        listed = (
            subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout.decode().split("\0")
        )
    except (OSError, subprocess.CalledProcessError):
        found = (path.relative_to(ROOT) for path in ROOT.rglob("*"))
        listed = [p.as_posix() for p in found if not any(part.startswith((".", "__")) for part in p.parts)]
    return tuple(sorted(name for name in listed if (ROOT / name).is_file()))


@cache
def source(name: str) -> str:
    """Text of the file `name`."""
    return (ROOT / name).read_text(encoding="utf-8")


@cache
def parsed(name: str) -> ast.Module:
    """Syntax tree of the Python file `name`."""
    return ast.parse(source(name), filename=name)


def python_files() -> tuple[str, ...]:
    """All Python files."""
    return tuple(name for name in files() if name.endswith(".py"))


def program() -> tuple[str, ...]:
    """Python files of the program itself, without tests, benchmarks and house.py."""
    return tuple(name for name in python_files() if not name.startswith(APART))


def text_files() -> Iterator[str]:
    """All files written here that hold text (not what others wrote, under static/vendor)."""
    for name in files():
        if not name.startswith("static/vendor/") and b"\0" not in (ROOT / name).read_bytes():
            yield name


def imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and full dotted name of everything that is imported, by name or by a literal string.

    ``from a import b`` gives ``a.b``; a relative import stays in its package and gives nothing.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and called(node) in ("import_module", "importorskip", "__import__"):
            yield from ((node.lineno, name) for name in literals(*node.args[:1]))


def called(node: ast.Call) -> str:
    """Last name of what is called: ``f`` in ``a.f(x)``."""
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def literals(*nodes: ast.AST) -> Iterator[str]:
    """Values of those `nodes` that are literal strings."""
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
