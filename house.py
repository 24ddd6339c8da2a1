"""Start, test and check Lộ Trình with nothing but Python 3.11 or later, on Windows or Linux.

    python house.py run [-- options of streamlit]    the app, in the browser
    python house.py test [options of pytest]         all tests
    python house.py check                            ruff and mypy
    python house.py clean                            drop the caches of the tools (not .venv)

The first call makes .venv beside this file and installs the pinned requirements; later calls only
use it.  This file has to parse on Python 3.6, to be able to refuse it, and nothing of the program
can be imported yet: so its few sentences stand here and not in locales/.
"""

import contextlib
import hashlib
import importlib.util
import io
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from subprocess import PIPE, STDOUT, Popen
from typing import NoReturn

if sys.version_info < (3, 11):
    message = """Lộ Trình cần Python 3.11 trở lên; đây là Python {0}. Hãy cài bản mới hơn rồi chạy lại.
Lộ Trình needs Python 3.11 or later; this is Python {0}. Install a newer one and start again with it."""
    sys.exit(message.format(".".join(map(str, sys.version_info[:3]))))

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = str(VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))
STAMP = VENV / "house.stamp"  # which requirements are installed, and their checksum; or UNFINISHED
UNFINISHED = "unfinished"
REQUIREMENTS = {"run": "requirements.txt", "dev": "requirements-dev.txt"}  # dev includes run
# What QGIS, PostGIS or another Python leave in the environment, and what breaks ours.
FOREIGN = {"PYTHONHOME", "PYTHONPATH", "GDAL_DATA", "GDAL_DRIVER_PATH", "PROJ_DATA", "PROJ_LIB"}


def say(vi: str, en: str) -> None:
    """One message in both languages."""
    print(f"{vi}\n{en}", flush=True)


def fail(vi: str, en: str) -> NoReturn:
    """Say what is missing and what helps, and stop."""
    print(f"{vi}\n{en}", file=sys.stderr)
    raise SystemExit(69)  # EX_UNAVAILABLE, apart from the exit codes of pytest, ruff and mypy


