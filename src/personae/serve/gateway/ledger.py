"""What every request of the gateway leaves behind: metrics, spending of its key, a line in the audit log."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from personae.model import Usage, price_of
from personae.model.wire import parse_usage
from personae.serve.faults import Refusal
from personae.serve.identity import Caller
from personae.serve.services import Services

_LEFT = 499
"""The client went away."""


@dataclass(slots=True)
class Entry:
    """One request, from its beginning to its end."""

    services: Services
    endpoint: str
    """``chat``, ``responses`` or ``embeddings``."""
    caller: Caller
    label: str = "none"
    """Persona or model, for metrics."""
    model: str = ""
    """The model that is asked, for prices."""
    usage: Usage = field(default_factory=Usage)
    asked: Any = None
    """What a model was sent; nothing while it was sent nothing."""
    pieces: int = 0
    """Pieces of a stream that came back."""
    started: float = field(default_factory=time.perf_counter)

    def admit(self) -> None:
        """Let the request in.

        Raises:
            Refusal: If its key may not ask now, or has a budget and the model no known price.
        """
        key = self.caller.key
        if key is None:
            return
        self.services.keys.admit(key)
        if key.budget is not None and price_of(self.model) is None:
            raise Refusal(
                403,
                "price_unknown",
                f"the price of {self.model} is not known, so that a budget cannot be kept",
                where="model",
                remedy="ask for another model, or for a key without a budget",
            )

    def read_usage(self, payload: bytes) -> None:
        """Take the tokens out of an answer."""
        try:
            data = orjson.loads(payload)
        except ValueError:
            return
        if isinstance(data, dict):
            self.take_usage(data.get("usage"))

    def take_usage(self, usage: Any) -> None:
        """Take the tokens as an endpoint tells them, in either of OpenAI's two spellings."""
        if not isinstance(usage, Mapping):
            return
        try:
            found = parse_usage(usage)
            if not found.input_tokens and not found.output_tokens:
                found = Usage(int(usage.get("input_tokens") or 0), int(usage.get("output_tokens") or 0))
        except (TypeError, ValueError, AttributeError):
            return
        self.usage = found

    def end(self, status: int) -> None:
        """The answer is out."""
        if self.asked is not None and (status < 400 or status == _LEFT) and self.usage == Usage():
            self.usage = self._estimate()
        used, services = self.usage, self.services
        services.metrics.count(self.endpoint, self.label, status, time.perf_counter() - self.started)
        cost = None
        if used.input_tokens or used.output_tokens:
            price = price_of(self.model)
            if price is not None:
                fresh = used.input_tokens - used.cached_tokens
                cost = (
                    fresh * price.input + used.cached_tokens * price.cached + used.output_tokens * price.output
                ) / 1e6
            services.metrics.count_usage(self.label, used.input_tokens, used.output_tokens, cost)
        elif status < 400:
            cost = 0.0 if price_of(self.model) is not None else None
        if self.caller.key is not None and (status < 400 or used.input_tokens):
            services.keys.spend(self.caller.key, self.model, used.input_tokens, used.output_tokens, cost)
        detail = f"{status} {self.model} {used.input_tokens}+{used.output_tokens} tokens"
        services.audit.note_soon(self.caller.user, f"gateway.{self.endpoint}", self.label, detail)

    def _estimate(self) -> Usage:
        """Tokens where nobody told them, as of a stream that was left: leaving early does not make answers free.

        Four characters that were sent are a token, and so is a piece that came back: endpoints send them one by one.
        """
        return Usage(-(-len(orjson.dumps(self.asked, default=str)) // 4), self.pieces)
