"""What tests of batches share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.batch_server import BatchServer


@pytest.fixture
def server() -> Iterator[BatchServer]:
    with BatchServer() as server:
        yield server
