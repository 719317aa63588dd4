"""Sets of keys: exact as a set, whatever was added in which pieces, and as small as they say."""

from __future__ import annotations

import hashlib

from hypothesis import given, settings
from hypothesis import strategies as st

from personae.study.keys import KeySet


def key(number: int) -> str:
    return hashlib.sha256(str(number).encode()).hexdigest()


numbers = st.lists(st.integers(0, 60), max_size=60, unique=True)


@settings(deadline=None)
@given(numbers, st.lists(st.integers(1, 9), min_size=1), st.lists(st.integers(0, 60)))
def test_it_holds_what_was_added_in_whatever_pieces_and_nothing_else(
    added: list[int], sizes: list[int], gone: list[int]
) -> None:
    keys = KeySet()
    rest = list(added)
    for size in sizes * 60:
        piece, rest = rest[:size], rest[size:]
        keys.add([key(number) for number in piece])
    assert keys.holds([key(number) for number in range(61)]) == [number in added for number in range(61)]
    assert len(keys) == len(added)
    keys.compact()
    assert keys.holds([key(number) for number in range(61)]) == [number in added for number in range(61)]
    keys.discard([key(number) for number in gone])
    left = set(added) - set(gone)
    assert keys.holds([key(number) for number in range(61)]) == [number in left for number in range(61)]
    assert len(keys) == len(left)


def test_keys_that_share_their_first_half_are_told_apart() -> None:
    alike = [f"{'ab' * 8}{number:016x}{'0' * 32}" for number in range(5)]
    keys = KeySet()
    keys.add(alike[:2])
    keys.add(alike[3:])
    assert keys.holds(alike) == [True, True, False, True, True]
    keys.discard(alike[1:2])
    assert keys.holds(alike) == [True, False, False, True, True]


def test_an_empty_set_holds_nothing_and_nothing_is_asked_of_it() -> None:
    assert KeySet().holds([key(1)]) == [False]
    assert KeySet().holds([]) == []
    keys = KeySet()
    keys.add([])
    keys.discard([key(1)])
    assert len(keys) == 0


def test_a_key_takes_sixteen_bytes() -> None:
    keys = KeySet()
    for start in range(0, 50_000, 1000):
        keys.add([key(number) for number in range(start, start + 1000)])
    assert sum(half.nbytes for run in keys._runs for half in run) == 16 * 50_000
    assert len(keys._runs) <= 16


def test_many_keys_at_once_are_answered_in_the_order_asked() -> None:
    keys = KeySet()
    keys.add([key(number) for number in range(0, 6000, 2)])
    asked = [*range(5999, -1, -1), 7000]
    digests = bytes.fromhex("".join(key(number) for number in asked))
    assert keys.holds_joined(digests).tolist() == [number < 6000 and number % 2 == 0 for number in asked]
