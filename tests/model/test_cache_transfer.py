"""Export and import of a cache: what arrives is what left, byte for byte, or nothing arrives at all."""

from __future__ import annotations

import asyncio
import sys
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import apsw
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personae.errors import InputError, MissingExtraError, StorageError
from personae.model import CACHE_FILE, Reply, Request, ResponseCache, cache_key, export_replies, import_replies
from personae.model.cache import is_worth_keeping
from support.values import FULL_REPLY, FULL_REQUEST, replies, requests, texts

ENDINGS = ["jsonl", "jsonl.zst"]


def fill(folder: Path, entries: list[tuple[str, Request, Reply]]) -> None:
    cache = ResponseCache(folder)

    async def keep() -> None:
        for identity, request, reply in entries:
            await cache.keep(cache_key(identity, request), identity, request, reply)

    asyncio.run(keep())
    cache.close()


def rows_of(folder: Path) -> list[tuple[Any, ...]]:
    connection = apsw.Connection(str(folder / CACHE_FILE))
    rows = list(connection.execute("SELECT * FROM replies ORDER BY key"))
    connection.close()
    return rows


def some(count: int, start: int = 0) -> list[tuple[str, Request, Reply]]:
    return [("http://h/v1#m#o", Request.of(f"Question {n}"), Reply(f"Answer {n}")) for n in range(start, start + count)]


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_round_trip_changes_not_a_byte(tmp_path: Path, ending: str) -> None:
    odd = Request.of("line\nbreak, 'quotes\" and \u2028 and \x00")
    fill(
        tmp_path / "a", [*some(2500), ("é#ü#", FULL_REQUEST, replace(FULL_REPLY, finish="stop")), ("", odd, Reply("x"))]
    )
    file = tmp_path / f"export.{ending}"
    assert export_replies(tmp_path / "a", file) == 2502
    found = import_replies(tmp_path / "b", file)
    assert (found.lines, found.added) == (2502, 2502)
    assert rows_of(tmp_path / "b") == rows_of(tmp_path / "a")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b", file.name]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(texts, requests, replies.filter(is_worth_keeping)), max_size=4))
def test_whatever_is_kept_arrives(entries: list[tuple[str, Request, Reply]]) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        fill(folder / "a", [(identity, ask, replace(reply, is_cached=False)) for identity, ask, reply in entries])
        export_replies(folder / "a", folder / "x.jsonl")
        import_replies(folder / "b", folder / "x.jsonl")
        assert rows_of(folder / "b") == rows_of(folder / "a")


def test_what_is_there_already_stays(tmp_path: Path) -> None:
    fill(tmp_path / "a", some(5))
    fill(tmp_path / "b", [(identity, ask, Reply("was first")) for identity, ask, _ in some(2)])
    before = rows_of(tmp_path / "b")
    export_replies(tmp_path / "a", tmp_path / "x.jsonl")
    found = import_replies(tmp_path / "b", tmp_path / "x.jsonl")
    assert (found.lines, found.added) == (5, 3)
    assert set(before) <= set(rows_of(tmp_path / "b"))
    assert import_replies(tmp_path / "b", tmp_path / "x.jsonl").added == 0


def change(**parts: Any) -> Callable[[bytes], bytes]:
    return lambda line: orjson.dumps({**orjson.loads(line), **parts})


def change_reply(**parts: Any) -> Callable[[bytes], bytes]:
    return lambda line: orjson.dumps({**(data := orjson.loads(line)), "reply": {**data["reply"], **parts}})


BAD: list[tuple[Callable[[bytes], bytes], str]] = [
    (lambda line: line[:-1], "JSON"),
    (lambda line: b"", "JSON"),
    (lambda line: b"[]", "object"),
    (change(identity="http://h/v1#m#another"), "key"),
    (change(key="0" * 64), "key"),
    (change(key=7), "key"),
    (change(created=None), "when"),
    (change(created=True), "when"),
    (change(request={}), "request"),
    (change(request={"messages": [], "sampling": {"heat": 1}}), "request"),
    (change(request=None), "request"),
    (change(reply={}), "reply"),
    (change_reply(finish="length"), "truncated"),
    (change_reply(finish="filtered"), "truncated"),
    (change_reply(text=" "), "empty"),
    (change_reply(text=7), "reply"),
    (change_reply(usage={"input_tokens": "many"}), "type"),
    (change_reply(usage={"input_tokens": -1}), "type"),
    (change_reply(seconds="long"), "type"),
    (change_reply(model=None), "type"),
    (change_reply(logprobs=[{"token": 1, "logprob": 0.0, "top": []}]), "type"),
]


