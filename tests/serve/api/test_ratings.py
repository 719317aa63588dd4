"""Ratings over the API: tasks of texts and of conversations, live agreement, files that calibrate judges."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import orjson
import pytest
from starlette.testclient import TestClient

from support.served import CHANGES, Served, client_of

TEXTS = [{"text": f"ours {n}", "group": "ours"} for n in range(4)] + [
    {"text": f"theirs {n}", "group": "theirs"} for n in range(4)
]
PAIRS = {"title": "Stories", "kind": "pairwise", "question": "Which is better?", "texts": TEXTS, "pairs": 10}


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with client_of(tmp_path) as client:
        yield client


def make(client: TestClient, **body: Any) -> dict[str, Any]:
    answer = client.post("/api/ratings", json={**PAIRS, **body})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def test_ten_pairs_are_rated_and_told(client: TestClient) -> None:
    at = f"/api/ratings/{make(client)['id']}"
    for number in range(10):
        task = client.get(f"{at}/next").json()["task"]
        choice = next(text["label"] for text in task["texts"] if text["text"].startswith("ours"))
        told = client.post(f"{at}/answers", json={"task": task["id"], "choice": choice, "seconds": 2.0}).json()
        assert told == {"done": number + 1, "total": 10}
    assert client.get(f"{at}/next").json()["task"] is None
    found = client.get(at).json()
    assert (found["tasks"], found["raters"], found["answers"]) == (10, 1, 10)
    assert {row["group"]: row["wins"] for row in found["results"]} == {"ours": 10, "theirs": 0}
    assert client.post(f"{at}/undo").json()["done"] == 9
    assert client.get("/api/ratings").json()["items"][0]["answers"] == 9


def test_answers_of_conversations_are_rated_by_seat(client: TestClient) -> None:
    client.post("/api/personas", json={"persona": {"name": "Ada"}})
    seats = [{"kind": "persona", "persona": "ada"}, {"kind": "model", "name": "plain", "model": "sim"}]
    id = client.post("/api/conversations", json={"seats": seats}).json()["id"]
    refused = client.post("/api/ratings", json={**PAIRS, "texts": None, "conversations": [id]})
    assert (refused.status_code, refused.json()["error"]["where"]) == (400, "conversations")
    client.post(f"/api/conversations/{id}/messages", json={"text": "Tell me about your week."})
    made = make(client, texts=None, conversations=[id])
    assert made["tasks"] == 1
    task = client.get(f"/api/ratings/{made['id']}/next").json()["task"]
    client.post(f"/api/ratings/{made['id']}/answers", json={"task": task["id"], "choice": "A"})
    results = client.get(f"/api/ratings/{made['id']}").json()["results"]
    assert {row["group"] for row in results} == {"Ada", "plain"}


@pytest.fixture
def run(tmp_path: Path) -> str:
    """A run with stories of two conditions, one of them failed, and questionnaires without texts."""
    folder = tmp_path / "runs" / "stories-1"
    folder.mkdir(parents=True)
    (folder / "run.json").write_text("{}", encoding="utf-8")
    with sqlite3.connect(folder / "ledger.sqlite") as connection:
        connection.execute(
            "CREATE TABLE observations (id INTEGER PRIMARY KEY, cell TEXT, status TEXT, detail TEXT, factors TEXT,"
            ' "values" TEXT, transcript TEXT, finished REAL)'
        )
        for number in range(9):
            factors = {"condition": "shy" if number % 2 else "bold", "replicate": number}
            values: dict[str, Any] = {"score": 3, "short": "ok"}
            if number < 8:
                values["story"] = f"It was the {number}. week, and I walked home alone."
            turns = [{"role": "user", "content": "Write."}, {"role": "assistant", "content": "x" * 30 + str(number)}]
            connection.execute(
                "INSERT INTO observations VALUES (NULL, ?, ?, '', ?, ?, ?, 0.0)",
                (f"{number:064x}", "failed" if number == 7 else "ok", *map(json.dumps, (factors, values, turns))),
            )
    return folder.name


def test_what_was_written_in_a_run_is_rated_by_condition(client: TestClient, run: str) -> None:
    columns = client.get(f"/api/runs/{run}/texts").json()["items"]
    assert [(row["column"], row["texts"]) for row in columns] == [("story", 7), ("the last answer", 8)]
    wanted = {"id": run, "column": "story", "group": "condition", "most": 6}
    made = make(client, texts=None, run=wanted, pairs=50)
    assert 5 <= made["tasks"] <= 9  # pairs across the conditions of six of the seven
    at = f"/api/ratings/{made['id']}"
    task = client.get(f"{at}/next").json()["task"]
    assert all("week" in text["text"] and "condition" not in text for text in task["texts"])
    client.post(f"{at}/answers", json={"task": task["id"], "choice": "A"})
    assert {row["group"] for row in client.get(at).json()["results"]} == {"shy", "bold"}
    again = make(client, texts=None, run=wanted, pairs=50)
    assert again["tasks"] == made["tasks"]


@pytest.mark.parametrize(
    ("wanted", "status"),
    [
        ({"column": "score"}, 400),
        ({"column": "story", "group": "colour"}, 400),
        ({"id": "../stories-1", "column": "story"}, 404),
        ({"id": "nothing", "column": "story"}, 404),
        ({"column": "story", "most": 0}, 422),
    ],
)
def test_texts_that_are_not_there_are_refused(
    client: TestClient, run: str, wanted: dict[str, Any], status: int
) -> None:
    answer = client.post("/api/ratings", json={**PAIRS, "texts": None, "run": {"id": run, **wanted}})
    assert answer.status_code == status, answer.text
    assert answer.json()["error"]["message"]


def test_files_tell_what_was_rated_and_no_formula(client: TestClient) -> None:
    texts = [{"text": "=1+1", "group": "a"}, {"text": "plain", "group": "b"}]
    at = f"/api/ratings/{make(client, texts=texts)['id']}"
    assert client.get(f"{at}/export").text.startswith("task,rater")
    client.post(f"{at}/answers", json={"task": "t1", "choice": "tie"})
    lines = client.get(f"{at}/export?format=jsonl")
    row = orjson.loads(lines.text)
    assert (row["choice"], row["first_text"], row["first_group"]) == ("tie", "=1+1", "a")
    sheet = next(csv.DictReader(io.StringIO(client.get(f"{at}/export?format=csv").text)))
    assert sheet["first_text"] == "'=1+1"


@pytest.mark.parametrize(
    "bad",
    [
        {"texts": []},
        {"texts": None},
        {"texts": [{"text": "one"}]},
        {"texts": [{"text": ""}]},
        {"kind": "likert", "scale": {"lowest": 5, "highest": 5}},
        {"pairs": 0},
        {"question": ""},
        {"unknown": 1},
        {"conversations": ["c-1"]},
    ],
)
def test_what_makes_no_tasks_is_refused_with_a_reason(client: TestClient, bad: dict[str, Any]) -> None:
    answer = client.post("/api/ratings", json={**PAIRS, **bad})
    assert answer.status_code in (400, 404, 422)
    assert answer.json()["error"]["message"]


def test_a_scale_is_kept_and_held_to(client: TestClient) -> None:
    scale = {"lowest": 1, "highest": 7, "low_label": "not at all", "high_label": "very much"}
    made = make(client, kind="likert", scale=scale)
    assert made["scale"] == scale
    at = f"/api/ratings/{made['id']}"
    task = client.get(f"{at}/next").json()["task"]
    assert client.post(f"{at}/answers", json={"task": task["id"], "value": 8}).status_code == 422
    assert client.post(f"{at}/answers", json={"task": task["id"], "value": 7}).json()["done"] == 1
    assert client.delete(at).status_code == 204
    assert client.get(at).status_code == 404


def test_agreement_is_seen_as_it_goes(tmp_path: Path) -> None:
    with Served(tmp_path) as server, httpx2.Client(base_url=server.url, headers=CHANGES, timeout=20) as http:
        id = http.post("/api/ratings", json=PAIRS).json()["id"]
        seen: list[int] = []

        def watch() -> None:
            with http.stream("GET", f"/api/ratings/{id}/events") as stream:
                for line in stream.iter_lines():
                    if line.startswith("data: "):
                        seen.append(orjson.loads(line[6:])["agreement"]["answers"])
                        if seen[-1] == 1:
                            return

        watching = threading.Thread(target=watch)
        watching.start()
        deadline = time.monotonic() + 10
        while not seen and time.monotonic() < deadline:
            time.sleep(0.05)
        http.post(f"/api/ratings/{id}/answers", json={"task": "t1", "choice": "tie"})
        watching.join(timeout=10)
        assert seen == [0, 1]
