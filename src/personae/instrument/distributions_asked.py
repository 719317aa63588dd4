"""Asking for distributions instead of answers: each item under each order of its options."""

from __future__ import annotations

from collections.abc import Sequence

from personae.instrument.answers import Answer
from personae.instrument.asking import Administered, Asking, Attempt
from personae.instrument.distributions import (
    NO_LOGPROBS,
    OptionDistribution,
    averaged,
    continuation_distribution,
    first_token_distribution,
)
from personae.instrument.form import Form
from personae.model import Message, ProviderError

_ENOUGH = 5  # items without a log-probability after which nothing is to be expected of an endpoint


async def ask_distributions(asking: Asking, forms: Sequence[Form]) -> Administered:
    """Find out how probable each option of each item is.

    Args:
        asking: What every call is made of.
        forms: The form under each order of the options that is averaged over.

    Raises:
        ProviderError: If the model tells no log-probabilities, or no call can succeed.
    """
    how, form = asking.how, asking.form
    keeps_history = how.mode == "multi_turn"
    answers: list[Answer] = []
    attempts: list[Attempt] = []
    distributions: list[OptionDistribution] = []
    said: list[Message] = []
    detail = ""
    for index in range(len(form.item_ids)):
        template = how.next_template if keeps_history and index else how.template
        try:
            orders = forms[: len(form.options_at(index))]  # of a cyclic plan, those that this item has
            found = averaged([await _of_item(asking, one, index, template, said) for one in orders])
        except ProviderError as error:
            if error.is_hopeless or error.kind == "unsupported":
                raise
            found = OptionDistribution(how.answering, {}, 0.0, note=str(error))
            answers.append(Answer(None, "failed"))
            detail = str(error)
        else:
            answers.append(_answer(found, how.least_coverage))
        distributions.append(found)
        attempts.append(Attempt(answers[-1].status, int(answers[-1].value is None), answers[-1].text))
        if len(distributions) == min(_ENOUGH, len(form.item_ids)) and all(
            one.note == NO_LOGPROBS for one in distributions
        ):
            raise ProviderError("unsupported", NO_LOGPROBS, model=asking.model.name)
        if keeps_history and answers[-1].value is not None:
            mark = next(one.mark or one.label for one in form.options_at(index) if one.value == answers[-1].value)
            said += [Message("user", form.prompt(template, index)), Message("assistant", mark)]
    by_item = dict(zip(form.item_ids, distributions, strict=True))
    return Administered(
        asking.printed(answers),
        tuple(attempts),
        asking.respondent.messages(*said) if said else (),
        detail,
        how.answering,
        tuple(by_item[item] for item in asking.instrument.item_ids),
    )


async def _of_item(
    asking: Asking, form: Form, index: int, template: str, said: Sequence[Message]
) -> OptionDistribution:
    request = asking.request(form.prompt(template, index), said)
    if asking.how.answering == "continuation":
        per_token = asking.how.per_token
        return await continuation_distribution(asking.model, request, form.options_at(index), per_token=per_token)
    return await first_token_distribution(asking.model, request, form.options_at(index))


def _answer(found: OptionDistribution, least_coverage: float) -> Answer:
    """The most probable option, if enough of the probability lies on options at all."""
    if found.note or found.covered < least_coverage:
        why = found.note or f"options have {found.covered:.2f} of the first token's probability"
        return Answer(None, "unparsed", why)
    value = found.value
    return Answer(value, "ok", str(value)) if value is not None else Answer(None, "unparsed", "two options are alike")
