"""Putting questionnaires to models: what they read, what comes back, what is kept of the attempts."""

from __future__ import annotations

import dataclasses
import itertools
import json
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from personae.errors import InputError
from personae.instrument import (
    Administered,
    Administration,
    Answer,
    Attempt,
    Instrument,
    administer,
    make_form,
    show_options,
)
from personae.instrument.administration import letters
from personae.model import Message, ProviderError, Reply, Request, Sampling, ScriptedModel, Status
from support.questionnaires import AGREEMENT, small_instrument

SMALL = small_instrument()
COMPLETE = "(a) 5\n(b) 2\n(c) 4\n(d) 1"
VALUES = [5, 2, 4, 1]

ALL_IN_ONE = """\
How are you?

Response options:
1 = Disagree strongly
2 = Disagree a little
3 = Neither agree nor disagree
4 = Agree a little
5 = Agree strongly

Statements:
(a) I see myself as loud
(b) I see myself as silent
(c) I see myself as calm
(d) I see myself as worried

Answer every statement on a line of its own: its mark, then the option you choose, as in "(a) 3". Write nothing else."""

ONE_ITEM = """\
How are you?

Statement: I see myself as silent

Response options:
A = Agree strongly
B = Agree a little
C = Neither agree nor disagree
D = Disagree a little
E = Disagree strongly

Answer with the option you choose, as in "C". Write nothing else."""


def prompts(model: ScriptedModel) -> list[str]:
    return [request.messages[-1].content for request in model.requests]


def asked(**choices: Any) -> Administration:
    return Administration(**choices)


def statuses(given: Administered) -> list[Status]:
    return [answer.status for answer in given.answers]


# What is shown.


async def test_the_prompt_for_all_items() -> None:
    model = ScriptedModel([COMPLETE])
    await administer(SMALL, model, system="You are Ada.", sampling=Sampling(temperature=0.7))
    assert model.requests == [
        Request((Message("system", "You are Ada."), Message("user", ALL_IN_ONE)), Sampling(temperature=0.7))
    ]


async def test_the_prompt_for_one_item() -> None:
    model = ScriptedModel(lambda _: "C")
    how = Administration(mode="item_wise", option_order="descending", option_marks="letters")
    await administer(SMALL, model, how)
    assert len(model.requests) == 4
    assert prompts(model)[1] == ONE_ITEM
    assert all(len(request.messages) == 1 for request in model.requests)


def test_numbers_may_mark_the_items() -> None:
    form = make_form(SMALL, Administration(item_marks="numbers"))
    assert form.labels == ("1", "2", "3", "4")
    assert form.prompt("$example") == "(1) 3"


def test_options_may_stand_in_a_line_of_the_prompt() -> None:
    form = make_form(SMALL, Administration(show_labels=False))
    assert form.prompt("$options_in_line") == "1 for Disagree strongly, 5 for Agree strongly"
    assert form.prompt("$options").split("\n") == ["1 = Disagree strongly", "2", "3", "4", "5 = Agree strongly"]


def test_another_wording_comes_without_the_stem() -> None:
    form = make_form(SMALL, Administration(wording="plain"))
    assert form.texts == ("I talk much.", "I talk little.", "I am calm.", "I worry.")


def test_an_instrument_without_instructions_gets_general_ones() -> None:
    form = make_form(small_instrument(instructions="", stem=""), Administration())
    assert "statements" in form.prompt("$instructions")
    assert form.texts[0] == "loud"


def test_signs_of_templates_in_the_texts_survive() -> None:
    odd = "earn $items and ${options} or {items} for $$5 100%s \\1"
    instrument = small_instrument(instructions=odd, stem=odd)
    prompt = make_form(instrument, Administration()).prompt(Administration().template)
    assert prompt.count(odd) == 5


@pytest.mark.parametrize("template", ["$unknown", "costs $5", "${", "$"])
async def test_a_template_that_cannot_be_filled_in_is_refused_before_anybody_is_asked(template: str) -> None:
    model = ScriptedModel([COMPLETE])
    with pytest.raises(InputError, match=r"\$items"):
        await administer(SMALL, model, Administration(prompt=template))
    assert not model.requests


