"""What a persona remembers for a reply: all of little, what fits of much, within its budget, and recorded."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from personae.errors import InputError
from personae.persona import Memory, Persona, Provenance, render
from personae.persona.formats.scanning import estimate_tokens
from personae.serve.recall import HEADING, MOST_PASSAGES, Recall, Recalled, RecallMode
from support.chat_server import ChatServer, fail
from support.served import client_of

BEES = "I keep bees behind the old school and sell their honey on Saturdays."
THEMES = ["the harbour", "a violin", "snow in April", "my brother's kiosk", "the lift that stopped", "a lost umbrella"]
MANY = Persona(
    name="Ada",
    description="Ada is retired.",
    memories=(
        Memory(text=BEES, when="1990"),
        *(
            Memory(text=f"Number {n}: {THEMES[n % 6]} was on my mind for many days.", importance=n / 100)
            for n in range(80)
        ),
    ),
    knowledge=("how to repair a printing press",),
    provenance={"memories.0": Provenance(by="an interview", licence="CC BY 4.0")},
)

ADA = MANY.model_dump(mode="json", exclude_defaults=True)


def recall(
    persona: Persona, *said: str, mode: RecallMode = "found", budget: int = 300, renderer: str = "second-person"
) -> Recalled:
    found = Recall(budget)
    return asyncio.run(found.recall(found.outline(persona, renderer), said, mode))


def paths(found: Recalled) -> list[str]:
    assert found.record is not None
    return [one["path"] for one in found.record["passages"]]


def test_little_is_in_the_prompt_whole() -> None:
    little = MANY.model_copy(update={"memories": MANY.memories[:3]})
    found = recall(little, "Who sells honey?")
    assert found.words == render(little, "second-person").text
    assert found.record is not None
    assert (found.record["how"], found.record["among"], found.record["passages"]) == ("whole", 4, [])


def test_of_much_what_fits_is_found_and_stands_under_the_persona() -> None:
    found = recall(MANY, "Do you still sell honey from your bees?")
    assert paths(found)[0] == "memories[0]"
    assert found.words.startswith("You are Ada. Ada is retired.")
    assert HEADING in found.words
    assert f"(1990) {BEES}" in found.words
    assert "umbrella" not in found.words
    (first, *_) = found.record["passages"] if found.record else []
    assert (first["by"], first["licence"]) == ("an interview", "CC BY 4.0")
    assert BEES[first["start"] : first["end"]] == BEES
    assert paths(recall(MANY, "Can you repair a press?"))[0] == "knowledge[0]"


@pytest.mark.parametrize("budget", [40, 100, 300, 1000])
def test_passages_keep_to_the_budget(budget: int) -> None:
    found = recall(MANY, "What of the umbrella, the violin, the harbour, the kiosk, snow and the lift?", budget=budget)
    assert found.record is not None
    assert len(found.record["passages"]) <= MOST_PASSAGES
    assert estimate_tokens(found.words.partition(HEADING)[2]) + estimate_tokens(HEADING) <= budget + 2 or budget < 70
    assert found.record["tokens"] <= budget + 2 or not found.record["passages"]


def test_a_question_that_finds_nothing_is_asked_with_what_was_said_before() -> None:
    found = recall(MANY, "And then?", "Mm.", "I like honey.")
    assert found.record is not None
    assert (found.record["how"], paths(found)[0]) == ("words", "memories[0]")


def test_the_most_important_stand_in_where_nothing_fits() -> None:
    found = recall(MANY, "Xyzzy?")
    assert found.record is not None
    assert found.record["how"] == "importance"
    assert paths(found)[0] == "memories[80]"


def test_all_or_none_is_given_where_that_is_wanted() -> None:
    whole = recall(MANY, "Who sells honey?", mode="whole")
    assert whole.words == render(MANY, "second-person").text
    assert recall(MANY, "Who sells honey?", budget=0).words == whole.words
    none = recall(MANY, "Who sells honey?", mode="none")
    assert "bees" not in none.words
    assert none.record is not None
    assert none.record["how"] == "none"


def test_a_renderer_that_words_no_memories_is_given_none() -> None:
    traits = MANY.model_copy(update={"traits": {"big_five.openness": 2.0}})
    found = recall(traits, "Who sells honey?", renderer="adjectives")
    assert found.words == render(traits, "adjectives").text
    assert found.record is None
    assert found.persona is not None
    assert found.persona.description == ""  # an answer cannot rest on what its prompt does not hold


def test_a_persona_without_memories_has_nothing_to_record() -> None:
    found = recall(Persona(name="Bo", description="A nurse."), "Hello")
    assert (found.words, found.record, found.passages) == ("You are Bo. A nurse.", None, ())


def test_a_long_memory_is_cut_and_only_its_part_is_given() -> None:
    long = " ".join(f"Day {n} was like any other at the desk." for n in range(300)) + f" {BEES}"
    found = recall(Persona(name="Ada", memories=(Memory(text=long),)), "Who sells honey on Saturdays?")
    assert found.record is not None
    (first, *_) = found.record["passages"]
    assert "honey" in first["text"]
    assert long[first["start"] : first["end"]] == first["text"]
    assert len(first["text"]) <= 600


def vector_of(text: str) -> list[float]:
    """Knows that bees and insects are one thing, which words do not."""
    is_bee = any(word in text.lower() for word in ("bees", "insects"))
    return [1.0, 0.1] if is_bee else [0.0, 1.0]


@contextmanager
def talk_with_ada(folder: Path, server: ChatServer) -> Iterator[tuple[TestClient, str]]:
    models = {"models": (f"{server.url}#m",), "embedder": f"{server.url}#e", "recall_tokens": 300}
    with client_of(folder, **models) as client:
        client.post("/api/personas", json={"persona": ADA})
        seats = [{"kind": "persona", "persona": "ada"}]
        yield client, client.post("/api/conversations", json={"seats": seats}).json()["id"]


def ask(client: TestClient, id: str, text: str) -> dict[str, Any]:
    client.post(f"/api/conversations/{id}/messages", json={"text": text})
    said: dict[str, Any] = client.get(f"/api/conversations/{id}").json()["messages"][-1]
    return said


def test_an_embedding_model_finds_other_words_and_is_sent_each_text_once(tmp_path: Path) -> None:
    sent: list[str] = []

    def vectors(texts: list[str]) -> dict[str, Any]:
        sent.extend(texts)
        return {"data": [{"index": n, "embedding": vector_of(text)} for n, text in enumerate(texts)]}

    with ChatServer("I do.", vectors=vectors) as server, talk_with_ada(tmp_path, server) as (client, id):
        for question in ("Do you like insects?", "Which insects?"):
            said = ask(client, id, question)
            assert said["recalled"]["how"] == "vectors"
            assert said["recalled"]["passages"][0]["path"] == "memories[0]"
    assert len(sent) == len(set(sent)) == len(MANY.memories) + 1 + 2


def test_words_stand_in_for_an_embedding_model_that_fails(tmp_path: Path) -> None:
    with ChatServer("I do.", vectors=fail(500)) as server, talk_with_ada(tmp_path, server) as (client, id):
        said = ask(client, id, "Who sells honey?")
    assert said["text"] == "I do."
    assert (said["recalled"]["how"], said["recalled"]["passages"][0]["path"]) == ("words", "memories[0]")
    assert "embedding" in said["recalled"]["trouble"]


def test_a_model_that_makes_no_embeddings_is_refused_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="makes no embeddings"):
        client_of(tmp_path, embedder="sim")


def test_the_gateway_recalls_for_each_request_and_says_so_in_a_header(tmp_path: Path) -> None:
    with ChatServer("Fine.") as server, client_of(tmp_path, models=(f"{server.url}#m",), recall_tokens=300) as client:
        client.post("/api/personas", json={"persona": ADA})
        question = [{"role": "user", "content": "Who sells honey?"}]
        answer = client.post("/v1/chat/completions", json={"model": "persona/ada", "messages": question})
        assert answer.headers["x-personae-recalled"].startswith("words; ")
        assert "memories[0]" in answer.headers["x-personae-recalled"]
        system = server.requests[-1]["messages"][0]["content"]
        assert BEES in system
        assert "umbrella" not in system
        streamed = {"model": "persona/ada", "messages": question, "stream": True}
        assert "x-personae-recalled" in client.post("/v1/chat/completions", json=streamed).headers
        bare = client.post("/v1/chat/completions", json={"model": f"{server.url}#m", "messages": question})
        assert "x-personae-recalled" not in bare.headers


def test_the_preview_says_what_is_searched_and_counts_the_most_a_prompt_has(tmp_path: Path) -> None:
    with client_of(tmp_path, recall_tokens=300) as client:
        shown = client.post("/api/personas/preview", json={"persona": ADA}).json()["prompts"]
        little = client.post("/api/personas/preview", json={"persona": {"name": "Bo"}}).json()["prompts"]
    told, silent = (next(one for one in shown if one["renderer"] == key) for key in ("second-person", "adjectives"))
    assert told["searched"] > 300
    assert told["tokens"] == estimate_tokens(told["text"]) + 300
    assert "umbrella" not in told["text"]
    assert silent["searched"] == 0
    assert {one["searched"] for one in little} == {0}
