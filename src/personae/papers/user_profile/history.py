"""What is known of a user over time: facts with the time in which they hold. Nothing is ever deleted.

A fact holds from ``since`` until, but not including, ``until``. A field that holds one value at a time is contradicted
by another value: the earlier fact is closed, not removed. Evidence may come late, and is put where it belongs.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from personae.errors import InputError
from personae.papers.user_profile.fields import SEPARATOR, is_list, normal_key, normal_value

Role = Literal["user", "text", "behaviour", "assistant", "system"]
ABOUT_THE_USER: frozenset[Role] = frozenset({"user", "text", "behaviour"})
"""Whose words are evidence. What a system message or the assistant says is not: nobody has said it of the user."""

Learned = Literal["insert", "modify", "extend", "keep", "refused"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Something that was said or done, on a day."""

    text: str
    at: str
    role: Role = "user"


@dataclass(frozen=True, slots=True)
class Fact:
    """A value of a field, and when it holds; both days in ISO form, ``until`` empty for as far as is known."""

    key: str
    value: str
    since: str
    until: str = ""
    confidence: float = 1.0
    source: str = ""

    def holds_at(self, day: str) -> bool:
        """Whether it holds on a day."""
        return self.since <= day and (not self.until or day < self.until)


@dataclass
class History:
    """Facts of one user, in the order in which they were learned.

    Example:
        >>> user = History()
        >>> user.learn("residence", "Lyon", "2020-01-01"), user.learn("Lives in", "Rome", "2022-06-01")
        ('insert', 'modify')
        >>> user.at("2021-01-01"), user.at("2023-01-01")
        ({'residence': 'Lyon'}, {'residence': 'Rome'})
        >>> user.learn("residence", "Mars", "2024-01-01", role="system"), len(user.facts)
        ('refused', 2)
    """

    facts: list[Fact] = field(default_factory=list)

    def learn(
        self, key: str, value: str, at: str, *, confidence: float = 1.0, source: str = "", role: Role = "user"
    ) -> Learned:
        """Learn that something holds from a day on.

        Returns:
            ``keep`` if that is known already, and nothing is changed; ``insert`` for what is new; ``modify`` if it
            closes another fact; ``extend`` if a fact turns out to have held earlier; ``refused`` if the words are not
            about the user (:data:`ABOUT_THE_USER`).

        Raises:
            InputError: If the day is none, nothing is said, or the confidence is no probability.
        """
        key = normal_key(key)
        _check(key, value, at, confidence)
        if role not in ABOUT_THE_USER:
            return "refused"
        mine = self._of(key, value)
        if any(self.facts[place].holds_at(at) for place in mine if self._is(place, key, value)):
            return "keep"
        now = next((place for place in mine if self.facts[place].holds_at(at)), None)
        until = self.facts[now].until if now is not None else ""
        later = min((place for place in mine if self.facts[place].since > at), key=self._since, default=None)
        if now is not None:
            self.facts[now] = replace(self.facts[now], until=at)
        if later is not None and self._is(later, key, value) and (not until or until == self._since(later)):
            self.facts[later] = replace(self.facts[later], since=at)
            return "extend"
        if later is not None and not until:
            until = self._since(later)
        self.facts.append(Fact(key, value.strip(), at, until, confidence, source))
        return "insert" if now is None else "modify"

    def end(self, key: str, value: str, at: str, *, role: Role = "user") -> bool:
        """Close a fact on a day; of a field of one value, ``value`` may be empty. Returns whether there was one.

        Raises:
            InputError: If the day is none.
        """
        key = normal_key(key)
        _check(key, value or "-", at, 1.0)
        if role not in ABOUT_THE_USER:
            return False
        for place in self._of(key, value):
            if self.facts[place].holds_at(at) and (not value or self._is(place, key, value)):
                self.facts[place] = replace(self.facts[place], until=at)
                return True
        return False

    def at(self, day: str) -> dict[str, str]:
        """The profile on a day."""
        _check("day", "-", day, 1.0)
        found: dict[str, str] = {}
        for fact in self.facts:
            if fact.holds_at(day):
                found[fact.key] = SEPARATOR.join(filter(None, [found.get(fact.key, ""), fact.value]))
        return found

    def contradicted(self) -> list[Fact]:
        """Facts that never held, because another was told of the same day; told last counts."""
        return [fact for fact in self.facts if fact.until and fact.until <= fact.since]

    def _of(self, key: str, value: str) -> list[int]:
        """Places of the facts that this one could contradict or repeat: of a list, those of the same item."""
        places = [place for place, fact in enumerate(self.facts) if fact.key == key]
        return [place for place in places if self._is(place, key, value)] if is_list(key) else places

    def _is(self, place: int, key: str, value: str) -> bool:
        return normal_value(key, self.facts[place].value) == normal_value(key, value)

    def _since(self, place: int) -> str:
        return self.facts[place].since


def _check(key: str, value: str, at: str, confidence: float) -> None:
    try:
        is_day = date.fromisoformat(at).isoformat() == at
    except ValueError:
        is_day = False
    if not is_day:
        raise InputError(f"{at!r} is no day", where=key, remedy="write it as 2024-05-31")
    if not key or not value.strip():
        raise InputError("says nothing", where=key or "a fact", remedy="give a field and a value")
    if not 0 <= confidence <= 1:
        raise InputError(f"{confidence} is no probability", where=key, remedy="give a confidence from 0 to 1")
