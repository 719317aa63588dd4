"""Persona-L: pairs of abilities, sources of sentences, levels, planted preferences, talks as a page, and people."""

from __future__ import annotations

import csv
import itertools
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personae.errors import InputError
from personae.model import Model, Request, ScriptedModel, open_model
from personae.papers.persona_l import PAPER, PersonaL, PersonaLSettings, read_corpus, read_study
from personae.papers.persona_l.abilities import FAULTS, annotated, judge_pair, persona_of
from personae.papers.persona_l.corpus import Corpus, Narrative, support_of
from personae.papers.persona_l.page import PERSONAS, write_page, write_personas
from personae.papers.persona_l.profiles import PROFILES, read_profiles
from personae.papers.persona_l.study import ORDERS
from personae.papers.persona_l.words import (
    FLAGS,
    flags_of,
    framing_of,
    grade_of,
    keeps_level,
    read_answer,
    without_marks,
)
from personae.persona import Persona, lint_persona, respect_terms
from personae.persona.formats import read_personas
from personae.study import Finding, run_study
from support.chat_server import ChatServer
from support.command_line import personae
from support.served import client_of

CORPUS = read_corpus()
EASY = "I bake. I like it. It is hot. You help me."
HARD = "Organisational accommodations facilitate considerable occupational participation notwithstanding difficulties."


def small(**more: str) -> PersonaL:
    return PersonaL(PersonaLSettings.read({"asked": "2", "level": "free", **more}))


def pick(findings: Sequence[Finding], name: str) -> Finding:
    (found,) = [one for one in findings if one.name == name]
    return found


def run(study: PersonaL, subject: Model, user: Model) -> tuple[pl.DataFrame, list[Finding]]:
    table = run_study(study, {"subject": subject, "user": user}).table
    return table, study.measure(table)


def shown_narratives(asked: Request) -> list[Narrative]:
    """The narratives of a prompt, in the order of their numbers."""
    text = "\n".join(message.content for message in asked.messages)
    titles = re.findall(r"^\[\d+\] ([^:\n]+):", text, re.MULTILINE)
    return [next(one for one in CORPUS.narratives if one.title == title) for title in titles]


def quoting(asked: Request) -> str:
    """A persona that derives what people read, and says nothing but the first sentence of its first narrative."""
    narratives = shown_narratives(asked)
    if asked.schema is not None:
        rows = [
            {**pair.model_dump(), "source": number}
            for number, one in enumerate(narratives, start=1)
            for pair in one.pairs
        ]
        return json.dumps({"abilities": rows})
    system = asked.messages[0].content
    if "Easy Read" in system:
        return EASY
    if "technical words" in system:
        return HARD
    return narratives[0].text.partition(". ")[0] + " [1]." if narratives else "Well, nothing of the kind at all."


def designer(asked: Request) -> str:
    """Likes a persona that quotes narratives; every second item is reversed."""
    told = " ".join(message.content for message in asked.messages)
    liked = not re.search("nothing of the kind", told)
    return "\n".join(f"{letter}) {(6 if n % 2 == 0 else 2) if liked else 4}" for n, letter in enumerate("abcdefghijkl"))


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


def test_orders_profiles_and_themes_are_rotated() -> None:
    cells = small(designers="48").design(np.random.default_rng(0))
    for factor in ("order", "theme", "profile"):
        counts = Counter(cell.factors[factor] for cell in cells)
        assert len(set(counts.values())) == 1, counts
    assert len({(cell.factors["order"], cell.factors["theme"]) for cell in cells}) == 12
    assert len({(cell.factors["order"], cell.factors["profile"]) for cell in cells}) == 16


def test_each_condition_stands_in_each_place_and_follows_each_other_once() -> None:
    assert all(len(set(place)) == 4 for place in zip(*ORDERS, strict=True))
    assert len({pair for order in ORDERS for pair in itertools.pairwise(order)}) == 12


def test_what_the_persona_is_told_depends_on_the_condition() -> None:
    study, model = small(designers="2", levels="false"), ScriptedModel(quoting)
    run(study, model, ScriptedModel(designer))
    systems = {one.messages[0].content for one in model.requests if one.schema is None}
    able = [one for one in systems if "You can " in one and "Narratives" in one]
    unsourced = [one for one in systems if "You can " in one and one not in able]
    limited = [one for one in systems if "You have this limitation" in one]
    bare = [one for one in systems if one not in (*able, *unsourced, *limited)]
    assert able and limited and unsourced and bare
    assert all("What makes it hard: " in one for one in (*able, *unsourced))
    assert all("[1]" in one and "square brackets" in one for one in (*able, *limited))
    assert not any("You can " in one for one in limited)
    assert not any("Narratives" in one or "square brackets" in one for one in (*bare, *unsourced))
    # No condition is told of the narratives as memories: they are what retrieval finds, or nothing.
    assert not any("remember" in one for one in systems)


