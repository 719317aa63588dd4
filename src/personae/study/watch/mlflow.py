"""Runs in MLflow, told over its REST interface; the ``mlflow`` package is not needed."""

from __future__ import annotations

import os
import re
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from personae.errors import InputError
from personae.logs import note
from personae.settings import read_setting
from personae.study.hooks import Ending
from personae.study.watch.tracker import Tracked, TrackerHook

_SECONDS = 10.0
_MOST_METRICS, _MOST_PARAMETERS = 1000, 100
"""What one ``log-batch`` may hold."""
_LONGEST_NAME = 250
_STATUS: dict[Ending, str] = {
    "complete": "FINISHED",
    "incomplete": "FINISHED",
    "stopped": "FINISHED",
    "interrupted": "KILLED",
    "failed": "FAILED",
}


def open_mlflow() -> TrackerHook | None:
    """A hook for the server that ``MLFLOW_TRACKING_URI`` names, if it is one that is reached over HTTP."""
    address = read_setting("MLFLOW_TRACKING_URI")
    if address is None:
        return None
    if not address.startswith(("http://", "https://")):  # a folder or a database wants the package itself
        note("warning", "hook left out", hook="mlflow", reason="MLFLOW_TRACKING_URI is no http(s) address")
        return None
    return TrackerHook("mlflow", MLflow(address, os.environ.get("MLFLOW_EXPERIMENT_NAME") or "personae"))


class MLflow:
    """One MLflow run for each start of a run.

    The endpoints are those of MLflow's REST API 2.0: ``experiments/get-by-name``, ``experiments/create``,
    ``runs/create``, ``runs/log-batch``, ``runs/update``. Name and password, or a token, come from the variables that
    MLflow's own client reads.

    Args:
        address: Where the server is.
        experiment: Name of the experiment; made if it is not there.
    """

    def __init__(self, address: str, experiment: str) -> None:
        self._address = address.rstrip("/") + "/api/2.0/mlflow/"
        self._experiment = experiment
        self._run = ""

    async def start(self, run: Tracked) -> None:
        """Make the run, with its parameters."""
        made = await self._post(
            "runs/create",
            {
                "experiment_id": await self._find_experiment(),
                "run_name": run.name,
                "start_time": _now(),
                "tags": _pairs({**run.tags, "mlflow.source.name": "personae"}),
            },
        )
        self._run = made["run"]["info"]["run_id"]
        for part in _parts(_pairs(run.parameters), _MOST_PARAMETERS):
            await self._post("runs/log-batch", {"run_id": self._run, "params": part})

    async def log(self, figures: Mapping[str, float], step: int) -> None:
        """Keep figures."""
        now = _now()
        rows = [{"key": _name(name), "value": value, "timestamp": now, "step": step} for name, value in figures.items()]
        for part in _parts(rows, _MOST_METRICS):
            await self._post("runs/log-batch", {"run_id": self._run, "metrics": part})

    async def finish(self, figures: Mapping[str, float], ending: Ending, step: int) -> None:
        """Keep findings, end the run."""
        await self.log(figures, step)
        tags = _pairs({"personae.run.ending": ending})
        await self._post("runs/log-batch", {"run_id": self._run, "tags": tags})
        await self._post("runs/update", {"run_id": self._run, "status": _STATUS[ending], "end_time": _now()})

    async def _find_experiment(self) -> str:
        chosen = os.environ.get("MLFLOW_EXPERIMENT_ID")
        if chosen:
            return chosen
        known = await self._ask("GET", "experiments/get-by-name", params={"experiment_name": self._experiment})
        if known is None:
            known = {"experiment": await self._post("experiments/create", {"name": self._experiment})}
        return str(known["experiment"]["experiment_id"])

    async def _post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        answer = await self._ask("POST", path, json=body)
        if answer is None:
            raise InputError(f"there is no {path}", where=self._address, remedy="check MLFLOW_TRACKING_URI")
        return answer

    async def _ask(self, method: str, path: str, **what: Any) -> dict[str, Any] | None:
        """What the server answers; ``None`` if it has no such thing."""
        import aiohttp

        headers = {}
        user, password = read_setting("MLFLOW_TRACKING_USERNAME"), read_setting("MLFLOW_TRACKING_PASSWORD")
        token = read_setting("MLFLOW_TRACKING_TOKEN")
        if user and password:
            headers["Authorization"] = "Basic " + b64encode(f"{user}:{password}".encode()).decode()
        elif token:
            headers["Authorization"] = f"Bearer {token}"
        timeout = aiohttp.ClientTimeout(total=_SECONDS)
        # A session for each request: there is one every few seconds, and nothing is left to be closed.
        async with (
            aiohttp.ClientSession(headers=headers, timeout=timeout) as session,
            session.request(method, self._address + path, **what) as response,
        ):
            if response.status == 404:
                return None
            response.raise_for_status()
            found: dict[str, Any] = await response.json(content_type=None)
            return found


def _now() -> int:
    return time.time_ns() // 1_000_000


def _name(name: str) -> str:
    """A name in the letters that MLflow takes."""
    return re.sub(r"[^\w\-. /]", "_", name, flags=re.ASCII)[:_LONGEST_NAME]


def _pairs(values: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"key": _name(name), "value": value} for name, value in values.items()]


def _parts(rows: Sequence[Any], most: int) -> Iterator[list[Any]]:
    rest = iter(rows)
    while part := list(islice(rest, most)):
        yield part
