"""Persona Hub: planted twins, diversity and leaks of known truth."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("rensa")

from personae.errors import InputError
from personae.papers.persona_hub import HubSettings, find_twins
from personae.papers.persona_hub.findings import effective_number, measure_table
from personae.papers.persona_hub.planted import EDITS, jaccard_of, measure_planted, plant
from personae.papers.persona_hub.rows import is_test, people_of, pieces_of
from personae.papers.persona_hub.twins import low_quality
from personae.papers.persona_hub.vectors import encoder_of
from support.findings import pick
from support.persona_hub import fresh, people_table, sentence

# Twins.


def test_planted_twins_are_dropped_and_others_stay() -> None:
    rng = random.Random(1)
    people = [sentence(rng, 30) for _ in range(60)]
    twins = [f"{people[place]} indeed" for place in range(20)]  # one word more of some 22 different ones
    found = find_twins([*people, *twins])
    assert found.minhash[:60].all()
    assert not found.minhash[60:].any()
    loose = find_twins([*people, *twins], verified=False)
    assert loose.minhash[:60].all()
    assert 0 < (~loose.minhash[60:]).sum() <= 20  # estimates of signatures err about the threshold


@pytest.mark.replay
def test_planted_twins_of_published_people_are_found_and_nobody_else(replay: Callable[[str], Path]) -> None:
    rows = replay("023/tool.jsonl").read_text(encoding="utf-8").splitlines()
    people = list(dict.fromkeys(json.loads(row)["input persona"] for row in rows))
    findings = list(measure_planted(people, "them", jaccard=0.9, cosine=0.9))
    recall, precision = pick(findings, "planted.recall"), pick(findings, "planted.precision")
    assert recall.n >= 500
    assert recall.estimate >= 0.99
    assert precision.estimate >= 0.99
    assert pick(findings, "planted.others_dropped").estimate <= 0.01
    unverified = pick(findings, "planted.recall", "as_published")
    assert unverified.high < recall.low  # signatures alone lose some, as they err by .05 about the threshold
    for kind in ("case", "order", "stop", "word_added"):
        assert pick(findings, f"planted.both_steps.{kind}").estimate >= 0.98, kind


def test_a_dropped_person_who_was_not_planted_costs_precision() -> None:
    rng = random.Random(9)
    people = [sentence(rng, 30) for _ in range(40)]
    clean = pick(list(measure_planted(people, "m", jaccard=0.9, cosine=0.9)), "planted.precision")
    assert clean.estimate == 1
    spoiled = list(measure_planted([*people, *(f"{one} indeed" for one in people)], "m", jaccard=0.9, cosine=0.9))
    assert pick(spoiled, "planted.precision").estimate < 0.95
    assert pick(spoiled, "planted.others_dropped").estimate >= 0.5
    assert not list(measure_planted(["two words"], "m", jaccard=0.9, cosine=0.9))


def test_edits_are_as_far_as_they_say() -> None:
    rng = np.random.default_rng(0)
    texts = ["A nurse who works nights in Leeds.", "A retired judge of the second court", "Short one"]
    planted = plant(texts, rng, each=9)
    assert {one.kind for one in planted} == set(EDITS)
    assert {one.of for one in planted} == {0, 1}
    for one in planted:
        near = jaccard_of(texts[one.of], one.text)
        assert one.text != texts[one.of]
        assert (near == 1) is (one.kind in ("case", "order")), one


def test_vectors_of_a_file_take_the_place_of_letters(tmp_path: Path) -> None:
    rng = random.Random(11)
    texts = [fresh(rng, 12) for _ in range(12)]
    table = people_table([(text, f"about {text}", str(number)) for number, text in enumerate(texts)])
    path = tmp_path / "v.jsonl"
    asked = dict.fromkeys([*texts, *(f"about {text}" for text in texts)])
    vectors = {text: np.eye(12)[number % 6] + 0.01 for number, text in enumerate(asked)}  # two of each are one
    lines = [json.dumps({"text": text, "vector": vector.tolist()}) for text, vector in vectors.items()]
    path.write_text("\n".join(lines), encoding="utf-8")
    findings = measure_table(table, HubSettings(vectors=path))
    assert pick(findings, "dropped.same_meaning").estimate == pytest.approx(0.5)
    assert "encoder=vectors of a file" in pick(findings, "personas").conventions
    assert pick(measure_table(table, HubSettings()), "dropped.same_meaning").estimate == 0
    path.write_text("\n".join(lines[1:]), encoding="utf-8")
    with pytest.raises(InputError, match="has no vector of 1 texts"):
        measure_table(table, HubSettings(vectors=path))
    path.write_text('{"text": "a", "vector": [1]}\n{"text": "b", "vector": [1, 2]}', encoding="utf-8")
    with pytest.raises(InputError, match="different lengths"):
        encoder_of(path)
    path.write_text('{"text": "a", "vector": "x"}', encoding="utf-8")
    with pytest.raises(InputError, match="line 1"):
        encoder_of(path)


def test_the_second_step_sees_what_words_hide() -> None:
    people = ["accountants bookkeeping municipalities", "accountant bookkeeping municipality", "a gardener of roses"]
    found = find_twins(people, cosine=0.6)
    assert found.minhash.tolist() == [True, True, True]
    assert found.embedding.tolist() == [True, False, True]

    def everybody_alike(texts: Sequence[str]) -> Any:
        return np.ones((len(texts), 2), dtype=np.float32)

    assert find_twins(people, encoder=everybody_alike).embedding.tolist() == [True, False, False]
    assert find_twins(["one"]).embedding.tolist() == [True]


def test_descriptions_of_no_use_are_told_apart() -> None:
    assert low_quality("nurse") == "short"
    assert low_quality("word " * 121) == "long"
    assert low_quality("Somebody who would like this text a lot") == "about_text"
    assert low_quality("I'm sorry, but I can't describe people.") == "refusal"
    assert low_quality("A nurse who works nights in Leeds.") == ""
    assert low_quality("一个在丹麦长大的花样滑冰教练") == ""  # no blanks, and yet a whole person


# Measures of known truth.


def test_the_effective_number_is_one_of_the_same_and_n_of_the_different() -> None:
    assert effective_number(np.ones((7, 7))) == pytest.approx(1)
    assert effective_number(np.eye(7)) == pytest.approx(7)


def test_the_split_depends_on_the_name_alone_and_has_its_share() -> None:
    names = [f"text {number}" for number in range(4000)]
    assert np.mean([is_test(name, 0.2) for name in names]) == pytest.approx(0.2, abs=0.02)
    assert [is_test(name, 0.2) for name in names] == [is_test(name, 0.2) for name in names]


def test_like_people_get_like_data_where_that_was_planted_and_not_elsewhere() -> None:
    rng = random.Random(3)
    trades = [fresh(rng, 12) for _ in range(8)]
    rows = []
    for number in range(64):
        trade = trades[number % 8]
        rows.append((f"{trade} {fresh(rng, 8)}", f"{trade} {fresh(rng, 14)}", str(number)))
    findings = measure_table(people_table(rows), HubSettings())
    slope = pick(findings, "slope.math")
    assert slope.p_value is not None
    assert slope.p_value <= 0.01
    assert slope.estimate > 0.1
    near, far = (pick(findings, f"likeness.math.at_{level}", "as_published") for level in ("0.6", "0.2"))
    assert near.low > far.high
    lone = [(persona, fresh(rng, 26), source) for persona, _, source in rows]
    other = pick(measure_table(people_table(lone), HubSettings()), "slope.math")
    assert other.p_value is not None
    assert other.p_value > 0.02


def test_a_split_at_random_leaks_what_a_split_by_source_does_not() -> None:
    rng = random.Random(4)
    rows = []
    for source in range(40):
        text = fresh(rng, 50)  # with three words of its own each, Jaccard is .89 and cosine .94
        rows += [(fresh(rng, 12), f"{text} {fresh(rng, 3)}", str(source)) for _ in range(3)]
    findings = measure_table(people_table(rows), HubSettings())
    assert pick(findings, "leak.math.random", "as_published").estimate > 0.6
    assert pick(findings, "leak.math.by_source").estimate < 0.05


def test_people_who_are_there_twice_take_their_data_with_them() -> None:
    rng = random.Random(5)
    one, other = sentence(rng), sentence(rng)
    table = people_table([(one, "first text", "a"), (one, "second words", "b"), (other, "first text", "c")])
    people = people_of(table, 0.9, 0.9)
    assert [person.reason for person in people] == ["", "same_words", ""]
    assert [piece.reason for piece in pieces_of(table, people, 0.9)] == ["", "person", "twice"]
