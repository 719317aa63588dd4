"""A key is planted, and searched for in everything that a run leaves behind or says.

The server is the worst one there is for this: it repeats the headers that it was sent, in errors, replies, ids, status
lines, redirects and broken HTTP, bare and in other spellings.
"""

from __future__ import annotations

import base64
import json
import logging
import os
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import apsw
import orjson
import polars as pl
import pytest

from personae.errors import PersonaeError
from personae.model import Endpoint, OpenAICompatible, Request
from support import faulty_server as faulty
from support.chat_server import completion
from support.command_line import personae
from support.faulty_server import Call, Fault, FaultyServer

CORE = "CANARYcanary0123456789"
KEY = f"sk-proj/{CORE}+x="
PASSWORD = "PASSWORDcanary9876543210"  # planted

LEAN = ("-P", "personas_per_type=1", "-P", "judged_per_type=1", "-P", "raters=1", "-P", "controls=false")


def spellings(secret: str) -> Iterator[bytes]:
    """How a secret may be written, so that a part of it in another alphabet is found too."""
    for text in (secret, secret[:12], secret[-12:]):
        yield text.encode()
        yield text.encode().hex().encode()
        yield "".join(f"\\u{ord(letter):04x}" for letter in text).encode()
        for offset in range(3):
            coded = base64.b64encode(b"\0" * offset + text.encode()).rstrip(b"=")
            yield coded[(0, 2, 3)[offset] : -1]


NEEDLES = [*spellings(CORE), *spellings(PASSWORD)]


def assert_clean(where: str, content: str | bytes) -> None:
    """No spelling of a planted secret is in there."""
    raw = content.encode("utf-8", "replace") if isinstance(content, str) else content
    for needle in NEEDLES:
        assert needle not in raw, f"{where} holds {needle!r}: ...{raw[max(0, raw.find(needle) - 80) :][:200]!r}"


