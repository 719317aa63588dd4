"""How many calls a second a ledger takes, in a file and in a database, in one run on one machine.

    python benchmarks/ledgers.py postgresql://user@host/database [--calls 20000] [--waiting 256]

So many tasks append calls, each waiting for its row to be kept before it appends the next, as the cells of a run do.
The ratio is the result; the absolute rates belong to the machine. Without a URL only the file is measured.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import secrets
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from personae.model import Message, Reply, Request, Sampling, Usage
from personae.study import Cell, Ledger, LedgerStore, LedgerUrl

PROMPT = "How likely are you to recommend this to a friend? Answer in one sentence and give a number from 1 to 5. " * 4
ANSWER = Reply("Fairly likely, since it has served me well so far: 4.", usage=Usage(120, 14), seconds=0.4)


async def append(ledger: LedgerStore, calls: int, waiting: int) -> None:
    numbers = iter(range(calls))

    async def worker() -> None:
        for number in numbers:
            messages = (Message("system", f"You are person {number}."), Message("user", PROMPT))
            request = Request(messages, sampling=Sampling(seed=number))
            await ledger.add_call(Cell({"person": number}), "subject", "model", "model", request, ANSWER, cost=0.001)

    await asyncio.gather(*(worker() for _ in range(waiting)))


def measure(open_one: Callable[[], LedgerStore], calls: int, waiting: int) -> tuple[float, float]:
    """Calls a second, and milliseconds of CPU a call in this process; the server's are not in it."""
    ledger = open_one()
    try:
        asyncio.run(append(ledger, waiting, waiting))  # connections, plans
        began, used = time.perf_counter(), _cpu()
        asyncio.run(append(ledger, calls, waiting))
        return calls / (time.perf_counter() - began), 1000 * (_cpu() - used) / calls
    finally:
        ledger.close()


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url", nargs="?", help="a PostgreSQL database")
    parser.add_argument("--calls", type=int, default=20_000)
    parser.add_argument("--waiting", type=int, default=256, help="tasks that append at once")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()

    def open_postgres() -> LedgerStore:
        from personae.study.postgres_ledger import PostgresLedger

        record = {"study": f"benchmark {secrets.token_hex(8)}", "parameters": {}, "models": {}, "seed": 0}
        return PostgresLedger.start(LedgerUrl.read(given.url), record)

    with tempfile.TemporaryDirectory() as folder:
        ledgers: dict[str, Callable[[], LedgerStore]] = {
            "file": lambda: Ledger(Path(folder) / f"{secrets.token_hex(8)}.sqlite")
        }
        if given.url:
            ledgers["database"] = open_postgres
        best: dict[str, float] = {}
        for _ in range(given.rounds):
            for name, open_one in ledgers.items():
                rate, cpu = measure(open_one, given.calls, given.waiting)
                print(f"{name:10} {rate:9.0f} calls/s   {cpu:6.3f} ms of CPU a call")
                best[name] = max(best.get(name, 0.0), rate)
    if given.url:
        print(f"database / file: {best['database'] / best['file']:.2f} (best of {given.rounds})")


if __name__ == "__main__":
    main()
