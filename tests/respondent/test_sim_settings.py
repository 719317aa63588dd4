"""The truth about a respondent: how it is set, checked and spelled."""

from __future__ import annotations

import dataclasses
import math

import pytest
from hypothesis import given
from hypothesis import settings as bounds
from hypothesis import strategies as st

from personae.errors import InputError
from personae.model import open_model
from personae.respondent import SimSettings, SimulatedRespondent, open_sim

SHARES = ("refusal_rate", "noise", "drift", "prose_rate", "grounding", "name_presumption", "unprompted_culture")
AMOUNTS = ("persona_effect", "acquiescence", "desirability", "order_bias")

finite = st.floats(-5, 5, allow_nan=False)
share = st.floats(0, 1, allow_nan=False)
settings = st.builds(
    SimSettings,
    seed=st.integers(-(2**31), 2**31),
    **dict.fromkeys(AMOUNTS, finite),
    **dict.fromkeys(SHARES, share),
)


def test_nothing_is_planted_unless_it_is_asked_for() -> None:
    default = SimSettings()
    assert default.persona_effect == default.behaviour_link == default.grounding == 1.0
    for field in dataclasses.fields(SimSettings):
        if field.name not in ("persona_effect", "behaviour_link", "grounding"):
            assert getattr(default, field.name) == 0
    assert default.spell() == ""


def test_options_of_the_command_line_are_read_as_numbers() -> None:
    read = SimSettings.read({"seed": "7", "acquiescence": "-0.5", "refusal_rate": "1"})
    assert read == SimSettings(seed=7, acquiescence=-0.5, refusal_rate=1.0)
    assert SimSettings.read({}) == SimSettings()


@given(settings)
@bounds(deadline=None)
def test_what_is_spelled_is_read_back_exactly(planted: SimSettings) -> None:
    spelled = planted.spell()
    options = dict(part.split("=") for part in spelled.split(",")) if spelled else {}
    assert SimSettings.read(options) == planted


@given(settings, settings)
@bounds(deadline=None)
def test_respondents_have_one_identity_only_if_one_truth(one: SimSettings, other: SimSettings) -> None:
    assert (SimulatedRespondent(one).identity == SimulatedRespondent(other).identity) == (one == other)


def test_the_identity_names_the_model_and_what_was_planted() -> None:
    assert SimulatedRespondent().identity == "sim"
    assert SimulatedRespondent(SimSettings(seed=3, noise=0.25)).identity == "sim#noise=0.25,seed=3"


def test_an_unknown_option_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InputError, match="acquiesence") as caught:
        SimSettings.read({"acquiesence": "1"})
    assert all(field.name in caught.value.remedy for field in dataclasses.fields(SimSettings))
    assert caught.value.where == "sim"


@pytest.mark.parametrize("text", ["", "much", "1,5", "0x1", "1 2"])
@pytest.mark.parametrize("name", ["acquiescence", "seed"])
def test_an_option_that_is_no_number_is_refused(name: str, text: str) -> None:
    with pytest.raises(InputError, match=name) as caught:
        SimSettings.read({name: text})
    assert "-M" in caught.value.remedy


def test_a_seed_is_a_whole_number() -> None:
    with pytest.raises(InputError, match="seed"):
        SimSettings.read({"seed": "1.5"})


@pytest.mark.parametrize("name", SHARES)
@pytest.mark.parametrize("value", [-0.01, 1.01, -5.0, 40.0])
def test_shares_lie_between_none_and_all(name: str, value: float) -> None:
    with pytest.raises(InputError, match=name):
        SimSettings.read({name: str(value)})
    for bound in ("0", "1"):
        assert getattr(SimSettings.read({name: bound}), name) == float(bound)


@pytest.mark.parametrize("name", [*SHARES, *AMOUNTS])
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_is_refused(name: str, value: float) -> None:
    with pytest.raises(InputError, match=name):
        SimSettings.read({name: str(value)})


def test_settings_cannot_be_changed_afterwards() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        SimSettings().seed = 1  # type: ignore[misc]


def test_the_respondent_is_found_by_its_name() -> None:
    found = open_model("sim", {"desirability": "0.5"})
    assert isinstance(found, SimulatedRespondent)
    assert found.settings == SimSettings(desirability=0.5)
    assert open_sim("sim", {}).settings == SimSettings()
    with pytest.raises(InputError):
        open_model("sim", {"colour": "1"})
