"""OpenTelemetry: what a real collector receives over HTTP, what it never does, and what happens without one."""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.semconv._incubating.attributes import gen_ai_attributes
from opentelemetry.semconv._incubating.metrics import gen_ai_metrics
from opentelemetry.semconv.attributes import error_attributes, server_attributes

from personae.model import Message, Reply, Request, Sampling, Schema, Usage, open_model
from personae.persona import Persona
from personae.study import Cell, Lab, Observation, run_study
from personae.study.watch import OpenTelemetryHook, find_hooks, names, open_telemetry
from personae.study.watch.names import model_attributes
from personae.study.watch.telemetry import spell_messages, spell_reply
from support.chat_server import ChatServer, closed_port, completion, fail
from support.collectors import Collector, SeenSpan
from support.studies import SmallStudy, WatchedModel, question

CANARY = "sk-canary-0123456789abcdef"


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    """A collector that runs report to."""
    with Collector() as running:
        opt_in(monkeypatch, running.url)
        yield running


def opt_in(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)
    monkeypatch.setenv("OTEL_SEMCONV_STABILITY_OPT_IN", "http,gen_ai_latest_experimental")


def of_kind(spans: list[SeenSpan], start: str) -> list[SeenSpan]:
    return [span for span in spans if span.name.startswith(start)]


def ada_study(**options: Any) -> SmallStudy:
    """Asks a persona one question."""
    persona = Persona(id="ada", name="Ada")

    async def observe(cell: Cell, lab: Lab) -> Observation:
        sampling = Sampling(temperature=0.5, top_p=0.9, max_tokens=20, n=2)
        wanted = Schema("answer", {"type": "object"})
        first = (Message("system", "secret system"), Message("user", "secret prompt"))
        reply = await lab.model().generate(Request(first, sampling, wanted, replicate=3))
        return Observation("ok", {"answers": [reply.text]})

    cells = [Cell({"person": number}, {"persona": persona}) for number in range(2)]
    return SmallStudy(how=observe, cells=lambda _: cells, **options)


def test_a_run_is_a_tree_of_spans(collector: Collector, tmp_path: Path) -> None:
    with ChatServer(lambda _: completion("secret reply", model="served-9")) as server:
        model = open_model(f"{server.url}#mock")
        outcome = run_study(ada_study(), {"subject": model}, folder=tmp_path, seed=7)
        port = int(server.url.split(":")[2].split("/")[0])
    assert outcome.is_complete
    (run,) = of_kind(collector.spans, "run")
    cells, calls = of_kind(collector.spans, "cell"), of_kind(collector.spans, "chat")
    assert (len(cells), len(calls), len(collector.spans)) == (2, 2, 5)
    assert {span.trace for span in collector.spans} == {run.trace}
    assert run.parent == b""
    assert {cell.parent for cell in cells} == {run.id}
    assert sorted(call.parent for call in calls) == sorted(cell.id for cell in cells)
    assert run.name == "run small"
    assert run.attributes["personae.study"] == "small"
    assert run.attributes["personae.run.seed"] == "7"
    assert run.attributes["personae.run.ending"] == "complete"
    record = orjson.loads((tmp_path / "run.json").read_bytes())
    for span in collector.spans:
        assert span.attributes["personae.run.fingerprint"] == record["fingerprint"]
        assert run.started <= span.started <= span.ended <= run.ended
    for cell in cells:
        assert cell.attributes["personae.cell.status"] == "ok"
    call = calls[0].attributes
    assert {span.name for span in calls} == {"chat mock"}
    assert {span.kind for span in calls} == {3}  # CLIENT
    seed = call.pop("gen_ai.request.seed")
    assert isinstance(seed, int)
    assert call.pop("personae.cell.key") in {cell.attributes["personae.cell.key"] for cell in cells}
    assert call == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "127.0.0.1",
        "gen_ai.request.model": "mock",
        "server.address": "127.0.0.1",
        "server.port": port,
        "gen_ai.request.temperature": 0.5,
        "gen_ai.request.top_p": 0.9,
        "gen_ai.request.max_tokens": 20,
        "gen_ai.request.choice.count": 2,
        "gen_ai.output.type": "json",
        "gen_ai.response.model": "served-9",
        "gen_ai.response.finish_reasons": ["stop"],
        "gen_ai.usage.input_tokens": 9,
        "gen_ai.usage.output_tokens": 3,
        "personae.role": "subject",
        "personae.replicate": 3,
        "personae.is_cached": False,
        "personae.persona.id": "ada",
        "personae.persona.hash": Persona(id="ada", name="Ada").hash,
        "personae.run.fingerprint": record["fingerprint"],
    }
    assert {resource["service.name"] for resource in collector.resources} == {"personae"}


