"""What a call costs through other libraries, beside raw aiohttp and a cell of ours, in one run on one machine.

    python benchmarks/peers.py [--calls 2000] [--rounds 3] [--only openai,edsl]

Each library is installed, once, into an environment of its own in ``benchmarks/.environments`` and called there, by
``peer_calls.py``, against the same server as ours: 256 calls at once, each answered after 50 ms. Libraries take turns
within a round, so that what else the machine does falls on all of them. CPU time is that of the calling process without
its start; a library's own defaults are kept, as its users have them.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path
from statistics import median

import orjson
from engine import cpu_of, mock_server, run_cells

from personae.model import ResponseCache

HERE = Path(__file__).parent
IN_FLIGHT = 256
NEEDS = {
    "raw": ("aiohttp",),
    "openai": ("openai",),
    "litellm": ("litellm[caching,proxy]!=1.82.7,!=1.82.8", "soundfile"),  # those two releases carried malware
    "inspect_ai": ("inspect_ai", "openai"),
    "edsl": ("edsl", "openai"),
}


def python_of(name: str, needs: Sequence[str] = ()) -> Path:
    """The interpreter of a library's own environment, which is made if need be."""
    folder = HERE / ".environments" / name
    python, made = folder / "bin" / "python", folder / "made"
    if not made.exists():
        print(f"installing {name} into {folder} ...", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *(needs or NEEDS[name])], check=True)
        made.touch()
    return python


def measure(name: str, url: str, calls: int, scratch: Path) -> dict[str, float | str]:
    command = [python_of(name), HERE / "peer_calls.py", name, f"{url}/v1", str(calls), str(IN_FLIGHT), scratch]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=scratch.parent)
    if done.returncode:
        sys.exit(f"{name} failed:\n{done.stderr[-2000:]}")
    found: dict[str, float | str] = orjson.loads(done.stdout.strip().splitlines()[-1])
    return found


def ours(url: str, calls: int, scratch: Path) -> dict[str, float | str]:
    cache = ResponseCache(scratch / "cache")
    run_cells(url, 100, IN_FLIGHT, scratch / "warm", None)
    live = cpu_of(partial(run_cells, url, calls, IN_FLIGHT, scratch / "live", cache)) / calls
    cached = cpu_of(partial(run_cells, url, calls, IN_FLIGHT, scratch / "again", cache)) / calls
    cache.close()
    return {"version": version("personae"), "live": live, "cached": cached}


def compare(names: Sequence[str], calls: int, rounds: int) -> None:
    found: dict[str, list[dict[str, float | str]]] = {name: [] for name in ("raw", "personae", *names)}
    with tempfile.TemporaryDirectory() as folder, mock_server(0.05) as url:
        for number in range(rounds):
            for name, rows in found.items():
                scratch = Path(folder) / f"{name}-{number}"
                scratch.mkdir()
                rows.append(
                    ours(url, calls, scratch) if name == "personae" else measure(name, url, calls, scratch / "kept")
                )
    print(f"{'':<24}{'CPU a call':>12}{'beside raw':>12}{'from its cache':>16}")
    for name, rows in found.items():
        live = [float(row["live"]) for row in rows]
        ratio = median(one / float(raw["live"]) for one, raw in zip(live, found["raw"], strict=True))
        cached = f"{median(float(row['cached']) for row in rows) * 1e3:.2f} ms" if "cached" in rows[0] else "none"
        label = f"{'aiohttp' if name == 'raw' else name} {rows[0]['version']}"
        print(f"{label:<24}{median(live) * 1e3:>9.2f} ms{ratio:>10.1f} x{cached:>16}")


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--calls", type=int, default=2000)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--only", default=",".join(name for name in NEEDS if name != "raw"))
    given = arguments.parse_args()
    compare(given.only.split(","), given.calls, given.rounds)
