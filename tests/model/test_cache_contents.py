"""What a cache holds, and making it smaller: counts that are true, and nothing removed that was to stay."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import apsw
import pytest

from personae.errors import InputError, StorageError
from personae.model import (
    CACHE_FILE,
    Identity,
    Reply,
    Request,
    ResponseCache,
    Usage,
    cache_key,
    cost_of,
    prune,
    read_stats,
)

OPENAI = "https://api.openai.com/v1#gpt-4o-mini#0123456789ab"
LOCAL = "http://localhost:8000/v1#some-model#0123456789ab"

Entry = tuple[str, Request, Reply, float]


def fill(folder: Path, entries: Sequence[Entry]) -> Path:
    """A cache with these entries, each kept when it says."""
    cache = ResponseCache(folder)

    async def keep() -> None:
        for identity, request, reply, _ in entries:
            await cache.keep(cache_key(identity, request), identity, request, reply)

    asyncio.run(keep())
    cache.close()
    connection = apsw.Connection(str(folder / CACHE_FILE))
    for identity, request, _, created in entries:
        connection.execute("UPDATE replies SET created = ? WHERE key = ?", (created, cache_key(identity, request)))
    connection.close()
    return folder / CACHE_FILE


def entries_of(count: int, identity: str = LOCAL, text: str = "An answer") -> list[Entry]:
    return [(identity, Request.of(f"Question {n}"), Reply(text, usage=Usage(10, 5)), float(n)) for n in range(count)]


def texts_in(path: Path) -> list[str]:
    connection = apsw.Connection(str(path))
    rows = connection.execute("SELECT request ->> '$.messages[0].content' FROM replies ORDER BY created")
    texts = [str(text) for (text,) in rows]
    connection.close()
    return texts


@pytest.mark.parametrize(
    ("identity", "parts"),
    [
        (OPENAI, ("https://api.openai.com/v1", "gpt-4o-mini", "0123456789ab")),
        ("http://h/v1#a#b#no-seed-01", ("http://h/v1", "a#b", "no-seed-01")),
        ("sim", ("", "sim", "")),
        ("http://h/v1#m", ("", "http://h/v1#m", "")),
        ("", ("", "", "")),
    ],
)
def test_an_identity_is_taken_apart(identity: str, parts: tuple[str, str, str]) -> None:
    found = Identity.read(identity)
    assert (found.base_url, found.model, found.options) == parts


def test_the_price_is_that_of_the_provider_at_the_url() -> None:
    assert Identity.read(OPENAI).price_name == "openai/gpt-4o-mini"
    assert Identity.read(LOCAL.replace("8000", "8123")).price_name == ""


def test_a_cache_that_is_not_there_holds_nothing_and_is_not_made(tmp_path: Path) -> None:
    stats = read_stats(tmp_path / CACHE_FILE)
    assert (stats.replies, stats.bytes, stats.to_json()["oldest"]) == (0, 0, None)
    assert list(tmp_path.iterdir()) == []


def test_replies_tokens_and_times_are_counted_by_identity(tmp_path: Path) -> None:
    path = fill(tmp_path, [*entries_of(3), *entries_of(2, OPENAI)])
    stats = read_stats(path)
    by_identity = {one.identity: one for one in stats.holdings}
    local = by_identity[LOCAL]
    assert (local.replies, local.input_tokens, local.output_tokens) == (3, 30, 15)
    assert (local.oldest, local.newest) == (0.0, 2.0)
    data = stats.to_json()
    assert (data["replies"], data["input_tokens"], data["oldest"], data["newest"]) == (5, 50, 0.0, 2.0)
    assert data["bytes"] >= path.stat().st_size > 0


def test_what_was_paid_is_the_sum_of_what_each_reply_cost(tmp_path: Path) -> None:
    usages = [Usage(1000, 200, 400, 50), Usage(300, 0), Usage(50, 70, 80)]  # the last tells more cached than read
    live = [Reply("a", usage=usage) for usage in usages]
    batched = [Reply("b", usage=usage, is_batched=True) for usage in usages]
    calls = [(OPENAI, Request.of(f"{n}"), reply, 0.0) for n, reply in enumerate([*live, *batched])]
    costs = [cost_of("openai/gpt-4o-mini", reply) for reply in [*live, *batched]]
    (held,) = read_stats(fill(tmp_path, calls)).holdings
    assert held.cost == pytest.approx(sum(cost or 0.0 for cost in costs))
    assert (held.replies, held.unpriced) == (6, 0)


def test_an_unknown_price_and_an_untold_usage_are_unknown_not_nothing(tmp_path: Path) -> None:
    calls = [(OPENAI, Request.of("a"), Reply("x"), 0.0), (OPENAI, Request.of("b"), Reply("x", usage=Usage(1, 1)), 0.0)]
    unknown = LOCAL.replace("8000", "8123")
    by_identity = {one.identity: one for one in read_stats(fill(tmp_path, [*calls, *entries_of(2, unknown)])).holdings}
    assert by_identity[OPENAI].unpriced == 1
    assert by_identity[OPENAI].cost > 0
    assert (by_identity[unknown].unpriced, by_identity[unknown].cost) == (2, 0.0)


@pytest.mark.parametrize("content", [b"no database at all" * 100, b""])
def test_a_file_that_is_no_cache_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / CACHE_FILE).write_bytes(content)
    with pytest.raises(StorageError) as caught:
        read_stats(tmp_path / CACHE_FILE)
    assert caught.value.where == str(tmp_path / CACHE_FILE)


def test_what_is_older_goes_and_the_file_gets_smaller(tmp_path: Path) -> None:
    path = fill(tmp_path, entries_of(400, text="long " * 200))
    day = 86_400
    pruned = prune(path, older_than=1, now=lambda: day + 300.0)
    assert (pruned.removed, pruned.kept, pruned.note) == (300, 100, "")
    assert texts_in(path) == [f"Question {n}" for n in range(300, 400)]
    assert pruned.bytes_after < pruned.bytes_before / 2


def test_replies_of_an_identity_go(tmp_path: Path) -> None:
    path = fill(tmp_path, [*entries_of(3), *entries_of(2, OPENAI)])
    assert prune(path, identity="gpt-4o").removed == 2
    assert [one.identity for one in read_stats(path).holdings] == [LOCAL]
    assert prune(path, identity="%").removed == 0


@pytest.mark.parametrize("share", [0.0, 0.3, 0.8, 2.0])
def test_the_newest_stay_that_fit_into_a_size(tmp_path: Path, share: float) -> None:
    path = fill(tmp_path, entries_of(2000, text="word " * 50))
    size = int(read_stats(path).bytes * share)
    pruned = prune(path, keep_bytes=size)
    assert texts_in(path) == [f"Question {n}" for n in range(2000 - pruned.kept, 2000)]
    assert pruned.kept == (2000 if share > 1 else pruned.kept)
    if share:
        assert pruned.bytes_after <= size
        assert pruned.bytes_after >= min(size, pruned.bytes_before) * 0.8  # and no more went than had to
    else:
        assert pruned.kept == 0


def test_a_dry_run_removes_nothing_and_counts_what_a_real_one_does(tmp_path: Path) -> None:
    path = fill(tmp_path, entries_of(500, text="word " * 50))
    dry = prune(path, keep_bytes=100_000, is_dry=True)
    assert len(texts_in(path)) == 500
    real = prune(path, keep_bytes=100_000)
    assert (dry.removed, dry.kept) == (real.removed, real.kept)
    assert dry.bytes_after == pytest.approx(real.bytes_after, rel=0.2, abs=20_000)


@pytest.mark.parametrize(
    "how", [{}, {"older_than": 1.0, "identity": "x"}, {"identity": ""}, {"identity": "x", "keep_bytes": 5}]
)
def test_one_way_is_said_and_no_more(tmp_path: Path, how: dict[str, object]) -> None:
    path = fill(tmp_path, entries_of(3))
    with pytest.raises(InputError) as caught:
        prune(path, **how)  # type: ignore[arg-type]
    assert "--older-than" in caught.value.remedy
    assert len(texts_in(path)) == 3


def test_pruning_a_cache_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        prune(tmp_path / CACHE_FILE, older_than=1)
    assert list(tmp_path.iterdir()) == []


OTHER = """
import asyncio, sys
from pathlib import Path
from personae.model import Reply, Request, ResponseCache, cache_key

