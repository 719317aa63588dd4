"""Observations: one of six statuses, and nothing defaulted."""

from __future__ import annotations

import dataclasses
from typing import Any, cast

import pytest

from personae.errors import InputError
from personae.model import STATUSES, Message, Status
from personae.study import Observation


def test_there_are_the_six_statuses_of_the_design() -> None:
    assert STATUSES == ("ok", "repaired", "refused", "unparsed", "empty", "failed")
    for status in STATUSES:
        assert Observation(status).status == status


@pytest.mark.parametrize("status", ["OK", "", "done", "error", None, 1])
def test_there_is_no_seventh(status: Any) -> None:
    with pytest.raises(InputError) as caught:
        Observation(cast(Status, status))
    assert repr(status) in str(caught.value)
    assert "unparsed" in caught.value.remedy


def test_what_was_not_said_is_empty() -> None:
    observation = Observation("refused")
    assert (observation.values, observation.transcript, observation.detail) == ({}, (), "")


def test_an_observation_is_a_value() -> None:
    one = Observation("ok", {"score": 3, "answers": [1, None]}, (Message("user", "Hello"),), "as asked")
    assert one == dataclasses.replace(one)
    assert one != dataclasses.replace(one, status="repaired")
    with pytest.raises(dataclasses.FrozenInstanceError):
        one.status = "failed"  # type: ignore[misc]
