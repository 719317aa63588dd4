"""Experiments for forms: all that run are there, none lets a client name a file."""

from __future__ import annotations

import pytest

from personae.errors import InputError
from personae.papers import catalogue, is_runnable
from personae.serve.faults import Refusal
from personae.serve.running import describe_experiment, list_experiments
from personae.serve.running.catalogue import settings_of
from personae.serve.running.forms import form_schema

PAPERS = [one.key for one in catalogue() if is_runnable(one)]


@pytest.mark.parametrize("key", PAPERS)
def test_every_paper_that_runs_has_a_form(key: str) -> None:
    found = describe_experiment("paper", key)
    assert found["parameters"]["properties"]
    assert "subject" in found["roles"]
    assert set(found["full"]) <= set(found["parameters"]["properties"])
    assert "file-path" not in str(found["parameters"])


def test_instruments_can_be_put_to_people() -> None:
    found = describe_experiment("instrument", "bfi-10")
    assert found["takes_people"]
    assert not {"instrument", "people"} & set(found["parameters"]["properties"])


def test_search_looks_for_all_words() -> None:
    assert [one["key"] for one in list_experiments("personallm big five", "paper")] == ["personallm"]
    assert all(one["kind"] == "instrument" for one in list_experiments("", "instrument"))
    assert not list_experiments("no such thing at all", "")
    assert len(list_experiments("", "paper")) == len(catalogue())


@pytest.mark.parametrize("key", ["../../etc/passwd", "nobody", "", "personallm.toml"])
def test_what_is_not_there_is_not_found_and_never_a_path(key: str) -> None:
    for kind in ("paper", "instrument"):
        with pytest.raises((Refusal, InputError)):
            describe_experiment(kind, key)


def test_parameters_keep_what_they_say_of_themselves() -> None:
    field = form_schema(settings_of("paper", "personallm"))["properties"]["personas_per_type"]
    assert (field["default"], field["minimum"]) == (10, 1)
    assert field["description"]
