"""Kinds of failure: which status is which, which may pass, and what an error says."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personae.errors import ModelError
from personae.model import HOPELESS, RETRYABLE, Ends, FailureKind, ProviderError
from personae.model.failure import REMEDIES, kind_of_status

KINDS: tuple[FailureKind, ...] = get_args(FailureKind)

STATUSES: list[tuple[int, str, FailureKind]] = [
    (400, "", "bad_request"),
    (401, "", "authentication"),
    (402, "Insufficient Balance", "authentication"),
    (403, "", "authentication"),
    (403, "Your chosen model requires moderation and your input was flagged", "bad_request"),
    (404, "", "not_found"),
    (408, "", "timeout"),
    (422, "temperature must be at most 1", "bad_request"),
    (429, "", "rate_limited"),
    (429, "insufficient_quota You exceeded your current quota", "authentication"),
    (500, "", "overloaded"),
    (502, "", "overloaded"),
    (503, "", "overloaded"),
    (504, "", "timeout"),
    (529, "Overloaded", "overloaded"),
    (400, "This model's maximum context length is 8192 tokens, however ...", "context_length"),
    (400, "context_length_exceeded ...", "context_length"),
    (400, "the request exceeds the available context size, try increasing it", "context_length"),
    (500, "Context size has been exceeded.", "context_length"),
    (400, "Your input exceeds the context window of this model", "context_length"),
    (400, "API key not valid. Please pass a valid API key.", "authentication"),
    (400, "The model `gpt-9` does not exist", "not_found"),
    (400, "model 'qwen9' not found", "not_found"),
]


@pytest.mark.parametrize(("status", "body", "kind"), STATUSES)
def test_a_status_and_its_body_have_one_kind(status: int, body: str, kind: FailureKind) -> None:
    assert kind_of_status(status, body) == kind
    assert kind_of_status(status, body.upper()) == kind


@given(st.integers(400, 599), st.text())
def test_every_status_has_a_kind_that_is_known(status: int, body: str) -> None:
    assert kind_of_status(status, body) in KINDS


@given(st.integers(500, 599).filter(lambda status: status != 504))
def test_faults_of_the_server_may_pass(status: int) -> None:
    assert kind_of_status(status) == "overloaded"


def test_a_long_body_is_read_at_its_beginning_only() -> None:
    assert kind_of_status(400, "x" * 10_000 + "context length") == "bad_request"


def test_no_kind_is_both_retryable_and_hopeless() -> None:
    assert not RETRYABLE & HOPELESS
    assert set(KINDS) >= RETRYABLE | HOPELESS


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_remedy_and_says_what_it_is(kind: FailureKind) -> None:
    error = ProviderError(kind, "no", model="openai/gpt-4o")
    assert error.remedy == REMEDIES[kind]
    assert error.is_retryable == (kind in {"rate_limited", "overloaded", "timeout", "unreachable", "bad_reply"})
    assert error.is_hopeless == (kind in {"authentication", "not_found"})
    assert str(error) == f"openai/gpt-4o: {kind}: no; {error.remedy}"


def test_status_and_request_id_are_told_when_there_are_any() -> None:
    error = ProviderError("overloaded", "busy", model="m", status=503, request_id="req-1", retry_after=2.0)
    assert "(HTTP 503)" in str(error)
    assert "[request req-1]" in str(error)
    assert (error.status, error.request_id, error.retry_after) == (503, "req-1", 2.0)


def test_an_error_of_a_provider_ends_the_command_line_like_any_error_of_a_model() -> None:
    assert ProviderError("timeout", "no").exit_code == ModelError.exit_code
    with pytest.raises(ModelError):
        raise ProviderError("timeout", "no")


def test_a_long_message_is_shortened() -> None:
    assert len(str(ProviderError("bad_request", "x" * 100_000))) < 600


@pytest.mark.parametrize(
    ("ends", "is_retryable", "is_hopeless"), [("", True, False), ("call", False, False), ("run", False, True)]
)
def test_a_failure_may_end_more_than_its_kind_does(ends: Ends, is_retryable: bool, is_hopeless: bool) -> None:
    error = ProviderError("unreachable", "gone", ends=ends, remedy="start it")
    assert (error.is_retryable, error.is_hopeless) == (is_retryable, is_hopeless)
    assert str(error).endswith("gone; start it")
