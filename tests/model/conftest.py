"""What tests of clients share."""

from __future__ import annotations

import pytest


@pytest.fixture(params=["aiohttp", "pyreqwest"])
def every_transport(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Makes a test twice: with the HTTP client that is always there, and with that of the extra ``fast``."""
    name = str(request.param)
    if name == "pyreqwest":
        pytest.importorskip("pyreqwest", reason='pyreqwest is not installed: pip install "personae[fast]"')
    monkeypatch.setattr("personae.model.http.has_rust_http", lambda: name == "pyreqwest")
    return name
