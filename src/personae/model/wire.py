"""The chat-completions wire format, both ways: request to body, body to reply, server-sent events to pieces.

Pure functions without a socket, so that the client and the simulated server speak from one page.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from personae.model.failure import ProviderError, kind_of_status
from personae.model.reply import Finish, Reply, TokenLogprob, Usage
from personae.model.request import Message, Request, ToolMessage
from personae.model.tools import ToolCall, calls_from_json

_FINISH: dict[str, Finish] = {
    "stop": "stop",
    "tool_calls": "stop",
    "function_call": "stop",
    "length": "length",
    "model_length": "length",  # Mistral: the context of the model, not the bound of the request
    "content_filter": "filtered",
}
_CHOICES = ("auto", "none", "required")
_BROKEN_OFF = ("error", "insufficient_system_resource")  # OpenRouter, DeepSeek: what came is not the answer


def request_body(
    request: Request,
    model: str,
    *,
    max_tokens_field: str = "max_tokens",
    seed_field: str = "seed",
    stream: bool = False,
) -> dict[str, Any]:
    """Spell a request as the body of ``POST /chat/completions``; what is not set is left out.

    An empty ``seed_field`` leaves the seed out, for endpoints that refuse it.

    ``replicate`` has no word on the wire. Where it must change the answer, the caller gives each replicate a seed.
    """
    sampling = request.sampling
    body: dict[str, Any] = {
        "model": model,
        "messages": [
            {"role": message.role, "content": message.content} if type(message) is Message else _tool_turn_body(message)
            for message in request.messages
        ],
    }
    if request.tools:
        body["tools"] = [
            {
                "type": "function",
                "function": {"name": tool.name, "description": tool.description, "parameters": tool.parameters},
            }
            for tool in request.tools
        ]
        if request.tool_choice:
            is_word = request.tool_choice in _CHOICES
            named = {"type": "function", "function": {"name": request.tool_choice}}
            body["tool_choice"] = request.tool_choice if is_word else named
    if sampling.temperature is not None:
        body["temperature"] = sampling.temperature
    if sampling.top_p is not None:
        body["top_p"] = sampling.top_p
    if sampling.max_tokens is not None:
        body[max_tokens_field] = sampling.max_tokens
    if sampling.seed is not None and seed_field:
        body[seed_field] = sampling.seed
    if sampling.stop:
        body["stop"] = list(sampling.stop)
    if sampling.n != 1:
        body["n"] = sampling.n
    if sampling.top_logprobs:
        body["logprobs"] = True
        body["top_logprobs"] = sampling.top_logprobs
    if request.schema is not None:
        definition = request.schema.definition
        body["response_format"] = {
            "type": "json_schema",
            "json_schema": {
                "name": request.schema.name,
                "schema": definition,
                "strict": definition.get("additionalProperties") is False,
            },
        }
    if stream:
        body["stream"] = True
        body["stream_options"] = {"include_usage": True}
    return body


def _tool_turn_body(message: Message) -> dict[str, Any]:
    body: dict[str, Any] = {"role": message.role, "content": message.content}
    if isinstance(message, ToolMessage):
        if message.calls:
            body["content"] = message.content or None
            body["tool_calls"] = _calls_body(message.calls)
        if message.answers:
            body["tool_call_id"] = message.answers
    return body


def _calls_body(calls: Sequence[ToolCall]) -> list[dict[str, Any]]:
    return [
        {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
        for call in calls
    ]


def parse_reply(payload: bytes, *, model: str, seconds: float = 0.0, request_id: str = "") -> Reply:
    """Read the body of a chat completion.

    Raises:
        ProviderError: ``bad_reply`` if it is not one; another kind if the endpoint wrapped an error into a 200.
    """
    try:
        data = orjson.loads(payload)
        raise_wrapped_error(data, model, request_id)
        choices = data["choices"]
        if len(choices) > 1:
            choices = sorted(choices, key=lambda choice: choice.get("index") or 0)
        texts = [_text_of(choice["message"]) for choice in choices]
        first = choices[0]
        return Reply(
            text=texts[0],
            finish=parse_finish(first, model, request_id),
            model=str(data.get("model") or model),
            usage=parse_usage(data.get("usage")),
            alternatives=tuple(texts[1:]),
            refusal=str(first["message"].get("refusal") or ""),
            logprobs=parse_logprobs(first.get("logprobs")),
            request_id=str(data.get("id") or request_id),
            seconds=seconds,
            calls=calls_from_json(first["message"].get("tool_calls")),
        )
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        shown = payload[:120].decode("utf-8", "replace")
        message = f"not a chat completion ({type(error).__name__}): {shown!r}"
        raise ProviderError("bad_reply", message, model=model, request_id=request_id) from error


def _text_of(message: Mapping[str, Any]) -> str:
    content = message.get("content")
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "".join(part.get("text", "") for part in content if isinstance(part, Mapping))
    return ""


def parse_usage(data: Mapping[str, Any] | None) -> Usage:
    """Read token counts; what an endpoint does not tell counts as 0.

    Example:
        >>> parse_usage({"prompt_tokens": 9, "completion_tokens": 3, "prompt_tokens_details": {"cached_tokens": 8}})
        Usage(input_tokens=9, output_tokens=3, cached_tokens=8, reasoning_tokens=0)
    """
    if not data:
        return Usage()
    prompt = data.get("prompt_tokens_details") or {}
    completion = data.get("completion_tokens_details") or {}
    return Usage(
        input_tokens=int(data.get("prompt_tokens") or 0),
        output_tokens=int(data.get("completion_tokens") or 0),
        cached_tokens=int(prompt.get("cached_tokens") or 0),
        reasoning_tokens=int(completion.get("reasoning_tokens") or 0),
    )


def parse_finish(choice: Mapping[str, Any], model: str, request_id: str = "") -> Finish:
    """Read why a choice ended.

    Raises:
        ProviderError: If it ended because the endpoint failed in the middle of it.
    """
    raise_wrapped_error(choice, model, request_id)
    reason = choice.get("finish_reason") or ""
    if reason in _BROKEN_OFF:
        message = f"the endpoint broke the reply off ({reason})"
        raise ProviderError("overloaded", message, model=model, request_id=request_id)
    return _FINISH.get(reason, "unknown")


def parse_logprobs(data: Mapping[str, Any] | None) -> tuple[TokenLogprob, ...]:
    """Read the log-probabilities of a choice; an endpoint that reports none gives none."""
    if not data or not data.get("content"):
        return ()
    return tuple(
        TokenLogprob(
            token["token"],
            float(token["logprob"]),
            tuple((rival["token"], float(rival["logprob"])) for rival in token.get("top_logprobs") or ()),
        )
        for token in data["content"]
    )


def error_message(body: str) -> tuple[str, str]:
    """Take message and code out of an error body in OpenAI's shape; other bodies are returned as they are."""
    try:
        data = orjson.loads(body)
        error = (data[0] if isinstance(data, list) else data)["error"]  # Gemini wraps the object into a list
    except (ValueError, KeyError, IndexError, TypeError):
        return body.strip(), ""
    if isinstance(error, str):
        return error, ""
    if not isinstance(error, Mapping):
        return body.strip(), ""
    return str(error.get("message") or body.strip()), str(error.get("code") or error.get("type") or "")


