"""What tests of clients share."""

from __future__ import annotations

import pytest


@pytest.fixture(params=["aiohttp", "pyreqwest"])
def every_transport(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Makes a test twice: with the HTTP client that makes single calls, and with the one that stands in for it."""
    name = str(request.param)
    if name == "pyreqwest":
        pytest.importorskip("pyreqwest", reason="there is no pyreqwest on this platform")
    monkeypatch.setattr("personae.model.http.has_rust_http", lambda: name == "pyreqwest")
    return name
