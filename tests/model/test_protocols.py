"""The narrow protocols: who satisfies which, and what tells two models apart."""

from __future__ import annotations

from pathlib import Path

from personae.model import (
    Cached,
    Embeds,
    Endpoint,
    Identified,
    Model,
    OpenAICompatible,
    Remote,
    ResponseCache,
    Retrying,
    Scores,
    ScriptedModel,
    Streams,
    identity_of,
    open_model,
)


def client(url: str = "http://127.0.0.1:9/v1", model: str = "m") -> OpenAICompatible:
    return OpenAICompatible(f"{url}#{model}", Endpoint(url, model))


def test_an_endpoint_can_do_everything() -> None:
    for model in (client(), open_model("http://127.0.0.1:9/v1#m")):
        for ability in (Scores, Streams, Embeds, Identified, Remote):
            assert isinstance(model, ability)


def test_a_script_can_only_answer() -> None:
    model: Model = ScriptedModel([])
    for ability in (Scores, Streams, Embeds, Identified, Remote):
        assert not isinstance(model, ability)


def test_a_model_without_options_is_told_apart_by_its_name() -> None:
    assert identity_of(ScriptedModel([], name="actor")) == "actor"


def test_a_model_with_options_is_told_apart_by_its_identity() -> None:
    assert identity_of(client()) == client().identity != client().name


def test_two_endpoints_of_one_name_are_two_models() -> None:
    here, there = (OpenAICompatible("openai/m", Endpoint(f"http://{host}/v1", "m")) for host in ("a", "b"))
    assert here.name == there.name
    assert identity_of(here) != identity_of(there)


def test_a_wrapper_has_the_name_and_the_identity_of_what_it_wraps(tmp_path: Path) -> None:
    bare = client()
    retrying = Retrying(bare)
    cache = ResponseCache(tmp_path)
    wrapped = Cached(retrying, cache, identity_of(retrying))
    cache.close()
    for model in (retrying, wrapped, open_model(bare.name)):
        assert model.name == bare.name
        assert identity_of(model) == bare.identity


def test_a_wrapper_of_a_model_without_options_adds_none() -> None:
    assert identity_of(Retrying(ScriptedModel([], name="actor"))) == "actor"
