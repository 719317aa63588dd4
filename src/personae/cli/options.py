"""Options that several commands share, and how their words are read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from personae.errors import InputError

if TYPE_CHECKING:
    from personae.study import Budget, Hook
    from personae.study.locked_plan import LockedPlan

ModelOption = Annotated[
    str,
    typer.Option("--model", help="Model: sim, provider/model, http://host/v1#model. [default: $PERSONAE_MODEL or sim]"),
]
RoleOption = Annotated[
    list[str], typer.Option("--model-role", metavar="ROLE=MODEL", help="Model for another role, such as judge.")
]
ModelSettings = Annotated[
    list[str],
    typer.Option("-M", metavar="KEY=VALUE", help="Option of the model; ROLE.KEY=VALUE for that of a role."),
]
BaseUrl = Annotated[str, typer.Option("--model-base-url", help="Base URL to use instead of the provider's.")]
Parameters = Annotated[list[str], typer.Option("-P", metavar="NAME=VALUE", help="Parameter of the paper's study.")]
Seed = Annotated[int, typer.Option("--seed", help="Seed of the design and of every draw.")]
Limit = Annotated[int | None, typer.Option("--limit", min=1, help="Observe only the first cells, as a preview.")]
Workers = Annotated[int, typer.Option("--max-connections", min=1, max=4096, help="Cells observed at once.")]
CostLimit = Annotated[
    float | None,
    typer.Option("--cost-limit", metavar="DOLLARS", help="Stop in good order before the run has cost more."),
]
TokenLimit = Annotated[
    int | None,
    typer.Option("--token-limit", metavar="N", help="Stop in good order before it has taken more tokens."),
]
ShardOption = Annotated[
    str, typer.Option("--shard", metavar="I/N", help="Observe part I of N only, in a folder of its own.")
]
LedgerOption = Annotated[
    str,
    typer.Option("--ledger", metavar="URL", help="Keep the ledger in PostgreSQL: postgresql://user@host/database."),
]
WaitFlag = Annotated[
    bool, typer.Option("--wait/--no-wait", help="Whether to wait for cells that other workers are observing.")
]
OnOption = Annotated[
    str, typer.Option("--on", metavar="ray", help="Observe the run on a Ray cluster: $RAY_ADDRESS, or this machine.")
]
PartsOption = Annotated[int, typer.Option("--parts", min=1, help="With --on ray: into how many tasks the run is cut.")]
PlanOption = Annotated[
    Path | None,
    typer.Option(
        "--plan", metavar="LOCK", help="Plan locked before (personae plan lock): the report is held against it."
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Ask no model; say what the run is expected to take.")]
FolderOption = Annotated[Path | None, typer.Option("--folder", help="Run folder. [default: made from the run's hash]")]
CacheFlag = Annotated[bool, typer.Option("--cache/--no-cache", help="Whether replies of endpoints are cached.")]
ProgressFlag = Annotated[bool, typer.Option("--progress/--no-progress", help="Whether progress is shown.")]
MetricsPort = Annotated[
    int | None,
    typer.Option(
        "--metrics-port",
        min=0,
        max=65535,
        metavar="PORT",
        help="Serve Prometheus metrics on this port; 0: any.",
    ),
]
FailOnError = Annotated[
    float, typer.Option("--fail-on-error", min=0, max=1, help="Share of failed cells from which the exit code is 5.")
]


def read_plan(path: Path | None) -> LockedPlan | None:
    """Read the locked plan that a run is to carry; a broken seal is refused.

    Raises:
        InputError: If it is no locked plan, or was changed after it was locked.
    """
    if path is None:
        return None
    from personae.study.locked_plan import read_lock

    return read_lock(path)


def read_pairs(given: Sequence[str], option: str) -> dict[str, str]:
    """Read ``KEY=VALUE`` words.

    Raises:
        InputError: If a word has no ``=``.
    """
    pairs = {}
    for word in given:
        key, sign, value = word.partition("=")
        if not sign or not key:
            raise InputError(f"{word!r} is not KEY=VALUE", where=option, remedy=f"write {option} KEY=VALUE")
        pairs[key] = value
    return pairs


def read_budget(cost: float | None, tokens: int | None) -> Budget | None:
    """Read what a run may spend.

    Raises:
        InputError: If a limit leaves nothing to spend.
    """
    from personae.study import Budget

    return None if cost is None and tokens is None else Budget(cost, tokens)


def check_on(on: str, others: Mapping[str, object]) -> None:
    """Refuse a cluster that is not known, and options that have no meaning on one.

    Raises:
        InputError: If ``on`` is not ``ray``, or one of the others is given.
    """
    if on != "ray":
        raise InputError(f"{on!r} is not known", where="--on", remedy="write --on ray, or leave it out")
    for option, value in others.items():
        if value:
            raise InputError(
                f"{option} and --on ray do not go together",
                where=option,
                remedy="a run on Ray is cut into --parts, each with a ledger of its own",
            )


def make_hooks(metrics_port: int | None) -> list[Hook]:
    """The hooks that options ask for, beside those that the environment does.

    Raises:
        MissingExtraError: If a library for them is not installed.
    """
    if metrics_port is None:
        return []
    from personae.study.watch import PrometheusHook

    return [PrometheusHook(metrics_port)]


def read_size(text: str, option: str) -> int:
    """Read a size in bytes: a number, or one with a unit such as ``500MB`` or ``2GiB``.

    Raises:
        InputError: If it is none.

    Example:
        >>> read_size("2GiB", "--keep-bytes"), read_size("1.5 kB", "--keep-bytes")
        (2147483648, 1500)
    """
    match = re.fullmatch(r"([0-9]{1,15}(?:\.[0-9]{1,9})?)\s*(?:([kmgt])(i?)b?|b)?", text.strip(), re.IGNORECASE)
    if match is None:
        raise InputError(f"{text!r} is no size", where=option, remedy=f"write {option} 500MB")
    power = "kmgt".index(match[2].lower()) + 1 if match[2] else 0
    return int(float(match[1]) * (1024 if match[3] else 1000) ** power)


def show_size(size: int) -> str:
    """A size as people read it.

    Example:
        >>> show_size(999), show_size(1_500_000)
        ('999 B', '1.5 MB')
    """
    power = 0
    while size / 1000**power >= 999.95 and power < 4:
        power += 1
    return f"{size / 1000**power:.1f} {('', 'k', 'M', 'G', 'T')[power]}B" if power else f"{size} B"
