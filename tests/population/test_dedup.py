"""Duplicates that were planted are found, others are not; groups, chunks and short texts."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import personae.population.dedup as module
from personae.errors import InputError
from personae.population.dedup import (
    Duplicates,
    embedding_duplicates,
    exact_duplicates,
    minhash_duplicates,
    normalised,
    piece_hashes,
)

pytest.importorskip("rensa")

WORDS = [
    a + b for a in ("ba", "ce", "di", "fo", "gu", "ha", "ji") for b in ("lan", "mer", "nos", "pirt", "quel", "rut")
]


def jaccard(a: str, b: str) -> float:
    x, y = ({t[i : i + 5] for i in range(max(1, len(t) - 4))} for t in (normalised(a), normalised(b)))
    return len(x & y) / len(x | y)


def corpus(n: int, seed: int) -> list[str]:
    rng = random.Random(seed)
    return [" ".join(rng.choices(WORDS, k=rng.randint(18, 30))) for _ in range(n)]


def edited(text: str, rng: random.Random) -> str:
    words = text.split()
    words[rng.randrange(len(words))] = rng.choice(["indeed", "really", "former"])
    return " ".join(words)


def scores(found: Duplicates, texts: list[str], planted: set[tuple[int, int]], threshold: float) -> tuple[float, float]:
    """Recall of planted pairs that are alike enough, and precision of verified pairs."""
    wanted = [pair for pair in planted if jaccard(texts[pair[0]], texts[pair[1]]) >= threshold]
    hit = sum(found.group[a] == found.group[b] for a, b in wanted)
    right = sum(jaccard(texts[a], texts[b]) >= threshold for a, b, _ in found.pairs)
    assert len(wanted) > 100
    return hit / len(wanted), right / max(1, len(found.pairs))


def test_planted_edits_are_found_and_nothing_else() -> None:
    rng, texts = random.Random(1), corpus(2000, 0)
    planted = {(row, 2000 + k) for k, row in enumerate(range(0, 2000, 5))}
    texts += [edited(texts[row], rng) for row in range(0, 2000, 5)]
    recall, precision = scores(minhash_duplicates(texts), texts, planted, 0.8)
    assert recall >= 0.99
    assert precision >= 0.99


@pytest.mark.replay
def test_planted_edits_in_published_personas_are_found(replay: Callable[[str], Path]) -> None:
    rows = replay("023/tool.jsonl").read_text(encoding="utf-8").splitlines()
    texts = [json.loads(row)["input persona"] for row in rows]
    texts = [text for text in dict.fromkeys(texts) if len(text) >= 100]
    rng, n = random.Random(2), len(texts)
    texts += [edited(text, rng) for text in texts[:600]]
    recall, precision = scores(minhash_duplicates(texts), texts, {(k, n + k) for k in range(600)}, 0.8)
    assert recall >= 0.99
    assert precision >= 0.99


def test_chunks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = corpus(300, 3)
    texts += texts[:40]
    whole = minhash_duplicates(texts).group
    monkeypatch.setattr(module, "_CHUNK", 37)
    assert np.array_equal(minhash_duplicates(texts).group, whole)


def test_a_large_group_is_one_group() -> None:
    texts = corpus(50, 4) + ["the very same words of a person who likes to sing"] * 60
    found = minhash_duplicates(texts)
    assert [len(rows) for rows in found.groups()] == [60]
    assert found.removed == 59


def test_words_are_another_unit() -> None:
    texts = ["a b c d e f g h i j", "j i h g f e d c b a", "k l m n o p q r s t"]
    assert minhash_duplicates(texts, unit="words", threshold=0.9).kept.tolist() == [0, 2]
    assert minhash_duplicates(texts, threshold=0.9).kept.tolist() == [0, 1, 2]


def test_empty_and_short_texts_are_no_error() -> None:
    assert minhash_duplicates(["", "", "a", "a", "ab"]).kept.tolist() == [0, 2, 4]
    assert minhash_duplicates([]).removed == 0


def test_a_threshold_that_bands_cannot_find_is_refused() -> None:
    with pytest.raises(InputError, match=r"not \.5 to 1"):
        minhash_duplicates(["a"], threshold=0.3)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=12), min_size=1, max_size=6))
def test_pieces_are_those_of_each_text_and_of_no_two(texts: list[str]) -> None:
    hashes, ends = piece_hashes(texts, "letters")
    for row, text in enumerate(texts):
        alone, _ = piece_hashes([text], "letters")
        assert np.array_equal(hashes[ends[row] : ends[row + 1]], alone)
        assert len(alone) == max(1, len(normalised(text)) - 4)


def test_exact_duplicates_ignore_case_and_blanks() -> None:
    found = exact_duplicates(["A  b", "a B ", "c", "C"])
    assert found.group.tolist() == [0, 0, 2, 2]
    assert found.to_json()["removed"] == 2


def test_near_vectors_are_found_and_far_ones_are_not() -> None:
    pytest.importorskip("sklearn")
    texts = corpus(300, 5)
    texts += [" ".join(reversed(text.split())) for text in texts[:30]]  # other order: no near words, near letters
    found = embedding_duplicates(texts, threshold=0.97)
    assert sum(found.group[k] == found.group[300 + k] for k in range(30)) >= 29
    assert found.removed <= 32


def test_faiss_finds_what_all_pairs_find(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("faiss")
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((3000, 32)).astype(np.float32)
    vectors[1500:1600] = vectors[:100] + 0.01 * rng.standard_normal((100, 32)).astype(np.float32)
    texts = [str(row) for row in range(3000)]
    exact = embedding_duplicates(texts, threshold=0.95, encoder=lambda _: vectors)
    monkeypatch.setattr(module, "_EXACT_UP_TO", 1000)
    by_faiss = embedding_duplicates(texts, threshold=0.95, encoder=lambda _: vectors)
    assert exact.removed == 100
    assert by_faiss.removed >= 99


def test_an_encoder_of_another_length_is_refused() -> None:
    with pytest.raises(InputError, match="gave 1 vectors for 2 texts"):
        embedding_duplicates(["a", "b"], encoder=lambda _: np.ones((1, 2), dtype=np.float32))