def assert_files_clean(folder: Path) -> int:
    """No file below the folder holds a secret, packed or split over pages; returns how many files there were."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    for path in files:
        assert_clean(str(path), str(path).encode())
        assert_clean(str(path), path.read_bytes())
        if path.suffix == ".parquet":
            assert_clean(str(path), json.dumps(pl.read_parquet(path).to_dicts(), default=str))
        if path.suffix == ".sqlite":
            connection = apsw.Connection(str(path))
            for (table,) in list(connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")):
                assert_clean(f"{path} {table}", repr(list(connection.execute(f'SELECT * FROM "{table}"'))))
            connection.close()
    return len(files)


def test_the_search_finds_what_is_there(tmp_path: Path) -> None:
    """A search that finds nothing anywhere would prove nothing."""
    hidden = [
        KEY,
        quote(KEY, safe=""),
        base64.b64encode(f"Bearer {KEY}".encode()).decode(),
        base64.b64encode(f"x{KEY}".encode()).decode(),
        KEY.encode().hex(),
    ]
    for number, text in enumerate(hidden):
        with pytest.raises(AssertionError, match="holds"):
            assert_clean("here", f"before {text} after")
        pl.DataFrame({"said": [text]}).write_parquet(tmp_path / f"{number}.parquet", compression="zstd")
        with pytest.raises(AssertionError, match="holds"):
            assert_files_clean(tmp_path)
        (tmp_path / f"{number}.parquet").unlink()


def echoes(call: Call) -> list[str]:
    """The secret header in the spellings of those who repeat it."""
    sent = call.headers["authorization"]
    return [
        sent,
        sent.removeprefix("Bearer "),
        quote(sent, safe=""),
        json.dumps(dict(call.headers)),
        sent.replace("/", "\\/"),
        base64.b64encode(sent.encode()).decode(),
        base64.urlsafe_b64encode(f"a{sent}".encode()).decode(),
    ]


def echo_error(status: str) -> Fault:
    async def fault(call: Call) -> None:
        body = orjson.dumps({"error": {"message": " ".join(echoes(call)), "code": echoes(call)[0]}})
        await faulty.answering(body, status=status, x_request_id=echoes(call)[1])(call)

    return fault


async def echo_reply(call: Call) -> None:
    """A good reply that repeats the headers in every field."""
    told = " ".join(echoes(call))
    body = {**completion(told, model=told, refusal=None, others=[told]), "id": told}
    await faulty.answering(orjson.dumps(body), x_request_id=echoes(call)[1])(call)


async def echo_refusal(call: Call) -> None:
    body = completion(None, refusal=" ".join(echoes(call)))
    await faulty.answering(orjson.dumps(body))(call)


async def echo_error_in_200(call: Call) -> None:
    body = orjson.dumps({"error": {"message": " ".join(echoes(call)), "code": 502}})
    await faulty.answering(body)(call)


async def echo_page(call: Call) -> None:
    await faulty.answering(f"<html>{' '.join(echoes(call))}</html>".encode(), kind="text/html")(call)


async def echo_half(call: Call) -> None:
    await faulty.answering(b'{"authorization": "' + echoes(call)[0].encode() + b'", "choi')(call)


async def echo_cut(call: Call) -> None:
    body = json.dumps(echoes(call)).encode()
    await call.write(faulty.head(len(body) + 99) + body)


async def echo_status_line(call: Call) -> None:
    await faulty.answering(b"", status=f"500 {echoes(call)[0]}")(call)


async def echo_bad_status(call: Call) -> None:
    await call.write(f"HTTP/1.1 {echoes(call)[0]} what\r\n\r\n".encode())


async def echo_bad_header(call: Call) -> None:
    await call.write(b"HTTP/1.1 200 OK\r\n" + f"{echoes(call)[0]}\x00: \x01{echoes(call)[0]}\r\n\r\n".encode())


async def echo_bad_chunk(call: Call) -> None:
    await call.write(faulty.head(None, transfer_encoding="chunked") + echoes(call)[1].encode() + b"\r\nx\r\n")


async def echo_bad_length(call: Call) -> None:
    await call.write(f"HTTP/1.1 200 OK\r\nContent-Length: {echoes(call)[1]}\r\n\r\n{{}}".encode())


async def echo_bad_coding(call: Call) -> None:
    body = echoes(call)[1].encode()
    await call.write(faulty.head(len(body), content_encoding="gzip") + body)


def echo_redirect(shape: str) -> Fault:
    async def fault(call: Call) -> None:
        place = shape.format(echoes(call)[1])
        await faulty.answering(b"", status="307 Temporary Redirect", location=place)(call)

    return fault


ECHOES: dict[str, Fault] = {
    "400": echo_error("400 Bad Request"),
    "413": echo_error("413 Too Large"),
    "429": echo_error("429 Too Many Requests"),
    "500": echo_error("500 Internal Server Error"),
    "reply": echo_reply,
    "refusal": echo_refusal,
    "error in 200": echo_error_in_200,
    "page": echo_page,
    "half": echo_half,
    "cut": echo_cut,
    "status line": echo_status_line,
    "bad status": echo_bad_status,
    "bad header": echo_bad_header,
    "bad chunk": echo_bad_chunk,
    "bad length": echo_bad_length,
    "bad coding": echo_bad_coding,
    "redirect to another scheme": echo_redirect("ftp://{0}/x"),
    "redirect to nonsense": echo_redirect("http://[::{0}/"),
    "redirect to nowhere": echo_redirect("http://127.0.0.1:9/{0}"),
    "redirect in a circle": echo_redirect("/v1/chat/completions?again={0}"),
}


def answer(body: dict[str, object]) -> str:
    return "I strongly agree. 3"


@pytest.mark.parametrize("name", ECHOES)
async def test_no_error_and_no_reply_holds_what_a_server_repeats(name: str) -> None:
    with FaultyServer(answer, lambda _: ECHOES[name]) as server:
        client = OpenAICompatible(f"{server.url}#m", Endpoint(server.url, "m", KEY, "OPENAI_API_KEY", timeout=20))
        assert_clean("the client", f"{client!r} {client.endpoint!r} {client.identity} {vars(client)['name']}")
        try:
            reply = await client.generate(Request.of("Hello"))
            assert_clean("the reply", repr(reply))
        except PersonaeError as error:
            assert_clean("the error", f"{error} {error!r} {error.what} {error.where} {error.remedy} {error.args}")
            assert_clean("the traceback", "".join(traceback.format_exception(error)))
        finally:
            await client.aclose()
        assert KEY in server.calls[0].headers["authorization"]  # it was there to be repeated


def every_echo_in_turn() -> Callable[[Call], Fault | None]:
    """Each third call is answered; the others meet one echo after the other."""
    acts = list(ECHOES.values())

    def choose(call: Call) -> Fault | None:
        return None if call.number % 3 == 0 else acts[(call.number - call.number // 3) % len(acts)]

    return choose


def commands(url: str, folder: Path) -> list[tuple[str, ...]]:
    """A run, its continuation, and every command that tells of runs, settings and models."""
    model = ("--model", f"{url}#m", "-M", "attempts=1", "-M", "timeout=20", "--max-connections", "4")
    run = ("paper", "run", "personallm", *LEAN, *model, "--folder", str(folder), "--no-progress")
    return [
        (*run, "--limit", "12"),
        (*run, "--limit", "24", "--json"),
        ("run", "resume", str(folder), "--limit", "28", "--no-progress", "--json"),
        ("run", "show", str(folder), "--json"),
        ("run", "show", str(folder)),
        ("run", "list", "--in", str(folder.parent), "--json"),
        ("run", "cost", str(folder), "--json"),
        ("run", "report", str(folder), "--json"),
        ("models", "--json"),
        ("models", "--probe", f"{url}#m", "--json"),
        ("models", "--probe", "openai", "--json"),
        ("doctor", "--json"),
        ("doctor",),
    ]


@pytest.mark.parametrize("source", ["environment", ".env"])
def test_no_artefact_of_a_run_holds_the_key(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PERSONAE_CACHE_DIR", str(tmp_path / "out" / "cache"))
    folder = tmp_path / "out" / "runs" / "one"
    if source == "environment":
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
    else:
        (tmp_path / ".env").write_text(f"OPENAI_API_KEY='{KEY}'\n")
    with FaultyServer(answer, every_echo_in_turn()) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        for words in commands(server.url, folder):
            said = personae(*words)
            assert said.code in (0, 5), said.err
            assert_clean(" ".join(words), said.out + said.err)
        assert {call.headers["authorization"] for call in server.calls} == {f"Bearer {KEY}"}
        assert len(server.calls) > 40
    assert_clean("the log", caplog.text)
    names = {path.name for path in (tmp_path / "out").rglob("*")}
    assert names >= {"run.json", "ledger.sqlite", "observations.parquet", "findings.json", "report.html"}
    assert "replies.sqlite" in names
    assert_files_clean(tmp_path / "out")


def test_a_killed_run_in_debug_mode_leaves_no_key_behind_in_its_open_files(tmp_path: Path) -> None:
    """A process of its own, all of Python's debugging switched on, and its write-ahead logs not yet folded in."""
    folder = tmp_path / "out" / "runs" / "one"
    environment = {
        **os.environ,
        "OPENAI_API_KEY": KEY,
        "PERSONAE_CACHE_DIR": str(tmp_path / "out" / "cache"),
        "PYTHONASYNCIODEBUG": "1",
        "PYTHONFAULTHANDLER": "1",
    }
    with FaultyServer(answer, every_echo_in_turn(), delay=0.02) as server:
        words = commands(server.url, folder)[0]
        process = subprocess.Popen(
            [sys.executable, "-X", "dev", "-W", "default", "-c", "from personae.cli import main; main()", *words[:-2]],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
        )
        while len(server.calls) < 40:
            assert process.poll() is None
            time.sleep(0.01)
        process.kill()
        out, err = process.communicate(timeout=30)
    assert_clean("what it said", out + err)
    assert (folder / "ledger.sqlite-wal").stat().st_size > 0
    for path in (tmp_path / "out").rglob("*"):  # as they are, before anything opens them and tidies them up
        if path.is_file():
            assert_clean(str(path), path.read_bytes())
    assert assert_files_clean(tmp_path / "out") >= 4


