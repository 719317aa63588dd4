"""What it costs to watch a run: CPU time a cell, with one call each, without hooks and with each of them.

    python benchmarks/watching.py [--cells 5000] [--rounds 5]

The model answers at once and nothing goes over the network but what is watched, so that the differences stand out. Runs
take turns, and the least time of each kind counts: others may use the machine too.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from personae.model import Reply, Request, Usage
from personae.study import CallEnd, Cell, CellEnd, Design, Finding, Hook, Lab, Observation, run_study

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    import polars as pl


class OneCall:
    """The smallest study that asks a model."""

    name = "one call"
    roles = ("subject",)
    parameters: Mapping[str, Any] = {}

    def __init__(self, cells: int) -> None:
        self.cells = cells

    def design(self, rng: np.random.Generator) -> Iterable[Cell]:
        return Design({"person": range(self.cells)})

    async def observe(self, cell: Cell, lab: Lab) -> Observation:
        reply = await lab.model().generate(Request.of(f"Question to person {cell.factors['person']}"))
        return Observation("ok", {"answer": reply.text})

    def measure(self, table: pl.DataFrame) -> list[Finding]:
        return []


class AtOnce:
    """Answers without waiting."""

    name = "scripted/at-once"

    async def generate(self, request: Request) -> Reply:
        return Reply("4", model="at-once", usage=Usage(10, 5))


class Listening(Hook):
    """Overrides the methods that are called most, and does nothing in them."""

    def call_finished(self, end: CallEnd) -> None: ...

    def cell_finished(self, end: CellEnd) -> None: ...


SINK = """
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
class Sink(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "application/x-protobuf")
        self.send_header("Content-Length", "0")
        self.end_headers()
    def log_message(self, *_): pass
server = ThreadingHTTPServer(("127.0.0.1", 0), Sink)
print(server.server_port, flush=True)
server.serve_forever()
"""


@contextmanager
def collector() -> Iterator[str]:
    """A process that takes everything and keeps nothing."""
    with subprocess.Popen([sys.executable, "-c", SINK], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.terminate()


def telemetry() -> list[Hook]:
    from personae.study.watch import OpenTelemetryHook

    return [OpenTelemetryHook()]


def prometheus() -> list[Hook]:
    from personae.study.watch import PrometheusHook

    return [PrometheusHook(0)]


def measure(cells: int, hooks: list[Hook]) -> float:
    """CPU microseconds a cell, all threads of this process together."""
    before = time.process_time()
    outcome = run_study(OneCall(cells), {"subject": AtOnce()}, hooks=hooks, finds_hooks=False)
    spent = time.process_time() - before
    assert outcome.is_complete
    return spent / cells * 1e6


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--cells", type=int, default=5000)
    arguments.add_argument("--rounds", type=int, default=5)
    given = arguments.parse_args()
    kinds: dict[str, Callable[[], list[Hook]]] = {
        "no hooks": list,
        "a hook that does nothing": lambda: [Listening()],
        "Prometheus": prometheus,
        "OpenTelemetry, a collector takes all": telemetry,
        "OpenTelemetry, nobody there": telemetry,
    }
    least = dict.fromkeys(kinds, float("inf"))
    with collector() as url, Path(os.devnull).open("w") as nowhere:
        sys.stderr = nowhere
        for _ in range(given.rounds):
            for name, make in kinds.items():
                os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:9" if "nobody" in name else url
                least[name] = min(least[name], measure(given.cells, make()))
    for name, spent in least.items():
        print(f"{name:<40} {spent:>8.1f} µs a cell   {spent - least['no hooks']:>+7.1f}")


if __name__ == "__main__":
    main()
