"""The form: a questionnaire as it is shown, items in their order with their marks, options with theirs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from string import Template
from typing import TYPE_CHECKING

from personae.errors import InputError
from personae.instrument.answers import Answer, AnswerReader, ShownOption
from personae.instrument.mark_styles import letters, option_mark
from personae.instrument.option_orders import Order, check_order, order_at
from personae.instrument.own_options import OwnOptionsReader
from personae.instrument.questionnaire import ORIGINAL, Instrument, Option, Wording
from personae.instrument.third_person import third_person

if TYPE_CHECKING:
    import numpy as np

    from personae.instrument.administration import Administration
    from personae.instrument.respondents import Respondent

GENERAL_INSTRUCTIONS = "Here are statements that may or may not describe you. Say how well each of them does."


OWN_OPTIONS = "They stand below each statement."
"""What is said of the options of a whole form whose items have options of their own."""


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
        first = self.options_at(index or 0)
        example = first[len(first) // 2].mark or first[len(first) // 2].label
        if index is not None:
            items = self.texts[index]
        else:
            items = "\n".join(map(self._with_options if self.own else self._line, range(len(self.item_ids))))
            example = f"({self.labels[0]}) {example}"
        has_marks = bool(first[0].mark)
        listed = [f"{one.mark} for {one.label}" if has_marks else one.label for one in shared if one.label]
        words = {
            "instructions": self.instructions,
            "options": _lines(shared) if shared else OWN_OPTIONS,
            "options_in_line": ", ".join(listed),
            "items": items,
            "example": example,
            "first_mark": first[0].mark or first[0].label,
            "last_mark": first[-1].mark or first[-1].label,
        }
        return filled(template, words)

    def _line(self, index: int) -> str:
        return f"({self.labels[index]}) {self.texts[index]}"

    def _with_options(self, index: int) -> str:
        return f"{self._line(index)}\n{_lines(self.own[index], indent='    ')}"

    def part(self, indices: Sequence[int], item_marks: str) -> Form:
        """Some of the items as a form of their own, with marks that begin anew."""
        own = tuple(self.own[index] for index in indices) if self.own else ()
        return replace(
            self,
            item_ids=tuple(self.item_ids[index] for index in indices),
            labels=item_labels(len(indices), item_marks),
            texts=tuple(self.texts[index] for index in indices),
            own=own,
            own_reader=OwnOptionsReader(own) if own else None,
        )


def _lines(options: Sequence[ShownOption], indent: str = "") -> str:
    return "\n".join(
        f"{indent}{one.mark} = {one.label}" if one.mark and one.label else f"{indent}{one.mark or one.label}"
        for one in options
    )


def filled(template: str, words: Mapping[str, str]) -> str:
    """Fill a template in; a value may hold any character.

    Raises:
        InputError: If the template asks for a word that there is none for.
    """
    try:
        return Template(template).substitute(words)
    except (KeyError, ValueError) as error:
        raise InputError(
            f"the prompt cannot be filled in ({error})",
            where="administration",
            remedy=f"its words are {', '.join('$' + word for word in words)}; write a dollar sign as $$",
        ) from error


def make_form(
    instrument: Instrument,
    how: Administration,
    rng: np.random.Generator | None = None,
    respondent: Respondent | None = None,
) -> Form:
    """Lay out an instrument for one respondent.

    Raises:
        ValueError: If items or options are to be shuffled and no ``rng`` is given.
        InputError: If a choice of ``how`` does not fit the instrument, or its texts are not here.
    """
    instrument.require_texts()
    texts = instrument.texts(how.wording)
    order = list(instrument.item_ids)
    if how.item_order == "shuffled":
        if rng is None:
            raise ValueError("shuffling items needs an rng")
        order = [order[index] for index in rng.permutation(len(order))]
    variant = None if how.wording == ORIGINAL else instrument.wording(how.wording)
    options = show_options(worded(instrument.options, variant), how, rng)
    own = tuple(show_options(instrument.options_of(item), how, rng) for item in order) if instrument.formats else ()
    stem = variant.stem if variant else instrument.stem
    instructions = (variant.instructions if variant else "") or instrument.instructions or GENERAL_INSTRUCTIONS
    shown = [f"{stem} {texts[item]}" if stem else texts[item] for item in order]
    if respondent is not None and respondent.subject:
        shown = [third_person(texts[item], stem=stem, subject=respondent.subject) for item in order]
    if respondent is not None and respondent.instructions:
        instructions = filled(respondent.instructions, {"material": respondent.material})
    return Form(
        tuple(order),
        item_labels(len(order), how.item_marks),
        tuple(shown),
        options,
        AnswerReader(options or own[0]),
        instructions,
        own,
        OwnOptionsReader(own) if own else None,
    )


def worded(options: Sequence[Option], variant: Wording | None) -> tuple[Option, ...]:
    """Response options with the labels of a wording, if it has its own."""
    if variant is None or not variant.options:
        return tuple(options)
    return tuple(
        option.model_copy(update={"label": label}) for option, label in zip(options, variant.options, strict=True)
    )


def item_labels(count: int, style: str) -> tuple[str, ...]:
    """Marks of so many items."""
    return tuple(letters(index) if style == "letters" else str(index + 1) for index in range(count))


def show_options(
    given: Instrument | Sequence[Option], how: Administration, rng: np.random.Generator | None = None
) -> tuple[ShownOption, ...]:
    """The response options of a form, or those of one item, in the order shown, each with its mark.

    Raises:
        ValueError: If they are to be shuffled and no ``rng`` is given.
        InputError: If the order or the marks do not fit them.
    """
    if isinstance(given, Instrument):
        given = worded(given.options, None if how.wording == ORIGINAL else given.wording(how.wording))
    rising = list(given)
    listed = [rising[place] for place in _order(how.option_order, len(rising), rng)] if rising else []
    shown = []
    for position, option in enumerate(listed):
        mark = option_mark(how.option_marks, position, option.value)
        is_end = position in (0, len(listed) - 1)
        shown.append(ShownOption(mark, option.label if how.show_labels or is_end or not mark else "", option.value))
    return tuple(shown)


def _order(order: str | Order, count: int, rng: np.random.Generator | None) -> Order:
    """Places of the options, by rising value, in the order shown."""
    if not isinstance(order, str):
        check_order(order, count)
        return order
    if order == "ascending":
        return tuple(range(count))
    if order == "descending":
        return tuple(range(count))[::-1]
    if order == "shuffled":
        if rng is None:
            raise ValueError("shuffling options needs an rng")
        return tuple(int(place) for place in rng.permutation(count))
    return order_at(order, count)
