"""Finding a model by its name: every spelling, every variable, and an error with a remedy for everything else."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personae.errors import InputError, ModelError
from personae.model import (
    ENDPOINT_OPTIONS,
    PROVIDERS,
    Endpoint,
    Model,
    ProviderError,
    Reply,
    Request,
    ScriptedModel,
    find_endpoint,
    open_model,
    provider_names,
    providers,
)
from personae.model.served import Served
from support.chat_server import ChatServer, fail

ASK = Request.of("Hello")
KEY = "sk-canary-5eb63bbbe01eeed093cb22bb8f5acdc3"


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable and no .env of whoever runs the tests."""
    for provider in PROVIDERS.values():
        for name in (provider.key_variable, provider.url_variable, "GOOGLE_API_KEY"):
            if name:
                monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


# Names


def test_a_known_provider_has_its_url_and_its_variable() -> None:
    assert find_endpoint("openai/gpt-4o-mini", {}) == Endpoint(
        "https://api.openai.com/v1",
        "gpt-4o-mini",
        key_variable="OPENAI_API_KEY",
        max_tokens_field="max_completion_tokens",
    )
    assert find_endpoint("ollama/qwen3", {}) == Endpoint("http://127.0.0.1:11434/v1", "qwen3")


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_known_provider_opens(provider: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", "https://mine.openai.azure.com")  # nobody's but the user's
    model = open_model(f"{provider}/some-model")
    assert model.name == f"{provider}/some-model"


def test_the_name_of_a_model_may_hold_slashes_and_colons() -> None:
    assert find_endpoint("openrouter/meta-llama/llama-3:free", {}).model == "meta-llama/llama-3:free"
    assert find_endpoint("http://host/v1#org/model:7b", {}).model == "org/model:7b"


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_any_endpoint_is_named_by_its_url_and_the_model_behind_the_hash(scheme: str) -> None:
    endpoint = find_endpoint(f"{scheme}://host:8000/v1#my-model", {})
    assert (endpoint.base_url, endpoint.model) == (f"{scheme}://host:8000/v1", "my-model")
    assert endpoint.key_variable == ""  # whoever runs it decides whether it wants a key


def test_a_service_of_ones_own_has_variables_of_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_LAB_BASE_URL", "http://lab:9000/v1")
    monkeypatch.setenv("MY_LAB_API_KEY", "lab-key")
    for name in ("openai-api/my-lab/llama/3", "openai-api/my_lab/llama/3", "openai-api/My.Lab/llama/3"):
        endpoint = find_endpoint(name, {})
        assert (endpoint.base_url, endpoint.model, endpoint.api_key) == ("http://lab:9000/v1", "llama/3", "lab-key")


def test_a_service_without_url_is_told_which_variable_to_set() -> None:
    with pytest.raises(InputError, match="MY_LAB_BASE_URL"):
        open_model("openai-api/my-lab/llama")


NAMELESS = [
    "openai",
    "openai/",
    "ollama",
    "openai-api",
    "openai-api/",
    "openai-api/lab",
    "openai-api/lab/",
    "http://host:8000/v1",
    "http://host:8000/v1#",
]


@pytest.mark.parametrize("name", NAMELESS)
def test_a_provider_without_a_model_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="the model is not named") as caught:
        open_model(name)
    assert caught.value.where == name
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("name", "meant"),
    [("opnai/gpt-4o", "openai"), ("olama/qwen3", "ollama"), ("antropic-mistral", ""), ("reply/x", "replay"), ("", "")],
)
def test_an_unknown_provider_is_refused_with_the_name_that_was_meant(name: str, meant: str) -> None:
    for find in (open_model, lambda name: find_endpoint(name, {})):
        with pytest.raises(ModelError, match="no provider is called") as caught:
            find(name)
        assert (f"did you mean {meant!r}?" in str(caught.value)) == bool(meant)
        assert caught.value.remedy


@given(st.text(max_size=30))
def test_any_name_gives_a_model_or_an_error_that_says_what_to_do(name: str) -> None:
    try:
        open_model(name)
    except (InputError, ModelError) as error:
        assert error.remedy
    else:
        assert name.partition("/")[0] in provider_names() or name.startswith(("http://", "https://"))


