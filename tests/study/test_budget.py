"""Budgets: never passed by what could be foreseen, ended in good order, continued with a larger one."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personae.errors import InputError
from personae.model import Reply, Request, Sampling, Usage, price_of
from personae.study import Budget, BudgetReached, Cell, Lab, Ledger, Observation, Purse, run_study
from support.studies import SmallStudy, WatchedModel, question

PRICED = "openai/gpt-4o-mini"
ASK = Request.of("Hello, how are you?", sampling=Sampling(max_tokens=50))


class Talker(WatchedModel):
    """Answers with a known number of tokens."""

    def __init__(self, tokens: int = 15, seconds: float = 0.0, name: str = "watched") -> None:
        super().__init__(seconds, name=name)
        self.tokens = tokens

    async def generate(self, request: Request) -> Reply:
        reply = await super().generate(request)
        return Reply(reply.text, usage=Usage(10, self.tokens - 10))


@pytest.mark.parametrize("workers", [1, 8])
def test_a_run_never_passes_its_tokens_and_uses_most_of_them(tmp_path: Path, workers: int) -> None:
    model = Talker(15, 0.001)
    outcome = run_study(
        SmallStudy(persons=500), {"subject": model}, folder=tmp_path, workers=workers, budget=Budget(tokens=6000)
    )
    assert not outcome.is_complete
    assert "of 6000 tokens" in outcome.stopped
    assert 15 * model.answered <= 6000
    assert 15 * model.answered > 6000 - 15 * 4


def test_a_stopped_run_goes_on_with_more_and_asks_nothing_twice(tmp_path: Path) -> None:
    study, model = SmallStudy(persons=100), Talker(15)
    first = run_study(study, {"subject": model}, folder=tmp_path, workers=4, budget=Budget(tokens=2000))
    same = run_study(study, {"subject": model}, folder=tmp_path, workers=4, budget=Budget(tokens=2000))
    assert same.table.height == first.table.height  # what was spent before counts
    assert same.stopped
    more = run_study(study, {"subject": model}, folder=tmp_path, workers=4, budget=Budget(tokens=2100))
    assert more.table.height > first.table.height  # what calls need is known from before: 100 tokens are room for some
    whole = run_study(study, {"subject": model}, folder=tmp_path, workers=4, budget=Budget(tokens=1_000_000))
    assert whole.is_complete
    assert whole.stopped == ""
    assert len(model.asked) == len(set(model.asked)) == 200
    assert whole.table.equals(run_study(study, {"subject": Talker(15)}).table)


def test_a_budget_in_dollars_holds(tmp_path: Path) -> None:
    price = price_of(PRICED)
    assert price is not None
    each = (10 * price.input + 90 * price.output) / 1_000_000
    model = Talker(100, name=PRICED)
    outcome = run_study(
        SmallStudy(persons=400), {"subject": model}, folder=tmp_path, workers=4, budget=Budget(cost=150.5 * each)
    )
    assert 140 <= model.answered <= 150
    assert outcome.tally.cost == pytest.approx(model.answered * each)
    assert outcome.tally.cost <= 150.5 * each
    assert "$" in outcome.stopped


def test_dollars_need_a_known_price_and_say_what_to_use_instead() -> None:
    model = WatchedModel(name="http://127.0.0.1:9/v1#mine")
    with pytest.raises(InputError, match="--token-limit"):
        run_study(SmallStudy(), {"subject": model}, budget=Budget(cost=1.0))
    assert model.requests == []


def test_what_costs_nothing_is_not_bounded_by_dollars() -> None:
    outcome = run_study(SmallStudy(persons=20), {"subject": WatchedModel(name="sim")}, budget=Budget(cost=0.01))
    assert outcome.is_complete


@pytest.mark.parametrize("wrong", [{"cost": 0.0}, {"cost": -1.0}, {"tokens": 0}, {"cost": float("nan")}])
def test_a_budget_without_room_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(InputError, match="above 0"):
        Budget(**wrong)  # type: ignore[arg-type]


async def test_replies_from_a_cache_are_not_counted() -> None:
    purse = Purse(Budget(tokens=1000))
    for _ in range(100):
        held = await purse.reserve("subject", "sim", ASK)
        purse.settle(held, Reply("Hi", usage=Usage(10, 40), is_cached=True), 0.0)
    assert purse.spent_tokens == 0


async def test_a_call_that_failed_gives_its_room_back() -> None:
    purse = Purse(Budget(tokens=100))
    for _ in range(50):
        held = await purse.reserve("subject", "sim", ASK)
        purse.settle(held, None, None)
        purse.settle(held, None, None)  # twice does not give it back twice
    assert purse.spent_tokens == 0
    await purse.reserve("subject", "sim", ASK)


async def test_near_the_bound_calls_wait_for_those_in_flight() -> None:
    purse = Purse(Budget(tokens=120))
    first = await purse.reserve("subject", "sim", ASK)
    second = asyncio.create_task(purse.reserve("subject", "sim", ASK))
    third = asyncio.create_task(purse.reserve("subject", "sim", ASK))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert third.done() is False
    purse.settle(first, Reply("Hi", usage=Usage(5, 1)), 0.0)
    await asyncio.wait_for(asyncio.gather(second, third), 5)  # it was a short reply: there is room for both


async def test_no_room_at_all_ends_it() -> None:
    purse = Purse(Budget(tokens=20))
    with pytest.raises(BudgetReached, match="0 of 20 tokens"):
        await purse.reserve("subject", "sim", ASK)


async def test_expectations_follow_what_replies_needed() -> None:
    purse = Purse(Budget(tokens=100_000))
    long = Request.of("x" * 300)
    for _ in range(5):
        guess = await purse.reserve("subject", "sim", long)
        assert guess.tokens >= 61 + 1024  # a few short replies prove nothing
        purse.settle(guess, Reply("Hi", usage=Usage(60, 30)), 0.0)
    assert (await purse.reserve("subject", "sim", long)).tokens == 61 + 30
    wide = Request.of("x" * 300, sampling=Sampling(max_tokens=10, n=3))
    assert (await purse.reserve("subject", "sim", wide)).tokens == 61 + 3 * 10
    for other in (("judge", long), ("subject", Request.of("x" * 300, system="y"))):  # of these nothing is known yet
        assert (await purse.reserve(other[0], "sim", other[1])).tokens > 101 + 1023


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 50), min_size=1, max_size=60), st.integers(60, 2000), st.integers(1, 9))
def test_with_a_bound_on_every_reply_the_budget_is_never_passed(lengths: list[int], most: int, at_once: int) -> None:
    purse = Purse(Budget(tokens=most))
    left = iter(lengths)

    async def work() -> None:
        for length in left:
            held = await purse.reserve("subject", "sim", ASK)
            await asyncio.sleep(0)
            purse.settle(held, Reply("Hi", usage=Usage(7, length)), 0.0)

    async def run() -> None:
        await asyncio.wait_for(asyncio.gather(*(work() for _ in range(at_once)), return_exceptions=True), 10)

    first = purse._estimate("subject", "sim", ASK).tokens
    asyncio.run(run())
    # Replies longer than any before are not foreseen: each worker may pass by one of them.
    assert purse.spent_tokens <= most + at_once * 50
    if most >= first * len(lengths):
        assert purse.spent_tokens == sum(lengths) + 7 * len(lengths)


def test_what_was_spent_and_on_whom_is_in_the_ledger(tmp_path: Path) -> None:
    async def both(cell: Cell, lab: Lab) -> Observation:
        await lab.model().generate(question(cell, 0))
        await lab.model("judge").generate(question(cell, 1))
        await lab.model("judge").generate(question(cell, 2))
        return Observation("ok")

    study = SmallStudy(persons=3, roles=("subject", "judge"), how=both)
    models = {"subject": Talker(20, name=PRICED), "judge": Talker(30, name="judge-model")}
    run_study(study, models, folder=tmp_path)
    ledger = Ledger(tmp_path / "ledger.sqlite")
    try:
        by_role = {one.name: one for one in ledger.spending("role")}
        assert (by_role["subject"].calls, by_role["subject"].output_tokens) == (3, 30)
        assert (by_role["judge"].calls, by_role["judge"].input_tokens, by_role["judge"].unpriced) == (6, 60, 6)
        assert by_role["subject"].cost > 0 == by_role["judge"].cost
        assert [one.name for one in ledger.spending("model")] == [PRICED, "judge-model"]
        assert {(one.name, one.calls) for one in ledger.spending("person")} == {("0", 3), ("1", 3), ("2", 3)}
        assert ledger.spent() == (by_role["subject"].cost, 3 * 20 + 6 * 30)
        with pytest.raises(InputError, match="choose one of role, model, person"):
            ledger.spending('person" OR 1=1')
    finally:
        ledger.close()
