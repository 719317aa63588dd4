"""Profiles as the paper's data sets have them: text with a heading a field, in the columns of the two sets.

``UserProfileConstruction`` has ``Input`` (a biography) and ``Output`` (its profile); ``UserProfileUpdate`` has
``Input`` (what is new), ``Old_profile`` and ``Update_profile``. A profile is Markdown, ``**Birth Place:** Cetinje``,
where a list is lines with a dash; a field that the text does not tell is said to be unknown, in many spellings.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

TEXT, PROFILE, OLD, NEW = "Input", "Output", "Old_profile", "Update_profile"

_HEADING = re.compile(r"\*\*\s*([^*\n]{1,80}?)\s*(?::\s*\*\*|\*\*\s*:)")
_ITEM = re.compile(r"^\s*(?:[-*•]|\d{1,3}[.)])\s+")
_EMPTY = re.compile(
    r"(?:un(?:k|kn)own|n/?a|none|null|nil|-+|not (?:mentioned|specified|provided|available|given|stated|known|listed|"
    r"applicable)|no (?:information|mention|data)|unspecified)(?:\s+(?:in|by|from)\s.*)?",
    re.IGNORECASE,
)


def is_published(row: Mapping[str, Any]) -> bool:
    """Whether a row has the columns of one of the two sets."""
    return TEXT in row and (PROFILE in row or NEW in row)


def read_markdown(text: str) -> dict[str, str]:
    r"""A profile with a heading a field; the items of a list are joined, and what is said to be unknown is not there.

    Raises:
        TypeError: If the text has no heading.

    Example:
        >>> read_markdown("**Name:** Ann Lee\n\n**Likes:**\n- tea\n- maps\n\n**Hobby:** Not mentioned")
        {'Name': 'Ann Lee', 'Likes': 'tea; maps'}
    """
    plain = text.replace("\\n", "\n")
    parts = _HEADING.split(plain)
    if len(parts) < 3:
        raise TypeError("a profile has headings, such as **Name:**")
    found: dict[str, str] = {}
    for key, body in zip(parts[1::2], parts[2::2], strict=True):
        lines = [_ITEM.sub("", line).strip(" *\t") for line in body.splitlines()]
        value = "; ".join(line for line in lines if line and not _EMPTY.fullmatch(line.rstrip(".")))
        if value:
            found[key] = f"{found[key]}; {value}" if key in found else value
    return found


def read_text(text: str) -> Any:
    """A profile that is written as text: JSON, or Markdown.

    Raises:
        TypeError: If it is neither.
    """
    if text.lstrip().startswith("{"):
        try:
            return json.loads(text)
        except json.JSONDecodeError as error:
            raise TypeError(f"its JSON cannot be read ({error})") from error
    return read_markdown(text)
