"""Findings as people read them on a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from personae.cli.output import Grid

if TYPE_CHECKING:
    from rich.console import Console

    from personae.study import Finding, Forecast
    from personae.study.conclude import Conclusion

_ANSWERS = ("chosen", "number", "text")
"""What a survey finds."""
_VALIDITY = ("alpha", "omega", "refusals", "acquiescence", "contradictions", "order", "recovery")


def show_conclusion(conclusion: Conclusion, console: Console) -> None:
    """Print findings beside published figures, what they are worth, and where the report is."""
    if conclusion.is_simulated:
        console.print(
            "SIMULATED: a simulated respondent answered; this says nothing about any language model.", style="bold"
        )
    if conclusion.comparisons:
        _published(conclusion).show(console)
        console.print()
    if scores := [one for one in conclusion.findings if one.name.partition(".")[0] == "score"]:
        _plain("Scores", scores).show(console)
        console.print()
    if answers := [one for one in conclusion.findings if one.name.partition(".")[0] in _ANSWERS]:
        _plain("Answers", answers).show(console)
        console.print()
    validity = [one for one in conclusion.findings if one.name.partition(".")[0] in _VALIDITY]
    if validity:
        _plain("How far the scores may be believed", validity).show(console)
        console.print()
    if conclusion.expected_cells is not None and conclusion.cells < conclusion.expected_cells:
        console.print(f"INCOMPLETE: {conclusion.cells} of {conclusion.expected_cells} cells have been observed.")
    console.print(f"report: {conclusion.report}")


def show_forecast(forecast: Forecast, console: Console) -> None:
    """Print what a run is expected to take."""
    rows = []
    for one in forecast.expenses:
        cost = "unknown" if one.cost is None else f"{one.cost:.2f}"
        rows.append([one.role, one.model, str(one.calls), str(one.input_tokens), str(one.output_tokens), cost])
    columns = ["role", "model", "calls", "input tokens", "output tokens", "US dollars"]
    Grid("", columns, rows, frozenset(range(2, len(columns)))).show(console)
    total = "unknown: a price is not in the list" if forecast.cost is None else f"${forecast.cost:.2f}"
    console.print(f"{forecast.cells} cells, {forecast.tokens} tokens, cost {total}")
    console.print(
        f"Estimated on sim over {forecast.tried} cells, without caching. Input tokens are close; replies of a model "
        "that thinks aloud are longer."
    )


def _published(conclusion: Conclusion) -> Grid:
    claims = conclusion.comparisons
    subjects = list(dict.fromkeys(one.claim.subject for one in claims))
    rows = []
    for finding in dict.fromkeys(one.finding for one in claims):
        beside = {one.claim.subject: one.claim.value for one in claims if one.finding == finding}
        published = [f"{beside[subject]:.2f}" if subject in beside else "" for subject in subjects]
        rows.append([finding.name, finding.subject, *_numbers(finding), *published])
    columns = ["finding", "observed", "ours", "95 % interval", "n", "missing", *subjects]
    return _grid("Findings, computed as published, beside published figures", columns, rows)


def _plain(title: str, findings: Sequence[Finding]) -> Grid:
    rows = [[one.name, one.subject, *_numbers(one), one.note] for one in findings]
    columns = ["finding", "observed", "estimate", "95 % interval", "n", "missing", "note"]
    return _grid(title, columns, rows)


def _grid(title: str, columns: list[str], rows: list[list[str]]) -> Grid:
    """A table whose second column, who was observed, goes into the title where it is always the same."""
    observed = {row[1] for row in rows}
    if len(observed) == 1:
        title = f"{title} ({columns[1]}: {observed.pop()})"
        columns, rows = [columns[0], *columns[2:]], [[row[0], *row[2:]] for row in rows]
    texts = {index for index, column in enumerate(columns) if column in ("finding", "observed", "note")}
    return Grid(title, columns, rows, frozenset(range(len(columns))) - texts)


def _numbers(finding: Finding) -> list[str]:
    from personae.study.report import format_interval, format_number

    interval = format_interval(finding.low, finding.high)
    return [format_number(finding.estimate), interval, str(finding.n), str(finding.missing)]
