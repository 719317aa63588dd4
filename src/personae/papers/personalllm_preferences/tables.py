"""Banks read from tables: that of the published data set, in one file or one a split, or the user's own."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from personae.errors import InputError
from personae.papers.personalllm_preferences.bank import ANSWERS, Bank, Question, score_plainly
from personae.papers.personalllm_preferences.scorers import PLAIN, REWARD_MODELS

if TYPE_CHECKING:
    import polars as pl

_PLACES = range(1, ANSWERS + 1)
_ENDINGS = (".parquet", ".csv", ".jsonl", ".ndjson")
_MODEL = "model"
_TEST = re.compile(r"(?:^|[^a-z])test(?:[^a-z]|$)")


@lru_cache(maxsize=4)
def read_bank(name: str, test: int) -> Bank:
    """Read questions in the layout of the published data set.

    Columns: ``prompt``, ``response_1`` to ``response_8``, for each scorer ``response_1_NAME`` and so on, and
    ``response_1_model`` (or ``model_1``) for who answered. Where a table has no scores, plain measures score it. Where
    the order of the models differs by question, answers are put into the order of the first one.

    Args:
        name: A Parquet, CSV or JSONL file, or a folder of them; a file with ``test`` in its name is the test.
        test: How many of the last questions are the test, where neither names of files nor a column ``split`` say.

    Raises:
        InputError: If columns, answers or scores are missing; the message names the first one.
    """
    table, test = _table(Path(name), test)
    wanted = ["prompt", *(f"response_{place}" for place in _PLACES)]
    if lacking := [column for column in wanted if column not in table.columns]:
        raise InputError(
            f"lacks {', '.join(lacking)}", where=name, remedy="columns are prompt, response_1 to response_8"
        )
    if not 0 < test < table.height:
        raise InputError(
            f"{test} of {table.height} questions for the test leave none for histories or tests",
            where=name,
            remedy="set -P test to fewer, or give the files of both splits",
        )
    for column in wanted:
        if empty := (table[column].is_null()).arg_true().to_list():
            raise InputError(
                "is empty", where=f"{name}: {column} of question {empty[0] + 1}", remedy="take the question out"
            )
    scorers = _scorers(table.columns, name)
    models, order = _models(table)
    rows = table.select(wanted).rows()
    questions = tuple(
        Question(str(row[0]), tuple(str(row[1 + place]) for place in places))
        for row, places in zip(rows, order.tolist(), strict=True)
    )
    if scorers:
        raw = np.take_along_axis(_scores(table, scorers, name), order[:, :, None], axis=1)
    else:
        scorers, raw = tuple(PLAIN), score_plainly(questions)
    return Bank(questions, table.height - test, scorers, raw, models)


def _table(path: Path, test: int) -> tuple[pl.DataFrame, int]:
    """All questions, those of the test last, and how many these are."""
    import polars as pl

    from personae.population.microdata import read_table

    if path.is_dir():
        files = [one for one in sorted(path.rglob("*")) if one.suffix.lower() in _ENDINGS]
        if not files:
            raise InputError("holds no table", where=str(path), remedy=f"give files ending in {', '.join(_ENDINGS)}")
        parts = [(read_table(one), bool(_TEST.search(one.name.casefold()))) for one in files]
        table = pl.concat(
            [read.with_columns(split=pl.lit("test" if is_test else "train")) for read, is_test in parts],
            how="diagonal_relaxed",
        )
        if not any(is_test for _, is_test in parts):
            table = table.drop("split")
    else:
        table = read_table(path)
    if "split" in table.columns:
        is_test = table["split"].cast(pl.String).str.to_lowercase() == "test"
        table = pl.concat([table.filter(~is_test), table.filter(is_test)])
        test = int(is_test.sum())
    return table, test


def _scorers(columns: list[str], name: str) -> tuple[str, ...]:
    begins = "response_1_"
    found = [one.removeprefix(begins) for one in columns if one.startswith(begins)]
    found = [one for one in found if one != _MODEL]
    if len(found) == 1:
        raise InputError(
            "has one scorer; users are weightings of two or more", where=f"{name}: {found[0]}", remedy="add another"
        )
    return tuple(sorted(found, key=lambda one: REWARD_MODELS.index(one) if one in REWARD_MODELS else 99))


def _scores(table: pl.DataFrame, scorers: tuple[str, ...], name: str) -> NDArray[np.float64]:
    import polars as pl

    columns = [[f"response_{place}_{one}" for one in scorers] for place in _PLACES]
    flat = [column for row in columns for column in row]
    if lacking := [column for column in flat if column not in table.columns]:
        raise InputError(f"lacks {', '.join(lacking[:5])}", where=name, remedy="give every answer every score")
    if texts := [column for column in flat if not table.schema[column].is_numeric()]:
        raise InputError("holds no numbers", where=f"{name}: {texts[0]}", remedy="give scores as numbers")
    raw = np.stack([table.select(row).cast(pl.Float64).to_numpy() for row in columns], axis=1)
    if not np.isfinite(raw).all():
        question, place, scorer = (int(one) for one in np.argwhere(~np.isfinite(raw))[0])
        raise InputError(
            f"{int((~np.isfinite(raw)).sum())} scores are missing",
            where=f"{name}: {columns[place][scorer]} of question {question + 1} first",
            remedy="fill them in, or take the questions out",
        )
    result: NDArray[np.float64] = raw
    return result


def _models(table: pl.DataFrame) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Who answered, and for each question where the answer of the first, the second, ... of them stands."""
    import polars as pl

    plain = tuple(f"answer {place}" for place in _PLACES)
    as_they_stand = np.tile(np.arange(ANSWERS), (table.height, 1))
    named: list[Any] = []
    for place in _PLACES:
        column = next(
            (one for one in (f"response_{place}_{_MODEL}", f"{_MODEL}_{place}") if one in table.columns), None
        )
        named.append(
            pl.lit(plain[place - 1]).alias(f"_{place}") if column is None else pl.col(column).alias(f"_{place}")
        )
    rows = [tuple(map(str, row)) for row in table.select(named).rows()]
    first = rows[0]
    if len(rows) != table.height or all(row == first for row in rows):
        return first, as_they_stand
    if len(set(first)) < ANSWERS or any(set(row) != set(first) for row in rows):
        return plain, as_they_stand  # not the same models throughout: a place has no model
    return first, np.array([[row.index(model) for model in first] for row in rows])