cache = ResponseCache(Path(sys.argv[1]))

async def keep(start):
    for n in range(start, start + 200):
        request = Request.of(f"New question {n}")
        await cache.keep(cache_key("id", request), "id", request, Reply("kept beside"))
    cache.settle()

asyncio.run(keep(0))
print("ready", flush=True)
sys.stdin.readline()
asyncio.run(keep(200))
print(len(cache), flush=True)
cache.close()
"""


def test_another_process_goes_on_using_the_cache(tmp_path: Path) -> None:
    path = fill(tmp_path, entries_of(300, text="long " * 200))
    with subprocess.Popen(
        [sys.executable, "-c", OTHER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        assert other.stdout.readline() == "ready\n"
        pruned = prune(path, identity="some-model")
        assert (pruned.removed, pruned.kept) == (300, 200)
        assert "another process" in pruned.note
        other.stdin.write("\n")
        other.stdin.flush()
        assert other.stdout.readline() == "400\n"
    assert other.returncode == 0
    again = prune(path, identity="nobody")  # nobody else is there now: what was left free goes
    assert (again.removed, again.kept, again.note) == (0, 400, "")
    assert again.bytes_after < pruned.bytes_after
    cache = ResponseCache(tmp_path)
    assert len(cache) == 400
    cache.close()
