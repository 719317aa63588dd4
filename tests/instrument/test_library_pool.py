"""Forms from the International Personality Item Pool: counts as published, and one key for an item in all of them."""

from __future__ import annotations

import pytest

from personae.instrument import Instrument, load_instrument

POOL = ("ipip-bidr-30", "ipip-ei-68", "ipip-hexaco-240", "ipip-self-control")


def polarity(instrument: Instrument) -> dict[str, tuple[int, int]]:
    """How many items of each broad scale are keyed up and down."""
    return {
        scale.key: (len(scale.items) - len(scale.reverse), len(scale.reverse)) for scale in instrument.broad_scales()
    }


def keyed(instrument: Instrument) -> dict[tuple[str, str], int]:
    """Key of every item in every scale, by wording and scale."""
    return {
        (instrument.items[item], scale.key): sign
        for scale in instrument.scales
        for item, sign in instrument.keying(scale).items()
    }


@pytest.mark.parametrize("key", POOL)
def test_items_are_sentences_without_a_subject_that_come_once(key: str) -> None:
    texts = list(load_instrument(key).items.values())
    assert len(set(texts)) == len(texts)
    assert all(text.endswith((".", '."')) and not text.endswith("..") for text in texts)
    assert not any(text.startswith("I ") for text in texts)


@pytest.mark.parametrize("key", POOL)
def test_they_are_asked_as_the_other_forms_of_the_pool(key: str) -> None:
    assert load_instrument(key).options == load_instrument("ipip-neo-120").options
    assert load_instrument(key).instructions == load_instrument("ipip-neo-120").instructions


def test_scales_have_as_many_items_either_way_as_the_pool_prints() -> None:
    assert polarity(load_instrument("ipip-self-control")) == {"self_control": (3, 7)}
    assert polarity(load_instrument("ipip-bidr-30")) == {"impression_management": (10, 10), "self_deception": (5, 5)}
    assert polarity(load_instrument("ipip-ei-68")) == {
        "positive_expressivity": (6, 3),
        "negative_expressivity": (5, 5),
        "attention_to_emotions": (5, 5),
        "emotion_based_decisions": (5, 4),
        "responsive_joy": (6, 4),
        "responsive_distress": (5, 5),
        "empathic_concern": (5, 5),
    }


def test_the_hexaco_of_the_pool_has_ten_items_a_facet_and_four_facets_a_domain() -> None:
    one = load_instrument("ipip-hexaco-240")
    facets = [scale for scale in one.scales if scale.within]
    assert {len(facet.items) for facet in facets} == {10}
    assert all(sum(facet.within == whole.key for facet in facets) == 4 for whole in one.broad_scales())
    theirs = {scale.key for scale in load_instrument("hexaco-60").broad_scales()}
    assert {scale.key for scale in one.broad_scales()} == theirs
    assert {scale.trait for scale in one.broad_scales()} == {f"hexaco.{key}" for key in theirs}


def test_an_item_of_a_facet_that_both_pools_have_is_keyed_alike() -> None:
    ours, theirs = keyed(load_instrument("ipip-hexaco-240")), keyed(load_instrument("ipip-neo-300"))
    both = [(text, scale) for text, scale in ours if (text, scale) in theirs and scale == "anxiety"]
    assert len(both) >= 4
    assert all(ours[one] == theirs[one] for one in both)


def test_an_honest_person_scores_high_on_honesty_and_low_on_what_it_stands_in_for() -> None:
    one = load_instrument("ipip-hexaco-240")
    signs = {one.items[item]: sign for item, sign in one.keying(one.scale("honesty_humility")).items()}
    assert signs["Would never take things that aren't mine."] == 1
    assert signs["Cheat to get ahead."] == signs["Have a strong need for power."] == -1
