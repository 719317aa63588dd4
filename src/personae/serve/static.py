"""The studio's built pages: files beside this module, read once, sent packed where the browser takes that."""

from __future__ import annotations

import gzip
import mimetypes
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

from personae.canonical import content_hash
from personae.serve.guard import PAGE_HEADERS
from personae.serve.wire import Receive, Scope, Send, header

FOLDER = "studio"
_INDEX = "index.html"
_PACKED = {".br": "br", ".gz": "gzip"}
_FOREVER = b"public, max-age=31536000, immutable"
_LEAST_PACKED = 1024
_TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".woff2": "font/woff2", ".map": "application/json"}
_WITHOUT_PAGES = b"""<!doctype html><html lang="en"><meta charset="utf-8"><title>personae</title>
<h1>personae</h1><p>This install has no studio pages. The gateway answers at <code>/v1</code>, the studio's API at
<code>/api</code>.</p></html>
"""


@dataclass(frozen=True, slots=True)
class Asset:
    """One file, in every packing that there is of it."""

    kind: str
    bodies: dict[str, bytes]
    """By packing; the empty word is the file itself."""
    tag: bytes
    is_forever: bool
    """Whether its name changes with its content."""


class StudioPages:
    """Serves the built assets; every other path is a page of the app."""

    def __init__(self, root: Traversable | None = None) -> None:
        self._assets = dict(_read(root or files("personae.serve") / FOLDER, ""))
        if _INDEX not in self._assets:
            self._assets[_INDEX] = _asset(_INDEX, {"": _WITHOUT_PAGES})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["method"] not in ("GET", "HEAD"):
            await self._send(send, 405, [(b"allow", b"GET, HEAD")], b"")
            return
        path = scope["path"].lstrip("/")
        asset = self._assets.get(path)
        if asset is None and path.startswith("assets/"):  # a page in place of a script helps nobody
            await self._send(send, 404, [(b"content-type", b"text/plain; charset=utf-8")], b"not found\n")
            return
        asset = asset or self._assets[_INDEX]
        headers = [
            (b"content-type", asset.kind.encode()),
            (b"etag", asset.tag),
            (b"vary", b"Accept-Encoding"),
            (b"cache-control", _FOREVER if asset.is_forever else b"no-cache"),
        ]
        if header(scope, b"if-none-match").encode("latin-1") == asset.tag:
            await self._send(send, 304, headers, b"")
            return
        taken = header(scope, b"accept-encoding")
        packing = next((word for word in ("br", "gzip") if word in asset.bodies and word in taken), "")
        if packing:
            headers.append((b"content-encoding", packing.encode()))
        body = asset.bodies[packing]
        await self._send(send, 200, headers, body, is_head=scope["method"] == "HEAD")

    @staticmethod
    async def _send(
        send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes, *, is_head: bool = False
    ) -> None:
        length = [] if status == 304 else [(b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": status, "headers": [*headers, *length, *PAGE_HEADERS]})
        await send({"type": "http.response.body", "body": b"" if is_head else body})


def _read(folder: Traversable, inside: str) -> list[tuple[str, Asset]]:
    found: list[tuple[str, Asset]] = []
    if not folder.is_dir():
        return found
    entries = {entry.name: entry for entry in folder.iterdir()}
    for name, entry in entries.items():
        if entry.is_dir():
            found += _read(entry, f"{inside}{name}/")
        elif not name.endswith(tuple(_PACKED)) and not name.startswith("."):
            bodies = {"": entry.read_bytes()}
            for ending, packing in _PACKED.items():
                if name + ending in entries:
                    bodies[packing] = entries[name + ending].read_bytes()
            found.append((inside + name, _asset(inside + name, bodies)))
    return found


def _asset(path: str, bodies: dict[str, bytes]) -> Asset:
    ending = f".{path.rpartition('.')[2]}"
    kind = _TYPES.get(ending) or mimetypes.guess_type(path)[0] or "application/octet-stream"
    is_text = kind.startswith("text/") or kind in ("application/json", "image/svg+xml", "application/manifest+json")
    if is_text and kind != "image/svg+xml":
        kind += "; charset=utf-8"
    if is_text and "gzip" not in bodies and len(bodies[""]) >= _LEAST_PACKED:
        bodies["gzip"] = gzip.compress(bodies[""], mtime=0)
    tag = f'"{content_hash(bodies[""].hex())[:20]}"'.encode()
    return Asset(kind, bodies, tag, path.startswith("assets/"))
