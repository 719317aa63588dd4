"""``personae persona``, ``instrument``, ``models``, ``doctor``: looking at what there is."""

from __future__ import annotations

from pathlib import Path

import pytest

from personae.persona import RENDERERS
from support.chat_server import ChatServer
from support.command_line import personae

ADA = """
format: personae.persona/1
id: ada
name: Ada
traits:
  big_five.extraversion: -1.5
  big_five.openness: 2.0
shoe_size: 38
"""


@pytest.fixture
def ada(tmp_path: Path) -> str:
    path = tmp_path / "ada.yaml"
    path.write_text(ADA, encoding="utf-8")
    return str(path)


def test_persona_show_words_the_traits_and_keeps_unknown_fields(ada: str) -> None:
    said = personae("persona", "show", ada)
    assert "extremely open to experience" in said.out
    assert "shoe_size" in said.err
    data = personae("persona", "show", ada, "--json")
    (persona,) = data.data["personas"]
    assert persona["extensions"]["unknown"] == {"shoe_size": 38}
    assert data.envelope["warnings"]


def test_persona_validate_gives_ids_and_hashes(ada: str) -> None:
    (valid,) = personae("persona", "validate", ada, "--json").data["valid"]
    assert (valid["id"], valid["unknown_fields"]) == ("ada", ["shoe_size"])
    assert len(valid["hash"]) == 64


def test_persona_render_prints_what_a_model_is_given(ada: str) -> None:
    said = personae("persona", "render", ada, "-r", "adjectives")
    assert said.out.strip() == "You are a character who is introverted and open to experience."
    prompts = personae("persona", "render", ada, "--json").data["prompts"]
    assert [one["renderer"].partition("@")[0] for one in prompts] == list(RENDERERS)
    assert personae("persona", "render", ada, "-r", "adjectve").code == 3


def test_instrument_list_and_show() -> None:
    found = {one["key"]: one for one in personae("instrument", "list", "--json").data["instruments"]}
    assert {"bfi-44", "bfi-10", "mini-ipip-20", "ipip-bffm-50", "ipip-neo-120", "tipi"} <= set(found)
    assert found["bfi-44"]["items"] == 44
    assert found["bfi-44"]["is_commercial_use_free"] is False
    shown = personae("instrument", "show", "bfi-44")
    assert "I see myself as someone who is talkative" in shown.out
    assert "extraversion (reversed)" in shown.out
    assert "not free for commercial use" in shown.out
    assert personae("instrument", "show", "tipi", "--json").data["key"] == "tipi"


def test_models_lists_names_and_never_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary-0123456789")
    said, in_json = personae("models"), personae("models", "--json")
    assert "openai" in said.out
    assert "OPENAI_API_KEY (set)" in said.out
    assert "canary" not in said.out + said.err + in_json.out + in_json.err
    names = [one["provider"] for one in in_json.data["providers"]]
    assert {"sim", "openai", "ollama", "replay"} <= set(names)


def test_models_probe_asks_an_endpoint() -> None:
    with ChatServer(models=("small", "large")) as server:
        assert personae("models", "--probe", server.url, "--json").data["models"] == ["large", "small"]
        assert "small" in personae("models", "--probe", "vllm", "--model-base-url", server.url).out


def test_doctor_says_which_providers_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    with ChatServer(models=("m",)) as server:
        monkeypatch.setenv("OPENAI_API_KEY", "sk-canary-0123456789")
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        said = personae("doctor", "--json")
    states = {one["what"]: one["state"] for one in said.data["checks"]}
    assert states["sim"] == "answers"
    assert states["openai"] == "answers"
    assert states["mistral"] == "no key"
    assert states["vllm"] == "does not answer"
    assert states["response cache"] == "ok"
    assert "canary" not in said.out
