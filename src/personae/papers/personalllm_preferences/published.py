"""What the authors' tables say: runs as they aggregated them, answers one by one, users of their base, questions.

A run is told by its algorithm, its number of examples and what these show; learning from other users also by how
users are embedded and how many are retrieved. Two runs that agree in all of this and in the seed but not in their
result are a change of the authors' code or of their machine: the first keeps the name, the later ones are reported as
differences to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from personae.papers.personalllm_preferences.bank import Bank
from personae.papers.personalllm_preferences.findings import heterogeneity_by_alpha
from personae.papers.personalllm_preferences.wins import PERCENT, REWARD, percent, winning_beats_losing, wins
from personae.stats import Estimate, cluster_mean, one_sample_t, proportion
from personae.study import AS_PUBLISHED, CORRECTED, Finding

if TYPE_CHECKING:
    import polars as pl

PUBLISHED = "Llama-3-8B"
BASE = "the base of users"
DATA = "the data set"
TESTED = 1000
"""Answers behind each published share: shares have steps of .1 percent, and there are 1,000 test questions."""
_MODELS = {"Meta-Llama-3-8B-Instruct": PUBLISHED}
_ALGORITHMS = {
    "ZeroShotAlgorithm": "zero_shot",
    "SelfKShotICLAlgorithm": "own",
    "KShotICLAlgorithm": "similar",
    "MetaLearnKShotICLAlgorithm": "meta",
}
_WAYS = ("user_embedding_type", "user_embedding_computed_from_n_pr", "n_similar_users_to_retrieve")
_RATES = {"win_reference": "win_rate_against_gpt4o", "win_best": "win_rate_against_bestresponse"}


@dataclass(frozen=True, slots=True)
class _Run:
    subject: str
    name: str
    seed: int
    rates: Mapping[str, float]
    file: str


def measure_published(table: pl.DataFrame) -> list[Finding]:
    """Measure published runs, answers and users, whichever there are."""
    rows = table.to_dicts()
    runs = [_run(row) for row in rows if row["what"] == "run"]
    answers = [row for row in rows if row["what"] == "answer"]
    people = [row for row in rows if row["what"] == "person"]
    return [*_of_runs(runs), *_of_answers(answers, runs), *_of_people(people)]


def _run(row: Mapping[str, Any]) -> _Run:
    return _Run(
        _subject(row.get("vllm_model_name")),
        _name(row),
        int(row.get("seed") or 0),
        {key: float(row[key]) for key in ("total_score", *_RATES.values())},
        str(row.get("csv_output") or "").rpartition("/")[2],
    )


def _subject(model: Any) -> str:
    short = str(model).rpartition("/")[2] if model else PUBLISHED
    return _MODELS.get(short, short)


def _name(row: Mapping[str, Any]) -> str:
    """In dotted words; an algorithm that is not of the paper keeps its own name."""
    source = _ALGORITHMS.get(str(row["algorithm"]), str(row["algorithm"]))
    name = f"{source}.k{row['num_shots']}.{row['responses_to_include']}" if row.get("num_shots") else source
    if source == "meta":
        how, asked, near = (row.get(way) for way in _WAYS)
        base = str(row.get("meta_learning_dataset") or "").rpartition("/")[2]
        name += f".{how}.of{float(asked or 0):g}.near{float(near or 0):g}" + (f".{base}" if base else "")
    return name


def _of_runs(runs: Sequence[_Run]) -> Iterator[Finding]:
    by_name: dict[tuple[str, str], dict[int, list[_Run]]] = {}
    for one in runs:
        by_name.setdefault((one.subject, one.name), {}).setdefault(one.seed, []).append(one)
    means: dict[str, dict[str, float]] = {}
    for (subject, name), by_seed in by_name.items():
        first = [again[0] for again in by_seed.values()]
        for begin, column in _RATES.items():
            share = float(np.mean([one.rates[column] for one in first]))
            known = TESTED * len(first)
            counted = percent(proportion(round(share / 100 * known), known))
            told = (AS_PUBLISHED, f"seeds={len(first)}", f"n={TESTED} a seed, from the steps of shares")
            yield Finding.of(f"{begin}.{name}", subject, counted, unit=PERCENT, conventions=told)
        scores = [one.rates["total_score"] for one in first]
        means.setdefault(subject, {})[name] = float(np.mean(scores))
        over = (
            replace(one_sample_t(scores), p_value=None)
            if len(scores) > 1
            else _alone(scores[0], TESTED, "as published, no interval")
        )
        yield Finding.of(f"score.{name}", subject, over, unit=REWARD, conventions=(AS_PUBLISHED,))
        yield from _again(subject, name, by_seed)
    for subject, mine in means.items():
        yield from winning_beats_losing(subject, mine, AS_PUBLISHED)


def _again(subject: str, name: str, by_seed: Mapping[int, Sequence[_Run]]) -> Iterator[Finding]:
    """Later runs of the same settings and seed, less the first."""
    later = [
        one.rates["total_score"] - runs[0].rates["total_score"]
        for runs in by_seed.values()
        for one in runs[1:]
        if one.rates != runs[0].rates
    ]
    for number, difference in enumerate(later, start=2):
        yield Finding.of(
            f"again.{name}" if len(later) == 1 else f"again.{name}.run{number}",
            subject,
            _alone(difference, TESTED, "a later run less the first one, same settings and seed"),
            unit=REWARD,
            conventions=(CORRECTED,),
        )


def _alone(value: float, n: int, method: str) -> Estimate:
    return Estimate(value, float("nan"), float("nan"), n=n, method=method)


def _of_answers(answers: Sequence[Mapping[str, Any]], runs: Sequence[_Run]) -> Iterator[Finding]:
    """Answers one by one: what the aggregates say, with an interval. ``scored`` tells them from the aggregates."""
    known = {one.file: one for one in runs if one.file}
    files: dict[str, list[Mapping[str, Any]]] = {}
    for row in answers:
        files.setdefault(str(row["csv_output"]), []).append(row)
    for file, mine in files.items():
        run = known.get(file)
        name = run.name if run else f"{_name(mine[0])}.{file.removesuffix('.csv').rpartition('_')[2]}"
        subject = run.subject if run else PUBLISHED
        people = [str(row["person"]) for row in mine]
        given, best, theirs = (
            np.array([np.nan if row[key] is None else row[key] for row in mine], dtype=float)
            for key in ("reward", "best", "reference")
        )
        mean = replace(one_sample_t(given), p_value=None)
        yield Finding.of(f"scored.{name}", subject, mean, unit=REWARD, conventions=(AS_PUBLISHED, "unit=answer"))
        by_user = replace(cluster_mean(given, people), p_value=None)
        yield Finding.of(f"scored.{name}", subject, by_user, unit=REWARD, conventions=(CORRECTED, "unit=user"))
        for against, rewards in (("reference", theirs), ("best", best)):
            yield from wins(f"scored_win_{against}.{name}", subject, given, rewards, people)


def measure_questions(bank: Bank, alphas: Sequence[float], users: int, seed: int) -> list[Finding]:
    """Sizes of the published questions, and how different users over their rewards are: no model is asked."""
    sizes = {
        "questions.all": len(bank.questions),
        "questions.train": bank.train,
        "questions.test": len(bank.questions) - bank.train,
        "answers": bank.raw.shape[1],
        "scorers": len(bank.scorers),
    }
    spread = bank.raw[: bank.train].reshape(-1, len(bank.scorers)).std(axis=0)
    widest = float(spread.max() / spread.min()) if spread.min() > 0 else float("nan")
    return [
        *(
            Finding.of(name, DATA, Estimate(n, n, n, n=n, method="count"), unit="count", conventions=(AS_PUBLISHED,))
            for name, n in sizes.items()
        ),
        Finding.of(
            "scales",
            DATA,
            _alone(widest, bank.train, "largest over smallest standard deviation of a scorer, not standardised"),
            unit="ratio",
            conventions=(CORRECTED,),
        ),
        *heterogeneity_by_alpha(bank, alphas, users, seed),
    ]


def _of_people(people: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    """The base of users: how many, what they rated, and how many scorers each listens to."""
    if not people:
        return
    n = len(people)
    yield Finding.of("users", BASE, Estimate(n, n, n, n=n, method="count"), unit="people", conventions=(AS_PUBLISHED,))
    rated = replace(one_sample_t([float(row["rated"]) for row in people]), p_value=None)
    yield Finding.of("rated", BASE, rated, unit="questions a user has rated", conventions=(AS_PUBLISHED,))
    effective = [1.0 / float(np.square(row["weights"]).sum()) for row in people]
    yield Finding.of(
        "concerns",
        BASE,
        replace(one_sample_t(effective), p_value=None),
        unit="scorers that a user listens to, 1 / sum of squared weights",
        conventions=(CORRECTED, "unit=user"),
    )
    compared = sum(int(row["compared"]) for row in people)
    if compared:
        first = proportion(sum(int(row["first_better"]) for row in people), compared)
        yield Finding.of(
            "first_better",
            BASE,
            replace(first, p_value=None),
            unit="share of pairs; 1/2 if the order says nothing",
            conventions=(CORRECTED, "unit=pair"),
        )
