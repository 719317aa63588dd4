"""Sets of keys at 16 bytes each, for runs whose cells are too many for a set of Python's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_BITS = 128  # two cells of a billion share their first 128 bits with a chance of 1 in 10^21
_DIGITS = _BITS // 4
_WORTH_SORTING = 1024
"""Keys from which on sorting them costs less than it saves."""


class KeySet:
    """A set of content hashes that is asked about many of them at once.

    It holds the first 128 bits of each in sorted arrays of growing size, of which two that come to be of like size are
    merged: adding n keys takes O(n log n) in all, and asking takes a binary search in each of O(log n) arrays.

    Example:
        >>> from personae.canonical import content_hash
        >>> keys = KeySet()
        >>> keys.add([content_hash(number) for number in range(3)])
        >>> keys.holds([content_hash(2), content_hash(3)])
        [True, False]
        >>> len(keys)
        3
    """

    def __init__(self) -> None:
        self._runs: list[tuple[NDArray[np.uint64], NDArray[np.uint64]]] = []
        """Sorted by the first 64 bits; the other 64 bits beside them."""

    def add(self, keys: Sequence[str]) -> None:
        """Take keys in; those that are held already are to be left out by the caller."""
        self.add_joined("".join(keys))

    def add_joined(self, keys: str) -> None:
        """Take in keys of 64 hexadecimal digits that are written one after the other."""
        if keys:
            self._push(*_halves(bytes.fromhex(keys)))

    def discard(self, keys: Sequence[str]) -> None:
        """Take keys out."""
        gone = KeySet()
        gone.add(keys)
        held = [(highs, lows, ~gone._find(highs, lows)) for highs, lows in self._runs]
        self._runs = [(highs[kept], lows[kept]) for highs, lows, kept in held if kept.any()]

    def holds(self, keys: Sequence[str]) -> list[bool]:
        """For each key whether it is in the set."""
        held: list[bool] = self.holds_joined(bytes.fromhex("".join(keys))).tolist()
        return held

    def holds_joined(self, digests: bytes) -> NDArray[np.bool_]:
        """For each key whether it is in the set; keys of 32 bytes that are written one after the other."""
        import numpy as np

        highs, lows = _halves(digests)
        if len(highs) < _WORTH_SORTING:
            return self._find(highs, lows)
        order = np.argsort(highs)  # what is looked up in rising order is mostly in the processor's cache already
        found = np.empty(len(highs), dtype=bool)
        found[order] = self._find(highs[order], lows[order])
        return found

    def compact(self) -> None:
        """Bring all keys into one sorted array: for when no more will be added and many asked for."""
        import numpy as np

        if len(self._runs) > 1:
            high = np.concatenate([highs for highs, _ in self._runs])
            low = np.concatenate([lows for _, lows in self._runs])
            order = np.argsort(high, kind="stable")
            self._runs = [(high[order], low[order])]

    def _find(self, highs: NDArray[np.uint64], lows: NDArray[np.uint64]) -> NDArray[np.bool_]:
        import numpy as np

        found = np.zeros(len(highs), dtype=bool)
        for high, low in self._runs:
            first = np.searchsorted(high, highs, side="left")
            place = np.minimum(first, len(high) - 1)
            is_near = high[place] == highs
            found |= is_near & (low[place] == lows)
            for index in np.flatnonzero(is_near & ~found):  # keys that share their first 64 bits stand side by side
                last = np.searchsorted(high, highs[index], side="right")
                found[index] = bool(np.any(low[first[index] : last] == lows[index]))
        return found

    def __len__(self) -> int:
        return sum(len(highs) for highs, _ in self._runs)

    def _push(self, highs: NDArray[np.uint64], lows: NDArray[np.uint64]) -> None:
        import numpy as np

        order = np.argsort(highs, kind="stable")
        run = highs[order], lows[order]
        while self._runs and len(self._runs[-1][0]) < 2 * len(run[0]):
            before = self._runs.pop()
            high = np.concatenate([before[0], run[0]])
            order = np.argsort(high, kind="stable")  # two runs that are sorted: timsort merges them
            run = high[order], np.concatenate([before[1], run[1]])[order]
        self._runs.append(run)


def _halves(digests: bytes) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    import numpy as np

    words = np.frombuffer(digests, dtype=">u8").reshape(-1, 4).astype(np.uint64)
    return words[:, 0].copy(), words[:, 1].copy()
