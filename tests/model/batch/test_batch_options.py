"""Batches: options, and where a key does not go."""

from __future__ import annotations

from pathlib import Path

import pytest

from personae.errors import InputError
from personae.model import (
    Request,
    open_model,
)
from personae.model.batch_store import FILE
from personae.model.served import Served
from support.batch_server import BatchServer
from support.batches import KEY, Protocol, ask, model_of, protocols, texts_of


@pytest.mark.parametrize("option", ["poll", "batch_wait", "batch_size"])
def test_an_option_of_batches_alone_is_refused(option: str) -> None:
    with pytest.raises(InputError, match=option) as caught:
        open_model("openai/m", {option: "5"})
    assert "batch=true" in caught.value.remedy


@pytest.mark.parametrize("wrong", [{"poll": "0"}, {"batch_wait": "soon"}, {"batch_size": "0"}, {"batch": "perhaps"}])
def test_a_wrong_option_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(InputError):
        open_model("openai/m", {"batch": "true", **wrong})


def test_a_service_without_batches_says_so() -> None:
    with pytest.raises(InputError, match="deepseek takes no batches") as caught:
        open_model("deepseek/m", {"batch": "true"})
    assert "openai" in caught.value.remedy


def test_opening_makes_no_file(tmp_path: Path) -> None:
    open_model("openai/m", {"batch": "true"}, batch_folder=tmp_path / "state")
    assert list(tmp_path.iterdir()) == []


async def test_the_folder_of_the_cache_is_the_default(server: BatchServer, monkeypatch: pytest.MonkeyPatch) -> None:
    from personae.settings import cache_dir

    model = open_model(f"{server.url}#m", {"batch": "true", "batch_wait": "0.1", "poll": "0.1"})
    assert isinstance(model, Served)
    await model.generate(Request.of("one"))
    await model.aclose()
    assert (cache_dir() / FILE).is_file()


@protocols
async def test_the_key_is_in_no_file_and_goes_to_no_other_address(
    protocol: Protocol, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    with BatchServer(
        lambda _: f"You sent {KEY}.", fates=lambda text: (401, "x", KEY) if text == "bad" else None
    ) as server:
        async with model_of(server, protocol, tmp_path) as model:
            good, bad, _ = await ask(model, "good", "bad", "kept")
            kept = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert texts_of([good]) == ["You sent [key]."]
    assert "canary" not in repr(bad)
    assert kept
    assert not any(b"canary" in content for content in kept)
