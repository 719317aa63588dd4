"""Duplicates that were planted are found, others are not; groups, chunks and short texts."""

from __future__ import annotations

import importlib.util
import json
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import personae.population.dedup as module
import personae.population.minhash as minhash
from personae.errors import InputError
from personae.population.dedup import (
    Duplicates,
    embedding_duplicates,
    exact_duplicates,
    minhash_duplicates,
)
from personae.population.minhash import jaccard_of_pairs, normalised, piece_hashes, sign_texts
from personae.study.on_ray import connect_ray
from support.command_line import personae

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
    monkeypatch.setattr(minhash, "_CHUNK", 37)
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


def templated(n: int) -> list[str]:
    """Sentences of which every two share more than half of their pieces."""
    rng = random.Random(8)
    return [
        f"A {rng.randint(18, 90)}-year-old person from the north who collects {rng.randrange(10**9):09d} and hopes to"
        f" move to {rng.choice(WORDS)} with some friends in {rng.randint(2027, 2060)}."
        for _ in range(n)
    ]


def test_one_sentence_for_all_makes_few_candidates_and_hides_no_duplicate() -> None:
    texts = templated(3000)
    texts += [text.replace(" hopes ", " hoped ") for text in texts[:500]]
    found = minhash_duplicates(texts, threshold=0.9)
    wanted = [k for k in range(500) if jaccard(texts[k], texts[3000 + k]) >= 0.9]
    assert len(wanted) > 400
    assert sum(found.group[k] == found.group[3000 + k] for k in wanted) >= 0.99 * len(wanted)
    assert found.candidates < len(texts)
    assert all(jaccard(texts[a], texts[b]) >= 0.9 for a, b, _ in found.pairs)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(alphabet="abc é\ud800", max_size=14), min_size=2, max_size=6))
def test_similarity_is_that_of_the_sets(texts: list[str]) -> None:
    pairs = np.array([(a, b) for a in range(len(texts)) for b in range(a + 1, len(texts))])
    found = jaccard_of_pairs(texts, pairs, "letters")
    padded = [normalised(text).ljust(5) for text in texts]
    sets = [{text[i : i + 5] for i in range(len(text) - 4)} for text in padded]
    assert found == pytest.approx([len(sets[a] & sets[b]) / len(sets[a] | sets[b]) for a, b in pairs])


def test_signatures_leave_out_one_pair_in_hundreds_at_the_threshold() -> None:
    rng, pairs = random.Random(3), []
    for _ in range(1500):
        shared = [rng.randbytes(6).hex() for _ in range(80)]
        pairs += [" ".join(shared + [rng.randbytes(6).hex() for _ in range(10)]) for _ in range(2)]
    signed = sign_texts(pairs, "words", 1)
    first = np.arange(0, len(pairs), 2)
    agreed = minhash._agreement(signed.marks, first, first + 1)
    kept = np.mean(agreed >= minhash._least_agreement(0.8))
    assert kept > 0.993
    assert agreed.mean() / 128 == pytest.approx(0.8, abs=0.01)
    assert minhash._agreement(signed.marks, first, first).tolist() == [128] * len(first)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason='ray is not installed: pip install "personae[ray]"')
def test_duplicates_found_on_ray_are_the_same(tmp_path: Path) -> None:
    texts = templated(9000)
    texts += texts[:300]
    people = tmp_path / "people.csv"
    pl.DataFrame({"description": texts}).write_csv(people)
    import ray

    connect_ray(ray)
    try:
        here, there = (
            personae(
                "population", "dedup", str(people), "--to", str(tmp_path / f"{name}.parquet"), "--json", *more
            ).data
            for name, more in (("here", ()), ("ray", ("--on", "ray")))
        )
    finally:
        ray.shutdown()
    assert here["removed"] >= 300
    assert {**there, "to": ""} == {**here, "to": ""}
    assert (tmp_path / "ray.parquet").read_bytes() == (tmp_path / "here.parquet").read_bytes()


def test_what_runs_here_only_is_not_sent_to_ray(tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text("description\na\n")
    refused = personae("population", "dedup", str(people), "--by", "exact", "--on", "ray", "--json")
    assert "one machine only" in refused.error["message"]


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


@pytest.mark.parametrize("threshold", [0.0, -1.0, 7.0])
def test_a_cosine_that_is_none_is_refused(threshold: float) -> None:
    with pytest.raises(InputError, match="embedding"):
        embedding_duplicates(
            ["a", "b"], threshold=threshold, encoder=lambda texts: np.ones((len(texts), 2), dtype=np.float32)
        )


def test_people_who_are_all_alike_cost_a_pair_each_and_not_every_pair() -> None:
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((1400, 8)).astype(np.float32)
    vectors[:900] = vectors[0]
    vectors[1000:1050] = vectors[1000]
    found = embedding_duplicates([str(row) for row in range(1400)], threshold=0.999, encoder=lambda _: vectors)
    assert len(found.pairs) == found.removed == 899 + 49
    assert [len(rows) for rows in found.groups()] == [900, 50]


def test_chains_of_near_people_are_one_group_whatever_their_order() -> None:
    angles = np.radians([0, 40, 20, 60, 10, 50, 30, 200])
    vectors = np.column_stack([np.cos(angles), np.sin(angles)]).astype(np.float32)
    found = embedding_duplicates(["x"] * 8, threshold=float(np.cos(np.radians(11))), encoder=lambda _: vectors)
    assert list(found.groups()) == [[0, 1, 2, 3, 4, 5, 6]]


def test_who_has_no_text_is_nobodys_duplicate(tmp_path: Path) -> None:
    people = tmp_path / "people.parquet"
    rows = ["A nurse of Leeds who sings.", None, "", "  ", "A nurse of Leeds who sings.", None]
    pl.DataFrame({"id": list("abcdef"), "description": rows}).write_parquet(people)
    for by in ("exact", "minhash", "words", "embedding"):
        slim = tmp_path / f"{by}.parquet"
        found = personae("population", "dedup", str(people), "--by", by, "--to", str(slim), "--json").data
        assert (found["removed"], found["kept"], found["without_text"], found["groups"]) == (1, 5, 4, [[0, 4]])
        assert pl.read_parquet(slim)["id"].to_list() == list("abcdf")


@pytest.mark.parametrize("more", [("--threshold", "0"), ("--threshold", "7", "--by", "embedding"), ("--by", "luck")])
def test_bad_settings_of_the_command_are_refused(tmp_path: Path, more: tuple[str, ...]) -> None:
    people = tmp_path / "people.csv"
    people.write_text("description\na nurse\na cook\n")
    refused = personae("population", "dedup", str(people), *more, "--json")
    assert refused.code == 3
    assert not list(tmp_path.glob("*.parquet"))


def test_an_encoder_of_another_length_is_refused() -> None:
    with pytest.raises(InputError, match="gave 1 vectors for 2 texts"):
        embedding_duplicates(["a", "b"], encoder=lambda _: np.ones((1, 2), dtype=np.float32))