SECRET_WORDS: dict[str, tuple[str, ...]] = {
    "password in the model": ("--model", f"http://ada:{PASSWORD}@127.0.0.1:9/v1#m"),
    "user in the model": ("--model", f"http://{PASSWORD}@127.0.0.1:9/v1#m"),
    "query of the model": ("--model", f"http://127.0.0.1:9/v1?key={PASSWORD}#m"),
    "password in the base URL": ("--model", "openai/m", "--model-base-url", f"https://ada:{PASSWORD}@127.0.0.1:9/v1"),
    "query of the base URL": ("--model", "openai/m", "--model-base-url", f"https://127.0.0.1:9/v1?key={PASSWORD}"),
    "unknown option": ("--model", "http://127.0.0.1:9/v1#m", "-M", f"api_key={PASSWORD}"),
    "field of the body": ("--model", "http://127.0.0.1:9/v1#m", "-M", f'extra_body={{"api_key": "{PASSWORD}"}}'),
    "field in the body": (
        *("--model", "http://127.0.0.1:9/v1#m"),
        *("-M", f'extra_body={{"headers": [{{"Authorization": "Bearer {PASSWORD}"}}]}}'),
    ),
    "broken body": ("--model", "http://127.0.0.1:9/v1#m", "-M", f'extra_body={{"api_key": "{PASSWORD}"'),
    "the key itself in the body": ("--model", "http://127.0.0.1:9/v1#m", "-M", f'extra_body={{"user": "{KEY}"}}'),
}


@pytest.mark.parametrize("as_json", [(), ("--json",)], ids=["text", "json"])
@pytest.mark.parametrize("name", SECRET_WORDS)
def test_a_secret_in_the_words_of_a_command_is_refused_and_repeated_nowhere(
    name: str, as_json: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("PERSONAE_LOG_DIR", str(tmp_path / "runs"))
    monkeypatch.setenv("PERSONAE_CACHE_DIR", str(tmp_path / "cache"))
    said = personae("paper", "run", "personallm", *SECRET_WORDS[name], "--no-progress", *as_json)
    assert said.code == 3
    assert_clean("what was said", said.out + said.err)
    assert_files_clean(tmp_path)
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("words", [("doctor", "--json"), ("models", "--probe", "openai", "--json"), ("models",)])
def test_a_password_in_a_variable_is_repeated_nowhere(
    words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_BASE_URL", f"http://ada:{PASSWORD}@127.0.0.1:9/v1")
    said = personae(*words)
    assert said.code in (0, 3)
    assert_clean(" ".join(words), said.out + said.err)
