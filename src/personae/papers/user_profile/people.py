"""Users with a known truth: a biography, then messages and traces of behaviour that change what is true of them.

Each stage also holds what must not enter a profile: facts of relatives and friends, guesses of the assistant, notes in
a system message, and single events that are no habit.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

import numpy as np

from personae.errors import InputError
from personae.papers.user_profile.fields import Profile, is_list
from personae.papers.user_profile.history import Evidence, History, Role
from personae.papers.user_profile.published import NEW, OLD, PROFILE, TEXT, is_published, read_text

HABIT = 2
"""Events of one kind from which on they are a habit."""
_BAIT: tuple[Role, ...] = ("assistant", "system")
_FIRST = date(2020, 1, 15)


@dataclass(frozen=True, slots=True)
class Stage:
    """Evidence, and the profile that is true after it."""

    evidence: tuple[Evidence, ...]
    profile: Profile
    bait: tuple[tuple[str, str, str], ...] = ()
    """What a careless reader would take: whose words, field, value."""


@dataclass(frozen=True, slots=True)
class User:
    """A user's stages, the first of which builds the profile."""

    id: str
    stages: tuple[Stage, ...]


@lru_cache(maxsize=1)
def wordings() -> Mapping[str, Mapping[str, Sequence[str]]]:
    """Sentences and values that users are planted with."""
    text = (files("personae.papers.user_profile") / "wordings.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def plant_user(number: int, updates: int, rng: np.random.Generator) -> User:
    """Draw a user with a biography and some updates."""
    pool = wordings()["values"]
    name = pool["name"][number % len(pool["name"])]
    values = {key: _pick(pool[key], rng) for key in wordings()["biography"] if key in pool}
    values["birth_date"] = _spelled(_FIRST - timedelta(days=int(rng.integers(9000, 25000))), rng)
    told = [key for key in wordings()["biography"] if rng.random() < 0.8]
    day = _FIRST.isoformat()
    history = History()
    history.learn("name", name, day, role="text")
    sentences = []
    for key in told:
        history.learn(key, values[key], day, role="text")
        sentences.append(_say("biography", key, values[key], rng, name=name))
    rng.shuffle(sentences)
    opening = f"This is a short life of {name}."
    stages = [Stage((Evidence(" ".join([opening, *sentences]), day, "text"),), history.at(day))]
    for update in range(1, updates + 1):
        stages.append(_updated(history, _FIRST + timedelta(days=90 * update), rng))
    return User(f"user-{number + 1}", tuple(stages))


def _updated(history: History, day: date, rng: np.random.Generator) -> Stage:
    """Messages of one day, and what was done in the week before."""
    at, pool = day.isoformat(), wordings()["values"]
    known = history.at(at)
    evidence: list[Evidence] = []
    changing = [key for key in wordings()["message"] if key in known and not is_list(key)]
    fresh = [key for key in wordings()["message"] if key not in known or is_list(key)]
    for key in [*_some(changing, 2, rng), *_some(fresh, 1, rng)]:
        others = [value for value in pool[key] if value not in known.get(key, "")]
        value = _pick(others, rng)
        history.learn(key, value, at)
        evidence.append(Evidence(_say("message", key, value, rng), at))
    now = history.at(at)
    unchanged = [key for key in wordings()["known"] if key in now and now[key] == known.get(key)]
    evidence += [Evidence(_say("known", key, now[key], rng), at) for key in _some(unchanged, 1, rng)]
    if "spouse" in now and now["spouse"] == known.get("spouse") and rng.random() < 0.3:
        history.end("spouse", "", at)
        evidence.append(Evidence(_say("ended", "spouse", now["spouse"], rng), at))
    bait: list[tuple[str, str, str]] = []
    for role, key in [("relative", _pick(list(wordings()["relative"]), rng))] + [
        (role, _pick(list(wordings()[role]), rng)) for role in _BAIT
    ]:
        # What was true before is no bait: who has it is out of date, and counted as that.
        taken = {now.get(key), known.get(key), *(other for _, _, other in bait)}
        value = _pick([one for one in pool[key] if one not in taken], rng)
        bait.append((role, key, value))
        speaker: Role = "user" if role == "relative" else "assistant" if role == "assistant" else "system"
        evidence.append(Evidence(_say(role, key, value, rng), at, speaker))
    order = rng.permutation(len(evidence))
    done, habits = _done(history, day, rng)
    bait += [("single event", "interests", one) for one in habits]
    return Stage((*done, *(evidence[place] for place in order)), history.at(at), tuple(bait))


def _done(history: History, day: date, rng: np.random.Generator) -> tuple[list[Evidence], list[str]]:
    """Traces of a week: one interest often, another once; the second is none."""
    known = history.at(day.isoformat()).get("interests", "")
    others = [value for value in wordings()["values"]["interests"] if value not in known]
    first, second = (others[place] for place in rng.choice(len(others), size=2, replace=False))
    days = [(day - timedelta(days=back)).isoformat() for back in (6, 4, 2)]
    done = [Evidence(_say("behaviour", "interests", first, rng), at, "behaviour") for at in days]
    done.insert(1, Evidence(_say("behaviour", "interests", second, rng), days[1], "behaviour"))
    history.learn("interests", first, days[0], role="behaviour")
    return done, [second]


def admissible(evidence: Sequence[Evidence], *, hides_system: bool = True) -> list[Evidence]:
    """Evidence as a reader may see it: without system messages, which say nothing of the user."""
    return [one for one in evidence if not (hides_system and one.role == "system")]


def shown(evidence: Sequence[Evidence]) -> str:
    """Evidence, a line each, with its day and whose it is."""
    return "\n".join(f"[{one.at}, {one.role}] {one.text}" for one in evidence)


def read_users(path: Path) -> tuple[User, ...]:
    """Read users from JSON lines: ``id``, ``text``, ``profile`` and ``updates``, a list of ``text`` and ``profile``.

    A text may also be a list of objects with ``text``, ``at`` and ``role``; a value may be a list of texts. Or read the
    published sets (:mod:`personae.papers.user_profile.published`), as Parquet, CSV or JSON lines, a user a row; rows
    whose label is empty or no profile are no users (:func:`count_unlabelled`).

    Raises:
        InputError: If a row cannot be read; the message names it.
    """
    found = []
    for row, where, number in read_rows(path):
        if is_published(row):
            if (user := _published_user(row, number)) is not None:
                found.append(user)
            continue
        try:
            stages = [row, *row.get("updates", [])]
            read = tuple(Stage(_evidence(one["text"]), profile_of(one["profile"])) for one in stages)
        except (KeyError, TypeError, AttributeError) as error:
            raise InputError(
                f"is no user ({type(error).__name__}: {error})", where=where, remedy="give text, profile and updates"
            ) from error
        found.append(User(str(row.get("id") or f"user-{number}"), read))
    if not found:
        raise InputError("holds no users", where=str(path), remedy="give a line of JSON for each")
    if len({user.id for user in found}) < len(found):
        raise InputError("has an id twice", where=str(path), remedy="give each user an id of their own")
    return tuple(found)


def count_unlabelled(path: Path) -> int:
    """Rows of a published set that are no users, as their text or label is empty or the label is no profile."""
    rows = [row for row, _, _ in read_rows(path) if is_published(row)]
    return sum(_published_user(row, 0) is None for row in rows)


def read_rows(path: Path) -> Iterator[tuple[dict[str, Any], str, int]]:
    """Rows of a table or of JSON lines, with where each stands and its number.

    Raises:
        InputError: If the file or a line cannot be read.
    """
    if path.suffix.lower() in (".parquet", ".csv"):
        from personae.population.microdata import read_table

        for number, row in enumerate(read_table(path).iter_rows(named=True), start=1):
            yield row, f"{path}, row {number}", number
        return
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"cannot be read ({type(error).__name__})", where=str(path), remedy="give JSON lines"
        ) from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        where = f"{path}, line {number}"
        try:
            read = json.loads(line)
        except json.JSONDecodeError as error:
            raise InputError(
                f"is no user ({type(error).__name__}: {error})", where=where, remedy="give text, profile and updates"
            ) from error
        if not isinstance(read, dict):
            raise InputError(f"is {type(read).__name__}, no object", where=where, remedy="give a line of JSON for each")
        yield read, where, number


