"""Cards in WebP pictures, as older tools wrote them."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from PIL import Image

from personae.errors import InputError
from personae.persona import convert_personas, detect_format, read_personas

MIRA = {"name": "Mira", "description": "Keeps the lighthouse. Ærø", "first_mes": "Hi."}


def picture(comment: Any, size: tuple[int, int] = (3, 2)) -> bytes:
    image = Image.new("RGB", size, (200, 10, 10))
    exif = Image.Exif()
    if comment is not None:
        exif.get_ifd(0x8769)[0x9286] = comment
    target = io.BytesIO()
    image.save(target, format="WEBP", lossless=True, exif=exif)
    return target.getvalue()


TEXT = json.dumps(MIRA, ensure_ascii=False)


@pytest.mark.parametrize(
    "comment",
    [
        b"ASCII\x00\x00\x00" + TEXT.encode(),
        b"UNICODE\x00" + TEXT.encode("utf-16"),
        b"\x00" * 8 + TEXT.encode(),
        TEXT.encode() + b"\x00",
        b"ASCII\x00\x00\x00" + ",".join(map(str, TEXT.encode())).encode(),
    ],
    ids=["ascii", "unicode", "undefined", "bare", "numbers"],
)
def test_the_card_in_the_comment_is_read_and_the_face_goes_into_a_png(comment: bytes) -> None:
    data = picture(comment)
    assert detect_format(data) == "card-png"
    (mira,) = read_personas(data)
    assert (mira.persona.name, mira.persona.description) == ("Mira", MIRA["description"])
    written = convert_personas([mira], "card-png")
    assert written.report.losses == ()
    (again,) = read_personas(written.data)
    assert again.persona.content().keys() == mira.persona.content().keys()
    assert again.persona.description == MIRA["description"]
    with Image.open(io.BytesIO(again.assets["image.png"])) as face:
        assert (face.format, face.size, face.getpixel((0, 0))) == ("PNG", (3, 2), (200, 10, 10, 255))


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (picture(None), "is a picture without a card"),
        (picture(b"ASCII\x00\x00\x00taken by hand!"), "no base64"),
        (picture(b"ASCII\x00\x00\x00{"), "is not JSON"),
        (picture(b"ASCII\x00\x00\x00{}"), "no card"),
        (picture(TEXT.encode())[:-20], "damaged"),
        (b"RIFF\xff\xff\xff\xffWEBP", "damaged"),
    ],
)
def test_pictures_without_a_card_or_damaged_are_refused(data: bytes, what: str) -> None:
    with pytest.raises(InputError, match=what):
        read_personas(data)


def test_a_picture_of_too_many_pixels_is_not_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("personae.persona.formats.webp.MOST_PIXELS", 5)
    with pytest.raises(InputError, match="more than 5 pixels"):
        read_personas(picture(TEXT.encode()))
