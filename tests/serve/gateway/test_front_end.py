"""A chat front end that people use talks with personas through the gateway: ``llm`` (Willison, Apache-2.0).

It is part of the dependency group ``interop``; where it lives in an environment of its own, ``PERSONAE_INTEROP_PYTHON``
names its interpreter.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from personae.persona import Persona
from support.chat_server import ChatServer, stream
from support.served import Served

pytestmark = [pytest.mark.interop, pytest.mark.slow]

Typed = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def endpoint() -> Iterator[ChatServer]:
    with ChatServer(lambda body: stream([f"You said {body['messages'][-1]['content']}", ", ", "did you?"])) as server:
        yield server


@pytest.fixture
def served(tmp_path: Path, endpoint: ChatServer) -> Iterator[Served]:
    with Served(tmp_path, models=(f"{endpoint.url}#m", "sim"), needs_key=True) as server:
        assert server.app is not None
        server.app.services.shelf.create(Persona(name="Ada", description="Ada keeps bees."), "test")
        yield server


@pytest.fixture
def llm(tmp_path: Path, served: Served) -> Typed:
    """The command, set up with a model file and a key as its manual says."""
    interpreter = os.environ.get("PERSONAE_INTEROP_PYTHON", sys.executable)
    if subprocess.run([interpreter, "-c", "import llm"], capture_output=True, check=False).returncode:
        pytest.skip("llm is not installed: install the dependency group interop")
    assert served.app is not None
    _, secret = served.app.services.keys.new("reader", rpm=60)
    home = tmp_path / "llm"
    home.mkdir()
    names = {"ada": "persona/ada", "ada-sim": "persona/ada@1/sim", "nobody": "persona/nobody"}
    models = [
        {"model_id": id, "model_name": name, "api_base": f"{served.url}/v1", "api_key_name": "personae"}
        for id, name in names.items()
    ]
    (home / "extra-openai-models.yaml").write_text(json.dumps(models), encoding="utf-8")  # JSON is YAML
    (home / "keys.json").write_text(json.dumps({"personae": secret}), encoding="utf-8")

    def typed(*words: str, said: str = "") -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "LLM_USER_PATH": str(home), "NO_PROXY": "*"}
        return subprocess.run(
            [interpreter, "-m", "llm", *words],
            input=said, capture_output=True, text=True, env=environment, timeout=120, check=False,
        )  # fmt: skip

    return typed


def test_a_question_is_streamed_and_a_conversation_goes_on(llm: Typed, endpoint: ChatServer) -> None:
    first = llm("-m", "ada", "Good morning", "-s", "Be brief.")
    assert (first.returncode, first.stdout.strip()) == (0, "You said Good morning, did you?"), first.stderr
    asked = endpoint.requests[-1]
    assert asked["stream"] is True
    system = asked["messages"][0]["content"]
    assert system.index("Ada keeps bees.") < system.index("Be brief.")
    again = llm("-c", "And you?")
    assert again.stdout.strip() == "You said And you?, did you?", again.stderr
    talk = endpoint.requests[-1]["messages"]
    assert [one["role"] for one in talk] == ["system", "user", "assistant", "user"]
    assert talk[2]["content"] == "You said Good morning, did you?"


def test_it_counts_the_tokens_that_the_gateway_tells(llm: Typed, served: Served) -> None:
    llm("-m", "ada", "Good morning")
    (row,) = json.loads(llm("logs", "-n", "1", "--json").stdout)
    assert (row["input_tokens"], row["output_tokens"]) == (9, 3)
    assert served.app is not None
    assert 'status="200"} 1.0' in served.app.services.metrics.text().decode()


def test_the_chat_of_the_terminal_holds_several_turns(llm: Typed, endpoint: ChatServer) -> None:
    done = llm("chat", "-m", "ada", said="One\nTwo\nexit\n")
    assert done.returncode == 0, done.stderr
    assert "You said One, did you?" in done.stdout
    assert "You said Two, did you?" in done.stdout
    assert [one["content"] for one in endpoint.requests[-1]["messages"] if one["role"] == "user"] == ["One", "Two"]


def test_it_plays_the_persona_by_another_model_and_without_streaming(llm: Typed, endpoint: ChatServer) -> None:
    done = llm("-m", "ada-sim", "--no-stream", "Who are you?")
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.split()) > 5
    assert not endpoint.requests


def test_what_the_gateway_refuses_is_shown(llm: Typed) -> None:
    unknown = llm("-m", "nobody", "Hi")
    assert unknown.returncode
    assert "does not exist" in unknown.stderr
    assert "key is not known" in llm("-m", "ada", "--key", "sk-personae-wrong", "Hi").stderr
