"""Power by simulation: what a formula says where one holds, less where answers are noisy, alpha where nothing is."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from scipy.stats import nct, t

from personae.errors import InputError
from personae.instrument import load_instrument
from personae.instrument.power import Pool, ask_pool, plan_power
from personae.model import open_model
from support.command_line import personae

TRAIT = "big_five.extraversion"


def pool(rng: np.random.Generator, *, shift: float = 0.0, noise: float = 0.0, count: int = 20_000) -> Pool:
    traits = rng.normal(shift, 1, count)
    scores = traits + noise * rng.normal(size=count)
    return Pool(traits, scores, float(np.corrcoef(traits, scores)[0, 1] ** 2))


def power_of_t(d: float, n: int, alpha: float) -> float:
    df = 2 * n - 2
    edge = t.ppf(1 - alpha / 2, df)
    where = d * math.sqrt(n / 2)
    return float(nct.sf(edge, df, where) + nct.cdf(-edge, df, where))


@pytest.mark.parametrize("d", [0.5, 0.8])
def test_without_noise_power_is_that_of_the_formula(d: float) -> None:
    rng = np.random.default_rng(0)
    found = plan_power("d", d, pool(rng), pool(rng, shift=d), rng=rng)
    for n, power in found.powers:
        assert power.estimate == pytest.approx(power_of_t(d, n, 0.05), abs=0.05)
        assert power.low < power.estimate < power.high
    assert found.needed is not None
    assert power_of_t(d, found.needed, 0.05) > 0.77
    assert found.observed_effect == pytest.approx(d, abs=0.03)


def test_a_correlation_of_three_tenths_takes_some_eighty_five_people() -> None:
    rng = np.random.default_rng(1)
    found = plan_power("r", 0.3, pool(rng), rng=rng, sizes=(60, 70, 80, 85, 90, 100))
    assert found.needed in (80, 85, 90)


def test_with_nothing_there_alarms_are_as_many_as_alpha() -> None:
    rng = np.random.default_rng(2)
    found = plan_power("r", 0.3, pool(rng), rng=rng, simulations=4000)
    assert found.false_alarms.estimate == pytest.approx(0.05, abs=0.012)
    assert found.alpha == 0.05


def test_noise_and_many_tests_take_more_people() -> None:
    rng = np.random.default_rng(3)
    clean = plan_power("d", 0.5, pool(rng), pool(rng, shift=0.5), rng=rng)
    noisy = plan_power("d", 0.5, pool(rng, noise=1.0), pool(rng, shift=0.5, noise=1.0), rng=rng)
    many = plan_power("d", 0.5, pool(rng), pool(rng, shift=0.5), rng=rng, tests=10)
    assert clean.needed and noisy.needed and many.needed
    assert noisy.needed > clean.needed
    assert many.needed > clean.needed
    assert noisy.reliability == pytest.approx(0.5, abs=0.03)
    assert noisy.observed_effect == pytest.approx(0.5 / math.sqrt(2), abs=0.03)
    assert many.alpha == pytest.approx(0.005)


def test_an_effect_that_no_size_finds_has_no_needed_number() -> None:
    rng = np.random.default_rng(4)
    found = plan_power("r", 0.05, pool(rng), rng=rng, sizes=(10, 20))
    assert found.needed is None
    assert [n for n, _ in found.powers] == [10, 20]


@pytest.mark.parametrize(
    ("kind", "effect", "more"),
    [("r", 1.5, {}), ("d", 0.5, {}), ("r", 0.3, {"tests": 0}), ("r", 0.3, {"wanted": 1.0}), ("r", 0.3, {"alpha": 0})],
)
def test_what_cannot_be_planned_is_refused(kind: str, effect: float, more: dict[str, float]) -> None:
    rng = np.random.default_rng(5)
    with pytest.raises(InputError):
        plan_power(kind, effect, pool(rng, count=100), rng=rng, **more)  # type: ignore[arg-type]


async def test_people_are_asked_through_the_whole_chain() -> None:
    tipi = load_instrument("tipi")
    rng = np.random.default_rng(6)
    clean = await ask_pool(open_model("sim", {}), tipi, TRAIT, 120, rng=rng)
    noisy = await ask_pool(open_model("sim", {"noise": "0.6"}), tipi, TRAIT, 120, rng=rng)
    often = await ask_pool(open_model("sim", {"noise": "0.6"}), tipi, TRAIT, 120, rng=rng, repeats=4)
    assert clean.reliability > 0.6
    assert noisy.reliability < often.reliability < 1
    assert noisy.reliability < clean.reliability
    assert clean.traits.mean() == pytest.approx(0, abs=1e-9)
    with pytest.raises(InputError, match="does not measure"):
        await ask_pool(open_model("sim", {}), tipi, "dark_triad.narcissism", 2, rng=rng)


def test_the_command_says_how_many() -> None:
    small = ["--pool", "60", "--simulations", "300", "--json"]
    found = personae("instrument", "plan", "tipi", "--effect", "d=0.8", "--tests", "2", *small)
    assert found.code == 0, found.err
    data = json.loads(found.out)["data"]
    assert data["is_simulated"] is True
    assert data["alpha_of_each_test"] == 0.025
    assert 15 <= data["needed"] <= 100
    assert data["calls"] == 2 * data["needed"]
    wrong = personae("instrument", "plan", "tipi", "--effect", "large")
    assert wrong.code == InputError.exit_code
    assert "d=0.5" in wrong.err
    stranger = personae("instrument", "plan", "pvq-rr")
    assert stranger.code == InputError.exit_code