@pytest.mark.parametrize(("spoil", "hint"), BAD)
def test_one_bad_line_keeps_all_of_them_out_and_is_named(
    tmp_path: Path, spoil: Callable[[bytes], bytes], hint: str
) -> None:
    fill(tmp_path / "a", some(4))
    export_replies(tmp_path / "a", tmp_path / "x.jsonl")
    lines = (tmp_path / "x.jsonl").read_bytes().splitlines()
    lines[3] = spoil(lines[3])
    (tmp_path / "x.jsonl").write_bytes(b"\n".join(lines) + b"\n")
    with pytest.raises(InputError) as caught:
        import_replies(tmp_path / "b", tmp_path / "x.jsonl")
    assert "line 4" in caught.value.what
    assert hint in caught.value.what
    assert "line 3" not in caught.value.what
    assert not (tmp_path / "b").exists()


def test_many_bad_lines_are_named_up_to_a_bound(tmp_path: Path) -> None:
    fill(tmp_path / "a", some(1))
    export_replies(tmp_path / "a", tmp_path / "x.jsonl")
    with (tmp_path / "x.jsonl").open("ab") as file:
        file.write(b"{}\n" * 10_000)
    with pytest.raises(InputError) as caught:
        import_replies(tmp_path / "b", tmp_path / "x.jsonl")
    assert caught.value.what.count("line ") == 20
    assert caught.value.what.endswith("...")


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"[1]\n", b"{}\n", b'{"personae_cache":99,"hash_scheme":1}\n', b'{"personae_cache":1}\n']
)
def test_what_is_no_export_of_this_version_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.jsonl").write_bytes(content)
    with pytest.raises(InputError):
        import_replies(tmp_path / "b", tmp_path / "x.jsonl")
    assert not (tmp_path / "b").exists()


def test_an_export_without_replies_is_imported(tmp_path: Path) -> None:
    fill(tmp_path / "a", [])
    assert export_replies(tmp_path / "a", tmp_path / "x.jsonl.zst") == 0
    assert import_replies(tmp_path / "b", tmp_path / "x.jsonl.zst").lines == 0


