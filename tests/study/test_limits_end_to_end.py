"""Whole runs against a real server that bears only so much, storms, dies and comes back."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from personae.model import BreakerPolicy, Limiter, ProviderError, Request, limiting, open_model
from personae.study import Cell, Lab, Observation, Outcome, run_study
from support.limited_server import LimitedServer
from support.studies import SmallStudy


def run(server: LimitedServer, persons: int, workers: int, options: Mapping[str, str] | None = None) -> Outcome:
    study = SmallStudy(persons=persons, questions=2)
    return run_study(study, {"subject": open_model(f"{server.url}#m", options)}, workers=workers)


async def ask_both(cell: Cell, lab: Lab) -> Observation:
    """The subject and the judge at once."""
    asked = [lab.model(role).generate(Request.of(f"{role} {cell.factors['person']}")) for role in ("subject", "judge")]
    return Observation("ok", {"answers": [reply.text for reply in await asyncio.gather(*asked)]})


@pytest.mark.slow
@pytest.mark.parametrize("retry_after", ["", "0.2"])
def test_refusals_become_rare_and_a_capacity_that_nobody_told_is_used(retry_after: str) -> None:
    with LimitedServer(capacity=8, delay=0.1, retry_after=retry_after) as server:
        began = time.monotonic()
        outcome = run(server, 350, 48)
        ended = server.answered[-60]  # the last cells are fewer than the slots
    assert outcome.tally.statuses == {"ok": 350}
    converged = began + 2.5
    assert server.share_refused(converged) <= 0.06
    assert server.rate(converged, ended) >= 0.8 * 8 / 0.1


def test_with_a_known_rpm_next_to_nothing_is_refused_and_the_rate_is_used() -> None:
    with LimitedServer(per_second=60, delay=0.05, retry_after="1") as server:
        began = time.monotonic()
        outcome = run(server, 150, 32, {"rpm": "3600"})
    assert outcome.tally.statuses == {"ok": 150}
    assert server.share_refused(began) <= 0.03
    assert server.rate(began + 1, server.answered[-1]) >= 0.8 * 60


@pytest.mark.slow
def test_a_rate_that_nobody_told_is_found_by_being_refused_seldom() -> None:
    with LimitedServer(per_second=40, delay=0.2, retry_after="0.5") as server:
        began = time.monotonic()
        outcome = run(server, 200, 64)
    assert outcome.tally.statuses == {"ok": 200}
    converged = began + 3
    assert server.share_refused(converged) <= 0.08
    assert server.rate(converged, server.answered[-1]) >= 0.7 * 40


@pytest.mark.slow
def test_a_storm_of_refusals_in_the_middle_fails_no_cell() -> None:
    with LimitedServer(delay=0.05) as server:
        storm = threading.Timer(1.0, setattr, (server, "capacity", 0))
        calm = threading.Timer(4.0, setattr, (server, "capacity", 10_000))
        storm.start()
        calm.start()
        outcome = run(server, 600, 16)
    assert server.refused
    assert len(server.refused) < 150
    assert outcome.tally.statuses == {"ok": 600}


@pytest.mark.slow
def test_a_server_that_dies_and_comes_back_in_the_middle_fails_no_cell() -> None:
    with LimitedServer(delay=0.05) as server:
        death = threading.Timer(0.7, server.die)
        life = threading.Timer(4.0, server.come_back)
        death.start()
        life.start()
        outcome = run(server, 400, 16)
        life.join()
        gap = max(after - before for before, after in zip(server.answered, server.answered[1:], strict=False))
    assert gap > 2.5  # it was away in the middle of the run
    assert outcome.tally.statuses == {"ok": 400}
    assert outcome.is_complete


def test_a_server_that_stays_away_ends_the_run_in_good_order_and_the_next_start_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "run"
    quick = BreakerPolicy(failures=10, first_seconds=0.1, most_seconds=0.4, give_up_seconds=1.5)
    monkeypatch.setattr(limiting, "Limiter", lambda *args: Limiter(*args, breaker=quick))
    study = SmallStudy(persons=300)
    with LimitedServer(delay=0.02) as server:
        death = threading.Timer(0.5, server.die)
        death.start()
        with pytest.raises(ProviderError) as caught:
            run_study(study, {"subject": open_model(f"{server.url}#m")}, folder=folder, workers=16)
        assert caught.value.kind == "unreachable"
        assert "the run stops" in str(caught.value)
        assert "run the same command again" in str(caught.value)
        answered = len(server.answered)
        assert 0 < answered < 600
        server.come_back()
        outcome = run_study(study, {"subject": open_model(f"{server.url}#m")}, folder=folder, workers=16)
    assert set(outcome.table["status"]) == {"ok"}
    assert outcome.tally.statuses.keys() == {"ok"}
    assert len(server.answered) - 600 <= 16  # only what was in flight when it died was asked twice


def test_roles_that_ask_one_endpoint_share_its_bound() -> None:
    with LimitedServer(capacity=4, delay=0.05) as server:
        options = {"max_concurrency": "4"}
        models = {role: open_model(f"{server.url}#{role}", options) for role in ("subject", "judge")}
        study = SmallStudy(persons=40, roles=("subject", "judge"), how=ask_both)
        outcome = run_study(study, models, workers=16)
    assert not server.refused
    assert outcome.tally.statuses == {"ok": 40}


def test_a_deadline_fails_the_cell_and_not_the_run() -> None:
    with LimitedServer(delay=5.0) as server:
        began = time.monotonic()
        outcome = run(server, 3, 3, {"deadline": "0.5"})
        assert time.monotonic() - began < 4
    assert outcome.tally.statuses == {"failed": 3}
    assert "deadline of 0.5 s" in outcome.table["detail"][0]
