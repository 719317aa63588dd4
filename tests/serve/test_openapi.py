"""Every operation of the OpenAPI description, called with what fits its schema and with what does not: never a 5xx."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.core.failures import FailureGroup

from personae.persona import Persona
from support.served import CHANGES, Served

EXAMPLES = 12


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served(tmp_path_factory.mktemp("served")) as served:
        assert served.app is not None
        served.app.services.shelf.create(Persona(name="Ada"), "test", slug="ada")
        yield served


def test_the_description_names_the_gateway_and_the_studio(served: Served) -> None:
    paths = schemathesis.openapi.from_url(f"{served.url}/api/openapi.json").raw_schema["paths"]
    assert {"/v1/chat/completions", "/v1/models", "/api/personas", "/api/conversations"} <= set(paths)


@pytest.mark.slow
def test_no_operation_fails_whatever_it_is_sent(served: Served) -> None:
    schema = schemathesis.openapi.from_url(f"{served.url}/api/openapi.json")
    failed: list[str] = []
    called = 0
    for result in schema.get_all_operations():
        operation = cast("Any", result).ok()
        if "events" in operation.path:  # streams that end when their reader does
            continue

        strategy = operation.as_strategy()

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=strategy)
        def call(case: Any) -> None:
            nonlocal called
            called += 1
            answer = case.call(headers=CHANGES, timeout=20)
            assert answer.status_code < 500, f"{case.method} {case.path}: {answer.status_code} {answer.text[:300]}"

        try:
            call()
        except (AssertionError, FailureGroup) as error:
            failed.append(str(error)[:400])
    assert called > EXAMPLES * 20
    assert not failed, "\n".join(failed)


def test_the_paths_of_the_documentation_exist(served: Served) -> None:
    paths = schemathesis.openapi.from_url(f"{served.url}/api/openapi.json").raw_schema["paths"]
    page = (Path(__file__).parents[2] / "docs" / "gateway.md").read_text()
    for path in ("/v1/models", "/v1/chat/completions", "/v1/responses", "/v1/embeddings", "/v1/personae/memory"):
        assert path in paths
        assert path in page
