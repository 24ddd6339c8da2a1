"""PNG: the rollout of a plan as one picture at print quality."""

from __future__ import annotations

from pathlib import Path

from exports.contents import Contents

OWN = ("scenario", "status", "scenario_sha256", "program")
"""Entries of the provenance that have a text chunk of their own."""


def write_png(contents: Contents, path: Path) -> None:
    """A4 or A3 across, 250 dots an inch; where it comes from stands in text chunks."""
    from exports.figures.series import series  # matplotlib takes half a second to load: only who draws waits

    path.write_bytes(series(contents).png(chunks(contents)))


def chunks(contents: Contents) -> dict[str, str]:
    """Text chunks of a PNG (PNG specification, 11.3.3): title, edition, and where the figures come from."""
    origin = dict(contents.tables["provenance"].itertuples(index=False, name=None))
    gaps = [f"{gap:g}" for gap in contents.tables["objectives"]["gap"].dropna()]
    lines = [f"{item}: {value}" for item, value in origin.items()]
    return {
        "Title": contents.title,
        "Software": f"Lộ Trình {origin.get('program', '')}".strip(),
        "Creation Time": contents.written,
        "Disclaimer": contents.mark,
        "Comment": "\n".join(lines),
        **({"Author": contents.by} if contents.by else {}),
        "edition": contents.edition,
        "gap": ", ".join(gaps),
        **{name: origin[name] for name in OWN if name in origin},
    }
