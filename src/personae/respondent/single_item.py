"""The statement that a prompt asks about, where it asks about one only."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from personae.respondent.listing import Line
from personae.respondent.scales import agreement_of

_NAMED = re.compile(r"^\W*(?:statement|item|question|claim|q)\s*\d*\s*[:.]\s*[\"“]?(?P<text>.+?)[\"”]?\s*$", re.I)
_QUOTED = re.compile(r"[\"“](?P<text>[^\"”]{4,400})[\"”]")
_DESCRIBED = re.compile(r"\bdescription\s*:?\s*[\"“][^\"”]{3,4000}[\"”]", re.I)
_SINGLY_QUOTED = re.compile(r"(?<!\w)['‘](?P<text>(?:I|My|You|Your|Is|Am|Are)\b[^\n]{3,300}?)['’](?!\w)")
_SENTENCE = re.compile(r"[^.!?]+(?:[.!?]+[\"”]?|$)")
_TASK = re.compile(
    r"\b(?:scale|rate|rating|answer|respond|response|reply|choose|select|pick|indicate|options?|following|format|please"
    r"|statements?|number|score|how (?:much|far|well|strongly|accurately|often|likely|true)|to what extent|output)\b"
    r"|\bANSWER\b",
    re.I,
)
_CLAUSE = re.compile(
    r"\b(?:that|whether|if|statement|extent)\b\s*(?P<text>(?:i|you|i'm|you're)\b[^?.:\n]{4,300})", re.I
)
_BEHIND_COLON = re.compile(r":\s*(?P<text>(?:I|I'm|I’m|My|You|Am|Do|Are)\b[^\n:]{4,300})")
_SELF = re.compile(r"^\W*(?:I|I'm|I’m|My|Do you|Are you|Would you|Have you|Can you)\b")
_IDENTITY = re.compile(r"^\W*(?:you are|you're|imagine|act as|pretend|respond)\b", re.I)


def single_item(lines: Sequence[Line]) -> str:
    """Find the item among the lines that are neither options nor marked items; empty if there is none.

    A line that says "Statement:" wins, then a quotation, a statement behind a colon, a sentence that says "I" or asks
    "do you", a clause ("how far do you agree that you worry"), and last any sentence that gives no instruction.
    """
    texts = [line.text for line in lines if line.text]
    for text in texts:
        if named := _NAMED.match(text):
            return named["text"]
    whole = _DESCRIBED.sub(" ", "\n".join(texts))  # who is asked is no part of what is asked
    for pattern in (_QUOTED, _SINGLY_QUOTED):
        quoted = [match["text"] for match in pattern.finditer(whole) if _is_item(match["text"])]
        if quoted:
            return max(quoted, key=len)
    if behind := _BEHIND_COLON.search(whole):
        return next(_sentences(behind["text"])).strip()
    sentences = [sentence.strip() for text in texts for sentence in _sentences(text)]
    spoken = [sentence for sentence in sentences if _SELF.match(sentence) and not _TASK.search(sentence)]
    if spoken:
        return spoken[0]
    if clause := _CLAUSE.search(whole):
        return clause["text"].strip()
    plain = [sentence for sentence in sentences if not _TASK.search(sentence) and not _IDENTITY.match(sentence)]
    return plain[-1] if plain else (sentences[0] if sentences else "")


def _is_item(quoted: str) -> bool:
    return agreement_of(quoted) is None and len(quoted.split()) > 1 and "$" not in quoted and ": score" not in quoted


def _sentences(text: str) -> Iterator[str]:
    return (match.group() for match in _SENTENCE.finditer(text) if match.group().strip())
