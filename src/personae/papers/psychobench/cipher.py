"""A form in a cipher, as a way around the answers that a model was trained to give of itself (Yuan et al., 2024)."""

from __future__ import annotations

import string

from personae.instrument import Instrument
from personae.instrument.shelf import make_instrument

SHIFT = 3
_PLAIN = string.ascii_lowercase + string.ascii_uppercase
_MOVED = "".join(
    alphabet[(place + SHIFT) % len(alphabet)]
    for alphabet in (string.ascii_lowercase, string.ascii_uppercase)
    for place in range(len(alphabet))
)
_TABLE = str.maketrans(_PLAIN, _MOVED)


def encipher(text: str) -> str:
    """A text with every letter moved on by three; digits and signs stay, so that answers are read as they are.

    Example:
        >>> encipher("Is talkative, 1 to 5.")
        'Lv wdondwlyh, 1 wr 5.'
    """
    return text.translate(_TABLE)


def enciphered(form: Instrument) -> Instrument:
    """The form with its items in the cipher, and its key as it was."""
    data = form.model_dump()
    items = {item: encipher(f"{form.stem} {text}".strip()) for item, text in form.items.items()}
    return make_instrument({**data, "items": items, "stem": "", "wordings": []}, form.key)
