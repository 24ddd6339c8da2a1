"""What is going on, told on the error stream while a command works."""

from __future__ import annotations

import sys
import time

import click

from exports import console
from text import Lang, say


class Meter:
    """Tells what is going on once a run takes longer than a second; one line that is written over."""

    def __init__(self, lang: Lang) -> None:
        self.lang, self.began, self.said = lang, time.perf_counter(), 0.0
        self.name = ""

    def __enter__(self) -> Meter:
        return self

    def __exit__(self, *_: object) -> None:
        if self.said and sys.stderr.isatty():
            click.echo("\r\033[K", err=True, nl=False)

    def step(self, name: str) -> None:
        """A step begins."""
        self.name = say(f"cli.step.{name}", self.lang)
        self._say(self.name)

    def progress(
        self, elapsed: float, incumbent: float | None, bound: float | None, gap: float | None, level: str, /
    ) -> None:
        """The search goes on."""
        del elapsed
        self._say(console.progress(level, incumbent, bound, gap, self.lang))

    def _say(self, what: str) -> None:
        now = time.perf_counter() - self.began
        if now - self.said < 1:
            return
        self.said = now
        line = f"{now:4.0f} s  {what}"
        click.echo(f"\r\033[K{line}" if sys.stderr.isatty() else line, err=True, nl=not sys.stderr.isatty())
