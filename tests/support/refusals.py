"""Files that must be refused, and how they say so."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from personae.errors import InputError


def assert_refused(read: Callable[[Path], object], path: Path, content: str | bytes, match: str) -> None:
    """A file of this content is not read, and the error says why and where."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InputError, match=match) as refused:
        read(path)
    assert path.name in str(refused.value)
