"""What every request of the gateway leaves behind: metrics, spending of its key, a line in the audit log.

A key with a budget pays as one pays by card: what a call can cost at most is set aside before it is made, and what it
did cost is taken when it has ended, however that was. So calls side by side never spend the same dollar.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from personae.model import Price, Request, Usage, price_of
from personae.model.wire import parse_usage
from personae.serve.faults import Refusal
from personae.serve.gateway.bounds import (
    LEAST_REPLY_TOKENS,
    REPLY_TOKENS,
    bound_of,
    most_input,
    refuse_unpriced,
    replies_of,
)
from personae.serve.identity import Caller
from personae.serve.keys import Key
from personae.serve.services import Services

_LEFT = 499
"""The client went away, or the server is told to end."""
_LATE = 504
"""The model did not answer in time."""
_BYTES_PER_TOKEN = 3
"""Of JSON, where nobody told the tokens: English has more, so that the count is not too low."""


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
    is_whole: bool = False
    """Whether the answer comes in one piece, so that nobody sees how far it is."""
    pays: bool = True
    """Whether its key pays here; runs are paid for while they go on."""
    held: float = 0.0
    """US dollars of the key's budget that are set aside."""
    most: Usage = field(default_factory=Usage)
    """Tokens that are paid for with these."""
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

    def reserve(self, body: MutableMapping[str, Any], bound: str = "") -> None:
        """Set aside what a request can cost at most; bounds its reply where nothing else does, so that this holds.

        Args:
            body: The request as it is sent.
            bound: The field that bounds the reply; empty where there is none.

        Raises:
            Refusal: If the key's budget has no room for it, or its price is not known.
        """
        key, price = self._payer()
        if key is None or price is None:
            return
        refuse_unpriced(body)
        given = bound_of(body, bound)
        tokens = most_input(body, len(orjson.dumps(body, default=str)), price.window)
        taken = self._hold(price, tokens, given, replies_of(body))
        if given is None and taken != price.most_output:
            body[bound] = taken

    def reserve_request(self, request: Request) -> Request:
        """As :meth:`reserve`, for a model that is asked by requests; gives the request as it has to be made.

        Raises:
            Refusal: If the key's budget has no room for it.
        """
        key, price = self._payer()
        if key is None or price is None:
            return request
        sampling = request.sampling
        taken = self._hold(price, len(request.spelling), sampling.max_tokens, sampling.n)
        if sampling.max_tokens is not None or taken == price.most_output:
            return request
        return replace(request, sampling=replace(sampling, max_tokens=taken))

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
        """The answer is out, or none will come."""
        if self.usage == Usage() and self.asked is not None:
            self.usage = self._estimate(status)
        used, services, key = self.usage, self.services, self.caller.key
        services.metrics.count(self.endpoint, self.label, status, time.perf_counter() - self.started)
        price = price_of(self.model)
        cost = None if price is None else _cost(price, used)
        is_used = bool(used.input_tokens or used.output_tokens)
        if is_used:
            services.metrics.count_usage(self.label, used.input_tokens, used.output_tokens, cost)
        if key is not None:
            if self.held:
                services.keys.release(key, self.held)
                self.held = 0.0
            if self.pays and (status < 400 or is_used):
                services.keys.spend(key, self.model, used.input_tokens, used.output_tokens, cost)
        detail = f"{status} {self.model} {used.input_tokens}+{used.output_tokens} tokens"
        services.audit.note_soon(self.caller.user, f"gateway.{self.endpoint}", self.label, detail)

    def _payer(self) -> tuple[Key | None, Price | None]:
        key = self.caller.key
        if key is None or key.budget is None:
            return None, None
        price = price_of(self.model)
        return (None, None) if price is None or price.is_free else (key, price)

    def _hold(self, price: Price, tokens: int, given: int | None, replies: int) -> int:
        """Set aside; gives the tokens of one reply that are paid for."""
        key = self.caller.key
        assert key is not None
        assert key.budget is not None
        reply = price.most_output or REPLY_TOKENS if given is None else min(given, price.most_output or given)
        asking, each = tokens * price.input / 1e6, replies * price.output / 1e6
        if given is None and each:
            room = (key.budget - key.spent - asking) / each
            reply = max(min(LEAST_REPLY_TOKENS, reply), min(reply, math.floor(room)))
        dollars = asking + reply * each
        self.services.keys.hold(key, dollars, "send less, or bound the reply by fewer tokens")
        self.held, self.most = dollars, Usage(tokens, reply * replies)
        return reply

    def _estimate(self, status: int) -> Usage:
        """Tokens where nobody told them: leaving early does not make an answer free.

        Three bytes that were sent are a token, and so is a piece that came back: endpoints send them one by one. A
        whole answer that nobody waited for may be written to its end, and counts as long as it was paid for. What an
        endpoint refused, or never got, costs nothing.
        """
        if status >= 400 and status not in (_LEFT, _LATE) and not self.pieces:
            return Usage()
        sent = -(-len(orjson.dumps(self.asked, default=str)) // _BYTES_PER_TOKEN)
        if self.is_whole and status in (_LEFT, _LATE):
            return Usage(sent, max(self.pieces, self.most.output_tokens))
        return Usage(sent, self.pieces)


def _cost(price: Price, used: Usage) -> float:
    fresh = max(0, used.input_tokens - used.cached_tokens)
    return (fresh * price.input + used.cached_tokens * price.cached + used.output_tokens * price.output) / 1e6