@pytest.mark.parametrize("url", ["http://", "http://#m", "https:///v1#m", "http://host:x/v1#m", "http://h/v1?a=b#m"])
def test_a_name_that_is_no_proper_url_is_refused(url: str) -> None:
    with pytest.raises(InputError):
        open_model(url)


@pytest.mark.parametrize("rest", ["", "#m", "#m&x"])
def test_a_secret_in_a_name_is_refused_before_it_is_shown_anywhere(rest: str) -> None:
    for options in ({}, {"unknown": "1"}, {"attempts": "none"}, {"timeout": "never"}):
        with pytest.raises(InputError) as caught:
            open_model(f"http://user:{KEY}@host/v1{rest}", options)
        assert "canary" not in str(caught.value)


def test_the_names_that_can_begin_a_model_are_listed_in_order() -> None:
    names = provider_names()
    assert names == sorted(set(names))
    assert {*PROVIDERS, "openai-api", "replay", "sim"} <= set(names)


# Variables


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("10.0.0.5", "http://10.0.0.5:11434/v1"),
        ("gpu-box", "http://gpu-box:11434/v1"),
        ("gpu-box:8080", "http://gpu-box:8080/v1"),
        (":8080", "http://127.0.0.1:8080/v1"),
        ("[::1]", "http://[::1]:11434/v1"),
        ("[::1]:8080", "http://[::1]:8080/v1"),
        ("gpu-box/", "http://gpu-box:11434/v1"),
        ("gpu-box:8080/v1", "http://gpu-box:8080/v1"),
        ("http://gpu-box:8080", "http://gpu-box:8080/v1"),
        ("http://gpu-box:8080/", "http://gpu-box:8080/v1"),
        ("http://gpu-box:8080/v1", "http://gpu-box:8080/v1"),
        ("http://gpu-box:8080/v1/", "http://gpu-box:8080/v1"),
        ("https://ollama.example.org", "https://ollama.example.org/v1"),
        ("https://ollama.example.org/v1", "https://ollama.example.org/v1"),
        ("https://example.org/ollama", "https://example.org/ollama/v1"),
    ],
)
def test_the_host_of_ollama_is_read_as_ollama_writes_it(monkeypatch: pytest.MonkeyPatch, host: str, url: str) -> None:
    monkeypatch.setenv("OLLAMA_HOST", host)
    assert find_endpoint("ollama/qwen3", {}).base_url == url
    open_model("ollama/qwen3")


@pytest.mark.parametrize(
    ("provider", "variable"), [(n, p.url_variable) for n, p in PROVIDERS.items() if p.url_variable]
)
def test_a_variable_overrides_the_url_and_an_argument_overrides_the_variable(
    monkeypatch: pytest.MonkeyPatch, provider: str, variable: str
) -> None:
    monkeypatch.setenv(variable, "http://proxy:9999/v1")
    assert find_endpoint(f"{provider}/m", {}).base_url == "http://proxy:9999/v1"
    assert find_endpoint(f"{provider}/m", {}, base_url="http://other/v1").base_url == "http://other/v1"


def test_another_url_decides_for_itself_whether_it_wants_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://proxy:9999/v1")
    assert find_endpoint("openai/m", {}).key_variable == ""
    assert find_endpoint("openai/m", {}, base_url="http://other/v1").key_variable == ""


@pytest.mark.parametrize("base_url", ["proxy:9999", "ftp://proxy", "http://user:secret@proxy/v1"])
def test_a_wrong_url_in_a_variable_or_an_argument_is_refused(monkeypatch: pytest.MonkeyPatch, base_url: str) -> None:
    with pytest.raises(InputError):
        open_model("openai/m", base_url=base_url)
    monkeypatch.setenv("OPENAI_BASE_URL", base_url)
    with pytest.raises(InputError) as caught:
        open_model("openai/m")
    assert "secret" not in str(caught.value)


def test_keys_are_read_from_the_environment_or_from_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("GROQ_API_KEY=from-file\n")
    assert find_endpoint("groq/m", {}).api_key == "from-file"
    monkeypatch.setenv("GROQ_API_KEY", "from-environment")
    assert find_endpoint("groq/m", {}).api_key == "from-environment"
    assert find_endpoint("openai/m", {}).api_key == ""


def test_gemini_takes_the_key_of_either_name_and_prefers_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_API_KEY", "google")
    assert find_endpoint("gemini/m", {}).api_key == "google"
    monkeypatch.setenv("GEMINI_API_KEY", "gemini")
    assert find_endpoint("gemini/m", {}).api_key == "gemini"


