"""Instruments in the studio: browsed, taken by people, sent by links, and kept as a run is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from starlette.testclient import TestClient

from personae.instrument import list_instruments, load_instrument
from personae.study import list_runs, read_record
from support.served import client_of

KEY = "bfi-10"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with client_of(tmp_path) as client:
        yield client


def answers(value: int = 4) -> dict[str, Any]:
    return {"answers": dict.fromkeys(load_instrument(KEY).item_ids, value), "consent": True, "seconds": 61.5}


def test_the_library_is_browsed_by_words_and_pages(client: TestClient) -> None:
    first = client.get("/api/instruments?limit=2").json()
    assert first["total"] == len(list_instruments())
    rest = client.get(f"/api/instruments?limit=200&cursor={first['next']}").json()
    assert [one["key"] for one in first["items"] + rest["items"]] == list(list_instruments())
    found = client.get("/api/instruments", params={"q": "extraversion BFI-10"}).json()["items"]
    assert KEY in [one["key"] for one in found]
    assert client.get("/api/instruments?cursor=x").status_code == 400


def test_a_form_shows_what_is_asked_and_how_it_is_scored(client: TestClient) -> None:
    shown = client.get(f"/api/instruments/{KEY}").json()
    instrument = load_instrument(KEY)
    assert [item["text"] for item in shown["items"]] == list(instrument.items.values())
    assert [option["value"] for option in shown["options"]] == [1, 2, 3, 4, 5]
    assert {scale["key"] for scale in shown["scales"]} == {scale.key for scale in instrument.scales}
    assert client.get("/api/instruments/none").status_code == 404
    assert client.get("/api/instruments/..%2f..%2fetc%2fpasswd.toml").status_code == 404


def test_forms_whose_texts_stay_with_their_publisher_say_how_to_get_them(client: TestClient) -> None:
    structure = next((key for key in list_instruments() if load_instrument(key).is_structure_only), None)
    if structure is None:
        pytest.skip("every form of the library has texts")
    shown = client.get(f"/api/instruments/{structure}").json()
    assert not shown["has_texts"]
    assert {item["text"] for item in shown["items"]} == {""}
    assert len(shown["items"]) == len(load_instrument(structure).item_ids)
    assert [option["value"] for option in shown["options"]] == [
        option.value for option in load_instrument(structure).options
    ]
    assert "--fill" in shown["how_to_fill"]
    refused = client.post(f"/api/instruments/{structure}/answers", json={"answers": {}, "consent": True})
    assert refused.status_code == 409
    assert refused.json()["error"]["remedy"]


def test_answers_are_scored_by_the_key_and_kept_in_a_ledger(client: TestClient, tmp_path: Path) -> None:
    instrument = load_instrument(KEY)
    given = answers()
    scored = client.post(f"/api/instruments/{KEY}/answers", json=given).json()
    assert (scored["answered"], scored["items"]) == (10, 10)
    assert {one["key"]: one["score"] for one in scored["scales"]} == dict.fromkeys(
        [scale.key for scale in instrument.scales], 3.0
    )  # each scale has one item keyed against it: 4 and 2
    (run,) = list_runs(tmp_path / "runs")
    assert run.name == scored["run"]
    record = read_record(run)
    assert record["models"]["subject"]["name"] == "people"
    for _ in range(3):
        client.post(f"/api/instruments/{KEY}/answers", json=answers(5))
    summary = client.get(f"/api/instruments/{KEY}/answers").json()
    assert (summary["n"], summary["run"]) == (4, run.name)
    lines = client.get(f"/api/instruments/{KEY}/answers.csv").text.splitlines()
    assert len(lines) == 5
    assert lines[0].startswith("person,1,2,3")
    assert client.post(f"/api/instruments/{KEY}/answers/report").json() == {"run": run.name}
    assert pl.read_parquet(run / "observations.parquet").height == 4
    assert (run / "report.html").is_file()


def test_answers_of_people_are_a_run_among_the_others(tmp_path: Path) -> None:
    with client_of(tmp_path) as client:
        items = [item["id"] for item in client.get("/api/instruments/bfi-10").json()["items"]]
        for shift in range(3):
            answers = {id: 1 + (number + shift) % 5 for number, id in enumerate(items)}
            body = {"answers": answers, "consent": True}
            assert client.post("/api/instruments/bfi-10/answers", json=body).status_code == 200
        (run,) = client.get("/api/runs").json()["items"]
        assert (run["kind"], run["key"], run["model"]) == ("instrument", "bfi-10", "people")
        assert (run["title"], run["state"], run["has_report"]) == ("Big Five Inventory-10: people", "complete", False)
        assert run["progress"]["statuses"] == {"ok": 3}
        assert client.get(f"/api/runs/{run['id']}/cells").json()["total"] == 3
        refused = client.post(f"/api/runs/{run['id']}/resume")
        assert (refused.status_code, refused.json()["error"]["code"]) == (409, "conflict")
        assert client.post("/api/instruments/bfi-10/answers/report").json() == {"run": run["id"]}
        assert client.get(f"/api/runs/{run['id']}").json()["has_report"]
        names = {finding["name"] for finding in client.get(f"/api/runs/{run['id']}/findings").json()["findings"]}
        assert "score.extraversion" in names


def test_a_server_that_is_started_again_goes_on_with_the_same_answers(tmp_path: Path) -> None:
    for _ in range(2):
        with client_of(tmp_path) as client:
            client.post(f"/api/instruments/{KEY}/answers", json=answers())
    with client_of(tmp_path) as client:
        assert client.get(f"/api/instruments/{KEY}/answers").json()["n"] == 2


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({"answers": {"1": 9}, "consent": True}, "option"),
        ({"answers": {"99": 1}, "consent": True}, "item"),
        ({"answers": {"1": 1}}, "required"),
        ({"answers": {"1": 1}, "consent": False}, "True"),
        ({"answers": {"1": 2**40}, "consent": True}, "less"),
    ],
)
def test_what_is_no_answer_is_refused(client: TestClient, body: dict[str, Any], word: str) -> None:
    answer = client.post(f"/api/instruments/{KEY}/answers", json=body)
    assert answer.status_code == 422
    assert word.lower() in answer.json()["error"]["message"].lower()


def test_items_that_were_left_out_are_missing_and_not_guessed(client: TestClient) -> None:
    scored = client.post(f"/api/instruments/{KEY}/answers", json={"answers": {"1": 3}, "consent": True}).json()
    assert scored["answered"] == 1
    assert all(one["score"] is None for one in scored["scales"])
    assert client.get(f"/api/instruments/{KEY}/answers").json()["scales"][0]["missing"] == 1


def test_a_link_lets_people_answer_without_a_key_and_without_a_trace(tmp_path: Path) -> None:
    with client_of(tmp_path) as client:
        key = client.post("/api/keys", json={"name": "ada"}).json()["key"]
    with client_of(tmp_path, needs_key=True) as client:
        owner = {"authorization": f"Bearer {key}"}
        made = client.post(f"/api/instruments/{KEY}/links", json={"most": 2, "title": "Study 1"}, headers=owner).json()
        assert made["url"] == f"/take/{made['token']}"
        shown = client.get(f"/api/take/{made['token']}").json()
        assert shown["title"] == "Study 1"
        assert "voluntary" in shown["consent"]
        assert len(shown["form"]["items"]) == 10
        assert "scales" not in shown["form"]  # what is measured is not told beforehand
        agent = {"user-agent": "Secret Browser 7"}
        bad = client.post(f"/api/take/{made['token']}", json={"answers": {"1": 9}, "consent": True})
        assert bad.status_code == 422
        for _ in range(2):
            taken = client.post(f"/api/take/{made['token']}", json=answers(), headers=agent)
            assert taken.status_code == 200
            assert taken.json()["person"].startswith("person-")
        full = client.post(f"/api/take/{made['token']}", json=answers())
        assert (full.status_code, full.json()["error"]["code"]) == (409, "used_up")
        (link,) = client.get("/api/links", headers=owner).json()["items"]
        assert (link["used"], link["most"]) == (2, 2)
        assert client.get("/api/links").status_code == 401
        assert client.delete(f"/api/links/{made['token']}", headers=owner).status_code == 204
        assert client.get(f"/api/take/{made['token']}").status_code == 404
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"Secret Browser" not in kept


def test_raters_come_by_a_link_and_rate_as_themselves(tmp_path: Path) -> None:
    with client_of(tmp_path) as client:
        key = client.post("/api/keys", json={"name": "ada"}).json()["key"]
    with client_of(tmp_path, needs_key=True) as client:
        owner = {"authorization": f"Bearer {key}"}
        texts = [{"id": f"t{n}", "text": f"text {n}"} for n in range(3)]
        body = {"title": "Warmth", "kind": "likert", "question": "How warm?", "texts": texts}
        id = client.post("/api/ratings", json=body, headers=owner).json()["id"]
        token = client.post(f"/api/ratings/{id}/links", json={}, headers=owner).json()["token"]
        assert client.get(f"/api/rate/{token}").json()["question"] == "How warm?"
        raters = [client.post(f"/api/rate/{token}/begin").json()["rater"] for _ in range(2)]
        assert len(set(raters)) == 2
        for rater in raters:
            while task := client.get(f"/api/rate/{token}/next?rater={rater}").json()["task"]:
                sent = {"task": task["id"], "value": 4}
                assert client.post(f"/api/rate/{token}/answers?rater={rater}", json=sent).status_code == 200
        assert "taken back" in client.get(f"/api/rate/{token}").json()["consent"]
        assert client.post(f"/api/rate/{token}/undo?rater={raters[0]}").json()["done"] == 2
        standing = client.get(f"/api/ratings/{id}", headers=owner).json()
        assert (standing["raters"], standing["answers"]) == (2, 5)
        assert client.get(f"/api/rate/{token}/next?rater=ada").status_code == 404
        withdrawn = f"/api/ratings/{id}/raters/{raters[1]}"
        assert client.delete(withdrawn).status_code == 401
        assert [client.delete(withdrawn, headers=owner).status_code for _ in range(2)] == [204, 404]
        left = client.get(f"/api/ratings/{id}", headers=owner).json()
        assert (left["raters"], left["answers"]) == (1, 2)
        assert client.get(f"/api/take/{token}").status_code == 404


@pytest.fixture
def token(client: TestClient) -> str:
    return str(client.post(f"/api/instruments/{KEY}/links", json={"most": 2}).json()["token"])


def test_answers_that_are_sent_twice_count_once_and_the_first_stay(client: TestClient, token: str) -> None:
    sent = {**answers(4), "submission": "a" * 22}
    first = client.post(f"/api/take/{token}", json=sent).json()
    again = client.post(f"/api/take/{token}", json={**sent, **answers(1)}).json()
    assert again == first
    other = client.post(f"/api/take/{token}", json={**sent, "submission": "b" * 22}).json()
    assert other["person"] != first["person"]
    assert client.get(f"/api/instruments/{KEY}/answers").json()["n"] == 2
    assert client.get("/api/links").json()["items"][0]["used"] == 2
    assert client.post(f"/api/take/{token}", json=sent).json() == first  # though the link is full by now
    assert client.post(f"/api/take/{token}", json={**sent, "submission": "c" * 22}).status_code == 409
    assert client.post(f"/api/take/{token}", json={**sent, "submission": "short"}).status_code == 422


def test_the_same_browser_has_another_name_in_every_study(client: TestClient) -> None:
    tokens = [client.post(f"/api/instruments/{KEY}/links", json={}).json()["token"] for _ in range(2)]
    sent = {**answers(), "submission": "a" * 22}
    names = {client.post(f"/api/take/{token}", json=sent).json()["person"] for token in tokens}
    assert len(names) == 2


def test_a_full_link_says_so_before_anybody_answers(client: TestClient, token: str) -> None:
    assert client.get(f"/api/take/{token}").json()["is_open"]
    for letter in "ab":
        client.post(f"/api/take/{token}", json={**answers(), "submission": letter * 22})
    assert not client.get(f"/api/take/{token}").json()["is_open"]
    assert not client.get("/api/links").json()["items"][0]["is_open"]


@pytest.mark.parametrize("kind", ["take", "rate"])
def test_a_link_whose_time_is_over_says_so(client: TestClient, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = f"/api/instruments/{KEY}/links"
    if kind == "rate":
        body = {"title": "Warm", "kind": "likert", "question": "How warm?", "texts": [{"text": "one"}]}
        path = f"/api/ratings/{client.post('/api/ratings', json=body).json()['id']}/links"
    made = client.post(path, json={"days": 7}).json()
    assert made["ends"] - made["created"] == pytest.approx(7 * 86400)
    assert client.get(f"/api/{kind}/{made['token']}").status_code == 200
    monkeypatch.setattr("personae.serve.taking.links.time.time", lambda: made["ends"])
    over = client.get(f"/api/{kind}/{made['token']}")
    assert (over.status_code, over.json()["error"]["code"]) == (410, "ended")
    assert "whoever sent it" in over.json()["error"]["remedy"]
    late = client.post(f"/api/take/{made['token']}", json=answers())
    assert late.status_code == (410 if kind == "take" else 404)
    assert not client.get("/api/links").json()["items"][0]["is_open"]
    assert client.post(path, json={"days": 0}).status_code == 422


def test_who_withdraws_is_erased_from_ledger_table_and_report(client: TestClient, tmp_path: Path) -> None:
    names = [client.post(f"/api/instruments/{KEY}/answers", json=answers(n)).json()["person"] for n in (1, 2, 5)]
    run = client.post(f"/api/instruments/{KEY}/answers/report").json()["run"]
    assert client.get(f"/api/runs/{run}/cells").json()["total"] == 3
    assert client.delete(f"/api/instruments/{KEY}/answers/{names[1]}").status_code == 204
    assert client.delete(f"/api/instruments/{KEY}/answers/{names[1]}").status_code == 404
    assert client.get(f"/api/instruments/{KEY}/answers").json()["n"] == 2
    cells = client.get(f"/api/runs/{run}/cells").json()
    assert (cells["total"], len(cells["items"])) == (2, 2)
    kept = b"".join(path.read_bytes() for path in (tmp_path / "runs").rglob("*") if path.is_file())
    assert names[1].encode() not in kept
    assert names[0].encode() in kept
    assert client.post(f"/api/instruments/{KEY}/answers/report").json() == {"run": run}
    client.post(f"/api/instruments/{KEY}/answers", json=answers())
    assert client.get(f"/api/instruments/{KEY}/answers").json()["n"] == 3
