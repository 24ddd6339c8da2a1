"""Boundaries from open sources, fetched only when somebody asks for them.

``open_sources.json`` says where: OpenStreetMap through OSMnx, and folders of files whose content is known by
its hash.  Nothing is fetched from an address outside a source's entry; sizes and times are bounded; what has
come and fits its hash is kept until the whole is there, so that a broken download goes on where it stopped.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import re
import shutil
import socket
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import geopandas as gpd
import shapely

from errors import DataError, Problem
from geo import boundaries, units
from geo.cells import metric_zone
from geo.intake import outlines
from geo.intake.outline_words import lines
from geo.units import Vintage
from text import Text, both, tidy

TABLE = Path(__file__).with_name("open_sources.json")
AGENT = "lo-trinh (planning of treatment points; boundaries on a user's request)"
SECONDS = 30.0
"""Without a byte, after which a connection is given up."""
SECONDS_A_FILE = 120.0
MEGABYTE = 1024 * 1024
MOST_BYTES = 100 * MEGABYTE
MOST_BYTES_A_FILE = 20 * MEGABYTE
AROUND_M = 8_000.0
"""How far beyond the communes' points OpenStreetMap is asked."""

Progress = Callable[[int, int], None]
"""Told how many files have come, and of how many."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """An entry of the table; `vintages` holds what is particular to each list."""

    id: str
    kind: str
    title: str
    licence: str
    attribution: str
    address: str
    vintages: Mapping[str, Mapping[str, str]]
    files: str = ""

    @property
    def note(self) -> Text:
        """What to know before using it."""
        return both(f"boundaries.note.{self.id}")


@dataclass(frozen=True, kw_only=True)
class NotOffered:
    """A source that is known and not used."""

    id: str
    title: str
    licence: str

    @property
    def reason(self) -> Text:
        """Why not."""
        return both(f"boundaries.not_offered.{self.id}")


@cache
def _table() -> dict[str, Any]:
    return dict(json.loads(TABLE.read_text(encoding="utf-8")))


def sources() -> dict[str, Source]:
    """What can be downloaded, by id."""
    return {entry["id"]: Source(**entry) for entry in _table()["sources"]}


def not_offered() -> list[NotOffered]:
    """What is known and cannot be used."""
    return [NotOffered(**entry) for entry in _table()["not_offered"]]


def source_of(name: str) -> Source:
    """The source called `name`; raises DataError ``download.unknown_source``."""
    known = sources()
    if name not in known:
        values = {"source": tidy(name), "sources": ", ".join(known)}
        raise DataError(Problem("download.unknown_source", "--from", values))
    return known[name]


def host(name: str) -> str:
    """The machine that the source called `name` is fetched from."""
    return _host(source_of(name).address)


def fetch(
    name: str, province: str, vintage: Vintage, *, progress: Progress = lambda _done, _of: None
) -> boundaries.Outlines:
    """Download, check and mend the outlines of a province; nothing is kept but by ``boundaries.keep``.

    Args:
        name: id of a source.
        province: of the list `vintage`.
        vintage: the list.
        progress: told how far it is.

    Raises:
        DataError: ``download.*`` nothing usable came; ``outline.*`` what came does not fit the list.
    """
    source = source_of(name)
    units.communes(province, vintage)  # refuses an unknown province before anything is asked of anybody
    if vintage not in source.vintages:
        values = {"source": source.id, "vintage": vintage, "vintages": ", ".join(source.vintages)}
        raise DataError(Problem("download.vintage", "--vintage", values))
    content = _KINDS[source.kind](source, province, vintage, progress)
    frame, report = outlines.read(f"{source.id}.geojson", content, province=province, vintage=vintage)
    if source.kind == "github_folder":
        shutil.rmtree(_parts(source, province, vintage), ignore_errors=True)
    return boundaries.Outlines(
        frame=frame, origin="download", title=source.title, licence=source.licence,
        attribution=source.attribution, retrieved=boundaries.today(), address=source.address,
        checksum=hashlib.sha256(content).hexdigest(), crs=report.crs,
        report=tuple(map(Text, lines(report, "vi"), lines(report, "en"))),
    )  # fmt: skip


def _collection(features: list[dict[str, Any]]) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False).encode()


# --- one answer over HTTP ----------------------------------------------------------------------------


def _host(address: str) -> str:
    return urlsplit(address).netloc


class _StayHere(urllib.request.HTTPRedirectHandler):
    """Follows redirects within the machine that was asked, none elsewhere."""

    def redirect_request(  # noqa: PLR0917 - as the library calls it
        self, req: urllib.request.Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        old, new = urlsplit(req.full_url), urlsplit(newurl)
        if (old.scheme, old.netloc) != (new.scheme, new.netloc):
            fp.close()
            raise DataError(Problem("download.elsewhere", old.netloc, {"address": tidy(newurl)[:200]}))
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def get(address: str, *, most: int = MOST_BYTES_A_FILE, seconds: float = SECONDS) -> bytes:
    """What stands at `address` (https; http on this machine only), of at most `most` bytes.

    Raises:
        DataError: ``download.offline``, ``download.refused``, ``download.too_large``, ``download.elsewhere``.
    """
    parts = urlsplit(address)
    if parts.scheme != "https" and (parts.scheme, parts.hostname) != ("http", "127.0.0.1"):
        raise DataError(Problem("download.elsewhere", parts.netloc, {"address": tidy(address)[:200]}))
    request = urllib.request.Request(address, headers={"User-Agent": AGENT})  # noqa: S310 - looked at above
    until = time.monotonic() + SECONDS_A_FILE
    try:
        with urllib.request.build_opener(_StayHere).open(request, timeout=seconds) as answer:
            content = b""
            while piece := answer.read1(MEGABYTE):
                content += piece
                if len(content) > most:
                    values = {"host": parts.netloc, "most": most // MEGABYTE}
                    raise DataError(Problem("download.too_large", address, values))
                if time.monotonic() > until:
                    raise TimeoutError(f"{SECONDS_A_FILE:.0f} s")
            stated = answer.headers.get("Content-Length")
            if stated is not None and len(content) < int(stated):
                raise ConnectionError(f"{len(content)} / {stated}")
    except urllib.error.HTTPError as why:
        why.close()
        values = {"host": parts.netloc, "status": why.code}
        raise DataError(Problem("download.refused", address, values)) from why
    except (OSError, ValueError) as why:
        raise DataError(_offline(address, why)) from why
    return content


def _offline(address: str, why: Exception) -> Problem:
    reason = getattr(why, "reason", None) or why
    said = tidy(str(reason))[:120] or type(why).__name__
    return Problem("download.offline", address, {"host": _host(address), "why": said})


# --- a folder of files, one a commune ------------------------------------------------------------------

_NAME = re.compile(r"[\w.-]+\.geojson", re.ASCII)


def _github_folder(source: Source, province: str, vintage: Vintage, progress: Progress) -> bytes:
    """The files of a province's folder, of one commit: each must have the hash that the listing states."""
    terms = source.vintages[vintage]
    folders = [entry["name"] for entry in _listing(source, "", terms["commit"]) if entry["type"] == "dir"]
    folder = next((name for name in folders if name.startswith(f"{province}_")), None)
    if folder is None or not re.fullmatch(r"[\w-]+", folder, re.ASCII):
        values = {"source": source.id, "province": province}
        raise DataError(Problem("download.no_province", "--province", values))
    inside = f"{folder}/{terms['folder']}"
    files = [
        entry for entry in _listing(source, f"/{inside}", terms["commit"]) if _NAME.fullmatch(entry["name"])
    ]
    if sum(int(entry["size"]) for entry in files) > MOST_BYTES:
        sizes = {"host": _host(source.address), "most": MOST_BYTES // MEGABYTE}
        raise DataError(Problem("download.too_large", source.address, sizes))
    parts = _parts(source, province, vintage)
    base = source.files.format(commit=terms["commit"])
    features: list[dict[str, Any]] = []
    for n, entry in enumerate(files):
        progress(n, len(files))
        content = _kept_part(parts / entry["sha"], f"{base}/{inside}/{entry['name']}", entry["sha"])
        try:
            features += json.loads(content)["features"]
        except (ValueError, KeyError, TypeError) as why:
            raise DataError(_unexpected(source, why)) from why
    progress(len(files), len(files))
    if not features:
        raise DataError(Problem("download.nothing", source.address, {"host": _host(source.address)}))
    return _collection(features)


def _listing(source: Source, path: str, commit: str) -> list[dict[str, Any]]:
    address = f"{source.address}{path}?ref={commit}"
    try:
        entries = json.loads(get(address, most=4 * MEGABYTE))
        wanted = {"name", "type", "sha", "size"}
        if not isinstance(entries, list) or not all(wanted <= set(entry) for entry in entries):
            raise TypeError(path)
    except (ValueError, TypeError) as why:
        raise DataError(_unexpected(source, why)) from why
    return sorted(entries, key=lambda entry: str(entry["name"]))


def _unexpected(source: Source, why: Exception) -> Problem:
    values = {"host": _host(source.address), "why": tidy(str(why))[:120]}
    return Problem("download.unexpected", source.address, values)


def _parts(source: Source, province: str, vintage: Vintage) -> Path:
    """Where files wait until all of them have come."""
    return boundaries.user_cache() / f".parts_{source.id}_{vintage}_{province}"


def _kept_part(path: Path, address: str, sha: str) -> bytes:
    """A file that came before and still fits its hash, else fetched and kept."""
    if not re.fullmatch(r"[0-9a-f]{40}", sha):
        raise DataError(Problem("download.changed", address, {"file": tidy(sha)[:60]}))
    with contextlib.suppress(OSError):
        content = path.read_bytes()
        if _git_hash(content) == sha:
            return content
    content = get(address)
    if _git_hash(content) != sha:
        raise DataError(Problem("download.changed", address, {"file": address.rpartition("/")[2]}))
    with contextlib.suppress(OSError):  # a disk that is full only means to fetch it again
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as unfinished:
            unfinished.write(content)
        Path(unfinished.name).replace(path)
    return content


def _git_hash(content: bytes) -> str:
    """As git names a file's content."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


# --- OpenStreetMap ---------------------------------------------------------------------------------------

ONE_AT_A_TIME = threading.Lock()  # OSMnx's settings are global


class RefusedError(Exception):
    """The server is busy or does not want to answer; OSMnx would wait and ask again without end."""


class TooLargeError(Exception):
    """The answer is larger than any province's."""


def _overpass(source: Source, province: str, vintage: Vintage, progress: Progress) -> bytes:
    """Administrative areas of the vintage's level about the province, as they stood on its date."""
    terms = source.vintages[vintage]
    progress(0, 1)
    tags = {"admin_level": terms["admin_level"]}
    found = features(source, around(province, vintage), tags, date=terms.get("date"))
    progress(1, 1)
    areas = found[found.geom_type.isin(("Polygon", "MultiPolygon"))]
    if areas.empty:
        raise DataError(Problem("download.nothing", source.address, {"host": _host(source.address)}))
    told = [column for column in areas if column in ("name", "name:vi", "ref") or "code" in str(column)]
    return _collection(
        [
            {
                "type": "Feature",
                "properties": {str(k): v for k, v in row.items() if isinstance(v, str)},
                "geometry": shapely.geometry.mapping(shape),
            }
            for shape, row in zip(areas.geometry, areas[told].to_dict("records"), strict=True)
        ]
    )


def features(
    source: Source, where: shapely.Polygon, tags: Mapping[str, Any], *, date: str | None = None
) -> gpd.GeoDataFrame:
    """What OpenStreetMap has of `tags` within a polygon (degrees), as OSMnx gives it; asks the network.

    Raises:
        DataError: ``download.*``: nothing came, or nothing that can be used.
    """
    import osmnx

    machine = _host(source.address)
    get(f"{source.address}/status", most=MEGABYTE)  # OSMnx waits a minute for a machine that is not there
    with ONE_AT_A_TIME, asking(source.address, date):
        try:
            return osmnx.features_from_polygon(where, dict(tags))
        except osmnx._errors.InsufficientResponseError as why:  # noqa: SLF001 - has no public name
            raise DataError(Problem("download.nothing", source.address, {"host": machine})) from why
        except RefusedError as why:
            values = {"host": machine, "status": str(why)}
            raise DataError(Problem("download.refused", source.address, values)) from why
        except TooLargeError as why:
            sizes = {"host": machine, "most": MOST_BYTES // MEGABYTE}
            raise DataError(Problem("download.too_large", source.address, sizes)) from why
        except OSError as why:  # what requests raises
            raise DataError(_offline(source.address, why)) from why
        except (ValueError, KeyError, TypeError) as why:
            raise DataError(_unexpected(source, why)) from why


def around(
    province: str, vintage: Vintage, *, metres: float = AROUND_M, quad_segs: int = 2
) -> shapely.Polygon:
    """The ground that the communes' points stand on, and `metres` around, in degrees.

    `quad_segs` is how many lines round each quarter of a corner: each is one more point to ask about.
    """
    listed = units.communes(province, vintage)
    points = gpd.GeoSeries(gpd.points_from_xy(listed["lon"], listed["lat"]), crs="EPSG:4326")
    zone = metric_zone(listed["lon"].to_numpy(float))
    hull = points.to_crs(zone).union_all().convex_hull.buffer(metres, quad_segs=quad_segs)
    around = gpd.GeoSeries([hull], crs=zone).to_crs(4326).iloc[0]
    assert isinstance(around, shapely.Polygon)
    return around


@contextlib.contextmanager
def asking(address: str, date: str | None = None, **also: Any) -> Iterator[None]:
    """OSMnx's settings for one question, put back afterwards; so is the name look-up that it replaces.

    Args:
        address: of the service.
        date: the map as it stood then; today's where left out.
        also: settings that differ from those of `_overpass`.
    """
    from osmnx import settings

    def look(answer: Any, *_: Any, **__: Any) -> Any:
        with contextlib.closing(answer.raw) as connection:
            if answer.status_code != 200:
                raise RefusedError(answer.status_code)
            content = connection.read(MOST_BYTES + 1, decode_content=True)
        if len(content) > MOST_BYTES:
            raise TooLargeError
        answer.raw = io.BytesIO(content)
        return answer

    at = f'[date:"{date}"]' if date else ""
    wanted = {
        "overpass_url": address,
        "overpass_settings": "[out:json][timeout:{timeout}]{maxsize}" + at,
        "overpass_memory": 512 * MEGABYTE,
        "requests_timeout": SECONDS_A_FILE,
        "requests_kwargs": {"hooks": {"response": look}},
        "use_cache": False,
        "doh_url_template": None,
        "http_user_agent": AGENT,
        "http_referer": "",
        "max_query_area_size": 1e12,  # boundaries of a whole province are one small question
        **also,
    }
    before = {name: getattr(settings, name) for name in wanted}
    look_up = socket.getaddrinfo
    try:
        for name, value in wanted.items():
            setattr(settings, name, value)
        yield
    finally:
        for name, value in before.items():
            setattr(settings, name, value)
        socket.getaddrinfo = look_up


_KINDS: dict[str, Callable[[Source, str, Vintage, Progress], bytes]] = {
    "overpass": _overpass,
    "github_folder": _github_folder,
}
