"""Real people: what they answered to the forms, and the blinded sheet on which they rate agents made of themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from personae.errors import InputError
from personae.papers.spectrum.profiles import Profile
from personae.papers.spectrum.scores import (
    HIGHEST,
    LOWEST,
    PERSONALITY_ITEMS,
    VALUE_ITEMS,
    describe_personality,
    describe_values,
    facet_scores,
    value_scores,
)

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

TEXTS = ("loves", "hates", "weekday", "weekend")
_MARK = "S."
_OWN_NAMES = {f"D1PB-{number}": f"bfi_{number}" for number in range(1, PERSONALITY_ITEMS + 1)} | {
    f"D2LP-{theirs}": f"pvq_{ours}"
    for ours, theirs in enumerate((number for number in range(1, VALUE_ITEMS + 2) if number != 20), start=1)
}
"""Our names of the items by those of the authors' scoring code, which has no value item 20."""


def read_answers(path: Path) -> list[Profile]:
    """Read what people answered: a table with a row a person.

    Columns are ``person``; ``S.NAME`` for each fact; ``bfi_1`` to ``bfi_30`` and ``pvq_1`` to ``pvq_21``, 1 to 7;
    ``loves``, ``hates``, ``weekday``, ``weekend``. Facts that are empty are left out. Items may have the names of the
    authors' scoring code: ``D1PB-1`` to ``D1PB-30``, and ``D2LP-1`` to ``D2LP-22`` without ``D2LP-20``.

    Raises:
        InputError: If a column, a name, a text or an answer is missing, or an answer is no number of 1 to 7.
    """
    from personae.population import read_table

    table = read_table(path)
    table = table.rename({one: _OWN_NAMES[one] for one in table.columns if one in _OWN_NAMES})
    forms = {"bfi": PERSONALITY_ITEMS, "pvq": VALUE_ITEMS}
    items = {form: [f"{form}_{number}" for number in range(1, count + 1)] for form, count in forms.items()}
    facts = [name for name in table.columns if name.startswith(_MARK)]
    needed = ["person", *items["bfi"], *items["pvq"], *TEXTS]
    if lacking := [name for name in needed if name not in table.columns] or ([] if facts else [f"{_MARK}NAME"]):
        raise InputError(f"no column {', '.join(lacking[:5])}", where=str(path), remedy="name columns as the docs say")
    return [_profile(row, facts, items, f"{path}, row {number}") for number, row in enumerate(table.to_dicts(), 1)]


def _profile(row: Mapping[str, Any], facts: list[str], items: Mapping[str, list[str]], where: str) -> Profile:
    if empty := [name for name in ("person", *TEXTS) if row[name] in (None, "")]:
        raise InputError(f"{', '.join(empty)} is empty", where=where, remedy="fill it in, or leave the person out")
    answers = {form: [_answer(row[name], name, where) for name in names] for form, names in items.items()}
    known = [f"Your {name.removeprefix(_MARK)}: {row[name]}." for name in facts if row[name] not in (None, "")]
    return Profile(
        str(row["person"]),
        {
            "S": "\n".join(known),
            "P_personality": describe_personality(facet_scores(answers["bfi"])),
            "P_value": describe_values(value_scores(answers["pvq"])),
            "C_lovehate": f"You love {row['loves']}. You hate {row['hates']}.",
            "C_behavior": f"{row['weekday']}\n{row['weekend']}",
        },
        is_scored=True,
    )


def _answer(given: object, name: str, where: str) -> int:
    try:
        number = float(str(given))
    except ValueError:
        number = 0.0
    if not (LOWEST <= number <= HIGHEST and number.is_integer()):
        raise InputError(f"{name} is {given!r}, no answer of 1 to 7", where=where, remedy="leave the person out")
    return int(number)


def rating_sheet(table: pl.DataFrame, people: Sequence[Profile], rng: np.random.Generator) -> pl.DataFrame:
    """What each person is to rate: their agents' twenty statements in random order, without the condition.

    Take ``code``, ``person`` and ``text`` to the people, keep the whole. With ratings added it is the ``ratings.csv``
    that a replay reads.

    Args:
        table: Observations of a run.
        people: Those of the run, ``Spectrum(settings).people``.
        rng: For the order.

    Returns:
        Columns ``code``, ``person``, ``condition``, ``text``; the rows of a person stand together.
    """
    import polars as pl

    rows = [row for row in table.iter_rows(named=True) if row.get("statements")]
    order = sorted(rng.permutation(len(rows)).tolist(), key=lambda place: int(rows[place]["person"]))
    return pl.DataFrame(
        [
            {
                "code": f"{number:04d}",
                "person": people[int(rows[place]["person"])].name,
                "condition": rows[place]["condition"],
                "text": "\n".join(one for one in rows[place]["statements"] if one),
            }
            for number, place in enumerate(order, start=1)
        ],
        schema={"code": pl.String, "person": pl.String, "condition": pl.String, "text": pl.String},
    )
