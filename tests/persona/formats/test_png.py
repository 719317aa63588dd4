"""Cards in pictures: both chunks, all kinds of text chunks, and the picture as it was."""

from __future__ import annotations

import base64
import json
import struct
import zlib
from typing import Any

import pytest

from personae.errors import InputError
from personae.persona import Persona, convert_personas, detect_format, read_personas
from personae.persona.formats.face import PICTURE
from personae.persona.formats.limits import MOST_TEXT_CHUNK
from support.cards import SIGNATURE, chunk, golden, international_chunk, packed_chunk, picture, text_chunk

V2 = json.loads(golden("card_v2.json"))
V3 = json.loads(golden("card_v3.json"))


def chunks_of(data: bytes) -> list[tuple[bytes, bytes]]:
    """Walk a picture independently of the code under test, and check every sum."""
    assert data.startswith(SIGNATURE)
    place, found = 8, []
    while place < len(data):
        (length,) = struct.unpack_from(">I", data, place)
        kind, body = data[place + 4 : place + 8], data[place + 8 : place + 8 + length]
        assert struct.unpack_from(">I", data, place + 8 + length)[0] == zlib.crc32(kind + body)
        found.append((kind, body))
        place += 12 + length
    return found


def cards_of(data: bytes) -> dict[str, Any]:
    texts = [body.split(b"\x00", 1) for kind, body in chunks_of(data) if kind == b"tEXt"]
    return {key.decode(): json.loads(base64.b64decode(text)) for key, text in texts if key in (b"chara", b"ccv3")}


@pytest.mark.parametrize(
    "make",
    [
        lambda: text_chunk(b"chara", V2),
        lambda: text_chunk(b"Chara", V2),
        lambda: packed_chunk(b"chara", V2),
        lambda: international_chunk(b"chara", V2, is_packed=True),
        lambda: international_chunk(b"chara", V2, is_packed=False),
    ],
)
@pytest.mark.parametrize("animated", [False, True])
def test_every_kind_of_text_chunk_is_read(make: Any, animated: bool) -> None:
    data = picture(chunk(b"tEXt", b"Software\x00a tool"), make(), animated=animated)
    assert detect_format(data) == "card-png"
    (mira,) = read_personas(data)
    assert mira.persona.name == "Mira"
    assert mira.persona.extensions["character_card"] == V2
    assert mira.assets[PICTURE] == picture(chunk(b"tEXt", b"Software\x00a tool"), animated=animated)


def test_the_newer_card_is_preferred_and_both_are_written() -> None:
    data = picture(text_chunk(b"chara", V2), text_chunk(b"ccv3", V3))
    found = read_personas(data)
    assert found[0].persona.name == "Mira Holm"
    written = convert_personas(found, "card-png").data
    cards = cards_of(written)
    assert cards["ccv3"] == V3
    assert cards["chara"]["spec"] == "chara_card_v2"
    assert "assets" not in cards["chara"]["data"]
    assert cards["chara"]["data"]["creator_notes"].startswith("This character card is Character Card V3")
    assert cards["chara"]["data"]["character_book"]["entries"][0]["content"] == "The wind rises."  # no decorators
    assert read_personas(written)[0].persona == found[0].persona
    assert read_personas(written)[0].assets == found[0].assets
    assert [kind for kind, _ in chunks_of(written)][-1] == b"IEND"


def test_an_animation_stays_one() -> None:
    found = read_personas(picture(text_chunk(b"ccv3", V3), animated=True))
    kinds = [kind for kind, _ in chunks_of(convert_personas(found, "card-png").data)]
    assert kinds == [b"IHDR", b"acTL", b"fcTL", b"IDAT", b"tEXt", b"tEXt", b"IEND"]


