"""Rubric judges: a model rates a text on named criteria, and the rating comes with a status like any other answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from string import Template
from typing import Any

from personae.canonical import content_hash
from personae.errors import InputError
from personae.model import Message, Model, Request, Sampling, Schema, Status, ask_structured

RATING_PROMPT = """\
$context

<text>
$text
</text>

Rate the text on each of these criteria with a whole number from $lowest to $highest:
$criteria

Answer with a JSON object that has exactly these keys: $keys."""

_CLOSING_MARK = re.compile(r"<\s{0,9}/\s{0,9}text\s{0,9}>", re.IGNORECASE)

UNCALIBRATED = "uncalibrated"
"""What a judge is called whose agreement with people has not been measured."""


@dataclass(frozen=True, slots=True)
class Criterion:
    """One question about a text, and what the two ends of the scale mean."""

    key: str
    question: str
    low: str
    high: str


@dataclass(frozen=True, slots=True)
class Rubric:
    """What a judge is asked to rate.

    Raises:
        InputError: If there are no criteria, two of one key, or fewer than two steps.

    Example:
        >>> tone = Rubric("tone", (Criterion("warmth", "How warm is the text?", "cold", "warm"),))
        >>> tone.schema.definition["required"]
        ['warmth']
    """

    key: str
    criteria: tuple[Criterion, ...]
    lowest: int = 1
    highest: int = 5
    prompt: str = RATING_PROMPT
    """Template; see :data:`RATING_PROMPT` for its words."""
    calibration: str = UNCALIBRATED
    """How far this judge agrees with people, if that was measured."""

    def __post_init__(self) -> None:
        keys = [one.key for one in self.criteria]
        if not keys or len(set(keys)) < len(keys) or self.lowest >= self.highest:
            raise InputError(
                "rates nothing, something twice, or on a scale without two steps",
                where=f"rubric {self.key}",
                remedy="give criteria with keys of their own, and a lowest rating below the highest",
            )

    @property
    def hash(self) -> str:
        """Hash of everything that the judge reads."""
        criteria = [[one.key, one.question, one.low, one.high] for one in self.criteria]
        return content_hash([self.key, criteria, self.lowest, self.highest, self.prompt])

    @property
    def schema(self) -> Schema:
        """The JSON schema of a rating."""
        properties: Mapping[str, Any] = {
            one.key: {
                "type": "integer",
                "minimum": self.lowest,
                "maximum": self.highest,
                "description": f"{one.question} {self.lowest} = {one.low}, {self.highest} = {one.high}",
            }
            for one in self.criteria
        }
        return Schema(
            self.key,
            {
                "type": "object",
                "properties": properties,
                "required": [one.key for one in self.criteria],
                "additionalProperties": False,
            },
        )

    def ask(self, text: str, context: str) -> str:
        """Write the question about one text.

        Raises:
            InputError: If the template asks for a word that there is none for.
        """
        criteria = "\n".join(
            f"- {one.key}: {one.question} ({self.lowest} = {one.low}, {self.highest} = {one.high})"
            for one in self.criteria
        )
        words = {
            "context": context,
            # A text that closes the mark it stands in could speak to the judge in our name.
            "text": _CLOSING_MARK.sub("&lt;/text&gt;", text),
            "criteria": criteria,
            "lowest": self.lowest,
            "highest": self.highest,
            "keys": ", ".join(one.key for one in self.criteria),
        }
        try:
            return Template(self.prompt).substitute(words)
        except (KeyError, ValueError) as error:
            raise InputError(
                f"the prompt cannot be filled in ({error})",
                where=f"rubric {self.key}",
                remedy=f"its words are {', '.join('$' + word for word in words)}; write a dollar sign as $$",
            ) from error


@dataclass(frozen=True, slots=True)
class Rating:
    """One rating of one text."""

    status: Status
    scores: Mapping[str, int]
    """By criterion; empty unless the status is ``ok`` or ``repaired``."""


async def rate(
    text: str,
    rubric: Rubric,
    model: Model,
    *,
    context: str = "",
    system: str = "",
    sampling: Sampling = Sampling(),  # noqa: B008  # frozen
    rater: int = 0,
    attempts: int = 2,
) -> Rating:
    """Have a text rated.

    Args:
        text: What is rated; it is marked off as material, not as instruction.
        rubric: The criteria.
        model: The judge.
        context: What the judge is told about the text, such as who wrote it.
        system: A persona for the judge.
        sampling: How the rating is drawn.
        rater: Number of the rater; each is a draw of its own.
        attempts: Calls made at most until the rating can be read.

    Raises:
        ProviderError: If no call can succeed at all; other failures are a status.
    """
    first = (Message("system", system),) if system else ()
    messages = (*first, Message("user", rubric.ask(text, context)))
    request = Request(messages, sampling, schema=rubric.schema, replicate=rater)
    found = await ask_structured(model, request, attempts=attempts)
    if found.value is None:
        return Rating(found.status, {})
    return Rating(found.status, {one.key: int(found.value[one.key]) for one in rubric.criteria})
