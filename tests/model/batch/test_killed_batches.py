"""Batches: a run that is killed or interrupted finds again what it had submitted."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

from support.batch_server import BatchServer
from support.batches import Protocol, protocols, submissions, until
from support.studies import TESTS

RUN = """
import sys
from pathlib import Path
from personae.model import open_model
from personae.study import run_study
from support.studies import SmallStudy

name, url, folder, run, persons = sys.argv[1:]
options = {"batch": "true", "batch_wait": "0.3", "poll": "0.2"}
model = open_model(name, options, base_url=url, batch_folder=Path(folder))
study = SmallStudy(persons=int(persons), questions=1)
outcome = run_study(study, {"subject": model}, folder=Path(run), workers=64)
sys.exit(0 if outcome.is_complete else 9)
"""


def start_run(server: BatchServer, protocol: Protocol, folder: Path, persons: int) -> subprocess.Popen[bytes]:
    name, url = ("anthropic/m", server.url) if protocol == "anthropic" else (f"{server.url}#m", "")
    path = os.pathsep.join([str(TESTS), os.environ.get("PYTHONPATH", "")])
    return subprocess.Popen(
        [sys.executable, "-c", RUN, name, url, str(folder), str(folder / "run"), str(persons)],
        env={**os.environ, "PYTHONPATH": path},
        stderr=subprocess.PIPE,
    )


def finish(process: subprocess.Popen[bytes]) -> None:
    _, said = process.communicate(timeout=60)
    assert process.returncode == 0, said.decode()


@protocols
async def test_a_run_that_is_killed_while_its_batch_is_worked_on_rejoins_it(
    server: BatchServer, protocol: Protocol, tmp_path: Path
) -> None:
    server.is_held = True
    process = start_run(server, protocol, tmp_path, 30)
    await until(lambda: server.batches and server.batches[0].polls > 1, 60)
    process.kill()
    process.wait()
    assert process.stderr is not None
    process.stderr.close()
    server.is_held = False
    await asyncio.to_thread(finish, start_run(server, protocol, tmp_path, 30))
    assert len(server.asked) == len(set(server.asked)) == 30
    assert submissions(server) == 1


@protocols
async def test_a_run_that_is_killed_while_it_submits_finds_out_whether_the_batch_was_made(
    server: BatchServer, protocol: Protocol, tmp_path: Path
) -> None:
    server.making = 3600
    process = start_run(server, protocol, tmp_path, 30)
    await until(lambda: server.batches, 60)  # made, and the client does not know yet
    process.kill()
    process.wait()
    assert process.stderr is not None
    process.stderr.close()
    server.making = 0
    await asyncio.to_thread(finish, start_run(server, protocol, tmp_path, 30))
    assert submissions(server) == 1


async def test_a_run_that_is_interrupted_says_which_batch_runs_on(server: BatchServer, tmp_path: Path) -> None:
    server.is_held = True
    process = start_run(server, "openai", tmp_path, 10)
    await until(lambda: server.batches and server.batches[0].polls, 60)
    process.send_signal(signal.SIGINT)
    _, said = await asyncio.to_thread(process.communicate, timeout=60)
    assert process.returncode != 0
    assert b"batch batch_0" in said
    assert b"runs on" in said
    server.is_held = False
    await asyncio.to_thread(finish, start_run(server, "openai", tmp_path, 10))
    assert submissions(server) == 1
