"""Parts of a population on a Ray cluster: one task a part, each as coarse as a file.

Which people a part has follows from its number, so that tasks need not speak with each other and a part that is lost is
made again alike. The folder has to be on storage that all machines see.
"""

from __future__ import annotations

from typing import Any

from personae.errors import MissingExtraError, StorageError
from personae.study.on_ray import connect_ray

_TRIES = 3


def spread_on_ray(work: Any, pieces: list[Any]) -> list[Any]:
    """Call ``work`` on every piece as tasks of Ray: the cluster of ``RAY_ADDRESS``, else one on this machine.

    Raises:
        MissingExtraError: If Ray is not installed.
        StorageError: If a task was lost on every machine it was tried on.
    """
    try:
        import ray
    except ImportError as error:
        raise MissingExtraError("a population on Ray", "ray") from error
    is_ours = not ray.is_initialized()
    if is_ours:
        connect_ray(ray)
    try:
        task = ray.remote(max_retries=_TRIES)(_call)
        shared = ray.put(work)
        return list(ray.get([task.remote(shared, piece) for piece in pieces]))
    except ray.exceptions.RayError as error:
        last = (str(error).strip().splitlines() or [type(error).__name__])[-1]
        raise StorageError(
            f"a task was lost ({last[:200]})", where="Ray", remedy="start it again: finished parts are kept"
        ) from error
    finally:
        if is_ours:
            ray.shutdown()


def _call(work: Any, piece: Any) -> Any:
    return work(piece)
