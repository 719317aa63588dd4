"""The engine as a whole, proved: this folder mirrors no room of the house.

- ``test_http_faults.py``: a server that breaks HTTP in every way that was thought of;
- ``test_environment_faults.py``: clocks that jump, full disks, read-only folders, damaged files, two processes, kills;
- ``test_kills.py``: two hundred SIGKILLs with an exact account of calls;
- ``test_engine_states.py``: a state machine over cache, ledger and continuation, beside a plain model of them;
- ``test_canary.py``: a key is planted, and searched for in everything that a run leaves behind.

In this file each fault is met by two of six persons. The run must end, in time, with every cell in its status, and a
second start must ask for nothing but what failed.
"""

from __future__ import annotations

import gzip
import time
import tracemalloc
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from personae.model import Endpoint, OpenAICompatible, ProviderError, Request, Retrying, RetryPolicy, open_model
from personae.model.served import Served
from personae.study import Ledger, run_study
from support import faulty_server as faulty
from support.deadline import within
from support.faulty_server import Call, Choose, Fault, FaultyServer
from support.studies import SmallStudy, WatchedModel, read_ledger, served_answer

STUDY = SmallStudy(persons=6, questions=2)
BROKEN = ("Question 1 to person 1", "Question 1 to person 4")
"""The second question of two persons: their first one is answered, and must not be asked again."""
PLAIN = b'{"choices": [{"message": {"content": "answer"}}]}'

LINE = {"overloaded", "unreachable"}
"""Kinds of a broken connection: which of them depends on whether it was noticed while writing or while reading."""