def test_a_persona_without_a_picture_gets_a_plain_one() -> None:
    written = convert_personas([Persona(name="Ada", description="An engineer.")], "card-png").data
    (head, *_) = [body for kind, body in chunks_of(written) if kind == b"IHDR"]
    width, height, depth, colour = struct.unpack(">IIBB", head[:10])
    assert (width, height, depth, colour) == (400, 600, 8, 0)
    pixels = zlib.decompress(b"".join(body for kind, body in chunks_of(written) if kind == b"IDAT"))
    assert len(pixels) == height * (width + 1)
    assert len(written) < 10_000
    assert read_personas(written)[0].persona.description == "An engineer."


def test_base64_in_lines_is_read() -> None:
    text = b"\n".join(base64.encodebytes(json.dumps(V2).encode()).split())
    assert read_personas(picture(chunk(b"tEXt", b"chara\x00" + text)))[0].persona.name == "Mira"


HOSTILE = {
    "cut off": picture(text_chunk(b"chara", V2))[:-20],
    "more than there are": SIGNATURE + struct.pack(">I", 2**31) + b"tEXt" + b"chara\x00x",
    "has no end": SIGNATURE + chunk(b"IHDR", bytes(13)),
    "without a card": picture(),
    "no base64": picture(chunk(b"tEXt", b"chara\x00***not base64***")),
    "is not JSON": picture(chunk(b"tEXt", b"chara\x00" + base64.b64encode(b"import os"))),
    "is not UTF-8": picture(chunk(b"tEXt", b"chara\x00" + base64.b64encode(b'{"name": "\xff\xfe\xfa"}'))),
    "is no card": picture(text_chunk(b"chara", [1, 2])),
    "nested too deeply": picture(text_chunk(b"chara", b'{"name":' + b"[" * 200_000)),
    "damaged": picture(text_chunk(b"chara", V2)[:-1] + b"\x00"),
    "cannot be unpacked": picture(chunk(b"zTXt", b"chara\x00\x00nonsense")),
}


@pytest.mark.parametrize(("reason", "data"), HOSTILE.items())
def test_hostile_and_broken_pictures_are_refused_with_the_reason(reason: str, data: bytes) -> None:
    with pytest.raises(InputError, match=r"evil\.png") as caught:
        read_personas(data, name="evil.png")
    assert reason in str(caught.value) or reason == "cut off"
    assert "\n" not in str(caught.value)


def test_a_chunk_that_unpacks_to_gigabytes_is_refused_early() -> None:
    bomb = chunk(b"zTXt", b"chara\x00\x00" + zlib.compress(b"A" * (MOST_TEXT_CHUNK + 1000), 9))
    assert len(bomb) < 100_000
    with pytest.raises(InputError, match="unpacks to more than"):
        read_personas(picture(bomb))


def test_a_huge_text_chunk_is_refused_unread() -> None:
    with pytest.raises(InputError, match="text chunk of"):
        read_personas(picture(chunk(b"tEXt", b"chara\x00" + b"A" * MOST_TEXT_CHUNK)))


def test_a_picture_of_countless_chunks_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("personae.persona.formats.png.MOST_CHUNKS", 50)
    with pytest.raises(InputError, match="more than 50 chunks"):
        read_personas(picture(*[chunk(b"tEXt", b"a\x00b")] * 100))


def test_two_personas_do_not_fit_one_picture() -> None:
    with pytest.raises(InputError, match="one persona"):
        convert_personas([Persona(name="A"), Persona(name="B")], "card-png")


def test_cards_in_other_spellings_of_base64_and_none() -> None:
    card = json.dumps({"name": "Mira", "first_mes": "???>>>~~~ÿÿ", "description": "x"}, ensure_ascii=False).encode()
    spellings = {
        "lines": base64.encodebytes(card),
        "addresses": base64.urlsafe_b64encode(card),
        "no padding": base64.b64encode(card).rstrip(b"="),
        "byte order mark": base64.b64encode(b"\xef\xbb\xbf" + card),
        "no base64": card,
    }
    assert spellings["addresses"] != base64.b64encode(card)
    for name, spelled in spellings.items():
        (found,) = read_personas(picture(chunk(b"tEXt", b"chara\x00" + spelled)))
        assert found.persona.name == "Mira", name