def test_metrics_of_the_convention_are_recorded(collector: Collector) -> None:
    with ChatServer("Hello.", plan=["Hello.", fail(400, "no")], delay=0.03) as server:
        run_study(SmallStudy(persons=3, questions=1), {"subject": open_model(f"{server.url}#mock")}, workers=1)
    tokens = {point.attributes["gen_ai.token.type"]: point for point in collector.metrics["gen_ai.client.token.usage"]}
    assert {kind: (point.value, point.count) for kind, point in tokens.items()} == {"input": (18, 2), "output": (6, 2)}
    assert tokens["input"].bounds == (
        *(1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864),
    )
    durations = collector.metrics["gen_ai.client.operation.duration"]
    assert durations[0].bounds == pytest.approx(
        [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92]
    )
    by_error = {point.attributes.get("error.type"): point for point in durations}
    assert {error: point.count for error, point in by_error.items()} == {None: 2, "bad_request": 1}
    assert by_error[None].value >= 0.06
    assert by_error[None].attributes["gen_ai.request.model"] == "mock"
    cells = {point.attributes["personae.cell.status"]: point.value for point in collector.metrics["personae.cells"]}
    assert cells == {"ok": 2, "failed": 1}


def test_a_call_that_failed_says_of_which_kind(collector: Collector) -> None:
    with ChatServer(fail(400, "the server quotes a secret prompt")) as server:
        run_study(SmallStudy(persons=1, questions=1), {"subject": open_model(f"{server.url}#mock")})
    (call,) = of_kind(collector.spans, "chat")
    assert call.attributes["error.type"] == "bad_request"
    assert call.status == 2  # ERROR
    (cell,) = of_kind(collector.spans, "cell")
    assert (cell.status, cell.attributes["personae.cell.status"]) == (2, "failed")
    assert b"secret" not in b"".join(collector.bodies)


def test_answers_from_before_have_spans_but_no_duration(collector: Collector, tmp_path: Path) -> None:
    failing = True

    def fail_on_second(request: Request) -> None:
        from personae.model import ProviderError

        if failing and request.messages[-1].content.startswith("Question 1"):
            raise ProviderError("overloaded", "busy", model="watched")

    model = WatchedModel(before=fail_on_second)
    run_study(SmallStudy(persons=1), {"subject": model}, folder=tmp_path)
    failing = False
    collector.spans.clear()
    collector.metrics.clear()
    run_study(SmallStudy(persons=1), {"subject": model}, folder=tmp_path)
    calls = of_kind(collector.spans, "chat")
    assert [call.attributes["personae.is_cached"] for call in sorted(calls, key=lambda call: call.started)] == [
        True,
        False,
    ]
    assert sum(point.count for point in collector.metrics["gen_ai.client.operation.duration"]) == 1