FAULTS: dict[str, tuple[Fault, set[str]]] = {
    "closed at once": (faulty.close_at_once, LINE),
    "reset at once": (faulty.reset_at_once, LINE),
    "reset in headers": (faulty.reset_in_headers, {*LINE, "bad_reply"}),
    "reset in body": (faulty.reset_in_body, {*LINE, "bad_reply"}),
    "body drips": (faulty.drip_body, {"timeout"}),
    "head drips": (faulty.drip_head, {"timeout"}),
    "silence": (faulty.never, {"timeout"}),
    "length too short": (faulty.too_short_a_length, {"bad_reply", "unreachable"}),
    "length too long": (faulty.too_long_a_length, {"bad_reply"}),
    "length too long, line kept": (faulty.too_long_a_length_held, {"timeout"}),
    "two lengths": (faulty.two_lengths, {"bad_reply", "unreachable"}),
    "half JSON": (faulty.half_json, {"bad_reply"}),
    "empty body": (faulty.answering(b""), {"bad_reply"}),
    "no content": (faulty.raw(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"), {"bad_reply"}),
    "null": (faulty.answering(b"null"), {"bad_reply"}),
    "no choices": (faulty.answering(b'{"choices": []}'), {"bad_reply"}),
    "deep JSON": (faulty.answering(b"[" * 100_000), {"bad_reply"}),
    "web page": (faulty.answering(b"<html>Welcome!</html>", kind="text/html"), {"bad_reply"}),
    "web page of an error": (faulty.answering(b"<html>Sorry</html>", status="502 Bad Gateway"), {"overloaded"}),
    "not HTTP": (faulty.raw(b"SSH-2.0-OpenSSH_9.2\r\n"), {"bad_reply", *LINE}),
    "header without end": (faulty.long_header, {"bad_reply", "unreachable"}),
    "chunk size": (faulty.broken_chunk_size, {"bad_reply", "unreachable"}),
    "last chunk": (faulty.broken_chunk_end, {"bad_reply", "unreachable"}),
    "Latin-1": (faulty.other_charset, {"bad_reply"}),
    "invalid UTF-8": (faulty.answering(PLAIN.replace(b"answer", b"\xff\xfe\xc3")), {"bad_reply"}),
    "invalid UTF-8 in an error": (faulty.answering(b"\xff\xfe no", status="500 \xc3"), {"overloaded"}),
    "429": (faulty.refusing("429 Too Many Requests"), {"rate_limited"}),
    "429, a date": (faulty.refusing("429 No", retry_after="Wed, 21 Oct 2099 07:28:00 GMT"), {"rate_limited"}),
    "429, nonsense": (faulty.refusing("429 No", retry_after="-1e999 soon"), {"rate_limited"}),
    "500": (faulty.refusing("500 Internal Server Error"), {"overloaded"}),
    "502": (faulty.refusing("502 Bad Gateway"), {"overloaded"}),
    "503": (faulty.refusing("503 Service Unavailable"), {"overloaded"}),
    "529": (faulty.refusing("529 Overloaded"), {"overloaded"}),
    "408": (faulty.refusing("408 Request Timeout"), {"timeout"}),
    "redirected in a circle": (
        faulty.answering(b"", status="307 Temporary Redirect", location="/v1/chat/completions"),
        {"unreachable"},
    ),
    "redirected to no web address": (
        faulty.answering(b"", status="308 Permanent Redirect", location="file:///etc/passwd"),
        {"unreachable"},
    ),
    "redirected to nonsense": (
        faulty.answering(b"", status="307 Temporary Redirect", location="http://[:::"),
        {"unreachable"},
    ),
    "redirected to nowhere": (faulty.answering(b"", status="307 Temporary Redirect"), {"bad_reply", "bad_request"}),
    "without end": (faulty.endless_chunks, {"bad_reply"}),
    "ten gigabytes": (faulty.huge_length, {"bad_reply", "timeout"}),  # pyreqwest waits for the first 64 KiB
    "gzip bomb": (faulty.gzip_bomb(128 * 2**20), {"bad_reply"}),
    "not gzip": (faulty.broken_gzip, {"bad_reply"}),
    "half gzip": (faulty.answering(gzip.compress(PLAIN * 50)[:-12], content_encoding="gzip"), {"bad_reply"}),
}


def failing(fault: Fault, *texts: str) -> Choose:
    """Let these questions meet the fault."""
    return lambda call: fault if call.text in texts else None


def plain_table() -> pl.DataFrame:
    """The table of the study when nothing goes wrong."""
    return run_study(STUDY, {"subject": WatchedModel()}).table.drop("model")


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_of_the_server_costs_its_cells_and_no_other_and_they_are_asked_again(name: str, tmp_path: Path) -> None:
    fault, kinds = FAULTS[name]
    options = {"timeout": "2" if "timeout" in kinds else "20", "attempts": "1"}
    with FaultyServer(served_answer, failing(fault, *BROKEN)) as server, within(60):
        first = run_study(STUDY, {"subject": open_model(f"{server.url}#m", options)}, folder=tmp_path, workers=3)
        assert first.is_complete  # every cell has been observed, for better or worse
        assert first.table.height == 6
        assert first.tally.statuses == {"ok": 4, "failed": 2}
        failed = first.table.filter(pl.col("status") == "failed")
        assert set(failed["person"]) == {1, 4}
        assert {detail.split(": ")[1].split(" ")[0] for detail in failed["detail"]} <= kinds
        assert not any("Traceback" in detail for detail in failed["detail"])
        assert len(read_ledger(tmp_path).calls) == 10

        server.fault = None
        before = len(server.calls)
        second = run_study(STUDY, {"subject": open_model(f"{server.url}#m", options)}, folder=tmp_path, workers=3)
    assert sorted(server.asked(before)) == sorted(BROKEN)
    assert second.is_complete
    assert second.table.drop("model").equals(plain_table())
    assert second.tally.resumed == 4


def patient(url: str, **options: Any) -> Served:
    """A model as names give it, but with short waits."""
    client = OpenAICompatible("test/m", Endpoint(url, "m", **options))
    return Served(Retrying(client, RetryPolicy(attempts=6, base_seconds=0.01)), client)


@pytest.mark.parametrize(
    "fault",
    [
        faulty.refusing("429 No"),
        faulty.refusing("429 No", retry_after="0.02"),
        faulty.refusing("429 No", retry_after_ms="20"),
        faulty.refusing("429 No", retry_after="Wed, 21 Oct 2099 07:28:00 GMT"),
        faulty.refusing("503 No", retry_after="nan"),
        faulty.reset_in_body,
        faulty.broken_chunk_size,
    ],
    ids=["bare", "seconds", "milliseconds", "date", "nan", "reset", "chunk"],
)
def test_a_storm_that_passes_costs_nothing_but_time(fault: Fault) -> None:
    """Every call is refused three times, whoever asks."""
    met: dict[str, int] = {}

    def choose(call: Call) -> Fault | None:
        met[call.text] = met.get(call.text, 0) + 1
        return fault if met[call.text] <= 3 else None

    with FaultyServer(served_answer, choose) as server, within(60):
        outcome = run_study(STUDY, {"subject": patient(server.url)}, workers=6)
    assert set(outcome.table["status"]) == {"ok"}
    assert outcome.table.drop("model").equals(plain_table())
    assert set(met.values()) == {4}


def test_a_storm_that_does_not_pass_ends_in_failed_cells_with_a_call_for_each_attempt(tmp_path: Path) -> None:
    with FaultyServer(served_answer, lambda _: faulty.refusing("429 No")) as server, within(60):
        outcome = run_study(STUDY, {"subject": patient(server.url)}, folder=tmp_path, workers=6)
        assert outcome.tally.statuses == {"failed": 6}
        assert len(server.calls) == 6 * 6
        server.fault = None
        again = run_study(STUDY, {"subject": patient(server.url)}, folder=tmp_path, workers=6)
    assert again.tally.statuses == {"ok": 6}


@pytest.mark.parametrize("charset", ["utf-8", "latin-1", "klingon", '"'])
def test_json_is_utf_8_whatever_the_charset_says(charset: str) -> None:
    body = PLAIN.replace(b"answer", "schöne Grüße, 你好".encode())
    fault = faulty.answering(body, kind=f"application/json; charset={charset}")
    with FaultyServer(served_answer, lambda _: fault) as server:
        table = run_study(SmallStudy(persons=1, questions=1), {"subject": open_model(f"{server.url}#m")}).table
    assert table["answers"].to_list() == [["schöne Grüße, 你好"]]


def test_a_server_that_closes_every_connection_after_its_answer_is_asked_to_the_end() -> None:
    """Without saying so: the next call may find the line dead, and is repeated."""
    with FaultyServer(served_answer, keep=False) as server, within(60):
        outcome = run_study(SmallStudy(persons=40), {"subject": patient(server.url)}, workers=4)
    assert outcome.tally.statuses == {"ok": 40}
    assert {call.text for call in server.calls if call.sent is not None} == {
        f"Question {number} to person {person}" for number in range(2) for person in range(40)
    }


def test_what_is_left_over_of_one_answer_is_not_taken_for_the_next() -> None:
    """A length that is too short leaves bytes on the line; here they are a whole answer to something else."""

    async def poison(call: Call) -> None:
        body = b'{"choices": [{"message": {"content": "poison"}}]}'
        stray = faulty.head(len(body)) + body
        await call.write(faulty.head(len(call.good)) + call.good + stray)

    with FaultyServer(served_answer, lambda call: poison if call.text == "Question 0 to person 0" else None) as server:
        outcome = run_study(STUDY, {"subject": patient(server.url)}, workers=1)
    assert outcome.table.drop("model").equals(plain_table())


def test_one_id_for_all_replies_confuses_nothing(tmp_path: Path) -> None:
    with FaultyServer(served_answer, reply_id="same") as server:
        outcome = run_study(STUDY, {"subject": open_model(f"{server.url}#m")}, folder=tmp_path)
    assert outcome.table.drop("model").equals(plain_table())
    ledger = Ledger(tmp_path / "ledger.sqlite")
    calls = ledger.example_calls(outcome.table["cell"].to_list())
    ledger.close()
    assert {call.reply.request_id for call in calls if call.reply} == {"same"}
    assert len(calls) == 12


@pytest.mark.parametrize("path", ["reply", "error", "stream"])
async def test_a_reply_without_end_is_given_up_at_its_bound_and_the_memory_is_not_filled(path: str) -> None:
    async def endless(call: Call) -> None:
        status = "500 No" if path == "error" else "200 OK"
        await call.write(faulty.head(None, status=status, transfer_encoding="chunked"))
        piece = b": " + b"x" * 2**14 + b"\n"
        while True:
            await call.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")

    with FaultyServer(served_answer, lambda _: endless) as server:
        client = OpenAICompatible("test/m", Endpoint(server.url, "m", most_bytes=2**21))
        try:
            with pytest.raises(ProviderError, match="larger than 2 MiB") as caught:
                if path == "stream":
                    _ = [piece async for piece in client.stream(Request.of("Hello"))]
                else:
                    await client.generate(Request.of("Hello"))
        finally:
            await client.aclose()
    assert caught.value.kind == "bad_reply"
    assert server.calls[0].written < 2**21 + 16 * 2**20  # the bound, and what the sockets hold


async def test_a_bomb_is_not_unpacked_to_its_end() -> None:
    bomb = faulty.gzip_bomb(256 * 2**20)
    with FaultyServer(served_answer, lambda _: bomb) as server:
        client = OpenAICompatible("test/m", Endpoint(server.url, "m", most_bytes=2**20))
        tracemalloc.start()
        try:
            with pytest.raises(ProviderError, match=r"larger than 1 MiB|cut off"):
                await client.generate(Request.of("Hello"))
            assert tracemalloc.get_traced_memory()[1] < 100 * 2**20
        finally:
            tracemalloc.stop()
            await client.aclose()


async def test_a_reply_as_large_as_the_bound_is_read_whatever_its_way() -> None:
    text = "x" * (2**20 - 400)

    async def packed(call: Call) -> None:
        body = gzip.compress(call.good)
        await call.write(faulty.head(len(body), content_encoding="gzip") + body)
        call.keeps = True

    async def chunked(call: Call) -> None:
        size = f"{len(call.good):x}\r\n".encode()
        await call.write(faulty.head(None, transfer_encoding="chunked") + size + call.good + b"\r\n0\r\n\r\n")
        call.keeps = True

    ways: list[Fault | None] = [None, packed, chunked]
    with FaultyServer(lambda _: text, lambda call: ways[call.number]) as server:
        client = OpenAICompatible("test/m", Endpoint(server.url, "m", most_bytes=2**20))
        try:
            for _ in ways:
                assert (await client.generate(Request.of("Hello"))).text == text
        finally:
            await client.aclose()


def test_slow_bodies_end_at_the_limit_and_not_at_their_own_end() -> None:
    started = time.monotonic()
    with FaultyServer(served_answer, lambda _: faulty.drip_body) as server, within(60):
        model = open_model(f"{server.url}#m", {"timeout": "0.3", "attempts": "1"})
        outcome = run_study(SmallStudy(persons=3), {"subject": model}, workers=3)
    assert outcome.tally.statuses == {"failed": 3}
    assert time.monotonic() - started < 15  # the bodies alone would take half a minute
