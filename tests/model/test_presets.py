"""Every service that is known by name: where it is, which key it reads, and what really goes over the wire to it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from personae.errors import InputError
from personae.model import PROVIDERS, ProviderError, Request, Sampling, find_endpoint, open_client
from support.chat_server import ChatServer
from support.command_line import personae
from support.messages_server import MessagesServer

pytestmark = pytest.mark.usefixtures("every_transport")

KEY = "sk-canary-5eb63bbbe01eeed093cb22bb8f5acdc3"
FULL = Request.of("Hello", sampling=Sampling(temperature=0.5, max_tokens=7, seed=3))


@dataclass(frozen=True)
class Row:
    """What one service is like, written down apart from the code."""

    url: str
    key: str = ""
    bound: str = "max_tokens"
    seed: str = "seed"
    path: str = "/v1/chat/completions"
    header: str = "authorization"


TABLE: dict[str, Row] = {
    "openai": Row("https://api.openai.com/v1", "OPENAI_API_KEY", bound="max_completion_tokens"),
    "anthropic": Row(
        "https://api.anthropic.com/v1", "ANTHROPIC_API_KEY", "max_tokens", "", "/v1/messages", "x-api-key"
    ),
    "azure": Row("", "AZURE_OPENAI_API_KEY", "max_completion_tokens", header="api-key"),
    "ollama": Row("http://127.0.0.1:11434/v1"),
    "vllm": Row("http://127.0.0.1:8000/v1"),
    "sglang": Row("http://127.0.0.1:30000/v1"),
    "lmstudio": Row("http://127.0.0.1:1234/v1"),
    "llamacpp": Row("http://127.0.0.1:8080/v1"),
    "openrouter": Row("https://openrouter.ai/api/v1", "OPENROUTER_API_KEY"),
    "gemini": Row("https://generativelanguage.googleapis.com/v1beta/openai", "GEMINI_API_KEY", seed=""),
    "mistral": Row("https://api.mistral.ai/v1", "MISTRAL_API_KEY", seed="random_seed"),
    "groq": Row("https://api.groq.com/openai/v1", "GROQ_API_KEY"),
    "deepseek": Row("https://api.deepseek.com/v1", "DEEPSEEK_API_KEY", seed=""),
    "together": Row("https://api.together.xyz/v1", "TOGETHER_API_KEY"),
}


def test_the_table_has_every_service() -> None:
    assert TABLE.keys() == PROVIDERS.keys()


@pytest.mark.parametrize("name", TABLE)
def test_url_and_key_are_those_of_the_service(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    row = TABLE[name]
    assert (PROVIDERS[name].base_url, PROVIDERS[name].key_variable) == (row.url, row.key)
    if row.key:
        monkeypatch.setenv(row.key, KEY)
    if row.url:
        endpoint = find_endpoint(f"{name}/m", {})
        assert (endpoint.base_url, endpoint.api_key) == (row.url, KEY if row.key else "")
        assert endpoint.key_variable == row.key


@pytest.mark.parametrize("name", TABLE)
async def test_what_is_sent_is_what_the_service_takes(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    row = TABLE[name]
    if row.key:
        monkeypatch.setenv(row.key, KEY)
    with (MessagesServer if name == "anthropic" else ChatServer)("Hi") as server:
        client = open_client(f"{name}/some/model", {}, base_url=server.url)
        assert (await client.generate(FULL)).text == "Hi"
        assert await client.list_models() == ["served-model"]
        await client.aclose()
    assert server.paths[0] == f"POST {row.path}"
    body: dict[str, Any] = server.requests[0]
    numbers = {field: body.get(field) for field in ("max_tokens", "max_completion_tokens", "seed", "random_seed")}
    expected = dict.fromkeys(numbers) | {row.bound: 7} | ({row.seed: 3} if row.seed else {})
    assert numbers == expected
    assert (body["model"], body["temperature"]) == ("some/model", 0.5)
    sent = {field: value for field, value in server.headers[0].items() if KEY in value}
    bearer = "Bearer " if row.header == "authorization" else ""
    assert sent == ({row.header: bearer + KEY} if row.key else {})


AZURE_URLS = [
    "{root}",
    "{root}/",
    "{root}/openai",
    "{root}/openai/v1",
    "{root}/openai/v1/",
]


@pytest.mark.parametrize("shape", AZURE_URLS)
async def test_azure_is_found_by_its_resource_however_that_is_written(
    shape: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ChatServer("Hi") as server:
        monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", shape.format(root=server.url.removesuffix("/v1")))
        monkeypatch.setenv("AZURE_OPENAI_API_KEY", KEY)
        client = open_client("azure/my-deployment", {})
        await client.generate(FULL)
        await client.aclose()
    assert server.paths == ["POST /openai/v1/chat/completions"]
    assert server.headers[0]["api-key"] == KEY
    assert server.requests[0]["model"] == "my-deployment"


async def test_azure_is_sent_the_version_that_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    with ChatServer("Hi") as server:
        monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", server.url.removesuffix("/v1"))
        plain = open_client("azure/d", {})
        monkeypatch.setenv("AZURE_OPENAI_API_VERSION", "preview")
        client = open_client("azure/d", {})
        await client.generate(FULL)
        async for _ in client.stream(FULL):
            pass
        assert await client.list_models() == ["served-model"]
        await client.aclose()
    paths = ["POST /openai/v1/chat/completions", "POST /openai/v1/chat/completions", "GET /openai/v1/models"]
    assert server.paths == [f"{path}?api-version=preview" for path in paths]
    assert plain.identity != client.identity


async def test_azure_says_which_variable_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="AZURE_OPENAI_ENDPOINT"):
        open_client("azure/d", {})
    monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", "https://mine.openai.azure.com")
    with pytest.raises(ProviderError, match="AZURE_OPENAI_API_KEY is not set"):
        await open_client("azure/d", {}).check()
    monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", "https://mine.openai.azure.com/openai/v1?api-version=preview")
    with pytest.raises(InputError, match="query"):
        open_client("azure/d", {})


@pytest.mark.parametrize("url", ["http://proxy", "http://proxy/", "http://proxy/v1", "http://proxy/v1/"])
def test_the_url_of_anthropic_is_read_as_its_own_clients_read_it(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_BASE_URL", url)
    assert find_endpoint("anthropic/m", {}).base_url == "http://proxy/v1"
    assert find_endpoint("anthropic/m", {}, base_url="http://other/a/v1").base_url == "http://other/a/v1"


def test_the_command_line_shows_every_service(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    rows = {row["provider"]: row for row in personae("models", "--json").data["providers"]}
    assert rows.keys() >= PROVIDERS.keys()
    assert rows["anthropic"]["key_variable"] == "ANTHROPIC_API_KEY"
    assert "AZURE_OPENAI_ENDPOINT" in personae("models").out


def test_doctor_asks_anthropic_and_says_what_azure_lacks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("personae.cli.doctor._PROBE_SECONDS", "0.5")
    with MessagesServer(models=("claude-a", "claude-b")) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        checks = {row["what"]: row for row in personae("doctor", "--json").data["checks"]}
        assert personae("models", "--probe", "anthropic", "--json").data["models"] == ["claude-a", "claude-b"]
    assert checks["anthropic"]["state"] == "answers"
    assert checks["anthropic"]["detail"].startswith("2 models")
    assert checks["azure"]["state"] == "no URL"
    assert "AZURE_OPENAI_ENDPOINT" in checks["azure"]["detail"]
    assert checks["openai"]["state"] == "no key"
