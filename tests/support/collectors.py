"""Servers that runs report to: an OTLP/HTTP collector, and the part of MLflow's REST interface that is spoken to it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Self

import orjson
from aiohttp import web
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from support.chat_server import close_down

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Listening:
    """An HTTP server in a thread of its own, which keeps every body it was sent."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.headers: list[dict[str, str]] = []
        self._loop = asyncio.new_event_loop()
        self._stopping = asyncio.Event()
        self._is_up = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self.url = ""

    async def answer(self, http: web.Request, body: bytes) -> web.StreamResponse:
        """What is answered."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._is_up.wait(timeout=30)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(timeout=30)

    def _serve(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._listen())

    async def _listen(self) -> None:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", "/{path:.*}", self._take)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        self._is_up.set()
        await self._stopping.wait()
        await close_down(runner)

    async def _take(self, http: web.Request) -> web.StreamResponse:
        body = await http.read()
        self.bodies.append(body)
        self.headers.append({name.lower(): value for name, value in http.headers.items()})
        return await self.answer(http, body)


@dataclass(frozen=True, slots=True)
class SeenSpan:
    """A span as it arrived."""

    name: str
    id: bytes
    parent: bytes
    trace: bytes
    started: int
    ended: int
    kind: int
    status: int
    attributes: dict[str, Any]


@dataclass(frozen=True, slots=True)
class SeenPoint:
    """One series of a metric as it arrived last."""

    attributes: dict[str, Any]
    value: float
    count: int
    bounds: tuple[float, ...]


class Collector(Listening):
    """Takes OTLP over HTTP in protobuf, as OpenTelemetry's own collector does."""

    def __init__(self, *, refuses: int = 0) -> None:
        super().__init__()
        self.spans: list[SeenSpan] = []
        self.metrics: dict[str, list[SeenPoint]] = {}
        self.resources: list[dict[str, Any]] = []
        self._refuses = refuses

    async def answer(self, http: web.Request, body: bytes) -> web.StreamResponse:
        if self._refuses:
            return web.Response(status=self._refuses)
        assert http.headers["Content-Type"] == "application/x-protobuf"
        if http.path == "/v1/traces":
            self._take_spans(body)
        elif http.path == "/v1/metrics":
            self._take_metrics(body)
        else:
            return web.Response(status=404)
        return web.Response(content_type="application/x-protobuf")

    def _take_spans(self, body: bytes) -> None:
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            self.resources.append(_read(resource.resource.attributes))
            for scope in resource.scope_spans:
                for span in scope.spans:
                    assert not span.events
                    self.spans.append(
                        SeenSpan(
                            span.name,
                            span.span_id,
                            span.parent_span_id,
                            span.trace_id,
                            span.start_time_unix_nano,
                            span.end_time_unix_nano,
                            span.kind,
                            span.status.code,
                            _read(span.attributes),
                        )
                    )

    def _take_metrics(self, body: bytes) -> None:
        for resource in ExportMetricsServiceRequest.FromString(body).resource_metrics:
            for scope in resource.scope_metrics:
                for metric in scope.metrics:
                    if metric.HasField("histogram"):
                        self.metrics[metric.name] = [
                            SeenPoint(_read(one.attributes), one.sum, one.count, tuple(one.explicit_bounds))
                            for one in metric.histogram.data_points
                        ]
                    else:
                        self.metrics[metric.name] = [
                            SeenPoint(_read(one.attributes), one.as_double or one.as_int, 0, ())
                            for one in metric.sum.data_points
                        ]


def _read(pairs: Any) -> dict[str, Any]:
    return {pair.key: _value(pair.value) for pair in list[KeyValue](pairs)}


def _value(value: AnyValue) -> Any:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [_value(one) for one in value.array_value.values]
    return getattr(value, str(kind))


class MLflowServer(Listening):
    """Speaks the part of MLflow's REST API 2.0 that runs need, and refuses what MLflow refuses.

    Written from MLflow's documentation of the interface: what is missing answers 404 (``RESOURCE_DOES_NOT_EXIST``); at
    most 1000 metrics and 100 parameters a batch; names in a small set of letters; a parameter is written once only.
    """

    def __init__(self, *, refuses: int = 0) -> None:
        super().__init__()
        self.experiments: dict[str, str] = {}
        self.runs: dict[str, dict[str, Any]] = {}
        self._refuses = refuses

    async def answer(self, http: web.Request, body: bytes) -> web.StreamResponse:
        if self._refuses:
            return web.Response(status=self._refuses)
        path = http.path.removeprefix("/api/2.0/mlflow/")
        data = orjson.loads(body) if body else {}
        if (http.method, path) == ("GET", "experiments/get-by-name"):
            name = http.query["experiment_name"]
            if name not in self.experiments:
                return web.json_response({"error_code": "RESOURCE_DOES_NOT_EXIST", "message": name}, status=404)
            return web.json_response({"experiment": {"experiment_id": self.experiments[name], "name": name}})
        if (http.method, path) == ("POST", "experiments/create"):
            assert data["name"] not in self.experiments
            self.experiments[data["name"]] = str(len(self.experiments) + 1)
            return web.json_response({"experiment_id": self.experiments[data["name"]]})
        if (http.method, path) == ("POST", "runs/create"):
            key = f"run{len(self.runs)}"
            assert data["experiment_id"] in {*self.experiments.values(), "77"}
            tags = {tag["key"]: tag["value"] for tag in data["tags"]}
            self.runs[key] = {"name": data["run_name"], "tags": tags, "params": {}, "metrics": {}, "status": "RUNNING"}
            return web.json_response({"run": {"info": {"run_id": key}}})
        run = self.runs[data["run_id"]]
        if (http.method, path) == ("POST", "runs/log-batch"):
            return self._log(run, data)
        if (http.method, path) == ("POST", "runs/update"):
            assert data["status"] in ("RUNNING", "FINISHED", "FAILED", "KILLED")
            run.update(status=data["status"], end_time=data["end_time"])
            return web.json_response({"run_info": {}})
        return web.Response(status=405)

    def _log(self, run: dict[str, Any], data: dict[str, Any]) -> web.StreamResponse:
        parameters, metrics = data.get("params", []), data.get("metrics", [])
        names = [one["key"] for one in (*parameters, *metrics, *data.get("tags", []))]
        plain = all(letter.isalnum() or letter in "_-. /" for name in names for letter in name)
        if len(parameters) > 100 or len(metrics) > 1000 or not plain or any(not 0 < len(name) <= 250 for name in names):
            return web.json_response({"error_code": "INVALID_PARAMETER_VALUE"}, status=400)
        for one in parameters:
            if run["params"].setdefault(one["key"], one["value"]) != one["value"] or len(one["value"]) > 6000:
                return web.json_response({"error_code": "INVALID_PARAMETER_VALUE"}, status=400)
        for one in metrics:
            assert isinstance(one["timestamp"], int)
            run["metrics"].setdefault(one["key"], []).append((one["step"], float(one["value"])))
        run["tags"].update({one["key"]: one["value"] for one in data.get("tags", [])})
        return web.json_response({})