def test_a_key_goes_to_its_own_provider_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    for name in ("openrouter/m", "mistral/m", "ollama/m", "vllm/m"):
        assert find_endpoint(name, {}).api_key == ""


def test_a_key_shows_in_no_name_identity_or_representation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    model = open_model("openai/m")
    assert isinstance(model, Served)
    assert model.client.endpoint.api_key == KEY
    shown = [repr(model), model.name, model.identity, repr(model.client.endpoint), repr(model.client)]
    assert not [text for text in shown if "canary" in text]


async def test_a_missing_key_is_told_when_the_model_is_checked_and_not_before() -> None:
    model = open_model("openai/m")
    assert isinstance(model, Served)
    with pytest.raises(ProviderError, match="OPENAI_API_KEY is not set") as caught:
        await model.check()
    assert caught.value.is_hopeless


# Options


def test_options_reach_the_endpoint() -> None:
    options = {
        "timeout": "7.5",
        "max_tokens_field": "max_new_tokens",
        "send_seed": "False",
        "extra_body": '{"top_k": 40}',
    }
    endpoint = find_endpoint("ollama/m", options)
    assert (endpoint.timeout, endpoint.max_tokens_field, endpoint.send_seed) == (7.5, "max_new_tokens", False)
    assert endpoint.extra_body == {"top_k": 40}


def test_providers_that_know_no_seed_can_be_sent_one_on_request() -> None:
    assert not find_endpoint("deepseek/m", {}).send_seed
    assert find_endpoint("deepseek/m", {"send_seed": "true"}).send_seed


def test_opening_leaves_the_options_as_they_were() -> None:
    options = {"attempts": "2", "timeout": "5"}
    open_model("ollama/m", options)
    assert options == {"attempts": "2", "timeout": "5"}


BAD_OPTIONS: list[tuple[str, str]] = [
    ("timeout", "soon"),
    ("timeout", "0"),
    ("timeout", "-1"),
    ("timeout", "nan"),
    ("timeout", "inf"),
    ("timeout", "1e9"),
    ("timeout", ""),
    ("attempts", "0"),
    ("attempts", "-1"),
    ("attempts", "2.5"),
    ("attempts", "²"),
    ("attempts", "1" * 5000),
    ("attempts", ""),
    ("send_seed", "maybe"),
    ("send_seed", ""),
    ("extra_body", "[1]"),
    ("extra_body", "{"),
    ("extra_body", ""),
    ("temprature", "1"),
]


@pytest.mark.parametrize(("option", "value"), BAD_OPTIONS, ids=lambda text: text[:10])
def test_a_bad_option_is_refused_with_what_to_write(option: str, value: str) -> None:
    with pytest.raises(InputError) as caught:
        open_model("ollama/m", {option: value})
    assert caught.value.where == "ollama/m"
    assert caught.value.remedy


def test_an_unknown_option_is_answered_with_those_that_are_known() -> None:
    with pytest.raises(InputError, match="'temprature'") as caught:
        open_model("ollama/m", {"temprature": "1"})
    for option in set(ENDPOINT_OPTIONS) - {"attempts", "cache_control"}:
        assert option in caught.value.remedy


@given(st.sampled_from(sorted(ENDPOINT_OPTIONS)), st.text(max_size=12))
def test_any_value_of_an_option_is_taken_or_refused_properly(option: str, value: str) -> None:
    try:
        open_model("http://127.0.0.1:9/v1#m", {option: value})
    except InputError as error:
        assert error.remedy


async def test_the_number_of_attempts_is_obeyed() -> None:
    with ChatServer(plan=[fail(500, retry_after_ms="0")] * 9) as server:
        model = open_model(f"{server.url}#m", {"attempts": "2"})
        assert isinstance(model, Served)
        with pytest.raises(ProviderError):
            await model.generate(ASK)
        await model.aclose()
    assert len(server.requests) == 2


async def test_the_limit_of_time_is_obeyed() -> None:
    with ChatServer(delay=30) as server:
        model = open_model(f"{server.url}#m", {"timeout": "0.1", "attempts": "1"})
        assert isinstance(model, Served)
        with pytest.raises(ProviderError) as caught:
            await model.generate(ASK)
        await model.aclose()
    assert caught.value.kind == "timeout"


