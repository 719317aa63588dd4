"""Batches beside the cache, and beside roles that are asked live."""

from __future__ import annotations

from pathlib import Path

import pytest

from personae.model import (
    Reply,
    Request,
    ResponseCache,
    open_model,
)
from personae.model.served import Served
from personae.study import run_study
from support.batch_server import BatchServer
from support.batches import ask, model_of
from support.studies import SmallStudy


async def test_the_cache_comes_first_and_keeps_what_a_batch_brings(
    server: BatchServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    cache = ResponseCache(tmp_path / "cache")
    async with model_of(server, "openai", tmp_path, cache=cache) as model:
        await ask(model, "one")
        again, new = await ask(model, "one", "two")
    assert caplog.messages == []  # nothing is left behind, so nothing is said
    cache.close()
    assert isinstance(again, Reply)
    assert isinstance(new, Reply)
    assert (again.is_cached, new.is_cached) == (True, False)
    assert server.asked == ["one", "two"]


async def test_live_and_batched_answers_share_one_cache(server: BatchServer, tmp_path: Path) -> None:
    cache = ResponseCache(tmp_path / "cache")
    async with model_of(server, "openai", tmp_path, cache=cache) as model:
        await ask(model, "one")
    live = open_model(f"{server.url}#m", cache=cache)
    assert isinstance(live, Served)
    assert (await live.generate(Request.of("one"))).is_cached
    await live.aclose()
    cache.close()
    assert server.requests == []


def test_one_role_is_batched_while_another_is_live(server: BatchServer, tmp_path: Path) -> None:
    from personae.study import Cell, Lab, Observation

    async def observe(cell: Cell, lab: Lab) -> Observation:
        said = (await lab.model().generate(Request.of(f"subject {cell.factors['person']}"))).text
        judged = (await lab.model("judge").generate(Request.of(f"judge {said}"))).text
        return Observation("ok", {"answers": [judged]})

    options = {"batch": "true", "batch_wait": "0.2", "poll": "0.1"}
    models = {
        "subject": open_model(f"{server.url}#m", options, batch_folder=tmp_path),
        "judge": open_model(f"{server.url}#j"),
    }
    study = SmallStudy(persons=20, roles=("subject", "judge"), how=observe)
    outcome = run_study(study, models, folder=tmp_path / "run", workers=64)
    assert outcome.is_complete
    assert sorted(row[0] for row in outcome.table["answers"]) == sorted(f"JUDGE SUBJECT {n}" for n in range(20))
    assert [len(batch.requests) for batch in server.batches] == [20]
    assert len(server.requests) == 20
