"""Runs that are started to be killed: an interpreter that has imported everything once, and forks.

A start costs some milliseconds in place of a second, so that hundreds of kills fit into a test. Each run is a process
of its own, and is killed by SIGKILL from outside, whatever it does at that moment.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

_TESTS = Path(__file__).parents[1]

_HERE = """
import os, signal, sys
from pathlib import Path

import aiohttp, numpy, polars  # what a run imports on its way
import personae.model.openai_compatible
from personae.model import open_model
from personae.study import run_study
from support.studies import SmallStudy

def run(url, folder, persons, workers):
    outcome = run_study(
        SmallStudy(persons=int(persons)), {"subject": open_model(url + "#any-name")},
        folder=Path(folder), workers=int(workers),
    )
    return 0 if outcome.is_complete else 9

print("ready", flush=True)
while line := sys.stdin.readline():
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            code = run(*line.rstrip("\\n").split("\\t"))
        except BaseException:
            import traceback
            traceback.print_exc()
        finally:
            os._exit(code)
    print(pid, flush=True)
    sys.stdin.readline()  # until then its id must not go to another process
    status = os.waitpid(pid, 0)[1]
    print(os.waitstatus_to_exitcode(status), flush=True)
"""


class Kennel:
    """Starts one run of the small study after the other, as a context manager."""

    def __enter__(self) -> Kennel:
        path = os.pathsep.join([str(_TESTS), os.environ.get("PYTHONPATH", "")])
        self._process = subprocess.Popen(
            [sys.executable, "-c", _HERE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": path},
        )
        assert self._read() == "ready"
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()

    def start(self, url: str, folder: Path, *, persons: int, workers: int) -> int:
        """Start a run; returns its process id."""
        self._say("\t".join((url, str(folder), str(persons), str(workers))))
        return int(self._read())

    def kill(self, pid: int) -> float:
        """Kill the run that was started last; returns when, by the monotonic clock."""
        moment = time.monotonic()
        os.kill(pid, signal.SIGKILL)  # nobody waits for it before ``wait``, so that the id is still its own
        return moment

    def wait(self) -> int:
        """Wait for the run that was started last; returns its exit code, negative for a signal."""
        self._say("wait")
        return int(self._read())

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def _read(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()
