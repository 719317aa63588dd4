"""Metrics of a run for Prometheus, served on this machine while the run goes on."""

from __future__ import annotations

import sys
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from personae.errors import InputError, MissingExtraError
from personae.logs import Level
from personae.settings import METRICS_PORT, read_setting
from personae.study.cell import Cell
from personae.study.hooks import Call, CallEnd, CellEnd, Hook, RunEnd, RunStart

if TYPE_CHECKING:
    from wsgiref.simple_server import WSGIServer

    from prometheus_client import CollectorRegistry

_HOST = "127.0.0.1"
_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0)


def open_prometheus() -> PrometheusHook | None:
    """A hook on the port that ``PERSONAE_METRICS_PORT`` names, if it is set.

    Raises:
        InputError: If that is no port.
        MissingExtraError: If ``prometheus_client`` is not installed.
    """
    text = read_setting(METRICS_PORT)
    if text is None:
        return None
    if not text.isdecimal() or not text.isascii() or int(text[:9]) > 65535:
        raise InputError(f"{text!r} is no port", where=METRICS_PORT, remedy="give 0 to 65535; 0 is any free one")
    return PrometheusHook(int(text))


class PrometheusHook(Hook):
    """Serves ``/metrics`` on 127.0.0.1 from the start of a run to its end.

    Args:
        port: 0 takes one that is free; it is told on standard error.
    """

    name = "prometheus"

    def __init__(self, port: int) -> None:
        try:
            from prometheus_client import CollectorRegistry
        except ImportError as error:
            raise MissingExtraError("metrics for Prometheus", "watch") from error
        self.port = port
        """The port; once the run has begun, the one that is served on."""
        self.registry: CollectorRegistry = CollectorRegistry()
        """Holds the metrics of this hook and no others."""
        self._server: WSGIServer | None = None
        self._thread: threading.Thread | None = None
        self._children: dict[tuple[Any, ...], Any] = {}

    def run_started(self, run: RunStart) -> None:
        """Make the metrics and serve them.

        Raises:
            InputError: If the port is taken.
        """
        from prometheus_client import Counter, Gauge, Histogram, start_http_server

        of_call, registry = ("role", "model"), self.registry
        self._calls = Counter("personae_calls", "Calls that have ended.", (*of_call, "outcome"), registry=registry)
        self._tokens = Counter("personae_tokens", "Tokens of answered calls.", (*of_call, "kind"), registry=registry)
        self._cost = Counter("personae_cost_dollars", "Cost, as far as known.", of_call, registry=registry)
        self._unpriced = Counter("personae_unpriced_calls", "Calls of unknown cost.", of_call, registry=registry)
        self._seconds = Histogram(
            "personae_call_seconds",
            "Time that the model took for a reply, without repetitions.",
            of_call,
            buckets=_SECONDS,
            registry=registry,
        )
        self._retries = Counter("personae_retries", "Calls made again.", ("model", "reason"), registry=registry)
        self._cells = Counter("personae_cells", "Cells finished by this start.", ("status",), registry=registry)
        self._calls_open = Gauge("personae_calls_in_flight", "Calls that have not ended.", registry=registry)
        self._cells_open = Gauge("personae_cells_in_flight", "Cells that have not ended.", registry=registry)
        tally = run.tally
        Gauge("personae_cells_planned", "Cells of the design; NaN if not known.", registry=registry).set_function(
            lambda: float("nan") if tally.total is None else tally.total
        )
        Gauge("personae_cells_resumed", "Cells of earlier starts.", registry=registry).set_function(
            lambda: tally.resumed
        )
        Gauge("personae_cached_share", "Share of calls answered from before.", registry=registry).set_function(
            lambda: tally.cached_calls / tally.calls if tally.calls else 0.0
        )
        info = Gauge("personae_run_info", "The run; always 1.", ("study", "fingerprint"), registry=registry)
        info.labels(run.record["study"], run.record["fingerprint"]).set(1)
        try:
            self._server, self._thread = start_http_server(self.port, _HOST, registry)
        except OSError as error:
            raise InputError(
                f"port {self.port} cannot be served on ({error.strerror})",
                where="metrics port",
                remedy="give another, or 0 for any that is free",
            ) from error
        self.port = self._server.server_port
        sys.stderr.write(f"metrics: http://{_HOST}:{self.port}/metrics\n")

    def cell_started(self, cell: Cell) -> None:
        """One more in flight."""
        self._cells_open.inc()

    def call_started(self, call: Call) -> None:
        """One more in flight."""
        self._calls_open.inc()

    def call_finished(self, end: CallEnd) -> None:
        """Count the call, its tokens, its cost, its time."""
        self._calls_open.dec()
        role, model, reply = end.call.role, end.call.model, end.reply
        outcome = end.error.kind if end.error is not None else "cached" if end.is_cached else "answered"
        self._of(self._calls, role, model, outcome).inc()
        if reply is None or end.is_cached:
            return
        usage = reply.usage
        for kind, tokens in (
            ("input", usage.input_tokens),
            ("output", usage.output_tokens),
            ("cached_input", usage.cached_tokens),
            ("reasoning_output", usage.reasoning_tokens),
        ):
            if tokens:
                self._of(self._tokens, role, model, kind).inc(tokens)
        if end.cost is None:
            self._of(self._unpriced, role, model).inc()
        else:
            self._of(self._cost, role, model).inc(end.cost)
        self._of(self._seconds, role, model).observe(reply.seconds)

    def cell_finished(self, end: CellEnd) -> None:
        """Count the cell."""
        self._cells_open.dec()
        if end.observation is not None:
            self._of(self._cells, end.observation.status).inc()

    def noted(self, level: Level, event: str, fields: Mapping[str, Any]) -> None:
        """Count repeated calls."""
        if event == "call repeated":
            self._retries.labels(str(fields["model"]), str(fields["kind"])).inc()

    def run_ended(self, end: RunEnd) -> None:
        """Stop serving."""
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()

    def _of(self, metric: Any, *labels: str) -> Any:
        """The part of a metric with these labels; the library would look it up under a lock each time."""
        key = (metric, *labels)
        child = self._children.get(key)
        if child is None:
            child = self._children[key] = metric.labels(*labels)
        return child
