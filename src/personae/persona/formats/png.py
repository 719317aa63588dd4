"""Cards inside PNG and APNG pictures: text chunks ``ccv3`` and ``chara`` that hold base64 of JSON.

The picture is not decoded: chunks are walked, those of the card are taken out, all others stay as they are. Cards of
older tools in WebP pictures are read too, and go into a PNG.
"""

from __future__ import annotations

import base64
import binascii
import struct
import zlib
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import orjson

from personae.errors import InputError
from personae.persona.formats.card import (
    CARD_V3,
    SLOT,
    as_version,
    card_data,
    is_card,
    modern,
    read_card,
    settle_card,
    write_card,
)
from personae.persona.formats.content import PNG, Content, read_json
from personae.persona.formats.decorators import strip_decorators
from personae.persona.formats.face import PICTURE, as_picture, face_of
from personae.persona.formats.format import Format, Record
from personae.persona.formats.limits import MOST_CHUNKS, MOST_JSON_BYTES, MOST_TEXT_CHUNK
from personae.persona.formats.webp import is_webp, unpack_webp

BACKFILL_NOTE = (
    "This character card is Character Card V3, but it is loaded as a Character Card V2. Please use a Character Card V3 "
    "compatible application to use this character card properly."
)
"""What the V3 specification asks to put before the creator's notes in the copy for old readers."""

_KEYWORDS = {"ccv3": 3, "chara": 2}
_FROM_URLS = bytes.maketrans(b"-_", b"+/")
"""Some writers spell base64 as it stands in addresses, and most readers take both."""
_MARK = b"\xef\xbb\xbf"
_TEXT_CHUNKS = (b"tEXt", b"zTXt", b"iTXt")


class _Chunk(NamedTuple):
    kind: bytes
    body: bytes
    raw: bytes


def read_chunks(data: bytes, where: str) -> Iterator[_Chunk]:
    """Walk the chunks of a PNG up to its end.

    Raises:
        InputError: If the file is cut off, or holds more or larger text chunks than any card.
    """
    place, count = len(PNG), 0
    while place < len(data):
        count += 1
        if place + 12 > len(data):
            raise InputError("is cut off", where=where, remedy="fetch the picture again")
        (length,) = struct.unpack_from(">I", data, place)
        kind = data[place + 4 : place + 8]
        if length > len(data) - place - 12:
            raise InputError(f"says that a chunk has {length} bytes, more than there are", where=where)
        if count > MOST_CHUNKS:
            raise InputError(f"has more than {MOST_CHUNKS} chunks", where=where, remedy="this is no card")
        if kind in _TEXT_CHUNKS and length > MOST_TEXT_CHUNK:
            raise InputError(f"has a text chunk of {length} bytes; at most {MOST_TEXT_CHUNK} are read", where=where)
        body = data[place + 8 : place + 8 + length]
        yield _Chunk(kind, body, data[place : place + 12 + length])
        place += 12 + length
        if kind == b"IEND":
            return
    raise InputError("has no end", where=where, remedy="fetch the picture again")


def _text_of(chunk: _Chunk, where: str) -> tuple[str, bytes]:
    """Keyword and text of a text chunk of any of the three kinds."""
    keyword, _, rest = chunk.body.partition(b"\x00")
    name = keyword.decode("latin-1").strip()
    if name.casefold() not in _KEYWORDS:
        return name, b""
    _check(chunk, where)
    is_packed = chunk.kind == b"zTXt"
    if chunk.kind == b"zTXt":
        rest = rest[1:]
    elif chunk.kind == b"iTXt":
        is_packed = rest[:1] == b"\x01"
        rest = rest[2:].partition(b"\x00")[2].partition(b"\x00")[2]
    return name, _inflate(rest, where) if is_packed else rest


def _check(chunk: _Chunk, where: str) -> None:
    if struct.unpack(">I", chunk.raw[-4:])[0] != zlib.crc32(chunk.kind + chunk.body):
        raise InputError("holds a card that was damaged on its way", where=where, remedy="fetch the picture again")


def _inflate(packed: bytes, where: str) -> bytes:
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(packed, MOST_TEXT_CHUNK)
    except zlib.error as error:
        raise InputError(f"holds a text chunk that cannot be unpacked: {error}", where=where) from error
    if unpacker.unconsumed_tail:
        raise InputError(f"holds a text chunk that unpacks to more than {MOST_TEXT_CHUNK} bytes", where=where)
    return text


