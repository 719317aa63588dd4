"""What the engine costs beside raw aiohttp, in one run on one machine.

    python benchmarks/engine.py [--cells 5000] [--memory 200000] [--million]

Prints CPU time a call for raw aiohttp and for a whole cell of a run (design, key, cache miss, retry, HTTP, parsing,
cost, ledger), for a cell answered from the response cache, how many calls are really in flight, memory in a process of
its own, and the time to find out what a finished run still has to do. Ratios are the result; the absolute times belong
to the machine. Both HTTP clients are measured where pyreqwest is installed.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import aiohttp
import orjson

from personae.model import Message, Request, ResponseCache, http, open_model
from personae.study import Cell, Design, Finding, Lab, Ledger, Observation, Tally, run_study

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

PROMPT = "How likely are you to recommend this to a friend? Answer in one sentence and give a number from 1 to 5. " * 4


class OneQuestion:
    """The smallest study that asks over the network: one call a cell."""

    name = "one question"
    roles = ("subject",)
    parameters: Mapping[str, Any] = {}

    def __init__(self, cells: int) -> None:
        self.cells = cells

    def design(self, rng: np.random.Generator) -> Iterable[Cell]:
        return Design({"person": range(self.cells)})

    async def observe(self, cell: Cell, lab: Lab) -> Observation:
        request = Request((Message("system", f"You are person {cell.factors['person']}."), Message("user", PROMPT)))
        reply = await lab.model().generate(request)
        return Observation("ok", {"answer": reply.text[-1]})

    def measure(self, table: pl.DataFrame) -> list[Finding]:
        return []


@contextmanager
def mock_server(latency: float) -> Iterator[str]:
    command = [sys.executable, str(Path(__file__).with_name("mock_chat.py")), "--latency", str(latency)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.stdin.close()


async def raw_calls(url: str, calls: int, in_flight: int) -> None:
    """What a script without any library of ours would do."""
    numbers = iter(range(calls))
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def worker() -> None:
            for number in numbers:
                messages = [
                    {"role": "system", "content": f"You are person {number}."},
                    {"role": "user", "content": PROMPT},
                ]
                body = orjson.dumps({"model": "mock", "messages": messages, "temperature": 1.0})
                async with session.post(url + "/v1/chat/completions", data=body) as response:
                    orjson.loads(await response.read())

        await asyncio.gather(*(worker() for _ in range(in_flight)))


def cpu() -> float:
    spent = os.times()
    return spent.user + spent.system


def memory() -> float:
    """Resident megabytes now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1]) if Path("/proc/self/statm").exists() else 0
    return pages * resource.getpagesize() / 2**20


async def told(url: str, path: str) -> dict[str, int]:
    async with aiohttp.ClientSession() as session, session.get(url + path) as response:
        found: dict[str, int] = orjson.loads(await response.read())
        return found


def run_cells(url: str, cells: int, in_flight: int, folder: Path, cache: ResponseCache | None) -> None:
    model = open_model(f"{url}/v1#mock", cache=cache)
    outcome = run_study(OneQuestion(cells), {"subject": model}, folder=folder, workers=in_flight)
    assert outcome.is_complete
    assert outcome.tally.statuses.total() == cells


def report(what: str, value: str, target: str = "") -> None:
    print(f"{what:<58} {value:>16}   {target}", flush=True)


def compare_calls(cells: int, in_flight: int, rounds: int, scratch: Path) -> None:
    """Raw calls and live cells in turn, so that what else the machine does falls on all of them."""
    transports = {"pyreqwest on uvloop": True, "aiohttp": False} if http.has_rust_http() else {"aiohttp": False}
    raw: list[float] = []
    live: dict[str, list[float]] = {name: [] for name in transports}
    with mock_server(0.05) as url:
        asyncio.run(raw_calls(url, 500, in_flight))  # warm: imports, connections of the kernel, caches
        run_cells(url, 500, in_flight, scratch / "warm", None)
        for number in range(rounds):
            raw.append(cpu_of(lambda: asyncio.run(raw_calls(url, cells, in_flight))) / cells)
            for name, is_rust in transports.items():
                http.has_rust_http = lambda is_rust=is_rust: is_rust
                cache = ResponseCache(scratch / f"cache-{name}-{number}")
                place = scratch / f"live-{name}-{number}"
                live[name].append(cpu_of(partial(run_cells, url, cells, in_flight, place, cache)) / cells)
                cache.close()
    report("raw aiohttp, CPU a call", f"{median(raw) * 1e3:.3f} ms", f"median of {rounds}")
    for name, found in live.items():
        report(f"a live cell with {name}, CPU", f"{median(found) * 1e3:.3f} ms")
        ratios = [ours / theirs for ours, theirs in zip(found, raw, strict=True)]
        report("  beside raw aiohttp", f"{median(ratios):.2f} x", "must be 1.5 or less")


