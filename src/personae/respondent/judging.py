"""What the respondent makes of a text that it is to judge: by lexicon and by counting, without a mind of its own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from personae.respondent.listing import joined_runs, lines_of

_TAG = re.compile(
    r"<(story|text|essay|document|response|transcript|passage|letter|post|author|message)>", re.IGNORECASE
)
_FENCED = (
    re.compile(r'"""(?P<text>.*?)"""', re.DOTALL),
    re.compile(r"```(?P<text>.*?)```", re.DOTALL),
)
_HEADED = re.compile(r"^(?:story|text|essay|passage|transcript)\s*:\s*(?P<text>.+)", re.DOTALL | re.I | re.M)
_ASKS_ABOUT_TEXT = re.compile(
    r"\b(?:rate|rating|judge|evaluate|assess|guess|score|classify|analy[sz]e|infer|predict)\b.{0,400}?"
    r"\b(?:text|story|essay|author|writer|passage|post|letter|diary|conversation|document|transcript)\b",
    re.DOTALL | re.IGNORECASE,
)
_MOST_LISTED = 2
_LEAST_WORDS = 40  # of a paragraph that nothing marks as the text to be judged
_MOST_Z = 2.0

_TRAIT_NAMES: tuple[tuple[re.Pattern[str], str, int], ...] = (
    (re.compile(r"extr[ao]ver", re.I), "big_five.extraversion", 1),
    (re.compile(r"introver", re.I), "big_five.extraversion", -1),
    (re.compile(r"disagreeable|antagonis", re.I), "big_five.agreeableness", -1),
    (re.compile(r"(?<!dis)agreeable", re.I), "big_five.agreeableness", 1),
    (re.compile(r"unconscientious", re.I), "big_five.conscientiousness", -1),
    (re.compile(r"(?<!un)conscientious", re.I), "big_five.conscientiousness", 1),
    (re.compile(r"neurotic", re.I), "big_five.neuroticism", 1),
    (re.compile(r"emotional(?:ly)?[_ -]?(?:un)?stab", re.I), "big_five.neuroticism", -1),
    (re.compile(r"closed(?:ness)?[_ -]to[_ -]", re.I), "big_five.openness", -1),
    (re.compile(r"openness|\bopen[_ -]to[_ -](?:new[_ -])?experience|^open$", re.I), "big_five.openness", 1),
)


@dataclass(frozen=True, slots=True)
class Material:
    """A text that a prompt asks to be judged."""

    text: str
    question: str
    """The prompt without it."""


@lru_cache(maxsize=4096)
def find_marked(prompt: str) -> Material | None:
    """The text that stands in tags or in a block of its own."""
    span = _tagged(prompt)
    if span is None and (span := _matched(prompt, *_FENCED)):
        # A short block may be the statement of a questionnaire.
        is_text = len(span[2].split()) >= _LEAST_WORDS or _ASKS_ABOUT_TEXT.search(prompt)
        span = span if is_text else None
    return _taken(prompt, *span) if span else None


def find_material(prompt: str) -> Material | None:
    """The text that a prompt asks to be judged: in tags, in a block, behind "Story:", or its longest paragraph.

    A paragraph that nothing marks counts only if it has 40 words, is no list, and the prompt speaks of judging a text.
    """
    marked = find_marked(prompt)
    if marked is not None:
        return marked
    if span := _matched(prompt, _HEADED):
        return _taken(prompt, *span)
    if not _ASKS_ABOUT_TEXT.search(prompt):
        return None
    longest = max(prompt.split("\n\n"), key=len)
    is_list = any(len(run) > _MOST_LISTED for run in joined_runs(lines_of(longest)))
    if len(longest.split()) < _LEAST_WORDS or is_list or _ASKS_ABOUT_TEXT.search(longest):
        return None
    start = prompt.index(longest)
    return _taken(prompt, start, start + len(longest), longest)


def _tagged(prompt: str) -> tuple[int, int, str] | None:
    """The first tag that is closed and holds anything; searched tag by tag, as a pattern would take its square."""
    unclosed: set[str] = set()
    for match in _TAG.finditer(prompt):
        name = match[1].lower()
        closed = None if name in unclosed else re.compile(f"</{name}>", re.IGNORECASE).search(prompt, match.end())
        if closed is None:
            unclosed.add(name)
        elif prompt[match.end() : closed.start()].strip():
            return match.start(), closed.end(), prompt[match.end() : closed.start()]
    return None


def _matched(prompt: str, *patterns: re.Pattern[str]) -> tuple[int, int, str] | None:
    for pattern in patterns:
        match = pattern.search(prompt)
        if match and match["text"].strip() and not match["text"].lstrip().startswith(("{", "json")):
            return match.start(), match.end(), match["text"]
    return None


def _taken(prompt: str, start: int, end: int, text: str) -> Material:
    return Material(text.strip(), prompt[:start] + "\n" + prompt[end:])


def trait_of(words: str) -> tuple[str, int] | None:
    """The trait that a field is named for, and its direction; of several names the last, as in "between shy and ...".

    Example:
        >>> trait_of("emotional_stability"), trait_of("readability"), trait_of("from introverted to extraverted")
        (('big_five.neuroticism', -1), None, ('big_five.extraversion', 1))
    """
    found = [
        (match.end(), trait, -sign if "unstab" in match.group().lower() else sign)
        for pattern, trait, sign in _TRAIT_NAMES
        for match in pattern.finditer(words)
    ]
    if not found:
        return None
    _, trait, sign = max(found, key=lambda each: each[0])
    return trait, sign


def text_quality(text: str, name: str) -> float:
    """A rough z-score for the quality of a text: long sentences are hard to read, repeated words are redundant.

    Everything else (likeability, believability ...) is rated by how personal the text is: the share of "I", "my", "me".
    """
    words = re.findall(r"[\w'’]+", text.lower())
    if not words:
        return -_MOST_Z
    if re.search(r"redundan|repetit|repeat", name, re.IGNORECASE):
        variety = len(set(words)) / len(words) ** 0.9
        return _bounded((0.9 - variety) * 4.0)
    if re.search(r"readab|clar|cohe|fluen", name, re.IGNORECASE):
        sentences = max(1, len(re.findall(r"[.!?]+", text)))
        return _bounded((18.0 - len(words) / sentences) / 8.0)
    personal = sum(word in ("i", "my", "me") for word in words) / len(words)
    return _bounded((personal - 0.04) * 25.0)


def _bounded(z: float) -> float:
    return max(-_MOST_Z, min(_MOST_Z, z))
