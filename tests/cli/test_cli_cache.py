"""The cache as a user meets it: runs against a server fill it, and commands say what is in it and why it missed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from personae.model import ResponseCache, open_model
from personae.study import run_study
from support.chat_server import ChatServer, completion, say
from support.command_line import Said, personae
from support.studies import SmallStudy, served_answer


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PERSONAE_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


def observe(url: str, path: Path, cache_folder: Path, *, seed: int = 0, temperature: str = "") -> None:
    options = {"extra_body": f'{{"temperature": {temperature}}}'} if temperature else {}
    cache = ResponseCache(cache_folder)
    try:
        model = open_model(f"{url}#m", options, cache=cache)
        run_study(SmallStudy(persons=3), {"subject": model}, folder=path, seed=seed)
    finally:
        cache.close()


def explain(*words: str) -> Said:
    said = personae("cache", "explain", *words)
    assert said.code == 0, said.err
    return said


def test_stats_explain_export_import_and_prune(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert personae("cache", "stats", "--json").data["replies"] == 0
    with ChatServer(served_answer) as server:
        observe(server.url, tmp_path / "first", folder)
        observe(server.url, tmp_path / "second", folder, seed=1)
        observe(server.url, tmp_path / "third", folder, temperature="0.5")
        observe(server.url, tmp_path / "again", folder)
        observe(server.url, tmp_path / "bare", tmp_path / "another cache")
        assert server.completed == 24  # the run that was made again cost nothing; the one with another cache did

    data = personae("cache", "stats", "--json").data
    assert data["replies"] == 18
    assert sorted(one["replies"] for one in data["identities"]) == [6, 12]
    said = personae("cache", "stats")
    assert "18 replies" in said.out
    assert "#m#" in said.out

    assert "nothing like it" in explain(str(tmp_path / "first"), "--limit", "1").out
    second = personae("cache", "explain", str(tmp_path / "second"), "--json").data
    assert second["calls"] == 6
    assert second["summary"] == [{"reason": "differs in sampling.seed", "calls": 6}]
    assert "6 of 6: differs in identity.options" in explain(str(tmp_path / "third")).out
    assert "Every call was answered from the cache" in explain(str(tmp_path / "again")).out
    bare = explain(str(tmp_path / "bare"), "--limit", "2").out
    assert "--no-cache" in bare
    assert "4 more calls" in bare

    file = tmp_path / "replies.jsonl.zst"
    assert personae("cache", "export", str(file), "--json").data["replies"] == 18
    monkeypatch.setenv("PERSONAE_CACHE_DIR", str(tmp_path / "elsewhere"))
    assert personae("cache", "import", str(file), "--json").data == {"replies": 18, "added": 18, "already_there": 0}
    assert "0 replies added; 18 were there already" in personae("cache", "import", str(file)).out

    dry = personae("cache", "prune", "--keep-bytes", "0", "--dry-run", "--json").data
    assert (dry["removed"], dry["kept"]) == (18, 0)
    assert personae("cache", "prune", "--older-than", "1", "--json").data["removed"] == 0
    assert "removed 18 replies, kept 0" in personae("cache", "prune", "--identity", server.url).out


def test_a_reply_that_was_not_kept_is_told_with_its_reason(folder: Path, tmp_path: Path) -> None:
    cut = json.dumps(completion("Half an ans", finish="length")).encode()
    with ChatServer(lambda body: replace(say("x"), payload=cut)) as server:
        observe(server.url, tmp_path / "cut", folder)
    data = personae("cache", "explain", str(tmp_path / "cut"), "--json").data
    assert [one["not_kept"] for one in data["explained"]] == ["truncated"] * 6
    assert "its own reply was not kept: truncated" in explain(str(tmp_path / "cut")).out


def test_one_request_is_explained_without_asking_anyone(folder: Path, tmp_path: Path) -> None:
    with ChatServer("Hi") as server:
        observe(server.url, tmp_path / "run", folder)
        asked = server.completed
        file = tmp_path / "ask.json"
        file.write_text('{"messages": [{"role": "user", "content": "Question 0 to person 1"}]}')
        words = ["--request", str(file), "--model", f"{server.url}#m"]
        data = personae("cache", "explain", *words, "--json").data
        (one,) = data["explained"]
        assert [part["field"] for part in one["differences"]] == ["sampling.seed"]
        said = explain(*words, "-M", 'extra_body={"top_k": 1}')
        assert "identity.options" in said.out
        assert server.completed == asked


def test_an_empty_cache_explains_that_there_is_none(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "ask.json"
    file.write_text('{"messages": []}')
    said = personae("cache", "explain", "--request", str(file), "--model", "http://h:1/v1#m")
    assert said.code == 3
    assert "no cache" in said.err


@pytest.mark.parametrize(
    ("words", "code", "hint"),
    [
        (["explain"], 3, "--request"),
        (["explain", "absent-folder"], 3, "personae run list"),
        (["explain", "--request", "absent.json"], 3, "--model"),
        (["explain", "--request", "absent.json", "--model", "sim"], 3, "never cached"),
        (["explain", "--request", "absent.json", "--model", "http://h/v1#m"], 3, "absent.json"),
        (["export", "x.jsonl"], 3, "no cache"),
        (["import", "absent.jsonl"], 8, "absent.jsonl"),
        (["prune"], 3, "--older-than"),
        (["prune", "--keep-bytes", "much"], 3, "500MB"),
        (["prune", "--older-than", "1"], 3, "no cache"),
    ],
)
def test_each_mistake_has_one_line_a_remedy_and_a_code(folder: Path, words: list[str], code: int, hint: str) -> None:
    said = personae("cache", *words)
    assert said.code == code
    lines = said.err.strip().splitlines()
    assert len(lines) == 1
    assert hint in lines[0]
    assert personae("cache", *words, "--json").error["exit_code"] == code
    assert not folder.exists()


def test_a_run_of_the_simulated_respondent_has_no_cache(tmp_path: Path) -> None:
    run_study(SmallStudy(persons=1), {"subject": open_model("sim")}, folder=tmp_path / "run")
    said = personae("cache", "explain", str(tmp_path / "run"))
    assert said.code == 3
    assert "endpoint" in said.err
