"""What a behavioural task is: trials that are put to a respondent, answers with a status each, and a pure score."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from personae.model import Model, ProviderError, Request, Sampling, Status, is_refusal, worst_status

Value = str | int | float | bool | None | Sequence[str | int | float | bool | None]
"""What a column of a results table can hold; the same as of an observation."""

Way = Literal["corrected", "as_published"]
"""Which convention a score follows, where a published one has a fault."""

_NUMBER = re.compile(r"(?<![\w.,-])[-−]?\d{1,6}(?:[.,]\d{1,3})?(?![\w%])")
_AROUND = " \t\r\n.!*_`\"'“”‘’()[]$"


@dataclass(frozen=True, slots=True)
class Performed:
    """What one respondent did in one task."""

    answers: Mapping[str, Value]
    """Columns of raw answers, by their names within the task."""
    statuses: tuple[Status, ...]
    """One an answer that was asked for."""
    detail: str = field(default="")

    @property
    def status(self) -> Status:
        """What is worst about the answers."""
        return worst_status(self.statuses)

    def columns(self, key: str) -> dict[str, Value]:
        """The answers as columns of a table: ``cards.chosen``, ``cards.statuses``."""
        named: dict[str, Value] = {f"{key}.{name}": value for name, value in self.answers.items()}
        return {**named, f"{key}.statuses": list(self.statuses)}


class BehaviouralTask(Protocol):
    """A task in which somebody does something, where a questionnaire asks what they are like.

    Tasks are put and scored as questionnaires are: stimuli with source and licence, a hash over everything that is
    read, a status for every answer, and scores by a pure function of the answers, so that a replay is scored alike.
    """

    @property
    def key(self) -> str:
        """Short name; columns begin with it."""
        ...

    @property
    def hash(self) -> str:
        """Hash of stimuli and prompts."""
        ...

    async def perform(self, model: Model, *, system: str = "", sampling: Sampling = ..., seed: int = 0) -> Performed:
        """Put the task to a respondent; ``seed`` decides orders that are drawn.

        Raises:
            ProviderError: If no call can succeed at all; other failures are a status.
        """
        ...

    def score(self, answers: Mapping[str, Any], way: Way = "corrected") -> dict[str, float]:
        """Scores by name from raw answers (without the task's key); NaN for what cannot be scored."""
        ...


@dataclass(frozen=True, slots=True)
class Heard:
    """A reply as far as it came."""

    text: str
    status: Status
    """``ok`` if there are words to be read."""
    detail: str = ""


async def hear(model: Model, prompt: str, system: str, sampling: Sampling, replicate: int = 0) -> Heard:
    """Put one question.

    Raises:
        ProviderError: If no call can succeed at all.
    """
    try:
        reply = await model.generate(Request.of(prompt, system=system, sampling=sampling, replicate=replicate))
    except ProviderError as error:
        if error.is_hopeless:
            raise
        return Heard("", "failed", str(error))
    if reply.refusal:
        return Heard(reply.refusal, "refused")
    return Heard(reply.text, "ok" if reply.text.strip() else "empty")


def read_number(heard: Heard, lowest: float, highest: float) -> tuple[float | None, Status]:
    """Read the one number that a reply gives; two different numbers are no answer, nor is one out of range.

    Example:
        >>> read_number(Heard("12", "ok"), 0, 32), read_number(Heard("I would turn over 12 cards.", "ok"), 0, 32)
        ((12.0, 'ok'), (12.0, 'repaired'))
        >>> read_number(Heard("3 or 5", "ok"), 0, 32), read_number(Heard("40", "ok"), 0, 32)
        ((None, 'unparsed'), (None, 'unparsed'))
    """
    if heard.status != "ok":
        return None, heard.status
    bare = heard.text.strip(_AROUND)
    found = list(dict.fromkeys(_as_number(match.group()) for match in _NUMBER.finditer(heard.text)))
    if len(found) != 1 or not lowest <= found[0] <= highest:
        return None, "refused" if not found and is_refusal(heard.text) else "unparsed"
    is_bare = re.fullmatch(_NUMBER, bare) is not None
    return found[0], "ok" if is_bare else "repaired"


def read_word(heard: Heard, words: Sequence[str]) -> tuple[str | None, Status]:
    """Read which of some words a reply says; a reply that says two of them, or negates one, says none.

    Example:
        >>> read_word(Heard("Yes.", "ok"), ("yes", "no")), read_word(Heard("I think no", "ok"), ("yes", "no"))
        (('yes', 'ok'), ('no', 'repaired'))
        >>> read_word(Heard("Yes and no", "ok"), ("yes", "no"))
        (None, 'unparsed')
    """
    if heard.status != "ok":
        return None, heard.status
    text = heard.text.strip(_AROUND).casefold()
    if text in words:
        return text, "ok"
    first = re.match(r"\w+", text)
    said = [word for word in words if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text)]
    if len(said) == 1 and not re.search(rf"\b(?:not|never)\s+{re.escape(said[0])}\b", text):
        return said[0], "repaired"
    # "Yes, because no other way is left" begins with its answer and a comma.
    if first and first.group() in words and re.match(r"\w+\s*[,.;:!—–-]", text):
        return first.group(), "repaired"
    return None, "refused" if is_refusal(heard.text) else "unparsed"


def mean_of(values: Sequence[float | int | None] | None) -> float:
    """Mean of what is there; NaN of nothing."""
    there = [float(value) for value in values or () if value is not None]
    return sum(there) / len(there) if there else float("nan")


def _as_number(text: str) -> float:
    return float(text.replace("−", "-").replace(",", "."))