@pytest.mark.parametrize("attempts", [0, -1])
def test_no_attempts_are_refused(attempts: int) -> None:
    with pytest.raises(InputError):
        Administration(attempts=attempts)


def test_an_unknown_wording_is_refused() -> None:
    with pytest.raises(KeyError, match="plain"):
        make_form(SMALL, Administration(wording="poetic"))


@pytest.mark.parametrize(
    ("marks", "order", "expected"),
    [
        ("values", "ascending", [("0", 0), ("1", 1), ("2", 2), ("3", 3), ("4", 4)]),
        ("values", "descending", [("4", 4), ("3", 3), ("2", 2), ("1", 1), ("0", 0)]),
        ("ranks", "ascending", [("1", 0), ("2", 1), ("3", 2), ("4", 3), ("5", 4)]),
        ("ranks", "descending", [("1", 4), ("2", 3), ("3", 2), ("4", 1), ("5", 0)]),
        ("letters", "ascending", [("A", 0), ("B", 1), ("C", 2), ("D", 3), ("E", 4)]),
        ("letters", "descending", [("A", 4), ("B", 3), ("C", 2), ("D", 1), ("E", 0)]),
    ],
)
def test_marks_follow_the_value_or_the_place(marks: str, order: str, expected: list[tuple[str, int]]) -> None:
    how = asked(option_marks=marks, option_order=order)
    shown = show_options(small_instrument(first=0), how)
    assert [(option.mark, option.value) for option in shown] == expected
    assert [option.label for option in shown] == [AGREEMENT[value] for _, value in expected]


# A respondent that reads the prompt.

OPINIONS = {"loud": AGREEMENT[4], "silent": AGREEMENT[0], "calm": AGREEMENT[3], "worried": AGREEMENT[2]}
SCORES = [5, 1, 4, 3]


def reader_of_prompts(request: Request) -> str:
    """Answers by the words of items and options alone, whatever their marks and their order."""
    prompt = request.messages[-1].content
    options = dict(re.findall(r"^(-?\w+) = (.+)$", prompt, re.MULTILINE))
    mark_of = {str(label): str(mark) for mark, label in options.items()}
    items = re.findall(r"^\((\w+)\) (?:I see myself as )?(\w+)$", prompt, re.MULTILINE)
    if not items:
        single = re.search(r"^Statement: .*?(\w+)$", prompt, re.MULTILINE)
        assert single is not None
        return mark_of[OPINIONS[single.group(1)]]
    return "\n".join(f"({label}) {mark_of[OPINIONS[text]]}" for label, text in items)


ADMINISTRATIONS = [
    asked(mode=mode, option_order=order, option_marks=marks, item_marks=item_marks, item_order=item_order)
    for mode, order, marks, item_marks, item_order in itertools.product(
        ["all_in_one", "item_wise"],
        ["ascending", "descending"],
        ["values", "ranks", "letters"],
        ["letters", "numbers"],
        ["printed", "shuffled"],
    )
]


@pytest.mark.parametrize("how", ADMINISTRATIONS, ids=lambda how: "-".join(map(str, how.spell().values()))[:-13])
@pytest.mark.parametrize("first", [1, 0, -2])
async def test_however_it_is_asked_the_same_opinions_give_the_same_values(how: Administration, first: int) -> None:
    instrument = small_instrument(first=first)
    for seed in range(3):
        given = await administer(instrument, ScriptedModel(reader_of_prompts), how, rng=np.random.default_rng(seed))
        assert given.values == [score - 1 + first for score in SCORES]
        assert statuses(given) == ["ok"] * 4
        assert given.status == "ok"


async def test_only_the_ends_may_have_words() -> None:
    how = Administration(show_labels=False, option_order="descending", option_marks="letters")
    model = ScriptedModel(["(a) A\n(b) E\n(c) Agree strongly\n(d) B"])
    assert (await administer(SMALL, model, how)).values == [5, 1, 5, 4]


