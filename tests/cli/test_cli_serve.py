"""``personae serve`` as it is typed: a real process, a real port, keys made beside it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import apsw
import pytest

COMMAND = [sys.executable, "-c", "from personae.cli import main; main()", "serve"]


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *words], capture_output=True, text=True, timeout=60, check=False)


def test_keys_are_made_listed_and_revoked(tmp_path: Path) -> None:
    data = ("--data", str(tmp_path))
    made = json.loads(run("key", "new", "ada", "--budget", "2.5", "--rpm", "60", *data, "--json").stdout)["data"]
    assert made["key"].startswith("sk-personae-")
    (listed,) = json.loads(run("key", "list", *data, "--json").stdout)["data"]["keys"]
    assert (listed["name"], listed["budget"], listed["rpm"]) == ("ada", 2.5, 60)
    assert made["key"] not in json.dumps(listed)
    assert run("key", "revoke", made["id"], *data).returncode == 0
    assert json.loads(run("key", "list", *data, "--json").stdout)["data"]["keys"][0]["is_revoked"]


def test_a_budget_that_holds_no_memory_is_refused(tmp_path: Path) -> None:
    refused = run("--recall-tokens", "50", "--port", "0", "--data", str(tmp_path))
    assert refused.returncode == 3
    assert "--recall-tokens" in refused.stderr


def test_a_server_that_others_reach_needs_a_key(tmp_path: Path) -> None:
    refused = run("--host", "0.0.0.0", "--port", "0", "--data", str(tmp_path))
    assert refused.returncode == 3
    assert "personae serve key new" in refused.stderr


@pytest.mark.parametrize(
    ("engine", "number"), [("granian", signal.SIGINT), ("uvicorn", signal.SIGINT), ("auto", signal.SIGTERM)]
)
def test_it_serves_until_it_is_interrupted(tmp_path: Path, engine: str, number: signal.Signals) -> None:
    persona = tmp_path / "ada.yaml"
    persona.write_text("name: Ada\n")
    words = ["--port", "0", "--persona", str(persona), "--data", str(tmp_path / "d"), "--engine", engine]
    process = subprocess.Popen([*COMMAND, *words], stderr=subprocess.PIPE, text=True, env={**os.environ})
    try:
        assert process.stderr is not None
        line = ""
        while not line.startswith("studio "):
            line = process.stderr.readline()
            assert line, "it ended"
        url = line.split()[1]
        with urllib.request.urlopen(f"{url}v1/models", timeout=10) as answer:
            assert [row["id"] for row in json.load(answer)["data"]] == ["persona/ada", "persona/ada@1", "sim"]
        with urllib.request.urlopen(url, timeout=10) as answer:
            assert "default-src 'none'" in answer.headers["content-security-policy"]
        started = time.monotonic()
        body = json.dumps({"model": "sim", "messages": [{"role": "user", "content": "Hi"}]}).encode()
        asked = urllib.request.Request(f"{url}v1/chat/completions", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(asked, timeout=10) as answer:
            assert answer.status == 200
        process.send_signal(number)
        assert process.wait(20) == 0
        assert time.monotonic() - started < 10
        store = apsw.Connection(str(tmp_path / "d" / "studio.sqlite"))
        assert list(store.execute("SELECT count(*) FROM audit WHERE action = 'gateway.chat'")) == [(1,)]  # written down
        store.close()
    finally:
        process.kill()
        process.communicate()
