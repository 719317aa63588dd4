"""Validity of predicted traits: correlation with the self-report, distance from it, and reliability of the prediction.

As published: the first digit of a reply is the answer, wherever it stands, and reversed items are not turned.
Corrected: the reply is read by the rules of the answer parser, reversed items are turned, and clients are the units,
not sessions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from personae.instrument import Instrument, answer_matrix, keyed_items, scale_of_trait, score_traits
from personae.papers.counselling_big_five.sessions import TRAITS
from personae.stats import Estimate, cronbach_alpha, one_sample_t, pearson, proportion
from personae.study import AS_PUBLISHED, CORRECTED, Finding

if TYPE_CHECKING:
    import polars as pl

Floats = NDArray[np.float64]


def measure_table(table: pl.DataFrame, instrument: Instrument) -> list[Finding]:
    """Measure a run, for each model, role and task in the table."""
    if "truth" not in table.columns:
        return []
    found: list[Finding] = []
    ordered = table.sort("role", "task", "client", "session")
    for key, rows in ordered.group_by("model", "role", "task", maintain_order=True):
        subject, role, task = map(str, key)
        made = _of_questionnaire if task == "questionnaire" else _of_ratings
        found += made(subject, role, rows, instrument)
    return found


def _of_questionnaire(subject: str, role: str, rows: pl.DataFrame, instrument: Instrument) -> Iterator[Finding]:
    if "answers" not in rows.columns:
        return
    answers, truth = (answer_matrix(rows, instrument, column=name) for name in ("answers", "truth"))
    predicted, own = (score_traits(one, instrument, TRAITS) for one in (answers, truth))
    clients = rows["client"].to_list()
    yield from _validity(subject, f"questionnaire.{role}", predicted, own, clients)
    digits = answer_matrix(rows, instrument, column="first_digits")
    unkeyed = {trait: _plain_mean(digits, instrument, trait) for trait in TRAITS}
    plain_truth = {trait: _plain_mean(truth, instrument, trait) for trait in TRAITS}
    for trait in TRAITS:
        yield Finding.of(
            f"r.questionnaire.{role}.{_word(trait)}",
            subject,
            pearson(unkeyed[trait], plain_truth[trait]),
            conventions=(AS_PUBLISHED, "first digit wins", "reversed items not turned", "unit=session"),
        )
        keyed = keyed_items(answers, instrument, scale_of_trait(instrument, trait))
        alpha = cronbach_alpha(keyed, clusters=clients)
        yield Finding.of(f"alpha.{role}.{_word(trait)}", subject, alpha, conventions=(CORRECTED, "unit=client"))
    known = np.isfinite(answers) & np.isfinite(digits)
    differ = int((answers[known] != digits[known]).sum())
    share = proportion(differ, int(known.sum()))
    yield Finding.of(f"first_digit_errs.{role}", subject, share, unit="share of replies", conventions=(CORRECTED,))
    read = proportion(int(np.isfinite(answers).sum()), answers.size)
    yield Finding.of(f"read.{role}", subject, read, unit="share of items", conventions=(CORRECTED,))


def _of_ratings(subject: str, role: str, rows: pl.DataFrame, instrument: Instrument) -> Iterator[Finding]:
    if "ratings" not in rows.columns:
        return
    given = [row or [None] * len(TRAITS) for row in rows["ratings"].to_list()]
    ratings = np.array([[np.nan if one is None else float(one) for one in row] for row in given])
    own = score_traits(answer_matrix(rows, instrument, column="truth"), instrument, TRAITS)
    predicted = {trait: ratings[:, place] for place, trait in enumerate(TRAITS)}
    yield from _validity(subject, f"direct.{role}", predicted, own, rows["client"].to_list())


def _validity(
    subject: str, name: str, predicted: dict[str, Floats], own: dict[str, Floats], clients: list[str]
) -> Iterator[Finding]:
    """R and mean absolute error of each trait over clients, sessions of one client averaged; r of single sessions."""
    values = []
    for trait in TRAITS:
        mine, truth = (_by_client(one[trait], clients) for one in (predicted, own))
        conventions = (CORRECTED, "unit=client")
        found = pearson(mine, truth)
        values.append(found.estimate)
        yield Finding.of(f"r.{name}.{_word(trait)}", subject, found, conventions=conventions)
        error = replace(one_sample_t(np.abs(mine - truth)), p_value=None)
        yield Finding.of(f"mae.{name}.{_word(trait)}", subject, error, unit="scale points", conventions=conventions)
        if len(set(clients)) < len(clients):
            single = pearson(predicted[trait], own[trait])
            yield Finding.of(
                f"r_session.{name}.{_word(trait)}", subject, single, conventions=(AS_PUBLISHED, "unit=session")
            )
    known = [value for value in values if np.isfinite(value)]
    nan = float("nan")
    mean = Estimate(
        float(np.mean(known)) if known else nan,
        nan,
        nan,
        n=len(known),
        missing=len(values) - len(known),
        method="mean of r over the five traits, as the headline has it; it has no interval",
    )
    for convention in (AS_PUBLISHED, CORRECTED):
        yield Finding.of(f"mean_r.{name}", subject, mean, conventions=(convention,))


def _by_client(values: Floats, clients: list[str]) -> Floats:
    names = np.array(clients)
    means = []
    for client in dict.fromkeys(clients):
        mine = values[names == client]
        known = mine[np.isfinite(mine)]
        means.append(float(known.mean()) if len(known) else float("nan"))
    return np.array(means)


def _plain_mean(matrix: NDArray[np.float64], instrument: Instrument, trait: str) -> Floats:
    """Mean of the answers to a trait's items as they were given, no item turned."""
    places = [instrument.item_ids.index(item) for item in scale_of_trait(instrument, trait).items]
    chosen = matrix[:, places]
    counts = np.isfinite(chosen).sum(axis=1)
    means: Floats = np.divide(np.nansum(chosen, axis=1), counts, out=np.full(len(chosen), np.nan), where=counts > 0)
    return means


def _word(trait: str) -> str:
    return trait.rpartition(".")[2]
