from __future__ import annotations

from collections import Counter

import pytest

from personae.text import matching
from personae.text.matching import Entry, Matcher


def _hits(matcher: Matcher, tokens: list[str]) -> tuple[dict[frozenset[str], int], int]:
    hits: Counter[frozenset[str]] = Counter()
    covered = matcher.count_into(hits, tokens)
    return dict(hits), covered


A, B, C = frozenset("a"), frozenset("b"), frozenset("c")


def test_entries_with_the_same_words_are_joined() -> None:
    matcher = Matcher([Entry(("x",), A), Entry(("x",), B)])
    assert matcher.categories_of("x") == {"a", "b"}


def test_stems_of_all_lengths_and_the_word_itself_are_joined() -> None:
    matcher = Matcher([Entry(("car*",), A), Entry(("care*",), B), Entry(("careful",), C)])
    assert matcher.categories_of("careful") == {"a", "b", "c"}
    assert matcher.categories_of("cared") == {"a", "b"}
    assert matcher.categories_of("cart") == {"a"}
    assert matcher.categories_of("ca") == frozenset()


def test_a_phrase_covers_its_tokens_and_counts_once() -> None:
    matcher = Matcher([Entry(("no", "one"), A), Entry(("no",), B), Entry(("one",), C)])
    assert matcher.has_phrases
    assert _hits(matcher, ["no", "one", "no", "no", "one", "one"]) == ({A: 2, B: 1, C: 1}, 6)


def test_phrases_of_equal_length_are_joined_and_the_longest_wins() -> None:
    matcher = Matcher([Entry(("a*", "b"), A), Entry(("ab", "b*"), B), Entry(("ab", "b", "c"), C)])
    assert _hits(matcher, ["ab", "b"]) == ({A | B: 1}, 2)
    assert _hits(matcher, ["ab", "b", "c"]) == ({C: 1}, 3)
    assert _hits(matcher, ["ab", "b", "d"]) == ({A | B: 1}, 2)


def test_after_a_phrase_matching_goes_on_behind_it() -> None:
    matcher = Matcher([Entry(("x", "y"), A), Entry(("y", "z"), B)])
    assert _hits(matcher, ["x", "y", "z"]) == ({A: 1}, 2)


def test_a_matcher_without_entries_finds_nothing() -> None:
    assert _hits(Matcher([]), ["x", "y"]) == ({}, 0)


@pytest.mark.parametrize("with_phrase", [False, True])
def test_forgetting_tokens_changes_no_count(monkeypatch: pytest.MonkeyPatch, with_phrase: bool) -> None:
    entries = [Entry(("t1*",), A), Entry(("t2",), B)] + [Entry(("t3", "t4"), C)] * with_phrase
    tokens = [f"t{number}" for number in range(100)] * 3
    expected = _hits(Matcher(entries), tokens)
    monkeypatch.setattr(matching, "_MOST_REMEMBERED", 5)
    forgetful = Matcher(entries)
    assert _hits(forgetful, tokens) == expected
    assert len(forgetful._seen) <= 5
