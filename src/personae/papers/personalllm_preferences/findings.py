"""Rewards and win rates of answers that were written, and how different users are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from personae.errors import InputError
from personae.papers.personalllm_preferences.bank import Bank
from personae.papers.personalllm_preferences.opinions import read_opinions, representativeness
from personae.papers.personalllm_preferences.users import Users
from personae.papers.personalllm_preferences.wins import REWARD, untested, winning_beats_losing, wins
from personae.population.dirichlet import DirichletSource
from personae.stats import Estimate, cluster_mean, one_sample_t, paired_t, proportion
from personae.stats.samples import known_mean
from personae.study import AS_PUBLISHED, CORRECTED, Finding, correct_families

if TYPE_CHECKING:
    import polars as pl

SIMULATED = "simulated users"
_AT_ONCE = 256
_SOURCES = ("zero_shot", "own", "similar", "strangers")


def measure_answers(
    table: pl.DataFrame, users: Users, alphas: Sequence[float], scored: str, opinions: str
) -> list[Finding]:
    """Measure a fresh run, for each model in the table."""
    found: list[Finding] = [*_population(users, alphas, opinions)]
    rewards = _scored(scored, users) if scored else {}
    for subject in table["model"].unique(maintain_order=True).to_list():
        mine = table.filter(table["model"] == subject)
        found += _of_answers(str(subject), mine.filter(mine["condition"] != "persona"), users, rewards)
        found += _of_choices(str(subject), mine.filter(mine["condition"] == "persona"), users)
    return correct_families(found)


def _scored(name: str, users: Users) -> dict[str, list[float]]:
    from personae.population.microdata import read_table

    table = read_table(Path(name))
    scorers = users.bank.scorers
    if lacking := [column for column in ("hash", *scorers) if column not in table.columns]:
        raise InputError(
            f"lacks {', '.join(lacking)}", where=name, remedy="a row an answer: its hash, and a column a scorer"
        )
    return {str(row[0]): [float(value) for value in row[1:]] for row in table.select("hash", *scorers).rows()}


def _of_answers(subject: str, table: pl.DataFrame, users: Users, scored: dict[str, list[float]]) -> Iterator[Finding]:
    """Rewards by condition; every user's mean beside the same user's without examples."""
    by_condition: dict[str, dict[tuple[str, int], float]] = {}
    for row in table.iter_rows(named=True):
        name = f"{row['condition']}.k{row['shots']}.{row['shown']}" if row["shots"] else str(row["condition"])
        raw = row.get("answer.scores") or scored.get(str(row.get("answer.hash")))
        value = float("nan")
        if raw is not None:
            user = int(str(row["person"]).rpartition("-")[2])
            value = float(users.bank.standardised(np.array(raw, dtype=float)) @ users.weights[user])
        by_condition.setdefault(name, {})[(str(row["person"]), int(row["question"]))] = value
    if not by_condition:
        return
    means: dict[str, float] = {}
    zero = by_condition.get("zero_shot", {})
    for name, answers in sorted(by_condition.items(), key=lambda one: _in_order(one[0])):
        keys = list(answers)
        people = [person for person, _ in keys]
        given = np.array([answers[key] for key in keys])
        bank = np.array([users.rewards(int(person.rpartition("-")[2]), question) for person, question in keys])
        reference = bank[:, users.bank.reference]
        yield Finding.of(f"score.{name}", subject, untested(one_sample_t(given)), unit=REWARD,
                         conventions=(AS_PUBLISHED, "unit=answer"))  # fmt: skip
        by_user = cluster_mean(given, people)
        means[name] = by_user.estimate
        yield Finding.of(f"score.{name}", subject, untested(by_user), unit=REWARD,
                         conventions=(CORRECTED, "unit=user"))  # fmt: skip
        for against, theirs in (("reference", reference), ("best", bank.max(axis=1))):
            yield from wins(f"win_{against}.{name}", subject, given, theirs, people)
        yield Finding.of(
            f"gap.{name}",
            subject,
            untested(cluster_mean(bank.max(axis=1) - given, people)),
            unit=f"{REWARD}; how far the best of eight is ahead",
            conventions=(CORRECTED, "unit=user"),
        )
        if name != "zero_shot" and zero:
            yield Finding.of(
                f"gain.{name}",
                subject,
                _gain(answers, zero),
                unit=f"{REWARD}; above the same questions without examples",
                conventions=(CORRECTED, "unit=user"),
                family="examples",
            )
    for shots in sorted({name.split(".")[1] for name in by_condition if name.count(".") == 2}):
        pair = [by_condition.get(f"{source}.{shots}.winning_only") for source in ("similar", "strangers")]
        if pair[0] and pair[1]:
            yield Finding.of(
                f"likeness.{shots}",
                subject,
                _gain(pair[0], pair[1]),
                unit=f"{REWARD}; similar users' examples above strangers'",
                conventions=(CORRECTED, "unit=user"),
                family="likeness",
            )
    yield from winning_beats_losing(subject, means)


def _in_order(name: str) -> tuple[int, int, str]:
    """No examples first; then by source and number of examples."""
    source, _, rest = name.partition(".k")
    shots, _, shown = rest.partition(".")
    return _SOURCES.index(source) if source in _SOURCES else len(_SOURCES), int(shots or 0), shown


def _gain(answers: dict[tuple[str, int], float], zero: dict[tuple[str, int], float]) -> Estimate:
    """Paired by question, averaged by user: users are what was sampled."""
    pairs: dict[str, list[tuple[float, float]]] = {}
    for (person, question), value in answers.items():
        pairs.setdefault(person, []).append((value, zero.get((person, question), float("nan"))))
    means = np.array(
        [
            np.mean(known, axis=0) if (known := [one for one in each if np.isfinite(one).all()]) else (np.nan, np.nan)
            for each in pairs.values()
        ]
    )
    return paired_t(means[:, 0], means[:, 1])


def _population(users: Users, alphas: Sequence[float], opinions: str) -> Iterator[Finding]:
    """How different simulated users are, by alpha, over all test questions."""
    yield from heterogeneity_by_alpha(users.bank, alphas, users.crowd, users.seed)
    tests = users.bank.scores[users.bank.train :]
    yield from _heterogeneity("simulated", SIMULATED, _favourites(tests, users.weights))
    for question, raw, theirs in read_opinions(opinions, users.bank.scorers) if opinions else ():
        # Options of an opinion have a scale of their own: scores are centred within each question.
        scores = (raw - raw.mean(axis=0)) / np.where(raw.std(axis=0) > 0, raw.std(axis=0), 1.0)
        chosen = np.bincount((users.weights @ scores.T).argmax(axis=1), minlength=len(raw))
        value = representativeness(chosen, theirs)
        method = f"1 - Wasserstein / (options - 1), {len(users.weights)} users"
        yield Finding.of(
            f"representativeness.{question}", SIMULATED,
            Estimate(value, float("nan"), float("nan"), n=len(users.weights), method=method),
            conventions=(AS_PUBLISHED,),
        )  # fmt: skip


def heterogeneity_by_alpha(bank: Bank, alphas: Sequence[float], users: int, seed: int) -> Iterator[Finding]:
    """How different so many users are over the test questions, for each parameter of their distribution."""
    tests = bank.scores[bank.train :]
    for alpha in alphas:
        source = DirichletSource.symmetric(bank.scorers, alpha)
        weights, _ = source.weights(np.random.default_rng([seed, 3]), users)
        yield from _heterogeneity(f"at_{alpha:g}", SIMULATED, _favourites(tests, weights))


def _favourites(scores: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Users x questions: which answer each likes best; some users at a time, as all rewards at once fill the memory."""
    parts = [weights[start : start + _AT_ONCE] for start in range(0, len(weights), _AT_ONCE)]
    best: NDArray[np.float64] = np.concatenate(
        [np.einsum("qas,us->uqa", scores, part, optimize=True).argmax(axis=2) for part in parts]
    ).astype(float)
    return best


