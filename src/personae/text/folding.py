"""Spellings made comparable: lower case, no accents, words alone."""

from __future__ import annotations

import re
import unicodedata

# Letters that Unicode does not take apart into a plain one and a mark.
_LETTERS = str.maketrans({"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ı": "i", "’": "'"})
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")


def without_accents(text: str) -> str:
    """A text without the marks on its letters; case stays.

    Example:
        >>> without_accents("Gülşen, Małgorzata, İbrahim")
        'Gulsen, Malgorzata, Ibrahim'
    """
    apart = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    return "".join(one for one in apart if not unicodedata.combining(one))


def folded_words(text: str) -> list[str]:
    """Words in lower case without accents; hyphens part them, apostrophes do not.

    Example:
        >>> folded_words("Pão de queijo, Haft-Sin und Pu’er")
        ['pao', 'de', 'queijo', 'haft', 'sin', 'und', "pu'er"]
    """
    return _WORD.findall(without_accents(text).casefold())