def environment() -> dict[str, str]:
    """The caller's environment, less what other installations left there."""
    ours = {name: value for name, value in os.environ.items() if name.upper() not in FOREIGN}
    return ours | {"PYTHONUTF8": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_USER": "0"}


def call(*arguments: str) -> int:
    """Run ``python -m arguments`` of .venv in the project's folder; its exit code."""
    with Popen([PYTHON, "-m", *arguments], cwd=ROOT, env=environment()) as child:
        while True:
            try:
                return child.wait()
            except KeyboardInterrupt:
                continue  # Ctrl+C has reached the child as well: let it end in its own way
            except SystemExit:
                child.terminate()
                raise


def checksum() -> str:
    """One checksum of all files that say what to install."""
    files = ("constraints.txt", *REQUIREMENTS.values())
    return hashlib.sha256(b"".join((ROOT / name).read_bytes() for name in files)).hexdigest()


def stamp() -> str:
    """What was last noted about .venv; empty where nothing was."""
    return STAMP.read_text(encoding="utf-8") if STAMP.exists() else ""


def usable() -> bool:
    """Whether .venv works: not half made, not made by a Python that is gone or too old."""
    probe = [PYTHON, "-c", "import sys, pip; sys.exit(sys.version_info < (3, 11))"]
    with contextlib.suppress(OSError):
        return subprocess.run(probe, env=environment(), capture_output=True, check=False).returncode == 0
    return False


def make_venv() -> None:
    """Make .venv anew, with nothing but pip in it; its stamp says unfinished."""
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        remedy = "sudo apt install python3-venv"
        fail(f"Bản Python này thiếu mô-đun venv: {remedy}", f"This Python lacks the module venv: {remedy}")
    import venv

    try:
        if VENV.exists():
            shutil.rmtree(VENV)
        VENV.mkdir()
        STAMP.write_text(UNFINISHED, encoding="utf-8")
        venv.create(VENV, with_pip=True, symlinks=os.name != "nt")
    except (OSError, subprocess.CalledProcessError) as error:
        fail(
            f"Không tạo được .venv ({error}). Hãy đóng ứng dụng đang chạy, xem quyền ghi và dung lượng đĩa.",
            f"Cannot make .venv ({error}). Close the app if it runs; look at write access and disk space.",
        )


def install(kind: str) -> None:
    """Install the requirements of `kind`, showing what pip is at."""
    former = stamp()
    STAMP.write_text(UNFINISHED, encoding="utf-8")
    command = [PYTHON, "-m", "pip", "install", "--no-input", "--progress-bar=off", "-r", REQUIREMENTS[kind]]
    output = []
    with Popen(command, cwd=ROOT, env=environment(), stdout=PIPE, stderr=STDOUT) as pip:
        for line in pip.stdout or ():
            output.append(line.decode(errors="replace").strip())
            if sys.stdout.isatty():
                print(output[-1][:78].ljust(78), end="\r", flush=True)
    if pip.returncode:
        STAMP.write_text(former or UNFINISHED, encoding="utf-8")  # pip takes back what it did not finish
        print(*output[-4:], sep="\n", file=sys.stderr)
        fail(
            "Không cài được thư viện. Hãy xem kết nối internet và dung lượng đĩa, rồi chạy lại.",
            "The libraries could not be installed. Look at the internet and the disk space, then try again.",
        )
    STAMP.write_text(f"{kind} {checksum()}", encoding="utf-8")


def prepare(kind: str) -> None:
    """See to it that .venv holds the requirements of `kind` ("run" or "dev")."""
    if stamp() == UNFINISHED or not usable():
        make_venv()
    if stamp() not in (f"{kind} {checksum()}", f"dev {checksum()}"):
        say("Đang cài thư viện vào .venv, chỉ một lần…", "Installing libraries into .venv, once only…")
        start = time.monotonic()
        install(kind)
        seconds = int(time.monotonic() - start)
        say(f"Đã cài xong sau {seconds} giây.".ljust(78), f"Installed in {seconds} seconds.")


def free_port(first: int = 8501) -> int:
    """`first`, or the next port of this machine that is free."""
    # Windows lets two programs share a port unless one insists; others keep a port busy after it was left.
    option = getattr(socket, "SO_EXCLUSIVEADDRUSE", socket.SO_REUSEADDR)
    for port in range(first, first + 200):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, option, 1)
            probe.bind(("127.0.0.1", port))
            return port
    return first  # let the server say why it cannot have it


def run(options: list[str]) -> int:
    """Start the app."""
    prepare("run")
    options = options[1:] if options[:1] == ["--"] else options
    if not any(option.startswith("--server.port") for option in options):
        port = free_port()
        options = [f"--server.port={port}", *options]
        say(f"Lộ Trình: http://localhost:{port}", "Ctrl+C để dừng · to stop")
    headless = ["--server.headless=true"] if os.environ.get("CI") else []
    return call("streamlit", "run", "app.py", *headless, *options)


def test(options: list[str]) -> int:
    """Run all tests, or those that pytest's options choose."""
    prepare("dev")
    # On every core; the tests of a file stay together, as they share what is slow to make.  -n0: one by one.
    return call("pytest", "-n", "auto", "--dist", "loadfile", *options)


def check(_: list[str]) -> int:
    """Lint, format and types: all three are run, and all have to pass."""
    prepare("dev")
    return max(call("ruff", "check", "."), call("ruff", "format", "--check", "."), call("mypy"))


def clean(_: list[str]) -> int:
    """Drop what the tools keep between runs."""
    for name in ("__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis"):
        for path in ROOT.rglob(name):
            if VENV not in path.parents:
                shutil.rmtree(path, ignore_errors=True)
    return 0


def main(arguments: list[str]) -> int:
    """Carry out one command; its exit code."""
    commands = {"run": run, "test": test, "check": check, "clean": clean}
    if arguments and arguments[0] in commands:
        return commands[arguments[0]](arguments[1:])
    print(__doc__)
    return 2


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
