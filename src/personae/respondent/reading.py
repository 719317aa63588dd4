"""What the respondent makes of a prompt: who it is asked to be, from the words alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from personae.model import Message
from personae.respondent.lexicon_file import trait_lexicon
from personae.respondent.named_levels import take_named_levels
from personae.respondent.shown_answers import take_shown_answers

Traits = dict[str, float]
"""z-scores by trait; traits that nothing was said about are absent."""

_SENTENCE = re.compile(r'[^.!?\n]+(?:[.!?]+["”]?|\n|$)')
_IDENTITY = re.compile(
    r"\b(?:you are|you['’]re|your name|imagine|act as|pretend|play|role of|as if|as an?|as someone|as a person)\b", re.I
)
_GOES_ON = re.compile(r"^\W*(?:you|your|he|she|they|his|her|their)\b|^\s*[-*•]\s", re.I)
"""How a sentence begins that says more about whoever the one before it was about."""
_INSTRUCTION = re.compile(
    r"^\W*(?:(?:please|now|then|always|only|simply|just|carefully|honestly|first|next|finally)\W+)*"
    r"(?:answer|respond|reply|rate|read|choose|select|pick|indicate|write|give|return|use|output|say|mark|consider"
    r"|do not|don['’]t|never|keep|be (?:honest|brief|concise|precise|clear|accurate|consistent)|think|tell|describe"
    r"|evaluate|follow|remember|stay|speak|make sure|note)\b"
    r"|\byou(?: will| must| should| may| can only| need to| have to| are to|['’]ll)\b"
    r"|\byou(?:['’]re| are) (?:asked|given|going|taking|presented|about to|shown|to |(?<!as )someone who)\b"
    r"|\byour (?:task|answers?|job is|replies|reply|responses?|rating|choice)\b"
    r"|\b(?:statement|item|question|option)s?\b",
    re.I,
)
_IN_THE_ROLE = re.compile(r"\b(?:as|like) (?:an?|if|someone|the)\b|\bdescription\b|\bpersona\b|\bcharacter who\b", re.I)
_LISTED = re.compile(r"^\s*[(\[]?(?:[A-Za-z]{1,2}|\d{1,3})[)\].:=]\s|^\s*(?:statement|item|question)\b", re.I)
_DESCRIBED = re.compile(r"\bdescription\s*:?\s*[\"“](?P<text>[^\"”]{3,4000})[\"”]", re.I)
_QUOTATION = re.compile(r"[\"“][^\"”]*[\"”]")
_TITLED = re.compile(r"^\s*(?:persona|personality|character|profile|bio|background|description)\s*:(?!\s*$)", re.I)
_MOST_CHARACTERS = 20_000


def read_persona(messages: Sequence[Message]) -> Traits:
    """Who the messages ask to be: the system messages, else what the first user message says about "you".

    Questions, instructions and the statements of a questionnaire do not count, so that its example ("do you agree that
    you are someone who likes to spend time with others?") describes nobody.
    """
    system = "\n".join(message.content for message in messages if message.role == "system")
    traits = _told_by_system(system) if system else ()
    if not traits:
        traits = _told_by_user(next((message.content for message in messages if message.role == "user"), ""))
    return dict(traits)


@lru_cache(maxsize=8192)
def read_traits(text: str) -> tuple[tuple[str, float], ...]:
    """Trait levels that a description says: the mean over its trait words, each under its qualifier or negation."""
    found: dict[str, list[float]] = {}
    levels, rest = take_named_levels(text)
    for trait, z in levels:
        found.setdefault(trait, []).append(z)
    for hit in trait_lexicon().scan(rest):
        found.setdefault(hit.trait, []).append(hit.z)
    return tuple((trait, sum(values) / len(values)) for trait, values in found.items())


@lru_cache(maxsize=4096)
def impression(text: str) -> tuple[tuple[str, float], ...]:
    """Where a text puts its author on each trait, -2 to 2: the balance of high and low sentences, shrunk towards 0.

    ``2 * (high - low) / (high + low + 2)``: a text without trait words gives 0, one with many of one pole nearly 2. A
    sentence counts once, however many words it spends on a trait.
    """
    counts: dict[str, list[int]] = {}
    for sentence in _sentences(text):
        balance: dict[str, float] = {}
        for hit in trait_lexicon().scan(sentence):
            balance[hit.trait] = balance.get(hit.trait, 0.0) + hit.z
        for trait, z in balance.items():
            pair = counts.setdefault(trait, [0, 0])
            if z:
                pair[0 if z > 0 else 1] += 1
    return tuple((trait, 2.0 * (high - low) / (high + low + 2)) for trait, (high, low) in counts.items())


@lru_cache(maxsize=8192)
def _told_by_system(text: str) -> tuple[tuple[str, float], ...]:
    """A system message speaks of the persona, apart from its instructions."""
    shown, text = take_shown_answers(text)
    if shown:
        return shown
    kept = "".join(part for part in _sentences(text) if not _is_instruction(part))
    return read_traits(kept)


@lru_cache(maxsize=8192)
def _told_by_user(text: str) -> tuple[tuple[str, float], ...]:
    """A user message speaks of the task, apart from what it says about "you"."""
    text = text[:_MOST_CHARACTERS]
    told = [match["text"] for match in _DESCRIBED.finditer(text)]
    goes_on = False
    rest = _DESCRIBED.sub(" ", text)
    if told:  # what else is quoted is what is asked ("I see myself as someone who ...")
        rest = _QUOTATION.sub(" ", rest)
    for line in rest.splitlines():
        if _LISTED.match(line):
            goes_on = False
            continue
        for part in filter(str.strip, _sentences(line)):
            is_about = _IDENTITY.search(part) or _TITLED.match(part) or (goes_on and _GOES_ON.match(part))
            goes_on = bool(is_about) and not part.rstrip().endswith("?") and not _is_instruction(part)
            if goes_on:
                told.append(part)
    return read_traits(" ".join(told)) if told else ()


def _sentences(text: str) -> Iterator[str]:
    return (match.group() for match in _SENTENCE.finditer(text))


def _is_instruction(sentence: str) -> bool:
    return bool(_INSTRUCTION.search(sentence)) and not _IN_THE_ROLE.search(sentence)
