"""Finding the hooks that the environment asks for: those that come with personae, and those of other packages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.metadata import entry_points

from personae.errors import PersonaeError
from personae.logs import note
from personae.study.hooks import ENTRY_POINTS, Hook
from personae.study.watch.mlflow import open_mlflow
from personae.study.watch.prometheus import open_prometheus
from personae.study.watch.telemetry import open_telemetry
from personae.study.watch.wandb import open_wandb

Factory = Callable[[], Hook | None]
"""Makes a hook, or nothing where its environment is absent."""

BUILT_IN: dict[str, Factory] = {
    "opentelemetry": open_telemetry,
    "prometheus": open_prometheus,
    "mlflow": open_mlflow,
    "wandb": open_wandb,
}
"""Hooks that come with personae, by name."""


def find_hooks(*, without: Sequence[str] = ()) -> list[Hook]:
    """Make the hooks whose environment is there; one of another package that cannot be made is told of and left out.

    Args:
        without: Names of hooks that are there already.

    Raises:
        InputError: If a variable asks for something that cannot be.
        MissingExtraError: If a hook that is asked for lacks its library.
    """
    hooks = [hook for name, factory in BUILT_IN.items() if name not in without and (hook := factory()) is not None]
    for entry in entry_points(group=ENTRY_POINTS):
        if entry.name in without:
            continue
        try:
            hook = entry.load()()
            if hook is not None and not isinstance(hook, Hook):
                raise TypeError(f"{type(hook).__name__} is no Hook")
        except PersonaeError:
            raise
        except Exception as error:  # whatever it is: a run must not depend on it
            note("warning", "hook left out", hook=entry.name, package=entry.value, error=type(error).__name__)
            continue
        if hook is not None:
            hook.name = hook.name or entry.name
            hooks.append(hook)
    return hooks