async def test_a_model_that_was_opened_can_do_all_that_its_endpoint_can() -> None:
    with ChatServer("Hi there") as server:
        model = open_model(f"{server.url}#m")
        assert isinstance(model, Served)
        assert (await model.generate(ASK)).text == "Hi there"
        streamed = [piece async for piece in model.stream(ASK)]
        assert isinstance(streamed[-1], Reply)
        assert streamed[:-1] == ["Hi there"]
        assert len(await model.embed(["a", "b"])) == 2
        await model.check()
        await model.aclose()
    assert server.completed == 2


# Replay and third parties


async def test_a_folder_of_recorded_calls_is_opened_by_its_path(tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "1"
    folder.mkdir(parents=True)
    row = {"request": {"messages": [{"role": "user", "content": "Hello"}]}, "reply": "Recorded."}
    (folder / "calls.jsonl").write_text(json.dumps(row))
    for name in (f"replay/{folder}", "replay/runs/1"):
        model = open_model(name)
        assert model.name == name
        assert (await model.generate(ASK)).text == "Recorded."


@pytest.mark.parametrize("name", ["replay", "replay/", "replay/nowhere"])
def test_a_recording_that_is_not_there_is_refused(name: str) -> None:
    with pytest.raises(InputError) as caught:
        open_model(name)
    assert caught.value.remedy


def test_a_recording_takes_no_options(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="'timeout'"):
        open_model(f"replay/{tmp_path}", {"timeout": "5"})


ACME = """
from personae.model import ScriptedModel

def open_acme(name, options):
    return ScriptedModel([f"{name} {sorted(options.items())}"], name=name)
"""


@pytest.fixture
def acme(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A package that somebody else wrote, with entry points that work and entry points that do not."""
    (tmp_path / "acme_models.py").write_text(ACME)
    monkeypatch.syspath_prepend(str(tmp_path))
    values = {
        "acme": "acme_models:open_acme",
        "acme-gone": "acme_no_such_module:open_acme",
        "acme-renamed": "acme_models:no_such_function",
        "openai": "acme_models:open_acme",
    }

    def find(*, group: str) -> list[EntryPoint]:
        assert group == "personae.models"
        return [EntryPoint(name, value, group) for name, value in values.items()]

    monkeypatch.setattr(providers, "entry_points", find)


@pytest.mark.usefixtures("acme")
async def test_a_third_party_adds_a_provider_by_an_entry_point() -> None:
    options: Mapping[str, str] = {"mood": "good"}
    model: Model = open_model("acme/big", options)
    assert isinstance(model, ScriptedModel)
    assert (await model.generate(ASK)).text == "acme/big [('mood', 'good')]"
    assert open_model("acme").name == "acme"
    assert "acme" in provider_names()


@pytest.mark.usefixtures("acme")
def test_a_third_party_cannot_take_the_name_of_a_provider_that_is_known() -> None:
    assert isinstance(open_model("openai/gpt-4o"), Served)


@pytest.mark.usefixtures("acme")
@pytest.mark.parametrize("name", ["acme-gone", "acme-renamed/x"])
def test_a_third_party_that_cannot_be_imported_is_named(name: str) -> None:
    with pytest.raises(ModelError, match="cannot be imported") as caught:
        open_model(name)
    assert caught.value.where == name.partition("/")[0]
    assert "acme_" in caught.value.remedy


@pytest.mark.usefixtures("acme")
def test_a_slip_of_the_pen_finds_third_parties_too() -> None:
    with pytest.raises(ModelError, match="did you mean 'acme'"):
        open_model("acm/big")


# Importing


def test_importing_loads_nothing_heavy_and_leaves_no_trace(tmp_path: Path) -> None:
    heavy = ["aiohttp", "numpy", "polars", "scipy", "pydantic", "altair", "dotenv", "hypothesis"]
    code = f"import personae.model, sys; print([name for name in {heavy} if name in sys.modules])"
    found: Any = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert (found.stdout, found.stderr) == ("[]\n", "")
    assert list(tmp_path.iterdir()) == []


def test_opening_a_model_opens_no_connection_and_loads_no_client(tmp_path: Path) -> None:
    code = "from personae.model import open_model; import sys; open_model('openai/m'); print('aiohttp' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert found.stdout == "False\n"