def _published_user(row: Mapping[str, Any], number: int) -> User | None:
    """A user of a published set: a biography and its profile; or an old profile, what is new, and the new profile."""
    try:
        text = str(row[TEXT] or "").strip()
        if NEW not in row:
            stages = [Stage(_evidence(text), profile_of(row[PROFILE] or ""))]
        else:
            old = profile_of(row.get(OLD) or "")
            stages = [Stage((), old), Stage(_evidence(text), profile_of(row[NEW] or ""))]
    except TypeError:
        return None
    return User(f"row-{number}", tuple(stages)) if text and all(one.profile for one in stages) else None


def profile_of(given: Any) -> dict[str, str]:
    """A profile of JSON: values as texts, lists joined; what is empty or null is not there. Or one that is a text.

    Raises:
        TypeError: If it is no object, or holds objects.
    """
    if isinstance(given, str):
        given = read_text(given)
    if not isinstance(given, dict):
        raise TypeError("a profile is an object")
    found = {}
    for key, value in given.items():
        if isinstance(value, dict):
            raise TypeError(f"{key} holds an object")
        text = "; ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)
        if text.strip():
            found[str(key)] = text.strip()
    return found


def _evidence(given: Any) -> tuple[Evidence, ...]:
    if isinstance(given, str):
        return (Evidence(given, "", "text"),)
    roles = ("user", "text", "behaviour", "assistant", "system")
    read = []
    for one in given:
        if one.get("role", "user") not in roles:
            raise TypeError(f"{one['role']!r} is no role")
        read.append(Evidence(str(one["text"]), str(one.get("at", "")), one.get("role", "user")))
    return tuple(read)


def _say(part: str, key: str, value: str, rng: np.random.Generator, name: str = "") -> str:
    return Template(_pick(wordings()[part][key], rng)).substitute(value=value, name=name)


def _pick(values: Sequence[str], rng: np.random.Generator) -> str:
    return values[int(rng.integers(len(values)))]


def _some(values: Sequence[str], most: int, rng: np.random.Generator) -> list[str]:
    count = min(most, len(values))
    return [values[int(place)] for place in rng.choice(len(values), size=count, replace=False)] if count else []


def _spelled(day: date, rng: np.random.Generator) -> str:
    """A day as people write it, in one of three ways."""
    forms = (day.isoformat(), f"{day.day} {day:%B} {day.year}", f"{day:%B} {day.day}, {day.year}")
    return _pick(forms, rng)
