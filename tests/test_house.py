"""The rules of the house: who imports whom, what gets installed, what may stand in a file."""

from __future__ import annotations

import ast
import hashlib
import re
import sys
import unicodedata
from collections.abc import Iterator
from importlib import metadata

import pytest

from tests.tree import APART, ROOT, files, imports, parsed, program, python_files, source, text_files

# --- imports point one way -----------------------------------------------------------------------

# A module imports its own package and lower floors, never another module of its floor.
FLOORS = (
    ("text",),
    ("errors",),
    ("tables",),
    ("scenarios",),
    ("geo", "optimization"),
    ("planner",),
    ("exports",),
    ("workspace",),
    ("views", "commands"),
    ("app", "cli"),
)
FLOOR = {name: floor for floor, names in enumerate(FLOORS) for name in names}

# Libraries that only some files may import.
NETWORK = (
    "aiohttp",
    "ftplib",
    "http.client",
    "httpx",
    "osmnx",
    "requests",
    "socket",
    "urllib.request",
    "urllib3",
)
ONLY_IN = {
    "streamlit": ("app.py", "views/"),
    "streamlit_folium": ("app.py", "views/"),
    "pulp": ("optimization/",),
    "highspy": ("optimization/",),
    "yaml": ("scenarios/strict_yaml.py",),
    **dict.fromkeys(NETWORK, ("geo/travel.py", "geo/downloads.py", "geo/roads/fetch.py")),
}
# optimization/ takes and gives arrays: no geometry, no files.
NOT_IN = dict.fromkeys(("folium", "geopandas", "osmnx", "pyogrio", "pyproj", "shapely"), "optimization/")


def home(name: str) -> str:
    """Top-level module of the file `name`."""
    return name.partition("/")[0].removesuffix(".py")


def within(module: str, library: str) -> bool:
    """Whether importing `module` imports from `library`."""
    return module == library or module.startswith(library + ".")


def trespasses(name: str, tree: ast.AST) -> Iterator[str]:
    """What the file `name` imports and must not."""
    here = home(name)
    if here not in FLOOR:
        yield f"{name}: give {here} a floor in tests/test_house.py"
        return
    for line, module in imports(tree):
        there = module.split(".")[0]
        if there in FLOOR and there != here and FLOOR[there] >= FLOOR[here]:
            yield f"{name}:{line}: {here} must not import {there}"
        for library, places in ONLY_IN.items():
            if within(module, library) and not name.startswith(places):
                yield f"{name}:{line}: {library} belongs in {', '.join(places)} only"
        for library, place in NOT_IN.items():
            if within(module, library) and name.startswith(place):
                yield f"{name}:{line}: {library} does not belong in {place}"


def test_imports_point_one_way():
    assert [fault for name in program() for fault in trespasses(name, parsed(name))] == []


@pytest.mark.parametrize(
    ("name", "snippet"),
    [
        ("geo/units.py", "import optimization.model"),
        ("optimization/model.py", "from geo import units"),
        ("geo/units.py", "def late():\n    from planner import run"),
        ("exports/gis.py", "import views.map"),
        ("views/map.py", "import cli"),
        ("text.py", "from errors import DataError"),
        ("cli.py", "import streamlit as st"),
        ("views/map.py", "from pulp import LpProblem"),
        ("planner/run.py", "import importlib\nimportlib.import_module('highspy')"),
        ("scenarios/schema.py", "import yaml"),
        ("geo/units.py", "from urllib import request"),
        ("geo/units.py", "from urllib.request import urlopen"),
        ("views/map.py", "import osmnx"),
        ("optimization/model.py", "import shapely.geometry"),
        ("managers.py", "import json"),
    ],
)
def test_a_wrong_import_is_caught(name, snippet):
    assert len(list(trespasses(name, ast.parse(snippet)))) == 1


@pytest.mark.parametrize(
    ("name", "snippet"),
    [
        ("app.py", "import streamlit\nfrom views import plan"),
        ("views/map.py", "from streamlit_folium import st_folium\nfrom geo import maps\nimport planner"),
        ("geo/travel.py", "import osmnx, requests\nfrom text import tidy\nfrom geo import units"),
        (
            "optimization/solve.py",
            "import pulp, highspy\nfrom errors import SolverError\nfrom . import model",
        ),
        ("scenarios/strict_yaml.py", "import yaml\nfrom urllib.parse import quote"),
    ],
)
def test_a_right_import_is_let_through(name, snippet):
    assert list(trespasses(name, ast.parse(snippet))) == []


# --- what gets installed -------------------------------------------------------------------------

# Required, and used without being imported by name.
UNSEEN = {
    "highspy": "PuLP's HiGHS solver",
    "jinja2": "folium renders with it; a test asks it what a name could do",
    "openpyxl": "pandas reads and writes .xlsx with it",
    "xlsxwriter": "pandas writes .xlsx with it",
    "pyogrio": "geopandas reads and writes with it",
    "vietnamadminunits": "its tables are read as files",
    "mypy": "called by house.py",
    "ruff": "called by house.py",
    "pytest-xdist": "house.py runs the tests on every core with it",
}
# Required by the library that they are a part of: OSMnx's graphs are networkx's, which constraints.txt pins.
PART_OF = {"networkx": "osmnx", "pydantic-core": "pydantic"}
# Required for work that is under way; an entry leaves when its library is imported.
AWAITED: dict[str, str] = {}


