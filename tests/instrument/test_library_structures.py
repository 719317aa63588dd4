"""Forms of the library beyond the short inventories: keys written down a second time, and what they must add up to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

from personae.instrument import Instrument, Matrix, Scale, load_instrument, score_range, score_scale, type_letters

STRUCTURES: Mapping[str, tuple[int, tuple[int, int], int]] = {
    "bfi-2": (60, (1, 5), 20),
    "bsri": (60, (1, 7), 2),
    "cabin": (164, (1, 5), 41),
    "csi": (96, (1, 5), 30),
    "dtdd": (12, (1, 9), 3),
    "ecr-r": (36, (1, 7), 2),
    "eis": (33, (1, 5), 1),
    "empathy": (10, (1, 7), 1),
    "epq-r": (100, (0, 1), 4),
    "hexaco-60": (60, (1, 5), 30),
    "icb": (8, (1, 6), 1),
    "lms": (9, (1, 5), 3),
    "panas": (20, (1, 5), 2),
    "pvq-21": (21, (1, 6), 10),
    "sd3": (27, (1, 5), 3),
    "srq-63": (63, (1, 5), 8),
    "svs": (57, (-1, 7), 10),
    "vsm-2013": (24, (1, 5), 6),
    "wleis": (16, (1, 7), 4),
}
"""Items, lowest and highest answer, scales of the forms whose texts are not shipped."""
FURTHER: Mapping[str, tuple[int, tuple[int, int], int]] = {
    "8values": (70, (-2, 2), 4),
    "gse": (10, (1, 4), 1),
    "ipip-bidr-30": (30, (1, 5), 2),
    "ipip-ei-68": (68, (1, 5), 7),
    "ipip-hexaco-240": (240, (1, 5), 30),
    "ipip-neo-300": (300, (1, 5), 35),
    "ipip-self-control": (10, (1, 5), 1),
    "lot-r": (10, (0, 4), 1),
    "oejts": (32, (1, 5), 4),
    "rses": (10, (1, 4), 1),
}
EVERY = {**STRUCTURES, **FURTHER}

REVERSED: Mapping[str, Mapping[str, tuple[int, ...]]] = {
    "epq-r": {
        "extraversion": (24, 33, 47),
        "psychoticism": (2, 5, 7, 9, 12, 14, 18, 21, 41, 54, 59, 64, 68, 79, 81, 85, 88, 96, 99),
        "neuroticism": (),
        "lie": (4, 10, 19, 27, 32, 44, 49, 53, 57, 66, 71, 77, 82, 89, 93),
    },
    "ecr-r": {"anxiety": (9, 11), "avoidance": (20, 22, 26, 27, 28, 29, 30, 31, 33, 34, 35, 36)},
    "icb": {"fixed_culture": (5, 6, 7, 8)},
    "eis": {"emotional_intelligence": (5, 28, 33)},
    "empathy": {"empathy": (1, 6, 8, 9)},
    "lot-r": {"optimism": (3, 7, 9)},
    "rses": {"self_esteem": (2, 5, 6, 8, 9)},
    "sd3": {"machiavellianism": (), "narcissism": (11, 15, 17), "psychopathy": (20, 25)},
    "hexaco-60": {
        "honesty_humility": (12, 24, 30, 42, 48, 60),
        "emotionality": (35, 41, 53, 59),
        "extraversion": (10, 28, 46, 52),
        "agreeableness": (9, 15, 21, 57),
        "conscientiousness": (14, 20, 26, 32, 44, 56),
        "openness": (1, 19, 31, 49, 55),
    },
    "bfi-2": {
        "extraversion": (11, 16, 26, 31, 36, 51),
        "agreeableness": (12, 17, 22, 37, 42, 47),
        "conscientiousness": (3, 8, 23, 28, 48, 58),
        "neuroticism": (4, 9, 24, 29, 44, 49),
        "openness": (5, 25, 30, 45, 50, 55),
    },
}


def numbers(ids: tuple[str, ...]) -> tuple[int, ...]:
    return tuple(map(int, ids))


def answers(instrument: Instrument, rule: Callable[[int], float]) -> Matrix:
    return np.array([[rule(int(item)) for item in instrument.item_ids]], dtype=float)


@pytest.mark.parametrize("key", EVERY)
def test_a_form_has_this_size_and_range(key: str) -> None:
    one = load_instrument(key)
    items, bounds, scales = EVERY[key]
    assert (len(one.items), (one.lowest, one.highest), len(one.scales)) == (items, bounds, scales)
    assert numbers(one.item_ids) == tuple(range(1, items + 1))
    assert one.is_structure_only == (key in STRUCTURES)
    assert bool(one.obtain) == (key in STRUCTURES)
    assert one.citation
    assert one.source
    assert one.licence.is_commercial_use_free == (key == "8values" or key.startswith("ipip-"))


@pytest.mark.parametrize("key", EVERY)
def test_every_item_is_scored_or_a_filler(key: str) -> None:
    one = load_instrument(key)
    scored = {item for scale in one.scales for item in scale.items}
    assert scored | set(one.fillers) == set(one.items)
    assert not scored & set(one.fillers)


@pytest.mark.parametrize("key", [key for key in EVERY if key not in ("8values", "vsm-2013")])
def test_broad_scales_share_no_item(key: str) -> None:
    counted = [item for scale in load_instrument(key).broad_scales() for item in scale.items]
    assert len(set(counted)) == len(counted)


@pytest.mark.parametrize("key", REVERSED)
def test_exactly_these_items_are_reversed(key: str) -> None:
    one = load_instrument(key)
    assert {scale.key: tuple(sorted(numbers(scale.reverse))) for scale in one.broad_scales()} == REVERSED[key]


@pytest.mark.parametrize("key", ["bfi-2", "hexaco-60", "csi", "ipip-neo-300", "ipip-hexaco-240", "srq-63"])
def test_facets_partition_their_scale_and_share_its_key(key: str) -> None:
    one = load_instrument(key)
    for whole in one.broad_scales():
        facets = [scale for scale in one.scales if scale.within == whole.key]
        assert sorted(item for facet in facets for item in facet.items) == sorted(whole.items)
        assert sorted(item for facet in facets for item in facet.reverse) == sorted(whole.reverse)


def test_each_facet_of_the_bfi_2_has_two_items_either_way() -> None:
    one = load_instrument("bfi-2")
    facets = [scale for scale in one.scales if scale.within]
    assert {(len(facet.items), len(facet.reverse)) for facet in facets} == {(4, 2)}
    assert [numbers(each.items) for each in one.broad_scales()] == [tuple(range(n, 61, 5)) for n in range(1, 6)]


def test_the_hexaco_has_ten_items_a_domain_in_turns() -> None:
    domains = {scale.key: numbers(scale.items) for scale in load_instrument("hexaco-60").broad_scales()}
    order = ("openness", "conscientiousness", "agreeableness", "extraversion", "emotionality", "honesty_humility")
    assert domains == {key: tuple(range(place, 61, 6)) for place, key in enumerate(order, start=1)}


def test_styles_of_communication_take_turns() -> None:
    one = load_instrument("csi")
    for place, whole in enumerate(one.broad_scales(), start=1):
        assert numbers(whole.items) == tuple(range(place, 97, 6))
        facets = [scale for scale in one.scales if scale.within == whole.key]
        assert [int(facet.items[0]) for facet in facets] == [place, place + 6, place + 12, place + 18]
        assert {len(facet.items) for facet in facets} == {4}


def test_interests_are_four_items_each() -> None:
    assert all(len(scale.items) == 4 for scale in load_instrument("cabin").scales)


def test_affects_are_ten_adjectives_each() -> None:
    one = load_instrument("panas")
    assert numbers(one.scale("positive").items) == (1, 3, 5, 9, 10, 12, 14, 16, 17, 19)
    assert len(one.scale("negative").items) == 10
    assert score_range(one, one.scale("positive")) == (10, 50)


def test_values_have_as_many_items_as_published() -> None:
    assert [len(scale.items) for scale in load_instrument("pvq-21").scales] == [2, 2, 3, 2, 2, 2, 2, 2, 2, 2]
    assert sum(len(scale.items) for scale in load_instrument("svs").scales) == 46
    assert len(load_instrument("svs").fillers) == 11


# IPIP-NEO-300.


def test_the_long_pool_has_thirty_facets_of_ten_items_in_turns() -> None:
    one = load_instrument("ipip-neo-300")
    facets = [scale for scale in one.scales if scale.within]
    assert len(facets) == 30
    assert all(numbers(facet.items) == tuple(range(int(facet.items[0]), 301, 30)) for facet in facets)
    assert sorted(int(facet.items[0]) for facet in facets) == list(range(1, 31))
    assert all(len(scale.items) == 60 for scale in one.broad_scales())


def test_items_that_both_pools_have_are_keyed_alike_in_both() -> None:
    short, long = load_instrument("ipip-neo-120"), load_instrument("ipip-neo-300")

    def keyed(one: Instrument) -> dict[str, tuple[str, int]]:
        return {one.items[item]: (scale.key, sign) for scale in one.scales if scale.within
                for item, sign in one.keying(scale).items()}  # fmt: skip

    ours, theirs = keyed(short), keyed(long)
    assert len(theirs) == 300
    assert ours.items() <= theirs.items()


def test_the_long_pool_is_that_of_the_published_file(replay: Callable[[str], Path]) -> None:
    import csv

    one = load_instrument("ipip-neo-300")
    sign = {one.items[item]: value for scale in one.broad_scales() for item, value in one.keying(scale).items()}
    with replay("096/mpi_300.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["text"]: int(row["key"]) for row in rows} == sign


# Types, axes and indices.


def test_the_four_formulas_of_the_oejts() -> None:
    one = load_instrument("oejts")
    q = np.random.default_rng(3).integers(1, 6, size=(40, 32)).astype(float)

    def formula(constant: float, plus: tuple[int, ...], minus: tuple[int, ...]) -> Matrix:
        signs = np.array([(n in plus) - (n in minus) for n in range(1, 33)], dtype=float)
        total: Matrix = constant + q @ signs
        return total

    expected = {
        "ie": formula(30, (15, 23, 27), (3, 7, 11, 19, 31)),
        "sn": formula(12, (4, 8, 12, 16, 20, 32), (24, 28)),
        "ft": formula(30, (6, 10, 22), (2, 14, 18, 26, 30)),
        "jp": formula(18, (1, 5, 13, 21, 29), (9, 17, 25)),
    }
    for key, scores in expected.items():
        np.testing.assert_array_equal(score_scale(q, one, one.scale(key)), scores)
    letters = [
        "".join(high if value > 24 else low for value, high, low in zip(row, "ENTP", "ISFJ", strict=True))
        for row in zip(*expected.values(), strict=True)
    ]
    assert type_letters(q, one) == letters
    assert all(text.count(" | ") == 1 for text in one.items.values())


@pytest.mark.parametrize("axis", ["econ", "dipl", "govt", "scty"])
def test_axes_run_from_nought_to_a_hundred(axis: str) -> None:
    one = load_instrument("8values")
    scale: Scale = one.scale(axis)
    assert score_range(one, scale) == pytest.approx((0, 100))
    assert score_scale(answers(one, lambda _: 0), one, scale)[0] == pytest.approx(50)
    weights = scale.weights
    against = answers(one, lambda n: 2 * np.sign(float(weights.get(str(n), 0))))  # type: ignore[arg-type]
    assert score_scale(against, one, scale)[0] == pytest.approx(100)


def test_weights_are_those_of_the_published_questions() -> None:
    one = load_instrument("8values")
    assert {key: len(one.scale(key).items) for key in ("econ", "dipl", "govt", "scty")} == {
        "econ": 22, "dipl": 24, "govt": 37, "scty": 33,
    }  # fmt: skip
    assert one.scale("econ").weights["3"] == -10
    assert one.scale("scty").weights["55"] == 2
    assert one.items["70"] == "It is important that we further my group's goals above all others."
    assert {scale.weights["70"] for scale in one.scales} == {-10}


def test_indices_of_the_values_survey_module() -> None:
    one = load_instrument("vsm-2013")
    said = (2, 1, 3, 2, 3, 2, 4, 2, 3, 2, 3, 4, 3, 2, 2, 3, 4, 3, 2, 4, 3, 2, 2, 3)
    given = dict(enumerate(said, start=1))
    scores = [score_scale(answers(one, lambda n: given[n]), one, scale)[0] for scale in one.scales]
    assert scores == [155, 35, 0, 40, 40, 75]  # 35 (4 - 1) + 25 (4 - 2), and so on
    every = answers(one, lambda _: 3)
    assert {float(score_scale(every, one, scale)[0]) for scale in one.scales} == {0.0}
    assert {item for scale in one.scales for item in scale.items} == set(one.items)


def test_norms_are_on_the_score_of_the_scale() -> None:
    for key in EVERY:
        one = load_instrument(key)
        for scale in one.scales:
            low, high = score_range(one, scale)
            assert all(low < norm.mean < high and norm.sd < (high - low) / 2 for norm in scale.norms), (key, scale.key)
