"""Cards inside WebP pictures, as older tools wrote them: JSON in the comment that a picture's EXIF keeps.

The text is JSON, or the numbers of its bytes with commas between them. The picture becomes a PNG, which is what cards
are written into; it is decoded by Pillow, and one of too many pixels is refused before.
"""

from __future__ import annotations

import io
from typing import Any

from personae.errors import InputError, MissingExtraError
from personae.persona.formats.content import Content
from personae.persona.formats.limits import MOST_JSON_BYTES, MOST_PIXELS

_EXIF, _COMMENT = 0x8769, 0x9286
_CODES = {b"ASCII\x00\x00\x00": "utf-8", b"UNICODE\x00": "utf-16", b"\x00" * 8: "utf-8"}
"""What the first eight bytes of a comment say of its encoding; tools that say ASCII write UTF-8."""


def is_webp(data: bytes) -> bool:
    """Whether bytes are a WebP picture.

    Example:
        >>> is_webp(b"RIFF....WEBPVP8 "), is_webp(b"RIFF....WAVE")
        (True, False)
    """
    return data.startswith(b"RIFF") and data[8:12] == b"WEBP"


def unpack_webp(content: Content) -> tuple[bytes, bytes]:
    """The text of the card in a picture, and the picture as PNG.

    Raises:
        InputError: If there is no card, or the picture is damaged or too large.
        MissingExtraError: If Pillow is not installed.
    """
    try:
        from PIL import Image
    except ImportError:
        raise MissingExtraError("reading the card of a WebP picture", "cards") from None
    try:
        with Image.open(io.BytesIO(content.data), formats=("WEBP",)) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise InputError(f"has more than {MOST_PIXELS} pixels", where=content.name, remedy="make it smaller")
            text = _text_of(picture.getexif().get_ifd(_EXIF).get(_COMMENT))
            if not text:
                raise InputError(
                    "is a picture without a card", where=content.name, remedy="ask for the picture with its card"
                )
            target = io.BytesIO()
            picture.convert("RGBA").save(target, format="PNG", exif=b"")
    except (OSError, SyntaxError, ValueError, KeyError, Image.DecompressionBombError) as error:
        raise InputError(f"is a damaged picture: {error}", where=content.name, remedy="fetch it again") from error
    if len(text) > MOST_JSON_BYTES:
        raise InputError(f"holds a card of more than {MOST_JSON_BYTES} bytes", where=content.name)
    return text, target.getvalue()


def _text_of(comment: Any) -> bytes:
    """The text of a comment in UTF-8, empty if it is none."""
    raw = comment if isinstance(comment, bytes) else str(comment or "").encode()
    code = _CODES.get(raw[:8])
    text = raw[8:].decode(code, "replace") if code else raw.decode("utf-8", "replace")
    text = text.strip("\x00 \r\n\t")
    numbers = text.split(",")
    if len(numbers) > 1 and all(number.strip().isascii() and number.strip().isdigit() for number in numbers):
        return bytes(int(number) & 255 for number in numbers)
    return text.encode()
