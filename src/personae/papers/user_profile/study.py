"""Profiles built from evidence and updated, whole or by edits, on the true old profile and on one's own."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

import numpy as np

from personae.canonical import content_hash, derive_seed
from personae.errors import InputError
from personae.model import Message, Model, Request, Sampling, Schema, Status, ask_structured, worst_status
from personae.papers.user_profile.edits import Edit, apply_edits
from personae.papers.user_profile.fields import FIELDS, SEPARATOR, Profile, is_list, items_of, normal_key
from personae.papers.user_profile.findings import measure_table
from personae.papers.user_profile.history import Evidence
from personae.papers.user_profile.people import (
    User,
    admissible,
    count_unlabelled,
    plant_user,
    read_users,
    shown,
)
from personae.papers.user_profile.reader import read_profile
from personae.papers.user_profile.settings import EDITS, WHOLE, UserProfileSettings
from personae.study import Cell, Finding, Lab, Observation, Value

if TYPE_CHECKING:
    import polars as pl

KINDS = ("insert", "modify", "remove")
_MOST_OTHERS = 40
_ANY_OTHER = "- any other field that the evidence tells of, by a name of its own"


def _listed(name: str, properties: Mapping[str, Any]) -> Schema:
    item = {"type": "object", "properties": dict(properties), "required": list(properties)}
    rows = {"type": "array", "items": {**item, "additionalProperties": False}, "maxItems": 200}
    return Schema(
        name, {"type": "object", "properties": {name: rows}, "required": [name], "additionalProperties": False}
    )


@lru_cache(maxsize=8)
def _schema(name: str, keys: tuple[str, ...]) -> Schema:
    """A list of facts, or of edits, of these fields; of any, if there are none."""
    fact: dict[str, Any] = {
        "key": {"type": "string", "enum": list(keys)} if keys else {"type": "string", "maxLength": 60},
        "value": {"type": "string", "maxLength": 200},
        "confidence": {"type": "number", "minimum": 0, "maximum": 1},
    }
    return _listed(name, fact if name == FACTS else {"op": {"type": "string", "enum": list(KINDS)}, **fact})


FACTS, CHANGES = "facts", "edits"


@dataclass(frozen=True, slots=True)
class Answer:
    """A profile that a model gave, and how sure it was of each fact or edit that it named."""

    profile: dict[str, str]
    status: Status
    sure: tuple[tuple[str, str, float], ...] = ()
    """Field, value, confidence; of edits, those that put something in."""


@dataclass(frozen=True, slots=True)
class UserProfile:
    """The study of the paper, on planted users or on those of a file."""

    settings: UserProfileSettings = field(default_factory=UserProfileSettings)
    name: str = "user_profile"

    @property
    def roles(self) -> tuple[str, ...]:
        """Who writes profiles, and who labels biographies."""
        return ("subject", "labeller") if self.settings.labels else ("subject",)

    @property
    def fields(self) -> Mapping[str, str]:
        """The fields that a model is told of: ours, and of a file's users the commonest others, up to forty."""
        path = self.settings.data
        return {one.key: one.about for one in FIELDS} if path is None else self._fields(path)[0]

    @property
    def is_open(self) -> bool:
        """Whether users of the file have more fields than can be told, so that a model may name others."""
        path = self.settings.data
        return path is not None and self._fields(path)[1]

    def _fields(self, path: Path) -> tuple[Mapping[str, str], bool]:
        return _fields_at(path, path.stat().st_mtime_ns, self.settings.users)

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Settings, with what is read by its hash."""
        read = ("construct_prompt", "update_prompt", "label_prompt")
        plain = self.settings.model_dump(mode="json", exclude={*read, "data", "training"})
        prompts = [*(getattr(self.settings, name) for name in read), WHOLE, EDITS]
        data = self.settings.data
        users = [[user.id, *(_row(user, stage) for stage in user.stages)] for user in _read(data)] if data else ""
        left_out = {"unlabelled": count_unlabelled(data)} if data else {}
        hashes = {"prompts": content_hash(prompts)[:12], "data": content_hash(users)[:12] if data else "planted"}
        return {**plain, **hashes, **left_out}

    def users(self, seed: int) -> Sequence[User]:
        """The users of a run.

        Raises:
            InputError: If the file holds fewer than are wanted.
        """
        if self.settings.data is None:
            return _planted(self.settings.users, self.settings.updates, seed)
        users = _read(self.settings.data)
        if len(users) < self.settings.users:
            raise InputError(
                f"holds {len(users)} users",
                where=str(self.settings.data),
                remedy=f"bring {self.settings.users}, or set -P users={len(users)}",
            )
        return users[: self.settings.users]

    def design(self, rng: np.random.Generator) -> Iterator[Cell]:
        """A cell a user."""
        seed = derive_seed(int(rng.integers(2**31)), "users")
        for number, user in enumerate(self.users(seed)):
            yield Cell({"user": user.id, "number": number, "seed": seed})

    async def observe(self, cell: Cell, lab: Lab) -> Observation:
        """Build the profile of one user, and update it stage by stage."""
        user = self.users(int(str(cell.factors["seed"])))[int(str(cell.factors["number"]))]
        model = lab.model("subject")
        statuses: list[Status] = []
        begins = bool(user.stages[0].evidence)  # of a published update, the old profile comes of nothing that is told
        first = Answer(dict(user.stages[0].profile), "ok")
        if begins:
            first = await self._built(model, user.stages[0].evidence)
            statuses.append(first.status)
        values: dict[str, Value] = {
            "truth": [_spelled(stage.profile) for stage in user.stages],
            "text": [shown(admissible(stage.evidence, hides_system=False)) for stage in user.stages],
            "bait": [json.dumps(stage.bait) for stage in user.stages],
            "reader": [_spelled(one) for one in _by_reader(user)],
            "built": _spelled(first.profile) if begins and _is_read(first) else None,
            "built.sure": json.dumps(first.sure),
            "is_update": not begins,
        }
        if self.settings.labels and begins:
            labels = await self._labelled(lab.model("labeller"), user.stages[0].evidence)
            statuses.append(labels.status)
            values["labels"] = _spelled(labels.profile) if _is_read(labels) else None
        for form in ("whole", "edits") if self.settings.edits else ("whole",):
            fresh = [
                await self._updated(model, before.profile, stage.evidence, form)
                for before, stage in zip(user.stages, user.stages[1:], strict=False)
            ]
            statuses += [one.status for one in fresh]
            values[f"{form}.fresh"] = [_spelled(one.profile) if _is_read(one) else None for one in fresh]
            values[f"{form}.sure"] = [json.dumps(one.sure) for one in fresh]
            if not self.settings.chained:
                continue
            own, chain = first.profile, []
            for stage in user.stages[1:]:
                answer = await self._updated(model, own, stage.evidence, form)
                statuses.append(answer.status)
                own = answer.profile  # what cannot be read changes nothing
                chain.append(_spelled(own))
            values[f"{form}.chained"] = chain
        return Observation(worst_status(statuses), {**values, "statuses": list(statuses)})

    def measure(self, table: pl.DataFrame) -> list[Finding]:
        """Score profiles field by field; see :mod:`personae.papers.user_profile.findings`."""
        return measure_table(table)

    def prompt(self, evidence: Sequence[Evidence], old: Profile | None = None, form: str = "whole") -> str:
        """What the model is asked about some evidence."""
        words = {
            "fields": "\n".join(
                [f"- {key}: {about}{_kind(key)}" for key, about in self.fields.items()] + [_ANY_OTHER] * self.is_open
            ),
            "evidence": shown(admissible(evidence, hides_system=self.settings.hides_system)),
            "profile": "\n".join(f"- {key}: {value}" for key, value in (old or {}).items()) or "(empty)",
            "wanted": WHOLE if form == "whole" else EDITS,
        }
        template = self.settings.construct_prompt if old is None else self.settings.update_prompt
        return Template(template).safe_substitute(words)

    async def _built(self, model: Model, evidence: Sequence[Evidence]) -> Answer:
        return await self._asked(model, self.prompt(evidence), FACTS, {})

    async def _labelled(self, model: Model, evidence: Sequence[Evidence]) -> Answer:
        told = {
            "evidence": shown(admissible(evidence, hides_system=self.settings.hides_system)),
            "keys": ", ".join([*self.fields, *["or another field"] * self.is_open]),
        }
        return await self._asked(model, Template(self.settings.label_prompt).safe_substitute(told), FACTS, {})

    async def _updated(self, model: Model, old: Profile, evidence: Sequence[Evidence], form: str) -> Answer:
        return await self._asked(model, self.prompt(evidence, old, form), FACTS if form == "whole" else CHANGES, old)

    async def _asked(self, model: Model, prompt: str, wanted: str, old: Profile) -> Answer:
        sampling = Sampling(temperature=self.settings.temperature)
        schema = _schema(wanted, () if self.is_open else tuple(self.fields))
        found = await ask_structured(model, Request((Message("user", prompt),), sampling, schema))
        edits = read_answer(found.value, wanted) if found.value is not None else None
        if edits is None:
            return Answer(dict(old), found.status if found.value is None else "unparsed")
        profile = apply_edits({} if wanted == FACTS else old, [edit for edit, _ in edits])
        sure = tuple((edit.key, edit.value, how) for edit, how in edits if edit.kind != "remove" and how is not None)
        return Answer(profile, found.status, sure)


def read_answer(value: Mapping[str, Any], name: str) -> list[tuple[Edit, float | None]] | None:
    """The facts or edits of an answer with their confidence; ``None`` if it is no list of such.

    Example:
        >>> read_answer({"facts": [{"key": "Job", "value": "pilot", "confidence": 0.9}]}, "facts")
        [(Edit(kind='insert', key='occupation', value='pilot'), 0.9)]
    """
    rows = value.get(name)
    if not isinstance(rows, list):
        return None
    found: list[tuple[Edit, float | None]] = []
    for row in rows:
        if not isinstance(row, dict) or not isinstance(row.get("key"), str):
            return None
        kind = row.get("op", "insert")
        if kind not in KINDS:
            return None
        given = row.get("value")
        text = SEPARATOR.join(map(str, given)) if isinstance(given, list) else "" if given is None else str(given)
        if text.strip() or kind == "remove":
            found.append((Edit(kind, normal_key(row["key"]), text.strip()), _probability(row.get("confidence"))))
    return found


def _probability(given: Any) -> float | None:
    is_number = isinstance(given, (int, float)) and not isinstance(given, bool)
    return float(given) if is_number and 0 <= given <= 1 else None


def training_rows(study: UserProfile, users: Sequence[User]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """The user, the task, and the conversation that a model is trained on: evidence in, the whole profile out.

    Targets carry no confidence: labels say what is true, and not how sure one may be of it.
    """
    for user in users:
        old: Profile | None = None
        for stage in user.stages:
            if not stage.evidence:
                old = stage.profile
                continue
            asked = study.prompt(stage.evidence, old)
            facts = [{"key": key, "value": item} for key, text in stage.profile.items() for item in items_of(key, text)]
            answer = {"role": "assistant", "content": json.dumps({"facts": facts}, ensure_ascii=False)}
            row = {"messages": [{"role": "user", "content": asked}, answer]}
            yield user.id, "construction" if old is None else "updating", row
            old = stage.profile


def _by_reader(user: User) -> list[dict[str, str]]:
    before: Profile = {}
    found = []
    for stage in user.stages:
        found.append(read_profile(before, stage.evidence))
        before = stage.profile
    return found


def _is_read(answer: Answer) -> bool:
    return answer.status in ("ok", "repaired")


def _kind(key: str) -> str:
    return " (may be several)" if is_list(key) else ""


def _spelled(profile: Profile) -> str:
    return json.dumps(dict(profile), ensure_ascii=False)


def _row(user: User, stage: Any) -> list[Any]:
    return [dict(stage.profile), shown(stage.evidence)]


def _read(path: Path) -> tuple[User, ...]:
    return _read_at(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _read_at(path: Path, changed: int) -> tuple[User, ...]:
    """A file, read once until it is changed."""
    return read_users(path)


@lru_cache(maxsize=4)
def _fields_at(path: Path, changed: int, users: int) -> tuple[Mapping[str, str], bool]:
    found = {one.key: one.about for one in FIELDS}
    keys = Counter(
        key
        for user in _read_at(path, changed)[:users]
        for key in dict.fromkeys(normal_key(key) for stage in user.stages for key in stage.profile)
        if key not in found
    )
    others = sorted(keys, key=lambda key: (-keys[key], key))
    return found | {key: key.replace("_", " ") for key in others[:_MOST_OTHERS]}, len(others) > _MOST_OTHERS


@lru_cache(maxsize=4)
def _planted(count: int, updates: int, seed: int) -> tuple[User, ...]:
    return tuple(
        plant_user(number, updates, np.random.default_rng(derive_seed(seed, "user", number))) for number in range(count)
    )