def unpack_png(content: Content) -> list[Record]:
    """The card of a picture, the V3 one if there are both, and the picture without it."""
    if is_webp(content.data):
        text, picture = unpack_webp(content)
        return [Record(_decode(text, content.name), {PICTURE: picture})]
    found: dict[str, bytes] = {}
    others = [PNG]
    for chunk in read_chunks(content.data, content.name):
        name, text = _text_of(chunk, content.name) if chunk.kind in _TEXT_CHUNKS else ("", b"")
        if name.casefold() in _KEYWORDS:
            found.setdefault(name.casefold(), text)
        else:
            others.append(chunk.raw)
    for keyword in _KEYWORDS:
        if keyword in found:
            return [Record(_decode(found[keyword], f"{content.name}, chunk {keyword}"), {PICTURE: b"".join(others)})]
    raise InputError("is a picture without a card", where=content.name, remedy="ask for the picture with its card")


def _decode(text: bytes, where: str) -> Any:
    packed = b"".join(text.split()).translate(_FROM_URLS).rstrip(b"=")
    try:
        raw = text if text.lstrip()[:1] == b"{" else base64.b64decode(packed + b"=" * (-len(packed) % 4), validate=True)
    except binascii.Error as error:
        raise InputError("holds a card that is no base64", where=where, remedy="fetch the picture again") from error
    if len(raw) > MOST_JSON_BYTES:
        raise InputError(f"holds a card of more than {MOST_JSON_BYTES} bytes", where=where)
    card = modern(read_json(raw.decode("utf-8-sig") if raw.startswith(_MARK) else raw, where))
    if not is_card(card) and not (isinstance(card, dict) and isinstance(card.get("name"), str)):
        raise InputError("holds something that is no card", where=where)
    return card


def pack_png(records: Sequence[Record]) -> bytes:
    """A picture with the card in both chunks, for new and for old readers."""
    if len(records) != 1:
        raise InputError(f"a picture holds one persona, not {len(records)}", remedy="write them into a folder")
    (record,) = records
    card, picture = _faced(record)
    chunks = [chunk.raw for chunk in read_chunks(picture, PICTURE) if not _holds_card(chunk)]
    texts = [
        _chunk(b"tEXt", keyword + b"\x00" + base64.b64encode(orjson.dumps(spelled)))
        for keyword, spelled in ((b"chara", backfilled(card)), (b"ccv3", card))
    ]
    return b"".join([PNG, *chunks[:-1], *texts, chunks[-1]])


def _faced(record: Record) -> tuple[Any, bytes]:
    """The card and its picture: the one it came in, else its main icon, else a plain one."""
    if PICTURE in record.assets:
        return record.data, record.assets[PICTURE]
    if icon := face_of(record.data, record.assets):
        return as_picture(record.data, icon), record.assets[icon.name]
    return record.data, plain_picture()


def _holds_card(chunk: _Chunk) -> bool:
    keyword = chunk.body.partition(b"\x00")[0].decode("latin-1").strip().casefold()
    return chunk.kind in _TEXT_CHUNKS and keyword in _KEYWORDS


def backfilled(card: Any) -> Any:
    """The V2 card for readers that do not know V3: without decorators, and with a word of warning to people."""
    older = as_version(card, 2)
    data = dict(card_data(older))
    notes = data.get("creator_notes", "")
    if any(card_data(card).get(key) for key in ("assets", "nickname", "group_only_greetings")):
        data["creator_notes"] = f"{BACKFILL_NOTE}\n\n{notes}".strip()
    book = data.get("character_book")
    if isinstance(book, dict) and isinstance(book.get("entries"), list):
        entries = [
            {**entry, "content": strip_decorators(entry["content"])}
            if isinstance(entry, dict) and isinstance(entry.get("content"), str)
            else entry
            for entry in book["entries"]
        ]
        data["character_book"] = {**book, "entries": entries}
    return {**older, "data": data}


def plain_picture(width: int = 400, height: int = 600) -> bytes:
    """A grey picture in the size of a card, for personas that bring none."""
    rows = (b"\x00" + b"\x80" * width) * height
    return b"".join(
        [
            PNG,
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)),
            _chunk(b"IDAT", zlib.compress(rows, 9)),
            _chunk(b"IEND", b""),
        ]
    )


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _kept(record: Record) -> set[str]:
    icon = None if PICTURE in record.assets else face_of(record.data, record.assets)
    return {PICTURE, icon.name if icon else PICTURE}


CARD_PNG = Format(
    key="card-png",
    title="Character Card V3 in a PNG or APNG, with a V2 copy for old readers",
    ending=".png",
    slot=SLOT,
    holds_many=False,
    recognise=lambda content: content.data.startswith(PNG) or is_webp(content.data),
    unpack=unpack_png,
    read=read_card,
    write=lambda persona: write_card(persona, 3),
    pack=pack_png,
    adapt=CARD_V3.adapt,
    settle=settle_card,
    shape=CARD_V3.shape,
    keeps=_kept,
)