# Order of items.


def test_shuffling_needs_an_rng() -> None:
    with pytest.raises(ValueError, match="rng"):
        make_form(SMALL, Administration(item_order="shuffled"))


def test_shuffling_follows_the_rng_alone() -> None:
    how = Administration(item_order="shuffled")
    before = np.random.get_state()[1].tobytes()  # type: ignore[index]
    orders = [make_form(SMALL, how, np.random.default_rng(seed)).item_ids for seed in (0, 0, *range(1, 20))]
    assert orders[0] == orders[1]
    assert len(set(orders)) > 5
    assert all(sorted(order) == ["1", "2", "3", "4"] for order in orders)
    assert np.random.get_state()[1].tobytes() == before  # type: ignore[index]


def test_marks_stay_in_order_when_items_do_not() -> None:
    form = make_form(SMALL, Administration(item_order="shuffled"), np.random.default_rng(3))
    assert form.labels == ("a", "b", "c", "d")
    assert form.item_ids != ("1", "2", "3", "4")
    assert form.texts == tuple(f"I see myself as {SMALL.items[item]}" for item in form.item_ids)


# Attempts.

PARTIAL = "(a) 5\n(b) 2\n(c) 4"
WORSE = "(a) 1"
REFUSED = "I'm sorry, but as an AI I can't rate myself."
TIMEOUT = ProviderError("timeout", "60 seconds passed", model="scripted")


async def test_a_complete_reply_is_the_last_one() -> None:
    model = ScriptedModel([COMPLETE, "never"])
    given = await administer(SMALL, model, Administration(attempts=5))
    assert given.values == VALUES
    assert given.attempts == (Attempt("ok", 0, COMPLETE),)
    assert given.status == "ok"
    assert len(model.requests) == 1


async def test_every_rejected_attempt_is_kept() -> None:
    model = ScriptedModel([REFUSED, PARTIAL, "", COMPLETE, "never"])
    given = await administer(SMALL, model, Administration(attempts=9))
    assert given.values == VALUES
    assert given.attempts == (
        Attempt("refused", 4, REFUSED),
        Attempt("unparsed", 1, PARTIAL),
        Attempt("empty", 4, ""),
        Attempt("ok", 0, COMPLETE),
    )
    assert given.status == "repaired"  # usable, but not as it came
    assert statuses(given) == ["ok"] * 4


async def test_every_attempt_is_a_replicate_of_its_own() -> None:
    model = ScriptedModel([PARTIAL, PARTIAL, COMPLETE])
    await administer(SMALL, model, Administration(attempts=3))
    assert [request.replicate for request in model.requests] == [0, 1, 2]
    assert len({request.messages for request in model.requests}) == 1


async def test_without_a_complete_reply_the_fullest_counts() -> None:
    model = ScriptedModel([WORSE, PARTIAL, "(a) 3\n(b) 3\n(c) 3", WORSE])
    given = await administer(SMALL, model, Administration(attempts=4))
    assert given.values == [5, 2, 4, None]
    assert [attempt.missing for attempt in given.attempts] == [3, 1, 1, 3]
    assert given.messages[-1] == Message("assistant", PARTIAL)
    assert given.status == "unparsed"
    assert len(model.requests) == 4


async def test_one_attempt_asks_once() -> None:
    model = ScriptedModel([PARTIAL, COMPLETE])
    given = await administer(SMALL, model)
    assert given.values == [5, 2, 4, None]
    assert len(model.requests) == 1


@pytest.mark.parametrize("mode", ["all_in_one", "item_wise"])
async def test_a_failed_call_is_a_status_and_is_not_asked_again(mode: str) -> None:
    model = ScriptedModel(lambda _: TIMEOUT)
    given = await administer(SMALL, model, asked(mode=mode, attempts=5))
    assert statuses(given) == ["failed"] * 4
    assert given.status == "failed"
    assert given.values == [None] * 4
    assert given.messages == ()
    assert "60 seconds passed" in given.detail
    assert {attempt.status for attempt in given.attempts} == {"failed"}
    assert len(model.requests) == (1 if mode == "all_in_one" else 4)  # items are conversations of their own


