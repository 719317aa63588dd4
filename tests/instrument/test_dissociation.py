"""A planted association is never called a dissociation, and a planted dissociation is found, not merely undecided."""

from __future__ import annotations

import math

import numpy as np
import pytest

from personae.errors import InputError
from personae.instrument.dissociation import Dissociation, Pairing, dissociation


def study(rng: np.random.Generator, n: int, correlations: dict[str, tuple[float, int]]) -> Dissociation:
    trait = rng.normal(size=n)
    pairings = []
    for name, (r, direction) in correlations.items():
        behaviour = r * trait + math.sqrt(1 - r**2) * rng.normal(size=n)
        pairings.append(Pairing(name, trait, behaviour, 1 if direction > 0 else -1 if direction < 0 else 0))
    return dissociation(pairings)


def test_each_planted_relation_gets_its_name() -> None:
    planted = {"risk": (0.6, 1), "honesty": (-0.6, 1), "cards": (0.0, 1), "new": (0.6, 0)}
    found = study(np.random.default_rng(0), 400, planted)
    verdicts = {one.name: one.verdict for one in found.pairs}
    assert verdicts == {
        "risk": "as in people",
        "honesty": "against people",
        "cards": "dissociated",
        "new": "associated",
    }
    assert found.associated.estimate == pytest.approx(3 / 4)
    assert found.dissociated.estimate == pytest.approx(1 / 4)
    assert found.human_among_associated.estimate == pytest.approx(1 / 2)
    assert found.in_human_direction.n == 3


def test_an_association_is_not_called_a_dissociation() -> None:
    rng = np.random.default_rng(1)
    called = [study(rng, 200, {"a": (0.5, 1)}).pairs[0].verdict for _ in range(200)]
    assert called.count("dissociated") == 0
    assert called.count("as in people") > 190


def test_a_dissociation_is_not_called_an_association_more_often_than_alpha() -> None:
    rng = np.random.default_rng(2)
    called = [study(rng, 200, {"a": (0.0, 1)}).pairs[0].verdict for _ in range(300)]
    assert called.count("dissociated") > 270
    assert called.count("as in people") + called.count("against people") < 25


def test_few_respondents_decide_nothing() -> None:
    rng = np.random.default_rng(3)
    called = [study(rng, 10, {"a": (0.0, 1)}).pairs[0].verdict for _ in range(100)]
    assert called.count("undecided") > 85
    assert called.count("dissociated") == 0


def test_ten_rows_of_one_model_are_not_ten_respondents() -> None:
    rng = np.random.default_rng(4)
    called = []
    for _ in range(100):
        own, does = np.repeat(rng.normal(size=8), 27), np.repeat(rng.normal(size=8), 27)
        models = np.repeat(np.arange(8), 27).tolist()
        found = dissociation([Pairing("a", own, does, 1)], clusters=models)
        called.append(found.pairs[0].verdict)
    assert called.count("as in people") + called.count("against people") < 20
    assert called.count("undecided") > 60


def test_a_pair_without_spread_is_missing_from_the_shares() -> None:
    rng = np.random.default_rng(5)
    trait = rng.normal(size=300)
    found = dissociation([Pairing("constant", trait, np.ones(300), 1), Pairing("same", trait, trait + 0.1, 1)])
    assert found.pairs[0].verdict == "undecided"
    assert math.isnan(found.pairs[0].association.estimate)
    assert (found.associated.n, found.associated.missing) == (1, 1)


def test_no_pair_is_refused() -> None:
    with pytest.raises(InputError, match="no pair"):
        dissociation([])
