"""Taking replies from one cache to another: one line of JSON a reply, each with its key, checked before any is kept."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any

import orjson

from personae.canonical import HASH_SCHEME
from personae.errors import InputError, MissingExtraError, StorageError
from personae.model.cache import ResponseCache, cache_key, is_worth_keeping
from personae.model.cache_contents import CACHE_FILE, opened
from personae.model.reply import Reply, reply_from_json, reply_to_json
from personae.model.request import request_from_json

FORMAT = 1

_MOST_BAD = 20
"""Bad lines that are named; reading ends there."""
_LONGEST_LINE = 64 * 2**20
_WIDEST_WINDOW = 128 * 2**20
_MOST_EXPANSION = 1000
"""Times that a compressed file may grow, beyond the length of one line: a cache is never so repetitive."""
_ROWS_AT_ONCE = 1000
_PACKED_PIECE = 1024
"""Bytes that are unpacked at once: zstandard makes at most 32,768 times as many of them."""
_ZSTD_MARK = b"\x28\xb5\x2f\xfd"

_KEEP = "INSERT INTO replies VALUES (?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING"

Row = tuple[str, str, str, str, float]
"""Key, identity, request, reply, created: as the file of a cache has them."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import came to."""

    lines: int
    added: int
    """Replies that the cache did not have; those that it had stay as they are."""


def export_replies(folder: Path, target: Path) -> int:
    """Write all replies of a cache to a file, compressed if its name ends in ``.zst``.

    The file is there when it is whole, not before. Replies that other processes keep meanwhile are not in it.

    Returns:
        How many replies there are.

    Raises:
        InputError: If there is no cache, or the file exists.
        MissingExtraError: If compression is wanted and zstandard is not installed.
        StorageError: If the file cannot be written.
    """
    if target.exists():
        raise InputError("exists already", where=str(target), remedy="choose another name, or remove it")
    count = 0
    partial = target.with_name(target.name + ".partial")
    try:
        with opened(folder / CACHE_FILE) as connection, ExitStack() as open_files:
            if target.suffix == ".zst":
                _zstandard()
            file: Any = open_files.enter_context(partial.open("wb"))
            out = open_files.enter_context(_compressed(file)) if target.suffix == ".zst" else file
            out.write(orjson.dumps({"personae_cache": FORMAT, "hash_scheme": HASH_SCHEME}) + b"\n")
            for row in connection.execute("SELECT key, identity, request, reply, created FROM replies ORDER BY rowid"):
                out.write(_spell(row))
                count += 1
        with partial.open("rb") as written:
            os.fsync(written.fileno())
        partial.replace(target)
    except OSError as error:
        raise StorageError(
            f"cannot be written ({error.strerror})", where=str(target), remedy="check the folder and free space"
        ) from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
    return count


def import_replies(folder: Path, source: Path) -> Imported:
    """Keep the replies of a file in a cache, which is made if it is not there.

    The file is read twice: to check every line, and, if all are good, to keep them. Memory is that of one line and of
    some hundred rows.

    Raises:
        InputError: If a line is bad, naming each by its number; nothing is kept then.
        MissingExtraError: If the file is compressed and zstandard is not installed.
        StorageError: If the file cannot be read or the cache not be written.
    """
    bad: list[str] = []
    lines = 0
    for number, found in _read(source):
        lines += 1
        if isinstance(found, str):
            bad.append(f"line {number}: {found}")
            if len(bad) == _MOST_BAD:
                bad.append("...")
                break
    if bad:
        raise InputError("; ".join(bad), where=str(source), remedy="nothing was kept; repair or remove these lines")
    ResponseCache(folder).close()  # makes the file and its table
    added = 0
    with opened(folder / CACHE_FILE) as connection:
        rows = (_checked_again(found, source) for _, found in _read(source))
        while piece := list(islice(rows, _ROWS_AT_ONCE)):
            with connection:
                before = connection.total_changes()
                connection.executemany(_KEEP, piece)
                added += connection.total_changes() - before
    return Imported(lines, added)


def _checked_again(found: Row | str, source: Path) -> Row:
    if isinstance(found, str):
        raise StorageError(
            f"was changed while it was read ({found})", where=str(source), remedy="import it again when it is whole"
        )
    return found


def _spell(row: tuple[Any, ...]) -> bytes:
    # What is JSON already is not spelled anew: not a byte of it changes on its way.
    key, identity, request, reply, created = row
    head = f'{{"key":"{key}","identity":{orjson.dumps(identity).decode()},"created":{orjson.dumps(created).decode()}'
    return f'{head},"request":{request},"reply":{reply}}}\n'.encode()


def _read(source: Path) -> Iterator[tuple[int, Row | str]]:
    """Rows of a file, or what is wrong with them, with their line numbers."""
    with _lines(source) as lines:
        header = next(lines, b"")
        if (fault := _fault_of_header(header)) is not None:
            raise InputError(fault, where=f"{source}:1", remedy="import what personae cache export has written")
        for number, line in enumerate(lines, start=2):
            try:
                yield number, _row(line)
            except _BadLineError as error:
                yield number, str(error)


