"""Page under construction."""

from __future__ import annotations


def show() -> None:
    """Draw the page."""
