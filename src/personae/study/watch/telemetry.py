"""Spans and metrics by OpenTelemetry, after its conventions for generative AI."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import orjson

from personae.errors import MissingExtraError
from personae.logs import Log, current_log
from personae.model import Message, Reply
from personae.study.cell import Cell
from personae.study.hooks import CallEnd, CellEnd, Hook, RunEnd, RunStart
from personae.study.watch import names

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.metrics import MeterProvider
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.trace import Span, TracerProvider

_ENDPOINTS = (
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
)
_OPT_IN, _WANTED = "OTEL_SEMCONV_STABILITY_OPT_IN", "gen_ai_latest_experimental"
_CAPTURE, _SPANS_TOO = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", ("true", "span_only", "span_and_event")

_FLUSH_SECONDS = 5.0
"""How long the end of a run waits for what is not sent yet."""
_QUEUE, _BATCH, _DELAY = 16384, 512, 1000
"""Spans kept for sending, sent at once, and milliseconds between; a run makes some thousand a second."""


def open_telemetry() -> OpenTelemetryHook | None:
    """A hook that sends to the collector that the environment names, if it opts in to conventions in development.

    Raises:
        MissingExtraError: If OpenTelemetry is not installed.
    """
    opted = [word.strip() for word in os.environ.get(_OPT_IN, "").split(",")]
    is_off = os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"
    if is_off or _WANTED not in opted or not any(os.environ.get(name, "").strip() for name in _ENDPOINTS):
        return None
    return OpenTelemetryHook(captures_content=os.environ.get(_CAPTURE, "").strip().lower() in _SPANS_TOO)


class OpenTelemetryHook(Hook):
    """A span for the run, below it one for each cell, below that one for each call; and the metrics of GenAI clients.

    When to use: to follow a run in the tool that watches everything else. Spans are sent in batches by a thread; what a
    collector does not take is dropped and counted, never waited for, except for a few seconds at the end.

    Args:
        tracer_provider: Makes spans; one that sends to the collector of the environment if left out.
        meter_provider: The same for metrics.
        captures_content: Whether prompts and replies are part of the spans.
    """

    name = "opentelemetry"

    def __init__(
        self,
        tracer_provider: TracerProvider | None = None,
        meter_provider: MeterProvider | None = None,
        *,
        captures_content: bool = False,
    ) -> None:
        try:
            import opentelemetry.sdk.trace  # noqa: F401
        except ImportError as error:
            raise MissingExtraError("tracing by OpenTelemetry", "watch") from error
        self._tracers = tracer_provider
        self._meters = meter_provider
        self._captures_content = captures_content
        self._sending: _Sending | None = None
        self._run: Span | None = None
        self._fingerprint = ""
        self._cells: dict[str, tuple[Span, Context, dict[str, Any]]] = {}

    def run_started(self, run: RunStart) -> None:
        """Open the span of the run."""
        from opentelemetry import trace

        from personae import __version__

        if self._tracers is None or self._meters is None:
            self._sending = _Sending(self._tracers, self._meters)
            self._tracers, self._meters = self._sending.tracers, self._sending.meters
        self._tracer = self._tracers.get_tracer("personae", __version__)
        meter = self._meters.get_meter("personae", __version__)
        self._seconds = meter.create_histogram(
            names.OPERATION_DURATION,
            unit="s",
            description="GenAI operation duration.",
            explicit_bucket_boundaries_advisory=names.SECONDS_BUCKETS,
        )
        self._tokens = meter.create_histogram(
            names.TOKEN_USAGE,
            unit="{token}",
            description="Number of input and output tokens used.",
            explicit_bucket_boundaries_advisory=names.TOKEN_BUCKETS,
        )
        self._finished = meter.create_counter(names.CELLS, unit="{cell}", description="Cells that are finished.")
        self._costs = meter.create_counter(names.COSTS, unit="USD", description="What calls cost, as far as known.")
        self._fingerprint = run.record["fingerprint"]
        attributes = {
            names.STUDY: run.record["study"],
            names.FINGERPRINT: self._fingerprint,
            names.RUN_SEED: str(run.record["seed"]),  # may be longer than the 64 bits of an attribute
        }
        self._run = self._tracer.start_span(f"run {run.record['study']}", attributes=attributes)
        self._below_run = trace.set_span_in_context(self._run)
        self._chat, self._failed = trace.SpanKind.CLIENT, trace.Status(trace.StatusCode.ERROR)

    def cell_started(self, cell: Cell) -> None:
        """Open the span of the cell."""
        from opentelemetry.trace import set_span_in_context

        shared = {names.FINGERPRINT: self._fingerprint, names.CELL: cell.key}
        for name, thing in cell.material.items():
            shared[names.material_attribute(name, "id")] = thing.id
            shared[names.material_attribute(name, "hash")] = thing.hash
        span = self._tracer.start_span("cell", self._below_run, attributes=shared)
        self._cells[cell.key] = span, set_span_in_context(span), shared

    def call_finished(self, end: CallEnd) -> None:
        """Send the span of the call, and count it."""
        call, reply, error = end.call, end.reply, end.error
        parent = self._cells.get(call.cell.key)
        which = _known(call.role, call.model)
        attributes: dict[str, Any] = {**which, **(parent[2] if parent else {}), names.IS_CACHED: end.is_cached}
        sampling = call.request.sampling
        for name, value in (
            (names.REQUEST_TEMPERATURE, sampling.temperature),
            (names.REQUEST_TOP_P, sampling.top_p),
            (names.REQUEST_MAX_TOKENS, sampling.max_tokens),
            (names.REQUEST_CHOICES, sampling.n if sampling.n > 1 else None),
            (names.OUTPUT_TYPE, "json" if call.request.schema is not None else None),
            (names.REPLICATE, call.request.replicate or None),
            (names.COST, end.cost),
        ):
            if value is not None:
                attributes[name] = value
        if sampling.seed is not None and -(2**63) <= sampling.seed < 2**63:
            attributes[names.REQUEST_SEED] = sampling.seed
        if reply is not None:
            _describe(reply, attributes)
        if error is not None:
            attributes[names.ERROR_TYPE] = error.kind
        if self._captures_content:
            attributes[names.INPUT_MESSAGES] = spell_messages(call.request.messages)
            if reply is not None:
                attributes[names.OUTPUT_MESSAGES] = spell_reply(reply)
        context = parent[1] if parent else self._below_run
        title = f"chat {which[names.REQUEST_MODEL]}"
        span = self._tracer.start_span(title, context, self._chat, attributes, start_time=call.started)
        if error is not None:
            span.set_status(self._failed)
        span.end(end.ended)
        self._count(end, which)

    def _count(self, end: CallEnd, which: dict[str, Any]) -> None:
        outcome = {names.ERROR_TYPE: end.error.kind} if end.error is not None else {}
        if end.cost:
            self._costs.add(end.cost, which)
        if end.is_cached:  # nothing was asked of a model, and no tokens were used
            return
        served = {names.RESPONSE_MODEL: end.reply.model} if end.reply is not None and end.reply.model else {}
        self._seconds.record(end.seconds, {**which, **served, **outcome})
        if end.reply is not None:
            usage = end.reply.usage
            for kind, tokens in (("input", usage.input_tokens), ("output", usage.output_tokens)):
                if tokens:
                    self._tokens.record(tokens, {**which, **served, names.TOKEN_TYPE: kind})

    def cell_finished(self, end: CellEnd) -> None:
        """Close the span of the cell."""
        span = self._cells.pop(end.cell.key)[0]
        if end.observation is not None:
            status = end.observation.status
            span.set_attribute(names.CELL_STATUS, status)
            self._finished.add(1, {names.CELL_STATUS: status})
            if status == "failed":
                span.set_status(self._failed)
        span.end(end.ended)

    def run_ended(self, end: RunEnd) -> None:
        """Close the span of the run, and send what is not sent yet."""
        if self._run is not None:
            self._run.set_attribute(names.ENDING, end.ending)
            if end.ending == "failed":
                self._run.set_status(self._failed)
            self._run.end()
        if self._sending is not None:
            self._sending.close()


@lru_cache(maxsize=256)
def _known(role: str, model: str) -> dict[str, Any]:
    return {names.OPERATION: "chat", **names.model_attributes(model), names.ROLE: role}


def _describe(reply: Reply, attributes: dict[str, Any]) -> None:
    usage = reply.usage
    for name, value in (
        (names.RESPONSE_MODEL, reply.model),
        (names.INPUT_TOKENS, usage.input_tokens),
        (names.OUTPUT_TOKENS, usage.output_tokens),
        (names.CACHED_TOKENS, usage.cached_tokens),
        (names.REASONING_TOKENS, usage.reasoning_tokens),
    ):
        if value:
            attributes[name] = value
    if reply.finish in names.FINISH:
        attributes[names.RESPONSE_FINISH] = (names.FINISH[reply.finish],)


def spell_messages(messages: Sequence[Message]) -> str:
    """Messages in the JSON form of the convention.

    Example:
        >>> spell_messages([Message("user", "Hello")])
        '[{"role":"user","parts":[{"type":"text","content":"Hello"}]}]'
    """
    rows = [{"role": one.role, "parts": [{"type": "text", "content": one.content}]} for one in messages]
    return orjson.dumps(rows).decode()


def spell_reply(reply: Reply) -> str:
    """A reply and its alternatives in the JSON form of the convention."""
    finish = names.FINISH.get(reply.finish, reply.finish)
    rows = [
        {"role": "assistant", "parts": [{"type": "text", "content": text}], "finish_reason": finish}
        for text in (reply.text or reply.refusal, *reply.alternatives)
    ]
    return orjson.dumps(rows).decode()


class _Sending:
    """Providers of our own, which send to the collector that the environment names; nothing global is touched.

    Args:
        tracers: Tracer provider that was given.
        meters: Meter provider that was given.
    """

    def __init__(self, tracers: TracerProvider | None, meters: MeterProvider | None) -> None:
        from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.metrics import MeterProvider as Meters
        from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider as Tracers

        from personae import __version__

        self._log = current_log()
        self._complaints = _Complaints(self._log)
        resource = Resource.create({"service.name": "personae", "service.version": __version__})
        if os.environ.get("OTEL_SERVICE_NAME"):
            resource = resource.merge(Resource.create())
        self._ends: list[Callable[[], object]] = []
        self._cuts: list[Callable[[], object]] = []
        self._exporter: Any = None
        self._processor: Any = None
        if tracers is None:
            self._exporter = _counting(OTLPSpanExporter())
            tracers = own_tracers = Tracers(resource=resource, shutdown_on_exit=False)
            self._processor = _processing(self._exporter)
            own_tracers.add_span_processor(self._processor)
            self._ends.append(own_tracers.shutdown)
            self._cuts.append(self._exporter.shutdown)
        if meters is None:
            metrics = OTLPMetricExporter()
            meters = own = Meters([PeriodicExportingMetricReader(metrics)], resource=resource, shutdown_on_exit=False)
            self._ends.append(own.shutdown)
            self._cuts.append(metrics.shutdown)
        self.tracers, self.meters = tracers, meters

    def close(self) -> None:
        """Send what is not sent yet, for a few seconds; then let go of it."""
        threads = [threading.Thread(target=end, daemon=True) for end in self._ends]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(_FLUSH_SECONDS / len(threads))
        for thread, cut in zip(threads, self._cuts, strict=True):
            if thread.is_alive():  # ends the wait between two attempts
                threading.Thread(target=cut, daemon=True).start()
        self._complaints.close()
        if self._exporter is not None and self._log is not None:
            lost = self._processor.made - self._exporter.sent
            if lost:
                self._log.note("warning", "spans were lost", lost=lost, sent=self._exporter.sent)


def _chosen(variable: str, default: int) -> int | None:
    """``None`` where the variable is set, which the SDK then reads itself."""
    return None if os.environ.get(variable) else default


def _counting(exporter: Any) -> Any:
    """An exporter that knows how many spans a collector took."""
    from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

    class Counting(SpanExporter):
        sent = 0

        def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
            result: SpanExportResult = exporter.export(spans)
            if result is SpanExportResult.SUCCESS:
                self.sent += len(spans)
            return result

        def shutdown(self) -> None:
            exporter.shutdown()

    return Counting()


def _processing(exporter: Any) -> Any:
    """Sends spans in batches, and knows how many there were."""
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    class Counting(BatchSpanProcessor):
        made = 0

        def on_end(self, span: ReadableSpan) -> None:
            self.made += span.context.trace_flags.sampled
            super().on_end(span)

    return Counting(
        exporter,
        max_queue_size=_chosen("OTEL_BSP_MAX_QUEUE_SIZE", _QUEUE),
        max_export_batch_size=_chosen("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", _BATCH),
        schedule_delay_millis=_chosen("OTEL_BSP_SCHEDULE_DELAY", _DELAY),
    )


class _Complaints(logging.Handler):
    """Takes what OpenTelemetry has to complain of into the log of the run, where it may come by the hundred."""

    def __init__(self, log: Log | None) -> None:
        super().__init__(logging.WARNING)
        self._log = log
        self._logger = logging.getLogger("opentelemetry")
        self._before = self._logger.propagate
        self._logger.propagate = False
        self._logger.addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Tell where it comes from and in which words; not the whole of it, which may hold what was sent."""
        if self._log is not None:
            self._log.note("warning", "OpenTelemetry complains", group=str(record.msg), says=str(record.msg))

    def close(self) -> None:
        """Let it complain where it did before."""
        self._logger.removeHandler(self)
        self._logger.propagate = self._before
        super().close()