def test_planted_preferences_sources_and_levels_come_out() -> None:
    table, findings = run(small(designers="12"), ScriptedModel(quoting), ScriptedModel(designer))
    assert table["status"].unique().to_list() == ["ok"]
    for scale in ("empathy", "transparency", "balance"):
        assert pick(findings, f"ability_beside_profile.{scale}").estimate == 2.0
        assert pick(findings, f"ability_beside_profile.{scale}").is_significant()
        assert pick(findings, f"ability_beside_deficit.{scale}").estimate == 0.0
    assert pick(findings, "supported.ability").estimate == 1.0
    assert pick(findings, "supported_elsewhere.ability").estimate < 0.2
    assert pick(findings, "cited.ability").estimate == 1.0
    assert pick(findings, "cited_right.ability").estimate == 1.0
    for other in ("unsourced", "profile"):
        assert pick(findings, f"in_corpus.{other}").estimate == 0.0
        assert pick(findings, f"in_corpus_beside.{other}").estimate == 1.0
        assert pick(findings, f"ability_beside_{other}.transparency").is_significant()
    assert pick(findings, "in_corpus_beside.deficit").estimate == 0.0
    assert pick(findings, "pairs.accepted").estimate == 1.0
    assert pick(findings, "pairs.recall").estimate == 1.0
    assert pick(findings, "pairs.personas_without").estimate == 0.0
    assert pick(findings, "level_kept.easy").estimate == 1.0
    assert pick(findings, "level_control.expert_less_easy").estimate > 10
    assert pick(findings, "participants").estimate == 12


def test_a_source_that_is_named_wrongly_is_told() -> None:
    def wrong(asked: Request) -> str:
        return quoting(asked).replace(" [1].", " [2].") if asked.schema is None else quoting(asked)

    _, findings = run(small(levels="false"), ScriptedModel(wrong), ScriptedModel(designer))
    assert pick(findings, "supported.ability").estimate == 1.0
    assert pick(findings, "cited_right.ability").estimate == 0.0


def test_what_cannot_be_read_is_a_status() -> None:
    def mute(asked: Request) -> str:
        return "no" if asked.schema is not None else ""

    table, findings = run(small(levels="false"), ScriptedModel(mute), ScriptedModel(designer))
    assert set(table["status"]) <= {"unparsed", "empty"}
    assert pick(findings, "pairs.personas_without").estimate == 1.0
    assert not [one for one in findings if one.name.startswith("supported")]


@pytest.mark.parametrize("grounding", [1.0, 0.5])
def test_the_planted_share_of_simulated_sentences_rests_on_sources(grounding: float) -> None:
    sim = open_model("sim", {"grounding": str(grounding)})
    table, findings = run(small(designers="12", asked="3"), sim, open_model("sim"))
    assert set(table["status"]) <= {"ok", "repaired"}
    shifts = [one for one in findings if one.name.startswith("ability_beside")]
    assert len(shifts) == 18
    assert not any(one.is_significant() for one in shifts)
    for name in ("supported.ability", "supported.deficit", "pairs.accepted"):
        found = pick(findings, name)
        assert found.estimate == pytest.approx(grounding, abs=0.12), name
        assert found.low <= grounding <= found.high, name
    assert pick(findings, "cited_right.ability").estimate == 1.0
    assert pick(findings, "supported_elsewhere.ability").high < 0.2
    assert pick(findings, "in_corpus_beside.unsourced").estimate == pytest.approx(grounding, abs=0.15)
    assert not pick(findings, "level_control.expert_less_easy").is_significant()


def test_a_planted_stereotype_is_found_in_the_condition_that_has_it(tmp_path: Path) -> None:
    def worn(asked: Request) -> str:
        text = quoting(asked)
        if "You have this limitation" in asked.messages[0].content:
            return f"{text} People like me suffer. She suffers from it, our eternal child."
        return text

    path = tmp_path / "phrases.txt"
    path.write_text("eternal child\n\nlittle angel\n", encoding="utf-8")
    study = small(levels="false", designers="6", phrases=str(path))
    _, findings = run(study, ScriptedModel(worn), ScriptedModel(designer))
    for name in ("deficit_words", "own_phrases", "generalises"):
        assert pick(findings, f"framing.{name}.deficit").estimate == 1.0, name
        assert pick(findings, f"framing.{name}.ability").estimate == 0.0, name
        assert pick(findings, f"framing_beside_deficit.{name}").estimate == -1.0
    assert pick(findings, "framing.stereotype_words.deficit").estimate == 0.0
    assert flags_of(Persona(description="A feisty cat lady who suffers from noise.")) == FLAGS[:2]
    assert flags_of(Persona(description="An angelic child."), ["angel"]) == ()


