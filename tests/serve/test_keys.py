"""Keys: kept as hashes, with budgets and limits, ended at once, and each user's own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from personae.errors import InputError, StorageError
from personae.serve import audit as audit_module
from personae.serve.audit import Audit
from personae.serve.faults import Refusal
from personae.serve.keys import PREFIX, SCHEMA, KeyRing
from personae.serve.store import Store
from support.served import client_of


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "studio.sqlite", (SCHEMA, audit_module.SCHEMA))
    yield store
    store.close()


def test_a_key_is_found_and_nowhere_on_disk(store: Store) -> None:
    key, secret = KeyRing(store).new("ada")
    assert secret.startswith(PREFIX)
    assert KeyRing(store).find(secret).id == key.id
    kept = b"".join(path.read_bytes() for path in store.path.parent.iterdir())
    assert secret.encode() not in kept
    assert store.path.stat().st_mode & 0o077 == 0


def test_unknown_and_revoked_keys_are_refused(store: Store) -> None:
    ring = KeyRing(store)
    key, secret = ring.new("ada")
    with pytest.raises(Refusal, match="not known"):
        ring.find(PREFIX + "x")
    ring.revoke(key.id)
    with pytest.raises(Refusal, match="not known"):
        ring.find(secret)
    with pytest.raises(Refusal, match="no such key"):
        ring.revoke("key-none")


def test_a_key_that_another_process_revokes_is_refused_within_a_second(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    import personae.serve.keys as module

    monkeypatch.setattr(module, "_LOOK_AGAIN_SECONDS", 0.0)
    ring = KeyRing(store)
    key, secret = ring.new("ada")
    other = Store(store.path, (SCHEMA,))
    KeyRing(other).revoke(key.id)
    other.close()
    with pytest.raises(Refusal):
        ring.find(secret)


def test_a_budget_ends_what_a_key_may_do_and_outlives_the_server(store: Store) -> None:
    ring = KeyRing(store)
    key, secret = ring.new("ada", budget=0.01)
    ring.admit(key := ring.find(secret))
    ring.spend(key, "openai/gpt-4o", 1000, 1000, 0.02)
    with pytest.raises(Refusal) as refused:
        ring.admit(key)
    assert (refused.value.status, refused.value.word) == (429, "insufficient_quota")
    ring.flush()
    again = KeyRing(store).find(secret)
    assert again.spent == pytest.approx(0.02)
    with pytest.raises(Refusal):
        KeyRing(store).admit(again)


def test_spending_adds_up_over_flushes(store: Store) -> None:
    ring = KeyRing(store)
    _, secret = ring.new("ada")
    for _ in range(3):
        ring.spend(ring.find(secret), "m", 10, 5, 0.5)
        ring.flush()
    assert store.read("SELECT requests, input_tokens, output_tokens, cost, unpriced FROM spending") == [
        (3, 30, 15, 1.5, 0)
    ]
    ring.spend(ring.find(secret), "m", 1, 1, None)
    ring.flush()
    assert store.read("SELECT unpriced FROM spending") == [(1,)]


def test_a_key_may_ask_so_often_a_minute(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("personae.serve.keys.time.monotonic", lambda: now)
    ring = KeyRing(store)
    _, secret = ring.new("ada", rpm=60)
    key = ring.find(secret)
    for _ in range(60):
        ring.admit(key)
    with pytest.raises(Refusal) as refused:
        ring.admit(key)
    assert refused.value.status == 429
    assert refused.value.detail["retry_after"] == pytest.approx(1.0, abs=0.01)
    now += 1.01
    ring.admit(key)


@pytest.mark.parametrize("name", ["", "  ", "local", "a\nb", "x" * 101])
def test_names_that_nobody_can_have_are_refused(store: Store, name: str) -> None:
    with pytest.raises(InputError):
        KeyRing(store).new(name)


def test_limits_that_leave_nothing_are_refused(store: Store) -> None:
    with pytest.raises(InputError, match="leaves nothing"):
        KeyRing(store).new("ada", budget=0.0)


def test_the_open_server_takes_any_key_but_not_one_of_ours_that_ended(tmp_path: Path) -> None:
    with client_of(tmp_path) as client:
        made = client.post("/api/keys", json={"name": "ada"}).json()
        assert client.get("/v1/models", headers={"authorization": "Bearer none"}).status_code == 200
        assert client.get("/v1/models", headers={"authorization": f"Bearer {made['key']}"}).status_code == 200
        assert client.delete(f"/api/keys/{made['id']}").status_code == 204
        answer = client.get("/v1/models", headers={"authorization": f"Bearer {made['key']}"})
        assert answer.status_code == 401
        assert answer.json()["error"]["type"] == "authentication_error"


def test_a_closed_server_needs_a_key_for_all_but_its_pages(tmp_path: Path) -> None:
    with client_of(tmp_path) as client:
        admin = client.post("/api/keys", json={"name": "root", "is_admin": True}).json()["key"]
        plain = client.post("/api/keys", json={"name": "ada"}).json()["key"]
    with client_of(tmp_path, needs_key=True) as client:
        for path in ("/v1/models", "/api/personas", "/metrics", "/api/keys", "/api/audit"):
            assert client.get(path).status_code == 401, path
        assert client.get("/health").json() == {"status": "ok"}
        assert client.get("/").status_code == 200
        told = client.get("/api/session").json()
        assert (told["user"], told["needs_key"], told["models"]) == (None, True, [])
        bearer = {"authorization": f"Bearer {plain}"}
        assert client.get("/api/personas", headers=bearer).status_code == 200
        assert client.get("/api/keys", headers=bearer).status_code == 403
        assert client.get("/api/keys", headers={"authorization": f"Bearer {admin}"}).status_code == 200
        assert client.get("/v1/models", headers={"authorization": "Bearer none"}).status_code == 401


def test_a_browser_logs_in_and_out(tmp_path: Path) -> None:
    with client_of(tmp_path) as client:
        key = client.post("/api/keys", json={"name": "ada"}).json()["key"]
    with client_of(tmp_path, needs_key=True) as client:
        assert client.post("/api/session", json={"key": "wrong"}).status_code == 401
        answer = client.post("/api/session", json={"key": key})
        assert answer.json()["user"] == "ada"
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        assert key not in cookie
        assert client.get("/api/personas").status_code == 200
        assert client.delete("/api/session").status_code == 204
        client.cookies.clear()
        assert client.get("/api/personas").status_code == 401


def test_what_is_done_is_written_down_without_secrets(tmp_path: Path) -> None:
    with client_of(tmp_path) as client:
        key = client.post("/api/keys", json={"name": "ada"}).json()["key"]
        client.post("/api/personas", json={"persona": {"name": "Ada"}})
        body = {"model": "sim", "messages": [{"role": "user", "content": "a secret word"}]}
        client.post("/v1/chat/completions", json=body)
        page = client.get("/api/audit").json()
        actions = [item["action"] for item in page["items"]]
        assert actions == ["gateway.chat", "persona.create", "key.create"]
        told = str(page)
        assert "a secret word" not in told
        assert key not in told
        first = client.get("/api/audit?limit=1").json()
        second = client.get(f"/api/audit?limit=2&cursor={first['next']}").json()
        assert [item["action"] for item in second["items"]] == ["persona.create", "key.create"]
        assert second["next"] is None


def test_what_cannot_be_written_is_not_lost(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk for a while: what was spent meanwhile is on disk once it can be."""
    ring, audit = KeyRing(store), Audit(store)
    _, secret = ring.new("ada", budget=1.0)
    ring.spend(ring.find(secret), "m", 10, 5, 0.25)
    audit.note_soon("ada", "gateway.chat", "m", "200")
    with monkeypatch.context() as full:
        full.setattr(Store, "writing", _refused)
        for keeper in (ring, audit):
            with pytest.raises(StorageError):
                keeper.flush()
    ring.spend(ring.find(secret), "m", 10, 5, 0.25)
    ring.flush()
    assert store.read("SELECT requests, cost FROM spending") == [(2, 0.5)]
    assert KeyRing(store).find(secret).spent == 0.5
    assert [row["action"] for row in audit.page(9, None)[0]] == ["gateway.chat"]


