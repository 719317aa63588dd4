"""Replay of what the authors published: aggregates of runs, scored answers, the base of users, questions with rewards.

Layouts, of which a folder may hold several: ``all_scores.csv``, a row a run; ``score_df_ALGORITHM_DATE.csv`` and the
data set PersonalLLM_Eval, a row an answer; PersonalLLM_InteractionDatabase, a row a user with ``person_weight``; and
the data set PersonalLLM, a row a question with eight answers and ten rewards each, in files by split.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from personae.errors import InputError
from personae.papers.paper import Replay
from personae.papers.personalllm_preferences.settings import PreferenceSettings
from personae.papers.personalllm_preferences.study import Preferences
from personae.papers.published import published_files, read_published_table

if TYPE_CHECKING:
    import polars as pl

_RATES = ("total_score", "win_rate_against_bestresponse", "win_rate_against_gpt4o")
_NAMES = ("algorithm", "generator")
"""Earlier files call an algorithm a generator."""
_KINDS = {"pairwise": ("pairwise_pref",), "scalar": ("reward", "scalar")}
_ANSWER = ("persona_weighted_score", "best_response_reward", "gpt4o_reward")
_MORE = (
    "vllm_model_name",
    "user_embedding_type",
    "user_embedding_computed_from_n_pr",
    "n_similar_users_to_retrieve",
    "meta_learning_dataset",
    "csv_output",
)
_FILE = re.compile(r"score_df_(?P<algorithm>[A-Za-z0-9]+?)_(?P<date>\d{4}(?:-\d\d)+)")


def read_replay(folder: Path, given: Mapping[str, str]) -> Replay:
    """Read a folder of published files; of runs, those of the feedback that the settings name are kept.

    Raises:
        InputError: If the folder holds none of the layouts, or both runs and questions.
    """
    import polars as pl

    warnings: list[str] = []
    runs: list[pl.DataFrame] = []
    answers: list[pl.DataFrame] = []
    people: list[pl.DataFrame] = []
    questions: list[Path] = []
    for path in published_files(folder, ".csv", ".parquet", warnings=warnings):
        try:
            read = read_published_table(path)
        except InputError as error:
            warnings.append(f"{path}: {error.what}; left out")
            continue
        columns = set(read.columns)
        if set(_ANSWER) <= columns:
            answers.append(_answers(read, path))
        elif set(_RATES) <= columns and columns & set(_NAMES):
            runs.append(_runs(read))
        elif {"prompt", "response_1"} <= columns:
            questions.append(path)
        elif {"person_weight", "prompt_1"} <= columns:
            people.append(_people(read, path))
        else:
            warnings.append(f"{path}: is none of the published tables; left out")
    if questions and not (runs or answers or people):
        study = Preferences(PreferenceSettings.read({**given, "data": given.get("data") or str(folder)}))
        bank = study.bank
        sizes = {"model": "the data set", "status": "ok", "questions": len(bank.questions), "train": bank.train}
        return Replay(pl.DataFrame([sizes]), study, {"questions": str(len(bank.questions))}, tuple(warnings))
    warnings += [f"{path}: holds questions; replay them from a folder of their own; left out" for path in questions]
    settings = PreferenceSettings.read(given)
    tables = [one for one in (_kept(runs, settings, folder, warnings), *answers, *people) if one is not None]
    if not tables:
        raise InputError(
            "holds nothing that was published",
            where=str(folder),
            remedy=f"it may be runs with the columns {', '.join(_RATES)}, or files score_df_*.csv, or the data sets",
        )
    table = pl.concat(tables, how="diagonal_relaxed").with_columns(status=pl.lit("ok"))
    warnings += [
        f"{file}: {count} answers of a run that was tried out; they show the formula, not a published figure"
        for file, count in _short(answers)
    ]
    return Replay(table, Preferences(settings), {"rows": str(table.height)}, tuple(warnings))


def _runs(read: pl.DataFrame) -> pl.DataFrame:
    """A row a run, whatever the version of the file."""
    import polars as pl

    name = next(one for one in _NAMES if one in read.columns)
    wanted = [pl.col(name).cast(pl.String).alias("algorithm"), *(pl.col(rate).cast(pl.Float64) for rate in _RATES)]
    wanted += [pl.col(one).cast(pl.String) for one in ("eval_type", *_MORE) if one in read.columns]
    wanted += [pl.col(one).cast(pl.Int64, strict=False) for one in ("num_shots", "seed") if one in read.columns]
    if "responses_to_include" in read.columns:
        wanted.append(pl.col("responses_to_include").cast(pl.String))
    return read.select(wanted).with_columns(what=pl.lit("run"))


def _kept(
    runs: list[pl.DataFrame], settings: PreferenceSettings, folder: Path, warnings: list[str]
) -> pl.DataFrame | None:
    import polars as pl

    if not runs:
        return None
    table = pl.concat(runs, how="diagonal_relaxed")
    if not table.height:
        warnings.append(f"{folder}: its table of runs has no rows")
        return None
    if "eval_type" not in table.columns:
        return table
    kept = table.filter(pl.col("eval_type").is_in(_KINDS[settings.feedback]) | pl.col("eval_type").is_null())
    if not kept.height:
        told = ", ".join(sorted(map(str, table["eval_type"].drop_nulls().unique().to_list())))
        raise InputError(
            f"has no rows of {settings.feedback} feedback, but of {told}",
            where=str(folder),
            remedy="choose the other -P feedback",
        )
    if kept.height < table.height:
        warnings.append(f"{table.height - kept.height} rows of other feedback are left out")
    return kept


def _answers(read: pl.DataFrame, path: Path) -> pl.DataFrame:
    """A row an answer: its reward, that of the best of eight, and that of GPT-4o."""
    import polars as pl

    named = _FILE.search(path.name)
    person = (
        pl.col("person_id").cast(pl.String) if "person_id" in read.columns else pl.int_range(pl.len()).cast(pl.String)
    )
    return read.select(
        what=pl.lit("answer"),
        algorithm=pl.lit(named["algorithm"] if named else path.stem),
        csv_output=pl.lit(path.name),
        person=person.cast(pl.String),
        reward=pl.col("persona_weighted_score").cast(pl.Float64),
        best=pl.col("best_response_reward").cast(pl.Float64),
        reference=pl.col("gpt4o_reward").cast(pl.Float64),
    )


def _short(answers: list[pl.DataFrame]) -> list[tuple[str, int]]:
    return [(str(one["csv_output"][0]), one.height) for one in answers if 0 < one.height < 100]


def _people(read: pl.DataFrame, path: Path) -> pl.DataFrame:
    """A row a user: weights over scorers, and how often the first of two answers was the better one.

    Raises:
        InputError: If weights are no list of numbers.
    """
    import polars as pl

    rows: list[dict[str, Any]] = []
    chosen = [name for name in read.columns if re.fullmatch(r"chosen_\d+", name)]
    asked = [name for name in read.columns if re.fullmatch(r"prompt_\d+", name)]
    for number, row in enumerate(read.select("person_weight", *chosen, *asked).iter_rows(named=True), start=1):
        picks = [row[name] for name in chosen if row[name] is not None]
        rows.append(
            {
                "what": "person",
                "weights": _weights(row["person_weight"], f"{path}, row {number}"),
                "rated": sum(row[name] is not None for name in asked),
                "first_better": picks.count("a"),
                "compared": len(picks),
            }
        )
    return pl.DataFrame(rows, infer_schema_length=None)


def _weights(value: Any, where: str) -> list[float]:
    """Weights are lists in Parquet, and written out as ``[.9, .1]`` in CSV."""
    words = value.strip("[] \n").replace(",", " ").split() if isinstance(value, str) else value
    try:
        weights = [float(one) for one in words]
    except (TypeError, ValueError):
        weights = []
    if len(weights) < 2 or not all(0 <= one <= 1 for one in weights) or abs(sum(weights) - 1) > 1e-6:
        raise InputError(
            "person_weight is no list of shares that sum to 1", where=where, remedy="give the file as published"
        )
    return weights