def test_a_persona_of_a_run_is_opened_in_the_studio_and_talks_with_its_sources(tmp_path: Path) -> None:
    table, _ = run(small(levels="false", designers="2"), ScriptedModel(quoting), ScriptedModel(designer))
    path = write_personas(table, tmp_path)
    assert path is not None
    made = [one.persona for one in read_personas(path)]
    assert len(made) == 2
    first, second, *_ = made[0].memories[0].text.split(". ")
    said = f"{first}. {second}. And my neighbour suffers from hay fever."
    with ChatServer(said) as server, client_of(tmp_path, models=(f"{server.url}#any",)) as client:
        answer = client.post(
            "/api/personas/import?save=true", files={"file": (PERSONAS, path.read_bytes(), "application/x-ndjson")}
        )
        assert answer.status_code == 200, answer.text
        slugs = [one["slug"] for one in answer.json()["saved"]]
        assert len(slugs) == 2
        opened = client.get(f"/api/personas/{slugs[0]}").json()
        assert opened["persona"]["abilities"] == [one.model_dump() for one in made[0].abilities]
        assert all(one["constraint"] for one in opened["persona"]["abilities"])
        seat = {"kind": "persona", "persona": slugs[0], "reading_level": "easy"}
        begun = client.post("/api/conversations", json={"seats": [seat]}).json()
        heard = client.post(f"/api/conversations/{begun['id']}/messages", json={"text": "What do you do?"}).text
        done = json.loads(heard.partition("event: done")[2].partition("data: ")[2].partition("\n")[0])["message"]
        assert done["text"] == said
        assert [one["path"] for one in done["sources"]] == ["abilities[0]", "memories[0]"]
        assert [said[one["start"] : one["end"]] for one in done["sources"]] == [f"{first}.", f"{second}."]
        assert done["sources"][1]["text"] == made[0].memories[0].text
        assert [one["licence"] for one in done["sources"]] == ["CC0-1.0"] * 2
        assert all("made up for personae" in one["by"] for one in done["sources"])
        assert [(one["kind"], one["text"]) for one in done["worn_phrases"]] == [("deficit", "suffers from")]
        assert done["reading"]["grade"] == round(grade_of(said) or 0, 1)
        system = server.requests[-1]["messages"][0]["content"]
        assert "Easy Read" in system
        assert all(one.constraint in system for one in made[0].abilities)


def test_what_may_not_be_passed_on_stays_out_of_exports(tmp_path: Path) -> None:
    sources = (CORPUS.narratives[0].model_copy(update={"licence": "All rights reserved"}), CORPUS.narratives[1])
    persona = persona_of(PROFILES[0], annotated(sources, 2), sources, "p")
    kept = respect_terms(persona).persona
    assert [one.text for one in kept.memories] == [CORPUS.narratives[1].text]
    assert [one.ability for one in kept.abilities] == [CORPUS.narratives[1].pairs[0].ability]
    assert kept.provenance_of("memories.0").by.startswith("narrative library")
    rows = [
        {"key": "a", "theme": "work", "text": "I keep bees."},
        {"key": "b", "theme": "home", "text": "I cook.", "consent": "withdrawn"},
        {"key": "c", "theme": "home", "text": "I sew.", "licence": "CC BY-ND 4.0"},
        {"key": "d", "theme": "home", "text": "I sing.", "licence": "CC BY 4.0"},
    ]
    path = tmp_path / "mine.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    corpus = read_corpus(path)
    assert ([one.key for one in corpus.narratives], corpus.withheld) == (["a", "d"], 2)
    assert small(corpus=str(path)).parameters["corpus_withheld"] == 2
    path.write_text(json.dumps(rows[1]), encoding="utf-8")
    read_corpus.cache_clear()
    with pytest.raises(InputError, match="no narrative may be used"):
        read_corpus(path)


