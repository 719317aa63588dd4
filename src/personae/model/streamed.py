"""A reply put together from the events of a stream."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from personae.model.failure import ProviderError
from personae.model.reply import Finish, Reply, TokenLogprob, Usage
from personae.model.tools import ToolCall
from personae.model.wire import parse_finish, parse_logprobs, parse_usage, raise_wrapped_error


class StreamedReply:
    """Collects the chunks of one streamed completion, whichever way their fields are spread over them.

    Args:
        model: Name of the model that was asked, for errors and for endpoints that do not name theirs.
    """

    def __init__(self, model: str) -> None:
        self._name = self._served = model
        self._texts: dict[int, list[str]] = {}
        self._finish: Finish | None = None
        self._usage = Usage()
        self._refusal = self._id = ""
        self._logprobs: list[TokenLogprob] = []
        self._calls: dict[int, list[str]] = {}
        """Id, name and arguments of each call, put together from pieces."""

    def add(self, event: Mapping[str, Any]) -> str:
        """Take one event in and give the text that it adds to the first alternative.

        Raises:
            ProviderError: ``bad_reply`` if it is no chunk of a completion; another kind if it reports an error.
        """
        raise_wrapped_error(event, self._name, self._id)
        try:
            self._served, self._id = str(event.get("model") or self._served), str(event.get("id") or self._id)
            if event.get("usage"):
                self._usage = parse_usage(event["usage"])
            return "".join([self._add_choice(choice) for choice in event.get("choices") or ()])
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            message = f"not a chunk of a chat completion ({type(error).__name__})"
            raise ProviderError("bad_reply", message, model=self._name, request_id=self._id) from error

    def _add_choice(self, choice: Mapping[str, Any]) -> str:
        index, delta = int(choice.get("index") or 0), choice.get("delta") or {}
        piece = delta.get("content") or ""
        if not isinstance(piece, str):
            raise TypeError("the content is not a text")
        self._texts.setdefault(index, []).append(piece)
        if index != 0:
            return ""
        self._refusal += delta.get("refusal") or ""
        for piece_of_call in delta.get("tool_calls") or ():
            self._add_call(piece_of_call)
        self._logprobs += parse_logprobs(choice.get("logprobs"))
        if choice.get("finish_reason") or choice.get("error"):
            self._finish = parse_finish(choice, self._name, self._id)
        return piece

    def _add_call(self, piece: Mapping[str, Any]) -> None:
        call = self._calls.setdefault(int(piece.get("index") or 0), ["", "", ""])
        told = piece.get("function") or {}
        call[0] = str(piece.get("id") or call[0])  # id and name come once, some endpoints repeat them
        call[1] = str(told.get("name") or call[1])
        call[2] += told.get("arguments") or ""

    def whole(self, seconds: float) -> Reply:
        """The reply, once the stream has ended.

        Raises:
            ProviderError: ``bad_reply`` if no chunk named a finish reason: the stream was cut, however cleanly.
        """
        if self._finish is None:
            message = "the stream ended before the reply did" if self._texts else "the stream ended without a word"
            raise ProviderError("bad_reply", message, model=self._name, request_id=self._id)
        texts = ["".join(self._texts[index]) for index in sorted(self._texts)]
        return Reply(
            text=texts[0],
            finish=self._finish,
            model=self._served,
            usage=self._usage,
            alternatives=tuple(texts[1:]),
            refusal=self._refusal,
            logprobs=tuple(self._logprobs),
            request_id=self._id,
            seconds=seconds,
            calls=tuple(ToolCall(*self._calls[index]) for index in sorted(self._calls)),
        )