def _shares(column: NDArray[np.float64]) -> NDArray[np.float64]:
    counts = np.bincount(column[np.isfinite(column)].astype(int), minlength=8).astype(float)
    result: NDArray[np.float64] = counts / max(counts.sum(), 1.0)
    return result


def _entropy(column: NDArray[np.float64]) -> float:
    shares = _shares(column)
    return float(-(shares[shares > 0] * np.log2(shares[shares > 0])).sum()) if _known(column) > 1 else float("nan")


def _agreement(column: NDArray[np.float64]) -> float:
    """Probability that two different people like the same answer best."""
    n = _known(column)
    counts = _shares(column) * n
    return float((counts * (counts - 1)).sum() / (n * (n - 1))) if n > 1 else float("nan")


def _top(column: NDArray[np.float64]) -> float:
    return float(_shares(column).max()) if _known(column) > 1 else float("nan")


def _known(column: NDArray[np.float64]) -> int:
    return int(np.isfinite(column).sum())


def _heterogeneity(word: str, subject: str, choices: NDArray[np.float64]) -> Iterator[Finding]:
    """Entropy of the favourite answer and agreement of two users, by question; questions are the units."""
    people = f"people={choices.shape[0]}"
    for name, measure, unit, convention in (
        ("entropy", _entropy, "bits, of 3", AS_PUBLISHED),
        ("agreement", _agreement, "probability that two like the same answer best", CORRECTED),
        ("top", _top, "share of the commonest favourite", CORRECTED),
    ):
        values = np.array([measure(column) for column in choices.T])
        if np.isfinite(values).sum() < 2:
            return
        yield Finding.of(
            f"{name}.{word}", subject, untested(one_sample_t(values)), unit=unit,
            conventions=(convention, "unit=question", people),
        )  # fmt: skip


