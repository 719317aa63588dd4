"""The record of a run: enough to do it again, and no key."""

from __future__ import annotations

import json
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import personae
from personae.model import ScriptedModel, open_model
from personae.study import make_record, versions
from personae.study.record import now
from support.studies import SmallStudy

KEY = "sk-very-secret-0123456789"


class Named:
    """A model whose options are part of what it is."""

    name = "m"
    identity = "http://host/v1#m#abc"

    async def generate(self, request: Any) -> Any:
        raise AssertionError("a record asks nothing")


def test_a_record_says_what_is_asked_of_whom_and_with_what() -> None:
    study = SmallStudy(questions=3, extra={"prompt": "hash"})
    record = make_record(study, {"subject": Named(), "judge": ScriptedModel([], name="j")}, 7, {"paper": "x"})
    assert record["study"] == "small"
    assert record["parameters"] == {"questions": 3, "prompt": "hash"}
    assert record["models"] == {
        "subject": {"name": "m", "identity": "http://host/v1#m#abc"},
        "judge": {"name": "j", "identity": "j"},
    }
    assert record["seed"] == 7
    assert record["paper"] == "x"
    assert json.loads(json.dumps(record)) == record


def test_the_time_is_in_utc_to_the_second() -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    told = datetime.fromisoformat(now())
    assert told.utcoffset() == UTC.utcoffset(None)
    assert 0 <= (told - before).total_seconds() < 10
    assert told.microsecond == 0


def test_versions_of_what_figures_depend_on_are_kept() -> None:
    found = versions()
    assert found["personae"] == personae.__version__
    assert found["python"] == platform.python_version()
    assert {"numpy", "scipy", "polars", "aiohttp", "pydantic", "apsw"} <= set(found)
    assert "absent" not in found.values()


def test_a_library_that_is_not_there_is_said_to_be_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("personae.study.record._LIBRARIES", ("numpy", "no-such-library"))
    assert versions()["no-such-library"] == "absent"


def test_keys_are_never_part_of_a_record(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    for name in ("openai/gpt-4o-mini", "http://127.0.0.1:9/v1#m"):
        model = open_model(name)
        assert KEY not in json.dumps(make_record(SmallStudy(), {"subject": model}, 0, {}))
