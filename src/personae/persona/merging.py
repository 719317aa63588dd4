"""Fragments: parts of people that are put together into one, by rules that say who wins where they disagree.

Any persona can serve as a fragment: what it does not say, it leaves to the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from personae.errors import InputError
from personae.persona.files import persona_to_json, read_persona
from personae.persona.formats.pointers import leaves, put
from personae.persona.persona import Persona

Rule = Literal["refuse", "keep", "replace", "surest"]
"""``refuse``: a conflict is an error. ``keep``: the earlier value stays. ``replace``: the later one takes its place.
``surest``: the value whose source has the higher confidence, the earlier one if they are equal or unknown."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field that two fragments say differently."""

    path: str
    first: Any
    second: Any
    rule: Rule
    won: Literal["first", "second"]

    def to_json(self) -> dict[str, Any]:
        """The conflict as JSON."""
        return {"path": self.path, "first": self.first, "second": self.second, "rule": self.rule, "won": self.won}


@dataclass(frozen=True, slots=True)
class Merged:
    """The persona, and where its parts disagreed."""

    persona: Persona
    conflicts: tuple[Conflict, ...] = ()


def merge_personas(
    parts: Sequence[Persona], *, rule: Rule = "refuse", rules: Mapping[str, Rule] | None = None
) -> Merged:
    """Put fragments together.

    Lists are joined, each item once; everything else is merged value by value, and a value that only one part gives is
    taken. The id is that of the first part. Each value keeps its source.

    Args:
        parts: The base, then the fragments.
        rule: What happens where two parts disagree.
        rules: Other rules for some places: ``{"/demographics": "keep"}``; the longest place that fits counts.

    Raises:
        InputError: If parts disagree and the rule is ``refuse``; all such places are named.

    Example:
        >>> sailor = Persona(beliefs=("Ropes remember.",), demographics={"age": 40})
        >>> merge_personas([Persona(id="a", name="Ada"), sailor]).persona.demographics.age
        40
    """
    if not parts:
        raise InputError("there is nothing to merge", remedy="give a base and a fragment")
    first, *others = parts
    merged, conflicts = first, []
    for part in others:
        merged, found = _merge_two(merged, part, rule, rules or {})
        conflicts += found
    refused = [conflict for conflict in conflicts if conflict.rule == "refuse"]
    if refused:
        places = ", ".join(conflict.path for conflict in refused)
        raise InputError(
            f"the parts disagree about {places}", where=first.id, remedy="choose a rule: keep, replace or surest"
        )
    return Merged(merged, tuple(conflicts))


def _merge_two(
    first: Persona, second: Persona, rule: Rule, rules: Mapping[str, Rule]
) -> tuple[Persona, list[Conflict]]:
    data = persona_to_json(first)
    sources = dict(data.pop("provenance", {}))
    told = dict(leaves(data))
    other = persona_to_json(second)
    conflicts = []
    for path, value in leaves({key: other[key] for key in other if key not in ("format", "id", "provenance")}):
        mine = told.get(path)
        if value in ("", [], {}, None) or mine == value:
            continue
        if mine in ("", [], {}, None):
            put(data, path, value)
        elif isinstance(mine, list) and isinstance(value, list):
            put(data, path, mine + [item for item in value if item not in mine])
        else:
            chosen = _rule_for(path, rule, rules)
            won = _winner(chosen, first, second, path)
            conflicts.append(Conflict(path, mine, value, chosen, won))
            if won == "first":
                continue
            put(data, path, value)
        _note_source(sources, second, path)
    return read_persona({**data, "provenance": sources}, where=first.id).persona, conflicts


def _note_source(sources: dict[str, Any], part: Persona, path: str) -> None:
    """A value that came from a part keeps the source that it has there, if that part says one."""
    dotted = path[1:].replace("/", ".")
    source = part.provenance_of(dotted).model_dump(mode="json", exclude_defaults=True)
    if source and not path.startswith("/extensions"):
        sources[dotted] = source


def _rule_for(path: str, rule: Rule, rules: Mapping[str, Rule]) -> Rule:
    fitting = [place for place in rules if path == place or path.startswith(f"{place}/")]
    return rules[max(fitting, key=len)] if fitting else rule


def _winner(rule: Rule, first: Persona, second: Persona, path: str) -> Literal["first", "second"]:
    if rule == "surest":
        dotted = path[1:].replace("/", ".")
        sure = [one.provenance_of(dotted).confidence or 0.0 for one in (first, second)]
        return "second" if sure[1] > sure[0] else "first"
    return "second" if rule == "replace" else "first"