def canonical(name: str) -> str:
    """A distribution's name as the index compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(name: str) -> dict[str, str]:
    """Distributions and versions that the file `name` pins."""
    found = {}
    for line in source(name).splitlines():
        stated = line.split("#")[0].strip()
        if stated and not stated.startswith("-"):
            distribution, equals, version = stated.partition("==")
            assert equals, f"{name}: {stated} is not pinned"
            found[canonical(distribution)] = version
    return found


PEERS = {"igraph", "pandana"}
"""What ours is held against where somebody has installed them."""


def third_party(names: tuple[str, ...]) -> set[str]:
    """Distributions that the Python files `names` import."""
    ours = {home(name) for name in python_files()} | {"tests"}
    modules = {module.split(".")[0] for name in names for _, module in imports(parsed(name))}
    foreign = modules - ours - sys.stdlib_module_names
    providers = metadata.packages_distributions()
    names_of = {canonical(providers[module][0]) if module in providers else module for module in foreign}
    return {PART_OF.get(name, name) for name in names_of}


def test_what_is_imported_is_required():
    runtime, development = pins("requirements.txt"), pins("requirements-dev.txt")
    assert third_party(program()) - set(runtime) == set()
    assert third_party(python_files()) - set(runtime) - set(development) - PEERS == set()
    assert not set(runtime) & set(development)


def test_what_is_required_is_used():
    runtime, development = set(pins("requirements.txt")), set(pins("requirements-dev.txt"))
    used = third_party(program()) | set(UNSEEN) | set(AWAITED)
    assert runtime - used == set()
    libraries = runtime | set(pins("constraints.txt"))
    stubs = {name for name in development if name.removeprefix("types-").removesuffix("-stubs") in libraries}
    assert development - stubs - set(UNSEEN) - third_party(python_files()) == set()
    assert not set(AWAITED) & third_party(program()), "no longer awaited"


def test_what_the_requirements_bring_along_is_pinned():
    """Whatever is installed here because of a requirement has its version in one of the files, once."""
    direct, indirect = pins("requirements.txt") | pins("requirements-dev.txt"), pins("constraints.txt")
    assert not set(direct) & set(indirect), "pinned twice"
    missing: set[str] = set()
    seen: set[str] = set()
    todo = list(direct)
    while todo:
        name = todo.pop()
        try:
            wants = metadata.requires(name) or []
        except metadata.PackageNotFoundError:
            continue  # asked for on another system only
        if name not in direct and name not in indirect:
            missing.add(name)
        new = {canonical(re.split(r"[^\w.-]", want)[0]) for want in wants if "extra ==" not in want} - seen
        seen |= new
        todo.extend(new)
    assert missing == set()
    assert len(seen) > 40


def test_house_needs_only_the_standard_library():
    assert {module.split(".")[0] for _, module in imports(parsed("house.py"))} <= sys.stdlib_module_names


# --- what may stand in a file --------------------------------------------------------------------

MACHINE = re.compile(r"(?<![\w.])/(?:home|root|tmp|work|Users)/|\b[A-Z]:\\+Users\b")
REGISTRY = re.compile(
    r"pypi\.org|pythonhosted\.org|npmjs\.(?:org|com)|deb\.debian\.org|crates\.io|--(?:extra-)?index-url"
)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (MACHINE, "open('" + "/".join(["", "home", "an", "counts.xlsx"]) + "')"),
        (MACHINE, "C:" + "\\Users\\an"),
        (REGISTRY, "https://files." + "pythonhosted." + "org/x"),
        (REGISTRY, "pip install --extra" + "-index-url x"),
    ],
)
def test_the_patterns_find_what_they_look_for(pattern, text):
    assert pattern.search(text)


def test_no_file_names_one_machine_or_a_registry():
    found = [f"{n}: {m[0]}" for n in text_files() for p in (MACHINE, REGISTRY) if (m := p.search(source(n)))]
    assert found == []


def test_text_is_composed_and_unix():
    """NFC, as marks overlap in a PDF otherwise; line ends as .gitattributes has them."""
    assert [name for name in text_files() if not unicodedata.is_normalized("NFC", source(name))] == []
    assert [name for name in files() if not unicodedata.is_normalized("NFC", name)] == []
    if (ROOT / ".git").exists() and sys.platform != "win32":
        assert [name for name in text_files() if b"\r\n" in (ROOT / name).read_bytes()] == []


def test_files_stay_small():
    assert [name for name in files() if (ROOT / name).stat().st_size > 1_000_000] == []
    assert [name for name in python_files() if source(name).count("\n") > 450] == []


def test_no_init_in_tests():
    """With --import-mode=importlib they would only get in the way."""
    assert [name for name in files() if name.startswith(APART[:2]) and name.endswith("__init__.py")] == []


def test_scripts_of_others_are_unchanged():
    stated = dict(
        re.findall(r"^\| `([^`]+)` .*`([0-9a-f]{64})` \|$", source("static/vendor/README.md"), re.MULTILINE)
    )
    here = {name.removeprefix("static/vendor/") for name in files() if name.startswith("static/vendor/")}
    assert here - {"README.md"} == set(stated)
    for name, checksum in stated.items():
        assert hashlib.sha256((ROOT / "static/vendor" / name).read_bytes()).hexdigest() == checksum, name