def test_the_page_shows_sources_and_escapes_words(tmp_path: Path) -> None:
    def evil(asked: Request) -> str:
        text = quoting(asked)
        return text if asked.schema is not None else f"{text} And then <script>alert(1)</script> happened here."

    table, _ = run(small(levels="false"), ScriptedModel(evil), ScriptedModel(designer))
    path = write_page(table, tmp_path)
    assert path is not None
    text = path.read_text(encoding="utf-8")
    assert "<script>" not in text
    assert "&lt;script&gt;" in text
    assert any(one.title in text for one in CORPUS.narratives)
    assert "SIMULATED" not in text
    assert write_page(pl.DataFrame({"x": [1]}), tmp_path) is None


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


def write_csv(path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def people(count: int = 20, gain: int = 1) -> list[dict[str, Any]]:
    rng = np.random.default_rng(5)
    rows: list[dict[str, Any]] = []
    for number in range(count):
        base = rng.integers(3, 6, size=12)
        for condition in ("ability", "profile"):
            shift = gain + int(rng.integers(-1, 2)) if condition == "ability" else 0
            items = {str(n + 1): int(v) + (shift if n % 2 == 0 else -shift) for n, v in enumerate(base)}
            rows.append({"participant": f"P{number}", "condition": condition, **items})
    return rows


def test_a_study_with_people_is_measured_by_the_same_code(tmp_path: Path) -> None:
    rows = people()
    rows[0]["1"] = ""
    write_csv(tmp_path / "study.csv", rows)
    codes = [
        {"participant": f"P{number}", "code": code, "second": code if number else "balance"}
        for number in range(20)
        for code in (["empathy", "balance"] if number < 15 else ["transparency"])
    ]
    write_csv(tmp_path / "codes.csv", codes)
    replay = read_study(tmp_path, {})
    assert replay.warnings == ("1 of 20 participants lack a condition or an answer",)
    findings = replay.study.measure(replay.table)
    shift = pick(findings, "ability_beside_profile.empathy")
    assert shift.estimate == pytest.approx(1.0, abs=0.35)
    assert (shift.n, shift.missing) == (19, 1)
    assert pick(findings, "theme.empathy").estimate == 0.75
    assert pick(findings, "theme.empathy").conventions[0] == "as_published"
    assert 0.8 < pick(findings, "coders.kappa").estimate < 1
    assert {one.subject for one in findings} == {"people"}


def test_codes_alone_are_a_study(tmp_path: Path) -> None:
    write_csv(tmp_path / "codes.csv", [{"participant": f"P{n}", "code": "empathy"} for n in range(6)])
    findings = (replay := read_study(tmp_path, {})).study.measure(replay.table)
    assert pick(findings, "theme.empathy").n == 6
    assert not [one for one in findings if one.name.startswith(("rating", "coders"))]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"condition": "chatgpt"}, "row 2: 'chatgpt' is no condition"),
        ({"1": "9"}, "item 1: '9' is none of the options"),
        ({"participant": " "}, "row 2"),
        ({"condition": "profile"}, "twice"),
    ],
)
def test_a_study_that_cannot_be_read_says_where(tmp_path: Path, change: dict[str, object], told: str) -> None:
    rows = people(3)
    write_csv(tmp_path / "study.csv", [{**rows[0], **change}, *rows[1:]])
    with pytest.raises(InputError, match=told):
        read_study(tmp_path, {})


def test_a_folder_without_a_study_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"holds no study\.csv and no codes\.csv"):
        read_study(tmp_path, {})
    write_csv(tmp_path / "codes.csv", [{"participant": "a", "code": ""}])
    with pytest.raises(InputError, match="row 2: has no code"):
        read_study(tmp_path, {})
    write_csv(tmp_path / "codes.csv", [{"participant": "a"}])
    with pytest.raises(InputError, match="lacks 1 columns, 'code' first"):
        read_study(tmp_path, {})


def test_the_command_runs_it_and_reads_a_study(tmp_path: Path) -> None:
    said = personae("paper", "run", "persona_l", "--model", "sim", "--folder", str(tmp_path / "run"), "--json")
    assert said.code == 0, said.err
    for name in ("report.html", "sources.html"):
        assert "SIMULATED" in (tmp_path / "run" / name).read_text(encoding="utf-8")
    (comparison,) = said.data["comparisons"]
    assert (comparison["published"], comparison["estimate"], comparison["confidence"]) == (6.0, 12.0, "verified")
    assert len(list(read_personas(tmp_path / "run" / PERSONAS))) == 12
    write_csv(tmp_path / "study.csv", people(8))
    replayed = personae("paper", "replay", "persona_l", str(tmp_path), "--json")
    assert replayed.code == 0, replayed.err
    assert PAPER.entry.number == 8