async def test_a_failure_after_a_partial_reply_keeps_the_reply() -> None:
    model = ScriptedModel([PARTIAL, TIMEOUT, COMPLETE])
    given = await administer(SMALL, model, Administration(attempts=5))
    assert given.values == [5, 2, 4, None]
    assert [(attempt.status, attempt.missing) for attempt in given.attempts] == [("unparsed", 1), ("failed", 4)]
    assert "60 seconds passed" in given.detail
    assert len(model.requests) == 2


@pytest.mark.parametrize("mode", ["all_in_one", "item_wise"])
@pytest.mark.parametrize("kind", ["authentication", "not_found"])
async def test_an_error_that_no_call_escapes_is_raised(mode: str, kind: str) -> None:
    error = ProviderError("authentication" if kind == "authentication" else "not_found", "no", model="scripted")
    with pytest.raises(ProviderError) as caught:
        await administer(SMALL, ScriptedModel([error]), asked(mode=mode, attempts=2))
    assert caught.value is error


@pytest.mark.parametrize("mode", ["all_in_one", "item_wise"])
@pytest.mark.parametrize("words", ["Declined by policy.", "Rule 4 forbids this."])
async def test_a_refusal_in_its_own_field_is_refused_whatever_its_words(mode: str, words: str) -> None:
    model = ScriptedModel(lambda _: Reply("", refusal=words))
    given = await administer(SMALL, model, asked(mode=mode))
    assert statuses(given) == ["refused"] * 4
    assert {attempt.text for attempt in given.attempts} == {words}


async def test_an_answer_beside_a_refusal_field_is_still_an_answer() -> None:
    given = await administer(SMALL, ScriptedModel([Reply(COMPLETE, refusal="partly")]))
    assert given.values == VALUES


# One by one.


async def test_items_asked_one_by_one_know_nothing_of_each_other() -> None:
    model = ScriptedModel(lambda _: "4")
    await administer(SMALL, model, Administration(mode="item_wise"), system="You are Ada.")
    for index, request in enumerate(model.requests):
        assert [message.role for message in request.messages] == ["system", "user"]
        shown = [text for text in SMALL.items.values() if text in request.messages[1].content]
        assert shown == [list(SMALL.items.values())[index]]


async def test_each_item_has_attempts_of_its_own() -> None:
    model = ScriptedModel(["4", "hm", "Agree a little.", TIMEOUT, REFUSED, REFUSED])
    given = await administer(SMALL, model, Administration(mode="item_wise", attempts=2))
    assert given.values == [4, 4, None, None]
    assert statuses(given) == ["ok", "ok", "failed", "refused"]
    assert [attempt.status for attempt in given.attempts] == ["ok", "unparsed", "ok", "failed", "refused", "refused"]
    assert [request.replicate for request in model.requests] == [0, 0, 1, 0, 0, 1]
    assert given.status == "failed"
    assert given.messages == ()


async def test_one_by_one_without_a_rejection_is_ok() -> None:
    given = await administer(SMALL, ScriptedModel(lambda _: "4"), Administration(mode="item_wise", attempts=3))
    assert given.status == "ok"
    assert len(given.attempts) == 4


async def test_one_by_one_with_a_rejection_is_repaired() -> None:
    model = ScriptedModel(["4", "hm", "4", "4", "4"])
    given = await administer(SMALL, model, Administration(mode="item_wise", attempts=3))
    assert given.status == "repaired"


# What comes of it.


@pytest.mark.parametrize("system", ["", "You are Ada."])
async def test_the_conversation_can_be_continued(system: str) -> None:
    model = ScriptedModel([COMPLETE, "Once upon a time."])
    given = await administer(SMALL, model, system=system)
    assert given.messages == (*model.requests[0].messages, Message("assistant", COMPLETE))
    await model.generate(Request((*given.messages, Message("user", "Now a story."))))
    roles = [message.role for message in model.requests[1].messages]
    assert roles == (["system"] if system else []) + ["user", "assistant", "user"]


