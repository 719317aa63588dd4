"""One thin client for every endpoint that speaks chat completions: OpenAI, Ollama, vLLM, llama.cpp, OpenRouter ..."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import orjson

from personae.canonical import content_hash
from personae.model.continuing import (
    echo_body,
    is_continuation,
    prompt_logprobs_body,
    read_echo,
    read_prompt_logprobs,
)
from personae.model.failure import ProviderError
from personae.model.http import EndpointClient
from personae.model.plain_text import as_chat, plain_body
from personae.model.reply import Reply
from personae.model.request import Request
from personae.model.streamed import StreamedReply
from personae.model.wire import choice_scores, parse_reply, request_body


class OpenAICompatible(EndpointClient):
    """Asks an OpenAI-compatible endpoint. One call, one try: retries and caching are wrappers around it.

    When to use: :func:`personae.model.open_model` makes it from a name such as ``openai/gpt-4o-mini`` or
    ``http://host:8000/v1#name``; build it yourself for an endpoint that no name covers.
    """

    @property
    def identity(self) -> str:
        """Endpoint, model and the options that change an answer."""
        end = self.endpoint
        options: list[Any] = [dict(end.extra_body), end.max_tokens_field, end.send_seed]
        if end.seed_field != "seed" or end.query:  # what most endpoints do not have leaves their keys as they were
            options += [end.seed_field, dict(end.query)]
        if end.scoring != "echo":
            options.append(end.scoring)
        if end.is_plain:
            options.append("plain")
        return f"{end.base_url}#{end.model}#{content_hash(options)[:12]}"

    async def generate(self, request: Request) -> Reply:
        """Answer one request by one HTTP call; continuations are scored, in a call each where the endpoint needs it."""
        if is_continuation(request):
            return await self._score_continuations(request)
        body = self.body(request)
        started = time.perf_counter()
        if self.endpoint.is_plain:
            payload, request_id = await self.exchange("POST", "/completions", plain_body(body))
            payload = as_chat(payload)
        else:
            payload, request_id = await self.exchange("POST", "/chat/completions", body)
        return parse_reply(payload, model=self.name, seconds=time.perf_counter() - started, request_id=request_id)

    async def _score_continuations(self, request: Request) -> Reply:
        started = time.perf_counter()
        model = self.endpoint.model
        if self.endpoint.scoring == "echo":
            payload, _ = await self.exchange("POST", "/completions", {**echo_body(request, model), **self._extra})
            return read_echo(payload, request, model=self.name, seconds=time.perf_counter() - started)
        payloads = []
        for choice in request.choices:
            body = {**prompt_logprobs_body(request, choice, model), **self._extra}
            payloads.append((await self.exchange("POST", "/chat/completions", body))[0])
        return read_prompt_logprobs(payloads, request, model=self.name, seconds=time.perf_counter() - started)

    @property
    def _extra(self) -> dict[str, Any]:
        return dict(self.endpoint.extra_body)

    async def score(self, request: Request) -> dict[str, float]:
        """Score closed choices by the log-probabilities of the first token.

        Raises:
            ProviderError: ``unsupported`` if the endpoint reports no log-probabilities.
        """
        sampling = replace(request.sampling, max_tokens=1, top_logprobs=20, temperature=0.0, n=1)
        reply = await self.generate(replace(request, sampling=sampling))
        if not reply.logprobs:
            raise ProviderError("unsupported", "the endpoint reports no log-probabilities", model=self.name)
        return choice_scores(reply.logprobs, request.choices)

    async def stream(self, request: Request) -> AsyncIterator[str | Reply]:
        """Yield pieces of text as they arrive and, last, the whole reply."""
        started = time.perf_counter()
        if self.endpoint.is_plain:
            whole = await self.generate(request)
            yield whole.text
            yield whole
            return
        reply = StreamedReply(self.name)
        async with aclosing(self.events("/chat/completions", self.body(request, stream=True))) as events:
            async for event in events:
                if piece := reply.add(event):
                    yield piece
        yield reply.whole(time.perf_counter() - started)

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Embed texts at ``/embeddings``."""
        payload, request_id = await self.exchange(
            "POST", "/embeddings", {"model": self.endpoint.model, "input": list(texts)}
        )
        try:
            rows = sorted(orjson.loads(payload)["data"], key=lambda row: row["index"])
            vectors = [[float(value) for value in row["embedding"]] for row in rows]
        except (ValueError, KeyError, TypeError) as error:
            raise ProviderError(
                "bad_reply", "not a list of embeddings", model=self.name, request_id=request_id
            ) from error
        if len(vectors) != len(texts):
            raise ProviderError("bad_reply", f"{len(vectors)} vectors for {len(texts)} texts", model=self.name)
        return vectors

    def body(self, request: Request, *, stream: bool = False) -> dict[str, Any]:
        """Spell a request as this endpoint is sent it.

        Raises:
            ProviderError: ``unsupported`` if it asks for continuations, which are no chat completion.
        """
        if is_continuation(request):
            raise ProviderError("unsupported", "given texts are not scored in batches or streams", model=self.name)
        end = self.endpoint
        body = request_body(
            request,
            end.model,
            max_tokens_field=end.max_tokens_field,
            seed_field=end.seed_field if end.send_seed else "",
            stream=stream,
        )
        return {**body, **end.extra_body}
