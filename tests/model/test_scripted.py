"""The scripted model: answers in order, remembers what it was asked, and ends when its script does."""

from __future__ import annotations

import pytest

from personae.model import ProviderError, Reply, Request, ScriptedModel, Usage


async def test_lines_are_said_in_order_and_requests_remembered() -> None:
    model = ScriptedModel(["one", "two"])
    asked = [Request.of("first"), Request.of("second", replicate=1)]
    assert [(await model.generate(request)).text for request in asked] == ["one", "two"]
    assert model.requests == asked


async def test_a_script_that_has_ended_makes_nothing_up() -> None:
    model = ScriptedModel(["one"])
    await model.generate(Request.of("first"))
    with pytest.raises(ProviderError, match="call 2") as caught:
        await model.generate(Request.of("second"))
    assert caught.value.kind == "not_recorded"
    assert len(model.requests) == 2


async def test_a_function_answers_each_request_by_what_it_asks() -> None:
    model = ScriptedModel(lambda request: request.messages[-1].content.upper())
    assert [(await model.generate(Request.of(text))).text for text in ("a", "b", "a")] == ["A", "B", "A"]


async def test_a_whole_reply_is_given_as_it_is() -> None:
    reply = Reply("x", finish="length", model="other", usage=Usage(1, 2, 3, 4), refusal="no")
    assert await ScriptedModel([reply]).generate(Request.of("Hello")) is reply


async def test_an_error_is_raised_and_the_script_goes_on() -> None:
    model = ScriptedModel([ProviderError("overloaded", "busy"), "fine"])
    with pytest.raises(ProviderError, match="busy"):
        await model.generate(Request.of("Hello"))
    assert (await model.generate(Request.of("Hello"))).text == "fine"


async def test_an_error_may_come_from_the_function_too() -> None:
    model = ScriptedModel(lambda _: ValueError("broken"))
    with pytest.raises(ValueError, match="broken"):
        await model.generate(Request.of("Hello"))


async def test_an_empty_text_is_an_answer() -> None:
    assert (await ScriptedModel([""]).generate(Request.of("Hello"))).text == ""


async def test_words_stand_for_tokens_and_the_name_for_the_model() -> None:
    reply = await ScriptedModel(["one two"], name="actor").generate(Request.of("a b c", system="d e"))
    assert (reply.usage, reply.model) == (Usage(5, 2), "actor")


async def test_a_script_may_have_no_end() -> None:
    def forever() -> str:
        return "again"

    model = ScriptedModel(iter(forever, None))
    assert {(await model.generate(Request.of("Hello"))).text for _ in range(5)} == {"again"}
