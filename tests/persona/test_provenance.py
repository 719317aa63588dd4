"""Sources of statements about a person."""

from __future__ import annotations

import math
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from personae.persona import Origin, Provenance


def test_there_are_the_four_origins_of_the_design() -> None:
    assert get_args(Origin) == ("given", "sampled", "inferred", "written")
    for origin in get_args(Origin):
        assert Provenance(origin=origin).origin == origin
    with pytest.raises(ValidationError):
        Provenance.model_validate({"origin": "guessed"})


def test_nothing_said_means_given_and_of_unknown_certainty() -> None:
    source = Provenance()
    assert (source.origin, source.by, source.confidence) == ("given", "", None)
    assert (source.consent, source.licence, source.note) == ("", "", "")


@given(st.floats(0, 1))
def test_a_confidence_is_a_share(confidence: float) -> None:
    assert Provenance(confidence=confidence).confidence == confidence


@pytest.mark.parametrize("confidence", [-0.01, 1.01, math.nan, math.inf, True, "sure"])
def test_what_is_no_share_is_refused(confidence: object) -> None:
    with pytest.raises(ValidationError):
        Provenance.model_validate({"confidence": confidence})


def test_a_source_is_a_value_and_knows_its_fields() -> None:
    source = Provenance(origin="written", by="m-1")
    assert source == Provenance(origin="written", by="m-1")
    with pytest.raises(ValidationError):
        source.by = "other"  # type: ignore[misc]
    with pytest.raises(ValidationError):
        Provenance.model_validate({"author": "x"})
