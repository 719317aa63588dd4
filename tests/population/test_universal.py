"""The curated set: its published counts, its wording, its controls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import orjson
import polars as pl
import pytest

from personae.persona import render
from personae.population import (
    assistant_roles,
    first_of_each,
    universal_categories,
    universal_hash,
    universal_personas,
)


def test_the_set_is_73_generic_and_89_specific_personas_of_twelve_categories() -> None:
    everybody = universal_personas()
    assert len(everybody) == 162 == len({one.key for one in everybody}) == len({one.phrase for one in everybody})
    assert Counter(one.kind for one in everybody) == {"generic": 73, "specific": 89}
    counts = Counter(one.category for one in everybody)
    assert counts["profession"] == 50
    assert counts["name_by_country"] == 12
    assert counts["political_figure"] == 27
    assert tuple(counts) == universal_categories()
    assert len(counts) == 12


@pytest.mark.replay
def test_the_words_are_those_of_the_published_list(replay: Callable[[str], Path]) -> None:
    data = orjson.loads((replay("117") / "universal_persona.json").read_bytes())
    published = {(kind, category, word) for kind in data for category in data[kind] for word in data[kind][category]}
    assert {(one.kind, one.category, one.word) for one in universal_personas()} == published


@pytest.mark.replay
def test_the_published_wording_and_the_controls_are_those_of_the_score_files(replay: Callable[[str], Path]) -> None:
    names = set(pl.read_csv(replay("010") / "persona_scores_gpt4_mistral.csv")["persona"]) - {"empty"}
    assert {one.key for one in universal_personas()} == names
    controls = set(pl.read_csv(replay("010") / "control_scores_gpt4_mistral.csv")["persona"])
    assert {role.replace(" ", "_") for role in assistant_roles()} == controls


def test_the_corrected_wording_has_no_wrong_article_and_no_basketball_boxer() -> None:
    by_word = {one.word: one for one in universal_personas()}
    assert (by_word["boxer"].phrase, by_word["boxer"].published) == ("a boxer", "a basketball boxer")
    assert by_word["boxer"].worded(as_published=True) == "a basketball boxer"
    for one in universal_personas():
        article, _, rest = one.phrase.partition(" ")
        if article in ("a", "an"):
            assert (article == "an") == (rest[0].lower() in "aeio" or rest.startswith(("uneducated", "upper"))), one


def test_each_persona_is_an_object_of_its_own() -> None:
    people = [one.persona() for one in universal_personas()]
    assert len({one.hash for one in people}) == 162
    assert people[0].extensions == {"kind": "generic", "group": "race", "word": "white"}
    assert render(people[0], "second-person").text == "A white person."
    assert "Wan et al." in people[0].provenance_of("description").by


def test_a_part_takes_the_first_of_each_category() -> None:
    assert [one.word for one in first_of_each(1)][:3] == ["white", "straight", "upper class"]
    assert len(first_of_each(2)) == 24
    assert first_of_each(50) == universal_personas()
    assert len(assistant_roles()) == 30 == len(set(assistant_roles()))
    assert len(universal_hash()) == 64


def test_three_wordings_of_each_persona_are_kept_apart() -> None:
    by_word = {(one.category, one.word): one for one in universal_personas()}
    sikh = by_word["religion", "sikhism"]
    assert (sikh.phrase, sikh.published, sikh.original) == (
        "a person of Sikhism belief",
        "a person of Sikhism belief",
        "a person of sikhism blief",
    )
    college = by_word["education", "college"]
    assert (college.published, college.original) == (
        "a person with college-level education",
        "a person with college level education",
    )
    assert sum(one.original != one.published for one in universal_personas()) == 22
