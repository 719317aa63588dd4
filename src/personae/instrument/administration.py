"""Administration: how an instrument is put to a respondent. Every choice is a factor of the experiment."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Literal

from personae.canonical import content_hash
from personae.errors import InputError
from personae.instrument.asking import Administered, Asking, Attempt, ask_at_once, ask_in_turns, ask_one_by_one
from personae.instrument.conditioning import refuse_overlap
from personae.instrument.distributions import ANSWERINGS, Answering
from personae.instrument.distributions_asked import ask_distributions
from personae.instrument.form import Form, make_form, show_options
from personae.instrument.mark_styles import OPTION_MARKS, letters
from personae.instrument.option_orders import ORDER_PLANS, Order, OverOrders, order_at, orders_in, over_orders
from personae.instrument.questionnaire import Instrument
from personae.instrument.respondents import Respondent
from personae.model import Model, Sampling

if TYPE_CHECKING:
    import numpy as np

__all__ = [
    "ALL_IN_ONE_PROMPT",
    "ITEM_PROMPT",
    "MODES",
    "NEXT_ITEM_PROMPT",
    "Administered",
    "AdministeredOverOrders",
    "Administration",
    "Attempt",
    "Form",
    "administer",
    "administer_over_orders",
    "letters",
    "make_form",
    "show_options",
]

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

NEXT_ITEM_PROMPT = """\
Statement: $items

