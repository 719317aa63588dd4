"""What went wrong, as the two interfaces say it: the studio's API in our shape, the gateway in OpenAI's."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from personae.errors import PersonaeError
from personae.model import ProviderError

STATUS_OF_CODE = {
    "input": 400,
    "conflict": 409,
    "model": 502,
    "incomplete": 409,
    "extra": 503,
    "storage": 503,
    "error": 500,
}
"""HTTP status by the code of an error."""


Headers = Sequence[tuple[bytes, bytes]]


class Refusal(PersonaeError):  # noqa: N818  # a name that says what it is
    """A request is refused for a reason of HTTP: no key, no such thing, too large, too often.

    Args:
        status: HTTP status.
        code: One word for programs.
        what: What is wrong.
        where: The field, file or thing.
        remedy: What to do.
        detail: Further fields of the error.
    """

    def __init__(
        self, status: int, code: str, what: str, *, where: str = "", remedy: str = "", detail: Mapping[str, Any] = {}
    ) -> None:
        super().__init__(what, where=where, remedy=remedy)
        self.status = status
        self.word = code
        self.detail = detail


def not_found(what: str, name: str) -> Refusal:
    """Nothing of this name is there, or nothing that the caller may see."""
    return Refusal(404, "not_found", f"there is no such {what}", where=name[:200], remedy="reload the list")


def status_of(error: PersonaeError) -> int:
    """HTTP status of an error."""
    if isinstance(error, Refusal):
        return error.status
    if isinstance(error, ProviderError):
        return _STATUS_OF_KIND.get(error.kind, 502)
    return STATUS_OF_CODE.get(error.code, 500)


_STATUS_OF_KIND = {
    "bad_request": 400,
    "context_length": 400,
    "unsupported": 400,
    "rate_limited": 429,
    "timeout": 504,
    "overloaded": 503,
}
"""A wrong key of the server at its provider is the server's fault (502), not the client's (401)."""


def own_body(error: PersonaeError) -> dict[str, Any]:
    """An error as the studio's API tells it."""
    if isinstance(error, Refusal):
        code, extra = error.word, dict(error.detail)
    else:
        code, extra = error.code, {}
    return {"error": {"code": code, "message": error.what, "where": error.where, "remedy": error.remedy, **extra}}


def openai_body(
    message: str, *, kind: str = "invalid_request_error", code: str | None = None, param: str | None = None
) -> dict[str, Any]:
    """An error in OpenAI's shape."""
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def headers_of(error: Exception) -> Headers:
    """Headers that an error is sent with: when to ask again, that this is no use, which methods there are."""
    detail = error.detail if isinstance(error, Refusal) else {}
    headers: list[tuple[bytes, bytes]] = []
    wait = getattr(error, "retry_after", None) or detail.get("retry_after")
    if wait:
        headers.append((b"retry-after", b"%d" % max(1, math.ceil(wait))))
    if isinstance(error, Refusal) and error.word == "insufficient_quota":
        headers.append((b"x-should-retry", b"false"))  # OpenAI's clients ask again after any other 429
    if isinstance(error, Refusal) and error.status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    if "allow" in detail:
        headers.append((b"allow", ", ".join(detail["allow"]).encode()))
    return headers


def openai_fault(error: Exception) -> tuple[int, dict[str, Any]]:
    """Status and body of any error in OpenAI's shape; of a fault of ours, nothing but that it is one."""
    if not isinstance(error, PersonaeError):
        message = "a fault of personae; please report it with the server's log"
        return 500, openai_body(message, kind="api_error", code="unexpected")
    status = status_of(error)
    code = error.word if isinstance(error, Refusal) else getattr(error, "kind", error.code)
    kind = code if code == "insufficient_quota" else openai_kind(status)
    return status, openai_body(str(error), kind=kind, code=code, param=error.where or None)


def openai_kind(status: int) -> str:
    """What OpenAI calls errors of a status."""
    known = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}
    return known.get(status, "invalid_request_error" if status < 500 else "api_error")