def _fault_of_header(line: bytes) -> str | None:
    try:
        header = orjson.loads(line)
    except ValueError:
        header = None
    if not isinstance(header, dict) or "personae_cache" not in header:
        return "is no export of a cache"
    if (header["personae_cache"], header.get("hash_scheme")) != (FORMAT, HASH_SCHEME):
        return "is of another version of personae: its keys mean nothing here"
    return None


class _BadLineError(Exception):
    pass


def _row(line: bytes) -> Row:
    try:
        data = orjson.loads(line)
    except ValueError as error:
        raise _BadLineError("is not JSON") from error
    if not isinstance(data, dict):
        raise _BadLineError("is no object")
    key, identity, created = data.get("key"), data.get("identity"), data.get("created")
    if not isinstance(key, str) or not isinstance(identity, str):
        raise _BadLineError("lacks key or identity")
    if isinstance(created, bool) or not isinstance(created, int | float):
        raise _BadLineError("does not say when it was kept")
    try:
        request = request_from_json(data["request"])
        is_same = cache_key(identity, request) == key
        reply = reply_from_json(data["reply"], is_cached=False)
        spelled = orjson.dumps(reply_to_json(reply)).decode()
        is_kept = is_worth_keeping(reply)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _BadLineError("holds no request and reply") from error
    if not _is_sound(reply):
        raise _BadLineError("its reply has a value of a wrong type")
    if not is_same:
        raise _BadLineError("its key is not that of its identity and request")
    if not is_kept:
        raise _BadLineError("its reply is truncated, filtered or empty")
    return key, identity, request.spelling.decode(), spelled, float(created)


def _is_sound(reply: Reply) -> bool:
    """Whether a reply of a foreign file is made of what a reply is made of."""
    usage = reply.usage
    numbers: list[Any] = [reply.seconds, *(token.logprob for token in reply.logprobs)]
    counts = (usage.input_tokens, usage.output_tokens, usage.cached_tokens, usage.reasoning_tokens)
    texts: list[Any] = [reply.text, reply.model, reply.refusal, reply.request_id, *reply.alternatives]
    texts += [token.token for token in reply.logprobs]
    return (
        all(isinstance(text, str) for text in texts)
        and all(type(count) is int and count >= 0 for count in counts)
        and all(isinstance(number, int | float) for number in numbers)
    )


@contextmanager
def _lines(source: Path) -> Iterator[Iterator[bytes]]:
    try:
        with source.open("rb") as file:
            is_packed = file.read(len(_ZSTD_MARK)) == _ZSTD_MARK
            file.seek(0)
            yield _split(_unpacked(file, source) if is_packed else iter(lambda: file.read(2**20), b""), source)
    except OSError as error:
        raise StorageError(
            f"cannot be read ({error.strerror or error})", where=str(source), remedy="name a file that can be read"
        ) from error


def _split(pieces: Iterable[bytes], source: Path) -> Iterator[bytes]:
    """Lines of a stream; none may be longer than memory has room for."""
    rest = b""
    for piece in pieces:
        first, *others = piece.split(b"\n")
        if len(rest) + max(map(len, (first, *others))) > _LONGEST_LINE:
            raise InputError("has a line of over 64 MiB", where=str(source), remedy="it is no export of a cache")
        rest += first
        for line in others:
            yield rest
            rest = line
    if rest:
        yield rest


def _unpacked(file: IO[bytes], source: Path) -> Iterator[bytes]:
    """The content of a compressed file, in pieces that are bounded whatever the file holds."""
    zstandard = _zstandard()
    most = os.fstat(file.fileno()).st_size * _MOST_EXPANSION + _LONGEST_LINE
    unpacker = zstandard.ZstdDecompressor(max_window_size=_WIDEST_WINDOW)
    frame, total = unpacker.decompressobj(), 0
    while packed := file.read(_PACKED_PIECE):
        while packed:
            if frame.eof:
                frame = unpacker.decompressobj()
            try:
                piece = frame.decompress(packed)
            except zstandard.ZstdError as error:
                raise InputError(f"is damaged ({error})", where=str(source), remedy="export it again") from error
            total += len(piece)
            if total > most:
                raise InputError(
                    f"holds over {_MOST_EXPANSION} times its size",
                    where=str(source),
                    remedy="it is no export of a cache",
                )
            packed = frame.unused_data if frame.eof else b""
            if piece:
                yield piece
    if not frame.eof:
        raise InputError("ends in the middle", where=str(source), remedy="copy or export it again")


@contextmanager
def _compressed(file: IO[bytes]) -> Iterator[Any]:
    with _zstandard().ZstdCompressor(level=6).stream_writer(file, closefd=False) as packed:
        yield packed


def _zstandard() -> Any:
    try:
        import zstandard
    except ImportError as error:
        raise MissingExtraError("a compressed export", "zstd") from error
    return zstandard
