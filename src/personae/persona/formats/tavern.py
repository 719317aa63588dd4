"""What SillyTavern keeps of a lorebook entry beside the standard: logic, chance, whole words, depth, recursion, groups.

Cards that it exports have these under ``extensions`` of each entry, its own files beside the keys. It writes
``use_regex: true`` everywhere and means by it that keys between slashes are patterns and others are words, so that its
entries are told from those of other tools. What an entry and its book leave open is as SillyTavern comes: two messages
are searched, with the names of who said them, for whole words, and texts of entries call up others. What it counts over
a whole chat (``sticky``, ``cooldown``) is not followed, and neither are scripts that change texts (``regex_scripts``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Logic = Literal["any", "not_all", "not_any", "all"]
"""What is asked of secondary keys: that one of them occurs, that one does not, that none does, that all do."""

_LOGIC: tuple[Logic, ...] = ("any", "not_all", "not_any", "all")
USUAL_SCAN_DEPTH = 2
"""Messages that are searched where neither entry nor book says how many."""

OUTLET = "outlet"
"""Place of an entry that only enters where ``{{outlet::name}}`` stands."""

_REPLY = "normal"
"""What SillyTavern calls the making of the next answer, beside swipes, continuations and others."""

_ROLES = ("system", "user", "assistant")
_PLACES: Mapping[int, str] = {
    0: "before_char",
    1: "after_char",
    2: "chat",  # above and below the author's note, which stands at a depth of 4 unless it is moved
    3: "chat",
    4: "chat",
    5: "before_examples",
    6: "after_examples",
    7: OUTLET,
}
_SEARCHED = {
    "match_persona_description": ("matchPersonaDescription", "persona"),
    "match_character_description": ("matchCharacterDescription", "description"),
    "match_character_personality": ("matchCharacterPersonality", "personality"),
    "match_character_depth_prompt": ("matchCharacterDepthPrompt", "note"),
    "match_scenario": ("matchScenario", "scenario"),
    "match_creator_notes": ("matchCreatorNotes", "creator_notes"),
}
"""Texts beside the chat that an entry may search, by their names in a card: names in a world, and ours."""

_USUAL_DEPTH = 4
_USUAL_WEIGHT = 100.0
_NAMES = {
    "selectiveLogic": "selectiveLogic",
    "useProbability": "useProbability",
    "probability": "probability",
    "match_whole_words": "matchWholeWords",
    "case_sensitive": "caseSensitive",
    "scan_depth": "scanDepth",
    "position": "position",
    "depth": "depth",
    "role": "role",
    "exclude_recursion": "excludeRecursion",
    "prevent_recursion": "preventRecursion",
    "delay_until_recursion": "delayUntilRecursion",
    "delay": "delay",
    "ignore_budget": "ignoreBudget",
    "group": "group",
    "group_weight": "groupWeight",
    "group_override": "groupOverride",
    "use_group_scoring": "useGroupScoring",
    "triggers": "triggers",
    "outlet_name": "outletName",
    **{name: own for name, (own, _) in _SEARCHED.items()},
}
"""Names in a card, and in files of worlds."""
_MARKS = ("selectiveLogic", "useProbability", "exclude_recursion", "display_index", "match_whole_words")


@dataclass(frozen=True, slots=True)
class TavernRules:
    """What an entry of SillyTavern asks for."""

    logic: Logic = "any"
    probability: float = 100.0
    """Percent of the times that its keys are found."""
    whole_words: bool = True
    case_sensitive: bool | None = None
    scan_depth: int | None = None
    place: str = ""
    depth: int = _USUAL_DEPTH
    role: str = "system"
    excludes_recursion: bool = False
    """Whether the text of other entries cannot call it up."""
    prevents_recursion: bool = False
    """Whether its text cannot call up others."""
    waits_for_recursion: int = 0
    """Round of recursion from which on it can be called up; 0 for one that waits for none."""
    delay: int = 0
    """Messages that a chat has before it can be called up."""
    ignores_budget: bool = False
    groups: tuple[str, ...] = ()
    """Of the entries of one group that are called up together one is taken."""
    scores: bool = False
    """Whether it leaves its group to those of whose keys more were found."""
    weight: float = _USUAL_WEIGHT
    overrides: bool = False
    outlet: str = ""
    searches: tuple[str, ...] = ()
    """Texts of the character that are searched beside the chat."""
    is_for_replies: bool = True
    """Whether it may be called up when an answer is made, and not only for something else."""


def read_rules(entry: Mapping[str, Any]) -> TavernRules | None:
    """The rules of an entry that SillyTavern wrote, ``None`` for one of another tool.

    Example:
        >>> rules = read_rules({"keys": ["a"], "extensions": {"selectiveLogic": 3, "useProbability": False}})
        >>> rules.logic if rules else "", read_rules({"keys": ["a"], "extensions": {}})
        ('all', None)
    """
    extensions = entry.get("extensions")
    if isinstance(extensions, Mapping) and any(mark in extensions for mark in _MARKS):
        told = {name: extensions[name] for name in _NAMES if name in extensions}
    elif "keysecondary" in entry or ("key" in entry and "uid" in entry):
        told = {name: entry[own] for name, own in _NAMES.items() if own in entry}
    else:
        return None
    chance = _number(told.get("probability"))
    logic, role, place = (_index(told.get(name)) for name in ("selectiveLogic", "role", "position"))
    weight, depth, group = _number(told.get("group_weight")), _index(told.get("depth")), told.get("group")
    waits, triggers, outlet = told.get("delay_until_recursion"), told.get("triggers"), told.get("outlet_name")
    return TavernRules(
        logic=_LOGIC[logic] if logic is not None and logic < len(_LOGIC) else "any",
        probability=100.0 if chance is None or told.get("useProbability") is False else min(100.0, max(0.0, chance)),
        whole_words=told.get("match_whole_words") is not False,
        case_sensitive=sensitive if isinstance(sensitive := told.get("case_sensitive"), bool) else None,
        scan_depth=_index(told.get("scan_depth")),
        place=_PLACES.get(place, "") if place is not None else "",
        depth=_USUAL_DEPTH if depth is None or place in (2, 3) else depth,
        role=_ROLES[role] if role is not None and role < len(_ROLES) else "system",
        excludes_recursion=told.get("exclude_recursion") is True,
        prevents_recursion=told.get("prevent_recursion") is True,
        waits_for_recursion=1 if waits is True else _index(waits) or 0,
        delay=_index(told.get("delay")) or 0,
        ignores_budget=told.get("ignore_budget") is True,
        groups=tuple(filter(None, map(str.strip, group.split(",")))) if isinstance(group, str) else (),
        scores=told.get("use_group_scoring") is True,
        weight=_USUAL_WEIGHT if weight is None else max(0.0, weight),
        overrides=told.get("group_override") is True,
        outlet=outlet if isinstance(outlet, str) else "",
        searches=tuple(ours for name, (_, ours) in _SEARCHED.items() if told.get(name) is True),
        is_for_replies=not isinstance(triggers, list) or not triggers or _REPLY in triggers,
    )


def _number(value: Any) -> float | None:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if is_number and abs(value) < 2**53 else None


def _index(value: Any) -> int | None:
    number = _number(value)
    return None if number is None or number < 0 else int(number)
