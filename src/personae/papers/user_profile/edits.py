"""What changes from one profile to the next, as typed edits: insert, modify, remove; what is not named is kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from personae.papers.user_profile.fields import SEPARATOR, Profile, is_list, items_of, normal_key, normal_value

Kind = Literal["insert", "modify", "remove"]


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of one field; of a list, one item comes or goes."""

    kind: Kind
    key: str
    value: str = ""
    """The new value; of a removed item of a list, that item."""


def diff_profiles(old: Profile, new: Profile) -> list[Edit]:
    """The edits that lead from one profile to another; differences of spelling are none.

    Example:
        >>> old = {"residence": "Lyon", "interests": "chess; go", "spouse": "Ann"}
        >>> diff_profiles(old, {"residence": "Rome", "interests": "Go; tennis"})
        ... # doctest: +NORMALIZE_WHITESPACE
        [Edit(kind='modify', key='residence', value='Rome'), Edit(kind='insert', key='interests', value='tennis'),
         Edit(kind='remove', key='interests', value='chess'), Edit(kind='remove', key='spouse', value='')]
    """
    before, after = _plain(old), _plain(new)
    found: list[Edit] = []
    for key in dict.fromkeys([*before, *after]):
        was = {normal_value(key, item): item for item in items_of(key, before.get(key, ""))}
        now = {normal_value(key, item): item for item in items_of(key, after.get(key, ""))}
        if is_list(key):
            found += [Edit("insert", key, item) for plain, item in now.items() if plain not in was]
            found += [Edit("remove", key, item) for plain, item in was.items() if plain not in now]
        elif set(was) != set(now):
            kind: Kind = "remove" if not now else "modify" if was else "insert"
            found.append(Edit(kind, key, after.get(key, "")))
    return found


def apply_edits(old: Profile, edits: Iterable[Edit]) -> dict[str, str]:
    """The profile after edits; an edit that does not fit (an insert of a known field) does what it means.

    Example:
        >>> apply_edits({"residence": "Lyon", "interests": "chess"}, [Edit("insert", "hobbies", "go")])
        {'residence': 'Lyon', 'interests': 'chess; go'}
    """
    new = _plain(old)
    for edit in edits:
        key = normal_key(edit.key)
        if not is_list(key):
            if edit.kind == "remove":
                new.pop(key, None)
            elif edit.value.strip():
                new[key] = edit.value
            continue
        items = {normal_value(key, item): item for item in items_of(key, new.get(key, ""))}
        given = {normal_value(key, item): item for item in items_of(key, edit.value)}
        if edit.kind == "remove":
            # Without a value, the whole list goes.
            items = {plain: item for plain, item in items.items() if given and plain not in given}
        else:
            items = {**given, **items} if not items else {**items, **{k: v for k, v in given.items() if k not in items}}
        new[key] = SEPARATOR.join(items.values())
        if not items:
            del new[key]
    return new


def _plain(profile: Profile) -> dict[str, str]:
    """Fields by their one name; two names of one list are one list, and the last of two values counts."""
    found: dict[str, str] = {}
    for given, value in profile.items():
        key = normal_key(given)
        if value.strip(" ."):
            found[key] = SEPARATOR.join([found[key], value]) if is_list(key) and key in found else value
    return found
