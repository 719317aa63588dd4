"""The lab of a cell: seeds that belong to run, cell and purpose; calls that are recorded, and given out once."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from personae.errors import InputError
from personae.model import ProviderError, Reply, Request, Sampling
from personae.study import Bench, Cell, Lab, Ledger, Tally
from support.studies import WatchedModel, read_ledger

CELL = Cell({"person": "ada"})
ASK = Request.of("Hello")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger(tmp_path / "ledger.sqlite")
    yield ledger
    ledger.close()


def bench(ledger: Ledger, tmp_path: Path, model: WatchedModel | None = None, *, seed: int = 0) -> Bench:
    model = model or WatchedModel()
    roles = {"subject": model, "judge": model}
    return Bench(roles, dict.fromkeys(roles, model.name), ledger, Tally(), seed, tmp_path)


async def seeds_asked(bench: Bench, cell: Cell, role: str = "subject", *, replicates: int = 1) -> list[int | None]:
    model = bench.models[role]
    assert isinstance(model, WatchedModel)
    before = len(model.requests)
    for replicate in range(replicates):
        await Lab(cell, bench).model(role).generate(Request.of("Hello", replicate=replicate))
    return [request.sampling.seed for request in model.requests[before:]]


async def test_run_cell_role_and_replicate_have_seeds_of_their_own(ledger: Ledger, tmp_path: Path) -> None:
    here, elsewhere = bench(ledger, tmp_path), bench(ledger, tmp_path, seed=1)
    seeds = [
        *await seeds_asked(here, CELL, replicates=2),
        *await seeds_asked(here, Cell({"person": "bob"})),
        *await seeds_asked(here, CELL, "judge"),
        *await seeds_asked(elsewhere, CELL),
    ]
    assert len(set(seeds)) == 5
    assert all(seed is not None and 0 <= seed < 2**31 for seed in seeds)


async def test_the_same_run_has_the_same_seeds_again(ledger: Ledger, tmp_path: Path) -> None:
    first, again = bench(ledger, tmp_path, seed=3), bench(ledger, tmp_path, seed=3)
    assert await seeds_asked(first, CELL, replicates=3) == await seeds_asked(again, CELL, replicates=3)


async def test_a_seed_that_the_study_chose_is_kept(ledger: Ledger, tmp_path: Path) -> None:
    model = WatchedModel()
    lab = Lab(CELL, bench(ledger, tmp_path, model))
    await lab.model().generate(Request.of("Hello", sampling=Sampling(seed=0)))
    assert model.requests[0].sampling.seed == 0


def test_random_numbers_belong_to_the_purpose_and_leave_the_global_generators_alone(
    ledger: Ledger, tmp_path: Path
) -> None:
    lab = Lab(CELL, bench(ledger, tmp_path))
    before = random.getstate(), np.random.get_state()[1].tolist()  # type: ignore[index]
    draws = [lab.rng("order").random(), lab.rng("names").random(), lab.rng("order").random()]
    assert draws[0] == draws[2] != draws[1]
    assert before == (random.getstate(), np.random.get_state()[1].tolist())  # type: ignore[index]


async def test_every_call_is_in_the_ledger_and_in_the_tally(ledger: Ledger, tmp_path: Path) -> None:
    here = bench(ledger, tmp_path)
    lab = Lab(CELL, here)
    await lab.model().generate(ASK)
    await lab.model("judge").generate(ASK)
    ledger.settle()
    assert read_ledger(tmp_path).calls == ["Hello", "Hello"]
    assert (here.tally.calls, here.tally.usage.input_tokens) == (2, 20)
    (first, second) = ledger.example_calls([CELL.key])
    assert (first.role, second.role) == ("subject", "judge")


async def test_a_call_that_failed_is_recorded_and_raised(ledger: Ledger, tmp_path: Path) -> None:
    def fail(_: Request) -> None:
        raise ProviderError("overloaded", "come back later", model="watched")

    here = bench(ledger, tmp_path, WatchedModel(before=fail))
    with pytest.raises(ProviderError, match="come back later"):
        await Lab(CELL, here).model().generate(ASK)
    (call,) = ledger.example_calls([CELL.key])
    assert call.reply is None
    assert "come back later" in call.error
    assert (here.tally.calls, here.tally.failed_calls) == (1, 1)


async def test_what_an_earlier_start_was_answered_is_given_out_once_and_in_order(
    ledger: Ledger, tmp_path: Path
) -> None:
    model = WatchedModel()
    first = Lab(CELL, bench(ledger, tmp_path, model))
    paid = [(await first.model().generate(ASK)).text, (await first.model().generate(ASK)).text]
    answered = ledger.unfinished_replies()[CELL.key]
    here = bench(ledger, tmp_path, model)
    again = Lab(CELL, here, answered)
    assert [(await again.model().generate(ASK)).text for _ in range(2)] == paid
    assert len(model.requests) == 2  # nothing was asked
    await again.model().generate(ASK)
    assert len(model.requests) == 3  # a third time it was, for it had been answered twice only
    assert (here.tally.calls, here.tally.cached_calls) == (3, 2)
    assert here.tally.cost == 0.0


async def test_a_reply_from_an_earlier_start_is_not_given_to_another_question(ledger: Ledger, tmp_path: Path) -> None:
    model = WatchedModel()
    await Lab(CELL, bench(ledger, tmp_path, model)).model().generate(ASK)
    answered = ledger.unfinished_replies()[CELL.key]
    lab = Lab(CELL, bench(ledger, tmp_path, model), answered)
    await lab.model("judge").generate(ASK)
    await lab.model().generate(Request.of("Hello?"))
    await lab.model().generate(Request.of("Hello", replicate=1))
    assert len(model.requests) == 4


def test_a_role_that_nobody_plays_names_those_that_are_played(ledger: Ledger, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="subject, judge"):
        Lab(CELL, bench(ledger, tmp_path)).model("rater")


def test_artefacts_have_a_folder_of_their_cell(ledger: Ledger, tmp_path: Path) -> None:
    here = bench(ledger, tmp_path)
    one, other = Lab(CELL, here).artefact("a.png"), Lab(Cell({"person": "bob"}), here).artefact("a.png")
    assert one != other
    one.write_text("x")
    assert tmp_path in one.parents


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "../x", "/etc/passwd", "a\0b"])
def test_an_artefact_cannot_leave_its_folder(ledger: Ledger, tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="no name of a file"):
        Lab(CELL, bench(ledger, tmp_path)).artefact(name)


async def test_the_reply_is_that_of_the_model(ledger: Ledger, tmp_path: Path) -> None:
    reply = await Lab(CELL, bench(ledger, tmp_path)).model().generate(ASK)
    assert isinstance(reply, Reply)
    assert reply.text.startswith("answer ")
