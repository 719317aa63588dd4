"""Tables: whole on a wide terminal or in a pipe, folded at the joints of names on a narrow one."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from personae.cli.output import Grid

ROWS = [["accuracy.individual.unaware.extraversion", "0.94", "0.89 to 0.97"], ["d.openness", "2.90", "2.59 to 3.22"]]
GRID = Grid("Findings", ["finding", "gpt-3.5-turbo-0613", "95 % interval"], ROWS, frozenset((1, 2)))


def shown(width: int, *, is_terminal: bool) -> list[str]:
    file = io.StringIO()
    GRID.show(Console(file=file, width=width, force_terminal=is_terminal, color_system=None, highlight=False))
    return file.getvalue().splitlines()


def test_a_wide_terminal_gets_a_line_for_each_row() -> None:
    lines = shown(100, is_terminal=True)
    assert len(lines) == 1 + 1 + len(ROWS)
    assert "accuracy.individual.unaware.extraversion" in lines[2]


def test_a_pipe_gets_a_line_for_each_row_at_any_width() -> None:
    assert len(shown(160, is_terminal=False)) == 1 + 1 + len(ROWS)


def test_a_narrow_terminal_breaks_long_names_and_headings_at_their_joints() -> None:
    lines = shown(50, is_terminal=True)
    text = "\n".join(lines)
    assert max(map(len, lines)) <= 50
    assert "accuracy.individual." in text
    assert "unaware.extraversion" in text
    assert "turbo-0613" in text
    assert "d.openness" in text  # short enough to stay whole


@pytest.mark.parametrize("width", [50, 100])
def test_numbers_are_never_broken(width: int) -> None:
    text = "\n".join(shown(width, is_terminal=True))
    for row in ROWS:
        for number in row[1:]:
            assert number in text


def test_what_data_say_is_no_markup() -> None:
    file = io.StringIO()
    grid = Grid("[/of]", ["[x]", "[bold]y"], [["[/bold]", "['a']"], ["[red]b", "[link=x]c"]])
    grid.show(Console(file=file, width=80, force_terminal=False, color_system=None, highlight=False))
    for told in ("[/of]", "[x]", "[bold]y", "[/bold]", "['a']", "[red]b", "[link=x]c"):
        assert told in file.getvalue()
