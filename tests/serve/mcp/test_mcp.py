"""The MCP server, asked by the official client: over standard input and output, and over HTTP with keys."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp import Client, MCPError, StdioServerParameters, types
from mcp.client.streamable_http import streamable_http_client

from personae.persona import Persona
from personae.serve.mcp.interview import NOT_ANSWERED
from personae.serve.mcp.shapes import SIMULATED
from support.chat_server import ChatServer, completion, fail, say
from support.served import Served

ADA = {
    "id": "ada",
    "name": "Ada",
    "description": "Ada keeps bees.",
    "traits": {"big_five.extraversion": 2.0, "big_five.neuroticism": -2.0},
}
NAMES = ["list_personas", "list_instruments", "list_models", "interview", "administer", "audit"]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served(tmp_path_factory.mktemp("mcp"), models=("sim", "openai/gpt-4o-mini"), confirm_above=0.0) as server:
        assert server.app is not None
        shelf = server.app.services.shelf
        shelf.create(Persona.model_validate(ADA), "test")
        shelf.create(Persona(name="Quiet", description="Says little."), "test")
        yield server


@asynccontextmanager
async def over_http(served: Served, key: str = "", **headers: str) -> AsyncIterator[Client]:
    shown = {**({"Authorization": f"Bearer {key}"} if key else {}), **headers}
    async with (
        httpx2.AsyncClient(headers=shown, timeout=60) as http,
        Client(streamable_http_client(f"{served.url}/mcp", http_client=http)) as client,
    ):
        yield client


async def made(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    done = await client.call_tool(tool, arguments)
    (said,) = done.content
    assert isinstance(said, types.TextContent)
    assert not done.is_error, said.text
    assert done.structured_content is not None
    assert json.loads(said.text) == done.structured_content
    return dict(done.structured_content)


async def refused(client: Client, tool: str, **arguments: Any) -> str:
    done = await client.call_tool(tool, arguments)
    (said,) = done.content
    assert done.is_error
    assert isinstance(said, types.TextContent)
    return said.text


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_a_coding_agent_uses_all_of_it_over_stdio(tmp_path: Path, mode: str) -> None:
    persona = tmp_path / "ada.json"
    persona.write_text(json.dumps(ADA), encoding="utf-8")
    words = ["-c", "from personae.cli import main; main()", "mcp", "--model", "sim", "--persona", str(persona)]
    words += ["--data", str(tmp_path / "data"), "--runs", str(tmp_path / "runs")]
    async with Client(StdioServerParameters(command=sys.executable, args=words), mode=mode) as client:
        listed = await client.list_tools()
        assert [tool.name for tool in listed.tools] == NAMES
        assert [prompt.name for prompt in (await client.list_prompts()).prompts] == ["ada"]
        held = await made(client, "interview", persona="ada", questions=["Who are you?", "And at work?"], seed=1)
        assert [one["question"] for one in held["answers"]] == ["Who are you?", "And at work?"]
        assert all(one["answer"] for one in held["answers"])
        assert held["is_simulated"]
        assert held["notice"] == SIMULATED
        if mode == "auto":
            scored = await made(client, "administer", instrument="mini-ipip-20", personas=["ada"], repeats=2)
            assert Path(scored["report"]).is_file()


async def test_personas_are_prompts_in_words(served: Served) -> None:
    async with over_http(served) as client:
        listed = (await client.list_prompts()).prompts
        assert {prompt.name: prompt.title for prompt in listed} == {"ada": "Ada", "quiet": "Quiet"}
        got = await client.get_prompt("ada@1", {"question": "Who are you?"})
        texts = [one.content.text for one in got.messages if isinstance(one.content, types.TextContent)]
        assert "Ada keeps bees." in texts[0]
        assert texts[1] == "Who are you?"
        other = await client.get_prompt("ada", {"renderer": "json"})
        assert isinstance(other.messages[0].content, types.TextContent)
        assert '"Ada"' in other.messages[0].content.text
        for name, arguments in (
            ("eve", {}),
            ("ada@9", {}),
            ("ada@x", {}),
            ("ada", {"renderer": "no"}),
            ("ada", {"x": "y"}),
        ):
            with pytest.raises(MCPError):
                await client.get_prompt(name, arguments)


async def test_what_is_here_is_listed(served: Served) -> None:
    async with over_http(served) as client:
        assert [one["name"] for one in (await made(client, "list_personas", query="bees"))["items"]] == ["ada"]
        assert "ipip-bffm-50" in {one["name"] for one in (await made(client, "list_instruments"))["items"]}
        assert [one["name"] for one in (await made(client, "list_models"))["items"]] == ["sim", "openai/gpt-4o-mini"]


async def test_scores_come_with_intervals_and_progress(served: Served) -> None:
    told: list[tuple[float, float | None]] = []

    async def note(progress: float, total: float | None, message: str | None) -> None:
        told.append((progress, total))

    async with over_http(served) as client:
        given = {"instrument": "ipip-bffm-50", "personas": ["ada", "quiet"], "repeats": 4}
        done = await client.call_tool("administer", given, progress_callback=note)
        found = done.structured_content
        assert found is not None
        assert found["personas"] == ["persona/ada@1", "persona/quiet@1"]
        assert {status: n for status, n in found["statuses"].items() if n} == {"ok": 8}
        assert told[-1] == (8, 8)
        scores = {one["name"]: one for one in found["by_persona"]}
        ada, quiet = (scores[f"person.extraversion.{name}"] for name in ("Ada", "Quiet"))
        assert ada["low"] <= ada["estimate"] <= ada["high"]
        assert ada["estimate"] - quiet["estimate"] > 0.5
        assert any(one["name"].startswith("alpha.") for one in found["trust"])
        async with httpx2.AsyncClient() as http:
            assert "SIMULATED" in (await http.get(served.url + found["report"])).text


async def test_an_audit_says_what_took_and_that_it_was_simulated(served: Served) -> None:
    async with over_http(served) as client:
        found = await made(client, "audit", persona="ada")
        assert found["verdict"].startswith("SIMULATED. It took in 2 of 2 traits")
        by_trait = {one["trait"]: one for one in found["traits"]}
        assert by_trait["big_five.extraversion"]["took"] == "took"
        assert by_trait["big_five.neuroticism"]["shift"]["high"] < 0
        assert by_trait["big_five.openness"]["asked_z"] is None


async def test_what_cannot_be_done_is_told_in_words(served: Served) -> None:
    async with over_http(served) as client:
        assert "does not exist" in await refused(client, "interview", persona="eve", questions=["Hi"])
        assert "not served here" in await refused(client, "interview", persona="ada", questions=["Hi"], model="x/y")
        assert "questions" in await refused(client, "interview", persona="ada", questions=[])
        assert "passwd" in await refused(client, "administer", instrument="/etc/passwd")
        assert "measures no trait" in await refused(client, "audit", persona="ada", instrument="gse")
        assert "no tool is called" in await refused(client, "shell", command="ls")
        dear = {"persona": "ada", "model": "openai/gpt-4o-mini"}
        assert "start it with confirm" in await refused(client, "audit", **dear)
        assert "OPENAI_API_KEY" in await refused(client, "audit", **dear, confirm=True)


async def test_keys_rule_as_at_the_gateway(tmp_path: Path) -> None:
    with Served(tmp_path, needs_key=True) as served:
        assert served.app is not None
        services = served.app.services
        services.shelf.create(Persona.model_validate(ADA), "test")
        key, secret = services.keys.new("ann", rpm=2)
        async with httpx2.AsyncClient() as http:
            ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
            kind = {"Accept": "application/json, text/event-stream"}
            answer = await http.post(f"{served.url}/mcp", json=ping, headers=kind)
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"] == "Bearer"
            wrong = await http.post(f"{served.url}/mcp", json=ping, headers={**kind, "Authorization": "Bearer sk-x"})
            assert wrong.status_code == 401
            foreign = {**kind, "Origin": "https://evil.example", "Authorization": f"Bearer {secret}"}
            assert (await http.post(f"{served.url}/mcp", json=ping, headers=foreign)).status_code == 403
            renamed = {**kind, "Host": "evil.example", "Authorization": f"Bearer {secret}"}
            assert (await http.post(f"{served.url}/mcp", json=ping, headers=renamed)).status_code == 403
        async with over_http(served, secret) as client:
            held = await made(client, "interview", persona="ada", questions=["One?", "Two?", "Three?"])
            ends = [one["finish"] for one in held["answers"]]
            assert ends[:2] == ["stop", "stop"]
            assert ends[2].startswith(f"{NOT_ANSWERED}: this key may ask 2 times a minute")
            assert "2 times a minute" in await refused(client, "audit", persona="ada")
        rows, _ = services.audit.page(50, None)
        assert {(row["user"], row["action"]) for row in rows} >= {
            ("ann", "gateway.mcp.interview"),
            ("ann", "gateway.mcp.audit"),
        }
        (kept,) = services.keys.all()
        assert kept.id == key.id
        assert kept.last_used is not None


async def test_what_is_asked_reaches_the_model_in_order(tmp_path: Path) -> None:
    with ChatServer("Yes.") as endpoint, Served(tmp_path, models=(f"{endpoint.url}#m",)) as served:
        assert served.app is not None
        served.app.services.shelf.create(Persona.model_validate(ADA), "test")
        async with over_http(served) as client:
            words: dict[str, Any] = {"persona": "ada", "questions": ["One?", "Two?"], "instructions": "Be brief."}
            await made(client, "interview", **words)
            talk = endpoint.requests[-1]["messages"]
            assert [one["role"] for one in talk] == ["system", "user", "assistant", "user"]
            assert talk[0]["content"].index("Ada keeps bees.") < talk[0]["content"].index("Be brief.")
            await made(client, "interview", **words, independent=True)
            assert [one["role"] for one in endpoint.requests[-1]["messages"]] == ["system", "user"]
        metrics = served.app.services.metrics.text().decode()
        assert '{endpoint="mcp.interview",model="persona/ada",status="200"} 4.0' in metrics


async def test_a_model_that_fails_loses_nothing_that_was_answered(tmp_path: Path) -> None:
    plan = [say("Yes."), *[fail(500, "down")] * 20]
    with ChatServer("Later.", plan=plan) as endpoint, Served(tmp_path, models=(f"{endpoint.url}#m",)) as served:
        assert served.app is not None
        served.app.services.shelf.create(Persona.model_validate(ADA), "test")
        async with over_http(served) as client:
            held = await made(client, "interview", persona="ada", questions=["One?", "Two?", "Three?"])
            assert [bool(one["answer"]) for one in held["answers"]] == [True, False]
            assert await refused(client, "interview", persona="ada", questions=["One?"])


async def test_an_assessment_is_paid_from_the_budget_of_its_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    used = {"prompt_tokens": 200, "completion_tokens": 10, "total_tokens": 210}
    with ChatServer(lambda body: completion("3", usage=used)) as endpoint:
        monkeypatch.setenv("OPENAI_API_KEY", "of-the-server")
        monkeypatch.setenv("OPENAI_BASE_URL", endpoint.url)
        with Served(tmp_path, models=("openai/gpt-4o",), needs_key=True) as served:
            assert served.app is not None
            services = served.app.services
            services.shelf.create(Persona.model_validate(ADA), "test")
            _, secret = services.keys.new("ann", budget=1.0)
            async with over_http(served, secret) as client:
                given = {"instrument": "tipi", "personas": ["ada"], "repeats": 3, "confirm": True}
                await made(client, "administer", **given)
                asked = {"persona": "ada", "questions": ["One?", "Two?"], "max_tokens": 50}
                await made(client, "interview", **asked)
                (key,) = services.keys.all()
                deadline = time.monotonic() + 20
                while key.held and time.monotonic() < deadline:
                    await asyncio.sleep(0.05)
                assert key.held == 0
                assert key.spent == pytest.approx(len(endpoint.requests) * (200 * 2.5 + 10 * 10) / 1e6)
                key.spent = 0.9999
                assert "may cost" in await refused(client, "interview", **asked)
