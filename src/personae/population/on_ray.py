"""Parts of a population on a Ray cluster, by Ray Data: one row a part, which is drawn and written where it is mapped.

Which people a part has follows from its number, so that rows need not speak with each other and a part that is lost is
made again alike, whichever machine does it. The folder has to be on storage that all machines see.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from personae.errors import ConflictError, InputError, MissingExtraError, PersonaeError, StorageError
from personae.study.on_ray import connect_ray

_KINDS = {kind.__name__: kind for kind in (InputError, ConflictError)}

_ERROR = re.compile(r"\s*(?!ray\.|UserCode|RayTask)\w*(Error|Exception|Died)\b")


def spread_on_ray(work: Any, pieces: list[Any]) -> list[Any]:
    """Call ``work`` on every piece by Ray Data: on the cluster of ``RAY_ADDRESS``, else on one on this machine.

    Raises:
        MissingExtraError: If Ray Data is not installed.
        StorageError: If a piece was lost on every machine it was tried on.
        PersonaeError: As the work raised it.
    """
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise MissingExtraError("a population on Ray", "ray") from error
    if not pieces:
        return []
    is_ours = not ray.is_initialized()
    if is_ours:
        connect_ray(ray)
    try:
        with _quietly(ray):
            return _mapped(ray, work, pieces)
    except (ray.exceptions.RayError, ray.exceptions.UserCodeException) as error:
        raise StorageError(
            f"a part was lost ({_reason(error)})", where="Ray", remedy="start it again: finished parts are kept"
        ) from error
    finally:
        if is_ours:
            ray.shutdown()


def _mapped(ray: Any, work: Any, pieces: list[Any]) -> list[Any]:
    """A row a piece, in blocks of one row: what goes in and out travels as bytes, which Arrow leaves as they are."""
    packed = ray.cloudpickle
    shared = ray.put(work)

    def call(row: dict[str, Any]) -> dict[str, Any]:
        try:
            made, error = ray.get(shared)(packed.loads(row["piece"])), None
        except PersonaeError as raised:  # errors themselves do not travel
            made, error = None, (type(raised).__name__, raised.what, raised.where, raised.remedy)
        return {"place": row["place"], "made": packed.dumps((made, error))}

    rows = [{"place": place, "piece": packed.dumps(piece)} for place, piece in enumerate(pieces)]
    made: list[Any] = [None] * len(pieces)
    for row in ray.data.from_items(rows, override_num_blocks=len(rows)).map(call).iter_rows():
        value, error = packed.loads(row["made"])
        if error is not None:
            kind, what, where, remedy = error
            raise _KINDS.get(kind, StorageError)(what, where=where, remedy=remedy)
        made[row["place"]] = value
    return made


@contextmanager
def _quietly(ray: Any) -> Iterator[None]:
    """Without bars and plans on the terminal, which belongs to the command."""
    import logging

    context, logger = ray.data.DataContext.get_current(), logging.getLogger("ray.data")
    bars, level = context.enable_progress_bars, logger.level
    logger.setLevel(logging.CRITICAL)
    context.enable_progress_bars = False
    try:
        yield
    finally:
        context.enable_progress_bars = bars
        logger.setLevel(level)


def _reason(error: BaseException) -> str:
    """The line that names an error, out of the traces of a machine."""
    told: list[str] = []
    seen: BaseException | None = error
    while seen is not None:
        told += [*str(seen).strip().splitlines(), f"{type(seen).__name__}: {seen}".splitlines()[0]]
        seen = seen.__cause__
    named = [
        line.strip() for line in told if re.match(r"\s*(?!ray\.|UserCode|RayTask)\w*(Error|Exception|Died)\b", line)
    ]
    return (named or told)[-1][:200]
