"""The six ways in which asking a model can end. Every answer and every observation has exactly one of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal, get_args

Status = Literal["ok", "repaired", "refused", "unparsed", "empty", "failed"]
"""``ok``: usable as it came. ``repaired``: usable after a lenient reading or a repeated question. ``refused``: the
model declined. ``unparsed``: words, but no usable answer. ``empty``: no words. ``failed``: no reply at all."""

STATUSES: tuple[Status, ...] = get_args(Status)

USABLE: frozenset[Status] = frozenset({"ok", "repaired"})
"""Statuses that come with a value; all others count as missing, under their own name."""

_SEVERITY = {status: rank for rank, status in enumerate(("ok", "repaired", "unparsed", "empty", "refused", "failed"))}

_REFUSAL_SPAN = 400  # a refusal is said at the beginning; later "I can't" belongs to the answer

_REFUSAL = re.compile(
    r"""
    \bi(?:['’]m|\ am)\ (?:sorry|afraid|unable|not\ able|not\ comfortable|not\ allowed)\b
  | \bi\ (?:cannot|can['’]?t|can\ not|won['’]?t|will\ not|must\ decline|have\ to\ decline|decline)
    \ (?:\w+\ ){0,3}?(?:answer|respond|complete|provide|participate|rate|assist|help|fulfill?|comply
      |do\ that|take|share|engage|continue|express|choose|give|adopt|role)
  | \bas\ an?\ (?:ai\b|artificial|language\ model|large\ language)
  | \bi\ (?:don['’]?t|do\ not)\ have\ (?:personal|feelings|opinions|a\ personality|emotions)
  | \b(?:i\ must|i\ have\ to|i['’]d\ rather)\ (?:respectfully\ )?(?:decline|not\ answer|refuse)
  | \bi\ (?:refuse|decline)\ to\b
    """,
    re.IGNORECASE | re.VERBOSE,
)


def is_refusal(text: str) -> bool:
    """Whether a text that holds no answer declines to give one, by the wording of its beginning (English).

    Use it only where no answer was found: people in stories are sorry and afraid too.

    Example:
        >>> is_refusal("I'm sorry, but I can't rate myself on these statements.")
        True
        >>> is_refusal("(a) 4")
        False
    """
    return bool(_REFUSAL.search(text[:_REFUSAL_SPAN]))


def worst_status(statuses: Iterable[Status]) -> Status:
    """Of several statuses the one that says most about what is wrong; of none, ``ok``.

    Example:
        >>> worst_status(["ok", "refused", "repaired"])
        'refused'
    """
    return max(statuses, key=_SEVERITY.__getitem__, default="ok")