Answer with the option you choose, as in "$example". Write nothing else."""

Mode = Literal["all_in_one", "item_wise", "blocks", "multi_turn"]
MODES: tuple[Mode, ...] = ("all_in_one", "item_wise", "blocks", "multi_turn")


@dataclass(frozen=True, slots=True)
class Administration:
    """How items are asked. Two administrations that differ here are two conditions of a study.

    Example:
        >>> Administration(option_order="descending").spell()["option_order"]
        'descending'
    """

    mode: Mode = "all_in_one"
    """All items in one prompt; each in a conversation of its own; several at a time; or one a turn of one conversation,
    in which earlier answers stay."""
    wording: str = "original"
    option_order: str | Order = "ascending"
    """Which end of the response scale is listed first; ``shuffled``, drawn for each respondent; the order of a plan,
    as in ``cyclic-2``; or the places of the options by rising value, as in ``(2, 0, 1)``."""
    option_marks: str = "values"
    """What marks an option; see :data:`personae.instrument.mark_styles.OPTION_MARKS`."""
    show_labels: bool = True
    """Whether every option shows its words; otherwise only the two ends do."""
    item_marks: Literal["letters", "numbers"] = "letters"
    item_order: Literal["printed", "shuffled"] = "printed"
    attempts: int = 1
    """Calls made at most until every item has an answer. More than one hides refusals behind the last reply, so every
    attempt is kept."""
    prompt: str = ""
    """Template to use instead of the one of the mode; see :data:`ALL_IN_ONE_PROMPT` for its words."""
    answering: Answering = "text"
    """How an answer comes about; see :mod:`personae.instrument.distributions`."""
    block_size: int = 0
    """``blocks``: items a prompt."""
    split_between: tuple[int, int] | None = None
    """``blocks``: two blocks instead, the first of so many items, drawn evenly between these numbers, both included."""
    keeps_history: bool = False
    """``blocks``: whether a block is asked in the conversation of those before it."""
    next_prompt: str = ""
    """``multi_turn``: template of every item but the first, instead of :data:`NEXT_ITEM_PROMPT`."""
    orders: str = ""
    """Orders of the options that a distribution is averaged over: ``swap`` (as listed and reversed) or ``cyclic``."""
    least_coverage: float = 0.5
    """``first_token``: share of the probability that options must have; below it the answer is unparsed."""
    per_token: bool = False
    """``continuation``: whether an option counts by the mean of its tokens instead of their sum."""

    def __post_init__(self) -> None:
        if self.attempts < 1:
            raise _misfit(f"{self.attempts} attempts ask nobody", "allow at least one")
        if self.mode not in MODES:
            raise _misfit(f"no mode is called {self.mode!r}", f"modes are {', '.join(MODES)}")
        if self.option_marks not in OPTION_MARKS:
            raise _misfit(f"no marks are called {self.option_marks!r}", f"they are {', '.join(OPTION_MARKS)}")
        if isinstance(self.option_order, str) and self.option_order not in ("ascending", "descending", "shuffled"):
            order_at(self.option_order, 2)
        if not isinstance(self.option_order, str):
            object.__setattr__(self, "option_order", tuple(int(place) for place in self.option_order))
        self._check_blocks()
        self._check_answering()

    def _check_blocks(self) -> None:
        has_blocks = self.block_size > 0 or self.split_between is not None
        if (self.mode == "blocks") != has_blocks:
            raise _misfit(
                "blocks need a size or a split" if not has_blocks else "a size of blocks is for mode='blocks'",
                "give mode='blocks' with block_size or split_between",
            )
        if self.block_size and self.split_between is not None:
            raise _misfit("blocks have a size or are two of a random split, not both", "give one of them")
        if self.split_between is not None and not 1 <= self.split_between[0] <= self.split_between[1]:
            raise _misfit(f"no split lies between {self.split_between}", "give the fewest and the most items, rising")
        if self.keeps_history and self.mode != "blocks":
            raise _misfit("only blocks may keep a history or not", "mode='multi_turn' always keeps it")

    def _check_answering(self) -> None:
        if self.answering not in ANSWERINGS:
            raise _misfit(f"no answering is called {self.answering!r}", f"it is {', '.join(ANSWERINGS)}")
        if self.answering != "text" and self.mode not in ("item_wise", "multi_turn"):
            raise _misfit(f"{self.answering} tells of one item at a time", "use mode='item_wise' or mode='multi_turn'")
        if self.answering == "first_token" and self.option_marks == "words":
            raise _misfit("options without marks share first tokens", "use other option_marks, or continuation")
        if self.orders and (self.answering == "text" or self.mode != "item_wise"):
            raise _misfit(
                "orders are averaged over distributions of single items",
                "use answering='first_token' and mode='item_wise', or administer_over_orders for text",
            )
        if self.orders and self.orders not in ORDER_PLANS[:2]:
            raise _misfit(f"no plan of orders is called {self.orders!r}", "it is swap or cyclic")
        if not 0 <= self.least_coverage <= 1:
            raise _misfit(f"a coverage of {self.least_coverage} is no share", "give a number from 0 to 1")

    def spell(self) -> dict[str, str | int | float | bool]:
        """The choices in JSON, with prompts by their hash; later choices only where they are made, so that the spelling
        of an administration does not change when there is more to choose.
        """
        spelled: dict[str, str | int | float | bool] = {
            "mode": self.mode,
            "wording": self.wording,
            "option_order": spelled_order(self.option_order),
            "option_marks": self.option_marks,
            "show_labels": self.show_labels,
            "item_marks": self.item_marks,
            "item_order": self.item_order,
            "attempts": self.attempts,
            "prompt": content_hash(self.template)[:12],
        }
        for name in _LATER:
            value = getattr(self, name)
            if value != _DEFAULTS[name]:
                spelled[name] = "-".join(map(str, value)) if isinstance(value, tuple) else value
        if self.mode == "multi_turn":
            spelled["next_prompt"] = content_hash(self.next_template)[:12]
        return spelled

    @property
    def template(self) -> str:
        """The prompt template in use."""
        return self.prompt or (ALL_IN_ONE_PROMPT if self.mode in ("all_in_one", "blocks") else ITEM_PROMPT)

    @property
    def next_template(self) -> str:
        """The template of further items of one conversation."""
        return self.next_prompt or NEXT_ITEM_PROMPT


_LATER = (
    "answering",
    "block_size",
    "split_between",
    "keeps_history",
    "orders",
    "least_coverage",
    "per_token",
)
_DEFAULTS: Mapping[str, object] = {field.name: field.default for field in fields(Administration)}


def spelled_order(order: str | Order) -> str:
    """An order of options in one word: its name, or its places as in ``2-0-1``."""
    return order if isinstance(order, str) else "-".join(map(str, order))


def _misfit(what: str, remedy: str) -> InputError:
    return InputError(what, where="administration", remedy=remedy)


async def administer(
    instrument: Instrument,
    model: Model,
    how: Administration = Administration(),  # frozen
    *,
    system: str = "",
    sampling: Sampling = Sampling(),  # noqa: B008  # frozen
    rng: np.random.Generator | None = None,
    respondent: Respondent | None = None,
    conditioned_on: Collection[str] | Mapping[str, str] = (),
) -> Administered:
    """Put an instrument to a respondent.

    Args:
        instrument: What is asked.
        model: Who is asked.
        how: The administration.
        system: The persona, as rendered; empty for none.
        sampling: How replies are drawn.
        rng: Order of items and options, and the split into blocks, where these are drawn.
        respondent: Who answers, if it is more than a system message: the client of a dialogue, an observer of a text.
        conditioned_on: Items that the persona was told the answers of: identifiers of this instrument's, or texts of
            another's by identifier.

    Raises:
        ProviderError: If no call can succeed at all; other failures are a status.
        InputError: If the prompt of ``how`` cannot be filled in, or items are scored that the persona was told.
    """
    refuse_overlap(instrument, conditioned_on)
    if system and respondent is not None:
        raise _misfit("the respondent and a system message are given", "put the system message into the respondent")
    who = respondent or Respondent(system=system)
    asking = Asking(instrument, model, how, make_form(instrument, how, rng, who), who, sampling)
    if how.answering != "text":
        count = max(len(instrument.options_of(item)) for item in instrument.items)
        names = [f"{how.orders}-{number}" for number in range(orders_in(how.orders, count))] if how.orders else []
        forms = [make_form(instrument, replace(how, option_order=name), rng, who) for name in names]
        return await ask_distributions(asking, forms or [asking.form])
    if how.mode == "all_in_one":
        return await ask_at_once(asking)
    if how.mode == "item_wise":
        return await ask_one_by_one(asking)
    return await ask_in_turns(asking, rng)


@dataclass(frozen=True, slots=True)
class AdministeredOverOrders:
    """What an instrument came to under every order of its options."""

    given: tuple[Administered, ...]
    """The administration under each order."""
    items: Mapping[str, OverOrders]
    """Each item, averaged over the orders of its options."""

    @property
    def values(self) -> list[int | None]:
        """The option that most orders chose, an item each; ``None`` where two share that place or nothing came."""
        return [one.value for one in self.items.values()]


async def administer_over_orders(
    instrument: Instrument,
    model: Model,
    how: Administration = Administration(mode="item_wise"),  # frozen
    *,
    plan: str = "swap",
    system: str = "",
    sampling: Sampling = Sampling(),  # noqa: B008  # frozen
    rng: np.random.Generator | None = None,
    respondent: Respondent | None = None,
) -> AdministeredOverOrders:
    """Put an instrument once under each order of its options, and average each item.

    When to use: where the place of an option may decide instead of its words, as in vignettes and forced choices.

    Args:
        instrument: What is asked; items with options of their own may have any number of them.
        model: Who is asked.
        how: The administration; its ``option_order`` is replaced.
        plan: Which orders: ``swap``, ``cyclic`` or ``all``.
        system: The persona, as rendered; empty for none.
        sampling: How replies are drawn.
        rng: What is drawn otherwise.
        respondent: Who answers, if it is more than a system message.

    Raises:
        InputError: If there is no such plan, or an item has too many options for it.
    """
    counts = {item: orders_in(plan, len(instrument.options_of(item))) for item in instrument.items}
    names = [f"{plan}-{number}" for number in range(max(counts.values()))]
    given = [
        await administer(
            instrument,
            model,
            replace(how, option_order=name),
            system=system,
            sampling=sampling,
            rng=rng,
            respondent=respondent,
        )
        for name in names
    ]
    items = {}
    for place, (item, count) in enumerate(counts.items()):
        values = [option.value for option in instrument.options_of(item)]
        orders = [order_at(name, len(values)) for name in names[:count]]
        items[item] = over_orders(values, orders, [one.values[place] for one in given[:count]])
    return AdministeredOverOrders(tuple(given), items)
