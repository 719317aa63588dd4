"""How commands speak: tables on standard output, or one JSON envelope; everything else on standard error."""

from __future__ import annotations

import functools
import re
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Literal, ParamSpec

import typer

from personae.errors import PersonaeError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

_LONG_HEADING, _LONG_NAME = 9, 20
"""Letters that a heading or a name may have before a narrow terminal breaks it in two."""
_WIDEST = 10_000

JsonFlag = Annotated[bool, typer.Option("--json", help="Print one JSON object {status, data, warnings}.")]

Arguments = ParamSpec("Arguments")


@dataclass(frozen=True, slots=True)
class Result:
    """What a command came to: data for programs, and how to show it to people."""

    data: Mapping[str, Any]
    show: Callable[[Console], None]
    warnings: Sequence[str] = ()
    exit_code: int = 0
    """For commands that did their work and have bad news."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A table as people read it."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    right: frozenset[int] = field(default=frozenset())
    """Columns of numbers."""

    def show(self, console: Console) -> None:
        """Print the table; where the terminal is too narrow, names and headings take two lines."""
        table = self._table(lambda text, most: text, gap=2)
        if console.is_terminal and console.measure(table, options=console.options.update(width=_WIDEST)).maximum > (
            console.width
        ):
            table = self._table(_halve, gap=1)
        console.print(table)

    def _table(self, spell: Callable[[str, int], str], gap: int) -> Table:
        from rich.table import Table
        from rich.text import Text  # what data say is no markup: [/x] is a value

        table = Table(
            title=Text(self.title) if self.title else None,
            title_justify="left",
            box=None,
            pad_edge=False,
            padding=(0, gap, 0, 0),
            header_style="bold",
        )
        for index, column in enumerate(self.columns):
            justify: Literal["left", "right"] = "right" if index in self.right else "left"
            table.add_column(
                Text(spell(column, _LONG_HEADING)),
                justify=justify,
                overflow="fold",
                no_wrap=index in self.right or index == 0,
            )
        for first, *others in self.rows:
            table.add_row(Text(spell(first, _LONG_NAME)), *map(Text, others))
        return table


def _halve(text: str, most: int) -> str:
    """Break a long name or heading into two lines, at the separator nearest to its middle."""
    breaks = [match.end() for match in re.finditer(r"[-./ _]", text)]
    if len(text) <= most or not breaks:
        return text
    middle = min(breaks, key=lambda place: abs(place - len(text) / 2))
    return text[:middle].rstrip() + "\n" + text[middle:]


def reporting(command: Callable[Arguments, Result]) -> Callable[Arguments, None]:
    """Turn a function that returns a result into a command: print it, report errors, set the exit code."""

    @functools.wraps(command)
    def run(*args: Arguments.args, **kwargs: Arguments.kwargs) -> None:
        as_json = bool(kwargs.get("as_json"))
        try:
            result = command(*args, **kwargs)
        except PersonaeError as error:
            _fail(error.exit_code, error.code, error.what, error.where, error.remedy, as_json)
        except KeyboardInterrupt:
            remedy = "run the same command again to go on"
            _fail(130, "interrupted", "interrupted; finished work is kept", "", remedy, as_json)
        except (
            Exception
        ) as error:  # a fault of ours: say so, in the envelope too, and keep the traceback for the report
            traceback.print_exc(file=sys.stderr)
            what = f"{type(error).__name__}: {error}"
            _fail(1, "unexpected", what, "", "this is a fault of personae; please report it", as_json)
        else:
            _print(result, as_json)
            raise typer.Exit(result.exit_code)

    return run


def _print(result: Result, as_json: bool) -> None:
    if as_json:
        _print_envelope("ok" if result.exit_code == 0 else "failed", result.data, result.warnings)
        return
    from rich.console import Console

    for warning in result.warnings:
        print(f"warning: {warning}", file=sys.stderr)  # noqa: T201
    # Without a terminal nothing is cut to a width that nobody has.
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 160, soft_wrap=not sys.stdout.isatty())
    result.show(console)


def _fail(exit_code: int, code: str, what: str, where: str, remedy: str, as_json: bool) -> None:
    line = (f"{where}: " if where else "") + what + (f"; {remedy}" if remedy else "")
    print(f"error: {line}", file=sys.stderr)  # noqa: T201
    if as_json:
        error = {"code": code, "exit_code": exit_code, "message": what, "where": where, "remedy": remedy}
        _print_envelope("error", {"error": error}, [])
    raise typer.Exit(exit_code)


def _print_envelope(status: str, data: Mapping[str, Any], warnings: Sequence[str]) -> None:
    import orjson

    envelope = {"status": status, "data": data, "warnings": list(warnings)}
    sys.stdout.write(orjson.dumps(envelope, option=orjson.OPT_INDENT_2).decode() + "\n")
