"""The questionnaires that ship: numbers, keys, options and licences, written down a second time and apart from them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from instrument.test_library_structures import FURTHER, STRUCTURES
from personae.instrument import Instrument, Scale, list_instruments, load_instrument, score_scale

DOMAINS = ("extraversion", "agreeableness", "conscientiousness", "neuroticism", "openness")


@dataclass(frozen=True)
class Printed:
    """The key of a questionnaire: items and reversed items by domain, in the order of DOMAINS."""

    options: int
    items: tuple[tuple[int, ...], ...]
    reverse: tuple[tuple[int, ...], ...]
    stability: bool = False  # the fourth scale measures emotional stability

    @property
    def total(self) -> int:
        return sum(map(len, self.items))


def every_fifth(total: int) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(range(first, total + 1, 5)) for first in range(1, 6))


PRINTED = {
    "bfi-44": Printed(
        options=5,
        items=(
            (1, 6, 11, 16, 21, 26, 31, 36),
            (2, 7, 12, 17, 22, 27, 32, 37, 42),
            (3, 8, 13, 18, 23, 28, 33, 38, 43),
            (4, 9, 14, 19, 24, 29, 34, 39),
            (5, 10, 15, 20, 25, 30, 35, 40, 41, 44),
        ),
        reverse=((6, 21, 31), (2, 12, 27, 37), (8, 18, 23, 43), (9, 24, 34), (35, 41)),
    ),
    "bfi-10": Printed(options=5, items=every_fifth(10), reverse=((1,), (7,), (3,), (4,), (5,))),
    "tipi": Printed(options=7, items=every_fifth(10), reverse=((6,), (2,), (8,), (4,), (10,)), stability=True),
    "mini-ipip-20": Printed(
        options=5, items=every_fifth(20), reverse=((6, 16), (7, 17), (8, 18), (9, 19), (10, 15, 20))
    ),
    "ipip-bffm-50": Printed(
        options=5,
        items=every_fifth(50),
        reverse=(
            (6, 16, 26, 36, 46),
            (2, 12, 22, 32),
            (8, 18, 28, 38),
            (4, 14, 24, 29, 34, 39, 44, 49),
            (10, 20, 30),
        ),
        stability=True,
    ),
    "ipip-neo-120": Printed(
        options=5,
        items=tuple(tuple(range(first, 121, 5)) for first in (2, 4, 5, 1, 3)),
        reverse=(
            (62, 67, 92, 97, 102, 107),
            (9, 19, 24, 39, 49, 54, 69, 74, 79, 84, 89, 94, 99, 104, 109, 114, 119),
            (30, 40, 60, 70, 75, 80, 85, 90, 100, 105, 110, 115, 120),
            (51, 81, 96, 101, 106, 111, 116),
            (48, 53, 68, 73, 78, 83, 88, 98, 103, 108, 113, 118),
        ),
    ),
}
VALUES: dict[str, dict[str, tuple[int, ...]]] = {
    "pvq-rr": {
        "self_direction_thought": (1, 23, 39),
        "self_direction_action": (16, 30, 56),
        "stimulation": (10, 28, 43),
        "hedonism": (3, 36, 46),
        "achievement": (17, 32, 48),
        "power_dominance": (6, 29, 41),
        "power_resources": (12, 20, 44),
        "face": (9, 24, 49),
        "security_personal": (13, 26, 53),
        "security_societal": (2, 35, 50),
        "tradition": (18, 33, 40),
        "conformity_rules": (15, 31, 42),
        "conformity_interpersonal": (4, 22, 51),
        "humility": (7, 38, 54),
        "universalism_nature": (8, 21, 45),
        "universalism_concern": (5, 37, 52),
        "universalism_tolerance": (14, 34, 57),
        "benevolence_care": (11, 25, 47),
        "benevolence_dependability": (19, 27, 55),
    },
    "mfq-30-relevance": {
        "harm": (1, 7, 12),
        "fairness": (2, 8, 13),
        "ingroup": (3, 9, 14),
        "authority": (4, 10, 15),
        "purity": (5, 11, 16),
    },
    "mfq-30-judgments": {
        "harm": (17, 23, 28),
        "fairness": (18, 24, 29),
        "ingroup": (19, 25, 30),
        "authority": (20, 26, 31),
        "purity": (21, 27, 32),
    },
}
"""Scales of the questionnaires of values and morals; none of their items is reversed."""
FACETS = {
    "neuroticism": ("anxiety", "anger", "depression", "self_consciousness", "immoderation", "vulnerability"),
    "extraversion": (
        "friendliness",
        "gregariousness",
        "assertiveness",
        "activity_level",
        "excitement_seeking",
        "cheerfulness",
    ),
    "openness": ("imagination", "artistic_interests", "emotionality", "adventurousness", "intellect", "liberalism"),
    "agreeableness": ("trust", "morality", "altruism", "cooperation", "modesty", "sympathy"),
    "conscientiousness": (
        "self_efficacy",
        "orderliness",
        "dutifulness",
        "achievement_striving",
        "self_discipline",
        "cautiousness",
    ),
}
ACCURACY = ("Very Inaccurate", "Moderately Inaccurate", "", "Moderately Accurate", "Very Accurate")
AGREEMENT = (
    "Disagree strongly",
    "Disagree a little",
    "Neither agree nor disagree",
    "Agree a little",
    "Agree strongly",
)

every_instrument = pytest.mark.parametrize("key", sorted(PRINTED))


def domain(instrument: Instrument, trait: str) -> Scale:
    """The broad scale that measures a trait of the Big Five."""
    (found,) = [scale for scale in instrument.broad_scales() if scale.trait == f"big_five.{trait}"]
    return found


def numbers(ids: tuple[str, ...]) -> tuple[int, ...]:
    return tuple(map(int, ids))


def test_the_library_has_these_instruments_and_no_other() -> None:
    assert set(list_instruments()) == {*PRINTED, *VALUES, *STRUCTURES, *FURTHER}


# What is printed.


@every_instrument
def test_items_are_numbered_in_printed_order(key: str) -> None:
    instrument = load_instrument(key)
    assert instrument.key == key
    assert numbers(instrument.item_ids) == tuple(range(1, PRINTED[key].total + 1))


@every_instrument
@pytest.mark.parametrize("position", range(5))
def test_a_scale_has_these_items_and_reverses_exactly_these(key: str, position: int) -> None:
    scale = domain(load_instrument(key), DOMAINS[position])
    assert numbers(scale.items) == PRINTED[key].items[position]
    assert numbers(scale.reverse) == PRINTED[key].reverse[position]


@every_instrument
def test_every_item_belongs_to_exactly_one_broad_scale(key: str) -> None:
    instrument = load_instrument(key)
    counted = [item for scale in instrument.broad_scales() for item in scale.items]
    assert sorted(counted, key=int) == list(instrument.item_ids)


@every_instrument
def test_a_questionnaire_measures_the_big_five_and_stability_downwards(key: str) -> None:
    scales = load_instrument(key).broad_scales()
    assert sorted(scale.trait for scale in scales) == sorted(f"big_five.{trait}" for trait in DOMAINS)
    downwards = [scale.key for scale in scales if scale.direction == -1]
    assert downwards == (["emotional_stability"] if PRINTED[key].stability else [])


@every_instrument
def test_options_rise_from_one(key: str) -> None:
    options = load_instrument(key).options
    assert [option.value for option in options] == list(range(1, PRINTED[key].options + 1))


@pytest.mark.parametrize(
    ("key", "middle"),
    [
        ("mini-ipip-20", "Neither Inaccurate nor Accurate"),
        ("ipip-bffm-50", "Neither Accurate Nor Inaccurate"),
        ("ipip-neo-120", "Neither Accurate Nor Inaccurate"),
    ],
)
def test_items_of_the_pool_are_rated_for_accuracy(key: str, middle: str) -> None:
    labels = tuple(option.label for option in load_instrument(key).options)
    assert labels == tuple(label or middle for label in ACCURACY)


def test_the_inventories_of_john_and_gosling_ask_for_agreement() -> None:
    assert tuple(option.label for option in load_instrument("bfi-44").options) == AGREEMENT
    assert load_instrument("bfi-10").options == load_instrument("bfi-44").options
    seven = tuple(option.label for option in load_instrument("tipi").options)
    assert seven == (AGREEMENT[0], "Disagree moderately", *AGREEMENT[1:4], "Agree moderately", AGREEMENT[4])


@pytest.mark.parametrize(
    ("key", "stem"),
    [
        ("bfi-44", "I see myself as someone who"),
        ("bfi-10", "I see myself as someone who"),
        ("tipi", "I see myself as:"),
        ("mini-ipip-20", ""),
        ("ipip-bffm-50", ""),
        ("ipip-neo-120", ""),
    ],
)
def test_items_continue_the_stem_of_the_form(key: str, stem: str) -> None:
    assert load_instrument(key).stem == stem


@pytest.mark.parametrize(
    ("key", "item", "text"),
    [
        ("bfi-44", "1", "is talkative"),
        ("bfi-44", "44", "is sophisticated in art, music, or literature"),
        ("bfi-10", "1", "is reserved"),
        ("bfi-10", "10", "has an active imagination"),
        ("tipi", "5", "Open to new experiences, complex."),
        ("tipi", "10", "Conventional, uncreative."),
        ("mini-ipip-20", "9", "Am relaxed most of the time."),
        ("mini-ipip-20", "20", "Do not have a good imagination."),
        ("ipip-bffm-50", "38", "Shirk my duties."),
        ("ipip-bffm-50", "50", "Am full of ideas."),
        ("ipip-neo-120", "28", "Tend to vote for liberal political candidates."),
        ("ipip-neo-120", "88", "Tend to vote for conservative political candidates."),
        ("ipip-neo-120", "120", "Act without thinking."),
    ],
)
def test_an_item_reads_as_printed(key: str, item: str, text: str) -> None:
    assert load_instrument(key).items[item] == text


@every_instrument
def test_no_text_occurs_twice(key: str) -> None:
    instrument = load_instrument(key)
    for wording in ["original", *(wording.key for wording in instrument.wordings)]:
        texts = [text.casefold() for text in instrument.texts(wording).values()]
        assert len(set(texts)) == len(texts)


@every_instrument
def test_texts_have_no_stray_space_and_one_kind_of_ending(key: str) -> None:
    instrument = load_instrument(key)
    for text in instrument.items.values():
        assert text == " ".join(text.split())
        assert text.endswith(".") == (not key.startswith("bfi"))


def test_the_simplified_inventory_has_every_item_of_the_original() -> None:
    instrument = load_instrument("bfi-44")
    simplified = instrument.texts("simplified")
    assert list(simplified) == list(instrument.item_ids)
    assert simplified["1"] == "Talks a lot"
    assert simplified["44"] == "Knows a lot about art, music and books"


# Facets.


def test_thirty_facets_take_turns() -> None:
    instrument = load_instrument("ipip-neo-120")
    facets = {scale.key: scale for scale in instrument.scales if scale.within}
    assert set(facets) == {facet for names in FACETS.values() for facet in names}
    for position, trait in enumerate(("neuroticism", "extraversion", "openness", "agreeableness", "conscientiousness")):
        for turn, name in enumerate(FACETS[trait]):
            first = 5 * turn + position + 1
            assert numbers(facets[name].items) == (first, first + 30, first + 60, first + 90)
            assert facets[name].within == trait
            assert facets[name].trait == f"big_five.{trait}.{name}"


@pytest.mark.parametrize("trait", sorted(FACETS))
def test_facets_partition_their_domain_and_share_its_key(trait: str) -> None:
    instrument = load_instrument("ipip-neo-120")
    facets = [scale for scale in instrument.scales if scale.within == trait]
    whole = instrument.scale(trait)
    assert sorted(item for facet in facets for item in facet.items) == sorted(whole.items)
    assert sorted(item for facet in facets for item in facet.reverse) == sorted(whole.reverse)


def test_only_the_long_inventory_has_facets() -> None:
    assert [key for key in PRINTED if any(scale.within for scale in load_instrument(key).scales)] == ["ipip-neo-120"]


# Values and morals.


@pytest.mark.parametrize("key", sorted(VALUES))
def test_a_questionnaire_of_values_has_this_key_and_reverses_nothing(key: str) -> None:
    instrument = load_instrument(key)
    assert {scale.key: numbers(scale.items) for scale in instrument.scales} == VALUES[key]
    assert not any(scale.reverse for scale in instrument.scales)
    assert len(instrument.options) == 6
    assert instrument.lowest == (1 if key == "pvq-rr" else 0)
    assert sorted(numbers(instrument.item_ids)) == sorted(item for items in VALUES[key].values() for item in items)
    assert not instrument.licence.is_commercial_use_free


@pytest.mark.parametrize(("wording", "words"), [("original", {"him"}), ("female", {"her"}), ("either", {"him/her"})])
def test_each_form_of_the_portraits_speaks_of_one_kind_of_person(wording: str, words: set[str]) -> None:
    texts = load_instrument("pvq-rr").texts(wording)
    assert len(texts) == 57
    assert {text.split(" to ")[1].split()[0] for text in texts.values()} == words


# Between instruments.


def pole(instrument: Instrument, item: str) -> tuple[str, int]:
    """The trait that an item measures, and whether agreeing means more of it (1) or less (-1)."""
    (scale,) = [scale for scale in instrument.broad_scales() if item in scale.items]
    return scale.trait, scale.direction * instrument.keying(scale)[item]


@pytest.mark.parametrize(("short", "long"), [("bfi-10", "bfi-44"), ("mini-ipip-20", "ipip-bffm-50")])
def test_a_short_form_takes_items_with_their_key_from_its_long_form(short: str, long: str) -> None:
    brief, full = load_instrument(short), load_instrument(long)
    of_text = {text: item for item, text in full.items.items()}
    for item, text in brief.items.items():
        assert pole(brief, item) == pole(full, of_text[text]), text


def test_items_shared_by_the_two_pools_of_neuroticism_point_the_same_way() -> None:
    markers, facets = load_instrument("ipip-bffm-50"), load_instrument("ipip-neo-120")
    of_text = {text: item for item, text in facets.items.items()}
    shared = [item for item in markers.scale("emotional_stability").items if markers.items[item] in of_text]
    assert {markers.items[item] for item in shared} == {
        "Get stressed out easily.",
        "Worry about things.",
        "Get irritated easily.",
        "Often feel blue.",
    }
    for item in shared:
        assert pole(markers, item) == pole(facets, of_text[markers.items[item]]) == ("big_five.neuroticism", 1)


# Terms and provenance.


@every_instrument
def test_an_instrument_says_whose_it_is_and_where_it_was_taken_from(key: str) -> None:
    instrument = load_instrument(key)
    assert instrument.citation
    assert instrument.source
    assert instrument.licence.name
    assert instrument.licence.holder
    assert instrument.licence.url.startswith("http")
    assert instrument.instructions
    assert instrument.language == "en"


@every_instrument
def test_only_public_domain_items_are_free_for_commerce(key: str) -> None:
    licence = load_instrument(key).licence
    assert licence.is_commercial_use_free == (licence.name == "public domain") == ("ipip" in key)
    assert licence.is_commercial_use_free or "ask" in licence.note


def test_norms_say_whether_somebody_looked_them_up() -> None:
    norms = {
        (key, scale.key): norm.confidence
        for key in PRINTED
        for scale in load_instrument(key).scales
        for norm in scale.norms
    }
    assert {key for key, _ in norms} == {"tipi", "bfi-44"}
    assert {confidence for (key, _), confidence in norms.items() if key == "tipi"} == {"memory"}


@every_instrument
def test_norms_lie_within_the_range_of_answers(key: str) -> None:
    instrument = load_instrument(key)
    for scale in instrument.scales:
        for norm in scale.norms:
            assert instrument.lowest < norm.mean < instrument.highest
            assert norm.sd < (instrument.highest - instrument.lowest) / 2


# The key against published scores.


@pytest.mark.replay
def test_the_key_reproduces_every_published_score_of_the_big_five_inventory(replay: Callable[[str], Path]) -> None:
    runs = json.loads(replay("061/save.json").read_text(encoding="utf-8"))["data"]
    instrument = load_instrument("bfi-44")
    answers = np.array([[run["raw"][item] for item in instrument.item_ids] for run in runs], dtype=float)
    assert answers.shape == (2500, 44)
    for trait in DOMAINS:
        published = np.array([run["data"][trait.capitalize()] for run in runs])
        np.testing.assert_allclose(
            score_scale(answers, instrument, domain(instrument, trait)), published, rtol=0, atol=1e-9
        )