def test_a_key_that_another_process_makes_while_counts_are_written_loses_none(store: Store) -> None:
    ring = KeyRing(store)
    _, secret = ring.new("ada", budget=1.0)
    key = ring.find(secret)
    ring.hold(key, 0.3)
    for _ in range(5):
        ring.spend(key, "m", 1, 1, 0.0625)
        writing = threading.Thread(target=ring.flush)
        writing.start()
        ring.new("bo")  # reads all keys again, as it does when somebody else wrote
        writing.join()
        ring.new("bo")
    assert (key.spent, key.held) == (0.3125, 0.3)


def test_what_is_set_aside_is_given_back_and_never_below_nothing(store: Store) -> None:
    ring = KeyRing(store)
    _, secret = ring.new("ada", budget=1.0)
    key = ring.find(secret)
    ring.hold(key, 0.75)
    with pytest.raises(Refusal) as in_use:
        ring.hold(key, 0.5)
    assert (in_use.value.word, in_use.value.detail["retry_after"]) == ("budget_in_use", 1.0)
    with pytest.raises(Refusal) as too_dear:
        ring.hold(key, 1.5)
    assert too_dear.value.word == "insufficient_quota"
    ring.release(key, 0.75)
    ring.release(key, 0.75)
    ring.hold(key, 1.0)
    assert key.to_json()["held"] == 1.0


@contextmanager
def _refused(store: Store) -> Iterator[None]:
    raise StorageError("is full", where=str(store.path))
    yield
