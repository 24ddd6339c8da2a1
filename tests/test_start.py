"""house.py: it starts anywhere, repairs what was left half made, and says clearly what is missing."""

from __future__ import annotations

import ast
import importlib.util
import socket
import subprocess
import sys

import pytest

import house
from tests.tree import ROOT, source


@pytest.fixture
def venv(monkeypatch, tmp_path):
    """A place for .venv of its own; the Python in it is the one that runs the tests."""
    monkeypatch.setattr(house, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(house, "STAMP", tmp_path / ".venv" / "house.stamp")
    monkeypatch.setattr(house, "PYTHON", sys.executable)
    (tmp_path / ".venv").mkdir()
    return tmp_path / ".venv"


# --- any Python ----------------------------------------------------------------------------------


def test_python_3_6_can_read_it_up_to_the_refusal():
    ast.parse(source("house.py"), feature_version=(3, 6))


def test_an_older_python_is_refused_in_both_languages():
    pretend = "import sys; sys.version_info = (3, 10, 13); exec(open('house.py', encoding='utf-8').read())"
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", pretend],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 1
    vietnamese, english = done.stderr.strip().splitlines()
    assert "cần Python 3.11 trở lên; đây là Python 3.10.13" in vietnamese
    assert "needs Python 3.11 or later; this is Python 3.10.13" in english


def test_without_venv_it_says_what_to_install(venv, monkeypatch, capsys):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "ensurepip" else "here")
    with pytest.raises(SystemExit) as stop:
        house.make_venv()
    assert stop.value.code == 69
    assert capsys.readouterr().err.count("python3-venv") == 2


def test_an_unknown_command_is_answered_with_the_usage(capsys):
    assert house.main(["serve"]) == 2
    assert "python house.py run" in capsys.readouterr().out


# --- .venv ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("noted", "usable", "kind", "steps"),
    [
        (None, False, "run", ["make", "install run"]),  # a fresh clone
        ("unfinished", True, "run", ["make", "install run"]),  # interrupted while installing
        ("run {now}", False, "run", ["make", "install run"]),  # its Python is gone
        ("run {now}", True, "run", []),
        ("dev {now}", True, "run", []),  # dev includes run
        ("run {now}", True, "dev", ["install dev"]),
        ("dev of last month", True, "dev", ["install dev"]),  # the requirements have changed
        (None, True, "run", ["install run"]),  # made by hand
    ],
)
def test_it_does_what_is_needed_and_no_more(venv, monkeypatch, noted, usable, kind, steps):
    done: list[str] = []

    def make():
        done.append("make")
        house.STAMP.write_text(house.UNFINISHED)

    if noted:
        house.STAMP.write_text(noted.format(now=house.checksum()))
    monkeypatch.setattr(house, "usable", lambda: usable)
    monkeypatch.setattr(house, "make_venv", make)
    monkeypatch.setattr(house, "install", lambda kind: done.append(f"install {kind}"))
    house.prepare(kind)
    assert done == steps


def test_the_checksum_follows_every_requirement_file(monkeypatch, tmp_path):
    names = ("constraints.txt", "requirements.txt", "requirements-dev.txt")
    for name in names:
        (tmp_path / name).write_text("x==1\n")
    monkeypatch.setattr(house, "ROOT", tmp_path)
    seen = {house.checksum()}
    for name in names:
        (tmp_path / name).write_text("x==2\n")
        seen.add(house.checksum())
    assert len(seen) == 4


@pytest.mark.parametrize(("former", "after"), [("", "unfinished"), ("run abc", "run abc")])
def test_a_failed_installation_is_told_and_noted(venv, monkeypatch, capsys, former, after):
    if former:
        house.STAMP.write_text(former)
    monkeypatch.setattr(house, "REQUIREMENTS", {"run": str(venv / "nowhere.txt")})
    with pytest.raises(SystemExit) as stop:
        house.install("run")
    assert stop.value.code == 69
    error = capsys.readouterr().err
    assert "nowhere.txt" in error
    assert "Không cài được" in error
    assert "could not be installed" in error
    assert house.stamp() == after


def test_a_python_that_does_not_start_is_not_usable(venv, monkeypatch):
    assert house.usable()
    for broken in (venv / "absent", venv):
        monkeypatch.setattr(house, "PYTHON", str(broken))
        assert not house.usable()


def test_half_a_venv_is_made_anew(venv):
    (venv / "half.txt").write_text("left over")
    (venv / "pyvenv.cfg").write_text("half a line")
    house.make_venv()
    assert house.stamp() == house.UNFINISHED
    assert not (venv / "half.txt").exists()
    assert "home" in (venv / "pyvenv.cfg").read_text()


# --- commands ------------------------------------------------------------------------------------


def test_exit_codes_are_handed_on(venv):
    assert house.call("json.tool", "--nonsense") == 2
    assert house.call("json.tool", "--help") == 0


def test_what_other_installations_left_is_not_handed_on(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "elsewhere")
    monkeypatch.setenv("PROJ_LIB", "elsewhere")
    monkeypatch.setenv("LO_TRINH", "ours")
    handed = house.environment()
    assert "elsewhere" not in handed.values()
    assert handed["LO_TRINH"] == "ours"


def test_a_taken_port_is_passed_over():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert port < house.free_port(port) < port + 200
    assert house.free_port(port) == port


@pytest.mark.parametrize(
    ("given", "ci", "wanted"),
    [
        ([], "", ["run", "app.py", "--server.port=8502"]),
        (["--", "--theme.base=dark"], "", ["run", "app.py", "--server.port=8502", "--theme.base=dark"]),
        (["--server.port", "9000"], "", ["run", "app.py", "--server.port", "9000"]),
        ([], "true", ["run", "app.py", "--server.headless=true", "--server.port=8502"]),
    ],
)
def test_options_reach_the_server(monkeypatch, given, ci, wanted):
    ran: list[str] = []

    def call(*arguments):
        ran.extend(arguments)
        return 0

    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(house, "prepare", ran.append)
    monkeypatch.setattr(house, "free_port", lambda: 8502)
    monkeypatch.setattr(house, "call", call)
    assert house.main(["run", *given]) == 0
    assert ran == ["run", "streamlit", *wanted]


def test_check_fails_when_one_tool_does(monkeypatch):
    ran: list[str] = []

    def call(tool, *_):
        ran.append(tool)
        return int(tool == "mypy")

    monkeypatch.setattr(house, "prepare", ran.append)
    monkeypatch.setattr(house, "call", call)
    assert house.main(["check"]) == 1
    assert ran == ["dev", "ruff", "ruff", "mypy"]
