"""Calling tools: both wire formats against real servers, streams, storage, and calls that are malformed."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from personae.errors import InputError
from personae.model import (
    Message,
    Model,
    ProviderError,
    Remote,
    Reply,
    Request,
    ResponseCache,
    Schema,
    Streams,
    Tool,
    ToolCall,
    ToolMessage,
    messages_from_json,
    open_model,
    reply_from_json,
    reply_to_json,
    request_from_json,
)
from personae.model.anthropic_wire import messages_body
from personae.model.wire import parse_reply, reply_body, request_body
from support.chat_server import Act, ChatServer, completion, event, reply
from support.messages_server import MessagesServer, events, message, tool_use

WEATHER = Tool("weather", "Weather of a town.", {"type": "object", "properties": {"town": {"type": "string"}}})
CALL = ToolCall("call_1", "weather", '{"town":"Bern"}')
ASK = Request((Message("user", "Is it raining in Bern?"),), tools=(WEATHER,))
GO_ON = Request(
    (
        Message("system", "Be brief."),
        Message("user", "Is it raining in Bern?"),
        ToolMessage("assistant", "", (CALL,)),
        ToolMessage("tool", "sunny", answers="call_1"),
    ),
    tools=(WEATHER,),
    tool_choice="auto",
)


def called(arguments: object, **further: Any) -> dict[str, Any]:
    body = completion(None, finish="tool_calls")
    call = {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": arguments}}
    body["choices"][0]["message"]["tool_calls"] = [call | further]
    return body


def ask(model: Model, *requests: Request) -> list[Reply]:
    async def all_of_them() -> list[Reply]:
        try:
            return [await model.generate(request) for request in requests]
        finally:
            assert isinstance(model, Remote)
            await model.aclose()

    return asyncio.run(all_of_them())


def listen(model: Model) -> list[str | Reply]:
    async def collect() -> list[str | Reply]:
        assert isinstance(model, Streams)
        assert isinstance(model, Remote)
        try:
            return [part async for part in model.stream(ASK)]
        finally:
            await model.aclose()

    return asyncio.run(collect())


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "k")


# Chat completions


def test_tools_and_their_answers_are_spelled_as_chat_completions_want_them() -> None:
    body = request_body(GO_ON, "m")
    function = {"name": "weather", "description": WEATHER.description, "parameters": WEATHER.parameters}
    assert body["tools"] == [{"type": "function", "function": function}]
    assert body["tool_choice"] == "auto"
    assert body["messages"][2:] == [
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": '{"town":"Bern"}'}}
            ],
        },
        {"role": "tool", "content": "sunny", "tool_call_id": "call_1"},
    ]


@pytest.mark.parametrize(
    ("choice", "sent"),
    [
        ("", None),
        ("required", "required"),
        ("none", "none"),
        ("weather", {"type": "function", "function": {"name": "weather"}}),
    ],
)
def test_a_tool_can_be_forced(choice: str, sent: object) -> None:
    request = Request(ASK.messages, tools=ASK.tools, tool_choice=choice)
    assert request_body(request, "m").get("tool_choice") == sent


def test_a_call_comes_over_http_and_its_answer_goes_back(tmp_path: Path) -> None:
    with ChatServer(plan=[reply(called('{"town":"Bern"}')), "No, it is sunny."]) as server:
        cache = ResponseCache(tmp_path)
        model = open_model(f"{server.url}#m", cache=cache)
        first, again, last = ask(model, ASK, ASK, GO_ON)
        cache.close()
    assert (first.text, first.calls, first.finish) == ("", (CALL,), "stop")
    assert again.is_cached  # a reply that only calls is worth keeping
    assert again.calls == first.calls
    assert (last.text, last.calls) == ("No, it is sunny.", ())
    assert len(server.requests) == 2
    assert server.requests[1]["messages"][-1] == {"role": "tool", "content": "sunny", "tool_call_id": "call_1"}


def test_a_streamed_call_is_put_together_from_its_pieces() -> None:
    def piece(**function: str) -> dict[str, Any]:
        return {"index": 0, "function": function}

    first = {"index": 0, "id": "call_1", "type": "function", "function": {"name": "weather", "arguments": ""}}
    deltas = [first, piece(arguments='{"town"'), piece(arguments=':"Bern"}')]
    frames = [event({"choices": [{"index": 0, "delta": {"tool_calls": [delta]}}]}) for delta in deltas]
    frames.append(event({"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]}))
    act = Act("stream", frames=(*frames, b"data: [DONE]\n\n"), content_type="text/event-stream")

    with ChatServer(plan=[act]) as server:
        parts = listen(open_model(f"{server.url}#m"))
    (whole,) = parts
    assert isinstance(whole, Reply)
    assert whole.calls == (CALL,)


def test_arguments_that_an_endpoint_sends_as_an_object_are_read_too() -> None:
    found = parse_reply(orjson.dumps(called({"town": "Bern"})), model="m")
    assert found.calls[0].read() == {"town": "Bern"}


@pytest.mark.parametrize("calls", ["no list", [3], [{"id": "1", "function": {}}]])
def test_calls_that_are_none_make_a_bad_reply(calls: object) -> None:
    body = completion(None)
    body["choices"][0]["message"]["tool_calls"] = calls
    with pytest.raises(ProviderError, match="not a chat completion"):
        parse_reply(orjson.dumps(body), model="m")


def test_a_server_of_ours_spells_calls_as_it_reads_them() -> None:
    told = reply_body(Reply("", calls=(CALL,)), created=0)
    assert told["choices"][0]["finish_reason"] == "tool_calls"
    assert parse_reply(orjson.dumps(told), model="m").calls == (CALL,)


# The Messages API


def test_tools_are_spelled_as_the_messages_api_wants_them() -> None:
    body = messages_body(GO_ON, "claude")
    assert body["tools"] == [
        {"name": "weather", "description": WEATHER.description, "input_schema": WEATHER.parameters}
    ]
    assert body["tool_choice"] == {"type": "auto"}
    assert body["messages"][1:] == [
        {
            "role": "assistant",
            "content": [{"type": "tool_use", "id": "call_1", "name": "weather", "input": {"town": "Bern"}}],
        },
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "call_1", "content": "sunny"}]},
    ]


@pytest.mark.parametrize(
    ("choice", "sent"),
    [("required", {"type": "any"}), ("none", {"type": "none"}), ("weather", {"type": "tool", "name": "weather"})],
)
def test_a_tool_can_be_forced_there_too(choice: str, sent: object) -> None:
    request = Request(ASK.messages, tools=ASK.tools, tool_choice=choice)
    assert messages_body(request, "claude")["tool_choice"] == sent


def test_a_tool_beside_words_is_a_call_and_the_words_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    use = tool_use({"town": "Bern"}, "weather")
    with MessagesServer(plan=[reply(message("Let me see.", use, stop="tool_use"))]) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        (found,) = ask(open_model("anthropic/claude"), ASK)
    assert found.text == "Let me see."
    assert [(call.id, call.name, call.read()) for call in found.calls] == [("toolu_1", "weather", {"town": "Bern"})]


def test_a_streamed_tool_is_a_call_and_its_json_no_words(monkeypatch: pytest.MonkeyPatch) -> None:
    with MessagesServer(plan=[events(['{"town"', ':"Bern"}'], stop="tool_use", is_tool=True)]) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        parts = listen(open_model("anthropic/claude"))
    whole = parts[-1]
    assert isinstance(whole, Reply)
    assert "".join(part for part in parts if isinstance(part, str)) == ""
    assert [call.read() for call in whole.calls] == [{"town": "Bern"}]


def test_a_schema_beside_tools_is_refused_there_where_it_would_be_a_tool_itself() -> None:
    request = Request(ASK.messages, schema=Schema("s", {"type": "object"}), tools=ASK.tools)
    with pytest.raises(ProviderError, match="one of the two"):
        messages_body(request, "claude")


def test_a_malformed_call_cannot_be_repeated_there_and_says_so() -> None:
    turn = ToolMessage("assistant", "", (ToolCall("1", "weather", "{oops"),))
    with pytest.raises(ProviderError, match="cannot be repeated"):
        messages_body(Request((Message("user", "Hi"), turn), tools=(WEATHER,)), "claude")


# Storage


def test_a_request_without_tools_keeps_its_spelling() -> None:
    assert b"tool" not in Request.of("Hello").spelling
    assert Request.of("Hello").key != Request(Request.of("Hello").messages, tools=(WEATHER,)).key


@given(
    st.lists(st.builds(ToolCall, st.text(), st.text(), st.text()), max_size=3),
    st.text(),
    st.sampled_from(["", "auto", "weather"]),
)
def test_requests_and_replies_are_read_back_as_they_were(calls: list[ToolCall], words: str, choice: str) -> None:
    turns = (Message("user", words), ToolMessage("assistant", words, tuple(calls), "7"))
    request = Request(turns, tools=(WEATHER,), tool_choice=choice)
    back = request_from_json(orjson.loads(request.spelling))
    assert back.key == request.key
    assert back.messages == request.messages
    found = Reply(words, calls=tuple(calls))
    assert reply_from_json(orjson.loads(orjson.dumps(reply_to_json(found)))) == found


def test_turns_of_other_tools_are_read() -> None:
    row = {"role": "assistant", "content": None, "tool_calls": called("{}")["choices"][0]["message"]["tool_calls"]}
    (turn,) = messages_from_json([row])
    assert isinstance(turn, ToolMessage)
    assert turn.calls == (ToolCall("call_1", "weather", "{}"),)


def test_another_seed_keeps_the_tools() -> None:
    drawn = GO_ON.with_seed(3)
    assert (drawn.tools, drawn.tool_choice) == (GO_ON.tools, GO_ON.tool_choice)


@pytest.mark.parametrize(("arguments", "what"), [("{oops", "not JSON"), ("[1]", "no JSON object")])
def test_a_malformed_call_says_what_to_answer_to_it(arguments: str, what: str) -> None:
    with pytest.raises(InputError, match=what) as caught:
        ToolCall("1", "weather", arguments).read()
    assert "call it again" in str(caught.value)
    assert ToolCall("1", "weather", "").read() == {}
