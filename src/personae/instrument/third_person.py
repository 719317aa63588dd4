"""Items about somebody else: "The author is talkative" from "(I see myself as someone who) is talkative".

By rules of English grammar, so that any instrument can be put to an observer. The wording is ours and no published
observer form; where an instrument has one, or the user has better words, add it as a wording and name that instead.
"""

from __future__ import annotations

import re

_IRREGULAR = {"am": "is", "have": "has", "do": "does", "don't": "doesn't", "don’t": "doesn’t", "haven't": "hasn't"}
_IRREGULAR |= {"go": "goes", "i": "they", "i'm": "they are", "i’m": "they are", "be": "is", "are": "is", "were": "was"}
_UNCHANGED = frozenset(
    {"can", "can't", "can’t", "cannot", "could", "couldn't", "will", "won't", "would", "wouldn't", "may", "might"}
    | {"must", "should", "is", "isn't", "was", "wasn't", "has", "hasn't", "does", "doesn't", "did", "didn't", "had"}
)
_ADVERBS = frozenset(
    {"often", "rarely", "seldom", "always", "never", "sometimes", "usually", "generally", "easily", "quickly"}
    | {"frequently", "hardly", "just", "only", "really", "also", "not", "even", "still"}
)
_MY = (
    (re.compile(r"\bmyself\b", re.I), "themselves"),
    (re.compile(r"\bmy\b", re.I), "their"),
    (re.compile(r"\bmine\b", re.I), "theirs"),
    (re.compile(r"\bme\b"), "them"),
    (re.compile(r"\bI am\b|\bI['’]m\b"), "they are"),
    (re.compile(r"\bI was\b"), "they were"),
    (re.compile(r"\bI\b"), "they"),
)
_STEM_ENDS = re.compile(r"\b(?:someone|a person|somebody|one) (?:who|that)\s*$", re.I)
_I_AM = re.compile(r"I(?: am|['’]m) ")
_SIBILANT = re.compile(r"(?:s|sh|ch|x|z|o)$")
_CONSONANT_Y = re.compile(r"[^aeiou]y$")
_WORD = re.compile(r"[A-Za-z][A-Za-z'’-]*")


def third_person(text: str, *, stem: str = "", subject: str = "The author") -> str:
    """An item about oneself as one about somebody else.

    What follows a stem such as "I see myself as someone who" is in the third person already. Other items begin with
    "I" or with a verb that lacks it ("Worry about things."), which is put into the third person. The subject is spoken
    of as "they" afterwards.

    Args:
        text: The item.
        stem: What the instrument puts before every item.
        subject: Whom the item is about.

    Example:
        >>> third_person("is talkative", stem="I see myself as someone who")
        'The author is talkative'
        >>> third_person("Worry about things."), third_person("I rarely carry out my plans.")
        ('The author worries about things.', 'The author rarely carries out their plans.')
        >>> third_person("Am the life of the party.", subject="This person")
        'This person is the life of the party.'
    """
    plain = text.strip()
    if _STEM_ENDS.search(stem.strip()):
        return f"{subject} {_about_them(plain)}"
    if stem.strip():
        return third_person(f"{stem.strip()} {plain}", subject=subject)
    first = _WORD.match(plain)
    if first is None:
        return f"{subject}: {plain}"
    if begun := _I_AM.match(plain):
        return f"{subject} is {_about_them(plain[begun.end() :])}"
    if first.group() == "I":
        plain = plain[1:].lstrip()
    elif first.group() == "My":
        return f"{subject}'s {_about_them(plain[2:].lstrip())}"
    return f"{subject} {_conjugated(plain)}"


def _conjugated(phrase: str) -> str:
    """The phrase with its first verb in the third person singular; adverbs may stand before it."""
    words = phrase.split(" ")
    place = 0
    while place < len(words) - 1 and _bare(words[place]) in _ADVERBS:
        place += 1
    verb = _bare(words[place])
    rest = _about_them(" ".join(words[place + 1 :]))
    before = [word.lower() for word in words[:place]]
    ending = words[place][len(words[place].rstrip(".,;:!")) :]
    return " ".join(filter(None, [*before, _third(verb) + ending, rest]))


def _bare(word: str) -> str:
    return word.rstrip(".,;:!").lower()


def _third(verb: str) -> str:
    if verb in _IRREGULAR:
        return _IRREGULAR[verb]
    if verb in _UNCHANGED:
        return verb
    if _CONSONANT_Y.search(verb):
        return verb[:-1] + "ies"
    return verb + ("es" if _SIBILANT.search(verb) else "s")


def _about_them(text: str) -> str:
    for pattern, word in _MY:
        text = pattern.sub(word, text)
    return text
