"""Runs over the API: priced, started, watched, stopped, continued, read page by page, and safe from paths."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import orjson
import pytest

from personae.serve.settings import MOST_UPLOAD
from support.chat_server import ChatServer, completion
from support.served import CHANGES, Served

SMALL = {"personas_per_type": 1, "stories": False, "judged_per_type": 0, "robustness": False, "controls": False}
LARGE = {**SMALL, "personas_per_type": 400}
PAPER = {"kind": "paper", "key": "personallm"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served(tmp_path_factory.mktemp("runs"), models=("sim", "openai/gpt-4o-mini")) as served:
        yield served


@pytest.fixture
def http(server: Served) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=server.url, headers=CHANGES, timeout=60) as client:
        yield client


def start(http: httpx2.Client, **body: Any) -> dict[str, Any]:
    answer = http.post("/api/runs", json={**PAPER, **body})
    assert answer.status_code == 201, answer.text
    run: dict[str, Any] = answer.json()
    return run


def watch(http: httpx2.Client, id: str) -> list[tuple[str, dict[str, Any]]]:
    """All events until the run is no longer on."""
    events, name = [], ""
    with http.stream("GET", f"/api/runs/{id}/events") as stream:
        for line in stream.iter_lines():
            if line.startswith("event: "):
                name = line[7:]
            elif line.startswith("data: "):
                events.append((name, orjson.loads(line[6:])))
                if name == "end":
                    break
    return events


@pytest.fixture(scope="module")
def finished(server: Served) -> dict[str, Any]:
    """A small run that is through."""
    with httpx2.Client(base_url=server.url, headers=CHANGES, timeout=60) as http:
        events = watch(http, start(http, parameters=SMALL)["id"])
    name, run = events[-1]
    assert name == "end"
    assert run["state"] == "complete", run
    return run


def test_a_run_is_priced_before_it_starts(http: httpx2.Client) -> None:
    found = http.post("/api/runs/estimate", json={**PAPER, "parameters": SMALL}).json()
    assert (found["cells"], found["cost"], found["needs_confirmation"]) == (32, 0.0, False)
    assert found["roles"][0]["model"] == "sim"


def test_a_run_that_may_cost_much_waits_for_a_word(http: httpx2.Client) -> None:
    body = {**PAPER, "parameters": LARGE, "models": {"subject": "openai/gpt-4o-mini"}}
    answer = http.post("/api/runs", json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "confirm")
    estimate = answer.json()["error"]["estimate"]
    assert estimate["needs_confirmation"]
    assert estimate["cells"] == 12_800
    assert http.get("/api/runs").json()["total"] <= 1


def test_a_run_is_watched_to_its_end_and_read(http: httpx2.Client, finished: dict[str, Any]) -> None:
    id = finished["id"]
    assert (finished["title"], finished["is_simulated"], finished["has_report"]) == ("PersonaLLM", True, True)
    assert finished["progress"]["done"] == finished["progress"]["total"] == 32
    found = http.get(f"/api/runs/{id}/findings").json()
    assert found["is_simulated"]
    assert {"d.extraversion"} <= {finding["name"] for finding in found["findings"]}
    assert found["comparisons"]
    whole = http.get(f"/api/runs/{id}").json()
    assert http.get(f"/api/runs/{id}/spending").json()["items"][0]["calls"] == 32
    assert whole["record"]["paper"] == "personallm"
    assert any(run["id"] == id for run in http.get("/api/runs").json()["items"])


@pytest.mark.slow
def test_the_same_again_is_the_same_run(http: httpx2.Client, finished: dict[str, Any]) -> None:
    again = start(http, parameters=SMALL)
    assert again["id"] == finished["id"]
    assert watch(http, again["id"])[-1][1]["progress"]["resumed"] == 32


def test_a_run_is_stopped_and_goes_on_where_it_was(http: httpx2.Client) -> None:
    id = start(http, parameters=LARGE)["id"]
    deadline = time.monotonic() + 30
    while not ((run := http.get(f"/api/runs/{id}").json())["progress"] or {}).get("done"):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    refused = http.post(f"/api/runs/{id}/resume")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "conflict")
    assert run["state"] == "running"
    assert http.post(f"/api/runs/{id}/stop").json()["state"] == "stopping"
    stopped = watch(http, id)[-1][1]
    assert stopped["state"] == "stopped", stopped
    done = stopped["progress"]["done"]
    assert 0 < done < 12_800
    assert http.get(f"/api/runs/{id}/findings").status_code == 409
    assert http.post(f"/api/runs/{id}/resume", json={"limit": done + 40}).status_code == 200
    on = watch(http, id)[-1][1]
    assert on["progress"]["resumed"] >= done
    assert on["progress"]["done"] >= done + 20


def test_cells_are_read_page_by_page(http: httpx2.Client, finished: dict[str, Any]) -> None:
    at = f"/api/runs/{finished['id']}/cells"
    first = http.get(at, params={"limit": 20}).json()
    second = http.get(at, params={"limit": 20, "cursor": first["next"]}).json()
    assert (first["total"], len(first["items"]), len(second["items"]), second["next"]) == (32, 20, 12, None)
    assert len({row["cell"] for row in first["items"] + second["items"]}) == 32
    assert (first["is_all"], first["statuses"]) == (True, {"ok": 32})
    anywhere = http.get(at, params={"limit": 3, "cursor": "17"}).json()["items"]
    assert anywhere == (first["items"] + second["items"])[17:20]
    beyond = http.get(at, params={"cursor": "99999999999999999"}).json()
    assert (beyond["items"], beyond["next"], beyond["total"]) == ([], None, 32)
    assert http.get(at, params={"status": "failed"}).json()["items"] == []
    kind = first["items"][0]["factors"]["type"]
    held = http.get(at, params={"q": str(kind)}).json()["items"]
    assert held
    assert all(str(kind).lower() in str(row["factors"]).lower() for row in held)
    cell = http.get(f"{at}/{first['items'][0]['cell']}").json()
    assert cell["calls"][0]["request"]["messages"]
    assert cell["calls"][0]["text"]
    assert http.get(f"{at}/1-{'0' * 64}").status_code == 404
    factors = http.get(f"/api/runs/{finished['id']}/factors").json()["items"]
    assert "type" in {factor["name"] for factor in factors}


def test_files_and_report_are_given_and_no_others(http: httpx2.Client, finished: dict[str, Any]) -> None:
    at = f"/api/runs/{finished['id']}"
    names = {file["name"] for file in http.get(f"{at}/files").json()["items"]}
    assert {"report.html", "observations.parquet", "findings.json", "run.json"} <= names
    assert "ledger.sqlite" not in names
    table = http.get(f"{at}/files/observations.parquet")
    assert table.content[:4] == b"PAR1"
    assert "attachment" in table.headers["content-disposition"]
    report = http.get(f"{at}/report")
    assert report.headers["content-security-policy"].startswith("sandbox")
    assert "script-src" not in report.headers["content-security-policy"]
    for name in ("ledger.sqlite", "..%2Frun.json", ".lock", "studio.json", "%2Fetc%2Fpasswd"):
        assert http.get(f"{at}/files/{name}").status_code == 404


def test_a_file_that_was_brought_is_read_by_the_run(http: httpx2.Client) -> None:
    lines = "".join(f'{{"persona": "A baker who knows bread number {n}."}}\n' for n in range(3))
    brought = http.post("/api/experiments/files", files={"file": ("my people.jsonl", lines.encode())})
    assert brought.status_code == 201, brought.text
    name = brought.json()["name"]
    assert name.endswith("-my-people.jsonl")
    body = {"kind": "paper", "key": "political_personas", "parameters": {"people_file": name, "people": 3}}
    id = start(http, **body)["id"]
    assert watch(http, id)[-1][1]["state"] == "complete"
    cells = http.get(f"/api/runs/{id}/cells", params={"limit": 200}).json()["items"]
    asked = [http.get(f"/api/runs/{id}/cells/{row['cell']}").text for row in cells]
    assert all(any(f"bread number {n}" in text for text in asked) for n in range(3))
    for bad in ({"file": ("a.exe", b"x")}, {"file": ("a.csv", b"")}):
        assert http.post("/api/experiments/files", files=bad).status_code == 400
    too_large = {"file": ("a.csv", b"x" * (MOST_UPLOAD + 1))}
    assert http.post("/api/experiments/files", files=too_large).status_code == 413
    refused = http.post("/api/runs/estimate", json={**body, "parameters": {"people_file": "/etc/passwd"}})
    assert (refused.status_code, refused.json()["error"]["where"]) == (400, "parameters.people_file")


def test_what_is_too_large_is_not_estimated_for_ever(server: Served, http: httpx2.Client) -> None:
    assert server.app is not None
    runs = server.app.desk.runs
    before, runs.patience = runs.patience, 2.0
    try:
        body = {**PAPER, "parameters": {**SMALL, "personas_per_type": 10**12}}
        answer = http.post("/api/runs/estimate", json=body)
        assert (answer.status_code, answer.json()["error"]["where"]) == (422, "parameters")
        assert "too large" in answer.json()["error"]["message"]
        paid = http.post("/api/runs", json={**body, "models": {"subject": "openai/gpt-4o-mini"}})
        assert paid.status_code == 422  # what cannot be priced is not begun
    finally:
        runs.patience = before


def test_an_estimate_ends_when_whoever_asked_is_gone(server: Served, http: httpx2.Client) -> None:
    assert server.app is not None
    estimating = server.app.desk.runs._estimating
    body = {**PAPER, "parameters": {**SMALL, "personas_per_type": 10**12}}
    for _ in range(3):  # more than are estimated at once
        with pytest.raises(httpx2.ReadTimeout):
            http.post("/api/runs/estimate", json=body, timeout=0.2)
    deadline = time.monotonic() + 30
    while estimating._value < 2:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert http.post("/api/runs/estimate", json={**PAPER, "parameters": SMALL}).json()["cells"] == 32


@pytest.mark.parametrize("id", ["..%2F..%2Fetc", ".hidden", "nobody", "a" * 400, "%00"])
def test_an_id_is_never_a_path(http: httpx2.Client, id: str) -> None:
    for path in ("", "/findings", "/spending", "/cells", "/files", "/report"):
        assert http.get(f"/api/runs/{id}{path}").status_code in (404, 405, 422)


def test_what_could_not_begin_says_why_and_what_goes_on_is_priced_anew(http: httpx2.Client) -> None:
    """Whoever presses a button must not begin without a limit what stopped at one, or never began."""
    body = {"parameters": LARGE, "models": {"subject": "openai/gpt-4o-mini"}, "seed": 11}
    begun = start(http, **body, cost_limit=0.5)  # without a key
    ended = watch(http, begun["id"])[-1]
    assert ended[0] == "end"
    assert ended[1]["state"] == "failed"
    assert "OPENAI_API_KEY" in ended[1]["detail"]
    listed = [run for run in http.get("/api/runs", params={"limit": 200}).json()["items"] if run["id"] == begun["id"]]
    assert [run["state"] for run in listed] == ["failed"]
    refused = http.post(f"/api/runs/{begun['id']}/resume")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "confirm")
    estimate = refused.json()["error"]["estimate"]
    assert (estimate["ahead"], estimate["spent"]) == (pytest.approx(estimate["cost"]), 0)
    assert http.delete(f"/api/runs/{begun['id']}").status_code == 204
    assert http.get(f"/api/runs/{begun['id']}").status_code == 404


def test_a_limit_of_cost_bounds_what_has_to_be_confirmed(http: httpx2.Client) -> None:
    body = {**PAPER, "parameters": LARGE, "models": {"subject": "openai/gpt-4o-mini"}}
    bounded = http.post("/api/runs/estimate", json={**body, "cost_limit": 0.5}).json()
    assert (bounded["ahead"], bounded["needs_confirmation"]) == (0.5, False)
    assert bounded["cost"] > 1
    wide = http.post("/api/runs/estimate", json={**body, "cost_limit": 50}).json()
    assert wide["needs_confirmation"]


def test_a_removed_run_leaves_the_list_and_is_kept_aside(server: Served, http: httpx2.Client) -> None:
    id = start(http, parameters=SMALL, seed=12)["id"]
    watch(http, id)
    assert http.delete(f"/api/runs/{id}").status_code == 204
    assert http.get(f"/api/runs/{id}").status_code == 404
    assert all(run["id"] != id for run in http.get("/api/runs", params={"limit": 200}).json()["items"])
    assert http.delete(f"/api/runs/{id}").status_code == 404
    assert server.app is not None
    (kept,) = (server.app.desk.runs.folder / ".removed").glob(f"{id}-*")
    assert (kept / "ledger.sqlite").is_file()
    again = watch(http, start(http, parameters=SMALL, seed=12)["id"])[-1][1]
    assert (again["id"], again["progress"]["resumed"]) == (id, 0)


def test_a_run_that_is_on_is_not_removed(http: httpx2.Client) -> None:
    id = start(http, parameters=LARGE, seed=13)["id"]
    refused = http.delete(f"/api/runs/{id}")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "conflict")
    http.post(f"/api/runs/{id}/stop")
    watch(http, id)


@pytest.mark.slow
def test_runs_stand_side_by_side(http: httpx2.Client, finished: dict[str, Any]) -> None:
    other = start(http, parameters=SMALL, seed=1)
    watch(http, other["id"])
    found = http.get("/api/runs/compare", params=[("id", finished["id"]), ("id", other["id"])]).json()
    assert found["differs"] == {finished["id"]: {"seed": "0"}, other["id"]: {"seed": "1"}}
    row = next(one for one in found["findings"] if one["name"] == "d.extraversion")
    assert set(row["by_run"]) == {finished["id"], other["id"]}
    assert http.get("/api/runs/compare", params={"id": finished["id"]}).status_code == 422


@pytest.mark.parametrize(
    "bad",
    [
        {"key": "nobody"},
        {"key": "../../etc"},
        {"parameters": {"personas_per_type": 0}},
        {"parameters": {"dictionary": "/etc/passwd"}},
        {"models": {"subject": "http://127.0.0.1:1/v1#x"}},
        {"people": ["nobody"]},
        {"unknown": 1},
        {"limit": 0},
    ],
)
def test_what_cannot_be_started_is_refused_with_a_reason(http: httpx2.Client, bad: dict[str, Any]) -> None:
    answer = http.post("/api/runs", json={**PAPER, "parameters": SMALL, **bad})
    assert answer.status_code in (400, 404, 422), answer.text
    assert answer.json()["error"]["message"]


@pytest.mark.slow
def test_an_instrument_is_put_to_people_of_the_shelf(http: httpx2.Client) -> None:
    http.post("/api/personas", json={"persona": {"name": "Ada", "traits": {"big_five.openness": 2.0}}})
    body = {"kind": "instrument", "key": "bfi-10", "people": ["ada"], "parameters": {"checked": 0, "repeats": 1}}
    run = watch(http, start(http, **body)["id"])[-1][1]
    assert (run["state"], run["kind"], run["key"]) == ("complete", "instrument", "bfi-10"), run


@pytest.mark.slow
def test_a_run_whose_process_was_killed_is_told_so_and_goes_on(server: Served, http: httpx2.Client) -> None:
    id = start(http, parameters=LARGE, seed=3)["id"]
    assert server.app is not None
    runs = server.app.desk.runs
    deadline = time.monotonic() + 30
    while not (http.get(f"/api/runs/{id}").json()["progress"] or {}).get("done"):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    runs._live[id].process.kill()
    watch(http, id)
    state = http.get(f"/api/runs/{id}").json()["state"]
    assert state == "interrupted"
    assert http.post(f"/api/runs/{id}/resume", json={"limit": 30}).status_code == 200
    assert watch(http, id)[-1][1]["state"] == "stopped"


@pytest.fixture
def paying(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[ChatServer, Served]]:
    """A server of a model that costs, played by one that tells the most that a short answer can take."""
    used = {"prompt_tokens": 200, "completion_tokens": 10, "total_tokens": 210}
    with ChatServer(lambda body: completion("3", usage=used)) as endpoint:
        monkeypatch.setenv("OPENAI_API_KEY", "of-the-server")
        monkeypatch.setenv("OPENAI_BASE_URL", endpoint.url)
        with Served(tmp_path, models=("openai/gpt-4o", "sim")) as served:
            yield endpoint, served


CALL = (200 * 2.5 + 10 * 10) / 1e6
"""US dollars of one of its answers."""
FEW = {"repeats": 20, "controls": False, "checked": 0}
TIPI: dict[str, Any] = {"kind": "instrument", "key": "tipi", "parameters": FEW}


def settled_key(http: httpx2.Client) -> dict[str, Any]:
    deadline = time.monotonic() + 20
    while (row := http.get("/api/keys").json()["items"][0])["held"] and time.monotonic() < deadline:
        time.sleep(0.05)
    assert row["held"] == 0
    found: dict[str, Any] = row
    return found


def test_a_run_is_paid_from_the_budget_of_its_key_and_ends_before_it_takes_more(
    paying: tuple[ChatServer, Served],
) -> None:
    endpoint, served = paying
    with httpx2.Client(base_url=served.url, headers=CHANGES, timeout=60) as http:
        budget = 40 * CALL
        key = http.post("/api/keys", json={"name": "ada", "budget": budget}).json()["key"]
        shown = {"Authorization": f"Bearer {key}"}
        asked = {**TIPI, "parameters": {**FEW, "repeats": 100}, "confirm": True}
        run = http.post("/api/runs", json=asked, headers=shown)
        assert run.status_code == 201, run.text
        ended = watch(http, run.json()["id"])[-1][1]
        assert ended["state"] == "stopped"
        assert "limit" in ended["detail"]
        row = settled_key(http)
        assert row["spent"] == pytest.approx(len(endpoint.requests) * CALL, abs=1e-6)
        assert budget / 4 < row["spent"] <= budget
        again = http.post(f"/api/runs/{run.json()['id']}/resume", json={}, headers=shown)
        if again.status_code == 200:
            watch(http, run.json()["id"])
        assert settled_key(http)["spent"] <= budget


def test_a_run_holds_no_more_than_its_cost_limit_and_nothing_where_nothing_is_paid(
    paying: tuple[ChatServer, Served],
) -> None:
    _, served = paying
    with httpx2.Client(base_url=served.url, headers=CHANGES, timeout=60) as http:
        key = http.post("/api/keys", json={"name": "ada", "budget": 5.0}).json()["key"]
        shown = {"Authorization": f"Bearer {key}"}
        asked = {**TIPI, "confirm": True, "cost_limit": 10 * CALL}
        run = http.post("/api/runs", json=asked, headers=shown).json()
        assert http.get("/api/keys").json()["items"][0]["held"] <= 10 * CALL + 1e-6
        watch(http, run["id"])
        assert settled_key(http)["spent"] <= 10 * CALL
        free = http.post("/api/runs", json={**TIPI, "models": {"subject": "sim"}}, headers=shown).json()
        assert http.get("/api/keys").json()["items"][0]["held"] == 0
        watch(http, free["id"])


def test_a_run_on_a_model_of_unknown_price_or_too_many_runs_are_refused_to_a_key(tmp_path: Path) -> None:
    with (
        ChatServer("3") as endpoint,
        Served(tmp_path, models=(f"{endpoint.url}#m", "sim")) as served,
        httpx2.Client(base_url=served.url, headers=CHANGES, timeout=60) as http,
    ):
        key = http.post("/api/keys", json={"name": "ada", "budget": 5.0, "rpm": 2}).json()["key"]
        shown = {"Authorization": f"Bearer {key}"}
        unknown = http.post("/api/runs", json={**TIPI, "confirm": True}, headers=shown)
        assert (unknown.status_code, unknown.json()["error"]["code"]) == (403, "price_unknown")
        assert not endpoint.requests
        answers = [http.post("/api/runs", json={**TIPI, "models": {"subject": "gone"}}, headers=shown)]
        free = {**TIPI, "models": {"subject": "sim"}}
        answers += [http.post("/api/runs", json=free, headers=shown) for _ in range(2)]
        assert answers[-1].status_code == 429
        assert answers[-1].headers["retry-after"].isdecimal()
        watch(http, answers[1].json()["id"])