def test_neither_words_nor_keys_are_sent(collector: Collector, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    with ChatServer("secret reply", plan=[fail(429, f"'secret prompt' {CANARY}", retry_after=0)]) as server:
        run_study(ada_study(), {"subject": open_model(f"{server.url}#mock")}, workers=1)
        assert CANARY in str(server.headers)
    sent = b"".join(collector.bodies)
    assert b"chat mock" in sent
    assert b"secret" not in sent
    assert b"canary" not in sent


@pytest.mark.parametrize("value", ["true", "True", "span_only", "span_and_event"])
def test_words_are_sent_on_request(collector: Collector, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", value)
    with ChatServer("secret reply") as server:
        run_study(ada_study(), {"subject": open_model(f"{server.url}#mock")})
    call = of_kind(collector.spans, "chat")[0].attributes
    assert orjson.loads(call["gen_ai.input.messages"]) == [
        {"role": "system", "parts": [{"type": "text", "content": "secret system"}]},
        {"role": "user", "parts": [{"type": "text", "content": "secret prompt"}]},
    ]
    assert orjson.loads(call["gen_ai.output.messages"]) == [
        {"role": "assistant", "parts": [{"type": "text", "content": "secret reply"}], "finish_reason": "stop"}
    ]


@pytest.mark.parametrize("value", ["", "false", "no_content", "event_only", "1"])
def test_words_are_not_sent_otherwise(collector: Collector, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", value)
    run_study(ada_study(), {"subject": WatchedModel()})
    assert len(of_kind(collector.spans, "chat")) == 2
    assert b"secret" not in b"".join(collector.bodies)


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"},
        {"OTEL_SEMCONV_STABILITY_OPT_IN": "gen_ai_latest_experimental"},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "OTEL_SEMCONV_STABILITY_OPT_IN": "http"},
        {
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9",
            "OTEL_SEMCONV_STABILITY_OPT_IN": "gen_ai_latest_experimental",
            "OTEL_SDK_DISABLED": "true",
        },
    ],
)
def test_nothing_is_traced_unless_asked_for(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert open_telemetry() is None
    assert [hook.name for hook in find_hooks()] == []


def test_an_unreachable_collector_neither_ends_nor_slows_a_run(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    with closed_port() as port:
        opt_in(monkeypatch, f"http://127.0.0.1:{port}")
        started = time.monotonic()
        outcome = run_study(SmallStudy(persons=50), {"subject": WatchedModel()})
        spent = time.monotonic() - started
    assert outcome.is_complete
    assert spent < 10
    said = capfd.readouterr().err
    assert "spans were lost" in said
    assert "lost=151" in said
    assert len(said.splitlines()) < 10


def test_a_collector_that_never_answers_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    from personae.study.watch import telemetry

    monkeypatch.setattr(telemetry, "_FLUSH_SECONDS", 0.5)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()  # connections are made, and nobody takes them
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "3")
        opt_in(monkeypatch, f"http://127.0.0.1:{silent.getsockname()[1]}")
        started = time.monotonic()
        outcome = run_study(SmallStudy(persons=50), {"subject": WatchedModel()})
        spent = time.monotonic() - started
    assert outcome.is_complete
    assert spent < 2.5
    assert "spans were lost" in capfd.readouterr().err


def test_a_collector_that_refuses_is_told_of(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    with Collector(refuses=400) as collector:
        opt_in(monkeypatch, collector.url)
        assert run_study(SmallStudy(), {"subject": WatchedModel()}).is_complete
    assert "spans were lost" in capfd.readouterr().err


def test_the_loggers_of_opentelemetry_are_as_before(collector: Collector) -> None:
    logger = logging.getLogger("opentelemetry")
    before = logger.propagate, list(logger.handlers)
    run_study(SmallStudy(), {"subject": WatchedModel()})
    assert (logger.propagate, list(logger.handlers)) == before


def test_nothing_global_is_set(collector: Collector) -> None:
    from opentelemetry import metrics, trace

    before = trace.get_tracer_provider(), metrics.get_meter_provider()
    run_study(SmallStudy(), {"subject": WatchedModel()})
    assert (trace.get_tracer_provider(), metrics.get_meter_provider()) == before


def test_a_provider_can_be_given(collector: Collector) -> None:
    kept = InMemorySpanExporter()
    tracers = TracerProvider()
    tracers.add_span_processor(SimpleSpanProcessor(kept))
    hook = OpenTelemetryHook(tracers)
    run_study(SmallStudy(persons=1, questions=1), {"subject": WatchedModel()}, hooks=[hook])
    assert [span.name for span in kept.get_finished_spans()] == ["chat watched", "cell", "run small"]
    assert collector.spans == []  # given by argument, so none is made of the environment
    assert collector.metrics["gen_ai.client.operation.duration"][0].count == 1
    tracers.get_tracer("test").start_span("later").end()  # whoever gave it closes it
    assert len(kept.get_finished_spans()) == 4


def test_a_run_within_a_span_of_the_caller_is_part_of_it() -> None:
    kept = InMemorySpanExporter()
    tracers = TracerProvider()
    tracers.add_span_processor(SimpleSpanProcessor(kept))
    from opentelemetry.sdk.metrics import MeterProvider

    with tracers.get_tracer("test").start_as_current_span("outer") as outer:
        run_study(SmallStudy(), {"subject": WatchedModel()}, hooks=[OpenTelemetryHook(tracers, MeterProvider())])
    run = next(span for span in kept.get_finished_spans() if span.name == "run small")
    assert run.parent is not None
    assert run.parent.span_id == outer.get_span_context().span_id


def test_a_run_that_was_cut_off_closes_its_spans(collector: Collector) -> None:
    async def observe(cell: Cell, lab: Lab) -> Observation:
        await lab.model().generate(question(cell, 0))
        raise ValueError("private words")

    with pytest.raises(ValueError, match="private"):
        run_study(SmallStudy(persons=1, how=observe), {"subject": WatchedModel()})
    (run,) = of_kind(collector.spans, "run")
    assert (run.status, run.attributes["personae.run.ending"]) == (2, "failed")
    (cell,) = of_kind(collector.spans, "cell")
    assert "personae.cell.status" not in cell.attributes
    assert b"private" not in b"".join(collector.bodies)


def test_names_are_those_of_the_convention() -> None:
    known = {value for key, value in vars(gen_ai_attributes).items() if key.startswith("GEN_AI_")}
    known |= {getattr(gen_ai_metrics, name) for name in dir(gen_ai_metrics) if name.startswith("GEN_AI_")}
    known |= {error_attributes.ERROR_TYPE, server_attributes.SERVER_ADDRESS, server_attributes.SERVER_PORT}
    ours = {value for key, value in vars(names).items() if key.isupper() and isinstance(value, str)}
    assert len(ours) > 30
    for name in ours:
        assert name in known or name.startswith("personae."), name


@pytest.mark.parametrize(
    ("name", "provider", "model"),
    [
        ("openai/gpt-4o-mini", "openai", "gpt-4o-mini"),
        ("gemini/gemini-2.5-flash", "gcp.gemini", "gemini-2.5-flash"),
        ("mistral/small", "mistral_ai", "small"),
        ("openrouter/meta/llama-3", "openrouter", "meta/llama-3"),
        ("openai-api/house/big", "house", "big"),
        ("sim", "personae", "sim"),
        ("https://host.example/v1#any", "host.example", "any"),
    ],
)
def test_names_of_models_are_taken_apart(name: str, provider: str, model: str) -> None:
    found = model_attributes(name)
    assert (found["gen_ai.provider.name"], found["gen_ai.request.model"]) == (provider, model)


def test_the_port_of_a_url_is_that_of_its_scheme() -> None:
    assert model_attributes("https://host.example/v1#any")["server.port"] == 443
    assert model_attributes("http://host.example/v1#any")["server.port"] == 80
    assert model_attributes("http://[::1]:8000/v1#any")["server.address"] == "::1"


def test_alternatives_and_refusals_are_spelled_as_messages() -> None:
    rows = orjson.loads(spell_reply(Reply("", "filtered", refusal="no", alternatives=("b",), usage=Usage(1, 1))))
    assert [row["parts"][0]["content"] for row in rows] == ["no", "b"]
    assert {row["finish_reason"] for row in rows} == {"content_filter"}
    assert orjson.loads(spell_messages([])) == []
