"""Persona-L: narratives, pairs read out of them, what is found, and what a sentence rests on."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personae.errors import InputError
from personae.model import ScriptedModel
from personae.papers.persona_l import read_corpus
from personae.papers.persona_l.abilities import FAULTS, annotated, judge_pair, persona_of
from personae.papers.persona_l.corpus import Corpus, support_of
from personae.papers.persona_l.profiles import PROFILES, read_profiles
from personae.papers.persona_l.words import (
    framing_of,
    grade_of,
    keeps_level,
    read_answer,
    without_marks,
)
from personae.persona import Persona, lint_persona
from support.persona_l import CORPUS, EASY, HARD, designer, pick, quoting, run, small, write_csv


def test_our_narratives_have_whole_pairs_that_they_tell() -> None:
    assert set(Counter(one.theme for one in CORPUS.narratives).values()) == {8}
    for one in CORPUS.narratives:
        assert one.pairs
        assert "made up" in one.source
        assert one.licence == "CC0-1.0"
        for pair in one.pairs:
            verdict, taken, source = judge_pair({**pair.model_dump(), "source": 1}, [one])
            assert (verdict, taken, source) == ("accepted", pair, one), one.key


def test_half_pairs_and_what_nobody_told_are_turned_away() -> None:
    one = CORPUS.narratives[0]
    whole = {**one.pairs[0].model_dump(), "source": 1}
    for change, verdict in (
        ({"constraint": " "}, "no_constraint"),
        ({"ability": "cannot count large orders"}, "limit_as_ability"),
        ({"source": 7}, "no_such_source"),
        ({"source": True}, "no_such_source"),
        ({"ability": "repair engines of lorries"}, "not_told"),
        ({"constraint": "afraid of dogs and thunder"}, "not_told"),
        ({"ability": ""}, "malformed"),
    ):
        assert judge_pair({**whole, **change}, [one])[0] == verdict, change
        assert verdict in FAULTS
    assert judge_pair("x", [one])[0] == "malformed"
    # The constraint of somebody else is not joined with this ability.
    other = CORPUS.narratives[1].pairs[0]
    assert judge_pair({**whole, "constraint": other.constraint}, [one, CORPUS.narratives[1]])[0] == "not_told"


def test_a_persona_pairs_every_ability_and_says_where_it_comes_from() -> None:
    sources = CORPUS.about("family").narratives
    persona = persona_of(PROFILES[0], annotated(sources, 3), sources, "p")
    assert len(persona.abilities) == 3
    assert not {"P404", "P405", "P601"} & {hit.code for hit in lint_persona(persona)}
    for path in ("abilities.0", "memories.0"):
        terms = persona.provenance_of(path)
        assert terms.by == "narrative sister (made up for personae; of no real person, and from no forum)"
        assert terms.licence == "CC0-1.0"
    assert (persona.provenance_of("abilities.0").origin, persona.provenance_of("memories.0").origin) == (
        "inferred",
        "given",
    )
    assert "no real person" in persona.provenance_of("name").by
    assert Persona.model_validate_json(persona.model_dump_json()) == persona


def test_every_narrative_is_found_by_its_own_sentences() -> None:
    for one in CORPUS.narratives:
        found = CORPUS.search(one.text.partition(". ")[0], 3)
        assert found[0] == one
    assert CORPUS.search("quantum zebra xylophone") == ()
    for by in ("words", "vectors"):
        assert Corpus(()).search("bread", by=by) == ()
        assert CORPUS.search(CORPUS.narratives[5].text, 1, by) == (CORPUS.narratives[5],)


def test_retrieval_is_measured_on_questions_whose_narrative_is_known() -> None:
    _, findings = run(small(levels="false", designers="3"), ScriptedModel(quoting), ScriptedModel(designer))
    ranks = [CORPUS.about(one.theme).rank(one) for one in CORPUS.narratives]
    first = pick(findings, "retrieval.found_at_1")
    assert (first.estimate, first.n) == (sum(rank == 1 for rank in ranks) / 24, 24)
    assert pick(findings, "retrieval.found_at_3").estimate == sum((rank or 9) <= 3 for rank in ranks) / 24
    assert pick(findings, "retrieval_by_chance.found_at_3").estimate == 3 / 8
    assert pick(findings, "retrieval.reciprocal_rank").estimate == pytest.approx(sum(1 / r for r in ranks if r) / 24)
    # Questions share few words with what answers them: some are lost, and yet luck would find far fewer.
    assert first.low > 1 / 8
    assert first.high < 1


def test_retrieval_of_planted_questions_is_perfect_or_nil(tmp_path: Path) -> None:
    rows = [
        {"key": f"{theme}{word}", "theme": theme, "text": f"I like {word}.", "question": f"Is it {asked}?"}
        for theme in ("home", "work")
        for word, asked in (("apples", "apples"), ("bridges", "nothing known"))
    ]
    path = tmp_path / "mine.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    study = small(levels="false", designers="2", corpus=str(path), passages="1")
    _, findings = run(study, ScriptedModel("none"), ScriptedModel(designer))
    assert pick(findings, "retrieval.found_at_1").estimate == 0.5
    assert pick(findings, "retrieval.reciprocal_rank").estimate == 0.5
    assert pick(findings, "retrieval_by_chance.found_at_1").estimate == 0.5


def test_sentences_stand_beside_the_source_that_has_their_words() -> None:
    texts = [one.text for one in CORPUS.narratives]
    for place, one in enumerate(CORPUS.narratives):
        best = support_of(one.text, texts)
        assert best.place == place
        assert best.score == pytest.approx(1.0)
        assert all(sentence.support.is_close for sentence in read_answer(one.text, texts))
    assert not support_of("The aeroplane landed beside the volcano.", texts).is_close
    assert support_of("", texts).place == -1
    assert support_of("I bake", []).place == -1


def test_marks_belong_to_their_sentence_and_are_not_read() -> None:
    first, second = read_answer("I shape the rolls at work.[2] They know me there [1][3].", ["a", "b", "c"])
    assert (first.cited, second.cited) == ((2,), (1, 3))
    assert without_marks("I bake [2]. Yes.") == "I bake. Yes."
    assert grade_of("I bake rolls every day [1].") == grade_of("I bake rolls every day.")


@given(st.text(max_size=200))
@settings(deadline=None)
def test_no_answer_is_too_odd(text: str) -> None:
    for sentence in read_answer(text, ["I bake rolls.", text]):
        assert 0 <= sentence.support.score <= 1 + 1e-9
    assert set(framing_of(text).values()) <= {True, False}
    assert keeps_level(grade_of(text), "free") is None


def test_framing_is_counted() -> None:
    both = framing_of("I can shape rolls, but I lose count when people talk.")
    assert both["names_both"] and both["first_person"] and not both["generalises"]
    assert not framing_of("Reading is hard.")["names_ability"]
    assert framing_of("People with Down syndrome are happy.")["generalises"]
    assert framing_of("She suffers from Down syndrome.")["deficit_words"]
    assert keeps_level(grade_of(EASY), "easy") is True
    assert keeps_level(grade_of(HARD), "plain") is False


def test_a_corpus_of_the_user_is_read_or_its_fault_named(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    row = {"key": "a", "theme": "work", "text": "I keep bees."}
    path.write_text("\n".join(map(json.dumps, [row, {**row, "key": "b", "theme": "home"}])), encoding="utf-8")
    assert read_corpus(path).themes == ("work", "home")
    study = small(corpus=str(path), derived="false")
    with pytest.raises(InputError, match="holds no pairs"):
        study.design(np.random.default_rng(0))
    for number, (text, told) in enumerate(
        (
            ('{"key": "a"}', r"line 1: is no narrative \(theme"),
            ("[1]", "line 1: is no narrative"),
            ("{", "line 1: is no JSON"),
            ("", "holds nothing"),
            (json.dumps(row) + "\n" + json.dumps(row), "twice"),
        )
    ):
        bad = tmp_path / f"bad{number}.jsonl"
        bad.write_text(text, encoding="utf-8")
        with pytest.raises(InputError, match=told):
            read_corpus(bad)
    one = tmp_path / "one.jsonl"
    one.write_text(json.dumps(row), encoding="utf-8")
    with pytest.raises(InputError, match="one theme only"):
        small(corpus=str(one)).design(np.random.default_rng(0))


def test_a_table_of_narratives_and_own_profiles_are_read(tmp_path: Path) -> None:
    rows = [
        {
            "key": "a",
            "theme": "work",
            "text": "I keep bees. Heavy hives hurt.",
            "ability": "keep bees",
            "constraint": "",
        },
        {"key": "b", "theme": "home", "text": "I cook rice.", "ability": "", "constraint": ""},
    ]
    rows[0]["constraint"] = "heavy hives hurt"
    path = tmp_path / "mine.csv"
    write_csv(path, rows)
    first, second = read_corpus(path).narratives
    assert (first.pairs[0].ability, first.pairs[0].constraint, second.pairs) == ("keep bees", "heavy hives hurt", ())
    people = tmp_path / "people.csv"
    one = {"name": "Ada", "age": 50, "residence": "Kent", "living": "alone", "work": "potter"}
    write_csv(people, [one])
    assert [found.name for found in read_profiles(people)] == ["Ada"]
    study = small(profiles=str(people), corpus=str(path))
    assert {cell.factors["profile"] for cell in study.design(np.random.default_rng(0))} == {"Ada"}
    assert study.parameters["prompts"] != small(corpus=str(path)).parameters["prompts"]
    write_csv(people, [{**one, "age": "old"}])
    read_profiles.cache_clear()
    with pytest.raises(InputError, match=r"row 2: is no profile \(age"):
        read_profiles(people)
