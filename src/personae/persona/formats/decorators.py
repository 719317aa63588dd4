"""Decorators at the head of a lorebook entry (Character Card V3): ``@@depth 4``, with fall-backs ``@@@role user``.

A decorator that is not known, or whose value is no value for it, is passed over for its first fall-back that is. Of two
decorators of one name the first counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

POSITIONS = ("after_desc", "before_desc", "personality", "scenario")
ROLES = ("assistant", "system", "user")

_MOST = 1_000_000


def _number(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and int(text[:8]) <= _MOST else None


def _count(text: str) -> int | None:
    return _number(text) or None


def _nothing(text: str) -> bool | None:
    return True if text.strip() in ("", "true") else None


def _words(text: str) -> tuple[str, ...] | None:
    return tuple(word.strip() for word in text.split(",") if word.strip()) or None


def _one_of(*known: str) -> Callable[[str], str | None]:
    return lambda text: text.strip() if text.strip() in known else None


def _text(text: str) -> str | None:
    return text.strip() or None


KNOWN: Mapping[str, Callable[[str], Any]] = {
    "activate": _nothing,
    "dont_activate": _nothing,
    "activate_only_after": _number,
    "activate_only_every": _count,
    "keep_activate_after_match": _nothing,
    "dont_activate_after_match": _nothing,
    "depth": _number,
    "reverse_depth": _number,
    "role": _one_of(*ROLES),
    "scan_depth": _number,
    "is_greeting": _number,
    "position": _one_of(*POSITIONS),
    "ignore_on_max_context": _nothing,
    "additional_keys": _words,
    "exclude_keys": _words,
    "is_user_icon": _text,
    "disable_ui_prompt": _one_of("post_history_instructions", "system_prompt"),
}
"""Decorators that scanning follows, and how their values are read. Those that count tokens of running text
(``instruct_depth`` and its kin) mean nothing in a chat and are ignored, as the specification says."""


def split_decorators(content: str) -> tuple[dict[str, Any], str]:
    r"""The decorators at the head of an entry, and the text after them.

    Example:
        >>> split_decorators("@@mood 4\n@@@depth 2\n@@role user\n\nThe gate is shut.")
        ({'depth': 2, 'role': 'user'}, 'The gate is shut.')
    """
    found: dict[str, Any] = {}
    rest = content
    wants_fallback = False
    while (line := rest.lstrip("\r\n").partition("\n"))[0].startswith("@@"):
        rest = line[2]
        spelled = line[0].rstrip("\r")
        is_fallback = spelled.startswith("@@@")
        name, _, given = spelled.lstrip("@").partition(" ")
        if is_fallback and not wants_fallback:
            continue
        value = KNOWN[name](given) if name in KNOWN else None
        wants_fallback = value is None
        if value is not None:
            found.setdefault(name, value)
    return found, rest.strip("\r\n") if found or rest != content else content


def strip_decorators(content: str) -> str:
    """The text of an entry for readers that know no decorators."""
    return split_decorators(content)[1]
