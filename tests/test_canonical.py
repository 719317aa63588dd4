"""One spelling, one hash, one seed: checked against the standard library's JSON and SHA-256."""

from __future__ import annotations

import hashlib
import json
import math
import random
from dataclasses import asdict, dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personae.canonical import HASH_SCHEME, canonical_json, content_hash, derive_seed
from support.values import json_values


@dataclass(frozen=True, slots=True)
class Inner:
    zeta: int
    alpha: str


@dataclass(frozen=True)
class Outer:
    second: tuple[Inner, ...]
    first: dict[str, Any]


def spelled(value: Any) -> bytes:
    """The same rules by other means: UTF-8, sorted keys, no white space."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


@given(json_values)
def test_spelling_is_utf8_with_sorted_keys_and_no_white_space(value: Any) -> None:
    assert canonical_json(value) == spelled(value)


@given(json_values, json_values)
def test_hashes_are_equal_exactly_when_the_spellings_are(first: Any, second: Any) -> None:
    assert (content_hash(first) == content_hash(second)) == (spelled(first) == spelled(second))


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), st.integers(-9, 9)), st.randoms())
def test_the_order_of_keys_does_not_matter(value: dict[str, int], shuffler: random.Random) -> None:
    keys = list(value)
    shuffler.shuffle(keys)
    assert content_hash({key: value[key] for key in keys}) == content_hash(value)


def test_the_order_of_a_list_does() -> None:
    assert content_hash([1, 2]) != content_hash([2, 1])


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_finite_numbers_come_back_as_they_were(value: float) -> None:
    assert json.loads(canonical_json(value)) == value


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_numbers_that_json_lacks_are_spelled_null(value: float) -> None:
    assert canonical_json([value]) == b"[null]"


def test_a_dataclass_has_the_hash_of_its_json() -> None:
    value = Outer(second=(Inner(1, "ö"), Inner(2, "")), first={"b": [Inner(0, "x")], "a": None})
    assert canonical_json(value) == spelled(asdict(value))
    assert content_hash(value) == content_hash(json.loads(canonical_json(value)))


def test_the_order_in_which_fields_are_declared_does_not_matter() -> None:
    @dataclass
    class Turned:
        alpha: str
        zeta: int

    assert content_hash(Turned("a", 1)) == content_hash(Inner(1, "a"))


@pytest.mark.parametrize(
    "value", [{1, 2}, object(), b"bytes", Inner, {"deep": [{"er": {3}}]}, {1: "a"}, 2**64, "\ud800", 1j, lambda: 0]
)
def test_what_json_cannot_express_raises(value: object) -> None:
    with pytest.raises(TypeError):
        canonical_json(value)


def test_the_hash_is_sha256_in_hexadecimal() -> None:
    assert content_hash({"b": 1, "a": 2}) == hashlib.sha256(b'{"a":2,"b":1}').hexdigest()


def test_the_hash_scheme_is_the_first() -> None:
    # Whoever changes a spelling must change this number, and then this line.
    assert HASH_SCHEME == 1
    assert content_hash([HASH_SCHEME, "x"]) == hashlib.sha256(b'[1,"x"]').hexdigest()


@given(st.lists(st.integers(-9, 9) | st.text("ab"), max_size=4))
def test_a_seed_is_the_first_31_bits_of_the_hash_of_its_parts(parts: list[int | str]) -> None:
    digest = hashlib.sha256(spelled(parts)).hexdigest()
    assert derive_seed(*parts) == int(digest[:8], 16) >> 1


@given(st.lists(json_values, max_size=3))
def test_a_seed_fits_into_a_signed_32_bit_integer(parts: list[Any]) -> None:
    assert 0 <= derive_seed(*parts) < 2**31


def test_0_is_a_part_like_any_other() -> None:
    seeds = [derive_seed(), derive_seed(0), derive_seed(None), derive_seed(""), derive_seed(0, 0), derive_seed(False)]
    assert len(set(seeds)) == len(seeds)


def test_parts_do_not_run_into_each_other() -> None:
    assert derive_seed("ab", "c") != derive_seed("a", "bc")
    assert derive_seed(["a"], "b") != derive_seed("a", "b")


def test_seeds_spread_over_their_range() -> None:
    seeds = [derive_seed("cell", index) for index in range(4000)]
    assert len(set(seeds)) > 3990
    # Mean of n uniform numbers: standard error 1 / sqrt(12 n) = 0.0046; five of them on either side.
    assert abs(sum(seeds) / len(seeds) / 2**31 - 0.5) < 0.023


def test_the_global_random_numbers_are_left_alone() -> None:
    before = random.getstate()
    derive_seed("anything", 0)
    assert random.getstate() == before