def raise_wrapped_error(data: object, model: str, request_id: str = "") -> None:
    """Raise the error that an endpoint wrapped into a reply or an event of status 200, if there is one.

    Its code is an HTTP status for some, a word for others, and missing for the rest; those may pass when asked again.
    """
    error = data.get("error") if isinstance(data, dict) else None
    if not error:
        return
    detail = error if isinstance(error, Mapping) else {"message": error}
    code, message = str(detail.get("code")), str(detail.get("message") or "the endpoint reported an error")
    status = int(code) if re.fullmatch("[45][0-9]{2}", code) else 200
    kind = kind_of_status(400 if status == 200 else status, f"{code} {detail.get('type')} {message}")
    if status == 200 and kind == "bad_request":
        kind = "overloaded"
    raise ProviderError(kind, message, model=model, status=status, request_id=request_id)


def choice_scores(logprobs: Sequence[TokenLogprob], choices: Sequence[str]) -> dict[str, float]:
    """Read the log-probability of closed choices off the first token of a reply.

    A token stands for a choice if, stripped of white space, it is the choice or the beginning of no other choice.
    The probabilities of several such tokens ("A", " A") add up. A choice that no reported token stands for is left out:
    its probability is below that of the last token reported, not zero.

    Example:
        >>> token = TokenLogprob("A", -0.1, (("A", -0.1), (" B", -2.3), ("The", -9.0)))
        >>> choice_scores([token], ["A", "B", "C"])
        {'A': -0.1, 'B': -2.3}
    """
    if not logprobs:
        return {}
    rivals = logprobs[0].top or ((logprobs[0].token, logprobs[0].logprob),)
    found: dict[str, float] = {}
    for token, value in rivals:
        owners = choices_of_token(token, choices)
        if len(owners) == 1:
            before = found.get(owners[0])
            found[owners[0]] = value if before is None else _log_add(before, value)
    return {choice: found[choice] for choice in choices if choice in found}


