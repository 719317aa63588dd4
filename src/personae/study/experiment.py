"""An experiment: a study that can be started by name, with its report and the figures it is held against."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from personae.study.finding import Claim
from personae.study.protocol import Study
from personae.study.report.plan import ReportPlan

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """What a command needs to run a study: how it is made from words, and what its report says."""

    key: str
    kind: str = "assessment"
    """What a run's record calls it, so that a command can start it again: paper, assessment, survey."""
    plan: ReportPlan
    make_study: Callable[[Mapping[str, str]], Study]
    """Makes the study from parameters as the command line gives them."""
    claims: tuple[Claim, ...] = ()
    """Published figures that findings are held against."""
    parameters: Mapping[str, str] = field(default_factory=dict)
    """The parameters, and what they set."""
    roles: Mapping[str, str] = field(default_factory=dict)
    """Roles of models, and what they do."""
    full: Mapping[str, str] = field(default_factory=dict)
    """Parameters at which the study has its published size; the defaults may be a smaller one."""
    tables: Mapping[str, Callable[[pl.DataFrame], pl.DataFrame]] = field(default_factory=dict)
    """Further tables made of the observations, by the name of the files that they are written to."""
    write_more: Callable[[Study, pl.DataFrame, Path], object] | None = None
    """Writes what else comes of a run, such as rows for training, into its folder."""
