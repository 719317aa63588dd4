"""A run on a Ray cluster: one task for each part, each with a ledger of its own, merged at the end.

Tasks are as coarse as the parts: a task of Ray costs about 3 ms, a part takes minutes. Which cells are a part's follows
from their keys (see :mod:`personae.study.shard`), so that the tasks need not speak with each other, and a task that is
started again, on whatever machine, goes on where it was.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from personae.errors import ConflictError, InputError, MissingExtraError, ModelError, PersonaeError, StorageError
from personae.study.folder import RECORD_FILE
from personae.study.shard import Shard, merge_runs
from personae.study.tally import Tally

_LOCAL_STORE_BYTES = 80 * 2**20  # tasks take words and give counts: nothing large passes through it
_TRIES = 3  # of a task whose machine is lost


@dataclass(frozen=True, slots=True)
class PartOutcome:
    """What a task made of its part."""

    tally: Tally = field(default_factory=Tally)
    is_complete: bool = False
    stopped: str = ""
    error: tuple[str, str, str, str] | None = None
    """Kind, message, place and remedy of the error that ended it: errors themselves do not travel."""


ObservePart = Callable[[Shard, Path], PartOutcome]
"""Observes one part of a run in a folder; it is sent to the machines of the cluster, which have personae installed."""


def run_on_ray(observe: ObservePart, folder: Path, parts: int, *, told: Callable[[int], None] | None = None) -> Tally:
    """Observe a run in parts on a Ray cluster, and merge their ledgers in the folder.

    The cluster is that of ``RAY_ADDRESS``, else one on this machine that ends with the run. The parts are kept in
    ``folder/parts``, so on several machines the folder has to be one that all of them see. A run that was interrupted
    goes on when it is started again with the same number of parts.

    Args:
        observe: Observes one part.
        folder: The folder of the whole run.
        parts: How many tasks; as many as the cluster has cores, or some times that.
        told: Is told how many parts are through.

    Returns:
        What the tasks did, in all.

    Raises:
        MissingExtraError: If Ray is not installed.
        ConflictError: If the folder holds parts of another division.
        PersonaeError: As the tasks raised it.
    """
    try:
        import ray
    except ImportError as error:
        raise MissingExtraError("a run on Ray", "ray") from error
    if parts < 1:
        raise InputError(f"{parts} parts are too few", where="parts", remedy="give at least 1")
    places = [folder / "parts" / f"{number}-of-{parts}" for number in range(1, parts + 1)]
    _refuse_another_division(folder, parts)
    is_ours = not ray.is_initialized()
    if is_ours:
        connect_ray(ray)
    try:
        task = ray.remote(max_retries=_TRIES)(_do)
        waiting = [task.remote(observe, Shard(number, parts), place) for number, place in enumerate(places, start=1)]
        outcomes = _collect(ray, waiting, told)
    finally:
        if is_ours:
            ray.shutdown()
    if begun := [place for place in places if (place / RECORD_FILE).exists()]:
        merge_runs(folder, begun)
    for outcome in outcomes:
        if outcome.error is not None:
            raise _error_of(*outcome.error)
    return _sum(outcomes)


def _do(observe: ObservePart, shard: Shard, place: Path) -> PartOutcome:
    return observe(shard, place)


def observed(outcome: Callable[[], PartOutcome]) -> PartOutcome:
    """What a part came to, its errors turned into what travels between machines."""
    try:
        return outcome()
    except PersonaeError as error:
        return PartOutcome(error=(type(error).__name__, error.what, error.where, error.remedy))


def connect_ray(ray: Any) -> None:
    """Connect to the cluster of ``RAY_ADDRESS``, else start one on this machine, without telemetry.

    Raises:
        ModelError: If the cluster cannot be reached.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    options: dict[str, Any] = {"log_to_driver": False, "configure_logging": False}
    if not os.environ.get("RAY_ADDRESS"):
        options |= {"include_dashboard": False, "object_store_memory": _LOCAL_STORE_BYTES}
    try:
        ray.init(**options)
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise ModelError(
            f"the Ray cluster cannot be reached ({error})", where="RAY_ADDRESS", remedy="start it, or unset it"
        ) from error


def _collect(ray: Any, waiting: list[Any], told: Callable[[int], None] | None) -> list[PartOutcome]:
    order = {reference: number for number, reference in enumerate(waiting)}
    outcomes: dict[int, PartOutcome] = {}
    try:
        while waiting:
            ready, waiting = ray.wait(waiting, num_returns=1, timeout=1.0)
            for reference in ready:
                outcomes[order[reference]] = _outcome_of(ray, reference)
                if told is not None:
                    told(len(outcomes))
    except KeyboardInterrupt:
        for reference in waiting:
            ray.cancel(reference)  # as Ctrl-C does: what is finished is kept
        raise
    return [outcomes[number] for number in sorted(outcomes)]


def _outcome_of(ray: Any, reference: Any) -> PartOutcome:
    try:
        outcome: PartOutcome = ray.get(reference)
    except ray.exceptions.RayError as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        remedy = "start the run again: finished work is kept"
        return PartOutcome(error=("StorageError", f"a task was lost ({lines[-1][:200]})", "Ray", remedy))
    return outcome


def _refuse_another_division(folder: Path, parts: int) -> None:
    for place in sorted((folder / "parts").glob("*-of-*")):
        match = re.fullmatch(r"\d+-of-(\d+)", place.name)
        if match and int(match[1]) != parts:
            raise ConflictError(
                f"the folder holds a run in {match[1]} parts, not {parts}",
                where=str(folder),
                remedy=f"go on with {match[1]} parts, or choose another --folder",
            )


def _error_of(kind: str, message: str, where: str, remedy: str) -> PersonaeError:
    known = {one.__name__: one for one in (InputError, ConflictError, StorageError)}
    return known.get(kind, ModelError)(message, where=where, remedy=remedy)


def _sum(outcomes: list[PartOutcome]) -> Tally:
    whole = Tally()
    for part in (outcome.tally for outcome in outcomes):
        whole.resumed += part.resumed
        whole.statuses += part.statuses
        whole.calls += part.calls
        whole.cached_calls += part.cached_calls
        whole.failed_calls += part.failed_calls
        whole.input_tokens += part.input_tokens
        whole.output_tokens += part.output_tokens
        whole.cached_tokens += part.cached_tokens
        whole.reasoning_tokens += part.reasoning_tokens
        whole.cost += part.cost
        whole.has_unknown_cost |= part.has_unknown_cost
    whole.total = whole.done if all(outcome.is_complete for outcome in outcomes) else None
    return whole
