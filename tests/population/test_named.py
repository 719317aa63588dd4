"""Persona sets of published studies: their sizes and contents by construction, their terms, the way to call them."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import orjson
import polars as pl
import pytest

from personae.errors import InputError
from personae.persona import BIG_FIVE, Persona, read_personas, render
from personae.population import (
    assistant_roles,
    describing_prompts,
    named,
    persona_sets,
    persona_types,
    read_statements,
    type_code,
    universal_personas,
    with_beliefs,
)
from personae.population.store import open_people
from support.command_line import personae


def people_of(name: str) -> list[Persona]:
    return list(named(name).personas())


def test_every_set_has_its_published_size() -> None:
    sizes = {one.key: one.size for one in persona_sets()}
    assert sizes == {
        "personallm": 32 * 10,
        "marked_personas": 5 * 3,
        "persona_effects": 162 + 30 + 1,
        "social_reasoning_lens": 21 + 12,
        "presumed_cultural_identity": 358 + 30,
        "persona_localization": 5 + 5 + 4,
        "stochastic_parrots": 73 + 89,
    }
    assert [one.number for one in persona_sets()] == [1, 6, 10, 14, 50, 58, 117]


def test_people_of_names_are_told_apart_and_asked_by_their_names_alone() -> None:
    people = people_of("presumed_cultural_identity.japanese")
    assert [one.name for one in people][:2] == ["Sakura", "Yui"]
    assert {one.extensions["gender"] for one in people} == {"feminine", "masculine"}
    assert all("apan" not in render(one, "second-person").text for one in people)
    maria = next(one for one in people_of("presumed_cultural_identity.shared") if one.name == "Maria")
    assert str(maria.extensions["cultures"]).startswith("italian, spanish")


@pytest.mark.parametrize("key", [one.key for one in persona_sets()])
def test_everybody_has_an_id_a_source_and_terms_and_parts_add_up(key: str) -> None:
    (found,) = [one for one in persona_sets() if one.key == key]
    people = people_of(key)
    assert len(people) == found.size == named(key).size
    assert len({one.id for one in people}) == found.size
    for one in people:
        source = one.provenance_of("description")
        assert source.by == found.source
        assert source.licence == found.licence != ""
        assert one.extensions["set"] == key
    parts = {part: [one.id for one in people_of(f"{key}.{part}")] for part in found.parts}
    assert list(itertools.chain.from_iterable(parts.values())) == [one.id for one in people]
    assert {part: len(ids) for part, ids in parts.items()} == {part: n * found.each for part, n in found.parts.items()}
    again = named(key).frame()
    assert again.equals(named(key).frame())


def test_names_that_are_none_are_told_with_the_closest() -> None:
    with pytest.raises(InputError, match="did you mean marked_personas"):
        named("marked_persona")
    with pytest.raises(InputError, match="its parts are personas, controls, empty"):
        named("persona_effects.control")
    with pytest.raises(InputError, match="there are personallm"):
        named("zzz")
    with pytest.raises(InputError, match="0 people of each"):
        named("marked_personas", each=0)


def test_the_types_are_all_combinations_ten_times() -> None:
    people = people_of("personallm")
    poles = Counter(tuple(one.traits[trait] > 0 for trait in BIG_FIVE) for one in people)
    assert set(poles) == set(itertools.product((True, False), repeat=5))
    assert set(poles.values()) == {10}
    assert {one.id.rsplit("-", 1)[0] for one in people} == set(persona_types())
    assert all(type_code(one.traits) == one.id.rsplit("-", 1)[0] for one in people)
    assert not any(one.description or one.name for one in people)
    assert [one.id for one in named("personallm", each=1).personas()] == list(persona_types())


@pytest.mark.replay
def test_the_types_are_those_of_the_published_files(replay: Callable[[str], Path]) -> None:
    folder = replay("001") / "outputs" / "gpt-3.5-turbo-0613" / "temp0.7" / "bfi"
    published = {path.stem for path in folder.glob("*.json")}
    assert published == {one.id.replace("-", "_p") for one in people_of("personallm")}


def test_marked_personas_are_five_races_by_three_genders_and_each_is_asked_about_in_six_ways() -> None:
    people = people_of("marked_personas")
    assert len({(one.extensions["race"], one.extensions["gender"]) for one in people}) == 15
    assert Counter(one.extensions["marked"] for one in people) == {
        "": 1, "race": 4, "gender": 2, "race and gender": 8,
    }  # fmt: skip
    assert [one.description for one in people if one.extensions["race"] == "Latine"] == [
        "A Latino man.",
        "A Latina woman.",
        "A Latino nonbinary person.",
    ]
    asked = [prompt for one in people for prompt in describing_prompts(one).values()]
    assert len(set(asked)) == 15 * 6
    assert len(asked) * 15 == 1_350
    (asian,) = [one for one in people if one.id == "asian-woman"]
    assert all("an Asian woman" in prompt for prompt in describing_prompts(asian).values())
    assert "describe her" in describing_prompts(asian)["imagined"]


@pytest.mark.replay
def test_marked_personas_are_those_of_the_published_texts(replay: Callable[[str], Path]) -> None:
    texts = pl.read_csv(replay("006") / "data" / "dv3" / "dv3_main_generations.csv")
    letters = {"M": "man", "W": "woman", "N": "nonbinary person"}
    published = Counter(
        (race.split(" ", 1)[1], letters[gender]) for race, gender in texts.select("race", "gender").iter_rows()
    )
    assert set(published.values()) == {90}
    people = people_of("marked_personas")
    assert set(published) == {(one.extensions["race"], one.extensions["gender"]) for one in people}
    phrases = {str(one.extensions["phrase"]) for one in people}
    described = {
        prompt for prompt in texts["prompt"].to_list() if prompt.startswith("Describe") and "first" not in prompt
    }
    assert described == {f"Describe {phrase}." for phrase in phrases}


def test_effects_are_162_personas_30_assistants_and_nobody() -> None:
    assert [one.id for one in people_of("persona_effects.personas")] == [one.key for one in universal_personas()]
    controls = people_of("persona_effects.controls")
    assert [one.description.rstrip(".").lower() for one in controls] == list(assistant_roles())
    (nobody,) = people_of("persona_effects.empty")
    assert render(nobody, "second-person").text == ""


def test_the_lens_has_21_people_of_one_attribute_and_12_of_three() -> None:
    single = people_of("social_reasoning_lens.single")
    assert Counter(one.extensions["group"] for one in single) == {
        "age": 3, "education": 3, "gender": 2, "loneliness": 2, "politics": 3, "ethnicity": 3, "religion": 5,
    }  # fmt: skip
    texts = {render(one, "second-person").text for one in single}
    assert len(texts) == 21
    assert "You are 15 years old." in texts
    for one in single:
        facts = one.demographics.model_dump(exclude_defaults=True) | dict(one.social_identity)
        assert len(facts) == 1, one.id
    groups = people_of("social_reasoning_lens.groups")
    crossed = {(one.demographics.age, one.demographics.gender, one.demographics.ethnicity) for one in groups}
    assert crossed == set(
        itertools.product((25, 45), ("male", "female"), ("African American", "Hispanic", "Caucasian"))
    )


@pytest.mark.replay
def test_the_lens_has_the_groups_of_the_published_analysis(replay: Callable[[str], Path]) -> None:
    conditions = set(pl.read_csv(replay("014") / "hatexplain500_predictions.csv")["persona"]) - {"baseline"}
    assert len(conditions) == len(people_of("social_reasoning_lens.single"))
    groups = pl.read_csv(replay("014") / "krippendorff_alphas_by_group_averaged.csv")["attribute_group"].unique()
    ours = {str(one.extensions["group"]) for one in people_of("social_reasoning_lens.single")}
    assert len(groups) == len(ours)
    assert {"Age", "Education", "Gender", "Loneliness", "Religion"} <= set(groups)


def write_statements(folder: Path, key: str, rows: list[tuple[str, bool, float]]) -> None:
    lines = [
        orjson.dumps(
            {"statement": text, "answer_matching_behavior": " Yes" if fits else " No", "label_confidence": sure}
        )
        for text, fits, sure in rows
    ]
    (folder / f"{key}.jsonl").write_bytes(b"\n".join(lines) + b"\n")


def test_statements_become_beliefs_the_surest_first(tmp_path: Path) -> None:
    rows = [
        ("I like crowds.", True, 0.9),
        ("I love parties.", True, 0.95),
        ("I hide.", False, 0.99),
        ("Hm.", True, 0.6),
    ]
    write_statements(tmp_path, "extraversion", rows)
    write_statements(tmp_path, "desire-for-popularity", [("Like me.", True, 1.0)])
    table = read_statements(tmp_path)
    assert table.rows() == [
        ("extraversion", "I like crowds.", True, 0.9),
        ("extraversion", "I love parties.", True, 0.95),
        ("extraversion", "I hide.", False, 0.99),
    ]
    assert read_statements(tmp_path, least=0).height == 4
    people = {one.id: one for one in named("persona_localization", beliefs=table).personas()}
    assert people["extraversion"].beliefs == ("I love parties.", "I like crowds.")
    assert people["extraversion"].provenance_of("beliefs").licence == "CC BY 4.0"
    assert people["extraversion"].provenance_of("beliefs").origin == "written"
    assert people["openness"].beliefs == ()
    assert with_beliefs(people["extraversion"], table, most=1).beliefs == ("I love parties.",)


def test_folders_and_lines_that_are_no_statements_are_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="none of the fourteen files"):
        read_statements(tmp_path)
    write_statements(tmp_path, "openness", [("I wonder.", True, 0.9)])
    for line in (b"{", b"[]", b'{"statement": "x"}',
                 b'{"statement": "x", "answer_matching_behavior": "perhaps", "label_confidence": 1}'):  # fmt: skip
        path = tmp_path / "openness.jsonl"
        kept = path.read_bytes()
        path.write_bytes(kept + line)
        with pytest.raises(InputError, match="no labelled statement") as caught:
            read_statements(tmp_path)
        assert "openness.jsonl:2" in str(caught.value)
        path.write_bytes(kept)


@pytest.mark.replay
def test_published_statements_are_half_and_half(replay: Callable[[str], Path]) -> None:
    table = read_statements(replay("058"), least=0)
    counts = table.group_by("persona", "is_matching").len()
    assert set(counts["len"]) == {500}
    means = table.group_by("persona").agg(pl.col("confidence").mean())["confidence"]
    assert all(0.94 < mean < 0.98 for mean in means)
    told = [one for one in named("persona_localization", beliefs=table).personas() if one.beliefs]
    assert len(told) == table["persona"].n_unique()
    assert all(len(one.beliefs) == 10 for one in told)


# As a user calls them.


def test_the_command_lists_sets_and_writes_them(tmp_path: Path) -> None:
    listed = personae("population", "sets", "--json").data["sets"]
    assert {one["name"]: one["size"] for one in listed} == {one.key: one.size for one in persona_sets()}
    assert "persona_localization" in personae("population", "sets").out

    ran = personae("population", "sample", "persona_effects.controls", "--to", str(tmp_path / "controls"))
    assert ran.code == 0, ran.err
    opened = open_people(tmp_path / "controls")
    assert [one.id for one in opened.personas()] == [one.id for one in people_of("persona_effects.controls")]
    assert "Terms: none stated" in (tmp_path / "controls" / "README.md").read_text(encoding="utf-8")
    assert "license: unknown" in (tmp_path / "controls" / "README.md").read_text(encoding="utf-8")

    for name in ("people.jsonl", "people.parquet"):
        ran = personae("population", "sample", "personallm", "--each", "1", "--to", str(tmp_path / name))
        assert ran.code == 0, ran.err
        assert list(open_people(tmp_path / name).personas()) == list(named("personallm", each=1).personas())
    assert len(read_personas(tmp_path / "people.jsonl")) == 32

    table = tmp_path / "worded.parquet"
    worded = ("population", "sample", "marked_personas", "--to", str(table), "-r", "second-person")
    assert personae(*worded).code == 0
    assert pl.read_parquet(table)["text"][0] == "A White man."


def test_a_set_is_opened_by_its_name_and_asked_in_sql() -> None:
    assert open_people("marked_personas").frame().height == 15
    sql = 'SELECT "extensions.marked" m, count(*) n FROM people GROUP BY 1 ORDER BY 2'
    asked = personae("population", "query", "marked_personas", sql, "--json")
    assert asked.data["rows"] == [["", 1], ["gender", 2], ["race", 4], ["race and gender", 8]]


def test_the_command_adds_beliefs_and_says_who_got_none(tmp_path: Path) -> None:
    write_statements(tmp_path, "openness", [("I wonder.", True, 0.9)])
    to = tmp_path / "people.jsonl"
    said = personae(
        "population", "sample", "persona_localization", "--statements", str(tmp_path), "--to", str(to), "--json"
    )
    (warning,) = said.envelope["warnings"]
    assert "no statements for extraversion" in warning
    assert "openness" not in warning
    people = [json.loads(line) for line in to.read_text(encoding="utf-8").splitlines()]
    assert [one["beliefs"] for one in people if one["id"] == "openness"] == [["I wonder."]]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["marked_persona"], "did you mean marked_personas"),
        (["marked_personas", "--size", "5"], "--size"),
        (["marked_personas", "--seed", "5"], "--seed"),
        (["marked_personas", "--statements", "."], "no statements"),
        (["no.yaml"], "cannot be read"),
    ],
)
def test_what_cannot_be_is_told(arguments: list[str], message: str, tmp_path: Path) -> None:
    said = personae("population", "sample", *arguments, "--to", str(tmp_path / "x"))
    assert said.code != 0
    assert message in said.err
    assert not (tmp_path / "x").exists()


def test_options_of_sets_are_refused_for_recipes_and_words_in_a_persona_file(tmp_path: Path) -> None:
    recipe = tmp_path / "town.yaml"
    recipe.write_text("size: 3\nfields: {demographics.age: {draw: constant, value: 40}}\n", encoding="utf-8")
    said = personae("population", "sample", str(recipe), "--each", "2", "--to", str(tmp_path / "town"))
    assert "--each" in said.err
    assert personae("population", "sample", str(recipe), "--to", str(tmp_path / "town")).code == 0
    to_file = ("population", "sample", "marked_personas", "--to", str(tmp_path / "a.jsonl"))
    assert "--on" in personae(*to_file, "--on", "ray").err
    said = personae(*to_file, "-r", "second-person")
    assert "no place for rendered words" in said.err
