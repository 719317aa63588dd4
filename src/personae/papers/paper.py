"""A paper that runs: its catalogue entry, its published figures, its study, its replay, its report."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from personae.errors import InputError
from personae.papers.catalogue import CataloguedPaper, find_paper
from personae.study import Study
from personae.study.experiment import Experiment

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, slots=True)
class Replay:
    """Raw outputs that a paper's authors published, as a table that the paper's study can measure."""

    table: pl.DataFrame
    study: Study
    """The study as far as the outputs tell it; its ``measure`` scores them."""
    sources: Mapping[str, str]
    """Where the outputs came from, for the record."""
    warnings: tuple[str, ...] = ()
    """Files that could not be used, and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper(Experiment):
    """A paper's system, ready to run."""

    kind: str = "paper"
    read_replay: Callable[[Path, Mapping[str, str]], Replay] | None = None
    """Reads a folder of published raw outputs, in the layout that they were published in."""

    @property
    def entry(self) -> CataloguedPaper:
        """Number, title, year, link, kind and tags."""
        return find_paper(self.key)


def is_runnable(entry: CataloguedPaper) -> bool:
    """Whether a catalogued paper runs; finding out imports nothing."""
    return importlib.util.find_spec(f"personae.papers.{entry.key}") is not None


def load_paper(key: str) -> Paper:
    """Load a paper that runs.

    Raises:
        InputError: If there is no such paper, or it does not run yet.
    """
    entry = find_paper(key)
    if not is_runnable(entry):
        raise InputError(
            f"[{entry.number}] {entry.title} does not run yet",
            where=entry.key,
            remedy="personae paper list shows which papers do",
        )
    module: Any = importlib.import_module(f"personae.papers.{entry.key}")
    paper: Paper = module.PAPER
    return paper
