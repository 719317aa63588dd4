"""Administration: how an instrument is put to a respondent. Every choice is a factor of the experiment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from string import Template
from typing import TYPE_CHECKING, Literal

from personae.canonical import content_hash
from personae.errors import InputError
from personae.instrument.answers import Answer, AnswerReader, ShownOption
from personae.instrument.own_options import OwnOptionsReader
from personae.instrument.questionnaire import Instrument, Option
from personae.model import USABLE, Message, Model, ProviderError, Request, Sampling, Status, worst_status

if TYPE_CHECKING:
    import numpy as np

ALL_IN_ONE_PROMPT = """\
$instructions

Response options:
$options

Statements:
$items

Answer every statement on a line of its own: its mark, then the option you choose, as in "$example". \
Write nothing else."""

ITEM_PROMPT = """\
$instructions

Statement: $items

Response options:
$options

Answer with the option you choose, as in "$example". Write nothing else."""

OWN_OPTIONS = "They stand below each statement."
"""What is said of the options of a whole form whose items have options of their own."""

GENERAL_INSTRUCTIONS = "Here are statements that may or may not describe you. Say how well each of them does."


@dataclass(frozen=True, slots=True)
class Administration:
    """How items are asked. Two administrations that differ here are two conditions of a study.

    Example:
        >>> Administration(option_order="descending").spell()["option_order"]
        'descending'
    """

    mode: Literal["all_in_one", "item_wise"] = "all_in_one"
    """All items in one prompt, or each in a conversation of its own."""
    wording: str = "original"
    option_order: Literal["ascending", "descending"] = "ascending"
    """Which end of the response scale is listed first."""
    option_marks: Literal["values", "ranks", "letters"] = "values"
    """What marks an option: its scored value whatever the order, its position 1..k, or a letter A.. by position."""
    show_labels: bool = True
    """Whether every option shows its words; otherwise only the two ends do."""
    item_marks: Literal["letters", "numbers"] = "letters"
    item_order: Literal["printed", "shuffled"] = "printed"
    attempts: int = 1
    """Calls made at most until every item has an answer. More than one hides refusals behind the last reply, so every
    attempt is kept."""
    prompt: str = ""
    """Template to use instead of the one of the mode; see :data:`ALL_IN_ONE_PROMPT` for its words."""

    def __post_init__(self) -> None:
        if self.attempts < 1:
            raise InputError(
                f"{self.attempts} attempts ask nobody", where="administration", remedy="allow at least one"
            )

    def spell(self) -> dict[str, str | int | bool]:
        """The choices in JSON, with the prompt by its hash."""
        template = self.template
        return {
            "mode": self.mode,
            "wording": self.wording,
            "option_order": self.option_order,
            "option_marks": self.option_marks,
            "show_labels": self.show_labels,
            "item_marks": self.item_marks,
            "item_order": self.item_order,
            "attempts": self.attempts,
            "prompt": content_hash(template)[:12],
        }

    @property
    def template(self) -> str:
        """The prompt template in use."""
        return self.prompt or (ALL_IN_ONE_PROMPT if self.mode == "all_in_one" else ITEM_PROMPT)


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
class Form:
    """A questionnaire as it is shown: items in their order with their marks, options with theirs."""

    item_ids: tuple[str, ...]
    labels: tuple[str, ...]
    texts: tuple[str, ...]
    options: tuple[ShownOption, ...]
    reader: AnswerReader
    """Reads answers by ``options``."""
    instructions: str
    own: tuple[tuple[ShownOption, ...], ...] = ()
    """Options of each item, in the order shown, where some items have options of their own; else empty."""
    own_reader: OwnOptionsReader | None = None

    def options_at(self, index: int) -> tuple[ShownOption, ...]:
        """Options of the item shown at a place."""
        return self.own[index] if self.own else self.options

    def reader_at(self, index: int) -> AnswerReader:
        """Reads the answer to the item shown at a place, asked alone."""
        return self.own_reader.reader_at(index) if self.own_reader else self.reader

    def read_sheet(self, text: str) -> list[Answer]:
        """Read the answers to all items, in the order shown, from one reply."""
        return (self.own_reader or self.reader).read_sheet(text, self.labels)

    def prompt(self, template: str, index: int | None = None) -> str:
        """Write the prompt for all items, or for one.

        Raises:
            InputError: If the template asks for a word that there is none for.
        """
        shared = self.options_at(index or 0) if index is not None or not self.own else ()
        if index is None:
            items = "\n".join(f"({label}) {text}" for label, text in zip(self.labels, self.texts, strict=True))
            if self.own:
                items = "\n".join(map(self._with_options, range(len(self.item_ids))))
            first = self.options_at(0)
            example = f"({self.labels[0]}) {first[len(first) // 2].mark}"
        else:
            items, example = self.texts[index], shared[len(shared) // 2].mark
        options = _lines(shared) if shared else OWN_OPTIONS
        listed = ", ".join(f"{option.mark} for {option.label}" for option in shared if option.label)
        words = {
            "instructions": self.instructions,
            "options": options,
            "options_in_line": listed,
            "items": items,
            "example": example,
        }
        try:
            return Template(template).substitute(words)
        except (KeyError, ValueError) as error:
            raise InputError(
                f"the prompt cannot be filled in ({error})",
                where="administration",
                remedy=f"its words are {', '.join('$' + word for word in words)}; write a dollar sign as $$",
            ) from error

    def _with_options(self, index: int) -> str:
        return f"({self.labels[index]}) {self.texts[index]}\n{_lines(self.own[index], indent='    ')}"


def _lines(options: Sequence[ShownOption], indent: str = "") -> str:
    return "\n".join(f"{indent}{one.mark} = {one.label}" if one.label else f"{indent}{one.mark}" for one in options)


def make_form(instrument: Instrument, how: Administration, rng: np.random.Generator | None = None) -> Form:
    """Lay out an instrument for one respondent.

    Raises:
        ValueError: If the items are to be shuffled and no ``rng`` is given.
        InputError: If the texts of the instrument are not here.
    """
    instrument.require_texts()
    texts = instrument.texts(how.wording)
    order = list(instrument.item_ids)
    if how.item_order == "shuffled":
        if rng is None:
            raise ValueError("shuffling items needs an rng")
        order = [order[index] for index in rng.permutation(len(order))]
    marks = [letters(index) if how.item_marks == "letters" else str(index + 1) for index in range(len(order))]
    options = show_options(instrument.options, how)
    own = tuple(show_options(instrument.options_of(item), how) for item in order) if instrument.formats else ()
    stem = f"{instrument.stem} " if instrument.stem and how.wording == "original" else ""
    return Form(
        tuple(order),
        tuple(marks),
        tuple(stem + texts[item] for item in order),
        options,
        AnswerReader(options or own[0]),
        instrument.instructions or GENERAL_INSTRUCTIONS,
        own,
        OwnOptionsReader(own) if own else None,
    )


def show_options(given: Instrument | Sequence[Option], how: Administration) -> tuple[ShownOption, ...]:
    """The response options of a form, or those of one item, in the order shown, each with its mark."""
    listed = list(given.options if isinstance(given, Instrument) else given)
    if how.option_order == "descending":
        listed.reverse()
    shown = []
    for position, option in enumerate(listed):
        mark = {"values": str(option.value), "ranks": str(position + 1), "letters": letters(position).upper()}
        is_end = position in (0, len(listed) - 1)
        shown.append(
            ShownOption(mark[how.option_marks], option.label if how.show_labels or is_end else "", option.value)
        )
    return tuple(shown)


def letters(index: int) -> str:
    """The letters of a position: a, b, ... z, aa, ab, ...

    Example:
        >>> letters(0), letters(25), letters(26), letters(43)
        ('a', 'z', 'aa', 'ar')
    """
    text = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        text = chr(ord("a") + rest) + text
    return text


async def administer(
    instrument: Instrument,
    model: Model,
    how: Administration = Administration(),  # frozen
    *,
    system: str = "",
    sampling: Sampling = Sampling(),  # noqa: B008  # frozen
    rng: np.random.Generator | None = None,
) -> Administered:
    """Put an instrument to a respondent.

    Args:
        instrument: What is asked.
        model: Who is asked.
        how: The administration.
        system: The persona, as rendered; empty for none.
        sampling: How replies are drawn.
        rng: Order of the items, if they are shuffled.

    Raises:
        ProviderError: If no call can succeed at all; other failures are a status.
        InputError: If the prompt of ``how`` cannot be filled in.
    """
    form = make_form(instrument, how, rng)
    if how.mode == "all_in_one":
        return await _ask_at_once(instrument, model, how, form, system, sampling)
    return await _ask_one_by_one(instrument, model, how, form, system, sampling)


async def _ask_at_once(
    instrument: Instrument, model: Model, how: Administration, form: Form, system: str, sampling: Sampling
) -> Administered:
    request = Request.of(form.prompt(how.template), system=system, sampling=sampling)
    best: list[Answer] = [Answer(None, "failed")] * len(form.item_ids)
    attempts: list[Attempt] = []
    text = detail = ""
    for replicate in range(how.attempts):
        try:
            reply = await model.generate(replace(request, replicate=replicate))
        except ProviderError as error:
            if error.is_hopeless:
                raise
            attempts.append(Attempt("failed", len(best), ""))
            detail = str(error)
            break  # the client has already repeated the call as often as may help
        answers = form.read_sheet(reply.text)
        missing = sum(answer.value is None for answer in answers)
        if reply.refusal and missing == len(answers):
            answers = [Answer(None, "refused", reply.refusal)] * missing
        status = worst_status(answer.status for answer in answers)
        attempts.append(Attempt(status, missing, reply.text or reply.refusal))
        if replicate == 0 or missing < sum(answer.value is None for answer in best):
            best, text = answers, reply.text
        if not missing:
            break
    messages = (*request.messages, Message("assistant", text)) if text else ()
    return Administered(_printed(instrument, form, best), tuple(attempts), messages, detail)


async def _ask_one_by_one(
    instrument: Instrument, model: Model, how: Administration, form: Form, system: str, sampling: Sampling
) -> Administered:
    answers: list[Answer] = []
    attempts: list[Attempt] = []
    detail = ""
    for index in range(len(form.item_ids)):
        request = Request.of(form.prompt(how.template, index), system=system, sampling=sampling)
        answer = Answer(None, "failed")
        for replicate in range(how.attempts):
            try:
                reply = await model.generate(replace(request, replicate=replicate))
            except ProviderError as error:
                if error.is_hopeless:
                    raise
                attempts.append(Attempt("failed", 1, ""))
                detail = str(error)
                break
            answer = form.reader_at(index).read(reply.text)
            if reply.refusal and answer.value is None:
                answer = Answer(None, "refused", reply.refusal)
            attempts.append(Attempt(answer.status, int(answer.value is None), reply.text or reply.refusal))
            if answer.value is not None:
                break
        answers.append(answer)
    return Administered(_printed(instrument, form, answers), tuple(attempts), (), detail)


def _printed(instrument: Instrument, form: Form, answers: Sequence[Answer]) -> tuple[Answer, ...]:
    """Bring answers from the order shown into printed order."""
    by_item = dict(zip(form.item_ids, answers, strict=True))
    return tuple(by_item[item] for item in instrument.item_ids)
