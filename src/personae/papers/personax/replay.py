"""Replay of published tables: people with scores and attributes, a row a person, or the authors' matrices of p values.

Scores are ``final_o`` to ``final_n``; those of single raters, such as ``4o_o`` to ``4o_n``, are read beside the final
ones, or in place of them. Matrices are files like ``athlete_kci_matrix.csv``: traits by attributes, or the reverse.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from personae.errors import InputError
from personae.papers.paper import Replay
from personae.papers.personax.figures import attributes_of
from personae.papers.personax.findings import FINAL, TRAITS
from personae.papers.personax.settings import PersonaxSettings
from personae.papers.personax.study import Personax
from personae.papers.personax.tables import attribute_name, is_attribute, name_of, raters_of, scores_of, vectors_of
from personae.papers.published import published_files, read_published_table

if TYPE_CHECKING:
    import polars as pl

_MATRIX = re.compile(r"(?:^|_)(?P<test>kci|rcit|hsic|chisquare|chisq|chi|gsq)_matrix")
_TESTS = {"chisquare": "chi_square", "chisq": "chi_square", "chi": "chi_square", "gsq": "g_square"}


def read_replay(folder: Path, given: Mapping[str, str]) -> Replay:
    """Read tables of people, or matrices of p values; each table of people is a population of its own.

    Raises:
        InputError: If there are neither or both, or a score or p value is no number.
    """
    import polars as pl

    study = Personax(PersonaxSettings.read(given))
    warnings: list[str] = []
    people: list[dict[str, Any]] = []
    tests: list[dict[str, Any]] = []
    for path in published_files(folder, ".csv", ".parquet", warnings=warnings):
        try:
            table = read_published_table(path)
        except InputError as error:
            warnings.append(f"{path}: {error.what}; left out")
            continue
        if matrix := _MATRIX.search(path.stem):
            tests += _matrix(table, path, _TESTS.get(matrix["test"], matrix["test"]))
        elif raters_of(table.columns):
            people += _people(table, path, warnings)
        else:
            lacking = [name for name in (f"{FINAL}_{trait}" for trait in TRAITS) if name not in table.columns]
            warnings.append(f"{path}: lacks the columns {', '.join(lacking)}; left out")
    if not people and not tests:
        raise InputError(
            "holds no people", where=str(folder), remedy="give CSV or Parquet with final_o, final_c ... and attributes"
        )
    if people and tests:
        warnings.append("matrices of p values are left out beside people; replay them from a folder of their own")
    found = pl.DataFrame(people or tests, infer_schema_length=None).with_columns(pl.lit("ok").alias("status"))
    count = found.select("model", "person").n_unique() if people else found.height
    return Replay(found, study, {"people" if people else "p values": str(count)}, tuple(warnings))


def _people(table: pl.DataFrame, path: Path, warnings: list[str]) -> Iterator[dict[str, Any]]:
    raters = raters_of(table.columns)
    scores = {rater: scores_of(table, columns, path) for rater, columns in raters.items()}
    given = {column for columns in raters.values() for column in columns.values()}
    kept = [column for column in table.columns if column not in given and is_attribute(column)]
    subject = name_of(path, kept)
    plain, vectors = vectors_of(table.select(kept), path, warnings)
    named: dict[str, str] = {}
    for column in plain.columns:  # two columns may be called the same here: Birthyear and Year
        name = attribute_name(column)
        named[column] = name if name not in named.values() else column
    lives = attributes_of(plain.rename(named)) if named else [{} for _ in range(table.height)]
    for number, about in enumerate(lives):
        attributes = {f"attribute.{key}": value for key, value in about.items()}
        attributes |= {f"attribute.{key}": rows[number] for key, rows in vectors.items()}
        for rater, own in scores.items():
            marks = {f"trait.{trait}": values[number] for trait, values in own.items()}
            yield {
                "model": subject,
                "person": number,
                "rater": rater.replace(".", "_"),
                **marks,
                **attributes,
            }


def _matrix(table: pl.DataFrame, path: Path, test: str) -> Iterator[dict[str, Any]]:
    """P values, a row each; a trait is named ``final_o``, ``4o_o`` or the like."""
    index, *columns = table.columns
    subject = name_of(path, [*columns, *map(str, table[index].to_list())])
    for number, row in enumerate(table.iter_rows(named=True), start=1):
        for column in columns:
            first, second = str(row[index]), column
            trait, attribute = (first, second) if _is_trait(first) else (second, first)
            value = row[column]
            where = f"{path}, row {number}, {column}"
            if not _is_trait(trait):
                raise InputError("names no trait", where=where, remedy="rows or columns are called final_o ... final_n")
            if isinstance(value, str) or (value is not None and not 0 <= value <= 1):
                raise InputError(f"{value!r} is no p value", where=where, remedy="give the file as published")
            rater, _, letter = trait.rpartition("_")
            yield {
                "model": subject,
                "test": test,
                "rater": rater,
                "trait": letter.casefold(),
                "attribute": attribute_name(attribute),
                "p": value,
            }


def _is_trait(name: str) -> bool:
    begin, _, letter = name.rpartition("_")
    return bool(begin) and letter.casefold() in TRAITS
