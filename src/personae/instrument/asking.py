"""Asking: the calls of an administration, and what they come to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from personae.errors import InputError
from personae.instrument.answers import Answer, AnswerReader
from personae.instrument.distributions import Answering, OptionDistribution
from personae.instrument.form import Form
from personae.instrument.questionnaire import Instrument
from personae.instrument.respondents import Respondent, merged
from personae.model import USABLE, Message, Model, ProviderError, Reply, Request, Sampling, Status, worst_status

if TYPE_CHECKING:
    import numpy as np

    from personae.instrument.administration import Administration


@dataclass(frozen=True, slots=True)
class Attempt:
    """One call of an administration."""

    status: Status
    missing: int
    """Items without an answer."""
    text: str


@dataclass(frozen=True, slots=True)
class Administered:
    """What an administration came to."""

    answers: tuple[Answer, ...]
    """One an item, in printed order, on the instrument's own values whatever was shown."""
    attempts: tuple[Attempt, ...]
    """Every call that was made, the rejected ones included."""
    messages: tuple[Message, ...] = ()
    """The conversation that gave the answers, so that it can be continued."""
    detail: str = field(default="")
    method: Answering = "text"
    """How the answers came about."""
    distributions: tuple[OptionDistribution, ...] = ()
    """How probable each option is, one an item in printed order, where the answers were read off probabilities."""

    @property
    def status(self) -> Status:
        """``ok`` if every item was answered as asked at once; else what is worst about it."""
        if all(answer.status in USABLE for answer in self.answers):
            is_first = len(self.attempts) <= 1 or all(attempt.status in USABLE for attempt in self.attempts)
            return worst_status(answer.status for answer in self.answers) if is_first else "repaired"
        return worst_status(answer.status for answer in self.answers)

    @property
    def values(self) -> list[int | None]:
        """Answers as a row of numbers."""
        return [answer.value for answer in self.answers]


@dataclass(frozen=True, slots=True)
class Asking:
    """Everything that a call is made of."""

    instrument: Instrument
    model: Model
    how: Administration
    form: Form
    respondent: Respondent
    sampling: Sampling

    def request(self, prompt: str, said: Sequence[Message] = ()) -> Request:
        """Ask something, after what was said since the respondent's own history."""
        return Request(self.respondent.messages(*said, Message("user", prompt)), self.sampling)

    def printed(self, answers: Sequence[Answer]) -> tuple[Answer, ...]:
        """Bring answers from the order shown into printed order."""
        by_item = dict(zip(self.form.item_ids, answers, strict=True))
        return tuple(by_item[item] for item in self.instrument.item_ids)


@dataclass(slots=True)
class Outcome:
    """What one question came to, over its attempts."""

    answers: list[Answer]
    attempts: list[Attempt]
    text: str = ""
    """The reply that was taken."""
    detail: str = ""


async def ask_until_answered(
    asking: Asking, request: Request, items: int, read: Callable[[str], list[Answer]]
) -> Outcome:
    """Ask one thing until all of its items have an answer; the attempt with the fewest missing is taken."""
    found = Outcome([Answer(None, "failed")] * items, [])
    for replicate in range(asking.how.attempts):
        try:
            reply = await asking.model.generate(replace(request, replicate=replicate))
        except ProviderError as error:
            if error.is_hopeless:
                raise
            found.attempts.append(Attempt("failed", items, ""))
            found.detail = str(error)
            break  # the client has already repeated the call as often as may help
        answers = _unless_refused(read(reply.text), reply)
        missing = _missing(answers)
        status = worst_status(answer.status for answer in answers)
        found.attempts.append(Attempt(status, missing, reply.text or reply.refusal))
        if replicate == 0 or missing < _missing(found.answers):
            found.answers, found.text = answers, reply.text
        if not missing:
            break
    return found


async def ask_at_once(asking: Asking) -> Administered:
    """All items in one prompt."""
    form = asking.form
    request = asking.request(form.prompt(asking.how.template))
    found = await ask_until_answered(asking, request, len(form.item_ids), form.read_sheet)
    messages = (*request.messages, Message("assistant", found.text)) if found.text else ()
    return Administered(asking.printed(found.answers), tuple(found.attempts), messages, found.detail)


async def ask_one_by_one(asking: Asking) -> Administered:
    """Each item in a conversation of its own."""
    answers: list[Answer] = []
    attempts: list[Attempt] = []
    detail = ""
    for index in range(len(asking.form.item_ids)):
        request = asking.request(asking.form.prompt(asking.how.template, index))
        found = await ask_until_answered(asking, request, 1, _alone(asking.form.reader_at(index)))
        answers += found.answers
        attempts += found.attempts
        detail = found.detail or detail
    return Administered(asking.printed(answers), tuple(attempts), (), detail)


async def ask_in_turns(asking: Asking, rng: np.random.Generator | None) -> Administered:
    """Block after block, or item after item in one conversation."""
    how, form = asking.how, asking.form
    has_history = how.mode == "multi_turn" or how.keeps_history
    answers: list[Answer] = []
    attempts: list[Attempt] = []
    said: tuple[Message, ...] = ()
    detail = ""
    for number, indices in enumerate(blocks_of(how, len(form.item_ids), rng)):
        part = form.part(indices, how.item_marks)
        is_alone = how.mode == "multi_turn"
        template = how.next_template if is_alone and number else how.template
        prompt = part.prompt(template, 0 if is_alone else None)
        request = asking.request(prompt, said if has_history else ())
        read = _alone(part.reader_at(0)) if is_alone else part.read_sheet
        found = await ask_until_answered(asking, request, len(indices), read)
        answers += found.answers
        attempts += found.attempts
        detail = found.detail or detail
        if found.text and has_history:  # a turn that nobody answered is not part of the conversation
            said = merged((*said, Message("user", prompt), Message("assistant", found.text)))
    messages = asking.respondent.messages(*said) if said else ()
    return Administered(asking.printed(answers), tuple(attempts), messages, detail)


def _alone(reader: AnswerReader) -> Callable[[str], list[Answer]]:
    return lambda text: [reader.read(text)]


def blocks_of(how: Administration, items: int, rng: np.random.Generator | None) -> Iterator[range]:
    """Places of the items of each prompt.

    Raises:
        ValueError: If the split is to be drawn and no ``rng`` is given.
        InputError: If a split leaves one of the two blocks empty.
    """
    if how.split_between is not None:
        if rng is None:
            raise ValueError("a random split needs an rng")
        low, high = how.split_between
        if high >= items:
            raise InputError(
                f"a first block of {high} leaves nothing of {items} items",
                where="administration",
                remedy="split between smaller numbers",
            )
        split = int(rng.integers(low, high + 1))
        yield range(split)
        yield range(split, items)
        return
    size = how.block_size or 1
    for start in range(0, items, size):
        yield range(start, min(items, start + size))


def _missing(answers: Sequence[Answer]) -> int:
    return sum(answer.value is None for answer in answers)


def _unless_refused(answers: list[Answer], reply: Reply) -> list[Answer]:
    """What the endpoint says in a field of its own counts where nothing was answered."""
    if reply.refusal and _missing(answers) == len(answers):
        return [Answer(None, "refused", reply.refusal)] * len(answers)
    return answers