def _of_choices(subject: str, table: pl.DataFrame, users: Users) -> Iterator[Finding]:
    """People who are played, beside as many simulated users on the same questions."""
    if not table.height:
        return
    people = table["person"].unique(maintain_order=True).to_list()
    questions = sorted({int(question) for question in table["question"].to_list()})
    choices, again = (np.full((len(people), len(questions)), np.nan) for _ in range(2))
    for row in table.iter_rows(named=True):
        place = people.index(row["person"]), questions.index(int(row["question"]))
        for column, chosen in (("choice", choices), ("choice.again", again)):
            if row.get(column) is not None:
                chosen[place] = row[column]
    yield from _heterogeneity("personas", subject, choices)
    weights = users.weights[users.new : users.new + len(people)]  # as many: entropy grows with the number of people
    matched = _favourites(users.bank.scores[questions], weights)
    yield from _heterogeneity("matched", SIMULATED, matched)
    yield from _more_diverse(subject, choices, again, matched)
    known = int(np.isfinite(choices).sum())
    yield Finding.of(
        "read.personas", subject, proportion(known, choices.size), unit="share of choices", conventions=(CORRECTED,)
    )
    places = [
        row
        for column in ("choice.place", "choice.again.place")
        if column in table.columns
        for row in table[column].to_list()
        if row is not None
    ]
    if places:
        first = proportion(sum(place == 0 for place in places), len(places))
        yield Finding.of("first_place.personas", subject, first, unit="share of choices; 1/8 by chance",
                         conventions=(CORRECTED,))  # fmt: skip


def _more_diverse(
    subject: str, choices: NDArray[np.float64], again: NDArray[np.float64], matched: NDArray[np.float64]
) -> Iterator[Finding]:
    """Whether simulated users differ more than people who are played, question by question.

    As published, by entropy. Whoever chooses by place or at random has the largest entropy, but agrees with nobody,
    not even with themselves in another order. Corrected: how much more people agree with themselves than with each
    other. Simulated users always agree with themselves.
    """
    more = paired_t([_entropy(column) for column in matched.T], [_entropy(column) for column in choices.T])
    yield Finding.of(
        "more_diverse", subject, more, unit="bits; simulated users less people who are played",
        conventions=(AS_PUBLISHED, "unit=question"), family="more diverse, as published",
    )  # fmt: skip
    both = np.where(np.isfinite(choices) & np.isfinite(again), (choices == again).astype(float), np.nan)
    itself = np.array([known_mean(column) for column in both.T])
    if not np.isfinite(itself).any():
        return
    unit = "probability of the same choice in the reversed order"
    yield Finding.of(
        "self_agreement.personas", subject, untested(one_sample_t(itself)), unit=unit,
        conventions=(CORRECTED, "unit=question"),
    )  # fmt: skip
    played = itself - np.array([_agreement(column) for column in choices.T])
    simulated = 1.0 - np.array([_agreement(column) for column in matched.T])
    unit = "own less others' agreement"
    for word, whose, values in (("personas", subject, played), ("matched", SIMULATED, simulated)):
        yield Finding.of(
            f"spread.{word}", whose, untested(one_sample_t(values)), unit=unit,
            conventions=(CORRECTED, "unit=question"),
        )  # fmt: skip
    yield Finding.of(
        "more_diverse", subject, paired_t(simulated, played), unit=f"{unit}; simulated users less played people",
        conventions=(CORRECTED, "unit=question"), family="more diverse",
    )  # fmt: skip
