"""SIGKILLs at random moments, and an exact account of every call that was made.

The account is kept by the server, in another process than the one that is killed: each call with its content, when it
came and when the last byte of its answer was handed to the system. Beside it stands what the ledger holds after each
kill, read by SQLite alone. The claims:

- what the ledger holds is never asked again;
- all calls that were made are the distinct calls, plus those that a kill found unacknowledged, each asked once more;
- a kill loses no more than two calls a worker, and nothing whose answer was sent long before the kill;
- the run ends as one that nobody disturbed.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from personae.study import Ledger, read_table, run_study
from support.deadline import within
from support.faulty_server import FaultyServer
from support.kennel import Kennel
from support.studies import SmallStudy, WatchedModel, read_ledger, served_answer

WORKERS = 8
SLACK_OF_MOST = 0.1
"""Seconds between an answer's last byte and its row on disk that nineteen kills of twenty stay below."""
SLACK_OF_ALL = 1.5
"""The same for every kill: a machine that is busy with other things may leave a process without CPU for a while."""


@dataclass(slots=True)
class Account:
    """What happened to runs that were killed again and again."""

    runs: int = 0
    kills: int = 0
    before_the_first_call: int = 0
    """Kills that met a start before it had asked anything."""
    calls: int = 0
    lost: int = 0
    """Calls that reached the server and that a kill found unacknowledged."""
    oldest: list[float] = field(default_factory=list)
    """Of each kill: how long before it the earliest answer had been sent that is not in the ledger; 0 if none."""


Moment = tuple[bool, float]
"""Whether to wait for the first call, and for how many seconds after it or after the start."""


def kill_runs(place: Path, persons: int, kills: int, moments: Iterator[Moment]) -> Account:
    """Make one run after the other under kills, until there were so many; each run is let come to its end."""
    account = Account()
    with Kennel() as kennel:
        while account.kills < kills:
            folder = place / f"run-{account.runs}"
            run_under_kills(folder, persons, kills, moments, account, kennel)
            assert_as_undisturbed(folder, persons)
            account.runs += 1
    return account


def run_under_kills(
    folder: Path, persons: int, kills: int, moments: Iterator[Moment], account: Account, kennel: Kennel
) -> None:
    """Kill one run again and again, while there are kills left, and keep the account."""
    lost_before = account.lost
    with FaultyServer(served_answer, delay=0.02) as server:
        code = -1
        while code != 0:
            kept, first = set(read_ledger(folder).calls), len(server.calls)
            pid = kennel.start(server.url, folder, persons=persons, workers=WORKERS)
            killed = None
            if account.kills < kills:
                waits, pause = next(moments)
                give_up = time.monotonic() + 5
                while waits and len(server.calls) == first and time.monotonic() < give_up:
                    time.sleep(0.001)
                time.sleep(pause)
                killed = kennel.kill(pid)
            code = kennel.wait()
            time.sleep(0.03 if killed else 0)  # what the server had in hand
            made = server.calls[first:]
            asked = [call.text for call in made]
            assert not set(asked) & kept, "what was acknowledged was asked again"
            assert len(asked) == len(set(asked)), "one start asked the same thing twice"
            if code == 0:  # it was through before it could be killed, or was let be
                break
            assert code == -9
            assert killed is not None
            acknowledged = set(read_ledger(folder).calls)
            assert kept <= acknowledged, "a kill took away what was acknowledged"
            lost = [call for call in made if call.text not in acknowledged]
            assert len(lost) <= 2 * WORKERS  # one in flight, one on its way to the disk
            ages = [killed - call.sent for call in lost if call.sent is not None]
            account.oldest.append(max(0.0, *ages, 0.0))
            account.kills += 1
            account.before_the_first_call += not made
            account.lost += len(lost)
        made_in_all = len(server.calls)
        distinct = {call.text for call in server.calls}
    assert len(distinct) == persons * 2
    assert made_in_all == len(distinct) + account.lost - lost_before
    account.calls += made_in_all


def assert_as_undisturbed(folder: Path, persons: int) -> None:
    """The folder holds each call and each cell once, with the table and the findings of a run that nobody disturbed."""
    kept = read_ledger(folder)
    assert len(kept.calls) == len(set(kept.calls)) == persons * 2
    assert len(kept.cells) == len(set(kept.cells)) == persons
    study = SmallStudy(persons=persons)
    undisturbed = run_study(study, {"subject": WatchedModel()}, workers=64).table
    ledger = Ledger(folder / "ledger.sqlite")
    table = read_table(ledger, "watched")
    ledger.close()
    assert table.equals(undisturbed)
    assert study.measure(table) == study.measure(undisturbed)


def moments_of(seed: int) -> Iterator[Moment]:
    """Moments spread over the life of a start: while it opens its files, at its first calls, in the middle of them."""
    draw = random.Random(seed)
    while True:
        if draw.random() < 0.2:
            yield False, draw.random() * 0.08
        else:
            yield True, draw.random() * 0.25


def test_a_few_kills_lose_what_was_in_flight_and_nothing_else(tmp_path: Path) -> None:
    with within(60):
        account = kill_runs(tmp_path, 100, 6, moments_of(seed=1))
    assert account.kills == 6
    assert max(account.oldest) <= SLACK_OF_ALL


@pytest.mark.slow
def test_two_hundred_kills_with_an_exact_account_of_calls(tmp_path: Path) -> None:
    with within(400):
        account = kill_runs(tmp_path, 1200, 200, moments_of(seed=2))
    assert account.kills == 200
    assert account.before_the_first_call >= 5
    assert account.lost >= 200  # else the kills met nothing, and the account proves nothing
    ages = sorted(account.oldest)
    assert ages[int(len(ages) * 0.95)] <= SLACK_OF_MOST
    assert ages[-1] <= SLACK_OF_ALL
    print(  # noqa: T201  # for those who run it with -s
        f"{account.kills} kills in {account.runs} runs, {account.before_the_first_call} before the first call;"
        f" {account.calls} calls, {account.lost} of them lost; oldest lost answer {ages[-1] * 1000:.1f} ms,"
        f" median {ages[len(ages) // 2] * 1000:.1f} ms before its kill"
    )