def test_a_compressed_file_that_was_cut_is_refused(tmp_path: Path) -> None:
    fill(tmp_path / "a", some(200))
    file = tmp_path / "x.jsonl.zst"
    export_replies(tmp_path / "a", file)
    whole = file.read_bytes()
    for cut in (len(whole) - 1, len(whole) // 2, 5):
        file.write_bytes(whole[:cut])
        with pytest.raises(InputError):
            import_replies(tmp_path / "b", file)
    file.write_bytes(whole[:100] + bytes(50) + whole[150:])
    with pytest.raises(InputError):
        import_replies(tmp_path / "b", file)
    assert not (tmp_path / "b").exists()


def test_compressed_files_one_after_the_other_are_one(tmp_path: Path) -> None:
    zstandard = pytest.importorskip("zstandard")
    fill(tmp_path / "a", some(50))
    export_replies(tmp_path / "a", tmp_path / "x.jsonl")
    plain = (tmp_path / "x.jsonl").read_bytes()
    parts = [zstandard.compress(plain[:1000]), zstandard.compress(plain[1000:])]
    (tmp_path / "y.zst").write_bytes(b"".join(parts))
    assert import_replies(tmp_path / "b", tmp_path / "y.zst").added == 50


def test_a_file_that_unpacks_without_end_is_refused_before_memory_is_full(tmp_path: Path) -> None:
    zstandard = pytest.importorskip("zstandard")
    head = b'{"personae_cache":1,"hash_scheme":1}\n'
    packer = zstandard.ZstdCompressor(level=1)
    one_line = packer.compress(head) + packer.compress(bytes(8 * 2**20)) * 20  # 160 MiB without a line break
    (tmp_path / "long.zst").write_bytes(one_line)
    tracemalloc.start()
    try:
        with pytest.raises(InputError) as caught:
            import_replies(tmp_path / "b", tmp_path / "long.zst")
        assert tracemalloc.get_traced_memory()[1] < 150 * 2**20
    finally:
        tracemalloc.stop()
    assert "times its size" in caught.value.what


def test_a_line_that_is_too_long_to_hold_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("personae.model.cache_transfer._LONGEST_LINE", 3 * 2**20)
    (tmp_path / "long.jsonl").write_bytes(b'{"personae_cache":1,"hash_scheme":1}\n' + b"x" * (4 * 2**20))
    with pytest.raises(InputError) as caught:
        import_replies(tmp_path / "b", tmp_path / "long.jsonl")
    assert "64 MiB" in caught.value.what


def test_a_file_that_is_good_but_unpacks_to_a_thousand_times_its_size_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    zstandard = pytest.importorskip("zstandard")
    monkeypatch.setattr("personae.model.cache_transfer._LONGEST_LINE", 4096)
    monkeypatch.setattr("personae.model.cache_transfer._MOST_EXPANSION", 10)
    fill(tmp_path / "a", some(1))
    export_replies(tmp_path / "a", tmp_path / "x.jsonl")
    head, line = (tmp_path / "x.jsonl").read_bytes().splitlines(keepends=True)
    (tmp_path / "y.zst").write_bytes(zstandard.compress(head + line * 5000))
    with pytest.raises(InputError) as caught:
        import_replies(tmp_path / "b", tmp_path / "y.zst")
    assert "times its size" in caught.value.what


@pytest.mark.parametrize("is_export", [True, False])
def test_without_the_extra_its_name_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_export: bool) -> None:
    fill(tmp_path / "a", some(3))
    export_replies(tmp_path / "a", tmp_path / "x.jsonl.zst")
    monkeypatch.setitem(sys.modules, "zstandard", None)
    with pytest.raises(MissingExtraError) as caught:
        if is_export:
            export_replies(tmp_path / "a", tmp_path / "y.jsonl.zst")
        else:
            import_replies(tmp_path / "b", tmp_path / "x.jsonl.zst")
    assert caught.value.remedy == 'pip install "personae[zstd]"'
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "x.jsonl.zst"]


def test_a_file_that_exists_is_not_written_over(tmp_path: Path) -> None:
    fill(tmp_path / "a", some(1))
    (tmp_path / "x.jsonl").write_text("mine")
    with pytest.raises(InputError):
        export_replies(tmp_path / "a", tmp_path / "x.jsonl")
    assert (tmp_path / "x.jsonl").read_text() == "mine"


def test_a_place_that_cannot_be_written_or_read_is_told(tmp_path: Path) -> None:
    fill(tmp_path / "a", some(1))
    with pytest.raises(StorageError):
        export_replies(tmp_path / "a", tmp_path / "nowhere" / "x.jsonl")
    with pytest.raises(StorageError):
        import_replies(tmp_path / "b", tmp_path / "nowhere.jsonl")
    with pytest.raises(InputError):
        export_replies(tmp_path / "nothing", tmp_path / "x.jsonl")


def test_a_file_that_changes_between_the_readings_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path / "a", some(10))
    file = tmp_path / "x.jsonl"
    export_replies(tmp_path / "a", file)

    class Meddling(ResponseCache):
        def close(self) -> None:
            super().close()
            file.write_bytes(file.read_bytes()[:-40])

    monkeypatch.setattr("personae.model.cache_transfer.ResponseCache", Meddling)
    with pytest.raises(StorageError) as caught:
        import_replies(tmp_path / "b", file)
    assert "was changed" in caught.value.what
    assert rows_of(tmp_path / "b") == []