@pytest.mark.parametrize(
    ("found", "status"),
    [
        (["ok", "ok"], "ok"),
        (["ok", "repaired"], "repaired"),
        (["ok", "unparsed"], "unparsed"),
        (["unparsed", "empty"], "empty"),
        (["empty", "refused"], "refused"),
        (["refused", "failed"], "failed"),
    ],
)
def test_the_status_is_the_worst_of_the_six(found: list[Status], status: Status) -> None:
    answers = tuple(Answer(3 if one in ("ok", "repaired") else None, one) for one in found)
    assert Administered(answers, (Attempt("ok", 0, ""),)).status == status


def _changed(how: Administration) -> dict[str, Callable[[], Administration]]:
    return {
        "mode": lambda: dataclasses.replace(how, mode="item_wise"),
        "wording": lambda: dataclasses.replace(how, wording="plain"),
        "option_order": lambda: dataclasses.replace(how, option_order="descending"),
        "option_marks": lambda: dataclasses.replace(how, option_marks="letters"),
        "show_labels": lambda: dataclasses.replace(how, show_labels=False),
        "item_marks": lambda: dataclasses.replace(how, item_marks="numbers"),
        "item_order": lambda: dataclasses.replace(how, item_order="shuffled"),
        "attempts": lambda: dataclasses.replace(how, attempts=2),
        "prompt": lambda: dataclasses.replace(how, prompt="$items"),
        "answering": lambda: asked(mode="item_wise", answering="first_token"),
        "block_size": lambda: asked(mode="blocks", block_size=2),
        "split_between": lambda: asked(mode="blocks", split_between=(1, 2)),
        "keeps_history": lambda: asked(mode="blocks", block_size=2, keeps_history=True),
        "next_prompt": lambda: asked(mode="multi_turn", next_prompt="$items"),
        "orders": lambda: asked(mode="item_wise", answering="first_token", orders="swap"),
        "least_coverage": lambda: asked(least_coverage=0.9),
        "per_token": lambda: asked(mode="item_wise", answering="continuation", per_token=True),
    }


@pytest.mark.parametrize("name", [field.name for field in dataclasses.fields(Administration)])
def test_two_administrations_that_differ_are_spelt_differently(name: str) -> None:
    usual = Administration()
    changed = _changed(usual)[name]().spell()
    assert changed != usual.spell()
    assert changed[name] != usual.spell().get(name)
    assert json.loads(json.dumps(changed)) == changed


def test_what_can_be_chosen_since_is_not_spelt_where_it_is_not_chosen() -> None:
    names = {"mode", "wording", "option_order", "option_marks", "show_labels", "item_marks", "item_order", "attempts"}
    assert set(Administration().spell()) == {*names, "prompt"}


def test_the_default_prompt_spelt_out_is_the_same_administration() -> None:
    usual = Administration()
    assert dataclasses.replace(usual, prompt=usual.template).spell() == usual.spell()


@given(st.integers(0, 20_000), st.integers(0, 20_000))
def test_letters_are_as_many_as_places_and_in_their_order(first: int, second: int) -> None:
    one, other = letters(first), letters(second)
    assert (one == other) == (first == second)
    assert ((len(one), one) < (len(other), other)) == (first < second)
    assert re.fullmatch("[a-z]+", one)


@given(
    st.integers(2, 11), st.sampled_from(["ascending", "descending"]), st.sampled_from(["values", "ranks", "letters"])
)
def test_every_option_shown_is_read_back_as_its_value(count: int, order: str, marks: str) -> None:
    instrument: Instrument = small_instrument(labels=[f"degree {letters(index)}" for index in range(count)])
    how = asked(option_order=order, option_marks=marks)
    form = make_form(instrument, how)
    for option in form.options:
        assert form.reader.read(option.mark).value == option.value
        assert form.reader.read(f"{option.mark} = {option.label}").value == option.value
