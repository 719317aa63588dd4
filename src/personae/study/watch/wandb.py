"""Runs in Weights & Biases, told through its package where that is installed."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, Protocol, cast

from personae.logs import note
from personae.settings import read_setting
from personae.study.hooks import Ending
from personae.study.watch.tracker import Tracked, TrackerHook


class Summary(Protocol):
    """Last figures of a run."""

    def update(self, figures: Mapping[str, Any]) -> object:
        """Set figures."""
        ...


class WandbRun(Protocol):
    """What is used of a run of the package."""

    @property
    def summary(self) -> Summary:
        """Last figures."""
        ...

    def log(self, data: dict[str, Any], step: int | None = None) -> object:
        """Keep figures."""
        ...

    def finish(self, exit_code: int | None = None) -> object:
        """End the run."""
        ...


class WandbPackage(Protocol):
    """What is used of the package ``wandb``."""

    def init(self, **settings: Any) -> WandbRun:
        """Begin a run."""
        ...


def open_wandb() -> TrackerHook | None:
    """A hook where ``WANDB_API_KEY`` is set and the package ``wandb`` can be imported."""
    if read_setting("WANDB_API_KEY") is None:
        return None
    try:
        package = cast("WandbPackage", import_module("wandb"))
    except ImportError:
        note("warning", "hook left out", hook="wandb", reason="the package wandb cannot be imported")
        return None
    return TrackerHook("wandb", WeightsAndBiases(package))


class WeightsAndBiases:
    """One run of Weights & Biases for each start of a run; its own variables (``WANDB_PROJECT`` ...) are obeyed.

    What the package takes from the terminal, the code and the repository by itself is switched off.

    Args:
        package: The package ``wandb``, or what stands in for it.
    """

    def __init__(self, package: WandbPackage) -> None:
        self._package = package
        self._run: WandbRun | None = None

    async def start(self, run: Tracked) -> None:
        """Begin the run, with its parameters."""
        self._run = self._package.init(
            project=read_setting("WANDB_PROJECT") or "personae",
            name=run.name,
            config={**run.parameters, **run.tags},
            settings={"console": "off", "disable_code": True, "disable_git": True, "silent": True},
        )

    async def log(self, figures: Mapping[str, float], step: int) -> None:
        """Keep figures."""
        assert self._run is not None
        self._run.log(dict(figures), step=step)

    async def finish(self, figures: Mapping[str, float], ending: Ending, step: int) -> None:
        """Keep findings, end the run."""
        assert self._run is not None
        self._run.summary.update({**figures, "ending": ending})
        self._run.finish(exit_code=1 if ending in ("interrupted", "failed") else 0)