def spend_cached(cells: int, in_flight: int, rounds: int, scratch: Path) -> None:
    """Cells of which none has to be asked for, in runs long enough that a run's beginning and end do not count."""
    with mock_server(0.0) as url:
        cache = ResponseCache(scratch / "cache-cached")
        run_cells(url, cells, in_flight, scratch / "asked", cache)
        places = [scratch / f"cached-{number}" for number in range(rounds)]
        spent = [cpu_of(partial(run_cells, url, cells, in_flight, place, cache)) / cells for place in places]
        cache.close()
    report("a cell answered from the cache, CPU", f"{median(spent) * 1e3:.3f} ms", "must be 0.05 ms or less")


def cpu_of(work: Callable[[], object]) -> float:
    before = cpu()
    work()
    return cpu() - before


class Scale:
    """A watcher that notes the resident memory at 5,000 cells and at the end."""

    def __init__(self) -> None:
        self.early = 0.0

    def start(self, tally: Tally) -> None:
        pass

    def update(self, tally: Tally) -> None:
        if tally.done == 5000:
            self.early = memory()

    def stop(self, tally: Tally) -> None:
        print(f"{self.early:.1f} {memory():.1f}", flush=True)


def weigh_here(url: str, cells: int, folder: Path) -> None:
    cache = ResponseCache(folder / "cache")
    model = open_model(f"{url}/v1#mock", cache=cache)
    run_study(OneQuestion(cells), {"subject": model}, folder=folder / "run", workers=256, watcher=Scale())
    cache.close()


def weigh(cells: int, scratch: Path) -> None:
    with mock_server(0.0) as url:
        command = [sys.executable, __file__, "--weigh", url, str(scratch / "weigh"), "--cells", str(cells)]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    early, late = float(told[-2]), float(told[-1])
    report("memory at 5,000 cells, resident", f"{early:.0f} MB", "must be 120 MB or less")
    report(f"  at {cells} cells", f"{late:.0f} MB", "must be the same")


def count_in_flight(asked: int, scratch: Path) -> None:
    with mock_server(0.5) as url:
        run_cells(url, asked * 2, asked, scratch / f"flight-{asked}", None)
        seen = asyncio.run(told(url, "/stats"))["most_open"]
    report(f"in flight when {asked} are asked for", str(seen), f"must be {asked}")


def time_resume(cells: int, scratch: Path) -> None:
    """Fill a ledger with finished cells directly, then ask the run what is left."""
    study, folder = OneQuestion(cells), scratch / "resume"
    model = open_model("http://127.0.0.1:9/v1#mock")
    model.check = _nothing  # type: ignore[attr-defined]  # nobody is there, and nobody will be asked
    run_study(study, {"subject": model}, folder=folder, limit=0)
    ledger = Ledger(folder / "ledger.sqlite", is_durable=False)

    async def fill() -> None:
        batch: list[Any] = []
        for cell in Design({"person": range(cells)}):
            batch.append(ledger.add_observation(cell, Observation("ok", {"answer": "4"})))
            if len(batch) == 5000:
                await asyncio.gather(*batch)
                batch.clear()
        await asyncio.gather(*batch)

    asyncio.run(fill())
    ledger.close()
    start, spent_before, before = time.perf_counter(), cpu(), memory()
    outcome = run_study(study, {"subject": model}, folder=folder)
    spent, busy = time.perf_counter() - start, cpu() - spent_before
    assert outcome.is_complete
    told = f"{busy:.2f} s of CPU; must be 5 s for 1,000,000"
    report(f"resume scan of {cells} finished cells", f"{spent:.2f} s", told)
    report("  memory, resident", f"{memory():.0f} MB", f"{before:.0f} MB before")
    start = time.perf_counter()
    assert outcome.table.height == cells
    report("  their table", f"{time.perf_counter() - start:.2f} s")


async def _nothing() -> None:
    return None


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--cells", type=int, default=5000)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--memory", type=int, default=20_000, help="cells of the run whose memory is watched")
    arguments.add_argument("--million", action="store_true", help="resume a million cells instead of --cells")
    arguments.add_argument("--weigh", nargs=2, metavar=("URL", "FOLDER"), help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.weigh:
        weigh_here(given.weigh[0], given.cells, Path(given.weigh[1]))
        sys.exit()
    with tempfile.TemporaryDirectory() as name:
        weigh(given.memory, Path(name))
        compare_calls(given.cells, 256, given.rounds, Path(name))
        spend_cached(max(given.cells, 20_000), 256, given.rounds, Path(name))
        for asked in (256, 2048):
            count_in_flight(asked, Path(name))
        time_resume(1_000_000 if given.million else given.cells, Path(name))
