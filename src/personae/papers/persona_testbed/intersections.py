"""Is a model as good for women of eighteen as for men of seventy? Groups of people with several attributes at once."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from personae.errors import InputError
from personae.papers.persona_testbed.profile import is_one_of
from personae.persona import Persona
from personae.stats import Estimate

_ALIASES = {"sex": "gender", "race": "ethnicity", "political views": "politics"}
"""What the package persona-bench calls attributes, by what they are called here."""
_WORDS = {"male": "man", "female": "woman"}
_AGES = ((18, 34), (35, 54), (55, 130))
_LEAST = 3
_DRAWS = 2000


@dataclass(frozen=True, slots=True)
class Intersection:
    """People who have one of some values of each of several attributes."""

    name: str
    wanted: Mapping[str, frozenset[str]]


def read_intersections(path: Path | None) -> tuple[Intersection, ...]:
    """Sex by age, or those of a file: a list of ``{"attributes": [{"attribute": "age", "values": ["18", ...]}]}``.

    Raises:
        InputError: If the file cannot be read or is none of these.
    """
    if path is None:
        return tuple(
            Intersection(
                f"{sex}_{low}_{'up' if high > 100 else high}",
                {"gender": frozenset({sex}), "age": frozenset(map(str, range(low, high + 1)))},
            )
            for sex in ("woman", "man")
            for low, high in _AGES
        )
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
        found = []
        for place, one in enumerate(given, start=1):
            wanted = {
                _ALIASES.get(part["attribute"], part["attribute"]): frozenset(
                    _WORDS.get(str(value).casefold(), str(value)) for value in part["values"]
                )
                for part in one["attributes"]
            }
            found.append(Intersection(str(one.get("name") or place), wanted))
    except (OSError, UnicodeDecodeError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"holds no intersections ({error})",
            where=str(path),
            remedy='write [{"attributes": [{"attribute": "age", "values": ["18", "19"]}]}]',
        ) from error
    return tuple(found)


def members(one: Intersection, people: Sequence[Persona]) -> frozenset[int]:
    """Numbers of the people who are in an intersection."""
    return frozenset(number for number, person in enumerate(people) if is_one_of(person, one.wanted))


def gap(values: Mapping[int, float], groups: Sequence[frozenset[int]]) -> Estimate | None:
    """The best group's mean minus the worst's; whether it is more than chance, by people who change places.

    The largest difference of several groups is above 0 by construction, so that what would come of it if groups did not
    matter stands in the conventions. Groups of fewer than three people are left out; nothing is left of one group.
    """
    people = sorted(person for person, value in values.items() if np.isfinite(value))
    known = [sorted(group & set(people)) for group in groups]
    known = [group for group in known if len(group) >= _LEAST]
    if len(known) < 2:
        return None
    place = {person: number for number, person in enumerate(people)}
    rows = [np.array([place[person] for person in group]) for group in known]
    mine = np.array([values[person] for person in people])

    def widest(vector: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
        means = [float(vector[row].mean()) for row in rows]
        return max(means) - min(means)

    rng = np.random.default_rng(0)
    observed = widest(mine)
    chance = np.array([widest(rng.permutation(mine)) for _ in range(_DRAWS)])
    p = (1 + int((chance >= observed - 1e-12).sum())) / (_DRAWS + 1)
    return Estimate(
        observed,
        float("nan"),
        float("nan"),
        n=len(people),
        method="best minus worst group, permutation of people",
        p_value=p,
        conventions=(f"groups={len(known)}", f"by_chance={chance.mean():.2f}"),
    )
