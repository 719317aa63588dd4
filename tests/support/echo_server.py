"""A real HTTP server that tells how likely given texts are: ``/v1/completions`` with ``echo``, and vLLM's
``prompt_logprobs`` at ``/v1/chat/completions``.

Its language model is a table: a token is a word with the space before it, and its log-probability is looked up by its
letters, -1 for those that are not listed. Written from the wire formats, not with the code under test.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import orjson
from aiohttp import web

from support.chat_server import ChatServer, completion

_TOKEN = re.compile(r"\s?\S+|\s+")


class EchoServer(ChatServer):
    """Scores texts by a table of words.

    Args:
        table: Log-probability of each word.
        has_echo: Whether completions are echoed; servers that do not know the field ignore it.
        has_prompt_logprobs: Whether chat completions tell log-probabilities of prompts.
    """

    def __init__(self, table: Mapping[str, float], *, has_echo: bool = True, has_prompt_logprobs: bool = True) -> None:
        super().__init__(self._chat_answer)
        self.table = table
        self.completions: list[dict[str, Any]] = []
        """Bodies of the requests for completions."""
        self._has_echo = has_echo
        self._has_prompt_logprobs = has_prompt_logprobs

    def add_routes(self, app: web.Application) -> None:
        app.router.add_post("/v1/completions", self._complete)

    def _scored(self, text: str) -> list[tuple[str, float]]:
        return [(token, self.table.get(token.strip(), -1.0)) for token in _TOKEN.findall(text)]

    async def _complete(self, http: web.Request) -> web.Response:
        body = orjson.loads(await http.read())
        self.completions.append(body)
        prompts = [body["prompt"]] if isinstance(body["prompt"], str) else body["prompt"]
        rows = [self._row(index, prompt) for index, prompt in enumerate(prompts)]
        answer = {
            "id": "cmpl-1",
            "object": "text_completion",
            "model": "served-model",
            "choices": rows[::-1],  # the order of the array is not promised, only the index
            "usage": {"prompt_tokens": 7, "completion_tokens": 0, "total_tokens": 7},
        }
        return web.Response(body=orjson.dumps(answer), content_type="application/json")

    def _row(self, index: int, prompt: str) -> dict[str, Any]:
        row: dict[str, Any] = {"index": index, "text": prompt if self._has_echo else "", "finish_reason": "length"}
        if not self._has_echo:
            return {**row, "logprobs": None}
        tokens, offsets, offset = self._scored(prompt), [], 0
        for token, _ in tokens:
            offsets.append(offset)
            offset += len(token)
        logprobs = {
            "tokens": [token for token, _ in tokens],
            "token_logprobs": [None, *(value for _, value in tokens[1:])],
            "text_offset": offsets,
            "top_logprobs": None,
        }
        return {**row, "logprobs": logprobs}

    def _chat_answer(self, body: dict[str, Any]) -> Mapping[str, Any]:
        answer = completion("x")
        if not self._has_prompt_logprobs:
            return answer
        text = "".join(f"<{one['role']}> {one['content']} " for one in body["messages"]).rstrip()
        places: list[Any] = [None]
        for number, (token, value) in enumerate(self._scored(text)):
            places.append({str(1000 + number): {"logprob": value, "rank": 1, "decoded_token": token}})
        return {**answer, "prompt_logprobs": places}