def choices_of_token(token: str, choices: Sequence[str]) -> list[str]:
    """Choices that a first token may stand for: the one that it is, else those that it begins.

    Example:
        >>> choices_of_token(" Strong", ["Agree", "Strongly agree", "Strongly disagree"])
        ['Strongly agree', 'Strongly disagree']
    """
    text = token.strip()
    same = [choice for choice in choices if text == choice]
    return same or [choice for choice in choices if text and choice.startswith(text)]


def _log_add(first: float, second: float) -> float:
    high, low = max(first, second), min(first, second)
    return high + math.log1p(math.exp(low - high))


def parse_event(line: bytes) -> dict[str, Any] | None:
    """Read one line of a server-sent event stream; comments, blank lines and the closing mark give ``None``.

    Raises:
        ValueError: If the data of the event is not a JSON object.
    """
    line = line.strip()
    if not line.startswith(b"data:"):
        return None
    data = line[5:].strip()
    if data in (b"", b"[DONE]"):
        return None
    event = orjson.loads(data)
    if not isinstance(event, dict):
        raise ValueError("the event is not an object")
    return event


def reply_body(reply: Reply, *, created: int) -> dict[str, Any]:
    """Spell a reply as the body of a chat completion, for servers that answer in this format."""
    texts = (reply.text, *reply.alternatives)
    finish = {"stop": "stop", "length": "length", "filtered": "content_filter"}.get(reply.finish, "stop")
    return {
        "id": reply.request_id,
        "object": "chat.completion",
        "created": created,
        "model": reply.model,
        "choices": [
            {
                "index": index,
                "message": {"role": "assistant", "content": text, "refusal": reply.refusal or None}
                | ({"tool_calls": _calls_body(reply.calls)} if reply.calls and index == 0 else {}),
                "finish_reason": "tool_calls" if reply.calls and index == 0 else finish,
                "logprobs": _logprobs_body(reply.logprobs) if index == 0 else None,
            }
            for index, text in enumerate(texts)
        ],
        "usage": usage_body(reply.usage),
    }


def usage_body(usage: Usage) -> dict[str, Any]:
    """Spell token counts as an endpoint reports them."""
    return {
        "prompt_tokens": usage.input_tokens,
        "completion_tokens": usage.output_tokens,
        "total_tokens": usage.input_tokens + usage.output_tokens,
        "prompt_tokens_details": {"cached_tokens": usage.cached_tokens},
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
    }


def _logprobs_body(logprobs: Sequence[TokenLogprob]) -> dict[str, Any] | None:
    if not logprobs:
        return None
    return {
        "content": [
            {
                "token": token.token,
                "logprob": token.logprob,
                "top_logprobs": [{"token": text, "logprob": value} for text, value in token.top],
            }
            for token in logprobs
        ]
    }
