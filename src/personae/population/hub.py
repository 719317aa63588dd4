"""Populations as data sets of the Hugging Face library ``datasets``, there and back.

A population's folder is read by ``datasets.load_dataset`` as it is; this is for data sets in memory, and for what
others published.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from personae.errors import InputError, MissingExtraError
from personae.population.store import People

if TYPE_CHECKING:
    import datasets


def to_dataset(people: People) -> datasets.Dataset:
    """People as a ``datasets.Dataset``, with licence, and the record of the population as its description.

    Raises:
        MissingExtraError: If ``datasets`` is not installed.
    """
    library = _library()
    table = people.frame().to_arrow()
    record = dict(people.record)
    made = library.Dataset(table)
    made.info.license = str(record.get("licence") or "")
    made.info.description = orjson.dumps(record).decode() if record else ""
    return made


def from_dataset(dataset: datasets.Dataset, *, name: str = "data set") -> People:
    """People from a ``datasets.Dataset``; where it was made by :func:`to_dataset`, with their sources.

    Args:
        dataset: One split: of several, choose one first.
        name: What it is called in messages.

    Raises:
        InputError: If it is several splits, or a stream.
        MissingExtraError: If ``datasets`` is not installed.
    """
    import polars as pl

    library = _library()
    if not isinstance(dataset, library.Dataset):
        raise InputError(
            f"is a {type(dataset).__name__}, not one table",
            where=name,
            remedy='choose a split: load_dataset(..., split="train")',
        )
    frame = pl.from_arrow(dataset.with_format("arrow")[:])
    assert isinstance(frame, pl.DataFrame)
    return People(Path(name), _record(dataset.info.description), frame.lazy())


def _record(description: str | None) -> dict[str, Any]:
    """The record of a population in a description; none where it is anything else, such as prose."""
    try:
        record = orjson.loads(description or "")
    except ValueError:
        return {}
    return record if isinstance(record, dict) and "fingerprint" in record else {}


def _library() -> Any:
    try:
        import datasets
    except ImportError as error:
        raise MissingExtraError("data sets of the Hugging Face library", "hub") from error
    return datasets
