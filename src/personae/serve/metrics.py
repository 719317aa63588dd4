"""What the server does, for Prometheus."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)


class Metrics:
    """Counters of one server, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        what = ("endpoint", "model")
        self._requests = Counter(
            "personae_gateway_requests", "Requests that were answered.", (*what, "status"), registry=registry
        )
        self._tokens = Counter("personae_gateway_tokens", "Tokens, as told.", ("model", "kind"), registry=registry)
        self._cost = Counter("personae_gateway_cost_dollars", "Cost, as far as known.", ("model",), registry=registry)
        self._seconds = Histogram(
            "personae_gateway_seconds", "From a request to the end of its answer.", what, buckets=_SECONDS,
            registry=registry,
        )  # fmt: skip
        self.streams = Gauge("personae_gateway_streams", "Streams that are open.", registry=registry)
        self.cancelled = Counter("personae_gateway_cancelled", "Streams that clients broke off.", registry=registry)
        self._children: dict[tuple[str, ...], tuple[Counter, Histogram]] = {}
        self._used: dict[str, tuple[Counter, Counter]] = {}

    def count(self, endpoint: str, model: str, status: int, seconds: float) -> None:
        """A request was answered."""
        key = (endpoint, model, str(status))
        pair = self._children.get(key)
        if pair is None:
            pair = self._children[key] = (self._requests.labels(*key), self._seconds.labels(endpoint, model))
        pair[0].inc()
        pair[1].observe(seconds)

    def count_usage(self, model: str, input_tokens: int, output_tokens: int, cost: float | None) -> None:
        """Tokens of an answer."""
        pair = self._used.get(model)
        if pair is None:
            pair = self._used[model] = (self._tokens.labels(model, "input"), self._tokens.labels(model, "output"))
        pair[0].inc(input_tokens)
        pair[1].inc(output_tokens)
        if cost:
            self._cost.labels(model).inc(cost)

    def text(self) -> bytes:
        """The page that Prometheus reads."""
        return generate_latest(self.registry)
