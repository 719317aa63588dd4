"""What an earlier part of a conversation says about its last question: options, text, the speaker's own words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from personae.model import Message
from personae.respondent.judging import Material, find_marked
from personae.respondent.listing import lines_of
from personae.respondent.reading import Traits, impression
from personae.respondent.sheet import Sheet, read_sheet
from personae.respondent.single_item import single_item

_NAMES_ITEM = re.compile(r"^\W*(?:statement|item|question|q)\s*\d*\s*:", re.I | re.M)
_LEAST_WORDS = 20  # of the speaker's own, before they say anything about the speaker


def asked_before(messages: Sequence[Message], prompt: str) -> Sheet | None:
    """A further item of a questionnaire whose options an earlier question explained; ``None`` if this is none."""
    if not _NAMES_ITEM.search(prompt):
        return None
    item = single_item(lines_of(prompt))
    for question in _earlier(messages):
        marked = find_marked(question)
        sheet = read_sheet(marked.question if marked else question)
        if item and sheet is not None and sheet.is_scale:
            return Sheet((), (item,), sheet.choices, sheet.order, True, "{answer}", sheet.is_json, sheet.json_key)
    return None


def read_before(messages: Sequence[Message]) -> Material | None:
    """The text that a conversation is about: in its last question, else in the latest one that held any."""
    for question in (_last(messages), *_earlier(messages)):
        if marked := find_marked(question):
            return marked
    return None


def spoken(messages: Sequence[Message]) -> Traits:
    """What the respondent's own earlier words show of them; nothing if they are too few."""
    said = "\n".join(message.content for message in messages if message.role == "assistant")
    return dict(impression(said)) if len(said.split()) >= _LEAST_WORDS else {}


def _last(messages: Sequence[Message]) -> str:
    return next((message.content for message in reversed(messages) if message.role == "user"), "")


def _earlier(messages: Sequence[Message]) -> Iterator[str]:
    """User messages before the last one, the latest first."""
    asked = [message.content for message in messages if message.role == "user"]
    return reversed(asked[:-1])
