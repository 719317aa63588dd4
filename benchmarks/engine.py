"""What the engine costs beside raw aiohttp, in one run on one machine.

    python benchmarks/engine.py [--cells 5000] [--million]

Prints CPU time a call for raw aiohttp and for a whole cell of a run (design, key, cache miss, retry, HTTP, parsing,
cost, ledger), for a cell answered from the response cache, how many calls are really in flight, memory, and the time to
find out what a finished run still has to do. Ratios are the result; the absolute times belong to the machine.
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
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import orjson

from personae.model import Message, Request, ResponseCache, open_model
from personae.study import Cell, Design, Finding, Lab, Ledger, Observation, run_study

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
    assert outcome.table.height == cells


def report(what: str, value: str, target: str = "") -> None:
    print(f"{what:<58} {value:>16}   {target}", flush=True)


def compare_calls(cells: int, in_flight: int, scratch: Path) -> None:
    with mock_server(0.05) as url:
        asyncio.run(raw_calls(url, 500, in_flight))  # warm: imports, connections of the kernel, caches
        before = cpu()
        asyncio.run(raw_calls(url, cells, in_flight))
        raw = (cpu() - before) / cells
        report("raw aiohttp, CPU a call", f"{raw * 1e3:.3f} ms")
        cache = ResponseCache(scratch / "cache")
        run_cells(url, 500, in_flight, scratch / "warm", None)
        start = memory()
        before = cpu()
        run_cells(url, cells, in_flight, scratch / "live", cache)
        live = (cpu() - before) / cells
        report("a live cell, CPU", f"{live * 1e3:.3f} ms")
        report("  beside raw aiohttp", f"{live / raw:.2f} x", "must be 1.5 or less")
        report(f"  memory at {cells} cells, resident", f"{memory():.0f} MB", f"120 MB or less; {start:.0f} MB before")
        before = cpu()
        run_cells(url, cells, in_flight, scratch / "cached", cache)
        cached = (cpu() - before) / cells
        report("a cell answered from the cache, CPU", f"{cached * 1e3:.3f} ms", "must be 0.05 ms or less")
        cache.close()


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
    start, before = time.perf_counter(), memory()
    run_study(study, {"subject": model}, folder=folder)
    spent = time.perf_counter() - start
    report(f"resume scan of {cells} finished cells, with its table", f"{spent:.2f} s", "must be 5 s for 1,000,000")
    report("  memory, resident", f"{memory():.0f} MB", f"{before:.0f} MB before")


async def _nothing() -> None:
    return None


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--cells", type=int, default=5000)
    arguments.add_argument("--million", action="store_true", help="resume a million cells instead of --cells")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as name:
        compare_calls(given.cells, 256, Path(name))
        for asked in (256, 2048):
            count_in_flight(asked, Path(name))
        time_resume(1_000_000 if given.million else given.cells, Path(name))
