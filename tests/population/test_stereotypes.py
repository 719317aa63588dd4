"""Words that real texts have, marked words, and what hangs on a group."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from personae.errors import InputError
from personae.population.privacy import copied_runs
from personae.population.stereotypes import associations, group_words
from personae.text.marked_words import count_words, marked_words


def test_runs_of_words_from_real_texts_are_counted() -> None:
    real = ["my grandmother kept bees behind the old mill near the river for forty years"]
    texts = ["They kept bees behind the old mill near the river and sang.", "A nurse from Leeds."]
    assert copied_runs(texts, real, words=5).tolist() == [9, 0]


def test_marked_words_are_the_log_odds_of_the_formula() -> None:
    target, other = count_words(["a a a b"]), count_words(["a b b b c"])
    prior = target + other
    assert marked_words(target, other, prior, least=-99)[0].word == "a"
    z = next(word.z for word in marked_words(target, other, prior, least=-99) if word.word == "a")
    # y1=3 n1=4, y2=1 n2=5, a=4 of 9
    delta = np.log(7 / (4 + 9 - 3 - 4)) - np.log(5 / (5 + 9 - 1 - 4))
    assert z == pytest.approx(delta / np.sqrt(1 / 7 + 1 / 5))
    with pytest.raises(InputError, match="lacks"):
        marked_words(target, other, target)


@pytest.mark.replay
def test_published_marked_words_are_found_again(replay: Callable[[str], Path]) -> None:
    """text-davinci-003, Black against White personas: as many words are marked as in the published table, or more."""
    table = pl.read_csv(replay("006/data/dv3/dv3_main_generations.csv"))
    words = {race: count_words(table.filter(pl.col("race") == race)["text"]) for race in table["race"].unique()}
    races = [race for race in words if "Black" in race], [race for race in words if "White" in race]
    prior = sum(words.values(), start=type(words[races[0][0]])())
    found = marked_words(words[races[0][0]], words[races[1][0]], prior)
    assert len(found) >= 19
    assert {"black", "dark", "deep"} & {word.word for word in found[:25]}


def test_words_and_facts_that_hang_on_a_group_are_found() -> None:
    generator = np.random.default_rng(1)
    gender = generator.choice(["woman", "man"], 600)
    work = np.where(gender == "woman", "nurse", generator.choice(["nurse", "smith", "judge"], 600))
    people = pl.DataFrame(
        {
            "demographics.gender": gender,
            "demographics.occupation": work,
            "style": generator.choice(["plain", "curt"], 600),
            "description": [f"A {'gentle' if g == 'woman' else 'strong'} person of the town." for g in gender],
        }
    )
    fair = people.with_columns(pl.Series("demographics.occupation", generator.choice(["nurse", "smith", "judge"], 600)))
    found = associations(
        people.drop("description"),
        ["demographics.gender"],
        target=fair.drop("description"),
        rng=np.random.default_rng(0),
    )
    assert found[0].columns == ("demographics.gender", "demographics.occupation")
    assert found[0].excess is not None
    assert found[0].excess > 0.4
    assert abs(found[1].strength.estimate) < 0.15
    marked = {one.group: [word.word for word in one.words] for one in group_words(people, "demographics.gender")}
    assert marked == {"woman": ["gentle"], "man": ["strong"]} or marked == {"man": ["strong"], "woman": ["gentle"]}
