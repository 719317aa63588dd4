"""The schema of a profile: fields, other names of them, and one spelling of each value, so that equal things match."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Profile = Mapping[str, str]
"""Values by field, as they are written; the items of a list are parted by semicolons."""
Pair = tuple[str, str]
"""A field and one value of it, in the one spelling."""

SEPARATOR = "; "


@dataclass(frozen=True, slots=True)
class ProfileField:
    """One field of a profile."""

    key: str
    about: str
    kind: Literal["text", "date", "number", "list"] = "text"
    """What a value is; a ``list`` may hold several at a time, all others are true one at a time."""
    aliases: tuple[str, ...] = ()


FIELDS = (
    ProfileField("name", "full name", aliases=("full_name", "person")),
    ProfileField("birth_date", "date of birth", "date", ("date_of_birth", "born", "birthday", "dob", "birth")),
    ProfileField("birth_place", "place of birth", aliases=("place_of_birth", "birthplace", "born_in")),
    ProfileField("nationality", "nationality", aliases=("citizenship", "country_of_citizenship")),
    ProfileField("residence", "where they live", aliases=("lives_in", "location", "home", "city", "address")),
    ProfileField("occupation", "what they do for a living", aliases=("job", "profession", "work")),
    ProfileField("employer", "for whom they work", aliases=("company", "works_for", "workplace")),
    ProfileField(
        "education", "degrees", "list", ("degree", "degrees", "studies", "educated_at", "educational_qualifications")
    ),
    ProfileField("spouse", "husband, wife or partner", aliases=("partner", "husband", "wife", "married_to")),
    ProfileField("children", "number of children", "number", ("number_of_children", "kids")),
    ProfileField("diet", "what they eat", aliases=("dietary_preference", "eating_habits")),
    ProfileField("interests", "what they do of their own accord", "list", ("hobbies", "hobby", "likes", "interest")),
)
"""Fields of biographies and of users. A key outside the schema is kept, as a text of one value."""

_BY_KEY = {one.key: one for one in FIELDS}
_ALIASES = {alias: one.key for one in FIELDS for alias in (one.key, *one.aliases)}
_DATES = ("%Y-%m-%d", "%d %B %Y", "%B %d %Y", "%d %b %Y", "%b %d %Y")
_MONTHS = ("%Y-%m", "%B %Y", "%b %Y")
_NUMBERS = {
    word: str(n)
    for n, word in enumerate(["none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"])
}
_NUMBERS |= {"no": "0", "zero": "0"}
_PARTS = re.compile(r"\s*[;,]\s*(?:and\s+)?|\s+and\s+")
_ARTICLE = re.compile(r"^(?:an?|the)\s+")


def normal_key(key: str) -> str:
    """The field that a key names.

    Example:
        >>> normal_key("Date of Birth"), normal_key("hobbies"), normal_key("Shoe size")
        ('birth_date', 'interests', 'shoe_size')
    """
    plain = re.sub(r"[^\w]+", "_", _folded(key)).strip("_")
    return _ALIASES.get(plain, plain)


def is_list(key: str) -> bool:
    """Whether a field may hold several values at a time."""
    return key in _BY_KEY and _BY_KEY[key].kind == "list"


def normal_value(key: str, value: str) -> str:
    """One value in the one spelling: dates as far as they go, numbers as digits, words without case and articles.

    A date of digits and slashes is left as it is: which of them is the month cannot be known.

    Example:
        >>> normal_value("birth_date", "May 4, 1970"), normal_value("birth_date", "1970")
        ('1970-05-04', '1970')
        >>> normal_value("occupation", "A Beekeeper."), normal_value("children", "two")
        ('beekeeper', '2')
    """
    plain, before = _folded(value), None
    while plain != before:  # an article may stand before a quotation mark, and that before another article
        before, plain = plain, _ARTICLE.sub("", plain.strip(" .\"'"))
    kind = _BY_KEY[key].kind if key in _BY_KEY else "text"
    if kind == "date":
        return _date(plain)
    return _NUMBERS.get(plain, plain) if kind == "number" else plain


def pairs_of(profile: Profile) -> frozenset[Pair]:
    """All fields and values in the one spelling; each item of a list is a pair of its own.

    Example:
        >>> sorted(pairs_of({"Hobbies": "chess and go", "Lives in": "Lyon"}))
        [('interests', 'chess'), ('interests', 'go'), ('residence', 'lyon')]
    """
    return frozenset(_pairs(profile))


def raw_pairs(profile: Profile) -> frozenset[Pair]:
    """Keys and values as they are written, but for case: what matches without any normalising."""
    return frozenset((key.strip().casefold(), value.strip().casefold()) for key, value in profile.items() if value)


def items_of(key: str, value: str) -> tuple[str, ...]:
    """The values that a text holds: the items of a list, or the text."""
    parts = _PARTS.split(value) if is_list(key) else [value]
    return tuple(part.strip() for part in parts if part.strip(" ."))


def _pairs(profile: Profile) -> Iterator[Pair]:
    for given, value in profile.items():
        key = normal_key(given)
        for item in items_of(key, value):
            yield key, normal_value(key, item)


def _folded(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text)
    return " ".join("".join(one for one in letters if not unicodedata.combining(one)).casefold().split())


def _date(text: str) -> str:
    plain = re.sub(r"(?<=\d)(?:st|nd|rd|th)\b", "", text.replace(",", " "))
    plain = " ".join(plain.removeprefix("on ").split())
    for forms, spelled in ((_DATES, "%Y-%m-%d"), (_MONTHS, "%Y-%m")):
        for form in forms:
            try:
                found = datetime.strptime(plain, form)
            except ValueError:
                continue
            return found.strftime(spelled)
    return text
