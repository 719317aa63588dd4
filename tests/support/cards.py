"""PNG pictures with chunks of any kind, built by hand so that they do not depend on what they test."""

from __future__ import annotations

import base64
import struct
import zlib
from pathlib import Path
from typing import Any

import orjson

GOLDEN = Path(__file__).parents[1] / "persona" / "formats" / "golden"
SIGNATURE = b"\x89PNG\r\n\x1a\n"


def golden(name: str) -> bytes:
    return (GOLDEN / name).read_bytes()


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def picture(*extra: bytes, animated: bool = False) -> bytes:
    """A picture of one grey pixel, with more chunks before its end."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    frames = chunk(b"acTL", struct.pack(">II", 1, 0)) if animated else b""
    frame = chunk(b"fcTL", struct.pack(">IIIIIHHBB", 0, 1, 1, 0, 0, 1, 10, 0, 0)) if animated else b""
    pixels = chunk(b"IDAT", zlib.compress(b"\x00\x80"))
    return SIGNATURE + head + frames + frame + pixels + b"".join(extra) + chunk(b"IEND", b"")


def card_text(card: Any) -> bytes:
    return base64.b64encode(card if isinstance(card, bytes) else orjson.dumps(card))


def text_chunk(keyword: bytes, card: Any) -> bytes:
    return chunk(b"tEXt", keyword + b"\x00" + card_text(card))


def packed_chunk(keyword: bytes, card: Any) -> bytes:
    return chunk(b"zTXt", keyword + b"\x00\x00" + zlib.compress(card_text(card)))


def international_chunk(keyword: bytes, card: Any, *, is_packed: bool) -> bytes:
    text = zlib.compress(card_text(card)) if is_packed else card_text(card)
    return chunk(b"iTXt", keyword + b"\x00" + bytes([is_packed, 0]) + b"en\x00keyword\x00" + text)
